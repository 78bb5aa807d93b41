"""What is written to a mottaker and ends on paper: printed by whom the mottaker says, from skjema to order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from fiks.core.db import transaction
from fiks.core.queue.owner_lock import Owner
from fiks.core.values.address import Adresse
from fiks.edialog import queries, service
from fiks.edialog.mottaker import service as mottaker_service
from fiks.edialog.rules import letter_id
from fiks.konfigurasjon.konto import settings
from fiks.konfigurasjon.konto.rules import Forside
from fiks.konfigurasjon.models import Organisasjon
from fiks.pdf import Pdfleser
from fiks.registeroppslag.rules import Enhetstatus
from fiks.svarut.inbox import queries as inbox_queries
from fiks.svarut.letters import load_letters
from fiks.svarut.mottak import Svaradresse
from fiks.svarut.paper import manual_queue
from fiks.svarut.rules import Bane, Status
from fiks.utsending.brev import Avsender, Brevkontekst, Brevmal, bundled_template
from fiks.utsending.letters.cover_sheet import draw_cover
from tests.integration.edialog.sent import send
from tests.integration.edialog.skjemaer import KARI, WRITTEN, Innbygger, Penn, draft, letters, open_edialog
from tests.integration.houses import HOUSE, Hus, make_hus
from tests.integration.minside.letters import letter_to
from tests.integration.print.orders import orders_of
from tests.integration.svarut import letters as ways
from tests.integration.svarut.submitted import control_all
from tests.integration.worlds import World
from tests.submissions import submission


@pytest.fixture
def world() -> World:
    return World()


def written_to(hus: Hus, world: World, penn: Penn) -> Innbygger:
    """Somebody who writes to a kommune that no channel but post reaches."""
    world.register.add_unit(hus.orgnr, Enhetstatus.SLETTET)
    who = Innbygger()
    send(draft(hus, who), who, penn, world.register)
    return who


def deliver(world: World, eier: Owner, leser: Pdfleser) -> None:
    control_all(world, leser)
    for bane in Bane:
        ways.hand_over(eier, world, bane)


@pytest.mark.parametrize(
    ("konto", "mottaker", "sent"),
    [
        ("GRAFISK_DIGITAL", "MANUELL_PRINT", "MANUELL_PRINT"),
        ("MANUELL_PRINT", "", "MANUELL_PRINT"),
        ("GRAFISK_DIGITAL", "", "GRAFISK_DIGITAL"),
    ],
)
def test_it_is_printed_by_whom_the_mottaker_says_and_else_as_its_konto(
    empty: None,
    penn: Penn,
    world: World,
    eier: Owner,
    leser: Pdfleser,
    konto: str,
    mottaker: str,
    sent: str,
) -> None:
    hus = make_hus(printleverandor=konto)
    open_edialog(hus)
    if mottaker:
        mottaker_service.set_printleverandor(queries.mottaker(hus.orgnr).id, mottaker, actor=HOUSE)
    written_to(hus, world, penn)
    deliver(world, eier, leser)
    (made,) = [one for one in letters() if one.opphav == "EDIALOG"]
    assert made.status == Status.SENDT_PRINT
    assert [leverandor for leverandor, _ in orders_of(made.id)] == [sent]
    waits = [row.id for row in manual_queue.waiting_letters(hus.konto_id, actor=HOUSE)]
    assert waits == ([made.id] if sent == "MANUELL_PRINT" else [])


def test_what_was_sent_before_the_change_goes_where_it_was_to(
    hus: Hus, penn: Penn, world: World, eier: Owner, leser: Pdfleser
) -> None:
    written_to(hus, world, penn)
    mottaker_service.set_printleverandor(queries.mottaker(hus.orgnr).id, "MANUELL_PRINT", actor=HOUSE)
    deliver(world, eier, leser)
    (made,) = letters()
    assert [leverandor for leverandor, _ in orders_of(made.id)] == ["GRAFISK_DIGITAL"]


def test_an_answer_is_printed_as_the_konto_it_is_billed_to(
    hus: Hus, penn: Penn, world: World, eier: Owner, leser: Pdfleser
) -> None:
    mottaker_service.set_printleverandor(queries.mottaker(hus.orgnr).id, "MANUELL_PRINT", actor=HOUSE)
    world.register.add_unit(hus.orgnr, Enhetstatus.SLETTET)
    who = Innbygger()
    answers = Svaradresse(Adresse("Postmottak", "Torget 1", "", "", "4262", "AVALDSNES", ""), hus.orgnr)
    said = submission(digital_id=who.pid, kan_svares=True, svar_sendes_til=answers)
    original = letter_to(hus, who.pid, said=said)
    made = service.begin_reply(original, KARI, inbox_queries.postboks_of_person(who.pid, 3), actor=who.actor)
    service.save(made, replace(WRITTEN, tittel="Svar"), sensitivt=False, actor=who.actor)
    send(made, who, penn, world.register)
    deliver(world, eier, leser)
    assert [leverandor for leverandor, _ in orders_of(letter_id(made))] == ["GRAFISK_DIGITAL"]


@dataclass
class Papir:
    """Draws nothing, and keeps what it was to draw."""

    tegnet: list[tuple[Brevmal, Brevkontekst]] = field(default_factory=list)

    def letter(self, mal: Brevmal, verdier: Mapping[str, str], kontekst: Brevkontekst) -> bytes:
        self.tegnet.append((mal, kontekst))
        return b"%PDF-"


def test_its_cover_sheet_has_the_sender_and_nothing_of_the_konto_that_pays(
    hus: Hus, penn: Penn, world: World
) -> None:
    with transaction() as tx:
        org = tx.get_one(Organisasjon, hus.organisasjon_id)
        org.epost, org.telefon, org.nettsted = "post@lillevik.example", "22 22 22 22", "lillevik.example"
    forside = Forside(hus.orgnr, "Servicetorget", "Torget 1", "4262", "AVALDSNES", tekst="Spør oss.")
    settings.set_forside(hus.konto_id, forside, actor=HOUSE)
    written_to(hus, world, penn)
    (made,) = letters()
    papir = Papir()
    draw_cover(load_letters([made.id])[made.id], papir)  # type: ignore[arg-type]
    [(mal, kontekst)] = papir.tegnet
    assert kontekst.avsender == Avsender("Kari Fjellstad", "", "", ("Vegen 1",), "4262", "AVALDSNES")
    assert mal == bundled_template("forside")

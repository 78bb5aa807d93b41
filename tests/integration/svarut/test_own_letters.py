"""A signed copy that reaches nobody: whoever signed and whoever waits for it was told that it was sent."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text, update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import Avvist
from fiks.core.queue.owner_lock import Owner
from fiks.pdf import Alvorlighet, PdfFunn, PdfKode, Pdfkontroll, Pdfleser
from fiks.svarut.letters import load_letters
from fiks.svarut.lifecycle import failure_notices
from fiks.svarut.lifecycle.failure_notices import REPORTED, count_lost, report_lost_signed_copies
from fiks.svarut.models import Forsendelse
from fiks.svarut.mottak import Svaradresse, inspection
from fiks.svarut.rules import Mottakertype, Opphav, Status
from fiks.svarut.sender import status_queries
from fiks.svarut.signing.client import Art
from fiks.svarut.signing.copies import copy_id, send_signed_copies
from fiks.svarut.signing.feed import read_feed
from fiks.svarut.signing.orders import register_orders
from portal.texts.svarut.ekspedering import ekspedert
from tests.integration.databases import Database, plan_of
from tests.integration.houses import HOUSE, Hus, make_hus
from tests.integration.svarut.letters import codes, hand_over, letter, leveringer, make_letter
from tests.integration.svarut.signings import accepted, facts_of, let_sign, order, signing_codes
from tests.integration.svarut.submitted import PAGE, control_all, take_in
from tests.integration.svarut.test_control import locked, reader  # noqa: F401
from tests.integration.worlds import FakeSigning, World
from tests.submissions import ADDRESS, ORGNR, document, submission
from workers import planned

TELLING, COUNTING = "meld_tapte_signerte", "tell_egne_tapte_brev"
NOWHERE = Svaradresse(replace(ADDRESS, postnr="", poststed=""), ORGNR)
"""Where answers go that post cannot reach."""


@dataclass
class Copying(FakeSigning):
    """Gives back a copy of its own, with whatever the service put into it."""

    copy: bytes = PAGE

    def signed(self, referanse: str) -> bytes:
        super().signed(referanse)
        return self.copy


class Finding(Pdfleser):
    """Finds this wrong with whatever it is given."""

    def __init__(self, kode: PdfKode) -> None:
        super().__init__()
        self.kode = kode

    def inspect(
        self, chunks: Iterable[bytes], size: int, *, giro_sider: Sequence[int], tosidig: bool
    ) -> Pdfkontroll:
        return Pdfkontroll(9_000, None, (PdfFunn(self.kode, Alvorlighet.FEIL),))


def sent_back(hus: Hus, copy: bytes = PAGE, **changes: object) -> UUID:
    """A letter whose receiver has signed it, and whose signed copy is on its way back."""
    service = Copying(copy=copy)
    original = accepted(let_sign(hus), **changes)
    register_orders(service)
    service.tells(original, Art.SIGNERT)
    read_feed(service)
    session().rollback()
    assert send_signed_copies(service) == 1
    session().rollback()
    return original


def lost(hus: Hus) -> UUID:
    """A letter whose signed copy our own control has refused."""
    original = sent_back(hus)
    brev = load_letters([copy_id(original)])[copy_id(original)]
    session().rollback()
    assert inspection.record_findings(brev, inspection.Funnet(feil="PDF_PASSORD", detaljer={"dokument": 1}))
    session().rollback()
    return original


def told(caplog: pytest.LogCaptureFixture, event: str = "signed_copy_lost") -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.message == event]


@pytest.fixture
def nobody_lost(hus: Hus) -> Iterator[None]:
    """Afterwards there is no lost letter of the house's own that nobody was told of."""
    yield
    session().rollback()
    assert (
        failure_notices.unreported_letters(Opphav.SIGNERING),
        failure_notices.unreported_letters(Opphav.EDIALOG),
    ) == ([], [])


@pytest.mark.usefixtures("nobody_lost")
def test_a_copy_that_asks_for_a_password_is_refused_and_its_sender_and_operations_are_told(
    hus: Hus,
    world: World,
    reader: Pdfleser,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    original = sent_back(hus, locked())
    control_all(world, reader)
    copy = copy_id(original)
    assert letter(copy).status == Status.AVVIST
    session().rollback()
    assert planned.JOBS[TELLING].run() == 1
    assert facts_of(original, "SIGNERT_KOPI_IKKE_FRAMME") == {"svar_id": str(copy), "grunn": "PDF_PASSORD"}
    [record] = told(caplog)
    assert (record.levelname, record.__dict__["forsendelse"]) == ("ERROR", str(copy))
    assert (record.__dict__["signert"], record.__dict__["kode"]) == (str(original), "PDF_PASSORD")
    event = status_queries.events(original, actor=HOUSE)[-1]
    assert ekspedert(event.kode, event.detaljer) == (
        f"Det signerte dokumentet kom ikke fram. Det ligger hos signeringstjenesten. Referanse: {copy}"
    )
    assert signing_codes(original)[-1] == "FULLFORT", "it was signed, whatever became of the copy"


@pytest.mark.usefixtures("nobody_lost")
def test_a_copy_that_no_channel_takes_is_told_of(
    hus: Hus, eier: Owner, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    original = sent_back(hus, svar_sendes_til=NOWHERE)
    brev = load_letters([copy_id(original)])[copy_id(original)]
    session().rollback()
    inspection.record_findings(brev, inspection.Funnet())
    world.register.add_unit(ORGNR)
    world.altinn.svar = [Avvist("HTTP_400")] * 5
    hand_over(eier, world)
    assert letter(copy_id(original)).status == Status.IKKE_LEVERT
    session().rollback()
    assert report_lost_signed_copies() == 1
    assert facts_of(original, "SIGNERT_KOPI_IKKE_FRAMME")["grunn"] == "HTTP_400"
    assert [record.__dict__["kode"] for record in told(caplog)] == ["HTTP_400"]


@pytest.mark.usefixtures("nobody_lost")
def test_a_copy_that_nobody_could_look_at_is_told_of(hus: Hus) -> None:
    original = sent_back(hus)
    inspection.fail_intake(copy_id(original))
    assert report_lost_signed_copies() == 1
    assert facts_of(original, "SIGNERT_KOPI_IKKE_FRAMME")["grunn"] == "KONTROLL_MISLYKTES"


def test_each_is_told_of_once_whoever_looks_and_however_often(
    hus: Hus, caplog: pytest.LogCaptureFixture
) -> None:
    original = lost(hus)
    again = failure_notices.unreported_letters(Opphav.SIGNERING)
    assert [report_lost_signed_copies(), report_lost_signed_copies()] == [1, 0]
    assert failure_notices._report_copy(again[0]) == 0, "another sweeper had found it at the same time"
    session().rollback()
    assert codes(copy_id(original)).count(REPORTED) == 1
    assert codes(original).count("SIGNERT_KOPI_IKKE_FRAMME") == 1
    assert len(told(caplog)) == 1


def test_a_sweeper_that_dies_while_it_tells_leaves_nothing_and_the_next_one_tells(
    hus: Hus, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = lost(hus)

    def die(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("fiks.svarut.lifecycle.failure_notices.remark", die)
        with pytest.raises(KeyboardInterrupt):
            report_lost_signed_copies()
    assert REPORTED not in codes(copy_id(original))
    session().rollback()
    assert report_lost_signed_copies() == 1
    assert "SIGNERT_KOPI_IKKE_FRAMME" in codes(original)


def test_the_sender_is_told_though_the_letter_that_was_signed_is_deleted_by_now(hus: Hus) -> None:
    original = lost(hus)
    with transaction() as tx:
        tx.execute(update(Forsendelse).where(Forsendelse.id == original).values(mottaker_kryptert=None))
    assert report_lost_signed_copies() == 1
    assert codes(original)[-1] == "SIGNERT_KOPI_IKKE_FRAMME"


def test_operations_see_for_a_day_how_many_were_lost_from_before_they_are_told_of(
    hus: Hus, caplog: pytest.LogCaptureFixture
) -> None:
    assert count_lost() == 0
    lost(hus)
    clock.move(timedelta(days=3))
    assert planned.JOBS[COUNTING].run() == 1, "a sweeper that slept misses none"
    session().rollback()
    report_lost_signed_copies()
    assert count_lost() == 1
    assert [record.__dict__["antall"] for record in told(caplog, "own_letters_lost")] == [1, 1]
    session().rollback()
    clock.move(timedelta(days=1, minutes=1))
    assert count_lost() == 0


def test_counting_them_is_no_work_done_and_a_sweeper_that_takes_over_counts_at_once() -> None:
    assert COUNTING in planned.ONLY_LOOKING & planned.TELLS
    assert TELLING not in planned.ONLY_LOOKING


def test_a_letter_with_a_sender_of_its_own_is_not_told_of_here(hus: Hus) -> None:
    inspection.fail_intake(take_in(hus, submission(document("a.pdf"))))
    make_letter(hus)
    assert (count_lost(), report_lost_signed_copies()) == (0, 0)


def test_a_copy_that_arrives_is_not_told_of(hus: Hus) -> None:
    original = sent_back(hus)
    brev = load_letters([copy_id(original)])[copy_id(original)]
    session().rollback()
    inspection.record_findings(brev, inspection.Funnet({1: 1}))
    assert (count_lost(), report_lost_signed_copies()) == (0, 0)


@pytest.mark.parametrize("kode", [PdfKode.PDF_FOR_MANGE_SIDER, PdfKode.PDF_FOR_KOMPLISERT])
def test_a_copy_that_is_too_much_for_paper_goes_digitally(
    hus: Hus, eier: Owner, world: World, kode: PdfKode
) -> None:
    original = sent_back(hus)
    control_all(world, Finding(kode))
    session().rollback()
    copy = copy_id(original)
    assert letter(copy).status == Status.AKSEPTERT
    assert facts_of(copy, "KAN_IKKE_SKRIVES_UT") == {"grunn": str(kode), "dokument": 1}
    assert not load_letters([copy])[copy].can_be_printed
    session().rollback()
    world.register.add_unit(ORGNR)
    hand_over(eier, world)
    assert letter(copy).status == Status.SENDT_ALTINN
    assert report_lost_signed_copies() == 0


@pytest.mark.usefixtures("nobody_lost")
def test_one_that_cannot_go_on_paper_and_that_no_digital_channel_takes_is_told_of(
    hus: Hus, eier: Owner, world: World
) -> None:
    original = sent_back(hus)
    brev = load_letters([copy_id(original)])[copy_id(original)]
    session().rollback()
    unfit = inspection.Funnet(feil="PDF_FOR_KOMPLISERT", detaljer={"dokument": 1}, bare_papir=True)
    assert inspection.record_findings(brev, unfit)
    world.register.add_unit(ORGNR)
    world.altinn.svar = [Avvist("HTTP_400")] * 5
    hand_over(eier, world)
    assert letter(copy_id(original)).status == Status.IKKE_LEVERT
    session().rollback()
    assert [one.kanal for one in leveringer(copy_id(original))] == ["ALTINN"]
    session().rollback()
    assert report_lost_signed_copies() == 1


def test_what_a_fagsystem_sends_is_refused_as_ever_when_it_cannot_be_printed(hus: Hus, world: World) -> None:
    sent = take_in(hus, submission(document("a.pdf")))
    control_all(world, Finding(PdfKode.PDF_FOR_MANGE_SIDER))
    assert (letter(sent).status, codes(sent)[-1]) == (Status.AVVIST, "PDF_FOR_MANGE_SIDER")


def test_the_order_stays_signed(hus: Hus) -> None:
    original = lost(hus)
    report_lost_signed_copies()
    assert order(original).status == "SIGNERT_AV_MOTTAKER"


def test_they_are_found_by_index_among_all_there_are(empty: None, database: Database) -> None:
    """Nearly all letters have arrived, and it is asked every minute."""
    hus = make_hus()
    many = text(
        "INSERT INTO forsendelse"
        " (id, konto_id, organisasjon_id, tittel, mottakertype, status, opphav, utsending_id, radnr)"
        " SELECT gen_random_uuid(), :konto, :org, 'Brev', :type,"
        " CASE WHEN n % 1000 = 0 THEN 'AVVIST' ELSE 'LEST' END,"
        " CASE WHEN n % 2000 = 0 THEN 'SIGNERING' ELSE 'V2' END,"
        " CASE WHEN n % 4 > 0 THEN md5((n / 500)::text)::uuid END, n FROM generate_series(1, 20000) n"
    )
    with transaction() as tx:
        given = {"konto": hus.konto_id, "org": hus.organisasjon_id, "type": Mottakertype.ORGANISASJON}
        tx.execute(many, given)
    with database.owner() as owner:
        owner.execute("ANALYZE forsendelse")
    looked_for = map(failure_notices._unreported, failure_notices.OPPHAV)
    for query in (*looked_for, failure_notices._lost()):
        plan = plan_of(query)
        assert "ix_forsendelse_egne_tapte" in plan, plan
    assert count_lost() == 10

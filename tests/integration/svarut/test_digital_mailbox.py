"""What lies in a digital mailbox: the letter itself where one file is all of it, else a notice that leads to all of it.

Nobody is sent paper afterwards, so what is not in the mailbox, or behind its link, never reached the receiver.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.konfigurasjon.konto import settings
from fiks.konfigurasjon.konto.models import Kontooppsett
from fiks.konfigurasjon.konto.rules import Postkasseoppsett
from fiks.svarut import documents
from fiks.svarut.channels import dpi
from fiks.svarut.channels.base import Utgaende
from fiks.svarut.channels.dpi import DpiClient
from fiks.svarut.letters import load_letters
from fiks.svarut.models import Dokument
from fiks.svarut.retention.deletion import destroy_documents
from fiks.svarut.rules import COVER, FORSENDELSESFIL
from fiks.svarut.sealed_content import Lenke
from testmiljo.sim.process import Simulation
from tests.doubles import tiny_pdf
from tests.integration.houses import HOUSE, Hus
from tests.integration.svarut.submitted import PAGE, take_in
from tests.submissions import document, submission
from workers.channels import DpiPort

SECOND = tiny_pdf(["Side to"])
LINK = Lenke("https://lillevik.no/skatt", "Les mer")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulation]:
    with Simulation([], tmp_path_factory.mktemp("sim") / "omverden.sqlite") as sim:
        yield sim


@pytest.fixture
def sim(running: Simulation) -> Simulation:
    running.reset()
    return running


def sent(sim: Simulation, letter_id: UUID) -> str:
    """Hand the letter over to the simulated mailbox; the SHA-256 of what lies there as its main document."""
    brev = load_letters([letter_id])[letter_id]
    session().rollback()
    DpiPort(DpiClient(sim.url("dpi"))).send(str(uuid4()), brev)
    [row] = sim.received("dpi")["rader"]
    return str(row["sha256"])


def beside(letter_id: UUID) -> dict[str, str]:
    """What the letter's message holds besides its main document, by part of the multipart."""
    told: list[Utgaende] = []

    class Recorder:
        def send(self, brev: Utgaende) -> str:
            told.append(brev)
            return "ref"

    DpiPort(Recorder()).send(str(uuid4()), load_letters([letter_id])[letter_id])  # type: ignore[arg-type]
    parts = dpi._parts(told[0])
    return {name: part[1].decode() for name, part in parts.items() if name not in ("sbd", "dokument")}


def digest(content: bytes | str) -> str:
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def notice(path: str, *more: str, sender: str = "Lillevik kommune") -> str:
    """The SHA-256 of the message that leads to `path` of Min side, with `more` paragraphs of its own."""
    paragraphs = (f"Du har fått brev fra {sender}. Logg inn for å lese det.", *more)
    return digest("\n\n".join((*paragraphs, current().minside_base_url + path)) + "\n")


def put(letter_id: UUID, nr: int, content: bytes) -> None:
    """Another file of the letter, which no sender sent."""
    stored = current().store.put_document([content], current().keys)
    with transaction() as tx:
        tx.add(
            Dokument(
                forsendelse_id=letter_id,
                nr=nr,
                filnavn="brev.pdf",
                storrelse=stored.storrelse,
                sha256=stored.sha256,
                objekt=stored.objekt,
                nokkel=stored.nokkel,
            )
        )


def test_a_letter_of_one_pdf_lies_in_the_mailbox_itself(hus: Hus, sim: Simulation) -> None:
    made = take_in(hus)
    assert sent(sim, made) == digest(PAGE)
    assert beside(made) == {}


def test_the_cover_sheet_is_no_part_of_the_letter(hus: Hus, sim: Simulation) -> None:
    made = take_in(hus)
    put(made, COVER, b"%PDF-1.7 forside")
    assert sent(sim, made) == digest(PAGE)


def test_of_several_files_none_is_the_letter_and_the_notice_leads_to_all_of_them(
    hus: Hus, sim: Simulation
) -> None:
    made = take_in(hus, submission(document("vedtak.pdf"), document("klage.pdf")), PAGE, SECOND)
    assert sent(sim, made) == notice(f"/forsendelse/{made}")


def test_the_one_file_that_came_in_place_of_them_is_the_letter(hus: Hus, sim: Simulation) -> None:
    made = take_in(hus, submission(document("vedtak.pdf"), document("klage.pdf")), PAGE, SECOND)
    put(made, FORSENDELSESFIL, SECOND)
    with transaction():
        destroy_documents(made, [COVER, FORSENDELSESFIL])
    session().rollback()
    assert sent(sim, made) == digest(SECOND)


def test_a_letter_with_links_is_told_of_with_its_links(hus: Hus, sim: Simulation) -> None:
    made = take_in(hus, submission(lenker=(LINK,)))
    assert sent(sim, made) == notice(f"/forsendelse/{made}/1", "Les mer: https://lillevik.no/skatt")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("kart.png", "image/png"), ("vedtak", "application/pdf"), ("v" * 93 + ".pdf", "application/pdf")],
)
def test_what_mailboxes_do_not_take_or_open_is_told_of(
    hus: Hus, sim: Simulation, name: str, kind: str
) -> None:
    made = take_in(hus, submission(document(name, kind), kun_digital=True))
    assert sent(sim, made) == notice(f"/forsendelse/{made}/1")


def test_a_file_too_large_for_mailboxes_is_never_read(
    hus: Hus, sim: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = take_in(hus)
    monkeypatch.setattr(documents, "MAILBOX_BYTES", len(PAGE) - 1)
    monkeypatch.setattr("workers.channels.read_checked", lambda document: pytest.fail("it was read"))
    assert sent(sim, made) == notice(f"/forsendelse/{made}/1")


def test_a_konto_that_only_gives_notice_gives_it(hus: Hus, sim: Simulation) -> None:
    made = take_in(hus)
    settings.set_sdp(hus.konto_id, unit(hus, med_dokumenter=False), actor=HOUSE)
    assert sent(sim, made) == notice(
        f"/forsendelse/{made}/1", "Spørsmål? Ring oss.", sender="Lillevik kemner"
    )


def test_a_kontos_name_and_text_lie_beside_the_file(hus: Hus, sim: Simulation) -> None:
    made = take_in(hus)
    settings.set_sdp(hus.konto_id, unit(hus), actor=HOUSE)
    assert sent(sim, made) == digest(PAGE)
    assert beside(made) == {"vedlegg": "Brevet er fra Lillevik kemner.\n\nSpørsmål? Ring oss.\n"}


def test_letters_that_are_not_on_min_side_are_not_looked_for_there(hus: Hus, sim: Simulation) -> None:
    made = take_in(hus, submission(document("a.pdf"), document("b.pdf")))
    with transaction() as tx:
        tx.add(Kontooppsett(konto_id=hus.konto_id, vises_paa_minside=False))
    assert sent(sim, made) == notice(f"/forsendelse/{made}")


def unit(hus: Hus, **changes: Any) -> Postkasseoppsett:
    """The set-up of a konto that is a unit below the kommune."""
    said = {"avsendernavn": "Lillevik kemner", "sdp_id": "kemner-1", "ekstratekst": "Spørsmål? Ring oss."}
    return Postkasseoppsett(True, hus.orgnr, **said | changes)

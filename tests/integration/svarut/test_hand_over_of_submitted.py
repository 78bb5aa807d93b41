"""How letters from fagsystemer go to their channels: what is printed and what is not, links, and confidential post."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import pikepdf
import pytest

from fiks.core.db import session, transaction
from fiks.core.errors import Avvist
from fiks.core.queue.owner_lock import Owner
from fiks.core.values.address import Adresse
from fiks.konfigurasjon.konto.models import Kontooppsett
from fiks.konfigurasjon.models import Konto
from fiks.pdf import Pdfleser, Sammenfletter
from fiks.print.rules import Trykksak
from fiks.svarut.channels.altinn import CONFIDENTIAL, RESOURCE, _correspondence
from fiks.svarut.channels.base import Utgaende
from fiks.svarut.letters import load_letters
from fiks.svarut.lifecycle import lesefrist
from fiks.svarut.mottak import Lenke, Svaradresse
from fiks.svarut.rules import Kanal, Opphav, Status
from fiks.utsending.brev import Avsender, Brevkontekst, Brevmal
from tests.doubles import tiny_pdf
from tests.integration.houses import Hus
from tests.integration.svarut.letters import hand_over, let_lesefrist_pass, letter
from tests.integration.svarut.submitted import control_all, take_in
from tests.integration.svarut.test_receipts import receive
from tests.integration.worlds import World
from tests.submissions import ADDRESS, FNR, ORGNR, document, submission
from workers.channels import AltinnPort, Utskrift

REPLIES = Svaradresse(Adresse("Bydel Vest", "Vestgata 9", postnr="5003", poststed="BERGEN"), ORGNR)


@pytest.fixture(scope="module")
def reader() -> Iterator[Pdfleser]:
    made = Pdfleser()
    yield made
    made.close()


class Recorder:
    """A channel's client that takes everything."""

    def __init__(self) -> None:
        self.fikk: list[Any] = []

    def send(self, given: Any) -> str:
        self.fikk.append(given)
        return "ref"

    def lookup(self, referanse: str) -> str | None:
        return None


class SheetPrinter:
    """Draws a sheet with sender and receiver; keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[Brevmal, dict[str, str], Brevkontekst]] = []

    def letter(self, mal: Brevmal, row: Mapping[str, str], kontekst: Brevkontekst) -> bytes:
        self.asked.append((mal, dict(row), kontekst))
        return tiny_pdf([kontekst.avsender.navn, row["navn"]])


def accepted(hus: Hus, world: World, reader: Pdfleser, *contents: bytes, **changes: Any) -> UUID:
    documents = changes.pop("dokumenter", ())
    letter_id = take_in(hus, submission(*documents, **changes), *contents)
    control_all(world, reader)
    assert letter(letter_id).status == Status.AKSEPTERT
    return letter_id


def on_paper(letter_id: UUID) -> tuple[Trykksak, SheetPrinter]:
    """What is printed of the letter, and what the cover sheet was drawn from."""
    printer = SheetPrinter()
    made = Utskrift(lambda: printer, Sammenfletter)  # type: ignore[arg-type, return-value]
    return made.print_file(load_letters([letter_id])[letter_id]), printer


def in_altinn(letter_id: UUID) -> Utgaende:
    client = Recorder()
    AltinnPort(client).send(str(letter_id), load_letters([letter_id])[letter_id])
    [message] = client.fikk
    assert isinstance(message, Utgaende)
    return message


def sizes(pdf: bytes) -> set[tuple[int, int]]:
    """Width and height of the pages, in points."""
    with pikepdf.Pdf.open(io.BytesIO(pdf)) as opened:
        boxes = [[round(float(edge)) for edge in page.mediabox] for page in opened.pages]
    return {(right - left, top - bottom) for left, bottom, right, top in boxes}


def texts(pdf: bytes) -> list[str]:
    """The words of each page, as `tiny_pdf` writes them."""
    with pikepdf.Pdf.open(io.BytesIO(pdf)) as opened:
        pages = [page.Contents.read_bytes() if "/Contents" in page else b"" for page in opened.pages]
    return [b" ".join(part.split(b")")[0] for part in page.split(b"(")[1:]).decode() for page in pages]


NEVER_ON_PAPER = {
    "kunDigital": {"kun_digital": True},
    "without address": {"opphav": Opphav.V3, "adresse": None},
    "strictly digital": {"opphav": Opphav.V1, "strengt_digital": True},
}


@pytest.mark.parametrize("changes", NEVER_ON_PAPER.values(), ids=NEVER_ON_PAPER)
def test_sv12_28_what_is_only_digital_is_printed_by_no_path(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser, changes: dict[str, Any]
) -> None:
    world.register.add_person(FNR)
    unread = accepted(hus, world, reader, **changes)
    hand_over(eier, world)
    receive(Kanal.ALTINN, "LEVERT", letter_id=unread)
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()

    world.altinn.svar = [Avvist("UKJENT_MOTTAKER")]
    refused = accepted(hus, world, reader, **changes)
    hand_over(eier, world)

    world.register.add_person(FNR, postkasse="EBOKS")
    world.dpi.svar, world.altinn.svar = [Avvist("UKJENT")], [Avvist("UKJENT")]
    twice = accepted(hus, world, reader, **changes)
    hand_over(eier, world)

    lost = accepted(hus, world, reader, **changes)
    world.register.add_person(FNR, reservert=True)
    hand_over(eier, world)

    assert [letter(id).status for id in (unread, refused, twice, lost)] == [
        Status.SENDT_DIGITALT,
        Status.IKKE_LEVERT,
        Status.IKKE_LEVERT,
        Status.IKKE_LEVERT,
    ]
    assert world.print.antall == 0


def test_sv12_28_a_person_who_is_reserved_or_passive_gets_paper(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser
) -> None:
    for contact in ({"reservert": True}, {"passiv": True}, {"registrert": False}):
        world.register.add_person(FNR, **contact)
        made = accepted(hus, world, reader)
        hand_over(eier, world)
        assert letter(made).status == Status.SENDT_PRINT


@pytest.mark.parametrize(("ettersending", "status"), [(False, "SENDT_DIGITALT"), (True, "SENDT_PRINT")])
def test_sv12_29_unread_post_to_an_organisation_is_printed_only_where_its_konto_says_so(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser, ettersending: bool, status: str
) -> None:
    with transaction() as tx:
        tx.get_one(Konto, hus.konto_id).ettersending_virksomheter = ettersending
    world.register.add_unit(ORGNR)
    made = accepted(hus, world, reader, digital_id=ORGNR)
    hand_over(eier, world)
    receive(Kanal.ALTINN, "LEVERT", letter_id=made)
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    hand_over(eier, world)
    assert letter(made).status == status


def test_sv12_46_paper_has_a_cover_sheet_first_its_giro_marked_and_nothing_that_was_excluded(
    hus: Hus, world: World, reader: Pdfleser
) -> None:
    documents = (
        document("a.pdf"),
        document("bilde.png", "image/png", ekskluderes=True),
        document("utelatt.pdf", ekskluderes=True),
        document("c.pdf", giroark=(1,)),
    )
    contents = (tiny_pdf(["A"]), b"png", tiny_pdf(["UTELATT"]), tiny_pdf(["GIRO"]))
    made = accepted(hus, world, reader, *contents, dokumenter=documents)
    order, printer = on_paper(made)
    assert texts(order.pdf) == ["Lillevik kommune Testperson Fjelltur", "A", "GIRO"]
    assert (order.sider, order.giroark) == (3, (3,))
    [(_, row, kontekst)] = printer.asked
    assert (row["navn"], row["postnr"], kontekst.tittel) == (
        ADDRESS.navn,
        ADDRESS.postnr,
        "Eiendomsskatt 2026",
    )


def test_sv12_44_on_both_sides_each_document_begins_on_a_new_sheet_of_a4_and_the_giro_has_an_empty_back(
    hus: Hus, world: World, reader: Pdfleser
) -> None:
    documents = (document("a.pdf"), document("c.pdf", giroark=(1,)))
    made = accepted(
        hus, world, reader, tiny_pdf(["A"]), tiny_pdf(["GIRO"]), dokumenter=documents, tosidig=True
    )
    order, _ = on_paper(made)
    assert texts(order.pdf)[::2] == ["Lillevik kommune Testperson Fjelltur", "A", "GIRO"]
    assert set(texts(order.pdf)[1::2]) == {""}
    assert order.giroark == (5,)
    assert (order.sider, sizes(order.pdf)) == (6, {(595, 842)})


def sender_on_sheet(letter_id: UUID) -> Avsender:
    _, printer = on_paper(letter_id)
    return printer.asked[0][2].avsender


def test_where_answers_go_stands_as_sender_before_the_kontos_own_and_that_before_the_organisations(
    hus: Hus, world: World, reader: Pdfleser
) -> None:
    plain = accepted(hus, world, reader)
    assert sender_on_sheet(plain).navn == "Lillevik kommune"
    with transaction() as tx:
        tx.add(
            Kontooppsett(
                konto_id=hus.konto_id,
                forside_navn="Kemneren i Lillevik",
                forside_adresselinje1="Kaia 1",
                forside_postnr="4262",
                forside_poststed="AVALDSNES",
                forside_tekst="Ring oss om ((du)) lurer.",
            )
        )
    konto = sender_on_sheet(plain)
    assert (konto.navn, konto.adresselinjer, konto.postnr) == ("Kemneren i Lillevik", ("Kaia 1",), "4262")
    answers = sender_on_sheet(accepted(hus, world, reader, svar_sendes_til=REPLIES))
    assert (answers.navn, answers.adresselinjer, answers.poststed) == (
        "Bydel Vest",
        ("Vestgata 9",),
        "BERGEN",
    )
    _, printer = on_paper(plain)
    assert "Ring oss om ( (du)) lurer." in printer.asked[0][0].kilde_nb, "it is text and no template"


def test_links_stand_in_the_message_with_what_leads_up_to_them(
    hus: Hus, world: World, reader: Pdfleser
) -> None:
    links = (
        Lenke("https://lillevik.no/skatt", "Les mer", "Lurer du på noe?"),
        Lenke("https://lillevik.no", "Oss"),
    )
    made = accepted(hus, world, reader, lenker=links)
    assert in_altinn(made).tekst.split("\n\n")[1:] == [
        "Lurer du på noe? Les mer: https://lillevik.no/skatt",
        "Oss: https://lillevik.no",
    ]


@pytest.mark.parametrize(
    ("number", "confidential", "service"),
    [(ORGNR, True, CONFIDENTIAL), (ORGNR, False, RESOURCE), (FNR, True, RESOURCE)],
)
def test_sv12_23_confidential_post_to_an_organisation_goes_by_altinns_service_for_that(
    hus: Hus, world: World, reader: Pdfleser, number: str, confidential: bool, service: str
) -> None:
    made = accepted(hus, world, reader, digital_id=number, taushetsbelagt=confidential)
    message = _correspondence(in_altinn(made))
    assert message["correspondence"]["resourceId"] == service
    session().rollback()

"""Reads a letter's areas: the values of its row, and findings to look at before sending."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fiks.pdf.cut import Felttekst, Sidetekst
from fiks.utsending.liste.columns import NOKKEL
from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode, Rad
from fiks.utsending.samlet.analysis import text_quality
from fiks.utsending.samlet.analysis.address_blocks import address_fields, shares_line
from fiks.utsending.samlet.analysis.boundaries import Brevomrade
from fiks.utsending.samlet.analysis.id_numbers import Nummer, find_number
from fiks.utsending.samlet.analysis.setup import Feltnavn, Oppsett

F, K, A = Feltnavn, Funnkode, Alvorlighet
EMPTY_TEXT = Felttekst()
COLUMN = {F.NAVN: "navn", F.ADRESSE: "adresse", F.ID: "id", F.REF: "eksternref", F.NOKKEL: NOKKEL}
"""The row field that a finding on an area refers to."""


@dataclass(frozen=True, slots=True, repr=False)
class Lesing:
    """One letter as read. `nokkel`: key for the extra list. `linjer`: lines of name and address. No repr:
    content.
    """

    rad: Rad
    funn: tuple[Funn, ...]
    nokkel: str = ""
    linjer: tuple[str, ...] = ()


def read_letter(brev: Brevomrade, sider: Mapping[int, Sidetekst], oppsett: Oppsett) -> Lesing:
    """Read one letter. `sider`: page of the letter -> its text, with areas in their order."""
    there = {side: text for side, text in sider.items() if side <= brev.sider}
    texts = dict(_texts(there, oppsett))
    number = find_number(texts[F.ID].linjer) if F.ID in texts else Nummer()
    values = _values(texts, number)
    rad = Rad(brev.nr, brev.fra, values)
    pages = {omrade.felt: there.get(omrade.side) for omrade in oppsett.read}
    found = [
        *_area_findings(rad, texts, pages),
        *_number_faults(rad, texts, number),
        *_character_findings(rad, texts),
    ]
    lines = tuple(line for felt in (F.NAVN, F.ADRESSE) for line in texts.get(felt, EMPTY_TEXT).linjer)
    return Lesing(rad, tuple(found), values.get(COLUMN[F.NOKKEL], ""), lines)


def _texts(sider: Mapping[int, Sidetekst], oppsett: Oppsett) -> Iterator[tuple[Feltnavn, Felttekst]]:
    """Yield the text of each area; empty for an area on a page the letter lacks."""
    place: dict[int, int] = {}
    for omrade in oppsett.read:
        index = place.get(omrade.side, 0)
        place[omrade.side] = index + 1
        page = sider.get(omrade.side)
        yield omrade.felt, page.felter[index] if page is not None else EMPTY_TEXT


def _values(texts: Mapping[Feltnavn, Felttekst], number: Nummer) -> dict[str, str]:
    block = list(texts.get(F.ADRESSE, EMPTY_TEXT).linjer)
    own = texts.get(F.NAVN)
    name, address = (" ".join(own.linjer), block) if own is not None else ("".join(block[:1]), block[1:])
    values = {"navn": name, **address_fields(address)}
    if number.felt:
        values[number.felt] = number.verdi
    if F.NOKKEL in texts:
        values[COLUMN[F.NOKKEL]] = " ".join(texts[F.NOKKEL].linjer)
    if F.REF in texts:
        values["eksternref"] = " ".join(texts[F.REF].linjer)
    return values


def _area_findings(
    rad: Rad, texts: Mapping[Feltnavn, Felttekst], pages: Mapping[Feltnavn, Sidetekst | None]
) -> Iterator[Funn]:
    """Yield one finding per area that is empty or unreadable.

    Anything may stand on a page that could not be read, a number too: no such letter is sent.
    """
    for felt, text in texts.items():
        page = pages[felt]
        needed = felt in (F.NAVN, F.ADRESSE)
        if page is None:
            yield _funn(rad, felt, K.SIDE_MANGLER, A.FEIL if needed else A.ADVARSEL)
        elif page.ulest:
            yield _funn(rad, felt, K.SIDE_UTEN_TEKST, A.FEIL)
        elif page.bilde:
            yield _funn(rad, felt, K.SKANNET_SIDE, A.FEIL if needed else A.ADVARSEL)
        elif not page.tekst:
            yield _funn(rad, felt, K.SIDE_UTEN_TEKST, A.FEIL if needed else A.ADVARSEL)
        elif text.uleselig:
            yield _funn(rad, felt, K.TEKST_ULESELIG, A.FEIL)
        elif not text.linjer and felt is not F.ID:
            yield _funn(rad, felt, K.OMRADE_TOMT, A.FEIL if felt is F.NAVN else A.ADVARSEL)
        elif text.kuttet:
            yield _funn(rad, felt, K.TEKST_KUTTET, A.ADVARSEL)


def _number_faults(rad: Rad, texts: Mapping[Feltnavn, Felttekst], number: Nummer) -> Iterator[Funn]:
    if number.flere:
        yield _funn(rad, F.ID, K.FLERE_NUMMER, A.FEIL)
    elif F.ID in texts and not number.felt:
        yield _funn(rad, F.ID, K.NUMMER_MANGLER, A.ADVARSEL)


def _character_findings(rad: Rad, texts: Mapping[Feltnavn, Felttekst]) -> Iterator[Funn]:
    """Yield findings on lost or exchanged letters in names and places, and on addresses with too many lines."""
    values = rad.verdier
    if text_quality.has_strange_letters(values["navn"]):
        yield _funn(rad, F.NAVN, K.TEGN_MISTENKELIG, A.ADVARSEL)
    address = list(texts.get(F.ADRESSE, EMPTY_TEXT).linjer)[0 if F.NAVN in texts else 1 :]
    if any(map(text_quality.has_strange_letters, address)):
        yield _funn(rad, F.ADRESSE, K.TEGN_MISTENKELIG, A.ADVARSEL)
    if text_quality.lacks_northern(values.get("postnr", ""), values.get("poststed", "")):
        yield Funn(
            rad.rad, rad.linje, "poststed", K.AEOA_MANGLER, A.ADVARSEL, {"poststed": values["poststed"]}
        )
    if shares_line(address):
        yield _funn(rad, F.ADRESSE, K.LINJER_SAMMEN, A.ADVARSEL)


def _funn(rad: Rad, felt: Feltnavn, kode: Funnkode, grad: Alvorlighet) -> Funn:
    column = COLUMN[felt]
    written = {column: rad.verdier[column]} if column in rad.verdier else {}
    return Funn(rad.rad, rad.linje, column, kode, grad, written)


COVERED_BY_READING = {
    "navn": frozenset({K.NAVN_MANGLER, K.NAVN_UGYLDIG, K.TEGN_TAPT}),
    "adresse": frozenset({K.ADRESSE_MANGLER, K.ADRESSE_UFULLSTENDIG, K.TEGN_TAPT}),
    "poststed": frozenset({K.POSTNR_POSTSTED_AVVIK}),
}
"""Findings of the list control that repeat what the reading already reported on the field."""


def merge_findings(lesing: Lesing, control: tuple[Funn, ...]) -> tuple[Funn, ...]:
    """Merge the findings of reading and control, without repetition.

    With its own reference a letter is no duplicate, though its receiver has another one.
    """
    said: set[Funnkode] = set()
    for funn in lesing.funn:
        if funn.kode is not K.TEKST_KUTTET:
            said |= COVERED_BY_READING.get(funn.felt or "", frozenset())
    if lesing.rad.verdier.get("eksternref"):
        said.add(K.DUBLETT_MOTTAKER)
    return (*lesing.funn, *(funn for funn in control if funn.kode not in said))

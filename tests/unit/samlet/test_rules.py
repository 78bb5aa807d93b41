"""Set-ups, the letters' beginnings, addresses, numbers and what is wrong with what was read: rules by themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fiks.core.errors import Konflikt
from fiks.pdf.cut import Felttekst, Sidetekst
from fiks.utsending.filer.rules import Giroside, Girovalg
from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode
from fiks.utsending.samlet.analysis.address_blocks import address_fields, shares_line
from fiks.utsending.samlet.analysis.area_reader import merge_findings, read_letter
from fiks.utsending.samlet.analysis.boundaries import (
    Brevomrade,
    Forstesider,
    equal_letters,
    first_pages,
    letters_from_starts,
)
from fiks.utsending.samlet.analysis.id_numbers import find_number
from fiks.utsending.samlet.analysis.setup import Feltnavn, Kuttmate, Omrade, Oppsett, from_wire, to_wire
from fiks.utsending.samlet.analysis.text_quality import has_northern, has_strange_letters, lacks_northern

F, K = Feltnavn, Funnkode
NAVN, ADRESSE = Omrade(F.NAVN, 1, 19, 48, 100, 5), Omrade(F.ADRESSE, 1, 19, 53, 100, 27)
ID, REF = Omrade(F.ID, 1, 154, 53, 36, 5), Omrade(F.REF, 2, 154, 58, 36, 5)
TWO = Oppsett(Kuttmate.SIDER, 2, "", (NAVN, ADRESSE, ID, REF))
FNR, ORGNR = "05897818274", "360673499"


def faults(oppsett: Oppsett) -> list[tuple[str, str | None]]:
    return [(error.kode, felt) for felt, error in oppsett.faults().items()]


def test_a_set_up_crosses_the_wire_unharmed() -> None:
    giro = Girovalg(Giroside.NUMMER, 2)
    marked = Oppsett(Kuttmate.TEKST, None, "Side 1 av", (*TWO.omrader, Omrade(F.MERKE, 1, 1, 2, 3, 4)), giro)
    assert from_wire(to_wire(marked)) == marked
    assert from_wire({}) is None and from_wire({"giro": giro.to_wire()}) is None


@pytest.mark.parametrize(
    ("oppsett", "wanted"),
    [
        (TWO, []),
        (replace(TWO, sider=None), [("OPPSETT_SIDER_UGYLDIG", "sider")]),
        (replace(TWO, sider=201), [("OPPSETT_SIDER_UGYLDIG", "sider")]),
        (replace(TWO, kutt=Kuttmate.TEKST, tekst="  "), [("OPPSETT_TEKST_MANGLER", "tekst")]),
        (replace(TWO, kutt=Kuttmate.TEKST, tekst=FNR), [("OPPSETT_TEKST_PERSONNUMMER", "tekst")]),
        (replace(TWO, kutt=Kuttmate.FYLT), [("OPPSETT_MERKE_MANGLER", "merke")]),
        (replace(TWO, sider=1), [("OMRADE_SIDE_UGYLDIG", "ref")]),
        (replace(TWO, omrader=(ID,)), [("OMRADE_MANGLER", "navn")]),
        (replace(TWO, omrader=(NAVN, NAVN)), [("OMRADE_DOBBELT", "omrader")]),
        (replace(TWO, omrader=(replace(NAVN, x=-1),)), [("OMRADE_UTENFOR", "navn")]),
        (replace(TWO, omrader=(replace(NAVN, hoyde=1),)), [("OMRADE_FOR_LITE", "navn")]),
        (replace(TWO, giro=Girovalg(Giroside.NUMMER, 3)), [("OPPSETT_GIRO_UGYLDIG", "giro")]),
        (replace(TWO, giro=Girovalg(Giroside.SISTE)), []),
    ],
)
def test_what_is_wrong_with_a_set_up_is_told_by_field(oppsett: Oppsett, wanted: list[object]) -> None:
    assert faults(oppsett) == wanted


def test_only_what_decides_the_cut_is_another_cut() -> None:
    moved = replace(TWO, omrader=(replace(NAVN, x=25), ADRESSE))
    assert moved.cut == TWO.cut
    assert replace(TWO, sider=4).cut != TWO.cut
    assert replace(TWO, giro=Girovalg(Giroside.SISTE)).cut != TWO.cut
    assert replace(TWO, tekst="ikke i bruk").cut == TWO.cut


def test_letters_of_the_same_length_follow_each_other() -> None:
    assert equal_letters(6, 2) == [Brevomrade(1, 1, 2), Brevomrade(2, 3, 4), Brevomrade(3, 5, 6)]


@pytest.mark.parametrize(("total", "per", "rest"), [(20, 3, 2), (5, 2, 1), (2, 4, 2)])
def test_pages_left_over_are_refused_with_how_many(total: int, per: int, rest: int) -> None:
    with pytest.raises(Konflikt, match="SIDER_GAR_IKKE_OPP") as refused:
        equal_letters(total, per)
    assert refused.value.params == {"sider": total, "per_brev": per, "rest": rest}


@pytest.mark.parametrize(
    ("starts", "kode"),
    [([], "INGEN_FORSTESIDER"), ([3, 5], "FORSTE_SIDE_UTEN_MERKE"), (range(1, 20_002), "FOR_MANGE_BREV")],
)
def test_beginnings_that_make_no_letters_are_refused(starts: list[int], kode: str) -> None:
    with pytest.raises(Konflikt, match=kode):
        letters_from_starts(starts, 30_000)


@pytest.mark.parametrize(
    ("tekst", "linjer", "begins"),
    [
        ("Side 1 av", ["Kari Vik", "Side 1 av 4"], True),
        ("side  1 AV", ["SIDE 1 av 12"], True),
        ("Side 1", ["Side 12 av 14"], False),
        ("Side 1", ["Side 11", "Side 1"], True),
        ("1/", ["11/2"], False),
        ("1/", ["1/2"], True),
        ("Faktura", ["Fakturanr 12"], False),
    ],
)
def test_a_first_page_is_known_by_whole_words(tekst: str, linjer: list[str], begins: bool) -> None:
    assert Forstesider(replace(TWO, kutt=Kuttmate.TEKST, tekst=tekst)).begins(linjer) is begins


def test_a_first_page_is_known_by_what_is_there_or_by_what_is_another() -> None:
    filled = Forstesider(replace(TWO, kutt=Kuttmate.FYLT))
    assert [filled.begins(lines) for lines in (["12"], [], ["12"])] == [True, False, True]
    changed = Forstesider(replace(TWO, kutt=Kuttmate.ENDRET))
    seen = [["12"], ["12"], [], ["12"], ["13"], ["12"]]
    assert [changed.begins(lines) for lines in seen] == [True, False, False, False, True, True]


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["Gata 1", "4274 STOL"], ["Gata 1", "", "", "4274", "STOL", ""]),
        (["c/o Ola", "Gata 1", "N-4274 STOL"], ["c/o Ola", "Gata 1", "", "4274", "STOL", ""]),
        (["Gata 1", "4274 STOL", "NORGE"], ["Gata 1", "", "", "4274", "STOL", "NORGE"]),
        (
            ["Testgatan 4", "111 22 STOCKHOLM", "SVERIGE"],
            ["Testgatan 4", "", "", "111 22", "STOCKHOLM", "SVERIGE"],
        ),
        (["Allee 3", "D-10115 BERLIN", "Germany"], ["Allee 3", "", "", "D-10115", "BERLIN", "Germany"]),
        (
            ["Gracht 2", "1071 XX AMSTERDAM", "Nederland"],
            ["Gracht 2", "", "", "1071 XX", "AMSTERDAM", "Nederland"],
        ),
        (["1 High St", "LONDON SW1A 1AA", "UK"], ["1 High St", "", "", "", "LONDON SW1A 1AA", "UK"]),
        (["Gata 1"], ["Gata 1", "", "", "", "", ""]),
        ([], ["", "", "", "", "", ""]),
        (["a", "b", "c", "d", "4274 STOL"], ["a", "b", "c, d", "4274", "STOL", ""]),
    ],
)
def test_the_lines_of_an_address_become_fields(lines: list[str], wanted: list[str]) -> None:
    found = address_fields(lines)
    names = ("adresselinje1", "adresselinje2", "adresselinje3", "postnr", "poststed", "land")
    assert [found.get(name, "") for name in names] == wanted
    assert shares_line(lines) is (len(lines) == 5)


@pytest.mark.parametrize(
    ("lines", "felt", "verdi", "riktig"),
    [
        ([FNR], "fnr", FNR, True),
        (["Fødselsnr.", "058978 18274"], "fnr", FNR, True),
        (["Født 01.02.1980, nr. 058978-18274"], "fnr", FNR, True),
        (["NO 360 673 499 MVA"], "orgnr", ORGNR, True),
        ([ORGNR], "orgnr", ORGNR, True),
        (["05897818275"], "fnr", "05897818275", False),
        (["123456789"], "orgnr", "123456789", False),
        (["Kunde 4711"], "fnr", "4711", False),
        (["–"], "", "", False),
        ([], "", "", False),
    ],
)
def test_the_number_is_found_though_something_stands_beside_it(
    lines: list[str], felt: str, verdi: str, riktig: bool
) -> None:
    found = find_number(lines)
    assert (found.felt, found.verdi, found.riktig, found.flere) == (felt, verdi, riktig, False)


def test_two_right_numbers_are_nobodys() -> None:
    assert find_number([FNR, ORGNR]).flere
    assert find_number([FNR, FNR]).verdi == FNR


@pytest.mark.parametrize("text", ["Bj¿rn", "K¾re", "R{dg}rd", "¯yvind", "Gr□nn"])
def test_a_sign_in_a_word_that_stands_for_a_letter_is_strange(text: str) -> None:
    assert has_strange_letters(text)


@pytest.mark.parametrize(
    "text", ["Sameiet «Vott»", "Mild L'Orrefugl", "Anne-Marie (1)", "Rørleggern AS / Avd. 2", "Čeavrris"]
)
def test_what_names_have_is_not_strange(text: str) -> None:
    assert not has_strange_letters(text)


@pytest.mark.parametrize(
    ("postnr", "poststed", "lacks"),
    [
        ("3770", "KRAGERØ", False),
        ("3770", "KRAGER", True),
        ("3770", "KRAGER?", True),
        ("3770", "Krager", True),
        ("3770", "OSLO", False),
        ("0150", "OSLO", False),
        ("9999", "X", False),
    ],
)
def test_a_place_without_its_letters_is_known_by_its_number(postnr: str, poststed: str, lacks: bool) -> None:
    assert lacks_northern(postnr, poststed) is lacks


def test_one_northern_letter_is_enough() -> None:
    assert has_northern(["Kari Vik", "Bø"]) and not has_northern(["Kari Vik", "Bo"])


def page(*texts: Felttekst, tekst: bool = True, bilde: bool = False, ulest: bool = False) -> Sidetekst:
    return Sidetekst(texts, tekst, bilde, ulest)


def lines(*text: str) -> Felttekst:
    return Felttekst(text)


GOOD = {1: page(lines("Kari Vik"), lines("Gata 1", "4274 STOL"), lines(FNR)), 2: page(lines("R-1"))}


def codes(sider: dict[int, Sidetekst], til: int = 2) -> list[tuple[str, str | None, str]]:
    found = read_letter(Brevomrade(7, 1, til), sider, TWO).funn
    return [(str(f.kode), f.felt, str(f.alvorlighet)) for f in found]


def test_a_letter_that_is_read_whole_has_its_values_and_no_finding() -> None:
    lesing = read_letter(Brevomrade(7, 13, 14), GOOD, TWO)
    assert (lesing.rad.rad, lesing.rad.linje, lesing.funn) == (7, 13, ())
    assert lesing.rad.verdier == {
        "navn": "Kari Vik", "adresselinje1": "Gata 1", "postnr": "4274", "poststed": "STOL",
        "fnr": FNR, "eksternref": "R-1",
    }  # fmt: skip


def test_without_an_area_for_the_name_it_is_the_first_line_of_the_address() -> None:
    oppsett = replace(TWO, omrader=(ADRESSE,))
    lesing = read_letter(Brevomrade(1, 1, 2), {1: page(lines("Kari Vik", "Gata 1", "4274 STOL"))}, oppsett)
    assert lesing.rad.verdier["navn"] == "Kari Vik" and lesing.rad.verdier["adresselinje1"] == "Gata 1"


@pytest.mark.parametrize(
    ("first", "wanted"),
    [
        (page(lines(), lines("Gata 1", "4274 STOL"), lines(FNR)), ("OMRADE_TOMT", "navn", "feil")),
        (page(lines("Kari Vik"), lines(), lines(FNR)), ("OMRADE_TOMT", "adresse", "advarsel")),
        (page(lines("Kari Vik"), lines("4274 STOL"), lines()), ("NUMMER_MANGLER", "id", "advarsel")),
        (page(lines("Kari Vik"), lines("4274 STOL"), lines(FNR, ORGNR)), ("FLERE_NUMMER", "id", "feil")),
        (
            page(Felttekst(("K\ufffd",), 1), lines("4274 STOL"), lines(FNR)),
            ("TEKST_ULESELIG", "navn", "feil"),
        ),
        (
            page(Felttekst(("Kari V",), 0, True), lines("4274 STOL"), lines(FNR)),
            ("TEKST_KUTTET", "navn", "advarsel"),
        ),
        (page(lines("Bj¿rn"), lines("4274 STOL"), lines(FNR)), ("TEGN_MISTENKELIG", "navn", "advarsel")),
        (page(lines("Kari"), lines("3770 KRAGER"), lines(FNR)), ("AEOA_MANGLER", "poststed", "advarsel")),
        (
            page(lines("Kari"), lines("a", "b", "c", "d", "4274 STOL"), lines(FNR)),
            ("LINJER_SAMMEN", "adresse", "advarsel"),
        ),
    ],
)
def test_what_should_be_looked_at_is_told(first: Sidetekst, wanted: tuple[str, str, str]) -> None:
    assert codes({1: first, 2: GOOD[2]}) == [wanted]


def test_a_scanned_page_is_called_what_it_is_and_not_empty() -> None:
    scanned = page(lines(), lines(), lines(), tekst=False, bilde=True)
    assert {kode for kode, _, _ in codes({1: scanned, 2: GOOD[2]})} == {"SKANNET_SIDE", "NUMMER_MANGLER"}
    blank = page(lines(), lines(), lines(), tekst=False)
    assert {kode for kode, _, _ in codes({1: blank, 2: GOOD[2]})} == {"SIDE_UTEN_TEKST", "NUMMER_MANGLER"}


def test_a_letter_with_an_area_on_a_page_that_could_not_be_read_is_not_sent() -> None:
    """Whatever the area is for: the reference or the number may stand there, and a number says who is protected."""
    unread = page(lines(), tekst=False, ulest=True)
    assert codes({1: GOOD[1], 2: unread}) == [("SIDE_UTEN_TEKST", "eksternref", "feil")]


@pytest.mark.parametrize("kutt", [Kuttmate.TEKST, Kuttmate.FYLT, Kuttmate.ENDRET])
def test_whether_a_letter_begins_on_a_page_that_could_not_be_read_is_not_said(kutt: Kuttmate) -> None:
    mark = Forstesider(replace(TWO, kutt=kutt, tekst="Side 1 av"))
    first, unread = page(lines("Side 1 av 2")), page(lines(), tekst=False, ulest=True)
    found = first_pages([(1, first), (2, page(lines(), tekst=False)), (3, unread), (4, first)], mark)
    assert next(found) == 1
    with pytest.raises(Konflikt, match="SIDE_KAN_IKKE_LESES") as refused:
        next(found)
    assert refused.value.params == {"side": 3}


def test_a_letter_that_is_too_short_for_an_area_is_told() -> None:
    assert codes(GOOD, til=1) == [("SIDE_MANGLER", "eksternref", "advarsel")]


def test_each_thing_is_said_once() -> None:
    lesing = read_letter(Brevomrade(1, 1, 2), {1: page(lines(), lines(), lines(FNR)), 2: GOOD[2]}, TWO)
    control = tuple(
        Funn(1, 1, felt, kode, Alvorlighet.FEIL)
        for felt, kode in (
            ("navn", K.NAVN_MANGLER),
            ("adresselinje1", K.ADRESSE_MANGLER),
            ("fnr", K.MOTTAKER_DOED),
        )
    )
    assert [f.kode for f in merge_findings(lesing, control)] == [
        K.OMRADE_TOMT,
        K.OMRADE_TOMT,
        K.MOTTAKER_DOED,
    ]


def test_another_reference_is_another_letter_to_the_same_receiver() -> None:
    twice = (Funn(2, 2, "fnr", K.DUBLETT_MOTTAKER, Alvorlighet.ADVARSEL, dublett_av=1),)
    assert merge_findings(read_letter(Brevomrade(2, 3, 4), GOOD, TWO), twice) == ()
    without = replace(TWO, omrader=(NAVN, ADRESSE, ID))
    assert merge_findings(read_letter(Brevomrade(2, 3, 4), GOOD, without), twice) == twice

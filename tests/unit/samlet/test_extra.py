"""The extra list hands out a number only where there is no doubt whose it is: every doubt is a refusal, or paper."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from fiks.utsending.liste.columns import NOKKEL
from fiks.utsending.liste.findings import Alvorlighet, Filkode, Funn, Funnkode, ListeFeil, Rad
from fiks.utsending.samlet.analysis import lookup_list
from fiks.utsending.samlet.analysis.area_reader import Lesing
from fiks.utsending.samlet.analysis.lookup_list import Tillegg
from tests.unit.liste.lists import text_file, workbook

pytestmark = pytest.mark.slow

HANSEN, BERG, NILSEN = "13815198765", "02838199999", "28837721085"
RIGHT, ANOTHER = "05897818274", "28837721085"
K = Funnkode


def made(folder: Path, rows: Sequence[str], keys: Sequence[str]) -> Tillegg:
    return lookup_list.load_list(text_file(folder, "\n".join(rows) + "\n"), "liste.csv", keys)


def refused(folder: Path, rows: Sequence[str], keys: Sequence[str]) -> str:
    with pytest.raises(ListeFeil) as error:
        made(folder, rows, keys)
    return error.value.kode


def letter(key: str, *funn: Funn, **values: str) -> Lesing:
    return Lesing(Rad(1, 1, {"navn": "Kari Vik", NOKKEL: key, **values}), funn, key)


def told(tillegg: Tillegg, key: str) -> str | Funnkode | None:
    """The number a letter with this key gets, else what is said of it."""
    read = tillegg.add_to(letter(key))
    number = read.rad.verdier.get("fnr") or read.rad.verdier.get("orgnr")
    return number or next((funn.kode for funn in read.funn), None)


def numbered(keys: Sequence[str], header: str = "Fakturanr") -> list[str]:
    return [f"{header};Fødselsnummer", *(f"{key};{10**10 + n}" for n, key in enumerate(keys))]


BROKEN = [
    "Fakturanr;Navn;Fødselsnummer",
    f"1000;Nilsen;{NILSEN}",
    f'1001;"Hansen;{HANSEN}',
    f'1002;Berg";{BERG}',
    "1003;Olsen;",
]


def test_a_quote_that_swallows_a_row_refuses_the_list_and_says_the_line(tmp_path: Path) -> None:
    path = text_file(tmp_path, "\n".join(BROKEN) + "\n")
    for use in (
        lambda: lookup_list.describe_list(path, "liste.csv"),
        lambda: lookup_list.load_list(path, "liste.csv", ["1000", "1001", "1002"]),
    ):
        with pytest.raises(ListeFeil) as error:
            use()
        assert (error.value.kode, error.value.params["linje"]) == (Filkode.TILLEGGSLISTE_FORSKJOVET, 3)


@pytest.mark.parametrize("row", [f"1001;Hansen; Kari;{HANSEN}", f"1001;{HANSEN}"], ids=["more", "fewer"])
def test_a_row_with_another_number_of_fields_refuses_the_list(tmp_path: Path, row: str) -> None:
    rows = ["Fakturanr;Navn;Fødselsnummer", f"1000;Nilsen;{NILSEN}", row]
    with pytest.raises(ListeFeil, match="TILLEGGSLISTE_FORSKJOVET"):
        lookup_list.describe_list(text_file(tmp_path, "\n".join(rows)), "liste.csv")


def test_a_column_that_a_few_letters_hit_by_chance_is_not_the_one(tmp_path: Path) -> None:
    rows = [f"F-{2000 + i};{1000 + i * 37};{10**10 + i}" for i in range(50)]
    keys = [str(2000 + i) for i in range(50)]
    for header in ("Postnr", "Målernummer"):
        assert (
            refused(tmp_path, [f"Fakturanr;{header};Fødselsnummer", *rows], keys) == "TILLEGGSNOKKEL_UKJENT"
        )


@pytest.mark.parametrize(
    "header",
    ["Postnr", "Postnummer", "Postnr (2)", "Adresse", "Fakturadato", "Utestående beløp", "Takst", "Gnr"],
)
def test_what_is_known_as_something_else_is_never_the_key(tmp_path: Path, header: str) -> None:
    keys = [str(2000 + i) for i in range(20)]
    rows = [f"F-{key};{key};0001;{10**10 + n}" for n, key in enumerate(keys)]
    assert refused(tmp_path, [f"Fakturanr;{header};Postnr;Fnr", *rows], keys) == "TILLEGGSNOKKEL_UKJENT"


def test_most_of_the_letters_found_make_a_column_the_one_whatever_it_is_called(tmp_path: Path) -> None:
    keys = [f"A{n}" for n in range(10)]
    assert made(tmp_path, numbered(keys[:5], "Vår id"), keys).kolonne == "Vår id"
    assert refused(tmp_path, numbered(keys[:4], "Vår id"), keys) == "TILLEGGSNOKKEL_UKJENT"


@pytest.mark.parametrize("header", ["Fakturanr", "Saksnr", "KID", "Kundereferanse"])
def test_a_list_of_a_few_of_the_letters_will_do_when_its_column_is_called_a_reference(
    tmp_path: Path, header: str
) -> None:
    keys = [f"A{n}" for n in range(100)]
    found = made(tmp_path, numbered([*keys[:10], "B1", "B2"], header), keys)
    assert (found.kolonne, told(found, "A3"), told(found, "A50")) == (
        header,
        "10000000003",
        K.TILLEGG_MANGLER,
    )
    assert refused(tmp_path, numbered([*keys[:9], "B1", "B2"], header), keys) == "TILLEGGSNOKKEL_UKJENT"


def test_a_column_called_nokkel_is_the_one_though_another_fits_better(tmp_path: Path) -> None:
    keys = [str(n) for n in range(1000, 1100)]
    rows = [f"{key};{1099 + n};{10**10 + n}" for n, key in enumerate(keys)]
    found = made(tmp_path, ["Løpenr;Nøkkel;Fødselsnummer", *rows], keys)
    assert (found.kolonne, told(found, "1099"), told(found, "1000")) == (
        "Nøkkel",
        "10000000000",
        K.TILLEGG_MANGLER,
    )


def test_two_columns_that_would_give_a_letter_different_numbers_are_a_refusal(tmp_path: Path) -> None:
    keys = [str(n) for n in range(1000, 1020)]
    other = [*keys[1:], keys[0]]
    head = "Fakturanr;Kundenr;Fødselsnummer"
    rows = [f"{a};{b};{10**10 + n}" for n, (a, b) in enumerate(zip(keys, other, strict=True))]
    assert refused(tmp_path, [head, *rows], keys) == "TILLEGGSNOKKEL_UKJENT"
    alike = [f"{a};{a};{10**10 + n}" for n, a in enumerate(keys)]
    assert told(made(tmp_path, [head, *alike], keys), "1002") == "10000000002"


def test_the_same_key_in_nearly_all_letters_is_none(tmp_path: Path) -> None:
    assert refused(tmp_path, numbered(["2026", "2027"]), ["2026"] * 10) == "TILLEGGSNOKKEL_UKJENT"
    assert refused(tmp_path, numbered(["2026", "2027"]), [""] * 10) == "TILLEGGSNOKKEL_UKJENT"


@pytest.mark.parametrize("again", ["a-1", " A-1 ", "A -1"], ids=["case", "ends", "inside"])
def test_a_key_that_stands_twice_with_different_numbers_is_told_however_it_is_written(
    tmp_path: Path, again: str
) -> None:
    rows = ["Fakturanr;Fnr", f"A-1;{HANSEN}", f"{again};{BERG}", f"A-2;{NILSEN}"]
    found = made(tmp_path, rows, ["A-1", "A-2"])
    assert (told(found, "A-1"), told(found, "A-2")) == (K.TILLEGG_FLERTYDIG, NILSEN)


def test_a_key_that_stands_twice_once_without_a_number_is_told(tmp_path: Path) -> None:
    rows = [
        "Fakturanr;Fnr",
        f"1001;{HANSEN}",
        "1001;",
        "1002;",
        f";{BERG}",
        f"1003;{NILSEN}",
        f"1003;{NILSEN}",
    ]
    found = made(tmp_path, rows, ["1001", "1002", "1003"])
    assert told(found, "1001") is K.TILLEGG_FLERTYDIG
    assert (told(found, "1002"), told(found, ""), told(found, "1003")) == (K.TILLEGG_MANGLER, None, NILSEN)


def test_a_row_with_the_numbers_of_two_is_told(tmp_path: Path) -> None:
    rows = [
        "Fakturanr;Fødselsnummer;Fnr",
        f"1001;{RIGHT};{ANOTHER}",
        f"1002;{RIGHT};{RIGHT}",
        f"1003;x;{RIGHT}",
    ]
    found = made(tmp_path, rows, ["1001", "1002", "1003"])
    assert [told(found, key) for key in ("1001", "1002", "1003")] == [K.TILLEGG_FLERTYDIG, RIGHT, RIGHT]
    both = ["Fakturanr;Fødselsnummer;Orgnr", f"1001;{RIGHT};974760673", "1002;;974760673"]
    found = made(tmp_path, both, ["1001", "1002"])
    assert [told(found, key) for key in ("1001", "1002")] == [K.TILLEGG_FLERTYDIG, "974760673"]


def test_zeros_a_spreadsheet_took_are_put_back_when_all_keys_are_of_one_length(tmp_path: Path) -> None:
    found = made(tmp_path, numbered(["1001", "20002"]), ["01001", "20002"])
    assert (told(found, "01001"), told(found, "20002")) == ("10000000000", "10000000001")
    assert told(found, "1001") is K.TILLEGG_MANGLER
    kept = made(tmp_path, ["Fakturanr;Fnr", f"01001;{HANSEN}", f"1001;{BERG}"], ["01001", "20002"])
    assert told(kept, "01001") is K.TILLEGG_FLERTYDIG


def test_a_key_with_zeros_in_front_is_another_when_keys_have_different_lengths(tmp_path: Path) -> None:
    found = made(tmp_path, numbered(["1001", "1002", "01003"]), ["1001", "01001", "1002", "1003", "01003"])
    assert (told(found, "1001"), told(found, "01001")) == ("10000000000", K.TILLEGG_MANGLER)
    assert (told(found, "1003"), told(found, "01003")) == (K.TILLEGG_MANGLER, "10000000002")


def test_decimals_a_spreadsheet_put_on_are_no_part_of_a_key_but_those_of_a_letter_are(tmp_path: Path) -> None:
    found = made(tmp_path, numbered(["1001.0", "1002,0", "7.1.0"]), ["1001", "1002", "1003"])
    assert (told(found, "1001"), told(found, "1002")) == ("10000000000", "10000000001")
    assert told(found, "7.1") is K.TILLEGG_MANGLER
    exact = made(tmp_path, numbered(["1001", "1002", "1003"]), ["1001", "1002", "1003"])
    assert told(exact, "1001.0") is K.TILLEGG_MANGLER


def test_what_stands_beside_the_key_in_one_letter_makes_it_no_other_key(tmp_path: Path) -> None:
    keys = ["1001", "1002", "1003", "10011"]
    found = made(tmp_path, numbered(keys), keys)
    assert [told(found, key) for key in ("1001 1", "1001 Side 1", "Fakturanr 1001 Side 1", "1001")] == [
        *[K.TILLEGG_MANGLER] * 3,
        "10000000000",
    ]


def test_spaces_that_most_letters_have_in_their_key_are_no_part_of_it(tmp_path: Path) -> None:
    keys = ["0012 3456", "0012 3457", "0012 3458"]
    found = made(tmp_path, numbered(["00123456", "0012 3457", "00123458"], "KID"), keys)
    assert [told(found, key) for key in keys] == ["10000000000", "10000000001", "10000000002"]
    assert told(found, "00 123456") is K.TILLEGG_MANGLER


@pytest.mark.parametrize("label", ["Fakturanr: ", "Faktura nr. ", "Fakturanr:", "Vår ref "])
def test_a_label_that_all_letters_have_before_their_key_is_no_part_of_it(tmp_path: Path, label: str) -> None:
    keys = [f"{label}{n}" for n in (1001, 1002, 2003)]
    found = made(tmp_path, numbered(["1001", f"{label}1002", "2003"]), keys)
    assert [told(found, key) for key in keys] == ["10000000000", "10000000001", "10000000002"]


def test_words_before_the_keys_that_are_no_label_are_part_of_them(tmp_path: Path) -> None:
    keys = [f"Sak A {n}" for n in (12, 13, 24)]
    assert refused(tmp_path, numbered(["12", "13", "24"]), keys) == "TILLEGGSNOKKEL_UKJENT"
    assert told(made(tmp_path, numbered(keys), keys), "sak a 13") == "10000000001"


def test_a_key_that_goes_on_outside_its_area_is_not_looked_up_and_stops_the_letter(tmp_path: Path) -> None:
    found = made(tmp_path, numbered(["1001", "1002"]), ["1001", "1002"])
    cut = Funn(1, 1, NOKKEL, K.TEKST_KUTTET, Alvorlighet.ADVARSEL)
    read = found.add_to(letter("1001", cut))
    assert "fnr" not in read.rad.verdier
    assert [(f.kode, f.alvorlighet) for f in read.funn] == [(K.TEKST_KUTTET, Alvorlighet.FEIL)]
    own = letter("1001", cut, fnr=HANSEN)
    assert found.add_to(own) == own
    elsewhere = letter("1001", Funn(1, 1, "navn", K.TEKST_KUTTET, Alvorlighet.ADVARSEL))
    assert found.add_to(elsewhere).rad.verdier["fnr"] == "10000000000"


def test_a_number_in_the_letter_that_is_not_the_lists_stops_it(tmp_path: Path) -> None:
    found = made(tmp_path, ["Fakturanr;Fnr", f"1001;{HANSEN}", f"1002;{BERG}"], ["1001", "1002"])
    assert found.add_to(letter("1001", fnr=HANSEN)).funn == ()
    assert [f.kode for f in found.add_to(letter("1002", fnr=HANSEN)).funn] == [K.NUMMER_ULIKT]


def test_a_number_cell_too_long_for_a_spreadsheet_is_no_key(tmp_path: Path) -> None:
    long = 1234567890123456
    path = workbook(tmp_path, [["KID", "Fnr"], [long, HANSEN], ["1002", BERG], [1003, NILSEN]])
    found = lookup_list.load_list(path, "liste.xlsx", [str(long), "1002", "1003"])
    assert [told(found, key) for key in (str(long), "1002", "1003")] == [K.TILLEGG_MANGLER, BERG, NILSEN]

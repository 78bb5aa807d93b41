"""How files are read: encodings, separators, headers, numbers, line breaks, row numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from fiks.utsending.liste.findings import Filkode, ListeFeil, Rad
from fiks.utsending.liste.rules.row import check_row
from fiks.utsending.liste.source.reader import Liste, read_list
from tests.unit.liste.lists import text_file, workbook

LIST = "navn;fnr;adresse\r\nOLA ØY;1;Gata 1\r\nKARI ÅS;2;Gata 2\r\n"


def opened(path: Path, mapping: Mapping[str, str | None] | None = None) -> Liste:
    return read_list(path, path.name, mapping)


def rows(path: Path, mapping: Mapping[str, str | None] | None = None) -> list[Rad]:
    return list(opened(path, mapping).rader)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "cp850", "mac_roman", "utf-16-le", "utf-16-be"]
)
def test_the_encoding_is_found_and_told(tmp_path: Path, encoding: str) -> None:
    path = text_file(tmp_path, LIST, encoding=encoding)
    assert opened(path).form.koding == encoding
    assert [r.verdier["navn"] for r in rows(path)] == ["OLA ØY", "KARI ÅS"]


def test_of_nordic_dos_the_letters_are_read_too(tmp_path: Path) -> None:
    path = text_file(tmp_path, "navn\nKåre Bø\nPål Sæther Åøen\nRené Müller\n", encoding="cp865")
    assert [r.verdier["navn"] for r in rows(path)] == ["Kåre Bø", "Pål Sæther Åøen", "René Müller"]


@pytest.mark.parametrize(
    "names",
    [
        "† OLA NORDMANN",
        "† OLA NORDMANN (Sean O’Brien ‘jr.’)",
        "ÅSE ØY † ‹hjem›",
        "Kåre Bø ¾ ¿ ®",
        "€ 5 › † ‰",
    ],
)
def test_a_windows_file_with_a_few_odd_signs_is_not_taken_for_an_older_one(
    tmp_path: Path, names: str
) -> None:
    path = text_file(tmp_path, f"navn;adresse\n{names};Gata 1\n", encoding="cp1252")
    assert opened(path).form.koding == "cp1252"
    assert rows(path)[0].verdier["navn"] == names


@pytest.mark.parametrize(("encoding", "name"), [("cp850", "K†re"), ("mac_roman", "KŒre")])
def test_a_name_too_few_to_tell_the_encoding_by_is_told(tmp_path: Path, encoding: str, name: str) -> None:
    (row,) = rows(text_file(tmp_path, "navn\nKåre\n", encoding=encoding))
    assert row.verdier == {"navn": name}
    assert [finding.kode for finding in check_row(row)] == ["TEGN_TAPT"]


def test_utf_8_with_one_stray_byte_is_not_taken_for_an_older_one(tmp_path: Path) -> None:
    content = "navn\nÆgir Åøen ” ś Đỗ\n".encode() + b"Bj\xf8rn\nK\x86re\nB\x9b\n"
    assert opened(text_file(tmp_path, content)).form.koding == "cp1252"


def test_utf_16_with_a_byte_order_mark_is_read_without_it(tmp_path: Path) -> None:
    path = text_file(tmp_path, LIST, encoding="utf-16")
    assert opened(path).form.overskrifter == ("navn", "fnr", "adresse")


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
def test_the_separator_is_found_whatever_the_line_ending(tmp_path: Path, separator: str, ending: str) -> None:
    path = text_file(tmp_path, LIST.replace(";", separator).replace("\r\n", ending))
    assert opened(path).form.skilletegn == separator
    assert [(r.rad, r.linje, r.verdier["adresselinje1"]) for r in rows(path)] == [
        (2, 2, "Gata 1"),
        (3, 3, "Gata 2"),
    ]


def test_a_line_break_in_a_cell_moves_the_line_number_and_not_the_row_number(tmp_path: Path) -> None:
    path = text_file(tmp_path, 'navn;adresse\n"OLA";"Gata 1\nOslo"\nKARI;Gata 2\n')
    assert [(r.rad, r.linje) for r in rows(path)] == [(2, 2), (3, 4)]


def test_a_separator_named_in_the_first_line_is_used_and_the_line_not_counted_as_a_row(
    tmp_path: Path,
) -> None:
    path = text_file(tmp_path, "sep=|\nnavn|fnr\nOLA|1\n")
    assert [(r.rad, r.linje, r.verdier["navn"]) for r in rows(path)] == [(2, 3, "OLA")]


def test_empty_rows_are_dropped_and_keep_their_number(tmp_path: Path) -> None:
    path = text_file(tmp_path, "navn;fnr\nOLA;1\n\n ;\u00a0\nKARI;2\n;\n;\n")
    assert [r.rad for r in rows(path)] == [2, 5]


def test_the_header_is_found_below_title_rows(tmp_path: Path) -> None:
    path = text_file(tmp_path, "Eiendomsskatt 2027\n\nNavn;Avtalenr\nOLA;7\n")
    assert opened(path).form.overskrift_rad == 3
    assert [(r.rad, r.verdier) for r in rows(path)] == [(4, {"navn": "OLA", "Avtalenr": "7"})]


def test_a_list_with_given_and_family_names_gets_a_name(tmp_path: Path) -> None:
    path = text_file(tmp_path, "Fornavn;Mellomnavn;Etternavn\nOLA;;NORDMANN\n")
    assert rows(path)[0].verdier["navn"] == "OLA NORDMANN"


def test_a_mapping_by_hand_overrides_the_automatic_one(tmp_path: Path) -> None:
    path = text_file(tmp_path, "Navn;Kallenavn;Kid\nOLA;OLE;7\n")
    (row,) = rows(path, {"Kallenavn": "navn", "Kid": None})
    assert row.verdier == {"Navn": "OLA", "navn": "OLE", "Kid": "7"}


def test_a_header_only_the_mapping_knows_is_still_found(tmp_path: Path) -> None:
    path = text_file(tmp_path, "Rapport;uke 7\nHvem;Hvor\nOLA;Gata 1\n")
    liste = opened(path, {"Hvem": "navn", "Hvor": "adresselinje1"})
    assert liste.form.overskrift_rad == 2
    assert next(liste.rader).verdier == {"navn": "OLA", "adresselinje1": "Gata 1"}


def test_an_own_column_named_as_a_known_field_never_takes_its_place(tmp_path: Path) -> None:
    path = text_file(tmp_path, "navn;Eier\nIGNORERT;OLA\n")
    (row,) = rows(path, {"Eier": "navn"})
    assert row.verdier == {"navn (egen)": "IGNORERT", "navn": "OLA"}


@pytest.mark.parametrize(
    ("headers", "values"),
    [
        ("gebyr;gebyr;gebyr (2)", {"gebyr": "1", "gebyr (3)": "2", "gebyr (2)": "3"}),
        ("gebyr (2);gebyr;gebyr", {"gebyr (2)": "1", "gebyr": "2", "gebyr (3)": "3"}),
        (";Kolonne 2;x", {"Kolonne 2 (2)": "1", "Kolonne 2": "2", "x": "3"}),
        ("fnr;fnr;fnr (egen)", {"fnr": "1", "fnr (2)": "2", "fnr (egen)": "3"}),
    ],
)
def test_no_column_takes_the_name_of_another(tmp_path: Path, headers: str, values: dict[str, str]) -> None:
    (row,) = rows(text_file(tmp_path, f"navn;{headers}\nOLA;1;2;3\n"))
    assert row.verdier == {"navn": "OLA", **values}


def test_nor_does_one_that_may_not_have_the_name_of_a_field(tmp_path: Path) -> None:
    liste = opened(text_file(tmp_path, "navn;Eier;navn (egen)\nA;OLA;B\n"), {"Eier": "navn"})
    assert list(liste.form.felter) == ["navn (egen) (egen)", "navn", "navn (egen)"]
    assert next(liste.rader).verdier == dict(zip(liste.form.felter, ["A", "OLA", "B"], strict=True))


def test_two_headers_mapped_to_one_field_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ListeFeil) as error:
        opened(text_file(tmp_path, LIST), {"navn": "navn", "adresse": "navn"})
    assert (error.value.kode, error.value.felt) == (Filkode.KOLONNE_DOBBEL, "navn")


def test_a_list_without_names_can_be_opened_for_mapping_but_not_read(tmp_path: Path) -> None:
    liste = opened(text_file(tmp_path, "fnr;adresse\n1;2\n"))
    assert liste.form.mangler == ("navn",)
    with pytest.raises(ListeFeil) as error:
        next(liste.rader)
    assert (error.value.kode, error.value.felt) == (Filkode.KOLONNE_MANGLER, "navn")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", Filkode.INGEN_RADER),
        ("\n \n", Filkode.INGEN_RADER),
        ("navn;fnr\n;\n", Filkode.INGEN_RADER),
        ("1;2\n3;4\n", Filkode.OVERSKRIFT_MANGLER),
        ("bare tekst uten tabell\n", Filkode.OVERSKRIFT_MANGLER),
    ],
)
def test_a_file_without_rows_or_header_is_refused(tmp_path: Path, content: str, code: Filkode) -> None:
    with pytest.raises(ListeFeil) as error:
        rows(text_file(tmp_path, content))
    assert error.value.kode == code


def test_a_row_with_a_field_too_many_shows_where_it_was_cut(tmp_path: Path) -> None:
    path = text_file(
        tmp_path, "navn;fnr;postnr;poststed;kid\nOLA; NORDMANN;123;0001;OSLO;5\nKARI;1;2;OSLO;5\n"
    )
    broken, good = rows(path)
    assert broken.forskjovet == {"navn": ["OLA", " NORDMANN"]}
    assert good.forskjovet is None


def test_a_row_with_a_field_too_few_is_shifted_too(tmp_path: Path) -> None:
    (broken,) = rows(text_file(tmp_path, "navn;fnr;postnr\nOLA;1\n"))
    assert broken.forskjovet == {}


def test_empty_fields_beyond_the_header_do_no_harm(tmp_path: Path) -> None:
    (row,) = rows(text_file(tmp_path, "navn;fnr;;\nOLA;1;;\n"))
    assert (row.verdier, row.forskjovet) == ({"navn": "OLA", "fnr": "1"}, None)


SHORT = "navn;postnr;poststed;takst;bunnfradrag\n"
CUT = "OLA;0580;OSLO;1234;50;\n"
WHOLE = "KARI;0580;OSLO;1000;\n"


def shifted(path: Path) -> list[bool]:
    return [row.forskjovet is not None for row in rows(path)]


@pytest.mark.parametrize("separator", [";", ","])
@pytest.mark.parametrize(
    ("content", "cut"),
    [
        (SHORT + CUT, [True]),
        (SHORT + CUT + WHOLE, [True, False]),
        (SHORT + CUT + CUT + WHOLE, [True, True, False]),
        (SHORT + WHOLE * 50 + CUT, [False] * 50 + [True]),
    ],
    ids=["alone", "before a right one", "mostly", "far down"],
)
def test_a_row_that_was_cut_is_told_though_its_last_column_is_empty(
    tmp_path: Path, content: str, cut: list[bool], separator: str
) -> None:
    assert shifted(text_file(tmp_path, content.replace(";", separator))) == cut


@pytest.mark.parametrize("ends", [";", ";;", "; "])
def test_rows_that_all_end_in_a_separator_are_read_though_the_header_does_not(
    tmp_path: Path, ends: str
) -> None:
    content = f"navn;fnr;adresse\nOLA;1;Gata 1{ends}\n\nKARI;2;{ends}\n"
    assert [(row.verdier["adresselinje1"], row.forskjovet) for row in rows(text_file(tmp_path, content))] == [
        ("Gata 1", None),
        ("", None),
    ]


@pytest.mark.parametrize("header", ["navn;fnr;adresse\n", "navn;fnr;adresse;\n"])
@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("PER; HANSEN;3;Gata 3;", True),
        ("PER; HANSEN;3;;", True),
        ("PER;;;", False),
        ("PER;Gata 3;", True),
        ("PER;3;Gata 3", False),
    ],
    ids=["cut", "cut with an empty end", "two empty", "a field too few", "without its end"],
)
def test_where_all_rows_end_in_a_separator_a_row_of_other_fields_is_told(
    tmp_path: Path, header: str, row: str, told: bool
) -> None:
    content = header + "OLA;1;Gata 1;\n" * 40 + row + "\n"
    assert shifted(text_file(tmp_path, content)) == [False] * 40 + [told]


def test_rows_that_were_cut_are_told_though_most_are(tmp_path: Path) -> None:
    content = "navn;fnr;adresse;\n" + "PER; HANSEN;3;;\n" * 2 + "OLA;1;Gata 1;\n"
    assert shifted(text_file(tmp_path, content)) == [True, True, False]


def test_where_only_the_header_ends_in_a_separator_a_row_that_does_is_told(tmp_path: Path) -> None:
    content = "navn;fnr;adresse;\nOLA;1;Gata 1\nKARI;2;\nPER; HANSEN;3;\n"
    assert shifted(text_file(tmp_path, content)) == [False, False, True]


@pytest.mark.parametrize(
    ("header", "amount"), [("belop", "951,00"), ("Gebyr", "1 234,50"), ("takst", "-5,00")]
)
def test_amounts_with_a_comma_between_commas_cut_every_row(tmp_path: Path, header: str, amount: str) -> None:
    content = f"navn,{header},adresse\nOLA,{amount},\nKARI,{amount},\nPER,{amount},\n"
    assert shifted(text_file(tmp_path, content)) == [True] * 3


def test_where_semicolons_stand_between_no_amount_was_cut(tmp_path: Path) -> None:
    content = "navn;belop;alder\nOLA;951;42;\nKARI;1951;37;\n"
    assert [row.verdier["alder"] for row in rows(text_file(tmp_path, content))] == ["42", "37"]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_stray_quote_that_swallows_a_row_does_not_lose_it_silently(tmp_path: Path, ending: str) -> None:
    content = 'navn;fnr;kid\n"OLA;1;5\n"KARI";2;6\nPER;3;7\n'.replace("\n", ending)
    swallowed, good = rows(text_file(tmp_path, content))
    assert swallowed.forskjovet is not None and list(swallowed.forskjovet) == ["navn"]
    assert good.verdier["navn"] == "PER"


def test_quotes_inside_a_name_are_kept(tmp_path: Path) -> None:
    assert rows(text_file(tmp_path, 'navn;fnr\nSameiet "Fred";1\n'))[0].verdier["navn"] == 'Sameiet "Fred"'


def test_numbers_and_dates_of_a_workbook_become_norwegian_text(tmp_path: Path) -> None:
    cells = ("OLA", 3893807003, 1225.25, 3804.0, date(2027, 3, 31), 0.1 + 0.2, True)
    path = workbook(
        tmp_path, [("navn", "fnr", "belop_termin", "skatt_aar", "forfall1", "sats", "ja?"), cells]
    )
    (row,) = rows(path)
    assert list(row.verdier.values()) == ["OLA", "3893807003", "1225,25", "3804", "31.03.2027", "0,3", "ja"]
    assert row.tall == {"fnr", "belop_termin", "skatt_aar", "skattesats_promille"}


def test_a_sheet_that_starts_in_another_corner_keeps_its_row_numbers(tmp_path: Path) -> None:
    path = workbook(tmp_path, [(), (), (None, "navn", "fnr"), (None, "OLA", "1"), (), (None, "KARI", "2")])
    assert [(r.rad, r.verdier["navn"]) for r in rows(path)] == [(4, "OLA"), (6, "KARI")]


def test_the_form_tells_sheet_or_encoding(tmp_path: Path) -> None:
    sheet = opened(workbook(tmp_path, [("navn", "fnr"), ("OLA", "1")])).form
    text = opened(text_file(tmp_path, LIST)).form
    assert (sheet.format, sheet.ark, sheet.koding) == ("xlsx", "Sheet", None)
    assert (text.format, text.ark, text.skilletegn) == ("csv", None, ";")

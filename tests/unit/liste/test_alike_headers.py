"""Headers that could mean two things: Fnr beside gnr and bnr, an address twice, the owner's address beside another."""

from __future__ import annotations

from pathlib import Path

import pytest

from fiks.utsending.brev.language.fields import FASTE, Kilde
from fiks.utsending.liste.columns import ALLE, RESERVERT, header_key, value_names
from fiks.utsending.liste.findings import Filkode, ListeFeil
from fiks.utsending.liste.source.column_mapping import CARE_OF
from fiks.utsending.liste.source.reader import Listeform, read_list
from tests.unit.liste.lists import FNR, text_file

PERSON = f"{FNR};"


def mapped(folder: Path, headers: str, *rows: str) -> dict[str, str]:
    """Field -> header, of a list with these headers and rows."""
    content = "\n".join([f"Navn;{headers}", *(f"OLA;{row}" for row in rows or [";" * headers.count(";")])])
    form = read_list(text_file(folder, content), "liste.csv").form
    return {felt: header for header, felt in form.kobling.items() if felt and felt != "navn"}


@pytest.mark.parametrize("called", ["Fnr", "F.nr.", "FNR", "f nr"])
@pytest.mark.parametrize("number", ["Fødselsnummer", "Fnr eier", "Fødselsnr/orgnr", "Personnummer"])
def test_beside_gnr_and_bnr_and_a_number_of_the_owner_fnr_is_the_festenummer(
    tmp_path: Path, called: str, number: str
) -> None:
    got = mapped(tmp_path, f"{number};Gnr;Bnr;{called};Snr", f"{FNR};1;2;;")
    assert got == {"fnr": number, "gnr": "Gnr", "bnr": "Bnr", "festenr": called, "seksjonsnr": "Snr"}


def test_so_the_owners_number_is_read(tmp_path: Path) -> None:
    content = f"Navn;Fødselsnummer;Gnr;Bnr;Fnr;Snr\nOLA;{FNR};1;2;;\n"
    (row,) = read_list(text_file(tmp_path, content), "liste.csv").rader
    assert (row.verdier["fnr"], row.verdier["festenr"]) == (FNR, "")


@pytest.mark.parametrize(
    ("headers", "row", "fnr", "festenr"),
    [
        ("Gnr;Bnr;Fnr;Fødselsnummer", f"1;2;{FNR};", "Fnr", None),
        ("Gnr;Bnr;Fnr;Fødselsnummer", f"1;2;{FNR[:10]};", "Fnr", None),
        ("Gnr;Bnr;Fnr;Fødselsnummer", f"1;2;14;{FNR}", "Fødselsnummer", "Fnr"),
        ("Gnr;Bnr;Fnr;Festenr;Fødselsnummer", "1;2;;;", "Fnr", "Festenr"),
        ("Fnr;Fødselsnummer", ";", "Fnr", None),
        ("Gnr;Bnr;Fnr;Snr", f"1;2;{FNR};", "Fnr", None),
        ("Gnr;Bnr;Fnr;Snr", "1;2;0;0", None, "Fnr"),
        ("Gnr;Bnr;Fnr;Snr", "1;2;14;", None, "Fnr"),
        ("Gnr;Bnr;Fnr;Snr", "1;2;;", "Fnr", None),
        ("Fnr", "14", "Fnr", None),
        ("Fnr;Gnr;Bnr;Festenr", f"{FNR};1;2;14", "Fnr", "Festenr"),
        ("Fnr;Gnr;Bnr;Fnr;Snr", f"{FNR};1;2;;", "Fnr", "Fnr (2)"),
        ("Gnr;Bnr;Fnr;Snr;Fnr", f"1;2;;;{FNR}", "Fnr (2)", "Fnr"),
        ("Gnr;Bnr;Fnr;Snr;Fnr", "1;2;;;", "Fnr (2)", "Fnr"),
        ("Fnr;Gnr;Bnr;Fnr;Snr", "14;1;2;;", "Fnr", "Fnr (2)"),
        ("Gnr;Bnr;Fnr;Snr;Fnr", f"1;2;{FNR};;14", "Fnr", "Fnr (2)"),
    ],
)
def test_what_stands_in_fnr_and_where_it_stands_says_which_it_is(
    tmp_path: Path, headers: str, row: str, fnr: str | None, festenr: str | None
) -> None:
    got = mapped(tmp_path, headers, row)
    assert (got.get("fnr"), got.get("festenr")) == (fnr, festenr)


def test_a_row_without_a_festenummer_does_not_hide_the_next(tmp_path: Path) -> None:
    assert mapped(tmp_path, "Gnr;Bnr;Fnr", "1;2;", "1;2;14")["festenr"] == "Fnr"
    assert mapped(tmp_path, "Gnr;Bnr;Fnr", "1;2;", f"1;2;{FNR}")["fnr"] == "Fnr"


@pytest.mark.parametrize("header", ["Adresse", "Postadresse", "c/o", "Forfall", "1. forfall"])
def test_a_number_we_have_put_to_a_header_says_nothing_of_what_it_is(tmp_path: Path, header: str) -> None:
    once, twice = mapped(tmp_path, header), mapped(tmp_path, f"{header};Gnr;{header};{header}")
    assert twice == once | {"gnr": "Gnr"}


def test_a_second_address_does_not_become_a_line_of_the_first(tmp_path: Path) -> None:
    content = "Navn;Adresse;Postnr;Poststed;Gnr;Bnr;Adresse\nOLA;Vegen 1;0580;OSLO;1;2;Hyttevegen 33\n"
    liste = read_list(text_file(tmp_path, content), "liste.csv")
    assert liste.form.ukjente == ("Adresse (2)",)
    (row,) = liste.rader
    assert (row.verdier["adresselinje1"], row.verdier["Adresse (2)"]) == ("Vegen 1", "Hyttevegen 33")


def test_a_number_that_stands_in_the_file_does(tmp_path: Path) -> None:
    assert mapped(tmp_path, "Adresse;Adresse (2)")["adresselinje2"] == "Adresse (2)"


@pytest.mark.parametrize("owners", ["Eiers adresse", "Eieradresse", "Adresse eier"])
@pytest.mark.parametrize("headers", ["Adresse;{}", "{};Adresse"])
def test_the_owners_address_goes_before_one_that_may_be_the_propertys(
    tmp_path: Path, headers: str, owners: str
) -> None:
    assert mapped(tmp_path, headers.format(owners)) == {"adresselinje1": owners}


def form_of(folder: Path, headers: str, mapping: dict[str, str | None] | None = None) -> Listeform:
    """The form of a list with exactly these headers."""
    content = f"{headers}\n{';'.join(['1'] * (headers.count(';') + 1))}\n"
    return read_list(text_file(folder, content), "liste.csv", mapping).form


WHERE_TO = ("adresselinje1", "adresselinje2", "postnr", "poststed")


@pytest.mark.parametrize(
    ("headers", "where"),
    [
        ("Gnr;Bnr;Adresse;Eier;Postadresse;Postnr;Poststed", ["Postadresse", None, "Postnr", "Poststed"]),
        (
            "Gnr;Bnr;Adresse;Eier;Fakturaadresse;Postnr;Poststed",
            ["Fakturaadresse", None, "Postnr", "Poststed"],
        ),
        ("Gnr;Bnr;Gateadresse;Eier;Eiers postadresse;Postnr;By", ["Eiers postadresse", None, "Postnr", "By"]),
        ("Gnr;Bnr;Adresse;Eier;Adresse;Postnr;Poststed", ["Adresse (2)", None, "Postnr", "Poststed"]),
        ("Gnr;Bnr;Adresse;Adresse2;Eier;Adresse;C/O;Postnr;Sted", ["Adresse (2)", "C/O", "Postnr", "Sted"]),
        (
            "Gnr;Adresse;Postnr;Poststed;Eier;Adresse;Postnr;Poststed",
            ["Adresse (2)", None, "Postnr (2)", "Poststed (2)"],
        ),
        (
            "Navn;Adresse;Postnr;Poststed;Postadresse;Postnummer;Sted",
            ["Postadresse", None, "Postnummer", "Sted"],
        ),
        ("Navn;Postadresse;Postnr;Sted;Gnr;Postnr;Sted", ["Postadresse", None, "Postnr", "Sted"]),
        ("Navn;Postadresse;Postnr;Poststed;Fakturaadresse", ["Postadresse", None, "Postnr", "Poststed"]),
        ("Navn;Adresse;Poststed;Postnr;Gnr;Bnr;Adresse", ["Adresse", None, "Postnr", "Poststed"]),
        ("Navn;Eiendomsadresse;Adresse;Postnr;Poststed", ["Adresse", None, "Postnr", "Poststed"]),
        (
            "Navn;Gateadresse;c/o;Postadresse;Postnr;Poststed",
            ["Postadresse", "c/o", "Postnr", "Poststed"],
        ),
        (
            "Gnr;Bnr;Gateadresse;CO;Navn;Postadresse;Postnr;Poststed",
            ["Postadresse", "CO", "Postnr", "Poststed"],
        ),
        (
            "Gateadresse;Adresse2;c/o-adresse;Navn;Postadresse;Postnr;Poststed",
            ["Postadresse", "c/o-adresse", "Postnr", "Poststed"],
        ),
        (
            "Gateadresse;c/o;Navn;Postadresse;c/o;Postnr;Poststed",
            ["Postadresse", "c/o (2)", "Postnr", "Poststed"],
        ),
        (
            "Gateadresse til eiendommen;Eier;Adresse;Postnr;Poststed",
            ["Adresse", None, "Postnr", "Poststed"],
        ),
    ],
)
def test_a_letter_goes_to_the_owners_address_and_not_to_the_propertys(
    tmp_path: Path, headers: str, where: list[str | None]
) -> None:
    form = form_of(tmp_path, headers)
    by_field = {felt: header for header, felt in form.kobling.items()}
    assert ([by_field.get(felt) for felt in WHERE_TO], form.uklare) == (where, {})


@pytest.mark.parametrize(
    ("headers", "unclear"),
    [
        ("Navn;Adresse;Gnr;Bnr;Adresse;Postnr;Poststed", ["adresselinje1", "postnr", "poststed"]),
        ("Gnr;Adresse;Bnr;Gateadresse;Navn", ["adresselinje1"]),
        ("Navn;Adresse;Postnr;Poststed;Gnr;Fakturaadresse", ["postnr", "poststed"]),
        ("Navn;Gnr;Postnr;Adresse;Bnr;Postnr", ["postnr"]),
        ("Navn;Postadresse;Gnr;Postnr;Bnr;Postnr;Poststed", ["postnr", "poststed"]),
    ],
)
def test_where_the_headers_do_not_tell_which_it_is_nothing_is_guessed(
    tmp_path: Path, headers: str, unclear: list[str]
) -> None:
    form = form_of(tmp_path, headers)
    assert list(form.uklare) == unclear
    assert not set(unclear) & set(form.kobling.values())


@pytest.mark.parametrize("numbers", ["Fnr", "Orgnr", "Fnr;Orgnr", "Fødselsnr/orgnr"])
@pytest.mark.parametrize(
    "headers",
    [
        "Eier;{};Adresse;Postnr/sted;Gnr;Bnr;Adresse;Postnr;Poststed",
        "Navn;{};Adresse;Gnr;Bnr;Adresse;Postnr;Poststed",
        "Navn;{};c/o;Adresse;Gnr;Bnr;Adresse;Postnr;Poststed",
    ],
)
def test_a_number_between_the_name_and_the_address_does_not_make_it_anothers(
    tmp_path: Path, headers: str, numbers: str
) -> None:
    names = headers.format(numbers).split(";")
    row = ";".join(FNR if name == "Fnr" else "" for name in names)
    form = read_list(text_file(tmp_path, f"{';'.join(names)}\n{row}\n"), "liste.csv").form
    assert list(form.uklare) == ["adresselinje1", "postnr", "poststed"]
    assert form.uklare["adresselinje1"] == ["Adresse", "Adresse (2)"]


def test_a_c_o_is_the_receivers_where_the_street_is_unclear(tmp_path: Path) -> None:
    form = form_of(tmp_path, "Navn;Adresse;c/o;Gnr;Bnr;Adresse;Postnr;Poststed")
    assert (form.kobling["c/o"], "adresselinje1" in form.uklare) == ("adresselinje2", True)


def test_every_spelling_of_c_o_is_known_as_one() -> None:
    lines = {header_key(spelling) for spelling in ALLE["adresselinje2"].synonymer}
    assert {key for key in lines if key.startswith("co")} == CARE_OF


def test_a_list_whose_address_is_unclear_is_not_read_before_somebody_has_said_which_it_is(
    tmp_path: Path,
) -> None:
    headers = "Navn;Adresse;Gnr;Bnr;Adresse;Postnr;Poststed"
    path = text_file(tmp_path, f"{headers}\nOLA;Vegen 1;1;2;Hyttevegen 33;0580;OSLO\n")
    with pytest.raises(ListeFeil) as refused:
        next(read_list(path, "liste.csv").rader)
    assert refused.value.kode == Filkode.KOLONNE_UKLAR
    assert refused.value.params["felter"] == ["adresselinje1", "postnr", "poststed"]
    nothing: dict[str, str | None] = {"Navn": "navn", "Adresse": None, "Adresse (2)": None, "Postnr": None}
    assert list(read_list(path, "liste.csv", nothing).form.uklare) == ["poststed"]
    with pytest.raises(ListeFeil, match="KOLONNE_UKLAR"):
        next(read_list(path, "liste.csv", nothing).rader)
    said = nothing | {"Adresse (2)": "adresselinje1", "Postnr": "postnr", "Poststed": "poststed"}
    row = next(read_list(path, "liste.csv", said).rader)
    assert (row.verdier["adresselinje1"], row.verdier["postnr"]) == ("Hyttevegen 33", "0580")


def test_that_neither_is_the_receivers_can_be_said_too(tmp_path: Path) -> None:
    headers = "Navn;Adresse;Gnr;Bnr;Adresse"
    said: dict[str, str | None] = {"Navn": "navn", "Adresse": None, "Adresse (2)": "eiendomsadresse"}
    assert form_of(tmp_path, "Gnr;Adresse;Bnr;Adresse;Navn").uklare
    assert not form_of(tmp_path, headers, said).uklare


def test_that_none_of_them_is_to_be_used_is_an_answer_and_that_nothing_is_said_is_none(
    tmp_path: Path,
) -> None:
    path = text_file(tmp_path, "Gnr;Adresse;Bnr;Adresse;Navn\n1;Vegen 1;2;Vegen 2;OLA\n")
    unsaid = read_list(path, "liste.csv").form
    assert unsaid.kobling == {"Gnr": "gnr", "Bnr": "bnr", "Navn": "navn"}
    assert unsaid.ukjente == ("Adresse", "Adresse (2)")
    again = read_list(path, "liste.csv", unsaid.kobling).form
    assert (again.uklare, again.kobling) == (unsaid.uklare, unsaid.kobling)
    one = read_list(path, "liste.csv", unsaid.kobling | {"Adresse": None}).form
    assert (one.uklare, one.kobling) == (unsaid.uklare, unsaid.kobling | {"Adresse": None})
    said = read_list(path, "liste.csv", dict.fromkeys(unsaid.ukjente) | unsaid.kobling)
    assert not said.form.uklare
    row = next(said.rader)
    assert row.verdier == {
        "gnr": "1",
        "Adresse": "Vegen 1",
        "bnr": "2",
        "Adresse (2)": "Vegen 2",
        "navn": "OLA",
    }


def of_rows(folder: Path, headers: str, *rows: str) -> Listeform:
    """The form of a list with a name, and these headers and rows."""
    content = "\n".join([f"Navn;{headers}", *(f"OLA;{cells}" for cells in rows)])
    return read_list(text_file(folder, content), "liste.csv").form


@pytest.mark.parametrize(
    ("headers", "felt", "row"),
    [
        ("KID;KID-nummer", "kid", "20270000241013;270000241017"),
        ("KID;KID-nummer", "kid", ";20270000241013"),
        ("Konto;Bankkonto", "kontonummer", "2500;99990212348"),
        ("Beløp;Sum;Å betale", "belop", "100;100;250"),
        ("Årsbeløp;Eiendomsskatt", "skatt_aar", "4000;3500"),
        ("Terminbeløp;Beløp per termin", "belop_termin", "1000;875"),
        ("Forfall;Betalingsfrist", "forfall", "31.03.2027;20.03.2027"),
        ("Forfall 1;Forfallsdato 1", "forfall1", "31.03.2027;20.03.2027"),
        ("KID;KID", "kid", "20270000241013;270000241017"),
    ],
)
def test_of_columns_that_do_not_say_the_same_of_what_is_to_be_paid_none_is_guessed(
    tmp_path: Path, headers: str, felt: str, row: str
) -> None:
    form = of_rows(tmp_path, headers, row)
    assert {felt: list(form.uklare[felt])} == {felt: list(form.overskrifter[1:])}
    assert felt not in form.kobling.values()


@pytest.mark.parametrize(
    ("headers", "row", "used"),
    [
        ("KID-nummer;KID", "20270000241013; 20270000241013", "KID"),
        ("Beløp;Sum;Å betale", "100;100;100", "Beløp"),
        ("KID;KID-nummer", "", "KID"),
        ("KID;Beløp", "20270000241013;100", "KID"),
    ],
)
def test_columns_that_say_the_same_of_it_are_read_as_one(
    tmp_path: Path, headers: str, row: str, used: str
) -> None:
    form = of_rows(tmp_path, headers, row)
    assert not form.uklare
    assert form.kobling[used] is not None


def test_one_row_where_they_differ_is_enough_and_one_word_of_a_person(tmp_path: Path) -> None:
    path = text_file(tmp_path, "Navn;KID;KID-nummer\nOLA;18;18\nKARI;18;26\n")
    with pytest.raises(ListeFeil) as refused:
        next(read_list(path, "liste.csv").rader)
    assert (refused.value.kode, refused.value.params["felter"]) == (Filkode.KOLONNE_UKLAR, ["kid"])
    said: dict[str, str | None] = {"KID": None, "KID-nummer": "kid"}
    assert [rad.verdier["kid"] for rad in read_list(path, "liste.csv", said).rader] == ["18", "26"]


def test_a_column_named_as_what_we_compute_has_a_name_of_its_own(tmp_path: Path) -> None:
    liste = read_list(text_file(tmp_path, "Navn;takst;skattegrunnlag\nOLA;2;1000000\n"), "liste.csv")
    assert liste.form.felter == ("navn", "takst", "skattegrunnlag (egen)")
    assert next(liste.rader).verdier["skattegrunnlag (egen)"] == "1000000"


def test_the_names_that_are_taken_are_those_of_the_columns_and_of_all_a_letter_has_besides() -> None:
    assert {felt.navn for felt in FASTE if felt.kilde is not Kilde.KOLONNE} | ALLE.keys() == RESERVERT


def test_values_have_the_same_names_wherever_they_are_asked_for() -> None:
    headers = ("navn", "Eier", "navn (egen)", "sendt")
    assert value_names(headers, {"Eier": "navn"}) == (
        "navn (egen) (egen)",
        "navn",
        "navn (egen)",
        "sendt (egen)",
    )

"""Every list file of the test data gives exactly what expected.json and its table say."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from fiks.utsending.liste.rules.row import check_row, normalise, proposed_repairs
from fiks.utsending.liste.source.reader import read_list
from testmiljo.control import check_file
from testmiljo.folders import LILLEVIK
from testmiljo.register import load_register
from tests.unit.liste.lists import expected

SAME_240_ROWS = (
    "eiendomsskatt.xlsx",
    "eiendomsskatt_komma.csv",
    "eiendomsskatt_tab.txt",
    "eiendomsskatt_utf16.csv",
    "eiendomsskatt_kolonner_byttet.csv",
)


def result(name: str) -> dict[str, Any]:
    return check_file(LILLEVIK / name, load_register(LILLEVIK))


def plain(entries: list[dict[str, Any]], *keys: str) -> Counter[str]:
    return Counter(
        json.dumps([entry.get(key) for key in keys], ensure_ascii=False, sort_keys=True) for entry in entries
    )


def rows_of(name: str) -> list[dict[str, str]]:
    return [normalise(rad) for rad in read_list(LILLEVIK / name, name).rader]


def test_the_list_with_faults_gives_exactly_the_expected_findings() -> None:
    got, wanted = result("eiendomsskatt_feil.csv"), expected()["eiendomsskatt_feil.csv"]
    keys = ("rad", "linje", "felt", "kode", "alvorlighet", "reparert", "dublettAvRad")
    assert got["rader"] == wanted["rader"]
    assert plain(got["funn"], *keys) == plain(wanted["funn"], *keys)


def test_what_stands_in_the_file_is_told_but_never_the_address_of_a_protected_person() -> None:
    got = {entry["rad"]: entry for entry in result("eiendomsskatt_feil.csv")["funn"]}
    for wanted in expected()["eiendomsskatt_feil.csv"]["funn"]:
        value = wanted.get("verdi", {})
        if wanted["kode"] == "ADRESSE_SPERRET":
            value = {"fnr": value["fnr"]}
        assert got[wanted["rad"]]["verdi"] == value


@pytest.mark.parametrize("name", ["eiendomsskatt.csv", *SAME_240_ROWS])
def test_the_right_list_gives_its_eight_warnings_in_every_form(name: str) -> None:
    got, wanted = result(name), expected()["eiendomsskatt"]
    keys = ("rad", "felt", "kode", "alvorlighet")
    assert got["rader"] == 240
    assert plain(got["funn"], *keys) == plain(wanted["funn"], *keys)


@pytest.mark.parametrize("name", SAME_240_ROWS)
def test_every_form_holds_the_same_240_rows(name: str) -> None:
    own = ("Løpenr", "Saksbehandler")
    rows = [{n: value for n, value in values.items() if n not in own} for values in rows_of(name)]
    assert rows == rows_of("eiendomsskatt.csv")


def test_the_windows_1252_list_tells_which_names_have_lost_letters() -> None:
    got, wanted = result("eiendomsskatt_cp1252.csv"), expected()["eiendomsskatt_cp1252.csv"]
    assert got["rader"] == wanted["rader"]
    lost = [entry for entry in got["funn"] if entry["kode"] == "TEGN_TAPT"]
    assert [(e["rad"], e["felt"], e["alvorlighet"], e["verdi"]) for e in lost] == [
        (e["rad"], e["felt"], e["alvorlighet"], {"navn": e["verdi"]}) for e in wanted["funn"]
    ]
    others = [entry for entry in got["funn"] if entry["kode"] != "TEGN_TAPT"]
    assert plain(others, "rad", "kode") == plain(expected()["eiendomsskatt"]["funn"], "rad", "kode")


def test_the_windows_1252_list_is_otherwise_the_same() -> None:
    lost = {entry["rad"] for entry in expected()["eiendomsskatt_cp1252.csv"]["funn"]}
    pairs = zip(rows_of("eiendomsskatt_cp1252.csv"), rows_of("eiendomsskatt.csv"), strict=True)
    assert {rad for rad, (one, two) in enumerate(pairs, 2) if one != two} == lost


def test_the_other_column_names_are_mapped_as_expected() -> None:
    wanted = expected()["eiendomsskatt_kolonner_byttet.csv"]
    form = read_list(LILLEVIK / "eiendomsskatt_kolonner_byttet.csv", "eiendomsskatt_kolonner_byttet.csv").form
    assert form.kobling == wanted["kobling"]
    assert list(form.ukjente) == wanted["ukjente"]


def test_the_list_with_a_header_only_is_an_error() -> None:
    got = result("eiendomsskatt_tom.csv")
    assert (got["rader"], [(e["kode"], e["alvorlighet"]) for e in got["funn"]]) == (
        0,
        [("INGEN_RADER", "feil")],
    )


def test_the_workbook_with_traps_gives_its_twenty_rows_and_proposes_the_right_repairs() -> None:
    wanted = expected()["eiendomsskatt_excel_feller.xlsx"]
    got = result("eiendomsskatt_excel_feller.xlsx")
    repairs: dict[int, dict[str, str]] = {}
    for entry in got["funn"]:
        repairs.setdefault(entry["rad"], {}).update(entry["reparert"])
    assert got["rader"] == wanted["rader"]
    assert {entry["alvorlighet"] for entry in got["funn"]} == {"auto"}
    assert repairs == {entry["rad"]: entry["reparert"] for entry in wanted["funn"]}
    assert Counter(e["felt"] for e in got["funn"]) == {"fnr": 7, "postnr": 5, "forfall1": 20}


def test_the_workbook_with_traps_is_right_once_the_repairs_are_accepted() -> None:
    wanted = expected()["eiendomsskatt_excel_feller.xlsx"]
    liste = read_list(LILLEVIK / "eiendomsskatt_excel_feller.xlsx", "eiendomsskatt_excel_feller.xlsx")
    assert (liste.form.ark, liste.form.overskrift_rad) == (wanted["ark"], wanted["overskriftRad"])
    repaired = {rad.rad: normalise(rad, proposed_repairs(check_row(rad))) for rad in liste.rader}
    for entry in wanted["funn"]:
        right, values = entry["riktig"], repaired[entry["rad"]]
        assert {n: values[n] for n in ("fnr", "postnr", "kid")} == {
            n: right[n] for n in ("fnr", "postnr", "kid")
        }
        assert values["belop_termin"] == right["belop_termin"].replace(".", ",")
        assert values["forfall1"] == ".".join(reversed(right["forfall1"].split("-")))


def test_the_list_with_one_file_per_row_has_no_findings() -> None:
    assert result("per_rad/liste.xlsx") == {"rader": 10, "funn": []}


def test_the_rows_to_send_are_those_without_errors() -> None:
    wanted = expected()["eiendomsskatt_feil.csv"]
    wrong = {
        entry["rad"] for entry in result("eiendomsskatt_feil.csv")["funn"] if entry["alvorlighet"] == "feil"
    }
    assert wanted["rader"] - len(wrong) == wanted["sendbare"]

"""The command prints what the control found, and a file that cannot be used is a result too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from testmiljo.control import check_file, main
from testmiljo.folders import LILLEVIK
from testmiljo.register import Filregister, load_register
from tests.unit.liste.lists import text_file


@contextmanager
def from_file(folder: Path) -> Iterator[Filregister]:
    yield load_register(folder)


def test_the_command_prints_rows_and_findings_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main([str(LILLEVIK / "eiendomsskatt_feil.csv"), "--kommune", str(LILLEVIK), "--json"], from_file) == 0
    )
    printed = json.loads(capsys.readouterr().out)
    assert (printed["rader"], len(printed["funn"])) == (60, 25)
    assert {"rad", "felt", "kode", "alvorlighet", "verdi", "reparert"} <= printed["funn"][0].keys()


def test_the_registers_over_the_wire_give_what_their_file_gives(capsys: pytest.CaptureFixture[str]) -> None:
    main([str(LILLEVIK / "eiendomsskatt_feil.csv"), "--kommune", str(LILLEVIK), "--json"])
    assert json.loads(capsys.readouterr().out) == check_file(
        LILLEVIK / "eiendomsskatt_feil.csv", load_register(LILLEVIK)
    )


def test_a_file_that_cannot_be_used_is_one_finding_without_a_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = text_file(tmp_path, b"%PDF-1.7", "ikke_en.pdf")
    assert main([str(path), "--kommune", str(LILLEVIK), "--json"], from_file) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["rader"] == 0
    assert [(e["rad"], e["kode"], e["alvorlighet"]) for e in printed["funn"]] == [
        (None, "FILTYPE_UKJENT", "feil")
    ]


def test_the_plain_output_names_row_field_and_code_and_no_value(capsys: pytest.CaptureFixture[str]) -> None:
    main([str(LILLEVIK / "eiendomsskatt.csv"), "--kommune", str(LILLEVIK)], from_file)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "240 rader, 8 funn"
    assert lines[1] == "rad 35  fnr  ADRESSE_SPERRET  advarsel"


def test_a_folder_without_registers_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as error:
        main([str(LILLEVIK / "eiendomsskatt.csv"), "--kommune", str(tmp_path)])
    assert error.value.code == 2


def test_the_register_file_answers_only_for_those_it_holds() -> None:
    register = load_register(LILLEVIK)
    assert register.personer(["00000000000"]) == {}
    assert register.kontakt(["00000000000"]) == {}
    assert register.virksomheter(["000000000"]) == {}

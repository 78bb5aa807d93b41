"""The child process gives the same as reading in place, streams, and is gone afterwards."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from fiks.utsending.liste.child.process import READER, open_controlled, open_list
from fiks.utsending.liste.rules.controlled_row import control_row_alone
from fiks.utsending.liste.source.reader import read_list
from testmiljo.folders import LILLEVIK
from tests.unit.liste.lists import text_file


def children() -> list[psutil.Process]:
    return [p for p in psutil.Process(os.getpid()).children() if READER in p.cmdline()]


@pytest.mark.parametrize("name", ["eiendomsskatt_feil.csv", "eiendomsskatt_excel_feller.xlsx"])
def test_the_child_reads_what_we_would_have_read(name: str) -> None:
    here = read_list(LILLEVIK / name, name)
    with open_list(LILLEVIK / name, name) as there:
        assert there.form == here.form
        assert list(there.rader) == list(here.rader)


@pytest.mark.parametrize(
    "name", ["eiendomsskatt.csv", "eiendomsskatt_feil.csv", "eiendomsskatt_excel_feller.xlsx"]
)
def test_the_child_finds_in_a_row_what_we_would_have_found(name: str) -> None:
    here = [control_row_alone(rad) for rad in read_list(LILLEVIK / name, name).rader]
    with open_controlled(LILLEVIK / name, name) as there:
        found = list(there)
    assert found == here
    assert [list(row.verdier) for row in found] == [list(row.verdier) for row in here]


def test_a_mapping_reaches_the_child() -> None:
    with open_list(LILLEVIK / "eiendomsskatt.csv", "liste.csv", {"medeiere": None}) as liste:
        assert "medeiere" in liste.form.ukjente


def test_the_child_ends_when_its_reader_stops_early(tmp_path: Path) -> None:
    path = text_file(tmp_path, "navn;adresse\n" + "OLA;Gata 1\n" * 100_000)
    with open_list(path, path.name) as liste:
        next(liste.rader)
        assert len(children()) == 1
    assert children() == []


def test_the_child_inherits_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hemmelig")
    path = text_file(tmp_path, "navn;adresse\n" + "OLA;Gata 1\n" * 100_000)
    with open_list(path, path.name) as liste:
        next(liste.rader)
        (process,) = children()
        assert "SECRET_KEY" not in process.environ()
        assert not any(path.name in word for word in process.cmdline())

"""A reading child that cannot be had, or that somebody else ends, says nothing of the list; one that crashes does."""

from __future__ import annotations

import errno
import os
import signal
from pathlib import Path

import psutil
import pytest

from fiks.core.isolate import CHILDREN_UNAVAILABLE, BarnUtilgjengelig
from fiks.utsending.liste.child import main
from fiks.utsending.liste.child import process as child_process
from fiks.utsending.liste.child.process import Limits, open_controlled, open_list
from fiks.utsending.liste.findings import Filkode, ListeFeil
from tests.poor_machines import no_children, no_forks, reading_child_that_stops
from tests.unit.liste.lists import text_file

FEW = "navn;adresse\nOLA;Gata 1\n"
MANY = "navn;adresse\n" + "OLA;Gata 1\n" * 100_000


def not_had(path: Path) -> str:
    before = CHILDREN_UNAVAILABLE._value.get()
    with pytest.raises(BarnUtilgjengelig) as error, open_list(path, path.name):
        pass
    assert CHILDREN_UNAVAILABLE._value.get() == before + 1
    return error.value.kode


def test_a_child_that_ends_before_it_is_ready_says_nothing_of_the_list(tmp_path: Path) -> None:
    path = text_file(tmp_path, FEW)
    with no_children(tmp_path):
        assert not_had(path) == "BARN_STARTER_IKKE"


def test_nor_does_one_that_the_kernel_does_not_let_begin(tmp_path: Path) -> None:
    path = text_file(tmp_path, FEW)
    with no_forks():
        assert not_had(path) == "BARN_STARTER_IKKE"


def test_nor_does_one_that_is_not_ready_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = text_file(tmp_path, FEW)
    monkeypatch.setattr(child_process, "START_SECONDS", 0.3)
    with no_children(tmp_path, "import time; time.sleep(60)"):
        assert not_had(path) == "BARN_STARTER_IKKE"


def end(path: Path, how: signal.Signals) -> None:
    """The child is ended while it tells of the list's rows."""
    with open_controlled(path, path.name) as rader:
        next(rader)
        (process,) = (
            p for p in psutil.Process(os.getpid()).children() if child_process.READER in p.cmdline()
        )
        process.send_signal(how)
        list(rader)


def test_a_child_that_the_machine_kills_says_nothing_of_the_list(tmp_path: Path) -> None:
    with pytest.raises(BarnUtilgjengelig):
        end(text_file(tmp_path, MANY), signal.SIGKILL)


@pytest.mark.parametrize("how", [signal.SIGSEGV, signal.SIGXCPU])
def test_a_child_that_crashes_or_has_used_its_time_makes_the_list_too_heavy(
    tmp_path: Path, how: signal.Signals
) -> None:
    with pytest.raises(ListeFeil) as error:
        end(text_file(tmp_path, MANY), how)
    assert error.value.kode == Filkode.FIL_FOR_TUNG


def test_a_list_that_stops_its_child_once_it_is_ready_is_too_heavy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = text_file(tmp_path, FEW)
    reading_child_that_stops(monkeypatch)
    with pytest.raises(ListeFeil) as error, open_list(path, path.name, limits=Limits(wall=0.2)):
        pass
    assert error.value.kode == Filkode.FIL_FOR_TUNG


def test_what_the_machine_refuses_the_child_is_no_fault_of_the_list() -> None:
    full = ListeFeil(Filkode.FIL_UGYLDIG)
    full.__cause__ = OSError(errno.EMFILE, "Too many open files")
    assert main._fault(full) == {"mangler": "EMFILE"}
    assert main._fault(ModuleNotFoundError("openpyxl")) == {"mangler": "ModuleNotFoundError"}
    told = main._fault(ListeFeil(Filkode.FIL_UGYLDIG))
    assert told["feil"] == "FIL_UGYLDIG"

"""A machine that gives no child, or none with room, says nothing of the piece: BarnUtilgjengelig, and counted."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from fiks.core import isolate
from fiks.core.errors import Utilgjengelig
from fiks.core.isolate import (
    CHILDREN_UNAVAILABLE,
    Barn,
    Barnestue,
    BarnFeil,
    BarnUtilgjengelig,
    Grenser,
    memory_file,
    retry_in_new_child,
    run_isolated,
    write_all,
)
from fiks.core.isolate_wire import FOLDER_PREFIX
from tests.poor_machines import no_children, no_forks, no_room

HERE = "tests.unit.core.in_a_child"


def not_had(work: Callable[[], object]) -> tuple[str, object]:
    """The code and the cause of a BarnUtilgjengelig that is counted once."""
    before = CHILDREN_UNAVAILABLE._value.get()
    with pytest.raises(BarnUtilgjengelig) as error:
        work()
    assert CHILDREN_UNAVAILABLE._value.get() == before + 1
    return error.value.kode, error.value.params.get("arsak")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where children have their folders."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize(
    ("away", "cause"),
    [
        (no_forks, "EAGAIN"),
        (no_room, "ENOSPC"),
        (lambda: no_room(errno.EMFILE), "EMFILE"),
    ],
    ids=["fork", "ENOSPC", "EMFILE"],
)
def test_a_child_that_the_kernel_refuses_is_out_of_reach_and_leaves_no_folder(
    temporary: Path, away: Callable[[], AbstractContextManager[None]], cause: str
) -> None:
    with away():
        assert not_had(lambda: Barn(Grenser())) == ("BARN_STARTER_IKKE", cause)
    assert list(temporary.glob(f"{FOLDER_PREFIX}*")) == []


@pytest.mark.parametrize(
    ("script", "cause"),
    [
        ("import os; os._exit(1)", "BARN_DREPT"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "BARN_DREPT"),
        ("import time; time.sleep(60)", "BARN_TIDSAVBRUDD"),
    ],
    ids=["ends", "is killed", "says nothing"],
)
def test_a_child_that_never_answered_is_out_of_reach_and_leaves_no_folder(
    temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, cause: str
) -> None:
    if "sleep" in script:
        monkeypatch.setattr(isolate, "START_SECONDS", 0.3)
    with no_children(tmp_path, script):
        assert not_had(lambda: run_isolated("os:getpid")) == ("BARN_STARTER_IKKE", cause)
    assert list(temporary.glob(f"{FOLDER_PREFIX}*")) == []


@pytest.mark.parametrize("name", ["ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "ENOMEM", "EROFS"])
def test_what_the_machine_refuses_a_child_is_no_fault_of_what_it_reads(name: str) -> None:
    number = getattr(errno, name)
    for function in ("refused", "refused_under_a_name"):
        call = f"{HERE}:{function}"
        assert not_had(lambda call=call: run_isolated(call, number))[0] == "BARN_MANGLER_PLASS"  # type: ignore[misc]


def test_a_full_disk_is_told_of_as_a_word_and_not_as_a_text() -> None:
    work = ("shutil:copyfile", "/etc/hostname", "/dev/full")
    assert not_had(lambda: run_isolated(*work)) == ("BARN_MANGLER_PLASS", "ENOSPC")


def test_a_child_without_a_temporary_folder_or_a_module_of_ours_has_no_room() -> None:
    no_folder = "No usable temporary directory found in ['/tmp', '/var/tmp']"
    assert (
        not_had(lambda: run_isolated(f"{HERE}:refused", errno.ENOENT, no_folder))[0] == "BARN_MANGLER_PLASS"
    )
    for name in (f"{HERE}:lacking", "fiks.print.borte:vekk"):
        assert not_had(lambda name=name: run_isolated(name)) == ("BARN_MANGLER_PLASS", "ModuleNotFoundError")  # type: ignore[misc]


@pytest.mark.parametrize("call", [("two", 1), ("two", 1, 2, 3), ("not_there_any_more",)])
def test_code_that_was_exchanged_under_its_parent_says_nothing_of_the_piece(call: tuple[object, ...]) -> None:
    """A child reads the files as they are now: a release that was laid over the one that runs."""
    name, *args = call
    assert not_had(lambda: run_isolated(f"{HERE}:{name}", *args)) == ("BARN_MANGLER_PLASS", "AnnenUtgave")


@pytest.mark.parametrize(
    ("reader", "said"),
    [("context_from_wire", {"avsender": {"adresselinjer": [], "logo": None, "ny": ""}, "kunngjort": None})]
    + [("context_from_wire", {}), ("template_from_wire", ["nb", None, "t", None, True, "ny"])],
)
def test_what_another_release_says_of_a_letter_says_nothing_of_the_letter(reader: str, said: object) -> None:
    work = (f"fiks.utsending.brev.context:{reader}", said)
    assert not_had(lambda: run_isolated(*work)) == ("BARN_MANGLER_PLASS", "AnnenUtgave")


def test_a_type_error_of_the_work_itself_stays_the_pieces() -> None:
    """Else a file that brings one about would be tried for ever."""
    with pytest.raises(BarnFeil) as error:
        run_isolated(f"{HERE}:stumbles", 1)
    assert (error.value.kode, error.value.params["type"]) == ("BARN_FEIL", "TypeError")


def test_a_child_that_has_taken_all_its_memory_is_a_fault_of_what_it_reads() -> None:
    """The kernel tells it in the same words as where the machine has none."""
    with pytest.raises(BarnFeil):
        run_isolated(f"{HERE}:full", 200, memory_mb=256)
    assert not_had(lambda: run_isolated(f"{HERE}:full", 1, memory_mb=256))[0] == "BARN_MANGLER_PLASS"


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EINVAL, errno.EFBIG, errno.EACCES])
def test_other_faults_of_what_it_reads_stay_its_own(number: int) -> None:
    with pytest.raises(BarnFeil) as error:
        run_isolated(f"{HERE}:refused", number)
    assert error.value.kode == "BARN_FEIL"


def test_after_it_the_child_is_dead_and_the_next_call_has_a_new_one() -> None:
    room = Barnestue(Grenser())
    first = room.call("os:getpid")
    not_had(lambda: room.call(f"{HERE}:refused", errno.EMFILE))
    second = room.call("os:getpid")
    room.close()
    assert first != second


def test_a_child_that_cannot_be_had_is_not_asked_for_twice_at_once(tmp_path: Path) -> None:
    with no_children(tmp_path):
        not_had(lambda: retry_in_new_child(lambda: run_isolated("os:getpid")))


def test_a_stream_for_which_there_is_no_room_is_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "wb") as full:
        assert not_had(lambda: write_all(full.fileno(), [b"x"])) == ("BARN_MANGLER_PLASS", "ENOSPC")

    def refused(*_: object) -> int:
        raise OSError(errno.ENFILE, "Too many open files in system")

    monkeypatch.setattr(isolate.os, "memfd_create", refused)
    assert not_had(lambda: memory_file([b"x"]).__enter__()) == ("BARN_MANGLER_PLASS", "ENFILE")


def test_it_is_an_utilgjengelig_and_so_costs_no_try() -> None:
    assert issubclass(BarnUtilgjengelig, Utilgjengelig)
    assert BarnUtilgjengelig.status == 503

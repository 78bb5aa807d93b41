"""Faults of the machine: full disk, no memory, no free file handles, another release's code. The input is not
to blame.
"""

from __future__ import annotations

import errno
import resource
from contextlib import suppress
from pathlib import Path

LACKING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EROFS})
_NO_FOLDER = "No usable temporary directory"
_FULL = 0.75
"""A process that has used more than this part of its address space is taken to have used all its memory."""


class AnnenUtgave(ImportError):
    """Parent and child run different releases: the files of our code were replaced while the parent ran.

    A child is a new Python and reads the present files; its job was ordered by code loaded from the earlier
    ones.
    """


def is_machine_fault(error: BaseException | None) -> bool:
    """Return whether the error, or one that caused it, is the machine's fault and not the input's.

    Such faults are: no room, no more files, a module of ours that is missing or belongs to another release
    (`AnnenUtgave`). In a child that has used all its memory, a failing allocation or import does not count.
    """
    while error is not None:
        if isinstance(error, ImportError):
            return isinstance(error, ModuleNotFoundError) or not _has_used_all_memory()
        if isinstance(error, OSError) and (error.errno in LACKING or _NO_FOLDER in str(error.strerror)):
            return error.errno != errno.ENOMEM or not _has_used_all_memory()
        error = error.__cause__
    return False


def _has_used_all_memory() -> bool:
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    with suppress(OSError):
        status = Path("/proc/self/status").read_text("ascii", errors="replace")
        most = int(status.partition("VmPeak:")[2].split()[0]) * 1024
        return limit != resource.RLIM_INFINITY and most > limit * _FULL
    return False


def fault_name(error: BaseException) -> str:
    """Return a short code for an error without its text: ENOSPC, or the error's type."""
    number = error.errno if isinstance(error, OSError) else None
    return errno.errorcode.get(number or 0, type(error).__name__)

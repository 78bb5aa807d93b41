"""What this machine may lack: nothing is wrong then with what was to be read, drawn or taken in."""

from __future__ import annotations

import errno
import resource
from contextlib import suppress
from pathlib import Path

LACKING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EROFS})
_NO_FOLDER = "No usable temporary directory"
_FULL = 0.75
"""The part of its address space past which a process that gets no more is taken to have had it all."""


class AnnenUtgave(ImportError):
    """A parent and its child do not understand each other: the files of our code were exchanged under the parent.

    A child is a new Python and reads them as they are now, and what is asked of it was said by code from before.
    """


def is_machines(error: BaseException | None) -> bool:
    """Whether the error, or one it was raised from, is of the machine and of nothing that was to be read or drawn: no
    room, no more files, a module of ours that is not there or is another release's (`AnnenUtgave`).

    In a child that has taken all the memory it may, neither memory nor a module that cannot be had is.
    """
    while error is not None:
        if isinstance(error, ImportError):
            return isinstance(error, ModuleNotFoundError) or not _has_had_all()
        if isinstance(error, OSError) and (error.errno in LACKING or _NO_FOLDER in str(error.strerror)):
            return error.errno != errno.ENOMEM or not _has_had_all()
        error = error.__cause__
    return False


def _has_had_all() -> bool:
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    with suppress(OSError):
        status = Path("/proc/self/status").read_text("ascii", errors="replace")
        most = int(status.partition("VmPeak:")[2].split()[0]) * 1024
        return limit != resource.RLIM_INFINITY and most > limit * _FULL
    return False


def reason(error: BaseException) -> str:
    """A word for what an error is, with nothing of its text: ENOSPC, or its type."""
    number = error.errno if isinstance(error, OSError) else None
    return errno.errorcode.get(number or 0, type(error).__name__)

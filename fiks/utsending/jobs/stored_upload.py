"""Decrypted copy of a stored upload, for a worker to open by path."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from fiks.core.environment import current
from fiks.core.isolate import path_of_open_file, unavailable_on_os_error, write_all


@contextmanager
def decrypted_upload(objekt: str, nokkel: bytes) -> Iterator[Path]:
    """Context with the decrypted bytes of a stored upload in a temporary file; yields a path to open.

    The path works only in this process. The file has no name in any folder and disappears with the block,
    also when the process is killed. BarnUtilgjengelig when the disk has no room.
    """
    env = current()
    with ExitStack() as stack:
        with unavailable_on_os_error():
            file = stack.enter_context(tempfile.TemporaryFile())
        write_all(file.fileno(), env.store.read_document(objekt, nokkel, env.keys))
        yield Path(path_of_open_file(file.fileno()))

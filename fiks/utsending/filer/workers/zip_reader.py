"""Reads a zip's files, batch by batch, from a child process that lives as long as the zip is open."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Any

from fiks.core.isolate import (
    Barnestue,
    BarnFeil,
    Grenser,
    path_of_open_file,
    retry_in_new_child,
    unavailable_on_os_error,
    write_all,
)
from fiks.utsending.filer.errors import MIB, Filavslag, FilFeil

_ARCHIVE = "fiks.utsending.filer.workers.zip_child"
LIMITS = Grenser(memory_mb=512, cpu_seconds=60, wall_seconds=120.0)
_NUMBERS = ("grense", "maks_mb")
BATCH_BYTES, BATCH_FILES = 16 * MIB, 200


@dataclass(frozen=True, slots=True, repr=False)
class Pakketfil:
    """One PDF of a zip: base name and content. No repr: a name may hold a personal number."""

    navn: str
    innhold: bytes


@contextmanager
def open_zip(chunks: Iterable[bytes], grenser: Grenser = LIMITS) -> Iterator[Iterator[list[Pakketfil]]]:
    """Yield all PDFs of a zip in batches of about 16 MB, after every one has been inspected.

    Raises `FilFeil` before the first batch for a refused zip, and ZIP_FOR_TUNG if it kills the child twice;
    BarnUtilgjengelig. The zip is held in an unnamed temporary file.
    """
    with ExitStack() as stack:
        with unavailable_on_os_error():
            file = stack.enter_context(tempfile.TemporaryFile())
        write_all(file.fileno(), chunks)
        room = stack.enter_context(closing(Barnestue(grenser, files=(file.fileno(),))))
        path = path_of_open_file(file.fileno())
        found = [(place, name, size) for place, name, size in _call(room, "survey", path)]
        yield _batches(room, path, found)


def _batches(room: Barnestue, path: str, found: list[tuple[int, str, int]]) -> Iterator[list[Pakketfil]]:
    for batch in _portions(found):
        contents = _call(room, "read_entries", path, [place for place, _, _ in batch])
        yield [Pakketfil(name, bytes(c)) for (_, name, _), c in zip(batch, contents, strict=True)]


def _portions(found: list[tuple[int, str, int]]) -> Iterator[list[tuple[int, str, int]]]:
    batch: list[tuple[int, str, int]] = []
    held = 0
    for entry in found:
        if batch and (held + entry[2] > BATCH_BYTES or len(batch) == BATCH_FILES):
            yield batch
            batch, held = [], 0
        batch.append(entry)
        held += entry[2]
    if batch:
        yield batch


def _call(room: Barnestue, function: str, *args: Any) -> Any:
    try:
        return retry_in_new_child(lambda: room.call(f"{_ARCHIVE}:{function}", *args))
    except FilFeil as error:  # across the pipe every value became a text
        params: dict[str, Any] = {k: int(str(v)) if k in _NUMBERS else v for k, v in error.params.items()}
        raise FilFeil(error.kode, **params) from None
    except BarnFeil as error:
        raise FilFeil(Filavslag.ZIP_FOR_TUNG, barn=error.kode) from error

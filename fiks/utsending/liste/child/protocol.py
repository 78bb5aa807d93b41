"""Wire protocol of the reading child: encodes rows as JSON messages and decodes them.

Rows go in chunks with the names of their values. A controlled row carries its findings; a row that passes the
fast path is one text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode, Rad
from fiks.utsending.liste.rules.controlled_row import Kontrollert, build_controlled
from fiks.utsending.liste.rules.fast_path import CELL_SEPARATOR, FastPath
from fiks.utsending.liste.rules.row import check_and_normalise

CHUNK_ROWS = 100


def encode_rows(rows: Iterable[Rad], *, controlled: bool) -> Iterator[dict[str, Any]]:
    """Encode rows as messages of at most `CHUNK_ROWS` rows with the same columns."""
    telling = _controlled_encoder if controlled else lambda _: _encode
    names, chunk, tell = list[str](), list[list[Any]](), telling([])
    for row in rows:
        own = list(row.verdier)
        if own != names or len(chunk) == CHUNK_ROWS:
            if chunk:
                yield {"felter": names, "rader": chunk}
            if own != names:
                names, tell = own, telling(own)
            chunk = []
        chunk.append(tell(row))
    yield {"felter": names, "rader": chunk}


def _encode(row: Rad) -> list[Any]:
    return [row.rad, row.linje, list(row.verdier.values()), sorted(row.tall), row.forskjovet]


def _controlled_encoder(names: list[str]) -> Callable[[Rad], list[Any]]:
    return partial(_encode_controlled, FastPath(names))


def _encode_controlled(glance: FastPath, row: Rad) -> list[Any]:
    """Encode a row, its findings, and the values that are spelled differently in the letter.

    A row that passes the fast path is encoded as one text, followed by the original spelling where it
    differs.
    """
    given = row.verdier
    if (values := glance.values(row)) is not None:
        told = [row.rad, row.linje, CELL_SEPARATOR.join(values)]
        if values == list(given.values()) and not row.tall:
            return told
        written = {
            felt: text for (felt, text), value in zip(given.items(), values, strict=True) if text != value
        }
        return [*told, written, sorted(row.tall)]
    found, spelled = check_and_normalise(row)
    findings = [[f.felt, f.kode, f.alvorlighet, f.verdi, f.reparert] for f in found]
    return [
        *_encode(row),
        findings,
        {felt: value for felt, value in spelled.items() if given.get(felt) != value},
    ]


def decode_rows(messages: Iterator[dict[str, Any]]) -> Iterator[Rad]:
    """Decode rows as they stand in the file."""
    for message in messages:
        names = message["felter"]
        for rad, linje, values, numbers, shifted in message["rader"]:
            yield Rad(rad, linje, dict(zip(names, values, strict=True)), frozenset(numbers), shifted)


def decode_controlled(messages: Iterator[dict[str, Any]]) -> Iterator[Kontrollert]:
    """Decode rows with each row's own findings."""
    for message in messages:
        names = message["felter"]
        for rad, linje, values, *more in message["rader"]:
            if isinstance(values, str):
                yield _decode_right_row(
                    rad, linje, dict(zip(names, values.split(CELL_SEPARATOR), strict=True)), *more
                )
            else:
                yield _decode_faulty_row(rad, linje, dict(zip(names, values, strict=True)), *more)


def _decode_right_row(
    rad: int,
    linje: int,
    values: dict[str, str],
    written: dict[str, str] | None = None,
    numbers: Sequence[str] = (),
) -> Kontrollert:
    given = {**values, **written} if written else values
    return build_controlled(Rad(rad, linje, given, frozenset(numbers)), (), values)


def _decode_faulty_row(
    rad: int,
    linje: int,
    given: dict[str, str],
    numbers: list[str],
    shifted: dict[str, list[str]] | None,
    found: list[list[Any]],
    spelled: dict[str, str],
) -> Kontrollert:
    row = Rad(rad, linje, given, frozenset(numbers), shifted)
    return build_controlled(row, [_decode_finding(row, *one) for one in found], {**given, **spelled})


def _decode_finding(
    row: Rad,
    felt: str | None,
    kode: str,
    alvorlighet: str,
    verdi: dict[str, Any],
    reparert: dict[str, str] | None,
) -> Funn:
    return Funn(row.rad, row.linje, felt, Funnkode(kode), Alvorlighet(alvorlighet), verdi, reparert)

"""Wire protocol of the reading child: encodes rows as JSON messages and decodes them.

Rows go in chunks with the names of their values. A controlled row carries its findings; a row that passes the
fast path is one text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode, Rad
from fiks.utsending.liste.glance import EDGE, Glance
from fiks.utsending.liste.row import Kontrollert, with_findings
from fiks.utsending.liste.rules import examine

CHUNK_ROWS = 100


def told_rows(rows: Iterable[Rad], *, controlled: bool) -> Iterator[dict[str, Any]]:
    """Encode rows as messages of at most `CHUNK_ROWS` rows with the same columns."""
    telling = _controlling if controlled else lambda _: _tell
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


def _tell(row: Rad) -> list[Any]:
    return [row.rad, row.linje, list(row.verdier.values()), sorted(row.tall), row.forskjovet]


def _controlling(names: list[str]) -> Callable[[Rad], list[Any]]:
    return partial(_tell_controlled, Glance(names))


def _tell_controlled(glance: Glance, row: Rad) -> list[Any]:
    """Encode a row, its findings, and the values that are spelled differently in the letter.

    A row that passes the fast path is encoded as one text, followed by the original spelling where it
    differs.
    """
    given = row.verdier
    if (values := glance.values(row)) is not None:
        told = [row.rad, row.linje, EDGE.join(values)]
        if values == list(given.values()) and not row.tall:
            return told
        written = {
            felt: text for (felt, text), value in zip(given.items(), values, strict=True) if text != value
        }
        return [*told, written, sorted(row.tall)]
    found, spelled = examine(row)
    findings = [[f.felt, f.kode, f.alvorlighet, f.verdi, f.reparert] for f in found]
    return [
        *_tell(row),
        findings,
        {felt: value for felt, value in spelled.items() if given.get(felt) != value},
    ]


def heard_rows(messages: Iterator[dict[str, Any]]) -> Iterator[Rad]:
    """Decode rows as they stand in the file."""
    for message in messages:
        names = message["felter"]
        for rad, linje, values, numbers, shifted in message["rader"]:
            yield Rad(rad, linje, dict(zip(names, values, strict=True)), frozenset(numbers), shifted)


def heard_controlled(messages: Iterator[dict[str, Any]]) -> Iterator[Kontrollert]:
    """Decode rows with each row's own findings."""
    for message in messages:
        names = message["felter"]
        for rad, linje, values, *more in message["rader"]:
            if isinstance(values, str):
                yield _right(rad, linje, dict(zip(names, values.split(EDGE), strict=True)), *more)
            else:
                yield _examined(rad, linje, dict(zip(names, values, strict=True)), *more)


def _right(
    rad: int,
    linje: int,
    values: dict[str, str],
    written: dict[str, str] | None = None,
    numbers: Sequence[str] = (),
) -> Kontrollert:
    given = {**values, **written} if written else values
    return with_findings(Rad(rad, linje, given, frozenset(numbers)), (), values)


def _examined(
    rad: int,
    linje: int,
    given: dict[str, str],
    numbers: list[str],
    shifted: dict[str, list[str]] | None,
    found: list[list[Any]],
    spelled: dict[str, str],
) -> Kontrollert:
    row = Rad(rad, linje, given, frozenset(numbers), shifted)
    return with_findings(row, [_finding(row, *one) for one in found], {**given, **spelled})


def _finding(
    row: Rad,
    felt: str | None,
    kode: str,
    alvorlighet: str,
    verdi: dict[str, Any],
    reparert: dict[str, str] | None,
) -> Funn:
    return Funn(row.rad, row.linje, felt, Funnkode(kode), Alvorlighet(alvorlighet), verdi, reparert)

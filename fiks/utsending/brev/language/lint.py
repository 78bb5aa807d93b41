"""Lint: template constructs that prevent stamping. They make letters slower to draw, never wrong.

The language itself guarantees fixed tables, no justified text and no heading bookmarks; the rest is up to the
template's author.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fiks.utsending.brev.context import Brevmal
from fiks.utsending.brev.errors import Malfunn
from fiks.utsending.brev.language.charset import LATIN, LOOKALIKES, PROMILLE
from fiks.utsending.brev.language.fields import LISTER, known_fields
from fiks.utsending.brev.language.inline import TAG, parse_tag, split_cells
from fiks.utsending.brev.language.tree import Merke

MAX_CONDITIONS = 12
MIN_SHARE = 0.07
"""Least share of the width for a column, about 12 mm: in a narrower one most words break inside."""
_NEEDED = {
    **dict.fromkeys(("kid", "fnr"), 0.15),
    **dict.fromkeys(("orgnr", "id_verdi", "takst", "takst_70", "skattegrunnlag"), 0.105),
}
_NEEDED_BY_TYPE = {"kontonummer": 0.145, "dato": 0.11}
"""Share of the width for values that cannot be broken across lines."""

_BLANKS = re.compile(r"[ \t]+")
_JOINED = re.compile(r"<->|[-–—]>|<[-–—]|=>|<=|>=|!=|--+>|\d ?x ?\d")
_RULE = re.compile(r"\|(?:\s*-+:?\s*\|)+")
_TYPES = {name: felt.type.lower() for name, felt in known_fields().items()} | {
    name: kind.lower() for item in LISTER.values() for name, kind in item.items()
}
_PRINTABLE = LATIN | {PROMILLE}


def stamping_obstacles(mal: Brevmal) -> dict[str, tuple[Malfunn, ...]]:
    """Return what prevents stamping, by part: kilde_nb, kilde_nn. Empty: letters may be stamped."""
    found = {
        "kilde_nb": tuple(_obstacles_in(mal.kilde_nb)),
        "kilde_nn": tuple(_obstacles_in(mal.kilde_nn)) if mal.kilde_nn else (),
    }
    return {part: places for part, places in found.items() if places}


def _obstacles_in(source: str) -> Iterator[Malfunn]:
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    yield from _too_many_conditions(lines)
    for first, block in _blocks(lines):
        yield from (
            _obstacles_beside_fields(block, first)
            if any(map(_fields, block))
            else _obstacles_apart(block, first)
        )


def _obstacles_beside_fields(block: list[str], first: int) -> Iterator[Malfunn]:
    for n, line in enumerate(block, first):
        text = _BLANKS.sub(" ", TAG.sub("", line))
        if strange := next((sign for sign in text if sign not in _PRINTABLE), None):
            yield Malfunn(n, "MAL_TREG_TEGN", _visible_sign(strange))
        if (joined := _JOINED.search(text)) and not _RULE.fullmatch(line.strip()):
            yield Malfunn(n, "MAL_TREG_SATT_SAMMEN", joined[0])
    yield from _narrow_columns(block, first)


def _obstacles_apart(block: list[str], first: int) -> Iterator[Malfunn]:
    """Check blocks without fields: only characters whose glyph is extracted as another are obstacles."""
    for n, line in enumerate(block, first):
        if strange := next((sign for sign in line if sign in LOOKALIKES), None):
            yield Malfunn(n, "MAL_TREG_TEGN", _visible_sign(strange))


def _blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield each run of non-empty lines with the number of its first line."""
    block: list[str] = []
    for n, line in enumerate([*lines, ""], 1):
        if line.strip():
            block.append(line)
        elif block:
            yield n - len(block), block
            block = []


def _fields(line: str) -> list[str]:
    return [name for kind, name in _tags(line) if kind is Merke.FELT]


def _tags(line: str) -> Iterator[tuple[Merke, str]]:
    for match in TAG.finditer(line):
        if found := parse_tag(match[1]):
            yield found[0], found[1]


def _too_many_conditions(lines: list[str]) -> Iterator[Malfunn]:
    seen: set[str] = set()
    for n, line in enumerate(lines, 1):
        for kind, name in _tags(line):
            if kind is Merke.HVIS and name not in seen:
                seen.add(name)
                if len(seen) == MAX_CONDITIONS + 1:
                    yield Malfunn(n, "MAL_TREG_VALG", str(MAX_CONDITIONS))


def _narrow_columns(block: list[str], first: int) -> Iterator[Malfunn]:
    """Yield the first column too narrow for its content, at the width line or the table's first line."""
    rows = [(n, line.strip()) for n, line in enumerate(block, first) if line.strip().startswith("|")]
    if not rows:
        return
    told, rule = next(((n, row) for n, row in rows if _RULE.fullmatch(row)), rows[0])
    cells = [split_cells(row) for _, row in rows]
    widths = [cell.count("-") if _RULE.fullmatch(rule) else 1 for cell in split_cells(rule)]
    for column, width in enumerate(widths):
        needed = max(_needed(row[column]) for row in cells if column < len(row))
        if width / sum(widths) < max(MIN_SHARE, needed):
            yield Malfunn(told, "MAL_TREG_SMAL_KOLONNE", str(column + 1))
            return


def _needed(cell: str) -> float:
    """Return the share of the width that the widest value of a cell needs."""
    return max(map(_field_needs, _fields(cell)), default=0.0)


def _field_needs(field: str) -> float:
    name, _, form = (part.strip() for part in field.partition("|"))
    by_form = _NEEDED_BY_TYPE.get(form or _TYPES.get(name, ""), 0.0)
    return max(_NEEDED.get(name, 0.0), by_form)


def _visible_sign(sign: str) -> str:
    return sign if sign.isprintable() else f"U+{ord(sign):04X}"

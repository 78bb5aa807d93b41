"""Parser: reads a template line by line into a tree and reports every fault with its line number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from fiks.utsending.brev.errors import MalFeil, Malfunn
from fiks.utsending.brev.language.fields import LISTER, Felt, known_fields
from fiks.utsending.brev.language.inline import MAX_DEPTH, TAG, Scope, parse_inline, parse_tag, split_cells
from fiks.utsending.brev.language.tree import (
    Avsnitt,
    Fields,
    ForHver,
    Hvis,
    Inline,
    Kolonne,
    Mal,
    Merke,
    Node,
    Overskrift,
    Punkt,
    Rad,
    Tabell,
)

MAX_SOURCE = 60_000
_RULE_CELL = re.compile(r"-+:?")


def parse(source: str, fields: Fields | None = None) -> Mal:
    """Return the tree of a template, or raise MalFeil with all its faults.

    `fields`: the fields that may be used; default: the 35 columns of the eiendomsskatt list and all computed
    values.
    """
    mal, funn = check(source, fields)
    if funn:
        raise MalFeil(funn)
    return mal


def check(source: str, fields: Fields | None = None) -> tuple[Mal, tuple[Malfunn, ...]]:
    """Return the tree, as far as it could be parsed, and every fault in line order."""
    known = fields if fields is not None else known_fields()
    if len(source) > MAX_SOURCE:
        return Mal((), frozenset(), frozenset()), (Malfunn(1, "MAL_FOR_LANG", str(MAX_SOURCE)),)
    return _check(source, tuple(known.values()))


@lru_cache(maxsize=64)
def _check(source: str, fields: tuple[Felt, ...]) -> tuple[Mal, tuple[Malfunn, ...]]:
    scope = Scope({felt.navn: felt.type for felt in fields})
    parser = _Parser(source, scope)
    blocks = parser.blocks(0)
    mal = Mal(blocks, frozenset(scope.used), frozenset(scope.lists))
    return mal, tuple(sorted(scope.funn, key=lambda f: (f.linje, f.kode)))


def parse_title(source: str, fields: Fields | None = None) -> tuple[Inline, ...]:
    """Return the parts of a one-line title. Raises MalFeil for a fault or for more than one line."""
    known = fields if fields is not None else known_fields()
    scope = Scope({felt.navn: felt.type for felt in known.values()})
    parts = parse_inline(source, 1, scope)
    if "\n" in source or "\r" in source:
        scope.fault(1, "MAL_TITTEL_LINJESKIFT")
    if scope.funn:
        raise MalFeil(tuple(scope.funn))
    return parts


class _Parser:
    """Reads lines from the top; every method leaves `at` on the first unconsumed line."""

    def __init__(self, source: str, scope: Scope) -> None:
        self.lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self.at = 0
        self.given_up = False
        self.scope = scope

    def tag(self) -> tuple[Merke, str, bool] | None:
        """Return the block tag if the current line holds nothing else; an inline field does not count."""
        match = TAG.fullmatch(self.lines[self.at].strip())
        found = parse_tag(match[1]) if match else None
        return found if found and found[0] is not Merke.FELT else None

    def blocks(self, depth: int, in_table: bool = False) -> tuple[Node, ...]:
        """Parse blocks (in a table: rows) up to a closing tag, which the caller consumes."""
        nodes: list[Node] = []
        while self.at < len(self.lines):
            line = self.lines[self.at].strip()
            tag = self.tag()
            if tag and tag[0] in (Merke.ELLERS, Merke.SLUTT):
                if depth:
                    return tuple(nodes)
                self.scope.fault(self.at + 1, "MAL_SLUTT_UTEN_BLOKK", line)
                self.at += 1
            elif tag:
                nodes.append(self.block(tag, depth + 1, in_table))
            elif in_table:
                if not line.startswith("|"):
                    return tuple(nodes)
                nodes.append(self.row())
            elif not line:
                self.at += 1
            else:
                nodes.append(self.plain(line, depth))
        return tuple(nodes)

    def block(self, tag: tuple[Merke, str, bool], depth: int, in_table: bool) -> Node:
        kind, name, negated = tag
        start = self.at + 1
        self.at += 1
        if depth > MAX_DEPTH:
            self.scope.fault(start, "MAL_FOR_DYP", str(MAX_DEPTH))
            self.at, self.given_up = len(self.lines), True
        if kind is Merke.FOR_HVER:
            self.scope.use_list(name, start)
            with self.scope.inside(LISTER.get(name, {})):
                content = self.blocks(depth, in_table)
            self.close(start, name)
            return ForHver(name, content)
        self.scope.use(name, start)
        content = self.blocks(depth, in_table)
        otherwise: tuple[Node, ...] = ()
        if self.at < len(self.lines) and (found := self.tag()) and found[0] is Merke.ELLERS:
            self.at += 1
            otherwise = self.blocks(depth, in_table)
        self.close(start, name)
        return Hvis(name, negated, content, otherwise)

    def close(self, start: int, name: str) -> None:
        found = self.tag() if self.at < len(self.lines) else None
        if found and found[0] is Merke.SLUTT:
            self.at += 1
            return
        if not self.given_up:
            self.scope.fault(start, "MAL_BLOKK_IKKE_LUKKET", name)
        if found and found[0] is Merke.ELLERS:
            self.at += 1

    def plain(self, line: str, depth: int) -> Node:
        number = self.at + 1
        if line.startswith("|"):
            return self.table(depth)
        self.at += 1
        for mark, level in (("## ", 2), ("# ", 1)):
            if line.startswith(mark):
                return Overskrift(level, parse_inline(line[len(mark) :], number, self.scope))
        small = line.startswith("> ")
        if small or line.startswith("- "):
            text = " ".join([line[2:], *self.continued("  ")])
            content = parse_inline(text, number, self.scope)
            return Avsnitt(content, liten=True) if small else Punkt(content)
        return Avsnitt(parse_inline(" ".join([line, *self.continued("")]), number, self.scope))

    def continued(self, indent: str) -> Iterator[str]:
        """Yield the following lines of the same paragraph; with `indent` only lines indented so."""
        while self.at < len(self.lines):
            raw = self.lines[self.at]
            line = raw.strip()
            starts_other = line.startswith(("|", "# ", "## ", "> ", "- ")) and not indent
            if not line or starts_other or self.tag() or not raw.startswith(indent):
                return
            self.at += 1
            yield line

    def row(self) -> Rad:
        number = self.at + 1
        cells = split_cells(self.lines[self.at].strip())
        self.at += 1
        return Rad(tuple(parse_inline(cell, number, self.scope) for cell in cells))

    def rule(self) -> tuple[Kolonne, ...] | None:
        """Return the columns of a `| --- | ---: |` line, or None if the current line is another."""
        if self.at >= len(self.lines):
            return None
        line = self.lines[self.at].strip()
        cells = split_cells(line) if line.startswith("|") else []
        if not cells or not all(_RULE_CELL.fullmatch(cell) for cell in cells):
            return None
        self.at += 1
        return tuple(Kolonne(cell.count("-"), cell.endswith(":")) for cell in cells)

    def table(self, depth: int) -> Tabell:
        start = self.at + 1
        columns = self.rule()
        head: tuple[Rad, ...] = ()
        if columns is None:
            first = self.row()
            columns = self.rule()
            if columns is not None:
                head = (first,)
        if columns is None:
            columns = tuple(Kolonne(1, hoyre=False) for _ in first.celler)
            body: tuple[Node, ...] = (first, *self.rows(depth))
        else:
            body = self.rows(depth)
        self.same_width(start, len(columns), (*head, *body))
        rows = tuple(node for node in body if isinstance(node, Rad | Hvis | ForHver))
        return Tabell(columns, head, rows)

    def rows(self, depth: int) -> tuple[Node, ...]:
        nodes: list[Node] = []
        while self.at < len(self.lines):
            tag = self.tag()
            if tag and tag[0] in (Merke.HVIS, Merke.FOR_HVER):
                nodes.append(self.block(tag, depth + 1, in_table=True))
            elif self.lines[self.at].strip().startswith("|"):
                nodes.append(self.row())
            else:
                break
        return tuple(nodes)

    def same_width(self, line: int, width: int, nodes: tuple[Node, ...]) -> None:
        for node in nodes:
            if isinstance(node, Rad) and len(node.celler) != width:
                self.scope.fault(line, "MAL_TABELL_KOLONNER", str(width))
            elif isinstance(node, Hvis):
                self.same_width(line, width, node.innhold + node.ellers)
            elif isinstance(node, ForHver):
                self.same_width(line, width, node.innhold)

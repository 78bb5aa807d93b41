"""Parser for the inside of a line: text, bold, fields and short conditions; and the names in scope."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from fiks.utsending.brev.errors import Malfunn
from fiks.utsending.brev.language.fields import LISTER, Felttype
from fiks.utsending.brev.language.formats import FORMATER
from fiks.utsending.brev.language.tree import Fet, HvisTekst, Inline, Merke, Tekst, Verdi

_TOKEN = re.compile(r"\\(\(\(|\||\*|\\)|(\(\((?!\())([^()]*)(\)\))?|(\*\*)")
_NAME = r"[a-zæøå][a-z0-9_æøå]*"
_TAGS = (
    (re.compile(rf"hvis\s+ikke\s+({_NAME})"), Merke.HVIS, True),
    (re.compile(rf"hvis\s+({_NAME})"), Merke.HVIS, False),
    (re.compile(rf"for\s+hver\s+({_NAME})"), Merke.FOR_HVER, False),
    (re.compile(r"(ellers)"), Merke.ELLERS, False),
    (re.compile(r"(slutt)"), Merke.SLUTT, False),
    (re.compile(rf"({_NAME}(?:\s*\|\s*[a-zæøå0-9_]+)?)"), Merke.FELT, False),
)

MAX_DEPTH = 8
TAG = re.compile(r"\(\(([^()]*)\)\)")
"""One (( )) as written; `parse_tag` parses its inside."""


class Scope:
    """The field names in scope at a place in the template, and the faults found so far."""

    def __init__(self, types: Mapping[str, Felttype]) -> None:
        self.types = dict(types)
        self.extra: list[Mapping[str, Felttype]] = []
        self.used: set[str] = set()
        self.lists: set[str] = set()
        self.funn: list[Malfunn] = []

    @contextmanager
    def inside(self, item: Mapping[str, Felttype]) -> Iterator[None]:
        """Add a list's own fields while its block is parsed."""
        self.extra.append(item)
        yield
        self.extra.pop()

    def fault(self, line: int, code: str, word: str = "") -> None:
        """Record a fault; the word is truncated to 60 characters."""
        self.funn.append(Malfunn(line, code, word[:60]))

    def use(self, name: str, line: int) -> Felttype | None:
        """Record the use of a field; a fault if the field is unknown."""
        for item in reversed(self.extra):
            if name in item:
                return item[name]
        if name not in self.types:
            self.fault(line, "MAL_UKJENT_FELT", name)
            return None
        self.used.add(name)
        return self.types[name]

    def use_list(self, name: str, line: int) -> None:
        """Record the use of a list; a fault if the list is unknown."""
        if name not in LISTER:
            self.fault(line, "MAL_UKJENT_LISTE", name)
        self.lists.add(name)

    def use_format(self, name: str, kind: Felttype | None, line: int) -> None:
        """Record a fault if the format does not exist or does not fit the field's type."""
        if name not in FORMATER:
            self.fault(line, "MAL_UKJENT_FORMAT", name)
        elif kind is not None and kind not in FORMATER[name][1]:
            self.fault(line, "MAL_FORMAT_PASSER_IKKE", name)


def parse_tag(inner: str) -> tuple[Merke, str, bool] | None:
    """Parse the inside of (( )): (kind, name, negated), or None if it is not a tag."""
    text = inner.strip()
    for pattern, kind, negated in _TAGS:
        if match := pattern.fullmatch(text):
            return kind, match[1], negated
    return None


def split_cells(line: str) -> list[str]:
    """Split a table row at its bars; a bar inside (( )) or after a backslash does not count."""
    cells: list[str] = []
    current, at = "", 1
    while at < len(line):
        end = line.find("))", at)
        if line.startswith("((", at) and end > 0:
            current, at = current + line[at : end + 2], end + 2
        elif line[at] == "\\":
            current, at = current + line[at : at + 2], at + 2
        elif line[at] == "|":
            cells, current, at = [*cells, current.strip()], "", at + 1
        else:
            current, at = current + line[at], at + 1
    return [*cells, current.strip()] if current.strip() else cells


def parse_inline(text: str, line: int, scope: Scope) -> tuple[Inline, ...]:
    """Return the parts of one line of text; faults go to the scope."""
    reader = _Reader(text, line, scope)
    parts = reader.parts(())
    while reader.stopped is not None:
        scope.fault(line, "MAL_SLUTT_UTEN_BLOKK", reader.stopped)
        parts += reader.parts(())
    return parts


class _Reader:
    """Walks the tokens of one line; `stopped` is the closing mark that ended the last `parts`."""

    def __init__(self, text: str, line: int, scope: Scope) -> None:
        self.text, self.line, self.scope = text, line, scope
        self.at = 0
        self.depth = 0
        self.stopped: str | None = None

    def parts(self, closers: tuple[str, ...]) -> tuple[Inline, ...]:
        """Return the parts up to one of `closers` ('**', 'ellers', 'slutt') or the line's end."""
        out: list[Inline] = []
        self.stopped = None
        while match := _TOKEN.search(self.text, self.at):
            self.literal(out, self.text[self.at : match.start()])
            self.at = match.end()
            if match[1]:
                self.literal(out, match[1])
            elif match[5]:
                if "**" in closers:
                    self.stopped = "**"
                    return tuple(out)
                out.append(self.bold())
            else:
                stop = self.tag(out, match[3], closed=bool(match[4]))
                if stop:
                    self.stopped = stop
                    return tuple(out)
        self.literal(out, self.text[self.at :])
        self.at = len(self.text)
        return tuple(out)

    def literal(self, out: list[Inline], text: str) -> None:
        if text and out and isinstance(out[-1], Tekst):
            out[-1] = Tekst(out[-1].tekst + text)
        elif text:
            out.append(Tekst(text))

    def bold(self) -> Fet:
        inner = self.parts(("**",))
        if self.stopped != "**":
            self.scope.fault(self.line, "MAL_FET_IKKE_LUKKET")
        self.stopped = None
        return Fet(inner)

    def tag(self, out: list[Inline], inner: str, closed: bool) -> str | None:
        """Handle one (( )); return 'ellers' or 'slutt' when it closes something."""
        found = parse_tag(inner) if closed else None
        if found is None:
            self.scope.fault(self.line, "MAL_MERKE_UGYLDIG", inner.strip())
            return None
        kind, name, negated = found
        if kind in (Merke.ELLERS, Merke.SLUTT):
            return name
        if kind is Merke.FOR_HVER:
            self.scope.fault(self.line, "MAL_LISTE_I_LINJE", name)
        elif kind is Merke.HVIS:
            out.append(self.condition(name, negated))
        else:
            out.append(self.value(name))
        return None

    def value(self, text: str) -> Verdi:
        name, _, form = (part.strip() for part in text.partition("|"))
        kind = self.scope.use(name, self.line)
        if form:
            self.scope.use_format(form, kind, self.line)
        return Verdi(name, form or None)

    def condition(self, name: str, negated: bool) -> HvisTekst:
        self.scope.use(name, self.line)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.scope.fault(self.line, "MAL_FOR_DYP", str(MAX_DEPTH))
            self.at = len(self.text)
        shown = self.parts(("slutt",))
        otherwise: tuple[Inline, ...] = ()
        if self.stopped == "ellers":
            otherwise = self.parts(("slutt",))
        if self.stopped != "slutt" and self.depth <= MAX_DEPTH:
            self.scope.fault(self.line, "MAL_BLOKK_IKKE_LUKKET", name)
        self.stopped = None
        self.depth -= 1
        return HvisTekst(name, negated, shown, otherwise)

"""Copying small values from one PDF to another, never the objects behind them: an untrusted file may be a
tangle.
"""

from __future__ import annotations

from collections.abc import Iterable

import pikepdf

MAX_NODES = 2_000
MAX_DEPTH = 12
_NEVER = frozenset(
    {"/Page", "/Pages", "/Catalog", "/StructTreeRoot", "/StructElem", "/Filespec", "/EmbeddedFile", "/Annot"}
)


class ForStort(ValueError):
    """The value is larger than such a value ever is."""


class Transplant:
    """Copies plain values (numbers, names, strings, arrays and dictionaries of them), within a budget for
    each value.

    Streams, and nodes of the document itself, are left out.
    """

    def __init__(self, out: pikepdf.Pdf) -> None:
        self.out = out
        self._left = 0

    def value(self, source: pikepdf.Object) -> object | None:
        """Return a copy that belongs to `out`; None for what is not copied. ForStort beyond the budget."""
        self._left = MAX_NODES
        return self._copy(source, 0)

    def some(self, source: pikepdf.Object, keys: Iterable[str]) -> pikepdf.Dictionary:
        """Return a new dictionary with these keys of `source`, as far as it has them."""
        made = pikepdf.Dictionary()
        for key in keys:
            if key in source and (copied := self.value(source[key])) is not None:
                made[key] = copied
        return made

    def _copy(self, source: object, depth: int) -> object | None:
        self._left -= 1
        if self._left < 0 or depth > MAX_DEPTH:
            raise ForStort
        if isinstance(source, pikepdf.Stream):
            return None
        if isinstance(source, pikepdf.Dictionary):
            if str(source.get("/Type", "")) in _NEVER:
                return None
            pairs = ((key, self._copy(value, depth + 1)) for key, value in source.items())
            return pikepdf.Dictionary({key: value for key, value in pairs if value is not None})
        if isinstance(source, pikepdf.Array):
            items = (self._copy(value, depth + 1) for value in source)
            return pikepdf.Array([item for item in items if item is not None])
        if isinstance(source, pikepdf.Name):
            return pikepdf.Name(str(source))
        if isinstance(source, pikepdf.String):
            return pikepdf.String(bytes(source))
        return source

"""Fills a template: splits a letter into the HTML of its form and its values in order.

A letter's form depends on which conditions hold, how long its lists are and which address lines exist. The
HTML of a form is written once; each further letter of the form only reads its values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from fiks.utsending.brev.context import Brevkontekst, Brevmal
from fiks.utsending.brev.errors import BrevFeil
from fiks.utsending.brev.language.fields import KOLONNER, LISTER, known_fields
from fiks.utsending.brev.language.formats import HOLE, is_present
from fiks.utsending.brev.language.html import Slot, head_shape, write_html
from fiks.utsending.brev.language.parser import parse
from fiks.utsending.brev.language.tree import (
    Avsnitt,
    Fet,
    ForHver,
    Hvis,
    HvisTekst,
    Inline,
    Mal,
    Node,
    Overskrift,
    Punkt,
    Rad,
    Tabell,
)
from fiks.utsending.brev.language.values import Brevverdier

_MOST_FORMS, _MOST_TEXTS = 512, 8


@dataclass(frozen=True, slots=True, repr=False)
class Utfylt:
    """A letter before drawing: `fixed` is its HTML with HOLE for each value. No repr: personal data."""

    fixed: str
    names: tuple[str, ...]
    values: tuple[str, ...]

    def html(self) -> str:
        """Return the page with each value as escaped text in a span named after its field."""
        return self._html(self.names)

    def numbered(self) -> str:
        """Return the same page with the value spans numbered in order, from 0."""
        return self._html(map(str, range(len(self.values))))

    def _html(self, names: Iterable[str]) -> str:
        first, *rest = self.fixed.split(HOLE)
        spans = (
            f'<span data-v="{escape(name)}">{escape(value)}</span>{after}'
            for name, value, after in zip(names, self.values, rest, strict=True)
        )
        return first + "".join(spans)


def compose(mal: Brevmal, row: Mapping[str, str], kontekst: Brevkontekst, *, prove: bool = False) -> str:
    """Return the letter as one HTML document; the logo is its only external reference.

    Raises MalFeil for a faulty template and BrevFeil for a row that cannot fill it (FELT_TOMT: a printed
    field is empty and no condition guards it; VERDI_UGYLDIG; TEGN_UGYLDIG). Pure; also used as the cheap
    trial of a whole list.
    """
    return filler(mal, kontekst, prove=prove).fill(row).html()


@dataclass(frozen=True, slots=True)
class _Form:
    """A form written once: HTML with placeholders, value names, and readers of the values."""

    fixed: str
    names: tuple[str, ...]
    read: tuple[Callable[[Brevverdier], str], ...]


class Utfyller:
    """Fills one template for one mailing; caches the texts per malform and set of columns."""

    def __init__(self, mal: Brevmal, kontekst: Brevkontekst, *, prove: bool) -> None:
        self.mal, self.kontekst, self.prove = mal, kontekst, prove
        self.texts: dict[tuple[str, ...], _Tekst] = {}

    def fill(self, row: Mapping[str, str]) -> Utfylt:
        """Return the filled letter of a row. Raises what `compose` raises."""
        malform, source = self.mal.source(row.get("malform", "").strip().lower())
        key = malform, *row
        text = self.texts.get(key)
        if text is None:
            if len(self.texts) >= _MOST_TEXTS:
                self.texts.clear()
            text = self.texts[key] = _Tekst(
                _tree(source, tuple(row)), self.kontekst, malform, prove=self.prove
            )
        return text.fill(row)


@lru_cache(maxsize=16)
def filler(mal: Brevmal, kontekst: Brevkontekst, *, prove: bool = False) -> Utfyller:
    """Return the cached filler of this template for this mailing."""
    return Utfyller(mal, kontekst, prove=prove)


class _Tekst:
    """One malform of a template for one set of columns, with a cache of its forms."""

    def __init__(self, mal: Mal, kontekst: Brevkontekst, malform: str, *, prove: bool) -> None:
        self.mal, self.kontekst, self.malform, self.prove = mal, kontekst, malform, prove
        self.conditions = _conditions(mal)
        self.lists = sorted(mal.lister)
        self.forms: dict[tuple[object, ...], _Form] = {}

    def fill(self, row: Mapping[str, str]) -> Utfylt:
        values = Brevverdier(row, self.kontekst, self.malform)
        key = self._key(values)
        form = self.forms.get(key) if key is not None else None
        if form is not None:
            try:
                return Utfylt(form.fixed, form.names, tuple([read(values) for read in form.read]))
            except BrevFeil:
                pass  # written out below, so that the first fault in the letter is the one that is told
        fixed, slots = write_html(self.mal, values, prove=self.prove)
        if key is not None:
            self._keep(key, fixed, slots)
        return Utfylt(fixed, tuple(slot.name for slot in slots), tuple(slot.value for slot in slots))

    def _key(self, values: Brevverdier) -> tuple[object, ...] | None:
        """Return the form's key; None if the template has no forms or a value cannot be read."""
        if self.conditions is None:
            return None
        try:
            shown = [is_present(values[name]) for name in self.conditions]
            return (*shown, *(len(values.items(name)) for name in self.lists), *head_shape(values))
        except BrevFeil:
            return None

    def _keep(self, key: tuple[object, ...], fixed: str, slots: list[Slot]) -> None:
        if len(self.forms) >= _MOST_FORMS:
            self.forms.clear()
        self.forms[key] = _Form(fixed, tuple(slot.name for slot in slots), tuple(slot.read for slot in slots))


@lru_cache(maxsize=64)
def _tree(source: str, columns: tuple[str, ...]) -> Mal:
    return parse(source, known_fields((*KOLONNER, *columns)))


def _conditions(mal: Mal) -> tuple[str, ...] | None:
    """Return the fields used in conditions; None if one is a list's own field, which varies per item."""
    asked = set(_condition_fields(mal.blokker))
    own = {name for liste in mal.lister for name in LISTER[liste]}
    return None if asked & own else tuple(sorted(asked))


def _condition_fields(nodes: Iterable[Node | Inline]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Hvis | HvisTekst):
            yield node.felt
            yield from _condition_fields(node.innhold)
            yield from _condition_fields(node.ellers)
        elif isinstance(node, ForHver | Overskrift | Avsnitt | Punkt | Fet):
            yield from _condition_fields(node.innhold)
        elif isinstance(node, Tabell):
            yield from _condition_fields((*node.hode, *node.rader))
        elif isinstance(node, Rad):
            for cell in node.celler:
                yield from _condition_fields(cell)

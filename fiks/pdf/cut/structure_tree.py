"""Structure tree of a letter: the part of a tagged PDF's tree that belongs to its pages, rebuilt in the
letter.

Elements shared by several letters (the document, a section around all) are kept as far as they lead to
content on the letter's pages. An element without content on any page, like an empty cell, follows its parent.
Text in an element that may be about another letter is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard

import pikepdf

from fiks.pdf.cut.annotations import Place
from fiks.pdf.cut.object_copy import ForStort, Transplant

MAX_ELEMENTS = 20_000
MAX_DEPTH = 100
MAX_SEARCH = 5_000
WIDE = 64
"""An element with more children than this gets an index of them by page, built once instead of scanned for
every letter.
"""

_KEPT_KEYS = ("/S", "/ID", "/A", "/C", "/R", "/T", "/Lang", "/Alt", "/E", "/ActualText")
_WORDS = ("/ID", "/T", "/Alt", "/E", "/ActualText")
_NOTHING: Place = (0, 0)


class MerkingTapt(Exception):
    """The structure tree cannot be divided; the letter is made without it."""


@dataclass(frozen=True, slots=True)
class Nye:
    """The letter's new pages, annotations and drawn parts, by old position in the big file."""

    sider: Mapping[Place, pikepdf.Object]
    merknader: Mapping[Place, pikepdf.Object]
    tegninger: Mapping[Place, pikepdf.Object]


@dataclass(slots=True)
class _Wide:
    """Index of a wide element's children: first child on each page, and each child's position."""

    by_page: dict[Place, list[int]] = field(default_factory=dict)
    index: dict[Place, int] = field(default_factory=dict)


class Struktur:
    """The structure tree of an open file; nothing is loaded before a letter needs it."""

    def __init__(self, source: pikepdf.Pdf) -> None:
        self.root = source.Root.get("/StructTreeRoot")
        tree = self.root.get("/ParentTree") if isinstance(self.root, pikepdf.Dictionary) else None
        self.parents = pikepdf.NumberTree(tree) if isinstance(tree, pikepdf.Dictionary) else None
        self.wide: dict[Place, _Wide] = {}
        self.first_page: dict[Place, Place] = {}

    @property
    def there(self) -> bool:
        """Return whether the file is tagged."""
        return self.parents is not None

    def elements_of(self, key: object) -> list[pikepdf.Object | None]:
        """Return the elements under a page's or object's key in the parent tree, in marked-content order."""
        if self.parents is None or not isinstance(key, int):
            return []
        found: object = self.parents.get(key)
        items = list(found) if isinstance(found, pikepdf.Array) else [found]
        return [item if _is_element(item) else None for item in items]

    def kids(self, element: pikepdf.Object, wanted: Nye, kept: set[Place]) -> Iterator[object]:
        """Yield the children of an element that may belong to the letter, in order."""
        held = element.get("/K")
        if not isinstance(held, pikepdf.Array):
            yield from () if held is None else (held,)
            return
        if len(held) <= WIDE or not element.is_indirect:
            yield from held
            return
        wide = self.wide.get(element.objgen) or self._list(element, held)
        hit = {i for page in wanted.sider for i in wide.by_page.get(page, ())}
        hit |= {wide.index[place] for place in kept if place in wide.index}
        for index in sorted(hit):
            yield held[index]

    def _list(self, element: pikepdf.Object, held: pikepdf.Array) -> _Wide:
        here = _page(element) or _NOTHING
        wide, page = _Wide(), here
        for index, kid in enumerate(held):
            page = self.page_of(kid, here, 0) or _page(kid) or page
            wide.by_page.setdefault(page, []).append(index)
            if _is_element(kid):
                wide.index[kid.objgen] = index
        self.wide[element.objgen] = wide
        return wide

    def page_of(self, kid: object, here: Place, depth: int) -> Place | None:
        """Return the page of the first content at or below a child; None when there is no content."""
        self._budget = MAX_SEARCH
        return self._page_of(kid, here, depth)

    def _page_of(self, kid: object, here: Place, depth: int) -> Place | None:
        self._budget -= 1
        if depth > MAX_DEPTH or self._budget < 0:
            raise MerkingTapt
        if isinstance(kid, int):
            return here if here != _NOTHING else None
        if not isinstance(kid, pikepdf.Dictionary):
            return None
        page = _page(kid) or here
        if not _is_element(kid):
            return page if page != _NOTHING else None
        if kid.objgen in self.first_page:
            known = self.first_page[kid.objgen]
            return known if known != _NOTHING else None
        held = kid.get("/K")
        # One at a time: each that is taken out of the array is read from the file.
        inner = (held[n] for n in range(len(held))) if isinstance(held, pikepdf.Array) else iter((held,))
        found = next((p for k in inner if (p := self._page_of(k, page, depth + 1)) is not None), None)
        self.first_page[kid.objgen] = found or _NOTHING
        return found

    def reaches_out(self, element: pikepdf.Object, wanted: Nye) -> bool:
        """Return whether an element has content on a page outside the letter, or is too large to tell."""
        wide = self.wide.get(element.objgen)
        if wide is not None and any(page not in wanted.sider for page in wide.by_page if page != _NOTHING):
            return True
        waiting: list[tuple[object, Place]] = [(element, _NOTHING)]
        for _ in range(MAX_SEARCH):
            if not waiting:
                return False
            kid, here = waiting.pop()
            page = _page(kid) or here
            if page != _NOTHING and page not in wanted.sider:
                return True
            held = kid.get("/K") if _is_element(kid) else None
            if isinstance(held, pikepdf.Array):
                if len(held) > MAX_SEARCH:
                    return True
                waiting += [(inner, page) for inner in held]
            elif held is not None:
                waiting.append((held, page))
        return True


def _is_element(value: object) -> TypeGuard[pikepdf.Object]:
    return (
        isinstance(value, pikepdf.Dictionary)
        and value.is_indirect
        and isinstance(value.get("/S"), pikepdf.Name)
    )


def _page(node: object) -> Place | None:
    """Return the page a structure node is on, as it says itself."""
    own = node.get("/Pg") if isinstance(node, pikepdf.Dictionary) else None
    return own.objgen if isinstance(own, pikepdf.Dictionary) else None


def whole_number(value: object) -> int | None:
    """Return the value if it is an integer, otherwise None (the library's types claim it is always an
    object).
    """
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _is_object(value: object) -> bool:
    return isinstance(value, pikepdf.Dictionary) and value.get("/Type") == "/OBJR"


class Merker:
    """Builds the structure tree of one letter."""

    def __init__(self, struktur: Struktur, out: pikepdf.Pdf, nye: Nye) -> None:
        self.struktur, self.out, self.nye = struktur, out, nye
        self.carry = Transplant(out)
        self.kept: set[Place] = set()
        self.made: dict[Place, pikepdf.Object] = {}
        self.ids: list[tuple[bytes, pikepdf.Object]] = []
        self.numbers: list[object] = []

    def tag(
        self, sider: Sequence[tuple[pikepdf.Object, pikepdf.Object]], keys: Mapping[int, pikepdf.Object]
    ) -> bool:
        """Build the letter's structure tree; False when none of it is about these pages.

        `sider` are (old page, new page); `keys` the new annotations and drawn parts by their old key in the
        parent tree. Raises MerkingTapt when the tree cannot be divided.
        """
        by_page = [(new, self.struktur.elements_of(old.get("/StructParents"))) for old, new in sider]
        by_key = [(new, self.struktur.elements_of(key)) for key, new in keys.items()]
        for _, elements in (*by_page, *by_key):
            for element in elements:
                self._keep(element)
        if not self.kept:
            return False
        try:
            self._build(by_page, by_key)
        except ForStort as error:
            raise MerkingTapt from error
        return True

    def _keep(self, element: pikepdf.Object | None) -> None:
        for _ in range(MAX_DEPTH):
            if element is None or not _is_element(element) or element.objgen in self.kept:
                return
            if len(self.kept) >= MAX_ELEMENTS:
                raise MerkingTapt
            self.kept.add(element.objgen)
            element = element.get("/P")
        raise MerkingTapt

    def _build(
        self,
        by_page: Sequence[tuple[pikepdf.Object, list[pikepdf.Object | None]]],
        by_key: Sequence[tuple[pikepdf.Object, list[pikepdf.Object | None]]],
    ) -> None:
        source = self.struktur.root
        assert source is not None
        root = self.out.make_indirect(self.carry.some(source, ("/RoleMap", "/ClassMap")))
        root["/Type"] = pikepdf.Name("/StructTreeRoot")
        kids = [
            self._element(kid, root, 0)
            for kid in self.struktur.kids(source, self.nye, self.kept)
            if _is_element(kid) and kid.objgen in self.kept
        ]
        root["/K"] = pikepdf.Array(kids)
        for number, (new, elements) in enumerate(by_page):
            new["/StructParents"] = number
            self.numbers += [number, self.out.make_indirect(pikepdf.Array([self._now(e) for e in elements]))]
        for number, (new, elements) in enumerate(by_key, len(by_page)):
            self._number(number, new, elements)
        root["/ParentTree"] = self.out.make_indirect(pikepdf.Dictionary(Nums=pikepdf.Array(self.numbers)))
        root["/ParentTreeNextKey"] = len(by_page) + len(by_key)
        if self.ids:
            names = [
                part
                for name, element in sorted(self.ids, key=lambda i: i[0])
                for part in (pikepdf.String(name), element)
            ]
            root["/IDTree"] = pikepdf.Dictionary(Names=pikepdf.Array(names))
        self.out.Root["/StructTreeRoot"] = root
        self.out.Root["/MarkInfo"] = pikepdf.Dictionary(Marked=True)

    def _number(self, number: int, new: pikepdf.Object, elements: list[pikepdf.Object | None]) -> None:
        several = "/StructParents" in new
        new["/StructParents" if several else "/StructParent"] = number
        now = [self._now(e) for e in elements]
        self.numbers += [
            number,
            self.out.make_indirect(pikepdf.Array(now)) if several else now[0] if now else None,
        ]

    def _now(self, element: pikepdf.Object | None) -> pikepdf.Object | None:
        return self.made.get(element.objgen) if element is not None else None

    def _element(self, source: pikepdf.Object, parent: pikepdf.Object, depth: int) -> pikepdf.Object:
        if depth > MAX_DEPTH or len(self.made) >= MAX_ELEMENTS or source.objgen in self.made:
            raise MerkingTapt
        new = self.out.make_indirect(self.carry.some(source, _KEPT_KEYS))
        self.made[source.objgen] = new
        if not self._speaks(source):
            _remove_words(new)
        new["/Type"], new["/P"] = pikepdf.Name("/StructElem"), parent
        self._space(source, new)
        if "/ID" in new:
            self.ids.append((bytes(new["/ID"]), new))
        page = _page(source) or _NOTHING
        if page in self.nye.sider:
            new["/Pg"] = self.nye.sider[page]
        kids = [
            made
            for kid in self.struktur.kids(source, self.nye, self.kept)
            if (made := self._kid(kid, new, page, depth)) is not None
        ]
        if new.get("/S") == "/Link" and not any(_is_object(kid) for kid in kids):
            new["/S"] = pikepdf.Name("/Span")  # what it linked to is not in the letter
        if kids:
            new["/K"] = kids[0] if len(kids) == 1 and isinstance(kids[0], int) else pikepdf.Array(kids)
        return new

    def _speaks(self, source: pikepdf.Object) -> bool:
        """Return whether an element's text is about this letter and no other."""
        if not any(key in source for key in (*_WORDS, "/A")):
            return True
        if source.objgen not in self.kept:
            return _page(source) in self.nye.sider
        return not self.struktur.reaches_out(source, self.nye)

    def _space(self, source: pikepdf.Object, new: pikepdf.Object) -> None:
        """Copy the namespace of an element (PDF 2.0)."""
        space = source.get("/NS")
        if isinstance(space, pikepdf.Dictionary):
            new["/NS"] = self.out.make_indirect(self.carry.some(space, ("/Type", "/NS")))

    def _kid(self, kid: object, parent: pikepdf.Object, page: Place, depth: int) -> object | None:
        if isinstance(kid, int):
            return kid if page in self.nye.sider else None
        if not isinstance(kid, pikepdf.Dictionary):
            return None
        if not _is_element(kid):
            return self._reference(kid, page)
        if kid.objgen in self.kept:
            return self._element(kid, parent, depth + 1)
        if self.struktur.page_of(kid, page, 0) is None and _page(kid) in (None, *self.nye.sider):
            return self._element(kid, parent, depth + 1)
        return None

    def _reference(self, kid: pikepdf.Dictionary, page: Place) -> pikepdf.Object | None:
        """Copy a reference: marked content on a page or in a drawn part, or an object (annotation or drawn
        part).
        """
        where = _page(kid) or page
        if where not in self.nye.sider:
            return None
        made = pikepdf.Dictionary(Type=pikepdf.Name(str(kid.get("/Type", "/MCR"))), Pg=self.nye.sider[where])
        if kid.get("/Type") == "/OBJR":
            target = kid.get("/Obj")
            place = target.objgen if isinstance(target, pikepdf.Object) else _NOTHING
            new = self.nye.merknader.get(place) or self.nye.tegninger.get(place)
            if place == _NOTHING or new is None:
                return None
            made["/Obj"] = new
            return made
        content = whole_number(kid.get("/MCID"))
        if content is None:
            return None
        made["/MCID"] = content
        stream = kid.get("/Stm")
        if isinstance(stream, pikepdf.Stream):
            if stream.objgen not in self.nye.tegninger:
                return None
            made["/Stm"] = self.nye.tegninger[stream.objgen]
        return made


def _remove_words(element: pikepdf.Object) -> None:
    """Remove an element's text: its own, and that in its attributes."""
    for key in [key for key in _WORDS if key in element]:
        del element[key]
    held = element.get("/A")
    each = list(held) if isinstance(held, pikepdf.Array) else [held]
    for attributes in [one for one in each if isinstance(one, pikepdf.Dictionary)]:
        for key in [key for key, value in attributes.items() if _has_text(value)]:
            del attributes[key]


def _has_text(value: object) -> bool:
    parts = list(value) if isinstance(value, pikepdf.Array) else [value]
    return any(isinstance(part, pikepdf.String | pikepdf.Array | pikepdf.Dictionary) for part in parts)

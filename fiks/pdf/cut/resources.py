"""Resource pruning: a letter carries only the resources its own content names, since one dictionary may hold
every letter's text.

A page, form XObject, pattern or glyph names what it uses in its content; anything else is not carried. While
a letter is copied, the unused resources are removed from the big file's objects, and afterwards they are
restored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager

import pikepdf

from fiks.pdf.cut.annotations import Place, annotations_of
from fiks.pdf.cut.content_tokens import ANY, COLOURS, FAR, GROUPS, Names, colours, names_in
from fiks.pdf.errors import PdfFeil
from fiks.pdf.findings import PdfKode

MAX_NODES = 200_000
MAX_READ = 256 * 1024 * 1024
MAX_DEPTH = 40
"""Limits for one letter: objects visited, bytes of content read, nesting of drawn parts (PDFium draws none
deeper).
"""

MAX_KNOWN = 5_000
MAX_PLAIN = 200_000
"""Cache sizes across letters: names used by contents, and objects without content of their own."""

_ALWAYS = frozenset((COLOURS, f"/Default{kind}") for kind in ("Gray", "RGB", "CMYK"))
"""Resources used without being named."""

_LEFT_OUT = frozenset({"/Resources", "/PieceInfo", "/Parent"})
"""Keys that lead out of an object: resources of an object without content, private application data, the
parent.
"""

_HOLDS = (pikepdf.Dictionary, pikepdf.Stream, pikepdf.Array)
_DRAWN = ("/BBox", "/PatternType", "/Resources")
_PAGES = frozenset({"/Page", "/Pages"})
_NEVER = frozenset({"/Catalog", "/StructTreeRoot", "/StructElem", "/Annot"})

Groups = dict[str, pikepdf.Dictionary]


class Ressurser:
    """Prunes the resources of one open file. `lag`: the positions of its layers.

    Names used by parts that many letters draw, and objects with nothing to prune, are found once and cached.
    """

    def __init__(self, lag: Collection[Place]) -> None:
        self.lag = lag
        self.known: dict[Place, Names] = {}
        self.plain: set[Place] = set()

    def remember(self, plain: set[Place]) -> None:
        """Cache objects that are the same for all letters."""
        if len(self.plain) >= MAX_PLAIN:
            self.plain.clear()
        self.plain |= plain

    @contextmanager
    def only(self, pages: Iterable[pikepdf.Object]) -> Iterator[dict[Place, pikepdf.Object]]:
        """Prune these pages to the resources they use until the context ends; yields the layers they use.

        PdfFeil: PDF_UGYLDIG when their content cannot be read, PDF_FOR_KOMPLISERT when there is more than a
        letter has.
        """
        share = _Andel(self)
        try:
            for page in pages:
                share.page(page)
            yield dict(sorted(share.layers.items()))
        finally:
            share.give_back()


class _Andel:
    """The resources one letter uses."""

    def __init__(self, file: Ressurser) -> None:
        self.file = file
        self.layers: dict[Place, pikepdf.Object] = {}
        self._missing: dict[Place, Names] = {}
        self._glyphs: set[Place] = set()
        self._page: Groups = {}
        """Where that is looked for which what draws it has no group for: the page's, within glyphs their font's."""
        self._before: list[tuple[pikepdf.Object, str, pikepdf.Object | None]] = []
        self._nodes, self._bytes = MAX_NODES, MAX_READ

    def give_back(self) -> None:
        """Restore the file's objects."""
        for owner, key, value in reversed(self._before):
            if value is not None:
                owner[key] = value
            elif key in owner:
                del owner[key]

    def page(self, page: pikepdf.Object) -> None:
        """Prune one page. Its inherited resources are on it already: the library copies them to every page it
        counts.
        """
        self._page = _groups(page.get("/Resources"))
        held = page.get("/Contents")
        streams = list(held) if isinstance(held, pikepdf.Array) else [held]
        found = set(names_in(b"\n".join(self._read(s) for s in streams if isinstance(s, pikepdf.Stream))))
        for part in (held, page.get("/Group"), *_appearances(page)):
            found |= self._behind(part, 0)
        self._divide(page, found, 0)

    def _instead(self, owner: pikepdf.Object, key: str, value: pikepdf.Object | None) -> None:
        self._before.append((owner, key, owner.get(key)))
        if value is None:
            del owner[key]
        else:
            owner[key] = value

    def _read(self, stream: pikepdf.Stream) -> bytes:
        try:
            content = stream.read_bytes()
        except pikepdf.PdfError as error:
            if "bad_alloc" in str(error):
                raise PdfFeil(PdfKode.PDF_FOR_KOMPLISERT) from error
            raise PdfFeil(PdfKode.PDF_UGYLDIG) from error
        self._bytes -= len(content)
        if self._bytes < 0:
            raise PdfFeil(PdfKode.PDF_FOR_KOMPLISERT)
        return content

    def _divide(self, owner: pikepdf.Object, names: Iterable[tuple[str, str]], depth: int) -> Names:
        """Prune `owner` to these resource names and what they need; returns the names it does not have
        itself.
        """
        held = owner.get("/Resources")
        if not isinstance(held, pikepdf.Dictionary):
            if held is not None:
                self._instead(owner, "/Resources", None)
            return frozenset(names)
        groups = _groups(held)
        new: dict[str, dict[str, pikepdf.Object]] = {key: {} for key in groups}
        seen = {*names, *_ALWAYS}
        waiting = list(seen)
        while waiting:
            wanted, name = waiting.pop()
            more = self._drawn_from(wanted, name, groups, depth)
            for key in _groups_to_search(wanted, groups):
                if name in groups[key] and name not in new[key]:
                    new[key][name] = groups[key][name]
                    more |= self._behind(groups[key][name], depth + 1)
            waiting += more - seen
            seen |= more
        self._instead(owner, "/Resources", _resource_dictionary(new, held.get("/ProcSet")))
        return frozenset(_lacking(seen - _ALWAYS, groups))

    def _drawn_from(self, wanted: str, name: str, groups: Groups, depth: int) -> set[tuple[str, str]]:
        """Return what the page's own resources need for names that fall back to the page because a group is
        missing here.
        """
        found: set[tuple[str, str]] = set()
        if not wanted.startswith(FAR):
            for kind, _ in _lacking([(wanted, name)], groups):
                group = self._page.get(kind.removeprefix(FAR))
                found |= self._behind(group.get(name), depth + 1) if group is not None else set()
        return found

    def _behind(self, top: object, depth: int) -> Names:
        """Visit everything carried with an object; returns the names used there but not defined there.

        An object without resources uses those of what draws it; a mask, and anything deeper, uses the page's.
        """
        near = set(colours(top))
        if not isinstance(top, _HOLDS) or top.objgen in self.file.plain:
            return frozenset(near)
        if depth > MAX_DEPTH:
            raise PdfFeil(PdfKode.PDF_FOR_KOMPLISERT)
        far: set[tuple[str, str]] = set()
        plain, local = True, set[Place]()
        waiting: list[pikepdf.Object] = [top]
        while waiting:
            node = waiting.pop()
            place = node.objgen
            if place in local or place in self.file.plain:
                continue
            if node.is_indirect:
                local.add(place)
            plain = self._look(node, waiting, near if node is top else far, depth) and plain
        if plain:
            self.file.remember(local)
        return frozenset(near) | _as_page_names(far)

    def _look(
        self, node: pikepdf.Object, waiting: list[pikepdf.Object], found: set[tuple[str, str]], depth: int
    ) -> bool:
        """Visit one object and queue what it holds; False when each letter has its own share of it."""
        self._nodes -= 1
        if self._nodes < 0:
            raise PdfFeil(PdfKode.PDF_FOR_KOMPLISERT)
        if isinstance(node, pikepdf.Array):
            waiting += [inner for inner in node if isinstance(inner, _HOLDS)]
            self._nodes -= len(node)
            return True
        kind = str(node.get("/Type", ""))
        if kind in _PAGES:
            return True  # never copied with another object
        if kind in _NEVER:
            raise PdfFeil(PdfKode.PDF_UGYLDIG)
        drawn = _is_drawn(node) or node.objgen in self._glyphs
        if drawn:
            found |= self._part(node, depth)
        layer = node.objgen in self.file.lag
        if layer:
            self.layers[node.objgen] = node
        named = _as_page_names(colours(node.get(COLOURS)) | colours(node.get("/CS")))
        found |= named
        whole = not drawn and not layer and not named
        for key, inner in list(node.items()):
            if key in _LEFT_OUT:
                if key != "/Resources" or not drawn:
                    self._instead(node, key, None)
                whole = False
            elif isinstance(inner, _HOLDS) and not (drawn and key == "/CharProcs"):
                waiting.append(inner)
        return whole

    def _part(self, part: pikepdf.Object, depth: int) -> Names:
        """Prune an object with content: a form XObject, a pattern, a glyph, or a Type 3 font."""
        place = part.objgen
        if part.is_indirect:
            if place in self._missing:
                return self._missing[place]
            self._missing[place] = frozenset()
        missing = self._divide(part, self._named(part, depth), depth)
        if part.is_indirect:
            self._missing[place] = missing
        return missing

    def _named(self, part: pikepdf.Object, depth: int) -> Names:
        if not isinstance(part, pikepdf.Stream):
            glyphs = part.get("/CharProcs")
            each = list(glyphs.items()) if isinstance(glyphs, pikepdf.Dictionary) else []
            drawn = [glyph for _, glyph in each if isinstance(glyph, pikepdf.Stream)]
            self._glyphs |= {glyph.objgen for glyph in drawn}
            page, self._page = self._page, _groups(part.get("/Resources")) or self._page
            found = [self._part(glyph, depth) | self._behind(glyph, depth) for glyph in drawn]
            self._page = page
            return frozenset().union(*found)
        known = self.file.known
        if part.objgen not in known:
            if len(known) >= MAX_KNOWN:
                known.clear()
            known[part.objgen] = names_in(self._read(part))
        return known[part.objgen]


def _is_drawn(node: pikepdf.Object) -> bool:
    """Return whether an object has content that names resources. Not every drawn object declares it."""
    if isinstance(node, pikepdf.Stream):
        data = node.get("/Subtype") == "/Image" or "/ShadingType" in node
        return not data and any(key in node for key in _DRAWN)
    return node.get("/Subtype") == "/Type3" or "/CharProcs" in node


def _groups(held: object) -> Groups:
    if not isinstance(held, pikepdf.Dictionary):
        return {}
    return {key: group for key, group in held.items() if isinstance(group, pikepdf.Dictionary)}


def _resource_dictionary(
    groups: Mapping[str, Mapping[str, pikepdf.Object]], sets: object
) -> pikepdf.Dictionary:
    """Build a resource dictionary of these groups. Names are set one by one, because not all of them are
    text.

    An empty group differs from a missing one: where a group is missing, the page's is used.
    """
    made = pikepdf.Dictionary()
    for key, group in groups.items():
        if group or key in GROUPS:
            made[key] = pikepdf.Dictionary()
            for name, value in group.items():
                made[key][name] = value
    if isinstance(sets, pikepdf.Array):
        made["/ProcSet"] = pikepdf.Array([one for one in list(sets)[:10] if isinstance(one, pikepdf.Name)])
    return made


def _groups_to_search(wanted: str, groups: Collection[str]) -> Iterable[str]:
    """Return the groups in which a name is looked up: its own, and all non-standard ones."""
    kind = wanted.removeprefix(FAR)
    return groups if kind == ANY else [key for key in groups if key == kind or key not in GROUPS]


def _as_page_names(names: Iterable[tuple[str, str]]) -> Names:
    """Return these names marked as the page's own."""
    return frozenset((wanted if wanted.startswith(FAR) else FAR + wanted, name) for wanted, name in names)


def _lacking(names: Iterable[tuple[str, str]], groups: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the names that may come from the page, where resources have these groups: names of missing
    groups, not missing names.
    """
    for wanted, name in names:
        if wanted.startswith(FAR):
            yield wanted, name
        else:
            kinds = GROUPS if wanted == ANY else (wanted,)
            yield from ((FAR + kind, name) for kind in kinds if kind not in groups)


def _appearances(page: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Yield the appearance streams of the page's annotations."""
    for note in annotations_of(page):
        look = note.get("/AP")
        if isinstance(look, pikepdf.Dictionary) and "/N" in look:
            yield look["/N"]

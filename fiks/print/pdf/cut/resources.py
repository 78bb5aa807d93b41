"""Of the resources of a big PDF only what a letter's own content names: one dictionary may hold every letter's words.

A page, a drawn part, a pattern or a glyph names what it uses, in content; what it does not name is never carried. While
a letter is copied the big file's objects are seen without the rest, and afterwards they are as before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager

import pikepdf

from fiks.print.pdf.cut.notes import Place, of_page
from fiks.print.pdf.cut.tokens import ANY, COLOURS, FAR, GROUPS, Names, colours, names_in
from fiks.print.pdf.errors import PdfFeil
from fiks.print.pdf.findings import PdfKode

MAX_NODES = 200_000
MAX_READ = 256 * 1024 * 1024
MAX_DEPTH = 40
"""For one letter: objects looked at, bytes of content read, parts drawn within parts (PDFium draws none deeper)."""

MAX_KNOWN = 5_000
MAX_PLAIN = 200_000
"""Contents, and objects without any, that are remembered for the letters to come."""

_ALWAYS = frozenset((COLOURS, f"/Default{kind}") for kind in ("Gray", "RGB", "CMYK"))
"""Used without being named."""

_LEFT_OUT = frozenset({"/Resources", "/PieceInfo", "/Parent"})
"""What leads out of an object: resources of what has no content, programs' private data, what is above it."""

_HOLDS = (pikepdf.Dictionary, pikepdf.Stream, pikepdf.Array)
_DRAWN = ("/BBox", "/PatternType", "/Resources")
_PAGES = frozenset({"/Page", "/Pages"})
_NEVER = frozenset({"/Catalog", "/StructTreeRoot", "/StructElem", "/Annot"})

Groups = dict[str, pikepdf.Dictionary]


class Ressurser:
    """Shares out the resources of one open file. `lag`: the places of its layers.

    What the parts that many letters draw name, and what has nothing of its own to share out, is found once.
    """

    def __init__(self, lag: Collection[Place]) -> None:
        self.lag = lag
        self.known: dict[Place, Names] = {}
        self.plain: set[Place] = set()

    def remember(self, plain: set[Place]) -> None:
        """These are the same for all letters."""
        if len(self.plain) >= MAX_PLAIN:
            self.plain.clear()
        self.plain |= plain

    @contextmanager
    def only(self, pages: Iterable[pikepdf.Object]) -> Iterator[dict[Place, pikepdf.Object]]:
        """These pages with nothing but what they use, until the context ends; yields the layers they use.

        PdfFeil: PDF_UGYLDIG when their content cannot be read, PDF_FOR_KOMPLISERT when there is more than letters have.
        """
        share = _Andel(self)
        try:
            for page in pages:
                share.page(page)
            yield dict(sorted(share.layers.items()))
        finally:
            share.give_back()


class _Andel:
    """One letter's share of the resources."""

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
        """Let the file's objects be as they were."""
        for owner, key, value in reversed(self._before):
            if value is not None:
                owner[key] = value
            elif key in owner:
                del owner[key]

    def page(self, page: pikepdf.Object) -> None:
        """Take a page's share. What it inherits it has got by now: the library gives it to all pages it counts."""
        self._page = _groups(page.get("/Resources"))
        held = page.get("/Contents")
        streams = list(held) if isinstance(held, pikepdf.Array) else [held]
        found = set(names_in(b"\n".join(self._read(s) for s in streams if isinstance(s, pikepdf.Stream))))
        for part in (held, page.get("/Group"), *_looks(page)):
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
        """Give `owner` only these names of its resources, and what those need; returns what it does not have itself."""
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
            for key in _searched(wanted, groups):
                if name in groups[key] and name not in new[key]:
                    new[key][name] = groups[key][name]
                    more |= self._behind(groups[key][name], depth + 1)
            waiting += more - seen
            seen |= more
        self._instead(owner, "/Resources", _made(new, held.get("/ProcSet")))
        return frozenset(_lacking(seen - _ALWAYS, groups))

    def _drawn_from(self, wanted: str, name: str, groups: Groups, depth: int) -> set[tuple[str, str]]:
        """What the page's own need of these groups when they are drawn for want of a group here."""
        found: set[tuple[str, str]] = set()
        if not wanted.startswith(FAR):
            for kind, _ in _lacking([(wanted, name)], groups):
                group = self._page.get(kind.removeprefix(FAR))
                found |= self._behind(group.get(name), depth + 1) if group is not None else set()
        return found

    def _behind(self, top: object, depth: int) -> Names:
        """Look through all that is carried with an object; returns what is named there and not to be had there.

        What itself has no resources uses those of what draws it; a mask, and what else lies deeper, uses the page's.
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
        return frozenset(near) | _as_page(far)

    def _look(
        self, node: pikepdf.Object, waiting: list[pikepdf.Object], found: set[tuple[str, str]], depth: int
    ) -> bool:
        """Look at one object and put what it holds among those waiting; False when each letter has its own share."""
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
        named = _as_page(colours(node.get(COLOURS)) | colours(node.get("/CS")))
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
        """Take the share of what has content: a drawn part, a pattern, a glyph, or a font of drawn glyphs."""
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
    """Whether an object has content that names resources. Not all that are drawn say so."""
    if isinstance(node, pikepdf.Stream):
        data = node.get("/Subtype") == "/Image" or "/ShadingType" in node
        return not data and any(key in node for key in _DRAWN)
    return node.get("/Subtype") == "/Type3" or "/CharProcs" in node


def _groups(held: object) -> Groups:
    if not isinstance(held, pikepdf.Dictionary):
        return {}
    return {key: group for key, group in held.items() if isinstance(group, pikepdf.Dictionary)}


def _made(groups: Mapping[str, Mapping[str, pikepdf.Object]], sets: object) -> pikepdf.Dictionary:
    """Resources of these groups; names are set one by one, for not all of them are text.

    An empty group is not the same as none: what has none of a kind is drawn with the page's.
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


def _searched(wanted: str, groups: Collection[str]) -> Iterable[str]:
    """The groups where a name is looked for: its own, and those nobody knows."""
    kind = wanted.removeprefix(FAR)
    return groups if kind == ANY else [key for key in groups if key == kind or key not in GROUPS]


def _as_page(names: Iterable[tuple[str, str]]) -> Names:
    """These names, as the page has them."""
    return frozenset((wanted if wanted.startswith(FAR) else FAR + wanted, name) for wanted, name in names)


def _lacking(names: Iterable[tuple[str, str]], groups: Collection[str]) -> Iterator[tuple[str, str]]:
    """Which of these the page may have all the same, where resources are of these groups: not what a group lacks."""
    for wanted, name in names:
        if wanted.startswith(FAR):
            yield wanted, name
        else:
            kinds = GROUPS if wanted == ANY else (wanted,)
            yield from ((FAR + kind, name) for kind in kinds if kind not in groups)


def _looks(page: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """How the page's annotations are drawn."""
    for note in of_page(page):
        look = note.get("/AP")
        if isinstance(look, pikepdf.Dictionary) and "/N" in look:
            yield look["/N"]

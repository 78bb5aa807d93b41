"""Of the resources of a big PDF only what a letter's own content names: one dictionary may hold every letter's words.

A page, a drawn part, a pattern or a glyph names what it uses, in content; what it does not name is never carried. While
a letter is copied the big file's objects are seen without the rest, and afterwards they are as before.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager

import pikepdf

from fiks.print.pdf.cut.notes import Place, of_page
from fiks.print.pdf.errors import PdfFeil
from fiks.print.pdf.findings import PdfKode

MAX_NODES = 200_000
MAX_READ = 256 * 1024 * 1024
MAX_DEPTH = 40
"""For one letter: objects looked at, bytes of content read, parts drawn within parts (PDFium draws none deeper)."""

MAX_KNOWN = 5_000
MAX_PLAIN = 200_000
"""Contents, and objects without any, that are remembered for the letters to come."""

ANY = "*"
_OPERATORS = {
    b"Do": "/XObject", b"Tf": "/Font", b"gs": "/ExtGState", b"sh": "/Shading", b"scn": "/Pattern", b"SCN": "/Pattern",
    b"cs": "/ColorSpace", b"CS": "/ColorSpace", b"BDC": "/Properties", b"DP": "/Properties", b"ID": "/ColorSpace",
}  # fmt: skip
_GROUPS = frozenset(_OPERATORS.values())
_OTHERS = frozenset(
    b"b B b* B* BI BMC BT BX c cm d d0 d1 EI EMC ET EX f F f* g G h i j J k K l m M MP n q Q re rg RG ri s S sc SC "
    b"T* Tc Td TD Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' \"".split()
)
_VALUES = frozenset((b"true", b"false", b"null"))
_ALWAYS = frozenset(("/ColorSpace", f"/Default{kind}") for kind in ("Gray", "RGB", "CMYK"))
"""Used without being named."""

_SPACE = rb"\x00\t\n\x0c\r "
_REGULAR = rb"[^\x00\t\n\x0c\r ()<>\[\]{}/%]"
_TEXT = rb"\((?:[^()\\]++|\\[\s\S])*+\)"
for _ in range(4):
    _TEXT = rb"\((?:[^()\\]++|\\[\s\S]|" + _TEXT + rb")*+\)"
_TOKEN = re.compile(
    rb"(?:[" + _SPACE + rb"\[\]]++|[-+.0-9]++(?!" + _REGULAR + rb")|<<|>>|<[0-9A-Fa-f" + _SPACE + rb"]*+>|%[^\r\n]*+|"
    + _TEXT + rb")++|/(" + _REGULAR + rb"*+)|(" + _REGULAR + rb"++)|([\s\S])"
)  # fmt: skip
_NAME = re.compile(rb"/(" + _REGULAR + rb"*)")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_IMAGE_ENDS = re.compile(
    rb"EI(?=[" + _SPACE + rb"]|\Z)(?=[\x00\t\n\r\x20-\x7f]{15}|[\x00\t\n\r\x20-\x7f]{0,14}\Z)"
)
"""The end of a picture that is drawn in the content itself: text follows it."""

_LEFT_OUT = frozenset({"/Resources", "/PieceInfo", "/Parent"})
"""What leads out of an object: resources of what has no content, programs' private data, what is above it."""

_HOLDS = (pikepdf.Dictionary, pikepdf.Stream, pikepdf.Array)
_DRAWN = ("/BBox", "/PatternType", "/Resources")
_PAGES = frozenset({"/Page", "/Pages"})
_NEVER = frozenset({"/Catalog", "/StructTreeRoot", "/StructElem", "/Annot"})


Names = frozenset[tuple[str, str]]
"""Group of resources (or ANY) and name in it."""


def names_in(content: bytes) -> Names:
    """What a content stream names. Where it is not written as it should be: everything in it that may be a name."""
    found = _strict(content)
    if found is None:
        found = {(ANY, _name(raw)) for raw in _NAME.findall(content)}
    return frozenset(found)


def _strict(content: bytes) -> set[tuple[str, str]] | None:
    """What each operator names; None at the first token that readers may take in different ways."""
    found: set[tuple[str, str]] = set()
    operands: list[str] = []
    before = b""
    begin: int | None = 0
    while begin is not None:
        at, begin = begin, None
        for token in _TOKEN.finditer(content, at):
            name, word, odd = token.groups()
            if name is not None:
                operands.append(_name(name))
            elif odd is not None:
                return None
            elif word is not None and word not in _VALUES:
                if word not in _OTHERS:
                    found.update((_OPERATORS.get(word, ANY), operand) for operand in operands)
                operands.clear()
                if word == b"ID":
                    ends = _IMAGE_ENDS.search(content, token.end()) if before == b"BI" else None
                    if ends is None:
                        return None
                    begin = ends.end()
                    break
                before = word
    found.update((ANY, operand) for operand in operands)
    return found


def _name(raw: bytes) -> str:
    """A name as the library writes it."""
    plain = _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), raw) if b"#" in raw else raw
    return "/" + plain.decode("utf-8", "surrogateescape")


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
        groups = {key: group for key, group in held.items() if isinstance(group, pikepdf.Dictionary)}
        new: dict[str, dict[str, pikepdf.Object]] = {key: {} for key in groups}
        missing: set[tuple[str, str]] = set()
        seen = {*names, *_ALWAYS}
        waiting = list(seen)
        while waiting:
            wanted, name = waiting.pop()
            places = [key for key in _searched(wanted, groups) if name in groups[key]]
            for key in places:
                if name not in new[key]:
                    new[key][name] = groups[key][name]
                    more = self._behind(groups[key][name], depth + 1) - seen
                    seen |= more
                    waiting += more
            if not places or (wanted != ANY and wanted not in places):
                missing.add((wanted, name))
        self._instead(owner, "/Resources", _made(new, held.get("/ProcSet")))
        return frozenset(missing - _ALWAYS)

    def _behind(self, top: object, depth: int) -> Names:
        """Look through all that is carried with an object; returns what is named there and not to be had there."""
        if not isinstance(top, pikepdf.Object) or top.objgen in self.file.plain:
            return frozenset()
        if depth > MAX_DEPTH:
            raise PdfFeil(PdfKode.PDF_FOR_KOMPLISERT)
        found: set[tuple[str, str]] = set()
        plain, local = True, set[Place]()
        waiting: list[pikepdf.Object] = [top]
        while waiting:
            node = waiting.pop()
            place = node.objgen
            if place in local or place in self.file.plain:
                continue
            if node.is_indirect:
                local.add(place)
            plain = self._look(node, waiting, found, depth) and plain
        if plain:
            self.file.remember(local)
        return frozenset(found)

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
        whole = not drawn and not layer
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
            return frozenset().union(
                *(self._part(glyph, depth) | self._behind(glyph, depth) for glyph in drawn)
            )
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


def _made(groups: Mapping[str, Mapping[str, pikepdf.Object]], sets: object) -> pikepdf.Dictionary:
    """Resources of these groups; names are set one by one, for not all of them are text."""
    made = pikepdf.Dictionary()
    for key, group in groups.items():
        if group:
            made[key] = pikepdf.Dictionary()
            for name, value in group.items():
                made[key][name] = value
    if isinstance(sets, pikepdf.Array):
        made["/ProcSet"] = pikepdf.Array([one for one in list(sets)[:10] if isinstance(one, pikepdf.Name)])
    return made


def _searched(wanted: str, groups: Collection[str]) -> Iterable[str]:
    """The groups where a name is looked for: its own, and those nobody knows."""
    if wanted == ANY:
        return groups
    return [key for key in groups if key == wanted or key not in _GROUPS]


def _looks(page: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """How the page's annotations are drawn."""
    for note in of_page(page):
        look = note.get("/AP")
        if isinstance(look, pikepdf.Dictionary) and "/N" in look:
            yield look["/N"]

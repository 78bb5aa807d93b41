"""Annotations of a letter's pages: links within the letter or to the web are kept; actions and links out of
the letter are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pikepdf

from fiks.pdf.content_scan import active_codes
from fiks.pdf.cut.object_copy import Transplant
from fiks.pdf.findings import PdfKode

MAX_ANNOTATIONS = 500
MAX_ACTIONS = 50
_DROPPED = frozenset(
    {
        "/FileAttachment",
        "/Popup",
        "/Sound",
        "/Movie",
        "/Screen",
        "/RichMedia",
        "/3D",
        "/PrinterMark",
        "/TrapNet",
    }
)
_KEPT_KEYS = (
    "/Type",
    "/Subtype",
    "/Rect",
    "/Contents",
    "/F",
    "/NM",
    "/Border",
    "/BS",
    "/C",
    "/H",
    "/QuadPoints",
)
_LOOKS = ("/AP", "/AS")
_WEB = (b"https://", b"http://", b"mailto:", b"tel:")

Place = tuple[int, int]
Sted = Mapping[Place, pikepdf.Object]
"""Old page position in the big file to the letter's new page."""


def annotations_of(page: pikepdf.Object) -> list[pikepdf.Object]:
    """Return the page's annotations that are dictionaries, at most MAX_ANNOTATIONS."""
    found = page.get("/Annots")
    if not isinstance(found, pikepdf.Array):
        return []
    return [one for one in list(found)[:MAX_ANNOTATIONS] if isinstance(one, pikepdf.Dictionary)]


def active_codes_on(page: pikepdf.Object) -> set[PdfKode]:
    """Return codes of the page's active content: scripts, programs, forms that are submitted, embedded files."""
    nodes = [page, *annotations_of(page)]
    return {code for node in nodes for inner in _actions(node) for code in active_codes(inner)}


def _actions(node: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Yield the dictionary itself and its actions, with those chained to them."""
    yield node
    waiting = [node[key] for key in ("/A", "/AA", "/FS", "/PA") if key in node]
    for _ in range(MAX_ACTIONS):
        if not waiting:
            return
        action = waiting.pop()
        if isinstance(action, pikepdf.Array):
            waiting += list(action)[:MAX_ACTIONS]
        elif isinstance(action, pikepdf.Dictionary):
            yield action
            waiting += [
                inner for _, inner in action.items() if isinstance(inner, pikepdf.Dictionary | pikepdf.Array)
            ]


class Annotasjoner:
    """Copies annotations to a letter. `destinations` resolves a link's named destination in the big file."""

    def __init__(self, out: pikepdf.Pdf, new_pages: Sted, destinations: Destinations) -> None:
        self.out = out
        self.new_pages = new_pages
        self.destinations = destinations
        self.carry = Transplant(out)

    def page(self, source: Sequence[pikepdf.Object], target: pikepdf.Page) -> list[pikepdf.Object | None]:
        """Copy these annotations to the new page; returns the copies, None for each that was dropped."""
        made = [self._copy(one, target) for one in source]
        kept = [one for one in made if one is not None]
        if kept:
            target.obj["/Annots"] = pikepdf.Array(kept)
        return made

    def _copy(self, source: pikepdf.Object, target: pikepdf.Page) -> pikepdf.Object | None:
        subtype = str(source.get("/Subtype", ""))
        if not subtype or subtype in _DROPPED:
            return None
        made = self.carry.some(source, _KEPT_KEYS)
        if subtype == "/Link" and not self._lead(source, made):
            return None
        made["/P"] = target.obj
        for key in _LOOKS:
            self._look(source, made, key)
        return self.out.make_indirect(made)

    def _look(self, source: pikepdf.Object, made: pikepdf.Dictionary, key: str) -> None:
        """Copy the annotation's appearance. It contains streams, so it is copied whole."""
        value = source.get(key)
        if value is None:
            return
        if isinstance(value, pikepdf.Name):
            made[key] = pikepdf.Name(str(value))
        elif isinstance(value, pikepdf.Dictionary) and isinstance(value.get("/N"), pikepdf.Stream):
            made[key] = pikepdf.Dictionary(N=self.out.copy_foreign(value["/N"]))
        elif isinstance(value, pikepdf.Dictionary) and isinstance(value.get("/N"), pikepdf.Dictionary):
            states = [(k, v) for k, v in value["/N"].items() if isinstance(v, pikepdf.Stream)][:20]
            made[key] = pikepdf.Dictionary(
                N=pikepdf.Dictionary({k: self.out.copy_foreign(v) for k, v in states})
            )

    def _lead(self, source: pikepdf.Object, made: pikepdf.Dictionary) -> bool:
        """Set a link's target; False when it is outside the letter."""
        action = source.get("/A")
        if isinstance(action, pikepdf.Dictionary) and action.get("/S") == "/URI":
            address = action.get("/URI")
            if not isinstance(address, pikepdf.String) or not bytes(address).lower().startswith(_WEB):
                return False
            made["/A"] = pikepdf.Dictionary(S=pikepdf.Name("/URI"), URI=pikepdf.String(bytes(address)))
            return True
        if isinstance(action, pikepdf.Dictionary) and action.get("/S") == "/GoTo":
            wanted = action.get("/D")
        else:
            wanted = source.get("/Dest")
        found = self.destinations.find(wanted)
        page = self.new_pages.get(found[0].objgen) if found is not None else None
        if found is None or page is None:
            return False
        view = [self.carry.value(part) for part in list(found)[1:6]]
        made["/Dest"] = pikepdf.Array([page, *(part for part in view if part is not None)])
        return True


class Destinations:
    """Named destinations of the big file, looked up one at a time."""

    def __init__(self, source: pikepdf.Pdf) -> None:
        root = source.Root
        names = root.get("/Names")
        tree = names.get("/Dests") if isinstance(names, pikepdf.Dictionary) else None
        self._tree = pikepdf.NameTree(tree) if isinstance(tree, pikepdf.Dictionary) else None
        old = root.get("/Dests")
        self._old = old if isinstance(old, pikepdf.Dictionary) else None

    def find(self, wanted: object) -> pikepdf.Array | None:
        """Resolve a name or an explicit destination to [page, view, …]; None when it is neither."""
        found: object = wanted
        if isinstance(wanted, pikepdf.Name):
            found = self._old.get(str(wanted)) if self._old is not None else None
        elif isinstance(wanted, pikepdf.String):
            found = self._tree.get(str(wanted)) if self._tree is not None else None
        if isinstance(found, pikepdf.Dictionary):
            found = found.get("/D")
        if isinstance(found, pikepdf.Array) and len(found) and isinstance(found[0], pikepdf.Dictionary):
            return found
        return None

"""Scan of a PDF's objects: fonts that are not embedded, and active content."""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf

from fiks.pdf.findings import PdfKode

MAX_NESTING = 60
_SCRIPT = frozenset({"/JavaScript"})
_ACTIONS = frozenset(
    {"/Launch", "/ImportData", "/SubmitForm", "/ResetForm", "/GoToE", "/Rendition", "/Movie", "/Sound"}
)
_ACTIVE_TYPES = frozenset({"/RichMedia", "/Movie", "/Screen", "/3D", "/Sound"})
_FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")
_NESTED = ("/XObject", "/Pattern")


def active_content(pdf: pikepdf.Pdf) -> tuple[PdfKode, ...]:
    """Return PDF_INNEBYGD_FIL, PDF_JAVASCRIPT and PDF_HANDLING (starts a program, submits a form, plays
    media) if found.
    """
    found = {code for node in _dictionaries(pdf) for code in active_codes(node)}
    return tuple(sorted(found))


def active_codes(node: pikepdf.Object) -> Iterator[PdfKode]:
    """Yield the codes of one dictionary's active or embedded content, judged by its own keys."""
    action = node.get("/S")
    name = str(action) if isinstance(action, pikepdf.Name) else ""
    if name in _SCRIPT or "/JS" in node:
        yield PdfKode.PDF_JAVASCRIPT
    if name in _ACTIONS or "/XFA" in node:
        yield PdfKode.PDF_HANDLING
    if "/EF" in node or "/EmbeddedFiles" in node:
        yield PdfKode.PDF_INNEBYGD_FIL
    subtype = node.get("/Subtype")
    if isinstance(subtype, pikepdf.Name) and "/Rect" in node and str(subtype) in _ACTIVE_TYPES:
        yield PdfKode.PDF_HANDLING


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Yield every dictionary of the file: indirect objects, and those directly inside them."""
    for top in [*pdf.objects, pdf.trailer]:
        stack: list[tuple[pikepdf.Object, int]] = [(top, 0)]
        while stack:
            node, depth = stack.pop()
            if isinstance(node, pikepdf.Dictionary | pikepdf.Stream):
                yield node
                inner = [value for _, value in node.items()]
            elif isinstance(node, pikepdf.Array):
                inner = list(node)
            else:
                continue
            if depth > MAX_NESTING:
                raise ValueError("nested too deep")
            stack += [(v, depth + 1) for v in inner if isinstance(v, pikepdf.Object) and not v.is_indirect]


def pages_without_fonts(pdf: pikepdf.Pdf) -> tuple[int, ...]:
    """Return the pages (from 1) that use a font that is not embedded."""
    known: dict[tuple[int, int], bool] = {}
    return tuple(n for n, page in enumerate(pdf.pages, 1) if _lacks_fonts(page.obj, known))


def _lacks_fonts(page: pikepdf.Object, known: dict[tuple[int, int], bool]) -> bool:
    seen: set[tuple[int, int]] = set()
    stack = [(resources, 0) for resources in _page_resources(page)]
    while stack:
        resources, depth = stack.pop()
        if depth > MAX_NESTING or not isinstance(resources, pikepdf.Dictionary):
            continue
        fonts = resources.get("/Font")
        if isinstance(fonts, pikepdf.Dictionary) and any(not _embedded(f, known) for _, f in fonts.items()):
            return True
        for key in _NESTED:
            group = resources.get(key)
            for _, node in group.items() if isinstance(group, pikepdf.Dictionary) else ():
                if node.objgen in seen or not isinstance(node, pikepdf.Stream | pikepdf.Dictionary):
                    continue
                if node.objgen != (0, 0):
                    seen.add(node.objgen)
                stack.append((node.get("/Resources"), depth + 1))
    return False


def _page_resources(page: pikepdf.Object) -> Iterator[pikepdf.Object | None]:
    """Yield the page's own or inherited resources, and those of its annotations' appearances."""
    node: pikepdf.Object | None = page
    for _ in range(MAX_NESTING):
        if not isinstance(node, pikepdf.Dictionary):
            break
        if "/Resources" in node:
            yield node["/Resources"]
            break
        node = node.get("/Parent")
    annotations = page.get("/Annots")
    if not isinstance(annotations, pikepdf.Array):
        return
    for annotation in list(annotations):
        appearance = annotation.get("/AP") if isinstance(annotation, pikepdf.Dictionary) else None
        normal = appearance.get("/N") if isinstance(appearance, pikepdf.Dictionary) else None
        if isinstance(normal, pikepdf.Stream):
            yield normal.get("/Resources")


def _embedded(font: pikepdf.Object, known: dict[tuple[int, int], bool]) -> bool:
    if not isinstance(font, pikepdf.Dictionary):
        return True
    key = font.objgen
    if key not in known or key == (0, 0):
        known[key] = _has_file(font)
    return known[key]


def _has_file(font: pikepdf.Dictionary) -> bool:
    if font.get("/Subtype") == "/Type3":
        return True
    descendants = font.get("/DescendantFonts")
    inner = descendants[0] if isinstance(descendants, pikepdf.Array) and len(descendants) else font
    descriptor = inner.get("/FontDescriptor")
    return isinstance(descriptor, pikepdf.Dictionary) and any(key in descriptor for key in _FONT_FILES)

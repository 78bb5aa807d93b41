"""Letter cutter: takes the pages' own bytes and what they need to be drawn, and nothing that points
elsewhere.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pikepdf

from fiks.pdf.cut import annotations as cut_annotations
from fiks.pdf.cut import metadata
from fiks.pdf.cut.annotations import Annotasjoner, Destinations, Place
from fiks.pdf.cut.resources import Ressurser
from fiks.pdf.cut.structure_tree import Merker, MerkingTapt, Nye, Struktur, whole_number
from fiks.pdf.errors import PdfFeil
from fiks.pdf.findings import PdfKode

MAX_LETTER_BYTES = 48 * 1024 * 1024
_PAGE_KEYS = frozenset(
    {
        "/Type", "/Parent", "/Resources", "/Contents", "/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox",
        "/Rotate", "/UserUnit", "/Group", "/Tabs",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Brev:
    """Pages `fra` to `til` (from 1, inclusive) of the big file."""

    fra: int
    til: int


@dataclass(frozen=True, slots=True, repr=False)
class Klipp:
    """A cut letter. `koder`: active content its pages had. `merking_tapt`: its tags could not be kept."""

    pdf: bytes
    sider: int
    koder: tuple[PdfKode, ...] = ()
    merking_tapt: bool = False


class Saks:
    """Cuts letters out of one open file."""

    def __init__(self, source: pikepdf.Pdf) -> None:
        self.source = source
        self.pages = source.pages
        self.struktur = Struktur(source)
        self.destinations = Destinations(source)
        self.form = metadata.archive_claims(source)
        self.lag = metadata.Lag(source)
        self.ressurser = Ressurser(self.lag.places)

    def cut(self, brev: Brev, tittel: str) -> Klipp:
        """Cut one letter; the same pages and title give the same bytes.

        PdfFeil SIDE_FINNES_IKKE, PDF_BREV_FOR_STORT, and the errors of `Ressurser.only`.
        """
        if not 1 <= brev.fra <= brev.til <= len(self.pages):
            raise PdfFeil("SIDE_FINNES_IKKE")
        old = [self.pages[n - 1] for n in range(brev.fra, brev.til + 1)]
        active = sorted({code for page in old for code in cut_annotations.active_codes_on(page.obj)})
        with self.ressurser.only([page.obj for page in old]) as layers:
            try:
                pdf, lost = self._make(old, tittel, layers, tags=self.struktur.there), False
            except MerkingTapt:
                pdf, lost = self._make(old, tittel, layers, tags=False), True
        if len(pdf) > MAX_LETTER_BYTES:
            raise PdfFeil(PdfKode.PDF_BREV_FOR_STORT)
        return Klipp(pdf, len(old), tuple(active), lost)

    def _make(
        self, old: Sequence[pikepdf.Page], tittel: str, layers: Mapping[Place, pikepdf.Object], *, tags: bool
    ) -> bytes:
        with pikepdf.Pdf.new() as out:
            for page in old:
                _append(out, page)
            new_pages = {page.obj.objgen: new.obj for page, new in zip(old, out.pages, strict=True)}
            carried = Annotasjoner(out, new_pages, self.destinations)
            before = [one for page in old for one in cut_annotations.annotations_of(page.obj)]
            after = [
                made
                for page, new in zip(old, out.pages, strict=True)
                for made in carried.page(cut_annotations.annotations_of(page.obj), new)
            ]
            tagged = tags and self._tag(out, old, new_pages, list(zip(before, after, strict=True)))
            form = self.form if tagged else self.form.without_tags()
            metadata.write_metadata(self.source, out, tittel, form)
            self.lag.put(out, layers)
            return _saved(out, self.source.pdf_version, form)

    def _tag(
        self,
        out: pikepdf.Pdf,
        old: Sequence[pikepdf.Page],
        new_pages: Mapping[Place, pikepdf.Object],
        annotert: Sequence[tuple[pikepdf.Object, pikepdf.Object | None]],
    ) -> bool:
        drawn = {
            part.objgen: (part, out.copy_foreign(part)) for page in old for part in _drawn_parts(page.obj)
        }
        nye = Nye(
            new_pages,
            {one.objgen: new for one, new in annotert if new is not None and one.is_indirect},
            {place: new for place, (_, new) in drawn.items()},
        )
        keys: dict[int, pikepdf.Object] = {}
        for one, new in annotert:
            key = whole_number(one.get("/StructParent"))
            if new is not None and key is not None:
                keys[key] = new
        for part, new in drawn.values():
            key = whole_number(part.get("/StructParents", part.get("/StructParent")))
            if key is not None:
                keys[key] = new
        pairs = [(page.obj, new.obj) for page, new in zip(old, out.pages, strict=True)]
        return Merker(self.struktur, out, nye).tag(pairs, keys)


def _append(out: pikepdf.Pdf, page: pikepdf.Page) -> None:
    """Copy a page without keys that may lead to other pages; the big file's own page is restored afterwards."""
    held = {key: value for key, value in page.obj.items() if key not in _PAGE_KEYS}
    for key in held:
        del page.obj[key]
    try:
        out.pages.append(page)
    finally:
        for key, value in held.items():
            page.obj[key] = value


def _drawn_parts(page: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Yield the page's form XObjects that have their own place in the structure tree."""
    resources = page.get("/Resources")
    group = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
    for _, part in group.items() if isinstance(group, pikepdf.Dictionary) else ():
        if isinstance(part, pikepdf.Stream) and ("/StructParents" in part or "/StructParent" in part):
            yield part


def _saved(out: pikepdf.Pdf, version: str, form: metadata.Arkivform) -> bytes:
    """Save the letter with its streams byte for byte as in the big file."""
    old_form = form.del_ == "1"
    mode = pikepdf.ObjectStreamMode.disable if old_form else pikepdf.ObjectStreamMode.generate
    buffer = io.BytesIO()
    out.save(
        buffer,
        min_version=version,
        fix_metadata_version=False,
        deterministic_id=True,
        object_stream_mode=mode,
        compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        recompress_flate=False,
    )
    return buffer.getvalue()

"""Merging many letters into one PDF, with equal objects (fonts, logos) stored once."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from typing import Any

import pikepdf

from fiks.pdf.errors import PdfFeil

MAX_LETTERS = 1_000
_ROUNDS = 8
_OWN = frozenset({"/Page", "/Pages", "/Catalog", "/Annot"})


def bundle(brev: Sequence[bytes]) -> tuple[bytes, list[int]]:
    """Append letters, each already a whole print file, into one PDF; return it and each letter's first page.

    Pages are unchanged; the same input gives the same bytes. Raises PdfFeil UTSKRIFT_TOM, UTSKRIFT_FOR_STOR
    or PDF_UGYLDIG.
    """
    if not 0 < len(brev) <= MAX_LETTERS:
        raise PdfFeil("UTSKRIFT_TOM" if not brev else "UTSKRIFT_FOR_STOR")
    starts: list[int] = []
    with pikepdf.Pdf.new() as out:
        for pdf in brev:
            starts.append(len(out.pages) + 1)
            try:
                with pikepdf.Pdf.open(io.BytesIO(pdf)) as source:
                    out.pages.extend(source.pages)
            except pikepdf.PdfError as error:
                raise PdfFeil("PDF_UGYLDIG") from error
        _merge_equal_objects(out)
        buffer = io.BytesIO()
        out.save(
            buffer,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            recompress_flate=False,
        )
    return buffer.getvalue(), starts


def bundle_wire(brev: list[bytes]) -> list[Any]:
    """`bundle` as the child process calls it."""
    return list(bundle(brev))


def _merge_equal_objects(out: pikepdf.Pdf) -> None:
    """Deduplicate equal objects: first those without references, then those that refer to them, and so on."""
    objects = {obj.objgen: obj for obj in out.objects if _may_be_shared(obj)}
    bodies = {place: _stream_digest(obj) for place, obj in objects.items()}
    for _ in range(_ROUNDS):
        first: dict[bytes, pikepdf.Object] = {}
        same: dict[tuple[int, int], pikepdf.Object] = {}
        for place, obj in objects.items():
            kept = first.setdefault(_digest(obj, bodies[place]), obj)
            if kept is not obj:
                same[place] = kept
        if not same:
            return
        for place in same:
            del objects[place]
        for obj in [*objects.values(), *(page.obj for page in out.pages)]:
            _replace(obj, same)


def _may_be_shared(obj: pikepdf.Object) -> bool:
    if not isinstance(obj, pikepdf.Dictionary | pikepdf.Stream | pikepdf.Array):
        return False
    return isinstance(obj, pikepdf.Array) or str(obj.get("/Type", "")) not in _OWN


def _stream_digest(obj: pikepdf.Object) -> bytes:
    return hashlib.sha256(obj.read_raw_bytes()).digest() if isinstance(obj, pikepdf.Stream) else b""


def _digest(obj: pikepdf.Object, body: bytes) -> bytes:
    """Digest of an object: a stream's bytes, and the dictionary or array with the numbers of what it refers
    to.
    """
    told = (
        obj.stream_dict.unparse(resolved=True)
        if isinstance(obj, pikepdf.Stream)
        else obj.unparse(resolved=True)
    )
    return hashlib.sha256(told + b"\0" + body).digest()


def _replace(obj: pikepdf.Object, same: dict[tuple[int, int], pikepdf.Object]) -> None:
    """Replace references to duplicates by the kept objects, in this object and in what is directly inside it."""
    if isinstance(obj, pikepdf.Array):
        places: list[Any] = list(range(len(obj)))
    else:
        places = list(obj.keys())
    for place in places:
        value = obj[place]
        if not isinstance(value, pikepdf.Dictionary | pikepdf.Stream | pikepdf.Array):
            continue
        if value.is_indirect:
            kept = same.get(value.objgen)
            if kept is not None:
                obj[place] = kept
        else:
            _replace(value, same)

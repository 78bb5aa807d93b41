"""Metadata a letter takes over from the big file: language, PDF/A and PDF/UA claims, layers; and its own
title.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

import pikepdf

from fiks.pdf.cut.annotations import Place
from fiks.pdf.cut.object_copy import ForStort, Transplant

MAX_XMP = 1024 * 1024
MAX_PROFILE = 4 * 1024 * 1024
MAX_LAYERS = 200
MAX_LISTED = 100_000
"""Most layers of a letter, and of a file."""

_PART = re.compile(rb"""pdfaid:part\s*(?:=\s*["']|>\s*)([1-4])""")
_CONFORMANCE = re.compile(rb"""pdfaid:conformance\s*(?:=\s*["']|>\s*)([ABUEFabuef])\b""")
_UA = re.compile(rb"""pdfuaid:part\s*(?:=\s*["']|>\s*)([12])""")
_INTENT_KEYS = ("/Type", "/S", "/OutputConditionIdentifier", "/OutputCondition", "/RegistryName", "/Info")
_LAYER_LISTS = ("/ON", "/OFF", "/Locked")


@dataclass(frozen=True, slots=True)
class Arkivform:
    """PDF/A part and level, and PDF/UA part, as the file claims; None for no claim."""

    del_: str | None = None
    niva: str | None = None
    ua: str | None = None

    def without_tags(self) -> Arkivform:
        """Return what may still be claimed when the structure tree could not be kept."""
        niva = ("B" if self.del_ == "1" else "U") if self.niva == "A" else self.niva
        return Arkivform(self.del_, niva, None)


def archive_claims(source: pikepdf.Pdf) -> Arkivform:
    """Read the claims from the file's XMP by text search: untrusted XML is not parsed."""
    stream = source.Root.get("/Metadata")
    if not isinstance(stream, pikepdf.Stream) or int(stream.stream_dict.get("/Length", 0)) > MAX_XMP:
        return Arkivform()
    try:
        text = stream.read_bytes()[:MAX_XMP]
    except pikepdf.PdfError:
        return Arkivform()
    part, level, ua = (found.search(text) for found in (_PART, _CONFORMANCE, _UA))
    return Arkivform(
        part[1].decode() if part else None,
        level[1].decode().upper() if part and level else None,
        ua[1].decode() if ua else None,
    )


def write_metadata(source: pikepdf.Pdf, out: pikepdf.Pdf, title: str, form: Arkivform) -> None:
    """Give a letter its title, language and claims. The big file's title is not used, since it may name one
    receiver.
    """
    carry = Transplant(out)
    out.docinfo["/Title"] = title
    root = out.Root
    language = source.Root.get("/Lang")
    if isinstance(language, pikepdf.String) and len(bytes(language)) <= 64:
        root["/Lang"] = pikepdf.String(bytes(language))
    root["/ViewerPreferences"] = pikepdf.Dictionary(DisplayDocTitle=True)
    metadata = out.make_stream(_xmp(title, form).encode())
    metadata["/Type"], metadata["/Subtype"] = pikepdf.Name("/Metadata"), pikepdf.Name("/XML")
    root["/Metadata"] = metadata
    _intents(source, out, carry)


def _xmp(title: str, form: Arkivform) -> str:
    claims = ""
    if form.del_:
        level = f"<pdfaid:conformance>{form.niva}</pdfaid:conformance>" if form.niva else ""
        claims += (
            '<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">'
            f"<pdfaid:part>{form.del_}</pdfaid:part>{level}</rdf:Description>"
        )
    if form.ua:
        claims += (
            '<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">'
            f"<pdfuaid:part>{form.ua}</pdfuaid:part></rdf:Description>"
        )
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'{claims}<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt>'
        f'<rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title></rdf:Description>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    )


def _intents(source: pikepdf.Pdf, out: pikepdf.Pdf, carry: Transplant) -> None:
    """Copy the output intents: the colour profile that PDF/A requires."""
    found = source.Root.get("/OutputIntents")
    if not isinstance(found, pikepdf.Array):
        return
    made = []
    for intent in list(found)[:4]:
        if not isinstance(intent, pikepdf.Dictionary):
            continue
        copy = carry.some(intent, _INTENT_KEYS)
        profile = intent.get("/DestOutputProfile")
        if isinstance(profile, pikepdf.Stream) and int(profile.stream_dict.get("/Length", 0)) <= MAX_PROFILE:
            copy["/DestOutputProfile"] = out.copy_foreign(profile)
        made.append(copy)
    out.Root["/OutputIntents"] = pikepdf.Array(made)


class Lag:
    """The layers of an open file and which of them are shown. A layer's name may be one letter's own."""

    def __init__(self, source: pikepdf.Pdf) -> None:
        found = source.Root.get("/OCProperties")
        config = found.get("/D") if isinstance(found, pikepdf.Dictionary) else None
        self.base = str(config.get("/BaseState", "/ON")) if isinstance(config, pikepdf.Dictionary) else "/ON"
        self.lists = {key: _places(config, key) for key in _LAYER_LISTS}
        self.places = (
            _places(found, "/OCGs") if isinstance(config, pikepdf.Dictionary) else frozenset[Place]()
        )

    def put(self, out: pikepdf.Pdf, used: Mapping[Place, pikepdf.Object]) -> None:
        """Give a letter the layers it uses; otherwise layers the big file hides would be visible in the
        letter.
        """
        if len(used) > MAX_LAYERS:
            raise ForStort
        if not used:
            return
        moved = {place: out.copy_foreign(group) for place, group in used.items()}
        default = pikepdf.Dictionary(
            BaseState=pikepdf.Name(self.base), Order=pikepdf.Array(list(moved.values()))
        )
        for key, listed in self.lists.items():
            default[key] = pikepdf.Array([group for place, group in moved.items() if place in listed])
        out.Root["/OCProperties"] = pikepdf.Dictionary(OCGs=pikepdf.Array(list(moved.values())), D=default)


def _places(node: object, key: str) -> frozenset[Place]:
    """Return the positions of a list's objects. ForStort when it is longer than such a list ever is."""
    listed = node.get(key) if isinstance(node, pikepdf.Dictionary) else None
    if not isinstance(listed, pikepdf.Array):
        return frozenset()
    if len(listed) > MAX_LISTED:
        raise ForStort
    return frozenset(one.objgen for one in listed if isinstance(one, pikepdf.Object) and one.is_indirect)

"""File names: which are allowed, and which files a cell of the list names. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from fiks.core.values.identifiers import mask_numbers

SEPARATOR = "|"
SUFFIX = ".pdf"
MAX_NAME = 226
"""Same limit as for the name of a document that a fagsystem sends."""

SHOWN = 120
FORBIDDEN = frozenset('*:"<>|?')
_FOLDERS = re.compile(r"[/\\]")
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)


class Navnefeil(StrEnum):
    """Why a file name is refused; the portal has a text for each."""

    FILNAVN_TOMT = "FILNAVN_TOMT"
    FILNAVN_STI = "FILNAVN_STI"
    FILNAVN_FOR_LANGT = "FILNAVN_FOR_LANGT"
    FILNAVN_TEGN = "FILNAVN_TEGN"
    FILNAVN_RESERVERT = "FILNAVN_RESERVERT"
    FILTYPE_IKKE_PDF = "FILTYPE_IKKE_PDF"


def base_name(path: str) -> str:
    """Return the file's own name in NFC: the part after the last folder separator of any system."""
    return unicodedata.normalize("NFC", _FOLDERS.split(path)[-1]).strip()


def shown_name(path: str) -> str:
    """Return the name as pages, logs and the receiver may see it.

    No folders, no invisible or reordering characters, personal numbers masked, at most 120 characters.
    """
    kept = "".join(sign for sign in base_name(path) if sign.isprintable() and sign not in FORBIDDEN)
    return mask_numbers(kept).replace("*", "x")[-SHOWN:] or "fil"


def fold(name: str) -> str:
    """Return the name case-folded: two names that fold alike differ only in case."""
    return unicodedata.normalize("NFC", name.casefold())


def name_fault(path: str) -> Navnefeil | None:
    """Return what is wrong with a name as sent or written. Folders before it are allowed, `..` is not."""
    if ".." in _FOLDERS.split(path):
        return Navnefeil.FILNAVN_STI
    name = base_name(path)
    if not name.strip(" ."):
        return Navnefeil.FILNAVN_TOMT
    if len(name) > MAX_NAME:
        return Navnefeil.FILNAVN_FOR_LANGT
    if any(not sign.isprintable() or sign in FORBIDDEN for sign in name):
        return Navnefeil.FILNAVN_TEGN
    if _DEVICE.fullmatch(name.split(".")[0].strip()):
        return Navnefeil.FILNAVN_RESERVERT
    return None if fold(name).endswith(SUFFIX) else Navnefeil.FILTYPE_IKKE_PDF


@dataclass(frozen=True, slots=True, repr=False)
class Nevnt:
    """The files a cell names, in order: base names, and the faults of invalid names. No repr."""

    navn: tuple[str, ...]
    feil: tuple[Navnefeil, ...]


def named_files(cell: str) -> Nevnt:
    """Parse a cell of the list into file names separated by `|`; folders before a name are ignored."""
    written = [part.strip() for part in cell.split(SEPARATOR) if part.strip()]
    faults = [name_fault(part) for part in written]
    good = [base_name(part) for part, fault in zip(written, faults, strict=True) if fault is None]
    return Nevnt(tuple(good), tuple(fault for fault in faults if fault is not None))

"""Matches a row's file names to uploaded files, with findings where they do not match. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from fiks.core.values.identifiers import mask_numbers
from fiks.utsending.filer.errors import MAX_FILES_OF_A_ROW, MAX_LETTER_BYTES
from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode, Rad, funn

FIELD = "filnavn"
_F, _A = Alvorlighet.FEIL, Alvorlighet.ADVARSEL


@dataclass(frozen=True, slots=True)
class Kjentfil:
    """An uploaded file, as much as a row needs. `indeks` and `likhet` stand for its name and case-folded
    name.
    """

    id: UUID
    indeks: Hashable
    likhet: Hashable
    storrelse: int
    kan_sendes: bool


@dataclass(frozen=True, slots=True)
class Radfiler:
    """The files a row sends, in order, and the findings."""

    filer: tuple[Kjentfil, ...]
    funn: tuple[Funn, ...]


class Filer:
    """Index of a mailing's files by name. `key` converts a name to what `indeks` and `likhet` hold."""

    def __init__(self, filer: Iterable[Kjentfil], key: Callable[[str], Hashable]) -> None:
        self._key = key
        self._exact: dict[Hashable, Kjentfil] = {}
        self._alike: dict[Hashable, list[Kjentfil]] = {}
        for fil in filer:
            self._exact[fil.indeks] = fil
            self._alike.setdefault(fil.likhet, []).append(fil)

    def __bool__(self) -> bool:
        return bool(self._exact)

    def of_row(self, rad: Rad, cell: str) -> Radfiler:
        """Return the files the cell `filnavn` names.

        An exact name wins; otherwise one that differs only in case, with a finding. Findings:
        FILNAVN_MANGLER, FILNAVN_I_RADEN_UGYLDIG, FIL_IKKE_LASTET_OPP, FIL_FLERTYDIG, FIL_NEVNT_TO_GANGER,
        FIL_KAN_IKKE_SENDES, FILER_I_RADEN_FOR_MANGE, BREV_FOR_STORT (feil), FILNAVN_BOKSTAVSTORRELSE
        (advarsel).
        """
        named = named_files(cell)
        if not named.navn and not named.feil:
            return Radfiler((), (_file_finding(rad, Funnkode.FILNAVN_MANGLER, _F),))
        found = list(_name_faults(rad, named.feil))
        files: list[Kjentfil] = []
        for name in named.navn:
            fil, code = self._look_up(name)
            if code is not None:
                found.append(
                    _file_finding(rad, code, _A if code is Funnkode.FILNAVN_BOKSTAVSTORRELSE else _F)
                )
            if fil is not None:
                files.append(fil)
        found += _letter_faults(rad, files)
        return Radfiler(tuple(dict.fromkeys(files)), tuple(_without_repeats(found)))

    def _look_up(self, name: str) -> tuple[Kjentfil | None, Funnkode | None]:
        exact = self._exact.get(self._key(name))
        if exact is not None:
            return exact, None
        alike = self._alike.get(self._key(fold(name)), [])
        if len(alike) == 1:
            return alike[0], Funnkode.FILNAVN_BOKSTAVSTORRELSE
        return None, Funnkode.FIL_FLERTYDIG if alike else Funnkode.FIL_IKKE_LASTET_OPP


def _name_faults(rad: Rad, faults: Iterable[Navnefeil]) -> Iterator[Funn]:
    if any(faults):
        yield _file_finding(rad, Funnkode.FILNAVN_I_RADEN_UGYLDIG, _F)


def _letter_faults(rad: Rad, files: list[Kjentfil]) -> Iterator[Funn]:
    if len({fil.likhet for fil in files}) < len(files):
        yield _file_finding(rad, Funnkode.FIL_NEVNT_TO_GANGER, _F)
    if not all(fil.kan_sendes for fil in files):
        yield _file_finding(rad, Funnkode.FIL_KAN_IKKE_SENDES, _F)
    if len(files) > MAX_FILES_OF_A_ROW:
        yield _file_finding(rad, Funnkode.FILER_I_RADEN_FOR_MANGE, _F)
    if sum(fil.storrelse for fil in files) > MAX_LETTER_BYTES:
        yield _file_finding(rad, Funnkode.BREV_FOR_STORT, _F)


def _file_finding(rad: Rad, kode: Funnkode, alvorlighet: Alvorlighet) -> Funn:
    return funn(rad, FIELD, kode, alvorlighet)


def _without_repeats(found: Iterable[Funn]) -> Iterator[Funn]:
    """Yield each kind of finding once per row: two missing files are one thing to correct."""
    seen: set[Funnkode] = set()
    for finding in found:
        if finding.kode not in seen:
            seen.add(finding.kode)
            yield finding


class Brukere:
    """Records the receiver of each file; a file with two different receivers goes to neither."""

    def __init__(self) -> None:
        self._receiver: dict[UUID, int] = {}
        self.delte: set[UUID] = set()

    def note(self, filer: Iterable[Kjentfil], mottaker: int) -> None:
        """Record that a row sends these files to `mottaker`, a short hash of the receiver."""
        for fil in filer:
            if self._receiver.setdefault(fil.id, mottaker) != mottaker:
                self.delte.add(fil.id)


SEPARATOR = "|"
SUFFIX = ".pdf"
MAX_NAME = 226
"""Same limit as for the name of a document that a fagsystem sends."""

MAX_DISPLAYED = 120
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


def display_name(path: str) -> str:
    """Return the name as pages, logs and the receiver may see it.

    No folders, no invisible or reordering characters, personal numbers masked, at most 120 characters.
    """
    kept = "".join(sign for sign in base_name(path) if sign.isprintable() and sign not in FORBIDDEN)
    return mask_numbers(kept).replace("*", "x")[-MAX_DISPLAYED:] or "fil"


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

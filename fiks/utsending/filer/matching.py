"""Matches a row's file names to uploaded files, with findings where they do not match. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from fiks.utsending.filer.limits import MAX_FILES_OF_A_ROW, MAX_LETTER_BYTES
from fiks.utsending.filer.names import Navnefeil, fold, named_files
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
            return Radfiler((), (_found(rad, Funnkode.FILNAVN_MANGLER, _F),))
        found = list(_name_faults(rad, named.feil))
        files: list[Kjentfil] = []
        for name in named.navn:
            fil, code = self._look_up(name)
            if code is not None:
                found.append(_found(rad, code, _A if code is Funnkode.FILNAVN_BOKSTAVSTORRELSE else _F))
            if fil is not None:
                files.append(fil)
        found += _letter_faults(rad, files)
        return Radfiler(tuple(dict.fromkeys(files)), tuple(_once(found)))

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
        yield _found(rad, Funnkode.FILNAVN_I_RADEN_UGYLDIG, _F)


def _letter_faults(rad: Rad, files: list[Kjentfil]) -> Iterator[Funn]:
    if len({fil.likhet for fil in files}) < len(files):
        yield _found(rad, Funnkode.FIL_NEVNT_TO_GANGER, _F)
    if not all(fil.kan_sendes for fil in files):
        yield _found(rad, Funnkode.FIL_KAN_IKKE_SENDES, _F)
    if len(files) > MAX_FILES_OF_A_ROW:
        yield _found(rad, Funnkode.FILER_I_RADEN_FOR_MANGE, _F)
    if sum(fil.storrelse for fil in files) > MAX_LETTER_BYTES:
        yield _found(rad, Funnkode.BREV_FOR_STORT, _F)


def _found(rad: Rad, kode: Funnkode, alvorlighet: Alvorlighet) -> Funn:
    return funn(rad, FIELD, kode, alvorlighet)


def _once(found: Iterable[Funn]) -> Iterator[Funn]:
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

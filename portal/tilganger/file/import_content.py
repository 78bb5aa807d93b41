"""Reading a file of grants: its columns, and how an uploaded file is parsed.

The file is untrusted: it is read by the reader of recipient lists, in a child process with limits on memory
and time, which refuses formulas, zip bombs and content that does not match its type (ADR 0009).
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePath

from werkzeug.datastructures import FileStorage

from fiks.core.errors import UgyldigInndata
from fiks.core.isolate import path_of_open_file
from fiks.konfigurasjon.tilgang.bulk_rules import MAX_ROWS, Filrad
from fiks.utsending.liste.child.process import MIB, Limits, open_list
from fiks.utsending.liste.columns import header_key
from fiks.utsending.liste.findings import ListeFeil, Rad
from portal.texts.konfigurasjon.grant_file import FILFEIL, KOLONNER
from portal.texts.konfigurasjon.privilegier import PRIVILEGIER

MAX_BYTES = 2 * MIB
LIMITS = Limits(memory=384 * MIB, cpu=10, wall=15.0)
FNR_LENGTH = 11
NEEDED = ("fnr", "navn", "ressurs", "privilegium")

# The reader of lists knows the heading of a personal number by many names and calls them all fnr.
_FIELDS = {header_key(kolonne): felt for felt, (kolonne, _) in KOLONNER.items()} | {"fnr": "fnr"}
_CODES = {" ".join(navn.navn.split()).casefold(): str(kode) for kode, navn in PRIVILEGIER.items()}


def read_file(file: FileStorage) -> list[Filrad]:
    """Read the rows of an uploaded file. UgyldigInndata says why it cannot be used; the file itself is never
    kept.
    """
    suffix = PurePath(file.filename or "").suffix.lower()
    with tempfile.TemporaryFile() as stored:  # without a name: nothing is left of it, however this ends
        file.save(stored)
        stored.flush()
        if stored.tell() > MAX_BYTES:
            raise UgyldigInndata("FIL_FOR_STOR", felt="fil", maks_mb=MAX_BYTES // MIB)
        try:
            return _rows(Path(path_of_open_file(stored.fileno())), f"fil{suffix}")
        except ListeFeil as error:
            kode = FILFEIL.get(str(error.kode), str(error.kode))
            raise UgyldigInndata(kode, felt="fil", **_params(error)) from error


def _params(error: ListeFeil) -> dict[str, object]:
    named = {"kolonne": error.felt} if error.felt else {}
    listed = {k: ", ".join(map(str, v)) if isinstance(v, list) else v for k, v in error.params.items()}
    return {"maks_mb": MAX_BYTES // MIB} | named | listed


def _rows(path: Path, filnavn: str) -> list[Filrad]:
    with open_list(path, filnavn, limits=LIMITS) as liste:
        known = ((_FIELDS.get(header_key(navn)), navn) for navn in liste.form.felter)
        names = {felt: navn for felt, navn in known if felt}
        missing = [KOLONNER[felt][0] for felt in NEEDED if felt not in names]
        if missing:
            raise UgyldigInndata("TILGANGSFIL_MANGLER_KOLONNE", felt="fil", kolonne=", ".join(missing))
        rader: list[Filrad] = []
        for rad in liste.rader:
            if len(rader) == MAX_ROWS:
                raise UgyldigInndata("FIL_FOR_MANGE_TILGANGER", felt="fil", grense=MAX_ROWS)
            if rad.forskjovet is not None:
                raise UgyldigInndata("TILGANGSFIL_FORSKJOVET", felt="fil", rad=rad.rad)
            rader.append(_row(rad, names))
        return rader


def _row(rad: Rad, names: Mapping[str, str]) -> Filrad:
    said = {felt: rad.verdier.get(names[felt], "").strip() if felt in names else "" for felt in KOLONNER}
    number = "".join(said["fnr"].split())
    if names["fnr"] in rad.tall:
        number = number.zfill(
            FNR_LENGTH
        )  # a spreadsheet that took it for a number has dropped the first zero
    privilegium = " ".join(said["privilegium"].split())
    code = _CODES.get(privilegium.casefold(), privilegium)
    return Filrad(rad.rad, **(said | {"fnr": number, "privilegium": code}))

"""Errors that refuse an upload of files, and the limits behind them."""

from __future__ import annotations

from enum import StrEnum

from fiks.core.errors import FiksError


class Filavslag(StrEnum):
    """Reasons besides those of `Navnefeil`; the portal has a text for each."""

    FIL_TOM = "FIL_TOM"
    FIL_FOR_STOR = "FIL_FOR_STOR"
    FILTYPE_IKKE_PDF = "FILTYPE_IKKE_PDF"
    FILNAVN_DOBBELT = "FILNAVN_DOBBELT"
    FILER_FOR_MANGE = "FILER_FOR_MANGE"
    FILER_FOR_STORE = "FILER_FOR_STORE"
    ZIP_UGYLDIG = "ZIP_UGYLDIG"
    ZIP_PASSORD = "ZIP_PASSORD"
    ZIP_PAKKEMATE = "ZIP_PAKKEMATE"
    ZIP_BOMBE = "ZIP_BOMBE"
    ZIP_TOM = "ZIP_TOM"
    ZIP_STI = "ZIP_STI"
    ZIP_LENKE = "ZIP_LENKE"
    ZIP_NAVN_DOBBELT = "ZIP_NAVN_DOBBELT"
    ZIP_FOR_TUNG = "ZIP_FOR_TUNG"


class FilFeil(FiksError):
    """The file, or the whole zip, is refused. `params` may hold `navn` (masked), `grense` and `maks_mb`."""

    status = 422


MIB = 1024 * 1024
MAX_FILES = 20_000
MAX_FILE_BYTES = 25 * MIB
MAX_TOTAL_BYTES = 8 * 1024 * MIB
MAX_ZIP_BYTES = 1_000 * MIB
MAX_UNZIPPED_BYTES = 4 * 1024 * MIB
MAX_FILES_OF_A_ROW = 20
MAX_LETTER_BYTES = 350 * MIB
"""All printable documents of one letter together (svarut.md 1.4)."""

CHECK_PORTION = 25
"""Files per piece of checking: some seconds of work."""

"""Limits on the number and size of a mailing's files; shown to a user who exceeds them."""

from __future__ import annotations

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

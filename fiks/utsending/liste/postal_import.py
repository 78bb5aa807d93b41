"""Command: make the postal code register from Bring's published file (docs/adr/0050).

    python -m fiks.utsending.liste.postal_import postnummerregister-ansi.txt 2027-01-15 [OUT]

The date is the day the file was fetched; the file has none. Without OUT the register in use is replaced. It
is read once by each process at start, and by each child that reads a list.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from fiks.utsending.liste.postal_codes import REGISTER, Postregister, read_register, register

MIN_CODES = 4_000
"""There have always been about five thousand codes; fewer than this means half a file."""
_CODE = re.compile(r"[0-9]{4}")


def read_published(content: bytes) -> dict[str, str]:
    """Return {code: place} of Bring's file.

    Windows-1252; each line has code, place, kommunenummer, kommune and kind, tab-separated. Raises ValueError
    for any other file.
    """
    if content.startswith(b"\xef\xbb\xbf"):
        raise ValueError("this is the file in UTF-8: fetch the one that is called ansi")
    places: dict[str, str] = {}
    for number, line in enumerate(content.decode("cp1252").splitlines(), start=1):
        code, place = _entry(line, number)
        if code in places:
            raise ValueError(f"line {number}: {code} for the second time")
        places[code] = place
    if len(places) < MIN_CODES:
        raise ValueError(f"{len(places)} codes: a part of the register")
    return places


def _entry(line: str, number: int) -> tuple[str, str]:
    fields = [field.strip() for field in line.split("\t")]
    if len(fields) != 5 or not _CODE.fullmatch(fields[0]) or not fields[1] or "Ã" in fields[1]:
        raise ValueError(f"line {number}: not code, place, kommunenummer, kommune and kind in Windows-1252")
    return fields[0], fields[1].upper()


def write_register(found: Postregister, out: Path) -> None:
    """Write the register beside `out`, read it back, and replace `out` atomically."""
    lines = [
        f"#\t{found.dato.isoformat()}",
        *(f"{code}\t{found.steder[code]}" for code in sorted(found.steder)),
    ]
    beside = out.with_name(f"{out.name}.ny")
    beside.write_text("\n".join(lines) + "\n", "utf-8")
    if read_register(beside) != found:
        raise ValueError(f"{beside} was not written whole")
    os.replace(beside, out)


def summarise_changes(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return what changed, in one line."""
    moved = [code for code in after.keys() & before.keys() if after[code] != before[code]]
    new, gone = len(after.keys() - before.keys()), len(before.keys() - after.keys())
    return f"{len(after)} postnumre: {new} nye, {gone} borte, {len(moved)} med nytt poststed"


def _present_register() -> Postregister:
    """Return the register in use; an empty one dated date.min where it cannot be read, so a new one repairs
    it.
    """
    try:
        return register()
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{REGISTER} cannot be read: {error}\n")
        return Postregister(date.min, {})


def main(arguments: Sequence[str]) -> int:
    """Make the register and print what changed; return 1 and write nothing for a bad file or date."""
    if len(arguments) not in (2, 3):
        sys.exit(__doc__)
    before = _present_register()
    try:
        found = Postregister(
            date.fromisoformat(arguments[1]), read_published(Path(arguments[0]).read_bytes())
        )
        if found.dato < before.dato:
            raise ValueError(f"{found.dato} is before the register there is, of {before.dato}")
        write_register(found, Path(arguments[2]) if len(arguments) > 2 else REGISTER)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(summarise_changes(before.steder, found.steder) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

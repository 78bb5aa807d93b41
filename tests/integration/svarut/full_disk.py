"""A house whose document store is a small disk, that takes letters in before it is full, when it is, and after.

`python -m tests.integration.svarut.full_disk KONTO FOLDER HOW`. HOW is `tmpfs`: a small disk is mounted on FOLDER,
which nobody outside sees, so this must run in a mount namespace of its own. Or `limit`, where that is refused: no file
may be larger than a part of a document. It answers with what it found as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from config.settings import Settings
from fiks.core.actor import system
from fiks.core.db import session
from fiks.core.errors import FiksError
from fiks.svarut.letters import load_letters, read_checked
from fiks.svarut.models import Dokument
from fiks.svarut.mottak import Innlasting
from fiks.utsending import stored_objects
from tests.doubles import tiny_pdf
from tests.submissions import document, submission
from workers.app import create_app
from workers.planned import OTHER_OBJECT_COLUMNS

KILOBYTE = 1024
DISK, PADDING = 1_536 * KILOBYTE, 200 * KILOBYTE
REFUSALS = 3
NAMES = ("a.pdf", "b.pdf")
CONTENTS = tuple(tiny_pdf([name]) + os.urandom(PADDING) for name in NAMES)


def take_in(konto_id: UUID) -> UUID:
    new = submission(*(document(name) for name in NAMES))
    with Innlasting(konto_id, actor=system("test"), innsending=new) as loading:
        for name, content in zip(NAMES, CONTENTS, strict=True):
            loading.take(name, [content])
        return loading.register()


def content_of(letter_id: UUID) -> tuple[bytes, ...]:
    return tuple(read_checked(document) for document in load_letters([letter_id])[letter_id].dokumenter)


class Mounted:
    """A disk of its own."""

    def __init__(self, folder: Path) -> None:
        self.junk = folder / "annet"
        options = f"size={DISK}"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)

    def fill(self) -> None:
        """Leave room for one document and the half of another."""
        free = shutil.disk_usage(self.junk.parent).free
        self.junk.write_bytes(bytes(free - PADDING * 3 // 2))

    def free(self) -> None:
        self.junk.unlink()


class Limited:
    """No room for a whole document in any file."""

    def __init__(self, folder: Path) -> None:
        self.most = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (PADDING // 2, self.most[1]))

    def free(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self.most)


DISKS: dict[str, type[Mounted | Limited]] = {"tmpfs": Mounted, "limit": Limited}


def refusals(konto_id: UUID) -> list[str]:
    """What is said to who sends so many letters now."""
    said = []
    for _ in range(REFUSALS):
        try:
            take_in(konto_id)
        except FiksError as error:
            said.append(error.kode)
            session().rollback()
    return said


def stored(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def main() -> None:
    konto_id, folder, how = UUID(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    disk = DISKS[how](folder)
    stored_objects.MIN_AGE = timedelta(0)
    with create_app(Settings.from_env()).app_context():
        letters = [take_in(konto_id)]
        disk.fill()
        refused = refusals(konto_id)
        disk.free()
        letters.append(take_in(konto_id))
        whole = [content_of(one) == CONTENTS for one in letters]
        stored_objects.delete_strays(OTHER_OBJECT_COLUMNS)
        own = select(Dokument.objekt).where(Dokument.forsendelse_id.in_(letters))
        used = {str(objekt) for objekt in session().scalars(own)}
        found = {
            "brev": len(letters),
            "avvist": refused,
            "hele": all(whole),
            "herrelose": sorted(stored(folder) - used),
            "savnet": sorted(used - stored(folder)),
        }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()

"""With an object store that is older than its database docs/drift/gjenoppretting.md finds the letters that are lost."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from sqlalchemy import select

from fiks.core.db import session
from fiks.svarut.models import Dokument
from fiks.utsending import stored_objects
from tests.architecture.tree import ROOT
from tests.integration.databases import Database, running_process
from tests.integration.houses import make_hus, new_fnr
from tests.integration.svarut.letters import make_letter
from workers import planned

BOOK = (ROOT / "docs" / "drift" / "gjenoppretting.md").read_text("utf-8")
[QUERY] = [
    text for text in re.findall(r"^ {4}(SELECT [^;]+);", BOOK, re.MULTILINE) if "'brev' AS hva" in text
]


def command(begins: str) -> str:
    """The line of the page that begins so."""
    [line] = re.findall(rf"^ {{4}}({re.escape(begins)}.+)$", BOOK, re.MULTILINE)
    return str(line)


def test_the_letters_whose_objects_are_not_in_the_store_are_found_and_no_other(
    database: Database, tmp_path: Path
) -> None:
    database.empty()
    store = tmp_path / "objekter"
    with running_process(database, OBJECT_STORE_URL=f"file://{store}") as process, process.app.app_context():
        hus = make_hus()
        _, lost, _ = letters = [make_letter(hus, new_fnr()) for _ in range(3)]
        named = select(Dokument.objekt).where(Dokument.forsendelse_id == lost)
        for objekt in set(session().scalars(named)):
            (store / str(objekt)).unlink()
        session().rollback()
    with database.app() as connection:
        rows = connection.execute(QUERY.replace("2027/05/02", "2026/01/01").encode()).fetchall()
    assert len(rows) >= len(letters)
    lines = sorted("|".join("" if cell is None else str(cell) for cell in row) for row in rows)
    (tmp_path / "i-basen").write_text("".join(f"{line}\n" for line in lines))
    listed = command("(cd /var/fiks/objekter").replace("/var/fiks/objekter", str(store))
    for line in (listed, command("LC_ALL=C join")):
        subprocess.run(["sh", "-c", line], cwd=tmp_path, check=True)
    missing = [line.split("|") for line in (tmp_path / "borte").read_text().splitlines()]
    assert {(kind, letter) for _, kind, letter, *_ in missing} == {("brev", str(lost))}


def test_every_table_that_names_an_object_is_looked_through() -> None:
    """But pictures and previews, which are made anew when they are asked for (`objects.IN_JSON`)."""
    named = {
        column.class_.__tablename__ for column in (*stored_objects.COLUMNS, *planned.OTHER_OBJECT_COLUMNS)
    }
    assert set(re.findall(r"FROM (\w+) \w+ (?:JOIN|WHERE)", QUERY)) == named

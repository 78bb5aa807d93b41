"""Protected people's addresses: a whole mailing with them in it, and everything it left behind is searched.

The strings searched for are unique; that they stand in the list, in the registers and in the letters is what makes a
search that finds nothing mean something, so that is asserted too.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from fiks.core.db import session
from fiks.utsending.rules import Utsendingstatus
from tests.security.crawl import Side, readable
from tests.security.journey import Reise, status
from tests.security.receivers import (
    BY_NAME,
    FILE_SECRET,
    LATER_SECRET,
    RECEIVERS,
    RESERVES_LATER,
    ROW,
    SECRET,
    STRENGT,
    WITH_FILES,
)

pytestmark = pytest.mark.slow

RESTRICTED = "Skjermede saker"
"""The role that holds SVARUT.SE_SPERRET: the restricted lane."""


def holds(content: bytes | str) -> bool:
    return SECRET in (content if isinstance(content, str) else readable(content)).lower()


@pytest.fixture(scope="module")
def letters(reise: Reise) -> dict[str, tuple[str, str | None, str]]:
    """(status, channel, forsendelse id) of each receiver's letter in the main mailing."""
    query = text(
        "SELECT r.radnr, f.status, f.kanal, f.id FROM utsendingsrad r JOIN forsendelse f ON f.id = r.forsendelse_id"
        " WHERE r.utsending_id = :id"
    )
    names = {radnr: merke for merke, radnr in ROW.items()}
    with reise.app.app_context():
        rows = session().execute(query, {"id": reise.hoved}).all()
    return {names[row.radnr]: (row.status, row.kanal, str(row.id)) for row in rows}


def test_the_journey_went_everywhere_it_should(
    reise: Reise, letters: dict[str, tuple[str, str | None, str]]
) -> None:
    """By mailbox, by Altinn until the deadline, on paper, parked, and twice into the restricted lane."""
    assert {merke: found[:2] for merke, found in letters.items()} == {
        "Alfa": ("LEVERT_SDP", "DPI"),
        "Bravo": ("LEVERT_ALTINN", "ALTINN"),
        RESERVES_LATER: ("AKSEPTERT", None),
        "Fox": ("PRINTET", "PRINT"),
        "Golf": ("LEVERT_SDP", "DPI"),
        "Hotell": ("LEVERT_SDP", "DPI"),
        "India": ("PRINTET", "PRINT"),
        "Juliett": ("PRINTET", "PRINT"),
    }
    assert status(reise, reise.stoppet) is Utsendingstatus.STOPPET
    assert {side.stadium for side in reise.sider if side.status == 200} == {"utkast", "godkjenning", "sendt"}


def test_a_letter_that_would_go_on_paper_to_a_strengt_fortrolig_address_waits_in_the_restricted_lane(
    reise: Reise,
) -> None:
    query = text(
        "SELECT f.radnr, l.status, l.kanal FROM levering l JOIN forsendelse f ON f.id = l.forsendelse_id"
        " WHERE l.bane = 'sperret' AND f.utsending_id = :id ORDER BY f.radnr"
    )
    with reise.app.app_context():
        waiting = session().execute(query, {"id": reise.hoved}).all()
    expected = [(ROW[merke], "TIL_BEHANDLING", "PRINT") for merke in ("Bravo", RESERVES_LATER)]
    assert [tuple(row) for row in waiting] == expected


def test_a_page_shows_a_protected_address_only_to_the_restricted_lane(reise: Reise) -> None:
    """Pages, pictures, letters, reports and files of bad rows, as every role, before and after sending."""
    shown = [side for side in reise.sider if holds(side.innhold)]
    assert {side.rolle for side in shown} == {RESTRICTED}
    assert any(side.slag == "text/html" and "/skriv" in side.adresse for side in shown)
    assert any(BY_NAME["Delta"].eiendom in side.html for side in shown), "the crooked row's own cell"
    assert any(side.slag == "image/png" for side in shown)
    assert any(side.slag == "application/pdf" for side in shown)


def test_no_header_or_address_of_a_page_tells_a_protected_address(reise: Reise) -> None:
    assert not [str(side) for side in reise.sider if holds(side.adresse + json.dumps(side.hoder))]


def test_an_export_tells_no_protected_address_even_to_the_restricted_lane(reise: Reise) -> None:
    files = [side for side in reise.sider if "attachment" in side.hoder.get("Content-Disposition", "")]
    kinds = {side.adresse.rsplit("/", 1)[-1] for side in files if side.status == 200}
    assert {"rapport.csv", "rapport.xlsx", "feilliste.csv", "feilliste.xlsx"} <= kinds
    bad_rows = next(side for side in files if "feilliste.csv" in side.adresse)
    assert BY_NAME["Delta"].navn in readable(bad_rows.innhold)
    assert not [str(side) for side in files if holds(side.innhold)]


def tells(side: Side, secret: str) -> bool:
    return secret in readable(side.innhold).lower()


def test_a_page_tells_the_name_of_a_protected_persons_document_only_to_the_restricted_lane(
    reise: Reise,
) -> None:
    """It may tell where they live, and so may the title of the letter: from the upload until all is sent."""
    shown = [side for side in reise.sider if tells(side, FILE_SECRET)]
    assert {side.rolle for side in shown} == {RESTRICTED}
    assert any("/brev/filer" in side.adresse for side in shown)


def test_a_page_tells_it_to_nobody_else_once_folkeregisteret_protects_the_person(reise: Reise) -> None:
    """Nobody did when the list was controlled: then everybody who prepared the mailing saw it."""
    shown = [(side.stadium, side.rolle) for side in reise.sider if tells(side, LATER_SECRET)]
    assert {rolle for stadium, rolle in shown if stadium == "utkast"} > {RESTRICTED, "Saksbehandler"}
    assert {rolle for stadium, rolle in shown if stadium == "sendt"} <= {RESTRICTED}


def test_neither_a_letter_nor_a_line_of_the_log_has_such_a_name(reise: Reise) -> None:
    with reise.app.app_context():
        query = text(
            "SELECT f.tittel, f.status, d.nr, d.filnavn FROM forsendelse f JOIN dokument d"
            " ON d.forsendelse_id = f.id WHERE f.utsending_id = :id ORDER BY f.radnr, d.nr"
        )
        letters = [tuple(row) for row in session().execute(query, {"id": reise.med_filer})]
    one = [("Vedtak 2027", "LEVERT_SDP", 0, "forside.pdf"), ("Vedtak 2027", "LEVERT_SDP", 1, "brev.pdf")]
    assert letters == one * len(WITH_FILES)
    log = reise.log.getvalue().lower()
    assert FILE_SECRET not in log and LATER_SECRET not in log


CONTRACT = ("/api/dokumentasjon", "/api/openapi.json")
"""What the API is: the same to everybody, about nobody; the field that a look-up answers with has its name there."""


def test_others_are_told_that_a_letter_is_restricted_and_not_why(reise: Reise) -> None:
    """The grading is itself confidential: no page about somebody names it."""
    about = [side for side in reise.sider if side.adresse not in CONTRACT]
    assert not [str(side) for side in about if "strengt fortrolig" in side.html.lower()]
    assert not [str(side) for side in about if "strengtfortrolig" in readable(side.innhold).lower()]


def test_the_contract_is_the_same_to_everybody(reise: Reise) -> None:
    for adresse in CONTRACT:
        seen = [side.innhold for side in reise.sider if side.adresse == adresse]
        answers = {innhold.partition(b"<main")[2] or innhold for innhold in seen}
        assert len(seen) > 1 and len(answers) == 1


def test_nothing_of_it_is_logged(reise: Reise) -> None:
    log = reise.log.getvalue()
    assert "foresporsel" in log and "list_refused" not in log
    assert len(log.splitlines()) > 1_000
    assert not holds(log)


def test_no_column_of_the_database_holds_it_in_clear(reise: Reise) -> None:
    """Every column of every table, bytes too: what is stored of an address is encrypted."""
    found = []
    with reise.app.app_context():
        for table, column in columns():
            cell = f"encode({column}, 'escape')" if column in BYTES else f"{column}::text"
            query = text(
                f"SELECT count(*) FROM {table} WHERE {cell} ILIKE :secret"
            )  # names from the catalogue
            if session().execute(query, {"secret": f"%{SECRET}%"}).scalar_one():
                found.append(f"{table}.{column}")
    assert not found


BYTES = {"data_kryptert", "reparasjon_kryptert", "mottaker_kryptert", "fnr_kryptert", "logo"}


def columns() -> list[tuple[str, str]]:
    query = text(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        " ORDER BY table_name, ordinal_position"
    )
    found = [(row.table_name, row.column_name) for row in session().execute(query)]
    assert ("utsendingsrad", "data_kryptert") in found and len(found) > 150
    return found


def test_the_object_store_holds_it_only_encrypted(reise: Reise, object_folder: Path) -> None:
    files = [path for path in object_folder.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert not [path.name for path in files if SECRET.encode() in path.read_bytes().lower()]


def orders(reise: Reise) -> Iterator[tuple[str, str]]:
    """(manifest, everything readable in the PDF) of every order the print house took over."""
    with sqlite3.connect(reise.folder / "verden" / "printhus.sqlite") as books:
        for manifest, pdf in books.execute("SELECT manifest, pdf FROM ordre"):
            yield manifest, readable(pdf)


def test_no_print_file_holds_a_strengt_fortrolig_address(reise: Reise) -> None:
    """Three letters went on paper. A fortrolig letter may, and its own order alone tells its address."""
    printed = list(orders(reise))
    assert {m.navn for m in RECEIVERS for _, pdf in printed if m.navn in pdf} == {
        BY_NAME[merke].navn for merke in ("Fox", "India", "Juliett")
    }
    strict = [m for m in RECEIVERS if m.vern == STRENGT]
    assert not [m.merke for m in strict for manifest, pdf in printed if m.gate in pdf or m.gate in manifest]
    assert [m.gate for m in RECEIVERS for _, pdf in printed if m.gate in pdf and holds(m.gate)] == [
        BY_NAME["Fox"].gate
    ]
    assert not [manifest for manifest, _ in printed if holds(manifest)]


def test_the_channels_own_logs_hold_nothing_of_it(reise: Reise) -> None:
    for system in ("dpi", "altinn", "print"):
        received = reise.sim.received(system)
        assert received["antall"] > 0
        assert not holds(json.dumps(received))


def test_a_protected_person_reads_the_own_letter_and_nobody_elses(
    reise: Reise, letters: dict[str, tuple[str, str | None, str]]
) -> None:
    """The letter in the person's own mailbox carries the address it is sent to: that is theirs to see."""
    page = f"/forsendelse/{letters['Alfa'][2]}/1"
    for other in ("Hotell", "Saksbehandler", RESTRICTED, "Administrator"):
        assert reise.client(other).get(page).status_code == 404
    own = reise.client("Alfa").get(page)
    assert own.status_code == 200
    assert BY_NAME["Alfa"].gate in readable(own.data)


def test_no_personal_number_of_the_list_is_logged(reise: Reise) -> None:
    """Heard before the scrubber: the portal's, the workers' and the sweeper's lines of the whole run."""
    log = reise.log.getvalue()
    assert not [m.merke for m in RECEIVERS if m.fnr in log]
    assert not [rolle for rolle, pid in reise.pid.items() if pid in log]

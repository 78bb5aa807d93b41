"""A list of 100 000 rows: uploaded by the portal, read and controlled against the registers, forecast, shown.

First the reading by itself (`ingest_alone`). Then, on the real stack in processes of its own: how fast, how much
memory, and whether the portal's pages stay quick for others meanwhile. Page times are compared with those of the same
run when nothing else happened.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select

from benchmarks import ingest_alone
from benchmarks.measure import Watch, percentile
from benchmarks.report import Figure, Report
from benchmarks.running import platform
from benchmarks.visitor import Visitor
from fiks.core import clock
from fiks.core.db import session
from fiks.core.values.calendar import OSLO
from fiks.utsending.draft import service
from fiks.utsending.liste.child.process import READER
from fiks.utsending.models import Utsendingsrad
from fiks.utsending.rules import Art
from testmiljo import mailing
from testmiljo.demo import Kommune, set_up
from testmiljo.folders import VAR
from testmiljo.lists import make_folder
from testmiljo.stack import Stack

FOLDER = VAR / "benchmarks"
ROWS, QUICK_ROWS = 100_000, 10_000
IDLE_SECONDS, QUICK_IDLE_SECONDS = 30.0, 8.0
PAUSE = 0.1
OTHERS_PAGES = ("/oversikt", "/utsendinger", "/utsendinger/ny")
WEB_MIB = 300.0
PAGE_RATIO = 2.0
GROWTH = 1.15


def run(*, quick: bool) -> Report:
    """Run the benchmark; with `quick` on a tenth of the rows."""
    rows = QUICK_ROWS if quick else ROWS
    folder = make_folder(FOLDER / f"lister-{rows}", rows)
    with platform(FOLDER / "ingest") as (stack, app):
        kommune = set_up(app, stack, folder)[0]
        alone = ingest_alone.measure(app, stack.environ, kommune, folder)
        stack.start_product()
        return Report(f"ingest, {rows} rows", [*alone, *_measure(app, stack, kommune, folder, quick)])


def _measure(app: Flask, stack: Stack, kommune: Kommune, folder: Path, quick: bool) -> list[Figure]:
    pid = next(p.pid for p in kommune.people if p.rolle == "Saksbehandler")
    with app.app_context():
        utsending_id = _draft(kommune)
    own, other = Visitor(stack.base_url), Visitor(stack.base_url)
    own.log_in(pid)
    other.log_in(pid)
    groups = {name: child.pid for name, child in stack.children.items()}
    with Watch(groups, lambda command: "reader" if READER in command else None) as watch:
        with visiting(other) as idle:
            time.sleep(QUICK_IDLE_SECONDS if quick else IDLE_SECONDS)
        began = time.monotonic()
        with visiting(other) as busy:
            uploaded = own.upload(f"/utsendinger/{utsending_id}/mottakere", folder / "eiendomsskatt.csv")
            with app.app_context():
                _wait(utsending_id)
        took = time.monotonic() - began
        pages = _own_pages(own, utsending_id)
    with app.app_context():
        stored, channels = _stored(utsending_id)
    rows, wanted = _expected(folder)
    reading = took - uploaded
    start, quarter = began - watch.began + uploaded, reading / 4
    early = watch.between("send", start + quarter, start + 2 * quarter)
    late = watch.between("send", start + 3 * quarter, start + reading)
    return [
        Figure("rows stored", stored, "rows", rows, at_least=True),
        Figure("rows on another channel than expected", _misses(channels, wanted), "rows", 0),
        Figure("upload", uploaded, "s"),
        Figure("read, control, forecast", reading, "s"),
        Figure("rows a second", stored / reading, "rows/s"),
        Figure("portal, most memory", watch.peak("portal"), "MiB", WEB_MIB),
        Figure("worker, most memory", watch.peak("send"), "MiB"),
        Figure("worker memory, last quarter / second quarter", late / early, "×", GROWTH),
        Figure("reading child, most memory", watch.peak("reader"), "MiB"),
        Figure("page p95, idle", 1000 * percentile(idle, 0.95), "ms"),
        Figure("page p95, meanwhile", 1000 * percentile(busy, 0.95), "ms"),
        Figure(
            "page p95, meanwhile / idle", percentile(busy, 0.95) / percentile(idle, 0.95), "×", PAGE_RATIO
        ),
        *(Figure(f"page {name}", seconds, "s") for name, seconds in pages.items()),
    ]


def _draft(kommune: Kommune) -> UUID:
    """A draft with the ready tax note, waiting for its list."""
    seeded = kommune.seeded
    maker = mailing.actor(seeded, "Saksbehandler")
    today = clock.now().astimezone(OSLO).date()
    facts = service.Fakta(
        tittel="Eiendomsskatt 2027",
        art=Art.FLETTEBREV,
        brevdato=today,
        kunngjoringsdato=today + timedelta(days=7),
    )
    utsending_id = service.create_utsending(seeded.kontoer["Eiendomsskatt"], facts, actor=maker)
    service.choose_template(utsending_id, seeded.mal_eiendomsskatt, actor=maker)
    return utsending_id


def _wait(utsending_id: UUID) -> None:
    """Until the list is read; RuntimeError when it was refused."""
    mailing.wait_for("the list is read", lambda: mailing.list_state(utsending_id)[0] in ("LEST", "FEILET"))
    status, code = mailing.list_state(utsending_id)
    if status != "LEST":
        raise RuntimeError(f"the list was refused: {code}")


def _own_pages(visitor: Visitor, utsending_id: UUID) -> dict[str, float]:
    """Seconds of the steps' pages with all rows there, the median of three visits."""
    taken = {}
    for step in ("kontroll", "oppsummering"):
        visits = []
        for _ in range(3):
            visitor.open(f"/utsendinger/{utsending_id}/{step}")
            visits.append(visitor.times[-1][1])
        taken[step] = percentile(visits, 0.5)
    return taken


def _stored(utsending_id: UUID) -> tuple[int, dict[str, int]]:
    """(rows, rows per channel of the forecast) as they stand in the database."""
    counted = session().execute(
        select(Utsendingsrad.kanal, func.count())
        .where(Utsendingsrad.utsending_id == utsending_id)
        .group_by(Utsendingsrad.kanal)
    )
    channels = {kanal or "INGEN": n for kanal, n in counted}
    return sum(channels.values()), channels


def _expected(folder: Path) -> tuple[int, dict[str, int]]:
    """(rows, rows per channel) that the generator says the list must give."""
    made: dict[str, Any] = json.loads((folder / "register.json").read_text("utf-8"))
    expected = made["forventet"]["eiendomsskatt"]
    return expected["antall"], expected["totalt"]["standard"]["kanal"]


def _misses(found: Mapping[str, int], wanted: Mapping[str, int]) -> int:
    """How many rows would have to change channel for the two counts to agree."""
    return sum(abs(found.get(k, 0) - wanted.get(k, 0)) for k in {*found, *wanted}) // 2


@contextmanager
def visiting(visitor: Visitor) -> Iterator[list[float]]:
    """Let `visitor` open pages, one after another, while the block runs; gives the seconds each took."""
    stopped, taken = threading.Event(), list[float]()
    failed: list[Exception] = []

    def visit() -> None:
        number = 0
        try:
            while not stopped.wait(PAUSE):
                visitor.open(OTHERS_PAGES[number % len(OTHERS_PAGES)])
                taken.append(visitor.times[-1][1])
                number += 1
        except Exception as error:  # noqa: BLE001 - raised again below, in the thread that measures
            failed.append(error)

    thread = threading.Thread(target=visit, daemon=True)
    thread.start()
    try:
        yield taken
    finally:
        stopped.set()
        thread.join()
    if failed:
        raise failed[0]

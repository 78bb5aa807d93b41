"""Claim, draw, hash, encrypt, store, mark done: a mailing's letters made by two workers, stamped and laid out.

The rows lie ready in the database; the workers are the product's own, in processes of their own, and the object store
is a folder. Laying out is measured before and after stamping in the same run, on fewer letters.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
from sqlalchemy import func, select, update
from sqlalchemy.engine import make_url

from benchmarks.report import Figure, Report
from config.settings import Settings
from fiks.core.db import session, transaction
from fiks.utsending.models import Malversjon, Utsending, Utsendingsrad
from fiks.utsending.production import service
from fiks.utsending.rules import Utsendingstatus
from fiks.utsending.sealed_values import seal_row
from testmiljo import mailing
from testmiljo.embedded import running_services
from testmiljo.folders import VAR
from testmiljo.lists import make_folder
from testmiljo.run import migrate
from testmiljo.seed import FJORDVIK, Seeded, seed
from testmiljo.staff import staff
from workers.app import create_app

FOLDER = VAR / "benchmarks" / "pipeline"
ROWS, QUICK_ROWS = 10_000, 1_000
LAID_OUT, QUICK_LAID_OUT = 200, 40
WORKERS = 2
LEAST_RATIO, QUICK_RATIO = 100.0, 30.0
WORKER_MIB, GROWTH = 300.0, 1.3
COLUMNS = "utsending_id, radnr, data_kryptert, rad_hash, mottakertype, status, malform"


@dataclass(frozen=True, slots=True)
class Making:
    """The letters of one mailing made: wall seconds, and what the workers used (see `benchmarks.pipeline_worker`)."""

    letters: int
    seconds: float
    workers: list[dict[str, float]]

    @property
    def ms_a_letter(self) -> float:
        """Milliseconds from the first claim to the last letter done, a letter."""
        return 1000 * self.seconds / self.letters

    def ms(self, what: str) -> float:
        """Milliseconds of something a letter, over all workers."""
        return 1000 * sum(worker[what] for worker in self.workers) / self.letters

    def most(self, what: str) -> float:
        """The largest of the workers' figures."""
        return max(worker[what] for worker in self.workers)


def run(*, quick: bool, rows: int = 0) -> Report:
    """Run the benchmark on `rows` letters, on a tenth and on a hundredth of them; with `quick` on few."""
    rows = rows or (QUICK_ROWS if quick else ROWS)
    few = QUICK_LAID_OUT if quick else LAID_OUT
    shutil.rmtree(FOLDER, ignore_errors=True)
    outside = {name: value for name, value in os.environ.items() if name == "REDIS_URL"}
    with running_services(FOLDER, outside, options={"shared_buffers": "512MB"}) as services:
        environ = {**services.environ(), "FIKS_ENV": "test", "OBJECT_STORE_URL": f"file://{FOLDER / 'store'}"}
        (FOLDER / "store").mkdir(parents=True)
        migrate({**os.environ, **environ})
        app = create_app(Settings.from_env(environ))
        with app.app_context():
            made = _measure(environ, rows, few, seed(FJORDVIK, staff(0), angrefrist_sekunder=0))
    return Report(f"pipeline, {rows} letters, {WORKERS} workers", _figures(*made, quick=quick))


def _measure(
    environ: Mapping[str, str], rows: int, few: int, seeded: Seeded
) -> tuple[list[Making], list[Making]]:
    """(laid out before and after, stamped on a hundredth, a tenth and all of the rows)."""
    plain = [_make(environ, seeded, few, hurtig=False)]
    growing = [_make(environ, seeded, rows // part, hurtig=True) for part in (100, 10, 1)]
    plain.append(_make(environ, seeded, few, hurtig=False))
    return plain, growing


def _make(environ: Mapping[str, str], seeded: Seeded, letters: int, *, hurtig: bool) -> Making:
    """Have the letters of a fresh mailing made, and see that all were."""
    with transaction() as tx:
        tx.execute(update(Malversjon).where(Malversjon.id == seeded.mal_eiendomsskatt).values(hurtig=hurtig))
    utsending_id = _mailing(environ, seeded, letters)
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.pipeline_worker"],
            env={**os.environ, **environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(WORKERS)
    ]
    for worker in workers:
        assert worker.stdout is not None
        worker.stdout.readline()
    service.start_production(utsending_id, actor=mailing.actor(seeded, "Saksbehandler"))
    session().rollback()
    began = time.monotonic()
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write(b"begin\n")
        worker.stdin.flush()
    told = [json.loads(worker.communicate()[0]) for worker in workers]
    took = max(one["ended"] for one in told) - began
    done = select(func.count()).where(
        Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.brev_sha256.is_not(None)
    )
    if (
        session().execute(done).scalar_one() != letters
        or mailing.status(utsending_id) != Utsendingstatus.TIL_GODKJENNING
    ):
        raise RuntimeError("some letters were not made")
    session().rollback()
    return Making(letters, took, told)


def _mailing(environ: Mapping[str, str], seeded: Seeded, letters: int) -> UUID:
    """A controlled mailing with so many rows, as reading a list leaves them."""
    folder = make_folder(FOLDER.parent / f"lister-{letters}", letters)
    utsending_id = mailing.prepare(seeded, folder / "eiendomsskatt.csv", mailing.Valg())
    url = make_url(environ["MIGRATION_DATABASE_URL"]).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as owner:
        with owner.cursor().copy(f"COPY utsendingsrad ({COLUMNS}) FROM STDIN") as copy:
            for radnr, values in enumerate(_rows(folder, letters), 2):
                kind = "PERSON" if values["fnr"] else "VIRKSOMHET"
                sealed = seal_row(values)
                copy.write_row((utsending_id, radnr, *sealed, kind, "OK", values["malform"] or "nb"))
        owner.execute("DELETE FROM arbeidsdel")
        owner.execute("VACUUM ANALYZE")
    with transaction() as tx:
        tx.execute(
            update(Utsending)
            .where(Utsending.id == utsending_id)
            .values(status=Utsendingstatus.KONTROLLERT, antall_rader=letters)
        )
    return utsending_id


def _rows(folder: Path, letters: int) -> Iterator[dict[str, str]]:
    """Rows that can become letters: those of the list, those with faults left out, until there are enough."""
    while True:
        with (folder / "eiendomsskatt.csv").open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file, delimiter=";"):
                if row["kid"] and row["skatt_aar"] and row["belop_termin"]:
                    yield row
                    letters -= 1
                if not letters:
                    return


def _figures(plain: list[Making], growing: list[Making], *, quick: bool) -> list[Figure]:
    _, tenth, whole = growing
    laid_out = sum(one.letters for one in plain) / sum(one.seconds for one in plain)
    stamped = whole.letters / whole.seconds
    growth = whole.ms_a_letter / tenth.ms_a_letter
    parent, child, together = (whole.most(what) for what in ("peak", "child_peak", "together"))
    return [
        Figure("stamped", stamped, "letters/s"),
        Figure("laid out one by one", laid_out, "letters/s"),
        Figure("stamped / laid out", stamped / laid_out, "×", QUICK_RATIO if quick else LEAST_RATIO, True),
        Figure("all letters", whole.seconds, "s"),
        *(Figure(f"time a letter of {one.letters}", one.ms_a_letter, "ms") for one in growing),
        Figure(f"time a letter, {whole.letters} / {tenth.letters}", growth, "×", None if quick else GROWTH),
        Figure("drawing, a letter", whole.ms("drawing"), "ms"),
        Figure("checking by drawing, a letter", whole.ms("checking"), "ms"),
        Figure("hashing, encrypting, storing, a letter", whole.ms("storing"), "ms"),
        Figure("the rest: claim, decrypt, pipe, mark done", whole.ms("rest"), "ms"),
        Figure("CPU of the workers, a letter", whole.ms("cpu"), "ms CPU"),
        Figure("CPU, laid out / stamped", min(one.ms("cpu") for one in plain) / whole.ms("cpu"), "×"),
        Figure("worker, most memory", parent, "MiB", WORKER_MIB),
        Figure("its drawing child, most memory", child, "MiB", WORKER_MIB),
        Figure("both together, pages that others share counted in part", together, "MiB", WORKER_MIB),
        Figure("the child on a tenth of the letters", tenth.most("child_peak"), "MiB"),
    ]

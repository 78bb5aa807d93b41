"""What one decision costs among a million grants, beside a read by primary key in the same run.

Both go through the house's own session; they take turns, with another actor and another konto each time, so that both
meet the same caches and the same noise. What counts is the ratio of the medians.
"""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from statistics import median
from uuid import UUID

import psycopg
from flask import Flask
from sqlalchemy import Engine, bindparam, event, select
from sqlalchemy.engine import make_url

from benchmarks.decision_rows import BUSY_ORGANISATIONS, KONTOER, PERSONS, fill, key
from benchmarks.report import Figure, Report
from config.settings import Settings
from fiks.core.actor import Aktor, Aktortype
from fiks.core.db import session
from fiks.konfigurasjon import authorization
from fiks.konfigurasjon.models import Ressurs
from fiks.konfigurasjon.rules import P
from testmiljo.embedded import running_services
from testmiljo.folders import VAR
from testmiljo.run import migrate
from workers.app import create_app

FOLDER = VAR / "benchmarks" / "decision"
ORGANISATIONS, QUICK_ORGANISATIONS = 1_000, 50
ROUNDS, QUICK_ROUNDS = 2_000, 300
LARGEST_RATIO = 3.0


@dataclass(frozen=True, slots=True)
class Ask:
    """One question for the decision, and its right answer."""

    actor: Aktor
    privilegium: P
    ressurs_id: UUID
    answer: bool


def run(*, quick: bool) -> Report:
    """Run the benchmark; with `quick` on a twentieth of the organisations."""
    organisations = QUICK_ORGANISATIONS if quick else ORGANISATIONS
    shutil.rmtree(FOLDER, ignore_errors=True)
    outside = {name: value for name, value in os.environ.items() if name == "REDIS_URL"}
    with running_services(FOLDER, outside, options={"shared_buffers": "512MB"}) as services:
        migrate({**os.environ, **services.environ()})
        began = time.monotonic()
        url = make_url(services.migration_database_url).set(drivername="postgresql")
        with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as owner:
            grants = fill(owner, organisations)
        loaded = time.monotonic() - began
        app = create_app(Settings.from_env({"FIKS_ENV": "test", **services.environ()}))
        figures = _measure(app, organisations, QUICK_ROUNDS if quick else ROUNDS)
        # A small table is rightly read from end to end, so a quick run says nothing of plans.
        figures += (
            [] if quick else [Figure("sequential scans in the plans", _scans(app, organisations), "scans", 0)]
        )
    return Report(
        f"decision, {organisations} organisations × 1 000 grants",
        [Figure("grants", grants, "rows"), Figure("to write them", loaded, "s"), *figures],
    )


def _measure(app: Flask, organisations: int, rounds: int) -> list[Figure]:
    with app.app_context():
        cases = {name: _asks(make, organisations) for name, make in CASES.items()}
        taken = _in_turn(cases, organisations, rounds)
        queries = {name: _count_queries(next(asks)) for name, asks in cases.items()}
        session().rollback()
    read = median(taken.pop(READ))
    return [
        Figure(READ, 1000 * read, "ms"),
        *(Figure(name, 1000 * median(seconds), "ms") for name, seconds in taken.items()),
        *(
            Figure(f"{name} / {READ}", median(seconds) / read, "×", LARGEST_RATIO)
            for name, seconds in taken.items()
        ),
        Figure("queries of one decision, at most", max(queries.values()), "queries", 1),
    ]


def _scans(app: Flask, organisations: int) -> int:
    """How many sequential scans there are in the plans of all cases."""
    with app.app_context():
        return sum(_plan_of(make(organisations)).count("Seq Scan") for make in CASES.values())


READ = "read by primary key"


def _in_turn(cases: Mapping[str, Iterator[Ask]], organisations: int, rounds: int) -> dict[str, list[float]]:
    """{what: seconds of each time}, the read by primary key among them. Warmed up before anything counts."""
    taken: dict[str, list[float]] = {name: [] for name in (READ, *cases)}
    for number in range(-50, rounds):
        for name, asks in cases.items():
            konto = _konto(organisations)
            seconds = {READ: _timed(lambda konto=konto: _read(konto)), name: _timed(_decide(next(asks)))}
            if number >= 0:
                for what, took in seconds.items():
                    taken[what].append(took)
        session().rollback()
    return taken


def _timed(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


_BY_KEY = select(Ressurs.type, Ressurs.sti).where(Ressurs.id == bindparam("ressurs"))
"""Put together once, as the decision's own statement is."""


def _read(ressurs_id: UUID) -> None:
    found = session().execute(_BY_KEY, {"ressurs": ressurs_id}).one()
    assert found.type == "SVARUT_KONTO"


def _decide(ask: Ask) -> Callable[[], None]:
    def decide() -> None:
        assert authorization.may(ask.actor, ask.privilegium, ask.ressurs_id) is ask.answer

    return decide


def _konto(organisations: int) -> UUID:
    return key(f"k{random.randint(1, organisations)}.{random.randrange(KONTOER)}")


def _asks(make: Callable[[int], Ask], organisations: int) -> Iterator[Ask]:
    while True:
        yield make(random.randint(1, organisations))


def _person(name: str) -> Aktor:
    return Aktor(Aktortype.PERSON, "", person_id=key(name))


def _by_own_grant(o: int) -> Ask:
    p = random.randint(2, PERSONS)
    return Ask(_person(f"p{o}.{p}"), P.SENDE, key(f"k{o}.{p % KONTOER}"), True)


def _by_one_of_many(o: int) -> Ask:
    busy = 1 + o % min(BUSY_ORGANISATIONS, QUICK_ORGANISATIONS)
    return Ask(_person("busy"), P.SENDE, key(f"k{busy}.{random.randrange(KONTOER)}"), True)


def _by_group(o: int) -> Ask:
    # Person 30 is in groups 3 and 4; the latter's third grant is GODKJENNE on konto 6.
    return Ask(_person(f"p{o}.30"), P.GODKJENNE, key(f"k{o}.6"), True)


def _by_administration(o: int) -> Ask:
    return Ask(_person(f"p{o}.1"), P.STOPPE, key(f"k{o}.{random.randrange(KONTOER)}"), True)


def _by_nothing(o: int) -> Ask:
    return Ask(_person(f"p{o}.{random.randint(2, PERSONS)}"), P.SENDE, key(f"o{o}"), False)


def _by_machine(o: int) -> Ask:
    i = random.randint(1, 30)
    actor = Aktor(Aktortype.INTEGRASJON, "", integrasjon_id=key(f"i{o}.{i}"))
    return Ask(actor, P.SENDE, key(f"k{o}.{i % KONTOER}"), True)


def _through_machine(o: int) -> Ask:
    p, i = random.randint(2, PERSONS), random.randint(1, 30)
    actor = replace(_person(f"p{o}.{p}"), integrasjon_id=key(f"i{o}.{i}"))
    return Ask(actor, P.SENDE, key(f"k{o}.{p % KONTOER}"), True)


CASES: Mapping[str, Callable[[int], Ask]] = {
    "person with five grants": _by_own_grant,
    "person with a thousand grants": _by_one_of_many,
    "person by group": _by_group,
    "administrator, inherited": _by_administration,
    "person, refused": _by_nothing,
    "integrasjon": _by_machine,
    "integrasjon for a person": _through_machine,
}


def _count_queries(ask: Ask) -> int:
    with _statements() as statements:
        _decide(ask)()
    return len(statements)


def _plan_of(ask: Ask) -> str:
    """The plan of the very statement that the decision sent."""
    with _statements() as statements:
        _decide(ask)()
    [(statement, parameters)] = statements
    connection = session().connection()
    return "\n".join(row[0] for row in connection.exec_driver_sql("EXPLAIN " + statement, parameters))


@contextmanager
def _statements() -> Iterator[list[tuple[str, dict[str, object]]]]:
    """What is sent to the database while the block runs."""
    sent: list[tuple[str, dict[str, object]]] = []

    def note(
        connection: object, cursor: object, statement: str, parameters: dict[str, object], *_: object
    ) -> None:
        sent.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)

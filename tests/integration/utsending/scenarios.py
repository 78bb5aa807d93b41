"""The four scenarios of register.json on real parts, all at once: simulated world, real portal, workers in here.

Each scenario has a konto of its own. Letters are drawn by the quick printer; everything else is the real thing.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import select, text

from config.broker import LANES
from config.settings import Settings
from fiks.core import clock, environment
from fiks.core.db import db, session
from fiks.core.values.calendar import OSLO
from fiks.svarut.models import Forsendelse
from fiks.utsending.draft import service
from fiks.utsending.rules import Utsendingstatus
from testmiljo import accounting, mailing
from testmiljo.accounting import Regnskap
from testmiljo.folders import LILLEVIK
from testmiljo.mailing import Valg
from testmiljo.mottakersystemer import active_systems, let_in
from testmiljo.seed import Kommunedata, Seeded, konto_with_account, load_kommune, seed
from testmiljo.stack import Options, Stack
from testmiljo.staff import as_register, staff
from tests.conftest import IMPATIENT
from tests.integration.databases import Database, QuickProcess
from workers.cli import drain

SCENARIOS = {
    "standard": Valg(),
    "uten_sdp": Valg(sdp_aktiv=False),
    "ettersending_virksomheter": Valg(ettersending=True),
    "kun_digital": Valg(kun_digital=True),
}
PATIENCE = 120.0


@dataclass(frozen=True)
class Letter:
    """How one row ended. `forste` is its first status after AKSEPTERT."""

    radnr: int
    mottakertype: str
    eksternref: str | None
    status: str
    kanal: str | None
    regel: str | None


@dataclass(frozen=True)
class Outcome:
    """One scenario when everything is over."""

    utsending_id: UUID
    regnskap: Regnskap
    status: Utsendingstatus
    letters: list[Letter]


@dataclass(frozen=True)
class Played:
    """All scenarios, and what is left of them to look at. `read` counts the letters the citizens read.

    `sought`: how many rows of each table were looked through for want of an index.
    """

    outcomes: dict[str, Outcome]
    database: Database
    staff: list[str]
    read: int
    process: QuickProcess
    sought: dict[str, int]


@contextmanager
def played(folder: Path) -> Iterator[Played]:
    """Play the four scenarios from upload to the last receipt, on a server that reads by index wherever it can."""
    earlier = list(environment._installed)
    by_index = {**IMPATIENT, "enable_seqscan": "off"}
    with Stack(Options(folder, workers=False, valkey=False, postgres_options=by_index)) as stack:
        stack.start_portal()
        process = QuickProcess(Settings.from_env(stack.environ))
        with process.app.app_context():
            people = staff(0)
            seeded = _seed(load_kommune(LILLEVIK), people)
            _populate(stack, folder, as_register(people))
            stack.start_receivers(let_in(active_systems(load_kommune(LILLEVIK)), folder))
            mailings = _send(seeded, process)
            _wait(lambda: _readers_are_done(stack))
            _wait(lambda: _all_fetched(mailings))
            _to_the_end(mailings, process)
            sought = _sought()
            outcomes = {
                name: Outcome(
                    one,
                    accounting.account(one, stack.sim, stack.received),
                    mailing.status(one),
                    _letters(one),
                )
                for name, one in mailings.items()
            }
            read = sum(row["status"] == "LEST" for row in stack.sim.readings())
            database = Database("fiks", stack.services.migration_database_url, stack.services.database_url)
            session().rollback()
            yield Played(outcomes, database, [p.pid for p in people], read, process, sought)
            db.session.remove()
            db.engine.dispose()
        process.owner.release()
    environment._installed[:] = earlier


def _sought() -> dict[str, int]:
    """What PostgreSQL has counted of reading without an index; each connection tells of it a second later at most."""
    time.sleep(1.1)
    session().execute(text("SELECT pg_stat_force_next_flush()"))
    session().rollback()
    rows = session().execute(text("SELECT relname, seq_tup_read FROM pg_stat_user_tables")).all()
    session().rollback()
    return {row.relname: row.seq_tup_read for row in rows}


def _seed(data: Kommunedata, people: list[object]) -> Seeded:
    """Lillevik with a konto for each scenario, which its staff have their rights on; the clock at noon."""
    organisation = seed(data, [], angrefrist_sekunder=0).organisasjon_id
    for name in SCENARIOS:
        konto_with_account(organisation, data, name, str(uuid4()), angrefrist_sekunder=0)
    now = clock.now().astimezone(OSLO)
    clock.move(now.replace(hour=12, minute=0, second=0, microsecond=0) - now)
    return seed(data, people, angrefrist_sekunder=0)  # type: ignore[arg-type]


def _populate(stack: Stack, folder: Path, people: dict[str, object]) -> None:
    own = folder / "ansatte"
    own.mkdir()
    content = {"personer": people, "organisasjoner": {}, "mottakersystemer": []}
    (own / "register.json").write_text(json.dumps(content), "utf-8")
    stack.sim.add_register(LILLEVIK)
    stack.sim.add_register(own)


def _send(seeded: Seeded, process: QuickProcess) -> dict[str, UUID]:
    """Upload, control, make, approve, release and hand over, each step for all scenarios together."""
    liste = LILLEVIK / "eiendomsskatt.xlsx"
    made = {name: mailing.prepare(seeded, liste, valg, name) for name, valg in SCENARIOS.items()}
    _drain(process)
    for name, one in made.items():
        if SCENARIOS[name].kun_digital:
            service.send_unreachable(one, True, actor=mailing.actor(seeded, "Saksbehandler"))
        mailing.control_and_produce(seeded, one)
    _drain(process)
    for one in made.values():
        mailing.approve_and_release(seeded, one)
    _drain(process)
    return made


def _drain(process: QuickProcess) -> None:
    session().rollback()
    drain(process, list(LANES))
    session().rollback()


def _readers_are_done(stack: Stack) -> bool:
    reading = stack.sim.reading_counts()
    return not reading["venter"] and not reading["paagaar"]


def _all_fetched(mailings: dict[str, UUID]) -> bool:
    """Whether no letter waits for a mottakersystem any more."""
    return not any(accounting.count(one).per_status.get("KLAR_FOR_MOTTAK") for one in mailings.values())


def _wait(done: object, seconds: float = PATIENCE) -> None:
    assert callable(done)
    mailing.wait_for("the world outside", done, seconds=seconds)


def _to_the_end(mailings: dict[str, UUID], process: QuickProcess) -> None:
    """Move the clock past lesefrist, and work until every mailing is finished."""
    clock.move(timedelta(days=10))
    end = time.monotonic() + PATIENCE
    while any(mailing.status(one) != Utsendingstatus.FULLFORT for one in mailings.values()):
        if time.monotonic() > end:
            return
        _drain(process)
        time.sleep(0.2)


def _letters(utsending_id: UUID) -> list[Letter]:
    rows = session().execute(
        select(
            Forsendelse.radnr,
            Forsendelse.mottakertype,
            Forsendelse.ekstern_referanse,
            Forsendelse.status,
            Forsendelse.kanal,
            Forsendelse.kanalregel,
        )
        .where(Forsendelse.utsending_id == utsending_id)
        .order_by(Forsendelse.radnr)
    )
    return [Letter(row[0] or 0, *row[1:]) for row in rows]


def count(letters: list[Letter], name: str) -> dict[str, int]:
    """How many letters there are of each value of a field."""
    return dict(Counter(getattr(letter, name) for letter in letters))

"""One running platform for the fault tests: real servers, the world outside, a kommune, and lists to send."""

from __future__ import annotations

import csv
import io
import itertools
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any
from uuid import UUID

import redis
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import OperationalError

from config.broker import make_listener, make_ringer
from config.settings import Settings
from fiks.core import audit, clock, doorbell, environment
from fiks.core.db import db, session, transaction
from fiks.core.values.calendar import OSLO
from fiks.print.models import Leverandor, Ordre, Pakke
from fiks.print.states import Ordrestatus, Pakkestatus
from fiks.registeroppslag.rules import Registernavn
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.invariants import Brudd
from fiks.svarut.models import Banestatus, Forsendelse, Levering, Leveringsforsok
from fiks.svarut.operations.external_invariants import Mottatt
from fiks.svarut.rules import FINAL, OPEN, Bane, Kanal, Leveringsstatus, Status
from fiks.svarut.sender import actions as svarut
from fiks.utsending.invariant_schedule import check_all
from fiks.utsending.models import Mal, Malversjon, Utsending, Utsendingsrad
from fiks.utsending.rules import SENDABLE, Utsendingstatus
from testmiljo import accounting, mailing
from testmiljo.embedded import Postgres
from testmiljo.lists import make_folder
from testmiljo.seed import Seeded, load_kommune, seed
from testmiljo.stack import Options, Stack
from testmiljo.staff import as_register, staff
from testmiljo.valkey import Valkey
from tests.doubles import Lettrykker
from workers.lanes import do_portion
from workers.process import Part, Process
from workers.sveip import sweep_once

QUARANTINE = 6
PATIENCE = float(os.environ.get("FAULT_PATIENCE", "120"))
"""Seconds until something awaited is held to be never coming; no test passes sooner or later for it."""
LATE, UNTIL_TOMORROW = time_of_day(23, 40), timedelta(minutes=25)
"""No test begins in Oslo's last twenty minutes of a day, so that a short one ends on the day it began."""
SURVIVES_A_CRASH = {"fsync": "off", "full_page_writes": "off"}
"""Only a power cut could lose what is committed so: an immediate restart loses nothing."""
CHANNELS = {Kanal.DPI: "dpi", Kanal.ALTINN: "altinn", Kanal.PRINT: "print"}
BEFORE_A_DIGITAL_ROW = 10
"""After so many rows of the generated list comes one for a digital mailbox: an order on paper is no call."""
_properties = itertools.count(1)
KEEP_ALL = {"accept_duplicates": True}
"""A world that does not know a reference again: it shows whether *we* double."""


class QuickProcess(Process):
    """A worker process inside the test, whose letters are one small page each."""

    @Part
    def printer(self) -> Any:
        return Lettrykker()


class Platform:
    """A started stack with Lillevik and `rows` generated rows; used inside `inside()`."""

    def __init__(self, folder: Path, rows: int, *, valkey: bool = True) -> None:
        settings = {"KARANTENE_SEKUNDER": str(QUARANTINE)}
        options = Options(
            folder, workers=False, valkey=valkey, postgres_options=SURVIVES_A_CRASH, settings=settings
        )
        self.stack = Stack(options)
        self.lists = make_folder(folder / "generert", rows)
        self.seeded: Seeded
        self.process: Process

    def __enter__(self) -> Platform:
        self.stack.__enter__()
        try:
            self._furnish()
        except BaseException:
            self.stack.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.stop()

    def _furnish(self) -> None:
        with self.inside():
            people = staff(0)
            self.seeded = seed(load_kommune(self.lists), people, angrefrist_sekunder=0)
        users = [{"pid": p.pid, "navn": p.navn, "rolle": p.rolle, "gruppe": "Lillevik"} for p in people]
        self.stack.sim.add_logins({"clients": [], "brukere": users})
        self.stack.sim.add_register(self.lists)
        self.people = {p.rolle: p.pid for p in people}
        self.registered = as_register(people)

    @contextmanager
    def inside(self) -> Iterator[Platform]:
        """This test process as a part of the platform: its app context, environment and bell."""
        earlier = list(environment._installed), list(doorbell._ringer), list(doorbell._listener)
        settings = Settings.from_env(self.stack.environ)
        self.process = QuickProcess(settings)
        doorbell.install(make_ringer(settings.redis_url), make_listener(settings.redis_url))
        with self.process.app.app_context():
            try:
                yield self
            finally:
                db.session.remove()
                db.engine.dispose()
                self.process.owner.release()
                environment._installed[:], doorbell._ringer[:], doorbell._listener[:] = earlier

    # --- servers ---------------------------------------------------------------------------------------------

    @property
    def postgres(self) -> Postgres:
        assert self.stack.services.postgres is not None
        return self.stack.services.postgres

    @property
    def valkey(self) -> Valkey:
        assert self.stack.services.valkey is not None
        return self.stack.services.valkey

    def restart_postgres(self) -> None:
        """Immediate mode: every connection breaks, ours too."""
        session().close()
        self.postgres.restart_immediate()

    def flush_valkey(self) -> None:
        with redis.Redis.from_url(self.valkey.redis_url) as client:
            client.flushall()

    def world(self, registers: Mapping[str, Any] | None = None, **switches: Any) -> None:
        """Set how the channels behave, and how the registers do; citizens read nothing."""
        channel = KEEP_ALL | switches
        asked = {register.lower(): registers or {} for register in Registernavn}
        self.stack.sim.set_switches(dpi=channel, altinn=channel, innbyggere={"pause": True}, **asked)

    def begin(self) -> None:
        """A test begins: the world behaves, it is today, and what earlier tests did is forgotten, by the breaker too.

        Days that earlier tests let pass add up, and drafts that are too old are deleted. Right before midnight it is
        tomorrow: a letter must leave on the day that it is dated.
        """
        self.world()
        clock.move(-clock.offset())
        if clock.now().astimezone(OSLO).time() >= LATE:
            clock.move(UNTIL_TOMORROW)
        self._repeated_before = self._repeated()
        self.forget_failures()

    def forget_failures(self) -> None:
        """What channels, registers and print houses have failed with so far pauses nobody any more."""
        with transaction() as tx:
            tx.execute(delete(Banestatus))
            tx.execute(update(Leverandor).values(feil_pa_rad=0, pause_til=None))
            failed = Leveringsforsok.utfall.in_(circuit_breaker.FAILED_OUTCOMES)
            tx.execute(update(Leveringsforsok).where(failed).values(utfall="FUNNET"))
        self.process.world.registers.forget()

    def _repeated(self) -> int:
        """Orders the print house has refused because it had their reference."""
        return int(self.stack.sim.state()["systemer"]["print"]["gjentatte"])

    # --- mailings --------------------------------------------------------------------------------------------

    def list_of(self, rows: int, after: int = 0, *, other_property: bool = False) -> Path:
        """`rows` rows of the generated list after the first `after`, as a file.

        With `other_property` they are about property that no other list is about, so nothing of it was sent before.
        """
        path = self.lists / f"liste-{after}-{rows}.csv"
        whole = (self.lists / "eiendomsskatt.csv").read_text("utf-8-sig")
        heading, *lines = csv.reader(io.StringIO(whole), delimiter=";")
        if other_property:
            column, number = heading.index("festenr"), str(next(_properties))
            lines = [[*line[:column], number, *line[column + 1 :]] for line in lines]
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, delimiter=";").writerows([heading, *lines[after : after + rows]])
        return path

    def work(self, *lanes: str) -> None:
        """Work these lanes empty inside the test, as a worker would."""
        for lane in lanes:
            while do_portion(lane, self.process):
                pass

    def sweep_and_work(self) -> bool:
        """One round of sweeper and workers inside the test."""
        sweep_once(self.process, everything=True)
        self.work("inn", "masse", "print")
        return True

    def produced(self, rows: int, after: int = 0, *, other_property: bool = True) -> UUID:
        """A mailing of `rows` rows whose letters were drawn inside the test; it waits for its approver."""
        utsending_id = mailing.prepare(
            self.seeded, self.list_of(rows, after, other_property=other_property), mailing.Valg()
        )
        self.work("liste")
        mailing.control_and_produce(self.seeded, utsending_id)

        def drawn() -> bool:
            self.work("render")
            return mailing.status(utsending_id) == Utsendingstatus.TIL_GODKJENNING

        mailing.wait_for("the letters are drawn: a piece that was put back comes again", drawn, PATIENCE)
        return utsending_id

    def mailing(self, rows: int, after: int = 0, *, other_property: bool = True) -> UUID:
        """As `produced`, approved and released."""
        utsending_id = self.produced(rows, after, other_property=other_property)
        mailing.approve_and_release(self.seeded, utsending_id)
        return utsending_id

    def let_waits_pass(self, seconds: float) -> None:
        """As if so long had gone by for what waits for its next try, or is paused."""
        ago = timedelta(seconds=seconds)
        with transaction() as tx:
            for column in (Levering.neste_forsok, Pakke.neste_forsok, Banestatus.apnes, Leverandor.pause_til):
                tx.execute(update(column.class_).values({column: column - ago}))

    def let_time_pass(self, seconds: float) -> None:
        """As if so long had gone by, for unknown outcomes too. Only while nobody else is in the middle of a call."""
        ago = timedelta(seconds=seconds)
        self.let_waits_pass(seconds)
        with transaction() as tx:
            for kind in (Levering, Pakke):
                since = {"uavklart_siden": kind.uavklart_siden - ago, "sist_oppslag": kind.sist_oppslag - ago}
                tx.execute(update(kind).where(kind.status == "UAVKLART").values(**since))

    # --- waiting ---------------------------------------------------------------------------------------------

    def wait(self, what: str, done: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait until `done`, which may find the database away."""
        end = time.monotonic() + seconds
        while True:
            try:
                session().rollback()
                if done():
                    return
            except OperationalError:
                session().invalidate()
            if time.monotonic() > end:
                raise TimeoutError(what)
            time.sleep(0.1)

    def at_rest(self, utsending_ids: Sequence[UUID]) -> bool:
        """Every sendable row of a mailing not stopped has its letter, and no letter is on its way out of the house."""
        going_on = select(Utsending.id).where(
            Utsending.id.in_(utsending_ids), Utsending.status != Utsendingstatus.STOPPET
        )
        rows = select(func.count()).where(
            Utsendingsrad.utsending_id.in_(going_on),
            Utsendingsrad.status.in_([str(s) for s in SENDABLE]),
            Utsendingsrad.forsendelse_id.is_(None),
        )
        begun = select(func.count()).where(
            Utsending.id.in_(utsending_ids), Utsending.status.not_in(["SENDES", "FULLFORT", "STOPPET"])
        )
        handing = select(func.count()).where(
            Levering.utsending_id.in_(utsending_ids),
            Levering.status.in_([str(s) for s in OPEN]),
            Levering.bane != Bane.SPERRET,
        )
        waiting = select(func.count()).where(
            Forsendelse.utsending_id.in_(utsending_ids), Forsendelse.status == Status.AKSEPTERT
        )
        printing = select(func.count()).where(
            Ordre.kilde_id.in_(select(Forsendelse.id).where(Forsendelse.utsending_id.in_(utsending_ids))),
            Ordre.status == Ordrestatus.MOTTATT,
        )
        counted = (begun, rows, handing, waiting, printing)
        return not any(session().execute(query).scalar_one() for query in counted)

    def calls_under_way(self) -> int:
        """How many calls the digital channels have not answered."""
        systems = self.stack.sim.state()["systemer"]
        return sum(systems[system]["paagaar"] for system in CHANNELS.values() if system != "print")

    def unfinished(self, utsending_ids: Sequence[UUID]) -> int:
        """Letters that are not at their end, but for those only a person may act for (the restricted lane)."""
        restricted = select(Levering.id).where(
            Levering.forsendelse_id == Forsendelse.id,
            Levering.status == Leveringsstatus.TIL_BEHANDLING,
            Levering.bane == Bane.SPERRET,
        )
        query = select(func.count()).where(
            Forsendelse.utsending_id.in_(utsending_ids),
            Forsendelse.status.not_in([str(s) for s in FINAL]),
            ~restricted.exists(),
        )
        return session().execute(query).scalar_one()

    def act_for_people(self, utsending_ids: Sequence[UUID]) -> None:
        """What waits for a person (a letter that lost three owners) is sent once more by a person."""
        waiting = session().scalars(
            select(Levering.id).where(
                Levering.utsending_id.in_(utsending_ids),
                Levering.status == Leveringsstatus.TIL_BEHANDLING,
                Levering.bane != Bane.SPERRET,
            )
        )
        packages = update(Pakke).where(Pakke.status == Pakkestatus.TIL_BEHANDLING)
        with transaction() as tx:
            tx.execute(packages.values(status=Pakkestatus.KLAR, tapte_eiere=0, frie_forsok=Pakke.forsok))
        for levering_id in waiting.all():
            svarut.retry_failed(levering_id, actor=mailing.actor(self.seeded, "Saksbehandler"))

    def settle(self, utsending_ids: Sequence[UUID], seconds: float = PATIENCE) -> None:
        """Wait until all is at rest, a person doing what waits for a person.

        So is the world outside: a call that nobody waits for any more may still bring it a letter.
        """

        def done() -> bool:
            self.act_for_people(utsending_ids)
            return self.at_rest(utsending_ids) and not self.calls_under_way()

        self.wait("the mailing is at rest", done, seconds)

    # --- what is left ----------------------------------------------------------------------------------------

    def log(self) -> list[Mottatt]:
        """Everything the world outside says it received."""
        lines = []
        for kanal, system in CHANNELS.items():
            for row in accounting.all_received(self.stack.sim, system):
                tid = datetime.fromisoformat(str(row["tidspunkt"]))
                lines.append(Mottatt(kanal, str(row["referanse"]), tid))
        return lines

    def breaches(self, utsending_ids: Sequence[UUID]) -> list[Brudd]:
        """I1-I10, with what the print house refused as repeated counted as doubled too."""
        session().rollback()
        audit.seal()
        self.wait_for_pick_up(utsending_ids)
        found = check_all(utsending_ids, self.log())
        repeated = self._repeated() - self._repeated_before
        return found + [Brudd("I1", "PRINT_GJENTATT", str(n)) for n in range(repeated)]

    def wait_for_pick_up(self, utsending_ids: Sequence[UUID], seconds: float = 20) -> None:
        """The print house books an order when it picks the file up, some moments after we have handed it over."""
        handed = {
            str(levering)
            for levering in session().scalars(
                select(Levering.id).where(
                    Levering.utsending_id.in_(utsending_ids),
                    Levering.kanal == Kanal.PRINT,
                    Levering.status == Leveringsstatus.OVERLEVERT,
                )
            )
        }
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            booked = {str(row["referanse"]) for row in accounting.all_received(self.stack.sim, "print")}
            if handed <= booked:
                return
            time.sleep(0.1)


def simple_letter() -> UUID:
    """The ready template that is quick to draw."""
    query = select(Malversjon.id).join(Mal, Mal.id == Malversjon.mal_id).where(Mal.navn == "Enkelt brev")
    return session().execute(query).scalar_one()


def assert_all_well(
    platform: Platform, utsending_ids: Sequence[UUID], chance_seed: int, seconds: float = PATIENCE
) -> None:
    """How every fault test ends: all is at rest, I1-I10 hold, and the accounting has nothing lost or doubled."""
    seed_text = f"FAULT_SEED={chance_seed}"
    try:
        platform.settle(utsending_ids, seconds)
    except TimeoutError:
        raise AssertionError(f"{seed_text}: never at rest: {_statuses(utsending_ids)}") from None
    broken = platform.breaches(utsending_ids)
    assert not broken, f"{seed_text}: {broken}"
    for utsending_id in utsending_ids:
        account = accounting.account(utsending_id, platform.stack.sim)
        assert (account.doblet, account.tapt) == (0, 0), f"{seed_text}: {account}"
        assert account.rader == account.parkert + sum(account.per_status.values()), f"{seed_text}: {account}"


def _statuses(utsending_ids: Sequence[UUID]) -> dict[str, int]:
    session().rollback()
    rows = session().execute(
        select(Levering.status, func.count())
        .where(Levering.utsending_id.in_(utsending_ids))
        .group_by(Levering.status)
    )
    return dict(rows.all())

"""The accounting of a mailing: our rows held against the logs of the world outside. Lost and doubled must be 0."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from fiks.core.db import session
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import FINAL, OPEN, UNREAD_ALTINN
from fiks.utsending.models import Utsending, Utsendingsrad
from testmiljo.sim.process import Simulation

SYSTEMS = {"DPI": "dpi", "ALTINN": "altinn", "PRINT": "print"}


@dataclass(frozen=True, slots=True)
class Telling:
    """Where a mailing's rows are by our own tables. `uten_brev`: rows that shall have a letter and have none."""

    rader: int
    parkert: int
    uten_brev: int
    per_status: dict[str, int]
    uferdig: int

    @property
    def overlevert(self) -> int:
        """Letters that have been handed over once at least."""
        return sum(n for status, n in self.per_status.items() if status != "AKSEPTERT")

    @property
    def alle_overlevert(self) -> bool:
        """Whether every row that shall have a letter has one that is handed over."""
        return self.overlevert + self.parkert == self.rader


@dataclass(frozen=True, slots=True)
class Regnskap(Telling):
    """The counts held against the world's logs. `doblet`: references the world got more than once, or a letter twice
    on one channel. `tapt`: rows without a letter, and hand-overs we believe in that the world has not got."""

    per_kanal: dict[str, int]
    doblet: int
    tapt: int

    @property
    def balanced(self) -> bool:
        """Whether every row is accounted for, exactly once, and every letter is final."""
        letters = sum(self.per_status.values())
        return (self.doblet, self.tapt, self.uferdig) == (0, 0, 0) and self.rader == letters + self.parkert


def first_channels(utsending_id: UUID) -> dict[str, int]:
    """How many letters went to each channel first (INGEN: none could take it)."""
    counted = session().execute(
        select(Forsendelse.kanalregel, Forsendelse.kanal, func.count())
        .where(Forsendelse.utsending_id == utsending_id)
        .group_by(Forsendelse.kanalregel, Forsendelse.kanal)
    )
    by_rule = {"1": "SVARINN", "2a": "DPI", "2b": "ALTINN", "4": "ALTINN", "3": "PRINT", "5": "PRINT"}
    result: Counter[str] = Counter()
    for regel, kanal, n in counted:
        result["INGEN" if kanal is None else by_rule.get(regel or "", kanal)] += n
    return dict(result)


def count(utsending_id: UUID) -> Telling:
    """Count a mailing from its rows alone; inside an app context."""
    session().rollback()
    rows = session().execute(select(Utsending.antall_rader).where(Utsending.id == utsending_id)).scalar_one()
    without = (
        session()
        .execute(
            select(Utsendingsrad.status, func.count())
            .where(Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.forsendelse_id.is_(None))
            .group_by(Utsendingsrad.status)
        )
        .all()
    )
    parked = sum(n for status, n in without if status in ("PARKERT", "FEIL", "AUTO"))
    missing = sum(n for status, n in without) - parked
    statuses = dict(
        session()
        .execute(
            select(Forsendelse.status, func.count())
            .where(Forsendelse.utsending_id == utsending_id)
            .group_by(Forsendelse.status)
        )
        .all()
    )
    open_now = (
        session()
        .execute(
            select(func.count()).where(
                Levering.utsending_id == utsending_id, Levering.status.in_([str(s) for s in OPEN])
            )
        )
        .scalar_one()
    )
    unfinished = sum(n for status, n in statuses.items() if status not in {str(s) for s in FINAL})
    return Telling(rows, parked, missing, statuses, max(unfinished, open_now))


def account(utsending_id: UUID, world: Simulation, received: Path | None = None) -> Regnskap:
    """Count a mailing and hold it against everything the world outside says it received; inside an app context.

    `received` is the log of the mottakersystemer, where there are any.
    """
    now = count(utsending_id)
    doubled, lost = compare(utsending_id, world)
    if received is not None:
        more_doubled, more_lost = compare_receivers(utsending_id, received)
        doubled, lost = doubled + more_doubled, lost + more_lost
    return Regnskap(
        now.rader,
        now.parkert,
        now.uten_brev,
        now.per_status,
        now.uferdig,
        per_kanal=first_channels(utsending_id),
        doblet=doubled,
        tapt=lost + now.uten_brev,
    )


def compare(utsending_id: UUID, world: Simulation) -> tuple[int, int]:
    """(doubled, lost): the hand-overs we hold for done against what each system received."""
    doubled = lost = 0
    for kanal, name in SYSTEMS.items():
        ours = {
            str(levering): str(letter)
            for levering, letter in session().execute(
                select(Levering.id, Levering.forsendelse_id).where(
                    Levering.utsending_id == utsending_id,
                    Levering.kanal == kanal,
                    Levering.status == "OVERLEVERT",
                )
            )
        }
        everything = {
            str(levering): str(letter)
            for levering, letter in session().execute(
                select(Levering.id, Levering.forsendelse_id).where(
                    Levering.utsending_id == utsending_id, Levering.kanal == kanal
                )
            )
        }
        received = Counter(
            row["referanse"] for row in all_received(world, name) if row["referanse"] in everything
        )
        doubled += sum(n - 1 for n in received.values())
        per_letter = Counter(everything[ref] for ref in received)
        doubled += sum(n - 1 for n in per_letter.values())
        lost += len(ours.keys() - received.keys())
    return doubled, lost


def compare_receivers(utsending_id: UUID, received: Path) -> tuple[int, int]:
    """(doubled, lost): the letters laid ready for mottakersystemer against the log of what these received."""
    laid = {
        str(letter)
        for letter in session().scalars(
            select(Levering.forsendelse_id).where(
                Levering.utsending_id == utsending_id,
                Levering.kanal == "SVARINN",
                Levering.status == "OVERLEVERT",
            )
        )
    }
    lines = received.read_text("utf-8").splitlines() if received.exists() else []
    got = Counter(own for own in (json.loads(line)["id"] for line in lines) if own in laid)
    return sum(n - 1 for n in got.values()), len(laid - got.keys())


def all_received(world: Simulation, system: str) -> list[dict[str, object]]:
    """The system's whole log, oldest first."""
    rows: list[dict[str, object]] = []
    after = 0
    while page := world.received(system, after=after)["rader"]:
        rows += page
        after = page[-1]["nr"]
    return rows


def last_lesefrist(utsending_id: UUID) -> datetime | None:
    """The latest lesefrist of the letters in Altinn that nobody has read; None when there is none."""
    session().rollback()
    return (
        session()
        .execute(
            select(func.max(Forsendelse.lesefrist)).where(
                Forsendelse.utsending_id == utsending_id,
                Forsendelse.status.in_([str(s) for s in UNREAD_ALTINN]),
                Forsendelse.lesefrist_utlopt.is_(None),
            )
        )
        .scalar_one()
    )

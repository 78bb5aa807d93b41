"""A mass mailing's letters, taken in and frozen, so that the workers hand them over beside what is measured.

They are made by the use case that the feeder of mailings calls, and share one document: drawing them is not what is
measured here.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.report import Figure
from fiks.core.actor import system
from fiks.core.db import session
from fiks.core.environment import current
from fiks.core.values.address import Adresse
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.letters import Dokumentref, Mottaker
from fiks.svarut.models import Levering
from fiks.svarut.mottak.bulk_writer import NyForsendelse, accept_letters
from fiks.svarut.rules import Bane, Leveringsstatus, Mottakertype
from testmiljo.mailing import wait_for
from testmiljo.seed import Seeded
from testmiljo.sim.process import Simulation

HOUSE = system("benchmark")
PORTION = 1_000
LEAST = 1_000
CHANNELS = ("altinn", "dpi", "print")


@dataclass(frozen=True, slots=True)
class Masse:
    """Letters that wait in the masses' lane. All inside an app context."""

    letters: int

    def release(self) -> None:
        """Thaw the sending, and wait until the first letter is handed over."""
        circuit_breaker.set_frozen(False, None)
        wait_for("the first letter is handed over", lambda: self.handed_over() > 0)

    def handed_over(self) -> int:
        """How many are handed over now."""
        session().rollback()
        done = select(func.count()).where(
            Levering.bane == Bane.MASSE, Levering.status == Leveringsstatus.OVERLEVERT
        )
        return session().execute(done).scalar_one()

    def doubled(self, world: Simulation) -> Figure:
        """Letters that the world outside has been given twice."""
        return Figure("mailing: letters doubled", doubled(world), "letters", 0)


def doubled(world: Simulation) -> int:
    """How many letters the world outside has been given again."""
    answers = [world.received(channel, limit=1) for channel in CHANNELS]
    return sum(answer["antall"] - answer["distinkte"] for answer in answers)


class Letters:
    """Letters to the persons of register.json, one after another for ever, all with one and the same document."""

    def __init__(self, seeded: Seeded, register: Path, pdf: bytes) -> None:
        self._seeded, self._document = seeded, _stored(pdf)
        self._receivers = itertools.cycle(_receivers(register))

    def take(self, count: int) -> list[NyForsendelse]:
        """The next `count` of them."""
        return [self._letter(receiver) for receiver in itertools.islice(self._receivers, count)]

    def _letter(self, receiver: Mottaker) -> NyForsendelse:
        return NyForsendelse(
            konto_id=next(iter(self._seeded.kontoer.values())),
            organisasjon_id=self._seeded.organisasjon_id,
            tittel="Eiendomsskatt 2027",
            mottakertype=Mottakertype.PERSON,
            mottaker=receiver,
            dokumenter=(self._document,),
        )


def make_ready(letters: Letters, count: int) -> Masse:
    """Take in `count` letters, while nothing is sent."""
    circuit_breaker.set_frozen(True, "benchmark")
    for first in range(0, count, PORTION):
        accept_letters(letters.take(min(PORTION, count - first)), bane=Bane.MASSE, actor=HOUSE)
    return Masse(count)


def _stored(pdf: bytes) -> Dokumentref:
    environment = current()
    kept = environment.store.put_document([pdf], environment.keys)
    return Dokumentref(
        1,
        "skatteseddel.pdf",
        "application/pdf",
        len(pdf),
        kept.sha256,
        kept.objekt,
        None,
        None,
        kept.nokkel,
        1,
        (),
    )


def _receivers(register: Path) -> Iterator[Mottaker]:
    persons = json.loads((register / "register.json").read_text("utf-8"))["personer"]
    for fnr in persons:
        yield Mottaker(fnr, Adresse("Kari Nordmann", "Storgata 1", "", "", "4262", "AVALDSNES", ""))

"""The whole platform for the browser: the demo's stack and people, with times to regret that suit a test."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select, update

from config.settings import Settings
from fiks.core import environment
from fiks.core.db import session, transaction
from fiks.core.environment import Environment
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.models import Konto, Sesjon
from fiks.konfigurasjon.rules import P
from fiks.svarut.models import Levering
from fiks.utsending.approval import service
from fiks.utsending.models import Utsending
from fiks.utsending.rules import Utsendingstatus
from testmiljo import mailing
from testmiljo.folders import LILLEVIK
from testmiljo.mottakersystemer import let_receive
from testmiljo.onboarding import seed_operator, seed_unconfigured
from testmiljo.paper import agree_with_house
from testmiljo.seed import FJORDVIK, ROOT, Seeded, load_kommune, seed
from testmiljo.stack import WORKERS, Options, Stack
from testmiljo.staff import HEIMDAL_ADMINISTRATOR, OPERATOR, Ansatt, as_register, staff, synthetic_fnr
from tests.e2e.turn_of_day import REGRET, day_of_leaving
from workers.app import create_app

PEOPLE = staff(0)
KONTOADMINISTRATOR = Ansatt(synthetic_fnr(6, 6, 85), "Frode Lien", "Kontoadministrator", (P.ADMIN,))
"""Administrator of «Kommunale avgifter» and of nothing else."""
SECOND_ADMINISTRATOR = Ansatt(
    synthetic_fnr(7, 7, 86), "Hanne Moe", "Andre administrator", pa_organisasjon=(P.ADMIN,)
)
LOGINS = [*PEOPLE, HEIMDAL_ADMINISTRATOR, OPERATOR, KONTOADMINISTRATOR, SECOND_ADMINISTRATOR]
BY_ROLE = {person.rolle: person for person in LOGINS}
RECEIVE_POST = ("Administrator",)
"""Those whom Altinn lets see the post of the organisations that Lillevik's mottakersystemer receive for."""
SECONDS = 90


@dataclass(frozen=True, slots=True)
class Plattform:
    """A running platform, and an app on its database for what a test must see or set behind the portal."""

    stack: Stack
    app: Flask
    environment: Environment
    lillevik: Seeded

    @contextmanager
    def house(self) -> Iterator[None]:
        """Use cases run on this platform's data and keys; whatever another folder of tests has installed comes back."""
        with environment_installed(self.environment), self.app.app_context():
            yield

    @contextmanager
    def paused(self, lane: str) -> Iterator[None]:
        """Hold the workers of a lane still, so that a page that waits for them can be looked at in peace."""
        name = next(name for name, work in WORKERS.items() if lane in work.lanes)
        group = self.stack.children[name].pid
        os.killpg(group, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(group, signal.SIGCONT)

    def make(self, path: Path, konto: str) -> UUID:
        """A mailing made behind the portal, by the same use cases, that waits for approval."""
        with self.house():
            brevdato = day_of_leaving(konto)
            made = mailing.prepare(self.lillevik, path, mailing.Valg(), konto, brevdato)
            mailing.wait_for("the list is read", lambda: mailing.list_state(made)[0] == "LEST", SECONDS)
            mailing.control_and_produce(self.lillevik, made)
            self._until(made, Utsendingstatus.TIL_GODKJENNING)
        return made

    def approve(self, utsending_id: UUID) -> None:
        """By the other person."""
        with self.house():
            digest = session().get_one(Utsending, utsending_id).innhold_digest
            assert digest is not None
            service.approve(utsending_id, digest, actor=mailing.actor(self.lillevik, "Godkjenner"))

    def release(self, utsending_id: UUID) -> None:
        """At once; the time to regret runs."""
        with self.house():
            service.release(utsending_id, actor=mailing.actor(self.lillevik, "Saksbehandler"))

    def wait_until_handed_over(self, utsending_id: UUID, letters: int) -> None:
        """Until so many letters are in the hands of their channels."""
        handed = select(func.count()).where(
            Levering.utsending_id == utsending_id, Levering.status == "OVERLEVERT"
        )

        def done() -> bool:
            session().rollback()
            return session().execute(handed).scalar_one() == letters

        with self.house():
            mailing.wait_for("the letters are handed over", done, SECONDS)

    def wait_until_done(self, utsending_id: UUID) -> None:
        """Until every letter has arrived."""
        with self.house():
            self._until(utsending_id, Utsendingstatus.FULLFORT)

    def _until(self, utsending_id: UUID, status: Utsendingstatus) -> None:
        mailing.wait_for(str(status), lambda: mailing.status(utsending_id) == status, SECONDS)

    def age_logins(self, minutes: int) -> None:
        """Make every login so many minutes old."""
        with self.house(), transaction() as tx:
            tx.execute(update(Sesjon).values(auth_time=func.now() - timedelta(minutes=minutes)))

    def make_idle(self, minutes: int) -> None:
        """Nobody has used any login for so many minutes."""
        with self.house(), transaction() as tx:
            tx.execute(update(Sesjon).values(sist_sett=func.now() - timedelta(minutes=minutes)))

    @contextmanager
    def silent(self, system: str) -> Iterator[None]:
        """One of the outside systems answers nobody."""
        self.stack.sim.set_switches(**{system: {"status": {"503": 1.0}}})
        try:
            yield
        finally:
            self.stack.sim.set_switches(**{system: {}})

    @contextmanager
    def without_back_channel(self) -> Iterator[None]:
        """ID-porten tells the portal of a logout by the browser alone."""
        registered = self.stack.client_registration()
        plain = {name: value for name, value in registered.items() if name != "backchannel_logout_uri"}
        self.stack.sim.add_logins({"clients": [plain], "brukere": []})
        try:
            yield
        finally:
            self.stack.sim.add_logins({"clients": [registered], "brukere": []})


@contextmanager
def environment_installed(mine: Environment) -> Iterator[None]:
    """The process has one environment at a time; the one before comes back."""
    before = environment.current()
    environment.install(mine)
    try:
        yield
    finally:
        environment.install(before)


@contextmanager
def running_platform(folder: Path) -> Iterator[Plattform]:
    """Start everything, with Lillevik and Fjordvik seeded; one person works in both. Heimdal is not set up."""
    with Stack(Options(folder, stand_back=False)) as stack:
        settings = Settings.from_env(stack.environ)
        mine = environment.from_settings(settings)
        app = _make_app(settings)
        with environment_installed(mine), app.app_context():
            lillevik = _seed()
            agree_with_house(Path(stack.environ["PRINT_CERTIFICATE"]))
        _populate(stack, folder / "ansatte")
        stack.start_product()
        yield Plattform(stack, app, mine, lillevik)


def _make_app(settings: Settings) -> Flask:
    """An app on the platform's database; making one installs its environment, so another's is put back."""
    try:
        before = environment.current()
    except RuntimeError:
        return create_app(settings)
    app = create_app(settings)
    environment.install(before)
    return app


def _seed() -> Seeded:
    both = BY_ROLE["Saksbehandler og godkjenner"]
    guest = Ansatt(both.pid, both.navn, "Gjest", (P.LESE,))
    lillevik = seed(load_kommune(LILLEVIK), PEOPLE, angrefrist_sekunder=REGRET["Eiendomsskatt"])
    seed(FJORDVIK, [guest], angrefrist_sekunder=REGRET["Eiendomsskatt"])
    seed_unconfigured()
    seed_operator()
    with transaction() as tx:
        slow = tx.get_one(Konto, lillevik.kontoer["Kommunale avgifter"])
        slow.angrefrist_sekunder = REGRET["Kommunale avgifter"]
    for one, where in ((KONTOADMINISTRATOR, slow.id), (SECOND_ADMINISTRATOR, lillevik.organisasjon_id)):
        person_id = konfigurasjon.register_person(one.pid, navn=one.navn, actor=ROOT)
        konfigurasjon.grant_privilegium(person_id, P.ADMIN, where, actor=ROOT)
    return lillevik


def _populate(stack: Stack, folder: Path) -> None:
    """Tell the world outside who lives in Lillevik, who works there, and who can log in."""
    folder.mkdir()
    content = {"personer": as_register(PEOPLE), "organisasjoner": {}, "mottakersystemer": []}
    (folder / "register.json").write_text(json.dumps(content), "utf-8")
    stack.sim.add_register(LILLEVIK)
    stack.sim.add_register(folder)
    for rolle in RECEIVE_POST:
        let_receive(stack.sim, BY_ROLE[rolle].pid, load_kommune(LILLEVIK))
    users = [{"pid": p.pid, "navn": p.navn, "rolle": p.rolle, "gruppe": "Lillevik kommune"} for p in LOGINS]
    stack.sim.add_logins({"clients": [], "brukere": users})

"""A whole mailing with protected people in it, over the wire, with every page looked at by everybody on the way.

Made once for the folder. The world outside and the print house are the simulated ones; the workers run in this
process, so that what they log is heard. Letters and their pictures are drawn by stand-ins whose bytes can be read.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient

from config.settings import Settings
from fiks.core import clock
from fiks.core.db import session
from fiks.konfigurasjon.person import sessions
from fiks.utsending.approval import service
from fiks.utsending.draft import service as draft_service
from fiks.utsending.filer import upload
from fiks.utsending.jobs import queue
from fiks.utsending.letters import preview, test_letter
from fiks.utsending.receivers import typed, uploads
from fiks.utsending.rules import Art, Delart, Utsendingstatus
from portal import create_app
from testmiljo import mailing
from testmiljo.processes import free_port, wait_until
from testmiljo.seed import FJORDVIK, Kommunedata, Seeded, seed
from testmiljo.sim.process import Simulation
from testmiljo.staff import ROLES, as_register, staff
from tests.doubles import Lettrykker
from tests.integration.printers import FakePages
from tests.integration.utsending.browser import Browser, open_session, token_of
from tests.integration.utsending.kommuner import today
from tests.integration.utsending.perrad.jobs import LETTERS
from tests.security.crawl import Side, crawl
from tests.security.loglines import captured
from tests.security.receivers import (
    BY_NAME,
    FILE_HEADER,
    HEADER,
    PROTECTED_LATER,
    RECEIVERS,
    RESERVES_LATER,
    ROW,
    SECRET,
    STRENGT,
    WITH_FILES,
    file_line,
    named,
)
from tests.security.reviewed import REVIEWED
from workers.cli import drain
from workers.process import Process

LILLEVIK = Kommunedata(
    "Lillevik kommune", "9901", "311990039", "99990212348", "Bryggeplassen 1", "4262", "AVALDSNES", "lillevik"
)
LANES = ("liste", "render", "masse", "enkelt", "print", "inn")
FROM_FJORDVIK = "Administrator i Fjordvik"
LOOKERS = {
    "utkast": ("Saksbehandler", "Saksbehandler og godkjenner", "Leser", "Skjermede saker", "Administrator"),
    "godkjenning": ("Saksbehandler", "Godkjenner", "Leser", "Skjermede saker"),
    "sendt": (*(rolle for rolle, *_ in ROLES), FROM_FJORDVIK, "anonym"),
}
"""Who looks when; at the end everybody."""


class Verksted(Process):
    """A worker's parts, with a printer that draws nothing."""

    @property
    def printer(self) -> Lettrykker:  # type: ignore[override]
        return Lettrykker()


@dataclass
class Reise:
    """What was made, what was seen, what was written in the logs."""

    app: Flask
    process: Process
    sim: Simulation
    folder: Path
    lillevik: Seeded
    fjordvik: Seeded
    pid: dict[str, str]
    log: io.StringIO
    sider: list[Side] = field(default_factory=list)
    previews: dict[str, list[str]] = field(default_factory=dict)
    hoved: UUID = UUID(int=0)
    skrevet: UUID = UUID(int=0)
    med_filer: UUID = UUID(int=0)
    stoppet: UUID = UUID(int=0)

    def client(self, rolle: str) -> FlaskClient:
        """A browser logged in as somebody: a role of the staff, a receiver's name, or `anonym`."""
        client = self.app.test_client()
        if rolle == "anonym":
            return client
        staffed = rolle in self.pid
        pid = self.pid[rolle] if staffed else BY_NAME[rolle].fnr
        with self.app.app_context():
            token = open_session(pid, acr=4)
            if staffed:
                kommune = self.fjordvik if rolle == FROM_FJORDVIK else self.lillevik
                sessions.choose_organisation(token, kommune.organisasjon_id)
        client.set_cookie("fiks", token)
        return client

    def look(self, stadium: str, *ids: UUID) -> None:
        """Let the lookers of this stage look at every page there is."""
        starts = [*self.starts(*ids), (f"/utsendinger/{self.stoppet}", False)]
        for rolle in LOOKERS[stadium]:
            own = [(address, False) for address in self.previews.pop(rolle, [])]
            self.sider += crawl(self.client(rolle), rolle, stadium, [*starts, *own])

    def starts(self, *ids: UUID) -> list[tuple[str, bool]]:
        """Where a visit begins: the front pages, and every address of these mailings that could be guessed."""
        values = {
            "radnr": 2,
            "side": 1,
            "nr": 1,
            "del_id": 1,
            "gruppe": "stoppet",
            "steg": "kontroll",
            "fil": "brev",
            "funngruppe": "PDF_MARG:1:venstre:4",
        }
        found = [(path, False) for path in ("/", "/logg-inn", "/velg-organisasjon")]
        with self.app.test_request_context():
            for rule in self.app.url_map.iter_rules():
                if "GET" not in (rule.methods or ()) or rule.endpoint.startswith(("innlogging", "static")):
                    continue
                for utsending_id in ids:
                    for ending in ("csv", "xlsx") if "filformat" in rule.arguments else ("",):
                        given = {**values, "utsending_id": utsending_id, "filformat": ending}
                        if rule.arguments <= set(given):
                            built = rule.build({n: given[n] for n in rule.arguments}, append_unknown=False)
                            found += [(built[1], REVIEWED[rule.endpoint].bit)] if built else []
        return list(dict.fromkeys(found))

    def work(self) -> None:
        """Let the workers and the sweeper do everything there is, previews too."""
        drain(self.process, LANES)
        with self.process.app.app_context():
            kinds = [Delart.FORHANDSVISNING, Delart.PROVEBREV]
            while part := queue.claim_piece(kinds, self.process.owner.ensure()):
                if part.art is Delart.PROVEBREV:
                    test_letter.send_test_letter(part, self.process.printer)
                else:
                    preview.make_preview(part, self.process.printer, FakePages())
        drain(self.process, LANES)


@contextmanager
def travel(settings: Settings, folder: Path) -> Iterator[Reise]:
    """Make the journey. `settings` name the database and the object store."""
    neighbour = next(person for person in staff(1) if person.rolle == "Administrator")
    people = {person.rolle: person for person in staff(0)} | {FROM_FJORDVIK: neighbour}
    known = {m.fnr: m.entry() for m in RECEIVERS} | as_register(list(people.values()))
    (folder / "verden").mkdir()
    with Simulation(
        [_register(folder / "register", known)], folder / "verden" / "verden.sqlite", print_port=free_port()
    ) as sim:
        at = _settings_at(settings, sim)
        app, process = create_app(at), Verksted(at)
        app.config["TESTING"] = True
        app.test_client_class = Browser
        worker = process.app  # made now, since making it sets up logging
        with captured(at) as log:
            with worker.app_context():
                lillevik = seed(LILLEVIK, staff(0), angrefrist_sekunder=0)
                fjordvik = seed(FJORDVIK, staff(1), angrefrist_sekunder=0)
            pids = {rolle: person.pid for rolle, person in people.items()}
            reise = Reise(app, process, sim, folder, lillevik, fjordvik, pids, log)
            _send(reise, known)
        yield reise
        process.owner.release()


def _register(folder: Path, persons: dict[str, Any]) -> Path:
    folder.mkdir()
    content = {"personer": persons, "organisasjoner": {}, "mottakersystemer": []}
    (folder / "register.json").write_text(json.dumps(content), "utf-8")
    return folder


def _settings_at(settings: Settings, sim: Simulation) -> Settings:
    door = sim.state()["systemer"]["print"]
    return replace(
        settings,
        altinn_url=sim.url("altinn"),
        krr_url=sim.url("krr"),
        dpi_url=sim.url("dpi"),
        signering_url=sim.url("signering"),
        folkeregister_url=sim.url("folkeregister"),
        enhetsregister_url=sim.url("enhetsregister"),
        print_sftp_url=door["url"],
        print_certificate=str(Path(door["sertifikat"]).resolve()),
    )


def _send(reise: Reise, known: dict[str, Any]) -> None:
    with reise.process.app.app_context():
        reise.hoved = _draft(reise, "Eiendomsskatt 2027")
        reise.stoppet = _draft(reise, "Kommunale avgifter 2027", konto="Kommunale avgifter")
        reise.skrevet = _typed(reise)
        reise.med_filer = _with_files(reise)
    reise.work()
    _preview(reise, "Saksbehandler", "Skjermede saker")
    reise.look("utkast", reise.hoved, reise.skrevet, reise.med_filer)
    with reise.process.app.app_context():
        for utsending_id in (reise.hoved, reise.stoppet, reise.med_filer):
            mailing.control_and_produce(reise.lillevik, utsending_id)
    reise.work()
    _preview(reise, "Godkjenner", "Skjermede saker", "Leser")
    reise.look("godkjenning", reise.hoved)
    later = replace(BY_NAME[PROTECTED_LATER], vern=STRENGT)
    changed = {
        BY_NAME[RESERVES_LATER].fnr: BY_NAME[RESERVES_LATER].entry(reservert=True),
        later.fnr: later.entry(),
    }
    reise.sim.add_register(_register(reise.folder / "senere", known | changed))
    with reise.process.app.app_context():
        for utsending_id in (reise.hoved, reise.stoppet, reise.med_filer):
            mailing.approve_and_release(reise.lillevik, utsending_id)
        service.stop(reise.stoppet, actor=mailing.actor(reise.lillevik, "Saksbehandler"))
    _until_settled(reise)
    with reise.process.app.app_context():
        clock.move(timedelta(days=14))
    _until_settled(reise)
    reise.look("sendt", reise.hoved, reise.med_filer)


def _draft(reise: Reise, tittel: str, konto: str = "Eiendomsskatt") -> UUID:
    maker = mailing.actor(reise.lillevik, "Saksbehandler")
    fakta = draft_service.Fakta(tittel, Art.FLETTEBREV, today(), today(), konteringskode="EISK-2027")
    utsending_id = draft_service.create_utsending(reise.lillevik.kontoer[konto], fakta, actor=maker)
    draft_service.choose_template(utsending_id, reise.lillevik.mal_eiendomsskatt, actor=maker)
    lines = "\r\n".join([HEADER, *(mottaker.line() for mottaker in RECEIVERS), ""])
    uploads.upload(utsending_id, "LISTE", "liste.csv", [lines.encode()], actor=maker)
    return utsending_id


def _with_files(reise: Reise) -> UUID:
    """Rows with a document and a title each, which tell where the receiver lives."""
    maker = mailing.actor(reise.lillevik, "Saksbehandler")
    fakta = draft_service.Fakta("Vedtak 2027", Art.ETT_DOKUMENT_PER_RAD, today())
    utsending_id = draft_service.create_utsending(
        reise.lillevik.kontoer["Kommunale avgifter"], fakta, actor=maker
    )
    lines = "\r\n".join([FILE_HEADER, *map(file_line, WITH_FILES), ""])
    uploads.upload(utsending_id, "LISTE", "vedtak.csv", [lines.encode()], actor=maker)
    documents = zip(map(named, WITH_FILES), LETTERS.values(), strict=False)
    upload.add_files(utsending_id, [(name, [content]) for name, content in documents], actor=maker)
    return utsending_id


def _typed(reise: Reise) -> UUID:
    """The same people written by hand, looked up first."""
    maker, register = mailing.actor(reise.lillevik, "Saksbehandler"), reise.process.world.registers.port
    fakta = draft_service.Fakta("Skrevet for hånd", Art.FLETTEBREV, today())
    utsending_id = draft_service.create_utsending(reise.lillevik.kontoer["Eiendomsskatt"], fakta, actor=maker)
    for merke in ("Alfa", "Golf", "Hotell"):
        m = BY_NAME[merke]
        found = typed.look_up(utsending_id, m.fnr, "EIENDOMSSKATT", register, actor=maker)
        assert SECRET not in str(found.verdier).lower()
        values = {
            "navn": m.navn,
            "adresselinje1": m.gate,
            "postnr": "4262",
            "poststed": "AVALDSNES",
            "fnr": m.fnr,
        }
        typed.add_row(utsending_id, values, register, actor=maker)
    return utsending_id


def _preview(reise: Reise, *roles: str) -> None:
    """Each asks for the letter of every row, for the sample and for a test letter; then they are drawn."""
    for rolle in roles:
        client = reise.client(rolle)
        token = token_of(client.get("/hjelp").text)
        for radnr in ROW.values():
            form = {"csrf_token": token, "rad": str(radnr)}
            ordered = client.post(f"/utsendinger/{reise.hoved}/forhandsvisning", data=form)
            reise.previews.setdefault(rolle, []).append(ordered.location or "/")
            client.post(f"/utsendinger/{reise.hoved}/provebrev", data=form)
        client.post(f"/utsendinger/{reise.hoved}/godkjenning/brev", data={"csrf_token": token})
    reise.work()


def _until_settled(reise: Reise) -> None:
    """Work until the print house has answered every order it was given."""

    def settled() -> bool:
        reise.work()
        return reise.sim.state()["systemer"]["print"]["uten_kvittering"] == 0

    wait_until(settled, "The print house")
    reise.work()


def status(reise: Reise, utsending_id: UUID) -> Utsendingstatus:
    """The mailing's status now."""
    with reise.app.app_context():
        found = mailing.status(utsending_id)
        session().rollback()
        return found

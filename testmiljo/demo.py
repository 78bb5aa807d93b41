"""`./run demo`: everything set up, two kommuner seeded, one mailing sent, and the portal kept running.

`--once` moves the clock past lesefrist, ends when every letter is final, prints the accounting and exits 0 only when it
balances.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from flask import Flask

from config.settings import Settings
from fiks.core import clock
from fiks.core.queue import planned_jobs
from fiks.konfigurasjon.rules import P
from fiks.utsending.rules import Utsendingstatus
from testmiljo import accounting, mailing, preloaded  # noqa: F401
from testmiljo.description import Kommune, Maskiner, describe
from testmiljo.effort import Effort
from testmiljo.envfile import read_env, write_env
from testmiljo.folders import DEMO_ENV, DEMO_JSON, LILLEVIK, VAR
from testmiljo.letters import send_letters
from testmiljo.lists import make_folder
from testmiljo.machines import NAVN, SECOND, Fagsystem, seed_fagsystem
from testmiljo.mottakersystemer import active_systems, let_in, let_receive
from testmiljo.onboarding import HEIMDAL, seed_operator, seed_unconfigured
from testmiljo.paper import PACKAGE, PACKAGE_SECONDS, agree_with_house, make_konto, send_to_print
from testmiljo.private_files import write_private
from testmiljo.processes import ServerFailed, answers, free_port
from testmiljo.progress import follow, print_account, print_effort, say
from testmiljo.run import answers as joined
from testmiljo.seed import FJORDVIK, Seeded, load_kommune, seed
from testmiljo.service_passwords import service_passwords
from testmiljo.stack import Options, Stack
from testmiljo.staff import HEIMDAL_ADMINISTRATOR, OPERATOR, Ansatt, as_register, staff
from workers.app import create_app

ANGREFRIST_SECONDS, ANGREFRIST_ONCE = 3, 1
DEFAULT_PORT = 8080
PATIENCE = 4 * 3600.0
"""Seconds that a stage may take: 100 000 letters are many. Who is tired of waiting presses Ctrl+C."""


class CannotStart(Exception):
    """The demo cannot be started here and now; the same sentence in Norwegian and in English says what to mend."""

    def __init__(self, norsk: str, english: str) -> None:
        super().__init__(english)
        self.norsk, self.english = norsk, english


OTHERS: tuple[tuple[str, Ansatt], ...] = (
    (HEIMDAL.navn, HEIMDAL_ADMINISTRATOR),
    ("Drift av plattformen", OPERATOR),
)
"""Test users outside the two kommuner: of an organisation that is not set up yet, and of the platform itself."""


def read_options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./run demo", description="Start hele plattformen med en prøveutsending."
    )
    parser.add_argument(
        "--once", action="store_true", help="stopp når alle brev er framme, og vis regnskapet"
    )
    parser.add_argument("--rows", type=int, metavar="N", help="bruk N genererte rader (minst 60)")
    parser.add_argument(
        "--kommune", type=Path, metavar="MAPPE", help="mappe med register.json og eiendomsskatt.xlsx"
    )
    parser.add_argument(
        "--port", type=int, default=0, help=f"portalens port (ellers {DEFAULT_PORT} hvis den er ledig)"
    )
    options = parser.parse_args(argv)
    if options.rows is not None and options.rows < 60:
        parser.error("--rows må være minst 60")
    if options.kommune is not None and not (options.kommune / "register.json").is_file():
        parser.error(f"{options.kommune} har ingen register.json")
    return options


def list_in(folder: Path) -> Path:
    """The folder's list: Excel if there is one, else CSV."""
    for name in ("eiendomsskatt.xlsx", "eiendomsskatt.csv"):
        if (folder / name).is_file():
            return folder / name
    raise SystemExit(f"Fant verken eiendomsskatt.xlsx eller eiendomsskatt.csv i {folder}.")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo and return its exit code; 1 with a line in each language when it cannot be started."""
    options = read_options(argv)
    began = time.monotonic()
    try:
        code = run(options, began)
    except CannotStart as error:
        print(f"run: {error.norsk}\nrun: {error.english}", file=sys.stderr)
        return 1
    except ServerFailed as error:
        print(f"run: Demoen kan ikke starte: {error}\nrun: The demo cannot start: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        code = 0
        say("")
    say(f"[{time.monotonic() - began:5.1f} s] Stoppet.")
    return code


def choose_port(wanted: int) -> int:
    """The wanted port, else the usual one, else any that is free. Raises CannotStart when the wanted one is in use."""
    if wanted and answers(wanted):
        raise CannotStart(
            f"Port {wanted} er i bruk av noe annet. Stopp det, eller velg en annen med --port, og prøv igjen.",
            f"Port {wanted} is in use by something else. Stop that, or choose another with --port, and try again.",
        )
    return wanted or (free_port() if answers(DEFAULT_PORT) else DEFAULT_PORT)


def require_no_other() -> None:
    """Raises CannotStart when a demo is running in this folder already."""
    if joined(read_env(DEMO_ENV).get("DATABASE_URL", "")):
        raise CannotStart(
            "Demoen kjører allerede i denne mappen. Bruk den, eller stopp den først (Ctrl+C der den kjører).",
            "The demo is running in this folder already. Use that, or stop it first (Ctrl+C where it runs).",
        )


def run(options: argparse.Namespace, began: float) -> int:
    """Start everything, send the mailing, and stay until somebody ends it, or with --once until it is accounted for."""
    port = choose_port(options.port)
    require_no_other()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    folder = make_folder(VAR / "generert", options.rows) if options.rows else options.kommune or LILLEVIK
    say(f"[{time.monotonic() - began:5.1f} s] Starter tjenester og prosesser")
    # With --once somebody waits for every process, so none of them stands behind the rest of the machine.
    chosen = Options(VAR, port=port, forked=True, stand_back=not options.once)
    try:
        with Stack(chosen) as stack:
            stack.begin_product()
            os.environ.update(stack.environ)
            app = create_app(Settings.from_env(stack.environ))
            kommuner = set_up(app, stack, folder)
            machines = let_machines_in(app, stack, kommuner)
            stack.start_receivers(machines.mottakere)
            stack.wait_for_portal()
            say(f"[{time.monotonic() - began:5.1f} s] Portalen svarer på {stack.base_url}")
            write_files(stack, kommuner, machines)
            with app.app_context():
                code = run_mailing(stack, kommuner[0].seeded, list_in(folder), once=options.once)
            if not options.once:
                stay(app, stack, kommuner, folder, machines.fagsystem)
            return code
    finally:
        DEMO_ENV.unlink(missing_ok=True)


def stay(app: Flask, stack: Stack, kommuner: Sequence[Kommune], folder: Path, fagsystem: Fagsystem) -> None:
    """Send a few letters from the fagsystem, say what one can do, and wait until somebody ends it."""
    with app.app_context():
        sent = send_letters(kommuner[0].seeded, folder, fagsystem)
        sent += send_to_print(kommuner[0].seeded, folder, fagsystem)
    say(f"  {len(sent)} brev tatt imot fra {NAVN}")
    guide(stack, kommuner)
    signal.pause()


def let_machines_in(app: Flask, stack: Stack, kommuner: Sequence[Kommune]) -> Maskiner:
    """Two fagsystemer, one for each kommune, the kontoer's passwords, and the mottakersystemer of the first kommune."""
    first, second = kommuner
    with app.app_context():
        machines = Maskiner(
            seed_fagsystem(first.seeded, stack.folder),
            seed_fagsystem(second.seeded, stack.folder, SECOND),
            {one.data.orgnr: service_passwords(one.seeded, stack.folder) for one in kommuner},
            let_in(active_systems(first.data), stack.folder),
        )
    for fagsystem in (machines.fagsystem, machines.andre_fagsystem):
        stack.sim.add_machines(fagsystem.registration())
    return machines


def set_up(app: Flask, stack: Stack, folder: Path) -> list[Kommune]:
    """Seed the kommune of `folder` and Fjordvik, and tell the world outside who lives and works there."""
    with app.app_context():
        kommuner = []
        for index, data in enumerate((load_kommune(folder), FJORDVIK)):
            people = staff(index)
            seeded = seed(data, people, angrefrist_sekunder=ANGREFRIST_SECONDS)
            kommuner.append(Kommune(data, people, seeded))
        seed_unconfigured()
        seed_operator()
        make_konto(kommuner[0].seeded)
        certificate = Path(stack.environ["PRINT_CERTIFICATE"])
        agree_with_house(certificate, letters=PACKAGE, wait_seconds=PACKAGE_SECONDS)
    everybody = stack.folder / "ansatte"
    everybody.mkdir(parents=True, exist_ok=True)
    persons = {pid: entry for k in kommuner for pid, entry in as_register(k.people).items()}
    content = {"personer": persons, "organisasjoner": {}, "mottakersystemer": []}
    (everybody / "register.json").write_text(json.dumps(content), "utf-8")
    stack.sim.add_register(folder)
    stack.sim.add_register(everybody)
    for kommune in kommuner:
        for person in kommune.people:
            if P.ADMIN in person.pa_organisasjon:
                let_receive(stack.sim, person.pid, kommune.data)
    users = [
        {"pid": p.pid, "navn": p.navn, "rolle": p.rolle, "gruppe": k.data.navn}
        for k in kommuner
        for p in k.people
    ]
    users += [{"pid": p.pid, "navn": p.navn, "rolle": p.rolle, "gruppe": where} for where, p in OTHERS]
    stack.sim.add_logins({"clients": [], "brukere": users})
    return kommuner


def write_files(stack: Stack, kommuner: Sequence[Kommune], machines: Maskiner) -> None:
    """var/demo.env for commands that join, var/demo.json for any outside client; both only for our own user."""
    write_env(DEMO_ENV, {k: v for k, v in stack.environ.items() if "\n" not in v})
    write_private(DEMO_JSON, describe(stack, kommuner, OTHERS, machines))


def run_mailing(stack: Stack, seeded: Seeded, liste: Path, *, once: bool) -> int:
    """Send one mailing with a progress line; with `once` go on until every letter is final and settle the account."""
    effort = Effort({name: child.pid for name, child in stack.children.items() if name != "mottakere"})
    regret = ANGREFRIST_ONCE if once else ANGREFRIST_SECONDS
    utsending_id = mailing.prepare(seeded, liste, mailing.Valg(angrefrist_sekunder=regret))
    wait = partial(mailing.wait_for, seconds=PATIENCE)
    wait("listen er lest", lambda: mailing.list_state(utsending_id)[0] in ("LEST", "FEILET"))
    state, code = mailing.list_state(utsending_id)
    if state == "FEILET":
        say(f"Listen kan ikke brukes: {code}")
        return 1
    took = effort.ended("lest og kontrollert")
    say(f"  {mailing.rows_in(utsending_id)} rader lest og kontrollert ({took:.1f} s)")
    mailing.control_and_produce(seeded, utsending_id)
    wait("brevene er laget", lambda: mailing.status(utsending_id) != Utsendingstatus.PRODUSERES)
    if mailing.status(utsending_id) != Utsendingstatus.TIL_GODKJENNING:
        say("Brevene kunne ikke lages. Se loggen i var/pdf.log.")
        return 1
    say(f"  brevene er laget og hashet ({effort.ended('laget og hashet'):.1f} s)")
    mailing.approve_and_release(seeded, utsending_id)
    say(f"  godkjent av en annen og frigitt; angrefrist {regret} s")
    follow(utsending_id, lambda now: now.alle_overlevert)
    effort.ended("overlevert")
    return finish(stack, utsending_id, effort) if once else 0


def finish(stack: Stack, utsending_id: UUID, effort: Effort) -> int:
    """Let the readers read, move the clock past lesefrist, wait until all is final, print the accounting."""
    mailing.wait_for("innbyggerne har lest", lambda: _readers_done(stack), seconds=PATIENCE)
    mailing.wait_for("mottakersystemene har hentet", lambda: _all_fetched(utsending_id), seconds=PATIENCE)
    effort.ended("lest av mottakerne")
    deadline = accounting.last_lesefrist(utsending_id)
    if deadline is not None and deadline > clock.now():
        clock.move(deadline - clock.now() + timedelta(minutes=1))
    planned_jobs.make_due("lesefrist")
    follow(utsending_id, _all_final)
    mailing.wait_for("utsendingen er fullført", lambda: _completed(utsending_id), seconds=PATIENCE)
    effort.ended("lesefrist, utskrift og kvitteringer")
    used = effort.all()
    stack.begin_to_stop()
    result = accounting.account(utsending_id, stack.sim, stack.received)
    print_account(result)
    print_effort(used)
    return 0 if result.balanced else 1


def _all_final(now: accounting.Telling) -> bool:
    """Whether no letter waits for anything. The planned jobs that one may wait for are due at once: somebody waits."""
    for job in ("lag_printpakker", "hent_kvitteringer"):
        planned_jobs.make_due(job)
    return now.uferdig == 0


def _completed(utsending_id: UUID) -> bool:
    planned_jobs.make_due("gjor_ferdig_utsendinger")
    return mailing.status(utsending_id) == Utsendingstatus.FULLFORT


def _readers_done(stack: Stack) -> bool:
    reading = stack.sim.reading_counts()
    return not reading["venter"] and not reading["paagaar"]


def _all_fetched(utsending_id: UUID) -> bool:
    return not accounting.count(utsending_id).per_status.get("KLAR_FOR_MOTTAK")


def guide(stack: Stack, kommuner: Sequence[Kommune]) -> None:
    """What one can do now."""
    say(f"\nÅpne {stack.base_url} og logg inn. Testbrukerne velges på innloggingssiden:")
    for kommune in kommuner:
        say(f"\n  {kommune.data.navn}")
        for person in kommune.people:
            say(f"    {person.rolle:<28} {person.navn:<18} {person.pid}")
    for where, person in OTHERS:
        say(f"\n  {where}")
        say(f"    {person.rolle:<28} {person.navn:<18} {person.pid}")
    say("\nPrøv dette:")
    say(
        "  1. Logg inn som saksbehandler og lag en ny utsending av testmiljo/data/lillevik/eiendomsskatt.xlsx."
    )
    say("  2. Logg inn som godkjenner i et privat vindu, se på brevene og godkjenn.")
    say("  3. Følg utsendingen, se tidslinjen til ett brev, og last ned rapporten.")
    say("  4. Se brevene fra fagsystemet under «Forsendelser», og hvorfor hvert av dem fikk sin kanal.")
    say("  5. Skriv ut brevene under «Utskriftskø» som saksbehandler, og merk dem som lagt i posten.")
    say(f"\nE-poster som er sendt: {stack.sim.url('epost')}/")
    say("\nOpplysninger for andre klienter: var/demo.json. Trykk Ctrl+C for å stoppe.")


if __name__ == "__main__":
    raise SystemExit(main())

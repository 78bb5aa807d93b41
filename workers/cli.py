"""The console script `fiks`: commands for operations. Every command reports what it did."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

import psycopg
from sqlalchemy.exc import OperationalError

from config.broker import LANES, make_ringer
from config.settings import Settings, SettingsError
from fiks.core import audit, clock, doorbell
from fiks.core.actor import KOMMANDO
from fiks.core.audit_upkeep import retention
from fiks.core.errors import FiksError, KanalFeil, Konflikt, UgyldigInndata, Utilgjengelig
from fiks.drift import key_check, restore_guard
from fiks.drift import service as drift
from fiks.konfigurasjon.person import logout
from fiks.utsending.templates import house_templates, service
from workers import cli_explain, cli_keys, cli_oppsett, cli_print, cli_reconcile, cli_rot, cli_signing, sveip
from workers.console import is_away
from workers.lanes import do_portion
from workers.process import Process

UNRECONCILED = (
    "sendingen er fortsatt stanset. Databasen er gjenopprettet, og det er ikke slått opp hva som er sendt siden. Kjør "
    "«fiks reconcile --gjenopprettet» til den er ferdig, og så «fiks thaw». «fiks thaw --likevel» starter uten: da kan "
    "brev bli sendt to ganger"
)
STOPPED_RESTORED = (
    "All sending er stanset, og databasen er notert som gjenopprettet. Kjør «fiks reconcile --gjenopprettet» til den "
    "er ferdig, før «fiks thaw»."
)
UNITS = {"s": "seconds", "m": "minutes", "t": "hours", "d": "days"}
STEP_BACK = re.compile(r"-\d")
PUBLISH = "publiser"


def drain(process: Process, lanes: Sequence[str]) -> int:
    """Work these lanes, running the jobs that feed them in between, until nothing more is found. Needs no
    broker.
    """
    done = 0
    while True:
        found = sveip.move_work_on(process)
        for lane in lanes:
            while portion := do_portion(lane, process):
                found += portion
        if not found:
            return done
        done += found


def _drain(process: Process, options: argparse.Namespace) -> int:
    lanes = [options.bane] if options.bane else list(LANES)
    print(f"{drain(process, lanes)} portioner behandlet i {', '.join(lanes)}")
    return 0


def _sweep(process: Process, options: argparse.Namespace) -> int:
    print(f"sveipet: {sveip.sweep_once(process, everything=True)} funn")
    return 0


def _freeze(process: Process, options: argparse.Namespace) -> int:
    freeze = restore_guard.declare_restored if options.gjenopprettet else drift.freeze
    with process.app.app_context():
        try:
            freeze(options.grunn, actor=KOMMANDO)
        except UgyldigInndata:
            shape = f"{drift.SHORTEST} til {drift.LONGEST} tegn, uten fødselsnummer"
            raise ValueError(f"ingenting er stanset. Skriv grunnen med {shape}") from None
    print(STOPPED_RESTORED if options.gjenopprettet else "All sending er stanset. Start igjen med: fiks thaw")
    return 0


def _thaw(process: Process, options: argparse.Namespace) -> int:
    act = drift.thaw_anyway if options.likevel else drift.thaw
    with process.app.app_context():
        try:
            stopped = act(actor=KOMMANDO)
        except Konflikt:
            raise ValueError(UNRECONCILED) from None
    print("Sendingen er i gang igjen." if stopped else "Sendingen var ikke stanset.")
    return 0


def _klokke(process: Process, options: argparse.Namespace) -> int:
    with process.app.app_context():
        ahead = clock.move(parse_step(options.steg)) if options.steg else clock.offset()
        print(f"Klokka er {ahead} foran. Nå: {clock.now().isoformat()}")
    return 0


def parse_step(text: str) -> timedelta:
    """Read "+3d", "-2t", "90m", "15s"; ValueError otherwise."""
    sign = -1 if text.startswith("-") else 1
    body = text.lstrip("+-")
    if body[-1:] not in UNITS or not body[:-1].isdigit():
        raise ValueError("skriv steget som +3d, -2t, 90m eller 15s")
    return sign * timedelta(**{UNITS[body[-1]]: int(body[:-1])})


def _audit(process: Process, options: argparse.Namespace) -> int:
    with process.app.app_context():
        sealed = audit.seal(whole=True)
        broken = audit.verify()
        extent = retention.extent()
    if extent.forste and extent.siste:
        first, last = (t.isoformat(timespec="seconds") for t in (extent.forste, extent.siste))
        print(f"{extent.antall} rader, den første fra {first}, den siste fra {last}.")
    else:
        print("Ingen rader.")
    if broken is not None:
        print(f"Revisjonsloggen er brutt ved segl {broken}.")
        return 1
    print(f"Revisjonsloggen er hel (nye rader forseglet: {sealed}).")
    return 0


def _sesjoner(process: Process, options: argparse.Namespace) -> int:
    with process.app.app_context():
        ended = logout.end_all_sessions(actor=KOMMANDO)
    print(f"Avsluttede innlogginger: {ended}. Alle må logge inn på nytt.")
    return 0


def _mal(process: Process, options: argparse.Namespace) -> int:
    if options.utsending == PUBLISH:
        with process.app.app_context():
            published = house_templates.publish(actor=KOMMANDO)
        print(f"Nye versjoner av malene som følger med: {published}.")
        return 0
    if options.handling is None:
        raise ValueError("skriv hurtig eller langsom etter id-en")
    quick = options.handling == "hurtig"
    with process.app.app_context():
        mal = service.set_stamping(UUID(options.utsending), quick, actor=KOMMANDO)
    told = "på den raske måten når det går" if quick else "ett for ett"
    print(f"Fra nå lages brev av «{mal.navn}», versjon {mal.versjon}, {told}.")
    return 0


def _nokler(process: Process, options: argparse.Namespace) -> int:
    if options.handling == "apne":
        code, lines = 0, cli_keys.apne(process, UUID(options.forsendelse or ""))
    else:
        code, lines = NOKLER[options.handling](process)
    print("\n".join(lines))
    return code


NOKLER = {"vis": cli_keys.vis, "pakk-om": cli_keys.pakk_om}
COMMANDS: dict[str, tuple[str, Callable[[Process, argparse.Namespace], int]]] = {
    "oppsett": ("se om alt utenfor svarer, uten å sende noe", cli_oppsett.run),
    "explain": ("vis alt om én forsendelse, levering, printordre, pakke eller utsending", cli_explain.run),
    "drain": ("arbeid banene tomme uten Redis", _drain),
    "sweep": ("kjør alle planlagte jobber én gang", _sweep),
    "freeze": ("stans all sending", _freeze),
    "thaw": ("start sendingen igjen", _thaw),
    "klokke": ("vis eller flytt forretningstiden (test og demo)", _klokke),
    "audit": ("kontroller revisjonsloggen", _audit),
    "print": ("printordrer, avvik og avtaler med trykkerier", cli_print.run),
    "reconcile": ("hold bøkene mot alle kanaler, og finn det som er sendt", cli_reconcile.run),
    "rot": ("organisasjoner, operatører og avtaler", cli_rot.run),
    "signering": ("gi opp en signert kopi som signeringstjenesten har mistet", cli_signing.run),
    "sesjoner": ("avslutt alle innlogginger: alle må logge inn på nytt", _sesjoner),
    "mal": (
        "publiser malene som følger med, eller slå rask laging av brev av eller på for en utsendings mal",
        _mal,
    ),
    "nokler": ("vis hovednøklene, se om et brev kan åpnes, eller pakk alt om under den nyeste", _nokler),
}


WITHOUT_KEYS = frozenset({"explain", "freeze", "thaw", "audit", "klokke", "nokler", "oppsett"})
"""Commands that decrypt, encrypt and look up nothing, or report a wrong key themselves."""


def _require_our_keys(process: Process) -> None:
    with process.app.app_context():
        try:
            key_check.require_ours()
        except Utilgjengelig as error:
            raise ValueError(cli_keys.other_key_message(str(error.params["nokkel"]))) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fiks", description="Driftskommandoer for Fiks-plattformen")
    commands = parser.add_subparsers(dest="kommando", required=True)
    made = {name: commands.add_parser(name, help=text) for name, (text, _) in COMMANDS.items()}
    cli_explain.add_arguments(made["explain"])
    made["drain"].add_argument("bane", nargs="?", choices=list(LANES))
    made["freeze"].add_argument("grunn", nargs="?", default="stanset for hånd")
    made["freeze"].add_argument(
        "--gjenopprettet",
        action="store_true",
        help="databasen er lest inn fra en sikkerhetskopi: den skal avstemmes før sendingen startes, og SMS som "
        "venter, blir aldri sendt",
    )
    made["thaw"].add_argument(
        "--likevel",
        action="store_true",
        help="også når databasen er gjenopprettet og ikke avstemt: brev kan bli sendt to ganger",
    )
    made["klokke"].add_argument("steg", nargs="?")
    made["mal"].add_argument("utsending", metavar=f"UTSENDING-ID|{PUBLISH}")
    made["mal"].add_argument("handling", nargs="?", choices=["hurtig", "langsom"])
    made["nokler"].add_argument("handling", choices=[*NOKLER, "apne"])
    made["nokler"].add_argument(
        "forsendelse", nargs="?", help="brevet som skal åpnes: id-en til en forsendelse"
    )
    made["sesjoner"].add_argument("handling", choices=["avslutt-alle"])
    made["audit"].add_argument("handling", choices=["verify"])
    cli_print.add_arguments(made["print"])
    cli_reconcile.add_arguments(made["reconcile"])
    cli_rot.add_arguments(made["rot"])
    cli_signing.add_arguments(made["signering"])
    return parser


def parse_command_line(argv: Sequence[str]) -> argparse.Namespace:
    """Parse a command line. A backward step of the clock looks like an option but is an argument."""
    words = list(argv)
    if words[:1] == ["klokke"] and STEP_BACK.match("".join(words[1:2])):
        words.insert(1, "--")
    return _parser().parse_args(words)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = parse_command_line(sys.argv[1:] if argv is None else argv)
    try:
        return _run(options)
    except (FiksError, KanalFeil, ValueError) as error:
        told = str(error)
    except SettingsError as error:
        told = f"innstillingene kan ikke brukes. {error}"
    except (OperationalError, psycopg.OperationalError) as error:
        if not is_away(error):
            raise
        told = "databasen svarer ikke, eller vil ikke ha oss inn"
    print(f"fiks {options.kommando}: {told}", file=sys.stderr)
    return 2


def _run(options: argparse.Namespace) -> int:
    settings = Settings.from_env()
    doorbell.install(make_ringer(settings.redis_url))
    process = Process(settings)
    if options.kommando not in WITHOUT_KEYS:
        _require_our_keys(process)
    return COMMANDS[options.kommando][1](process, options)


if __name__ == "__main__":
    sys.exit(main())

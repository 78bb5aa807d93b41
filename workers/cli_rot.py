"""`fiks rot …`: the root plane by hand, on the machine. A personal number is read from standard input.

It is never an argument: arguments stand in the process list and in the shell's history; standard input does not.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path
from uuid import UUID

from fiks.core.actor import KOMMANDO
from fiks.core.calendar import OSLO
from fiks.core.errors import Konflikt
from fiks.konfigurasjon import agreements, organisations, root, root_queries
from fiks.konfigurasjon.agreements import NyAvtale
from fiks.konfigurasjon.organisation_rules import Personopplysninger
from fiks.konfigurasjon.persons import name_of
from fiks.konfigurasjon.rules import Organisasjonstype
from workers.process import Process

LAST_OPERATOR = "plattformen må ha en operatør, og det er ingen andre. Gjør en annen til operatør først"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the acts of `fiks rot`."""
    acts = parser.add_subparsers(dest="handling", required=True)
    new = acts.add_parser("ny-organisasjon", help="lag en organisasjon med sin første administrator")
    new.add_argument("--navn", required=True)
    new.add_argument("--orgnr", required=True)
    new.add_argument("--type", required=True, choices=list(Organisasjonstype))
    new.add_argument("--kommunenr")
    new.add_argument("--administrator", required=True, metavar="NAVN")
    admin = acts.add_parser(
        "administrator", help="gi en organisasjon en administrator, eller plattformen en operatør"
    )
    admin.add_argument("--navn", required=True, help="personens navn")
    admin.add_argument("--organisasjon", type=UUID, metavar="ID", help="uten denne: operatør av plattformen")
    admin.add_argument("--begrunnelse", default="Lagt til av driftsorganisasjonen")
    acts.add_parser("vis-operatorer", help="vis hvem som er operatør av plattformen, med id")
    gone = acts.add_parser(
        "fjern-operator", help="en som har sluttet, er ikke lenger operatør og blir logget ut"
    )
    gone.add_argument("person", type=UUID, metavar="ID", help="id-en fra vis-operatorer")
    publish = acts.add_parser("publiser-avtale", help="publiser en ny versjon av en avtale")
    publish.add_argument("--tjeneste", help="uten denne: hovedavtalen")
    publish.add_argument("--fil", type=Path, required=True, help="tittel på første linje, så teksten")


def read_person(navn: str) -> Personopplysninger:
    """The person with this name, whose number is typed unseen or comes on the first line of standard input."""
    ask = getpass.getpass if sys.stdin.isatty() else input
    try:
        number = ask("Fødselsnummer: " if sys.stdin.isatty() else "")
    except EOFError as error:
        raise ValueError("fødselsnummeret mangler på standard inn") from error
    return Personopplysninger("".join(number.split()), navn)


def run(process: Process, options: argparse.Namespace) -> int:
    """Do one act and say so."""
    with process.app.app_context():
        print(ACTS[options.handling](options))
    return 0


def _new_organisation(options: argparse.Namespace) -> str:
    more = {"kommunenr": options.kommunenr} if options.kommunenr else {}
    made = organisations.create_organisasjon(
        navn=options.navn,
        orgnr=options.orgnr,
        type=Organisasjonstype(options.type),
        administrator=read_person(options.administrator),
        actor=KOMMANDO,
        **more,
    )
    return f"{options.navn} er opprettet med id {made}."


def _administrator(options: argparse.Namespace) -> str:
    person = read_person(options.navn)
    if options.organisasjon is None:
        return f"{name_of(root.make_operator(person, actor=KOMMANDO))} er operatør av plattformen."
    made = organisations.add_administrator(
        options.organisasjon, person, begrunnelse=options.begrunnelse, actor=KOMMANDO
    )
    return f"{name_of(made)} er administrator. Organisasjonen ser det i revisjonsloggen sin."


def _operators(options: argparse.Namespace) -> str:
    found = root_queries.operators(actor=KOMMANDO)
    lines = [
        f"{one.id}  {one.navn or 'Uten navn'}, {one.fnr_maskert}, siden {one.siden.astimezone(OSLO):%d.%m.%Y}"
        for one in found
    ]
    return "\n".join(lines) or "Plattformen har ingen operatør."


def _remove_operator(options: argparse.Namespace) -> str:
    try:
        removed = root.remove_operator(options.person, actor=KOMMANDO)
    except Konflikt:
        raise ValueError(LAST_OPERATOR) from None
    if not removed:
        return "Ingen operatør av plattformen har denne id-en, så ingenting er endret."
    return f"{name_of(options.person)} er ikke lenger operatør av plattformen, og er logget ut."


def _publish(options: argparse.Namespace) -> str:
    title, _, body = options.fil.read_text("utf-8").partition("\n")
    version = agreements.publish_avtale(NyAvtale(options.tjeneste, title, body), actor=KOMMANDO)
    return f"«{title.strip()}» er publisert som versjon {version}."


ACTS = {
    "ny-organisasjon": _new_organisation,
    "administrator": _administrator,
    "vis-operatorer": _operators,
    "fjern-operator": _remove_operator,
    "publiser-avtale": _publish,
}

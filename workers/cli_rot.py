"""`fiks rot …`: the root plane by hand, on the machine. Personal numbers are read from standard input.

A personal number is never an argument: arguments show in the process list and the shell's history.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path
from uuid import UUID

from fiks.core.actor import KOMMANDO
from fiks.core.db import session
from fiks.core.errors import FiksError, KanalFeil, Konflikt
from fiks.core.values.calendar import OSLO
from fiks.konfigurasjon import operators
from fiks.konfigurasjon.avtale import service
from fiks.konfigurasjon.avtale.service import NyAvtale
from fiks.konfigurasjon.organisasjon import service as organisasjon_service
from fiks.konfigurasjon.person.rules import Personopplysninger
from fiks.konfigurasjon.person.service import name_of
from fiks.konfigurasjon.rot import queries
from fiks.konfigurasjon.rot.corrections import Grunnopplysninger, rename_person
from fiks.konfigurasjon.rules import Organisasjonstype
from fiks.konfigurasjon.service import person_by_pid
from fiks.registeroppslag.rules import Enhetstatus
from fiks.utsending.sending.sender_change import change_sender
from workers.console import read_text
from workers.process import Process

LAST_OPERATOR = "plattformen må ha en operatør, og det er ingen andre. Gjør en annen til operatør først"
REFUSED = {
    "PERSON_KJENT_UNDER_ANNET_NAVN": (
        "fødselsnummeret hører til en som er kjent her under et annet navn. Ingenting er endret. Rett nummeret, eller "
        "skriv navnet slik personen ser det øverst på siden som innlogget. Er det feil der: fiks rot rett-navn"
    ),
    "PERSON_IKKE_KJENT_SLIK": "ingen er kjent her med dette fødselsnummeret og navnet i --fra. Ingenting er endret",
    "ORGANISASJON_FINNES": "det finnes en organisasjon med dette organisasjonsnummeret fra før. Ingenting er endret",
    "UTSENDINGER_ER_LAGET": (
        "ingenting er endret, for organisasjonen har brev som er laget med det som står nå, og ikke er sendt ennå. "
        "De er i utsending {utsendinger}. Vent til brevene er sendt, eller be organisasjonen trekke tilbake det som "
        "ikke er frigitt"
    ),
    "KOMMUNENR_MANGLER": "en kommune må ha kommunenummer. Skriv det med --kommunenr. Ingenting er endret",
    "ADMINISTRATOR_BEGRUNNELSE": "skriv hvorfor i --begrunnelse, med minst fem tegn. Ingenting er endret",
}
"""Messages for refused acts, filled with the error's values, shown instead of the code."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `fiks rot`."""
    acts = parser.add_subparsers(dest="handling", required=True)
    new = acts.add_parser("ny-organisasjon", help="lag en organisasjon med sin første administrator")
    new.add_argument("--navn", required=True)
    new.add_argument("--orgnr", required=True)
    new.add_argument("--type", required=True, choices=list(Organisasjonstype))
    new.add_argument("--kommunenr", help="fire siffer; må være med for en kommune")
    new.add_argument("--administrator", required=True, metavar="NAVN")
    change = acts.add_parser(
        "endre-organisasjon",
        help="endre navn, nummer, type eller kommunenummer: det som ikke er med, står som før",
    )
    change.add_argument("organisasjon", type=UUID, metavar="ID")
    change.add_argument("--navn")
    change.add_argument("--orgnr")
    change.add_argument("--type", choices=list(Organisasjonstype))
    change.add_argument("--kommunenr")
    change.add_argument("--begrunnelse", required=True, help="organisasjonen ser den i revisjonsloggen sin")
    name = acts.add_parser("rett-navn", help="rett navnet på en person som er skrevet inn feil")
    name.add_argument("--fra", required=True, metavar="NAVN", help="hele navnet, slik det står nå")
    name.add_argument("--til", required=True, metavar="NAVN")
    name.add_argument("--begrunnelse", required=True, help="organisasjonene til personen ser den")
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
    """Return the person with this name; their number is typed without echo or read from the first line of
    standard input.
    """
    ask = getpass.getpass if sys.stdin.isatty() else input
    try:
        number = ask("Fødselsnummer: " if sys.stdin.isatty() else "")
    except EOFError as error:
        raise ValueError("fødselsnummeret mangler på standard inn") from error
    return Personopplysninger("".join(number.split()), navn)


def run(process: Process, options: argparse.Namespace) -> int:
    """Do one act and print the result."""
    with process.app.app_context():
        try:
            print(ACTS[options.handling](process, options))
        except FiksError as error:
            if error.kode not in REFUSED:
                raise
            raise ValueError(REFUSED[error.kode].format_map(error.params)) from None
    return 0


def _new_organisation(process: Process, options: argparse.Namespace) -> str:
    more = {"kommunenr": options.kommunenr} if options.kommunenr else {}
    person = read_person(options.administrator)
    made = organisasjon_service.create_organisasjon(
        navn=options.navn,
        orgnr=options.orgnr,
        type=Organisasjonstype(options.type),
        administrator=person,
        actor=KOMMANDO,
        **more,
    )
    first = person_by_pid(person.fnr)
    assert first is not None
    return "\n".join(
        [
            f"{options.navn} er opprettet med id {made}.",
            f"{name_of(first)} er administrator.",
            _called_in_register(process, "".join(options.orgnr.split())),
        ]
    )


def _called_in_register(process: Process, orgnr: str) -> str:
    """Return a sentence on whose number this is in Enhetsregisteret: helps to notice a typing error, and
    stops nothing.
    """
    session().rollback()
    try:
        unit = process.world.registers.port.virksomheter([orgnr]).get(orgnr)
    except KanalFeil:
        return f"Enhetsregisteret svarer ikke, så vi vet ikke hvem {orgnr} er. Kontroller nummeret selv."
    if unit is None or unit.status is Enhetstatus.IKKE_FUNNET:
        return f"Enhetsregisteret kjenner ikke {orgnr}. Kontroller nummeret."
    gone = ", og er slettet der. Kontroller nummeret" if unit.status is Enhetstatus.SLETTET else ""
    return f"{orgnr} er {unit.navn} i Enhetsregisteret{gone}."


def _change_organisation(process: Process, options: argparse.Namespace) -> str:
    found = queries.organisation(options.organisasjon, actor=KOMMANDO)
    said = (options.navn, options.orgnr and "".join(options.orgnr.split()), options.type, options.kommunenr)
    stands = (found.rad.navn, found.rad.orgnr, found.rad.type, found.kommunenr or "")
    ny = Grunnopplysninger(*(old if new is None else str(new) for new, old in zip(said, stands, strict=True)))
    changed = change_sender(options.organisasjon, ny, begrunnelse=options.begrunnelse, actor=KOMMANDO)
    if not changed:
        return "Alt står slik fra før, så ingenting er endret."
    told = f"Endret: {', '.join(changed)}. Organisasjonen ser det i revisjonsloggen sin."
    return f"{told}\n{_called_in_register(process, ny.orgnr)}" if "orgnr" in changed else told


def _rename(process: Process, options: argparse.Namespace) -> str:
    fnr = read_person(options.fra).fnr
    renamed = rename_person(
        fnr, fra=options.fra, til=options.til, begrunnelse=options.begrunnelse, actor=KOMMANDO
    )
    return f"{options.fra} heter nå {name_of(renamed)}. Organisasjonene til personen ser det i loggen sin."


def _administrator(process: Process, options: argparse.Namespace) -> str:
    person = read_person(options.navn)
    if options.organisasjon is None:
        return f"{name_of(operators.make_operator(person, actor=KOMMANDO))} er operatør av plattformen."
    made = organisasjon_service.add_administrator(
        options.organisasjon, person, begrunnelse=options.begrunnelse, actor=KOMMANDO
    )
    return f"{name_of(made)} er administrator. Organisasjonen ser det i revisjonsloggen sin."


def _operators(process: Process, options: argparse.Namespace) -> str:
    found = queries.operators(actor=KOMMANDO)
    lines = [
        f"{one.id}  {one.navn or 'Uten navn'}, {one.fnr_maskert}, siden {one.siden.astimezone(OSLO):%d.%m.%Y}"
        for one in found
    ]
    return "\n".join(lines) or "Plattformen har ingen operatør."


def _remove_operator(process: Process, options: argparse.Namespace) -> str:
    try:
        removed = operators.remove_operator(options.person, actor=KOMMANDO)
    except Konflikt:
        raise ValueError(LAST_OPERATOR) from None
    if not removed:
        return "Ingen operatør av plattformen har denne id-en, så ingenting er endret."
    return f"{name_of(options.person)} er ikke lenger operatør av plattformen, og er logget ut."


def _publish(process: Process, options: argparse.Namespace) -> str:
    title, _, body = read_text(options.fil).partition("\n")
    version = service.publish_avtale(NyAvtale(options.tjeneste, title, body), actor=KOMMANDO)
    return f"«{title.strip()}» er publisert som versjon {version}."


ACTS = {
    "ny-organisasjon": _new_organisation,
    "endre-organisasjon": _change_organisation,
    "rett-navn": _rename,
    "administrator": _administrator,
    "vis-operatorer": _operators,
    "fjern-operator": _remove_operator,
    "publiser-avtale": _publish,
}

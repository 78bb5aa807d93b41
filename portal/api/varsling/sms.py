"""Fiks SMS API v2: send one or many, query the status, look numbers up in KRR (svarut.md 8.2)."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from flask import Blueprint, Response, current_app, request
from pydantic import Field

from fiks.core.db import session
from fiks.core.errors import KanalFeil
from fiks.registeroppslag.register import open_register
from fiks.sms import lookup, queries, rules, service
from fiks.sms.errors import UgyldigSms
from fiks.sms.lookup import Nummerstatus
from fiks.sms.rules import Status
from portal.access.actor import current_actor
from portal.api.model import EllerNyere, Krevd, Modell, Svarmodell, grense
from portal.api.operation import operasjon
from portal.api.reading import read
from portal.api.varsling.status_query import ask_in_halves
from portal.http.api_errors import ApiFeil, json_answer

blueprint = Blueprint("varsling_sms", __name__, url_prefix="/varsling/api/v2/sms/<uuid:smskonto_id>")
GRUPPE = "SMS"
KEY = "Idempotency-Key"
ONCE = (
    "En SMS sendes høyst én gang. Vet vi ikke hvordan det gikk, blir status UKJENT, og den sendes ikke på nytt. "
    f"Med `{KEY}` gir det samme kallet om igjen de samme id-ene."
)
SmsStatus = StrEnum("SmsStatus", [(one.name, one.value) for one in Status if one is not Status.SENDER])


class SmsMelding(Modell):
    """En SMS. Oppgi enten fødselsnummer eller telefonnummer."""

    tekst: Krevd[str] = Field(
        default="", description="Høyst 1600 tegn.", json_schema_extra={"maxLength": 1600}
    )
    fnr: str = Field(
        default="",
        description="Nummeret hentes i KRR. Personen ser på Min side hvem som slo det opp, og når.",
        json_schema_extra={"pattern": "^[0-9]{11}$"},
    )
    telefonnummer: str = Field(default="", description="Norsk nummer, eller med + og landkode.")


class SmsBatch(Modell):
    """En tekst til mange."""

    telefonnummere: Krevd[tuple[str, ...]] = grense(maxItems=rules.MOST_NUMBERS)
    tekst: Krevd[str] = grense(maxLength=rules.LONGEST)


class KrrOppslag(Modell):
    """Personer som skal slås opp i Kontakt- og reservasjonsregisteret."""

    fnrs: Krevd[tuple[str, ...]] = grense(maxItems=rules.MOST_NUMBERS)


class SmsId(Svarmodell):
    """SMS-en er tatt imot."""

    id: UUID


class SmsIder(Svarmodell):
    """Én id for hvert nummer, i samme rekkefølge. Et nummer som står to ganger, får én SMS."""

    ider: tuple[UUID, ...]


class SmsRespons(Svarmodell):
    """Hvordan det går med en SMS, og hvorfor den ikke ble sendt."""

    id: UUID
    status: EllerNyere[SmsStatus]
    grunn: EllerNyere[rules.Grunn] | None = None


class SmsKonto(Svarmodell):
    """Kontoen. `avsender` er det telefonen viser."""

    id: UUID
    navn: str
    avsender: str
    aktivert: bool


class KontaktInformasjon(Svarmodell):
    """Nummeret KRR har til en person."""

    fnr: str
    fnrOrgnr: str
    telefonnummer: str | None = None
    telefonnummerStatus: Nummerstatus


@blueprint.post("/send", strict_slashes=False)
@operasjon("Send en SMS", gruppe=GRUPPE, tekst=ONCE, kropp=SmsMelding, svar=SmsId)
def send(smskonto_id: UUID) -> Response:
    """Send one SMS, to a number or to a person."""
    said = read(SmsMelding, request.get_data())
    if bool(said.fnr) == bool(said.telefonnummer):
        raise UgyldigSms("SMS_EN_MOTTAKER", felt="telefonnummer")
    key, actor = request.headers.get(KEY, ""), current_actor()
    if said.fnr:
        sms_id = service.send_to_person(smskonto_id, said.tekst, said.fnr, nokkel=key, actor=actor)
    else:
        sms_id = service.send_to_number(smskonto_id, said.tekst, said.telefonnummer, nokkel=key, actor=actor)
    return json_answer(SmsId(id=sms_id).as_json())


@blueprint.post("/sendBatch", strict_slashes=False)
@operasjon("Send samme SMS til mange", gruppe=GRUPPE, tekst=ONCE, kropp=SmsBatch, svar=SmsIder)
def send_batch(smskonto_id: UUID) -> Response:
    """Send one text to at most a thousand numbers, all or none."""
    said = read(SmsBatch, request.get_data())
    key = request.headers.get(KEY, "")
    ids = service.send_to_numbers(
        smskonto_id, said.tekst, said.telefonnummere, nokkel=key, actor=current_actor()
    )
    return json_answer(SmsIder(ider=tuple(ids)).as_json())


@blueprint.post("/oppslag", strict_slashes=False)
@operasjon(
    "Slå opp telefonnumre i KRR",
    gruppe=GRUPPE,
    tekst=f"Hjemmelen er {rules.KRR_HJEMMEL}. Hver person ser på Min side hvem som slo opp, og når. "
    "IKKE_FUNNET betyr at det ikke finnes et nummer som kan gis ut. Det gjelder også når personen er død, når nummeret "
    "ikke er bekreftet de siste 18 månedene, og når registrene svarer for de andre, men ikke kan svare om personen. "
    f"Den som slår opp, får høyst {rules.MOST_LOOK_UPS} numre på en time. Et kall som ikke får svar fra registrene, "
    "telles ikke, og heller ikke å sende til et fødselsnummer.",
    kropp=KrrOppslag,
    svar=list[KontaktInformasjon],
)
def oppslag(smskonto_id: UUID) -> Response:
    """KRR's telephone numbers of at most a thousand persons."""
    said = read(KrrOppslag, request.get_data())
    register = open_register(current_app.config["FIKS_SETTINGS"])
    try:
        found = lookup.look_up(smskonto_id, said.fnrs, register, ask_in_halves, actor=current_actor())
    except KanalFeil as error:
        raise ApiFeil(503, "Registrene svarer ikke", arsak=error.kode) from None
    told = [
        KontaktInformasjon(
            fnr=one.fnr, fnrOrgnr=one.fnr, telefonnummer=one.telefonnummer, telefonnummerStatus=one.status
        )
        for one in found
    ]
    session().rollback()
    return json_answer([one.as_json() for one in told])


@blueprint.get("/sms/<uuid:sms_id>", strict_slashes=False)
@operasjon("Se hvordan det går med en SMS", gruppe=GRUPPE, svar=SmsRespons)
def status(smskonto_id: UUID, sms_id: UUID) -> Response:
    """Status of one SMS."""
    found = queries.status(smskonto_id, sms_id, actor=current_actor())
    told = SmsRespons(id=found.id, status=found.status, grunn=found.grunn)
    return json_answer(told.as_json())


@blueprint.get("", strict_slashes=False)
@operasjon("Se kontoen SMS sendes fra", gruppe=GRUPPE, svar=SmsKonto)
def konto(smskonto_id: UUID) -> Response:
    """The konto's facts."""
    found = queries.konto(smskonto_id, actor=current_actor())
    told = SmsKonto(id=found.id, navn=found.visningsnavn, avsender=found.avsender, aktivert=found.aktivert)
    return json_answer(told.as_json())

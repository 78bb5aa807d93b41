"""Login of machines by HTTP Basic: a konto's name and service password (REST v1 and SOAP; svarut.md 3.1), or
a mottakersystem's id and service password (SvarInn; svarut.md 4).

An unknown name and a wrong password get the same answer. After too many refusals a caller gets 429, but a
right password is always admitted. A cookie counts for nothing, and calls from pages of other sites are
refused.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from flask import g, request

from fiks.core.actor import Aktor, Aktortype, system
from fiks.konfigurasjon.konto import password
from fiks.konfigurasjon.konto.password import Avslag
from fiks.svarinn import login
from portal.access.kinds import Krav, Slag
from portal.access.throttle import Record, door
from portal.http.api_errors import MELDINGER, ApiFeil

DOOR = system("kontoport")
REALM = 'Basic realm="SvarUt", charset="UTF-8"'
SECRET_TEXT = "Feil brukernavn eller passord"
UNKNOWN = "ukjent"
OTHER_SITE_TEXT = "Kall fra nettsider er ikke tillatt"


@dataclass(frozen=True, slots=True)
class Banket:
    """Outcome of a login attempt: `avslag` is None and `aktor` is admitted, or `avslag` says why not.
    `kjent` is the id for the log, and `skriv` audits refusals.
    """

    avslag: Avslag | None
    aktor: Aktor | None
    kjent: str
    skriv: Record


def admit(krav: Krav) -> None:
    """Admit the call and set its actor, or raise ApiFeil."""
    request.max_content_length = krav.maks_bytes
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        raise ApiFeil(403, OTHER_SITE_TEXT, arsak="fremmed nettsted")
    navn, passord = credentials(request.headers.get("Authorization", ""))
    if not navn or not passord:
        raise door().refuse_stranger(ApiFeil(401, SECRET_TEXT, arsak="uten brukernavn og passord"))
    knocked = (_system if krav.slag is Slag.MOTTAKERSYSTEM else _konto)(navn, passord)
    if knocked.avslag is not None:
        raise _refused(navn, knocked)
    g.actor = knocked.aktor


def _konto(navn: str, passord: str) -> Banket:
    svar = password.check_konto(navn, passord)
    write = partial(password.record_refusals, svar, actor=DOOR)
    found = svar.konto
    if found is None:
        return Banket(svar.avslag, None, UNKNOWN, write)
    actor = _machine(found.visningsnavn, found.organisasjon_id)
    return Banket(svar.avslag, replace(actor, konto_id=found.id), str(found.id), write)


def _system(navn: str, passord: str) -> Banket:
    svar = login.check_system(navn, passord)
    write = partial(login.record_refusals, svar, actor=DOOR)
    found = svar.system
    if found is None:
        return Banket(svar.avslag, None, UNKNOWN, write)
    actor = _machine(found.navn, found.organisasjon_id)
    return Banket(svar.avslag, replace(actor, mottakersystem_id=found.id), str(found.id), write)


def logged_in_konto() -> UUID:
    """The konto that has authenticated with its password in this request."""
    actor: Aktor = g.actor
    assert actor.konto_id is not None
    return actor.konto_id


def credentials(header: str) -> tuple[str, str]:
    """(name, password) of an Authorization header, both empty if there are none; older clients encode them in
    Latin-1.
    """
    scheme, _, coded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        raw = base64.b64decode(coded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return "", ""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    avsender, _, passord = text.partition(":")
    return ("", "") if "\0" in text else (avsender, passord)


def _machine(navn: str, organisasjon_id: UUID) -> Aktor:
    return Aktor(
        Aktortype.INTEGRASJON,
        navn,
        organisasjon_id=organisasjon_id,
        request_id=g.get("request_id"),
        kanal="API",
    )


def _refused(navn: str, knocked: Banket) -> ApiFeil:
    """The refusal; its text does not tell whether the name is known."""
    closed = knocked.avslag is Avslag.ORGANISASJON_INAKTIV
    status, text = (403, MELDINGER[403]) if closed else (401, SECRET_TEXT)
    error = ApiFeil(status, text, arsak=str(knocked.avslag), konto=knocked.kjent)
    return door().refuse(navn, error, knocked.skriv)

"""The door of REST v1 and SOAP: HTTP Basic with the name of a konto and its service password (svarut.md 3.1).

An unknown name and a wrong password are answered alike. Whoever is refused too often is told to wait; a right password
is let in all the same. A cookie means nothing here, and a page of another site gets nothing done.
"""

from __future__ import annotations

import base64
import binascii
from uuid import UUID, uuid4

from flask import current_app, g, request

from fiks.core.actor import Aktor, Aktortype, system
from fiks.konfigurasjon import kontopassord
from fiks.konfigurasjon.kontopassord import Avslag, Kontofakta, Svar
from portal.api.feil import ApiFeil
from portal.api.innslipp import FORBIDDEN_TEXT, PER_ADDRESS, PER_INTEGRASJON, Tellere
from portal.api.sperre import worth_writing
from portal.extensions import limiter
from portal.krav import Krav

EXTENSION = "fiks_kontofeil"
DOOR = system("kontoport")
REALM = 'Basic realm="SvarUt", charset="UTF-8"'
SECRET_TEXT = "Feil brukernavn eller passord"
WAIT_TEXT = "For mange forespørsler"
OTHER_SITE_TEXT = "Kall fra nettsider er ikke tillatt"


def admit(krav: Krav) -> None:
    """Let the call in and set its actor, or raise ApiFeil."""
    request.max_content_length = krav.maks_bytes
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        raise ApiFeil(403, OTHER_SITE_TEXT, arsak="fremmed nettsted")
    avsender, passord = credentials(request.headers.get("Authorization", ""))
    if not avsender or not passord:
        raise _slowed(ApiFeil(401, SECRET_TEXT, arsak="uten brukernavn og passord"))
    svar = kontopassord.check_konto(avsender, passord)
    if svar.avslag is not None:
        raise _refused(avsender, svar)
    assert svar.konto is not None
    g.actor = _actor(svar.konto)


def own_konto() -> UUID:
    """The konto that has logged in with its password in this request."""
    actor: Aktor = g.actor
    assert actor.konto_id is not None
    return actor.konto_id


def credentials(header: str) -> tuple[str, str]:
    """(name, password) of an Authorization header, both empty if it holds none; older clients write them in Latin-1."""
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


def _actor(konto: Kontofakta) -> Aktor:
    return Aktor(
        Aktortype.INTEGRASJON,
        konto.visningsnavn,
        organisasjon_id=konto.organisasjon_id,
        konto_id=konto.id,
        request_id=g.get("request_id"),
        kanal="API",
    )


def _refused(avsender: str, svar: Svar) -> ApiFeil:
    """The refusal, audited now and then; neither text, limit nor work done says whether the name is known."""
    konto = str(svar.konto.id) if svar.konto else "ukjent"
    error_id, key = str(uuid4()), (avsender, request.remote_addr)
    closed = svar.avslag is Avslag.ORGANISASJON_INAKTIV
    status, text = (403, FORBIDDEN_TEXT) if closed else (401, SECRET_TEXT)
    error = _slowed(ApiFeil(status, text, arsak=str(svar.avslag), konto=konto, error_id=error_id))
    if error.code == 429:
        return error
    counters = _counters()
    antall = counters.skrevet.hit(key)
    if worth_writing(antall):
        kontopassord.record_refusals(svar, antall=antall, error_id=error_id, actor=DOOR)
    if limiter.enabled and counters.integrasjon.hit(key) > PER_INTEGRASJON:
        return ApiFeil(429, WAIT_TEXT, arsak=str(svar.avslag), konto=konto)
    return error


def _slowed(error: ApiFeil) -> ApiFeil:
    """The same refusal, or "wait" when this address has been refused too often of late."""
    if limiter.enabled and _counters().adresse.hit(request.remote_addr) > PER_ADDRESS:
        return ApiFeil(429, WAIT_TEXT, arsak=error.arsak, **error.felter)
    return error


def _counters() -> Tellere:
    counted: Tellere = current_app.extensions[EXTENSION]
    return counted

"""The eight steps every machine call goes through (konfigurasjon.md 5.3). The route table says what each route asks.

1 the token · 2 the two headers · 3–5 the integrasjon, its orgnr and its password, told apart only in the log ·
6 organisation and service in use · 7 the privilege on the ressurs that the address names · 8 the audit, by the use
case. A cookie means nothing here, and nothing of the session is read.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID

import structlog
from flask import abort, current_app, g, request

from fiks.core.actor import Aktor, Aktortype, system
from fiks.core.errors import UgyldigInndata
from fiks.konfigurasjon import integration_login, queries, sessions
from fiks.konfigurasjon.integration_login import Avslag, Maskin, Svar
from fiks.konfigurasjon.rules import P
from portal.api.feil import MELDINGER, ApiFeil
from portal.api.sperre import door
from portal.kravslag import Krav
from portal.maskinporten import Tilgangstoken, TokenAvvist, UtstederNede, utstedere

log = structlog.get_logger(__name__)

TOKEN_TEXT = MELDINGER[401]
SECRET_TEXT = "Autentisering feilet for integrasjon med id {id}"
HEADERS_TEXT = "IntegrasjonId må være en UUID, og IntegrasjonPassord må være med"
FORBIDDEN_TEXT = MELDINGER[403]
SERVICE_TEXT = "Tjenesten er ikke tatt i bruk"

DOOR = system("maskinport")
API_TYPES = frozenset({"application/json", "multipart/form-data"})


def admit(krav: Krav) -> None:
    """Let the call in and set its actor, or raise ApiFeil."""
    request.max_content_length = krav.maks_bytes
    if (request.content_length or request.mimetype) and request.mimetype not in API_TYPES:
        raise ApiFeil(415, "Innholdstypen støttes ikke", arsak="innholdstype")
    token = _token()
    integrasjon_id, passord = _headers()
    svar = integration_login.check_integrasjon(integrasjon_id, orgnr=token.orgnr, passord=passord)
    if svar.avslag is not None:
        raise _refused(integrasjon_id, svar)
    assert svar.maskin is not None
    g.actor = _actor(svar.maskin, token)
    if token.leverandor:
        log.info("leverandor", leverandor=token.leverandor)
    if krav.ressurs:
        demand(*map(P, sorted(krav.privilegier)), ressurs_id=_ressurs(krav), tjeneste=krav.tjeneste)


def demand(*privilegier: P, ressurs_id: UUID, tjeneste: str = "") -> None:
    """Steps 6 and 7 for a ressurs, by any one of `privilegier`: 403 with the same text whether it is another's, or is
    none at all.
    """
    actor, asked = g.actor, " ".join(privilegier)
    if actor.type is Aktortype.PERSON and not is_on_duty(actor, ressurs_id):
        raise ApiFeil(403, FORBIDDEN_TEXT, arsak="ANNEN_ORGANISASJON", privilegium=asked)
    if not any(queries.may(actor, privilegium, ressurs_id) for privilegium in privilegier):
        raise ApiFeil(403, FORBIDDEN_TEXT, arsak="MANGLER_PRIVILEGIUM", privilegium=asked)
    if tjeneste and not integration_login.service_in_use(tjeneste, ressurs_id):
        raise ApiFeil(
            403, SERVICE_TEXT, arsak="TJENESTE_INAKTIV", kode="TJENESTE_IKKE_AKTIV", tjeneste=tjeneste
        )


def is_on_duty(actor: Aktor, ressurs_id: UUID) -> bool:
    """The person's own rights decide, but only for an organisation that the machine works for."""
    assert actor.integrasjon_id is not None
    return integration_login.works_for_owner_of(ressurs_id, integrasjon_id=actor.integrasjon_id)


def _token() -> Tilgangstoken:
    scheme, _, raw = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not raw.strip():
        raise door().refuse_stranger(ApiFeil(401, TOKEN_TEXT, arsak="uten token"))
    try:
        return utstedere().read(raw.strip())
    except TokenAvvist as error:
        raise door().refuse_stranger(ApiFeil(401, TOKEN_TEXT, arsak=error.arsak)) from None
    except UtstederNede as error:
        raise ApiFeil(503, "Tjenesten er ikke tilgjengelig", arsak=f"utsteder nede: {error}") from None


def _headers() -> tuple[UUID, str]:
    passord = request.headers.get("IntegrasjonPassord", "")
    try:
        integrasjon_id = UUID(request.headers.get("IntegrasjonId", ""))
    except ValueError:
        raise door().refuse_stranger(ApiFeil(401, HEADERS_TEXT, arsak="IntegrasjonId")) from None
    if not passord:
        raise door().refuse_stranger(ApiFeil(401, HEADERS_TEXT, arsak="IntegrasjonPassord"))
    return integrasjon_id, passord


def _actor(maskin: Maskin, token: Tilgangstoken) -> Aktor:
    """The machine itself, or the person it calls for, whose own privileges then decide."""
    customer = token.orgnr if token.leverandor else None
    request_id = g.get("request_id")
    if token.pid is None:
        return Aktor(
            Aktortype.INTEGRASJON,
            maskin.navn,
            organisasjon_id=maskin.organisasjon_id,
            integrasjon_id=maskin.id,
            paa_vegne_av=customer,
            request_id=request_id,
            kanal="API",
        )
    try:
        person_id = sessions.find_or_create_person(token.pid, None)
    except UgyldigInndata:
        raise ApiFeil(401, TOKEN_TEXT, arsak="pid") from None
    levels = {acr: level for level, acr in current_app.config["FIKS_SETTINGS"].idporten_acr}
    return Aktor(
        Aktortype.PERSON,
        maskin.navn,
        person_id=person_id,
        organisasjon_id=maskin.organisasjon_id,
        acr=levels.get(token.acr, 0),
        integrasjon_id=maskin.id,
        paa_vegne_av=customer,
        request_id=request_id,
        kanal="API",
    )


def _refused(integrasjon_id: UUID, svar: Svar) -> ApiFeil:
    """The refusal of step 3 to 6; the text says nothing of which step it was."""
    closed = svar.avslag is Avslag.ORGANISASJON_INAKTIV
    status, text = (403, FORBIDDEN_TEXT) if closed else (401, SECRET_TEXT.format(id=integrasjon_id))
    error = ApiFeil(status, text, arsak=str(svar.avslag), integrasjon=str(integrasjon_id))
    record = partial(integration_login.record_refusals, integrasjon_id, svar, actor=DOOR)
    return door().refuse(integrasjon_id, error, record)


def _ressurs(krav: Krav) -> UUID:
    """The ressurs that the address names; the table says by which part of it."""
    value = (request.view_args or {}).get(krav.ressurs)
    if not isinstance(value, UUID):
        abort(404)
    return value

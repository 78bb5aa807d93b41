"""The eight steps every machine call goes through (konfigurasjon.md 5.3). The access table says what each
route asks.

1 the token · 2 the two headers · 3–5 the integrasjon, its orgnr and its password, told apart only in the log
· 6 organisation and service in use · 7 the privilege on the ressurs that the address names · 8 the audit, by
the use case. A cookie counts for nothing here, and nothing of the session is read.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID

import structlog
from flask import abort, current_app, g, request

from config.settings import Settings
from fiks.core.actor import Aktor, Aktortype, system
from fiks.core.errors import UgyldigInndata
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.audit.names import name_of_person
from fiks.konfigurasjon.integrasjon import login
from fiks.konfigurasjon.integrasjon.login import Avslag, Maskin, Svar
from fiks.konfigurasjon.person import service
from fiks.konfigurasjon.rules import P
from portal.access.kinds import Krav
from portal.access.maskinporten import Tilgangstoken, TokenAvvist, TokenUtlopt, UtstederNede, utstedere
from portal.access.throttle import door
from portal.http.api_errors import MELDINGER, ApiFeil
from portal.texts import tekst

log = structlog.get_logger(__name__)

TOKEN_TEXT = MELDINGER[401]
SECRET_TEXT = "Autentisering feilet for integrasjon med id {id}"
HEADERS_TEXT = "IntegrasjonId må være en UUID, og IntegrasjonPassord må være med"
FORBIDDEN_TEXT = MELDINGER[403]
SERVICE_TEXT = "Tjenesten er ikke tatt i bruk"
LEVEL_CODE = "INNLOGGINGSNIVA_UTILSTREKKELIG"

DOOR = system("maskinport")
API_TYPES = frozenset({"application/json", "multipart/form-data"})
ANY_CONTENT_TYPE = frozenset({"svarut_v2.lest", "svarut_v2.status", "svarut_v3.status"})
"""Routes whose body may have any content type by KS' contract."""


def admit(krav: Krav, nivaa: int) -> None:
    """Admit the call and set its actor, or raise ApiFeil. A person it is made for must have logged in at
    `nivaa`.
    """
    request.max_content_length = krav.maks_bytes
    if _has_unsupported_type():
        raise ApiFeil(415, "Innholdstypen støttes ikke", arsak="innholdstype")
    token = _token()
    integrasjon_id, passord = _headers()
    svar = login.check_integrasjon(integrasjon_id, orgnr=token.orgnr, passord=passord)
    if svar.avslag is not None:
        raise _refused(integrasjon_id, svar)
    assert svar.maskin is not None
    if token.pid is not None and _level(token) < nivaa:
        raise ApiFeil(403, tekst(LEVEL_CODE, nivaa=nivaa), arsak=LEVEL_CODE, kode=LEVEL_CODE, acr=token.acr)
    g.actor = _actor(svar.maskin, token)
    if token.leverandor:
        log.info("leverandor", leverandor=token.leverandor)
    if krav.ressurs:
        require_privilege(
            *map(P, sorted(krav.privilegier)), ressurs_id=_ressurs(krav), tjeneste=krav.tjeneste
        )


def _has_unsupported_type() -> bool:
    """Whether the body has a content type we do not take. Without a body the header is ignored: clients
    always send it.
    """
    has_body = bool(request.content_length) or "Transfer-Encoding" in request.headers
    return has_body and request.endpoint not in ANY_CONTENT_TYPE and request.mimetype not in API_TYPES


def require_privilege(*privilegier: P, ressurs_id: UUID, tjeneste: str = "") -> None:
    """Steps 6 and 7: require one of `privilegier` on a ressurs. 403 with the same text whether the ressurs is
    another organisation's or does not exist.
    """
    actor, asked = g.actor, " ".join(privilegier)
    if not any(queries.may(actor, privilegium, ressurs_id) for privilegium in privilegier):
        elsewhere = actor.type is Aktortype.PERSON and not _works_for_owner(actor, ressurs_id)
        arsak = "ANNEN_ORGANISASJON" if elsewhere else "MANGLER_PRIVILEGIUM"
        raise ApiFeil(403, FORBIDDEN_TEXT, arsak=arsak, privilegium=asked)
    if tjeneste and not login.is_service_in_use(tjeneste, ressurs_id):
        raise ApiFeil(
            403, SERVICE_TEXT, arsak="TJENESTE_INAKTIV", kode="TJENESTE_IKKE_AKTIV", tjeneste=tjeneste
        )


def _works_for_owner(actor: Aktor, ressurs_id: UUID) -> bool:
    """Whether the machine works for the organisation that owns the ressurs. Otherwise its person has no right
    there.
    """
    assert actor.integrasjon_id is not None
    return login.works_for_owner_of(ressurs_id, integrasjon_id=actor.integrasjon_id)


def _token() -> Tilgangstoken:
    scheme, _, raw = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not raw.strip():
        raise door().refuse_stranger(ApiFeil(401, TOKEN_TEXT, arsak="uten token"))
    try:
        return utstedere().read(raw.strip())
    except TokenUtlopt as error:
        # The issuer made it, and whoever has it renews it on 401; who misbehaves at its address must not hide that.
        raise ApiFeil(401, TOKEN_TEXT, arsak=error.arsak) from None
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
    """The machine itself, or the person it calls for, whose own privileges then count."""
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
        person_id = service.find_or_create_person(token.pid, None)
    except UgyldigInndata:
        raise ApiFeil(401, TOKEN_TEXT, arsak="pid") from None
    return Aktor(
        Aktortype.PERSON,
        name_of_person(person_id),
        person_id=person_id,
        organisasjon_id=maskin.organisasjon_id,
        acr=_level(token),
        integrasjon_id=maskin.id,
        paa_vegne_av=customer,
        request_id=request_id,
        kanal="API",
    )


def _level(token: Tilgangstoken) -> int:
    """The level the person logged in at; 0 for an unknown acr."""
    settings: Settings = current_app.config["FIKS_SETTINGS"]
    return next((level for level, acr in settings.idporten_acr if acr == token.acr), 0)


def _refused(integrasjon_id: UUID, svar: Svar) -> ApiFeil:
    """The refusal of steps 3 to 6; its text does not tell which step failed."""
    closed = svar.avslag is Avslag.ORGANISASJON_INAKTIV
    status, text = (403, FORBIDDEN_TEXT) if closed else (401, SECRET_TEXT.format(id=integrasjon_id))
    error = ApiFeil(status, text, arsak=str(svar.avslag), integrasjon=str(integrasjon_id))
    record = partial(login.record_refusals, integrasjon_id, svar, actor=DOOR)
    return door().refuse(integrasjon_id, error, record)


def _ressurs(krav: Krav) -> UUID:
    """The ressurs in the address; the access table names the URL variable."""
    value = (request.view_args or {}).get(krav.ressurs)
    if not isinstance(value, UUID):
        abort(404)
    return value

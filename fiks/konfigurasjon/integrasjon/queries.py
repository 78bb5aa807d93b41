"""Reads of integrasjoner: an organisation's own, the global ones on offer, and the grants of each."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon import authorization, queries
from fiks.konfigurasjon.authorization import valid_now
from fiks.konfigurasjon.models import ForespurtPrivilegium, Integrasjon, Person, Ressurs, Tilgang
from fiks.konfigurasjon.name_order import by_name
from fiks.konfigurasjon.rules import P, for_machines
from fiks.konfigurasjon.tilgang.queries import administers_any_ressurs, ressurser_with

PAGE = 50


@dataclass(frozen=True, slots=True)
class Integrasjonsrad:
    """One integrasjon in a list; `tilganger` counts its valid grants in the organisation."""

    id: UUID
    navn: str
    autorisert_orgnr: str
    tjenester: tuple[str, ...]
    kode: str | None
    sist_brukt: datetime | None
    opprettet: datetime
    tilganger: int


@dataclass(frozen=True, slots=True)
class Integrasjonsdetalj:
    """One integrasjon as its page shows it. `gammelt_gyldig_til` is set only while the old password still
    works.
    """

    id: UUID
    organisasjon_id: UUID | None
    kode: str | None
    navn: str
    beskrivelse: str
    autorisert_orgnr: str
    tjenester: tuple[str, ...]
    passord_laget: datetime
    gammelt_gyldig_til: datetime | None
    sist_brukt: datetime | None
    opprettet: datetime
    opprettet_av: str | None


@dataclass(frozen=True, slots=True)
class Maskintilgang:
    """One grant of an integrasjon."""

    id: UUID
    privilegium: str
    ressurs_id: UUID
    ressurs: str
    ressurs_type: str
    gyldig_fra: datetime
    gyldig_til: datetime | None
    gitt_av: str | None


@dataclass(frozen=True, slots=True)
class Mulighet:
    """A ressurs where the actor may give an integrasjon access, and the privileges that fit there."""

    ressurs_id: UUID
    navn: str
    type: str
    privilegier: tuple[P, ...]


def _valid_grants_in(organisasjon_id: UUID) -> ColumnElement[bool]:
    """SQL: the grant is valid now and in the organisation."""
    below = select(Ressurs.id).where(Ressurs.organisasjon_id == organisasjon_id)
    return and_(valid_now(), Tilgang.ressurs_id.in_(below))


def _require_may_see(organisasjon_id: UUID, actor: Aktor) -> None:
    if not may_see_integrasjoner(organisasjon_id, actor=actor):
        queries.require(actor, P.INTEGRASJON_ADMINISTRER, organisasjon_id)


def integrasjoner(
    organisasjon_id: UUID, *, actor: Aktor, after: UUID | None = None, limit: int = PAGE
) -> list[Integrasjonsrad]:
    """Return the organisation's own integrasjoner, keyset paged by id."""
    _require_may_see(organisasjon_id, actor)
    mine = Integrasjon.organisasjon_id == organisasjon_id
    return _rows(organisasjon_id, and_(mine, Integrasjon.id > after) if after else mine, limit)


def global_integrasjoner(organisasjon_id: UUID, *, actor: Aktor, limit: int = 200) -> list[Integrasjonsrad]:
    """Return every global integrasjon on offer, with the number of grants the organisation has given it."""
    _require_may_see(organisasjon_id, actor)
    return _rows(organisasjon_id, Integrasjon.organisasjon_id.is_(None), limit)


def _rows(organisasjon_id: UUID, which: ColumnElement[bool], limit: int) -> list[Integrasjonsrad]:
    held = (
        select(func.count())
        .select_from(Tilgang)
        .where(Tilgang.integrasjon_id == Integrasjon.id, _valid_grants_in(organisasjon_id))
        .correlate(Integrasjon)
        .scalar_subquery()
    )
    rows = session().execute(
        select(
            Integrasjon.id,
            Integrasjon.navn,
            Integrasjon.autorisert_orgnr,
            Integrasjon.tjenester,
            Integrasjon.kode,
            Integrasjon.sist_brukt,
            Integrasjon.opprettet,
            held,
        )
        .where(which, Integrasjon.slettet.is_(None))
        .order_by(Integrasjon.id)
        .limit(limit)
    )
    return [Integrasjonsrad(r[0], r[1], r[2], tuple(r[3]), *r[4:]) for r in rows]


def integrasjon(integrasjon_id: UUID, organisasjon_id: UUID, *, actor: Aktor) -> Integrasjonsdetalj:
    """Return one integrasjon of the organisation, or a global one; IkkeFunnet for any other."""
    _require_may_see(organisasjon_id, actor)
    ours = or_(Integrasjon.organisasjon_id == organisasjon_id, Integrasjon.organisasjon_id.is_(None))
    return detail_of(integrasjon_id, ours)


def own_integrasjon(integrasjon_id: UUID, organisasjon_id: UUID, *, actor: Aktor) -> Integrasjonsdetalj:
    """Return one of the organisation's own integrasjoner; IkkeFunnet for any other, also a global one."""
    _require_may_see(organisasjon_id, actor)
    return detail_of(integrasjon_id, Integrasjon.organisasjon_id == organisasjon_id)


def is_deleted(integrasjon_id: UUID, organisasjon_id: UUID, *, actor: Aktor) -> bool:
    """Return whether the integrasjon was visible here and is deleted, to answer a form sent twice."""
    _require_may_see(organisasjon_id, actor)
    ours = or_(Integrasjon.organisasjon_id == organisasjon_id, Integrasjon.organisasjon_id.is_(None))
    return is_deleted_among(integrasjon_id, ours)


def is_deleted_among(integrasjon_id: UUID, which: ColumnElement[bool]) -> bool:
    """Return whether the integrasjon meets `which` and is deleted. The caller has checked access."""
    gone = select(Integrasjon.id).where(
        Integrasjon.id == integrasjon_id, Integrasjon.slettet.is_not(None), which
    )
    return session().execute(gone).first() is not None


def detail_of(integrasjon_id: UUID, which: ColumnElement[bool]) -> Integrasjonsdetalj:
    """Return the integrasjon if it meets `which` and is not deleted; IkkeFunnet otherwise. The caller has
    checked access.
    """
    maker = aliased(Person)
    old_until = case((Integrasjon.gammelt_gyldig_til > func.now(), Integrasjon.gammelt_gyldig_til))
    row = (
        session()
        .execute(
            select(Integrasjon, old_until, maker.navn)
            .outerjoin(maker, maker.id == Integrasjon.opprettet_av)
            .where(Integrasjon.id == integrasjon_id, Integrasjon.slettet.is_(None), which)
        )
        .first()
    )
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    found, until, made_by = row
    return Integrasjonsdetalj(
        id=found.id,
        organisasjon_id=found.organisasjon_id,
        kode=found.kode,
        navn=found.navn,
        beskrivelse=found.beskrivelse,
        autorisert_orgnr=found.autorisert_orgnr,
        tjenester=tuple(found.tjenester),
        passord_laget=found.passord_laget or found.opprettet,
        gammelt_gyldig_til=until,
        sist_brukt=found.sist_brukt,
        opprettet=found.opprettet,
        opprettet_av=made_by,
    )


def requested_privileges(integrasjon_id: UUID) -> list[tuple[str, str]]:
    """Return what a global integrasjon requests: (ressurstype, privilegium), sorted."""
    return requested_privileges_of([integrasjon_id])[integrasjon_id]


def requested_privileges_of(integrasjoner: Collection[UUID]) -> dict[UUID, list[tuple[str, str]]]:
    """As `requested_privileges`, for many integrasjoner."""
    asked: dict[UUID, list[tuple[str, str]]] = {one: [] for one in integrasjoner}
    rows = session().execute(
        select(
            ForespurtPrivilegium.integrasjon_id,
            ForespurtPrivilegium.ressurs_type,
            ForespurtPrivilegium.privilegium,
        )
        .where(ForespurtPrivilegium.integrasjon_id.in_(asked))
        .order_by(ForespurtPrivilegium.ressurs_type, ForespurtPrivilegium.privilegium)
        .limit(100 * len(asked))
    )
    for integrasjon_id, type_, navn in rows:
        asked[integrasjon_id].append((type_, navn))
    return asked


def tilganger_of(
    integrasjon_id: UUID, organisasjon_id: UUID, *, actor: Aktor, limit: int = 1_000
) -> list[Maskintilgang]:
    """Return the grants the integrasjon has in the organisation now, by ressurs."""
    _require_may_see(organisasjon_id, actor)
    giver = aliased(Person)
    rows = session().execute(
        select(
            Tilgang.id,
            Tilgang.privilegium,
            Ressurs.id,
            Ressurs.navn,
            Ressurs.type,
            Tilgang.gyldig_fra,
            Tilgang.gyldig_til,
            giver.navn,
        )
        .join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
        .outerjoin(giver, giver.id == Tilgang.gitt_av)
        .where(Tilgang.integrasjon_id == integrasjon_id, _valid_grants_in(organisasjon_id))
        .order_by(by_name(Ressurs.navn), Tilgang.privilegium, Tilgang.id)
        .limit(limit)
    )
    return [Maskintilgang(*row) for row in rows]


def tilganger_digest(integrasjon_id: UUID, organisasjon_id: UUID) -> bytes:
    """Digest of the integrasjon's autorisert orgnr and its valid grants in the organisation; changes when any
    of them does.
    """
    orgnr = session().scalar(select(Integrasjon.autorisert_orgnr).where(Integrasjon.id == integrasjon_id))
    ids = session().scalars(
        select(Tilgang.id)
        .where(Tilgang.integrasjon_id == integrasjon_id, _valid_grants_in(organisasjon_id))
        .order_by(Tilgang.id)
    )
    return hashlib.sha256(b"".join([(orgnr or "").encode(), *(one.bytes for one in ids)])).digest()


def grant_options(organisasjon_id: UUID, *, actor: Aktor, limit: int = 500) -> list[Mulighet]:
    """Return where the actor may give an integrasjon access: ressurser they are ADMIN of, of a type a machine
    can use.
    """
    fitting: dict[str, list[P]] = {}
    for definition in for_machines():
        fitting.setdefault(definition.ressurs_type, []).append(definition.navn)
    nodes = ressurser_with(actor, P.ADMIN, organisasjon_id, types=list(fitting), limit=limit)
    return [Mulighet(n.id, n.navn, n.type, tuple(fitting[n.type])) for n in nodes]


def may_see_integrasjoner(organisasjon_id: UUID, *, actor: Aktor) -> bool:
    """Return whether the actor administers integrasjoner here, or is ADMIN of a ressurs they may be given
    access to.
    """
    return authorization.may(actor, P.INTEGRASJON_ADMINISTRER, organisasjon_id) or administers_any_ressurs(
        organisasjon_id, actor=actor
    )

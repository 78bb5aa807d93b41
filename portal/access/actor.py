"""Who acts in this request, in which organisation, and what they may do; read once a request."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import g, session

from fiks.core.actor import Aktor, Aktortype
from portal.access.kinds import Krav
from portal.http.request_log import request_id
from portal.session.cookie_session import PortalSession
from portal.session.login_sessions import Sesjon, sesjoner


def current_actor() -> Aktor:
    """Return who acts in this request; only for routes that require a login."""
    actor: Aktor = g.actor
    return actor


def chosen_organisation() -> UUID:
    """Return the chosen organisation; only for routes whose door requires one. Use cases decide what may be
    done in it.
    """
    organisasjon_id = current_actor().organisasjon_id
    assert organisasjon_id is not None
    return organisasjon_id


def current_session() -> PortalSession:
    """Return the request's session, typed."""
    present = session._get_current_object()  # type: ignore[attr-defined]
    assert isinstance(present, PortalSession)
    return present


def actor_of(sesjon: Sesjon) -> Aktor:
    """Return the actor of a login session."""
    return Aktor(
        Aktortype.PERSON,
        sesjon.navn,
        person_id=sesjon.person_id,
        organisasjon_id=sesjon.organisasjon_id,
        acr=sesjon.acr,
        auth_time=sesjon.auth_time,
        sesjon_id=sesjon.id,
        request_id=request_id(),
        kanal="WEB",
    )


def as_citizen(actor: Aktor, sesjon: Sesjon) -> Aktor:
    """The same person on their own behalf or for the party they represent, without the organisation chosen as
    staff: what they do is not logged in that organisation.
    """
    return replace(actor, organisasjon_id=None, paa_vegne_av=sesjon.representerer)


def as_operator(actor: Aktor) -> Aktor:
    """The same person as an operator of the platform, without the organisation chosen as staff: what they do
    is not logged in that organisation. An act on an organisation names it, and is logged there.
    """
    return replace(actor, organisasjon_id=None)


def privileges_now() -> frozenset[str]:
    """Privileges the person holds in the chosen organisation, read once per request; empty without person or
    organisation.
    """
    if "privilegier" not in g:
        sesjon = current_session().sesjon
        g.privilegier = frozenset[str]()
        if sesjon is not None and sesjon.person_id is not None and sesjon.organisasjon_id is not None:
            g.privilegier = sesjoner().privileges(sesjon.person_id, sesjon.organisasjon_id)
    held: frozenset[str] = g.privilegier
    return held


def may_enter(krav: Krav) -> bool:
    """Whether the person holds a privilege the route requires: in the chosen organisation, or with
    `krav.hele` on the organisation itself.
    """
    return krav.holds(_privileges_on_organisation() if krav.hele else privileges_now())


def _privileges_on_organisation() -> frozenset[str]:
    if "privilegier_hele" not in g:
        sesjon = current_session().sesjon
        g.privilegier_hele = frozenset[str]()
        if privileges_now() and sesjon is not None and sesjon.person_id and sesjon.organisasjon_id:
            g.privilegier_hele = sesjoner().privileges_on(sesjon.person_id, sesjon.organisasjon_id)
    held: frozenset[str] = g.privilegier_hele
    return held


def runs_platform() -> bool:
    """Whether the logged-in person is an operator of the platform, read once per request."""
    if "rot" not in g:
        sesjon = current_session().sesjon
        g.rot = (
            sesjon is not None and sesjon.person_id is not None and sesjoner().runs_platform(sesjon.person_id)
        )
    operator: bool = g.rot
    return operator

"""Two kommuner and the people of the matrix: one privilege each, and everybody who must be kept out."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, update

from fiks.core import clock
from fiks.core.actor import Aktor, Aktortype
from fiks.core.db import transaction
from fiks.konfigurasjon import operators
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.models import Tilgang
from fiks.konfigurasjon.organisasjon import own_data
from fiks.konfigurasjon.person import sessions
from fiks.konfigurasjon.person.altinn import Altinnpart
from fiks.konfigurasjon.person.rules import Personopplysninger
from fiks.konfigurasjon.rules import P
from tests.integration.houses import new_fnr
from tests.integration.utsending.browser import open_session, token_of
from tests.integration.utsending.kommuner import (
    ROOT,
    Kommune,
    make_kommune,
)
from tests.security.things import receiver, receiving_system, spare_sms

ALL = (P.LESE, P.SENDE, P.GODKJENNE, P.STOPPE)
ON_KONTO: dict[str, tuple[P, ...]] = {
    "lese": (P.LESE,),
    "sende": (P.SENDE,),
    "godkjenne": (P.GODKJENNE,),
    "stoppe": (P.STOPPE,),
    "utlopt": ALL,
    "avsluttet": ALL,
    "niva3": ALL,
    "uten": (),
}
"""What each holds on Lillevik's first konto."""

ROLES = (
    "anonym",
    "mottaker",
    *ON_KONTO,
    "sms",
    "admin",
    "revisor",
    "oppslag",
    "motta",
    "motta_uten_altinn",
    "annen_konto",
    "annen_kommune",
    "operator",
)
LEVEL_THREE = ("niva3", "mottaker")
WITH_POST_ARKIV = ("motta", "admin", "annen_kommune", "annen_konto", "revisor", "mottaker")
"""Those whom Altinn lets see the post of the receiver of the letters that wait: some who may receive, some who not."""
KEPT_SECONDS = 60


@dataclass(frozen=True)
class Scene:
    """Ids of both kommuner; `pid` and `person` by role."""

    lillevik: Kommune
    fjordvik: Kommune
    annen_konto: UUID
    pid: dict[str, str]
    person: dict[str, UUID]

    def organisation(self, rolle: str) -> UUID | None:
        """The organisation the role works for."""
        if rolle in ("mottaker", "anonym"):
            return None
        return self.fjordvik.id if rolle == "annen_kommune" else self.lillevik.id

    def aktor(self, rolle: str) -> Aktor:
        """The role as the use cases know it, just logged in."""
        return Aktor(
            Aktortype.PERSON,
            rolle,
            person_id=self.person[rolle],
            organisasjon_id=self.organisation(rolle),
            acr=3 if rolle in LEVEL_THREE else 4,
            auth_time=clock.database_now(),
        )


def make_scene() -> Scene:
    lillevik, fjordvik = make_kommune("Lillevik kommune"), make_kommune("Fjordvik kommune")
    second = konfigurasjon.create_konto(
        lillevik.id, visningsnavn="Kommunale avgifter", avsender="lillevik-avgifter", actor=ROOT
    )
    for kommune in (lillevik, fjordvik):
        own_data.set_logo(kommune.id, b"\x89PNG", "image/png", actor=ROOT)
    scene = Scene(lillevik, fjordvik, second, {}, {})
    for rolle in ROLES[1:]:
        scene.pid[rolle] = new_fnr()
        scene.person[rolle] = konfigurasjon.register_person(scene.pid[rolle], navn=rolle, actor=ROOT)
    operators.make_operator(Personopplysninger(scene.pid["operator"], "operator"), actor=ROOT)
    held = [(rolle, lillevik.konto_id, p) for rolle, names in ON_KONTO.items() for p in names]
    held += [("admin", lillevik.id, P.ADMIN), ("annen_kommune", fjordvik.id, P.ADMIN)]
    held += [("revisor", lillevik.id, P.AUDIT_LES), ("revisor", lillevik.id, P.ORG_LES)]
    held += [("sms", spare_sms(lillevik.id)[0], P.SMS_SENDE)]
    held += [("oppslag", lillevik.id, P.REGISTER_OPPSLAG)]
    held += [(rolle, receiving_system(lillevik.id), P.MOTTA) for rolle in ("motta", "motta_uten_altinn")]
    held += [("annen_konto", second, p) for p in ALL]
    for rolle, ressurs, privilege in held:
        konfigurasjon.grant_privilegium(scene.person[rolle], privilege, ressurs, actor=ROOT)
    end_grants(scene.person["avsluttet"])
    _expire(scene.person["utlopt"])
    return scene


def rights_in_altinn(scene: Scene) -> dict[str, list[Altinnpart]]:
    """What Altinn says of each of the people, by personal number."""
    held = Altinnpart(receiver(), "Havvik kommune", frozenset({("ROLLE", "A0236")}))
    return {scene.pid[rolle]: [held] for rolle in WITH_POST_ARKIV}


def end_grants(person_id: UUID) -> None:
    """Take every grant of the person away."""
    with transaction() as tx:
        tx.execute(
            update(Tilgang)
            .where(Tilgang.person_id == person_id)
            .values(avsluttet=func.now(), avsluttet_grunn="FJERNET")
        )


def _expire(person_id: UUID) -> None:
    ago = {name: func.now() - timedelta(days=days) for name, days in (("gyldig_fra", 2), ("gyldig_til", 1))}
    with transaction() as tx:
        tx.execute(update(Tilgang).where(Tilgang.person_id == person_id).values(**ago))


def browser(app: Flask, scene: Scene, rolle: str, *, minutes_ago: float = 0) -> FlaskClient:
    """A browser logged in as the role, working for the role's organisation."""
    client = app.test_client()
    if rolle == "anonym":
        return client
    acr = 3 if rolle in LEVEL_THREE else 4
    with app.app_context():
        token = open_session(scene.pid[rolle], acr=acr, minutes_ago=minutes_ago)
        sessions.choose_organisation(token, scene.organisation(rolle))
    client.set_cookie("fiks", token)
    return client


@dataclass
class Innlogget:
    """Browsers of the roles with the form token of each, kept from one case to the next.

    To log everybody in for every route costs more than the routes do. One is made anew when it is a minute old, since
    some acts need a fresh login, and after `forget`.
    """

    app: Flask
    scene: Scene
    _kept: dict[str, tuple[FlaskClient, float]] = field(default_factory=dict)
    _forms: dict[str, dict[str, str]] = field(default_factory=dict)

    def of(self, rolle: str) -> FlaskClient:
        """The role's browser."""
        client, made = self._kept.get(rolle, (None, 0.0))
        if client is None or time.monotonic() - made > KEPT_SECONDS:
            client = browser(self.app, self.scene, rolle)
            self._kept[rolle] = client, time.monotonic()
            self._forms.pop(rolle, None)
        return client

    def form(self, rolle: str) -> dict[str, str]:
        """What the forms of the role's browser must carry."""
        client = self.of(rolle)
        if rolle not in self._forms:
            self._forms[rolle] = {} if rolle == "anonym" else csrf(client)
        return self._forms[rolle]

    def forget(self, rolle: str) -> None:
        """The role logs in anew the next time."""
        self._kept.pop(rolle, None)
        self._forms.pop(rolle, None)


def csrf(client: FlaskClient) -> dict[str, str]:
    """The form token of the browser's session; none for a visitor, who has no form to send."""
    page = client.get("/hjelp").text
    return {"csrf_token": token_of(page)} if "csrf_token" in page else {}

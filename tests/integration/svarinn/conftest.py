"""The portal on the module's database, with an Altinn that answers what it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from flask import Flask

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import ProvIgjen
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.models import Organisasjon
from fiks.konfigurasjon.person.altinn import Altinnpart
from fiks.konfigurasjon.rules import P
from portal.extensions import limiter
from tests.integration.databases import Database
from tests.integration.houses import HOUSE, new_fnr
from tests.integration.konfigurasjon.portals import log_in
from tests.integration.konfigurasjon.visitors import make_app
from tests.integration.utsending.browser import Browser

POST_ARKIV = frozenset({("ROLLE", "A0236")})
TAUSHET = frozenset({("TILGANGSPAKKE", "post-til-virksomheten-med-taushetsbelagt-innhold")})


@dataclass
class Altinn:
    """Everybody holds `rett`, else Post/arkiv, for `navn`, by number; nobody learns anything while it is `nede`."""

    navn: dict[str, str] = field(default_factory=dict)
    nede: bool = False
    rett: dict[str, frozenset[tuple[str, str]]] = field(default_factory=dict)

    def authorized_parties(self, pid: str) -> list[Altinnpart]:
        if self.nede:
            raise ProvIgjen("HTTP_503")
        return [
            Altinnpart(orgnr, navn, self.rett.get(orgnr, POST_ARKIV)) for orgnr, navn in self.navn.items()
        ]


@pytest.fixture(scope="module")
def app(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return make_app(database, tmp_path_factory.mktemp("objekter"))


@pytest.fixture
def altinn(app: Flask) -> Altinn:
    made = Altinn()
    app.extensions["fiks_altinn"] = made
    return made


@pytest.fixture(autouse=True)
def _inside(app: Flask) -> Iterator[None]:
    limiter.enabled = False
    with app.app_context():
        yield
        session().rollback()
    limiter.enabled = True


def set_up(organisasjon_id: UUID) -> None:
    """The organisation's first-time set-up is finished, so that its pages are open."""
    with transaction() as tx:
        tx.get_one(Organisasjon, organisasjon_id).konfigurert = clock.database_now()


def administrator(app: Flask, organisasjon_id: UUID, ressurs: UUID, *, minutes_ago: float = 0) -> Browser:
    """Somebody who is ADMIN on the ressurs, and logged in."""
    return somebody(app, organisasjon_id, ressurs, P.ADMIN, minutes_ago=minutes_ago)


def somebody(
    app: Flask, organisasjon_id: UUID, ressurs: UUID, privilegium: P, *, minutes_ago: float = 0
) -> Browser:
    """Somebody who holds this on the ressurs, and is logged in."""
    pid = new_fnr()
    person = konfigurasjon.register_person(pid, navn="Anne Admin", actor=HOUSE)
    konfigurasjon.grant_privilegium(person, privilegium, ressurs, actor=HOUSE)
    set_up(organisasjon_id)
    return log_in(app, pid, organisasjon_id, minutes_ago=minutes_ago)

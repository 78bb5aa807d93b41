"""What the tests of a login on real rows share: a kommune where Kari holds a privilege, and a look at the rows."""

from __future__ import annotations

import sqlalchemy as sa

from fiks.core.actor import system
from fiks.konfigurasjon import service
from fiks.konfigurasjon.rules import Organisasjonstype, P
from tests.integration.houses import new_administrator, new_orgnr
from tests.portal.loopback import KARI, Verden

HOUSE = system("test")


def make_kommune() -> None:
    organisasjon_id = service.create_organisasjon(
        navn="Lillevik kommune",
        orgnr=new_orgnr(),
        type=Organisasjonstype.KOMMUNE,
        administrator=new_administrator(),
        actor=HOUSE,
        kommunenr="9901",
    )
    kari = service.register_person(KARI, navn="Kari Nordmann", actor=HOUSE)
    service.grant_privilegium(kari, P.AUDIT_LES, organisasjon_id, actor=HOUSE)


def rows(world: Verden, query: str) -> list[sa.Row[tuple[object, ...]]]:
    with world.portal_app.app_context():
        engine = sa.create_engine(world.portal_app.config["SQLALCHEMY_DATABASE_URI"], poolclass=sa.NullPool)
        with engine.connect() as connection:
            return list(connection.execute(sa.text(query)))

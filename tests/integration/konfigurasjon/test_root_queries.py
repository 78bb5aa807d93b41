"""What the root plane is told of agreements: what is in force of each, and by how many it is signed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fiks.core.db import session
from fiks.konfigurasjon.avtale import service
from fiks.konfigurasjon.avtale.service import NyAvtale
from fiks.konfigurasjon.rot import queries
from fiks.konfigurasjon.rot.queries import Avtaleutgave
from fiks.konfigurasjon.rules import TJENESTER
from tests.integration.databases import Database, statements
from tests.integration.houses import HOUSE, make_hus

pytestmark = pytest.mark.usefixtures("empty")


@pytest.fixture
def new_services(database: Database) -> Iterator[list[str]]:
    """Codes of services that are taken away again afterwards."""
    codes = ["T1", "T2", "T3"]
    yield codes
    session().rollback()
    with database.owner() as owner:
        owner.execute("DELETE FROM tjeneste WHERE kode = ANY(%s)", [codes])


def add(database: Database, kode: str) -> None:
    session().rollback()
    with database.owner() as owner:
        owner.execute("INSERT INTO tjeneste VALUES (%s, 'SVARUT', '{KOMMUNE}')", [kode])


def told(edition: Avtaleutgave) -> tuple[str | None, int, int, int]:
    return edition.tjeneste_kode, edition.versjon, edition.signert, edition.eldre


def test_each_agreement_is_told_with_who_signed_what_is_in_force_and_who_an_older_one(
    database: Database, new_services: list[str]
) -> None:
    make_hus(), make_hus("Annevik kommune")
    for kode, text in ((None, "Ny tekst."), ("SVARUT", "Annen tekst."), ("SVARUT", "Tredje tekst.")):
        service.publish_avtale(NyAvtale(kode, "Avtale", text), actor=HOUSE)
    add(database, new_services[0])
    every = queries.agreements(actor=HOUSE)
    others = [(tjeneste.kode, 1, 0, 0) for tjeneste in TJENESTER if tjeneste.kode != "SVARUT"]
    services = sorted([("SVARUT", 3, 0, 2), ("T1", 0, 0, 0), *others])
    assert [told(one) for one in every] == [(None, 2, 0, 2), *services]
    for one in every:
        assert queries.agreement(one.tjeneste_kode, actor=HOUSE) == one


def test_the_number_of_statements_does_not_follow_the_number_of_services(
    database: Database, new_services: list[str]
) -> None:
    make_hus()
    with statements() as few:
        before = queries.agreements(actor=HOUSE)
    for kode in new_services:
        add(database, kode)
    with statements() as many:
        assert len(queries.agreements(actor=HOUSE)) == len(before) + len(new_services)
    assert len(many) == len(few)

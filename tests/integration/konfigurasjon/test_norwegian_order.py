"""Every list of names is in Norwegian order, whatever order the database server has, and is paged in it."""

from __future__ import annotations

import pytest

from fiks.konfigurasjon import queries
from fiks.konfigurasjon.grupper import queries as grupper_queries
from fiks.konfigurasjon.konto.service import create_konto
from fiks.konfigurasjon.rot import queries as rot_queries
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.tilgang import holders, service
from tests.integration.houses import HOUSE, make_hus, make_organisasjon, make_person, new_orgnr
from tests.integration.konfigurasjon.holders import make_gruppe

pytestmark = pytest.mark.usefixtures("empty")

WRITTEN = ["Ås", "zeta", "Ærlig", "Alfa", "Østre", "Édouard", "beta"]
READ = ["Alfa", "beta", "Édouard", "zeta", "Ærlig", "Østre", "Ås"]


def test_kontoer_of_an_organisation() -> None:
    hus = make_hus()
    for navn in WRITTEN:
        create_konto(hus.organisasjon_id, visningsnavn=navn, avsender=new_orgnr(), actor=HOUSE)
    person = make_person(P.ADMIN, ressurs=hus.organisasjon_id)
    for found in (
        queries.kontoer_of(hus.organisasjon_id),
        queries.kontoer_with(person, hus.organisasjon_id, P.SENDE),
    ):
        assert [konto.visningsnavn for konto in found if konto.visningsnavn in WRITTEN] == READ  # type: ignore[attr-defined]


def test_groups_and_their_members_page_by_page() -> None:
    hus = make_hus()
    members = [make_person(navn=f"{navn} Navnesen") for navn in WRITTEN]
    for navn in WRITTEN:
        group = make_gruppe(hus, *members, navn=navn)
    seen: list[str] = []
    after = None
    while page := grupper_queries.grupper(hus.organisasjon_id, actor=HOUSE, after=after, limit=2):
        seen += [row.navn for row in page]
        after = page[-1].id
    assert seen == READ
    assert [navn for _, navn, _ in holders.groups_here(hus.organisasjon_id, actor=HOUSE)] == READ
    found = grupper_queries.gruppe(group, actor=HOUSE).medlemmer
    assert [medlem.navn for medlem in found] == [f"{navn} Navnesen" for navn in READ]


def test_organisations_of_the_root_plane_and_of_a_person() -> None:
    made = [make_organisasjon(f"{navn} kommune", new_orgnr()) for navn in WRITTEN]
    wanted = [f"{navn} kommune" for navn in READ]
    seen: list[str] = []
    after = None
    while page := rot_queries.organisations(after=after, limit=2, actor=HOUSE):
        seen += [row.navn for row in page]
        after = (page[-1].navn, page[-1].id)
    assert seen == wanted
    person = make_person()
    for organisasjon_id in made:
        service.grant_privilegium(person, P.ADMIN, organisasjon_id, actor=HOUSE)
    assert [valg.navn for valg in queries.organisations_of(person)] == wanted

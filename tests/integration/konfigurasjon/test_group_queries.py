"""What the pages of groups show, and to whom."""

from __future__ import annotations

from uuid import uuid4

import pytest

from fiks.core.db import transaction
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon.grupper import queries
from fiks.konfigurasjon.grupper import service as grupper_service
from fiks.konfigurasjon.konto.service import create_konto
from fiks.konfigurasjon.models import Gruppe
from fiks.konfigurasjon.rules import P, Periode
from fiks.konfigurasjon.tilgang import service
from tests.integration.houses import HOUSE, make_aktor, make_hus, make_person, new_orgnr
from tests.integration.konfigurasjon.holders import admin_of, grant_row, gruppe, make_gruppe, move_grant

pytestmark = pytest.mark.usefixtures("app_context")


def test_the_list_counts_members_and_grants_that_are_not_over() -> None:
    hus = make_hus()
    admin, group = admin_of(hus), make_gruppe(hus, make_person(), make_person(), navn="Skatt")
    over, _ = service.grant(hus.konto_id, innehaver=gruppe(group), privilegier=[P.SENDE, P.LESE], actor=admin)
    move_grant(over, gyldig_fra=-60, gyldig_til=-1)
    [row] = queries.grupper(hus.organisasjon_id, actor=admin)
    assert (row.navn, row.medlemmer, row.tilganger, row.kilde) == ("Skatt", 2, 1, "INTERN")


def test_pages_of_the_list_follow_on_each_other_without_regard_to_capitals() -> None:
    hus = make_hus()
    admin = admin_of(hus)
    for navn in ("bygg", "Arkiv", "Skatt", "avgift"):
        make_gruppe(hus, navn=navn)
    first = queries.grupper(hus.organisasjon_id, actor=admin, limit=2)
    rest = queries.grupper(hus.organisasjon_id, actor=admin, after=first[-1].id)
    assert [row.navn for row in [*first, *rest]] == ["Arkiv", "avgift", "bygg", "Skatt"]
    assert queries.grupper(hus.organisasjon_id, actor=admin, after=uuid4()) == []


def test_a_group_shows_its_members_by_masked_number_and_where_its_grants_count() -> None:
    hus, member = make_hus(), make_person(navn="Kari Fjellstad")
    admin, group = admin_of(hus), make_gruppe(hus, member, navn="Skatt")
    create_konto(hus.organisasjon_id, visningsnavn="Avgifter", avsender=f"avgift-{new_orgnr()}", actor=HOUSE)
    service.grant(hus.organisasjon_id, innehaver=gruppe(group), privilegier=[P.ADMIN], actor=admin)
    service.grant(hus.konto_id, innehaver=gruppe(group), privilegier=[P.SENDE], actor=admin)
    shown = queries.gruppe(group, actor=admin)
    [m] = shown.medlemmer
    assert (m.id, m.navn, m.fnr_maskert[-5:]) == (member, "Kari Fjellstad", "*****")
    admin_grant, send = shown.tilganger
    assert admin_grant.gjelder_ogsaa == ["Avgifter", "Eiendomsskatt", "SvarUt"]
    assert (send.privilegium, send.ressurs, send.gjelder_ogsaa) == (P.SENDE, "Eiendomsskatt", [])
    assert (shown.antall, shown.mektig, shown.kan_endre, shown.ekstern) == (1, True, True, False)


def test_a_deleted_group_and_one_that_never_was_are_not_found() -> None:
    hus = make_hus()
    admin, group = admin_of(hus), make_gruppe(hus)
    grupper_service.delete_gruppe(group, fjern_tilganger=False, actor=admin)
    for unknown in (group, uuid4()):
        with pytest.raises(IkkeFunnet):
            queries.gruppe(unknown, actor=admin)
    assert queries.grupper(hus.organisasjon_id, actor=admin) == []


def test_a_group_kept_by_another_system_can_be_read_and_not_changed() -> None:
    hus = make_hus()
    admin, group = admin_of(hus), make_gruppe(hus)
    with transaction() as tx:
        tx.get_one(Gruppe, group).kilde = "EKSTERN"
    shown = queries.gruppe(group, actor=admin)
    assert (shown.ekstern, shown.kan_endre) == (True, False)


def test_who_reads_the_organisation_sees_groups_but_may_not_change_them_and_others_see_none() -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    member = make_person()
    group = make_gruppe(hus, member)
    reader = make_aktor(make_person(P.ORG_LES, ressurs=hus.organisasjon_id), hus.organisasjon_id)
    assert queries.gruppe(group, actor=reader).kan_endre is False
    assert len(queries.grupper(hus.organisasjon_id, actor=reader)) == 1
    of_konto = make_aktor(make_person(P.ADMIN, ressurs=hus.konto_id), hus.organisasjon_id)
    for stranger in (admin_of(other), of_konto, make_aktor(make_person(), hus.organisasjon_id)):
        assert queries.grupper(hus.organisasjon_id, actor=stranger) == []
        with pytest.raises(IkkeFunnet):
            queries.gruppe(group, actor=stranger)
        with pytest.raises(IkkeFunnet):
            queries.medlem(group, member, actor=stranger)


def test_only_a_member_is_found_as_one() -> None:
    hus, member = make_hus(), make_person(navn="Kari")
    admin, group = admin_of(hus), make_gruppe(hus, member)
    assert queries.medlem(group, member, actor=admin).navn == "Kari"
    with pytest.raises(IkkeFunnet):
        queries.medlem(group, make_person(), actor=admin)


def test_a_grant_with_an_end_shows_it() -> None:
    hus = make_hus()
    admin, group = admin_of(hus), make_gruppe(hus)
    [made] = service.grant(hus.konto_id, innehaver=gruppe(group), privilegier=[P.SENDE], actor=admin)
    move_grant(made, gyldig_til=3600)
    [shown] = queries.gruppe(group, actor=admin).tilganger
    assert shown.gyldig_til == grant_row(made).gyldig_til != Periode().til

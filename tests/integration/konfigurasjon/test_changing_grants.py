"""Taking away, changing the end, saving a matrix, the last administrator, and what ends by itself."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from fiks.core import clock
from fiks.core.actor import Aktor, Aktortype
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt, UgyldigInndata
from fiks.konfigurasjon import authorization
from fiks.konfigurasjon.grupper import service as grupper_service
from fiks.konfigurasjon.person.service import NyPerson
from fiks.konfigurasjon.rules import Innehavertype, P, Periode
from fiks.konfigurasjon.service import person_by_pid
from fiks.konfigurasjon.tilgang import matrix
from fiks.konfigurasjon.tilgang import service as tilgang_service
from fiks.konfigurasjon.tilgang.matrix import Arv
from fiks.konfigurasjon.tilgang.service import Endringer
from tests.integration.houses import HOUSE, make_aktor, make_hus, make_person, new_fnr
from tests.integration.konfigurasjon.holders import (
    acts,
    admin_of,
    alone,
    grant_row,
    grants_of,
    gruppe,
    integrasjon,
    last_act,
    make_gruppe,
    make_integrasjon,
    move_grant,
    person,
)

pytestmark = pytest.mark.usefixtures("app_context")


def test_a_revoked_grant_is_gone_at_once_and_its_end_is_audited() -> None:
    hus = make_hus()
    admin, holder = admin_of(hus), make_person(P.SENDE, ressurs=hus.konto_id)
    [grant] = grants_of(holder)
    tilgang_service.revoke(grant.id, actor=admin)
    assert not authorization.is_authorised(holder, P.SENDE, hus.konto_id)
    row = last_act(hus.organisasjon_id, "TILGANG_FJERNET")
    assert (row.aktor, row.ressurs_id, row.detaljer["person"]) == (
        str(admin.person_id),
        hus.konto_id,
        str(holder),
    )
    assert (row.detaljer["privilegium"], row.detaljer["grunn"]) == ("SVARUT.SENDE", "FJERNET")
    ended = grant_row(grant.id)
    assert (ended.avsluttet_av, ended.avsluttet_grunn) == (admin.person_id, "FJERNET")


def test_a_grant_that_has_ended_cannot_be_revoked_again() -> None:
    hus = make_hus()
    admin, [grant] = admin_of(hus), grants_of(make_person(P.SENDE, ressurs=hus.konto_id))
    tilgang_service.revoke(grant.id, actor=admin)
    with pytest.raises(Konflikt, match="TILGANG_ER_AVSLUTTET"):
        tilgang_service.revoke(grant.id, actor=admin)


def test_s17_03_an_administrator_of_a_konto_grants_neither_on_the_service_nor_on_a_sibling() -> None:
    hus, sibling = make_hus(), make_hus("Fjordvik kommune")
    admin = make_aktor(make_person(P.ADMIN, ressurs=hus.konto_id), hus.organisasjon_id)
    service = matrix.matrix(hus.konto_id, actor=HOUSE).sti[1].ressurs_id
    for elsewhere, privilege in ((service, P.ADMIN), (sibling.konto_id, P.SENDE)):
        with pytest.raises(IkkeFunnet):
            tilgang_service.grant(
                elsewhere, innehaver=person(make_person()), privilegier=[privilege], actor=admin
            )
    [above] = grants_of(make_person(P.LES_ALLE, ressurs=service))
    with pytest.raises(IkkeFunnet):
        tilgang_service.revoke(above.id, actor=admin)


@pytest.mark.parametrize("for_a_person", [False, True])
def test_s17_04_a_machine_never_grants_revokes_or_changes(for_a_person: bool) -> None:
    hus = make_hus()
    machine = make_integrasjon(hus.organisasjon_id)
    tilgang_service.grant(hus.konto_id, innehaver=integrasjon(machine), privilegier=[P.SENDE], actor=HOUSE)
    holder = make_person(P.SENDE, ressurs=hus.konto_id)
    admin = make_person(P.ADMIN, ressurs=hus.organisasjon_id)
    caller = Aktor(Aktortype.INTEGRASJON, "Fagsystem", integrasjon_id=machine)
    if for_a_person:
        caller = Aktor(
            Aktortype.PERSON,
            "Kari",
            person_id=admin,
            integrasjon_id=machine,
            acr=4,
            auth_time=clock.database_now(),
        )
    [grant] = grants_of(holder)
    for act in (
        lambda: tilgang_service.grant(
            hus.konto_id, innehaver=person(admin), privilegier=[P.LESE], actor=caller
        ),
        lambda: tilgang_service.revoke(grant.id, actor=caller),
        lambda: tilgang_service.change_end(grant.id, gyldig_til=None, actor=caller),
        lambda: grupper_service.create_gruppe(hus.organisasjon_id, navn="Vår", actor=caller),
    ):
        with pytest.raises(IkkeTilgang, match="KUN_FOR_PERSON"):
            act()
    assert authorization.is_authorised(holder, P.SENDE, hus.konto_id)


def test_s17_05_a_privilege_is_given_only_to_a_kind_that_may_hold_it() -> None:
    hus = make_hus()
    machine, group = make_integrasjon(hus.organisasjon_id), make_gruppe(hus)
    with pytest.raises(UgyldigInndata, match="INNEHAVER_PASSER_IKKE"):
        tilgang_service.grant(
            hus.konto_id, innehaver=integrasjon(machine), privilegier=[P.GODKJENNE], actor=HOUSE
        )
    with pytest.raises(UgyldigInndata, match="PRIVILEGIUM_PASSER_IKKE"):
        tilgang_service.grant(
            hus.organisasjon_id, innehaver=gruppe(group), privilegier=[P.SENDE], actor=HOUSE
        )
    tilgang_service.grant(hus.konto_id, innehaver=gruppe(group), privilegier=[P.GODKJENNE], actor=HOUSE)
    tilgang_service.grant(hus.konto_id, innehaver=integrasjon(machine), privilegier=[P.SENDE], actor=HOUSE)


def test_a_group_or_machine_of_another_organisation_cannot_hold_anything_here_but_a_global_one_can() -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    for foreign in (gruppe(make_gruppe(other)), integrasjon(make_integrasjon(other.organisasjon_id))):
        with pytest.raises(IkkeFunnet):
            tilgang_service.grant(hus.konto_id, innehaver=foreign, privilegier=[P.SENDE], actor=HOUSE)
    common = integrasjon(make_integrasjon(None))
    tilgang_service.grant(hus.konto_id, innehaver=common, privilegier=[P.SENDE], actor=HOUSE)


@pytest.mark.parametrize("kind", [Innehavertype.PERSON, Innehavertype.GRUPPE])
def test_s17_06_the_last_administrator_cannot_be_taken_away_by_any_path(kind: Innehavertype) -> None:
    hus = alone(make_hus())
    last = make_person()
    holder, group = person(last), None
    if kind is Innehavertype.GRUPPE:
        group = make_gruppe(hus, last)
        holder = gruppe(group)
    [grant] = tilgang_service.grant(hus.organisasjon_id, innehaver=holder, privilegier=[P.ADMIN], actor=HOUSE)
    me = make_aktor(last, hus.organisasjon_id)
    seen = matrix.grants_digest(hus.organisasjon_id)
    paths = [
        lambda: tilgang_service.revoke(grant, actor=me),
        lambda: tilgang_service.change_end(
            grant, gyldig_til=clock.database_now() + timedelta(days=1), actor=me
        ),
        lambda: tilgang_service.save_matrix(
            hus.organisasjon_id, vist=seen, endringer=Endringer(fjern=[grant]), actor=me
        ),
    ]
    if group is not None:
        paths += [
            lambda: grupper_service.remove_members(group, personer=[last], actor=me),
            lambda: grupper_service.delete_gruppe(group, fjern_tilganger=True, actor=me),
        ]
    for path in paths:
        with pytest.raises(Konflikt, match="SISTE_ADMINISTRATOR"):
            path()
        assert authorization.is_authorised(last, P.ADMIN, hus.organisasjon_id)


@pytest.mark.parametrize("other", ["with an end", "not begun", "machine's", "empty group's", "on the konto"])
def test_an_administrator_who_is_not_a_lasting_one_does_not_count(other: str) -> None:
    hus = alone(make_hus())
    admin = admin_of(hus)
    now = clock.database_now()
    periode = {
        "with an end": Periode(til=now + timedelta(days=9)),
        "not begun": Periode(fra=now + timedelta(1)),
    }
    where = hus.konto_id if other == "on the konto" else hus.organisasjon_id
    holder = gruppe(make_gruppe(hus)) if other == "empty group's" else person(make_person())
    if other != "machine's":
        tilgang_service.grant(
            where, innehaver=holder, privilegier=[P.ADMIN], periode=periode.get(other, Periode()), actor=HOUSE
        )
    assert admin.person_id is not None
    [grant] = grants_of(admin.person_id)
    with pytest.raises(Konflikt, match="SISTE_ADMINISTRATOR"):
        tilgang_service.revoke(grant.id, actor=admin)


def test_the_last_but_one_administrator_can_go() -> None:
    hus = make_hus()
    admin, other = admin_of(hus), admin_of(hus)
    assert other.person_id is not None
    [grant] = grants_of(other.person_id)
    tilgang_service.revoke(grant.id, actor=admin)
    assert not authorization.is_authorised(other.person_id, P.ADMIN, hus.organisasjon_id)


def test_s17_07_after_its_end_a_grant_gives_nothing_without_any_job_having_run() -> None:
    hus, holder = make_hus(), make_person()
    end = clock.database_now() + timedelta(hours=1)
    [grant] = tilgang_service.grant(
        hus.konto_id, innehaver=person(holder), privilegier=[P.SENDE], periode=Periode(til=end), actor=HOUSE
    )
    assert authorization.is_authorised(holder, P.SENDE, hus.konto_id)
    move_grant(grant, gyldig_fra=-10, gyldig_til=0)
    assert not authorization.is_authorised(holder, P.SENDE, hus.konto_id)
    assert grant_row(grant).avsluttet is None


def test_a_grant_that_begins_later_gives_nothing_until_then() -> None:
    hus, holder = make_hus(), make_person()
    begins = Periode(fra=clock.database_now() + timedelta(days=1))
    tilgang_service.grant(
        hus.konto_id, innehaver=person(holder), privilegier=[P.SENDE], periode=begins, actor=HOUSE
    )
    assert not authorization.is_authorised(holder, P.SENDE, hus.konto_id)
    [grant] = grants_of(holder)
    move_grant(grant.id, gyldig_fra=-1)
    assert authorization.is_authorised(holder, P.SENDE, hus.konto_id)


def test_the_sweeper_writes_down_what_is_over_once_and_audits_it_as_the_house() -> None:
    hus, holder = make_hus(), make_person(P.SENDE, ressurs=make_hus().konto_id)
    [grant] = tilgang_service.grant(
        hus.konto_id, innehaver=person(holder), privilegier=[P.SENDE, P.LESE][:1], actor=HOUSE
    )
    move_grant(grant, gyldig_fra=-20, gyldig_til=-10)
    assert tilgang_service.close_expired() >= 1
    row = grant_row(grant)
    assert (row.avsluttet, row.avsluttet_grunn) == (row.gyldig_til, "UTLOPT")
    tilgang_service.close_expired()
    assert acts(hus.organisasjon_id).count("TILGANG_UTLOPT") == 1
    act = last_act(hus.organisasjon_id, "TILGANG_UTLOPT")
    assert (act.aktor, act.detaljer["person"]) == ("system:sveiper", str(holder))


def test_the_end_of_a_grant_can_be_moved_but_not_to_the_past() -> None:
    hus = make_hus()
    admin, holder = admin_of(hus), make_person(P.SENDE, ressurs=hus.konto_id)
    [grant] = grants_of(holder)
    end = clock.database_now() + timedelta(days=3)
    tilgang_service.change_end(grant.id, gyldig_til=end, actor=admin)
    assert grant_row(grant.id).gyldig_til == end
    assert last_act(hus.organisasjon_id, "TILGANG_ENDRET").detaljer["til"] == end.isoformat()
    with pytest.raises(UgyldigInndata, match="PERIODE_UGYLDIG"):
        tilgang_service.change_end(grant.id, gyldig_til=clock.database_now() - timedelta(days=1), actor=admin)
    tilgang_service.change_end(grant.id, gyldig_til=None, actor=admin)
    assert grant_row(grant.id).gyldig_til is None


def test_admin_is_given_and_made_to_last_longer_only_after_a_fresh_login() -> None:
    hus = make_hus()
    stale, fresh = admin_of(hus, minutter_siden=6), admin_of(hus)
    other = make_person()
    with pytest.raises(IkkeTilgang, match="NY_INNLOGGING"):
        tilgang_service.grant(hus.konto_id, innehaver=person(other), privilegier=[P.ADMIN], actor=stale)
    tilgang_service.grant(hus.konto_id, innehaver=person(other), privilegier=[P.SENDE], actor=stale)
    soon = clock.database_now() + timedelta(days=1)
    [grant] = tilgang_service.grant(hus.konto_id, innehaver=person(other), privilegier=[P.ADMIN], actor=fresh)
    tilgang_service.change_end(grant, gyldig_til=soon, actor=stale)
    with pytest.raises(IkkeTilgang, match="NY_INNLOGGING"):
        tilgang_service.change_end(grant, gyldig_til=None, actor=stale)


@pytest.mark.parametrize("privilege", [P.ADMIN, P.LESE])
def test_nobody_lets_their_own_grant_last_longer(privilege: P) -> None:
    hus = make_hus()
    admin, other, now = admin_of(hus), admin_of(hus), clock.database_now()
    assert admin.person_id is not None
    end = now + timedelta(days=10)
    [own] = tilgang_service.grant(
        hus.konto_id,
        innehaver=person(admin.person_id),
        privilegier=[privilege],
        periode=Periode(til=end),
        actor=HOUSE,
    )
    for longer in (end + timedelta(days=1), None):
        with pytest.raises(IkkeTilgang, match="EGEN_SLUTTDATO"):
            tilgang_service.change_end(own, gyldig_til=longer, actor=admin)
    assert grant_row(own).gyldig_til == end
    tilgang_service.change_end(own, gyldig_til=now + timedelta(days=1), actor=admin)
    assert last_act(hus.organisasjon_id, "TILGANG_ENDRET").detaljer["til_seg_selv"] is True
    tilgang_service.change_end(own, gyldig_til=None, actor=other)
    assert last_act(hus.organisasjon_id, "TILGANG_ENDRET").detaljer["til_seg_selv"] is False


def test_a_grant_of_a_group_one_is_in_is_the_groups_and_marked_as_ones_own() -> None:
    hus = make_hus()
    admin = admin_of(hus)
    assert admin.person_id is not None
    group = make_gruppe(hus, admin.person_id)
    soon = Periode(til=clock.database_now() + timedelta(days=1))
    [grant] = tilgang_service.grant(
        hus.konto_id, innehaver=gruppe(group), privilegier=[P.LESE], periode=soon, actor=HOUSE
    )
    tilgang_service.change_end(grant, gyldig_til=None, actor=admin)
    assert last_act(hus.organisasjon_id, "TILGANG_ENDRET").detaljer["til_seg_selv"] is True


def test_somebody_new_is_made_by_number_and_a_known_person_keeps_their_name() -> None:
    hus = make_hus()
    admin, fnr = admin_of(hus), new_fnr()
    for name in ("Nils  Ny", "ny, nils petter"):
        privilege = P.SENDE if name == "Nils  Ny" else P.LESE
        tilgang_service.grant(
            hus.konto_id, innehaver=NyPerson(fnr, name), privilegier=[privilege], actor=admin
        )
    with pytest.raises(UgyldigInndata, match="PERSON_HETER_ANNET"):
        other = NyPerson(fnr, "Et Annet Navn")
        tilgang_service.grant(hus.konto_id, innehaver=other, privilegier=[P.STOPPE], actor=admin)
    made = person_by_pid(fnr)
    assert made is not None
    assert authorization.is_authorised(made, P.SENDE, hus.konto_id)
    assert authorization.is_authorised(made, P.LESE, hus.konto_id)
    [row] = [r for r in matrix.matrix(hus.konto_id, actor=admin).rader if r.innehaver.id == made]
    assert row.navn == "Nils Ny"


def test_who_has_left_and_comes_back_by_another_name_can_be_given_something_again() -> None:
    """Nobody can look up there what they were called: the page Personer does not have them any more."""
    hus = make_hus()
    admin, fnr = admin_of(hus), new_fnr()
    before, now = NyPerson(fnr, "Kari Hansen"), NyPerson(fnr, "Kari Nilsen")
    [grant] = tilgang_service.grant(hus.konto_id, innehaver=before, privilegier=[P.SENDE], actor=admin)
    tilgang_service.revoke(grant, actor=admin)
    assert tilgang_service.grant(hus.konto_id, innehaver=now, privilegier=[P.SENDE], actor=admin)


def test_a_wrong_number_or_name_or_reason_is_told_and_nothing_is_made() -> None:
    hus = make_hus()
    admin, fnr = admin_of(hus), new_fnr()
    for holder, reason, code in (
        (NyPerson("12345678901", "Nils Ny"), None, "FNR_UGYLDIG"),
        (NyPerson(fnr, "N"), None, "PERSONNAVN_UGYLDIG"),
        (NyPerson(fnr, "Nils Ny"), f"Se {fnr}", "BEGRUNNELSE_UGYLDIG"),
        (NyPerson(fnr, "Nils Ny"), "x" * 501, "BEGRUNNELSE_UGYLDIG"),
    ):
        with pytest.raises(UgyldigInndata, match=code):
            tilgang_service.grant(
                hus.konto_id, innehaver=holder, privilegier=[P.SENDE], begrunnelse=reason, actor=admin
            )
    assert person_by_pid(fnr) is None


def test_several_privileges_are_given_together_or_not_at_all() -> None:
    hus = make_hus()
    admin, holder = admin_of(hus), make_person(P.LESE, ressurs=hus.konto_id)
    with pytest.raises(Konflikt, match="TILGANG_FINNES"):
        tilgang_service.grant(
            hus.konto_id, innehaver=person(holder), privilegier=[P.SENDE, P.LESE], actor=admin
        )
    assert not authorization.is_authorised(holder, P.SENDE, hus.konto_id)


def test_a_grant_to_a_group_one_is_in_is_marked_as_given_to_oneself() -> None:
    hus = make_hus()
    admin = admin_of(hus)
    assert admin.person_id is not None
    group = make_gruppe(hus, admin.person_id)
    tilgang_service.grant(hus.konto_id, innehaver=gruppe(group), privilegier=[P.SE_SPERRET], actor=admin)
    assert last_act(hus.organisasjon_id, "PRIVILEGIUM_GITT").detaljer["til_seg_selv"] is True


def test_a_matrix_is_saved_whole_or_not_at_all() -> None:
    hus = make_hus()
    admin, a, b = admin_of(hus), make_person(P.SENDE, ressurs=hus.konto_id), make_person()
    [grant] = grants_of(a)
    seen = matrix.grants_digest(hus.konto_id)
    bad = Endringer(gi=[(person(b), P.LESE), (person(b), P.ORG_LES)], fjern=[grant.id])
    with pytest.raises(UgyldigInndata):
        tilgang_service.save_matrix(hus.konto_id, vist=seen, endringer=bad, actor=admin)
    assert authorization.is_authorised(a, P.SENDE, hus.konto_id)
    assert not authorization.is_authorised(b, P.LESE, hus.konto_id)
    good = Endringer(gi=[(person(b), P.LESE), (person(a), P.STOPPE)], fjern=[grant.id])
    tilgang_service.save_matrix(hus.konto_id, vist=seen, endringer=good, actor=admin)
    assert not authorization.is_authorised(a, P.SENDE, hus.konto_id)
    assert authorization.is_authorised(a, P.STOPPE, hus.konto_id)
    assert authorization.is_authorised(b, P.LESE, hus.konto_id)


def test_a_matrix_that_was_changed_meanwhile_is_not_saved() -> None:
    hus = make_hus()
    admin, a = admin_of(hus), make_person(P.SENDE, ressurs=hus.konto_id)
    [grant] = grants_of(a)
    seen = matrix.grants_digest(hus.konto_id)
    tilgang_service.change_end(grant.id, gyldig_til=clock.database_now() + timedelta(days=1), actor=admin)
    with pytest.raises(Konflikt, match="TILGANGER_ENDRET"):
        tilgang_service.save_matrix(
            hus.konto_id, vist=seen, endringer=Endringer(fjern=[grant.id]), actor=admin
        )
    assert authorization.is_authorised(a, P.SENDE, hus.konto_id)


def test_s17_11_an_inherited_grant_is_shown_with_its_origin_and_cannot_be_removed_lower_down() -> None:
    hus = make_hus()
    admin = admin_of(hus)
    assert admin.person_id is not None
    [inherited] = grants_of(admin.person_id)
    shown = matrix.matrix(hus.konto_id, actor=admin)
    [row] = [r for r in shown.rader if r.innehaver.id == admin.person_id]
    assert row.celler[P.SENDE].direkte is None
    assert row.celler[P.SENDE].arvet == [Arv(hus.organisasjon_id, "Lillevik kommune", synlig=True)]
    assert row.celler[P.SE_SPERRET].arvet == []
    with pytest.raises(IkkeFunnet):
        tilgang_service.save_matrix(
            hus.konto_id, vist=shown.digest, endringer=Endringer(fjern=[inherited.id]), actor=admin
        )


def test_a_grant_or_ressurs_that_is_not_there_or_not_ones_own_is_not_found() -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    stranger = admin_of(other)
    [grant] = grants_of(make_person(P.SENDE, ressurs=hus.konto_id))
    for tilgang_id in (grant.id, uuid4()):
        with pytest.raises(IkkeFunnet):
            tilgang_service.revoke(tilgang_id, actor=stranger)
        with pytest.raises(IkkeFunnet):
            tilgang_service.change_end(tilgang_id, gyldig_til=None, actor=stranger)
    for ressurs_id in (hus.konto_id, uuid4()):
        with pytest.raises(IkkeFunnet):
            matrix.matrix(ressurs_id, actor=stranger)
        with pytest.raises(IkkeFunnet):
            tilgang_service.save_matrix(ressurs_id, vist="", endringer=Endringer(), actor=stranger)

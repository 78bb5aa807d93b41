"""Many grants from a file: shown row by row, and then given all together or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from fiks.core.actor import Aktor
from fiks.core.clock import database_now
from fiks.core.db import session
from fiks.core.errors import IkkeTilgang, Konflikt, UgyldigInndata
from fiks.core.values.calendar import OSLO
from fiks.konfigurasjon import authorization
from fiks.konfigurasjon.konto.service import create_konto
from fiks.konfigurasjon.models import Person
from fiks.konfigurasjon.person import service as person_service
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.service import person_by_pid, register_person
from fiks.konfigurasjon.tilgang import bulk, service
from fiks.konfigurasjon.tilgang.bulk import Utfall, grant_from_file, grantable_ressurser, plan
from fiks.konfigurasjon.tilgang.bulk_rules import Filrad, Radfeil
from tests.integration.databases import statements
from tests.integration.houses import HOUSE, Hus, make_aktor, make_hus, make_person, new_fnr, new_orgnr
from tests.integration.konfigurasjon.holders import acts, admin_of, grant_row, grants_of, last_act, move_grant

pytestmark = pytest.mark.usefixtures("app_context")


def row(nr: int = 2, fnr: str = "", **said: str) -> Filrad:
    """A right row, for somebody new unless `fnr` says who."""
    given = {"navn": "Nils Ny", "ressurs": "Eiendomsskatt", "privilegium": "SVARUT.LESE"} | said
    return Filrad(nr, fnr or new_fnr(), **given)


def give(hus: Hus, rader: list[Filrad], actor: Aktor) -> None:
    """As the page does it: look, then give what was seen."""
    shown = plan(hus.organisasjon_id, rader, actor=actor)
    grant_from_file(hus.organisasjon_id, rader, vist=shown.digest, actor=actor)


def people() -> int:
    return session().execute(select(func.count()).select_from(Person)).scalar_one()


def person(fnr: str) -> UUID:
    found = person_by_pid(fnr)
    assert found is not None
    return found


def test_everything_in_the_file_is_given_and_each_grant_is_audited_and_the_file_once() -> None:
    hus, first, second = make_hus(), new_fnr(), new_fnr()
    admin = admin_of(hus)
    rader = [
        row(2, first, begrunnelse="Ny i stillingen"),
        row(3, first, privilegium="SVARUT.SENDE"),
        row(4, second, ressurs=str(hus.konto_id).upper(), navn="Anna Ny"),
    ]
    before = acts(hus.organisasjon_id).count("PRIVILEGIUM_GITT")
    give(hus, rader, admin)
    for fnr, privilege in ((first, P.LESE), (first, P.SENDE), (second, P.LESE)):
        assert authorization.is_authorised(person(fnr), privilege, hus.konto_id)
    assert not authorization.is_authorised(person(second), P.SENDE, hus.konto_id)
    assert {grant.begrunnelse for grant in grants_of(person(first))} == {"Ny i stillingen", None}
    assert {grant.gitt_av for grant in grants_of(person(first))} == {admin.person_id}
    assert acts(hus.organisasjon_id).count("PRIVILEGIUM_GITT") == before + 3
    summary = last_act(hus.organisasjon_id, "TILGANGER_GITT_FRA_FIL").detaljer
    assert summary == {"antall": 3, "fantes": 0, "personer": 2}


def test_to_look_changes_nothing() -> None:
    hus = make_hus()
    admin, before = admin_of(hus), people()
    audited = len(acts(hus.organisasjon_id))
    shown = plan(hus.organisasjon_id, [row(2), row(3)], actor=admin)
    assert shown.count(Utfall.NY) == 2
    assert (people(), len(acts(hus.organisasjon_id))) == (before, audited)


def test_what_somebody_has_from_before_is_passed_over_with_the_time_it_holds() -> None:
    hus, fnr = make_hus(), new_fnr()
    admin = admin_of(hus)
    known = register_person(fnr, navn="Kari Kjent", actor=HOUSE)
    until = database_now() + timedelta(days=9)
    service.grant_privilegium(known, P.LESE, hus.konto_id, gyldig_til=until, actor=HOUSE)
    rader = [row(2, fnr, navn="KJENT, Kari"), row(3, fnr, navn="Kari Kjent", privilegium="SVARUT.SENDE")]
    there, new = plan(hus.organisasjon_id, rader, actor=admin).rader
    assert (there.utfall, there.periode.til, new.utfall) == (Utfall.FINNES, until, Utfall.NY)
    give(hus, rader, admin)
    assert len(grants_of(known)) == 2
    assert last_act(hus.organisasjon_id, "TILGANGER_GITT_FRA_FIL").detaljer["fantes"] == 1
    with pytest.raises(UgyldigInndata, match="FILEN_GIR_INGENTING"):
        give(hus, rader, admin)


def test_the_plan_tells_nobody_the_name_of_a_person_who_is_known_elsewhere() -> None:
    hus, fnr = make_hus(), new_fnr()
    register_person(fnr, navn="Hemmelig Navn", actor=HOUSE)
    [shown] = plan(hus.organisasjon_id, [row(2, fnr, navn="Et Annet")], actor=admin_of(hus)).rader
    assert (shown.navn, shown.utfall) == ("Et Annet", Utfall.NY)
    assert fnr not in repr(shown)


def test_the_number_of_somebody_known_here_with_another_name_is_told_and_nothing_is_given() -> None:
    hus, fnr = make_hus(), new_fnr()
    known = register_person(fnr, navn="Kari Kjent", actor=HOUSE)
    service.grant_privilegium(known, P.LESE, hus.konto_id, actor=HOUSE)
    rader = [row(2, fnr, navn="Nils Ny"), row(3, fnr, privilegium="SVARUT.SENDE"), row(4)]
    shown = plan(hus.organisasjon_id, rader, actor=admin_of(hus))
    assert [r.feil for r in shown.rader] == [(Radfeil.NAVN_ANNET,), (Radfeil.NAVN_ANNET,), ()]
    with pytest.raises(UgyldigInndata, match="FILEN_HAR_FEIL"):
        give(hus, rader, admin_of(hus))
    assert len(grants_of(known)) == 1


def test_two_names_on_one_number_in_a_file_are_told_at_the_second() -> None:
    hus, fnr = make_hus(), new_fnr()
    rader = [
        row(2, fnr, navn="Kari Lie Nordmann"),
        row(3, fnr, navn="kari nordmann", privilegium="SVARUT.SENDE"),
        row(4, fnr, navn="Per Hansen", privilegium="SVARUT.STOPPE"),
    ]
    shown = plan(hus.organisasjon_id, rader, actor=admin_of(hus)).rader
    assert [(r.feil, r.lik_rad) for r in shown] == [((), None), ((), None), ((Radfeil.NAVN_ULIKT,), 2)]


def test_one_bad_row_and_nothing_is_given() -> None:
    hus, fnr = make_hus(), new_fnr()
    admin, before = admin_of(hus), people()
    rader = [row(2, fnr), row(3, navn="")]
    with pytest.raises(UgyldigInndata, match="FILEN_HAR_FEIL"):
        give(hus, rader, admin)
    assert (person_by_pid(fnr), people()) == (None, before)


def test_a_failure_at_the_last_row_takes_the_first_with_it() -> None:
    """ADMIN needs a fresh login, which is only noticed when that row is reached."""
    hus, fnr = make_hus(), new_fnr()
    stale = admin_of(hus, minutter_siden=6)
    rader = [row(2, fnr), row(3, privilegium="ADMIN")]
    with pytest.raises(IkkeTilgang, match="NY_INNLOGGING"):
        give(hus, rader, stale)
    session().rollback()
    assert person_by_pid(fnr) is None
    give(hus, rader, admin_of(hus))
    assert authorization.is_authorised(person(fnr), P.LESE, hus.konto_id)


def test_a_change_on_the_ressurs_meanwhile_means_that_the_list_is_looked_at_again() -> None:
    hus, fnr = make_hus(), new_fnr()
    admin, rader = admin_of(hus), [row(2, fnr)]
    shown = plan(hus.organisasjon_id, rader, actor=admin)
    service.grant_privilegium(make_person(), P.STOPPE, hus.konto_id, actor=HOUSE)
    with pytest.raises(Konflikt, match="TILGANGER_ENDRET"):
        grant_from_file(hus.organisasjon_id, rader, vist=shown.digest, actor=admin)
    assert person_by_pid(fnr) is None
    give(hus, rader, admin)


def test_a_file_whose_every_row_is_given_says_so_also_from_an_old_list() -> None:
    hus = make_hus()
    admin, rader = admin_of(hus), [row(2)]
    shown = plan(hus.organisasjon_id, rader, actor=admin)
    give(hus, rader, admin)
    with pytest.raises(UgyldigInndata, match="FILEN_GIR_INGENTING"):
        grant_from_file(hus.organisasjon_id, rader, vist=shown.digest, actor=admin)


def test_a_change_on_another_ressurs_meanwhile_does_not_matter() -> None:
    hus = make_hus()
    admin, rader = admin_of(hus), [row(2)]
    other = create_konto(hus.organisasjon_id, visningsnavn="Avgifter", avsender=new_orgnr(), actor=HOUSE)
    shown = plan(hus.organisasjon_id, rader, actor=admin)
    service.grant_privilegium(make_person(), P.STOPPE, other, actor=HOUSE)
    grant_from_file(hus.organisasjon_id, rader, vist=shown.digest, actor=admin)


def test_what_is_given_is_what_was_shown_and_not_other_rows() -> None:
    hus = make_hus()
    admin = admin_of(hus)
    shown = plan(hus.organisasjon_id, [row(2)], actor=admin)
    with pytest.raises(Konflikt, match="TILGANGER_ENDRET"):
        grant_from_file(
            hus.organisasjon_id, [row(2, privilegium="SVARUT.SENDE")], vist=shown.digest, actor=admin
        )


def test_every_kind_of_trouble_is_told_by_row() -> None:
    hus, twice = make_hus(), new_fnr()
    create_konto(hus.organisasjon_id, visningsnavn="Arkiv", avsender=new_orgnr(), actor=HOUSE)
    create_konto(hus.organisasjon_id, visningsnavn="ARKIV", avsender=new_orgnr(), actor=HOUSE)
    rader = [
        row(2, fnr="1"),
        row(3, ressurs="Månen"),
        row(4, ressurs="arkiv"),
        row(5, ressurs=""),
        row(6, privilegium="ORG.LES"),
        row(7, ressurs=str(uuid4())),
        row(8, twice),
        row(9, twice),
    ]
    shown = plan(hus.organisasjon_id, rader, actor=admin_of(hus))
    assert {r.nr: r.feil for r in shown.rader} == {
        2: (Radfeil.FNR,),
        3: (Radfeil.RESSURS_UKJENT,),
        4: (Radfeil.RESSURS_FLERE,),
        5: (Radfeil.RESSURS_MANGLER,),
        6: (Radfeil.PRIVILEGIUM_PASSER_IKKE,),
        7: (Radfeil.RESSURS_UKJENT,),
        8: (),
        9: (Radfeil.DOBBEL,),
    }
    assert shown.rader[-1].lik_rad == 8
    assert shown.rader[0].fnr_maskert == ""


def test_an_administrator_of_a_konto_gives_on_it_and_knows_of_no_other() -> None:
    hus = make_hus()
    create_konto(hus.organisasjon_id, visningsnavn="Avgifter", avsender=new_orgnr(), actor=HOUSE)
    of_konto = make_aktor(make_person(P.ADMIN, ressurs=hus.konto_id), hus.organisasjon_id)
    assert [r.navn for r in grantable_ressurser(hus.organisasjon_id, actor=of_konto)] == ["Eiendomsskatt"]
    rader = [row(2), row(3, ressurs="Avgifter"), row(4, ressurs="Lillevik kommune", privilegium="ADMIN")]
    feil = [r.feil for r in plan(hus.organisasjon_id, rader, actor=of_konto).rader]
    assert feil == [(), (Radfeil.RESSURS_UKJENT,), (Radfeil.RESSURS_UKJENT,)]
    give(hus, rader[:1], of_konto)


def test_another_organisations_ressurs_is_unknown_and_its_administrator_may_give_nothing_here() -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    [shown] = plan(hus.organisasjon_id, [row(2, ressurs=str(other.konto_id))], actor=admin_of(hus)).rader
    assert shown.feil == (Radfeil.RESSURS_UKJENT,)
    rader = [row(2)]
    seen = plan(hus.organisasjon_id, rader, actor=HOUSE)
    for stranger in (admin_of(other), make_aktor(make_person(), hus.organisasjon_id)):
        with pytest.raises(IkkeTilgang, match="MANGLER_PRIVILEGIUM"):
            plan(hus.organisasjon_id, rader, actor=stranger)
        with pytest.raises(IkkeTilgang, match="MANGLER_PRIVILEGIUM"):
            grant_from_file(hus.organisasjon_id, rader, vist=seen.digest, actor=stranger)


def test_s17_04_a_machine_that_calls_for_an_administrator_gives_nothing_from_a_file() -> None:
    hus = make_hus()
    machine = replace(admin_of(hus), integrasjon_id=uuid4())
    with pytest.raises(IkkeTilgang):
        plan(hus.organisasjon_id, [row(2)], actor=machine)


def test_days_are_those_of_oslo_and_the_last_one_counts() -> None:
    hus, fnr = make_hus(), new_fnr()
    day = (database_now().astimezone(OSLO) + timedelta(days=7)).date()
    give(hus, [row(2, fnr, fra=f"{day:%d.%m.%Y}", til=f"{day:%d.%m.%Y}")], admin_of(hus))
    [made] = grants_of(person(fnr))
    assert made.gyldig_til is not None
    assert made.gyldig_fra.astimezone(OSLO).date() == day
    assert made.gyldig_til.astimezone(OSLO).date() == day + timedelta(days=1)
    assert not authorization.is_authorised(person(fnr), P.LESE, hus.konto_id)


def test_a_thousand_rows_are_taken_and_one_more_is_not() -> None:
    hus = make_hus()
    admin = admin_of(hus)
    rader = [row(nr, fnr="1") for nr in range(2, 1002)]
    assert plan(hus.organisasjon_id, rader, actor=admin).count(Utfall.FEIL) == 1_000
    with pytest.raises(UgyldigInndata, match="FIL_FOR_MANGE_TILGANGER"):
        plan(hus.organisasjon_id, [*rader, row(1002)], actor=admin)


def test_more_ressurser_than_a_file_can_be_read_against_are_refused_and_none_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hus = make_hus()
    admin = admin_of(hus)
    monkeypatch.setattr(bulk, "MAX_NODES", 3)
    assert len(grantable_ressurser(hus.organisasjon_id, actor=admin)) == 3
    create_konto(hus.organisasjon_id, visningsnavn="Avgifter", avsender=new_orgnr(), actor=HOUSE)
    for ask in (
        lambda: grantable_ressurser(hus.organisasjon_id, actor=admin),
        lambda: plan(hus.organisasjon_id, [row(2)], actor=admin),
    ):
        with pytest.raises(UgyldigInndata, match="FIL_FOR_MANGE_RESSURSER"):
            ask()


def test_the_number_of_statements_does_not_follow_the_number_of_rows() -> None:
    hus = make_hus()
    admin, sent = admin_of(hus), list[int]()
    for rows in (20, 60):
        rader = [
            row(nr, privilegium=p) for nr in range(2, rows + 2, 2) for p in ("SVARUT.LESE", "SVARUT.SENDE")
        ]
        shown = plan(hus.organisasjon_id, rader, actor=admin)
        with statements() as noted:
            grant_from_file(hus.organisasjon_id, rader, vist=shown.digest, actor=admin)
        sent.append(len(noted))
    assert sent[0] == sent[1]


def test_a_grant_whose_time_is_over_is_ended_by_the_files() -> None:
    hus, fnr = make_hus(), new_fnr()
    known = register_person(fnr, navn="Kari Kjent", actor=HOUSE)
    old = service.grant_privilegium(
        known, P.LESE, hus.konto_id, gyldig_til=database_now() + timedelta(days=9), actor=HOUSE
    )
    move_grant(old, gyldig_fra=-20, gyldig_til=-10)
    give(hus, [row(2, fnr, navn="Kari Kjent"), row(3)], admin_of(hus))
    assert grant_row(old).avsluttet_grunn == "UTLOPT"
    [new] = grants_of(known)
    assert new.id != old


def test_who_is_known_without_a_name_gets_the_first_that_the_file_has() -> None:
    hus, fnr = make_hus(), new_fnr()
    known = person_service.find_or_create_person(fnr, None)
    rader = [row(2, fnr, navn="Anna Lie"), row(3, fnr, navn="Anna Mo Lie", privilegium="SVARUT.SENDE")]
    give(hus, rader, admin_of(hus))
    assert session().get_one(Person, known, populate_existing=True).navn == "Anna Lie"


def test_two_hundred_new_persons_are_given_within_a_few_seconds() -> None:
    hus = make_hus()
    admin, rader = admin_of(hus), [row(nr) for nr in range(2, 202)]
    begun = database_now()
    give(hus, rader, admin)
    assert database_now() - begun < timedelta(seconds=10)
    assert last_act(hus.organisasjon_id, "TILGANGER_GITT_FRA_FIL").detaljer["personer"] == 200

"""Organisations: made by root with their first administrator, set up by themselves, and never root's to look into."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from fiks.core import clock
from fiks.core.actor import Aktor
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import FiksError, IkkeFunnet, IkkeTilgang, Konflikt, UgyldigInndata
from fiks.konfigurasjon import operators, queries
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.field_rules import Feltfeil
from fiks.konfigurasjon.models import Organisasjon, Person, Ressurs, Tilgang
from fiks.konfigurasjon.organisasjon import own_data, service
from fiks.konfigurasjon.organisasjon import queries as organisasjon_queries
from fiks.konfigurasjon.organisasjon.rules import (
    Fakturaopplysninger,
    Innbyggerkontakt,
    Kontakt,
    NyOrganisasjon,
    Oppsettstrinn,
)
from fiks.konfigurasjon.person.rules import Personopplysninger
from fiks.konfigurasjon.rot import queries as rot_queries
from fiks.konfigurasjon.rules import ROOT_ID, Organisasjonstype, P
from fiks.konfigurasjon.tilgang import person_page
from tests.integration.houses import (
    HOUSE,
    make_aktor,
    make_hus,
    make_person,
    new_administrator,
    new_fnr,
    new_orgnr,
)

pytestmark = pytest.mark.usefixtures("app_context")

KONTAKT = Kontakt("Havnegata 5", "4262", "AVALDSNES", "post@heimdal.example", ("drift@heimdal.example",))
INNBYGGERE = Innbyggerkontakt("kunde@heimdal.example", "00 00 00 00", "heimdal.example", "9–15")


def faktura(orgnr: str) -> Fakturaopplysninger:
    return Fakturaopplysninger(orgnr, "Heimdal renovasjon IKS", "Havnegata 5", "0010", "OSLO")


def create(administrator: Personopplysninger | None = None, actor: Aktor = HOUSE, **more: object) -> UUID:
    values = {"navn": "Heimdal renovasjon IKS", "orgnr": new_orgnr(), **more}
    return konfigurasjon.create_organisasjon(
        type=Organisasjonstype.KOMMUNAL_VIRKSOMHET,
        administrator=administrator or new_administrator(),
        actor=actor,
        **values,  # type: ignore[arg-type]
    )


def new_organisation() -> tuple[UUID, Aktor]:
    """An organisation as root leaves it, and its first administrator."""
    first = new_administrator()
    made = create(first)
    person_id = konfigurasjon.person_by_pid(first.fnr)
    assert person_id is not None
    return made, make_aktor(person_id, made, navn=first.navn)


def operator() -> Aktor:
    """Somebody who runs the platform."""
    person = new_administrator()
    operators.make_operator(person, actor=HOUSE)
    person_id = konfigurasjon.person_by_pid(person.fnr)
    assert person_id is not None
    return make_aktor(person_id)


def handlings(organisasjon_id: UUID | None) -> list[str]:
    rows = select(Audit.handling).where(Audit.organisasjon_id == organisasjon_id).order_by(Audit.id)
    return list(session().scalars(rows))


def count(model: type[Organisasjon] | type[Ressurs] | type[Tilgang] | type[Person]) -> int:
    return session().execute(select(func.count()).select_from(model)).scalar_one()


def test_s17_02_the_first_administrator_holds_admin_on_the_organisation_at_once() -> None:
    made, first = new_organisation()
    assert first.person_id is not None
    assert queries.is_authorised(first.person_id, P.ADMIN, made)
    assert handlings(made) == ["ORGANISASJON_OPPRETTET", "PRIVILEGIUM_GITT"]


@pytest.mark.parametrize("fnr", ["", "12345678901", "1791209", "17912099998"])
def test_s17_02_an_organisation_is_not_made_without_a_valid_fnr(fnr: str) -> None:
    before = [count(model) for model in (Organisasjon, Ressurs, Tilgang, Person)]
    with pytest.raises(UgyldigInndata) as refused:
        create(Personopplysninger(fnr, "Berit Haugland"))
    assert refused.value.felt == "fnr"
    assert [count(model) for model in (Organisasjon, Ressurs, Tilgang, Person)] == before


def test_s17_12_the_number_of_the_administrator_stands_in_no_audit_row_and_no_repr() -> None:
    first = new_administrator()
    made = create(first)
    written = session().scalars(select(Audit).where(Audit.organisasjon_id == made))
    assert all(first.fnr not in f"{row.detaljer} {row.objekt_id} {row.aktor_navn}" for row in written)
    assert first.fnr not in repr(first)


def test_s17_53_the_number_of_the_administrator_is_stored_encrypted_only() -> None:
    first = new_administrator()
    create(first)
    stored = session().execute(select(Person).where(Person.fnr_maskert == first.fnr[:6] + "*****")).scalars()
    for row in stored:
        assert first.fnr.encode() not in row.fnr_kryptert + row.fnr_indeks


def test_a_new_organisation_has_no_service_and_no_konto() -> None:
    made, first = new_organisation()
    [node] = organisasjon_queries.ressurs_tree(made)
    assert (node.id, node.type, node.dybde) == (made, "FIKS_ORG", 0)
    with pytest.raises(Konflikt, match="TJENESTE_IKKE_INITIALISERT"):
        konfigurasjon.create_konto(made, visningsnavn="Renovasjon", avsender="heimdal", actor=first)


def test_an_operator_makes_organisations_and_an_administrator_does_not() -> None:
    made = create(actor=operator())
    assert queries.organisasjon(made).navn == "Heimdal renovasjon IKS"
    _, first = new_organisation()
    with pytest.raises(IkkeTilgang, match="KUN_ROT"):
        create(actor=first)


def test_s17_59_an_operator_has_no_right_to_the_data_of_an_organisation_not_even_one_they_made() -> None:
    runs = operator()
    made = create(actor=runs)
    for attempt in (
        lambda: own_data.set_kontakt(made, KONTAKT, actor=runs),
        lambda: own_data.finish_setup(made, actor=runs),
        lambda: queries.require(runs, P.ORG_LES, made),
        lambda: queries.require(runs, P.AUDIT_LES, made),
    ):
        with pytest.raises(IkkeFunnet):
            attempt()


def test_the_same_orgnr_makes_one_organisation() -> None:
    orgnr = new_orgnr()
    create(orgnr=orgnr)
    with pytest.raises(Konflikt, match="ORGANISASJON_FINNES"):
        create(orgnr=orgnr)


@pytest.mark.parametrize(
    ("felt", "value"),
    [
        ("orgnr", "312990025"),
        ("orgnr", "31299002"),
        ("navn", ""),
        ("navn", "<b>Heimdal</b>"),
        ("kommunenr", "301"),
        ("kommunenr", "03011"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(felt: str, value: str) -> None:
    with pytest.raises(UgyldigInndata) as refused:
        create(**{felt: value})
    assert refused.value.felt == felt


def test_a_kommune_has_a_number_and_others_need_none() -> None:
    kinds = {kind: NyOrganisasjon("Heimdal", new_orgnr(), "", kind).faults() for kind in Organisasjonstype}
    assert {kind for kind, faults in kinds.items() if faults} == {Organisasjonstype.KOMMUNE}
    assert kinds[Organisasjonstype.KOMMUNE] == {"kommunenr": Feltfeil.KOMMUNENR_MANGLER}


def test_s17_51_numbers_of_organisations_are_text_and_keep_their_zeros() -> None:
    made, first = new_organisation()
    own_data.set_faktura(made, faktura(new_orgnr()), actor=first)
    own_data.set_kontakt(made, replace(KONTAKT, postnr="0010"), actor=first)
    row = organisasjon_queries.invoice_of(made)
    assert row is not None
    assert (row.postnummer, queries.organisasjon(made).postnr) == ("0010", "0010")
    oslo = create(kommunenr="0301")
    assert queries.organisasjon(oslo).kommunenr == "0301"


def test_root_gives_an_organisation_that_lost_its_administrator_another_and_the_organisation_sees_it() -> (
    None
):
    made, first = new_organisation()
    with transaction() as tx:
        tx.execute(
            update(Tilgang)
            .where(Tilgang.person_id == first.person_id)
            .values(avsluttet=func.now(), avsluttet_grunn="SLUTTET")
        )
    new = new_administrator()
    person_id = service.add_administrator(made, new, begrunnelse="Den forrige har sluttet", actor=operator())
    assert queries.is_authorised(person_id, P.ADMIN, made)
    assert handlings(made)[-1] == "PRIVILEGIUM_GITT"
    [shown] = person_page.person(person_id, made, actor=HOUSE).linjer
    assert (shown.privilegium, shown.begrunnelse) == ("ADMIN", "Den forrige har sluttet")


def test_an_administrator_who_is_one_already_is_not_made_one_again() -> None:
    first = new_administrator()
    made = create(first)
    with pytest.raises(Konflikt, match="TILGANG_FINNES"):
        service.add_administrator(made, first, begrunnelse="En gang til", actor=HOUSE)


def test_an_administrator_for_a_time_is_made_one_without_an_end() -> None:
    made, _ = new_organisation()
    person = new_administrator()
    person_id = konfigurasjon.register_person(person.fnr, navn=person.navn, actor=HOUSE)
    konfigurasjon.grant_privilegium(
        person_id, P.ADMIN, made, gyldig_til=clock.database_now() + timedelta(hours=1), actor=HOUSE
    )
    service.add_administrator(made, person, begrunnelse="Skal være fast", actor=HOUSE)
    open_grants = select(Tilgang.gyldig_til).where(
        Tilgang.person_id == person_id, Tilgang.avsluttet.is_(None)
    )
    assert list(session().scalars(open_grants)) == [None]


@pytest.mark.parametrize("who", ["administrator", "stranger"])
def test_only_root_gives_an_administrator_from_outside(who: str) -> None:
    made, first = new_organisation()
    actor = first if who == "administrator" else make_aktor(make_person())
    with pytest.raises(IkkeTilgang, match="KUN_ROT"):
        service.add_administrator(made, new_administrator(), begrunnelse="Trengs", actor=actor)


def test_an_operator_is_made_by_the_house_only() -> None:
    with pytest.raises(IkkeTilgang, match="KUN_ROT"):
        operators.make_operator(new_administrator(), actor=operator())
    runs = operator()
    assert runs.person_id is not None
    assert queries.is_authorised(runs.person_id, P.ROT_ADMINISTRER, ROOT_ID)


def test_being_administrator_of_an_organisation_opens_nothing_of_the_root_plane() -> None:
    _, first = new_organisation()
    with pytest.raises(IkkeTilgang, match="KUN_ROT"):
        operators.require_root(first)


def test_the_set_up_goes_step_by_step_and_ends_when_every_step_has_its_data() -> None:
    made, first = new_organisation()
    T = Oppsettstrinn
    seen = [organisasjon_queries.setup(made).neste]
    with pytest.raises(Konflikt, match="OPPSETT_MANGLER"):
        own_data.finish_setup(made, actor=first)
    own_data.set_kontakt(made, KONTAKT, actor=first)
    seen.append(organisasjon_queries.setup(made).neste)
    own_data.set_faktura(made, faktura(new_orgnr()), actor=first)
    seen.append(organisasjon_queries.setup(made).neste)
    own_data.set_innbyggerkontakt(made, INNBYGGERE, actor=first)
    seen.append(organisasjon_queries.setup(made).neste)
    own_data.set_avtaleadministrator(made, new_administrator(), actor=first)
    seen.append(organisasjon_queries.setup(made).neste)
    assert seen == [T.KONTAKT, T.FAKTURA, T.INNBYGGERE, T.AVTALEADMINISTRATOR, T.BEKREFT]
    assert not organisasjon_queries.is_configured(made)
    own_data.finish_setup(made, actor=first)
    own_data.finish_setup(made, actor=first)
    assert organisasjon_queries.is_configured(made)
    assert handlings(made).count("ORGANISASJON_KONFIGURERT") == 1


def test_no_step_of_the_set_up_can_be_skipped_and_each_can_be_gone_back_to() -> None:
    made, first = new_organisation()
    own_data.set_kontakt(made, KONTAKT, actor=first)
    own_data.set_innbyggerkontakt(made, INNBYGGERE, actor=first)
    stand = organisasjon_queries.setup(made)
    assert stand.neste is Oppsettstrinn.FAKTURA
    assert [step for step in Oppsettstrinn if stand.may_open(step)] == [
        Oppsettstrinn.KONTAKT,
        Oppsettstrinn.FAKTURA,
        Oppsettstrinn.INNBYGGERE,
    ]


def test_the_agreement_administrator_may_sign() -> None:
    made, first = new_organisation()
    named = new_administrator()
    own_data.set_avtaleadministrator(made, named, actor=first)
    person_id = konfigurasjon.person_by_pid(named.fnr)
    assert person_id is not None
    assert queries.is_authorised(person_id, P.AVTALE_SIGNER, made)
    assert not queries.is_authorised(person_id, P.ORG_LES, made)
    shown = organisasjon_queries.agreement_administrator(made)
    assert shown is not None
    assert (shown.navn, shown.fnr_maskert) == (named.navn, named.fnr[:6] + "*****")


def test_a_change_of_contact_data_is_audited_by_field_and_an_equal_one_not_at_all() -> None:
    made, first = new_organisation()
    own_data.set_kontakt(made, KONTAKT, actor=first)
    before = handlings(made)
    own_data.set_kontakt(made, KONTAKT, actor=first)
    assert handlings(made) == before
    own_data.set_kontakt(made, replace(KONTAKT, epost="ny@heimdal.example"), actor=first)
    newest = session().scalars(
        select(Audit).where(Audit.organisasjon_id == made).order_by(Audit.id.desc()).limit(1)
    )
    row = newest.one()
    assert (row.handling, row.detaljer) == ("ORGANISASJON_ENDRET", {"felter": "epost"})


def test_who_may_change_contact_data_may_not_name_who_signs() -> None:
    hus = make_hus()
    clerk = make_aktor(make_person(P.ORG_REDIGER, ressurs=hus.organisasjon_id), hus.organisasjon_id)
    own_data.set_kontakt(hus.organisasjon_id, KONTAKT, actor=clerk)
    with pytest.raises(IkkeTilgang):
        own_data.set_avtaleadministrator(hus.organisasjon_id, new_administrator(), actor=clerk)


def test_s17_59_the_data_of_another_organisation_cannot_be_changed() -> None:
    hus, (other, first) = make_hus(), new_organisation()
    del other
    for attempt in (
        lambda: own_data.set_kontakt(hus.organisasjon_id, KONTAKT, actor=first),
        lambda: own_data.set_faktura(hus.organisasjon_id, faktura(hus.orgnr), actor=first),
        lambda: own_data.set_innbyggerkontakt(hus.organisasjon_id, INNBYGGERE, actor=first),
        lambda: own_data.set_avtaleadministrator(hus.organisasjon_id, new_administrator(), actor=first),
        lambda: own_data.remove_logo(hus.organisasjon_id, actor=first),
        lambda: own_data.set_kontakt(uuid4(), KONTAKT, actor=first),
    ):
        with pytest.raises(IkkeFunnet):
            attempt()


def test_a_person_who_is_known_keeps_the_name_they_are_known_by() -> None:
    number = new_fnr()
    known = konfigurasjon.register_person(number, navn="Berit Haugland", actor=HOUSE)
    made = create(Personopplysninger(number, "HAUGLAND, BERIT"))
    assert session().get_one(Person, known).navn == "Berit Haugland"
    assert queries.is_authorised(known, P.ADMIN, made)


def test_the_list_of_organisations_is_paged_searched_and_counts_administrators() -> None:
    for n in range(3):
        create(navn=f"Sideland {n} IKS")
    page = rot_queries.organisations(sok="sideland", limit=2, actor=HOUSE)
    assert [row.navn for row in page] == ["Sideland 0 IKS", "Sideland 1 IKS"]
    [last] = rot_queries.organisations(sok="sideland", after=(page[-1].navn, page[-1].id), actor=HOUSE)
    assert (last.navn, last.administratorer) == ("Sideland 2 IKS", 1)
    assert rot_queries.organisations(sok=last.orgnr, actor=HOUSE)[0].id == last.id
    assert rot_queries.organisations(sok="%", actor=HOUSE) == []


def test_refused_calls_leave_no_trace() -> None:
    made, _ = new_organisation()
    before = handlings(made)
    stranger = make_aktor(make_person())
    with pytest.raises(FiksError):
        own_data.set_kontakt(made, KONTAKT, actor=stranger)
    assert handlings(made) == before

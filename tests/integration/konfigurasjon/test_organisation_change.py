"""What the root plane said of an organisation it can change: its name, number, type and kommunenummer."""

from __future__ import annotations

from dataclasses import asdict, replace
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeTilgang, Konflikt, UgyldigInndata
from fiks.konfigurasjon.konto.models import Kontooppsett
from fiks.konfigurasjon.konto.settings import kontooppsett
from fiks.konfigurasjon.models import Organisasjon, Ressurs
from fiks.konfigurasjon.organisasjon.rules import NyOrganisasjon
from fiks.konfigurasjon.rot.corrections import Grunnopplysninger, facts_of
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.stale_form import mark_of
from fiks.utsending.models import Utsending
from fiks.utsending.rules import reference
from fiks.utsending.sending.sender_change import change_sender
from tests.integration.houses import HOUSE, Hus, make_aktor, make_hus, make_person, new_orgnr
from tests.integration.konfigurasjon.portals import (
    Enhetsregister,
    operator,
    send,
    staff,
)
from tests.integration.utsending.browser import Browser, text_of
from tests.integration.utsending.kommuner import make_kommune, make_mailing
from tests.pagecheck import faults

pytestmark = pytest.mark.usefixtures("unlimited")

WHY = "Navnet ble skrevet feil"


@pytest.fixture
def runar(app: Flask) -> Browser:
    return operator(app)


def row_of(organisasjon_id: UUID) -> Organisasjon:
    session().rollback()
    return session().get_one(Organisasjon, organisasjon_id, populate_existing=True)


def facts(organisasjon_id: UUID) -> Grunnopplysninger:
    return facts_of(row_of(organisasjon_id))


def last_act(organisasjon_id: UUID) -> Audit:
    acts = select(Audit).where(
        Audit.organisasjon_id == organisasjon_id, Audit.handling == "ORGANISASJON_ENDRET"
    )
    return session().scalars(acts.order_by(Audit.id.desc())).first()  # type: ignore[return-value]


def page_of(hus: Hus) -> str:
    return f"/rot/organisasjoner/{hus.organisasjon_id}/navn"


def test_a_misspelt_name_and_a_wrong_number_are_mended_and_the_organisation_sees_who_and_why() -> None:
    hus, right = make_hus("Fjordvik komune"), new_orgnr()
    before = facts(hus.organisasjon_id)
    ny = replace(before, navn="Fjordvik kommune", orgnr=right, kommunenr="9902")
    changed = change_sender(hus.organisasjon_id, ny, begrunnelse=f" {WHY} ", actor=HOUSE)
    assert changed == ("navn", "orgnr", "kommunenr")
    assert facts(hus.organisasjon_id) == ny
    assert session().get_one(Ressurs, hus.organisasjon_id).navn == "Fjordvik kommune"
    told = last_act(hus.organisasjon_id).detaljer
    assert told["navn_for"] == "Fjordvik komune" and told["navn"] == "Fjordvik kommune"
    assert told["orgnr_for"] == hus.orgnr and told["orgnr"] == right
    assert told["begrunnelse"] == WHY and "type" not in told


def test_saying_what_stands_changes_nothing() -> None:
    hus = make_hus()
    assert change_sender(hus.organisasjon_id, facts(hus.organisasjon_id), begrunnelse=WHY, actor=HOUSE) == ()
    assert last_act(hus.organisasjon_id) is None


def test_the_number_that_was_wrong_is_free_for_who_it_belongs_to() -> None:
    wrong, owner = make_hus(), make_hus()
    ny = replace(facts(owner.organisasjon_id), orgnr=wrong.orgnr)
    with pytest.raises(Konflikt, match="ORGANISASJON_FINNES"):
        change_sender(owner.organisasjon_id, ny, begrunnelse=WHY, actor=HOUSE)
    session().rollback()
    mended = replace(facts(wrong.organisasjon_id), orgnr=new_orgnr())
    change_sender(wrong.organisasjon_id, mended, begrunnelse=WHY, actor=HOUSE)
    assert change_sender(owner.organisasjon_id, ny, begrunnelse=WHY, actor=HOUSE) == ("orgnr",)


@pytest.mark.parametrize(
    ("wrong", "felt"),
    [
        ({"navn": ""}, "navn"),
        ({"orgnr": "123456789"}, "orgnr"),
        ({"kommunenr": "99"}, "kommunenr"),
        ({"kommunenr": ""}, "kommunenr"),
        ({"type": "SLOTT"}, "type"),
    ],
)
def test_what_a_new_organisation_may_not_be_called_no_old_one_is_called_either(
    wrong: dict[str, str], felt: str
) -> None:
    hus = make_hus()
    ny = replace(facts(hus.organisasjon_id), **wrong)
    with pytest.raises(UgyldigInndata) as refused:
        change_sender(hus.organisasjon_id, ny, begrunnelse=WHY, actor=HOUSE)
    assert refused.value.felt == felt
    assert ny.faults().keys() >= NyOrganisasjon(ny.navn, ny.orgnr, ny.kommunenr, ny.type).faults().keys()


def test_no_reason_no_change() -> None:
    hus = make_hus()
    ny = replace(facts(hus.organisasjon_id), navn="Fjordvik kommune")
    with pytest.raises(UgyldigInndata, match="ADMINISTRATOR_BEGRUNNELSE"):
        change_sender(hus.organisasjon_id, ny, begrunnelse="Ja", actor=HOUSE)


def test_an_administrator_changes_neither_name_nor_number() -> None:
    hus = make_hus()
    admin = make_aktor(make_person(P.ADMIN, ressurs=hus.organisasjon_id), hus.organisasjon_id)
    ny = replace(facts(hus.organisasjon_id), navn="Fjordvik kommune")
    with pytest.raises(IkkeTilgang, match="KUN_ROT"):
        change_sender(hus.organisasjon_id, ny, begrunnelse=WHY, actor=admin)


def test_a_konto_that_says_its_organisations_name_and_number_follows_and_one_with_its_own_does_not() -> None:
    hus, right = make_hus("Fjordvik komune"), new_orgnr()
    with transaction() as tx:
        tx.add(
            Kontooppsett(
                konto_id=hus.konto_id,
                altinn_aktiv=True,
                sdp_signering=False,
                sdp_orgnr=hus.orgnr,
                sdp_avsendernavn="Fjordvik komune",
                forside_orgnr=hus.orgnr,
                forside_navn="Fjordvik komune, eiendomsskatt",
                forside_tekst="Vi heter Fjordvik komune",
            )
        )
    ny = replace(facts(hus.organisasjon_id), navn="Fjordvik kommune", orgnr=right)
    change_sender(hus.organisasjon_id, ny, begrunnelse=WHY, actor=HOUSE)
    session().rollback()
    oppsett = kontooppsett(hus.konto_id)
    assert (oppsett.sdp.orgnr, oppsett.sdp.avsendernavn) == (right, "Fjordvik kommune")
    assert (oppsett.forside.orgnr, oppsett.forside.navn) == (right, "Fjordvik komune, eiendomsskatt")
    assert oppsett.forside.tekst == "Vi heter Fjordvik komune"
    acts = select(Audit.detaljer["felter"].astext).where(
        Audit.objekt_id == str(hus.konto_id), Audit.handling == "KONTO_OPPSETT_ENDRET"
    )
    assert session().scalars(acts).all() == ["forside_orgnr, sdp_avsendernavn, sdp_orgnr"]


def test_an_operator_writes_looks_it_over_with_what_the_register_says_and_changes(
    app: Flask, runar: Browser, register: Enhetsregister
) -> None:
    hus, right = make_hus("Fjordvik komune"), new_orgnr()
    register.navn[right] = "FJORDVIK KOMMUNE"
    shown = runar.get(page_of(hus))
    assert faults(shown.text) == []
    assert "Endre navn og nummer" in runar.get(page_of(hus).removesuffix("/navn")).text
    mark = mark_of(asdict(facts(hus.organisasjon_id)))
    assert mark in shown.text
    form = {"navn": "Fjordvik kommune", "orgnr": right, "type": "KOMMUNE", "kommunenr": "9901", "vist": mark}
    over = send(runar, page_of(hus), begrunnelse=WHY, **form)
    assert faults(over.text) == []
    assert f"{right} er FJORDVIK KOMMUNE i Enhetsregisteret" in text_of(over.text)
    assert "Fjordvik kommune Før: Fjordvik komune" in text_of(over.text)
    assert facts(hus.organisasjon_id).navn == "Fjordvik komune"
    back = send(runar, page_of(hus), begrunnelse=WHY, rett="ja", **form)
    assert 'value="Fjordvik kommune"' in back.text and WHY in back.text
    done = send(runar, page_of(hus), begrunnelse=WHY, endre="ja", **form)
    assert done.status_code == 303
    assert "Fjordvik kommune er endret" in text_of(runar.get(done.location).text)
    assert facts(hus.organisasjon_id).orgnr == right
    again = send(runar, page_of(hus), begrunnelse=WHY, endre="ja", **form)
    said = text_of(runar.get(again.location).text)
    assert "Fjordvik kommune står slik nå." in said and "Ingenting er endret" not in said
    admin = staff(app, hus.organisasjon_id, P.ADMIN, hus.organisasjon_id)
    log = text_of(admin.get("/revisjonslogg").text)
    assert "Navn før: Fjordvik komune" in log and f"Begrunnelse: {WHY}" in log


def test_the_page_says_what_is_wrong_and_what_stands_in_the_way(runar: Browser) -> None:
    kommune = make_kommune()
    page = f"/rot/organisasjoner/{kommune.id}/navn"
    now = asdict(facts(kommune.id))
    bad = send(runar, page, **now | {"navn": "", "type": "SLOTT", "begrunnelse": "Ja"})
    assert bad.status_code == 422
    assert faults(bad.text) == []
    for said in ("Fyll ut navn", "Velg hva slags", "minst fem tegn"):
        assert said in text_of(bad.text)
    same = send(runar, page, **now | {"begrunnelse": WHY})
    assert "Ingenting er endret" in text_of(runar.get(same.location).text)
    mailing = make_mailing(kommune, 1)
    named = now | {"navn": "Fjordvik kommune", "begrunnelse": WHY, "endre": "ja", "vist": mark_of(now)}
    refused = send(runar, page, **named)
    assert refused.status_code == 409
    assert faults(refused.text) == []
    u = session().get_one(Utsending, mailing.id)
    told = f"De er i utsending {reference(u.nr, u.opprettet)}. Vent til brevene er sendt"
    assert told in text_of(refused.text)


def test_nobody_writes_over_what_another_operator_has_changed_meanwhile(runar: Browser) -> None:
    hus = make_hus("Fjordvik komune")
    old = asdict(facts(hus.organisasjon_id))
    mine = old | {"navn": "Fjordvik kommune", "begrunnelse": WHY, "vist": mark_of(old), "endre": "ja"}
    theirs = replace(facts(hus.organisasjon_id), navn="Fjordvik")
    change_sender(hus.organisasjon_id, theirs, begrunnelse=WHY, actor=HOUSE)
    refused = send(runar, page_of(hus), **mine)
    assert refused.status_code == 409
    assert faults(refused.text) == []
    assert facts(hus.organisasjon_id).navn == "Fjordvik"
    assert send(runar, page_of(hus), **mine | {"vist": mark_of(asdict(theirs))}).status_code == 303

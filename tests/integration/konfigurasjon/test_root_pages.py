"""The pages of the root plane: organisations, agreements and global integrasjoner, for operators and nobody else."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, update

from config.settings import Settings
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.konfigurasjon import duplicate_submit, operators, queries
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.avtale import service
from fiks.konfigurasjon.avtale.service import NyAvtale
from fiks.konfigurasjon.integrasjon.login import check_integrasjon
from fiks.konfigurasjon.integrasjon.queries import requested_privileges
from fiks.konfigurasjon.models import Organisasjon, Tilgang
from fiks.konfigurasjon.person.rules import Personopplysninger
from fiks.konfigurasjon.rules import P
from portal.texts import tekst
from tests.integration.houses import HOUSE, make_hus, new_fnr, new_orgnr
from tests.integration.konfigurasjon.open_pages import acts
from tests.integration.konfigurasjon.portals import (
    Enhetsregister,
    log_in,
    operator,
    send,
    staff,
)
from tests.integration.utsending.browser import Browser, text_of
from tests.pagecheck import faults
from tests.security.loglines import captured

pytestmark = pytest.mark.usefixtures("unlimited")

SECRET = re.compile(r'<code id="passord"[^>]*>([\w-]{43})</code>')
NEW = "/rot/organisasjoner/ny"


@pytest.fixture
def runar(app: Flask) -> Browser:
    return operator(app)


def facts(orgnr: str, **more: str) -> dict[str, str]:
    return {"type": "KOMMUNAL_VIRKSOMHET", "navn": "Heimdal renovasjon IKS", "orgnr": orgnr} | more


def create(client: Browser, orgnr: str, fnr: str) -> UUID:
    """Both steps in one: the second carries what the first said."""
    answer = send(client, NEW, trinn="2", fnr=fnr, personnavn="Berit Haugland", **facts(orgnr))
    return UUID(answer.location.rsplit("/", 1)[-1])


def test_an_operator_without_an_organisation_comes_to_the_organisations(runar: Browser) -> None:
    assert runar.get("/").location == "/rot/organisasjoner"
    page = runar.get("/rot/organisasjoner")
    assert page.status_code == 200
    assert faults(page.text) == []
    assert "Globale integrasjoner" in page.text and "Manuell utsending" not in page.text


def test_an_administrator_of_an_organisation_has_no_menu_and_no_page_of_the_platform(app: Flask) -> None:
    hus = make_hus()
    admin = staff(app, hus.organisasjon_id, P.ADMIN, hus.organisasjon_id)
    assert "/rot/" not in admin.get("/oversikt").text
    for page in ("organisasjoner", "avtaler", "integrasjoner", "organisasjoner/ny"):
        assert admin.get(f"/rot/{page}").status_code == 403


def test_s17_59_an_operator_is_shown_nothing_of_what_an_organisation_does(app: Flask, runar: Browser) -> None:
    hus = make_hus("Havblikk kommune")
    page = runar.get(f"/rot/organisasjoner/{hus.organisasjon_id}").text
    assert "Havblikk kommune" in page and "Eiendomsskatt" not in page
    for own in ("/konfigurasjon", "/integrasjoner", "/utsendinger", "/revisjonslogg", "/tilganger"):
        assert runar.get(own).location.startswith("/velg-organisasjon")


def test_an_operator_who_must_tell_an_organisation_finds_where_it_wants_to_be_told(runar: Browser) -> None:
    hus, told = make_hus(), ["drift@lillevik.example", "post@lillevik.example"]
    page = f"/rot/organisasjoner/{hus.organisasjon_id}"
    assert "E-post for beskjeder Ikke oppgitt" in text_of(runar.get(page).text)
    with transaction() as tx:
        mine = update(Organisasjon).where(Organisasjon.id == hus.organisasjon_id)
        tx.execute(mine.values(varsel_epost=told))
    shown = runar.get(page).text
    assert faults(shown) == []
    assert f"E-post for beskjeder {', '.join(told)}" in text_of(shown)


def test_s17_02_an_organisation_is_made_in_two_steps_with_its_first_administrator(
    app: Flask, runar: Browser, register: Enhetsregister, settings: Settings
) -> None:
    orgnr, fnr = new_orgnr(), new_fnr()
    register.navn[orgnr] = "HEIMDAL RENOVASJON IKS"
    with captured(settings) as log:
        second = send(runar, NEW, trinn="1", **facts(orgnr, kommunenr="9901", intern="ja"))
        assert f"{orgnr} er HEIMDAL RENOVASJON IKS" in text_of(second.text)
        assert faults(second.text) == []
        bad = send(runar, NEW, trinn="2", fnr="12345678901", personnavn="Berit Haugland", **facts(orgnr))
        assert bad.status_code == 422
        assert "12345678901" not in bad.text and "Berit Haugland" in bad.text
        made = create(runar, orgnr, fnr)
    person_id = konfigurasjon.person_by_pid(fnr)
    assert person_id is not None
    assert queries.is_authorised(person_id, P.ADMIN, made)
    page = runar.get(f"/rot/organisasjoner/{made}").text
    assert faults(page) == []
    assert fnr not in page and fnr not in log.getvalue()
    assert log_in(app, fnr, made).get("/oversikt").location == "/forstegangsoppsett"


def test_an_organisation_that_is_made_by_two_presses_is_one(
    app: Flask, runar: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    orgnr, fnr = new_orgnr(), new_fnr()
    made = create(runar, orgnr, fnr)
    assert create(runar, orgnr, fnr) == made
    assert "er opprettet, med Berit Haugland" in text_of(runar.get(f"/rot/organisasjoner/{made}").text)
    assert acts(made, "ORGANISASJON_OPPRETTET") == 1
    same = {"trinn": "2", "fnr": fnr, "personnavn": "Berit Haugland"} | facts(orgnr)
    for other in ({"navn": "Heimdal vann IKS"}, {"fnr": new_fnr()}):
        refused = send(runar, NEW, **(same | other))
        assert refused.status_code == 422 and "fra før" in text_of(refused.text)
    assert send(operator(app), NEW, **same).status_code == 422, "a colleague has not made it"
    monkeypatch.setattr(duplicate_submit, "RESUBMIT_WINDOW", timedelta(0))
    assert send(runar, NEW, **same).status_code == 422, "it is not the same press any more"


@pytest.mark.parametrize(
    ("deleted", "down", "said"),
    [(True, False, "slettet"), (False, False, "kjenner ikke"), (False, True, "svarer ikke")],
)
def test_what_the_register_says_of_the_number_is_told_and_stops_nothing(
    runar: Browser, register: Enhetsregister, deleted: bool, down: bool, said: str
) -> None:
    orgnr = new_orgnr()
    if deleted:
        register.navn[orgnr] = "Gammelt IKS"
        register.slettet.add(orgnr)
    register.nede = down
    second = send(runar, NEW, trinn="1", **facts(orgnr))
    assert second.status_code == 200
    assert said in text_of(second.text)
    assert create(runar, orgnr, new_fnr())


def test_every_fault_of_the_first_step_is_said_at_its_field(runar: Browser) -> None:
    page = send(runar, NEW, trinn="1", type="SLOTT", navn="", orgnr="123456789", kommunenr="99")
    assert page.status_code == 422
    assert faults(page.text) == []
    for said in ("Velg hva slags", "Fyll ut navn", "ikke gyldig", "fire siffer"):
        assert said in text_of(page.text)


def test_a_kommune_is_not_made_without_its_number(runar: Browser) -> None:
    page = send(runar, NEW, trinn="1", type="KOMMUNE", navn="Heimdal kommune", orgnr=new_orgnr())
    assert page.status_code == 422
    assert page.text.count(tekst("KOMMUNENR_MANGLER")) == 2  # in the summary, and at its field


def test_a_number_that_is_taken_is_refused_before_anybody_writes_a_personal_number(runar: Browser) -> None:
    taken = make_hus().orgnr
    page = send(runar, NEW, trinn="1", **facts(taken))
    assert page.status_code == 422
    assert "Det finnes en organisasjon med dette" in text_of(page.text)
    assert 'name="fnr"' not in page.text


def test_no_transaction_is_open_while_the_register_is_asked(
    app: Flask, runar: Browser, register: Enhetsregister
) -> None:
    register.i_transaksjon.clear()
    assert "Trinn 2 av 2" in send(runar, NEW, trinn="1", **facts(new_orgnr())).text
    hus = make_hus()
    admin = staff(app, hus.organisasjon_id, P.ADMIN, hus.organisasjon_id)
    send(admin, "/integrasjoner/ny", navn="Sak og arkiv", autorisert_orgnr=new_orgnr())
    assert register.i_transaksjon == [False, False]


def test_the_second_step_leads_back_with_everything_still_written(runar: Browser) -> None:
    page = send(runar, NEW, trinn="2", rett="ja", **facts(new_orgnr()))
    assert page.status_code == 200
    assert "Trinn 1 av 2" in page.text and 'value="Heimdal renovasjon IKS"' in page.text


def test_a_stale_login_makes_no_organisation(app: Flask) -> None:
    stale, orgnr = operator(app, minutes_ago=6), new_orgnr()
    assert stale.get(NEW).location.startswith("/innlogging/bekreft")
    answer = send(stale, NEW, trinn="2", fnr=new_fnr(), personnavn="Berit Haugland", **facts(orgnr))
    assert answer.location.startswith("/innlogging/bekreft")
    assert session().scalar(select(Organisasjon.id).where(Organisasjon.orgnr == orgnr)) is None


def test_an_organisation_without_help_of_its_own_is_given_an_administrator_with_a_reason(
    runar: Browser,
) -> None:
    hus, fnr = make_hus(), new_fnr()
    page = f"/rot/organisasjoner/{hus.organisasjon_id}/administrator"
    assert faults(runar.get(page).text) == []
    short = send(runar, page, fnr=fnr, personnavn="", begrunnelse="Ja")
    assert short.status_code == 422
    assert fnr not in short.text
    assert "Fyll ut fullt navn" in text_of(short.text) and "med minst fem tegn" in text_of(short.text)
    answer = send(runar, page, fnr=fnr, personnavn="Ny Leder", begrunnelse="Den forrige har sluttet")
    assert answer.status_code == 303
    person_id = konfigurasjon.person_by_pid(fnr)
    assert person_id is not None
    assert queries.is_authorised(person_id, P.ADMIN, hus.organisasjon_id)
    reason = session().scalar(select(Tilgang.begrunnelse).where(Tilgang.person_id == person_id))
    assert reason == "Den forrige har sluttet"
    again = send(runar, page, fnr=fnr, personnavn="Ny Leder", begrunnelse="Den forrige har sluttet")
    assert "Tilgangen er gitt fra før" in text_of(runar.get(again.location).text)


def test_an_operator_is_told_the_name_of_who_has_the_number(runar: Browser) -> None:
    hus, fnr, orgnr = make_hus(), new_fnr(), new_orgnr()
    konfigurasjon.register_person(fnr, navn="Kari Kjent", actor=HOUSE)
    page = f"/rot/organisasjoner/{hus.organisasjon_id}/administrator"
    given = send(runar, page, fnr=fnr, personnavn="kjent, kari", begrunnelse="Den forrige har sluttet")
    assert "Kari Kjent er administrator i" in text_of(runar.get(given.location).text)
    made = send(runar, NEW, trinn="2", fnr=fnr, personnavn="kjent, kari", **facts(orgnr))
    assert "med Kari Kjent som første administrator" in text_of(runar.get(made.location).text)


@pytest.mark.parametrize("written", ["Ny Leder", "Kari Kjent-Olsen", "Kari"])
def test_a_number_that_is_somebody_elses_gives_them_no_organisation(runar: Browser, written: str) -> None:
    hus, fnr, orgnr = make_hus(), new_fnr(), new_orgnr()
    kari = konfigurasjon.register_person(fnr, navn="Kari Kjent", actor=HOUSE)
    page = f"/rot/organisasjoner/{hus.organisasjon_id}/administrator"
    for answer in (
        send(runar, page, fnr=fnr, personnavn=written, begrunnelse="Den forrige har sluttet"),
        send(runar, NEW, trinn="2", fnr=fnr, personnavn=written, **facts(orgnr)),
    ):
        assert answer.status_code == 422
        assert faults(answer.text) == []
        assert "kjent her under et annet navn" in text_of(answer.text)
        assert "Kari Kjent" not in answer.text.replace(f'value="{written}"', "")
    session().rollback()
    assert not queries.is_authorised(kari, P.ADMIN, hus.organisasjon_id)
    assert session().scalar(select(Organisasjon.id).where(Organisasjon.orgnr == orgnr)) is None


def test_an_organisation_is_found_by_a_part_of_its_name_or_the_start_of_its_number(runar: Browser) -> None:
    hus = make_hus("Søndre Trollvik kommune")
    for sok in ("trollvik", hus.orgnr[:8]):
        page = send(runar, "/rot/organisasjoner", sok=sok)
        assert str(hus.organisasjon_id) in page.text
        assert faults(page.text) == []
    assert "Ingen treff" in send(runar, "/rot/organisasjoner", sok="finnes ikke noe sted").text


def publish(client: Browser, title: str, body: str, seen: int, kode: str = "SVARUT", **act: str) -> str:
    data = {"tittel": title, "tekst": body, "erstatter": str(seen)} | (act or {"publiser": "ja"})
    answer = send(client, f"/rot/avtaler/{kode}/ny", **data)
    return text_of(client.get(answer.location).text if answer.location else answer.text)


def test_a_new_version_is_looked_over_with_what_follows_from_it_before_it_is_published(
    runar: Browser,
) -> None:
    make_hus()
    before = service.version_in_force("SVARUT")
    assert before is not None
    body = f"Nytt innhold {uuid4()}."
    seen = publish(runar, "Vedlegg", body, before.versjon, se="ja")
    assert "må signeres på nytt av" in seen and body in seen
    session().rollback()
    assert service.version_in_force("SVARUT").versjon == before.versjon  # type: ignore[union-attr]
    assert "er publisert som versjon" in publish(runar, "Vedlegg", body, before.versjon)
    session().rollback()
    assert service.version_in_force("SVARUT").tekst == body  # type: ignore[union-attr]
    listed = runar.get("/rot/avtaler").text
    assert faults(listed) == []
    acts = session().scalars(select(Audit.handling)).all()
    assert "AVTALE_PUBLISERT" in acts


def test_what_an_operator_does_stands_in_no_log_of_the_organisation_they_work_for_otherwise(
    app: Flask,
) -> None:
    hus, pid = make_hus(), new_fnr()
    operators.make_operator(Personopplysninger(pid, "Runar Solberg"), actor=HOUSE)
    person_id = konfigurasjon.person_by_pid(pid)
    assert person_id is not None
    konfigurasjon.grant_privilegium(person_id, P.ADMIN, hus.organisasjon_id, actor=HOUSE)
    at_work, before = log_in(app, pid, hus.organisasjon_id), service.version_in_force("SVARUT")
    assert before is not None
    publish(at_work, "Vedlegg", f"Nytt innhold {uuid4()}.", before.versjon)
    named = f"/rot/organisasjoner/{hus.organisasjon_id}/administrator"
    given = send(at_work, named, fnr=new_fnr(), personnavn="Ny Leder", begrunnelse="Den forrige har sluttet")
    assert given.status_code == 303
    session().rollback()
    done = select(Audit.handling, Audit.organisasjon_id).where(Audit.aktor == str(person_id))
    acts = {row.handling: row.organisasjon_id for row in session().execute(done)}
    assert acts["AVTALE_PUBLISERT"] is None
    assert acts["PRIVILEGIUM_GITT"] == hus.organisasjon_id


def test_nobody_publishes_over_a_version_they_have_not_seen_nor_the_same_text_again(runar: Browser) -> None:
    make_hus()
    mine = service.version_in_force("SVARUT")
    assert mine is not None
    service.publish_avtale(NyAvtale("SVARUT", "Vedlegg", f"En annens tekst {uuid4()}"), actor=HOUSE)
    refused = publish(runar, "Vedlegg", "Min tekst", mine.versjon)
    assert "En annen har publisert en ny versjon" in refused and "Min tekst" in refused
    session().rollback()
    now = service.version_in_force("SVARUT")
    assert now is not None
    assert "har samme tekst" in publish(runar, now.tittel, now.tekst, now.versjon)


@pytest.mark.parametrize("act", ["se", "rett", "publiser"])
@pytest.mark.parametrize("body", ["Min tekst", ""])
def test_a_writer_who_is_overtaken_is_told_at_every_step_and_shown_the_version_in_force(
    runar: Browser, act: str, body: str
) -> None:
    make_hus()
    mine, theirs = service.version_in_force("SVARUT"), f"En annens tekst {uuid4()}"
    assert mine is not None
    service.publish_avtale(NyAvtale("SVARUT", "Vedlegg", theirs), actor=HOUSE)
    data = {"tittel": "Vedlegg", "tekst": body, "erstatter": str(mine.versjon), act: "ja"}
    page = send(runar, "/rot/avtaler/SVARUT/ny", **data)
    assert page.status_code == 409
    assert faults(page.text) == []
    assert theirs in text_of(page.text) and "En annen har publisert en ny versjon" in text_of(page.text)
    assert f">{body}</textarea>" in page.text
    assert f'name="erstatter" value="{mine.versjon + 1}"' in page.text


def test_a_fault_leaves_the_version_that_was_seen_in_the_form(runar: Browser) -> None:
    make_hus()
    now = service.version_in_force("SVARUT")
    assert now is not None
    page = send(runar, "/rot/avtaler/SVARUT/ny", tittel="X", tekst="", erstatter=str(now.versjon))
    assert page.status_code == 422
    assert f'name="erstatter" value="{now.versjon}"' in page.text


def test_an_agreement_without_text_is_refused_and_an_unknown_service_is_not_there(runar: Browser) -> None:
    now = service.version_in_force("SVARUT")
    assert "Avtalen har ingen tekst" in publish(runar, "X", "  ", now.versjon if now else 0)
    assert runar.get("/rot/avtaler/FINNES_IKKE/ny").status_code == 404
    assert runar.get("/rot/avtaler/hovedavtale/ny").status_code == 200


def test_a_global_integrasjon_is_offered_with_what_it_asks_for_and_its_password_shown_once(
    app: Flask, runar: Browser, settings: Settings
) -> None:
    own, orgnr = uuid4(), new_orgnr()
    data = {"navn": "SvarUt til Innsyn", "autorisert_orgnr": orgnr, "integrasjon_id": str(own)}
    wrong = send(runar, "/rot/integrasjoner/ny", **data, kode="små")
    assert wrong.status_code == 422
    assert faults(wrong.text) == []
    assert "Koden kan ha store bokstaver" in wrong.text and "Velg minst ett privilegium" in wrong.text
    data |= {
        "kode": f"INNSYN.{own.hex.upper()}",
        "ber-om-SVARUT_KONTO-SVARUT.LESE": "ja",
        "sett_orgnr": orgnr,
    }
    with captured(settings) as log:
        answer = send(runar, "/rot/integrasjoner/ny", **data)
        [passord] = SECRET.findall(answer.text)
        again = send(runar, "/rot/integrasjoner/ny", **data | {"kode": "ANNEN.KODE"})
        page = runar.get(f"/rot/integrasjoner/{own}").text
    assert answer.headers["Cache-Control"] == "no-store"
    assert again.status_code == 303
    assert passord not in page and passord not in log.getvalue()
    assert requested_privileges(own) == [("SVARUT_KONTO", "SVARUT.LESE")]
    assert check_integrasjon(own, orgnr=orgnr, passord=passord).avslag is None
    hus = make_hus()
    admin = staff(app, hus.organisasjon_id, P.ADMIN, hus.organisasjon_id)
    assert "SvarUt til Innsyn" in admin.get("/integrasjoner").text


def test_a_global_integrasjon_is_deleted_for_everybody_after_a_question(runar: Browser) -> None:
    own, orgnr = uuid4(), new_orgnr()
    data = {"navn": "Felles", "autorisert_orgnr": orgnr, "sett_orgnr": orgnr, "kode": f"F.{own.hex.upper()}"}
    send(
        runar,
        "/rot/integrasjoner/ny",
        integrasjon_id=str(own),
        **data,
        **{"ber-om-SVARUT_KONTO-SVARUT.LESE": "ja"},
    )
    for page in ("", "/passord", "/slett"):
        assert faults(runar.get(f"/rot/integrasjoner/{own}{page}").text) == []
    assert "Ingen organisasjoner har godkjent den" in text_of(
        runar.get(f"/rot/integrasjoner/{own}/slett").text
    )
    for said in ("Felles er slettet", "Integrasjonen var alt slettet"):
        assert send(runar, f"/rot/integrasjoner/{own}/slett").location == "/rot/integrasjoner"
        assert said in text_of(runar.get("/rot/integrasjoner").text)
    assert runar.get(f"/rot/integrasjoner/{own}").status_code == 404
    assert send(runar, f"/rot/integrasjoner/{uuid4()}/slett").status_code == 404

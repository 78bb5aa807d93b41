"""eDialog's pages: from the way in to the receipt, on a phone or not, and nothing of it for anybody else."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, update

from fiks.core.db import session, transaction
from fiks.core.values.address import Adresse
from fiks.edialog import work
from fiks.edialog.models import EdialogFil, EdialogSkjema
from fiks.edialog.rules import letter_id
from fiks.registeroppslag.rules import (
    Adressebeskyttelse,
    Kontaktinformasjon,
    Person,
    Personstatus,
    Registeradresse,
)
from fiks.svarut.models import Forsendelse
from fiks.svarut.mottak import Svaradresse
from portal.texts.edialog.henvendelser import NB, NN
from tests.doubles import tiny_pdf
from tests.integration.databases import Database
from tests.integration.edialog.pages.steps import FACTS, begin, form_token, id_of, send, upload, version_of
from tests.integration.edialog.skjemaer import Penn, damage, open_edialog
from tests.integration.houses import Hus, make_hus, new_fnr, new_orgnr
from tests.integration.minside.letters import (
    KOMMUNALE_TJENESTER,
    POST_ARKIV,
    forget_what_altinn_said,
    letter_to,
    part,
    titled,
)
from tests.integration.newer import widened
from tests.integration.utsending.browser import citizen, post, text_of
from tests.integration.worlds import FakeRegister
from tests.pagecheck import faults


def test_both_languages_hold_the_same_sentences_and_the_same_values() -> None:
    assert NB.keys() == NN.keys()
    assert [k for k in NB if NB[k].count("{") != NN[k].count("{")] == []


def test_a_citizen_writes_adds_a_file_looks_it_over_sends_and_gets_a_receipt(
    app: Flask, hus: Hus, register: FakeRegister
) -> None:
    browser, pid = citizen(app, me := new_fnr()), me
    short = open_edialog(hus)
    choice = browser.get("/edialog/?sok=lillevik").text
    assert f"/s/{short}" in choice
    assert browser.get(f"/edialog/mottaker/{hus.orgnr}").location == f"/s/{hus.orgnr}"
    page = begin(browser, f"/s/{short}")
    assert post(browser, page, page, **FACTS).location == f"{page}/vedlegg"
    assert (
        upload(browser, page, ("Søknad.pdf", tiny_pdf(["a"])), ("b.pdf", tiny_pdf(["b"]))).status_code == 303
    )
    summary = browser.get(f"{page}/oppsummering").text
    for word in ("2026/118 – tillegg", "Se vedlegg.", "Søknad.pdf, b.pdf", "Lillevik kommune", "AVALDSNES"):
        assert word in text_of(summary)
    assert send(browser, page, summary).location == f"{page}/kvittering"
    waiting = text_of(browser.get(f"{page}/kvittering").text)
    reference = str(letter_id(id_of(page)))
    assert NB["ED_KVITTERING_PAA_VEI"] in waiting and reference in waiting
    while work.send_next(Penn(), register):
        pass
    receipt = browser.get(f"{page}/kvittering").text
    assert NB["ED_KVITTERING"] in receipt and reference in receipt
    assert browser.get(f"/forsendelse/{reference}/1").data.startswith(b"%PDF")
    assert NB["ED_F_PAA_VEI"] in text_of(browser.get("/minside/henvendelser").text)
    assert browser.get(page).location == f"{page}/kvittering"
    letter = session().get_one(Forsendelse, UUID(reference))
    assert (letter.konto_id, letter.avgivende_system) == (hus.konto_id, "EDIALOG")
    for address in ("/edialog/", f"/s/{short}", f"{page}/kvittering", "/minside/henvendelser", "/minside"):
        assert not faults(browser.get(address).text), address
        assert pid not in browser.get(address).text


def test_a_letter_that_asks_for_answers_leads_to_one(app: Flask, register: FakeRegister) -> None:
    sender, me = make_hus("Fjordvik kommune"), new_fnr()
    answers = Svaradresse(Adresse("Postmottak", "Kaia 2", "", "", "4260", "TORVASTAD", ""), sender.orgnr)
    letter = letter_to(sender, me, **titled(me, "Vedtak", kan_svares=True, svar_sendes_til=answers))
    browser = citizen(app, me)
    way = f"/edialog/svar/{letter}"
    assert way in browser.get(f"/minside/post/{letter}").text
    page = begin(browser, way)
    shown = browser.get(page).text
    assert 'value="Svar: Vedtak"' in shown and "Til Postmottak" in text_of(shown)
    assert begin(browser, way) == page
    assert citizen(app, new_fnr()).get(way).status_code == 404
    plain = letter_to(sender, me)
    assert browser.get(f"/edialog/svar/{plain}").location == "/minside/henvendelser"


def test_who_comes_from_an_organisations_message_is_led_to_act_for_it(
    app: Flask, register: FakeRegister
) -> None:
    sender, me, orgnr = make_hus(), new_fnr(), new_orgnr()
    answers = Svaradresse(Adresse("Postmottak"), sender.orgnr)
    letter = letter_to(sender, orgnr, **titled(orgnr, kan_svares=True, svar_sendes_til=answers))
    app.extensions["fiks_altinn"].parter[me] = [part(orgnr, POST_ARKIV, KOMMUNALE_TJENESTER)]
    browser, way = citizen(app, me), f"/edialog/svar/{letter}"
    assert browser.get(way).location == f"/minside/velg?neste={way}"
    assert NB["ED_VELG_VIRKSOMHETEN"] in browser.get(f"/minside/velg?neste={way}").text
    assert post(browser, "/minside/velg", "/minside/velg", orgnr=orgnr, neste=way).location == way
    assert begin(browser, way)
    assert citizen(app, new_fnr()).get(way).status_code == 404


def test_who_acts_for_an_organisation_is_led_back_to_answer_their_own_letter(
    app: Flask, register: FakeRegister
) -> None:
    sender, me, orgnr = make_hus(), new_fnr(), new_orgnr()
    answers = Svaradresse(Adresse("Postmottak"), sender.orgnr)
    letter = letter_to(sender, me, **titled(me, kan_svares=True, svar_sendes_til=answers))
    app.extensions["fiks_altinn"].parter[me] = [part(orgnr, POST_ARKIV, KOMMUNALE_TJENESTER)]
    browser, way = citizen(app, me), f"/edialog/svar/{letter}"
    post(browser, "/minside/velg", "/minside/velg", orgnr=orgnr)
    assert browser.get(way).location == f"/minside/velg?neste={way}"
    assert post(browser, "/minside/velg", "/minside/velg", orgnr="", neste=way).location == way
    assert begin(browser, way)


def test_a_stranger_sees_nothing_of_anothers_skjema(app: Flask, hus: Hus, register: FakeRegister) -> None:
    owner, other = citizen(app, new_fnr()), citizen(app, new_fnr(), acr=4)
    page = begin(owner, f"/s/{hus.orgnr}")
    post(owner, page, page, **FACTS)
    upload(owner, page, ("a.pdf", tiny_pdf(["a"])))
    fil = session().scalars(select(EdialogFil.id).where(EdialogFil.skjema_id == id_of(page))).one()
    token = {"csrf_token": form_token(other)}
    nobodys = f"/edialog/skjema/{uuid4()}"
    for way in ("", "/vedlegg", "/oppsummering", "/kvittering", "/slett"):
        assert other.get(page + way).status_code == other.get(nobodys + way).status_code == 404, way
    for way in ("", "/vedlegg", "/oppsummering", "/slett", f"/vedlegg/{fil}/fjern"):
        assert other.post(page + way, data=token | FACTS).status_code == 404, way
    assert "2026/118" not in other.get("/minside/henvendelser").text
    kept = session().scalars(select(EdialogFil.id).where(EdialogFil.skjema_id == id_of(page))).all()
    assert kept == [fil]


def test_what_is_written_for_an_organisation_is_not_among_ones_own(
    app: Flask, hus: Hus, register: FakeRegister
) -> None:
    altinn, me, orgnr = app.extensions["fiks_altinn"], new_fnr(), new_orgnr()
    altinn.parter[me] = [part(orgnr, POST_ARKIV, KOMMUNALE_TJENESTER)]
    browser, way = citizen(app, me), f"/s/{hus.orgnr}"
    own = begin(browser, way)
    back = post(browser, f"/minside/velg?neste={way}", "/minside/velg", orgnr=orgnr, neste=way)
    assert back.location == way
    assert "Fjellheim AS" in text_of(browser.get(way).text)
    page = begin(browser, way)
    assert page != own
    assert 'value="Fjellheim AS"' in browser.get(page).text
    assert browser.get(own).status_code == 404
    altinn.parter[me] = []
    forget_what_altinn_said()
    assert browser.get(page).location == "/minside"
    assert browser.get(page).status_code == 404
    assert browser.get(own).status_code == 200


def test_the_form_is_filled_with_what_the_registers_know_but_never_with_a_protected_address(
    app: Flask, hus: Hus, register: FakeRegister
) -> None:
    def person(protection: Adressebeskyttelse) -> str:
        pid, address = new_fnr(), Registeradresse(("Lia 4",), "4262", "AVALDSNES")
        register.people[pid] = Person(pid, "Nina", None, "Vik", Personstatus.BOSATT, protection, address)
        register.contacts[pid] = Kontaktinformasjon(pid, True, epost="nina@eksempel.no")
        browser = citizen(app, pid)
        return browser.get(begin(browser, f"/s/{hus.orgnr}")).text

    seen = person(Adressebeskyttelse.UGRADERT)
    assert all(f'value="{word}"' in seen for word in ("Nina Vik", "Lia 4", "nina@eksempel.no"))
    for hidden in (Adressebeskyttelse.FORTROLIG, Adressebeskyttelse.STRENGT_FORTROLIG):
        seen = person(hidden)
        assert "Lia 4" not in seen and "4262" not in seen and "Nina Vik" in seen


@pytest.mark.parametrize(
    ("protection", "krr"),
    [
        (Adressebeskyttelse.UGRADERT, {"registrert": True, "passiv": True}),
        (Adressebeskyttelse.UGRADERT, {"registrert": False}),
        (Adressebeskyttelse.UGRADERT, {"registrert": True, "reservert": True}),
        (Adressebeskyttelse.STRENGT_FORTROLIG, {"registrert": True}),
    ],
)
def test_how_to_reach_somebody_is_not_filled_in_when_it_is_unconfirmed_or_they_are_strengt_fortrolig(
    app: Flask,
    hus: Hus,
    register: FakeRegister,
    protection: Adressebeskyttelse,
    krr: dict[str, bool],
) -> None:
    pid = new_fnr()
    register.people[pid] = Person(pid, "Nina", None, "Vik", Personstatus.BOSATT, protection)
    register.contacts[pid] = Kontaktinformasjon(pid, **krr, epost="nina@eksempel.no", mobil="+4799887766")
    browser = citizen(app, pid)
    seen = browser.get(begin(browser, f"/s/{hus.orgnr}")).text
    assert "Nina Vik" in seen and "nina@eksempel.no" not in seen and "99887766" not in seen


def test_a_draft_that_is_deleted_twice_is_deleted(app: Flask, hus: Hus, register: FakeRegister) -> None:
    browser, other = citizen(app, new_fnr()), citizen(app, new_fnr())
    page = f"{begin(browser, f'/s/{hus.orgnr}')}/slett"
    token = {"csrf_token": form_token(browser)}
    for said in ("Utkastet er slettet", "Utkastet var alt slettet"):
        assert browser.post(page, data=token).location == "/minside/henvendelser"
        assert said in text_of(browser.get("/minside/henvendelser").text)
    assert browser.get(page).status_code == 404
    assert other.post(page, data={"csrf_token": form_token(other)}).status_code == 404


def test_one_that_cannot_be_read_is_told_of_among_ones_own_and_can_be_deleted_and_begun_anew(
    app: Flask, hus: Hus, register: FakeRegister
) -> None:
    browser, other = citizen(app, new_fnr()), make_hus()
    open_edialog(other)
    damaged, whole = begin(browser, f"/s/{hus.orgnr}"), begin(browser, f"/s/{other.orgnr}")
    post(browser, whole, whole, **FACTS)
    damage(id_of(damaged))
    own = browser.get("/minside/henvendelser").text
    assert not faults(own)
    assert NB["ED_ULESELIG"] in own and NB["ED_ULESELIG_HJELP"] in own and FACTS["tittel"] in own
    assert f'href="{whole}"' in own and f'href="{damaged}"' not in own and f"{damaged}/slett" in own
    assert begin(browser, f"/s/{hus.orgnr}") == damaged
    for step in ("", "/vedlegg", "/oppsummering", "/kvittering"):
        assert browser.get(f"{damaged}{step}").location == "/minside/henvendelser"
    assert NB["VERDI_ODELAGT"] in text_of(browser.get("/minside/henvendelser").text)
    asked = browser.get(f"{damaged}/slett").text
    assert not faults(asked) and NB["ED_SLETT_ULESELIG"] in asked
    assert post(browser, f"{damaged}/slett", f"{damaged}/slett").location == "/minside/henvendelser"
    assert begin(browser, f"/s/{hus.orgnr}") != damaged


def test_every_fault_is_told_beside_its_field_and_nothing_written_is_lost(
    app: Flask, hus: Hus, register: FakeRegister
) -> None:
    browser = citizen(app, new_fnr())
    page = begin(browser, f"/s/{hus.orgnr}")
    answer = post(browser, page, page, **FACTS | {"tittel": "", "melding": "Hei 😀", "postnr": "1"})
    assert answer.status_code == 422
    assert not faults(answer.text)
    for code in ("EDIALOG_TITTEL_MANGLER", "EDIALOG_POSTNR"):
        assert NB[code] in answer.text
    assert "Hei 😀" in answer.text and "tegn som ikke kan skrives ut: 😀." in answer.text
    assert browser.get(f"{page}/oppsummering").location == page


def test_what_is_sensitive_asks_for_level_4(app: Flask, hus: Hus, register: FakeRegister) -> None:
    me = new_fnr()
    weak, strong = citizen(app, me), citizen(app, me, acr=4)
    page = begin(weak, f"/s/{hus.orgnr}")
    asked = post(weak, page, page, **FACTS, sensitivt="ja")
    assert asked.status_code == 401 and "nivaa=4" in asked.text and not faults(asked.text)
    assert NB["NIVA_SKJEMA"].format(nivaa=4) in text_of(asked.text)
    assert "inaktiv" not in asked.text and "Fiks forvaltning" not in asked.text
    assert session().get_one(EdialogSkjema, id_of(page)).sensitivt is False
    assert post(strong, page, page, **FACTS, sensitivt="ja").status_code == 303
    for way in ("", "/oppsummering", "/kvittering"):
        assert weak.get(page + way).location.startswith("/innlogging/start"), way
    told = weak.get("/minside/henvendelser").text
    assert "2026/118" not in told and "nivå 4" in told


def test_what_another_tab_has_saved_since_is_not_overwritten_unseen(
    app: Flask, hus: Hus, register: FakeRegister
) -> None:
    """Neither its text nor that it is sensitive; whoever has been told may go on."""
    browser = citizen(app, new_fnr(), acr=4)
    page = begin(browser, f"/s/{hus.orgnr}")
    first = version_of(browser.get(page).text)
    other = FACTS | {"melding": "Det andre jeg skrev.", "sensitivt": "ja", "versjon": first}
    assert post(browser, page, page, **other).status_code == 303
    late = FACTS | {"melding": "Det første jeg skrev.", "versjon": first}
    told = post(browser, page, page, **late)
    assert told.status_code == 409 and not faults(told.text)
    assert NB["EDIALOG_ENDRET_IMENS"] in told.text and "Det første jeg skrev." in told.text
    assert 'name="sensitivt" value="ja" checked' in told.text
    summary = browser.get(f"{page}/oppsummering").text
    assert "Det andre jeg skrev." in summary and NB["ED_JA"] in summary
    again = post(browser, page, page, **late | {"versjon": version_of(told.text)})
    assert again.status_code == 303
    assert "Det første jeg skrev." in browser.get(f"{page}/oppsummering").text


def test_a_form_that_is_posted_twice_is_saved_once_and_a_file_is_no_change_of_it(
    app: Flask, hus: Hus, register: FakeRegister
) -> None:
    browser = citizen(app, new_fnr())
    page = begin(browser, f"/s/{hus.orgnr}")
    first = version_of(browser.get(page).text)
    for _ in range(2):
        assert post(browser, page, page, **FACTS | {"versjon": first}).status_code == 303
    second = version_of(browser.get(page).text)
    assert second != first
    upload(browser, page, ("a.pdf", tiny_pdf(["a"])))
    later = FACTS | {"melding": "Mer.", "versjon": second}
    assert post(browser, page, page, **later).status_code == 303


def test_a_draft_is_deleted_after_a_question_and_nynorsk_is_spoken(
    app: Flask, hus: Hus, register: FakeRegister
) -> None:
    browser = citizen(app, new_fnr())
    page = begin(browser, f"/s/{hus.orgnr}")
    post(browser, page, "/minside/sprak", sprak="nn", neste=page)
    assert NN["ED_SKJEMA"] in browser.get(page).text
    for way in ("", "/vedlegg", "/slett"):
        assert not faults(browser.get(page + way).text), way
    assert post(browser, f"{page}/slett", f"{page}/slett").location == "/minside/henvendelser"
    assert NN["ED_SLETTET"] in browser.get("/minside/henvendelser").text
    assert browser.get(page).status_code == 404


def test_nobody_is_written_to_who_does_not_want_it(app: Flask, hus: Hus, register: FakeRegister) -> None:
    browser = citizen(app, new_fnr())
    for ident in ("AAAA", "999999999", "..", "a" * 300, hus.orgnr + "0"):
        assert browser.get(f"/s/{ident}").status_code == 404, ident
    open_edialog(hus, aktiv=False)
    assert browser.get(f"/s/{hus.orgnr}").status_code == 404


def test_a_sign_that_is_not_seen_is_named_by_its_number(app: Flask, hus: Hus, register: FakeRegister) -> None:
    browser = citizen(app, new_fnr())
    page = begin(browser, f"/s/{hus.orgnr}")
    told = text_of(post(browser, page, page, **FACTS | {"melding": "Hei\u3000du\x07"}).text)
    assert "usynlig tegn (U+3000), usynlig tegn (U+0007)." in told
    post(browser, page, "/minside/sprak", sprak="nn", neste=page)
    told = text_of(post(browser, page, page, **FACTS | {"tittel": "Hei\x07"}).text)
    assert "usynleg teikn (U+0007)." in told


def test_the_list_of_receivers_says_when_there_are_more_and_is_in_norwegian_order(
    app: Flask, register: FakeRegister
) -> None:
    for nr in range(49):
        open_edialog(make_hus(), f"Prøveby {nr:02}")
    browser = citizen(app, new_fnr())
    for name in ("Prøveby Å", "Prøveby Æ"):
        open_edialog(make_hus(), name)
    told = text_of(browser.get("/edialog/?sok=prøveby").text)
    assert NB["ED_FLERE_MOTTAKERE"].format(antall=50) in told
    assert "Prøveby Æ" in told and "Prøveby Å" not in told
    few = text_of(browser.get("/edialog/?sok=prøveby+0").text)
    assert NB["ED_FLERE_MOTTAKERE"].format(antall=50) not in few


def test_who_changes_language_on_a_page_with_faults_stays_there(
    app: Flask, hus: Hus, register: FakeRegister
) -> None:
    browser = citizen(app, new_fnr())
    page = begin(browser, f"/s/{hus.orgnr}")
    wrong = post(browser, page, page, **FACTS | {"tittel": ""})
    assert f'name="neste" value="{page}"' in wrong.text


def test_what_a_newer_release_says_of_what_i_have_written_is_shown_as_it_stands(
    app: Flask, hus: Hus, register: FakeRegister, database: Database
) -> None:
    browser = citizen(app, new_fnr())
    page = begin(browser, f"/s/{open_edialog(hus)}")
    post(browser, page, page, **FACTS)
    with widened(database, "ck_edialog_skjema_status"):
        with transaction() as tx:
            tx.execute(update(EdialogSkjema).where(EdialogSkjema.id == id_of(page)).values(status="PA_VENT"))
        for path in ("/minside/henvendelser", page):
            answer = browser.get(path, follow_redirects=True)
            assert answer.status_code == 200, path
        assert "Pa vent" in text_of(browser.get("/minside/henvendelser").text)

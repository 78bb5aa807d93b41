"""How a konto is set up: part by part, by its administrator, audited by field; and the pages it is done on."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import UUID

import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang, UgyldigInndata
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.konto import password, safeguards, settings
from fiks.konfigurasjon.konto.models import Kontooppsett
from fiks.konfigurasjon.konto.rules import (
    Altinnoppsett,
    Angrefristoppsett,
    Bankkonto,
    Forside,
    Kontodel,
    Lagringsoppsett,
    Postkasseoppsett,
    Printoppsett,
)
from fiks.konfigurasjon.models import Konto, Organisasjon
from fiks.konfigurasjon.organisasjon import own_data
from fiks.konfigurasjon.organisasjon.rules import Fakturaopplysninger, Kontakt
from fiks.konfigurasjon.person import sessions
from fiks.konfigurasjon.rules import Organisasjonstype, P
from tests.integration.houses import HOUSE, Hus, make_hus, new_fnr, new_orgnr, staff_of
from tests.integration.utsending.browser import Browser, open_session, post
from tests.pagecheck import faults

ACCOUNT = "99990212348"
FORSIDE = {
    "navn": "Lillevik kemner",
    "adresselinje1": "Postboks 5",
    "postnr": "4262",
    "poststed": "AVALDSNES",
}


def forside(orgnr: str, **changes: str) -> Forside:
    return Forside(**({"orgnr": orgnr} | FORSIDE | changes))


def administrator(app: Flask, hus: Hus) -> Browser:
    """The browser of somebody who administers the whole organisation."""
    pid = new_fnr()
    person = konfigurasjon.register_person(pid, navn="Astrid Nordli", actor=HOUSE)
    konfigurasjon.grant_privilegium(person, P.ADMIN, hus.organisasjon_id, actor=HOUSE)
    return browser(app, pid, hus.organisasjon_id)


def browser(app: Flask, pid: str, organisasjon_id: UUID, *, minutes_ago: float = 0) -> Browser:
    token = open_session(pid, acr=4, minutes_ago=minutes_ago)
    sessions.choose_organisation(token, organisasjon_id)
    client = app.test_client()
    assert isinstance(client, Browser)
    client.set_cookie("fiks", token)
    return client


def changes_of(konto_id: UUID) -> list[str]:
    """The fields of each change of the set-up, oldest first."""
    rows = select(Audit.detaljer).where(
        Audit.handling == "KONTO_OPPSETT_ENDRET", Audit.ressurs_id == konto_id
    )
    return [details["felter"] for details in session().scalars(rows.order_by(Audit.id))]


def give_invoice(hus: Hus) -> None:
    faktura = Fakturaopplysninger(hus.orgnr, "Lillevik", "Storgata 1", "4262", "AVALDSNES")
    own_data.set_faktura(hus.organisasjon_id, faktura, actor=HOUSE)


def test_a_konto_without_a_cover_sheet_of_its_own_has_the_organisations() -> None:
    hus = make_hus()
    with transaction() as tx:
        org = tx.get_one(Organisasjon, hus.organisasjon_id)
        org.adresselinje1, org.postnr, org.poststed = "Storgata 1", "4262", "AVALDSNES"

    before = settings.kontooppsett(hus.konto_id)
    assert not before.avvikende_forside
    assert before.forside == Forside(hus.orgnr, "Lillevik kommune", "Storgata 1", "4262", "AVALDSNES")

    own = forside(hus.orgnr, adresselinje2="Rådhuset", tekst="Spør oss.\nTelefon 52 00 00 00")
    settings.set_forside(hus.konto_id, own, actor=staff_of(hus, P.ADMIN))
    after = settings.kontooppsett(hus.konto_id)
    assert after.avvikende_forside
    assert after.forside == own


def test_the_cover_sheet_has_no_number_of_another_who_uses_the_platform() -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    admin = staff_of(hus, P.ADMIN)
    with pytest.raises(UgyldigInndata) as refused:
        settings.set_forside(hus.konto_id, forside(other.orgnr), actor=admin)
    assert (refused.value.kode, refused.value.felt) == ("FORSIDE_ORGNR_ANDRES", "orgnr")
    assert not settings.kontooppsett(hus.konto_id).avvikende_forside
    unit = new_orgnr()
    settings.set_forside(hus.konto_id, forside(unit), actor=admin)
    assert settings.kontooppsett(hus.konto_id).forside.orgnr == unit


def test_saving_the_organisations_own_cover_sheet_does_not_freeze_its_address() -> None:
    hus = make_hus()
    admin = staff_of(hus, P.ADMIN)
    kontakt = Kontakt("Storgata 1", "4262", "AVALDSNES", "post@lillevik.example", ("drift@lillevik.example",))
    own_data.set_kontakt(hus.organisasjon_id, kontakt, actor=HOUSE)
    settings.set_forside(hus.konto_id, forside(hus.orgnr), actor=admin)

    same = Forside(hus.orgnr, "Lillevik kommune", "Storgata 1", "4262", "AVALDSNES", tekst="Spør oss.")
    settings.set_forside(hus.konto_id, same, actor=admin)
    assert not settings.kontooppsett(hus.konto_id).avvikende_forside
    own_data.set_kontakt(hus.organisasjon_id, replace(kontakt, adresselinje1="Nygata 2"), actor=HOUSE)
    assert settings.kontooppsett(hus.konto_id).forside == replace(same, adresselinje1="Nygata 2")


def test_each_part_is_kept_and_leaves_the_others_alone() -> None:
    hus, parts = make_hus(), settings
    admin = staff_of(hus, P.ADMIN)
    give_invoice(hus)
    altinn = Altinnoppsett(False, "Du har fått brev.", "Les mer på nettsiden.")
    sdp = Postkasseoppsett(True, hus.orgnr, "Lillevik kemner", "lillevik-1", "Hei.", False, True)
    paper = Printoppsett("GRAFISK_DIGITAL", True)
    keeping = Lagringsoppsett("30", "post@lillevik.example")
    parts.set_altinn(hus.konto_id, altinn, actor=admin)
    parts.set_sdp(hus.konto_id, sdp, actor=admin)
    parts.set_print(hus.konto_id, paper, actor=admin)
    parts.set_lagring(hus.konto_id, keeping, actor=admin)

    now = settings.kontooppsett(hus.konto_id)
    assert (now.altinn, now.sdp, now.print, now.lagring) == (altinn, sdp, paper, keeping)
    assert not now.avvikende_forside
    assert changes_of(hus.konto_id) == [
        "altinn_aktiv, altinn_avsendertekst, altinn_ekstratekst",
        "sdp_avsendernavn, sdp_ekstratekst, sdp_id, sdp_orgnr, sdp_signering, send_med_dokumenter",
        "ettersending_virksomheter",
        "epost, lagringsdager",
    ]


def test_saving_what_stands_there_already_changes_and_audits_nothing() -> None:
    hus = make_hus()
    admin = staff_of(hus, P.ADMIN)
    settings.set_forside(hus.konto_id, forside(hus.orgnr), actor=admin)
    settings.set_forside(hus.konto_id, forside(hus.orgnr), actor=admin)
    assert len(changes_of(hus.konto_id)) == 1
    settings.set_lagring(hus.konto_id, Lagringsoppsett("90"), actor=admin)
    assert len(changes_of(hus.konto_id)) == 1


def test_the_audit_log_names_the_fields_and_never_what_stands_in_them() -> None:
    hus = make_hus()
    settings.set_forside(hus.konto_id, forside(hus.orgnr), actor=staff_of(hus, P.ADMIN))
    [row] = session().scalars(
        select(Audit).where(Audit.handling == "KONTO_OPPSETT_ENDRET", Audit.ressurs_id == hus.konto_id)
    )
    assert "forside_navn" in row.detaljer["felter"]
    assert FORSIDE["navn"] not in str(row.detaljer)
    assert row.organisasjon_id == hus.organisasjon_id


def test_who_does_not_administer_the_konto_changes_nothing() -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    for actor, error in (
        (staff_of(hus, P.SENDE, P.LESE), IkkeTilgang),
        (staff_of(other, P.ADMIN), IkkeFunnet),
    ):
        for change in (
            lambda a: settings.set_forside(hus.konto_id, forside(hus.orgnr), actor=a),
            lambda a: settings.set_altinn(hus.konto_id, Altinnoppsett(False), actor=a),
            lambda a: settings.set_sdp(hus.konto_id, Postkasseoppsett(False), actor=a),
            lambda a: settings.set_print(hus.konto_id, Printoppsett("MANUELL_PRINT"), actor=a),
            lambda a: settings.set_lagring(hus.konto_id, Lagringsoppsett("1"), actor=a),
            lambda a: safeguards.set_angrefrist(hus.konto_id, Angrefristoppsett("5"), actor=a),
            lambda a: safeguards.set_bankkonto(hus.konto_id, Bankkonto(ACCOUNT), actor=a),
        ):
            with pytest.raises(error):
                change(actor)
    session().rollback()
    assert session().get(Kontooppsett, hus.konto_id) is None
    assert session().get_one(Konto, hus.konto_id).lagringsdager == 90


@pytest.mark.parametrize("kind", Organisasjonstype)
def test_every_organisation_uses_digital_mailboxes_by_its_own_number_only(kind: Organisasjonstype) -> None:
    hus = make_hus()
    with transaction() as tx:
        tx.get_one(Organisasjon, hus.organisasjon_id).type = kind
    admin = staff_of(hus, P.ADMIN)
    with pytest.raises(UgyldigInndata) as refused:
        settings.set_sdp(hus.konto_id, Postkasseoppsett(True, new_orgnr()), actor=admin)
    assert (refused.value.kode, refused.value.felt) == ("SDP_HOVEDORGNR", "orgnr")
    session().rollback()
    assert session().get(Kontooppsett, hus.konto_id) is None
    settings.set_sdp(hus.konto_id, Postkasseoppsett(True, hus.orgnr), actor=admin)


def test_the_print_house_is_chosen_only_when_it_can_send_an_invoice() -> None:
    hus = make_hus(printleverandor="MANUELL_PRINT")
    admin = staff_of(hus, P.ADMIN)
    with pytest.raises(UgyldigInndata) as refused:
        settings.set_print(hus.konto_id, Printoppsett("GRAFISK_DIGITAL"), actor=admin)
    assert (refused.value.kode, refused.value.felt) == ("FAKTURA_MANGLER_FOR_PRINT", "leverandor")
    session().rollback()
    assert settings.kontooppsett(hus.konto_id).print.leverandor == "MANUELL_PRINT"

    give_invoice(hus)
    settings.set_print(hus.konto_id, Printoppsett("GRAFISK_DIGITAL"), actor=admin)
    assert settings.kontooppsett(hus.konto_id).print.leverandor == "GRAFISK_DIGITAL"


def test_the_konto_page_shows_every_part_and_leads_to_its_form(app: Flask) -> None:
    hus = make_hus()
    client = administrator(app, hus)
    page = client.get(f"/kontoer/{hus.konto_id}").text
    assert faults(page) == []
    for part in Kontodel:
        assert f"/kontoer/{hus.konto_id}/oppsett/{part}" in page
        form = client.get(f"/kontoer/{hus.konto_id}/oppsett/{part}")
        assert form.status_code == 200
        assert faults(form.text) == []
    assert client.get(f"/kontoer/{hus.konto_id}/oppsett/finnes-ikke").status_code == 404


def test_what_is_kept_for_one_day_is_not_said_to_be_kept_for_days(app: Flask) -> None:
    hus = make_hus()
    client = administrator(app, hus)
    for dager, told in (("1", "1\u00a0dag</"), ("30", "30\u00a0dager</")):
        settings.set_lagring(hus.konto_id, Lagringsoppsett(dager), actor=HOUSE)
        assert told in client.get(f"/kontoer/{hus.konto_id}").text


def test_the_forms_promise_nothing_that_is_not_done(app: Flask) -> None:
    hus = make_hus()
    client, page = administrator(app, hus), f"/kontoer/{hus.konto_id}"
    assert "Vi sender ikke noe hit" in client.get(f"{page}/oppsett/lagring").text
    for path in (page, f"{page}/oppsett/forside"):
        assert "lektroniske svar" not in client.get(path).text


def test_a_part_is_changed_on_its_page(app: Flask) -> None:
    hus = make_hus()
    client = administrator(app, hus)
    page = f"/kontoer/{hus.konto_id}/oppsett/forside"
    spaced = f"{hus.orgnr[:3]} {hus.orgnr[3:6]} {hus.orgnr[6:]}"
    answer = post(client, page, page, orgnr=spaced, tekst="Spør oss.\r\nRing.", **FORSIDE)
    assert answer.status_code == 303
    shown = client.get(answer.location).text
    assert "Lillevik kemner" in shown
    assert settings.kontooppsett(hus.konto_id).forside == forside(hus.orgnr, tekst="Spør oss.\nRing.")


def test_every_fault_of_a_part_is_said_at_its_field_with_what_was_written(app: Flask) -> None:
    hus = make_hus()
    client = administrator(app, hus)
    page = f"/kontoer/{hus.konto_id}/oppsett/forside"
    answer = post(client, page, page, orgnr="123", navn="Lillevik kemner", postnr="12", poststed="AVALDSNES")
    assert answer.status_code == 422
    assert faults(answer.text) == []
    for field in ("orgnr", "adresselinje1", "postnr"):
        assert f'id="{field}-feil"' in answer.text
    assert 'value="Lillevik kemner"' in answer.text
    assert "<title>Feil: " in answer.text
    assert not settings.kontooppsett(hus.konto_id).avvikende_forside


def test_a_box_that_is_not_ticked_is_a_no(app: Flask) -> None:
    hus = make_hus()
    client = administrator(app, hus)
    page = f"/kontoer/{hus.konto_id}/oppsett/altinn"
    assert post(client, page, page, avsendertekst="Hei.").status_code == 303
    assert settings.kontooppsett(hus.konto_id).altinn == Altinnoppsett(False, "Hei.", "")
    assert post(client, page, page, aktiv="ja", avsendertekst="Hei.").status_code == 303
    assert settings.kontooppsett(hus.konto_id).altinn == Altinnoppsett(True, "Hei.", "")


def test_a_personal_number_does_not_come_onto_a_cover_sheet(app: Flask) -> None:
    hus = make_hus()
    client = administrator(app, hus)
    page = f"/kontoer/{hus.konto_id}/oppsett/forside"
    answer = post(client, page, page, orgnr=hus.orgnr, tekst=f"Spør {new_fnr()}", **FORSIDE)
    assert answer.status_code == 422
    assert "Her skal det ikke stå fødselsnummer" in answer.text


def test_another_kommunes_konto_is_not_found(app: Flask) -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    client = administrator(app, other)
    for path in ("", "/oppsett/forside"):
        assert client.get(f"/kontoer/{hus.konto_id}{path}").status_code == 404


def test_who_may_only_send_has_no_way_to_the_set_up(app: Flask) -> None:
    hus, pid = make_hus(), new_fnr()
    person = konfigurasjon.register_person(pid, navn="Kari Fjellstad", actor=HOUSE)
    konfigurasjon.grant_privilegium(person, P.SENDE, hus.konto_id, actor=HOUSE)
    assert (
        browser(app, pid, hus.organisasjon_id).get(f"/kontoer/{hus.konto_id}/oppsett/sdp").status_code == 403
    )


def test_a_service_password_is_shown_once_and_kills_the_one_before(app: Flask) -> None:
    hus = make_hus()
    client, page = administrator(app, hus), f"/kontoer/{hus.konto_id}/servicepassord"
    konto_page = f"/kontoer/{hus.konto_id}"
    assert "Kontoen har ikke noe servicepassord" in client.get(konto_page).text
    question = client.get(page).text
    assert faults(question) == []
    assert "slutter å virke" not in question
    first = shown_password(post(client, page, page, erstatter=""))
    again = client.get(page).text
    assert faults(again) == []
    assert "slutter å virke med en gang" in again
    assert first not in again + client.get(konto_page).text

    seen = re.search(r'name="erstatter" value="([^"]+)"', again)
    assert seen is not None
    second = shown_password(post(client, page, page, erstatter=seen.group(1)))
    avsender = session().get_one(Konto, hus.konto_id).avsender
    assert password.check_konto(avsender, first).avslag is password.Avslag.FEIL_PASSORD
    assert password.check_konto(avsender, second).avslag is None

    twice = post(client, page, page, erstatter=seen.group(1))
    assert twice.status_code == 303
    assert password.check_konto(avsender, second).avslag is None


def shown_password(answer: TestResponse) -> str:
    """The password on the page that shows it, which no cache keeps."""
    assert answer.status_code == 200
    assert faults(answer.text) == []
    assert answer.headers["Cache-Control"] == "no-store"
    found = re.search(
        r'<code id="passord" data-vises-en-gang>([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})</code>',
        answer.text,
    )
    assert found is not None
    assert 'data-kopier="passord"' in answer.text
    return found.group(1)


def test_service_passwords_are_not_made_by_the_dozen(app: Flask) -> None:
    hus = make_hus()
    client, page = administrator(app, hus), f"/kontoer/{hus.konto_id}/servicepassord"
    answers = [post(client, page, page, erstatter="noe annet").status_code for _ in range(21)]
    assert answers == [303] * 20 + [429]
    assert password.password_created_at(hus.konto_id, actor=staff_of(hus, P.ADMIN)) is None


def test_a_service_password_is_made_only_after_a_fresh_login(app: Flask) -> None:
    hus, pid = make_hus(), new_fnr()
    person = konfigurasjon.register_person(pid, navn="Astrid Nordli", actor=HOUSE)
    konfigurasjon.grant_privilegium(person, P.ADMIN, hus.organisasjon_id, actor=HOUSE)
    stale = browser(app, pid, hus.organisasjon_id, minutes_ago=10)
    answer = stale.get(f"/kontoer/{hus.konto_id}/servicepassord")
    assert answer.location.startswith("/innlogging/bekreft")


def test_the_cover_sheet_is_drawn_as_the_konto_has_it_now(app: Flask) -> None:
    """By the renderer that prints, in a child: the text of the real sheet is read back."""
    hus = make_hus()
    own = forside(hus.orgnr, tekst="Spør oss på telefon 52 00 00 00.")
    settings.set_forside(hus.konto_id, own, actor=staff_of(hus, P.ADMIN))
    answer = administrator(app, hus).get(f"/kontoer/{hus.konto_id}/forside.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    printed = text_of_pdf(answer.data)
    for told in ("Lillevik kemner", "Postboks 5", "4262 AVALDSNES", "Navn på mottakeren", "52 00 00 00"):
        assert told in printed, told


def text_of_pdf(pdf: bytes) -> str:
    """The words of a PDF."""
    pages = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in pages)

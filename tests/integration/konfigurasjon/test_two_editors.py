"""Two at the same part of what is set up: the second is told, writes over nothing unseen, and loses nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.konfigurasjon.konto import service, settings
from fiks.konfigurasjon.konto.rules import Altinnoppsett, Printoppsett
from fiks.konfigurasjon.models import Konto, Organisasjon
from fiks.konfigurasjon.organisasjon import own_data
from fiks.konfigurasjon.organisasjon.queries import agreement_administrator, invoice_of
from fiks.konfigurasjon.organisasjon.rules import Fakturaopplysninger, Kontakt
from fiks.konfigurasjon.person.rules import Personopplysninger
from fiks.konfigurasjon.rules import P
from tests.integration.houses import HOUSE, Hus, make_hus, new_fnr
from tests.integration.konfigurasjon.open_pages import send_open as send
from tests.integration.konfigurasjon.open_pages import told, value_of
from tests.integration.konfigurasjon.portals import staff
from tests.integration.utsending.browser import Browser, marks_of

pytestmark = pytest.mark.usefixtures("unlimited")

KONTAKT = Kontakt("Storgata 1", "4262", "AVALDSNES", "post@lillevik.example", ("drift@lillevik.example",))
FORM = {
    "adresselinje1": "Storgata 1",
    "postnr": "4262",
    "poststed": "AVALDSNES",
    "epost": "post@lillevik.example",
    "varsel_epost": "drift@lillevik.example",
}


@pytest.fixture
def hus() -> Hus:
    made = make_hus()
    own_data.set_kontakt(made.organisasjon_id, KONTAKT, actor=HOUSE)
    return made


def admin(app: Flask, hus: Hus) -> Browser:
    return staff(app, hus.organisasjon_id, P.ADMIN, hus.organisasjon_id)


def org(hus: Hus) -> Organisasjon:
    session().rollback()
    return session().get_one(Organisasjon, hus.organisasjon_id, populate_existing=True)


def acts(organisasjon_id: UUID) -> int:
    rows = select(func.count()).where(Audit.organisasjon_id == organisasjon_id)
    return session().execute(rows).scalar_one()


def test_the_second_is_told_what_stands_now_beside_what_they_wrote(app: Flask, hus: Hus) -> None:
    page = "/konfigurasjon/kontakt"
    a, b = admin(app, hus), admin(app, hus)
    seen_by_a, seen_by_b = a.get(page).text, b.get(page).text
    first = FORM | {"adresselinje1": "Nygata 2", "epost": "ny@lillevik.example"}
    assert send(a, seen_by_a, page, **first).status_code == 303
    before = acts(hus.organisasjon_id)
    answer = send(b, seen_by_b, page, **FORM | {"adresselinje1": "Bakkegata 3"})
    words = told(answer)
    assert "Ingenting av det du skrev, er lagret." in words
    assert "Postadresse: Nå står det «Nygata 2». Du skrev «Bakkegata 3»." in words
    assert "E-post i brev: Nå står det «ny@lillevik.example»." in words
    assert value_of(answer.text, "adresselinje1") == "Bakkegata 3", "what one wrote is not lost"
    assert value_of(answer.text, "epost") == "ny@lillevik.example", "what one did not touch is not undone"
    assert (org(hus).adresselinje1, acts(hus.organisasjon_id)) == ("Nygata 2", before)


def test_whoever_has_been_told_may_go_on(app: Flask, hus: Hus) -> None:
    page = "/konfigurasjon/kontakt"
    a, b = admin(app, hus), admin(app, hus)
    seen_by_a, seen_by_b = a.get(page).text, b.get(page).text
    send(a, seen_by_a, page, **FORM | {"epost": "ny@lillevik.example"})
    answer = send(b, seen_by_b, page, **FORM | {"adresselinje1": "Bakkegata 3"})
    again = {name: value_of(answer.text, name) for name in FORM}
    assert send(b, answer.text, page, **again).status_code == 303
    assert (org(hus).adresselinje1, org(hus).epost) == ("Bakkegata 3", "ny@lillevik.example")


def test_what_was_wrong_is_put_right_on_what_was_shown_at_first(app: Flask, hus: Hus) -> None:
    """A page with faults shows what was written, not what stands by now: it is still as old as it was."""
    page = "/konfigurasjon/kontakt"
    a, b = admin(app, hus), admin(app, hus)
    shown = b.get(page).text
    send(a, a.get(page).text, page, **FORM | {"adresselinje1": "Nygata 2"})
    faulty = send(b, shown, page, **FORM | {"postnr": "42"})
    assert faulty.status_code == 422
    told(send(b, faulty.text, page, **FORM | {"postnr": "4263"}))
    assert org(hus).adresselinje1 == "Nygata 2"


def test_the_same_button_pressed_twice_is_no_conflict(app: Flask, hus: Hus) -> None:
    page, client = "/konfigurasjon/kontakt", admin(app, hus)
    shown = client.get(page).text
    for _ in range(2):
        assert send(client, shown, page, **FORM | {"adresselinje1": "Nygata 2"}).status_code == 303
    assert org(hus).adresselinje1 == "Nygata 2"


def test_a_form_that_does_not_say_what_was_shown_writes_over_nothing(app: Flask, hus: Hus) -> None:
    page, client = "/konfigurasjon/kontakt", admin(app, hus)
    marks = marks_of(client.get(page).text) | {"vist": "tull=00 = x"}
    told(client.post(page, data=marks | FORM | {"adresselinje1": "Nygata 2"}))
    del marks["vist"]
    told(client.post(page, data=marks | FORM | {"adresselinje1": "Nygata 2"}))
    assert org(hus).adresselinje1 == "Storgata 1"


def test_of_two_at_the_very_same_time_one_stands_and_the_other_is_told(app: Flask, hus: Hus) -> None:
    page = "/konfigurasjon/kontakt"
    clients = [admin(app, hus), admin(app, hus)]
    opened = [
        (one, one.get(page).text, street) for one, street in zip(clients, ("A-gata", "B-gata"), strict=True)
    ]
    together = Barrier(len(opened))

    def press(client: Browser, shown: str, street: str) -> int:
        together.wait(timeout=30)
        return send(client, shown, page, **FORM | {"adresselinje1": street}).status_code

    with ThreadPoolExecutor(len(opened)) as machines:
        codes = [one.result(timeout=60) for one in [machines.submit(press, *one) for one in opened]]
    assert sorted(codes) == [303, 409]
    assert org(hus).adresselinje1 == opened[codes.index(303)][2]


def test_how_the_organisation_is_invoiced_and_reached_is_guarded_too(app: Flask, hus: Hus) -> None:
    client, elsewhere = admin(app, hus), "/konfigurasjon/innbyggere"
    page = "/konfigurasjon/faktura"
    invoice = {"orgnr": hus.orgnr, "navn": "Lillevik", "adresselinje1": "Gata 1", "postnummer": "4262"}
    shown = client.get(page).text
    colleagues = Fakturaopplysninger(hus.orgnr, "Lillevik", "Nygata 2", "4262", "AVALDSNES", referanse="77")
    own_data.set_faktura(hus.organisasjon_id, colleagues, actor=HOUSE)
    assert "Nå står det «77»" in told(send(client, shown, page, **invoice, poststed="AVALDSNES"))
    session().rollback()
    kept = invoice_of(hus.organisasjon_id)
    assert kept is not None and (kept.adresselinje1, kept.referanse) == ("Nygata 2", "77")
    shown = client.get(elsewhere).text
    with transaction() as tx:
        tx.get_one(Organisasjon, hus.organisasjon_id).telefon = "52 00 00 00"
    told(send(client, shown, elsewhere, innbygger_epost="kunde@lillevik.example", telefon=""))
    assert org(hus).telefon == "52 00 00 00"


def test_another_agreement_administrator_than_the_one_who_was_shown_is_not_replaced(
    app: Flask, hus: Hus
) -> None:
    page, client = "/konfigurasjon/avtaleadministrator", admin(app, hus)
    shown = client.get(page).text
    own_data.set_avtaleadministrator(
        hus.organisasjon_id, Personopplysninger(new_fnr(), "Eva Sund"), actor=HOUSE
    )
    mine = new_fnr()
    answer = send(client, shown, page, fnr=mine, personnavn="Ola Havnes", tittel="Rådgiver")
    assert "Eva Sund" in told(answer), "who is named now stands beside the form"
    assert value_of(answer.text, "tittel") == "Rådgiver" and mine not in answer.text
    session().rollback()
    named = agreement_administrator(hus.organisasjon_id)
    assert named is not None and named.navn == "Eva Sund"
    assert send(client, answer.text, page, fnr=mine, personnavn="Ola Havnes").status_code == 303


def test_a_step_of_the_first_set_up_is_guarded_as_the_pages_afterwards(app: Flask, hus: Hus) -> None:
    with transaction() as tx:
        tx.get_one(Organisasjon, hus.organisasjon_id).konfigurert = None
    page, client = "/forstegangsoppsett/kontakt", admin(app, hus)
    shown = client.get(page).text
    with transaction() as tx:
        tx.get_one(Organisasjon, hus.organisasjon_id).adresselinje1 = "Nygata 2"
    told(send(client, shown, page, **FORM | {"epost": "ny@lillevik.example"}))
    assert org(hus).adresselinje1 == "Nygata 2"


def test_a_part_of_a_kontos_set_up_is_not_written_over_unseen(app: Flask, hus: Hus) -> None:
    page, client = f"/kontoer/{hus.konto_id}/oppsett/altinn", admin(app, hus)
    shown = client.get(page).text
    others = Altinnoppsett(False, "Hei fra kollegaen.", "")
    settings.set_altinn(hus.konto_id, others, actor=HOUSE)
    answer = send(client, shown, page, aktiv="ja", avsendertekst="", ekstratekst="Les mer.")
    words = told(answer)
    assert "Varsle mottakeren på SMS eller e-post: Nå står det «Nei»." in words
    assert "Teksten i meldingen (valgfritt): Nå står det «Hei fra kollegaen.»." in words
    assert value_of(answer.text, "ekstratekst") == "Les mer."
    assert value_of(answer.text, "avsendertekst") == "Hei fra kollegaen."
    session().rollback()
    assert settings.kontooppsett(hus.konto_id).altinn == others
    again = {"avsendertekst": "Hei fra kollegaen.", "ekstratekst": "Les mer."}
    assert send(client, answer.text, page, **again).status_code == 303
    assert settings.kontooppsett(hus.konto_id).altinn == Altinnoppsett(False, *again.values())


def test_a_choice_that_another_has_made_is_named_as_it_stands_on_the_page(app: Flask, hus: Hus) -> None:
    page, client = f"/kontoer/{hus.konto_id}/oppsett/utskrift", admin(app, hus)
    settings.set_print(hus.konto_id, Printoppsett("MANUELL_PRINT"), actor=HOUSE)
    shown = client.get(page).text
    settings.set_print(hus.konto_id, Printoppsett("MANUELL_PRINT", True), actor=HOUSE)
    words = told(send(client, shown, page, leverandor="GRAFISK_DIGITAL"))
    assert "Send ulest post til virksomheter på papir: Nå står det «Ja»." in words
    assert settings.kontooppsett(hus.konto_id).print == Printoppsett("MANUELL_PRINT", True)


def test_a_kontos_name_that_another_has_given_it_meanwhile_is_not_written_over(app: Flask, hus: Hus) -> None:
    page, client = f"/kontoer/{hus.konto_id}", admin(app, hus)
    shown = client.get(page).text
    service.rename_konto(hus.konto_id, "Eiendomsskatt og gebyrer", actor=HOUSE)
    answer = send(client, shown, page, visningsnavn="Skatt")
    assert "Navn på kontoen: Nå står det «Eiendomsskatt og gebyrer». Du skrev «Skatt»." in told(answer)
    assert value_of(answer.text, "visningsnavn") == "Skatt", "what one wrote is not lost"
    assert name_of(hus) == "Eiendomsskatt og gebyrer"
    faulty = send(client, answer.text, page, visningsnavn="")
    assert (faulty.status_code, value_of(faulty.text, "visningsnavn")) == (422, "")
    for _ in range(2):
        assert send(client, faulty.text, page, visningsnavn="Skatt").status_code == 303
    assert name_of(hus) == "Skatt"
    done = select(func.count()).where(Audit.handling == "KONTO_ENDRET", Audit.objekt_id == str(hus.konto_id))
    assert session().execute(done).scalar_one() == 2


def name_of(hus: Hus) -> str:
    session().rollback()
    return session().get_one(Konto, hus.konto_id, populate_existing=True).visningsnavn

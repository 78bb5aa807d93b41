"""The pages of the first-time set-up and of «Ta i bruk», walked by the people of a new organisation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from fiks.core.db import session
from fiks.konfigurasjon import queries
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.avtale import service
from fiks.konfigurasjon.avtale.models import Avtalesignatur
from fiks.konfigurasjon.models import Konto, Organisasjon
from fiks.konfigurasjon.organisasjon.queries import agreement_administrator
from fiks.konfigurasjon.person import sessions
from fiks.konfigurasjon.person.rules import Personopplysninger
from fiks.konfigurasjon.rules import Organisasjonstype, P
from tests.integration.houses import HOUSE, Hus, make_hus, new_fnr, new_orgnr, publish_agreements
from tests.integration.konfigurasjon.open_pages import acts
from tests.integration.konfigurasjon.portals import staff
from tests.integration.utsending.browser import Browser, open_session
from tests.integration.utsending.browser import post as send_form
from tests.pagecheck import faults

pytestmark = pytest.mark.usefixtures("inside")

KONTAKT = {
    "adresselinje1": "Havnegata 5",
    "postnr": "4262",
    "poststed": "AVALDSNES",
    "epost": "post@heimdal.example",
    "varsel_epost": "drift@heimdal.example\r\npost@heimdal.example",
}
FAKTURA = {
    "navn": "Heimdal renovasjon IKS",
    "adresselinje1": "Havnegata 5",
    "postnummer": "4262",
    "poststed": "AVALDSNES",
}
INNBYGGERE = {"innbygger_epost": "kunde@heimdal.example"}
NAVN = "Berit Haugland"


class Ny:
    """An organisation as root leaves it. `client` is its first administrator's browser."""

    def __init__(self, app: Flask) -> None:
        self.app, self.orgnr, pid = app, new_orgnr(), new_fnr()
        self.id = konfigurasjon.create_organisasjon(
            navn="Heimdal renovasjon IKS",
            orgnr=self.orgnr,
            type=Organisasjonstype.KOMMUNAL_VIRKSOMHET,
            administrator=Personopplysninger(pid, NAVN),
            actor=HOUSE,
        )
        self.client = browser(app, pid, self.id)

    def staff(self, *privileges: P) -> Browser:
        pid = new_fnr()
        person = konfigurasjon.register_person(pid, navn="Ola Havnes", actor=HOUSE)
        for privilege in privileges:
            konfigurasjon.grant_privilegium(person, privilege, self.id, actor=HOUSE)
        return browser(self.app, pid, self.id)

    def send(self, trinn: str, **data: str) -> Any:
        page = f"/forstegangsoppsett/{trinn}"
        return post(self.client, page, page, **data)

    def set_up(self, person: dict[str, str]) -> None:
        self.fill_in(person)
        self.send("bekreft")

    def fill_in(self, person: dict[str, str]) -> None:
        self.send("kontakt", **KONTAKT)
        self.send("faktura", orgnr=self.orgnr, **FAKTURA)
        self.send("innbyggere", **INNBYGGERE)
        self.send("avtaleadministrator", **person)


def browser(app: Flask, pid: str, organisasjon_id: UUID, minutes_ago: float = 0) -> Browser:
    token = open_session(pid, acr=4, minutes_ago=minutes_ago)
    sessions.choose_organisation(token, organisasjon_id)
    client = app.test_client()
    assert isinstance(client, Browser)
    client.set_cookie("fiks", token)
    return client


def post(client: Browser, page: str, action: str, **data: str) -> Any:
    """Send a form as the page would, which must be a page: the page of a fault has a form of its own."""
    assert client.get(page).status_code == 200, page
    return send_form(client, page, action, **data)


@pytest.fixture
def ny(app: Flask) -> Ny:
    return Ny(app)


def test_an_administrator_of_a_new_organisation_is_led_to_the_set_up(ny: Ny) -> None:
    assert ny.client.get("/oversikt").location == "/forstegangsoppsett"
    assert ny.client.get("/forstegangsoppsett").location == "/forstegangsoppsett/kontakt"
    page = ny.client.get("/forstegangsoppsett/kontakt").text
    assert "trinn 1 av 5" in page
    assert 'aria-label="Hovedmeny"' not in page


def test_others_in_a_new_organisation_are_told_to_wait_and_get_no_further(ny: Ny) -> None:
    answer = ny.staff(P.ORG_LES).get("/konfigurasjon")
    assert answer.status_code == 409
    assert "En administrator må fullføre førstegangsoppsettet" in answer.text
    assert ny.staff(P.ORG_LES).get("/forstegangsoppsett/kontakt").status_code == 403


def test_no_step_can_be_skipped(ny: Ny) -> None:
    for trinn in ("faktura", "innbyggere", "avtaleadministrator", "bekreft"):
        assert ny.client.get(f"/forstegangsoppsett/{trinn}").location == "/forstegangsoppsett"
    token = re.search(r'name="csrf_token" value="([^"]+)"', ny.client.get("/forstegangsoppsett/kontakt").text)
    assert token
    answer = ny.client.post("/forstegangsoppsett/bekreft", data={"csrf_token": token.group(1)})
    assert answer.location == "/forstegangsoppsett"
    assert queries.organisasjon(ny.id).konfigurert is None
    assert ny.client.get("/forstegangsoppsett/finnes-ikke").status_code == 404


def test_a_step_says_everything_that_is_wrong_and_saves_nothing(ny: Ny) -> None:
    answer = ny.send("kontakt", **KONTAKT | {"postnr": "42", "epost": "post"})
    assert answer.status_code == 422
    assert "Postnummeret skal ha fire siffer" in answer.text
    assert "E-postadressen er ikke gyldig" in answer.text
    assert 'value="Havnegata 5"' in answer.text
    assert not faults(answer.text)
    assert queries.organisasjon(ny.id).epost is None


def test_the_set_up_is_taken_up_where_it_was_left(ny: Ny) -> None:
    assert ny.send("kontakt", **KONTAKT).location == "/forstegangsoppsett/faktura"
    assert ny.client.get("/forstegangsoppsett").location == "/forstegangsoppsett/faktura"
    back = ny.client.get("/forstegangsoppsett/kontakt").text
    assert "drift@heimdal.example" in back
    assert ny.orgnr in ny.client.get("/forstegangsoppsett/faktura").text


def test_s17_02_the_set_up_is_walked_to_its_end_and_opens_the_other_pages(ny: Ny) -> None:
    fnr = new_fnr()
    ny.fill_in({"fnr": fnr[:6] + " " + fnr[6:], "personnavn": "Eva Sund"})
    review = ny.client.get("/forstegangsoppsett/bekreft")
    assert (review.status_code, "Eva Sund" in review.text, fnr in review.text) == (200, True, False)
    assert not faults(review.text)
    ny.send("bekreft")
    assert queries.organisasjon(ny.id).konfigurert is not None
    named = agreement_administrator(ny.id)
    assert named is not None
    assert named.navn == "Eva Sund"
    page = ny.client.get("/konfigurasjon").text
    assert "Havnegata 5, 4262 AVALDSNES" in page
    assert fnr not in page
    assert not faults(page)
    assert ny.client.get("/forstegangsoppsett/kontakt").location == "/konfigurasjon"


def test_a_number_that_was_written_is_never_sent_back(ny: Ny) -> None:
    ny.send("kontakt", **KONTAKT)
    ny.send("faktura", orgnr=ny.orgnr, **FAKTURA)
    ny.send("innbyggere", **INNBYGGERE)
    fnr = new_fnr()
    answer = ny.send("avtaleadministrator", fnr=fnr, personnavn="")
    assert answer.status_code == 422
    assert fnr not in answer.text


def signed(organisasjon_id: UUID) -> int:
    rows = select(Avtalesignatur.id).where(Avtalesignatur.organisasjon_id == organisasjon_id)
    return len(session().execute(rows).all())


def sign_page(client: Browser, kode: str | None, **changes: str) -> Any:
    avtale = service.version_in_force(kode)
    assert avtale is not None
    data = {"digest": avtale.sha256.hex(), "bekreftet": "ja", "navn": NAVN} | changes
    given = {name: value for name, value in data.items() if value or name == "digest"}
    return post(client, f"/avtaler/{avtale.id}", f"/avtaler/{avtale.id}/signer", **given)


@pytest.fixture
def klar(ny: Ny) -> Ny:
    """Set up, with agreements to sign."""
    publish_agreements()
    ny.set_up({"fnr": new_fnr(), "personnavn": "Eva Sund"})
    return ny


def test_s17_13_a_service_is_taken_into_use_step_by_step(klar: Ny) -> None:
    client = klar.client
    assert "Les og signer hovedavtalen" in client.get("/tjenester").text
    assert sign_page(client, None).location == "/tjenester"
    assert "Les og signer tjenestevedlegget for SvarUt" in client.get("/tjenester").text
    assert sign_page(client, "SVARUT").location == "/tjenester"
    assert "Opprett SvarUt" in client.get("/tjenester").text
    post(client, "/tjenester", "/tjenester/SVARUT/opprett")
    assert "Lag en konto" in client.get("/tjenester").text
    answer = post(
        client,
        "/kontoer/ny",
        "/kontoer/ny",
        visningsnavn="Renovasjon",
        avsender=f"h-{uuid4()}",
    )
    assert answer.location == "/tjenester"
    page = client.get("/tjenester").text
    assert "Ta i bruk SvarUt" in page
    assert not faults(page)
    post(client, "/tjenester", "/tjenester/SVARUT/ta-i-bruk")
    assert "Tatt i bruk" in client.get("/tjenester").text


def test_a_konto_that_is_made_by_two_presses_is_one(app: Flask) -> None:
    hus, page = make_hus(), "/kontoer/ny"
    first, second = (staff(app, hus.organisasjon_id, P.ADMIN, hus.organisasjon_id) for _ in range(2))
    said = {"visningsnavn": "Renovasjon", "avsender": f"h-{uuid4()}"}
    for _ in range(2):
        assert post(first, page, page, **said).location == "/tjenester"
        assert "Kontoen er laget" in first.get("/tjenester").text
    made = session().scalars(select(Konto.id).where(Konto.avsender == said["avsender"])).one()
    assert acts(made, "KONTO_OPPRETTET") == 1
    for client, other in ((first, {"visningsnavn": "Vann"}), (second, {})):
        refused = post(client, page, page, **(said | other))
        assert refused.status_code == 422 and "En annen konto bruker dette avsendernavnet" in refused.text


def test_svarinn_is_taken_into_use_without_a_konto_and_the_hovedavtale_is_offered_once(klar: Ny) -> None:
    client = klar.client
    page = client.get("/tjenester").text
    assert page.count("Les og signer hovedavtalen") == 1
    assert "Hovedavtalen må signeres først" in page
    sign_page(client, None)
    assert "Les og signer tjenestevedlegget for SvarInn" in client.get("/tjenester").text
    sign_page(client, "SVARINN")
    post(client, "/tjenester", "/tjenester/SVARINN/opprett")
    page = client.get("/tjenester").text
    assert "Ta i bruk SvarInn" in page and not faults(page)
    post(client, "/tjenester", "/tjenester/SVARINN/ta-i-bruk")
    assert "Tatt i bruk" in client.get("/tjenester").text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"bekreftet": ""}, "Kryss av for at du har lest avtalen"),
        ({"navn": "En Annen"}, "Skriv navnet ditt slik"),
    ],
)
def test_an_agreement_is_signed_with_both_marks_only(
    klar: Ny, changes: dict[str, str], sentence: str
) -> None:
    answer = sign_page(klar.client, None, **changes)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert not faults(answer.text)
    assert signed(klar.id) == 0


@pytest.mark.parametrize("digest", ["00" * 32, "ikke heksadesimalt", ""])
def test_another_text_than_the_one_that_was_shown_is_not_signed(klar: Ny, digest: str) -> None:
    assert sign_page(klar.client, None, digest=digest).location == "/tjenester"
    assert "kommet i en ny versjon" in klar.client.get("/tjenester").text
    assert signed(klar.id) == 0


def test_signing_asks_for_a_login_younger_than_five_minutes(app: Flask, klar: Ny) -> None:
    pid = new_fnr()
    konfigurasjon.grant_privilegium(
        konfigurasjon.register_person(pid, navn=NAVN, actor=HOUSE), P.AVTALE_SIGNER, klar.id, actor=HOUSE
    )
    stale = browser(app, pid, klar.id, minutes_ago=6)
    assert sign_page(stale, None).location.startswith("/innlogging/bekreft?neste=/avtaler/")
    assert signed(klar.id) == 0


def test_who_only_signs_sees_the_agreements_and_no_acts_of_the_administrator(klar: Ny) -> None:
    signer = klar.staff(P.AVTALE_SIGNER)
    sign_page(klar.client, None)
    sign_page(klar.client, "SVARUT")
    page = signer.get("/tjenester").text
    assert "Opprett SvarUt" not in page
    assert signer.get("/konfigurasjon").status_code == 403


@pytest.fixture
def hus() -> Hus:
    return make_hus()


def admin_of(app: Flask, hus: Hus, *privileges: P) -> Browser:
    pid = new_fnr()
    person = konfigurasjon.register_person(pid, navn="Astrid Nordli", actor=HOUSE)
    for privilege in privileges or (P.ADMIN,):
        konfigurasjon.grant_privilegium(person, privilege, hus.organisasjon_id, actor=HOUSE)
    return browser(app, pid, hus.organisasjon_id)


def test_the_data_of_an_organisation_is_changed_by_whoever_may(app: Flask, hus: Hus) -> None:
    editor = admin_of(app, hus, P.ORG_LES, P.ORG_REDIGER)
    assert (
        post(editor, "/konfigurasjon/kontakt", "/konfigurasjon/kontakt", **KONTAKT).location
        == "/konfigurasjon"
    )
    assert session().get_one(Organisasjon, hus.organisasjon_id).epost == "post@heimdal.example"
    assert editor.get("/konfigurasjon/avtaleadministrator").status_code == 403
    assert editor.get("/konfigurasjon/finnes-ikke").status_code == 404
    reader = admin_of(app, hus, P.ORG_LES)
    assert reader.get("/konfigurasjon/kontakt").status_code == 403
    assert "Endre" not in reader.get("/konfigurasjon").text


def test_the_tree_says_what_is_inherited_and_from_where(app: Flask, hus: Hus) -> None:
    page = admin_of(app, hus).get("/ressurser").text
    assert "2 arvet fra Lillevik kommune" in page
    assert not faults(page)


def test_a_konto_is_renamed_closed_and_opened_again(app: Flask, hus: Hus) -> None:
    client, page = admin_of(app, hus), f"/kontoer/{hus.konto_id}"
    assert post(client, page, page, visningsnavn="!").status_code == 422
    post(client, page, page, visningsnavn="Skatt og avgift")
    assert "går ut som før" in client.get(f"{page}/steng").text
    post(client, f"{page}/steng", f"{page}/steng")
    konto = session().get_one(Konto, hus.konto_id, populate_existing=True)
    assert (konto.visningsnavn, konto.aktivert) == ("Skatt og avgift", False)
    session().rollback()
    post(client, page, f"{page}/apne")
    assert session().get_one(Konto, hus.konto_id, populate_existing=True).aktivert


def test_a_konto_of_another_organisation_does_not_exist(app: Flask, hus: Hus) -> None:
    client, other = admin_of(app, hus), make_hus()
    for path in ("", "/steng"):
        assert client.get(f"/kontoer/{other.konto_id}{path}").status_code == 404


def test_a_new_konto_needs_a_name_nobody_else_has(app: Flask, hus: Hus) -> None:
    client = admin_of(app, hus)
    taken = session().get_one(Konto, hus.konto_id).avsender
    answer = post(client, "/kontoer/ny", "/kontoer/ny", visningsnavn="Ny", avsender=taken)
    assert (answer.status_code, "En annen konto bruker dette" in answer.text) == (422, True)
    assert not faults(answer.text)


def test_a_new_konto_has_no_account_until_it_is_set_where_that_is_guarded(app: Flask, hus: Hus) -> None:
    client, name, page = admin_of(app, hus), f"h-{uuid4()}", "/kontoer/ny"
    assert 'name="kontonummer"' not in client.get(page).text
    answer = post(client, page, page, visningsnavn="Ny", avsender=name, kontonummer="99990212348")
    assert session().scalars(select(Konto.kontonummer).where(Konto.avsender == name)).all() == [None]
    assert "legger du inn bankkontonummeret under «Ressurser og kontoer»" in client.get(answer.location).text


def test_templates_of_the_area_are_all_used() -> None:
    folder = Path(__file__).parents[3] / "portal"
    code = "".join(path.read_text("utf-8") for path in (folder / "organisasjon").rglob("*.py"))
    code += "".join(path.read_text("utf-8") for path in (folder / "templates").rglob("*.html"))
    for template in (folder / "templates" / "organisasjon").glob("*.html"):
        assert f"organisasjon/{template.name}" in code

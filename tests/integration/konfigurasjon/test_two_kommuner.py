"""A form that was opened for one kommune and sent after another was chosen in another tab: never for that other."""

from __future__ import annotations

import io
import re
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from fiks.core.db import session, transaction
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.avtale import service
from fiks.konfigurasjon.avtale.models import Avtalesignatur
from fiks.konfigurasjon.avtale.service import NyAvtale
from fiks.konfigurasjon.models import Konto, Organisasjon, Tilgang
from fiks.konfigurasjon.rules import P
from tests.integration.houses import HOUSE, Hus, make_hus, new_fnr, publish_agreements
from tests.integration.konfigurasjon.portals import log_in
from tests.integration.konfigurasjon.test_logo_page import picture
from tests.integration.utsending.browser import Browser, marks_of, text_of
from tests.pagecheck import faults

pytestmark = pytest.mark.usefixtures("unlimited")

KONTAKT = {
    "adresselinje1": "Lillevikgata 1",
    "postnr": "9901",
    "poststed": "LILLEVIK",
    "epost": "post@lillevik.example",
    "varsel_epost": "drift@lillevik.example",
}


class ToFaner:
    """One person with two kommuner, working for Lillevik in the one tab and going over to Fjordvik in the other."""

    def __init__(self, app: Flask, *i_fjordvik: P) -> None:
        self.lillevik, self.fjordvik = make_hus("Lillevik kommune"), make_hus("Fjordvik kommune")
        pid = new_fnr()
        self.person = konfigurasjon.register_person(pid, navn="Astrid Nordli", actor=HOUSE)
        everything = (P.ORG_REDIGER, P.ORG_LES, P.AVTALE_SIGNER, P.ADMIN)
        for hus, privileges in ((self.lillevik, everything), (self.fjordvik, i_fjordvik or everything)):
            for privilege in privileges:
                konfigurasjon.grant_privilegium(self.person, privilege, hus.organisasjon_id, actor=HOUSE)
        self.client: Browser = log_in(app, pid, self.lillevik.organisasjon_id)

    def choose(self, hus: Hus, neste: str = "") -> TestResponse:
        side = "/velg-organisasjon"
        form = marks_of(self.client.get(side).text) | {"organisasjon": str(hus.organisasjon_id)}
        return self.client.post(
            side,
            data=form | ({"neste": neste} if neste else {}),
            headers={"Referer": f"http://localhost{side}"},
        )

    def send(self, shown: str, page: str, action: str = "", **data: object) -> TestResponse:
        """Send a form of the page `page` as it was shown."""
        return self.client.post(
            action or page, data=marks_of(shown) | data, headers={"Referer": f"http://localhost{page}"}
        )

    def press(self, html: str, page: str) -> TestResponse:
        """Press the first button of the page, below its header, with what stands in its form."""
        [form, *_] = re.findall(r"(?s)<form.*?</form>", html[html.index("<main") :])
        fields = re.findall(r'<input[^>]*? name="([^"]+)" value="([^"]*)"', form)
        fields += re.findall(r'(?s)<textarea[^>]*? name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form)
        [action] = re.findall(r'action="([^"]+)"', form[:200])
        return self.client.post(action, data=dict(fields), headers={"Referer": f"http://localhost{page}"})


def address_of(hus: Hus) -> str | None:
    session().expire_all()
    return session().get_one(Organisasjon, hus.organisasjon_id).adresselinje1


def logo_of(hus: Hus) -> bytes | None:
    session().expire_all()
    return session().get_one(Organisasjon, hus.organisasjon_id).logo


def signed(avtale_id: UUID) -> list[UUID]:
    rows = select(Avtalesignatur.organisasjon_id).where(Avtalesignatur.avtale_id == avtale_id)
    return list(session().scalars(rows))


def refused(answer: TestResponse) -> str:
    """The words of the page that says no, which is well made."""
    assert answer.status_code == 409, (answer.status_code, answer.location)
    assert not faults(answer.text)
    return text_of(answer.text)


def test_a_logo_is_not_put_on_another_kommunes_letters(app: Flask) -> None:
    faner, page = ToFaner(app), "/konfigurasjon/logo"
    shown = faner.client.get(page).text
    assert "brevene fra Lillevik kommune" in shown
    faner.choose(faner.fjordvik)
    answer = faner.send(shown, page, fil=(io.BytesIO(picture("PNG")), "lillevik.png"))
    told = refused(answer)
    assert "Du har byttet til Fjordvik kommune i en annen fane." in told
    assert "Skjemaet gjelder Lillevik kommune, og ingenting er lagret." in told
    assert "Filer tar vi ikke vare på" in told
    assert (logo_of(faner.lillevik), logo_of(faner.fjordvik)) == (None, None)
    back = faner.press(answer.text, page)
    assert back.location == page, "there is nothing to keep, so one is led to the page itself"
    assert "brevene fra Lillevik kommune" in faner.client.get(page).text


def test_an_agreement_is_not_signed_for_another_kommune(app: Flask) -> None:
    publish_agreements()
    faner = ToFaner(app)
    service.publish_avtale(NyAvtale(None, "Hovedavtale 2027", "Nye vilkår."), actor=HOUSE)
    avtale = service.version_in_force(None)
    assert avtale is not None
    page = f"/avtaler/{avtale.id}"
    shown = faner.client.get(page).text
    assert "Signer for Lillevik kommune" in shown
    faner.choose(faner.fjordvik)
    answer = faner.send(
        shown, page, f"{page}/signer", digest=avtale.sha256.hex(), bekreftet="ja", navn="Astrid Nordli"
    )
    assert "Du trykket «Signer avtalen». Det er ikke gjort ennå." in refused(answer)
    assert signed(avtale.id) == []
    assert faner.press(answer.text, page).location == page, "it is read again, and signed there"


def test_what_was_written_is_kept_and_can_be_sent_for_the_right_kommune(app: Flask) -> None:
    faner, page = ToFaner(app), "/konfigurasjon/kontakt"
    shown = faner.client.get(page).text
    faner.choose(faner.fjordvik)
    answer = faner.send(shown, page, **KONTAKT)
    assert "Bytt tilbake til Lillevik kommune" in refused(answer)
    assert address_of(faner.fjordvik) != KONTAKT["adresselinje1"]
    back = faner.press(answer.text, page)
    assert back.location == "/innlogging/skjema"
    again = faner.client.get(back.location).text
    assert not faults(again)
    assert "Skjemaet gjelder Lillevik kommune" in text_of(again)
    assert KONTAKT["adresselinje1"] in again and KONTAKT["varsel_epost"] in again


def test_what_was_kept_is_not_sent_for_another_kommune_either(app: Flask) -> None:
    """Whoever changes again while the form waits is told again, and loses nothing."""
    faner, page = ToFaner(app), "/kontoer/ny"
    shown, avsender = faner.client.get(page).text, f"h-{uuid4()}"
    faner.choose(faner.fjordvik)
    faner.press(faner.send(shown, page, visningsnavn="Renovasjon", avsender=avsender).text, page)
    again = faner.client.get("/innlogging/skjema").text
    faner.choose(faner.fjordvik)
    told = faner.press(again, "/innlogging/skjema")
    assert "Du har byttet til Fjordvik kommune" in refused(told)
    kontoer = select(Konto.organisasjon_id).where(Konto.avsender == avsender)
    assert session().scalars(kontoer).all() == []
    faner.press(told.text, "/innlogging/skjema")
    sent = faner.press(faner.client.get("/innlogging/skjema").text, "/innlogging/skjema")
    assert sent.location == "/tjenester"
    assert session().scalars(kontoer).all() == [faner.lillevik.organisasjon_id]


def test_a_form_about_what_only_the_first_kommune_has_is_not_told_to_be_gone(app: Flask) -> None:
    faner = ToFaner(app)
    page = f"/kontoer/{faner.lillevik.konto_id}"
    shown = faner.client.get(page).text
    faner.choose(faner.fjordvik)
    answer = faner.send(shown, page, visningsnavn="Skatt og avgift")
    assert "Skjemaet gjelder Lillevik kommune" in refused(answer)
    faner.press(answer.text, page)
    assert "Skatt og avgift" in faner.client.get("/innlogging/skjema").text


def test_whoever_may_less_in_the_other_kommune_is_told_of_the_change_and_not_of_lacking_rights(
    app: Flask,
) -> None:
    faner, page = ToFaner(app, P.REGISTER_OPPSLAG), "/konfigurasjon/kontakt"
    shown = faner.client.get(page).text
    faner.choose(faner.fjordvik)
    assert "Bytt tilbake til Lillevik kommune" in refused(faner.send(shown, page, **KONTAKT))


def test_whoever_has_lost_the_first_kommune_is_offered_no_way_back_to_it(app: Flask) -> None:
    faner, page = ToFaner(app), "/konfigurasjon/kontakt"
    shown = faner.client.get(page).text
    faner.choose(faner.fjordvik)
    with transaction() as tx:
        own = update(Tilgang).where(Tilgang.person_id == faner.person)
        held = own.where(Tilgang.ressurs_id == faner.lillevik.organisasjon_id)
        tx.execute(held.values(avsluttet=func.now(), avsluttet_grunn="SLUTTET"))
    told = refused(faner.send(shown, page, **KONTAKT))
    assert "Skjemaet gjelder en organisasjon du ikke lenger har tilgang til. Ingenting er lagret." in told
    assert "Bytt tilbake" not in told and "Lillevik" not in told


def test_a_form_of_the_chosen_kommune_is_taken_also_by_one_who_has_two(app: Flask) -> None:
    faner, page = ToFaner(app), "/kontoer/ny"
    shown = faner.client.get(page).text
    faner.choose(faner.fjordvik)
    faner.choose(faner.lillevik)
    answer = faner.send(shown, page, visningsnavn="Renovasjon", avsender=f"h-{uuid4()}")
    assert answer.location == "/tjenester"


def test_one_may_log_out_and_change_kommune_from_a_page_of_the_other(app: Flask) -> None:
    faner = ToFaner(app)
    shown = faner.client.get("/velg-organisasjon").text
    faner.choose(faner.fjordvik)
    one = str(faner.lillevik.organisasjon_id)
    assert faner.send(shown, "/velg-organisasjon", organisasjon=one).status_code == 302
    faner.choose(faner.fjordvik)
    assert faner.send(shown, "/hjelp", "/logg-ut").status_code == 200

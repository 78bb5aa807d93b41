"""A form that comes when the mailing has left the guided job is not dropped in silence: it says so, and why."""

from __future__ import annotations

import io

import pytest
from werkzeug.test import TestResponse

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt
from fiks.utsending.draft import service
from fiks.utsending.draft.service import Fakta
from fiks.utsending.models import Utsending
from fiks.utsending.overview import mailing_page
from fiks.utsending.rules import Art, Utsendingstatus
from portal.texts import tekst
from portal.utsending.draft import facts as draft_facts
from portal.utsending.draft.closed_draft import WHY
from tests.integration.utsending.browser import log_in, text_of
from tests.integration.utsending.kommuner import today
from tests.pagecheck import check_page
from tests.portal.utsending.pages import Jobb

U = Utsendingstatus
LIST = b"navn;adresselinje1;postnr;poststed\r\nKari Nes;Storgata 1;4262;AVALDSNES\r\n"
WRITTEN = {"navn": "Lang mal", "kilde_nb": "# En times arbeid\n\nTil ((navn)) & <alle>.", "tittel_nn": ""}
JSON = {"Accept": "application/json"}


@pytest.fixture
def klar(jobb: Jobb) -> Jobb:
    """A job where everything is chosen."""
    jobb.begin()
    jobb.read("liste.csv", LIST)
    jobb.send("brev/rediger", "brev/rediger", navn="Kort brev", kilde_nb="# Hei\n\nTil ((navn)).")
    return jobb


def begin_letters(jobb: Jobb) -> None:
    """A colleague has the letters made."""
    colleague = log_in(jobb.app, jobb.kommune, "stopper")
    page = colleague.get(jobb.path("oppsummering")).text
    assert jobb.send_from(page, "oppsummering", client=colleague).status_code == 303


def told(jobb: Jobb, answer: TestResponse) -> str:
    """The messages of the mailing's own page that the answer leads to."""
    assert answer.location == jobb.path()
    page = jobb.see("")
    alerts = [part.split("</div>")[0] for part in page.split('data-color="danger" role="status">')[1:]]
    return text_of(" ".join(alerts))


def test_a_list_that_comes_too_late_is_told(klar: Jobb) -> None:
    shown = klar.see("mottakere")
    begin_letters(klar)
    answer = klar.send_from(shown, "mottakere", fil=(io.BytesIO(LIST), "rettet.csv"))
    assert told(klar, answer) == tekst("FOR_SENT_LAGES")
    liste = mailing_page.detail(klar.uuid, actor=klar.kommune.aktor("saksbehandler")).liste
    assert liste is not None and liste.filnavn == "liste.csv"


@pytest.mark.parametrize("status", [s for s in U if s not in (U.UTKAST, U.KONTROLLERT)])
def test_what_to_do_is_said_by_where_the_mailing_is(klar: Jobb, status: Utsendingstatus) -> None:
    shown = klar.see("kontroll")
    with transaction() as tx:
        row = tx.get_one(Utsending, klar.uuid)
        row.status, row.frigis_tid = status, clock.now()
    answer = klar.send_from(shown, "kontroll/til-side", valg="til-side")
    assert told(klar, answer) == tekst(WHY[status])


def test_a_template_that_comes_too_late_is_shown_again_to_be_copied(klar: Jobb) -> None:
    shown = klar.see("brev/rediger")
    begin_letters(klar)
    answer = klar.send_from(shown, "brev/rediger", **WRITTEN)
    assert answer.status_code == 409
    check_page(answer.text)
    words = text_of(answer.text)
    assert tekst("FOR_SENT_LAGES") in words
    assert "Det er ikke lagret noe sted." in words
    assert "# En times arbeid\n\nTil ((navn)) &amp; &lt;alle&gt;.</textarea>" in answer.text
    assert 'value="Lang mal"' in answer.text


def test_a_receiver_and_facts_that_come_too_late_are_shown_again(klar: Jobb) -> None:
    shown = klar.see("fakta")
    begin_letters(klar)
    facts = {"tittel": "Varsel om feiing", "art": "FLETTEBREV", "brevdato": "31.12.2099"}
    answer = klar.send_from(shown, "fakta", **facts)
    assert answer.status_code == 409
    assert 'value="Varsel om feiing"' in answer.text and 'value="31.12.2099"' in answer.text
    answer = klar.send_from(shown, "mottakere/skriv", navn="Per Vik", adresselinje1="Storgata 2")
    assert answer.status_code == 409
    assert 'value="Per Vik"' in answer.text and 'value="Storgata 2"' in answer.text


def test_facts_that_come_in_the_very_moment_are_shown_again_too(
    klar: Jobb, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begun_first(*_: object, **__: object) -> None:
        begin_letters(klar)
        raise Konflikt("KAN_IKKE_ENDRES")

    # Patched: a colleague begins after the draft was looked at, and before it is held.
    monkeypatch.setattr(draft_facts, "update_utsending", begun_first)
    answer = klar.send(
        "fakta", "fakta", tittel="Varsel", art="FLETTEBREV", brevdato="31.12.2099", levering="BARE_DIGITALT"
    )
    assert answer.status_code == 409
    assert tekst("FOR_SENT_LAGES") in text_of(answer.text) and 'value="Varsel"' in answer.text


def test_a_page_that_is_only_looked_at_leads_to_the_mailings_own(klar: Jobb) -> None:
    begin_letters(klar)
    assert told(klar, klar.client.get(klar.path("kontroll"))) == ""


def test_the_script_that_sends_files_is_told_in_its_own_way(jobb: Jobb) -> None:
    jobb.begin(art="ETT_DOKUMENT_PER_RAD")
    shown = jobb.see("brev")
    with transaction() as tx:
        tx.get_one(Utsending, jobb.uuid).status = U.PRODUSERES
    form = {"ferdig": "ja", "filer": (io.BytesIO(b"%PDF-1.7"), "a.pdf")}
    answer = jobb.send_from(shown, "brev/filer", headers=JSON, **form)
    assert (answer.status_code, answer.json) == (409, {"grunn": tekst("FOR_SENT_LAGES")})


def test_a_file_for_a_way_that_is_not_the_mailings_any_more_is_told(jobb: Jobb) -> None:
    jobb.begin(art="EN_STOR_PDF")
    shown = jobb.see("mottakere/samlet")
    other = Fakta("Eiendomsskatt 2027", Art.FLETTEBREV, today())
    service.update_utsending(jobb.uuid, other, actor=jobb.kommune.aktor("stopper"))
    session().rollback()
    answer = jobb.send_from(shown, "mottakere/samlet", fil=(io.BytesIO(b"%PDF-1.7"), "samlet.pdf"))
    assert told(jobb, answer) == tekst("FOR_SENT_MATE")


def test_every_status_says_why() -> None:
    assert set(WHY) == set(U)

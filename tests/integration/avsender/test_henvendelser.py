"""What somebody has written with eDialog, for those who hold the konto that pays: that it is there, and how it goes."""

from __future__ import annotations

import csv
import io
from uuid import UUID

import pytest
from flask import Flask

from fiks.core.crypto import encryption
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.konfigurasjon.rules import P
from fiks.svarut.history import remark
from fiks.svarut.models import SvarinnFeil
from fiks.svarut.mottak import Svaradresse
from fiks.svarut.rules import Opphav, Status
from fiks.svarut.sender import status_queries
from fiks.svarut.svarinn_handover import REPORT_AAD
from tests.integration.avsender.senders import Ansatt, browser_of, make_ansatt, put, send
from tests.integration.avsender.test_letter import hand_over, status_of
from tests.integration.houses import HOUSE, Hus, make_hus
from tests.integration.svarut.letters import letter
from tests.integration.utsending.browser import Browser, post, text_of
from tests.pagecheck import faults
from tests.submissions import ADDRESS, FNR, ORGNR, document

SECRETS = ("Bekymring", "barnevernet", "Testperson", "sønnen", FNR[:6])
TITLE = "Bekymring for sønnen min, til barnevernet"


def sensitive(hus: Hus, status: Status = Status.KLAR_FOR_MOTTAK) -> UUID:
    """A citizen's letter at level 4 to the kommune, as eDialog sends it; its receiver could not take it once."""
    made = send(
        hus,
        opphav=Opphav.EDIALOG,
        tittel=TITLE,
        navn="Lillevik kommune",
        digital_id=ORGNR,
        dokumenter=(document("Henvendelse.pdf"), document("Bekymring for sønnen.pdf")),
        eksponert_for=(FNR,),
        avgivende_system="EDIALOG",
        svar_sendes_til=Svaradresse(ADDRESS, FNR),
    )
    put(made, sikkerhetsniva="HOYESTE", status=status)
    with transaction() as tx:
        remark(made, "MOTTAK_FEILET", aktor=HOUSE.ref)
        sealed = encryption.encrypt_value(current().keys, TITLE.encode(), REPORT_AAD)
        number = letter(made).siste_lopenr
        tx.add(SvarinnFeil(forsendelse_id=made, lopenr=number, feilmelding_kryptert=sealed))
    return made


def holder(hus: Hus) -> Ansatt:
    return make_ansatt(hus, P.LESE, P.SENDE, P.STOPPE, P.SE_SPERRET)


def tells_nothing(shown: str) -> bool:
    return "Henvendelse fra eDialog" in shown and not any(word in shown for word in SECRETS)


def test_the_log_the_page_and_the_questions_say_that_it_is_one_and_not_what_it_is_about(app: Flask) -> None:
    hus = make_hus()
    made = sensitive(hus)
    hand_over(made, "ALTINN", "TIL_BEHANDLING", feilkode="FOR_MANGE_FORSOK")
    client = browser_of(app, hus, holder(hus))
    page = f"/forsendelser/{made}"
    for path in ("/forsendelser", page, f"{page}/handtert", f"{page}/prov-igjen"):
        shown = client.get(path).text
        assert (faults(shown), tells_nothing(text_of(shown))) == ([], True), path
    shown = text_of(client.get(page).text)
    assert "kontoen betaler for den" in shown and "Lillevik kommune" in shown and "eDialog" in shown
    assert "Henvendelse.pdf" not in shown and "system meldte feil" in shown
    assert "vite at den ikke kom fram" in text_of(client.get(f"{page}/handtert").text)


def test_the_file_and_the_search_for_its_receiver_say_no_more(app: Flask) -> None:
    hus = make_hus()
    sensitive(hus)
    client = browser_of(app, hus, holder(hus))
    answer = client.get("/forsendelser/eksport.csv")
    [row] = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";")
    assert (row["Tittel"], row["Kommer fra"]) == ("Henvendelse fra eDialog", "eDialog")
    assert tells_nothing(answer.text)
    found = post(
        client, "/forsendelser/mottaker", "/forsendelser/mottaker", nummer=ORGNR, hjemmel="Sak 2026/9"
    )
    assert tells_nothing(text_of(found.text))


def test_who_it_is_from_finds_nothing_in_the_log(app: Flask) -> None:
    hus = make_hus()
    sensitive(hus)
    page = "/forsendelser/mottaker"
    found = post(browser_of(app, hus, holder(hus)), page, page, nummer=FNR, hjemmel="Sak 2026/9")
    assert "Ingen treff" in text_of(found.text)


def test_machines_are_told_its_events_and_none_of_its_documents() -> None:
    hus = make_hus()
    made, own = sensitive(hus), send(hus)
    actor = holder(hus).aktor
    told = status_queries.events(made, actor=actor)
    assert "MOTTAK_FEILET" in [one.kode for one in told]
    assert not any(word in str(told) for word in SECRETS)
    assert status_queries.documents(made, actor=actor) == []
    assert [one.filnavn for one in status_queries.documents(own, actor=actor)] == ["skatteseddel.pdf"]


@pytest.mark.parametrize("act", ["slett", "handtert"])
def test_it_is_not_offered_and_refused_with_the_reason_while_its_receiver_waits_for_it(
    app: Flask, act: str
) -> None:
    hus = make_hus()
    made = sensitive(hus)
    client, page = browser_of(app, hus, holder(hus)), f"/forsendelser/{made}"
    assert f"{page}/{act}" not in client.get(page).text
    answer = post(client, page, f"{page}/{act}")
    assert (answer.status_code, status_of(made)) == (303, Status.KLAR_FOR_MOTTAK)
    assert "mottakeren har ikke kvittert for den" in client.get(answer.location).text


def test_it_is_closed_when_it_waits_for_a_person_and_deleted_when_it_has_been_received(app: Flask) -> None:
    hus = make_hus()
    waits, received = sensitive(hus, Status.AKSEPTERT), sensitive(hus, Status.LEST)
    hand_over(waits, "ALTINN", "TIL_BEHANDLING", feilkode="FOR_MANGE_FORSOK")
    client = browser_of(app, hus, holder(hus))
    assert do(client, waits, "handtert") == Status.MANUELT_HANDTERT
    assert do(client, received, "slett") == Status.SLETTET
    session().rollback()
    assert tells_nothing(text_of(client.get(f"/forsendelser/{received}").text))


def do(client: Browser, made: UUID, act: str) -> str:
    """Do what the letter's page offers; the status afterwards."""
    page = f"/forsendelser/{made}"
    assert f"{page}/{act}" in client.get(page).text
    assert post(client, f"{page}/{act}", f"{page}/{act}").status_code == 303
    return status_of(made)

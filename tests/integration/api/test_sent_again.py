"""What a fagsystem sends again, since it got no answer, is answered as the first time by every door."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from fiks.core import clock
from fiks.core.db import session
from fiks.konfigurasjon.konto import service
from fiks.svarut.letters import load_letters
from fiks.svarut.models import Forsendelse
from fiks.svarut.mottak.inspection import Funnet, fail_intake, record_findings
from portal.texts.formats import tid
from tests.integration.api.fagsystem import Fagsystem, fault, forsendelse, letters, make_fagsystem, returned
from tests.integration.houses import HOUSE
from tests.integration.svarut.signings import let_sign
from tests.submissions import FNR, ORGNR, PDF
from tests.unit.svarut import soap

BODY = soap.letter([soap.document("brev.pdf", PDF)], to=soap.person(FNR))


@pytest.fixture
def fagsystem(app: Flask, empty: None) -> Fagsystem:
    return make_fagsystem(app)


def signed_within(ahead: timedelta) -> dict[str, Any]:
    """A letter that is to be signed."""
    return forsendelse(
        svarSendesTil={
            "postAdresse": forsendelse()["mottaker"]["postAdresse"],
            "digitalAdresse": {"organisasjonsNummer": ORGNR},
        },
        signeringUtloper=int((clock.now() + ahead).timestamp() * 1000),
        signaturType="AVANSERT_SIGNATUR",
        dokumenter=[{"filnavn": "brev.pdf", "mimeType": "application/pdf", "skalSigneres": True}],
    )


def medid(own: str) -> bytes:
    inner = BODY + soap.field("forsendelsesid", own)
    return soap.envelope(soap.operation("sendForsendelseMedId", inner))


def started(fagsystem: Fagsystem) -> str:
    """An id to send a letter under."""
    return str(fagsystem.post("/startNyForsendelse").json["id"])


@pytest.mark.parametrize("by_key", [True, False])
def test_sv12_15_by_rest_when_the_deadline_of_signing_has_come_near(
    fagsystem: Fagsystem, by_key: bool
) -> None:
    let_sign(fagsystem.hus)
    new = signed_within(timedelta(days=1, minutes=1))
    way = {"nokkel": "jobb-41/7"} if by_key else {"path": f"/{started(fagsystem)}/sendForsendelse"}
    first = fagsystem.send(new, **way)
    clock.move(timedelta(minutes=16))
    again, other = fagsystem.send(new, **way), fagsystem.send(new)
    assert (first.status_code, again.status_code, again.json) == (200, 200, first.json)
    assert (other.status_code, other.json["errorcode"]) == (400, "SIGNERING_UTLOPER_FOR_TIDLIG")
    assert letters(fagsystem.hus) == 1


def test_sv12_15_by_rest_when_the_interface_has_become_stricter_since(fagsystem: Fagsystem) -> None:
    """The release before took a digital address without a number for none."""
    paper = {"postAdresse": forsendelse()["mottaker"]["postAdresse"]}
    first = fagsystem.send(forsendelse(mottaker=paper), nokkel="jobb-41/7")
    as_then = forsendelse(mottaker=paper | {"digitalAdresse": {}})
    again, other = fagsystem.send(as_then, nokkel="jobb-41/7"), fagsystem.send(as_then, nokkel="jobb-41/8")
    assert (first.status_code, again.status_code, again.json) == (200, 200, first.json)
    assert (other.status_code, other.json["errorcode"]) == (400, "DIGITAL_ID_MANGLER")


@pytest.mark.parametrize("by_key", [True, False])
def test_sv12_15_by_rest_when_the_konto_has_been_closed(fagsystem: Fagsystem, by_key: bool) -> None:
    way = {"nokkel": "jobb-41/7"} if by_key else {"path": f"/{started(fagsystem)}/sendForsendelse"}
    unused = f"/{started(fagsystem)}/sendForsendelse"
    first = fagsystem.send(**way)
    service.deactivate_konto(fagsystem.hus.konto_id, actor=HOUSE)
    again = fagsystem.send(**way)
    assert (first.status_code, again.status_code, again.json) == (200, 200, first.json)
    assert [fagsystem.send().status_code, fagsystem.send(path=unused).status_code] == [409, 409]
    assert letters(fagsystem.hus) == 1


def test_a_sender_whose_letter_looks_like_another_is_told_that_it_was_received_and_to_ask_for_it(
    fagsystem: Fagsystem,
) -> None:
    """Never to send it under a new id: its receiver would get it twice."""
    own = started(fagsystem)
    fagsystem.send(path=f"/{own}/sendForsendelse")
    answer = fagsystem.send(forsendelse(tittel="Annet"), path=f"/{own}/sendForsendelse")
    at = tid(session().execute(select(Forsendelse.opprettet).where(Forsendelse.id == UUID(own))).scalar_one())
    said = f"Brevet med id {own} ble mottatt {at}. Spør etter status på det før noe sendes på nytt."
    assert answer.json["errorcode"] == "FORSENDELSE_ANNET_INNHOLD"
    assert answer.json["message"].startswith(said)
    assert said in fault(fagsystem.soap(medid(own)))
    assert letters(fagsystem.hus) == 1


def test_sv12_15_by_soap_when_the_konto_has_been_closed(fagsystem: Fagsystem) -> None:
    own, unused = started(fagsystem), started(fagsystem)
    [first] = returned(fagsystem.soap(medid(own)))
    service.deactivate_konto(fagsystem.hus.konto_id, actor=HOUSE)
    [again] = returned(fagsystem.soap(medid(own)))
    assert first.text == again.text == own
    new = soap.envelope(soap.operation("sendForsendelse", BODY))
    assert all("stengt" in fault(fagsystem.soap(body)) for body in (new, medid(unused)))
    assert letters(fagsystem.hus) == 1


def reject(own: str) -> None:
    """As when its document has been opened."""
    record_findings(
        load_letters([UUID(own)])[UUID(own)], Funnet(feil="PDF_PASSORD", detaljer={"dokument": 1})
    )


@pytest.mark.parametrize("letter", [None, forsendelse(tittel="Rettet")])
def test_a_sender_whose_letter_was_rejected_is_told_by_v1_that_it_is_not_sent_and_needs_a_new_key_or_id(
    fagsystem: Fagsystem, letter: dict[str, Any] | None
) -> None:
    by_key = fagsystem.send(nokkel="jobb-41/7").json["id"]
    by_id = started(fagsystem)
    way = f"/{by_id}/sendForsendelse"
    fagsystem.send(path=way)
    for own in (by_key, by_id):
        reject(own)
    key, own_id = fagsystem.send(letter, nokkel="jobb-41/7"), fagsystem.send(letter, path=way)
    assert (key.status_code, key.json["errorcode"]) == (409, "NOKKEL_IKKE_SENDT")
    assert (own_id.status_code, own_id.json["errorcode"]) == (409, "FORSENDELSE_IKKE_SENDT")
    for answer, own, new in ((key, by_key, "en ny nøkkel"), (own_id, by_id, "en ny id")):
        said = answer.json["message"]
        assert own in said and "det er ikke sendt, og blir ikke sendt" in said
        assert "En PDF er beskyttet med passord." in said and said.endswith(f"må ha {new}.")
    assert letters(fagsystem.hus) == 2
    assert fagsystem.send(letter, nokkel="jobb-41/7-2").status_code == 200


def test_a_sender_whose_letter_nobody_could_look_at_is_told_by_soap_in_words_that_end_its_trying(
    fagsystem: Fagsystem,
) -> None:
    own = started(fagsystem)
    [first] = returned(fagsystem.soap(medid(own)))
    [again] = returned(fagsystem.soap(medid(own)))
    assert first.text == again.text == own, "it waits to be looked at"
    fail_intake(UUID(own))
    answer = fagsystem.soap(medid(own))
    assert (answer.status_code, "<kode>FORSENDELSE_IKKE_SENDT</kode>" in answer.text) == (500, True)
    said = fault(answer)
    assert said.startswith(f"Ugyldig innhold: Brevet med id {own} ble mottatt ")
    assert "Brevet kunne ikke kontrolleres." in said and said.endswith("må ha en ny id.")
    assert letters(fagsystem.hus) == 1

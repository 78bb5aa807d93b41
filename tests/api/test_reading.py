"""Asking about letters by REST v2 and v3, and what a sender may change (svarut.md 3.2, 3.3)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from fiks.core import clock
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.konfigurasjon.integrasjon import grants, queries, service
from fiks.konfigurasjon.integrasjon.rules import Integrasjonsfakta
from fiks.konfigurasjon.rules import P, for_machines
from fiks.svarinn.rules import Koblingsfakta
from fiks.svarut.history import remark
from fiks.svarut.letters import load_letters
from fiks.svarut.models import Dokument, Forsendelse, Hendelse
from fiks.svarut.mottak.inspection import Funnet, record_findings
from fiks.svarut.rules import Status
from portal.texts.svarut.ekspedering import ekspedert
from portal.texts.svarut.intake_documents import ETTER_MOTTAK
from tests.api.calls import Avsender, letter_v2, letter_v3, told
from tests.integration.houses import Hus, make_hus, new_orgnr
from tests.integration.systems import make_system
from tests.machines import HOUSE, Kall, make_kall
from tests.submissions import FNR, ORGNR, PDF

BREV = "/api/v2/forsendelser/{}"


def send(avsender: Avsender, letter: dict[str, Any] | None = None, *contents: bytes) -> UUID:
    return UUID(told(avsender.send(letter or letter_v2(), *contents))["id"])


def set_status(app: Flask, letter: UUID, status: Status, before: Status | None = None) -> None:
    with app.app_context(), transaction() as tx:
        changes = {"status": status, "status_for_sletting": before}
        tx.execute(update(Forsendelse).where(Forsendelse.id == letter).values(**changes))


def test_status_is_told_in_v2_and_v3(app: Flask, avsender: Avsender) -> None:
    letter = send(avsender)
    answer = told(avsender.post(f"{avsender.konto}/status-sok", {"forsendelseIds": [str(letter)]}))
    [one] = answer["statuser"]
    assert (one["id"], one["status"], set(one)) == (
        str(letter),
        "MOTTATT",
        {"id", "sisteStatusEndring", "status"},
    )
    changed = datetime.fromisoformat(one["sisteStatusEndring"])
    assert changed.utcoffset() in (timedelta(hours=1), timedelta(hours=2))
    with app.app_context():
        assert abs(changed - clock.now()) < timedelta(minutes=1)
    newer = told(avsender.post(f"{avsender.konto_v3}/status/sok", {"id": [str(letter), str(uuid4())]}))
    assert newer == answer
    assert told(avsender.post(f"{avsender.konto}/status-sok/", {"forsendelseIds": []})) == {"statuser": []}


NEWER = {
    Status.SENDT_ALTINN: "VARSLET",
    Status.LEVERT_ALTINN: "VARSLET",
    Status.FEILET_UNDER_MOTTAK: "AVVIST",
}
"""What v2 calls the statuses that only v3 has (svarut.md 2.1); SLETTET is told as what it was before."""


@pytest.mark.parametrize(
    ("status", "before", "older"),
    [
        *(
            (status, None, NEWER.get(status, str(status)))
            for status in Status
            if status is not Status.SLETTET
        ),
        (Status.SLETTET, Status.LEVERT_ALTINN, "VARSLET"),
        (Status.SLETTET, Status.PRINTET, "PRINTET"),
    ],
)
def test_sv12_25_v2_never_shows_a_status_of_v3(
    app: Flask, avsender: Avsender, status: Status, before: Status | None, older: str
) -> None:
    letter = send(avsender)
    set_status(app, letter, status, before)
    [one] = told(avsender.post(f"{avsender.konto}/status-sok", {"forsendelseIds": [str(letter)]}))["statuser"]
    [new] = told(avsender.post(f"{avsender.konto_v3}/status/sok", {"id": [str(letter)]}))["statuser"]
    assert (one["status"], new["status"]) == (older, str(status))


@pytest.mark.parametrize(
    ("body", "kode"),
    [
        ({}, "FELT_MANGLER"),
        ({"forsendelseIds": ["x"]}, "FELT_UGYLDIG"),
        ({"forsendelseIds": [str(uuid4())] * 1_001}, "FOR_MANGE_IDER"),
        ([], "JSON_UGYLDIG"),
        (b"", "JSON_UGYLDIG"),
    ],
)
def test_a_question_that_cannot_be_understood_is_refused(avsender: Avsender, body: Any, kode: str) -> None:
    answer = avsender.post(f"{avsender.konto}/status-sok", body)
    assert (answer.status_code, told(answer)["errorCode"]) == (400, kode)


def test_what_comes_may_be_called_anything_where_the_contract_says_so(avsender: Avsender) -> None:
    letter = send(avsender)

    def post(path: str, body: object, kind: str = "text/plain") -> int:
        data = json.dumps(body).encode()
        return avsender.open("POST", path, data=data, content_type=kind).status_code

    read_by = {"fnr": FNR, "tidspunkt": "2026-11-02T09:12:00+01:00", "eksterntSystemnavn": "Arkiv"}
    assert post(f"{avsender.konto}/status-sok", {"forsendelseIds": [str(letter)]}) == 200
    assert post(f"{avsender.konto_v3}/status/sok", {"id": [str(letter)]}) == 200
    assert post(BREV.format(letter) + "/lest", read_by) == 204
    assert post(avsender.konto, {}) == 415


def test_a_call_without_a_body_says_nothing_of_what_it_sends(avsender: Avsender) -> None:
    letter = send(avsender)
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        asked = avsender.open("GET", BREV.format(letter) + "/hendelser", content_type=kind)
        assert asked.status_code == 200, kind


def test_the_history_is_told_in_the_words_of_the_log(avsender: Avsender) -> None:
    letter = send(avsender)
    events = told(avsender.get(BREV.format(letter) + "/hendelser"))["hendelser"]
    assert [one["hendelse"] for one in events] == [
        "Mottatt, og tildelt forsendelse-id",
        "Metadata er validert OK",
        "Orginaldokumenter er lagret (1 dokument)",
    ]
    assert all(datetime.fromisoformat(one["tidspunkt"]).tzinfo is not None for one in events)


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (
            Funnet(feil="PDF_PASSORD", detaljer={"dokument": 2}),
            "Avvist: et dokument er beskyttet med passord (dokument 2, PDF_PASSORD)",
        ),
        (
            Funnet(feil="ORGANISASJON_UKJENT"),
            "Avvist: virksomheten finnes ikke i Enhetsregisteret (ORGANISASJON_UKJENT)",
        ),
    ],
)
def test_the_history_tells_by_its_code_why_a_letter_was_rejected_and_for_which_document(
    app: Flask, avsender: Avsender, found: Funnet, line: str
) -> None:
    letter = letter_v2()
    letter["dokumenter"] *= 2
    letter["dokumenter"][1] = letter["dokumenter"][0] | {"filnavn": "vedlegg.pdf"}
    sent = send(avsender, letter)
    with app.app_context():
        record_findings(load_letters([sent])[sent], found)
    assert told(avsender.get(BREV.format(sent) + "/hendelser"))["hendelser"][-1]["hendelse"] == line


def test_every_code_a_letter_is_rejected_with_stands_in_the_history() -> None:
    for kode in ETTER_MOTTAK:
        assert kode in ekspedert(kode, {})
        assert f"(dokument 3, {kode})" in ekspedert(kode, {"dokument": 3})


def test_an_event_never_shows_a_personal_number() -> None:
    assert FNR not in ekspedert("SIGNERING_FULLFORT", {"svar_id": f"brev til {FNR}"})
    assert ekspedert("DOKUMENTER_LAGRET", {"antall": 3}) == "Orginaldokumenter er lagret (3 dokumenter)"
    assert ekspedert("DOKUMENTER_LAGRET", {}) == "Orginaldokumenter er lagret"


def test_the_sender_is_told_why_a_letter_could_not_be_signed() -> None:
    told = [
        ekspedert("SIGNERING_AVVIST_AV_SVARUT", {"grunn": kode})
        for kode in ("SIGNERING_IKKE_AKTIV", "HTTP_422")
    ]
    assert told == [
        "Signeringsoppdraget kunne ikke opprettes (signering er ikke slått på for kontoen)",
        "Signeringsoppdraget kunne ikke opprettes (signeringstjenesten tok ikke imot det)",
    ]
    until = {"type": "AVANSERT_SIGNATUR", "utloper": "2027-01-19T11:00:00+00:00"}
    assert ekspedert("SIGNERING_REGISTRERT", until).endswith("utløper 19.01.2027 kl.\u00a012.00")


def test_the_signing_is_told_with_its_status(app: Flask, avsender: Avsender) -> None:
    ends = (datetime.now(UTC) + timedelta(days=8)).isoformat()
    letter = letter_v2(signeringUtloper=ends, signaturType="AVANSERT_SIGNATUR")
    letter["dokumenter"][0]["skalSigneres"] = True
    letter["svarSendesTil"] = letter["mottaker"] | {"digitalId": ORGNR}
    signed = send(avsender, letter)
    with app.app_context(), transaction():
        remark(signed, "SIGNERING_REGISTRERT", aktor="system:test", type="AVANSERT_SIGNATUR", utloper=ends)
    [one] = told(avsender.get(BREV.format(signed) + "/signeringshendelser"))["hendelser"]
    assert one["status"] == "VENTER_SIGNERING"
    assert one["hendelse"].startswith("Signeringsoppdrag av type AVANSERT_SIGNATUR registrert, utløper")
    [document] = told(avsender.get(BREV.format(signed) + "/metadata"))["dokumenter"]
    assert document["kanSigneres"] and document["signeringUrl"]
    plain = send(avsender)
    assert told(avsender.get(BREV.format(plain) + "/signeringshendelser")) == {"hendelser": []}


def test_documents_are_told_of_and_where_the_receiver_reads_them(app: Flask, avsender: Avsender) -> None:
    extra = [{"key": "arkivdel", "value": "BYGG"}]
    letter = letter_v2()
    letter["dokumenter"][0] |= {"dokumentType": "SOK", "ekstraMetadata": extra}
    sent = send(avsender, letter)
    [document] = told(avsender.get(BREV.format(sent) + "/metadata"))["dokumenter"]
    assert document == {
        "filnavn": "skatteseddel.pdf",
        "mimeType": "application/pdf",
        "dokumentType": "SOK",
        "storrelse": len(PDF),
        "sha256Hash": hashlib.sha256(PDF).hexdigest(),
        "nedlasningUrl": document["nedlasningUrl"],
        "kanSigneres": False,
        "ekstraMetadata": extra,
        "inneholderPersonsensitivInformasjon": False,
    }
    settings = app.config["FIKS_SETTINGS"]
    with app.test_request_context():
        own = app.url_map.bind("x").build("minside.brev", {"forsendelse_id": sent, "nr": 1})
    assert document["nedlasningUrl"] == settings.minside_base_url.rstrip("/") + own


def test_letters_are_found_by_the_senders_reference(avsender: Avsender) -> None:
    reference = f"sak {uuid4()}"
    letters = [send(avsender, letter_v2(eksternReferanse=reference)) for _ in range(2)]
    send(avsender, letter_v2(eksternReferanse=reference, avgivendeSystem=None))
    found = told(avsender.get(f"{avsender.konto}?eksternRef={reference}"))["forsendelseIds"]
    assert set(found) > {str(letter) for letter in letters} and len(found) == 3
    listed = told(avsender.get(f"{avsender.konto}/metadata?eksternRef={reference}"))["forsendelser"]
    assert [one["id"] for one in listed] == found
    assert set(listed[0]) == {"id", "dato"}
    assert {one["avgivendeSystem"] for one in listed[1:]} == {"Utsendingsportal"}
    assert told(avsender.get(f"{avsender.konto}?eksternRef=finnes-ikke")) == {"forsendelseIds": []}
    missing = avsender.get(avsender.konto)
    assert (missing.status_code, told(missing)["errorJson"]) == (
        400,
        {"eksternRef": "Feltet eksternRef mangler. Fyll det ut, og send på nytt."},
    )


def test_the_types_and_the_systems_that_receive_are_listed(app: Flask, avsender: Avsender) -> None:
    assert "ks.byggesøknad" in told(avsender.get("/api/v2/forsendelsestyper"))["forsendelsestyper"]
    orgnr = new_orgnr()
    with app.app_context():
        system_id = str(make_system(Koblingsfakta(orgnr, (), "HOYESTE"), navn="Arkiv").id)
    query = f"/api/v2/mottakersystem?organisasjonsnummer={orgnr}"
    assert told(avsender.get(query))["mottakersystemer"] == [
        {"id": system_id, "navn": "Arkiv", "organisasjonsnummer": orgnr, "forsendelseType": "", "niva": 4}
    ]
    assert told(avsender.get(f"{query}&niva=3")) == {"mottakersystemer": []}
    assert len(told(avsender.get(f"{query}&niva=4&forsendelseType=ks.x"))["mottakersystemer"]) == 1


@pytest.mark.parametrize(
    "query", ["organisasjonsnummer=12", "niva=10", "niva=x", "forsendelseType=a..b", "organisasjonsnummer=a"]
)
def test_a_query_that_is_wrong_is_refused_by_name(avsender: Avsender, query: str) -> None:
    answer = avsender.get(f"/api/v2/mottakersystem?{query}")
    assert answer.status_code == 400
    assert set(told(answer)["errorJson"]) == {query.partition("=")[0]}


def test_a_letter_that_was_read_elsewhere_is_read(app: Flask, avsender: Avsender) -> None:
    letter = send(avsender)
    set_status(app, letter, Status.PRINTET)
    said = {"fnr": FNR, "tidspunkt": "2026-02-24T09:12:00+01:00", "eksterntSystemnavn": "Min side"}
    answer = avsender.post(BREV.format(letter) + "/lest", said)
    assert (answer.status_code, answer.data) == (204, b"")
    with app.app_context():
        status = session().scalar(select(Forsendelse.status).where(Forsendelse.id == letter))
    assert status == Status.LEST
    last = told(avsender.get(BREV.format(letter) + "/hendelser"))["hendelser"][-1]["hendelse"]
    assert "Min side" in last and FNR not in last
    for wrong in ({"fnr": "1"}, {"tidspunkt": None}, {"tidspunkt": "i går"}, {"fnr": "x" * 11}):
        assert avsender.post(BREV.format(letter) + "/lest", said | wrong).status_code == 400


def test_what_a_global_integrasjon_does_with_a_letter_stands_in_the_kommunes_own_log(
    app: Flask, avsender: Avsender
) -> None:
    letter = send(avsender)
    set_status(app, letter, Status.LEVERT_ALTINN)
    with app.app_context():
        everywhere = Avsender(app, avsender.hus, make_global_kall(avsender.hus))
    said = {"fnr": FNR, "tidspunkt": "2026-02-24T09:12:00+01:00", "eksterntSystemnavn": "Min side"}
    assert everywhere.post(BREV.format(letter) + "/lest", said).status_code == 204
    assert everywhere.open("DELETE", BREV.format(letter) + "/dokumenter?slettetype=ALLE").status_code == 204
    with app.app_context():
        found = select(Audit).where(Audit.objekt_id == str(letter), Audit.integrasjon_id.is_not(None))
        rows = session().scalars(found.order_by(Audit.id)).all()
        assert {row.organisasjon_id for row in rows} == {avsender.hus.organisasjon_id}
        assert [row.handling for row in rows][-2:] == ["BREV_LEST_EKSTERNT", "DOKUMENTER_SLETTET"]


def make_global_kall(hus: Hus) -> Kall:
    """A global integrasjon that the kommune has let send from its konto."""
    own, orgnr = uuid4(), new_orgnr()
    passord = service.create_global_integrasjon(
        integrasjon_id=own,
        kode=f"FELLES.{own.hex.upper()}",
        fakta=Integrasjonsfakta("Felles", orgnr),
        forespurte=[one for one in for_machines() if one.navn is P.SENDE],
        actor=HOUSE,
    )
    shown = queries.tilganger_digest(own, hus.organisasjon_id)
    grants.approve_global_integrasjon(
        own, hus.organisasjon_id, ressurser=[hus.konto_id], shown=shown, actor=HOUSE
    )
    return Kall(str(own), orgnr, passord.verdi)


def test_documents_are_deleted_when_the_sender_says_so(app: Flask, avsender: Avsender) -> None:
    letter = send(avsender)
    set_status(app, letter, Status.PRINTET)
    answer = avsender.open("DELETE", BREV.format(letter) + "/dokumenter?slettetype=ALLE")
    assert (answer.status_code, answer.data) == (204, b"")
    with app.app_context():
        left = session().scalars(select(Dokument.objekt).where(Dokument.forsendelse_id == letter)).all()
        status = session().scalar(select(Forsendelse.status).where(Forsendelse.id == letter))
        before = (Hendelse.forsendelse_id == letter) & (Hendelse.til != Status.SLETTET)
        since = session().scalar(select(func.max(Hendelse.tid)).where(before))
    assert not any(left)
    assert status == Status.SLETTET
    [one] = told(avsender.post(f"{avsender.konto}/status-sok", {"forsendelseIds": [str(letter)]}))["statuser"]
    assert since is not None
    told_since = datetime.fromisoformat(one["sisteStatusEndring"]).astimezone(UTC)
    assert (one["status"], told_since) == (
        "PRINTET",
        since.replace(microsecond=since.microsecond // 1000 * 1000),
    )
    wrong = avsender.open("DELETE", BREV.format(letter) + "/dokumenter?slettetype=INGEN")
    assert (wrong.status_code, told(wrong)["errorCode"]) == (400, "FELT_UGYLDIG")


CALLS: dict[str, Callable[[Avsender, object], Any]] = {
    "hendelser": lambda who, letter: who.get(BREV.format(letter) + "/hendelser"),
    "signering": lambda who, letter: who.get(BREV.format(letter) + "/signeringshendelser"),
    "metadata": lambda who, letter: who.get(BREV.format(letter) + "/metadata"),
    "slett": lambda who, letter: who.open("DELETE", BREV.format(letter) + "/dokumenter"),
    "lest": lambda who, letter: who.post(
        BREV.format(letter) + "/lest", {"fnr": FNR, "tidspunkt": "2026-02-24T09:12:00Z"}
    ),
}


@pytest.mark.parametrize("name", list(CALLS))
def test_sv12_19_a_letter_of_another_konto_is_answered_as_none(
    app: Flask, avsender: Avsender, name: str
) -> None:
    """sv12_18: nothing tells whether it exists."""
    with app.app_context():
        other = make_hus("Fjordvik kommune")
        stranger = Avsender(app, other, make_kall(other.organisasjon_id, P.SENDE, ressurs=other.konto_id))
    letter, seen = send(avsender), set()
    for asked in (letter, uuid4()):
        answer = CALLS[name](stranger, asked)
        body = told(answer)
        same = answer.text.replace(body["errorId"], "E").replace(str(body["timestamp"]), "T")
        seen.add((answer.status_code, same.replace(str(asked), "BREV")))
    assert [status for status, _ in seen] == [404]


def test_sv12_19_another_kontos_letters_are_not_found_by_status_or_reference(
    app: Flask, avsender: Avsender
) -> None:
    with app.app_context():
        other = make_hus("Fjordvik kommune")
        stranger = Avsender(app, other, make_kall(other.organisasjon_id, P.LESE, ressurs=other.konto_id))
    letter = send(avsender, letter_v2(eksternReferanse="felles"))
    asked = {"forsendelseIds": [str(letter)]}
    assert told(stranger.post(f"{stranger.konto}/status-sok", asked)) == {"statuser": []}
    assert told(stranger.get(f"{stranger.konto}?eksternRef=felles")) == {"forsendelseIds": []}
    assert stranger.post(f"{avsender.konto}/status-sok", asked).status_code == 403
    assert stranger.get(f"{avsender.konto}?eksternRef=felles").status_code == 403


def test_who_may_only_read_reads_and_may_not_change(app: Flask, avsender: Avsender) -> None:
    with app.app_context():
        kall = make_kall(avsender.hus.organisasjon_id, P.LESE, ressurs=avsender.hus.konto_id)
    reader, letter = Avsender(app, avsender.hus, kall), send(avsender)
    assert reader.get(BREV.format(letter) + "/hendelser").status_code == 200
    assert reader.send(letter_v3(), path=f"{reader.konto_v3}/person").status_code == 403
    for act in ("slett", "lest"):
        assert CALLS[act](reader, letter).status_code == 403

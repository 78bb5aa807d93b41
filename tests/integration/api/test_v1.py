"""REST v1, call by call: fields as KS has them, answers that fit KS' own schemas, errors a caseworker understands."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from jsonschema import Draft6Validator
from referencing import Registry, Resource
from sqlalchemy import select, update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.values.calendar import OSLO
from fiks.svarinn.rules import Koblingsfakta
from fiks.svarut.history import remark
from fiks.svarut.letters import load_letters, read_checked
from fiks.svarut.models import Forsendelse, Signeringsoppdrag
from fiks.svarut.rules import Mottakertype, Status
from fiks.svarut.sealed_content import unseal_content
from tests.integration.api.fagsystem import (
    POST,
    V1,
    Fagsystem,
    basic,
    forsendelse,
    letters,
    make_fagsystem,
    objects,
)
from tests.integration.systems import make_system
from tests.submissions import FNR, ORGNR, PDF

SCHEMAS = Path(__file__).parents[2] / "data" / "rest-v1-json-schema"
RESOURCES = [
    (path.name, Resource.from_contents(json.loads(path.read_text("utf-8"))))
    for path in SCHEMAS.glob("*.json")
]
REGISTRY: Registry[Any] = Registry().with_resources(
    [*RESOURCES, *((f"./{name}", found) for name, found in RESOURCES)]
)


def fits(answer: Any, schema: str, definition: str = "") -> Any:
    """The answer, which must fit KS' schema of it."""
    content = json.loads((SCHEMAS / f"{schema}.json").read_text("utf-8"))
    if definition:
        content["$ref"] = f"#/definitions/{definition}"
    Draft6Validator(content, registry=REGISTRY).validate(answer.json)
    assert answer.content_type == "application/json;charset=UTF-8"
    return answer.json


def letter_row(own: str) -> Forsendelse:
    return session().get_one(Forsendelse, own, populate_existing=True)


def refused(answer: Any, status: int = 400) -> str:
    assert answer.status_code == status, answer.text
    body = fits(answer, "error")
    assert set(body) == {"errorcode", "message"} and body["message"]
    return str(body["errorcode"])


EVERYTHING = forsendelse(
    eksponertFor=[{"fodselsNummer": "29822099635"}, {"organisasjonsNummer": ORGNR}],
    avgivendeSystem="Websak",
    konteringsKode="A.1-2",
    krevNiva4Innlogging=False,
    utskriftsKonfigurasjon={"utskriftMedFarger": True, "tosidig": True},
    metadataFraAvleverendeSystem={
        "saksSekvensNummer": 118,
        "saksAar": 2026,
        "journalPostType": "U",
        "journalDato": 1767225600000,
        "saksBehandler": "Kari Saksbehandler",
        "ekstraMetadata": [{"key": "a", "value": "b"}],
    },
    metadataForImport={"saksSekvensNummer": 3, "saksAar": 2025, "tittel": "Sak", "dokumentetsDato": None},
    svarSendesTil={"postAdresse": POST, "digitalAdresse": {"organisasjonsNummer": ORGNR}},
    svarPaForsendelseLink=True,
    lenker=[{"urlLenke": "https://kommune.example/sak", "urlTekst": "Saken", "ledeTekst": None}],
    forsendelsesType="ks.edialog",
    eksternReferanse="2026/118-4",
    signeringUtloper=None,
    signaturType=None,
    taushetsbelagtPost=True,
    ukjentFelt={"nytt": [1]},
    dokumenter=[
        {
            "filnavn": "Brev \u00e6\u00f8\u00e5.pdf",
            "mimeType": "application/pdf",
            "giroarkSider": [3, 1, 3],
            "dokumentType": "HOVEDDOKUMENT",
            "inneholderPersonsensitivInformasjon": True,
            "ekstraMetadata": [{"key": "sone", "value": "7"}],
        },
        {
            "filnavn": "lyd.mp3",
            "mimeType": "audio/mpeg",
            "ekskluderesFraUtskrift": True,
            "giroarkSider": None,
        },
    ],
)


def test_every_field_of_a_letter_arrives(fagsystem: Fagsystem) -> None:
    own = fagsystem.sent(EVERYTHING, ("Brev \u00e6\u00f8\u00e5.pdf", PDF), ("lyd.mp3", b"lyd"))
    letter, row = load_letters([letter_row(own).id])[letter_row(own).id], letter_row(own)

    assert (letter.status, letter.tittel, letter.mottaker.digital_id) == (
        Status.MOTTATT,
        "Eiendomsskatt 2026",
        FNR,
    )
    assert letter.mottaker.adresse.adresselinje1 == POST["adresse1"]
    assert [read_checked(one) for one in letter.dokumenter] == [PDF, b"lyd"]
    assert (row.opphav, row.avgivende_system, row.konteringskode) == ("V1", "Websak", "A.1-2")
    assert (row.tosidig, row.farger, row.taushetsbelagt, row.kan_svares) == (True, True, True, True)
    assert (row.ekstern_referanse, row.forsendelsestype) == ("2026/118-4", "ks.edialog")
    sealed = unseal_content(row.innhold_kryptert)
    assert sealed["eksponertFor"] == ["29822099635", ORGNR]
    assert sealed["svarSendesTil"]["digitalId"] == ORGNR
    assert sealed["lenker"] == [{"url": "https://kommune.example/sak", "tekst": "Saken", "ledetekst": ""}]
    assert sealed["noarkTil"] == {"sakssekvensnummer": 3, "saksaar": 2025, "tittel": "Sak"}
    assert sealed["noarkFra"] == {
        "sakssekvensnummer": 118,
        "saksaar": 2026,
        "journalposttype": "U",
        "journaldato": "2026-01-01T00:00:00Z",
        "saksbehandler": "Kari Saksbehandler",
        "ekstraMetadata": [{"key": "a", "value": "b"}],
    }


def test_the_answers_fit_ks_own_schemas(fagsystem: Fagsystem) -> None:
    own = fits(
        fagsystem.send(EVERYTHING, ("Brev \u00e6\u00f8\u00e5.pdf", PDF), ("lyd.mp3", b"lyd")),
        "forsendelseid",
        "forsendelsesId",
    )["id"]
    before = datetime.now(UTC)

    status = fits(fagsystem.get(f"/{own}/status"), "forsendelseStatus", "forsendelseStatus")
    assert (status["forsendelsesId"], status["status"]) == ({"id": own}, "MOTTATT")
    assert abs(status["sisteStatusEndring"] / 1000 - before.timestamp()) < 60
    assert fits(fagsystem.post("/statuser", [own]), "forsendelseStatus") == {"statuser": [status]}
    assert fagsystem.post("/statuser", [{"id": own}]).json == {"statuser": [status]}

    history = fits(fagsystem.get(f"/{own}/historikk"), "forsendelseHistorikk")["hendelsesLogger"]
    assert len(history) == 3 and all(set(one) == {"tidspunkt", "hendelse"} for one in history)
    logged = datetime.strptime(history[0]["tidspunkt"], "%d.%m.%Y %H:%M:%S").replace(tzinfo=OSLO)
    assert abs(logged - before) < timedelta(minutes=1)
    assert fits(fagsystem.get(f"/{own}/signeringhistorikk"), "signeringsHistorikk") == {
        "forsendelsesId": {"id": own},
        "logg": [],
    }

    first, second = fits(fagsystem.get(f"/{own}/dokumentMetadata"), "dokumentMetadata")["dokumentMetadata"]
    assert first == {
        "mimeType": "application/pdf",
        "filnavn": "Brev \u00e6\u00f8\u00e5.pdf",
        "kanSigneres": False,
        "sizeInBytes": len(PDF),
        "sha256hash": first["sha256hash"],
        "dokumentType": "HOVEDDOKUMENT",
        "nedlasningsUrl": f"http://localhost/forsendelse/{own}/1",
        "signeringsUrl": None,
        "ekstraMetadata": [{"key": "sone", "value": "7"}],
        "inneholderPersonsensitivInformasjon": True,
    }
    assert len(first["sha256hash"]) == 64
    assert (second["filnavn"], second["dokumentType"], second["ekstraMetadata"]) == ("lyd.mp3", None, [])

    assert fits(fagsystem.get("/eksternref/2026/118-4"), "forsendelseid") == {
        "forsendelseIder": [{"id": own}]
    }
    assert fagsystem.get("/eksternref/2026%2F118-4").json == {"forsendelseIder": [{"id": own}]}
    for other in ("%2F2026%2F118-4", "2026%2F%2F118-4"):
        assert fagsystem.get(f"/eksternref/{other}").json == {"forsendelseIder": []}, other
    assert fits(fagsystem.get("/eksternref/en-annen"), "forsendelseid") == {"forsendelseIder": []}
    types = fits(fagsystem.get("/forsendelseTyper"), "forsendelseTyperResult")["forsendelseTyper"]
    assert "ks.edialog" in types


def test_mottakersystemer_are_found_by_organisation_type_and_level(fagsystem: Fagsystem) -> None:
    hus = fagsystem.hus
    own = str(make_system(Koblingsfakta(hus.orgnr, ("ks.edialog",), "BETYDELIG"), navn="Websak").id)
    hit = {
        "organisasjonsNummer": hus.orgnr,
        "forsendelsesType": "ks.edialog",
        "mottakerSystem": "Websak",
        "mottakerId": own,
        "niva": 3,
    }
    assert fits(fagsystem.get(f"/mottakersystem/{hus.orgnr}"), "mottakerForsendelsesTyper") == {
        "treff": [hit]
    }
    asked = {"organisasjonsNummer": hus.orgnr, "forsendelsesType": "ks.edialog"}
    assert fagsystem.get("/mottakersystem", **asked, niva="3").json == {"treff": [hit]}
    assert fagsystem.get("/mottakersystem", **asked, niva="4").json == {"treff": []}
    assert refused(fagsystem.get("/mottakersystem", niva="5")) == "FELT_UGYLDIG"


def test_every_address_is_taken_with_a_slash_at_its_end(fagsystem: Fagsystem) -> None:
    assert fagsystem.post("/startNyForsendelse/").status_code == 200
    assert fagsystem.send(path="/sendForsendelse/").status_code == 200
    assert fagsystem.get("/forsendelseTyper/").status_code == 200


def test_sv12_15_a_letter_sent_again_under_its_id_is_the_same_letter(fagsystem: Fagsystem) -> None:
    own = fits(fagsystem.post("/startNyForsendelse"), "forsendelseid", "forsendelsesId")["id"]
    assert fagsystem.get(f"/{own}/status").status_code == 404
    path = f"/{own}/sendForsendelse"
    assert [fagsystem.send(path=path).json for _ in range(3)] == [{"id": own}] * 3
    assert (
        refused(fagsystem.send(forsendelse(tittel="Noe annet"), path=path), 409)
        == "FORSENDELSE_ANNET_INNHOLD"
    )
    assert letters(fagsystem.hus) == 1
    again = [fagsystem.send(nokkel="n-1").json["id"] for _ in range(2)]
    assert again[0] == again[1] and letters(fagsystem.hus) == 2
    mine = "7c1a4f0e-98b2-4d6e-a2b5-0d1c2e3f4a5b"
    assert [fagsystem.send(path=f"/{mine}/sendForsendelse").json for _ in range(2)] == [{"id": mine}] * 2
    assert letters(fagsystem.hus) == 3
    houses = "00000000-0000-5000-8000-000000000000"
    assert refused(fagsystem.send(path=f"/{houses}/sendForsendelse"), 404) == "ID_IKKE_RESERVERT"


PERSON = {"postAdresse": POST, "digitalAdresse": {"fodselsNummer": FNR}}
NO_NUMBER: dict[str, dict[str, Any]] = {
    "a number in another case": {"fodselsnummer": FNR},
    "a number of another interface": {"digitalId": FNR},
    "nothing": {},
    "empty texts": {"fodselsNummer": "", "organisasjonsNummer": None},
}
"""What KS' JSON Schema takes for no digital address: it has exactly one of the two numbers."""
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no title": ({"tittel": None}, "TITTEL_MANGLER"),
    "no receiver": ({"mottaker": None}, "MOTTAKER_MANGLER"),
    "no address": ({"mottaker": {"digitalAdresse": {"fodselsNummer": FNR}}}, "MOTTAKERNAVN_MANGLER"),
    "both numbers": (
        {"mottaker": PERSON | {"digitalAdresse": {"fodselsNummer": FNR, "organisasjonsNummer": ORGNR}}},
        "DIGITAL_ID_UGYLDIG",
    ),
    "orgnr as fnr": ({"mottaker": PERSON | {"digitalAdresse": {"fodselsNummer": ORGNR}}}, "IKKE_PERSON"),
    "fnr as orgnr": (
        {"mottaker": PERSON | {"digitalAdresse": {"organisasjonsNummer": FNR}}},
        "IKKE_ORGANISASJON",
    ),
    **{
        f"a digital address of {what}": (
            {"mottaker": PERSON | {"digitalAdresse": said}},
            "DIGITAL_ID_MANGLER",
        )
        for what, said in NO_NUMBER.items()
    },
    "no number to answer": (
        {"svarSendesTil": PERSON | {"digitalAdresse": {"organisasjonsnummer": ORGNR}}},
        "SVARADRESSE_UGYLDIG",
    ),
    "underscore": ({"konteringsKode": "a_b"}, "KONTERINGSKODE_UGYLDIG"),
    "wrong type": ({"kryptert": "kanskje"}, "FELT_UGYLDIG"),
    "wrong date": ({"signeringUtloper": 10**30}, "FELT_UGYLDIG"),
    "wrong method": ({"leveringsmetode": "DUE"}, "FELT_UGYLDIG"),
    "null character": ({"tittel": "a\0b"}, "TEKST_MED_NULLTEGN"),
    "a dash of cp1252": ({"tittel": "a \x96 b"}, "TEKST_MED_NULLTEGN"),
    "no documents": ({"dokumenter": None}, "DOKUMENTER_MANGLER"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_with_a_letter_is_told_and_nothing_kept(fagsystem: Fagsystem, what: str) -> None:
    changes, code = WRONG[what]
    before = objects()
    assert refused(fagsystem.send(forsendelse(**changes))) == code
    assert (letters(fagsystem.hus), objects()) == (0, before)


@pytest.mark.parametrize("receiver", [{"postAdresse": POST}, {"postAdresse": POST, "digitalAdresse": None}])
def test_a_letter_without_a_digital_address_goes_on_paper(
    fagsystem: Fagsystem, receiver: dict[str, Any]
) -> None:
    row = letter_row(fagsystem.sent(forsendelse(mottaker=receiver)))
    assert (row.mottakertype, row.mottaker_indeks) == (Mottakertype.INGEN, None)


def test_a_file_that_is_called_otherwise_than_the_facts_say_is_refused_by_name(fagsystem: Fagsystem) -> None:
    """As when npm `@vtfk/svarut` is given a filePath: it sends the name on disk (svarut.md 3.4)."""
    answer = fagsystem.send(None, ("tmp-4711.pdf", PDF))
    assert refused(answer) == "FILNAVN_AVVIKER"
    assert "brev.pdf" in answer.json["message"]
    assert refused(fagsystem.send(None, ("brev.pdf", PDF), ("b.pdf", PDF))) == "DOKUMENT_EKSTRA"


def test_a_body_that_is_none_is_refused(app: Flask, fagsystem: Fagsystem) -> None:
    client, path = app.test_client(), f"{V1}/sendForsendelse"
    for body, kind, code in (
        (b"{}", "application/json", "MULTIPART_UGYLDIG"),
        (b"", "multipart/form-data; boundary=x", "FORSENDELSE_MANGLER"),
        (b"--x\r\nhei", "multipart/form-data; boundary=x", "MULTIPART_UGYLDIG"),
    ):
        assert refused(client.post(path, headers=fagsystem.headers, data=body, content_type=kind)) == code
    own = "00000000-0000-4000-8000-000000000000"
    for path in ("/statuser", "/slettFiler"):
        assert refused(fagsystem.post(path, "hei")) == "JSON_UGYLDIG"
        assert refused(fagsystem.post(path, [own] * 1_001)) == "FOR_MANGE_IDER"
        assert refused(fagsystem.post(path, ["ikke-uuid"])) == "FELT_UGYLDIG"
        broken = client.post(V1 + path, headers=fagsystem.headers, data=b"{", content_type="application/json")
        assert refused(broken) == "JSON_UGYLDIG"


@pytest.mark.parametrize(
    ("metode", "kun", "strengt"),
    [
        ("STANDARD_SVARUT_LEVERANSE", False, False),
        ("KUN_DIGITAL_UTEN_LEVERANSEGARANTI", True, True),
        ("KUN_DIGITAL_UTEN_LEVERANSEGARANTI_MASSEUTSENDELSE", True, False),
    ],
)
def test_the_way_of_delivery_decides_what_is_digital_only(
    fagsystem: Fagsystem, metode: str, kun: bool, strengt: bool
) -> None:
    row = letter_row(fagsystem.sent(forsendelse(leveringsmetode=metode)))
    assert (row.kun_digital, row.strengt_digital) == (kun, strengt)


def test_a_letter_to_be_signed_has_a_log_of_its_signing(fagsystem: Fagsystem) -> None:
    until = round((clock.now() + timedelta(days=8)).timestamp() * 1000)
    own = fagsystem.sent(
        forsendelse(
            dokumenter=[{"filnavn": "brev.pdf", "mimeType": "application/pdf", "skalSigneres": True}],
            signeringUtloper=until,
            signaturType="AVANSERT_SIGNATUR",
            svarSendesTil={"postAdresse": POST, "digitalAdresse": {"organisasjonsNummer": ORGNR}},
        )
    )
    order = session().scalars(select(Signeringsoppdrag).where(Signeringsoppdrag.forsendelse_id == own)).one()
    assert round(order.utloper.timestamp() * 1000) == until
    with transaction():
        remark(
            UUID(own),
            "SIGNERING_REGISTRERT",
            aktor="system:test",
            type="AVANSERT_SIGNATUR",
            utloper=order.utloper.isoformat(),
        )
    [logged] = fits(fagsystem.get(f"/{own}/signeringhistorikk"), "signeringsHistorikk")["logg"]
    assert logged["type"] == "SigneringsoppdragRegistrert"
    assert fagsystem.get(f"/{own}/dokumentMetadata").json["dokumentMetadata"][0]["kanSigneres"] is True


def test_two_fagsystemer_see_their_own_letters_by_the_same_reference(
    app: Flask, fagsystem: Fagsystem
) -> None:
    other = make_fagsystem(app)
    mine, theirs = (one.sent(forsendelse(eksternReferanse="2026/1")) for one in (fagsystem, other))
    assert fagsystem.get("/eksternref/2026/1").json == {"forsendelseIder": [{"id": mine}]}
    assert other.get("/eksternref/2026/1").json == {"forsendelseIder": [{"id": theirs}]}
    assert basic(other.avsender, other.passord) == other.headers


def moved(own: str, status: Status) -> str:
    """The letter as it stands later, as a channel would have left it."""
    with transaction() as tx:
        tx.execute(update(Forsendelse).where(Forsendelse.id == own).values(status=status))
    return own


def test_a_letter_that_was_read_elsewhere_is_read(fagsystem: Fagsystem) -> None:
    own = moved(fagsystem.sent(), Status.LEVERT_ALTINN)
    assert fagsystem.get(f"/{own}/status").json["status"] == "VARSLET"
    read = {"lestAvFodselsNummer": FNR, "navnPaEksterntSystem": "Websak", "datoLest": 1767225600000}
    answer = fagsystem.post(f"/{own}/settLest", read)
    assert (answer.status_code, answer.data) == (200, b"")
    assert fagsystem.get(f"/{own}/status").json["status"] == "LEST"
    history = fagsystem.get(f"/{own}/historikk")
    assert "Websak" in history.text or "lest" in history.text.lower()
    assert FNR not in history.text


def test_who_read_a_letter_and_when_must_be_told_right(fagsystem: Fagsystem) -> None:
    own = moved(fagsystem.sent(), Status.SENDT_ALTINN)
    wrong = fagsystem.post(f"/{own}/settLest", {"lestAvFodselsNummer": "17912099998", "datoLest": None})
    assert refused(wrong) == "FNR_UGYLDIG" and "17912099998" not in wrong.text
    assert refused(fagsystem.post(f"/{own}/settLest", {"datoLest": "i g\u00e5r"})) == "FELT_UGYLDIG"
    assert refused(fagsystem.post(f"/{own}/settLest", [])) == "JSON_UGYLDIG"
    assert fagsystem.get(f"/{own}/status").json["status"] == "VARSLET"


def test_sv12_34_files_that_are_deleted_are_gone_and_the_status_stays(fagsystem: Fagsystem) -> None:
    before = objects()
    own, other = (moved(fagsystem.sent(), Status.PRINTET) for _ in range(2))
    assert objects() == before + 2
    for _ in range(2):
        answer = fagsystem.post("/slettFiler", [{"id": own}])
        assert (answer.status_code, answer.data) == (204, b"")
    assert objects() == before + 1
    assert fagsystem.get(f"/{own}/status").json["status"] == "PRINTET"
    assert fagsystem.get(f"/{other}/dokumentMetadata").json["dokumentMetadata"][0]["nedlasningsUrl"]
    assert not [
        d for d in fagsystem.get(f"/{own}/dokumentMetadata").json["dokumentMetadata"] if d["nedlasningsUrl"]
    ]


def test_nothing_is_deleted_when_one_of_the_letters_is_not_the_kontos(
    app: Flask, fagsystem: Fagsystem
) -> None:
    theirs = moved(make_fagsystem(app).sent(), Status.PRINTET)
    own, before = moved(fagsystem.sent(), Status.PRINTET), objects()
    assert fagsystem.post("/slettFiler", [{"id": own}, {"id": theirs}]).status_code == 404
    assert refused(fagsystem.post("/slettFiler", [fagsystem.sent()]), 409) == "BREVET_IKKE_SENDT"
    assert objects() == before + 1


def test_nothing_is_deleted_when_one_of_the_letters_cannot_be(fagsystem: Fagsystem) -> None:
    sent = [moved(fagsystem.sent(), Status.PRINTET) for _ in range(2)]
    unsent, before = fagsystem.sent(), objects()
    for ids in ([*sent, unsent], [unsent, *sent]):
        answer = fagsystem.post("/slettFiler", [{"id": one} for one in ids])
        assert refused(answer, 409) == "BREVET_IKKE_SENDT"
    assert objects() == before


@pytest.mark.parametrize("status", list(Status))
def test_sv12_25_no_status_is_shown_that_v1_does_not_know(fagsystem: Fagsystem, status: Status) -> None:
    values = {"status": status, "status_for_sletting": Status.PRINTET if status is Status.SLETTET else None}
    own = fagsystem.sent()
    with transaction() as tx:
        tx.execute(update(Forsendelse).where(Forsendelse.id == own).values(**values))
    shown = fits(fagsystem.get(f"/{own}/status"), "forsendelseStatus", "forsendelseStatus")["status"]
    older = {"SENDT_ALTINN": "VARSLET", "LEVERT_ALTINN": "VARSLET", "FEILET_UNDER_MOTTAK": "AVVIST"}
    assert shown == (older | {"SLETTET": "PRINTET"}).get(status, status)


def test_sv12_16_everything_that_is_wrong_is_told_at_once(fagsystem: Fagsystem) -> None:
    letter = forsendelse(
        tittel="", konteringsKode="a_b", dokumenter=[{"filnavn": "a/b.pdf", "mimeType": "x"}]
    )
    answer = fagsystem.send(letter)
    assert refused(answer) == "TITTEL_MANGLER"
    assert len([one for one in answer.json["message"].split(". ") if one]) >= 4


@pytest.mark.parametrize("reference", ["/2026/118", "//2026/118", "2026//118", "2026/118/", "/"])
def test_a_letter_is_found_by_its_own_reference_and_by_no_other(fagsystem: Fagsystem, reference: str) -> None:
    [own] = [fagsystem.send(forsendelse(eksternReferanse=reference)).json["id"]]
    if reference == "/":
        assert refused(fagsystem.get("/eksternref/%2F"), 404) == "None"
        return
    fagsystem.send(forsendelse(eksternReferanse="2026/118"))
    for written in (reference.replace("/", "%2F"), reference):
        assert fagsystem.get(f"/eksternref/{written}").json == {"forsendelseIder": [{"id": own}]}, written


@pytest.mark.parametrize(
    "path", ["/tjenester/api/forsendelse/v1/finnesIkke", "/tjenester/svarinn/finnesIkke"]
)
def test_an_address_there_is_not_is_told_as_the_interface_tells_of_errors(app: Flask, path: str) -> None:
    refused(app.test_client().get(path), 404)

"""Sending by REST v2 and v3: what is accepted, what is refused and how it is told (svarut.md 12, statements 1-18)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from fiks.core import environment
from fiks.core.db import session, transaction
from fiks.konfigurasjon.avtale.models import Tjenesteaktivering
from fiks.konfigurasjon.konto import service
from fiks.konfigurasjon.rules import P
from fiks.svarut.letters import load_letters, read_checked
from fiks.svarut.models import Forsendelse
from fiks.svarut.mottak.inspection import Funnet, record_findings
from fiks.svarut.rules import Opphav, Status
from fiks.svarut.sealed_content import unseal_content
from tests.api.calls import ORGANISATION, Avsender, letter_v2, letter_v3, multipart, told
from tests.integration.houses import HOUSE, make_hus
from tests.machines import make_kall
from tests.security.loglines import captured
from tests.submissions import FNR, ORGNR, PDF

V3 = ("person", "organisasjon", "print")


def v3(operation: str, **changes: Any) -> dict[str, Any]:
    return letter_v3({"person": FNR, "organisasjon": ORGANISATION, "print": ""}[operation], **changes)


def stored(app: Flask) -> int:
    with app.app_context():
        return session().execute(select(func.count()).select_from(Forsendelse)).scalar_one()


def sent(app: Flask, answer: Any) -> Forsendelse:
    """The letter whose id was answered."""
    assert answer.status_code == 200, answer.text
    with app.app_context():
        letter = session().get_one(Forsendelse, UUID(told(answer)["id"]))
        session().expunge(letter)
        return letter


@pytest.mark.parametrize("slash", ["", "/"])
def test_sv12_01_v2_takes_a_letter_with_and_without_trailing_slash(
    app: Flask, avsender: Avsender, slash: str
) -> None:
    answer = avsender.send(letter_v2(), path=avsender.konto + slash)
    assert set(told(answer)) == {"id"}
    letter = sent(app, answer)
    assert (letter.status, letter.opphav, letter.konto_id) == (
        Status.MOTTATT,
        Opphav.V2,
        avsender.hus.konto_id,
    )
    with app.app_context():
        stored_letter = load_letters([letter.id])[letter.id]
        assert [read_checked(d) for d in stored_letter.dokumenter] == [PDF]
        assert stored_letter.mottaker.digital_id == FNR
        assert stored_letter.mottaker.adresse.poststed == "AVALDSNES"


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("operation", V3)
def test_sv12_01_v3_takes_letters_to_persons_organisations_and_paper(
    app: Flask, avsender: Avsender, operation: str, slash: str
) -> None:
    letter = sent(app, avsender.send(v3(operation), path=f"{avsender.konto_v3}/{operation}{slash}"))
    kinds = {"person": "PERSON", "organisasjon": "ORGANISASJON", "print": "INGEN"}
    assert (letter.opphav, letter.mottakertype) == (Opphav.V3, kinds[operation])


def test_sv12_01_norsk_helsenett_is_refused_in_words(app: Flask, avsender: Avsender) -> None:
    before = stored(app)
    answer = avsender.send(letter_v3(), path=f"{avsender.konto_v3}/nhn")
    assert (answer.status_code, told(answer)["errorCode"]) == (400, "NHN_STOTTES_IKKE")
    assert stored(app) == before


def test_everything_v2_can_say_is_kept(app: Flask, avsender: Avsender) -> None:
    letter = letter_v2(
        eksponertFor=[ORGNR],
        avgivendeSystemAktor="Kari",
        konteringskode="EISK_2026",
        utskriftskonfigurasjon={"utskriftMedFarger": True, "tosidig": True},
        metadataFraAvleverendeSystem={
            "saksaar": 2026,
            "sakssekvensnummer": 0,
            "journaldato": "2026-02-24T09:12:00+01:00",
            "ekstraMetadata": [{"key": "a", "value": "b"}],
        },
        metadataForImport={"saksaar": 2026, "tittel": "Dispensasjon"},
        svarSendesTil={
            "navn": "Testvik kommune",
            "digitalId": ORGNR,
            "postnummer": "4260",
            "poststed": "TORVASTAD",
        },
        svarPaForsendelse=str(uuid4()),
        svarPaForsendelseLink=True,
        lenker=[{"url": "https://kommune.example/x", "tekst": "Les mer", "ledetekst": "Se"}],
        forsendelsestype="ks.byggesøknad",
        eksternReferanse="utsending-41/0007",
        korrelasjonsid="utsending-41",
        taushetsbelagtPost=True,
        dokumenter=[
            {
                "filnavn": "brev æøå.pdf",
                "mimeType": "application/pdf",
                "giroarkSider": [2, 1],
                "dokumentType": "SOK",
            },
            {
                "filnavn": "kart.sosi",
                "mimeType": "application/octet-stream",
                "skalEkskluderesFraUtskrift": True,
                "ekstraMetadata": [{"key": "k", "value": "v"}],
                "inneholderPersonsensitivInformasjon": True,
            },
        ],
    )
    row = sent(app, avsender.send(letter, PDF, b"kart"))
    assert (row.konteringskode, row.farger, row.tosidig) == ("EISK_2026", True, True)
    assert (row.forsendelsestype, row.taushetsbelagt, row.kan_svares) == ("ks.byggesøknad", True, True)
    assert (row.ekstern_referanse, row.korrelasjonsid) == ("utsending-41/0007", "utsending-41")
    assert str(row.svar_pa_id) == letter["svarPaForsendelse"]
    with app.app_context():
        kept = unseal_content(row.innhold_kryptert)
        pages = [d.giroark for d in load_letters([row.id])[row.id].dokumenter]
    assert pages == [(2, 1), ()]
    assert kept["noarkFra"]["saksaar"] == 2026 and kept["noarkFra"]["sakssekvensnummer"] == 0
    assert kept["noarkFra"]["ekstraMetadata"] == [{"key": "a", "value": "b"}]
    assert kept["noarkTil"] == {"saksaar": 2026, "tittel": "Dispensasjon"}
    assert kept["lenker"] == [{"url": "https://kommune.example/x", "tekst": "Les mer", "ledetekst": "Se"}]
    assert kept["ekstraMetadata"] == {"2": [{"key": "k", "value": "v"}]}


def test_nulls_and_empty_texts_are_taken_as_not_said(app: Flask, avsender: Avsender) -> None:
    """The official client sends every field it knows."""
    letter = letter_v2()
    letter |= {"eksponertFor": [], "svarSendesTil": None, "konteringskode": "", "krevNiva4Innlogging": None}
    body = json.loads(json.dumps(letter))
    body |= {"signaturType": None, "signeringUtloper": "", "metadataForImport": None, "lenker": None}
    body["mottaker"] |= {"adresselinje2": None, "land": None}
    row = sent(app, avsender.send(body))
    assert (row.konteringskode, row.innhold_kryptert, row.sikkerhetsniva) == (None, None, "BETYDELIG")


@pytest.mark.parametrize("names", [("filer", "filer"), ("filer_0", "filer_1"), ("x", "forsendelse")])
def test_sv12_02_document_parts_are_known_by_order_and_file_name(
    app: Flask, avsender: Avsender, names: tuple[str, str]
) -> None:
    two = letter_v2(
        dokumenter=[{"filnavn": name, "mimeType": "application/pdf"} for name in ("a.pdf", "b.pdf")]
    )
    parts = [(name, file, PDF) for name, file in zip(names, ("a.pdf", "b.pdf"), strict=True)]
    sent(app, avsender.send(two, parts=parts))


@pytest.mark.parametrize("kind", ["text/plain", "application/octet-stream", "application/json"])
def test_sv12_02_the_facts_are_read_as_json_whatever_they_say_they_are(
    app: Flask, avsender: Avsender, kind: str
) -> None:
    body = multipart(("forsendelse", "", json.dumps(letter_v2()).encode()), ("f", "skatteseddel.pdf", PDF))
    head = b'name="forsendelse"\r\n'
    assert head in body
    answer = avsender.open(
        "POST",
        avsender.konto,
        data=body.replace(head, head + f"Content-Type: {kind}\r\n".encode()),
        content_type="multipart/form-data; boundary=b1",
    )
    sent(app, answer)


@pytest.mark.parametrize(
    "head",
    [
        'filename="skatt æøå.pdf"'.encode(),
        'filename="skatt æøå.pdf"'.encode("latin-1"),
        'filename="skatt æøa\u030a.pdf"'.encode(),
        b"filename*=utf-8''skatt%20%C3%A6%C3%B8%C3%A5.pdf",
    ],
)
def test_a_norwegian_file_name_is_known_however_it_is_written(
    app: Flask, avsender: Avsender, head: bytes
) -> None:
    letter = letter_v2(dokumenter=[{"filnavn": "skatt æøå.pdf", "mimeType": "application/pdf"}])
    body = multipart(("forsendelse", "", json.dumps(letter).encode()), ("f", "NAVN", PDF))
    answer = avsender.open(
        "POST",
        avsender.konto,
        data=body.replace(b'filename="NAVN"', head),
        content_type="multipart/form-data; boundary=b1",
    )
    sent(app, answer)


def test_an_empty_value_of_extra_metadata_is_one_in_v2_and_none_in_v3(app: Flask, avsender: Avsender) -> None:
    extra = [{"key": "arkivdel", "value": ""}]
    letter = letter_v2(metadataFraAvleverendeSystem={"ekstraMetadata": extra})
    letter["dokumenter"][0] |= {"ekstraMetadata": extra}
    made = told(avsender.send(letter))["id"]
    [kept] = told(avsender.get(f"/api/v2/forsendelser/{made}/metadata"))["dokumenter"]
    assert kept["ekstraMetadata"] == extra
    letter["dokumenter"][0] |= {"ekstraMetadata": [{"key": "arkivdel"}, {"key": "", "value": "x"}]}
    named = "dokumenter[0].ekstraMetadata[{}].{}"
    status, kode, fields = refused(avsender.send(letter))
    assert (status, kode, set(fields)) == (
        400,
        "FELT_MANGLER",
        {named.format(0, "value"), named.format(1, "key")},
    )
    newer = letter_v3(ORGNR)
    newer["dokumenter"][0] |= {"ekstraMetadata": extra}
    status, kode, fields = refused(avsender.send(newer, path=f"{avsender.konto_v3}/organisasjon"))
    assert (status, kode, set(fields)) == (400, "FELT_MANGLER", {named.format(0, "value")})


def test_sv12_03_a_part_too_few_too_many_or_misnamed_is_refused_by_name(
    app: Flask, avsender: Avsender
) -> None:
    before = stored(app)
    two = letter_v2(
        dokumenter=[{"filnavn": name, "mimeType": "application/pdf"} for name in ("a.pdf", "b.pdf")]
    )
    for names, kode, named in (
        (["a.pdf"], "DOKUMENT_MANGLER", "b.pdf"),
        (["a.pdf", "b.pdf", "c.pdf"], "DOKUMENT_EKSTRA", "c.pdf"),
        (["b.pdf", "a.pdf"], "FILNAVN_AVVIKER", "a.pdf"),
    ):
        answer = avsender.send(two, parts=[("filer", name, PDF) for name in names])
        body = told(answer)
        assert (answer.status_code, body["errorCode"]) == (400, kode)
        assert named in body["message"]
    assert stored(app) == before


def refused(answer: Any) -> tuple[int, str, dict[str, str]]:
    body = told(answer)
    return answer.status_code, body["errorCode"], body["errorJson"]


def test_sv12_05_a_wrong_konteringskode_is_refused_and_underscore_is_not(
    app: Flask, avsender: Avsender
) -> None:
    for wrong in ("EISK 2026", "E" * 21, "EISK/2026"):
        status, kode, fields = refused(avsender.send(letter_v2(konteringskode=wrong)))
        assert (status, kode, set(fields)) == (400, "KONTERINGSKODE_UGYLDIG", {"konteringskode"})
        path = f"{avsender.konto_v3}/person"
        assert refused(avsender.send(letter_v3(konteringskode=wrong), path=path))[1] == kode
    assert sent(app, avsender.send(letter_v2(konteringskode="EI_SK"))).konteringskode == "EI_SK"
    path = f"{avsender.konto_v3}/person"
    assert sent(app, avsender.send(letter_v3(konteringskode="EI_SK"), path=path)).konteringskode == "EI_SK"


def test_sv12_06_what_is_not_a_pdf_is_refused_where_it_could_be_printed(
    app: Flask, avsender: Avsender
) -> None:
    picture = {"filnavn": "bilde.png", "mimeType": "image/png"}
    pdf = {"filnavn": "brev.pdf", "mimeType": "application/pdf"}
    for path, letter in (
        (avsender.konto, letter_v2(dokumenter=[pdf, picture])),
        (f"{avsender.konto_v3}/person", letter_v3(dokumenter=[pdf, picture])),
        (f"{avsender.konto_v3}/print", letter_v3("", dokumenter=[pdf, picture])),
        (
            f"{avsender.konto_v3}/print",
            letter_v3("", dokumenter=[pdf, picture | {"skalEkskluderesFraUtskrift": True}]),
        ),
    ):
        status, kode, fields = refused(avsender.send(letter, path=path))
        assert (status, kode) == (400, "KUN_PDF_KAN_SKRIVES_UT")
        assert set(fields) == {"dokumenter[1].mimeType"}
    left_out = letter_v2(dokumenter=[pdf, picture | {"skalEkskluderesFraUtskrift": True}])
    sent(app, avsender.send(left_out))
    sent(app, avsender.send(letter_v2(dokumenter=[picture], kunDigitalLevering=True)))


def test_sv12_07_too_much_to_print_is_refused_and_digital_only_is_not(
    app: Flask, avsender: Avsender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fiks.svarut.mottak.intake.PRINTABLE_BYTES", 100_000)
    large = PDF + b"x" * 100_000
    before = stored(app)
    status, kode, _ = refused(avsender.send(letter_v2(), large))
    assert (status, kode) == (413, "UTSKRIFT_FOR_STOR")
    assert stored(app) == before
    sent(app, avsender.send(letter_v2(kunDigitalLevering=True), large))


CP1252 = letter_v2()["mottaker"] | {"navn": "Kari \u0096 Nordmann"}
WRONG_LETTERS: list[tuple[dict[str, Any], set[str], set[str]]] = [
    ({"tittel": None}, {"TITTEL_MANGLER"}, {"tittel"}),
    ({"mottaker": None}, {"MOTTAKER_MANGLER"}, {"mottaker"}),
    ({"mottaker": {"digitalId": FNR}}, {"MOTTAKERNAVN_MANGLER"}, {"mottaker.navn", "mottaker.adresse"}),
    ({"dokumenter": []}, {"DOKUMENTER_MANGLER"}, {"dokumenter"}),
    ({"dokumenter": [{"mimeType": "application/pdf"}]}, {"FELT_MANGLER"}, {"dokumenter[0].filnavn"}),
    ({"lenker": [{"url": "https://a.no", "tekst": "a"}] * 6}, {"LENKER_FOR_MANGE"}, {"lenker"}),
    ({"krevNiva4Innlogging": True}, {"NIVA4_UTEN_KRYPTERING"}, {"kryptert"}),
    ({"svarPaForsendelseLink": True}, {"SVARLENKE_UTEN_ORGNR"}, {"svarSendesTil.digitalId"}),
    ({"kunDigitalLevering": "kanskje"}, {"FELT_UGYLDIG"}, {"kunDigitalLevering"}),
    ({"svarPaForsendelse": "ikke en id"}, {"FELT_UGYLDIG"}, {"svarPaForsendelse"}),
    ({"signaturType": "AVANSERT_SIGNATUR"}, {"SIGNERING_UFULLSTENDIG"}, {"signering"}),
    ({"metadataForImport": {"saksaar": "i fjor"}}, {"NOARK_UGYLDIG"}, {"metadataForImport.saksaar"}),
    ({"eksponertFor": "alle"}, {"FELT_UGYLDIG"}, {"eksponertFor"}),
    ({"tittel": "Brev\u0000"}, {"TEKST_MED_NULLTEGN"}, {"tittel"}),
    ({"dokumenter": [{"filnavn": "a\u0007.pdf"}]}, {"TEKST_MED_NULLTEGN"}, {"dokumenter[0].filnavn"}),
    ({"tittel": "Skatt \u0096 2026"}, {"TEKST_MED_NULLTEGN"}, {"tittel"}),
    ({"mottaker": CP1252}, {"TEKST_MED_NULLTEGN"}, {"mottaker.navn"}),
]


@pytest.mark.parametrize(("changes", "codes", "fields"), WRONG_LETTERS)
def test_what_is_wrong_is_told_by_code_and_field(
    app: Flask, avsender: Avsender, changes: dict[str, Any], codes: set[str], fields: set[str]
) -> None:
    before = stored(app)
    answer = avsender.send(letter_v2(**changes), parts=[("filer", "skatteseddel.pdf", PDF)])
    status, kode, told_fields = refused(answer)
    assert (status, {kode}, set(told_fields)) == (400, codes, fields)
    assert told_fields[next(iter(fields))][-1] in ".!"
    assert stored(app) == before


def test_sv12_13_digital_only_needs_a_number_and_at_most_five_links_are_taken(avsender: Avsender) -> None:
    receiver = {"navn": "Kari", "poststed": "AVALDSNES", "postnummer": "4262"}
    status, kode, fields = refused(avsender.send(letter_v2(mottaker=receiver, kunDigitalLevering=True)))
    assert (status, kode, set(fields)) == (400, "DIGITAL_ID_MANGLER", {"mottaker.digitalId"})
    links = [{"url": "https://kommune.example", "tekst": "Les"}] * 6
    for path, letter in (
        (avsender.konto, letter_v2(lenker=links)),
        (f"{avsender.konto_v3}/person", letter_v3(lenker=links)),
    ):
        assert refused(avsender.send(letter, path=path))[1] == "LENKER_FOR_MANGE"


TO_SIGN = {"filnavn": "avtale.pdf", "mimeType": "application/pdf", "skalSigneres": True}
WORD = {"filnavn": "avtale.docx", "mimeType": "application/msword", "skalSigneres": True}
ANSWER_TO = {"navn": "Testvik kommune", "digitalId": ORGNR, "postnummer": "4260", "poststed": "TORVASTAD"}
NO_NUMBER = {"navn": "Kari", "adresselinje1": "Veien 1", "postnummer": "4262", "poststed": "AVALDSNES"}


def to_sign(hours: float = 49, **changes: Any) -> dict[str, Any]:
    """A letter to sign by v2, without fault unless `changes` make one."""
    ends = (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
    right = {"signaturType": "AVANSERT_SIGNATUR", "signeringUtloper": ends, "svarSendesTil": ANSWER_TO}
    return letter_v2(**right | {"dokumenter": [TO_SIGN]} | changes)


def test_a_letter_is_not_taken_in_to_be_signed_where_nothing_can_be_signed(
    app: Flask, avsender: Avsender
) -> None:
    letter = to_sign()
    first = avsender.send(letter, Idempotency_Key="signert")
    before = stored(app)
    environment.install(replace(environment.current(), signing=False))
    status, kode, fields = refused(avsender.send(to_sign()))
    assert (status, kode, set(fields)) == (400, "SIGNERING_IKKE_SATT_OPP", {"signering"})
    assert told(avsender.send(letter, Idempotency_Key="signert")) == told(first)
    assert stored(app) == before


@pytest.mark.parametrize(
    ("wrong", "kode"),
    [
        ({"dokumenter": [TO_SIGN, TO_SIGN | {"filnavn": "to.pdf"}]}, "SIGNERING_FLERE_DOKUMENTER"),
        ({"dokumenter": [WORD], "kunDigitalLevering": True}, "SIGNERING_IKKE_PDF"),
        ({"mottaker": NO_NUMBER}, "SIGNERING_UTEN_FNR"),
        ({"svarSendesTil": {**ANSWER_TO, "digitalId": None}}, "SIGNERING_UTEN_SVARADRESSE"),
        ({"svarSendesTil": None}, "SIGNERING_UTEN_SVARADRESSE"),
        ({"hours": 23.9}, "SIGNERING_UTLOPER_FOR_TIDLIG"),
    ],
)
def test_sv12_11_what_cannot_be_signed_is_refused_and_not_stored(
    app: Flask, avsender: Avsender, wrong: dict[str, Any], kode: str
) -> None:
    sent(app, avsender.send(to_sign()))
    before = stored(app)
    status, told_kode, _ = refused(avsender.send(to_sign(**wrong)))
    assert (status, told_kode, stored(app)) == (400, kode, before)


def test_sv12_14_unknown_fields_are_ignored(app: Flask, avsender: Avsender) -> None:
    letter = letter_v2(nyttFelt={"a": [1]}, postensFarge="rød")
    letter["mottaker"]["kallenavn"] = "Fjellet"
    letter["dokumenter"][0]["sider"] = 4
    assert sent(app, avsender.send(letter)).tittel == letter["tittel"]


def test_everything_that_is_wrong_is_told_at_once(avsender: Avsender) -> None:
    letter = letter_v2(tittel="", konteringskode="EISK 2026", kryptert="kanskje", eksternReferanse="x" * 101)
    letter["mottaker"] |= {"postnummer": "42", "navn": None}
    _, kode, fields = refused(avsender.send(letter))
    assert kode == "FELT_UGYLDIG"
    assert set(fields) == {
        *("kryptert", "tittel", "mottaker.navn", "konteringskode", "eksternReferanse"),
        "mottaker.postnummer",
    }
    assert fields["eksternReferanse"] == "Den eksterne referansen er for lang. Den kan ha høyst 100 tegn."


def test_v3_is_told_by_its_own_names(avsender: Avsender) -> None:
    letter = letter_v3(signering={"signeringUtloper": "2020-01-01T00:00:00Z", "signaturType": "X"})
    letter["mottaker"]["adresse"] = {"adresselinje1": "Vegen 1", "postnummer": "42", "landkode": "XX"}
    letter["dokumenter"][0]["giroarkSide"] = 0
    _, _, fields = refused(avsender.send(letter, path=f"{avsender.konto_v3}/person"))
    assert {
        *("mottaker.adresse.poststed", "mottaker.adresse.landkode", "dokumenter[0].giroarkSide"),
        "signering.signaturType",
    } <= set(fields)


@pytest.mark.parametrize(
    ("operation", "letter", "kode"),
    [
        ("person", letter_v3(ORGNR), "IKKE_PERSON"),
        ("organisasjon", letter_v3(FNR), "IKKE_ORGANISASJON"),
        ("person", letter_v3(""), "DIGITAL_ID_MANGLER"),
        ("print", letter_v3("", mottaker={"navn": "Kari"}), "ADRESSE_MANGLER"),
        ("organisasjon", letter_v3(ORGNR, forsendelsestype="annet"), "FORSENDELSESTYPE_UGYLDIG"),
        ("person", letter_v3(sikkerhetsniva="HOYESTE"), "NIVA4_UTEN_KRYPTERING"),
        ("person", letter_v3(sikkerhetsniva="HØYEST"), "FELT_UGYLDIG"),
        ("person", letter_v3(svarSendesTil={"navn": "Kari"}), "FELT_MANGLER"),
        (
            "person",
            letter_v3(
                svarSendesTil={
                    "navn": "Kari",
                    "type": "PERSON",
                    "digitalId": ORGNR,
                    "adresse": {"adresselinje1": "Vegen 1", "poststed": "X", "postnummer": "4262"},
                }
            ),
            "SVARADRESSE_UGYLDIG",
        ),
    ],
)
def test_what_v3_alone_demands(avsender: Avsender, operation: str, letter: dict[str, Any], kode: str) -> None:
    status, found, _ = refused(avsender.send(letter, path=f"{avsender.konto_v3}/{operation}"))
    assert (status, found) == (400, kode)


def test_a_letter_without_address_is_taken_by_v3_and_never_goes_on_paper(
    app: Flask, avsender: Avsender
) -> None:
    letter = letter_v3()
    del letter["mottaker"]["adresse"]
    assert sent(app, avsender.send(letter, path=f"{avsender.konto_v3}/person")).uten_adresse


@pytest.mark.parametrize(
    ("body", "kode"),
    [
        (b"", "JSON_UGYLDIG"),
        (b"[]", "JSON_UGYLDIG"),
        (b"{", "JSON_UGYLDIG"),
        (b'{"tittel":"\xff"}', "JSON_UGYLDIG"),
        (b'{"tittel":"\\ud800"}', "JSON_UGYLDIG"),
        (b"[" * 10_000, "JSON_UGYLDIG"),
        (b'{"tittel":NaN}', "JSON_UGYLDIG"),
        (b'{"tittel":"' + b"x" * (1024 * 1024) + b'"}', "JSON_UGYLDIG"),
    ],
)
def test_what_is_no_json_is_refused(avsender: Avsender, body: bytes, kode: str) -> None:
    assert refused(avsender.send(body, parts=[]))[:2] == (400, kode)


def test_a_byte_order_mark_is_nothing(app: Flask, avsender: Avsender) -> None:
    facts = b"\xef\xbb\xbf" + json.dumps(letter_v2()).encode()
    sent(app, avsender.send(facts, parts=[("f", "skatteseddel.pdf", PDF)]))


def test_a_body_that_is_no_multipart_or_is_cut_short_is_refused(app: Flask, avsender: Avsender) -> None:
    before, whole = stored(app), multipart(("forsendelse", "", json.dumps(letter_v2()).encode()))
    kind = "multipart/form-data; boundary=b1"
    for data, content_type, kode in (
        (whole[: len(whole) // 2], kind, "MULTIPART_UGYLDIG"),
        (whole, "multipart/form-data; boundary=b2", "MULTIPART_UGYLDIG"),
        (whole, "multipart/form-data", "MULTIPART_UGYLDIG"),
        (b"{}", "application/json", "MULTIPART_UGYLDIG"),
        (multipart(("f", "a.pdf", PDF)), kind, "FORSENDELSE_MANGLER"),
        (multipart(), kind, "FORSENDELSE_MANGLER"),
    ):
        answer = avsender.open("POST", avsender.konto, data=data, content_type=content_type)
        assert (answer.status_code, told(answer)["errorCode"]) == (400, kode), content_type
    assert stored(app) == before


def test_a_repeated_call_with_an_idempotency_key_is_one_letter(app: Flask, avsender: Avsender) -> None:
    key = str(uuid4())
    first = avsender.send(letter_v2(), Idempotency_Key=key)
    before = stored(app)
    again = avsender.send(letter_v2(), Idempotency_Key=key)
    assert told(again) == told(first)
    assert stored(app) == before
    other = avsender.send(letter_v2(tittel="Et annet"), Idempotency_Key=key)
    status, kode, felter = refused(other)
    assert (status, kode) == (409, "NOKKEL_ANNET_INNHOLD")
    own = told(first)["id"]
    assert felter["forsendelseId"] == own
    assert f"Det har id {own}. Spør etter status på det før noe sendes på nytt." in told(other)["message"]
    assert refused(avsender.send(letter_v2(), Idempotency_Key="x" * 201))[1] == "NOKKEL_UGYLDIG"


def turned(letter: dict[str, Any]) -> dict[str, Any]:
    """The letter with what the interface declares as sets in another order."""
    documents = [
        {name: said[::-1] if isinstance(said, list) else said for name, said in one.items()}
        for one in letter["dokumenter"]
    ]
    return letter | {"eksponertFor": letter["eksponertFor"][::-1], "dokumenter": documents}


def test_a_repeated_call_whose_sets_come_in_another_order_is_one_letter(
    app: Flask, avsender: Avsender
) -> None:
    extra = [{"key": "sone", "value": "7"}, {"key": "felt", "value": "9"}]
    one = {"filnavn": "a.pdf", "mimeType": "application/pdf", "ekstraMetadata": extra}
    readers = [ORGNR, FNR]
    for path, letter in (
        (avsender.konto, letter_v2(eksponertFor=readers, dokumenter=[one | {"giroarkSider": [2, 1]}])),
        (
            f"{avsender.konto_v3}/organisasjon",
            v3("organisasjon", eksponertFor=readers, dokumenter=[one]),
        ),
    ):
        key, before = str(uuid4()), stored(app)
        first = avsender.send(letter, path=path, Idempotency_Key=key)
        again = avsender.send(turned(letter), path=path, Idempotency_Key=key)
        assert (first.status_code, told(again)) == (200, told(first))
        assert stored(app) == before + 1


@pytest.mark.parametrize("path", ["v2", *V3])
@pytest.mark.parametrize(
    ("closes", "status", "kode"),
    [("konto", 409, "KONTO_IKKE_AKTIV"), ("tjeneste", 403, "TJENESTE_IKKE_AKTIV")],
)
def test_sv12_15_a_repeated_call_is_one_letter_though_nothing_new_may_be_sent(
    app: Flask, path: str, closes: str, status: int, kode: str
) -> None:
    with app.app_context():
        hus = make_hus("Stengt kommune")
        sender = Avsender(app, hus, make_kall(hus.organisasjon_id, P.SENDE, ressurs=hus.konto_id))
    letter, where = (letter_v2(), "") if path == "v2" else (v3(path), f"{sender.konto_v3}/{path}")
    first = sender.send(letter, path=where, Idempotency_Key="jobb-41/7")
    with app.app_context():
        if closes == "konto":
            service.deactivate_konto(hus.konto_id, actor=HOUSE)
        else:
            with transaction() as tx:
                mine = Tjenesteaktivering.organisasjon_id == hus.organisasjon_id
                tx.execute(update(Tjenesteaktivering).where(mine).values(konfigurert=None))
    before = stored(app)
    again = sender.send(letter, path=where, Idempotency_Key="jobb-41/7")
    assert (again.status_code, told(again)) == (200, told(first))
    for key in ({}, {"Idempotency_Key": "jobb-41/8"}):
        assert refused(sender.send(letter, path=where, **key))[:2] == (status, kode)
    assert stored(app) == before


def test_a_repeated_call_of_a_letter_that_was_rejected_is_told_that_it_is_not_sent(
    app: Flask, avsender: Avsender
) -> None:
    key = str(uuid4())
    own = told(avsender.send(letter_v2(), Idempotency_Key=key))["id"]
    with app.app_context():
        record_findings(
            load_letters([UUID(own)])[UUID(own)], Funnet(feil="PDF_PASSORD", detaljer={"dokument": 1})
        )
    for letter in (letter_v2(), letter_v2(tittel="Rettet")):
        answer = avsender.send(letter, Idempotency_Key=key)
        status, kode, felter = refused(answer)
        assert (status, kode, felter["forsendelseId"]) == (409, "NOKKEL_IKKE_SENDT", own)
        said = told(answer)["message"]
        assert "En PDF er beskyttet med passord." in said and said.endswith("må ha en ny nøkkel.")
    assert avsender.send(letter_v2(tittel="Rettet"), Idempotency_Key=f"{key}-2").status_code == 200


def test_sv12_16_an_error_has_the_whole_body_and_its_id_finds_it_in_the_log(
    app: Flask, avsender: Avsender
) -> None:
    with captured(app.config["FIKS_SETTINGS"]) as log:
        answer = avsender.send(letter_v2(tittel=""))
    body = told(answer)
    assert set(body) == {
        *("timestamp", "status", "error", "errorId", "path", "originalPath", "message", "errorCode"),
        "errorJson",
    }
    assert (body["status"], body["error"]) == (400, "Bad Request")
    assert body["path"] == avsender.konto
    assert body["message"] == body["errorJson"]["tittel"] == "Tittelen mangler. Skriv hva brevet gjelder."
    assert isinstance(body["timestamp"], int)
    assert body["errorId"] in log.getvalue()


def test_sv12_18_nothing_tells_whether_a_konto_exists(app: Flask, avsender: Avsender) -> None:
    with app.app_context():
        other = make_hus("Fjordvik kommune")
        reader = make_kall(avsender.hus.organisasjon_id, P.LESE, ressurs=avsender.hus.konto_id)

    def answer(konto_id: object, kall: Any) -> tuple[int, str]:
        caller = Avsender(app, avsender.hus, kall)
        got = caller.send(letter_v2(), path=f"/api/v2/kontoer/{konto_id}/forsendelser")
        body = told(got)
        same = got.text.replace(body["errorId"], "E").replace(str(body["timestamp"]), "T")
        return got.status_code, same.replace(str(konto_id), "KONTO")

    seen = {answer(other.konto_id, avsender.kall), answer(uuid4(), avsender.kall)}
    seen.add(answer(avsender.hus.konto_id, reader))
    assert [status for status, _ in seen] == [403]


@pytest.mark.parametrize("header", ["Authorization", "IntegrasjonPassord", "IntegrasjonId"])
def test_sv12_18_wrong_credentials_are_401_whatever_is_asked_for(avsender: Avsender, header: str) -> None:
    for path in (avsender.konto, f"/api/v2/kontoer/{uuid4()}/forsendelser"):
        assert avsender.send(letter_v2(), path=path, **{header: "feil"}).status_code == 401


def test_sv12_60_no_personal_number_is_in_log_or_error(app: Flask, avsender: Avsender) -> None:
    wrong: list[Callable[[], Any]] = [
        lambda: avsender.send(letter_v2(tittel="", konteringskode=FNR)),
        lambda: avsender.send(letter_v2(**{FNR: "\u0000"})),
        lambda: avsender.send(
            letter_v2(dokumenter=[{"filnavn": f"{FNR}.pdf", "mimeType": "application/pdf"}]), parts=[]
        ),
        lambda: avsender.send(letter_v2(), parts=[("filer", f"{FNR}.pdf", PDF)]),
        lambda: avsender.send(letter_v2(mottaker={"navn": "Kari", "digitalId": FNR[:-1] + "0"})),
        lambda: avsender.get(f"/api/v2/{FNR}"),
        lambda: avsender.get(f"/api/v2/mottakersystem?niva={FNR}"),
    ]
    with captured(app.config["FIKS_SETTINGS"]) as log:
        answers = [call() for call in wrong]
        assert avsender.get(f"{avsender.konto}?eksternRef={FNR}").status_code == 200
    assert all(400 <= answer.status_code < 500 for answer in answers)
    for text in (log.getvalue(), *(answer.text for answer in answers)):
        assert FNR not in text

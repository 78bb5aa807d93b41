"""What is made again and compared for years, to the byte: indexes, digests of what was approved and signed, and the ids
by which the world outside knows what we have sent.

A red test here means that rows of installations no longer match: nobody is found by their number, a mailing that was
approved is stopped, the audit log is broken, or a letter goes out twice. A new formula is compared beside the old one,
and the old value stays here.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from fiks.core import audit, environment
from fiks.core.audit import Audit
from fiks.core.crypto import encryption
from fiks.edialog import access as edialog
from fiks.edialog import rules as edialog_rules
from fiks.epost import service as epost
from fiks.konfigurasjon.avtale import service
from fiks.konfigurasjon.integrasjon.passwords import Formal, hash_of
from fiks.konfigurasjon.person import service as person_service
from fiks.konfigurasjon.person import sessions
from fiks.print.states import package_id
from fiks.sms import service as sms
from fiks.svarut import sealed_content, transitions
from fiks.svarut.channels import altinn
from fiks.svarut.channels.base import Utgaende
from fiks.svarut.mottak import letter_writer
from fiks.svarut.signing import copies
from fiks.utsending import rules
from fiks.utsending.approval import service as approval_service
from fiks.utsending.filer.storage import name_index
from fiks.utsending.letters import documents, letter_data
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.receivers import list_import
from fiks.utsending.rows import storage
from fiks.utsending.sealed_values import row_hash

KEY = bytes(range(100, 132))
FNR, NUMMER, A_TEXT = "17912099997", "+4799999999", "Hei Å"
ONE, TWO = UUID("3f0c1c9e-8a75-4c6e-9d39-0a5d6b1f2e01"), UUID("3f0c1c9e-8a75-4c6e-9d39-0a5d6b1f2e02")
ROW = {"fnr": FNR, "navn": "Kari Å", "gnr": "12", "bnr": "3"}
ACT: dict[str, Any] = {
    "id": 7,
    "tid": datetime(2026, 12, 1, 8, 30, 0, 123456, UTC),
    "organisasjon_id": ONE,
    "aktor": "person:1",
    "aktor_navn": "Kari Å",
    "aktor_type": "PERSON",
    "integrasjon_id": None,
    "paa_vegne_av": None,
    "sikkerhetsniva": 4,
    "kanal": "WEB",
    "request_id": "r-1",
    "handling": "FORSENDELSE_LEST",
    "utfall": "OK",
    "tjeneste": None,
    "ressurs_id": TWO,
    "objekt_type": "forsendelse",
    "objekt_id": str(TWO),
    "gjelder": b"\x01\x02",
    "hjemmel": "forvaltningsloven § 18",
    "detaljer": {"b": 1, "a": "å"},
}


@pytest.fixture(autouse=True)
def house(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "_installed", [SimpleNamespace(index_key=KEY)])


def mailing(**said: object) -> Utsending:
    facts: dict[str, Any] = {
        "konto_id": ONE,
        "tittel": "Eiendomsskatt 2027",
        "art": "SAMME_DOKUMENT",
        "brevdato": date(2027, 3, 1),
        "kunngjoringsdato": None,
        "kun_digital": False,
        "sikkerhetsniva": "BETYDELIG",
        "tosidig": True,
        "farger": False,
        "konteringskode": "EISK",
    }
    return Utsending(**facts | said)


# Keys and indexes


def test_a_key_is_known_by_its_check_value() -> None:
    assert encryption.check_value(KEY) == "48f1d1aa1c06bf9df62496d9926231c6"


def test_what_is_sealed_is_found_by_its_blind_index() -> None:
    assert (
        encryption.blind_index(KEY, "formål", "verdi").hex()
        == "f3a9fb0065d2162f732f64f8587cc7ba4962cfc6c95824f35e2ae53f16ab9ec4"
    )
    found = {
        "person.fnr": person_service.fnr_index(FNR),
        "person.sub": sessions.sub_index("https://idporten.no", "abc"),
        "forsendelse.mottaker": sealed_content.number_index(FNR),
        "forsendelse.ekstern_referanse": sealed_content.reference_index("sak-1"),
        "edialog.eier": edialog.owner_index(FNR),
        "brevfil": name_index("brev.pdf"),
        "duplikat": storage.duplicate_index(ROW),
        "sms.til": sms._indexes([sms._Mottaker(NUMMER, False)])[0],
    }
    assert {name: (index or b"").hex() for name, index in found.items()} == {
        "person.fnr": "444b932b996cb8261672f3f422fde33bd52976c5be5d74813268f37c06212b6f",
        "person.sub": "0593742c7f106e9344861c7edf6401ae872d9da15795ba99b132946ab971e034",
        "forsendelse.mottaker": "7f0736b19dca12fc983a388089c6363c0538927e5f9d0f4655ef98980c5945f4",
        "forsendelse.ekstern_referanse": "8be6c41e7ee80dd9e04c2f4f841e0ce3b235ebc45ad396683105dbd5dd45f751",
        "edialog.eier": "73fb9797bdc0821bb94b2f33d4455535e48e88dc5f3852d6a4fd17ba2dac7311",
        "brevfil": "751cad0005b878c80b51212a0e789202c4357e55ebfb1671aa81fc7069a8447e",
        "duplikat": "1ad7d6deceb1d8d2801a32b3d75c5044798cf5a57eebb88a601f70fb1f4f93d2",
        "sms.til": "9ed345aa7bc6f3999fa77b202f41669fdb7b80ecd99184b609d07e8deeebcc93",
    }
    assert (epost.INDEX, sms.INDEX) == ("epost.til", "sms.til")


def test_a_machines_password_and_a_login_are_known_by_their_hashes() -> None:
    assert {str(formal): hash_of("et passord", formal).hex() for formal in Formal} == {
        "integrasjon.passord": "ae0e530a7250c88e1d46213a4853456f0fc9af5e063a4a1c7ba9301d03b3450f",
        "konto.passord": "eb0f8be043754c8c0b73a804a7ce87f370d1ca20dbfb66d0394709820dfa939c",
        "mottakersystem.passord": "5b204d56cf16cb54008db804a1f956c60204b1dc147695df4e3a2f0e78614336",
    }
    assert (
        sessions.token_hash("et token").hex()
        == "3afe83008d44bcb6ff479df906688fb2fd1d469c78c51a47c92492399110ba11"
    )


# The audit log


def test_a_row_of_the_audit_log_has_the_digest_its_seal_has() -> None:
    assert (
        audit.row_digest(Audit(**ACT)).hex()
        == "af5ca2881e529c2f2b26e90181292a5ebd6ff1bca092223eee74a2cb1e8e2438"
    )


def test_a_seal_follows_from_the_one_before_and_from_how_long_the_row_is_kept() -> None:
    until = datetime(2031, 12, 1, 8, 30, 0, 123456, UTC)
    assert (
        audit._link(audit.GENESIS, b"\x07" * 32, until).hex()
        == "f357f1071e435df66ab98557071bc0f7214349737a3603adb056fe6fc24ae036"
    )


# Mass mailings


def test_what_is_approved_of_a_mailings_choices_is_said_as_it_was() -> None:
    document = hashlib.sha256(b"dokument").digest()
    said = f"{ONE}|Eiendomsskatt 2027|SAMME_DOKUMENT|2027-03-01|None|False|BETYDELIG|True|False|EISK|"
    assert approval_service.options_of(mailing(), document) == said + document.hex()
    merged = f"{ONE}|Brev|FLETTEBREV|2027-03-01|2027-03-02|True|HOYESTE|False|True|None|"
    row = mailing(
        tittel="Brev",
        art="FLETTEBREV",
        kunngjoringsdato=date(2027, 3, 2),
        kun_digital=True,
        sikkerhetsniva="HOYESTE",
        tosidig=False,
        farger=True,
        konteringskode=None,
    )
    assert approval_service.options_of(row, document) == merged


def test_every_choice_of_a_mailing_is_approved() -> None:
    assert set(rules.FACTS) <= {*approval_service.ORIGINAL_FACTS, *approval_service.LATER_FACTS}


def test_a_choice_that_came_later_is_in_what_is_approved_only_when_it_was_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = approval_service.options_of(mailing(), None)
    monkeypatch.setattr(approval_service, "LATER_FACTS", {"parker_feil": False})
    assert approval_service.options_of(mailing(parker_feil=False), None) == before
    assert approval_service.options_of(mailing(parker_feil=True), None) == before + "\nparker_feil=True"


def test_what_is_approved_is_the_digest_it_was() -> None:
    two = [(2, b"\x01" * 32, b"\x02" * 32), (300, b"\x03" * 32, b"\x04" * 32)]
    assert (
        rules.content_digest(rows=two, template="mal", options="valg").hex()
        == "07cd1797e8b5b1e893f38fd3f645f81e14665ff022956645ac68ca49c841cfdf"
    )
    assert (
        rules.list_digest([b"\x01" * 32, b"\x02" * 32]).hex()
        == "f818afd37a6dc3bc92fb44731011277006db4efa6e9023cd7468c02335d22a4d"
    )
    assert row_hash(ROW).hex() == "0d0e342cac6482b4dc63b1fcac69c2831338bda3d6a26bda446ae63b3407310f"


def test_a_rows_own_documents_are_proved_as_they_were() -> None:
    files = [
        SimpleNamespace(nr=1, sha256=b"\x01" * 32, vist_navn="brev å.pdf", sider=2, giroark=[2]),
        SimpleNamespace(nr=2, sha256=b"\x02" * 32, vist_navn="bilde.png", sider=None, giroark=[]),
    ]
    assert (
        documents._proof(cast(Any, files)).hex()
        == "9366dc594f7d3c4c2b6659222682afe308557df98d5d0823194b0a8278a314aa"
    )


def test_how_a_lists_columns_are_read_is_remembered_by_the_same_digest() -> None:
    assert (
        list_import.header_digest(("Navn", "Fødselsnr")).hex()
        == "ac5a76bef345617403d0210b65c2d35b34126ea8d91add244eddbb5c89d8832d"
    )


# Ids that others know


def test_a_letter_and_its_hand_overs_have_the_ids_they_had() -> None:
    row = Utsendingsrad(utsending_id=ONE, radnr=2, rad_hash=b"\x01" * 32)
    held = cast(Any, [SimpleNamespace(sha256=b"\x02" * 32)])
    made = {
        "brev": letter_data.letter_id(row, held),
        "levering": transitions.levering_reference(ONE, 2),
        "edialog": edialog_rules.letter_id(ONE),
        "signert": copies.copy_id(ONE),
        "printpakke": package_id("HUS", [(TWO, 1), (ONE, 2)]),
    }
    assert {name: str(one) for name, one in made.items()} == {
        "brev": "12f0052d-c2c1-5359-9069-e849b14271a2",
        "levering": "65a3dbca-51b0-580d-b277-6c0eb43747c0",
        "edialog": "4110e7e4-2239-5f8b-b76a-69957a33494b",
        "signert": "4ece00d1-dee6-5c7a-bd52-285b7b517639",
        "printpakke": "42a18de0-16c8-58ae-a33c-1c2366f0e7fc",
    }


def test_altinn_knows_a_message_by_the_key_it_was_given() -> None:
    brev = Utgaende(
        str(ONE), FNR, "910000004", "Brev", "Hei", "https://a.example", "BETYDELIG", None, None, None
    )
    sent = altinn._correspondence(brev)
    assert sent["correspondence"]["sendersReference"] == str(ONE)
    assert sent["idempotentKey"] == "807da896-2ee0-50c3-be25-e646c8d4a173"


def test_an_sms_sent_twice_is_known_by_its_digest() -> None:
    assert (
        sms._digest(A_TEXT, [b"\x02" * 32, b"\x01" * 32]).hex()
        == "06a7fb013dc7af417d55b803091da589cb53490586e35dc742a305aefba8a551"
    )


def test_an_agreement_is_signed_by_the_digest_it_has() -> None:
    assert (
        service.digest_of("Avtale", "Vi er enige.").hex()
        == "084013922034b48c047d81c79903b004e980d965a0ca5c58cb37653b6e77d375"
    )


def test_both_releases_hold_the_same_lock_of_an_idempotency_key() -> None:
    assert letter_writer.key_lock(ONE, "nøkkel").compile().params == {"param_1": 3470038357585517761}

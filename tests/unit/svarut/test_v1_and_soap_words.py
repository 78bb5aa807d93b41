"""Whatever a client of REST v1 or SOAP says becomes a letter that the rules can judge, or a refusal with a code."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fiks.svarut.mottak import CATALOGUE, Innsending, UgyldigForsendelse, faults
from fiks.svarut.mottak.duplicates import fingerprint
from portal.api.reading import read_leniently
from portal.api.svarut.letter import v1 as letter_v1
from portal.api.svarut.soap.letter_reader import moment, number, read_letter
from portal.api.svarut.soap.xml_reader import Node
from portal.texts import mottak_tekst
from tests.submissions import FNR, ORGNR

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""The first examples of a process are slow to make."""
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
POST = {"navn": "Testperson", "adresse1": "Storgata 1", "postNummer": "4262", "postSted": "AVALDSNES"}
LETTER = {
    "tittel": "Brev",
    "mottaker": {"postAdresse": POST, "digitalAdresse": {"fodselsNummer": FNR}},
    "dokumenter": [{"filnavn": "a.pdf", "mimeType": "application/pdf"}],
}


def v1(said: object) -> Innsending:
    """The letter, or UgyldigForsendelse."""
    letter, wrong = read_leniently(letter_v1.Forsendelse, json.dumps(said).encode())
    found = [*wrong, *letter.faults()]
    if found:
        raise UgyldigForsendelse(found)
    return letter.innsending()


def judged(make: Any, said: object) -> list[str]:
    """The codes of what is wrong; each has a text, and what is right has a fingerprint."""
    try:
        letter = make(said)
        found = faults(letter, now=NOW, synthetic=True)
        fingerprint(letter, [])
    except UgyldigForsendelse as error:
        found = list(error.funn)
    assert all(mottak_tekst(one) for one in found)
    assert {one.kode for one in found} <= set(CATALOGUE)
    return [one.kode for one in found]


NAMES = st.sampled_from(
    [
        *letter_v1.Forsendelse.model_fields,
        *letter_v1.Dokument.model_fields,
        *letter_v1.Noark.model_fields,
        *letter_v1.PostAdresse.model_fields,
        *("postAdresse", "digitalAdresse", "fodselsNummer", "urlLenke", "urlTekst", "key", "value", "id"),
    ]
)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
ANYTHING = st.recursive(
    PLAIN | st.sampled_from([FNR, ORGNR, "application/pdf", "a.pdf", 1767225600000]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=20,
)


@patient
@given(st.dictionaries(NAMES, ANYTHING, max_size=8))
def test_any_json_is_a_letter_or_a_refusal(said: dict[str, Any]) -> None:
    judged(v1, said)


@patient
@given(NAMES, ANYTHING)
def test_one_senseless_field_in_a_right_letter_is_a_letter_or_a_refusal(name: str, value: object) -> None:
    judged(v1, LETTER | {name: value})


def test_a_right_letter_is_right_and_a_member_that_is_null_is_not_said() -> None:
    every = dict.fromkeys(letter_v1.Forsendelse.model_fields)
    assert judged(v1, LETTER) == []
    assert v1(every | LETTER) == v1(LETTER)


SOAP_NAMES = st.sampled_from(
    [
        "tittel",
        "mottaker",
        "digitalAdresse",
        "postAdresse",
        "fnr",
        "orgnr",
        "navn",
        "postnr",
        "poststed",
        "land",
        "dokumenter",
        "filnavn",
        "mimetype",
        "giroarkSider",
        "skalSigneres",
        "lenker",
        "urlLenke",
        "urlTekst",
        "signeringUtloper",
        "signaturtype",
        "metadataForImport",
        "saksaar",
        "dokumentetsDato",
        "ekstraMetadata",
        "key",
        "value",
        "svarSendesTil",
        "svarPaForsendelse",
        "printkonfigurasjon",
        "tosidig",
        "kunDigitalLevering",
        "kryptert",
        "krevNiva4Innlogging",
        "konteringskode",
    ]
)
TEXTS = st.text(max_size=8) | st.sampled_from(
    ["true", "1", "2026-01-01T10:00:00", "9" * 40, FNR, ORGNR, "a.pdf"]
)
TYPES = st.sampled_from(["", "personDigitalAdresse", "organisasjonDigitalAdresse", "noe"])
LEAVES = st.builds(Node, SOAP_NAMES, TYPES, TEXTS)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.builds(Node, SOAP_NAMES, TYPES, TEXTS, st.lists(inner, max_size=6)),
    max_leaves=25,
)


@patient
@given(st.lists(TREES, max_size=8))
def test_any_elements_are_a_letter_or_a_refusal(said: list[Node]) -> None:
    judged(read_letter, Node("sendForsendelse", barn=[Node("forsendelse", barn=said)]))
    with_receiver = [*said, Node("mottaker")]
    judged(read_letter, Node("sendForsendelse", barn=[Node("forsendelse", barn=with_receiver)]))


@pytest.mark.parametrize("text", ["9" * 19, "1e5", "", "æ", "0x1", "1_0", "١٢", "--1"])
def test_what_is_no_number_is_none(text: str) -> None:
    with pytest.raises(ValueError):
        number(text)


def test_a_moment_without_zone_is_norwegian_time() -> None:
    assert moment("2026-07-01T12:00:00") == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert moment("2026-07-01T12:00:00Z") == datetime(2026, 7, 1, 12, tzinfo=UTC)
    for wrong in ("i dag", "2026-13-01T00:00:00", "0001-01-01T00:00:00", "9999-12-31T23:59:59"):
        with pytest.raises(ValueError):
            moment(wrong)

"""Requests made from the documents, KS' and ours, right and wrong: never a fault, and no answer they do not describe.

The same requests every time. Most are about a konto and a letter that exist, so that they come past the door; the
letters are sent as parts that carry the names their documents have, so that some are taken in.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
import requests
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.settings import Settings
from portal.api.dokumentasjon.openapi import document
from tests.api.calls import BOUNDARY, Avsender, letter_v2, letter_v3, multipart, told
from tests.api.live import serving
from tests.submissions import FNR, ORGNR, PDF

pytestmark = pytest.mark.slow

KS = Path(__file__).parents[1] / "data" / "openapi-svarut"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EVERYDAY, FULL = 300, 2_000
"""Requests for each of the two sets of documents."""
Json = dict[str, Any]


@pytest.fixture(scope="module")
def server(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(settings.database_url, tmp_path_factory.mktemp("web")) as base:
        yield base


def theirs() -> list[Json]:
    """KS' documents, with what is known to be untrue in them put right (svarut.md 3.1)."""
    found = []
    for file in sorted(KS.glob("*.json")):
        if file.name == "forsendelse-status-api-v3.json":
            continue  # its later edition has the statuses of today
        text: Json = json.loads(file.read_text("utf-8"))
        facts = text["components"]["schemas"]["ErrorMessage"]["properties"]
        facts |= {name: {"type": "string", "nullable": True} for name in ("originalPath", "errorCode")}
        facts["errorJson"] = {
            "type": "object",
            "nullable": True,
            "additionalProperties": {"type": "string"},
        }
        found.append(text)
    return found


def operations(documents: list[Json]) -> list[APIOperation]:
    return [
        found.ok()
        for text in documents
        for found in schemathesis.openapi.from_dict(text).get_all_operations()
    ]


class Caller:
    """Sends the cases, and counts what they were answered."""

    def __init__(self, server: str, base: str, avsender: Avsender, letter: UUID) -> None:
        self.server, self.base, self.avsender = server, base, avsender
        self.known = {"kontoId": str(avsender.hus.konto_id), "forsendelseId": str(letter)}
        self.session = requests.Session()
        self.answered: Counter[int] = Counter()
        self.taken = 0

    def check(self, case: Case) -> None:
        """One request: about what exists, unless the number of it says otherwise."""
        if self.answered.total() % 4:
            case.path_parameters |= {n: v for n, v in self.known.items() if n in case.path_parameters}
        answer = self._send(case)
        if "x-content-type-options" not in answer.headers:  # HTTP itself was wrong, and no request of ours
            assert 400 <= answer.status_code < 500
            return
        self.answered[answer.status_code] += 1
        self.taken += answer.status_code == 200 and answer.content.startswith(b'{"id"')
        case.validate_response(answer, checks=CHECKS)

    def _send(self, case: Case) -> Any:
        headers = self.avsender.kall.headers()
        letter = case.body.get("forsendelse") if isinstance(case.body, dict) else None
        if letter is None or self.answered.total() % 8 == 1:
            return case.call(base_url=self.server + self.base, headers=headers, session=self.session)
        if isinstance(letter, dict) and self.answered.total() % 2:
            letter = letter | _right_where_it_is_hard(case.path)
        files = letter.get("dokumenter") if isinstance(letter, dict) else None
        names = [d.get("filnavn") for d in files if isinstance(d, dict)] if isinstance(files, list) else []
        parts = [("filer", quote(str(name), safe=" æøåÆØÅ"), PDF) for name in names]
        return self.session.post(
            self.server + self.base + case.formatted_path,
            data=multipart(("forsendelse", "", json.dumps(letter).encode("utf-8", "replace")), *parts),
            headers=headers | {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
            timeout=30,
        )


def _right_where_it_is_hard(path: str) -> Json:
    """What chance never makes: a number with right check digits, and documents of a kind that can be printed."""
    whole = letter_v2() if "/v2/" in path else letter_v3("" if path.endswith("print") else FNR)
    if path.endswith("organisasjon"):
        whole = letter_v3(ORGNR)
    absent = {"svarSendesTil", "signering", "lenker", "eksponertFor", "metadataForImport", "kryptert"}
    return {"mottaker": whole["mottaker"], "dokumenter": whole["dokumenter"]} | dict.fromkeys(absent)


def run(caller: Caller, documents: list[Json], wanted: int) -> None:
    """Send about `wanted` requests, shared evenly, half of them within what the documents say."""
    found = operations(documents)
    often = settings(
        max_examples=-(-wanted // (2 * len(found))),
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    for operation in found:
        often(given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))(caller.check))()
        try:
            often(given(case=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))(caller.check))()
        except Unsatisfiable:  # an operation that is told nothing cannot be told anything wrong
            assert not (operation.body or operation.query or operation.path_parameters), operation.label


SIZES = [
    pytest.param(EVERYDAY, id="everyday"),
    pytest.param(FULL, id="full", marks=pytest.mark.full),
]


@pytest.fixture
def letter(avsender: Avsender) -> UUID:
    return UUID(told(avsender.send(letter_v2()))["id"])


@pytest.mark.parametrize("wanted", SIZES)
def test_ks_documents_describe_every_answer(
    server: str, avsender: Avsender, letter: UUID, wanted: int
) -> None:
    caller = Caller(server, "/api", avsender, letter)
    run(caller, theirs(), wanted)
    assert caller.answered.total() >= wanted * 3 // 4
    assert {200, 400, 403} <= set(caller.answered)
    assert caller.taken


@pytest.mark.parametrize("wanted", SIZES)
def test_our_own_document_describes_every_answer(
    app: Flask, server: str, avsender: Avsender, letter: UUID, wanted: int
) -> None:
    caller = Caller(server, "", avsender, letter)
    run(caller, [document(app)], wanted)
    assert caller.answered.total() >= wanted * 3 // 4
    assert {200, 400, 403} <= set(caller.answered)
    assert caller.taken

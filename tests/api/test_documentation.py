"""The OpenAPI document of our interfaces, the page of it, and the codes: whole, in step, and no less than KS' own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import validate

from fiks.svarut.mottak import CATALOGUE
from portal import create_app
from portal.access.kinds import Slag
from portal.access.table import TILGANG
from portal.api.dokumentasjon.error_codes import PLACE, markdown
from portal.api.dokumentasjon.openapi import CMS, GRUPPETEKST
from portal.texts.svarut import intake_errors
from tests.pagecheck import check_page
from tests.portal.apps import make_settings
from tests.portal.fakes import FakeSesjoner

KS = Path(__file__).parents[1] / "data" / "openapi-svarut"
NOKKEL = "/forsendelse/publickey/hent"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def bare() -> Flask:
    """The portal without a database: what is told here is the same to everybody."""
    app = create_app(make_settings(), sesjoner=FakeSesjoner())
    app.config["TESTING"] = True
    return app


@pytest.fixture(scope="module")
def ours(bare: Flask) -> Json:
    answer = bare.test_client().get("/api/openapi.json")
    assert answer.content_type == "application/json;charset=UTF-8"
    document: Json = json.loads(answer.text)
    return document


def test_the_document_is_valid_openapi(ours: Json) -> None:
    assert ours["openapi"] == "3.1.0"
    validate(ours)


def test_every_machine_route_is_in_the_document(bare: Flask, ours: Json) -> None:
    told = {op["operationId"] for methods in ours["paths"].values() for op in methods.values()}
    machine = {e.replace(".", "_") for e, krav in TILGANG.items() if krav.slag is Slag.MASKIN}
    machine |= {e.replace(".", "_") for e in TILGANG if e.startswith("svarinn_v2.")}
    assert told == machine
    assert not [name for name in ours["components"]["schemas"] if "__" in name]


def test_a_mottakersystem_proves_itself_by_its_own_password(ours: Json) -> None:
    doors = {
        path: operation.get("security")
        for path, _, operation in operations(ours)
        if path.startswith(("/api/svarinn/", "/api/v3/"))
    }
    assert {str(door) for path, door in doors.items() if "svarinn" in path} == {"[{'mottakersystem': []}]"}
    assert {door for path, door in doors.items() if "svarinn" not in path} == {None}


def test_the_document_names_every_code_and_nothing_of_the_house(ours: Json) -> None:
    assert {one["kode"] for one in ours["x-feilkoder"]} == set(CATALOGUE)
    text = json.dumps(ours, ensure_ascii=False)
    assert not re.search(r"svarut\.md|\bthe\b", text)


def operations(document: Json, prefix: str = "") -> Iterator[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield prefix + path, method, operation


def found(ours: Json, path: str, method: str) -> Json:
    """Our operation, whatever its parameters are called."""
    plain = re.compile(r"\{\w+\}")
    [one] = [
        methods[method]
        for known, methods in ours["paths"].items()
        if plain.sub("{}", known) == plain.sub("{}", path) and method in methods
    ]
    operation: Json = one
    return operation


KS_OPERATIONS = [
    pytest.param(file.name, path, method, id=f"{file.stem}-{method}-{path}")
    for file in sorted(KS.glob("*.json"))
    for path, method, _ in operations(json.loads(file.read_text("utf-8")))
]


@pytest.mark.parametrize(("file", "path", "method"), KS_OPERATIONS)
def test_no_operation_required_field_or_enum_of_ks_is_missing(
    ours: Json, file: str, path: str, method: str
) -> None:
    theirs: Json = json.loads((KS / file).read_text("utf-8"))
    expected, own = theirs["paths"][path][method], found(ours, f"/api{path}", method)
    for one in expected.get("parameters", []):
        mine = [p for p in own["parameters"] if (p["name"], p["in"]) == (one["name"], one["in"])]
        assert len(mine) == 1, one["name"]
        assert mine[0]["required"] or not one.get("required"), one["name"]
        compare(theirs, one["schema"], ours, mine[0]["schema"], one["name"], answered=False)
    if sent := body(expected, theirs):
        compare(theirs, sent, ours, body(own, ours), "", answered=False)
    for status, answer in expected["responses"].items():
        mine = own["responses"][status]
        mine = ours["components"]["responses"][mine["$ref"].rpartition("/")[2]] if "$ref" in mine else mine
        content, own_content = schema_of(answer), schema_of(mine)
        assert bool(content) == bool(own_content)
        compare(theirs, content, ours, own_content, f"{status} ", answered=True)


def test_v2_tells_of_its_letter_as_ks_do_though_their_operation_does_not(ours: Json) -> None:
    theirs: Json = json.loads((KS / "forsendelse-send-api-v2.json").read_text("utf-8"))
    own = body(found(ours, "/api/v2/kontoer/{kontoId}/forsendelser", "post"), ours)
    compare(theirs, theirs["components"]["schemas"]["Forsendelse"], ours, own, "", answered=False)


def body(operation: Json, document: Json) -> Json:
    content = operation.get("requestBody", {}).get("content", {})
    form = content.get("multipart/form-data", {}).get("schema", {}).get("properties", {})
    return form.get("forsendelse") or schema_of({"content": content})


def schema_of(answer: Json) -> Json:
    for kind in answer.get("content", {}).values():
        schema: Json = kind["schema"]
        return schema
    return {}


def compare(theirs: Json, schema: Json, ours: Json, own: Json, where: str, *, answered: bool) -> None:
    """Nothing that is required or enumerated there is lacking here; what we answer may not hold more values.

    Of the statuses of v3 both editions have some that the other has not, so there it is enough to know one edition.
    """
    schema, own = resolved(theirs, schema), resolved(ours, own)
    for name in schema.get("required", ()):
        assert name in own.get("required", ()), f"{where}{name} is not required here"
    if "enum" in schema:
        lacking = set(schema["enum"]) - set(own["enum"]) - {"VARSLET"}
        assert not lacking, f"{where} lacks {lacking}"
        if answered and "VARSLET" not in schema["enum"]:
            assert set(own["enum"]) <= set(schema["enum"])
    for name, inner in schema.get("properties", {}).items():
        assert name in own.get("properties", {}), f"{where}{name} is not known here"
        compare(theirs, inner, ours, own["properties"][name], f"{where}{name}.", answered=answered)
    if "items" in schema:
        compare(theirs, schema["items"], ours, own["items"], f"{where}[].", answered=answered)


def resolved(document: Json, schema: Json) -> Json:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


@pytest.mark.parametrize("path", ["/api/dokumentasjon", "/api/feilkoder"])
def test_a_page_anybody_may_read_is_whole(bare: Flask, path: str) -> None:
    answer = bare.test_client().get(path)
    assert answer.status_code == 200
    check_page(answer.text)


def test_the_page_shows_every_operation_and_the_other_every_code(bare: Flask, ours: Json) -> None:
    pages = {name: bare.test_client().get(f"/api/{name}").text for name in ("dokumentasjon", "feilkoder")}
    for path, _, operation in operations(ours):
        assert f'id="{operation["operationId"]}"' in pages["dokumentasjon"]
        assert f"<code>{path}</code>" in pages["dokumentasjon"]
    for kode in CATALOGUE:
        assert f'id="{kode}"' in pages["feilkoder"]


def test_the_page_shows_every_field_that_is_sent_or_answered(bare: Flask, ours: Json) -> None:
    page = bare.test_client().get("/api/dokumentasjon").text
    sections = dict(re.findall(r'<section class="stack" id="(\w+)"(.*?)</section>', page, re.DOTALL))
    for _, _, operation in operations(ours):
        shown = re.sub(r"<wbr>|<th[^>]*>", "|", sections[operation["operationId"]]).replace("|.", ".")
        for schema in answers(operation):
            whole = resolved(ours, schema)
            listed = whole.get("type") == "array"
            for name in resolved(ours, whole["items"] if listed else whole).get("properties", {}):
                assert f"|{'[].' if listed else ''}{name}" in shown, operation["operationId"]


def answers(operation: Json) -> Iterator[Json]:
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            yield from (kind["schema"] for kind in answer.get("content", {}).values())


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        ("svarinn_v2_forsendelser", "[].filer[].hash"),
        ("svarinn_v2_forsendelse", "En fil av typen application/zip."),
        ("svarinn_v2_status", "Uten innhold."),
        ("api_konfigurasjon_autentisering", "true eller false."),
    ],
)
def test_the_page_says_what_is_answered_when_it_is_no_object(bare: Flask, operation: str, told: str) -> None:
    page = bare.test_client().get("/api/dokumentasjon").text.replace("<wbr>", "")
    [section] = re.findall(rf'<section class="stack" id="{operation}"(.*?)</section>', page, re.DOTALL)
    assert told in section


def test_the_page_tells_how_to_log_in_everywhere_and_how_to_encrypt(bare: Flask, ours: Json) -> None:
    page = bare.test_client().get("/api/dokumentasjon").text
    groups = {tag["name"]: tag.get("description", "") for tag in ours["tags"]}
    assert set(GRUPPETEKST) <= set(groups)
    assert "ID-porten" in groups["eDialog: skjemaer"] and "Basic" in groups["SvarInn v2: motta"]
    for told in (*GRUPPETEKST.values(), CMS, NOKKEL, "Retry-After"):
        assert told in page, told
    assert CMS in ours["info"]["description"] and NOKKEL in ours["info"]["description"]
    for kode in ("NIVA4_UTEN_KRYPTERING", "KRYPTERING_UGYLDIG", "KAN_IKKE_DEKRYPTERES"):
        assert NOKKEL in intake_errors.FEIL[kode].tiltak
    assert NOKKEL in {rule.rule for rule in bare.url_map.iter_rules()}


def test_every_code_has_a_message_a_cause_and_a_remedy_and_no_other_has() -> None:
    assert set(intake_errors.FEIL) == set(CATALOGUE)
    assert sum(len(group) for group in intake_errors.GRUPPER.values()) == len(CATALOGUE)
    for kode, text in intake_errors.FEIL.items():
        for sentence in text:
            assert sentence[0].isupper() and sentence[-1] == ".", (kode, sentence)
    numbers = [entry.nummer for entry in CATALOGUE.values()]
    assert len(set(numbers)) == len(numbers)


def test_the_file_of_codes_is_in_step() -> None:
    assert PLACE.read_text("utf-8") == markdown(), "run python -m portal.api.dokumentasjon.error_codes"

"""The OpenAPI 3.1 document of every machine route, generated from access table, models and error catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from flask import Flask
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema
from werkzeug.routing import Rule

from config.settings import Settings
from fiks.svarut.mottak import CATALOGUE
from portal.access.kinds import Slag
from portal.access.table import TILGANG
from portal.api.operation import Operasjon
from portal.api.svarut.rest.models import ErrorMessage
from portal.api.svarut.rest.send import KEY_HEADER
from portal.texts.svarut.intake_errors import FEIL

REF = "#/components/schemas/{model}"
ARGUMENT = re.compile(r"<(uuid:)?(\w+)>")
PATH_NAMES = {
    "konto_id": ("kontoId", "Kontoen brevet sendes fra."),
    "forsendelse_id": ("forsendelseId", "Id-en som ble svart da brevet ble sendt."),
    "smskonto_id": ("kontoId", "SMS-kontoen det sendes fra."),
    "sms_id": ("smsId", "Id-en som ble svart da SMS-en ble sendt."),
    "fiks_org_id": ("fiksOrgId", "Organisasjonen."),
    "system_id": ("mottakersystemId", "Mottakersystemet."),
    "mottaker_id": ("mottakerId", "Mottakeren i eDialog."),
    "skjema_id": ("skjemaId", "Skjemaet i eDialog."),
    "fil_id": ("filId", "Vedlegget."),
    "ident": ("id", "Id-en til skjemaet, eller den `idType` sier."),
    "organisasjonsnummer": ("organisasjonsnummer", "Ni siffer."),
    "klasse": ("konfidensialitetsklasse", "NORMAL eller UNNTATT_OFFENTLIGHETEN."),
    "leverandor": ("leverandor", "Koden til trykkeriet, for eksempel GRAFISK_DIGITAL."),
    "ordre_id": ("ref", "Ordrens referanse: id-en til leveringen av brevet."),
}
"""Public names and descriptions of URL variables."""
VERSION = "1.0.0"
CMS = (
    "CMS EnvelopedData i DER, med AES-256-CBC for innholdet og RSAES-OAEP med SHA-256 (også i MGF1) for nøkkelen, til "
    "én mottaker. PKCS#1 v1.5, som mange verktøy velger av seg selv, kan ikke åpnes."
)
"""Format of everything encrypted, to us and to a receiver (svarut.md 4.4)."""
INTRO = (
    "Grensesnittene fagsystemer bruker. Kall trenger et Maskinporten-token med scope ks:fiks og id og passord til "
    "en integrasjon som har fått tilgang. SvarInn bruker passordet til mottakersystemet i stedet.\n\n"
    "Brev sendes som multipart/form-data: først delen `forsendelse` med "
    "JSON, så ett dokument for hver i `dokumenter`, i samme rekkefølge og med samme filnavn. Navnet på dokumentdelene "
    "betyr ingenting.\n\nFelt som ikke er kjent, blir sett bort fra. Null og tom tekst betyr at feltet ikke er "
    "fylt ut. SvarUt REST v1, SOAP og SvarInn REST v1 er beskrevet på siden med dokumentasjon.\n\n"
    "Filer som skal være kryptert, krypteres hver for seg med sertifikatet fra GET /forsendelse/publickey/hent (PEM). "
    f"Formatet er {CMS}\n\n"
    "Svarer vi 429 eller 503, kan kallet gjentas. Retry-After sier hvor mange sekunder det skal ventes. Mangler den, "
    "hjelper det ikke å vente. Et kall som sender et brev eller en SMS, gjentas bare med samme Idempotency-Key: det "
    "kan være tatt imot. Ble brevet sendt uten, søkes det først etter det med eksternReferanse."
)
GRUPPETEKST = {
    "eDialog: skjemaer": "Authorization må være innbyggerens eget token fra ID-porten, ikke et fra Maskinporten. "
    "IntegrasjonId og IntegrasjonPassord sendes som ellers.",
    "SvarInn v2: motta": "Logg inn med HTTP Basic: id-en til mottakersystemet og servicepassordet. Token, "
    "IntegrasjonId og IntegrasjonPassord brukes ikke.",
}
"""How to authenticate, for groups that differ from the rest."""
REFUSALS = {
    "400": "Noe er galt med det som ble sendt. `errorJson` har en setning for hvert felt.",
    "401": "Tokenet, integrasjonen eller passordet er ikke riktig.",
    "403": "Integrasjonen har ikke tilgang. Svaret er det samme når kontoen ikke finnes. `errorCode` er "
    "INNLOGGINGSNIVA_UTILSTREKKELIG når personen den kaller for, er logget inn på et for lavt sikkerhetsnivå.",
    "404": "Det som er spurt etter, finnes ikke, eller integrasjonen har ikke tilgang til det.",
    "409": "Brevet er i en tilstand som ikke tillater dette, eller nøkkelen er brukt til noe annet.",
    "413": "Det som ble sendt, er for stort.",
    "503": "Tjenesten er ikke tilgjengelig akkurat nå. Prøv igjen om litt.",
    "default": "Andre feil, med det samme innholdet.",
}
SENDING = ("400", "401", "403", "409", "413", "503", "default")
KONTO = ("400", "401", "403", "503", "default")
LETTER = ("400", "401", "403", "404", "409", "503", "default")


class Skjema(GenerateJsonSchema):
    """JSON Schema for readers: no generated titles, and optional fields are not also declared nullable."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        if self.mode == "serialization":
            return super().nullable_schema(schema)
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        if "default" in made and not isinstance(made["default"], bool) and not made["default"]:
            del made["default"]
        if isinstance(made.get("default"), dict):
            del made["default"]
        return made


def operations(app: Flask) -> Iterator[tuple[Rule, str, Operasjon]]:
    """Every documented machine route with its method, in the order of the access table."""
    places = list(TILGANG)
    live = [rule for rule in app.url_map.iter_rules() if rule.endpoint in TILGANG]
    for rule in sorted(live, key=lambda rule: places.index(rule.endpoint)):
        said = getattr(app.view_functions[rule.endpoint], "operasjon", None)
        if TILGANG[rule.endpoint].slag in (Slag.MASKIN, Slag.MOTTAKERSYSTEM) and said is not None:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method.lower(), said


def document(app: Flask) -> dict[str, Any]:
    """The whole document, generated at each call; callers should cache it."""
    settings: Settings = app.config["FIKS_SETTINGS"]
    found = list(operations(app))
    refs, schemas = _schemas([said for _, _, said in found])
    paths: dict[str, dict[str, Any]] = {}
    for rule, method, said in found:
        paths.setdefault(path_of(rule), {})[method] = _operation(rule, said, refs, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Fiks-plattformen for fagsystemer", "version": VERSION, "description": INTRO},
        "servers": [{"url": settings.api_base_url.rstrip("/")}],
        "security": [{"maskinporten": [], "integrasjonId": [], "integrasjonPassord": []}],
        "tags": [_tag(name) for name in dict.fromkeys(said.gruppe for _, _, said in found)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {_refusal_name(status): _refusal(text) for status, text in REFUSALS.items()},
            "securitySchemes": _security(),
        },
        "x-feilkoder": [
            {
                "nummer": one.nummer,
                "kode": one.kode,
                "status": one.status,
                "melding": FEIL[one.kode].melding,
                "arsak": FEIL[one.kode].arsak,
                "tiltak": FEIL[one.kode].tiltak,
            }
            for one in CATALOGUE.values()
        ],
    }


def _tag(gruppe: str) -> dict[str, str]:
    text = GRUPPETEKST.get(gruppe)
    return {"name": gruppe} | ({"description": text} if text else {})


def path_of(rule: Rule) -> str:
    """`/api/v2/kontoer/{kontoId}/forsendelser`."""
    return ARGUMENT.sub(lambda found: "{" + PATH_NAMES[found[2]][0] + "}", rule.rule)


Refs = dict[tuple[object, Literal["validation", "serialization"]], dict[str, Any]]


def _schemas(said: list[Operasjon]) -> tuple[Refs, dict[str, Any]]:
    """References for every model by use, and the schemas they refer to."""
    wanted: dict[tuple[object, JsonSchemaMode], TypeAdapter[Any]] = {}
    for one in said:
        for model in (one.kropp, one.brev, one.sporring):
            if model is not None:
                wanted[model, "validation"] = TypeAdapter(model)
        if one.svar is not None:
            wanted[one.svar, "serialization"] = TypeAdapter(one.svar)
    wanted[ErrorMessage, "serialization"] = TypeAdapter(ErrorMessage)
    inputs = [(key, key[1], adapter) for key, adapter in wanted.items()]
    made, whole = TypeAdapter.json_schemas(inputs, ref_template=REF, schema_generator=Skjema)
    refs = {key: schema for (key, _), schema in made.items()}
    schemas = {name: _plain(schema) for name, schema in sorted(whole.get("$defs", {}).items())}
    return refs, schemas  # type: ignore[return-value]


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema without internal details: additionalProperties of answers, and internal names of
    enumerations.
    """
    ours = {"title", "additionalProperties"} | ({"description"} if "enum" in schema else set())
    return {name: value for name, value in schema.items() if name not in ours}


def _operation(rule: Rule, said: Operasjon, refs: Refs, schemas: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "Utført." if said.svar is None else "Svaret."}
    if said.svar is not None:
        answer["content"] = {"application/json": {"schema": refs[said.svar, "serialization"]}}
    if said.fil:
        answer["content"] = {said.fil: {"schema": {"type": "string", "format": "binary"}}}
    own_door = TILGANG[rule.endpoint].slag is Slag.MOTTAKERSYSTEM
    told: dict[str, Any] = {
        "operationId": rule.endpoint.replace(".", "_"),
        "summary": said.tittel,
        "description": said.tekst,
        "tags": [said.gruppe],
        "parameters": [*_path_parameters(rule), *_query(said, refs, schemas), *_headers(said)],
        "requestBody": _body(said, refs),
        "responses": {str(said.status): answer} | _refusals(rule, said),
        "security": [{"mottakersystem": []}] if own_door else [],
    }
    return {name: value for name, value in told.items() if value}


def _path_parameters(rule: Rule) -> list[dict[str, Any]]:
    return [
        {
            "name": PATH_NAMES[name][0],
            "in": "path",
            "required": True,
            "description": PATH_NAMES[name][1],
            "schema": {"type": "string", "format": "uuid"} if typed else {"type": "string"},
        }
        for typed, name in ARGUMENT.findall(rule.rule)
    ]


def _query(said: Operasjon, refs: Refs, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    if said.sporring is None:
        return []
    model = schemas[refs[said.sporring, "validation"]["$ref"].rpartition("/")[2]]
    required = model.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": schema.get("description", ""),
            "schema": {key: value for key, value in schema.items() if key != "description"},
        }
        for name, schema in model["properties"].items()
    ]


def _headers(said: Operasjon) -> list[dict[str, Any]]:
    if said.brev is None:
        return []
    text = (
        "Samme nøkkel med samme brev gir samme id, så et kall uten svar kan gjentas uten at brevet blir to."
    )
    schema = {"type": "string", "maxLength": 200, "pattern": "^[!-~]*$"}
    return [{"name": KEY_HEADER, "in": "header", "required": False, "description": text, "schema": schema}]


def _body(said: Operasjon, refs: Refs) -> dict[str, Any]:
    if said.kropp is not None:
        return {"required": True, "content": {"application/json": {"schema": refs[said.kropp, "validation"]}}}
    if said.brev is None:
        return {}
    parts = {
        "forsendelse": refs[said.brev, "validation"],
        "dokumenter": {
            "type": "array",
            "items": {"type": "string", "format": "binary"},
            "description": "I samme rekkefølge som i forsendelse, og med samme filnavn.",
        },
    }
    form = {
        "schema": {"type": "object", "required": ["forsendelse"], "properties": parts},
        "encoding": {"forsendelse": {"contentType": "application/json"}},
    }
    return {"required": True, "content": {"multipart/form-data": form}}


def _refusals(rule: Rule, said: Operasjon) -> dict[str, Any]:
    own = {"forsendelse_id", "sms_id", "system_id", "mottaker_id", "skjema_id", "ident"} & rule.arguments
    statuses = SENDING if said.brev else LETTER if own else KONTO
    return {status: {"$ref": f"#/components/responses/{_refusal_name(status)}"} for status in statuses}


def _refusal_name(status: str) -> str:
    return "Feil" if status == "default" else f"Feil{status}"


def _refusal(text: str) -> dict[str, Any]:
    schema = {"$ref": REF.format(model=ErrorMessage.__name__)}
    return {"description": text, "content": {"application/json": {"schema": schema}}}


def _security() -> dict[str, Any]:
    return {
        "maskinporten": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "Token fra Maskinporten med scope ks:fiks.",
        },
        "integrasjonId": {"type": "apiKey", "in": "header", "name": "IntegrasjonId"},
        "integrasjonPassord": {"type": "apiKey", "in": "header", "name": "IntegrasjonPassord"},
        "mottakersystem": {
            "type": "http",
            "scheme": "basic",
            "description": "Id-en til mottakersystemet som brukernavn, og servicepassordet.",
        },
    }

"""The OpenAPI document prepared for a page: groups of operations with request and response fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

WORDS = {
    "string": "tekst",
    "integer": "heltall",
    "boolean": "ja eller nei",
    "array": "liste",
    "object": "objekt",
    "uuid": "UUID",
    "date-time": "tidspunkt",
    "binary": "fil",
}
PLACES = {"path": "adressen", "query": "spørringen", "header": "header"}


@dataclass(frozen=True, slots=True)
class Felt:
    """One field: path, kind of value, limits and meaning."""

    navn: str
    kind: str
    krevd: bool
    grenser: str
    tekst: str


@dataclass(frozen=True, slots=True)
class Lesbar:
    """One operation. `svar_tekst` describes a response without fields."""

    id: str
    metode: str
    sti: str
    tittel: str
    tekst: str
    parametre: tuple[Felt, ...]
    sendes: tuple[Felt, ...]
    med_dokumenter: bool
    svar_status: str
    svar: tuple[Felt, ...]
    svar_tekst: str


def readable(document: dict[str, Any]) -> dict[str, list[Lesbar]]:
    """The operations by group, in the document's order."""
    groups: dict[str, list[Lesbar]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            made = _operation(document, path, method, operation)
            groups.setdefault(operation["tags"][0], []).append(made)
    return groups


def _operation(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> Lesbar:
    [(status, answer)] = [one for one in operation["responses"].items() if one[0].startswith("2")]
    body = operation.get("requestBody", {}).get("content", {})
    form = body.get("multipart/form-data", {}).get("schema", {}).get("properties", {})
    sent = form.get("forsendelse") or body.get("application/json", {}).get("schema", {})
    answered = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return Lesbar(
        id=operation["operationId"],
        metode=method.upper(),
        sti=path,
        tittel=operation["summary"],
        tekst=operation.get("description", ""),
        parametre=tuple(_parameter(document, one) for one in operation.get("parameters", ())),
        sendes=tuple(_all_fields(document, sent)),
        med_dokumenter=bool(form),
        svar_status=status,
        svar=tuple(_all_fields(document, answered)),
        svar_tekst=_without_fields(document, answer.get("content", {})),
    )


def group_texts(document: dict[str, Any]) -> dict[str, str]:
    """Descriptions of groups that have one."""
    return {one["name"]: one["description"] for one in document["tags"] if "description" in one}


def _without_fields(document: dict[str, Any], content: dict[str, Any]) -> str:
    """Description of a response that is no object: a file, one value, a list of values, or nothing."""
    if not content:
        return "Uten innhold."
    if "application/json" not in content:
        return f"En fil av typen {next(iter(content))}."
    schema = _resolved(document, content["application/json"]["schema"])
    if schema.get("type") == "array":
        return f"En liste. Hver verdi er {_kind(_resolved(document, schema['items']))}."
    return "true eller false." if schema.get("type") == "boolean" else f"Verdien er {_kind(schema)}."


def _parameter(document: dict[str, Any], one: dict[str, Any]) -> Felt:
    schema = _resolved(document, one["schema"])
    place = f"I {PLACES[one['in']]}." if one["in"] != "header" else "Header."
    text = f"{one.get('description', '')} {place}".strip()
    return Felt(one["name"], _kind(schema), one["required"], _limits(schema), text)


def _all_fields(document: dict[str, Any], schema: dict[str, Any]) -> Iterator[Felt]:
    """Fields of a body; for a list, those of its items."""
    whole = _resolved(document, schema)
    if whole.get("type") == "array":
        return _fields(document, whole["items"], "[].")
    return _fields(document, whole, "")


def _fields(document: dict[str, Any], schema: dict[str, Any], above: str) -> Iterator[Felt]:
    """Fields of an object and of nested objects, by path."""
    whole = _resolved(document, schema)
    for name, said in whole.get("properties", {}).items():
        inner = _resolved(document, said)
        many = inner.get("type") == "array"
        path = f"{above}{name}" + ("[]" if many else "")
        required = name in whole.get("required", ())
        text = said.get("description") or ("" if "$ref" in said else inner.get("description", ""))
        yield Felt(path, _kind(inner), required, _limits(inner), text)
        yield from _fields(document, inner.get("items", {}) if many else inner, f"{path}.")


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with its reference resolved, keeping sibling keywords; for a nullable type, the non-null
    one.
    """
    for one in schema.get("anyOf", ()):
        if one.get("type") != "null":
            return _resolved(document, one) | {k: v for k, v in schema.items() if k != "anyOf"}
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found | {k: v for k, v in schema.items() if k != "$ref"}


def _kind(schema: dict[str, Any]) -> str:
    return WORDS.get(schema.get("format", ""), WORDS.get(schema.get("type", ""), "verdi"))


def _limits(schema: dict[str, Any]) -> str:
    told = []
    if "enum" in schema:
        told.append(", ".join(schema["enum"]))
    if "maxLength" in schema:
        told.append(f"høyst {schema['maxLength']} tegn")
    if "maxItems" in schema:
        told.append(f"høyst {schema['maxItems']} stykker")
    if "pattern" in schema:
        told.append(f"mønster {schema['pattern']}")
    return "; ".join(told)

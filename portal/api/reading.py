"""Parse a machine's JSON body: all faults are collected before anything is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NoReturn, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json

from fiks.core.values.identifiers import mask_numbers
from fiks.svarut.mottak import Funn, UgyldigForsendelse
from fiks.svarut.mottak.errors import refuse
from portal.api.model import Modell

M = TypeVar("M", bound=Modell)
X = TypeVar("X")
BOM = b"\xef\xbb\xbf"
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
MAX_FINDINGS = 100
"""Most findings of one kind in an answer; a text of a megabyte can be wrong in a hundred thousand places."""

MISSING_CODES = {
    "tittel": "TITTEL_MANGLER",
    "mottaker": "MOTTAKER_MANGLER",
    "mottaker.navn": "MOTTAKERNAVN_MANGLER",
    "mottaker.digitalId": "DIGITAL_ID_MANGLER",
    "mottaker.adresse": "ADRESSE_MANGLER",
}
TYPE_CODES = (
    (re.compile(r"giroark"), "GIROARK_UGYLDIG"),
    (re.compile(r"metadata(FraAvleverendeSystem|ForImport)"), "NOARK_UGYLDIG"),
    (re.compile(r"ekstraMetadata"), "EKSTRAMETADATA_UGYLDIG"),
)
"""Catalogue codes of a missing field (MISSING_CODES) or one of the wrong type (TYPE_CODES); all others are
FELT_…
"""


def read_json(raw: bytes) -> Any:
    """The JSON value. JSON_UGYLDIG for invalid JSON; TEKST_MED_NULLTEGN when a text holds control characters."""
    try:
        value = from_json(raw.removeprefix(BOM), allow_inf_nan=False)
    except ValueError as error:
        raise refuse("JSON_UGYLDIG") from error
    if found := list(_first_findings(_control_characters(value, ""))):
        raise UgyldigForsendelse(found)
    return value


def read(model: type[M], raw: bytes) -> M:
    """Parse the body as `model`, or UgyldigForsendelse with every field that is missing or of the wrong type."""
    return require(model, _read_object(raw))


def require(model: type[M], value: dict[str, Any]) -> M:
    """Validate the dict as `model`, or UgyldigForsendelse with every field that is missing or of the wrong
    type.
    """
    said, found = _validate(model, value)
    if found:
        raise UgyldigForsendelse(found)
    return said


def read_leniently(model: type[M], raw: bytes) -> tuple[M, list[Funn]]:
    """Parse the body as `model` without the fields of the wrong type; return it with the findings."""
    return _validate(model, _read_object(raw))


def _read_object(raw: bytes) -> dict[str, Any]:
    value = read_json(raw)
    if not isinstance(value, dict):
        raise refuse("JSON_UGYLDIG")
    return value


def _validate(model: type[M], value: dict[str, Any]) -> tuple[M, list[Funn]]:
    found: list[Funn] = []
    try:
        said = model.model_validate(value)
    except ValidationError as error:
        found = [
            _type_finding(json_path(where["loc"]))
            for where in _first_findings(error.errors(include_url=False))
        ]
        said = _validate_rest(model, value, error, found)
    missing = (Funn(MISSING_CODES.get(felt, "FELT_MANGLER"), felt) for felt in said.missing())
    return said, merge_findings(found, _first_findings(missing))


def merge_findings(first: Sequence[Funn], second: Iterable[Funn]) -> list[Funn]:
    """Both lists, without findings of the second about fields the first already reports."""
    told = [one.felt for one in first if one.felt]
    return [*first, *(one for one in second if not any(_is_about(one.felt, felt) for felt in told))]


def json_path(loc: Iterable[str | int]) -> str:
    """Path of a place in the JSON: `dokumenter[0].filnavn`."""
    text = ""
    for step in loc:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _is_about(felt: str, told: str) -> bool:
    """Whether `felt` is the reported field, a part of it, or the list it stands in."""
    return felt == told or felt.startswith((f"{told}.", f"{told}[")) or told.startswith(f"{felt}[")


def _type_finding(felt: str) -> Funn:
    kode = next((kode for pattern, kode in TYPE_CODES if pattern.search(felt)), "FELT_UGYLDIG")
    return Funn(kode, felt)


def _validate_rest(model: type[M], value: dict[str, Any], error: ValidationError, found: list[Funn]) -> M:
    """Validate again without the wrong fields, so that the rest is checked as well."""
    for where in error.errors(include_url=False):
        _remove(value, where["loc"])
    try:
        return model.model_validate(value)
    except ValidationError:
        _give_up(found)


def _give_up(found: list[Funn]) -> NoReturn:
    raise UgyldigForsendelse(found)


def _remove(value: Any, loc: tuple[str | int, ...]) -> None:
    """Remove the value at `loc`; for a wrong item of a list, the whole list."""
    names = list(loc)
    while names and isinstance(names[-1], int):
        names.pop()
    for step in names[:-1]:
        if isinstance(value, dict):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
    if names and isinstance(value, dict):
        value.pop(str(names[-1]), None)


def _control_characters(value: Any, where: str) -> Iterator[Funn]:
    """Texts with characters that no letter, file or database can hold. Tab and line breaks are allowed."""
    if isinstance(value, str):
        if CONTROL.search(value):
            yield Funn("TEKST_MED_NULLTEGN", where)
    elif isinstance(value, list):
        for nr, item in enumerate(value):
            yield from _control_characters(item, f"{where}[{nr}]")
    elif isinstance(value, dict):
        for name, item in value.items():
            shown = mask_numbers(CONTROL.sub("?", name))[:100]
            yield from _control_characters(item, f"{where}.{shown}" if where else shown)


def _first_findings(found: Iterable[X]) -> Iterator[X]:
    for nr, one in enumerate(found):
        if nr == MAX_FINDINGS:
            return
        yield one

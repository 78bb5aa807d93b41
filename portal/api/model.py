"""Base classes and types of request and response bodies as pydantic models: parser and source of the OpenAPI
document.

Fields are spelled as on the wire. A request model checks types only, and treats null and empty text as
missing; every other rule belongs to the domain (`fiks.svarut.mottak.rules`), so that all faults are reported
at once and in one way. Limits stand in a model for the document only.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)
from pydantic.fields import FieldInfo

from fiks.core.values.calendar import OSLO

T = TypeVar("T")
YEARS = range(1900, 2200)
"""Plausible years; database and calendar do not take all others."""
INT32, INT64 = 2**31 - 1, 2**63 - 1


class _Krevd:
    """Marks a mandatory field."""


Krevd = Annotated[T, _Krevd()]


def grense(**schema: object) -> Any:
    """Limits of a field for the document, enforced by the domain's rules: `maxLength`, `pattern` …"""
    return Field(json_schema_extra=dict(schema))


def beskrevet(text: str, standard: Any = None) -> Any:
    """An optional field with its description."""
    return Field(default=standard, description=text)


def with_oslo_zone(moment: datetime) -> datetime:
    """The moment, in Norwegian time if it has no zone. ValueError for an implausible year."""
    if moment.year not in YEARS:
        raise ValueError("year")
    return moment.replace(tzinfo=OSLO) if moment.tzinfo is None else moment


Tidspunkt = Annotated[datetime, AfterValidator(with_oslo_zone)]
"""A moment; without a zone it is Norwegian time."""
Heltall = Annotated[int, Field(ge=0, le=INT64, json_schema_extra={"format": "int64"})]
Aar = Annotated[int, Field(ge=0, le=INT32, json_schema_extra={"format": "int32"})]
Side = Annotated[int, Field(ge=1, le=INT32, json_schema_extra={"format": "int32"})]


def is_required(field: FieldInfo) -> bool:
    """Whether the field is mandatory."""
    return field.is_required() or any(isinstance(mark, _Krevd) for mark in field.metadata)


def _say_required(schema: dict[str, Any], model: type[BaseModel]) -> None:
    if required := [name for name, field in model.model_fields.items() if is_required(field)]:
        schema["required"] = required


class Modell(BaseModel):
    """Base class of what is sent to us. Unknown fields are ignored; a number where text is expected becomes
    its digits.
    """

    model_config = ConfigDict(
        extra="ignore", frozen=True, coerce_numbers_to_str=True, json_schema_extra=_say_required
    )

    @model_validator(mode="before")
    @classmethod
    def _drop_what_is_not_said(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: said for name, said in value.items() if said is not None and said != ""}
        return value

    def missing(self) -> Iterator[str]:
        """Paths of the mandatory fields that are missing, in this model and in nested ones."""
        for name, field in type(self).model_fields.items():
            if name not in self.model_fields_set:
                if is_required(field):
                    yield name
                continue
            value = getattr(self, name)
            if isinstance(value, Modell):
                yield from (f"{name}.{path}" for path in value.missing())
            elif isinstance(value, tuple):
                for nr, item in enumerate(value):
                    if isinstance(item, Modell):
                        yield from (f"{name}[{nr}].{path}" for path in item.missing())

    def as_facts(self) -> dict[str, Any]:
        """The given fields as plain JSON values."""
        return self.model_dump(mode="json", exclude_unset=True)

    @classmethod
    def nothing(cls) -> Self:
        """The model with no field given."""
        return cls.model_validate({})


def _iso(moment: datetime) -> str:
    return moment.astimezone(OSLO).isoformat(timespec="milliseconds")


Svartid = Annotated[
    datetime,
    PlainSerializer(_iso, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
"""A moment in answers: Norwegian time with offset, to the millisecond."""


def _keep_unknown_word(value: Any, known: ValidatorFunctionWrapHandler) -> Any:
    try:
        return known(value)
    except ValidationError:
        if isinstance(value, str):
            return value
        raise


EllerNyere = Annotated[T, WrapValidator(_keep_unknown_word), PlainSerializer(lambda word: word)]
"""A value of the enumeration T, or one that only a newer release knows (ADR 0052): passed on unchanged, and
not in this release's document.
"""


class Svarmodell(BaseModel):
    """Base class of our answers. None values are left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def as_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_none=True)

"""What machines say and are told, as pydantic models: reader of their JSON and source of the OpenAPI document at once.

Fields are spelled as on the wire. A model of what is sent reads types only and takes null and empty text for not said;
what a value must be beyond its type is the rules' to say (`fiks.svarut.mottak.rules`), so that everything that is wrong
is told at once and in one way. Its limits stand in the model for the document alone.
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

from fiks.core.calendar import OSLO

T = TypeVar("T")
YEARS = range(1900, 2200)
"""Times outside are nobody's, and neither database nor calendar takes them all."""
INT32, INT64 = 2**31 - 1, 2**63 - 1


class _Krevd:
    """Marks a field that must be sent."""


Krevd = Annotated[T, _Krevd()]


def grense(**schema: object) -> Any:
    """What the document says of a field and the rules hold it to: `maxLength`, `pattern` …"""
    return Field(json_schema_extra=dict(schema))


def beskrevet(text: str, standard: Any = None) -> Any:
    """A field that may be left out, with what it means."""
    return Field(default=standard, description=text)


def in_oslo(moment: datetime) -> datetime:
    """The moment, in Norwegian time if it says no zone. ValueError for a year that is nobody's."""
    if moment.year not in YEARS:
        raise ValueError("year")
    return moment.replace(tzinfo=OSLO) if moment.tzinfo is None else moment


Tidspunkt = Annotated[datetime, AfterValidator(in_oslo)]
"""A moment; without a zone it is Norwegian time."""
Heltall = Annotated[int, Field(ge=0, le=INT64, json_schema_extra={"format": "int64"})]
Aar = Annotated[int, Field(ge=0, le=INT32, json_schema_extra={"format": "int32"})]
Side = Annotated[int, Field(ge=1, le=INT32, json_schema_extra={"format": "int32"})]


def is_required(field: FieldInfo) -> bool:
    """Whether the field must be sent."""
    return field.is_required() or any(isinstance(mark, _Krevd) for mark in field.metadata)


def _say_required(schema: dict[str, Any], model: type[BaseModel]) -> None:
    if required := [name for name, field in model.model_fields.items() if is_required(field)]:
        schema["required"] = required


class Modell(BaseModel):
    """Something that is sent to us. Unknown fields are ignored; a number where text is meant is its digits."""

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
        """The paths of the fields that had to be sent and were not, in this model and those in it."""
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
        """What was said, as plain JSON values."""
        return self.model_dump(mode="json", exclude_unset=True)

    @classmethod
    def nothing(cls) -> Self:
        """As if nothing had been said."""
        return cls.model_validate({})


def _iso(moment: datetime) -> str:
    return moment.astimezone(OSLO).isoformat(timespec="milliseconds")


Svartid = Annotated[
    datetime,
    PlainSerializer(_iso, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
"""A moment as we tell it: Norwegian time with its offset, to the millisecond."""


def _as_it_stands(value: Any, known: ValidatorFunctionWrapHandler) -> Any:
    try:
        return known(value)
    except ValidationError:
        if isinstance(value, str):
            return value
        raise


EllerNyere = Annotated[T, WrapValidator(_as_it_stands), PlainSerializer(lambda word: word)]
"""One of the words of T; or another, which only a newer release knows (ADR 0052): told as it stands, and not in this
release's document."""


class Svarmodell(BaseModel):
    """Something we answer with. What is None is left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def as_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_none=True)

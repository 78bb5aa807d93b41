"""Shared parts of search forms: the form as it stands, reading its fields, and a period of two dates."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from portal.texts import tekst
from portal.ui.form_values import read_date

Utvalg = TypeVar("Utvalg")


@dataclass(frozen=True, slots=True)
class Sokeskjema(Generic[Utvalg]):
    """The form as it stands; `utvalg` is None when `feil` (field to sentence) says that it cannot be used."""

    verdier: Mapping[str, str]
    utvalg: Utvalg | None
    feil: Mapping[str, str] = field(default_factory=dict)

    @property
    def i_bruk(self) -> dict[str, str]:
        """The fields that are filled in, for links that keep the search."""
        return {name: value for name, value in self.verdier.items() if value}


@dataclass(frozen=True, slots=True)
class Periode:
    """From and to, both included; None where nothing valid was typed."""

    fra: date | None
    til: date | None
    feil: dict[str, str]


def read_fields(
    args: Mapping[str, str], names: Sequence[str], longest: int, choices: Mapping[str, Container[str]]
) -> dict[str, str]:
    """Read these fields; an unknown value of a drop-down becomes empty."""
    written = {name: args.get(name, "").strip()[:longest] for name in names}
    for name, known in choices.items():
        written[name] = written[name] if written[name] in known else ""
    return written


def read_period(written: Mapping[str, str]) -> Periode:
    """Read the fields `fra` and `til` as dates, with their faults."""
    fra, til = (read_date(written[name]) for name in ("fra", "til"))
    feil = {
        name: tekst("DATO_FORM")
        for name, day in (("fra", fra), ("til", til))
        if written[name] and day is None
    }
    if fra and til and til < fra:
        feil["til"] = tekst("PERIODE_BAKVENDT")
    return Periode(fra, til, feil)

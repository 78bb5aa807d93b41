"""The form of a grant: holder, privileges, period and reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from fiks.core import clock
from fiks.core.environment import current
from fiks.core.values.calendar import OSLO
from fiks.core.values.identifiers import is_fnr
from fiks.konfigurasjon.person.service import NyPerson
from fiks.konfigurasjon.rules import Innehaver, Innehavertype, P, Periode
from portal.texts import tekst
from portal.ui.form_values import read_date

NEW = "NY"
FIELDS = ("hvem", "sok", "fnr", "navn", "fra", "til", "begrunnelse")
BOX = "privilegium"


@dataclass(slots=True, repr=False)
class Skjema:
    """The form as it stands. `valgt`: ticked privileges; `feil`: field to sentence."""

    verdier: dict[str, str]
    valgt: tuple[P, ...] = ()
    feil: dict[str, str] = field(default_factory=dict)

    @property
    def ny(self) -> bool:
        """Whether the holder is a person entered by number."""
        return self.verdier["hvem"] == NEW

    @property
    def innehaver(self) -> Innehaver | None:
        """The holder chosen among the known ones; None for a person entered by number, or no choice."""
        kind, _, which = self.verdier["hvem"].partition(":")
        if kind not in (Innehavertype.PERSON, Innehavertype.GRUPPE):
            return None
        try:
            return Innehaver(Innehavertype(kind), UUID(which))
        except ValueError:
            return None

    @property
    def ny_person(self) -> NyPerson:
        return NyPerson(self.verdier["fnr"], self.verdier["navn"])

    @property
    def periode(self) -> Periode:
        """From the start of the first day to the end of the last, in Oslo."""
        return Periode(start_of(read_date(self.verdier["fra"])), end_after(read_date(self.verdier["til"])))

    def shown(self) -> dict[str, str]:
        """The values for the page, without the personal number."""
        return self.verdier | {"fnr": ""}

    def as_data(self) -> dict[str, Any]:
        return {"verdier": self.verdier, "valgt": list(self.valgt)}

    def check(self) -> None:
        """Validate everything that can be checked without the database."""
        v = self.verdier
        if not self.ny and self.innehaver is None:
            self.feil["hvem"] = tekst("INNEHAVER_MANGLER")
        if self.ny and not is_fnr(v["fnr"], current().synthetic_persons):
            self.feil["fnr"] = tekst("FNR_UGYLDIG")
        if self.ny and len(v["navn"]) < 2:
            self.feil["navn"] = tekst("PERSONNAVN_UGYLDIG")
        if not self.valgt:
            self.feil[BOX] = tekst("PRIVILEGIUM_MANGLER")
        self.feil |= date_faults(v["fra"], v["til"])


def read(form: Mapping[str, str], offered: tuple[P, ...]) -> Skjema:
    """The posted form, with only those privileges the page offers."""
    values = {name: " ".join(form.get(name, "").split()) for name in FIELDS}
    values["begrunnelse"] = form.get("begrunnelse", "").strip()
    values["fnr"] = values["fnr"].replace(" ", "")
    return Skjema(values, tuple(p for p in offered if f"{BOX}.{p}" in form))


def of_data(data: Mapping[str, Any]) -> Skjema:
    """The form from `as_data`."""
    return Skjema(dict(data["verdier"]), tuple(P(p) for p in data["valgt"]))


def today() -> date:
    return clock.database_now().astimezone(OSLO).date()


def start_of(day: date | None) -> datetime | None:
    """The start of a day in Oslo; None, which means at once, for today and earlier."""
    if day is None or day <= today():
        return None
    return datetime.combine(day, time(0), OSLO)


def end_after(day: date | None) -> datetime | None:
    """The end of a day in Oslo."""
    return None if day is None else datetime.combine(day + timedelta(days=1), time(0), OSLO)


def date_faults(fra: str, til: str) -> dict[str, str]:
    """Faults of the two days, by field. Both may be empty."""
    first, last = read_date(fra), read_date(til)
    found = {
        name: tekst("DATO_FORM")
        for name, written, day in (("fra", fra, first), ("til", til, last))
        if written and day is None
    }
    if first and first < today():
        found["fra"] = tekst("STARTDATO_PASSERT")
    if last and last < today():
        found["til"] = tekst("SLUTTDATO_PASSERT")
    elif first and last and last < first:
        found["til"] = tekst("SLUTT_FOR_START")
    return found

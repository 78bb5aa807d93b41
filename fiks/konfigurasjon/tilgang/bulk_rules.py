"""Rules for a file of grants: what a row says, read without any look-up, and which faults it may have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from fiks.core.values.calendar import OSLO
from fiks.core.values.identifiers import is_fnr
from fiks.konfigurasjon.field_rules import person_name_fault
from fiks.konfigurasjon.rules import REASON_LENGTH, P, Periode, has_personal_number

MAX_ROWS = 1_000
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class Radfeil(StrEnum):
    """Why a row cannot be used; the portal says how to mend each."""

    FNR = "RAD_FNR"
    NAVN = "RAD_NAVN"
    NAVN_ANNET = "RAD_NAVN_ANNET"
    NAVN_ULIKT = "RAD_NAVN_ULIKT"
    RESSURS_MANGLER = "RAD_RESSURS_MANGLER"
    RESSURS_UKJENT = "RAD_RESSURS_UKJENT"
    RESSURS_FLERE = "RAD_RESSURS_FLERE"
    PRIVILEGIUM_UKJENT = "RAD_PRIVILEGIUM_UKJENT"
    PRIVILEGIUM_PASSER_IKKE = "RAD_PRIVILEGIUM_PASSER_IKKE"
    FRA_FORM = "RAD_FRA_FORM"
    FRA_PASSERT = "RAD_FRA_PASSERT"
    TIL_FORM = "RAD_TIL_FORM"
    TIL_PASSERT = "RAD_TIL_PASSERT"
    PERIODE = "RAD_PERIODE"
    BEGRUNNELSE = "RAD_BEGRUNNELSE"
    DOBBEL = "RAD_DOBBEL"


@dataclass(frozen=True, slots=True, repr=False)
class Filrad:
    """One row as written in the file; `nr` as the spreadsheet numbers it. No repr: `fnr` is a personal
    number.
    """

    nr: int
    fnr: str
    navn: str
    ressurs: str
    privilegium: str
    fra: str = ""
    til: str = ""
    begrunnelse: str = ""


@dataclass(frozen=True, slots=True)
class Innhold:
    """What can be read from a row alone, and the faults found there."""

    privilegium: P | None
    periode: Periode
    feil: tuple[Radfeil, ...] = ()


@dataclass(frozen=True, slots=True)
class Ressursvalg:
    """The ressurser a file may refer to, by id and by name. Case and extra spaces in a name are ignored."""

    av_id: Mapping[str, UUID]
    av_navn: Mapping[str, list[UUID]]

    @classmethod
    def of(cls, navn: Mapping[UUID, str]) -> Ressursvalg:
        """Build the choice from ressurs id to name."""
        named: dict[str, list[UUID]] = {}
        for ressurs_id, name in navn.items():
            named.setdefault(_name_key(name), []).append(ressurs_id)
        return cls({str(ressurs_id): ressurs_id for ressurs_id in navn}, named)

    def find(self, written: str) -> UUID | Radfeil:
        """Return the ressurs referred to, or the fault when there is none or more than one."""
        if not written.strip():
            return Radfeil.RESSURS_MANGLER
        known = self.av_id.get(written.strip().lower())
        if known is not None:
            return known
        named = self.av_navn.get(_name_key(written), [])
        if len(named) > 1:
            return Radfeil.RESSURS_FLERE
        return named[0] if named else Radfeil.RESSURS_UKJENT


def _name_key(navn: str) -> str:
    return " ".join(navn.split()).casefold()


@dataclass(slots=True)
class _Dager:
    """Parses from and to as days and collects the faults."""

    i_dag: date
    feil: list[Radfeil] = field(default_factory=list)

    def day(self, text: str, form: Radfeil, passed: Radfeil) -> date | None:
        if not text.strip():
            return None
        found = read_day(text)
        if found is None:
            self.feil.append(form)
        elif found < self.i_dag:
            self.feil.append(passed)
        return found


def read_day(text: str) -> date | None:
    """Parse dd.mm.åååå or åååå-mm-dd as a date; None if it is not a date."""
    parts = text.strip().split(".")
    iso = "-".join(reversed([part.zfill(2) for part in parts])) if len(parts) == 3 else text.strip()
    if not _ISO_DAY.fullmatch(iso):
        return None
    try:
        return date.fromisoformat(iso)
    except ValueError:
        return None


def read_row(rad: Filrad, *, i_dag: date, syntetiske: bool) -> Innhold:
    """Read everything in a row except person and ressurs. `i_dag` is today in Oslo; `til` is the last day the
    grant is valid.
    """
    feil: list[Radfeil] = []
    if not is_fnr(rad.fnr, syntetiske):
        feil.append(Radfeil.FNR)
    if not _is_name(" ".join(rad.navn.split())):
        feil.append(Radfeil.NAVN)
    privilegium = next((p for p in P if p == rad.privilegium.strip().upper()), None)
    if privilegium is None:
        feil.append(Radfeil.PRIVILEGIUM_UKJENT)
    dager = _Dager(i_dag)
    fra = dager.day(rad.fra, Radfeil.FRA_FORM, Radfeil.FRA_PASSERT)
    til = dager.day(rad.til, Radfeil.TIL_FORM, Radfeil.TIL_PASSERT)
    feil += dager.feil
    if fra and til and til < fra and not dager.feil:
        feil.append(Radfeil.PERIODE)
    if len(rad.begrunnelse.strip()) > REASON_LENGTH or has_personal_number(rad.begrunnelse):
        feil.append(Radfeil.BEGRUNNELSE)
    later = fra is not None and fra > i_dag
    periode = Periode(
        _midnight(fra) if later and fra else None, _midnight(til + timedelta(days=1)) if til else None
    )
    return Innhold(privilegium, periode, tuple(feil))


def _is_name(navn: str) -> bool:
    """Return whether the name has a valid length, begins with a letter (so that no spreadsheet reads it as a
    formula) and contains no personal number.
    """
    return person_name_fault(navn) is None and navn[0].isalpha() and not has_personal_number(navn)


def _midnight(day: date) -> datetime:
    """Return midnight in Oslo at the start of the day."""
    return datetime.combine(day, time(), tzinfo=OSLO)

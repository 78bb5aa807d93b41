"""Reads of a mailing's rows for pages: findings, masked values, channel forecast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, column, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.values.identifiers import mask_numbers
from fiks.core.values.unknown_enum_values import enum_or_text
from fiks.konfigurasjon.rules import P
from fiks.utsending import access
from fiks.utsending.letters.documents import pages_of_letter
from fiks.utsending.liste.export import KEPT_WHEN_PROTECTED
from fiks.utsending.models import Utsendingsrad
from fiks.utsending.rows.storage import unseal_findings
from fiks.utsending.rules import SENDABLE_NAMES, Radstatus
from fiks.utsending.sealed_values import row_values

ROWS_PAGE = 50
MASKED = "•••••"
SHOWN_DIGITS = 6
REPAIRED = "RETTET"
"""Severity shown for a proposed repair that somebody has accepted."""
_WORST_FIRST = ("feil", "auto", "advarsel", REPAIRED)


@dataclass(frozen=True, slots=True)
class Funnsum:
    """Number of rows with a finding of this code and severity; RETTET for accepted repairs."""

    kode: str
    alvorlighet: str
    antall: int


def finding_counts(utsending_id: UUID, *, actor: Aktor) -> list[Funnsum]:
    """The mailing's findings counted by code and severity, worst first."""
    access.find_visible(utsending_id, actor)
    item = func.jsonb_array_elements(Utsendingsrad.funn).table_valued(column("value", JSONB)).lateral()
    finding = item.c.value
    accepted = or_(finding.contains({"godtatt": True}), Utsendingsrad.status.in_(SENDABLE_NAMES))
    proposed = finding.contains({"alvorlighet": "auto"})
    kode = finding.op("->>")("kode")
    grad = case((and_(proposed, accepted), REPAIRED), else_=finding.op("->>")("alvorlighet"))
    counted = session().execute(
        select(kode.label("kode"), grad.label("grad"), func.count(func.distinct(Utsendingsrad.radnr)))
        .select_from(Utsendingsrad)
        .join(item, literal(True))
        .where(Utsendingsrad.utsending_id == utsending_id)
        .group_by("kode", "grad")
        .limit(200)
    )
    found = (Funnsum(*row) for row in counted)
    return sorted(found, key=lambda f: (_WORST_FIRST.index(f.alvorlighet), -f.antall, f.kode))


@dataclass(frozen=True, slots=True, repr=False)
class Radfunn:
    """One finding of a row with the value in the file and the proposed repair, masked where necessary.

    `alvorlighet` is RETTET when the repair was accepted.
    """

    kode: str
    felt: str | None
    alvorlighet: str
    verdi: dict[str, Any]
    reparert: dict[str, str] | None
    dublett_av: int | None


@dataclass(frozen=True, slots=True, repr=False)
class Radvisning:
    """A row as a page may show it: a protected address is masked for actors without SE_SPERRET."""

    radnr: int
    navn: str
    status: Radstatus | str
    skjermet: bool
    verdier: dict[str, str]
    funn: tuple[Radfunn, ...]
    kanal: str | None
    kanalgrunn: str | None
    sider: int | None
    forsendelse_id: UUID | None


def rows(
    utsending_id: UUID,
    *,
    actor: Aktor,
    kode: str | None = None,
    status: Radstatus | None = None,
    bare_funn: bool = False,
    sok: int | None = None,
    after: int = 0,
    limit: int = ROWS_PAGE,
) -> list[Radvisning]:
    """Rows in list order after `after`, filtered by finding code, status or row number."""
    _, held = access.find_visible_with_rights(utsending_id, actor)
    query = (
        select(Utsendingsrad)
        .where(Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.radnr > after)
        .order_by(Utsendingsrad.radnr)
        .limit(limit)
    )
    if kode:
        query = query.where(Utsendingsrad.funn.contains([{"kode": kode}]))
    if status:
        query = query.where(Utsendingsrad.status == status)
    if bare_funn:
        query = query.where(func.jsonb_array_length(Utsendingsrad.funn) > 0)
    if sok is not None:
        query = query.where(Utsendingsrad.radnr == sok)
    found = session().scalars(query.execution_options(populate_existing=True)).all()
    may_see = any(row.skjermet for row in found) and held.use(P.SE_SPERRET)
    return [view_row(row, may_see) for row in found]


def view_row(row: Utsendingsrad, may_see: bool) -> Radvisning:
    """A row for a page; its protected values are masked unless `may_see`."""
    values, hidden = row_values(row), row.skjermet and not may_see
    sealed = unseal_findings(row.reparasjon_kryptert)
    found = []
    for index, item in enumerate(row.funn):
        detail = sealed[index] if index < len(sealed) else {"verdi": {}, "reparert": None}
        found.append(
            Radfunn(
                item["kode"],
                item["felt"],
                severity(row, item),
                mask_fields(detail["verdi"], hidden),
                mask_fields(detail["reparert"], hidden) if detail["reparert"] else None,
                item.get("dublett_av"),
            )
        )
    return Radvisning(
        row.radnr,
        values.get("navn", ""),
        enum_or_text(Radstatus, row.status),
        row.skjermet,
        mask_fields(values, hidden),
        tuple(found),
        row.kanal,
        row.kanalgrunn,
        row.sider,
        row.forsendelse_id,
    )


def severity(row: Utsendingsrad, finding: dict[str, Any]) -> str:
    """Present severity of a row's finding; RETTET when its repair was accepted."""
    given: str = finding["alvorlighet"]
    accepted = finding.get("godtatt") or row.status in SENDABLE_NAMES
    return REPAIRED if given == "auto" and accepted else given


def mask_number(text: str) -> str:
    """The number as written, with all but its first six digits replaced by stars."""
    seen = 0
    shown = []
    for sign in text:
        seen += sign.isdigit()
        shown.append("*" if sign.isdigit() and seen > SHOWN_DIGITS else sign)
    return "".join(shown)


def mask_fields(values: dict[str, Any], hidden: bool) -> dict[str, Any]:
    """Mask personal numbers everywhere; of a protected row (`hidden`) show only who it is and our codes.

    Any other value of a protected row may hold the address: a crooked row, a column of the sender's own.
    """
    return {
        name: MASKED
        if hidden and value and name not in KEPT_WHEN_PROTECTED
        else _without_numbers(name, value)
        for name, value in values.items()
    }


def _without_numbers(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_without_numbers(name, part) for part in value]
    return mask_number(str(value)) if name == "fnr" and value else mask_numbers(str(value))


@dataclass(frozen=True, slots=True)
class Prognoserad:
    """Forecast: number of letters by channel, reason and number of pages."""

    kanal: str | None
    grunn: str | None
    sider: int | None
    antall: int


def forecast_counts(utsending_id: UUID, *, actor: Aktor) -> list[Prognoserad]:
    """The channel forecast of all sendable rows, grouped."""
    access.find_visible(utsending_id, actor)
    letters = (
        select(
            Utsendingsrad.kanal,
            Utsendingsrad.kanalgrunn,
            pages_of_letter().label("sider"),
        )
        .where(Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.status.in_(SENDABLE_NAMES))
        .subquery()
    )
    counted = session().execute(
        select(*letters.c, func.count()).group_by(*letters.c).order_by(func.count().desc())
    )
    return [Prognoserad(*tuple(row)) for row in counted]

"""Report of a mailing, row by row, as CSV or XLSX: streamed, and safe to open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO
from uuid import UUID

import xlsxwriter
from sqlalchemy import ColumnElement, ScalarSelect, SQLColumnExpression, case, func, not_, select, true

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.values.calendar import OSLO, klagefrist
from fiks.konfigurasjon.rules import P
from fiks.svarut.lifecycle.posting_date import left_at
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import Bane, Leveringsstatus
from fiks.svarut.sender.restricted_lane import is_made_in_lane
from fiks.utsending import access
from fiks.utsending.brev import states_deadline
from fiks.utsending.letters.inputs import chosen_template
from fiks.utsending.liste.export import BOM, csv_line
from fiks.utsending.liste.formula_injection import neutralise
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.rules import SENDABLE_NAMES, Art, Utsendingstatus, printed_deadline
from fiks.utsending.sending.delivery_state import is_open_after_failure, is_undelivered
from fiks.utsending.sending.stop_report import reported_status

COLUMNS = ("radnr", "eksternref", "forsendelseid", "kanal", "status", "sendt", "klagefrist", "konteringskode")
FORMATS = ("csv", "xlsx")
PORTION = 1_000


@dataclass(frozen=True, slots=True)
class Rapportrad:
    """One row. `status` is the letter's reported status, or PARKERT, STOPPET, IKKE_SENDT without a letter.

    After a channel's failure it is PROVES_VIDERE, or TIL_BEHANDLING when it waits for a person; `sendt` is
    then None until a channel takes the letter, and stays None if nobody gets it. `klagefrist` counts from the
    day the letter really left (paper: was posted) and is never before the printed one; None before that day,
    and for mailings without kunngjøringsdato.
    """

    radnr: int
    eksternref: str | None
    forsendelse_id: UUID | None
    kanal: str | None
    status: str
    sendt: datetime | None
    klagefrist: date | None
    konteringskode: str | None


def begin_report(utsending_id: UUID, filformat: str, *, actor: Aktor) -> int:
    """Audit the download with its number of rows, and return that number. Needs a right to see the letters."""
    access.require(utsending_id, actor, P.LESE, P.SENDE, P.GODKJENNE, P.STOPPE)
    with transaction() as tx:
        count = tx.execute(
            select(func.count()).where(Utsendingsrad.utsending_id == utsending_id)
        ).scalar_one()
        audit.record(
            actor, "RAPPORT_LASTET_NED", "utsending", utsending_id, filformat=filformat, antall=count
        )
        return count


def report_rows(utsending_id: UUID, *, actor: Aktor) -> Iterator[Rapportrad]:
    """Every row in list order, read a thousand at a time; no snapshot is held open in between."""
    mailing, held = access.find_visible_with_rights(utsending_id, actor)
    sees = P.SE_SPERRET in held.everything()
    after, stopped, announced = 0, mailing.status == Utsendingstatus.STOPPET, mailing.kunngjoringsdato
    shared_code, printed = mailing.konteringskode, _deadline_in_letters(mailing)
    while portion := _portion(utsending_id, after, sees_restricted=sees):
        after = portion[-1][0]
        for radnr, row_status, ref, code, letter_id, letter_ref, kanal, status, at, left, open_one in portion:
            yield Rapportrad(
                radnr,
                ref or letter_ref,
                letter_id,
                kanal,
                _status_after_failure(open_one, sees)
                if open_one
                else status or _without_letter(row_status, stopped),
                None if open_one else at,
                deadline(announced, None if open_one else left, printed),
                code or shared_code,
            )


def deadline(announced: date | None, left: datetime | None, printed: date | None = None) -> date | None:
    """Last day to complain about a letter that left at `left`; None without an announcement date.

    The law's deadline, or the one printed in the letter when that is later (ADR 0036).
    """
    if announced is None or left is None:
        return None
    by_law = klagefrist(announced, left.astimezone(OSLO).date())
    return max(by_law, printed or by_law)


def _deadline_in_letters(mailing: Utsending) -> date | None:
    """Last day to complain as the mailing's letters print it; None when they print none."""
    if mailing.art != Art.FLETTEBREV or mailing.kunngjoringsdato is None or mailing.malversjon_id is None:
        return None
    if not states_deadline(chosen_template(mailing.malversjon_id)):
        return None
    return printed_deadline(mailing.kunngjoringsdato, mailing.brevdato)


def _status_after_failure(open_one: str, sees_restricted: bool) -> str:
    """Status of a letter that a channel failed with, by its open levering.

    Actors who may not see the restricted lane get PROVES_VIDERE for a letter that waits there.
    """
    waits = open_one == Leveringsstatus.TIL_BEHANDLING or (open_one == Bane.SPERRET and sees_restricted)
    return Leveringsstatus.TIL_BEHANDLING if waits else "PROVES_VIDERE"


def _without_letter(row_status: str, stopped: bool) -> str:
    if row_status not in SENDABLE_NAMES:
        return "PARKERT"
    return "STOPPET" if stopped else "IKKE_SENDT"


_Row = tuple[
    int,
    str,
    str | None,
    str | None,
    UUID | None,
    str | None,
    str | None,
    str | None,
    datetime | None,
    datetime | None,
    str | None,
]


def _open_after_failure(*, sees_restricted: bool) -> ScalarSelect[str]:
    """SQL: status of the open levering after a failure, Bane.SPERRET where it waits in that lane; else NULL.

    For actors who may not see the lane, a levering that was moved there from paper is NULL: the letter still
    looks ordered.
    """
    told = true() if sees_restricted else not_(is_made_in_lane())
    return (
        select(case((Levering.bane == Bane.SPERRET, Bane.SPERRET.value), else_=Levering.status))
        .where(Levering.forsendelse_id == Forsendelse.id, is_open_after_failure(), told)
        .correlate(Forsendelse)
        .scalar_subquery()
    )


def _unless_undelivered(at: SQLColumnExpression[datetime | None]) -> ColumnElement[datetime | None]:
    """SQL: `at` of a letter; NULL if a channel took the letter but nobody received it."""
    return case((is_undelivered(), None), else_=at)


def _portion(utsending_id: UUID, after: int, *, sees_restricted: bool) -> list[_Row]:
    rows = session().execute(
        select(
            Utsendingsrad.radnr,
            Utsendingsrad.status,
            Utsendingsrad.eksternref,
            Utsendingsrad.konteringskode,
            Forsendelse.id,
            Forsendelse.ekstern_referanse,
            Forsendelse.kanal,
            reported_status(),
            _unless_undelivered(Forsendelse.overlevert),
            _unless_undelivered(left_at()),
            _open_after_failure(sees_restricted=sees_restricted),
        )
        .outerjoin(Forsendelse, Forsendelse.id == Utsendingsrad.forsendelse_id)
        .where(Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.radnr > after)
        .order_by(Utsendingsrad.radnr)
        .limit(PORTION)
    )
    found: list[_Row] = [tuple(row) for row in rows]
    session().rollback()
    return found


Describe = Callable[[str], str]
"""Translates a status or channel into the reader's language."""


def cells(row: Rapportrad, describe: Describe) -> list[str]:
    """The row as texts in the order of COLUMNS; times are Oslo's."""
    return [
        str(row.radnr),
        row.eksternref or "",
        str(row.forsendelse_id or ""),
        describe(row.kanal) if row.kanal else "",
        describe(row.status),
        row.sendt.astimezone(OSLO).strftime("%d.%m.%Y %H:%M") if row.sendt else "",
        row.klagefrist.strftime("%d.%m.%Y") if row.klagefrist else "",
        row.konteringskode or "",
    ]


def csv_lines(rows: Iterable[Rapportrad], describe: Describe) -> Iterator[str]:
    """The report as CSV for Norwegian Excel (BOM, `;`, CRLF), in pieces; no cell can become a formula."""
    yield BOM + csv_line(COLUMNS)
    for row in rows:
        yield csv_line(cells(row, describe))


def write_xlsx(stream: IO[bytes], rows: Iterable[Rapportrad], describe: Describe) -> int:
    """Write the report as a workbook of text cells, in constant memory; return the number of rows."""
    count = 0
    with xlsxwriter.Workbook(stream, {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Rapport")
        text, bold = workbook.add_format({"num_format": "@"}), workbook.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for column, header in enumerate(COLUMNS):
            sheet.write_string(0, column, header, bold)
        for count, row in enumerate(rows, 1):
            for column, cell in enumerate(cells(row, describe)):
                sheet.write_string(count, column, neutralise(cell), text)
    return count


def letter_deadline(utsending_id: UUID, radnr: int, *, actor: Aktor) -> tuple[datetime | None, date | None]:
    """(when a row's letter was handed over, its last day to complain).

    None while the letter goes on after a failure, and when nobody received it; an unposted letter has no last
    day yet. Actors who may not see the restricted lane get what the report shows them.
    """
    mailing, held = access.find_visible_with_rights(utsending_id, actor)
    row = (
        session()
        .execute(
            select(
                _unless_undelivered(Forsendelse.overlevert).label("overlevert"),
                _unless_undelivered(left_at()).label("ut"),
                Utsending.kunngjoringsdato,
                _open_after_failure(sees_restricted=P.SE_SPERRET in held.everything()).label("apen"),
            )
            .join(Utsendingsrad, Utsendingsrad.forsendelse_id == Forsendelse.id)
            .join(Utsending, Utsending.id == Utsendingsrad.utsending_id)
            .where(Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.radnr == radnr)
        )
        .first()
    )
    if row is None or row.apen is not None:
        return None, None
    return row.overlevert, deadline(row.kunngjoringsdato, row.ut, _deadline_in_letters(mailing))

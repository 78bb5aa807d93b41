"""Stop report: exactly which receivers of a stopped mailing got the letter, and which did not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.paper.cancellation import count_stoppable
from fiks.svarut.rules import GOES_ON, UNREAD_ALTINN, Kanal, Status
from fiks.utsending import access
from fiks.utsending.liste.findings import Funnkode
from fiks.utsending.models import Utsendingsrad
from fiks.utsending.rows.queries import severity
from fiks.utsending.rules import SENDABLE, SENDABLE_NAMES, Utsendingstatus
from fiks.utsending.sealed_values import row_values
from fiks.utsending.sending.delivery_state import NOT_DELIVERED, is_closed_manually, is_open_after_failure

U = Utsendingstatus
PAGE = 50
BLOCKING = ("feil", "auto")
"""Severities of findings that hold a row out."""


class Gruppe(StrEnum):
    """Outcome of a row of a stopped mailing; every row is in exactly one group."""

    STOPPET = "STOPPET"
    LEVERT_DIGITALT = "LEVERT_DIGITALT"
    ALTINN_ULEST = "ALTINN_ULEST"
    PAPIR = "PAPIR"
    IKKE_SKREVET_UT = "IKKE_SKREVET_UT"
    AVKLARES = "AVKLARES"
    IKKE_LEVERT = "IKKE_LEVERT"
    PARKERT = "PARKERT"


RECEIVED = (Gruppe.LEVERT_DIGITALT, Gruppe.ALTINN_ULEST, Gruppe.IKKE_SKREVET_UT, Gruppe.PAPIR)
NOT_RECEIVED = (Gruppe.STOPPET, Gruppe.IKKE_LEVERT, Gruppe.PARKERT)


@dataclass(frozen=True, slots=True)
class Stoppsvar:
    """Rows by group; always `fikk` + `fikk_ikke` + `avklares` = `rader`.

    `papir_som_kan_stoppes`: letters of PAPIR that no print house has yet.
    """

    rader: int
    grupper: dict[Gruppe, int]
    papir_som_kan_stoppes: int

    @property
    def fikk(self) -> int:
        """Receivers who got the letter."""
        return sum(self.grupper.get(g, 0) for g in RECEIVED)

    @property
    def fikk_ikke(self) -> int:
        """Receivers who did not get it and will not."""
        return sum(self.grupper.get(g, 0) for g in NOT_RECEIVED)

    @property
    def avklares(self) -> int:
        """Letters in the middle of a call, and letters between a failed channel and the next."""
        return self.grupper.get(Gruppe.AVKLARES, 0)


def group_of_row() -> ColumnElement[str]:
    """SQL: the group of a row, over Utsendingsrad and its letter (outer joined).

    A letter that a mailbox, a mottakersystem or Altinn failed with is AVKLARES until the next channel takes
    it. Paper that must be ordered again is PAPIR until it is given up.
    """
    erased = Forsendelse.status == Status.SLETTET
    status = case(
        (erased, func.coalesce(Forsendelse.status_for_sletting, Status.SLETTET)), else_=Forsendelse.status
    )
    still_handing = (
        select(Levering.id)
        .where(Levering.forsendelse_id == Forsendelse.id, is_open_after_failure())
        .correlate(Forsendelse)
        .exists()
    )
    closed = or_(
        status == Status.MANUELT_HANDTERT, and_(erased, status.in_((Status.MANUELT_HANDTERT, *GOES_ON)))
    )
    on_paper = status.in_([Status.SENDT_PRINT, Status.PRINTET])
    return case(
        (and_(status.is_(None), Utsendingsrad.status.in_([str(s) for s in SENDABLE])), Gruppe.STOPPET),
        (status.is_(None), Gruppe.PARKERT),
        (closed, _group_of_closed()),
        (on_paper, Gruppe.PAPIR),
        (status.in_([Status.MOTTATT, Status.AKSEPTERT]), Gruppe.AVKLARES),
        (and_(status.in_(GOES_ON), still_handing), Gruppe.AVKLARES),
        (status.in_([str(s) for s in UNREAD_ALTINN]), Gruppe.ALTINN_ULEST),
        (status.in_(NOT_DELIVERED), Gruppe.IKKE_LEVERT),
        else_=Gruppe.LEVERT_DIGITALT,
    )


def _group_of_closed() -> ColumnElement[str]:
    """SQL: the group of a closed letter, by whether it was handed over and to which channel."""
    return case(
        (Forsendelse.overlevert.is_(None), Gruppe.STOPPET),
        (Forsendelse.kanal == Kanal.PRINT, Gruppe.PAPIR),
        (func.coalesce(Forsendelse.kanal, "") != Kanal.ALTINN, Gruppe.LEVERT_DIGITALT),
        else_=Gruppe.IKKE_SKREVET_UT,
    )


CLOSED_BY_STOP = (Gruppe.STOPPET, Gruppe.IKKE_SKREVET_UT)
"""Groups reported as the status of letters that are MANUELT_HANDTERT but were closed by no person."""


def reported_status() -> ColumnElement[str]:
    """SQL: a letter's status for pages and reports: its group if a stop or "ikke skriv ut" closed it.

    NULL for a row without a letter.
    """
    group = _group_of_closed()
    closed_as = case(
        (is_closed_manually(), Forsendelse.status),
        (group.in_([str(one) for one in CLOSED_BY_STOP]), group),
        else_=Forsendelse.status,
    )
    return case((Forsendelse.status == Status.MANUELT_HANDTERT, closed_as), else_=Forsendelse.status)


def count_groups(utsending_id: UUID, *, actor: Aktor) -> Stoppsvar:
    """Exact number of rows in each group, from one grouped query over the rows."""
    access.find_visible(utsending_id, actor)
    group = group_of_row().label("gruppe")
    counted = session().execute(
        select(group, func.count())
        .select_from(Utsendingsrad)
        .outerjoin(Forsendelse, Forsendelse.id == Utsendingsrad.forsendelse_id)
        .where(Utsendingsrad.utsending_id == utsending_id)
        .group_by(group)
    )
    groups = {Gruppe(name): n for name, n in counted}
    return Stoppsvar(sum(groups.values()), groups, count_stoppable(utsending_id))


@dataclass(frozen=True, slots=True, repr=False)
class Grupperad:
    """A row of a group. `status`: reported status, None without a letter.

    `navn` is empty after the retention time; `holdt_for`: codes of the findings that hold it out.
    """

    radnr: int
    navn: str
    eksternref: str | None
    status: str | None
    holdt_for: tuple[str, ...]


def group_rows(
    utsending_id: UUID, gruppe: Gruppe, *, actor: Aktor, after: int = 0, limit: int = PAGE
) -> list[Grupperad]:
    """Rows of one group in list order after row number `after`."""
    access.find_visible(utsending_id, actor)
    found = session().execute(
        select(Utsendingsrad, reported_status())
        .outerjoin(Forsendelse, Forsendelse.id == Utsendingsrad.forsendelse_id)
        .where(
            Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.radnr > after, group_of_row() == gruppe
        )
        .order_by(Utsendingsrad.radnr)
        .limit(limit)
    )
    return [
        Grupperad(row.radnr, row_values(row).get("navn", ""), row.eksternref, status, _blocking_codes(row))
        for row, status in found
    ]


def _blocking_codes(row: Utsendingsrad) -> tuple[str, ...]:
    """Codes of the errors, unaccepted repairs and KAN_IKKE_NAAS that hold the row out; none of a sendable
    row.
    """
    if row.status in SENDABLE_NAMES:
        return ()
    holds = [
        f["kode"] for f in row.funn if severity(row, f) in BLOCKING or f["kode"] == Funnkode.KAN_IKKE_NAAS
    ]
    return tuple(dict.fromkeys(holds))

"""Reads of SMS: the status of one, the sendings of a konto, and the result of a sending.

A status or reason that only a newer release knows is returned as its text.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, tuple_

from fiks.core.actor import Aktor
from fiks.core.crypto import encryption
from fiks.core.crypto.encryption import VerdiOdelagt
from fiks.core.db import session
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet
from fiks.core.values.identifiers import Fnr
from fiks.core.values.unknown_enum_values import enum_or_text, enum_or_text_or_none
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.rules import P
from fiks.sms.models import Sms, Smskonto, Smsutsendelse
from fiks.sms.rules import Grunn, Status, api_status
from fiks.sms.service import TEXT_AAD, TO_AAD

log = logging.getLogger(__name__)
PAGE = 50


@dataclass(frozen=True, slots=True)
class Stand:
    """Status of one SMS in the API's words, and why it was not sent."""

    id: UUID
    status: Status | str
    grunn: Grunn | str | None


@dataclass(frozen=True, slots=True, repr=False)
class Utsendelse:
    """One sending: its text, and its SMS counted by status and reason. No repr: the text.

    The text is None when it has been deleted, and when it is `uleselig` (damaged).
    """

    id: UUID
    opprettet: datetime
    tekst: str | None
    antall: int
    deler: int
    per_status: Mapping[Status | str, int]
    per_grunn: Mapping[Grunn | str, int]
    uleselig: bool = False

    @property
    def sms(self) -> int:
        """Return the number of SMS parts to bill; receivers without an SMS count none."""
        return self.deler * (self.antall - self.per_status.get(Status.IKKE_SENDT, 0))


@dataclass(frozen=True, slots=True, repr=False)
class Mottaker:
    """A receiver of a sending: a telephone number, or a masked fødselsnummer; None when deleted or
    `uleselig`. No repr: personal.

    For a person who is strengt fortrolig it shows the same as for one without a number in KRR.
    """

    id: UUID
    til: str | None
    status: Status | str
    grunn: Grunn | str | None
    uleselig: bool = False


def status(konto_id: UUID, sms_id: UUID, *, actor: Aktor) -> Stand:
    """Return the status of an SMS of the konto; needs VARSLING.SMS_SENDE. IkkeFunnet for another konto's."""
    konfigurasjon.require(actor, P.SMS_SENDE, konto_id)
    row = (
        session()
        .execute(
            select(Sms.id, Sms.status, Sms.grunn)
            .join(Smsutsendelse, Smsutsendelse.id == Sms.utsendelse_id)
            .where(Sms.id == sms_id, Smsutsendelse.konto_id == konto_id)
        )
        .first()
    )
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    return Stand(row.id, _status(row.status), enum_or_text_or_none(Grunn, row.grunn))


def konto(konto_id: UUID, *, actor: Aktor) -> Smskonto:
    """Return the konto itself; needs VARSLING.SMS_SENDE on it."""
    konfigurasjon.require(actor, P.SMS_SENDE, konto_id)
    found = session().get(Smskonto, konto_id)
    if found is None:
        raise IkkeFunnet("FINNES_IKKE")
    return found


def sendings(
    konto_id: UUID, *, after: UUID | None = None, actor: Aktor, limit: int = PAGE
) -> list[Utsendelse]:
    """Return the konto's sendings, newest first: at most `limit`, those before the sending `after`."""
    konfigurasjon.require(actor, P.SMS_SENDE, konto_id)
    wanted = select(Smsutsendelse).where(Smsutsendelse.konto_id == konto_id)
    if after is not None:
        key = select(Smsutsendelse.opprettet, Smsutsendelse.id).where(Smsutsendelse.id == after)
        wanted = wanted.where(tuple_(Smsutsendelse.opprettet, Smsutsendelse.id) < key.scalar_subquery())
    rows = (
        session()
        .scalars(wanted.order_by(Smsutsendelse.opprettet.desc(), Smsutsendelse.id.desc()).limit(limit))
        .all()
    )
    counts, opener = _counts([row.id for row in rows]), _Apner()
    found = [_shown(row, counts.get(row.id, []), opener) for row in rows]
    opener.log()
    return found


def sending(konto_id: UUID, utsendelse_id: UUID, *, actor: Aktor) -> Utsendelse:
    """One sending of the konto; IkkeFunnet for another konto's."""
    konfigurasjon.require(actor, P.SMS_SENDE, konto_id)
    row, opener = _of_konto(konto_id, utsendelse_id), _Apner()
    found = _shown(row, _counts([row.id]).get(row.id, []), opener)
    opener.log()
    return found


def receivers(
    konto_id: UUID,
    utsendelse_id: UUID,
    *,
    statuser: Collection[Status] = tuple(Status),
    after: UUID | None = None,
    actor: Aktor,
    limit: int = PAGE,
) -> list[Mottaker]:
    """Return receivers of a sending whose SMS has one of these API statuses: at most `limit`, after the
    receiver `after`.

    All statuses by default. The order is stable and has no meaning. IkkeFunnet for another konto's sending.
    """
    konfigurasjon.require(actor, P.SMS_SENDE, konto_id)
    _of_konto(konto_id, utsendelse_id)
    mine = select(Sms).where(Sms.utsendelse_id == utsendelse_id)
    wanted = [status for status in Status if api_status(status) in statuser]
    if len(wanted) < len(Status):
        mine = mine.where(Sms.status.in_(wanted))
    if after is not None:
        mine = mine.where(Sms.id > after)
    opener = _Apner()
    found = [_receiver(row, opener) for row in session().scalars(mine.order_by(Sms.id).limit(limit))]
    opener.log()
    return found


def _of_konto(konto_id: UUID, utsendelse_id: UUID) -> Smsutsendelse:
    row = session().get(Smsutsendelse, utsendelse_id)
    if row is None or row.konto_id != konto_id:
        raise IkkeFunnet("FINNES_IKKE")
    return row


@dataclass(slots=True)
class _Apner:
    """Decrypts the values of one page. A damaged value hides no others, and is logged once per page."""

    skadde: list[UUID] = field(default_factory=list)

    def open(self, row_id: UUID, sealed: bytes | None, aad: str) -> str | None:
        """Return the clear value; None when it has been deleted or is damaged. Raises NokkelUkjent, which
        means neither.
        """
        try:
            return encryption.decrypt_value(current().keys, sealed, aad).decode() if sealed else None
        except VerdiOdelagt:
            self.skadde.append(row_id)
            return None

    def log(self) -> None:
        """Log the number of damaged values and the first one."""
        if self.skadde:
            log.error("sms_not_opened", extra={"forste": str(self.skadde[0]), "antall": len(self.skadde)})


def _receiver(row: Sms, opener: _Apner) -> Mottaker:
    to = opener.open(row.id, row.til_kryptert, TO_AAD)
    shown = Fnr(to).masked if to is not None and row.er_fnr else to
    return Mottaker(
        row.id,
        shown,
        _status(row.status),
        enum_or_text_or_none(Grunn, row.grunn),
        uleselig=to is None and row.til_kryptert is not None,
    )


def _status(word: str) -> Status | str:
    return api_status(enum_or_text(Status, word))


Telling = tuple[Status | str, Grunn | str | None, int]


def _counts(ids: list[UUID]) -> dict[UUID, list[Telling]]:
    found: dict[UUID, list[Telling]] = {}
    if not ids:
        return found
    rows = session().execute(
        select(Sms.utsendelse_id, Sms.status, Sms.grunn, func.count().label("antall"))
        .where(Sms.utsendelse_id.in_(ids))
        .group_by(Sms.utsendelse_id, Sms.status, Sms.grunn)
    )
    for row in rows:
        told = _status(row.status), enum_or_text_or_none(Grunn, row.grunn), row.antall
        found.setdefault(row.utsendelse_id, []).append(told)
    return found


def _shown(row: Smsutsendelse, counts: list[Telling], opener: _Apner) -> Utsendelse:
    per_status: dict[Status | str, int] = {}
    per_grunn: dict[Grunn | str, int] = {}
    for one, grunn, antall in counts:
        per_status[one] = per_status.get(one, 0) + antall
        if grunn is not None:
            per_grunn[grunn] = per_grunn.get(grunn, 0) + antall
    text = opener.open(row.id, row.tekst_kryptert, TEXT_AAD)
    return Utsendelse(
        row.id,
        row.opprettet,
        text,
        row.antall,
        row.deler,
        per_status,
        per_grunn,
        uleselig=text is None and row.tekst_kryptert is not None,
    )

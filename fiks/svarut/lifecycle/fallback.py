"""Fallback: what happens to a letter that a channel refused for good. Next channel, a person, or a visible
end.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy import select

from fiks.core.actor import ARBEIDER
from fiks.core.db import ring, session
from fiks.svarut.lifecycle.channel_choice import next_channel
from fiks.svarut.lifecycle.print_order import settle_without_paper
from fiks.svarut.lifecycle.read_status import carry_reading, log_early_readings
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import UNREAD_ALTINN, Bane, Kanal, Mottakertype, Status
from fiks.svarut.transitions import move_forsendelse, open_levering, open_levering_for_person

log = logging.getLogger(__name__)
STOPPED_FROM = (Status.AKSEPTERT, Status.SENDT_SDP, *UNREAD_ALTINN)
HAND_OVER_FROM = (Status.AKSEPTERT, Status.SENDT_SDP, Status.KLAR_FOR_MOTTAK, *UNREAD_ALTINN)


class Videre(Protocol):
    """The fields that choose the next channel. They are read from the row, never decrypted: the content may
    be damaged or its key missing.
    """

    @property
    def id(self) -> UUID: ...
    @property
    def utsending_id(self) -> UUID | None: ...
    @property
    def mottakertype(self) -> Mottakertype: ...
    @property
    def can_be_printed(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Brevrad:
    """A letter as `Videre`, read from its row."""

    id: UUID
    utsending_id: UUID | None
    mottakertype: Mottakertype
    can_be_printed: bool

    def ends_with(self, kanal: Kanal) -> bool:
        """Whether no channel follows this one."""
        return (
            next_channel(kanal, kun_digital=not self.can_be_printed, mottakertype=self.mottakertype) is None
        )


def hold_letter(forsendelse_id: UUID) -> tuple[Brevrad, Status]:
    """Read the letter and its status, locked until the transaction ends."""
    f = Forsendelse
    columns = f.utsending_id, f.mottakertype, f.kun_digital, f.uten_adresse, f.status
    row = session().execute(select(*columns).where(f.id == forsendelse_id).with_for_update()).one()
    brev = Brevrad(forsendelse_id, row[0], Mottakertype(row[1]), not (row[2] or row[3]))
    return brev, Status(row[4])


def continue_after_refusal(brev: Videre, kanal: Kanal, feilkode: str) -> None:
    """Open the levering of the next channel, or end the letter as IKKE_LEVERT; failed paper waits for a
    person.

    A stop requested during the call wins for an unsent letter, even if the channel accepted it and later
    failed.
    """
    if _stop_if_asked(brev, kanal):
        return
    following = next_channel(kanal, kun_digital=not brev.can_be_printed, mottakertype=brev.mottakertype)
    bane = Bane.MASSE if brev.utsending_id else Bane.ENKELT
    if following is not None:
        row = open_levering(
            brev.id,
            utsending_id=brev.utsending_id,
            bane=bane,
            kanal=following,
            aktor=ARBEIDER.ref,
            kode="NESTE_KANAL",
        )
        carry_reading(brev.id, row)
        ring(bane)
        return
    if kanal is Kanal.PRINT:
        open_levering_for_person(
            brev.id,
            utsending_id=brev.utsending_id,
            bane=bane,
            kanal=kanal,
            aktor=ARBEIDER.ref,
            kode="TIL_BEHANDLING",
            venter=feilkode,
            feilkode=feilkode,
        )
        return
    if not move_forsendelse(
        brev.id, fra=HAND_OVER_FROM, til=Status.IKKE_LEVERT, kode=feilkode, aktor=ARBEIDER.ref
    ):
        log.error("refused_letter_not_ended", extra={"forsendelse": str(brev.id), "kode": feilkode})
    log_early_readings([brev.id])


def _stop_if_asked(brev: Videre, kanal: Kanal) -> bool:
    """Close a letter that was asked to stop and that nobody has; return whether it was closed."""
    asked = select(Levering.id).where(Levering.forsendelse_id == brev.id, Levering.stopp_onsket)
    if not session().execute(select(asked.exists())).scalar_one() or not move_forsendelse(
        brev.id, fra=STOPPED_FROM, til=Status.MANUELT_HANDTERT, kode="STOPPET", aktor=ARBEIDER.ref
    ):
        return False
    settle_without_paper([brev.id], but_for=kanal)
    log_early_readings([brev.id])
    return True

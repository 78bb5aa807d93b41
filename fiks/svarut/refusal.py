"""What happens to a letter that a channel refused for good: the next channel, or an end that somebody sees."""

from __future__ import annotations

from sqlalchemy import select

from fiks.core.db import ring, session
from fiks.svarut.letters import Brev
from fiks.svarut.models import Levering
from fiks.svarut.reading import carry_reading, tell_early_readings
from fiks.svarut.rules import UNREAD_ALTINN, Bane, Kanal, Leveringsstatus, Status, next_channel
from fiks.svarut.transitions import move_forsendelse, move_levering, open_levering

AKTOR = "system:arbeider"
HAND_OVER_FROM = (Status.AKSEPTERT, Status.SENDT_SDP, Status.KLAR_FOR_MOTTAK, *UNREAD_ALTINN)


def continue_after_refusal(brev: Brev, kanal: Kanal, feilkode: str) -> None:
    """Open the levering of the next channel, or end the letter as IKKE_LEVERT; paper that fails needs a person.

    An unsent letter that was asked to stop during the call is stopped instead.
    """
    asked = select(Levering.id).where(Levering.forsendelse_id == brev.id, Levering.stopp_onsket)
    if session().execute(select(asked.exists())).scalar_one() and move_forsendelse(
        brev.id, fra=(Status.AKSEPTERT,), til=Status.MANUELT_HANDTERT, kode="STOPPET", aktor=AKTOR
    ):
        tell_early_readings([brev.id])
        return
    following = next_channel(kanal, kun_digital=not brev.can_be_printed, mottakertype=brev.mottakertype)
    bane = Bane.MASSE if brev.utsending_id else Bane.ENKELT
    if following is not None:
        row = open_levering(
            brev.id,
            utsending_id=brev.utsending_id,
            bane=bane,
            kanal=following,
            aktor=AKTOR,
            kode="NESTE_KANAL",
        )
        carry_reading(brev.id, row)
        ring(bane)
        return
    if kanal is Kanal.PRINT:
        row = open_levering(
            brev.id,
            utsending_id=brev.utsending_id,
            bane=bane,
            kanal=kanal,
            aktor=AKTOR,
            kode="TIL_BEHANDLING",
        )
        move_levering(
            row,
            fra=Leveringsstatus.KLAR,
            til=Leveringsstatus.TIL_BEHANDLING,
            kode=feilkode,
            aktor=AKTOR,
            feilkode=feilkode,
        )
        return
    move_forsendelse(brev.id, fra=HAND_OVER_FROM, til=Status.IKKE_LEVERT, kode=feilkode, aktor=AKTOR)
    tell_early_readings([brev.id])

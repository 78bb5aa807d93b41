"""After a backup was restored: what it says is yet to be sent, but was sent after the backup, is not sent again.

Every hand-over that is ready or waits, for a time or a person, is looked up by our own reference, which was chosen
before the backup. One that a channel has is adopted as sent, by the same steps as an unknown outcome that is found. One
whose print order the house has, and we have not, waits for a person.

A letter of a mailing that was made after the backup is made again, and is the same letter: its hand-over has the
reference that it had (`fiks.utsending.feeder`), and is looked up as the others are.

The hand-over that followed one, since it was refused or nobody read it, is not in the backup. Its reference follows
from the letter (`transitions.open_levering`), so when it is made once more the channel knows it, and what a print house
has is not ordered anew (`ordering.record_print`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, or_, select

from fiks.core.db import session, transaction
from fiks.core.locks import Owner
from fiks.svarut.channel_models import Leveringsforsok
from fiks.svarut.comparison import Oppslag
from fiks.svarut.models import Levering
from fiks.svarut.outcomes import AT_PRINT_HOUSE, UNKNOWN_FROM_NOW
from fiks.svarut.recovery import AKTOR, adopt, recover_orphans
from fiks.svarut.rules import Kanal, Leveringsstatus
from fiks.svarut.transitions import Claim, move_claimed, move_levering

L = Leveringsstatus
UNSENT = (L.KLAR, L.VENTER)
PORTION = 500


@dataclass(frozen=True, slots=True)
class Gjennomgang:
    """How it went: hand-overs looked up, adopted as sent, and left for a person."""

    sett: int = 0
    adoptert: int = 0
    til_behandling: int = 0

    def __add__(self, other: Gjennomgang) -> Gjennomgang:
        return Gjennomgang(
            self.sett + other.sett,
            self.adoptert + other.adoptert,
            self.til_behandling + other.til_behandling,
        )


def take_back() -> int:
    """Take back what owners held that are gone; return how many hand-overs are held still, by somebody who lives.

    Those of the backup whose call had not begun are unsent as any other, and are to be looked up.
    """
    recover_orphans()
    held = select(func.count()).select_from(Levering).where(Levering.status == L.SENDER)
    left = session().execute(held).scalar_one()
    session().rollback()
    return left


def look_up_unsent(
    owner: Owner,
    kanaler: Mapping[Kanal, Oppslag],
    printed: Collection[str],
    *,
    since: datetime | None = None,
) -> Gjennomgang:
    """Look up every unsent hand-over, or those made since. `printed` are references that print houses have, and we no
    order for. `since` is the database's time.

    May be broken off and run again. Raises KanalFeil when a channel cannot be asked: nothing may be sent before it can.
    """
    seen = adopted = left = 0
    after: UUID | None = None
    while rows := _unsent(after, since):
        for levering_id, kanal in rows:
            seen += 1
            if str(levering_id) in printed:
                left += _leave_to_a_person(levering_id)
            else:
                adopted += _adopt_if_known(levering_id, kanal, owner, kanaler)
        after = rows[-1][0]
    return Gjennomgang(seen, adopted, left)


def _unsent(after: UUID | None, since: datetime | None) -> list[tuple[UUID, str | None]]:
    found_before = Levering.feilkode.is_not_distinct_from(AT_PRINT_HOUSE)
    wanted = select(Levering.id, Levering.kanal).where(
        or_(
            Levering.status.in_([str(s) for s in UNSENT]),
            (Levering.status == L.TIL_BEHANDLING) & ~found_before,
        )
    )
    wanted = wanted if after is None else wanted.where(Levering.id > after)
    wanted = wanted if since is None else wanted.where(Levering.opprettet >= since)
    rows = [(row.id, row.kanal) for row in session().execute(wanted.order_by(Levering.id).limit(PORTION))]
    session().rollback()
    return rows


def _adopt_if_known(
    levering_id: UUID, kanal: str | None, owner: Owner, kanaler: Mapping[Kanal, Oppslag]
) -> bool:
    """Ask the channel it was for, or every one if none was chosen when the backup was taken."""
    for one, port in kanaler.items():
        if kanal not in (None, str(one)):
            continue
        ref = port.lookup(str(levering_id))
        if ref is not None:
            return _adopt(levering_id, one, ref, owner)
    return False


def _adopt(levering_id: UUID, kanal: Kanal, ref: str, owner: Owner) -> bool:
    with transaction():
        claim = _take(levering_id, kanal, owner.ensure())
        if claim is None:
            return False
        move_claimed(claim, L.UAVKLART, kode="GJENOPPRETTET", aktor=AKTOR, **UNKNOWN_FROM_NOW)
        return adopt(levering_id, claim.forsendelse_id, kanal, ref, claim.forsok)


def _take(levering_id: UUID, kanal: Kanal, eier: int) -> Claim | None:
    """Claim it, with the ledger row of the call that the backup does not know of."""
    if not move_levering(levering_id, fra=L.VENTER, til=L.KLAR, kode="PROVER_IGJEN", aktor=AKTOR):
        _take_from_people(levering_id)
    taken = move_levering(
        levering_id,
        fra=L.KLAR,
        til=L.SENDER,
        kode="KRAV",
        aktor=AKTOR,
        eier=eier,
        kanal=kanal,
        forsok=Levering.forsok + 1,
        kall_startet=func.clock_timestamp(),
    )
    if not taken:
        return None
    row = session().execute(
        select(Levering.forsendelse_id, Levering.forsok).where(Levering.id == levering_id)
    )
    forsendelse_id, forsok = row.one()
    session().execute(insert(Leveringsforsok).values(levering_id=levering_id, nr=forsok, kanal=kanal))
    return Claim(levering_id, forsendelse_id, eier, forsok)


def _take_from_people(levering_id: UUID) -> None:
    move_levering(levering_id, fra=L.TIL_BEHANDLING, til=L.KLAR, kode="GJENOPPRETTET", aktor=AKTOR)


def _leave_to_a_person(levering_id: UUID) -> bool:
    with transaction():
        _take_from_people(levering_id)
        return any(
            move_levering(
                levering_id,
                fra=fra,
                til=L.TIL_BEHANDLING,
                kode="MA_BEHANDLES",
                aktor=AKTOR,
                feilkode=AT_PRINT_HOUSE,
            )
            for fra in UNSENT
        )

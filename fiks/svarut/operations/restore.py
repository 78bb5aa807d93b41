"""After a restored backup: letters that it calls unsent, but that were sent after the backup, are not sent
again.

Every ready or waiting levering is looked up by our own reference, which was chosen before the backup or
follows from the letter. One that a channel has is adopted as sent, as a found unknown outcome is. One that a
print house has without an order of ours is ordered as what is already there (`print_ordering.record_print`):
nothing leaves the house.

A letter of a mailing made after the backup is made again as the same letter: its levering has the same
reference (`fiks.utsending.sending.feeder`), and is looked up like the others.

So has the levering that followed after a refusal or lesefrist (`transitions.open_levering`): when that one is
found, the first is over, whatever the registers say about the receiver now.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, insert, select

from fiks.core.actor import SVEIPER
from fiks.core.db import session, transaction
from fiks.core.errors import ProvIgjen
from fiks.core.queue.delivery_attempts import UNKNOWN_OUTCOME_COLUMNS
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.delivery.deliver import Verden
from fiks.svarut.delivery.print_ordering import order_print
from fiks.svarut.delivery.unknown_outcomes import adopt_as_sent
from fiks.svarut.letters import load_letters
from fiks.svarut.lifecycle.read_status import carry_reading
from fiks.svarut.models import Levering, Leveringsforsok
from fiks.svarut.operations.recovery import recover_orphans
from fiks.svarut.receipts.reconciliation import LOOK_UP_WITHIN, UNCONFIRMED_STATUS
from fiks.svarut.rules import NEXT_CHANNEL_RULE, Kanal, Kanalvalg, Leveringsstatus
from fiks.svarut.transitions import Claim, levering_reference, move_claimed, move_levering, open_levering

log = logging.getLogger(__name__)
L = Leveringsstatus
UNSENT = (L.KLAR, L.VENTER, L.TIL_BEHANDLING)
PORTION = 500
PARALLEL_LOOKUPS = 16
"""How many are looked up in parallel."""
PAUSES = (1.0, 5.0, 15.0, 60.0)
"""Seconds between the retries of a failed look-up; after the last it is an error."""
MOST_HAND_OVERS = 20
"""More leveringer than any letter has had."""
FOLLOWING_CHANNELS = (Kanal.ALTINN,)
"""Channels that can be asked and that a letter goes to after a failed channel (svarut.md 2.3)."""


@dataclass(frozen=True, slots=True)
class Gjennomgang:
    """The result: leveringer looked up, adopted as sent, and ordered as already at a print house."""

    sett: int = 0
    adoptert: int = 0
    hos_trykkeriet: int = 0

    @property
    def funnet(self) -> int:
        """How many had been sent."""
        return self.adoptert + self.hos_trykkeriet

    def __add__(self, other: Gjennomgang) -> Gjennomgang:
        return Gjennomgang(
            self.sett + other.sett,
            self.adoptert + other.adoptert,
            self.hos_trykkeriet + other.hos_trykkeriet,
        )


@dataclass(frozen=True, slots=True)
class _Usendt:
    """A levering that the database calls unsent. `kanal` is set when it was chosen before the backup."""

    id: UUID
    forsendelse_id: UUID
    kanal: str | None

    def following(self, steps: int) -> UUID:
        """The reference of the levering `steps` after this one; for ids older than such references, counted
        from the first.
        """
        numbers = range(1, MOST_HAND_OVERS)
        own = next((nr for nr in numbers if levering_reference(self.forsendelse_id, nr) == self.id), 1)
        return levering_reference(self.forsendelse_id, own + steps)


@dataclass(frozen=True, slots=True)
class _Funnet:
    """Which channel has it, under `ref` (None at a print house), or has the levering `steps` after it."""

    kanal: Kanal
    ref: str | None
    steps: int = 0


def take_back() -> int:
    """Take back what dead owners held; return how many leveringer living owners still hold.

    Leveringer of the backup whose call had not begun are unsent, and are looked up.
    """
    recover_orphans()
    held = select(func.count()).select_from(Levering).where(Levering.status == L.SENDER)
    left = session().execute(held).scalar_one()
    session().rollback()
    return left


def unaskable_channels(world: Verden) -> list[Kanal]:
    """Channels that recently had letters of ours but are not set up: they cannot be asked."""
    used = select(Levering.kanal).where(
        Levering.kanal.in_([str(kanal) for kanal in UNCONFIRMED_STATUS if kanal not in world.kanaler]),
        Levering.status == L.OVERLEVERT,
        Levering.opprettet >= func.now() - LOOK_UP_WITHIN,
    )
    found = sorted(Kanal(kanal) for kanal in session().scalars(used.distinct()) if kanal is not None)
    session().rollback()
    return found


def look_up_unsent(
    owner: Owner,
    world: Verden,
    printed: Collection[str],
    *,
    since: datetime | None = None,
    utsending_id: UUID | None = None,
) -> Gjennomgang:
    """Look up every unsent levering, or those made since `since` (database time), or those of a mailing.

    `printed`: references that print houses have without an order of ours. May be broken off and run again.
    Raises KanalFeil when a channel cannot be asked: nothing may be sent before it can.
    """
    seen = adopted = ordered = 0
    wanted = _unsent(since, utsending_id)
    after: UUID | None = None
    with ThreadPoolExecutor(PARALLEL_LOOKUPS) as askers:
        while rows := _portion(wanted, after):
            for row, found in zip(rows, _each_found(askers, rows, world, printed), strict=True):
                seen += 1
                if found is not None and _settle(row, found, owner, world):
                    adopted += found.ref is not None
                    ordered += found.ref is None
            after = rows[-1].id
            log.info("unsent_looked_up", extra={"antall": seen, "funnet": adopted + ordered})
    return Gjennomgang(seen, adopted, ordered)


def _each_found(
    askers: ThreadPoolExecutor, rows: Sequence[_Usendt], world: Verden, printed: Collection[str]
) -> Iterator[_Funnet | None]:
    """Find the holder of each, PARALLEL_LOOKUPS at a time: hundreds of thousands may be ready during the
    night's peak.
    """
    return askers.map(lambda row: _patiently(lambda: _find(row, world, printed)), rows)


def _patiently(ask: Callable[[], _Funnet | None]) -> _Funnet | None:
    """Retry a ProvIgjen for a while: one refusal among so many must not restart everything."""
    for pause in PAUSES:
        try:
            return ask()
        except ProvIgjen as error:
            time.sleep(min(error.after or pause, PAUSES[-1]))
    return ask()


def _unsent(since: datetime | None, utsending_id: UUID | None) -> Select[UUID, UUID, str | None]:
    """Select the unsent leveringer except paper: the print house's list covers that when it is ordered."""
    wanted = select(Levering.id, Levering.forsendelse_id, Levering.kanal).where(
        Levering.status.in_([str(s) for s in UNSENT]), Levering.kanal.is_distinct_from(Kanal.PRINT)
    )
    wanted = wanted if utsending_id is None else wanted.where(Levering.utsending_id == utsending_id)
    return wanted if since is None else wanted.where(Levering.opprettet >= since)


def _portion(wanted: Select[UUID, UUID, str | None], after: UUID | None) -> list[_Usendt]:
    wanted = wanted if after is None else wanted.where(Levering.id > after)
    rows = [_Usendt(*row) for row in session().execute(wanted.order_by(Levering.id).limit(PORTION))]
    session().rollback()
    return rows


def _find(row: _Usendt, world: Verden, printed: Collection[str]) -> _Funnet | None:
    """Ask the chosen channel, or all when none was chosen; then the channels that a letter goes on to."""
    if str(row.id) in printed:
        return _Funnet(Kanal.PRINT, None)
    for kanal, port in world.kanaler.items():
        if row.kanal in (None, str(kanal)) and (ref := port.lookup(str(row.id))) is not None:
            return _Funnet(kanal, ref)
    for kanal in FOLLOWING_CHANNELS:
        if row.kanal != kanal and (following := world.kanaler.get(kanal)) is not None:
            ref = following.lookup(str(row.following(1)))
            if ref is not None:
                return _Funnet(kanal, ref, 1)
    steps = [n for n in (1, 2) if str(row.following(n)) in printed]
    return _Funnet(Kanal.PRINT, None, steps[0]) if steps else None


def _settle(row: _Usendt, found: _Funnet, owner: Owner, world: Verden) -> bool:
    """Record the levering as sent by its holder; return whether it still was unsent."""
    with transaction():
        levering_id = row.id
        for left in reversed(range(found.steps)):
            kanal = None if left else found.kanal
            if (next_one := _make_next_levering(levering_id, row.forsendelse_id, kanal, owner)) is None:
                return False
            levering_id = next_one
        if found.ref is not None:
            return _adopt(levering_id, found.kanal, found.ref, owner)
        claim = _claim_unsent(levering_id, owner.ensure(), kanal=Kanal.PRINT)
    if claim is None:
        return False
    brev = load_letters([row.forsendelse_id])[row.forsendelse_id]
    session().rollback()
    order_print(
        claim, brev, Kanalvalg(Kanal.PRINT, NEXT_CHANNEL_RULE, "FUNNET_HOS_TRYKKERIET"), world.trykkeri
    )
    return True


def _make_next_levering(
    levering_id: UUID, forsendelse_id: UUID, kanal: Kanal | None, owner: Owner
) -> UUID | None:
    """End this levering, since a next one was made before the restore, and make that one again with its
    reference.
    """
    claim = _claim_unsent(levering_id, owner.ensure())
    if claim is None or not move_claimed(
        claim, L.AVVIST, kode="GJENOPPRETTET", aktor=SVEIPER.ref, feilkode="GJENOPPRETTET"
    ):
        return None
    of = select(Levering.utsending_id, Levering.bane).where(Levering.id == levering_id)
    utsending_id, bane = session().execute(of).one()
    following = open_levering(
        forsendelse_id,
        utsending_id=utsending_id,
        bane=bane,
        kanal=kanal,
        aktor=SVEIPER.ref,
        kode="NESTE_KANAL",
    )
    carry_reading(forsendelse_id, following)
    return following


def _adopt(levering_id: UUID, kanal: Kanal, ref: str, owner: Owner) -> bool:
    """Record that the channel has the letter, with the ledger row of the call that the backup lacks."""
    claim = _claim_unsent(levering_id, owner.ensure(), kanal=kanal, kall_startet=func.clock_timestamp())
    if claim is None:
        return False
    session().execute(insert(Leveringsforsok).values(levering_id=levering_id, nr=claim.forsok, kanal=kanal))
    move_claimed(claim, L.UAVKLART, kode="GJENOPPRETTET", aktor=SVEIPER.ref, **UNKNOWN_OUTCOME_COLUMNS)
    return adopt_as_sent(levering_id, claim.forsendelse_id, kanal, ref, claim.forsok)


def _claim_unsent(levering_id: UUID, eier: int, **changes: object) -> Claim | None:
    """Claim the levering; None when it is not unsent any more."""
    _make_ready(levering_id)
    taken = move_levering(
        levering_id,
        fra=L.KLAR,
        til=L.SENDER,
        kode="KRAV",
        aktor=SVEIPER.ref,
        eier=eier,
        forsok=Levering.forsok + 1,
        **changes,
    )
    if not taken:
        return None
    row = session().execute(
        select(Levering.forsendelse_id, Levering.forsok).where(Levering.id == levering_id)
    )
    forsendelse_id, forsok = row.one()
    return Claim(levering_id, forsendelse_id, eier, forsok)


def _make_ready(levering_id: UUID) -> None:
    """Make a waiting levering ready: somebody may have retried it after the backup."""
    for fra, kode in ((L.VENTER, "PROVER_IGJEN"), (L.TIL_BEHANDLING, "GJENOPPRETTET")):
        if move_levering(levering_id, fra=fra, til=L.KLAR, kode=kode, aktor=SVEIPER.ref):
            return

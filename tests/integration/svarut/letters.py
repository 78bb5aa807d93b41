"""Factories of letters that wait to be handed over, and what tests look up about them afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.queue.owner_lock import Owner
from fiks.core.values.address import Adresse
from fiks.svarut.delivery.deliver import deliver
from fiks.svarut.delivery.wakeup import wake_waiting
from fiks.svarut.letters import Dokumentref, Mottaker
from fiks.svarut.models import Forsendelse, Hendelse, Levering, Leveringsforsok
from fiks.svarut.mottak.bulk_writer import NyForsendelse, accept_letters
from fiks.svarut.rules import Bane, Mottakertype
from tests.integration.houses import HOUSE, Hus
from tests.integration.worlds import World

CONTENT = b"%PDF-1.7 et brev"


def make_document(content: bytes = CONTENT, nr: int = 1, *, sider: int = 1) -> Dokumentref:
    """A document that lies in the store; `sider` 0: nobody has counted its pages."""
    [piece] = current().store.put_segment([content], current().keys)
    return Dokumentref(
        nr,
        "brev.pdf",
        "application/pdf",
        piece.storrelse,
        piece.sha256,
        piece.objekt,
        piece.fra,
        piece.lengde,
        piece.nokkel,
        sider,
        (),
    )


def make_letter(
    hus: Hus,
    number: str = "",
    *,
    kind: Mottakertype | None = None,
    bane: Bane = Bane.ENKELT,
    dokument: Dokumentref | None = None,
    **options: object,
) -> UUID:
    """A letter that is taken in and ready to be handed over; `number` is fnr, orgnr or empty."""
    return make_letters(hus, [number], kind=kind, bane=bane, dokument=dokument, **options)[0]


def make_letters(
    hus: Hus,
    numbers: Sequence[str],
    *,
    kind: Mottakertype | None = None,
    bane: Bane = Bane.ENKELT,
    dokument: Dokumentref | None = None,
    **options: object,
) -> list[UUID]:
    """Letters with one document each, in one transaction; ids in order. `options` are fields of NyForsendelse."""
    document = dokument or make_document()
    letters = [
        NyForsendelse(
            konto_id=hus.konto_id,
            organisasjon_id=hus.organisasjon_id,
            tittel="Skatteseddel",
            mottakertype=kind or kind_of(number),
            mottaker=Mottaker(
                number, Adresse("Kari Fjellstad", "Storgata 1", postnr="4262", poststed="AVALDSNES")
            ),
            dokumenter=(document,),
            **options,  # type: ignore[arg-type]
        )
        for number in numbers
    ]
    return accept_letters(letters, bane=bane, actor=HOUSE)


def kind_of(number: str) -> Mottakertype:
    if not number:
        return Mottakertype.INGEN
    return Mottakertype.PERSON if len(number) == 11 else Mottakertype.ORGANISASJON


def letter(letter_id: UUID) -> Forsendelse:
    """The letter as it is now."""
    return session().get_one(Forsendelse, letter_id, populate_existing=True)


def leveringer(letter_id: UUID) -> list[Levering]:
    """The letter's hand-overs as they are now, oldest first."""
    rows = select(Levering).where(Levering.forsendelse_id == letter_id).order_by(Levering.opprettet)
    return list(session().scalars(rows.execution_options(populate_existing=True)))


def levering(letter_id: UUID) -> Levering:
    """The letter's last hand-over."""
    return leveringer(letter_id)[-1]


def ledger(letter_id: UUID) -> list[tuple[int, str, str | None]]:
    """(number, channel, outcome) of every call for the letter, in order."""
    rows = session().execute(
        select(Leveringsforsok.nr, Leveringsforsok.kanal, Leveringsforsok.utfall)
        .join(Levering, Levering.id == Leveringsforsok.levering_id)
        .where(Levering.forsendelse_id == letter_id)
        .order_by(Leveringsforsok.startet)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def codes(letter_id: UUID) -> list[str]:
    """The codes of the letter's history, in order."""
    rows = select(Hendelse.kode).where(Hendelse.forsendelse_id == letter_id).order_by(Hendelse.lopenr)
    return list(session().scalars(rows))


def statuses(letter_id: UUID) -> list[str | None]:
    """The statuses the letter has had, in order."""
    rows = (
        select(Hendelse.til)
        .where(Hendelse.forsendelse_id == letter_id, Hendelse.art == "FORSENDELSE")
        .order_by(Hendelse.lopenr)
    )
    return list(session().scalars(rows))


def hand_over(owner: Owner, world: World, bane: Bane = Bane.ENKELT) -> int:
    """Deliver until nothing is ready in the lane; returns how many were claimed."""
    done = 0
    while claimed := deliver(bane, owner, world.verden):
        done += claimed
    return done


def tries_used(letters: Sequence[UUID]) -> int:
    """The tries of the letters' last hand-overs that count."""
    rows = [levering(one) for one in letters]
    return sum(row.forsok - row.frie_forsok for row in rows)


def let_wait_pass(letter_id: UUID) -> None:
    """As if the time the letter must wait had gone by."""
    with transaction() as tx:
        tx.execute(
            update(Levering)
            .where(Levering.forsendelse_id == letter_id, Levering.status == "VENTER")
            .values(neste_forsok=func.now())
        )
    wake_waiting()


def let_lookup_gap_pass(letter_id: UUID, *, quarantine: bool = False) -> None:
    """As if a minute, or the whole quarantine, had gone by since the outcome became unknown."""
    ago = timedelta(seconds=current().karantene_sekunder) if quarantine else timedelta(seconds=61)
    with transaction() as tx:
        tx.execute(
            update(Levering)
            .where(Levering.forsendelse_id == letter_id, Levering.status == "UAVKLART")
            .values(
                uavklart_siden=Levering.uavklart_siden - ago,
                sist_oppslag=Levering.sist_oppslag - timedelta(seconds=61),
            )
        )


def let_lesefrist_pass() -> None:
    """Move the clock ten days on."""
    clock.move(timedelta(days=10))

"""Making the letters: from a controlled list to letters that are drawn, hashed and stored, ready for approval.

Letters are drawn in ranges by workers; drawing twice gives the same bytes. When every row has its letter the digest of
the whole is computed and the mailing waits for another person.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from sqlalchemy import cast, delete, func, select, update
from sqlalchemy.dialects.postgresql import JSONB

from fiks.core import audit
from fiks.core.actor import Aktor, system
from fiks.core.db import discard, session, transaction
from fiks.core.environment import current
from fiks.core.errors import FiksError, IkkeTilgang
from fiks.konfigurasjon.rules import P
from fiks.utsending import access, work
from fiks.utsending.approval import compute_digest
from fiks.utsending.brev import Brevkontekst, Brevmal
from fiks.utsending.control import row_counts
from fiks.utsending.inputs import letter_inputs
from fiks.utsending.models import Arbeidsdel, Utsending, Utsendingsrad
from fiks.utsending.objects import letter_objects, unused_objects
from fiks.utsending.rules import (
    RENDER_PORTION,
    SENDABLE_NAMES,
    Delart,
    Delstatus,
    Radstatus,
    Utsendingstatus,
)
from fiks.utsending.transitions import move, must_move
from fiks.utsending.values import approved_values
from fiks.utsending.work import Del

log = logging.getLogger(__name__)
U = Utsendingstatus
WORKER = system("arbeider")


class Trykker(Protocol):
    """What draws letters: `brev.Brevtrykker`."""

    def letter(self, mal: Brevmal, row: dict[str, str], kontekst: Brevkontekst) -> bytes: ...

    def test_letter(self, mal: Brevmal, row: dict[str, str], kontekst: Brevkontekst) -> bytes: ...

    def count_pages(self, pdf: bytes) -> int: ...


def start_production(utsending_id: UUID, *, actor: Aktor) -> None:
    """KONTROLLERT -> PRODUSERES: park what was chosen parked, and order the letters in ranges.

    The actor becomes the one who prepared, and so can never be the one who approves.
    """
    access.require(utsending_id, actor, P.SENDE)
    if actor.person_id is None:
        raise IkkeTilgang("KUN_PERSON")
    with transaction() as tx:
        must_move(
            utsending_id,
            fra=(U.KONTROLLERT, U.TIL_GODKJENNING, U.GODKJENT),
            til=U.PRODUSERES,
            actor=actor,
            klargjort_av=actor.person_id,
            klargjort=func.now(),
            godkjent_av=None,
            godkjent=None,
            innhold_digest=None,
            avvist_grunn=None,
        )
        tx.execute(
            update(Utsendingsrad)
            .where(
                Utsendingsrad.utsending_id == utsending_id,
                Utsendingsrad.status.in_([Radstatus.FEIL, Radstatus.AUTO]),
            )
            .values(status=Radstatus.PARKERT)
            .execution_options(synchronize_session=False)
        )
        replaced = letter_objects(utsending_id)
        tx.execute(
            update(Utsendingsrad)
            .where(Utsendingsrad.utsending_id == utsending_id)
            .values(brev_sha256=None, objekt=None, nokkel=None, fra=None, lengde=None, sider=None)
            .execution_options(synchronize_session=False)
        )
        tx.execute(
            delete(Arbeidsdel).where(Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == Delart.RENDER)
        )
        discard(unused_objects(replaced))
        _order_ranges(utsending_id)
        audit.record(actor, "PRODUKSJON_STARTET", "utsending", utsending_id)


def _order_ranges(utsending_id: UUID) -> None:
    numbered = (
        select(
            Utsendingsrad.radnr,
            ((func.row_number().over(order_by=Utsendingsrad.radnr) - 1) // RENDER_PORTION).label("del"),
        )
        .where(Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.status.in_(SENDABLE_NAMES))
        .subquery()
    )
    ranges = (
        session()
        .execute(
            select(func.min(numbered.c.radnr), func.max(numbered.c.radnr))
            .group_by(numbered.c["del"])
            .order_by(func.min(numbered.c.radnr))
        )
        .all()
    )
    session().add_all(
        Arbeidsdel(utsending_id=utsending_id, art=Delart.RENDER, nr=n, fra=fra, til=til)
        for n, (fra, til) in enumerate(ranges, 1)
    )
    session().flush()
    work.ring_lane(Delart.RENDER)


def render_part(part: Del, printer: Trykker) -> None:
    """Draw, hash and store the letters of one range; all of it becomes visible in one transaction.

    A row whose letter cannot be made becomes a bad row with the reason; its neighbours are not dragged along.
    """
    mal, context = letter_inputs(part.utsending_id)
    rows = (
        session()
        .scalars(
            select(Utsendingsrad)
            .where(
                Utsendingsrad.utsending_id == part.utsending_id,
                Utsendingsrad.radnr.between(part.fra, part.til),
                Utsendingsrad.status.in_(SENDABLE_NAMES),
            )
            .order_by(Utsendingsrad.radnr)
        )
        .all()
    )
    session().expunge_all()
    session().rollback()
    letters, refused = [], []
    for row in rows:
        try:
            pdf = printer.letter(mal, approved_values(row), context)
            letters.append((row.radnr, pdf, printer.count_pages(pdf)))
        except FiksError as error:
            refused.append((row.radnr, error.kode, error.felt))
    if refused:
        log.warning("letters_refused", extra={"antall": len(refused), "utsending": str(part.utsending_id)})
    _store_letters(part, letters, refused)


def _store_letters(
    part: Del, letters: Sequence[tuple[int, bytes, int]], refused: Sequence[tuple[int, str, str | None]]
) -> None:
    env = current()
    stored = env.store.put_segment([pdf for _, pdf, _ in letters], env.keys) if letters else []
    with transaction() as tx:
        if not work.finish_part(part):
            discard({piece.objekt for piece in stored})
            return
        for radnr, kode, felt in refused:
            finding = [{"kode": kode, "felt": felt, "alvorlighet": "feil", "kilde": "brev"}]
            tx.execute(
                update(Utsendingsrad)
                .where(Utsendingsrad.utsending_id == part.utsending_id, Utsendingsrad.radnr == radnr)
                .values(status=Radstatus.FEIL, funn=Utsendingsrad.funn.op("||")(cast(finding, JSONB)))
                .execution_options(synchronize_session=False)
            )
        places = [
            {
                "utsending_id": part.utsending_id,
                "radnr": radnr,
                "objekt": piece.objekt,
                "fra": piece.fra,
                "lengde": piece.lengde,
                "storrelse": piece.storrelse,
                "nokkel": piece.nokkel,
                "brev_sha256": piece.sha256,
                "sider": sider,
            }
            for (radnr, _, sider), piece in zip(letters, stored, strict=True)
        ]
        if places:
            tx.execute(update(Utsendingsrad), places)


def settle_all() -> int:
    """PRODUSERES -> TIL_GODKJENNING where every letter is made; back to KONTROLLERT where one cannot be made."""
    ids = session().scalars(select(Utsending.id).where(Utsending.status == U.PRODUSERES).limit(200)).all()
    session().rollback()
    return sum(settle(utsending_id) for utsending_id in ids)


def settle(utsending_id: UUID) -> bool:
    """End the production of one mailing if all its ranges are done or one has failed; True if it ended."""
    with transaction() as tx:
        locked = tx.execute(
            select(Utsending.id)
            .where(Utsending.id == utsending_id, Utsending.status == U.PRODUSERES)
            .with_for_update(skip_locked=True)
        ).first()
        if locked is None:
            return False
        found = tx.execute(
            select(Arbeidsdel.status, func.max(Arbeidsdel.feilkode))
            .where(Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == Delart.RENDER)
            .group_by(Arbeidsdel.status)
        )
        states = {row[0]: row[1] for row in found}
        if Delstatus.FEILET in states:
            failed = {"feil": states[Delstatus.FEILET]}
            return (
                move(utsending_id, fra=(U.PRODUSERES,), til=U.KONTROLLERT, actor=WORKER, detaljer=failed)
                is not None
            )
        if set(states) - {Delstatus.FERDIG}:
            return False
        refused = row_counts(utsending_id).get(Radstatus.FEIL, 0)
        if refused:
            detail = {"feil": "BREV_KAN_IKKE_LAGES", "antall": refused}
            moved = move(
                utsending_id,
                fra=(U.PRODUSERES,),
                til=U.UTKAST,
                actor=WORKER,
                detaljer=detail,
                parker_feil=False,
            )
            return moved is not None
        digest = compute_digest(utsending_id)
        return (
            move(
                utsending_id,
                fra=(U.PRODUSERES,),
                til=U.TIL_GODKJENNING,
                actor=WORKER,
                detaljer={"digest": digest.hex()},
                innhold_digest=digest,
            )
            is not None
        )

"""Production: from a controlled list to letters that are drawn, hashed, stored and ready for approval.

Workers draw letters in ranges; drawing twice gives the same bytes. When every row has its letter, the digest
of the whole is computed and the mailing waits for another person's approval.
"""

from __future__ import annotations

import logging
from itertools import islice
from typing import Any
from uuid import UUID

from prometheus_client import Counter
from sqlalchemy import delete, func, select, update

from fiks.core import audit
from fiks.core.actor import ARBEIDER, Aktor
from fiks.core.db import delete_after_commit, session, transaction
from fiks.core.errors import IkkeTilgang, Konflikt
from fiks.konfigurasjon.rules import P
from fiks.utsending import access, transitions
from fiks.utsending.approval import release_time
from fiks.utsending.approval.service import CONTENT_CHANGED, EARLIER_PREPARERS, compute_digest
from fiks.utsending.draft.confirm import row_counts
from fiks.utsending.editing.stale_form import LETTER_CONTENT, require_current
from fiks.utsending.jobs import queue
from fiks.utsending.jobs.round_robin import RoundRobin
from fiks.utsending.letters.inputs import require_municipality_number
from fiks.utsending.models import Arbeidsdel, Malversjon, Utsending, Utsendingshendelse, Utsendingsrad
from fiks.utsending.rules import (
    RENDER_PORTION,
    SENDABLE_NAMES,
    STAMP_PORTION,
    Art,
    Delart,
    Delstatus,
    Radstatus,
    Utsendingstatus,
)
from fiks.utsending.stored_objects import letter_objects, unused_objects
from fiks.utsending.transitions import lock_mailing, move, must_move, write_history

log = logging.getLogger(__name__)
U = Utsendingstatus
WITH_LETTERS = (U.TIL_GODKJENNING, U.GODKJENT)
AT_ONCE = 200
"""How many mailings one run checks for finished letters."""
_ending = RoundRobin[UUID]()
MAX_REMAKES_FOR_EDITION = 5
"""How often a mailing is remade because several releases drew it; a roll-out is over by then."""
UNAPPROVED: dict[str, Any] = {"godkjent_av": None, "godkjent": None, "innhold_digest": None}
STAMPED_DIFFERS = Counter(
    "fiks_stamped_letters_differ_total", "Stamped letters that were not as WeasyPrint lays them out"
)


def start_production(utsending_id: UUID, *, actor: Aktor, vist: str | None = None) -> None:
    """KONTROLLERT -> PRODUSERES: park the rows chosen to be parked, and order the letters in ranges.

    The actor becomes the preparer and can never approve. The choice to park covers the rows that are bad now;
    a row whose letter fails later needs a new choice. `vist` is the form version of LETTER_CONTENT: nobody
    prepares what somebody else put in meanwhile. Errors (409): VistEndret; BREVDATO_MA_ENDRES (brevdato,
    tidligst), when letters with their date could not be released; RADER_MED_FEIL (antall), when rows are bad
    and nobody chose to park them; MAL_KREVER_KOMMUNENR.
    """
    access.require(utsending_id, actor, P.SENDE)
    if actor.person_id is None:
        raise IkkeTilgang("KUN_PERSON")
    with transaction():
        must_move(
            utsending_id,
            fra=(U.KONTROLLERT, U.TIL_GODKJENNING, U.GODKJENT),
            til=U.PRODUSERES,
            actor=actor,
            klargjort_av=actor.person_id,
            klargjort=func.now(),
            klargjort_tidligere=EARLIER_PREPARERS,
            avvist_grunn=None,
            **UNAPPROVED,
        )
        require_current(utsending_id, vist, *LETTER_CONTENT)
        mailing = lock_mailing(utsending_id)
        release_time.require_possible_date(mailing.konto_id, mailing.brevdato)
        require_municipality_number(mailing)
        queue.lock_pieces(utsending_id, Delart.RENDER)
        _park_chosen(utsending_id)
        _reset_and_order(utsending_id)
        audit.record(actor, "PRODUKSJON_STARTET", "utsending", utsending_id)


def _park_chosen(utsending_id: UUID) -> None:
    row, counts = lock_mailing(utsending_id), row_counts(utsending_id)
    bad = counts.get(Radstatus.FEIL, 0) + counts.get(Radstatus.AUTO, 0)
    if bad and not row.parker_feil:
        raise Konflikt("RADER_MED_FEIL", antall=bad)
    tx = session()
    tx.execute(
        update(Utsendingsrad)
        .where(
            Utsendingsrad.utsending_id == utsending_id,
            Utsendingsrad.status.in_([Radstatus.FEIL, Radstatus.AUTO]),
        )
        .values(status=Radstatus.PARKERT)
        .execution_options(synchronize_session=False)
    )
    tx.execute(
        update(Utsending)
        .where(Utsending.id == utsending_id)
        .values(parker_feil=False)
        .execution_options(synchronize_session=False)
    )


def _order_ranges(utsending_id: UUID) -> None:
    quick = (
        session()
        .execute(
            select(Malversjon.hurtig)
            .join(Utsending, Utsending.malversjon_id == Malversjon.id)
            .where(Utsending.id == utsending_id, Utsending.art == Art.FLETTEBREV)
        )
        .scalar_one_or_none()
    )
    portion = STAMP_PORTION if quick else RENDER_PORTION
    numbered = (
        select(
            Utsendingsrad.radnr,
            ((func.row_number().over(order_by=Utsendingsrad.radnr) - 1) // portion).label("del"),
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
    asked_for = transitions.request_of(utsending_id, U.PRODUSERES)
    session().add_all(
        Arbeidsdel(utsending_id=utsending_id, art=Delart.RENDER, nr=n, fra=fra, til=til, request_id=asked_for)
        for n, (fra, til) in enumerate(ranges, 1)
    )
    session().flush()
    queue.ring_lane(Delart.RENDER)


def handle_stamping_mismatch(utsending_id: UUID, radnr: int) -> None:
    """Stop stamping a template version whose stamped letter differed from WeasyPrint's layout.

    Every unreleased mailing with such letters is produced again, approved or not, so that all letters sent
    were laid out alike. Mailings already being sent are reported to operations in the log.
    """
    STAMPED_DIFFERS.inc()
    log.error("stamped_letter_differs", extra={"utsending": str(utsending_id), "radnr": radnr})
    with transaction() as tx:
        version = tx.execute(select(Utsending.malversjon_id).where(Utsending.id == utsending_id)).scalar_one()
        tx.execute(update(Malversjon).where(Malversjon.id == version).values(hurtig=False))
        unreleased = tx.execute(
            select(Utsending.id, Utsending.status)
            .where(Utsending.malversjon_id == version, Utsending.status.in_([U.PRODUSERES, *WITH_LETTERS]))
            .order_by(Utsending.id)
            .with_for_update()
        ).all()
        for one, status in unreleased:
            _remake_letters(one, status, "AVVIK")
        sent = tx.scalars(
            select(Utsending.id).where(
                Utsending.malversjon_id == version, Utsending.status.in_([U.FRIGITT, U.SENDES])
            )
        ).all()
    for one in sent:
        log.error("stamped_letters_are_sent", extra={"utsending": str(one)})


def _remake_letters(utsending_id: UUID, status: str, why: str) -> None:
    """Produce again the letters of a mailing that is PRODUSERES or in WITH_LETTERS; the history says why."""
    detail = {"lages_pa_nytt": why}
    if status == U.PRODUSERES:
        write_history(utsending_id, fra=U.PRODUSERES, til=U.PRODUSERES, actor=ARBEIDER, detaljer=detail)
    else:
        must_move(
            utsending_id, fra=WITH_LETTERS, til=U.PRODUSERES, actor=ARBEIDER, detaljer=detail, **UNAPPROVED
        )
    queue.lock_pieces(utsending_id, Delart.RENDER)
    _reset_and_order(utsending_id)


def _reset_and_order(utsending_id: UUID) -> None:
    """Delete the letters that exist and order all of them. The caller has locked the pieces."""
    tx = session()
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
    delete_after_commit(unused_objects(replaced, of=utsending_id))
    _order_ranges(utsending_id)


def end_all_productions() -> int:
    """End the production of every mailing whose ranges are done or failed; return how many.

    To TIL_GODKJENNING when every letter is made, UTKAST when a letter cannot be made, KONTROLLERT when work
    was lost.
    """
    made = session().scalars(select(Utsending.id).where(Utsending.status == U.PRODUSERES)).all()
    session().rollback()
    return sum(map(end_production, islice(_ending.of(sorted(made)), AT_ONCE)))


def end_production(utsending_id: UUID) -> bool:
    """End the production of one mailing if all its ranges are done or one has failed; True if it ended."""
    with transaction() as tx:
        locked = tx.execute(
            select(Utsending.id)
            .where(Utsending.id == utsending_id, Utsending.status == U.PRODUSERES)
            .with_for_update(skip_locked=True)
        ).first()
        ended = None if locked is None else _outcome(utsending_id)
        if ended is None:
            return False
        why = reason_to_redraw(utsending_id) if ended[0] is U.TIL_GODKJENNING else None
        if why is not None:
            log.warning("letters_made_again", extra={"utsending": str(utsending_id), "kode": why})
            _remake_letters(utsending_id, U.PRODUSERES, why)
            return False
        til, detail, changes = ended
        old = move(utsending_id, fra=(U.PRODUSERES,), til=til, actor=ARBEIDER, detaljer=detail, **changes)
        return old is not None


def _outcome(utsending_id: UUID) -> tuple[Utsendingstatus, dict[str, Any], dict[str, Any]] | None:
    """(new status, history details, column changes) of a production that is done or failed; else None.

    With a failed range the remaining ones are dropped: no row becomes bad after they have been counted.
    """
    found = session().execute(
        select(Arbeidsdel.status, func.max(Arbeidsdel.feilkode))
        .where(Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == Delart.RENDER)
        .group_by(Arbeidsdel.status)
    )
    states = {row[0]: row[1] for row in found}
    if Delstatus.FEILET in states:
        queue.drop_unfinished(utsending_id, Delart.RENDER)
    elif set(states) - {Delstatus.FERDIG}:
        return None
    refused = row_counts(utsending_id).get(Radstatus.FEIL, 0)
    if refused:
        return U.UTKAST, {"feil": "BREV_KAN_IKKE_LAGES", "antall": refused}, {"parker_feil": False}
    if Delstatus.FEILET in states:
        return U.KONTROLLERT, {"feil": states[Delstatus.FEILET]}, {}
    if _lacks_letters(utsending_id):
        CONTENT_CHANGED.inc()
        log.error("rows_without_letters", extra={"utsending": str(utsending_id)})
        return U.KONTROLLERT, {"feil": "INNHOLD_ENDRET"}, {}
    digest = compute_digest(utsending_id)
    return U.TIL_GODKJENNING, {"digest": digest.hex()}, {"innhold_digest": digest}


def reason_to_redraw(utsending_id: UUID) -> str | None:
    """Why the finished ranges must be drawn again; None when they are alike.

    AVSENDER_ENDRET: the sender's letterhead changed during the drawing. ULIK_UTGAVE: several releases drew
    them. Ranges of a release that did not record its renderer count as another renderer version.
    """
    made = Arbeidsdel.resultat
    differ = select(
        func.count(made[0].astext.distinct()) > 1,
        func.count(func.coalesce(made[1].astext, "").distinct()) > 1,
    ).where(Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == Delart.RENDER)
    letterheads, editions = session().execute(differ).one()
    if letterheads:
        return "AVSENDER_ENDRET"
    return "ULIK_UTGAVE" if editions and _may_remake_for_edition(utsending_id) else None


def _may_remake_for_edition(utsending_id: UUID) -> bool:
    """Whether the mailing may be remade once more for ULIK_UTGAVE.

    The number is limited, so that an old process left running never blocks a mailing.
    """
    why = Utsendingshendelse.detaljer["lages_pa_nytt"].astext
    before = select(func.count()).where(Utsendingshendelse.utsending_id == utsending_id, why == "ULIK_UTGAVE")
    again = session().execute(before).scalar_one() < MAX_REMAKES_FOR_EDITION
    if not again:
        log.error("letters_of_two_releases", extra={"utsending": str(utsending_id)})
    return again


def _lacks_letters(utsending_id: UUID) -> bool:
    """Whether a sendable row has no letter: it was in none of the ranges."""
    lacking = select(Utsendingsrad.radnr).where(
        Utsendingsrad.utsending_id == utsending_id,
        Utsendingsrad.status.in_(SENDABLE_NAMES),
        Utsendingsrad.brev_sha256.is_(None),
    )
    return bool(session().scalar(select(lacking.exists())))

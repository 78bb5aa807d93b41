"""The half-yearly review: an administrator keeps or removes every grant of the organisation, row by row.

The sweeper starts one half a year after the last, and reminds every 30 days until it is answered. Reviews and
reminders are shown on the administrators' pages; times are business time.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import insert

from fiks.core import audit, clock
from fiks.core.actor import SVEIPER, Aktor
from fiks.core.clock import database_now
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, Konflikt, UgyldigInndata
from fiks.konfigurasjon.models import Gjennomgang, Gjennomgangsrad, Organisasjon, Ressurs, Tilgang
from fiks.konfigurasjon.rules import ANSWER_WITHIN, REVIEW_EVERY, Svar, Tilgangsgrunn
from fiks.konfigurasjon.tilgang.conditions import has_not_ended
from fiks.konfigurasjon.tilgang.lock import grant_change, require_administrator
from fiks.konfigurasjon.tilgang.rows import audit_grant, end_grant

log = logging.getLogger(__name__)


def start_review(organisasjon_id: UUID, *, actor: Aktor) -> UUID:
    """Start a review of all grants that have not ended, to be answered within 30 days.

    Errors: GJENNOMGANG_PAAGAAR (409) while rows of the last one await an answer, INGEN_TILGANGER (422).
    """
    with grant_change(organisasjon_id) as tx:
        require_administrator(actor, organisasjon_id)
        if open_review(organisasjon_id) is not None:
            raise Konflikt("GJENNOMGANG_PAAGAAR")
        _finish_ended(Gjennomgang.organisasjon_id == organisasjon_id)
        now = clock.now()
        row = Gjennomgang(organisasjon_id=organisasjon_id, startet=now, frist=now + ANSWER_WITHIN)
        tx.add(row)
        tx.flush()
        grants = (
            select(literal(row.id), Tilgang.id)
            .join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
            .where(Ressurs.organisasjon_id == organisasjon_id, has_not_ended())
        )
        added = tx.execute(
            insert(Gjennomgangsrad)
            .from_select(["gjennomgang_id", "tilgang_id"], grants)
            .returning(Gjennomgangsrad.tilgang_id)
        ).all()
        if not added:
            raise UgyldigInndata("INGEN_TILGANGER")
        _audit(actor, row, "GJENNOMGANG_STARTET", tilganger=len(added))
        return row.id


def open_review(organisasjon_id: UUID) -> UUID | None:
    """Return the organisation's review with rows that await an answer, or None."""
    found = select(Gjennomgang.id).where(
        Gjennomgang.organisasjon_id == organisasjon_id, Gjennomgang.fullfort.is_(None), _has_unanswered()
    )
    return session().execute(found).scalar_one_or_none()


def _has_unanswered() -> ColumnElement[bool]:
    """SQL: the review has an unanswered row whose grant has not ended."""
    rows = (
        select(Tilgang.id)
        .join(Gjennomgangsrad, Gjennomgangsrad.tilgang_id == Tilgang.id)
        .where(
            Gjennomgangsrad.gjennomgang_id == Gjennomgang.id, Gjennomgangsrad.svar.is_(None), has_not_ended()
        )
        .correlate(Gjennomgang)
    )
    return rows.exists()


@dataclass(frozen=True, slots=True)
class Vurdert:
    """Result of answers: grants kept, removed, already ended (`borte`), and whether the review is finished."""

    beholdt: int
    fjernet: int
    borte: int = 0
    fullfort: bool = False


def answer_review(gjennomgang_id: UUID, *, svar: Mapping[UUID, Svar], actor: Aktor) -> Vurdert:
    """Answer rows of a review by grant id; FJERN removes the grant at once. Returns the result.

    Needs ADMIN on the ressurs of each row. Answers can be changed until the review is finished, that is when
    every grant is answered or ended; repeating an answer changes nothing. Errors: IkkeFunnet for a row of
    another review, GJENNOMGANG_FULLFORT, SISTE_ADMINISTRATOR (409).
    """
    organisasjon_id = _organisation_of(gjennomgang_id)
    with grant_change(organisasjon_id) as tx:
        review = tx.get_one(Gjennomgang, gjennomgang_id, with_for_update=True, populate_existing=True)
        rows = tx.execute(
            select(Gjennomgangsrad, Tilgang, Ressurs)
            .join(Tilgang, Tilgang.id == Gjennomgangsrad.tilgang_id)
            .join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
            .where(Gjennomgangsrad.gjennomgang_id == gjennomgang_id, Tilgang.id.in_(svar))
            .execution_options(populate_existing=True)
        ).all()
        for ressurs_id in {node.id for _, _, node in rows} or {organisasjon_id}:
            require_administrator(actor, ressurs_id)
        if len(rows) != len(svar):
            raise IkkeFunnet("FINNES_IKKE")
        if review.fullfort is not None:
            raise Konflikt("GJENNOMGANG_FULLFORT")
        living = [(row, grant, node) for row, grant, node in rows if grant.avsluttet is None]
        new = [(row, grant, node) for row, grant, node in living if row.svar != svar[grant.id]]
        given = Counter(svar[grant.id] for _, grant, _ in new)
        for row, grant, node in new:
            _answer(row, grant, node, svar[grant.id], actor)
        tx.flush()
        if open_review(organisasjon_id) is None:
            _finish(review, actor)
        gone = len(rows) - len(living)
        return Vurdert(given[Svar.BEHOLD], given[Svar.FJERN], gone, review.fullfort is not None)


def _answer(row: Gjennomgangsrad, grant: Tilgang, node: Ressurs, svar: Svar, actor: Aktor) -> None:
    row.svar, row.besvart, row.besvart_av = svar, database_now(), actor.person_id
    audit_grant(actor, "TILGANG_GJENNOMGATT", grant, node, svar=str(svar))
    if svar is Svar.FJERN:
        end_grant(grant, node, Tilgangsgrunn.GJENNOMGANG, actor=actor)


def _finish_ended(which: ColumnElement[bool], limit: int = 100) -> int:
    """Finish the open reviews that `which` selects and that have nothing left to answer, because the last
    grants ended.
    """
    over = (
        select(Gjennomgang)
        .where(which, Gjennomgang.fullfort.is_(None), ~_has_unanswered())
        .order_by(Gjennomgang.frist)
        .limit(limit)
        .with_for_update()
    )
    found = session().scalars(over.execution_options(populate_existing=True)).all()
    for row in found:
        _finish(row, SVEIPER)
    session().flush()
    return len(found)


def _finish(review: Gjennomgang, actor: Aktor) -> None:
    """Finish the review and audit its outcome."""
    review.fullfort, review.fullfort_av = clock.now(), actor.person_id
    counts = session().execute(
        select(Gjennomgangsrad.svar, func.count())
        .where(Gjennomgangsrad.gjennomgang_id == review.id)
        .group_by(Gjennomgangsrad.svar)
    )
    outcome = {row[0]: row[1] for row in counts}
    _audit(
        actor,
        review,
        "GJENNOMGANG_FULLFORT",
        beholdt=outcome.get(Svar.BEHOLD, 0),
        fjernet=outcome.get(Svar.FJERN, 0),
        falt_bort=outcome.get(None, 0),
    )


def _organisation_of(gjennomgang_id: UUID) -> UUID:
    found = (
        session()
        .execute(select(Gjennomgang.organisasjon_id).where(Gjennomgang.id == gjennomgang_id))
        .scalar_one_or_none()
    )
    if found is None:
        raise IkkeFunnet("FINNES_IKKE")
    return found


def _audit(actor: Aktor, row: Gjennomgang, handling: str, **detaljer: Any) -> None:
    audit.record(actor, handling, "gjennomgang", row.id, organisasjon_id=row.organisasjon_id, **detaljer)


def start_due_reviews(limit: int = 100) -> int:
    """Start reviews for organisations half a year after their last one, or after they were created; return
    how many started.

    A review that cannot start (somebody else started it, or no grant is left) does not stop the others.
    """
    now = clock.now()
    last = (
        select(func.max(Gjennomgang.startet))
        .where(Gjennomgang.organisasjon_id == Organisasjon.id)
        .correlate(Organisasjon)
        .scalar_subquery()
    )
    under_way = select(Gjennomgang.id).where(
        Gjennomgang.organisasjon_id == Organisasjon.id, Gjennomgang.fullfort.is_(None)
    )
    granted = (
        select(Tilgang.id)
        .join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
        .where(Ressurs.organisasjon_id == Organisasjon.id, has_not_ended())
    )
    due = (
        session()
        .scalars(
            select(Organisasjon.id)
            .where(func.coalesce(last, Organisasjon.opprettet) <= now - REVIEW_EVERY)
            .where(~under_way.exists(), granted.exists())
            .order_by(Organisasjon.id)
            .limit(limit)
        )
        .all()
    )
    return sum(_start(organisasjon_id) for organisasjon_id in due)


def _start(organisasjon_id: UUID) -> bool:
    try:
        start_review(organisasjon_id, actor=SVEIPER)
    except (Konflikt, UgyldigInndata) as error:
        log.info("review_not_started", extra={"organisasjon": str(organisasjon_id), "kode": error.kode})
        return False
    return True


def remind_overdue(limit: int = 100) -> int:
    """Finish reviews in which every open grant has ended, and remind of overdue ones every 30 days; return
    how many of both.
    """
    now = clock.now()
    with transaction() as tx:
        ended = _finish_ended(true(), limit)
        late = tx.scalars(
            select(Gjennomgang)
            .where(Gjennomgang.fullfort.is_(None), Gjennomgang.frist <= now, _has_unanswered())
            .where(or_(Gjennomgang.paaminnet.is_(None), Gjennomgang.paaminnet <= now - ANSWER_WITHIN))
            .order_by(Gjennomgang.frist)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        for row in late:
            row.paaminnet = now
            _audit(SVEIPER, row, "GJENNOMGANG_PAAMINNET")
        return ended + len(late)

"""From finished letters to release: withdraw, send back, approve, release, stop.

The approval binds one digest over rows, letters, template version and options. It is computed when the
letters are finished, compared at approval, and again before the first letter leaves, possibly by another
release. The next release must therefore compute the same digest for an approved mailing, or the mailing is
stopped. A new fact of a mailing goes in LATER_FACTS, which omits default values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from prometheus_client import Counter
from sqlalchemy import ColumnElement, Uuid, all_, and_, case, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from fiks.core import audit, clock
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeTilgang, Konflikt, UgyldigInndata
from fiks.core.values.identifiers import mask_numbers
from fiks.konfigurasjon.avtale.activation import require_sending
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.tilgang.lock import require_fresh_login
from fiks.svarut.sender import actions as svarut
from fiks.utsending import access, earlier_mailings
from fiks.utsending.approval import release_time
from fiks.utsending.jobs import queue
from fiks.utsending.letters.documents import document_hashes
from fiks.utsending.models import Malversjon, Opplasting, Utsending, Utsendingsrad
from fiks.utsending.rules import SENDABLE, Delart, Utsendingstatus, content_digest
from fiks.utsending.transitions import lock_mailing, must_move, was_moved_by

U = Utsendingstatus
UNRELEASED = (U.TIL_GODKJENNING, U.GODKJENT, U.PRODUSERES)
GOING_OUT = (U.FRIGITT, U.SENDES, U.FULLFORT)
MAY_RELEASE = (P.SENDE, P.GODKJENNE)
CONTENT_CHANGED = Counter(
    "fiks_approved_content_changed_total",
    "Mailings stopped, or not sent to approval, since their content is not what was approved or controlled",
)

ORIGINAL_FACTS = (
    "konto_id",
    "tittel",
    "art",
    "brevdato",
    "kunngjoringsdato",
    "kun_digital",
    "sikkerhetsniva",
    "tosidig",
    "farger",
    "konteringskode",
)
"""Facts of the digest from the beginning: each value, in this order, whatever it is."""
LATER_FACTS: Mapping[str, object] = {}
"""Later facts: name -> the value that earlier mailings have. Named in the digest only where the value
differs, so that mailings approved before the fact existed keep their digest.
"""


def compute_digest(utsending_id: UUID) -> bytes:
    """Digest of what would be sent now: every sendable row with its letter, the template, the options."""
    row = session().execute(select(Utsending).where(Utsending.id == utsending_id)).scalar_one()
    template = (
        session()
        .execute(select(Malversjon.kilde_nb, Malversjon.kilde_nn).where(Malversjon.id == row.malversjon_id))
        .first()
    )
    document = (
        session()
        .execute(
            select(Opplasting.sha256).where(
                Opplasting.utsending_id == utsending_id, Opplasting.art == "DOKUMENT"
            )
        )
        .scalar_one_or_none()
    )
    own = dict(document_hashes(utsending_id, row.art))
    rows = session().execute(
        select(Utsendingsrad.radnr, Utsendingsrad.rad_hash, Utsendingsrad.brev_sha256)
        .where(
            Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.status.in_([str(s) for s in SENDABLE])
        )
        .order_by(Utsendingsrad.radnr)
        .execution_options(yield_per=5_000)
    )
    return content_digest(
        rows=((nr, rad_hash, (brev or b"") + own.get(nr, b"")) for nr, rad_hash, brev in rows),
        template=f"{row.malversjon_id}\n{template[0] if template else ''}\n{template[1] if template else ''}",
        options=options_of(row, document),
    )


def options_of(mailing: Utsending, document: bytes | None) -> str:
    """The mailing's facts as they stand in the digest; `document`: SHA-256 of the document to all."""
    same_to_all = document.hex() if document and mailing.art == "SAMME_DOKUMENT" else ""
    options = "|".join([*(str(getattr(mailing, name)) for name in ORIGINAL_FACTS), same_to_all])
    newer = ((name, default, getattr(mailing, name)) for name, default in LATER_FACTS.items())
    return options + "".join(f"\n{name}={said}" for name, default, said in newer if said != default)


def send_back(utsending_id: UUID, grunn: str, *, digest: bytes | None = None, actor: Aktor) -> None:
    """The approver sends the mailing back to its preparer with a reason.

    The reason concerns the letters that `digest` identifies; None: the present ones. The same call twice
    changes nothing.
    """
    access.require(utsending_id, actor, P.GODKJENNE)
    reason = mask_numbers(grunn.strip())
    if not reason:
        raise UgyldigInndata("BEGRUNNELSE_MANGLER", felt="grunn")
    with transaction():
        mailing = lock_mailing(utsending_id)
        again = mailing.avvist_grunn == reason
        if again and was_moved_by(actor, utsending_id, fra=(U.TIL_GODKJENNING,), til=U.UTKAST):
            return
        _require_current_letters(mailing, digest)
        must_move(
            utsending_id,
            fra=(U.TIL_GODKJENNING,),
            til=U.UTKAST,
            actor=actor,
            detaljer={"avvist": reason},
            avvist_grunn=reason,
            innhold_digest=None,
        )
        audit.record(actor, "UTSENDING_AVVIST", "utsending", utsending_id, grunn=reason)


def _require_current_letters(mailing: Utsending, digest: bytes | None) -> None:
    """Konflikt("ANDRE_BREV_VIST") when the letters are not the ones the page showed (`digest`)."""
    if digest is not None and digest != (mailing.innhold_digest or b""):
        raise Konflikt("ANDRE_BREV_VIST")


def withdraw(utsending_id: UUID, *, actor: Aktor) -> None:
    """The preparer takes an unreleased mailing back to UTKAST to change it; unfinished drawing is dropped.

    The same person's second call changes nothing.
    """
    access.require(utsending_id, actor, P.SENDE)
    with transaction():
        lock_mailing(utsending_id)
        if was_moved_by(actor, utsending_id, fra=UNRELEASED, til=U.UTKAST):
            return
        must_move(
            utsending_id,
            fra=UNRELEASED,
            til=U.UTKAST,
            actor=actor,
            innhold_digest=None,
            godkjent_av=None,
            godkjent=None,
        )
        queue.drop_unfinished(utsending_id, Delart.RENDER)
        audit.record(actor, "UTSENDING_TRUKKET_TILBAKE", "utsending", utsending_id)


def approve(utsending_id: UUID, digest: bytes, *, actor: Aktor) -> None:
    """Approve exactly the content that `digest` identifies.

    Needs SVARUT.GODKJENNE, a person who did not prepare it (ADR 0038), and a login less than five minutes
    old. The same person's second call changes nothing. Errors: EGEN_UTSENDING (403), NY_INNLOGGING (403),
    INNHOLD_ENDRET (409), STATUS_ENDRET (409), and SENDT_SIDEN_KONTROLLEN (409), for which the release would
    be refused.
    """
    access.require(utsending_id, actor, P.GODKJENNE)
    require_fresh_login(actor)
    with transaction():
        locked = lock_mailing(utsending_id)
        if actor.person_id is None or actor.person_id in preparers(locked):
            raise IkkeTilgang("EGEN_UTSENDING")
        if (
            locked.status == U.GODKJENT
            and _is_actor(actor, locked.godkjent_av)
            and digest == locked.innhold_digest
        ):
            return
        if digest != locked.innhold_digest or compute_digest(utsending_id) != digest:
            raise Konflikt("INNHOLD_ENDRET")
        earlier_mailings.require_no_new_repeats(locked)
        must_move(
            utsending_id,
            fra=(U.TIL_GODKJENNING,),
            til=U.GODKJENT,
            actor=actor,
            godkjent_av=actor.person_id,
            godkjent=func.now(),
            avvist_grunn=None,
        )
        audit.record(actor, "UTSENDING_GODKJENT", "utsending", utsending_id, digest=digest.hex())


def _is_actor(actor: Aktor, person_id: UUID | None) -> bool:
    """Whether the actor is this person: a button pressed twice must not be a conflict."""
    return person_id is not None and person_id == actor.person_id


@dataclass(frozen=True, slots=True)
class Frigivelse:
    """When letters begin to leave, and how long the release can be regretted."""

    frigis_tid: datetime
    angrefrist_sekunder: int


def release(
    utsending_id: UUID, *, at: datetime | None = None, digest: bytes | None = None, actor: Aktor
) -> Frigivelse:
    """Release an approved mailing now or at `at`; letters leave when angrefrist is over.

    `digest` identifies the letters that the page showed; others raise Konflikt("ANDRE_BREV_VIST"), since they
    may have been made and approved again. None: whatever is there. The day they begin to leave (Europe/Oslo)
    must be the letters' date, else Konflikt("BREVDATO_PASSER_IKKE"): produce and approve again.
    SENDT_SIDEN_KONTROLLEN (409) when a mailing released since the control is repeated: give a reason, produce
    and approve again. Needs SVARUT.SENDE or SVARUT.GODKJENNE. The same person's second call changes nothing
    and returns the same.
    """
    row = access.require(utsending_id, actor, *MAY_RELEASE)
    require_sending(row.konto_id)
    seconds = release_time.hold_seconds(row.konto_id)
    with transaction():
        mailing = lock_mailing(utsending_id)
        begins = release_time.sending_begins(seconds, at)
        already = _existing_release(mailing, at, begins, actor)
        if already is not None:
            return Frigivelse(already, seconds)
        if mailing.status != U.GODKJENT:
            raise Konflikt("STATUS_ENDRET", status=mailing.status)
        _require_current_letters(mailing, digest)
        if release_time.oslo_day(begins) != mailing.brevdato:
            raise Konflikt("BREVDATO_PASSER_IKKE", brevdato=mailing.brevdato.isoformat())
        earlier_mailings.lock_and_require_no_new_repeats(mailing)
        must_move(
            utsending_id,
            fra=(U.GODKJENT,),
            til=U.FRIGITT,
            actor=actor,
            detaljer={"frigis_tid": begins.isoformat()},
            frigis_tid=begins,
            frigitt_av=actor.person_id,
        )
        audit.record(actor, "UTSENDING_FRIGITT", "utsending", utsending_id, frigis_tid=begins.isoformat())
        return Frigivelse(begins, seconds)


def _existing_release(
    mailing: Utsending, at: datetime | None, begins: datetime, actor: Aktor
) -> datetime | None:
    """When letters begin to leave, if this actor has already made the same release; else None."""
    chosen = mailing.frigis_tid
    if chosen is None or mailing.status not in GOING_OUT or not _is_actor(actor, mailing.frigitt_av):
        return None
    same = chosen == begins if at is not None else chosen <= begins
    return chosen if same else None


def may_stop(status: Utsendingstatus) -> tuple[P, ...]:
    """The privileges of which any lets the actor stop a mailing in this status.

    Until letters leave, those that allow release do too.
    """
    if status is U.FRIGITT:
        return (P.STOPPE, *MAY_RELEASE)
    return (P.STOPPE,) if status is U.SENDES else (P.STOPPE, P.SENDE)


def stop(utsending_id: UUID, *, actor: Aktor) -> int:
    """Stop a mailing so that nothing more leaves; return how many of its letters were stopped.

    Needs one of `may_stop`. Letters in the middle of a call are settled when the call is over;
    `stop_report.count_groups` then tells who got the letter. The same person's second call does nothing.
    """
    _, rights = access.require_with_rights(utsending_id, actor, P.STOPPE, *MAY_RELEASE)
    with transaction():
        mailing = lock_mailing(utsending_id)
        if mailing.status == U.STOPPET and _is_actor(actor, mailing.stoppet_av):
            return 0
        access.require_right(rights, *may_stop(U(mailing.status)))
        old = must_move(
            utsending_id,
            fra=tuple(U),
            til=U.STOPPET,
            actor=actor,
            stoppet=clock.now(),
            stoppet_av=actor.person_id,
        )
        stopped = svarut.stop_unsent(utsending_id, actor=actor)
        audit.record(actor, "UTSENDING_STOPPET", "utsending", utsending_id, fra=str(old), antall=stopped)
        return stopped


EARLIER_PREPARERS: ColumnElement[list[UUID]] = case(
    (Utsending.status == Utsendingstatus.KONTROLLERT, literal([], ARRAY(Uuid()))),
    else_=func.array_append(Utsending.klargjort_tidligere, Utsending.klargjort_av),
)
"""SQL: `klargjort_tidligere` when letters are made. Empty from a draft, whose summary the preparer saw; the
earlier preparers when existing letters get another date.
"""


def preparers(row: Utsending) -> frozenset[UUID]:
    """Everybody who prepared the present letters."""
    return frozenset(row.klargjort_tidligere) | ({row.klargjort_av} if row.klargjort_av else set())


def not_prepared_by(person_id: UUID | None) -> ColumnElement[bool]:
    """SQL on a mailing: the person is none of its `preparers`."""
    return and_(
        Utsending.klargjort_av.is_distinct_from(person_id),
        literal(person_id, Uuid()) != all_(Utsending.klargjort_tidligere),
    )

"""Invariants of a mailing together with its letters (reliability.md 5); `invariant_schedule` runs them.

Those of single letters are in `fiks.svarut.invariants` and `fiks.svarut.external_invariants`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Text, cast, func, literal, or_, select, true
from sqlalchemy.orm import aliased

from fiks.core import audit, clock
from fiks.core.actor import SYSTEM
from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.svarut.delivery.wakeup import IS_WAITING_FOR_OPENING
from fiks.svarut.invariants import EXAMPLES, Brudd, Scope, breaches
from fiks.svarut.models import Dokument, Forsendelse, Hendelse, Levering
from fiks.svarut.operations import external_invariants as outside
from fiks.svarut.rules import Leveringsstatus, Status
from fiks.utsending.approval.service import compute_digest
from fiks.utsending.models import Utsending, Utsendingshendelse, Utsendingsrad
from fiks.utsending.rules import SENDABLE, Utsendingstatus
from fiks.utsending.sending.feeder import first_without_letter

U = Utsendingstatus
SEALED_WITHIN = timedelta(minutes=5)
ACTS = {
    U.PRODUSERES: "PRODUKSJON_STARTET",
    U.GODKJENT: "UTSENDING_GODKJENT",
    U.FRIGITT: "UTSENDING_FRIGITT",
    U.STOPPET: "UTSENDING_STOPPET",
}
"""Audit action of the person's act that brings a mailing to each status."""
READINGS = ("BREV_LASTET_NED", "BREV_LEST_EKSTERNT", "BREV_KVITTERT")
"""Audit actions that make a letter LEST: its receiver here or elsewhere, or the receiver's system."""


def rows_add_up(utsending_ids: Sequence[UUID]) -> list[Brudd]:
    """I2: as many rows as were read, and a finished mailing has a letter for each sendable row."""
    counted = (
        select(Utsending.id)
        .outerjoin(Utsendingsrad, Utsendingsrad.utsending_id == Utsending.id)
        .where(Utsending.id.in_(utsending_ids))
        .group_by(Utsending.id)
        .having(func.count(Utsendingsrad.radnr) != Utsending.antall_rader)
    )
    unsent = (
        select(Utsending.id)
        .join(Utsendingsrad, Utsendingsrad.utsending_id == Utsending.id)
        .where(
            Utsending.id.in_(utsending_ids),
            Utsending.status == U.FULLFORT,
            Utsendingsrad.status.in_([str(s) for s in SENDABLE]),
            Utsendingsrad.forsendelse_id.is_(None),
        )
        .distinct()
    )
    return [*breaches("I2", "RADER_STEMMER_IKKE", counted), *breaches("I2", "FULLFORT_UTEN_BREV", unsent)]


def letters_have_rows(scope: Scope) -> list[Brudd]:
    """I2: a mailing's letter belongs to the row with its number."""
    strays = (
        select(Forsendelse.id)
        .outerjoin(Utsendingsrad, Utsendingsrad.forsendelse_id == Forsendelse.id)
        .where(
            Forsendelse.id.in_(scope),
            Forsendelse.utsending_id.is_not(None),
            ~Forsendelse.prove,
            or_(
                Utsendingsrad.radnr.is_distinct_from(Forsendelse.radnr),
                Utsendingsrad.utsending_id.is_distinct_from(Forsendelse.utsending_id),
            ),
        )
    )
    return breaches("I2", "BREV_UTEN_RAD", strays)


def started_in_time(grace: timedelta = timedelta(minutes=10)) -> list[Brudd]:
    """I3: no mailing waits for the feeder longer than `grace` after angrefrist."""
    late = select(Utsending.id).where(
        Utsending.status == U.FRIGITT, Utsending.frigis_tid <= clock.now_sql() - literal(grace)
    )
    return breaches("I3", "HENGER_FRIGITT", late)


def fed_in_time(grace: timedelta = timedelta(minutes=10)) -> list[Brudd]:
    """I3: no mailing in SENDES has rows without a letter, nothing ready and no new letter for `grace`.

    One whose letters wait for a paused channel may stand longer.
    """
    since = clock.now_sql() - literal(grace)
    ready = select(Levering.id).where(
        Levering.utsending_id == Utsending.id, Levering.status == Leveringsstatus.KLAR
    )
    paused = select(Levering.id).where(Levering.utsending_id == Utsending.id, IS_WAITING_FOR_OPENING)
    made = select(Forsendelse.id).where(
        Forsendelse.utsending_id == Utsending.id, Forsendelse.opprettet > since
    )
    begun = select(Utsendingshendelse.lopenr).where(
        Utsendingshendelse.utsending_id == Utsending.id,
        Utsendingshendelse.til == U.SENDES,
        Utsendingshendelse.tid > func.now() - literal(grace),
    )
    late = (
        select(Utsending.id)
        .join(first_without_letter(), true())
        .where(
            Utsending.status == U.SENDES, ~ready.exists(), ~paused.exists(), ~begun.exists(), ~made.exists()
        )
    )
    return breaches("I3", "HENGER_SENDES", late)


def nothing_before_release(scope: Scope) -> list[Brudd]:
    """I9: no letter is older than its mailing's release, and its document is the approved one."""
    early = (
        select(Forsendelse.id)
        .join(Utsending, Utsending.id == Forsendelse.utsending_id)
        .where(
            Forsendelse.id.in_(scope),
            ~Forsendelse.prove,
            or_(Utsending.frigis_tid.is_(None), Forsendelse.opprettet < Utsending.frigis_tid),
        )
    )
    earlier = aliased(Dokument)
    own = ~(
        select(earlier.id)
        .where(earlier.forsendelse_id == Dokument.forsendelse_id, earlier.nr < Dokument.nr)
        .exists()
    )
    other = (
        select(Forsendelse.id)
        .join(Utsendingsrad, Utsendingsrad.forsendelse_id == Forsendelse.id)
        .join(Dokument, Dokument.forsendelse_id == Forsendelse.id)
        .where(
            Forsendelse.id.in_(scope),
            own,
            Dokument.sha256.is_distinct_from(Utsendingsrad.brev_sha256),
        )
    )
    return [
        *breaches("I9", "FOR_FRIGIVELSE", early),
        *breaches("I9", "ANNET_DOKUMENT", other),
    ]


def approved_is_sent(utsending_ids: Sequence[UUID]) -> list[Brudd]:
    """I9: the content of a mailing being sent has the approved digest. Reads all its rows."""
    rows = session().execute(
        select(Utsending.id, Utsending.innhold_digest).where(
            Utsending.id.in_(utsending_ids), Utsending.status.in_([U.SENDES, U.FULLFORT])
        )
    )
    return [
        Brudd("I9", "ANNET_INNHOLD", str(row.id))
        for row in rows.all()
        if row.innhold_digest != compute_digest(row.id)
    ]


def nothing_received_before_release(
    utsending_ids: Sequence[UUID], log: Sequence[outside.Mottatt], skew: timedelta = timedelta(0)
) -> list[Brudd]:
    """I9: the outside received nothing of a mailing before its angrefrist was over and sending began."""
    begun = (
        select(func.min(Utsendingshendelse.tid))
        .where(Utsendingshendelse.utsending_id == Levering.utsending_id, Utsendingshendelse.til == U.SENDES)
        .scalar_subquery()
    )
    rows = session().execute(select(Levering.id, begun).where(Levering.utsending_id.in_(utsending_ids)))
    start = {str(levering_id): tid for levering_id, tid in rows}
    return [
        Brudd("I9", "MOTTATT_FOR_FRIGIVELSE", line.referanse)
        for line in log
        if line.referanse in start
        and (start[line.referanse] is None or line.tid + skew < start[line.referanse])
    ]


def acts_are_audited(utsending_ids: Sequence[UUID]) -> list[Brudd]:
    """I10: every act of a person that moved a mailing, and every reading, is in the audit log."""
    acts = session().execute(
        select(Utsendingshendelse.utsending_id, Utsendingshendelse.til, func.count())
        .where(
            Utsendingshendelse.utsending_id.in_(utsending_ids),
            Utsendingshendelse.til.in_([str(s) for s in ACTS]),
            Utsendingshendelse.aktor.not_like(f"{SYSTEM}%"),
        )
        .group_by(Utsendingshendelse.utsending_id, Utsendingshendelse.til)
    )
    audited = session().execute(
        select(Audit.objekt_id, Audit.handling, func.count())
        .where(
            Audit.objekt_type == "utsending",
            Audit.objekt_id.in_([str(u) for u in utsending_ids]),
            Audit.handling.in_(list(ACTS.values())),
            Audit.aktor.not_like(f"{SYSTEM}%"),
        )
        .group_by(Audit.objekt_id, Audit.handling)
    )
    done = {(str(u), ACTS[U(til)]): n for u, til, n in acts}
    logged = {(objekt, handling): n for objekt, handling, n in audited}
    found = [
        Brudd("I10", f"REVISJON_{handling}", utsending)
        for utsending, handling in sorted(done.keys() | logged.keys())
        if done.get((utsending, handling)) != logged.get((utsending, handling))
    ]
    return found + _unaudited_readings(utsending_ids)


def _unaudited_readings(utsending_ids: Sequence[UUID]) -> list[Brudd]:
    """Letters LEST without an audit entry; one query, however many letters are read."""
    logged = (
        select(Audit.id)
        .where(
            Audit.objekt_id == cast(Hendelse.forsendelse_id, Text()),
            Audit.objekt_type == "forsendelse",
            Audit.handling.in_(READINGS),
        )
        .correlate(Hendelse)
        .exists()
    )
    unaudited = (
        select(Hendelse.forsendelse_id)
        .join(Forsendelse, Forsendelse.id == Hendelse.forsendelse_id)
        .where(
            Forsendelse.utsending_id.in_(utsending_ids),
            Hendelse.art == "FORSENDELSE",
            Hendelse.til == Status.LEST,
            ~logged,
        )
        .distinct()
        .order_by(Hendelse.forsendelse_id)
        .limit(EXAMPLES)
    )
    return [Brudd("I10", "LESNING_UTEN_REVISJON", str(letter)) for letter in session().scalars(unaudited)]


def audit_is_sealed() -> list[Brudd]:
    """I10: recent audit rows are sealed in time. Older ones are checked by the walk along the chain."""
    late = (
        select(Audit.id)
        .where(
            audit.is_unsealed(audit.newest_sealed() - audit.LOOK_BACK),
            Audit.tid < func.now() - SEALED_WITHIN,
        )
        .order_by(Audit.id.desc())
        .limit(EXAMPLES)
    )
    return [Brudd("I10", "UFORSEGLET", str(id)) for id in session().scalars(late)]


def chain_holds() -> list[Brudd]:
    """I10: the hash chain of the whole audit log verifies. Reads every row."""
    broken = audit.verify()
    return [] if broken is None else [Brudd("I10", "KJEDEN_BRUTT", str(broken))]

"""What must always hold about a mailing as a whole, and all the rules together (reliability.md 5).

The rules of single letters are in `fiks.svarut.invariants` and `outside_invariants`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, literal, or_, select
from sqlalchemy.orm import aliased

from fiks.core import audit, clock
from fiks.core.audit import Audit, AuditSegl
from fiks.core.db import session
from fiks.print import invariants as printing
from fiks.svarut import invariants as letters
from fiks.svarut import outside_invariants as outside
from fiks.svarut.invariants import EXAMPLES, Brudd, breaches
from fiks.svarut.models import Dokument, Forsendelse, Hendelse, Levering
from fiks.svarut.rules import Status
from fiks.utsending.approval import compute_digest
from fiks.utsending.models import Utsending, Utsendingshendelse, Utsendingsrad
from fiks.utsending.rules import SENDABLE, Utsendingstatus

U = Utsendingstatus
UNDER_WAY = (U.FRIGITT, U.SENDES)
SEALED_WITHIN = timedelta(minutes=5)
ACTS = {
    U.PRODUSERES: "PRODUKSJON_STARTET",
    U.GODKJENT: "UTSENDING_GODKJENT",
    U.FRIGITT: "UTSENDING_FRIGITT",
    U.STOPPET: "UTSENDING_STOPPET",
}
"""What the audit log calls the act of a person that brings a mailing to a status."""
READINGS = ("BREV_LASTET_NED", "BREV_LEST_EKSTERNT", "BREV_KVITTERT")
"""What it calls what makes a letter LEST: its receiver here, elsewhere, or the receiver's own system."""


def at_work() -> list[UUID]:
    """Mailings that are being sent, or were finished or stopped within the last hour; at most 200."""
    recent = func.now() - timedelta(hours=1)
    rows = session().scalars(
        select(Utsending.id)
        .where(
            or_(
                Utsending.status.in_([str(s) for s in UNDER_WAY]),
                Utsending.status.in_([U.FULLFORT, U.STOPPET]) & (Utsending.endret >= recent),
            )
        )
        .order_by(Utsending.endret.desc())
        .limit(200)
    )
    return list(rows)


def rows_add_up(utsending_ids: Sequence[UUID]) -> list[Brudd]:
    """I2: there are as many rows as were read, and a row's letter is the mailing's letter of that row number."""
    counted = (
        select(Utsending.id)
        .outerjoin(Utsendingsrad, Utsendingsrad.utsending_id == Utsending.id)
        .where(Utsending.id.in_(utsending_ids))
        .group_by(Utsending.id)
        .having(func.count(Utsendingsrad.radnr) != Utsending.antall_rader)
    )
    strays = (
        select(Forsendelse.id)
        .outerjoin(Utsendingsrad, Utsendingsrad.forsendelse_id == Forsendelse.id)
        .where(
            Forsendelse.utsending_id.in_(utsending_ids),
            ~Forsendelse.prove,
            or_(
                Utsendingsrad.radnr.is_distinct_from(Forsendelse.radnr),
                Utsendingsrad.utsending_id.is_distinct_from(Forsendelse.utsending_id),
            ),
        )
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
    return [
        *breaches("I2", "RADER_STEMMER_IKKE", counted),
        *breaches("I2", "BREV_UTEN_RAD", strays),
        *breaches("I2", "FULLFORT_UTEN_BREV", unsent),
    ]


def started_in_time(grace: timedelta = timedelta(minutes=10)) -> list[Brudd]:
    """I3: no mailing waits for the feeder longer than `grace` after its hold, however many others there are."""
    late = select(Utsending.id).where(
        Utsending.status == U.FRIGITT, Utsending.frigis_tid <= clock.expression() - literal(grace)
    )
    return breaches("I3", "HENGER_FRIGITT", late)


def nothing_before_release(utsending_ids: Sequence[UUID]) -> list[Brudd]:
    """I9: no letter is older than its mailing's release, and its document is the one that was approved."""
    early = (
        select(Forsendelse.id)
        .join(Utsending, Utsending.id == Forsendelse.utsending_id)
        .where(
            Utsending.id.in_(utsending_ids),
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
            Forsendelse.utsending_id.in_(utsending_ids),
            own,
            Dokument.sha256.is_distinct_from(Utsendingsrad.brev_sha256),
        )
    )
    return [
        *breaches("I9", "FOR_FRIGIVELSE", early),
        *breaches("I9", "ANNET_DOKUMENT", other),
    ]


def approved_is_sent(utsending_ids: Sequence[UUID]) -> list[Brudd]:
    """I9: what lies in a mailing being sent has the digest that was approved. Reads every row of it."""
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
    """I10: every act of a person that moved a mailing, and every reading, stands in the audit log, sealed in time."""
    acts = session().execute(
        select(Utsendingshendelse.utsending_id, Utsendingshendelse.til, func.count())
        .where(
            Utsendingshendelse.utsending_id.in_(utsending_ids),
            Utsendingshendelse.til.in_([str(s) for s in ACTS]),
            Utsendingshendelse.aktor.not_like("system:%"),
        )
        .group_by(Utsendingshendelse.utsending_id, Utsendingshendelse.til)
    )
    audited = session().execute(
        select(Audit.objekt_id, Audit.handling, func.count())
        .where(
            Audit.objekt_type == "utsending",
            Audit.objekt_id.in_([str(u) for u in utsending_ids]),
            Audit.handling.in_(list(ACTS.values())),
            Audit.aktor.not_like("system:%"),
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
    return found + _unaudited_readings(utsending_ids) + _unsealed()


def _unaudited_readings(utsending_ids: Sequence[UUID]) -> list[Brudd]:
    read = session().scalars(
        select(Hendelse.forsendelse_id)
        .join(Forsendelse, Forsendelse.id == Hendelse.forsendelse_id)
        .where(
            Forsendelse.utsending_id.in_(utsending_ids),
            Hendelse.art == "FORSENDELSE",
            Hendelse.til == Status.LEST,
        )
    )
    wanted = {str(letter) for letter in read}
    logged = session().scalars(
        select(Audit.objekt_id).where(
            Audit.handling.in_(READINGS),
            Audit.objekt_type == "forsendelse",
            Audit.objekt_id.in_(wanted),
        )
    )
    return [Brudd("I10", "LESNING_UTEN_REVISJON", letter) for letter in sorted(wanted - set(logged))][
        :EXAMPLES
    ]


def _unsealed() -> list[Brudd]:
    late = (
        select(Audit.id)
        .outerjoin(AuditSegl, AuditSegl.audit_id == Audit.id)
        .where(AuditSegl.nr.is_(None), Audit.tid < func.now() - SEALED_WITHIN)
        .order_by(Audit.id.desc())
        .limit(EXAMPLES)
    )
    return [Brudd("I10", "UFORSEGLET", str(id)) for id in session().scalars(late)]


def chain_holds() -> list[Brudd]:
    """I10: the hash chain of the whole audit log verifies. Reads every row of it."""
    broken = audit.verify()
    return [] if broken is None else [Brudd("I10", "KJEDEN_BRUTT", str(broken))]


def check_minute() -> list[Brudd]:
    """Everything that can be asked each minute without the outside's log: I2-I6 and I9 of what is at work now."""
    under_way = at_work()
    found = [
        *letters.check_letters(letters.letters_at_work(under_way)),
        *(Brudd(*found) for found in printing.check()),
        *rows_add_up(under_way),
        *started_in_time(),
        *nothing_before_release(under_way),
    ]
    session().rollback()
    return found


def check_hour() -> list[Brudd]:
    """What reads more than a minute's check should: I9's digest and I10 of what is at work now."""
    under_way = at_work()
    found = [*approved_is_sent(under_way), *acts_are_audited(under_way)]
    session().rollback()
    return found


def check_night() -> list[Brudd]:
    """What reads every row there is: I10's chain."""
    found = chain_holds()
    session().rollback()
    return found


def check_all(utsending_ids: Sequence[UUID], log: Sequence[outside.Mottatt]) -> list[Brudd]:
    """All ten rules about mailings at rest, held against the outside's log (whole, of every channel)."""
    session().rollback()
    scope = letters.letters_of(utsending_ids)
    none = timedelta(0)
    return [
        *outside.exactly_once(scope, log),
        *letters.nothing_vanishes(scope),
        *rows_add_up(utsending_ids),
        *letters.nothing_dangles(scope, none),
        *letters.claimed_is_owned(scope, none),
        *letters.history_is_complete(scope),
        *letters.changes_are_legal(scope),
        *(Brudd(*found) for found in printing.check(none, scope)),
        *outside.ledger_before_effect(scope, log),
        *outside.nothing_after_stop(scope, log),
        *nothing_before_release(utsending_ids),
        *nothing_received_before_release(utsending_ids, log),
        *approved_is_sent(utsending_ids),
        *acts_are_audited(utsending_ids),
        *chain_holds(),
    ]

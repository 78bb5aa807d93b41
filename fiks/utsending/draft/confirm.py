"""Control of a list: accept proposed repairs, and confirm that the mailing is ready for its letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ScalarSelect, case, cast, column, func, select, true, update
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH, aggregate_order_by

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt
from fiks.konfigurasjon.rules import P
from fiks.utsending import access, earlier_mailings
from fiks.utsending.draft.service import IS_BAD, IS_UNREACHABLE
from fiks.utsending.editing.reopen import reopen
from fiks.utsending.editing.stale_form import (
    LETTER_CONTENT,
    Vist,
    changes_since,
    refuse_stale,
    require_current,
)
from fiks.utsending.filer.requirements import require_files
from fiks.utsending.jobs import queue
from fiks.utsending.letters.documents import missing_documents
from fiks.utsending.letters.inputs import require_municipality_number
from fiks.utsending.models import Opplasting, Utsending, Utsendingsrad
from fiks.utsending.rules import MADE_ELSEWHERE, SENDABLE, Art, Delart, Delstatus, Radstatus, Utsendingstatus
from fiks.utsending.transitions import lock_mailing, must_move

U = Utsendingstatus


def accept_repairs(
    utsending_id: UUID, koder: Sequence[str] | None, *, actor: Aktor, vist: str | None = None
) -> int:
    """Accept the proposed repairs of rows whose repairs are all of these codes (None: any); return rows.

    The row's values already hold the repairs, so only its status and findings change: to ADVARSEL or OK, or
    PARKERT when no channel can reach the receiver. `vist` is the form version of RADER. Errors (409):
    KAN_IKKE_ENDRES, VistEndret.
    """
    access.require(utsending_id, actor, P.SENDE)
    auto = func.jsonb_path_query_array(
        Utsendingsrad.funn, cast('$[*] ? (@.alvorlighet == "auto").kode', JSONPATH)
    )
    warned = func.jsonb_path_exists(
        Utsendingsrad.funn, cast('$[*] ? (@.alvorlighet == "advarsel")', JSONPATH)
    )
    with transaction() as tx:
        reopen(utsending_id, actor=actor)
        endret = changes_since(utsending_id, vist, Vist.RADER)
        condition = [Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.status == Radstatus.AUTO]
        if koder is not None:
            condition.append(auto.op("<@")(cast(list(koder), JSONB)))
        accepted = 0
        outcomes = (
            (IS_UNREACHABLE, Radstatus.PARKERT),
            (warned & ~IS_UNREACHABLE, Radstatus.ADVARSEL),
            (~warned, Radstatus.OK),
        )
        for has_warning, status in outcomes:
            rows = tx.scalars(
                update(Utsendingsrad)
                .where(*condition, has_warning)
                .values(status=status, funn=_findings_with_repairs_accepted())
                .returning(Utsendingsrad.radnr)
                .execution_options(synchronize_session=False)
            ).all()
            accepted += len(rows)
        if accepted:
            refuse_stale(endret)
        audit.record(actor, "REPARASJONER_GODTATT", "utsending", utsending_id, antall=accepted)
        return accepted


def _findings_with_repairs_accepted() -> ScalarSelect[list[object]]:
    """SQL: a row's findings in order, with proposed repairs marked `godtatt`."""
    item = (
        func.jsonb_array_elements(Utsendingsrad.funn)
        .table_valued(column("value", JSONB), with_ordinality="nr")
        .render_derived()
    )
    finding = item.c.value
    marked = case(
        (finding.contains({"alvorlighet": "auto"}), finding.op("||")(cast({"godtatt": True}, JSONB))),
        else_=finding,
    )
    return select(func.jsonb_agg(aggregate_order_by(marked, item.c.nr))).scalar_subquery()


def confirm_control(utsending_id: UUID, *, actor: Aktor, vist: str | None = None) -> None:
    """UTKAST -> KONTROLLERT: everything is there, and every necessary choice is made.

    `vist` is the form version of LETTER_CONTENT. Errors (409): VistEndret, LISTE_MANGLER, LISTE_LESES,
    DOKUMENT_MANGLER, DOKUMENT_KAN_IKKE_SENDES, MAL_MANGLER, MAL_KREVER_KOMMUNENR, BREVFILER_MANGLER,
    DOKUMENTER_KONTROLLERES, FILER_IKKE_KOBLET, UBRUKTE_FILER (antall), TILLEGGSLISTE_KAN_IKKE_BRUKES,
    KONTROLL_AVBRUTT, RADER_MED_FEIL (antall), SENDT_FOR (utsending, antall, utsendinger), INGEN_GODE_RADER.
    """
    access.require(utsending_id, actor, P.SENDE)
    with transaction():
        # Held: a list that is uploaded in another tab waits until this is done, and makes it a draft again.
        row = lock_mailing(utsending_id)
        require_current(utsending_id, vist, *LETTER_CONTENT)
        _require_content(row)
        counts = row_counts(utsending_id)
        if is_control_incomplete(row.antall_rader, queue.last_status(utsending_id, Delart.LES), counts):
            raise Konflikt("KONTROLL_AVBRUTT")
        good, bad = _require_rows(row, counts)
        earlier_mailings.require_reason_for_repeats(row)
        must_move(
            utsending_id,
            fra=(U.UTKAST,),
            til=U.KONTROLLERT,
            actor=actor,
            detaljer={"rader": good, "feil": bad},
        )


def is_control_incomplete(antall_rader: int, last: Delstatus | None, counts: Mapping[Radstatus, int]) -> bool:
    """Whether the last reading or control did not finish: a register was away, or the work was lost.

    The stored rows (`counts`) may then be only some of the mailing's `antall_rader`, or have been controlled
    before a later change.
    """
    return last == Delstatus.FEILET or antall_rader != sum(counts.values())


def _require_rows(row: Utsending, counts: Mapping[Radstatus, int]) -> tuple[int, int]:
    """(rows that can be sent, rows that cannot); a good row must exist and bad ones be chosen to be parked."""
    bad = counts.get(Radstatus.FEIL, 0) + counts.get(Radstatus.AUTO, 0)
    good = sum(counts.get(s, 0) for s in SENDABLE)
    if bad and not row.parker_feil:
        raise Konflikt("RADER_MED_FEIL", antall=bad)
    if not good:
        raise Konflikt("INGEN_GODE_RADER")
    return good, bad


def _require_content(row: Utsending) -> None:
    found = {o.art: o for o in session().scalars(select(Opplasting).where(Opplasting.utsending_id == row.id))}
    liste = found.get("LISTE")
    if row.antall_rader == 0 and liste is None:
        raise Konflikt("LISTE_MANGLER")
    if queue.is_busy(row.id, Delart.LES):
        raise Konflikt("LISTE_LESES")
    if liste is not None and liste.status != "LEST":
        raise Konflikt("LISTE_LESES" if liste.status in ("MOTTATT", "LESES") else "LISTE_MANGLER")
    if row.art == Art.FLETTEBREV:
        if row.malversjon_id is None:
            raise Konflikt("MAL_MANGLER")
        require_municipality_number(row)
        return
    extra = found.get("TILLEGGSLISTE")
    if extra is not None and extra.status != "LEST":
        raise Konflikt("TILLEGGSLISTE_KAN_IKKE_BRUKES")
    if row.art in MADE_ELSEWHERE:
        missing = missing_documents(row)
        if missing is not None:
            raise Konflikt(missing)
        if row.art == Art.ETT_DOKUMENT_PER_RAD:
            require_files(row.id)
        return
    document = found.get("DOKUMENT")
    if document is None or document.status in ("MOTTATT", "LESES"):
        raise Konflikt("DOKUMENT_MANGLER")
    if document.status == "FEILET":
        raise Konflikt("DOKUMENT_KAN_IKKE_SENDES")


@dataclass(frozen=True, slots=True)
class Utenfor:
    """Rows parked as bad (`til_side`), rows held out because no channel reaches the receiver (`unaabare`),
    and rows of such receivers that are sent by choice (`sendes_likevel`).
    """

    til_side: int
    unaabare: int
    sendes_likevel: int


def held_out_counts(utsending_id: UUID) -> Utenfor:
    """Counts of rows held out or let in by choice. A row both bad and unreachable counts as bad."""
    parked, sent = Utsendingsrad.status == Radstatus.PARKERT, Utsendingsrad.status == Radstatus.ADVARSEL
    kinds = (parked & IS_BAD, parked & IS_UNREACHABLE & ~IS_BAD, sent & IS_UNREACHABLE)
    counted = select(*(func.count().filter(kind) for kind in kinds))
    found = session().execute(counted.where(Utsendingsrad.utsending_id == utsending_id)).one()
    return Utenfor(*tuple(found))


def row_counts(utsending_id: UUID) -> dict[Radstatus, int]:
    """Number of rows by status."""
    return stated_and_counted_rows(utsending_id)[1]


def stated_and_counted_rows(utsending_id: UUID) -> tuple[int, dict[Radstatus, int]]:
    """(number of rows the mailing says it has, number of rows by status), read at one moment."""
    counted = (
        select(Utsendingsrad.status, func.count().label("antall"))
        .where(Utsendingsrad.utsending_id == utsending_id)
        .group_by(Utsendingsrad.status)
        .subquery()
    )
    found = session().execute(
        select(Utsending.antall_rader, counted.c.status, counted.c.antall)
        .outerjoin(counted, true())
        .where(Utsending.id == utsending_id)
    )
    rows = found.all()
    counts = {Radstatus(status): antall for _, status, antall in rows if status is not None}
    return (rows[0].antall_rader if rows else 0), counts

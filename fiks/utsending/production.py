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
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH

from fiks.core import audit
from fiks.core.actor import Aktor, system
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import FiksError, IkkeTilgang, Konflikt
from fiks.konfigurasjon.rules import P
from fiks.utsending import access, uploads, work
from fiks.utsending.approval import compute_digest
from fiks.utsending.brev import Brevkontekst, Brevmal
from fiks.utsending.drafts import reopen
from fiks.utsending.inputs import letter_inputs
from fiks.utsending.liste.findings import Funnkode
from fiks.utsending.models import Arbeidsdel, Opplasting, Utsending, Utsendingsrad
from fiks.utsending.rules import (
    RENDER_PORTION,
    SENDABLE,
    SENDABLE_NAMES,
    Art,
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


def accept_repairs(utsending_id: UUID, koder: Sequence[str] | None, *, actor: Aktor) -> int:
    """Accept the proposed repairs of every row whose repairs are all of these codes (None: of any). Returns rows.

    A row's values already hold the proposals, so accepting only changes its status, to ADVARSEL or OK.
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
        condition = [Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.status == Radstatus.AUTO]
        if koder is not None:
            condition.append(auto.op("<@")(cast(list(koder), JSONB)))
        accepted = 0
        unreachable = Utsendingsrad.funn.contains([{"kode": Funnkode.KAN_IKKE_NAAS}])
        outcomes = (
            (unreachable, Radstatus.PARKERT),
            (warned & ~unreachable, Radstatus.ADVARSEL),
            (~warned, Radstatus.OK),
        )
        for has_warning, status in outcomes:
            rows = tx.scalars(
                update(Utsendingsrad)
                .where(*condition, has_warning)
                .values(status=status)
                .returning(Utsendingsrad.radnr)
                .execution_options(synchronize_session=False)
            ).all()
            accepted += len(rows)
        audit.record(actor, "REPARASJONER_GODTATT", "utsending", utsending_id, antall=accepted)
        return accepted


def confirm_control(utsending_id: UUID, *, actor: Aktor) -> None:
    """UTKAST -> KONTROLLERT: everything is there, and every choice that is needed has been made.

    Errors (409): LISTE_MANGLER, LISTE_LESES, DOKUMENT_MANGLER, DOKUMENT_KAN_IKKE_SENDES, MAL_MANGLER,
    RADER_MED_FEIL (antall), SENDT_FOR (utsending or antall), INGEN_RADER.
    """
    row = access.require(utsending_id, actor, P.SENDE)
    _require_content(row)
    counts = row_counts(utsending_id)
    bad = counts.get(Radstatus.FEIL, 0) + counts.get(Radstatus.AUTO, 0)
    good = sum(counts.get(s, 0) for s in SENDABLE)
    if bad and not row.parker_feil:
        raise Konflikt("RADER_MED_FEIL", antall=bad)
    if not good:
        raise Konflikt("INGEN_RADER")
    same_list, repeated = uploads.sent_before(utsending_id, actor=actor)
    if (same_list or repeated) and row.overstyrt_grunn is None:
        raise Konflikt("SENDT_FOR", utsending=str(same_list) if same_list else None, antall=repeated)
    with transaction():
        must_move(
            utsending_id,
            fra=(U.UTKAST,),
            til=U.KONTROLLERT,
            actor=actor,
            detaljer={"rader": good, "feil": bad},
        )


def _require_content(row: Utsending) -> None:
    found = {o.art: o for o in session().scalars(select(Opplasting).where(Opplasting.utsending_id == row.id))}
    liste = found.get("LISTE")
    if row.antall_rader == 0 and liste is None:
        raise Konflikt("LISTE_MANGLER")
    if work.is_busy(row.id, Delart.LES):
        raise Konflikt("LISTE_LESES")
    if liste is not None and liste.status != "LEST":
        raise Konflikt("LISTE_LESES" if liste.status in ("MOTTATT", "LESES") else "LISTE_MANGLER")
    if row.art == Art.FLETTEBREV:
        if row.malversjon_id is None:
            raise Konflikt("MAL_MANGLER")
        return
    document = found.get("DOKUMENT")
    if document is None or document.status in ("MOTTATT", "LESES"):
        raise Konflikt("DOKUMENT_MANGLER")
    if document.status == "FEILET":
        raise Konflikt("DOKUMENT_KAN_IKKE_SENDES")


def row_counts(utsending_id: UUID) -> dict[Radstatus, int]:
    """How many rows there are of each status."""
    counted = session().execute(
        select(Utsendingsrad.status, func.count())
        .where(Utsendingsrad.utsending_id == utsending_id)
        .group_by(Utsendingsrad.status)
    )
    return {Radstatus(status): n for status, n in counted}


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
        tx.execute(
            update(Utsendingsrad)
            .where(Utsendingsrad.utsending_id == utsending_id)
            .values(brev_sha256=None, objekt=None, nokkel=None, fra=None, lengde=None, sider=None)
            .execution_options(synchronize_session=False)
        )
        tx.execute(
            delete(Arbeidsdel).where(Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == Delart.RENDER)
        )
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
        kept = work.finish_part(part)
        for radnr, kode, felt in refused if kept else ():
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
        if kept and places:
            tx.execute(update(Utsendingsrad), places)
    if (
        stored and not kept
    ):  # taken back and discarded, or another draws the range: nobody would ever find these
        env.store.delete(stored[0].objekt)


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

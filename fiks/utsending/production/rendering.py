"""Drawing a range of letters: render, compare a sample with WeasyPrint, store, publish together."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import BigInteger, Integer, LargeBinary, Text, UpdateBase, cast, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from fiks.core.db import delete_after_commit, session, transaction
from fiks.core.environment import current
from fiks.core.errors import FiksError, Utilgjengelig
from fiks.core.storage.segment import Segmentdel
from fiks.utsending.brev import Brevkontekst, Trykk
from fiks.utsending.brev.render_version import render_version
from fiks.utsending.jobs import queue
from fiks.utsending.jobs.queue import Del
from fiks.utsending.letters.inputs import Brevgrunnlag, letter_inputs
from fiks.utsending.letters.printer import Trykker
from fiks.utsending.models import Utsendingsrad
from fiks.utsending.production.service import handle_stamping_mismatch
from fiks.utsending.rules import SENDABLE_NAMES, Radstatus, checked_by_drawing
from fiks.utsending.sealed_values import approved_values

log = logging.getLogger(__name__)

_LETTER_COLUMNS = ("sider", "objekt", "fra", "lengde", "storrelse", "nokkel", "brev_sha256")


@dataclass(frozen=True, slots=True, repr=False)
class _Rad:
    """A row with the values and context that its letter is drawn from."""

    radnr: int
    verdier: dict[str, str]
    kontekst: Brevkontekst


def render_part(part: Del, printer: Trykker) -> None:
    """Draw, hash and store the letters of one range; all become visible in one transaction.

    A row whose letter cannot be made gets FEIL with the reason; the others are not affected. A missing
    resource (Utilgjengelig) is no row's fault: it is raised and the whole range waits. If a stamped letter
    differs from WeasyPrint's layout nothing is stored and production starts again.
    """
    common = letter_inputs(part.utsending_id)
    refused: list[tuple[int, FiksError]] = []
    rows = _rows(part, common, refused)
    letters: list[tuple[_Rad, Trykk]] = []
    for kontekst, group in groupby(rows, key=lambda row: row.kontekst):
        alike = list(group)
        drawn = printer.letters(common.mal, [row.verdier for row in alike], kontekst)
        for row, done in zip(alike, drawn, strict=True):
            if isinstance(done, Utilgjengelig):
                raise done
            if isinstance(done, FiksError):
                refused.append((row.radnr, done))
            else:
                letters.append((row, done))
    for row, done in _letters_to_check(part, letters):
        if done.avvik or not printer.looks_alike(common.mal, row.verdier, row.kontekst, done.pdf):
            handle_stamping_mismatch(part.utsending_id, row.radnr)
            return
    if refused:
        log.warning("letters_refused", extra={"antall": len(refused), "utsending": str(part.utsending_id)})
    _store_letters(
        part, [(row.radnr, done) for row, done in letters], refused, [common.digest, render_version()]
    )


def _rows(part: Del, common: Brevgrunnlag, refused: list[tuple[int, FiksError]]) -> list[_Rad]:
    """The sendable rows of the range; those whose values are not the approved ones go to `refused`."""
    columns = Utsendingsrad.radnr, Utsendingsrad.data_kryptert, Utsendingsrad.rad_hash, Utsendingsrad.skjermet
    found = (
        session()
        .execute(
            select(*columns)
            .where(
                Utsendingsrad.utsending_id == part.utsending_id,
                Utsendingsrad.radnr.between(part.fra, part.til),
                Utsendingsrad.status.in_(SENDABLE_NAMES),
            )
            .order_by(Utsendingsrad.radnr)
        )
        .all()
    )
    session().rollback()
    rows = []
    for row in found:
        try:
            values = approved_values(row.data_kryptert, row.rad_hash)
        except Utilgjengelig:
            raise
        except FiksError as error:
            refused.append((row.radnr, error))
            continue
        rows.append(_Rad(row.radnr, values, common.for_row(values, skjermet=row.skjermet)))
    return rows


def _letters_to_check(part: Del, letters: Sequence[tuple[_Rad, Trykk]]) -> Iterator[tuple[_Rad, Trykk]]:
    """Letters to compare with WeasyPrint: those known to differ, and a sample of the stamped ones."""
    yield from ((row, done) for row, done in letters if done.avvik)
    stamped = [(row, done) for row, done in letters if done.stemplet]
    for n, (row, done) in enumerate(stamped):
        digest = hashlib.sha256(f"{part.utsending_id}/{row.radnr}".encode()).digest()
        if checked_by_drawing(digest, nr=part.nr, first=n == 0, new_plan=done.ny):
            yield row, done


def _store_letters(
    part: Del,
    letters: Sequence[tuple[int, Trykk]],
    refused: Sequence[tuple[int, FiksError]],
    drawn_of: Sequence[str],
) -> None:
    """Store the letters and end the piece. `drawn_of`: digests of sender and renderer (`reason_to_redraw`)."""
    env = current()
    stored = env.store.put_segment([(done.hode, done.resten) for _, done in letters], env.keys)
    with transaction() as tx:
        if not queue.finish_piece(part, resultat=list(drawn_of)):
            delete_after_commit({piece.objekt for piece in stored})
            return
        for radnr, error in refused:
            finding = [{"kode": error.kode, "felt": error.felt, "alvorlighet": "feil", "kilde": "brev"}]
            tx.execute(
                update(Utsendingsrad)
                .where(Utsendingsrad.utsending_id == part.utsending_id, Utsendingsrad.radnr == radnr)
                .values(status=Radstatus.FEIL, funn=Utsendingsrad.funn.op("||")(cast(finding, JSONB)))
                .execution_options(synchronize_session=False)
            )
        if stored:
            tx.execute(_letter_update(part, letters, stored))


def _letter_update(
    part: Del, letters: Sequence[tuple[int, Trykk]], stored: Sequence[Segmentdel]
) -> UpdateBase:
    """One UPDATE that sets where each row's letter is stored."""
    new = (
        func.unnest(
            cast([radnr for radnr, _ in letters], ARRAY(Integer())),
            cast([done.sider for _, done in letters], ARRAY(Integer())),
            cast([piece.objekt for piece in stored], ARRAY(Text())),
            cast([piece.fra for piece in stored], ARRAY(BigInteger())),
            cast([piece.lengde for piece in stored], ARRAY(BigInteger())),
            cast([piece.storrelse for piece in stored], ARRAY(BigInteger())),
            cast([piece.nokkel for piece in stored], ARRAY(LargeBinary())),
            cast([piece.sha256 for piece in stored], ARRAY(LargeBinary())),
        )
        .table_valued("radnr", *_LETTER_COLUMNS, name="nye")
        .render_derived()
    )
    return (
        update(Utsendingsrad)
        .where(Utsendingsrad.utsending_id == part.utsending_id, Utsendingsrad.radnr == new.c.radnr)
        .values({name: new.c[name] for name in _LETTER_COLUMNS})
        .execution_options(synchronize_session=False)
    )

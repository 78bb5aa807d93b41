"""Worker: finds where each letter begins, then cuts, checks and stores ranges of letters.

A piece done twice gives the same letters, so a lost owner only means another claim; the search for first
pages resumes where it was. After the last range the letters are read, unless they have been and each result
matches its row.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update

from fiks.core.db import delete_after_commit, session, transaction
from fiks.core.environment import current
from fiks.core.errors import Konflikt
from fiks.core.storage.segment import Segmentdel
from fiks.pdf.cut import Brevsider, Storfil, Utklipp
from fiks.utsending.editing.reset import forget_rows
from fiks.utsending.file_models import Brevfil
from fiks.utsending.filer.workers.check import found_columns
from fiks.utsending.jobs import queue
from fiks.utsending.jobs.queue import Del
from fiks.utsending.jobs.upload_lock import lock_piece
from fiks.utsending.models import Arbeidsdel, Opplasting, Utsending
from fiks.utsending.rules import Delart
from fiks.utsending.samlet.analysis import boundaries
from fiks.utsending.samlet.analysis.boundaries import Brevomrade, Forstesider, add_textless_page_findings
from fiks.utsending.samlet.analysis.setup import Oppsett, from_wire
from fiks.utsending.samlet.letter_rows import (
    NO_FILE,
    document_name,
    is_all_cut,
    order_ranges,
    rows_match_letters,
)
from fiks.utsending.samlet.workers.open_file import open_file

log = logging.getLogger(__name__)
PAGES_PER_SEARCH = 400


@dataclass(frozen=True, slots=True)
class _Source:
    """Input of a piece of cutting."""

    objekt: str
    nokkel: bytes
    sider: int
    tittel: str
    tosidig: bool
    oppsett: Oppsett


def cut_part(part: Del) -> None:
    """Do one KUTT piece: the search for first pages if it has no range, else its range of letters."""
    source = _source(part.utsending_id)
    with open_file(source.objekt, source.nokkel) as fil:
        if part.fra is None:
            _find_letters(part, source, fil)
        else:
            _cut(part, source, fil)


def _source(utsending_id: UUID) -> _Source:
    row = (
        session()
        .execute(
            select(
                Opplasting.objekt,
                Opplasting.nokkel,
                Opplasting.sider,
                Utsending.tittel,
                Utsending.tosidig,
                Utsending.oppsett,
            )
            .join(Utsending, Utsending.id == Opplasting.utsending_id)
            .where(Opplasting.utsending_id == utsending_id, Opplasting.art == "SAMLET")
        )
        .one()
    )
    session().rollback()
    oppsett = from_wire(row.oppsett)
    assert row.objekt is not None and row.nokkel is not None and oppsett is not None
    return _Source(row.objekt, row.nokkel, row.sider or 0, row.tittel, row.tosidig, oppsett)


def _find_letters(part: Del, source: _Source, fil: Storfil) -> None:
    """Find the letters and order their cutting; if the file cannot be cut so, fail the piece with the reason."""
    try:
        if boundaries.is_cut_by_mark(source.oppsett):
            starts = _first_pages(part, source, fil)
            if starts is None:
                return
            letters = boundaries.letters_from_starts(starts, source.sider)
        else:
            letters = boundaries.equal_letters(source.sider, source.oppsett.sider or 0)
    except Konflikt as error:
        log.info("cut_refused", extra={"kode": error.kode, "utsending": str(part.utsending_id)})
        with transaction():
            queue.fail_piece(part, error.kode, [{"slag": "feil", **error.params}])
        return
    _order_ranges(part, source, letters)


def _first_pages(part: Del, source: _Source, fil: Storfil) -> list[int] | None:
    """Return the pages on which letters begin, saving progress. None if the piece is no longer ours.

    Raises Konflikt SIDE_KAN_IKKE_LESES (side) at the first unreadable page.
    """
    area = [boundaries.mark_area(source.oppsett)]
    found, done = _search_progress(part)
    mark = Forstesider(source.oppsett)
    for side, text in zip(found[-1:], fil.texts(found[-1:], area), strict=True):
        # What the letter that was under way says, so that only another is a change.
        mark.begins(boundaries.marked_lines(side, text))
    for start in range(done + 1, source.sider + 1, PAGES_PER_SEARCH):
        pages = range(start, min(start + PAGES_PER_SEARCH, source.sider + 1))
        texts = zip(pages, fil.texts(pages, area), strict=True)
        found += boundaries.first_pages(texts, mark)
        if not _save_progress(part, pages[-1], found):
            return None
    return found


def _search_progress(part: Del) -> tuple[list[int], int]:
    """Return (first pages found, pages searched) by an earlier owner."""
    noted = session().scalar(select(Arbeidsdel.resultat).where(Arbeidsdel.id == part.id)) or []
    session().rollback()
    found = next((note for note in noted if note.get("slag") == "forstesider"), None)
    return (list(found["funnet"]), int(found["lest"])) if found else ([], 0)


def _save_progress(part: Del, done: int, found: Sequence[int]) -> bool:
    note = {"slag": "forstesider", "lest": done, "funnet": list(found)}
    with transaction() as tx:
        if not queue.is_still_claimed(part):
            return False
        tx.execute(update(Arbeidsdel).where(Arbeidsdel.id == part.id).values(resultat=[note]))
        return True


def _order_ranges(part: Del, source: _Source, letters: Sequence[Brevomrade]) -> None:
    name = document_name(source.tittel)
    files = [
        {
            "id": uuid4(),
            "utsending_id": part.utsending_id,
            "nr": letter.nr,
            "vist_navn": name,
            **NO_FILE,
            "fra_side": letter.fra,
            "til_side": letter.til,
            "sider": letter.sider,
            "giroark": list(source.oppsett.giro.pages_of(letter.sider)),
            "opprettet_av": part.bestilt_av,
        }
        for letter in letters
    ]
    with transaction() as tx:
        if not lock_piece(part):
            return
        tx.execute(insert(Brevfil), files)
        pages = (letter.sider for letter in letters)
        order_ranges(part.utsending_id, pages, after=part.nr, bestilt_av=part.bestilt_av)
        queue.finish_piece(part, resultat=[])


def _cut(part: Del, source: _Source, fil: Storfil) -> None:
    """Cut, check and store one range of letters; visible in one transaction."""
    waiting = (
        session()
        .execute(
            select(Brevfil.id, Brevfil.fra_side, Brevfil.til_side, Brevfil.giroark)
            .where(
                Brevfil.utsending_id == part.utsending_id,
                Brevfil.nr.between(part.fra, part.til),
                Brevfil.status == "MOTTATT",
            )
            .order_by(Brevfil.nr)
        )
        .all()
    )
    session().rollback()
    wanted = [Brevsider(row.fra_side or 0, row.til_side or 0, tuple(row.giroark)) for row in waiting]
    marked = boundaries.is_cut_by_mark(source.oppsett)
    cut = list(
        add_textless_page_findings(
            list(fil.cut(wanted, source.tittel, tosidig=source.tosidig, ved_merke=marked))
        )
    )
    env = current()
    sent = [letter.pdf for letter in cut if letter.pdf is not None]
    stored = iter(env.store.put_segment(sent, env.keys))
    changes = [
        {"id": row.id, **_columns(letter, row.giroark, next(stored) if letter.pdf is not None else None)}
        for row, letter in zip(waiting, cut, strict=True)
    ]
    with transaction() as tx:
        if not lock_piece(part):
            delete_after_commit({change["objekt"] for change in changes if change["objekt"] is not None})
            return
        if changes:
            tx.execute(update(Brevfil), changes)
        queue.finish_piece(part)
        if is_all_cut(part.utsending_id) and not rows_match_letters(part.utsending_id):
            _order_reading(part)


def _order_reading(part: Del) -> None:
    """Order the letters to be read, in the present transaction.

    Rows of an earlier reading and all choices made on them are deleted now: none can be sent until read anew.
    """
    forget_rows(part.utsending_id)
    queue.order(part.utsending_id, Delart.LES, bestilt_av=part.bestilt_av)
    log.info("letters_to_be_read", extra={"utsending": str(part.utsending_id)})


def _columns(letter: Utklipp, giro: Sequence[int], piece: Segmentdel | None) -> dict[str, Any]:
    """Return the column values of a cut letter; an unsendable one has findings and no file."""
    found = found_columns(letter.kontroll, giro)
    return found | (NO_FILE if piece is None else asdict(piece))

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
from fiks.utsending import work
from fiks.utsending.file_models import Brevfil
from fiks.utsending.filer.checking import found_columns
from fiks.utsending.intake import forget_rows
from fiks.utsending.models import Arbeidsdel, Opplasting, Utsending
from fiks.utsending.rules import Delart
from fiks.utsending.samlet import bounds
from fiks.utsending.samlet.bounds import Brevomrade, Forstesider
from fiks.utsending.samlet.holder import open_file
from fiks.utsending.samlet.letters import NOWHERE, all_cut, document_name, order_ranges, rows_fit
from fiks.utsending.samlet.oppsett import Oppsett, from_wire
from fiks.utsending.samlet.silent import tell_of_silent
from fiks.utsending.taking import take_rows
from fiks.utsending.work import Del

log = logging.getLogger(__name__)
PAGES_A_LOOK = 400


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
            _plan(part, source, fil)
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


def _plan(part: Del, source: _Source, fil: Storfil) -> None:
    """Find the letters and order their cutting; if the file cannot be cut so, fail the piece with the reason."""
    try:
        if bounds.is_marked(source.oppsett):
            starts = _first_pages(part, source, fil)
            if starts is None:
                return
            letters = bounds.letters(starts, source.sider)
        else:
            letters = bounds.fixed(source.sider, source.oppsett.sider or 0)
    except Konflikt as error:
        log.info("cut_refused", extra={"kode": error.kode, "utsending": str(part.utsending_id)})
        with transaction():
            work.fail_part(part, error.kode, [{"slag": "feil", **error.params}])
        return
    _order_ranges(part, source, letters)


def _first_pages(part: Del, source: _Source, fil: Storfil) -> list[int] | None:
    """Return the pages on which letters begin, saving progress. None if the piece is no longer ours.

    Raises Konflikt SIDE_KAN_IKKE_LESES (side) at the first unreadable page.
    """
    area = [bounds.mark_area(source.oppsett)]
    found, done = _so_far(part)
    mark = Forstesider(source.oppsett)
    for side, text in zip(found[-1:], fil.texts(found[-1:], area), strict=True):
        # What the letter that was under way says, so that only another is a change.
        mark.begins(bounds.marked_lines(side, text))
    for start in range(done + 1, source.sider + 1, PAGES_A_LOOK):
        pages = range(start, min(start + PAGES_A_LOOK, source.sider + 1))
        texts = zip(pages, fil.texts(pages, area), strict=True)
        found += bounds.first_pages(texts, mark)
        if not _note(part, pages[-1], found):
            return None
    return found


def _so_far(part: Del) -> tuple[list[int], int]:
    """Return (first pages found, pages searched) by an earlier owner."""
    noted = session().scalar(select(Arbeidsdel.resultat).where(Arbeidsdel.id == part.id)) or []
    session().rollback()
    found = next((note for note in noted if note.get("slag") == "forstesider"), None)
    return (list(found["funnet"]), int(found["lest"])) if found else ([], 0)


def _note(part: Del, done: int, found: Sequence[int]) -> bool:
    note = {"slag": "forstesider", "lest": done, "funnet": list(found)}
    with transaction() as tx:
        if not work.still_ours(part):
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
            **NOWHERE,
            "fra_side": letter.fra,
            "til_side": letter.til,
            "sider": letter.sider,
            "giroark": list(source.oppsett.giro.pages_of(letter.sider)),
            "opprettet_av": part.bestilt_av,
        }
        for letter in letters
    ]
    with transaction() as tx:
        if not take_rows(part):
            return
        tx.execute(insert(Brevfil), files)
        pages = (letter.sider for letter in letters)
        order_ranges(part.utsending_id, pages, after=part.nr, bestilt_av=part.bestilt_av)
        work.finish_part(part, resultat=[])


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
    marked = bounds.is_marked(source.oppsett)
    cut = list(tell_of_silent(list(fil.cut(wanted, source.tittel, tosidig=source.tosidig, ved_merke=marked))))
    env = current()
    sent = [letter.pdf for letter in cut if letter.pdf is not None]
    stored = iter(env.store.put_segment(sent, env.keys))
    changes = [
        {"id": row.id, **_columns(letter, row.giroark, next(stored) if letter.pdf is not None else None)}
        for row, letter in zip(waiting, cut, strict=True)
    ]
    with transaction() as tx:
        if not take_rows(part):
            delete_after_commit({change["objekt"] for change in changes if change["objekt"] is not None})
            return
        if changes:
            tx.execute(update(Brevfil), changes)
        work.finish_part(part)
        if all_cut(part.utsending_id) and not rows_fit(part.utsending_id):
            _order_reading(part)


def _order_reading(part: Del) -> None:
    """Order the letters to be read, in the present transaction.

    Rows of an earlier reading and all choices made on them are deleted now: none can be sent until read anew.
    """
    forget_rows(part.utsending_id)
    work.order(part.utsending_id, Delart.LES, bestilt_av=part.bestilt_av)
    log.info("letters_to_be_read", extra={"utsending": str(part.utsending_id)})


def _columns(letter: Utklipp, giro: Sequence[int], piece: Segmentdel | None) -> dict[str, Any]:
    """Return the column values of a cut letter; an unsendable one has findings and no file."""
    found = found_columns(letter.kontroll, giro)
    return found | (NOWHERE if piece is None else asdict(piece))

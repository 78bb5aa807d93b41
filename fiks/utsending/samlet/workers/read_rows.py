"""Worker: reads the cut letters; each becomes a row, controlled like a row of a list.

Areas are read from the big file, so other areas need another reading but no other cut.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update

from fiks.core.db import session, transaction
from fiks.pdf.cut import Felttekst, Sidetekst, Storfil
from fiks.registeroppslag.port import Registerport
from fiks.svarinn.queries import organisations_with_system
from fiks.utsending.file_models import Brevfil, Radfil
from fiks.utsending.jobs.queue import Del
from fiks.utsending.jobs.stored_upload import decrypted_upload
from fiks.utsending.jobs.upload_lock import lock_upload
from fiks.utsending.liste.control.pipeline import control_rows
from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode, ListeFeil, Rad
from fiks.utsending.liste.rules.controlled_row import Kontrollert
from fiks.utsending.models import Opplasting, Utsending, Utsendingsrad
from fiks.utsending.rows import portions, storage
from fiks.utsending.rules import Art, list_digest
from fiks.utsending.samlet.analysis import lookup_list, text_quality
from fiks.utsending.samlet.analysis.area_reader import Lesing, merge_findings, read_letter
from fiks.utsending.samlet.analysis.boundaries import Brevomrade
from fiks.utsending.samlet.analysis.lookup_list import Tillegg
from fiks.utsending.samlet.analysis.other_receiver import (
    Andresider,
    OtherReceiverCheck,
    check_next_letter,
    watched_areas,
)
from fiks.utsending.samlet.analysis.setup import Feltnavn, Oppsett, from_wire
from fiks.utsending.samlet.letter_rows import is_all_cut
from fiks.utsending.samlet.workers.open_file import open_file

log = logging.getLogger(__name__)
BATCH_LETTERS = 100


@dataclass(frozen=True, slots=True)
class _Letter:
    """A cut letter. `sendes`: it has a file that can be sent."""

    id: UUID
    omrade: Brevomrade
    sendes: bool


def read_letters(part: Del, register: Registerport, patience: float) -> bool:
    """Read every letter and store its row; return False if the mailing has no big PDF.

    Nothing is read before all letters are cut. Raises KanalFeil from registers.
    """
    mailing = session().execute(
        select(Utsending.art, Utsending.oppsett).where(Utsending.id == part.utsending_id)
    )
    art, wire = mailing.one()
    upload = _upload(part.utsending_id, "SAMLET")
    ready = upload is not None and upload.status == "LEST" and is_all_cut(part.utsending_id)
    place = (upload.id, upload.objekt, upload.nokkel) if upload is not None and ready else None
    session().rollback()
    oppsett = from_wire(wire)
    if art != Art.EN_STOR_PDF:
        return False
    if place is None or oppsett is None or not _begin(part, place[0]):
        return True
    upload_id, objekt, nokkel = place
    assert objekt is not None and nokkel is not None
    letters = _letters(part.utsending_id)
    with open_file(objekt, nokkel) as fil:
        tillegg = _load_lookup_list(part, fil, letters, oppsett)
        told = partial(_save_progress, part, upload_id)
        _store(part, upload_id, letters, _read(fil, letters, oppsett, tillegg, told), register, patience)
    return True


def _upload(utsending_id: UUID, art: str) -> Opplasting | None:
    chosen = select(Opplasting).where(Opplasting.utsending_id == utsending_id, Opplasting.art == art)
    return session().scalars(chosen.execution_options(populate_existing=True)).one_or_none()


def _begin(part: Del, upload_id: UUID) -> bool:
    """Delete the rows of an earlier reading; return False if the piece is no longer ours."""
    with transaction() as tx:
        if not lock_upload(part, upload_id):
            return False
        tx.execute(update(Opplasting).where(Opplasting.id == upload_id).values(lest_til=0))
        tx.execute(delete(Utsendingsrad).where(Utsendingsrad.utsending_id == part.utsending_id))
        return True


def _letters(utsending_id: UUID) -> list[_Letter]:
    found = session().execute(
        select(Brevfil.id, Brevfil.nr, Brevfil.fra_side, Brevfil.til_side, Brevfil.status)
        .where(Brevfil.utsending_id == utsending_id)
        .order_by(Brevfil.nr)
    )
    letters = [
        _Letter(row[0], Brevomrade(row[1], row[2] or 0, row[3] or 0), row[4] == "LEST") for row in found
    ]
    session().rollback()
    return letters


def _save_progress(part: Del, upload_id: UUID, antall: int) -> None:
    """Save how many letters have been read; the first row may be stored only after the last letter is read."""
    with transaction() as tx:
        if lock_upload(part, upload_id):
            tx.execute(update(Opplasting).where(Opplasting.id == upload_id).values(lest_til=antall))


def _read(
    fil: Storfil,
    letters: Sequence[_Letter],
    oppsett: Oppsett,
    tillegg: Tillegg | None,
    told: Callable[[int], None],
) -> Iterator[Lesing]:
    """Yield every letter, with findings from its other pages and from the next letter.

    `told` is called with the number of letters read.
    """
    pages = chain.from_iterable(_batches(fil, letters, oppsett, tillegg, told))
    judged = OtherReceiverCheck(partial(_number_by, tillegg)).judge(pages)
    for letter, lesing in zip(letters, check_next_letter(judged, oppsett), strict=True):
        yield lesing if letter.sendes else _with_unsendable_finding(lesing)


def _number_by(tillegg: Tillegg | None, key: str) -> str:
    """Return the extra list's number for this key, if unambiguous; else the empty string."""
    if tillegg is None:
        return ""
    values = tillegg.add_to(Lesing(Rad(0, 0, {}), (), key)).rad.verdier
    return values.get("fnr") or values.get("orgnr") or ""


def _batches(
    fil: Storfil,
    letters: Sequence[_Letter],
    oppsett: Oppsett,
    tillegg: Tillegg | None,
    told: Callable[[int], None],
) -> Iterator[list[tuple[Lesing, Andresider]]]:
    for start in range(0, len(letters), BATCH_LETTERS):
        batch = _batch(fil, letters[start : start + BATCH_LETTERS], oppsett, tillegg)
        told(start + len(batch))
        yield batch


def _batch(
    fil: Storfil, batch: Sequence[_Letter], oppsett: Oppsett, tillegg: Tillegg | None
) -> list[tuple[Lesing, Andresider]]:
    texts, others = _texts(fil, batch, oppsett), _other_pages(fil, batch, oppsett)
    read = [read_letter(letter.omrade, texts[letter.omrade.nr], oppsett) for letter in batch]
    numbered = map(tillegg.add_to, read) if tillegg is not None else read
    return [(lesing, others[lesing.rad.rad]) for lesing in numbered]


def _texts(fil: Storfil, batch: Sequence[_Letter], oppsett: Oppsett) -> Mapping[int, Mapping[int, Sidetekst]]:
    """Return, by letter number, the text of its pages with areas."""
    found: dict[int, dict[int, Sidetekst]] = defaultdict(dict)
    for side in sorted({omrade.side for omrade in oppsett.read}):
        areas = [omrade.rektangel for omrade in oppsett.read if omrade.side == side]
        having = [letter.omrade for letter in batch if side <= letter.omrade.sider]
        texts = fil.texts([brev.fra + side - 1 for brev in having], areas)
        for brev, text in zip(having, texts, strict=True):
            found[brev.nr][side] = text
    return found


def _other_pages(fil: Storfil, batch: Sequence[_Letter], oppsett: Oppsett) -> Mapping[int, Andresider]:
    """Return, by letter number, the text at the receiver's areas on its other pages."""
    found: dict[int, dict[int, Mapping[Feltnavn, Felttekst] | None]] = defaultdict(dict)
    for side in sorted({omrade.side for omrade in oppsett.read}):
        areas = watched_areas(oppsett, side)
        pages = [(a.omrade, nr) for a in batch for nr in range(1, a.omrade.sider + 1) if areas and nr != side]
        texts = fil.texts([brev.fra + nr - 1 for brev, nr in pages], [area.rektangel for area in areas])
        for (brev, nr), text in zip(pages, texts, strict=True):
            before = found[brev.nr].get(nr, {})
            read = {area.felt: lines for area, lines in zip(areas, text.felter, strict=True)}
            found[brev.nr][nr] = None if before is None or text.ulest else {**before, **read}
    return found


def _with_unsendable_finding(lesing: Lesing) -> Lesing:
    rad = lesing.rad
    found = Funn(rad.rad, rad.linje, None, Funnkode.BREV_KAN_IKKE_SENDES, Alvorlighet.FEIL)
    return replace(lesing, funn=(found, *lesing.funn))


def _load_lookup_list(
    part: Del, fil: Storfil, letters: Sequence[_Letter], oppsett: Oppsett
) -> Tillegg | None:
    """Load the extra list by its key column; refuse an unusable one with the reason."""
    upload = _upload(part.utsending_id, "TILLEGGSLISTE")
    if upload is None or upload.objekt is None or upload.nokkel is None or upload.status == "FEILET":
        session().rollback()
        return None
    upload_id, objekt, nokkel, filnavn = upload.id, upload.objekt, upload.nokkel, upload.filnavn
    session().rollback()
    sample = letters[: lookup_list.SAMPLE] if oppsett.area(Feltnavn.NOKKEL) is not None else []
    texts = _texts(fil, sample, oppsett)
    keys = [read_letter(a.omrade, texts[a.omrade.nr], oppsett).nokkel for a in sample]
    found: Tillegg | None = None
    values: dict[str, Any]
    try:
        with decrypted_upload(objekt, nokkel) as path:
            found = lookup_list.load_list(path, filnavn, keys)
        values = {"status": "LEST", "kobling": {"nokkel": found.kolonne}, "feilkode": None}
    except ListeFeil as error:
        values = {"status": "FEILET", "kobling": {}, "feilkode": error.kode}
    with transaction() as tx:
        if lock_upload(part, upload_id):
            tx.execute(update(Opplasting).where(Opplasting.id == upload_id).values(**values))
    return found


class _Tally:
    """Running totals of the stored rows."""

    def __init__(self) -> None:
        self.antall = self.norske = self.med_aeoa = 0
        self._hashes = bytearray()

    def add(self, said: Sequence[Kontrollert], stored: Sequence[Mapping[str, Any]]) -> None:
        self.antall += len(stored)
        self._hashes += b"".join(row["rad_hash"] for row in stored)
        self.norske += sum(not row.verdier.get("land") and bool(row.verdier.get("postnr")) for row in said)
        self.med_aeoa += sum(text_quality.has_northern(row.verdier.values()) for row in said)

    @property
    def digest(self) -> bytes:
        return list_digest([bytes(self._hashes)])

    @property
    def uten_aeoa(self) -> bool:
        """Whether there are many Norwegian addresses and none has æ, ø or å."""
        return self.norske >= text_quality.LEAST_LETTERS and not self.med_aeoa


def _store(
    part: Del,
    upload_id: UUID,
    letters: Sequence[_Letter],
    read: Iterator[Lesing],
    register: Registerport,
    patience: float,
) -> None:
    """Control the letters' rows and store them portion by portion, each with its link to the letter."""
    konto, kun_digital = portions.control_options(part.utsending_id)
    tally, kept = _Tally(), dict[int, Lesing]()
    files = {letter.omrade.nr: letter.id for letter in letters if letter.sendes}
    lines = _as_rows(read, kept)
    for portion in control_rows(lines, register, kun_digital, patience, systems=organisations_with_system):
        said = [replace(row, funn=merge_findings(kept.pop(row.rad.rad), row.funn)) for row in portion.rader]
        stored = list(portions.stored_portion(part.utsending_id, said, portion, konto, kun_digital))
        links = [
            {"utsending_id": part.utsending_id, "radnr": n, "nr": 1, "brevfil_id": files[n]}
            for n in (row["radnr"] for row in stored)
            if n in files
        ]
        tally.add(said, stored)
        with transaction() as tx:
            if not lock_upload(part, upload_id):
                return
            storage.copy_in(tx, stored)
            if links:
                tx.execute(insert(Radfil), links)
    _record_totals(part, upload_id, tally, len(letters))


def _as_rows(read: Iterator[Lesing], kept: dict[int, Lesing]) -> Iterator[Rad]:
    """Yield the letters as list rows; `kept` holds the rest of what was read while they are controlled."""
    for lesing in read:
        kept[lesing.rad.rad] = lesing
        yield lesing.rad


def _record_totals(part: Del, upload_id: UUID, tally: _Tally, wanted: int) -> None:
    """Record the number of rows; they must be exactly the letters, or the reading fails."""
    with transaction() as tx:
        if not lock_upload(part, upload_id):
            return
        of_this = Utsendingsrad.utsending_id == part.utsending_id
        stored = tx.execute(select(func.count()).where(of_this)).scalar_one()
        if not stored == tally.antall == wanted:
            raise RuntimeError("rows of letters are missing")
        upload = tx.get_one(Opplasting, upload_id, with_for_update=True)
        upload.antall = stored
        upload.form = upload.form | {"uten_aeoa": tally.uten_aeoa}
        tx.execute(
            update(Utsending)
            .where(Utsending.id == part.utsending_id)
            .values(antall_rader=stored, liste_digest=tally.digest)
        )

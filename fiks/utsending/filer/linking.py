"""Links rows to the mailing's files while the list is read, and tracks when that must be redone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Text, cast, delete, insert, select, update
from sqlalchemy.dialects.postgresql import JSONB

from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt
from fiks.core.values.identifiers import mask_numbers
from fiks.utsending.editing.reset import order_reading_again
from fiks.utsending.file_models import Brevfil, Radfil
from fiks.utsending.filer.check_jobs import forget_checks, reorder_checks
from fiks.utsending.filer.matching import FIELD, Brukere, Filer, Kjentfil, Radfiler
from fiks.utsending.filer.storage import name_index
from fiks.utsending.jobs import queue
from fiks.utsending.liste.control.duplicates import receiver_hash
from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode, funn
from fiks.utsending.liste.rules.controlled_row import Kontrollert
from fiks.utsending.models import Arbeidsdel, Opplasting, Utsending, Utsendingsrad
from fiks.utsending.rules import SENDABLE_NAMES, Art, Delart, Radstatus

LINKS_STALE = "filer_endret"
"""Flag in the mailing's `oppsett` from a change of its files until the list has been linked again."""

SHARED_FLAG = "delt"
"""Flag in the `form` of a file that two different receivers would get."""


class Knytter:
    """Links portions of controlled rows to the files present at its creation, and records who gets which
    file.

    Without any file it reports nothing: the files may come after the list.
    """

    def __init__(self, utsending_id: UUID) -> None:
        self.utsending_id = utsending_id
        self._files = Filer(_known_files(utsending_id), name_index)
        self._users = Brukere()
        self._links: dict[int, tuple[Kjentfil, ...]] = {}

    def check(self, rows: Sequence[Kontrollert]) -> list[Kontrollert]:
        """Return the rows with findings about their files and their own title."""
        return [self._row(row) for row in rows]

    def _row(self, row: Kontrollert) -> Kontrollert:
        if row.rad.forskjovet is not None:
            return row
        found = [*row.funn, *_title_fault(row)]
        if self._files:
            named = self._files.of_row(row.rad, row.rad.verdier.get(FIELD, ""))
            found += named.funn
            self._note(row, named)
        return replace(row, funn=tuple(found))

    def _note(self, row: Kontrollert, named: Radfiler) -> None:
        self._links[row.rad.rad] = named.filer
        self._users.note(named.filer, receiver_hash(row.verdier))

    def write_links(self, radnr: Iterable[int]) -> None:
        """Write which files these rows send, in the present transaction; the rows exist already."""
        numbers = list(radnr)
        tx = session()
        tx.execute(delete(Radfil).where(Radfil.utsending_id == self.utsending_id, Radfil.radnr.in_(numbers)))
        links = [
            {"utsending_id": self.utsending_id, "radnr": n, "nr": nr, "brevfil_id": fil.id}
            for n in numbers
            for nr, fil in enumerate(self._links.pop(n, ()), 1)
        ]
        if links:
            tx.execute(insert(Radfil), links)

    def finish(self) -> None:
        """After all rows: make rows that share a file with another receiver's errors, in this transaction."""
        tx = session()
        finding = {"kode": Funnkode.FIL_FLERE_MOTTAKERE, "felt": FIELD, "alvorlighet": Alvorlighet.FEIL}
        shared = list(self._users.delte)
        for start in range(0, len(shared), 1_000):
            rows = select(Radfil.radnr).where(
                Radfil.utsending_id == self.utsending_id, Radfil.brevfil_id.in_(shared[start : start + 1_000])
            )
            tx.execute(
                update(Utsendingsrad)
                .where(
                    Utsendingsrad.utsending_id == self.utsending_id,
                    Utsendingsrad.radnr.in_(rows),
                    ~Utsendingsrad.funn.contains([{"kode": Funnkode.FIL_FLERE_MOTTAKERE}]),
                )
                .values(status=Radstatus.FEIL, funn=Utsendingsrad.funn.op("||")(cast([finding], JSONB)))
                .execution_options(synchronize_session=False)
            )
        _mark_shared(self.utsending_id, shared)
        tx.execute(
            update(Utsending)
            .where(Utsending.id == self.utsending_id)
            .values(oppsett=Utsending.oppsett.op("-")(cast(LINKS_STALE, Text())))
            .execution_options(synchronize_session=False)
        )


def _mark_shared(utsending_id: UUID, shared: Sequence[UUID]) -> None:
    """Set or clear each file's flag that two different receivers would get it."""
    here, marked = Brevfil.utsending_id == utsending_id, Brevfil.form.has_key(SHARED_FLAG)
    for condition, form in (
        (here & marked, Brevfil.form.op("-")(cast(SHARED_FLAG, Text()))),
        (here & Brevfil.id.in_(shared), Brevfil.form.op("||")(cast({SHARED_FLAG: True}, JSONB))),
    ):
        session().execute(
            update(Brevfil).where(condition).values(form=form).execution_options(synchronize_session=False)
        )


def knytter(utsending_id: UUID) -> Knytter | None:
    """Return the linker for this mailing; None for a way of sending whose rows name no files."""
    with transaction() as tx:
        art = tx.execute(select(Utsending.art).where(Utsending.id == utsending_id)).scalar_one_or_none()
        return Knytter(utsending_id) if art == Art.ETT_DOKUMENT_PER_RAD else None


def _known_files(utsending_id: UUID) -> list[Kjentfil]:
    columns = (Brevfil.id, Brevfil.navn_indeks, Brevfil.navnelikhet, Brevfil.storrelse, Brevfil.status)
    found = session().execute(select(*columns).where(Brevfil.utsending_id == utsending_id))
    return [Kjentfil(i, indeks, likhet, size, status == "LEST") for i, indeks, likhet, size, status in found]


def _title_fault(row: Kontrollert) -> list[Funn]:
    """Refuse a personal number in the row's own title: it is shown in inbox and notification."""
    title = row.verdier.get("tittel", "")
    if mask_numbers(title) == title:
        return []
    return [funn(row.rad, "tittel", Funnkode.TITTEL_PERSONNUMMER, Alvorlighet.FEIL)]


def mark_links_stale(utsending_id: UUID) -> None:
    """Mark the links stale after a change of files: stop a reading under way and reset the list to unread.

    In the present transaction.
    """
    tx = session()
    mark = Utsending.oppsett.op("||")(cast({LINKS_STALE: True}, JSONB))
    tx.execute(
        update(Utsending)
        .where(Utsending.id == utsending_id)
        .values(oppsett=mark)
        .execution_options(synchronize_session=False)
    )
    tx.execute(
        delete(Arbeidsdel).where(Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == Delart.LES)
    )
    tx.execute(
        update(Opplasting)
        .where(
            Opplasting.utsending_id == utsending_id,
            Opplasting.art == "LISTE",
            Opplasting.status == "LEST",
        )
        .values(status="MOTTATT", lest_til=0)
    )


def relink_if_stale(utsending_id: UUID, bestilt_av: UUID | None) -> None:
    """If links are stale, order the list to be read again once all files are checked. In the present
    transaction.
    """
    if links_are_stale(utsending_id):
        order_reading_again(utsending_id, bestilt_av)


def recheck_files(utsending_id: UUID, bestilt_av: UUID | None) -> None:
    """Order every file to be checked anew, and the list to be linked afterwards. In the present transaction."""
    forget_checks(utsending_id)
    reorder_checks(utsending_id, bestilt_av)
    mark_links_stale(utsending_id)
    relink_if_stale(utsending_id, bestilt_av)


def links_are_stale(utsending_id: UUID) -> bool:
    """Return whether the files have changed since the list was linked to them."""
    marked = select(Utsending.oppsett.has_key(LINKS_STALE)).where(Utsending.id == utsending_id)
    return bool(session().execute(marked).scalar_one())


def require_linked(utsending_id: UUID) -> None:
    """Raise Konflikt FILER_IKKE_KOBLET unless every row's files and every file's rows are known."""
    unread = select(Opplasting.id).where(
        Opplasting.utsending_id == utsending_id, Opplasting.art == "LISTE", Opplasting.status != "LEST"
    )
    unfit = (
        select(Radfil.radnr)
        .join(Brevfil, Brevfil.id == Radfil.brevfil_id)
        .join(
            Utsendingsrad,
            (Utsendingsrad.utsending_id == Radfil.utsending_id) & (Utsendingsrad.radnr == Radfil.radnr),
        )
        .where(
            Radfil.utsending_id == utsending_id,
            Brevfil.status != "LEST",
            Utsendingsrad.status.in_(SENDABLE_NAMES),
        )
    )
    busy = queue.is_busy(utsending_id, Delart.LES)
    if (
        busy
        or links_are_stale(utsending_id)
        or session().execute(select(unread.exists() | unfit.exists())).scalar_one()
    ):
        raise Konflikt("FILER_IKKE_KOBLET")

"""A mailing's files as rows: encrypted names and their index, adding, replacing and deleting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, delete, func, insert, select, update

from fiks.core.crypto import encryption
from fiks.core.db import delete_after_commit, session
from fiks.core.environment import current
from fiks.core.storage.segment import Segmentdel
from fiks.core.storage.store import Lagret
from fiks.svarut.letters import Dokumentref, read_checked
from fiks.utsending.file_models import Brevfil
from fiks.utsending.filer.errors import MAX_FILES, MAX_TOTAL_BYTES, MIB, Filavslag, FilFeil
from fiks.utsending.filer.matching import display_name, fold
from fiks.utsending.letters.documents import NAME_AAD, PDF
from fiks.utsending.stored_objects import unused_objects

LOOKED_UP = 1_000
_PLACE = ("objekt", "fra", "lengde", "nokkel")


@dataclass(frozen=True, slots=True, repr=False)
class Nyfil:
    """A file in the object store that has no row yet. No repr: its name may hold a personal number."""

    navn: str
    lagret: Lagret | Segmentdel

    def columns(self) -> dict[str, Any]:
        """Return the column values for its place and content; unchecked."""
        piece = self.lagret
        fra, lengde = (piece.fra, piece.lengde) if isinstance(piece, Segmentdel) else (None, None)
        return {
            "storrelse": piece.storrelse,
            "sha256": piece.sha256,
            "objekt": piece.objekt,
            "fra": fra,
            "lengde": lengde,
            "nokkel": piece.nokkel,
            "status": "MOTTATT",
            "feilkode": None,
            "sider": None,
            "giroark": [],
            "funn": [],
        }


def name_index(name: str) -> bytes:
    """Return the keyed hash by which a file is found from its name or case-folded name."""
    return encryption.blind_index(current().index_key, "brevfil", name)


def add_or_replace_files(utsending_id: UUID, filer: Sequence[Nyfil], opprettet_av: UUID | None) -> list[int]:
    """Write stored files as rows, in the present transaction, which locks the mailing.

    A file replaces one of the same name. Returns the numbers of files to check; an unchanged file needs no
    check. No two of `filer` have the same name. Raises `FilFeil` FILER_FOR_MANGE or FILER_FOR_STORE; then
    nothing is written.
    """
    present = _files_by_name(utsending_id, [name_index(fil.navn) for fil in filer])
    highest = session().scalar(select(func.max(Brevfil.nr)).where(Brevfil.utsending_id == utsending_id)) or 0
    new: list[dict[str, Any]] = []
    numbers: list[int] = []
    dropped: list[str | None] = []
    for fil in filer:
        there = present.get(name_index(fil.navn))
        if there is None:
            highest += 1
            new.append(_row(utsending_id, highest, fil, opprettet_av))
            numbers.append(highest)
        elif there.sha256 == fil.lagret.sha256 and there.status != "FEILET":
            dropped.append(fil.lagret.objekt)
        else:
            session().execute(update(Brevfil).where(Brevfil.id == there.id).values(**fil.columns()))
            numbers.append(there.nr)
            dropped.append(there.objekt)
    if new:
        session().execute(insert(Brevfil), new)
    _check_limits(utsending_id)
    delete_after_commit(unused_objects(dropped, of=utsending_id))
    return numbers


def _files_by_name(
    utsending_id: UUID, indexes: Sequence[bytes]
) -> dict[bytes | None, Row[UUID, int, bytes | None, bytes, str, str | None]]:
    """Return existing files with these names, by name index."""
    found: dict[bytes | None, Row[UUID, int, bytes | None, bytes, str, str | None]] = {}
    for start in range(0, len(indexes), LOOKED_UP):
        portion = indexes[start : start + LOOKED_UP]
        columns = (
            Brevfil.id,
            Brevfil.nr,
            Brevfil.navn_indeks,
            Brevfil.sha256,
            Brevfil.status,
            Brevfil.objekt,
        )
        rows = session().execute(
            select(*columns).where(Brevfil.utsending_id == utsending_id, Brevfil.navn_indeks.in_(portion))
        )
        found.update({row.navn_indeks: row for row in rows})
    return found


def _row(utsending_id: UUID, nr: int, fil: Nyfil, opprettet_av: UUID | None) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "utsending_id": utsending_id,
        "nr": nr,
        "navn_kryptert": encryption.encrypt_value(current().keys, fil.navn.encode(), NAME_AAD),
        "navn_indeks": name_index(fil.navn),
        "navnelikhet": name_index(fold(fil.navn)),
        "vist_navn": display_name(fil.navn),
        "opprettet_av": opprettet_av,
        **fil.columns(),
    }


def _check_limits(utsending_id: UUID) -> None:
    count, size = (
        session()
        .execute(
            select(
                func.count(),
                func.coalesce(func.sum(Brevfil.storrelse).filter(Brevfil.objekt.is_not(None)), 0),
            ).where(Brevfil.utsending_id == utsending_id)
        )
        .one()
    )
    if count > MAX_FILES:
        raise FilFeil(Filavslag.FILER_FOR_MANGE, grense=MAX_FILES)
    if size > MAX_TOTAL_BYTES:
        raise FilFeil(Filavslag.FILER_FOR_STORE, maks_mb=MAX_TOTAL_BYTES // MIB)


def delete_files(utsending_id: UUID, ids: Iterable[UUID]) -> int:
    """Delete these files of a mailing in the present transaction, and their objects after commit; return how
    many.
    """
    objects = session().scalars(
        delete(Brevfil)
        .where(Brevfil.utsending_id == utsending_id, Brevfil.id.in_(list(ids)))
        .returning(Brevfil.objekt)
        .execution_options(synchronize_session=False)
    )
    gone = list(objects)
    delete_after_commit(unused_objects(gone, of=utsending_id))
    return len(gone)


def content_of(fil: Brevfil) -> bytes:
    """Return the file's bytes, verified against the stored hash. Raises what `read_checked` raises."""
    return read_checked(
        Dokumentref(
            nr=1,
            filnavn="",
            mime_type=PDF,
            storrelse=fil.storrelse,
            sha256=fil.sha256,
            objekt=fil.objekt,
            fra=fil.fra,
            lengde=fil.lengde,
            nokkel=fil.nokkel,
            sider=0,
            giroark=(),
        )
    )


NO_CONTENT: dict[str, object] = dict.fromkeys(_PLACE, None)
"""Column values of a file whose content is not kept."""

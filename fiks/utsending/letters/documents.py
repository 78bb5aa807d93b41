"""Documents that follow a row's own letter, shared by all or the row's own, and their hashes.

Flettebrev has none: the letter is the whole. In the other ways the row's letter is its cover sheet, document
0, and the documents are numbered from 1 (ADR 0007, ADR 0020).
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, ScalarSelect, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute

from fiks.core.db import session
from fiks.svarut.letters import Dokumentref
from fiks.utsending.file_models import Brevfil, Radfil
from fiks.utsending.jobs import queue
from fiks.utsending.models import Opplasting, Utsending, Utsendingsrad
from fiks.utsending.rules import MADE_ELSEWHERE, ON_FILES, Art

NAME_AAD = "brevfil.navn"
PDF = "application/pdf"
NAMELESS = "brev.pdf"
"""File name of a document that has none, or whose name must not be shown."""
MAX_NAME = 96
"""Longest file name of a document (svarut.md 1.4)."""


def documents_of(mailing: Utsending, radnr: Sequence[int]) -> Mapping[int, tuple[Dokumentref, ...]]:
    """The documents of these rows, in order, by row number; a row without documents has an empty tuple.

    A protected receiver's own files get a neutral name, since a chosen name may reveal the address. Letters
    cut from the big PDF are named after the mailing.
    """
    if mailing.art == Art.FLETTEBREV:
        return dict.fromkeys(radnr, ())
    if mailing.art == Art.SAMME_DOKUMENT:
        return dict.fromkeys(radnr, (_shared(mailing.id),))
    named = session().execute(
        select(Radfil.radnr, Brevfil, Utsendingsrad.skjermet)
        .select_from(Radfil)
        .join(Brevfil, Brevfil.id == Radfil.brevfil_id)
        .join(
            Utsendingsrad,
            (Utsendingsrad.utsending_id == Radfil.utsending_id) & (Utsendingsrad.radnr == Radfil.radnr),
        )
        .where(Radfil.utsending_id == mailing.id, Radfil.radnr.in_(radnr))
        .order_by(Radfil.radnr, Radfil.nr)
    )
    own: dict[int, list[tuple[Brevfil, str]]] = {n: [] for n in radnr}
    for n, file, protected in named:
        hidden = protected and mailing.art == Art.ETT_DOKUMENT_PER_RAD
        own[n].append((file, NAMELESS if hidden else file.vist_navn))
    return {n: _numbered(files) for n, files in own.items()}


def _shared(utsending_id: UUID) -> Dokumentref:
    row = (
        session()
        .execute(
            select(Opplasting).where(Opplasting.utsending_id == utsending_id, Opplasting.art == "DOKUMENT")
        )
        .scalar_one()
    )
    return Dokumentref(
        nr=1,
        filnavn=row.filnavn,
        mime_type=PDF,
        storrelse=row.storrelse,
        sha256=row.sha256,
        objekt=row.objekt,
        fra=None,
        lengde=None,
        nokkel=row.nokkel,
        sider=row.sider or 0,
        giroark=(),
    )


def _numbered(files: Sequence[tuple[Brevfil, str]]) -> tuple[Dokumentref, ...]:
    """The files as documents numbered from 1, each with its unique name."""
    names = distinct_names([name for _, name in files])
    return tuple(
        Dokumentref(
            nr=nr,
            filnavn=name,
            mime_type=PDF,
            storrelse=file.storrelse,
            sha256=file.sha256,
            objekt=file.objekt,
            fra=file.fra,
            lengde=file.lengde,
            nokkel=file.nokkel,
            sider=file.sider or 0,
            giroark=tuple(file.giroark),
        )
        for nr, (name, (file, _)) in enumerate(zip(names, files, strict=True), 1)
    )


def distinct_names(names: Sequence[str]) -> list[str]:
    """File names of a letter's documents: at most 96 characters and all different.

    Of two documents with the same name the receiver would see only one.
    """
    taken: set[str] = set()
    given = []
    for name in names:
        path = PurePath(name or NAMELESS)
        for again in itertools.count(1):
            ending = f"{'' if again == 1 else f'-{again}'}{path.suffix}"
            shown = path.stem[: MAX_NAME - len(ending)] + ending
            if shown.casefold() not in taken:
                break
        taken.add(shown.casefold())
        given.append(shown)
    return given


def document_hashes(utsending_id: UUID, art: str) -> Iterator[tuple[int, bytes]]:
    """(row number, SHA-256 over the row's own documents as the receiver gets them), in row order.

    Only rows that have documents of their own; the document to all is part of the options' digest.
    """
    if art not in MADE_ELSEWHERE:
        return
    columns = (Radfil.radnr, Radfil.nr, Brevfil.sha256, Brevfil.vist_navn, Brevfil.sider, Brevfil.giroark)
    found = session().execute(
        select(*columns)
        .join(Brevfil, Brevfil.id == Radfil.brevfil_id)
        .where(Radfil.utsending_id == utsending_id)
        .order_by(Radfil.radnr, Radfil.nr)
        .execution_options(yield_per=5_000)
    )
    for radnr, files in itertools.groupby(found, lambda row: row.radnr):
        yield radnr, _proof(list(files))


def _proof(files: Sequence[Row[int, int, bytes, str, int | None, list[int]]]) -> bytes:
    told = [[f.nr, f.sha256.hex(), f.vist_navn, f.sider, list(f.giroark)] for f in files]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).digest()


def has_documents(mailing: Utsending) -> bool:
    """Whether documents that are checked and can be sent follow the row's own sheet."""
    if mailing.art in MADE_ELSEWHERE:
        return missing_documents(mailing) is None
    checked = (
        Opplasting.utsending_id == mailing.id,
        Opplasting.art == "DOKUMENT",
        Opplasting.status == "LEST",
    )
    found = mailing.art == Art.SAMME_DOKUMENT and session().scalar(select(exists().where(*checked)))
    return bool(found)


def missing_documents(mailing: Utsending) -> str | None:
    """Code of what letters with finished documents still lack; None when nothing.

    DOKUMENTER_KONTROLLERES while workers check files, BREVFILER_MANGLER when no file can be sent.
    """
    of_this = Brevfil.utsending_id == mailing.id
    unread = session().scalar(select(exists().where(of_this, Brevfil.status == "MOTTATT")))
    if unread or queue.is_busy(mailing.id, *ON_FILES):
        return "DOKUMENTER_KONTROLLERES"
    ready = session().scalar(select(exists().where(of_this, Brevfil.status == "LEST")))
    return None if ready else "BREVFILER_MANGLER"


def is_unused() -> ColumnElement[bool]:
    """SQL condition on `Brevfil`: no row sends the file."""
    return ~select(Radfil.radnr).where(Radfil.brevfil_id == Brevfil.id).exists()


def pages_of_letter() -> ColumnElement[int | None]:
    """SQL: pages of a row's whole letter, with the documents that follow its own sheet."""
    return (
        Utsendingsrad.sider
        + func.coalesce(_sum_of_own(func.sum(Brevfil.sider)), 0)
        + func.coalesce(_value_of_shared(Opplasting.sider), 0)
    )


def bytes_of_letter() -> ColumnElement[int | None]:
    """SQL: bytes of a row's whole letter, counted as `pages_of_letter`."""
    return (
        Utsendingsrad.storrelse
        + func.coalesce(_sum_of_own(func.sum(Brevfil.storrelse)), 0)
        + func.coalesce(_value_of_shared(Opplasting.storrelse), 0)
    )


def _value_of_shared(column: InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
    """SQL: a column of the document to all, only where the mailing is sent that way."""
    return (
        select(column)
        .join(Utsending, Utsending.id == Opplasting.utsending_id)
        .where(
            Opplasting.utsending_id == Utsendingsrad.utsending_id,
            Opplasting.art == "DOKUMENT",
            Utsending.art == Art.SAMME_DOKUMENT,
        )
        .correlate(Utsendingsrad)
        .scalar_subquery()
    )


def _sum_of_own(sum_: ColumnElement[Any]) -> ScalarSelect[Any]:
    """SQL: an aggregate over the row's own documents, only where the mailing is sent that way."""
    return (
        select(sum_)
        .select_from(Radfil)
        .join(Brevfil, Brevfil.id == Radfil.brevfil_id)
        .join(Utsending, Utsending.id == Radfil.utsending_id)
        .where(
            Radfil.utsending_id == Utsendingsrad.utsending_id,
            Radfil.radnr == Utsendingsrad.radnr,
            Utsending.art.in_(MADE_ELSEWHERE),
        )
        .correlate(Utsendingsrad)
        .scalar_subquery()
    )

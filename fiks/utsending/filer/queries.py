"""Reads for the pages about a mailing's files: overview, lists, finding groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Text, cast, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.konfigurasjon.rules import P
from fiks.utsending import access
from fiks.utsending.file_models import Brevfil, Radfil
from fiks.utsending.filer.giro import giro_of
from fiks.utsending.filer.linking import SHARED_FLAG, links_are_stale
from fiks.utsending.filer.requirements import count_unseen_unused
from fiks.utsending.filer.rules import Funngruppe, Girovalg, group_from_key
from fiks.utsending.jobs import queue
from fiks.utsending.letters.documents import is_unused
from fiks.utsending.liste.findings import Funnkode
from fiks.utsending.models import Opplasting, Utsendingsrad
from fiks.utsending.rows.queries import MASKED, Radvisning, view_row
from fiks.utsending.rules import ON_FILES, Delart
from fiks.utsending.upload_view import Fil, as_file

PAGE = 50
SHOWN_ROWS = 5
SAMPLE = 3
ROW_CODES = (
    Funnkode.FILNAVN_MANGLER,
    Funnkode.FILNAVN_I_RADEN_UGYLDIG,
    Funnkode.FIL_IKKE_LASTET_OPP,
    Funnkode.FIL_FLERTYDIG,
    Funnkode.FIL_NEVNT_TO_GANGER,
    Funnkode.FIL_KAN_IKKE_SENDES,
    Funnkode.FILER_I_RADEN_FOR_MANGE,
    Funnkode.BREV_FOR_STORT,
    Funnkode.FIL_FLERE_MOTTAKERE,
)
"""Findings that mean a row lacks some of its files."""


class Utvalg(StrEnum):
    """Which files a page lists."""

    ALLE = "alle"
    UBRUKTE = "ubrukte"
    DELTE = "delte"
    BOKSTAVER = "bokstaver"
    FEIL = "feil"


@dataclass(frozen=True, slots=True)
class Oversikt:
    """State of a mailing's files.

    `koblet`: the links are up to date; before that the counts by use are 0. `kontrolleres`: workers are busy.
    `tapt`: work is left but no worker is on it. `zip`: a zip that waits or was refused.
    """

    antall: int
    uleste: int
    sider: int
    storrelse: int
    utvalg: dict[Utvalg, int]
    rader_uten: int
    koblet: bool
    kontrolleres: bool
    tapt: bool
    ubrukte_sett: bool
    zip: Fil | None
    giro: Girovalg


def overview(utsending_id: UUID, *, actor: Aktor) -> Oversikt:
    """Return the state of a mailing's files.

    If the list is linked while the files are counted, the counts are unreliable, and the result says work is
    under way.
    """
    access.find_visible(utsending_id, actor)
    before = _work_under_way(utsending_id)
    counted = select(
        func.count().filter(Brevfil.status == "MOTTATT"),
        func.coalesce(func.sum(Brevfil.sider), 0),
        func.coalesce(func.sum(Brevfil.storrelse), 0),
        *(func.count().filter(_in_utvalg(utvalg)) for utvalg in Utvalg),
    )
    unread, pages, size, *found = session().execute(counted.where(Brevfil.utsending_id == utsending_id)).one()
    chosen = dict(zip(Utvalg, found, strict=True))
    packed = (
        session()
        .scalars(select(Opplasting).where(Opplasting.utsending_id == utsending_id, Opplasting.art == "ZIP"))
        .first()
    )
    lacking = _count_rows(utsending_id) if before.koblet else 0
    seen = not count_unseen_unused(utsending_id)
    now = _work_under_way(utsending_id)
    busy = now.leses or now.kontrolleres or now != before
    waiting = unread > 0 or now.ukoblet or (packed is not None and packed.status == "MOTTATT")
    tied = now == before and now.koblet and _has_rows(utsending_id)
    return Oversikt(
        antall=chosen[Utvalg.ALLE],
        uleste=unread,
        sider=pages or 0,
        storrelse=size,
        utvalg=chosen,
        rader_uten=lacking if tied else 0,
        koblet=tied,
        kontrolleres=busy,
        tapt=waiting and not busy and (packed is not None or chosen[Utvalg.ALLE] > 0),
        ubrukte_sett=seen,
        zip=as_file(packed) if packed is not None else None,
        giro=giro_of(utsending_id),
    )


@dataclass(frozen=True, slots=True)
class _Arbeid:
    """Work under way: reading the list, checking files. `ukoblet`: links are stale."""

    leses: bool
    kontrolleres: bool
    ukoblet: bool

    @property
    def koblet(self) -> bool:
        """Whether it is known which rows send which files."""
        return not self.ukoblet and not self.leses


def _work_under_way(utsending_id: UUID) -> _Arbeid:
    return _Arbeid(
        queue.is_busy(utsending_id, Delart.LES),
        queue.is_busy(utsending_id, *ON_FILES),
        links_are_stale(utsending_id),
    )


def _has_rows(utsending_id: UUID) -> bool:
    rows = exists().where(Utsendingsrad.utsending_id == utsending_id)
    return bool(session().execute(select(rows)).scalar_one())


def _lacks_files() -> ColumnElement[bool]:
    return or_(*(Utsendingsrad.funn.contains([{"kode": kode}]) for kode in ROW_CODES))


def _count_rows(utsending_id: UUID) -> int:
    lacking = select(func.count()).where(Utsendingsrad.utsending_id == utsending_id, _lacks_files())
    return session().execute(lacking).scalar_one()


def rows_without_files(
    utsending_id: UUID, *, actor: Aktor, after: int = 0, limit: int = PAGE
) -> list[Radvisning]:
    """Return rows that lack some of their files or may not have them, in list order after row number `after`."""
    _, held = access.find_visible_with_rights(utsending_id, actor)
    found = session().scalars(
        select(Utsendingsrad)
        .where(Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.radnr > after, _lacks_files())
        .order_by(Utsendingsrad.radnr)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    rows = found.all()
    may_see = any(row.skjermet for row in rows) and held.use(P.SE_SPERRET)
    return [view_row(row, may_see) for row in rows]


def _in_utvalg(utvalg: Utvalg) -> ColumnElement[bool]:
    if utvalg is Utvalg.UBRUKTE:
        return is_unused()
    if utvalg is Utvalg.DELTE:
        shared: ColumnElement[bool] = Brevfil.form.has_key(SHARED_FLAG)
        return shared
    if utvalg is Utvalg.FEIL:
        return Brevfil.status == "FEILET"
    if utvalg is Utvalg.BOKSTAVER:
        return _differs_in_case()
    return literal(True)


def _differs_in_case() -> ColumnElement[bool]:
    """Return the SQL condition that another file's name, or a row's spelling, differs from this one only in
    case.
    """
    other = aliased(Brevfil)
    alike = exists().where(
        other.utsending_id == Brevfil.utsending_id,
        other.navnelikhet == Brevfil.navnelikhet,
        other.id != Brevfil.id,
    )
    named_so = exists().where(
        Radfil.brevfil_id == Brevfil.id,
        Utsendingsrad.utsending_id == Radfil.utsending_id,
        Utsendingsrad.radnr == Radfil.radnr,
        Utsendingsrad.funn.contains([{"kode": Funnkode.FILNAVN_BOKSTAVSTORRELSE}]),
    )
    return alike | named_so


@dataclass(frozen=True, slots=True)
class Filvisning:
    """A file in a list: its name with personal numbers masked, and the first rows that send it.

    `skjermet`: a protected person gets it, and the viewer may neither read its name nor view it.
    """

    nr: int
    navn: str
    storrelse: int
    sider: int | None
    status: str
    feilkode: str | None
    funn: tuple[dict[str, Any], ...]
    giroark: tuple[int, ...]
    rader: tuple[int, ...]
    antall_rader: int
    skjermet: bool


def files(
    utsending_id: UUID,
    *,
    actor: Aktor,
    utvalg: Utvalg = Utvalg.ALLE,
    gruppe: Funngruppe | None = None,
    after: int = 0,
    limit: int = PAGE,
) -> list[Filvisning]:
    """Return files in order of arrival after number `after`; with `gruppe` only those with this finding.

    The name of a protected person's file needs SVARUT.SE_SPERRET: it may reveal the address.
    """
    _, held = access.find_visible_with_rights(utsending_id, actor)
    query = select(Brevfil).where(
        Brevfil.utsending_id == utsending_id, Brevfil.nr > after, _in_utvalg(utvalg)
    )
    if gruppe is not None:
        query = query.where(in_group(gruppe))
    found = session().scalars(
        query.order_by(Brevfil.nr).limit(limit).execution_options(populate_existing=True)
    )
    shown = found.all()
    may_see = P.SE_SPERRET in held.everything() and bool(_protected(shown)) and held.use(P.SE_SPERRET)
    return view_files(shown, may_see)


def _protected(found: Sequence[Brevfil]) -> set[UUID]:
    """Return the ids of those files that go to a protected person."""
    theirs = select(Brevfil.id).where(Brevfil.id.in_([fil.id for fil in found]), goes_to_protected())
    return set(session().scalars(theirs))


def goes_to_protected() -> ColumnElement[bool]:
    """Return the SQL condition on `Brevfil` that a row with a protected receiver sends it."""
    return exists().where(
        Radfil.brevfil_id == Brevfil.id,
        Utsendingsrad.utsending_id == Radfil.utsending_id,
        Utsendingsrad.radnr == Radfil.radnr,
        Utsendingsrad.skjermet,
    )


def in_group(gruppe: Funngruppe) -> ColumnElement[bool]:
    """Return the SQL condition on `Brevfil` that it has a finding of this group."""
    return Brevfil.funn.contains(cast([{"grupper": [gruppe.nokkel]}], JSONB))


def view_files(found: Sequence[Brevfil], may_see: bool) -> list[Filvisning]:
    """Return files with the first rows that send them; names of protected persons' files masked unless
    `may_see`.
    """
    numbers: dict[UUID, Row[UUID, int, list[int]]] = {}
    hidden = _protected(found) if found and not may_see else set()
    if found:
        rows = (
            select(
                Radfil.brevfil_id,
                func.count(),
                func.array_agg(Radfil.radnr.distinct())[1:SHOWN_ROWS].label("rader"),
            )
            .where(Radfil.brevfil_id.in_([fil.id for fil in found]))
            .group_by(Radfil.brevfil_id)
        )
        numbers = {row[0]: row for row in session().execute(rows)}
    return [
        Filvisning(
            fil.nr,
            MASKED if fil.id in hidden else fil.vist_navn,
            fil.storrelse,
            fil.sider,
            fil.status,
            fil.feilkode,
            tuple(fil.funn),
            tuple(fil.giroark),
            tuple(numbers[fil.id][2]) if fil.id in numbers else (),
            numbers[fil.id][1] if fil.id in numbers else 0,
            fil.id in hidden,
        )
        for fil in found
    ]


@dataclass(frozen=True, slots=True)
class Gruppesum:
    """The number of files with a finding of this group."""

    gruppe: Funngruppe
    alvorlighet: str
    antall: int


def finding_groups(utsending_id: UUID, *, actor: Aktor) -> list[Gruppesum]:
    """Return the findings in the files by group; errors first, then by number of files."""
    access.find_visible(utsending_id, actor)
    finding = func.jsonb_array_elements(Brevfil.funn).table_valued("value").lateral("funn")
    key = (
        func.jsonb_array_elements_text(finding.c.value.op("->")(cast("grupper", Text())))
        .table_valued("value")
        .lateral("gruppe")
    )
    grade = finding.c.value.op("->>")(cast("alvorlighet", Text()))
    counted = session().execute(
        select(key.c.value, grade, func.count(func.distinct(Brevfil.id)))
        .select_from(Brevfil)
        .join(finding, literal(True))
        .join(key, literal(True))
        .where(Brevfil.utsending_id == utsending_id)
        .group_by(key.c.value, grade)
        .order_by(func.count().desc())
        .limit(500)
    )
    sums = [Gruppesum(group, grade, n) for text, grade, n in counted if (group := group_from_key(text))]
    return sorted(sums, key=lambda s: (s.alvorlighet != "feil", -s.antall, s.gruppe.nokkel))

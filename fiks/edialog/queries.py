"""Reads of eDialog: mottakere, one's own skjemaer, and how far a sent letter has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select, tuple_

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet
from fiks.core.values.address import Adresse
from fiks.core.values.login_level import Sikkerhetsniva
from fiks.core.values.unknown_enum_values import enum_or_text
from fiks.edialog import access
from fiks.edialog.content import Innhold, Mottaker, content_version, unseal, unseal_each
from fiks.edialog.models import EdialogFil, EdialogMottaker, EdialogSkjema
from fiks.edialog.mottaker import forms
from fiks.edialog.rules import EDITABLE, SHORT_ID, Status, Utkast
from fiks.edialog.rules import letter_id as letter_of
from fiks.konfigurasjon.rules import norwegian_order
from fiks.svarut.lifecycle.failure_notices import LOST_STATUSES
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import NOT_YET_SENT
from fiks.svarut.rules import Status as Brevstatus

Brev = Row[UUID, str, str | None, datetime | None, str]
PAGE = 20
MAX_MOTTAKERE, SORTED = 50, 1_000
NEWEST = EdialogSkjema.opprettet.desc(), EdialogSkjema.id.desc()


@dataclass(frozen=True, slots=True)
class Mottakervalg:
    """A mottaker that can be written to."""

    id: UUID
    konto_id: UUID
    short_id: str
    orgnr: str
    adresse: Adresse


def mottaker(ident: str) -> Mottakervalg:
    """Return the active mottaker with this orgnr or short id (in any case); IkkeFunnet otherwise."""
    short = ident.upper()
    column = EdialogMottaker.short_id if SHORT_ID.fullmatch(short) else EdialogMottaker.orgnr
    row = session().scalars(select(EdialogMottaker).where(column == short, EdialogMottaker.aktiv)).first()
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    return _shown(row)


def mottaker_by_id(mottaker_id: UUID) -> Mottakervalg | None:
    """Return the mottaker, None when it cannot be written to now."""
    wanted = select(EdialogMottaker).where(EdialogMottaker.id == mottaker_id, EdialogMottaker.aktiv)
    row = session().scalars(wanted.execution_options(populate_existing=True)).first()
    return None if row is None else _shown(row)


def mottakere(sok: str = "", *, limit: int = MAX_MOTTAKERE) -> list[Mottakervalg]:
    """Return active mottakere whose name contains `sok`, by name; the first `limit` of at most 1 000."""
    name = EdialogMottaker.navn
    found = select(EdialogMottaker).where(EdialogMottaker.aktiv, name.icontains(sok, autoescape=True))
    rows = session().scalars(found.order_by(name, EdialogMottaker.id).limit(SORTED))
    return [_shown(row) for row in sorted(rows, key=lambda row: norwegian_order(row.navn))[:limit]]


def _shown(row: EdialogMottaker) -> Mottakervalg:
    lines = row.adresselinje1, row.adresselinje2, row.adresselinje3
    address = Adresse(row.navn, *lines, postnr=row.postnr, poststed=row.poststed)
    return Mottakervalg(row.id, row.konto_id, row.short_id, row.orgnr, address)


def printleverandor(mottaker_id: UUID | None) -> str | None:
    """Return who prints letters to the mottaker; None for a reply, which has no mottaker."""
    return session().scalar(select(EdialogMottaker.printleverandor).where(EdialogMottaker.id == mottaker_id))


def konto_of_letter(forsendelse_id: UUID | None) -> UUID | None:
    """Return the konto that sent a letter."""
    return session().scalar(select(Forsendelse.konto_id).where(Forsendelse.id == forsendelse_id))


def answers_level4(svar_pa_id: UUID | None) -> bool:
    """Return whether the letter replied to is at level 4, and so is the reply."""
    level = select(Forsendelse.sikkerhetsniva).where(Forsendelse.id == svar_pa_id)
    return session().scalar(level) == Sikkerhetsniva.HOYESTE


def answers_confidential(svar_pa_id: UUID | None) -> bool:
    """Return whether the letter replied to is taushetsbelagt, and so is the reply."""
    return bool(session().scalar(select(Forsendelse.taushetsbelagt).where(Forsendelse.id == svar_pa_id)))


_HOW_FAR = (Forsendelse.status, Forsendelse.status_for_sletting, Forsendelse.overlevert)
"""Columns that `progress_of` needs."""


class Framdrift(StrEnum):
    """How far a sent letter has come, in the citizen's terms."""

    PAA_VEI = "PAA_VEI"
    FRAMME = "FRAMME"
    LEST = "LEST"
    IKKE_FRAMME = "IKKE_FRAMME"


def progress_of(
    status: str | None, before_deletion: str | None = None, overlevert: datetime | None = None
) -> Framdrift:
    """Return the progress of a letter, for its sender.

    A closed or deleted letter that was not read has arrived if `overlevert` is set, which means a channel has
    it (`paper.never_on_paper`). A letter deleted while it waited for a mottakersystem has not arrived.
    """
    last = before_deletion or status
    if last is None or last in NOT_YET_SENT:
        return Framdrift.PAA_VEI
    if last == Brevstatus.LEST:
        return Framdrift.LEST
    ended = status in (Brevstatus.MANUELT_HANDTERT, Brevstatus.SLETTET)
    gone = ended and (overlevert is None or last == Brevstatus.KLAR_FOR_MOTTAK)
    return Framdrift.IKKE_FRAMME if gone or last in LOST_STATUSES else Framdrift.FRAMME


@dataclass(frozen=True, slots=True)
class Fil:
    """An attachment as the page lists it; size in bytes."""

    id: UUID
    filnavn: str
    storrelse: int


@dataclass(frozen=True, slots=True, repr=False)
class Skjema:
    """One's own skjema in clear. `referanse` is the letter's id, fixed in advance. No repr: personal.

    `fast_tittel`: the form sets the title. `nummer` is the party it is from. `versjon` changes with every
    saving.
    """

    id: UUID
    status: Status | str
    sensitivt: bool
    maa_vaere_sensitivt: bool
    er_svar: bool
    svar_pa_id: UUID | None
    mottaker: Mottaker
    utkast: Utkast
    fast_tittel: bool
    filer: tuple[Fil, ...]
    referanse: UUID
    feilkode: str | None
    innsendt: datetime | None
    framdrift: Framdrift
    mottaker_id: UUID | None
    endret: datetime
    nummer: str
    versjon: str

    @property
    def kan_endres(self) -> bool:
        """Return whether it is still a draft."""
        return self.status in EDITABLE


def skjema(skjema_id: UUID, *, actor: Aktor) -> Skjema:
    """Return the actor's own skjema. IkkeFunnet, IkkeTilgang("HOYERE_NIVA"), NokkelUkjent, VerdiOdelagt."""
    row = access.require(skjema_id, actor)
    return _to_skjemaer([row], {row.id: unseal(row.innhold_kryptert)})[0]


def own_skjemaer(*, limit: int, actor: Aktor) -> list[Skjema]:
    """Return complete skjemaer, those that the list shows, newest first, without the unreadable.

    The number of statements does not depend on how many there are.
    """
    if actor.person_id is None:
        return []
    newest = select(EdialogSkjema).where(*_visible(actor)).order_by(*NEWEST).limit(limit)
    rows = session().scalars(newest.execution_options(populate_existing=True)).all()
    contents = unseal_each((row.id, row.innhold_kryptert) for row in rows)
    return _to_skjemaer([row for row in rows if row.id in contents], contents)


def _to_skjemaer(rows: Sequence[EdialogSkjema], contents: Mapping[UUID, Innhold]) -> list[Skjema]:
    """Return the rows as skjemaer in clear, in their order."""
    letters = select(Forsendelse.id, *_HOW_FAR, Forsendelse.sikkerhetsniva)
    ids = [one for row in rows for one in (row.forsendelse_id, row.svar_pa_id) if one is not None]
    found: dict[UUID | None, Brev] = {
        one.id: one for one in session().execute(letters.where(Forsendelse.id.in_(ids)))
    }
    given = forms.fixed_titles([row.skjematype_id for row in rows if row.skjematype_id is not None])
    attached = files_of([row.id for row in rows])
    return [
        _skjema(
            row, contents[row.id], found.get(row.forsendelse_id), found.get(row.svar_pa_id), given, attached
        )
        for row in rows
    ]


def _skjema(
    row: EdialogSkjema,
    content: Innhold,
    letter: Brev | None,
    answered: Brev | None,
    given: Mapping[UUID, str],
    attached: Mapping[UUID, Sequence[EdialogFil]],
) -> Skjema:
    return Skjema(
        row.id,
        enum_or_text(Status, row.status),
        row.sensitivt,
        answered is not None and answered.sikkerhetsniva == Sikkerhetsniva.HOYESTE,
        row.svar_pa_id is not None,
        row.svar_pa_id,
        content.mottaker,
        content.utkast,
        row.skjematype_id in given,
        tuple(Fil(one.id, one.filnavn, one.storrelse) for one in attached.get(row.id, ())),
        letter_of(row.id),
        row.feilkode,
        row.innsendt,
        Framdrift.PAA_VEI if letter is None else progress_of(*letter[1:4]),
        row.mottaker_id,
        row.endret,
        content.nummer,
        content_version(row.innhold_kryptert),
    )


def newest_draft(*, mottaker_id: UUID | None = None, svar_pa_id: UUID | None = None, actor: Aktor) -> UUID:
    """Return the actor's newest draft to the mottaker, or reply to the letter; IkkeFunnet when there is none."""
    to = (
        EdialogSkjema.svar_pa_id == svar_pa_id if svar_pa_id else EdialogSkjema.mottaker_id == mottaker_id,
        EdialogSkjema.status.in_([str(status) for status in EDITABLE]),
    )
    newest = select(EdialogSkjema.id).where(*_own(actor), *to).order_by(EdialogSkjema.opprettet.desc())
    found = session().scalar(newest.limit(1))
    if found is None:
        raise IkkeFunnet("FINNES_IKKE")
    return found


def files(skjema_id: UUID) -> Sequence[EdialogFil]:
    """Return the files of a skjema in order."""
    return files_of([skjema_id]).get(skjema_id, [])


def files_of(skjema_ids: Sequence[UUID]) -> dict[UUID, list[EdialogFil]]:
    """Return the files of several skjemaer by id, each in order."""
    found: dict[UUID, list[EdialogFil]] = {}
    there = select(EdialogFil).where(EdialogFil.skjema_id.in_(skjema_ids)).order_by(EdialogFil.nr)
    for one in session().scalars(there.execution_options(populate_existing=True)):
        found.setdefault(one.skjema_id, []).append(one)
    return found


@dataclass(frozen=True, slots=True, repr=False)
class Rad:
    """A skjema in the list. One that is not `lesbar` shows neither title nor mottaker.

    `tid`: when it was sent, or when the draft was last changed.
    """

    id: UUID
    tittel: str
    mottaker: str
    status: Status | str
    framdrift: Framdrift
    tid: datetime
    lesbar: bool

    @property
    def kan_endres(self) -> bool:
        """Return whether it is still a draft."""
        return self.status in EDITABLE


def _visible(actor: Aktor) -> list[ColumnElement[bool]]:
    """Return the conditions for the actor's own skjemaer that this login may see."""
    return [*_own(actor), *([] if access.may_see_sensitive(actor) else [EdialogSkjema.sensitivt.is_(False)])]


def own_rows(*, after: UUID | None = None, limit: int = PAGE, actor: Aktor) -> tuple[Rad, ...]:
    """Return the actor's skjemaer for the party they act for, newest first, after skjema `after`.

    Sensitive ones are left out when the login is too weak; `count_hidden` counts them.
    """
    if actor.person_id is None:
        return ()
    seen = _visible(actor)
    key = EdialogSkjema.opprettet, EdialogSkjema.id
    last = session().execute(select(*key).where(EdialogSkjema.id == after, *seen)).first() if after else None
    if last is not None:
        seen.append(tuple_(*key) < tuple_(*last))
    rows = (
        session()
        .execute(
            select(EdialogSkjema, *_HOW_FAR)
            .outerjoin(Forsendelse, Forsendelse.id == EdialogSkjema.forsendelse_id)
            .where(*seen)
            .order_by(*NEWEST)
            .limit(limit)
            .execution_options(populate_existing=True)
        )
        .all()
    )
    contents = unseal_each((row.EdialogSkjema.id, row.EdialogSkjema.innhold_kryptert) for row in rows)
    return tuple(_row(row.EdialogSkjema, contents.get(row.EdialogSkjema.id), *row[1:]) for row in rows)


def own_row(skjema_id: UUID, *, actor: Aktor) -> Rad:
    """Return one skjema as in the list, also when it is unreadable. IkkeFunnet, IkkeTilgang("HOYERE_NIVA")."""
    row = access.require(skjema_id, actor)
    letter = session().execute(select(*_HOW_FAR).where(Forsendelse.id == row.forsendelse_id)).first()
    content = unseal_each([(row.id, row.innhold_kryptert)]).get(row.id)
    return _row(row, content, *(letter or (None, None, None)))


def count_hidden(*, actor: Aktor) -> int:
    """Return how many of the actor's skjemaer demand a higher login level."""
    if actor.person_id is None or access.may_see_sensitive(actor):
        return 0
    return session().execute(select(func.count()).where(*_own(actor), EdialogSkjema.sensitivt)).scalar_one()


def _own(actor: Aktor) -> list[ColumnElement[bool]]:
    index = access.owner_index(access.number_of(actor))
    return [EdialogSkjema.person_id == actor.person_id, EdialogSkjema.eier_indeks == index]


def _row(
    row: EdialogSkjema,
    content: Innhold | None,
    status: str | None,
    before_deletion: str | None,
    overlevert: datetime | None,
) -> Rad:
    return Rad(
        row.id,
        "" if content is None else content.utkast.tittel,
        "" if content is None else content.mottaker.adresse.navn,
        enum_or_text(Status, row.status),
        progress_of(status, before_deletion, overlevert),
        row.endret if row.innsendt is None or row.status in EDITABLE else row.innsendt,
        content is not None,
    )

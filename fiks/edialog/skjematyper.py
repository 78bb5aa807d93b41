"""The forms of a mottaker: the standard one, made with it, and those made for their purpose (svarut.md 8.3).

Whoever configures eDialog for the mottaker's konto may. What has been begun with a form can be finished with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import Select, func, select

from fiks.core import audit, clock
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, Konflikt, UgyldigeFelt
from fiks.edialog.models import EdialogMottaker, EdialogSkjematype
from fiks.edialog.rules import MAX_FORMS, Skjemaoppsett, Skjematype
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.avtale.activation import SVARUT
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.stale_form import mark_of, require_not_stale, require_same_as_shown


class UgyldigSkjematype(UgyldigeFelt):
    """The form cannot be so; `feil` is everything that is wrong."""


@dataclass(frozen=True, slots=True)
class Skjemavalg:
    """A form that can be filled in. `navn` and `tittel` are empty for the standard one."""

    id: UUID
    nr: int
    type: Skjematype
    navn: str
    tittel: str


def skjematyper(mottaker_id: UUID) -> list[Skjemavalg]:
    """The forms of a mottaker as they are offered: in the order they were made, and the standard one last."""
    last = EdialogSkjematype.type == Skjematype.STANDARD
    rows = session().scalars(_offered(mottaker_id).order_by(last, EdialogSkjematype.nr).limit(MAX_FORMS + 1))
    return [_shown(row) for row in rows]


def chosen(mottaker_id: UUID, nr: int | None) -> Skjemavalg:
    """The form with this number, or the only one there is.

    Errors: EDIALOG_TAR_IKKE_IMOT (409: there is none), EDIALOG_VELG_SKJEMA (409: there are several, or not this one).
    """
    offered = skjematyper(mottaker_id)
    if not offered:
        raise Konflikt("EDIALOG_TAR_IKKE_IMOT")
    found = [one for one in offered if one.nr == nr] if nr is not None else offered
    if len(found) != 1:
        raise Konflikt("EDIALOG_VELG_SKJEMA")
    return found[0]


def title_given(skjematype_id: UUID | None) -> str:
    """The title of what is written in the form, also one that has been taken away; empty when the writer gives it."""
    title = select(EdialogSkjematype.tittel).where(EdialogSkjematype.id == skjematype_id)
    return session().scalar(title) or ""


def titles_given(skjematype_ids: Sequence[UUID]) -> dict[UUID, str]:
    """As `title_given` for several forms; those whose writer gives the title are not among them."""
    titles = select(EdialogSkjematype.id, EdialogSkjematype.tittel)
    found = session().execute(titles.where(EdialogSkjematype.id.in_(skjematype_ids)))
    return {row.id: row.tittel for row in found if row.tittel}


def of_konto(konto_id: UUID, *, actor: Aktor) -> list[Skjemavalg]:
    """The forms of the konto's mottaker; none without one."""
    queries.require(actor, P.KONFIGURERE_EDIALOG, konto_id)
    mottaker_id = session().scalar(select(EdialogMottaker.id).where(EdialogMottaker.konto_id == konto_id))
    return [] if mottaker_id is None else skjematyper(mottaker_id)


def has_mottaker(konto_id: UUID, *, actor: Aktor) -> bool:
    """Whether the konto has a mottaker to make forms for."""
    queries.require(actor, P.KONFIGURERE_EDIALOG, konto_id)
    found = select(EdialogMottaker.id).where(EdialogMottaker.konto_id == konto_id)
    return session().execute(found).first() is not None


def add_form(konto_id: UUID, skjemaoppsett: Skjemaoppsett, *, actor: Aktor) -> int:
    """Make a form for its purpose and return its number; that of an equal one there is, so that two presses make one.

    Errors: UgyldigSkjematype, IkkeFunnet (no mottaker), EDIALOG_FOR_MANGE_SKJEMAER (409).
    """
    queries.require(actor, P.KONFIGURERE_EDIALOG, konto_id)
    _check(skjemaoppsett)
    with transaction():
        mottaker = _held(konto_id)
        offered = skjematyper(mottaker.id)
        for one in offered:
            if (one.type, one.navn, one.tittel) == (
                Skjematype.TILPASSET,
                skjemaoppsett.navn,
                skjemaoppsett.tittel,
            ):
                return one.nr
        if len(offered) >= MAX_FORMS:
            raise Konflikt("EDIALOG_FOR_MANGE_SKJEMAER", grense=MAX_FORMS)
        row = _new(mottaker.id, Skjematype.TILPASSET, skjemaoppsett)
        _record(mottaker, "EDIALOG_SKJEMA_LAGET", row, actor)
        return row.nr


def change_form(
    konto_id: UUID, nr: int, skjemaoppsett: Skjemaoppsett, *, vist: str | None = None, actor: Aktor
) -> None:
    """Change a form that was made for its purpose.

    `vist` is the mark of what the page showed (`fiks.konfigurasjon.stale_form`), None for who has no page. Errors:
    UgyldigSkjematype, EDIALOG_SKJEMA_FAST (409: standard), OPPLYSNINGER_ENDRET (409: another has changed it since).
    """
    queries.require(actor, P.KONFIGURERE_EDIALOG, konto_id)
    _check(skjemaoppsett)
    with transaction():
        mottaker = _held(konto_id)
        row = _form(mottaker, nr)
        if row.type == Skjematype.STANDARD:
            raise Konflikt("EDIALOG_SKJEMA_FAST")
        stands = Skjemaoppsett(row.navn or "", row.tittel or "")
        require_not_stale(vist, asdict(stands), asdict(skjemaoppsett))
        if stands != skjemaoppsett:
            row.navn, row.tittel = skjemaoppsett.navn, skjemaoppsett.tittel
            _record(mottaker, "EDIALOG_SKJEMA_ENDRET", row, actor)


def mark_of_removal(form: Skjemavalg, offered: Sequence[Skjemavalg]) -> str:
    """The mark of what the page says of the form that may be taken away from those that are offered."""
    return mark_of(_shown_of_removal(form, len(offered)))


def _shown_of_removal(form: Skjemavalg, offered: int) -> dict[str, object]:
    return {"navn": form.navn, "siste": offered == 1}


def remove_form(konto_id: UUID, nr: int, *, vist: str | None = None, actor: Aktor) -> None:
    """Offer a form no more, the standard one too; without any nobody can begin to write.

    `vist` is `mark_of_removal` of the page, None for who has no page: OPPLYSNINGER_ENDRET (409) when something else
    holds by now.
    """
    queries.require(actor, P.KONFIGURERE_EDIALOG, konto_id)
    with transaction():
        mottaker = _held(konto_id)
        row = _form(mottaker, nr)
        require_same_as_shown(vist, _shown_of_removal(_shown(row), len(skjematyper(mottaker.id))))
        row.slettet = clock.now()
        _record(mottaker, "EDIALOG_SKJEMA_FJERNET", row, actor)


def is_removed(konto_id: UUID, nr: int, *, actor: Aktor) -> bool:
    """Whether the konto's mottaker had a form with this number that is taken away: what a second press asks."""
    queries.require(actor, P.KONFIGURERE_EDIALOG, konto_id)
    gone = (
        select(EdialogSkjematype.id)
        .join(EdialogMottaker, EdialogMottaker.id == EdialogSkjematype.mottaker_id)
        .where(EdialogMottaker.konto_id == konto_id)
        .where(EdialogSkjematype.nr == nr, EdialogSkjematype.slettet.is_not(None))
    )
    return session().execute(gone).first() is not None


def restore_standard(konto_id: UUID, *, actor: Aktor) -> None:
    """Offer the standard form again; nothing is changed where it is offered."""
    queries.require(actor, P.KONFIGURERE_EDIALOG, konto_id)
    with transaction():
        mottaker = _held(konto_id)
        if not any(one.type is Skjematype.STANDARD for one in skjematyper(mottaker.id)):
            _record(mottaker, "EDIALOG_SKJEMA_LAGET", _new(mottaker.id, Skjematype.STANDARD), actor)


def begin_standard(mottaker_id: UUID) -> None:
    """Give a new mottaker its standard form, in the present transaction; one that has had forms keeps what it has."""
    had = select(EdialogSkjematype.id).where(EdialogSkjematype.mottaker_id == mottaker_id).limit(1)
    if session().execute(had).first() is None:
        _new(mottaker_id, Skjematype.STANDARD)


def begin_anew(mottaker_id: UUID) -> None:
    """Offer nothing but the standard form, in the present transaction: the mottaker has come to somebody else."""
    offered = session().scalars(_offered(mottaker_id)).all()
    for row in offered:
        if row.type != Skjematype.STANDARD:
            row.slettet = clock.now()
    if not any(row.type == Skjematype.STANDARD for row in offered):
        _new(mottaker_id, Skjematype.STANDARD)


def _check(skjemaoppsett: Skjemaoppsett) -> None:
    if found := skjemaoppsett.faults():
        raise UgyldigSkjematype(found)


def _held(konto_id: UUID) -> EdialogMottaker:
    """The konto's mottaker, held until the transaction ends."""
    mine = select(EdialogMottaker).where(EdialogMottaker.konto_id == konto_id).with_for_update()
    row = session().scalars(mine.execution_options(populate_existing=True)).first()
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    return row


def _offered(mottaker_id: UUID) -> Select[EdialogSkjematype]:
    mine = select(EdialogSkjematype).where(
        EdialogSkjematype.mottaker_id == mottaker_id, EdialogSkjematype.slettet.is_(None)
    )
    return mine.execution_options(populate_existing=True)


def _form(mottaker: EdialogMottaker, nr: int) -> EdialogSkjematype:
    row = session().scalars(_offered(mottaker.id).where(EdialogSkjematype.nr == nr)).first()
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    return row


def _new(mottaker_id: UUID, kind: Skjematype, oppsett: Skjemaoppsett | None = None) -> EdialogSkjematype:
    last = select(func.coalesce(func.max(EdialogSkjematype.nr), 0)).where(
        EdialogSkjematype.mottaker_id == mottaker_id
    )
    row = EdialogSkjematype(
        mottaker_id=mottaker_id,
        nr=session().execute(last).scalar_one() + 1,
        type=kind,
        navn=oppsett.navn if oppsett else None,
        tittel=oppsett.tittel if oppsett else None,
    )
    session().add(row)
    session().flush()
    return row


def _shown(row: EdialogSkjematype) -> Skjemavalg:
    return Skjemavalg(row.id, row.nr, Skjematype(row.type), row.navn or "", row.tittel or "")


def _record(mottaker: EdialogMottaker, handling: str, row: EdialogSkjematype, actor: Aktor) -> None:
    audit.record(
        actor,
        handling,
        "edialog_mottaker",
        mottaker.konto_id,
        organisasjon_id=mottaker.organisasjon_id,
        tjeneste=SVARUT,
        ressurs_id=mottaker.konto_id,
        nr=row.nr,
        type=row.type,
    )

"""The forms of a mottaker: the standard form, created with it, and forms made for their purpose (svarut.md
8.3).

For whoever configures eDialog for the mottaker's konto. A draft begun with a form can always be finished with
it.
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
    """The form's facts are invalid; `feil` lists every fault."""


@dataclass(frozen=True, slots=True)
class Skjemavalg:
    """A form that can be filled in. `navn` and `tittel` are empty for the standard form."""

    id: UUID
    nr: int
    type: Skjematype
    navn: str
    tittel: str


def skjematyper(mottaker_id: UUID) -> list[Skjemavalg]:
    """Return the forms a mottaker offers: in order of creation, the standard form last."""
    last = EdialogSkjematype.type == Skjematype.STANDARD
    rows = session().scalars(_offered(mottaker_id).order_by(last, EdialogSkjematype.nr).limit(MAX_FORMS + 1))
    return [_shown(row) for row in rows]


def choose_form(mottaker_id: UUID, nr: int | None) -> Skjemavalg:
    """Return the form with this number, or the only one there is.

    Errors: EDIALOG_TAR_IKKE_IMOT (409: no form), EDIALOG_VELG_SKJEMA (409: several, or no such number).
    """
    offered = skjematyper(mottaker_id)
    if not offered:
        raise Konflikt("EDIALOG_TAR_IKKE_IMOT")
    found = [one for one in offered if one.nr == nr] if nr is not None else offered
    if len(found) != 1:
        raise Konflikt("EDIALOG_VELG_SKJEMA")
    return found[0]


def fixed_title(skjematype_id: UUID | None) -> str:
    """Return the title set by the form, also a removed one; empty when the writer sets it."""
    title = select(EdialogSkjematype.tittel).where(EdialogSkjematype.id == skjematype_id)
    return session().scalar(title) or ""


def fixed_titles(skjematype_ids: Sequence[UUID]) -> dict[UUID, str]:
    """As `fixed_title` for several forms; forms whose writer sets the title are left out."""
    titles = select(EdialogSkjematype.id, EdialogSkjematype.tittel)
    found = session().execute(titles.where(EdialogSkjematype.id.in_(skjematype_ids)))
    return {row.id: row.tittel for row in found if row.tittel}


def forms_of_konto(konto_id: UUID, *, actor: Aktor) -> list[Skjemavalg]:
    """Return the forms of the konto's mottaker; none without a mottaker."""
    queries.require(actor, P.KONFIGURERE_EDIALOG, konto_id)
    mottaker_id = session().scalar(select(EdialogMottaker.id).where(EdialogMottaker.konto_id == konto_id))
    return [] if mottaker_id is None else skjematyper(mottaker_id)


def has_mottaker(konto_id: UUID, *, actor: Aktor) -> bool:
    """Return whether the konto has a mottaker to make forms for."""
    queries.require(actor, P.KONFIGURERE_EDIALOG, konto_id)
    found = select(EdialogMottaker.id).where(EdialogMottaker.konto_id == konto_id)
    return session().execute(found).first() is not None


def add_form(konto_id: UUID, skjemaoppsett: Skjemaoppsett, *, actor: Aktor) -> int:
    """Create a form and return its number; an equal existing form is returned instead, so that a double
    submit creates one.

    Errors: UgyldigSkjematype, IkkeFunnet (no mottaker), EDIALOG_FOR_MANGE_SKJEMAER (409).
    """
    queries.require(actor, P.KONFIGURERE_EDIALOG, konto_id)
    _check(skjemaoppsett)
    with transaction():
        mottaker = _lock_mottaker(konto_id)
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

    `vist` is the version mark of what the page showed, None for callers without a page. Errors:
    UgyldigSkjematype, EDIALOG_SKJEMA_FAST (409: standard form), OPPLYSNINGER_ENDRET (409: somebody else has
    changed it since).
    """
    queries.require(actor, P.KONFIGURERE_EDIALOG, konto_id)
    _check(skjemaoppsett)
    with transaction():
        mottaker = _lock_mottaker(konto_id)
        row = _form(mottaker, nr)
        if row.type == Skjematype.STANDARD:
            raise Konflikt("EDIALOG_SKJEMA_FAST")
        stands = Skjemaoppsett(row.navn or "", row.tittel or "")
        require_not_stale(vist, asdict(stands), asdict(skjemaoppsett))
        if stands != skjemaoppsett:
            row.navn, row.tittel = skjemaoppsett.navn, skjemaoppsett.tittel
            _record(mottaker, "EDIALOG_SKJEMA_ENDRET", row, actor)


def mark_of_removal(form: Skjemavalg, offered: Sequence[Skjemavalg]) -> str:
    """Return the version mark of what the page shows about a form that may be removed from those offered."""
    return mark_of(_shown_of_removal(form, len(offered)))


def _shown_of_removal(form: Skjemavalg, offered: int) -> dict[str, object]:
    return {"navn": form.navn, "siste": offered == 1}


def remove_form(konto_id: UUID, nr: int, *, vist: str | None = None, actor: Aktor) -> None:
    """Stop offering a form, the standard form included; without any form nobody can begin to write.

    `vist` is the page's `mark_of_removal`, None for callers without a page: OPPLYSNINGER_ENDRET (409) when it
    no longer holds.
    """
    queries.require(actor, P.KONFIGURERE_EDIALOG, konto_id)
    with transaction():
        mottaker = _lock_mottaker(konto_id)
        row = _form(mottaker, nr)
        require_same_as_shown(vist, _shown_of_removal(_shown(row), len(skjematyper(mottaker.id))))
        row.slettet = clock.now()
        _record(mottaker, "EDIALOG_SKJEMA_FJERNET", row, actor)


def is_removed(konto_id: UUID, nr: int, *, actor: Aktor) -> bool:
    """Return whether the konto's mottaker had a form with this number that was removed; recognises a double
    submit.
    """
    queries.require(actor, P.KONFIGURERE_EDIALOG, konto_id)
    gone = (
        select(EdialogSkjematype.id)
        .join(EdialogMottaker, EdialogMottaker.id == EdialogSkjematype.mottaker_id)
        .where(EdialogMottaker.konto_id == konto_id)
        .where(EdialogSkjematype.nr == nr, EdialogSkjematype.slettet.is_not(None))
    )
    return session().execute(gone).first() is not None


def restore_standard(konto_id: UUID, *, actor: Aktor) -> None:
    """Offer the standard form again; nothing changes when it is offered already."""
    queries.require(actor, P.KONFIGURERE_EDIALOG, konto_id)
    with transaction():
        mottaker = _lock_mottaker(konto_id)
        if not any(one.type is Skjematype.STANDARD for one in skjematyper(mottaker.id)):
            _record(mottaker, "EDIALOG_SKJEMA_LAGET", _new(mottaker.id, Skjematype.STANDARD), actor)


def ensure_standard_form(mottaker_id: UUID) -> None:
    """Give a new mottaker its standard form, in the present transaction; one that ever had forms is left
    alone.
    """
    had = select(EdialogSkjematype.id).where(EdialogSkjematype.mottaker_id == mottaker_id).limit(1)
    if session().execute(had).first() is None:
        _new(mottaker_id, Skjematype.STANDARD)


def reset_forms(mottaker_id: UUID) -> None:
    """Offer only the standard form, in the present transaction: the mottaker has gone to another
    organisation.
    """
    offered = session().scalars(_offered(mottaker_id)).all()
    for row in offered:
        if row.type != Skjematype.STANDARD:
            row.slettet = clock.now()
    if not any(row.type == Skjematype.STANDARD for row in offered):
        _new(mottaker_id, Skjematype.STANDARD)


def _check(skjemaoppsett: Skjemaoppsett) -> None:
    if found := skjemaoppsett.faults():
        raise UgyldigSkjematype(found)


def _lock_mottaker(konto_id: UUID) -> EdialogMottaker:
    """Return the konto's mottaker, locked until the transaction ends."""
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

"""Mottakere: created for a konto, changed, closed and opened by whoever configures it (svarut.md 8.3).

A person needs ADMIN, a machine EDIALOG.KONFIGURERE. Letters to a mottaker are billed to its konto.

A mottaker has the organisation's own number, or the one on its konto's cover sheet. For the latter the person
must hold Post/arkiv in Altinn, as for routing an organisation's post to a mottakersystem. A number that is an
organisation's own here belongs to it alone: others are refused it, and the organisation takes over a mottaker
that was created with it before.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, replace
from uuid import UUID

from sqlalchemy import func, select

from fiks.core import audit
from fiks.core.actor import EDIALOG, Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, Konflikt, UgyldigeFelt, UgyldigInndata
from fiks.edialog.models import EdialogMottaker
from fiks.edialog.mottaker.forms import ensure_standard_form, reset_forms
from fiks.edialog.mottaker.queries import configurable_kontoer, mottaker_of, setup_of
from fiks.edialog.rules import Mottakeroppsett
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.avtale.activation import SVARUT
from fiks.konfigurasjon.konto.models import Kontooppsett
from fiks.konfigurasjon.konto.rules import Printleverandor
from fiks.konfigurasjon.models import Konto, Organisasjon
from fiks.konfigurasjon.organisasjon.queries import invoice_of, is_orgnr_of_another
from fiks.konfigurasjon.person.representation import Spor
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.stale_form import require_not_stale
from fiks.svarinn.service import post_arkiv

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""Letters of a short id: no vowels, so that it is never a word."""


def set_mottaker(
    konto_id: UUID, oppsett: Mottakeroppsett, *, spor: Spor, vist: str | None = None, actor: Aktor
) -> str:
    """Create or change the konto's mottaker and return its short id. `spor` asks Altinn about a new number
    that is not one's own.

    `vist` is the version mark of what the page showed of `mottaker_of`, None for callers without a page. It
    is checked before Altinn is asked, too, since nobody needs rights for a number that another person has put
    there.

    A closed mottaker of another konto of the organisation becomes this konto's; so does one that another
    organisation has with this organisation's own number. Errors: UgyldigMottaker, EDIALOG_FREMMED_ORGNR,
    EDIALOG_ORGNR_ANDRES, EDIALOG_UTEN_POST_ARKIV (422), ROLLER_UTILGJENGELIG (503), EDIALOG_ORGNR_I_BRUK
    (409: another konto has it), EDIALOG_ORGNR_HOS_ANDRE (409: another organisation has it),
    FAKTURA_MANGLER_FOR_PRINT (422), OPPLYSNINGER_ENDRET (409: somebody else has changed it since it was
    shown).
    """
    queries.require(actor, P.KONFIGURERE_EDIALOG, konto_id)
    _check(oppsett)
    _require_seen(vist, konto_id, oppsett, actor)
    _require_post(oppsett.orgnr, _of_konto(konto_id), _konto(konto_id), spor, actor)
    with transaction():
        _one_at_a_time()
        _require_seen(vist, konto_id, oppsett, actor)
        row = _of_konto(konto_id)
        if row is not None and setup_of(row) == oppsett:
            return row.short_id
        return _write(row, _konto(konto_id), oppsett, actor).short_id


def _require_seen(vist: str | None, konto_id: UUID, oppsett: Mottakeroppsett, actor: Aktor) -> None:
    as_it_is = {name for name in ("aktiv", "printleverandor") if getattr(oppsett, name) in (None, "")}
    said = {name: value for name, value in asdict(oppsett).items() if name not in as_it_is}
    require_not_stale(vist, asdict(mottaker_of(konto_id, actor=actor)[1]), said)


def create_mottaker(
    organisasjon_id: UUID,
    oppsett: Mottakeroppsett,
    *,
    forelder_id: UUID | None = None,
    spor: Spor,
    actor: Aktor,
) -> UUID:
    """Create a mottaker for a konto of the organisation that has none; return its id.

    `forelder_id` is the konto, or a ressurs above it; without it the actor's only free konto is used. Errors:
    those of `set_mottaker`, EDIALOG_KONTO_I_BRUK (409), EDIALOG_VELG_KONTO (422: several are free).
    """
    if not configurable_kontoer(organisasjon_id, forelder_id, actor=actor):
        queries.require(actor, P.KONFIGURERE_EDIALOG, forelder_id or organisasjon_id)
        raise IkkeFunnet("FINNES_IKKE")
    _check(oppsett)
    _require_post(oppsett.orgnr, None, _free_konto(organisasjon_id, forelder_id, actor), spor, actor)
    with transaction():
        _one_at_a_time()
        konto = _free_konto(organisasjon_id, forelder_id, actor)
        return _write(None, konto, oppsett, actor).id


def change_mottaker(
    mottaker_id: UUID, oppsett: Mottakeroppsett, *, forelder_id: UUID | None = None, spor: Spor, actor: Aktor
) -> None:
    """Change a mottaker; with `forelder_id` also the konto billed. Errors: those of `create_mottaker`."""
    _require(mottaker_id, actor)
    _check(oppsett)
    now = session().get_one(EdialogMottaker, mottaker_id, populate_existing=True)
    _require_post(oppsett.orgnr, now, _konto_to_bill(now, forelder_id, actor), spor, actor)
    with transaction():
        row = _lock_mottaker(mottaker_id, actor)
        _write(row, _konto_to_bill(row, forelder_id, actor), oppsett, actor)


def set_status(mottaker_id: UUID, *, aktiv: bool, actor: Aktor) -> None:
    """Open or close a mottaker for citizens. Sent letters go on; repeating it changes nothing."""
    _require(mottaker_id, actor)
    with transaction():
        row = _lock_mottaker(mottaker_id, actor)
        if row.aktiv != aktiv:
            _write(row, _konto(row.konto_id), replace(setup_of(row), aktiv=aktiv), actor)


def set_printleverandor(mottaker_id: UUID, leverandor: str, *, actor: Aktor) -> None:
    """Change who prints letters to a mottaker that end on paper, from now on.

    Errors: VALG_MANGLER, FAKTURA_MANGLER_FOR_PRINT (422).
    """
    _require(mottaker_id, actor)
    if leverandor not in set(Printleverandor):
        raise UgyldigInndata("VALG_MANGLER", felt="printleverandor")
    with transaction():
        row = _lock_mottaker(mottaker_id, actor)
        if row.printleverandor != leverandor:
            said = replace(setup_of(row), printleverandor=leverandor)
            _write(row, _konto(row.konto_id), said, actor)


class UgyldigMottaker(UgyldigeFelt):
    """The mottaker's facts are invalid; `feil` lists every fault."""


def _check(oppsett: Mottakeroppsett) -> None:
    if found := oppsett.faults():
        raise UgyldigMottaker(found)


def _require(mottaker_id: UUID, actor: Aktor) -> None:
    konto_id = session().scalar(select(EdialogMottaker.konto_id).where(EdialogMottaker.id == mottaker_id))
    queries.require(actor, P.KONFIGURERE_EDIALOG, konto_id or mottaker_id)


def _of_konto(konto_id: UUID) -> EdialogMottaker | None:
    mine = select(EdialogMottaker).where(EdialogMottaker.konto_id == konto_id)
    return session().scalars(mine.execution_options(populate_existing=True)).first()


def _lock_mottaker(mottaker_id: UUID, actor: Aktor) -> EdialogMottaker:
    """Return the mottaker, locking out all other changes; checks access again, as it may have moved to
    another konto.
    """
    _one_at_a_time()
    row = session().get(EdialogMottaker, mottaker_id, populate_existing=True)
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    queries.require(actor, P.KONFIGURERE_EDIALOG, row.konto_id)
    return row


def _one_at_a_time() -> None:
    session().execute(select(func.pg_advisory_xact_lock(func.hashtextextended("edialog_mottaker", 0))))


def _free_konto(organisasjon_id: UUID, forelder_id: UUID | None, actor: Aktor) -> Konto:
    """Return the only konto that a mottaker can be created for."""
    mine = configurable_kontoer(organisasjon_id, forelder_id, actor=actor)
    taken = (
        session().scalars(select(EdialogMottaker.konto_id).where(EdialogMottaker.konto_id.in_(mine))).all()
    )
    free = [konto_id for konto_id in mine if konto_id not in taken]
    if not mine:
        raise IkkeFunnet("FINNES_IKKE")
    if not free:
        raise Konflikt("EDIALOG_KONTO_I_BRUK", felt="forelderRessurs")
    if len(free) > 1:
        raise UgyldigInndata("EDIALOG_VELG_KONTO", felt="forelderRessurs")
    return _konto(free[0])


def _konto_to_bill(row: EdialogMottaker, forelder_id: UUID | None, actor: Aktor) -> Konto:
    """Return the konto to bill: the mottaker's own, unless that lies outside `forelder_id`."""
    if forelder_id is None or row.konto_id in configurable_kontoer(
        row.organisasjon_id, forelder_id, actor=actor
    ):
        return _konto(row.konto_id)
    return _free_konto(row.organisasjon_id, forelder_id, actor)


def _konto(konto_id: UUID) -> Konto:
    konto = session().get(Konto, konto_id, populate_existing=True)
    if konto is None:
        raise IkkeFunnet("FINNES_IKKE")
    return konto


def _write(row: EdialogMottaker | None, konto: Konto, said: Mottakeroppsett, actor: Aktor) -> EdialogMottaker:
    """Write the facts to the row, or to a new mottaker when there is none, and audit it."""
    org = queries.organisasjon(konto.organisasjon_id)
    if row is None or row.orgnr != said.orgnr or (said.aktiv and not row.aktiv):
        _require_number(said.orgnr, konto, org)
    row = _row_to_write(row, konto, org, said.orgnr, actor) or EdialogMottaker(
        organisasjon_id=org.id, short_id=_free_short_id(), aktiv=False, printleverandor=konto.printleverandor
    )
    if said.printleverandor:
        _require_invoice(row, said.printleverandor)
    row.konto_id, row.orgnr, row.navn = konto.id, said.orgnr, said.navn
    row.adresselinje1, row.adresselinje2 = said.adresselinje1, said.adresselinje2
    row.adresselinje3, row.postnr, row.poststed = said.adresselinje3, said.postnr, said.poststed
    row.aktiv = row.aktiv if said.aktiv is None else said.aktiv
    row.printleverandor = said.printleverandor or row.printleverandor
    row.endret = func.now()
    session().add(row)
    session().flush()
    ensure_standard_form(row.id)
    audit.record(
        actor,
        "EDIALOG_MOTTAKER_ENDRET",
        "edialog_mottaker",
        konto.id,
        organisasjon_id=org.id,
        tjeneste=SVARUT,
        ressurs_id=konto.id,
        orgnr=row.orgnr,
        aktiv=row.aktiv,
        printleverandor=row.printleverandor,
    )
    return row


def _require_post(orgnr: str, row: EdialogMottaker | None, konto: Konto, spor: Spor, actor: Aktor) -> None:
    """Require Post/arkiv in Altinn for a number that is not the organisation's own; asks Altinn, outside a
    transaction.

    The organisation's own number and the mottaker's present one need no rights. A machine that calls for no
    person holds nothing in Altinn.
    """
    org = queries.organisasjon(konto.organisasjon_id)
    if orgnr == org.orgnr or actor.is_house or (row is not None and row.orgnr == orgnr):
        return
    _require_number(orgnr, konto, org)
    if orgnr not in {part.orgnr for part in post_arkiv(spor=spor, actor=actor)}:
        raise UgyldigInndata("EDIALOG_UTEN_POST_ARKIV", felt="orgnr", orgnr=orgnr)


def _require_number(orgnr: str, konto: Konto, org: Organisasjon) -> None:
    """Require that the number is the organisation's own, or the konto's cover sheet number and no other
    organisation's own.
    """
    if orgnr == org.orgnr:
        return
    cover = select(Kontooppsett.forside_orgnr).where(Kontooppsett.konto_id == konto.id)
    if orgnr != session().scalar(cover):
        raise UgyldigInndata("EDIALOG_FREMMED_ORGNR", felt="orgnr")
    if is_orgnr_of_another(orgnr, org.id):
        raise UgyldigInndata("EDIALOG_ORGNR_ANDRES", felt="orgnr")


def _row_to_write(
    row: EdialogMottaker | None, konto: Konto, org: Organisasjon, orgnr: str, actor: Aktor
) -> EdialogMottaker | None:
    """Return the row to write to, None for a new one, after resolving an existing mottaker with the same
    number.

    A closed one of another konto is reused, so that its links keep working; so is one that others created
    with the organisation's own number. Any other holder of the number is a Konflikt.
    """
    holder = select(EdialogMottaker).where(EdialogMottaker.orgnr == orgnr)
    other = session().scalars(holder.execution_options(populate_existing=True)).first()
    if other is None or other is row:
        return row
    of_others = other.organisasjon_id != org.id
    if of_others and orgnr != org.orgnr:
        named = queries.organisasjon(other.organisasjon_id).navn
        raise Konflikt("EDIALOG_ORGNR_HOS_ANDRE", felt="orgnr", organisasjon=named)
    if other.aktiv and not of_others:
        raise Konflikt("EDIALOG_ORGNR_I_BRUK", felt="orgnr")
    if row is not None:
        raise Konflikt("EDIALOG_KONTO_I_BRUK", felt="orgnr")
    if of_others:
        _take_over(other, konto, actor)
    return other


def _take_over(row: EdialogMottaker, konto: Konto, actor: Aktor) -> None:
    """Transfer a mottaker that others created with this organisation's number, as if it were new.

    The others' log shows it as an act of the house: that it is gone and to whom, not by which person.
    """
    audit.record(
        replace(EDIALOG, request_id=actor.request_id),
        "EDIALOG_MOTTAKER_OVERTATT",
        "edialog_mottaker",
        row.konto_id,
        organisasjon_id=row.organisasjon_id,
        tjeneste=SVARUT,
        ressurs_id=row.konto_id,
        orgnr=row.orgnr,
    )
    reset_forms(row.id)
    row.organisasjon_id, row.printleverandor, row.aktiv = konto.organisasjon_id, konto.printleverandor, False


def _require_invoice(row: EdialogMottaker, leverandor: str) -> None:
    """Require an invoice address before the print house is chosen."""
    begins = leverandor == Printleverandor.GRAFISK_DIGITAL != row.printleverandor
    if begins and invoice_of(row.organisasjon_id) is None:
        raise UgyldigInndata("FAKTURA_MANGLER_FOR_PRINT", felt="printleverandor")


def _free_short_id() -> str:
    """Return four letters not in use; the caller holds the lock."""
    while True:
        made = "".join(secrets.choice(LETTERS) for _ in range(4))
        taken = select(EdialogMottaker.id).where(EdialogMottaker.short_id == made)
        if session().execute(taken).first() is None:
            return made

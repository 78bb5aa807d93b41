"""Who can be written to: made for a konto, changed, closed and opened by whoever configures it (svarut.md 8.3).

A person does it by ADMIN, a machine by EDIALOG.KONFIGURERE. What is sent to a mottaker is billed to its konto.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from uuid import UUID

from sqlalchemy import func, select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, Konflikt, UgyldigeFelt, UgyldigInndata
from fiks.edialog.models import EdialogMottaker
from fiks.edialog.mottaker_queries import configurable, set_up
from fiks.edialog.rules import Mottakeroppsett
from fiks.edialog.skjematyper import begin_standard
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.activation import SVARUT
from fiks.konfigurasjon.konto_models import Kontooppsett
from fiks.konfigurasjon.konto_rules import Printleverandor
from fiks.konfigurasjon.models import Konto, Organisasjon
from fiks.konfigurasjon.organisation_queries import invoice_of
from fiks.konfigurasjon.rules import P

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""Those of a short id: no vowels, so that it is never a word."""


def set_mottaker(konto_id: UUID, oppsett: Mottakeroppsett, *, actor: Aktor) -> str:
    """Make or change the konto's mottaker and return its short id.

    Its number is the organisation's own, or the one the konto's cover sheet has. One that another konto of the
    organisation has, and has closed, becomes this konto's. Errors: UgyldigMottaker, EDIALOG_FREMMED_ORGNR (422),
    EDIALOG_ORGNR_I_BRUK (409: another konto has it), FAKTURA_MANGLER_FOR_PRINT (422).
    """
    queries.require(actor, P.KONFIGURERE_EDIALOG, konto_id)
    _check(oppsett)
    with transaction() as tx:
        _one_at_a_time()
        mine = select(EdialogMottaker).where(EdialogMottaker.konto_id == konto_id)
        row = tx.scalars(mine.execution_options(populate_existing=True)).first()
        return _write(row, _konto(konto_id), oppsett, actor).short_id


def create_mottaker(
    organisasjon_id: UUID, oppsett: Mottakeroppsett, *, forelder_id: UUID | None = None, actor: Aktor
) -> UUID:
    """Make a mottaker for a konto of the organisation that has none; returns its id.

    `forelder_id` is the konto, or what it lies below; without it the actor's only free konto is meant. Errors: those of
    `set_mottaker`, EDIALOG_KONTO_I_BRUK (409), EDIALOG_VELG_KONTO (422: several are free).
    """
    if not configurable(organisasjon_id, forelder_id, actor=actor):
        queries.require(actor, P.KONFIGURERE_EDIALOG, forelder_id or organisasjon_id)
        raise IkkeFunnet("FINNES_IKKE")
    _check(oppsett)
    with transaction():
        _one_at_a_time()
        konto = _free_konto(organisasjon_id, forelder_id, actor)
        return _write(None, konto, oppsett, actor).id


def change_mottaker(
    mottaker_id: UUID, oppsett: Mottakeroppsett, *, forelder_id: UUID | None = None, actor: Aktor
) -> None:
    """Change a mottaker, and with `forelder_id` also which konto is billed. Errors: those of `create_mottaker`."""
    _require(mottaker_id, actor)
    _check(oppsett)
    with transaction():
        row = _held(mottaker_id, actor)
        konto = _konto(row.konto_id)
        if forelder_id is not None:
            wanted = configurable(row.organisasjon_id, forelder_id, actor=actor)
            if row.konto_id not in wanted:
                konto = _free_konto(row.organisasjon_id, forelder_id, actor)
        _write(row, konto, oppsett, actor)


def set_status(mottaker_id: UUID, *, aktiv: bool, actor: Aktor) -> None:
    """Let citizens write to a mottaker, or not. What has been sent goes on; doing it again changes nothing."""
    _require(mottaker_id, actor)
    with transaction():
        row = _held(mottaker_id, actor)
        if row.aktiv != aktiv:
            _write(row, _konto(row.konto_id), replace(set_up(row), aktiv=aktiv), actor)


def set_printleverandor(mottaker_id: UUID, leverandor: str, *, actor: Aktor) -> None:
    """Change who prints what is sent to a mottaker from now on and ends on paper.

    Errors: VALG_MANGLER, FAKTURA_MANGLER_FOR_PRINT (422).
    """
    _require(mottaker_id, actor)
    if leverandor not in set(Printleverandor):
        raise UgyldigInndata("VALG_MANGLER", felt="printleverandor")
    with transaction():
        row = _held(mottaker_id, actor)
        if row.printleverandor != leverandor:
            said = replace(set_up(row), printleverandor=leverandor)
            _write(row, _konto(row.konto_id), said, actor)


class UgyldigMottaker(UgyldigeFelt):
    """The mottaker cannot be so; `feil` is everything that is wrong."""


def _check(oppsett: Mottakeroppsett) -> None:
    if found := oppsett.faults():
        raise UgyldigMottaker(found)


def _require(mottaker_id: UUID, actor: Aktor) -> None:
    konto_id = session().scalar(select(EdialogMottaker.konto_id).where(EdialogMottaker.id == mottaker_id))
    queries.require(actor, P.KONFIGURERE_EDIALOG, konto_id or mottaker_id)


def _held(mottaker_id: UUID, actor: Aktor) -> EdialogMottaker:
    """The mottaker, while nobody else changes any; it may have gone to another konto since it was asked for."""
    _one_at_a_time()
    row = session().get(EdialogMottaker, mottaker_id, populate_existing=True)
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    queries.require(actor, P.KONFIGURERE_EDIALOG, row.konto_id)
    return row


def _one_at_a_time() -> None:
    session().execute(select(func.pg_advisory_xact_lock(func.hashtextextended("edialog_mottaker", 0))))


def _free_konto(organisasjon_id: UUID, forelder_id: UUID | None, actor: Aktor) -> Konto:
    """The one konto that a mottaker can be made for."""
    mine = configurable(organisasjon_id, forelder_id, actor=actor)
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


def _konto(konto_id: UUID) -> Konto:
    konto = session().get(Konto, konto_id, populate_existing=True)
    if konto is None:
        raise IkkeFunnet("FINNES_IKKE")
    return konto


def _write(row: EdialogMottaker | None, konto: Konto, said: Mottakeroppsett, actor: Aktor) -> EdialogMottaker:
    """Write what was said, of a mottaker that is new when there is no row, and audit it."""
    org = queries.organisasjon(konto.organisasjon_id)
    if row is None or row.orgnr != said.orgnr or (said.aktiv and not row.aktiv):
        _require_own_number(said.orgnr, konto, org)
    row = _without_rival(row, konto, said.orgnr) or EdialogMottaker(
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
    begin_standard(row.id)
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


def _require_own_number(orgnr: str, konto: Konto, org: Organisasjon) -> None:
    cover = select(Kontooppsett.forside_orgnr).where(Kontooppsett.konto_id == konto.id)
    if orgnr not in (org.orgnr, session().scalar(cover)):
        raise UgyldigInndata("EDIALOG_FREMMED_ORGNR", felt="orgnr")


def _without_rival(row: EdialogMottaker | None, konto: Konto, orgnr: str) -> EdialogMottaker | None:
    """The row to write to, None for a new one. A mottaker with the number that another konto has closed goes on in
    place of a new one, so that its links live; any other that has the number is in the way.
    """
    holder = select(EdialogMottaker).where(EdialogMottaker.orgnr == orgnr)
    other = session().scalars(holder.execution_options(populate_existing=True)).first()
    if other is None or other is row:
        return row
    if other.organisasjon_id != konto.organisasjon_id or other.aktiv:
        raise Konflikt("EDIALOG_ORGNR_I_BRUK", felt="orgnr")
    if row is not None:
        raise Konflikt("EDIALOG_KONTO_I_BRUK", felt="orgnr")
    return other


def _require_invoice(row: EdialogMottaker, leverandor: str) -> None:
    """The print house begins to print only for who has an invoice address."""
    begins = leverandor == Printleverandor.GRAFISK_DIGITAL != row.printleverandor
    if begins and invoice_of(row.organisasjon_id) is None:
        raise UgyldigInndata("FAKTURA_MANGLER_FOR_PRINT", felt="printleverandor")


def _free_short_id() -> str:
    """Four letters nobody has; the caller holds the lock."""
    while True:
        made = "".join(secrets.choice(LETTERS) for _ in range(4))
        taken = select(EdialogMottaker.id).where(EdialogMottaker.short_id == made)
        if session().execute(taken).first() is None:
            return made

"""New draft of the rows that a stopped mailing never sent, with their documents."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, insert, literal, or_, select
from sqlalchemy.orm import aliased

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeTilgang, Konflikt
from fiks.core.storage.store import Lagret
from fiks.konfigurasjon.avtale.activation import require_sending
from fiks.konfigurasjon.rules import P
from fiks.svarut.models import Forsendelse
from fiks.utsending import access
from fiks.utsending.file_models import Brevfil, Radfil
from fiks.utsending.models import Opplasting, Utsending, Utsendingsrad
from fiks.utsending.rules import EDITABLE, FACTS, MADE_ELSEWHERE, Art, Utsendingstatus, list_digest
from fiks.utsending.sending.delivery_state import is_closed_manually
from fiks.utsending.sending.stop_report import Gruppe, group_of_row
from fiks.utsending.transitions import lock_mailing, write_history

U = Utsendingstatus

_COPIED = (
    "radnr",
    "linje",
    "data_kryptert",
    "rad_hash",
    "mottakertype",
    "mottaker_indeks",
    "duplikat_indeks",
    "status",
    "funn",
    "reparasjon_kryptert",
    "skjermet",
    "sperret",
    "kanal",
    "kanalregel",
    "kanalgrunn",
    "portosone",
    "konteringskode",
    "eksternref",
    "malform",
)
_FACTS = (
    "organisasjon_id",
    "konto_id",
    *FACTS,
    "malversjon_id",
    "oppsett",
)
_FILE = (
    "nr",
    "navn_kryptert",
    "navn_indeks",
    "navnelikhet",
    "vist_navn",
    "storrelse",
    "sha256",
    "objekt",
    "fra",
    "lengde",
    "nokkel",
    "fra_side",
    "til_side",
    "sider",
    "giroark",
    "status",
    "funn",
    "form",
    "opprettet_av",
)
"""Columns copied of a file; both rows share the object, which is deleted with its last reference."""


def new_from_unsent(utsending_id: UUID, *, actor: Aktor) -> UUID:
    """Make a new UTKAST of exactly the rows that a stopped mailing never sent; return its id.

    Needs SVARUT.SENDE. A row is in at most one such draft, however often this is called. A row whose letter a
    person closed is left out: the receiver was promised not to get it. The draft's first history row has
    `rader`, and `handtert_for_hand`: how many were left out for that. The same person's second call returns
    the existing draft. Errors (409): IKKE_STOPPET, INNHOLD_SLETTET, INGEN_USENDTE.
    """
    old = access.require(utsending_id, actor, P.SENDE)
    if actor.person_id is None:
        raise IkkeTilgang("KUN_PERSON")
    if old.status != U.STOPPET:
        raise Konflikt("IKKE_STOPPET")
    require_sending(old.konto_id)
    try:
        return _new_draft(old, actor, actor.person_id)
    except Konflikt as conflict:
        there = _own_draft(utsending_id, actor.person_id) if conflict.kode == "INGEN_USENDTE" else None
        if there is None:
            raise
        return there


def _own_draft(utsending_id: UUID, person_id: UUID) -> UUID | None:
    """The person's newest draft of the mailing's unsent rows."""
    own = select(Utsending.id).where(
        Utsending.forrige_id == utsending_id,
        Utsending.opprettet_av == person_id,
        Utsending.status.in_(EDITABLE),
    )
    return session().scalars(own.order_by(Utsending.nr.desc()).limit(1)).first()


def _new_draft(old: Utsending, actor: Aktor, person_id: UUID) -> UUID:
    utsending_id = old.id
    facts = {name: getattr(old, name) for name in _FACTS}
    document = _copy_document(utsending_id) if old.art == Art.SAMME_DOKUMENT else None
    with transaction() as tx:
        # So nobody cleans it while its rows are copied.
        if lock_mailing(utsending_id).innhold_slettet is not None:
            raise Konflikt("INNHOLD_SLETTET")
        new = Utsending(opprettet_av=person_id, forrige_id=utsending_id, **facts)
        tx.add(new)
        tx.flush()
        left_out = _count_closed_by_hand(utsending_id)
        count = _copy_rows(utsending_id, new.id)
        if not count:
            raise Konflikt("INGEN_USENDTE")
        hashes = tx.scalars(
            select(Utsendingsrad.rad_hash)
            .where(Utsendingsrad.utsending_id == new.id)
            .order_by(Utsendingsrad.radnr)
        )
        new.antall_rader, new.liste_digest = count, list_digest(hashes)
        if old.art in MADE_ELSEWHERE:
            _copy_files(utsending_id, new.id)
        if document is not None:
            _attach_document(utsending_id, new.id, document, actor)
        told = {"rader": count, "handtert_for_hand": left_out}
        write_history(new.id, fra=None, til=U.UTKAST, actor=actor, detaljer=told)
        audit.record(
            actor,
            "UTKAST_AV_USENDTE",
            "utsending",
            new.id,
            fra_utsending=str(utsending_id),
            antall=count,
            handtert_for_hand=left_out,
        )
        return new.id


def _copy_rows(old_id: UUID, new_id: UUID) -> int:
    columns = [getattr(Utsendingsrad, name) for name in _COPIED]
    unsent = (
        select(literal(new_id).label("utsending_id"), *columns)
        .outerjoin(Forsendelse, Forsendelse.id == Utsendingsrad.forsendelse_id)
        .where(_is_copyable(old_id), ~is_closed_manually())
    )
    session().execute(
        insert(Utsendingsrad).from_select(["utsending_id", *_COPIED], unsent, include_defaults=False)
    )
    copied = select(func.count()).where(Utsendingsrad.utsending_id == new_id)
    return session().execute(copied).scalar_one()


def _count_closed_by_hand(old_id: UUID) -> int:
    closed = (
        select(func.count())
        .select_from(Utsendingsrad)
        .join(Forsendelse, Forsendelse.id == Utsendingsrad.forsendelse_id)
        .where(_is_copyable(old_id), is_closed_manually())
    )
    return session().execute(closed).scalar_one()


def _is_copyable(old_id: UUID) -> ColumnElement[bool]:
    """SQL on a row and its letter (outer joined): unsent in the old mailing, and in no draft made of it."""
    taken, later = aliased(Utsendingsrad), aliased(Utsending)
    already = (
        select(taken.radnr)
        .join(later, later.id == taken.utsending_id)
        .where(
            later.forrige_id == old_id,
            taken.radnr == Utsendingsrad.radnr,
            _is_same_letter(taken, later),
        )
        .correlate(Utsendingsrad)
        .exists()
    )
    return and_(Utsendingsrad.utsending_id == old_id, group_of_row() == Gruppe.STOPPET, ~already)


def _is_same_letter(taken: type[Utsendingsrad], later: type[Utsending]) -> ColumnElement[bool]:
    """SQL: two rows with the same number are the same letter, not a row of a list uploaded later.

    The hash alone is not enough: it changes when a repair is accepted in the copy. Then receiver and subject
    are still the same. A receiver without a number is known by name and address, which the repair may have
    changed: such a row counts as the copied one if no list has been uploaded since.
    """
    row = Utsendingsrad
    other_list = (
        select(Opplasting.id)
        .where(Opplasting.utsending_id == later.id, Opplasting.art.in_(("LISTE", "SAMLET")))
        .correlate(later)
        .exists()
    )
    return or_(
        taken.rad_hash == row.rad_hash,
        and_(
            taken.mottaker_indeks == row.mottaker_indeks,
            taken.duplikat_indeks.is_not_distinct_from(row.duplikat_indeks),
        ),
        and_(taken.mottaker_indeks.is_(None), row.mottaker_indeks.is_(None), ~other_list),
    )


def _copy_files(old_id: UUID, new_id: UUID) -> None:
    """Copy the documents of the copied rows, each row's in the same order."""
    tx = session()
    row, old, new = aliased(Utsendingsrad), aliased(Brevfil), aliased(Brevfil)
    of_rows = (
        select(Radfil.brevfil_id)
        .join(row, row.radnr == Radfil.radnr)
        .where(Radfil.utsending_id == old_id, row.utsending_id == new_id)
    )
    taken = select(
        func.gen_random_uuid(), literal(new_id), *(getattr(Brevfil, name) for name in _FILE)
    ).where(Brevfil.id.in_(of_rows))
    tx.execute(insert(Brevfil).from_select(["id", "utsending_id", *_FILE], taken, include_defaults=False))
    links = (
        select(literal(new_id), Radfil.radnr, Radfil.nr, new.id)
        .join(row, (row.radnr == Radfil.radnr) & (row.utsending_id == new_id))
        .join(old, old.id == Radfil.brevfil_id)
        .join(new, (new.nr == old.nr) & (new.utsending_id == new_id))
        .where(Radfil.utsending_id == old_id)
    )
    tx.execute(insert(Radfil).from_select(["utsending_id", "radnr", "nr", "brevfil_id"], links))


def _document_of(utsending_id: UUID) -> Opplasting | None:
    return (
        session()
        .scalars(
            select(Opplasting).where(Opplasting.utsending_id == utsending_id, Opplasting.art == "DOKUMENT")
        )
        .one_or_none()
    )


def _copy_document(utsending_id: UUID) -> Lagret | None:
    """Copy the document to all in the store, so that each mailing deletes its own object."""
    row = _document_of(utsending_id)
    if row is None or row.objekt is None or row.nokkel is None:
        return None
    env, objekt, nokkel = current(), row.objekt, row.nokkel
    session().rollback()
    return env.store.put_document(env.store.read_document(objekt, nokkel, env.keys), env.keys)


def _attach_document(old_id: UUID, new_id: UUID, stored: Lagret, actor: Aktor) -> None:
    row = _document_of(old_id)
    assert row is not None and actor.person_id is not None
    session().add(
        Opplasting(
            utsending_id=new_id,
            art="DOKUMENT",
            filnavn=row.filnavn,
            storrelse=stored.storrelse,
            sha256=stored.sha256,
            objekt=stored.objekt,
            nokkel=stored.nokkel,
            status=row.status,
            sider=row.sider,
            funn=row.funn,
            opprettet_av=actor.person_id,
        )
    )

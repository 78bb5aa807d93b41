"""Typed receivers: looked up in the registers, and controlled like a list.

Adding or removing one controls all of them again, so that duplicates are seen and findings are today's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import KanalFeil, Konflikt, UgyldigInndata
from fiks.core.values.identifiers import is_fnr, is_orgnr
from fiks.konfigurasjon.audit.misuse import note_protected_lookup
from fiks.konfigurasjon.models import Konto
from fiks.konfigurasjon.person.service import fnr_index
from fiks.konfigurasjon.queries import organisasjon
from fiks.konfigurasjon.rules import Organisasjonstype, P
from fiks.registeroppslag.hjemler import require_hjemmel
from fiks.registeroppslag.port import Registerport
from fiks.registeroppslag.queries import PERSON_LOOK_UP, is_neighbour_of_recent
from fiks.registeroppslag.rules import Enhetstatus, Registeradresse, Registernavn, person_for_display
from fiks.registeroppslag.service import require_look_up_left
from fiks.svarinn.queries import organisations_with_system
from fiks.svarut.sealed_content import number_index
from fiks.utsending import access
from fiks.utsending.editing.reopen import reopen
from fiks.utsending.editing.reset import forget_choices, restart_reading
from fiks.utsending.editing.stale_form import compare_versions, refuse_stale, row_versions
from fiks.utsending.filer.linking import Knytter, knytter
from fiks.utsending.jobs.queue import Del
from fiks.utsending.jobs.upload_lock import lock_piece
from fiks.utsending.liste.control.pipeline import PORTION, Portion, control_rows, control_with_answers
from fiks.utsending.liste.control.register_answers import ask_registers
from fiks.utsending.liste.findings import Rad
from fiks.utsending.liste.rules.controlled_row import control_row_alone
from fiks.utsending.models import Opplasting, Utsending, Utsendingsrad
from fiks.utsending.receivers.typed_repeat import is_double_submit, is_same_receiver
from fiks.utsending.rows import storage
from fiks.utsending.rows.portions import control_options, stored_portion
from fiks.utsending.rules import SENDABLE, Art, list_digest
from fiks.utsending.sealed_values import row_values
from fiks.utsending.transitions import lock_mailing

MAX_TYPED = 25
RECEIVER_FIELDS = (
    "fnr",
    "orgnr",
    "navn",
    "adresselinje1",
    "adresselinje2",
    "adresselinje3",
    "postnr",
    "poststed",
    "land",
)
"""Fields about the receiver's identity and address: what a register answers."""
FIELDS = (*RECEIVER_FIELDS, "malform", "konteringskode", "eksternref")
FILE_FIELDS = ("filnavn", "tittel")
"""Further fields of a typed receiver where each row has files of its own."""


@dataclass(frozen=True, slots=True, repr=False)
class Oppslag:
    """A register's answer about a number, as far as the page may show it. No repr.

    `skjermet`: only the name is shown. `uvist`: nothing is shown, so the user types everything.
    """

    funnet: bool
    verdier: dict[str, str]
    skjermet: bool = False
    uvist: bool = False


def look_up(
    utsending_id: UUID, nummer: str, hjemmel: str, register: Registerport, *, actor: Aktor
) -> Oppslag:
    """Look up a fnr, D-number or orgnr for a letter.

    The audit entry with the legal basis is written first. `hjemmel` is a code of HJEMLER that opens
    Folkeregisteret for the organisation. A person counts against the hourly limit of Registeroppslag. A
    receiver who is strengt fortrolig is shown as little as there, and reported as possible misuse. Errors:
    NUMMER_UGYLDIG, HJEMMEL_MANGLER, HJEMMEL_GJELDER_IKKE (422), FOR_MANGE_OPPSLAG (429), REGISTER_SVARER_IKKE
    (409).
    """
    # Not REGISTER.OPPSLAG besides: to look the receivers of one's own letters up is part of sending them.
    organisasjon_id = access.require(utsending_id, actor, P.SENDE).organisasjon_id
    number = "".join(nummer.split())
    person = is_fnr(number, synthetic=current().synthetic_persons)
    if not person and not is_orgnr(number):
        raise UgyldigInndata("NUMMER_UGYLDIG", felt="nummer")
    kind = Organisasjonstype(organisasjon(organisasjon_id).type)
    basis = require_hjemmel(hjemmel, Registernavn.FOLKEREGISTER, kind)
    with transaction():
        if person:
            require_look_up_left(actor)
        row: dict[str, Any] = {"i_rekke": True} if person and is_neighbour_of_recent(number, actor) else {}
        audit.record(
            actor,
            PERSON_LOOK_UP if person else "VIRKSOMHETSOPPSLAG",
            "utsending",
            utsending_id,
            tjeneste="SVARUT",
            gjelder=fnr_index(number) if person else None,
            hjemmel=basis.navn,
            indeks=number_index(number).hex(),
            **row,
        )
    try:
        return _person(number, register, actor) if person else _unit(number, register)
    except KanalFeil as error:
        raise Konflikt("REGISTER_SVARER_IKKE") from error


def _person(fnr: str, register: Registerport, actor: Aktor) -> Oppslag:
    shown = person_for_display(register.personer([fnr]).get(fnr))
    if shown.strengt_fortrolig:
        with transaction():
            note_protected_lookup("utsending", "SVARUT", actor.ref, actor.request_id)
    if not shown.funnet or shown.strengt_fortrolig:
        return Oppslag(shown.funnet, {"fnr": fnr}, uvist=shown.strengt_fortrolig)
    return Oppslag(True, {"fnr": fnr, "navn": shown.navn, **_address(shown.adresse)}, shown.adresse_skjult)


def _unit(orgnr: str, register: Registerport) -> Oppslag:
    unit = register.virksomheter([orgnr]).get(orgnr)
    if unit is None or unit.status is Enhetstatus.IKKE_FUNNET:
        return Oppslag(False, {"orgnr": orgnr})
    return Oppslag(True, {"orgnr": orgnr, "navn": unit.navn, **_address(unit.adresse)})


def _address(address: Registeradresse | None) -> dict[str, str]:
    if address is None:
        return {}
    lines = {f"adresselinje{n}": line for n, line in enumerate(address.tre_linjer, 1) if line}
    return lines | {"postnr": address.postnr, "poststed": address.poststed, "land": address.land or ""}


def add_row(
    utsending_id: UUID,
    values: Mapping[str, str],
    register: Registerport,
    *,
    actor: Aktor,
    vist: str | None = None,
) -> int:
    """Add a typed receiver last and control all of them; return its row number.

    `vist` is the row versions that the page showed (`row_versions`). If a row that the page did not show has
    this receiver, the form was sent twice: nothing is added and that row's number is returned. Errors:
    LISTE_FINNES, MOTTAKERE_AV_PDF, FOR_MANGE_SKREVNE, KAN_IKKE_ENDRES, REGISTER_SVARER_IKKE (409),
    NAVN_MANGLER (422).
    """
    access.require(utsending_id, actor, P.SENDE)
    if not values.get("navn", "").strip():
        raise UgyldigInndata("NAVN_MANGLER", felt="navn")
    written = {name: values.get(name, "") for name in (*FIELDS, *FILE_FIELDS)}

    def with_one_more(present: list[Rad]) -> list[Rad]:
        if is_double_submit(written, present, vist, row_versions(utsending_id, MAX_TYPED)):
            return present
        if len(present) >= MAX_TYPED:
            raise Konflikt("FOR_MANGE_SKREVNE", grense=MAX_TYPED)
        radnr = max((row.rad for row in present), default=0) + 1
        return [*present, Rad(radnr, radnr, written)]

    stands = _replace(utsending_id, with_one_more, register, actor)
    return max(row.rad for row in stands if is_same_receiver(row, written))


def remove_row(
    utsending_id: UUID, radnr: int, register: Registerport, *, actor: Aktor, vist: str | None = None
) -> None:
    """Remove a typed receiver and control the others again; a missing row is no error.

    `vist` is the version of the row that the page showed: VistEndret (409) when the number is another
    receiver's by now.
    """
    access.require(utsending_id, actor, P.SENDE)

    def without_it(present: list[Rad]) -> list[Rad]:
        if vist is not None:
            refuse_stale(compare_versions(vist, row_versions(utsending_id, MAX_TYPED).get(radnr, "")))
        return [row for row in present if row.rad != radnr]

    _replace(utsending_id, without_it, register, actor)


def _typed_rows(utsending_id: UUID) -> list[Rad]:
    art = session().execute(select(Utsending.art).where(Utsending.id == utsending_id)).scalar_one()
    if art == Art.EN_STOR_PDF:
        raise Konflikt("MOTTAKERE_AV_PDF")
    uploaded = select(Opplasting.id).where(Opplasting.utsending_id == utsending_id, Opplasting.art == "LISTE")
    if session().execute(select(uploaded.exists())).scalar_one():
        raise Konflikt("LISTE_FINNES")
    stored = session().scalars(
        select(Utsendingsrad)
        .where(Utsendingsrad.utsending_id == utsending_id)
        .order_by(Utsendingsrad.radnr)
        .limit(MAX_TYPED + 1)
    )
    found = [row_as_written(row) for row in stored]
    if len(found) > MAX_TYPED:
        raise Konflikt("FOR_MANGE_SKREVNE", grense=MAX_TYPED)
    return found


def row_as_written(row: Utsendingsrad) -> Rad:
    """A stored row as it was typed or read: repairs that nobody has accepted are undone."""
    values = row_values(row)
    if row.status not in {str(s) for s in SENDABLE}:
        for finding in storage.unseal_findings(row.reparasjon_kryptert):
            if finding["reparert"]:
                values |= {k: v for k, v in finding["verdi"].items() if isinstance(v, str)}
    return Rad(row.radnr, row.linje or row.radnr, values)


def _replace(
    utsending_id: UUID, change: Callable[[list[Rad]], list[Rad]], register: Registerport, actor: Aktor
) -> list[Rad]:
    """Replace the typed rows by what `change` makes of them, controlled; return them.

    No change means that the form was sent twice: nothing is done. The registers are asked before the mailing
    is locked; everything else that control depends on is read under the lock.
    """
    present = _typed_rows(utsending_id)
    asked_about = change(present)
    session().rollback()
    if asked_about == present:
        return present
    try:
        answers = ask_registers([control_row_alone(row) for row in asked_about], register)
    except KanalFeil as error:
        raise Konflikt("REGISTER_SVARER_IKKE") from error
    with transaction() as tx:
        lock_mailing(utsending_id)
        present = _typed_rows(utsending_id)
        wanted = change(present)
        if wanted == present:
            return present
        reopen(utsending_id, actor=actor)
        if wanted != asked_about:
            raise Konflikt("STATUS_ENDRET")
        konto, kun_digital = control_options(utsending_id)
        ties = knytter(utsending_id)
        portion = control_with_answers(wanted, answers, kun_digital, systems=organisations_with_system)
        stored = _row_columns(utsending_id, portion, konto, kun_digital, ties)
        restart_reading(utsending_id, actor.person_id)
        tx.execute(delete(Utsendingsrad).where(Utsendingsrad.utsending_id == utsending_id))
        if stored:
            tx.execute(insert(Utsendingsrad), stored)
        if ties:
            ties.write_links(row["radnr"] for row in stored)
            ties.finish()
        forget_choices(
            utsending_id,
            antall_rader=len(stored),
            liste_digest=list_digest(row["rad_hash"] for row in stored) if stored else None,
        )
        audit.record(actor, "MOTTAKERE_SKREVET", "utsending", utsending_id, antall=len(stored))
    return wanted


def _row_columns(
    utsending_id: UUID, portion: Portion, konto: Konto, kun_digital: bool, ties: Knytter | None
) -> list[dict[str, Any]]:
    tied = ties.check(portion.rader) if ties else portion.rader
    return list(stored_portion(utsending_id, tied, portion, konto, kun_digital))


def control_again(part: Del, register: Registerport, patience: float) -> None:
    """Worker: control the rows without a file again, in place, by the mailing's present options."""
    konto, kun_digital = control_options(part.utsending_id)
    ties = knytter(part.utsending_id)
    kept = _rows_without_file(part.utsending_id)
    for portion in control_rows(kept, register, kun_digital, patience, systems=organisations_with_system):
        made = _row_columns(part.utsending_id, portion, konto, kun_digital, ties)
        with transaction() as tx:
            if not lock_piece(part):
                return
            changed = insert(Utsendingsrad).values(made)
            keys = ("utsending_id", "radnr")
            values = {name: changed.excluded[name] for name in made[0] if name not in keys}
            tx.execute(changed.on_conflict_do_update(index_elements=list(keys), set_=values))
            if ties:
                ties.write_links(row["radnr"] for row in made)
    with transaction():
        if ties and lock_piece(part):
            ties.finish()


def _rows_without_file(utsending_id: UUID) -> Iterator[Rad]:
    after = 0
    while page := _page(utsending_id, after):
        yield from page
        after = page[-1].rad


def _page(utsending_id: UUID, after: int) -> list[Rad]:
    stored = session().scalars(
        select(Utsendingsrad)
        .where(Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.radnr > after)
        .order_by(Utsendingsrad.radnr)
        .limit(PORTION)
        .execution_options(populate_existing=True)
    )
    return [row_as_written(row) for row in stored]

"""Use cases of groups: persons of one organisation who hold the same grants. Groups do not nest.

All need ADMIN on the organisation. Adding a person to a group gives them everything the group holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.clock import database_now
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet, Konflikt, UgyldigInndata
from fiks.core.values.identifiers import mask_numbers
from fiks.konfigurasjon.grupper.queries import Gruppeside, gruppe
from fiks.konfigurasjon.models import Gruppe, Gruppemedlem, Ressurs, Tilgang
from fiks.konfigurasjon.person.service import NyPerson, person_of
from fiks.konfigurasjon.rules import MAX_MEMBERS, POWERFUL, Gruppekilde, Tilgangsgrunn, has_personal_number
from fiks.konfigurasjon.stale_form import mark_of, require_not_stale
from fiks.konfigurasjon.tilgang.holders import require_matching_name
from fiks.konfigurasjon.tilgang.lock import grant_change, require_administrator, require_fresh_login
from fiks.konfigurasjon.tilgang.rows import end_grant

NAME_LENGTH = (2, 100)


def create_gruppe(organisasjon_id: UUID, *, navn: str, gruppe_id: UUID | None = None, actor: Aktor) -> UUID:
    """Create a group without members; return its id.

    `gruppe_id` is chosen by the form and makes it idempotent. Errors: GRUPPENAVN_UGYLDIG, TEKST_MED_FNR
    (422), GRUPPENAVN_BRUKT (409).
    """
    with grant_change(organisasjon_id) as tx:
        require_administrator(actor, organisasjon_id)
        before = tx.get(Gruppe, gruppe_id) if gruppe_id else None
        if before is not None and _is_resubmission(before, organisasjon_id, navn):
            return before.id
        row = Gruppe(
            id=gruppe_id if gruppe_id and before is None else uuid4(),
            organisasjon_id=organisasjon_id,
            navn=_free_name(organisasjon_id, navn),
            kilde=Gruppekilde.INTERN,
            opprettet_av=actor.person_id,
        )
        tx.add(row)
        tx.flush()
        _audit(actor, row, "opprettet")
        return row.id


def _is_resubmission(row: Gruppe, organisasjon_id: UUID, navn: str) -> bool:
    """Return whether this is the form that created the group, sent again."""
    stands = (row.organisasjon_id, row.navn, row.slettet)
    return stands == (organisasjon_id, " ".join(navn.split()), None)


def rename_gruppe(gruppe_id: UUID, *, navn: str, vist: str | None = None, actor: Aktor) -> None:
    """Rename the group.

    `vist` is the form mark of what the page showed (`stale_form`), None for callers without a page. Errors as
    `create_gruppe`, and OPPLYSNINGER_ENDRET (409: somebody else has changed it since).
    """
    with grant_change(_organisation_of(gruppe_id)):
        row = _internal_group(gruppe_id, actor)
        name = " ".join(navn.split())
        require_not_stale(vist, {"navn": row.navn}, {"navn": name})
        if name != row.navn:
            row.navn = _free_name(row.organisasjon_id, navn)
            _audit(actor, row, "nytt navn")


def add_members(
    gruppe_id: UUID, *, personer: Sequence[UUID | NyPerson], vist: str | None = None, actor: Aktor
) -> int:
    """Add up to 100 persons to the group; return how many were not members before.

    A group that holds ADMIN needs a login less than five minutes old. `vist` is `mark_of_grants` of the
    page, None for callers without a page. Errors: FOR_MANGE_MEDLEMMER, and those of `person_of` and
    `require_matching_name` for persons named by number (422), TILGANGER_ENDRET (409: they would now get
    something else than the page said).
    """
    with grant_change(_organisation_of(gruppe_id)) as tx:
        row = _internal_group(gruppe_id, actor)
        _check_size(personer)
        for hvem in personer:
            if isinstance(hvem, NyPerson):
                require_matching_name(row.organisasjon_id, hvem, actor=actor)
        ids = list(dict.fromkeys(person_of(hvem) for hvem in personer))
        if set(ids) <= _members_among(gruppe_id, ids):
            return 0
        require_unchanged_page(vist, mark_of_grants(gruppe(gruppe_id, actor=actor)))
        if _holds_powerful(gruppe_id):
            require_fresh_login(actor)
        added = tx.scalars(
            insert(Gruppemedlem)
            .values([{"gruppe_id": row.id, "person_id": p, "lagt_til_av": actor.person_id} for p in ids])
            .on_conflict_do_nothing()
            .returning(Gruppemedlem.person_id)
        ).all()
        for person_id in added:
            _audit(actor, row, "medlem inn", person=str(person_id), til_seg_selv=person_id == actor.person_id)
        return len(added)


def remove_members(gruppe_id: UUID, *, personer: Sequence[UUID], actor: Aktor) -> int:
    """Remove up to 100 persons from the group; return how many were members. Error: SISTE_ADMINISTRATOR
    (409).
    """
    with grant_change(_organisation_of(gruppe_id)) as tx:
        row = _internal_group(gruppe_id, actor)
        _check_size(personer)
        gone = tx.scalars(
            delete(Gruppemedlem)
            .where(Gruppemedlem.gruppe_id == gruppe_id, Gruppemedlem.person_id.in_(personer))
            .returning(Gruppemedlem.person_id)
        ).all()
        for person_id in gone:
            _audit(actor, row, "medlem ut", person=str(person_id))
        return len(gone)


def delete_gruppe(gruppe_id: UUID, *, fjern_tilganger: bool, vist: str | None = None, actor: Aktor) -> None:
    """Delete the group. A group with grants is deleted only with `fjern_tilganger`, which ends them.

    `vist` is `mark_of_group` of the page, None for callers without a page. Errors (409):
    GRUPPE_HAR_TILGANGER, SISTE_ADMINISTRATOR, TILGANGER_ENDRET (other grants or members would be affected
    than the page said).
    """
    with grant_change(_organisation_of(gruppe_id)) as tx:
        row = _internal_group(gruppe_id, actor)
        require_unchanged_page(vist, mark_of_group(gruppe(gruppe_id, actor=actor)))
        grants = tx.execute(
            select(Tilgang, Ressurs)
            .join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
            .where(Tilgang.gruppe_id == gruppe_id, Tilgang.avsluttet.is_(None))
        ).all()
        if grants and not fjern_tilganger:
            raise Konflikt("GRUPPE_HAR_TILGANGER", antall=len(grants))
        for tilgang, node in grants:
            end_grant(tilgang, node, Tilgangsgrunn.GRUPPE_SLETTET, actor=actor)
        tx.execute(delete(Gruppemedlem).where(Gruppemedlem.gruppe_id == gruppe_id))
        row.slettet = database_now()
        _audit(actor, row, "slettet", tilganger=len(grants))


def is_deleted(gruppe_id: UUID, organisasjon_id: UUID, *, actor: Aktor) -> bool:
    """Return whether this was a group of the organisation and is deleted, to answer a form sent twice. Needs
    ADMIN there.
    """
    require_administrator(actor, organisasjon_id)
    row = session().get(Gruppe, gruppe_id, populate_existing=True)
    return row is not None and row.organisasjon_id == organisasjon_id and row.slettet is not None


def _organisation_of(gruppe_id: UUID) -> UUID:
    found = session().execute(
        select(Gruppe.organisasjon_id).where(Gruppe.id == gruppe_id, Gruppe.slettet.is_(None))
    )
    organisasjon_id = found.scalar_one_or_none()
    if organisasjon_id is None:
        raise IkkeFunnet("FINNES_IKKE")
    return organisasjon_id


def _internal_group(gruppe_id: UUID, actor: Aktor) -> Gruppe:
    """Return the group if the actor may change it. Konflikt("GRUPPE_EKSTERN") for a group kept by another
    system.
    """
    row = session().get_one(Gruppe, gruppe_id, populate_existing=True)
    require_administrator(actor, row.organisasjon_id)
    if row.slettet is not None:
        raise IkkeFunnet("FINNES_IKKE")
    if row.kilde == Gruppekilde.EKSTERN:
        raise Konflikt("GRUPPE_EKSTERN")
    return row


def _free_name(organisasjon_id: UUID, navn: str) -> str:
    name = " ".join(navn.split())
    if not NAME_LENGTH[0] <= len(name) <= NAME_LENGTH[1]:
        raise UgyldigInndata("GRUPPENAVN_UGYLDIG", felt="navn")
    if has_personal_number(name):
        raise UgyldigInndata("TEKST_MED_FNR", felt="navn")
    taken = exists().where(
        Gruppe.organisasjon_id == organisasjon_id,
        func.lower(Gruppe.navn) == name.lower(),
        Gruppe.slettet.is_(None),
    )
    if session().execute(select(taken)).scalar_one():
        raise Konflikt("GRUPPENAVN_BRUKT", felt="navn")
    return name


def _check_size(personer: Sequence[object]) -> None:
    if not 1 <= len(personer) <= MAX_MEMBERS:
        raise UgyldigInndata("FOR_MANGE_MEDLEMMER", felt="personer", grense=MAX_MEMBERS)


def _members_among(gruppe_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the persons who are members."""
    within = select(Gruppemedlem.person_id).where(
        Gruppemedlem.gruppe_id == gruppe_id, Gruppemedlem.person_id.in_(ids)
    )
    return set(session().scalars(within))


def _holds_powerful(gruppe_id: UUID) -> bool:
    held = exists().where(
        Tilgang.gruppe_id == gruppe_id,
        Tilgang.avsluttet.is_(None),
        Tilgang.privilegium.in_([str(p) for p in POWERFUL]),
    )
    return bool(session().execute(select(held)).scalar_one())


def _audit(actor: Aktor, row: Gruppe, endring: str, **detaljer: Any) -> None:
    audit.record(
        actor,
        "GRUPPE_ENDRET",
        "gruppe",
        row.id,
        organisasjon_id=row.organisasjon_id,
        endring=endring,
        gruppe=mask_numbers(row.navn),
        **detaljer,
    )


def mark_of_grants(side: Gruppeside) -> str:
    """Return the form mark of the group's grants, for the form that adds a member."""
    return mark_of({"tilganger": _grant_marks(side)})


def mark_of_group(side: Gruppeside) -> str:
    """Return the form mark of the group's grants and members, for the form that deletes the group."""
    members = [side.antall, *(one.id for one in side.medlemmer)]
    return mark_of({"tilganger": _grant_marks(side), "medlemmer": members})


def require_unchanged_page(vist: str | None, stands: str) -> None:
    """Raise Konflikt("TILGANGER_ENDRET") unless the mark matches the present state; None (no page) always
    passes.
    """
    if vist is not None and vist != stands:
        raise Konflikt("TILGANGER_ENDRET")


def _grant_marks(side: Gruppeside) -> list[str]:
    return [f"{one.tilgang_id} {one.gyldig_fra} {one.gyldig_til}" for one in side.tilganger]

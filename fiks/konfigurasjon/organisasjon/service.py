"""Use cases of the root plane: create an organisation with its first administrator, or give it another one;
and the steps others use on organisations.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from fiks.core import audit, clock
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, Konflikt, UgyldigInndata
from fiks.konfigurasjon.duplicate_submit import was_just_made
from fiks.konfigurasjon.field_rules import check, reason_fault
from fiks.konfigurasjon.models import Organisasjon, Person, Ressurs, Tilgang
from fiks.konfigurasjon.operators import require_root
from fiks.konfigurasjon.organisasjon.rules import NyOrganisasjon
from fiks.konfigurasjon.person.rules import Personopplysninger
from fiks.konfigurasjon.person.service import person_with_exact_name
from fiks.konfigurasjon.rules import (
    Innehaver,
    Innehavertype,
    Organisasjonstype,
    P,
    Ressurstype,
    Tilgangsgrunn,
)
from fiks.konfigurasjon.tilgang.rows import end_grant, insert_grant

ORGANISASJON_CREATED, FIRST_ADMINISTRATOR = "ORGANISASJON_OPPRETTET", "Første administrator"


def create_organisasjon(
    *,
    navn: str,
    orgnr: str,
    type: Organisasjonstype,
    administrator: Personopplysninger,
    actor: Aktor,
    **kontakt: object,
) -> UUID:
    """Create an organisation with its ressurs and first administrator, in one transaction; root plane only.

    Idempotent for the same form sent twice by the same person. No service comes with it: the organisation
    signs agreements and takes services into use itself. `kontakt`: kommunenr, adresselinje1, postnr,
    poststed, epost, telefon, nettsted, apningstid, intern. Errors: FNR_UGYLDIG, those of `NyOrganisasjon`,
    PERSON_KJENT_UNDER_ANNET_NAVN (422), ORGANISASJON_FINNES (409). Source: konfigurasjon.md 2.1, 2.4, 17.2.
    """
    require_root(actor)
    number = "".join(orgnr.split())
    check(NyOrganisasjon(navn, number, str(kontakt.get("kommunenr") or ""), type))
    with transaction() as tx:
        tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"organisasjon|{number}", 0))))
        before = tx.scalars(select(Organisasjon).where(Organisasjon.orgnr == number)).first()
        if before is not None:
            if _is_resubmission(before, {"navn": navn, "type": str(type), **kontakt}, administrator, actor):
                return before.id
            raise Konflikt("ORGANISASJON_FINNES", felt="orgnr")
        person = person_with_exact_name(administrator)
        row = Organisasjon(navn=navn, orgnr=number, type=type, **kontakt)
        tx.add(row)
        try:
            tx.flush()
        except IntegrityError as error:
            # Made by somebody else between the look and the insert: the unique column decides.
            raise Konflikt("ORGANISASJON_FINNES", felt="orgnr") from error
        add_ressurs(None, Ressurstype.FIKS_ORG, navn, row.id, ressurs_id=row.id)
        audit.record(
            actor, ORGANISASJON_CREATED, "organisasjon", row.id, organisasjon_id=row.id, type=str(type)
        )
        _make_administrator(row.id, person, FIRST_ADMINISTRATOR, actor)
        return row.id


def _is_resubmission(
    row: Organisasjon, said: Mapping[str, object], administrator: Personopplysninger, actor: Aktor
) -> bool:
    """Return whether this is the form that created the organisation, sent again, with the same first
    administrator.
    """
    if any(getattr(row, name) != value for name, value in said.items()):
        return False
    if not was_just_made(row.id, ORGANISASJON_CREATED, actor=actor):
        return False
    first = select(Tilgang.id).where(
        Tilgang.person_id == person_with_exact_name(administrator).id,
        Tilgang.ressurs_id == row.id,
        Tilgang.privilegium == P.ADMIN,
        Tilgang.begrunnelse == FIRST_ADMINISTRATOR,
    )
    return session().execute(first).first() is not None


def add_administrator(
    organisasjon_id: UUID, administrator: Personopplysninger, *, begrunnelse: str, actor: Aktor
) -> UUID:
    """Give an organisation an administrator from outside, as when it has lost its own; root plane only.

    The organisation sees it in its log and among its grants. Returns the person's id. Errors: FNR_UGYLDIG,
    ADMINISTRATOR_BEGRUNNELSE, PERSON_KJENT_UNDER_ANNET_NAVN (422), TILGANG_FINNES (409). Source:
    konfigurasjon.md 3.3 («root can always add one»).
    """
    require_root(actor)
    if fault := reason_fault(begrunnelse):
        raise UgyldigInndata(str(fault), felt="begrunnelse")
    with transaction():
        lock_organisasjon_row(organisasjon_id)
        person = person_with_exact_name(administrator)
        _make_administrator(organisasjon_id, person, begrunnelse, actor)
        return person.id


def lock_organisasjon_row(organisasjon_id: UUID) -> Organisasjon:
    """Lock the organisation's row until the transaction ends and return it; IkkeFunnet when there is none."""
    found = session().get(Organisasjon, organisasjon_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise IkkeFunnet("FINNES_IKKE")
    return found


def _make_administrator(organisasjon_id: UUID, person: Person, begrunnelse: str, actor: Aktor) -> None:
    held = grant_on_organisation(organisasjon_id, person.id, P.ADMIN, begrunnelse, actor)
    if held is None:
        raise Konflikt("TILGANG_FINNES")


def grant_on_organisation(
    organisasjon_id: UUID, person_id: UUID, privilegium: P, begrunnelse: str, actor: Aktor
) -> UUID | None:
    """Grant a privilege on the organisation's own ressurs without an end date; inside a transaction, after
    the caller's own check.

    Returns None when the person already holds it there without an end. An expired or time-limited grant is
    replaced.
    """
    same = select(Tilgang).where(
        Tilgang.person_id == person_id,
        Tilgang.privilegium == privilegium,
        Tilgang.ressurs_id == organisasjon_id,
        Tilgang.avsluttet.is_(None),
    )
    node = session().get_one(Ressurs, organisasjon_id)
    old = session().scalars(same.with_for_update()).one_or_none()
    if old is not None and old.gyldig_til is None and old.gyldig_fra <= clock.database_now():
        return None
    if old is not None:
        end_grant(old, node, Tilgangsgrunn.FJERNET, actor=actor)
        session().flush()
    holder = Innehaver(Innehavertype.PERSON, person_id)
    return insert_grant(node, holder, privilegium, begrunnelse=begrunnelse, actor=actor)


def add_ressurs(
    parent: Ressurs | None,
    type: str,
    navn: str,
    organisasjon_id: UUID,
    ressurs_id: UUID | None = None,
) -> Ressurs:
    """Add a node to the ressurs tree inside a transaction, below `parent` (None: an organisation's top node)."""
    own = ressurs_id or uuid4()
    row = Ressurs(
        id=own,
        forelder_id=parent.id if parent else None,
        type=type,
        navn=navn,
        organisasjon_id=organisasjon_id,
        sti=[*(parent.sti if parent else []), own],
    )
    session().add(row)
    session().flush()
    return row

"""An organisation's own data, changed by itself: contact, invoice, citizens' contact, agreement
administrator, logo.

The same use cases serve the first-time set-up and later changes. The audit names the changed fields, never
their values.

`vist` is the form mark of what the page showed (`stale_form`), None for callers without a page. Data changed
by somebody else since then is never overwritten; the answer is OPPLYSNINGER_ENDRET (409).
"""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256
from uuid import UUID

from sqlalchemy import func

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import transaction
from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.field_rules import check
from fiks.konfigurasjon.models import Avtalekontakt, Faktura, Organisasjon
from fiks.konfigurasjon.organisasjon.queries import CONTACT_FIELDS, current_values, setup
from fiks.konfigurasjon.organisasjon.rules import (
    Fakturaopplysninger,
    Innbyggerkontakt,
    Kontakt,
    Oppsettstrinn,
)
from fiks.konfigurasjon.organisasjon.service import grant_on_organisation, lock_organisasjon_row
from fiks.konfigurasjon.person.rules import Personopplysninger
from fiks.konfigurasjon.person.service import NyPerson, name_person
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.stale_form import mark_of, require_not_stale
from fiks.konfigurasjon.tilgang.holders import require_matching_name

LOGO_BYTES = 6_000_000
LOGO_TYPES = frozenset({"image/png", "image/svg+xml"})


def set_kontakt(organisasjon_id: UUID, kontakt: Kontakt, *, vist: str | None = None, actor: Aktor) -> None:
    """Change the organisation's address and the e-mail addresses the platform writes to; needs ORG.REDIGER."""
    queries.require(actor, P.ORG_REDIGER, organisasjon_id)
    check(kontakt)
    values = asdict(kontakt) | {"varsel_epost": list(dict.fromkeys(kontakt.varsel_epost))}
    _save(organisasjon_id, Oppsettstrinn.KONTAKT, values, vist, actor)


def set_innbyggerkontakt(
    organisasjon_id: UUID, kontakt: Innbyggerkontakt, *, vist: str | None = None, actor: Aktor
) -> None:
    """Change how citizens reach the organisation; needs ORG.REDIGER."""
    queries.require(actor, P.ORG_REDIGER, organisasjon_id)
    check(kontakt)
    values: dict[str, object] = {name: value or None for name, value in asdict(kontakt).items()}
    _save(organisasjon_id, Oppsettstrinn.INNBYGGERE, values, vist, actor)


def _save(
    organisasjon_id: UUID, part: Oppsettstrinn, values: dict[str, object], vist: str | None, actor: Aktor
) -> None:
    with transaction():
        row = lock_organisasjon_row(organisasjon_id)
        require_not_stale(vist, current_values(organisasjon_id, part), values)
        _set_and_audit(row, values, actor, organisasjon_id)


def _change_logo(organisasjon_id: UUID, values: dict[str, object], vist: str | None, actor: Aktor) -> None:
    """Set the logo columns that differ and audit their names. Raises LOGO_ENDRET if the logo is no longer the
    one shown.
    """
    with transaction():
        row = lock_organisasjon_row(organisasjon_id)
        if row.logo != values["logo"] and vist not in (None, logo_mark(row.logo)):
            raise Konflikt("LOGO_ENDRET")
        _set_and_audit(row, values, actor, organisasjon_id)


def _set_and_audit(
    row: Organisasjon | Faktura, values: dict[str, object], actor: Aktor, organisasjon_id: UUID
) -> bool:
    changed = _set_changed(row, values)
    _audit(changed, actor, organisasjon_id)
    return bool(changed)


def _set_changed(row: Organisasjon | Faktura | Avtalekontakt, values: dict[str, object]) -> list[str]:
    """Set the columns that differ; return their names."""
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, values[name])
    return changed


def _audit(changed: list[str], actor: Aktor, organisasjon_id: UUID) -> None:
    if changed:
        audit.record(
            actor,
            "ORGANISASJON_ENDRET",
            "organisasjon",
            organisasjon_id,
            organisasjon_id=organisasjon_id,
            felter=", ".join(changed),
        )


def set_faktura(
    organisasjon_id: UUID, faktura: Fakturaopplysninger, *, vist: str | None = None, actor: Aktor
) -> None:
    """Change where and how the organisation is invoiced; needs ORG.REDIGER."""
    queries.require(actor, P.ORG_REDIGER, organisasjon_id)
    check(faktura)
    optional = (
        "juridisk_navn",
        "referanse",
        "epost",
        "telefon",
        "adresselinje2",
        "kundenummer",
        "endepunkt_id",
    )
    given = asdict(faktura)
    values = {name: (value or None) if name in optional else value for name, value in given.items()}
    with transaction() as tx:
        lock_organisasjon_row(organisasjon_id)
        require_not_stale(vist, current_values(organisasjon_id, Oppsettstrinn.FAKTURA), values)
        row = tx.get(Faktura, organisasjon_id) or Faktura(organisasjon_id=organisasjon_id)
        if _set_and_audit(row, values, actor, organisasjon_id):
            tx.add(row)
            tx.flush()
            row.sist_endret = func.now()


def set_avtaleadministrator(
    organisasjon_id: UUID, person: Personopplysninger, *, vist: str | None = None, actor: Aktor
) -> None:
    """Appoint the person legally responsible for the agreements and grant them AVTALE.SIGNER; needs ADMIN.

    The previous one keeps the right to sign until an administrator removes it. Appointing the same person
    again corrects their contact details, which are kept for this organisation only. Errors: those of
    `Personopplysninger`, FNR_UGYLDIG, PERSON_HETER_ANNET (422).
    """
    queries.require(actor, P.ADMIN, organisasjon_id)
    check(person)
    with transaction() as tx:
        row = lock_organisasjon_row(organisasjon_id)
        who = NyPerson(person.fnr, person.navn)
        require_matching_name(organisasjon_id, who, actor=actor, felt="personnavn")
        before = current_values(organisasjon_id, Oppsettstrinn.AVTALEADMINISTRATOR)
        named = name_person(person)
        said: dict[str, object] = {name: getattr(person, name) or None for name in CONTACT_FIELDS}
        require_not_stale(vist, before, {"avtaleadmin_id": named.id} | said)
        changed = _set_changed(row, {"avtaleadmin_id": named.id})
        reached = tx.get(Avtalekontakt, organisasjon_id) or Avtalekontakt(organisasjon_id=organisasjon_id)
        reached.person_id = named.id
        changed += [f"avtaleadmin_{name}" for name in _set_changed(reached, said)]
        tx.add(reached)
        _audit(changed, actor, organisasjon_id)
        grant_on_organisation(organisasjon_id, named.id, P.AVTALE_SIGNER, "Avtaleadministrator", actor)


def finish_setup(organisasjon_id: UUID, *, actor: Aktor) -> None:
    """Finish the first-time set-up, which opens the organisation's other pages. Needs ADMIN; idempotent.

    Error: OPPSETT_MANGLER (409) when a step lacks its data.
    """
    queries.require(actor, P.ADMIN, organisasjon_id)
    with transaction():
        row = lock_organisasjon_row(organisasjon_id)
        if row.konfigurert is not None:
            return
        if setup(organisasjon_id).neste is not Oppsettstrinn.BEKREFT:
            raise Konflikt("OPPSETT_MANGLER")
        row.konfigurert = func.now()
        audit.record(
            actor,
            "ORGANISASJON_KONFIGURERT",
            "organisasjon",
            organisasjon_id,
            organisasjon_id=organisasjon_id,
        )


def logo_mark(logo: bytes | None) -> str:
    """Return the form mark of the logo a page showed, or of having no logo."""
    return mark_of({"logo": None if logo is None else sha256(logo).hexdigest()})


def set_logo(
    organisasjon_id: UUID, logo: bytes, logo_type: str, *, vist: str | None = None, actor: Aktor
) -> None:
    """Set the logo printed on letters; needs ORG.REDIGER. LOGO_ENDRET (409) when `vist` is not the mark of
    the present logo.

    The picture must be vetted (`brev.vet_svg`): an upload must be redrawn before it is passed in here.
    """
    queries.require(actor, P.ORG_REDIGER, organisasjon_id)
    if logo_type not in LOGO_TYPES or not 0 < len(logo) <= LOGO_BYTES:
        raise UgyldigInndata("LOGO_UGYLDIG", felt="logo")
    _change_logo(organisasjon_id, {"logo": logo, "logo_type": logo_type}, vist, actor)


def remove_logo(organisasjon_id: UUID, *, vist: str | None = None, actor: Aktor) -> None:
    """Remove the logo from letters; needs ORG.REDIGER. LOGO_ENDRET as for `set_logo`."""
    queries.require(actor, P.ORG_REDIGER, organisasjon_id)
    _change_logo(organisasjon_id, {"logo": None, "logo_type": None}, vist, actor)

"""Corrections by operators of the platform: an organisation's name, number and type, and a person's name (ADR
0049).

Everything else the organisation changes itself (`organisasjon.own_data`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeTilgang, Konflikt, UgyldigInndata
from fiks.core.values.identifiers import Fnr
from fiks.konfigurasjon.field_rules import Feltfeil, check, person_name_fault, reason_fault
from fiks.konfigurasjon.konto.settings import follow_organisation
from fiks.konfigurasjon.models import Organisasjon, Ressurs
from fiks.konfigurasjon.operators import require_root
from fiks.konfigurasjon.organisasjon.rules import NyOrganisasjon
from fiks.konfigurasjon.organisasjon.service import lock_organisasjon_row
from fiks.konfigurasjon.person.names import lock_person, rename_and_audit
from fiks.konfigurasjon.person.rules import is_exact_name
from fiks.konfigurasjon.person.service import known_persons
from fiks.konfigurasjon.rules import Organisasjonstype
from fiks.konfigurasjon.stale_form import require_not_stale


def rename_person(fnr: str, *, fra: str, til: str, begrunnelse: str, actor: Aktor) -> UUID:
    """Correct a person's misspelt name; root plane only. Every organisation the person belongs to sees it in
    its log, with the reason.

    `fra` must be the present name word for word, so that a mistyped number renames nobody else; whose number
    it is is not revealed. If the name is `til` already, nothing changes, whatever `fra` says: the form was
    sent twice. Returns the person's id. Errors: FNR_UGYLDIG, PERSONNAVN_UGYLDIG, ADMINISTRATOR_BEGRUNNELSE,
    PERSON_IKKE_KJENT_SLIK (422), EGET_NAVN (403).
    """
    require_root(actor)
    number, til = Fnr.parse(fnr, synthetic=current().synthetic_persons).value, " ".join(til.split())
    if fault := person_name_fault(til):
        raise UgyldigInndata(str(fault), felt="til")
    if fault := reason_fault(begrunnelse):
        raise UgyldigInndata(str(fault), felt="begrunnelse")
    with transaction():
        person = lock_person(known_persons([number]).get(number))
        if person is not None and person.id == actor.person_id:
            raise IkkeTilgang("EGET_NAVN", felt="fnr")
        if person is not None and person.navn == til:
            return person.id
        if person is None or not person.navn or not is_exact_name(person.navn, fra):
            raise UgyldigInndata("PERSON_IKKE_KJENT_SLIK", felt="fra")
        rename_and_audit(person, til, actor, begrunnelse=begrunnelse.strip())
        return person.id


@dataclass(frozen=True, slots=True)
class Grunnopplysninger:
    """The data of an organisation that the root plane decides."""

    navn: str
    orgnr: str
    type: str
    kommunenr: str = ""

    def faults(self) -> dict[str, Feltfeil]:
        """Return field to fault code, in page order."""
        kind = {} if self.type in set(Organisasjonstype) else {"type": Feltfeil.VALG_MANGLER}
        return kind | NyOrganisasjon(self.navn, self.orgnr, self.kommunenr, self.type).faults()


def facts_of(row: Organisasjon) -> Grunnopplysninger:
    """Return the present values."""
    return Grunnopplysninger(row.navn, row.orgnr, row.type, row.kommunenr or "")


def change_organisasjon(
    organisasjon_id: UUID, ny: Grunnopplysninger, *, begrunnelse: str, vist: str | None = None, actor: Aktor
) -> tuple[str, ...]:
    """Change the fields that differ, with a reason the organisation sees in its log; root plane only. Returns
    the changed fields.

    For an organisation that may have letters ready to send, call `fiks.utsending.sending.sender_change.change_sender`
    instead, which asks first. `vist` is the form mark of what the page showed (`stale_form`). Errors: those
    of `Grunnopplysninger`, ADMINISTRATOR_BEGRUNNELSE (422), ORGANISASJON_FINNES, OPPLYSNINGER_ENDRET (409).
    """
    require_root(actor)
    check(ny)
    if fault := reason_fault(begrunnelse):
        raise UgyldigInndata(str(fault), felt="begrunnelse")
    with transaction():
        row = lock_organisasjon_row(organisasjon_id)
        before, after = asdict(facts_of(row)), asdict(ny)
        require_not_stale(vist, before, after)
        changed = tuple(name for name in after if after[name] != before[name])
        if not changed:
            return ()
        _write(row, ny)
        follow_organisation(
            organisasjon_id, (before["navn"], ny.navn), (before["orgnr"], ny.orgnr), actor=actor
        )
        told = {f"{name}_for": before[name] for name in changed} | {name: after[name] for name in changed}
        audit.record(
            actor,
            "ORGANISASJON_ENDRET",
            "organisasjon",
            organisasjon_id,
            organisasjon_id=organisasjon_id,
            begrunnelse=begrunnelse.strip(),
            **told,
        )
        return changed


def _write(row: Organisasjon, ny: Grunnopplysninger) -> None:
    taken = select(Organisasjon.id).where(Organisasjon.orgnr == ny.orgnr, Organisasjon.id != row.id)
    if session().execute(taken).first() is not None:
        raise Konflikt("ORGANISASJON_FINNES", felt="orgnr")
    row.navn, row.orgnr, row.type, row.kommunenr = ny.navn, ny.orgnr, ny.type, ny.kommunenr or None
    session().get_one(Ressurs, row.id).navn = ny.navn
    try:
        session().flush()
    except IntegrityError as error:
        # Taken by somebody else between the look and the update: the unique column decides.
        raise Konflikt("ORGANISASJON_FINNES", felt="orgnr") from error

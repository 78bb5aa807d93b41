"""Double submit of a form: whether the actor has already done what it asks for, and the letter is where it
would send it.

Only the actor's own acts are revealed, so neither a right to the letter nor Altinn is needed.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.values.identifiers import mask_numbers
from fiks.svarinn.models import Mottakersystem
from fiks.svarut.models import Hendelse, SvarinnMottak
from fiks.svarut.svarinn.acknowledgement import load_reports, shortened_report


def has_rejected(forsendelse_id: UUID, feilmelding: str, *, actor: Aktor) -> bool:
    """Whether the actor has rejected the letter for good with this text."""
    found = _acts(forsendelse_id, "FEILET_SVARINN", actor).where(SvarinnMottak.avvist.is_not(None))
    said = load_reports(forsendelse_id, of=session().scalars(found).all())
    return mask_numbers(shortened_report(feilmelding)) in said.values()


def has_sent_back(forsendelse_id: UUID, *, actor: Aktor) -> bool:
    """Whether the actor has sent the letter back to its ordinary delivery."""
    found = _acts(forsendelse_id, "SENDT_TILBAKE_MANUELT", actor).where(SvarinnMottak.avvist.is_not(None))
    return session().scalars(found).first() is not None


def has_forwarded(forsendelse_id: UUID, til_system_id: UUID, *, actor: Aktor) -> str:
    """The name of the system if the actor has forwarded the letter there; else empty."""
    found = _acts(forsendelse_id, "NYTT_MOTTAKERSYSTEM", actor).where(Mottakersystem.id == til_system_id)
    return session().scalars(found.with_only_columns(Mottakersystem.navn)).first() or ""


def _acts(forsendelse_id: UUID, kode: str, actor: Aktor) -> Select[int]:
    """The numbers of the actor's events with this code, for letters that wait or waited for the actor's
    organisation.
    """
    return (
        select(Hendelse.lopenr)
        .join(SvarinnMottak, SvarinnMottak.forsendelse_id == Hendelse.forsendelse_id)
        .join(Mottakersystem, Mottakersystem.id == SvarinnMottak.mottakersystem_id)
        .where(
            Hendelse.forsendelse_id == forsendelse_id,
            Hendelse.kode == kode,
            Hendelse.aktor == actor.ref,
            Mottakersystem.organisasjon_id == actor.organisasjon_id,
        )
    )

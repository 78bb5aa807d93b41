"""A mottakersystem's service password and certificate: what lets it in, and what its letters are encrypted
to.

Whoever changes these decides who can read the letters, so a person must have logged in recently. A machine
authenticates in every call.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from cryptography import x509
from sqlalchemy import select

from fiks.core import clock
from fiks.core.actor import Aktor, Aktortype
from fiks.core.clock import database_now
from fiks.core.crypto import cms_writer
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.integrasjon.passwords import Formal, Passord, hash_of
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.tilgang.lock import require_fresh_login
from fiks.svarinn.certificates import Sertifikatinnhold, read_certificate
from fiks.svarinn.models import Mottakersystem, Mottakersystempassord
from fiks.svarinn.rules import Sertifikatstatus, certificate_status
from fiks.svarinn.service import lock_system, record

BEGINNING = datetime.min.replace(tzinfo=UTC)
"""A moment before any certificate expired."""


@dataclass(frozen=True, slots=True)
class Sertifikatfakta:
    """The certificate in use; `utloper` and `pem` are None when there is none."""

    status: Sertifikatstatus
    utloper: datetime | None
    pem: bytes | None


def password_made_at(system_id: UUID, *, actor: Aktor) -> datetime | None:
    """Return when the system's password was made, None when it has none."""
    queries.require(actor, P.KONFIGURERE_MOTTAK, system_id)
    made = select(Mottakersystempassord.laget).where(Mottakersystempassord.mottakersystem_id == system_id)
    return session().execute(made).scalar_one_or_none()


def new_password(system_id: UUID, *, replaces: datetime | None, actor: Aktor) -> Passord:
    """Make a new service password, to be shown once; the old one stops working at once.

    `replaces` is the `password_made_at` that the caller saw; Konflikt("PASSORD_ENDRET") if another was made
    since. Error also NY_INNLOGGING.
    """
    queries.require(actor, P.KONFIGURERE_MOTTAK, system_id)
    _require_proof(actor)
    passord = Passord(str(uuid4()))
    with transaction() as tx:
        system = lock_system(system_id)
        row = tx.get(Mottakersystempassord, system_id, populate_existing=True)
        if (row.laget if row else None) != replaces:
            raise Konflikt("PASSORD_ENDRET")
        row = row or Mottakersystempassord(mottakersystem_id=system_id)
        row.passord_hash, row.laget = hash_of(passord.verdi, Formal.MOTTAKERSYSTEM), database_now()
        row.laget_av, row.sist_brukt = actor.person_id, None
        tx.add(row)
        record(system, "MOTTAKERSYSTEM_PASSORD_GENERERT", actor)
    return passord


def set_certificate(
    system_id: UUID, data: bytes, *, vist: str | None = None, actor: Aktor
) -> Sertifikatfakta:
    """Use this certificate, PEM or DER, from the next download on.

    `vist` is the fingerprint that the page showed, "" for none; None for callers without a page. Errors:
    those of `read_certificate` (422), NY_INNLOGGING, SERTIFIKAT_ENDRET (409: another certificate was set
    since).
    """
    queries.require(actor, P.KONFIGURERE_MOTTAK, system_id)
    _require_proof(actor)
    read = read_certificate(data, now=clock.now())
    with transaction():
        system = lock_system(system_id)
        if vist not in (None, stands := _fingerprint(system.sertifikat)) and stands != read.fingeravtrykk:
            raise Konflikt("SERTIFIKAT_ENDRET")
        system.sertifikat, system.sertifikat_utloper = read.pem, read.utloper
        system.sertifikat_endret, system.sertifikat_varslet = database_now(), None
        record(
            system,
            "SERTIFIKAT_LASTET_OPP",
            actor,
            utloper=read.utloper.isoformat(),
            fingeravtrykk=read.fingeravtrykk,
        )
    return _facts(read.pem, read.utloper)


def certificate_content(system_id: UUID, *, actor: Aktor) -> Sertifikatinnhold | None:
    """Return the content of the certificate in use, also when it has expired; None when there is none."""
    pem = certificate(system_id, actor=actor).pem
    return None if pem is None else read_certificate(pem, now=BEGINNING)


def remove_certificate(system_id: UUID, *, vist: str | None = None, actor: Aktor) -> None:
    """Remove the certificate: nothing can be fetched until there is another.

    `vist` and errors as for `set_certificate`; removing it again is fine.
    """
    queries.require(actor, P.KONFIGURERE_MOTTAK, system_id)
    _require_proof(actor)
    with transaction():
        system = lock_system(system_id)
        if system.sertifikat is None:
            return
        if vist not in (None, _fingerprint(system.sertifikat)):
            raise Konflikt("SERTIFIKAT_ENDRET")
        system.sertifikat = system.sertifikat_utloper = None
        system.sertifikat_endret, system.sertifikat_varslet = database_now(), None
        record(system, "SERTIFIKAT_FJERNET", actor)


def certificate(system_id: UUID, *, actor: Aktor) -> Sertifikatfakta:
    """Return the certificate and its present status; it is public."""
    queries.require(actor, P.KONFIGURERE_MOTTAK, system_id)
    system = session().get(Mottakersystem, system_id, populate_existing=True)
    if system is None:
        raise IkkeFunnet("FINNES_IKKE")
    return _facts(system.sertifikat, system.sertifikat_utloper)


def encryption_certificate(system_id: UUID) -> x509.Certificate:
    """Return the certificate to encrypt the system's letters to. Konflikt SERTIFIKAT_MANGLER or
    SERTIFIKAT_ER_UTLOPT.
    """
    row = session().execute(
        select(Mottakersystem.sertifikat, Mottakersystem.sertifikat_utloper).where(
            Mottakersystem.id == system_id
        )
    )
    pem, utloper = row.one()
    if pem is None:
        raise Konflikt("SERTIFIKAT_MANGLER")
    if certificate_status(utloper, clock.now()) is Sertifikatstatus.UTLOPT:
        raise Konflikt("SERTIFIKAT_ER_UTLOPT")
    return cms_writer.load_certificate(pem)


def _fingerprint(pem: bytes | None) -> str:
    return "" if pem is None else read_certificate(pem, now=BEGINNING).fingeravtrykk


def _facts(pem: bytes | None, utloper: datetime | None) -> Sertifikatfakta:
    return Sertifikatfakta(certificate_status(utloper, clock.now()), utloper, pem)


def _require_proof(actor: Aktor) -> None:
    if actor.type is not Aktortype.INTEGRASJON:
        require_fresh_login(actor)

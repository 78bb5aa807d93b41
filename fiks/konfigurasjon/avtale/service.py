"""Agreements in versions: KS publishes a text, and an organisation signs exactly the text it was shown.

A new version requires a new signature but stops nothing that runs (konfigurasjon.md 2.3).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt, UgyldigInndata
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.avtale.models import Avtale, Avtalesignatur, Tjeneste
from fiks.konfigurasjon.models import Organisasjon, Person
from fiks.konfigurasjon.operators import require_root
from fiks.konfigurasjon.organisasjon.service import lock_organisasjon_row
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.tilgang.lock import require_fresh_login

PUBLISH_LOCK = 7_340_003
LONGEST_TEXT = 200_000


@dataclass(frozen=True, slots=True)
class NyAvtale:
    """The text of an agreement version to publish. `tjeneste_kode` None is the hovedavtale.

    `erstatter` is the version the writer saw in force (0 for none); None skips the check.
    """

    tjeneste_kode: str | None
    tittel: str
    tekst: str
    erstatter: int | None = None

    def tidied(self) -> tuple[str, str]:
        """Return title and text in their stored form: trimmed, with unix line endings."""
        return self.tittel.strip(), self.tekst.replace("\r\n", "\n").replace("\r", "\n").strip()

    def faults(self) -> dict[str, str]:
        """Return field to fault code."""
        (title, body), faults = self.tidied(), dict[str, str]()
        if not 3 <= len(title) <= 200 or not title.isprintable():
            faults["tittel"] = "AVTALETITTEL_UGYLDIG"
        if not body or len(body) > LONGEST_TEXT or "\0" in body:
            faults["tekst"] = "AVTALETEKST_MANGLER"
        return faults


def digest_of(tittel: str, tekst: str) -> bytes:
    """Return the SHA-256 of what is shown and signed: title, an empty line, text."""
    return hashlib.sha256(f"{tittel}\n\n{tekst}".encode()).digest()


def publish_avtale(avtale: NyAvtale, *, actor: Aktor) -> int:
    """Publish a text as the next version, in force at once; root plane only. Returns the version number.

    Errors: AVTALETEKST_MANGLER, AVTALETITTEL_UGYLDIG (422), TJENESTE_UKJENT (404), AVTALE_UENDRET (409: the
    version in force has the same text, and nobody should have to sign it twice), AVTALE_NY_VERSJON (409:
    another version than `erstatter` is in force).
    """
    require_root(actor)
    for felt, fault in avtale.faults().items():
        raise UgyldigInndata(fault, felt=felt)
    title, body = avtale.tidied()
    with transaction() as tx:
        tx.execute(select(func.pg_advisory_xact_lock(PUBLISH_LOCK)))
        kode = avtale.tjeneste_kode
        if kode is not None and tx.get(Tjeneste, kode) is None:
            raise IkkeFunnet("TJENESTE_UKJENT", felt="tjeneste")
        newest, digest = version_in_force(kode), digest_of(title, body)
        if newest is not None and newest.sha256 == digest:
            raise Konflikt("AVTALE_UENDRET")
        last = 0 if newest is None else newest.versjon
        if avtale.erstatter not in (None, last):
            raise Konflikt("AVTALE_NY_VERSJON")
        versjon = last + 1
        row = Avtale(tjeneste_kode=kode, versjon=versjon, tittel=title, tekst=body, sha256=digest)
        tx.add(row)
        tx.flush()
        audit.record(
            actor,
            "AVTALE_PUBLISERT",
            "avtale",
            row.id,
            tjeneste=kode,
            versjon=versjon,
            sha256=digest.hex(),
        )
        return versjon


def version_in_force(tjeneste_kode: str | None) -> Avtale | None:
    """Return the newest version of the hovedavtale (None) or of a service's tjenestevedlegg."""
    newest = (
        select(Avtale)
        .where(Avtale.tjeneste_kode.is_not_distinct_from(tjeneste_kode))
        .order_by(Avtale.versjon.desc())
        .limit(1)
    )
    return session().scalars(newest).one_or_none()


def versions_in_force() -> dict[str | None, Avtale]:
    """Return the version in force of the hovedavtale and of every service that has one, by service code."""
    newest = (
        select(Avtale)
        .ext(distinct_on(Avtale.tjeneste_kode))
        .order_by(Avtale.tjeneste_kode, Avtale.versjon.desc())
    )
    return {avtale.tjeneste_kode: avtale for avtale in session().scalars(newest)}


def has_signed(organisasjon_id: UUID, avtale_id: UUID) -> bool:
    """Return whether the organisation has signed this version."""
    signed = select(Avtalesignatur.id).where(
        Avtalesignatur.organisasjon_id == organisasjon_id, Avtalesignatur.avtale_id == avtale_id
    )
    return bool(session().execute(select(signed.exists())).scalar_one())


def is_signed(organisasjon_id: UUID, tjeneste_kode: str | None) -> bool:
    """Return whether the organisation has signed the version in force; False when no version is published."""
    newest = version_in_force(tjeneste_kode)
    return newest is not None and has_signed(organisasjon_id, newest.id)


def sign_avtale(organisasjon_id: UUID, avtale_id: UUID, *, navn: str, digest: bytes, actor: Aktor) -> None:
    """Sign the version in force on behalf of the organisation; needs AVTALE.SIGNER and a login less than five
    minutes old.

    `digest` is the digest of the text that was shown; `navn` is the name the person typed to confirm and must
    be their own. Errors: KUN_PERSON, NY_INNLOGGING, TJENESTE_IKKE_TILGJENGELIG (403), FINNES_IKKE (404),
    SIGNATURNAVN_STEMMER_IKKE (422), AVTALE_ENDRET (409: another version is in force, or another text was
    shown), HOVEDAVTALE_FORST, AVTALE_SIGNERT_FRA_FOR (409).
    """
    queries.require(actor, P.AVTALE_SIGNER, organisasjon_id)
    if actor.is_house or actor.person_id is None:
        raise IkkeTilgang("KUN_PERSON")
    require_fresh_login(actor)
    with transaction() as tx:
        organisation = lock_organisasjon_row(organisasjon_id)
        avtale = tx.get(Avtale, avtale_id)
        if avtale is None:
            raise IkkeFunnet("FINNES_IKKE")
        _require_signable(organisation, avtale, digest)
        person = tx.get_one(Person, actor.person_id)
        if _normalised_name(navn) != _normalised_name(person.navn):
            raise UgyldigInndata("SIGNATURNAVN_STEMMER_IKKE", felt="navn")
        signature = Avtalesignatur(
            organisasjon_id=organisasjon_id,
            avtale_id=avtale_id,
            signert_av=actor.person_id,
            signert_navn=person.navn,
            sha256=avtale.sha256,
        )
        tx.add(signature)
        tx.flush()
        audit.record(
            actor,
            "AVTALE_SIGNERT",
            "avtale",
            avtale_id,
            organisasjon_id=organisasjon_id,
            tjeneste=avtale.tjeneste_kode,
            versjon=avtale.versjon,
            sha256=avtale.sha256.hex(),
        )


def _require_signable(organisation: Organisasjon, avtale: Avtale, digest: bytes) -> None:
    """Require the version in force, shown unchanged, for a service the organisation may use, with the
    hovedavtale already signed.
    """
    newest = version_in_force(avtale.tjeneste_kode)
    shown = digest_of(avtale.tittel, avtale.tekst)
    if newest is None or newest.id != avtale.id or not digest == shown == avtale.sha256:
        raise Konflikt("AVTALE_ENDRET")
    if avtale.tjeneste_kode is not None:
        require_available(organisation, avtale.tjeneste_kode)
        if not is_signed(organisation.id, None):
            raise Konflikt("HOVEDAVTALE_FORST")
    if has_signed(organisation.id, avtale.id):
        raise Konflikt("AVTALE_SIGNERT_FRA_FOR")


def require_available(organisation: Organisasjon, tjeneste_kode: str) -> Tjeneste:
    """Return the service if it is open and available to this type of organisation.

    Raises IkkeFunnet("TJENESTE_UKJENT"), IkkeTilgang("TJENESTE_IKKE_TILGJENGELIG").
    """
    tjeneste = session().get(Tjeneste, tjeneste_kode)
    if tjeneste is None:
        raise IkkeFunnet("TJENESTE_UKJENT")
    if not tjeneste.aktivert or organisation.type not in tjeneste.tilgjengelig_for:
        raise IkkeTilgang("TJENESTE_IKKE_TILGJENGELIG")
    return tjeneste


def _normalised_name(navn: str) -> str:
    return " ".join(navn.split()).casefold()

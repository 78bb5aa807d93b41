"""Factories of the receiving side: an organisation that uses SvarInn, its mottakersystemer and their keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.avtale import activation, service
from fiks.konfigurasjon.person.altinn import Altinnpart
from fiks.konfigurasjon.rules import Organisasjonstype
from fiks.svarinn import credentials
from fiks.svarinn import service as svarinn
from fiks.svarinn.rules import Koblingsfakta, Systemfakta
from tests.integration.houses import HOUSE, make_aktor, new_administrator, new_orgnr, publish_agreements, sign


@dataclass(frozen=True)
class Nokkelpar:
    """A receiver's key and certificate, as PEM."""

    key: bytes
    certificate: bytes


@cache
def receiver_key(navn: str = "Sak og arkiv") -> Nokkelpar:
    """A key pair of this name, the same each time."""
    return certified(rsa.generate_private_key(public_exponent=65537, key_size=2048), navn)


def certified(key: rsa.RSAPrivateKey, navn: str = "Sak og arkiv", *, dager: float = 3650) -> Nokkelpar:
    """A self-signed certificate of the key that runs out in `dager`."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, navn)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=4000))
        .not_valid_after(now + timedelta(days=dager))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Nokkelpar(pem, made.public_bytes(serialization.Encoding.PEM))


def make_mottakerhus(navn: str = "Havvik kommune", orgnr: str | None = None) -> UUID:
    """An organisation that has taken SvarInn into use, still without a mottakersystem."""
    administrator = new_administrator()
    organisasjon_id = konfigurasjon.create_organisasjon(
        navn=navn,
        orgnr=orgnr or new_orgnr(),
        type=Organisasjonstype.KOMMUNE,
        administrator=administrator,
        actor=HOUSE,
        kommunenr="9902",
    )
    use_svarinn(organisasjon_id, konfigurasjon.person_by_pid(administrator.fnr), administrator.navn)
    return organisasjon_id


def use_svarinn(organisasjon_id: UUID, administrator: UUID | None, navn: str) -> None:
    """Sign what SvarInn asks for and take it into use."""
    assert administrator is not None
    publish_agreements()
    actor = make_aktor(administrator, organisasjon_id, navn=navn)
    for kode in (None, "SVARINN"):
        if not service.is_signed(organisasjon_id, kode):
            sign(organisasjon_id, kode, actor)
    activation.initialise(organisasjon_id, "SVARINN", actor=HOUSE)
    activation.configure(organisasjon_id, "SVARINN", actor=HOUSE)


@dataclass(frozen=True)
class System:
    """A mottakersystem, what lets it in, and the key it opens its letters with."""

    id: UUID
    passord: str
    nokler: Nokkelpar
    organisasjon_id: UUID

    @property
    def auth(self) -> tuple[str, str]:
        """User name and password."""
        return str(self.id), self.passord


def make_system(
    *koblinger: Koblingsfakta | str, navn: str = "Sak og arkiv", i: UUID | None = None, aktiv: bool = True
) -> System:
    """A mottakersystem with password and certificate that receives this; an orgnr alone is all of its letters."""
    organisasjon_id = i or make_mottakerhus()
    fakta = Systemfakta(navn, ("postmottak@havvik.example",))
    system_id = svarinn.create_system(organisasjon_id, fakta, actor=HOUSE)
    nokler = receiver_key(navn)
    credentials.set_certificate(system_id, nokler.certificate, actor=HOUSE)
    passord = credentials.new_password(system_id, replaces=None, actor=HOUSE).verdi
    if not aktiv:
        svarinn.set_active(system_id, aktiv=False, spor=nobody, actor=HOUSE)
    for one in koblinger:
        said = Koblingsfakta(one) if isinstance(one, str) else one
        svarinn.add_kobling(system_id, said, spor=nobody, actor=HOUSE)
    return System(system_id, passord, nokler, organisasjon_id)


def nobody(pid: str) -> list[Altinnpart]:
    """An Altinn where nobody represents anybody."""
    return []

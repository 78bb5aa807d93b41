"""The kinds of demand a route can make of its caller, and a function that makes each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.http.security import DEFAULT_BODY


class Slag(StrEnum):
    OFFENTLIG = "OFFENTLIG"
    INNLOGGET = "INNLOGGET"
    PRIVILEGIUM = "PRIVILEGIUM"
    INNBYGGER = "INNBYGGER"
    MASKIN = "MASKIN"
    ROT = "ROT"
    KONTO = "KONTO"
    MOTTAKERSYSTEM = "MOTTAKERSYSTEM"


@dataclass(frozen=True, slots=True)
class Krav:
    """What a route demands. Made by the functions below.

    `privilegier`: one of them suffices, held anywhere in the chosen organisation, or with `hele` on the
    organisation itself, where ADMIN of a single konto does not count. `fersk`: a login younger than five
    minutes. `maks_bytes`: largest body. `ressurs` and `tjeneste`: see `maskin`.
    """

    slag: Slag
    nivaa: int = 0
    privilegier: frozenset[str] = frozenset()
    fersk: bool = False
    maks_bytes: int = DEFAULT_BODY
    ressurs: str = ""
    tjeneste: str = ""
    hele: bool = False

    @property
    def takes_files(self) -> bool:
        """Whether the route receives letters, lists or files."""
        return self.maks_bytes > DEFAULT_BODY

    def holds(self, privilegier: frozenset[str]) -> bool:
        """Whether somebody with `privilegier` in the organisation may pass."""
        return self.slag is not Slag.PRIVILEGIUM or bool(self.privilegier & privilegier)


def offentlig() -> Krav:
    """Anybody."""
    return Krav(Slag.OFFENTLIG)


def innlogget(nivaa: int = 4) -> Krav:
    """Somebody logged in at `nivaa` or higher, with or without an organisation."""
    return Krav(Slag.INNLOGGET, nivaa)


def innbygger(nivaa: int = 3, *, maks_bytes: int = DEFAULT_BODY) -> Krav:
    """A citizen on own behalf; the route asks for a higher level by raising HoyereNivaaKreves."""
    return Krav(Slag.INNBYGGER, nivaa, maks_bytes=maks_bytes)


def privilegium(*navn: str, fersk: bool = False, maks_bytes: int = DEFAULT_BODY) -> Krav:
    """A member of staff at level 4 who holds one of these privileges in the chosen organisation."""
    return Krav(Slag.PRIVILEGIUM, 4, frozenset(navn), fersk, maks_bytes)


def organisasjon(*navn: str, fersk: bool = False) -> Krav:
    """As `privilegium`, held on the organisation itself and not only on a ressurs below it."""
    return Krav(Slag.PRIVILEGIUM, 4, frozenset(navn), fersk, hele=True)


def rot(*, fersk: bool = False) -> Krav:
    """An operator of the platform at level 4 (ROT.ADMINISTRER), whichever organisation is chosen, or none."""
    return Krav(Slag.ROT, 4, fersk=fersk)


def maskin(
    *privilegier: str,
    ressurs: str = "",
    tjeneste: str = "",
    maks_bytes: int = DEFAULT_BODY,
    nivaa: int = 4,
) -> Krav:
    """A machine that authenticates with token, IntegrasjonId and IntegrasjonPassord; a cookie counts for
    nothing.

    One of `privilegier` is required on the ressurs whose id is the URL variable `ressurs`, and the service
    `tjeneste` must be in use there. Without them the route asks itself (`machine_login.require_privilege`). A
    person the machine calls for must have logged in at `nivaa`: 4, as for all of forvaltning
    (konfigurasjon.md 7.4), and less for citizens only.
    """
    return Krav(
        Slag.MASKIN, nivaa, frozenset(privilegier), maks_bytes=maks_bytes, ressurs=ressurs, tjeneste=tjeneste
    )


def kontopassord(*, maks_bytes: int = DEFAULT_BODY) -> Krav:
    """A fagsystem that logs in with its konto's name and service password (REST v1, SOAP) and reaches that
    konto only; a cookie counts for nothing.
    """
    return Krav(Slag.KONTO, maks_bytes=maks_bytes)


def mottakersystem() -> Krav:
    """A mottakersystem of SvarInn that logs in with its id and service password and reaches its own letters
    only; a cookie counts for nothing.
    """
    return Krav(Slag.MOTTAKERSYSTEM)

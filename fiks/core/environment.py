"""What the doors (portal and workers) hand to the house at start-up: keys, object store and the few numbers
rules depend on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.settings import Settings
from fiks.core.crypto.cms_reader import Nokkelpar, load_pair
from fiks.core.crypto.encryption import KeyRing
from fiks.core.storage.store import Store, open_store


@dataclass(frozen=True, slots=True)
class Environment:
    """Made once per process by `portal.create_app` or `workers.app.create_app`.

    `lesefrist_timer`: working hours before an unread Altinn letter goes on. `karantene_sekunder`: age
    an unknown outcome must have before the letter may be sent again. `revisjon_…`: retention of audit
    rows, counted from the seal. `svarut_keys`: key pairs that senders encrypt letters to, newest first.
    `print_houses`: codes of the print houses that can be reached. `print_certificates`: by code, the
    certificate file that letters to a house are encrypted to, where the settings have one.
    `digital_mailboxes` and `signing`: whether those services can be reached.
    """

    keys: KeyRing
    index_key: bytes
    store: Store
    movable_clock: bool
    synthetic_persons: bool
    lesefrist_timer: int
    angrefrist_minutter: int
    karantene_sekunder: int
    portal_base_url: str
    minside_base_url: str
    revisjon_aar: int
    revisjon_innlogging_maaneder: int
    svarut_keys: tuple[Nokkelpar, ...]
    print_houses: frozenset[str]
    print_certificates: Mapping[str, Path]
    digital_mailboxes: bool
    signing: bool

    def __repr__(self) -> str:
        return "Environment(…)"


def from_settings(settings: Settings) -> Environment:
    """Build the environment from the settings; ValueError for unusable keys or an unusable store URL."""
    return Environment(
        keys=KeyRing(settings.master_keys),
        index_key=settings.index_key,
        store=open_store(settings.object_store_url),
        movable_clock=not settings.production,
        synthetic_persons=not settings.production,
        lesefrist_timer=settings.lesefrist_timer,
        angrefrist_minutter=settings.angrefrist_minutter,
        karantene_sekunder=settings.karantene_sekunder,
        portal_base_url=settings.portal_base_url,
        minside_base_url=settings.minside_base_url,
        revisjon_aar=settings.revisjon_aar,
        revisjon_innlogging_maaneder=settings.revisjon_innlogging_maaneder,
        svarut_keys=tuple(_pair(path) for path in settings.svarut_nokler),
        print_houses=frozenset(house.kode for house in settings.print_houses),
        print_certificates={h.kode: Path(h.certificate) for h in settings.print_houses if h.certificate},
        digital_mailboxes=bool(settings.dpi_url),
        signing=bool(settings.signering_url),
    )


def _pair(path: str) -> Nokkelpar:
    try:
        return load_pair(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise ValueError(f"SVARUT_NOKLER: {path} is no RSA key with its certificate") from error


_installed: list[Environment] = []


def install(environment: Environment) -> None:
    """Set this process's environment; a later call replaces it."""
    _installed[:] = [environment]


def current() -> Environment:
    """Return the installed environment; RuntimeError before start-up has run."""
    if not _installed:
        raise RuntimeError("fiks.core.environment is not installed")
    return _installed[0]

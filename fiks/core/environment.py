"""What the doors hand to the house at start-up: keys, object store and the few numbers rules depend on."""

from __future__ import annotations

from dataclasses import dataclass

from fiks.core.crypto import KeyRing
from fiks.core.storage import Store


@dataclass(frozen=True, slots=True)
class Environment:
    """Made once per process by `portal.create_app` or `workers.app.create_app`.

    `lesefrist_timer`: working hours before unread Altinn post goes on. `karantene_sekunder`: how old an unknown
    outcome must be before it may be sent again.
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

    def __repr__(self) -> str:
        return "Environment(…)"


_installed: list[Environment] = []


def install(environment: Environment) -> None:
    """Set this process's environment; a later call replaces it."""
    _installed[:] = [environment]


def current() -> Environment:
    """Return the installed environment; RuntimeError before start-up has run."""
    if not _installed:
        raise RuntimeError("fiks.core.environment is not installed")
    return _installed[0]

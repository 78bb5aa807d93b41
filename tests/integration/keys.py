"""Master keys that one process has and another has not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from fiks.core import environment
from fiks.core.crypto.encryption import KEY_BYTES, KeyRing, NokkelUkjent
from fiks.core.db import session
from fiks.core.environment import current


class Newer(KeyRing):
    """The other's keys, and a new one that seals: what a process begins with after a key has been changed."""

    def __init__(self, old: KeyRing) -> None:
        super().__init__([("ny", bytes(KEY_BYTES))])
        self._ciphers |= old._ciphers


class Lacking(KeyRing):
    """Opens all that the other does, but no data key."""

    def __init__(self, whole: KeyRing) -> None:
        super().__init__([("annen", bytes(KEY_BYTES))])
        self._ciphers, self.newest, self.prefix = whole._ciphers, whole.newest, whole.prefix

    def unwrap(self, wrapped: bytes) -> bytes:
        raise NokkelUkjent("NOKKEL_UKJENT", nokkel_id="gammel")


@contextmanager
def having(keys: KeyRing) -> Iterator[None]:
    """Be a process with these keys for a while."""
    kept = current()
    environment.install(replace(kept, keys=keys))
    try:
        yield
    finally:
        session().rollback()
        environment.install(kept)


@contextmanager
def newer_key() -> Iterator[None]:
    """Be a process that has heard of a key of which the one before, and after, has not."""
    with having(Newer(current().keys)):
        yield


@contextmanager
def no_data_keys() -> Iterator[None]:
    """Be a process that can open columns but no document."""
    with having(Lacking(current().keys)):
        yield

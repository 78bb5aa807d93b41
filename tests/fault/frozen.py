"""A worker that stands still in the middle of its work, and goes on when others have taken it over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from fiks.core.queue.owner_lock import Owner


@dataclass
class Frozen:
    """A worker that stands still right after it saw that its lock is held. The lock is lost, others do what they do
    `meanwhile`, and then it goes on with the letter in hand as if nothing had been."""

    owner: Owner
    meanwhile: Callable[[], object]
    number: int = 0
    thawed: bool = False

    def ensure(self) -> int:
        self.number = self.owner.ensure()
        return self.number

    @contextmanager
    def claiming(self) -> Iterator[int]:
        yield self.ensure()

    def alive(self) -> bool:
        if self.thawed or not self.owner.alive():
            return False
        self.thawed = True
        self.owner.release()
        self.meanwhile()
        return True

    @property
    def as_owner(self) -> Owner:
        return cast(Owner, self)

    def release(self) -> None:
        self.owner.release()

"""When what Kontakt- og reservasjonsregisteret (KRR) has of a person may be used: one rule for SMS and e-mail. Pure."""

from __future__ import annotations

from typing import Protocol, TypeVar


class Bekreftet(Protocol):
    """Whether KRR knows the person, and whether it is `passiv`: not confirmed for 18 months (svarut.md 2.3)."""

    @property
    def registrert(self) -> bool: ...

    @property
    def passiv(self) -> bool: ...


K = TypeVar("K", bound=Bekreftet)


def usable(kontakt: K | None) -> K | None:
    """What KRR has, if the person may be reached by it: the number or address may be somebody else's by now if not."""
    return kontakt if kontakt is not None and kontakt.registrert and not kontakt.passiv else None

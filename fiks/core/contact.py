"""When what Kontakt- og reservasjonsregisteret (KRR) has of a person may be used: one rule for SMS and e-mail. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fiks.core.calendar import months_after

MONTHS = 18
"""How long a number or an address is good for (eForvaltningsforskriften § 32)."""


class Kontakt(Protocol):
    """What KRR says of a person. `passiv`: not confirmed for 18 months (svarut.md 2.3), unless they are `reservert`.

    `mobil_bekreftet` and `epost_bekreftet`: when each last was; None when it does not say.
    """

    @property
    def registrert(self) -> bool: ...

    @property
    def reservert(self) -> bool: ...

    @property
    def passiv(self) -> bool: ...

    @property
    def epost(self) -> str | None: ...

    @property
    def mobil(self) -> str | None: ...

    @property
    def epost_bekreftet(self) -> datetime | None: ...

    @property
    def mobil_bekreftet(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True, repr=False)
class Brukbart:
    """What the person may be reached by, as KRR has it; empty when by nothing. No repr: it is personal."""

    epost: str = ""
    mobil: str = ""


def usable(kontakt: Kontakt | None, now: datetime) -> Brukbart:
    """What of KRR's answer may be used at `now`: what is older than 18 months may be somebody else's by now.

    KRR says of all who are reserved that they cannot be notified: without a date, nothing of theirs is used.
    """
    if kontakt is None or not kontakt.registrert or kontakt.passiv:
        return Brukbart()
    oldest, undated = months_after(now, -MONTHS), not kontakt.reservert

    def fresh(value: str | None, bekreftet: datetime | None) -> str:
        good = undated if bekreftet is None else bekreftet > oldest
        return (value or "") if good else ""

    return Brukbart(
        fresh(kontakt.epost, kontakt.epost_bekreftet), fresh(kontakt.mobil, kontakt.mobil_bekreftet)
    )

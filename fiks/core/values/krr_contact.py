"""When contact data from Kontakt- og reservasjonsregisteret (KRR) may be used: one rule for SMS and e-mail.
Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fiks.core.values.calendar import months_after

MONTHS = 18
"""Months for which a number or an address may be used (eForvaltningsforskriften § 32)."""


class Kontakt(Protocol):
    """A person's entry in KRR. `passiv`: not confirmed for 18 months (svarut.md 2.3), unless the person is
    `reservert`.

    `mobil_bekreftet` and `epost_bekreftet`: last confirmation of each; None when KRR gives no date.
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
    """The e-mail address and mobile number that may be used; empty where none may. No repr: it is personal."""

    epost: str = ""
    mobil: str = ""


def usable_contact(kontakt: Kontakt | None, now: datetime) -> Brukbart:
    """Return the contact data that may be used at `now`. Data older than 18 months may belong to somebody
    else by now.

    KRR marks every reserved person as not to be notified, so for them data without a date is not used.
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

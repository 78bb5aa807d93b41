"""What of KRR's answer may be used: confirmed within 18 months, the number and the address each for itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fiks.core.values.krr_contact import Brukbart, usable_contact
from fiks.registeroppslag.rules import Kontaktinformasjon

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
FRESH, STALE = NOW - timedelta(days=540), NOW - timedelta(days=550)
EPOST, MOBIL = "kari@eksempel.no", "+4790000001"


def used(**krr: object) -> tuple[str, str]:
    known = Kontaktinformasjon("1", **{"registrert": True, "epost": EPOST, "mobil": MOBIL, **krr})  # type: ignore[arg-type]
    found = usable_contact(known, NOW)
    return found.epost, found.mobil


@pytest.mark.parametrize("reservert", [False, True])
@pytest.mark.parametrize(
    ("epost", "mobil", "may"),
    [
        (FRESH, FRESH, (EPOST, MOBIL)),
        (STALE, FRESH, ("", MOBIL)),
        (FRESH, STALE, (EPOST, "")),
        (STALE, STALE, ("", "")),
    ],
)
def test_each_is_used_while_it_is_fresh_whether_its_owner_is_reserved_or_not(
    reservert: bool, epost: datetime, mobil: datetime, may: tuple[str, str]
) -> None:
    assert used(reservert=reservert, epost_bekreftet=epost, mobil_bekreftet=mobil) == may


def test_without_a_date_krr_is_believed_when_it_says_that_the_person_can_be_notified_and_not_else() -> None:
    assert used() == (EPOST, MOBIL)
    assert used(reservert=True) == ("", "")
    assert used(reservert=True, mobil_bekreftet=FRESH) == ("", MOBIL)


def test_nothing_is_used_of_who_is_passive_or_unknown() -> None:
    assert used(passiv=True, epost_bekreftet=FRESH, mobil_bekreftet=FRESH) == ("", "")
    assert used(registrert=False) == ("", "")
    assert usable_contact(None, NOW) == Brukbart() == Brukbart("", "")
    assert used(epost=None, mobil=None) == ("", "")


@pytest.mark.parametrize(
    ("now", "oldest"),
    [
        (datetime(2026, 12, 1, tzinfo=UTC), datetime(2025, 6, 1, tzinfo=UTC)),
        (datetime(2026, 8, 31, tzinfo=UTC), datetime(2025, 2, 28, tzinfo=UTC)),
    ],
)
def test_it_is_18_months_to_the_day(now: datetime, oldest: datetime) -> None:
    for bekreftet, told in ((oldest, ""), (oldest + timedelta(seconds=1), MOBIL)):
        known = Kontaktinformasjon("1", True, mobil=MOBIL, mobil_bekreftet=bekreftet)
        assert usable_contact(known, now).mobil == told

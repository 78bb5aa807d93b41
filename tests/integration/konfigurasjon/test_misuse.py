"""Signs of misuse are seen when there are more acts than work asks for, and not before."""

from __future__ import annotations

import logging

import pytest

from fiks.konfigurasjon.misuse import Mistanke, suspicions
from tests.integration.databases import Database
from workers import sveip

pytestmark = pytest.mark.usefixtures("empty")


def acts(
    database: Database, handling: str, times: int, at: str = "now()", aktor: str = "a", objekt: str = "1"
) -> None:
    """So many rows of the audit log, at `at` (SQL), as only the owner can make them."""
    with database.owner() as owner:
        owner.execute(
            "INSERT INTO audit (tid, aktor, aktor_navn, handling, objekt_type, objekt_id)"
            f" SELECT {at}, %s, 'a', %s, 'o', %s FROM generate_series(1, %s)",
            [aktor, handling, objekt, times],
        )


def test_an_ordinary_day_shows_no_sign(database: Database) -> None:
    noon = (
        "date_trunc('day', now() AT TIME ZONE 'Europe/Oslo') AT TIME ZONE 'Europe/Oslo' - interval '12 hours'"
    )
    acts(database, "PERSONOPPSLAG", 200, noon)
    acts(database, "PERSONOPPSLAG", 100, noon, aktor="b")
    acts(database, "DATA_EKSPORTERT", 30)
    acts(database, "INTEGRASJON_AUTENTISERING_FEILET", 3)

    assert suspicions() == []


def test_who_looks_up_hundreds_in_an_hour_is_told_of(database: Database) -> None:
    acts(database, "PERSONOPPSLAG", 299)
    acts(database, "VIRKSOMHETSOPPSLAG", 2)
    acts(database, "PERSONOPPSLAG", 300, aktor="b")
    acts(database, "PERSONOPPSLAG", 900, "now() - interval '61 minutes'", aktor="b")

    assert Mistanke("MANGE_OPPSLAG", "a", 301) in suspicions()
    assert not [one for one in suspicions() if one.tegn == "MANGE_OPPSLAG" and one.hvem == "b"]


def test_look_ups_by_night_are_told_of_sooner(database: Database) -> None:
    two_at_night = (
        "(SELECT max(t) FROM generate_series(now() - interval '7 hours 59 minutes', now(), '10 minutes') t"
        " WHERE extract(hour FROM t AT TIME ZONE 'Europe/Oslo') NOT BETWEEN 6 AND 21)"
    )
    with database.owner() as owner:
        night = owner.execute(f"SELECT {two_at_night} IS NOT NULL").fetchone()
    if night is None or not night[0]:
        two_at_night = "now() - interval '9 hours'"
    acts(database, "PERSONOPPSLAG", 21, two_at_night)

    seen = [one.tegn for one in suspicions()]
    assert seen == (["OPPSLAG_OM_NATTEN"] if night and night[0] else [])


def test_a_machine_that_is_refused_a_hundred_times_is_told_of_by_its_id(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    acts(database, "INTEGRASJON_AUTENTISERING_FEILET", 4, aktor="system:maskinport", objekt="i-7")

    with caplog.at_level(logging.WARNING):
        assert sveip.JOBS["se_etter_misbruk"][1]() == 1
    assert suspicions() == [Mistanke("INTEGRASJON_AVVIST_OFTE", "i-7", 4)]
    assert [(r.message, r.hvem) for r in caplog.records] == [("misuse_suspected", "i-7")]  # type: ignore[attr-defined]

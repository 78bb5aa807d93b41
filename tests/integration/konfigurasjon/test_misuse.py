"""Signs of misuse are seen when there are more acts than work asks for, and not before."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from fiks.core import clock
from fiks.core.actor import system
from fiks.core.db import session, transaction
from fiks.core.queue import feed_markers
from fiks.core.values.calendar import OSLO
from fiks.konfigurasjon.audit import misuse
from fiks.konfigurasjon.audit.misuse import MACHINE_REFUSED, Mistanke, suspicions
from fiks.konfigurasjon.integrasjon import login
from fiks.konfigurasjon.integrasjon.login import check_integrasjon
from fiks.konfigurasjon.konto import password
from fiks.konfigurasjon.konto.password import check_konto
from fiks.konfigurasjon.models import Konto
from fiks.svarinn import login as system_login
from portal.access.throttle import is_power_of_ten
from tests.integration.databases import Database
from tests.integration.houses import Hus, make_hus
from tests.integration.konfigurasjon.holders import make_integrasjon
from tests.integration.systems import make_system
from workers import planned

pytestmark = pytest.mark.usefixtures("empty")

NIGHT = datetime(2026, 3, 11, 3, tzinfo=OSLO).astimezone(UTC)
NOON = datetime(2026, 3, 11, 12, tzinfo=OSLO).astimezone(UTC)
LONG_NIGHT = datetime(2026, 10, 24, 22, 5, tzinfo=OSLO).astimezone(UTC)
"""The evening before the clock is put back."""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
DOOR = system("maskinport")


def acts(
    database: Database, handling: str, times: int, at: datetime, *, aktor: str = "a", objekt: str = "1"
) -> None:
    """So many rows of the audit log from `at`, as only the owner can make them."""
    with database.owner() as owner:
        owner.execute(
            "INSERT INTO audit (tid, aktor, aktor_navn, handling, objekt_type, objekt_id)"
            " SELECT %s, %s, 'a', %s, 'o', %s FROM generate_series(1, %s)",
            [at, aktor, handling, objekt, times],
        )


def later(database: Database, by: timedelta) -> None:
    """All that is written was done so much later."""
    with database.owner() as owner:
        owner.execute("UPDATE audit SET tid = tid + %s", [by])


def refuse_integrasjon(integrasjon_id: UUID, times: int) -> None:
    """What the door of the machines writes when this id comes with a wrong password so many times."""
    svar = check_integrasjon(integrasjon_id, orgnr="310000000", passord="feil")
    for antall in filter(is_power_of_ten, range(1, times + 1)):
        login.record_refusals(integrasjon_id, svar, antall=antall, error_id=str(uuid4()), actor=DOOR)


def refuse_konto(avsender: str, times: int) -> None:
    """The same at the door of REST v1 and SOAP."""
    svar = check_konto(avsender, "feil")
    for antall in filter(is_power_of_ten, range(1, times + 1)):
        password.record_refusals(svar, antall=antall, error_id=str(uuid4()), actor=DOOR)


def refuse_system(brukernavn: str, times: int) -> None:
    """The same at the door of SvarInn, where a mottakersystem comes with its own password."""
    svar = system_login.check_system(brukernavn, "feil")
    for antall in filter(is_power_of_ten, range(1, times + 1)):
        system_login.record_refusals(svar, antall=antall, error_id=str(uuid4()), actor=DOOR)


def avsender_of(hus: Hus) -> str:
    return session().execute(select(Konto.avsender).where(Konto.id == hus.konto_id)).scalar_one()


def test_an_ordinary_day_shows_no_sign(database: Database) -> None:
    acts(database, "PERSONOPPSLAG", 200, NOON - MINUTE)
    acts(database, "PERSONOPPSLAG", 100, NOON - MINUTE, aktor="b")
    acts(database, "DATA_EKSPORTERT", 30, NOON - 23 * HOUR)
    acts(database, "INNLOGGING_FEILET", 100, NOON - MINUTE)

    assert suspicions(now=NOON) == []


def test_who_looks_up_hundreds_in_an_hour_is_told_of(database: Database) -> None:
    acts(database, "PERSONOPPSLAG", 299, NOON - 59 * MINUTE)
    acts(database, "VIRKSOMHETSOPPSLAG", 2, NOON - MINUTE)
    acts(database, "PERSONOPPSLAG", 300, NOON - MINUTE, aktor="b")
    acts(database, "PERSONOPPSLAG", 900, NOON - 62 * MINUTE, aktor="b")

    assert suspicions(now=NOON) == [Mistanke("MANGE_OPPSLAG", "a", 301)]


def test_who_takes_telephone_numbers_out_of_krr_by_the_hundred_is_told_of(database: Database) -> None:
    acts(database, "SMS_KRR_OPPSLAG", 301, NOON - MINUTE)
    acts(database, "SMS_KRR_OPPSLAG", 21, NIGHT, aktor="b")

    assert suspicions(now=NOON) == [Mistanke("MANGE_OPPSLAG", "a", 301)]
    assert suspicions(now=NIGHT + 59 * MINUTE) == [Mistanke("OPPSLAG_OM_NATTEN", "b", 21)]


def test_look_ups_by_night_are_told_of_sooner(database: Database) -> None:
    acts(database, "PERSONOPPSLAG", 21, NIGHT)
    acts(database, "PERSONOPPSLAG", 20, NIGHT, aktor="b")
    acts(database, "PERSONOPPSLAG", 21, NIGHT + 3 * HOUR, aktor="from six in the morning")
    acts(database, "PERSONOPPSLAG", 21, NIGHT - 5 * HOUR - MINUTE, aktor="before ten in the evening")

    for after, new in ((59 * MINUTE, True), (8 * HOUR, False)):
        assert suspicions(now=NIGHT + after) == [Mistanke("OPPSLAG_OM_NATTEN", "a", 21, ny=new)]
    assert suspicions(now=NIGHT + 9 * HOUR) == []


def test_look_ups_by_day_are_not_told_of_as_if_by_night(database: Database) -> None:
    acts(database, "PERSONOPPSLAG", 21, NOON)
    assert suspicions(now=NOON + HOUR) == []


def test_who_exports_over_and_over_and_a_login_that_fails_over_and_over_are_told_of(
    database: Database,
) -> None:
    acts(database, "DATA_EKSPORTERT", 31, NOON - 23 * HOUR)
    acts(database, "INNLOGGING_FEILET", 101, NOON - MINUTE, aktor="system:innlogging", objekt="access_denied")

    assert suspicions(now=NOON) == [
        Mistanke("MANGE_EKSPORTER", "a", 31, ny=False),
        Mistanke("INNLOGGING_FEILER_OFTE", "access_denied", 101),
    ]


def test_acts_on_both_sides_of_a_look_are_seen_together(database: Database) -> None:
    acts(database, "PERSONOPPSLAG", 290, NOON - 90 * MINUTE)
    acts(database, "PERSONOPPSLAG", 290, NOON - 70 * MINUTE)
    look = NOON - 80 * MINUTE

    assert suspicions(since=look - HOUR, now=look) == []
    assert suspicions(since=look, now=look + HOUR) == [Mistanke("MANGE_OPPSLAG", "a", 580)]


def test_look_ups_in_the_evening_and_the_morning_are_of_one_night(database: Database) -> None:
    for evening, hours in ((NIGHT - 5 * HOUR + 5 * MINUTE, 8), (LONG_NIGHT, 9)):
        acts(database, "PERSONOPPSLAG", 15, evening, aktor=str(hours))
        morning = evening + hours * HOUR - 15 * MINUTE
        acts(database, "PERSONOPPSLAG", 15, morning, aktor=str(hours))
        acts(database, "PERSONOPPSLAG", 15, evening + 24 * HOUR, aktor=str(hours))
        expected = [Mistanke("OPPSLAG_OM_NATTEN", str(hours), 30)]
        assert suspicions(now=morning + 20 * MINUTE) == expected
        assert suspicions(now=evening + 25 * HOUR) == []


def test_what_went_on_while_nobody_looked_is_told_of_and_only_once(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    now, job = clock.database_now(), planned.JOBS["se_etter_misbruk"]
    session().rollback()
    assert job.run() == 0
    with transaction():
        feed_markers.save_marker(misuse.KILDE, (now - 5 * HOUR).isoformat())
    for begins in (now - 4 * HOUR, now - 2 * HOUR):
        acts(database, "INNLOGGING_FEILET", 101, begins)
    acts(database, "INNLOGGING_FEILET", 1, now - 110 * MINUTE)
    acts(database, "DATA_EKSPORTERT", 31, now - 2 * MINUTE)

    assert [job.run() for _ in range(2)] == [2, 1]
    acts(database, "DATA_EKSPORTERT", 1, now - MINUTE - timedelta(seconds=1))
    assert job.run() == 1
    told = [(one.tegn, one.antall) for one in caplog.records if one.message == "misuse_suspected"]  # type: ignore[attr-defined]
    assert told == [("MANGE_EKSPORTER", 31), ("INNLOGGING_FEILER_OFTE", 102)]


def test_a_machine_that_is_refused_a_hundred_times_is_told_of_by_its_id(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    often, seldom = (make_integrasjon(make_hus().organisasjon_id) for _ in range(2))
    refuse_integrasjon(often, 100)
    refuse_integrasjon(seldom, 99)

    later(database, -2 * MINUTE)
    with caplog.at_level(logging.WARNING):
        assert planned.JOBS["se_etter_misbruk"].run() == 1
    assert [(one.tegn, one.hvem) for one in suspicions()] == [("INTEGRASJON_AVVIST_OFTE", str(often))]
    assert [(r.message, r.hvem) for r in caplog.records] == [("misuse_suspected", str(often))]  # type: ignore[attr-defined]


def test_a_konto_that_is_tried_from_many_addresses_is_told_of_by_its_id() -> None:
    hus = make_hus()
    for _ in range(9):
        refuse_konto(avsender_of(hus), 9)
    assert suspicions() == []
    for _ in range(10):
        refuse_konto(avsender_of(hus), 10)
    assert [(one.tegn, one.hvem) for one in suspicions()] == [("INTEGRASJON_AVVIST_OFTE", str(hus.konto_id))]


def test_a_hundred_tries_are_seen_when_the_first_lie_before_the_hour(database: Database) -> None:
    integrasjon_id = make_integrasjon(make_hus().organisasjon_id)
    refuse_integrasjon(integrasjon_id, 10)
    with database.owner() as owner:
        owner.execute("UPDATE audit SET tid = tid - interval '2 hours'")
    svar = check_integrasjon(integrasjon_id, orgnr="310000000", passord="feil")
    login.record_refusals(integrasjon_id, svar, antall=100, error_id=str(uuid4()), actor=DOOR)

    assert suspicions() == [Mistanke("INTEGRASJON_AVVIST_OFTE", str(integrasjon_id), 100)]


def test_names_and_ids_that_nobody_has_are_told_of_together_by_their_door() -> None:
    for _ in range(99):
        refuse_integrasjon(uuid4(), 1)
        refuse_konto("finnes-ikke", 1)
    assert suspicions() == []
    for nr in range(2):
        refuse_konto(f"finnes-ikke-{nr}", 1)
    assert suspicions() == [Mistanke("UKJENT_AVVIST_OFTE", "konto", 101)]
    refuse_integrasjon(uuid4(), 1)
    assert Mistanke("UKJENT_AVVIST_OFTE", "integrasjon", 100) in suspicions()


def test_a_mottakersystem_that_is_refused_a_hundred_times_is_told_of_by_its_id() -> None:
    often, seldom = make_system(), make_system()
    refuse_system(str(often.id), 100)
    refuse_system(str(seldom.id), 99)
    for _ in range(100):
        refuse_system(str(uuid4()), 1)

    assert [(one.tegn, one.hvem) for one in suspicions()] == [
        ("INTEGRASJON_AVVIST_OFTE", str(often.id)),
        ("UKJENT_AVVIST_OFTE", "mottakersystem"),
    ]


def test_every_door_that_refuses_a_machine_counts() -> None:
    written = re.compile(r'"([A-Z_]+_AUTENTISERING_FEILET)"')
    sources = [one.read_text() for one in Path("fiks").rglob("*.py") if one.name != "misuse.py"]
    assert {name for text in sources for name in written.findall(text)} == set(MACHINE_REFUSED)

"""A letter that a digital mailbox or Altinn has, and says nothing more of, is told of after four days."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from fiks.core import clock
from fiks.core.db import transaction
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.operations import alarms
from fiks.svarut.operations.alarms import count_digital_overdue
from fiks.svarut.rules import Kanal, Status
from tests.integration.databases import Database, plan_of
from tests.integration.houses import Hus, make_hus
from tests.integration.svarut.letters import hand_over, letter
from tests.integration.svarut.test_receipts import receive, sent
from tests.integration.worlds import World
from workers import planned

JOB = "tell_digitalt_uten_kvittering"
FOUR_DAYS = timedelta(days=4, minutes=1)


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, int]]:
    records = [record for record in caplog.records if record.message == "digital_overdue"]
    return [(record.levelname, record.__dict__["antall"]) for record in records]


def test_one_that_has_not_been_there_for_four_days_is_not_told_of(
    hus: Hus, eier: Owner, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    sent(hus, eier, world, "DPI")
    clock.move(timedelta(days=3, hours=23))
    assert count_digital_overdue() == 0
    assert told(caplog) == []


def test_one_that_has_been_there_for_four_days_is_told_of_by_the_sweeper(
    hus: Hus, eier: Owner, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    made = sent(hus, eier, world, "DPI")
    clock.move(FOUR_DAYS)
    assert planned.JOBS[JOB].run() == 1
    assert told(caplog) == [("WARNING", 1)]
    receive(Kanal.DPI, "LEVERT", letter_id=made)
    assert planned.JOBS[JOB].run() == 0
    assert len(told(caplog)) == 1


def test_telling_of_it_is_no_work_done_and_a_sweeper_that_takes_over_tells_of_it_at_once() -> None:
    assert JOB in planned.ONLY_LOOKING & planned.TELLS


def test_one_that_the_mailbox_has_said_it_delivered_is_not_told_of(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = sent(hus, eier, world, "DPI")
    receive(Kanal.DPI, "LEVERT", letter_id=made)
    clock.move(FOUR_DAYS)
    assert count_digital_overdue() == 0


def test_one_that_the_mailbox_has_said_it_failed_with_is_not_told_of_while_it_goes_on_or_when_it_has(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = sent(hus, eier, world, "DPI")
    receive(Kanal.DPI, "FEILET", letter_id=made)
    clock.move(FOUR_DAYS)
    assert letter(made).status == Status.SENDT_SDP
    assert count_digital_overdue() == 0
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_ALTINN
    assert count_digital_overdue() == 0


def test_one_that_altinn_has_and_never_said_it_delivered_is_told_of(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = sent(hus, eier, world, "ALTINN")
    clock.move(FOUR_DAYS)
    assert count_digital_overdue() == 1
    receive(Kanal.ALTINN, "LEVERT", letter_id=made)
    assert count_digital_overdue() == 0


def test_one_that_is_on_paper_is_not_told_of_here(hus: Hus, eier: Owner, world: World) -> None:
    sent(hus, eier, world, "PRINT")
    clock.move(FOUR_DAYS)
    assert count_digital_overdue() == 0


def test_they_are_found_by_index_among_all_that_have_been_delivered(empty: None, database: Database) -> None:
    """Nearly all letters there are have been delivered long ago, and it is asked every ten minutes."""
    hus = make_hus()
    many = text(
        "INSERT INTO forsendelse"
        " (id, konto_id, organisasjon_id, tittel, mottakertype, status, kanal, overlevert, utsending_id, radnr)"
        " SELECT gen_random_uuid(), :konto, :org, 'Brev', 'PERSON',"
        " CASE WHEN n % 2000 = 0 THEN 'SENDT_SDP' WHEN n % 1000 = 0 THEN 'SENDT_ALTINN' ELSE 'LEVERT_SDP' END,"
        " 'DPI', now() - interval '9 days',"
        " CASE WHEN n % 4 > 0 THEN md5((n / 500)::text)::uuid END, n FROM generate_series(1, 20000) n"
    )
    with transaction() as tx:
        tx.execute(many, {"konto": hus.konto_id, "org": hus.organisasjon_id})
    with database.owner() as owner:
        owner.execute("ANALYZE forsendelse")
    plan = plan_of(alarms._overdue())
    assert "Seq Scan on forsendelse" not in plan, plan
    assert "ix_forsendelse_ubekreftet" in plan, plan
    assert count_digital_overdue() == 20

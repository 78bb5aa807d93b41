"""A hand-over that has waited for a day for something else than itself is told of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, text, update

from fiks.core.db import transaction
from fiks.core.errors import KanalFeil, ProvIgjen
from fiks.core.queue.owner_lock import Owner
from fiks.core.storage.store import LagerUtilgjengelig
from fiks.svarut.delivery.deliver import deliver
from fiks.svarut.models import Levering
from fiks.svarut.operations.alarms import _stuck, count_stuck_leveringer
from fiks.svarut.rules import Bane, Kanal
from tests.integration.databases import Database, plan_of
from tests.integration.houses import Hus, make_hus, new_fnr
from tests.integration.svarut.letters import hand_over, let_wait_pass, levering, make_letter
from tests.integration.worlds import World
from workers import planned

JOB = "tell_lenge_ventende"
DAY = timedelta(days=1, minutes=1)


def age(letter_id: UUID, by: timedelta) -> None:
    with transaction() as tx:
        older = update(Levering).where(Levering.forsendelse_id == letter_id)
        tx.execute(older.values(opprettet=func.now() - by))


class Refuses:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def send(self, referanse: str, brev: object) -> str:
        raise self._error

    def lookup(self, referanse: str) -> str | None:
        return None


def waits(hus: Hus, eier: Owner, world: World, error: Exception) -> UUID:
    made = make_letter(hus, world.register.add_person(new_fnr()))
    deliver(Bane.ENKELT, eier, replace(world.verden, kanaler={Kanal.ALTINN: Refuses(error)}))
    assert levering(made).status == "VENTER"
    return made


@pytest.mark.parametrize(
    "error",
    [LagerUtilgjengelig("LAGER_UTILGJENGELIG"), ProvIgjen("HTTP_429", throttled=True)],
)
def test_one_that_has_waited_for_a_day_for_something_else_is_told_of_by_the_sweeper(
    hus: Hus,
    eier: Owner,
    world: World,
    error: LagerUtilgjengelig | KanalFeil,
    caplog: pytest.LogCaptureFixture,
) -> None:
    made = waits(hus, eier, world, error)
    assert planned.JOBS[JOB].run() == 0
    age(made, DAY)
    assert planned.JOBS[JOB].run() == 1
    [told] = [one for one in caplog.records if one.message == "letters_wait_long"]
    assert (told.levelname, told.__dict__["kode"], told.__dict__["antall"]) == ("WARNING", error.kode, 1)
    let_wait_pass(made)
    hand_over(eier, world)
    assert levering(made).status == "OVERLEVERT"
    assert count_stuck_leveringer() == 0


def test_one_whose_tries_are_counted_is_a_persons_in_the_end_and_is_not_told_of(
    hus: Hus, eier: Owner, world: World
) -> None:
    age(waits(hus, eier, world, ProvIgjen("HTTP_503")), DAY)
    assert count_stuck_leveringer() == 0


def test_telling_of_it_is_no_work_done_and_a_sweeper_that_takes_over_tells_of_it_at_once() -> None:
    assert JOB in planned.ONLY_LOOKING & planned.TELLS


def test_they_are_found_by_index_among_all_that_has_been_handed_over(empty: None, database: Database) -> None:
    hus = make_hus()
    letters = text(
        "INSERT INTO forsendelse (id, konto_id, organisasjon_id, tittel, mottakertype, status)"
        " SELECT md5(n::text)::uuid, :konto, :org, 'Brev', 'PERSON', 'AKSEPTERT' FROM generate_series(1, 20000) n"
    )
    hand_overs = text(
        "INSERT INTO levering (id, forsendelse_id, bane, status, frie_forsok, opprettet, neste_forsok)"
        " SELECT gen_random_uuid(), md5(n::text)::uuid, 'enkelt',"
        " CASE WHEN n % 1000 = 0 THEN 'VENTER' ELSE 'KLAR' END, 1, now() - interval '2 days', now()"
        " FROM generate_series(1, 20000) n"
    )
    with transaction() as tx:
        tx.execute(letters, {"konto": hus.konto_id, "org": hus.organisasjon_id})
        tx.execute(hand_overs)
    with database.owner() as owner:
        owner.execute("ANALYZE levering")
    plan = plan_of(_stuck())
    assert "Seq Scan on levering" not in plan, plan
    assert count_stuck_leveringer() == 20

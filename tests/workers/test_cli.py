"""The commands operations runs by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from config.broker import LANES
from fiks.core import audit, clock
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.drift import reconciliation_mark
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import Bane, Status
from tests.integration.databases import Database, QuickProcess
from tests.integration.houses import HOUSE, Hus, new_fnr
from tests.integration.svarut.letters import make_letters
from tests.integration.worlds import World
from workers import cli
from workers.cli import drain, parse_step


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("+3d", timedelta(days=3)),
        ("3d", timedelta(days=3)),
        ("-2t", timedelta(hours=-2)),
        ("90m", timedelta(minutes=90)),
        ("15s", timedelta(seconds=15)),
    ],
)
def test_a_step_of_the_clock_is_read(text: str, step: timedelta) -> None:
    assert parse_step(text) == step


@pytest.mark.parametrize("text", ["", "d", "3", "3x", "tre d", "3.5d", "+-d", "3 d"])
def test_a_step_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="skriv steget"):
        parse_step(text)


def run(process: QuickProcess, *argv: str) -> int:
    """Run a command on the test's own process."""
    session().rollback()
    options = cli.parse_command_line(argv)
    return cli.COMMANDS[options.kommando][1](process, options)


def ready(hus: Hus, world: World, antall: int, bane: Bane = Bane.MASSE) -> None:
    make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(antall)], bane=bane)
    session().rollback()


def still_waiting() -> int:
    session().rollback()
    return (
        session()
        .execute(select(func.count()).select_from(Forsendelse).where(Forsendelse.status == Status.AKSEPTERT))
        .scalar_one()
    )


def test_drain_sends_everything_without_any_broker(hus: Hus, process: QuickProcess, world: World) -> None:
    ready(hus, world, 12)
    ready(hus, world, 2, Bane.ENKELT)
    assert drain(process, list(LANES)) >= 14
    assert world.altinn.antall == 14
    assert still_waiting() == 0
    assert drain(process, list(LANES)) == 0


def test_drain_of_one_lane_leaves_the_others_and_ends(hus: Hus, process: QuickProcess, world: World) -> None:
    ready(hus, world, 3)
    ready(hus, world, 2, Bane.ENKELT)
    drain(process, ["enkelt"])
    assert (world.altinn.antall, still_waiting()) == (2, 3)


def test_drain_ends_while_everything_is_frozen(hus: Hus, process: QuickProcess, world: World) -> None:
    ready(hus, world, 3)
    circuit_breaker.set_frozen(True, "prøve")
    session().rollback()
    drain(process, list(LANES))
    assert (world.altinn.antall, still_waiting()) == (0, 3)


def test_freeze_stops_all_sending_and_thaw_starts_it(
    hus: Hus, process: QuickProcess, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    ready(hus, world, 1)
    assert run(process, "freeze", "flyttes til ny server") == 0
    assert "stanset" in capsys.readouterr().out
    assert run(process, "drain") == 0
    assert world.altinn.antall == 0
    assert run(process, "thaw") == 0
    assert run(process, "drain", "masse") == 0
    assert world.altinn.antall == 1
    assert "masse" in capsys.readouterr().out


def found_restored() -> None:
    """A process has found that the database is an older one, and an operator has written another reason."""
    with transaction():
        reconciliation_mark.mark("7 en/annen")
        circuit_breaker.set_frozen(True, "restored from backup of 3 May")


def test_a_restored_database_is_thawed_only_when_it_is_reconciled_and_the_command_says_what_to_do(
    hus: Hus, process: QuickProcess, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    ready(hus, world, 1)
    found_restored()
    with pytest.raises(ValueError, match=r"fortsatt stanset.* Kjør «fiks reconcile --gjenopprettet»"):
        run(process, "thaw")
    session().rollback()
    assert circuit_breaker.is_frozen()
    assert run(process, "drain", "masse") == 0
    assert world.altinn.antall == 0
    assert run(process, "reconcile", "--gjenopprettet") == 0
    assert run(process, "thaw") == 0
    assert "i gang igjen" in capsys.readouterr().out
    assert run(process, "drain", "masse") == 0
    assert world.altinn.antall == 1


def test_it_is_thawed_all_the_same_by_one_who_says_so(
    hus: Hus, process: QuickProcess, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    found_restored()
    assert run(process, "thaw", "--likevel") == 0
    assert "i gang igjen" in capsys.readouterr().out
    session().rollback()
    assert not circuit_breaker.is_frozen()
    assert reconciliation_mark.is_marked()
    newest = select(Audit.handling).order_by(Audit.id.desc()).limit(1)
    assert session().scalar(newest) == "SENDING_STARTET_LIKEVEL"


def test_a_freeze_without_a_reason_to_read_stops_nothing_and_says_what_is_wanted(
    empty: None, process: QuickProcess
) -> None:
    with pytest.raises(ValueError, match="ingenting er stanset.* 5 til 200 tegn"):
        run(process, "freeze", "why")
    session().rollback()
    assert not circuit_breaker.is_frozen()


def test_the_clock_is_shown_and_moved(
    empty: None, process: QuickProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    run(process, "klokke", "3d")
    run(process, "klokke")
    assert capsys.readouterr().out.count("3 days, 0:00:00 foran") == 2
    run(process, "klokke", "-1d")
    assert "2 days, 0:00:00 foran" in capsys.readouterr().out
    session().rollback()
    assert clock.offset() == timedelta(days=2)


def test_audit_verify_says_whether_the_log_is_whole(
    empty: None, process: QuickProcess, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with transaction():
        audit.record(HOUSE, "PROVE", "utsending", 1)
    assert run(process, "audit", "verify") == 0
    told = capsys.readouterr().out
    assert "1 rader, den første fra 20" in told
    assert "hel (nye rader forseglet: 1)" in told
    with database.owner() as owner:
        owner.execute("UPDATE audit SET handling = 'NOE_ANNET'")
    assert run(process, "audit", "verify") == 1
    assert "brutt ved segl 1" in capsys.readouterr().out


def test_sweep_says_what_it_found(
    hus: Hus, process: QuickProcess, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(process, "sweep") == 0
    assert "sveipet: " in capsys.readouterr().out

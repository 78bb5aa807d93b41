"""`fiks reconcile`: what the books differ on, and what was sent after a backup that was restored."""

from __future__ import annotations

import pytest

from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt, ProvIgjen
from fiks.core.feeds import Kvitteringsmarkor
from fiks.core.locks import Owner
from fiks.drift import restored, unreconciled
from fiks.svarut import circuit, comparison
from fiks.svarut.claiming import claim
from fiks.svarut.rules import Bane, Kanal, Status
from tests.integration.databases import QuickProcess
from tests.integration.houses import Hus, new_fnr
from tests.integration.svarut.letters import letter, levering, make_letter
from tests.integration.worlds import World
from tests.workers.test_cli import run
from workers import cli_reconcile

GONE = 999_999
"""The number of an owner that no process has."""
STRANGER = "0f7c1c9a-0000-4000-8000-000000000001"


def test_books_that_agree_are_said_to(
    hus: Hus, process: QuickProcess, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(process, "reconcile") == 0
    assert "Bøkene stemmer" in capsys.readouterr().out


def test_what_they_differ_on_is_listed_and_is_the_exit_code(
    hus: Hus, process: QuickProcess, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    with transaction():
        comparison.note(Kanal.ALTINN, STRANGER, comparison.UNKNOWN_HERE)
    assert run(process, "reconcile") == 1
    told = capsys.readouterr().out
    assert "ALTINN" in told and "UKJENT_HOS_OSS" in told and STRANGER in told


def test_what_was_sent_after_the_backup_is_adopted_while_sending_is_stopped(
    hus: Hus, process: QuickProcess, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    world.dpi.fikk[str(levering(made).id)] = []
    circuit.set_frozen(True, "GJENOPPRETTET")
    assert run(process, "reconcile", "--gjenopprettet") == 0
    assert "1 slått opp, 1 var sendt, 0 må behandles" in capsys.readouterr().out
    session().rollback()
    assert letter(made).status == Status.SENDT_SDP
    assert circuit.frozen(), "a person starts sending, not the command"


def test_what_a_process_of_the_backup_had_claimed_and_not_begun_is_looked_up_too(
    hus: Hus, process: QuickProcess, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    with transaction():
        claim(Bane.ENKELT, GONE, 5)
    assert levering(made).status == "SENDER"
    world.dpi.fikk[str(levering(made).id)] = []
    circuit.set_frozen(True, "GJENOPPRETTET")
    assert run(process, "reconcile", "--gjenopprettet") == 0
    assert "1 slått opp, 1 var sendt, 0 må behandles" in capsys.readouterr().out
    session().rollback()
    assert letter(made).status == Status.SENDT_SDP


def test_what_somebody_who_lives_holds_is_not_called_reconciled(
    hus: Hus, process: QuickProcess, world: World, eier: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_letter(hus, world.register.add_person(new_fnr()))
    with transaction():
        claim(Bane.ENKELT, eier.ensure(), 5)
        unreconciled.note("7 en/annen")
        circuit.set_frozen(True, "GJENOPPRETTET")
    monkeypatch.setattr(cli_reconcile, "LOCKS_HELD", 0.0)
    with pytest.raises(Konflikt, match="1 overleveringer er hos prosesser som lever"):
        run(process, "reconcile", "--gjenopprettet")
    session().rollback()
    assert unreconciled.is_noted()


@pytest.mark.parametrize("asked", ["lookup", "compare"])
def test_one_that_breaks_off_leaves_the_database_to_be_reconciled(
    hus: Hus, process: QuickProcess, world: World, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    make_letter(hus, world.register.add_person(new_fnr()))
    with transaction():
        unreconciled.note("7 en/annen")
        circuit.set_frozen(True, "GJENOPPRETTET")

    def silent(*asked: object) -> None:
        raise ProvIgjen("SVARER_IKKE")

    # The channels of this world always answer, and so do their lists.
    if asked == "lookup":
        monkeypatch.setattr(type(world.altinn), "lookup", silent)
    else:
        monkeypatch.setattr(comparison, "compare", silent)
    with pytest.raises(ProvIgjen):
        run(process, "reconcile", "--gjenopprettet")
    session().rollback()
    assert unreconciled.is_noted()
    monkeypatch.undo()
    assert run(process, "reconcile", "--gjenopprettet") == 0
    session().rollback()
    assert not unreconciled.is_noted()


def test_without_the_option_it_is_no_look_up_and_leaves_the_database_to_be_reconciled(
    hus: Hus, process: QuickProcess, world: World
) -> None:
    with transaction():
        unreconciled.note("7 en/annen")
    assert run(process, "reconcile") == 0
    session().rollback()
    assert unreconciled.is_noted()


def test_one_run_before_any_process_saw_the_restore_counts_too(
    hus: Hus, process: QuickProcess, world: World
) -> None:
    circuit.set_frozen(True, "restored from backup of 3 May")
    with transaction() as tx:
        tx.merge(Kvitteringsmarkor(kilde=restored.KILDE, markor="7 en/annen"))
    assert run(process, "reconcile", "--gjenopprettet") == 0
    session().rollback()
    assert restored.check() is False
    assert not unreconciled.is_noted()


def test_it_is_refused_while_letters_are_being_sent(hus: Hus, process: QuickProcess, world: World) -> None:
    with pytest.raises(Konflikt, match="stans sendingen først"):
        run(process, "reconcile", "--gjenopprettet")

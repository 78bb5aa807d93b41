"""After a backup was restored no SMS goes that may have gone after the backup: the gateway knows no reference again."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select, update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt, ProvIgjen
from fiks.core.queue.feed_markers import Kvitteringsmarkor, save_marker
from fiks.drift import reconciliation_mark
from fiks.drift import service as drift
from fiks.sms import after_restore, queries, service, work
from fiks.sms.client import Utfall
from fiks.sms.models import Sms, Smshendelse, Smsutsendelse
from fiks.sms.rules import Status
from fiks.svarut.delivery import circuit_breaker
from tests.integration.databases import QuickProcess
from tests.integration.houses import HOUSE
from tests.integration.sms.gateways import FakeGateway, Smshus, make_smshus
from tests.integration.worlds import FakeRegister, World
from tests.workers.test_cli import run

NUMRE = [f"+4790{n:06}" for n in range(5)]


@pytest.fixture
def smshus(empty: None, outside: World) -> Smshus:
    return make_smshus()


def send(smshus: Smshus) -> list[UUID]:
    return service.send_to_numbers(smshus.konto_id, "Vannet er stengt.", NUMRE, actor=smshus.sender)


def stand(smshus: Smshus, sms_id: UUID) -> Status:
    session().rollback()
    return queries.status(smshus.konto_id, sms_id, actor=smshus.sender).status


def test_what_a_restored_database_takes_for_unsent_is_unknown_and_not_sent_when_sending_is_started(
    smshus: Smshus, process: QuickProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has been sent after the backup, for all we know."""
    ids, gateway = send(smshus), FakeGateway()
    reconciliation_mark.mark("7 en/annen")
    session().commit()
    circuit_breaker.set_frozen(True, "GJENOPPRETTET")
    with pytest.raises(Konflikt, match="DRIFT_IKKE_AVSTEMT"):
        drift.thaw(actor=HOUSE)
    run(process, "reconcile", "--gjenopprettet")
    assert "5 SMS kan være sendt etter kopien" in capsys.readouterr().out
    session().rollback()
    assert drift.thaw(actor=HOUSE)
    assert work.send_next(gateway, FakeRegister()) == 0
    assert {stand(smshus, sms_id) for sms_id in ids} == {Status.UKJENT}


def test_in_a_house_that_is_no_restored_one_the_command_gives_no_sms_up(
    smshus: Smshus, process: QuickProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    """Pages tell a house that runs as usual to give it, for what a print house lists."""
    ids, gateway = send(smshus), FakeGateway()
    circuit_breaker.set_frozen(True, "leser trykkeriets liste på nytt")
    assert run(process, "reconcile", "--gjenopprettet") == 1, (
        "who forgot to say that it is a restored one is told"
    )
    assert "5 venter, og sendes når sendingen startes" in capsys.readouterr().out
    session().rollback()
    assert drift.thaw(actor=HOUSE)
    while work.send_next(gateway, FakeRegister()):
        pass
    assert len(gateway.fikk) == 5
    assert {stand(smshus, sms_id) for sms_id in ids} == {Status.SENDT}


def test_one_who_knows_that_the_database_is_restored_says_so_where_the_guard_sees_nothing(
    smshus: Smshus, process: QuickProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    ids, gateway = send(smshus), FakeGateway()
    run(process, "freeze", "--gjenopprettet", "restored from backup of 3 May")
    assert "notert som gjenopprettet" in capsys.readouterr().out
    session().rollback()
    with pytest.raises(Konflikt, match="DRIFT_IKKE_AVSTEMT"):
        drift.thaw(actor=HOUSE)
    run(process, "reconcile", "--gjenopprettet")
    assert "5 SMS kan være sendt etter kopien" in capsys.readouterr().out
    session().rollback()
    assert drift.thaw(actor=HOUSE)
    assert work.send_next(gateway, FakeRegister()) == 0
    assert {stand(smshus, sms_id) for sms_id in ids} == {Status.UKJENT}


def test_what_was_taken_in_since_the_restore_is_in_no_backup_and_is_sent(
    smshus: Smshus, process: QuickProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    """As where sending was started all the same, and is stopped again to look up what had gone."""
    old = send(smshus)
    with transaction():
        reconciliation_mark.mark("7 en/annen")
    with transaction() as tx:
        tx.execute(update(Smsutsendelse).values(opprettet=Smsutsendelse.opprettet - timedelta(hours=1)))
        note = update(Kvitteringsmarkor).where(Kvitteringsmarkor.kilde == reconciliation_mark.KILDE)
        tx.execute(note.values(markor=noted_before(timedelta(minutes=5))))
    new = service.send_to_number(smshus.konto_id, "Vannet er på igjen.", NUMRE[0], actor=smshus.sender)
    circuit_breaker.set_frozen(True, "GJENOPPRETTET")
    run(process, "reconcile", "--gjenopprettet")
    assert "5 SMS kan være sendt etter kopien, og sendes ikke. 1 er tatt imot" in capsys.readouterr().out
    assert {stand(smshus, sms_id) for sms_id in old} == {Status.UKJENT}
    assert stand(smshus, new) is Status.OPPRETTET


def noted_before(ago: timedelta) -> str:
    """What stands in the note that was made so long ago."""
    return f"7 en/annen {(clock.now() - ago).isoformat()}"


@pytest.mark.parametrize("markor", ["8 7012345678901234567/16384", "7 en/annen"])
def test_of_a_restore_that_an_earlier_release_noted_without_a_time_all_are_given_up(
    smshus: Smshus, process: QuickProcess, markor: str
) -> None:
    [sms_id, *_] = send(smshus)
    with transaction():
        save_marker(reconciliation_mark.KILDE, markor)
    circuit_breaker.set_frozen(True, "GJENOPPRETTET")
    run(process, "reconcile", "--gjenopprettet")
    assert stand(smshus, sms_id) is Status.UKJENT


def test_operations_is_told_how_many_were_given_up_until_a_day_after(smshus: Smshus) -> None:
    """By the sweeper: nobody asks a command for its metrics."""
    assert told() == 0
    send(smshus)
    after_restore.give_up_unsent(None)
    service.send_to_number(smshus.konto_id, "Vannet er på igjen.", NUMRE[0], actor=smshus.sender)
    after_restore.give_up_unsent(None)
    assert told() == 6
    assert after_restore.give_up_unsent(None) == 0
    assert told() == 6
    clock.move(after_restore.SHOWN_FOR)
    assert told() == 0


def told() -> float | None:
    session().rollback()
    work.measure()
    return REGISTRY.get_sample_value("fiks_sms_given_up")


def test_a_receipt_settles_one_that_had_gone(smshus: Smshus) -> None:
    ids, gateway = send(smshus), FakeGateway()
    assert after_restore.give_up_unsent(None) == 5
    gateway.tell(ids[0], Utfall.LEVERT)
    work.read_receipts(gateway)
    assert [stand(smshus, sms_id) for sms_id in ids[:2]] == [Status.LEVERT, Status.UKJENT]


def test_the_history_says_why_and_every_portion_is_done(
    smshus: Smshus, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(after_restore, "PORTION", 2)
    ids = send(smshus)
    work.send_next(FakeGateway(), FakeRegister())
    assert (after_restore.give_up_unsent(None), after_restore.give_up_unsent(None)) == (4, 0)
    why = select(Smshendelse.fra, Smshendelse.til, Smshendelse.kode).where(Smshendelse.kode.is_not(None))
    assert [tuple(row) for row in session().execute(why)] == [("OPPRETTET", "UKJENT", "GJENOPPRETTET")] * 4
    assert sorted(stand(smshus, sms_id) for sms_id in ids) == ["SENDT", *["UKJENT"] * 4]
    assert session().scalars(select(Sms.id).where(Sms.kall_startet.is_(None))).all() == []
    assert "sms_unknown_after_restore" in caplog.text


def test_they_are_given_up_first_also_when_a_channel_will_not_answer(
    smshus: Smshus, process: QuickProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever then starts sending all the same sends no SMS twice."""
    [sms_id, *_] = send(smshus)
    with transaction():
        reconciliation_mark.mark("7 en/annen")
        circuit_breaker.set_frozen(True, "GJENOPPRETTET")

    def silent(*asked: object) -> None:
        raise ProvIgjen("SVARER_IKKE")

    # The world's channels always answer.
    monkeypatch.setattr("fiks.svarut.receipts.reconciliation.compare", silent)
    with pytest.raises(ProvIgjen):
        run(process, "reconcile", "--gjenopprettet")
    assert stand(smshus, sms_id) is Status.UKJENT


def test_without_the_option_sms_wait_as_before(smshus: Smshus, process: QuickProcess) -> None:
    [sms_id, *_] = send(smshus)
    run(process, "reconcile")
    assert stand(smshus, sms_id) is Status.OPPRETTET

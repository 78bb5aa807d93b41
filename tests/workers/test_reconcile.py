"""`fiks reconcile`: what the books differ on, and what was sent after a backup that was restored."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from fiks.core import clock
from fiks.core.crypto.encryption import NokkelUkjent
from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt, ProvIgjen
from fiks.core.queue.feed_markers import Kvitteringsmarkor
from fiks.core.queue.owner_lock import Owner
from fiks.drift import reconciliation_mark, restore_guard
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.delivery.claims import claim
from fiks.svarut.letters import Dokumentref
from fiks.svarut.models import Forsendelse
from fiks.svarut.operations import restore as look_ups
from fiks.svarut.receipts import reconciliation
from fiks.svarut.rules import Bane, Kanal, Status
from fiks.svarut.transitions import levering_reference
from fiks.utsending.letters.letter_data import letter_id
from fiks.utsending.models import Utsendingsrad
from fiks.utsending.sending import feeder
from tests.integration.databases import QuickProcess
from tests.integration.houses import Hus, make_hus, new_fnr
from tests.integration.keys import newer_key
from tests.integration.print.orders import HOUSE, FakeHouse
from tests.integration.svarut.letters import letter, levering, make_letter, make_letters
from tests.integration.utsending.kommuner import Mailing, make_kommune, make_mailing, release
from tests.integration.worlds import World
from tests.workers.test_cli import run
from workers import cli_reconcile
from workers.cli import drain

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
        reconciliation.note_discrepancy(Kanal.ALTINN, STRANGER, reconciliation.UNKNOWN_HERE)
    assert run(process, "reconcile") == 1
    told = capsys.readouterr().out
    assert "ALTINN" in told and "UKJENT_HOS_OSS" in told and STRANGER in told


def reconcile_adopts(made: UUID, process: QuickProcess, capsys: pytest.CaptureFixture[str]) -> None:
    """The command finds the one letter at its mailbox."""
    assert run(process, "reconcile", "--gjenopprettet") == 0
    assert "1 slått opp, 1 var sendt, 0 var hos trykkeriet" in capsys.readouterr().out
    session().rollback()
    assert letter(made).status == Status.SENDT_SDP


def test_what_was_sent_after_the_backup_is_adopted_while_sending_is_stopped(
    hus: Hus, process: QuickProcess, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    world.dpi.fikk[str(levering(made).id)] = []
    circuit_breaker.set_frozen(True, "GJENOPPRETTET")
    reconcile_adopts(made, process, capsys)
    assert circuit_breaker.is_frozen(), "a person starts sending, not the command"


def test_what_a_process_of_the_backup_had_claimed_and_not_begun_is_looked_up_too(
    hus: Hus, process: QuickProcess, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    with transaction():
        claim(Bane.ENKELT, GONE, 5)
    assert levering(made).status == "SENDER"
    world.dpi.fikk[str(levering(made).id)] = []
    circuit_breaker.set_frozen(True, "GJENOPPRETTET")
    reconcile_adopts(made, process, capsys)


ROWS = 20


@pytest.fixture
def was_sent(
    at_noon: None, process: QuickProcess, world: World, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Mailing]:
    """Makes a mailing that is released, with no letter made, of which DPI has these rows; it is fed two at a time."""
    for function in (feeder.feed, feeder.feed_now):
        monkeypatch.setattr(function, "__defaults__", (2,))

    def release_one(rows: Collection[int]) -> Mailing:
        kommune = make_kommune()
        numbers = [world.register.add_person(new_fnr(), postkasse="DIGIPOST") for _ in range(ROWS)]
        mailing = make_mailing(kommune, ROWS, fnr=numbers)
        release(kommune, mailing)
        for row in session().scalars(select(Utsendingsrad).where(Utsendingsrad.utsending_id == mailing.id)):
            if row.radnr - 2 in rows:
                fed_as = letter_id(row, [one_document(row.brev_sha256)])
                world.dpi.fikk[str(levering_reference(fed_as, 1))] = []
        session().rollback()
        circuit_breaker.set_frozen(True, "GJENOPPRETTET")
        return mailing

    return release_one


def one_document(sha256: bytes | None) -> Dokumentref:
    assert sha256 is not None
    return Dokumentref(1, "brev.pdf", "application/pdf", 1, sha256, "o", None, None, b"", 1, ())


def adopted(mailing: Mailing) -> list[int]:
    session().rollback()
    sent = select(Forsendelse.radnr).where(
        Forsendelse.utsending_id == mailing.id, Forsendelse.status == Status.SENDT_SDP
    )
    return sorted(radnr - 2 for radnr in session().scalars(sent) if radnr is not None)


def test_a_mailing_is_fed_as_far_as_it_was_sent_however_many_of_it_nobody_knows(
    process: QuickProcess, world: World, was_sent: Callable[..., Mailing]
) -> None:
    """Every other is on paper that its house does not list yet."""
    rows = range(0, 12, 2)
    mailing = was_sent(rows)
    assert run(process, "reconcile", "--gjenopprettet") == 0
    assert adopted(mailing) == list(rows)
    made = session().scalar(
        select(func.count()).select_from(Forsendelse).where(Forsendelse.utsending_id == mailing.id)
    )
    assert made == 14, "a portion past the last"


@pytest.mark.parametrize("at", [1, 2, 5])
def test_what_the_sweeper_makes_meanwhile_is_looked_up_too(
    process: QuickProcess,
    world: World,
    was_sent: Callable[..., Mailing],
    monkeypatch: pytest.MonkeyPatch,
    at: int,
) -> None:
    """It has come to the end of the mailing before we get to feed it."""
    make_letters(make_hus(), [world.register.add_person(new_fnr()) for _ in range(5)])
    mailing = was_sent(range(ROWS))
    lookup, numbers = type(world.dpi).lookup, itertools.count(1)

    def while_the_sweeper_feeds(self: object, referanse: str) -> str | None:
        if next(numbers) == at:
            with process.app.app_context():  # asked about in a thread of its own
                while feeder.feed_now(mailing.id):
                    pass
        return lookup(self, referanse)  # type: ignore[arg-type]

    monkeypatch.setattr(type(world.dpi), "lookup", while_the_sweeper_feeds)
    assert run(process, "reconcile", "--gjenopprettet") == 0
    assert adopted(mailing) == list(range(ROWS))


def test_a_mailing_that_cannot_be_fed_holds_up_no_other(
    process: QuickProcess, world: World, was_sent: Callable[..., Mailing]
) -> None:
    broken, whole = was_sent([]), was_sent(range(4))
    feeder.feed_now(broken.id)
    with transaction() as tx:
        tx.execute(
            update(Utsendingsrad).where(Utsendingsrad.utsending_id == broken.id).values(forsendelse_id=None)
        )
    assert run(process, "reconcile", "--gjenopprettet") == 0
    assert adopted(whole) == [0, 1, 2, 3]


def test_what_somebody_who_lives_holds_is_not_called_reconciled(
    hus: Hus, process: QuickProcess, world: World, eier: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_letter(hus, world.register.add_person(new_fnr()))
    with transaction():
        claim(Bane.ENKELT, eier.ensure(), 5)
        reconciliation_mark.mark("7 en/annen")
        circuit_breaker.set_frozen(True, "GJENOPPRETTET")
    monkeypatch.setattr(cli_reconcile, "LOCKS_HELD", 0.0)
    with pytest.raises(Konflikt, match="1 overleveringer er hos prosesser som lever"):
        run(process, "reconcile", "--gjenopprettet")
    session().rollback()
    assert reconciliation_mark.is_marked()


def test_when_sending_was_started_meanwhile_it_is_not_called_reconciled(
    hus: Hus, process: QuickProcess, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_letter(hus, world.register.add_person(new_fnr()))
    with transaction():
        reconciliation_mark.mark("7 en/annen")
        circuit_breaker.set_frozen(True, "GJENOPPRETTET")

    def started(*asked: object) -> reconciliation.Sammenligning:
        session().rollback()
        circuit_breaker.set_frozen(False, None)
        return reconciliation.Sammenligning(0)

    monkeypatch.setattr(reconciliation, "compare", started)
    with pytest.raises(Konflikt, match="startet underveis"):
        run(process, "reconcile", "--gjenopprettet")
    session().rollback()
    assert reconciliation_mark.is_marked()


@pytest.mark.parametrize("asked", ["lookup", "compare"])
def test_one_that_breaks_off_leaves_the_database_to_be_reconciled(
    hus: Hus, process: QuickProcess, world: World, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    make_letter(hus, world.register.add_person(new_fnr()))
    with transaction():
        reconciliation_mark.mark("7 en/annen")
        circuit_breaker.set_frozen(True, "GJENOPPRETTET")

    def silent(*asked: object) -> None:
        raise ProvIgjen("SVARER_IKKE")

    monkeypatch.setattr(look_ups, "PAUSES", (0.0,))
    # The channels of this world always answer, and so do their lists.
    if asked == "lookup":
        monkeypatch.setattr(type(world.altinn), "lookup", silent)
    else:
        monkeypatch.setattr(reconciliation, "compare", silent)
    with pytest.raises(ProvIgjen):
        run(process, "reconcile", "--gjenopprettet")
    session().rollback()
    assert reconciliation_mark.is_marked()
    monkeypatch.undo()
    assert run(process, "reconcile", "--gjenopprettet") == 0
    session().rollback()
    assert not reconciliation_mark.is_marked()


def test_a_mailing_that_this_machine_lacks_the_key_of_is_not_passed_over(
    process: QuickProcess, world: World, was_sent: Callable[..., Mailing]
) -> None:
    """Else it would be sent again as soon as the key is there."""
    with newer_key():
        mailing = was_sent(range(6))
    with transaction():
        reconciliation_mark.mark("7 en/annen")
    with pytest.raises(NokkelUkjent):
        run(process, "reconcile", "--gjenopprettet")
    session().rollback()
    assert reconciliation_mark.is_marked()
    with newer_key():
        assert run(process, "reconcile", "--gjenopprettet") == 0
        assert adopted(mailing) == list(range(6))
    assert not reconciliation_mark.is_marked()


def test_without_the_option_it_is_no_look_up_and_leaves_the_database_to_be_reconciled(
    hus: Hus, process: QuickProcess, world: World
) -> None:
    with transaction():
        reconciliation_mark.mark("7 en/annen")
    assert run(process, "reconcile") == 0
    session().rollback()
    assert reconciliation_mark.is_marked()


def test_one_run_before_any_process_saw_the_restore_counts_too(
    hus: Hus, process: QuickProcess, world: World
) -> None:
    circuit_breaker.set_frozen(True, "restored from backup of 3 May")
    with transaction() as tx:
        tx.merge(Kvitteringsmarkor(kilde=restore_guard.KILDE, markor="7 en/annen"))
    assert run(process, "reconcile", "--gjenopprettet") == 0
    session().rollback()
    assert restore_guard.check_for_restore() is False
    assert not reconciliation_mark.is_marked()


def test_it_is_refused_while_letters_are_being_sent(hus: Hus, process: QuickProcess, world: World) -> None:
    with pytest.raises(Konflikt, match="stans sendingen først"):
        run(process, "reconcile", "--gjenopprettet")


@pytest.fixture
def unheard(hus: Hus, process: QuickProcess, world: World) -> UUID:
    """A letter that a mailbox took two days ago, has said nothing of since, and has lost."""
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    session().rollback()
    drain(process, ["enkelt"])
    with transaction() as tx:
        at = clock.now() - timedelta(days=2)
        tx.execute(update(Forsendelse).where(Forsendelse.id == made).values(overlevert=at))
    world.dpi.fikk.clear()
    return made


def test_books_that_nobody_could_compare_are_not_said_to_agree(
    unheard: UUID, process: QuickProcess, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.dpi.nede = ProvIgjen("IKKE_NAADD")
    assert run(process, "reconcile") == 1
    told = capsys.readouterr().out
    assert "DPI: ikke sammenlignet (IKKE_NAADD), 1 overleveringer gjenstår" in told
    assert "Bøkene stemmer" not in told


def test_nor_are_those_of_a_channel_for_which_the_time_did_not_suffice(
    unheard: UUID,
    process: QuickProcess,
    world: World,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reconciliation, "LONGEST_SECONDS", 0.0)
    assert run(process, "reconcile") == 1
    told = capsys.readouterr().out
    assert "DPI: ikke sammenlignet (TIDEN_ER_UTE)" in told and "Bøkene stemmer" not in told


def test_nor_are_those_of_a_channel_that_is_not_set_up_any_more(
    unheard: UUID, process: QuickProcess, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    without_dpi = replace(world.verden, kanaler={Kanal.ALTINN: world.altinn})
    process.put(QuickProcess.world_and_feeds, (without_dpi, {}))
    assert run(process, "reconcile") == 1
    assert "DPI: ikke sammenlignet (DPI_IKKE_SATT_OPP)" in capsys.readouterr().out
    circuit_breaker.set_frozen(True, "GJENOPPRETTET")
    with pytest.raises(Konflikt, match="sett adressen til DPI"):
        run(process, "reconcile", "--gjenopprettet")


class Unread(FakeHouse):
    """A print house whose list cannot be read."""

    def taken_over(self, use: object) -> None:
        raise ProvIgjen("PRINTHUS_UTILGJENGELIG")


def test_a_print_house_whose_list_cannot_be_read_is_told_of_and_the_others_are_compared_with(
    hus: Hus,
    process: QuickProcess,
    world: World,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = FakeHouse()
    houses = {"BORTE": Unread(), HOUSE: asked}
    monkeypatch.setattr(type(process), "houses", houses)
    seen = list[object]()
    monkeypatch.setattr(asked, "taken_over", seen.append)
    assert run(process, "reconcile") == 1
    told = capsys.readouterr().out
    assert "BORTE: ikke sammenlignet (PRINTHUS_UTILGJENGELIG)" in told and "Bøkene stemmer" not in told
    assert len(seen) == 1


def test_a_restored_database_is_not_called_reconciled_when_a_list_was_not_read(
    hus: Hus, process: QuickProcess, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction():
        reconciliation_mark.mark("7 en/annen")
        circuit_breaker.set_frozen(True, "GJENOPPRETTET")
    # It was there when the unsent packages were looked up.
    monkeypatch.setattr(cli_reconcile, "adopt_sent", lambda process: iter(()))
    monkeypatch.setattr(type(process), "houses", {HOUSE: Unread()})
    with pytest.raises(Konflikt, match=r"ikke sammenlignet .* kjør dette på nytt"):
        run(process, "reconcile", "--gjenopprettet")
    session().rollback()
    assert reconciliation_mark.is_marked()

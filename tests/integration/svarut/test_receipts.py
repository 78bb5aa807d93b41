"""Receipts come late, twice, in the wrong order and for strangers; each has its effect once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from fiks.core import clock
from fiks.core.errors import Avvist, KanalFeil, ProvIgjen
from fiks.core.queue.owner_lock import Owner
from fiks.print.handover import packing
from fiks.print.handover import receipts as printing
from fiks.print.operations import alarms
from fiks.svarut.inbox import access
from fiks.svarut.letters import Brev
from fiks.svarut.lifecycle import lesefrist
from fiks.svarut.receipts import feed as receipts_feed
from fiks.svarut.receipts.feed import read_feed
from fiks.svarut.rules import Kanal, Slettetype, Status
from fiks.svarut.sender import actions
from tests.integration.houses import HOUSE, Hus, new_fnr
from tests.integration.print.orders import receipt_of
from tests.integration.svarut.letters import (
    codes,
    hand_over,
    let_lesefrist_pass,
    letter,
    levering,
    leveringer,
    make_letter,
    statuses,
)
from tests.integration.svarut.test_deadline import CITIZEN, NOBODY
from tests.integration.worlds import FakeFeed, Receipt, World

PERSON = {"DPI": {"postkasse": "EBOKS"}, "ALTINN": {}, "PRINT": {"registrert": False}}


def sent(hus: Hus, eier: Owner, world: World, kanal: str, **options: object) -> UUID:
    """A letter that has been handed over to this channel."""
    number = world.register.add_person(new_fnr(), **PERSON[kanal])  # type: ignore[arg-type]
    made = make_letter(hus, number, **options)  # type: ignore[arg-type]
    hand_over(eier, world)
    assert letter(made).kanal == kanal
    return made


def receive(kanal: Kanal, *arts: str, letter_id: UUID) -> None:
    """The receipts of the letter's last hand-over."""
    for art in arts:
        receipts_feed.apply_receipt(
            kanal, Receipt(str(levering(letter_id).id), art, ark=2, vekt_gram=20, porto_ore=1_800)
        )


@pytest.mark.parametrize(
    ("kanal", "art", "status"),
    [
        ("DPI", "LEVERT", Status.LEVERT_SDP),
        ("ALTINN", "LEVERT", Status.LEVERT_ALTINN),
        ("ALTINN", "LEST", Status.SENDT_ALTINN),
        ("PRINT", "PRINTET", Status.PRINTET),
    ],
)
def test_a_receipt_moves_the_letter(
    hus: Hus, eier: Owner, world: World, kanal: str, art: str, status: Status
) -> None:
    made = sent(hus, eier, world, kanal)
    receive(Kanal(kanal), art, letter_id=made)
    assert letter(made).status == status


@pytest.mark.parametrize(
    ("kanal", "art"), [("DPI", "LEVERT"), ("ALTINN", "LEVERT"), ("ALTINN", "LEST"), ("PRINT", "PRINTET")]
)
def test_a_receipt_that_comes_again_changes_nothing(
    hus: Hus, eier: Owner, world: World, kanal: str, art: str
) -> None:
    made = sent(hus, eier, world, kanal)
    receive(Kanal(kanal), art, letter_id=made)
    before = codes(made)
    receive(Kanal(kanal), art, art, letter_id=made)
    assert codes(made) == before


def test_altinns_read_event_is_only_a_remark(hus: Hus, eier: Owner, world: World) -> None:
    made = sent(hus, eier, world, "ALTINN")
    receive(Kanal.ALTINN, "LEVERT", "LEST", letter_id=made)
    assert letter(made).status == Status.LEVERT_ALTINN
    assert "APNET_I_ALTINN" in codes(made)


def test_the_print_receipt_is_kept_with_its_numbers(hus: Hus, eier: Owner, world: World) -> None:
    from_history = sent(hus, eier, world, "PRINT")
    receive(Kanal.PRINT, "PRINTET", letter_id=from_history)
    assert codes(from_history)[-2:] == ["PRINTET", "PRINTKVITTERING"]


@pytest.mark.parametrize("referanse", ["", "ikke en uuid", "0e6c5b1e-5f0c-4a35-9d63-0c1f4f6f3c11"])
def test_a_receipt_for_a_stranger_is_counted_and_has_no_effect(hus: Hus, referanse: str) -> None:
    before = receipts_feed.UNKNOWN_RECEIPTS.labels(Kanal.DPI)._value.get()
    receipts_feed.apply_receipt(Kanal.DPI, Receipt(referanse, "LEVERT"))
    assert receipts_feed.UNKNOWN_RECEIPTS.labels(Kanal.DPI)._value.get() == before + 1


def test_a_receipt_of_an_unknown_kind_has_no_effect(hus: Hus, eier: Owner, world: World) -> None:
    made = sent(hus, eier, world, "DPI")
    before = codes(made)
    receive(Kanal.DPI, "NOE_NYTT", letter_id=made)
    assert codes(made) == before


def test_a_failure_in_the_mailbox_goes_on_to_altinn_and_from_there_to_paper(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = sent(hus, eier, world, "DPI")
    receive(Kanal.DPI, "FEILET", letter_id=made)
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_ALTINN
    receive(Kanal.ALTINN, "FEILET", letter_id=made)
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_PRINT
    assert statuses(made)[2:] == [Status.SENDT_SDP, Status.SENDT_ALTINN, Status.SENDT_PRINT]
    assert world.antall == (1, 1, 1)


def test_a_failure_that_is_told_twice_opens_one_new_hand_over(hus: Hus, eier: Owner, world: World) -> None:
    made = sent(hus, eier, world, "DPI")
    failed = Receipt(str(levering(made).id), "FEILET")
    for _ in range(3):
        receipts_feed.apply_receipt(Kanal.DPI, failed)
    hand_over(eier, world)
    receipts_feed.apply_receipt(Kanal.DPI, failed)
    assert hand_over(eier, world) == 0
    assert [row.kanal for row in leveringer(made)] == ["DPI", "ALTINN"]


def test_a_failure_after_delivery_changes_nothing(hus: Hus, eier: Owner, world: World) -> None:
    made = sent(hus, eier, world, "DPI")
    receive(Kanal.DPI, "LEVERT", "FEILET", letter_id=made)
    assert letter(made).status == Status.LEVERT_SDP
    assert len(leveringer(made)) == 1


@pytest.mark.parametrize("kanal", list(PERSON))
def test_a_failure_of_a_letter_whose_content_has_been_deleted_changes_nothing(
    hus: Hus, eier: Owner, world: World, kanal: str
) -> None:
    made = sent(hus, eier, world, kanal)
    actions.delete_documents(made, alt=Slettetype.ALLE, actor=HOUSE)
    before = codes(made)
    receive(Kanal(kanal), "FEILET", letter_id=made)
    assert (letter(made).status, codes(made)) == (Status.SLETTET, before)


def test_delivery_after_a_failure_changes_nothing_more(hus: Hus, eier: Owner, world: World) -> None:
    made = sent(hus, eier, world, "DPI")
    failed = str(levering(made).id)
    receipts_feed.apply_receipt(Kanal.DPI, Receipt(failed, "FEILET"))
    hand_over(eier, world)
    receipts_feed.apply_receipt(Kanal.DPI, Receipt(failed, "LEVERT"))
    assert letter(made).status == Status.SENDT_ALTINN


def test_kun_digital_that_fails_in_altinn_is_ikke_levert_and_never_printed(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = sent(hus, eier, world, "ALTINN", kun_digital=True)
    receive(Kanal.ALTINN, "FEILET", letter_id=made)
    hand_over(eier, world)
    assert letter(made).status == Status.IKKE_LEVERT
    assert world.print.antall == 0


def test_a_failure_of_a_letter_that_was_read_meanwhile_changes_nothing(
    hus: Hus, eier: Owner, world: World
) -> None:
    number = world.register.add_person(new_fnr())
    made = make_letter(hus, number)
    hand_over(eier, world)
    access.mark_read(made, pid=number, orgnrs=NOBODY, actor=CITIZEN)
    receive(Kanal.ALTINN, "LEVERT", "FEILET", letter_id=made)
    assert letter(made).status == Status.LEST
    assert hand_over(eier, world) == 0


def test_a_print_receipt_after_the_letter_was_read_leaves_it_read(
    hus: Hus, eier: Owner, world: World
) -> None:
    number = world.register.add_person(new_fnr())
    made = make_letter(hus, number)
    hand_over(eier, world)
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    hand_over(eier, world)
    access.mark_read(made, pid=number, orgnrs=NOBODY, actor=CITIZEN)
    receive(Kanal.PRINT, "PRINTET", letter_id=made)
    assert letter(made).status == Status.LEST


def test_what_the_print_house_could_not_print_waits_for_a_person_who_can_send_it_again(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = sent(hus, eier, world, "PRINT")
    receive(Kanal.PRINT, "FEILET", letter_id=made)
    assert levering(made).status == "TIL_BEHANDLING"
    assert hand_over(eier, world) == 0
    actions.retry_failed(levering(made).id, actor=HOUSE)
    hand_over(eier, world)
    assert world.print.antall == 2
    assert (letter(made).status, levering(made).status) == (Status.SENDT_PRINT, "OVERLEVERT")
    receive(Kanal.PRINT, "PRINTET", letter_id=made)
    assert letter(made).status == Status.PRINTET


def test_a_receipt_that_comes_before_our_own_record_is_applied_with_it(
    hus: Hus, eier: Owner, world: World
) -> None:
    def answer_at_once(referanse: str, brev: Brev) -> None:
        receipts_feed.apply_receipt(Kanal.DPI, Receipt(referanse, "LEVERT"))

    world.dpi.under = answer_at_once
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="EBOKS"))
    hand_over(eier, world)
    assert letter(made).status == Status.LEVERT_SDP
    assert statuses(made)[2:] == [Status.SENDT_SDP, Status.LEVERT_SDP]


# The feed


def test_a_feed_is_read_from_where_it_was_left(hus: Hus, eier: Owner, world: World) -> None:
    made = [sent(hus, eier, world, "DPI") for _ in range(5)]
    feed = FakeFeed(*(Receipt(str(levering(one).id), "LEVERT") for one in made), page=2)
    assert [read_feed(Kanal.DPI, feed) for _ in range(4)] == [2, 2, 1, 0]
    assert {letter(one).status for one in made} == {Status.LEVERT_SDP}


def test_each_channel_has_its_own_place_in_its_feed(hus: Hus, eier: Owner, world: World) -> None:
    first, second = sent(hus, eier, world, "DPI"), sent(hus, eier, world, "ALTINN")
    assert read_feed(Kanal.DPI, FakeFeed(Receipt(str(levering(first).id), "LEVERT"))) == 1
    assert read_feed(Kanal.ALTINN, FakeFeed(Receipt(str(levering(second).id), "LEVERT"))) == 1
    assert letter(second).status == Status.LEVERT_ALTINN


class BrokenFeed(FakeFeed):
    """Does not answer the first time."""

    def __init__(self, error: KanalFeil, *receipts: Receipt) -> None:
        super().__init__(*receipts)
        self.errors = [error]

    def receipts(self, after: str | None, limit: int) -> tuple[list[Receipt], str | None]:  # type: ignore[override]
        if self.errors:
            raise self.errors.pop()
        portion, following = super().receipts(after, limit)
        return list(portion), following


@pytest.mark.parametrize("error", [ProvIgjen("IKKE_NAADD"), Avvist("UGYLDIG")])
def test_a_feed_that_does_not_answer_loses_nothing(
    hus: Hus, eier: Owner, world: World, error: KanalFeil
) -> None:
    made = sent(hus, eier, world, "DPI")
    feed = BrokenFeed(error, Receipt(str(levering(made).id), "LEVERT"))
    with pytest.raises(KanalFeil):
        read_feed(Kanal.DPI, feed)
    assert read_feed(Kanal.DPI, feed) == 1
    assert letter(made).status == Status.LEVERT_SDP


def test_a_feed_that_begins_anew_repeats_everything_and_changes_nothing(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = sent(hus, eier, world, "DPI")
    receipt = Receipt(str(levering(made).id), "LEVERT")
    read_feed(Kanal.DPI, FakeFeed(receipt))
    before = codes(made)
    assert read_feed(Kanal.DPI, FakeFeed(receipt, receipt, receipt)) == 2
    assert codes(made) == before


def at_house(letter_id: UUID, art: str) -> None:
    """The print house answers about the letter."""
    printing.apply_receipt("GRAFISK_DIGITAL", receipt_of(levering(letter_id).id, art))


def test_sv12_36_a_letter_four_days_at_the_print_house_without_a_receipt_is_told_of(
    hus: Hus, eier: Owner, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    late, printed = (sent(hus, eier, world, "PRINT") for _ in range(2))
    packing.pack_all()
    at_house(printed, "PRINTET")
    clock.move(timedelta(days=3, hours=23))
    assert alarms.count_print_overdue() == 0
    assert "print_overdue" not in caplog.messages
    clock.move(timedelta(hours=2))
    assert alarms.count_print_overdue() == 1
    assert alarms.OVERDUE._value.get() == 1
    [told] = [record for record in caplog.records if record.message == "print_overdue"]
    assert (told.levelname, told.__dict__["antall"]) == ("WARNING", 1)
    at_house(late, "PRINTET")
    assert alarms.count_print_overdue() == 0

"""Each lane has its work; a portion at a time, and one trouble does not become another's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from prometheus_client import Counter
from sqlalchemy import delete

from config.broker import LANES
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, ProvIgjen, Uavklart
from fiks.drift.rules import STOPPED_BY_FREEZE
from fiks.edialog import service as skjema
from fiks.registeroppslag.rules import Registernavn
from fiks.sms import service
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.models import Banestatus
from fiks.svarut.rules import Bane, Kanal, Opphav, Slettetype, Status
from fiks.svarut.sender import actions
from fiks.svarut.signing.client import Art
from fiks.utsending.rules import LANE
from tests.doubles import tiny_pdf
from tests.integration.databases import QuickProcess
from tests.integration.edialog.skjemaer import KARI, WRITTEN, Innbygger, draft, open_edialog
from tests.integration.houses import HOUSE, Hus, new_fnr
from tests.integration.sms.gateways import make_smshus
from tests.integration.svarut.letters import letter, levering, make_letter, make_letters
from tests.integration.svarut.signings import accepted, let_sign, sent_back
from tests.integration.svarut.submitted import take_in
from tests.integration.worlds import FakeFeed, Receipt, World
from tests.submissions import FNR, document, submission
from workers.channels import Utskrift
from workers.lanes import AWAY, FAILED, READ, WORK, do_portion
from workers.process import Process


def test_every_lane_of_the_broker_has_its_work_and_no_work_lacks_a_lane() -> None:
    assert set(WORK) == set(LANES)
    assert set(LANE.values()) <= set(LANES)


def test_the_restricted_lane_has_no_worker_only_persons_act_there() -> None:
    assert Bane.SPERRET not in LANES
    assert {Bane.ENKELT, Bane.MASSE} <= set(LANES)


@pytest.mark.parametrize("lane", list(LANES))
def test_a_lane_with_nothing_in_it_finds_nothing(
    hus: Hus, process: QuickProcess, world: World, lane: str
) -> None:
    session().rollback()
    assert do_portion(lane, process) == 0


@pytest.mark.parametrize("lane", sorted({*LANES} - {"inn"}))
def test_a_lane_that_a_freeze_stops_is_one_that_asks_whether_all_sending_is_stopped(
    hus: Hus, process: QuickProcess, world: World, lane: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers are wanted for the others meanwhile. (`inn` asks for its orders to sign alone.)"""
    asked: list[str] = []

    def frozen() -> bool:
        asked.append(lane)
        return True

    # What a freeze stops is what is asked for; nothing else tells a lane that stands from one that is empty.
    monkeypatch.setattr(circuit_breaker, "is_frozen", frozen)
    session().rollback()
    do_portion(lane, process)
    assert bool(asked) == (lane in STOPPED_BY_FREEZE)


def test_a_portion_of_a_delivery_lane_is_one_claim(hus: Hus, process: QuickProcess, world: World) -> None:
    make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(7)])
    session().rollback()
    assert [do_portion("enkelt", process) for _ in range(3)] == [5, 2, 0]
    assert do_portion("masse", process) == 0


def test_the_incoming_lane_settles_unknown_outcomes_and_reads_every_feed(
    hus: Hus, process: QuickProcess, world: World
) -> None:
    world.altinn.svar = [Uavklart("SVARET_BORTE")]
    unknown = make_letter(hus, world.register.add_person(new_fnr()))
    sent = make_letter(hus, world.register.add_person(new_fnr(), postkasse="EBOKS"))
    session().rollback()
    do_portion("enkelt", process)
    process.forget(QuickProcess.world_and_feeds)
    process.inbox = {Kanal.DPI: FakeFeed(Receipt(str(levering(sent).id), "LEVERT"))}
    session().rollback()
    assert do_portion("inn", process) == 2
    assert letter(unknown).status == Status.SENDT_ALTINN
    assert letter(sent).status == Status.LEVERT_SDP
    session().rollback()
    assert do_portion("inn", process) == 0


def test_a_feed_that_is_away_is_told_of_apart_from_one_that_is_read(
    empty: None, process: QuickProcess, world: World
) -> None:
    process.forget(QuickProcess.world_and_feeds)
    process.inbox = {Kanal.DPI: FakeFeed(), Kanal.ALTINN: AwayFeed()}
    before = [tries(counter, kanal) for counter in (READ, AWAY) for kanal in (Kanal.DPI, Kanal.ALTINN)]
    do_portion("inn", process)
    after = [tries(counter, kanal) for counter in (READ, AWAY) for kanal in (Kanal.DPI, Kanal.ALTINN)]
    assert [now - then for then, now in zip(before, after, strict=True)] == [1, 0, 0, 1]
    busy = process._at_work[Kanal.DPI]
    with busy:
        do_portion("inn", process)
    assert tries(READ, Kanal.DPI) == after[0]


def test_the_print_houses_lists_are_read_by_one_thread_at_a_time(
    empty: None, process: QuickProcess, world: World
) -> None:
    """Each takes minutes; the others look letters up and read feeds meanwhile."""
    do_portion("inn", process)
    before = [tries(READ, part) for part in ("PRINTPAKKER", "OPPSLAG")]
    with process._at_work["PRINTPAKKER"]:
        do_portion("inn", process)
    after = [tries(READ, part) for part in ("PRINTPAKKER", "OPPSLAG")]
    assert [now - then for then, now in zip(before, after, strict=True)] == [0, 1]


def tries(counter: Counter, part: str) -> float:
    value: float = counter.labels(part)._value.get()
    return value


def an_sms(hus: Hus) -> None:
    sms = make_smshus()
    service.send_to_person(sms.konto_id, "Hei", new_fnr(), actor=sms.sender)


def a_letter_to_be_looked_at(hus: Hus) -> None:
    take_in(hus, submission(opphav=Opphav.V1, strengt_digital=True))


def a_skjema(hus: Hus) -> None:
    """Of somebody whose e-mail address only KRR has."""
    open_edialog(hus)
    who = Innbygger()
    made = draft(hus, who, replace(WRITTEN, avsender=replace(KARI, epost="")))
    skjema.send(made, spraak="nb", actor=who.actor)


@pytest.mark.parametrize(
    ("lane", "make"), [("sms", an_sms), ("mottak", a_letter_to_be_looked_at), ("edialog", a_skjema)]
)
def test_a_lane_asks_no_register_that_is_paused(
    hus: Hus, process: QuickProcess, world: World, lane: str, make: Callable[[Hus], None]
) -> None:
    make(hus)
    with transaction():
        for register in Registernavn:
            circuit_breaker.pause(register, circuit_breaker.REGISTER_SILENT)
    assert do_portion(lane, process) == 1
    assert world.register.spurt == []
    with transaction() as tx:
        tx.execute(delete(Banestatus))


class AwayFeed:
    """A feed that never answers."""

    def receipts(self, after: str | None, limit: int) -> tuple[Sequence[Receipt], str | None]:
        raise ProvIgjen("IKKE_NAADD")


def test_a_feed_that_is_away_does_not_keep_the_others_from_being_read(
    hus: Hus, process: QuickProcess, world: World
) -> None:
    sent = make_letter(hus, world.register.add_person(new_fnr()))
    session().rollback()
    do_portion("enkelt", process)
    process.forget(QuickProcess.world_and_feeds)
    process.inbox = {
        Kanal.DPI: AwayFeed(),
        Kanal.ALTINN: FakeFeed(Receipt(str(levering(sent).id), "LEVERT")),
    }
    session().rollback()
    assert do_portion("inn", process) == 1
    assert letter(sent).status == Status.LEVERT_ALTINN


class SlowFeed:
    """A feed that answers when it is told to."""

    def __init__(self) -> None:
        self.asked, self.answers = threading.Event(), threading.Event()
        self.times = 0

    def receipts(self, after: str | None, limit: int) -> tuple[Sequence[Receipt], str | None]:
        self.times += 1
        self.asked.set()
        assert self.answers.wait(60)
        return [], after


class BrokenFeed:
    """A feed with an entry that nobody had thought of."""

    def __init__(self) -> None:
        self.asked = 0

    def receipts(self, after: str | None, limit: int) -> tuple[Sequence[Receipt], str | None]:
        self.asked += 1
        raise IkkeFunnet("MOTTAKER_SLETTET")


def test_a_feed_that_breaks_is_counted_and_asked_again_and_keeps_nothing_else_from_being_done(
    hus: Hus, process: QuickProcess, world: World
) -> None:
    letter_id = accepted(let_sign(hus))
    sent = make_letter(hus, world.register.add_person(new_fnr()))
    session().rollback()
    do_portion("enkelt", process)
    world.signering.tells(letter_id, Art.SIGNERT)
    broken = BrokenFeed()
    process.forget(QuickProcess.world_and_feeds)
    process.inbox = {
        Kanal.DPI: broken,
        Kanal.ALTINN: FakeFeed(Receipt(str(levering(sent).id), "LEVERT")),
    }
    session().rollback()
    before = FAILED.labels("DPI")._value.get()
    assert do_portion("inn", process) == 4
    assert letter(sent).status == Status.LEVERT_ALTINN
    assert [one.svar_pa_id for one in sent_back()] == [letter_id]
    session().rollback()
    do_portion("inn", process)
    assert (broken.asked, FAILED.labels("DPI")._value.get()) == (2, before + 2)


def test_a_feed_is_read_by_one_thread_at_a_time_and_another_reads_the_others(
    hus: Hus, process: QuickProcess, world: World
) -> None:
    slow, sent = SlowFeed(), make_letter(hus, world.register.add_person(new_fnr()))
    session().rollback()
    do_portion("enkelt", process)
    process.forget(QuickProcess.world_and_feeds)
    process.inbox = {Kanal.DPI: slow, Kanal.ALTINN: FakeFeed(Receipt(str(levering(sent).id), "LEVERT"))}
    session().rollback()
    first = threading.Thread(target=do_portion, args=("inn", process))
    first.start()
    try:
        assert slow.asked.wait(30)
        assert do_portion("inn", process) == 1
        assert letter(sent).status == Status.LEVERT_ALTINN
    finally:
        slow.answers.set()
        first.join(30)
    assert slow.times == 1


def test_unknown_outcomes_that_cannot_be_looked_up_do_not_stop_the_receipts(
    hus: Hus, process: QuickProcess, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.altinn.svar = [Uavklart("SVARET_BORTE")]
    make_letter(hus, world.register.add_person(new_fnr()))
    sent = make_letter(hus, world.register.add_person(new_fnr(), postkasse="EBOKS"))
    session().rollback()
    do_portion("enkelt", process)
    process.forget(QuickProcess.world_and_feeds)
    process.inbox = {Kanal.DPI: FakeFeed(Receipt(str(levering(sent).id), "LEVERT"))}
    session().rollback()

    def broken(referanse: str) -> str | None:
        raise ValueError("not what was agreed")

    monkeypatch.setattr(world.altinn, "lookup", broken)
    assert do_portion("inn", process) == 1
    assert letter(sent).status == Status.LEVERT_SDP
    session().rollback()


def test_the_incoming_lane_has_letters_signed_and_sends_the_copies_back(
    hus: Hus, process: QuickProcess, world: World
) -> None:
    letter_id = accepted(let_sign(hus))
    world.signering.tells(letter_id, Art.SIGNERT)
    assert do_portion("inn", process) == 3
    assert [one.svar_pa_id for one in sent_back()] == [letter_id]
    session().rollback()
    assert do_portion("inn", process) == 0


def test_a_signing_service_that_is_away_does_not_stop_the_receipts(
    hus: Hus, process: QuickProcess, world: World
) -> None:
    sent = make_letter(hus, world.register.add_person(new_fnr(), postkasse="EBOKS"))
    session().rollback()
    do_portion("enkelt", process)
    accepted(let_sign(hus))
    world.signering.nede = ProvIgjen("IKKE_NAADD")
    process.forget(QuickProcess.world_and_feeds)
    process.inbox = {Kanal.DPI: FakeFeed(Receipt(str(levering(sent).id), "LEVERT"))}
    session().rollback()
    assert do_portion("inn", process) == 2
    assert letter(sent).status == Status.LEVERT_SDP
    session().rollback()


def test_a_process_draws_the_pages_of_all_its_previews_in_one_place(process: QuickProcess) -> None:
    assert process.pages is process.pages


def test_a_process_puts_paper_letters_together_in_one_place(process: QuickProcess) -> None:
    made = Process(replace(process.settings, print_sftp_url="sftp://a:b@127.0.0.1:1/inn?hostkey=SHA256:x"))
    paper = made.world.trykkeri
    assert isinstance(paper, Utskrift)
    assert paper._merger() is made.merger
    made.merger.close()


def test_originals_to_put_together_do_not_wait_until_no_new_letter_comes_in(
    hus: Hus, process: QuickProcess, world: World
) -> None:
    world.register.add_person(FNR)
    two = submission(document("a.pdf"), document("b.pdf"))
    made = take_in(hus, two, tiny_pdf(["a"]), tiny_pdf(["b"]))
    session().rollback()
    assert do_portion("mottak", process) == 1
    do_portion("enkelt", process)
    actions.delete_documents(made, alt=Slettetype.ORIGINALDOKUMENTER, actor=HOUSE)
    take_in(hus, None, tiny_pdf(["c"]))
    session().rollback()
    assert do_portion("mottak", process) == 2
    assert not letter(made).originaler_venter

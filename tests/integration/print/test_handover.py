"""Orders become packages, and packages reach the print house once, whatever happens on the way."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import timedelta
from threading import Thread
from typing import Any

import pikepdf
import pytest
from psycopg.errors import LockNotAvailable
from sqlalchemy import func, update
from sqlalchemy.exc import OperationalError

from fiks.core import clock, doorbell
from fiks.core.db import db, session, transaction
from fiks.core.environment import current
from fiks.core.errors import Avvist, ProvIgjen, Uavklart
from fiks.core.queue.owner_lock import Owner
from fiks.pdf import Sammenfletter
from fiks.print import invariants, receipt_feed, service
from fiks.print.handover import deliver as handover_deliver
from fiks.print.handover import packing, recovery
from fiks.print.handover.outcomes import PAUSE
from fiks.print.models import Ordre, Pakke
from fiks.svarut.delivery import circuit_breaker
from tests.doubles import tiny_pdf
from tests.integration.houses import Hus, make_hus
from tests.integration.keys import no_data_keys
from tests.integration.print.orders import (
    HOUSE,
    FakeHouse,
    FakeVern,
    agree,
    deliver,
    let_lookup_gap_pass,
    let_wait_pass,
    make_order,
    order,
    packages,
    reaching,
    steps,
)
from workers.process import Process

pytestmark = pytest.mark.usefixtures("empty", "as_agreed")
LOST = Uavklart("SVARET_BORTE")


@pytest.fixture
def as_agreed(empty: None) -> Iterator[None]:
    """The agreement with the print house as it comes, again afterwards."""
    plain = {
        "brev_per_pakke": 1,
        "ventetid_sekunder": 0,
        "samlefil": True,
        "pause_til": None,
        "feil_pa_rad": 0,
        "aktiv": True,
    }
    agree(**plain)
    yield
    session().rollback()
    agree(**plain)


@pytest.fixture
def hus(empty: None) -> Hus:
    return make_hus()


@pytest.fixture(scope="module")
def merger() -> Iterator[Sammenfletter]:
    made = Sammenfletter()
    yield made
    made.close()


def well() -> bool:
    found = invariants.check(timedelta(0))
    session().rollback()
    return found == []


def test_an_order_is_packed_alone_handed_over_once_and_told_of_in_its_history(hus: Hus, eier: Owner) -> None:
    house, made = FakeHouse(), make_order(hus)
    assert deliver(eier, house) == 1
    assert deliver(eier, house) == 0
    assert house.referanser == [str(made)]
    [pakke] = packages()
    assert (pakke.status, pakke.antall, pakke.leverandor_ref) == ("OVERLEVERT", 1, f"{pakke.id}.zip")
    assert pakke.forste_kall is not None and order(made).pakke_id == pakke.id
    assert steps(made) == ["MOTTATT", "PRODUSERT"]
    assert well()


def test_a_package_that_waits_for_sending_to_go_on_is_not_late(hus: Hus) -> None:
    make_order(hus)
    assert packing.pack_all() == 1
    assert [found[1] for found in invariants.check(timedelta(0))] == ["PAKKE_IKKE_SENDT"]
    assert invariants.check(timedelta(0), frozen=True) == []


@pytest.mark.parametrize(
    "house", [{"aktiv": False}, {"pause_til": func.now() + PAUSE}, {"pause_til": func.now() - PAUSE}]
)
def test_nor_is_one_that_waits_for_a_house_that_gets_none_now(hus: Hus, house: dict[str, Any]) -> None:
    make_order(hus)
    packing.pack_all()
    try:
        agree(**house)
        assert invariants.check(timedelta(0)) == []
    finally:
        agree(aktiv=True, pause_til=None)
    assert [found[1] for found in invariants.check(timedelta(0))] == ["PAKKE_IKKE_SENDT"]


@pytest.mark.parametrize(
    ("brev", "ventetid", "rung", "due"),
    [(1, 600, True, 2), (3, 0, True, 1), (2, 600, False, 1), (1_000, 600, False, 0)],
)
def test_whoever_packs_is_rung_for_where_an_order_is_a_package_and_else_the_sweeper_finds_what_is_due(
    hus: Hus, brev: int, ventetid: int, rung: bool, due: int
) -> None:
    agree(brev_per_pakke=brev, ventetid_sekunder=ventetid)
    heard: list[str] = []
    doorbell.install(heard.append)
    try:
        for _ in range(2):
            make_order(hus)
        assert heard == (["print", "print"] if rung else [])
        heard.clear()
        assert packing.pack_all() == due, "as the sweeper asks"
        assert heard == (["print"] if due else [])
    finally:
        doorbell.install(None)


def test_what_is_printed_alike_shares_a_package_of_the_agreed_size_and_the_rest_waits(
    hus: Hus, eier: Owner, merger: Sammenfletter
) -> None:
    agree(brev_per_pakke=3, ventetid_sekunder=3_600)
    plain = [make_order(hus) for _ in range(4)]
    [coloured] = [make_order(hus, farger=True)]
    house = FakeHouse()
    assert deliver(eier, house, merger) == 1
    assert sorted(house.referanser) == sorted(str(one) for one in plain[:3])
    assert {order(one).pakke_id for one in (plain[3], coloured)} == {None}
    assert well()
    clock.move(timedelta(hours=2))
    assert deliver(eier, house, merger) == 2
    assert sorted(house.referanser) == sorted(str(one) for one in (*plain, coloured))
    assert well()


def test_a_bundle_is_one_file_whose_pages_are_each_letters_own(
    hus: Hus, eier: Owner, merger: Sammenfletter
) -> None:
    agree(brev_per_pakke=10, ventetid_sekunder=0)
    letters = [tiny_pdf([f"brev {n}"]) for n in range(3)]
    made = [make_order(hus, pdf=pdf) for pdf in letters]
    house = FakeHouse()
    deliver(eier, house, merger)
    [[pakke]] = house.fikk.values()
    [[whole]] = house.innhold.values()
    assert [one.sha256 for one in pakke.ordrer] == [hashlib.sha256(pdf).hexdigest() for pdf in letters]
    assert [(one.referanse, one.fil, one.fra_side) for one in pakke.ordrer] == [
        (str(ref), 0, n) for n, ref in enumerate(made, 1)
    ]
    with pikepdf.open(io.BytesIO(whole)) as opened:
        assert [
            f"brev {n}".encode() in page.Contents.read_bytes() for n, page in enumerate(opened.pages)
        ] == [True] * 3
        assert len({page.Resources.Font.F1.objgen for page in opened.pages}) == 1, "the font is stored once"


def test_a_house_that_wants_single_files_gets_one_for_each_letter(hus: Hus, eier: Owner) -> None:
    agree(brev_per_pakke=10, samlefil=False)
    files = [tiny_pdf([f"brev {n}"]) for n in range(3)]
    for one in files:
        make_order(hus, pdf=one)
    house = FakeHouse()
    deliver(eier, house)
    assert list(house.innhold.values()) == [files]


def test_the_same_orders_always_make_the_same_package(hus: Hus, eier: Owner) -> None:
    house, made = FakeHouse(svar=[ProvIgjen("PRINTHUS_UTILGJENGELIG")]), make_order(hus)
    deliver(eier, house)
    [pakke] = packages()
    assert (pakke.status, order(made).status) == ("VENTER", "MOTTATT")
    let_wait_pass()
    deliver(eier, house)
    assert list(house.fikk) == [str(pakke.id)]
    assert steps(made) == ["MOTTATT", "PRODUSERT"]


@pytest.mark.parametrize("taken", [True, False])
def test_an_unknown_outcome_is_looked_up_and_never_just_sent_again(
    hus: Hus, eier: Owner, taken: bool
) -> None:
    house, made = FakeHouse(svar=[LOST if taken else Uavklart("PRINTHUS_BRUDD")]), make_order(hus)
    deliver(eier, house)
    assert packages()[0].status == "UAVKLART"
    assert deliver(eier, house) == 0
    assert recovery.resolve_unknown_outcomes({HOUSE: house}) == int(taken)
    if not taken:
        let_lookup_gap_pass()
        assert recovery.resolve_unknown_outcomes({HOUSE: house}) == 0, "the quarantine is not over"
        let_lookup_gap_pass(quarantine=True)
        assert recovery.resolve_unknown_outcomes({HOUSE: house}) == 1
        deliver(eier, house)
    assert (house.referanser, order(made).status) == ([str(made)], "PRODUSERT")
    assert well()


def test_a_look_up_that_ends_as_nobody_had_thought_of_holds_no_other_up(
    hus: Hus, eier: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    house = OddHouse(svar=[LOST, LOST])
    for _ in range(2):
        make_order(hus)
        deliver(eier, house)
    first, second = sorted(packages(), key=lambda one: one.uavklart_siden)
    house.odd = str(first.id)
    with pytest.raises(ZeroDivisionError):
        recovery.resolve_unknown_outcomes({HOUSE: house})
    assert house.oppslag == [str(first.id), str(second.id)]
    assert {one.id: one.status for one in packages()} == {first.id: "UAVKLART", second.id: "OVERLEVERT"}
    assert [one.levelname for one in caplog.records if one.message == "lookup_broken"] == ["ERROR"]
    assert recovery.resolve_unknown_outcomes({HOUSE: house}) == 0, "it rests"


class OddHouse(FakeHouse):
    """One that answers about package `odd` in a way our client breaks on."""

    odd = ""

    def lookup(self, navn: str) -> str | None:
        found = super().lookup(navn)
        if navn == self.odd:
            raise ZeroDivisionError("nobody thought of this")
        return found


def test_a_house_that_does_not_answer_is_asked_once_a_minute_each_time_with_another_first(
    hus: Hus, eier: Owner
) -> None:
    house = FakeHouse(svar=[LOST, LOST])
    for _ in range(2):
        make_order(hus)
        deliver(eier, house)
    unknown = sorted(str(one.id) for one in packages())
    house.nede = Uavklart("PRINTHUS_BRUDD")
    for asked in (1, 2):
        for _ in range(3):
            assert recovery.resolve_unknown_outcomes({HOUSE: house}) == 0
            assert len(house.oppslag) == asked
        let_lookup_gap_pass()
    assert sorted(house.oppslag) == unknown
    house.nede = None
    assert recovery.resolve_unknown_outcomes({HOUSE: house}) == 2
    assert well()


def test_a_look_up_that_is_refused_holds_none_of_the_house_up(hus: Hus, eier: Owner) -> None:
    house = FakeHouse(svar=[LOST, LOST], nede=Avvist("UGYLDIG"))
    for _ in range(2):
        make_order(hus)
        deliver(eier, house)
    assert recovery.resolve_unknown_outcomes({HOUSE: house}) == 0
    assert sorted(house.oppslag) == sorted(str(one.id) for one in packages())


def test_a_house_that_fails_again_and_again_is_paused_and_its_packages_lose_no_attempts(
    hus: Hus, eier: Owner
) -> None:
    for _ in range(5):
        make_order(hus)
    house = FakeHouse(svar=[ProvIgjen("PRINTHUS_UTILGJENGELIG")] * 3)
    assert deliver(eier, house) == 3
    assert sorted(one.status for one in packages()) == ["KLAR", "KLAR", "VENTER", "VENTER", "VENTER"]
    assert ready_lanes() == []
    let_wait_pass()
    assert ready_lanes() == ["print"]
    assert deliver(eier, house) == 5
    assert len(house.referanser) == len(set(house.referanser)) == 5
    assert ready_lanes() == []


def ready_lanes(*others: str) -> list[str]:
    """What a sweeper rings for, whose settings have an address of the house, or of `others` alone."""
    session().rollback()
    with reaching(*(others or [HOUSE])):
        return recovery.ready_lanes()


def test_a_house_that_is_not_in_use_or_has_no_address_is_neither_rung_for_nor_handed_anything(
    hus: Hus, eier: Owner
) -> None:
    """FiksSweeperFindsWork would fire in a state that docs/drift/trykkerier.md orders."""
    make_order(hus)
    packing.pack_all()
    assert (ready_lanes(), ready_lanes("NORD")) == (["print"], [])
    assert handover_deliver.claim(eier.number, ["NORD"], lambda: False) is None
    agree(aktiv=False)
    assert ready_lanes() == []
    assert deliver(eier, FakeHouse()) == 0
    agree(aktiv=True)
    assert deliver(eier, FakeHouse()) == 1


def test_a_package_that_can_never_be_printed_waits_for_a_person(hus: Hus, eier: Owner) -> None:
    make_order(hus)
    deliver(eier, FakeHouse(svar=[Avvist("PRINT_UGYLDIG_PAKKE")]))
    assert (packages()[0].status, packages()[0].feilkode) == ("TIL_BEHANDLING", "PRINT_UGYLDIG_PAKKE")


@pytest.mark.parametrize("samlefil", [True, False])
def test_an_order_whose_file_is_broken_fails_alone_and_its_neighbours_are_sent(
    hus: Hus, eier: Owner, merger: Sammenfletter, samlefil: bool
) -> None:
    agree(brev_per_pakke=3, samlefil=samlefil)
    made = [make_order(hus) for _ in range(3)]
    with transaction() as tx:
        tx.get_one(Ordre, made[1]).sha256 = b"x" * 32
    house = FakeHouse()
    deliver(eier, house, merger)
    deliver(eier, house, merger)
    assert sorted(house.referanser) == sorted([str(made[0]), str(made[2])])
    assert [order(one).status for one in made] == ["PRODUSERT", "FEILET", "PRODUSERT"]
    told, _ = receipt_feed.Ordrefeed("PROVE").receipts(None, 10)
    assert [(one.referanse, one.art, one.melding) for one in told] == [
        (str(made[1]), "FEILET", "DOKUMENT_ENDRET")
    ]
    assert well()


@pytest.mark.parametrize("samlefil", [True, False])
def test_orders_whose_key_a_worker_lacks_wait_in_their_package_for_one_that_has_it(
    hus: Hus, eier: Owner, merger: Sammenfletter, samlefil: bool
) -> None:
    agree(brev_per_pakke=2, samlefil=samlefil)
    made = [make_order(hus) for _ in range(2)]
    house = FakeHouse()
    for _ in range(9):
        with no_data_keys():
            deliver(eier, house, merger)
        assert [(one.status, one.feilkode) for one in packages()] == [("VENTER", "NOKKEL_UKJENT")]
        let_wait_pass()
    deliver(eier, house, merger)
    assert sorted(house.referanser) == sorted(map(str, made))
    assert [order(one).status for one in made] == ["PRODUSERT"] * 2


def test_a_package_is_not_to_blame_for_what_the_database_does_not_do(
    hus: Hus, eier: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a lock or a statement that takes too long for its limit."""
    make_order(hus)
    house = FakeHouse()

    def cancelled(*_: object) -> None:
        raise OperationalError("SELECT", {}, LockNotAvailable("lock timeout"))

    with monkeypatch.context() as broken:
        broken.setattr(handover_deliver, "read_package", cancelled)
        for _ in range(4):
            with pytest.raises(OperationalError):
                deliver(eier, house)
            assert [(one.status, one.tapte_eiere) for one in packages()] == [("KLAR", 0)]
            let_ready_wait_pass()
    deliver(eier, house)
    assert len(house.referanser) == 1


def let_ready_wait_pass() -> None:
    with transaction() as tx:
        tx.execute(update(Pakke).values(neste_forsok=func.now()))


def test_nothing_is_handed_over_while_sending_is_frozen(hus: Hus, eier: Owner) -> None:
    make_order(hus)
    packing.pack_all()
    circuit_breaker.set_frozen(True, "gjenoppretting")
    house = FakeHouse()
    assert (
        handover_deliver.deliver(eier, {HOUSE: house}, Sammenfletter, circuit_breaker.is_frozen, FakeVern())
        == 0
    )
    circuit_breaker.set_frozen(False, None)
    assert (
        handover_deliver.deliver(eier, {HOUSE: house}, Sammenfletter, circuit_breaker.is_frozen, FakeVern())
        == 1
    )


def test_what_is_called_off_before_it_is_packed_is_never_printed_and_its_file_goes(
    hus: Hus, eier: Owner
) -> None:
    made, packed = make_order(hus), make_order(hus)
    objekt = order(made).objekt
    with transaction():
        assert service.call_off([made], kode="STOPPET", aktor="test") == [made]
    packing.pack_all()
    with transaction():
        assert service.call_off([made, packed], kode="STOPPET", aktor="test") == []
        assert service.orders_in_open_package([made, packed]) == [packed]
    house = FakeHouse()
    deliver(eier, house)
    assert house.referanser == [str(packed)]
    assert (order(made).status, order(made).objekt) == ("AVBESTILT", None)
    assert objekt not in {o.navn for day in current().store.days() for o in current().store.made_on(day)}


def test_orders_of_those_who_print_themselves_are_never_packed(hus: Hus, eier: Owner) -> None:
    made = make_order(hus, leverandor="MANUELL_PRINT")
    house = FakeHouse()
    assert (packing.pack_all(), deliver(eier, house), order(made).status) == (0, 0, "MOTTATT")
    assert well()


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("step", ["before the call", "in the call", "after the call"])
def test_whoever_dies_with_a_package_it_is_neither_lost_nor_doubled(
    hus: Hus, process: Process, eier: Owner, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    made, house = make_order(hus), FakeHouse()
    dying = Owner(process.settings.sqlalchemy_url)

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:  # the process ends without a word: nothing is given back by itself
        patched.setattr(handover_deliver, "_release_after_failure", lambda *_, **__: None)
        if step == "before the call":
            patched.setattr(handover_deliver, "read_package", die)
        elif step == "in the call":
            house.under = die
        else:
            patched.setattr(handover_deliver, "record_sent", die)
        with pytest.raises(Killed):
            deliver(dying, house)
    house.under = None
    session().rollback()
    assert recovery.recover_orphans() == 0, "its owner lives"
    dying.release()
    assert recovery.recover_orphans() == 1
    expected = "KLAR" if step == "before the call" else "UAVKLART"
    assert packages()[0].status == expected
    recovery.resolve_unknown_outcomes({HOUSE: house})
    let_lookup_gap_pass(quarantine=True)
    recovery.resolve_unknown_outcomes({HOUSE: house})
    deliver(eier, house)
    assert (house.referanser, steps(made)) == ([str(made)], ["MOTTATT", "PRODUSERT"])
    assert well()


def test_two_who_pack_at_once_take_different_orders(hus: Hus, process: Process, eier: Owner) -> None:
    agree(brev_per_pakke=4, samlefil=False)
    made = [make_order(hus) for _ in range(40)]

    def pack() -> None:
        with process.app.app_context():
            packing.pack_all()
            db.session.remove()

    threads = [Thread(target=pack) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    house = FakeHouse()
    deliver(eier, house)
    assert sorted(house.referanser) == sorted(map(str, made))
    assert sum(one.antall for one in packages()) == 40
    assert well()


def test_a_sweeper_that_comes_while_a_call_begins_leaves_it_alone(
    hus: Hus, process: Process, eier: Owner
) -> None:
    make_order(hus)
    found: list[int] = []
    house = FakeHouse(under=lambda pakke: found.append(recovery.recover_orphans() + recovery.wake_waiting()))
    deliver(eier, house)
    assert (found, len(house.referanser)) == ([0], 1)

"""What a print house has confirmed in writing, where its receipt is lost or it can be asked no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from fiks.core import clock
from fiks.core.actor import system
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt, Uavklart, UgyldigInndata
from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon.rules import P
from fiks.print.handover import deliver as handover_deliver
from fiks.print.handover import packing, receipts, recovery
from fiks.print.models import Pakke
from fiks.print.operations import alarms, manual_decision, move_order
from fiks.print.receipt_feed import Ordrefeed
from fiks.svarut.receipts import feed as svarut
from fiks.svarut.rules import Kanal, Status
from tests.integration.houses import Hus, staff_of
from tests.integration.print.orders import (
    HOUSE,
    FakeHouse,
    FakeVern,
    agree,
    deliver,
    let_lookup_gap_pass,
    make_order,
    order,
    packages,
    receipt_of,
    steps,
)
from tests.integration.print.protected import ordered
from tests.integration.svarut.letters import codes, letter, levering
from tests.integration.worlds import World
from workers import cli

pytestmark = pytest.mark.usefixtures("empty", "as_agreed")
BY_HAND = "MANUELL_PRINT"
OPERATOR = system("kommando")
REASON = "brev fra trykkeriet 3. mars"


@pytest.fixture
def gone(as_agreed: None) -> Iterator[None]:
    """The house is out of use; afterwards it is in use again."""
    agree(aktiv=False)
    yield
    session().rollback()
    agree(aktiv=True)


def acts() -> list[tuple[str, dict[str, object]]]:
    rows = select(Audit.handling, Audit.detaljer).where(Audit.handling.startswith("PRINT")).order_by(Audit.id)
    return [tuple(row) for row in session().execute(rows)]


def at_house(hus: Hus, eier: Owner, world: World) -> tuple[UUID, UUID]:
    """A letter that the print house has, and its order."""
    [made], _ = ordered(hus, eier, world, 1)
    deliver(eier, FakeHouse())
    return made, levering(made).id


def read_feed() -> None:
    svarut.read_feed(Kanal.PRINT, Ordrefeed("SVARUT"))
    session().rollback()


def test_an_order_that_was_printed_though_its_receipt_is_lost_is_posted_and_its_letter_printed(
    hus: Hus, eier: Owner, world: World
) -> None:
    made, ordre_id = at_house(hus, eier, world)
    clock.move(timedelta(days=5))
    assert alarms.count_print_overdue() == 1
    manual_decision.confirm_printed(ordre_id, grunn=REASON, actor=OPERATOR)
    read_feed()
    assert (order(ordre_id).status, order(ordre_id).ark, order(ordre_id).objekt) == ("POSTLAGT", None, None)
    assert (letter(made).status, alarms.count_print_overdue()) == (Status.PRINTET, 0)
    [(handling, details)] = acts()
    assert (handling, details["svar"], details["grunn"]) == (
        "PRINTORDRE_AVSLUTTET",
        "BEKREFTET_TRYKT",
        REASON,
    )


def test_an_order_that_was_not_printed_fails_and_its_letter_waits_to_be_ordered_anew(
    hus: Hus, eier: Owner, world: World
) -> None:
    made, ordre_id = at_house(hus, eier, world)
    clock.move(timedelta(days=5))
    manual_decision.confirm_not_printed(ordre_id, grunn=REASON, actor=OPERATOR)
    read_feed()
    assert (order(ordre_id).status, steps(ordre_id)[-1]) == ("FEILET", "FEILET")
    assert levering(made).status == "TIL_BEHANDLING" and "FEILET_PRINT" in codes(made)
    assert levering(made).id != ordre_id
    assert alarms.count_print_overdue() == 0
    assert acts()[0][1]["svar"] == "BEKREFTET_IKKE_TRYKT"


def test_a_receipt_that_comes_after_all_has_no_second_effect(hus: Hus, eier: Owner) -> None:
    made = [make_order(hus) for _ in range(2)]
    deliver(eier, FakeHouse())
    manual_decision.confirm_printed(made[0], grunn=REASON, actor=OPERATOR)
    manual_decision.confirm_not_printed(made[1], grunn=REASON, actor=OPERATOR)
    for one, art in zip(made, ("PRINTET", "FEILET"), strict=True):
        receipts.apply_receipt(HOUSE, receipt_of(one, art))
    found, _ = Ordrefeed("PROVE").receipts(None, 10)
    assert [one.art for one in found] == ["PRINTET", "FEILET"]


def test_only_an_order_that_a_house_has_not_answered_is_ended_so(hus: Hus, eier: Owner) -> None:
    waiting, by_hand = make_order(hus), make_order(hus, leverandor=BY_HAND)
    for one in (waiting, by_hand):
        for act in (manual_decision.confirm_printed, manual_decision.confirm_not_printed):
            with pytest.raises(Konflikt, match="ORDREN_VENTER_IKKE_PA_KVITTERING"):
                act(one, grunn=REASON, actor=OPERATOR)
    deliver(eier, FakeHouse())
    receipts.apply_receipt(HOUSE, receipt_of(waiting))
    with pytest.raises(Konflikt, match="ORDREN_VENTER_IKKE_PA_KVITTERING"):
        manual_decision.confirm_not_printed(waiting, grunn=REASON, actor=OPERATOR)
    assert acts() == []


def unclear(hus: Hus, eier: Owner, count: int = 2) -> tuple[list[UUID], UUID]:
    """Orders in one package whose hand-over ended with nobody knowing how, the quarantine over; and its id."""
    agree(aktiv=True)
    made = [make_order(hus) for _ in range(count)]
    deliver(eier, FakeHouse(svar=[Uavklart("SVARET_BORTE")]))
    agree(aktiv=False)
    let_lookup_gap_pass(quarantine=True)
    [pakke] = packages()
    assert pakke.status == "UAVKLART"
    return made, pakke.id


def move(ordre_id: UUID) -> None:
    move_order.move_order(ordre_id, BY_HAND, grunn=REASON, houses={}, vern=FakeVern(), actor=OPERATOR)


@pytest.mark.usefixtures("gone")
def test_a_package_that_a_house_out_of_reach_has_not_got_is_in_doubt_no_more_and_its_orders_can_be_moved(
    hus: Hus, eier: Owner
) -> None:
    made, pakke = unclear(hus, eier)
    assert recovery.resolve_unknown_outcomes({}) == 0
    with pytest.raises(Konflikt, match="ORDREN_KAN_VAERE_TRYKT"):
        move(made[0])
    manual_decision.confirm_has_not_package(pakke, grunn=REASON, houses={}, actor=OPERATOR)
    assert [(one.status, one.uavklart_siden) for one in packages()] == [("KLAR", None)]
    for one in made:
        move(one)
    assert [(order(one).leverandor, order(one).status) for one in made] == [(BY_HAND, "MOTTATT")] * 2
    assert [(kind, told["svar"]) for kind, told in acts() if kind == "PRINTPAKKE_AVGJORT"] == [
        ("PRINTPAKKE_AVGJORT", "HAR_IKKE")
    ]


@pytest.mark.usefixtures("gone")
def test_one_that_was_in_doubt_once_and_waits_for_a_house_out_of_reach_is_let_go_of_too(
    hus: Hus, eier: Owner
) -> None:
    made, pakke = unclear(hus, eier)
    for _ in range(2):
        recovery.resolve_unknown_outcomes({HOUSE: FakeHouse()})
        let_lookup_gap_pass(quarantine=True)
    assert [one.status for one in packages()] == ["KLAR"]
    with pytest.raises(Konflikt, match="ORDREN_KAN_VAERE_TRYKT"):
        move(made[0])
    with pytest.raises(Konflikt, match="PAKKEN_ER_IKKE_UAVKLART"):
        manual_decision.confirm_has_package(pakke, grunn=REASON, houses={}, actor=OPERATOR)
    manual_decision.confirm_has_not_package(pakke, grunn=REASON, houses={}, actor=OPERATOR)
    move(made[0])
    assert order(made[0]).leverandor == BY_HAND


@pytest.mark.usefixtures("gone")
def test_a_package_that_a_house_out_of_reach_has_is_handed_over_and_its_receipts_count(
    hus: Hus, eier: Owner
) -> None:
    made, pakke = unclear(hus, eier)
    manual_decision.confirm_has_package(pakke, grunn=REASON, houses={}, actor=OPERATOR)
    assert [(one.status, one.leverandor_ref) for one in packages()] == [("OVERLEVERT", f"{pakke}.zip")]
    assert [order(one).status for one in made] == ["PRODUSERT", "PRODUSERT"]
    receipts.apply_receipt(HOUSE, receipt_of(made[0]))
    manual_decision.confirm_not_printed(made[1], grunn=REASON, actor=OPERATOR)
    assert [order(one).status for one in made] == ["POSTLAGT", "FEILET"]


@pytest.mark.usefixtures("gone")
def test_a_house_that_can_be_asked_is_asked_and_one_in_use_is_not_gone(hus: Hus, eier: Owner) -> None:
    _, pakke = unclear(hus, eier)
    for act in (manual_decision.confirm_has_package, manual_decision.confirm_has_not_package):
        with pytest.raises(Konflikt, match="TRYKKERIET_KAN_SPORRES"):
            act(pakke, grunn=REASON, houses={HOUSE: FakeHouse()}, actor=OPERATOR)
        agree(aktiv=True)
        with pytest.raises(Konflikt, match="TRYKKERIET_ER_I_BRUK"):
            act(pakke, grunn=REASON, houses={}, actor=OPERATOR)
        agree(aktiv=False)
    assert ([one.status for one in packages()], acts()) == (["UAVKLART"], [])


@pytest.mark.usefixtures("gone")
def test_what_may_be_under_way_still_or_has_been_heard_of_is_not_said_to_be_absent(
    hus: Hus, eier: Owner
) -> None:
    made, pakke = unclear(hus, eier)
    with transaction() as tx:
        tx.execute(update(Pakke).values(uavklart_siden=func.now()))
    with pytest.raises(Konflikt, match="PAKKEN_ER_I_KARANTENE"):
        manual_decision.confirm_has_not_package(pakke, grunn=REASON, houses={}, actor=OPERATOR)
    let_lookup_gap_pass(quarantine=True)
    receipts.apply_receipt(HOUSE, receipt_of(made[0]))
    with pytest.raises(Konflikt, match="PAKKEN_ER_HOS_TRYKKERIET"):
        manual_decision.confirm_has_not_package(pakke, grunn=REASON, houses={}, actor=OPERATOR)
    assert [one.status for one in packages()] == ["UAVKLART"]


@pytest.mark.usefixtures("gone")
def test_a_package_that_was_never_in_doubt_or_is_being_handed_over_is_not_settled_so(
    hus: Hus, eier: Owner
) -> None:
    agree(aktiv=True)
    make_order(hus)
    packing.pack_all()
    [pakke] = packages()
    for held in (False, True):
        if held:
            assert handover_deliver.claim(eier.ensure(), [HOUSE], lambda: False) is not None
        agree(aktiv=False)
        for act in (manual_decision.confirm_has_package, manual_decision.confirm_has_not_package):
            with pytest.raises(Konflikt, match="PAKKEN_ER_IKKE_UAVKLART"):
                act(pakke.id, grunn=REASON, houses={}, actor=OPERATOR)
        agree(aktiv=True)


def test_only_operators_say_so_with_a_reason_and_of_what_there_is(hus: Hus, eier: Owner) -> None:
    made, staff = make_order(hus), staff_of(hus, P.SENDE)
    deliver(eier, FakeHouse())
    with pytest.raises(IkkeTilgang):
        manual_decision.confirm_printed(made, grunn=REASON, actor=staff)
    with pytest.raises(UgyldigInndata, match="GRUNN_MANGLER"):
        manual_decision.confirm_not_printed(made, grunn=" ja ", actor=OPERATOR)
    with pytest.raises(IkkeFunnet):
        manual_decision.confirm_printed(uuid4(), grunn=REASON, actor=OPERATOR)
    with pytest.raises(IkkeFunnet):
        manual_decision.confirm_has_package(uuid4(), grunn=REASON, houses={}, actor=OPERATOR)
    assert order(made).status == "PRODUSERT"


@pytest.mark.usefixtures("gone")
def test_the_commands_say_what_they_did_and_why_they_did_not(
    hus: Hus, eier: Owner, process: object, capsys: pytest.CaptureFixture[str]
) -> None:
    made, pakke = unclear(hus, eier)
    session().rollback()

    def run(*words: str) -> str:
        options = cli.parse_command_line(["print", *words, "--grunn", REASON])
        assert cli.COMMANDS["print"][1](process, options) == 0  # type: ignore[arg-type]
        return capsys.readouterr().out

    assert "er hos trykkeriet" in run("avgjor", str(pakke), "--har")
    assert "er trykt" in run("avslutt", str(made[0]), "--trykt")
    assert "er ikke trykt" in run("avslutt", str(made[1]), "--ikke-trykt")
    assert [order(one).status for one in made] == ["POSTLAGT", "FEILET"]
    with pytest.raises(ValueError, match="ORDREN_VENTER_IKKE_PA_KVITTERING: Bare en ordre"):
        run("avslutt", str(made[0]), "--trykt")
    with pytest.raises(SystemExit):
        run("avslutt", str(made[0]))

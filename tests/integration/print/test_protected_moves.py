"""What is protected, or of whom nothing is said, when an operator would let another house print it."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt, ProvIgjen
from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon.audit.queries import Utvalg, audit_log
from fiks.print.handover import packing, receipts
from fiks.print.models import Ordre
from tests.integration.databases import QuickProcess
from tests.integration.houses import Hus
from tests.integration.print.orders import (
    HOUSE,
    FakeHouse,
    FakeVern,
    deliver,
    make_order,
    order,
    packages,
    receipt_of,
    steps,
)
from tests.integration.print.protected import (
    BY_HAND,
    OPERATOR,
    is_restricted,
    let_hours_pass,
    move,
    ordered,
    protect,
    reference,
    references,
)
from tests.integration.worlds import World
from workers import cli
from workers.lanes import do_portion

pytestmark = pytest.mark.usefixtures("empty", "as_agreed")
AWAY = ProvIgjen("HTTP_503", throttled=True)


def audited() -> list[str]:
    acts = select(Audit.handling).where(Audit.handling.startswith("PRINTORDRE_")).order_by(Audit.id)
    return list(session().scalars(acts))


@pytest.mark.parametrize("packed", [True, False])
def test_an_order_is_not_moved_to_another_house_when_its_receiver_is_protected_by_now(
    hus: Hus, eier: Owner, world: World, packed: bool
) -> None:
    made, numbers = ordered(hus, eier, world)
    if packed:
        packing.pack_all()
    protect(world, numbers[0])
    with pytest.raises(Konflikt, match="ORDREN_SKAL_IKKE_TRYKKES"):
        move(reference(made[0]), world.vern)
    assert is_restricted(made[0])
    assert audited() == ["PRINTORDRE_TRUKKET"]
    house = FakeHouse()
    deliver(eier, house, vern=world.vern)
    assert sorted(house.referanser) == references(made[1:])


def see_at_its_house(made: UUID) -> None:
    """As the reading of the house's list does."""
    with transaction() as tx:
        tx.execute(update(Ordre).where(Ordre.id == made).values(sett_hos_leverandor=func.now()))


@pytest.mark.parametrize("packed", [True, False])
def test_nothing_is_changed_when_the_house_turns_out_to_have_the_order_while_it_is_asked_about(
    hus: Hus, packed: bool
) -> None:
    made, other = make_order(hus), make_order(hus)
    if packed:
        packing.pack_all()
    vern = FakeVern(skjermet={made}, under=lambda: see_at_its_house(made))
    with pytest.raises(Konflikt, match="ORDREN_HAR_ENDRET_SEG"):
        move(made, vern)
    assert [one.status for one in packages()] == (["KLAR"] if packed else [])
    assert (order(made).status, order(other).omgang, audited()) == ("MOTTATT", 1, [])


@pytest.mark.parametrize("where", ["in no package", "packed", "handed over"])
def test_an_order_that_its_house_turns_out_to_have_while_it_is_asked_about_is_not_moved(
    hus: Hus, eier: Owner, where: str
) -> None:
    """Both houses would print it."""
    made = make_order(hus)
    if where == "packed":
        packing.pack_all()
    elif where == "handed over":
        deliver(eier, FakeHouse())
    before = order(made).status, order(made).omgang, order(made).pakke_id
    with pytest.raises(Konflikt, match="ORDREN_HAR_ENDRET_SEG"):
        move(made, FakeVern(under=lambda: see_at_its_house(made)))
    now = order(made)
    assert ((now.status, now.omgang, now.pakke_id), now.leverandor) == (before, HOUSE)
    assert audited() == []
    with pytest.raises(Konflikt, match="ORDREN_KAN_VAERE_TRYKT"):
        move(made, FakeVern(), FakeHouse(fikk={str(now.pakke_id): []}))


@pytest.mark.parametrize("meanwhile", ["moved", "let go of"])
def test_an_order_that_is_moved_or_let_go_of_while_it_is_asked_about_is_not_moved_by_who_judged_it_before(
    hus: Hus, meanwhile: str
) -> None:
    made, other = make_order(hus), make_order(hus)

    def change() -> None:
        if meanwhile == "let go of":
            packing.pack_all()
        move(made if meanwhile == "moved" else other, FakeVern())

    with pytest.raises(Konflikt, match="ORDREN_HAR_ENDRET_SEG"):
        move(made, FakeVern(under=change))
    assert audited() == ["PRINTORDRE_FLYTTET"]
    expected = (BY_HAND, 1) if meanwhile == "moved" else (HOUSE, 2)
    assert (order(made).leverandor, order(made).omgang) == expected


@pytest.mark.parametrize("meanwhile", ["packed", "moved"])
def test_an_order_that_is_packed_or_moved_while_it_is_asked_about_is_not_called_off(
    hus: Hus, meanwhile: str
) -> None:
    made = make_order(hus)
    after = packing.pack_all if meanwhile == "packed" else lambda: move(made, FakeVern())
    with pytest.raises(Konflikt, match="ORDREN_HAR_ENDRET_SEG"):
        move(made, FakeVern(skjermet={made}, under=after))
    assert order(made).status == "MOTTATT"
    assert "PRINTORDRE_TRUKKET" not in audited()


def test_the_kommunes_audit_log_does_not_say_that_a_receiver_is_protected(hus: Hus) -> None:
    made = make_order(hus)
    with pytest.raises(Konflikt, match="ORDREN_SKAL_IKKE_TRYKKES"):
        move(made, FakeVern(skjermet={made}))
    [act] = session().scalars(select(Audit).where(Audit.handling == "PRINTORDRE_TRUKKET"))
    assert (act.organisasjon_id, act.ressurs_id, act.objekt_id) == (None, None, str(made))
    assert audit_log(hus.organisasjon_id, Utvalg(sok=str(made)), actor=OPERATOR) == []


def test_what_its_house_has_lost_is_called_off_and_not_moved(hus: Hus, eier: Owner, world: World) -> None:
    made, numbers = ordered(hus, eier, world, 1)
    deliver(eier, FakeHouse(), vern=world.vern)
    protect(world, numbers[0])
    with pytest.raises(Konflikt, match="ORDREN_SKAL_IKKE_TRYKKES"):
        move(reference(made[0]), world.vern, FakeHouse())
    assert is_restricted(made[0])
    assert steps(reference(made[0])) == ["MOTTATT", "PRODUSERT", "MOTTATT", "AVBESTILT"]


def test_what_its_house_reported_as_failed_is_not_moved_and_waits_where_it_did(hus: Hus, eier: Owner) -> None:
    made = make_order(hus)
    deliver(eier, FakeHouse())
    receipts.apply_receipt(HOUSE, receipt_of(made, "FEILET"))
    with pytest.raises(Konflikt, match="ORDREN_SKAL_IKKE_TRYKKES"):
        move(made, FakeVern(skjermet={made}))
    assert (order(made).status, order(made).leverandor) == ("FEILET", HOUSE)


@pytest.mark.parametrize("silent", ["the register", "of the receiver"])
def test_an_order_is_not_moved_while_nothing_is_said_of_its_receiver(hus: Hus, silent: str) -> None:
    made = make_order(hus)
    vern = FakeVern(nede=AWAY) if silent == "the register" else FakeVern(uten_svar={made: "HTTP_500"})
    with pytest.raises(Konflikt, match="FOLKEREGISTERET_SVARER_IKKE"):
        move(made, vern)
    assert (order(made).leverandor, order(made).status) == (HOUSE, "MOTTATT")
    move(made, FakeVern())
    assert order(made).leverandor == BY_HAND


def test_the_lane_and_the_command_ask_the_registers_of_their_process(
    hus: Hus, eier: Owner, world: World, process: QuickProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, numbers = ordered(hus, eier, world, 2)
    house = FakeHouse()
    process.forget(QuickProcess.world_and_feeds)
    monkeypatch.setattr(process, "outside", world)
    monkeypatch.setattr(QuickProcess, "houses", {HOUSE: house})  # a world of fakes has no print house
    protect(world, numbers[0])
    words = cli.parse_command_line(
        ["print", "flytt", str(reference(made[0])), BY_HAND, "--grunn", "papirstopp"]
    )
    with pytest.raises(Konflikt, match="ORDREN_SKAL_IKKE_TRYKKES"):
        cli.COMMANDS["print"][1](process, words)
    assert is_restricted(made[0])
    protect(world, numbers[1])
    let_hours_pass()
    while do_portion("print", process):
        pass
    assert (house.referanser, is_restricted(made[1])) == ([], True)

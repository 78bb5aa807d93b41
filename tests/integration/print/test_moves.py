"""Moving an order to another house, the nightly comparison of lists, and what operations says by command."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import func, select, update

from fiks.core import clock
from fiks.core.actor import system
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt, ProvIgjen, Uavklart, UgyldigInndata
from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon.rules import P
from fiks.print import print_houses, queries
from fiks.print.handover import deliver as handover_deliver
from fiks.print.handover import outcomes, packing, receipts, recovery
from fiks.print.handover.address_check import Vern
from fiks.print.models import Leverandor, Ordre
from fiks.print.operations import move_order, reconciliation, restore
from fiks.print.print_houses import Vilkar
from fiks.print.rules import Overtatt
from fiks.print.states import Ordrestatus
from fiks.print.transitions import move_orders
from tests.integration.houses import Hus, make_hus, staff_of
from tests.integration.print.orders import (
    HOUSE,
    FakeHouse,
    FakeVern,
    deliver,
    let_lookup_gap_pass,
    make_order,
    order,
    packages,
    receipt_of,
    steps,
)
from tests.integration.svarut.letters import hand_over, levering, make_letter
from tests.integration.worlds import World
from workers import cli

pytestmark = pytest.mark.usefixtures("empty")
BY_HAND = "MANUELL_PRINT"
OPERATOR = system("kommando")
REASON = "papirstopp hos trykkeriet"


@pytest.fixture
def hus(empty: None) -> Hus:
    return make_hus()


def move(
    ordre_id: UUID, house: FakeHouse | None = None, til: str = BY_HAND, vern: Vern | None = None
) -> None:
    houses = {HOUSE: house or FakeHouse()}
    move_order.move_order(ordre_id, til, grunn=REASON, houses=houses, vern=vern or FakeVern(), actor=OPERATOR)


def audited() -> list[str]:
    return list(session().scalars(select(Audit.handling)))


def test_what_the_house_reported_as_failed_can_be_printed_elsewhere(hus: Hus, eier: Owner) -> None:
    made = make_order(hus)
    deliver(eier, FakeHouse())
    receipts.apply_receipt(HOUSE, receipt_of(made, "FEILET"))
    move(made)
    assert (order(made).leverandor, order(made).status, order(made).pakke_id) == (BY_HAND, "MOTTATT", None)
    assert steps(made) == ["MOTTATT", "PRODUSERT", "FEILET", "MOTTATT"]
    assert "PRINTORDRE_FLYTTET" in audited()
    receipts.apply_receipt(HOUSE, receipt_of(made))
    assert (order(made).status, [one.art for one in queries.disagreements()]) == ("MOTTATT", ["ANNET_HUS"])


def test_what_its_sender_prints_is_moved_only_when_the_sender_says_that_it_failed(
    hus: Hus, eier: Owner
) -> None:
    """Nobody else knows whether it lies in an envelope."""
    made, house = make_order(hus, leverandor=BY_HAND), FakeHouse()
    with pytest.raises(Konflikt, match="ORDREN_KAN_VAERE_TRYKT"):
        move(made, house, til=HOUSE)
    assert (deliver(eier, house), order(made).leverandor) == (0, BY_HAND)
    with transaction():
        move_orders(
            Ordre.id == made, fra=(Ordrestatus.MOTTATT,), til=Ordrestatus.FEILET, kode="FEILET", aktor="eier"
        )
    move(made, house, til=HOUSE)
    assert deliver(eier, house) == 1


def test_what_waits_in_no_package_can_be_moved(hus: Hus, eier: Owner) -> None:
    made = make_order(hus)
    move(made)
    house = FakeHouse()
    assert (deliver(eier, house), order(made).leverandor, steps(made)) == (0, BY_HAND, ["MOTTATT"])


def test_what_the_house_has_or_may_have_stays_there(hus: Hus, eier: Owner) -> None:
    packed, house = make_order(hus), FakeHouse()
    packing.pack_all()
    krav = handover_deliver.claim(eier.ensure(), [HOUSE], lambda: False)
    assert krav is not None
    with pytest.raises(Konflikt, match="ORDREN_KAN_VAERE_TRYKT"):
        move(packed, house)
    outcomes.give_back(krav)
    deliver(eier, house)
    with pytest.raises(Konflikt, match="ORDREN_KAN_VAERE_TRYKT"):
        move(packed, house)
    receipts.apply_receipt(HOUSE, receipt_of(packed))
    with pytest.raises(Konflikt, match="ORDREN_KAN_VAERE_TRYKT"):
        move(packed, house)


def test_what_lies_in_a_package_that_nobody_was_called_with_is_moved_and_the_package_is_gone(
    hus: Hus, eier: Owner
) -> None:
    made, house = make_order(hus), FakeHouse()
    packing.pack_all()
    move(made, house)
    assert (order(made).leverandor, order(made).pakke_id) == (BY_HAND, None)
    assert (deliver(eier, house), house.referanser) == (0, [])


def test_a_package_there_was_doubt_about_is_asked_for_before_its_orders_are_moved(
    hus: Hus, eier: Owner
) -> None:
    made = make_order(hus)
    deliver(eier, FakeHouse(svar=[Uavklart("SVARET_BORTE")]))
    for _ in range(2):
        let_lookup_gap_pass(quarantine=True)
        recovery.resolve_unknown_outcomes({HOUSE: FakeHouse()})
    [pakke] = packages()
    assert (pakke.status, pakke.uavklart_siden is None) == ("KLAR", False)
    knows = FakeHouse(fikk={str(pakke.id): []})
    with pytest.raises(Konflikt, match="ORDREN_KAN_VAERE_TRYKT"):
        move(made, knows)
    move(made, FakeHouse())
    assert order(made).leverandor == BY_HAND


@pytest.mark.parametrize(("packed", "let_go"), [(False, True), (False, False), (True, False)])
def test_what_the_house_got_after_a_backup_that_is_restored_stays_there(
    hus: Hus, eier: Owner, packed: bool, let_go: bool
) -> None:
    made, house = make_order(hus), FakeHouse()
    if packed:
        packing.pack_all()
    with transaction() as tx:
        tx.execute(update(Ordre).where(Ordre.id == made).values(sett_hos_leverandor=func.now()))
    if let_go:
        assert restore.look_up_unsent(eier, {}).ordrer == 1
    with pytest.raises(Konflikt, match="ORDREN_KAN_VAERE_TRYKT"):
        move(made, house)
    assert order(made).leverandor == HOUSE


def test_what_the_house_has_certainly_lost_can_be_moved(hus: Hus, eier: Owner) -> None:
    made, house = make_order(hus), FakeHouse()
    deliver(eier, house)
    move(made, FakeHouse())
    assert (order(made).leverandor, steps(made)[-1]) == (BY_HAND, "MOTTATT")


@pytest.mark.parametrize(
    ("til", "grunn", "error", "kode"),
    [
        ("FINNES_IKKE", REASON, UgyldigInndata, "LEVERANDOR_UKJENT"),
        (HOUSE, REASON, Konflikt, "ORDREN_ER_DER_ALT"),
        (BY_HAND, "  ", UgyldigInndata, "GRUNN_MANGLER"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused(
    hus: Hus, til: str, grunn: str, error: type[Exception], kode: str
) -> None:
    made = make_order(hus)
    with pytest.raises(error, match=kode):
        move_order.move_order(made, til, grunn=grunn, houses={}, vern=FakeVern(), actor=OPERATOR)


def test_only_operators_move_orders_and_change_agreements(hus: Hus) -> None:
    made, staff = make_order(hus), staff_of(hus, P.SENDE)
    with pytest.raises(IkkeTilgang):
        move_order.move_order(made, BY_HAND, grunn=REASON, houses={}, vern=FakeVern(), actor=staff)
    with pytest.raises(IkkeTilgang):
        print_houses.change_agreement(HOUSE, Vilkar(brev_per_pakke=10), actor=staff)
    with pytest.raises(IkkeFunnet):
        move_order.move_order(uuid4(), BY_HAND, grunn=REASON, houses={}, vern=FakeVern(), actor=OPERATOR)


def let_a_day_pass() -> None:
    clock.move(timedelta(days=2))
    with transaction() as tx:
        tx.execute(update(Leverandor).values(sammenlignet=func.now() - timedelta(days=1)))


def test_each_night_what_only_one_of_us_knows_is_noted_and_what_turns_up_is_forgotten(
    hus: Hus, eier: Owner
) -> None:
    made, house = [make_order(hus) for _ in range(3)], FakeHouse()
    deliver(eier, house)
    strange = str(uuid4())
    listed = FakeHouse(fikk=dict(list(house.fikk.items())[:2]))
    let_a_day_pass()
    real = listed.taken_over
    listed.taken_over = lambda use: (real(use), use([Overtatt(one, None) for one in (strange, "rot")]))[0]  # type: ignore[method-assign]
    assert reconciliation.compare_due({HOUSE: listed}) == 3
    missed = [str(one) for one in made if str(one) not in listed.referanser]
    assert sorted((one.referanse, one.art) for one in queries.disagreements()) == sorted(
        [(strange, "UKJENT_HOS_OSS"), ("rot", "UKJENT_HOS_OSS"), *((one, "UKJENT_HOS_DEM") for one in missed)]
    )
    assert reconciliation.compare_due({HOUSE: house}) == 0, "not before a day has gone by"
    let_a_day_pass()
    assert reconciliation.compare_due({HOUSE: house}) == 2
    session().rollback()
    assert {one.art for one in queries.disagreements()} == {"UKJENT_HOS_OSS"}


def test_a_list_that_cannot_be_read_is_counted_and_read_again_within_the_hour(
    hus: Hus, eier: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    class Unread(FakeHouse):
        def taken_over(self, use: object) -> None:
            raise ProvIgjen("LISTEN_KAN_IKKE_LESES")

    make_order(hus)
    deliver(eier, FakeHouse())
    let_a_day_pass()
    before = not_compared()
    assert reconciliation.compare_due({HOUSE: Unread()}) == 0
    assert not_compared() - before == 1
    [told] = [record for record in caplog.records if record.message == "lists_not_compared"]
    assert (vars(told)["leverandor"], vars(told)["kode"]) == (HOUSE, "LISTEN_KAN_IKKE_LESES")
    assert reconciliation.compare_due({HOUSE: FakeHouse()}) == 0, "not at once"
    with transaction() as tx:
        tx.execute(update(Leverandor).values(sammenlignet=Leverandor.sammenlignet - timedelta(hours=1)))
    assert reconciliation.compare_due({HOUSE: FakeHouse()}) == 1
    assert reconciliation.compare_due({HOUSE: FakeHouse()}) == 0, "it is done for today"
    assert not_compared() - before == 1


def not_compared() -> float:
    return REGISTRY.get_sample_value("fiks_print_lists_not_compared_total", {"kanal": HOUSE}) or 0


def test_orders_that_are_noted_as_missing_do_not_stand_before_others_every_night(
    hus: Hus, eier: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A thousand orders would take the test a minute.
    monkeypatch.setattr(reconciliation, "PORTION", 2)
    made = [make_order(hus) for _ in range(5)]
    deliver(eier, FakeHouse())
    let_a_day_pass()
    assert reconciliation.compare_due({HOUSE: FakeHouse()}) == 5
    session().rollback()
    assert {one.referanse for one in queries.disagreements()} == {str(one) for one in made}


def test_an_agreement_is_changed_within_its_limits_and_audited(hus: Hus) -> None:
    now = print_houses.change_agreement(
        HOUSE, Vilkar(brev_per_pakke=200, ventetid_sekunder=600, samlefil=False), actor=OPERATOR
    )
    assert (now.brev_per_pakke, now.ventetid_sekunder, now.samlefil) == (200, 600, False)
    assert "PRINTAVTALE_ENDRET" in audited()
    for wrong, code in (
        (Vilkar(brev_per_pakke=1001), "BREV_PER_PAKKE_UGYLDIG"),
        (Vilkar(ventetid_sekunder=-1), "VENTETID_UGYLDIG"),
        (Vilkar(sertifikat=b"rot"), "TRYKKERISERTIFIKAT_UGYLDIG"),
    ):
        with pytest.raises(UgyldigInndata) as refused:
            print_houses.change_agreement(HOUSE, wrong, actor=OPERATOR)
        assert refused.value.kode == code
    print_houses.change_agreement(
        HOUSE, Vilkar(brev_per_pakke=1, ventetid_sekunder=0, samlefil=True), actor=OPERATOR
    )


def test_the_commands_say_what_they_did(
    hus: Hus, eier: Owner, process: object, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = make_letter(hus)
    hand_over(eier, World())
    made = levering(sent).id
    session().rollback()
    words = (
        ["print", "flytt", str(made), BY_HAND, "--grunn", REASON],
        ["print", "avvik"],
        ["print", "avtale", HOUSE],
    )
    for one in words:
        options = cli._parser().parse_args(one)
        assert cli.COMMANDS["print"][1](process, options) == 0  # type: ignore[arg-type]
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"Ordre {made} er flyttet til {BY_HAND}."
    assert said[1] == "Ingen avvik."
    assert said[2].startswith("Grafisk Digital: 1 brev per pakke")


def test_a_house_whose_list_breaks_in_an_unforeseen_way_keeps_no_other_from_being_compared_with(
    hus: Hus, eier: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(FakeHouse):
        def taken_over(self, use: object) -> None:
            raise RuntimeError("unforeseen")

    made, house = make_order(hus), FakeHouse()
    deliver(eier, house)
    session().rollback()
    monkeypatch.setattr(reconciliation, "_claim_comparison", lambda kode: True)
    with pytest.raises(RuntimeError, match="unforeseen"):
        reconciliation.compare_due({"ODELAGT": Broken(), HOUSE: house})
    assert order(made).sett_hos_leverandor is not None

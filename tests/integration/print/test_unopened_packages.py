"""A package that its print house cannot open: the house answers under the package's name, for all that lies in it."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from fiks.core.queue.owner_lock import Owner
from fiks.print import queries
from fiks.print.handover import packing, receipts
from fiks.print.handover.client import PrintClient
from fiks.print.operations import reconciliation
from fiks.print.receipt_feed import Ordrefeed
from fiks.print.rules import Overtatt
from fiks.svarut.receipts import feed as svarut
from fiks.svarut.rules import Kanal
from testmiljo.printhouse import PrintHouse
from tests.integration.houses import Hus
from tests.integration.print.orders import (
    HOUSE,
    FakeHouse,
    deliver,
    make_order,
    order,
    packages,
    receipt_of,
    steps,
)
from tests.integration.print.protected import ordered
from tests.integration.svarut.letters import codes, levering
from tests.integration.worlds import World

pytestmark = pytest.mark.usefixtures("empty", "as_agreed")
WHY = "BadZipFile: the package cannot be opened"


def told() -> list[tuple[str, str]]:
    found, _ = Ordrefeed("PROVE").receipts(None, 1_000)
    return [(one.referanse, one.art) for one in found]


def in_one_package(hus: Hus, eier: Owner, count: int) -> tuple[list[UUID], UUID]:
    """Orders that the house has, and the package they came in."""
    made = [make_order(hus) for _ in range(count)]
    deliver(eier, FakeHouse())
    [pakke] = packages()
    return made, pakke.id


def test_all_its_orders_fail_once_however_often_the_house_says_it(
    hus: Hus, eier: Owner, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        receipts, "PORTION", 2
    )  # a hundred orders of each portion would take the test a minute
    made, pakke = in_one_package(hus, eier, 5)
    for _ in range(3):
        receipts.apply_receipt(HOUSE, receipt_of(pakke, "FEILET", WHY))
    assert {order(one).status for one in made} == {"FEILET"}
    assert {order(one).feilkode for one in made} == {WHY}
    assert all(steps(one) == ["MOTTATT", "PRODUSERT", "FEILET"] for one in made)
    assert sorted(told()) == sorted((str(one), "FEILET") for one in made)
    assert queries.disagreements() == []
    [said] = [record for record in caplog.records if record.message == "package_failed"]
    assert (said.levelname, vars(said)["antall"], vars(said)["pakke"]) == ("ERROR", 5, str(pakke))


def test_what_is_answered_already_stays_as_it_was_answered(hus: Hus, eier: Owner) -> None:
    made, pakke = in_one_package(hus, eier, 3)
    receipts.apply_receipt(HOUSE, receipt_of(made[0]))
    receipts.apply_receipt(HOUSE, receipt_of(pakke, "FEILET", WHY))
    assert [order(one).status for one in made] == ["POSTLAGT", "FEILET", "FEILET"]
    receipts.apply_receipt(HOUSE, receipt_of(made[1]))
    assert order(made[1]).status == "POSTLAGT"


def test_it_is_known_before_we_have_noted_that_the_house_has_the_package(hus: Hus, eier: Owner) -> None:
    made = [make_order(hus) for _ in range(2)]
    house = FakeHouse(
        under=lambda pakke: receipts.apply_receipt(HOUSE, receipt_of(pakke.navn, "FEILET", WHY))
    )
    deliver(eier, house)
    assert [order(one).status for one in made] == ["FEILET", "FEILET"]
    assert [one.status for one in packages()] == ["OVERLEVERT"]


def test_its_letters_wait_for_the_kommune_and_are_ordered_anew(hus: Hus, eier: Owner, world: World) -> None:
    made, _ = ordered(hus, eier, world)
    first = {levering(one).id for one in made}
    deliver(eier, FakeHouse())
    [pakke] = packages()
    receipts.apply_receipt(HOUSE, receipt_of(pakke.id, "FEILET", WHY))
    svarut.read_feed(Kanal.PRINT, Ordrefeed("SVARUT"))
    assert {levering(one).status for one in made} == {"TIL_BEHANDLING"}
    assert all("FEILET_PRINT" in codes(one) for one in made)
    assert first.isdisjoint(levering(one).id for one in made)


@pytest.mark.parametrize("art", ["PRINTET", "RETUR"])
def test_that_a_whole_package_was_printed_is_no_answer(hus: Hus, eier: Owner, art: str) -> None:
    made, pakke = in_one_package(hus, eier, 2)
    receipts.apply_receipt(HOUSE, receipt_of(pakke, art))
    assert {order(one).status for one in made} == {"PRODUSERT"}
    assert [(one.referanse, one.art) for one in queries.disagreements()] == [
        (str(pakke), "UKJENT_KVITTERING")
    ]


def test_nobody_answers_for_another_houses_package_or_one_that_was_taken_apart(hus: Hus, eier: Owner) -> None:
    made, pakke = in_one_package(hus, eier, 2)
    receipts.apply_receipt("MANUELL_PRINT", receipt_of(pakke, "FEILET", WHY))
    assert {order(one).status for one in made} == {"PRODUSERT"}
    assert [(one.leverandor, one.art) for one in queries.disagreements()] == [
        ("MANUELL_PRINT", "UKJENT_KVITTERING")
    ]


def test_its_name_in_the_houses_list_stands_for_its_orders(
    hus: Hus, eier: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    made, pakke = in_one_package(hus, eier, 2)
    receipts.apply_receipt(HOUSE, receipt_of(pakke, "FEILET", WHY))
    reconciliation.record_listed(HOUSE, [Overtatt(str(pakke), str(pakke))])
    assert all(order(one).sett_hos_leverandor is not None for one in made)
    assert queries.disagreements() == []
    assert "print_books_differ" not in caplog.messages


def test_a_real_house_that_has_another_key_than_we_encrypt_to_answers_so(
    hus: Hus, eier: Owner, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = PrintHouse(tmp_path / "other", tmp_path / "other.sqlite")
    house = PrintHouse(tmp_path / "house", tmp_path / "house.sqlite").start()
    client = PrintClient(house.url, certificate=other.certificate_path.read_bytes(), timeout=10)
    try:
        made = [make_order(hus) for _ in range(3)]
        packing.pack_all()
        deliver(eier, client)  # type: ignore[arg-type]
        house.wait_for(1)
        assert receipts.read_house_receipts(HOUSE, client) == 1
        client.taken_over(lambda lines: reconciliation.record_listed(HOUSE, lines))
    finally:
        client.close()
        house.stop()
    assert {order(one).status for one in made} == {"FEILET"}
    assert queries.disagreements() == []
    assert caplog.messages.count("package_failed") == 1

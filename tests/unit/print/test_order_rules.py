"""The states of orders and packages, and the name of a package."""

from __future__ import annotations

from uuid import uuid4

from fiks.print.states import ORDREOVERGANGER, PAKKEOVERGANGER, Ordrestatus, Pakkestatus, package_id


def test_every_status_has_its_transitions_and_what_is_posted_or_called_off_is_never_printed_again() -> None:
    assert set(ORDREOVERGANGER) == set(Ordrestatus)
    assert set(PAKKEOVERGANGER) == set(Pakkestatus)
    for status in (Ordrestatus.POSTLAGT, Ordrestatus.RETUR, Ordrestatus.AVBESTILT):
        assert Ordrestatus.MOTTATT not in ORDREOVERGANGER[status]
    assert Ordrestatus.AVBESTILT not in ORDREOVERGANGER[Ordrestatus.PRODUSERT]


def test_an_unknown_package_is_never_just_given_up_or_sent() -> None:
    assert Pakkestatus.SENDER not in PAKKEOVERGANGER[Pakkestatus.UAVKLART]
    assert Pakkestatus.OPPLOST not in PAKKEOVERGANGER[Pakkestatus.UAVKLART]


def test_the_same_orders_have_the_same_name_and_another_house_or_round_has_another() -> None:
    one, two = uuid4(), uuid4()
    name = package_id("A", [(one, 1), (two, 1)])
    assert package_id("A", [(two, 1), (one, 1)]) == name
    assert len({name, package_id("B", [(one, 1), (two, 1)]), package_id("A", [(one, 2), (two, 1)])}) == 3

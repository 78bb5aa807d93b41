"""Print's rules: sheets, envelopes, zones, cost and what the order says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from fiks.core.values.address import Portosone, postal_zone
from fiks.print import rules
from fiks.print.prices import EKSEMPELPRISER, Prisliste, estimate, postage
from fiks.print.rules import (
    Konvolutt,
    Konvoluttgrenser,
    Kryptering,
    Pakkefil,
    Printordre,
    Printpakke,
    Trykksak,
)


def order(**changes: Any) -> Printordre:
    values: dict[str, Any] = {
        "referanse": str(uuid4()),
        "forsendelse_id": str(uuid4()),
        "sider": 4,
        "giroark": (),
        "konteringskode": "ESK-2026",
        "sone": "NORGE",
        "sha256": "cd",
    }
    return Printordre(**values | changes)


def package(*orders: Printordre, klasse: str = "NORMAL", files: int = 1) -> Printpakke:
    filer = tuple(Pakkefil("ab", 4, lambda: iter([b"%PDF-1.7"])) for _ in range(files))
    return Printpakke("p-1", True, False, orders, filer, klasse)


def price_data() -> dict[str, Any]:
    return {
        "ar": 2026,
        "ark_ore": 10,
        "side_sort_ore": 20,
        "side_farge_ore": 70,
        "giroark_ore": 5,
        "konvolutt_ore": {"C5": 100, "C4": 200, "MANUELL": 1000},
        "porto": {zone: [[20, 1000], [50, 2000]] for zone in ("NORGE", "EUROPA", "VERDEN")},
    }


@pytest.mark.parametrize(
    ("pages", "one_sided", "two_sided"), [(0, 0, 0), (1, 1, 1), (2, 2, 1), (3, 3, 2), (16, 16, 8)]
)
def test_two_pages_share_a_sheet_only_when_printed_on_both_sides(
    pages: int, one_sided: int, two_sided: int
) -> None:
    assert rules.sheets(pages, tosidig=False) == one_sided
    assert rules.sheets(pages, tosidig=True) == two_sided


@pytest.mark.parametrize(
    ("ark", "konvolutt"),
    [(1, "C5"), (8, "C5"), (9, "C4"), (80, "C4"), (81, "MANUELL")],
)
def test_the_envelope_grows_at_eight_and_eighty_sheets(ark: int, konvolutt: str) -> None:
    assert rules.envelope(ark) == konvolutt


def test_the_envelope_limits_are_parameters() -> None:
    assert rules.envelope(6, Konvoluttgrenser(c5_ark=5, c4_ark=50)) is Konvolutt.C4


@pytest.mark.parametrize("land", [None, "", "Norge", "NORGE ", "no", "NO", "Noreg", "Norway"])
def test_no_country_and_every_spelling_of_norway_is_norwegian_postage(land: str | None) -> None:
    assert postal_zone(land) is Portosone.NORGE


@pytest.mark.parametrize(
    "land", ["Sverige", "danmark", "Tyskland", "Spania", "Storbritannia", "SE", "Isle of  Man"]
)
def test_a_known_european_country_is_europe(land: str) -> None:
    assert postal_zone(land) is Portosone.EUROPA


@pytest.mark.parametrize("land", ["USA", "Thailand", "US", "Atlantis", "og", "isle"])
def test_anything_else_is_the_world(land: str) -> None:
    assert postal_zone(land) is Portosone.VERDEN


def test_a_letter_written_with_combining_accents_goes_to_the_same_country() -> None:
    assert postal_zone("O\u0308sterreich") is Portosone.EUROPA


def test_weight_is_sheets_and_envelope_rounded_up() -> None:
    assert rules.weight(1, Konvolutt.C5) == 5 + 7
    assert rules.weight(2, Konvolutt.C4) == 10 + 18


def test_an_estimate_adds_sheets_pages_giro_envelope_and_postage() -> None:
    prices = Prisliste.from_data(price_data())
    found = estimate(3, tosidig=True, farger=True, giroark=1, sone=Portosone.NORGE, prisliste=prices)
    assert (found.ark, found.konvolutt, found.vekt_gram) == (2, Konvolutt.C5, 17)
    assert found.produksjon_ore == 2 * 10 + 3 * 70 + 5 + 100
    assert (found.porto_ore, found.sum_ore) == (1000, 335 + 1000)


@pytest.mark.parametrize(("gram", "ore"), [(20, 1000), (21, 2000), (50, 2000), (51, 4000), (101, 6000)])
def test_postage_steps_include_their_limit_and_heavier_mail_counts_as_several(gram: int, ore: int) -> None:
    assert postage(gram, Portosone.VERDEN, Prisliste.from_data(price_data())) == ore


def test_a_price_list_without_a_zone_is_refused() -> None:
    data = price_data()
    del data["porto"]["VERDEN"]
    with pytest.raises(ValueError, match="VERDEN"):
        Prisliste.from_data(data)


def test_a_price_list_whose_steps_do_not_ascend_is_refused() -> None:
    data = price_data()
    data["porto"]["EUROPA"] = [[50, 1], [20, 2]]
    with pytest.raises(ValueError, match="EUROPA"):
        Prisliste.from_data(data)


def test_the_example_prices_cover_every_zone_and_envelope() -> None:
    for sone in Portosone:
        for pages in (1, 40, 200):
            found = estimate(
                pages, tosidig=False, farger=False, giroark=0, sone=sone, prisliste=EKSEMPELPRISER
            )
            assert found.sum_ore > 0


def test_each_document_starts_on_a_front_side_and_giro_pages_are_renumbered() -> None:
    plan = rules.page_plan([(1, ()), (3, (3,)), (2, (1,))], tosidig=True)
    assert plan == rules.Sideplan(sider=9, giroark=(5, 7))


def test_one_sided_letters_get_no_blank_pages() -> None:
    plan = rules.page_plan([(1, ()), (3, (3,))], tosidig=False)
    assert plan == rules.Sideplan(sider=4, giroark=(4,))


@pytest.mark.parametrize(
    "giro, sider, place", [((2,), 5, 5), ((1,), 5, 3), ((1, 2), 5, 3)], ids=["back", "front", "both"]
)
def test_a_giro_sheet_has_nothing_on_its_other_side(giro: tuple[int, ...], sider: int, place: int) -> None:
    plan = rules.page_plan([(1, ()), (2, giro)], tosidig=True)
    assert (plan.sider, plan.giroark[0]) == (sider, place)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"konteringskode": None}, None),
        ({"referanse": "17912099997"}, "PRINT_UGYLDIG_ORDRE"),
        ({"referanse": "../x"}, "PRINT_UGYLDIG_ORDRE"),
        ({"sone": "MARS"}, "PRINT_UGYLDIG_ORDRE"),
        ({"fil": 1}, "PRINT_UGYLDIG_PAKKE"),
        ({"sider": 0}, "PRINT_TOMT_BREV"),
        ({"giroark": (5,)}, "PRINT_GIROARK_FINNES_IKKE"),
        ({"giroark": (0,)}, "PRINT_GIROARK_FINNES_IKKE"),
        ({"konteringskode": "med mellomrom"}, "PRINT_UGYLDIG_KONTERINGSKODE"),
        ({"konteringskode": "x" * 21}, "PRINT_UGYLDIG_KONTERINGSKODE"),
    ],
)
def test_an_impossible_order_is_refused_by_code(changes: dict[str, Any], code: str | None) -> None:
    assert rules.package_refusal(package(order(), order(**changes))) == code


def test_a_package_of_nothing_of_one_order_twice_or_of_no_known_class_is_refused() -> None:
    one = order()
    assert rules.package_refusal(package()) == "PRINT_UGYLDIG_PAKKE"
    assert rules.package_refusal(package(one, one)) == "PRINT_UGYLDIG_PAKKE"
    assert rules.package_refusal(package(one, files=0)) == "PRINT_UGYLDIG_PAKKE"
    assert rules.package_refusal(package(one, klasse="HEMMELIG")) == "PRINT_UGYLDIG_ORDRE"


def test_the_manifest_tells_how_to_print_each_letter_and_marks_the_giro_pages() -> None:
    first, second = order(sider=3), order(giroark=(3, 1), sider=20, sone="EUROPA", fra_side=4)
    found = rules.manifest(package(first, second), kryptering=Kryptering.CMS)
    assert found["filer"] == [{"navn": "0001.pdf.p7m", "sha256": "ab", "sider": 4}]
    assert (found["kryptering"], found["tosidig"], found["farger"]) == ("CMS", True, False)
    told, other = found["ordrer"]
    assert (told["fraSide"], told["tilSide"], told["ark"], told["konvolutt"]) == (1, 3, 2, "C5")
    assert (other["fraSide"], other["tilSide"], other["ark"], other["konvolutt"]) == (4, 23, 10, "C4")
    assert {told["sha256"], other["sha256"]} == {"cd"}
    assert (other["giroark"], other["sone"], other["konteringskode"]) == ([1, 3], "EUROPA", "ESK-2026")
    assert json.loads(json.dumps(found)) == found


def test_the_manifest_says_when_the_letters_are_not_encrypted() -> None:
    found = rules.manifest(package(order()), kryptering=Kryptering.INGEN)
    assert (found["filer"][0]["navn"], found["ordrer"][0]["fil"]) == ("0001.pdf", "0001.pdf")
    assert found["kryptering"] == "INGEN"


def test_a_letter_and_a_package_do_not_show_what_is_in_them() -> None:
    assert "%PDF" not in repr(Trykksak(b"%PDF-1.7", 1)) + repr(package(order()))


def receipt_data(**changes: Any) -> dict[str, Any]:
    return {
        "referanse": "0f013be5-5024-4961-9c43-2bfcde9eea46",
        "art": "PRINTET",
        "tidspunkt": "2026-02-27T12:00:00+01:00",
        "ark": 2,
        "vektGram": 17,
        "portoOre": 2700,
        "produksjonOre": 200,
        "melding": None,
    } | changes


def test_a_receipt_is_read_with_its_numbers() -> None:
    found = rules.parse_receipt(receipt_data())
    assert found.tidspunkt == datetime(2026, 2, 27, 11, tzinfo=UTC)
    assert (found.ark, found.vekt_gram, found.porto_ore, found.produksjon_ore) == (2, 17, 2700, 200)


@pytest.mark.parametrize(
    "data",
    [
        {},
        [],
        receipt_data(art="KANSKJE"),
        receipt_data(tidspunkt="2026-02-27T12:00:00"),
        receipt_data(referanse="x"),
        receipt_data(referanse=7),
        receipt_data(ark="to"),
    ],
)
def test_a_receipt_that_is_not_one_is_refused(data: Any) -> None:
    with pytest.raises(ValueError):
        rules.parse_receipt(data)


AMOUNTS = ("ark", "vektGram", "portoOre", "produksjonOre")


@pytest.mark.parametrize("art", ["FEILET", "RETUR"])
def test_what_was_not_printed_or_came_back_need_not_tell_what_it_took(art: str) -> None:
    """Without amounts the letter would be lost: nobody reads a line twice."""
    null = receipt_data(art=art) | dict.fromkeys(AMOUNTS)
    absent = {name: told for name, told in null.items() if name not in AMOUNTS}
    for data in (null, absent):
        found = rules.parse_receipt(data)
        assert found.art == art
        assert (found.ark, found.vekt_gram, found.porto_ore, found.produksjon_ore) == (0, 0, 0, 0)
    assert rules.parse_receipt(receipt_data(art=art)).ark == 2


@pytest.mark.parametrize("missing", AMOUNTS)
def test_what_was_printed_must_tell_what_it_took(missing: str) -> None:
    absent = receipt_data()
    del absent[missing]
    for data in (absent, receipt_data(**{missing: None})):
        with pytest.raises(ValueError):
            rules.parse_receipt(data)

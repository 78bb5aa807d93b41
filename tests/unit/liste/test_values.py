"""Norwegian numbers and dates, read and written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from fiks.utsending.liste.values import (
    collapse_spaces,
    norsk_dato,
    norsk_tall,
    parse_amount,
    parse_date,
    parse_decimal,
    parse_number,
    parse_serial,
    trim,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3804,00", "3804.00"),
        ("1 234,50", "1234.50"),
        ("1\u00a0234,50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1.234.567", "1234567"),
        ("1.234", "1234"),
        ("1225.25", "1225.25"),
        ("0.700", "0.700"),
        ("kr 1234,-", "1234"),
        ("kr. 1234", "1234"),
        ("Kr.50", "50"),
        ("12,5 kr", "12.5"),
        ("-1474,50", "-1474.50"),
        ("0,7", "0.7"),
    ],
)
def test_a_number_is_read_as_norwegians_write_it(text: str, number: str) -> None:
    assert parse_number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    ["", "tolv", "1,2,3", "1.2.3", "1 23", "1,2E+5", "--4", "12a", ".7", ".50", "kr .5", "kr..5", ",7"],
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert parse_number(text) is None


@pytest.mark.parametrize("text", ["3.125", "1.000", " 12.500 ", "1\u00a0234.500", "-3.125", "kr 3.125"])
def test_what_may_be_thousands_as_well_as_decimals_is_no_decimal_number(text: str) -> None:
    assert parse_decimal(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3,125", "3.125"),
        ("3.12", "3.12"),
        ("3.1250", "3.125"),
        ("0.125", "0.125"),
        ("2000.125", "2000.125"),
        ("1.234,5", "1234.5"),
        ("1.234.567", "1234567"),
    ],
)
def test_what_can_only_be_read_in_one_way_is_one(text: str, number: str) -> None:
    assert parse_decimal(text) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["1,250", "5,000", "950,000", "kr 2,500", "-1,250", "1\u00a0250,000", " 2,500 kr"]
)
def test_what_may_be_thousands_as_well_as_decimals_is_no_amount(text: str) -> None:
    assert parse_amount(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4500,000", "4500"),
        ("12345,000", "12345"),
        ("kr 1250,000", "1250"),
        ("0,000", "0"),
        ("0,125", "0.125"),
        ("1.234,000", "1234"),
        ("1,25", "1.25"),
        ("1,2500", "1.25"),
        ("1.250", "1250"),
    ],
)
def test_an_amount_that_can_only_be_read_in_one_way_is_one(text: str, number: str) -> None:
    assert parse_amount(text) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["31.03.2027", "31/3/2027", "31-03-2027", "2027-03-31", "2027-03-31T00:00:00"]
)
def test_a_date_is_read_in_its_usual_forms(text: str) -> None:
    assert parse_date(text) == date(2027, 3, 31)


@pytest.mark.parametrize("text", ["31.06.2027", "29.02.2027", "2027-13-01", "31.03.27", "46477"])
def test_a_day_that_does_not_exist_is_none(text: str) -> None:
    assert parse_date(text) is None


def test_an_excel_serial_number_is_the_day_excel_shows() -> None:
    assert parse_serial("46477") == date(2027, 3, 31)
    assert parse_serial("4647") is None


def test_values_are_written_with_comma_and_day_first() -> None:
    assert norsk_tall(Decimal("3804"), 2) == "3804,00"
    assert norsk_tall(Decimal("0.70")) == "0,7"
    assert norsk_tall(Decimal("600000")) == "600000"
    assert norsk_dato(date(2027, 3, 1)) == "01.03.2027"


def test_every_kind_of_white_space_is_white_space() -> None:
    assert trim("\ufeff\u00a0 OLA\u200b\u00a0") == "OLA"
    assert collapse_spaces(" OLA\u00a0\u00a0NORDMANN\t") == "OLA NORDMANN"

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiks.core.errors import UgyldigInndata
from fiks.core.values.money import format_ore, parse_ore

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("text", "ore"),
    [
        ("3804,00", 380400),
        ("1 225.25", 122525),
        (f"1{NBSP}225,25", 122525),
        ("1\u202f225,25", 122525),
        ("1.225,25", 122525),
        ("1,225.25", 122525),
        ("1 234 567,8", 123456780),
        ("0,7", 70),
        ("0,05", 5),
        ("12", 1200),
        (" 12 ", 1200),
        ("-12,50", -1250),
        ("\u221212,50", -1250),
        ("- 12,50", -1250),
        ("+12", 1200),
        ("kr 1 225,-", 122500),
        ("kr. 12", 1200),
        ("12 kr", 1200),
        ("-0,00", 0),
        ("0001", 100),
    ],
)
def test_amounts_are_read_as_people_write_them(text, ore):
    assert parse_ore(text) == ore


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "kr",
        "1,225",
        "1.225",
        "12,345",
        "1 22 5",
        "12 34",
        "1 2345",
        "1.225.25",
        "1e5",
        "12,5,5",
        "--1",
        "1-",
        ",50",
        "NaN",
        "١٢",
        "1" * 16,
        "=1+1",
    ],
)
def test_what_is_no_amount_or_could_be_two_is_refused(text):
    with pytest.raises(UgyldigInndata, match="BELOP_UGYLDIG"):
        parse_ore(text)


@pytest.mark.parametrize(
    ("ore", "text"),
    [
        (1448000, f"14{NBSP}480"),
        (399975, f"3{NBSP}999,75"),
        (0, "0"),
        (5, "0,05"),
        (-1250, "\u221212,50"),
        (123456789012, f"1{NBSP}234{NBSP}567{NBSP}890,12"),
    ],
)
def test_amounts_are_written_as_letters_write_them(ore, text):
    assert format_ore(ore) == text


@given(st.integers(-(10**17) + 1, 10**17 - 1))
def test_an_amount_comes_back_as_it_was(ore):
    assert parse_ore(format_ore(ore)) == ore


@pytest.mark.parametrize("amount", [1.0, 12.5, True, "12", None])
def test_only_whole_ore_are_money(amount):
    with pytest.raises(TypeError):
        format_ore(amount)

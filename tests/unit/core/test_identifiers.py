import pickle
from datetime import date

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.no import fodselsnummer

from fiks.core.errors import UgyldigInndata
from fiks.core.values import identifiers
from fiks.core.values.identifiers import (
    Fnr,
    Kid,
    Kontonr,
    Orgnr,
    is_fnr,
    is_kid,
    is_kontonr,
    is_orgnr,
    kid_check_digit,
    mask_numbers,
)

TENOR = "17912099997"
TENOR_D = "57912075186"
DOLLY = "15507600333"
DOLLY_D = "55507608360"
OLD_AND_NEW_RULE = ("02013299997", "30108299920", "02013299806")
ONLY_NEW_RULE = ("30108299939", "02013299903")
BLANKS = (" ", "\u00a0", "\u202f", "%20", "+", "\\u00a0", "\\xa0", "&nbsp;", "-", ".")

digits = st.text("0123456789", min_size=9, max_size=11)


def fnr(day: int, month: int, year: int, number: int, first: int = 0) -> str | None:
    """Build a number with the date as it is written; `first` picks among the allowed first check digits."""
    body = f"{day:02d}{month:02d}{year:02d}{number:03d}"
    sum1 = sum(w * int(d) for w, d in zip((3, 7, 6, 1, 8, 9, 4, 5, 2), body, strict=True))
    k1 = (first - sum1) % 11
    sum2 = sum(w * int(d) for w, d in zip((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), f"{body}{k1}"[:10], strict=True))
    k2 = -sum2 % 11
    return None if 10 in (k1, k2) else f"{body}{k1}{k2}"


def mod11(text: str, weights: tuple[int, ...]) -> bool:
    return sum(w * int(d) for w, d in zip(weights, text, strict=True)) % 11 == 0


valid_fnr = (
    st.builds(
        fnr,
        st.integers(1, 28),
        st.sampled_from([m + add for m in range(1, 13) for add in (0, 40, 65, 80)]),
        st.integers(0, 99),
        st.integers(0, 999),
        st.integers(0, 3),
    )
    .filter(bool)
    .map(str)
)


@pytest.mark.parametrize("number", [*OLD_AND_NEW_RULE, *ONLY_NEW_RULE])
def test_s17_49_the_numbers_skatteetaten_published_for_the_2032_rule_are_valid(number):
    assert is_fnr(number, synthetic=False)


@pytest.mark.parametrize("number", [TENOR, TENOR_D, DOLLY, DOLLY_D])
def test_s17_50_a_test_number_is_valid_only_where_test_numbers_are_let_in(number):
    assert is_fnr(number)
    assert not is_fnr(number, synthetic=False)
    with pytest.raises(UgyldigInndata, match="FNR_UGYLDIG"):
        Fnr.parse(number, synthetic=False)


def test_month_plus_65_is_a_test_number_too():
    number = fnr(1, 1 + 65, 90, 125)
    assert number and is_fnr(number) and not is_fnr(number, synthetic=False)


@pytest.mark.parametrize(
    "number",
    [
        "",
        "0",
        "00000000000",
        "1791209999",
        "179120999970",
        "17912099998",
        "17912099907",
        " 17912099997",
        "1791209999x",
    ],
)
def test_what_is_no_fnr_is_refused(number):
    assert not is_fnr(number)


def test_digits_of_other_scripts_are_refused():
    assert not is_fnr("١٧٩١٢٠٩٩٩٩٧")
    assert not is_orgnr("９７４７６０６７３")
    assert not is_kid("１２３４５６７４")


@pytest.mark.parametrize(
    ("day", "month", "year", "real"),
    [
        (29, 2, 0, True),
        (29, 2, 24, True),
        (29, 2, 23, False),
        (29, 2, 22, False),
        (29, 82, 23, False),
        (69, 2, 24, True),
        (69, 2, 23, False),
        (30, 2, 24, False),
        (31, 4, 20, False),
        (31, 12, 20, True),
        (0, 1, 20, False),
        (40, 1, 20, False),
        (72, 1, 20, False),
        (71, 1, 20, True),
        (1, 0, 20, False),
        (1, 13, 20, False),
        (1, 53, 20, False),
        (1, 93, 20, False),
    ],
)
def test_the_date_of_a_fnr_must_exist(day, month, year, real):
    built = [fnr(day, month, year, number, first) for number in range(20) for first in range(4)]
    assert {is_fnr(number) for number in built if number} == {real}


@pytest.mark.parametrize("first", range(4))
def test_the_first_check_digit_may_leave_0_to_3(first):
    number = next(n for i in range(100) if (n := fnr(1, 1, 90, i, first)))
    assert is_fnr(number)


@pytest.mark.parametrize("first", range(4, 11))
def test_the_first_check_digit_may_leave_nothing_else(first):
    number = next(n for i in range(100) if (n := fnr(1, 1, 90, i, first)))
    assert not is_fnr(number)


@given(st.dates(date(1940, 1, 1), date(1999, 12, 31)), st.integers(0, 499))
def test_s17_49_every_number_valid_under_the_old_rule_is_valid(born, number):
    built = fnr(born.day, born.month, born.year % 100, number)
    assume(built and fodselsnummer.is_valid(built))
    assert is_fnr(built, synthetic=False)


@given(digits.filter(lambda text: text[0] != "0"))
@example("974760673")
def test_orgnr_is_right_when_the_weighted_sum_is_a_multiple_of_11(text):
    assert is_orgnr(text[:9]) == mod11(text[:9], (3, 2, 7, 6, 5, 4, 3, 2, 1))


@given(digits)
@example("99990212348")
def test_kontonr_is_right_when_it_has_11_digits_whose_weighted_sum_is_a_multiple_of_11(text):
    assume(not text.startswith("0000"))
    assert is_kontonr(text) == (len(text) == 11 and mod11(text, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)))


def test_no_orgnr_begins_with_zero():
    assert not any(is_orgnr(f"{number:09d}") for number in range(3000))


def test_giro_accounts_of_seven_digits_and_their_long_form_are_refused():
    assert not is_kontonr("8261016")
    assert not is_kontonr("00008261016")
    assert not any(is_kontonr(f"0000{number:07d}") for number in range(1, 3000))


@given(st.text("0123456789", min_size=2, max_size=25))
def test_a_mod10_kid_agrees_with_luhn(text):
    assert is_kid(text, "MOD10") == luhn.is_valid(text)


@pytest.mark.parametrize(
    ("kid", "mod10", "mod11"),
    [
        ("12345674", True, True),
        ("20270000166012", True, False),
        ("6-", False, True),
        ("00", True, True),
        ("1234567-", False, False),
        ("1-345674", False, False),
        ("-", False, False),
        ("4", False, False),
        ("", False, False),
        ("0" * 26, False, False),
        ("1234 5674", False, False),
    ],
)
def test_a_kid_is_checked_as_the_agreement_says(kid, mod10, mod11):
    assert (is_kid(kid, "MOD10"), is_kid(kid, "MOD11"), is_kid(kid)) == (mod10, mod11, mod10 or mod11)


@given(st.text("0123456789", min_size=1, max_size=24), st.sampled_from(["MOD10", "MOD11"]))
def test_a_kid_with_its_check_character_is_valid_and_with_any_other_is_not(body, kind):
    right = kid_check_digit(body, kind)
    assert [c for c in "0123456789-" if is_kid(body + c, kind)] == [right]


def test_the_worked_examples_of_mod11_hold():
    assert kid_check_digit("1234567", "MOD11") == "4"
    assert kid_check_digit("6", "MOD11") == "-"


@pytest.mark.parametrize(
    ("parse", "code"),
    [
        (Fnr.parse, "FNR_UGYLDIG"),
        (Orgnr.parse, "ORGNR_UGYLDIG"),
        (Kid.parse, "KID_UGYLDIG"),
        (Kontonr.parse, "KONTONUMMER_UGYLDIG"),
    ],
)
def test_a_refused_number_gives_its_code_and_never_the_number(parse, code):
    with pytest.raises(UgyldigInndata) as caught:
        parse("99999999991")
    assert caught.value.kode == code
    assert "9999" not in repr(caught.value) + str(caught.value)


def test_typed_white_space_is_dropped():
    assert Fnr.parse(" 179120\u00a099997\n") == Fnr(TENOR)
    assert Orgnr.parse("974 760 673").value == "974760673"
    assert Kid.parse("2027 0000 1660 12").value == "20270000166012"
    assert Kontonr.parse("9999.02.12348").pretty == "9999.02.12348"


def test_s17_52_every_printed_form_is_masked():
    number = Fnr.parse(TENOR)
    assert str(number) == f"{number}" == "179120*****"
    assert f"{number:>13}|" == "  179120*****|"
    assert repr([number]) == "[Fnr(179120*****)]"
    assert repr(Kontonr("99990212348")) == "Kontonr(********348)"
    assert str(Kid("20270000166012")) == "***********012"
    assert str(Kid("6-")) == "**"
    assert str(Orgnr("974760673")) == "974760673"
    assert "974760" not in repr(Orgnr("974760673"))


def test_numbers_are_values():
    assert Fnr.parse(TENOR) == Fnr(TENOR)
    assert len({Fnr(TENOR), Fnr(TENOR)}) == 1
    assert Kid("12345674") != Kontonr("12345674")
    assert pickle.loads(pickle.dumps(Fnr(TENOR))).value == TENOR
    with pytest.raises(AttributeError):
        Fnr(TENOR).value = "1"  # type: ignore[misc]


before = st.one_of(st.text(max_size=30), st.text("0123456789 -.%\\x", max_size=30))


@given(before, valid_fnr, st.sampled_from(["", *BLANKS]), st.sampled_from(["", " ", "\u00a0"]), before)
@example("010203 ", TENOR, " ", "", "")
@example("?q=%20", TENOR, "", "", "&x")
@example("01 02 03 179 ", TENOR, " ", " ", "")
@example("", TENOR, "\u00a0", "", "")
def test_no_fnr_survives_in_any_text(start, number, separator, inner, end):
    assume(not start or not (start[-1].isascii() and start[-1].isdigit()))
    assume(not end or not (end[0].isascii() and end[0].isdigit()))
    assume(not end.startswith(("%", "\\")))
    date_part = inner.join((number[:2], number[2:4], number[4:6]))
    written = f"{date_part}{separator}{number[6:9]}{inner}{number[9:]}"
    clean = mask_numbers(f"{start}{written}{end}")
    assert written not in clean.replace(start, "", 1)
    assert "***********" in clean


@given(st.text())
def test_masking_twice_changes_nothing_more(text):
    assert mask_numbers(mask_numbers(text)) == mask_numbers(text)


@pytest.mark.parametrize("escaped", ["%20", "%3D", "%C2%A0", "\\u00a0", "\\xa0", "\\n", "=", "fnr", "/", '"'])
def test_an_escaped_character_before_a_fnr_does_not_hide_it(escaped):
    assert mask_numbers(f"a{escaped}{TENOR}") == f"a{escaped}***********"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-25T01:37:53.123456Z levering 41 sendt",
        "17912099998",
        "1791209999712",
        "974760673",
        "konto 1234.56.78901",
        "9f1c0c52-1791-2099-9971-179120999971",
        "the bear's year",
    ],
)
def test_other_numbers_and_words_are_left_alone(text):
    assert mask_numbers(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abc.DEF-123_~+/==",
        "bearer abc.DEF-123",
        "BEARER%20abc.DEF-123",
        "token eyJhbGciOiJSUzI1NiJ9.eyJwaWQiOiIxIn0.c2ln abc",
    ],
)
def test_bearer_tokens_are_masked(text):
    clean = mask_numbers(text)
    assert "DEF" not in clean and "eyJ" not in clean and "***" in clean


PIECES = st.sampled_from(
    [TENOR, TENOR[:10], "1", " ", "%20", "eyJa.b", "eyJ", "Bearer", "BEARER abc", "bearer:", "é", "\ud800"]
)


@given(st.lists(PIECES, max_size=6).map("".join))
def test_what_is_left_alone_at_once_would_have_been_left_alone(text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identifiers, "_may_hold_a_number", lambda _: True)
        wanted = mask_numbers(text)
    assert mask_numbers(text) == wanted


def test_a_list_of_numbers_is_masked_each():
    assert mask_numbers(f"[{TENOR}, {DOLLY}] {TENOR}") == "[***********, ***********] ***********"


UUID_OF_LETTERS = f"9f1c0c52-1791-4099-9971-a{TENOR}"
"""An id that ends in what passes for a number, as four of a hundred thousand do."""


@pytest.mark.parametrize("id_", [UUID_OF_LETTERS, UUID_OF_LETTERS.upper()])
@pytest.mark.parametrize("text", ["{}", "id {}.", "/forsendelser/{}/status", "({}, {})", '"{}"', "brev-{}_1"])
def test_a_whole_uuid_is_no_number(text, id_):
    assert mask_numbers(text.format(id_, id_)) == text.format(id_, id_)


@pytest.mark.parametrize(
    "text",
    [
        f"{UUID_OF_LETTERS} {{}}",
        f"{{}} {UUID_OF_LETTERS}",
        f"{{}}-{UUID_OF_LETTERS}",
        f"{UUID_OF_LETTERS}-{{}}",
        f"{UUID_OF_LETTERS}/{{}}/{UUID_OF_LETTERS}",
        "{}f1c0c52-1791-4099-9971-aaaaaaaaaaaa",
        "9f1c0c52-1791-4099-9971-aaaaaaaaaaaa{}",
        "9f1c0c52-1791-4099-9971-{}",
        "9f1c0c52-1791-4099-a{}",
        "9f1c0c52-1791-4099-9971-a{}b",
        "9f1c0c52-1791-4099-9971-a{}x",
        "x9f1c0c52-1791-4099-9971-a{}",
        "39f1c0c52-1791-4099-9971-a{}",
        "9f1c0c52-1791-4099-9971-g{}",
        "9f1c0c52-1791-4099-9971- a{}",
    ],
)
@pytest.mark.parametrize("number", [TENOR, f"{TENOR[:6]} {TENOR[6:]}"])
def test_a_number_beside_a_uuid_or_glued_to_it_is_masked(text, number):
    assert mask_numbers(text.format(number)) == text.format("***********")

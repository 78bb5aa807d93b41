"""Parts, numbers and quiet hours (svarut.md 8.2 and statement 56)."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiks.core.values.calendar import OSLO
from fiks.sms import rules
from fiks.sms.rules import Koding, Status, measure
from tests.unit.sms.measured import MEASURED


@pytest.mark.parametrize(
    ("text", "koding", "enheter", "deler", "per_del"),
    MEASURED,
)
def test_sv12_56_parts_are_counted_by_alphabet(
    text: str, koding: Koding, enheter: int, deler: int, per_del: int
) -> None:
    found = measure(text)
    assert (found.koding, found.enheter, found.deler, found.per_del) == (koding, enheter, deler, per_del)


def test_sv12_56_a_sign_of_two_units_is_never_cut_between_parts() -> None:
    text = "a" * 152 + "€" + "a" * 152
    assert measure(text).enheter == 306 and measure(text).deler == 3
    assert measure("😀" * 67).enheter == 134 and measure("😀" * 67).deler == 3


def test_sv12_56_what_makes_a_text_dear_is_named_once() -> None:
    assert measure("«Hei» «der» – du").fremmede == ("«", "»", "–")
    assert measure("Æ Ø Å æ ø å é ü").fremmede == ()


@given(st.text(max_size=1_700))
def test_a_longer_text_never_has_fewer_parts_and_each_part_has_room(text: str) -> None:
    found = measure(text)
    assert found.deler <= measure(text + "a").deler
    assert found.enheter <= found.deler * found.per_del


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("90000000", "+4790000000"),
        ("900 00 000", "+4790000000"),
        ("+47 900 00 000", "+4790000000"),
        ("004790000000", "+4790000000"),
        ("+46 70 123 45 67", "+46701234567"),
        ("123", None),
        ("", None),
        ("ring meg", None),
        ("+47 000 00 000", None),
        ("9" * 400, None),
    ],
)
def test_numbers_have_one_form(number: str, found: str | None) -> None:
    assert rules.e164(number) == found


@pytest.mark.parametrize(
    "number",
    [
        "(+47) 900.00.000",
        "0047-900-00-000",
        "4790000000",
        "900\u201100\u2011000",
        "900\u00a000\u00a0000",
        "\u202d900\u202c 00 000\ufeff",
        "+47 900/00000",
        "\uff0b4790000000",
        "90\u221200\u221200\u221200",
        "900\uff0d00\uff0d000",
        "Tlf. 90000000",
        "tlf.: 900 00 000",
        "Mob: 90000000",
        "MOBIL 90000000",
        "Telefon:90000000",
        "tel:+4790000000",
        "\u202atel. 90000000",
    ],
)
def test_a_number_may_be_written_as_people_write_them(number: str) -> None:
    assert rules.e164(number) == "+4790000000"


@pytest.mark.parametrize(
    "word",
    [
        "4050 Sola",
        "9000 Kari",
        "5700 VOSS",
        "Kari 90000000",
        "90000000 x12",
        "31.03.2027",
        "22 12 2024",
        "24-1-2027 ",
        "4567/2026",
        "4601-12/34",
        "09113",
        "974 760 673",
        "1234.56.78901",
        "21817138834",
        "90000000 90000001",
        "90000000/90000001",
        "+4790000000 +4790000001",
        "47 412 3456,00",
        "90000000#",
        "tlf",
        "Tlf. 4050 Sola",
        "tlf 22.12.2024",
        "22\u201312\u20132024",
        "22\u221212\u22122024",
        "Kari tlf 90000000",
        "telefax 90000000",
        "tlf 4567/2026",
    ],
)
def test_what_is_written_beside_numbers_becomes_nobodys(word: str) -> None:
    assert rules.e164(word) is None


def test_a_pasted_word_beside_a_number_is_a_line_to_mend_and_no_receiver() -> None:
    found = rules.read_receivers("90000000;4050 Sola\n\"90000001\";'31.03.2027'\n90000002", synthetic=True)
    assert found.numre == ("+4790000000", "+4790000001", "+4790000002")
    assert found.feil_linjer == (1, 2)


def test_a_pasted_list_is_read_by_line_and_sign_without_repeats() -> None:
    found = rules.read_receivers(
        "900 00 001, 90000002;\t+46 70 123 45 67\r\n\r\n 90000001 \n", synthetic=True
    )
    assert found.numre == ("+4790000001", "+4790000002", "+46701234567")
    assert (found.fnrs, found.doble, found.feil_linjer, found.antall) == ((), 1, (), 3)


def test_a_pasted_list_may_hold_persons_in_any_usual_form() -> None:
    found = rules.read_receivers("218171 38834\n21817138834\n90000001", synthetic=True)
    assert (found.numre, found.fnrs, found.doble) == (("+4790000001",), ("21817138834",), 1)
    assert rules.read_receivers("21817138834", synthetic=False).feil_linjer == (1,)


def test_what_is_neither_is_told_by_its_line_counted_from_one() -> None:
    found = rules.read_receivers("90000001\n\nring meg, 123\n90000002 90000003", synthetic=True)
    assert found.feil_linjer == (3, 4)
    assert "90000001" not in repr(found)


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        ((2026, 2, 27, 12, 0), (2026, 2, 27, 12, 0)),
        ((2026, 2, 27, 20, 59), (2026, 2, 27, 20, 59)),
        ((2026, 2, 27, 21, 0), (2026, 2, 28, 8, 0)),
        ((2026, 2, 28, 0, 30), (2026, 2, 28, 8, 0)),
        ((2026, 2, 28, 7, 59), (2026, 2, 28, 8, 0)),
        ((2026, 2, 28, 8, 0), (2026, 2, 28, 8, 0)),
        ((2026, 3, 28, 23, 0), (2026, 3, 29, 8, 0)),
        ((2026, 10, 24, 23, 0), (2026, 10, 25, 8, 0)),
    ],
)
def test_nobody_is_told_at_night(moment: tuple[int, ...], allowed: tuple[int, ...]) -> None:
    at, then = (datetime(*parts, tzinfo=OSLO) for parts in (moment, allowed))  # type: ignore[misc,arg-type]
    assert rules.after_quiet_hours(at) == then


def test_a_receipt_settles_whatever_has_not_been_told_of() -> None:
    untold = set(Status) - {Status.LEVERT, Status.IKKE_LEVERT}
    assert all(Status.LEVERT in rules.OVERGANGER[status] for status in untold)
    assert rules.OVERGANGER[Status.LEVERT] == rules.OVERGANGER[Status.IKKE_LEVERT] == frozenset()


def test_an_unknown_outcome_is_never_sent_again() -> None:
    assert not rules.OVERGANGER[Status.UKJENT] & {Status.OPPRETTET, Status.SENDER, Status.SENDT}
    assert {rules.api_status(status) for status in Status} == set(Status) - {Status.SENDER}


def test_waits_grow_and_then_stay() -> None:
    minutes = [rules.retry_delay(n).total_seconds() / 60 for n in range(1, 7)]
    assert minutes == [1, 5, 10, 10, 10, 10]

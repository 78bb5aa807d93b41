"""Which ways of writing a name may be one person's."""

from __future__ import annotations

import pytest

from fiks.konfigurasjon.person.rules import is_exact_name, may_be_name_of


@pytest.mark.parametrize(
    "written",
    [
        "Kari Anne Nordmann",
        "KARI ANNE NORDMANN",
        " kari   anne nordmann ",
        "Nordmann, Kari Anne",
        "Kari Nordmann",
        "Kari Anne Lie Nordmann",
        "Kári-Anne Nordmann",
    ],
)
def test_capitals_accents_spaces_order_and_names_in_the_middle_do_not_count(written: str) -> None:
    assert may_be_name_of("Kari Anne Nordmann", written)


@pytest.mark.parametrize("written", ["Per Hansen", "Kari Hansen", "Kari", "Kari Lie Nordmann", "", "-"])
def test_another_persons_name_and_half_a_name_do(written: str) -> None:
    assert not may_be_name_of("Kari Anne Nordmann", written)


def test_a_with_a_ring_is_no_a_however_it_is_encoded() -> None:
    assert may_be_name_of("Åse Ødegård", "A\u030ase ødega\u030ard")
    assert not may_be_name_of("Åse Ødegård", "Ase Odegard")


def test_who_has_one_name_or_none_is_known_by_whatever_holds_it() -> None:
    assert may_be_name_of("Lars", "Lars Hansen")
    assert not may_be_name_of("Lars", "Nils Hansen")
    assert may_be_name_of("", "Nils Hansen")


@pytest.mark.parametrize("written", ["KARI ANNE NORDMANN", "Nordmann, Kari  Anne", "Kári-Anne Nordmann"])
def test_who_is_given_more_is_called_so_word_for_word(written: str) -> None:
    assert is_exact_name("Kari Anne Nordmann", written)
    assert is_exact_name("", written)


@pytest.mark.parametrize(
    "written", ["Kari Nordmann", "Kari Anne Lie Nordmann", "Kari", "Per Hansen", "", "-"]
)
def test_a_name_more_or_less_is_another_name_there(written: str) -> None:
    assert not is_exact_name("Kari Anne Nordmann", written)

"""What a print house tells: a line that cannot be kept is no receipt."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fiks.print import rules
from fiks.print.handover import client
from tests.unit.print.test_print_rules import receipt_data

LARGEST = 2**31 - 1
NUMBERS = ("ark", "vektGram", "portoOre", "produksjonOre")


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    "number", [-1, LARGEST + 1, 10**30, float("inf"), float("nan"), None, [], "", "9" * 5_000]
)
def test_a_number_that_no_letter_can_have_is_refused(name: str, number: Any) -> None:
    with pytest.raises(ValueError):
        rules.parse_receipt(receipt_data(**{name: number}))


@pytest.mark.parametrize("name", NUMBERS)
def test_the_largest_number_that_can_be_kept_is_read(name: str) -> None:
    found = rules.parse_receipt(receipt_data(**{name: LARGEST}))
    assert LARGEST in (found.ark, found.vekt_gram, found.porto_ore, found.produksjon_ore)


@pytest.mark.parametrize(
    ("words", "kept"),
    [("papir\0stopp", "papirstopp"), (7, None), ({"kode": 1}, None), ("\ud800", "?"), ("", "")],
)
def test_a_receipt_counts_though_its_words_cannot_be_kept(words: object, kept: str | None) -> None:
    found = rules.parse_receipt(receipt_data(art="FEILET", melding=words))
    assert (found.art, found.melding) == ("FEILET", kept)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", None, 7])
def test_a_moment_that_does_not_exist_is_refused(moment: object) -> None:
    with pytest.raises(ValueError):
        rules.parse_receipt(receipt_data(tidspunkt=moment))


def test_a_moment_of_any_zone_can_be_kept() -> None:
    """PostgreSQL knows none that is sixteen hours away from UTC, or more."""
    found = rules.parse_receipt(receipt_data(tidspunkt="2027-01-11T12:00:00+23:00"))
    assert found.tidspunkt.isoformat() == "2027-01-10T13:00:00+00:00"


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"null",
        b'"PRINTET"',
        b"7",
        b"\xff",
        b"[" * 200_000,
        b'{"referanse": ' + b"9" * 5_000 + b"}",
    ],
)
def test_a_line_that_is_no_receipt_is_told_of_and_passed(line: bytes) -> None:
    counted = client.UNREADABLE.labels("kvittering")._value
    before = counted.get()
    assert client._receipt(line, "000000000001.jsonl", 1) == []
    assert counted.get() == before + 1


ODD = (None, 7, ["a"], {"a": 1}, "a\0", "\ud800")


ANY_SESSION: Any = None


def test_an_odd_line_of_the_list_is_told_of_and_hides_none_of_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = [
        {"pakke": "en", "referanse": "1"},
        *({"pakke": odd, "referanse": "2"} for odd in ODD),
        *({"pakke": "to", "referanse": odd} for odd in ODD),
        {"referanse": "3"},
        {"pakke": "tre"},
    ]
    lines = [json.dumps(line).encode() for line in told]
    house = client.PrintClient("sftp://x:y@127.0.0.1:1/?hostkey=SHA256:x")
    # The list of a house that nobody is connected to.
    monkeypatch.setattr(house, "_taken_over", lambda _: iter([b"[" * 200_000, *lines]))
    monkeypatch.setattr(client, "_exists", lambda *_: False)
    counted = client.UNREADABLE.labels("liste")._value
    before = counted.get()
    seen = list[tuple[str, str | None]]()
    house._each_taken_over(ANY_SESSION, seen.extend, 2)
    assert (seen, counted.get() - before) == ([("1", "en"), ("3", None)], 1 + 2 * len(ODD))
    assert house._find(ANY_SESSION, {"en", "tre", "fire"}) == {"en": "en.zip", "tre": "tre.zip"}

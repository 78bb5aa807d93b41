"""A signed copy is taken whole or not at all: it is the only one, and is fetched once."""

from __future__ import annotations

import pytest

from fiks.core.errors import ProvIgjen
from fiks.core.http.client import SILENCES
from fiks.svarut.signing.client import SIGNED_SECONDS, TIMEOUT, SigneringClient
from fiks.svarut.signing.orders import LEASE
from tests.unit.core.test_wire import answers, server
from tests.unit.svarut.test_signing_entries import ORDER

FIRST = b"%PDF-1.7\n" + b"x" * 50_000 + b"\nstartxref\n9\n%%EOF\n"
SIGNED = FIRST + b"y" * 50_000 + b"\nstartxref\n50009\n%%EOF\n"


def fetched(content: bytes) -> bytes:
    with server(answers("200 OK", content)) as url:
        return SigneringClient(url, (1, 5)).signed(ORDER)


@pytest.mark.parametrize("after", [b"", b"\n\0\0\0", b" " * 1_000])
def test_a_whole_copy_is_taken_as_it_is(after: bytes) -> None:
    assert fetched(SIGNED + after) == SIGNED + after


@pytest.mark.parametrize(
    "content",
    [SIGNED[:40_000], SIGNED[:90_000], SIGNED[:-8], SIGNED[1:] + b"%%EOF", b"", b"%PDF-1.7", b"<html>%%EOF"],
    ids=["half", "the signature is cut", "its end is cut", "no begin", "nothing", "only a begin", "a page"],
)
def test_a_copy_without_its_begin_or_its_end_is_fetched_again(content: bytes) -> None:
    with pytest.raises(ProvIgjen, match="UFORSTAAELIG_SVAR"):
        fetched(content)


def test_the_longest_answers_have_come_when_the_order_may_be_taken_by_another() -> None:
    """A try asks whether the service has the order, and then gives it; a copy is put in the store afterwards."""
    connect, silence = TIMEOUT
    asked_and_given = 2 * (connect + SILENCES * silence)
    assert max(asked_and_given, connect + SIGNED_SECONDS) < LEASE.total_seconds() * 2 / 3

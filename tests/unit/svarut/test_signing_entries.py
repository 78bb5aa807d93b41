"""What the signing service tells: an entry that may be a signature is never passed unread."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from fiks.core.errors import ProvIgjen
from fiks.svarut.signing.client import UNREADABLE, Art, SigneringClient

ORDER = "3f2b8a52-0000-4000-8000-000000000000"


def entry(nr: int, **changes: Any) -> dict[str, Any]:
    told = {"nr": nr, "referanse": ORDER, "art": "SIGNERT", "tidspunkt": "2027-01-11T12:00:00+00:00"}
    return told | changes


def client(*entries: object) -> SigneringClient:
    """The client of a service whose feed is these entries."""
    made = SigneringClient("http://127.0.0.1:1")

    class Feed:
        unreadable = made._wire.unreadable

        def read(self, method: str, path: str, *, params: dict[str, Any]) -> object:
            return {
                "hendelser": [e for e in entries if not isinstance(e, dict) or e["nr"] > int(params["etter"])]
            }

    made._wire = Feed()  # type: ignore[assignment]
    return made


def without(nr: int, name: str) -> dict[str, Any]:
    return {key: value for key, value in entry(nr).items() if key != name}


@pytest.mark.parametrize(
    "broken",
    [
        without(2, "referanse"),
        without(2, "art"),
        entry(2, referanse=None),
        entry(2, art=None),
        entry(2, art=["SIGNERT"]),
    ],
)
def test_an_entry_that_cannot_be_read_is_asked_for_again_and_told_of(
    broken: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    service = client(entry(1), broken, entry(3))
    before = UNREADABLE._value.get()
    told, marker = service.events(None, 10)
    assert ([one.art for one in told], marker) == ([Art.SIGNERT], "1")
    for _ in range(2):
        with pytest.raises(ProvIgjen):
            service.events(marker, 10)
    assert UNREADABLE._value.get() == before + 3
    assert [r.levelno for r in caplog.records if r.message == "unreadable_signing_event"] == [
        logging.ERROR
    ] * 3


@pytest.mark.parametrize("moment", [None, "i går", 7])
def test_a_signature_counts_though_its_time_cannot_be_read(moment: object) -> None:
    [told], marker = client(entry(1, tidspunkt=moment)).events("0", 10)
    assert (told.referanse, told.art, marker) == (ORDER, Art.SIGNERT, "1")
    assert told.tidspunkt.tzinfo is not None


def test_what_a_newer_service_tells_is_passed() -> None:
    told, marker = client(entry(1, art="PAUSET"), entry(2)).events(None, 10)
    assert ([one.art for one in told], marker) == ([Art.SIGNERT], "2")

"""What the SMS gateway tells: an odd entry is passed, and those around it are read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from fiks.core.errors import ProvIgjen, Uavklart
from fiks.core.http.client import Answer
from fiks.sms.client import SmsClient, Utgaende

OURS = "3f2b8a52-0000-4000-8000-000000000000"


def entry(nr: object, **changes: Any) -> dict[str, Any]:
    return {"nr": nr, "reference": OURS, "status": "DELIVERED"} | changes


def gateway(*entries: object) -> SmsClient:
    made = SmsClient("http://127.0.0.1:1")

    class Told:
        unreadable = made._wire.unreadable

        def read(self, *_: object, **__: object) -> object:
            return {"receipts": list(entries)}

    made._wire = Told()  # type: ignore[assignment]
    return made


ODD_REFERENCES: list[object] = [None, 7, [], "", "\0", f"{OURS}\0", "\ud800"]
ODD_STATUSES: list[object] = [None, 7, [], {}, "SENT", "\0"]


@pytest.mark.parametrize(
    "odd",
    [
        *(entry(2, reference=word) for word in ODD_REFERENCES),
        *(entry(2, status=word) for word in ODD_STATUSES),
        *(None, "DELIVERED", 7, [], {}),
    ],
)
def test_an_odd_entry_is_passed_and_those_around_it_are_read(odd: object) -> None:
    told, marker = gateway(entry(1), odd, entry(3)).receipts(None, 10)
    assert ([str(one.referanse) for one in told], marker) == ([OURS] * 2, "3")


@pytest.mark.parametrize("nr", [None, "to", [], {}, float("inf"), float("nan"), "9" * 5_000])
def test_an_entry_that_does_not_say_where_it_is_counts_and_is_passed_with_the_next(nr: object) -> None:
    told, marker = gateway(entry(1), entry(nr)).receipts(None, 10)
    assert (len(told), marker) == (2, "1")
    assert gateway(entry(nr), entry(4)).receipts("1", 10)[1] == "4"


@pytest.mark.parametrize("entries", [[entry(None)], ["DELIVERED"], [None, 7]])
def test_a_portion_that_nowhere_says_where_it_is_cannot_be_passed(entries: list[object]) -> None:
    with pytest.raises(ProvIgjen, match="UFORSTAAELIG_SVAR"):
        gateway(*entries).receipts("1", 10)


def test_an_empty_portion_leaves_the_marker() -> None:
    assert gateway().receipts("17", 10) == ([], "17")


@pytest.mark.parametrize("odd", [None, True, "", "7\0", "\ud800", {}, []])
def test_an_id_that_is_none_is_not_taken_for_one(odd: object) -> None:
    made = SmsClient("http://127.0.0.1:1")

    class Took:
        def send(self, *_: object, **__: object) -> Answer:
            return Answer(201, {"id": odd})

    made._wire = Took()  # type: ignore[assignment]
    with pytest.raises(Uavklart, match="UFORSTAAELIG_SVAR"):
        made.send(Utgaende(UUID(OURS), "Lillevik", "+4790000000", "Hei"))

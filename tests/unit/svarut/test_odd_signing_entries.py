"""What the signing service tells in an odd way: nothing is passed unread, and nothing is kept that cannot be."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fiks.core.errors import ProvIgjen, Uavklart
from fiks.core.http.client import Answer
from fiks.svarut.signing.client import UNREADABLE, Art, SigneringClient, Signeringsordre
from tests.unit.svarut.test_signing_entries import ORDER, client, entry


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"])
def test_a_signature_counts_though_its_moment_does_not_exist(moment: str) -> None:
    [told], _ = client(entry(1, tidspunkt=moment)).events("0", 10)
    assert (told.referanse, told.art, 2000 < told.tidspunkt.year < 9999) == (ORDER, Art.SIGNERT, True)


def test_a_moment_of_any_zone_can_be_kept() -> None:
    """PostgreSQL knows none that is sixteen hours away from UTC, or more."""
    [told], _ = client(entry(1, tidspunkt="2027-01-11T12:00:00+23:00")).events("0", 10)
    assert told.tidspunkt.isoformat() == "2027-01-10T13:00:00+00:00"


@pytest.mark.parametrize("odd", [None, "SIGNERT", 7, []])
def test_what_comes_before_an_entry_that_says_nothing_is_read(odd: object) -> None:
    before = UNREADABLE._value.get()
    told, marker = client(entry(1), odd, entry(3)).events("0", 10)
    assert ([one.art for one in told], marker) == ([Art.SIGNERT], "1")
    with pytest.raises(ProvIgjen, match="UFORSTAAELIG_SVAR"):
        client(odd, entry(3)).events("1", 10)
    assert UNREADABLE._value.get() == before + 2


def ordering(answer: object, found: object) -> SigneringClient:
    """The client of a service that answers an order so, and finds this."""
    made = SigneringClient("http://127.0.0.1:1")

    class Told:
        unreadable = made._wire.unreadable

        def send(self, *_: object, **__: object) -> Answer:
            return Answer(201, answer)

        def find(self, *_: object) -> object:
            return found

    made._wire = Told()  # type: ignore[assignment]
    return made


def order() -> Signeringsordre:
    frist = datetime(2027, 3, 1, tzinfo=UTC)
    return Signeringsordre(ORDER, "17912099997", "311990039", "Lillevik", "t", "S", "HOYESTE", frist, b"%PDF")


@pytest.mark.parametrize("odd", [None, True, "", "7\0", "\ud800", {}, []])
def test_an_id_that_is_none_is_not_taken_for_one(odd: object) -> None:
    made = ordering({"id": odd}, {"id": odd})
    with pytest.raises(Uavklart, match="UFORSTAAELIG_SVAR"):
        made.create(order())
    with pytest.raises(ProvIgjen, match="UFORSTAAELIG_SVAR"):
        made.find(ORDER)


def test_of_an_answer_without_an_id_the_service_is_asked_at_once() -> None:
    assert ordering({}, {"id": 7}).create(order()) == "7"
    with pytest.raises(Uavklart, match="UFORSTAAELIG_SVAR"):
        ordering({}, None).create(order())

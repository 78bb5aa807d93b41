"""What the digital channels tell: an odd entry is told of and passed, and those around it are read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from fiks.core.errors import ProvIgjen, Uavklart
from fiks.core.http.client import Answer
from fiks.svarut.channels.altinn import AltinnClient
from fiks.svarut.channels.base import UNREADABLE, Utgaende
from fiks.svarut.channels.dpi import DpiClient
from fiks.svarut.rules import Kanal

OURS = "3f2b8a52-0000-4000-8000-000000000000"
DAY = "2027-01-11T12:00:00+00:00"
Client = DpiClient | AltinnClient


def status(nr: object, **changes: Any) -> dict[str, Any]:
    """An entry of the mailboxes' feed."""
    return {"id": nr, "messageId": OURS, "status": "LEVERT", "lastUpdate": DAY} | changes


def happening(
    nr: object, referanse: object = OURS, message: object = None, time: object = DAY
) -> dict[str, Any]:
    """An entry of Altinn's feed."""
    return {
        "id": nr,
        "type": "no.altinn.correspondence.correspondencepublished",
        "time": time,
        "data": {"sendersReference": referanse, "message": message},
    }


def reading(made: Client, answer: object) -> Client:
    """The client of a channel that answers so, whatever it is asked."""

    class Told:
        unreadable = made._wire.unreadable

        def read(self, *_: object, **__: object) -> object:
            return answer

        def find(self, *_: object, **__: object) -> object:
            return answer

        def send(self, *_: object, **__: object) -> Answer:
            return Answer(201, answer)

    made._wire = Told()  # type: ignore[assignment]
    return made


def dpi(answer: object) -> Client:
    return reading(DpiClient("http://127.0.0.1:1"), answer)


def altinn(answer: object) -> Client:
    return reading(AltinnClient("http://127.0.0.1:1"), answer)


def mailboxes(*entries: object) -> Client:
    return dpi({"content": list(entries)})


def unreadable(kanal: Kanal) -> float:
    return float(UNREADABLE.labels(kanal)._value.get())


ODD_WORDS: list[object] = [None, 7, True, [], {}, f"{OURS}\0", "\0", "\ud800"]
ODD_TIMES = [
    None,
    7,
    "i går",
    "2027-01-11T25:00:00",
    "0001-01-01T00:00:00+05:00",
    "9999-12-31T23:59:59-05:00",
]


@pytest.mark.parametrize(
    "odd",
    [
        *(status(2, messageId=word) for word in ODD_WORDS),
        *(status(2, lastUpdate=time) for time in ODD_TIMES),
        *(None, "LEVERT", 7, [], {"id": 2}, status(2, status=["LEVERT"])),
    ],
)
def test_an_odd_entry_of_the_mailboxes_is_told_of_and_passed(odd: object) -> None:
    before = unreadable(Kanal.DPI)
    told, cursor = mailboxes(status(1), odd, status(3)).receipts(None, 10)
    assert ([one.referanse for one in told], cursor) == ([OURS] * 2, "3")
    assert unreadable(Kanal.DPI) == before + 1


@pytest.mark.parametrize(
    "odd",
    [
        *(happening(2, referanse=word) for word in ODD_WORDS),
        *(happening(2, time=time) for time in ODD_TIMES),
        *(None, "LEVERT", 7, [], happening(2) | {"data": None}, happening(2) | {"data": OURS}),
    ],
)
def test_an_odd_entry_of_altinn_is_told_of_and_passed(odd: object) -> None:
    before = unreadable(Kanal.ALTINN)
    told, cursor = altinn([happening(1), odd, happening(3)]).receipts(None, 10)
    assert ([one.referanse for one in told], cursor) == ([OURS] * 2, "3")
    assert unreadable(Kanal.ALTINN) == before + 1


def test_an_event_without_the_senders_reference_tells_altinns_own() -> None:
    event = happening(1) | {"resourceinstance": OURS}
    del event["data"]
    [told], _ = altinn([event]).receipts(None, 10)
    assert (told.referanse, told.art, told.melding) == (OURS, "LEVERT", None)


@pytest.mark.parametrize("odd", [None, 7, [], {}, {"sendersReference": 7}])
def test_who_does_not_say_whose_a_message_is_is_asked_again(odd: object) -> None:
    """None would be that it has no such message."""
    for client in (altinn(odd), dpi(odd)):
        if odd is None:
            assert client.whose(OURS) == OURS
            continue
        with pytest.raises(ProvIgjen, match="UFORSTAAELIG_SVAR"):
            client.whose(OURS)
        assert client.whose("7") == "7"


@pytest.mark.parametrize(
    ("words", "kept"), [("fe\0il", "feil"), (7, None), (["feil"], None), ("\ud800", "?")]
)
def test_a_receipt_counts_though_its_words_cannot_be_kept(words: object, kept: str | None) -> None:
    [told], _ = mailboxes(status(1, description=words)).receipts(None, 10)
    assert (told.referanse, told.art, told.melding) == (OURS, "LEVERT", kept)
    [told], _ = altinn([happening(1, message=words)]).receipts(None, 10)
    assert (told.referanse, told.art, told.melding) == (OURS, "LEVERT", kept)


def test_a_moment_of_any_zone_can_be_kept() -> None:
    """PostgreSQL knows none that is sixteen hours away from UTC, or more."""
    [told], _ = mailboxes(status(1, lastUpdate="2027-01-11T12:00:00+23:00")).receipts(None, 10)
    assert told.tidspunkt.isoformat() == "2027-01-10T13:00:00+00:00"


@pytest.mark.parametrize("place", [None, True, "", "3\0", "\ud800", [3], {"nr": 3}, 1.5])
def test_a_receipt_that_does_not_say_where_it_is_counts_and_is_passed_with_the_next(place: object) -> None:
    told, cursor = mailboxes(status(1), status(place)).receipts(None, 10)
    assert (len(told), cursor) == (2, "1")
    assert mailboxes(status(place), status(4)).receipts("1", 10)[1] == "4"


def test_a_portion_that_nowhere_says_where_it_is_cannot_be_passed() -> None:
    for client in (mailboxes(status(None)), altinn([happening(None)]), mailboxes("LEVERT")):
        with pytest.raises(ProvIgjen, match="UFORSTAAELIG_SVAR"):
            client.receipts("1", 10)


ODD_IDS: list[object] = [None, True, "", "7\0", "\ud800", {}, []]


@pytest.mark.parametrize("odd", ODD_IDS)
def test_an_id_that_is_none_is_not_taken_for_one(odd: object) -> None:
    brev = Utgaende(OURS, "17912099997", "311990039", "t", "t", "l", "HOYESTE", None, None, None)
    for client in (dpi({"id": odd}), altinn({"correspondences": [{"correspondenceId": odd}], "ids": [odd]})):
        with pytest.raises(Uavklart, match="UFORSTAAELIG_SVAR"):
            client.send(brev)
        with pytest.raises(ProvIgjen, match="UFORSTAAELIG_SVAR"):
            client.lookup(OURS)


def document(referanse: str) -> dict[str, Any]:
    """What an integrasjonspunkt answers with: the document that it was sent."""
    return {"standardBusinessDocumentHeader": {"documentIdentification": {"instanceIdentifier": referanse}}}


def handed_over(answer: object, found: object) -> tuple[str | Uavklart, int]:
    """What handing a letter to a mailbox that answers so gives, and how often it was looked up: as `found`."""
    made, asked = DpiClient("http://127.0.0.1:1"), []

    class Told:
        unreadable = made._wire.unreadable

        def send(self, *_: object, **__: object) -> Answer:
            return Answer(200, answer)

        def find(self, path: str) -> object:
            asked.append(path)
            return found

    made._wire = Told()  # type: ignore[assignment]
    brev = Utgaende(OURS, "17912099997", "311990039", "t", "t", "l", "HOYESTE", None, None, None)
    try:
        return made.send(brev), len(asked)
    except Uavklart as doubt:
        return doubt, len(asked)


@pytest.mark.parametrize("referanse", [OURS, OURS.upper()])
def test_the_document_that_a_mailbox_sends_back_says_that_it_has_the_letter(referanse: str) -> None:
    assert handed_over(document(referanse), None) == (OURS, 0)
    assert handed_over({"id": 7}, None) == ("7", 0)


@pytest.mark.parametrize("answer", [{}, [], None, "OK", document(str(UUID(int=7))), document("7")])
def test_of_an_answer_that_does_not_say_so_the_mailbox_is_asked_at_once(answer: object) -> None:
    assert handed_over(answer, {"id": 7, "messageId": OURS}) == (OURS, 1)
    for found in (None, {"id": 7, "messageId": str(UUID(int=7))}):
        doubt, asked = handed_over(answer, found)
        assert isinstance(doubt, Uavklart)
        assert (doubt.kode, asked) == ("UFORSTAAELIG_SVAR", 1)


def test_an_id_may_be_a_number() -> None:
    assert dpi({"id": 7}).lookup(OURS) == "7"
    assert altinn({"ids": [UUID(OURS).hex]}).lookup(OURS) == UUID(OURS).hex

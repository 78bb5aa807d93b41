"""What letters and packages have in common when they are handed over."""

from __future__ import annotations

from enum import StrEnum

import pytest

from fiks.core.queue.delivery_attempts import status_after_lost_owner
from fiks.core.queue.retry_policy import MAX_LOST_OWNERS
from fiks.core.queue.unknown_outcomes import LookupProgress
from fiks.print.states import PAKKEOVERGANGER, Pakkestatus
from fiks.svarut.rules import LEVERINGSOVERGANGER, Leveringsstatus

ROOMS = pytest.mark.parametrize("statuses", [Leveringsstatus, Pakkestatus])


@ROOMS
@pytest.mark.parametrize(
    ("call_began", "lost", "left"),
    [
        (True, 1, "UAVKLART"),
        (True, MAX_LOST_OWNERS, "UAVKLART"),
        (False, 1, "KLAR"),
        (False, MAX_LOST_OWNERS - 1, "KLAR"),
        (False, MAX_LOST_OWNERS, "TIL_BEHANDLING"),
    ],
)
def test_a_claim_whose_owner_is_gone_is_sent_again_only_if_its_call_never_began(
    statuses: type[StrEnum], call_began: bool, lost: int, left: str
) -> None:
    assert status_after_lost_owner(statuses, call_began=call_began, lost=lost) is statuses(left)


@ROOMS
@pytest.mark.parametrize(
    ("used_up", "lost", "left"),
    [(False, 0, "KLAR"), (False, MAX_LOST_OWNERS, "TIL_BEHANDLING"), (True, 0, "TIL_BEHANDLING")],
)
def test_what_is_found_nowhere_is_ready_again_until_its_tries_are_used_up(
    statuses: type[StrEnum], used_up: bool, lost: int, left: str
) -> None:
    assert LookupProgress(ended=True, used_up=used_up, lost_owners=lost).after(statuses) is statuses(left)


def test_both_rooms_allow_what_follows_a_lost_owner_and_an_empty_search() -> None:
    for rules, room in ((LEVERINGSOVERGANGER, Leveringsstatus), (PAKKEOVERGANGER, Pakkestatus)):
        assert {room("UAVKLART"), room("KLAR"), room("TIL_BEHANDLING")} <= set(rules[room("SENDER")])
        assert {room("KLAR"), room("TIL_BEHANDLING")} <= set(rules[room("UAVKLART")])

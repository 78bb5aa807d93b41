"""The restricted lane, as it is told to who may not see it (SVARUT.SE_SPERRET); no machine may.

That a letter waits there says that its receiver's address is strictly protected. To others it waits to be handed over,
or is where it was ordered; how it ended is told to everybody.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from fiks.svarut.models import Hendelse

WAITS_THERE = "MA_BEHANDLES"
IN_RESTRICTED_LANE = frozenset(
    {WAITS_THERE, "TATT_FRA_UTSKRIFTSKO", "AVBESTILT_UAPNET", "TATT_FRA_TRYKKERIET"}
)
"""What happens only to a letter that waits in the restricted lane."""


def made_there(events: Collection[Hendelse]) -> set[UUID]:
    """The hand-overs that nobody claimed before they waited in the lane: they were made there, of a letter that had
    been ordered, and nothing of them is told outside."""
    claimed = {one.levering_id for one in events if one.kode == "KRAV"}
    waits = {one.levering_id for one in events if one.kode == WAITS_THERE}
    return {one for one in waits - claimed if one is not None}


def told_outside(events: Sequence[Hendelse]) -> list[Hendelse]:
    """Those of a letter's events, oldest first, that are told outside the lane.

    Not the claim that ended there either: of any other something comes within minutes.
    """
    made, hidden, claims = made_there(events), set[int](), dict[UUID | None, int]()
    for one in events:
        if one.kode in IN_RESTRICTED_LANE or one.levering_id in made:
            hidden |= {one.lopenr, claims.get(one.levering_id, one.lopenr)}
        elif one.kode == "KRAV":
            claims[one.levering_id] = one.lopenr
    return [one for one in events if one.lopenr not in hidden]

"""Double submit of a typed receiver: a button pressed twice, or a page the user went back to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fiks.utsending.liste.findings import Rad
from fiks.utsending.liste.rules.controlled_row import control_row_alone


def is_double_submit(
    written: Mapping[str, str], present: Iterable[Rad], vist: str | None, now: Mapping[int, str]
) -> bool:
    """Whether a row that the page did not show already holds what is `written`. Pure.

    `vist`: the row versions the page showed; `now`: the present ones (`row_versions`). When `vist` is None no
    page was shown, and every receiver is new.
    """
    if vist is None:
        return False
    seen = frozenset(vist.split())
    return any(now.get(row.rad) not in seen and is_same_receiver(row, written) for row in present)


def is_same_receiver(row: Rad, written: Mapping[str, str]) -> bool:
    """Whether the row is what control would make of `written`. Pure. Both are compared in controlled form."""
    return _controlled(row.verdier) == _controlled(written)


def _controlled(values: Mapping[str, str]) -> dict[str, str]:
    made = control_row_alone(Rad(1, 1, dict(values))).verdier
    return {name: value for name, value in made.items() if value}

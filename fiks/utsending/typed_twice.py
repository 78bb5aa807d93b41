"""A typed receiver whose form is sent twice: by a button pressed twice, or from the page one has gone back to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fiks.utsending.liste.findings import Rad
from fiks.utsending.liste.row import controlled_alone


def sent_before(
    written: Mapping[str, str], present: Iterable[Rad], vist: str | None, now: Mapping[int, str]
) -> bool:
    """Whether what is `written` stands in a row that its page did not show: then the form has been sent before. Pure.

    `vist` tells the rows that the page showed and `now` those there are, each as `shown_rows` does. `vist` is None for
    who was shown no page; then each is another receiver.
    """
    if vist is None:
        return False
    seen = frozenset(vist.split())
    return any(now.get(row.rad) not in seen and is_same(row, written) for row in present)


def is_same(row: Rad, written: Mapping[str, str]) -> bool:
    """Whether a row is what would be made of this. Pure. A row is kept as its control spelled it, so both are."""
    return _controlled(row.verdier) == _controlled(written)


def _controlled(values: Mapping[str, str]) -> dict[str, str]:
    made = controlled_alone(Rad(1, 1, dict(values))).verdier
    return {name: value for name, value in made.items() if value}

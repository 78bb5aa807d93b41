"""What statuses and channels are called, and the colour of their tag. The text alone must say it all."""

from __future__ import annotations

from typing import NamedTuple


class Status(NamedTuple):
    """A label and one of the design system's colours."""

    tekst: str
    farge: str


STATUSER: dict[str, Status] = {}

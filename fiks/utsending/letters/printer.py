"""Protocol of the renderer that draws letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from fiks.core.errors import FiksError
from fiks.utsending.brev import Brevkontekst, Brevmal, Trykk


class Trykker(Protocol):
    """Draws letters: `brev.Brevtrykker`."""

    def letter(self, mal: Brevmal, row: Mapping[str, str], kontekst: Brevkontekst) -> bytes: ...

    def letters(
        self, mal: Brevmal, rows: Sequence[Mapping[str, str]], kontekst: Brevkontekst
    ) -> list[Trykk | FiksError]: ...

    def looks_alike(
        self, mal: Brevmal, row: Mapping[str, str], kontekst: Brevkontekst, pdf: bytes
    ) -> bool: ...

    def test_letter(self, mal: Brevmal, row: Mapping[str, str], kontekst: Brevkontekst) -> bytes: ...

    def count_pages(self, pdf: bytes) -> int: ...

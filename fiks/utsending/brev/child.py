"""Draws letters and opens logos in child processes; the rest of the house calls this module."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fiks.core.errors import FiksError
from fiks.core.isolate import Barnestue, BarnFeil, Grenser, run_isolated
from fiks.core.isolate_wire import error_from_wire
from fiks.utsending.brev.context import Brevkontekst, Brevmal, Logo, Trykk, context_to_wire, template_to_wire
from fiks.utsending.brev.weasyprint_version import can_stamp

_HERE = "fiks.utsending.brev"
RENDER_LIMITS = Grenser(memory_mb=1_536, cpu_seconds=60, wall_seconds=90.0)
CALLS_PER_CHILD, LAID_OUT_PER_CHILD = 10_000, 1_000
CALL_SECONDS = 5.0
AFTER_A_DEATH = 50
"""Letters drawn one by one after a child died, to find the letter that killed it."""


class Brevtrykker:
    """Draws letters in a long-lived child. Make one per worker process, at first use; threads share it and
    queue.

    `fonts`: folder with Inter and InterExt (woff2). `letter` raises MalFeil, BrevFeil, RenderFeil, BarnFeil.
    Every method may raise Utilgjengelig (SkriftMangler, BarnUtilgjengelig): a fault of this machine, not of a
    letter.
    """

    def __init__(self, fonts: Path, grenser: Grenser = RENDER_LIMITS) -> None:
        self.fonts = str(fonts.resolve())
        self.room = Barnestue(grenser, CALLS_PER_CHILD)
        self.laid_out = 0
        self._counting = threading.Lock()
        can_stamp()

    def letter(self, mal: Brevmal, row: Mapping[str, str], kontekst: Brevkontekst) -> bytes:
        """Return the letter as tagged PDF/A-3a; the same bytes for the same input, in any process."""
        done = self._one(mal, row, kontekst)
        if isinstance(done, FiksError):
            raise done
        return done.pdf

    def letters(
        self, mal: Brevmal, rows: Sequence[Mapping[str, str]], kontekst: Brevkontekst
    ) -> list[Trykk | FiksError]:
        """Return the letter of each row, or the error for that row. A row that kills the child fails alone."""
        out: dict[int, Trykk | FiksError] = {}
        while rest := [n for n in range(len(rows)) if n not in out]:
            try:
                done = self._batch(mal, [rows[n] for n in rest], kontekst)
                out.update((n, one) for n, one in zip(rest, done, strict=True) if one is not None)
            except BarnFeil:
                out.update((n, self._alone(mal, rows[n], kontekst)) for n in rest[:AFTER_A_DEATH])
        return [out[n] for n in range(len(rows))]

    def looks_alike(self, mal: Brevmal, row: Mapping[str, str], kontekst: Brevkontekst, pdf: bytes) -> bool:
        """Return whether a stamped letter looks and reads like WeasyPrint's own layout of the row."""
        self._count(1)
        args = (template_to_wire(mal), dict(row), context_to_wire(kontekst), self.fonts, pdf)
        return bool(self.room.call(f"{_HERE}.stamping.press:check_wire", *args))

    def test_letter(self, mal: Brevmal, row: Mapping[str, str], kontekst: Brevkontekst) -> bytes:
        """Return the letter marked PRØVEBREV on every page."""
        self._count(1)
        args = (template_to_wire(mal), dict(row), context_to_wire(kontekst), self.fonts)
        pdf: bytes = self.room.call(f"{_HERE}.drawing.render:test_letter_wire", *args)
        return pdf

    def count_pages(self, pdf: bytes) -> int:
        """Count the pages of a letter drawn here, in the same child. Never use it on an uploaded file."""
        return int(self.room.call("fiks.pdf.page_images:count_pages", pdf))

    def warm(self) -> None:
        """Start the child and load its fonts."""
        self.room.call(f"{_HERE}.drawing.render:warm_wire", self.fonts)

    def close(self) -> None:
        """End the child."""
        self.room.close()

    def _batch(
        self, mal: Brevmal, rows: Sequence[Mapping[str, str]], kontekst: Brevkontekst
    ) -> list[Trykk | FiksError | None]:
        """Draw as many letters as one call has time for, at least one; None for the rest."""
        args = (template_to_wire(mal), json.dumps([dict(row) for row in rows]), context_to_wire(kontekst))
        told = self.room.call(f"{_HERE}.stamping.press:letters_wire", *args, self.fonts, CALL_SECONDS)
        done = [_letter_from_wire(one, told["hoder"]) for one in told["brev"]]
        self._count(sum(isinstance(one, FiksError) or one.ny or not one.stemplet for one in done if one))
        return done

    def _one(self, mal: Brevmal, row: Mapping[str, str], kontekst: Brevkontekst) -> Trykk | FiksError:
        [done] = self._batch(mal, [row], kontekst)
        assert done is not None, "one letter was asked for"
        return done

    def _alone(self, mal: Brevmal, row: Mapping[str, str], kontekst: Brevkontekst) -> Trykk | FiksError:
        try:
            return self._one(mal, row, kontekst)
        except BarnFeil as error:
            return error

    def _count(self, laid_out: int) -> None:
        """Replace the child after a thousand layouts: Pango leaks a little memory per layout."""
        with self._counting:
            self.laid_out += laid_out
            if self.laid_out < LAID_OUT_PER_CHILD:
                return
            self.laid_out = 0
        self.room.close()


def _letter_from_wire(one: Any, heads: Sequence[bytes]) -> Trykk | FiksError | None:
    """Return the letter or error of one wire value; None if it was not drawn."""
    if one is None:
        return None
    if isinstance(one, dict):
        return error_from_wire(one, BarnFeil)
    head, resten, sider, stemplet, ny, avvik = one
    return Trykk(resten, sider, stemplet, ny, avvik, heads[head])


def prepare_logo(data: bytes) -> Logo:
    """Decode an uploaded PNG or JPEG and encode it anew, in a child of its own (`logo.prepare_logo`)."""
    png, mediatype = run_isolated(f"{_HERE}.logo:prepare_logo_wire", data)
    return Logo(png, mediatype)

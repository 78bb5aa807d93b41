"""The press of a drawing child: stamps letters that fit a plan; WeasyPrint lays out the others.

Whether a letter is stamped depends on the letter alone, never on what was drawn before, so every process
gives the same bytes. Therefore a plan is made for the first letter that needs it, not for the second.
"""

from __future__ import annotations

import gc
import json
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any

from fiks.core.errors import FiksError, Utilgjengelig
from fiks.core.processes.machine_faults import is_machine_fault
from fiks.utsending.brev.context import Brevkontekst, Brevmal, Trykk, context_from_wire, template_from_wire
from fiks.utsending.brev.drawing.render import VARIANT, Asset, Engine, assets_of, engine, make_pdf_ua, render
from fiks.utsending.brev.errors import CannotStamp, RenderFeil
from fiks.utsending.brev.language.fill import Utfylt, filler
from fiks.utsending.brev.language.letterhead import footer
from fiks.utsending.brev.stamping.comparison import same_letter
from fiks.utsending.brev.stamping.layout import LaidOutLetter
from fiks.utsending.brev.stamping.line_cache import Signature
from fiks.utsending.brev.stamping.plan import Plan, Shape, compare_lines, tier_of
from fiks.utsending.brev.stamping.shaping import PlanMiss
from fiks.utsending.brev.stamping.weasyprint_fonts import Faces
from fiks.utsending.brev.stamping.weasyprint_layout import lay_out, line_break_positions
from fiks.utsending.brev.weasyprint_version import can_stamp

log = logging.getLogger(__name__)

MAX_SHAPES, MAX_PLANS = 150, 300


class LineBreakMismatch(Exception):
    """WeasyPrint broke a line differently from us, so other letters of the template may be wrong too."""


@dataclass(frozen=True, slots=True)
class Ark:
    """Layout input of a letter: its text, footer, assets and language."""

    letter: Utfylt
    foot: str
    assets: Mapping[str, Asset]
    language: str


class Press:
    """Cache of shapes and plans of one engine, newest kept. Not thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.faces = Faces()
        self.shapes: OrderedDict[Signature, Shape | None] = OrderedDict()
        self.plans: OrderedDict[Signature, Plan] = OrderedDict()
        self.compiled = 0

    def letter(self, mal: Brevmal, row: Mapping[str, str], kontekst: Brevkontekst) -> Trykk:
        """Return the letter, pixel for pixel as `render.render` draws it; stamped if the template may be.
        Raises the same errors.
        """
        return self.printed(_sheet_maker(mal, kontekst)(row), hurtig=mal.hurtig)

    def printed(self, sheet: Ark, *, hurtig: bool) -> Trykk:
        """Return the letter of a sheet: stamped if possible, else laid out."""
        different = False
        if hurtig and can_stamp():
            try:
                return self._stamped(sheet)
            except LineBreakMismatch:
                different = True
            except (PlanMiss, CannotStamp, RenderFeil):
                log.debug("letter_not_stamped", exc_info=True)
            except FiksError:
                raise
            except Exception as error:
                if is_machine_fault(error):  # a letter must not become another one for want of room
                    raise
                # What our copy of WeasyPrint's ways stumbles over, WeasyPrint itself can draw.
                log.exception("letter_could_not_be_stamped")
        pdf, pages = self.engine.draw(sheet.letter.html(), sheet.foot, sheet.assets)
        return Trykk(pdf, pages, stemplet=False, avvik=different)

    def _stamped(self, sheet: Ark) -> Trykk:
        letter = sheet.letter
        tier = tier_of(letter.values)
        key: Signature = (sheet.foot, tier, letter.fixed)
        laid = None
        if key not in self.shapes:
            laid = self._lay_out(sheet, tier, key)
        shape = self.shapes[key]
        if shape is None:
            raise CannotStamp("shape")
        self.shapes.move_to_end(key)
        drawn = shape.drawn(letter.values)
        plan_key = shape.plan_key(drawn)
        plan = self.plans.get((*key, plan_key)) if plan_key else None
        if plan is None:
            laid = laid or self._lay_out(sheet, tier, key)
            if not shape.fits(laid):
                raise PlanMiss("shape")
            if compare_lines(laid, shape, letter.values).different:
                raise LineBreakMismatch("lines")
            shape.note(drawn, laid)
            plan = self.plans[*key, shape.plan_key(drawn)] = Plan(laid)
            _drop_oldest(self.plans, MAX_PLANS)
        else:
            self.plans.move_to_end((*key, plan_key))
        return Trykk(
            plan.stamp(drawn), plan.pages, stemplet=True, ny=laid is not None, hode=plan.skeleton.head
        )

    def _lay_out(self, sheet: Ark, tier: int, key: Signature) -> LaidOutLetter:
        """Lay the letter out with holes and cache its shape if new; None is cached for one that cannot be
        stamped.
        """
        laying = partial(self.engine.laid_out, sheet.letter.numbered(), sheet.foot, sheet.assets)
        self.compiled += 1
        try:
            laid = lay_out(laying, make_pdf_ua, VARIANT, tier, self.faces, len(sheet.letter.values))
        except (CannotStamp, RenderFeil) as error:
            if isinstance(error, CannotStamp) or error.kode == "TEGN_UTEN_SKRIFT":
                self.shapes[key] = None
            raise
        if key not in self.shapes:
            self.shapes[key] = Shape(laid, partial(line_break_positions, language=sheet.language))
            _drop_oldest(self.shapes, MAX_SHAPES)
        return laid


def _sheet_maker(mal: Brevmal, kontekst: Brevkontekst) -> Callable[[Mapping[str, str]], Ark]:
    """Return the function that makes a mailing's sheets from rows."""
    filling, foot, assets = filler(mal, kontekst), footer(kontekst), assets_of(kontekst)

    def sheet(row: Mapping[str, str]) -> Ark:
        malform, _ = mal.source(row.get("malform", "").strip().lower())
        return Ark(filling.fill(row), foot, assets, malform)

    return sheet


def _drop_oldest(kept: OrderedDict[Signature, Any], most: int) -> None:
    while len(kept) > most:
        kept.popitem(last=False)


_presses: dict[int, Press] = {}


def press(fonts: Path) -> Press:
    """Return this process's press for a font folder."""
    drawing = engine(fonts)
    if id(drawing) not in _presses:
        _presses.clear()
        _presses[id(drawing)] = Press(drawing)
    return _presses[id(drawing)]


def letters_wire(
    mal: list[Any], rows: str, kontekst: dict[str, Any], fonts: str, seconds: float
) -> dict[str, Any]:
    """Entry point in the child: draw the letters of these rows (JSON list).

    Returns `hoder`: distinct first parts of the files; `brev`: per row [index in hoder, rest, pages, stamped,
    new plan, line break differs], an error as a dict, or None when time ran out. At least one letter is
    drawn; the caller asks again for the rest after `seconds`. Letters of one form are drawn in a row, so that
    their plan stays in the CPU cache.
    """
    template, context, printer = template_from_wire(mal), context_from_wire(kontekst), press(Path(fonts))
    end = time.monotonic() + seconds
    given, sheet_of = json.loads(rows), _sheet_maker(template, context)
    out: list[Any] = [None] * len(given)
    heads: dict[bytes, int] = {}
    sheets: list[tuple[str, int, Ark]] = []
    for n, row in enumerate(given):
        try:
            sheet = sheet_of(row)
            sheets.append((sheet.letter.fixed, n, sheet))
        except FiksError as error:
            out[n] = _error_to_wire(error)
    sheets.sort(key=itemgetter(0, 1))
    with _manual_gc() as collect:
        for _, n, sheet in sheets:
            try:
                done = printer.printed(sheet, hurtig=template.hurtig)
                head = heads.setdefault(done.hode, len(heads))
                out[n] = [head, done.resten, done.sider, done.stemplet, done.ny, done.avvik]
            except Utilgjengelig:
                raise
            except FiksError as error:
                out[n] = _error_to_wire(error)
            if not isinstance(out[n], list) or done.ny or not done.stemplet:
                collect()
            if time.monotonic() >= end:
                break
    return {"hoder": list(heads), "brev": out}


def _error_to_wire(error: FiksError) -> dict[str, Any]:
    return {"feil": type(error).__name__, **error.to_wire()}


@contextmanager
def _manual_gc() -> Iterator[Callable[[], None]]:
    """Switch the garbage collector off; yield a function that collects and freezes.

    Layout leaves reference cycles, stamping none. Freezing keeps the collector from scanning cached plans
    each time.
    """

    def collect() -> None:
        gc.collect()
        gc.freeze()

    gc.disable()
    try:
        yield collect
    finally:
        gc.enable()


def check_wire(mal: list[Any], row: dict[str, str], kontekst: dict[str, Any], fonts: str, pdf: bytes) -> bool:
    """Entry point in the child: return whether this PDF looks and reads like its own layout by WeasyPrint."""
    with _manual_gc() as collect:
        plain = render(template_from_wire(mal), row, context_from_wire(kontekst), fonts=Path(fonts))
        collect()
    return same_letter(pdf, plain)

"""The form of a big PDF's set-up: way of cutting, and areas in mm with decimal comma."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from fiks.core.errors import UgyldigInndata
from fiks.utsending.filer.rules import Giroside, Girovalg
from fiks.utsending.samlet.analysis.setup import Feltnavn, Kuttmate, Omrade, Oppsett
from portal.texts import error_text, tekst
from portal.ui.form_values import field_text

NUMBERS = ("side", "x", "y", "bredde", "hoyde")
MOST = 8
Tall = dict[str, str]


def format_mm(value: float) -> str:
    """Millimetres as text: 19.0 as «19»."""
    return f"{value:.1f}".rstrip("0").rstrip(".").replace(".", ",")


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < MOST else None


def _mm(text: str) -> float | None:
    plain = text.replace(",", ".")
    digits = plain.replace(".", "", 1)
    return float(plain) if digits.isascii() and digits.isdigit() and len(digits) < MOST else None


@dataclass(slots=True)
class Oppsettskjema:
    """The set-up as it stands on the page. `felt`: each area's numbers as text, all empty for an area not
    drawn.
    """

    kutt: str = Kuttmate.SIDER
    sider: str = ""
    tekst: str = ""
    giroside: str = Giroside.INGEN
    nummer: str = ""
    felt: dict[str, Tall] = field(default_factory=dict)
    feil: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Oppsettskjema:
        """The form as posted."""
        typed = partial(field_text, form)

        return cls(
            kutt=typed("kutt"),
            sider=typed("sider"),
            tekst=typed("tekst"),
            giroside=typed("giroside"),
            nummer=typed("nummer"),
            felt={name: {n: typed(f"{name}-{n}") for n in NUMBERS} for name in Feltnavn},
        )

    @classmethod
    def from_oppsett(cls, oppsett: Oppsett | None) -> Oppsettskjema:
        """The form with a saved, remembered or suggested set-up; empty without one."""
        made = cls(felt={name: dict.fromkeys(NUMBERS, "") for name in Feltnavn})
        if oppsett is None:
            return made
        made.kutt, made.tekst = oppsett.kutt, oppsett.tekst
        made.sider = str(oppsett.sider or "")
        made.giroside, made.nummer = oppsett.giro.side, str(oppsett.giro.nummer or "")
        for o in oppsett.omrader:
            box = {
                "x": format_mm(o.x),
                "y": format_mm(o.y),
                "bredde": format_mm(o.bredde),
                "hoyde": format_mm(o.hoyde),
            }
            made.felt[o.felt] = {"side": str(o.side), **box}
        return made

    def oppsett(self) -> Oppsett | None:
        """The set-up, or None with `feil` filled in, by the field's id."""
        if self.kutt not in set(Kuttmate):
            self.feil["kutt"] = tekst("VALG_UGYLDIG")
        if self.giroside not in set(Giroside):
            self.feil["giroside"] = tekst("VALG_UGYLDIG")
        areas = [area for name in Feltnavn if (area := self._area(name)) is not None]
        if self.feil:
            return None
        giro = Giroside(self.giroside)
        number = _whole(self.nummer) or 0 if giro is Giroside.NUMMER else 0
        made = Oppsett(
            Kuttmate(self.kutt), _whole(self.sider), self.tekst, tuple(areas), Girovalg(giro, number)
        )
        for error in made.faults().values():
            self.add(error)
        return None if self.feil else made

    def add(self, error: UgyldigInndata) -> None:
        """Show an error of the domain at its field."""
        self.feil.setdefault(_field_id(error.felt or "kutt"), error_text(error))

    def area_of(self, name: str) -> Omrade | None:
        """The area if it can be drawn; None when missing or incomplete."""
        numbers = self.felt.get(name, {})
        side, box = _whole(numbers.get("side", "")), [_mm(numbers.get(n, "")) for n in NUMBERS[1:]]
        if side is None or any(value is None for value in box):
            return None
        return Omrade(Feltnavn(name), side, *(value or 0.0 for value in box))

    def _area(self, name: Feltnavn) -> Omrade | None:
        numbers = self.felt[name]
        if not any(numbers[n] for n in NUMBERS[1:]):
            return None
        numbers["side"] = numbers["side"] or "1"
        found = self.area_of(name)
        if found is None:
            self.feil[_field_id(name)] = tekst("OMRADE_TALL")
        return found


def _field_id(felt: str) -> str:
    """The input a refusal is about: an area's first number, a choice's first input, or the field itself."""
    if felt in set(Feltnavn):
        return f"{felt}-x"
    return {"giro": "nummer", "omrader": "navn-x"}.get(felt, felt)

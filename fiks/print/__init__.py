"""Print: the wire to the print house, and what a paper letter is, weighs and costs."""

from fiks.print.handover.client import PrintClient
from fiks.print.prices import EKSEMPELPRISER, Overslag, Portotrinn, Prisliste, estimate
from fiks.print.rules import (
    Konvolutt,
    Konvoluttgrenser,
    Kvitteringsart,
    Papirvekt,
    Printkvittering,
    Printordre,
    Sideplan,
    page_plan,
    sheets,
)

__all__ = [
    "EKSEMPELPRISER",
    "Konvolutt",
    "Konvoluttgrenser",
    "Kvitteringsart",
    "Overslag",
    "Papirvekt",
    "Portotrinn",
    "PrintClient",
    "Printkvittering",
    "Printordre",
    "Prisliste",
    "Sideplan",
    "estimate",
    "page_plan",
    "sheets",
]

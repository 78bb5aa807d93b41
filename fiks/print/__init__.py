"""Print: the wire to the print house, and what a paper letter is, weighs and costs."""

from fiks.print.client import PrintClient
from fiks.print.rules import (
    EKSEMPELPRISER,
    Konvolutt,
    Konvoluttgrenser,
    Kvitteringsart,
    Overslag,
    Papirvekt,
    Portotrinn,
    Printkvittering,
    Printordre,
    Prisliste,
    Sideplan,
    empty_for_giro,
    estimate,
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
    "empty_for_giro",
    "estimate",
    "page_plan",
    "sheets",
]

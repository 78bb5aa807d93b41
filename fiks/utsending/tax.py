"""What an empty cell of a tax list counts as: for the letter that reckons with it, and for the list's control."""

from __future__ import annotations

from collections.abc import Sequence

NOTHING = "0"
NO_REDUCTION = "1"
TERMS = ("terminer", "belop_termin", "belop_siste_termin", "skatt_aar")
TAX = ("takst", "bunnfradrag", "reduksjonsfaktor", "skattesats_promille", "skatt_aar")


def last_amount(own: str) -> str:
    """The column with the last term's amount: its own, or that of all terms where its own cell is empty."""
    return "belop_siste_termin" if own else "belop_termin"


def terms_reckoned(cells: Sequence[str]) -> tuple[str, ...]:
    """The cells of TERMS, each empty one as what it counts as."""
    terminer, each, own, year = cells
    last = {"belop_termin": each, "belop_siste_termin": own}[last_amount(own)]
    return terminer or NOTHING, each or NOTHING, last or NOTHING, year or NOTHING


def tax_reckoned(cells: Sequence[str]) -> tuple[str, ...]:
    """The cells of TAX, each empty one as what it counts as; there is no tax to reckon without the other three."""
    takst, deduction, factor, rate, tax = cells
    return takst, deduction or NOTHING, factor or NO_REDUCTION, rate, tax

"""What empty cells of a tax list count as, both in the letter's sums and in the list's control."""

from __future__ import annotations

from collections.abc import Sequence

NOTHING = "0"
NO_REDUCTION = "1"
TERMS = ("terminer", "belop_termin", "belop_siste_termin", "skatt_aar")
TAX = ("takst", "bunnfradrag", "reduksjonsfaktor", "skattesats_promille", "skatt_aar")


def last_amount_column(own: str) -> str:
    """Name of the column with the last term's amount: its own, else that of all terms."""
    return "belop_siste_termin" if own else "belop_termin"


def terms_with_defaults(cells: Sequence[str]) -> tuple[str, ...]:
    """The cells of TERMS with empty ones replaced by what they count as."""
    terminer, each, own, year = cells
    last = {"belop_termin": each, "belop_siste_termin": own}[last_amount_column(own)]
    return terminer or NOTHING, each or NOTHING, last or NOTHING, year or NOTHING


def tax_with_defaults(cells: Sequence[str]) -> tuple[str, ...]:
    """The cells of TAX with empty ones replaced; takst, promille and tax have no default."""
    takst, deduction, factor, rate, tax = cells
    return takst, deduction or NOTHING, factor or NO_REDUCTION, rate, tax

"""Cutting one big PDF: the text in areas of its pages, and each letter as a PDF of its own with its pages
unchanged.
"""

from fiks.pdf.cut.large_file import Brevsider, Filfakta, Storfil, Utklipp
from fiks.pdf.cut.text_areas import WHOLE_PAGE, Felt, Felttekst, Linje, Sidetekst, Tegn, read_area, text_lines

__all__ = [
    "WHOLE_PAGE",
    "Brevsider",
    "Felt",
    "Felttekst",
    "Filfakta",
    "Linje",
    "Sidetekst",
    "Storfil",
    "Tegn",
    "Utklipp",
    "read_area",
    "text_lines",
]

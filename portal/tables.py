"""The cells of a table, told what column they are in: on a small screen a row is a card whose cells say their names.

The roles are written out because a browser that is asked to draw a table as blocks may forget that it is a table.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask import Flask
from markupsafe import Markup, escape

TAG = re.compile(r"<(tr|td|th)\b")
Kolonne = str | tuple[str, str]


def kolonnenavn(kolonne: Kolonne) -> str:
    """The column's heading; a column may be (heading, class)."""
    return kolonne if isinstance(kolonne, str) else kolonne[0]


def merk_celler(rader: Markup, kolonner: Sequence[Kolonne]) -> Markup:
    """The rows of a table's body with role and column name on each cell.

    Values are escaped, so a tag is a tag. ValueError when a row has not one cell for each column.
    """
    place = len(kolonner)

    def mark(found: re.Match[str]) -> str:
        nonlocal place
        tag = found.group(1)
        if tag == "tr":
            _check(place, kolonner)
            place = 0
            return '<tr role="row"'
        if place == len(kolonner):
            raise ValueError("a row with more cells than the table has columns")
        name = escape(kolonnenavn(kolonner[place]))
        place += 1
        role = "rowheader" if tag == "th" else "cell"
        return f'<{tag} role="{role}" data-kolonne="{name}"'

    marked = TAG.sub(mark, str(rader))
    _check(place, kolonner)
    return Markup(marked)


def _check(place: int, kolonner: Sequence[Kolonne]) -> None:
    if place != len(kolonner):
        raise ValueError("a row with fewer cells than the table has columns")


def init_app(app: Flask) -> None:
    """Make it a template filter."""
    app.jinja_env.filters["merk_celler"] = merk_celler

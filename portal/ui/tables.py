"""Table cells marked with their column's name: on a small screen each row becomes a card with named values.

Roles are written out because a browser that draws a table as blocks may no longer treat it as a table.
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
    """Add role and column name to each cell of a table's body.

    Values are escaped, so every tag is the template's own. ValueError when a row's cells do not match the
    columns.
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

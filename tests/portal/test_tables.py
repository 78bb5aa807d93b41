"""Tables: every cell knows its column, so that a row can be read as a card, and stays a cell to a screen reader."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import render_template_string
from markupsafe import Markup

import portal
from portal.ui.tables import merk_celler
from tests.portal.apps import make_app

TEMPLATES = Path(portal.__file__).parent / "templates"
TABLE = (
    '{% from "komponenter/tabell.html" import tabell %}'
    '{% call tabell("Brev", kolonner) %}{% for a, b, c in rader %}'
    '<tr><th scope="row">{{ a }}</th><td class="num">{{ b }}</td><td>{{ c }}</td></tr>{% endfor %}{% endcall %}'
)
COLUMNS = ["Navn", ("Antall", "num"), 'Med "tegn"']


def shown(*rader: tuple[str, str, str]) -> str:
    with make_app().test_request_context():
        return render_template_string(TABLE, kolonner=COLUMNS, rader=rader)


def test_every_cell_carries_the_name_of_its_column() -> None:
    html = shown(("Kari", "1", "a"), ("Ola", "2", "b"))
    names = re.findall(r'data-kolonne="([^"]+)"', html)
    assert names == ["Navn", "Antall", "Med &#34;tegn&#34;"] * 2


def test_a_table_drawn_as_cards_is_still_a_table() -> None:
    html = shown(("Kari", "1", "a"))
    assert re.findall(r'role="(\w+)"', html) == [
        "region",
        "table",
        *("rowgroup", "row", *["columnheader"] * 3),
        *("rowgroup", "row", "rowheader", "cell", "cell"),
    ]
    assert 'class="ds-table kort"' in html


def test_a_value_that_looks_like_a_cell_is_not_taken_for_one() -> None:
    html = shown(("<td>", "<tr>", "c"))
    assert html.count("data-kolonne") == 3
    assert "&lt;td&gt;" in html


@pytest.mark.parametrize("row", ["<tr><td>a</td></tr>", "<tr><td>a</td><td>b</td><td>c</td></tr>"])
def test_a_row_without_one_cell_for_each_column_is_a_fault(row: str) -> None:
    with pytest.raises(ValueError, match="cells than the table has columns"):
        merk_celler(Markup(row), ["En", "To"])


def test_a_table_without_rows_is_no_fault() -> None:
    assert merk_celler(Markup(""), ["En", "To"]) == ""


def test_every_table_is_made_by_the_one_component() -> None:
    """But for the chart's own numbers, three narrow columns, and the matrix, whose rows stand in groups."""
    own = sorted(
        p.relative_to(TEMPLATES) for p in TEMPLATES.rglob("*.html") if "<table" in p.read_text("utf-8")
    )
    assert [str(path) for path in own] == [
        "komponenter/soylediagram.html",
        "komponenter/tabell.html",
        "tilganger/rutenett.html",
    ]

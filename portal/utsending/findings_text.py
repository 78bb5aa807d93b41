"""Findings as sentences: in rows, in rows read from letters, and in PDFs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fiks.utsending.liste.findings import Funn
from fiks.utsending.rows.queries import Radfunn
from portal.texts import tekst
from portal.texts.utsending.samlet import IN_LETTERS
from portal.utsending.wizard import (
    value_name,
)


def letter_text(kode: str, felt: str) -> str:
    """What is wrong with the letter, and what to do. `felt`: the name the person knows."""
    return IN_LETTERS.get(kode) or tekst(kode, felt=felt)


def explain_finding(funn: Radfunn | Funn) -> str:
    """A finding as a sentence: what is wrong and what to do, with the column names the person knows."""
    text = tekst(funn.kode, felt=value_name(funn.felt))
    return f"{text} Det gjelder rad {funn.dublett_av}." if funn.dublett_av else text


def explain_letter_finding(funn: Radfunn | Funn) -> str:
    """As `explain_finding`, for a row read from a letter of a big PDF, which has no list to correct."""
    text = letter_text(funn.kode, value_name(funn.felt))
    return f"{text} Det gjelder brev {funn.dublett_av}." if funn.dublett_av else text


EDGES = {"venstre": "venstre kant", "hoyre": "høyre kant", "topp": "toppen", "bunn": "bunnen"}


Merknad = tuple[int | None, str, str, list[str]]
"""A finding in a PDF: (first page, severity, sentence, places in mm)."""


def finding_remarks(funn: Iterable[dict[str, Any]]) -> list[Merknad]:
    """Findings of a PDF as page texts."""
    return [
        (
            finding["sider"][0] if finding["sider"] else None,
            finding["alvorlighet"],
            tekst(finding["kode"]),
            [_place(area) for area in finding["omrader"]] or _pages(finding["sider"]),
        )
        for finding in funn
    ]


def _place(area: list[float | str]) -> str:
    side, x, y, width, height, edge, gap = area
    where = EDGES.get(str(edge), str(edge))
    size = f"{_mm(float(width))} × {_mm(float(height))} mm"
    return (
        f"Side {side}: noe som er {size}, står {_mm(float(gap))} mm fra {where} "
        f"({_mm(float(x))} mm fra venstre, {_mm(float(y))} mm fra toppen)."
    )


def _mm(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


def _pages(sider: list[int] | None) -> list[str]:
    if not sider:
        return []
    shown = ", ".join(str(side) for side in sider[:30])
    return [f"Side {shown}{' og flere' if len(sider) > 30 else ''}."]

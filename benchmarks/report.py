"""What a benchmark found: as a Markdown table for people and as JSON for whatever compares runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure. `limit` is the largest (or, for `at_least`, smallest) value that is good enough."""

    what: str
    value: float
    unit: str
    limit: float | None = None
    at_least: bool = False

    @property
    def good(self) -> bool:
        """Whether the figure keeps its limit; one without a limit always does."""
        if self.limit is None:
            return True
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    @property
    def verdict(self) -> str:
        """How the figure stands to its limit, in a word; empty without one."""
        if self.limit is None:
            return ""
        return "ok" if self.good else "**not kept**"


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one benchmark."""

    name: str
    figures: Sequence[Figure]

    @property
    def good(self) -> bool:
        """Whether every figure keeps its limit."""
        return all(figure.good for figure in self.figures)

    def markdown(self) -> str:
        """The report as a table."""
        lines = [f"### {self.name}", "", "| figure | value | limit | |", "|---|---:|---:|---|"]
        for f in self.figures:
            sign = "≥" if f.at_least else "≤"
            limit = "" if f.limit is None else f"{sign} {shown(f.limit)}"
            lines.append(f"| {f.what} | {shown(f.value)} {f.unit} | {limit} | {f.verdict} |")
        return "\n".join(lines)


def shown(value: float) -> str:
    """A number as the tables write it: three figures that matter, thousands apart."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.3g}"


def as_json(reports: Sequence[Report]) -> str:
    """All reports as one JSON object: {name: {figure: {value, unit, limit, good}}}."""
    content = {
        report.name: {
            f.what: {"value": round(f.value, 4), "unit": f.unit, "limit": f.limit, "good": f.good}
            for f in report.figures
        }
        for report in reports
    }
    return json.dumps(content, ensure_ascii=False, indent=1)

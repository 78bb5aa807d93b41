"""Alert rules and dashboard name metrics, labels and values that exist; alarms have pages, and the pages have rules.

promtool is no Python package. What it would find in these files, and what only we can know, is looked for here.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

import wsgi
from config.broker import LANES
from fiks.drift.rules import PROSESSER
from portal.http import request_log
from tests.architecture.test_alarms import ALARMS, BOOK, PAGES, PRODUCT
from tests.architecture.test_procfile import COMMANDS
from tests.architecture.tree import ROOT
from workers import rule_checks
from workers.planned import JOBS

RULES = BOOK / "varsler.yml"
DASHBOARD = BOOK / "grafana" / "drift.json"
KINDS = frozenset({"Counter", "Gauge", "Histogram"})
HARMLESS = frozenset(
    {
        *("art", "bane", "del", "fil", "jobb", "kanal", "kilde", "kontroll", "leverandor"),
        *("mal", "metode", "opplasting", "prosess", "regel", "rute", "svar", "tegn", "utfall"),
    }
)
"""Labels that hold one of a few words of ours. A new label is thought over before it comes here."""
FUNCTIONS = frozenset(
    {
        *("abs", "absent", "avg_over_time", "count_over_time", "histogram_quantile", "increase"),
        *("max", "max_over_time", "min_over_time", "rate", "sum", "time"),
    }
)
OVER_COUNTERS = frozenset({"rate", "increase"})
OVER_GAUGES = frozenset({"avg_over_time", "max_over_time", "min_over_time"})
OVER_TIME = OVER_COUNTERS | OVER_GAUGES | {"count_over_time"}
RANGE, SUBQUERY = r"\[\d+[smhd]\]", r"\[\d+[smhd]:15s\]"
"""A subquery looks as often as Prometheus does (overvaking.md)."""
WORDS = frozenset({"by", "or", "and", "unless", "on"})
LABELS_OF_PROMETHEUS = frozenset({"le"})


@dataclass(frozen=True)
class Maal:
    """A metric as the code makes it."""

    navn: str
    slag: str
    etiketter: frozenset[str]

    @property
    def series(self) -> frozenset[str]:
        """What Prometheus calls it."""
        if self.slag == "Histogram":
            return frozenset(f"{self.navn}_{part}" for part in ("bucket", "count", "sum"))
        return frozenset({self.navn})


def metrics() -> Iterator[Maal]:
    """Every metric of the product, read from its source."""
    for path in PRODUCT:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=kind), args=[ast.Constant(value=str(name)), _, *rest]) if (
                    kind in KINDS
                ):
                    labels = ast.literal_eval(rest[0]) if rest else []
                    yield Maal(name, kind, frozenset(labels))


METRICS = list(metrics())
OUTSIDES = (
    Maal("kube_deployment_status_replicas_available", "Gauge", frozenset({"namespace", "deployment"})),
    Maal("probe_success", "Gauge", frozenset({"job", "instance"})),
)
"""What others tell of us: kube-state-metrics, and the blackbox exporter."""
BY_SERIES = {series: one for one in (*METRICS, *OUTSIDES) for series in one.series}
SERIES = r"\b((?:fiks|kube|probe)_\w+)"


def rules() -> list[dict[str, Any]]:
    loaded = yaml.safe_load(RULES.read_text("utf-8"))
    assert set(loaded) == {"groups"}
    return [rule for group in loaded["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    return list(json.loads(DASHBOARD.read_text("utf-8"))["panels"])


EXPRESSIONS = [(rule["alert"], rule["expr"]) for rule in rules()]
EXPRESSIONS += [(p["title"], target["expr"]) for p in panels() for target in p["targets"]]


def faults(expr: str) -> list[str]:
    """What is wrong with an expression."""
    bare = re.sub(r'"[^"]*"', '""', expr)
    found = [f"{a}{b} do not match" for a, b in ("()", "[]", "{}") if bare.count(a) != bare.count(b)]
    outside = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\b(?:by |on)\([^)]*\)", " ", bare)
    for word in re.findall(r"[a-zA-Z_]\w*", outside):
        if word not in FUNCTIONS | WORDS | BY_SERIES.keys():
            found.append(f"{word} is neither a metric of ours nor a function")
    for series, selector in re.findall(SERIES + r"(\{[^}]*\})?", expr):
        found += _selector_faults(series, selector)
    spans = list(_over_time(bare))
    if bare.count("[") != len(spans):
        found.append("a range is something that a function is of, and each of these functions is of one")
    for function, of in spans:
        found += _range_faults(function, of)
    matched = {
        name.strip() for names in re.findall(r"\b(?:by |on)\(([^)]*)\)", expr) for name in names.split(",")
    }
    known = {label for one in BY_SERIES.values() for label in one.etiketter} | LABELS_OF_PROMETHEUS | {""}
    return found + [f"nobody has the label {name}" for name in matched - known]


def _selector_faults(series: str, selector: str) -> Iterator[str]:
    one = BY_SERIES.get(series)
    if one is None:
        return
    for label, how, value in re.findall(r'(\w+)(=~|!~|!=|=)"([^"]*)"', selector):
        if label not in one.etiketter:
            yield f"{series} has no label {label}"
        names = value.split("|") if "~" in how else [value]
        if label == "bane" and set(names) - {*LANES, "sperret"}:
            yield f"no lane is called {value}"
        if label == "deployment" and set(names) - set(COMMANDS):
            yield f"no process is called {value}"
        if label == "jobb" and not any(re.fullmatch(value, job) for job in JOBS):
            yield f"no job is called {value}"


def _over_time(expr: str) -> Iterator[tuple[str, str]]:
    """Each call of a function over time, however deep: (its name, all that it is of)."""
    for call in re.finditer(r"\b(\w+)\(", expr):
        if call[1] in OVER_TIME:
            depth, end = 1, call.end()
            while depth and end < len(expr):
                depth += {"(": 1, ")": -1}.get(expr[end], 0)
                end += 1
            yield call[1], expr[call.end() : end - 1].strip()


def _range_faults(function: str, of: str) -> Iterator[str]:
    """A counter is of the process that counts, and its own range is looked at. A gauge is told by the sweeper that
    works and then by the next one, as another series: what is looked at over time is what they tell together.
    """
    counts = {BY_SERIES[series].slag != "Gauge" for series in _named(of) & BY_SERIES.keys()}
    plain = re.fullmatch(SERIES + r"(?:\{[^}]*\})?" + RANGE, of)
    together = re.fullmatch(rf"(?:max|sum\(max by)\b.*\){SUBQUERY}", of)
    if function in OVER_COUNTERS and not (plain and counts <= {True}):
        yield f"{function} is of a counter over a range, not of {of}"
    if function in OVER_GAUGES and not (together and counts <= {False}):
        yield f"{function} is of what all sweepers tell of a gauge together, in a subquery, not of {of}"


@pytest.mark.parametrize(("where", "expr"), EXPRESSIONS, ids=[where for where, _ in EXPRESSIONS])
def test_an_expression_is_well_made_and_names_what_exists(where: str, expr: str) -> None:
    assert faults(expr) == []


@pytest.mark.parametrize(
    "expr",
    [
        "sum(fiks_lane_ready",
        "fiks_finnes_ikke > 0",
        'fiks_lane_ready{jobb="x"} > 0',
        'fiks_lane_ready{bane="finnes_ikke"} > 0',
        'fiks_sweep_found{jobb="finnes_ikke"} > 0',
        "rate(fiks_lane_ready[5m]) > 0",
        "rate(fiks_lane_done_total) > 0",
        "max_over_time(fiks_lane_done_total[5m]) > 0",
        "max_over_time(max(fiks_lane_done_total)[5m:15s]) > 0",
        "min_over_time(fiks_lane_ready[15m]) > 0",
        "sum(min_over_time(fiks_lane_ready[15m])) > 0",
        "min_over_time(fiks_lane_ready[15m:15s]) > 0",
        "min_over_time(max(fiks_lane_ready)[15m]) > 0",
        "min_over_time(max(fiks_lane_ready)[15m:]) > 0",
        "min_over_time(sum(fiks_lane_ready)[15m:15s]) > 0",
        "min_over_time(max by (person) (fiks_lane_ready)[15m:15s]) > 0",
        "min_over_time(max(fiks_finnes_ikke)[15m:15s]) > 0",
        "avg_over_time(fiks_channel_left_in_peace[30m]) > 0.5",
        "rate(sum(fiks_lane_done_total)[5m:15s]) > 0",
        "max(fiks_lane_ready)[15m:15s] > 0",
        "fiks_lane_ready[5m] > 0",
        "sum by (person) (fiks_lane_ready)",
        "fiks_lane_ready unless on(person) fiks_sending_frozen",
        "topk(3, fiks_lane_ready)",
        "kube_finnes_ikke == 0",
        'kube_deployment_status_replicas_available{deployment="finnes_ikke"} == 0',
        'probe_success{prosess="web"} == 0',
    ],
)
def test_the_check_finds_what_is_wrong(expr: str) -> None:
    assert faults(expr) != []


@pytest.mark.parametrize(
    "expr",
    [
        "min_over_time(max(fiks_lane_ready)[15m:15s]) > 0",
        'sum(max by (bane) (fiks_lane_ready{bane=~"enkelt|masse"}))'
        ' - min_over_time(sum(max by (bane) (fiks_lane_ready{bane=~"enkelt|masse"}))[15m:15s]) > 20',
        "sum by (bane) (rate(fiks_lane_done_total[5m])) > 0",
    ],
)
def test_the_check_lets_through_what_is_right(expr: str) -> None:
    assert faults(expr) == []


def test_a_counter_of_a_name_without_total_is_told_by_another_name() -> None:
    assert [one.navn for one in METRICS if (one.slag == "Counter") != one.navn.endswith("_total")] == []


def test_every_metric_is_ours_by_name_and_there_is_one_of_each() -> None:
    names = [one.navn for one in METRICS]
    assert len(names) == len(set(names))
    assert [name for name in names if not re.fullmatch(r"fiks_[a-z_]+", name)] == []
    times = [one.navn for one in METRICS if one.slag == "Histogram"]
    assert all(name.endswith("_seconds") for name in times)


def test_no_label_can_hold_a_person() -> None:
    assert sorted({label for one in METRICS for label in one.etiketter} - HARMLESS) == []


def test_every_rule_says_how_bad_it_is_and_where_to_read_on() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))
    for rule in rules():
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}, rule["alert"]
        assert rule["labels"]["alvor"] in ("kritisk", "advarsel"), rule["alert"]
        assert re.fullmatch(r"\d+[mh]", rule.get("for", "1m")), rule["alert"]
        assert set(rule["annotations"]) == {"summary", "side"}, rule["alert"]
        assert (ROOT / rule["annotations"]["side"]).is_file(), rule["alert"]


def test_a_summary_shows_only_labels_that_its_expression_has_left() -> None:
    for rule in rules():
        shown = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        grouped = {
            n.strip() for names in re.findall(r"\bby \(([^)]*)\)", rule["expr"]) for n in names.split(",")
        }
        plain = re.search(r"\b(sum|max)\(", rule["expr"]) and not grouped
        metric = {label for series in _named(rule["expr"]) for label in BY_SERIES[series].etiketter}
        assert shown <= (grouped or (set() if plain else metric)), rule["alert"]


def _named(expr: str) -> set[str]:
    return set(re.findall(SERIES, expr))


def test_every_page_of_an_alarm_has_its_alerts_and_the_table_of_alarms_has_them_all() -> None:
    told: dict[str, set[str]] = {}
    for rule in rules():
        told.setdefault(Path(rule["annotations"]["side"]).name, set()).add(rule["alert"])
    alarms = {page.name for page in PAGES if page.read_text("utf-8").startswith("# Alarm: ")}
    assert set(told) == alarms | {"gjenoppretting.md"}
    in_table = {
        re.findall(r"\]\(([^)]+)\)", row[0])[0]: set(re.findall(r"Fiks\w+", row[3])) for row in ALARMS
    }
    assert {page: names for page, names in in_table.items() if names} == told


def test_every_page_of_an_alarm_says_when_it_is_over() -> None:
    told = {Path(rule["annotations"]["side"]).name for rule in rules()}
    assert [name for name in told if "**Over.**" not in (BOOK / name).read_text("utf-8")] == []


def test_a_breach_raises_one_alarm_and_not_two() -> None:
    """Each check's every rule."""
    checks = {
        "minutt": rule_checks.MINUTE_RULES,
        "tur": rule_checks.TURN_RULES,
        "natt": rule_checks.NIGHT_RULES,
    }
    for kontroll, regel in ((kontroll, regel) for kontroll, asked in checks.items() for regel in asked):
        labels = {"kontroll": kontroll, "regel": regel}
        raised = [
            rule["alert"]
            for rule in rules()
            for selector in re.findall(r"\bfiks_invariant_breaches\{([^}]*)\}", rule["expr"])
            if all(
                (labels[n] == v) is (how == "=") for n, how, v in re.findall(r'(\w+)(!?=)"(\w+)"', selector)
            )
        ]
        assert len(raised) == 1, labels


def test_only_lanes_that_may_take_the_night_are_let_wait_while_their_work_goes_on() -> None:
    [expr] = [rule["expr"] for rule in rules() if rule["alert"] == "FiksLaneStandsStill"]
    while_it_stands = r" unless on\(bane\) sum by \(bane\) \(rate\(fiks_lane_done_total\[15m\]\)\) > 0\)"
    lane = r'fiks_lane_oldest_ready_seconds\{bane=~?"([^"]*)"\} > \d+'
    patient = [name for names in re.findall(rf"\({lane}{while_it_stands}", expr) for name in names.split("|")]
    watched = [name for names in re.findall(lane, expr) for name in names.split("|")]
    assert sorted(patient) == ["liste", "masse", "render"]
    assert sorted(watched) == sorted(set(LANES) - {"inn", "epost"})


def test_processes_that_are_wanted_are_held_against_as_many_of_the_machine_as_each_is() -> None:
    """Of the Procfile's processes only `send` is more than one of those that hold a lock; of `pdf` each counts."""
    assert {name: one.laser for name, one in PROSESSER.items() if one.laser != 1} == {"send": 2}
    compared = [(where, expr) for where, expr in EXPRESSIONS if "fiks_workers_alive" in expr]
    divided = {
        where for where, expr in compared if re.search(r'fiks_workers_alive(?:\{prosess="send"\})? / 2', expr)
    }
    assert divided == {"FiksMoreWorkersWanted", "Processes wanted, processes alive"}


def test_a_portal_that_is_gone_with_all_it_counted_raises_an_alarm() -> None:
    """A rate of what is not there is nothing, and no alarm goes by it."""
    [expr] = [rule["expr"] for rule in rules() if rule["alert"] == "FiksPortalAway"]
    assert 'absent(fiks_portal_starts_total{prosess="web"})' in expr
    watched = {name for names in re.findall(r'prosess=~?"([^"]*)"', expr) for name in names.split("|")}
    assert watched == set(wsgi.PROSESSER.values()) == {n for n, line in COMMANDS.items() if "wsgi:" in line}


def test_protected_peoples_letters_hide_no_others_that_wait_for_a_person() -> None:
    """There always are some of them in February."""
    watched = {
        rule["alert"]: {
            name
            for names in re.findall(r'fiks_needs_person\{bane=~?"([^"]*)"\}', rule["expr"])
            for name in names.split("|")
        }
        for rule in rules()
        if "fiks_needs_person" in rule["expr"]
    }
    assert watched == {
        "FiksLetterNeedsPerson": {"enkelt", "masse"},
        "FiksManyLettersNeedPerson": {"enkelt", "masse"},
        "FiksPackageNeedsPerson": {"print"},
    }


def test_no_alarm_waits_for_days_for_what_begins_anew_with_each_sweeper() -> None:
    """What must have lasted long is told by the rows as an age."""
    waits = {rule["alert"]: rule.get("for", "0m") for rule in rules()}
    longest = {name: int(f[:-1]) * {"m": 1, "h": 60}[f[-1]] for name, f in waits.items()}
    assert [name for name, minutes in longest.items() if minutes > 60] == []
    [expr] = [rule["expr"] for rule in rules() if rule["alert"] == "FiksProtectedLetterWaits"]
    assert expr == f"max(fiks_restricted_oldest_seconds) > {timedelta(days=2).total_seconds():.0f}"


def test_the_limit_of_what_is_slow_is_one_that_is_counted() -> None:
    """Between two that are, a quantile is a guess."""
    limits = [
        float(limit)
        for rule in rules()
        for limit in re.findall(r"histogram_quantile\(.*\) > ([\d.]+)", rule["expr"])
    ]
    assert limits == [2]
    assert set(limits) <= set(request_log.SECONDS._upper_bounds)


def test_late_jobs_raise_an_alarm_of_the_page_of_the_sweeper() -> None:
    [rule] = [rule for rule in rules() if "fiks_jobs_late" in rule["expr"]]
    assert rule["annotations"]["side"] == "docs/drift/sveiper.md"


def test_a_portal_whose_threads_are_all_taken_raises_an_alarm_though_it_tells_its_metrics() -> None:
    """A thread of their own tells them. Who asks on the pages' port, or from outside, sees that nobody answers."""
    [expr] = [rule["expr"] for rule in rules() if rule["alert"] == "FiksNobodyAnswers"]
    ready, asked = expr.split(" or ")
    [(namespace, watched)] = re.findall(
        r'^kube_deployment_status_replicas_available\{namespace="(.+)",deployment=~"(.+)"\} == 0$', ready
    )
    example = yaml.safe_load((BOOK / "kubernetes" / "utgave" / "kustomization.yml").read_text("utf-8"))
    assert namespace == example["namespace"]
    assert set(watched.split("|")) == set(wsgi.PROSESSER.values())
    assert asked == 'probe_success{job="fiks"} == 0'


def test_how_long_an_upload_takes_is_up_to_who_sends_it_and_raises_no_alarm() -> None:
    asked = [expr for _, expr in EXPRESSIONS if "fiks_http_request_seconds" in expr]
    assert asked
    assert [expr for expr in asked if 'fiks_http_request_seconds_bucket{opplasting="nei"}' not in expr] == []


def test_the_dashboard_is_whole_and_its_panels_do_not_cover_one_another() -> None:
    shown = panels()
    assert len({p["id"] for p in shown}) == len({p["title"] for p in shown}) == len(shown)
    cells = [
        (x, y)
        for p in shown
        for x in range(p["gridPos"]["x"], p["gridPos"]["x"] + p["gridPos"]["w"])
        for y in range(p["gridPos"]["y"], p["gridPos"]["y"] + p["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    for p in shown:
        for page in re.findall(r"docs/drift/\S+\.md", p["description"]):
            assert (ROOT / page).is_file()


def test_what_is_measured_is_shown_or_alarmed() -> None:
    """A metric that nobody looks at is deleted, or has its reason here."""
    seen = {series for _, expr in EXPRESSIONS for series in _named(expr)}
    unseen = {one.navn for one in METRICS if not one.series & seen}
    assert unseen == {"fiks_mail_sent_total"}, "e-mails sent: what those that failed are held against by hand"

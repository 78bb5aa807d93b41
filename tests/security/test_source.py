"""What must not stand in the source at all: every exception is on a list here, with the reason beside it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("config", "fiks", "portal", "workers", "migrations")
TEMPLATES = sorted((ROOT / "portal").rglob("*.html"))

CALLS = {"eval", "exec", "compile", "__import__", "breakpoint", "os.system", "os.popen"}
LAST = {"render_template_string", "from_string", "mark_safe", "import_module"}
"""Forbidden whatever they are called on."""
KEYWORDS = {"shell": "False", "verify": "True", "autoescape": "True", "check_hostname": "True"}
"""A keyword of these names may only have this value, when it is a constant."""
IMPORTS = {
    "pickle",
    "cPickle",
    "dill",
    "shelve",
    "marshal",
    "yaml",
    "smtplib",
    "telnetlib",
    "ftplib",
    "xmlrpc",
}
"""smtplib: what an e-mail says is declared in the catalogue of one room, and only its client sends any."""
MAIL = {("fiks/epost/client.py", "smtplib")}
RANDOM = {"random.uniform", "random.Random"}
"""Jitter, and the approver's sample from a known seed. Nothing secret comes from `random`."""

MARKUP = {
    "portal/texts/formats.py": "<time> and <br> around escaped values",
    "portal/ui/bar_chart.py": "the chart's SVG, built from numbers",
    "portal/ui/tables.py": "a template's own rows, escaped already, with fixed attributes and an escaped column name",
    "portal/ui/user_support.py": "all of the text is escaped; Markup.format escapes what it is given",
}
DYNAMIC_IMPORT = {"fiks/core/isolate_child.py": "the name is sent by our own parent process, from its code"}
SUBPROCESS = {
    "fiks/core/isolate.py": "the drawing child",
    "fiks/utsending/liste/child/process.py": "the reading child",
}
SQL = ("text", "execute", "executemany", "scalar", "scalars", "literal_column")


@dataclass(frozen=True)
class Kall:
    """One call: where it stands, its dotted name, the last part of it."""

    fil: str
    linje: int
    navn: str
    node: ast.Call

    @property
    def last(self) -> str:
        return self.navn.rsplit(".", 1)[-1]

    def __str__(self) -> str:
        return f"{self.fil}:{self.linje} {self.navn}"


@cache
def trees() -> dict[str, ast.Module]:
    files = [path for folder in PRODUCT for path in sorted((ROOT / folder).rglob("*.py"))]
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8")) for path in files}


def calls() -> Iterator[Kall]:
    for fil, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield Kall(fil, node.lineno, ast.unparse(node.func), node)


def imports() -> Iterator[tuple[str, str]]:
    """(file, top module) of every import."""
    for fil, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from ((fil, alias.name.split(".")[0]) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield fil, node.module.split(".")[0]


def test_there_is_source_to_look_at() -> None:
    assert len(trees()) > 100
    assert len(TEMPLATES) > 30
    assert sum(1 for _ in calls()) > 1_000


def test_nothing_is_evaluated_or_imported_by_name() -> None:
    found = [kall for kall in calls() if kall.navn in CALLS or kall.last in LAST]
    assert not [str(kall) for kall in found if kall.fil not in DYNAMIC_IMPORT]


def test_no_call_switches_a_protection_off() -> None:
    bad = []
    for kall in calls():
        for word in kall.node.keywords:
            constant = isinstance(word.value, ast.Constant)
            if word.arg in KEYWORDS and constant and ast.unparse(word.value) != KEYWORDS[word.arg]:
                bad.append(f"{kall} {word.arg}")
    assert not bad


def test_nothing_is_unpickled_mailed_or_run_as_a_program() -> None:
    found = list(imports())
    assert {item for item in found if item[1] in IMPORTS} == MAIL
    assert {fil for fil, module in found if module == "subprocess"} == set(SUBPROCESS)


def test_random_is_never_a_source_of_secrets() -> None:
    assert not [str(kall) for kall in calls() if kall.navn.startswith("random.") and kall.navn not in RANDOM]


def test_sql_is_never_put_together_from_text() -> None:
    """The first argument is a plain string or built by the library: no f-string, +, % or format."""
    bad = []
    for kall in calls():
        if kall.last not in SQL or not kall.node.args or kall.fil.startswith("migrations/"):
            continue
        first = kall.node.args[0]
        formatted = isinstance(first, ast.Call) and ast.unparse(first.func).endswith(".format")
        if isinstance(first, ast.JoinedStr) or formatted or _glued(first):
            bad.append(str(kall))
    assert not bad


def _glued(node: ast.expr) -> bool:
    """Whether strings are put together by + or %."""
    return isinstance(node, ast.BinOp) and any(
        isinstance(part, ast.JoinedStr | ast.Constant) and isinstance(getattr(part, "value", ""), str | list)
        for part in (node.left, node.right)
    )


def test_markup_is_made_only_where_it_was_reviewed() -> None:
    assert {kall.fil for kall in calls() if kall.last == "Markup"} <= set(MARKUP)


def test_a_template_trusts_nothing_and_holds_no_code() -> None:
    forbidden = {
        "unescaped": r"\|\s*safe\b|autoescape\s+false|Markup",
        "inline handler or style": r"<[^>{]*\s(?:on[a-z]+|style)\s*=",
        "inline code": r"javascript:|<style\b|<script(?![^>]*\bsrc=)",
        "from another host": r'(?:src|action)="(?:https?:)?//|<link[^>]*href="(?:https?:)?//',
        "evaluated by htmx": r"hx-on|hx-vals=[\"']js:",
    }
    found = [
        f"{path.relative_to(ROOT)}: {why}"
        for path in TEMPLATES
        for why, pattern in forbidden.items()
        if re.search(pattern, path.read_text("utf-8"))
    ]
    assert not found


OF_NO_ORGANISATION = {"komponenter/merke.html": "logging out", "innbygger.html": "the citizen's language"}
FORM = re.compile(r'(?s)<form\b(?=[^>]*\bmethod="post").*?</form>')


def test_every_form_says_for_which_organisation_its_page_was_shown() -> None:
    """By the macro that every form begins with; a script that sends without a form takes the same fields along."""
    folder = ROOT / "portal" / "templates"
    forms = [
        (path.relative_to(folder).as_posix(), one)
        for path in TEMPLATES
        for one in FORM.findall(path.read_text("utf-8"))
    ]
    assert len(forms) > 100
    assert {name for name, one in forms if "csrf(" not in one} == set(OF_NO_ORGANISATION)
    scripts = {path.name: path.read_text("utf-8") for path in (ROOT / "portal" / "static").glob("*.js")}
    asking = {name: re.findall(r"fetch\((?:[^()]|\([^()]*\))*\)", text) for name, text in scripts.items()}
    sending = {
        name: scripts[name] for name, calls in asking.items() if any("method:" in call for call in calls)
    }
    assert all(len(calls) == scripts[name].count("fetch(") for name, calls in asking.items()), (
        "each call is read"
    )
    assert [name for name, text in sending.items() if '"gjelder_organisasjon"' not in text] == []
    assert sending


def test_every_template_is_of_a_kind_that_is_escaped() -> None:
    """Flask escapes .html, .htm, .xml, .xhtml and .svg; anything else would go out as it is."""
    assert {path.suffix for path in (ROOT / "portal" / "templates").rglob("*.*")} == {".html"}

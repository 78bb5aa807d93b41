"""What every page owes its reader, whoever it is rendered for: structure, labels, tokens, and no code of its own."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser

from portal.session.organisation_guard import GJELDER

FIELDS = ("input", "select", "textarea")
UNLABELLED = ("hidden", "submit", "button", "reset", "image")
REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "aria-details", "list")
URLS = ("href", "src", "action", "formaction", "hx-get", "hx-post")
VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)


class Page(HTMLParser):
    """A page taken apart: its tags in order, and what stands in them.

    `by_itself` is what the keyboard reaches in a part that is drawn anew by itself, `pressed` the button that Enter in
    a field presses, by its form's address: the first.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text: dict[str, list[str]] = {}
        self.forms: list[dict[str, str]] = []
        self.tokens: list[int] = []
        self.bound: list[int] = []
        self.wrapped: list[dict[str, str]] = []
        self.by_itself: list[tuple[str, dict[str, str]]] = []
        self.pressed: dict[str, dict[str, str]] = {}
        self._open: list[str] = []
        self._asks_again: int | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag == "form":
            self.forms.append(given)
        if tag in FIELDS and "label" in self._open:
            self.wrapped.append(given)
        if given.get("name") == "csrf_token" and len(given.get("value", "")) > 40 and "form" in self._open:
            self.tokens.append(len(self.forms) - 1)
        if given.get("name") == GJELDER and "form" in self._open:
            self.bound.append(len(self.forms) - 1)
        if self._asks_again is not None and _is_reached(tag, given):
            self.by_itself.append((tag, given))
        if (
            tag == "button"
            and given.get("type", "submit") == "submit"
            and "form" in self._open
            and "form" not in given
        ):
            self.pressed.setdefault(self.forms[-1].get("action", ""), given)
        if tag not in VOID:
            self._open.append(tag)
            if self._asks_again is None and "every" in given.get("hx-trigger", ""):
                self._asks_again = len(self._open)

    def handle_endtag(self, tag: str) -> None:
        while tag in self._open and self._open.pop() != tag:
            pass
        if self._asks_again is not None and len(self._open) < self._asks_again:
            self._asks_again = None

    def handle_data(self, data: str) -> None:
        for tag in self._open[-1:]:
            self.text.setdefault(tag, []).append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every tag of this name."""
        return [given for name, given in self.tags if name == tag]

    @property
    def ids(self) -> list[str]:
        return [given["id"] for _, given in self.tags if "id" in given]


def faults(html: str, *, part: bool = False) -> list[str]:
    """Everything that is wrong with a page, in words; `part`: it is only a piece of one."""
    page = Page(html)
    found = [*_code(page), *_forms(page), *_fields(page), *_pictures(page), *_places(page), *_dialogs(page)]
    found += _moving(page)
    found += [f"two of id {name}" for name, count in Counter(page.ids).items() if count > 1]
    if not part:
        found += [*_frame(page), *_references(page), *_told(page)]
    return found


def check_page(html: str) -> None:
    """Nothing is wrong with a whole page."""
    assert faults(html) == []


def _frame(page: Page) -> list[str]:
    title = "".join(page.text.get("title", [])).strip()
    checks = {
        "doctype": page.html.lstrip().lower().startswith("<!doctype html>"),
        "language": bool(page.all("html")) and page.all("html")[0].get("lang") in ("nb", "nn"),
        "exactly one h1": len(page.all("h1")) == 1,
        "exactly one main": len(page.all("main")) == 1,
        "a title with the page's name and ours": bool(re.match(r"\S.* – \S", title)),
        "viewport": any(meta.get("name") == "viewport" for meta in page.all("meta")),
        "headings in steps": _stepwise([int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]),
    }
    return [f"not: {what}" for what, holds in checks.items() if not holds]


def _stepwise(levels: list[int]) -> bool:
    return all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))


def _references(page: Page) -> list[str]:
    ids = set(page.ids)
    return [
        f"{name}={given[name]} leads nowhere"
        for _, given in page.tags
        for name in REFERENCES
        if name in given and not set(given[name].split()) <= ids
    ]


def _code(page: Page) -> list[str]:
    found = []
    for tag, given in page.tags:
        found += [
            f"{tag} has {name}" for name in given if name.startswith("on") or name in ("style", "hx-on")
        ]
        found += [
            f"{tag} leads to code"
            for name in URLS
            if re.match(r"\s*(javascript|data|vbscript):", given.get(name, ""))
        ]
        if tag == "style" or (tag == "script" and "src" not in given):
            found.append(f"code in the page: {tag}")
        if given.get("target") == "_blank" and "noopener" not in given.get("rel", ""):
            found.append("a link to a new window without noopener")
    return found


def _forms(page: Page) -> list[str]:
    posts = [n for n, form in enumerate(page.forms) if form.get("method", "get").lower() == "post"]
    found = [f"form without token: {page.forms[n].get('action')}" for n in posts if n not in page.tokens]
    leaked = [n for n in page.tokens if n not in posts]
    found += [f"token in a form that is sent as an address: {page.forms[n].get('action')}" for n in leaked]
    return found + [f"form of no organisation: {page.forms[n].get('action')}" for n in _unbound(page, posts)]


def _unbound(page: Page, posts: list[int]) -> list[int]:
    """Forms that do not say for which organisation they were shown. A citizen's page has none, and anybody logs out."""
    citizens = any("public" in body.get("class", "").split() for body in page.all("body"))
    return [
        n for n in posts if not citizens and n not in page.bound and page.forms[n].get("action") != "/logg-ut"
    ]


def _fields(page: Page) -> list[str]:
    labels = {label["for"] for label in page.all("label") if "for" in label}
    return [
        f"no label: {tag} {given.get('name')}"
        for tag, given in page.tags
        if tag in FIELDS
        and given.get("type") not in UNLABELLED
        and given.get("id") not in labels
        and given not in page.wrapped
        and not given.get("aria-label")
        and not given.get("aria-labelledby")
    ]


def _is_reached(tag: str, given: dict[str, str]) -> bool:
    """Whether the keyboard stops there."""
    return "tabindex" in given or tag in ("button", "summary", *FIELDS) or (tag == "a" and "href" in given)


def _places(page: Page) -> list[str]:
    """The keyboard finds its place again in a part that is drawn anew by itself, if the place has a name."""
    return [
        f"{tag} without an id in a part that is drawn anew: {given.get('href', given.get('aria-label'))}"
        for tag, given in page.by_itself
        if given.get("type") != "hidden" and not given.get("id")
    ]


def _parts(page: Page) -> list[dict[str, str]]:
    """The parts that are drawn anew by themselves."""
    return [given for _, given in page.tags if "every" in given.get("hx-trigger", "")]


def _moving(page: Page) -> list[str]:
    """A part that is drawn anew either says how it stands in words, or shows that one waits and nothing else."""
    waits = len(page.all("progress"))
    return [
        f"a part that is drawn anew without a word of how it stands: {given.get('id')}"
        for given in _parts(page)
        if not given.get("data-sier", "").strip() and not waits
    ]


def _told(page: Page) -> list[str]:
    """Those words have a place beside the part where a screen reader is told, and what shows more can be let rest."""
    words = [given["id"] for given in _parts(page) if "data-sier" in given]
    told = [given for _, given in page.tags if given.get("id") == "levende-meldt"]
    stop = [given for given in page.all("button") if "data-stans" in given]
    return [
        *(["a part that is drawn anew, and nobody is told"] if words and len(told) != 1 else []),
        *(["what is told has no role"] if any(given.get("role") != "status" for given in told) else []),
        *(["a part that moves and cannot be stopped"] if "levende" in words and len(stop) != 1 else []),
    ]


def _dialogs(page: Page) -> list[str]:
    """A dialog opens at its heading, which says what is asked, and not at the button that does it."""
    opened = sum("autofocus" in given for tag, given in page.tags if tag == "h2")
    return [] if opened == len(page.all("dialog")) else ["a dialog that opens at its first button"]


def _pictures(page: Page) -> list[str]:
    return [f"no alt: {image.get('src')}" for image in page.all("img") if "alt" not in image]

"""Reads the pages a citizen meets: the login form, and the link that fetches the letter."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit


@dataclass
class Form:
    """A form as a browser would post it: `values` are its named fields as they stand."""

    action: str = ""
    method: str = "get"
    values: dict[str, str] = field(default_factory=dict)
    submit: tuple[str, str] | None = None


class Page(HTMLParser):
    """The forms and links of one page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[dict[str, str]] = []
        self._form: Form | None = None
        self._select: str | None = None
        self.feed(html)

    @property
    def login(self) -> Form | None:
        """The form that asks for a `pid`: one to write it in before one that only has buttons."""
        written = (form for form in self.forms if "pid" in form.values)
        buttons = (form for form in self.forms if form.submit and form.submit[0] == "pid")
        return next(written, None) or next(buttons, None)

    def download(self, url: str, *paths: str) -> str | None:
        """The link on the page at `url` that fetches the letter: marked as a download, or below a path (with slash)."""
        links = [(link, urljoin(url, link["href"])) for link in self.links]
        marked = (target for link, target in links if "download" in link)
        below = (target for _, target in links if urlsplit(target).path.startswith(paths))
        return next(marked, None) or next(below, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(action=values.get("action", ""), method=values.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag == "a" and values.get("href"):
            self.links.append(values)
        elif self._form is not None:
            self._field(self._form, tag, values)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None

    def _field(self, form: Form, tag: str, values: dict[str, str]) -> None:
        name, kind = values.get("name", ""), values.get("type", "text").lower()
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in values or self._select not in form.values):
            form.values[self._select] = values.get("value", "")
        elif not name:
            return
        elif tag == "button" or kind in ("submit", "image"):
            form.submit = form.submit or (name, values.get("value", ""))
        elif tag == "input" and (kind not in ("checkbox", "radio") or "checked" in values):
            form.values[name] = values.get("value", "")
        elif tag == "textarea":
            form.values[name] = ""

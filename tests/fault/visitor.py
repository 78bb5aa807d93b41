"""A person at the portal over HTTP: logs in with ID-porten, reads pages and posts their forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urljoin

import requests

from testmiljo.sim.forms import Page

SECONDS = (5, 60)


class Visitor:
    """One browser without JavaScript. Every answer must be a page: an error of the server's fails the test."""

    def __init__(self, base_url: str, pid: str) -> None:
        self.base_url = base_url
        self._session = requests.Session()
        self._session.trust_env = False
        form_page = self.get("/innlogging/start?nivaa=4")
        form = Page(form_page.text).login
        assert form is not None, "ID-porten shows no login"
        target = urljoin(form_page.url, form.action) if form.action else form_page.url
        self._checked(self._session.post(target, data=form.values | {"pid": pid}, timeout=SECONDS))

    def get(self, path: str) -> requests.Response:
        return self._checked(self._session.get(urljoin(self.base_url, path), timeout=SECONDS))

    def ask(self, path: str, **headers: str) -> requests.Response:
        """The answer as it is, a refusal too."""
        return self._session.get(urljoin(self.base_url, path), headers=headers, timeout=SECONDS)

    def stream(self, path: str) -> requests.Response:
        """A download that the caller takes piece by piece."""
        return self._session.get(urljoin(self.base_url, path), stream=True, timeout=SECONDS)

    def post(
        self,
        path: str,
        values: Mapping[str, str] | None = None,
        *,
        page: str | None = None,
        file: Path | None = None,
    ) -> requests.Response:
        """Post a form to `path` with its token and hidden values, as they stand on `page` (else on `path` itself)."""
        return self.ready(path, values, page=page, file=file)()

    def ready(
        self,
        path: str,
        values: Mapping[str, str] | None = None,
        *,
        page: str | None = None,
        file: Path | None = None,
    ) -> Callable[[], requests.Response]:
        """As `post`, but the form is only filled in: what is returned presses the button, as often as it is called."""
        shown = self.get(page or path)
        whole = urljoin(self.base_url, path)
        forms = [
            f for f in Page(shown.text).forms if f.method == "post" and urljoin(shown.url, f.action) == whole
        ]
        assert forms, f"{shown.url} has no form to {path}"
        files = {"fil": (file.name, file.read_bytes(), "text/csv")} if file else None
        data = forms[0].values | dict(values or {})
        if file:
            data.pop("fil", None)
        return lambda: self._checked(self._session.post(whole, data=data, files=files, timeout=SECONDS))

    def _checked(self, answer: requests.Response) -> requests.Response:
        assert answer.ok, f"{answer.status_code} from {answer.url}"
        return answer

"""Somebody with a browser: logs in with ID-porten, opens pages, sends forms, and notes how long each page took."""

from __future__ import annotations

import re
import time
from pathlib import Path

import requests

TIMEOUT = (3, 120)


class Visitor:
    """One person's browser. `times` are (URL path, seconds) of every page opened by `open`."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url
        self._http = requests.Session()
        self._http.trust_env = False
        self.times: list[tuple[str, float]] = []

    def log_in(self, pid: str) -> None:
        """Log in by ID-porten's page as the test user `pid`; RuntimeError when the portal does not let us in."""
        page = self._http.get(f"{self._base}/innlogging/start?neste=/oversikt", timeout=TIMEOUT)
        action = _find(r'<form method="post" action="([^"]+)"', page.text)
        form = {"besok": _find(r'name="besok" value="([^"]+)"', page.text), "pid": pid}
        landed = self._http.post(action, data=form, timeout=TIMEOUT)
        if landed.status_code != 200 or not landed.url.startswith(self._base):
            raise RuntimeError(f"the login ended with {landed.status_code}")

    def open(self, path: str) -> str:
        """Open a page, note its time, return its HTML; RuntimeError unless it answers 200."""
        began = time.perf_counter()
        answer = self._http.get(self._base + path, timeout=TIMEOUT)
        self.times.append((path, time.perf_counter() - began))
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}")
        return answer.text

    def upload(self, page: str, file: Path) -> float:
        """Send `file` with the form of `page` and return the seconds it took; RuntimeError when it is refused."""
        token = _find(r'name="csrf_token" value="([^"]+)"', self.open(page))
        began = time.perf_counter()
        with file.open("rb") as stream:
            answer = self._http.post(
                self._base + page,
                data={"csrf_token": token},
                files={"fil": (file.name, stream)},
                headers={"Referer": self._base + page},
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        if answer.status_code != 303:
            raise RuntimeError(f"the upload was answered {answer.status_code}")
        return time.perf_counter() - began


def _find(pattern: str, html: str) -> str:
    found = re.search(pattern, html)
    if found is None:
        raise RuntimeError("the page is not the one expected")
    return found.group(1)

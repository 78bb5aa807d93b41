"""Somebody with a browser: logs in with ID-porten, opens pages, sends forms, and notes how long each page took."""

from __future__ import annotations

import re
import time
from pathlib import Path
from uuid import UUID

import requests

TIMEOUT = (3, 120)
LOOK_AGAIN, PATIENCE = 0.05, 120.0


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

    def preview(self, utsending_id: UUID, radnr: int) -> float:
        """Ask for a row's letter as the page with the letters does, look until its first page is there as a picture;
        return the seconds. RuntimeError when it cannot be made."""
        page = f"{self._base}/utsendinger/{utsending_id}"
        token = self._token(f"/utsendinger/{utsending_id}/brev")
        began = time.perf_counter()
        shown = self._http.post(
            f"{page}/forhandsvisning",
            data={"csrf_token": token, "rad": radnr},
            headers={"Referer": f"{page}/brev"},
            timeout=TIMEOUT,
        )
        if "/forhandsvisning/" not in shown.url:
            raise RuntimeError(f"the preview of row {radnr} was refused")
        while shown.ok and "/side/1.png" not in shown.text:
            if time.perf_counter() - began > PATIENCE:
                raise RuntimeError("the preview never came")
            time.sleep(LOOK_AGAIN)
            shown = self._http.get(shown.url, timeout=TIMEOUT)
        picture = self._http.get(f"{shown.url}/side/1.png", timeout=TIMEOUT)
        if not picture.ok:
            raise RuntimeError(
                f"the preview was answered {shown.status_code}, its picture {picture.status_code}"
            )
        return time.perf_counter() - began

    def _token(self, page: str) -> str:
        return _find(r'name="csrf_token" value="([^"]+)"', self.open(page))

    def upload(self, page: str, file: Path, *, action: str = "", felt: str = "fil") -> float:
        """Send `file` as `felt` with a form of `page` and return the seconds it took; RuntimeError when it is refused.

        `action` is where the form goes, if not to its own page.
        """
        token = self._token(page)
        began = time.perf_counter()
        with file.open("rb") as stream:
            answer = self._http.post(
                self._base + (action or page),
                data={"csrf_token": token},
                files={felt: (file.name, stream)},
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

"""The citizens: each follows the link in a message, logs in with ID-porten and downloads the whole letter."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter

from testmiljo.sim.forms import Form, Page
from testmiljo.sim.store import Hendelse, Store, insert_event
from testmiljo.sim.switches import Switchboard

log = logging.getLogger(__name__)

THREADS = 3
MAX_PAGES = 8
TIMEOUT = (3.05, 60)
WAITS = (0.5, 1, 2, 5, 10, 20, 30)
MAX_REFUSALS = 40
IDLE = 0.5
LOOPBACK = ("localhost", "127.0.0.1")


class NotYet(Exception):
    """The letter could not be fetched now. `refused` when the portal said no rather than being away."""

    def __init__(self, what: str, *, refused: bool = False, after: float | None = None) -> None:
        super().__init__(what)
        self.refused = refused
        self.after = after


@dataclass(frozen=True, slots=True)
class Fetched:
    sha256: str
    size: int


class Citizens:
    """A few threads that work off the readings that are due; what is not read yet is a row in the store."""

    def __init__(self, store: Store, board: Switchboard, threads: int = THREADS) -> None:
        self._store = store
        self._board = board
        self._threads = threads
        self._bell = threading.Condition()
        self._busy: set[int] = set()

    def start(self) -> None:
        for number in range(self._threads):
            threading.Thread(target=self._work, name=f"citizen-{number}", daemon=True).start()

    def wake(self) -> None:
        """Somebody has got a message."""
        with self._bell:
            self._bell.notify()

    @property
    def busy(self) -> int:
        """How many are reading right now."""
        return len(self._busy)

    def _work(self) -> None:
        while True:
            reading = None if self._board.of("innbyggere").pause else self._next()
            if reading is None:
                with self._bell:
                    self._bell.wait(IDLE)
                continue
            try:
                self._read(reading)
            except Exception:
                log.exception("a reading broke")
                time.sleep(1)
            finally:
                with self._bell:
                    self._busy.discard(reading["nr"])

    def _next(self) -> sqlite3.Row | None:
        with self._bell:
            rows = self._store.rows(
                "SELECT * FROM lesing WHERE status = 'VENTER' AND neste <= ? ORDER BY neste LIMIT ?",
                time.time(),
                len(self._busy) + 1,
            )
            row = next((row for row in rows if row["nr"] not in self._busy), None)
            if row is not None:
                self._busy.add(row["nr"])
            return row

    def _read(self, reading: sqlite3.Row) -> None:
        try:
            fetched = fetch(reading["lenke"], reading["pid"])
        except NotYet as error:
            self._postpone(reading, error)
            return
        copies = 1 + self._board.of("altinn").duplicate_receipts
        with self._store.write() as connection:
            done = connection.execute(
                "UPDATE lesing SET status = 'LEST', pid = NULL, feil = NULL, sha256 = ?, storrelse = ?, tidspunkt = ?"
                " WHERE nr = ? AND status = 'VENTER'",
                (fetched.sha256, fetched.size, time.time(), reading["nr"]),
            )
            if done.rowcount:
                event = Hendelse(art="LEST", copies=copies)
                insert_event(connection, "altinn", reading["referanse"], reading["leverandor_ref"], event)

    def _postpone(self, reading: sqlite3.Row, error: NotYet) -> None:
        tries = reading["forsok"] + 1
        wait = error.after if error.after is not None else WAITS[min(tries, len(WAITS)) - 1]
        status = "OPPGITT" if error.refused and tries >= MAX_REFUSALS else "VENTER"
        with self._store.write() as connection:
            connection.execute(
                "UPDATE lesing SET status = ?, forsok = ?, neste = ?, feil = ? WHERE nr = ?",
                (status, tries, time.time() + wait, str(error), reading["nr"]),
            )


class OwnAddress(HTTPAdapter):
    """Connects from the person's own loopback address: who guards against too many from one place must see many."""

    def __init__(self, pid: str) -> None:
        self._source = (
            "127." + ".".join(str(1 + part % 250) for part in hashlib.sha256(pid.encode()).digest()[:3]),
            0,
        )
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, source_address=self._source, **options)


def fetch(link: str, pid: str) -> Fetched:
    """Follow `link` as the person `pid` until a whole file has come. Raises NotYet, which names no person."""
    path = urlsplit(link).path.rstrip("/") + "/"
    files = f"/forsendelse/{path.split('/')[-2]}/"
    session = requests.Session()
    session.trust_env = False
    session.headers["User-Agent"] = "Innbygger/1.0"
    if urlsplit(link).hostname in LOOPBACK:
        session.mount("http://", OwnAddress(pid))
    try:
        response = session.get(link, timeout=TIMEOUT, stream=True)
        for _ in range(MAX_PAGES):
            _check(response)
            if not response.headers.get("Content-Type", "").startswith("text/html"):
                return _download(response)
            response = _next_page(session, response, path, files, pid)
        raise NotYet("too many pages", refused=True)
    except requests.RequestException as error:
        raise NotYet(type(error).__name__) from None
    finally:
        session.close()


def _check(response: requests.Response) -> None:
    if response.ok:
        return
    away = response.status_code >= 500 or response.status_code == 429
    after = response.headers.get("Retry-After", "")
    raise NotYet(
        f"HTTP {response.status_code}", refused=not away, after=float(after) if after.isdigit() else None
    )


def _next_page(
    session: requests.Session, response: requests.Response, path: str, files: str, pid: str
) -> requests.Response:
    page = Page(response.text)
    login = page.login
    if login is not None:
        return _submit(session, response.url, login, {"pid": pid})
    href = page.download(response.url, path, files)
    if href is not None:
        return session.get(href, timeout=TIMEOUT, stream=True)
    form = next(
        (form for form in page.forms if path in urlsplit(urljoin(response.url, form.action)).path + "/"), None
    )
    if form is None:
        raise NotYet("a page without a way on", refused=True)
    return _submit(session, response.url, form, {})


def _submit(session: requests.Session, url: str, form: Form, filled: dict[str, str]) -> requests.Response:
    values = {**form.values, **dict(filter(None, [form.submit])), **filled}
    target = urljoin(url, form.action) if form.action else url
    if form.method == "post":
        return session.post(target, data=values, timeout=TIMEOUT, stream=True)
    return session.get(target, params=values, timeout=TIMEOUT, stream=True)


def _download(response: requests.Response) -> Fetched:
    digest, size = hashlib.sha256(), 0
    for chunk in response.iter_content(1 << 16):
        digest.update(chunk)
        size += len(chunk)
    expected = response.headers.get("Content-Length")
    if size == 0 or (
        expected is not None and "Content-Encoding" not in response.headers and int(expected) != size
    ):
        raise NotYet("not the whole file")
    return Fetched(sha256=digest.hexdigest(), size=size)

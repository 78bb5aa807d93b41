"""A print house: takes orders by SFTP, "prints" them and answers with receipts.

The folder the customer sees: `ordre/` (whole packages of orders are `<name>.zip`), `mottatt.jsonl` (the orders that
have been taken over; on the list before their file goes away) and `kvitteringer/<number>.jsonl` (written once,
numbers rising). Keys, certificate and the print house's own books (SQLite) lie beside the store, out of the
customer's sight.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import paramiko

from testmiljo import printhouse_keys as keys
from testmiljo.printhouse_packages import open_package
from testmiljo.printhouse_store import Store
from testmiljo.sftp_server import Faults, Login, Sftp

PICK_UP_SECONDS = 0.1
KEEP_LETTERS = 1000
POSTAGE = ((20, 2700), (50, 3300), (100, 4000), (350, 6200), (1000, 11500), (10**9, 15800))
ABROAD = {"NORGE": 10, "EUROPA": 16, "VERDEN": 19}


@dataclass
class Switches(Faults):
    """The server's faults, and the print house's own ways.

    `delay`: seconds from pick-up to receipt. `refuse`: receipts say FEILET. `pick_up`: False leaves packages lying.
    `returns`: how many of the next receipts are followed by one that the letter came back.
    """

    delay: float = 0.0
    duplicate_receipts: bool = False
    refuse: bool = False
    pick_up: bool = True
    returns: int = 0


class PrintHouse:
    """`start()` opens the SFTP door and the pick-up; `stop()` closes both. The store survives.

    With `login_key`, a public key of the customer's, there is no password.
    """

    def __init__(
        self,
        folder: Path | str,
        store_path: Path | str,
        port: int = 0,
        user: str = "fiks",
        login_key: paramiko.PKey | None = None,
    ) -> None:
        self.folder, store_path = Path(folder), Path(store_path)
        for part in ("ordre", "kvitteringer"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        store_path.parent.mkdir(parents=True, exist_ok=True)
        self.switches = Switches()
        self._store = Store(store_path, KEEP_LETTERS)
        password = self._store.setting("password", lambda: secrets.token_urlsafe(18))
        self._login = Login(user, password, login_key)
        self.certificate_path = store_path.with_suffix(".crt.pem")
        self._private = keys.letter_key(store_path.with_suffix(".key.pem"), self.certificate_path)
        self._host_key = keys.host_key(store_path.with_suffix(".host.pem"))
        self._sftp = Sftp(self.folder, self._host_key, self._login, port, self.switches)
        self._stopping = threading.Event()
        self._worker: threading.Thread | None = None

    @property
    def port(self) -> int:
        return self._sftp.port

    @property
    def url(self) -> str:
        """The customer's address, with user, password (where it has one) and host key. Right after `start()`."""
        hostkey = quote(keys.fingerprint(self._host_key), safe=":")
        password = "" if self._login.key else ":" + quote(self._login.password, safe="")
        login = f"{self._login.user}{password}"
        return f"sftp://{login}@127.0.0.1:{self.port}/?hostkey={hostkey}"

    def start(self) -> PrintHouse:
        """Open the door; returns itself. Raises OSError when the port is taken."""
        for pakke in self._store.unremoved():
            if not (self.folder / "ordre" / f"{pakke}.zip").exists():
                self._store.removed(pakke)
        self._sftp.start()
        self._stopping.clear()
        self._worker = threading.Thread(target=self._work, name="printhouse", daemon=True)
        self._worker.start()
        return self

    def stop(self) -> None:
        """Cut all connections and finish the round in hand."""
        self._sftp.stop()
        self._stopping.set()
        if self._worker is not None:
            self._worker.join()

    def log(self) -> list[dict[str, Any]]:
        """What was taken over, oldest first: reference, sha256, time, pages, sheets, manifest and any fault."""
        return self._store.received()

    def repeated(self) -> list[dict[str, Any]]:
        """Orders refused because their reference had come before, oldest first."""
        return self._store.repeated()

    def letter(self, referanse: str) -> bytes:
        """The clear PDF of one of the last thousand orders; KeyError if there is none."""
        return self._store.letter(referanse)

    def wait_for(self, count: int, timeout: float = 30.0) -> None:
        """Wait until `count` orders have been taken over and answered; TimeoutError if they are not."""
        end = time.monotonic() + timeout
        while self._store.answered() < count:
            if time.monotonic() > end:
                raise TimeoutError(f"{self._store.answered()} of {count} orders answered")
            time.sleep(0.02)

    def _work(self) -> None:
        while not self._stopping.wait(PICK_UP_SECONDS):
            if self.switches.pick_up:
                for path in sorted((self.folder / "ordre").glob("*.zip")):
                    self._take_over(path)
            self._answer()

    def _take_over(self, path: Path) -> None:
        """Book the orders, put them on the list, remove the file: in that order, each step harmless to repeat."""
        orders = open_package(path, self._private)
        due = time.time() + self.switches.delay
        for order in orders:
            if self._store.taken(order["referanse"], path.stem):
                self._store.book_repeat(order)
            else:
                self._store.book(order, pakke=path.stem, due=due, refused=self.switches.refuse)
                self._list(order, path.stem)
        path.unlink()
        self._store.removed(path.stem)

    def _list(self, order: dict[str, Any], pakke: str) -> None:
        line = {
            "referanse": order["referanse"],
            "pakke": pakke,
            "sha256": order["sha256"],
            "tid": order["tid"],
        }
        with open(self.folder / "mottatt.jsonl", "ab", buffering=0) as listed:
            listed.write(json.dumps(line).encode() + b"\n")

    def _answer(self) -> None:
        """Write due receipts to one new file: first under another name, then renamed, then booked."""
        due = self._store.due(time.time())
        if not due:
            return
        lines = [
            line
            for order in due
            for receipt in self._receipts(order)
            for line in [receipt] * (2 if self.switches.duplicate_receipts else 1)
        ]
        written = (int(path.stem) for path in (self.folder / "kvitteringer").glob("*.jsonl"))
        number = max(written, default=0) + 1
        final = self.folder / "kvitteringer" / f"{number:012}.jsonl"
        temporary = final.with_suffix(".tmp")
        temporary.write_text("".join(json.dumps(line) + "\n" for line in lines))
        os.replace(temporary, final)
        self._store.answer([order["referanse"] for order in due], number)

    def _receipts(self, order: dict[str, Any]) -> list[dict[str, Any]]:
        receipt = _receipt(order)
        if receipt["art"] != "PRINTET" or self.switches.returns <= 0:
            return [receipt]
        self.switches.returns -= 1
        return [receipt, receipt | {"art": "RETUR", "melding": "ukjent på adressen"}]


def _receipt(order: dict[str, Any]) -> dict[str, Any]:
    manifest = json.loads(order["manifest"])
    failed = order["feil"] or ("the order was refused" if order["nektet"] else None)
    step = next(price for grams, price in POSTAGE if order["vekt"] <= grams)
    colour = 65 if manifest.get("farger") else 18
    return {
        "referanse": order["referanse"],
        "art": "FEILET" if failed else "PRINTET",
        "tidspunkt": datetime.now(UTC).isoformat(),
        "ark": 0 if failed else order["ark"],
        "vektGram": 0 if failed else order["vekt"],
        "portoOre": 0 if failed else step * ABROAD.get(manifest.get("sone", "NORGE"), 10) // 10,
        "produksjonOre": 0 if failed else order["ark"] * 22 + order["sider"] * colour + 95,
        "melding": failed,
    }

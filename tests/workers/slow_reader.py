"""`workers.broker` whose lists take longer than anybody waits for a process to end."""

from __future__ import annotations

import time

from fiks.utsending.receivers import list_import
from workers.broker import broker as broker

SECONDS = 120


def _read_slowly(*_: object) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        time.sleep(0.05)


list_import.read_upload = _read_slowly

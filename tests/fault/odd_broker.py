"""Workers and a sweeper as in production, on a machine with a wrong clock or a broker that gives them up too soon.

`dramatiq tests.fault.odd_broker …` is a worker, `python -m tests.fault.odd_broker` the sweeper. `FAULT_CLOCK_SKEW`:
seconds that every clock Python can read is ahead. `FAULT_HEARTBEAT_MS`: a worker silent for so long is taken for dead,
by whoever rings or asks next. `FAULT_HEARD`: file to which the id of each message is written when it is heard.
"""

from __future__ import annotations

import datetime
import os
import time
from pathlib import Path
from typing import Any

import dramatiq
import dramatiq.common

SKEW = float(os.environ.get("FAULT_CLOCK_SKEW", "0"))
HEARTBEAT = int(os.environ.get("FAULT_HEARTBEAT_MS", "0"))
_right_datetime, _right_time = datetime.datetime, time.time


class _AnyDatetime(type):
    def __instancecheck__(cls, other: object) -> bool:
        return isinstance(other, _right_datetime)


class _WrongDatetime(_right_datetime, metaclass=_AnyDatetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Any:
        return _right_datetime.now(tz) + datetime.timedelta(seconds=SKEW)

    @classmethod
    def utcnow(cls) -> Any:
        return cls.now(datetime.UTC).replace(tzinfo=None)


def _wrong_time() -> float:
    return _right_time() + SKEW


if SKEW:
    time.time = _wrong_time
    datetime.datetime = _WrongDatetime  # type: ignore[misc]
    dramatiq.common.time = _wrong_time  # type: ignore[attr-defined]

# Only now: what is imported from here on reads the wrong clock, and makes the impatient broker.
from config import broker as config_broker  # noqa: E402

if HEARTBEAT:
    config_broker.HEARTBEAT_MS = HEARTBEAT
    config_broker.MAINTENANCE_CHANCE = 1_000_000

if __name__ == "__main__":
    from workers import sveip

    sveip.main()
else:
    from workers.broker import broker

    class Heard(dramatiq.Middleware):
        """Notes each message that is heard."""

        def before_process_message(self, broker: dramatiq.Broker, message: dramatiq.MessageProxy) -> None:
            with Path(os.environ["FAULT_HEARD"]).open("a") as heard:
                heard.write(f"{message.message_id}\n")

    if "FAULT_HEARD" in os.environ:
        broker.add_middleware(Heard())

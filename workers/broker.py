"""The dramatiq broker of the worker processes: middleware, and one actor per lane.

`python -m workers.master workers.broker --queues LANE…`. No retries, no delays, no results: the rows are the
queue.
"""

from __future__ import annotations

import gc
import logging
import signal
import threading
import time
from contextlib import suppress
from types import FrameType

import dramatiq
import psycopg
from dramatiq.middleware import AgeLimit, ShutdownNotifications, TimeLimit
from prometheus_client import Counter
from sqlalchemy.exc import SQLAlchemyError

from config import broker as config_broker
from config import metrics
from config.logging import log_everything
from config.settings import Settings
from fiks.core import doorbell
from fiks.core.errors import Utilgjengelig
from fiks.core.values.identifiers import mask_numbers
from fiks.drift.readiness import ROWS_AND_DOCUMENTS
from fiks.utsending.jobs import queue
from fiks.utsending.rules import LANE
from workers import health
from workers.lanes import do_portion
from workers.process import Process, this_process

log = logging.getLogger(__name__)
TURN_SECONDS = 1.0
"""After this long a lane gives up its thread, when the portion in hand is done."""
URGENT = frozenset({"enkelt", "forhandsvisning"})
"""Lanes that a person waits for: the next free thread takes these first."""
PIECEWORK = frozenset(LANE.values())
MINUTES = 60_000
LONGEST = 10 * MINUTES
"""Milliseconds after which a portion is interrupted; another worker starts it again. No call is waited for so
long.
"""
LONGEST_OF = {
    "liste": 240 * MINUTES,
    "inn": 240 * MINUTES,
    "render": 30 * MINUTES,
    "print": 30 * MINUTES,
}
"""Longer limits of some lanes.

A list is one job however long it is, and asks registers for a thousand rows at a time; reconciliation covers
whole books; files are checked several at a time, and one that takes too long has a limit of its own, as a
package to a print house has (`fiks.print.client`), whose letters are put together first.
"""
DEAD_LETTERS = Counter(
    "fiks_dead_letters_total",
    "Rings that nobody could act on: the lane's work broke, or has no actor here",
    ["bane"],
)


class EnTerm(dramatiq.Middleware):
    """Only the first TERM counts: a platform may signal the whole process group. The supervisor's KILL is the
    backstop.
    """

    def after_process_boot(self, broker: dramatiq.Broker) -> None:
        earlier = signal.getsignal(signal.SIGTERM)
        seen: list[int] = []

        def once(number: int, frame: FrameType | None) -> None:
            if not seen and callable(earlier):
                seen.append(number)
                earlier(number, frame)

        signal.signal(signal.SIGTERM, once)


class ProcessSetup(dramatiq.Middleware):
    """Process set-up and shutdown: metrics of the process's family, the owner lock, dead letters.

    The process takes its owner lock when it starts, and again if the database drops it, so that it counts as
    alive before the first ring. Objects made at start-up are frozen, so that the garbage collector does not
    scan them again and again.
    """

    def after_process_boot(self, broker: dramatiq.Broker) -> None:
        process = this_process()
        metrics.listen(settings, pages=health.pages(process, ROWS_AND_DOCUMENTS))
        with suppress(psycopg.Error):  # the database is away: the thread asks again
            process.owner.ensure()
        threading.Thread(target=process.hold_lock, name="owner", daemon=True).start()
        gc.collect()
        gc.freeze()

    def before_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Finish the job in hand and start no other: a slow channel must not make a deploy cut a call off."""
        this_process().leaving.set()

    def after_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Give all claimed jobs back: a list may take longer than a shutdown waits, and its next reader
        starts it again.
        """
        process = this_process()
        try:
            with process.app.app_context():
                queue.release_all_claims(process.owner.number)
        except (SQLAlchemyError, psycopg.Error) as error:
            log.warning("pieces_not_given_back", extra={"error": type(error).__name__})

    def after_nack(self, broker: dramatiq.Broker, message: dramatiq.MessageProxy) -> None:
        known = message.queue_name if message.queue_name in config_broker.LANES else "ukjent"
        DEAD_LETTERS.labels(known).inc()


log_everything(scrub=mask_numbers)
settings = Settings.from_env()
broker = config_broker.make_broker(settings.redis_url)
for middleware in (
    EnTerm(),
    ProcessSetup(),
    ShutdownNotifications(),
    AgeLimit(max_age=10 * MINUTES),
    TimeLimit(time_limit=LONGEST),
):
    broker.add_middleware(middleware)
dramatiq.set_broker(broker)
doorbell.install(config_broker.make_ringer(settings.redis_url))


def work_lane(lane: str) -> None:
    """Work a lane for one turn, then let other lanes in; ring again if there is more."""
    process, end = this_process(), time.monotonic() + TURN_SECONDS
    process.owner.ensure()
    while not process.leaving.is_set() and _portion(lane, process):
        if time.monotonic() > end:
            doorbell.ring_now(lane)
            return


def _portion(lane: str, process: Process) -> int:
    """Do one portion. An unforeseen error gives the job back (delivery does that itself).

    An unreachable object store, or a key only other processes have, is not the job's fault: the job waits for
    it however long. In an urgent lane a person waits, so the attempt counts and the person is told.
    """
    try:
        return do_portion(lane, process)
    except BaseException as error:
        if lane in PIECEWORK:
            is_out_of_reach = isinstance(error, Utilgjengelig) and lane not in URGENT
            _let_go(process, counts=not is_out_of_reach and not process.leaving.is_set())
        raise


def _let_go(process: Process, *, counts: bool) -> None:
    """Give the job back. If the database cannot be reached, release the owner lock, and the sweeper takes the
    job back.
    """
    try:
        with process.app.app_context():
            queue.release_claim(counts=counts)
    except (SQLAlchemyError, psycopg.Error) as error:
        log.warning("piece_not_given_back", extra={"error": type(error).__name__})
        process.owner.release()


for _lane in config_broker.LANES:
    dramatiq.actor(
        actor_name=_lane,
        queue_name=_lane,
        broker=broker,
        priority=0 if _lane in URGENT else 10,
        time_limit=LONGEST_OF.get(_lane, LONGEST),
    )(work_lane)

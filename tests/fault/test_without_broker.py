"""F11: Redis is not started. People work as always, and `fiks drain` does what the workers would.

Operations are told within a minute, and when Redis comes the workers that have waited for it send the rest.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from fiks.core import clock
from fiks.core.values.calendar import OSLO
from fiks.utsending.rules import Utsendingstatus
from testmiljo import mailing
from testmiljo.processes import free_port
from testmiljo.valkey import Valkey
from tests.fault.commands import fiks
from tests.fault.conftest import Chance
from tests.fault.crew import SENDERS, Crew
from tests.fault.platform import Platform, assert_all_well, simple_letter
from tests.fault.visitor import Visitor

pytestmark = pytest.mark.slow

ROWS = 60
ALARM_SECONDS, SCRAPED_EVERY, ASKED_EVERY = 60, 15, 15
"""The alarm is there within the first; Prometheus scrapes, and asks its rules, as docs/drift/overvaking.md says."""
FAILURES = 4
"""Rings for a lane that must have failed within a minute for FiksDoorbellFails."""


@pytest.fixture(scope="module")
def not_started(tmp_path_factory: pytest.TempPathFactory) -> Valkey:
    return Valkey(tmp_path_factory.mktemp("valkey"))


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory, not_started: Valkey) -> Iterator[Platform]:
    """A platform with its portal, whose Redis nobody has started."""
    with Platform(tmp_path_factory.mktemp("uten-redis"), ROWS, valkey=False) as platform:
        platform.stack.environ["REDIS_URL"] = not_started.redis_url
        platform.stack.start_portal()
        yield platform


@pytest.fixture
def without_broker(standing: Platform) -> Iterator[Platform]:
    with standing.inside():
        standing.begin()
        yield standing


@pytest.fixture
def valkey(not_started: Valkey) -> Iterator[Valkey]:
    """Its Redis, for a test to start."""
    yield not_started
    not_started.stop()


def day(moment: date) -> str:
    return moment.strftime("%d.%m.%Y")


def prepare(platform: Platform, maker: Visitor) -> UUID:
    """The five steps over HTTP, up to letters ordered."""
    today = clock.now().astimezone(OSLO).date()
    facts = {
        "konto": str(platform.seeded.kontoer["Eiendomsskatt"]),
        "tittel": "Eiendomsskatt uten Redis",
        "art": "FLETTEBREV",
        "brevdato": day(today),
        "kunngjoringsdato": day(today + timedelta(days=7)),
        "levering": "DIGITALT_FORST",
        "sikkerhetsniva": "BETYDELIG",
    }
    made = maker.post("/utsendinger/ny", facts)
    where = made.url.removesuffix("/mottakere")
    maker.post(f"{where}/mottakere", file=platform.list_of(ROWS))
    fiks(platform, "drain", "liste")
    maker.post(f"{where}/brev/mal", {"mal": str(simple_letter())}, page=f"{where}/brev")
    maker.post(f"{where}/oppsummering")
    return UUID(where.rpartition("/")[2])


def test_f11_with_redis_never_started_people_log_in_prepare_and_release_and_drain_sends_everything(
    without_broker: Platform, chance: Chance
) -> None:
    platform = without_broker
    maker = Visitor(platform.stack.base_url, platform.people["Saksbehandler"])
    utsending_id = prepare(platform, maker)
    where = f"/utsendinger/{utsending_id}"
    fiks(platform, "drain", "render")
    approver = Visitor(platform.stack.base_url, platform.people["Godkjenner"])
    approver.post(f"{where}/godkjenn", page=f"{where}/godkjenning")
    maker.post(f"{where}/frigi", {"nar": "na"})
    assert mailing.status(utsending_id) == Utsendingstatus.FRIGITT
    assert "doorbell_failed" in (platform.stack.folder / "portal.log").read_text()
    fiks(platform, "drain")
    assert_all_well(platform, [utsending_id], chance.seed, seconds=1)
    assert platform.log(), "nothing was sent"
    fiks(platform, "klokke", "+20d")
    fiks(platform, "drain")
    assert platform.unfinished([utsending_id]) == 0
    assert_all_well(platform, [utsending_id], chance.seed, seconds=1)


INN = {"bane": "inn"}
"""The lane that the sweeper rings whether there is work or not."""


def failures(port: int) -> float:
    """How many rings for `inn` the sweeper says that failed; nought before it listens."""
    try:
        told = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text
    except requests.ConnectionError:
        return 0
    samples = (sample for family in text_string_to_metric_families(told) for sample in family.samples)
    found = [one.value for one in samples if one.name == "fiks_doorbell_failures_total" and one.labels == INN]
    return sum(found)


def test_f11_operations_are_told_within_a_minute_and_when_redis_comes_the_workers_send_everything(
    without_broker: Platform, valkey: Valkey, chance: Chance
) -> None:
    platform, port = without_broker, free_port()
    utsending_id = platform.mailing(ROWS)
    with Crew(platform.stack, SENDERS, {"sveip": {"METRICS_PORT": str(port)}}) as crew:
        platform.wait("the sweeper listens and has failed to ring", lambda: failures(port) > 0)
        begun, before = time.monotonic(), failures(port)
        platform.wait("as many as the alarm asks for", lambda: failures(port) - before >= FAILURES)
        took = time.monotonic() - begun
        assert took + SCRAPED_EVERY + ASKED_EVERY < ALARM_SECONDS, f"FAULT_SEED={chance.seed}"
        assert not platform.at_rest([utsending_id]), "somebody had told the workers"
        valkey.start()
        assert_all_well(platform, [utsending_id], chance.seed)
        assert set(crew.started.values()) == {1}, "somebody died of it"
    assert platform.log(), "nothing was sent"

"""F11: Redis is never started. People work as always, and `fiks drain` does what the workers would."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest

from fiks.core import clock
from fiks.core.calendar import OSLO
from fiks.utsending.rules import Utsendingstatus
from testmiljo import mailing
from tests.fault.commands import fiks
from tests.fault.conftest import Chance
from tests.fault.platform import Platform, assert_all_well, simple_letter
from tests.fault.visitor import Visitor

pytestmark = pytest.mark.slow

ROWS = 60


@pytest.fixture
def without_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with Platform(tmp_path_factory.mktemp("uten-redis"), ROWS, valkey=False) as platform, platform.inside():
        platform.begin()
        platform.stack.start_portal()
        yield platform


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

"""F34: the reading of a list cut off at every commit, the file uploaded again and in two tabs, and sent twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import func, select

from fiks.core.db import db, session
from fiks.core.errors import Konflikt
from fiks.core.queue.owner_lock import Owner
from fiks.registeroppslag.port import Registerport
from fiks.registeroppslag.rules import Kontaktinformasjon, Person, Virksomhet
from fiks.utsending.draft import confirm as confirmation
from fiks.utsending.jobs import queue
from fiks.utsending.liste.control import pipeline
from fiks.utsending.models import Opplasting, Utsending, Utsendingsrad
from fiks.utsending.production import service
from fiks.utsending.receivers import list_import, uploads
from fiks.utsending.rules import Delart
from testmiljo import mailing
from tests.fault.conftest import Chance
from tests.fault.cut import Cut, CutOff
from tests.fault.platform import Platform, assert_all_well
from workers.lanes import do_portion

pytestmark = pytest.mark.slow

ROWS = 300


@pytest.fixture
def portions_of_a_hundred(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that 300 rows are read in three portions, each with a commit to be cut off at."""
    monkeypatch.setattr(pipeline, "PORTION", 100)


@dataclass(frozen=True)
class Lest:
    """What stands of a list: the mailing's own count and digest, the file's state, and the rows."""

    antall: int
    digest: bytes | None
    status: str
    rader: int
    forste: int
    siste: int


def read(utsending_id: UUID) -> Lest:
    session().rollback()
    whole = select(Utsending.antall_rader, Utsending.liste_digest).where(Utsending.id == utsending_id)
    file = select(Opplasting.status).where(Opplasting.utsending_id == utsending_id, Opplasting.art == "LISTE")
    rows = select(func.count(), func.min(Utsendingsrad.radnr), func.max(Utsendingsrad.radnr)).where(
        Utsendingsrad.utsending_id == utsending_id
    )
    antall, digest = session().execute(whole).one()
    return Lest(antall, digest, session().execute(file).scalar_one(), *session().execute(rows).one())


def upload(platform: Platform, utsending_id: UUID, rows: int = ROWS) -> None:
    take_in(platform, utsending_id, platform.list_of(rows).read_bytes())


def take_in(platform: Platform, utsending_id: UUID, content: bytes) -> None:
    maker = mailing.actor(platform.seeded, "Saksbehandler")
    uploads.upload(utsending_id, "LISTE", "liste.csv", iter([content]), actor=maker)


def test_f34_a_reading_cut_off_at_any_of_its_commits_ends_with_the_rows_of_the_file(
    platform: Platform, portions_of_a_hundred: None
) -> None:
    utsending_id = mailing.prepare(platform.seeded, platform.list_of(ROWS), mailing.Valg())
    platform.work("liste")
    whole = read(utsending_id)
    assert (whole.antall, whole.status, whole.rader) == (ROWS, "LEST", ROWS)
    at = 0
    while True:
        at += 1
        upload(platform, utsending_id)
        cut = Cut(at)
        with cut.ready():
            read_until_cut(platform)
        if not cut.hit:
            break
        platform.process.owner.release()
        queue.recover_pieces()
        platform.work("liste")
        assert read(utsending_id) == whole, f"cut off at commit {at}"
    assert at > 6, "the reading commits more often than that"


def read_until_cut(platform: Platform) -> None:
    try:
        do_portion("liste", platform.process)
    except CutOff:
        session().rollback()


def together(platform: Platform, *acts: Callable[[], object]) -> list[BaseException]:
    """Run these at the same time, each in its own app context; return what they raised."""
    start, raised = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        with platform.process.app.app_context():
            try:
                start.wait(30)
                act()
            except BaseException as error:  # noqa: BLE001 - told to the test, which fails
                raised.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


def test_f34_the_same_file_in_two_tabs_while_it_is_being_read_ends_with_the_rows_of_the_file(
    platform: Platform, portions_of_a_hundred: None
) -> None:
    utsending_id = mailing.prepare(platform.seeded, platform.list_of(ROWS), mailing.Valg())
    platform.work("liste")
    whole = read(utsending_id)
    content = platform.list_of(ROWS).read_bytes()
    for _ in range(3):
        take_in(platform, utsending_id, content)
        raised = together(
            platform,
            lambda: do_portion("liste", platform.process),
            lambda: take_in(platform, utsending_id, content),
            lambda: take_in(platform, utsending_id, content),
        )
        assert not raised
        platform.work("liste")
        assert read(utsending_id) == whole


class Interrupted:
    """The real registers; before they answer the second time something happens elsewhere, in a thread of its own."""

    def __init__(self, real: Registerport, meanwhile: Callable[[], object]) -> None:
        self.real = real
        self.meanwhile = meanwhile
        self.asked = 0

    def personer(self, fnrs: Sequence[str]) -> dict[str, Person]:
        self.asked += 1
        if self.asked == 2:
            self.meanwhile()
        return self.real.personer(fnrs)

    def kontakt(self, fnrs: Sequence[str]) -> dict[str, Kontaktinformasjon]:
        return self.real.kontakt(fnrs)

    def virksomheter(self, orgnrs: Sequence[str]) -> dict[str, Virksomhet]:
        return self.real.virksomheter(orgnrs)


def somebody_else_reads(platform: Platform) -> None:
    """What was lost is given back and read from beginning to end."""
    queue.recover_pieces()
    platform.work("liste")


@pytest.mark.parametrize("uploaded_again", [False, True], ids=["owner lost", "uploaded again"])
def test_f34_a_reader_that_wakes_after_another_has_read_the_list_writes_nothing(
    platform: Platform, portions_of_a_hundred: None, uploaded_again: bool
) -> None:
    utsending_id = mailing.prepare(platform.seeded, platform.list_of(ROWS), mailing.Valg())
    sleeper = Owner(platform.process.settings.sqlalchemy_url)
    part = queue.claim_piece([Delart.LES], sleeper.number)
    assert part is not None and part.utsending_id == utsending_id
    whole: list[Lest] = []

    def meanwhile() -> None:
        sleeper.release()
        if uploaded_again:
            upload(platform, utsending_id, ROWS - 50)
        somebody_else_reads(platform)
        whole.append(read(utsending_id))

    def elsewhere() -> None:
        assert not together(platform, meanwhile)

    register = Interrupted(platform.process.world.registers.port, elsewhere)
    list_import.read_upload(part, register)
    assert register.asked > 1, "the reader was never interrupted"
    assert whole == [read(utsending_id)]
    assert (whole[0].status, whole[0].rader) == ("LEST", ROWS - 50 if uploaded_again else ROWS)


def test_f34_a_list_replaced_in_another_tab_while_it_is_being_read_leaves_no_row_of_its_own(
    platform: Platform, portions_of_a_hundred: None
) -> None:
    utsending_id = mailing.prepare(platform.seeded, platform.list_of(ROWS), mailing.Valg())
    part = queue.claim_piece([Delart.LES], platform.process.owner.ensure())
    assert part is not None and part.utsending_id == utsending_id

    def elsewhere() -> None:
        assert not together(platform, lambda: upload(platform, utsending_id, ROWS - 50))

    register = Interrupted(platform.process.world.registers.port, elsewhere)
    list_import.read_upload(part, register)
    assert register.asked > 1, "the reader was never interrupted"
    assert (read(utsending_id).status, read(utsending_id).rader) == ("MOTTATT", 0)
    platform.work("liste")
    assert (read(utsending_id).status, read(utsending_id).rader) == ("LEST", ROWS - 50)


def test_the_same_list_uploaded_twice_is_sent_twice_only_when_somebody_says_why(
    platform: Platform, chance: Chance
) -> None:
    rows = 25
    first = platform.mailing(rows, other_property=False)
    finish(platform, [first])
    second = mailing.prepare(platform.seeded, platform.list_of(rows), mailing.Valg())
    platform.work("liste")
    maker = mailing.actor(platform.seeded, "Saksbehandler")
    confirmation.accept_repairs(second, None, actor=maker)
    with pytest.raises(Konflikt, match="SENDT_FOR") as refused:
        confirmation.confirm_control(second, actor=maker)
    assert refused.value.params["utsending"] == str(first)
    assert refused.value.params["antall"] > 0
    with pytest.raises(Konflikt, match="STATUS_ENDRET"):
        service.start_production(second, actor=maker)
    assert_all_well(platform, [first], chance.seed)
    mailing.send_again(second, "Feil beløp i det første brevet.", maker)
    mailing.control_and_produce(platform.seeded, second)
    platform.work("render")
    mailing.approve_and_release(platform.seeded, second)
    finish(platform, [second])
    assert_all_well(platform, [first, second], chance.seed)


def finish(platform: Platform, utsending_ids: list[UUID]) -> None:
    """Send inside the test."""
    platform.wait("all is sent", lambda: platform.sweep_and_work() and platform.at_rest(utsending_ids))

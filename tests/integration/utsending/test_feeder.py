"""The feeder: rows become letters in portions, each row once, however often and by how many it is run."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID, uuid4, uuid5

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.queue.owner_lock import Owner
from fiks.svarut import invariants
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.delivery.deliver import deliver
from fiks.svarut.letters import Dokumentref
from fiks.svarut.models import Dokument, Forsendelse, Levering
from fiks.svarut.rules import Bane, Status
from fiks.utsending.invariant_schedule import check_minute
from fiks.utsending.invariants import fed_in_time
from fiks.utsending.letters import letter_data
from fiks.utsending.letters.letter_data import letter_id
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.rules import Utsendingstatus
from fiks.utsending.sending import feeder
from fiks.utsending.sending.feeder import PAUSED_PORTIONS, feed_all, finish_all
from tests.integration.databases import Database
from tests.integration.houses import Hus, new_fnr
from tests.integration.svarut.letters import letter, make_letter
from tests.integration.utsending.kommuner import Mailing, make_kommune, make_mailing, release
from tests.integration.worlds import World
from workers.process import Process

pytestmark = pytest.mark.usefixtures("at_noon")
U = Utsendingstatus


def released(rader: int = 10, **options: int) -> Mailing:
    """A mailing that is approved and released with no time to regret left."""
    kommune = make_kommune()
    mailing = make_mailing(kommune, rader, **options)
    release(kommune, mailing)
    return mailing


def count(mailing: Mailing) -> int:
    session().rollback()
    return (
        session()
        .execute(select(func.count()).select_from(Forsendelse).where(Forsendelse.utsending_id == mailing.id))
        .scalar_one()
    )


def status(mailing: Mailing) -> str:
    session().rollback()
    return session().execute(select(Utsending.status).where(Utsending.id == mailing.id)).scalar_one()


def others(mailing: Mailing, many: int, row_status: str) -> None:
    """So many mailings that are being sent, released before this one, each with a row of this status and no letter."""
    copied = "konto_id, organisasjon_id, tittel, art, malversjon_id, brevdato, opprettet_av, klargjort_av, godkjent_av"
    with transaction() as tx:
        tx.execute(
            text(
                f"INSERT INTO utsending ({copied}, id, status, frigis_tid, antall_rader) SELECT {copied},"
                " gen_random_uuid(), 'SENDES', frigis_tid - interval '1 hour', 1 FROM utsending,"
                " generate_series(1, :many) WHERE id = :id"
            ),
            {"many": many, "id": mailing.id},
        )
        tx.execute(
            text(
                "INSERT INTO utsendingsrad (utsending_id, radnr, rad_hash, mottakertype, status, malform)"
                " SELECT u.id, 2, r.rad_hash, r.mottakertype, :status, r.malform FROM utsending u, utsendingsrad r"
                " WHERE u.status = 'SENDES' AND u.id <> r.utsending_id AND r.utsending_id = :id AND r.radnr = 2"
            ),
            {"status": row_status, "id": mailing.id},
        )


def test_a_mailing_starts_however_many_others_are_under_way_with_nothing_left_to_feed() -> None:
    """A mailing is under way for days, until its last letter is read or on paper."""
    mailing = released(3)
    others(mailing, 300, "FEIL")
    assert feed_all() == 3
    assert status(mailing) == U.SENDES


def test_a_mailing_ends_however_many_others_are_under_way() -> None:
    others(released(1), 300, "OK")
    mailing = released(1)
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(status=U.SENDES))
    assert feeder.feed(mailing.id) == 1
    with transaction() as tx:
        tx.execute(update(Forsendelse).values(status=Status.LEST))
        tx.execute(update(Levering).values(status="OVERLEVERT"))
    assert finish_all() + finish_all() == 1
    assert status(mailing) == U.FULLFORT


def test_a_mailing_that_nobody_starts_is_told_of() -> None:
    mailing = released(1)
    clock.move(timedelta(minutes=9))
    assert check_minute() == []
    clock.move(timedelta(minutes=2))
    assert [(found.regel, found.kode, found.id) for found in check_minute()] == [
        ("I3", "HENGER_FRIGITT", str(mailing.id))
    ]
    feed_all()
    assert check_minute() == []


def test_when_there_is_time_for_one_only_they_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeder, "FEED_SECONDS", 0.0)
    mailings = [released(4) for _ in range(3)]
    monkeypatch.setattr(feeder.feed, "__defaults__", (2,))
    for _ in range(3):
        assert feed_all() == 2
    assert [count(mailing) for mailing in mailings] == [2, 2, 2]
    with transaction() as tx:
        tx.execute(update(Levering).values(status="STOPPET"))
    for _ in range(3):
        assert feed_all() == 2
    assert [count(mailing) for mailing in mailings] == [4, 4, 4]
    assert feed_all() == 0


def test_every_row_becomes_one_letter_and_a_second_run_makes_none() -> None:
    mailing = released(10, parkert=2)
    assert feed_all() == 10
    assert [feed_all() for _ in range(3)] == [0, 0, 0]
    assert count(mailing) == 10
    rows = (
        session()
        .execute(
            select(Forsendelse.radnr, Utsendingsrad.forsendelse_id == Forsendelse.id)
            .join(Utsendingsrad, Utsendingsrad.forsendelse_id == Forsendelse.id)
            .where(Forsendelse.utsending_id == mailing.id)
            .order_by(Forsendelse.radnr)
        )
        .all()
    )
    assert [tuple(row) for row in rows] == [(radnr, True) for radnr in range(2, 12)]


@pytest.mark.parametrize("key", ["pk_forsendelse", "uq_forsendelse_utsending_id_radnr"])
def test_a_row_that_has_a_letter_gets_no_second_even_if_its_link_was_lost(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    mailing = released(3)
    feed_all()
    if key.startswith("uq"):
        monkeypatch.setattr(letter_data, "letter_id", lambda *made_of: uuid4())
    with transaction() as tx:
        tx.execute(
            update(Utsendingsrad).where(Utsendingsrad.utsending_id == mailing.id).values(forsendelse_id=None)
        )
        tx.execute(update(Levering).values(status="STOPPET"))
    with pytest.raises(IntegrityError, match=key):
        feeder.feed(mailing.id)
    session().rollback()
    assert count(mailing) == 3


def test_a_mailing_that_cannot_be_fed_is_told_of_and_holds_up_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for _ in range(2):
        released(3)
    feed_all()
    with transaction() as tx:
        tx.execute(update(Utsendingsrad).values(forsendelse_id=None))
        tx.execute(update(Levering).values(status="STOPPET"))
    whole = released(3)
    assert feed_all() == 3
    assert count(whole) == 3
    told = [vars(one)["kode"] for one in caplog.records if one.message == "mailing_not_fed"]
    assert told == ["IntegrityError"] * 2


def ids(mailing: Mailing) -> dict[int | None, tuple[UUID, UUID]]:
    """(letter, hand-over) of each row."""
    session().rollback()
    made = select(Forsendelse.radnr, Forsendelse.id, Levering.id).join(
        Levering, Levering.forsendelse_id == Forsendelse.id
    )
    return {
        row[0]: (row[1], row[2])
        for row in session().execute(made.where(Forsendelse.utsending_id == mailing.id))
    }


def test_a_letter_and_its_reference_follow_from_the_mailing_the_row_and_what_it_holds() -> None:
    first, second = released(3), released(3)
    while feed_all():
        pass
    made = ids(first)
    rows = session().scalars(
        select(Utsendingsrad).where(Utsendingsrad.utsending_id == first.id).order_by(Utsendingsrad.radnr)
    )
    for row in rows:
        assert row.brev_sha256 is not None
        held = row.rad_hash + row.brev_sha256
        letter_id = uuid5(first.id, f"brev {row.radnr} {held.hex()}")
        assert made[row.radnr] == (letter_id, uuid5(letter_id, "levering 1"))
    assert len({one for pair in [*made.values(), *ids(second).values()] for one in pair}) == 12


@pytest.mark.parametrize("other", ["rad_hash", "brev_sha256", "document"])
def test_with_other_values_or_another_document_it_is_another_letter(other: str) -> None:
    row = Utsendingsrad(utsending_id=UUID(int=1), radnr=2, rad_hash=b"a" * 32, brev_sha256=b"b" * 32)
    documents = [document(row.brev_sha256), document(b"c" * 32)]
    before = letter_id(row, documents)
    assert before == letter_id(row, documents)
    if other == "rad_hash":
        row.rad_hash = b"A" * 32
    else:
        documents[other == "document"] = document(b"d" * 32)
    assert letter_id(row, documents) != before


def document(sha256: bytes) -> Dokumentref:
    return Dokumentref(1, "brev.pdf", "application/pdf", 1, sha256, "o", None, None, b"", 1, ())


def test_two_sweepers_at_once_make_each_letter_once(process: Process) -> None:
    mailing = released(60)
    start = threading.Barrier(2)

    def run() -> None:
        with process.app.app_context():
            start.wait()
            for _ in range(6):
                feeder.feed(mailing.id, 15)
                feed_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    feed_all()
    assert count(mailing) == 60


def test_a_mailing_that_somebody_has_in_hand_is_not_waited_for(database: Database) -> None:
    mailing = released()
    feed_all()
    with transaction() as tx:
        tx.execute(update(Utsendingsrad).where(Utsendingsrad.radnr == 2).values(forsendelse_id=None))
        tx.execute(text("SET LOCAL lock_timeout = '2s'"))
        with database.app() as somebody, somebody.transaction():
            somebody.execute("SELECT 1 FROM utsending WHERE id = %s FOR SHARE", (mailing.id,))
            assert feeder.feed(mailing.id) == 0


def test_a_portion_is_made_at_a_time_and_none_while_one_still_waits() -> None:
    mailing = released(10)
    assert feeder.feed(mailing.id, 4) == 0
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(status=U.SENDES))
    assert [feeder.feed(mailing.id, 4) for _ in range(3)] == [4, 0, 0]
    assert count(mailing) == 4


def feed_with_altinn_paused(eier: Owner, mailing: Mailing, world: World, limit: int) -> int:
    """Feed and hand over while Altinn is paused, until no more letters are made; return how many were."""
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(status=U.SENDES))
        circuit_breaker.pause("ALTINN", "MANGE_FEIL")
    total = 0
    while made := feeder.feed(mailing.id, limit):
        total += made
        while deliver(Bane.MASSE, eier, world.verden):
            pass
    return total


def test_a_paused_channel_collects_a_few_portions_of_a_mailing_and_no_more(eier: Owner) -> None:
    mailing, world = released(15), World()
    for number in mailing.fnr.values():
        world.register.add_person(number)
    assert feed_with_altinn_paused(eier, mailing, world, 2) == 2 * PAUSED_PORTIONS
    clock.move(timedelta(hours=1))
    assert fed_in_time(timedelta(0)) == [], "it stands, and for a reason"
    with transaction() as tx:
        circuit_breaker.record_success("ALTINN")
        tx.execute(update(Levering).values(status="OVERLEVERT"))
    assert feeder.feed(mailing.id, 2) == 2


def test_a_mailing_goes_on_for_its_open_channels_while_some_wait_for_a_paused_one(eier: Owner) -> None:
    mailing, world = released(15), World()
    for place, number in enumerate(mailing.fnr.values()):
        world.register.add_person(number, postkasse=None if place < 4 else "EBOKS")
    assert feed_with_altinn_paused(eier, mailing, world, 2) == 15
    stand = select(Levering.status, func.count()).group_by(Levering.status)
    assert {row[0]: row[1] for row in session().execute(stand)} == {"VENTER": 4, "OVERLEVERT": 11}


def test_letters_that_wait_for_a_time_do_not_hold_their_mailing_up(eier: Owner) -> None:
    mailing = released(15)
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(status=U.SENDES))
    made = 0
    for _ in range(8):
        made += feeder.feed(mailing.id, 2)
        with transaction() as tx:
            tx.execute(update(Levering).values(status="VENTER", feilkode="HTTP_503"))
    assert made == 15


def test_letters_carry_what_the_row_and_the_mailing_say() -> None:
    mailing = released(2)
    feed_all()
    made = session().scalars(select(Forsendelse).where(Forsendelse.radnr == 3)).one()
    assert (made.konteringskode, made.ekstern_referanse) == ("EISK-2027", "=REF+3")
    assert (made.korrelasjonsid, made.kun_digital, made.tosidig) == (str(mailing.id), False, True)
    document = session().scalars(select(Dokument).where(Dokument.forsendelse_id == made.id)).one()
    row = session().get_one(Utsendingsrad, (mailing.id, 3))
    assert (document.sha256, document.objekt, document.fra) == (row.brev_sha256, row.objekt, row.fra)


def test_the_history_of_letters_that_were_fed_is_complete() -> None:
    mailing = released(5)
    feed_all()
    assert invariants.check_letters(invariants.letters_of([mailing.id])) == []


def test_a_mailing_is_finished_when_every_letter_is_final_and_not_before(eier: Owner) -> None:
    mailing = released(3)
    world = World()
    first, *others = mailing.fnr.values()
    world.register.add_person(first, postkasse="EBOKS")
    for number in others:
        world.register.add_person(number, registrert=False)
    feed_all()
    assert finish_all() == 0
    while deliver(Bane.MASSE, eier, world.verden):
        assert finish_all() == 0
    with transaction() as tx:
        tx.execute(
            update(Forsendelse).where(Forsendelse.status == Status.SENDT_PRINT).values(status=Status.PRINTET)
        )
    assert finish_all() == 0
    with transaction() as tx:
        tx.execute(
            update(Forsendelse).where(Forsendelse.status == Status.SENDT_SDP).values(status=Status.LEVERT_SDP)
        )
    assert [finish_all(), finish_all()] == [1, 0]
    assert status(mailing) == U.FULLFORT


def test_a_mailing_with_rows_still_to_be_fed_is_not_finished() -> None:
    mailing = released(4)
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(status=U.SENDES))
    feeder.feed(mailing.id, 2)
    with transaction() as tx:
        tx.execute(update(Levering).values(status="OVERLEVERT"))
        tx.execute(update(Forsendelse).values(status=Status.LEVERT_SDP))
    assert finish_all() == 0
    assert status(mailing) == U.SENDES


def test_one_mailing_that_cannot_be_fed_does_not_hold_the_others_back() -> None:
    broken, well = released(2), released(2)
    with transaction() as tx:
        tx.execute(
            update(Utsendingsrad)
            .where(Utsendingsrad.utsending_id == broken.id)
            .values(data_kryptert=b"ikke noe kryptogram i det hele tatt, bare en lang rekke med tegn")
        )
    assert feed_all() == 2
    assert (count(broken), count(well)) == (0, 2)


# svarut.md 12, statement 54: single letters sent during a mass sending are not delayed


def test_a_single_letter_is_sent_at_once_in_the_middle_of_a_mass_mailing(eier: Owner) -> None:
    mailing = released(120)
    feed_all()
    world = World()
    for _ in range(3):
        deliver(Bane.MASSE, eier, world.verden)
    kommune = session().execute(select(Utsending.konto_id, Utsending.organisasjon_id)).one()
    single = make_letter(
        Hus(kommune.organisasjon_id, kommune.konto_id, ""), world.register.add_person(new_fnr())
    )
    assert deliver(Bane.ENKELT, eier, world.verden) == 1
    assert letter(single).status == Status.SENDT_ALTINN
    waiting = session().execute(
        select(func.count()).where(Levering.utsending_id == mailing.id, Levering.status == "KLAR")
    )
    assert waiting.scalar_one() == 105


def test_two_mailings_share_the_mass_lane_a_portion_each() -> None:
    first, second = released(30), released(30)
    with transaction() as tx:
        tx.execute(update(Utsending).values(status=U.SENDES))
    for mailing in (first, second):
        feeder.feed(mailing.id, 10)
    assert (count(first), count(second)) == (10, 10)

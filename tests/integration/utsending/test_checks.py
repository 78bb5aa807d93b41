"""When the rules are asked: what broke is told of within a minute, or at its mailing's turn, until it is mended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import delete, func, insert, select, update

from fiks.core import audit, clock
from fiks.core.actor import system
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.svarut import invariants as letters
from fiks.svarut.models import Dokument, Forsendelse, Hendelse, Levering, Leveringsforsok
from fiks.svarut.receipts import feed as receipts_feed
from fiks.svarut.receipts.effects import Tidlig
from fiks.svarut.rules import Kanal, Status
from fiks.utsending import invariant_schedule
from fiks.utsending import invariants as mailing_rules
from fiks.utsending.models import Utsending, Utsendingshendelse, Utsendingsrad
from fiks.utsending.sending import feeder
from fiks.utsending.sending.feeder import feed, feed_all
from tests.integration.databases import statements
from tests.integration.houses import make_hus, new_fnr
from tests.integration.svarut.letters import make_letter
from tests.integration.utsending.kommuner import Mailing, make_kommune, make_mailing, release

pytestmark = pytest.mark.usefixtures("at_noon")
Found = set[tuple[str, str, str]]
LONG_AGO = timedelta(days=2)


def under_way(rader: int = 3) -> Mailing:
    """A mailing whose letters are made and wait to be handed over; its acts are audited and sealed."""
    kommune = make_kommune()
    mailing = make_mailing(kommune, rader)
    release(kommune, mailing)
    assert feed_all() == rader
    audit.seal()
    return mailing


def one_letter(mailing: Mailing) -> UUID:
    session().rollback()
    return session().scalars(select(Forsendelse.id).where(Forsendelse.utsending_id == mailing.id)).all()[0]


def change(*statements: object) -> None:
    with transaction() as tx:
        for statement in statements:
            tx.execute(statement)  # type: ignore[call-overload]


def in_a_minute() -> Found:
    return {(one.regel, one.kode, one.id) for one in invariant_schedule.check_minute()}


def in_turn(seconds: float = 60) -> Found:
    return {(one.regel, one.kode, one.id) for one in invariant_schedule.check_in_turn(seconds)}


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[float], None]]:
    """Lets so many seconds pass between two looks; no others do. No look was made before the test's own."""
    now = [0.0]

    def pass_by(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(invariant_schedule, "time", SimpleNamespace(monotonic=lambda: now[0]))
    invariant_schedule.resume_chain_check()
    yield pass_by
    invariant_schedule.resume_chain_check()


def test_a_mailing_in_order_breaks_no_rule() -> None:
    under_way()
    assert in_a_minute() == set()
    assert in_turn() == set()


def test_a_mailing_that_is_not_fed_on_is_told_of_and_one_that_waits_for_its_hand_overs_is_not() -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    release(kommune, mailing)
    change(
        update(Utsending).where(Utsending.id == mailing.id).values(status="SENDES"),
    )
    assert feed(mailing.id, 1) == 1
    found = ("I3", "HENGER_SENDES", str(mailing.id))
    clock.move(timedelta(minutes=11))
    assert found not in in_a_minute(), "one is ready: the feeder waits until fewer are"
    change(update(Levering).values(status="VENTER", neste_forsok=func.now() + LONG_AGO))
    assert found in in_a_minute()
    clock.move(timedelta(minutes=-2))
    assert found not in in_a_minute()
    clock.move(timedelta(minutes=2))
    assert feed_all() == 2
    assert found not in in_a_minute()
    change(update(Levering).values(status="VENTER", neste_forsok=func.now() + LONG_AGO))
    assert found not in in_a_minute(), "every row has its letter"


def test_a_mailing_that_is_begun_has_ten_minutes_for_its_first_letters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    release(kommune, mailing)
    monkeypatch.setattr(feeder, "feed", lambda _: 0)
    feed_all()
    found = ("I3", "HENGER_SENDES", str(mailing.id))
    assert found not in in_a_minute()
    change(update(Utsendingshendelse).values(tid=func.now() - timedelta(minutes=11)))
    assert found in in_a_minute()


def test_a_letter_that_nobody_has_is_told_of_also_one_of_no_mailing() -> None:
    lost, single = one_letter(under_way()), make_letter(make_hus(), new_fnr())
    for letter in (lost, single):
        change(
            update(Forsendelse).where(Forsendelse.id == letter).values(status=Status.AKSEPTERT),
            delete(Hendelse).where(Hendelse.forsendelse_id == letter),
            delete(Levering).where(Levering.forsendelse_id == letter),
        )
        assert ("I2", "INGEN_HAR_BREVET", str(letter)) in in_a_minute()


def test_a_letter_a_channel_tells_of_that_we_never_called_for_is_told_of() -> None:
    letter = one_letter(under_way())
    levering = session().scalars(select(Levering).where(Levering.forsendelse_id == letter)).one()
    session().rollback()
    receipts_feed.apply_receipt(Kanal.DPI, Tidlig(str(levering.id), "LEVERT", clock.now(), {}))
    assert session().get_one(Levering, levering.id, populate_existing=True).status == "OVERLEVERT"
    found = ("I7", "OVERLEVERT_UTEN_KALL", str(levering.id))
    assert in_a_minute() & {found} == in_turn() & {found} == {found}
    change(insert(Leveringsforsok).values(levering_id=levering.id, nr=1, kanal=Kanal.DPI))
    assert found not in in_a_minute() | in_turn()


def test_a_hand_over_that_dangles_is_told_of_however_many_letters_have_changed_since(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    under_way()
    change(
        update(Levering).values(status="UAVKLART", kanal="DPI", uavklart_siden=func.now() - LONG_AGO),
        update(Forsendelse).values(status_endret=func.now() - LONG_AGO),
    )
    monkeypatch.setattr(letters, "LATELY", 1)
    stuck = session().scalars(select(Levering.id)).all()
    assert {("I3", "HENGER_UAVKLART", str(one)) for one in stuck} <= in_a_minute()
    assert len(stuck) == 3


def claimed_by(letter: UUID, owner: int) -> UUID:
    """Somebody whose lock is free claims its hand-over, which is returned."""
    hand_over = Levering.forsendelse_id == letter
    change(update(Levering).where(hand_over).values(status="SENDER", eier=owner))
    return session().scalars(select(Levering.id).where(hand_over)).one()


def test_a_claim_of_nobody_is_told_of_when_it_still_is_a_minute_later(
    later: Callable[[float], None],
) -> None:
    found = ("I4", "EIER_DOED", str(claimed_by(one_letter(under_way()), 2_000_000_000)))
    assert [(one.regel, one.kode, one.id) for one in letters.claimed_is_owned()] == [found], (
        "who asks is told"
    )
    assert found not in in_a_minute(), "its worker may have died just now"
    later(1)
    assert found not in in_a_minute(), "nobody has had the time to take it back"
    later(59)
    assert found in in_a_minute()
    later(60)
    assert found in in_a_minute()


def test_a_hand_over_that_one_dead_worker_after_another_had_claimed_is_no_breach(
    later: Callable[[float], None],
) -> None:
    letter = one_letter(under_way())
    for owner in (2_000_000_000, 2_000_000_001, 2_000_000_002):
        claimed_by(letter, owner)
        assert {regel for regel, *_ in in_a_minute()} & {"I4"} == set()
        later(60)


def test_what_was_claimed_before_nobody_swept_for_a_while_is_seen_for_the_first_time(
    later: Callable[[float], None],
) -> None:
    found = ("I4", "EIER_DOED", str(claimed_by(one_letter(under_way()), 2_000_000_000)))
    in_a_minute()
    later(60)
    invariant_schedule.resume_chain_check()
    assert found not in in_a_minute(), "who would have taken it back was away"


UNSEALED = ("I10", "UFORSEGLET")


def seen_late() -> str:
    """A row of a transaction that began six minutes ago and has committed now."""
    with transaction() as tx:
        row = Audit(tid=func.now() - timedelta(minutes=6), aktor="a", aktor_navn="a", handling="BREV_APNET")
        row.objekt_type, row.objekt_id = "o", "1"
        tx.add(row)
        tx.flush()
        return str(row.id)


def test_a_row_of_a_transaction_that_lasted_long_is_no_breach_when_it_is_sealed_after(
    later: Callable[[float], None],
) -> None:
    row = seen_late()
    assert [(one.regel, one.kode, one.id) for one in mailing_rules.audit_is_sealed()] == [(*UNSEALED, row)]
    assert in_turn() == set()
    audit.seal()
    later(300)
    assert in_turn() == set()


def test_a_row_that_nobody_seals_is_told_of_five_minutes_after_it_was_seen_until_it_is_sealed(
    later: Callable[[float], None],
) -> None:
    row = seen_late()
    for _ in range(5):
        assert in_turn() == set()
        later(60)
    assert in_turn() == {(*UNSEALED, row)}
    later(60)
    assert in_turn() == {(*UNSEALED, row)}
    audit.seal()
    assert in_turn() == set()


def test_rows_that_are_sealed_too_late_all_the_time_are_told_of_though_others_come_after_them(
    later: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing_rules, "EXAMPLES", 1)
    told = []
    for _ in range(8):
        seen_late()
        told.append(len(in_turn()))
        later(60)
    assert told == [0, 0, 0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize(
    ("harm", "kode"),
    [
        ("the first number is gone", "LOPENR_HULL"),
        ("a number between is gone", "LOPENR_HULL"),
        ("a change begins elsewhere", "BREV_HOPP"),
        ("the last change is another", "BREV_SISTE"),
    ],
)
def test_a_history_with_a_hole_is_told_of(harm: str, kode: str) -> None:
    letter = one_letter(under_way())
    mine = Hendelse.forsendelse_id == letter
    harms = {
        "the first number is gone": delete(Hendelse).where(mine, Hendelse.lopenr == 1),
        "a number between is gone": delete(Hendelse).where(mine, Hendelse.lopenr == 2),
        "a change begins elsewhere": update(Hendelse)
        .where(mine, Hendelse.art == "FORSENDELSE", Hendelse.fra.is_not(None))
        .values(fra=Status.LEST),
        "the last change is another": update(Hendelse)
        .where(mine, Hendelse.art == "FORSENDELSE")
        .values(til=Status.LEST),
    }
    change(harms[harm])
    assert ("I5", kode, str(letter)) in in_a_minute()
    assert ("I5", kode, str(letter)) in in_turn()


def test_a_hand_over_whose_history_ends_elsewhere_is_told_of() -> None:
    letter = one_letter(under_way())
    change(
        update(Hendelse)
        .where(Hendelse.forsendelse_id == letter, Hendelse.art == "LEVERING")
        .values(til="OVERLEVERT")
    )
    levering = session().scalars(select(Levering.id).where(Levering.forsendelse_id == letter)).one()
    assert ("I5", "LEVERING_SISTE", str(levering)) in in_a_minute()


def test_a_letter_of_another_row_and_another_document_are_told_of() -> None:
    first, second = under_way(), under_way()
    stray, other = one_letter(first), one_letter(second)
    change(
        update(Forsendelse).where(Forsendelse.id == stray).values(radnr=99),
        update(Dokument).where(Dokument.forsendelse_id == other).values(sha256=b"\0" * 32),
    )
    expected = {("I2", "BREV_UTEN_RAD", str(stray)), ("I9", "ANNET_DOKUMENT", str(other))}
    assert expected <= in_a_minute()
    assert expected <= in_turn()


def test_what_broke_long_ago_is_found_when_its_mailing_has_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    mailing = under_way()
    letter = one_letter(mailing)
    change(
        update(Forsendelse)
        .where(Forsendelse.id == letter)
        .values(radnr=99, status_endret=func.now() - LONG_AGO),
    )
    monkeypatch.setattr(letters, "LATELY", 1)
    found = ("I2", "BREV_UTEN_RAD", str(letter))
    assert found not in in_a_minute()
    assert found in in_turn()


def test_a_row_that_is_gone_is_told_of_when_its_mailing_moved_last_or_has_its_turn() -> None:
    mailing = under_way()
    change(
        delete(Utsendingsrad).where(
            Utsendingsrad.utsending_id == mailing.id, Utsendingsrad.forsendelse_id == one_letter(mailing)
        )
    )
    found = ("I2", "RADER_STEMMER_IKKE", str(mailing.id))
    assert found in in_a_minute()
    change(update(Utsending).where(Utsending.id == mailing.id).values(endret=func.now() - LONG_AGO))
    assert found not in in_a_minute()
    assert found in in_turn()


def test_mailings_take_turns_and_what_was_found_stands_until_the_next() -> None:
    broken, others = under_way(), [under_way() for _ in range(3)]
    letter = one_letter(broken)
    change(update(Forsendelse).where(Forsendelse.id == letter).values(radnr=99))
    found = ("I2", "BREV_UTEN_RAD", str(letter))
    told = [found in in_turn(seconds=0) for _ in range(1 + len(others))]
    assert told == sorted(told) and told[-1], "from its turn on"
    right = select(Utsendingsrad.radnr).where(Utsendingsrad.forsendelse_id == letter).scalar_subquery()
    change(update(Forsendelse).where(Forsendelse.id == letter).values(radnr=right))
    told = [found in in_turn(seconds=0) for _ in range(1 + len(others))]
    assert told == sorted(told, reverse=True) and not told[-1], "until its next"


def test_a_large_mailing_is_looked_at_a_piece_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invariant_schedule, "PIECE", 2)
    mailing = under_way(6)
    session().rollback()
    made = session().execute(select(Forsendelse.id, Forsendelse.radnr).order_by(Forsendelse.radnr)).all()
    change(update(Levering).values(status="OVERLEVERT"), update(Utsending).values(innhold_digest=b"\0" * 32))
    pieces = 1 + made[-1].radnr // 2
    told = [in_turn(seconds=0) for _ in range(pieces)]
    assert [len(one) for one in told] == sorted(len(one) for one in told)
    letters_told = [{id for _, kode, id in one if kode == "INGEN_HAR_BREVET"} for one in told]
    assert letters_told[-1] == {str(letter.id) for letter in made}
    assert max(len(b - a) for a, b in pairwise([set(), *letters_told])) == 2
    assert ("I9", "ANNET_INNHOLD", str(mailing.id)) in told[-1]


def test_what_is_found_of_a_mailing_goes_with_it() -> None:
    mailing = under_way()
    letter = one_letter(mailing)
    change(update(Forsendelse).where(Forsendelse.id == letter).values(radnr=99))
    assert in_turn()
    change(
        update(Utsending)
        .where(Utsending.id == mailing.id)
        .values(status="STOPPET", endret=func.now() - LONG_AGO)
    )
    assert in_turn() == set()


def test_however_many_letters_are_read_the_audit_log_is_asked_in_the_same_words() -> None:
    mailing, few = under_way(12), 2
    letters = [one for one in session().scalars(select(Forsendelse.id)) if one]
    asked = set[int]()
    for read in (letters[:few], letters):
        change(update(Hendelse).where(Hendelse.forsendelse_id.in_(read)).values(til=Status.LEST))
        with statements() as sent:
            found = mailing_rules.acts_are_audited([mailing.id])
        asked.add(sum(statement.count("%(") for statement in sent))
        assert {(one.kode, one.id) for one in found} >= {
            ("LESNING_UTEN_REVISJON", str(one)) for one in letters[:few]
        }
    assert len(asked) == 1
    with transaction():
        for one in letters:
            audit.record(system("leser"), "BREV_LASTET_NED", "forsendelse", one)
    assert not [one for one in mailing_rules.acts_are_audited([mailing.id]) if one.kode.startswith("LESNING")]

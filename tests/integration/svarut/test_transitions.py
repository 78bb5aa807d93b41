"""Every transition of the two tables can be made, no other can, and each leaves its history row."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from fiks.core.db import session, transaction
from fiks.svarut.history import Event, append_events, remark
from fiks.svarut.models import Forsendelse, Hendelse, Levering
from fiks.svarut.rules import LEVERINGSOVERGANGER, OVERGANGER, Leveringsstatus, Status
from fiks.svarut.transitions import Claim, move_claimed, move_forsendelse, move_levering, open_levering
from tests.integration.houses import make_hus, new_fnr
from tests.integration.svarut.letters import codes, letter, levering, leveringer, make_letter

pytestmark = pytest.mark.usefixtures("empty")


def set_letter(letter_id: UUID, status: Status) -> None:
    session().execute(update(Forsendelse).where(Forsendelse.id == letter_id).values(status=status))


def set_levering(levering_id: UUID, status: Leveringsstatus) -> None:
    owned = 7 if status is Leveringsstatus.SENDER else None
    session().execute(
        update(Levering).where(Levering.id == levering_id).values(status=status, eier=owned, forsok=1)
    )


def events_of(letter_id: UUID) -> int:
    return (
        session()
        .execute(select(func.count()).select_from(Hendelse).where(Hendelse.forsendelse_id == letter_id))
        .scalar_one()
    )


def test_sv12_24_each_transition_of_a_letter_is_made_and_written_down_and_no_other() -> None:
    made = make_letter(make_hus(), new_fnr())
    for fra in Status:
        for til in Status:
            with transaction() as tx:
                set_letter(made, fra)
                before = events_of(made)
                moved = move_forsendelse(made, fra=tuple(Status), til=til, kode="PROVE", aktor="test")
                legal = til in OVERGANGER[fra]
                assert moved is legal, (fra, til)
                assert letter(made).status == (til if legal else fra)
                assert events_of(made) == before + legal
                if legal:
                    last = tx.get_one(Hendelse, (made, letter(made).siste_lopenr))
                    assert (last.art, last.fra, last.til, last.kode) == ("FORSENDELSE", fra, til, "PROVE")


def test_a_letter_that_somebody_else_moved_is_left_alone() -> None:
    made = make_letter(make_hus(), new_fnr())
    with transaction():
        set_letter(made, Status.LEST)
        assert not move_forsendelse(
            made, fra=(Status.SENDT_ALTINN,), til=Status.SENDT_PRINT, kode="X", aktor="test"
        )
    assert letter(made).status == Status.LEST


def test_a_letter_that_is_not_there_is_not_moved() -> None:
    with transaction():
        assert not move_forsendelse(uuid4(), fra=tuple(Status), til=Status.LEST, kode="X", aktor="test")


def test_sv12_24_the_time_of_the_last_change_follows_the_change_and_not_the_remarks() -> None:
    made = make_letter(make_hus(), new_fnr())
    before = letter(made).status_endret
    with transaction():
        remark(made, "APNET_I_ALTINN", aktor="test")
    assert letter(made).status_endret == before
    with transaction():
        move_forsendelse(made, fra=(Status.AKSEPTERT,), til=Status.SENDT_SDP, kode="X", aktor="test")
    assert letter(made).status_endret > before


def test_each_transition_of_a_hand_over_is_made_and_written_down() -> None:
    made = make_letter(make_hus(), new_fnr())
    own = levering(made).id
    for fra, targets in LEVERINGSOVERGANGER.items():
        for til in targets - {Leveringsstatus.SENDER}:
            with transaction() as tx:
                set_levering(own, fra)
                if fra is Leveringsstatus.SENDER:
                    moved = move_claimed(Claim(own, made, 7, 1), til, kode="PROVE", aktor="test")
                else:
                    moved = move_levering(own, fra=fra, til=til, kode="PROVE", aktor="test")
                assert moved, (fra, til)
                last = tx.get_one(Hendelse, (made, letter(made).siste_lopenr))
                assert (last.art, last.levering_id, last.fra, last.til) == ("LEVERING", own, fra, til)
                assert levering(made).eier is None


def test_an_illegal_transition_of_a_hand_over_is_a_fault_in_the_program() -> None:
    made = make_letter(make_hus(), new_fnr())
    for fra in Leveringsstatus:
        for til in set(Leveringsstatus) - LEVERINGSOVERGANGER[fra]:
            with pytest.raises(AssertionError), transaction():
                move_levering(levering(made).id, fra=fra, til=til, kode="X", aktor="test")


@pytest.mark.parametrize("wrong", [{"eier": 8}, {"forsok": 2}, {"levering_id": uuid4()}])
def test_a_claim_that_is_not_ours_any_more_moves_nothing(wrong: dict[str, object]) -> None:
    made = make_letter(make_hus(), new_fnr())
    own = levering(made).id
    claim = {"levering_id": own, "forsendelse_id": made, "eier": 7, "forsok": 1} | wrong
    with transaction():
        set_levering(own, Leveringsstatus.SENDER)
        before = events_of(made)
        taken = move_claimed(
            Claim(**claim),  # type: ignore[arg-type]
            Leveringsstatus.OVERLEVERT,
            kode="X",
            aktor="test",
        )
        assert not taken
        assert events_of(made) == before
    assert levering(made).status == Leveringsstatus.SENDER


def test_a_letter_never_has_two_open_hand_overs() -> None:
    made = make_letter(make_hus(), new_fnr())
    with pytest.raises(IntegrityError, match="uq_levering_apen"), transaction():
        open_levering(made, utsending_id=None, bane="enkelt", kanal="PRINT", aktor="test", kode="X")
    assert len(leveringer(made)) == 1


def test_the_database_itself_holds_that_claimed_means_owned() -> None:
    own = levering(make_letter(make_hus(), new_fnr())).id
    with pytest.raises(IntegrityError, match="ck_levering_eier"), transaction() as tx:
        tx.execute(update(Levering).where(Levering.id == own).values(status="SENDER"))
    with pytest.raises(IntegrityError, match="ck_levering_eier"), transaction() as tx:
        tx.execute(update(Levering).where(Levering.id == own).values(eier=7))


@pytest.mark.parametrize("status", ["VARSLET", "SENDT", ""])
def test_the_database_itself_knows_no_other_status(status: str) -> None:
    made = make_letter(make_hus(), new_fnr())
    with pytest.raises(IntegrityError, match="ck_forsendelse_status"), transaction() as tx:
        tx.execute(update(Forsendelse).where(Forsendelse.id == made).values(status=status))


def test_a_letter_that_does_not_exist_has_no_history() -> None:
    made = make_letter(make_hus(), new_fnr())
    before = codes(made)
    with pytest.raises(LookupError), transaction():
        append_events([Event(one, "MERKNAD", "P", "test") for one in (made, uuid4())])
    assert codes(made) == before


def test_events_of_several_letters_are_numbered_each_for_itself_without_gaps() -> None:
    hus = make_hus()
    a, b = make_letter(hus, new_fnr()), make_letter(hus, new_fnr())
    with transaction():
        append_events([Event(x, "MERKNAD", kode, "test") for kode in "PQ" for x in (a, b)])
        remark(a, "R", aktor="test", grunn="en prøve")
    assert codes(a)[-3:] == ["P", "Q", "R"]
    assert codes(b)[-2:] == ["P", "Q"]
    for made in (a, b):
        numbers = (
            session()
            .scalars(select(Hendelse.lopenr).where(Hendelse.forsendelse_id == made).order_by(Hendelse.lopenr))
            .all()
        )
        assert list(numbers) == list(range(1, letter(made).siste_lopenr + 1))

"""Numbers of which a register can say nothing, and registers that say nothing at all: what it costs who asks."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.errors import Avvist, KanalFeil, ProvIgjen
from fiks.registeroppslag.register_answer import MOST_UNANSWERED
from fiks.sms import lookup, rules
from fiks.sms.errors import ForMangeOppslag
from fiks.sms.lookup import Nummerstatus
from tests.integration.databases import Database
from tests.integration.houses import new_fnr
from tests.integration.sms.gateways import Smshus
from tests.integration.sms.numbers import KARI, Speechless, look_up, with_number
from tests.integration.worlds import FakeRegister

NOTHING = (None, Nummerstatus.IKKE_FUNNET)
OF_A_NUMBER = [Avvist("HTTP_400"), ProvIgjen("HTTP_500"), ProvIgjen("UFORSTAAELIG_SVAR")]


def refused(smshus: Smshus, fnrs: Sequence[str], register: FakeRegister) -> None:
    with pytest.raises(KanalFeil):
        look_up(smshus, fnrs, register)
    session().rollback()


@pytest.mark.parametrize("error", OF_A_NUMBER)
def test_one_number_folkeregisteret_cannot_speak_of_is_not_given_out_and_keeps_back_no_other(
    smshus: Smshus, error: KanalFeil
) -> None:
    register = Speechless()
    fnrs = [with_number(register) for _ in range(9)]
    register.ukjente[fnrs[4]] = error
    found = {one.fnr: (one.telefonnummer, one.status) for one in look_up(smshus, fnrs, register)}
    assert found.pop(fnrs[4]) == NOTHING
    assert set(found.values()) == {(KARI, Nummerstatus.GYLDIG)} and len(found) == 8


@pytest.mark.parametrize("error", OF_A_NUMBER)
def test_one_number_krr_cannot_speak_of_keeps_back_no_other(smshus: Smshus, error: KanalFeil) -> None:
    register = Speechless()
    good, hard = with_number(register), with_number(register)
    register.stumme[hard] = error
    found = [(one.telefonnummer, one.status) for one in look_up(smshus, [hard, good], register)]
    assert found == [NOTHING, (KARI, Nummerstatus.GYLDIG)]


def test_a_register_that_can_speak_of_nobody_has_not_answered(smshus: Smshus) -> None:
    register = Speechless()
    fnrs = [with_number(register), with_number(register)]
    register.stumme = dict.fromkeys(fnrs, ProvIgjen("HTTP_500"))
    refused(smshus, fnrs, register)


def test_a_register_that_cannot_speak_of_many_has_not_answered(
    smshus: Smshus, register: FakeRegister
) -> None:
    fnrs = [with_number(register) for _ in range(4 * MOST_UNANSWERED)]
    register.vanskelige = dict.fromkeys(fnrs[::3][:MOST_UNANSWERED], Avvist("HTTP_400"))
    refused(smshus, fnrs, register)
    assert len(register.spurt) < 50


def test_a_register_that_goes_away_between_two_questions_has_not_answered(smshus: Smshus) -> None:
    register = Speechless()
    hard, away, good = (with_number(register) for _ in range(3))
    register.stumme = {hard: Avvist("HTTP_400"), away: ProvIgjen("TIDSAVBRUDD")}
    refused(smshus, [hard, away, good], register)


def test_what_got_no_answer_is_not_counted(
    smshus: Smshus, register: FakeRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_LOOK_UPS", 3)
    fnrs = [with_number(register) for _ in range(3)]
    register.nede = ProvIgjen("HTTP_503")
    for _ in range(3):
        refused(smshus, fnrs, register)
    register.nede = None
    assert {one.telefonnummer for one in look_up(smshus, fnrs, register)} == {KARI}
    with pytest.raises(ForMangeOppslag, match="SMS_FOR_MANGE_OPPSLAG"):
        look_up(smshus, fnrs[:1], register)


def test_tries_that_get_no_answer_have_an_end_as_well(
    smshus: Smshus, register: FakeRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookup, "MOST_TRIES", 4)
    register.nede = ProvIgjen("HTTP_503")
    fnrs = [new_fnr(), new_fnr()]
    for _ in range(2):
        refused(smshus, fnrs, register)
    with pytest.raises(ForMangeOppslag, match="SMS_FOR_MANGE_FORSOK") as error:
        look_up(smshus, fnrs, register)
    assert (error.value.status, len(register.spurt)) == (429, 2)


def test_who_waits_a_minute_between_full_calls_may_try_all_the_hour() -> None:
    assert lookup.MOST_TRIES >= 60 * rules.MOST_NUMBERS


def test_an_answer_that_never_came_makes_no_room_for_what_is_asked_an_hour_later(
    smshus: Smshus, register: FakeRegister, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The question has left the hour before the row that says it was in vain."""
    monkeypatch.setattr(rules, "MOST_LOOK_UPS", 2)
    fnrs = [with_number(register) for _ in range(2)]
    register.nede = ProvIgjen("TIDSAVBRUDD")
    refused(smshus, fnrs, register)
    register.nede = None
    with database.owner() as owner:
        owner.execute("UPDATE audit SET tid = tid - interval '61 minutes' WHERE handling = 'SMS_KRR_OPPSLAG'")
        owner.execute(
            "UPDATE audit SET tid = tid - interval '59 minutes', detaljer = jsonb_set(detaljer, '{spurt_tid}',"
            " to_jsonb((tid - interval '61 minutes')::text)) WHERE handling = 'SMS_KRR_OPPSLAG_UTEN_SVAR'"
        )
    look_up(smshus, fnrs, register)
    with pytest.raises(ForMangeOppslag):
        look_up(smshus, fnrs, register)


def test_that_there_was_no_answer_is_written_down_without_a_person(
    smshus: Smshus, register: FakeRegister
) -> None:
    register.nede = ProvIgjen("HTTP_503")
    refused(smshus, [new_fnr(), new_fnr()], register)
    [row] = session().scalars(select(Audit).where(Audit.handling == lookup.UNANSWERED))
    assert (row.aktor, row.gjelder, row.ressurs_id) == (smshus.sender.ref, None, smshus.konto_id)
    assert row.detaljer["antall"] == 2

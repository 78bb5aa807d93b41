"""A skjema that is sent again, and a worker that slept through it: what it claimed then is not what is sent now."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text

from fiks.core.db import transaction
from fiks.core.errors import FiksError
from fiks.core.storage.store import LagerUtilgjengelig
from fiks.edialog import service, work
from fiks.edialog.letter import Krav
from fiks.edialog.rules import Status
from tests.integration.edialog.sent import mails
from tests.integration.edialog.skjemaer import WRITTEN, Innbygger, Penn, draft, letters, row_of
from tests.integration.houses import Hus
from tests.integration.worlds import FakeRegister

MENDED = replace(WRITTEN, tittel="Rettet tittel")


def claimed() -> Krav:
    """What is due, claimed by a worker that then falls asleep for longer than it may keep it."""
    krav = work._claim()
    assert krav is not None
    with transaction() as tx:
        tx.execute(text("UPDATE edialog_skjema SET neste_forsok = now() - interval '1 s'"))
    return krav


def sent_again(made: UUID, who: Innbygger, register: FakeRegister) -> None:
    """Another worker gives it back, and its citizen mends it and sends it again."""
    assert work.send_next(Penn([FiksError("TEGN_UGYLDIG")]), register) == 1
    assert row_of(made).status == Status.INNSENDING_FEILET
    service.save(made, MENDED, sensitivt=False, actor=who.actor)
    service.send(made, spraak="nb", actor=who.actor)


def state_of(made: UUID) -> tuple[object, ...]:
    row = row_of(made)
    return row.status, row.forsok, row.neste_forsok, row.feilkode


@pytest.mark.parametrize("tries", [1, 2, 3])
def test_a_worker_that_slept_never_sends_what_was_mended_since(
    hus: Hus, penn: Penn, register: FakeRegister, tries: int
) -> None:
    """Whichever try of the new turn is under way when it wakes."""
    who = Innbygger()
    made = draft(hus, who)
    service.send(made, spraak="nb", actor=who.actor)
    old = [claimed(), claimed()]
    sent_again(made, who, register)
    new = [claimed() for _ in range(tries)]
    for krav in (*old, new[-1]):
        work._make_letter(krav, penn, register)
    assert [one.tittel for one in letters()] == ["Rettet tittel"]
    assert row_of(made).status == Status.INNSENDT


@pytest.mark.parametrize("trouble", [FiksError("TEGN_UGYLDIG"), LagerUtilgjengelig("LAGER_NEDE")])
def test_what_befalls_a_worker_that_slept_does_not_touch_the_new_turn(
    hus: Hus, register: FakeRegister, trouble: FiksError
) -> None:
    who = Innbygger()
    made = draft(hus, who)
    service.send(made, spraak="nb", actor=who.actor)
    old = claimed()
    sent_again(made, who, register)
    claimed()
    before = state_of(made)
    work._make_letter(old, Penn([trouble]), register)
    assert before[0] == Status.UNDER_INNSENDING
    assert state_of(made) == before


def test_each_turn_has_all_its_tries(hus: Hus, register: FakeRegister) -> None:
    who = Innbygger()
    made = draft(hus, who)
    tries = []
    for _ in range(2):
        service.send(made, spraak="nb", actor=who.actor)
        tries.append(0)
        while row_of(made).status == Status.UNDER_INNSENDING:
            with transaction() as tx:
                tx.execute(text("UPDATE edialog_skjema SET neste_forsok = now() - interval '1 s'"))
            tries[-1] += work.send_next(Penn([FiksError("TEGNING_FEILET")]), register)
    assert tries == [work.MAX_TRIES + 1] * 2


def test_whoever_fails_twice_is_told_twice(hus: Hus, register: FakeRegister) -> None:
    who = Innbygger()
    made = draft(hus, who)
    service.send(made, spraak="nb", actor=who.actor)
    sent_again(made, who, register)
    assert work.send_next(Penn([FiksError("TEGN_UGYLDIG")]), register) == 1
    assert row_of(made).status == Status.INNSENDING_FEILET
    assert [one[0] for one in mails()] == ["EDIALOG_FEILET"] * 2

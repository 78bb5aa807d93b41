"""Rows that a newer release has written: each waits for a release that knows it, and costs its neighbours nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, text, update

from fiks.core.db import session, transaction
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.operations.alarms import count_stuck_leveringer
from fiks.svarut.rules import AWAITS_RELEASE, Status
from fiks.svarut.sealed_content import seal_content
from tests.integration.databases import Database
from tests.integration.houses import Hus, new_fnr
from tests.integration.newer import widened
from tests.integration.svarut.letters import (
    hand_over,
    let_wait_pass,
    letter,
    levering,
    make_letter,
    tries_used,
)
from tests.integration.worlds import World

MORE_THAN_ALL_TRIES = 9
NEWER = {
    "opphav": ("ck_forsendelse_opphav", "UPDATE forsendelse SET opphav = 'NY_DOR' WHERE id = :letter"),
    "mottakertype": (
        "ck_forsendelse_mottakertype",
        "UPDATE forsendelse SET mottakertype = 'HUSSTAND' WHERE id = :letter",
    ),
    "status": ("ck_forsendelse_status", "UPDATE forsendelse SET status = 'PA_TUR' WHERE id = :letter"),
    "kanal": (
        "ck_levering_kanal",
        "UPDATE levering SET kanal = 'EPOST_NY', kanalregel = 'LESEFRIST' WHERE forsendelse_id = :letter",
    ),
}
"""By what is new: the check that a newer release has widened, and what it wrote."""


@pytest.fixture
def letters(hus: Hus, world: World) -> list[UUID]:
    """Five letters that one worker claims together."""
    return [make_letter(hus, world.register.add_person(new_fnr())) for _ in range(5)]


@pytest.fixture(params=NEWER)
def unknown(request: pytest.FixtureRequest, database: Database, letters: list[UUID]) -> Iterator[UUID]:
    """The third of them, which says something that this release does not know."""
    check, change = NEWER[request.param]
    with widened(database, check):
        with transaction() as tx:
            tx.execute(text(change), {"letter": letters[2]})
        yield letters[2]
        session().rollback()
        with transaction() as tx:  # what `hus` holds the rows against at the end is this release's
            mine = update(Forsendelse).where(Forsendelse.id == letters[2], Forsendelse.status == "PA_TUR")
            tx.execute(mine.values(status=Status.AKSEPTERT))


def test_what_only_a_newer_release_knows_waits_for_it_and_its_neighbours_go(
    eier: Owner, world: World, letters: list[UUID], unknown: UUID
) -> None:
    for _ in range(MORE_THAN_ALL_TRIES):
        hand_over(eier, world)
        waiting = levering(unknown)
        assert (waiting.status, waiting.feilkode, waiting.eier) == ("VENTER", AWAITS_RELEASE, None)
        let_wait_pass(unknown)
    neighbours = [one for one in letters if one != unknown]
    assert {letter(one).status for one in neighbours} == {Status.SENDT_ALTINN}
    assert [levering(one).tapte_eiere for one in letters] == [0] * 5
    assert tries_used([unknown]) == 0


def test_a_field_that_only_a_newer_release_reads_keeps_back_that_letter_alone(
    hus: Hus, eier: Owner, world: World, letters: list[UUID]
) -> None:
    newer = {"lenker": [{"urlTekst": "Se", "url": "https://eksempel.no", "ledetekst": "", "farge": "bla"}]}
    with transaction() as tx:
        third = update(Forsendelse).where(Forsendelse.id == letters[2])
        tx.execute(third.values(innhold_kryptert=seal_content(newer)))
    hand_over(eier, world)
    assert [levering(one).status for one in letters] == [
        "OVERLEVERT",
        "OVERLEVERT",
        "VENTER",
        "OVERLEVERT",
        "OVERLEVERT",
    ]
    assert levering(letters[2]).feilkode == AWAITS_RELEASE


def test_one_that_waits_for_a_release_is_told_of_after_an_hour(
    eier: Owner, world: World, letters: list[UUID], caplog: pytest.LogCaptureFixture
) -> None:
    """It may as well be a fault of ours: then nobody else tells of it."""
    with transaction() as tx:
        tx.execute(
            update(Forsendelse)
            .where(Forsendelse.id == letters[2])
            .values(innhold_kryptert=seal_content({"lenker": [{"ny": "x"}]}))
        )
    hand_over(eier, world)
    [said] = [one for one in caplog.records if one.message == "letter_not_opened"]
    assert (said.__dict__["kode"], said.__dict__["error"]) == (AWAITS_RELEASE, "TypeError")
    assert count_stuck_leveringer() == 0
    with transaction() as tx:
        mine = update(Levering).where(Levering.forsendelse_id == letters[2])
        tx.execute(mine.values(opprettet=func.now() - timedelta(minutes=61)))
    assert count_stuck_leveringer() == 1
    [told] = [one for one in caplog.records if one.message == "letters_wait_long"]
    assert (told.__dict__["kode"], told.__dict__["antall"]) == (AWAITS_RELEASE, 1)

"""The main job end to end in the four scenarios of register.json: every letter to the right place, each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from fiks.core.db import session
from fiks.svarut import invariants
from fiks.utsending import invariants as mailing_rules
from fiks.utsending.models import Utsendingsrad
from fiks.utsending.rules import Utsendingstatus
from fiks.utsending.sealed_values import row_values
from tests.integration.utsending.lists import known
from tests.integration.utsending.scenarios import SCENARIOS, Outcome, Played, count, played

pytestmark = pytest.mark.slow

FORVENTET: dict[str, Any] = known()["forventet"]["eiendomsskatt"]
FIRST_CHANNEL = {"1": "SVARINN", "2a": "DPI", "2b": "ALTINN", "3": "PRINT", "4": "ALTINN", "5": "PRINT"}


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with played(tmp_path_factory.mktemp("scenarier")) as everything:
        yield everything


@pytest.fixture(params=list(SCENARIOS))
def scenario(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def outcome(play: Played, scenario: str) -> Outcome:
    return play.outcomes[scenario]


def expected_end(scenario: str) -> dict[str, int]:
    """The expected statuses."""
    return dict(FORVENTET["totalt"][scenario]["sluttStatus"])


def test_every_letter_ends_as_the_scenario_expects(outcome: Outcome, scenario: str) -> None:
    assert count(outcome.letters, "status") == expected_end(scenario)


def test_every_letter_took_the_channel_the_scenario_expects(outcome: Outcome, scenario: str) -> None:
    assert outcome.regnskap.per_kanal == FORVENTET["totalt"][scenario]["kanal"]


def test_the_account_balances_nothing_lost_nothing_doubled(outcome: Outcome) -> None:
    assert (outcome.regnskap.rader, outcome.regnskap.parkert) == (240, 0)
    assert (outcome.regnskap.doblet, outcome.regnskap.tapt, outcome.regnskap.uferdig) == (0, 0, 0)
    assert outcome.regnskap.balanced
    assert outcome.status is Utsendingstatus.FULLFORT


def test_every_row_became_one_letter(outcome: Outcome) -> None:
    assert [letter.radnr for letter in outcome.letters] == list(range(2, 242))


def test_the_history_of_every_letter_is_complete_and_lawful(play: Played, outcome: Outcome) -> None:
    with play.process.app.app_context():
        assert invariants.check_letters(invariants.letters_of([outcome.utsending_id])) == []


def test_row_by_row_the_standard_scenario_is_as_expected(play: Played) -> None:
    found = [
        (
            letter.radnr,
            letter.eksternref,
            letter.mottakertype,
            FIRST_CHANNEL[letter.regel or ""],
            letter.regel,
            letter.status,
        )
        for letter in play.outcomes["standard"].letters
    ]
    expected = [
        (
            row["rad"],
            row["eksternref"],
            row["mottakertype"],
            row["kanal"],
            row["regel"].split()[0],
            row["sluttStatus"],
        )
        for row in FORVENTET["rader"]
    ]
    assert found == expected


def test_what_every_letter_ended_in_stands_in_the_audit_log_too(play: Played) -> None:
    """Read here, or confirmed by a receiving system, as letters of each scenario were."""
    ids = [outcome.utsending_id for outcome in play.outcomes.values()]
    statuses = Counter(letter.status for outcome in play.outcomes.values() for letter in outcome.letters)
    assert statuses["LEST"] > play.read, "some were confirmed and not read"
    assert mailing_rules.acts_are_audited(ids) == []


PER_LETTER = {"forsendelse", "levering", "leveringsforsok", "hendelse", "dokument", "utsendingsrad"}
"""Tables of which a letter has rows of its own: with three million letters nothing may look through one of them."""


def test_no_letter_is_sought_by_looking_through_all_letters(play: Played) -> None:
    """The server was told to use an index wherever there is one that can be used."""
    assert set(play.sought) >= PER_LETTER
    assert {table: rows for table, rows in play.sought.items() if table in PER_LETTER and rows} == {}


def test_kun_digital_was_never_printed(play: Played) -> None:
    letters = play.outcomes["kun_digital"].letters
    assert {letter.kanal for letter in letters} == {"SVARINN", "DPI", "ALTINN", None}


def test_what_is_read_was_read_by_its_receiver_in_the_portal(play: Played) -> None:
    totals = [FORVENTET["totalt"][name] for name in SCENARIOS]
    by_systems = sum(total["kanal"]["SVARINN"] for total in totals)
    assert play.read == sum(total["sluttStatus"]["LEST"] for total in totals) - by_systems


def test_no_receivers_number_name_or_address_can_be_read_in_the_raw_tables(play: Played) -> None:
    lump = play.database.dump()
    secrets = {pid.encode() for pid in play.staff}
    for fnr, person in known()["personer"].items():
        name = person["folkeregister"]["navn"]
        secrets |= {fnr.encode(), f"{name['fornavn']} {name['etternavn']}".encode()}
    with play.process.app.app_context():
        rows = session().scalars(
            select(Utsendingsrad).where(Utsendingsrad.utsending_id == play.outcomes["standard"].utsending_id)
        )
        for values in map(row_values, rows):
            secrets |= {values[name].encode() for name in ("adresselinje1", "kid") if values.get(name)}
        session().rollback()
    assert len(secrets) > 700
    assert str(play.outcomes["standard"].utsending_id).encode() in lump
    assert [secret for secret in secrets if secret in lump or secret.hex().encode() in lump] == []

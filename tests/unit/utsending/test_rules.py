"""Rules of a mass mailing: its states, its digests, and what a fact or a file name may be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from fiks.core.errors import UgyldigInndata
from fiks.utsending.draft.service import Fakta
from fiks.utsending.filer.matching import display_name
from fiks.utsending.rules import (
    EDITABLE,
    LANE,
    OVERGANGER,
    RELEASED,
    SENDABLE,
    Art,
    Delart,
    Radstatus,
    Utsendingstatus,
    content_digest,
    list_digest,
)

U = Utsendingstatus
ROWS = ((2, b"rad to", b"brev to"), (3, b"rad tre", b"brev tre"))


def reachable(start: Utsendingstatus) -> set[Utsendingstatus]:
    found, left = {start}, [start]
    while left:
        new = OVERGANGER[left.pop()] - found
        found |= new
        left += new
    return found


def test_a_draft_can_become_everything_and_every_state_has_its_row() -> None:
    assert set(OVERGANGER) == set(U)
    assert reachable(U.UTKAST) == set(U)


def test_a_mailing_that_is_over_stays_so() -> None:
    assert OVERGANGER[U.FULLFORT] == OVERGANGER[U.STOPPET] == frozenset()


@pytest.mark.parametrize("status", [U.FRIGITT, U.SENDES])
def test_what_is_released_never_goes_back_to_be_changed(status: Utsendingstatus) -> None:
    assert not reachable(status) & {*EDITABLE, U.PRODUSERES, U.TIL_GODKJENNING, U.GODKJENT}


def test_nothing_is_sent_that_was_not_approved_and_released() -> None:
    assert {fra for fra, til in OVERGANGER.items() if U.SENDES in til} == {U.FRIGITT}
    assert {fra for fra, til in OVERGANGER.items() if U.FRIGITT in til} == {U.GODKJENT}
    assert {fra for fra, til in OVERGANGER.items() if U.GODKJENT in til} == {U.TIL_GODKJENNING}


def test_everything_that_is_not_over_can_be_stopped() -> None:
    assert {fra for fra, til in OVERGANGER.items() if U.STOPPET in til} == set(U) - {U.FULLFORT, U.STOPPET}


def test_released_is_what_a_konto_is_held_to_have_sent() -> None:
    assert set(RELEASED) == {U.FRIGITT, U.SENDES, U.FULLFORT, U.STOPPET}


def test_only_rows_without_faults_are_sent() -> None:
    assert set(SENDABLE) == {Radstatus.OK, Radstatus.ADVARSEL}


def test_every_kind_of_work_has_a_lane() -> None:
    assert set(LANE) == set(Delart)


def test_a_lists_digest_depends_on_every_row_and_their_order() -> None:
    digest = list_digest([b"a", b"b", b"c"])
    assert list_digest(iter([b"a", b"b", b"c"])) == digest
    assert len({digest, list_digest([b"a", b"c", b"b"]), list_digest([b"a", b"b"]), list_digest([])}) == 4


def digest_of(**changes: object) -> bytes:
    given: dict[str, object] = {"rows": ROWS, "template": "mal", "options": "valg"}
    return content_digest(**(given | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"template": "annen mal"},
        {"options": "andre valg"},
        {"rows": ROWS[:1]},
        {"rows": tuple(reversed(ROWS))},
        {"rows": ((2, b"rad to", b"brev TO"), ROWS[1])},
        {"rows": ((2, b"RAD to", b"brev to"), ROWS[1])},
        {"rows": ((4, b"rad to", b"brev to"), ROWS[1])},
        {"rows": ((2, ROWS[0][1], ROWS[1][2]), (3, ROWS[1][1], ROWS[0][2]))},
    ],
)
def test_what_is_approved_is_rows_letters_template_and_options(changes: dict[str, object]) -> None:
    assert digest_of(**changes) != digest_of()
    assert digest_of() == digest_of()


FAKTA = Fakta("Eiendomsskatt 2027", Art.FLETTEBREV, date(2027, 2, 26))


@pytest.mark.parametrize("kode", ["", "EISK-2027", "a_b.ø", "1234567890åÆØ_-.abcd"])
def test_a_konteringskode_may_be(kode: str) -> None:
    replace(FAKTA, konteringskode=kode).check()


@pytest.mark.parametrize(
    ("changes", "felt"),
    [
        ({"tittel": ""}, "tittel"),
        ({"tittel": "   "}, "tittel"),
        ({"tittel": "x" * 1001}, "tittel"),
        ({"tittel": "to\nlinjer"}, "tittel"),
        ({"tittel": "to\rlinjer"}, "tittel"),
        ({"konteringskode": "for lang en kode til dette"}, "konteringskode"),
        ({"konteringskode": "med mellomrom"}, "konteringskode"),
        ({"konteringskode": "=1+1"}, "konteringskode"),
        ({"sikkerhetsniva": "LAVT"}, "sikkerhetsniva"),
    ],
)
def test_a_fact_that_cannot_be_used_is_refused_by_its_field(changes: dict[str, str], felt: str) -> None:
    with pytest.raises(UgyldigInndata) as refused:
        replace(FAKTA, **changes).check()  # type: ignore[arg-type]
    assert refused.value.felt == felt


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("liste.csv", "liste.csv"),
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\Brukere\\kari\\liste.xlsx", "liste.xlsx"),
        ("skatt\x00\n\u202e.csv", "skatt.csv"),
        ('a*b:c"d<e>f|g?.csv', "abcdefg.csv"),
        ("", "fil"),
        ("mappe/", "fil"),
        ("x" * 200 + ".csv", "x" * 116 + ".csv"),
    ],
)
def test_an_uploads_name_is_made_safe_to_show(given: str, shown: str) -> None:
    assert display_name(given) == shown

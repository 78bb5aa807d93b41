"""What older interfaces call a letter's status (svarut.md 2.1)."""

from __future__ import annotations

import pytest

from fiks.svarut.rules import Status, status_before_v3

OLDER = frozenset(
    [
        *("MOTTATT", "AKSEPTERT", "AVVIST", "VARSLET", "LEST", "SENDT_PRINT", "PRINTET", "MANUELT_HANDTERT"),
        *("SENDT_DIGITALT", "SENDT_SDP", "LEVERT_SDP", "KLAR_FOR_MOTTAK", "IKKE_LEVERT"),
    ]
)


@pytest.mark.parametrize("status", list(Status))
def test_sv12_25_every_status_has_a_name_in_the_older_interfaces(status: Status) -> None:
    for before in (None, *Status):
        if before is not Status.SLETTET:
            assert status_before_v3(status, before) in OLDER


@pytest.mark.parametrize(
    ("status", "before", "shown"),
    [
        (Status.FEILET_UNDER_MOTTAK, None, "AVVIST"),
        (Status.SENDT_ALTINN, None, "VARSLET"),
        (Status.LEVERT_ALTINN, None, "VARSLET"),
        (Status.SLETTET, Status.PRINTET, "PRINTET"),
        (Status.SLETTET, Status.SENDT_ALTINN, "VARSLET"),
        (Status.LEST, None, "LEST"),
    ],
)
def test_newer_statuses_are_shown_as_what_they_were_called(
    status: Status, before: Status | None, shown: str
) -> None:
    assert status_before_v3(status, before) == shown

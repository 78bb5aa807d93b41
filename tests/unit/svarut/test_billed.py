"""Letters that a konto pays for and has not written: when they may be taken off their way."""

from __future__ import annotations

from fiks.svarut.paid_by_konto import RECEIVED_STATUSES, is_only_billed, is_unconfirmed_henvendelse
from fiks.svarut.rules import OVERGANGER, Opphav, Status


def test_what_has_been_received_stays_received() -> None:
    """So it may be looked at before the letter is held."""
    assert {til for status in RECEIVED_STATUSES for til in OVERGANGER[status]} <= set(RECEIVED_STATUSES)


def test_only_what_is_written_in_edialog_is_anothers() -> None:
    assert [opphav for opphav in Opphav if is_only_billed(opphav)] == [Opphav.EDIALOG]
    assert not any(is_unconfirmed_henvendelse(Opphav.V2, status) for status in Status)


def test_it_is_due_to_its_receiver_until_that_is_confirmed() -> None:
    due = [status for status in Status if is_unconfirmed_henvendelse(Opphav.EDIALOG, status)]
    assert due == [status for status in Status if status not in ("LEST", "PRINTET", "SLETTET")]

"""What a controlled row becomes when it is stored."""

from __future__ import annotations

import pytest

from fiks.svarut.rules import Mottakertype
from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode, Rad
from fiks.utsending.liste.rules.controlled_row import Kontrollert
from fiks.utsending.rows.storage import mottakertype_of, status_of
from fiks.utsending.rules import Radstatus

RAD = Rad(2, 2, {})


def finding(kode: Funnkode, alvorlighet: Alvorlighet) -> Funn:
    return Funn(rad=2, linje=2, kode=kode, felt="navn", alvorlighet=alvorlighet, verdi={})


def row(*funn: Funn, fnr: str | None = None, orgnr: str | None = None) -> Kontrollert:
    return Kontrollert(RAD, funn, {}, fnr=fnr, orgnr=orgnr)


@pytest.mark.parametrize(
    ("fnr", "orgnr", "kind"),
    [
        ("17912099997", None, Mottakertype.PERSON),
        (None, "311990039", Mottakertype.ORGANISASJON),
        (None, None, Mottakertype.INGEN),
    ],
)
def test_a_row_is_for_whom_its_number_names(fnr: str | None, orgnr: str | None, kind: Mottakertype) -> None:
    assert mottakertype_of(row(fnr=fnr, orgnr=orgnr)) is kind


def test_a_rows_status_is_that_of_its_worst_finding() -> None:
    advarsel = finding(Funnkode.MOTTAKER_DOED, Alvorlighet.ADVARSEL)
    auto = finding(Funnkode.MOTTAKER_DOED, Alvorlighet.AUTO)
    feil = finding(Funnkode.MOTTAKER_DOED, Alvorlighet.FEIL)
    assert status_of(row()) is Radstatus.OK
    assert status_of(row(advarsel)) is Radstatus.ADVARSEL
    assert status_of(row(feil, auto, advarsel)) is Radstatus.FEIL
    assert status_of(row(auto)) is Radstatus.AUTO


def test_a_row_that_no_channel_can_reach_is_held_out_unless_something_worse_is_wrong() -> None:
    unreachable = finding(Funnkode.KAN_IKKE_NAAS, Alvorlighet.ADVARSEL)
    assert status_of(row(unreachable)) is Radstatus.PARKERT
    assert status_of(row(unreachable, finding(Funnkode.MOTTAKER_DOED, Alvorlighet.FEIL))) is Radstatus.FEIL

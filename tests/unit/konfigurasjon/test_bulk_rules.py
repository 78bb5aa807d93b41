"""What a row of a file with grants says, and every fault that can be seen in it alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from uuid import uuid4

import pytest

from fiks.core.values.calendar import OSLO
from fiks.konfigurasjon.rules import P, Periode
from fiks.konfigurasjon.tilgang.bulk_rules import Filrad, Radfeil, Ressursvalg, read_day, read_row
from testmiljo.staff import synthetic_fnr

TODAY = date(2026, 11, 25)
GOOD = Filrad(2, synthetic_fnr(1, 1, 90), "Kari Fjellstad", "Eiendomsskatt", "SVARUT.LESE")


def faults(**changed: str) -> tuple[Radfeil, ...]:
    return read_row(replace(GOOD, **changed), i_dag=TODAY, syntetiske=True).feil


def test_a_row_with_only_what_is_needed_gives_at_once_and_without_end() -> None:
    read = read_row(GOOD, i_dag=TODAY, syntetiske=True)
    assert (read.privilegium, read.periode, read.feil) == (P.LESE, Periode(), ())


def test_the_last_day_is_with_and_the_first_begins_at_midnight_in_oslo() -> None:
    row = replace(GOOD, fra="01.12.2026", til="31.12.2026")
    assert read_row(row, i_dag=TODAY, syntetiske=True).periode == Periode(
        datetime(2026, 12, 1, tzinfo=OSLO), datetime(2027, 1, 1, tzinfo=OSLO)
    )


def test_a_first_day_that_is_today_means_at_once() -> None:
    read = read_row(replace(GOOD, fra="25.11.2026", til="25.11.2026"), i_dag=TODAY, syntetiske=True)
    assert read.periode == Periode(None, datetime(2026, 11, 26, tzinfo=OSLO))
    assert read.feil == ()


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"fnr": ""}, Radfeil.FNR),
        ({"fnr": "12345678901"}, Radfeil.FNR),
        ({"navn": "K"}, Radfeil.NAVN),
        ({"navn": ""}, Radfeil.NAVN),
        ({"navn": '=HYPERLINK("http://x")'}, Radfeil.NAVN),
        ({"navn": "Kari\x07 Fjellstad"}, Radfeil.NAVN),
        ({"navn": f"Kari {GOOD.fnr}"}, Radfeil.NAVN),
        ({"navn": "K" * 451}, Radfeil.NAVN),
        ({"privilegium": ""}, Radfeil.PRIVILEGIUM_UKJENT),
        ({"privilegium": "ALT"}, Radfeil.PRIVILEGIUM_UKJENT),
        ({"fra": "i morgen"}, Radfeil.FRA_FORM),
        ({"fra": "24.11.2026"}, Radfeil.FRA_PASSERT),
        ({"til": "31.02.2027"}, Radfeil.TIL_FORM),
        ({"til": "24.11.2026"}, Radfeil.TIL_PASSERT),
        ({"fra": "02.12.2026", "til": "01.12.2026"}, Radfeil.PERIODE),
        ({"begrunnelse": "x" * 501}, Radfeil.BEGRUNNELSE),
        ({"begrunnelse": f"Vikar for {GOOD.fnr}"}, Radfeil.BEGRUNNELSE),
    ],
)
def test_what_cannot_be_used_is_said(changed: dict[str, str], fault: Radfeil) -> None:
    assert faults(**changed) == (fault,)


def test_every_fault_of_a_row_is_found_at_once() -> None:
    assert faults(fnr="1", navn="", til="x") == (Radfeil.FNR, Radfeil.NAVN, Radfeil.TIL_FORM)


def test_an_ordinary_number_is_refused_where_only_synthetic_ones_are_let_in_and_the_other_way() -> None:
    assert read_row(GOOD, i_dag=TODAY, syntetiske=False).feil == (Radfeil.FNR,)


def test_the_privilege_may_be_written_in_small_letters() -> None:
    assert (
        read_row(replace(GOOD, privilegium=" svarut.lese "), i_dag=TODAY, syntetiske=True).privilegium
        == P.LESE
    )


@pytest.mark.parametrize(("text", "day"), [("1.2.2027", date(2027, 2, 1)), ("2027-02-01", date(2027, 2, 1))])
def test_a_day_is_read_as_norwegians_and_as_machines_write_it(text: str, day: date) -> None:
    assert read_day(text) == day


@pytest.mark.parametrize(
    "text", ["2027", "1.2", "1.2.27", "2027-W05-1", "01/02/2027", "46023", "1.2.2027 12:00"]
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert read_day(text) is None


def test_a_ressurs_is_found_by_its_id_or_its_name_and_never_by_a_name_that_two_have() -> None:
    tax, first, second = uuid4(), uuid4(), uuid4()
    choice = Ressursvalg.of({tax: "Eiendomsskatt", first: "Arkiv", second: "arkiv"})
    assert choice.find(f" {str(tax).upper()} ") == tax
    assert choice.find(" eiendomsskatt  ") == tax
    assert choice.find("Arkiv") is Radfeil.RESSURS_FLERE
    assert choice.find(str(second)) == second
    assert choice.find("Renovasjon") is Radfeil.RESSURS_UKJENT
    assert choice.find(str(uuid4())) is Radfeil.RESSURS_UKJENT
    assert choice.find("  ") is Radfeil.RESSURS_MANGLER


def test_a_row_does_not_tell_the_number_when_it_is_printed() -> None:
    assert GOOD.fnr not in repr(GOOD)

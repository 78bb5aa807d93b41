"""SvarInn's rules: the most specific kobling, what a kobling takes, and how a certificate stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fiks.konfigurasjon.field_rules import Feltfeil
from fiks.svarinn.rules import Koblingsfakta, Sertifikatstatus, Systemfakta, certificate_status, most_specific

NOW = datetime(2027, 1, 11, 12, tzinfo=UTC)
ORGNR = "302200033"


@pytest.mark.parametrize(
    ("left", "status"),
    [
        (None, Sertifikatstatus.MANGLER),
        (timedelta(seconds=-1), Sertifikatstatus.UTLOPT),
        (timedelta(0), Sertifikatstatus.UTLOPT),
        (timedelta(seconds=1), Sertifikatstatus.UTLOPT_SNART),
        (timedelta(days=30) - timedelta(seconds=1), Sertifikatstatus.UTLOPT_SNART),
        (timedelta(days=30), Sertifikatstatus.GYLDIG),
    ],
)
def test_sv12_42_a_certificate_is_about_to_expire_for_its_last_thirty_days(
    left: timedelta | None, status: Sertifikatstatus
) -> None:
    assert certificate_status(None if left is None else NOW + left, NOW) is status


@pytest.mark.parametrize(
    ("type", "taker"),
    [("ks.byggesøknad", "bygg"), ("ks.edialog", "arkiv"), ("Eget", "arkiv"), (None, "arkiv"), ("", "arkiv")],
)
def test_sv12_41_the_exact_type_takes_its_letters_and_all_types_the_rest(
    type: str | None, taker: str
) -> None:
    assert most_specific({"ks.byggesøknad": "bygg", "": "arkiv"}, type) == taker


def test_sv12_41_without_a_kobling_of_all_types_only_its_own_are_taken() -> None:
    assert most_specific({"ks.byggesøknad": "bygg"}, "ks.edialog") is None
    assert most_specific({"ks.byggesøknad": "bygg"}, None) is None
    assert most_specific({}, "ks.edialog") is None


def test_a_kobling_takes_each_of_its_types_at_each_of_its_levels_once() -> None:
    said = Koblingsfakta(ORGNR, ("ks.edialog", "Byggesøknad", "ks.edialog"))
    assert said.places() == [
        ("ks.edialog", "BETYDELIG"),
        ("ks.edialog", "HOYESTE"),
        ("Byggesøknad", "BETYDELIG"),
        ("Byggesøknad", "HOYESTE"),
    ]
    assert Koblingsfakta(ORGNR, (), "HOYESTE").places() == [("", "HOYESTE")]


@pytest.mark.parametrize(
    ("before", "after", "more"),
    [
        (((), "ALLE"), ((), "ALLE"), False),
        (((), "ALLE"), (("ks.edialog",), "HOYESTE"), False),
        ((("ks.edialog", "Byggesøknad"), "ALLE"), (("Byggesøknad",), "ALLE"), False),
        ((("ks.edialog",), "BETYDELIG"), (("ks.edialog", "Byggesøknad"), "BETYDELIG"), True),
        ((("ks.edialog",), "BETYDELIG"), ((), "BETYDELIG"), True),
        (((), "BETYDELIG"), ((), "HOYESTE"), True),
        (((), "BETYDELIG"), (("ks.edialog",), "ALLE"), True),
    ],
)
def test_a_kobling_receives_more_by_another_type_or_level(
    before: tuple[tuple[str, ...], str], after: tuple[tuple[str, ...], str], more: bool
) -> None:
    now = Koblingsfakta(ORGNR, *before)
    assert Koblingsfakta(ORGNR, *after).receives_more_than(now) is more
    assert Koblingsfakta("310000027", *before).receives_more_than(now)


def test_what_is_wrong_with_a_kobling_and_a_system_is_told_by_field() -> None:
    assert Koblingsfakta(ORGNR).faults() == {}
    wrong = Koblingsfakta("302200034", ("ukjent",), "TO")
    assert set(wrong.faults()) == {"organisasjonsnummer", "forsendelsestyper", "sikkerhetsniva"}
    assert Systemfakta("Arkiv", ("a@b.no",)).faults() == {}
    assert Systemfakta("", ()).faults() == dict.fromkeys(("navn", "eposter"), Feltfeil.FELT_MANGLER)
    assert Systemfakta("Arkiv", ("x",)).faults() == {"eposter": Feltfeil.EPOST_UGYLDIG}

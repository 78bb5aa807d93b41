"""What an e-mail may hold, and how it is worded."""

from __future__ import annotations

from datetime import UTC, date, datetime
from string import Template

import pytest

from fiks.core.queue.retry_policy import RETRY_AFTER
from fiks.epost import rules
from fiks.epost.rules import FELTER, OVERGANGER, Felttype, Mal, Sprak, Status, Verdi
from fiks.epost.service import template
from testmiljo.staff import synthetic_fnr

NUMBER = synthetic_fnr(1, 1, 70)
OURS = ("https://portal.kommune.test", "https://minside.kommune.test")
WARNING: dict[str, Verdi] = {
    "system": "Sak og arkiv",
    "antall": 3,
    "eldste": date(2026, 2, 28),
    "lenke": "https://portal.kommune.test/svarinn/mottak",
}


def checked(**changes: Verdi) -> dict[str, str | int]:
    return rules.check_values(Mal.SVARINN_ADVARSEL, WARNING | changes, OURS)


def test_values_are_stored_as_they_came_and_days_without_their_time() -> None:
    assert checked(eldste=datetime(2026, 2, 28, 15, 55, tzinfo=UTC)) == {
        "system": "Sak og arkiv",
        "antall": 3,
        "eldste": "2026-02-28",
        "lenke": "https://portal.kommune.test/svarinn/mottak",
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"system": f"Sak {NUMBER}"},
        {"system": f"{NUMBER[:6]} {NUMBER[6:]}"},
        {"system": "Sak\nBcc: alle@kommune.test"},
        {"system": ""},
        {"system": "a" * 201},
        {"system": 4},
        {"antall": "3"},
        {"antall": True},
        {"eldste": "2026-02-28"},
        {"lenke": "https://portal.kommune.test.ond.no/"},
        {"lenke": "https://portal.kommune.test"},
        {"lenke": "http://portal.kommune.test/"},
        {"ukjent": "x"},
    ],
)
def test_what_is_no_value_of_the_e_mail_is_refused(changes: dict[str, Verdi]) -> None:
    with pytest.raises(ValueError):
        checked(**changes)


def test_a_missing_value_is_refused() -> None:
    with pytest.raises(ValueError, match="needs exactly"):
        rules.check_values(Mal.SVARINN_ADVARSEL, {"system": "Arkiv"}, OURS)


@pytest.mark.parametrize(("value", "fits"), [("3b241101-e2bb-4255-8caf-4136c566a962", True), (NUMBER, False)])
def test_a_reference_is_an_id_of_ours(value: str, fits: bool) -> None:
    values: dict[str, Verdi] = {"mottaker": "Lillevik", "referanse": value, "lenke": f"{OURS[1]}/minside"}
    if fits:
        assert rules.check_values(Mal.EDIALOG_KVITTERING, values, OURS)["referanse"] == value
    else:
        with pytest.raises(ValueError):
            rules.check_values(Mal.EDIALOG_KVITTERING, values, OURS)


@pytest.mark.parametrize("sprak", list(Sprak))
@pytest.mark.parametrize("mal", list(Mal))
def test_every_e_mail_has_its_text_in_both_languages_and_uses_each_of_its_fields(
    mal: Mal, sprak: Sprak
) -> None:
    source = template(mal, sprak)
    assert set(Template(source).get_identifiers()) == set(FELTER[mal])
    examples: dict[Felttype, str | int] = {
        Felttype.NAVN: "Navnet",
        Felttype.TALL: 7,
        Felttype.DATO: "2026-05-17",
        Felttype.LENKE: f"{OURS[0]}/x",
        Felttype.REFERANSE: "3b241101-e2bb-4255-8caf-4136c566a962",
    }
    told = rules.render_mail(mal, sprak, source, {name: examples[kind] for name, kind in FELTER[mal].items()})
    assert told.emne and "\n" not in told.emne and "$" not in told.emne + told.tekst
    assert all(len(line) <= 120 for line in told.tekst.splitlines())


def test_days_are_written_out() -> None:
    told = rules.render_mail(
        Mal.SVARINN_ADVARSEL, Sprak.NB, template(Mal.SVARINN_ADVARSEL, Sprak.NB), checked()
    )
    assert told.emne == "3 brev venter på Sak og arkiv"
    assert "Det eldste kom 28. februar 2026." in told.tekst


@pytest.mark.parametrize("source", ["Emne uten tekst", "To\nlinjer\n\nTekst", "Emne\n\n$ukjent"])
def test_a_template_that_cannot_be_used_says_so(source: str) -> None:
    with pytest.raises(ValueError):
        rules.render_mail(Mal.SVARINN_ADVARSEL, Sprak.NB, source, checked())


def test_what_has_ended_never_begins_again() -> None:
    assert set(OVERGANGER) == set(Status)
    assert {status for status, targets in OVERGANGER.items() if targets} == {Status.KLAR}


def test_an_e_mail_is_tried_for_almost_two_days() -> None:
    assert 40 < sum(wait.total_seconds() for wait in RETRY_AFTER) / 3600 < 48

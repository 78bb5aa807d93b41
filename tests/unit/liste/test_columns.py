"""Headers are recognised in many spellings and never mapped twice."""

from __future__ import annotations

import pytest

from fiks.utsending.liste.columns import ALLE, KOLONNER, header_key, recognise
from fiks.utsending.liste.source.column_mapping import auto_map


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("FNR", "fnr"),
        ("Fødselsnummer", "fnr"),
        ("fodsels_nummer", "fnr"),
        ("Org.nr.", "orgnr"),
        ("Eier", "navn"),
        ("Adresse 1", "adresselinje1"),
        ("ADRESSELINJE_2", "adresselinje2"),
        (" Post nr ", "postnr"),
        ("Skatteår", "skatteaar"),
        ("KID-nummer", "kid"),
        ("Målform", "malform"),
        ("Beløp", "belop"),
    ],
)
def test_a_header_is_known_whatever_its_case_spaces_and_underscores(header: str, field: str) -> None:
    assert recognise(header) == field


def test_a_header_nobody_knows_is_unknown_and_keeps_its_name() -> None:
    assert auto_map({"Navn": "Navn", "Avtalenr": "Avtalenr"}) == (
        {"Navn": "navn", "Avtalenr": None},
        {},
    )


def test_of_two_headers_for_one_field_the_better_spelling_wins() -> None:
    headers = ("Gateadresse", "Adresselinje1", "Navn")
    mapping, unclear = auto_map(dict(zip(headers, headers, strict=True)))
    assert mapping == {"Gateadresse": None, "Adresselinje1": "adresselinje1", "Navn": "navn"}
    assert not unclear


def test_there_are_35_columns_and_no_spelling_stands_for_two_of_them() -> None:
    assert len(KOLONNER) == 35
    seen: dict[str, str] = {}
    for kolonne in ALLE.values():
        for spelling in (kolonne.felt, *kolonne.synonymer):
            assert seen.setdefault(header_key(spelling), kolonne.felt) == kolonne.felt, spelling

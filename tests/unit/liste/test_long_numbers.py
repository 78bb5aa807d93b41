"""Numbers with more digits than there are kroner: the row is told, and no other row is dragged along."""

from __future__ import annotations

from pathlib import Path

import pytest

from fiks.utsending.brev.language.formats import parse_number
from fiks.utsending.liste.child.process import open_controlled
from fiks.utsending.liste.columns import Kolonnetype
from fiks.utsending.liste.rules.amounts import MAX_DIGITS, NUMERIC
from fiks.utsending.liste.rules.row import check_and_normalise
from tests.unit.liste.lists import findings, row, text_file

CODES = {
    Kolonnetype.KRONER: "BELOP_UGYLDIG",
    Kolonnetype.BELOP: "BELOP_UGYLDIG",
    Kolonnetype.AAR: "AAR_UGYLDIG",
}
LONGEST = "9" * MAX_DIGITS


@pytest.mark.parametrize("digits", [MAX_DIGITS + 1, 26, 27, 32_000])
@pytest.mark.parametrize("felt", sorted(NUMERIC))
def test_a_number_that_no_letter_can_write_is_no_number(felt: str, digits: int) -> None:
    for text in ("9" * digits, "9" * digits + ",50"):
        assert (felt, CODES.get(NUMERIC[felt], "TALL_UGYLDIG"), "feil") in findings(**{felt: text})
        _, values = check_and_normalise(row(**{felt: text}))
        assert values[felt].startswith("999")


def test_the_longest_that_a_letter_can_write_is_one() -> None:
    assert ("takst", "BELOP_UGYLDIG", "feil") not in findings(takst=LONGEST)
    parse_number(LONGEST)
    with pytest.raises(ValueError, match="not a number"):
        parse_number(LONGEST + "9")


def test_the_largest_numbers_there_may_be_are_reckoned_with() -> None:
    most = {"reduksjonsfaktor": "0,999999", "skattesats_promille": f"{LONGEST},999999"}
    assert ("skatt_aar", "SKATT_STEMMER_IKKE", "advarsel") in findings(takst=LONGEST, **most)


def test_account_and_kid_run_together_are_told_of_their_own_row(tmp_path: Path) -> None:
    header = b"navn;fnr;adresse;postnr;poststed;belop\r\n"
    rows = [b"KARI FJELL;;Storgata 1;4262;AVALDSNES;%s\r\n" % belop for belop in (b"12,50", b"9" * 27, b"7")]
    with open_controlled(text_file(tmp_path, header + b"".join(rows)), "liste.csv") as found:
        told = [[f.kode for f in one.funn if f.felt == "belop"] for one in found]
    assert told == [[], ["BELOP_UGYLDIG"], []]

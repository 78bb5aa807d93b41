"""Values that are numbers each by itself, and together more than can be reckoned with: refused as the row's own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fiks.utsending.brev import BrevFeil, fill_title
from fiks.utsending.brev.language.values import Brevverdier
from tests.unit.brev.letters import mailing, row, template

MOST = "9" * 15


@pytest.mark.parametrize("name", ["takst_70", "skattegrunnlag"])
def test_a_reduced_takst_of_too_many_digits_is_a_value_that_cannot_be_computed_from(name: str) -> None:
    values = Brevverdier(row(takst=MOST, reduksjonsfaktor=MOST), mailing(), "nb")
    with pytest.raises(BrevFeil, match="VERDI_UGYLDIG") as refused:
        values[name]
    assert refused.value.felt == "takst"


def test_the_largest_takst_is_reduced() -> None:
    values = Brevverdier(row(takst=MOST, reduksjonsfaktor="0,7"), mailing(), "nb")
    assert values["takst_70"] == "699999999999999,30"


def test_a_title_with_such_a_value_is_refused_likewise() -> None:
    mal = replace(template("Hei"), tittel_nb="Takst ((takst_70))")
    with pytest.raises(BrevFeil, match="VERDI_UGYLDIG"):
        fill_title(mal, row(takst=MOST, reduksjonsfaktor=MOST), mailing())

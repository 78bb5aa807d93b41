"""What the tax note says is due: never an amount, nor that nothing is, unless the list says so."""

from __future__ import annotations

import re
from itertools import product

import pytest

from fiks.utsending.brev import bundled_template
from fiks.utsending.brev.errors import BrevFeil
from fiks.utsending.brev.language.fill import compose
from fiks.utsending.liste.findings import Alvorlighet
from fiks.utsending.liste.rules.row import normalise
from tests.unit.brev.letters import mailing, template
from tests.unit.liste import lists

DUE_DATES = ("31.03.2027", "30.06.2027", "30.09.2027", "30.11.2027")
NOTHING_DUE = {
    "nb": "Skatten er 0 kroner. Du skal ikke betale noe.",
    "nn": "Skatten er 0 kroner. Du skal ikkje betale noko.",
}
ZERO_TAX = {"skatt_aar": "0,00", "takst": "610000", "belop_termin": "0,00", "belop_siste_termin": "0,00"}


def outcome(malform: str = "nb", **changes: str) -> tuple[list[str], str]:
    """The codes the control finds in the example row with some values changed, and what its letter says; of a row that
    may not be sent "", and of one that no letter can be made of the field that is missing."""
    many = int(changes.get("terminer", "4") or 0)
    due = {f"forfall{n}": day if n <= many else "" for n, day in enumerate(DUE_DATES, start=1)}
    rad = lists.row(malform=malform, **(due | changes))
    found = lists.found(rad)
    codes = [str(f.kode) for f in found]
    if any(f.alvorlighet is Alvorlighet.FEIL for f in found):
        return codes, ""
    try:
        html = compose(bundled_template("eiendomsskatt"), normalise(rad), mailing())
    except BrevFeil as error:
        return codes, f"{error.kode} {error.felt}"
    return codes, " ".join(re.sub("<[^>]+>", "", html.replace("</td>", " ")).replace("\u00a0", " ").split())


@pytest.mark.parametrize("malform", ["nb", "nn"])
@pytest.mark.parametrize(
    ("changes", "codes", "said"),
    [
        ({}, [], "terms"),
        ({"belop_siste_termin": ""}, [], "terms"),
        ({**ZERO_TAX, "terminer": "0"}, [], "nothing due"),
        ({**ZERO_TAX, "terminer": ""}, [], "nothing due"),
        ({**ZERO_TAX, "terminer": "", "belop_termin": "", "belop_siste_termin": ""}, [], "nothing due"),
        ({**ZERO_TAX, "terminer": "1"}, [], "terms"),
        ({"terminer": ""}, ["TERMINER_MANGLER"], ""),
        ({"terminer": "0"}, ["TERMINER_MANGLER"], ""),
        ({"terminer": "", "belop_termin": "", "belop_siste_termin": ""}, ["TERMINER_MANGLER"], ""),
        ({**ZERO_TAX, "terminer": "0", "belop_termin": "1678,00"}, ["TERMINER_MANGLER"], ""),
        ({"terminer": "", "skatt_aar": ""}, [], "FELT_TOMT skatt_aar"),
        ({**ZERO_TAX, "terminer": "0", "skatt_aar": ""}, [], "FELT_TOMT skatt_aar"),
        ({**ZERO_TAX, "terminer": "", "skatt_aar": ""}, [], "FELT_TOMT skatt_aar"),
        ({"skatt_aar": ""}, [], "FELT_TOMT skatt_aar"),
        ({"belop_termin": "", "belop_siste_termin": ""}, [], "FELT_TOMT belop"),
    ],
)
def test_the_note_says_what_the_list_says(
    changes: dict[str, str], codes: list[str], said: str, malform: str
) -> None:
    found, letter = outcome(malform, **changes)
    assert found == codes
    if letter and not letter.startswith("FELT_TOMT"):
        nothing_due, terms = NOTHING_DUE[malform] in letter, "1 31.03.2027" in letter
        assert (nothing_due, terms) == (said == "nothing due", said == "terms")
    else:
        assert letter == said


AMOUNTS = ("", "0,00", "1678,00")


@pytest.mark.parametrize("malform", ["nb", "nn"])
@pytest.mark.parametrize("year", ["", "0,00", "1678,00", "6712,00"])
def test_no_note_says_another_amount_than_its_list_unless_it_was_told(year: str, malform: str) -> None:
    """Every way the cells of the sums can be empty, zero and filled."""
    letters = 0
    for terminer, each, last, deduction in product(
        ("", "0", "1", "4"), AMOUNTS, AMOUNTS, ("", "0", "600000")
    ):
        cells = {"terminer": terminer, "belop_termin": each, "belop_siste_termin": last, "skatt_aar": year}
        codes, said = outcome(malform, **cells, bunnfradrag=deduction)
        if not said or said.startswith("FELT_TOMT"):
            continue
        letters += 1
        if NOTHING_DUE[malform] in said:
            assert (year, each in ("", "0,00"), last in ("", "0,00")) == ("0,00", True, True)
        terms = re.findall(r"\d \d\d\.\d\d\.2027 ([\d ]+) kr", said)
        assert len(terms) == int(terminer or 0)
        total = sum(int(term.replace(" ", "")) for term in terms)
        assert total == float(year.replace(",", ".")) or "BELOP_STEMMER_IKKE" in codes
        ((base, tax),) = re.findall(r"blir det ([\d ]+) × 3,1 : 1000 = ([\d ]+) kr", said)
        reckoned, stated = int(base.replace(" ", "")) * 3.1 / 1000, int(tax.replace(" ", ""))
        assert abs(reckoned - stated) <= 1.5 or "SKATT_STEMMER_IKKE" in codes
    assert letters or year == ""


def test_what_is_copied_from_the_note_says_no_zero_of_an_empty_cell() -> None:
    """The sentence itself prints the zero that the list has."""
    note = bundled_template("eiendomsskatt")
    for malform, source in (("nb", note.kilde_nb), ("nn", note.kilde_nn or "")):
        alone = template(source[source.index("((hvis terminer))") : source.index("## Du kan klage")])
        with pytest.raises(BrevFeil) as refused:
            compose(alone, lists.row(terminer="", skatt_aar="").verdier, mailing())
        assert (refused.value.kode, refused.value.felt) == ("FELT_TOMT", "skatt_aar")
        zero = compose(alone, lists.row(terminer="", skatt_aar="0").verdier, mailing())
        assert NOTHING_DUE[malform] in re.sub("<[^>]+>", "", zero)

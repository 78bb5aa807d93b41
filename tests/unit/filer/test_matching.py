"""Which files a row sends, and what is said when they are not there."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from fiks.utsending.filer.errors import MAX_FILES_OF_A_ROW, MAX_LETTER_BYTES
from fiks.utsending.filer.matching import Brukere, Filer, Kjentfil, Radfiler, fold
from fiks.utsending.liste.findings import Rad


def fil(name: str, size: int = 1_000, sendable: bool = True) -> Kjentfil:
    return Kjentfil(uuid4(), name, fold(name), size, sendable)


def of_row(files: list[Kjentfil], cell: str) -> Radfiler:
    return Filer(files, lambda name: name).of_row(Rad(7, 7, {"filnavn": cell}), cell)


def codes(found: Radfiler) -> list[tuple[str, str]]:
    return [(f.kode.value, f.alvorlighet.value) for f in found.funn]


def ids(found: Radfiler) -> list[UUID]:
    return [one.id for one in found.filer]


def test_a_row_sends_the_files_it_names_in_the_order_it_names_them() -> None:
    one, two, unused = fil("0001.pdf"), fil("vedlegg.pdf"), fil("annet.pdf")
    found = of_row([unused, one, two], "vedlegg.pdf|0001.pdf")
    assert ids(found) == [two.id, one.id]
    assert codes(found) == []


def test_an_exact_name_wins_over_one_that_differs_in_case() -> None:
    small, large = fil("brev.pdf"), fil("BREV.pdf")
    assert ids(of_row([large, small], "brev.pdf")) == [small.id]
    assert ids(of_row([large, small], "BREV.pdf")) == [large.id]
    assert codes(of_row([large, small], "BREV.pdf")) == []


def test_a_name_that_differs_only_in_case_is_found_and_said() -> None:
    one = fil("Brev-Ærfugl.PDF")
    found = of_row([one], "brev-ærfugl.pdf")
    assert ids(found) == [one.id]
    assert codes(found) == [("FILNAVN_BOKSTAVSTORRELSE", "advarsel")]


def test_a_name_that_may_be_two_files_is_neither() -> None:
    found = of_row([fil("Brev.pdf"), fil("BREV.pdf")], "brev.pdf")
    assert ids(found) == []
    assert codes(found) == [("FIL_FLERTYDIG", "feil")]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("", "FILNAVN_MANGLER"),
        (" | ", "FILNAVN_MANGLER"),
        ("borte.pdf", "FIL_IKKE_LASTET_OPP"),
        ("borte.pdf|også borte.pdf", "FIL_IKKE_LASTET_OPP"),
        ("0001.pdf|borte.pdf", "FIL_IKKE_LASTET_OPP"),
        ("../0001.pdf", "FILNAVN_I_RADEN_UGYLDIG"),
        ("0001.docx", "FILNAVN_I_RADEN_UGYLDIG"),
        ("0001.pdf|0001.pdf", "FIL_NEVNT_TO_GANGER"),
    ],
)
def test_a_row_without_all_of_its_files_cannot_be_sent(cell: str, code: str) -> None:
    assert codes(of_row([fil("0001.pdf")], cell)) == [(code, "feil")]


def test_two_files_that_the_receiver_could_not_tell_apart_are_not_sent_together() -> None:
    found = of_row([fil("Brev.pdf"), fil("BREV.pdf")], "Brev.pdf|BREV.pdf")
    assert codes(found) == [("FIL_NEVNT_TO_GANGER", "feil")]


def test_a_file_that_cannot_be_sent_makes_the_row_an_error() -> None:
    bad = fil("0001.pdf", sendable=False)
    found = of_row([bad], "0001.pdf")
    assert codes(found) == [("FIL_KAN_IKKE_SENDES", "feil")]
    assert ids(found) == [bad.id]


def test_a_letter_has_limits() -> None:
    files = [fil(f"{n}.pdf") for n in range(MAX_FILES_OF_A_ROW + 1)]
    assert codes(of_row(files, "|".join(f"{n}.pdf" for n in range(MAX_FILES_OF_A_ROW)))) == []
    too_many = "|".join(f"{n}.pdf" for n in range(MAX_FILES_OF_A_ROW + 1))
    assert codes(of_row(files, too_many)) == [("FILER_I_RADEN_FOR_MANGE", "feil")]
    half = [fil("a.pdf", MAX_LETTER_BYTES // 2), fil("b.pdf", MAX_LETTER_BYTES // 2 + 1)]
    assert codes(of_row(half, "a.pdf|b.pdf")) == [("BREV_FOR_STORT", "feil")]


def test_what_the_row_says_stands_with_the_finding() -> None:
    (finding,) = of_row([], "borte.pdf").funn
    assert (finding.rad, finding.felt, dict(finding.verdi)) == (7, "filnavn", {"filnavn": "borte.pdf"})


def test_a_file_is_shared_when_two_different_receivers_get_it() -> None:
    common, own, twice = fil("felles.pdf"), fil("egen.pdf"), fil("to brev.pdf")
    users = Brukere()
    users.note([common, own], 1)
    users.note([common], 2)
    users.note([twice], 3)
    users.note([twice], 3)
    assert users.delte == {common.id}

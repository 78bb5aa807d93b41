"""Many letters in one file: every page as in its own letter, and what is the same stored once."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pikepdf
import pytest

from config.paths import FONTS
from fiks.pdf import Sammenfletter, Utskriftsdokument, sandbox
from fiks.pdf.bundle import bundle
from fiks.pdf.errors import PdfFeil
from fiks.pdf.merge import merge
from fiks.pdf.page_images import page_png
from fiks.pdf.sandbox import PART_LETTERS
from tests.doubles import tiny_pdf


@pytest.fixture(scope="module")
def letters() -> list[bytes]:
    """Real letters of different lengths, as they are ordered."""
    from benchmarks.letters import context, rows  # noqa: PLC0415
    from fiks.utsending.brev import Brevtrykker, bundled_template  # noqa: PLC0415

    printer = Brevtrykker(FONTS)
    try:
        drawn = [printer.letter(bundled_template("eiendomsskatt"), row, context()) for row in rows()[:6]]
    finally:
        printer.close()
    return [merge([Utskriftsdokument(one)], tosidig=bool(n % 2)).pdf for n, one in enumerate(drawn)]


def pages(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return len(opened.pages)


def test_every_page_looks_as_in_its_own_letter(letters: list[bytes]) -> None:
    whole, starts = bundle(letters)
    assert pages(whole) == sum(map(pages, letters))
    for letter, start in zip(letters, starts, strict=True):
        for page in range(1, pages(letter) + 1):
            assert page_png(whole, start + page - 1, 50) == page_png(letter, page, 50)


def test_a_bundle_is_smaller_than_its_letters_and_the_same_letters_give_the_same_bytes(
    letters: list[bytes],
) -> None:
    whole, _ = bundle(letters)
    assert len(whole) < sum(map(len, letters))
    assert bundle(letters)[0] == whole
    twenty, _ = bundle(letters[:1] * 20)
    assert len(twenty) < 3 * len(letters[0]), "twenty equal letters cost little more than one"


def test_pages_of_equal_letters_stay_pages_of_their_own() -> None:
    one = tiny_pdf(["likt"])
    whole, starts = bundle([one, one, one])
    assert (pages(whole), starts) == (3, [1, 2, 3])
    with pikepdf.open(io.BytesIO(whole)) as opened:
        assert len({page.obj.objgen for page in opened.pages}) == 3


@pytest.mark.parametrize(("brev", "kode"), [([], "UTSKRIFT_TOM"), ([b"rot"], "PDF_UGYLDIG")])
def test_what_is_no_letter_is_refused(brev: list[bytes], kode: str) -> None:
    with pytest.raises(PdfFeil, match=kode):
        bundle(brev)


@pytest.fixture(scope="module")
def merger() -> Iterator[Sammenfletter]:
    made = Sammenfletter()
    yield made
    made.close()


@pytest.mark.slow
def test_a_package_merged_in_parts_has_every_page_where_it_says_and_shares_what_is_the_same(
    letters: list[bytes], merger: Sammenfletter
) -> None:
    many = [letters[n % len(letters)] for n in range(2 * PART_LETTERS + 7)]
    whole, starts = merger.bundle(iter(many))
    assert pages(whole) == sum(map(pages, many))
    assert starts == [1 + sum(map(pages, many[:n])) for n in range(len(many))]
    for n in (0, PART_LETTERS - 1, PART_LETTERS, len(many) - 1):
        assert page_png(whole, starts[n], 50) == page_png(many[n], 1, 50)
    assert merger.bundle(many)[0] == whole, "the same letters give the same bytes"
    assert len(whole) < 2 * sum(map(len, letters)), "and what parts have in common is there once"


def test_letters_are_read_a_part_at_a_time(
    letters: list[bytes], merger: Sammenfletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "PART_BYTES", 2 * len(letters[0]))
    taken: list[int] = []

    def one_by_one() -> Iterator[bytes]:
        for _ in range(9):
            taken.append(merger.room._barn.done if merger.room._barn else 0)
            yield letters[0]

    merger.bundle(one_by_one())
    assert taken[-1] >= taken[0] + 3, "parts are merged before the last letter is read"


def test_no_letters_and_a_letter_that_is_none_are_refused_in_parts_too(
    letters: list[bytes], merger: Sammenfletter
) -> None:
    for brev, kode in (([], "UTSKRIFT_TOM"), ([letters[0], b"rot"], "PDF_UGYLDIG")):
        with pytest.raises(PdfFeil, match=kode):
            merger.bundle(brev)
    assert merger.bundle(letters[:1])[1] == [1], "the next package is merged all the same"

"""A stamped letter is the letter WeasyPrint would have drawn: the same pixels, text and tags, whatever it says."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pikepdf
import pytest
from prometheus_client import REGISTRY

from fiks.utsending.brev import (
    FERDIGE_MALER,
    BrevFeil,
    Brevmal,
    RenderFeil,
    Trykk,
    bundled_template,
    weasyprint_version,
)
from fiks.utsending.brev.drawing import render
from fiks.utsending.brev.language.charset import LATIN, PROMILLE
from fiks.utsending.brev.language.values import clean_value
from fiks.utsending.brev.stamping import press as stamping_press
from fiks.utsending.brev.stamping import weasyprint_fonts, weasyprint_layout
from fiks.utsending.brev.stamping.comparison import same_letter
from fiks.utsending.brev.stamping.layout import LaidOutLetter
from fiks.utsending.brev.stamping.plan import Linjer, Shape, compare_lines, tier_of
from fiks.utsending.brev.stamping.press import Press
from tests.unit.brev import letters
from tests.unit.brev.letters import FONTS, given, lillevik, mailing, row, words_of
from tests.unit.brev.strange import HOSTILE, people

EVERYDAY, FULL = 24, 300
EVERY_FIELD = """# Til ((navn))

Hei ((navn)), ((adresselinje1)). Om **((eiendomsadresse)) og ((medeiere))** kan vi si ((konteringskode))((takst|belop)).

- ((eiendomsadresse))
- Sats ((skattesats_promille|promille)), ((navn))-((eksternref))/((kid)) (((navn)))

| Smalt | Midt | Bredt |
| ---- | --- | ---: |
| ((navn)) | ((kid)) | **((medeiere))** |

> ((navn)) ((eiendomsadresse)) ((navn)) ((eiendomsadresse)) ((navn)) ((eiendomsadresse)) ((navn)) ((eiendomsadresse))
"""


@pytest.fixture(scope="module")
def press() -> Press:
    return Press(render.engine(FONTS))


def template(source: str) -> Brevmal:
    return replace(letters.template(source), hurtig=True)


def ready(navn: str) -> Brevmal:
    return replace(bundled_template(navn), hurtig=True)


def plainly(mal: Brevmal, data: dict[str, str]) -> bytes:
    return render.render(mal, data, mailing(), fonts=FONTS)


@pytest.mark.slow
@pytest.mark.parametrize("count", [EVERYDAY, pytest.param(FULL, marks=pytest.mark.full)])
def test_ordinary_letters_are_stamped_and_look_as_weasyprint_draws_them(press: Press, count: int) -> None:
    mal = ready("eiendomsskatt")
    for data in people(count, seed=7):
        stamped = press.letter(mal, data, mailing())
        assert stamped.stemplet, data
        assert same_letter(stamped.pdf, plainly(mal, data)), data


def with_value(value: str) -> dict[str, str]:
    return row(navn=value, eiendomsadresse=value, medeiere=value, konteringskode="4711")


def test_many_strange_values_are_stamped_and_those_we_do_not_shape_are_not(press: Press) -> None:
    mal, stamped = template(EVERY_FIELD), []
    for value in HOSTILE:
        with suppress(RenderFeil, BrevFeil):
            if press.letter(mal, with_value(value), mailing()).stemplet:
                stamped.append(value)

    assert len(stamped) > 8
    assert {"x", "Łukasz Żółć-Świątek", "Čáhput Đoski ŊŠŦŽ"} <= set(stamped)
    assert all(set(clean_value(value, "navn")) <= LATIN | {PROMILLE} for value in stamped)


@pytest.mark.slow
@pytest.mark.parametrize("value", HOSTILE)
def test_strange_values_are_drawn_as_weasyprint_draws_them_or_refused_alike(press: Press, value: str) -> None:
    data, mal = with_value(value), template(EVERY_FIELD)
    try:
        plain = plainly(mal, data)
    except (RenderFeil, BrevFeil) as refused:
        with pytest.raises(type(refused)) as again:
            press.letter(mal, data, mailing())
        assert again.value.kode == refused.kode
        return
    assert same_letter(press.letter(mal, data, mailing()).pdf, plain)


@pytest.mark.parametrize("navn", FERDIGE_MALER)
@pytest.mark.parametrize("malform", ["nb", "nn"])
def test_every_ready_template_can_be_stamped(press: Press, navn: str, malform: str) -> None:
    mal, data = ready(navn), row(malform=malform)
    stamped = press.letter(mal, data, mailing())

    assert stamped.stemplet
    assert same_letter(stamped.pdf, plainly(mal, data))


WORDS = [
    "i",
    "og",
    "eigedoms",
    "skatt",
    "(§ 14)",
    "e-post",
    "1 000",
    "a/b",
    "12–15",
    "kommunestyret",
    "AVALDSNES",
    "–",
]
FIELDS = ["navn", "eiendomsadresse", "medeiere", "kid", "eksternref", "takst|belop", "poststed"]


def rambling(choice: random.Random) -> str:
    """A template of paragraphs and cells of random words, fields and bold stretches."""

    def stretch() -> str:
        parts = [
            f"(({choice.choice(FIELDS)}))" if choice.random() < 0.35 else choice.choice(WORDS)
            for _ in range(choice.randint(2, 9))
        ]
        text = "".join(part + choice.choice([" ", " ", " ", "", ", "]) for part in parts).strip()
        return f"**{text}**" if choice.random() < 0.3 else text

    lines = ["  \n\n".join(" ".join(stretch() for _ in range(choice.randint(1, 5))) for _ in range(40))]
    lines += ["", "| --- | - | --: |"]
    lines += [f"| {stretch()} | {stretch()} | {stretch()} |" for _ in range(20)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "seed", [*range(6), *(pytest.param(n, marks=pytest.mark.full) for n in range(6, 60))]
)
def test_lines_are_broken_where_weasyprint_breaks_them(press: Press, seed: int) -> None:
    choice = random.Random(seed)
    data = next(people(1, seed)) | {"medeiere": "Åse Li", "kid": "20270000078019"}
    sheet = stamping_press._sheet_maker(template(rambling(choice)), mailing())(data)
    letter, tier = sheet.letter, tier_of(sheet.letter.values)
    laid = press._lay_out(sheet, tier, (sheet.foot, tier, letter.fixed))
    broken = compare_lines(
        laid, Shape(laid, partial(weasyprint_layout.line_break_positions, language="nb")), letter.values
    )

    assert broken.compared > 30
    assert broken.different == []


LONG = (
    "Her er ((navn)) og ((eiendomsadresse)), **som ((navn)) eier i ((eiendomsadresse))**, og mer tekst som går over "
    "flere linjer fordi den er lang nok til det, sier ((navn)) i ((poststed)) om **((eiendomsadresse))** på ((navn))."
)


@pytest.mark.slow
@pytest.mark.parametrize("mal", [template(LONG), ready("eiendomsskatt")], ids=["long paragraph", "tax note"])
def test_a_letter_is_the_same_bytes_whatever_was_drawn_before_it(mal: Brevmal) -> None:
    rows = list(people(12, seed=3))

    def drawn(order: Sequence[int]) -> dict[int, str]:
        own = Press(render.engine(FONTS))
        return {n: hashlib.sha256(own.letter(mal, rows[n], mailing()).pdf).hexdigest() for n in order}

    forth, back = drawn(range(12)), drawn(range(11, -1, -1))
    assert forth == back
    assert drawn([7])[7] == forth[7]


def test_which_signs_the_fonts_hold_does_not_follow_from_whose_letter_came_first(press: Press) -> None:
    mal = template("Hei ((navn))")
    ordinary = press.letter(mal, row(navn="Kari Li"), mailing()).pdf
    press.letter(mal, row(navn="Żółć Đặng"), mailing())

    assert press.letter(mal, row(navn="Kari Li"), mailing()).pdf == ordinary
    assert len(press.letter(mal, row(navn="Żółć Đặng"), mailing()).pdf) > len(ordinary) + 10_000


def test_a_shape_is_laid_out_once() -> None:
    press, mal = Press(render.engine(FONTS)), template("Hei ((navn)), du bor i ((adresselinje1)).")
    for n in range(40):
        assert press.letter(mal, row(navn=f"Kari {n}", adresselinje1=f"Veien {n}"), mailing()).stemplet
    assert press.compiled == 1


def test_another_number_of_lines_is_another_plan_of_the_same_shape() -> None:
    press, mal = Press(render.engine(FONTS)), template("Hei ((navn)), du bor i ((eiendomsadresse)).")
    for long in ("kort", "lang " * 30, "lang " * 60, "kort igjen", "lang " * 31):
        data = row(eiendomsadresse=long)
        assert same_letter(press.letter(mal, data, mailing()).pdf, plainly(mal, data))
    assert (len(press.shapes), len(press.plans)) == (1, 3)


ADDRESSES = [
    {"navn": "Kari Li", "postnr": "", "poststed": ""},
    {"navn": "Kari Li", "adresselinje1": "c/o Ola Nordmann", "adresselinje2": "Storgata 1"},
    {"navn": "Sameiet " + "av eierne i det lange huset " * 3, "adresselinje1": "Storgata 1"},
    {
        "navn": "Kari Li",
        **{f"adresselinje{n}": f"Linje {n} av adressen" for n in (1, 2, 3)},
        "land": "Sverige",
    },
    {
        "navn": "Sameiet " + "av eierne i det lange huset " * 5,
        "adresselinje1": "Storgata 1",
        "land": "Sverige",
    },
    {"navn": "Ngô Thị Lộc", "adresselinje1": "Storgata 1"},
    {"navn": "Kari Li", "adresselinje1": "c/o Ngô Thị Lộc", "adresselinje2": "Storgata 1"},
]


def addressed(n: int) -> dict[str, str]:
    empty = {"adresselinje1": "", "adresselinje2": "", "adresselinje3": "", "land": ""}
    return row(**(empty | ADDRESSES[n]))


def test_an_address_needs_no_plan_for_its_number_of_lines() -> None:
    press, mal = Press(render.engine(FONTS)), template("Hei ((kid)).")
    for n in range(len(ADDRESSES)):
        done = press.letter(mal, addressed(n), mailing())
        assert done.stemplet, ADDRESSES[n]
        assert same_letter(done.pdf, plainly(mal, addressed(n))), ADDRESSES[n]
    assert len(press.shapes) == 2, "the common signs and all Latin ones"
    assert len(press.plans) == 3, "one, and one for each line that a taller sign stands in"


def test_an_address_is_the_same_bytes_whoever_the_plan_was_made_for() -> None:
    mal, everybody = template("Hei ((kid))."), range(len(ADDRESSES))

    def drawn(order: Iterable[int]) -> dict[int, bytes]:
        own = Press(render.engine(FONTS))
        return {n: own.letter(mal, addressed(n), mailing()).pdf for n in order}

    forth = drawn(everybody)
    assert forth == drawn(reversed(everybody))
    assert all(drawn([n])[n] == forth[n] for n in everybody)


def test_a_paragraph_that_a_page_break_goes_through_may_break_there_or_there() -> None:
    press = Press(render.engine(FONTS))
    filler = "\n\n".join(["Fyll."] * 23)
    mal = template(f"{filler}\n\n" + "Her er ((navn)) og ((eiendomsadresse)) **med ((kid))** og mer. " * 8)
    for data in people(8, seed=11):
        stamped = press.letter(mal, data, mailing())
        assert stamped.stemplet
        assert stamped.sider == 2
        assert same_letter(stamped.pdf, plainly(mal, data))
    assert any(divided for shape in press.shapes.values() if shape for divided in shape.divided.values())
    assert len(press.plans) > len(next(iter(press.shapes.values())).divided)  # type: ignore[union-attr]


WORDY = "Her er mer av det som står i alle brev, uten noe som er mottakerens. " * 9
ONE_SIDED = [
    f"Vi viser til søknaden fra ((navn)), {WORDY}",
    f"{WORDY} **Hilsen** ((navn)).",
    f"Til ((navn)). **{WORDY}**",
]


@pytest.mark.parametrize("text", ONE_SIDED)
def test_a_page_break_may_have_all_of_a_paragraphs_values_on_one_side(text: str) -> None:
    mal = template("\n\n".join(["Fyll."] * 22) + f"\n\n{text}\n\nSkrevet til ((eiendomsadresse)).")
    rows = list(people(4, seed=11))

    def drawn(order: Iterable[int]) -> dict[int, Trykk]:
        press = Press(render.engine(FONTS))
        return {n: press.letter(mal, rows[n], mailing()) for n in order}

    forth, back = drawn(range(4)), drawn(reversed(range(4)))
    for n, done in forth.items():
        assert (done.stemplet, done.avvik, done.sider) == (True, False, 2)
        assert done.pdf == back[n].pdf
        assert same_letter(done.pdf, plainly(mal, rows[n]))


def termed(fillers: int) -> Brevmal:
    """A table with a value in its head, that goes on to the next page where there is much before it."""
    table = "\n".join(f"| rad {n} | ((belop_siste_termin|belop)) |" for n in range(8))
    before = "Fyll.\n\n" * fillers + "Her ((eiendomsadresse))."
    return template(f"{before}\n\n| Termin | ((belop_termin|belop)) |\n| --- | ---: |\n{table}")


TERMED = [
    row(navn=navn, eiendomsadresse=address, belop_termin=head, belop_siste_termin=below)
    for navn, address, head, below in [
        ("A", "kort", "951,00", "951,00"),
        ("B", "lang " * 60, "951,00", "951,00"),
        ("C", "lang " * 60, "111,00", "999,00"),
    ]
]


@pytest.mark.parametrize(("fillers", "stamped"), [(15, [True, False, False]), (17, [False, False, False])])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_a_table_head_that_is_repeated_on_the_next_page_has_its_own_values(
    fillers: int, stamped: list[bool], order: tuple[int, ...]
) -> None:
    press, mal = Press(render.engine(FONTS)), termed(fillers)
    for n in order:
        done = press.letter(mal, TERMED[n], mailing())
        assert (done.stemplet, done.avvik) == (stamped[n], False)
        assert same_letter(done.pdf, plainly(mal, TERMED[n]))


def test_a_letter_of_other_paragraphs_is_no_plan_of_a_shape(press: Press) -> None:
    def laid(source: str, navn: str) -> LaidOutLetter:
        sheet = stamping_press._sheet_maker(template(source), mailing())(row(navn=navn))
        return press._lay_out(sheet, 0, (sheet.foot, 0, sheet.letter.fixed))

    source = "Hei ((navn)), **((kid))**"
    shape = Shape(laid(source, "Kari"), partial(weasyprint_layout.line_break_positions, language="nb"))

    assert shape.fits(laid(source, "Navn " * 40))
    for other in (
        f"{source}\n\n((kid))",
        "Hei ((navn)), ((kid))",
        "Hei, ((navn)) **((kid))**",
        f"- {source}",
    ):
        assert not shape.fits(laid(other, "Kari")), other


def test_a_letter_whose_paragraphs_are_not_the_shapes_is_laid_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shape, "fits", lambda *_: False)
    done = Press(render.engine(FONTS)).letter(template("Hei ((navn))"), row(), mailing())

    assert (done.stemplet, done.avvik) == (False, False)
    assert done.pdf == plainly(template("Hei ((navn))"), row())


def test_a_letter_that_stamping_stumbles_over_is_laid_out_and_logged_as_an_error(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(*_: object) -> Linjer:
        raise ValueError("zip() argument 2 is longer than argument 1")

    monkeypatch.setattr(stamping_press, "compare_lines", stumble)
    done = Press(render.engine(FONTS)).letter(template("Hei ((navn))"), row(), mailing())

    assert (done.stemplet, done.avvik) == (False, False)
    assert done.pdf == plainly(template("Hei ((navn))"), row())
    [logged] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert logged.message == "letter_could_not_be_stamped"
    assert logged.exc_info


@pytest.mark.parametrize("order", [("‰", "5 ‰", "5", "‰ ‰"), ("5 ‰", "5", "‰")])
@pytest.mark.parametrize(
    "around", ["| --- | --- |\n| Merknad | ((medeiere)) |\n| Mer | tekst |", "Se **((medeiere))** nå."]
)
def test_a_sign_of_another_font_by_itself_stands_otherwise_than_beside_others(
    around: str, order: Sequence[str]
) -> None:
    press, mal = Press(render.engine(FONTS)), template(f"{around}\n\nMer tekst.")
    for value in order:
        done = press.letter(mal, row(medeiere=value), mailing())
        assert done.stemplet
        assert same_letter(done.pdf, plainly(mal, row(medeiere=value))), value


PROMILLE_TEXTS = [
    "Satsen er 4 ‰ av grunnlaget, ((navn)).",
    "Satsen er 4 ‰ ((navn)) ‰ **‰ av** ((kid))‰ ((kid)) ‰",
    f"((navn)): {'4 ‰ av grunnlaget og ‰ ‰. ' * 12} ((kid)).",
]


@pytest.mark.parametrize("source", PROMILLE_TEXTS)
def test_a_space_beside_a_sign_of_another_font_is_of_the_font_it_is_of_in_weasyprint(
    press: Press, source: str
) -> None:
    for navn in ("Kari Li", "Šimić Žarko ‰", "‰ Per"):
        done = press.letter(template(source), row(navn=navn), mailing())
        assert done.stemplet
        assert same_letter(done.pdf, plainly(template(source), row(navn=navn))), navn


@pytest.mark.parametrize("tag", ["td", "p", "div"])
def test_a_value_that_no_hole_was_found_for_is_never_painted_for_others(
    monkeypatch: pytest.MonkeyPatch, tag: str
) -> None:
    """Whatever kind of box it stands in, and whoever's letter was laid out first."""
    known = weasyprint_layout._is_paragraph
    monkeypatch.setattr(weasyprint_layout, "_is_paragraph", lambda box: box.element_tag != tag and known(box))
    press, mal = Press(render.engine(FONTS)), ready("eiendomsskatt")
    for data in people(2, seed=3):
        done = press.letter(mal, data, mailing())
        assert not done.stemplet
        assert same_letter(done.pdf, plainly(mal, data))


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fiks.utsending.brev.stamping.press.MAX_PLANS", 3)
    monkeypatch.setattr("fiks.utsending.brev.stamping.press.MAX_SHAPES", 2)
    press = Press(render.engine(FONTS))
    for n in range(8):
        press.letter(template(f"Brev {n} til ((navn))."), row(), mailing())
    assert (len(press.shapes), len(press.plans)) == (2, 3)


def test_the_stamped_pdf_is_tagged_archivable_and_every_font_is_inside(press: Press) -> None:
    stamped = press.letter(ready("eiendomsskatt"), given("000004"), mailing())
    plain = plainly(ready("eiendomsskatt"), given("000004"))
    assert stamped.stemplet
    with pikepdf.Pdf.open(io.BytesIO(stamped.pdf)) as one, pikepdf.Pdf.open(io.BytesIO(plain)) as other:
        assert one.check_pdf_syntax() == []
        assert str(one.Root.Lang) == "nb"
        assert str(one.docinfo.Title) == "Eiendomsskatt 2027"
        assert one.Root.ViewerPreferences.DisplayDocTitle
        for name in ("/MarkInfo", "/OutputIntents", "/Metadata"):
            assert name in one.Root
        assert b'pdfuaid:part="1"' in one.Root.Metadata.read_bytes()
        assert one.Root.Metadata.read_bytes() == other.Root.Metadata.read_bytes()
        assert headers(one) == headers(other) != []
        assert tags(one) == tags(other)
        fonts = [font for page in one.pages for font in page.Resources.Font.values()]
        assert all("/FontFile2" in font.DescendantFonts[0].FontDescriptor for font in fonts)


def tags(document: pikepdf.Pdf) -> list[str]:
    """The names of the structure in reading order, without the spans that only follow lines."""

    def inside(node: pikepdf.Object) -> Iterator[str]:
        if not isinstance(node, pikepdf.Dictionary):
            return
        if "/S" in node and str(node.S) not in ("/Span", "/NonStruct"):
            yield str(node.S)
        kids = node.get("/K")
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            yield from inside(kid)

    return list(inside(document.Root.StructTreeRoot))


@pytest.mark.parametrize("stamped", [True, False])
def test_all_that_stands_on_a_page_is_in_the_structure_or_set_aside(press: Press, stamped: bool) -> None:
    data = given("000004")
    done = press.letter(replace(ready("eiendomsskatt"), hurtig=stamped), data, mailing())
    assert done.stemplet == stamped
    with pikepdf.Pdf.open(io.BytesIO(done.pdf)) as document:
        root = document.Root.StructTreeRoot
        told = set(elements(root.K[0]))
        for page, parents in zip(document.pages, list(root.ParentTree.Nums)[1::2], strict=True):
            marks = list(marked(page))
            numbers = {int(mark.MCID) for mark in marks if "/MCID" in mark}
            assert marks.count(pikepdf.Dictionary(Type=pikepdf.Name.Pagination)) == 2, (
                "sender and page number"
            )
            assert {n for n, parent in enumerate(parents) if parent is not None} == numbers
            assert {parents[n].objgen for n in numbers} <= told


def marked(page: pikepdf.Page) -> Iterator[pikepdf.Object]:
    """What is said of each marked stretch of a page; nothing may be painted outside them."""
    depth = 0
    for operands, operator in pikepdf.parse_content_stream(page):
        depth += {"BDC": 1, "BMC": 1, "EMC": -1}.get(str(operator), 0)
        if str(operator) == "BDC":
            yield operands[1]
        assert depth or str(operator) not in {"TJ", "Tj", "Do", "S", "f", "f*", "B", "sh"}


def elements(node: pikepdf.Object) -> Iterator[tuple[int, int]]:
    """This element of the structure and those below it."""
    yield node.objgen
    for kid in node.K:
        if isinstance(kid, pikepdf.Dictionary):
            yield from elements(kid)


def headers(document: pikepdf.Pdf) -> list[str]:
    """The table headers that can be looked up by their id."""
    known = pikepdf.NameTree(document.Root.StructTreeRoot.IDTree)
    assert all(str(header.ID) == name for name, header in known.items())
    return [str(header.S) for _, header in known.items()]


@pytest.mark.parametrize(
    ("source", "changes", "kode"),
    [
        ("KID ((kid))", {"kid": ""}, "FELT_TOMT"),
        ("Hei ((navn))", {"navn": "Ola \ue0ff"}, "TEGN_UTEN_SKRIFT"),
        ("Hei", {"navn": "A" * 400}, "ADRESSE_UTENFOR_VINDU"),
        ("Hei", {"navn": "lang " * 200}, "ADRESSE_UTENFOR_VINDU"),
        ("Hei ((navn))", {"navn": "Ola\x00"}, "TEGN_UGYLDIG"),
    ],
)
def test_a_letter_that_cannot_be_made_is_refused_on_both_ways(
    press: Press, source: str, changes: dict[str, str], kode: str
) -> None:
    press.letter(template(source), row(), mailing())
    with pytest.raises((BrevFeil, RenderFeil)) as refused:
        press.letter(template(source), row(**changes), mailing())
    assert refused.value.kode == kode


def test_with_a_weasyprint_we_do_not_know_every_letter_is_laid_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(weasyprint_version, "KNOWN_VERSIONS", {"weasyprint": "71.0", "pydyf": "0.13.0"})
    weasyprint_version.can_stamp.cache_clear()
    try:
        done = Press(render.engine(FONTS)).letter(template("Hei ((navn))"), row(), mailing())
    finally:
        weasyprint_version.can_stamp.cache_clear()
    assert not done.stemplet
    assert "letters_can_not_be_stamped" in caplog.text
    assert (REGISTRY.get_sample_value("fiks_stamping_unknown_versions_total") or 0) >= 1
    assert "Hei" in words_of(done.pdf)


def test_on_a_machine_that_lacks_one_of_our_signs_letters_without_it_are_drawn_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(weasyprint_fonts, "_signs", lambda tier: "abc \ue0ff")
    press = Press(render.engine(FONTS))
    for _ in range(2):
        done = press.letter(template("Hei ((navn))"), row(), mailing())

    assert not done.stemplet
    assert press.compiled == 1
    assert done.pdf == plainly(template("Hei ((navn))"), row())


def test_a_letter_whose_lines_weasyprint_breaks_otherwise_is_laid_out_and_told_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stamping_press, "compare_lines", lambda *_: Linjer(1, [([[(0, "a")]], [[(0, "b")]])]))
    done = Press(render.engine(FONTS)).letter(template("Hei ((navn))"), row(), mailing())

    assert (done.stemplet, done.avvik) == (False, True)
    assert done.pdf == plainly(template("Hei ((navn))"), row())


def test_the_versions_we_know_are_the_ones_that_are_installed() -> None:
    assert weasyprint_version.can_stamp()


def test_the_sender_may_have_any_name(press: Press) -> None:
    odd = mailing(lillevik(navn="Kárášjoga gielda ŊŠ", logo=None))
    done = press.letter(template("Hei ((navn)), fra ((kommune_navn))."), row(), odd)

    assert isinstance(done, Trykk)
    assert done.stemplet
    assert same_letter(
        done.pdf, render.render(template("Hei ((navn)), fra ((kommune_navn))."), row(), odd, fonts=FONTS)
    )

"""A letter carries what its own pages draw, and no word of its neighbours: of one file's resources only its share."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from fiks.pdf import PdfKode
from fiks.pdf.cut import Brevsider, Utklipp, child
from fiks.pdf.cut import resources as shares
from fiks.pdf.cut.letter_cutter import Brev, Saks
from tests.unit.samlet.files import SAMLET, Change, cut, opened, pairs, pixels, said, saved, tagged

pytestmark = pytest.mark.slow

OWN = 2
"""The letter that is looked into, counted from 0."""


def drawn(pdf: pikepdf.Pdf, content: bytes, **keys: object) -> pikepdf.Object:
    """A drawn part of the size of a page."""
    form = pdf.make_stream(content, Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 595, 842])
    for key, value in keys.items():
        form[f"/{key}"] = value
    return form


def words(number: int) -> bytes:
    return b"BT /F1 12 Tf 60 700 Td (HEMMELIG %03d) Tj ET" % number


def shared(letters: int, change: Change | None = None) -> bytes:
    """Letters of a page, each drawn as a part, in the one dictionary of resources that all pages have."""
    with pikepdf.Pdf.new() as pdf:
        font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
        common = pdf.make_indirect(
            Dictionary(ProcSet=[Name.PDF, Name.Text], Font=Dictionary(F1=font), XObject={})
        )
        for n in range(letters):
            common["/XObject"][f"/Tpl{n}"] = drawn(
                pdf, words(n), Resources=Dictionary(Font=Dictionary(F1=font))
            )
            page = pdf.add_blank_page(page_size=(595.276, 841.89))
            page.obj["/Resources"] = common
            page.obj["/Contents"] = pdf.make_stream(b"q /Tpl%d Do Q" % n)
        if change is not None:
            change(pdf)
        return saved(pdf)


def resources(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """The dictionary that all pages have."""
    found: pikepdf.Object = pdf.pages[0].obj["/Resources"]
    return found


def write(pdf: pikepdf.Pdf, number: int, content: bytes) -> None:
    """Let this be drawn on the page of a letter, after what it has."""
    page = pdf.pages[number].obj
    page["/Contents"] = pdf.make_stream(page["/Contents"].read_bytes() + b"\n" + content)


def named(data: bytes | None) -> set[int]:
    """The letters whose words stand anywhere in the file."""
    made = opened(data)
    everything = b"\n".join(part for node in [*made.objects, made.trailer] for part in said(node))
    return {int(found) for found in re.findall(rb"HEMMELIG.(\d{3})", everything)}


def one(data: bytes, number: int = OWN) -> Utklipp:
    [letter] = cut(data, [Brevsider(number + 1, number + 1)])
    return letter


def is_its_own(data: bytes, number: int = OWN) -> None:
    """The letter has its own words, nobody else's, and looks as it did."""
    letter = one(data, number)
    assert named(letter.pdf) == {number}
    assert pixels(letter.pdf, 0) == pixels(data, number)


@pytest.mark.parametrize("letters", [4, 8, 40])
def test_a_letter_holds_no_part_that_only_its_neighbours_draw(letters: int) -> None:
    is_its_own(shared(letters))


@pytest.mark.parametrize(
    "odd", [b" )", b" >", b" >>", b" /a#zz gs", b" (abc", b" BI /W 1 /H 1 ID \0", b" {", b" <4x>"]
)
@pytest.mark.parametrize("place", ["own page", "own part", "neighbour"])
def test_an_odd_token_does_not_let_the_neighbours_in(odd: bytes, place: str) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        part = resources(pdf)["/XObject"][f"/Tpl{OWN if place == 'own part' else OWN + 1}"]
        if place == "own page":
            write(pdf, OWN, odd)
        else:
            part.write(part.read_bytes() + odd)

    is_its_own(shared(40, change))


def every_group(pdf: pikepdf.Pdf) -> None:
    """What a page may name besides fonts and parts, of every letter, each with words in it."""
    common = resources(pdf)
    for key in ("/Pattern", "/ExtGState", "/Properties", "/Shading", "/ColorSpace", "/Odd"):
        common[key] = Dictionary()
    for n in range(len(pdf.pages)):
        tile = pdf.make_stream(words(n), Type=Name.Pattern, PatternType=1, PaintType=1, TilingType=1)
        tile["/BBox"], tile["/XStep"], tile["/YStep"] = Array([0, 0, 300, 842]), 300, 842
        common["/Pattern"][f"/P{n}"] = tile
        mask = Dictionary(
            S=Name.Luminosity, G=drawn(pdf, b"1 g " + words(n), Group=Dictionary(S=Name.Transparency))
        )
        common["/ExtGState"][f"/G{n}"] = Dictionary(SMask=mask)
        common["/Properties"][f"/M{n}"] = pdf.make_indirect(Dictionary(ActualText=f"HEMMELIG {n:03}"))
        common["/ColorSpace"][f"/C{n}"] = Array(
            [Name.Separation, Name(f"/HEMMELIG_{n:03}"), Name.DeviceGray, tint(pdf)]
        )
        shade = Dictionary(ShadingType=2, ColorSpace=Name.DeviceGray, Coords=[0, 0, 9, 9], Function=tint(pdf))
        shade["/Words"] = pikepdf.String(f"HEMMELIG {n:03}")
        common["/Shading"][f"/S{n}"] = shade
        common["/Odd"][f"/O{n}"] = pdf.make_stream(words(n))
        write(pdf, n, b"/Pattern cs /P%d scn 60 300 300 300 re f /C%d cs 0.5 scn 9 9 9 9 re f" % (n, n))
        write(
            pdf,
            n,
            b"/Span /M%d BDC EMC q 9 9 60 60 re W n /S%d sh Q /G%d gs 1 0 0 rg 60 600 400 200 re f"
            % (n, n, n),
        )


def tint(pdf: pikepdf.Pdf) -> pikepdf.Object:
    return pdf.make_indirect(Dictionary(FunctionType=2, Domain=[0, 1], C0=[1], C1=[0], N=1))


def test_no_group_of_resources_brings_what_the_page_does_not_name() -> None:
    data = shared(6, every_group)
    is_its_own(data)
    assert named(cut(data, [Brevsider(2, 4)])[0].pdf) == {1, 2, 3}
    kept = resources(opened(one(data).pdf))
    assert {key: len(kept[key]) for key in kept if key not in ("/ProcSet", "/Odd")} == dict.fromkeys(
        ("/ColorSpace", "/ExtGState", "/Font", "/Pattern", "/Properties", "/Shading", "/XObject"), 1
    )


def test_one_name_in_two_groups_brings_what_is_used_and_not_what_is_called_the_same() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        common = resources(pdf)
        common["/XObject"]["/F1"] = common["/XObject"]["/Tpl0"]
        common["/Properties"] = Dictionary(Tpl2=Dictionary(ActualText="HEMMELIG 001"))
        write(pdf, OWN, b"BT /F1 9 Tf (og mer) Tj ET")

    is_its_own(shared(6, change))


def test_a_part_without_resources_uses_the_pages_and_finds_what_it_names() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        parts = resources(pdf)["/XObject"]
        for n in range(len(pdf.pages)):
            parts[f"/Deep{n}"] = drawn(pdf, words(n))
            parts[f"/Tpl{n}"] = drawn(pdf, b"/Deep%d Do" % n)

    is_its_own(shared(6, change))


def test_a_part_inside_a_part_has_its_own_share_only() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        parts = resources(pdf)["/XObject"]
        common = pdf.make_indirect(Dictionary(XObject=Dictionary(parts)))
        for n in range(len(pdf.pages)):
            parts[f"/Tpl{n}"] = drawn(pdf, b"q /Tpl%d Do Q" % n, Resources=common)

    is_its_own(shared(6, change))


def square(pdf: pikepdf.Pdf, number: int) -> pikepdf.Object:
    """A red square, and a letter's words."""
    return drawn(
        pdf,
        b"1 0 0 rg 0 0 300 300 re f " + words(number),
        Resources=resources(pdf)["/XObject"]["/Tpl0"].Resources,
    )


@pytest.mark.parametrize("odd", [b"", b" <4x>"], ids=["strict", "odd"])
@pytest.mark.parametrize("deep", [False, True])
def test_what_a_parts_own_group_lacks_is_not_taken_from_the_page(odd: bytes, deep: bool) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        parts = resources(pdf)["/XObject"]
        parts["/Deep"] = square(pdf, OWN + 1)
        own = Dictionary(XObject=Dictionary(Other=drawn(pdf, b"")))
        outer = drawn(pdf, b"/Deep Do" + odd, Resources=own)
        if deep:
            own["/XObject"]["/Inner"] = drawn(pdf, b"/Deep Do" + odd)
            outer.write(b"/Inner Do")
        parts["/Outer"] = outer
        write(pdf, OWN, b"/Outer Do")

    is_its_own(shared(6, change))


@pytest.mark.parametrize("odd", [b"", b" <4x>"], ids=["strict", "odd"])
@pytest.mark.parametrize("other", [False, True])
@pytest.mark.parametrize("kind", ["part", "mask"])
def test_what_a_part_has_no_group_for_is_taken_from_the_page_whatever_lies_between(
    kind: str, other: bool, odd: bytes
) -> None:
    """A mask without resources has the page's, too, and not those of the part that is masked."""

    def change(pdf: pikepdf.Pdf) -> None:
        parts = resources(pdf)["/XObject"]
        parts["/Deep"] = square(pdf, OWN)
        inner = drawn(pdf, b"/Deep Do" + odd, Group=Dictionary(S=Name.Transparency))
        between = Dictionary(XObject=Dictionary(Inner=inner))
        if other:
            between["/XObject"]["/Deep"] = drawn(pdf, b"0 0 1 rg 300 300 99 99 re f")
        if kind == "part":
            inner["/Resources"] = Dictionary(Font=Dictionary(Deep=resources(pdf)["/Font"]["/F1"]))
            outer = b"/Inner Do"
        else:
            between["/ExtGState"] = Dictionary(G=Dictionary(SMask=Dictionary(S=Name.Luminosity, G=inner)))
            outer = b"/G gs 0 1 0 rg 0 0 595 842 re f"
        parts["/Outer"] = drawn(pdf, outer, Resources=between)
        write(pdf, OWN, b"/Outer Do")

    is_its_own(shared(6, change))


def test_a_part_of_the_page_that_has_no_resources_uses_those_of_the_part_that_draws_it() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        parts = resources(pdf)["/XObject"]
        parts["/Deep"] = drawn(pdf, b"/P sh")
        shade = Dictionary(
            ShadingType=2, ColorSpace=Name.DeviceGray, Coords=[0, 0, 0, 842], Function=tint(pdf)
        )
        parts["/Outer"] = drawn(pdf, b"/Deep Do", Resources=Dictionary(Shading=Dictionary(P=shade)))
        write(pdf, OWN, b"/Outer Do")

    is_its_own(shared(6, change))


def two_colours() -> pikepdf.Object:
    return Array([Name.Indexed, Name.DeviceRGB, 1, pikepdf.String(b"\xff\0\0\0\0\xff")])


@pytest.mark.parametrize("value", ["/DeviceRGB", "/DeviceGray", "/Cs1", "/Lost", "/B\udce5"])
def test_a_colour_space_may_be_no_more_than_a_name(value: str) -> None:
    """Qt and wkhtmltopdf write it so."""

    def change(pdf: pikepdf.Pdf) -> None:
        spaces = b"<< /PCSp [/Pattern /DeviceRGB] /CSp %s >>" % value.encode(errors="surrogateescape")
        resources(pdf)["/ColorSpace"] = pikepdf.Object.parse(spaces)
        resources(pdf)["/ColorSpace"]["/Cs1"] = two_colours()
        write(pdf, OWN, b"/CSp cs 1 0 0 scn 100 100 50 50 re f /PCSp cs")

    data = shared(6, change)
    letter = one(data)
    assert pixels(letter.pdf, 0) == pixels(data, OWN)
    kept = resources(opened(letter.pdf))["/ColorSpace"]
    assert set(kept) == {"/PCSp", "/CSp"} | ({value} & {"/Cs1"})


@pytest.mark.parametrize("drawn_in", ["page", "part", "part with spaces", "part in a part"])
@pytest.mark.parametrize("kind", ["picture", "in the content"])
def test_a_picture_has_the_colours_it_names(kind: str, drawn_in: str) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        common = resources(pdf)
        common["/ColorSpace"] = Dictionary(Cs1=pdf.make_indirect(two_colours()))
        image = pdf.make_stream(
            b"\0\1\1\0", Type=Name.XObject, Subtype=Name.Image, Width=2, Height=2, BitsPerComponent=8
        )
        image["/ColorSpace"] = Name("/Cs1")
        text = b"BI /W 2 /H 2 /BPC 8 /CS /Cs1 ID \0\1\1\0 EI" if kind == "in the content" else b"/Pic Do"
        common["/XObject"]["/Pic"] = image
        text = b"q 100 0 0 100 0 0 cm %s Q BT (and text) Tj ET" % text
        if drawn_in != "page":
            own = Dictionary(XObject=Dictionary(Pic=image))
            if drawn_in == "part with spaces":
                own["/ColorSpace"] = Dictionary(Cs2=Name.DeviceGray)
            part = drawn(pdf, text, Resources=own)
            if drawn_in == "part in a part":
                del part["/Resources"]
                grey = pdf.make_indirect(
                    Array([Name.Indexed, Name.DeviceGray, 1, pikepdf.String(b"\x40\x80")])
                )
                own["/XObject"]["/Inner"], own["/ColorSpace"] = part, Dictionary(Cs1=grey)
                part = drawn(pdf, b"/Inner Do", Resources=own)
            common["/XObject"]["/Part"], text = part, b"/Part Do"
        write(pdf, OWN, text)

    is_its_own(shared(6, change))


@pytest.mark.parametrize(
    "space", ["[/Indexed /Cs1 1 <0080>]", "[/Pattern /Cs1]", "[/Separation /Gold /Cs1 9]", "[/Cs1]", "/Cs1"]
)
def test_colours_that_are_named_within_others_are_carried(space: str) -> None:
    """Not every reader looks for them, but some do."""

    def change(pdf: pikepdf.Pdf) -> None:
        common = resources(pdf)
        common["/ColorSpace"] = Dictionary(Cs1=two_colours(), Gold=Name.DeviceRGB, Cs2=Name.DeviceRGB)
        image = pdf.make_stream(
            b"\0\1\1\0", Type=Name.XObject, Subtype=Name.Image, Width=2, Height=2, BitsPerComponent=8
        )
        image["/ColorSpace"] = pikepdf.Object.parse(space.encode())
        common["/XObject"]["/Pic"] = image
        write(pdf, OWN, b"q 100 0 0 100 0 0 cm /Pic Do Q")

    data = shared(6, change)
    is_its_own(data)
    assert set(resources(opened(one(data).pdf))["/ColorSpace"]) == {"/Cs1"}


def test_parts_that_draw_each_other_are_taken_once() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        parts = resources(pdf)["/XObject"]
        parts["/A"], parts["/B"] = drawn(pdf, b"/B Do /Tpl2 Do"), drawn(pdf, b"/A Do")
        pdf.pages[OWN].obj["/Contents"] = pdf.make_stream(b"/B Do")

    assert named(one(shared(6, change)).pdf) == {OWN}


def test_glyphs_that_are_drawn_bring_what_they_name() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        common = resources(pdf)
        for n in range(len(pdf.pages)):
            font = Dictionary(
                Type=Name.Font, Subtype=Name.Type3, FontBBox=[0, 0, 9, 9], FontMatrix=[0.01, 0, 0, 0.01, 0, 0]
            )
            font["/FirstChar"], font["/LastChar"], font["/Widths"] = 65, 65, Array([1_000])
            font["/Encoding"] = Dictionary(Differences=[65, Name.a])
            font["/CharProcs"] = Dictionary(a=pdf.make_stream(b"1000 0 d0 /Tpl%d Do" % n))
            font["/Resources"] = Dictionary(XObject=common["/XObject"])
            common["/Font"][f"/T{n}"] = pdf.make_indirect(font)
            pdf.pages[n].obj["/Contents"] = pdf.make_stream(b"BT /T%d 100 Tf 9 9 Td (A) Tj ET" % n)

    is_its_own(shared(6, change))


def test_what_an_annotation_looks_like_brings_its_own_share_only() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        common = resources(pdf)
        for n, page in enumerate(pdf.pages):
            look = drawn(pdf, b"/Tpl%d Do" % n, Resources=common)
            del look["/Subtype"]  # readers draw it all the same
            stamp = Dictionary(
                Type=Name.Annot, Subtype=Name.Stamp, Rect=[0, 0, 595, 842], F=4, AP=Dictionary(N=look)
            )
            page.obj["/Annots"] = Array([pdf.make_indirect(stamp)])
            page.obj["/Contents"] = pdf.make_stream(b"")

    is_its_own(shared(6, change))


def test_a_picture_drawn_in_the_page_is_not_read_as_names() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        picture = b"/Tpl3 \n/Tpl4 (<\xff"
        write(pdf, OWN, b"q 90 0 0 90 9 9 cm BI /W 4 /H 4 /BPC 8 /CS /G ID " + picture + b" EI Q /Tpl2 Do")

    is_its_own(shared(6, change))


@pytest.mark.parametrize("end", [b"\nEI Q\n", b"EI Q ", b" EI/Tpl0 gs Q\n"])
def test_what_is_drawn_between_two_pictures_is_not_taken_for_a_picture(end: bytes) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        picture = b" q 30 0 0 30 0 0 cm BI /W 2 /H 2 /BPC 8 /CS /G ID \x10\xf0\x20\x80"
        rest = b"BT (\xe6) Tj ET /Tpl2 Do" + picture + b"\nEI Q BT 9 9 Td (aaaaaaaaaaaaaaa) Tj ET"
        pdf.pages[OWN].obj["/Contents"] = pdf.make_stream(picture + end + rest)

    is_its_own(shared(6, change))


@pytest.mark.parametrize("inside", [b" EI\n", b"EI["])
def test_a_picture_that_looks_ended_inside_hides_nothing_that_comes_after(inside: bytes) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        data = (inside + b"aaaaaaaaaaaaaaaa%").ljust(64, b"a")
        picture = b"q 9 0 0 9 9 9 cm BI /W 8 /H 8 /BPC 8 /CS /G ID " + data + b" EI Q "
        pdf.pages[OWN].obj["/Contents"] = pdf.make_stream(picture + b"/Tpl2 Do % (no more) (aaaaaaaaaaaaaaa)")

    is_its_own(shared(6, change))


def test_names_are_found_however_they_are_written() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        parts = resources(pdf)["/XObject"]
        parts["/Bl\udce5 ark"] = parts["/Tpl2"]
        pdf.pages[OWN].obj["/Contents"] = Array(
            [pdf.make_stream(b"%/Tpl3 Do\nq/Bl#E5#20ark"), pdf.make_stream(b"Do Q")]
        )

    is_its_own(shared(6, change))


def inherited(parent: bytes = b"/Parent 2 0 R") -> bytes:
    """Pages that have their resources from the one above them."""
    kids = b"".join(b"%d 0 R " % (n + 3) for n in range(6))
    parts = b"".join(b"/Tpl%d %d 0 R" % (n, n + 15) for n in range(6))
    above = b"/MediaBox[0 0 595.276 841.89]/Resources<</Font<</F1 21 0 R>>/XObject<<%s>>>>" % parts
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 6/Kids[%s]%s>>" % (kids, above)]
    objects += [b"<</Type/Page%s/Contents %d 0 R>>" % (parent, n + 9) for n in range(6)]
    drawn = [b"<<>>stream\n/Tpl%d Do\nendstream" % n for n in range(6)]
    head = b"<</Type/XObject/Subtype/Form/BBox[0 0 595 842]>>"
    objects += [*drawn, *(head + b"stream\n" + words(n) + b"\nendstream" for n in range(6))]
    objects.append(b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % one for one in enumerate(objects, 1))
    return b"%PDF-1.7\n" + body + b"trailer<</Root 1 0 R>>\n"


def test_resources_that_pages_inherit_are_shared_out_again_and_again() -> None:
    data = inherited()
    letters = cut(data, [Brevsider(n + 1, n + 1) for n in (2, 2, 0, 1, 2)])
    assert [named(letter.pdf) for letter in letters] == [{2}, {2}, {0}, {1}, {2}]
    assert letters[0].pdf == letters[1].pdf == letters[4].pdf
    assert pixels(letters[0].pdf, 0) == pixels(saved(opened(data)), 2)


def test_pages_that_readers_find_different_things_on_are_no_letters() -> None:
    """They do not say what is above them: one finds it all the same, who shows them to people does not."""
    [letter] = cut(inherited(b""), [Brevsider(3, 3)])
    assert letter.pdf is None
    assert letter.kontroll.funn[0].kode is PdfKode.PDF_SIDE_ENDRET


def test_the_open_file_is_as_before_when_a_letter_has_been_cut_or_refused() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        every_group(pdf)
        parts = resources(pdf)["/XObject"]
        parts["/Tpl1"].write(b"no such", filter=Name.FlateDecode)

    with pikepdf.Pdf.open(io.BytesIO(shared(6, change))) as source:
        before = [b"\n".join(said(node)) for node in source.objects if not isinstance(node, pikepdf.Stream)]
        saks = Saks(source)
        saks.cut(Brev(3, 4), "Vedtak")
        with pytest.raises(Exception, match="PDF_UGYLDIG"):
            saks.cut(Brev(2, 2), "Vedtak")
        assert [b"\n".join(said(n)) for n in source.objects if not isinstance(n, pikepdf.Stream)] == before


@pytest.mark.parametrize("place", ["page", "part"])
def test_what_cannot_be_decoded_is_no_letter_and_costs_no_other(place: str) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[OWN].obj
        stream = page["/Contents"] if place == "page" else resources(pdf)["/XObject"]["/Tpl2"]
        stream.write(b"/Tpl3 Do", filter=Name.FlateDecode)

    letters = cut(shared(6, change), [Brevsider(n, n) for n in range(1, 7)])
    assert [letter.pdf is None for letter in letters] == [False, False, True, False, False, False]
    assert [f.kode for f in letters[OWN].kontroll.funn] == [PdfKode.PDF_UGYLDIG]


def test_parts_nested_without_end_are_no_letter() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        inner = resources(pdf)["/XObject"]["/Tpl2"]
        for _ in range(500):
            inner = drawn(pdf, b"/X Do", Resources=Dictionary(XObject=Dictionary(X=inner)))
        resources(pdf)["/XObject"]["/Tpl2"] = inner

    letters = cut(shared(6, change), [Brevsider(3, 3), Brevsider(4, 4)])
    assert letters[0].pdf is None and [f.kode for f in letters[0].kontroll.funn] == [
        PdfKode.PDF_FOR_KOMPLISERT
    ]
    assert named(letters[1].pdf) == {3}


def layers(pdf: pikepdf.Pdf) -> None:
    """A layer for each letter, called by its words; the layer of letter 2 and of 4 is hidden."""
    found = [
        pdf.make_indirect(Dictionary(Type=Name.OCG, Name=f"HEMMELIG {n:03}")) for n in range(len(pdf.pages))
    ]
    pdf.Root["/OCProperties"] = Dictionary(OCGs=found, D=Dictionary(OFF=[found[2], found[4]], Order=found))
    resources(pdf)["/Properties"] = Dictionary({f"/L{n}": layer for n, layer in enumerate(found)})
    for n, part in enumerate(found):
        resources(pdf)["/XObject"][f"/Tpl{n}"]["/OC"] = part
        write(pdf, n, b"/OC /L%d BDC 0 0 1 rg 99 99 99 99 re f EMC" % n)


@pytest.mark.parametrize("letters", [6, 300])
def test_a_letter_knows_of_the_layers_it_has_itself(letters: int) -> None:
    data = shared(letters, layers)
    for number in (OWN, 3):
        is_its_own(data, number)
    made = opened(one(data).pdf)
    told = made.Root["/OCProperties"]
    assert len(told["/OCGs"]) == 1 and told["/D"]["/OFF"][0].objgen == told["/OCGs"][0].objgen


def test_a_letter_without_layers_is_told_of_none() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        layers(pdf)
        pdf.pages[OWN].obj["/Contents"] = pdf.make_stream(words(OWN))

    letter = one(shared(6, change))
    assert named(letter.pdf) == {OWN} and "/OCProperties" not in opened(letter.pdf).Root


@pytest.mark.parametrize("data", [SAMLET.read_bytes(), tagged()], ids=["fagsystem", "tagged"])
def test_pages_look_as_they_did(data: bytes) -> None:
    for n, letter in enumerate(cut(data, pairs(4))):
        for page in range(2):
            assert pixels(letter.pdf, page) == pixels(data, 2 * n + page)


def test_words_of_the_file_as_a_whole_are_in_no_letter() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        every_group(pdf)
        pdf.docinfo["/Subject"] = "HEMMELIG 001"
        for n in range(len(pdf.pages)):
            part = resources(pdf)["/XObject"][f"/Tpl{n}"]
            part["/PieceInfo"] = Dictionary(App=Dictionary(Private=resources(pdf)["/XObject"]["/Tpl0"]))
            part["/Parent"] = pdf.Root

    is_its_own(shared(6, change))


def test_a_letter_that_lost_something_of_a_page_is_no_letter_and_says_which_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it was that was not seen to be named."""
    path = tmp_path / "samlet.pdf"
    path.write_bytes(SAMLET.read_bytes())
    monkeypatch.setattr(shares, "names_in", lambda content: frozenset())
    [[pdf, told, _]] = child.cut_wire(str(path), [[1, 2, []]], "Brev", True, False)
    assert (pdf, [(f["kode"], f["sider"]) for f in told["funn"]]) == (None, [("PDF_SIDE_ENDRET", [1, 2])])

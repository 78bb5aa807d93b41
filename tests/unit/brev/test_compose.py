"""Template and row to HTML: values are text and nothing else, and nothing is left out in silence."""

from __future__ import annotations

import random
import re
import unicodedata
from html import unescape

import pytest

from fiks.utsending.brev import FERDIGE_MALER, BrevFeil, MalFeil, bundled_template, compose, fill_title
from fiks.utsending.brev.language.fill import Utfyller
from tests.unit.brev.letters import NBSP, given, given_rows, lillevik, mailing, row, template
from tests.unit.brev.strange import people

HOSTILE = [
    "((navn))",
    "((hvis navn))x((slutt))",
    "{{ navn }}",
    "{% raw %}",
    "<script>alert(1)</script>",
    "</style><img src=x>",
    "&lt;b&gt; &amp;",
    '" onload="x',
    "**ikke fet**",
    "| celle | til |",
    "# ikke overskrift",
    "\u202eabc\u200f",
    "null\u200bbredde\u200d",
    "A" * 10_000,
    "😀",
    "a\u0308\u0301",
    "\\((",
    "url(file:///etc/passwd)",
]


def body(source: str, **changes: str) -> str:
    html = compose(template(source), row(**changes), mailing())
    return html.partition("<main>")[2].partition("</main>")[0]


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_prints_literally_whatever_it_contains(value: str) -> None:
    html = body("Adressen er ((eiendomsadresse)).", eiendomsadresse=value)

    assert re.fullmatch(r'<p>Adressen er <span data-v="eiendomsadresse">[^<>]*</span>\.</p>', html)
    assert plain(html) == f"Adressen er {unicodedata.normalize('NFC', value)}."


def test_text_of_the_template_is_text_too() -> None:
    assert body("<b>5 & 6</b>") == "<p>&lt;b&gt;5 &amp; 6&lt;/b&gt;</p>"


def test_a_printed_field_that_is_empty_stops_the_letter() -> None:
    with pytest.raises(BrevFeil) as refused:
        body("KID ((kid))", kid=" ")

    assert (refused.value.kode, refused.value.felt) == ("FELT_TOMT", "kid")


def test_a_condition_guards_an_empty_field() -> None:
    source = "A((hvis kid)) KID ((kid))((ellers)) ingen KID((slutt))."

    assert plain(body(source, kid="")) == "A ingen KID."
    assert plain(body(source, kid="123")) == "A KID 123."


def test_a_value_that_does_not_fit_its_format_stops_the_letter() -> None:
    with pytest.raises(BrevFeil) as refused:
        body("((takst|belop))", takst="mye")

    assert (refused.value.kode, refused.value.felt) == ("VERDI_UGYLDIG", "takst")


def test_what_the_template_does_not_use_is_not_computed() -> None:
    assert plain(body("Hei ((navn))", navn="Ola", takst="mye", terminer="fire")) == "Hei Ola"


def test_a_faulty_template_makes_no_letter() -> None:
    with pytest.raises(MalFeil):
        body("((finnes_ikke))")


def test_rows_repeat_and_name_their_place() -> None:
    source = (
        "| Nr | Beløp |\n| - | -: |\n((for hver terminliste))\n| ((nr)) | ((belop|belop)) kr |\n((slutt))"
    )
    html = body(source, terminer="2", belop_termin="10,00", belop_siste_termin="10,50")

    assert '<th scope="col">Nr</th><th scope="col" class="tall">Beløp</th>' in html
    assert '<td><span data-v="terminliste/0/nr">1</span></td>' in html
    assert '<td class="tall"><span data-v="terminliste/1/belop|belop">10,50</span> kr</td>' in html
    assert html.count("<tr") == 3


def test_outer_fields_exist_inside_a_list_and_list_fields_end_with_it() -> None:
    source = "((for hver terminliste))\n- ((nr)) til ((navn))\n((slutt))"

    html = body(source, terminer="2", navn="Ola")

    assert html.count("<ul>") == 1
    assert plain(html) == "1 til Ola2 til Ola"


def test_a_table_whose_rows_are_all_hidden_is_no_table() -> None:
    assert body("((hvis kid))\n| KID | ((kid)) |\n((slutt))\n\nx", kid="") == "<p>x</p>"


def test_without_a_head_the_first_column_heads_the_rows() -> None:
    html = body("| --- | --: |\n| Takst | ((takst|belop)) |")

    assert '<th scope="row">Takst</th>' in html
    assert "<thead>" not in html
    assert html.count("<col ") == 2


def test_nynorsk_is_used_for_nynorsk_rows_when_there_is_one() -> None:
    both = template("Hei", "Hei på deg")

    assert '<html lang="nn">' in compose(both, row(malform="nn"), mailing())
    assert "Hei på deg" in compose(both, row(malform="NN "), mailing())
    assert '<html lang="nb">' in compose(template("Hei"), row(malform="nn"), mailing())
    assert "Hei på deg" not in compose(both, row(malform="nb"), mailing())


def test_the_address_has_no_empty_lines_and_a_foreign_one_ends_with_its_country() -> None:
    html = compose(template("x"), given("000004"), mailing())
    address = html.partition('<div class="mottaker">')[2].partition("</div>")[0]

    assert unescape(re.sub("<[^>]*>", "", address)).split("\n") == [
        "ČÁPPA GUOVŽA",
        "Teststraße 3",
        f"10115{NBSP}BERLIN",
        "TYSKLAND",
    ]


def test_a_receiver_without_id_has_no_line_for_it() -> None:
    html = compose(template("x"), row(fnr="", orgnr=""), mailing())

    assert "Fødselsnr" not in html
    assert "id_verdi" not in html
    assert "Org.nr." in compose(template("x"), row(fnr="", orgnr="225840792"), mailing())


def test_every_given_row_fills_the_ready_template() -> None:
    mal = bundled_template("eiendomsskatt")

    for given_row in given_rows():
        html = plain(compose(mal, given_row, mailing()))
        assert given_row["eiendomsadresse"] in html
        assert ("KID" in html) == (given_row["terminer"] != "0")


@pytest.mark.parametrize("malform", ["nb", "nn"])
def test_a_list_without_the_last_terms_amount_fills_the_ready_template(malform: str) -> None:
    data = row(malform=malform, terminer="2", belop_termin="1902,00")
    del data["belop_siste_termin"]
    html = plain(compose(bundled_template("eiendomsskatt"), data, mailing()))

    assert "men den siste er på" not in html
    assert html.count(f"1{NBSP}902 kr") == 2


@pytest.mark.parametrize(
    ("malform", "said"),
    [
        ("nb", "Hver termin er på 1 400 kr, men den siste er på 1 401 kr."),
        ("nn", "Kvar termin er på 1 400 kr, men den siste er på 1 401 kr."),
    ],
)
def test_what_is_said_of_a_last_term_that_differs_is_right_of_two_terms_too(malform: str, said: str) -> None:
    data = row(malform=malform, terminer="2", belop_termin="1400,00", belop_siste_termin="1401,00")
    html = plain(compose(bundled_template("eiendomsskatt"), data, mailing()))

    assert said in html.replace(NBSP, " ")


@pytest.mark.parametrize("malform", ["nb", "nn"])
@pytest.mark.parametrize(
    ("epost", "telefon", "said"),
    [
        ("post@lillevik.example", "12 34 56 78", " på post@lillevik.example eller på telefon 12 34 56 78."),
        ("post@lillevik.example", "", " på post@lillevik.example."),
        ("", "12 34 56 78", " på telefon 12 34 56 78."),
        ("", "", "."),
    ],
)
def test_the_empty_letter_names_the_ways_there_are_to_reach_the_sender(
    malform: str, epost: str, telefon: str, said: str
) -> None:
    sender = lillevik(epost=epost, telefon=telefon)
    html = plain(compose(bundled_template("brev"), row(malform=malform), mailing(sender)))

    assert f"Spørsmål? Ta kontakt med Lillevik kommune{said}" in html.replace(NBSP, " ")


def test_the_letter_for_a_mailing_without_announcement_says_what_is_missing() -> None:
    with pytest.raises(BrevFeil) as refused:
        compose(bundled_template("eiendomsskatt"), row(), mailing(kunngjort=None))

    assert (refused.value.kode, refused.value.felt) == ("FELT_TOMT", "kunngjort")


def test_the_title_is_one_line_of_text_in_the_rows_malform() -> None:
    mal = bundled_template("eiendomsskatt")

    assert fill_title(mal, given("000166"), mailing()) == (
        "Eiendomsskatt 2027 for Måkevegen 111 fra Lillevik kommune"
    )
    assert fill_title(mal, row(malform="nn", eiendomsadresse="Å\n<b>"), mailing()) == (
        "Eigedomsskatt 2027 for Å <b> frå Lillevik kommune"
    )


def test_a_sender_without_logo_asks_for_no_picture() -> None:
    assert "<img" not in compose(template("x"), row(), mailing(lillevik(logo=None)))


def filled(filling: Utfyller, data: dict[str, str]) -> object:
    """What comes of a row: its letter, or the code and field of what is wrong."""
    try:
        return filling.fill(data)
    except BrevFeil as error:
        return error.kode, error.felt


@pytest.mark.parametrize("navn", FERDIGE_MALER)
def test_a_form_that_was_written_before_is_filled_as_if_it_were_written_now(navn: str) -> None:
    """Also where a row has several faults: the first in the letter is told."""
    mal, used = bundled_template(navn), Utfyller(bundled_template(navn), mailing(), prove=False)
    choice = random.Random(5)
    for data in [*people(60, seed=5), *map(dict, given_rows())] * 2:
        for name in choice.sample(sorted(data), choice.choice([0, 0, 1, 3])):
            data[name] = choice.choice(["", "0", "tull", "1", "x\x00"])
        assert filled(used, data) == filled(Utfyller(mal, mailing(), prove=False), data)
    assert any(text.forms for text in used.texts.values())


def test_a_condition_on_a_lists_own_field_is_asked_for_each_item() -> None:
    source = "((for hver terminliste))\n((hvis belop))\nTermin ((nr)): ((belop))\n((slutt))\n((slutt))"
    some = row(
        terminer="2",
        forfall1="01.03.2027",
        forfall2="01.06.2027",
        belop_termin="0",
        belop_siste_termin="5,00",
    )
    assert "Termin 1" not in plain(compose(template(source), some, mailing()))
    assert "Termin 2" in plain(compose(template(source), some, mailing()))
    both = some | {"belop_termin": "7,00"}
    assert "Termin 1" in plain(compose(template(source), both, mailing()))


def test_a_sender_cannot_make_a_hole() -> None:
    html = compose(template("Hei ((navn))"), row(navn="Kari"), mailing(lillevik(navn="By\0kommune")))
    assert "By\ufffdkommune" in html
    assert ">Kari</span>" in html

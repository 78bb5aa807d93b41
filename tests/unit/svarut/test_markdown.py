"""What others wrote is shown in Altinn as they wrote it, and is nothing else there than words."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from fiks.svarut.channels.altinn import _correspondence
from fiks.svarut.channels.altinn_text import escape_address, escape_text, plain_title
from fiks.svarut.channels.base import Utgaende
from fiks.svarut.sealed_content import Lenke
from testmiljo.sim.altinn_texts import is_markdown, is_plain
from workers.channels import NOTICE, _escaped_link

OURS = "https://minside.no/forsendelse/3f2b8a52-0000-4000-8000-000000000000/1"
ODD = [
    *("[x](https://e)", "a] b", "*x*", "Svar](https://evil.no/) [x", "Avslag <kopi>", "# Vedtak", "==x=="),
    *(
        "1. termin",
        "a) vedtak",
        "- varsel",
        "+ varsel",
        "> svar",
        "`kode`",
        "~~x~~",
        "_x_",
        "**",
        "___x___",
        "---",
    ),
    *(
        "<script>",
        "<https://e>",
        "x\\*y",
        "[x]: https://e",
        "![x](https://e)",
        "A &amp; B",
        "++x++",
        "^x^",
        "{#x}",
    ),
    *("C:\\mappe", "#", "1.", "-", "R&D;", '""x""', "$x$", "| a | b |", "[^1]", "    innrykk", "[ ] gjort"),
]
PLAIN = [
    "Eiendomsskatt 2027 (2. termin): kr 1 200,50",
    "Vedtak nr. 7/2027 – § 14",
    "Ås & Vik AS",
    "5 * 3",
    "E-post!",
    *(
        "Vedr. søknad",
        "kl. 10:30",
        "Nr. 7/2027",
        "Ref. 22/345",
        "Barnehage.",
        "Ca. 200 kr",
        "Pkt. 2 a) og b)",
    ),
    *(
        "ola_nordmann@kommune.no",
        "http://x_y.no/a_b",
        "50 % *",
        "Pris $100",
        "C++ kurs",
        "a == b",
        'Heter "Nes"',
    ),
]
"""What is Markdown elsewhere, or to who looks less closely."""
TO_BE_BROKEN = {
    "12. mai": "12.\u2060 mai",
    "1. termin": "1.\u2060 termin",
    "a) vedtak": "a)\u2060 vedtak",
    "IV. kapittel": "IV.\u2060 kapittel",
    "* varsel": "*\u2060 varsel",
    "# Vedtak": "#\u2060 Vedtak",
    "1.": "1.\u2060",
    "---": "---\u2060",
    "_x_ og a_b": "＿x＿ og a_b",
    "5 * 3 * 2": "5 ∗ 3 ∗ 2",
    "$x$": "＄x＄",
    "C++ og ++x++": "C＋＋ og ＋＋x＋＋",
    ":::nb": "：：：nb",
    "Ring tel:22334455": "Ring tel:\u206022334455",
}
NO_HARM_BUT_CLOSE = ("5 * 3 * 2",)


def body(tittel: str, tekst: str) -> dict[str, str]:
    brev = Utgaende(
        OURS[-38:-2], "311990039", "311990039", tittel, tekst, OURS, "BETYDELIG", None, None, None
    )
    content: dict[str, str] = _correspondence(brev)["correspondence"]["content"]
    return content


def links(markdown: str) -> list[str]:
    """Where the links of a body lead, as it is rendered; pictures and headings count too."""
    tokens = [inner for token in MarkdownIt().parse(markdown) for inner in [token, *(token.children or ())]]
    odd = [one.type for one in tokens if one.type not in EXPECTED]
    return odd + [str(one.attrs["href"]) for one in tokens if one.type == "link_open"]


EXPECTED = {"paragraph_open", "inline", "text", "paragraph_close", "link_open", "link_close", "softbreak"}


def shown(markdown: str) -> str:
    """The words of a body as they are read."""
    inline = [token for token in MarkdownIt().parse(markdown) if token.type == "inline"]
    return "\n\n".join(
        "".join("\n" if one.type == "softbreak" else one.content for one in token.children or ())
        for token in inline
    )


@pytest.mark.parametrize("name", [*ODD, *PLAIN])
def test_the_only_link_of_a_message_is_ours_and_a_name_is_shown_as_it_is(name: str) -> None:
    content = body(name, NOTICE.format(avsender=escape_text(name)))["messageBody"]
    assert links(content) == [OURS]
    assert is_markdown(content)
    as_is = name.strip().replace("<", "‹").replace(">", "›")
    assert shown(content) == f"{NOTICE.format(avsender=as_is)}\n\nLes brevet"


@pytest.mark.parametrize("words", [*ODD, *PLAIN])
def test_a_konto_s_own_words_are_words_at_the_beginning_of_a_line_too(words: str) -> None:
    told = f"{words}\n{words}\n\n{words}"
    content = body("Brev", escape_text(told))["messageBody"]
    assert links(content) == [OURS]
    as_is = words.strip().replace("<", "‹").replace(">", "›")
    assert shown(content) == f"{as_is}\n{as_is}\n\n{as_is}\n\nLes brevet"


@pytest.mark.parametrize("words", ["https://phish.example/x", "www.phish.example", "mailto:a@phish.example"])
def test_an_address_in_somebodys_name_is_not_made_a_link(words: str) -> None:
    """Markdig makes one of what begins so."""
    assert words not in escape_text(words)
    assert shown(escape_text(words)) == words


@pytest.mark.parametrize("title", ODD)
def test_a_title_is_plain_text_that_reads_as_it_did(title: str) -> None:
    content = body(title, "Brev")
    told = content["messageTitle"]
    assert content["messageSummary"] == told
    assert is_plain(told)
    assert [*filter(str.isalnum, told)] == [*filter(str.isalnum, title)]


@pytest.mark.parametrize("title", PLAIN)
def test_a_title_that_is_plain_text_is_left_as_it_is(title: str) -> None:
    assert is_plain(title)
    assert plain_title(title) == title


@pytest.mark.parametrize("title", TO_BE_BROKEN)
def test_what_could_be_markdown_in_a_title_is_broken_where_nobody_sees_it(title: str) -> None:
    assert not is_plain(title) or title in NO_HARM_BUT_CLOSE
    assert plain_title(title) == TO_BE_BROKEN[title]
    assert is_plain(TO_BE_BROKEN[title])


@pytest.mark.parametrize("title", [*ODD, *PLAIN, *TO_BE_BROKEN, "kr\u00a01\u00a0200", "1.\u00a0termin"])
def test_no_title_has_a_space_that_altinn_makes_another(title: str) -> None:
    """It then differs from its plain text, and is refused."""
    assert not is_plain("kr\u00a0200")
    assert "\u00a0" not in plain_title(title)
    assert is_plain(plain_title(title))


def test_a_title_is_one_line() -> None:
    assert plain_title("  Vedtak\nom\r\n skatt ") == "Vedtak om skatt"


def test_a_link_of_the_sender_s_is_its_words_and_an_address_that_holds_no_markdown() -> None:
    link = Lenke("https://lillevik.no/_a_?b=*c*&d=(1)", "[Les](https://e)", "*Nå*:")
    assert links(_escaped_link(link)) == []
    assert shown(_escaped_link(link)).endswith(" https://lillevik.no/%5Fa%5F?b=%2Ac%2A&d=(1)")
    assert escape_address("https://lillevik.no/skatt?år=2027#b") == "https://lillevik.no/skatt?år=2027#b"

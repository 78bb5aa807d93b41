"""Who stands as sender where that is not the organisation itself: on a cover sheet, and on what citizens write."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from fiks.core.values.address import Adresse
from fiks.core.values.calendar import OSLO
from fiks.edialog.letter import Melding
from fiks.edialog.rules import Avsender as Innsender
from fiks.utsending.brev.drawing import render
from fiks.utsending.brev.language.letterhead import footer, letterhead
from fiks.utsending.letters.cover_sheet import cover_sender
from tests.unit.brev.letters import FONTS, lillevik, mailing, words_of
from workers.messages import context, template, values

ABROAD = Adresse("Kari Svensson", "Storgatan 1", "", "Port B", "111 22", "Stockholm", "SE")
WRITTEN = Melding(
    "Tittel",
    ("Hei",),
    Innsender(ABROAD, "kari@example.com"),
    "",
    Adresse("Lillevik"),
    "nb",
    datetime(2027, 2, 28, 23, 58, tzinfo=OSLO),
)


def test_answers_that_go_abroad_have_the_country_as_the_senders_last_line() -> None:
    sender = cover_sender(lillevik(), None, ABROAD)

    assert "Storgatan 1<br>Port B<br>111 22 Stockholm<br>SVERIGE</p>" in letterhead(sender)
    assert "Port B · 111 22 Stockholm · SVERIGE" in footer(mailing(sender))


def test_answers_within_norway_have_no_country() -> None:
    sender = cover_sender(lillevik(), None, Adresse("Ola", "Vegen 1", "", "", "0580", "OSLO", "NO"))

    assert (sender.adresselinjer, sender.postnr, sender.poststed) == (("Vegen 1",), "0580", "OSLO")


def test_a_citizen_who_writes_from_abroad_has_the_country_in_the_letter_too() -> None:
    sender = context(WRITTEN).avsender

    assert (sender.navn, sender.epost) == ("Kari Svensson", "kari@example.com")
    assert "111 22 Stockholm<br>SVERIGE</p>" in letterhead(sender)


def test_what_a_citizen_writes_is_dated_when_they_sent_it_to_the_minute() -> None:
    for language, said in (("nb", "Sendt med eDialog av"), ("nn", "Send med eDialog av")):
        written = replace(WRITTEN, spraak=language)
        drawn = words_of(render.render(template(written), values(written), context(written), fonts=FONTS))
        assert "Dato 28.02.2027" in drawn
        assert f"{said} Kari Svensson 28.02.2027 kl. 23.58." in drawn

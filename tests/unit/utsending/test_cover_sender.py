"""Who stands as sender where that is not the organisation itself: on a cover sheet, and on what citizens write."""

from __future__ import annotations

from datetime import date

from fiks.core.address import Adresse
from fiks.edialog.letter import Melding
from fiks.edialog.rules import Avsender as Innsender
from fiks.utsending.brev.letterhead import footer, letterhead
from fiks.utsending.coversheet import cover_sender
from tests.unit.brev.letters import lillevik, mailing
from workers.messages import context

ABROAD = Adresse("Kari Svensson", "Storgatan 1", "", "Port B", "111 22", "Stockholm", "SE")


def test_answers_that_go_abroad_have_the_country_as_the_senders_last_line() -> None:
    sender = cover_sender(lillevik(), None, ABROAD)

    assert "Storgatan 1<br>Port B<br>111 22 Stockholm<br>SVERIGE</p>" in letterhead(sender)
    assert "Port B · 111 22 Stockholm · SVERIGE" in footer(mailing(sender))


def test_answers_within_norway_have_no_country() -> None:
    sender = cover_sender(lillevik(), None, Adresse("Ola", "Vegen 1", "", "", "0580", "OSLO", "NO"))

    assert (sender.adresselinjer, sender.postnr, sender.poststed) == (("Vegen 1",), "0580", "OSLO")


def test_a_citizen_who_writes_from_abroad_has_the_country_in_the_letter_too() -> None:
    written = Melding(
        "Tittel", ("Hei",), Innsender(ABROAD, "kari@example.com"), "", Adresse("Lillevik"), "nb"
    )
    sender = context(written, date(2027, 2, 22)).avsender

    assert (sender.navn, sender.epost) == ("Kari Svensson", "kari@example.com")
    assert "111 22 Stockholm<br>SVERIGE</p>" in letterhead(sender)

"""Draws a citizen's eDialog message with the renderer of all letters: the text is always a value, never
template source.
"""

from __future__ import annotations

from fiks.edialog.letter import Melding
from fiks.utsending.brev import Avsender, Brevkontekst, Brevmal, Brevtrykker
from fiks.utsending.letters.cover_sheet import receiver_values, sender_at

SENT_BY = {"nb": "Sendt med eDialog av", "nn": "Send med eDialog av"}


class Meldingstegner:
    """The message drawer used by `fiks.edialog.work`."""

    def __init__(self, trykker: Brevtrykker) -> None:
        self._trykker = trykker

    def draw(self, melding: Melding) -> bytes:
        """Return the message as PDF, the sender at the top and the receiver in the window. Errors as
        `Brevtrykker.letter`.
        """
        return self._trykker.letter(template(melding), values(melding), context(melding))


def template(melding: Melding) -> Brevmal:
    """Return the template: a heading, a paragraph per line of the message, and a line with sender and time."""
    lines = [f"((avsnitt{nr}))" for nr in range(1, len(melding.avsnitt) + 1)]
    source = "\n\n".join(
        ["# ((tittel))", *lines, f"{SENT_BY[melding.spraak]} ((avsendernavn)) ((innsendt))."]
    )
    return Brevmal(source + "\n")


def values(melding: Melding) -> dict[str, str]:
    """Return the template's values, and the receiver for the window."""
    paragraphs = {f"avsnitt{nr}": text for nr, text in enumerate(melding.avsnitt, 1)}
    name = melding.avsender.adresse.navn
    moment = melding.sendt.strftime("%d.%m.%Y kl.\u00a0%H.%M")
    return {**receiver_values(melding.mottaker), **paragraphs, "avsendernavn": name, "innsendt": moment}


def context(melding: Melding) -> Brevkontekst:
    """Return the letter context: the citizen, or the organisation they act for, as sender, dated the day of
    sending.
    """
    who = melding.avsender
    reached = Avsender("", melding.orgnr, "", (), "", "", epost=who.epost, telefon=who.telefon)
    return Brevkontekst(sender_at(reached, who.adresse), melding.tittel, melding.sendt.date())

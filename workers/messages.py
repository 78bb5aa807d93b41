"""Draws what a citizen wrote in eDialog, by the renderer of all letters: the text is values, never template."""

from __future__ import annotations

from fiks.edialog.letter import Melding
from fiks.utsending.brev import Avsender, Brevkontekst, Brevmal, Brevtrykker
from fiks.utsending.coversheet import receiver_values, sender_at

SENT_BY = {"nb": "Sendt med eDialog av", "nn": "Send med eDialog av"}


class Meldingstegner:
    """The drawer of `fiks.edialog.work`."""

    def __init__(self, trykker: Brevtrykker) -> None:
        self._trykker = trykker

    def draw(self, melding: Melding) -> bytes:
        """The message as PDF, its sender at the top and its receiver in the window. Errors as `Brevtrykker.letter`."""
        return self._trykker.letter(template(melding), values(melding), context(melding))


def template(melding: Melding) -> Brevmal:
    """A heading, a paragraph for each line of the message, and who sent it when."""
    lines = [f"((avsnitt{nr}))" for nr in range(1, len(melding.avsnitt) + 1)]
    source = "\n\n".join(
        ["# ((tittel))", *lines, f"{SENT_BY[melding.spraak]} ((avsendernavn)) ((innsendt))."]
    )
    return Brevmal(source + "\n")


def values(melding: Melding) -> dict[str, str]:
    """What the template prints, and the receiver for the window."""
    paragraphs = {f"avsnitt{nr}": text for nr, text in enumerate(melding.avsnitt, 1)}
    name = melding.avsender.adresse.navn
    moment = melding.sendt.strftime("%d.%m.%Y kl.\u00a0%H.%M")
    return {**receiver_values(melding.mottaker), **paragraphs, "avsendernavn": name, "innsendt": moment}


def context(melding: Melding) -> Brevkontekst:
    """The citizen, or the organisation they act for, as the sender of the letter, dated the day it was sent."""
    who = melding.avsender
    reached = Avsender("", melding.orgnr, "", (), "", "", epost=who.epost, telefon=who.telefon)
    return Brevkontekst(sender_at(reached, who.adresse), melding.tittel, melding.sendt.date())

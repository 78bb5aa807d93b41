"""Tries the address window of a letter when it is taken in: what can never be posted is told of while its sender can
mend it, and not when its time for paper has come.

The title is not tried: most letters go digitally, where it may hold any sign, and it hinders no post from finding its
receiver. One that no font can draw is told of when the letter's time for paper comes.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date

from fiks.core.errors import FiksError
from fiks.svarut.letters import Brev
from fiks.utsending.brev import Brevkontekst, Brevmal, Brevtrykker
from fiks.utsending.coversheet import NOBODY, receiver_values, sender_at

log = logging.getLogger(__name__)
OF_THE_LETTER = {
    "ADRESSE_UTENFOR_VINDU": "ADRESSE_UTENFOR_VINDU",
    "AVSENDER_I_VINDUET": "AVSENDER_I_VINDUET",
    "TEGN_UTEN_SKRIFT": "TEGN_UTEN_SKRIFT",
    "TEGN_UGYLDIG": "TEGN_UTEN_SKRIFT",
}
"""What intake calls the faults of a sheet that holds nothing of its letter but names and addresses."""
ANY_DAY = date(2026, 1, 1)
SOMEBODY = replace(NOBODY, navn="Avsender")
"""A sender of one short line, since the sheet must have one."""
SHEET = Brevmal("# Forside\n", hurtig=True)
"""A sheet on which all that is a letter's is values: one layout does for all, and the others are stamped. Nobody sees
it, and a sheet is refused alike whichever way it is drawn."""


class Forsideprover:
    """The trial of `fiks.svarut.control`."""

    def __init__(self, trykker: Brevtrykker) -> None:
        self._trykker = trykker

    def __call__(self, brev: Brev) -> str | None:
        """Why the sheet can never be drawn, as in `OF_THE_LETTER`.

        Nothing on it is the konto's or its organisation's, which have no fault that is the letter's; and a sender with
        neither logo nor more lines has most room. What else goes wrong here says nothing of the letter.
        """
        answers = brev.svar_sendes_til
        sender = SOMEBODY if answers is None else sender_at(NOBODY, answers)
        row = receiver_values(brev.mottaker.adresse)
        try:
            self._trykker.letter(SHEET, row, Brevkontekst(sender, "Forside", ANY_DAY))
        except FiksError as error:
            fault = OF_THE_LETTER.get(error.kode)
            if fault is None:
                log.warning("cover_not_tried", extra={"kode": error.kode})
            return fault
        return None

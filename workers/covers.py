"""Checks at intake that the address window of a letter can be drawn: its sender then learns of the fault
while it can be fixed.

The title is not checked: most letters go digitally, where a title may hold any character, and it does not
stop the post from finding the receiver. A title that no font can draw is reported when the letter's time for
paper comes.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date

from fiks.core.errors import FiksError
from fiks.svarut.letters import Brev
from fiks.utsending.brev import Brevkontekst, Brevmal, Brevtrykker
from fiks.utsending.letters.cover_sheet import NOBODY, receiver_values, sender_at

log = logging.getLogger(__name__)
LETTER_FAULTS = {
    "ADRESSE_UTENFOR_VINDU": "ADRESSE_UTENFOR_VINDU",
    "AVSENDER_I_VINDUET": "AVSENDER_I_VINDUET",
    "TEGN_UTEN_SKRIFT": "TEGN_UTEN_SKRIFT",
    "TEGN_UGYLDIG": "TEGN_UTEN_SKRIFT",
}
"""Intake's codes for the faults of a cover sheet that holds only the letter's names and addresses."""
ANY_DAY = date(2026, 1, 1)
SOMEBODY = replace(NOBODY, navn="Avsender")
"""A sender of one short line, since the sheet must have a sender."""
SHEET = Brevmal("# Forside\n", hurtig=True)
"""A cover sheet whose only variable parts are values: one layout serves all letters, and the others are
stamped. Nobody sees it, and a sheet is refused alike whichever way it is drawn.
"""


class Forsideprover:
    """The cover sheet check that `fiks.svarut.mottak.inspection` calls."""

    def __init__(self, trykker: Brevtrykker) -> None:
        self._trykker = trykker

    def __call__(self, brev: Brev) -> str | None:
        """Return why the cover sheet can never be drawn, as a code of the letter's faults; None when it can.

        Nothing on the sheet belongs to the konto or its organisation, whose faults are not the letter's, and
        a sender without logo and extra lines leaves most room. Any other error says nothing about the letter.
        """
        answers = brev.svar_sendes_til
        sender = SOMEBODY if answers is None else sender_at(NOBODY, answers)
        row = receiver_values(brev.mottaker.adresse)
        try:
            self._trykker.letter(SHEET, row, Brevkontekst(sender, "Forside", ANY_DAY))
        except FiksError as error:
            fault = LETTER_FAULTS.get(error.kode)
            if fault is None:
                log.warning("cover_not_tried", extra={"kode": error.kode})
            return fault
        return None

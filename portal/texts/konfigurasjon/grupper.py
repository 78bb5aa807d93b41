"""Texts of the pages of groups."""

from __future__ import annotations

from portal.texts.form_fields import Feltbeskrivelse

MELDINGER: dict[str, str] = {
    "laget": "Gruppen er laget. Legg til medlemmer, og gi den tilganger.",
    "navn": "Navnet er lagret.",
    "medlem_inn": "Personen er lagt til, og har gruppens tilganger fra nå av.",
    "medlem_fantes": "Personen var medlem fra før. Ingenting er endret.",
    "medlem_ut": "Personen er tatt ut, og har ikke lenger gruppens tilganger.",
    "medlem_var_ute": "Personen var alt tatt ut av gruppen. Ingenting er endret.",
    "slettet": "Gruppen er slettet.",
    "var_slettet": "Gruppen var alt slettet. Det er ikke mer å gjøre.",
}
"""What is said when a change is done."""

NAVNEFELT: tuple[Feltbeskrivelse, ...] = (
    Feltbeskrivelse("navn", "Navn på gruppen", "Medlemmene og tilgangene er de samme som før.", lengst=100),
)

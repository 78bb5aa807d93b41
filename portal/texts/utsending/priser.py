"""Texts of an organisation's own prices of paper letters."""

from __future__ import annotations

from fiks.core.values.address import Portosone
from fiks.utsending.cost.price_list import GRAMS
from portal.texts.form_fields import Feltbeskrivelse

TEKSTER: dict[str, str] = {
    "PRIS_MANGLER": "Fyll ut alle prisene. Skriv 0 for det som ikke koster noe.",
    "PRIS_UGYLDIG": "Skriv prisen i kroner med høyst to desimaler, for eksempel 0,22.",
}

SONER: dict[str, str] = {
    Portosone.NORGE: "Norge",
    Portosone.EUROPA: "Europa",
    Portosone.VERDEN: "Resten av verden",
}


def _price(navn: str, etikett: str, beskrivelse: str = "") -> Feltbeskrivelse:
    return Feltbeskrivelse(navn, etikett, beskrivelse, "decimal", kort=True, lengst=12)


UTSKRIFT: tuple[Feltbeskrivelse, ...] = (
    _price("ark_ore", "Ark"),
    _price("side_sort_ore", "Trykt side i svart-hvitt"),
    _price("side_farge_ore", "Trykt side i farger"),
    _price("giroark_ore", "Giroark", "Kommer i tillegg til prisen for arket."),
    _price("KONVOLUTT_C5", "Konvolutt C5", "For få ark, brettet én gang."),
    _price("KONVOLUTT_C4", "Konvolutt C4", "For flere ark, uten brett."),
    _price("KONVOLUTT_MANUELL", "Konvolutt som pakkes for hånd", "Når det er for mange ark til maskinen."),
)
PORTO: dict[int, tuple[Feltbeskrivelse, ...]] = {
    gram: tuple(_price(f"PORTO_{kode}_{gram}", f"Porto, {gram} gram, {navn}") for kode, navn in SONER.items())
    for gram in GRAMS
}
"""The fields of each step of postage, one for each zone."""
PRISFELT: tuple[Feltbeskrivelse, ...] = (*UTSKRIFT, *(felt for row in PORTO.values() for felt in row))

HANDLINGER: dict[str, str] = {"PRISER_ENDRET": "Endret prisene på papirbrev"}
DETALJER: dict[str, str] = {"aar": "År", **{felt.navn: felt.etikett for felt in PRISFELT}}

"""Texts for codes of fiks.core and fiks.konfigurasjon."""

from __future__ import annotations

TEKSTER: dict[str, str] = {
    "FINNES_IKKE": "Vi fant ikke det du leter etter. Det kan være slettet.",
    "MANGLER_PRIVILEGIUM": "Du har ikke tilgang til å gjøre dette. Be administrator i kommunen om tilgang.",
    "KUN_ROT": "Dette kan bare driftsorganisasjonen gjøre. Kontakt brukerstøtte.",
    "KLOKKE_LAAST": "Klokken kan bare flyttes i test- og demomiljø.",
    "PRIVILEGIUM_PASSER_IKKE": "Dette privilegiet kan ikke gis her. Velg et privilegium som hører til ressursen.",
    "PERIODE_UGYLDIG": "Sluttdatoen er passert. Velg en dato fram i tid.",
    "TILGANG_FINNES": "Personen har denne tilgangen fra før. Du trenger ikke gjøre noe.",
    "REPRESENTERER_IKKE": "Du har ikke fullmakt til å representere virksomheten. Be virksomheten om fullmakt i Altinn.",
    "ROLLER_UTILGJENGELIG": (
        "Vi får ikke kontakt med Altinn, og vet derfor ikke hvem du kan representere. Prøv igjen om litt."
    ),
    "UTLOGGINGSBEVIS_BRUKT": "Denne utloggingen er utført fra før. Du trenger ikke gjøre noe.",
    "INNLOGGINGER_AVSLUTTET": "{navn} er logget ut. Antall innlogginger som ble avsluttet: {antall}.",
}

"""Texts for codes of fiks.core and fiks.konfigurasjon."""

from __future__ import annotations

TEKSTER: dict[str, str] = {
    "FINNES_IKKE": "Vi fant ikke det du leter etter. Det kan være slettet.",
    "MANGLER_PRIVILEGIUM": "Du har ikke tilgang til å gjøre dette. Be administrator i kommunen om tilgang.",
    "KUN_ROT": "Dette kan bare driftsorganisasjonen gjøre. Kontakt brukerstøtte.",
    "KLOKKE_LAAST": "Klokken kan bare flyttes i test- og demomiljø.",
    "PRIVILEGIUM_PASSER_IKKE": "Dette privilegiet kan ikke gis her. Velg et privilegium som hører til ressursen.",
    "PERIODE_UGYLDIG": "Sluttdatoen må være senere enn startdatoen, og ikke passert. Velg en senere dato.",
    "TILGANG_FINNES": "Tilgangen er gitt fra før. Du trenger ikke gjøre noe.",
    "TILGANG_ER_AVSLUTTET": "Tilgangen er alt avsluttet. Last siden på nytt for å se hva som gjelder nå.",
    "EGEN_SLUTTDATO": (
        "Du kan ikke la din egen tilgang vare lenger, eller ta bort sluttdatoen på den. Be en annen administrator "
        "gjøre det."
    ),
    "TILGANGER_ENDRET": (
        "Noen har endret tilgangene, eller hvem de gjelder for, mens du hadde siden oppe. Ingenting er lagret. "
        "Se over dem slik de er nå, og gjør endringene dine på nytt."
    ),
    "SISTE_ADMINISTRATOR": (
        "Organisasjonen må ha minst én administrator uten sluttdato. "
        "Gjør en annen til administrator først, og prøv igjen."
    ),
    "SISTE_OPERATOR": "Plattformen må ha minst én operatør. Gjør en annen til operatør først, og prøv igjen.",
    "PERSON_HETER_ANNET": (
        "Fødselsnummeret hører til en som er kjent her under et annet navn. Rett nummeret, eller skriv navnet slik det "
        "står på siden Personer. Er det feil der, kan driftsorganisasjonen rette det."
    ),
    "INNEHAVER_PASSER_IKKE": "Dette privilegiet kan ikke gis til en slik innehaver. Velg et annet privilegium.",
    "BEGRUNNELSE_UGYLDIG": "Skriv begrunnelsen med høyst 500 tegn, og uten fødselsnummer.",
    "GRUPPENAVN_UGYLDIG": "Skriv et navn på gruppen med mellom 2 og 100 tegn.",
    "GRUPPENAVN_BRUKT": "Det finnes en gruppe med dette navnet. Velg et annet navn.",
    "GRUPPE_HAR_TILGANGER": "Tilganger gruppen har: {antall}. Kryss av for at de også fjernes, eller fjern dem først.",
    "GRUPPE_EKSTERN": "Gruppen styres fra kommunens eget system og kan ikke endres her.",
    "FOR_MANGE_MEDLEMMER": "Velg mellom 1 og {grense} personer om gangen.",
    "GJENNOMGANG_PAAGAAR": "Det er alt en gjennomgang i gang. Fullfør den før du starter en ny.",
    "GJENNOMGANG_FULLFORT": "Gjennomgangen er fullført og kan ikke endres. Svarene dine er ikke lagret.",
    "INGEN_TILGANGER": "Det er ingen tilganger å gå gjennom.",
    "REPRESENTERER_IKKE": "Du har ikke fullmakt til å representere virksomheten. Be virksomheten om fullmakt i Altinn.",
    "ROLLER_UTILGJENGELIG": (
        "Vi får ikke kontakt med Altinn, og vet derfor ikke hvem du kan representere. Prøv igjen om litt."
    ),
    "UTLOGGINGSBEVIS_BRUKT": "Denne utloggingen er utført fra før. Du trenger ikke gjøre noe.",
    "INNLOGGINGER_AVSLUTTET": "{navn} er logget ut. Antall innlogginger som ble avsluttet: {antall}.",
}

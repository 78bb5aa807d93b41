"""Texts for codes of integrasjoner, and what happened to them."""

from __future__ import annotations

TEKSTER: dict[str, str] = {
    "INTEGRASJON_NAVN_UGYLDIG": "Skriv et navn på 2 til 200 tegn.",
    "INTEGRASJON_BESKRIVELSE_UGYLDIG": "Beskrivelsen kan være på høyst 1000 tegn.",
    "TEKST_MED_FNR": "Teksten kan ikke inneholde fødselsnummer. Fjern det, og prøv igjen.",
    "INTEGRASJON_FINNES": (
        "Dette skjemaet er alt sendt inn, og passordet vises bare én gang. "
        "Finn integrasjonen i listen og lag et nytt passord hvis du ikke rakk å ta vare på det."
    ),
    "INTEGRASJON_KODE_I_BRUK": "Koden brukes av en annen global integrasjon. Velg en annen.",
    "KODE_UGYLDIG": "Koden kan ha store bokstaver fra A til Z, sifre, punktum og understrek, og må ha minst to tegn.",
    "FORESPURT_UGYLDIG": "Velg minst ett privilegium som en integrasjon kan ha.",
    "KUN_FOR_PERSON": "Dette kan bare en person gjøre, aldri en integrasjon.",
    "OVERLAPP_FOR_LANG": "Det gamle passordet kan virke i høyst 24 timer til.",
    "PASSORD_ENDRET": (
        "Passordet er byttet etter at du åpnet siden, og et passord vises bare én gang. "
        "Lag et nytt passord hvis ingen har tatt vare på det."
    ),
    "BARE_FORESPURTE": "En global integrasjon kan bare få de tilgangene den ber om.",
    "INGEN_VALGT": "Velg minst én tilgang.",
}

HANDLINGER: dict[str, str] = {
    "INTEGRASJON_OPPRETTET": "Opprettet integrasjon",
    "INTEGRASJON_ENDRET": "Endret integrasjon",
    "INTEGRASJON_SLETTET": "Slettet integrasjon",
    "PASSORD_GENERERT": "Laget nytt passord til integrasjon",
    "TILGANG_FJERNET": "Fjernet tilgang",
    "INTEGRASJON_AUTENTISERING_FEILET": "Integrasjon ble avvist",
}

DETALJER: dict[str, str] = {
    "overlapp_timer": "Timer det gamle passordet virker",
    "error_id": "Feil-id",
}

"""Texts for codes of integrasjoner, and for their audited acts."""

from __future__ import annotations

from portal.texts.form_fields import Feltbeskrivelse
from portal.texts.konfigurasjon.organisasjon import TJENESTER

TEKSTER: dict[str, str] = {
    "INTEGRASJON_NAVN_UGYLDIG": "Skriv et navn på 2 til 200 tegn.",
    "INTEGRASJON_BESKRIVELSE_UGYLDIG": "Beskrivelsen kan være på høyst 1\u00a0000 tegn.",
    "TEKST_MED_FNR": "Teksten kan ikke inneholde fødselsnummer. Fjern det, og prøv igjen.",
    "INTEGRASJON_FINNES": (
        "Dette skjemaet er alt sendt inn, og passordet vises bare én gang. "
        "Finn integrasjonen i listen og lag et nytt passord hvis du ikke rakk å ta vare på det."
    ),
    "INTEGRASJON_ALT_SLETTET": "Integrasjonen var alt slettet. Det er ikke mer å gjøre.",
    "TILGANG_ALT_TRUKKET": "Tilgangen var alt trukket tilbake. Det er ikke mer å gjøre.",
    "INGEN_TILGANGER_IGJEN": "Integrasjonen hadde ingen tilganger her lenger. Det er ikke mer å gjøre.",
    "INTEGRASJON_KODE_I_BRUK": "Koden brukes av en annen global integrasjon. Velg en annen.",
    "KODE_UGYLDIG": "Koden kan ha store bokstaver fra A til Z, siffer, punktum og understrek, og må ha minst to tegn.",
    "FORESPURT_UGYLDIG": "Velg minst ett privilegium som en integrasjon kan ha.",
    "INNLOGGINGSNIVA_UTILSTREKKELIG": (
        "Personen er logget inn på et for lavt sikkerhetsnivå. Logg inn på nytt på nivå {nivaa}, og prøv igjen."
    ),
    "KUN_FOR_PERSON": "Dette kan bare en person gjøre, aldri en integrasjon.",
    "OVERLAPP_FOR_LANG": "Det gamle passordet kan virke i høyst 24 timer til.",
    "PASSORD_ENDRET": (
        "Passordet er byttet etter at du åpnet siden, og et passord vises bare én gang. "
        "Lag et nytt passord hvis ingen har tatt vare på det."
    ),
    "BARE_FORESPURTE": "En global integrasjon kan bare få de tilgangene den ber om.",
    "INGEN_VALGT": "Velg minst én tilgang.",
    "INTEGRASJON_LAGET": (
        "Integrasjonen kan ikke gjøre noe ennå. Gi den tilgang til det den skal brukes til."
    ),
    "GLOBAL_INTEGRASJON_LAGET": (
        "Integrasjonen er tilbudt alle organisasjoner. Den kan ikke gjøre noe hos noen før de har godkjent den."
    ),
    "PASSORD_BYTTET": "Legg det nye passordet inn i fagsystemet. Tilgangene er som før.",
    "ENHET_FUNNET": (
        "{orgnr} er {navn}. Det er normalt at det ikke er deres eget nummer: "
        "her skal det stå hvem som kaller oss, vanligvis leverandøren av fagsystemet."
    ),
    "ENHET_SLETTET": (
        "{navn} ({orgnr}) er slettet i Enhetsregisteret. "
        "Spør leverandøren hvilket nummer de bruker nå, før du går videre."
    ),
    "ENHET_UKJENT": (
        "Enhetsregisteret kjenner ikke {orgnr}. I testmiljø kan nummeret likevel være riktig. "
        "Kontroller det med leverandøren før du går videre."
    ),
    "ENHET_INGEN_SVAR": (
        "Enhetsregisteret svarer ikke nå, så vi kan ikke vise hvem {orgnr} er. "
        "Kontroller nummeret selv før du går videre."
    ),
}

FAKTAFELT: tuple[Feltbeskrivelse, ...] = (
    Feltbeskrivelse("navn", "Navn", "Navnet på fagsystemet, slik dere kjenner det igjen.", lengst=200),
    Feltbeskrivelse(
        "beskrivelse",
        "Beskrivelse (valgfritt)",
        "Hva integrasjonen brukes til, og hvem som har ansvar for den.",
        linjer=3,
        lengst=1000,
    ),
    Feltbeskrivelse(
        "autorisert_orgnr",
        "Organisasjonsnummeret som kaller",
        "Ni siffer. Normalt leverandørens nummer, ikke deres eget. Det må være det samme som i leverandørens "
        "Maskinporten-token.",
        "numeric",
        True,
        lengst=11,
    ),
    Feltbeskrivelse(
        "tjenester",
        "Tjenester den skal brukes til (valgfritt)",
        "En hjelp for den som gir tilgang. Valget gir ingen tilgang i seg selv.",
        valg=tuple((kode, tjeneste.navn, "") for kode, tjeneste in TJENESTER.items()),
    ),
)
"""The form of an integrasjon's facts; of its services several may be chosen."""

OVERLAPP: list[tuple[str, str]] = [
    ("0", "Nei, det gamle slutter å virke straks"),
    ("1", "Ja, i 1 time"),
    ("8", "Ja, i 8 timer"),
    ("24", "Ja, i 24 timer"),
]
"""Hours that the old password may go on working, and what to call it."""

HANDLINGER: dict[str, str] = {
    "INTEGRASJON_OPPRETTET": "Opprettet integrasjon",
    "INTEGRASJON_ENDRET": "Endret integrasjon",
    "INTEGRASJON_SLETTET": "Slettet integrasjon",
    "PASSORD_GENERERT": "Laget nytt passord til integrasjon",
    "TILGANG_FJERNET": "Fjernet tilgang",
    "INTEGRASJON_AUTENTISERING_FEILET": "Integrasjon ble avvist",
}

DETALJER: dict[str, str] = {
    "orgnr_for": "Organisasjonsnummer før",
    "orgnr": "Organisasjonsnummer",
    "overlapp_timer": "Timer det gamle passordet virker",
    "error_id": "Feil-id",
}

"""Texts of the pages on grants."""

from __future__ import annotations

from portal.texts.form_fields import Feltbeskrivelse

TEKSTER: dict[str, str] = {
    "UTKAST_UTLOPT": "Det gikk for lang tid før du svarte, så ingenting er endret. Gjør endringene på nytt.",
    "INGEN_ENDRING": "Du har ikke endret noe, så ingenting er lagret.",
    "TILGANGER_LAGRET": "Endringene er lagret. De virker med en gang.",
    "TILGANG_GITT": "{navn} har fått tilgangen. Den virker med en gang.",
    "TILGANG_GITT_FRA": "{navn} har fått tilgangen. Den gjelder fra {fra}.",
    "TILGANG_TATT": "{navn} har ikke lenger tilgangen.",
    "SLUTTDATO_LAGRET": "Sluttdatoen er lagret.",
    "INNEHAVER_MANGLER": "Velg hvem som skal få tilgangen.",
    "PRIVILEGIUM_MANGLER": "Velg minst én tilgang.",
    "TILGANG_FINNES_HER": "{privilegium} er gitt fra før. Ta bort krysset, og prøv igjen.",
    "STARTDATO_PASSERT": "Startdatoen er passert. Velg en dato fram i tid, eller la feltet stå tomt.",
    "SLUTTDATO_PASSERT": "Sluttdatoen er passert. Velg en dato fram i tid, eller la feltet stå tomt.",
    "SLUTT_FOR_START": "Sluttdatoen er før startdatoen. Velg en senere sluttdato.",
    "PERSON_IKKE_HER": (
        "Ingen med dette fødselsnummeret har tilgang her. Gi den første tilgangen på siden til en ressurs."
    ),
    "SOK_UTEN_NAVN": "Skriv hele eller deler av navnet før du trykker «Finn person».",
    "SOK_NUMMER_I_NAVNESOK": "Skriv et navn. Fødselsnummer søker du på i feltet for det.",
    "PERSON_ALT_SLUTTET": "Personen var alt fjernet, og har ingenting her lenger. Det er ikke mer å gjøre.",
    "PERSON_SLUTTET": (
        "{navn} er fjernet. Tilganger: {tilganger}. Grupper: {grupper}. Avsluttede innlogginger: {sesjoner}."
    ),
}

INNEHAVERTYPER: dict[str, str] = {
    "PERSON": "Personer",
    "GRUPPE": "Grupper",
    "INTEGRASJON": "Integrasjoner",
}
"""The kinds of holders in the order of the matrix."""

SLUTTFELT: tuple[Feltbeskrivelse, ...] = (
    Feltbeskrivelse(
        "til",
        "Til og med",
        "Skriv dd.mm.åååå. Tomt felt betyr uten sluttdato",
        tastatur="numeric",
        kort=True,
        lengst=10,
    ),
)
"""The form with the end of one grant."""

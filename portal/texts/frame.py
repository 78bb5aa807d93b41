"""Texts of the frame: errors of HTTP, login, session, forms."""

from __future__ import annotations

NOT_GIVEN = "Ikke oppgitt"
"""Stands where a fact is empty."""

TEKSTER: dict[str, str] = {
    "HTTP_400_TITTEL": "Vi forstod ikke forespørselen",
    "HTTP_400": "Noe i forespørselen var feil. Gå tilbake, last siden på nytt og prøv igjen.",
    "HTTP_401_TITTEL": "Du er logget ut",
    "HTTP_401": "Innloggingen er over. Det du sendte inn nå, er ikke lagret. Logg inn og prøv igjen.",
    "NIVA_TITTEL": "Du må logge inn på nivå {nivaa}",
    "NIVA": (
        "Dette krever at du logger inn med sikkerhetsnivå {nivaa}, for eksempel med BankID. "
        "Det du sendte inn nå, er ikke lagret."
    ),
    "NIVA_SKJEMA": (
        "Dette krever at du logger inn med sikkerhetsnivå {nivaa}, for eksempel med BankID. Det du skrev, er ikke "
        "lagret, men vi tar vare på det i 15 minutter. Etter innloggingen får du skjemaet tilbake og kan sende det på "
        "nytt."
    ),
    "HTTP_403_TITTEL": "Du har ikke tilgang",
    "HTTP_403": "Du har ikke tilgang til denne siden. Be administrator i kommunen om tilgang.",
    "HTTP_404_TITTEL": "Siden finnes ikke",
    "HTTP_404": "Vi fant ikke siden. Adressen kan være feil, eller det du leter etter, kan være slettet.",
    "HTTP_405_TITTEL": "Siden kan ikke brukes slik",
    "HTTP_405": "Denne adressen kan ikke åpnes på den måten. Gå tilbake og bruk knappene på siden.",
    "HTTP_409_TITTEL": "Noe har endret seg",
    "HTTP_409": "Noen har endret dette mens du hadde siden oppe. Gå tilbake, last den på nytt og se over.",
    "HTTP_410_TITTEL": "Det du leter etter, er slettet",
    "HTTP_410": "Det har vært her, men er slettet og kan ikke hentes tilbake.",
    "HTTP_413_TITTEL": "Filen er for stor",
    "HTTP_413": "Det du sendte, er større enn vi tar imot her. Velg en mindre fil og prøv igjen.",
    "HTTP_415_TITTEL": "Vi kan ikke lese det du sendte",
    "HTTP_415": "Innholdet har en form vi ikke tar imot. Bruk skjemaet på siden.",
    "HTTP_422_TITTEL": "Noe må rettes",
    "HTTP_422": "Noe av det du fylte ut, kan ikke brukes. Gå tilbake, rett det opp og prøv igjen.",
    "HTTP_429_TITTEL": "For mange forsøk",
    "HTTP_429": "Du har gjort dette mange ganger på kort tid. Vent et minutt og prøv igjen.",
    "HTTP_500_TITTEL": "Noe gikk galt hos oss",
    "HTTP_500": "Noe gikk galt hos oss. Prøv igjen om litt.",
    "HTTP_503_TITTEL": "Tjenesten er ikke tilgjengelig",
    "HTTP_503": "Tjenesten er nede akkurat nå. Det du har lagret, er trygt. Prøv igjen om litt.",
    "TOK_FOR_LANG_TID": (
        "Dette tok for lang tid, og ble avbrutt. Det du har lagret, er trygt. Vent et minutt og prøv igjen."
    ),
    "MASKINEN_FULL": (
        "Vi har ikke plass til det du sendte akkurat nå. Ingenting av det er tatt imot. Prøv igjen om litt."
    ),
    "FELT_GJENTATT": (
        "Den samme opplysningen kom flere ganger, og vi vet ikke hvilken som gjelder. Ingenting er lagret. "
        "Gå tilbake, last siden på nytt og prøv igjen."
    ),
    "SKJEMA_UTLOPT": "Skjemaet er utløpt. Gå tilbake, last siden på nytt og send inn igjen.",
    "SKJEMA_TATT_VARE_PA": (
        "Innloggingen er over. Vi tar vare på det du skrev, i 15 minutter. "
        "Logg inn, så får du skjemaet tilbake og kan sende det på nytt."
    ),
    "SPORRES_IGJEN": "Innloggingen er over. Logg inn, så kommer du tilbake til siden, og kan trykke på nytt.",
    "SKJEMA_BYTTET_TITTEL": "Du har byttet organisasjon",
    "SKJEMA_BYTTET": (
        "Du har byttet til {valgt} i en annen fane. Skjemaet gjelder {gjelder}, og ingenting er lagret."
    ),
    "SKJEMA_UTEN_VALG_TITTEL": "Du har ikke valgt organisasjon",
    "SKJEMA_UTEN_VALG": (
        "Skjemaet gjelder {gjelder}, men etter innloggingen har du ikke valgt organisasjon. Ingenting er lagret."
    ),
    "SKJEMA_UTEN_TILGANG_TITTEL": "Du har byttet organisasjon",
    "SKJEMA_UTEN_TILGANG": (
        "Skjemaet gjelder en organisasjon du ikke lenger har tilgang til. Ingenting er lagret."
    ),
    "ORGANISASJON_SKJEMA": (
        "Vi tar vare på det du skrev, i 15 minutter. Bytt tilbake, så får du det fram og kan sende det."
    ),
    "ORGANISASJON_SIDE": "Bytt tilbake, så kommer du til siden igjen, og kan trykke på nytt.",
    "ORGANISASJON_UTEN_SKJEMA": (
        "Det du skrev, kan vi ikke ta vare på. Gå tilbake i nettleseren og kopier det før du bytter tilbake."
    ),
    "FILER_PA_NYTT": "Filer tar vi ikke vare på. Du må velge dem på nytt.",
    "INNLOGGING_NEDE_TITTEL": "Innloggingen er nede",
    "INNLOGGING_NEDE": "Vi får ikke kontakt med ID-porten. Prøv igjen om litt.",
    "INNLOGGING_UGYLDIG_TITTEL": "Innloggingen ble ikke fullført",
    "INNLOGGING_UGYLDIG": "Svaret fra ID-porten kunne ikke godtas. Prøv å logge inn på nytt.",
    "INNLOGGING_UTLOPT_TITTEL": "Innloggingen er utløpt",
    "INNLOGGING_UTLOPT": "Det tok for lang tid, eller innloggingen ble startet i en annen nettleser. Logg inn på nytt.",
    "INNLOGGING_SNART_UTE": (
        "Du blir logget ut kl. {tid}, fordi siden ikke er brukt på en stund. Trykk «Fortsett» hvis du ikke er ferdig."
    ),
    "INNLOGGING_HOYST": (
        "Du blir logget ut kl. {tid}, fordi en innlogging varer i høyst to timer. Lagre det du holder på med før det."
    ),
    "INNLOGGING_UTE": "Du er logget ut. Når du går videre, blir du bedt om å logge inn igjen.",
    "INNLOGGING_OVER": "Det skjer når siden ikke er brukt på 30 minutter, og senest to timer etter innloggingen.",
    "INNLOGGING_AVBRUTT_TITTEL": "Du avbrøt innloggingen",
    "INNLOGGING_AVBRUTT": "Du er ikke logget inn. Du kan prøve på nytt når du vil.",
    "INNLOGGING_UTEN_PID_TITTEL": "Innloggingen mangler fødselsnummer",
    "INNLOGGING_UTEN_PID": (
        "Den elektroniske ID-en du brukte, oppgir ikke fødselsnummer eller d-nummer. "
        "Logg inn på nytt med en annen, for eksempel BankID."
    ),
    "INNLOGGING_NIVAA_TITTEL": "Du må logge inn sikrere",
    "INNLOGGING_NIVAA": (
        "Innloggingen du brukte, har for lavt sikkerhetsnivå for det du skal gjøre. "
        "Logg inn på nytt med en elektronisk ID på nivå 4 (høyt), for eksempel BankID."
    ),
    "INNLOGGING_IKKE_FERSK_TITTEL": "Du må bekrefte hvem du er",
    "INNLOGGING_IKKE_FERSK": "Vi fikk ikke en ny bekreftelse fra ID-porten. Logg inn på nytt og prøv igjen.",
    "ORGANISASJON_MANGLER": "Velg hvilken organisasjon du skal arbeide for.",
    "FELT_MANGLER": "Fyll ut dette feltet.",
    "DATO_FORM": "Skriv datoen på formen dd.mm.åååå, for eksempel 01.12.2026.",
    "VALG_UGYLDIG": "Velg ett av alternativene.",
    "FIL_MANGLER": "Velg en fil.",
}

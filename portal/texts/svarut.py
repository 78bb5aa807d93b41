"""Texts of single letters and of what is stored (fiks.svarut, fiks.core.storage)."""

from __future__ import annotations

TEKSTER: dict[str, str] = {
    "HOYERE_NIVA": "Du må logge inn med høyere sikkerhetsnivå for å lese dette brevet.",
    "MOTTAKER_SLETTET": "Opplysningene om mottakeren er slettet. Brevet kan ikke sendes på nytt.",
    "BREVET_ER_AVSLUTTET": "Brevet er avvist, avsluttet eller slettet, og kan ikke signeres. Send et nytt brev.",
    "DOKUMENT_FOR_STORT": "Dokumentet er for stort til å signeres. Del det opp, eller send det uten signering.",
    "BREV_SLETTET": "Brevet er slettet og kan ikke åpnes lenger. Kontakt avsenderen hvis du trenger det.",
    "DOKUMENT_BORTE": "Dokumentet er slettet og kan ikke hentes lenger.",
    "DOKUMENT_ENDRET": "Dokumentet er ikke det samme som ble godkjent, så det sendes ikke. Kontakt brukerstøtte.",
    "DOKUMENT_ODELAGT": "Dokumentet kan ikke åpnes. Kontakt brukerstøtte.",
    "NOKKEL_ODELAGT": "Dokumentet kan ikke åpnes. Kontakt brukerstøtte.",
    "NOKKEL_UKJENT": "Dokumentet kan ikke åpnes. Kontakt brukerstøtte.",
    "VERDI_ODELAGT": "Opplysningen kan ikke leses. Kontakt brukerstøtte.",
    "BREVET_IKKE_SENDT": "Brevet er ikke sendt ennå. Prøv igjen når det er sendt.",
    "BREVET_SENDES_NA": "Brevet blir sendt akkurat nå. Prøv igjen om litt.",
    "KAN_IKKE_HANDTERES": "Brevet kan ikke avsluttes manuelt, fordi det er levert, lest eller allerede avsluttet.",
    "SYSTEMNAVN_UGYLDIG": "Navnet på systemet kan ha høyst 100 tegn.",
    "TIDSPUNKT_UGYLDIG": "Skriv tidspunktet med tidssone, for eksempel 2026-11-25T12:30:00+01:00.",
    "LAGER_UTILGJENGELIG": "Dokumentlageret er nede akkurat nå. Prøv igjen om litt.",
    "KAN_IKKE_PROVES_IGJEN": "Brevet kan ikke prøves på nytt nå. Last siden på nytt og se hva som skjedde.",
    # Why a letter takes its channel.
    "GRUNN_UTEN_ID": "Uten fødselsnummer eller organisasjonsnummer",
    "GRUNN_ORG_SLETTET": "Virksomheten er slettet",
    "GRUNN_MOTTAKERSYSTEM": "Virksomheten tar imot i eget system",
    "GRUNN_ORG_ALTINN": "Virksomhet",
    "GRUNN_DOED": "Registrert som død",
    "GRUNN_IKKE_I_KRR": "Ikke i Kontakt- og reservasjonsregisteret",
    "GRUNN_RESERVERT": "Reservert mot digital post",
    "GRUNN_PASSIV": "Har ikke bekreftet kontaktopplysningene på 18 måneder",
    "GRUNN_POSTKASSE": "Har digital postkasse",
    "GRUNN_ALTINN": "Kan varsles digitalt, har ikke digital postkasse",
    "GRUNN_UTEN_SDP": "Kontoen bruker ikke digital postkasse",
}

"""Texts of single letters and of stored documents (fiks.svarut, fiks.core.storage.store)."""

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
    "BREVET_ER_UAVKLART": (
        "Vi vet ikke om kanalen fikk brevet, og undersøker det. Det blir ikke sendt på nytt før vi vet det, og kan så "
        "lenge ikke settes som håndtert eller slettes. Er det slik i mer enn et døgn, kontakt brukerstøtte og oppgi "
        "brevets id."
    ),
    "LEVERINGEN_ER_IKKE_UAVKLART": "Det er ikke tvil om hva det ble av leveringen, eller den sendes nå.",
    "LEVERINGEN_ER_I_KARANTENE": "Kallet kan være underveis ennå. Prøv igjen om en halv time.",
    "KANALEN_KAN_SPORRES": "Kanalen har en adresse, og blir spurt om brevet av seg selv hvert minutt.",
    "INGEN_KOPI_VENTES": "Det ventes ikke på noen signert kopi av brevet: det er ikke signert, eller kopien er kommet.",
    "SIGNERT_KOPI_HENTES": "Brevet er signert, og den signerte kopien er på vei. Slett brevet når dere har fått den.",
    "KAN_IKKE_HANDTERES": "Brevet kan ikke settes som håndtert, for det er levert, lest eller alt avsluttet.",
    "HENVENDELSE_IKKE_MOTTATT": (
        "Brevet er en henvendelse fra eDialog, og mottakeren har ikke kvittert for den. Den kan derfor ikke slettes "
        "eller meldes lest, og kan settes som håndtert bare når den ikke kommer videre av seg selv."
    ),
    "IKKE_I_UTSKRIFTSKO": (
        "Brevet ligger ikke lenger i køen. Det er skrevet ut, lest, avsluttet eller slettet, "
        "eller skal ikke skrives ut."
    ),
    "SKAL_IKKE_SKRIVES_UT": (
        "Brevet skal ikke skrives ut her lenger, og er tatt ut av køen. Er det alt skrevet ut, skal det ikke i posten. "
        "Det må behandles av en som har tilgang til sperrede brev."
    ),
    "SKAL_IKKE_SKRIVES_UT_MEN_ER_APNET": (
        "Brevet skal ikke skrives ut her lenger, og er tatt ut av køen. {navn} åpnet det for utskrift {tid}: "
        "spør om det alt er lagt i posten. Er det det, krysser {navn} av for det under køen. Ellers skal det ikke i "
        "posten, og må behandles av en som har tilgang til sperrede brev."
    ),
    "MOTTAKER_UTEN_SVAR": (
        "Folkeregisteret svarer ikke om mottakeren av dette brevet, så det kan ikke åpnes. Det ligger fortsatt i køen. "
        "Blir det likedan når du prøver igjen senere, kontakt brukerstøtte og oppgi brevets id: {brev}."
    ),
    "UTSKRIFT_UTEN_SVAR": (
        "Folkeregisteret svarer ikke akkurat nå, så brevet kan ikke åpnes. Det ligger fortsatt i køen. "
        "Prøv igjen om litt."
    ),
    "APNET_FOR_UTSKRIFT": (
        "{navn} åpnet brevet for utskrift {tid}. Spør først, så brevet ikke blir skrevet ut og sendt to ganger."
    ),
    "INGEN_BREV_VALGT": "Velg minst ett brev.",
    "INGEN_IGJEN_I_UTSKRIFTSKO": (
        "Det du valgte, ligger ikke lenger i køen. Det er skrevet ut, lest, avsluttet eller slettet, "
        "eller skal ikke skrives ut."
    ),
    "UAPNEDE_IKKE_BEKREFTET": "Åpne det som ikke er åpnet, eller kryss av for at det likevel er lagt i posten.",
    "LEVERANDOR_UKJENT": "Det finnes ikke noe trykkeri med denne koden som tar slike brev.",
    "GRUNN_MANGLER": "Skriv hvorfor, med minst fem tegn.",
    "ORDREN_KAN_VAERE_TRYKT": "Ordren kan være trykt. Bare det trykkeriet har meldt feil på, eller ikke har, flyttes.",
    "ORDREN_HAR_INGEN_FIL": "Utskriftsfilen til ordren er slettet. Send brevet på nytt.",
    "ORDREN_ER_DER_ALT": "Ordren er alt hos dette trykkeriet.",
    "ORDREN_VENTER_IKKE_PA_KVITTERING": "Bare en ordre som et trykkeri har fått og ikke svart på, kan avsluttes.",
    "PAKKEN_ER_IKKE_UAVKLART": "Det er ikke tvil om hvor pakken er, eller den sendes nå.",
    "PAKKEN_ER_I_KARANTENE": "Den siste sendingen kan være underveis ennå. Prøv igjen om en halv time.",
    "PAKKEN_ER_HOS_TRYKKERIET": "Trykkeriet har svart på en av ordrene i pakken, eller har den i listen sin.",
    "TRYKKERIET_ER_I_BRUK": "Ta trykkeriet ut av bruk først.",
    "TRYKKERIET_KAN_SPORRES": "Trykkeriet har en adresse, og blir spurt om pakken av seg selv hvert minutt.",
    "ORDREN_HAR_ENDRET_SEG": "Ordren endret seg mens den ble flyttet. Prøv igjen.",
    "TRYKKERIET_SVARER_IKKE": "Trykkeriet svarer ikke, så vi vet ikke om det har ordren. Prøv igjen senere.",
    "FOLKEREGISTERET_SVARER_IKKE": (
        "Folkeregisteret svarer ikke om mottakeren av brevet, så ordren er ikke flyttet. Prøv igjen senere."
    ),
    "ORDREN_SKAL_IKKE_TRYKKES": (
        "Brevet skal ikke skrives ut lenger, så ordren er ikke flyttet. "
        "Det må behandles av en som har tilgang til sperrede brev."
    ),
    "INGEN_TAR_KLASSEN": "Ingen trykkerier tar imot slike brev. Kontakt brukerstøtte.",
    "TRYKKERIKODE_UGYLDIG": "Koden må ha 2 til 40 tegn: A til Z, tall og _. Den første må være en bokstav.",
    "TRYKKERINAVN_MANGLER": "Skriv navnet på trykkeriet.",
    "TRYKKERIET_FINNES": "Det finnes alt et trykkeri med denne koden.",
    "KLASSE_UKJENT": "Velg én eller flere av klassene NORMAL og UNNTATT_OFFENTLIGHETEN.",
    "PRIORITET_UGYLDIG": "Prioriteten må være fra 1 til 1\u00a0000. Den laveste får ordrene.",
    "KONVOLUTTGRENSE_UGYLDIG": "Grensene må være fra 1 til 1\u00a0000 ark, og C5 kan ikke ta mer enn C4.",
    "BREV_PER_PAKKE_UGYLDIG": "Antall brev per pakke må være fra 1 til 1\u00a0000.",
    "VENTETID_UGYLDIG": "Ventetiden må være fra 0 til 86\u00a0400 sekunder.",
    "TRYKKERISERTIFIKAT_UGYLDIG": "Filen er ikke et PEM-sertifikat med RSA-nøkkel. Be trykkeriet om et nytt.",
    "KAN_IKKE_MELDES_RETUR": "Bare brev dere selv har lagt i posten, kan registreres som retur, og bare én gang.",
    "KAN_IKKE_MERKES_SKREVET_UT": (
        "Ingen brev er merket, for dette er lest, avsluttet eller slettet, eller tatt ut av køen: {brev}. "
        "Velg på nytt uten det. Er det alt lagt i posten, si fra til den som har avsluttet eller skal behandle det, "
        "så det ikke blir sendt igjen."
    ),
    "SYSTEMNAVN_UGYLDIG": "Navnet på systemet kan ha høyst 100 tegn.",
    "TIDSPUNKT_UGYLDIG": "Skriv tidspunktet med tidssone, for eksempel 2026-11-25T12:30:00+01:00.",
    "LAGER_UTILGJENGELIG": "Dokumentlageret er nede akkurat nå. Prøv igjen om litt.",
    "BARN_STARTER_IKKE": "Vi har for mye å gjøre akkurat nå. Prøv igjen om litt.",
    "BARN_MANGLER_PLASS": "Vi har for mye å gjøre akkurat nå. Prøv igjen om litt.",
    "NOKKEL_ER_EN_ANNEN": "Tjenesten er satt opp med feil nøkkel og kan ikke brukes nå. Si fra til drift.",
    "LAGER_UKJENT": "Dokumentlageret som svarer, er ikke det som er i bruk. Si fra til drift.",
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

"""Texts of the guided job: drafts, approval, release, stop (fiks.utsending)."""

from __future__ import annotations

TEKSTER: dict[str, str] = {
    "KUN_PERSON": "Dette kan bare en innlogget person gjøre.",
    "ANNEN_ORGANISASJON": "Kontoen hører til en annen organisasjon enn den du har valgt. Bytt organisasjon.",
    "KAN_IKKE_ENDRES": "Utsendingen kan ikke endres lenger. Trekk den tilbake først, eller lag en ny.",
    "UTKAST_KAN_IKKE_SLETTES": (
        "Bare et utkast kan slettes, og dette er ikke lenger et utkast. Ingenting er slettet. "
        "Er utsendingen ikke frigitt, kan du trekke den tilbake først. Er den frigitt, kan du stoppe den."
    ),
    "STATUS_ENDRET": "Noen har endret utsendingen mens du hadde siden oppe. Last siden på nytt og se over.",
    "TITTEL_PERSONNUMMER": "Tittelen kan ikke inneholde fødselsnummer. Den vises i innboksen til mottakeren.",
    "TITTEL_UGYLDIG": "Skriv inn en tittel på én linje. Mottakeren ser tittelen i innboksen sin.",
    "NIVA_UGYLDIG": "Velg betydelig eller høyt sikkerhetsnivå.",
    "MAL_FINNES_IKKE": "Malen finnes ikke. Velg en annen mal.",
    "MOTTAKERE_AV_PDF": "Mottakerne leses av PDF-en. Endre oppsettet eller last opp en ny PDF for å endre dem.",
    "MAL_MANGLER": "Velg en mal for brevet før du går videre.",
    "DOKUMENT_MANGLER": "Last opp dokumentet som skal sendes, før du går videre.",
    "DOKUMENT_KAN_IKKE_SENDES": "Dokumentet har feil som må rettes før det kan sendes. Se kontrollen av dokumentet.",
    "BREVFILER_MANGLER": "Last opp brevene som skal sendes, før du går videre.",
    "DOKUMENTER_KONTROLLERES": "Brevene kontrolleres fortsatt. Vent til kontrollen er ferdig.",
    "LISTE_MANGLER": "Last opp eller skriv inn mottakere før du går videre.",
    "KONTROLL_AVBRUTT": "Kontrollen ble ikke ferdig, så vi vet ikke om alle radene kan sendes. Kontroller dem på nytt.",
    "LISTE_LESES": "Listen leses fortsatt. Vent til kontrollen er ferdig.",
    "RADER_MED_FEIL": "{antall} rader kan ikke sendes. Rett dem, eller velg å sende uten dem.",
    "SENDT_FOR": (
        "Denne listen, eller noen av brevene, er nylig sendt eller frigitt fra kontoen. Se hvilke utsendinger det "
        "gjelder på siden Kontroll, og skriv en begrunnelse hvis de skal sendes igjen."
    ),
    "SENDT_SIDEN_KONTROLLEN": (
        "Denne listen, eller noen av brevene, er frigitt i en annen utsending fra kontoen etter kontrollen her. "
        "Trekk utsendingen tilbake. Skriv en begrunnelse på siden Kontroll hvis brevene likevel skal sendes, og slett "
        "ellers utkastet."
    ),
    "BEGRUNNELSE_FOR_KORT": "Skriv en begrunnelse som andre kan forstå senere.",
    "BEGRUNNELSE_MANGLER": "Skriv hvorfor, så den som laget utsendingen vet hva som må rettes.",
    "EGEN_UTSENDING": "Du kan ikke godkjenne en utsending du har laget selv. En annen må gjøre det.",
    "NY_INNLOGGING": "Du må ha logget inn i løpet av de siste fem minuttene for å gjøre dette. Bekreft hvem du er.",
    "INNHOLD_ENDRET": "Innholdet er ikke lenger det samme som ble laget. Lag brevene på nytt, og godkjenn igjen.",
    "BREVDATO_PASSER_IKKE": (
        "Brevene er datert {brevdato} og må begynne å gå ut den dagen. Lag brevene på nytt, og godkjenn igjen."
    ),
    "KLOKKESLETT_FORM": "Skriv klokkeslettet på formen tt.mm, for eksempel 09.00.",
    "TIDSPUNKT_PASSERT": "Tidspunktet er passert. Velg et senere tidspunkt.",
    "IKKE_STOPPET": "Bare en stoppet utsending har brev som kan bli en ny utsending.",
    "INGEN_USENDTE": "Alle brevene er sendt, håndtert for hånd, eller ligger alt i en ny utsending.",
    "INNHOLD_SLETTET": "Innholdet i utsendingen er slettet. Bevis for hva som ble sendt, finnes fortsatt.",
    "BREVDATO_PASSERT": "Brevdatoen er passert. Velg dagens dato eller en senere dag.",
    "FOR_MANGE_SKREVNE": "Du kan skrive inn noen få mottakere for hånd. Last opp en liste når det er flere.",
    "LISTE_FINNES": "Utsendingen har en opplastet liste. Fjern den før du skriver inn mottakere for hånd.",
    "NUMMER_UGYLDIG": "Skriv et gyldig fødselsnummer, d-nummer eller organisasjonsnummer.",
    "HJEMMEL_MANGLER": "Velg hjemmelen for oppslaget.",
    "REGISTER_SVARER_IKKE": "Registeret svarer ikke akkurat nå. Prøv igjen om litt, eller skriv opplysningene selv.",
    "ARBEID_TAPT": "Arbeidet ble avbrutt flere ganger. Prøv igjen, og kontakt brukerstøtte om det fortsetter.",
    "BREV_KAN_IKKE_LAGES": "{antall} brev kunne ikke lages. Gå til Kontroll og se hvilke rader det er, og hvorfor.",
    "INGEN_GODE_RADER": (
        "Ingen av radene kan sendes. Rett listen, og last den opp på nytt. Er det mottakere som ikke kan nås, kan du "
        "velge «Send dem likevel» på siden Kontroll."
    ),
    "KONTO_MANGLER": "Velg hvilken konto brevene skal sendes fra.",
    "MAL_NAVN_MANGLER": "Gi malen et navn på høyst 100 tegn.",
    "MAL_TOM": "Skriv brevet på bokmål. Det brukes for alle som ikke skal ha nynorsk.",
    "NAVNEKOLONNE_MANGLER": "Koble en kolonne til Navn, eller én til Fornavn og én til Etternavn.",
    "PDF_FILTYPE": "Dokumentet må være en PDF. Lagre det som PDF, og last det opp på nytt.",
    "RAD_FINNES_IKKE": "Raden finnes ikke, eller brevet kan ikke vises. Skriv et radnummer fra listen.",
    "VELG_FORSLAG": "Velg minst ett slags forslag å godta.",
}

"""Texts of mass mailings: drafts, approval, release, stop (fiks.utsending)."""

from __future__ import annotations

TEKSTER: dict[str, str] = {
    "KUN_PERSON": "Dette kan bare en innlogget person gjøre.",
    "ANNEN_ORGANISASJON": "Kontoen hører til en annen organisasjon enn den du har valgt. Bytt organisasjon.",
    "KAN_IKKE_ENDRES": (
        "Utsendingen kan ikke endres lenger. Er den ikke frigitt, kan du trekke den tilbake når brevene er laget. Er "
        "den frigitt, må du lage en ny."
    ),
    "UTKAST_KAN_IKKE_SLETTES": (
        "Bare et utkast kan slettes, og dette er ikke lenger et utkast. Ingenting er slettet. "
        "Er utsendingen ikke frigitt, kan du trekke den tilbake først. Er den frigitt, kan du stoppe den."
    ),
    "STATUS_ENDRET": "Noen har endret utsendingen mens du hadde siden oppe. Last siden på nytt og se over.",
    "INGENTING_IGJEN": "Det var ingenting igjen å gjøre.",
    "VIST_ENDRET": (
        "Dette er ikke lenger slik det var da du åpnet siden: {hva}. Det du valgte her, er ikke gjort. "
        "Siden viser nå det som gjelder. Se over det, og velg på nytt."
    ),
    "FAKTA_ENDRET": (
        "Noen har endret opplysningene etter at du åpnet siden, så det du skrev, er ikke lagret. Under står det som er "
        "lagret, ved siden av det som står i skjemaet. Rett skjemaet der det trengs. Når du lagrer, er det skjemaet "
        "som gjelder."
    ),
    "OPPSETT_ENDRET": (
        "Noen har lagret et annet oppsett etter at du åpnet siden, så ditt er ikke lagret. Det står fortsatt her. "
        "Bruker du det nå, erstatter det oppsettet som er lagret."
    ),
    "MAL_ENDRET": (
        "Noen har valgt en annen mal for utsendingen etter at du åpnet siden: {mal}. Malen du skrev, er ikke lagret. "
        "Den står fortsatt her. Lagrer du den nå, er det den som blir brukt i utsendingen."
    ),
    "MAL_NYERE_VERSJON": (
        "Noen har lagret versjon {versjon} av malen etter at du åpnet siden. Det du skrev, er ikke lagret, men står "
        "fortsatt her. Se hva som er nytt i versjon {versjon}, og ta det med i teksten. Når du lagrer, er det teksten "
        "her som blir den nyeste versjonen."
    ),
    "UTSENDING_FINNES": (
        "En utsending er alt laget fra dette skjemaet, og den er ikke endret. Du finner den under Manuell utsending. "
        "Skal du lage en til, går du videre herfra én gang til."
    ),
    "KONTO_KAN_IKKE_VELGES": (
        "Du kan ikke sende fra kontoen du valgte. Den kan være stengt, eller tilgangen din kan være endret. "
        "Velg en annen konto. Det andre du skrev, står her fortsatt."
    ),
    "FOR_SENT_LAGES": (
        "Det du sendte inn, er ikke tatt inn. Noen har begynt å lage brevene, og da kan utsendingen ikke endres. "
        "Skal det være med, må utsendingen trekkes tilbake når brevene er laget. Send det så inn på nytt."
    ),
    "FOR_SENT_LAGET": (
        "Det du sendte inn, er ikke tatt inn. Brevene er laget, og da kan utsendingen ikke endres. "
        "Skal det være med, trekker du utsendingen tilbake først, og sender det så inn på nytt."
    ),
    "FOR_SENT_FRIGITT": (
        "Det du sendte inn, er ikke tatt inn. Utsendingen er frigitt, og da kan den ikke endres. "
        "Er noe galt i brevene, kan utsendingen stoppes."
    ),
    "FOR_SENT_AVSLUTTET": (
        "Det du sendte inn, er ikke tatt inn. Utsendingen er avsluttet, og da kan den ikke endres. "
        "Lag en ny utsending hvis det skal sendes."
    ),
    "FOR_SENT_VIDERE": (
        "Det du sendte inn, er ikke tatt inn. Utsendingen har kommet videre siden du åpnet siden. "
        "Se hvor den står nå, og gå videre derfra."
    ),
    "FOR_SENT_MATE": (
        "Det du sendte inn, er ikke tatt inn. Noen har valgt å sende brevene på en annen måte enn da du åpnet siden. "
        "Se hva som er valgt i trinn 1, og gå videre derfra."
    ),
    "TITTEL_PERSONNUMMER": "Tittelen kan ikke inneholde fødselsnummer. Den vises i innboksen til mottakeren.",
    "TITTEL_UGYLDIG": "Skriv inn en tittel på én linje. Mottakeren ser tittelen i innboksen sin.",
    "NIVA_UGYLDIG": "Velg nivå 3 (betydelig) eller nivå 4 (høyt).",
    "MAL_FINNES_IKKE": "Malen finnes ikke. Velg en annen mal.",
    "MOTTAKERE_AV_PDF": "Mottakerne leses av PDF-en. Endre oppsettet eller last opp en ny PDF for å endre dem.",
    "MAL_KREVER_KOMMUNENR": (
        "Malen oppgir kommunenummeret, og det er ikke registrert her. Kontakt brukerstøtte for å få det lagt inn, "
        "eller velg en annen mal."
    ),
    "MAL_MANGLER": "Velg en mal for brevet før du går videre.",
    "DOKUMENT_MANGLER": "Last opp dokumentet som skal sendes, før du går videre.",
    "DOKUMENT_KAN_IKKE_SENDES": "Dokumentet har feil som må rettes før det kan sendes. Se kontrollen av dokumentet.",
    "BREVFILER_MANGLER": "Last opp brevene som skal sendes, før du går videre.",
    "DOKUMENTER_KONTROLLERES": "Brevene kontrolleres fortsatt. Vent til kontrollen er ferdig.",
    "LISTE_MANGLER": "Last opp eller skriv inn mottakere før du går videre.",
    "KONTROLL_AVBRUTT": "Kontrollen ble ikke ferdig, så vi vet ikke om alle radene kan sendes. Kontroller dem på nytt.",
    "LISTE_LESES": "Listen leses fortsatt. Vent til kontrollen er ferdig.",
    "RADER_MED_FEIL": "Rader som ikke kan sendes: {antall}. Rett det som er feil, eller velg å sende resten.",
    "SENDT_FOR": (
        "Denne listen, eller noen av brevene, er nylig sendt eller frigitt fra kontoen i {utsendinger}. Se over på "
        "siden Kontroll, og skriv en begrunnelse hvis de skal sendes igjen."
    ),
    "SENDT_FOR_FLERE": (
        "Noen av brevene er frigitt i flere utsendinger enn siden viste: {utsendinger}. Ingenting er lagret. Se over, "
        "og skriv en begrunnelse som gjelder alle."
    ),
    "SENDT_SIDEN_KONTROLLEN": (
        "Denne listen, eller noen av brevene, er frigitt i en annen utsending fra kontoen etter kontrollen her: "
        "{utsendinger}. Trekk utsendingen tilbake, eller send den tilbake hvis du skal godkjenne den. Skriv en "
        "begrunnelse på siden Kontroll hvis brevene likevel skal sendes, og slett ellers utkastet."
    ),
    "BEGRUNNELSE_FOR_KORT": "Skriv en begrunnelse som andre kan forstå senere.",
    "BEGRUNNELSE_MANGLER": "Skriv hvorfor, så den som laget utsendingen, vet hva som må rettes.",
    "EGEN_UTSENDING": "Du kan ikke godkjenne en utsending du har laget selv. En annen må gjøre det.",
    "NY_INNLOGGING": "Du må ha logget inn i løpet av de siste fem minuttene for å gjøre dette. Bekreft hvem du er.",
    "ANDRE_BREV_VIST": (
        "Siden viste ikke brevene som gjelder nå. De kan være laget på nytt mens du hadde den oppe. Se over dem, og "
        "velg på nytt."
    ),
    "INNHOLD_ENDRET": "Innholdet er ikke lenger det samme som ble laget. Lag brevene på nytt, og godkjenn igjen.",
    "BREVDATO_PASSER_IKKE": (
        "Brevene er datert {brevdato} og må begynne å gå ut den dagen. Lag brevene på nytt, og godkjenn igjen."
    ),
    "BREVDATO_MA_ENDRES": (
        "Brevene er datert {brevdato} og må begynne å gå ut den dagen, men kan tidligst gå ut {tidligst}. Sett en ny "
        "brevdato i trinn 1."
    ),
    "BREVDATO_FOR_TIDLIG": "Brevene kan tidligst gå ut {tidligst}. Velg den dagen eller en senere.",
    "KLOKKESLETT_FORM": "Skriv klokkeslettet på formen tt.mm, for eksempel 09.00.",
    "KLOKKESLETT_FINNES_IKKE": "Klokken stilles fram den natten, så klokkeslettet finnes ikke. Velg et annet.",
    "TIDSPUNKT_PASSERT": "Tidspunktet er passert. Velg et senere tidspunkt.",
    "IKKE_STOPPET": "Bare en stoppet utsending har brev som kan bli en ny utsending.",
    "INGEN_USENDTE": "Alle brevene er sendt, håndtert for hånd, eller ligger alt i en ny utsending.",
    "INNHOLD_SLETTET": "Innholdet i utsendingen er slettet. Bevis for hva som ble sendt, finnes fortsatt.",
    "KUNNGJORT_LANGT_FRA_BREVDATO": (
        "Kunngjøringsdatoen, {kunngjort}, er mer enn 90 dager fra brevdatoen, {brevdato}. Brev som oppgir klagefrist, "
        "sier {frist}. Kontroller at begge datoene er riktige."
    ),
    "FOR_MANGE_SKREVNE": "Du kan skrive inn høyst {grense} mottakere for hånd. Last opp en liste når det er flere.",
    "LISTE_FINNES": "Utsendingen har en opplastet liste. Fjern den før du skriver inn mottakere for hånd.",
    "NUMMER_UGYLDIG": "Skriv et gyldig fødselsnummer, d-nummer eller organisasjonsnummer.",
    "HJEMMEL_MANGLER": "Velg hjemmelen for oppslaget.",
    "OPPSLAG_UVIST": (
        "Vi viser ingenting fra Folkeregisteret om denne personen, heller ikke navnet. Skriv inn navnet slik dere har "
        "det i saken, og la adressen stå tom. Kontrollen sier fra hvis brevet må behandles for seg."
    ),
    "REGISTER_VENTER": "Registeret svarer ikke akkurat nå. Filen er tatt vare på. Vent litt, og velg «{knapp}».",
    "REGISTER_SVARER_IKKE": "Registeret svarer ikke akkurat nå. Prøv igjen om litt, eller skriv opplysningene selv.",
    "ARBEID_TAPT": "Arbeidet ble avbrutt flere ganger. Prøv igjen, og kontakt brukerstøtte om det fortsetter.",
    "BREV_KAN_IKKE_LAGES": "{antall} brev kunne ikke lages. Gå til Kontroll og se hvilke rader det er, og hvorfor.",
    "ULIK_UTGAVE": (
        "Brevene lages på nytt: plattformen ble oppdatert mens de ble laget, og alle skal være like. Du trenger ikke "
        "gjøre noe."
    ),
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

VIST: dict[str, str] = {
    "FAKTA": "opplysningene om utsendingen",
    "LISTE": "listen",
    "KOBLING": "koblingen av kolonnene",
    "RADER": "mottakerne",
    "VALG": "valgene under Kontroll",
    "MAL": "malen",
    "DOKUMENT": "dokumentet",
    "SAMLET": "PDF-en med brevene",
    "TILLEGGSLISTE": "tilleggslisten",
    "OPPSETT": "oppsettet",
    "FILER": "dokumentene",
    "FILKONTROLL": "kontrollen av dokumentene",
    "UBRUKTE": "dokumentene ingen skal ha",
    "RAD": "mottakeren",
    "FIL": "dokumentet",
}
"""What a page showed, by the codes of `fiks.utsending.editing.stale_form.Vist`: it may be other by now."""

HANDLINGER: dict[str, str] = {
    "UTSENDING_OPPRETTET": "Opprettet utsending",
    "UTSENDING_ENDRET": "Endret opplysningene om utsendingen",
    "MAL_VALGT": "Valgte mal",
    "LEST_PA_NYTT": "Ba om at mottakerne leses på nytt",
    "KOLONNER_KOBLET": "Koblet kolonner",
    "REPARASJONER_GODTATT": "Godtok rettinger",
    "RADER_PARKERT": "Holdt rader utenfor",
    "SENDT_FOR_OVERSTYRT": "Overstyrte varsel om tidligere sending",
    "PRODUKSJON_STARTET": "Laget brevene",
    "BREV_FORHANDSVIST": "Så på et brev",
    "PROVEBREV_SENDT": "Sendte prøvebrev til seg selv",
    "UTSENDING_TIL_GODKJENNING": "Sendte til godkjenning",
    "UTSENDING_TRUKKET_TILBAKE": "Trakk utsendingen tilbake",
    "UTSENDING_AVVIST": "Sendte tilbake med begrunnelse",
    "UTSENDING_GODKJENT": "Godkjente utsendingen",
    "UTSENDING_FRIGITT": "Frigav utsendingen",
    "UTSENDING_STOPPET": "Stoppet utsendingen",
    "PARKERING_ANGRET": "Tok rader med igjen",
    "UTKAST_AV_USENDTE": "Laget ny utsending av usendte brev",
    "UTKAST_SLETTET": "Slettet utkast",
    "BREVDATO_ENDRET": "Endret brevdato",
    "LISTE_FJERNET": "Fjernet listen",
    "MOTTAKERE_SKREVET": "Skrev inn mottakere for hånd",
    "LISTE_LASTET_OPP": "Lastet opp mottakere",
    "DOKUMENT_LASTET_OPP": "Lastet opp dokument",
    "SAMLET_LASTET_OPP": "Lastet opp én PDF med alle brevene",
    "SAMLET_FJERNET": "Fjernet PDF-en med alle brevene",
    "TILLEGGSLISTE_LASTET_OPP": "Lastet opp tilleggsliste",
    "TILLEGGSLISTE_FJERNET": "Fjernet tilleggslisten",
    "OPPSETT_LAGRET": "Sa hvordan en stor PDF deles og leses",
    "FILER_LASTET_OPP": "Lastet opp brev",
    "ZIP_LASTET_OPP": "Lastet opp zip-fil med brev",
    "ZIP_PAKKET_UT": "Pakket ut zip-fil med brev",
    "FILER_FJERNET": "Fjernet brev fra utsendingen",
    "FIL_VIST": "Så på et opplastet brev",
    "SAMLET_SIDE_VIST": "Så på en side av PDF-en med alle brevene",
    "GIROSIDE_VALGT": "Valgte giroside",
    "UBRUKTE_FILER_SETT": "Så over brev som ikke sendes",
    "FEILLISTE_LASTET_NED": "Lastet ned feilliste",
    "MAL_LAGRET": "Lagret ny versjon av mal",
    "MAL_PUBLISERT": "Publiserte ny versjon av en mal som følger med",
    "MAL_STEMPLES": "Slo på den raske måten å lage brev på for en mal",
    "MAL_STEMPLES_IKKE": "Slo av den raske måten å lage brev på for en mal",
    "UNAABARE_SENDES": "Valgte å sende til mottakere som ikke kan nås",
    "UNAABARE_HOLDES_UTENFOR": "Holdt mottakere som ikke kan nås, utenfor",
}

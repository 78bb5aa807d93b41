"""Texts of the row control and of files that cannot be used as a list (fiks.utsending.liste)."""

from __future__ import annotations

from fiks.utsending.liste.postal_codes import register
from portal.texts.formats import dato

TEKSTER: dict[str, str] = {
    # Findings on a row: what is wrong, then what to do.
    "FNR_KONTROLLSIFFER": "Kontrollsifrene i fødselsnummeret stemmer ikke. Rett nummeret i listen.",
    "FNR_UGYLDIG": "Fødselsnummeret eller d-nummeret er ikke gyldig. Kontroller de elleve sifrene.",
    "FNR_LEDENDE_NULL": "Fødselsnummeret har mistet nullen foran. Godta forslaget, eller rett nummeret i listen.",
    "FNR_MELLOMROM": "Det er mellomrom i fødselsnummeret. Godta forslaget uten mellomrom.",
    "FNR_VITENSKAPELIG": (
        "Regnearket har gjort fødselsnummeret om til et avrundet tall, og siffer er borte. "
        "Gjør kolonnen om til tekst, og hent nummeret på nytt fra fagsystemet."
    ),
    "FNR_I_REFERANSE": (
        "Det står et fødselsnummer i en referanse som vises åpent. Bytt det ut med for eksempel et saksnummer."
    ),
    "FNR_I_ANNEN_KOLONNE": (
        "Det står et fødselsnummer i en kolonne som ikke brukes til det, og da blir ingen slått opp i registrene. "
        "Koble kolonnen til fødselsnummer, eller ta nummeret ut av listen."
    ),
    "FNR_OG_ORGNR": "Både fødselsnummer og organisasjonsnummer er fylt ut. Behold det som gjelder mottakeren.",
    "ORGNR_UGYLDIG": "Organisasjonsnummeret er ikke gyldig. Kontroller de ni sifrene.",
    "ORGNR_MELLOMROM": "Det er mellomrom i organisasjonsnummeret. Godta forslaget uten mellomrom.",
    "KOLONNER_BYTTET": "To verdier ser ut til å ha byttet kolonne. Godta forslaget hvis det er riktig.",
    "KOLONNEFORSKYVNING": (
        "Raden har for mange eller for få felt, så verdiene står i feil kolonne. "
        "Sett anførselstegn rundt verdier som inneholder skilletegnet."
    ),
    "NAVN_MANGLER": "Navnet mangler. Fyll ut navnet på mottakeren.",
    "NAVN_UGYLDIG": "Navnet inneholder tegn som ikke hører hjemme i et navn. Rett det i listen.",
    "NAVN_FOR_LANGT": "Navnet er lengre enn det er plass til i adressefeltet. Kort det ned.",
    "NAVN_AVVIKER_REGISTER": (
        "Navnet er et annet enn det registeret har for dette nummeret. Kontroller at nummeret gjelder rett mottaker."
    ),
    "MELLOMROM_RUNDT": "Det er overflødige mellomrom i feltet. Godta forslaget uten dem.",
    "TEGN_TAPT": (
        "Bokstaver er byttet ut med spørsmålstegn eller andre tegn. Skriv dem riktig, eller lagre filen som UTF-8."
    ),
    "TEGN_FEILKODET": "Bokstaver som æ, ø og å er blitt feil. Godta forslaget, eller lagre filen som UTF-8.",
    "TEGN_UGYLDIG": "Feltet inneholder tegn som ikke kan skrives ut. Fjern dem.",
    "FORMEL_INJEKSJON": "Feltet begynner som en formel. Skriv verdien som vanlig tekst.",
    "EXCEL_FEILVERDI": "Feltet inneholder en feilverdi fra regnearket. Rett formelen, og lagre på nytt.",
    "LINJE_FOR_LANG": "Linjen er lengre enn det er plass til i adressen. Kort den ned, eller del den på to linjer.",
    "LINJESKIFT_I_FELT": "Feltet har to linjer. Godta forslaget som flytter den andre til neste adresselinje.",
    "ADRESSE_MANGLER": "Mottakeren må få brevet på papir, men adressen mangler. Fyll ut adressen.",
    "ADRESSE_UFULLSTENDIG": "Adressen er ikke fullstendig. Fyll ut gate eller postboks, postnummer og poststed.",
    "ADRESSE_SPERRET": (
        "Brevet kan ikke sendes til adressen i listen. Det må behandles av en som har tilgang til sperrede brev."
    ),
    "KAN_IKKE_NAAS": "Mottakeren kan ikke nås i noen kanal vi kan bruke. Raden sendes bare hvis du velger det.",
    "POSTNR_UGYLDIG": "Postnummeret er ikke fire siffer. Rett det i listen.",
    "POSTNR_UKJENT": (
        f"Postnummeret står ikke i Postens register fra {dato(register().dato)}. Kontroller det mot adressen."
    ),
    "POSTNR_FORMAT": "Postnummeret er skrevet på en uvanlig måte. Godta forslaget.",
    "POSTNR_LEDENDE_NULL": "Postnummeret har mistet nullen foran. Godta forslaget.",
    "POSTNR_POSTSTED_AVVIK": "Postnummeret hører til et annet poststed. Kontroller adressen.",
    "POSTSTED_MANGLER": "Poststedet mangler. Fyll det ut.",
    "LAND_UKJENT": (
        "Vi kjenner ikke landet, og regner portoen som for land utenfor Europa. "
        "Skriv landets navn på norsk hvis det er feil."
    ),
    "MOTTAKER_DOED": "Mottakeren er registrert som død. Brevet går på papir. Kontroller om boet skal ha det.",
    "PERSON_IKKE_FUNNET": "Vi finner ingen med dette nummeret i Folkeregisteret. Kontroller nummeret.",
    "ORG_SLETTET": (
        "Virksomheten er slettet i Enhetsregisteret. Brevet går på papir, hvis den ikke har et mottakersystem. "
        "Kontroller mottakeren."
    ),
    "ORG_IKKE_FUNNET": "Vi finner ikke virksomheten i Enhetsregisteret. Kontroller nummeret.",
    "REGISTER_UTEN_SVAR": (
        "Registeret klarte ikke å svare om denne mottakeren. Spør det på nytt om litt, eller send uten denne raden."
    ),
    "DUBLETT_MOTTAKER": "Samme mottaker og eiendom står også på en tidligere rad. Fjern den ene hvis det er en feil.",
    "DUBLETT_EKSTERNREF": "Samme referanse står også på en tidligere rad. Gi raden sin egen referanse.",
    "DUBLETT_KID": (
        "Samme KID-nummer står på en tidligere rad, med en annen mottaker. Deler de ikke kravet, betaler den ene det "
        "den andre skylder. Kontroller KID-numrene mot fagsystemet. Vi sier bare fra om de tjue første i listen."
    ),
    "TALL_UGYLDIG": "Feltet skal være et tall. Skriv det uten punktum, og med komma bare foran desimaler, som i 3,125.",
    "AAR_UGYLDIG": "Feltet skal være et årstall med fire siffer. Rett verdien i listen.",
    "BELOP_UGYLDIG": (
        "Beløpet kan ikke leses. Skriv det som 1234,50. Komma foran tre siffer, som i 1,250, kan bety både tusen og "
        "desimaler, så skriv 1250 eller 1,25."
    ),
    "BELOP_NEGATIVT": "Beløpet er negativt. Kontroller det mot fagsystemet.",
    "FAKTOR_UGYLDIG": "Reduksjonsfaktoren skal være et tall fra 0 til 1. Skriv 0,7 hvis 70 prosent av taksten teller.",
    "BELOP_STEMMER_IKKE": "Terminbeløpene blir ikke summen for året. Kontroller beløpene mot fagsystemet.",
    "SKATT_STEMMER_IKKE": "Skatten stemmer ikke med takst, bunnfradrag og promille. Kontroller mot fagsystemet.",
    "TERMINER_MANGLER": (
        "Noe skal betales, men listen sier ikke i hvor mange terminer. Fyll ut antall terminer, "
        "eller skriv 0 i alle beløpene hvis det ikke skal betales noe."
    ),
    "TERMINER_STEMMER_IKKE": "Antall terminer stemmer ikke med forfallsdatoene. Kontroller begge.",
    "FORFALL_REKKEFOLGE": "Forfallsdatoene står ikke i rekkefølge. Kontroller datoene.",
    "KID_UGYLDIG": "KID-nummeret er ikke gyldig. Kontroller sifrene mot fagsystemet.",
    "KID_MELLOMROM": "Det er mellomrom i KID-nummeret. Godta forslaget uten mellomrom.",
    "KID_SIFRE_TAPT": "Regnearket har rundet av KID-nummeret. Gjør kolonnen om til tekst, og hent nummeret på nytt.",
    "KID_LENGDE": (
        "KID-nummeret har en annen lengde enn KID-numrene på radene foran. Kontroller i fagsystemet om de korteste "
        "i listen har mistet nuller foran. Da må kolonnen gjøres om til tekst, og alle numrene hentes på nytt."
    ),
    "KID_ANNEN_TYPE": (
        "KID-nummeret har en annen type kontrollsiffer enn KID-numrene på radene foran, så et siffer kan være feil. "
        "Kontroller nummeret mot fagsystemet. Vi sier bare fra om de fem første i listen."
    ),
    "KONTONUMMER_UGYLDIG": "Kontonummeret er ikke gyldig. Kontroller de elleve sifrene.",
    "KONTONUMMER_LEDENDE_NULL": "Kontonummeret har mistet nullen foran. Godta forslaget.",
    "DATO_UGYLDIG": "Datoen finnes ikke. Rett den i listen.",
    "DATO_FORMAT": "Datoen er skrevet på en annen måte enn dd.mm.åååå. Godta forslaget hvis det er riktig.",
    "DATO_EXCEL_SERIENUMMER": "Datoen er blitt et tall i regnearket. Godta forslaget hvis det er riktig.",
    "KONTERINGSKODE_UGYLDIG": (
        "Konteringskoden kan ha høyst 20 tegn: bokstaver, tall, bindestrek, punktum og understrek. Rett den."
    ),
    "MALFORM_UKJENT": "Vi kjenner ikke målformen. Skriv nb eller nn.",
    "TEKST_FOR_LANG": "Teksten er lengre enn feltet tillater. Kort den ned.",
    # Of the list as a whole; nothing is stopped by it.
    "ULIKE_VERDIER": (
        "{felt} har {antall} ulike verdier i listen. Rad {rad} og rad {annen} er for eksempel ulike. Kontroller at "
        "det er meningen: regnearket øker gjerne verdien når en celle dras nedover."
    ),
    "KOLONNER_ER_ULIKE": (
        "Kolonnene «{brukt}» og «{annen}» kan være det samme, men er ulike på rad {rad}. Brevene bruker «{brukt}». "
        "Kontroller at det er riktig. Er det «{annen}» som gjelder, går du til Mottakere, velger «Se og endre "
        "koblingen» og kobler den i stedet."
    ),
    "FORFALL_FOR_BREVDATO": (
        "{felt} på rad {rad} er {dato}. Det er før brevdatoen, {brevdato}. Kontroller forfallsdatoene i listen, og "
        "brevdatoen."
    ),
    "FORFALL_FOR_BREVDATO_FORRIGE": (
        "I listen til utsendingen som ble stoppet, er {felt} på rad {rad} {dato}. Det er før brevdatoen, {brevdato}. "
        "Kontroller forfallsdatoene i brevene, og brevdatoen."
    ),
    "FORSTE_FORFALL": (
        "Det første forfallet i listen er {dato}. Med en senere brevdato er et krav forfalt før brevet er skrevet."
    ),
    "FORFALL_PASSERT": (
        "Det første forfallet i listen, {dato}, er passert. Skal brevene ikke gå ut etter det, må utsendingen stoppes."
    ),
    "ANNET_KONTONUMMER": (
        "Kontonummeret på rad {rad} er {listens}, men det som er oppgitt for kontoen dere sender fra, er {kontoens}. "
        "Brevene bruker det i listen. Kontroller hvor betalingene skal. Er listen feil, retter du den og laster den "
        "opp på nytt."
    ),
    # A whole file is refused; nothing of it is kept.
    "INGEN_RADER": "Listen har ingen mottakere. Kontroller at du valgte rett fil.",
    "FIL_UGYLDIG": "Filen kan ikke leses. Åpne den i regnearket, lagre den på nytt, og prøv igjen.",
    "FIL_TOM": "Filen er tom. Kontroller at du valgte rett fil.",
    "FIL_FOR_STOR": "Filen er for stor. Den kan være høyst {maks_mb} MB. Del den i flere.",
    "FIL_FOR_TUNG": "Filen krever for mye å lese. Lagre den som CSV uten formatering, og prøv igjen.",
    "FIL_ZIPBOMBE": "Filen pakker ut til mye mer enn den burde, så vi leser den ikke. Lagre listen på nytt som CSV.",
    "FIL_PASSORD": "Filen er beskyttet med passord. Fjern passordet, og last den opp på nytt.",
    "FILTYPE_UKJENT": "Vi kan ikke lese denne filtypen. Bruk Excel (.xlsx) eller CSV.",
    "INNHOLD_PASSER_IKKE": "Innholdet er noe annet enn filnavnet sier. Lagre listen som Excel (.xlsx) eller CSV.",
    "CELLE_FOR_LANG": "En celle i linje {linje} er altfor lang. Kontroller anførselstegnene i filen.",
    "FOR_MANGE_KOLONNER": "Filen har flere enn {grense} kolonner. Fjern dem du ikke trenger.",
    "FOR_MANGE_RADER": "Listen har flere enn {grense} rader. Del den i flere utsendinger.",
    "FORMELCELLE": "Filen har formler i {celler}. Lim inn som verdier, og lagre på nytt.",
    "FORMEL_I_ARK": "Arket «{ark}» har formler. Kopier alt i arket, lim inn som verdier, og lagre på nytt.",
    "FEILVERDI_I_CELLE": "Filen har feilverdier i {celler}. Rett dem i regnearket, og lagre på nytt.",
    "FEILVERDI_I_ARK": (
        "Arket «{ark}» har feilverdier, som #I/T eller #VERDI!. Rett dem i regnearket, og lagre på nytt."
    ),
    "SKJULTE_RADER": (
        "Skjulte rader i arket «{ark}»: {antall}. Et filter kan ha skjult dem, og vi vet ikke om de skal være med. "
        "Vis alle radene, slett dem som ikke skal være med, og lagre på nytt."
    ),
    "FLERE_ARK": (
        "Det står navn i flere ark: {ark}. Vi leser bare ett. "
        "Samle radene i ett ark, eller skjul eller slett arkene som ikke skal være med, og lagre på nytt."
    ),
    "SITAT_IKKE_LUKKET": "Et anførselstegn fra linje {linje} blir aldri lukket. Rett filen, og last den opp på nytt.",
    "OVERSKRIFT_MANGLER": "Vi finner ingen rad med kolonneoverskrifter. Legg til overskrifter øverst.",
    "KOLONNE_MANGLER": "Listen mangler en kolonne vi trenger: {felter}. Koble den for hånd, eller legg den til.",
    "KOLONNE_DOBBEL": "To kolonner er koblet til det samme. Velg én av dem.",
    "KOLONNE_UKLAR": (
        "Det er uklart hvilke kolonner i listen brevene skal bruke til dette: {felter}. Vi gjetter ikke, for da kan "
        "brevene eller betalingene gå feil. Koble kolonnene for hånd."
    ),
    "KOLONNE_UVALGT": (
        "{felt}: Flere kolonner kan være den som gjelder i brevet til mottakeren. Velg hvilken, eller «Ikke bruk» på "
        "alle: {kolonner}."
    ),
    "KOLONNE_UVALGT_EN": (
        "{felt}: Vi vet ikke om denne kolonnen gjelder mottakeren. Velg «{felt}» hvis den gjør det, ellers «Ikke bruk»."
    ),
}

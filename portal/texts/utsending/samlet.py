"""Texts of one big PDF: its set-up, its letters and their findings (fiks.utsending.samlet)."""

from __future__ import annotations

TEKSTER: dict[str, str] = {
    # What is wrong with a letter that was read.
    "OMRADE_TOMT": "Området «{felt}» er tomt i dette brevet. Se på brevet, og flytt eller utvid området om det trengs.",
    "SIDE_MANGLER": "Brevet har ikke siden som området «{felt}» ligger på. Kontroller hvordan filen er delt opp.",
    "ANNEN_MOTTAKER": (
        "{felt} i brevet har et annet nummer eller en annen adresse der mottakeren står, så siden kan være et annet "
        "brev. Kontroller hvordan filen er delt opp. Hører siden til brevet, kan det ikke sendes herfra: "
        "send det i en egen utsending av slaget «Ett dokument per rad»."
    ),
    "NESTE_UTEN_MOTTAKER": (
        "Brevet etter dette begynner uten en mottaker vi kan lese. Da kan dette brevet ha fått med en side av et annet "
        "brev, eller mangle en side. Kontroller hvordan filen er delt opp, og se på begge brevene."
    ),
    "SIDE_ULEST": (
        "{felt} i brevet kan ikke leses, så vi vet ikke om den er et annet brev. Bruk oppsettet på nytt. "
        "Går det ikke da heller, lager du PDF-en på nytt fra systemet."
    ),
    "SIDE_UTEN_TEKST": (
        "Siden som området «{felt}» ligger på, har ingen tekst vi kan lese. Kontroller hvordan filen er delt opp."
    ),
    "SKANNET_SIDE": (
        "Siden er skannet: den er et bilde uten tekst, så området «{felt}» kan ikke leses. "
        "Hent brevet som PDF med tekst fra systemet som laget det."
    ),
    "TEKST_ULESELIG": (
        "Teksten ser riktig ut på siden, men kan ikke leses: skriften i PDF-en sier ikke hvilke bokstaver den har. "
        "Lag PDF-en på nytt fra systemet, eller åpne den i Acrobat og lagre den på nytt."
    ),
    "TEKST_KUTTET": "Teksten fortsetter utenfor området «{felt}». Gjør området større.",
    "TEGN_MISTENKELIG": (
        "Et tegn i området «{felt}» ser ut til å stå for en annen bokstav, for eksempel æ, ø eller å. "
        "Sammenlign med brevet, og lag PDF-en på nytt om det er feil."
    ),
    "AEOA_MANGLER": (
        "Poststedet er lest uten æ, ø eller å, så det samme gjelder trolig navnet. Lag PDF-en på nytt fra systemet."
    ),
    "LINJER_SAMMEN": "Adressen har flere linjer enn det er plass til. De siste er slått sammen på forsiden av brevet.",
    "NUMMER_MANGLER": (
        "Vi fant ikke fødselsnummer eller organisasjonsnummer i brevet. Uten nummer går brevet på papir."
    ),
    "FLERE_NUMMER": "Det står flere gyldige numre i området. Gjør området mindre, så bare mottakerens nummer er med.",
    "NUMMER_ULIKT": "Nummeret i brevet er et annet enn i tilleggslisten. Kontroller hvem brevet er til.",
    "TILLEGG_MANGLER": "Det som står i brevet, finnes ikke i tilleggslisten. Uten nummer går brevet på papir.",
    "TILLEGG_FLERTYDIG": (
        "Tilleggslisten har flere ulike numre for det som står i brevet, eller en rad med nummer og en uten. "
        "Rett listen, og last den opp på nytt."
    ),
    "BREV_KAN_IKKE_SENDES": "PDF-en til dette brevet har feil og kan ikke sendes. Se merknadene til brevet.",
    # Why a set-up cannot be used.
    "OPPSETT_SIDER_UGYLDIG": "Skriv hvor mange sider hvert brev har, fra 1 til {grense}.",
    "OPPSETT_TEKST_MANGLER": "Skriv teksten som står på den første siden i hvert brev, med høyst {grense} tegn.",
    "OPPSETT_TEKST_PERSONNUMMER": "Teksten kan ikke være et fødselsnummer. Skriv noe som står på alle førstesidene.",
    "OPPSETT_MERKE_MANGLER": "Tegn eller skriv området som viser hvor et nytt brev begynner.",
    "OPPSETT_GIRO_UGYLDIG": "Skriv hvilken side i brevet som er giro. Den må finnes i brevet.",
    "DELING_MANGLER": "Si hvordan filen deles opp og leses, før du går videre.",
    "OMRADE_SIDE_UGYLDIG": "Skriv hvilken side i brevet området ligger på. Siden må finnes i brevet.",
    "OMRADE_UTENFOR": "Området ligger utenfor siden. Flytt det, eller gjør det mindre.",
    "OMRADE_FOR_LITE": "Området er for lite til å lese tekst i. Gjør det minst 2 mm bredt og høyt.",
    "OMRADE_TALL": "Skriv tallene for området i millimeter, for eksempel 19,5.",
    "OMRADE_DOBBELT": "Det samme området er oppgitt to ganger. Behold ett av dem.",
    "OMRADE_MANGLER": "Tegn eller skriv området med navnet, eller området med hele adressen.",
    "SIDER_GAR_IKKE_OPP": (
        "Antall sider i filen er {sider}. Det går ikke opp med {per_brev} sider i hvert brev: {rest} blir til overs. "
        "Kontroller antallet, eller del opp etter hva som står på førstesiden."
    ),
    "INGEN_FORSTESIDER": "Vi fant ingen side som ser ut som begynnelsen på et brev. Endre kjennetegnet i oppsettet.",
    "FORSTE_SIDE_UTEN_MERKE": (
        "Det første brevet begynner på side {side}, og det som står før, hører ikke til noe brev. "
        "Endre kjennetegnet i oppsettet, eller ta det bort fra filen."
    ),
    "SIDE_KAN_IKKE_LESES": (
        "Side {side} i filen kan ikke leses. Begynner et brev der, ville det gått til mottakeren av brevet før, så "
        "ingenting er delt opp. Prøv igjen. Går det ikke da heller, lager du PDF-en på nytt fra systemet, eller deler "
        "opp etter et fast antall sider."
    ),
    "FOR_MANGE_BREV": "Filen ville bli mer enn {grense} brev. Del den i flere filer, eller endre oppsettet.",
    "SAMLET_MANGLER": "Last opp PDF-en med alle brevene før du går videre.",
    "SAMLET_LESES": "Filen leses fortsatt. Vent til den er lest.",
    "INGEN_GODE_BREV": "Ingen av brevene kan sendes. Endre oppsettet, eller last opp en ny fil.",
    "BREVENE_DELES_OPP": "Filen deles fortsatt opp i brev. Vent til det er ferdig.",
    "BREVENE_MANGLER": "Del opp filen i brev før du går videre.",
    "TILLEGGSLISTE_KAN_IKKE_BRUKES": "Tilleggslisten kan ikke brukes. Last opp en annen, eller fjern den.",
    "NUMMERKOLONNE_MANGLER": "Listen mangler en kolonne med fødselsnummer eller organisasjonsnummer. Legg den til.",
    "NOKKELKOLONNE_MANGLER": (
        "Listen har bare én kolonne. Legg til kolonnen med det som står i brevene, for eksempel fakturanummer."
    ),
    "TILLEGGSNOKKEL_UKJENT": (
        "Vi kan ikke se hvilken kolonne i listen som har det som står i brevene. Kontroller at det er rett liste, "
        "og at området «Nøkkel til tilleggslisten» ligger rett. Er begge deler riktig, skriver du «Nøkkel» som "
        "overskrift over kolonnen, og laster opp listen på nytt."
    ),
    "TILLEGGSLISTE_FORSKJOVET": (
        "På linje {linje} er det for mange eller for få felt, eller et anførselstegn som slår den sammen med neste "
        "linje. Da kan et nummer havne hos feil mottaker, og listen er ikke tatt i bruk. Rett linjen i listen, eller "
        "lag listen som Excel-fil (.xlsx), og last den opp på nytt."
    ),
    "PDF_MERKING_TAPT": (
        "Merkingen som skjermlesere bruker, kunne ikke følge med da filen ble delt. Brevet ser likt ut på papir."
    ),
    "PDF_SIDE_ENDRET": (
        "Siden ble ikke helt lik siden i filen da brevet ble tatt ut av den, så brevet kan ikke sendes. "
        "Lag PDF-en på nytt fra systemet, eller åpne den i Acrobat og lagre den på nytt."
    ),
    "PDF_SIDE_UTEN_TEKST": (
        "Siden har ingen tekst vi kan lese, så vi vet ikke om et nytt brev begynner der. "
        "Se at den hører til dette brevet."
    ),
    "PDF_BREV_FOR_STORT": "Brevet er for stort til å sendes. Gjør bildene i det mindre, og lag filen på nytt.",
}

OMRADER: dict[str, tuple[str, str]] = {
    "navn": ("Navn", "Navnet på mottakeren. Uten dette er første linje i adressen navnet."),
    "adresse": ("Adresse", "Linjene under navnet, med postnummer og poststed, og land når det er med."),
    "id": (
        "Fødselsnummer eller organisasjonsnummer",
        "Gjerne med ledetekst foran. Brev uten nummer går på papir.",
    ),
    "ref": ("Referanse", "For eksempel saksnummer eller fakturanummer. Vises i oversikten over brevene."),
    "nokkel": (
        "Nøkkel til tilleggslisten",
        "Det tilleggslisten slår opp nummeret på, for eksempel fakturanummer.",
    ),
    "merke": ("Kjennetegn på første side", "Brukes når brevene har ulikt antall sider."),
}
"""What each area is called, and what it is for."""

_SOURCE = "Se på brevet, og flytt området eller rett det i systemet som lager brevene."
IN_LETTERS: dict[str, str] = {
    "FNR_KONTROLLSIFFER": f"Kontrollsifrene i fødselsnummeret stemmer ikke. {_SOURCE}",
    "FNR_UGYLDIG": f"Det som står her, er ikke et fødselsnummer eller organisasjonsnummer. {_SOURCE}",
    "ORGNR_UGYLDIG": f"Organisasjonsnummeret er ikke gyldig. {_SOURCE}",
    "NAVN_MANGLER": f"Vi fant ikke navnet. {_SOURCE}",
    "NAVN_UGYLDIG": f"Det som er lest, er ikke et navn. {_SOURCE}",
    "NAVN_FOR_LANGT": f"Det som er lest, er lengre enn et navn kan være. {_SOURCE}",
    "LINJE_FOR_LANG": f"Linjen er lengre enn det er plass til i adressen. {_SOURCE}",
    "ADRESSE_MANGLER": f"Mottakeren må få brevet på papir, men vi fant ingen adresse. {_SOURCE}",
    "ADRESSE_UFULLSTENDIG": f"Vi fant ikke hele adressen. {_SOURCE}",
    "TEGN_TAPT": f"Bokstaver er byttet ut med spørsmålstegn eller andre tegn. {_SOURCE}",
    "TEGN_FEILKODET": "Bokstaver som æ, ø og å er blitt feil i PDF-en. Sammenlign med brevet før du godtar forslaget.",
    "TEGN_UGYLDIG": f"Det som er lest, har tegn som ikke kan skrives ut. {_SOURCE}",
    "FNR_I_REFERANSE": f"Det som er lest som referanse, er et fødselsnummer. {_SOURCE}",
    "POSTNR_UGYLDIG": f"Postnummeret er ikke fire siffer. {_SOURCE}",
    "REGISTER_UTEN_SVAR": (
        "Registeret klarte ikke å svare om denne mottakeren. Spør det på nytt om litt, eller send uten dette brevet."
    ),
    "DUBLETT_MOTTAKER": "Den samme mottakeren har et brev til. Kontroller at begge skal sendes.",
    "DUBLETT_EKSTERNREF": "Den samme referansen står i et tidligere brev. Kontroller at begge skal sendes.",
    "ADRESSE_SPERRET": (
        "Brevet kan ikke sendes til adressen i brevet. Det må behandles av en som har tilgang til sperrede brev."
    ),
}
"""Findings of the control of rows, said of a letter: there is no list to correct."""

"""Texts of letter templates, of drawing a letter and of uploaded PDFs (fiks.utsending.brev)."""

from __future__ import annotations

TEKSTER: dict[str, str] = {
    # Faults in a template; `verdi` is the word it is about.
    "MAL_UGYLDIG": "Malen har feil som må rettes før den kan brukes. Se linjene under.",
    "MAL_UKJENT_FELT": "Feltet «{verdi}» finnes ikke. Velg et felt fra listen.",
    "MAL_UKJENT_FORMAT": "Formatet «{verdi}» finnes ikke. Velg beløp, dato, kontonummer, eiendom eller promille.",
    "MAL_UKJENT_LISTE": "Listen «{verdi}» finnes ikke. Velg en liste fra oversikten.",
    "MAL_FORMAT_PASSER_IKKE": "Formatet passer ikke til feltet «{verdi}». Velg et annet format.",
    "MAL_MERKE_UGYLDIG": "«{verdi}» kan ikke leses. Et felt skrives slik: ((navn)).",
    "MAL_BLOKK_IKKE_LUKKET": "Blokken «{verdi}» blir aldri avsluttet. Sett inn slutten.",
    "MAL_SLUTT_UTEN_BLOKK": "Her avsluttes en blokk som ikke er begynt. Fjern slutten, eller sett inn begynnelsen.",
    "MAL_LISTE_I_LINJE": "En liste må stå på egne linjer. Flytt den ut av teksten.",
    "MAL_FET_IKKE_LUKKET": "Fet skrift begynner, men slutter ikke. Sett inn ** der den skal slutte.",
    "MAL_TABELL_KOLONNER": "Radene i tabellen har ulikt antall kolonner. Gi alle like mange.",
    "MAL_TITTEL_LINJESKIFT": "Tittelen kan bare ha én linje.",
    "MAL_FOR_DYP": "Det er for mange blokker inni hverandre. Gjør malen enklere.",
    "MAL_FOR_LANG": "Malen er for lang. Den kan ha høyst {verdi} tegn.",
    # What makes a template's letters slower to draw, never wrong.
    "MAL_TREG_TEGN": "Tegnet «{verdi}» kan ikke stå i brev som lages på den raske måten. Skriv det på en annen måte.",
    "MAL_TREG_SATT_SAMMEN": "«{verdi}» står ved et felt og tegnes som ett tegn. Skriv det med ord, eller med ×.",
    "MAL_TREG_VALG": "Malen har flere enn {verdi} vilkår, så få brev er like. Gjør den enklere, eller lag to maler.",
    "MAL_TREG_SMAL_KOLONNE": "Kolonne {verdi} er så smal at ord eller tall må deles. Gi den flere streker i linjen med "
    "bredder, eller lag færre kolonner.",
    "MAL_TREG_AVVIK": (
        "Brevene blir like riktige, men det tar lengre tid å lage dem. Et brev som ble laget på den raske måten, ble "
        "ikke helt som det skulle, eller driften har slått den av for malen. Derfor lages hvert brev for seg."
    ),
    # This row cannot become a letter.
    "FELT_TOMT": "Feltet {felt} er tomt på denne raden. Fyll det ut, eller vis det bare når det har innhold.",
    "VERDI_UGYLDIG": "Verdien i feltet {felt} passer ikke til det malen skal vise. Kontroller den i listen.",
    "ADRESSE_UTENFOR_VINDU": "Adressen får ikke plass i vinduet på konvolutten. Kort den ned.",
    "AVSENDER_I_VINDUET": (
        "Navnet og adressen til avsenderen er så lange at de når ned i vinduet på konvolutten. Kort dem ned der de er "
        "oppgitt."
    ),
    "KONTAKT_FOR_LANG": (
        "Åpningstid, telefon, e-post og nettsted får ikke plass øverst i brevet. Kort dem ned der de er oppgitt."
    ),
    "TEGN_UTEN_SKRIFT": "Brevet har tegn som skriften vår ikke kan tegne. Bytt dem ut.",
    "SKRIFT_MANGLER": "Noe er galt hos oss: en skrift mangler. Kontakt brukerstøtte.",
    "TEGNING_FEILET": "Brevet kunne ikke tegnes. Prøv igjen, og kontakt brukerstøtte om det fortsetter.",
    "VEDLEGG_MANGLER": "Bilder malen viser til, men som ikke finnes: {antall}. Fjern dem, eller last dem opp.",
    "VEDLEGG_IKKE_BRUKT": "Logoen kom ikke med i brevet. Kontroller malen.",
    "LOGO_UGYLDIG": "Logoen kan ikke leses. Bruk PNG eller JPEG.",
    "LOGO_FOR_STORT": "Logoen er for stor. Bruk et mindre bilde.",
    "BARN_DREPT": "Det tok for mye minne å behandle filen. Gjør den mindre, og prøv igjen.",
    "BARN_TIDSAVBRUDD": "Det tok for lang tid å behandle filen. Gjør den enklere, og prøv igjen.",
    "BARN_FEIL": "Filen kunne ikke behandles. Prøv igjen, og kontakt brukerstøtte om det fortsetter.",
    "UTSKRIFT_TOM": "Det er ingenting å skrive ut.",
    "UTSKRIFT_FOR_STOR": "Dokumentene blir for store samlet til å skrives ut. Gjør dem mindre.",
    # An uploaded PDF.
    "PDF_UGYLDIG": "Filen er ikke en PDF vi kan lese. Lagre dokumentet som PDF på nytt.",
    "PDF_PASSORD": "PDF-en er beskyttet med passord. Lagre den uten passord.",
    "PDF_FOR_MANGE_SIDER": "PDF-en har for mange sider til å sendes som brev. Del den opp.",
    "PDF_FOR_KOMPLISERT": "PDF-en er for innviklet til å kontrolleres. Skriv den ut til en ny PDF, og last opp den.",
    "PDF_INNEBYGD_FIL": "PDF-en har filer inni seg. Lagre den uten vedlegg.",
    "PDF_JAVASCRIPT": "PDF-en inneholder skript. Skriv den ut til en ny PDF, og last opp den.",
    "PDF_HANDLING": "PDF-en starter noe når den åpnes. Skriv den ut til en ny PDF, og last opp den.",
    "PDF_STORRELSE": "Sidene er ikke A4. De blir tilpasset ved utskrift. Lagre som A4 for å styre resultatet.",
    "PDF_LIGGENDE": "En side ligger. Den blir dreid ved utskrift. Bruk stående A4 om det er mulig.",
    "PDF_MARG": "Tekst står nærmere kanten enn skriveren klarer. Flytt den lenger inn, se markeringen på siden.",
    "PDF_FONT_IKKE_INNEBYGD": "En skrift er ikke bygd inn, så papirbrevet kan bli annerledes. Bygg skriftene inn.",
    "PDF_GIRO_SIDE": "Giroarket er ikke den siste siden. Kontroller hvilken side som er giro.",
    "PDF_GIRO_BAKSIDE": "Baksiden av giroarket må være tom ved tosidig utskrift. Legg inn en blank side.",
    "SIDE_FINNES_IKKE": "Siden finnes ikke i dokumentet.",
}

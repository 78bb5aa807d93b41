"""Texts of finished PDFs that are uploaded, one or more for each row (fiks.utsending.filer)."""

from __future__ import annotations

from fiks.utsending.filer.rules import Funngruppe, Giroside, Girovalg

TEKSTER: dict[str, str] = {
    # What a row's files can lack.
    "FILNAVN_MANGLER": "Raden sier ikke hvilket dokument som skal sendes. Fyll ut filnavnet i listen.",
    "FILNAVN_I_RADEN_UGYLDIG": (
        "Filnavnet i raden kan ikke brukes. Skriv navnet på en PDF, uten vei til en annen mappe. "
        "Skal raden ha flere, skiller du navnene med |."
    ),
    "FILNAVN_BOKSTAVSTORRELSE": (
        "Filnavnet i raden og filen har ulike store og små bokstaver. Vi bruker filen likevel. "
        "Kontroller at den er rett."
    ),
    "FIL_IKKE_LASTET_OPP": "Et dokument som raden nevner, er ikke lastet opp. Last det opp, eller rett filnavnet.",
    "FIL_FLERTYDIG": (
        "Flere filer heter det samme som i raden, bare med andre store og små bokstaver. Skriv navnet helt likt filen."
    ),
    "FIL_NEVNT_TO_GANGER": "Raden nevner det samme dokumentet to ganger. Fjern det ene navnet.",
    "FIL_FLERE_MOTTAKERE": (
        "To ulike mottakere har det samme dokumentet. Kontroller hvem det er til, og rett filnavnet i listen. "
        "Skal begge ha det, laster du det opp under to navn."
    ),
    "FIL_KAN_IKKE_SENDES": "Et dokument raden nevner, kan ikke sendes slik det er. Se hva som er galt, under Brev.",
    "FILER_I_RADEN_FOR_MANGE": "Raden nevner flere dokumenter enn ett brev kan ha. Slå noen sammen.",
    "BREV_FOR_STORT": "Dokumentene i raden er til sammen for store for ett brev. Lag mindre PDF-er.",
    # Why a file is not taken in.
    "FILNAVN_TOMT": "Filen har ikke noe navn. Gi den et navn som slutter på .pdf.",
    "FILNAVN_STI": "Navnet peker ut av mappen filen ligger i. Gi filen et vanlig navn.",
    "FILNAVN_FOR_LANGT": "Navnet er for langt. Gi filen et kortere navn.",
    "FILNAVN_TEGN": "Navnet har tegn som ikke kan brukes i et filnavn. Gi filen et navn av bokstaver og tall.",
    "FILNAVN_RESERVERT": "Navnet er et som datamaskinen bruker til noe annet. Gi filen et annet navn.",
    "FILNAVN_DOBBELT": "To av filene heter det samme. Bare den første er tatt imot. Gi den andre et annet navn.",
    "FILTYPE_IKKE_PDF": "Filen er ikke en PDF. Lagre den som PDF, og last den opp på nytt.",
    "FILER_FOR_MANGE": "En utsending kan ha høyst {grense} filer. Del den i flere utsendinger.",
    "FILER_FOR_STORE": "Filene er til sammen for store. De kan være høyst {maks_mb} MB. Del dem i flere utsendinger.",
    "FIL_TAPT": "Filen ble borte hos oss. Last den opp på nytt.",
    # Why a zip is refused; nothing of it is kept then.
    "ZIP_UGYLDIG": "Filen kan ikke pakkes ut. Lag zip-filen på nytt.",
    "ZIP_PASSORD": "Zip-filen er låst med passord. Lag den uten passord.",
    "ZIP_PAKKEMATE": "Zip-filen er pakket på en måte vi ikke kan lese. Lag den på nytt som en vanlig zip-fil.",
    "ZIP_BOMBE": "«{navn}» i zip-filen pakker ut til mye mer enn den burde, så vi leser den ikke.",
    "ZIP_TOM": "Det er ingen PDF-er i zip-filen.",
    "ZIP_STI": "«{navn}» i zip-filen peker ut av mappen. Lag zip-filen på nytt av en vanlig mappe.",
    "ZIP_LENKE": "«{navn}» i zip-filen er en lenke, ikke en fil. Legg selve filen i zip-filen.",
    "ZIP_NAVN_DOBBELT": (
        "To filer i zip-filen heter «{navn}». Mapper i zip-filen teller ikke med, så hver fil må ha sitt eget navn."
    ),
    "ZIP_FOR_TUNG": "Zip-filen krever for mye å lese. Del den i flere, og prøv igjen.",
    "ZIP_LESES": "En zip-fil pakkes ut nå. Vent til det er gjort, og last opp den neste.",
    # The pages themselves.
    "FEIL_MATE": "Dette gjelder bare utsendinger der hver rad har sitt eget dokument.",
    "FILNAVNKOLONNE_MANGLER": "Koble en kolonne til Filnavn. Den sier hvilket dokument hver mottaker skal ha.",
    "FILER_MANGLER": "Velg én eller flere PDF-filer.",
    "ZIP_MANGLER": "Velg en zip-fil.",
    "FILER_IKKE_KOBLET": "Listen er ikke koblet til dokumentene ennå. Vent til det er gjort, eller koble dem på nytt.",
    "UBRUKTE_FILER": "Dokumenter som ikke står i listen og ikke blir sendt: {antall}. Se over før du går videre.",
    "GIROSIDE_UGYLDIG": "Skriv sidetallet som et tall fra 1 til {grense}.",
}

EDGES = {"venstre": "venstre marg", "hoyre": "høyre marg", "topp": "margen øverst", "bunn": "margen nederst"}
GROUPS: dict[str, str] = {
    "PDF_UGYLDIG": "er ikke en PDF vi kan lese",
    "PDF_PASSORD": "beskyttet med passord",
    "PDF_FOR_MANGE_SIDER": "for mange sider til å sendes som brev",
    "PDF_FOR_KOMPLISERT": "for innviklet til å kontrolleres",
    "PDF_INNEBYGD_FIL": "har filer inni seg",
    "PDF_JAVASCRIPT": "inneholder skript",
    "PDF_HANDLING": "starter noe når den åpnes",
    "PDF_STORRELSE": "ikke A4",
    "PDF_LIGGENDE": "siden ligger",
    "PDF_MARG": "for smal marg",
    "PDF_FONT_IKKE_INNEBYGD": "skrift som ikke er bygd inn",
    "PDF_GIRO_SIDE": "girosiden finnes ikke",
    "PDF_GIRO_BAKSIDE": "noe på baksiden av giroarket",
    "PDF_MERKING_TAPT": "merkingen for skjermlesere fulgte ikke med",
    "PDF_SIDE_UTEN_TEKST": "ingen tekst vi kan lese",
    "PDF_SIDE_ENDRET": "ser ikke ut som i filen",
    "PDF_BREV_FOR_STORT": "for stort til å sendes",
}


def group_text(gruppe: Funngruppe) -> str:
    """What was found in all files of the group: «venstre marg 4 mm for smal på side 1»."""
    if gruppe.kant:
        said = f"{EDGES.get(gruppe.kant, gruppe.kant)} {gruppe.mangler_mm} mm for smal"
    else:
        said = GROUPS.get(gruppe.kode, gruppe.kode)
    return said if gruppe.side is None else f"{said} på side {gruppe.side}"


def giro_text(valg: Girovalg) -> str:
    """Which page is giro, as the pages say it."""
    if valg.side is Giroside.SISTE:
        return "Siste side av hvert dokument"
    return f"Side {valg.nummer} av hvert dokument" if valg.side is Giroside.NUMMER else "Ingen side"

"""Texts of «Fra fil»: the file's columns, faults of the file or of a row, and remedies."""

from __future__ import annotations

KOLONNER: dict[str, tuple[str, str]] = {
    "fnr": ("fødselsnummer", "Elleve siffer."),
    "navn": (
        "navn",
        "Fullt navn. En som er kjent her fra før, må stå med navnet sitt slik det er på siden Personer.",
    ),
    "ressurs": ("ressurs", "Navnet på ressursen slik det står her, eller id-en."),
    "privilegium": ("privilegium", "Navnet på tilgangen, for eksempel Se utsendinger, eller koden."),
    "fra": ("fra", "Første dag, dd.mm.åååå. Tom: med en gang."),
    "til": ("til", "Siste dag, dd.mm.åååå. Tom: til den blir fjernet."),
    "begrunnelse": ("begrunnelse", "Hvorfor, høyst 500 tegn. Kan være tom."),
}
"""Field to (heading in the file, what to write there)."""

TEKSTER: dict[str, str] = {
    "FIL_UTEN_TILGANGER": "Filen har ingen rader med tilganger. Kontroller at du valgte rett fil.",
    "FIL_FOR_MANGE_TILGANGER": "Filen har flere enn {grense} rader. Del den i flere filer.",
    "FIL_FOR_MANGE_RESSURSER": (
        "Du administrerer flere enn {grense} ressurser, og da kan vi ikke være sikre på hvilken en fil mener. "
        "Gi tilgangene på siden til hver ressurs, eller la en som administrerer færre, bruke filen."
    ),
    "TILGANGSFIL_MANGLER_KOLONNE": (
        "Filen mangler kolonnen {kolonne}. Overskriftene må stå øverst. Sammenlign med eksempelfilen."
    ),
    "TILGANGSFIL_FORSKJOVET": (
        "Rad {rad} har ikke like mange felter som overskriften. "
        "Se etter skilletegn som mangler eller er for mange, og last opp på nytt."
    ),
    "FILEN_HAR_FEIL": "Rader med feil: {antall}. Ingenting er gitt. Rett filen, og last den opp på nytt.",
    "FILEN_GIR_INGENTING": "Alle tilgangene i filen er gitt fra før. Det er ingenting å gjøre.",
    "TILGANGSFIL_BORTE": (
        "Vi har ikke filen lenger, for vi tar vare på den i bare 15 minutter. Last den opp på nytt."
    ),
    "TILGANGSFIL_ENDRET": (
        "Noen har endret tilgangene etter at du så på listen. Ingenting er gitt. Se over listen på nytt."
    ),
    "TILGANGER_ER_GITT": "Ferdig. Tilganger gitt: {gitt}. Personer som fikk: {personer}. Fantes fra før: {fantes}.",
    "RAD_FNR": "Fødselsnummeret er ikke gyldig. Kontroller de elleve sifrene.",
    "RAD_NAVN": "Skriv personens fulle navn, med minst to tegn og en bokstav først.",
    "RAD_NAVN_ANNET": (
        "Fødselsnummeret hører til en som er kjent her under et annet navn. Rett nummeret, eller skriv navnet slik det "
        "står på siden Personer."
    ),
    "RAD_NAVN_ULIKT": "Samme fødselsnummer står med et annet navn på rad {rad}. Rett nummeret eller navnet.",
    "RAD_RESSURS_MANGLER": "Skriv hvilken ressurs tilgangen gjelder.",
    "RAD_RESSURS_UKJENT": "Fant ingen ressurs som heter dette og som du administrerer. Bruk et navn fra listen.",
    "RAD_RESSURS_FLERE": "Flere ressurser heter dette. Skriv id-en fra listen i stedet.",
    "RAD_PRIVILEGIUM_UKJENT": "Fant ikke tilgangen. Bruk et navn eller en kode fra listen.",
    "RAD_PRIVILEGIUM_PASSER_IKKE": "Denne tilgangen kan ikke gis på en slik ressurs. Velg en annen fra listen.",
    "RAD_FRA_FORM": "Skriv fra-datoen på formen dd.mm.åååå.",
    "RAD_FRA_PASSERT": "Fra-datoen er passert. La feltet stå tomt, eller skriv en dato fram i tid.",
    "RAD_TIL_FORM": "Skriv til-datoen på formen dd.mm.åååå.",
    "RAD_TIL_PASSERT": "Til-datoen er passert. Skriv en dato fram i tid, eller la feltet stå tomt.",
    "RAD_PERIODE": "Til-datoen er før fra-datoen. Rett en av dem.",
    "RAD_BEGRUNNELSE": "Skriv begrunnelsen med høyst 500 tegn, og uten fødselsnummer.",
    "RAD_DOBBEL": "Samme tilgang står på rad {rad}. Ta bort en av radene.",
}

FILFEIL: dict[str, str] = {
    "INGEN_RADER": "FIL_UTEN_TILGANGER",
    "FIL_TOM": "FIL_UTEN_TILGANGER",
    "FOR_MANGE_RADER": "FIL_FOR_MANGE_TILGANGER",
    "KOLONNE_MANGLER": "TILGANGSFIL_MANGLER_KOLONNE",
    "KOLONNE_DOBBEL": "TILGANGSFIL_MANGLER_KOLONNE",
}
"""What the reader of recipient lists says, in words that fit here."""

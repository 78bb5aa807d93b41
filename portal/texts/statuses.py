"""Names of statuses, channels and choices, and the colour of their tag. The text alone must be sufficient."""

from __future__ import annotations

from typing import NamedTuple


class Status(NamedTuple):
    """A label and one of the design system's colours."""

    tekst: str
    farge: str


STATUSER: dict[str, Status] = {
    # A mass mailing.
    "UTKAST": Status("Utkast", "neutral"),
    "KONTROLLERT": Status("Kontrollert", "neutral"),
    "PRODUSERES": Status("Brevene lages", "info"),
    "TIL_GODKJENNING": Status("Venter på godkjenning", "warning"),
    "GODKJENT": Status("Godkjent", "success"),
    "FRIGITT": Status("Angrefrist løper", "warning"),
    "SENDES": Status("Sendes", "info"),
    "FULLFORT": Status("Fullført", "success"),
    "STOPPET": Status("Stoppet", "danger"),
    # A row.
    "OK": Status("Kan sendes", "success"),
    "ADVARSEL": Status("Advarsel", "warning"),
    "AUTO": Status("Forslag til retting", "info"),
    "FEIL": Status("Feil", "danger"),
    "PARKERT": Status("Holdt utenfor", "neutral"),
    "feil": Status("Feil", "danger"),
    "advarsel": Status("Advarsel", "warning"),
    "auto": Status("Forslag til retting", "info"),
    "RETTET": Status("Rettet", "success"),
    # A letter.
    "MOTTATT": Status("Mottatt", "neutral"),
    "AKSEPTERT": Status("Klar til sending", "neutral"),
    "AVVIST": Status("Avvist", "danger"),
    "FEILET_UNDER_MOTTAK": Status("Feilet", "danger"),
    "KLAR_FOR_MOTTAK": Status("Klar til henting", "info"),
    "SENDT_SDP": Status("Sendt til digital postkasse", "info"),
    "LEVERT_SDP": Status("Levert i digital postkasse", "success"),
    "SENDT_ALTINN": Status("Sendt til Altinn", "info"),
    "LEVERT_ALTINN": Status("Levert i Altinn, ikke lest", "info"),
    "SENDT_DIGITALT": Status("Sendt digitalt, ikke lest", "success"),
    "SENDT_PRINT": Status("Sendt til utskrift", "info"),
    "PRINTET": Status("Skrevet ut og postlagt", "success"),
    "LEST": Status("Lest", "success"),
    "IKKE_LEVERT": Status("Ikke levert", "danger"),
    "MANUELT_HANDTERT": Status("Håndtert for hånd", "neutral"),
    "IKKE_SKREVET_UT": Status("I Altinn, skrives ikke ut", "neutral"),
    "SLETTET": Status("Slettet", "neutral"),
    # Handing a letter to a channel, and pieces of background work.
    "KLAR": Status("Klar", "neutral"),
    "SENDER": Status("Overleveres", "info"),
    "VENTER": Status("Venter på nytt forsøk", "warning"),
    "UAVKLART": Status("Undersøkes", "warning"),
    "OVERLEVERT": Status("Overlevert", "success"),
    "TIL_BEHANDLING": Status("Må behandles", "danger"),
    "TATT": Status("Pågår", "info"),
    "FERDIG": Status("Ferdig", "success"),
    "FEILET": Status("Feilet", "danger"),
    # Channels.
    "SVARINN": Status("Mottakerens system (SvarInn)", "neutral"),
    "DPI": Status("Digital postkasse", "neutral"),
    "ALTINN": Status("Altinn", "neutral"),
    "PRINT": Status("Papirpost", "neutral"),
    "INGEN": Status("Kanal ikke valgt ennå", "neutral"),
    "IKKE_SENDT": Status("Ikke sendt ennå", "neutral"),
    "PROVES_VIDERE": Status("Kom ikke fram, prøves videre", "warning"),
    "KAN_IKKE_SENDES": Status("Kan ikke sendes", "danger"),
}

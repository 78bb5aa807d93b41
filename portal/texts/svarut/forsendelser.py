"""Texts of the sender's log and of one letter in it (fiks.svarut)."""

from __future__ import annotations

from typing import NamedTuple

TEKSTER: dict[str, str] = {
    "LOGGSOK_HJEMMEL_MANGLER": "Skriv hvorfor du søker etter brev til denne mottakeren, med minst fem tegn.",
    "LOGGSOK_MED_FODSELSNUMMER": (
        "Her kan du ikke søke med fødselsnummer. Bruk «Søk etter mottaker», der søket blir logget."
    ),
    "DOKUMENTENE_ER_SLETTET": "Dokumentene er alt slettet.",
    "FORSENDELSE_ID_FORM": "Forsendelse-id-en er ikke gyldig. Lim inn hele id-en, 36 tegn med bindestreker.",
    "STATISTIKK_FOR_MANGE": (
        "Statistikken for året har flere enn {grense} linjer, og så mange kan ikke lastes ned i én fil. "
        "Kontakt brukerstøtte for et uttrekk."
    ),
    "LOGG_FOR_MANGE": "Utvalget har flere enn {grense} brev. Velg en kortere periode, og last ned på nytt.",
}

KOLONNER = (
    "Forsendelse-id",
    "Konto",
    "Tittel",
    "Mottaker",
    "Status",
    "Kanal",
    "Opprettet",
    "Overlevert",
    "Ekstern referanse",
    "Korrelasjons-id",
    "Konteringskode",
    "Kommer fra",
)

STATISTIKK_KOLONNER = ("Måned", "Konto", "Konteringskode", "Kanal", "Brev", "Lesefrister ute")
IKKE_OVERLEVERT = "Ikke overlevert"
LEST_UTEN_SENDING = "Lest uten å være sendt"

OPPHAV: dict[str, str] = {
    "UTSENDING": "Manuell utsending",
    "V1": "Fagsystem (REST v1)",
    "SOAP": "Fagsystem (SOAP)",
    "V2": "Fagsystem (REST v2)",
    "V3": "Fagsystem (REST v3)",
    "EDIALOG": "eDialog",
    "SIGNERING": "Signert dokument",
}

TITLER: dict[str, str] = {"EDIALOG": "Henvendelse fra eDialog"}
"""What a letter is called whose own title is for its receiver alone, by where it comes from."""

HENVENDELSE = (
    "Henvendelsen er skrevet til mottakeren med eDialog, og kontoen betaler for den. Tittel, vedlegg og hvem den er "
    "fra, vises bare for den som tar imot."
)


def brevtittel(opphav: str, tittel: str) -> str:
    """What the letter is called, "" when it is deleted."""
    return tittel or TITLER.get(opphav, "")


MOTTAKERTYPER: dict[str, str] = {
    "PERSON": "Privatperson",
    "ORGANISASJON": "Virksomhet",
    "INGEN": "Uten fødselsnummer eller organisasjonsnummer",
}

NIVAER: dict[str, str] = {"BETYDELIG": "Nivå 3 (betydelig)", "HOYESTE": "Nivå 4 (høyt)"}

KANALREGLER: dict[str, str] = {
    "1": "Virksomheten tar imot i eget system (SvarInn), så brevet legges klart der.",
    "2a": "Mottakeren har digital postkasse, og kontoen sender dit.",
    "2b": "Mottakeren kan varsles digitalt, men brevet kunne ikke gå til digital postkasse. Da går det til Altinn.",
    "3": "Mottakeren kan ikke få digital post etter Kontakt- og reservasjonsregisteret eller Folkeregisteret.",
    "4": "Virksomheten har ikke eget mottakssystem for slike brev. Da går brevet til Altinn.",
    "5": "Brevet har ingen mottaker som finnes digitalt.",
}
"""The rule that chose the first channel, by its number (svarut.md 2.3)."""

ETTERSPILL: dict[str, str] = {
    "PRINT": "Det går på papir.",
    "": "Brevet kan ikke gå på papir, så det blir ikke levert.",
}
"""What follows from a rule that leaves no digital channel."""


class Handlingstekst(NamedTuple):
    """An act on one letter: the question, what follows from it, the button and its colour, and what is said after.

    `for_skriveren`: what follows besides for who wrote with eDialog.
    """

    sporsmal: str
    folge: str
    knapp: str
    farge: str
    gjort: str
    for_skriveren: str = ""


HANDLINGER: dict[str, Handlingstekst] = {
    "prov_igjen": Handlingstekst(
        "Vil du prøve å levere brevet igjen?",
        "Det blir forsøkt levert på nytt med en gang. Kommer det fram, kan det ikke trekkes tilbake.",
        "Prøv igjen",
        "",
        "Brevet prøves på nytt.",
    ),
    "handtert": Handlingstekst(
        "Er brevet håndtert for hånd?",
        "Når du bekrefter, gjør vi ikke mer med det: Det blir ikke sendt eller skrevet ut, og det kan ikke angres. "
        "Er det alt sendt til trykkeriet, må du også ringe trykkeriet for å stanse det.",
        "Sett som håndtert",
        "danger",
        "Brevet er satt som håndtert for hånd.",
        "Har ikke mottakeren fått henvendelsen, får den som skrev den, vite at den ikke kom fram.",
    ),
    "retur": Handlingstekst(
        "Har brevet kommet i retur?",
        "Når du bekrefter, står det i loggen at det kom tilbake, og det kan ikke angres. Brevet sendes ikke på nytt: "
        "Finn ut hvor mottakeren kan nås, og send et nytt brev.",
        "Registrer retur",
        "",
        "Det er registrert at brevet kom i retur.",
    ),
    "slett": Handlingstekst(
        "Vil du slette dokumentene?",
        "Dokumentene og opplysningene om mottakeren slettes med en gang og kan ikke hentes tilbake. "
        "Mottakeren kan ikke lenger åpne brevet. Vi beholder bare det som trengs til statistikk og faktura.",
        "Slett dokumentene",
        "danger",
        "Dokumentene er slettet.",
    ),
}

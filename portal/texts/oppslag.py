"""Texts of register look-ups: faults, purposes of the hjemler, and the registers' answers."""

from __future__ import annotations

from fiks.registeroppslag.rules import Enhetstatus, Personstatus, Registernavn

TEKSTER: dict[str, str] = {
    "HJEMMEL_GJELDER_IKKE": "Denne hjemmelen gir ikke dere oppslag i dette registeret. Velg en annen hjemmel.",
    "FOR_MANGE_OPPSLAG": (
        "Du har slått opp {grense} ganger på en time, og det er det meste som er tillatt. Vent litt og prøv igjen."
    ),
    "OPPSLAG_UTEN_SVAR": "Registeret svarer ikke akkurat nå. Prøv igjen om litt.",
}

FORMAAL = {
    "EIENDOMSSKATT": "Eiendomsskatt",
    "FORHANDSVARSEL": "Forhåndsvarsel",
    "VEDTAK": "Underretning om vedtak",
    "AVFALLSGEBYR": "Avfallsgebyr",
    "NABOVARSEL": "Nabovarsel",
    "DIGITAL_KOMMUNIKASJON": "Digital kommunikasjon med innbyggere",
}
"""What each legal basis of a look-up is for, as one chooses among them."""

REGISTRE: dict[Registernavn, tuple[str, str]] = {
    Registernavn.KRR: (
        "Kontakt- og reservasjonsregisteret",
        "Om en person er reservert, har digital postkasse og kan varsles",
    ),
    Registernavn.FOLKEREGISTER: ("Folkeregisteret", "Navn, status og adresse til en person"),
    Registernavn.ENHETSREGISTER: ("Enhetsregisteret", "Navn, status og adresse til en virksomhet"),
}
"""What each register is called, and what is looked up in it."""

PERSONSTATUSER = {
    Personstatus.BOSATT: "Bosatt i Norge",
    Personstatus.UTFLYTTET: "Utflyttet fra Norge",
    Personstatus.IKKE_BOSATT: "Ikke bosatt i Norge",
    Personstatus.MIDLERTIDIG: "Midlertidig registrert",
    Personstatus.AKTIV: "Registrert, men ikke som bosatt",
    Personstatus.INAKTIV: "Inaktiv i Folkeregisteret",
    Personstatus.FOEDSELSREGISTRERT: "Fødselsregistrert",
    Personstatus.FORSVUNNET: "Forsvunnet",
    Personstatus.OPPHOERT: "Opphørt i Folkeregisteret",
    Personstatus.DOED: "Død",
    Personstatus.UKJENT: "Ikke kjent",
}
ENHETSTATUSER = {Enhetstatus.FUNNET: "Registrert", Enhetstatus.SLETTET: "Slettet i registeret"}
POSTKASSER = {"DIGIPOST": "Digipost", "EBOKS": "e-Boks"}

STRENGT_FORTROLIG = "Personen har strengt fortrolig adresse. Derfor vises ingen opplysninger."
PERSON_UKJENT = "Folkeregisteret har ingen person med dette nummeret."
KONTAKT_UKJENT = "Personen står ikke i kontaktregisteret, og kan ikke få digital post eller varsel."
ENHET_UKJENT = "Enhetsregisteret har ingen virksomhet med dette nummeret."
LOGGET_PERSON = (
    "Dette oppslaget er logget med navnet ditt og hjemmelen. Personen kan se oppslaget på Min side."
)
LOGGET_ENHET = "Dette oppslaget er logget med navnet ditt."

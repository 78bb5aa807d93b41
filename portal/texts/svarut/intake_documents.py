"""Faults of a submitted letter's documents and signing, and faults found after intake."""

from __future__ import annotations

from portal.texts.error_text import LEVERANDOR, RETT, Feiltekst
from portal.texts.error_text import Feiltekst as _F

DOKUMENTENE: dict[str, Feiltekst] = {
    "DOKUMENTER_MANGLER": _F(
        "Brevet har ingen dokumenter. Legg ved minst ett.",
        "Listen over dokumenter er tom.",
        "Legg ved et dokument.",
    ),
    "DOKUMENTER_FOR_MANGE": _F(
        "Brevet har for mange dokumenter. Det kan ha høyst {grense}. Slå dem sammen eller del brevet.",
        "Listen over dokumenter er for lang.",
        "Slå sammen dokumenter, eller del opp i flere brev.",
    ),
    "FILNAVN_UGYLDIG": _F(
        "Et filnavn kan ikke brukes. Det må ha 1 til {grense} tegn, uten mappe, uten usynlige tegn og uten "
        '* : " \\ / < > | ?.',
        "Filnavnet er tomt, for langt eller har tegn som ikke kan brukes, også usynlige tegn og linjeskift.",
        "Gi filen et annet navn.",
    ),
    "FILNAVN_DUPLIKAT": _F(
        "To dokumenter har samme filnavn. Gi dem ulike navn. Store og små bokstaver regnes som like.",
        "Filnavn må være unike i brevet.",
        "Gi den ene filen et annet navn.",
    ),
    "MIMETYPE_UGYLDIG": _F(
        "Filtypen til et dokument mangler eller er ikke gyldig. Oppgi for eksempel application/pdf.",
        "Feltet mimeType mangler, er for langt eller har ikke formen type/undertype.",
        LEVERANDOR,
    ),
    "KUN_PDF_KAN_SKRIVES_UT": _F(
        "Bare PDF kan skrives ut. Gjør dokumentet om til PDF, eller velg at det ikke skal skrives ut.",
        "Dokumentet er ikke PDF, og brevet kan bli skrevet ut.",
        "Gjør om til PDF, sett skalEkskluderesFraUtskrift, eller velg kun digital levering.",
    ),
    "INGENTING_A_SKRIVE_UT": _F(
        "Ingen av dokumentene kan skrives ut. Legg ved minst én PDF som skal skrives ut, eller velg kun digital.",
        "Alle dokumentene er holdt utenfor utskrift, men brevet kan bli skrevet ut.",
        "La minst én PDF skrives ut, eller velg kun digital levering.",
    ),
    "GIROARK_UGYLDIG": _F(
        "Giroark kan bare være sider i en PDF som skal skrives ut. Første side er 1. Kontroller sidetallet.",
        "Giroark er valgt på noe som ikke er PDF eller ikke skrives ut, eller sidetallet er ikke et tall fra 1.",
        RETT,
    ),
    "DOKUMENTTYPE_FOR_LANG": _F(
        "Dokumenttypen er for lang. Den kan ha høyst {grense} tegn.",
        "Dokumenttypen har for mange tegn.",
        "Kort inn dokumenttypen.",
    ),
    "EKSTRAMETADATA_UGYLDIG": _F(
        "Ekstra metadata kan ikke brukes. Navnene må være fylt ut og ulike, og det kan ikke være for mange av dem "
        "eller for lange tekster.",
        "For mange navn, et navn som er tomt eller står to ganger, eller for lange tekster. v3 tar 20 navn, 100 tegn i "
        "navnet og 500 i verdien. v1, v2 og SOAP tar 1 000 navn, 1 000 tegn i navnet og 10 000 i verdien.",
        LEVERANDOR,
    ),
    "DOKUMENT_MANGLER": _F(
        "Dokumentet {filnavn} fulgte ikke med. Send brevet på nytt med alle dokumentene.",
        "Det er beskrevet flere dokumenter enn det er sendt.",
        "Send alle dokumentene som er beskrevet, i samme rekkefølge.",
    ),
    "DOKUMENT_EKSTRA": _F(
        "Dokumentet {filnavn} er ikke beskrevet i brevet. Ta det bort, eller beskriv det.",
        "Det er sendt flere dokumenter enn det er beskrevet.",
        "Send bare dokumentene som er beskrevet, i samme rekkefølge.",
    ),
    "FILNAVN_AVVIKER": _F(
        "Dokumentet {filnavn} skulle komme her, men det kom {fikk}. Send dokumentene i samme rekkefølge, med samme "
        "navn som de er beskrevet med.",
        "Filnavnet på delen er et annet enn filnavnet i beskrivelsen.",
        LEVERANDOR,
    ),
    "DOKUMENT_TOMT": _F(
        "Dokumentet {filnavn} er tomt. Legg ved riktig fil.",
        "Filen har ikke noe innhold.",
        "Legg ved riktig fil.",
    ),
    "DOKUMENT_IKKE_PDF": _F(
        "Dokumentet {filnavn} er ikke en PDF, selv om det står det. Lagre det som PDF på nytt.",
        "Filen begynner ikke som en PDF.",
        "Lagre dokumentet som PDF på nytt, eller rett filtypen.",
    ),
    "KRYPTERING_UGYLDIG": _F(
        "Dokumentet {filnavn} er ikke kryptert slik at det kan åpnes her. Hent nøkkelen på nytt, og krypter igjen.",
        "Filen er ikke CMS, eller den er ikke kryptert for SvarUts offentlige nøkkel.",
        "Hent den offentlige nøkkelen på nytt på /forsendelse/publickey/hent, og krypter filen med den som "
        "dokumentasjonen sier under Krypterte filer.",
    ),
    "UTSKRIFT_FOR_STOR": _F(
        "Dokumentene som kan skrives ut, er for store. De må være mindre enn {grense_mb} MB til sammen.",
        "PDF-ene som kan skrives ut, er for store til sammen.",
        "Gjør filene mindre, eller velg kun digital levering.",
    ),
    "FORSENDELSE_FOR_STOR": _F(
        "Brevet er for stort. Det kan være høyst {grense_gb} GB.",
        "Dokumentene er for store til sammen.",
        "Gjør filene mindre, eller del opp i flere brev.",
    ),
}

SIGNERING: dict[str, Feiltekst] = {
    "SIGNERING_UFULLSTENDIG": _F(
        "Signeringen er ikke fullstendig. Velg ett dokument, type signatur og frist.",
        "Dokument, signaturtype eller utløp mangler.",
        "Oppgi alle tre, eller ingen av dem.",
    ),
    "SIGNERING_FLERE_DOKUMENTER": _F(
        "Bare ett dokument kan signeres. Velg ett.", "Flere dokumenter er merket for signering.", "Velg ett."
    ),
    "SIGNERING_IKKE_PDF": _F(
        "Bare PDF kan signeres. Gjør dokumentet om til PDF.",
        "Dokumentet som skal signeres, er ikke PDF.",
        "Gjør om til PDF.",
    ),
    "SIGNERING_UTEN_FNR": _F(
        "Bare personer kan signere. Oppgi fødselsnummeret til mottakeren.",
        "Mottakeren har ikke fødselsnummer eller d-nummer.",
        RETT,
    ),
    "SIGNERING_UTEN_SVARADRESSE": _F(
        "Det signerte dokumentet må ha et sted å gå. Oppgi organisasjonsnummer i svarSendesTil.",
        "Feltet svarSendesTil mangler organisasjonsnummer.",
        "Oppgi organisasjonsnummeret som skal få det signerte dokumentet.",
    ),
    "SIGNERING_UTLOPER_FOR_TIDLIG": _F(
        "Fristen for å signere er for kort. Den må være minst ett døgn fram i tid.",
        "Signeringen utløper om mindre enn ett døgn.",
        "Sett en senere frist.",
    ),
    "SIGNERING_IKKE_AKTIV": _F(
        "Kontoen er ikke satt opp for signering. Administratoren kan slå det på.",
        "Signering er ikke slått på for kontoen.",
        "Administratoren slår på signering for kontoen, eller brevet sendes uten.",
    ),
    "SIGNERING_IKKE_SATT_OPP": _F(
        "Plattformen har ingen signeringstjeneste. Send brevet uten signering.",
        "Plattformen er ikke satt opp med en signeringstjeneste.",
        "Send brevet uten signering, eller be driftsorganisasjonen om å sette den opp.",
    ),
}

ETTER_MOTTAK: dict[str, Feiltekst] = {
    "PDF_PASSORD": _F(
        "En PDF er beskyttet med passord. Lagre den uten passord, og send brevet på nytt.",
        "En PDF som kan bli skrevet ut, har passord.",
        "Lagre PDF-en uten passord, og send et nytt brev.",
    ),
    "PDF_UGYLDIG": _F(
        "En PDF kan ikke leses. Lagre dokumentet som PDF på nytt, og send brevet på nytt.",
        "Filen er ødelagt, eller den er ikke en PDF.",
        "Lagre dokumentet som PDF på nytt, og send et nytt brev.",
    ),
    "PDF_FOR_MANGE_SIDER": _F(
        "En PDF har for mange sider til å skrives ut. Del den opp, og send brevet på nytt.",
        "PDF-en har for mange sider.",
        "Del opp dokumentet, eller velg kun digital levering.",
    ),
    "PDF_FOR_KOMPLISERT": _F(
        "En PDF er for innviklet til å skrives ut. Skriv den ut til en ny PDF, og send brevet på nytt.",
        "PDF-en er bygd opp slik at den ikke kan kontrolleres.",
        "Skriv dokumentet ut til en ny PDF, og send et nytt brev.",
    ),
    "GIROARK_UTENFOR": _F(
        "Siden som skulle skrives ut på giroark, finnes ikke i dokumentet. Kontroller sidetallet, og send på nytt.",
        "Sidetallet er større enn antall sider.",
        RETT,
    ),
    "GIROARK_BAKSIDE": _F(
        "Baksiden av giroarket må være tom ved tosidig utskrift. Legg inn en blank side, og send på nytt.",
        "Det er innhold på siden bak giroarket.",
        "Legg inn en blank side etter giroarket, eller velg ensidig utskrift.",
    ),
    "KAN_IKKE_DEKRYPTERES": _F(
        "En kryptert fil kan ikke åpnes. Hent SvarUts nøkkel på nytt, krypter igjen, og send brevet på nytt.",
        "Filen er ødelagt, eller den er kryptert for en annen nøkkel.",
        "Hent den offentlige nøkkelen på nytt på /forsendelse/publickey/hent, krypter, og send et nytt brev.",
    ),
    "ORGANISASJON_UKJENT": _F(
        "Virksomheten finnes ikke i Enhetsregisteret. Kontroller organisasjonsnummeret, og send på nytt.",
        "Organisasjonsnummeret er ikke i Enhetsregisteret, eller virksomheten er slettet.",
        RETT,
    ),
    "RESERVERT_ELLER_UKJENT": _F(
        "Mottakeren kan ikke få digital post. Send brevet på en måte som tillater papir.",
        "Personen er reservert mot digital post eller er ikke i Kontakt- og reservasjonsregisteret.",
        "Send brevet på nytt uten krav om kun digital levering.",
    ),
    "ADRESSE_UTENFOR_VINDU": _F(
        "Navnet og adressen får ikke plass i vinduet på konvolutten. Kort dem ned, og send brevet på nytt.",
        "Mottakerens navn og adresse blir mer enn åtte linjer når brevet skrives ut.",
        "Kort ned navnet eller adressen, eller velg kun digital levering.",
    ),
    "AVSENDER_I_VINDUET": _F(
        "Adressen det skal svares til, får ikke plass på forsiden. Kort den ned, og send brevet på nytt.",
        "Navnet og adressen i svarSendesTil er for lange til å stå over vinduet på konvolutten.",
        "Kort ned navnet eller adressen i svarSendesTil, eller velg kun digital levering.",
    ),
    "TEGN_UTEN_SKRIFT": _F(
        "Navnet eller adressen har tegn som ikke kan skrives ut. Bytt dem ut, og send brevet på nytt.",
        "Tegnene er usynlige, eller skriften brevet skrives ut med, har dem ikke.",
        "Skriv teksten på nytt for hånd, eller velg kun digital levering.",
    ),
    "KONTROLL_MISLYKTES": _F(
        "Brevet kunne ikke kontrolleres. Send det på nytt. Skjer det igjen, kontakt brukerstøtte og oppgi id-en.",
        "Kontrollen av dokumentene feilet flere ganger hos oss. Brevet er ikke sendt.",
        "Send brevet på nytt med ny id og ny nøkkel. Skjer det igjen, kontakt brukerstøtte.",
    ),
}

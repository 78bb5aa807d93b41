"""Faults of a submitted letter and of its receiver."""

from __future__ import annotations

from portal.texts.error_text import LEVERANDOR, RETT, Feiltekst
from portal.texts.error_text import Feiltekst as _F

BREVET: dict[str, Feiltekst] = {
    "TITTEL_MANGLER": _F(
        "Tittelen mangler. Skriv hva brevet gjelder.", "Tittelen mangler eller er tom.", RETT
    ),
    "TITTEL_FOR_LANG": _F(
        "Tittelen er for lang. Den kan ha høyst {grense} tegn.",
        "Tittelen har for mange tegn.",
        "Kort inn tittelen.",
    ),
    "KONTERINGSKODE_UGYLDIG": _F(
        "Konteringskoden kan ikke brukes. Den kan ha høyst 20 tegn: bokstaver, tall, bindestrek, punktum og, "
        "i REST v2 og v3, understrek.",
        "Koden er for lang eller har andre tegn.",
        RETT,
    ),
    "EKSTERN_REFERANSE_FOR_LANG": _F(
        "Den eksterne referansen er for lang. Den kan ha høyst {grense} tegn.",
        "Referansen har for mange tegn.",
        "Kort inn referansen.",
    ),
    "KORRELASJONSID_FOR_LANG": _F(
        "Korrelasjons-id-en er for lang. Den kan ha høyst {grense} tegn.",
        "Id-en har for mange tegn.",
        LEVERANDOR,
    ),
    "AVGIVENDE_SYSTEM_FOR_LANGT": _F(
        "Navnet på avsendersystemet er for langt. Det kan ha høyst {grense} tegn.",
        "Navnet har for mange tegn.",
        LEVERANDOR,
    ),
    "AVGIVENDE_AKTOR_FOR_LANG": _F(
        "Navnet på den som sender, er for langt. Det kan ha høyst {grense} tegn.",
        "Feltet avgivendeSystemAktor har for mange tegn.",
        LEVERANDOR,
    ),
    "FORSENDELSESTYPE_UGYLDIG": _F(
        "Forsendelsestypen finnes ikke. Velg en type fra listen, eller la feltet stå tomt.",
        "Typen er ikke i listen (v3), eller den er lengre enn 100 tegn.",
        "Hent listen over forsendelsestyper, og bruk en derfra.",
    ),
    "EKSPONERT_UGYLDIG": _F(
        "Listen over andre som skal få lese, har et nummer som ikke er gyldig, eller flere enn {grense} numre. "
        "Kontroller numrene.",
        "Feltet eksponertFor kan bare ha gyldige fødselsnumre, d-numre og organisasjonsnumre.",
        RETT,
    ),
    "EKSPONERT_DUPLIKAT": _F(
        "Samme nummer står flere ganger i listen over andre som skal få lese. Ta bort det som er dobbelt.",
        "Feltet eksponertFor har samme nummer to ganger.",
        "Ta bort det som er dobbelt.",
    ),
    "LENKER_FOR_MANGE": _F(
        "Brevet har for mange lenker. Det kan ha høyst {grense}.",
        "Brevet har for mange lenker.",
        "Ta bort lenker.",
    ),
    "LENKE_UGYLDIG": _F(
        "En lenke kan ikke brukes. Skriv hele adressen, med http eller https, uten mellomrom.",
        "Adressen er ikke en hel http- eller https-adresse, har brukernavn i seg, eller er for lang.",
        RETT,
    ),
    "LENKETEKST_UGYLDIG": _F(
        "En lenke mangler tekst, eller teksten er for lang. Den må ha 1 til {grense} tegn.",
        "Teksten eller ledeteksten er tom eller for lang.",
        RETT,
    ),
    "NIVA4_UTEN_KRYPTERING": _F(
        "Brev på nivå 4 (høyt) må ha krypterte filer. Krypter filene, eller velg nivå 3.",
        "Nivå 4 er valgt uten at kryptert er satt.",
        "Hent SvarUts offentlige nøkkel på /forsendelse/publickey/hent, krypter filene med den, og sett kryptert. "
        "Dokumentasjonen sier hvordan, under Krypterte filer.",
    ),
    "SVARLENKE_UTEN_ORGNR": _F(
        "Mottakeren kan bare svare når svarene har et sted å gå. Oppgi organisasjonsnummer i svarSendesTil.",
        "Svarlenke er valgt uten at svarSendesTil har et organisasjonsnummer.",
        "Oppgi organisasjonsnummeret som skal få svarene, eller slå av svarlenken.",
    ),
    "SVARADRESSE_UGYLDIG": _F(
        "Adressen svar skal sendes til, er ikke fullstendig. Kontroller navn og nummer i svarSendesTil.",
        "Navnet mangler, nummeret er ikke gyldig, eller typen passer ikke til nummeret.",
        RETT,
    ),
    "NOARK_UGYLDIG": _F(
        "Opplysningene om sak og journalpost har en verdi som ikke kan brukes. Kontroller {felt}.",
        "En verdi er for lang eller har feil type.",
        RETT,
    ),
    "TEKST_MED_NULLTEGN": _F(
        "Teksten i {felt} har tegn som ikke kan brukes. Skriv teksten på nytt, og send igjen.",
        "Teksten har nulltegn eller andre styretegn, som gjerne følger med når tekst er limt inn.",
        "Skriv teksten på nytt for hånd.",
    ),
}

MOTTAKEREN: dict[str, Feiltekst] = {
    "MOTTAKER_MANGLER": _F(
        "Mottakeren mangler. Oppgi hvem brevet er til.", "Brevet har ingen mottaker.", RETT
    ),
    "MOTTAKERNAVN_MANGLER": _F(
        "Navnet på mottakeren mangler. Fyll ut navnet.", "Navnet mangler eller er tomt.", RETT
    ),
    "MOTTAKERNAVN_FOR_LANGT": _F(
        "Navnet på mottakeren er for langt. Det kan ha høyst {grense} tegn.",
        "Navnet har for mange tegn.",
        "Kort inn navnet.",
    ),
    "DIGITAL_ID_UGYLDIG": _F(
        "Nummeret til mottakeren er ikke et gyldig fødselsnummer, d-nummer eller organisasjonsnummer. "
        "Kontroller nummeret.",
        "Nummeret har feil lengde eller feil kontrollsiffer.",
        RETT,
    ),
    "DIGITAL_ID_MANGLER": _F(
        "Nummeret til mottakeren mangler. Oppgi fødselsnummer eller organisasjonsnummer.",
        "Brevet kan bare sendes digitalt til en mottaker med nummer, eller digitalAdresse er med uten at nummeret står "
        "i feltet det skal stå i.",
        "Oppgi nummeret i riktig felt, og send på nytt. Skal brevet bare på papir, utelates hele digitalAdresse.",
    ),
    "IKKE_PERSON": _F(
        "Mottakeren er en virksomhet. Send brevet til organisasjon i stedet.",
        "Nummeret er et organisasjonsnummer.",
        "Bruk operasjonen for organisasjoner.",
    ),
    "IKKE_ORGANISASJON": _F(
        "Mottakeren er ikke en virksomhet. Send brevet til person i stedet, eller kontroller nummeret.",
        "Nummeret er ikke et organisasjonsnummer.",
        "Bruk operasjonen for personer, eller rett nummeret.",
    ),
    "ADRESSE_MANGLER": _F(
        "Adressen til mottakeren mangler, så brevet kan ikke skrives ut. Fyll ut adressen.",
        "Brevet kan bli skrevet ut, men har ingen adresse.",
        "Fyll ut adressen, eller velg kun digital levering.",
    ),
    "ADRESSE_FOR_LANG": _F(
        "Adressen er for lang til å skrives ut. Grensen er {grense} tegn.",
        "En adresselinje i v3, eller poststedet, har flere enn 70 tegn. I v1, v2 og SOAP har adresselinjene til sammen "
        "flere enn 210. Eller postnummeret har flere enn 20.",
        "Kort inn adressen.",
    ),
    "POSTNUMMER_UGYLDIG": _F(
        "Postnummeret til mottakeren mangler eller er feil. Norske postnumre har fire siffer.",
        "Postnummeret er ikke fire siffer, og landet er Norge eller ikke oppgitt.",
        "Rett postnummeret, eller oppgi land.",
    ),
    "POSTSTED_MANGLER": _F(
        "Poststedet til mottakeren mangler. Fyll ut poststedet.", "Poststedet mangler eller er tomt.", RETT
    ),
    "LAND_UKJENT": _F(
        "Landet i adressen er ukjent. Bruk landkoden med to bokstaver.",
        "Landkoden i v3 er ingen kode vi kjenner.",
        RETT,
    ),
}

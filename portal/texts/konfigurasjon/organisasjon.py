"""Texts of the organisation's own pages: its data, services, agreements, kontoer; and of the root plane."""

from __future__ import annotations

from typing import NamedTuple

from portal.texts.form_fields import Feltbeskrivelse

TEKSTER: dict[str, str] = {
    "KORTNAVN_UGYLDIG": (
        "Skriv 2 til 200 tegn, med en bokstav eller et tall først. "
        "Du kan bruke bokstaver, tall, mellomrom og tegnene _ . , / -."
    ),
    "LINJE_UGYLDIG": "Teksten er for lang, eller har tegn som ikke kan brukes. Skriv den kortere, på én linje.",
    "INNEHOLDER_PERSONNUMMER": "Her skal det ikke stå fødselsnummer. Ta det bort.",
    "FYLL_UT_FELTET": "Fyll ut {felt}.",
    "PERSONNAVN_UGYLDIG": "Skriv personens fulle navn, minst to bokstaver.",
    "EPOST_UGYLDIG": "E-postadressen er ikke gyldig. Skriv den slik: navn@kommune.no.",
    "EPOST_FOR_MANGE": "Du kan oppgi høyst ti e-postadresser. Ta bort noen.",
    "TELEFON_UGYLDIG": "Telefonnummeret er ikke gyldig. Bruk tall og mellomrom, med + foran landkoden.",
    "NETTSTED_UGYLDIG": "Nettadressen er ikke gyldig. Skriv den slik: www.kommune.no.",
    "POSTNUMMER_FORM": "Postnummeret skal ha fire siffer, for eksempel 0010.",
    "KOMMUNENR_MANGLER": "Fyll ut kommunenummeret. Brev om eiendommer i en kommune oppgir det.",
    "KOMMUNENR_FORM": "Kommunenummeret skal ha fire siffer, for eksempel 0301.",
    "ORGANISASJON_FINNES": "Det finnes en organisasjon med dette organisasjonsnummeret fra før.",
    "ADMINISTRATOR_BEGRUNNELSE": "Skriv hvorfor, med minst fem tegn. Organisasjonen ser begrunnelsen.",
    "OPPLYSNINGER_ENDRET_TITTEL": "Noen andre har endret dette mens du hadde siden oppe",
    "OPPLYSNINGER_ENDRET": (
        "Ingenting av det du skrev, er lagret. Skjemaet viser det som står nå, med det du skrev satt inn på nytt. "
        "Se over, og lagre hvis det fortsatt stemmer."
    ),
    "OPPSETT_MANGLER": "Oppsettet er ikke ferdig. Fyll ut trinnene som mangler, først.",
    "OPPSETT_PAAGAAR": (
        "Organisasjonen er ikke satt opp ennå. "
        "En administrator må fullføre førstegangsoppsettet før du kan arbeide her."
    ),
    "AVTALETITTEL_UGYLDIG": "Skriv en tittel på én linje, mellom 3 og 200 tegn.",
    "AVTALETEKST_MANGLER": "Avtalen har ingen tekst, eller er lengre enn 200 000 tegn.",
    "AVTALE_UENDRET": "Versjonen som gjelder, har samme tekst. Ingenting er publisert.",
    "LOGO_ENDRET": (
        "Noen andre har byttet eller fjernet logoen mens du hadde siden oppe. Ingenting er endret. Se hvilken logo "
        "som står nå, og gjør det på nytt hvis det fortsatt trengs."
    ),
    "LOGO_MANGLER": "Velg en fil med logoen.",
    "AVTALE_NY_VERSJON": (
        "En annen har publisert en ny versjon mens du skrev. Ingenting er publisert. "
        "Se hva som gjelder nå, og gjør endringene dine i den teksten."
    ),
    "PERSON_KJENT_UNDER_ANNET_NAVN": (
        "Fødselsnummeret hører til en som er kjent her under et annet navn. Rett nummeret, eller skriv navnet slik "
        "personen ser det øverst på siden som innlogget. Er det feil der, må det rettes først."
    ),
    "PERSON_IKKE_KJENT_SLIK": (
        "Ingen er kjent her med både dette fødselsnummeret og dette navnet. Kontroller begge. "
        "Personen ser navnet sitt øverst på siden som innlogget."
    ),
    "EGET_NAVN": "Du kan ikke rette ditt eget navn. Be en annen operatør om det.",
    "UTSENDINGER_ER_LAGET": (
        "Ingenting er endret, for organisasjonen har brev som er laget med det som står nå, og ikke er sendt ennå. "
        "De er i utsending {utsendinger}. Vent til brevene er sendt, eller be organisasjonen trekke tilbake det som "
        "ikke er frigitt."
    ),
    "TYPE_MANGLER": "Velg hva slags organisasjon det er.",
    "ROT_ENHET_FUNNET": "{orgnr} er {navn} i Enhetsregisteret.",
    "ROT_ENHET_SLETTET": (
        "{navn} ({orgnr}) er slettet i Enhetsregisteret. Kontroller nummeret med organisasjonen før du går videre."
    ),
    "ROT_ENHET_UKJENT": (
        "Enhetsregisteret kjenner ikke {orgnr}. I testmiljø kan nummeret likevel være riktig. "
        "Kontroller det med organisasjonen før du går videre."
    ),
    "ROT_ENHET_INGEN_SVAR": (
        "Enhetsregisteret svarer ikke nå, så vi kan ikke vise hvem {orgnr} er. "
        "Kontroller nummeret selv før du går videre."
    ),
    "AVTALE_ENDRET": (
        "Avtalen er kommet i en ny versjon mens du leste. Ingenting er signert. Les den nye versjonen før du signerer."
    ),
    "AVTALE_SIGNERT_FRA_FOR": "Organisasjonen har signert denne versjonen fra før. Du trenger ikke gjøre noe.",
    "AVTALE_MANGLER": "Hovedavtalen og tjenestevedlegget må være signert før tjenesten kan opprettes.",
    "HOVEDAVTALE_FORST": "Hovedavtalen må signeres først.",
    "SIGNATURNAVN_STEMMER_IKKE": (
        "Skriv navnet ditt slik det står øverst på siden. Er det feil der, kan driftsorganisasjonen rette det."
    ),
    "SIGNERING_IKKE_BEKREFTET": "Kryss av for at du har lest avtalen og kan binde organisasjonen.",
    "TJENESTE_UKJENT": "Tjenesten finnes ikke. Velg blant tjenestene i listen.",
    "TJENESTE_IKKE_TILGJENGELIG": "Tjenesten er ikke laget for denne typen organisasjon.",
    "TJENESTE_IKKE_AKTIV": (
        "Organisasjonen har ikke tatt tjenesten i bruk ennå. Administratoren gjør det under «Tjenester»."
    ),
    "TJENESTE_IKKE_INITIALISERT": "Tjenesten er ikke opprettet ennå. Gjør det under «Tjenester» først.",
    "TJENESTE_INITIALISERT_FRA_FOR": "Tjenesten er opprettet fra før. Du trenger ikke gjøre noe.",
    "KONTO_MANGLER_I_TJENESTEN": "Lag minst én konto før tjenesten tas i bruk.",
    "KONTO_AVSENDER_FINNES": "En annen konto bruker dette avsendernavnet. Velg et annet.",
    "KONTO_IKKE_AKTIV": "Kontoen er stengt, så det kan ikke sendes noe nytt fra den. Administratoren kan åpne den.",
}

TYPER: dict[str, str] = {
    "KOMMUNE": "Kommune",
    "FYLKESKOMMUNE": "Fylkeskommune",
    "KOMMUNAL_VIRKSOMHET": "Kommunal virksomhet",
    "STATLIG_VIRKSOMHET": "Statlig virksomhet",
    "LEVERANDOR": "Leverandør",
    "UKJENT": "Ukjent",
}


class Tjenestetekst(NamedTuple):
    navn: str
    beskrivelse: str


TJENESTER: dict[str, Tjenestetekst] = {
    "SVARUT": Tjenestetekst("SvarUt", "Send brev til innbyggere og virksomheter, digitalt eller på papir."),
    "SVARINN": Tjenestetekst("SvarInn", "Motta brev fra andre virksomheter rett inn i egne systemer."),
    "VARSLING": Tjenestetekst("Varsling", "Send SMS til mange på en gang, eller fra fagsystemene."),
}

TRINN: dict[str, str] = {
    "kontakt": "Adresse og varsler",
    "faktura": "Faktura",
    "innbyggere": "Kontakt for innbyggere",
    "avtaleadministrator": "Avtaleadministrator",
    "bekreft": "Se over",
}


ORGANISASJONSFELT: dict[str, str] = {
    "type": "Type",
    "navn": "Navn",
    "orgnr": "Organisasjonsnummer",
    "kommunenr": "Kommunenummer",
    "fnr": "Fødselsnummer",
    "personnavn": "Fullt navn",
    "begrunnelse": "Hvorfor",
    "fra": "Navnet som står nå",
    "til": "Riktig navn",
}
"""What the fields of the root plane's forms are called."""

PERSONFELT: tuple[Feltbeskrivelse, ...] = (
    Feltbeskrivelse(
        "fnr", "Fødselsnummer", "Elleve siffer. Nummeret vises aldri i klartekst etterpå.", "numeric", True
    ),
    Feltbeskrivelse("personnavn", "Fullt navn"),
    Feltbeskrivelse("tittel", "Tittel (valgfritt)", "For eksempel kommunedirektør."),
    Feltbeskrivelse("epost", "E-post (valgfritt)", "", "email"),
    Feltbeskrivelse("telefon", "Telefon (valgfritt)", "", "tel", True),
)

SKJEMAFELT: dict[str, tuple[Feltbeskrivelse, ...]] = {
    "kontakt": (
        Feltbeskrivelse("adresselinje1", "Postadresse", "Gate og nummer, eller postboks."),
        Feltbeskrivelse("postnr", "Postnummer", "", "numeric", True),
        Feltbeskrivelse("poststed", "Poststed"),
        Feltbeskrivelse("epost", "E-post i brev", "Står på brevene dere sender.", "email"),
        Feltbeskrivelse(
            "varsel_epost",
            "E-post for beskjeder",
            "Hit skriver de som drifter plattformen, når de må si fra om brevene deres eller om avtaler. Det kommer "
            "ingen varsler hit av seg selv. Én adresse på hver linje, høyst ti.",
            linjer=3,
        ),
    ),
    "faktura": (
        Feltbeskrivelse("orgnr", "Organisasjonsnummer", "Ni siffer.", "numeric", True),
        Feltbeskrivelse("navn", "Navn på fakturaen"),
        Feltbeskrivelse(
            "juridisk_navn", "Juridisk navn (valgfritt)", "Når det er et annet enn navnet på fakturaen."
        ),
        Feltbeskrivelse("adresselinje1", "Fakturaadresse"),
        Feltbeskrivelse("adresselinje2", "Fakturaadresse, linje 2 (valgfritt)"),
        Feltbeskrivelse("postnummer", "Postnummer", "", "numeric", True),
        Feltbeskrivelse("poststed", "Poststed"),
        Feltbeskrivelse("referanse", "Deres referanse (valgfritt)", "Bestillerkode eller ansvar."),
        Feltbeskrivelse("epost", "E-post (valgfritt)", "", "email"),
        Feltbeskrivelse("telefon", "Telefon (valgfritt)", "", "tel", True),
        Feltbeskrivelse("kundenummer", "Kundenummer hos KS (valgfritt)", "", "", True),
        Feltbeskrivelse(
            "endepunkt_id",
            "Adresse i ELMA (valgfritt)",
            "Organisasjonsnummeret som tar imot EHF-faktura.",
            "numeric",
            True,
        ),
    ),
    "innbyggere": (
        Feltbeskrivelse(
            "innbygger_epost",
            "E-post for innbyggere",
            "Fagsystemer kan hente den. På brevene står «E-post i brev».",
            "email",
        ),
        Feltbeskrivelse("telefon", "Telefon (valgfritt)", "", "tel", True),
        Feltbeskrivelse("nettsted", "Nettsted (valgfritt)", "For eksempel www.kommune.no."),
        Feltbeskrivelse("apningstid", "Åpningstid (valgfritt)", "For eksempel mandag–fredag 9–15."),
    ),
    "avtaleadministrator": PERSONFELT,
}

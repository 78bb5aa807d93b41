"""Texts of the audit log's page and of its file."""

from __future__ import annotations

TEKSTER: dict[str, str] = {
    "REVISJON_FOR_MANGE": (
        "Utvalget har flere enn {grense} hendelser, og så mange kan ikke lastes ned i én fil. "
        "Velg en kortere periode eller en bestemt handling."
    ),
    "PERIODE_BAKVENDT": "Til-datoen er før fra-datoen. Rett en av dem.",
    "SOK_MED_FODSELSNUMMER": (
        "Revisjonsloggen inneholder ikke fødselsnummer, og kan ikke søkes i med det. "
        "Søk med navnet på den som gjorde det, eller id-en til den eller det det gjaldt."
    ),
}

MOTTAKEREN, UTEN_NAVN = "Mottakeren", "Uten navn"
AKTORTYPER = {"PERSON": "Person", "INTEGRASJON": "Integrasjon", "SYSTEM": "Plattformen selv"}
UTFALL = {"OK": "Utført", "AVVIST": "Avvist", "FEIL": "Feilet"}
KANALER = {"WEB": "portalen", "API": "API", "WORKER": "bakgrunnsjobb"}
TJENESTER = {
    "FIKS_ORG": "Fiks-konfigurasjon",
    "SVARUT": "SvarUt",
    "SVARINN": "SvarInn",
    "VARSLING": "Varsling",
    "REGISTER": "Registeroppslag",
}

OBJEKTTYPER = {
    "aktor": "Person eller integrasjon",
    "avtale": "Avtale",
    "brevfil": "Opplastet brev",
    "edialog_mottaker": "Mottaker i eDialog",
    "edialog_skjema": "Henvendelse i eDialog",
    "forsendelse": "Brev",
    "forsendelser": "Brev",
    "gjennomgang": "Gjennomgang av tilganger",
    "gruppe": "Gruppe",
    "hovednokkel": "Hovednøkkel",
    "innlogging": "Innlogging",
    "integrasjon": "Integrasjon",
    "konto": "Konto",
    "levering": "Levering",
    "mal": "Mal",
    "mottakersystem": "Mottakersystem",
    "objektlager": "Dokumentlager",
    "organisasjon": "Organisasjon",
    "person": "Person",
    "plattform": "Plattformen",
    "printleverandor": "Trykkeri",
    "printordre": "Printordre",
    "printpakke": "Pakke til trykkeri",
    "register": "Register",
    "revisjonslogg": "Revisjonslogg",
    "sesjon": "Innlogging",
    "smskonto": "SMS-konto",
    "tilgang": "Tilgang",
    "tilganger": "Tilganger",
    "tjeneste": "Tjeneste",
    "utsending": "Utsending",
    "utsendingsrad": "Brev i utsending",
}
"""What an act was done to, by `Audit.objekt_type`."""

KOLONNER = (
    "Tidspunkt",
    "Hvem",
    "Fødselsnummer (maskert)",
    "Aktørtype",
    "På vegne av",
    "Integrasjon",
    "Kanal",
    "Handling",
    "Utfall",
    "Tjeneste",
    "Ressurs",
    "Type",
    "Id",
    "Navn",
    "Gjelder person",
    "Hjemmel",
    "Detaljer",
    "Forespørsel",
)

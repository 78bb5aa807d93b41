"""Texts of mottakersystemer and their notifications (fiks.svarinn, fiks.svarut.svarinn)."""

from __future__ import annotations

from portal.texts.form_fields import Feltbeskrivelse
from portal.texts.statuses import Status

TEKSTER: dict[str, str] = {
    "MANGLER_POST_ARKIV": (
        "Du mangler tilgangen «Post/arkiv» i Altinn for {orgnr}. Den kreves for å la et mottakersystem motta mer enn "
        "før. Be virksomheten om tilgangen, eller la noen som har den, gjøre det."
    ),
    "KOBLING_FINNES": (
        "Brev til {orgnr} av samme type og sikkerhetsnivå går allerede til et aktivt mottakersystem. Velg andre "
        "forsendelsestyper eller et annet nivå, eller fjern den andre koblingen først."
    ),
    "KOBLING_UTEN_TYPE": "Velg minst én type, eller velg alle typer.",
    "KOBLINGER_FOR_MANGE": "Et mottakersystem kan ha høyst {grense} koblinger.",
    "KOBLING_BORTE": (
        "Den ble fjernet mens du hadde siden oppe, så det du valgte, er ikke lagret. Under ser du hva {system} mottar "
        "nå. Skal det motta for virksomheten likevel, kobler du til virksomheten på nytt."
    ),
    "KOBLING_ENDRET_IMENS": (
        "Noen har endret hva som mottas for virksomheten, mens du hadde siden oppe. Ingenting er fjernet. Les på nytt, "
        "og fjern koblingen hvis det fortsatt er riktig."
    ),
    "KOBLING_ALT_FJERNET": "Den var alt fjernet, så det er ikke mer å gjøre. Under ser du hva {system} mottar nå.",
    "SERTIFIKAT_UGYLDIG": (
        "Filen må være ett offentlig X.509-sertifikat i PEM- eller DER-format, med RSA-nøkkel på minst 2048 bit."
    ),
    "SERTIFIKAT_ENDRET": (
        "Noen andre har byttet eller fjernet sertifikatet mens du hadde siden oppe. Ingenting er endret. Se hvilket "
        "som brukes nå, og fortsett bare hvis det er det du vil."
    ),
    "PRIVAT_NOKKEL": (
        "Filen inneholder en privat nøkkel, og er ikke tatt imot. Last opp bare sertifikatet. Den private nøkkelen "
        "skal aldri forlate fagsystemet; er den sendt andre steder, bør dere lage et nytt nøkkelpar."
    ),
    "SERTIFIKAT_VELG_FIL": "Velg filen med sertifikatet.",
    "SERTIFIKAT_UTLOPT": "Sertifikatet gikk ut {utlop}. Last opp et som gjelder.",
    "SERTIFIKAT_MANGLER": (
        "Mottakersystemet har ikke noe sertifikat, så brev kan ikke krypteres til det. "
        "Last opp sertifikatet i portalen."
    ),
    "SERTIFIKAT_ER_UTLOPT": (
        "Sertifikatet til mottakersystemet er gått ut, så brev kan ikke krypteres til det. "
        "Last opp et nytt i portalen."
    ),
    "KREVER_NIVAA_4": "Brevet krever at du er logget inn på sikkerhetsnivå 4.",
    "MOTTAK_UTEN_POST_ARKIV": (
        "For å ta imot brevet må du også ha tilgangen «Post/arkiv» i Altinn for {orgnr}, som brevet er til. Be den som "
        "styrer tilganger i Altinn der, om den. En ny tilgang virker her innen et kvarter."
    ),
    "MOTTAK_UTEN_TAUSHETSRETT": (
        "Brevet er taushetsbelagt. For å ta det imot må du ha tilgangen til post med taushetsbelagt innhold i Altinn "
        "for {orgnr}, som brevet er til; «Post/arkiv» er ikke nok. Be den som styrer tilganger i Altinn der, om den. "
        "En ny tilgang virker her innen et kvarter."
    ),
    "MOTTAK_BESVART_UKJENT": (
        "Et brev du ikke kan se her: det er ikke sendt herfra, eller du har ikke lesetilgang til kontoen det er sendt "
        "fra. Id-en er {id}."
    ),
    "MOTTAK_BESVART_SLETTET": "Brevet er slettet.",
    "MOTTAK_VANLIG_VEI": "Brevet går videre til neste kanal.",
    "MOTTAK_LAGT_KLART": "Brevet er lagt klart for {system}.",
    "MOTTAK_FLYTTET": (
        "Brevet er flyttet, og venter nå på {system}. Det du valgte, er ikke gjort, og det du skrev, er ikke lagret. "
        "Se over, og gjør det på nytt hvis det fortsatt er riktig."
    ),
    "MOTTAK_GAMMEL_SIDE_TITTEL": "Siden du sendte fra, var gammel",
    "MOTTAK_GAMMEL_SIDE": (
        "Brevet venter på {system}. Det du valgte, er ikke gjort, og det du skrev, er "
        "ikke lagret. Se over, og gjør det på nytt hvis det fortsatt er riktig."
    ),
    "MOTTAK_STENGT_TITTEL": "Du mangler en tilgang i Altinn",
    "MOTTAK_ULESELIG_TITTEL": "Brevet kan ikke leses",
    "MOTTAK_ULESELIG": (
        "Opplysningene om brevet kan ikke åpnes hos oss, så det blir heller ikke vist for fagsystemet. Det ligger her "
        "til det er rettet. Kontakt brukerstøtte, og oppgi id-en {id}."
    ),
    "MOTTAK_DELVIS_ULESELIG": (
        "Noe som hører til brevet, kan ikke åpnes hos oss, så brevet kan ikke vises her. Det ligger her til det er "
        "rettet, og fagsystemet får fortsatt tilbud om det. Kontakt brukerstøtte, og oppgi id-en {id}."
    ),
    "MELDING_ULESELIG": "Meldingen kan ikke leses.",
    "MOTTAK_ALTINN_BORTE_TITTEL": "Altinn svarer ikke",
    "MOTTAK_ALTINN_BORTE": (
        "Derfor får vi ikke vite hvilke virksomheters post du kan ta imot, og viser ingen brev. Brev som venter, "
        "ligger trygt, og fagsystemet kan fortsatt hente dem. Prøv igjen om litt."
    ),
    "NOTAT_FOR_LANGT": "Notatet kan ha høyst {grense} tegn.",
    "MOTTAKSSOK_MED_NUMMER": "Ikke søk med fødselsnummer. Skriv en del av tittelen eller avsenderen.",
    "FEILMELDING_UGYLDIG": "Fyll ut feilmelding med høyst {grense} tegn, og permanent med true eller false.",
    "MOTTAKSSTATUS_UGYLDIG": "Status må være MOTTATT eller FEILET, og FEILET må ha feil med feilmelding og permanent.",
    "PDF_FOR_STOR_TIL_VISNING": "Filen er for stor til å vises her. Last den ned i stedet.",
    "IKKE_KLAR_FOR_MOTTAK": (
        "Forsendelsen finnes ikke, eller er ikke lenger klar for mottak i dette mottakersystemet."
    ),
}

SERTIFIKATSTATUS: dict[str, Status] = {
    "GYLDIG": Status("Sertifikatet gjelder", "success"),
    "UTLOPT_SNART": Status("Sertifikatet går ut snart", "warning"),
    "UTLOPT": Status("Sertifikatet er gått ut", "danger"),
    "MANGLER": Status("Mangler sertifikat", "danger"),
}
NIVAER: dict[str, str] = {
    "ALLE": "Alle nivåer",
    "BETYDELIG": "Bare nivå 3 (betydelig)",
    "HOYESTE": "Bare nivå 4 (høyt)",
}

SYSTEMFELT: tuple[Feltbeskrivelse, ...] = (
    Feltbeskrivelse("navn", "Navn", "Navnet på fagsystemet, for eksempel Sak og arkiv.", lengst=200),
    Feltbeskrivelse(
        "eposter",
        "Varslingsadresser",
        "Én e-postadresse per linje. Ta med flere personer, og gjerne postmottaket. De får e-post når brev ikke blir "
        "hentet.",
        linjer=4,
        lengst=4000,
    ),
)
"""The form of a mottakersystem."""

KOBLINGSFELT: tuple[Feltbeskrivelse, ...] = (
    Feltbeskrivelse("organisasjonsnummer", "Organisasjonsnummer"),
    Feltbeskrivelse("navn", "Virksomhet"),
    Feltbeskrivelse("forsendelsestyper", "Typer", valg=(("", "Alle typer", ""),)),
    Feltbeskrivelse(
        "sikkerhetsniva", "Sikkerhetsnivå", valg=tuple((niva, text, "") for niva, text in NIVAER.items())
    ),
)
"""What can be other in a kobling than its page showed. Its number and name are shown there, not written."""

HANDLINGER: dict[str, str] = {
    "MOTTAKERSYSTEM_OPPRETTET": "Opprettet mottakersystem",
    "MOTTAKERSYSTEM_ENDRET": "Endret mottakersystem",
    "MOTTAKERSYSTEM_AKTIVERT": "Åpnet mottakersystem",
    "MOTTAKERSYSTEM_DEAKTIVERT": "Stengte mottakersystem",
    "MOTTAKERSYSTEM_PASSORD_GENERERT": "Laget nytt servicepassord til mottakersystem",
    "MOTTAKERSYSTEM_AUTENTISERING_FEILET": "Mottakersystem ble avvist",
    "KOBLING_OPPRETTET": "Koblet organisasjonsnummer til mottakersystem",
    "KOBLING_ENDRET": "Endret kobling til mottakersystem",
    "KOBLING_FJERNET": "Fjernet kobling til mottakersystem",
    "SERTIFIKAT_LASTET_OPP": "Lastet opp sertifikat til mottakersystem",
    "SERTIFIKAT_FJERNET": "Fjernet sertifikat fra mottakersystem",
    "BREV_HENTET_AV_MOTTAKERSYSTEM": "Hentet brev til mottakersystem",
    "BREV_KVITTERT": "Kvitterte for mottatt brev",
    "BREV_MOTTAK_FEILET": "Meldte at brev ikke kunne tas imot",
    "MOTTAK_SOKT": "Søkte i brev som venter på mottak",
    "BREV_APNET_FOR_MOTTAK": "Åpnet brev som venter på mottak",
    "BREVFIL_VIST": "Så på en side av brev som venter på mottak",
    "BREVFIL_LASTET_NED": "Lastet ned fil fra brev som venter på mottak",
    "BREV_TILDELT": "Tildelte brev som venter på mottak",
    "BREV_NOTERT": "Skrev notat til brev som venter på mottak",
    "BREV_SENDT_VIDERE": "Sendte brev videre i stedet for å motta det",
}

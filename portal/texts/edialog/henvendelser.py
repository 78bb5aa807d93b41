"""eDialog's texts: the citizen's in bokmål and nynorsk (both hold the same keys), and those of the audit log."""

from __future__ import annotations

from portal.texts import frame
from portal.texts.edialog import henvendelse_errors

NB: dict[str, str] = {
    **henvendelse_errors.NB,
    "ED_TITTEL": "Skriv til kommunen",
    "ED_VELG_INGRESS": "Finn den du vil skrive til. Finnes det et eget skjema for saken din, bør du bruke det.",
    "ED_SOK": "Søk etter kommune eller virksomhet",
    "ED_INGEN_TREFF": "Ingen som tar imot henvendelser her, har et navn som passer med søket.",
    "ED_INGEN": "Ingen tar imot henvendelser her ennå.",
    "ED_MOTTAKERE": "Du kan skrive til",
    "ED_SKRIV_TIL": "Skriv til {navn}",
    "ED_START_INGRESS": (
        "Du kan sende en melding med vedlegg. Den sendes trygt, og du får en kvittering med referanse på e-post."
    ),
    "ED_SVAR_TITTEL": "Svar på brevet",
    "ED_SVAR_INGRESS": "Svaret går til {navn} og knyttes til brevet du fikk.",
    "ED_SOM": "Hvem skriver du for?",
    "ED_SOM_SELV": "Du skriver for deg selv.",
    "ED_SOM_FOR": "Du skriver for {navn}.",
    "ED_BYTT": "Skriv for noen andre",
    "ED_HVA_GJELDER": "Hva gjelder det?",
    "ED_NOE_ANNET": "Noe annet",
    "ED_SKJEMAET": "Du skriver i skjemaet «{navn}».",
    "ED_BEGYNN": "Begynn å skrive",
    "ED_FORTSETTER": "Har du et utkast til samme mottaker, fortsetter du på det.",
    "ED_VELG_VIRKSOMHETEN": "Brevet er til en virksomhet. Velg hvem du representerer for å svare.",
    "ED_STEG": "Steg {nr} av 3",
    "ED_SKJEMA": "Hva vil du skrive?",
    "ED_TIL": "Til {navn}",
    "ED_FRA": "Fra",
    "ED_MOTTAKER": "Mottaker",
    "ED_FELT_TITTEL": "Tittel",
    "ED_FELT_TITTEL_BESK": (
        "Si kort hva saken gjelder. Har du et saksnummer, skriv det her. Alle som ser posten til mottakeren, kan se "
        "tittelen. Skriv følsomme opplysninger i meldingen, ikke her."
    ),
    "ED_FELT_MELDING": "Melding",
    "ED_FELT_MELDING_BESK": "Meldingen blir et eget PDF-dokument. Skriv ikke mer enn mottakeren trenger å vite.",
    "ED_AVSENDER": "Om deg som avsender",
    "ED_NAVN": "Navn",
    "ED_ADRESSE1": "Adresse",
    "ED_ADRESSE2": "Adresse, linje 2 (valgfritt)",
    "ED_ADRESSE3": "Adresse, linje 3 (valgfritt)",
    "ED_POSTNR": "Postnummer",
    "ED_POSTSTED": "Poststed",
    "ED_LAND": "Land (la stå tomt for Norge)",
    "ED_EPOST": "E-post til kvitteringen (valgfritt)",
    "ED_EPOST_BESK": "Lar du feltet stå tomt, bruker vi adressen i kontaktregisteret hvis du har en der.",
    "ED_TELEFON": "Telefon (valgfritt)",
    "ED_SENSITIVT": "Meldingen inneholder følsomme opplysninger",
    "ED_SENSITIVT_BESK": "For eksempel om helse eller familie. Da må både du og mottakeren logge inn på nivå 4.",
    "ED_SENSITIVT_FAST": "Brevet du svarer på, krever nivå 4. Det gjør svaret også.",
    "ED_NESTE_VEDLEGG": "Gå videre til vedlegg",
    "ED_VEDLEGG": "Vedlegg",
    "ED_VEDLEGG_INGRESS": (
        "Vedlegg må være PDF, høyst {antall} filer og {mb} MB til sammen. Har du bilder eller andre filer, "
        "lagrer du dem som PDF først. Har du ingen vedlegg, går du bare videre."
    ),
    "ED_VEDLEGG_FELT": "Velg PDF-filer",
    "ED_LAST_OPP": "Last opp",
    "ED_LASTET_OPP": "Vedlegget er lagt ved.",
    "ED_FJERN": "Fjern",
    "ED_FJERN_HVILKEN": "Fjern {filnavn}",
    "ED_FJERNET": "Vedlegget er fjernet.",
    "ED_INGEN_VEDLEGG": "Ingen vedlegg.",
    "ED_NESTE_SJEKK": "Gå videre til oppsummering",
    "ED_TILBAKE": "Tilbake",
    "ED_SJEKK": "Se over og send",
    "ED_SJEKK_INGRESS": "Når du har sendt, kan du ikke endre noe.",
    "ED_ENDRE": "Endre",
    "ED_NIVA": "Følsomme opplysninger",
    "ED_JA": "Ja, sendes på nivå 4",
    "ED_NEI": "Nei",
    "ED_KVITTERING_TIL": "Kvittering",
    "ED_KVITTERING_KRR": "Til adressen din i kontaktregisteret",
    "ED_KVITTERING_INGEN": "Ingen e-post er oppgitt",
    "ED_SEND": "Send",
    "ED_SLETT": "Slett utkastet",
    "ED_SLETT_SPOR": "Vil du slette utkastet?",
    "ED_SLETT_INGRESS": "Det du har skrevet til {navn}, og vedleggene, blir borte. Ingenting er sendt.",
    "ED_SLETT_ULESELIG": "Det du har skrevet, kan ikke leses, og blir borte med vedleggene. Ingenting er sendt.",
    "ED_SLETTET": "Utkastet er slettet.",
    "ED_ALT_SLETTET": "Utkastet var alt slettet. Det er ikke mer å gjøre.",
    "ED_ULESELIG": "Denne kan ikke leses",
    "ED_ULESELIG_HJELP": "Det du skrev, er skadet hos oss, og er ikke sendt. Slett utkastet, og skriv det på nytt.",
    "ED_BEHOLD": "Behold utkastet",
    "ED_KVITTERING": "Henvendelsen er sendt",
    "ED_KVITTERING_PAA_VEI": "Vi har tatt imot henvendelsen din",
    "ED_KVITTERING_INGRESS": "Til {navn}. Sendt {tid}.",
    "ED_UNDERVEIS": (
        "Den sendes nå. Du trenger ikke vente her: kvitteringen kommer på e-post, og du finner henvendelsen igjen "
        "under Mine henvendelser."
    ),
    "ED_REFERANSE": "Referanse",
    "ED_REFERANSE_BESK": "Oppgi referansen hvis du tar kontakt om henvendelsen.",
    "ED_LAST_NED": "Last ned det du sendte",
    "ED_FRAMDRIFT": "Status",
    "ED_F_PAA_VEI": "På vei til mottakeren",
    "ED_F_FRAMME": "Framme hos mottakeren",
    "ED_F_LEST": "Lest av mottakeren",
    "ED_F_IKKE_FRAMME": "Kom ikke fram. Kontakt mottakeren på en annen måte, og oppgi referansen.",
    "ED_S_IKKE_INNSENDT": "Utkast",
    "ED_S_UNDER_INNSENDING": "Sendes",
    "ED_S_INNSENDING_FEILET": "Ikke sendt",
    "ED_S_INNSENDT": "Sendt",
    "ED_FEIL": "Feil",
    "ED_FEILET": "Henvendelsen ble ikke sendt",
    "ED_MINE": "Mine henvendelser",
    "ED_MINE_INGRESS": "Det du har skrevet til kommunen, og utkast du ikke har sendt. Utkast slettes etter 30 dager.",
    "ED_MINE_TOM_TITTEL": "Du har ingen henvendelser",
    "ED_MINE_TOM": "Når du skriver til kommunen, finner du det igjen her.",
    "ED_HOYERE": "{antall} med følsomme opplysninger krever at du er logget inn på nivå 4.",
    "ED_RETT_OPP": "Rett opp dette før du går videre:",
    "ED_ENDRET_IMENS": "Utkastet er endret i mellomtiden",
    "ED_VIS_LAGRET": "Forkast dette, og vis det som er lagret",
    "ED_USYNLIG": "usynlig tegn ({nummer})",
    "ED_FLERE_MOTTAKERE": "Viser de {antall} første. Søk for å finne flere.",
    "ED_MOTTAKER_MED_NUMMER": "{navn} (org.nr. {orgnr})",
    "ED_NY_MOTTAKER": (
        "Mottakeren har byttet navn eller organisasjonsnummer etter at du begynte på utkastet. "
        "Kontroller at dette er den du vil skrive til."
    ),
    "ED_IKKE_SENDT": "Henvendelsen er ikke sendt",
    **{kode: frame.TEKSTER[kode] for kode in ("NIVA_TITTEL", "NIVA", "NIVA_SKJEMA")},
    "NIVA_KNAPP": "Logg inn på nivå {nivaa}",
    "SKJEMA_TATT_VARE_PA_TITTEL": "Det du skrev, er tatt vare på",
    "SKJEMA_TATT_VARE_PA_INGRESS": (
        "Ingenting er sendt eller lagret ennå, for du logget inn på nytt eller byttet hvem du representerer etter at "
        "du åpnet siden. Se over, og send skjemaet på nytt hvis det stemmer."
    ),
    "SKJEMA_AKTOR": "Skrev du for noen andre enn den du representerer nå, må du bytte tilbake først.",
    "SKJEMA_FILER": "Filer er ikke tatt vare på. Skal du sende en fil, går du tilbake til siden og velger den på nytt.",
    "SKJEMA_SEND": "Send på nytt",
    "SKJEMA_FORKAST": "Forkast og gå tilbake til siden",
    "ROLLER_NEDE_SKREVET": (
        "Vi får ikke sjekket hvem du kan representere, så det du skrev, er ikke lagret. Det står nedenfor. "
        "La siden stå åpen, vent litt og prøv igjen."
    ),
}

NN: dict[str, str] = {
    **henvendelse_errors.NN,
    "ED_TITTEL": "Skriv til kommunen",
    "ED_VELG_INGRESS": "Finn den du vil skrive til. Finst det eit eige skjema for saka di, bør du bruke det.",
    "ED_SOK": "Søk etter kommune eller verksemd",
    "ED_INGEN_TREFF": "Ingen som tek imot meldingar her, har eit namn som passar med søket.",
    "ED_INGEN": "Ingen tek imot meldingar her enno.",
    "ED_MOTTAKERE": "Du kan skrive til",
    "ED_SKRIV_TIL": "Skriv til {navn}",
    "ED_START_INGRESS": (
        "Du kan sende ei melding med vedlegg. Ho blir send trygt, og du får ei kvittering med referanse på e-post."
    ),
    "ED_SVAR_TITTEL": "Svar på brevet",
    "ED_SVAR_INGRESS": "Svaret går til {navn} og blir knytt til brevet du fekk.",
    "ED_SOM": "Kven skriv du for?",
    "ED_SOM_SELV": "Du skriv for deg sjølv.",
    "ED_SOM_FOR": "Du skriv for {navn}.",
    "ED_BYTT": "Skriv for nokon andre",
    "ED_HVA_GJELDER": "Kva gjeld det?",
    "ED_NOE_ANNET": "Noko anna",
    "ED_SKJEMAET": "Du skriv i skjemaet «{navn}».",
    "ED_BEGYNN": "Byrj å skrive",
    "ED_FORTSETTER": "Har du eit utkast til same mottakar, held du fram på det.",
    "ED_VELG_VIRKSOMHETEN": "Brevet er til ei verksemd. Vel kven du representerer for å svare.",
    "ED_STEG": "Steg {nr} av 3",
    "ED_SKJEMA": "Kva vil du skrive?",
    "ED_TIL": "Til {navn}",
    "ED_FRA": "Frå",
    "ED_MOTTAKER": "Mottakar",
    "ED_FELT_TITTEL": "Tittel",
    "ED_FELT_TITTEL_BESK": (
        "Sei kort kva saka gjeld. Har du eit saksnummer, skriv det her. Alle som ser posten til mottakaren, kan sjå "
        "tittelen. Skriv følsame opplysningar i meldinga, ikkje her."
    ),
    "ED_FELT_MELDING": "Melding",
    "ED_FELT_MELDING_BESK": "Meldinga blir eit eige PDF-dokument. Skriv ikkje meir enn mottakaren treng å vite.",
    "ED_AVSENDER": "Om deg som avsendar",
    "ED_NAVN": "Namn",
    "ED_ADRESSE1": "Adresse",
    "ED_ADRESSE2": "Adresse, linje 2 (valfritt)",
    "ED_ADRESSE3": "Adresse, linje 3 (valfritt)",
    "ED_POSTNR": "Postnummer",
    "ED_POSTSTED": "Poststad",
    "ED_LAND": "Land (lat stå tomt for Noreg)",
    "ED_EPOST": "E-post til kvitteringa (valfritt)",
    "ED_EPOST_BESK": "Lèt du feltet stå tomt, brukar vi adressa i kontaktregisteret om du har ei der.",
    "ED_TELEFON": "Telefon (valfritt)",
    "ED_SENSITIVT": "Meldinga inneheld følsame opplysningar",
    "ED_SENSITIVT_BESK": "Til dømes om helse eller familie. Då må både du og mottakaren logge inn på nivå 4.",
    "ED_SENSITIVT_FAST": "Brevet du svarar på, krev nivå 4. Det gjer svaret også.",
    "ED_NESTE_VEDLEGG": "Gå vidare til vedlegg",
    "ED_VEDLEGG": "Vedlegg",
    "ED_VEDLEGG_INGRESS": (
        "Vedlegg må vere PDF, høgst {antall} filer og {mb} MB til saman. Har du bilete eller andre filer, "
        "lagrar du dei som PDF først. Har du ingen vedlegg, går du berre vidare."
    ),
    "ED_VEDLEGG_FELT": "Vel PDF-filer",
    "ED_LAST_OPP": "Last opp",
    "ED_LASTET_OPP": "Vedlegget er lagt ved.",
    "ED_FJERN": "Fjern",
    "ED_FJERN_HVILKEN": "Fjern {filnavn}",
    "ED_FJERNET": "Vedlegget er fjerna.",
    "ED_INGEN_VEDLEGG": "Ingen vedlegg.",
    "ED_NESTE_SJEKK": "Gå vidare til oppsummering",
    "ED_TILBAKE": "Tilbake",
    "ED_SJEKK": "Sjå over og send",
    "ED_SJEKK_INGRESS": "Når du har sendt, kan du ikkje endre noko.",
    "ED_ENDRE": "Endre",
    "ED_NIVA": "Følsame opplysningar",
    "ED_JA": "Ja, blir send på nivå 4",
    "ED_NEI": "Nei",
    "ED_KVITTERING_TIL": "Kvittering",
    "ED_KVITTERING_KRR": "Til adressa di i kontaktregisteret",
    "ED_KVITTERING_INGEN": "Ingen e-post er oppgitt",
    "ED_SEND": "Send",
    "ED_SLETT": "Slett utkastet",
    "ED_SLETT_SPOR": "Vil du slette utkastet?",
    "ED_SLETT_INGRESS": "Det du har skrive til {navn}, og vedlegga, blir borte. Ingenting er sendt.",
    "ED_SLETT_ULESELIG": "Det du har skrive, kan ikkje lesast, og blir borte med vedlegga. Ingenting er sendt.",
    "ED_SLETTET": "Utkastet er sletta.",
    "ED_ALT_SLETTET": "Utkastet var alt sletta. Det er ikkje meir å gjere.",
    "ED_ULESELIG": "Denne kan ikkje lesast",
    "ED_ULESELIG_HJELP": "Det du skreiv, er skadd hos oss, og er ikkje sendt. Slett utkastet, og skriv det på nytt.",
    "ED_BEHOLD": "Behald utkastet",
    "ED_KVITTERING": "Meldinga er send",
    "ED_KVITTERING_PAA_VEI": "Vi har teke imot meldinga di",
    "ED_KVITTERING_INGRESS": "Til {navn}. Send {tid}.",
    "ED_UNDERVEIS": (
        "Ho blir send no. Du treng ikkje vente her: kvitteringa kjem på e-post, og du finn meldinga att "
        "under Meldingane mine."
    ),
    "ED_REFERANSE": "Referanse",
    "ED_REFERANSE_BESK": "Gi opp referansen om du tek kontakt om meldinga.",
    "ED_LAST_NED": "Last ned det du sende",
    "ED_FRAMDRIFT": "Status",
    "ED_F_PAA_VEI": "På veg til mottakaren",
    "ED_F_FRAMME": "Framme hos mottakaren",
    "ED_F_LEST": "Lesen av mottakaren",
    "ED_F_IKKE_FRAMME": "Kom ikkje fram. Kontakt mottakaren på ein annan måte, og gi opp referansen.",
    "ED_S_IKKE_INNSENDT": "Utkast",
    "ED_S_UNDER_INNSENDING": "Blir send",
    "ED_S_INNSENDING_FEILET": "Ikkje send",
    "ED_S_INNSENDT": "Send",
    "ED_FEIL": "Feil",
    "ED_FEILET": "Meldinga vart ikkje send",
    "ED_MINE": "Meldingane mine",
    "ED_MINE_INGRESS": "Det du har skrive til kommunen, og utkasta dine. Utkast blir sletta etter 30 dagar.",
    "ED_MINE_TOM_TITTEL": "Du har ingen meldingar",
    "ED_MINE_TOM": "Når du skriv til kommunen, finn du det att her.",
    "ED_HOYERE": "{antall} med følsame opplysningar krev at du er logga inn på nivå 4.",
    "ED_RETT_OPP": "Rett opp dette før du går vidare:",
    "ED_ENDRET_IMENS": "Utkastet er endra i mellomtida",
    "ED_VIS_LAGRET": "Forkast dette, og vis det som er lagra",
    "ED_USYNLIG": "usynleg teikn ({nummer})",
    "ED_FLERE_MOTTAKERE": "Viser dei {antall} første. Søk for å finne fleire.",
    "ED_MOTTAKER_MED_NUMMER": "{navn} (org.nr. {orgnr})",
    "ED_NY_MOTTAKER": (
        "Mottakaren har bytt namn eller organisasjonsnummer etter at du byrja på utkastet. "
        "Kontroller at dette er den du vil skrive til."
    ),
    "ED_IKKE_SENDT": "Meldinga er ikkje send",
    "NIVA_TITTEL": "Du må logge inn på nivå {nivaa}",
    "NIVA": (
        "Dette krev at du loggar inn med tryggleiksnivå {nivaa}, til dømes med BankID. "
        "Det du sende inn no, er ikkje lagra."
    ),
    "NIVA_SKJEMA": (
        "Dette krev at du loggar inn med tryggleiksnivå {nivaa}, til dømes med BankID. Det du skreiv, er ikkje "
        "lagra, men vi tek vare på det i 15 minutt. Etter innlogginga får du skjemaet tilbake og kan sende det på nytt."
    ),
    "NIVA_KNAPP": "Logg inn på nivå {nivaa}",
    "SKJEMA_TATT_VARE_PA_TITTEL": "Det du skreiv, er teke vare på",
    "SKJEMA_TATT_VARE_PA_INGRESS": (
        "Ingenting er sendt eller lagra enno, for du logga inn på nytt eller bytte kven du representerer etter at du "
        "opna sida. Sjå over, og send skjemaet på nytt om det stemmer."
    ),
    "SKJEMA_AKTOR": "Skreiv du for nokon andre enn den du representerer no, må du byte tilbake først.",
    "SKJEMA_FILER": "Filer er ikkje tekne vare på. Skal du sende ei fil, går du tilbake til sida og vel ho på nytt.",
    "SKJEMA_SEND": "Send på nytt",
    "SKJEMA_FORKAST": "Forkast og gå tilbake til sida",
    "ROLLER_NEDE_SKREVET": (
        "Vi får ikkje sjekka kven du kan representere, så det du skreiv, er ikkje lagra. Det står nedanfor. "
        "Lat sida stå open, vent litt og prøv igjen."
    ),
}

HANDLINGER: dict[str, str] = {
    "EDIALOG_SENDT": "Sendte en henvendelse med eDialog",
    "EDIALOG_UTKAST_SLETTET": "Slettet et utkast i eDialog",
    "EDIALOG_FIL_LASTET_OPP": "La ved en fil i eDialog",
    "EDIALOG_FIL_FJERNET": "Fjernet en fil i eDialog",
    "EDIALOG_MOTTAKER_OVERTATT": "eDialog gikk over til organisasjonen som har nummeret",
    "EDIALOG_MOTTAKER_ENDRET": "Endret eDialog for konto",
    "EDIALOG_SKJEMA_LAGET": "Laget et skjema i eDialog",
    "EDIALOG_SKJEMA_ENDRET": "Endret et skjema i eDialog",
    "EDIALOG_SKJEMA_FJERNET": "Fjernet et skjema i eDialog",
}

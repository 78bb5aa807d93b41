"""Texts of a konto's settings: parts, fields and faults (fiks.konfigurasjon)."""

from __future__ import annotations

from portal.texts.form_fields import Feltbeskrivelse

TEKSTER: dict[str, str] = {
    "TEKST_UGYLDIG": "Teksten er for lang, eller har tegn som ikke kan brukes. Skriv høyst 1 000 tegn.",
    "VALG_MANGLER": "Velg ett av alternativene.",
    "LAGRINGSDAGER_UGYLDIG": "Skriv antall dager som et helt tall fra 1 til 3 650, for eksempel 90.",
    "ANGREFRIST_UGYLDIG": "Skriv antall minutter som et helt tall fra 5 til 1 440, eller la feltet stå tomt.",
    "SIGNERING_UTEN_SDP": "Signering går gjennom digital postkasse. Slå på digital postkasse, eller ta bort signering.",
    "SIGNERING_UTEN_TJENESTE": "Plattformen har ingen signeringstjeneste. Ta bort signering.",
    "FORSIDE_ORGNR_ANDRES": (
        "Organisasjonsnummeret tilhører en annen organisasjon som bruker plattformen. Skriv deres eget, eller nummeret "
        "til en av deres underenheter."
    ),
    "SDP_HOVEDORGNR": (
        "Bruk organisasjonens eget nummer, {orgnr}. Brev i digital postkasse sendes i organisasjonens navn, "
        "aldri i en underenhets eller en annens."
    ),
    "FAKTURA_MANGLER_FOR_PRINT": (
        "Trykkeriet må vite hvor fakturaen skal. Fyll ut fakturaopplysningene under «Konfigurasjon» først, "
        "eller velg at dere skriver ut selv."
    ),
}

KONTO_LAGET = (
    "Kontoen er laget. Gi noen tilgang til den før den brukes. Skal mottakerne betale, legger du inn "
    "bankkontonummeret under «Ressurser og kontoer»."
)

DELER: dict[str, str] = {
    "forside": "Forside på papirbrev",
    "altinn": "Melding i Altinn",
    "digital-postkasse": "Digital postkasse",
    "utskrift": "Utskrift",
    "lagring": "Lagring og kontakt",
    "angrefrist": "Angrefrist",
    "bankkonto": "Bankkonto",
}

INGRESSER: dict[str, str] = {
    "forside": "Dette står som avsender på forsiden av brev som går på papir.",
    "altinn": "Dette leser mottakeren i Altinn når brevet ligger der.",
    "digital-postkasse": "Digipost og e-Boks. Når digital postkasse er slått av, går brevene til Altinn i stedet.",
    "utskrift": "Hvem som skriver ut brev som må på papir.",
    "lagring": "Hvor lenge dokumentene kan hentes, og hvem som svarer for kontoen.",
    "angrefrist": "Hvor lenge en utsending kan stoppes etter at den er frigitt, før noen har fått brev.",
    "bankkonto": "Dit mottakerne skal betale. Vi sier fra når listen til en utsending har et annet kontonummer.",
}

LEVERANDORER: dict[str, str] = {
    "GRAFISK_DIGITAL": "Trykkeriet skriver ut og sender",
    "MANUELL_PRINT": "Vi skriver ut og sender selv",
}

NAVNEFELT: tuple[Feltbeskrivelse, ...] = (
    Feltbeskrivelse(
        "visningsnavn", "Navn på kontoen", "Det nye navnet vises med en gang, også på eldre utsendinger."
    ),
)

SKJEMAFELT: dict[str, tuple[Feltbeskrivelse, ...]] = {
    "forside": (
        Feltbeskrivelse(
            "orgnr",
            "Organisasjonsnummer",
            "Ni siffer. Nummeret til den som står som avsender.",
            "numeric",
            True,
        ),
        Feltbeskrivelse("navn", "Navn på avsenderen"),
        Feltbeskrivelse("adresselinje1", "Adresse", "Gate og nummer, eller postboks."),
        Feltbeskrivelse("adresselinje2", "Adresse, linje 2 (valgfritt)"),
        Feltbeskrivelse("adresselinje3", "Adresse, linje 3 (valgfritt)"),
        Feltbeskrivelse("postnr", "Postnummer", "", "numeric", True),
        Feltbeskrivelse("poststed", "Poststed"),
        Feltbeskrivelse(
            "tekst",
            "Tekst på forsiden (valgfritt)",
            "For eksempel hvor mottakeren kan spørre. Høyst 1 000 tegn.",
            linjer=5,
        ),
    ),
    "altinn": (
        Feltbeskrivelse(
            "aktiv",
            "Varsle mottakeren på SMS eller e-post",
            "Uten varsel ser mottakeren brevet først når noen logger inn. Er det ulest når lesefristen er ute, går det "
            "på papir som ellers.",
            avkryssing=True,
        ),
        Feltbeskrivelse(
            "avsendertekst",
            "Teksten i meldingen (valgfritt)",
            "Uten egen tekst står det at mottakeren har fått et brev fra organisasjonen.",
            linjer=3,
        ),
        Feltbeskrivelse(
            "ekstratekst",
            "Tekst etter meldingen (valgfritt)",
            "Vises i Altinn, men ikke i SMS og e-post.",
            linjer=3,
        ),
    ),
    "digital-postkasse": (
        Feltbeskrivelse(
            "aktiv",
            "Send til digital postkasse",
            "Bruk den først når Digdir har bekreftet registreringen, og KS har fått delegering i Altinn.",
            avkryssing=True,
        ),
        Feltbeskrivelse(
            "orgnr",
            "Organisasjonsnummer",
            "Ni siffer. Alltid hovedenhetens nummer, aldri en underenhets.",
            "numeric",
            True,
        ),
        Feltbeskrivelse(
            "avsendernavn", "Navn på underenheten (valgfritt)", "Bare når brevene kommer fra en underenhet."
        ),
        Feltbeskrivelse(
            "sdp_id", "Avsender-id i digital postkasse (valgfritt)", "Den dere har fått av Digdir.", "", True
        ),
        Feltbeskrivelse("ekstratekst", "Tekst i meldingen (valgfritt)", "Høyst 1 000 tegn.", linjer=3),
        Feltbeskrivelse(
            "med_dokumenter",
            "Legg selve brevet i postkassen",
            "Gjelder brev med én PDF på høyst 10 MB, uten lenker. Ellers får mottakeren en melding med lenke.",
            avkryssing=True,
        ),
        Feltbeskrivelse(
            "signering", "Mottakere kan signere", "For brev der fagsystemet ber om signatur.", avkryssing=True
        ),
    ),
    "utskrift": (
        Feltbeskrivelse(
            "leverandor",
            "Hvem skriver ut?",
            valg=(
                (
                    "GRAFISK_DIGITAL",
                    LEVERANDORER["GRAFISK_DIGITAL"],
                    "Krever at organisasjonens fakturaopplysninger er fylt ut.",
                ),
                (
                    "MANUELL_PRINT",
                    LEVERANDORER["MANUELL_PRINT"],
                    "Brevene venter til noen hos dere skriver dem ut.",
                ),
            ),
        ),
        Feltbeskrivelse(
            "ettersending",
            "Send ulest post til virksomheter på papir",
            "Gjelder brev som ikke er lest i Altinn når lesefristen er ute. Privatpersoner får papir da uansett. Brev "
            "som bare skal digitalt, og brev uten adresse, går aldri på papir.",
            avkryssing=True,
        ),
    ),
    "lagring": (
        Feltbeskrivelse(
            "dager",
            "Dager dokumentene lagres",
            "Etter dette kan verken dere eller mottakeren hente dokumentene. Utkast til utsendinger slettes like lenge "
            "etter siste endring. Er brevene laget, blir de liggende minst 30 dager etter brevdatoen.",
            "numeric",
            True,
        ),
        Feltbeskrivelse(
            "epost", "E-post (valgfritt)", "Den som svarer for kontoen. Vi sender ikke noe hit.", "email"
        ),
    ),
    "angrefrist": (
        Feltbeskrivelse(
            "minutter",
            "Angrefrist i minutter (valgfritt)",
            "Fra 5 til 1 440, som er ett døgn. Uten tall gjelder den samme fristen som for alle. Endringen gjelder "
            "utsendinger som frigis etterpå, også de som er godkjent nå; de kan måtte få ny brevdato. De som er "
            "frigitt, beholder tiden sin.",
            "numeric",
            True,
        ),
    ),
    "bankkonto": (
        Feltbeskrivelse(
            "kontonummer",
            "Bankkontonummer (valgfritt)",
            "Elleve siffer. Uten nummer sier vi ikke fra. De som godkjenner utsendinger, ser i 30 dager hvem som har "
            "endret det.",
            "numeric",
            True,
        ),
    ),
}

EDIALOGFELT: tuple[Feltbeskrivelse, ...] = (
    Feltbeskrivelse(
        "aktiv",
        "Ta imot henvendelser",
        "Uten kryss kan ingen begynne på eller sende en henvendelse. Svar på brev dere har sendt, kommer uansett.",
        avkryssing=True,
    ),
    Feltbeskrivelse(
        "orgnr",
        "Organisasjonsnummer",
        "Organisasjonens eget, eller det som står på forsiden til kontoen. Er det ikke deres eget, må du ha tilgangen "
        "«Post/arkiv» i Altinn for det.",
        "numeric",
    ),
    Feltbeskrivelse("navn", "Navn innbyggerne ser", lengst=60),
    Feltbeskrivelse("adresselinje1", "Adresse (valgfritt)"),
    Feltbeskrivelse("adresselinje2", "Adresse, linje 2 (valgfritt)"),
    Feltbeskrivelse("adresselinje3", "Adresse, linje 3 (valgfritt)"),
    Feltbeskrivelse("postnr", "Postnummer", "", "numeric", True),
    Feltbeskrivelse("poststed", "Poststed"),
    Feltbeskrivelse(
        "printleverandor",
        "Hvem skriver ut henvendelser som må på papir?",
        "Gjelder henvendelser som sendes fra nå av. De går på papir når de ikke kan leveres i SvarInn eller Altinn.",
        valg=tuple((value, text, "") for value, text in LEVERANDORER.items()),
    ),
)
"""The form of a konto's eDialog."""

EDIALOGSKJEMAFELT: tuple[Feltbeskrivelse, ...] = (
    Feltbeskrivelse(
        "navn",
        "Navn på skjemaet",
        "Det innbyggeren velger, for eksempel «Klage på eiendomsskatt». Høyst 60 tegn.",
        lengst=60,
    ),
    Feltbeskrivelse(
        "tittel", "Tittel på henvendelsen", "Står som tittel på alle henvendelser som sendes med skjemaet."
    ),
)
"""The form of a form that citizens choose."""

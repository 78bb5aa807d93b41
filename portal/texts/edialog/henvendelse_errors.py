"""eDialog's refusals: to the citizen in bokmål and nynorsk (both hold the same keys), and to staff."""

from __future__ import annotations

NB: dict[str, str] = {
    "EDIALOG_KAN_IKKE_TEGNES": (
        "Teksten inneholder noe vi ikke kan skrive ut. Skriv den om uten spesielle tegn, og send på nytt. "
        "Vedleggene er tatt vare på."
    ),
    "EDIALOG_MISLYKTES": "Noe gikk galt hos oss. Alt du skrev, er tatt vare på. Se over, og send på nytt.",
    "EDIALOG_TITTEL_MANGLER": "Skriv en tittel.",
    "EDIALOG_MELDING_MANGLER": "Skriv en melding.",
    "EDIALOG_FOR_LANG": "Teksten er for lang. Skriv høyst {grense} tegn.",
    "EDIALOG_FOR_MANGE_LINJER": "Meldingen har for mange linjer. Bruk høyst {grense}.",
    "EDIALOG_TEGN": "Teksten har tegn som ikke kan skrives ut: {tegn}. Ta dem bort, eller legg teksten ved som PDF.",
    "EDIALOG_FNR_I_TITTEL": "Ta fødselsnummeret ut av tittelen. Mottakeren ser hvem du er av innloggingen.",
    "EDIALOG_NAVN_MANGLER": "Skriv navnet ditt eller virksomhetens navn.",
    "EDIALOG_ADRESSE_MANGLER": "Skriv adressen du kan få svar på.",
    "EDIALOG_POSTNR": "Postnummeret må ha fire siffer.",
    "EDIALOG_POSTSTED_MANGLER": "Skriv poststedet.",
    "EDIALOG_LAND": "Vi kjenner ikke landet. Skriv navnet på norsk eller engelsk, eller la feltet stå tomt for Norge.",
    "EDIALOG_EPOST": "Skriv en hel e-postadresse, for eksempel navn@eksempel.no.",
    "EDIALOG_TELEFON": "Skriv telefonnummeret med bare siffer.",
    "EDIALOG_FIL_MANGLER": "Velg en fil først.",
    "EDIALOG_FOR_MANGE_FILER": "Du kan ha høyst {grense} vedlegg. Fjern et, eller slå filene sammen.",
    "EDIALOG_FILER_FOR_STORE": "Vedleggene kan være høyst {grense_mb} MB til sammen. Gjør filen mindre, og prøv igjen.",
    "EDIALOG_IKKE_PDF": "Filen kan ikke leses som PDF. Lagre den som PDF, og prøv igjen.",
    "PDF_PASSORD": "Filen er beskyttet med passord. Lagre den uten passord, og prøv igjen.",
    "PDF_FOR_MANGE_SIDER": "Filen har for mange sider. Del den i flere filer.",
    "PDF_FOR_KOMPLISERT": "Filen er for innviklet til å skrives ut. Skriv den ut til en ny PDF, og prøv igjen.",
    "FIL_TOM": "Filen er tom. Velg en annen.",
    "EDIALOG_TAR_IKKE_IMOT": "Mottakeren tar ikke imot henvendelser her nå. Kontakt dem på en annen måte.",
    "EDIALOG_VELG_SKJEMA": "Velg hva det gjelder.",
    "EDIALOG_ER_SENDT": "Henvendelsen er sendt, og kan ikke endres.",
    "EDIALOG_ENDRET_IMENS": (
        "Det du har skrevet her, er ikke lagret, for utkastet er lagret et annet sted etter at du åpnet denne siden. "
        "Går du videre herfra, blir det som er lagret, erstattet med det du ser nedenfor."
    ),
    "EDIALOG_ENDRET_ETTER_SYN": (
        "Teksten, vedleggene eller mottakeren er endret etter at du så over henvendelsen. Se over på nytt. "
        "Stemmer det nå, trykker du Send."
    ),
    "EDIALOG_FOR_MANGE_UTKAST": "Du har {grense} utkast. Send eller slett et av dem før du begynner på et nytt.",
    "EDIALOG_FOR_MANGE_SENDT": (
        "Du har sendt {grense} henvendelser det siste døgnet. Du kan sende en ny når det er et døgn siden den første "
        "av dem."
    ),
    "VERDI_ODELAGT": "Det som står i henvendelsen, er skadet hos oss og kan ikke leses.",
    "KAN_IKKE_BESVARES": "Avsenderen tar ikke imot svar på dette brevet her. Kontakt avsenderen på en annen måte.",
}

NN: dict[str, str] = {
    "EDIALOG_KAN_IKKE_TEGNES": (
        "Teksten inneheld noko vi ikkje kan skrive ut. Skriv han om utan spesielle teikn, og send på nytt. "
        "Vedlegga er tekne vare på."
    ),
    "EDIALOG_MISLYKTES": "Noko gjekk gale hos oss. Alt du skreiv, er teke vare på. Sjå over, og send på nytt.",
    "EDIALOG_TITTEL_MANGLER": "Skriv ein tittel.",
    "EDIALOG_MELDING_MANGLER": "Skriv ei melding.",
    "EDIALOG_FOR_LANG": "Teksten er for lang. Skriv høgst {grense} teikn.",
    "EDIALOG_FOR_MANGE_LINJER": "Meldinga har for mange linjer. Bruk høgst {grense}.",
    "EDIALOG_TEGN": "Teksten har teikn som ikkje kan skrivast ut: {tegn}. Ta dei bort, eller legg teksten ved som PDF.",
    "EDIALOG_FNR_I_TITTEL": "Ta fødselsnummeret ut av tittelen. Mottakaren ser kven du er av innlogginga.",
    "EDIALOG_NAVN_MANGLER": "Skriv namnet ditt eller namnet på verksemda.",
    "EDIALOG_ADRESSE_MANGLER": "Skriv adressa du kan få svar på.",
    "EDIALOG_POSTNR": "Postnummeret må ha fire siffer.",
    "EDIALOG_POSTSTED_MANGLER": "Skriv poststaden.",
    "EDIALOG_LAND": "Vi kjenner ikkje landet. Skriv det på norsk eller engelsk, eller lat feltet stå tomt for Noreg.",
    "EDIALOG_EPOST": "Skriv ei heil e-postadresse, til dømes namn@eksempel.no.",
    "EDIALOG_TELEFON": "Skriv telefonnummeret med berre siffer.",
    "EDIALOG_FIL_MANGLER": "Vel ei fil først.",
    "EDIALOG_FOR_MANGE_FILER": "Du kan ha høgst {grense} vedlegg. Fjern eitt, eller slå filene saman.",
    "EDIALOG_FILER_FOR_STORE": "Vedlegga kan vere høgst {grense_mb} MB til saman. Gjer fila mindre, og prøv igjen.",
    "EDIALOG_IKKE_PDF": "Fila kan ikkje lesast som PDF. Lagre henne som PDF, og prøv igjen.",
    "PDF_PASSORD": "Fila er verna med passord. Lagre henne utan passord, og prøv igjen.",
    "PDF_FOR_MANGE_SIDER": "Fila har for mange sider. Del henne i fleire filer.",
    "PDF_FOR_KOMPLISERT": "Fila er for innvikla til å skrivast ut. Skriv henne ut til ein ny PDF, og prøv igjen.",
    "FIL_TOM": "Fila er tom. Vel ei anna.",
    "EDIALOG_TAR_IKKE_IMOT": "Mottakaren tek ikkje imot meldingar her no. Kontakt dei på ein annan måte.",
    "EDIALOG_VELG_SKJEMA": "Vel kva det gjeld.",
    "EDIALOG_ER_SENDT": "Meldinga er send, og kan ikkje endrast.",
    "EDIALOG_ENDRET_IMENS": (
        "Det du har skrive her, er ikkje lagra, for utkastet er lagra ein annan stad etter at du opna denne sida. "
        "Går du vidare herifrå, blir det som er lagra, erstatta med det du ser nedanfor."
    ),
    "EDIALOG_ENDRET_ETTER_SYN": (
        "Teksten, vedlegga eller mottakaren er endra etter at du såg over meldinga. Sjå over på nytt. "
        "Stemmer det no, trykkjer du Send."
    ),
    "EDIALOG_FOR_MANGE_UTKAST": "Du har {grense} utkast. Send eller slett eitt av dei før du byrjar på eit nytt.",
    "EDIALOG_FOR_MANGE_SENDT": (
        "Du har sendt {grense} meldingar det siste døgnet. Du kan sende ei ny når det er eit døgn sidan den første "
        "av dei."
    ),
    "VERDI_ODELAGT": "Det som står i meldinga, er skadd hos oss og kan ikkje lesast.",
    "KAN_IKKE_BESVARES": "Avsendaren tek ikkje imot svar på dette brevet her. Kontakt avsendaren på ein annan måte.",
}

TEKSTER: dict[str, str] = {
    **{kode: text for kode, text in NB.items() if kode.startswith(("EDIALOG_", "KAN_IKKE_BESVARES"))},
    "EDIALOG_EN_FIL": "Last opp én fil i hvert kall. Ingen av filene er lagret.",
    "KUN_INNBYGGER": (
        "Bare en innbygger som er logget inn, kan gjøre dette. Send innbyggerens token fra ID-porten i Authorization, "
        "ikke et fra Maskinporten."
    ),
    "EDIALOG_AVSENDER": "Avsenderen er innbyggeren som er logget inn, og kan ikke være en annen.",
    "EDIALOG_MOTTAKERNAVN": "Skriv et navn på høyst {grense} tegn.",
    "EDIALOG_FREMMED_ORGNR": (
        "Bruk organisasjonsnummeret til organisasjonen, eller det som står på forsiden til kontoen."
    ),
    "EDIALOG_ORGNR_ANDRES": (
        "Organisasjonsnummeret tilhører en annen organisasjon som bruker plattformen, og bare den kan ta imot "
        "henvendelser for det. Bruk deres eget organisasjonsnummer."
    ),
    "EDIALOG_ORGNR_HOS_ANDRE": (
        "{organisasjon} har satt opp eDialog for dette organisasjonsnummeret. Be dem bytte det ut hos seg først, eller "
        "bruk deres eget organisasjonsnummer."
    ),
    "EDIALOG_UTEN_POST_ARKIV": (
        "For å ta imot henvendelser for {orgnr} må du ha tilgangen «Post/arkiv» i Altinn for det. Be virksomheten om "
        "tilgangen, eller la noen som har den, gjøre det."
    ),
    "EDIALOG_ORGNR_I_BRUK": "En annen konto tar imot henvendelser for dette organisasjonsnummeret. Slå den av først.",
    "EDIALOG_ORGNR_UKJENT": "Enhetsregisteret har ingen virksomhet med dette nummeret. Kontroller det.",
    "EDIALOG_REGISTER_BORTE": "Enhetsregisteret svarer ikke nå. Skriv adressen selv, eller prøv igjen om litt.",
    "EDIALOG_SKJEMANAVN": "Skriv hva skjemaet skal hete.",
    "EDIALOG_SKJEMA_ALT_FJERNET": "Skjemaet var alt fjernet. Det er ikke mer å gjøre.",
    "EDIALOG_SKJEMAER_ENDRET": (
        "Noen har endret skjemaene mens du hadde siden oppe. Ingenting er fjernet. Les på nytt, og fjern skjemaet hvis "
        "det fortsatt er riktig."
    ),
    "EDIALOG_SKJEMA_FAST": "Standardskjemaet kan ikke endres. Lag et eget skjema i stedet.",
    "EDIALOG_FOR_MANGE_SKJEMAER": "Det kan være høyst {grense} skjemaer. Fjern et av dem først.",
    "EDIALOG_KONTO_I_BRUK": "Kontoen har en annen mottaker. Endre den, eller velg en annen konto.",
    "EDIALOG_VELG_KONTO": "Flere kontoer kan faktureres. Oppgi id-en til den som skal, som forelderRessurs.",
}

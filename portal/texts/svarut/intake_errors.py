"""Faults of a letter sent in by a fagsystem (fiks.svarut.mottak.errors), in words for caseworkers.

By the codes of the catalogue: message, cause and remedy. `docs/feilkoder.md` and the page of codes are
generated from them.
"""

from __future__ import annotations

from portal.texts.error_text import LEVERANDOR, Feiltekst
from portal.texts.error_text import Feiltekst as _F
from portal.texts.svarut.intake_documents import DOKUMENTENE, ETTER_MOTTAK, SIGNERING
from portal.texts.svarut.intake_letter import BREVET, MOTTAKEREN

IKKE_SENDT = (
    "Brevet ble avvist etter at det hadde fått id, eller det kunne ikke kontrolleres. Status er AVVIST eller "
    "FEILET_UNDER_MOTTAK og endrer seg ikke, og ingen har fått brevet."
)

FORESPORSEL: dict[str, Feiltekst] = {
    "MULTIPART_UGYLDIG": _F(
        "Sendingen kunne ikke leses. Prøv igjen, og meld fra til leverandøren av fagsystemet hvis det gjentar seg.",
        "Innholdet er ikke multipart/form-data, det er brutt av underveis, det har for mange deler, eller en del er "
        "kodet på en annen måte enn binary.",
        "Send på nytt. Gjentar det seg, må leverandøren se på hvordan fagsystemet deler opp sendingen.",
    ),
    "FORSENDELSE_MANGLER": _F(
        "Opplysningene om brevet mangler. Den første delen av sendingen må hete forsendelse.",
        "Den første delen heter noe annet enn forsendelse.",
        LEVERANDOR,
    ),
    "JSON_UGYLDIG": _F(
        "Opplysningene om brevet kunne ikke leses. De må være gyldig JSON i UTF-8, på høyst 1 MB.",
        "Innholdet er ikke JSON, er ikke UTF-8, eller er for stort.",
        LEVERANDOR,
    ),
    "FELT_UGYLDIG": _F(
        "Feltet {felt} har en verdi som ikke kan brukes. Rett verdien, og send på nytt.",
        "Verdien har feil type, eller er ikke en av dem feltet kan ha.",
        "Se hva feltet kan inneholde i dokumentasjonen, og rett verdien.",
    ),
    "FELT_MANGLER": _F(
        "Feltet {felt} mangler. Fyll det ut, og send på nytt.",
        "Et felt som må være med, mangler eller er tomt.",
        "Fyll ut feltet.",
    ),
    "XML_UGYLDIG": _F(
        "Forespørselen kunne ikke leses. Den må være gyldig XML uten DTD.",
        "Innholdet er ikke XML, eller det har en DTD eller egne entiteter.",
        LEVERANDOR,
    ),
    "NOKKEL_UGYLDIG": _F(
        "Idempotency-Key kan ha høyst {grense} tegn og ingen styretegn. Send med en kortere nøkkel.",
        "Nøkkelen i headeren Idempotency-Key er for lang eller har tegn som ikke kan vises.",
        LEVERANDOR,
    ),
    "NHN_STOTTES_IKKE": _F(
        "Brev kan ikke sendes i Norsk Helsenett herfra. Velg en annen måte å sende på.",
        "Norsk Helsenett er ikke blant kanalene.",
        "Send til person eller organisasjon i stedet.",
    ),
    "FOR_MANGE_IDER": _F(
        "Det kan spørres om høyst {grense} brev om gangen. Del opp spørsmålet.",
        "Listen over id-er er for lang.",
        "Del listen i flere spørsmål.",
    ),
    "OVERFORING_UGYLDIG": _F(
        "Sendingen kunne ikke leses, fordi den ikke er delt riktig opp på veien (Transfer-Encoding: chunked). "
        "Ingenting er tatt imot. Prøv igjen, og meld fra til leverandøren av fagsystemet hvis det gjentar seg.",
        "En bit av innholdet har ugyldig lengde, eller slutter ikke der lengden sier.",
        "Send på nytt. Gjentar det seg, er det en feil i fagsystemets HTTP-klient eller i noe mellom den og oss.",
    ),
    "FOR_MANGE_TREFF": _F(
        "Det er flere enn {grense} treff, så ingen av dem blir vist. Spør om noe som gir færre.",
        "Svaret er for stort. Deler av det ville sett ut som alt.",
        "Bruk en egen referanse for hvert brev, eller spør om ett organisasjonsnummer om gangen.",
    ),
    "OPERASJON_UKJENT": _F(
        "Operasjonen {operasjon} finnes ikke her. Leverandøren av fagsystemet må bruke en av dem i "
        "ForsendelsesServiceV9.",
        "Første element i Body er ikke en operasjon i ForsendelsesServiceV9. V10 og V11 har andre.",
        "Hent WSDL-en på /tjenester/forsendelseservice/ForsendelsesServiceV9?wsdl, og bruk en operasjon derfra.",
    ),
    "KONTO_IKKE_AKTIV": _F(
        "Kontoen er stengt, så det kan ikke sendes fra den. Administratoren kan åpne den.",
        "Kontoen er stengt i Fiks forvaltning.",
        "Administratoren åpner kontoen, eller fagsystemet settes opp med en annen.",
    ),
    "TJENESTE_IKKE_AKTIV": _F(
        "Organisasjonen har ikke tatt tjenesten i bruk. Administratoren må gjøre det i Fiks forvaltning.",
        "Tjenesten er ikke tatt i bruk av organisasjonen som har kontoen.",
        "Administratoren tar tjenesten i bruk.",
    ),
    "ID_IKKE_RESERVERT": _F(
        "Id-en kan ikke brukes til dette brevet. Er brevet sendt fra en annen konto før, spør først etter status fra "
        "den kontoen. Er det ikke sendt, be om en ny id, og send med den.",
        "Id-en er ikke denne kontoens, er tom, eller er en UUID av versjon 5, som bare vi lager.",
        "Kan brevet være sendt fra en annen konto, hent status fra den før noe sendes på nytt. Ellers: kall "
        "startNyForsendelse og bruk id-en derfra, eller lag en tilfeldig UUID (versjon 4) for hvert brev.",
    ),
    "NOKKEL_ANNET_INNHOLD": _F(
        "Et brev med denne Idempotency-Key ble mottatt {tid}. Det har id {forsendelse_id}. Spør etter status på det "
        "før noe sendes på nytt. Bruk en ny nøkkel bare for et annet brev, eller hvis dette er avvist.",
        "Nøkkelen er brukt før, med andre opplysninger eller dokumenter. Det kan være det samme brevet, hvis "
        "fagsystemet lager dokumentene på nytt for hvert forsøk.",
        "Hent status på brevet med id-en i svaret. Send bare på nytt hvis det gjelder et annet brev, eller hvis "
        "status er AVVIST eller FEILET_UNDER_MOTTAK, og da med ny nøkkel.",
    ),
    "FORSENDELSE_ANNET_INNHOLD": _F(
        "Brevet med id {forsendelse_id} ble mottatt {tid}. Spør etter status på det før noe sendes på nytt. "
        "Be om en ny id bare for et annet brev, eller hvis dette er avvist.",
        "Id-en er brukt før, med andre opplysninger eller dokumenter. Det kan være det samme brevet, hvis fagsystemet "
        "lager dokumentene på nytt for hvert forsøk.",
        "Hent status på brevet med denne id-en. Send bare på nytt hvis det gjelder et annet brev, eller hvis status er "
        "AVVIST, og da med ny id.",
    ),
    "NOKKEL_ANNEN_ID": _F(
        "Brevet med denne Idempotency-Key ble mottatt {tid} med en annen id, {forsendelse_id}. Spør etter status på "
        "det før noe sendes på nytt.",
        "Nøkkelen er brukt til et brev med en annen id enn den det nå sendes med.",
        "Send på nytt med samme nøkkel og samme id. Bruk en ny nøkkel bare for et annet brev.",
    ),
    "NOKKEL_IKKE_SENDT": _F(
        "Brevet med denne Idempotency-Key ble mottatt {tid} og har id {forsendelse_id}, men det er ikke sendt, og blir "
        "ikke sendt. {grunn} Det som skal sendes, må ha en ny nøkkel.",
        IKKE_SENDT,
        "Rett det svaret nevner, og send brevet med en ny nøkkel. Har brevet en id fra fagsystemet, må den også være "
        "ny.",
    ),
    "FORSENDELSE_IKKE_SENDT": _F(
        "Brevet med id {forsendelse_id} ble mottatt {tid}, men det er ikke sendt, og blir ikke sendt. {grunn} Det som "
        "skal sendes, må ha en ny id.",
        IKKE_SENDT,
        "Rett det svaret nevner, be om en ny id, og send brevet med den. Har brevet en Idempotency-Key, må den også "
        "være ny.",
    ),
}

GRUPPER: dict[str, dict[str, Feiltekst]] = {
    "Forespørselen": FORESPORSEL,
    "Brevet": BREVET,
    "Mottakeren": MOTTAKEREN,
    "Dokumentene": DOKUMENTENE,
    "Signering": SIGNERING,
    "Etter mottak": ETTER_MOTTAK,
}
FEIL: dict[str, Feiltekst] = {kode: text for group in GRUPPER.values() for kode, text in group.items()}

SAID_ELSEWHERE = frozenset(
    [
        *("FELT_MANGLER", "KONTO_IKKE_AKTIV", "TJENESTE_IKKE_AKTIV", "DOKUMENT_MANGLER", "UTSKRIFT_FOR_STOR"),
        *("ADRESSE_MANGLER", "POSTSTED_MANGLER", "LAND_UKJENT", "KONTERINGSKODE_UGYLDIG"),
        *("PDF_PASSORD", "PDF_UGYLDIG", "PDF_FOR_MANGE_SIDER", "PDF_FOR_KOMPLISERT"),
        *("ADRESSE_UTENFOR_VINDU", "AVSENDER_I_VINDUET", "TEGN_UTEN_SKRIFT"),
    ]
)
"""Codes that people at a screen are told of in other words, by the room whose page it is."""

TEKSTER: dict[str, str] = {kode: text.melding for kode, text in FEIL.items() if kode not in SAID_ELSEWHERE}

"""Texts for codes of SMS, and for their audited acts."""

from __future__ import annotations

from portal.texts.form_fields import Feltbeskrivelse
from portal.texts.statuses import Status

TEKSTER: dict[str, str] = {
    "SMS_TEKST_MANGLER": "Skriv en tekst.",
    "SMS_TEKST_FOR_LANG": "Teksten kan være på høyst 1\u00a0600 tegn. Gjør den kortere.",
    "SMS_FOR_MANGE": "Det kan være høyst 1\u00a0000 mottakere om gangen. Del dem på flere utsendelser.",
    "SMS_FOR_MANGE_OPPSLAG": (
        "Det kan slås opp høyst {grense} telefonnumre på en time, og med disse blir det flere. Vent litt og prøv "
        "igjen, eller send SMS-en rett til fødselsnumrene. Da trenger dere ikke slå opp telefonnumrene."
    ),
    "SMS_FOR_MANGE_FORSOK": (
        "Registrene har ikke svart på oppslagene den siste timen, og det er prøvd så mange ganger som det kan. Vent en "
        "time og prøv igjen, eller send SMS-en rett til fødselsnumrene."
    ),
    "SMS_NUMMER_UGYLDIG": "Ingen kan ha dette telefonnummeret (nummer {plasser} i listen). Rett det, og send på nytt.",
    "SMS_KONTO_MANGLER": "Velg hvilken konto du sender fra.",
    "SMS_MOTTAKERE_MANGLER": "Lim inn minst ett telefonnummer eller fødselsnummer.",
    "SMS_LINJER_UGYLDIGE": (
        "Linje {linjer}: Her står det noe som verken er et telefonnummer eller et fødselsnummer. Rett eller fjern det."
    ),
    "SMS_ALLEREDE_SENDT": (
        "Dette skjemaet er sendt før, fra en annen konto eller med annen tekst eller andre mottakere. Se etter i "
        "listen over sendte SMS, og begynn på en ny SMS hvis den også skal sendes."
    ),
    "SMS_UTKAST_BORTE": (
        "Det du skrev, er ikke tatt vare på lenger. Se etter i listen om SMS-en er sendt, og skriv den på nytt hvis "
        "den ikke er det."
    ),
    "SMS_AVSENDER_ENDRET": (
        "Noen har endret navnet eller avsenderen på kontoen mens du hadde siden oppe. Ingenting er sendt. Se over på "
        "nytt, og send hvis det fortsatt stemmer."
    ),
    "SMS_EN_MOTTAKER": "Oppgi enten fødselsnummer eller telefonnummer, og bare ett av dem.",
    "SMS_AVSENDER_UGYLDIG": (
        "Avsenderen kan ha høyst elleve tegn: A til Z, siffer og mellomrom, og minst én bokstav. Æ, ø og å kan "
        "ikke brukes."
    ),
    "NOKKEL_BRUKT": "Nøkkelen er brukt til noe annet. Bruk en ny nøkkel for en ny utsendelse.",
    "SMS_GRUNN_UGYLDIG_NUMMER": "Ingen kan ha dette telefonnummeret.",
    "SMS_GRUNN_UTEN_NUMMER_I_KRR": "Kontaktregisteret har ikke noe gyldig nummer til personen.",
    "SMS_GRUNN_AVVIST_AV_LEVERANDOR": "SMS-leverandøren ville ikke sende den.",
    "SMS_GRUNN_UTLOPT": "Den kunne ikke sendes innen ett døgn, eller var skadet hos oss. Den sendes ikke lenger.",
    "SMS_GRUNN_SAMME_NUMMER": "Samme nummer som en annen mottaker i utsendelsen.",
    "SMS_IKKE_LEVERT": "Den kom ikke fram. Telefonen kan ha vært avslått, eller nummeret er ikke i bruk.",
    "SMS_UKJENT": "Det er ikke kjent om den ble sendt. Den sendes ikke på nytt, så ingen får den to ganger.",
}

KONTOFELT: tuple[Feltbeskrivelse, ...] = (
    Feltbeskrivelse("visningsnavn", "Navn på kontoen", "For eksempel Vann og avløp. Det er navnet dere ser."),
    Feltbeskrivelse(
        "avsender",
        "Avsender på SMS-en",
        "Det mottakeren ser, for eksempel Lillevik. Høyst elleve tegn: A til Z, siffer og mellomrom.",
        kort=True,
    ),
)
"""The form of an SMS-konto."""

STATUSER: dict[str, Status] = {
    "LEVERT": Status("Levert", "success"),
    "SENDT": Status("Sendt, venter på kvittering", "info"),
    "OPPRETTET": Status("Venter på sending", "neutral"),
    "IKKE_LEVERT": Status("Ikke levert", "danger"),
    "IKKE_SENDT": Status("Ikke sendt", "danger"),
    "UKJENT": Status("Vet ikke", "warning"),
}
"""What the statuses of an SMS are called, in the order they are shown."""

HANDLINGER: dict[str, str] = {
    "SMS_SENDT": "Sendte SMS",
    "SMS_TIL_PERSON": "Sendte SMS til en person, og slo opp nummeret i kontaktregisteret",
    "SMS_KRR_OPPSLAG": "Slo opp telefonnummer i kontaktregisteret",
    "SMS_KRR_OPPSLAG_UTEN_SVAR": "Fikk ikke svar på oppslag av telefonnumre",
    "STRENGT_FORTROLIG_OPPSLATT": "Spurte etter et nummer som ikke gis ut",
    "SMS_KONTO_OPPRETTET": "Opprettet SMS-konto",
    "SMS_KONTO_ENDRET": "Endret SMS-konto",
}

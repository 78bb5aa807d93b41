"""Texts of the page Drift: names of lanes, reasons for a stop, and faults of a reason."""

from __future__ import annotations

TEKSTER: dict[str, str] = {
    "DRIFT_GRUNN": (
        "Skriv hvorfor på én linje, med minst 5 og høyst 200 tegn og uten fødselsnummer. Alle operatører ser grunnen."
    ),
    "DRIFT_ANNEN_STANS": (
        "Siden viste ikke stansen som gjelder nå. Les hvorfor sendingen er stanset, og start den bare hvis den grunnen "
        "ikke gjelder lenger."
    ),
    "DRIFT_IKKE_AVSTEMT": (
        "Databasen er gjenopprettet, og det er ikke slått opp hva som er sendt siden. Kjør "
        "«fiks reconcile --gjenopprettet» til den er ferdig, og start så sendingen. Kryss av hvis dere vil starte "
        "likevel."
    ),
    "GRUNN_GJENOPPRETTET": (
        "Databasen er eldre enn det dokumentlageret har sett, eller er flyttet. Brev som er sendt, kan stå som usendt."
    ),
    "GRUNN_BEDT_OM_A_VENTE": "Kanalen har bedt oss vente",
    "GRUNN_MANGE_FEIL": "Ti av de siste tjue kallene mislyktes",
    "GRUNN_REGISTER_SVARER_IKKE": "Registeret svarte ikke, fem ganger på rad",
    "GRUNN_SVARER_IKKE": "Trykkeriet svarte ikke",
}

BANER: dict[str, str] = {
    "enkelt": "Enkeltbrev",
    "masse": "Masseutsendinger",
    "sms": "SMS",
    "print": "Pakker til trykkeri",
    "mottak": "Kontroll av mottatte brev",
    "edialog": "eDialog",
    "render": "Tegning av brev",
    "forhandsvisning": "Forhåndsvisning",
    "liste": "Lesing av lister og filer",
    "inn": "Kvitteringer og oppslag",
    "epost": "E-post",
    "sperret": "Sperret adresse",
}
"""The lanes, as `fiks.drift.rules` knows them, and the one where only persons act."""

PROSESSER: dict[str, str] = {
    "fiks send": "send: overleverer brev og SMS",
    "fiks pdf": "pdf: leser lister og tegner brev",
    "fiks vis": "vis: tegner forhåndsvisninger",
    "fiks inn": "inn: kvitteringer og e-post",
    "fiks sveip": "sveip: finner det som venter",
}
"""What a connection is called (`config.start`), and what the process does."""

HANDLINGER = {
    "SENDING_STANSET": "Stanset all sending",
    "SENDING_STARTET": "Startet sendingen igjen",
    "SENDING_STARTET_LIKEVEL": "Startet sendingen uten å slå opp hva en gjenopprettet database alt har sendt",
    "GJENOPPRETTING_OPPGITT": "Oppga at databasen er gjenopprettet fra en sikkerhetskopi",
    "DATABASE_AVSTEMT": "Slo opp hva en gjenopprettet database alt har sendt",
}

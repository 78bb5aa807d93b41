"""Texts of the half-yearly review and of the export of grants."""

from __future__ import annotations

TEKSTER: dict[str, str] = {
    "GJENNOMGANG_ER_STARTET": "Gjennomgangen er startet. Vurder tilgangene innen 30 dager.",
    "GJENNOMGANG_UTEN_SVAR": "Velg «Behold» eller «Fjern» for minst én tilgang.",
    "GJENNOMGANG_BESVART": "Svarene er lagret: {beholdt} beholdt, {fjernet} fjernet.",
    "GJENNOMGANG_BORTE": "Avsluttet før du svarte: {borte}.",
    "GJENNOMGANG_ER_FULLFORT": "Gjennomgangen er fullført.",
    "EKSPORT_FOR_MANGE": (
        "Organisasjonen har flere enn {grense} tilganger, og så mange kan ikke lastes ned i én fil. "
        "Kontakt brukerstøtte for et uttrekk."
    ),
}

INNEHAVERE: dict[str, str] = {"PERSON": "Person", "GRUPPE": "Gruppe", "INTEGRASJON": "Integrasjon"}

KOLONNER = (
    "Innehaver",
    "Fødselsnummer",
    "Type innehaver",
    "Ressurs",
    "Tilgang",
    "Fra",
    "Til og med",
    "Sist brukt",
    "Gitt av",
)
"""The columns of the file with all grants."""

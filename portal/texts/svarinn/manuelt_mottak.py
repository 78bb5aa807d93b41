"""Texts of Manuelt mottak."""

from __future__ import annotations

NOTERT: dict[str, str] = {"person": "Person", "enhet": "Eller enhet", "notat": "Notat om brevet"}
"""What the fields are called in which several may write."""

TILDELT: dict[str, str] = {"": "Alle brev", "meg": "Tildelt meg", "ingen": "Ikke tildelt"}

SPERRET: dict[str, str] = {
    "MOTTAK_UTEN_POST_ARKIV": "Du mangler «Post/arkiv» i Altinn for {orgnr}",
    "MOTTAK_UTEN_TAUSHETSRETT": "Taushetsbelagt: du mangler tilgangen i Altinn for {orgnr}",
    "KREVER_NIVAA_4": "Logg inn på nivå 4 for å se brevet",
}
"""What stands in the list instead of a letter that the visitor may not open, by what they lack."""

NOARK: dict[str, str] = {
    "saksaar": "Saksår",
    "sakssekvensnummer": "Saksnummer",
    "mappeId": "Mappe",
    "systemId": "System-id",
    "journalaar": "Journalår",
    "journalsekvensnummer": "Journalsekvensnummer",
    "journalpostnummer": "Journalpostnummer",
    "journalposttype": "Journalposttype",
    "journalstatus": "Journalstatus",
    "journaldato": "Journaldato",
    "dokumentetsDato": "Dokumentets dato",
    "registreringsId": "Registrerings-id",
    "tittel": "Tittel",
    "saksbehandler": "Saksbehandler",
}
"""Archive facts by their name in SvarUt v2."""

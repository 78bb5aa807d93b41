"""Names of the privileges, and what each allows."""

from __future__ import annotations

from typing import NamedTuple

from fiks.konfigurasjon.rules import P


class Privilegietekst(NamedTuple):
    navn: str
    betydning: str


PRIVILEGIER: dict[str, Privilegietekst] = {
    P.ADMIN: Privilegietekst("Administrator", "Alt her og under, unntatt sperrede brev og registeroppslag"),
    P.ROT_ADMINISTRER: Privilegietekst("Drifte plattformen", "Opprette organisasjoner og tjenester, for KS"),
    P.INTEGRASJON_ADMINISTRER: Privilegietekst(
        "Administrere integrasjoner", "Lage, endre og slette, og nytt passord"
    ),
    P.AVTALE_SIGNER: Privilegietekst("Signere avtaler", "Binde organisasjonen til avtaler om tjenestene"),
    P.ORG_LES: Privilegietekst("Se organisasjonen", "Konfigurasjon og tilganger"),
    P.ORG_REDIGER: Privilegietekst("Endre organisasjonen", "Navn, adresse og kontaktopplysninger"),
    P.AUDIT_LES: Privilegietekst("Se revisjonsloggen", "Hvem som gjorde hva, og når"),
    P.REGISTER_OPPSLAG: Privilegietekst(
        "Slå opp i registre", "Personer og virksomheter i nasjonale registre, med hjemmel"
    ),
    P.LES_ALLE: Privilegietekst("Se alle kontoer", "Utsendinger og brev på alle kontoer"),
    P.LESE: Privilegietekst("Se utsendinger", "Utsendinger og brev på kontoen"),
    P.SENDE: Privilegietekst("Lage utsendinger", "Klargjøre, sende til godkjenning og frigi"),
    P.GODKJENNE: Privilegietekst("Godkjenne", "Godkjenne det andre har klargjort, og frigi"),
    P.STOPPE: Privilegietekst("Stoppe", "Stoppe utsendinger og hindre utskrift"),
    P.SE_SPERRET: Privilegietekst("Se sperrede brev", "Brev som bare noen få kan behandle"),
    P.KONFIGURERE_EDIALOG: Privilegietekst(
        "Konfigurere eDialog", "Bestemme hvem innbyggerne kan skrive til, og hvordan det går på papir"
    ),
    P.MOTTA: Privilegietekst("Motta brev", "Se brev til mottakersystemet, og motta dem manuelt"),
    P.KONFIGURERE_MOTTAK: Privilegietekst(
        "Konfigurere mottak", "Sette opp mottakersystemer, med passord og sertifikat"
    ),
    P.SMS_SENDE: Privilegietekst("Sende SMS", "Sende SMS fra kontoen og se hva som er sendt"),
}
RESSURSTYPER = {
    "ROOT": "Plattformen",
    "FIKS_ORG": "Organisasjonen",
    "SVARUT": "Tjenesten SvarUt",
    "SVARUT_KONTO": "Konto",
    "SVARINN": "Tjenesten SvarInn",
    "MOTTAKERSYSTEM": "Mottakersystem",
    "VARSLING": "Tjenesten Varsling",
    "SMS_KONTO": "SMS-konto",
}

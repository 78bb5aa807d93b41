"""Findings on a row of a recipient list, and the errors that refuse a whole file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from fiks.core.errors import FiksError


class Alvorlighet(StrEnum):
    """`feil`: the row cannot be sent. `advarsel`: it can be sent, but must be shown. `auto`: one mechanical
    repair exists.
    """

    FEIL = "feil"
    ADVARSEL = "advarsel"
    AUTO = "auto"


class Funnkode(StrEnum):
    """Every finding on a row; the portal has a text for each."""

    FNR_KONTROLLSIFFER = "FNR_KONTROLLSIFFER"
    FNR_UGYLDIG = "FNR_UGYLDIG"
    FNR_LEDENDE_NULL = "FNR_LEDENDE_NULL"
    FNR_MELLOMROM = "FNR_MELLOMROM"
    FNR_VITENSKAPELIG = "FNR_VITENSKAPELIG"
    FNR_I_REFERANSE = "FNR_I_REFERANSE"
    FNR_I_ANNEN_KOLONNE = "FNR_I_ANNEN_KOLONNE"
    FNR_OG_ORGNR = "FNR_OG_ORGNR"
    ORGNR_UGYLDIG = "ORGNR_UGYLDIG"
    ORGNR_MELLOMROM = "ORGNR_MELLOMROM"
    KOLONNER_BYTTET = "KOLONNER_BYTTET"
    KOLONNEFORSKYVNING = "KOLONNEFORSKYVNING"
    NAVN_MANGLER = "NAVN_MANGLER"
    NAVN_UGYLDIG = "NAVN_UGYLDIG"
    NAVN_FOR_LANGT = "NAVN_FOR_LANGT"
    NAVN_AVVIKER_REGISTER = "NAVN_AVVIKER_REGISTER"
    MELLOMROM_RUNDT = "MELLOMROM_RUNDT"
    TEGN_TAPT = "TEGN_TAPT"
    TEGN_FEILKODET = "TEGN_FEILKODET"
    TEGN_UGYLDIG = "TEGN_UGYLDIG"
    FORMEL_INJEKSJON = "FORMEL_INJEKSJON"
    EXCEL_FEILVERDI = "EXCEL_FEILVERDI"
    LINJE_FOR_LANG = "LINJE_FOR_LANG"
    LINJESKIFT_I_FELT = "LINJESKIFT_I_FELT"
    ADRESSE_MANGLER = "ADRESSE_MANGLER"
    ADRESSE_UFULLSTENDIG = "ADRESSE_UFULLSTENDIG"
    ADRESSE_SPERRET = "ADRESSE_SPERRET"
    KAN_IKKE_NAAS = "KAN_IKKE_NAAS"
    POSTNR_UGYLDIG = "POSTNR_UGYLDIG"
    POSTNR_UKJENT = "POSTNR_UKJENT"
    POSTNR_FORMAT = "POSTNR_FORMAT"
    POSTNR_LEDENDE_NULL = "POSTNR_LEDENDE_NULL"
    POSTNR_POSTSTED_AVVIK = "POSTNR_POSTSTED_AVVIK"
    POSTSTED_MANGLER = "POSTSTED_MANGLER"
    LAND_UKJENT = "LAND_UKJENT"
    MOTTAKER_DOED = "MOTTAKER_DOED"
    PERSON_IKKE_FUNNET = "PERSON_IKKE_FUNNET"
    ORG_SLETTET = "ORG_SLETTET"
    ORG_IKKE_FUNNET = "ORG_IKKE_FUNNET"
    REGISTER_UTEN_SVAR = "REGISTER_UTEN_SVAR"
    DUBLETT_MOTTAKER = "DUBLETT_MOTTAKER"
    DUBLETT_EKSTERNREF = "DUBLETT_EKSTERNREF"
    DUBLETT_KID = "DUBLETT_KID"
    TALL_UGYLDIG = "TALL_UGYLDIG"
    AAR_UGYLDIG = "AAR_UGYLDIG"
    BELOP_UGYLDIG = "BELOP_UGYLDIG"
    BELOP_NEGATIVT = "BELOP_NEGATIVT"
    FAKTOR_UGYLDIG = "FAKTOR_UGYLDIG"
    BELOP_STEMMER_IKKE = "BELOP_STEMMER_IKKE"
    SKATT_STEMMER_IKKE = "SKATT_STEMMER_IKKE"
    TERMINER_MANGLER = "TERMINER_MANGLER"
    TERMINER_STEMMER_IKKE = "TERMINER_STEMMER_IKKE"
    FORFALL_REKKEFOLGE = "FORFALL_REKKEFOLGE"
    KID_UGYLDIG = "KID_UGYLDIG"
    KID_MELLOMROM = "KID_MELLOMROM"
    KID_SIFRE_TAPT = "KID_SIFRE_TAPT"
    KID_LENGDE = "KID_LENGDE"
    KID_ANNEN_TYPE = "KID_ANNEN_TYPE"
    KONTONUMMER_UGYLDIG = "KONTONUMMER_UGYLDIG"
    KONTONUMMER_LEDENDE_NULL = "KONTONUMMER_LEDENDE_NULL"
    DATO_UGYLDIG = "DATO_UGYLDIG"
    DATO_FORMAT = "DATO_FORMAT"
    DATO_EXCEL_SERIENUMMER = "DATO_EXCEL_SERIENUMMER"
    KONTERINGSKODE_UGYLDIG = "KONTERINGSKODE_UGYLDIG"
    MALFORM_UKJENT = "MALFORM_UKJENT"
    TEKST_FOR_LANG = "TEKST_FOR_LANG"
    OMRADE_TOMT = "OMRADE_TOMT"
    SIDE_MANGLER = "SIDE_MANGLER"
    ANNEN_MOTTAKER = "ANNEN_MOTTAKER"
    NESTE_UTEN_MOTTAKER = "NESTE_UTEN_MOTTAKER"
    SIDE_ULEST = "SIDE_ULEST"
    SIDE_UTEN_TEKST = "SIDE_UTEN_TEKST"
    SKANNET_SIDE = "SKANNET_SIDE"
    TEKST_ULESELIG = "TEKST_ULESELIG"
    TEKST_KUTTET = "TEKST_KUTTET"
    TEGN_MISTENKELIG = "TEGN_MISTENKELIG"
    AEOA_MANGLER = "AEOA_MANGLER"
    LINJER_SAMMEN = "LINJER_SAMMEN"
    NUMMER_MANGLER = "NUMMER_MANGLER"
    FLERE_NUMMER = "FLERE_NUMMER"
    NUMMER_ULIKT = "NUMMER_ULIKT"
    TILLEGG_MANGLER = "TILLEGG_MANGLER"
    TILLEGG_FLERTYDIG = "TILLEGG_FLERTYDIG"
    BREV_KAN_IKKE_SENDES = "BREV_KAN_IKKE_SENDES"
    TITTEL_PERSONNUMMER = "TITTEL_PERSONNUMMER"
    FILNAVN_MANGLER = "FILNAVN_MANGLER"
    FILNAVN_I_RADEN_UGYLDIG = "FILNAVN_I_RADEN_UGYLDIG"
    FILNAVN_BOKSTAVSTORRELSE = "FILNAVN_BOKSTAVSTORRELSE"
    FIL_IKKE_LASTET_OPP = "FIL_IKKE_LASTET_OPP"
    FIL_FLERTYDIG = "FIL_FLERTYDIG"
    FIL_NEVNT_TO_GANGER = "FIL_NEVNT_TO_GANGER"
    FIL_FLERE_MOTTAKERE = "FIL_FLERE_MOTTAKERE"
    FIL_KAN_IKKE_SENDES = "FIL_KAN_IKKE_SENDES"
    FILER_I_RADEN_FOR_MANGE = "FILER_I_RADEN_FOR_MANGE"
    BREV_FOR_STORT = "BREV_FOR_STORT"


class Filkode(StrEnum):
    """Every reason to refuse a whole file; nothing of it is stored."""

    INGEN_RADER = "INGEN_RADER"
    FIL_UGYLDIG = "FIL_UGYLDIG"
    FIL_FOR_STOR = "FIL_FOR_STOR"
    FIL_FOR_TUNG = "FIL_FOR_TUNG"
    FIL_ZIPBOMBE = "FIL_ZIPBOMBE"
    FIL_PASSORD = "FIL_PASSORD"
    FILTYPE_UKJENT = "FILTYPE_UKJENT"
    INNHOLD_PASSER_IKKE = "INNHOLD_PASSER_IKKE"
    CELLE_FOR_LANG = "CELLE_FOR_LANG"
    FOR_MANGE_KOLONNER = "FOR_MANGE_KOLONNER"
    FOR_MANGE_RADER = "FOR_MANGE_RADER"
    FORMELCELLE = "FORMELCELLE"
    FORMEL_I_ARK = "FORMEL_I_ARK"
    FEILVERDI_I_CELLE = "FEILVERDI_I_CELLE"
    FEILVERDI_I_ARK = "FEILVERDI_I_ARK"
    SKJULTE_RADER = "SKJULTE_RADER"
    FLERE_ARK = "FLERE_ARK"
    SITAT_IKKE_LUKKET = "SITAT_IKKE_LUKKET"
    OVERSKRIFT_MANGLER = "OVERSKRIFT_MANGLER"
    KOLONNE_MANGLER = "KOLONNE_MANGLER"
    KOLONNE_DOBBEL = "KOLONNE_DOBBEL"
    KOLONNE_UKLAR = "KOLONNE_UKLAR"
    NUMMERKOLONNE_MANGLER = "NUMMERKOLONNE_MANGLER"
    NOKKELKOLONNE_MANGLER = "NOKKELKOLONNE_MANGLER"
    TILLEGGSNOKKEL_UKJENT = "TILLEGGSNOKKEL_UKJENT"
    TILLEGGSLISTE_FORSKJOVET = "TILLEGGSLISTE_FORSKJOVET"


MAPPABLE = (Filkode.KOLONNE_MANGLER, Filkode.KOLONNE_DOBBEL, Filkode.KOLONNE_UKLAR)
"""Reasons after which the file is kept, so that a person can map its columns to fields."""


class ListeFeil(FiksError):
    """The whole file cannot be used. `kode` is a `Filkode`; `params` may hold `linje`, `celler`, `ark`,
    `antall`, `grense`.
    """

    status = 422


@dataclass(frozen=True, slots=True, repr=False)
class Funn:
    """One finding on one row. No repr: values must not reach a log.

    `rad` is the row number a spreadsheet shows (header 1), `linje` the physical line. `verdi` is what stands in
    the file per field, `reparert` the proposed value per field (severity `auto`), `dublett_av` the earlier row.
    """

    rad: int
    linje: int
    felt: str | None
    kode: Funnkode
    alvorlighet: Alvorlighet
    verdi: Mapping[str, str | list[str]] = field(default_factory=dict)
    reparert: Mapping[str, str] | None = None
    dublett_av: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Rad:
    """One row as it stands in the file. No repr: values must not reach a log.

    `verdier`: text per field (extra columns under their header). `tall`: fields whose cell was a number in
    the workbook, so that lost leading zeros can be proposed. `forskjovet`: raw parts of a row with more or
    fewer fields than the header, per field where that can be seen; then no other rule applies.
    """

    rad: int
    linje: int
    verdier: dict[str, str]
    tall: frozenset[str] = frozenset()
    forskjovet: dict[str, list[str]] | None = None


def funn(
    rad: Rad,
    felt: str | None,
    kode: Funnkode,
    alvorlighet: Alvorlighet,
    reparert: Mapping[str, str] | None = None,
    felter: tuple[str, ...] = (),
) -> Funn:
    """Return a finding on `rad`; its `verdi` holds the values of `felt`, or of `felter` if given."""
    navn = felter or ((felt,) if felt else ())
    return Funn(
        rad=rad.rad,
        linje=rad.linje,
        felt=felt,
        kode=kode,
        alvorlighet=alvorlighet,
        verdi={n: rad.verdier.get(n, "") for n in navn},
        reparert=reparert,
    )

"""Every field a template may name: list columns, sender, mailing dates, computed values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Felttype(StrEnum):
    """Type of a field's value. FRI is an unknown column; every format may be tried on it."""

    TEKST = "TEKST"
    BELOP = "BELOP"
    TALL = "TALL"
    DATO = "DATO"
    PROMILLE = "PROMILLE"
    KONTONUMMER = "KONTONUMMER"
    EIENDOM = "EIENDOM"
    FRI = "FRI"


class Kilde(StrEnum):
    """Where a value comes from."""

    KOLONNE = "KOLONNE"
    AVSENDER = "AVSENDER"
    UTSENDING = "UTSENDING"
    BEREGNET = "BEREGNET"


@dataclass(frozen=True, slots=True)
class Felt:
    """A name allowed between (( and )); `beskrivelse` is shown beside it in the editor."""

    navn: str
    type: Felttype
    kilde: Kilde
    beskrivelse: str = ""


T = Felttype
_COLUMN_TYPES: dict[str, Felttype] = {
    "fnr": T.TEKST,
    "orgnr": T.TEKST,
    "navn": T.TEKST,
    "adresselinje1": T.TEKST,
    "adresselinje2": T.TEKST,
    "adresselinje3": T.TEKST,
    "postnr": T.TEKST,
    "poststed": T.TEKST,
    "land": T.TEKST,
    "gnr": T.TALL,
    "bnr": T.TALL,
    "festenr": T.TALL,
    "seksjonsnr": T.TALL,
    "eiendomsadresse": T.TEKST,
    "eiendomstype": T.TEKST,
    "medeiere": T.TEKST,
    "takst": T.BELOP,
    "bunnfradrag": T.BELOP,
    "boenheter": T.TALL,
    "reduksjonsfaktor": T.TALL,
    "skattesats_promille": T.PROMILLE,
    "skatteaar": T.TALL,
    "skatt_aar": T.BELOP,
    "terminer": T.TALL,
    "belop_termin": T.BELOP,
    "belop_siste_termin": T.BELOP,
    "kid": T.TEKST,
    "kontonummer": T.KONTONUMMER,
    "forfall1": T.DATO,
    "forfall2": T.DATO,
    "forfall3": T.DATO,
    "forfall4": T.DATO,
    "konteringskode": T.TEKST,
    "malform": T.TEKST,
    "eksternref": T.TEKST,
}
KOLONNER: tuple[str, ...] = tuple(_COLUMN_TYPES)

_A, _U, _B = Kilde.AVSENDER, Kilde.UTSENDING, Kilde.BEREGNET
FASTE: tuple[Felt, ...] = (
    Felt("kommune_navn", T.TEKST, _A, "Kommunens navn"),
    Felt("kommune_adresse", T.TEKST, _A, "Kommunens postadresse på én linje"),
    Felt("kommune_orgnr", T.TEKST, _A, "Kommunens organisasjonsnummer"),
    Felt("kommunenr", T.TEKST, _A, "Kommunenummer, fire siffer"),
    Felt("kommune_epost", T.TEKST, _A, "E-postadresse for spørsmål"),
    Felt("kommune_telefon", T.TEKST, _A, "Telefonnummer for spørsmål"),
    Felt("kommune_apningstid", T.TEKST, _A, "Åpningstid"),
    Felt("kommune_nett", T.TEKST, _A, "Kommunens nettsted"),
    Felt("tittel", T.TEKST, _U, "Utsendingens tittel"),
    Felt("sendt", T.DATO, _U, "Brevdato. Brevet kan gå ut noen dager senere"),
    Felt("kunngjort", T.DATO, _U, "Dagen skattelisten kunngjøres"),
    Felt("takst_70", T.BELOP, _B, "Takst ganger reduksjonsfaktor"),
    Felt("reduksjon_prosent", T.TALL, _B, "Reduksjonsfaktor i prosent, for eksempel 70"),
    Felt("skattegrunnlag", T.BELOP, _B, "Takst ganger reduksjonsfaktor minus bunnfradrag, aldri under 0"),
    Felt(
        "klagefrist",
        T.DATO,
        _B,
        "Seks uker fra det seneste av kunngjort og en uke etter brevdatoen (eigedomsskattelova § 19)",
    ),
    Felt("ettersyn_til", T.DATO, _B, "Tre uker etter kunngjort (eigedomsskattelova § 15)"),
    Felt("eiendom_lang", T.EIENDOM, _B, "Kommunenr-gnr/bnr/festenr/seksjonsnr, 0 der delen er tom"),
    Felt("eiendomstype_navn", T.TEKST, _B, "Eiendomstypen på brevets målform (bustad, fritidsbustad)"),
    Felt("boenheter_tekst", T.TEKST, _B, "Antall boenheter med rett bøyning"),
    Felt("medeiere_tekst", T.TEKST, _B, "Medeierne med komma og «og»"),
    Felt("terminer_tekst", T.TEKST, _B, "Antall terminer med rett bøyning"),
    Felt("siste_termin_avviker", T.TEKST, _B, "Utfylt når siste termin har et annet beløp enn de andre"),
    Felt("id_label", T.TEKST, _B, "«Fødselsnr.», «Org.nr.» eller tomt"),
    Felt("id_verdi", T.TEKST, _B, "Fødselsnummeret eller organisasjonsnummeret, eller tomt"),
)

LISTER: Mapping[str, Mapping[str, Felttype]] = {
    "terminliste": {"nr": T.TALL, "forfall": T.DATO, "belop": T.BELOP},
}
"""Lists that a template may repeat over, with the fields that exist inside each repetition."""


def known_fields(columns: Iterable[str] = KOLONNER) -> dict[str, Felt]:
    """Return every field for a list with these columns; a fixed field wins over a column of the same name."""
    fields = {name: Felt(name, _COLUMN_TYPES.get(name, Felttype.FRI), Kilde.KOLONNE) for name in columns}
    fields.update((felt.navn, felt) for felt in FASTE)
    return fields

"""The numbered catalogue of faults in what a fagsystem sends, and the error that carries the findings.

Number and code are a contract and never change their meaning. The caseworker's text with cause and remedy is
in the portal's texts, by the same code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fiks.core.errors import FiksError


@dataclass(frozen=True, slots=True)
class Feil:
    """One entry of the catalogue; `status` is the HTTP status when it is the first finding."""

    nummer: int
    kode: str
    status: int = 400


def _numbered(first: int, *codes: str, status: int = 400) -> tuple[Feil, ...]:
    return tuple(Feil(first + step, code, status) for step, code in enumerate(codes))


CATALOGUE: dict[str, Feil] = {
    entry.kode: entry
    for entry in (
        # The request itself
        *_numbered(
            100, "MULTIPART_UGYLDIG", "FORSENDELSE_MANGLER", "JSON_UGYLDIG", "FELT_UGYLDIG", "FELT_MANGLER"
        ),
        *_numbered(
            105, "XML_UGYLDIG", "NOKKEL_UGYLDIG", "NHN_STOTTES_IKKE", "FOR_MANGE_IDER", "OVERFORING_UGYLDIG"
        ),
        *_numbered(110, "FOR_MANGE_TREFF", "OPERASJON_UKJENT"),
        *_numbered(120, "KONTO_IKKE_AKTIV", status=409),
        *_numbered(121, "TJENESTE_IKKE_AKTIV", status=403),
        *_numbered(130, "ID_IKKE_RESERVERT", status=404),
        *_numbered(131, "NOKKEL_ANNET_INNHOLD", "FORSENDELSE_ANNET_INNHOLD", "NOKKEL_ANNEN_ID", status=409),
        *_numbered(134, "NOKKEL_IKKE_SENDT", "FORSENDELSE_IKKE_SENDT", status=409),
        # The letter
        *_numbered(
            200, "TITTEL_MANGLER", "TITTEL_FOR_LANG", "KONTERINGSKODE_UGYLDIG", "EKSTERN_REFERANSE_FOR_LANG"
        ),
        *_numbered(204, "KORRELASJONSID_FOR_LANG", "AVGIVENDE_SYSTEM_FOR_LANGT", "AVGIVENDE_AKTOR_FOR_LANG"),
        *_numbered(
            207, "FORSENDELSESTYPE_UGYLDIG", "EKSPONERT_UGYLDIG", "EKSPONERT_DUPLIKAT", "LENKER_FOR_MANGE"
        ),
        *_numbered(
            211, "LENKE_UGYLDIG", "LENKETEKST_UGYLDIG", "NIVA4_UTEN_KRYPTERING", "SVARLENKE_UTEN_ORGNR"
        ),
        *_numbered(215, "SVARADRESSE_UGYLDIG", "NOARK_UGYLDIG", "TEKST_MED_NULLTEGN"),
        # The receiver
        *_numbered(
            300, "MOTTAKER_MANGLER", "MOTTAKERNAVN_MANGLER", "MOTTAKERNAVN_FOR_LANGT", "DIGITAL_ID_UGYLDIG"
        ),
        *_numbered(304, "DIGITAL_ID_MANGLER", "IKKE_PERSON", "IKKE_ORGANISASJON", "ADRESSE_MANGLER"),
        *_numbered(308, "ADRESSE_FOR_LANG", "POSTNUMMER_UGYLDIG", "POSTSTED_MANGLER", "LAND_UKJENT"),
        # The documents
        *_numbered(400, "DOKUMENTER_MANGLER", "DOKUMENTER_FOR_MANGE", "FILNAVN_UGYLDIG", "FILNAVN_DUPLIKAT"),
        *_numbered(
            404, "MIMETYPE_UGYLDIG", "KUN_PDF_KAN_SKRIVES_UT", "INGENTING_A_SKRIVE_UT", "GIROARK_UGYLDIG"
        ),
        *_numbered(
            408, "DOKUMENTTYPE_FOR_LANG", "EKSTRAMETADATA_UGYLDIG", "DOKUMENT_MANGLER", "DOKUMENT_EKSTRA"
        ),
        *_numbered(412, "FILNAVN_AVVIKER", "DOKUMENT_TOMT", "DOKUMENT_IKKE_PDF", "KRYPTERING_UGYLDIG"),
        *_numbered(420, "UTSKRIFT_FOR_STOR", "FORSENDELSE_FOR_STOR", status=413),
        # Signing
        *_numbered(500, "SIGNERING_UFULLSTENDIG", "SIGNERING_FLERE_DOKUMENTER", "SIGNERING_IKKE_PDF"),
        *_numbered(503, "SIGNERING_UTEN_FNR", "SIGNERING_UTEN_SVARADRESSE", "SIGNERING_UTLOPER_FOR_TIDLIG"),
        *_numbered(506, "SIGNERING_IKKE_AKTIV", "SIGNERING_IKKE_SATT_OPP"),
        # What is found when its documents are opened and its cover sheet is tried, after the letter has got its id
        *_numbered(600, "PDF_PASSORD", "PDF_UGYLDIG", "PDF_FOR_MANGE_SIDER", "PDF_FOR_KOMPLISERT"),
        *_numbered(604, "GIROARK_UTENFOR", "GIROARK_BAKSIDE", "KAN_IKKE_DEKRYPTERES", "ORGANISASJON_UKJENT"),
        *_numbered(608, "RESERVERT_ELLER_UKJENT", "KONTROLL_MISLYKTES", "ADRESSE_UTENFOR_VINDU"),
        *_numbered(611, "AVSENDER_I_VINDUET", "TEGN_UTEN_SKRIFT"),
    )
}


@dataclass(frozen=True, slots=True)
class Funn:
    """One finding: `felt` in v2's spelling (`mottaker.postnummer`); `params` are values without personal
    data.
    """

    kode: str
    felt: str = ""
    params: dict[str, object] = field(default_factory=dict)


class UgyldigForsendelse(FiksError):
    """The letter is refused and nothing of it kept. `funn` has all findings; the first decides code and
    status.
    """

    def __init__(self, funn: Sequence[Funn]) -> None:
        first = funn[0]
        super().__init__(first.kode, first.felt or None, **first.params)
        self.funn = tuple(funn)
        self.status = CATALOGUE[first.kode].status  # type: ignore[misc]


def refuse(kode: str, felt: str = "", **params: object) -> UgyldigForsendelse:
    """Make the error of a single finding, for the caller to raise."""
    return UgyldigForsendelse([Funn(kode, felt, params)])

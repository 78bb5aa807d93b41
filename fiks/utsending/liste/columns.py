"""The columns a recipient list may have, and the header spellings of each (`column_mapping` maps headers to
them).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kolonnetype(StrEnum):
    """Type of a column's values; decides its rules and how a value is spelled in the letter."""

    FNR = "fnr"
    ORGNR = "orgnr"
    NAVN = "navn"
    ADRESSE = "adresse"
    POSTNR = "postnr"
    POSTSTED = "poststed"
    LAND = "land"
    TEKST = "tekst"
    MEDEIERE = "medeiere"
    HELTALL = "heltall"
    DESIMAL = "desimal"
    AAR = "aar"
    KRONER = "kroner"
    BELOP = "belop"
    KID = "kid"
    KONTONUMMER = "kontonummer"
    DATO = "dato"
    KONTERINGSKODE = "konteringskode"
    MALFORM = "malform"


@dataclass(frozen=True, slots=True)
class Kolonne:
    """One known column. `synonymer`: header spellings besides the field name.

    `uvisse`: those synonyms that may describe something other than the receiver, such as the property.
    """

    felt: str
    type: Kolonnetype
    synonymer: tuple[str, ...] = ()
    maks: int | None = None
    uvisse: frozenset[str] = frozenset()

    @property
    def etikett(self) -> str:
        """Key of the Norwegian label; the text itself belongs to the portal."""
        return f"kolonne.{self.felt}"


def _k(
    felt: str, type_: Kolonnetype, synonymer: str = "", maks: int | None = None, uvisse: str = ""
) -> Kolonne:
    sure, unsure = (tuple(s.strip() for s in given.split(",") if s.strip()) for given in (synonymer, uvisse))
    return Kolonne(felt, type_, (*sure, *unsure), maks, frozenset(unsure))


_T = Kolonnetype
KOLONNER: tuple[Kolonne, ...] = (
    _k(
        "fnr",
        _T.FNR,
        "fødselsnummer, fodselsnummer, foedselsnummer, fødselsnr, fodselsnr, fnr/dnr, fnr dnr,"
        " fødselsnr/d-nr, personnummer,"
        " personnr, f.nr, fødsels- og personnummer, 11 siffer, fnr eier, eier fnr,"
        " fødselsnummer 11 siffer, digitalid,"
        " fnr/orgnr, fødselsnr/orgnr, fødselsnummer/organisasjonsnummer, mottaker fnr, skyldner fnr",
    ),
    _k(
        "orgnr",
        _T.ORGNR,
        "organisasjonsnummer, org nr, org.nr, orgnummer, organisasjonsnr, foretaksnummer,"
        " virksomhetsnummer, org,"
        " eier orgnr, mottaker orgnr",
    ),
    _k(
        "navn",
        _T.NAVN,
        "eier, mottaker, mottakernavn, mottakers navn, eiernavn, eiers navn, hjemmelshaver, fullt navn,"
        " fulltnavn,"
        " navn eier, navn på eier, navn 1, navn1, adressat, kundenavn, skyldner, skyldners navn,"
        " skattyter, name, kunde",
        100,
    ),
    _k(
        "adresselinje1",
        _T.ADRESSE,
        "eiers adresse, eieradresse, adresse eier, postadresse, postadresse1, fakturaadresse,"
        " eiers postadresse, postadresse eier, mottakers adresse, mottakeradresse, adresse mottaker,"
        " hjemmelshavers adresse, skyldners adresse, kundeadresse",
        70,
        "adresse, adresse1, adr1, adr 1, adresselinje, gateadresse, gate, gatenavn, veiadresse, vegadresse,"
        " adrlinje1, address1, gatenavn og nummer",
    ),
    _k(
        "adresselinje2",
        _T.ADRESSE,
        "adresse2, adr2, postadresse2, adrlinje2, address2, co, c/o, co adresse, c/o-adresse",
        70,
    ),
    _k("adresselinje3", _T.ADRESSE, "adresse3, adr3, postadresse3, adrlinje3, address3", 70),
    _k(
        "postnr",
        _T.POSTNR,
        "eiers postnr, eiers postnummer, postnr eier",
        20,
        "postnr, postnummer, post nr, postkode, zip, zipcode, pnr, p.nr, postal code",
    ),
    _k(
        "poststed",
        _T.POSTSTED,
        "eiers poststed, poststed eier, postadressested",
        70,
        "poststed, poststad, post sted, sted, by, city, stad",
    ),
    _k("land", _T.LAND, "landkode, country, landnavn, nasjon", 70),
    _k("gnr", _T.HELTALL, "gårdsnr, gårdsnummer, gardsnr, gardsnummer, gaardsnr, gård, gårdnr"),
    _k("bnr", _T.HELTALL, "bruksnr, bruksnummer, bruk"),
    _k("festenr", _T.HELTALL, "festenummer, feste, fnr feste, festnr"),
    _k("seksjonsnr", _T.HELTALL, "seksjon, seksjonsnummer, snr, seksj"),
    _k(
        "eiendomsadresse",
        _T.TEKST,
        "objektadresse, eigedomsadresse, adresse eiendom, eiendommens adresse, matrikkeladresse,"
        " bygningsadresse,"
        " objektets adresse, eiendom adresse, beliggenhet",
        200,
    ),
    _k(
        "eiendomstype",
        _T.TEKST,
        "objekttype, eigedomstype, type eiendom, boligtype, bygningstype, kategori, type",
        100,
    ),
    _k(
        "medeiere",
        _T.MEDEIERE,
        "hjemmelshavere, medeigarar, medeier, sameiere, andre eiere, øvrige eiere, medeigar",
        1000,
    ),
    _k(
        "takst",
        _T.KRONER,
        "eiendomsskattetakst, eigedomsskattetakst, skattetakst, takstverdi, eiendomstakst, verdi, boligverdi",
    ),
    _k(
        "bunnfradrag",
        _T.KRONER,
        "bunnfradrag kr, botnfrådrag, bunnfrådrag, fradrag, botnfradrag, sum bunnfradrag",
    ),
    _k(
        "boenheter",
        _T.HELTALL,
        "boenh, antall boenheter, ant boenheter, boenhet, bueiningar, antall boenh, bueining",
    ),
    _k("reduksjonsfaktor", _T.DESIMAL, "faktor, red faktor, reduksjon"),
    _k(
        "skattesats_promille",
        _T.DESIMAL,
        "promille, skattesats, sats, promillesats, skattøre, skatteøre, sats promille",
    ),
    _k("skatteaar", _T.AAR, "år, skatteår, aar, inntektsår, gjelder år, eiendomsskatteår"),
    _k(
        "skatt_aar",
        _T.BELOP,
        "årsbeløp, skatt år, skatt per år, årsskatt, skatt i år, eiendomsskatt, eigedomsskatt,"
        " utskrevet skatt, skatt,"
        " eiendomsskatt per år, beløp år, sum skatt, skattebeløp",
    ),
    _k("terminer", _T.HELTALL, "ant terminer, antall terminer, terminar, antal terminar, ant term"),
    _k(
        "belop_termin", _T.BELOP, "terminbeløp, beløp per termin, beløp termin, beløp pr termin, termin beløp"
    ),
    _k(
        "belop_siste_termin",
        _T.BELOP,
        "siste terminbeløp, beløp siste termin, sisteterminbeløp, siste termin",
    ),
    _k("kid", _T.KID, "kid nr, kidnr, kid nummer, kidnummer, kid-nummer, kundeidentifikasjon, betalings id"),
    _k(
        "kontonummer",
        _T.KONTONUMMER,
        "bankkonto, konto, kontonr, bankkontonummer, kontonummer til, til konto, bankkontonr",
    ),
    _k(
        "forfall1",
        _T.DATO,
        "forfallsdato 1, forfall 1, 1. forfall, forfallsdato1, første forfall, forfall termin 1",
    ),
    _k("forfall2", _T.DATO, "forfallsdato 2, forfall 2, 2. forfall, forfallsdato2, forfall termin 2"),
    _k("forfall3", _T.DATO, "forfallsdato 3, forfall 3, 3. forfall, forfallsdato3, forfall termin 3"),
    _k("forfall4", _T.DATO, "forfallsdato 4, forfall 4, 4. forfall, forfallsdato4, forfall termin 4"),
    _k(
        "konteringskode",
        _T.KONTERINGSKODE,
        "kontering, konteringstreng, konteringsstreng, bilagskode, ansvar",
        20,
    ),
    _k("malform", _T.MALFORM, "språkform, målform, målføre, språk, spraak, sprakform, language"),
    _k(
        "eksternref",
        _T.TEKST,
        "fagsystem id, eksternreferanse, ekstern ref, ekstern referanse, referanse, deres ref, saksnr,"
        " saksnummer,"
        " fagsystemid, ref, ekstern id, eksternid",
        100,
    ),
)
"""The 35 columns of an eiendomsskatt list."""

TILLEGGSKOLONNER: tuple[Kolonne, ...] = (
    _k("tittel", _T.TEKST, "title, emne, overskrift, brevtittel", 1000),
    _k("filnavn", _T.TEKST, "fil, dokument, pdf, pdf-fil, vedlegg, filename, dokumentnavn", 1000),
    _k("belop", _T.BELOP, "beløp, sum, å betale, beløp å betale, total"),
    _k("forfall", _T.DATO, "forfallsdato, betalingsfrist, frist"),
    _k("fornavn", _T.NAVN, "for navn, førenamn", 100),
    _k("mellomnavn", _T.NAVN, "mellom navn, mellomnamn", 100),
    _k("etternavn", _T.NAVN, "etter navn, slektsnavn, etternamn", 100),
)
"""Columns of other lists; `fornavn` and `etternavn` together replace `navn`."""

ALLE: dict[str, Kolonne] = {k.felt: k for k in (*KOLONNER, *TILLEGGSKOLONNER)}
RESERVERT = frozenset(ALLE) | {
    "kommune_navn",
    "kommune_adresse",
    "kommune_orgnr",
    "kommunenr",
    "kommune_epost",
    "kommune_telefon",
    "kommune_apningstid",
    "kommune_nett",
    "sendt",
    "kunngjort",
    "takst_70",
    "reduksjon_prosent",
    "skattegrunnlag",
    "klagefrist",
    "ettersyn_til",
    "eiendom_lang",
    "eiendomstype_navn",
    "boenheter_tekst",
    "medeiere_tekst",
    "terminer_tekst",
    "siste_termin_avviker",
    "id_label",
    "id_verdi",
}
"""Names that no extra column may have: the known columns, and a letter's sender, mailing and computed fields.

The latter repeat `brev.language.fields.FASTE`, whose import would take a second wherever a list is read.
"""
NOKKEL = "nokkel"
"""Lookup key of a letter in a big PDF's extra list: one of its values, but no column of any list."""
UNUSED_SUFFIX = " (ikke brukt)"
"""Suffix of the header of an extra column whose header alone would match a field."""
_FOLD = str.maketrans({"ø": "o", "æ": "ae", "å": "a", "đ": "d"})


def header_key(header: str) -> str:
    """Return the header for comparison: without case, spaces, underscores, punctuation and Norwegian letters."""
    text = unicodedata.normalize("NFC", header).casefold().translate(_FOLD)
    return re.sub(r"[\W_]+", "", text)


def _index() -> dict[str, tuple[str, int]]:
    """Return header key -> (field, rank); the field name ranks first, then its synonyms in order."""
    found: dict[str, tuple[str, int]] = {}
    for kolonne in ALLE.values():
        for rank, spelling in enumerate((kolonne.felt, *kolonne.synonymer)):
            found.setdefault(header_key(spelling), (kolonne.felt, rank))
    return found


HEADER_INDEX = _index()
UNSURE_HEADERS = frozenset(header_key(spelling) for kolonne in ALLE.values() for spelling in kolonne.uvisse)
"""Keys of headers that do not say whose value the column holds."""


def recognise(header: str) -> str | None:
    """Return the field a header stands for, or None."""
    hit = HEADER_INDEX.get(header_key(header))
    return hit[0] if hit else None


def value_names(headers: Iterable[str], mapping: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return the name of each column's value: the mapped field, else its own header.

    An extra column never gets a reserved name, and names are unique. A column marked unused in one of our own
    files gets its former name back (`written_header`).
    """
    names = tuple(headers)
    return tuple(mapping.get(header) or _own_column_name(header, names) for header in names)


def written_header(name: str) -> str:
    """Return the header for the value `name` in a file that will be corrected and read again.

    An extra column, which somebody may have chosen not to use, must not be taken for the field its header
    matches.
    """
    return f"{name}{UNUSED_SUFFIX}" if name not in ALLE and recognise(name) else name


def _own_column_name(header: str, headers: Sequence[str]) -> str:
    before = header.removesuffix(UNUSED_SUFFIX)
    if written_header(before) == header and before not in RESERVERT and before not in headers:
        return before
    name = header
    while name in RESERVERT or (name != header and name in headers):
        name += " (egen)"
    return name

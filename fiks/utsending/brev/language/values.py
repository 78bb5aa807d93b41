"""The values a letter may print: the row's own, the sender's, the dates, and everything computed from them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from fiks.core.values import address
from fiks.utsending.brev.context import NN, Brevkontekst
from fiks.utsending.brev.errors import BrevFeil
from fiks.utsending.brev.language.formats import date_to_text, ore_to_text, parse_number, parse_ore
from fiks.utsending.liste.property_tax import NO_REDUCTION, NOTHING, last_amount_column
from fiks.utsending.rules import printed_deadline

MAX_TERMS = 4
_EIENDOMSTYPE_NN = {"bolig": "bustad", "fritidsbolig": "fritidsbustad"}
_AS_DRAWN = str.maketrans(dict.fromkeys("\t\n\r\f\x85\u2028\u2029", " ") | {"\u00ad": None})
"""White space and soft hyphens as drawn: a value stands on one line, and letters are not hyphenated.

WeasyPrint removes soft hyphens too late and fails on the space that a removed one leaves at a line's end.
"""


class Brevverdier:
    """The values of one letter by field name, computed lazily.

    `row`: column name -> text as in the list ("3804,00", "31.03.2027", "" for empty); missing columns count
    as empty. Access raises BrevFeil VERDI_UGYLDIG (felt) when a value cannot be computed.
    """

    def __init__(self, row: Mapping[str, str], kontekst: Brevkontekst, malform: str) -> None:
        self.row = row
        self.kontekst = kontekst
        self.malform = malform
        self._computed: dict[str, str] = {}
        self._columns: dict[str, str] = {}
        self._lists: dict[str, tuple[Mapping[str, str], ...]] = {}

    def __getitem__(self, name: str) -> str:
        fixed = FIELD_READERS.get(name)
        if fixed is None:
            return self.column(name)
        value = self._computed.get(name)
        if value is None:
            value = self._computed[name] = clean_value(fixed(self), name)
        return value

    def column(self, name: str) -> str:
        """Return the row's own text with white space normalised."""
        value = self._columns.get(name)
        if value is None:
            value = self._columns[name] = clean_value(self.row.get(name, ""), name)
        return value

    def items(self, name: str) -> tuple[Mapping[str, str], ...]:
        """Return the elements of a list, each a mapping of that list's own fields."""
        items = self._lists.get(name)
        if items is None:
            items = self._lists[name] = _LISTS[name](self)
        return items

    def ore(self, name: str) -> int:
        """Return a column in øre; empty counts as 0."""
        try:
            return parse_ore(self.column(name) or NOTHING)
        except ValueError as error:
            raise BrevFeil("VERDI_UGYLDIG", name) from error

    def number(self, name: str, default: str = NOTHING) -> Decimal:
        """Return a column as a number; empty counts as `default`."""
        try:
            return parse_number(self.column(name) or default)
        except ValueError as error:
            raise BrevFeil("VERDI_UGYLDIG", name) from error

    def count(self, name: str) -> int:
        """Return a column as a whole number; empty counts as 0."""
        number = self.number(name)
        if number != int(number) or number < 0:
            raise BrevFeil("VERDI_UGYLDIG", name)
        return int(number)


def clean_value(value: str, name: str) -> str:
    """Return the text as drawn: NFC, white space collapsed as in CSS, no soft hyphens; no-break spaces stay.

    Raises BrevFeil TEGN_UGYLDIG for characters that cannot be drawn (controls, surrogates, non-characters).
    """
    text = value
    if not value.isprintable():
        text = value.translate(_AS_DRAWN)
        if any(unicodedata.category(sign) in ("Cc", "Cs", "Cn") for sign in text):
            raise BrevFeil("TEGN_UGYLDIG", name)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if "  " in text or text[:1] == " " or text[-1:] == " ":
        return " ".join(part for part in text.split(" ") if part)
    return text


def country_line(values: Brevverdier) -> str:
    """Return the last address line: the country in capitals, empty for Norway."""
    return address.country_line(values.column("land"))


def _address(v: Brevverdier) -> str:
    a = v.kontekst.avsender
    place = f"{a.postnr} {a.poststed}".strip()
    return ", ".join(part for part in (*a.adresselinjer, place) if part)


def _reduced(v: Brevverdier) -> int:
    exact = v.number("takst") * 100 * v.number("reduksjonsfaktor", default=NO_REDUCTION)
    try:
        return int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    except ArithmeticError as error:
        raise BrevFeil("VERDI_UGYLDIG", "takst") from error


def _takst_70(v: Brevverdier) -> str:
    return ore_to_text(_reduced(v)) if v.column("takst") else ""


def _reduction(v: Brevverdier) -> str:
    percent = v.number("reduksjonsfaktor", default=NO_REDUCTION) * 100
    return f"{percent.normalize():f}".replace(".", ",")


def _grunnlag(v: Brevverdier) -> str:
    return ore_to_text(max(0, _reduced(v) - v.ore("bunnfradrag"))) if v.column("takst") else ""


def _klagefrist(v: Brevverdier) -> str:
    announced = v.kontekst.kunngjort
    return date_to_text(printed_deadline(announced, v.kontekst.sendt)) if announced else ""


def _ettersyn_til(v: Brevverdier) -> str:
    announced = v.kontekst.kunngjort
    return date_to_text(announced + timedelta(weeks=3)) if announced else ""


def _kunngjort(v: Brevverdier) -> str:
    return date_to_text(v.kontekst.kunngjort) if v.kontekst.kunngjort else ""


def _eiendom(v: Brevverdier) -> str:
    """Empty without the municipality number: a partial property number would denote another property."""
    number = v.kontekst.avsender.kommunenr
    if not number or not v.column("gnr"):
        return ""
    parts = [v.column(name) or "0" for name in ("gnr", "bnr", "festenr", "seksjonsnr")]
    return f"{number}-{'/'.join(parts)}"


def _eiendomstype(v: Brevverdier) -> str:
    kind = v.column("eiendomstype")
    return _EIENDOMSTYPE_NN.get(kind.lower(), kind) if v.malform == NN else kind


def _count_with_noun(name: str, nb: tuple[str, str], nn: tuple[str, str]) -> Callable[[Brevverdier], str]:
    def text(v: Brevverdier) -> str:
        if not v.column(name):
            return ""
        number = v.count(name)
        one, many = nn if v.malform == NN else nb
        return f"{number}\u00a0{one if number == 1 else many}"

    return text


def _medeiere(v: Brevverdier) -> str:
    names = [part.strip() for part in v.column("medeiere").split(";") if part.strip()]
    return " og ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _id_label(v: Brevverdier) -> str:
    if v.column("fnr"):
        return "Fødselsnr."
    return "Org.nr." if v.column("orgnr") else ""


def _id_value(v: Brevverdier) -> str:
    return v.column("fnr") or v.column("orgnr")


def _last_amount(v: Brevverdier) -> str:
    return last_amount_column(v.column("belop_siste_termin"))


def _last_differs(v: Brevverdier) -> str:
    return "ja" if v.count("terminer") > 1 and v.ore("belop_termin") != v.ore(_last_amount(v)) else ""


def _terms(v: Brevverdier) -> tuple[Mapping[str, str], ...]:
    count = v.count("terminer")
    if count > MAX_TERMS:
        raise BrevFeil("VERDI_UGYLDIG", "terminer")
    last = v.column(_last_amount(v))
    return tuple(
        {
            "nr": str(n),
            "forfall": v.column(f"forfall{n}"),
            "belop": last if n == count else v.column("belop_termin"),
        }
        for n in range(1, count + 1)
    )


FIELD_READERS: dict[str, Callable[[Brevverdier], str]] = {
    "kommune_navn": lambda v: v.kontekst.avsender.navn,
    "kommune_adresse": _address,
    "kommune_orgnr": lambda v: v.kontekst.avsender.orgnr,
    "kommunenr": lambda v: v.kontekst.avsender.kommunenr,
    "kommune_epost": lambda v: v.kontekst.avsender.epost,
    "kommune_telefon": lambda v: v.kontekst.avsender.telefon,
    "kommune_apningstid": lambda v: v.kontekst.avsender.apningstid,
    "kommune_nett": lambda v: v.kontekst.avsender.nett,
    "tittel": lambda v: v.kontekst.tittel,
    "sendt": lambda v: date_to_text(v.kontekst.sendt),
    "kunngjort": _kunngjort,
    "takst_70": _takst_70,
    "reduksjon_prosent": _reduction,
    "skattegrunnlag": _grunnlag,
    "klagefrist": _klagefrist,
    "ettersyn_til": _ettersyn_til,
    "eiendom_lang": _eiendom,
    "eiendomstype_navn": _eiendomstype,
    "boenheter_tekst": _count_with_noun("boenheter", ("boenhet", "boenheter"), ("bueining", "bueiningar")),
    "medeiere_tekst": _medeiere,
    "terminer_tekst": _count_with_noun("terminer", ("termin", "terminer"), ("termin", "terminar")),
    "siste_termin_avviker": _last_differs,
    "id_label": _id_label,
    "id_verdi": _id_value,
}
_LISTS: dict[str, Callable[[Brevverdier], tuple[Mapping[str, str], ...]]] = {"terminliste": _terms}

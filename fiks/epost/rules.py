"""E-mail's rules: which e-mails exist, the fields of each, and their wording.

Pure. An e-mail names no receiver of a letter and no title; its contents are declared field by field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from string import Template

from babel.dates import format_date

from fiks.core.values.identifiers import mask_numbers

LONGEST = 200
_REFERENCE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Status(StrEnum):
    """Status of an e-mail: ready, sent, given up."""

    KLAR = "KLAR"
    SENDT = "SENDT"
    FEILET = "FEILET"


OVERGANGER: dict[Status, frozenset[Status]] = {
    Status.KLAR: frozenset({Status.SENDT, Status.FEILET}),
    Status.SENDT: frozenset(),
    Status.FEILET: frozenset(),
}


class Sprak(StrEnum):
    """Written form of an e-mail: bokmål or nynorsk."""

    NB = "nb"
    NN = "nn"


class Felttype(StrEnum):
    """Type of a field: a name that is no private person's, a number, a day, a link to our own pages, or a
    reference.
    """

    NAVN = "NAVN"
    TALL = "TALL"
    DATO = "DATO"
    LENKE = "LENKE"
    REFERANSE = "REFERANSE"


class Mal(StrEnum):
    """All e-mails that exist."""

    SVARINN_ADVARSEL = "SVARINN_ADVARSEL"
    SVARINN_SERTIFIKAT = "SVARINN_SERTIFIKAT"
    EDIALOG_KVITTERING = "EDIALOG_KVITTERING"
    EDIALOG_FEILET = "EDIALOG_FEILET"


_F = Felttype
FELTER: Mapping[Mal, Mapping[str, Felttype]] = {
    Mal.SVARINN_ADVARSEL: {"system": _F.NAVN, "antall": _F.TALL, "eldste": _F.DATO, "lenke": _F.LENKE},
    Mal.SVARINN_SERTIFIKAT: {"system": _F.NAVN, "utloper": _F.DATO, "lenke": _F.LENKE},
    Mal.EDIALOG_KVITTERING: {"mottaker": _F.NAVN, "referanse": _F.REFERANSE, "lenke": _F.LENKE},
    Mal.EDIALOG_FEILET: {"mottaker": _F.NAVN, "lenke": _F.LENKE},
}

Verdi = str | int | date


@dataclass(frozen=True, slots=True)
class Melding:
    """A worded e-mail: one subject line, and plain text."""

    emne: str
    tekst: str


def check_values(mal: Mal, verdier: Mapping[str, Verdi], addresses: tuple[str, ...]) -> dict[str, str | int]:
    """Return the values as stored: exactly the fields of the e-mail, days as ISO dates.

    `addresses` are the base URLs of our own pages. Raises ValueError for a field that is missing, unknown, of
    another type, of more than one line or 200 characters, a name with a personal number in it, or a link
    elsewhere.
    """
    fields = FELTER[mal]
    if fields.keys() != verdier.keys():
        raise ValueError(f"{mal} needs exactly {', '.join(fields)}")
    return {name: _checked(name, kind, verdier[name], addresses) for name, kind in fields.items()}


def _checked(name: str, kind: Felttype, value: Verdi, addresses: tuple[str, ...]) -> str | int:
    if kind is Felttype.TALL and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind is Felttype.DATO and isinstance(value, date):
        return value.isoformat()[:10]
    if kind in (Felttype.TALL, Felttype.DATO) or not isinstance(value, str):
        raise ValueError(f"{name} is no {kind}")
    if not value.isprintable() or not 0 < len(value) <= LONGEST:
        raise ValueError(f"{name} is no single line")
    fits = {
        Felttype.NAVN: mask_numbers(value) == value,
        Felttype.LENKE: any(value.startswith(f"{ours}/") for ours in addresses),
        Felttype.REFERANSE: bool(_REFERENCE.fullmatch(value)),
    }
    if not fits[kind]:
        raise ValueError(f"{name} is no {kind} of ours")
    return value


def render_mail(mal: Mal, sprak: Sprak, source: str, verdier: Mapping[str, str | int]) -> Melding:
    """Fill the stored values into a template: its first line is the subject, the part after the empty line
    the text.

    Raises ValueError for a template that uses anything but the fields.
    """
    subject, separator, text = source.partition("\n\n")
    if not separator or "\n" in subject:
        raise ValueError(f"the template of {mal} has no subject")
    shown = {name: _shown(kind, verdier[name], sprak) for name, kind in FELTER[mal].items()}
    try:
        return Melding(Template(subject).substitute(shown), Template(text).substitute(shown).rstrip() + "\n")
    except KeyError as error:
        raise ValueError(f"the template of {mal} asks for {error}") from error


def _shown(kind: Felttype, value: str | int, sprak: Sprak) -> str:
    if kind is not Felttype.DATO:
        return str(value)
    return format_date(date.fromisoformat(str(value)), "d. MMMM y", locale=str(sprak))

"""Field checks for data that persons write about organisations, persons and kontoer (konfigurasjon.md 2.1):
pure.

Each kind of data is a frozen class with `faults()`: field name to code, in page order, all faults at once.
`check` raises the first of them, so that a use case and its form can never disagree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol

from fiks.core.errors import UgyldigInndata
from fiks.core.values.identifiers import is_kontonr, is_orgnr, mask_numbers


class Feltfeil(StrEnum):
    """Why a field cannot be used."""

    FELT_MANGLER = "FELT_MANGLER"
    KORTNAVN_UGYLDIG = "KORTNAVN_UGYLDIG"
    LINJE_UGYLDIG = "LINJE_UGYLDIG"
    INNEHOLDER_PERSONNUMMER = "INNEHOLDER_PERSONNUMMER"
    PERSONNAVN_UGYLDIG = "PERSONNAVN_UGYLDIG"
    EPOST_UGYLDIG = "EPOST_UGYLDIG"
    EPOST_FOR_MANGE = "EPOST_FOR_MANGE"
    TELEFON_UGYLDIG = "TELEFON_UGYLDIG"
    NETTSTED_UGYLDIG = "NETTSTED_UGYLDIG"
    POSTNUMMER_FORM = "POSTNUMMER_FORM"
    KOMMUNENR_FORM = "KOMMUNENR_FORM"
    KOMMUNENR_MANGLER = "KOMMUNENR_MANGLER"
    ORGNR_UGYLDIG = "ORGNR_UGYLDIG"
    FNR_UGYLDIG = "FNR_UGYLDIG"
    KONTONUMMER_UGYLDIG = "KONTONUMMER_UGYLDIG"
    ADMINISTRATOR_BEGRUNNELSE = "ADMINISTRATOR_BEGRUNNELSE"
    TEKST_UGYLDIG = "TEKST_UGYLDIG"
    VALG_MANGLER = "VALG_MANGLER"
    LAGRINGSDAGER_UGYLDIG = "LAGRINGSDAGER_UGYLDIG"
    SIGNERING_UTEN_SDP = "SIGNERING_UTEN_SDP"
    ANGREFRIST_UGYLDIG = "ANGREFRIST_UGYLDIG"


_SHORT_NAME = re.compile(r"[^\W_][\w.,/ -]{1,199}")
_EMAIL_WORD = r"[^@.\s<>()\[\],;:\\\"]+"
_EMAIL = re.compile(
    rf"(?=[^@]{{1,64}}@){_EMAIL_WORD}(?:\.{_EMAIL_WORD})*@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{{2,63}}"
)
_PHONE = re.compile(r"\+?[0-9](?:[0-9 ]{3,18}[0-9])")
_SITE = re.compile(r"(?:https?://)?(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,63}(?:/[^\s<>\"]*)?")
_FOUR = re.compile(r"[0-9]{4}")
MOST_ADDRESSES = 10
LINE = 200


def short_name_fault(text: str) -> Feltfeil | None:
    """Check a short name: letters, digits and `_ . , / - space`, 2 to 200 characters."""
    return None if _SHORT_NAME.fullmatch(text) else Feltfeil.KORTNAVN_UGYLDIG


def person_name_fault(text: str) -> Feltfeil | None:
    """Check a person's name: 2 to 450 characters on one line, without a personal number."""
    fits = 2 <= len(text) <= 450 and text.isprintable() and mask_numbers(text) == text
    return None if fits else Feltfeil.PERSONNAVN_UGYLDIG


def line_fault(text: str, longest: int = LINE) -> Feltfeil | None:
    """Check one line of free text, without a personal number."""
    if len(text) > longest or not text.isprintable():
        return Feltfeil.LINJE_UGYLDIG
    return None if mask_numbers(text) == text else Feltfeil.INNEHOLDER_PERSONNUMMER


def reason_fault(text: str) -> Feltfeil | None:
    """Check an operator's reason: at least five characters on one line, without a personal number."""
    return Feltfeil.ADMINISTRATOR_BEGRUNNELSE if len(text.strip()) < 5 else line_fault(text)


def email_fault(text: str) -> Feltfeil | None:
    """Check one e-mail address, at most 254 characters."""
    return None if len(text) <= 254 and _EMAIL.fullmatch(text) else Feltfeil.EPOST_UGYLDIG


def phone_fault(text: str) -> Feltfeil | None:
    """Check a phone number: digits and spaces, perhaps with + first; never eleven digits that form a personal
    number.
    """
    fits = _PHONE.fullmatch(text) and mask_numbers(text) == text
    return None if fits else Feltfeil.TELEFON_UGYLDIG


def site_fault(text: str) -> Feltfeil | None:
    """Check a web address, with or without https:// in front."""
    return None if len(text) <= 200 and _SITE.fullmatch(text) else Feltfeil.NETTSTED_UGYLDIG


def postcode_fault(text: str) -> Feltfeil | None:
    """Check a postcode: four digits, kept as text, since 0010 is not 10."""
    return None if _FOUR.fullmatch(text) else Feltfeil.POSTNUMMER_FORM


def municipality_fault(text: str) -> Feltfeil | None:
    """Check a municipality number: four digits, kept as text, since 0301 is Oslo."""
    return None if _FOUR.fullmatch(text) else Feltfeil.KOMMUNENR_FORM


def orgnr_fault(text: str) -> Feltfeil | None:
    """Check an orgnr: nine digits with a valid check digit."""
    return None if is_orgnr(text) else Feltfeil.ORGNR_UGYLDIG


def account_fault(text: str) -> Feltfeil | None:
    """Check a kontonummer: eleven digits with a valid check digit."""
    return None if is_kontonr(text) else Feltfeil.KONTONUMMER_UGYLDIG


class Opplysninger(Protocol):
    """Data that can report its own faults."""

    def faults(self) -> dict[str, Feltfeil]: ...


def check(data: Opplysninger) -> None:
    """Raise UgyldigInndata for the first fault, with its field."""
    for felt, kode in data.faults().items():
        raise UgyldigInndata(str(kode), felt=felt)


_Found = Iterable[tuple[str, Feltfeil | None]]


def faults_by_field(found: _Found) -> dict[str, Feltfeil]:
    faults: dict[str, Feltfeil] = {}
    for felt, kode in found:
        if kode is not None:
            faults.setdefault(felt, kode)
    return faults


def missing_fault(text: str) -> Feltfeil | None:
    return None if text else Feltfeil.FELT_MANGLER

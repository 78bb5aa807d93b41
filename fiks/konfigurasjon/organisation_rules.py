"""Field checks for data that persons write about organisations, persons and kontoer (konfigurasjon.md 2.1):
pure.

Each kind of data is a frozen class with `faults()`: field name to code, in page order, all faults at once.
`check` raises the first of them, so that a use case and its form can never disagree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from fiks.core.errors import UgyldigInndata
from fiks.core.identifiers import is_fnr, is_kontonr, is_orgnr, mask_numbers
from fiks.konfigurasjon.rules import Organisasjonstype


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


def _all(found: _Found) -> dict[str, Feltfeil]:
    faults: dict[str, Feltfeil] = {}
    for felt, kode in found:
        if kode is not None:
            faults.setdefault(felt, kode)
    return faults


def _given(text: str) -> Feltfeil | None:
    return None if text else Feltfeil.FELT_MANGLER


@dataclass(frozen=True, slots=True)
class NyOrganisasjon:
    """What the root plane says about an organisation it creates."""

    navn: str
    orgnr: str
    kommunenr: str = ""
    type: str = ""

    def faults(self) -> dict[str, Feltfeil]:
        """Return field to fault code. A kommune must have a number, because its tax notices identify the
        property by it.
        """
        return _all(
            [
                ("navn", _given(self.navn) or short_name_fault(self.navn)),
                ("orgnr", _given(self.orgnr) or orgnr_fault(self.orgnr)),
                ("kommunenr", municipality_fault(self.kommunenr) if self.kommunenr else self._number_due()),
            ]
        )

    def _number_due(self) -> Feltfeil | None:
        return Feltfeil.KOMMUNENR_MANGLER if self.type == Organisasjonstype.KOMMUNE else None


@dataclass(frozen=True, slots=True)
class Personopplysninger:
    """A person as an organisation names them: `fnr` is eleven digits and is never printed."""

    fnr: str = field(repr=False)
    navn: str
    tittel: str = ""
    epost: str = ""
    telefon: str = ""

    def faults(self) -> dict[str, Feltfeil]:
        """Return field to fault code. The use case decides whether a synthetic number is allowed."""
        return _all(
            [
                (
                    "fnr",
                    _given(self.fnr) or (None if is_fnr("".join(self.fnr.split())) else Feltfeil.FNR_UGYLDIG),
                ),
                ("personnavn", _given(self.navn) or person_name_fault(self.navn)),
                ("tittel", line_fault(self.tittel)),
                ("epost", email_fault(self.epost) if self.epost else None),
                ("telefon", phone_fault(self.telefon) if self.telefon else None),
            ]
        )


@dataclass(frozen=True, slots=True)
class Kontakt:
    """The organisation's address and the e-mail addresses the platform writes to. `epost` is printed on its
    letters.
    """

    adresselinje1: str
    postnr: str
    poststed: str
    epost: str
    varsel_epost: tuple[str, ...]

    def faults(self) -> dict[str, Feltfeil]:
        """Return field to fault code."""
        return _all(
            [
                ("adresselinje1", _given(self.adresselinje1) or line_fault(self.adresselinje1)),
                ("postnr", _given(self.postnr) or postcode_fault(self.postnr)),
                ("poststed", _given(self.poststed) or line_fault(self.poststed)),
                ("epost", _given(self.epost) or email_fault(self.epost)),
                ("varsel_epost", None if self.varsel_epost else Feltfeil.FELT_MANGLER),
                *(("varsel_epost", email_fault(address)) for address in self.varsel_epost),
                (
                    "varsel_epost",
                    Feltfeil.EPOST_FOR_MANGE if len(self.varsel_epost) > MOST_ADDRESSES else None,
                ),
            ]
        )


@dataclass(frozen=True, slots=True)
class Innbyggerkontakt:
    """How citizens reach the organisation. Printed in letters, except the e-mail address, which fagsystemer
    may read.
    """

    innbygger_epost: str
    telefon: str = ""
    nettsted: str = ""
    apningstid: str = ""

    def faults(self) -> dict[str, Feltfeil]:
        """Return field to fault code."""
        return _all(
            [
                ("innbygger_epost", _given(self.innbygger_epost) or email_fault(self.innbygger_epost)),
                ("telefon", phone_fault(self.telefon) if self.telefon else None),
                ("nettsted", site_fault(self.nettsted) if self.nettsted else None),
                ("apningstid", line_fault(self.apningstid)),
            ]
        )


@dataclass(frozen=True, slots=True)
class Fakturaopplysninger:
    """Where and how the organisation is invoiced. `endepunkt_id` is its address in ELMA, an orgnr."""

    orgnr: str
    navn: str
    adresselinje1: str
    postnummer: str
    poststed: str
    juridisk_navn: str = ""
    referanse: str = ""
    epost: str = ""
    telefon: str = ""
    adresselinje2: str = ""
    kundenummer: str = ""
    endepunkt_id: str = ""

    def faults(self) -> dict[str, Feltfeil]:
        """Return field to fault code."""
        return _all(
            [
                ("orgnr", _given(self.orgnr) or orgnr_fault(self.orgnr)),
                ("navn", _given(self.navn) or short_name_fault(self.navn)),
                ("juridisk_navn", line_fault(self.juridisk_navn)),
                ("referanse", line_fault(self.referanse, 100)),
                ("epost", email_fault(self.epost) if self.epost else None),
                ("telefon", phone_fault(self.telefon) if self.telefon else None),
                ("adresselinje1", _given(self.adresselinje1) or line_fault(self.adresselinje1)),
                ("adresselinje2", line_fault(self.adresselinje2)),
                ("postnummer", _given(self.postnummer) or postcode_fault(self.postnummer)),
                ("poststed", _given(self.poststed) or line_fault(self.poststed)),
                ("kundenummer", line_fault(self.kundenummer, 50)),
                ("endepunkt_id", orgnr_fault(self.endepunkt_id) if self.endepunkt_id else None),
            ]
        )


@dataclass(frozen=True, slots=True)
class Kontoopplysninger:
    """A konto's display name, and the sender's short technical name."""

    visningsnavn: str
    avsender: str

    def faults(self) -> dict[str, Feltfeil]:
        """Return field to fault code."""
        return _all(
            [
                ("visningsnavn", _given(self.visningsnavn) or short_name_fault(self.visningsnavn)),
                ("avsender", _given(self.avsender) or short_name_fault(self.avsender)),
            ]
        )

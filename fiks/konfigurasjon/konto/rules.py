"""Rules for a konto's set-up (svarut.md 1.1): pure checks, all faults at once, part by part.

As in `field_rules`, each part is a frozen class with `faults()`: field name to code, in page order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from config.settings import REGRET_MINUTES
from fiks.core.values.identifiers import mask_numbers
from fiks.konfigurasjon.field_rules import (
    Feltfeil,
    account_fault,
    email_fault,
    faults_by_field,
    line_fault,
    missing_fault,
    orgnr_fault,
    postcode_fault,
    short_name_fault,
)


@dataclass(frozen=True, slots=True)
class Kontoopplysninger:
    """A konto's display name, and the sender's short technical name."""

    visningsnavn: str
    avsender: str

    def faults(self) -> dict[str, Feltfeil]:
        """Return field to fault code."""
        return faults_by_field(
            [
                ("visningsnavn", missing_fault(self.visningsnavn) or short_name_fault(self.visningsnavn)),
                ("avsender", missing_fault(self.avsender) or short_name_fault(self.avsender)),
            ]
        )


LONGEST_TEXT = 1_000
FEWEST_DAYS, MOST_DAYS = 1, 3650
"""How many days documents may be kept; svarut.md 2.3 has three months."""


class Kontodel(StrEnum):
    """The parts of a konto's set-up, each changed separately; the values are the pages' names."""

    FORSIDE = "forside"
    ALTINN = "altinn"
    SDP = "digital-postkasse"
    PRINT = "utskrift"
    LAGRING = "lagring"
    ANGREFRIST = "angrefrist"
    BANKKONTO = "bankkonto"


class Printleverandor(StrEnum):
    """Who prints the konto's paper."""

    GRAFISK_DIGITAL = "GRAFISK_DIGITAL"
    MANUELL_PRINT = "MANUELL_PRINT"


_Found = Iterable[tuple[str, Feltfeil | None]]


def _faults(found: _Found) -> dict[str, Feltfeil]:
    return {felt: kode for felt, kode in found if kode is not None}


def _required_line_fault(text: str) -> Feltfeil | None:
    return line_fault(text) if text else Feltfeil.FELT_MANGLER


def text_fault(text: str, longest: int = LONGEST_TEXT) -> Feltfeil | None:
    """Check free text of several lines, without a personal number."""
    if len(text) > longest or not all(line.isprintable() for line in text.splitlines()):
        return Feltfeil.TEKST_UGYLDIG
    return None if mask_numbers(text) == text else Feltfeil.INNEHOLDER_PERSONNUMMER


@dataclass(frozen=True, slots=True)
class Forside:
    """The sender on the cover sheet of a paper letter.

    Replies go where the letter itself says (`svarSendesTil`), otherwise to `orgnr` at this address.
    """

    orgnr: str
    navn: str
    adresselinje1: str
    postnr: str
    poststed: str
    adresselinje2: str = ""
    adresselinje3: str = ""
    tekst: str = ""

    def faults(self) -> dict[str, Feltfeil]:
        """Return field to fault code."""
        return _faults(
            [
                ("orgnr", orgnr_fault(self.orgnr) if self.orgnr else Feltfeil.FELT_MANGLER),
                ("navn", short_name_fault(self.navn) if self.navn else Feltfeil.FELT_MANGLER),
                ("adresselinje1", _required_line_fault(self.adresselinje1)),
                ("adresselinje2", line_fault(self.adresselinje2)),
                ("adresselinje3", line_fault(self.adresselinje3)),
                ("postnr", postcode_fault(self.postnr) if self.postnr else Feltfeil.FELT_MANGLER),
                ("poststed", _required_line_fault(self.poststed)),
                ("tekst", text_fault(self.tekst)),
            ]
        )


@dataclass(frozen=True, slots=True)
class Altinnoppsett:
    """The message in Altinn: its text, extra text shown in it, and whether the receiver is notified."""

    aktiv: bool = True
    avsendertekst: str = ""
    ekstratekst: str = ""

    def faults(self) -> dict[str, Feltfeil]:
        """Return field to fault code."""
        return _faults(
            [
                ("avsendertekst", text_fault(self.avsendertekst)),
                ("ekstratekst", text_fault(self.ekstratekst)),
            ]
        )


@dataclass(frozen=True, slots=True)
class Postkasseoppsett:
    """Digital mailboxes. `orgnr` is the organisation's own; `avsendernavn` and `sdp_id` are set for a unit
    below it.

    `med_dokumenter`: the letter itself is delivered to the mailbox; otherwise only a message with a link.
    """

    aktiv: bool = True
    orgnr: str = ""
    avsendernavn: str = ""
    sdp_id: str = ""
    ekstratekst: str = ""
    med_dokumenter: bool = True
    signering: bool = False

    def faults(self) -> dict[str, Feltfeil]:
        """Return field to fault code. The use case checks that `orgnr` is the organisation's own."""
        needed = Feltfeil.FELT_MANGLER if self.aktiv else None
        return _faults(
            [
                ("orgnr", orgnr_fault(self.orgnr) if self.orgnr else needed),
                ("avsendernavn", line_fault(self.avsendernavn)),
                ("sdp_id", line_fault(self.sdp_id, 100)),
                ("ekstratekst", text_fault(self.ekstratekst)),
                ("signering", Feltfeil.SIGNERING_UTEN_SDP if self.signering and not self.aktiv else None),
            ]
        )


@dataclass(frozen=True, slots=True)
class Printoppsett:
    """Paper: who prints it, and whether unread letters to organisations are afterwards sent on paper."""

    leverandor: str = Printleverandor.GRAFISK_DIGITAL
    ettersending: bool = False

    def faults(self) -> dict[str, Feltfeil]:
        """Return field to fault code. The use case checks that the print house has an invoice address."""
        known = self.leverandor in set(Printleverandor)
        return {} if known else {"leverandor": Feltfeil.VALG_MANGLER}


@dataclass(frozen=True, slots=True)
class Lagringsoppsett:
    """How many days documents are kept, as written, and a contact address for questions about the konto.

    Nothing is sent to `epost`.
    """

    dager: str
    epost: str = ""

    def faults(self) -> dict[str, Feltfeil]:
        """Return field to fault code."""
        in_range = _is_between(self.dager, FEWEST_DAYS, MOST_DAYS)
        return _faults(
            [
                ("dager", None if in_range else Feltfeil.LAGRINGSDAGER_UGYLDIG),
                ("epost", email_fault(self.epost) if self.epost else None),
            ]
        )


@dataclass(frozen=True, slots=True)
class Angrefristoppsett:
    """How many minutes a release can be stopped, as written; "" for the platform's default."""

    minutter: str = ""

    def faults(self) -> dict[str, Feltfeil]:
        """Return field to fault code."""
        fits = not self.minutter or _is_between(self.minutter, *REGRET_MINUTES)
        return {} if fits else {"minutter": Feltfeil.ANGREFRIST_UGYLDIG}


@dataclass(frozen=True, slots=True)
class Bankkonto:
    """The bank account payments go to, which lists are checked against; "" for none."""

    kontonummer: str = ""

    def faults(self) -> dict[str, Feltfeil]:
        """Return field to fault code."""
        return _faults([("kontonummer", account_fault(self.kontonummer) if self.kontonummer else None)])


def _is_between(written: str, least: int, most: int) -> bool:
    """Return whether the text is a whole number from `least` to `most`."""
    is_number = written.isascii() and written.isdigit() and len(written) <= len(str(most))
    return is_number and least <= int(written) <= most

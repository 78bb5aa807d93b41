"""eDialog's rules: statuses of a skjema, valid content, and printable characters. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID, uuid5

from fiks.core.values.address import Adresse, Portosone, is_known_country, postal_zone
from fiks.core.values.identifiers import is_orgnr, mask_numbers
from fiks.konfigurasjon.field_rules import email_fault
from fiks.konfigurasjon.konto.rules import Printleverandor


class Status(StrEnum):
    """Status of a skjema: draft, being sent, failed, sent."""

    IKKE_INNSENDT = "IKKE_INNSENDT"
    UNDER_INNSENDING = "UNDER_INNSENDING"
    INNSENDING_FEILET = "INNSENDING_FEILET"
    INNSENDT = "INNSENDT"


class Skjematype(StrEnum):
    """Kind of form: the standard form, or one made for its purpose with a fixed title."""

    STANDARD = "STANDARD"
    TILPASSET = "TILPASSET"


_S = Status
OVERGANGER: dict[Status, frozenset[Status]] = {
    _S.IKKE_INNSENDT: frozenset({_S.UNDER_INNSENDING}),
    _S.UNDER_INNSENDING: frozenset({_S.INNSENDT, _S.INNSENDING_FEILET}),
    _S.INNSENDING_FEILET: frozenset({_S.IKKE_INNSENDT, _S.UNDER_INNSENDING}),
    _S.INNSENDT: frozenset(),
}
EDITABLE = (Status.IKKE_INNSENDT, Status.INNSENDING_FEILET)

MAX_TITLE, MAX_MESSAGE, MAX_LINES = 1_000, 10_000, 1_000
MAX_NAME, MAX_LINE, MAX_POSTCODE, MAX_CONTACT = 100, 70, 20, 200
MAX_FILES, MAX_FILE_BYTES = 20, 100 * 1024 * 1024
MAX_DRAFTS, MAX_SENT_A_DAY = 20, 50
MAX_RECEIVER_NAME = 60
MAX_FORMS, MAX_FORM_NAME = 20, 60
KEPT_DRAFT, KEPT_SENT = timedelta(days=30), timedelta(days=365)
"""Retention: a draft nobody touches is kept for 30 days with its files, a sent skjema for a year.

A skjema that failed is kept as long as a sent one, with its files: its citizen believes it was sent until
they look.
"""

MESSAGE_FILE = "Henvendelse.pdf"
"""The file made of the message, first in the letter."""
LINE_BREAK = "linjeskift"
"""Stands for the line break in the list of unprintable characters."""
SHORT_ID = re.compile(r"[A-Z]{4}")
PHONE = re.compile(r"\+?[0-9 ]{5,20}")

# What the letters' font has, in ranges of code points; a test compares them with the font itself.
# fmt: off
PRINTABLE = (
    (0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x148), (0x14A, 0x1C3), (0x1E00, 0x1E9B), (0x1EF2, 0x1EFF), (0x2013, 0x2014),
    (0x2018, 0x201A), (0x201C, 0x201E), (0x2022, 0x2022), (0x2026, 0x2026), (0x2039, 0x203A), (0x20AC, 0x20AC),
    (0x2122, 0x2122), (0x2212, 0x2212),
)
# fmt: on
_INVISIBLE = (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFE0F, 0xFEFF)
_REPLACED = {
    **dict.fromkeys((0x0B, 0x0C, 0x85, 0x2028, 0x2029), "\n"),
    **dict.fromkeys((0x09, *range(0x2000, 0x200B)), " "),
    **dict.fromkeys(_INVISIBLE),
    0x2010: "-",
    0x2011: "-",
    0x202F: "\u00a0",
}


@dataclass(frozen=True, slots=True, repr=False)
class Avsender:
    """The sender, as the receiver sees them and replies to. No repr: it is personal."""

    adresse: Adresse = field(default_factory=lambda: Adresse(""))
    epost: str = ""
    telefon: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Utkast:
    """The citizen's text."""

    tittel: str = ""
    melding: str = ""
    avsender: Avsender = field(default_factory=Avsender)


@dataclass(frozen=True, slots=True, repr=False)
class Endring:
    """A partial change of a draft; None leaves a field unchanged."""

    tittel: str | None = None
    melding: str | None = None
    avsender: Avsender | None = None
    sensitivt: bool | None = None

    def changed(self, before: Utkast) -> Utkast:
        """Return the draft with this change applied."""
        return Utkast(
            before.tittel if self.tittel is None else self.tittel,
            before.melding if self.melding is None else self.melding,
            before.avsender if self.avsender is None else self.avsender,
        )


class Tur(NamedTuple):
    """An attempt to send: when the skjema was sent, which differs per sending, and the attempt number."""

    innsendt: datetime
    forsok: int


@dataclass(frozen=True, slots=True)
class Feil:
    """One fault: the form's field, the code, and harmless values for the message."""

    felt: str
    kode: str
    params: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mottakeroppsett:
    """Set-up of a mottaker. `aktiv` None and an empty `printleverandor` leave the value unchanged; a new
    mottaker is then closed, and printed for as its konto is.
    """

    orgnr: str
    navn: str
    adresselinje1: str
    adresselinje2: str
    adresselinje3: str
    postnr: str
    poststed: str
    aktiv: bool | None = None
    printleverandor: str = ""

    def faults(self) -> list[Feil]:
        """Return every fault, in the order of the form. Name and address must be printable: they are drawn on
        letters.
        """
        return list(self._faults())

    def _faults(self) -> Iterator[Feil]:
        if not is_orgnr(self.orgnr):
            yield Feil("orgnr", "ORGNR_UGYLDIG")
        if not 0 < len(self.navn) <= MAX_RECEIVER_NAME:
            yield Feil("navn", "EDIALOG_MOTTAKERNAVN", {"grense": MAX_RECEIVER_NAME})
        else:
            yield from _line("navn", self.navn, MAX_RECEIVER_NAME)
        for felt in ("adresselinje1", "adresselinje2", "adresselinje3"):
            yield from _line(felt, getattr(self, felt), MAX_LINE)
        if not re.fullmatch(r"[0-9]{4}", self.postnr):
            yield Feil("postnr", "EDIALOG_POSTNR")
        yield from _line("poststed", self.poststed, MAX_LINE, "EDIALOG_POSTSTED_MANGLER")
        if self.printleverandor and self.printleverandor not in set(Printleverandor):
            yield Feil("printleverandor", "VALG_MANGLER")


@dataclass(frozen=True, slots=True)
class Skjemaoppsett:
    """A form made for its purpose: its name in the citizen's list of forms, and the title of every letter
    sent with it.
    """

    navn: str
    tittel: str

    def faults(self) -> list[Feil]:
        """Return every fault, in the order of the form."""
        found = [*_line("navn", self.navn, MAX_FORM_NAME, "EDIALOG_SKJEMANAVN")]
        return [*found, *_title_faults(self.tittel)]


def letter_id(skjema_id: UUID) -> UUID:
    """Return the id of the letter this skjema becomes; it is always the same, so there is never a second
    letter.
    """
    return uuid5(skjema_id, "edialog")


def tidy_text(text: str) -> str:
    """Return the text as stored: composed (NFC), without invisible characters, with uniform line ends."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").translate(_REPLACED)
    return unicodedata.normalize("NFC", plain).strip()


def unprintable_signs(text: str) -> str:
    """Return the characters of the text that no font of ours has, each once, at most ten."""
    missing = [sign for sign in text if sign != "\n" and not any(a <= ord(sign) <= b for a, b in PRINTABLE)]
    return "".join(dict.fromkeys(missing))[:10]


def faults(utkast: Utkast) -> list[Feil]:
    """Return every fault that prevents sending, in the order of the form."""
    return [*_text_faults(utkast), *_sender_faults(utkast.avsender)]


def faults_except_missing(utkast: Utkast) -> list[Feil]:
    """As `faults`, without the fields that are still empty."""
    a, sender = utkast.avsender.adresse, utkast.avsender
    written = {
        "tittel": utkast.tittel,
        "melding": utkast.melding,
        "epost": sender.epost,
        "telefon": sender.telefon,
        **{name: getattr(a, name) for name in ("navn", "adresselinje1", "adresselinje2", "adresselinje3")},
        **{name: getattr(a, name) for name in ("postnr", "poststed", "land")},
    }
    return [one for one in faults(utkast) if written[one.felt]]


def is_email(text: str) -> bool:
    """Return whether the text is one valid e-mail address, by the house's rule, and short enough for a
    skjema.
    """
    return len(text) <= MAX_CONTACT and email_fault(text) is None


def _title_faults(tittel: str) -> Iterator[Feil]:
    yield from _line("tittel", tittel, MAX_TITLE, "EDIALOG_TITTEL_MANGLER")
    if mask_numbers(tittel) != tittel:
        yield Feil("tittel", "EDIALOG_FNR_I_TITTEL")


def _text_faults(utkast: Utkast) -> Iterator[Feil]:
    yield from _title_faults(utkast.tittel)
    if not utkast.melding:
        yield Feil("melding", "EDIALOG_MELDING_MANGLER")
    elif len(utkast.melding) > MAX_MESSAGE:
        yield Feil("melding", "EDIALOG_FOR_LANG", {"grense": MAX_MESSAGE})
    elif utkast.melding.count("\n") >= MAX_LINES:
        yield Feil("melding", "EDIALOG_FOR_MANGE_LINJER", {"grense": MAX_LINES})
    elif signs := unprintable_signs(utkast.melding):
        yield Feil("melding", "EDIALOG_TEGN", {"tegn": signs})


def _sender_faults(avsender: Avsender) -> Iterator[Feil]:
    a = avsender.adresse
    yield from _line("navn", a.navn, MAX_NAME, "EDIALOG_NAVN_MANGLER")
    yield from _line("adresselinje1", a.adresselinje1, MAX_LINE, "EDIALOG_ADRESSE_MANGLER")
    yield from _line("adresselinje2", a.adresselinje2, MAX_LINE)
    yield from _line("adresselinje3", a.adresselinje3, MAX_LINE)
    if postal_zone(a.land) is Portosone.NORGE and not re.fullmatch(r"[0-9]{4}", a.postnr):
        yield Feil("postnr", "EDIALOG_POSTNR")
    else:
        yield from _line("postnr", a.postnr, MAX_POSTCODE)
    yield from _line("poststed", a.poststed, MAX_LINE, "EDIALOG_POSTSTED_MANGLER")
    if not is_known_country(a.land):
        yield Feil("land", "EDIALOG_LAND")
    if avsender.epost and not is_email(avsender.epost):
        yield Feil("epost", "EDIALOG_EPOST")
    if avsender.telefon and not PHONE.fullmatch(avsender.telefon):
        yield Feil("telefon", "EDIALOG_TELEFON")


def _line(felt: str, text: str, limit: int, missing: str = "") -> Iterator[Feil]:
    if not text:
        if missing:
            yield Feil(felt, missing)
    elif len(text) > limit:
        yield Feil(felt, "EDIALOG_FOR_LANG", {"grense": limit})
    elif "\n" in text:
        yield Feil(felt, "EDIALOG_TEGN", {"tegn": LINE_BREAK})
    elif signs := unprintable_signs(text):
        yield Feil(felt, "EDIALOG_TEGN", {"tegn": signs})


def paragraphs(melding: str) -> list[str]:
    """Return the non-empty lines of a message; each is a paragraph of the letter."""
    return [line.strip() for line in melding.split("\n") if line.strip()]


def file_name(filnavn: str, taken: Collection[str]) -> str:
    """Return an uploaded PDF's name in the letter.

    No folder, no characters a file system forbids, no personal number, at most 120 characters, and different
    from those `taken` and the message's own, ignoring case.
    """
    last = filnavn.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c for c in last if c.isprintable() and c not in '*:"<>|?\u202e\u200f\u200e').strip(". ")
    stem = mask_numbers(re.sub(r"\.pdf$", "", kept, flags=re.IGNORECASE)).replace("*", "x")[-110:].strip()
    used = {name.casefold() for name in (*taken, MESSAGE_FILE)}
    name, number = f"{stem or 'vedlegg'}.pdf", 2
    while name.casefold() in used:
        name, number = f"{stem or 'vedlegg'} {number}.pdf", number + 1
    return name

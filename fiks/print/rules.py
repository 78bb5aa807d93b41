"""Rules of print: valid orders and packages, sheets, envelope, weight, the manifest and receipts; costs are
in `prices`.

All pure. Limits and weights are parameters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from fiks.core.crypto.encryption import Chunk
from fiks.core.input_checks.external_values import display_text
from fiks.core.values.address import Portosone
from fiks.core.values.cost_code import KONTERINGSKODE

MANIFEST = "manifest.json"
MAX_AMOUNT = 2**31 - 1
"""Largest plausible sheets, grams or øre of one letter; more cannot be stored."""


class Konvolutt(StrEnum):
    """C5: A4 folded once. C4: unfolded. MANUELL: enveloped by hand."""

    C5 = "C5"
    C4 = "C4"
    MANUELL = "MANUELL"


class Konfidensialitetsklasse(StrEnum):
    """Confidentiality class of a letter; a print house is agreed for one or more classes."""

    NORMAL = "NORMAL"
    UNNTATT_OFFENTLIGHETEN = "UNNTATT_OFFENTLIGHETEN"


class Kvitteringsart(StrEnum):
    """Kinds of receipt. RETUR: posted and returned; `melding` says why."""

    PRINTET = "PRINTET"
    FEILET = "FEILET"
    RETUR = "RETUR"


class Kryptering(StrEnum):
    """Encryption of a package's files."""

    INGEN = "INGEN"
    CMS = "CMS"


@dataclass(frozen=True, slots=True)
class Konvoluttgrenser:
    """The most sheets a C5 and a C4 envelope take by machine; more are enveloped by hand."""

    c5_ark: int = 8
    c4_ark: int = 80


@dataclass(frozen=True, slots=True, repr=False)
class Trykksak:
    """A whole letter in one file, ready to print. `giroark`: its pages (from 1) on giro paper. No repr: the
    letter's text must not reach a log.
    """

    pdf: bytes
    sider: int
    giroark: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Printordre:
    """One letter in a package's manifest: pages from `fra_side` of file number `fil`; `sone` is a
    `Portosone`.

    `referanse` is the order's id, `forsendelse_id` the owner's id for it. `sha256` (hex) is of the letter's
    own PDF as stored; it ties the pages to it in a merged file.
    """

    referanse: str
    forsendelse_id: str
    sider: int
    giroark: tuple[int, ...]
    konteringskode: str | None
    sone: str
    sha256: str
    fil: int = 0
    fra_side: int = 1


@dataclass(frozen=True, slots=True, repr=False)
class Pakkefil:
    """One clear PDF of a package: its SHA-256 (hex), its pages, and a callable that reads it in chunks, anew
    each time.
    """

    sha256: str
    sider: int
    chunks: Callable[[], Iterable[Chunk]]


@dataclass(frozen=True, slots=True, repr=False)
class Printpakke:
    """A package to hand over: orders printed alike, and the files they lie in.

    `sertifikat`: PEM the files are encrypted to, if other than the client's.
    """

    navn: str
    tosidig: bool
    farger: bool
    ordrer: tuple[Printordre, ...]
    filer: tuple[Pakkefil, ...]
    konfidensialitetsklasse: str = Konfidensialitetsklasse.NORMAL
    grenser: Konvoluttgrenser = Konvoluttgrenser()
    sertifikat: bytes | None = None


@dataclass(frozen=True, slots=True)
class Printkvittering:
    """A print house's receipt for one order: `art` is a `Kvitteringsart`; money in øre, weight in grams."""

    referanse: str
    art: str
    tidspunkt: datetime
    ark: int
    vekt_gram: int
    porto_ore: int
    produksjon_ore: int
    melding: str | None


class Overtatt(NamedTuple):
    """An order in a print house's list of what it took over, with its package if the house names it."""

    referanse: str
    pakke: str | None


@dataclass(frozen=True, slots=True)
class Papirvekt:
    """Weights: one A4 sheet of 80 g/m² is 4.99 g; envelopes in whole grams."""

    ark_milligram: int = 4990
    c5_gram: int = 7
    c4_gram: int = 18
    manuell_gram: int = 40


GRENSER = Konvoluttgrenser()
PAPIR = Papirvekt()


def sheets(sider: int, *, tosidig: bool) -> int:
    """Return the sheets of paper that `sider` pages take."""
    return math.ceil(sider / 2) if tosidig else sider


def envelope(ark: int, grenser: Konvoluttgrenser = GRENSER) -> Konvolutt:
    """Return the envelope that `ark` sheets need."""
    if ark <= grenser.c5_ark:
        return Konvolutt.C5
    return Konvolutt.C4 if ark <= grenser.c4_ark else Konvolutt.MANUELL


def weight(ark: int, konvolutt: Konvolutt, papir: Papirvekt = PAPIR) -> int:
    """Return the grams of the closed letter, rounded up."""
    empty = {Konvolutt.C5: papir.c5_gram, Konvolutt.C4: papir.c4_gram, Konvolutt.MANUELL: papir.manuell_gram}
    return math.ceil(ark * papir.ark_milligram / 1000) + empty[konvolutt]


@dataclass(frozen=True, slots=True)
class Sideplan:
    """Page plan of a merged file: its pages, blank ones in between included, and which of them are giro
    pages.
    """

    sider: int
    giroark: tuple[int, ...]


def page_plan(deler: Sequence[tuple[int, Sequence[int]]], *, tosidig: bool) -> Sideplan:
    """Plan the merged file from (pages, giro pages) of forside and documents in order, as `fiks.pdf.merge`
    makes it.

    With tosidig every document and every giro page begins on a front side, and a giro page's back is blank. A
    blank back of the last sheet is not counted.
    """
    total, giro = 0, list[int]()
    for pages, own_giro in deler:
        begins = True
        for page in range(1, pages + 1):
            is_giro = page in own_giro
            if tosidig and (begins or is_giro) and total % 2:
                total += 1
            total, begins = total + 1, is_giro
            if is_giro:
                giro.append(total)
    return Sideplan(total, tuple(giro))


def refusal(*, sider: int, giroark: Sequence[int], konteringskode: str | None, sone: str) -> str | None:
    """Return the code of why an order can never be printed, or None."""
    try:
        Portosone(sone)
    except ValueError:
        return "PRINT_UGYLDIG_ORDRE"
    if sider < 1:
        return "PRINT_TOMT_BREV"
    if any(not 1 <= page <= sider for page in giroark):
        return "PRINT_GIROARK_FINNES_IKKE"
    if konteringskode is not None and not KONTERINGSKODE.fullmatch(konteringskode):
        return "PRINT_UGYLDIG_KONTERINGSKODE"
    return None


def package_refusal(pakke: Printpakke) -> str | None:
    """Return the code of why a package can never be printed, or None."""
    try:
        Konfidensialitetsklasse(pakke.konfidensialitetsklasse)
        references = {UUID(ordre.referanse) for ordre in pakke.ordrer}
    except ValueError:
        return "PRINT_UGYLDIG_ORDRE"
    if not references or len(references) != len(pakke.ordrer):
        return "PRINT_UGYLDIG_PAKKE"
    for ordre in pakke.ordrer:
        if not 0 <= ordre.fil < len(pakke.filer):
            return "PRINT_UGYLDIG_PAKKE"
        code = refusal(
            sider=ordre.sider,
            giroark=ordre.giroark,
            konteringskode=ordre.konteringskode,
            sone=ordre.sone,
        )
        if code is not None:
            return code
    return None


def file_name(number: int, kryptering: Kryptering) -> str:
    """Return the name of file `number` (from 0) in a package."""
    clear = f"{number + 1:04}.pdf"
    return clear if kryptering is Kryptering.INGEN else f"{clear}.p7m"


def manifest(pakke: Printpakke, *, kryptering: Kryptering) -> dict[str, Any]:
    """Build the manifest the print house reads; digests are of the clear PDFs. Names no receiver."""
    return {
        "versjon": 2,
        "pakke": pakke.navn,
        "kryptering": kryptering.value,
        "konfidensialitetsklasse": pakke.konfidensialitetsklasse,
        "tosidig": pakke.tosidig,
        "farger": pakke.farger,
        "filer": [
            {"navn": file_name(number, kryptering), "sha256": fil.sha256, "sider": fil.sider}
            for number, fil in enumerate(pakke.filer)
        ],
        "ordrer": [_entry(ordre, pakke.tosidig, kryptering, pakke.grenser) for ordre in pakke.ordrer],
    }


def _entry(
    ordre: Printordre, tosidig: bool, kryptering: Kryptering, grenser: Konvoluttgrenser
) -> dict[str, Any]:
    ark = sheets(ordre.sider, tosidig=tosidig)
    return {
        "referanse": ordre.referanse,
        "forsendelseId": ordre.forsendelse_id,
        "sha256": ordre.sha256,
        "fil": file_name(ordre.fil, kryptering),
        "fraSide": ordre.fra_side,
        "tilSide": ordre.fra_side + ordre.sider - 1,
        "sider": ordre.sider,
        "ark": ark,
        "konvolutt": envelope(ark, grenser).value,
        "giroark": sorted(ordre.giroark),
        "konteringskode": ordre.konteringskode,
        "sone": ordre.sone,
    }


def parse_receipt(data: Mapping[str, Any]) -> Printkvittering:
    """Parse one receipt; ValueError when a field is missing or invalid.

    Only PRINTET must state what printing took; for the others missing or null counts as 0.
    """
    try:
        tidspunkt = datetime.fromisoformat(data["tidspunkt"])
        art = Kvitteringsart(data["art"])
        kvittering = Printkvittering(
            referanse=str(UUID(data["referanse"])),
            art=art.value,
            tidspunkt=tidspunkt.astimezone(UTC),
            ark=_amount(data.get("ark"), art),
            vekt_gram=_amount(data.get("vektGram"), art),
            porto_ore=_amount(data.get("portoOre"), art),
            produksjon_ore=_amount(data.get("produksjonOre"), art),
            melding=display_text(data.get("melding")),
        )
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError("receipt is incomplete") from error
    if tidspunkt.tzinfo is None:
        raise ValueError("receipt's time has no zone")
    return kvittering


def _amount(told: Any, art: Kvitteringsart) -> int:
    if told is None and art is not Kvitteringsart.PRINTET:
        return 0
    number = int(told)
    if not 0 <= number <= MAX_AMOUNT:
        raise ValueError("no number of a letter")
    return number

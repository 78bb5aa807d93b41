"""Address blocks and numbers, recognised on a page by their look."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from fiks.core.values.address import Portosone, is_known_country, postal_zone
from fiks.pdf.cut import Linje
from fiks.utsending.liste.postal_codes import postnummer
from fiks.utsending.liste.rules.postal import same_place
from fiks.utsending.liste.rules.text import LINES
from fiks.utsending.liste.values import collapse_spaces
from fiks.utsending.samlet.analysis.id_numbers import find_number
from fiks.utsending.samlet.analysis.text_quality import lacks_northern

MOST_LINES = 6
INDENT_MM = 1.5
LINE_GAP = 1.9
"""Limits of a block: most lines, indent from the common left edge, and line heights between lines."""

ALIKE = 0.75
"""Least similarity between a written place and the registered one."""

_POSTAL = re.compile(r"^(\d{4})\s+(\D.+)$")
_LABEL = re.compile(
    r"^(vår ref|deres ref|ref|referanse|fakturanr|fakturanummer|faktura nr|kundenr|kundenummer|saksnr)\b\W*$",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"^(?:vår ref|deres ref|referanse|fakturanr|fakturanummer|faktura nr|kundenr|kundenummer|saksnr)\b[\s.:]+\S",
    re.IGNORECASE,
)
_MATRIKKEL = re.compile(r"(?<![\d/])(?:\d{4}\s*-\s*)?\d+(?:/\d+){1,3}(?![\d/])")
_GARD = re.compile(r"gnr|gårdsn(?:r|ummer)")
_OF_A_PROPERTY = re.compile(
    r"\d+|[hukl]\d{4}|eiendom(?:men)?|eigedom(?:men)?|matrikkel(?:nr|nummer)?|kommunenr|knr|gnr|bnr|fnr|snr|og|"
    r"(?:gårds|bruks|feste|seksjons)(?:nr|nummer)|bruksenhet"
)
"""Words of a property's designation: 3205-3/1/0/0, 3/1, gnr. 3 bnr. 1, and its dwelling, H0101."""

FIRST_PAGE = re.compile(r"^(?P<tekst>(?:side|page|ark)?\s*1\s*(?:av|of|/))\s*\d{1,3}$", re.IGNORECASE)
"""Page numbering on a letter's first page: "Side 1 av 4", "1/2"."""


@dataclass(frozen=True, slots=True, repr=False)
class Blokk:
    """Consecutive lines with their bounding box (mm)."""

    linjer: tuple[Linje, ...]

    @property
    def venstre(self) -> float:
        return min(line.venstre for line in self.linjer)

    @property
    def hoyre(self) -> float:
        return max(line.hoyre for line in self.linjer)

    @property
    def topp(self) -> float:
        return min(line.topp for line in self.linjer)

    @property
    def bunn(self) -> float:
        return max(line.bunn for line in self.linjer)

    @property
    def tekst(self) -> str:
        return "\n".join(line.tekst for line in self.linjer)


def address_blocks(linjer: Sequence[Linje]) -> Iterator[Blokk]:
    """Yield blocks of at least two lines that end with a Norwegian place or a country."""
    for index, line in enumerate(linjer):
        match = _POSTAL.match(line.tekst)
        known = match is not None and same_place(match[2], postnummer().get(match[1], ""))
        if not known and not _is_country_line(line.tekst):
            continue
        block = [line]
        for above in reversed(linjer[:index]):
            if len(block) == MOST_LINES or block[0].linje - above.linje > LINE_GAP * block[0].hoyde:
                break
            if above.linje < block[0].linje - 0.1 and abs(above.venstre - line.venstre) <= INDENT_MM:
                block.insert(0, above)
        if len(block) > 1:
            yield Blokk(tuple(block))


def addresses(lines: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Yield whole addresses among an area's lines: a name above a registered place or a place abroad.

    A street and place without a name is nobody's, and a property's designation is no name. "Norge" may stand
    below.
    """
    above: list[str] = []
    after_place = False
    for line in lines:
        country, place = _is_country_line(line), is_place(line)
        abroad = country and len(above) > 1 and not any(map(_is_country_line, above))
        if abroad or place:
            if len(above) > 1 or (above and not any(c.isdigit() for c in above[0])):
                yield (*above[1 - MOST_LINES :], line)
            above = []
        elif not (country and after_place) and not is_property(line):
            above.append(line)
        after_place = place


def is_place(line: str) -> bool:
    """Return whether the line is a postnummer and its place, also with a slight misspelling."""
    return bool(place_of(line))


def place_of(line: str) -> str:
    """Return postnummer and place of such a line, without a country prefix; else the empty string."""
    found = address_fields([line])
    postnr, written = found.get("postnr", ""), collapse_spaces(found.get("poststed", ""))
    registered = postnummer().get(postnr, "").casefold()
    if not registered or not written:
        return ""
    alike = SequenceMatcher(None, written.casefold(), registered).ratio() >= ALIKE
    return f"{postnr} {written}" if alike or lacks_northern(postnr, written.casefold()) else ""


def is_property(line: str) -> bool:
    """Return whether the line names a property and nothing else."""
    words = re.findall(r"\w+", line.casefold())
    numbered = _MATRIKKEL.search(line) is not None or any(map(_GARD.fullmatch, words))
    return numbered and all(map(_OF_A_PROPERTY.fullmatch, words))


def without_matrikkel(line: str) -> str:
    """Return the line without property numbers."""
    return _MATRIKKEL.sub(" ", line)


def _is_country_line(line: str) -> bool:
    return not any(c.isdigit() for c in line) and len(line) > 3 and is_known_country(line)


def numbers(linjer: Sequence[Linje]) -> Iterator[Blokk]:
    """Yield lines with exactly one valid fødselsnummer, D-nummer or organisasjonsnummer."""
    return (Blokk((line,)) for line in linjer if find_number([line.tekst]).riktig)


def references(linjer: Sequence[Linje]) -> Iterator[Blokk]:
    """Yield the text beside a reference label, or after it in the same run."""
    for line in linjer:
        if _LABELLED.match(line.tekst):
            yield Blokk((line,))
        elif _LABEL.match(line.tekst):
            beside = [o for o in linjer if abs(o.linje - line.linje) < 0.5 and o.venstre > line.hoyre]
            if beside:
                yield Blokk((min(beside, key=lambda o: o.venstre),))


_NORWEGIAN = re.compile(r"^(?:NO?-)?(\d{4})\s+(\D.*)$", re.IGNORECASE)
_DUTCH = re.compile(r"^(\d{4} ?[A-Z]{2})\s+(\D.*)$")
_HAS_DIGIT = re.compile(r"\d")


def address_fields(lines: Sequence[str]) -> dict[str, str]:
    """Return adresselinje1–3, postnr, poststed and land from the lines below the name.

    A code after its place, as in Great Britain and the USA, stays with the place, so that the line is printed
    as written. Surplus lines share the last field.
    """
    street, values = _parts(lines)
    if len(street) > len(LINES):
        street[len(LINES) - 1 :] = [", ".join(street[len(LINES) - 1 :])]
    return dict(zip(LINES, street, strict=False)) | values


def shares_line(lines: Sequence[str]) -> bool:
    """Return whether the block has more lines than fields."""
    return len(_parts(lines)[0]) > len(LINES)


def _parts(lines: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Return the lines above the place, and the fields postnr, poststed and land."""
    left = [line for line in lines if line]
    values: dict[str, str] = {}
    if len(left) > 1 and _is_country(left[-1]):
        values["land"] = left.pop()
    found = _place(left[-1], abroad=_is_abroad(values)) if left else None
    if found is not None:
        left.pop()
        values |= {"postnr": found[0], "poststed": found[1]}
    return left, values


def _is_abroad(values: Mapping[str, str]) -> bool:
    return postal_zone(values.get("land")) is not Portosone.NORGE


def _is_country(line: str) -> bool:
    return not _HAS_DIGIT.search(line) and is_known_country(line)


def _place(line: str, *, abroad: bool) -> tuple[str, str] | None:
    """Return (postnr, poststed) of a line; None if it is no such line."""
    if not abroad:
        match = _NORWEGIAN.match(line)
        return (match[1], match[2]) if match else None
    if match := _DUTCH.match(line):
        return match[1], match[2]
    words = line.split(" ")
    code = 0
    while code < len(words) and _HAS_DIGIT.search(words[code]):
        code += 1
    if 0 < code < len(words):
        return " ".join(words[:code]), " ".join(words[code:])
    return "", line

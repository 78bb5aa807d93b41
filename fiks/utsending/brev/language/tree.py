"""The template language: a small text format with named fields and no evaluator.

    # Heading, ## smaller heading          **bold**
    Paragraphs, parted by empty lines.     > small print
    - bullet list

    | Termin | Beløp |                     a table; the dashes set the columns' relative widths,
    | --- | -----: |                       a colon at the end aligns right; rows before them are the head
    | 1 | ((belop_termin|belop)) |

    ((felt))  ((felt|format))              a value, printed literally
    ((hvis felt)) … ((ellers)) … ((slutt)) shown if the value is neither empty nor zero; "nei" is a value too
    ((hvis ikke felt)) … ((slutt))         the opposite
    ((for hver terminliste)) … ((slutt))   repeated; inside, the list's own fields exist

Blocks may stand on lines of their own around paragraphs or table rows; `hvis` also inside a line.
`\\((`, `\\|` and `\\*` print the signs themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fiks.utsending.brev.language.fields import Felt


class Merke(StrEnum):
    """Kinds of (( )) tag."""

    FELT = "FELT"
    HVIS = "HVIS"
    ELLERS = "ELLERS"
    FOR_HVER = "FOR_HVER"
    SLUTT = "SLUTT"


@dataclass(frozen=True, slots=True)
class Tekst:
    """Literal template text."""

    tekst: str


@dataclass(frozen=True, slots=True)
class Verdi:
    """A field to print, and the name of its format or None."""

    felt: str
    format: str | None


@dataclass(frozen=True, slots=True)
class Fet:
    """Bold text."""

    innhold: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class HvisTekst:
    """A condition inside a line."""

    felt: str
    ikke: bool
    innhold: tuple[Inline, ...]
    ellers: tuple[Inline, ...]


Inline = Tekst | Verdi | Fet | HvisTekst


@dataclass(frozen=True, slots=True)
class Overskrift:
    """A heading of level 1 or 2."""

    niva: int
    innhold: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Avsnitt:
    """A paragraph; `liten` is small print."""

    innhold: tuple[Inline, ...]
    liten: bool = False


@dataclass(frozen=True, slots=True)
class Punkt:
    """One bullet; adjacent bullets are drawn as one list."""

    innhold: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Rad:
    """A table row."""

    celler: tuple[tuple[Inline, ...], ...]


@dataclass(frozen=True, slots=True)
class Kolonne:
    """Relative width and alignment of a table column."""

    bredde: int
    hoyre: bool


@dataclass(frozen=True, slots=True)
class Tabell:
    """A table. With empty `hode` the first column holds the row headings."""

    kolonner: tuple[Kolonne, ...]
    hode: tuple[Rad, ...]
    rader: tuple[Radnode, ...]


@dataclass(frozen=True, slots=True)
class Hvis:
    """A condition around whole blocks, or around rows of a table."""

    felt: str
    ikke: bool
    innhold: tuple[Node, ...]
    ellers: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ForHver:
    """Blocks or rows repeated for each element of a list."""

    liste: str
    innhold: tuple[Node, ...]


Radnode = Rad | Hvis | ForHver
Blokk = Overskrift | Avsnitt | Punkt | Tabell | Hvis | ForHver
Node = Rad | Overskrift | Avsnitt | Punkt | Tabell | Hvis | ForHver


@dataclass(frozen=True, slots=True)
class Mal:
    """A parsed template: its blocks and the names of all fields and lists it uses."""

    blokker: tuple[Node, ...]
    felter: frozenset[str]
    lister: frozenset[str]


Fields = Mapping[str, Felt]

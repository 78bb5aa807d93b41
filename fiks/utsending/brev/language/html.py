"""From tree and row to the HTML of one letter, with placeholders for values.

Values are never parsed as template language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from fiks.utsending.brev.context import Brevkontekst, Brevmal
from fiks.utsending.brev.errors import BrevFeil
from fiks.utsending.brev.language.fields import KOLONNER, known_fields
from fiks.utsending.brev.language.formats import FORMATER, HOLE, NBSP, is_present
from fiks.utsending.brev.language.letterhead import escape_text, letterhead
from fiks.utsending.brev.language.parser import parse_title
from fiks.utsending.brev.language.tree import (
    Avsnitt,
    Fet,
    ForHver,
    Hvis,
    Inline,
    Kolonne,
    Mal,
    Node,
    Overskrift,
    Punkt,
    Rad,
    Tabell,
    Tekst,
    Verdi,
)
from fiks.utsending.brev.language.values import Brevverdier, country_line

PROVE = "PRØVEBREV"
_ADDRESS = ("navn", "adresselinje1", "adresselinje2", "adresselinje3")
_PLACE = ("postnr", "poststed")
_REF_LABELS = {"sendt": "Dato", "eksternref": "Vår ref."}


@dataclass(frozen=True, slots=True, repr=False)
class Slot:
    """A value of a letter: its place's name, the value, and the function that reads it from another letter."""

    name: str
    value: str
    read: Callable[[Brevverdier], str]


def write_html(mal: Mal, values: Brevverdier, *, prove: bool = False) -> tuple[str, list[Slot]]:
    """Return the letter as one HTML document with HOLE for each value, and the values in order.

    Raises BrevFeil for the first field that cannot be printed.
    """
    writer = _Writer(values)
    mark = f'<div class="prove" aria-hidden="true">{PROVE}</div>' if prove else ""
    html = (
        f'<!doctype html><html lang="{values.malform}"><head><meta charset="utf-8">'
        f"<title>{escape_text(values.kontekst.tittel)}</title></head><body>{mark}"
        f"{_head(writer)}<main>{writer.blocks(mal.blokker)}</main></body></html>"
    )
    return html, writer.slots


def fill_title(mal: Brevmal, row: Mapping[str, str], kontekst: Brevkontekst) -> str:
    """Return the title shown in inbox and notification: one line of plain text; else the mailing's title."""
    malform, _ = mal.source(row.get("malform", "").strip().lower())
    source = mal.title(malform)
    if not source:
        return kontekst.tittel
    parts = parse_title(source, known_fields((*KOLONNER, *row)))
    return _Plain(Brevverdier(row, kontekst, malform)).inline(parts)


class _Plain:
    """Renders the parts of a line as plain text."""

    def __init__(self, values: Brevverdier) -> None:
        self.values = values
        self.item: Mapping[str, str] = {}

    def value(self, name: str) -> str:
        return self.item[name] if name in self.item else self.values[name]

    def inline(self, parts: Iterable[Inline]) -> str:
        return "".join(self.part(part) for part in parts)

    def part(self, part: Inline) -> str:
        if isinstance(part, Tekst):
            return self.text(part.tekst)
        if isinstance(part, Verdi):
            return self.field(part)
        if isinstance(part, Fet):
            return self.bold(part)
        shown = is_present(self.value(part.felt)) != part.ikke
        return self.inline(part.innhold if shown else part.ellers)

    def text(self, text: str) -> str:
        return text

    def field(self, part: Verdi) -> str:
        return _print_value(part, self.value(part.felt))

    def bold(self, part: Fet) -> str:
        return self.inline(part.innhold)


def _print_value(part: Verdi, value: str) -> str:
    if not value:
        raise BrevFeil("FELT_TOMT", part.felt)
    if part.format is None:
        return value
    try:
        return FORMATER[part.format][0](value)
    except ValueError as error:
        raise BrevFeil("VERDI_UGYLDIG", part.felt) from error


class _Writer(_Plain):
    """Renders blocks as HTML with placeholders, and collects the values."""

    def __init__(self, values: Brevverdier) -> None:
        super().__init__(values)
        self.slots: list[Slot] = []
        self.place: tuple[str, int] | None = None

    def hole(self, name: str, read: Callable[[Brevverdier], str]) -> str:
        """Return a placeholder for a value; the empty string where the value is empty."""
        value = read(self.values)
        if not value:
            return ""
        self.slots.append(Slot(name, value, read))
        return HOLE

    def text(self, text: str) -> str:
        return escape_text(text)

    def field(self, part: Verdi) -> str:
        form = f"|{part.format}" if part.format else ""
        if self.place is None or part.felt not in self.item:
            return self.hole(f"{part.felt}{form}", lambda values: _print_value(part, values[part.felt]))
        liste, n = self.place
        return self.hole(
            f"{liste}/{n}/{part.felt}{form}",
            lambda values: _print_value(part, values.items(liste)[n][part.felt]),
        )

    def bold(self, part: Fet) -> str:
        return f"<strong>{self.inline(part.innhold)}</strong>"

    def blocks(self, nodes: Iterable[Node]) -> str:
        flat = self.flat(nodes)
        return "".join(
            f"<ul>{''.join(html for _, html in group)}</ul>" if bullet else "".join(html for _, html in group)
            for bullet, group in groupby(flat, key=lambda pair: pair[0])
        )

    def flat(self, nodes: Iterable[Node]) -> list[tuple[bool, str]]:
        """Return (is a bullet, HTML) of every shown block, with conditions and lists expanded."""
        out: list[tuple[bool, str]] = []
        for node in nodes:
            if isinstance(node, Hvis):
                shown = is_present(self.value(node.felt)) != node.ikke
                out += self.flat(node.innhold if shown else node.ellers)
            elif isinstance(node, ForHver):
                for _ in self.repeat(node):
                    out += self.flat(node.innhold)
            else:
                out.append((isinstance(node, Punkt), self.block(node)))
        return out

    def repeat(self, node: ForHver) -> Iterable[int]:
        outer = self.item, self.place
        for n, item in enumerate(self.values.items(node.liste)):
            self.item, self.place = item, (node.liste, n)
            yield n
        self.item, self.place = outer

    def block(self, node: Node) -> str:
        if isinstance(node, Overskrift):
            return f"<h{node.niva}>{self.inline(node.innhold)}</h{node.niva}>"
        if isinstance(node, Avsnitt):
            kind = ' class="liten"' if node.liten else ""
            return f"<p{kind}>{self.inline(node.innhold)}</p>"
        if isinstance(node, Punkt):
            return f"<li>{self.inline(node.innhold)}</li>"
        if isinstance(node, Tabell):
            return self.table(node)
        raise TypeError(type(node).__name__)

    def table(self, table: Tabell) -> str:
        head = "".join(self.row(row, table.kolonner, "thead") for row in table.hode)
        body = "".join(self.rows(table.rader, table.kolonner, heading=not table.hode))
        if not body:
            return ""
        thead = f"<thead>{head}</thead>" if head else ""
        return f"<table><colgroup>{_widths(table.kolonner)}</colgroup>{thead}<tbody>{body}</tbody></table>"

    def rows(self, nodes: Iterable[Node], columns: tuple[Kolonne, ...], *, heading: bool) -> list[str]:
        out: list[str] = []
        for node in nodes:
            if isinstance(node, Rad):
                out.append(self.row(node, columns, "heading" if heading else "plain"))
            elif isinstance(node, Hvis):
                shown = is_present(self.value(node.felt)) != node.ikke
                out += self.rows(node.innhold if shown else node.ellers, columns, heading=heading)
            elif isinstance(node, ForHver):
                for _ in self.repeat(node):
                    out += self.rows(node.innhold, columns, heading=heading)
        return out

    def row(self, row: Rad, columns: tuple[Kolonne, ...], kind: str) -> str:
        cells = []
        for n, (content, column) in enumerate(zip(row.celler, columns, strict=True)):
            right = ' class="tall"' if column.hoyre else ""
            inner = self.inline(content)
            if kind == "thead":
                cells.append(f'<th scope="col"{right}>{inner}</th>')
            elif kind == "heading" and n == 0:
                cells.append(f'<th scope="row"{right}>{inner}</th>')
            else:
                cells.append(f"<td{right}>{inner}</td>")
        bold = all(len(c) == 1 and isinstance(c[0], Fet) for c in row.celler)
        return f"<tr{' class=sum' if bold and kind != 'thead' else ''}>{''.join(cells)}</tr>"


def _widths(columns: tuple[Kolonne, ...]) -> str:
    total = sum(column.bredde for column in columns)
    return "".join(f'<col style="width:{100 * c.bredde / total:.4g}%">' for c in columns)


def _head(writer: _Writer) -> str:
    return (
        f"<header>{letterhead(writer.values.kontekst.avsender)}"
        f'<div class="mottaker">{writer.hole("mottaker", _receiver)}</div>{_reference(writer)}</header>'
    )


def head_shape(values: Brevverdier) -> tuple[object, ...]:
    """Return what decides the header's HTML: whether address and reference exist, and the id's label."""
    return (
        bool(values.column("navn") or _receiver(values)),
        bool(values.column("eksternref")),
        values["id_label"],
    )


def _receiver(values: Brevverdier) -> str:
    """Return name and address as one value, so that one more address line does not change the form."""
    lines = [values.column(name) for name in _ADDRESS]
    place = NBSP.join(part for part in map(values.column, _PLACE) if part)
    return "\n".join(line for line in (*lines, place, country_line(values)) if line)


def _reference(writer: _Writer) -> str:
    rows = [(_REF_LABELS["sendt"], writer.hole("sendt", itemgetter("sendt")))]
    rows += [(writer.values["id_label"], writer.hole("id_verdi", itemgetter("id_verdi")))]
    rows += [(_REF_LABELS["eksternref"], writer.hole("eksternref", _column("eksternref")))]
    cells = "".join(
        f'<tr><th scope="row">{escape_text(label)}</th><td>{hole}</td></tr>' for label, hole in rows if hole
    )
    return f'<table class="ref"><tbody>{cells}</tbody></table>'


def _column(name: str) -> Callable[[Brevverdier], str]:
    return lambda values: values.column(name)

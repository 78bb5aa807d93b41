"""Tree and row to a page: the HTML of one letter. Values are escaped text in spans, never read as language
again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from html import escape
from itertools import groupby

from fiks.utsending.brev.context import Avsender, Brevkontekst, Brevmal
from fiks.utsending.brev.derived import Brevverdier, country_line
from fiks.utsending.brev.errors import BrevFeil
from fiks.utsending.brev.fields import KOLONNER, known_fields
from fiks.utsending.brev.formats import FORMATER, NBSP, is_present
from fiks.utsending.brev.language import (
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
from fiks.utsending.brev.parse import parse, parse_title

LOGO_URL = "brev:logo-"
PROVE = "PRØVEBREV"
_REF_LABELS = {"sendt": "Dato", "eksternref": "Vår ref."}


def compose(mal: Brevmal, row: Mapping[str, str], kontekst: Brevkontekst, *, prove: bool = False) -> str:
    """Return the letter as one HTML document whose only outside name is the logo.

    Raises MalFeil for a faulty template and BrevFeil for a row that cannot fill it (FELT_TOMT: a printed
    field is empty and no condition guards it; VERDI_UGYLDIG; TEGN_UGYLDIG). Pure: also the cheap trial of a
    whole list.
    """
    malform, source = mal.source(row.get("malform", "").strip().lower())
    tree = _tree(source, tuple(row))
    writer = _Writer(Brevverdier(row, kontekst, malform))
    body = writer.blocks(tree.blokker)
    mark = f'<div class="prove" aria-hidden="true">{PROVE}</div>' if prove else ""
    return (
        f'<!doctype html><html lang="{malform}"><head><meta charset="utf-8">'
        f"<title>{escape(kontekst.tittel)}</title></head><body>{mark}"
        f"{_head(writer)}<main>{body}</main></body></html>"
    )


@lru_cache(maxsize=64)
def _tree(source: str, columns: tuple[str, ...]) -> Mal:
    return parse(source, known_fields((*KOLONNER, *columns)))


def fill_title(mal: Brevmal, row: Mapping[str, str], kontekst: Brevkontekst) -> str:
    """Return the title the receiver sees in inbox and varsel: one line of plain text, or the mailing's own
    title."""
    malform, _ = mal.source(row.get("malform", "").strip().lower())
    source = mal.title(malform)
    if not source:
        return kontekst.tittel
    parts = parse_title(source, known_fields((*KOLONNER, *row)))
    return _Plain(Brevverdier(row, kontekst, malform)).inline(parts)


def footer(kontekst: Brevkontekst) -> str:
    """Return the line at the foot of every page; the same in every letter of a mailing."""
    a = kontekst.avsender
    place = f"{a.postnr} {a.poststed}".strip()
    parts = (a.navn, *a.adresselinjer, place, f"Org.nr. {a.orgnr}" if a.orgnr else "", a.nett)
    return " · ".join(part for part in parts if part)


class _Plain:
    """Fills the parts of a line as plain text."""

    def __init__(self, values: Brevverdier) -> None:
        self.values = values
        self.item: Mapping[str, str] = {}
        self.path = ""

    def value(self, name: str) -> str:
        return self.item[name] if name in self.item else self.values[name]

    def printed(self, part: Verdi) -> str:
        value = self.value(part.felt)
        if not value:
            raise BrevFeil("FELT_TOMT", part.felt)
        if part.format is None:
            return value
        try:
            return FORMATER[part.format][0](value)
        except ValueError as error:
            raise BrevFeil("VERDI_UGYLDIG", part.felt) from error

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
        return self.printed(part)

    def bold(self, part: Fet) -> str:
        return self.inline(part.innhold)


class _Writer(_Plain):
    """Fills blocks as HTML."""

    def text(self, text: str) -> str:
        return _fixed(text)

    def field(self, part: Verdi) -> str:
        inside = self.path if part.felt in self.item else ""
        form = f"|{part.format}" if part.format else ""
        return _span(f"{inside}{part.felt}{form}", self.printed(part))

    def bold(self, part: Fet) -> str:
        return f"<strong>{self.inline(part.innhold)}</strong>"

    def blocks(self, nodes: Iterable[Node]) -> str:
        flat = self.flat(nodes)
        return "".join(
            f"<ul>{''.join(html for _, html in group)}</ul>" if bullet else "".join(html for _, html in group)
            for bullet, group in groupby(flat, key=lambda pair: pair[0])
        )

    def flat(self, nodes: Iterable[Node]) -> list[tuple[bool, str]]:
        """(is a bullet, HTML) of every block that shows, conditions and lists unfolded."""
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
        outer = self.item, self.path
        for n, item in enumerate(self.values.items(node.liste)):
            self.item, self.path = item, f"{node.liste}/{n}/"
            yield n
        self.item, self.path = outer

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


_fixed = lru_cache(maxsize=4_096)(escape)
"""Escaped text of a template or the name of a field: the same in every letter."""

_special = re.compile("[&<>\"']").search


@lru_cache(maxsize=256)
def _widths(columns: tuple[Kolonne, ...]) -> str:
    total = sum(column.bredde for column in columns)
    return "".join(f'<col style="width:{100 * c.bredde / total:.4g}%">' for c in columns)


def _span(path: str, value: str) -> str:
    if not value:
        return ""
    return f'<span data-v="{_fixed(path)}">{escape(value) if _special(value) else value}</span>'


def _head(writer: _Writer) -> str:
    return (
        f"<header>{_letterhead(writer.values.kontekst.avsender)}"
        f'<div class="mottaker">{_address(writer.values)}</div>{_reference(writer.values)}</header>'
    )


@lru_cache(maxsize=16)
def _letterhead(a: Avsender) -> str:
    logo = ""
    if a.logo:
        logo = f'<img class="logo" src="{LOGO_URL}{a.logo.digest}" alt="{escape(a.navn)}">'
    place = f"{a.postnr}{NBSP}{a.poststed}" if a.postnr else a.poststed
    post = _lines((*a.adresselinjer, place))
    contact = _lines((a.apningstid, a.telefon and f"Telefon {a.telefon}", a.epost, a.nett))
    indent = "" if a.logo else " utenlogo"
    return (
        f'{logo}<p class="avsender{indent}"><strong>{escape(a.navn)}</strong><br>{post}</p>'
        f'<p class="kontakt">{contact}</p>'
    )


def _lines(lines: Iterable[str]) -> str:
    return "<br>".join(escape(line) for line in lines if line)


def _address(values: Brevverdier) -> str:
    lines = [_span(name, values.column(name)) for name in ("navn", *(f"adresselinje{n}" for n in (1, 2, 3)))]
    place = [_span(name, values.column(name)) for name in ("postnr", "poststed")]
    lines += [NBSP.join(part for part in place if part), _span("land", country_line(values))]
    return "<br>".join(line for line in lines if line)


def _reference(values: Brevverdier) -> str:
    rows = [(_REF_LABELS["sendt"], "sendt", values["sendt"])]
    rows += [(values["id_label"], "id_verdi", values["id_verdi"])]
    rows += [(_REF_LABELS["eksternref"], "eksternref", values.column("eksternref"))]
    cells = "".join(
        f'<tr><th scope="row">{escape(label)}</th><td>{_span(path, value)}</td></tr>'
        for label, path, value in rows
        if value
    )
    return f'<table class="ref"><tbody>{cells}</tbody></table>'

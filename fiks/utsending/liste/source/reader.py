"""Reads a recipient list: its rows and their field names, without judging them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePath

from fiks.utsending.liste.columns import ALLE, value_names
from fiks.utsending.liste.findings import Filkode, ListeFeil, Rad
from fiks.utsending.liste.formula_injection import undo_neutralise
from fiks.utsending.liste.source import csv_file, xlsx_file
from fiks.utsending.liste.source.column_mapping import auto_map, unresolved_fields
from fiks.utsending.liste.source.records import (
    HEADER_SEARCH,
    MAX_KOLONNER,
    MAX_RADER,
    Record,
    clean_headers,
    find_header,
    has_line_break,
    include_name,
    is_filled,
)
from fiks.utsending.liste.source.shifted_rows import count_trailing_empty, locate_shift
from fiks.utsending.liste.values import to_nfc

MAX_FIL = 200 * 1024 * 1024
TEXT_SUFFIXES = frozenset({".csv", ".txt", ".tsv"})
_OLE, _ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
_OTHER = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"MZ", b"\x7fELF", b"PK\x05\x06")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class Listeform:
    """What is known about the file before its rows.

    `format` csv or xlsx; `koding` and `skilletegn` only csv; `ark` only xlsx; `overskrift_rad` the header's
    row number; `kobling` {header: field or None}, without headers that a person has yet to decide; `mangler`
    fields without which no row can be sent; `andre_ark` visible sheets with content that are not read;
    `uklare` {field: candidate headers} where a person must choose the column of the address or the payment.
    """

    format: str
    koding: str | None
    skilletegn: str | None
    ark: str | None
    overskrift_rad: int
    overskrifter: tuple[str, ...]
    kobling: dict[str, str | None]
    ukjente: tuple[str, ...]
    mangler: tuple[str, ...]
    andre_ark: tuple[str, ...] = ()
    uklare: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def felter(self) -> tuple[str, ...]:
        """Return the name of each column's value (`value_names`)."""
        return value_names(self.overskrifter, self.kobling)


@dataclass(frozen=True, slots=True)
class Liste:
    """An opened list: its form, and its rows as a one-pass iterator that raises `ListeFeil`."""

    form: Listeform
    rader: Iterator[Rad]


def read_list(
    path: Path, filename: str, mapping: Mapping[str, str | None] | None = None, *, names: bool = True
) -> Liste:
    """Open the list at `path`, uploaded as `filename`; `mapping` overrides the automatic one per header.

    Without `names` no name column is needed: it is no list of receivers. Memory: flat for text, the whole
    sheet for xlsx; callers run it through `child`. Raises `ListeFeil`; iterating `rader` raises
    KOLONNE_MANGLER (no name column), KOLONNE_UKLAR (felter), INGEN_RADER, FOR_MANGE_RADER and the source's
    errors.
    """
    if path.stat().st_size > MAX_FIL:
        raise ListeFeil(Filkode.FIL_FOR_STOR, grense=MAX_FIL)
    if path.stat().st_size == 0:
        raise ListeFeil(Filkode.INGEN_RADER)
    if mapping:  # one that was chosen may name a header as an earlier reading had it
        mapping = {to_nfc(header): felt for header, felt in mapping.items()}
    if _is_workbook(path, filename):
        opened = xlsx_file.open_sheet(path, mapping, names=names)
        return _assemble(xlsx_file.records(opened.sheet), mapping, ark=opened, names=names)
    form = csv_file.detect_form(path, mapping)
    return _assemble(csv_file.records(path, form), mapping, text=form, names=names)


def _is_workbook(path: Path, filename: str) -> bool:
    """Return whether it is a workbook; content and file name must agree on xlsx or text."""
    suffix = PurePath(filename).suffix.lower()
    if suffix != ".xlsx" and suffix not in TEXT_SUFFIXES:
        raise ListeFeil(Filkode.FILTYPE_UKJENT)
    with path.open("rb") as stream:
        head = stream.read(8)
        if head == _OLE:
            raise ListeFeil(
                Filkode.FIL_PASSORD if _ENCRYPTED in stream.read(MAX_FIL) else Filkode.FILTYPE_UKJENT
            )
    if head.startswith(_OTHER) or head.startswith(_ZIP) != (suffix == ".xlsx"):
        raise ListeFeil(Filkode.INNHOLD_PASSER_IKKE)
    return suffix == ".xlsx"


def _assemble(
    source: Iterator[Record],
    mapping: Mapping[str, str | None] | None,
    text: csv_file.TextForm | None = None,
    ark: xlsx_file.OpenedSheet | None = None,
    *,
    names: bool,
) -> Liste:
    first = list(islice(source, HEADER_SEARCH))
    found = find_header([record.felter for record in first], mapping)
    if found is None:
        empty = not any(any(cell.strip() for cell in record.felter) for record in first)
        raise ListeFeil(Filkode.INGEN_RADER if empty else Filkode.OVERSKRIFT_MANGLER)
    index = found[0]
    headers = clean_headers(first[index].felter)
    if len(headers) > MAX_KOLONNER:
        raise ListeFeil(Filkode.FOR_MANGE_KOLONNER, grense=MAX_KOLONNER)
    kobling, unclear = _mapping(headers, [record.felter for record in first[index + 1 :]], mapping, names)
    named = not names or include_name(kobling.values())
    form = Listeform(
        format="xlsx" if ark is not None else "csv",
        koding=text.koding if text else None,
        skilletegn=text.skilletegn if text else None,
        ark=ark.sheet.name if ark else None,
        overskrift_rad=first[index].rad,
        overskrifter=tuple(headers),
        kobling=kobling,
        ukjente=tuple(header for header in headers if kobling.get(header) is None),
        mangler=() if named else ("navn",),
        andre_ark=ark.andre if ark else (),
        uklare=unclear,
    )
    return Liste(form, _rows(form, first[index], first[index + 1 :], source))


def _mapping(
    headers: Mapping[str, str], rows: list[list[str]], given: Mapping[str, str | None] | None, names: bool
) -> tuple[dict[str, str | None], Mapping[str, Sequence[str]]]:
    """Return the automatic mapping, overridden by a person's (or the konto's remembered) choices; and the
    unclear fields.

    Only a list of receivers (`names`) has unclear fields. The mapping is passed in again when the list is
    read again, so undecided headers are left out: they must not be taken for a person's choice
    (`unresolved_fields`).
    """
    kobling, unclear = auto_map(headers, rows)
    chosen = {h: given[h] if given[h] in ALLE else None for h in headers if given and h in given}
    taken = [felt for felt in chosen.values() if felt]
    if len(set(taken)) != len(taken):
        raise ListeFeil(Filkode.KOLONNE_DOBBEL, felt=next(f for f in taken if taken.count(f) > 1))
    mapped = {h: chosen[h] if h in chosen else None if kobling[h] in taken else kobling[h] for h in headers}
    left = unresolved_fields(unclear, chosen) if names else {}
    unsaid = {h for places in left.values() for h in places if h not in chosen}
    return {h: felt for h, felt in mapped.items() if h not in unsaid}, left


def _rows(form: Listeform, header: Record, first: list[Record], rest: Iterator[Record]) -> Iterator[Rad]:
    if form.mangler:
        raise ListeFeil(Filkode.KOLONNE_MANGLER, felt=form.mangler[0])
    if form.uklare:
        raise ListeFeil(Filkode.KOLONNE_UKLAR, felter=list(form.uklare))
    keys = form.felter
    ahead, ends = [*first, *islice(rest, HEADER_SEARCH)], None
    if form.skilletegn is not None:
        ends = count_trailing_empty(header.felter, [record.felter for record in ahead], keys, form.skilletegn)
    compose = "navn" not in keys and "etternavn" in keys
    count = 0
    for source in (ahead, rest):
        for record in source:
            if not is_filled(record.felter):
                continue
            count += 1
            if count > MAX_RADER:
                raise ListeFeil(Filkode.FOR_MANGE_RADER, grense=MAX_RADER)
            row = _row(record, keys, ends)
            if compose:
                parts = (row.verdier.get(n, "") for n in ("fornavn", "mellomnavn", "etternavn"))
                row.verdier["navn"] = " ".join(part for part in parts if part)
            yield row
    if not count:
        raise ListeFeil(Filkode.INGEN_RADER)


def _row(record: Record, keys: tuple[str, ...], ends: int | None) -> Rad:
    """Make a row of a record. `ends`: number of trailing empty fields usual in the file; None for a sheet."""
    fields, width = record.felter, len(keys)
    if "'" in "".join(fields):
        fields = list(map(undo_neutralise, fields))
    if ends and not any(map(str.strip, fields[-ends:])):
        del fields[-ends:]
    shifted: dict[str, list[str]] | None = None
    if ends is not None and len(fields) != width:
        shifted = locate_shift(fields, keys)
    elif record.brutt:
        shifted = {key: [cell] for key, cell in zip(keys, fields, strict=False) if has_line_break(cell)}
    values = dict(zip(keys, fields, strict=False))
    for key in keys[len(fields) :]:
        values[key] = ""
    numbers = frozenset(keys[i] for i in record.tall if i < width)
    return Rad(record.rad, record.linje, values, numbers, shifted)

"""Rules for a cell's characters, whatever the column: formulas, lost letters, line breaks, stray spaces."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fiks.utsending.liste.columns import ALLE, Kolonnetype
from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode, Rad, funn
from fiks.utsending.liste.mojibake import GARBLED, IMPOSSIBLE_SIGNS, LOST_SIGN, STRANGE_SIGN, repair_mojibake
from fiks.utsending.liste.source.records import has_line_break
from fiks.utsending.liste.values import collapse_spaces, trim

_T = Kolonnetype
NAMES = frozenset({_T.NAVN, _T.ADRESSE, _T.POSTSTED, _T.MEDEIERE})
WORDS = NAMES | {_T.LAND, _T.TEKST, _T.KONTERINGSKODE, _T.POSTNR}
LINES = ("adresselinje1", "adresselinje2", "adresselinje3")
MAX_LINE = 70

_EDGE = "\ue000"
_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069"
_BLANKS = "\t\n\r\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_ODD = re.compile(rf"[{_CONTROL}{_BLANKS}{IMPOSSIBLE_SIGNS}\ufffd?\u200b-\u200d\u2060\ufeff]")
_MAY_BE_A_FORMULA = re.compile(rf"{_EDGE}[=+\-@#＝＋－＠]")
BAD_CHARACTER = re.compile(f"[{_CONTROL}]")
_FORMULA = re.compile(r"^[=＝]|^[+\-@＋－＠].*[(|!]|^[@＠][A-Za-z]", re.DOTALL)
_FORMULA_OWN = re.compile(r"^[=＝]|^[+\-@＋－＠].*[(|!]", re.DOTALL)
_EXCEL_ERROR = re.compile(
    r"^#(N/A|I/T|REF!|REFERANSE!|VALUE!|VERDI!|DIV/0!|NAME\?|NAVN\?|NUM!|TALL!|NULL!|SPILL!|CALC!|#+)$|^#{3,}$"
)
_POSTAL_LINE = re.compile(r"^(\d{4})\s+(\D+)$")
_LOST_IN = frozenset({"eiendomsadresse"})


def is_plain(rad: Rad) -> bool:
    """Return whether no cell needs a closer look: no odd character, only single spaces between words.

    Then every cell already is trimmed and single-spaced.
    """
    row = _EDGE.join(("", *rad.verdier.values(), ""))
    return not (
        "  " in row
        or f" {_EDGE}" in row
        or f"{_EDGE} " in row
        or _ODD.search(row)
        or GARBLED.search(row)
        or _MAY_BE_A_FORMULA.search(row)
    )


def check_text(rad: Rad) -> list[Funn]:
    """Return the character findings of a row that is not plain, cell by cell."""
    return [f for felt in rad.verdier if (f := _check_cell(rad, felt))]


def _check_cell(rad: Rad, felt: str) -> Funn | None:
    """Return the first fault of one cell; a cell has at most one character finding."""
    raw = rad.verdier[felt]
    text = trim(raw)
    if not text:
        return None
    kolonne = ALLE.get(felt)
    type_ = kolonne.type if kolonne else None
    if (_FORMULA if type_ else _FORMULA_OWN).search(text):
        return funn(rad, felt, Funnkode.FORMEL_INJEKSJON, Alvorlighet.FEIL)
    if _EXCEL_ERROR.match(text):
        return funn(rad, felt, Funnkode.EXCEL_FEILVERDI, Alvorlighet.FEIL)
    if BAD_CHARACTER.search(text):
        return funn(rad, felt, Funnkode.TEGN_UGYLDIG, Alvorlighet.FEIL)
    if type_ in WORDS and has_line_break(text):
        return _line_break(rad, felt)
    if mended := repair_mojibake(text):
        return funn(rad, felt, Funnkode.TEGN_FEILKODET, Alvorlighet.AUTO, {felt: mended})
    named = type_ in NAMES or felt in _LOST_IN
    if LOST_SIGN.search(text) or (named and ("?" in text or STRANGE_SIGN.search(text))):
        return funn(rad, felt, Funnkode.TEGN_TAPT, Alvorlighet.ADVARSEL)
    if type_ in WORDS and text != raw:
        return funn(rad, felt, Funnkode.MELLOMROM_RUNDT, Alvorlighet.AUTO, {felt: text})
    return None


def _line_break(rad: Rad, felt: str) -> Funn | None:
    """Return the finding on a line break in a cell, with the lines joined as repair."""
    if felt in LINES:
        return _address_break(rad, felt)
    kolonne = ALLE[felt]
    parts = [collapse_spaces(part) for part in rad.verdier[felt].splitlines() if trim(part)]
    joined = ("; " if kolonne.type is _T.MEDEIERE else " ").join(parts)
    return funn(rad, felt, Funnkode.LINJESKIFT_I_FELT, Alvorlighet.AUTO, {felt: joined})


def _address_break(rad: Rad, felt: str) -> Funn | None:
    """Spread the lines of the whole address over the three columns; reported once, at the first broken one."""
    lines = [trim(part) for n in LINES for part in rad.verdier.get(n, "").splitlines() if trim(part)]
    if felt != next(n for n in LINES if has_line_break(trim(rad.verdier.get(n, "")))):
        return None
    wanted: dict[str, str] = {}
    postal = _POSTAL_LINE.match(lines[-1])
    if postal and not trim(rad.verdier.get("postnr", "")) and not trim(rad.verdier.get("poststed", "")):
        lines.pop()
        wanted = {"postnr": postal[1], "poststed": trim(postal[2])}
    wanted |= {n: lines[i] if i < len(lines) else "" for i, n in enumerate(LINES)}
    if len(lines) > len(LINES) or any(len(line) > MAX_LINE for line in lines):
        return funn(rad, felt, Funnkode.LINJESKIFT_I_FELT, Alvorlighet.FEIL)
    changed = {n: value for n, value in wanted.items() if value != rad.verdier.get(n, "")}
    return funn(rad, felt, Funnkode.LINJESKIFT_I_FELT, Alvorlighet.AUTO, changed, tuple(changed))


def check_lengths(rad: Rad, values: dict[str, str], settled: set[str]) -> Iterator[Funn]:
    """Yield findings on lines too long for the address window, and names and references too long for a
    channel.
    """
    if max(map(len, values.values()), default=0) <= MAX_LINE:
        return
    for felt, value in values.items():
        if len(value) <= MAX_LINE or felt in settled:
            continue
        kolonne = ALLE.get(felt)
        if kolonne is None or kolonne.maks is None or len(value) <= kolonne.maks:
            continue
        if kolonne.type in (_T.ADRESSE, _T.POSTSTED, _T.LAND):
            yield funn(rad, felt, Funnkode.LINJE_FOR_LANG, Alvorlighet.FEIL)
        elif kolonne.type is _T.NAVN:
            yield funn(rad, felt, Funnkode.NAVN_FOR_LANGT, Alvorlighet.FEIL)
        elif kolonne.type in (_T.TEKST, _T.MEDEIERE):
            yield funn(rad, felt, Funnkode.TEKST_FOR_LANG, Alvorlighet.FEIL)

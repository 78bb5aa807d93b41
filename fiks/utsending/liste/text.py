"""Rules for a cell's characters, whatever the column: formulas, lost letters, line breaks, stray spaces."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from fiks.utsending.liste.columns import ALLE, Kolonnetype
from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode, Rad, funn
from fiks.utsending.liste.records import has_line_break
from fiks.utsending.liste.values import single_spaced, trim

_T = Kolonnetype
NAMES = frozenset({_T.NAVN, _T.ADRESSE, _T.POSTSTED, _T.MEDEIERE})
WORDS = NAMES | {_T.LAND, _T.TEKST, _T.KONTERINGSKODE, _T.POSTNR}
LINES = ("adresselinje1", "adresselinje2", "adresselinje3")
MAX_LINE = 70
NEVER = "†‡‹›¿¾¯®ŒŸƒ¡¢£¤¥¦¨¬¶¸ˆ˜‰™€"
"""Characters no Norwegian name or address has: what æ, ø, å become when decoded wrongly."""

_EDGE = "\ue000"
_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069"
_HIGH = (
    "\x80-\xbf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2018\u2019"
    "\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178"
)
_BLANKS = "\t\n\r\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_ODD = re.compile(rf"[{_CONTROL}{_BLANKS}{NEVER}\ufffd?\u200b-\u200d\u2060\ufeff]")
_MAY_BE_A_FORMULA = re.compile(rf"{_EDGE}[=+\-@#＝＋－＠]")
BAD_CHARACTER = re.compile(f"[{_CONTROL}]")
MOJIBAKE = re.compile(f"[Â-ô][{_HIGH}]")
# Signs that names do have, where no name has them: quotes and dots within a word, a low quote after a letter, and an
# apostrophe between consonants (æ stands there), but as in "D’Souza", "Hansen’s" and "Rock’n’Roll".
_LETTER = "A-Za-zÀ-ÖØ-öø-ſ"
_CONSONANT = "b-df-hj-np-tv-xzB-DF-HJ-NP-TV-XZ"
_IN_WORD = (
    f"(?<=[{_LETTER}][“”…•])(?=[{_LETTER}])|(?<=[{_LETTER}][„‚])"
    f"|(?<=[{_CONSONANT}][‘’])(?=[{_CONSONANT}])"
    r"(?<!\b[DLMNdlmn].)(?<![‘’][Nn].)(?![SNTDMsntdm]\b)"
)
GARBLED = re.compile(f"[Â-ô“”…•„‚‘’](?:(?<=[Â-ô])[{_HIGH}]|{_IN_WORD})")
"""Letters decoded wrongly, besides the characters in `IMPOSSIBLE_SIGNS`."""
_STRANGE = re.compile(f"[{NEVER}]|[ÂÃ][{_HIGH}]|[“”…•„‚‘’](?:{_IN_WORD})")
_LOST = re.compile("\ufffd|ï¿½")
_LIKELY = (
    "\u00a0-\u0151\u0153-\u0155\u0157-\u017f\u01a1\u01af\u01b0\u01e4-\u01ef\u0218-\u021b\u0300-\u036f"
    "\u1e00-\u1eff\u2010-\u2026\u2030-\u203a\u20ac\u2122"
)
_UNLIKELY = re.compile(rf"[\x80-\x9f\ufffd]|(?<![^\x00-\x7f])[^\x00-\x7f{_LIKELY}](?![^\x00-\x7f])")
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
    if mended := _mend(text):
        return funn(rad, felt, Funnkode.TEGN_FEILKODET, Alvorlighet.AUTO, {felt: mended})
    named = type_ in NAMES or felt in _LOST_IN
    if _LOST.search(text) or (named and ("?" in text or _STRANGE.search(text))):
        return funn(rad, felt, Funnkode.TEGN_TAPT, Alvorlighet.ADVARSEL)
    if type_ in WORDS and text != raw:
        return funn(rad, felt, Funnkode.MELLOMROM_RUNDT, Alvorlighet.AUTO, {felt: text})
    return None


def _mend(text: str) -> str | None:
    """Repair UTF-8 that was decoded as Windows-1252 ("BodÃ¸"), also repeatedly; None if it is no mojibake.

    It is none if the result has a character that no name has: then it is a capital before a dash or quote
    ("BØ–").
    """
    if not MOJIBAKE.search(text):
        return None
    try:
        right = unicodedata.normalize("NFC", text.encode("cp1252").decode("utf-8"))
    except UnicodeError:
        return None
    return None if _UNLIKELY.search(right) else _mend(right) or right


def _line_break(rad: Rad, felt: str) -> Funn | None:
    """Return the finding on a line break in a cell, with the lines joined as repair."""
    if felt in LINES:
        return _address_break(rad, felt)
    kolonne = ALLE[felt]
    parts = [single_spaced(part) for part in rad.verdier[felt].splitlines() if trim(part)]
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

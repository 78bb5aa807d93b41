"""A row's values as stored: encrypted JSON, deleted when the retention time is over."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from fiks.core.crypto import encryption
from fiks.core.environment import current
from fiks.core.errors import Konflikt
from fiks.core.values.address import Adresse
from fiks.utsending.liste.columns import TILLEGGSKOLONNER
from fiks.utsending.models import Utsendingsrad

ROW_AAD = "utsendingsrad.data"
_JSON = json.JSONEncoder(ensure_ascii=False)
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_PLACE = "\x7f"
_OF_OTHER_LISTS = tuple(kolonne.felt for kolonne in TILLEGGSKOLONNER)


def row_values(row: Utsendingsrad) -> dict[str, str]:
    """The row's decrypted values; empty when the retention time is over."""
    return _opened(row.data_kryptert)


def _opened(sealed: bytes | None) -> dict[str, str]:
    if sealed is None:
        return {}
    values: dict[str, str] = json.loads(encryption.decrypt_value(current().keys, sealed, ROW_AAD))
    return values


def row_hash(values: Mapping[str, str]) -> bytes:
    """Keyed hash of a row's values: proof that remains when the values are deleted.

    Empty values of columns that only other kinds of lists have are left out of it. They were not stored once,
    and a list sent then must still be recognised by its hashes.
    """
    return _hashed(_texts(_weighed(values))[1])


def approved_values(sealed: bytes | None, rad_hash: bytes) -> dict[str, str]:
    """A row's decrypted values for a letter; Konflikt("INNHOLD_ENDRET") unless `rad_hash` fits them.

    The approved digest is made of the hashes, so a letter may only use values that match its hash.
    """
    values = _opened(sealed)
    if not hmac.compare_digest(row_hash(values), rad_hash):
        raise Konflikt("INNHOLD_ENDRET")
    return values


def seal_row(values: Mapping[str, str]) -> tuple[bytes, bytes]:
    """(encrypted JSON of the values, their `row_hash`)."""
    whole, pairs = _texts(values)
    weighed = _weighed(values)
    if weighed is not values:
        pairs = _texts(weighed)[1]
    return encryption.encrypt_value(current().keys, whole.encode(), ROW_AAD), _hashed(pairs)


def _weighed(values: Mapping[str, str]) -> Mapping[str, str]:
    """The values that are part of the hash."""
    empty = [name for name in _OF_OTHER_LISTS if values.get(name) == ""]
    return {name: value for name, value in values.items() if name not in empty} if empty else values


def _hashed(pairs: str) -> bytes:
    return encryption.keyed_hash(current().index_key, b"rad|" + pairs.encode())


def _texts(values: Mapping[str, str]) -> tuple[str, str]:
    """The values as a JSON object, and as a JSON list of [name, value] sorted by name."""
    cells = tuple(values.values())
    form = _form(tuple(values)) if _stands_as_written("".join(cells)) else None
    if form is None:
        return _JSON.encode(values), _COMPACT.encode(sorted(values.items()))
    whole, pairs = form.whole.copy(), form.pairs.copy()
    whole[1::2] = cells
    pairs[1::2] = [cells[at] for at in form.by_name]
    return "".join(whole), "".join(pairs)


def _stands_as_written(text: str) -> bool:
    """Whether the text needs no JSON escapes; False also for some rare texts that need none."""
    return text.isprintable() and '"' not in text and "\\" not in text


@dataclass(frozen=True, slots=True)
class _Form:
    """The two JSON texts of rows with the same names, as pieces; every second piece is a value's place."""

    whole: list[str]
    pairs: list[str]
    by_name: list[int]


@lru_cache(maxsize=1024)
def _form(names: tuple[str, ...]) -> _Form | None:
    """The pieces for these names; None when a name contains the placeholder, or there are no names."""
    if not names or _PLACE in "".join(names):
        return None
    by_name = sorted(range(len(names)), key=names.__getitem__)
    whole = _JSON.encode(dict.fromkeys(names, _PLACE))
    pairs = _COMPACT.encode([(names[at], _PLACE) for at in by_name])
    return _Form(_pieces(whole), _pieces(pairs), by_name)


def _pieces(text: str) -> list[str]:
    between = text.split(_PLACE)
    pieces = [""] * (2 * len(between) - 1)
    pieces[::2] = between
    return pieces


def address_of(values: dict[str, str]) -> Adresse:
    """The receiver's postal address from a row's values."""
    return Adresse(
        values.get("navn", ""),
        values.get("adresselinje1", ""),
        values.get("adresselinje2", ""),
        values.get("adresselinje3", ""),
        values.get("postnr", ""),
        values.get("poststed", ""),
        values.get("land", ""),
    )

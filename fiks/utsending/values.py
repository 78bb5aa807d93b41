"""A row's values as stored: JSON, encrypted, and gone when the retention time is over."""

from __future__ import annotations

import json

from fiks.core import crypto
from fiks.core.address import Adresse
from fiks.core.environment import current
from fiks.utsending.models import Utsendingsrad

ROW_AAD = "utsendingsrad.data"


def row_values(row: Utsendingsrad) -> dict[str, str]:
    """The row's values in clear; empty when its retention time is over."""
    if row.data_kryptert is None:
        return {}
    values: dict[str, str] = json.loads(crypto.decrypt_value(current().keys, row.data_kryptert, ROW_AAD))
    return values


def seal_row(values: dict[str, str]) -> bytes:
    """Row values as stored: JSON, encrypted."""
    return crypto.encrypt_value(current().keys, json.dumps(values, ensure_ascii=False).encode(), ROW_AAD)


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

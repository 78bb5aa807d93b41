"""Sorting names in Norwegian order in SQL, as `rules.norwegian_order` does in Python."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func
from sqlalchemy.sql.elements import SQLCoreOperations

from fiks.konfigurasjon.rules import (
    norwegian_order,
)

_SIGNS = "ÆÄØÖÅÁÀÂÉÈÊËÍÓÔÚÜČĐŊŠŦŽæäøöåáàâéèêëíóôúüčđŋšŧž"
_PLACES = "".join(norwegian_order(sign) for sign in _SIGNS)


def by_name(navn: SQLCoreOperations[str]) -> ColumnElement[str]:
    """SQL sort key for names: the same order as `rules.norwegian_order`, whatever the server's collation."""
    return func.lower(func.translate(navn, _SIGNS, _PLACES)).collate("C")

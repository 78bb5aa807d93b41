"""Audit entry for viewing a letter. Its receiver sees the entry in their innsynslogg."""

from __future__ import annotations

from typing import Any

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.konfigurasjon.person.service import fnr_index
from fiks.utsending.models import Utsendingsrad
from fiks.utsending.sealed_values import row_values


def record_view(actor: Aktor, handling: str, row: Utsendingsrad, **detaljer: Any) -> None:
    """Write the audit entry in the present transaction; without a fnr it appears in no innsynslogg."""
    fnr = row_values(row).get("fnr", "")
    audit.record(
        actor,
        handling,
        "utsendingsrad",
        f"{row.utsending_id}/{row.radnr}",
        tjeneste="SVARUT",
        gjelder=fnr_index(fnr) if fnr else None,
        **detaljer,
    )

"""The options that control depends on, and the columns of a portion of controlled rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from fiks.core.db import transaction
from fiks.core.environment import current
from fiks.konfigurasjon.models import Konto
from fiks.utsending.liste.control.pipeline import Portion
from fiks.utsending.liste.rules.controlled_row import Kontrollert
from fiks.utsending.models import Utsending
from fiks.utsending.rows import storage


def control_options(utsending_id: UUID) -> tuple[Konto, bool]:
    """The mailing's konto and whether it is kun digital: the options that control and forecast depend on."""
    with transaction() as tx:
        konto, kun_digital = tx.execute(
            select(Konto, Utsending.kun_digital)
            .join(Utsending, Utsending.konto_id == Konto.id)
            .where(Utsending.id == utsending_id)
        ).one()
        tx.expunge(konto)
        return konto, kun_digital


def stored_portion(
    utsending_id: UUID, rader: Sequence[Kontrollert], portion: Portion, konto: Konto, kun_digital: bool
) -> Iterator[dict[str, Any]]:
    """The columns of a portion's rows, lazily, each with its channel forecast.

    `rader` are the portion's rows with the findings added since their control.
    """
    answers, svarinn = portion.answers, portion.svarinn
    sdp = konto.sdp_aktiv and current().digital_mailboxes
    return (
        storage.stored_row(
            utsending_id,
            row,
            storage.forecast(row, answers, svarinn=svarinn, sdp_aktiv=sdp, kun_digital=kun_digital),
        )
        for row in rader
    )

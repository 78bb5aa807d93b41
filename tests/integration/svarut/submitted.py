"""Factories of letters that came from a fagsystem, as they stand after each step."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, update

from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.pdf import Pdfleser
from fiks.svarut.models import Forsendelse
from fiks.svarut.mottak import Innlasting, Innsending
from fiks.svarut.mottak.inspection import inspect_letter
from tests.doubles import tiny_pdf
from tests.integration.houses import HOUSE, Hus
from tests.integration.worlds import World
from tests.submissions import submission

PAGE = tiny_pdf(["Et brev"])


def take_in(
    hus: Hus, new: Innsending | None = None, *contents: bytes, actor: Aktor = HOUSE, **given: object
) -> UUID:
    """A letter taken in (MOTTATT), each document one real page unless `contents` say otherwise."""
    new = new or submission()
    with Innlasting(hus.konto_id, actor=actor, innsending=new, **given) as loading:  # type: ignore[arg-type]
        for said, content in zip(new.dokumenter, contents or [PAGE] * len(new.dokumenter), strict=True):
            loading.take(said.filnavn, [content])
        return loading.register()


def control_all(world: World, reader: Pdfleser) -> int:
    """Look at letters until none is due; return how many."""
    return sum(_until_none(world, reader))


def _until_none(world: World, reader: Pdfleser) -> Iterator[int]:
    while found := inspect_letter(world.registers.heeding, reader):
        yield found


def let_control_wait_pass(letter_id: UUID) -> None:
    """As if the lease, or the wait until the next try, had gone by."""
    with transaction() as tx:
        tx.execute(
            update(Forsendelse)
            .where(Forsendelse.id == letter_id)
            .values(kontroll_neste=func.now() - timedelta(seconds=1))
        )
    session().rollback()

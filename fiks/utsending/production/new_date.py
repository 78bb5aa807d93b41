"""New letter date for approved letters that must leave on another day: drawn and approved again."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import func, update

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import transaction
from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.konfigurasjon.rules import P
from fiks.utsending import access
from fiks.utsending.approval import release_time
from fiks.utsending.models import Utsending
from fiks.utsending.production.service import start_production
from fiks.utsending.rules import Utsendingstatus
from fiks.utsending.transitions import lock_mailing

U = Utsendingstatus


def produce_with_new_date(utsending_id: UUID, brevdato: date, *, actor: Aktor) -> None:
    """Give approved letters the date `brevdato`, draw them again and send them to approval again.

    One transaction. The actor becomes the preparer; earlier preparers are still barred from approving (ADR
    0038). The same person's second call changes nothing. Needs SVARUT.SENDE. Errors: BREVDATO_FOR_TIDLIG
    (tidligst, 422), STATUS_ENDRET (409).
    """
    access.require(utsending_id, actor, P.SENDE)
    with transaction() as tx:
        row = lock_mailing(utsending_id)
        if (row.status, row.brevdato, row.klargjort_av) == (U.PRODUSERES, brevdato, actor.person_id):
            return
        if row.status != U.GODKJENT:
            raise Konflikt("STATUS_ENDRET", status=row.status)
        first = release_time.first_day_if_missed(row.konto_id, brevdato)
        if first is not None:
            raise UgyldigInndata("BREVDATO_FOR_TIDLIG", felt="brevdato", tidligst=first)
        old = row.brevdato
        tx.execute(
            update(Utsending)
            .where(Utsending.id == utsending_id)
            .values(brevdato=brevdato, endret=func.now())
            .execution_options(synchronize_session=False)
        )
        start_production(utsending_id, actor=actor)
        audit.record(
            actor, "BREVDATO_ENDRET", "utsending", utsending_id, fra=old.isoformat(), til=brevdato.isoformat()
        )

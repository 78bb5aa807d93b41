"""Search for one receiver in the log, and export of the log as a file; both are audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from fiks.core import audit, clock
from fiks.core.actor import Aktor
from fiks.core.db import transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeTilgang, Konflikt, UgyldigInndata
from fiks.core.values.identifiers import is_fnr, is_orgnr, mask_numbers
from fiks.konfigurasjon.konto.queries import kontoer_held_select
from fiks.konfigurasjon.person.service import fnr_index
from fiks.konfigurasjon.rules import P
from fiks.svarut.models import Forsendelse
from fiks.svarut.sealed_content import number_index
from fiks.svarut.sender.log import Brevutvalg, Loggrad, log_of_receiver, matches, readable_kontoer

SHORTEST_REASON, LONGEST_REASON = 5, 200
MOST_HITS = 100
EXPORT_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Eksport:
    """An export that has begun: its number of letters, and the time up to which letters are included."""

    antall: int
    newest: datetime


def find_receiver(nummer: str, hjemmel: str, brevutvalg: Brevutvalg, *, actor: Aktor) -> list[Loggrad]:
    """The newest letters to the holder of this fnr or orgnr, at most 100; audited with the reason.

    Errors: IkkeTilgang when the actor may read no log, NUMMER_UGYLDIG, LOGGSOK_HJEMMEL_MANGLER (422).
    """
    _require_reader(brevutvalg, actor)
    number = "".join(nummer.split())
    person = is_fnr(number, synthetic=current().synthetic_persons)
    if not person and not is_orgnr(number):
        raise UgyldigInndata("NUMMER_UGYLDIG", felt="nummer")
    reason = hjemmel.strip()
    if len(reason) < SHORTEST_REASON:
        raise UgyldigInndata("LOGGSOK_HJEMMEL_MANGLER", felt="hjemmel")
    index = number_index(number)
    with transaction():
        found = log_of_receiver(index, brevutvalg, actor=actor, limit=MOST_HITS)
        audit.record(
            actor,
            "MOTTAKER_SOKT",
            "forsendelser",
            actor.organisasjon_id,
            tjeneste="SVARUT",
            ressurs_id=brevutvalg.konto_id,
            gjelder=fnr_index(number) if person else None,
            hjemmel=mask_numbers(reason)[:LONGEST_REASON],
            antall=len(found),
            filtre=brevutvalg.names,
        )
        return found


def begin_export(brevutvalg: Brevutvalg, *, actor: Aktor, limit: int = EXPORT_ROWS) -> Eksport:
    """Audit the export with its number of letters. Konflikt("LOGG_FOR_MANGE") when there are more than `limit`."""
    kontoer = _require_reader(brevutvalg, actor)
    with transaction() as tx:
        newest = clock.now()
        found = (
            select(Forsendelse.id)
            .where(
                Forsendelse.konto_id.in_(kontoer),
                ~Forsendelse.prove,
                Forsendelse.opprettet <= newest,
                matches(brevutvalg, kontoer_held_select(P.SE_SPERRET, actor=actor)),
            )
            .limit(limit + 1)
            .subquery()
        )
        antall = tx.execute(select(func.count()).select_from(found)).scalar_one()
        if antall > limit:
            raise Konflikt("LOGG_FOR_MANGE", grense=limit)
        audit.record(
            actor,
            "DATA_EKSPORTERT",
            "forsendelser",
            actor.organisasjon_id,
            tjeneste="SVARUT",
            ressurs_id=brevutvalg.konto_id,
            antall=antall,
            filtre=brevutvalg.names,
        )
        return Eksport(antall, newest)


def _require_reader(brevutvalg: Brevutvalg, actor: Aktor) -> list[UUID]:
    """The kontoer whose log the actor may read; IkkeTilgang when there are none."""
    kontoer = readable_kontoer(brevutvalg, actor)
    if not kontoer:
        raise IkkeTilgang("MANGLER_PRIVILEGIUM")
    return kontoer

"""Masking a letter whose receiver turns out to be address-protected at hand-over.

Which row of a mailing the letter came from, and how a row is masked, is known by the room above, which passes
it in as `Verden.skjerm`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import update

from fiks.core.db import session, transaction
from fiks.registeroppslag.rules import Adressebeskyttelse, Person
from fiks.svarut.letters import Brev
from fiks.svarut.models import Dokument, Forsendelse


@dataclass(frozen=True, slots=True)
class Noytralt:
    """Neutral names for a protected person's letter and documents (by number): none reveals where the person
    lives.
    """

    tittel: str
    filnavn: Mapping[int, str]


Skjerm = Callable[[UUID, Adressebeskyttelse], Noytralt | None]
"""Masks the row of this letter in the present transaction, as the control of its list would have, and returns
the neutral names. None when the row is already masked, or the letter has no row.
"""


def mask_if_protected(brev: Brev, person: Person | None, skjerm: Skjerm) -> Brev:
    """Mask the row of a protected person's letter and rename the letter neutrally; return the letter as now
    named.

    One transaction, committed before anything else of the hand-over is decided, so that nothing more is shown
    whatever happens next. Idempotent. A masked row stays masked, even when the protection is lifted.
    """
    if brev.utsending_id is None or person is None:
        return brev
    if person.adressebeskyttelse is Adressebeskyttelse.UGRADERT:
        return brev
    with transaction():
        called = skjerm(brev.id, person.adressebeskyttelse)
        if called is not None:
            _rename(brev.id, called)
    return brev if called is None else _renamed(brev, called)


def _rename(forsendelse_id: UUID, called: Noytralt) -> None:
    """Store the neutral names in the present transaction; a letter erased since it was claimed gets none."""
    letter = (
        update(Forsendelse)
        .where(Forsendelse.id == forsendelse_id, Forsendelse.mottaker_kryptert.is_not(None))
        .values(tittel=called.tittel)
        .returning(Forsendelse.id)
        .execution_options(synchronize_session=False)
    )
    if session().execute(letter).first() is None:
        return
    for nr, filnavn in called.filnavn.items():
        document = update(Dokument).where(Dokument.forsendelse_id == forsendelse_id, Dokument.nr == nr)
        session().execute(document.values(filnavn=filnavn).execution_options(synchronize_session=False))


def _renamed(brev: Brev, called: Noytralt) -> Brev:
    documents = (replace(one, filnavn=called.filnavn.get(one.nr, one.filnavn)) for one in brev.dokumenter)
    return replace(brev, tittel=called.tittel, dokumenter=tuple(documents))

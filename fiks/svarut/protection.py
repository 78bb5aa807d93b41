"""A receiver whom Folkeregisteret protects when their letter is handed over, though maybe not when it was prepared.

Which row the letter is of, and what masks a row, is known by the room above: delivery is given it (`Verden.skjerm`).
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
    """What a protected person's letter is called, and its documents by number: neither tells where they live."""

    tittel: str
    filnavn: Mapping[int, str]


Skjerm = Callable[[UUID, Adressebeskyttelse], Noytralt | None]
"""Masks the row of this letter in the present transaction, as its control would have; returns what the letter is called
then. None when it is masked so already, or when the letter is of no row."""


def note_protection(brev: Brev, person: Person | None, skjerm: Skjerm) -> Brev:
    """Have the row of a protected person's letter masked, and the letter called by what tells nothing of where they
    live; return it as it is called now.

    It is one transaction, and committed before anything of the hand-over is decided: whatever comes of that, and
    whoever dies in it, nothing more is shown. Done again it changes nothing. A row that is masked stays so, also when
    the register protects the person no more.
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
    """Call the letter so, in the present transaction; one that was erased since it was claimed is called nothing."""
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

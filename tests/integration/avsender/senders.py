"""Factories: a kommune with people who may read and send, letters of fagsystemer, and their browsers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import update

from fiks.core.actor import Aktor
from fiks.core.db import transaction
from fiks.konfigurasjon import grant_usage
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.person import sessions
from fiks.konfigurasjon.rules import P
from fiks.svarut.models import Forsendelse
from fiks.svarut.mottak import Innlasting
from tests.integration.houses import HOUSE, Hus, make_aktor, new_fnr
from tests.integration.konfigurasjon.holders import grants_of
from tests.integration.utsending.browser import Browser, open_session
from tests.submissions import PDF, submission


@dataclass(frozen=True)
class Ansatt:
    """Somebody who works for the kommune: as an actor, and as who logs in."""

    pid: str
    aktor: Aktor


def make_ansatt(hus: Hus, *rettigheter: P, ressurs: UUID | None = None) -> Ansatt:
    """A person with these privileges on the konto, or on `ressurs`."""
    pid = new_fnr()
    person = konfigurasjon.register_person(pid, navn="Kari Fjellstad", actor=HOUSE)
    for privilege in rettigheter:
        konfigurasjon.grant_privilegium(person, privilege, ressurs or hus.konto_id, actor=HOUSE)
    return Ansatt(pid, make_aktor(person, hus.organisasjon_id))


def browser_of(app: Flask, hus: Hus, ansatt: Ansatt, *, minutes_ago: float = 0) -> Browser:
    """Their browser, logged in and working for the kommune."""
    token = open_session(ansatt.pid, acr=4, minutes_ago=minutes_ago)
    sessions.choose_organisation(token, hus.organisasjon_id)
    client = app.test_client()
    assert isinstance(client, Browser)
    client.set_cookie("fiks", token)
    return client


def used(ansatt: Ansatt) -> set[tuple[str, UUID]]:
    """The rights of theirs that are written down as used, and where."""
    grant_usage.write_noted_uses()
    assert ansatt.aktor.person_id is not None
    return {(one.privilegium, one.ressurs_id) for one in grants_of(ansatt.aktor.person_id) if one.sist_brukt}


def second_konto(hus: Hus, navn: str = "Kommunale avgifter") -> Hus:
    """Another konto of the same kommune."""
    konto_id = konfigurasjon.create_konto(
        hus.organisasjon_id, visningsnavn=navn, avsender=f"avgifter-{hus.orgnr}", actor=HOUSE
    )
    return Hus(hus.organisasjon_id, konto_id, hus.orgnr)


def send(hus: Hus, **changes: Any) -> UUID:
    """A letter from a fagsystem, as it is when it has just been taken in."""
    new = submission(**changes)
    with Innlasting(hus.konto_id, actor=HOUSE, innsending=new) as loading:
        for said in new.dokumenter:
            loading.take(said.filnavn, [PDF])
        return loading.register()


def put(letter_id: UUID, **columns: object) -> None:
    """Set columns of a letter behind the use cases, for what a test is not about."""
    with transaction() as tx:
        tx.execute(update(Forsendelse).where(Forsendelse.id == letter_id).values(**columns))


def made_at(letter_id: UUID, when: datetime) -> None:
    """As if the letter had been taken in then."""
    put(letter_id, opprettet=when)

"""Letters that wait for a mottakersystem, and somebody who may receive them by hand."""

from __future__ import annotations

from uuid import UUID

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.person import sessions
from fiks.konfigurasjon.rules import P
from fiks.svarut.models import Forsendelse, SvarinnMottak
from fiks.svarut.rules import Status
from tests.integration.houses import HOUSE, make_hus, new_fnr, new_orgnr
from tests.integration.konfigurasjon.portals import log_in
from tests.integration.svarinn.conftest import Altinn, set_up
from tests.integration.svarut.letters import hand_over, letter, make_letter
from tests.integration.systems import System, make_system
from tests.integration.utsending.browser import Browser, open_session, text_of
from tests.integration.worlds import World

NAVN = "Mona Mottaker"


class Scene:
    """A mottakersystem, letters that wait for it, and somebody who may receive them, also by Altinn.

    `i`: the organisation that has the system, which uses SvarInn.
    """

    def __init__(self, app: Flask, eier: Owner, altinn: Altinn, i: UUID | None = None) -> None:
        self.app, self.eier, self.world, self.hus = app, eier, World(), make_hus("Fjordvik kommune")
        self.altinn, self.orgnr = altinn, self.world.register.add_unit(new_orgnr())
        altinn.navn[self.orgnr] = "Havvik kommune"
        self.system: System = make_system(self.orgnr, i=i)
        set_up(self.system.organisasjon_id)
        self.pid = new_fnr()
        self.person = konfigurasjon.register_person(self.pid, navn=NAVN, actor=HOUSE)
        konfigurasjon.grant_privilegium(self.person, P.MOTTA, self.system.id, actor=HOUSE)
        self.client = log_in(app, self.pid, self.system.organisasjon_id)

    def sent(self, **options: object) -> UUID:
        made = make_letter(self.hus, self.orgnr, **options)
        hand_over(self.eier, self.world)
        assert letter(made).status == Status.KLAR_FOR_MOTTAK
        return made

    def titled(self, tittel: str, *, taushetsbelagt: bool = False, **options: object) -> UUID:
        made = self.sent(**options)
        with transaction() as tx:
            row = tx.get_one(Forsendelse, made)
            row.tittel, row.taushetsbelagt = tittel, taushetsbelagt
        return made

    def at_level_three(self) -> Browser:
        """The same person, logged in at level 3 where forvaltning lets them."""
        token = open_session(self.pid, acr=3)
        sessions.choose_organisation(token, self.system.organisasjon_id)
        client = self.app.test_client()
        assert isinstance(client, Browser)
        client.set_cookie("fiks", token)
        return client


def words(answer: TestResponse) -> str:
    return text_of(answer.text)


def mottak(forsendelse_id: UUID) -> SvarinnMottak:
    return session().get_one(SvarinnMottak, forsendelse_id, populate_existing=True)


def acts(forsendelse_id: UUID) -> list[Audit]:
    """What has been written down about the letter by persons."""
    found = select(Audit).where(Audit.objekt_id == str(forsendelse_id), Audit.aktor_type == "PERSON")
    return list(session().scalars(found.order_by(Audit.id)))


def page_of(forsendelse_id: UUID, *more: str) -> str:
    return "/".join(("/mottak", str(forsendelse_id), *more))

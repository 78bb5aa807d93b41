"""An impatient second click on what was saved: it says the same as the first, and changes nothing more."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.tilgang import service
from fiks.konfigurasjon.tilgang.service import Endringer
from portal.tilganger import pending_changes
from tests.integration.houses import HOUSE, Hus, make_person, new_fnr
from tests.integration.konfigurasjon.holders import acts, admin_of, grants_of, person
from tests.integration.tilganger.visits import ADMIN, Besok, box, give, held, ressurs_page, save
from tests.integration.utsending.browser import text_of

SAVED = "Endringene er lagret. De virker med en gang."


@pytest.fixture(params=[False, True], ids=["after", "at once"])
def at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the second press has read what waits before the first was done."""
    read: dict[str, dict[str, Any] | None] = {}
    real = pending_changes.load_changes

    def kept(waiting: str, art: str, ressurs_id: UUID) -> dict[str, Any] | None:
        return read.setdefault(waiting, real(waiting, art, ressurs_id))

    if request.param:
        monkeypatch.setattr(pending_changes, "load_changes", kept)
    return bool(request.param)


def answer_twice(visitor: Besok, asked: TestResponse) -> list[str]:
    """Say yes to a question twice; the words of the page one is led to each time."""
    html, address = visitor.read(str(asked.location)), str(asked.location)
    waiting, said = re.findall(r'name="utkast" value="([^"]+)"', html)[0], []
    for _ in range(2):
        answer = visitor.send_as(html, address.split("?")[0], {"utkast": waiting}, address)
        assert answer.status_code == 303, text_of(answer.text)
        said.append(text_of(visitor.read(str(answer.location))))
    return said


def test_a_matrix_that_is_saved_twice_is_saved(admin: Besok, hus: Hus) -> None:
    someone = make_person(P.LESE, ressurs=hus.konto_id)
    html = admin.read(ressurs_page(hus.konto_id))
    save(admin, hus.konto_id, html, tick=box(someone, P.SENDE))
    before = acts(hus.organisasjon_id)
    admin.read(ressurs_page(hus.konto_id))
    assert save(admin, hus.konto_id, html, tick=box(someone, P.SENDE)).status_code == 303
    assert SAVED in text_of(admin.read(ressurs_page(hus.konto_id)))
    assert acts(hus.organisasjon_id) == before


def test_a_yes_to_the_question_of_the_matrix_says_the_same_twice(
    admin: Besok, hus: Hus, at_once: bool
) -> None:
    someone = make_person(P.LESE, P.SENDE, ressurs=hus.konto_id)
    html = admin.read(ressurs_page(hus.konto_id))
    asked = save(admin, hus.konto_id, html, untick=box(someone, P.SENDE))
    for words in answer_twice(admin, asked):
        assert SAVED in words and "Det gikk for lang tid" not in words
    assert held(someone, hus.konto_id) == {P.LESE}


def test_a_yes_to_a_new_administrator_says_the_same_twice(admin: Besok, hus: Hus, at_once: bool) -> None:
    asked = give(admin, hus, hvem="NY", fnr=new_fnr(), navn="Nora Ny", **ADMIN)
    for words in answer_twice(admin, asked):
        assert "Nora Ny har fått tilgangen. Den virker med en gang." in words
        assert "Det gikk for lang tid" not in words


def test_what_another_has_saved_is_not_said_to_be_ones_own(hus: Hus) -> None:
    admin, other = admin_of(hus), admin_of(hus)
    someone = make_person(P.LESE, P.SENDE, ressurs=hus.konto_id)
    [sending] = [one for one in grants_of(someone) if one.privilegium == P.SENDE]
    changes = Endringer(gi=[(person(someone), P.STOPPE)], fjern=[sending.id])
    service.revoke(sending.id, actor=admin)
    service.grant(hus.konto_id, innehaver=person(someone), privilegier=[P.STOPPE], actor=admin)
    assert service.is_already_saved(hus.konto_id, changes, actor=admin)
    assert not service.is_already_saved(hus.konto_id, changes, actor=other)
    assert not service.is_already_saved(hus.organisasjon_id, changes, actor=admin)
    [stopping] = [one for one in grants_of(someone) if one.privilegium == P.STOPPE]
    service.revoke(stopping.id, actor=HOUSE)
    assert not service.is_already_saved(hus.konto_id, changes, actor=admin), (
        "what was taken away again is not saved"
    )


def test_what_was_said_is_the_persons_own(app: Flask, admin: Besok, hus: Hus) -> None:
    someone = make_person(P.SENDE, ressurs=hus.konto_id)
    html = admin.read(ressurs_page(hus.konto_id))
    asked = save(admin, hus.konto_id, html, untick=box(someone, P.SENDE))
    answer_twice(admin, asked)
    other = Besok(app, hus, P.ADMIN)
    other.get(str(asked.location))
    assert SAVED not in text_of(other.read(ressurs_page(hus.konto_id)))

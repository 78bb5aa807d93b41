"""What somebody wants to change is not lost, and overwrites nobody: two at once, a late answer, a lost session."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from flask import Flask
from sqlalchemy import func, update

from fiks.core.db import transaction
from fiks.konfigurasjon.models import Sesjon
from fiks.konfigurasjon.person import sessions
from fiks.konfigurasjon.rules import P
from portal.session.kept_form import SKJEMA
from tests.integration.houses import Hus, make_person
from tests.integration.konfigurasjon.holders import acts
from tests.integration.tilganger.visits import (
    Besok,
    box,
    confirm,
    form_of,
    held,
    ressurs_page,
    save,
    session_of,
)
from tests.integration.utsending.browser import text_of
from tests.pagecheck import faults


def test_two_administrators_at_one_matrix_the_second_is_told_and_nothing_is_lost(
    app: Flask, hus: Hus
) -> None:
    """Acceptance: both open it, one saves, the other's save shows both and has written nothing."""
    a, b = Besok(app, hus, P.ADMIN), Besok(app, hus, P.ADMIN)
    kari = make_person(P.LESE, ressurs=hus.konto_id, navn="Kari Nordmann")
    ola = make_person(P.LESE, P.STOPPE, ressurs=hus.konto_id, navn="Ola Havnes")
    seen_by_a, seen_by_b = a.read(ressurs_page(hus.konto_id)), b.read(ressurs_page(hus.konto_id))
    assert save(a, hus.konto_id, seen_by_a, tick=box(kari, P.SENDE)).status_code == 303
    before = acts(hus.organisasjon_id)
    told = save(b, hus.konto_id, seen_by_b, tick=box(ola, P.GODKJENNE))
    assert told.status_code == 409
    assert not faults(told.text)
    assert "Noen andre har endret tilgangene" in text_of(told.text)
    assert "Du ville gi: Godkjenne – Ola Havnes" in text_of(told.text)
    assert 'aria-label="Lage utsendinger – Kari Nordmann" checked' in told.text, "what A saved"
    assert 'aria-label="Godkjenne – Ola Havnes" checked' in told.text, "what B had ticked"
    assert "Ikke lagret" in text_of(told.text)
    assert (held(kari, hus.konto_id), held(ola, hus.konto_id)) == ({P.LESE, P.SENDE}, {P.LESE, P.STOPPE})
    assert acts(hus.organisasjon_id) == before
    again = b.send_as(told.text, ressurs_page(hus.konto_id), form_of(told.text), ressurs_page(hus.konto_id))
    assert again.status_code == 303
    assert (held(kari, hus.konto_id), held(ola, hus.konto_id)) == (
        {P.LESE, P.SENDE},
        {P.LESE, P.STOPPE, P.GODKJENNE},
    )


def test_of_two_saves_at_the_very_same_time_one_stands_and_the_other_is_told(app: Flask, hus: Hus) -> None:
    a, b = Besok(app, hus, P.ADMIN), Besok(app, hus, P.ADMIN)
    kari = make_person(P.LESE, ressurs=hus.konto_id, navn="Kari Nordmann")
    page = ressurs_page(hus.konto_id)
    opened = [(a, a.read(page), P.SENDE), (b, b.read(page), P.STOPPE)]
    together = Barrier(len(opened))

    def press(visitor: Besok, html: str, privilege: P) -> int:
        together.wait(timeout=30)
        return save(visitor, hus.konto_id, html, tick=box(kari, privilege)).status_code

    with ThreadPoolExecutor(len(opened)) as machines:
        answers = [machines.submit(press, *one) for one in opened]
        codes = [answer.result(timeout=60) for answer in answers]
    assert sorted(codes) == [303, 409]
    winner = opened[codes.index(303)][2]
    assert held(kari, hus.konto_id) == {P.LESE, winner}


def test_a_change_between_the_question_and_the_answer_is_told_too(app: Flask, hus: Hus) -> None:
    a, b = Besok(app, hus, P.ADMIN), Besok(app, hus, P.ADMIN)
    kari = make_person(P.LESE, P.STOPPE, ressurs=hus.konto_id, navn="Kari Nordmann")
    asked = save(b, hus.konto_id, b.read(ressurs_page(hus.konto_id)), untick=box(kari, P.LESE))
    html = b.read(str(asked.location))
    confirm(a, save(a, hus.konto_id, a.read(ressurs_page(hus.konto_id)), untick=box(kari, P.LESE)))
    utkast = str(asked.location).split("utkast=")[1]
    told = b.send_as(html, f"{ressurs_page(hus.konto_id)}/bekreft", {"utkast": utkast}, "/")
    assert told.status_code == 409
    assert "Du ville fjerne: Se utsendinger – Kari Nordmann: er alt fjernet" in text_of(told.text)
    assert held(kari, hus.konto_id) == {P.STOPPE}


def test_what_was_ticked_when_the_session_ended_is_kept_and_sent_again_without_being_read_out(
    admin: Besok, hus: Hus
) -> None:
    kari = make_person(P.LESE, ressurs=hus.konto_id, navn="Kari Nordmann")
    html = admin.read(ressurs_page(hus.konto_id))
    with transaction() as tx:
        mine = update(Sesjon).where(Sesjon.person_id == admin.id)
        tx.execute(mine.values(auth_time=func.now() - timedelta(hours=3)))
    lost = save(admin, hus.konto_id, html, tick=box(kari, P.SENDE))
    assert lost.status_code == 401
    waiting = re.search(r"skjema=([\w-]+)", lost.text)
    assert waiting
    token = session_of(admin, minutes=0)
    sessions.save_data(token, {SKJEMA: waiting.group(1)})
    kept = admin.read("/innlogging/skjema")
    assert "Det du krysset av, er også tatt vare på" in kept
    assert "SVARUT" not in text_of(kept)
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', kept)
    form = {name: value for name, value in fields if "." in name}
    assert admin.send_as(kept, ressurs_page(hus.konto_id), form, "/innlogging/skjema").status_code == 303
    assert held(kari, hus.konto_id) == {P.LESE, P.SENDE}

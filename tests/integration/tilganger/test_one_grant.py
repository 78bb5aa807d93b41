"""One grant: taken away, or let end on a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from fiks.core.db import session
from fiks.konfigurasjon.rules import P, Periode
from fiks.konfigurasjon.tilgang import service
from tests.integration.houses import HOUSE, Hus, make_person
from tests.integration.konfigurasjon.holders import acts, grant_row, grants_of, person
from tests.integration.tilganger.visits import Besok, held, session_of
from tests.integration.utsending.browser import marks_of, text_of, token_of
from tests.pagecheck import faults


def test_one_grant_is_taken_away_after_a_question_that_says_what_is_lost(admin: Besok, hus: Hus) -> None:
    kari = make_person(P.SENDE, P.LESE, ressurs=hus.konto_id, navn="Kari Nordmann")
    [grant] = [row for row in grants_of(kari) if row.privilegium == P.SENDE]
    page = f"/tilganger/{grant.id}/fjern"
    assert "Kari Nordmann mister «Lage utsendinger» på Eiendomsskatt" in text_of(admin.read(page))
    assert held(kari, hus.konto_id) == {P.SENDE, P.LESE}
    assert admin.send(page).status_code == 303
    assert held(kari, hus.konto_id) == {P.LESE}
    again = admin.get(page)
    assert (again.status_code, "alt avsluttet" in again.text) == (409, True)


def test_an_end_is_set_moved_and_taken_away(admin: Besok, hus: Hus) -> None:
    [grant] = grants_of(make_person(P.SENDE, ressurs=hus.konto_id))
    page = f"/tilganger/{grant.id}/slutt"
    wrong = admin.send(page, til="igår")
    assert (wrong.status_code, 'value="igår"' in wrong.text, faults(wrong.text)) == (422, True, [])
    assert admin.send(page, til="01.01.2020").status_code == 422
    assert admin.send(page, til="31.12.2099").status_code == 303
    assert "Til og med" in admin.read(page)
    assert 'value="31.12.2099"' in admin.read(page)
    assert admin.send(page, til="").status_code == 303
    assert grant_row(grant.id).gyldig_til is None
    assert acts(hus.organisasjon_id).count("TILGANG_ENDRET") == 2


def test_an_end_before_the_grant_begins_is_told_at_the_field(admin: Besok, hus: Hus) -> None:
    [grant] = service.grant(
        hus.konto_id,
        innehaver=person(make_person(navn="Kari Nordmann")),
        privilegier=[P.SENDE],
        periode=Periode(fra=_in_days(100)),
        actor=HOUSE,
    )
    early = f"{_in_days(50):%d.%m.%Y}"
    page = admin.send(f"/tilganger/{grant}/slutt", til=early)
    assert (page.status_code, faults(page.text)) == (422, [])
    assert "Endre sluttdato for Kari Nordmann" in page.text and f'value="{early}"' in page.text
    assert "Sluttdatoen må være" in text_of(page.text).split("Lagre sluttdatoen")[0]
    assert grant_row(grant).gyldig_til is None


def test_to_let_an_administrator_last_longer_asks_for_a_new_login_and_keeps_the_day(
    app: Flask, hus: Hus
) -> None:
    admin, other = Besok(app, hus, P.ADMIN), make_person()
    [grant] = service.grant(
        hus.konto_id,
        innehaver=person(other),
        privilegier=[P.ADMIN],
        periode=Periode(til=_in_days(10)),
        actor=HOUSE,
    )
    page = f"/tilganger/{grant}/slutt"
    shown = marks_of(admin.read(page))
    session_of(admin, minutes=6)
    assert admin.get(page).location.startswith("/innlogging/bekreft"), "asked before the form is filled in"
    token = token_of(admin.read("/hjelp"))
    answer = admin.client.post(page, data=shown | {"csrf_token": token, "til": "31.12.2099"})
    assert answer.location.startswith("/innlogging/bekreft?neste=")
    assert "31.12.2099" in answer.location
    session_of(admin, minutes=0)
    assert 'value="31.12.2099"' in admin.read(f"{page}?til=31.12.2099")


def test_ones_own_end_is_moved_nearer_after_a_question_and_never_further_off(app: Flask, hus: Hus) -> None:
    admin = Besok(app, hus, P.ADMIN)
    soon, later = _in_days(5), _in_days(10)
    [grant] = service.grant(
        hus.konto_id,
        innehaver=person(admin.id),
        privilegier=[P.LESE],
        periode=Periode(til=later),
        actor=HOUSE,
    )
    page = f"/tilganger/{grant}/slutt"
    assert "Dette er din egen tilgang." in text_of(admin.read(page))
    for longer in ("31.12.2099", ""):
        told = admin.send(page, til=longer)
        assert (told.status_code, faults(told.text)) == (403, [])
        assert "Be en annen administrator gjøre det." in text_of(told.text)
        assert f'name="til" value="{longer}"' in told.text, "what one wrote is not lost"
    assert admin.send(page, til=_day(soon)).status_code == 303
    assert _day(grant_row(grant).gyldig_til) == _day(soon)
    [other] = grants_of(make_person(P.LESE, ressurs=hus.konto_id))
    assert "din egen tilgang" not in admin.read(f"/tilganger/{other.id}/slutt")


def test_an_end_that_another_has_set_meanwhile_is_not_written_over(admin: Besok, hus: Hus) -> None:
    [grant] = grants_of(make_person(P.SENDE, ressurs=hus.konto_id))
    page = f"/tilganger/{grant.id}/slutt"
    shown, end = admin.read(page), _in_days(10)
    service.change_end(grant.id, gyldig_til=end, actor=HOUSE)
    told = admin.send_as(shown, page, {"til": "31.12.2099"}, page)
    assert (told.status_code, faults(told.text)) == (409, [])
    assert "Du skrev «31.12.2099»" in text_of(told.text)
    assert 'value="31.12.2099"' in told.text, "what one wrote is not lost"
    assert grant_row(grant.id).gyldig_til == end
    untouched = admin.send_as(shown, page, {"til": ""}, page)
    assert untouched.status_code == 409, "an empty field would have taken the end away"
    assert f'value="{_day(end)}"' in untouched.text
    for _ in range(2):
        assert admin.send_as(told.text, page, {"til": "31.12.2099"}, page).status_code == 303
    session().rollback()
    assert grant_row(grant.id).gyldig_til.isoformat() == "2099-12-31T23:00:00+00:00"  # type: ignore[union-attr]


def _day(end: Any) -> str:
    return str(service.end_as_form_value(end)["til"])


def _in_days(days: int) -> Any:
    return session().execute(select(func.now() + timedelta(days=days))).scalar_one()

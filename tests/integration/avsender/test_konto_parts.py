"""Parts of a konto's set-up that guard something: the time to regret, the account that payments go to, and signing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from fiks.core import clock, environment
from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.environment import Environment
from fiks.core.errors import IkkeTilgang, Konflikt
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.konto import safeguards, settings
from fiks.konfigurasjon.konto.rules import Angrefristoppsett, Bankkonto
from fiks.konfigurasjon.models import Konto
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.stale_form import mark_of
from tests.integration.avsender.test_konto_setup import ACCOUNT, administrator, browser
from tests.integration.houses import HOUSE, make_hus, new_fnr, staff_of
from tests.integration.utsending.browser import post


@pytest.fixture
def house() -> Iterator[Environment]:
    """What the house is set up with, which a test may change."""
    kept = environment.current()
    yield kept
    environment.install(kept)


def details_of(konto_id: UUID, handling: str) -> list[dict[str, str]]:
    """What is told of each such act on the konto, oldest first."""
    rows = select(Audit.detaljer).where(Audit.handling == handling, Audit.ressurs_id == konto_id)
    return list(session().scalars(rows.order_by(Audit.id)))


def test_how_long_a_release_can_be_regretted_is_set_shown_and_audited(app: Flask) -> None:
    hus = make_hus()
    client, konto = administrator(app, hus), f"/kontoer/{hus.konto_id}"
    page = f"{konto}/oppsett/angrefrist"
    assert "30\xa0minutter, som for alle" in client.get(konto).text
    for wrong in ("4", "1441", "0", "en time", "-5"):
        assert post(client, page, page, minutter=wrong).status_code == 422, wrong
    answer = post(client, page, page, minutter="1 440")
    assert (answer.status_code, "1\xa0440\xa0minutter" in client.get(answer.location).text) == (303, True)
    assert session().get_one(Konto, hus.konto_id, populate_existing=True).angrefrist_sekunder == 86_400
    assert post(client, page, page, minutter="5").status_code == 303
    assert post(client, page, page, minutter="").status_code == 303
    assert session().get_one(Konto, hus.konto_id, populate_existing=True).angrefrist_sekunder is None
    told = details_of(hus.konto_id, "KONTO_OPPSETT_ENDRET")
    assert [(one["minutter_for"], one["minutter_etter"]) for one in told] == [
        (None, "1440"),
        ("1440", "5"),
        ("5", None),
    ]
    assert {one["felter"] for one in told} == {"angrefrist_sekunder"}


@pytest.mark.parametrize(("seconds", "minutes", "said"), [(10, "1", "minutt"), (90, "2", "minutter")])
def test_a_time_to_regret_that_is_no_whole_minutes_is_told_alike_and_left_alone_untouched(
    app: Flask, seconds: int, minutes: str, said: str
) -> None:
    hus = make_hus(angrefrist_sekunder=seconds)
    client, konto = administrator(app, hus), f"/kontoer/{hus.konto_id}"
    page = f"{konto}/oppsett/angrefrist"
    for shown in (konto, "/konfigurasjon"):
        assert f"{minutes}\xa0{said}<" in client.get(shown).text, shown
    assert f'value="{minutes}"' in client.get(page).text
    assert post(client, page, page, minutter=minutes).status_code == 303
    assert session().get_one(Konto, hus.konto_id, populate_existing=True).angrefrist_sekunder == seconds
    assert details_of(hus.konto_id, "KONTO_OPPSETT_ENDRET") == []
    assert post(client, page, page, minutter="4").status_code == 422


def test_a_time_to_regret_that_another_has_changed_meanwhile_is_told_as_changed_first() -> None:
    hus = make_hus(angrefrist_sekunder=600)
    shown = mark_of({"minutter": "2"})
    with pytest.raises(Konflikt, match="OPPLYSNINGER_ENDRET"):
        safeguards.set_angrefrist(hus.konto_id, Angrefristoppsett("2"), vist=shown, actor=HOUSE)


def test_the_account_that_payments_go_to_is_shown_and_changed_with_its_changes_told(app: Flask) -> None:
    hus = make_hus()
    client, konto = administrator(app, hus), f"/kontoer/{hus.konto_id}"
    page = f"{konto}/oppsett/bankkonto"
    assert post(client, page, page, kontonummer="9999.02.12341").status_code == 422
    assert post(client, page, page, kontonummer="9999.02.12348").status_code == 303
    assert session().get_one(Konto, hus.konto_id, populate_existing=True).kontonummer == ACCOUNT
    shown = client.get(konto).text
    assert "9999.02.12348" in shown
    assert "av Astrid Nordli" in shown
    assert post(client, page, page, kontonummer="9999 02 12348").status_code == 303
    assert post(client, page, page, kontonummer="").status_code == 303
    assert details_of(hus.konto_id, "KONTO_KONTONUMMER_ENDRET") == [
        {"kontonummer_for": None, "kontonummer_etter": "9999.02.12348"},
        {"kontonummer_for": "9999.02.12348", "kontonummer_etter": None},
    ]


def test_the_account_that_payments_go_to_is_changed_only_after_a_fresh_login(app: Flask) -> None:
    hus, pid = make_hus(), new_fnr()
    person = konfigurasjon.register_person(pid, navn="Astrid Nordli", actor=HOUSE)
    konfigurasjon.grant_privilegium(person, P.ADMIN, hus.organisasjon_id, actor=HOUSE)
    stale = browser(app, pid, hus.organisasjon_id, minutes_ago=10)
    answer = stale.get(f"/kontoer/{hus.konto_id}/oppsett/bankkonto")
    assert answer.location.startswith("/innlogging/bekreft")
    old = replace(staff_of(hus, P.ADMIN), auth_time=clock.database_now() - timedelta(minutes=6))
    with pytest.raises(IkkeTilgang, match="NY_INNLOGGING"):
        safeguards.set_bankkonto(hus.konto_id, Bankkonto(ACCOUNT), actor=old)


def test_signing_is_offered_where_there_is_a_service_and_can_be_taken_away_where_there_was_one(
    app: Flask, house: Environment
) -> None:
    hus = make_hus()
    client, page = administrator(app, hus), f"/kontoer/{hus.konto_id}/oppsett/digital-postkasse"
    box, boxes = 'name="signering"', {"orgnr": hus.orgnr, "aktiv": "ja", "med_dokumenter": "ja"}
    environment.install(replace(house, signing=False))
    assert box not in client.get(page).text
    refused = post(client, page, page, signering="ja", **boxes)
    assert (refused.status_code, "Plattformen har ingen signeringstjeneste." in refused.text) == (422, True)
    environment.install(replace(house, signing=True))
    assert box in client.get(page).text
    assert post(client, page, page, signering="ja", **boxes).status_code == 303
    environment.install(replace(house, signing=False))
    assert box in client.get(page).text
    assert post(client, page, page, **boxes).status_code == 303
    assert not settings.kontooppsett(hus.konto_id).sdp.signering

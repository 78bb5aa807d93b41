"""Nobody walks through numbers of persons by any form that a number is written in."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask

from fiks.core.db import transaction
from fiks.konfigurasjon.grupper import service
from fiks.konfigurasjon.models import Organisasjon
from fiks.konfigurasjon.rules import P
from tests.integration.houses import HOUSE, Hus, make_hus
from tests.integration.konfigurasjon.portals import operator, staff
from tests.integration.utsending.browser import Browser, token_of

pytestmark = pytest.mark.usefixtures("inside")

PER_MINUTE = 60


def admin(app: Flask, hus: Hus) -> Browser:
    return staff(app, hus.organisasjon_id, P.ADMIN, hus.organisasjon_id)


def member(app: Flask, hus: Hus) -> tuple[Browser, str]:
    group: UUID = service.create_gruppe(hus.organisasjon_id, navn="Skatt", actor=HOUSE)
    return admin(app, hus), f"/tilganger/grupper/{group}/nytt-medlem"


def unfinished(app: Flask, hus: Hus) -> tuple[Browser, str]:
    with transaction() as tx:
        tx.get_one(Organisasjon, hus.organisasjon_id).konfigurert = None
    return admin(app, hus), "/forstegangsoppsett/avtaleadministrator"


FORMS: dict[str, Callable[[Flask, Hus], tuple[Browser, str]]] = {
    "member of a group": member,
    "administrator by an operator": lambda app, hus: (
        operator(app),
        f"/rot/organisasjoner/{hus.organisasjon_id}/administrator",
    ),
    "avtaleadministrator": lambda app, hus: (admin(app, hus), "/konfigurasjon/avtaleadministrator"),
    "avtaleadministrator at set-up": unfinished,
    "person by number": lambda app, hus: (admin(app, hus), "/tilganger/personer"),
    "holder of a grant": lambda app, hus: (admin(app, hus), f"/tilganger/ressurser/{hus.konto_id}/ny"),
}


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_form_with_a_number_of_a_person_takes_sixty_a_minute(app: Flask, form: str) -> None:
    client, page = FORMS[form](app, make_hus())
    token = token_of(client.get("/hjelp").text)
    data = {"csrf_token": token, "fnr": "1"}
    headers = {"Referer": f"http://localhost{page}"}
    answers = [client.post(page, data=data, headers=headers).status_code for _ in range(PER_MINUTE + 1)]
    assert 429 not in answers[:PER_MINUTE]
    assert not {403, 404} & set(answers)
    assert answers[-1] == 429

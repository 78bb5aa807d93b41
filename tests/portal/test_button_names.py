"""A form that could not be taken is named by the button that sent it, so that nobody believes the act was done."""

from __future__ import annotations

from pathlib import Path

import pytest

import portal
from portal.access.kinds import Slag
from portal.access.table import SES_IGJEN, TILGANG
from portal.texts import ikke_gjort
from portal.texts.buttons import AV_FLERE, KNAPPER
from portal.texts.edialog import henvendelser
from tests.portal.apps import make_app

ROOT = Path(str(portal.__file__)).parent
STAFF = (Slag.PRIVILEGIUM, Slag.ROT)


def posts(*kinds: Slag) -> set[str]:
    """The endpoints of these kinds that a form is sent to."""
    taking = {rule.endpoint for rule in make_app().url_map.iter_rules() if "POST" in (rule.methods or ())}
    return {endpoint for endpoint in taking if TILGANG[endpoint].slag in kinds}


def test_every_form_of_forvaltning_has_a_name_and_no_other_has() -> None:
    assert set(KNAPPER) == posts(*STAFF)
    assert {endpoint for endpoint, _, _ in AV_FLERE} <= set(KNAPPER)
    assert set(KNAPPER) >= SES_IGJEN


def test_every_form_of_a_citizen_has_a_sentence_that_nothing_is_done() -> None:
    assert posts(Slag.INNBYGGER)
    assert "Ingenting er sendt eller lagret ennå" in henvendelser.NB["SKJEMA_TATT_VARE_PA_INGRESS"]
    assert "Ingenting er sendt eller lagra enno" in henvendelser.NN["SKJEMA_TATT_VARE_PA_INGRESS"]


def test_what_nobody_has_named_is_said_not_to_be_done_either() -> None:
    assert ikke_gjort("sider.ukjent", {}) == "Det du sendte inn, er ikke sendt videre eller lagret."


def test_of_several_buttons_the_one_that_was_pressed_is_named() -> None:
    assert ikke_gjort("utsending.kan_ikke_naas", {"valg": "send"}) == (
        "Du trykket «Send dem likevel». Det er ikke gjort ennå."
    )
    assert "«Hold dem utenfor»" in ikke_gjort("utsending.kan_ikke_naas", {"valg": "hold"})


NOT_WORD_BY_WORD = {"Send gode rader og hold resten utenfor", "Gi tilganger", "Send SMS"}
"""Buttons with numbers in the middle of what they say."""


@pytest.mark.parametrize("name", sorted({*KNAPPER.values(), *AV_FLERE.values()} - NOT_WORD_BY_WORD))
def test_a_name_is_what_stands_on_the_button(name: str) -> None:
    pages = "".join(path.read_text("utf-8") for path in (ROOT / "templates").rglob("*.html"))
    said = "".join(
        path.read_text("utf-8")
        for path in (*(ROOT / "svarut").rglob("*.py"), *(ROOT / "organisasjon").rglob("*.py"))
    )
    acts = (ROOT / "texts" / "svarut" / "forsendelser.py").read_text("utf-8")
    assert any(name in text for text in (pages, said, acts))

"""In a hand: wide tables are cards to the eye and tables to a screen reader; a draft is deleted after a question."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import expect

from tests.e2e import job
from tests.e2e.eye import PHONE, Eye
from tests.e2e.persons import Person

pytestmark = pytest.mark.slow

COLUMNS = ["Rad", "Mottaker", "Status", "Kanal", "Sist endret", "Handling"]
LETTERS = 7


def test_a_table_drawn_as_cards_is_read_as_a_table(person: Callable[..., Person], sent: UUID) -> None:
    reader = person("Leser")
    reader.log_in()
    reader.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    reader.page.goto(f"/utsendinger/{sent}/brevliste")
    table = reader.table("Brev")
    expect(table.get_by_role("row")).to_have_count(1 + LETTERS)
    expect(table.get_by_role("columnheader")).to_have_text(COLUMNS)
    expect(table.get_by_role("cell")).to_have_count(LETTERS * len(COLUMNS))
    first = table.get_by_role("row").nth(1)
    tops = [cell.bounding_box() for cell in first.get_by_role("cell").all()]
    assert all(
        above and below and above["y"] < below["y"] for above, below in zip(tops, tops[1:], strict=False)
    )
    label = first.get_by_role("cell").nth(1).evaluate("e => getComputedStyle(e, '::before').content")
    assert label.startswith('"Mottaker"')


def test_a_draft_is_deleted_after_a_question_that_says_what_goes(
    person: Callable[..., Person], eye: Eye
) -> None:
    maker = person("Saksbehandler")
    maker.log_in()
    job.begin(maker, "Et utkast som ikke skal brukes", "Kommunale avgifter")
    job.upload_list(maker, job.FAULTY)
    maker.menu("Manuell utsending")
    maker.follow("Et utkast som ikke skal brukes")
    eye.look(maker.page, "50-utkast")
    maker.follow("Slett utkastet")
    maker.sees("Vil du slette utkastet?")
    maker.reads("60 mottakere med alle opplysninger")
    maker.reads("filen «eiendomsskatt_feil.csv»")
    eye.look(maker.page, "50-slett")
    maker.press("Slett utkastet")
    maker.reads("Utkastet er slettet.")
    expect(maker.link("Et utkast som ikke skal brukes")).to_have_count(0)

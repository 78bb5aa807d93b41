"""The auditor finds an act in the audit log, is told what cannot be searched for, and takes the rows out as a file."""

from __future__ import annotations

import csv
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.eye import Eye
from tests.e2e.persons import Person

pytestmark = pytest.mark.slow


def test_an_auditor_searches_the_log_and_takes_it_out(person: Callable[..., Person], eye: Eye) -> None:
    auditor = person("Revisor")
    auditor.log_in()
    auditor.menu("Revisjonslogg")
    page = auditor.page
    page.locator("#handling").select_option(label="Så i revisjonsloggen")
    auditor.press("Vis treff")
    log = auditor.table("Revisjonslogg")
    expect(log.get_by_role("row").filter(has_text=auditor.who.navn)).not_to_have_count(0)
    eye.look(page, "50-revisjonslogg-treff")
    taken = auditor.download("Last ned (CSV)").open(encoding="utf-8-sig")
    assert {row["Handling"] for row in csv.DictReader(taken, delimiter=";")} == {"Så i revisjonsloggen"}
    auditor.write(fra="i går")
    auditor.press("Vis treff")
    auditor.reads("Skriv datoen på formen dd.mm.åååå")
    eye.look(page, "50-revisjonslogg-feil")
    auditor.write(fra="", sok="finnes ikke")
    auditor.press("Vis treff")
    auditor.reads("Ingen treff")
    eye.look(page, "50-revisjonslogg-tom")
    auditor.follow("Vis alle hendelser")
    expect(log).to_be_visible()

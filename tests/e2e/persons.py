"""A member of staff at a browser, doing what a person does: reads, clicks, writes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from re import Pattern

from playwright.sync_api import Download, Locator, Page, expect

from testmiljo.staff import Ansatt

expect.set_options(timeout=20_000)


def spoken(name: str | Pattern[str]) -> str | Pattern[str]:
    """A name with a part that is only heard: the browser puts a space before that part's comma."""
    if not isinstance(name, str) or "," not in name:
        return name
    return re.compile("^" + re.escape(name).replace(",", r"\s?,") + "$")


@dataclass
class Person:
    """Works on `page`; `who` is the test user to choose at ID-porten."""

    page: Page
    who: Ansatt

    def log_in(self, organisation: str = "Lillevik kommune") -> None:
        """Through ID-porten, and into the organisation when there is more than one."""
        self.page.goto("/")
        self.link("Logg inn med ID-porten").click()
        self.choose_at_idporten()
        self.sees(re.compile("Oversikt|Velg organisasjon"))
        if self.page.get_by_role("heading", name="Velg organisasjon", level=1).is_visible():
            self.page.get_by_label(organisation).check()
            self.press("Gå videre")
        self.sees("Oversikt")

    def choose_at_idporten(self) -> None:
        self.page.get_by_role("button", name=self.who.navn).click()

    def log_out(self) -> None:
        self.press("Logg ut")
        self.sees("Du er logget ut")

    def sees(self, heading: str | Pattern[str]) -> None:
        """The page's one main heading."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(heading)

    def sees_part(self, heading: str, seconds: float = 20) -> None:
        """A part of the page, by its heading."""
        found = self.page.get_by_role("heading", name=heading, exact=True)
        expect(found).to_be_visible(timeout=seconds * 1000)

    def reads(self, text: str | Pattern[str]) -> None:
        """Somewhere in the page's main part, in sight."""
        expect(self.main.get_by_text(text).first).to_be_visible()

    def does_not_read(self, text: str | Pattern[str]) -> None:
        expect(self.main.get_by_text(text)).to_have_count(0)

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    def link(self, name: str | Pattern[str]) -> Locator:
        return self.page.get_by_role("link", name=spoken(name), exact=True)

    def follow(self, name: str | Pattern[str]) -> None:
        """To the page the link leads to: a click alone may be over before the page it stands on is left."""
        with self.page.expect_navigation():
            self.link(name).click()

    def menu(self, name: str) -> None:
        """Go somewhere by the main menu."""
        self.page.get_by_role("navigation", name="Hovedmeny").get_by_role("link", name=name).click()
        self.sees(name)

    def step(self, name: str) -> None:
        """Go to a step of the guided job."""
        steps = self.page.get_by_role("navigation", name="Trinn i utsendingen")
        with self.page.expect_navigation():
            steps.get_by_role("link", name=name).click()

    def button(self, name: str | Pattern[str]) -> Locator:
        return self.page.get_by_role("button", name=spoken(name), exact=True)

    def press(self, name: str | Pattern[str]) -> None:
        self.button(name).click()

    def write(self, **fields: str) -> None:
        """Fill in fields by their ids: labels are read by axe, ids are what the error summary links to."""
        for name, value in fields.items():
            self.page.locator(f"#{name}").fill(value)

    def upload(self, path: Path) -> None:
        self.page.locator("#fil").set_input_files(path)
        self.press("Last opp")

    def download(self, name: str) -> Path:
        """Follow a link that is a file, and keep the file."""
        with self.page.expect_download() as waiting:
            self.link(name).click()
        done: Download = waiting.value
        return done.path()

    def facts(self) -> dict[str, str]:
        """The page's summary lists, term to value."""
        rows = self.main.locator(".ksd-summary-list > div")
        expect(rows.first).to_be_visible()
        pairs = [row.inner_text().replace("\u00a0", " ").split("\n") for row in rows.all()]
        return {pair[0].strip(): " ".join(part.strip() for part in pair[1:]) for pair in pairs}

    def figures(self) -> dict[str, str]:
        """The page's key figures, name to number."""
        rows = self.main.locator(".kpi")
        expect(rows.first).to_be_visible()
        texts = [row.inner_text().replace("\u00a0", " ").split("\n") for row in rows.all()]
        return {text[0].strip(): text[1].strip() for text in texts}

    def table(self, caption: str) -> Locator:
        return self.page.get_by_role("table", name=caption, exact=True)

"""A platform and a browser for the session; a fresh browser context for each person of each test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext

from testmiljo.folders import LILLEVIK
from tests.e2e.eye import DESKTOP, Eye
from tests.e2e.persons import Person
from tests.e2e.platform import BY_ROLE, Plattform, running_platform
from tests.integration.conftest import database, template

__all__ = ["database", "template"]

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
SECONDS = 20
SOME_ROWS = (32, 42, 50, 66, 98, 226, 230)
"""Norwegian and Sámi letters in the names; one lives in Germany."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's own browser; CHROMIUM names another."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert found, "no browser: install chromium-headless-shell, or name one in CHROMIUM"
    return {**browser_type_launch_args, "executable_path": shutil.which(found) or found, "args": list(FLAGS)}


@pytest.fixture(scope="session")
def plattform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plattform]:
    with running_platform(tmp_path_factory.mktemp("plattform")) as running:
        yield running


@pytest.fixture(scope="session")
def all_seen(pytestconfig: pytest.Config) -> Eye:
    wanted = pytestconfig.getoption("--pictures") or pytestconfig.getoption("--full")
    return Eye(Path(pytestconfig.getoption("--output")) / "sider" if wanted else None)


@pytest.fixture(scope="session")
def keep(pytestconfig: pytest.Config) -> Callable[[str, bytes], None]:
    """Keeps a picture beside those of the pages."""
    folder = Path(pytestconfig.getoption("--output")) / "brev"

    def write(name: str, png: bytes) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(png)

    return write


@pytest.fixture(scope="session")
def short_list(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some rows of the list that all go to a digital mailbox or on paper, so that the mailing ends by itself."""
    lines = (LILLEVIK / "eiendomsskatt.csv").read_text("utf-8-sig").splitlines()
    path = tmp_path_factory.mktemp("lister") / "utvalg.csv"
    path.write_text("\r\n".join(lines[row - 1] for row in (1, *SOME_ROWS)), "utf-8-sig")
    return path


@pytest.fixture(scope="session")
def sent(plattform: Plattform, short_list: Path) -> UUID:
    """A mailing of the short list whose letters are all handed over."""
    made = plattform.make(short_list, "Eiendomsskatt")
    plattform.approve(made)
    plattform.release(made)
    plattform.wait_until_handed_over(made, len(SOME_ROWS))
    return made


@pytest.fixture
def eye(all_seen: Eye) -> Iterator[Eye]:
    """Looks at pages; what it has seen fails the test at the end, all of it at once."""
    all_seen.faults.clear()
    yield all_seen
    all_seen.report()


@pytest.fixture
def contexts(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts, each a person's own machine, and closes them after the test."""
    made: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        size = {"width": DESKTOP[0], "height": DESKTOP[1]}
        context = browser.new_context(locale="nb-NO", viewport=size, accept_downloads=True, **options)
        context.set_default_timeout(SECONDS * 1000)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture
def person(plattform: Plattform, contexts: Callable[..., BrowserContext], eye: Eye) -> Callable[..., Person]:
    """Somebody of the staff at a machine of their own: `person("Godkjenner")`. Not logged in yet."""

    def make(rolle: str, **options: Any) -> Person:
        page = contexts(base_url=plattform.stack.base_url, **options).new_page()
        eye.watch(page)
        return Person(page, BY_ROLE[rolle])

    return make

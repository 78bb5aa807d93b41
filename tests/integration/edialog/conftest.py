"""The house on an empty database, with what opens PDFs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fiks.pdf import Pdfleser
from tests.integration.edialog.skjemaer import Penn, open_edialog
from tests.integration.houses import Hus, make_hus
from tests.integration.worlds import FakeRegister


@pytest.fixture(scope="session")
def leser() -> Iterator[Pdfleser]:
    """Opens PDFs in one child for all tests."""
    made = Pdfleser()
    yield made
    made.close()


@pytest.fixture
def hus(empty: None) -> Hus:
    """A kommune that can be written to."""
    made = make_hus()
    open_edialog(made)
    return made


@pytest.fixture
def penn() -> Penn:
    return Penn()


@pytest.fixture
def register() -> FakeRegister:
    return FakeRegister()

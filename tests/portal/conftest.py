from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.integration.conftest import database, template
from tests.portal.apps import make_prove_app, with_prove_rows, without_prove_rows
from tests.portal.fakes import FakeSesjoner

__all__ = ["database", "template"]


@pytest.fixture
def sesjoner() -> FakeSesjoner:
    return FakeSesjoner()


@pytest.fixture
def client(sesjoner: FakeSesjoner) -> Iterator[FlaskClient]:
    with_prove_rows()
    yield make_prove_app(sesjoner).test_client()
    without_prove_rows()

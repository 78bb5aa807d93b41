"""A house that may send SMS, and the registers it asks."""

from __future__ import annotations

import pytest

from tests.integration.sms.gateways import Smshus, make_smshus
from tests.integration.worlds import FakeRegister


@pytest.fixture
def smshus(empty: None) -> Smshus:
    """A kommune with an SMS-konto, and somebody who may send from it."""
    return make_smshus()


@pytest.fixture
def register() -> FakeRegister:
    """Registers that answer at once; nobody is in them yet."""
    return FakeRegister()

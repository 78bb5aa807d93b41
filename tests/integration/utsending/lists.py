"""Lists of receivers as files, and the registers that know them."""

from __future__ import annotations

import json
from typing import Any

from testmiljo.folders import LILLEVIK
from testmiljo.register import Filregister, load_register


def register() -> Filregister:
    """The registers of Lillevik."""
    return load_register(LILLEVIK)


def known() -> dict[str, Any]:
    """The whole register.json of Lillevik."""
    content: dict[str, Any] = json.loads((LILLEVIK / "register.json").read_text("utf-8"))
    return content


def expected_rows(name: str) -> dict[str, Any]:
    """What expected.json says about one list."""
    content: dict[str, Any] = json.loads((LILLEVIK / "expected.json").read_text("utf-8"))
    found: dict[str, Any] = content[name]
    return found

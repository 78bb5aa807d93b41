"""Fields of an organisation: what is let through, and what is not."""

from __future__ import annotations

import pytest

from fiks.konfigurasjon.field_rules import Feltfeil, email_fault


@pytest.mark.parametrize(
    "text",
    ["post@lillevik.no", "a.b-c+d@post.lillevik.kommune.no", f"{'a' * 64}@lillevik.no", "åse@ørsta.no"],
)
def test_one_address_is_an_address(text: str) -> None:
    assert email_fault(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lillevik.no",
        "post@lillevik",
        "post@-lillevik.no",
        "post @lillevik.no",
        "a@lillevik.no, b@lillevik.no",
        ".post@lillevik.no",
        "post.@lillevik.no",
        "po..st@lillevik.no",
        f"{'a' * 65}@lillevik.no",
        f"{'a.' * 32}a@lillevik.no",
    ],
)
def test_what_no_server_takes_is_none(text: str) -> None:
    assert email_fault(text) is Feltfeil.EPOST_UGYLDIG

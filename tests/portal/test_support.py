"""Whom one turns to when something is wrong stands where one reads that it is, and the banner promises what holds."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.ui.user_support import DEMO, TEST, TEST_SENDS, link_contacts
from tests.pagecheck import check_page
from tests.portal.apps import make_app
from tests.portal.test_environments import OWN_KEYS

HELP = "Fiks-hjelpen <brukerstotte@drift.example>, telefon 12 34 56 78"
SHOWN = (
    'Fiks-hjelpen &lt;<a class="ds-link bryt" href="mailto:brukerstotte@drift.example">brukerstotte@drift.example'
    '</a>&gt;, telefon <a class="ds-link bryt" href="tel:+4712345678">12\u00a034\u00a056\u00a078</a>'
)


def client(**settings: str) -> FlaskClient:
    return make_app(BRUKERSTOTTE=HELP, **settings).test_client()


@pytest.mark.parametrize("path", ["/hjelp", "/finnes-ikke"])
def test_where_to_turn_stands_on_the_page_of_help_and_beside_the_code_of_an_error(path: str) -> None:
    page = client().get(path).text
    assert SHOWN in page
    check_page(page)


def test_who_gets_a_letter_is_helped_by_its_sender() -> None:
    page = client(MINSIDE_BASE_URL="http://minside.test").get(
        "/finnes-ikke", headers={"Host": "minside.test"}
    )
    assert (page.status_code, "drift.example" in page.text) == (404, False)
    assert "Oppgi den hvis du melder fra." in page.text


@pytest.mark.parametrize(
    "path", ["/minside/post/finnes-ikke", "/forsendelse/finnes-ikke/1", "/minside/hjelp"]
)
def test_on_a_host_that_is_shared_who_gets_a_letter_is_helped_by_its_sender_too(path: str) -> None:
    assert "drift.example" not in client().get(path).text


def test_without_anybody_to_turn_to_nobody_is_named() -> None:
    pages = make_app().test_client()
    assert "brukerstøtte" not in pages.get("/hjelp").text + pages.get("/finnes-ikke").text


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("+46 12 34 56 78", "tel:+4612345678"),
        ("telefon 12345678, døgnet rundt", "tel:+4712345678"),
        ("x.y+z@drift.ks.no", "mailto:x.y+z@drift.ks.no"),
        ("https://hjelp.example/fiks. Døgnet rundt", "https://hjelp.example/fiks"),
        ("https://hjelp.example:8443/~fiks?id=7#a, døgnet rundt", "https://hjelp.example:8443/~fiks?id=7#a"),
        ("sak 123456789012, ring 02000", None),
        ("sak 12 34 56 78 90 eller 41234567-2", None),
    ],
)
def test_addresses_and_numbers_of_people_are_links(text: str, href: str | None) -> None:
    made = link_contacts(text)
    assert made.striptags().replace("\u00a0", " ") == text
    assert (f'href="{href}"' in made) if href else ("<a" not in made)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, TEST),
        ({"KRR_URL": "https://krr.example"}, TEST),
        ({"ALTINN_URL": "http://127.0.0.1:1"}, TEST),
        ({"ALTINN_URL": "https://platform.altinn.example"}, TEST_SENDS),
        ({"SMTP_URL": "smtp://mail.example", "EPOST_AVSENDER": "fiks@ks.test"}, TEST_SENDS),
        ({"SIGNERING_URL": "https://signering.example"}, TEST_SENDS),
        ({"PRINT_SFTP_URL": "sftp://fiks:x@trykk.example/?hostkey=SHA256:abc"}, TEST_SENDS),
        ({"FIKS_ENV": "demo"}, DEMO),
    ],
)
def test_the_banner_says_that_nothing_is_sent_only_where_nothing_can_be(
    settings: dict[str, str], said: str
) -> None:
    page = made(**settings).test_client().get("/hjelp").text
    assert f'<p class="env-banner">{said}</p>' in page


def made(**settings: str) -> Flask:
    return make_app(**OWN_KEYS, **settings)

"""Contact information of those who run the platform (BRUKERSTOTTE), and the environment's banner."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import current_app, request
from markupsafe import Markup, escape

from config.settings import Settings
from portal.access.login_request import is_citizen_endpoint
from portal.texts.formats import NBSP

NORWAY = "+47"
PATHS_OF_CITIZENS = ("/minside", "/forsendelse/")
"""Min side, and the links in letters."""
_LINKED = re.compile(
    r"(?P<nettsted>https://[^\s<>\"]*[\w/])|(?P<epost>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?<![\w+-])(?<!\d )(?:\+\d{2} ?)?\d(?: ?\d){7}(?! ?\d)(?![\w-])"
)
DEMO = "Demomiljø: ingen brev sendes ut. Bruk oppdiktede personer"
TEST = "Testmiljø: ingen brev sendes ut"
TEST_SENDS = "Testmiljø: brev og meldinger sendes til systemene miljøet er koblet til"


def banner(settings: Settings) -> str | None:
    """Banner of test and demo environments, None in production. It promises only what the settings ensure."""
    if settings.production:
        return None
    if settings.fiks_env == "demo":
        return DEMO
    return TEST_SENDS if settings.sends_away else TEST


def link_contacts(text: str) -> Markup:
    """The text with its web addresses, e-mail addresses and telephone numbers as links."""
    made, done = Markup(), 0
    for found in _LINKED.finditer(text):
        made += escape(text[done : found.start()]) + _link(found)
        done = found.end()
    return made + escape(text[done:])


def _link(found: re.Match[str]) -> Markup:
    if found["nettsted"]:
        return _anchor(found[0], found[0])
    if found["epost"]:
        return _anchor(f"mailto:{found[0]}", found[0])
    number = found[0].replace(" ", "")
    return _anchor(
        "tel:" + (number if number.startswith("+") else NORWAY + number), found[0].replace(" ", NBSP)
    )


def _anchor(href: str, text: str) -> Markup:
    return Markup('<a class="ds-link bryt" href="{}">{}</a>').format(href, text)


def brukerstotte() -> Markup:
    """Where municipal staff get help, as the setting says; empty where nothing is set.

    Empty on Min side too: a citizen is helped by the sender of the letter.
    """
    settings: Settings = current_app.config["FIKS_SETTINGS"]
    of_citizens = is_citizen_endpoint(request.endpoint or "") or request.path.startswith(PATHS_OF_CITIZENS)
    return Markup() if of_citizens or _is_host_of_citizens(settings) else link_contacts(settings.brukerstotte)


def _is_host_of_citizens(settings: Settings) -> bool:
    portal, minside = (urlsplit(url).netloc for url in (settings.portal_base_url, settings.minside_base_url))
    return minside != portal and request.host == minside

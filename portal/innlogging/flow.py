"""The steps of a login: store its state, check that the answer belongs to this browser, open the session."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Response, current_app, request, url_for

from config.settings import Settings
from fiks.konfigurasjon.person.logout import Sesjonsslutt
from portal.access.actor import current_session
from portal.access.login_request import FRESH
from portal.http.security import cookie_name, loopback_host
from portal.innlogging.oidc import InnloggingFeilet, idporten
from portal.session.cookie_session import ACTOR_KEY, NAME_KEY
from portal.session.kept_form import SKJEMA, belongs_to
from portal.session.login_sessions import Sesjon, sesjoner
from portal.session.return_path import own_path


def device_name(agent: str) -> str:
    """Browser and machine as the User-Agent names them: «Firefox på Windows»."""
    browsers = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
    machines = (
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    )
    browser = next((name for mark, name in browsers if mark in agent), "")
    machine = next((name for mark, name in machines if mark in agent), "")
    return " på ".join(part for part in (browser, machine) if part)


log = structlog.get_logger(__name__)

SPRAAK = "sprak"
"""The citizen's choice of language, in the session's data: nb or nn."""

LOGIN_LIFE = timedelta(minutes=10)
COOKIE = "fiks-innlogging"


@dataclass(frozen=True, slots=True)
class Vei:
    """Parameters of a login: level to reach, path to return to, whether a fresh proof of identity is needed.

    `skjema` is the id of a form kept until the login is done.
    """

    nivaa: int
    neste: str
    fersk: bool = False
    skjema: str = ""


def settings() -> Settings:
    """Return this app's settings."""
    found: Settings = current_app.config["FIKS_SETTINGS"]
    return found


def own_url(endpoint: str) -> str:
    """Return the absolute URL of `endpoint` on the one of our hosts that the browser uses."""
    known = [settings().minside_base_url, settings().portal_base_url]
    if (loopback := loopback_host(settings())) is not None:
        known.append(f"http://{loopback}")
    base = next((url for url in known if urlsplit(url).netloc == request.host), settings().portal_base_url)
    return base + url_for(endpoint)


def begin(vei: Vei) -> tuple[str, str]:
    """Start a login; return the URL for the browser and the value of the cookie that ties the login to this
    browser.
    """
    spraak = str(current_session().get(SPRAAK) or "nb")
    oppstart = idporten().start(
        own_url("innlogging.tilbake"), nivaa=vei.nivaa, fersk=vei.fersk, spraak=spraak
    )
    browser = request.cookies.get(cookie_name(settings(), COOKIE)) or secrets.token_urlsafe(32)
    data = {
        **oppstart.data,
        "neste": own_path(vei.neste),
        "nivaa": vei.nivaa,
        "skjema": vei.skjema,
        "nettleser": _digest(browser).hex(),
    }
    sesjoner().begin_login(_digest(oppstart.state), data=data, expires=datetime.now(UTC) + LOGIN_LIFE)
    return oppstart.url, browser


def complete(args: Mapping[str, str]) -> str:
    """Finish the login that the provider answers, open the session and return the path to continue at.

    Raises InnloggingFeilet. The same person takes over the data of the previous session, also of a timed-out
    one; another person ends it and starts empty.
    """
    remembered = _take_login(args)
    idporten().check_response(args)
    ny = idporten().finish(args.get("code", ""), remembered, nivaa=int(remembered["nivaa"]))
    if remembered["fersk"] and datetime.now(UTC) - ny.auth_time >= FRESH:
        raise InnloggingFeilet("INNLOGGING_IKKE_FERSK", 403)
    present = current_session()
    old_token, live = present.cookie_token, present.sesjon
    before = live or sesjoner().load_expired(old_token)
    token = sesjoner().open_session(ny, {}, old_token if before else "")
    after = sesjoner().load_session(token)
    if after is None or after.person_id is None:
        raise InnloggingFeilet("INNLOGGING_UGYLDIG", arsak="session")
    same = before is not None and before.person_id == after.person_id
    data = _carry_over(before, after) if same and before else {}
    neste = str(remembered["neste"])
    if same and before and before.representerer not in (None, after.representerer):
        neste = url_for("minside.velg_aktor", neste=neste)
    if same and belongs_to(str(remembered["skjema"]), after.person_id, old_token):
        data[SKJEMA], neste = remembered["skjema"], url_for("innlogging.skjema")
    if enhet := device_name(request.user_agent.string):
        data["enhet"] = enhet
    if data:
        sesjoner().save_data(token, data)
    _choose_organisation(token, after, before if same else None)
    present.end(Sesjonsslutt.FORNYET if same else Sesjonsslutt.NY_INNLOGGING)
    present.start(token)
    log.info("innlogget", person=str(after.person_id), acr=ny.acr, fornyet=same)
    return neste if same or live is None else "/"


def _take_login(args: Mapping[str, str]) -> dict[str, Any]:
    remembered = sesjoner().take_login(_digest(args.get("state", "")))
    if remembered is None:
        raise InnloggingFeilet("INNLOGGING_UTLOPT", arsak="state")
    browser = request.cookies.get(cookie_name(settings(), COOKIE), "")
    if not hmac.compare_digest(_digest(browser).hex(), str(remembered["nettleser"])):
        raise InnloggingFeilet("INNLOGGING_UTLOPT", arsak="browser")
    return remembered


def _carry_over(before: Sesjon, after: Sesjon) -> dict[str, Any]:
    """The previous session's data. The choice of represented party is dropped unless it is unchanged: nobody
    is switched to acting for themselves without being told.
    """
    lost = () if before.representerer == after.representerer else (ACTOR_KEY, NAME_KEY)
    return {name: value for name, value in before.data.items() if name not in lost}


def _choose_organisation(token: str, after: Sesjon, before: Sesjon | None) -> None:
    """Keep the organisation of the renewed session, else choose the only one there is."""
    assert after.person_id is not None
    if before is not None and before.organisasjon_id is not None:
        sesjoner().choose_organisation(token, before.organisasjon_id)
        return
    valg = sesjoner().organisations(after.person_id)
    if len(valg) == 1:
        sesjoner().choose_organisation(token, valg[0].id)


def set_browser_cookie(response: Response, browser: str) -> None:
    """Set the cookie that ties the login under way to this browser, for ten minutes."""
    response.set_cookie(
        cookie_name(settings(), COOKIE),
        browser,
        max_age=int(LOGIN_LIFE.total_seconds()),
        secure=settings().secure,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()

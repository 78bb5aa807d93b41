"""The frame of every page: who is logged in, for which organisation, the menu, the environment banner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import structlog
from flask import Flask, g, request
from sqlalchemy.exc import SQLAlchemyError

from config.settings import Settings
from fiks.konfigurasjon.rules import IDLE_LIMIT, TOUCH_EVERY
from portal.access.actor import current_session
from portal.access.kinds import Slag
from portal.access.table import TILGANG
from portal.session.login_sessions import Sesjon, sesjoner
from portal.texts import feltnavn, handling_tekst, hendelse_tekst, status_of, tekst
from portal.texts.svarut.forsendelser import NIVAER, brevtittel
from portal.ui.bar_chart import soylediagram
from portal.ui.menu import Lenke, has_route, menu, platform_menu
from portal.ui.user_support import banner, brukerstotte

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ramme:
    """The frame around the page. `organisasjon` is empty until one is chosen.

    `varer`: whole minutes that the login lasts at least, even without use.
    """

    navn: str
    organisasjon: str
    flere_organisasjoner: bool
    meny: list[tuple[str, list[Lenke]]]
    varer: int


def init_app(app: Flask) -> None:
    """Give the templates their globals."""
    settings: Settings = app.config["FIKS_SETTINGS"]
    app.jinja_env.globals.update(
        miljobanner=banner(settings),
        brukerstotte=brukerstotte,
        ramme=ramme,
        gjelder_organisasjon=form_organisation,
        finnes=has_route,
        tekst=tekst,
        status_of=status_of,
        brevtittel=brevtittel,
        sikkerhetsnivaer=NIVAER,
        feltnavn=feltnavn,
        hendelse_tekst=hendelse_tekst,
        handling_tekst=handling_tekst,
        soylediagram=soylediagram,
    )


def ramme() -> Ramme | None:
    """Return the frame of a logged-in page, made once per request; None on public pages and when the database
    is away.
    """
    if "ramme" not in g:
        try:
            sesjon = current_session().sesjon
            g.ramme = _build_frame(sesjon) if sesjon is not None else None
        except SQLAlchemyError as error:
            log.warning("ramme_utilgjengelig", endpoint=request.endpoint, arsak=type(error).__name__)
            g.ramme = None
    made: Ramme | None = g.ramme
    return made


def form_organisation() -> str | None:
    """Id of the organisation the page's forms are for: the chosen one, or "" when none is chosen.

    None on a citizen's page, where a person acts for themselves or for a party they represent.
    """
    krav, sesjon = TILGANG.get(request.endpoint or ""), current_session().sesjon
    if sesjon is None or (krav is not None and krav.slag is Slag.INNBYGGER):
        return None
    return str(sesjon.organisasjon_id or "")


def _build_frame(sesjon: Sesjon) -> Ramme:
    assert sesjon.person_id is not None
    valg = sesjoner().organisations(sesjon.person_id)
    chosen = next((one.navn for one in valg if one.id == sesjon.organisasjon_id), "")
    # No page of the organisation's menu is open before its first-time set-up is finished.
    finished = sesjon.organisasjon_id is not None and sesjoner().is_configured(sesjon.organisasjon_id)
    lenker = menu() if chosen and finished else []
    varer = min(IDLE_LIMIT - TOUCH_EVERY, sesjon.varer_hoyst) // timedelta(minutes=1)
    return Ramme(sesjon.navn, chosen, len(valg) > (1 if chosen else 0), lenker + platform_menu(), varer)

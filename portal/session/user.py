"""flask-login's user: the person of this request's live session row. No cookie of its own."""

from __future__ import annotations

from flask import Flask, Request, session
from flask_login import LoginManager, UserMixin

from portal.session.cookie_session import PortalSession
from portal.session.login_sessions import Sesjon


class Innlogget(UserMixin):  # type: ignore[misc]
    """The person of a live login session. `current_user.sesjon` is that session."""

    def __init__(self, sesjon: Sesjon) -> None:
        self.sesjon = sesjon
        self.id = str(sesjon.id)


login_manager = LoginManager()
login_manager.session_protection = (
    None  # the session is a row that is ended on the server, not a signed cookie
)


@login_manager.request_loader  # type: ignore[misc]
def load(request: Request) -> Innlogget | None:
    """Return the request's person, or None for an anonymous visitor."""
    present = session._get_current_object()  # type: ignore[attr-defined]
    if not isinstance(present, PortalSession) or present.sesjon is None:
        return None
    return Innlogget(present.sesjon)


def init_app(app: Flask) -> None:
    """Let `flask_login.current_user` answer in this app."""
    login_manager.init_app(app, add_context_processor=True)

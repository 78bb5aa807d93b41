"""Flask's session over the rows of table `sesjon`: read at first use, what changed is written, never for anonymous.

The cookie holds a random token and nothing else. A visitor without a login has an empty session that lives for the
request only.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin

from portal.innlogging.sessions import Sesjon, Sesjoner

CSRF_KEY = "csrf_token"
ACTOR_KEY = "aktor_valg"
"""A new value at each choice of actor, in the session's data."""
NAME_KEY = "representert"
"""An organisation by `orgnr` and `navn`, in the session's data. Which one it acts for stands in its row alone, and may
be another by now."""


class PortalSession(SessionMixin):
    """Data of the present session. `sesjon` is None for a visitor who is not logged in."""

    def __init__(self, service: Sesjoner, token: str, secret: bytes, by_itself: Callable[[], bool]) -> None:
        self._service = service
        self._secret = secret
        self._by_itself = by_itself
        self._data: dict[str, Any] | None = None
        self._sesjon: Sesjon | None = None
        self._changed = False
        self._left = False
        self._unknown = False
        self.token = token
        self.cookie_token = token

    @property
    def had_cookie(self) -> bool:
        """Whether the browser came with a session cookie, alive or not."""
        return bool(self.cookie_token)

    @property
    def left(self) -> bool:
        """Whether nothing can come of the cookie any more, so that it is to go."""
        return self._left and not self.token

    @property
    def sesjon(self) -> Sesjon | None:
        """The live login session, read from its row at first use."""
        self._load()
        return self._sesjon

    def start(self, token: str) -> None:
        """Go over to a new login session; what the old one held is left behind."""
        self.token, self._data = token, None
        self._changed = False

    def end(self, grunn: str) -> None:
        """End the login session; its cookie is removed with this response."""
        if self.token:
            self._service.end_session(self.token, grunn)
        self.start("")
        self._left = True

    def log_out(self) -> None:
        """End the login session because its person asked to, also when its time was over already."""
        if self.cookie_token:
            self._service.log_out(self.cookie_token)
        self.start("")
        self._left = True

    def leave_unread(self) -> None:
        """For the rest of the request nobody is known and nothing is written: the rows cannot be asked for now.

        The cookie stays, and with it the login.
        """
        self._data, self._sesjon, self._unknown = {}, None, True

    def _load(self) -> dict[str, Any]:
        if self._data is None:
            found = self._found() if self.token else None
            self._sesjon = found if found is not None and found.person_id is not None else None
            self._data = {}
            if self._sesjon is None:
                if self.token:
                    self._left = self._service.load_expired(self.token) is None
                self.token = ""
            else:
                self._data = {**deepcopy(dict(self._sesjon.data)), CSRF_KEY: self._csrf_secret()}
        return self._data

    def _found(self) -> Sesjon | None:
        """The live session. What is asked by the page itself does not count as use of it."""
        look = self._service.look_at_session if self._by_itself() else self._service.load_session
        return look(self.token)

    def _csrf_secret(self) -> str:
        """Follows the session, and whom it acts for: a form made for one actor is no good for another."""
        assert self._sesjon is not None
        actor = f"{self._sesjon.representerer or ''}:{self._sesjon.data.get(ACTOR_KEY, '')}"
        return hmac.new(self._secret, f"csrf:{self.token}:{actor}".encode(), hashlib.sha256).hexdigest()

    def save(self) -> None:
        """Write what the request changed of the data, if there is a login session to write it to.

        What else stands there by now is left alone: another request may have been faster.
        """
        if self._unknown or self._data is None or self._sesjon is None or not self.token or not self._changed:
            return
        read, held = self._sesjon.data, {name: self._data[name] for name in self._data if name != CSRF_KEY}
        changed = {name: value for name, value in held.items() if name not in read or read[name] != value}
        removed = read.keys() - held.keys()
        if changed or removed:
            self._service.save_data(self.token, changed, removed)
        self._changed = False

    def replace(self, data: dict[str, Any]) -> None:
        """Put `data` in place of everything the session holds of its own."""
        held = self._load()
        secret = held[CSRF_KEY]
        held.clear()
        held.update({**data, CSRF_KEY: secret})
        self._changed = True

    def __getitem__(self, key: str) -> Any:
        return self._load()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._load()[key] = value
        self._changed = True

    def __delitem__(self, key: str) -> None:
        del self._load()[key]
        self._changed = True

    def __iter__(self) -> Iterator[str]:
        return iter(self._load())

    def __len__(self) -> int:
        return len(self._load())


class RowSessions(SessionInterface):
    """Opens and saves PortalSession; see the module's docstring.

    A cookie whose session's time is over stays until the next login, which takes over what that session held.
    `by_itself` says of the present request, once its route is known, whether a page asks and not its person.
    """

    def __init__(self, service: Sesjoner, by_itself: Callable[[], bool]) -> None:
        self._service = service
        self._by_itself = by_itself

    def open_session(self, app: Flask, request: Request) -> PortalSession:
        """Return the request's session without touching the database."""
        token = request.cookies.get(self.get_cookie_name(app), "")
        return PortalSession(self._service, token, str(app.secret_key).encode(), self._by_itself)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write what changed, and set or remove the cookie when the token did."""
        assert isinstance(session, PortalSession)
        session.save()
        if session.token == session.cookie_token:
            return
        name = self.get_cookie_name(app)
        secure = self.get_cookie_secure(app)
        if session.token:
            response.set_cookie(name, session.token, secure=secure, httponly=True, samesite="Lax", path="/")
        elif session.left:
            response.delete_cookie(name, secure=secure, httponly=True, samesite="Lax", path="/")

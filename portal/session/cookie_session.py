"""Flask's session interface over the rows of table `sesjon`: read at first use, only changes are written.

The cookie holds a random token and nothing else. An anonymous visitor has an empty session that lives for the
request only and is never stored.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin

from portal.session.login_sessions import Sesjon, Sesjoner

CSRF_KEY = "csrf_token"
ACTOR_KEY = "aktor_valg"
"""A new value at each choice of actor, in the session's data."""
NAME_KEY = "representert"
"""The organisation represented, as `orgnr` and `navn`, in the session's data. The row's own column decides
whom the session represents, and may have changed since.
"""


class PortalSession(SessionMixin):
    """The session of the present request. `sesjon` is None for a visitor who is not logged in."""

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
        """Whether the browser sent a session cookie, whether or not its session is live."""
        return bool(self.cookie_token)

    @property
    def left(self) -> bool:
        """Whether the cookie is useless from now on and shall be deleted."""
        return self._left and not self.token

    @property
    def sesjon(self) -> Sesjon | None:
        """The live login session, read from its row at first use."""
        self._load()
        return self._sesjon

    def start(self, token: str) -> None:
        """Switch to a new login session; the data of the old one is dropped."""
        self.token, self._data = token, None
        self._changed = False

    def end(self, grunn: str) -> None:
        """End the login session; this response deletes the cookie."""
        if self.token:
            self._service.end_session(self.token, grunn)
        self.start("")
        self._left = True

    def log_out(self) -> None:
        """End the login session at its person's request, also when it has timed out."""
        if self.cookie_token:
            self._service.log_out(self.cookie_token)
        self.start("")
        self._left = True

    def leave_unread(self) -> None:
        """Treat the visitor as anonymous and write nothing for the rest of the request, because the database
        is away.

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
        """The live session. A request that the page makes by itself (polling) does not count as use."""
        look = self._service.look_at_session if self._by_itself() else self._service.load_session
        return look(self.token)

    def _csrf_secret(self) -> str:
        """The CSRF secret, derived from session and represented party: a form made for one party is invalid
        for another.
        """
        assert self._sesjon is not None
        actor = f"{self._sesjon.representerer or ''}:{self._sesjon.data.get(ACTOR_KEY, '')}"
        return hmac.new(self._secret, f"csrf:{self.token}:{actor}".encode(), hashlib.sha256).hexdigest()

    def save(self) -> None:
        """Write the entries this request changed, if there is a login session.

        Other entries are left as they are in the row: a concurrent request may have changed them.
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
        """Replace all of the session's own data by `data`."""
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
    """Open and save PortalSession; see the module's docstring.

    The cookie of a timed-out session stays until the next login, which takes over what that session held.
    `by_itself` tells whether the present request is a page's own polling, known once it has been routed.
    """

    def __init__(self, service: Sesjoner, by_itself: Callable[[], bool]) -> None:
        self._service = service
        self._by_itself = by_itself

    def open_session(self, app: Flask, request: Request) -> PortalSession:
        """Return the request's session without touching the database."""
        token = request.cookies.get(self.get_cookie_name(app), "")
        return PortalSession(self._service, token, str(app.secret_key).encode(), self._by_itself)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the changes, and set or delete the cookie when the token changed."""
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

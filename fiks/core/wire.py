"""HTTP to one outside system: a kept-alive session per thread, explicit timeouts, and every failure in its class.

The classes are those of `fiks.core.errors`. What only reads can be repeated, so a doubt there is ProvIgjen; what sends
may have been carried out, so a doubt there is Uavklart. What somebody in between says (an ingress without a route, a
proxy) is never the system's refusal of what we asked for.
"""

from __future__ import annotations

import json as jsonlib
import math
import os
import re
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProxyError, ReadTimeoutError
from urllib3.exceptions import SSLError as TlsError

from fiks.core.errors import Avvist, KanalFeil, ProvIgjen, Uavklart
from fiks.core.timed import TimedAdapter, answered_within

CONNECT_SECONDS = 3.05
READ_SECONDS = 30.0
SILENCES = 2
"""An answer as a whole may take so many times the longest silence that is waited for."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
MAX_REASON = 200
_WORDS = ("exception", "title", "detail", "melding", "message")
PIECE = 64 * 1024
MAX_ANSWER, MAX_REFUSAL = 64 * 1024 * 1024, 64 * 1024
"""Bytes of JSON that are read of an answer, and of a refusal. A thousand persons are a tenth of the former."""
TOO_LARGE = "SVARET_FOR_STORT"
ASKED_AT_MOST = 15 * 60.0
"""Seconds that a system is left in peace because of one answer, however many it asks for: one that is mistaken, as who
counts in milliseconds, holds no letter up for a week."""

_OF_CONTENT, _OF_THING = frozenset({400, 422}), frozenset({404, 409, 410, 413})
"""Said of what a call holds, by who has read it; and of a thing or its size, also by who doesn't know the way to it."""
_OF_A_GATEWAY = frozenset({"message", "request_id", "requestId"})
_NO_ROUTE, _NO_TUNNEL = "org.springframework.web.servlet.", "Tunnel connection failed"

_RESET = re.compile(rb"reset[ _](?:reason|before)", re.IGNORECASE)
_PASSED_ON = re.compile(
    rb"retried and|first byte timeout|between bytes|backend (?:fetch|read|write)|guru meditation|application error",
    re.IGNORECASE,
)
_NOT_PASSED_ON = re.compile(
    rb"connection[ _](?:failure|timeout)|no[ _]healthy|refused[ _]stream|overflow", re.IGNORECASE
)

_NUMBER = re.compile(r"\d(?:[\s.\-]?\d){7,}")
_NEVER_SENT = (
    requests.exceptions.ConnectTimeout,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
)

File = tuple[str, bytes, str]
Params = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a system answered to a call that sends: 2xx, or 409 when it knew our reference already."""

    status: int
    body: Any

    @property
    def known(self) -> bool:
        """The system has had this before: as good as accepted."""
        return self.status == 409


class Wire:
    """The way to one system. Safe to share between threads and across a fork.

    `base_url` has no trailing slash; `timeout` is (connect, read) in seconds, the read part for each silence. A whole
    answer takes SILENCES times that at most, unless another time is told.
    """

    def __init__(
        self, system: str, base_url: str, timeout: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS)
    ) -> None:
        self._system = system
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._within = SILENCES * timeout[1]
        self._local = threading.local()

    def read(self, method: str, path: str, *, params: Params | None = None, json: object = None) -> Any:
        """Fetch and return parsed JSON, of up to MAX_ANSWER bytes. Raises Avvist, or ProvIgjen on every doubt.

        ProvIgjen("SVARET_FOR_STORT") for a longer one, whose rest is not read.
        """
        with _only_reading(), self._exchange(method, path, params, json, None) as response:
            if response.status_code >= 300:
                raise self._refused(response)
            return self._parsed(response)

    def find(self, path: str, *, params: Params | None = None) -> Any | None:
        """Fetch one thing and return parsed JSON, or None when the system itself says that it doesn't know it.

        Raises as `read`; ProvIgjen("HTTP_404") when somebody in between says so.
        """
        with _only_reading(), self._exchange("GET", path, params, None, None) as response:
            if response.status_code < 300:
                return self._parsed(response)
            refusal = self._refused(response)
            if isinstance(refusal, Avvist) and response.status_code == 404:
                return None
            raise refusal

    def fetch(self, path: str, *, at_most: int, within: float | None = None) -> bytes:
        """Fetch one whole file, as it was sent, of up to `at_most` bytes, in up to `within` seconds.

        Raises as `read`; ProvIgjen("SVARET_FOR_STORT") for a longer one, whose rest is not read, and
        ProvIgjen("SVAR_UTEN_LENGDE") for one that ends where the connection does: then half looks as the whole.
        """
        with _only_reading(), self._exchange("GET", path, None, None, None, within) as response:
            if response.status_code >= 300:
                raise self._refused(response)
            if response.raw.length_remaining is None and not response.raw.chunked:
                raise Uavklart("SVAR_UTEN_LENGDE", self._system)
            return self._content(response, at_most)

    def _content(self, response: requests.Response, at_most: int) -> bytes:
        content = bytearray()
        try:
            for piece in response.iter_content(PIECE):
                content += piece
                if len(content) > at_most:
                    raise Uavklart(TOO_LARGE, self._system)
        except requests.RequestException as error:
            raise self._broken(error) from None
        return bytes(content)

    def send(
        self,
        path: str,
        *,
        json: object = None,
        fields: Mapping[str, File] | None = None,
        params: Params | None = None,
    ) -> Answer:
        """POST something that has effect, as JSON or as multipart `fields` (name, content, type).

        Raises Avvist, ProvIgjen when nothing was delivered for certain, and Uavklart when it may have been, as when the
        answer is longer than MAX_ANSWER.
        """
        with self._exchange("POST", path, params, json, fields) as response:
            if response.status_code == 409:
                return Answer(409, None)
            if response.status_code >= 300:
                raise self._refused(response)
            return Answer(response.status_code, self._parsed(response))

    def _exchange(
        self,
        method: str,
        path: str,
        params: Params | None,
        json: object,
        files: Mapping[str, File] | None,
        within: float | None = None,
    ) -> requests.Response:
        """The answer, of which only the head is read; to be closed. All of it has to be here in `within` seconds."""
        try:
            with answered_within(within or self._within):
                return self._session.request(
                    method,
                    self._base_url + path,
                    params=params,
                    json=json,
                    files=files,
                    timeout=self._timeout,
                    allow_redirects=False,
                    stream=True,
                )
        except requests.RequestException as error:
            # Not chained: the library's error carries the request, and so the receiver's number.
            raise self._broken(error) from None
        except OSError as error:
            # All that goes wrong on the wire is wrapped by the library: it lacks a file of ours (the certificates).
            raise ProvIgjen("IKKE_NAADD", self._told(str(error))) from None

    def _broken(self, error: requests.RequestException) -> KanalFeil:
        detail = f"{self._system}: {type(error).__name__}"
        if _never_sent(error):
            return ProvIgjen("IKKE_NAADD", detail)
        if _took_too_long(error):
            return Uavklart("TIDSAVBRUDD", detail)
        return Uavklart("FORBINDELSE_BRUTT", detail)

    def _refused(self, response: requests.Response) -> KanalFeil:
        status, said = response.status_code, self._refusal(response)
        body = _json_or_none(said)
        reason = self._reason(body)
        if status in (429, 503):
            wait = ProvIgjen(f"HTTP_{status}", reason, after=_retry_after(response), throttled=True)
            titled = isinstance(body, dict) and bool(body.get("title"))
            wait.passed_on = not titled and _tells_of_a_break(said)
            return wait
        if status in (401, 403) or status < 400:
            return ProvIgjen(f"HTTP_{status}", reason, throttled=status == 401)
        if status >= 500 or status == 408:
            return Uavklart(f"HTTP_{status}", reason)
        if _is_own(status, body):
            return Avvist(f"HTTP_{status}", reason)
        return ProvIgjen(f"HTTP_{status}", reason)

    def _reason(self, body: object) -> str:
        said = body if isinstance(body, dict) else {}
        return self._told(" ".join(str(said[key]) for key in _WORDS if said.get(key)))

    def _told(self, words: str) -> str:
        """Words with the system's name, short and without anything that may be somebody's number."""
        return _NUMBER.sub("***", f"{self._system}: {words}" if words else self._system)[:MAX_REASON]

    def _refusal(self, response: requests.Response) -> bytes:
        """The body of a refusal, empty when it is of no reasonable size."""
        try:
            return self._content(response, MAX_REFUSAL)
        except Uavklart as doubt:
            if doubt.kode != TOO_LARGE:
                raise
            return b""

    def _parsed(self, response: requests.Response) -> Any:
        content = self._content(response, MAX_ANSWER)
        try:
            return _loads(content)
        except ValueError:
            raise Uavklart("UFORSTAAELIG_SVAR", self._system) from None

    def unreadable(self) -> ProvIgjen:
        """The error of an answer that was read but doesn't have the shape it should."""
        return ProvIgjen("UFORSTAAELIG_SVAR", self._system)

    @property
    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None or self._local.pid != os.getpid():
            session = requests.Session()
            session.trust_env = urlsplit(self._base_url).hostname not in LOOPBACK
            adapter = TimedAdapter(pool_connections=1, pool_maxsize=1, max_retries=0)
            session.mount("https://", adapter)
            session.mount("http://", adapter)
            session.headers["Accept"] = "application/json"
            self._local.session, self._local.pid = session, os.getpid()
        return session


def _loads(content: bytes) -> Any:
    """Parsed JSON; ValueError for anything else, also for what is nested too deeply to be read."""
    try:
        return jsonlib.loads(content)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _json_or_none(content: bytes) -> Any:
    """Parsed JSON, None for anything else."""
    try:
        return _loads(content)
    except ValueError:
        return None


def _tells_of_a_break(said: bytes) -> bool:
    """Whether who answers had a way to the system, and lost it: Envoy's words and Varnish's, and of those made of them.

    HAProxy, nginx and the ingresses say 502 and 504 of what was passed on. Envoy has passed nothing on when it had no
    connection, no room for one, or a system that took none of it (`refused stream`): unless it had tried before.

    Source: envoy source/common/http/utility.cc, resetReasonToString.
    """
    if _PASSED_ON.search(said):
        return True
    return bool(_RESET.search(said)) and not _NOT_PASSED_ON.search(said)


def _is_own(status: int, body: object) -> bool:
    """Whether it is the system itself that refuses a call for good, with this status (4xx) and body (parsed, or None).

    Of what a call holds any JSON will do that is no gateway's: Altinn answers some faults with a bare text. Of a thing
    it must be a body as the systems make them: a `title` as in RFC 9457 (Altinn, the signing service, the SMS gateway),
    or the name of the `exception` as the integrasjonspunkt has it, unless it has no such route. None of them has an
    empty 404 for what it doesn't know; a gateway's own JSON has neither (Azure's, before Altinn: `statusCode` and
    `message`). Other statuses are of the way or of all calls alike (405, 407, 415, 451), never of this one.

    Sources: Altinn.Correspondence.API ProblemDetailsHelper; efm-integrasjonspunkt IntegrasjonspunktErrorController.
    """
    if status in _OF_CONTENT:
        return isinstance(body, dict | list | str) and not _is_of_a_gateway(body)
    if status not in _OF_THING or not isinstance(body, dict) or body.get("status", status) != status:
        return False
    thrown = body.get("exception")
    return bool(body.get("title")) or (isinstance(thrown, str) and not thrown.startswith(_NO_ROUTE))


def _is_of_a_gateway(body: object) -> bool:
    """Whether the words are of who lets calls through: of the token it could not fetch (RFC 6749), or of its own.

    Who says more than a `message` and the number of the call is the system: Spring (`timestamp`, `path`) or gRPC
    (`code`) before its own fault.
    """
    if not isinstance(body, dict) or body.get("title") or body.get("exception"):
        return False
    oauth = isinstance(body.get("error"), str) and isinstance(body.get("error_description"), str)
    return oauth or "statusCode" in body or ({"message"} <= body.keys() <= _OF_A_GATEWAY)


@contextmanager
def _only_reading() -> Iterator[None]:
    """Within, nothing has effect at the other side: what would be an unknown outcome can simply be tried again."""
    try:
        yield
    except Uavklart as doubt:
        raise ProvIgjen(doubt.kode, doubt.detalj) from None


def _never_sent(error: requests.RequestException) -> bool:
    """Whether no connection came about at all: refused, no such host, wrong certificate, no way through the proxy.

    The library calls it the proxy's error as well when one takes a call and then hangs up: that may have gone on.
    """
    if isinstance(error, _NEVER_SENT):
        return True
    inner = error.args[0] if error.args else None
    reason = inner.reason if isinstance(inner, MaxRetryError) else inner
    if isinstance(reason, ProxyError):
        reason = reason.original_error
    if isinstance(reason, TlsError):
        return _without_trust(reason.args[0] if reason.args else None)
    if type(reason) is OSError:
        return str(reason).startswith(_NO_TUNNEL)
    return isinstance(reason, NewConnectionError)


def _without_trust(fault: object) -> bool:
    """Whether a certificate was not trusted, or those to trust could not be read: both before anything is sent."""
    if isinstance(fault, ssl.SSLError):
        return isinstance(fault, ssl.SSLCertVerificationError) or fault.library == "X509"
    return isinstance(fault, FileNotFoundError | PermissionError)


def _took_too_long(error: requests.RequestException) -> bool:
    """Whether the answer, or what is left of it, did not come in time."""
    inner = error.args[0] if error.args else None
    return isinstance(error, requests.exceptions.Timeout) or isinstance(inner, ReadTimeoutError)


def _retry_after(response: requests.Response) -> float | None:
    """Seconds to wait, from either form of Retry-After, ASKED_AT_MOST at most; None when it asks for no wait we can
    read."""
    value = response.headers.get("Retry-After", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        then = _moment(value)
        if then is None:
            return None
        now = _moment(response.headers.get("Date", "")) or datetime.now(UTC)
        seconds = (then - now).total_seconds()
    return min(seconds, ASKED_AT_MOST) if math.isfinite(seconds) and seconds > 0 else None


def _moment(text: str) -> datetime | None:
    """A moment as HTTP writes it; one without a zone is UTC."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

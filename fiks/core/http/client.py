"""HTTP client for one outside system: a kept-alive session per thread, explicit timeouts, every failure in
its error class.

The classes are those of `fiks.core.errors`. A read can be repeated, so any doubt there is ProvIgjen; a send
may have been carried out, so any doubt there is Uavklart. An answer of an intermediary (an ingress without a
route, a proxy) never counts as the system's refusal of the request.
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
from fiks.core.http.deadline import TimedAdapter, answer_deadline

CONNECT_SECONDS = 3.05
READ_SECONDS = 30.0
SILENCES = 2
"""A whole answer may take this many times the read timeout, which is per silence."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
MAX_REASON = 200
_WORDS = ("exception", "title", "detail", "melding", "message")
PIECE = 64 * 1024
MAX_ANSWER, MAX_REFUSAL = 64 * 1024 * 1024, 64 * 1024
"""Most bytes of JSON read of an answer, and of a refusal. A thousand persons are a tenth of the former."""
TOO_LARGE = "SVARET_FOR_STORT"
MAX_RETRY_AFTER = 15 * 60.0
"""Longest wait in seconds that one answer can ask for. A system that is mistaken, for example counts in
milliseconds, must not delay letters by a week.
"""

_CONTENT_STATUSES, _RESOURCE_STATUSES = frozenset({400, 422}), frozenset({404, 409, 410, 413})
"""Statuses about the content of a call, sent only by a system that has read it; and about a resource or its
size, which an intermediary that does not know the route also sends.
"""
_GATEWAY_FIELDS = frozenset({"message", "request_id", "requestId"})
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
    """A system's answer to a sending call: 2xx, or 409 when it already knew our reference."""

    status: int
    body: Any

    @property
    def known(self) -> bool:
        """Return whether the system already had this reference: as good as accepted."""
        return self.status == 409


class HttpClient:
    """HTTP client of one system. Safe to share between threads and across a fork.

    `base_url` has no trailing slash; `timeout` is (connect, read) in seconds, the read part per silence. A
    whole answer takes at most SILENCES times that, unless the call sets another time.
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
        """Fetch and return parsed JSON of at most MAX_ANSWER bytes. Raises Avvist, or ProvIgjen on every
        doubt.

        ProvIgjen("SVARET_FOR_STORT") for a longer answer; its rest is not read.
        """
        with _unknown_as_retry(), self._exchange(method, path, params, json, None) as response:
            if response.status_code >= 300:
                raise self._refused(response)
            return self._parsed(response)

    def find(self, path: str, *, params: Params | None = None) -> Any | None:
        """Fetch one resource and return parsed JSON; None when the system itself says that it does not exist.

        Raises as `read`; ProvIgjen("HTTP_404") when an intermediary says so.
        """
        with _unknown_as_retry(), self._exchange("GET", path, params, None, None) as response:
            if response.status_code < 300:
                return self._parsed(response)
            refusal = self._refused(response)
            if isinstance(refusal, Avvist) and response.status_code == 404:
                return None
            raise refusal

    def fetch(self, path: str, *, at_most: int, within: float | None = None) -> bytes:
        """Fetch one whole file, as sent, of at most `at_most` bytes, within `within` seconds.

        Raises as `read`; ProvIgjen("SVARET_FOR_STORT") for a longer file, whose rest is not read, and
        ProvIgjen("SVAR_UTEN_LENGDE") for one whose end is only the end of the connection: half a file would
        look complete.
        """
        with _unknown_as_retry(), self._exchange("GET", path, None, None, None, within) as response:
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
        """POST a call that has effect, as JSON or as multipart `fields` (name, content, type).

        Raises Avvist, ProvIgjen when certainly nothing was delivered, and Uavklart when something may have
        been, for example when the answer is longer than MAX_ANSWER.
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
        """Return the answer with only its head read; the caller closes it. The whole answer must arrive within
        `within` seconds.
        """
        try:
            with answer_deadline(within or self._within):
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
            wait.passed_on = not titled and _says_connection_broke(said)
            return wait
        if status in (401, 403) or status < 400:
            return ProvIgjen(f"HTTP_{status}", reason, throttled=status == 401)
        if status >= 500 or status == 408:
            return Uavklart(f"HTTP_{status}", reason)
        if _is_refusal_by_system(status, body):
            return Avvist(f"HTTP_{status}", reason)
        return ProvIgjen(f"HTTP_{status}", reason)

    def _reason(self, body: object) -> str:
        said = body if isinstance(body, dict) else {}
        return self._told(" ".join(str(said[key]) for key in _WORDS if said.get(key)))

    def _told(self, words: str) -> str:
        """Return words prefixed with the system's name, short and with long numbers masked."""
        return _NUMBER.sub("***", f"{self._system}: {words}" if words else self._system)[:MAX_REASON]

    def _refusal(self, response: requests.Response) -> bytes:
        """Return the body of a refusal, empty when it is too large."""
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
        """Return the error for an answer that was read but has the wrong shape."""
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
    """Return parsed JSON; ValueError for anything else, also for JSON nested too deeply."""
    try:
        return jsonlib.loads(content)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _json_or_none(content: bytes) -> Any:
    """Return parsed JSON, None for anything else."""
    try:
        return _loads(content)
    except ValueError:
        return None


def _says_connection_broke(said: bytes) -> bool:
    """Return whether the intermediary says that it had a connection to the system and lost it (Envoy's and
    Varnish's words).

    HAProxy, nginx and the ingresses answer 502 and 504 after passing a call on. Envoy has passed nothing on
    when it had no connection, no room for one, or a system that refused the stream, unless it had tried
    before.

    Source: envoy source/common/http/utility.cc, resetReasonToString.
    """
    if _PASSED_ON.search(said):
        return True
    return bool(_RESET.search(said)) and not _NOT_PASSED_ON.search(said)


def _is_refusal_by_system(status: int, body: object) -> bool:
    """Return whether the system itself refuses the call for good, by this 4xx status and body (parsed, or
    None).

    For statuses about content, any JSON that is not a gateway's counts: Altinn answers some faults with bare
    text. For statuses about a resource, the body must have the systems' shape: a `title` as in RFC 9457
    (Altinn, the signing service, the SMS gateway), or the `exception` name of the integrasjonspunkt, unless
    that says it has no such route. None of them sends an empty 404 for an unknown resource, and a gateway's
    own JSON has neither field (Azure, before Altinn: `statusCode` and `message`). Other statuses concern the
    route or all calls alike (405, 407, 415, 451), never this call.

    Sources: Altinn.Correspondence.API ProblemDetailsHelper; efm-integrasjonspunkt
    IntegrasjonspunktErrorController.
    """
    if status in _CONTENT_STATUSES:
        return isinstance(body, dict | list | str) and not _is_gateway_answer(body)
    if status not in _RESOURCE_STATUSES or not isinstance(body, dict) or body.get("status", status) != status:
        return False
    thrown = body.get("exception")
    return bool(body.get("title")) or (isinstance(thrown, str) and not thrown.startswith(_NO_ROUTE))


def _is_gateway_answer(body: object) -> bool:
    """Return whether the body is a gateway's: about a token it could not fetch (RFC 6749), or in its own
    format.

    A body with more than a `message` and a request id comes from the system: Spring (`timestamp`, `path`) or
    gRPC (`code`).
    """
    if not isinstance(body, dict) or body.get("title") or body.get("exception"):
        return False
    oauth = isinstance(body.get("error"), str) and isinstance(body.get("error_description"), str)
    return oauth or "statusCode" in body or ({"message"} <= body.keys() <= _GATEWAY_FIELDS)


@contextmanager
def _unknown_as_retry() -> Iterator[None]:
    """Turn Uavklart into ProvIgjen inside the block: a read has no effect at the other side and can simply be
    repeated.
    """
    try:
        yield
    except Uavklart as doubt:
        raise ProvIgjen(doubt.kode, doubt.detalj) from None


def _never_sent(error: requests.RequestException) -> bool:
    """Return whether no connection was made at all: refused, no such host, bad certificate, no way through
    the proxy.

    The library also reports a proxy error when a proxy takes a call and then hangs up: that call may have
    gone on.
    """
    if isinstance(error, _NEVER_SENT):
        return True
    inner = error.args[0] if error.args else None
    reason = inner.reason if isinstance(inner, MaxRetryError) else inner
    if isinstance(reason, ProxyError):
        reason = reason.original_error
    if isinstance(reason, TlsError):
        return _is_untrusted_certificate(reason.args[0] if reason.args else None)
    if type(reason) is OSError:
        return str(reason).startswith(_NO_TUNNEL)
    return isinstance(reason, NewConnectionError)


def _is_untrusted_certificate(fault: object) -> bool:
    """Return whether a certificate was not trusted, or the trusted ones could not be read; both happen before
    anything is sent.
    """
    if isinstance(fault, ssl.SSLError):
        return isinstance(fault, ssl.SSLCertVerificationError) or fault.library == "X509"
    return isinstance(fault, FileNotFoundError | PermissionError)


def _took_too_long(error: requests.RequestException) -> bool:
    """Return whether the answer, or the rest of it, did not arrive in time."""
    inner = error.args[0] if error.args else None
    return isinstance(error, requests.exceptions.Timeout) or isinstance(inner, ReadTimeoutError)


def _retry_after(response: requests.Response) -> float | None:
    """Return the seconds to wait, from either form of Retry-After, at most MAX_RETRY_AFTER; None when the
    header gives no usable wait.
    """
    value = response.headers.get("Retry-After", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        then = _moment(value)
        if then is None:
            return None
        now = _moment(response.headers.get("Date", "")) or datetime.now(UTC)
        seconds = (then - now).total_seconds()
    return min(seconds, MAX_RETRY_AFTER) if math.isfinite(seconds) and seconds > 0 else None


def _moment(text: str) -> datetime | None:
    """Return a moment in HTTP's format; one without a zone is UTC."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

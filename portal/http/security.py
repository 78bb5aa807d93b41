"""Security rules of every request and answer: allowed hosts, bounded bodies, no repeated fields, security
headers.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request
from werkzeug.exceptions import BadRequest
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from config.settings import Settings
from portal.http.api_errors import is_api
from portal.http.static_files import is_current_version

CSP = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors {ancestors}"
)
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
HSTS = "max-age=31536000; includeSubDomains"
IMMUTABLE = "public, max-age=31536000, immutable"

FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

DEFAULT_BODY = 1024 * 1024

REPEATABLE: dict[str, frozenset[str]] = {
    "utsending.forslag": frozenset({"kode"}),
    "utsending.last_opp_filer": frozenset({"filer"}),
    "minside.edialog_vedlegg": frozenset({"fil"}),
    "utskrift.postlagt": frozenset({"id"}),
}
"""Fields that may come more than once, by endpoint: boxes that share a name, and fields for many files."""


class FeltGjentatt(BadRequest):
    """A single-valued field came more than once in one request."""


def init_app(app: Flask, settings: Settings) -> None:
    """Set cookie rules, proxy trust and the checks before and headers after each request."""
    app.config.update(
        SESSION_COOKIE_NAME=cookie_name(settings, "fiks"),
        SESSION_COOKIE_SECURE=settings.secure,
        MAX_CONTENT_LENGTH=DEFAULT_BODY,
        MAX_FORM_MEMORY_SIZE=DEFAULT_BODY,
        MAX_FORM_PARTS=5_000,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=settings.secure,
    )
    if settings.production:
        # One proxy in front, which sets X-Forwarded-For/-Proto/-Host; anything before it is a claim.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    urls = (settings.portal_base_url, settings.minside_base_url, settings.api_base_url)
    hosts = {urlsplit(url).netloc for url in urls}
    app.config["FIKS_HOSTS"] = frozenset({*hosts, *filter(None, [loopback_host(settings)])})
    app.url_map.converters["int"] = Heltall
    app.before_request(pin_host)
    app.before_request(refuse_null_in_path)
    app.after_request(set_headers)


def loopback_host(settings: Settings) -> str | None:
    """`127.0.0.1:port` when the portal of a test or demo is named `localhost`, else None.

    Programs often resolve `localhost` to another address than the one that is listened on.
    """
    portal = urlsplit(settings.portal_base_url)
    if settings.production or portal.hostname != "localhost" or portal.port is None:
        return None
    return f"127.0.0.1:{portal.port}"


class Heltall(IntegerConverter):
    """URL converter for a whole number of at most 2^31 - 1, as the database's columns hold; a larger number
    is 404.
    """

    def __init__(self, map: Map, max: int = 2**31 - 1) -> None:
        super().__init__(map, max=max)


def refuse_null_in_path() -> None:
    """Answer 404 to an address with a null character: no text column can hold one, so nothing has that
    address.
    """
    if "\0" in request.path:
        abort(404)


def refuse_null() -> None:
    """Refuse with 400 a null character in query or form: no browser sends one and no text column holds one.

    The body of a machine's call is checked by its route, which may have to stream it.
    """
    sent = request.args if is_api(request.path) else request.values
    if any("\0" in value for _, value in sent.items(multi=True)):
        abort(400, "null")


def refuse_repeated() -> None:
    """Refuse a field, file or query parameter that comes twice where one value is expected.

    Otherwise one layer may check the first value while another uses the second. REPEATABLE names the
    exceptions. A machine's body is left to its route, as in `refuse_null`.
    """
    many = REPEATABLE.get(request.endpoint or "", frozenset())
    sent = (request.args,) if is_api(request.path) else (request.args, request.form, request.files)
    for given in sent:
        if any(len(values) > 1 and name not in many for name, values in given.lists()):
            raise FeltGjentatt


def cookie_name(settings: Settings, name: str) -> str:
    """Return `name` with the __Host- prefix, which browsers only accept over https."""
    return f"__Host-{name}" if settings.secure else name


def pin_host() -> None:
    """Refuse a Host header that is not ours with 400. Health probes are excepted: they address a process by
    its IP.
    """
    if request.blueprint != "helse" and request.host not in current_app.config["FIKS_HOSTS"]:
        abort(400, "host")


def limit_body(limit: int) -> None:
    """Limit this request's body to `limit` bytes, and refuse content types other than forms with 415."""
    request.max_content_length = limit
    request.max_form_memory_size = DEFAULT_BODY  # files are not counted here: they are spooled to disk
    if request.method in SAFE_METHODS or not (request.content_length or request.mimetype):
        return
    if request.mimetype not in FORM_TYPES:
        abort(415)


def allow_framing_by(origin: str) -> None:
    """Let `origin` show this one answer in a frame (front-channel logout needs it)."""
    g.frame_ancestors = origin


def set_headers(response: Response) -> Response:
    """Add the security headers; only static files are ever stored by a browser."""
    headers = response.headers
    ancestors = g.get("frame_ancestors", "'none'")
    headers.setdefault("Content-Security-Policy", CSP.format(ancestors=ancestors))
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = PERMISSIONS
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if ancestors == "'none'":
        headers["X-Frame-Options"] = "DENY"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers["Strict-Transport-Security"] = HSTS
    if request.endpoint == "static" and response.status_code < 400:
        headers["Cache-Control"] = _static_cache_control()
    elif "no-store" not in headers.get("Cache-Control", ""):
        headers["Cache-Control"] = "no-store"
    return response


def _static_cache_control() -> str:
    """Cache for ever if the hash in the address is that of the file served; otherwise not at all, since the
    address belongs to another release.
    """
    if "v" not in request.args:
        return "public, max-age=300"
    filename = (request.view_args or {})["filename"]
    return IMMUTABLE if is_current_version(filename, request.args["v"]) else "no-store"


DOCUMENT_HEADERS = {
    "Accept-Ranges": "none",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
}

"""SOAP answers and faults. A `return` has no prefix and stands on one line, since clients parse it with a
regex.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

from flask import Response, g, request

from fiks.svarut.mottak import CATALOGUE
from portal.api.svarut.soap.xml_reader import SOAP_11, SOAP_12
from portal.http.api_errors import Sagt

V9 = "http://www.ks.no/svarut/servicesV9"
Verdi = str | Sequence[tuple[str, "Verdi"]]
"""Content of an element: a text, or elements (name, content) in order."""

NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ONE_LINE = {"\n": "&#10;", "\r": "&#13;"}
HTTP_STATUSES = frozenset({401, 403, 405, 429, 503})
"""Refusals with their own HTTP status; every other fault is 500, as SOAP says."""

LAST_INTAKE_NUMBER = 599
"""Last catalogue number of refusals at intake; later findings stand in the letter's history."""

TRANSIENT_CODES = frozenset({"KONTO_IKKE_AKTIV", "TJENESTE_IKKE_AKTIV", "OVERFORING_UGYLDIG"})
"""Refusals that may pass by themselves: no known phrase, so that the client retries."""

KNOWN_PHRASES: dict[str, str] = {
    "DOKUMENT_TOMT": "Kan ikke lagre tomt dokument",
    "FILNAVN_DUPLIKAT": "Duplikat",
    "FORSENDELSE_ANNET_INNHOLD": "Duplikat. Forsendelse med samme mottaker eller samme id er mottatt f\u00f8r",
    "XML_UGYLDIG": "Feil under lesing av meldingen",
    "MULTIPART_UGYLDIG": "Feil under lesing av meldingen",
}
PERMANENT_PHRASE = "Ugyldig innhold"
"""The phrase by which eFormidling recognises a permanent fault (svarut.md 2.5). Without one of these phrases
it retries for ever.
"""


def answer(operasjon: str, found: Sequence[Verdi]) -> Response:
    """The answer of an operation, in the envelope version it was called with."""
    body = "".join(element("return", one) for one in found)
    return _envelope(f'<ns2:{operasjon}Response xmlns:ns2="{V9}">{body}</ns2:{operasjon}Response>', 200)


def fault(said: Sagt) -> Response:
    """An error as a fault of the caller's envelope version."""
    status = said.status if said.status in HTTP_STATUSES or request.method == "GET" else 500
    text = escape_text(fault_text(said))
    detail = f"<kode>{said.kode or ''}</kode><errorId>{said.error_id}</errorId>"
    if _version() == SOAP_12:
        code = "soap:Sender" if said.status < 500 else "soap:Receiver"
        return _envelope(
            f"<soap:Fault><soap:Code><soap:Value>{code}</soap:Value></soap:Code>"
            f'<soap:Reason><soap:Text xml:lang="nb">{text}</soap:Text></soap:Reason>'
            f"<soap:Detail>{detail}</soap:Detail></soap:Fault>",
            status,
        )
    code = "soap:Client" if said.status < 500 else "soap:Server"
    return _envelope(
        f"<soap:Fault><faultcode>{code}</faultcode><faultstring>{text}</faultstring>"
        f"<detail>{detail}</detail></soap:Fault>",
        status,
    )


def fault_text(said: Sagt) -> str:
    """Text of a fault, beginning with the phrase known clients look for."""
    entry = CATALOGUE.get(said.kode or "")
    known = KNOWN_PHRASES.get(said.kode or "")
    if known is None and entry and entry.nummer <= LAST_INTAKE_NUMBER and entry.kode not in TRANSIENT_CODES:
        known = PERMANENT_PHRASE
    return f"{known}: {said.melding}" if known else said.melding


def element(navn: str, verdi: Verdi) -> str:
    """One element without prefix or line break."""
    inner = escape_text(verdi) if isinstance(verdi, str) else "".join(element(*one) for one in verdi)
    return f"<{navn}>{inner}</{navn}>"


def escape_text(text: str) -> str:
    """The text escaped for XML, on one line; characters XML does not allow become U+FFFD."""
    return escape(NOT_IN_XML.sub("\ufffd", text), ONE_LINE)


def _version() -> str:
    return str(g.get("soap_konvolutt", SOAP_11))


def _envelope(body: str, status: int) -> Response:
    text = f'<soap:Envelope xmlns:soap="{_version()}"><soap:Body>{body}</soap:Body></soap:Envelope>'
    soap = request.mimetype == "application/soap+xml" or _version() == SOAP_12
    kind = "application/soap+xml" if soap else "text/xml"
    return Response(text, status, content_type=f"{kind};charset=UTF-8")

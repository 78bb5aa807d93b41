"""Factories of SOAP messages as fagsystemer write them."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from xml.sax.saxutils import escape

from portal.api.svarut.soap.responses import V9
from portal.api.svarut.soap.xml_reader import SOAP_11

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
POST = "<postAdresse><navn>Testperson Fjelltur</navn><adresse1>Storgata 1</adresse1><postnr>4262</postnr>"
POST += "<poststed>AVALDSNES</poststed></postAdresse>"


def envelope(body: str, *, room: str = SOAP_11, before: str = "") -> bytes:
    """A message with `body`; `before` stands in front of the envelope."""
    text = f'{before}<soap:Envelope xmlns:soap="{room}"><soap:Body>{body}</soap:Body></soap:Envelope>'
    return text.encode()


def operation(navn: str, inner: str = "") -> str:
    return f'<ns2:{navn} xmlns:ns2="{V9}">{inner}</ns2:{navn}>'


def field(navn: str, text: str) -> str:
    return f"<{navn}>{escape(text)}</{navn}>"


def person(fnr: str) -> str:
    """The digital address of a person."""
    return f'<digitalAdresse xsi:type="ns2:personDigitalAdresse" {XSI}><fnr>{fnr}</fnr></digitalAdresse>'


def organisation(orgnr: str | None) -> str:
    """The digital address of an organisation; without `orgnr` as npm `svarut` writes it."""
    inner = f"<orgnr>{orgnr}</orgnr>" if orgnr else ""
    return f'<digitalAdresse {XSI} xsi:type="ns2:organisasjonDigitalAdresse">{inner}</digitalAdresse>'


def document(filnavn: str, content: bytes, **fields: str) -> str:
    """A document, bytes first as the WSDL has them."""
    data = base64.b64encode(content).decode()
    return document_of(filnavn, f"<data>{data}</data>", **fields)


def document_of(filnavn: str, data: str, **fields: str) -> str:
    rest = {"mimetype": "application/pdf", "skalSigneres": "false", "ekskluderesFraPrint": "false"} | fields
    inner = "".join(field(name, text) for name, text in rest.items())
    return f"<dokumenter>{data}{field('filnavn', filnavn)}{inner}</dokumenter>"


def letter(documents: Iterable[str], *, to: str = "", tittel: str = "Eiendomsskatt", **fields: str) -> str:
    """A forsendelse, documents first as npm `svarut` writes it."""
    plain = {"krevNiva4Innlogging": "false", "kryptert": "false", "kunDigitalLevering": "false"} | fields
    inner = "".join(documents) + "".join(field(name, text) for name, text in plain.items())
    return f"<forsendelse>{inner}{field('tittel', tittel)}<mottaker>{to}{POST}</mottaker></forsendelse>"

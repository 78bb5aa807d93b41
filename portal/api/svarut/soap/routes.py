"""SvarUt SOAP, `ForsendelsesServiceV9` (svarut.md 3.5), for fagsystemer with a service password.

Accepts SOAP 1.1 and 1.2, both spellings of the operations, elements in any order, and documents as base64 in
the message or beside it (MTOM). The use cases are those of REST v1.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID
from xml.sax.saxutils import escape

from flask import Blueprint, Response, current_app, g, request

from fiks.svarut.mottak import Innlasting
from fiks.svarut.mottak.errors import refuse
from portal.access.actor import current_actor
from portal.access.basic_login import REALM, logged_in_konto
from portal.api.svarut.soap import letter_reader, mtom, responses
from portal.api.svarut.soap.operations import OPERASJONER
from portal.api.svarut.soap.xml_reader import PIECE, Melding, Node
from portal.api.svarut.wsdl import WSDL
from portal.http.api_errors import answer_errors

PATH = "/tjenester/forsendelseservice/ForsendelsesServiceV9"
blueprint = Blueprint("api_svarut_soap", __name__)
answer_errors(blueprint, responses.fault, challenge=REALM)

SEND, SEND_MED_ID = "sendForsendelse", "sendForsendelseMedId"
LONGEST_NAME = 100
"""Most characters of an unknown operation's name in the fault."""
KNOWN_ENCODINGS = frozenset({"utf-8", "iso-8859-1"})
Vedlegg = Iterator[tuple[str, Iterator[bytes]]]


@blueprint.get(PATH, strict_slashes=False)
def wsdl() -> Response:
    """The WSDL with this installation's address."""
    base = current_app.config["FIKS_SETTINGS"].api_base_url
    text = WSDL.read_text("utf-8").replace("ADRESSE", escape(base + PATH))
    return Response(text, content_type="text/xml;charset=UTF-8")


@blueprint.post(PATH, strict_slashes=False)
def kall() -> Response:
    """Carry out one operation."""
    message, attached = _message()
    g.soap_konvolutt = message.konvolutt
    if message.operasjon in (SEND, SEND_MED_ID):
        return responses.answer(message.operasjon, [_send(message, attached)])
    operation = OPERASJONER.get(message.operasjon)
    if operation is None:
        raise refuse("OPERASJON_UKJENT", "operasjon", operasjon=message.operasjon[:LONGEST_NAME])
    return responses.answer(message.operasjon, operation(message.read()))


def _message() -> tuple[Melding, Vedlegg]:
    """The message, parsed up to the operation's name, and the attachments after it."""
    if request.mimetype == "multipart/related":
        parts = mtom.parts(request.stream, request.mimetype_params.get("boundary", ""))
        content_id, root = next(parts, ("", iter(())))
        if request.mimetype_params.get("start", "").strip("<>") not in ("", content_id):
            raise refuse("MULTIPART_UGYLDIG")
        return Melding(root), parts
    charset = request.mimetype_params.get("charset", "").lower()
    pieces = iter(lambda: request.stream.read(PIECE), b"")
    return Melding(pieces, charset if charset in KNOWN_ENCODINGS else None), iter(())


def _send(message: Melding, attached: Vedlegg) -> str:
    """Take in the letter, documents before facts, and return its id."""
    with Innlasting(logged_in_konto(), actor=current_actor()) as loading:
        operation = message.read(lambda content: loading.take(None, content))
        said = _only_letter(operation)
        if message.operasjon == SEND_MED_ID:
            loading.send_as(_own_id(operation.text("forsendelsesid") or said.text("forsendelsesid")))
        order = [nr for nr, one in enumerate(_contents(said)) if one.tatt]
        wanted = {mtom.content_id_of(one.href): nr for nr, one in enumerate(_contents(said)) if one.href}
        for content_id, content in attached:
            if content_id in wanted:
                loading.take(None, content)
                order.append(wanted.pop(content_id))
        _require_all(said, order)
        loading.documents = [loading.documents[order.index(nr)] for nr in range(len(order))]
        return str(loading.register(letter_reader.read_letter(operation)))


def _own_id(text: str) -> UUID:
    """The id the client gives the letter."""
    try:
        return UUID(text.strip())
    except ValueError:
        raise refuse("FELT_UGYLDIG" if text else "FELT_MANGLER", "forsendelsesid") from None


def _only_letter(operation: Node) -> Node:
    """The one forsendelse; documents of a second one would have no letter."""
    found = operation.all("forsendelse")
    if not found:
        raise refuse("FORSENDELSE_MANGLER")
    if len(found) > 1:
        raise refuse("XML_UGYLDIG", "forsendelse")
    return found[0]


def _contents(said: Node) -> list[Node]:
    """The `data` of each document; any other number than one is found by `_require_all`."""
    return [(one.all("data") or [Node("data")])[0] for one in said.all("dokumenter")]


def _require_all(said: Node, taken: list[int]) -> None:
    """Check that every document came exactly once."""
    for nr, one in enumerate(said.all("dokumenter")):
        if len(one.all("data")) > 1:
            raise refuse("XML_UGYLDIG", f"dokumenter[{nr}]")
        if nr not in taken:
            raise refuse("DOKUMENT_MANGLER", f"dokumenter[{nr}]", filnavn=one.text("filnavn"))

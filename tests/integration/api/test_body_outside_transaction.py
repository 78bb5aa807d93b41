"""While a body comes, which may take its sender minutes, no transaction waits for it and no connection is held."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.doubles import WatchedBody
from tests.integration.api.fagsystem import SOAP, V1, Fagsystem, basic, letters, returned
from tests.submissions import FNR, PDF
from tests.unit.svarut.soap import document_of, envelope, letter, operation, person

MTOM = 'multipart/related; boundary=grense; type="application/xop+xml"'
MULTIPART = "multipart/form-data; boundary=grense"
XOP = '<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:vedlegg"/>'


def post(
    app: Flask, path: str, headers: dict[str, str], content: bytes, kind: str
) -> tuple[int, set[bool], str]:
    """(status, whether a transaction was open while the body was read, the answer's text)."""
    body = WatchedBody(content)
    answer = app.test_client().post(
        path, headers=headers, input_stream=body, content_type=kind, content_length=len(content)
    )
    return answer.status_code, set(body.held), answer.text


def mtom(message: bytes, document: bytes) -> bytes:
    """The message, and its document beside it."""
    first = b"--grense\r\nContent-ID: <melding>\r\n\r\n" + message
    return first + b"\r\n--grense\r\nContent-ID: <vedlegg>\r\n\r\n" + document + b"\r\n--grense--\r\n"


def with_attachment(navn: str, before: str = "") -> bytes:
    body = letter([document_of("brev.pdf", f"<data>{XOP}</data>")], to=person(FNR))
    return mtom(envelope(operation(navn, before + body)), PDF)


def rest_letter(tittel: str = "Eiendomsskatt") -> bytes:
    facts = (
        f'{{"tittel":"{tittel}","mottaker":{{"postAdresse":{{"navn":"Testperson","adresse1":"Storgata 1",'
        f'"postNummer":"4262","postSted":"AVALDSNES"}},"digitalAdresse":{{"fodselsNummer":"{FNR}"}}}},'
        '"dokumenter":[{"filnavn":"brev.pdf","mimeType":"application/pdf"}]}'
    ).encode()
    head = b'--grense\r\nContent-Disposition: form-data; name="forsendelse"\r\n\r\n' + facts
    file = b'\r\n--grense\r\nContent-Disposition: form-data; name="filer"; filename="brev.pdf"\r\n\r\n'
    return head + file + PDF + b"\r\n--grense--\r\n"


def test_a_letter_by_rest(app: Flask, fagsystem: Fagsystem) -> None:
    status, held, _ = post(app, V1 + "/sendForsendelse", fagsystem.headers, rest_letter(), MULTIPART)
    assert (status, held) == (200, {False})
    assert letters(fagsystem.hus) == 1


@pytest.mark.parametrize("reserved", [False, True])
def test_a_letter_by_soap_with_its_document_beside_it(
    app: Flask, fagsystem: Fagsystem, reserved: bool
) -> None:
    content = with_attachment("sendForsendelse")
    if reserved:
        [own] = returned(fagsystem.soap(envelope(operation("startNyForsendelse"))))
        content = with_attachment("sendForsendelseMedId", f"<forsendelsesid>{own.text}</forsendelsesid>")
    status, held, _ = post(app, SOAP, fagsystem.headers, content, MTOM)
    assert (status, held) == (200, {False})
    assert letters(fagsystem.hus) == 1


@pytest.mark.parametrize(
    ("tittel", "passord", "status"), [("", None, 400), ("Eiendomsskatt", "feil", 401)], ids=["facts", "door"]
)
def test_a_letter_that_is_refused_while_it_still_comes(
    app: Flask, fagsystem: Fagsystem, tittel: str, passord: str | None, status: int
) -> None:
    headers = basic(fagsystem.avsender, passord or fagsystem.passord)
    for _ in range(2):  # the first refusal is written down, the next is not
        told, held, text = post(app, V1 + "/sendForsendelse", headers, rest_letter(tittel), MULTIPART)
        assert (told, held) == (status, {False}), text
    assert letters(fagsystem.hus) == 0

"""A SOAP message is read as it arrives, documents stream past, and hostile XML gets nowhere."""

from __future__ import annotations

import base64
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiks.svarut.mottak import UgyldigForsendelse
from portal.api.svarut.soap import xml_reader
from portal.api.svarut.soap.xml_reader import MAX_TEXT, MAX_TOKEN, SOAP_12, Melding, Node, decode_base64
from tests.unit.svarut.soap import document, document_of, envelope, letter, operation


def cut(body: bytes, size: int = 64 * 1024) -> Iterator[bytes]:
    return (body[at : at + size] for at in range(0, len(body), size))


def read(body: bytes, size: int = 64 * 1024) -> tuple[Melding, Node, list[bytes]]:
    taken: list[bytes] = []
    message = Melding(cut(body, size))
    return message, message.read(lambda content: taken.append(b"".join(content))), taken


def refused(body: bytes, size: int = 64 * 1024) -> str:
    with pytest.raises(UgyldigForsendelse) as error:
        read(body, size)
    return error.value.kode


def test_a_message_is_a_tree_without_its_documents() -> None:
    body = letter([document("a.pdf", b"en"), document("b.pdf", b"to")])
    message, node, taken = read(envelope(operation("sendForsendelse", body), room=SOAP_12))

    assert (message.operasjon, message.konvolutt) == ("sendForsendelse", SOAP_12)
    assert taken == [b"en", b"to"]
    said = node.first("forsendelse")
    assert said is not None and said.text("tittel") == "Eiendomsskatt"
    assert [one.text("filnavn") for one in said.all("dokumenter")] == ["a.pdf", "b.pdf"]
    assert [one.text("data") for one in said.all("dokumenter")] == ["", ""]


def test_a_header_is_passed_over_and_an_element_that_is_nil_is_not_there() -> None:
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    body = operation(
        "sendForsendelse", f'<forsendelse><signeringUtloper {xsi} xsi:nil="true"/></forsendelse>'
    )
    text = envelope(body).replace(b"<soap:Body>", b"<soap:Header><a><b/></a></soap:Header><soap:Body>")
    _, node, _ = read(text)
    assert node.first("forsendelse") == Node("forsendelse")


@given(st.binary(max_size=300), st.integers(1, 50), st.integers(1, 80))
def test_a_document_is_the_same_however_it_is_cut_and_broken_into_lines(
    content: bytes, size: int, width: int
) -> None:
    coded = base64.b64encode(content).decode()
    lines = "\r\n".join(coded[at : at + width] for at in range(0, len(coded), width))
    body = letter([document_of("a.pdf", f"<data>\n{lines}\n</data>")])
    assert read(envelope(operation("sendForsendelse", body)), size)[2] == [content]


@pytest.mark.parametrize("text", ["QQ", "Q", "QQ==QQ==", "QQ=a", "Q\u00e6==", "====", "QQ==*", "a-_b"])
def test_what_is_not_base64_is_refused(text: str) -> None:
    assert refused(
        envelope(operation("sendForsendelse", letter([document_of("a.pdf", f"<data>{text}</data>")])))
    )


@given(st.lists(st.text(alphabet="QUJD= \n", max_size=12), max_size=6))
def test_pieces_of_base64_are_read_as_the_whole_or_refused_as_the_whole(pieces: list[str]) -> None:
    whole = "".join("".join(pieces).split())
    try:
        expected: bytes | None = base64.b64decode(whole, validate=True)
        if base64.b64encode(expected or b"").decode() != whole:
            return  # bits beyond the last byte: both ways to see it are right
    except ValueError:
        expected = None
    try:
        found: bytes | None = b"".join(decode_base64("", iter(pieces)))
    except UgyldigForsendelse:
        found = None
    assert found == expected


DTDS = {
    "external": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    "file": '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>',
    "laughs": '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>',
    "parameter": '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    "empty": "<!DOCTYPE x>",
}


@pytest.mark.parametrize("kind", DTDS)
def test_a_document_type_is_refused_whatever_it_says(kind: str) -> None:
    body = operation("sendForsendelse", letter([], tittel="x").replace(">x<", ">&f;&b;<"))
    assert refused(envelope(body, before=DTDS[kind])) == "XML_UGYLDIG"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hei",
        b"<a/>",
        b"\xff\xfe\x00",
        envelope("")[:-10],
        envelope(""),
        envelope(operation("startNyForsendelse"), room="http://example.org/soap"),
        envelope(operation("startNyForsendelse")) + b"<mer/>",
        envelope(operation("startNyForsendelse") * 2),
        envelope(operation("startNyForsendelse") + "tekst"),
        envelope(operation("startNyForsendelse", "&ukjent;")),
        envelope(operation("startNyForsendelse", "\0")),
        envelope(operation("startNyForsendelse"), before='<?xml version="1.0" encoding="EBCDIC-CP-NL"?>'),
        envelope(operation("startNyForsendelse"), before='<?xml version="1.0" encoding="rot13"?>'),
    ],
)
def test_what_is_no_message_is_refused(body: bytes) -> None:
    assert refused(body) == "XML_UGYLDIG"


def test_depth_number_text_and_tokens_are_bounded() -> None:
    start = "startNyForsendelse"
    assert refused(envelope(operation(start, "<a>" * 5_000 + "</a>" * 5_000))) == "XML_UGYLDIG"
    assert refused(envelope(operation(start, "<a/>" * (xml_reader.MAX_ELEMENTS + 1)))) == "XML_UGYLDIG"
    assert refused(envelope(operation(start, "x" * (MAX_TEXT + 1)))) == "XML_UGYLDIG"
    assert refused(envelope(operation(start, f'<a b="{"x" * 2 * MAX_TOKEN}"/>'))) == "XML_UGYLDIG"
    assert refused(envelope(operation(start, f"<!--{'x' * 2 * MAX_TOKEN}-->"))) == "XML_UGYLDIG"
    assert refused(b" " * (2 * MAX_TOKEN) + envelope(operation(start))) == "XML_UGYLDIG"


def test_a_document_of_40_megabytes_passes_with_flat_memory() -> None:
    line = base64.b64encode(b"x" * 57) + b"\r\n"
    head, tail = envelope(
        operation("sendForsendelse", letter([document_of("a.pdf", "<data>|</data>")]))
    ).split(b"|")
    size = 0

    def pieces() -> Iterator[bytes]:
        yield head
        for _ in range(40 * 1024):
            yield line * 13
        yield tail

    def take(content: Iterator[bytes]) -> None:
        nonlocal size
        size = sum(len(piece) for piece in content)

    tracemalloc.start()
    Melding(pieces()).read(take)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == 40 * 1024 * 13 * 57
    assert peak < 4 * 1024 * 1024


@given(st.binary(max_size=400), st.integers(1, 400))
def test_no_bytes_make_anything_but_a_message_or_a_refusal(noise: bytes, at: int) -> None:
    right = envelope(operation("sendForsendelse", letter([document("a.pdf", b"x")])))
    for body in (noise, right[:at] + noise + right[at:], right[:at] + noise):
        try:
            read(body, 7)
        except UgyldigForsendelse as error:
            assert error.kode == "XML_UGYLDIG"

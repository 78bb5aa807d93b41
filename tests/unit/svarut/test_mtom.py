"""The parts of a multipart/related body are read as they arrive, wherever the network cut it."""

from __future__ import annotations

import base64
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiks.svarut.mottak import UgyldigForsendelse
from portal.api.svarut.soap import mtom
from tests.unit.svarut.test_multipart import Slow


def body(*parts: tuple[str, bytes], end: bytes = b"--grense--\r\n") -> bytes:
    made = b""
    for content_id, content in parts:
        head = f"--grense\r\nContent-Type: application/octet-stream\r\ncontent-id: <{content_id}>\r\n\r\n"
        made += head.encode() + content + b"\r\n"
    return made + end


def read(content: bytes, size: int = 64 * 1024) -> list[tuple[str, bytes]]:
    return [(name, b"".join(pieces)) for name, pieces in mtom.parts(Slow(content, size), "grense")]


@given(st.lists(st.binary(max_size=200), max_size=4), st.integers(1, 40))
def test_parts_come_out_as_they_were_put_in(contents: list[bytes], size: int) -> None:
    parts = [(f"{nr}@ks", content.replace(b"\r\n--grense", b"")) for nr, content in enumerate(contents)]
    assert read(body(*parts), size) == parts


def test_what_is_left_of_a_part_is_passed_over() -> None:
    found = [name for name, _ in mtom.parts(io.BytesIO(body(("a", b"x" * 500_000), ("b", b"y"))), "grense")]
    assert found == ["a", "b"]


def test_a_part_without_lines_of_its_own_has_no_name() -> None:
    assert read(b"--grense\r\n\r\nhei\r\n--grense--") == [("", b"hei")]


def coded(encoding: str, content: bytes) -> bytes:
    head = f"--grense\r\nContent-ID: <a>\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + content + b"\r\n--grense--"


@pytest.mark.parametrize("encoding", ["binary", "8bit", "7BIT", " Binary "])
def test_a_part_that_says_it_is_sent_as_it_is_comes_out_so(encoding: str) -> None:
    assert read(coded(encoding, b"PHNva25hZC8+")) == [("a", b"PHNva25hZC8+")]


@pytest.mark.parametrize("encoding", ["base64", "BASE64", " base64 "])
@given(content=st.binary(max_size=300), size=st.integers(1, 40))
def test_a_part_in_base64_comes_out_as_what_it_was_made_of(encoding: str, content: bytes, size: int) -> None:
    lines = base64.encodebytes(content).replace(b"\n", b"\r\n")
    assert read(coded(encoding, lines), size) == [("a", content)]


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("quoted-printable", b"=3Csoknad/>"),
        ("x-uuencode", b"x"),
        ("", b"x"),
        ("base64", b"<soknad/>"),
        ("base64", b"PHNva25hZC8"),
        ("base64", b"PHNva2=5hZC8+"),
        ("base64", "æøå=".encode()),
    ],
)
def test_a_part_that_is_not_what_it_says_or_that_nobody_can_read_is_refused(
    encoding: str, content: bytes
) -> None:
    with pytest.raises(UgyldigForsendelse, match="MULTIPART_UGYLDIG"):
        read(coded(encoding, content))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hei",
        body(("a", b"x"), end=b""),
        b"--grense\r\n" + b"a: b\r\n" * 10_000 + b"\r\nx\r\n--grense--",
        body(*[("a", b"")] * (mtom.MAX_PARTS + 1)),
    ],
)
def test_a_body_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(UgyldigForsendelse, match="MULTIPART_UGYLDIG"):
        read(content)


def test_without_a_boundary_nothing_can_be_told_apart() -> None:
    with pytest.raises(UgyldigForsendelse, match="MULTIPART_UGYLDIG"):
        list(mtom.parts(io.BytesIO(body(("a", b"x"))), ""))


@pytest.mark.parametrize(("href", "name"), [("cid:a%40b", "a@b"), ("CID:a", "a"), ("http://a", ""), ("", "")])
def test_an_include_names_the_part_it_means(href: str, name: str) -> None:
    assert mtom.content_id_of(href) == name

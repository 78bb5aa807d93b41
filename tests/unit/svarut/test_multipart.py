"""The body of a send call is read part by part, whatever the parts are called and wherever the network cut it."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from fiks.svarut.mottak import UgyldigForsendelse
from portal.api.svarut import multipart

FACTS = b'{"tittel":"Brev"}'


class Slow(io.BytesIO):
    """A body that arrives in small pieces."""

    def __init__(self, body: bytes, size: int) -> None:
        super().__init__(body)
        self._size = size

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        return super().readinto(memoryview(buffer)[: self._size])


def part(content: bytes, name: str, filnavn: str | None = None, kind: str = "") -> bytes:
    head = f'--grense\r\nContent-Disposition: form-data; name="{name}"'
    head += f'; filename="{filnavn}"' if filnavn is not None else ""
    head += f"\r\nContent-Type: {kind}" if kind else ""
    return head.encode() + b"\r\n\r\n" + content + b"\r\n"


def body(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--grense--\r\n"


def read(
    sent: bytes, size: int = 1 << 20, kind: str = "multipart/form-data; boundary=grense"
) -> list[tuple[str, bytes]]:
    with Flask("test").test_request_context(
        method="POST", input_stream=Slow(sent, size), content_length=len(sent), content_type=kind
    ):
        first, rest = multipart.read_letter_part()
        return [("", first), *((p.filnavn, b"".join(p.biter)) for p in rest)]


def refused(sent: bytes, **options: str) -> str:
    with pytest.raises(UgyldigForsendelse) as error:
        read(sent, **options)  # type: ignore[arg-type]
    return error.value.kode


@pytest.mark.parametrize("names", [("filer", "filer"), ("filer_0", "filer_1"), ("name1", "hva som helst")])
@pytest.mark.parametrize("kind", ["", "application/json", "text/plain"])
def test_sv12_02_part_names_and_content_types_mean_nothing(names: tuple[str, str], kind: str) -> None:
    sent = body(
        part(FACTS, "forsendelse", kind=kind),
        part(b"en", names[0], "a.pdf"),
        part(b"to", names[1], "\u00e6.pdf"),
    )

    assert read(sent) == [("", FACTS), ("a.pdf", b"en"), ("\u00e6.pdf", b"to")]


@pytest.mark.parametrize("name", ["s\u00f8knad.pdf", "a\x85b\u00e6.pdf", "../\u00e5.pdf"])
def test_a_file_name_in_latin_1_is_read_as_it_was_written(name: str) -> None:
    named = part(b"en", "filer", name).decode().encode("latin-1")
    assert read(body(part(FACTS, "forsendelse"), named)) == [("", FACTS), (name, b"en")]


@given(st.binary(max_size=400), st.integers(1, 90))
def test_what_was_sent_is_what_is_read_wherever_it_was_cut(content: bytes, size: int) -> None:
    if b"--grense" not in content:
        sent = body(part(FACTS, "forsendelse"), part(content, "filer", "a.bin"))
        assert read(sent, size) == [("", FACTS), ("a.bin", content)]


@pytest.mark.parametrize("content", [b"en", b"", b"\r\n--grens"])
@pytest.mark.parametrize("after", [b"--\r\n", b"--", b"-- \t\r\n"])
@pytest.mark.parametrize("before", [b"\r\n", b" \t\r\n"])
def test_no_byte_is_added_to_a_document_when_the_network_cuts_what_ends_it(
    content: bytes, after: bytes, before: bytes
) -> None:
    sent = body(part(FACTS, "forsendelse"), part(content, "filer", "a.bin"))
    sent = sent.removesuffix(b"--\r\n").replace(b"grense\r\n", b"grense" + before) + after
    for size in range(1, 20):
        assert read(sent, size) == [("", FACTS), ("a.bin", content)], size


def test_what_the_reader_left_of_a_part_is_passed_over() -> None:
    sent = body(
        part(FACTS, "forsendelse"), part(b"x" * 300_000, "filer", "a.pdf"), part(b"to", "filer", "b.pdf")
    )
    with Flask("test").test_request_context(
        method="POST",
        input_stream=io.BytesIO(sent),
        content_length=len(sent),
        content_type="multipart/form-data; boundary=grense",
    ):
        _, rest = multipart.read_letter_part()
        assert [p.filnavn for p in rest] == ["a.pdf", "b.pdf"]


def test_the_letter_comes_first_and_is_no_larger_than_a_letter() -> None:
    assert refused(body(part(b"x", "filer", "a.pdf"), part(FACTS, "forsendelse"))) == "FORSENDELSE_MANGLER"
    assert refused(body()) == "FORSENDELSE_MANGLER"
    assert refused(body(part(b" " * (multipart.MAX_FACTS + 1), "forsendelse"))) == "JSON_UGYLDIG"


def cuts() -> Iterator[bytes]:
    whole = body(part(FACTS, "forsendelse"), part(b"innhold", "filer", "a.pdf"))
    yield from (whole[:length] for length in (0, 10, 60, 100, len(whole) - 12))
    yield b"--grense\r\n" + b"X-Lang: " + b"x" * (3 << 20)
    yield b"--grense\r\nX: y\r\n\r\nuten navn\r\n--grense--\r\n"


@pytest.mark.parametrize("sent", list(cuts()))
def test_a_body_that_is_cut_short_or_is_none_is_refused(sent: bytes) -> None:
    assert refused(sent) in ("MULTIPART_UGYLDIG", "FORSENDELSE_MANGLER")


def test_another_content_type_is_refused() -> None:
    assert (
        refused(FACTS, kind="application/json")
        == refused(FACTS, kind="multipart/form-data")
        == "MULTIPART_UGYLDIG"
    )


def test_a_body_of_ten_thousand_parts_is_refused() -> None:
    sent = body(part(FACTS, "forsendelse"), *(part(b"", "filer", f"{n}.pdf") for n in range(1000)))

    assert refused(sent) == "MULTIPART_UGYLDIG"


@pytest.mark.parametrize("where", [0, 1])
def test_a_part_that_is_coded_is_refused_and_one_that_says_it_is_sent_as_it_is_is_not(where: int) -> None:
    def sent(encoding: str) -> bytes:
        parts = [part(FACTS, "forsendelse"), part(b"PHNva25hZC8+", "filer", "soknad.xml")]
        head, content = parts[where].split(b"\r\n\r\n", 1)
        parts[where] = head + f"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + content
        return body(*parts)

    for encoding in ("binary", "8bit", "7BIT"):
        assert read(sent(encoding)) == [("", FACTS), ("soknad.xml", b"PHNva25hZC8+")]
    for encoding in ("base64", "quoted-printable", "x"):
        assert refused(sent(encoding)) == "MULTIPART_UGYLDIG"

"""The ZIP of a download: whole, readable by who streams it, and of any size without knowing it beforehand."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest

from fiks.svarut.svarinn.encrypted_zip import zip_stream

UTF8, SIZE_AFTER = 0x800, 0x8
GB = 1024**3


def archive(*files: tuple[str, int, list[bytes]]) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(zip_stream(files))))


def test_names_order_and_content_are_kept() -> None:
    made = archive(("Søknad æøå.pdf", 6, [b"abc", b"def"]), ("tom.txt", 0, []), ("a.png", 1, [b"x"]))
    assert made.testzip() is None
    assert made.namelist() == ["Søknad æøå.pdf", "tom.txt", "a.png"]
    assert [made.read(name) for name in made.namelist()] == [b"abcdef", b"", b"x"]
    assert made.getinfo("Søknad æøå.pdf").flag_bits & UTF8


def test_every_entry_is_deflated_so_that_its_end_can_be_found_while_streaming() -> None:
    made = archive(("a.pdf", 3, [b"abc"]))
    [entry] = made.infolist()
    assert entry.compress_type == zipfile.ZIP_DEFLATED
    assert entry.flag_bits & SIZE_AFTER


@pytest.mark.parametrize(("size", "version"), [(GB, 20), (3 * GB, 45)])
def test_zip64_is_used_only_for_what_may_be_larger_than_two_gigabytes(size: int, version: int) -> None:
    made = b"".join(zip_stream([("film.mp4", size, [b"x"])]))
    assert int.from_bytes(made[4:6], "little") == version
    with zipfile.ZipFile(io.BytesIO(made)) as opened:
        assert opened.read("film.mp4") == b"x"


def test_what_goes_wrong_in_a_file_comes_out_and_no_end_is_written() -> None:
    def broken() -> Iterator[bytes]:
        yield b"a" * 1000
        raise OSError("away")

    got = bytearray()
    with pytest.raises(OSError, match="away"):
        for piece in zip_stream([("a.pdf", 1, broken())]):
            got += piece
    assert not zipfile.is_zipfile(io.BytesIO(bytes(got)))


def test_nothing_is_gathered_while_it_is_made() -> None:
    """Each chunk that goes in has come out, but for what the compression keeps."""
    given = 0

    def chunks() -> Iterator[bytes]:
        nonlocal given
        for nr in range(200):
            given += 1
            yield bytes([nr]) * 1024 + nr.to_bytes(4, "big") * 65_536

    for taken, _ in enumerate(zip_stream([("a.bin", 1, chunks())]), 1):
        assert given - taken <= 1

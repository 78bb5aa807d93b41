"""Strings in parts: read in pieces of a good size whatever the parts, and never with a part for each octet."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from fiks.core.crypto.ber import PIECE, BerFeil, Kilde

TAG, END = 0xA0, b"\x00\x00"


def part(size: int) -> bytes:
    length = bytes([size]) if size < 0x80 else b"\x84" + size.to_bytes(4, "big")
    return b"\x04" + length + b"x" * size


def read(*parts: bytes) -> list[bytes]:
    def stream() -> Iterator[bytes]:
        yield b"\xa0\x80"
        yield from parts
        yield END

    return list(Kilde(stream()).octets_in_parts(TAG))


@pytest.mark.parametrize("size", [0, 1])
def test_a_string_of_tiny_parts_without_number_is_refused_before_it_has_cost_much(size: int) -> None:
    taken = 0

    def many() -> Iterator[bytes]:
        nonlocal taken
        yield b"\xa0\x80"
        while taken < 1_000_000:
            taken += 1
            yield part(size)

    begun = time.process_time()
    with pytest.raises(BerFeil):
        list(Kilde(many()).octets_in_parts(TAG))
    assert taken < 5_000
    assert time.process_time() - begun < 1


def test_tiny_parts_after_one_large_one_are_as_tiny() -> None:
    with pytest.raises(BerFeil):
        read(part(100_000), *[part(1)] * 20_000)


@pytest.mark.parametrize(
    "size", [1_000, 1_024, 4_096, 65_536], ids=["BouncyCastle", "1 KB", "openssl", "ours"]
)
def test_parts_as_others_write_them_are_read_in_larger_pieces(size: int) -> None:
    pieces = read(*[part(size)] * 3_000)
    assert sum(map(len, pieces)) == 3_000 * size
    assert all(PIECE <= len(piece) < 2 * PIECE for piece in pieces[:-1])


def test_a_short_string_may_have_parts_of_any_size() -> None:
    assert b"".join(read(*[part(1)] * 1_000)) == b"x" * 1_000
    assert read(*[part(0)] * 10) == []

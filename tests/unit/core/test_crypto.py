import base64
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.parsing import parse_master_keys
from fiks.core.crypto import encryption
from fiks.core.crypto.encryption import CHUNK, TAG, DokumentOdelagt, KeyRing, NokkelUkjent, VerdiOdelagt

OLD, NEW = b"\x01" * 32, b"\x02" * 32
KEY = b"\x07" * 32
OLD_RING = KeyRing([("2025", OLD)])
ROTATED = KeyRing([("2026", NEW), ("2025", OLD)])
NEW_RING = KeyRing([("2026", NEW)])


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def sealed_stream(content: bytes) -> bytes:
    return b"".join(encryption.encrypt_stream([content], KEY))


def opened_stream(sealed: bytes, key: bytes = KEY) -> bytes:
    return b"".join(encryption.decrypt_stream([sealed], key))


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in zip(edges, edges[1:], strict=False)]


# The key ring


def test_a_ring_is_read_newest_first():
    ring = KeyRing(parse_master_keys(f"2026:{b64(NEW)}, 2025:{b64(OLD)}"))
    assert ring.newest == "2026"
    assert NEW_RING.unwrap(ring.wrap(KEY)) == KEY


@pytest.mark.parametrize("key", [NEW[:31], NEW + b"x", b""])
def test_a_bad_key_is_refused_by_its_id(key):
    with pytest.raises(ValueError, match="^master key 2026: not 32 bytes$"):
        KeyRing([("2025", OLD), ("2026", key)])


def test_a_repeated_id_is_refused():
    with pytest.raises(ValueError, match="^master key 2026: the id is repeated"):
        KeyRing([("2026", NEW), ("2026", OLD)])


@pytest.mark.parametrize("key_id", ["", b64(NEW), "a b"])
def test_a_key_without_an_id_is_refused_and_not_repeated(key_id):
    with pytest.raises(ValueError, match="a master key needs an id") as caught:
        KeyRing([("2025", OLD), (key_id, NEW)])
    assert b64(NEW)[:8] not in str(caught.value)


def test_a_ring_needs_a_key():
    with pytest.raises(ValueError, match="empty"):
        KeyRing([])


def test_a_ring_prints_ids_only():
    assert repr(ROTATED) == str(ROTATED) == "KeyRing(2026, 2025)"


def test_every_key_of_the_ring_opens_and_only_the_newest_seals():
    wrapped = OLD_RING.wrap(KEY)
    assert ROTATED.unwrap(wrapped) == KEY
    assert NEW_RING.unwrap(ROTATED.wrap(KEY)) == KEY


def test_rewrapping_moves_a_data_key_to_the_newest_master_key_and_leaves_it_there():
    wrapped = ROTATED.rewrap(OLD_RING.wrap(KEY))
    assert NEW_RING.unwrap(wrapped) == KEY
    assert ROTATED.rewrap(wrapped) == wrapped


def test_a_key_that_left_the_ring_is_named_by_id():
    with pytest.raises(NokkelUkjent) as caught:
        NEW_RING.unwrap(OLD_RING.wrap(KEY))
    assert caught.value.params == {"nokkel_id": "2025"}


def test_wrapping_the_same_key_twice_gives_different_bytes():
    assert OLD_RING.wrap(KEY) != OLD_RING.wrap(KEY)


@pytest.mark.parametrize(
    "wrapped", [b"", b"\x01", b"\x01\x04", b"\x02" * 80, b"\x01\x02\xff\xff" + b"x" * 60]
)
def test_what_was_never_wrapped_is_refused(wrapped):
    with pytest.raises(DokumentOdelagt):
        OLD_RING.unwrap(wrapped)
    with pytest.raises(DokumentOdelagt):
        OLD_RING.rewrap(wrapped)


@given(st.data())
def test_a_wrapped_key_with_any_bit_turned_is_refused(data):
    wrapped = bytearray(OLD_RING.wrap(KEY))
    wrapped[data.draw(st.integers(0, len(wrapped) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((DokumentOdelagt, NokkelUkjent)):
        OLD_RING.unwrap(bytes(wrapped))


# Column values


@given(st.binary(max_size=200))
def test_a_value_comes_back_as_it_was(value):
    assert (
        encryption.decrypt_value(
            ROTATED, encryption.encrypt_value(OLD_RING, value, "person.fnr"), "person.fnr"
        )
        == value
    )


def test_a_value_moved_to_another_column_does_not_open():
    sealed = encryption.encrypt_value(OLD_RING, b"17912099997", "person.fnr")
    with pytest.raises(VerdiOdelagt) as caught:
        encryption.decrypt_value(OLD_RING, sealed, "forsendelse.mottaker")
    assert caught.value.params == {"kolonne": "forsendelse.mottaker"}


def test_a_value_is_no_data_key_and_a_data_key_no_value():
    with pytest.raises(DokumentOdelagt):
        OLD_RING.unwrap(encryption.encrypt_value(OLD_RING, KEY, "person.fnr"))
    with pytest.raises(VerdiOdelagt):
        encryption.decrypt_value(OLD_RING, OLD_RING.wrap(KEY), "person.fnr")


def test_the_same_value_is_sealed_differently_every_time():
    assert encryption.encrypt_value(OLD_RING, b"x", "a.b") != encryption.encrypt_value(OLD_RING, b"x", "a.b")


# Streams

AROUND_A_CHUNK = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 5]


@pytest.mark.parametrize("size", AROUND_A_CHUNK)
def test_a_stream_of_any_length_comes_back(size):
    content = bytes(range(251)) * (size // 251 + 1)
    assert opened_stream(sealed_stream(content[:size])) == content[:size]


@settings(max_examples=40)
@given(
    st.binary(max_size=300),
    st.sampled_from(AROUND_A_CHUNK),
    st.lists(st.integers(0, 10**6), max_size=8),
    st.lists(st.integers(0, 10**6), max_size=8),
)
def test_a_stream_does_not_depend_on_how_it_is_cut(tail, size, in_cuts, out_cuts):
    content = b"k" * size + tail
    sealed = b"".join(encryption.encrypt_stream(cut(content, in_cuts), KEY))
    assert b"".join(encryption.decrypt_stream(cut(sealed, out_cuts), KEY)) == content
    assert len(sealed) == len(content) + 7 + TAG * max(1, -(-len(content) // CHUNK))


def test_memoryviews_and_bytearrays_are_chunks_too():
    sealed = b"".join(encryption.encrypt_stream([bytearray(b"ab"), memoryview(b"cd")], KEY))
    assert opened_stream(sealed) == b"abcd"


SEALED = sealed_stream(b"a" * CHUNK + b"b" * CHUNK + b"c" * 10)
HEAD, FIRST, SECOND, LAST = (
    SEALED[:7],
    SEALED[7 : 7 + CHUNK + TAG],
    SEALED[7 + CHUNK + TAG : 7 + 2 * (CHUNK + TAG)],
    SEALED[7 + 2 * (CHUNK + TAG) :],
)
OTHER = sealed_stream(b"a" * CHUNK + b"b" * CHUNK + b"c" * 10)


@pytest.mark.parametrize(
    "damaged",
    {
        "nothing": b"",
        "only the head": HEAD,
        "half a head": HEAD[:3],
        "last chunk gone": HEAD + FIRST + SECOND,
        "last two chunks gone": HEAD + FIRST,
        "last byte gone": SEALED[:-1],
        "cut within a chunk": SEALED[: CHUNK // 2],
        "chunks in another order": HEAD + SECOND + FIRST + LAST,
        "a chunk twice": HEAD + FIRST + FIRST + SECOND + LAST,
        "a chunk gone": HEAD + FIRST + LAST,
        "first chunk gone": HEAD + SECOND + LAST,
        "something added": SEALED + b"x",
        "a whole stream added": SEALED + SEALED,
        "the end twice": SEALED + LAST,
        "the head of another stream": OTHER[:7] + FIRST + SECOND + LAST,
        "a chunk of another stream": HEAD + FIRST + OTHER[7 + CHUNK + TAG : 7 + 2 * (CHUNK + TAG)] + LAST,
    }.items(),
    ids=lambda item: item[0],
)
def test_a_damaged_stream_is_found_out(damaged):
    with pytest.raises(DokumentOdelagt):
        opened_stream(damaged[1])


@settings(max_examples=60)
@given(st.data())
def test_a_stream_with_any_bit_turned_is_found_out(data):
    sealed = bytearray(sealed_stream(b"a letter"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(DokumentOdelagt):
        opened_stream(bytes(sealed))


def test_another_key_opens_nothing():
    with pytest.raises(DokumentOdelagt):
        opened_stream(SEALED, b"\x08" * 32)


def test_no_byte_of_a_changed_chunk_is_handed_out():
    changed = HEAD + FIRST + SECOND[:-1] + bytes([SECOND[-1] ^ 1]) + LAST
    seen = []
    with pytest.raises(DokumentOdelagt):
        seen.extend(encryption.decrypt_stream([changed], KEY))
    assert seen == [b"a" * CHUNK]


def test_a_stream_passes_with_flat_memory():
    piece = b"x" * 100_000
    tracemalloc.start()
    passed = sum(
        map(len, encryption.decrypt_stream(encryption.encrypt_stream((piece for _ in range(640)), KEY), KEY))
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert passed == 64_000_000
    assert peak < 4_000_000


# Index and digest


def test_the_blind_index_depends_on_key_purpose_and_value():
    index = encryption.blind_index(KEY, "fnr", "17912099997")
    assert index == encryption.blind_index(KEY, "fnr", "17912099997")
    assert len(index) == 32
    others = {
        encryption.blind_index(OLD, "fnr", "17912099997"),
        encryption.blind_index(KEY, "orgnr", "17912099997"),
        encryption.blind_index(KEY, "fnr", "17912099998"),
    }
    assert len(others | {index}) == 4


def test_data_keys_are_new_every_time():
    assert len({encryption.new_data_key() for _ in range(100)}) == 100

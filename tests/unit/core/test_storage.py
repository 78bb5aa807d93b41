import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import obstore
import pytest
from moto.server import ThreadedMotoServer

from fiks.core.crypto.encryption import CHUNK, DokumentOdelagt, KeyRing
from fiks.core.errors import IkkeFunnet
from fiks.core.storage.segment import Segmentdel
from fiks.core.storage.store import PART, LagerUtilgjengelig, Lagret, Store, open_store

RING_KEYS = [("2026", b"\x02" * 32), ("2025", b"\x01" * 32)]
RING = KeyRing(RING_KEYS)
BEGINNING = b"%PDF-1.7 " * 5_000
BUCKET = "dokumenter"


class Interrupted(Exception):
    pass


class Bucket:
    """A bucket as the outside sees it, beside our own store."""

    def __init__(self, endpoint: str) -> None:
        self.client = boto3.client("s3", endpoint_url=endpoint, region_name="eu-north-1")
        self.url = f"s3://{BUCKET}/fiks/prod?endpoint={endpoint}&region=eu-north-1"

    def names(self) -> list[str]:
        return [found["Key"] for found in self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    def unfinished(self) -> list[object]:
        return self.client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    environ = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        server.start()
        host, port = server.get_host_and_port()
        found = Bucket(f"http://{host}:{port}")
        found.client.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-north-1"}
        )
        open_store(found.url).write_note("epoke", "1")
        yield found
        server.stop()


@pytest.fixture(params=["file", "memory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "s3":
        return open_store(request.getfixturevalue("bucket").url)
    return open_store({"file": f"file://{tmp_path}/objekter", "memory": "memory:///"}[request.param])


def pieces(size: int, piece: int = 300_000) -> Iterator[bytes]:
    whole = os.urandom(min(size, piece))
    for start in range(0, size, piece):
        yield whole[: min(piece, size - start)]


def content(store: Store, stored: Lagret) -> bytes:
    return b"".join(store.read_document(stored.objekt, stored.nokkel, RING))


@pytest.mark.parametrize("size", [0, 1, CHUNK, PART - 7 - 16 * 32, PART, 2 * PART + 12_345])
def test_a_document_comes_back_as_it_was(store, size):
    document = b"".join(pieces(size))
    stored = store.put_document([document[: size // 2], document[size // 2 :]], RING)
    assert (stored.storrelse, stored.sha256) == (size, hashlib.sha256(document).digest())
    assert content(store, stored) == document


def test_every_document_has_its_own_name_and_key(store):
    first, second = (store.put_document([b"same"], RING) for _ in range(2))
    assert first.objekt != second.objekt
    assert RING.unwrap(first.nokkel) != RING.unwrap(second.nokkel)
    with pytest.raises(DokumentOdelagt):
        b"".join(store.read_document(first.objekt, second.nokkel, RING))


def test_a_name_is_a_date_and_a_random_uuid(store):
    assert re.fullmatch(r"\d{4}/\d{2}/\d{2}/[0-9a-f]{32}", store.put_document([b"x"], RING).objekt)


def test_a_missing_document_is_told_before_the_first_byte(store):
    stored = store.put_document([b"x"], RING)
    store.delete(stored.objekt)
    with pytest.raises(IkkeFunnet, match="DOKUMENT_BORTE"):
        store.read_document(stored.objekt, stored.nokkel, RING)
    with pytest.raises(IkkeFunnet, match="DOKUMENT_BORTE"):
        store.read_segment_part(stored.objekt, 0, 10, stored.nokkel, RING)


def away(folder: Path) -> Path:
    return folder.rename(folder.with_name("av"))


def not_mounted(folder: Path) -> None:
    """In its place is the folder it was mounted on, and somebody has written there."""
    away(folder)
    (folder / "2026").mkdir(parents=True)


def emptied(folder: Path) -> None:
    for place in folder.iterdir():
        shutil.rmtree(place)


@pytest.mark.parametrize("becomes", [away, not_mounted, emptied])
def test_a_document_is_not_gone_because_the_folder_of_all_is(
    tmp_path: Path, becomes: Callable[[Path], object]
) -> None:
    folder = tmp_path / "objekter"
    store = open_store(f"file://{folder}")
    whole, [part] = store.put_document([b"x"], RING), store.put_segment([b"y"], RING)
    becomes(folder)
    with pytest.raises(LagerUtilgjengelig):
        store.read_document(whole.objekt, whole.nokkel, RING)
    with pytest.raises(LagerUtilgjengelig):
        read(store, part)


@pytest.mark.parametrize("becomes", [away, not_mounted])
def test_nothing_is_written_or_noted_where_the_folder_was_and_it_is_used_again_when_it_is_back(
    tmp_path: Path, becomes: Callable[[Path], object]
) -> None:
    folder = tmp_path / "objekter"
    store = open_store(f"file://{folder}")
    stored = store.put_document([b"x"], RING)
    becomes(folder)
    for use in (
        lambda: store.put_document([b"y"], RING),
        lambda: store.write_note("epoke", "2"),
        lambda: store.read_note("epoke"),
    ):
        with pytest.raises(LagerUtilgjengelig):
            use()
    assert not store.answers()
    shutil.rmtree(folder, ignore_errors=True)
    folder.with_name("av").rename(folder)
    assert content(store, stored) == b"x"
    assert store.answers() and store.read_note("epoke") is None


def test_a_document_is_not_gone_because_its_bucket_is(bucket: Bucket) -> None:
    stored = open_store(bucket.url).put_document([b"x"], RING)
    elsewhere = open_store(bucket.url.replace(BUCKET, "finnes-ikke"))
    with pytest.raises(LagerUtilgjengelig):
        elsewhere.read_document(stored.objekt, stored.nokkel, RING)
    with pytest.raises(LagerUtilgjengelig):
        elsewhere.read_note("epoke")


def test_a_document_is_not_gone_because_a_place_without_any_was_named(bucket: Bucket) -> None:
    stored = open_store(bucket.url).put_document([b"x"], RING)
    with pytest.raises(LagerUtilgjengelig):
        open_store(bucket.url.replace("fiks/prod", "feil")).read_document(stored.objekt, stored.nokkel, RING)


def test_deleting_twice_is_fine(store):
    stored = store.put_document([b"x"], RING)
    store.delete(stored.objekt)
    store.delete(stored.objekt)


def test_a_document_is_read_after_its_key_was_wrapped_anew(store):
    old = KeyRing([("2025", b"\x01" * 32)])
    stored = store.put_document([b"letter"], old)
    assert b"".join(store.read_document(stored.objekt, RING.rewrap(stored.nokkel), RING)) == b"letter"


def test_a_segment_holds_many_documents_in_one_object_each_under_its_own_key(store):
    documents = [b"first", b"", b"x" * (CHUNK + 5), b"last"]
    deler = store.put_segment(documents, RING)
    assert len({del_.objekt for del_ in deler}) == 1
    assert len({RING.unwrap(del_.nokkel) for del_ in deler}) == len(documents)
    assert [del_.storrelse for del_ in deler] == [len(document) for document in documents]
    assert [del_.sha256 for del_ in deler] == [hashlib.sha256(document).digest() for document in documents]
    read = [store.read_segment_part(d.objekt, d.fra, d.lengde, d.nokkel, RING) for d in reversed(deler)]
    assert read[::-1] == documents


def test_documents_that_begin_alike_are_stored_as_any_others(store):
    heads = b"%PDF-1.7 " * 7, b"y" * (CHUNK + 5)
    documents = [
        (heads[0], b"one"),
        b"whole",
        (heads[1], b"two"),
        (heads[0], b""),
        (heads[0], b"3"),
        (b"", b"4"),
    ]
    whole = [b"".join(document) if isinstance(document, tuple) else document for document in documents]
    deler = store.put_segment(documents, RING)
    assert [(d.storrelse, d.sha256) for d in deler] == [(len(w), hashlib.sha256(w).digest()) for w in whole]
    assert [store.read_segment_part(d.objekt, d.fra, d.lengde, d.nokkel, RING) for d in deler] == whole


def alike(store) -> list[Segmentdel]:
    """Letters with one beginning, as those of one plan."""
    return store.put_segment([(BEGINNING, b"kari"), (BEGINNING, b"ola"), (BEGINNING, b"li")], RING)


def read(store, piece: Segmentdel, ring: KeyRing = RING) -> bytes:
    return store.read_segment_part(piece.objekt, piece.fra, piece.lengde, piece.nokkel, ring)


def test_what_documents_begin_with_lies_in_their_object_once(store):
    first, *_, last = alike(store)
    assert first.fra > len(BEGINNING)
    assert last.fra + last.lengde < len(BEGINNING) + 200
    assert last.storrelse == len(BEGINNING) + len(b"li")


def test_a_document_with_a_shared_beginning_is_read_after_its_key_was_wrapped_anew(store):
    piece = alike(store)[1]
    newer = KeyRing([("2028", b"\x03" * 32), *RING_KEYS])
    again = replace(piece, nokkel=newer.rewrap(piece.nokkel))
    assert again.nokkel != piece.nokkel
    assert read(store, again, KeyRing([("2028", b"\x03" * 32)])) == BEGINNING + b"ola"


def test_a_document_that_is_gone_is_gone_though_its_beginning_was_read_before(store):
    one, other, _ = alike(store)
    read(store, one)
    store.delete(one.objekt)
    with pytest.raises(IkkeFunnet, match="DOKUMENT_BORTE"):
        read(store, other)


def test_a_beginning_that_was_changed_is_refused(tmp_path):
    store = open_store(f"file://{tmp_path}")
    piece = alike(store)[0]
    path = tmp_path / piece.objekt
    data = bytearray(path.read_bytes())
    data[len(BEGINNING) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(DokumentOdelagt, match="DOKUMENT_ODELAGT"):
        read(store, piece)


@pytest.mark.parametrize("sealed", [b"k" * 31, b"k" * 33, b"k" * 75, b"k" * 77])
def test_what_is_no_key_of_a_document_is_refused(store, sealed: bytes):
    piece = replace(alike(store)[0], nokkel=RING.wrap(sealed))
    with pytest.raises(DokumentOdelagt, match="NOKKEL_ODELAGT"):
        read(store, piece)


def test_a_segment_larger_than_one_part_comes_back(store):
    documents = [os.urandom(40_000) for _ in range(250)]
    deler = store.put_segment(documents, RING)
    for number in (0, 137, 249):
        found = deler[number]
        assert (
            store.read_segment_part(found.objekt, found.fra, found.lengde, found.nokkel, RING)
            == documents[number]
        )


def test_a_part_read_from_the_wrong_place_or_with_the_wrong_key_is_refused(store):
    first, second = store.put_segment([b"first", b"other"], RING)
    for fra, lengde, nokkel in [
        (second.fra, first.lengde, first.nokkel),
        (first.fra, first.lengde, second.nokkel),
        (first.fra, first.lengde - 1, first.nokkel),
        (second.fra, second.lengde + 10, second.nokkel),
    ]:
        with pytest.raises(DokumentOdelagt):
            store.read_segment_part(first.objekt, fra, lengde, nokkel, RING)


def test_an_empty_segment_is_no_object(store):
    assert store.put_segment([], RING) == []


def failing(size: int) -> Iterator[bytes]:
    yield from pieces(size)
    raise Interrupted


@pytest.mark.parametrize("size", [10, 3 * PART])
def test_a_file_whose_upload_breaks_off_is_never_seen(tmp_path, size):
    store = open_store(f"file://{tmp_path}/objekter")
    with pytest.raises(Interrupted):
        store.put_document(failing(size), RING)
    assert [place for place in tmp_path.rglob("*") if place.is_file()] == []


@pytest.mark.parametrize("size", [10, 3 * PART])
def test_an_s3_upload_that_breaks_off_leaves_neither_object_nor_parts(bucket, size):
    before = bucket.names()
    with pytest.raises(Interrupted):
        open_store(bucket.url).put_document(failing(size), RING)
    assert bucket.names() == before
    assert bucket.unfinished() == []


def test_a_large_file_is_not_visible_before_it_is_whole(tmp_path):
    store = open_store(f"file://{tmp_path}/objekter")
    visible: list[list[str]] = []

    def watching() -> Iterator[bytes]:
        for piece in pieces(3 * PART):
            visible.append(
                [place.name for place in tmp_path.rglob("*") if re.fullmatch("[0-9a-f]{32}", place.name)]
            )
            yield piece

    stored = store.put_document(watching(), RING)
    assert not any(visible)
    assert (tmp_path / "objekter" / stored.objekt).is_file()


def test_nothing_readable_reaches_the_disk(tmp_path):
    store = open_store(f"file://{tmp_path}/objekter")
    store.put_document([b"SKATTESEDDEL"], RING)
    store.put_segment([b"SKATTESEDDEL"], RING)
    files = [place for place in tmp_path.rglob("*") if place.is_file()]
    assert len(files) == 2
    assert not any(b"SKATTESEDDEL" in place.read_bytes() for place in files)


@pytest.mark.parametrize(
    "damage", [lambda raw: raw[:-1], lambda raw: raw + b"x", lambda raw: raw[: PART + 100]]
)
def test_a_file_changed_on_disk_is_found_out(tmp_path, damage: Callable[[bytes], bytes]):
    store = open_store(f"file://{tmp_path}/objekter")
    stored = store.put_document(pieces(PART + 100_000), RING)
    place = tmp_path / "objekter" / stored.objekt
    place.write_bytes(damage(place.read_bytes()))
    with pytest.raises(DokumentOdelagt):
        content(store, stored)


def overwrite(store: Store, objekt: str, data: bytes) -> None:
    """Whoever looks after the disks does this, or a copying that was broken off."""
    obstore.put(store._engine, objekt, data, use_multipart=False)


def test_an_object_that_was_cut_to_nothing_is_a_damaged_document(store: Store) -> None:
    stored = store.put_document([b"x" * 100], RING)
    overwrite(store, stored.objekt, b"")
    with pytest.raises(DokumentOdelagt, match="DOKUMENT_ODELAGT"):
        content(store, stored)


def test_a_segment_that_was_cut_before_a_document_of_it_is_damaged_from_there(store: Store) -> None:
    first, *rest = store.put_segment([b"a" * 100, b"b" * 100, b"c" * 100], RING)
    sealed = bytes(obstore.get(store._engine, first.objekt).bytes())
    overwrite(store, first.objekt, sealed[: rest[0].fra + 10])
    assert read(store, first) == b"a" * 100
    for part in rest:
        with pytest.raises(DokumentOdelagt, match="DOKUMENT_ODELAGT"):
            read(store, part)


def test_a_document_that_is_cut_while_it_is_read_is_damaged(store: Store) -> None:
    stored = store.put_document(pieces(2 * PART), RING)
    with pytest.raises(DokumentOdelagt, match="DOKUMENT_ODELAGT"):
        for _ in store.read_document(stored.objekt, stored.nokkel, RING):
            overwrite(store, stored.objekt, b"x" * PART)


def test_s3_objects_lie_under_the_prefix(bucket):
    stored = open_store(bucket.url).put_document([b"x"], RING)
    assert f"fiks/prod/{stored.objekt}" in bucket.names()


def test_a_bucket_that_is_not_there_is_a_failing_store(bucket):
    with pytest.raises(LagerUtilgjengelig):
        open_store(bucket.url.replace(BUCKET, "finnes-ikke")).put_document([b"x"], RING)


def test_a_store_that_does_not_answer_is_not_a_missing_document(bucket):
    stored = open_store(bucket.url).put_document([b"x"], RING)
    elsewhere = open_store("s3://dokumenter?endpoint=http://127.0.0.1:1")
    for use in (
        lambda: elsewhere.put_document([b"x"], RING),
        lambda: elsewhere.read_document(stored.objekt, stored.nokkel, RING),
        lambda: elsewhere.delete(stored.objekt),
    ):
        with pytest.raises(LagerUtilgjengelig):
            use()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/var/objekter",
        "ftp://x/y",
        "file://",
        "file://host/x",
        "s3://",
        "s3:///x",
        "s3://b?endpont=http://secret",
    ],
)
def test_an_unusable_url_is_refused_without_being_repeated(url):
    with pytest.raises(ValueError, match="object store|S3 options") as caught:
        open_store(url)
    assert "secret" not in str(caught.value)


def test_a_store_used_before_a_fork_is_refused_after_it_rather_than_hanging(tmp_path):
    store = open_store(f"file://{tmp_path}/objekter")
    store.put_document([b"x"], RING)
    child = os.fork()
    if child == 0:
        signal.alarm(10)
        try:
            store.put_document([b"x"], RING)
        except RuntimeError:
            os._exit(7)
        os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 7


MEMORY_PROBE = """
import resource, sys
from fiks.core.crypto.encryption import KeyRing
from fiks.core.storage.store import open_store

ring, store = KeyRing([("1", bytes(32))]), open_store("file://" + sys.argv[1])
piece = bytes(1 << 20)
store.put_document([piece] * 20, ring)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
stored = store.put_document((piece for _ in range(int(sys.argv[2]))), ring)
size = sum(map(len, store.read_document(stored.objekt, stored.nokkel, ring)))
assert size == stored.storrelse
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize("megabytes", [200, pytest.param(5 * 1024, marks=pytest.mark.full)])
def test_a_large_document_passes_with_flat_memory(tmp_path, megabytes):
    probe = subprocess.run(
        [sys.executable, "-c", MEMORY_PROBE, str(tmp_path), str(megabytes)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(probe.stdout) < 64


def test_objects_are_listed_by_the_day_they_were_made_on(store):
    made = [store.put_document([b"en"], RING).objekt, store.put_segment([b"to", b"tre"], RING)[0].objekt]
    [day] = {name.rsplit("/", 1)[0] for name in made}
    assert store.days() == [day]
    listed = list(store.made_on(day))
    assert set(made) <= {one.navn for one in listed}
    assert all(one.endret.tzinfo is not None for one in listed)
    assert list(store.made_on("1999/01/01")) == []


def test_many_objects_are_deleted_at_once_though_some_are_gone_already(store):
    made = [store.put_document([b"en"], RING) for _ in range(3)]
    store.delete(made[1].objekt)
    store.delete_all([one.objekt for one in made])
    for one in made:
        with pytest.raises(IkkeFunnet):
            store.read_document(one.objekt, one.nokkel, RING)


UPLOAD = """
import sys, time
from fiks.core.crypto.encryption import KeyRing
from fiks.core.storage.store import open_store

def chunks():
    yield bytes(30 << 20)
    print("begun", flush=True)
    time.sleep(60)

open_store(sys.argv[1]).put_document(chunks(), KeyRing([("a", bytes(32))]))
"""


def test_what_a_killed_upload_left_in_a_folder_is_found_and_removed(tmp_path: Path) -> None:
    url = f"file://{tmp_path}"
    dying = subprocess.Popen([sys.executable, "-c", UPLOAD, url], stdout=subprocess.PIPE)
    assert dying.stdout is not None
    dying.stdout.readline()
    for _ in range(500):
        if any(tmp_path.rglob("*#1")):
            break
        time.sleep(0.02)
    dying.kill()
    dying.communicate()
    store = open_store(url)
    [day] = store.days()
    assert list(store.made_on(day)) == []
    [left] = store.cut_off_on(day)
    assert (tmp_path / left.navn).is_file()
    assert left.endret.tzinfo is not None
    store.delete_cut_off([left.navn])
    assert list(store.cut_off_on(day)) == [] and not any(path.is_file() for path in tmp_path.rglob("*"))
    store.delete_cut_off([left.navn])


def test_what_lies_in_a_folder_under_other_names_was_left_by_no_upload(tmp_path: Path) -> None:
    store = open_store(f"file://{tmp_path}")
    day, name = store.put_document([b"x"], RING).objekt.rsplit("/", 1)
    for other in ("notat#1", f"{name}.txt", f"{name}#", "#1"):
        (tmp_path / day / other).write_bytes(b"x")
    assert list(store.cut_off_on(day)) == []


def test_a_bucket_tells_of_no_uploads_that_were_killed(bucket: Bucket) -> None:
    store = open_store(bucket.url)
    store.put_document([b"x"], RING)
    assert [one for day in store.days() for one in store.cut_off_on(day)] == []

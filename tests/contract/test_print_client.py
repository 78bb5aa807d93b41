"""The print client against a print house over real SFTP: whole orders, each once, receipts by cursor."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from errno import EIO
from pathlib import Path
from tempfile import SpooledTemporaryFile
from types import SimpleNamespace
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import paramiko
import pikepdf
import pytest

from config.settings import QUARANTINE_SECONDS, Settings
from fiks.core.errors import Avvist, ProvIgjen, Uavklart
from fiks.print.handover import client as print_client
from fiks.print.handover.client import LONGEST_SECONDS, TIMEOUT_SECONDS, PrintClient
from fiks.print.handover.deliver import Hus
from fiks.print.rules import Pakkefil, Printordre, Printpakke
from testmiljo.printhouse import PrintHouse
from workers.channels import open_houses


def letter(pages: int = 2, padding: int = 0) -> bytes:
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page(page_size=(595, 842))
        document.Root.Padding = pikepdf.Stream(document, bytes(range(256)) * (padding // 256))
        out = io.BytesIO()
        document.save(out, compress_streams=False)
    return out.getvalue()


LETTER = letter()


@dataclass(frozen=True, repr=False)
class Single(Printpakke):
    """A package of one order, which has the package's name."""

    pdf: bytes = b""

    @property
    def referanse(self) -> str:
        return self.navn


def order(**changes: Any) -> Single:
    pdf: bytes = changes.pop("pdf", LETTER)
    whole = {name: changes.pop(name) for name in ("tosidig", "farger") if name in changes}
    facts: dict[str, Any] = {"sider": 2, "giroark": (), "konteringskode": None, "sone": "NORGE"}
    navn = str(uuid4())
    digest = hashlib.sha256(pdf).hexdigest()
    entry = Printordre(referanse=navn, forsendelse_id=str(uuid4()), sha256=digest, **facts | changes)
    fil = Pakkefil(digest, entry.sider, lambda: iter([pdf]))
    return Single(navn, ordrer=(entry,), filer=(fil,), pdf=pdf, **{"tosidig": True, "farger": False} | whole)


@pytest.fixture(scope="module")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys made once: a new RSA key for each test would cost more than the test."""
    folder = tmp_path_factory.mktemp("keys")
    PrintHouse(folder / "folder", folder / "store.sqlite")
    return folder


@pytest.fixture
def house(tmp_path: Path, key_folder: Path) -> Iterator[PrintHouse]:
    for kind in ("key.pem", "crt.pem", "host.pem"):
        (tmp_path / f"store.{kind}").write_bytes((key_folder / f"store.{kind}").read_bytes())
    house = PrintHouse(tmp_path / "folder", tmp_path / "store.sqlite").start()
    yield house
    house.stop()


@pytest.fixture
def client(house: PrintHouse) -> Iterator[PrintClient]:
    client = PrintClient(house.url, certificate=house.certificate_path.read_bytes(), timeout=10)
    yield client
    client.close()


def in_folder(house: PrintHouse) -> list[str]:
    return sorted(path.name for path in (house.folder / "ordre").iterdir())


def references(house: PrintHouse) -> list[str]:
    return [entry["referanse"] for entry in house.log()]


def send_again(client: PrintClient, sent: Single) -> str:
    """What a worker does after an unknown outcome: look it up, and send only when it is nowhere."""
    return client.lookup(sent.referanse) or client.send(sent)


def test_an_order_arrives_whole_encrypted_and_with_its_options(
    house: PrintHouse, client: PrintClient
) -> None:
    sent = order(giroark=(1,), konteringskode="ESK", farger=True, sone="EUROPA")
    assert client.send(sent) == f"{sent.referanse}.zip"
    house.wait_for(1)
    (entry,) = house.log()
    assert (entry["referanse"], entry["sha256"]) == (sent.referanse, hashlib.sha256(LETTER).hexdigest())
    assert (entry["sider"], entry["ark"], entry["feil"]) == (2, 1, None)
    manifest = entry["manifest"]
    assert (manifest["giroark"], manifest["konteringskode"], manifest["farger"]) == ([1], "ESK", True)
    assert (manifest["kryptering"], manifest["sone"]) == ("CMS", "EUROPA")
    assert house.letter(sent.referanse) == LETTER


def test_on_the_print_houses_disk_the_letter_is_unreadable(house: PrintHouse, client: PrintClient) -> None:
    house.switches.pick_up = False
    sent = order()
    client.send(sent)
    assert b"%PDF" not in (house.folder / "ordre" / f"{sent.referanse}.zip").read_bytes()


def test_without_a_certificate_the_letter_goes_in_clear_and_the_manifest_says_so(house: PrintHouse) -> None:
    sent = order()
    PrintClient(house.url).send(sent)
    house.wait_for(1)
    assert house.log()[0]["manifest"]["kryptering"] == "INGEN"
    assert house.letter(sent.referanse) == LETTER


def test_a_large_letter_arrives_byte_for_byte(house: PrintHouse, client: PrintClient) -> None:
    sent = order(pdf=letter(padding=12_000_000))
    client.send(sent)
    house.wait_for(1)
    assert house.letter(sent.referanse) == sent.pdf


def test_sending_again_before_pick_up_is_a_success_and_leaves_one_file(
    house: PrintHouse, client: PrintClient
) -> None:
    house.switches.pick_up = False
    sent = order()
    assert client.send(sent) == client.send(sent)
    assert in_folder(house) == [f"{sent.referanse}.zip"]


def test_sending_again_after_pick_up_is_a_success_and_prints_nothing_more(
    house: PrintHouse, client: PrintClient
) -> None:
    sent = order()
    client.send(sent)
    house.wait_for(1)
    client.send(sent)
    wait_until(lambda: bool(house.repeated()))
    assert references(house) == [sent.referanse]
    assert [entry["referanse"] for entry in house.repeated()] == [sent.referanse]


def test_an_order_is_found_while_it_waits_and_after_it_was_taken_over(
    house: PrintHouse, client: PrintClient
) -> None:
    house.switches.pick_up = False
    sent = order()
    assert client.lookup(sent.referanse) is None
    reference = client.send(sent)
    assert client.lookup(sent.referanse) == reference
    house.switches.pick_up = True
    house.wait_for(1)
    assert in_folder(house) == []
    assert client.lookup(sent.referanse) == reference


def test_many_are_looked_up_in_one_reading(house: PrintHouse, client: PrintClient) -> None:
    sent = [order() for _ in range(3)]
    for one in sent:
        client.send(one)
    house.wait_for(3)
    missing = str(uuid4())
    found = client.lookup_many([*(one.referanse for one in sent), missing])
    assert found == {one.referanse: f"{one.referanse}.zip" for one in sent}


def test_what_waits_is_told_of_with_its_orders_until_it_is_taken_over(
    house: PrintHouse, client: PrintClient
) -> None:
    house.switches.pick_up = False
    sent = [order(), order()]
    for one in sent:
        client.send(one)
    half_sent = house.folder / "ordre" / f"{uuid4()}.zip.0a1b2c3d.tmp"
    half_sent.write_bytes(b"half")
    waiting = sorted(one.referanse for one in sent)
    assert sorted(client.waiting()) == waiting
    assert [client.orders_in(navn) for navn in waiting] == [[navn] for navn in waiting]
    house.switches.pick_up = True
    house.wait_for(2)
    assert (client.waiting(), client.orders_in(waiting[0])) == ([], [])


def test_the_list_is_opened_once_however_many_are_looked_up(
    house: PrintHouse, client: PrintClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    (house.folder / "mottatt.jsonl").write_text(json.dumps({"referanse": "r", "pakke": "annen"}) + "\n")
    opened: list[str] = []
    really = paramiko.SFTPClient.open

    def noted(sftp: paramiko.SFTPClient, filename: str, mode: str = "r") -> paramiko.SFTPFile:
        opened.append(filename)
        return really(sftp, filename, mode)

    monkeypatch.setattr(paramiko.SFTPClient, "open", noted)
    assert client.lookup_many([str(uuid4()) for _ in range(30)]) == {}
    assert len(opened) == 1


@pytest.mark.parametrize(
    "manifest", [None, "no json", "[]", '{"ordrer": [{}]}', '{"ordrer": [{"referanse": "not an id"}]}']
)
def test_a_package_that_cannot_be_read_is_not_taken_for_an_empty_one(
    house: PrintHouse, client: PrintClient, manifest: str | None
) -> None:
    house.switches.pick_up = False
    path = house.folder / "ordre" / "ukjent.zip"
    path.write_bytes(b"no zip")
    if manifest is not None:
        with ZipFile(path, "w") as package:
            package.writestr("manifest.json", manifest)
    assert client.waiting() == ["ukjent"]
    with pytest.raises(ProvIgjen) as caught:
        client.orders_in("ukjent")
    assert caught.value.kode == "PRINTHUS_PAKKE_ULESELIG"


def test_the_list_may_be_long_and_hold_a_line_that_is_cut_off(house: PrintHouse, client: PrintClient) -> None:
    wanted = str(uuid4())
    with open(house.folder / "mottatt.jsonl", "a") as listed:
        listed.writelines(
            json.dumps({"referanse": str(uuid4()), "sha256": "0" * 64, "tid": ""}) + "\n"
            for _ in range(20_000)
        )
        listed.write("not json\n")
        listed.write(json.dumps({"referanse": str(uuid4()), "pakke": wanted}) + "\n")
        listed.write('{"referanse": "cut o')
    assert client.lookup(wanted) == f"{wanted}.zip"
    assert client.lookup(str(uuid4())) is None


ESCAPED = "".join(f"\\u{ord(sign):04x}" for sign in "pakke")


@pytest.mark.parametrize(
    "line",
    [
        '{{"referanse": "r", "pakke": "{0}"}}',
        '{{"pakke":"{0}","referanse":"r"}}\r',
        ' {{ "pakke" :\t"{0}" , "referanse" : "r" }} ',
        '{{"referanse": "r", "pakke": "annen", "pakke": "{0}"}}',
        '{{"merknad": "\\"pakke\\"", "pakke": "{0}", "referanse": "r"}}',
        '{{"referanse": "r", "pakke": "{1}"}}',
        f'{{{{"referanse": "r", "{ESCAPED}": "{{0}}"}}}}',
    ],
)
def test_a_package_is_found_however_its_line_is_written(
    house: PrintHouse, client: PrintClient, line: str
) -> None:
    """A line that was passed over would have the package printed again."""
    wanted = str(uuid4())
    escaped = wanted.replace("-", "\\u002d")
    with open(house.folder / "mottatt.jsonl", "w", newline="") as listed:
        listed.write(line.format(wanted, escaped) + "\n")
    assert client.lookup(wanted) == f"{wanted}.zip"


def test_a_package_is_found_in_a_line_of_another_encoding(house: PrintHouse, client: PrintClient) -> None:
    wanted = str(uuid4())
    line = json.dumps({"referanse": "r", "pakke": wanted}).encode("utf-16-le")
    (house.folder / "mottatt.jsonl").write_bytes(line + b"\n")
    assert client.lookup(wanted) == f"{wanted}.zip"


@pytest.mark.parametrize(
    "line", ['{{"pakke": "annen", "referanse": "{0}"}}', '{{"pakke": "{0} ", "referanse": "r"}}', "[{0}]"]
)
def test_a_line_that_has_the_name_elsewhere_is_not_of_the_package(
    house: PrintHouse, client: PrintClient, line: str
) -> None:
    wanted = str(uuid4())
    (house.folder / "mottatt.jsonl").write_text(line.format(wanted) + "\n")
    assert client.lookup(wanted) is None


def test_lines_that_are_of_none_of_the_packages_are_not_taken_apart(
    house: PrintHouse, client: PrintClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is most of what it costs to look through years of them."""
    wanted, lines = str(uuid4()), [str(uuid4()) for _ in range(1_000)]
    with open(house.folder / "mottatt.jsonl", "w") as listed:
        listed.writelines(json.dumps({"referanse": one, "pakke": one}) + "\n" for one in [*lines, wanted])
    read: list[bytes] = []

    def loads(line: bytes) -> Any:
        read.append(line)
        return json.loads(line)

    monkeypatch.setattr(print_client, "json", SimpleNamespace(loads=loads))
    assert client.lookup_many([wanted]) == {wanted: f"{wanted}.zip"}
    assert len(read) == 1


def test_an_order_that_can_never_be_printed_is_refused_before_any_call(
    house: PrintHouse, client: PrintClient
) -> None:
    with pytest.raises(Avvist) as caught:
        client.send(order(giroark=(9,)))
    assert caught.value.kode == "PRINT_GIROARK_FINNES_IKKE"
    assert in_folder(house) == []


def test_a_print_house_that_is_down_means_try_again(house: PrintHouse, client: PrintClient) -> None:
    client.send(order())
    house.wait_for(1)
    house.stop()
    for call in (
        lambda: client.send(order()),
        lambda: client.lookup(str(uuid4())),
        lambda: client.receipts(None, 5),
    ):
        with pytest.raises(ProvIgjen):
            call()


def test_a_house_that_knows_a_key_is_logged_in_to_by_that_key_alone(tmp_path: Path, key_folder: Path) -> None:
    for kind in ("key.pem", "crt.pem", "host.pem"):
        (tmp_path / f"store.{kind}").write_bytes((key_folder / f"store.{kind}").read_bytes())
    known, strange = tmp_path / "kjent", tmp_path / "fremmed"
    for path in (known, strange):
        paramiko.ECDSAKey.generate().write_private_key_file(str(path))
    door = {"login_key": paramiko.PKey.from_path(known)}
    house = PrintHouse(tmp_path / "folder", tmp_path / "store.sqlite", **door).start()
    try:
        sent = order()
        assert PrintClient(house.url, key=known).send(sent) == f"{sent.referanse}.zip"
        guesses = (
            PrintClient(house.url, key=strange),
            PrintClient(house.url.replace("fiks@", "fiks:gjett@")),
        )
        for client in guesses:
            with pytest.raises(ProvIgjen, match="PRINTHUS_INNLOGGING"):
                client.send(order())
    finally:
        house.stop()


def test_the_client_reconnects_by_itself_when_the_print_house_is_back(
    house: PrintHouse, client: PrintClient
) -> None:
    client.send(order())
    house.stop()
    house.start()
    client.send(order())
    house.wait_for(2)
    assert len(references(house)) == 2


def test_a_wrong_password_means_try_again_and_is_not_the_letters_fault(house: PrintHouse) -> None:
    url = house.url.replace("sftp://fiks:", "sftp://fiks:x")
    with pytest.raises(ProvIgjen) as caught:
        PrintClient(url).send(order())
    assert (caught.value.kode, caught.value.throttled) == ("PRINTHUS_INNLOGGING", True)


def test_another_host_key_gets_neither_password_nor_letter(house: PrintHouse) -> None:
    url = house.url.partition("?")[0] + "?hostkey=SHA256:" + "A" * 43
    with pytest.raises(ProvIgjen) as caught:
        PrintClient(url).send(order())
    assert caught.value.kode == "PRINTHUS_UKJENT_NOKKEL"
    assert in_folder(house) == []


def test_a_break_before_the_rename_is_unknown_and_the_look_up_finds_nothing(
    house: PrintHouse, client: PrintClient
) -> None:
    sent = order()
    house.switches.disconnect_before_rename = 1
    with pytest.raises(Uavklart):
        client.send(sent)
    assert client.lookup(sent.referanse) is None
    client.send(sent)
    house.wait_for(1)
    assert references(house) == [sent.referanse]


@pytest.mark.parametrize("warm", [False, True])
def test_a_break_in_the_middle_of_the_upload_leaves_no_order(
    house: PrintHouse, client: PrintClient, warm: bool
) -> None:
    if warm:
        client.lookup(str(uuid4()))
    sent = order(pdf=letter(padding=300_000))
    house.switches.disconnect_half = 2
    with pytest.raises(ProvIgjen):
        client.send(sent)
        client.send(sent)
    assert not [name for name in in_folder(house) if name.endswith(".zip")]
    assert client.lookup(sent.referanse) is None
    house.switches.disconnect_half = 0
    client.send(sent)
    house.wait_for(1)
    assert [(entry["referanse"], entry["feil"]) for entry in house.log()] == [(sent.referanse, None)]


def test_a_break_after_the_rename_is_unknown_and_the_look_up_decides(
    house: PrintHouse, client: PrintClient
) -> None:
    sent = order()
    house.switches.disconnect_after_rename = 1
    with pytest.raises(Uavklart):
        client.send(sent)
    assert send_again(client, sent) == f"{sent.referanse}.zip"
    house.wait_for(1)
    assert references(house) == [sent.referanse]
    assert house.repeated() == []


class Watch:
    """A clock that moves only when something is said to take time."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def passing(self, seconds: float, content: bytes = LETTER) -> Iterator[bytes]:
        """What takes so long to read."""
        self.now += seconds
        yield content


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    made = Watch()
    monkeypatch.setattr(print_client, "time", made)
    return made


def opened(house: PrintHouse, quarantine: int) -> Hus:
    """The house as workers open it, with such a quarantine."""
    environ = {"FIKS_ENV": "test", "PRINT_SFTP_URL": house.url, "KARANTENE_SEKUNDER": str(quarantine)}
    return open_houses(Settings.from_env(environ))["GRAFISK_DIGITAL"]


QUARANTINES = [(QUARANTINE_SECONDS, LONGEST_SECONDS), (2 * QUARANTINE_SECONDS, LONGEST_SECONDS), (200, 100)]
"""How long a package may be under way to the house, in seconds, by how long the quarantine is."""


@pytest.mark.parametrize(("quarantine", "seconds"), QUARANTINES)
def test_a_package_may_take_ten_minutes_or_half_the_quarantine_to_be_uploaded(
    house: PrintHouse, watch: Watch, monkeypatch: pytest.MonkeyPatch, quarantine: int, seconds: float
) -> None:
    client, read, lasts = opened(house, quarantine), print_client.read_piece, [seconds - 1.0]

    def slow(package: Any) -> bytes:
        """The first piece takes the whole time. (A line so slow cannot be had in a test.)"""
        watch.now += lasts.pop() if lasts else 0.0
        return read(package)

    monkeypatch.setattr(print_client, "read_piece", slow)
    sent = order()
    client.send(sent)
    house.wait_for(1)
    lasts.append(seconds + 1.0)
    with pytest.raises(ProvIgjen, match="PRINTHUS_FOR_TREG"):
        client.send(order())
    assert in_folder(house) == []
    assert references(house) == [sent.referanse]


def test_a_call_too_slow_for_its_quarantine_never_asks_for_the_rename(
    house: PrintHouse, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even when all has been uploaded."""
    read = print_client.read_piece

    def slow_at_the_end(package: Any) -> bytes:
        piece = read(package)
        watch.now += 0.0 if piece else 11.0
        return piece

    monkeypatch.setattr(print_client, "read_piece", slow_at_the_end)
    with pytest.raises(ProvIgjen, match="PRINTHUS_FOR_TREG"):
        PrintClient(house.url, longest=10.0).send(order())
    assert in_folder(house) == []


@pytest.mark.parametrize(("quarantine", "seconds"), QUARANTINES)
def test_the_time_it_takes_to_make_the_package_is_counted_and_is_no_fault_of_the_house(
    house: PrintHouse, watch: Watch, quarantine: int, seconds: float
) -> None:
    slow = order()
    fil = Pakkefil(slow.filer[0].sha256, 2, lambda: watch.passing(seconds + 1.0))
    with pytest.raises(ProvIgjen) as caught:
        opened(house, quarantine).send(replace(slow, filer=(fil,)))
    assert (caught.value.kode, caught.value.throttled) == ("PAKKE_KUNNE_IKKE_LAGES", True)
    assert in_folder(house) == []


def test_what_may_be_waited_for_when_the_time_is_out_is_over_before_the_quarantine_of_production_is() -> None:
    """A piece and its file's end, a new session in four steps, a file there, and that it is removed."""
    assert LONGEST_SECONDS + 8 * TIMEOUT_SECONDS < QUARANTINE_SECONDS


def connections() -> set[threading.Thread]:
    return {one for one in threading.enumerate() if isinstance(one, paramiko.Transport)}


def test_a_thread_that_ends_closes_its_connection(house: PrintHouse, client: PrintClient) -> None:
    """Each end of a connection is a thread of paramiko's. Those of other tests may still wait for the collector."""
    others = connections()
    for _ in range(3):
        with ThreadPoolExecutor(1) as pool:
            pool.submit(client.send, order()).result()
    house.wait_for(3)
    wait_until(lambda: connections() <= others)


def test_a_full_print_house_means_try_again_and_nothing_half_is_left(
    house: PrintHouse, client: PrintClient
) -> None:
    sent = order(pdf=letter(padding=300_000))
    house.switches.full = True
    with pytest.raises(ProvIgjen):
        client.send(sent)
    assert in_folder(house) == []
    house.switches.full = False
    client.send(sent)
    house.wait_for(1)
    assert house.log()[0]["feil"] is None


@pytest.mark.parametrize("method", ["read", "seek", "write"])
def test_a_disk_of_our_own_that_fails_is_no_answer_of_the_house(
    house: PrintHouse, client: PrintClient, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """While the package is made, and while it is read to be sent."""
    client.send(order())

    def fails(*args: object) -> None:
        raise OSError(EIO, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(SpooledTemporaryFile, method, fails)
        with pytest.raises(ProvIgjen) as caught:
            client.send(order())
    assert (caught.value.kode, caught.value.throttled) == ("PAKKE_KUNNE_IKKE_LAGES", True)
    assert not [name for name in in_folder(house) if name.endswith(".tmp")]
    client.send(order())
    house.wait_for(2)


def test_a_folder_that_is_away_is_not_taken_for_one_without_the_package(
    house: PrintHouse, client: PrintClient
) -> None:
    """As when a disk of the house's is not there: two empty look-ups would have the package printed again."""
    house.switches.pick_up = False
    sent = order()
    client.send(sent)
    away = house.folder / "ordre borte"
    (house.folder / "ordre").rename(away)
    for ask in (lambda: client.lookup(sent.referanse), lambda: client.taken_over(print), client.waiting):
        with pytest.raises(ProvIgjen):
            ask()
    away.rename(house.folder / "ordre")
    assert client.lookup(sent.referanse) == f"{sent.referanse}.zip"
    assert client.lookup(str(uuid4())) is None, "a house without a list yet"


def test_a_list_that_was_there_and_has_gone_is_not_taken_for_an_empty_one(
    house: PrintHouse, client: PrintClient
) -> None:
    sent = order()
    client.send(sent)
    house.wait_for(1)
    assert client.lookup(sent.referanse) is not None
    away = house.folder / "liste borte"
    (house.folder / "mottatt.jsonl").rename(away)
    for ask in (lambda: client.lookup(sent.referanse), lambda: client.taken_over(print)):
        with pytest.raises(ProvIgjen, match="PRINTHUS_LISTE_BORTE"):
            ask()
    away.rename(house.folder / "mottatt.jsonl")
    assert client.lookup(sent.referanse) is not None


@pytest.mark.slow
def test_a_stream_of_faults_neither_loses_nor_doubles(house: PrintHouse, client: PrintClient) -> None:
    orders = [order() for _ in range(30)]
    for number, one in enumerate(orders):
        house.switches.disconnect_half = 2 * (number % 5 == 1)
        house.switches.disconnect_after_rename = int(number % 3 == 0)
        for _ in range(4):
            try:
                send_again(client, one)
                break
            except (ProvIgjen, Uavklart):
                continue
    house.switches.disconnect_half = house.switches.disconnect_after_rename = 0
    house.wait_for(30)
    assert sorted(references(house)) == sorted(one.referanse for one in orders)
    assert house.repeated() == []


def test_receipts_follow_the_cursor_in_portions_and_can_be_read_again(
    house: PrintHouse, client: PrintClient
) -> None:
    sent = [order() for _ in range(7)]
    for one in sent:
        client.send(one)
    house.wait_for(7)
    first, cursor = client.receipts(None, 3)
    assert client.receipts(None, 3) == (first, cursor)
    rest, last = client.receipts(cursor, 100)
    assert [receipt.referanse for receipt in first + rest] == references(house)
    assert {receipt.art for receipt in first + rest} == {"PRINTET"}
    assert client.receipts(last, 100) == ([], last)
    one = first[0]
    assert (one.ark, one.vekt_gram) == (1, 12) and one.porto_ore > 0 and one.produksjon_ore > 0
    client.send(order())
    house.wait_for(8)
    assert len(client.receipts(last, 100)[0]) == 1


def test_before_the_first_receipt_there_is_no_cursor(client: PrintClient) -> None:
    assert client.receipts(None, 10) == ([], None)


def test_a_receipt_that_cannot_be_read_does_not_stop_the_others(
    house: PrintHouse, client: PrintClient
) -> None:
    client.send(order())
    house.wait_for(1)
    (house.folder / "kvitteringer" / "000000000002.jsonl").write_text('{"art": "PRINTET"}\n[1]\nrubbish\n')
    client.send(order())
    house.wait_for(2)
    found, cursor = client.receipts(None, 10)
    assert len(found) == 2
    assert client.receipts(cursor, 10) == ([], cursor)


def test_receipts_can_be_late_doubled_and_negative(house: PrintHouse, client: PrintClient) -> None:
    house.switches.delay, house.switches.duplicate_receipts, house.switches.refuse = 0.3, True, True
    sent = order()
    client.send(sent)
    wait_until(lambda: bool(house.log()))
    assert client.receipts(None, 10) == ([], None)
    house.wait_for(1)
    found, _ = client.receipts(None, 10)
    assert [(one.referanse, one.art) for one in found] == [(sent.referanse, "FEILET")] * 2
    assert found[0].melding


def test_a_letter_with_another_page_count_than_ordered_is_answered_as_failed(
    house: PrintHouse, client: PrintClient
) -> None:
    client.send(order(sider=4))
    house.wait_for(1)
    (found,), _ = client.receipts(None, 10)
    assert found.art == "FEILET" and "sider" in str(found.melding)


def test_the_print_houses_books_survive_its_restart(house: PrintHouse, client: PrintClient) -> None:
    sent = order()
    client.send(sent)
    house.wait_for(1)
    house.stop()
    again = PrintHouse(house.folder, house.folder.parent / "store.sqlite", house.port).start()
    try:
        assert again.url == house.url
        assert references(again) == [sent.referanse]
        client.send(sent)
        wait_until(lambda: bool(again.repeated()))
        assert references(again) == [sent.referanse]
    finally:
        again.stop()


def test_threads_share_a_client_and_every_order_arrives_once(house: PrintHouse, client: PrintClient) -> None:
    orders = [order() for _ in range(200)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(client.send, orders))
    house.wait_for(200)
    assert sorted(references(house)) == sorted(one.referanse for one in orders)


def wait_until(condition: Callable[[], bool], timeout: float = 60.0) -> None:
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def write_receipt(house: PrintHouse, name: str) -> str:
    """A file of one receipt, as a house writes it; its reference."""
    facts: dict[str, Any] = {
        "art": "PRINTET",
        "tidspunkt": "2026-02-28T12:00:00+00:00",
        "ark": 1,
        "vektGram": 9,
    }
    line = facts | {"referanse": str(uuid4()), "portoOre": 1, "produksjonOre": 1, "melding": None}
    (house.folder / "kvitteringer" / name).write_text(json.dumps(line) + "\n")
    return str(line["referanse"])


@pytest.mark.parametrize("width", [0, 2], ids=["1", "01"])
def test_receipts_are_read_in_the_order_of_their_numbers_however_long_these_become(
    house: PrintHouse, client: PrintClient, width: int
) -> None:
    cursor, read, written = None, list[str](), list[str]()
    for number in (1, 9, 10, 11, 99, 100, 101):
        written.append(write_receipt(house, f"{number:0{width}}.jsonl"))
        found, cursor = client.receipts(cursor, 200)
        read += [receipt.referanse for receipt in found]
    assert (read, cursor) == (written, "101.jsonl:1")
    assert [receipt.referanse for receipt in client.receipts(None, 200)[0]] == written


@dataclass
class Listings:
    """How often a folder has been listed."""

    count: int = 0


@pytest.fixture
def listings(monkeypatch: pytest.MonkeyPatch) -> Listings:
    made, listdir = Listings(), paramiko.SFTPClient.listdir

    def counted(sftp: paramiko.SFTPClient, path: str = ".") -> list[str]:
        made.count += 1
        return listdir(sftp, path)

    monkeypatch.setattr(paramiko.SFTPClient, "listdir", counted)
    return made


def test_where_there_are_years_of_receipts_their_files_are_listed_once_a_minute_when_none_is_new(
    house: PrintHouse, client: PrintClient, watch: Watch, listings: Listings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(print_client, "MANY_FILES", 2)
    old = [write_receipt(house, f"{number}.jsonl") for number in (1, 2, 3)]
    found, cursor = client.receipts(None, 200)
    assert ([receipt.referanse for receipt in found], listings.count) == (old, 1)
    new = write_receipt(house, "4.jsonl")
    for _ in range(30):
        assert client.receipts(cursor, 200) == ([], cursor)
    assert listings.count == 1
    assert len(client.receipts("2.jsonl:1", 200)[0]) == 2, "what was read before can be read again"
    watch.now += print_client.LISTED_EVERY
    assert [receipt.referanse for receipt in client.receipts(cursor, 200)[0]] == [new]


def test_while_there_is_more_to_read_or_the_files_are_few_nothing_is_waited_for(
    house: PrintHouse, client: PrintClient, watch: Watch, listings: Listings, monkeypatch: pytest.MonkeyPatch
) -> None:
    cursor, read = None, list[str]()
    written = [write_receipt(house, f"{number}.jsonl") for number in range(1, 5)]
    for many in (2, 2, 2, 4, 4, 4):
        monkeypatch.setattr(print_client, "MANY_FILES", many)
        found, cursor = client.receipts(cursor, 1)
        read += [receipt.referanse for receipt in found]
    assert (read, listings.count) == (written, 6)


def test_a_file_of_receipts_without_a_number_is_told_of_once(house: PrintHouse, client: PrintClient) -> None:
    counter = print_client.UNREADABLE.labels("kvittering")._value
    before = counter.get()
    write_receipt(house, "februar.jsonl")
    known = write_receipt(house, "7.jsonl")
    for _ in range(2):
        assert [receipt.referanse for receipt in client.receipts(None, 200)[0]] == [known]
    assert counter.get() == before + 1

"""Files of receipts that are read while the print house still writes them, over real SFTP."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

from fiks.print.handover.client import UNREADABLE, PrintClient
from testmiljo import sftp_server
from testmiljo.printhouse import PrintHouse

TORN = 60
"""So many bytes of a line the house has written when the file is read."""


@dataclass
class Reader:
    """Who reads the receipts, as the marker lets them: `read` are the references, in order."""

    client: PrintClient
    folder: Path
    cursor: str | None = None
    read: list[str] = field(default_factory=list)
    before: float = field(default_factory=lambda: UNREADABLE.labels("kvittering")._value.get())

    def write(self, name: str, content: bytes) -> None:
        (self.folder / name).write_bytes(content)

    def look(self) -> list[str]:
        """Read what there is; all that has been read by then."""
        found, self.cursor = self.client.receipts(self.cursor, 200)
        self.read += [receipt.referanse for receipt in found]
        return self.read

    def told(self) -> int:
        """How many lines have been told of as unreadable."""
        return int(UNREADABLE.labels("kvittering")._value.get() - self.before)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrintHouse]:
    folder = tmp_path_factory.mktemp("house")
    house = PrintHouse(folder / "folder", folder / "store.sqlite").start()
    yield house
    house.stop()


@pytest.fixture
def reader(house: PrintHouse) -> Iterator[Reader]:
    folder = house.folder / "kvitteringer"
    for path in folder.iterdir():
        path.unlink()
    client = PrintClient(house.url, timeout=10)
    yield Reader(client, folder)
    client.close()


def receipts(count: int) -> tuple[list[str], list[bytes]]:
    """So many references, and the lines that a house writes of them, without their ends."""
    names = [str(uuid4()) for _ in range(count)]
    facts = {"art": "PRINTET", "tidspunkt": "2026-02-28T12:00:00+00:00", "melding": None}
    took = {"ark": 1, "vektGram": 9, "portoOre": 1, "produksjonOre": 1}
    return names, [json.dumps({"referanse": one} | facts | took).encode() for one in names]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["lf", "crlf"])
def test_a_line_in_hand_is_read_when_it_is_whole_and_each_receipt_once(reader: Reader, end: bytes) -> None:
    names, lines = receipts(3)
    whole = end.join(lines) + end
    reader.write("1.jsonl", lines[0][:TORN])
    assert (reader.look(), reader.cursor) == ([], None)
    reader.write("1.jsonl", lines[0] + end + lines[1][:TORN])
    for _ in range(3):
        assert (reader.look(), reader.cursor) == (names[:1], "1.jsonl:1")
    reader.write("1.jsonl", whole)
    for _ in range(2):
        assert (reader.look(), reader.cursor) == (names, "1.jsonl:3")
    assert reader.told() == 0


def test_a_last_line_that_is_whole_but_for_its_end_is_read_at_once(reader: Reader) -> None:
    names, lines = receipts(2)
    reader.write("1.jsonl", b"\n".join(lines))
    assert reader.look() == names
    reader.write("1.jsonl", b"\n".join(lines) + b"\n")
    assert (reader.look(), reader.cursor, reader.told()) == (names, "1.jsonl:2", 0)


def test_a_line_that_is_never_ended_is_told_of_when_there_is_a_file_after_it(reader: Reader) -> None:
    """The house died over it, and went on in another file: nothing comes of waiting for it."""
    names, lines = receipts(3)
    reader.write("9.jsonl", lines[0] + b"\n" + lines[1][:TORN])
    reader.look()
    assert (reader.look(), reader.told()) == (names[:1], 0)
    reader.write("10.jsonl", lines[2] + b"\n")
    for _ in range(2):
        assert (reader.look(), reader.cursor) == ([names[0], names[2]], "10.jsonl:1")
    assert reader.told() == 1


def test_a_last_line_that_is_whole_and_no_receipt_is_told_of_at_once(reader: Reader) -> None:
    reader.write("1.jsonl", b'{"art": "PRINTET"}')
    assert (reader.look(), reader.cursor, reader.told()) == ([], "1.jsonl:1", 1)


def test_what_failed_or_came_back_is_read_though_the_house_says_nothing_of_sheets(reader: Reader) -> None:
    names = [str(uuid4()), str(uuid4())]
    told = zip(names, ("FEILET", "RETUR"), strict=True)
    facts = {"tidspunkt": "2026-02-28T12:00:00+00:00", "melding": "papirstopp"}
    lines = [json.dumps({"referanse": one, "art": art} | facts).encode() for one, art in told]
    reader.write("1.jsonl", b"\n".join(lines) + b"\n")
    assert (reader.look(), reader.told()) == (names, 0)


def test_a_file_that_gets_its_name_while_the_folder_is_listed_costs_nobody_the_list(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader.write("7.tmp", b"")
    looked_at = sftp_server._listed

    def renamed_meanwhile(entries: Iterator[os.DirEntry[str]]) -> Iterator[object]:
        names_read = list(entries)
        (reader.folder / "7.tmp").unlink(missing_ok=True)
        return looked_at(names_read)

    monkeypatch.setattr(sftp_server, "_listed", renamed_meanwhile)
    assert reader.look() == []
    assert not (reader.folder / "7.tmp").exists()

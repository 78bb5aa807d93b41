"""Loads a kommune's `register.json` into the store without ever holding the whole of it in memory."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from testmiljo.sim.store import Store

CHUNK = 1 << 18
PORTION = 2000
NOT_SPACE = re.compile(r"\S")

Entry = tuple[str, str, Any]


def load_register(store: Store, folder: Path) -> bool:
    """Load `folder`/register.json; False when exactly this file has been loaded before.

    The kommune itself is an organisation like any other, so that citizens' answers find it. A later register wins where
    two know the same person. The synthetic daglig leder of an organisation is chosen once,
    among the bosatt persons of the register it comes from.
    """
    path = folder / "register.json"
    with path.open("rb") as raw:
        fingerprint = hashlib.file_digest(raw, "sha256").hexdigest()
    name = str(folder.resolve())
    known = store.one("SELECT avtrykk FROM register WHERE mappe = ?", name)
    if known is not None and known["avtrykk"] == fingerprint:
        return False
    leaders = _Leaders()
    organisations: list[tuple[str, dict[str, Any]]] = []
    with path.open(encoding="utf-8") as stream:
        entries = read_entries(stream, ("kommune", "personer", "organisasjoner"))
        persons = _persons(entries, leaders, organisations)
        while portion := list(islice(persons, PORTION)):
            with store.write() as connection:
                connection.executemany("INSERT OR REPLACE INTO person VALUES (?, ?, ?, ?)", portion)
    with store.write() as connection:
        connection.executemany(
            "INSERT INTO virksomhet VALUES (?, ?, ?, ?) ON CONFLICT (orgnr) DO UPDATE SET enhet = excluded.enhet,"
            " lesing = excluded.lesing",
            [
                (orgnr, _dump(entry["enhetsregisteret"]), entry["altinn"]["lesing"], leaders.of(orgnr))
                for orgnr, entry in organisations
            ],
        )
        connection.execute("INSERT OR REPLACE INTO register VALUES (?, ?)", (name, fingerprint))
    return True


def _persons(
    entries: Iterable[Entry], leaders: _Leaders, organisations: list[tuple[str, dict[str, Any]]]
) -> Iterator[tuple[str, str, str, str]]:
    own: dict[str, str] = {}
    for part, number, entry in entries:
        if part == "kommune":
            own[number] = entry
        elif part == "organisasjoner":
            organisations.append((number, entry))
        else:
            leaders.consider(number, entry["folkeregister"])
            yield number, _dump(entry["folkeregister"]), _dump(entry["krr"]), entry["altinn"]["lesing"]
    if own:
        organisations.insert(0, _as_unit(own))


def _as_unit(kommune: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """The kommune as Enhetsregisteret knows it. What it gets in Altinn is read in SvarInn or by nobody."""
    address = {name: kommune[name] for name in ("adresselinje1", "postnr", "poststed")}
    unit = {"navn": kommune["navn"], "organisasjonsform": "KOMM", "status": "FUNNET", "slettedato": None}
    return kommune["orgnr"], {
        "enhetsregisteret": unit | {"forretningsadresse": address},
        "altinn": {"lesing": "ALDRI"},
    }


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class _Leaders:
    """Chooses a daglig leder for any organisation, the same one in every run."""

    def __init__(self) -> None:
        self._numbers: list[str] = []

    def consider(self, fnr: str, freg: dict[str, Any]) -> None:
        if freg["status"] == "bosatt" and freg["adressebeskyttelse"] == "ugradert":
            self._numbers.append(fnr)

    def of(self, orgnr: str) -> str | None:
        if not self._numbers:
            return None
        self._numbers.sort()
        digest = hashlib.sha256(orgnr.encode()).digest()
        return self._numbers[int.from_bytes(digest[:8]) % len(self._numbers)]


def read_entries(stream: TextIO, parts: tuple[str, ...]) -> Iterator[Entry]:
    """Yield (part, key, value) of the top-level objects named in `parts`; reads no further than the last of them."""
    left = set(parts)
    reader = _Reader(stream)
    for part in reader.members():
        if part not in left:
            reader.value()
            continue
        for key in reader.members():
            yield part, key, reader.value()
        left.discard(part)
        if not left:
            return


class _Reader:
    """A JSON reader over a sliding piece of text: one value at a time, decoded by the standard library."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._decoder = json.JSONDecoder()
        self._text = ""
        self._at = 0

    def members(self) -> Iterator[str]:
        """Walk an object: yields each key; the caller must take the value before the next key."""
        self._expect("{")
        if self._peek() == "}":
            self._at += 1
            return
        while True:
            key = self.value()
            self._expect(":")
            yield str(key)
            if self._take() == "}":
                return

    def value(self) -> Any:
        """Decode the value that stands here, reading on until it is whole."""
        self._peek()
        size = CHUNK
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                if not self._fill(size):
                    raise
                size *= 2
                continue
            if end < len(self._text) or not self._fill(size):
                self._at = end
                return value

    def _expect(self, char: str) -> None:
        found = self._take()
        if found != char:
            raise ValueError(f"register.json: expected {char!r}, found {found!r}")

    def _take(self) -> str:
        char = self._peek()
        self._at += 1
        return char

    def _peek(self) -> str:
        while True:
            match = NOT_SPACE.search(self._text, self._at)
            if match is not None:
                self._at = match.start()
                return match.group()
            self._at = len(self._text)
            if not self._fill(CHUNK):
                raise ValueError("register.json ends too early")

    def _fill(self, size: int) -> bool:
        more = self._stream.read(size)
        self._text = self._text[self._at :] + more
        self._at = 0
        return bool(more)

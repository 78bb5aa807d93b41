"""Loading a register: piece by piece, without losing or mixing anything."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from testmiljo.sim import register
from testmiljo.sim.register import load_register, read_entries
from testmiljo.sim.store import Store

PART = {"a": {"x": [1, 2.5, {"y": None}]}, "æøå": {"tekst": 'et "sitat", en \\ og }'}, "b": {}}


def person(status: str = "bosatt") -> dict[str, object]:
    freg = {"status": status, "adressebeskyttelse": "ugradert", "navn": {}}
    return {"folkeregister": freg, "krr": {}, "altinn": {"lesing": "ALDRI"}}


def organisation(name: str) -> dict[str, object]:
    return {"enhetsregisteret": {"navn": name, "status": "FUNNET"}, "altinn": {"lesing": "ALDRI"}}


def write(folder: Path, **parts: object) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "register.json").write_text(json.dumps(parts, indent=1, ensure_ascii=False), "utf-8")
    return folder


@pytest.mark.parametrize("chunk", [1, 2, 7, 1000])
@pytest.mark.parametrize("indent", [None, 2])
def test_entries_are_the_same_however_the_file_is_cut(
    monkeypatch: pytest.MonkeyPatch, chunk: int, indent: int | None
) -> None:
    monkeypatch.setattr(register, "CHUNK", chunk)
    text = json.dumps(
        {"n": 12, "en": PART, "tom": {}, "to": PART, "rest": [1]}, indent=indent, ensure_ascii=False
    )
    found = list(read_entries(io.StringIO(text), ("en", "tom", "to")))
    assert found == [(part, key, value) for part in ("en", "to") for key, value in PART.items()]


@pytest.mark.parametrize("text", ['{"en": {"a": ', '{"en": {"a" 1}}', "", '{"en": {"a": 1]'])
def test_a_broken_file_is_an_error_and_not_a_short_register(text: str) -> None:
    with pytest.raises(ValueError):
        list(read_entries(io.StringIO(text), ("en",)))


def test_a_register_is_loaded_once_and_again_only_when_it_has_changed(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    folder = write(tmp_path / "k", personer={"1": person()}, organisasjoner={"9": organisation("A")})
    assert load_register(store, folder)
    assert not load_register(store, folder)
    write(folder, personer={"1": person(), "2": person()}, organisasjoner={"9": organisation("B")})
    assert load_register(store, folder)
    assert set(store.persons(["1", "2", "3"])) == {"1", "2"}
    assert json.loads(store.organisations(["9"])["9"]["enhet"])["navn"] == "B"


def test_the_daglig_leder_is_the_same_in_every_run_and_never_somebody_who_moved_or_died(
    tmp_path: Path,
) -> None:
    persons = {str(n): person("bosatt" if n % 2 else "doed") for n in range(100, 140)}
    units = {str(n): organisation(str(n)) for n in range(900, 930)}
    folder = write(tmp_path / "k", personer=persons, organisasjoner=units)
    leaders = []
    for name in ("a", "b"):
        store = Store(tmp_path / f"{name}.sqlite")
        load_register(store, folder)
        leaders.append({orgnr: row["leder"] for orgnr, row in store.organisations(units).items()})
    assert leaders[0] == leaders[1]
    assert all(int(leader) % 2 for leader in leaders[0].values())
    assert len(set(leaders[0].values())) > 5


def test_a_second_register_keeps_the_leaders_of_the_first(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    load_register(
        store, write(tmp_path / "a", personer={"1": person()}, organisasjoner={"9": organisation("A")})
    )
    load_register(
        store, write(tmp_path / "b", personer={"2": person()}, organisasjoner={"9": organisation("A")})
    )
    assert store.organisations(["9"])["9"]["leder"] == "1"


def test_the_kommune_is_itself_a_unit_unless_its_register_says_otherwise(tmp_path: Path) -> None:
    own = {"orgnr": "8", "navn": "Lillevik", "adresselinje1": "Torget 1", "postnr": "4262", "poststed": "X"}
    store = Store(tmp_path / "s.sqlite")
    load_register(store, write(tmp_path / "a", kommune=own, personer={"1": person()}, organisasjoner={}))
    [row] = store.organisations(["8"]).values()
    told = json.loads(row["enhet"])
    assert (told["navn"], told["status"], told["forretningsadresse"]["adresselinje1"], row["lesing"]) == (
        "Lillevik",
        "FUNNET",
        "Torget 1",
        "ALDRI",
    )
    units = {"8": organisation("Slik den står")}
    load_register(store, write(tmp_path / "b", kommune=own, personer={}, organisasjoner=units))
    assert json.loads(store.organisations(["8"])["8"]["enhet"])["navn"] == "Slik den står"

"""The register of postal codes: what the product has, and how a newer one is made of Bring's file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fiks.utsending.liste import postal_codes, postal_import
from fiks.utsending.liste.postal_codes import Postregister, read_register
from portal.texts import tekst
from portal.texts.formats import dato

DAY = "2099-01-15"


def published(*lines: str, places: dict[str, str] | None = None) -> bytes:
    """Bring's file: all that the product has, or these places, and then these lines."""
    found = postal_codes.postnummer() if places is None else places
    rows = [f"{code}\t{place}\t9901\tLILLEVIK\tG" for code, place in found.items()]
    return "\r\n".join([*rows, *lines, ""]).encode("cp1252")


def test_the_codes_that_came_after_2021_are_known_and_those_that_went_are_still() -> None:
    places = postal_codes.postnummer()
    assert (places["6297"], places["8025"], places["7058"]) == ("SANDØY", "BODØ", "CHARLOTTENLUND")
    assert (places["6484"], places["8680"]) == ("SANDØY", "TROFORS")
    assert all(len(code) == 4 and code.isdecimal() for code in places)


def test_whoever_is_told_that_a_code_is_unknown_is_told_how_old_the_register_is() -> None:
    assert f"Postens register fra {dato(postal_codes.register().dato)}." in tekst("POSTNR_UKJENT")


def test_a_newer_register_is_made_of_brings_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "ansi.txt", tmp_path / "postnummer.tsv"
    source.write_bytes(published("0002\tØVRE NYSTED\t0301\tOSLO\tP"))
    assert postal_import.main([str(source), DAY, str(out)]) == 0
    assert read_register(out) == Postregister(
        date(2099, 1, 15), {**postal_codes.postnummer(), "0002": "ØVRE NYSTED"}
    )
    assert "1 nye, 0 borte, 0 med nytt poststed" in capsys.readouterr().out


def test_one_that_cannot_be_read_is_mended_by_a_newer_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, torn = tmp_path / "ansi.txt", tmp_path / "postnummer.tsv"
    source.write_bytes(published())
    torn.write_text("")
    for module in (postal_codes, postal_import):
        monkeypatch.setattr(module, "REGISTER", torn)
    postal_codes.register.cache_clear()
    assert postal_import.main([str(source), DAY]) == 0
    assert read_register(torn).dato == date(2099, 1, 15)
    assert [path.name for path in tmp_path.glob("postnummer*")] == ["postnummer.tsv"]
    monkeypatch.undo()
    postal_codes.register.cache_clear()


@pytest.mark.parametrize(
    ("content", "day"),
    [
        (published(places={"0001": "OSLO"}), DAY),
        (published("0001\tOSLO\t0301\tOSLO\tP"), DAY),
        (published("0002;OSLO;0301;OSLO;P"), DAY),
        (published("0002\t\t0301\tOSLO\tP"), DAY),
        (published().decode("cp1252").encode(), DAY),
        (published().decode("cp1252").encode("utf-8-sig"), DAY),
        (published(), "2020-01-01"),
        (published(), "15.01.2099"),
    ],
)
def test_what_is_not_the_whole_register_or_an_older_one_is_not_written(
    tmp_path: Path, content: bytes, day: str
) -> None:
    source, out = tmp_path / "ansi.txt", tmp_path / "postnummer.tsv"
    source.write_bytes(content)
    assert postal_import.main([str(source), day, str(out)]) == 1
    assert not out.exists()

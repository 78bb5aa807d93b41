"""What `./run` copies for the browser is there, with its licences, and is never committed."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.assets import FILES, FONTS, VENDOR, copy_assets
from tests.architecture.tree import tracked_files


def test_every_file_has_been_copied() -> None:
    assert [name for name in FILES if not (VENDOR / name).is_file()] == []


def test_every_font_is_a_woff2() -> None:
    assert {(VENDOR / "fonts" / name).read_bytes()[:4] for name in FONTS} == {b"wOF2"}


def test_nothing_copied_is_committed() -> None:
    assert [path for path in tracked_files() if VENDOR in path.parents] == []


def test_a_missing_file_is_named_and_the_old_copy_stays(tmp_path: Path) -> None:
    vendor = tmp_path / "vendor"
    vendor.mkdir()
    (vendor / "old.css").touch()

    with pytest.raises(FileNotFoundError, match="base.css"):
        copy_assets(tmp_path / "node_modules", vendor)

    assert (vendor / "old.css").exists()

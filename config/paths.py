"""Paths of files that come with the installation."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "portal" / "static" / "vendor" / "fonts"

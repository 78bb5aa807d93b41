"""Where files that come with the installation lie."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "portal" / "static" / "vendor" / "fonts"

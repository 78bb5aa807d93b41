"""Texts."""

from __future__ import annotations

TEKSTER: dict[str, str] = {}

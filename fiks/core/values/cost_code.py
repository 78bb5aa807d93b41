"""The cost code (konteringskode) that an invoice is split by (svarut.md 1.2)."""

from __future__ import annotations

import re

KONTERINGSKODE = re.compile(r"[a-zA-Z0-9_\-.øæåØÆÅ]{0,20}")
"""Matches a whole code, also the empty one."""

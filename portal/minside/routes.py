"""Imports every module with routes of Min side, which ties the routes to the blueprint."""

from __future__ import annotations

from portal.edialog import choosing, innsending, skjema, vedlegg
from portal.minside import actor, brev, front, innsyn, logins, pages, post
from portal.minside.blueprint import blueprint

__all__ = [
    "actor",
    "blueprint",
    "brev",
    "logins",
    "innsyn",
    "pages",
    "post",
    "front",
    "innsending",
    "skjema",
    "vedlegg",
    "choosing",
]

"""Every route of Min side, tied to its blueprint by importing the modules."""

from __future__ import annotations

from portal.edialog import innsending, skjema, vedlegg, velg
from portal.minside import aktor, brev, innlogginger, innsyn, post, sider
from portal.minside.blueprint import blueprint

__all__ = [
    "aktor",
    "blueprint",
    "brev",
    "innlogginger",
    "innsyn",
    "post",
    "sider",
    "innsending",
    "skjema",
    "vedlegg",
    "velg",
]

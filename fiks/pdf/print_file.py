"""Input and output of merging a print file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Utskriftsdokument:
    """A PDF to print; `giro_sider` are its pages (from 1) on giro paper."""

    pdf: bytes
    giro_sider: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Utskriftsfil:
    """The merged PDF. `sider` includes blank pages, `ark` is sheets of paper; `starter` and `giro_sider` are
    pages from 1.
    """

    pdf: bytes
    sider: int
    ark: int
    starter: tuple[int, ...]
    giro_sider: tuple[int, ...]

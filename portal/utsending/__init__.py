"""Manuell utsending: the list, the guided job in five steps, approval, release and progress.

Importing the package registers every route on `blueprint`.
"""

from portal.utsending import (
    approval,
    bigpdf,
    bigpdf_letters,
    control,
    discard,
    filelists,
    files,
    letter,
    letters,
    overview,
    progress,
    receivers,
    showing,
    steps,
    summary,
    template,
    typed,
)
from portal.utsending.blueprint import blueprint

__all__ = [
    "approval",
    "bigpdf",
    "bigpdf_letters",
    "blueprint",
    "control",
    "discard",
    "filelists",
    "files",
    "letter",
    "letters",
    "overview",
    "progress",
    "receivers",
    "showing",
    "steps",
    "summary",
    "template",
    "typed",
]

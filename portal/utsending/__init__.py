"""Manuell utsending: the list, the guided job in five steps, approval, release and progress.

Importing the package registers every route on `blueprint`.
"""

from portal.utsending import (
    approval,
    control,
    discard,
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
    "blueprint",
    "control",
    "discard",
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

"""Manuell utsending: the list, the guided job in five steps, approval, release and progress.

Importing the package registers every route on `blueprint`.
"""

from portal.utsending.big_pdf import cut_letters, setup
from portal.utsending.blueprint import blueprint
from portal.utsending.draft import control, facts, letter, manual_receivers, receivers, summary, template
from portal.utsending.files import lists, upload
from portal.utsending.mailing import approval, deletion, letters, overview, preview, progress

__all__ = [
    "approval",
    "setup",
    "cut_letters",
    "blueprint",
    "control",
    "deletion",
    "lists",
    "upload",
    "letter",
    "letters",
    "overview",
    "progress",
    "receivers",
    "preview",
    "facts",
    "summary",
    "template",
    "manual_receivers",
]

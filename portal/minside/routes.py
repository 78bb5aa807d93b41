"""Imports every module with routes of Min side, which ties the routes to the blueprint."""

from __future__ import annotations

from portal.minside import home, information, innsynslogg, letter_download, logins, post, representation
from portal.minside.blueprint import blueprint
from portal.minside.edialog import attachments, form, recipient, submission

__all__ = [
    "representation",
    "blueprint",
    "letter_download",
    "logins",
    "innsynslogg",
    "information",
    "post",
    "home",
    "submission",
    "form",
    "attachments",
    "recipient",
]

"""Machines: an organisation's own integrasjoner, the global ones on offer, and the access of each.

Importing the package registers every route on `blueprint`.
"""

from portal.integrasjoner import access, create_edit, delete, pages, password
from portal.integrasjoner.blueprint import blueprint

__all__ = ["access", "blueprint", "delete", "create_edit", "pages", "password"]

"""The root plane, for operators of the platform: organisations, agreements, global integrasjoner, and Drift.

Nothing here shows what an organisation does. Importing the package registers every route on `blueprint`.
"""

from portal.rot import (
    agreements,
    drift,
    edit_organisation,
    integrations,
    new_organisation,
    organisations,
    persons,
)
from portal.rot.blueprint import blueprint

__all__ = [
    "agreements",
    "blueprint",
    "edit_organisation",
    "drift",
    "integrations",
    "new_organisation",
    "organisations",
    "persons",
]

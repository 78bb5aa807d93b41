"""The root plane, for operators of the platform: organisations, agreements, global integrasjoner, and Drift.

Nothing here shows what an organisation does. Importing the package registers every route on `blueprint`.
"""

from portal.rot import agreements, changing, drift, integrations, making, organisations, persons
from portal.rot.blueprint import blueprint

__all__ = [
    "agreements",
    "blueprint",
    "changing",
    "drift",
    "integrations",
    "making",
    "organisations",
    "persons",
]

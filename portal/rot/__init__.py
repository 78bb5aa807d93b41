"""The root plane, for those who run the platform: organisations, agreements and global integrasjoner, and how it runs.

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

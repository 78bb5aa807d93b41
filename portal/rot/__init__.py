"""The root plane, for those who run the platform: organisations, agreements and global integrasjoner, and how it runs.

Nothing here shows what an organisation does. Importing the package registers every route on `blueprint`.
"""

from portal.rot import agreements, drift, integrations, making, organisations
from portal.rot.blueprint import blueprint

__all__ = ["agreements", "blueprint", "drift", "integrations", "making", "organisations"]

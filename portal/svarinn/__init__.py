"""Mottakersystemer: what each receives, what lets it in, what its letters are encrypted to, and who is warned.

Importing the package registers every route on `blueprint`.
"""

from portal.svarinn import certificate, connections, password, systems
from portal.svarinn.blueprint import blueprint

__all__ = ["blueprint", "certificate", "connections", "password", "systems"]

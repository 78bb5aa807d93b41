"""Mottakersystemer: what each receives, its password and certificate, and who is notified.

Importing the package registers every route on `blueprint`.
"""

from portal.svarinn import certificate, connections, password, systems
from portal.svarinn.blueprint import blueprint

__all__ = ["blueprint", "certificate", "connections", "password", "systems"]

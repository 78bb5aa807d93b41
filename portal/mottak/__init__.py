"""Manuelt mottak: a person receives the letters that no mottakersystem fetches.

Importing the package registers every route on `blueprint`.
"""

from portal.mottak import acts, files, letter, pages, worklist
from portal.mottak.blueprint import blueprint

__all__ = ["acts", "blueprint", "files", "letter", "pages", "worklist"]

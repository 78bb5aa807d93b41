"""Manuelt mottak: a person takes in the letters that a mottakersystem does not fetch.

Importing the package registers every route on `blueprint`.
"""

from portal.mottak import acts, files, letter, pages, worklist
from portal.mottak.blueprint import blueprint

__all__ = ["acts", "blueprint", "files", "letter", "pages", "worklist"]

"""Manuelt mottak: a person receives the letters that no mottakersystem fetches.

Importing the package registers every route on `blueprint`.
"""

from portal.mottak import actions, files, letter, page_images, worklist
from portal.mottak.blueprint import blueprint

__all__ = ["actions", "blueprint", "files", "letter", "page_images", "worklist"]

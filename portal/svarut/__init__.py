"""The sender's pages of SvarUt: the log of letters, and one letter.

Importing the package registers every route on `blueprint`.
"""

from portal.svarut import actions, letter, log
from portal.svarut.blueprint import blueprint

__all__ = ["actions", "blueprint", "letter", "log"]

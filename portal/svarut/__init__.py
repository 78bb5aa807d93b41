"""The sender's pages of SvarUt: the log of letters, and one letter.

Importing the package registers every route on `blueprint`.
"""

from portal.svarut import acts, letter, log
from portal.svarut.blueprint import blueprint

__all__ = ["acts", "blueprint", "letter", "log"]

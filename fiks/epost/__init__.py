"""E-mail to those who look after something: never a letter, and never personal content.

Below every other room, so that each may write one in the transaction of what it tells about.
"""

from fiks.epost.rules import Mal, Sprak
from fiks.epost.service import write

__all__ = ["Mal", "Sprak", "write"]

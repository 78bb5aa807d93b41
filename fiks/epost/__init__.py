"""E-mail to those who look after something: never a letter, and never personal content.

It lies below every other room, so that each may write an e-mail in the transaction of the event it reports.
"""

from fiks.epost.rules import Mal, Sprak
from fiks.epost.service import write

__all__ = ["Mal", "Sprak", "write"]

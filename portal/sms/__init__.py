"""SMS: write a text, review exactly what is sent and to how many, send it, and follow the result.

Importing the package registers every route on `blueprint`.
"""

from portal.sms import compose, history
from portal.sms.blueprint import blueprint

__all__ = ["blueprint", "history", "compose"]

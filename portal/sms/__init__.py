"""SMS: write one text, see exactly what will be sent and to how many, send it, and follow how it goes.

Importing the package registers every route on `blueprint`.
"""

from portal.sms import log, writing
from portal.sms.blueprint import blueprint

__all__ = ["blueprint", "log", "writing"]

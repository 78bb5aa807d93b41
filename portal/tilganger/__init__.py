"""Who may do what: the grants of an organisation by ressurs and by person, groups, reviews, and many at once by file.

Importing the package registers every route on `blueprint`.
"""

from portal.tilganger import (
    eksport,
    enkelt,
    fil,
    gi,
    gjennomgang,
    grupper,
    oversikt,
    personer,
    ressurs,
)
from portal.tilganger.blueprint import blueprint

__all__ = [
    "blueprint",
    "eksport",
    "enkelt",
    "fil",
    "gi",
    "gjennomgang",
    "grupper",
    "oversikt",
    "personer",
    "ressurs",
]

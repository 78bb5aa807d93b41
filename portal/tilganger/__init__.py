"""Who may do what: grants by ressurs and by person, groups, reviews, and many grants at once from a file.

Importing the package registers every route on `blueprint`.
"""

from portal.tilganger import (
    export,
    giving,
    grant_file,
    groups,
    overview,
    persons,
    ressurs,
    review,
    single_grant,
)
from portal.tilganger.blueprint import blueprint

__all__ = [
    "blueprint",
    "export",
    "single_grant",
    "grant_file",
    "giving",
    "review",
    "groups",
    "overview",
    "persons",
    "ressurs",
]

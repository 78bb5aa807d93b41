"""Who may do what: grants by ressurs and by person, groups, reviews, and many grants at once from a file.

Importing the package registers every route on `blueprint`.
"""

from portal.tilganger import groups, matrix, overview, persons, review
from portal.tilganger.blueprint import blueprint
from portal.tilganger.file import export, import_page
from portal.tilganger.grant import grant_new, single_grant

__all__ = [
    "blueprint",
    "export",
    "single_grant",
    "import_page",
    "grant_new",
    "review",
    "groups",
    "overview",
    "persons",
    "matrix",
]

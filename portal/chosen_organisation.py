"""A form is carried out only for the organisation its page was shown for.

Which organisation one works for is chosen once for every open page of a browser, so a page may be older than the
choice. Every form of forvaltning says which it was shown for (macro `csrf` of `komponenter/felt.html`), and the door
compares. A form that says nothing is of a page from before forms did.
"""

from __future__ import annotations

from flask import request

from fiks.core.db import db
from portal.innlogging.sessions import Sesjon
from portal.security import DEFAULT_BODY, FORM_TYPES, SAFE_METHODS

GJELDER = "gjelder_organisasjon"
"""The field: the organisation's id, empty when none was chosen."""


class AnnenOrganisasjon(Exception):
    """A form of the organisation `gjelder`, which is not the one that is chosen now: nothing of it is carried out."""

    def __init__(self, gjelder: str) -> None:
        super().__init__(gjelder)
        self.gjelder = gjelder


def is_small_form() -> bool:
    """Whether the form that was sent is of a size that is read also of those who may not enter."""
    length = request.content_length
    return request.mimetype in FORM_TYPES and length is not None and length <= DEFAULT_BODY


def require_same(sesjon: Sesjon) -> None:
    """Raise AnnenOrganisasjon for a form that was shown for another organisation than the session's.

    No transaction is held while the form arrives.
    """
    if request.method in SAFE_METHODS or request.mimetype not in FORM_TYPES:
        return
    db.session.rollback()
    gjelder = request.form.get(GJELDER)
    if gjelder is not None and gjelder != str(sesjon.organisasjon_id or ""):
        raise AnnenOrganisasjon(gjelder)

"""A form is only carried out for the organisation its page was shown for.

The chosen organisation is one for all open pages of a browser, so a page may be older than the choice. Every
form of forvaltning states its organisation (macro `csrf` of `komponenter/felt.html`), and the door compares.
A form without the field is from a page older than this rule, and is let through.
"""

from __future__ import annotations

from flask import request

from fiks.core.db import db
from portal.http.security import DEFAULT_BODY, FORM_TYPES, SAFE_METHODS
from portal.session.login_sessions import Sesjon

GJELDER = "gjelder_organisasjon"
"""Name of the field with the organisation's id; its value is empty when none was chosen."""


class AnnenOrganisasjon(Exception):
    """The form is for organisation `gjelder`, which is not the one chosen now: nothing of it is carried out."""

    def __init__(self, gjelder: str) -> None:
        super().__init__(gjelder)
        self.gjelder = gjelder


def is_small_form() -> bool:
    """Whether the request is a form small enough to be read also from visitors who may not enter."""
    length = request.content_length
    return request.mimetype in FORM_TYPES and length is not None and length <= DEFAULT_BODY


def require_same_organisation(sesjon: Sesjon) -> None:
    """Raise AnnenOrganisasjon for a form that was shown for another organisation than the session's.

    No transaction is open while the form arrives.
    """
    if request.method in SAFE_METHODS or request.mimetype not in FORM_TYPES:
        return
    db.session.rollback()
    gjelder = request.form.get(GJELDER)
    if gjelder is not None and gjelder != str(sesjon.organisasjon_id or ""):
        raise AnnenOrganisasjon(gjelder)

"""The two shared forms on a letter's page: assignment and note, with optimistic locking.

Both carry the mark of everything the page showed of them (`noted_mark`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import request

from fiks.core.errors import Konflikt
from fiks.konfigurasjon.stale_form import digest_of, digests_in
from fiks.svarut.svarinn.manual_access import Mottaksbrev
from fiks.svarut.svarinn.stale_form import assignee_fields
from portal.texts.form_fields import Feltbeskrivelse
from portal.texts.svarinn.manuelt_mottak import NOTERT
from portal.ui.edit_conflict import Skjema, conflict_form, stored_form

MERKE = "digest"
"""Name of the field with the mark."""
Valg = Sequence[tuple[UUID | str, str]]


def noted_mark() -> str:
    """The mark of what the form's page showed; empty for a form without one."""
    return request.form.get(MERKE, "")


def stored_forms(opened: Mottaksbrev, personer: Valg) -> Skjema:
    """Both forms with the stored values; `personer`: possible assignees."""
    valg = tuple((str(own), navn, "") for own, navn in personer)
    felter = tuple(
        Feltbeskrivelse(name, called, valg=valg if name == "person" else ())
        for name, called in NOTERT.items()
    )
    given = assignee_fields(opened.tildelt_person, opened.tildelt_enhet)
    return stored_form(felter, {**given, "notat": opened.notat})


def sent_forms(now: Skjema, sent: Mapping[str, str], endret: Konflikt | None) -> Skjema:
    """Both forms with what was typed in one of them.

    With `endret` (conflict) the other person's change is shown. Without, the typed fields keep their posted
    mark, so that a change by somebody else meanwhile is still detected.
    """
    if endret is not None:
        return conflict_form(endret, _only(now, sent), sent, noted_mark())
    seen = digests_in(noted_mark())
    marks = {
        name: seen.get(name, "") if name in sent else digest_of(now.verdier[name]) for name in now.verdier
    }
    vist = " ".join(f"{name}={digest}" for name, digest in marks.items())
    return Skjema(now.felter, {**now.verdier, **sent}, {}, vist)


def _only(now: Skjema, sent: Mapping[str, str]) -> Skjema:
    """The forms restricted to the fields of the posted one."""
    told = tuple(felt for felt in now.felter if felt.navn in sent)
    return Skjema(told, now.verdier, {}, now.vist)

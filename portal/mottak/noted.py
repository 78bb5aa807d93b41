"""The two forms of a letter's page that several may write in: whom it is given to, and what is noted of it.

Both carry the mark of all that the page showed of that (`noted_mark`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import request

from fiks.core.errors import Konflikt
from fiks.konfigurasjon.stale_form import digest_of, digests_in
from fiks.svarut.svarinn.by_hand import Mottaksbrev
from fiks.svarut.svarinn.shown import given_to
from portal.part_form import Skjema, as_stored, changed_meanwhile
from portal.texts.form_fields import Feltbeskrivelse
from portal.texts.mottak_by_hand import NOTERT

MERKE = "digest"
"""The field with the mark."""
Valg = Sequence[tuple[UUID | str, str]]


def noted_mark() -> str:
    """The mark of what the form's page showed. A form without one has shown nothing."""
    return request.form.get(MERKE, "")


def stands(opened: Mottaksbrev, personer: Valg) -> Skjema:
    """Both forms with what stands in them; `personer` are those it may be given to."""
    valg = tuple((str(own), navn, "") for own, navn in personer)
    felter = tuple(
        Feltbeskrivelse(name, called, valg=valg if name == "person" else ())
        for name, called in NOTERT.items()
    )
    given = given_to(opened.tildelt_person, opened.tildelt_enhet)
    return as_stored(felter, {**given, "notat": opened.notat})


def as_sent(now: Skjema, sent: Mapping[str, str], endret: Konflikt | None) -> Skjema:
    """The forms with what was written in one of them.

    With `endret` somebody else was first there, and what they wrote is told of. Without, the mark of what was written
    in stays the sent one, so that what another has written there meanwhile is still told of.
    """
    if endret is not None:
        return changed_meanwhile(endret, _only(now, sent), sent, noted_mark())
    seen = digests_in(noted_mark())
    marks = {
        name: seen.get(name, "") if name in sent else digest_of(now.verdier[name]) for name in now.verdier
    }
    vist = " ".join(f"{name}={digest}" for name, digest in marks.items())
    return Skjema(now.felter, {**now.verdier, **sent}, {}, vist)


def _only(now: Skjema, sent: Mapping[str, str]) -> Skjema:
    """The forms, of which nothing is told but of the one that was sent."""
    told = tuple(felt for felt in now.felter if felt.navn in sent)
    return Skjema(told, now.verdier, {}, now.vist)

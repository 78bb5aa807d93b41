"""The front page of Min side."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.konfigurasjon.person import representation
from fiks.svarut.inbox import queries
from portal.access.actor import current_actor, current_session
from portal.minside.blueprint import blueprint
from portal.minside.post import UtenPostrett, postboks
from portal.minside.representation import selectable_units
from portal.session.cookie_session import ACTOR_KEY


@blueprint.get("/minside")
def forside() -> AnyResponse | str:
    """Front page: ask once whom to act for, if there is a choice, then show the person's overview."""
    roller_nede = False
    if current_actor().paa_vegne_av is None and ACTOR_KEY not in current_session():
        try:
            if selectable_units():
                return redirect(url_for("minside.velg_aktor"))
        except representation.RollerUtilgjengelig:
            roller_nede = True
    return render_template("minside/forside.html", antall=_letters(), roller_nede=roller_nede)


def _letters() -> queries.Antall | None:
    """Number of letters; None when the person has no right to the post of the party they represent."""
    try:
        return queries.count_letters(postboks())
    except UtenPostrett:
        return None

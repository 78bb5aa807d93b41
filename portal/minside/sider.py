"""The front page of Min side."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import IkkeTilgang
from fiks.konfigurasjon import parties
from portal.minside.aktor import acting_for, represent, selectable, without_roles
from portal.minside.blueprint import blueprint
from portal.minside.ord import ord
from portal.sessions import ACTOR_KEY
from portal.tilgang import current_actor, current_session


@blueprint.get("/minside")
def forside() -> AnyResponse | str | tuple[str, int]:
    """Where a citizen begins: asked once whom to act for, if there is anybody, and then shown what is theirs."""
    roller_nede = False
    if current_actor().paa_vegne_av is not None:
        try:
            acting_for()
        except parties.RollerUtilgjengelig as error:
            return without_roles(error)
        except IkkeTilgang:
            represent(None)
            flash(ord("REPRESENTERER_IKKE_LENGER"), "warning")
            return redirect(url_for("minside.forside"))
    elif ACTOR_KEY not in current_session():
        try:
            if selectable():
                return redirect(url_for("minside.velg_aktor"))
        except parties.RollerUtilgjengelig:
            roller_nede = True
    return render_template("minside/forside.html", acr=current_actor().acr, roller_nede=roller_nede)

"""Public reading matter of Min side in the citizen's language: help, privacy and accessibility."""

from __future__ import annotations

from flask import render_template

from portal.minside.blueprint import blueprint
from portal.minside.language import language
from portal.texts.minside.help import HJELP
from portal.texts.minside.statements import PERSONVERN, TILGJENGELIGHET


@blueprint.get("/minside/hjelp")
def hjelp() -> str:
    """Whom to ask, and how Min side works."""
    return render_template("minside/lesestoff.html", side=HJELP[language()])


@blueprint.get("/minside/personvern")
def personvern() -> str:
    """How personal data are treated."""
    return render_template("minside/lesestoff.html", side=PERSONVERN[language()])


@blueprint.get("/minside/tilgjengelighet")
def tilgjengelighet() -> str:
    """The accessibility statement."""
    return render_template("minside/lesestoff.html", side=TILGJENGELIGHET[language()])

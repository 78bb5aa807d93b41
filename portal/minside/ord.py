"""The citizen's language: bokmål or nynorsk, chosen with a button and kept in the session."""

from __future__ import annotations

from flask import Flask

from portal.innlogging.flyt import SPRAAK
from portal.texts.minside import NB, NN
from portal.tilgang import current_session

TEXTS = {"nb": NB, "nn": NN}


def language() -> str:
    """nb or nn."""
    chosen = current_session().get(SPRAAK)
    return str(chosen) if chosen in TEXTS else "nb"


def ord(kode: str, /, **params: object) -> str:
    """The citizen's text for `kode`, in their language."""
    return TEXTS[language()][kode].format(**params)


def init_app(app: Flask) -> None:
    """Give the citizen's templates their words."""
    app.jinja_env.globals.update(ord=ord, malform=language)

"""ID-porten over the real protocol: discovery, PAR, PKCE, private_key_jwt, levels, SSO, front- and back-channel logout.

A fake of *them*: nothing of the product lives here. Clients are registered in a dict, persons come from a
`Brukerkilde`, and all state is in memory. Mount it under a path or run it alone:

    python -m testmiljo.idporten --port 18001 --clients klienter.json
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from flask import Flask

from testmiljo.idporten.provider import Idporten
from testmiljo.idporten.state import Brukerkilde, Brukerliste, Klient, Testbruker
from testmiljo.idporten.views import blueprint

__all__ = ["Brukerkilde", "Brukerliste", "Idporten", "Klient", "Testbruker", "create_idporten"]


def create_idporten(issuer: str, clients: Mapping[str, Klient], store: Brukerkilde) -> Flask:
    """Make the double as a Flask app. `issuer` is where it is reached, without trailing slash.

    `clients` may be filled later; it is read at each request. `app.extensions["idporten"]` is the Idporten.
    """
    app = Flask("idporten", root_path=__path__[0])
    app.secret_key = secrets.token_hex()
    idp = Idporten(issuer, clients, store)
    idp.register(app)
    app.extensions["idporten"] = idp
    app.register_blueprint(blueprint(idp))
    return app

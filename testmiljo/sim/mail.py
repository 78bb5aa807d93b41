"""The mail server as part of the simulation: started and switched with it, and a page that shows what came."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template_string, request

from testmiljo.mail_server import MailServer

PAGE = """<!doctype html>
<html lang="nb"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>E-post i testmiljøet</title>
<style>body{font:16px/1.5 sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}
article{border-top:1px solid #999;padding:1rem 0}pre{white-space:pre-wrap;font:inherit;margin:.5rem 0 0}</style>
<h1>E-post i testmiljøet</h1>
<p>{{ rader|length }} e-poster. Ingen av dem er sendt noe sted.</p>
{% for rad in rader %}<article><h2>{{ rad.emne }}</h2><p>Til {{ rad.til }}, {{ rad.tidspunkt }}</p>
<pre>{{ rad.tekst }}</pre></article>{% endfor %}
</html>"""


class MailService:
    """Owns the mail server of this process. Nothing is opened before `start`, so that it may be made before a fork."""

    def __init__(self, port: int) -> None:
        self._server = MailServer(port)

    def start(self) -> None:
        """Open the SMTP door."""
        self._server.start()

    def switch(self, values: dict[str, Any]) -> None:
        """Replace the server's switches; TypeError names an unknown one."""
        self._server.switch(**values)

    def rows(self) -> list[dict[str, Any]]:
        """What came, oldest first."""
        return [
            {
                "nr": nr,
                "til": one.til,
                "emne": one.emne,
                "tekst": one.tekst,
                "melding_id": one.melding_id,
                "tidspunkt": one.kom.isoformat(),
            }
            for nr, one in enumerate(self._server.received(), 1)
        ]

    def state(self) -> dict[str, Any]:
        """How many came, and where the server is found."""
        return {"antall": len(self._server.received()), "url": self._server.url}


def make(mail: MailService) -> Blueprint:
    """The page, and the same as JSON."""
    routes = Blueprint("epost", __name__, url_prefix="/epost")

    @routes.get("/")
    def page() -> str:
        return render_template_string(PAGE, rader=list(reversed(mail.rows())))

    @routes.get("/mottatt")
    def received() -> dict[str, Any]:
        return {"rader": mail.rows(), **mail.state()}

    @routes.post("/brytere")
    def switch() -> dict[str, Any]:
        mail.switch(request.get_json())
        return mail.state()

    return routes

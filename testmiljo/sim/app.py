"""Puts the systems together: one Flask app, with ID-porten and Maskinporten mounted beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from testmiljo.sim import altinn, control, dpi, enhetsregister, folkeregister, krr, mail, signering, sms
from testmiljo.sim.citizens import Citizens
from testmiljo.sim.login import IdPorten
from testmiljo.sim.machines import Maskinporten
from testmiljo.sim.mail import MailService
from testmiljo.sim.printing import PrintService
from testmiljo.sim.store import Store
from testmiljo.sim.switches import Switchboard

MAX_BODY = 64 * 1024 * 1024


@dataclass
class World:
    """The whole simulation before its threads have started. `start` belongs in the process that serves."""

    store: Store
    citizens: Citizens
    app: Any
    printing: PrintService | None = None
    mail: MailService | None = None

    def start(self) -> None:
        if self.mail is not None:
            self.mail.start()
        if self.printing is not None:
            self.printing.start()
        self.citizens.start()


def make_world(
    store_path: Path,
    issuer: str,
    maskinporten: str,
    printing: PrintService | None = None,
    mail_server: MailService | None = None,
) -> World:
    """Build every system on one store. `issuer` and `maskinporten` are their addresses as the portal knows them."""
    store = Store(store_path)
    board = Switchboard(store)
    citizens = Citizens(store, board)
    login, machines = IdPorten(store, issuer), Maskinporten(store, maskinporten)
    app = Flask("testmiljo")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_BODY
    for system in (folkeregister, enhetsregister, krr, dpi, signering, sms):
        app.register_blueprint(system.make(store, board))
    app.register_blueprint(altinn.make(store, board, citizens.wake))
    app.register_blueprint(signering.control(store, board))
    app.register_blueprint(control.make(store, board, citizens, (login, machines), printing))
    if mail_server is not None:
        app.register_blueprint(mail.make(mail_server))
    mounted = DispatcherMiddleware(app, {"/idporten": login.app, "/maskinporten": machines.app})
    return World(store, citizens, mounted, printing, mail_server)

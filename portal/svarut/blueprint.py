"""The blueprint of the sender's log: letters of fagsystemer and of mailings, to find, follow and act on."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("svarut", __name__, url_prefix="/forsendelser")

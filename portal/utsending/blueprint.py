"""The blueprint of a mass mailing's pages, shared by the guided job and the pages that follow it."""

from flask import Blueprint

blueprint = Blueprint("utsending", __name__, url_prefix="/utsendinger")

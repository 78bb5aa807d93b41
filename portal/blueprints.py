"""Every blueprint of the portal. To add one: import it here, and give its endpoints a row in `portal.tilgang`."""

from __future__ import annotations

from flask import Blueprint

from portal.innlogging.routes import blueprint as innlogging
from portal.sider.routes import blueprint as sider

BLUEPRINTS: tuple[Blueprint, ...] = (sider, innlogging)

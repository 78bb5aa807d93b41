"""Imports what the product's processes run, so that forks of a process that has imported this need not.

`workers.broker` and `wsgi` are not here: they read the settings as they are imported, and each process has its own.
"""

from __future__ import annotations

import alembic.config
import dramatiq.cli
import gunicorn.app.wsgiapp
import gunicorn.workers.gthread

import portal.blueprints
import testmiljo.sim.mottakersystem
import workers.health
import workers.lanes
import workers.planned

MODULES = (
    alembic.config,
    dramatiq.cli,
    gunicorn.app.wsgiapp,
    gunicorn.workers.gthread,
    portal.blueprints,
    testmiljo.sim.mottakersystem,
    workers.health,
    workers.lanes,
    workers.planned,
)

"""Alembic's environment: the owner role makes the schema; the app's role only gets what it needs."""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import context

from config.database import owner_url, sqlalchemy_url
from fiks.core import audit, clock
from fiks.core.db import Base
from fiks.core.queue import feed_markers, owner_lock, planned_jobs
from fiks.edialog import models as edialog
from fiks.epost import models as epost
from fiks.konfigurasjon import models as konfigurasjon_models
from fiks.konfigurasjon.avtale import models
from fiks.konfigurasjon.konto import models as konto_models
from fiks.print import models as printing
from fiks.sms import models as sms
from fiks.svarinn import models as svarinn
from fiks.svarut import models as svarut_models
from fiks.utsending import file_models
from fiks.utsending import models as utsending

ROOMS = (
    audit,
    clock,
    feed_markers,
    planned_jobs,
    owner_lock,
    edialog,
    epost,
    konfigurasjon_models,
    konfigurasjon_models,
    konfigurasjon_models,
    models,
    konto_models,
    printing,
    sms,
    svarinn,
    svarut_models,
    svarut_models,
    svarut_models,
    svarut_models,
    svarut_models,
    utsending,
    file_models,
)


def _url() -> str:
    """The owner's URL with our driver, in whichever of the spellings the settings take."""
    url = context.config.get_main_option("sqlalchemy.url")
    return sqlalchemy_url(url) if url else owner_url(os.environ)


def run() -> None:
    engine = sa.create_engine(_url(), poolclass=sa.NullPool, hide_parameters=True)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_type=True,
            transaction_per_migration=True,
        )
        connection.execute(sa.text("SET lock_timeout = '10s'"))
        connection.commit()
        with context.begin_transaction():
            context.run_migrations()


run()

"""Every blueprint of the portal. To add one: import it here, and give its endpoints a row in `portal.tilgang`."""

from __future__ import annotations

from flask import Blueprint

from portal.api.dokumentasjon import blueprint as api_dokumentasjon
from portal.api.konfigurasjon import blueprint as api_konfigurasjon
from portal.api.svarut.publickey import blueprint as svarut_nokkel
from portal.api.svarut.soap import blueprint as api_svarut_soap
from portal.api.svarut.v1 import blueprint as api_svarut_v1
from portal.api.svarut.v2 import blueprint as svarut_v2
from portal.api.svarut.v3 import blueprint as svarut_v3
from portal.forvaltning.routes import blueprint as forvaltning
from portal.innlogging.routes import blueprint as innlogging
from portal.integrasjoner import blueprint as integrasjoner
from portal.minside.routes import blueprint as minside
from portal.organisasjon import blueprint as organisasjon
from portal.rot import blueprint as rot
from portal.sider.routes import blueprint as sider
from portal.svarut import blueprint as svarut
from portal.tilganger import blueprint as tilganger
from portal.utsending import blueprint as utsending

BLUEPRINTS: tuple[Blueprint, ...] = (
    sider,
    innlogging,
    forvaltning,
    utsending,
    svarut,
    minside,
    organisasjon,
    tilganger,
    integrasjoner,
    rot,
    api_dokumentasjon,
    api_konfigurasjon,
    svarut_v2,
    svarut_v3,
    api_svarut_v1,
    api_svarut_soap,
    svarut_nokkel,
)

MASKINER: tuple[Blueprint, ...] = (api_konfigurasjon, svarut_v2, svarut_v3, api_svarut_v1, api_svarut_soap)
"""Those of the machines: no form and no cookie, so no form protection either."""

DELER: dict[str, tuple[Blueprint, ...]] = {
    "app": BLUEPRINTS,
    "mottak": (sider, *MASKINER, svarut_nokkel),
    "nedlasting": (sider, innlogging, minside),
}
"""What a web process may be made of, by the name gunicorn asks for (ADR 0015)."""

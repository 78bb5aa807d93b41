"""Every blueprint of the portal. To add one: import it here, and give its endpoints a row in the access
table.
"""

from __future__ import annotations

from flask import Blueprint

from portal.api.dokumentasjon import blueprint as api_dokumentasjon
from portal.api.edialog.mottakere import blueprint as api_edialog
from portal.api.edialog.skjemaer import blueprint as api_edialog_skjema
from portal.api.konfigurasjon import blueprint as api_konfigurasjon
from portal.api.print import blueprint as api_print
from portal.api.register import blueprint as api_register
from portal.api.svarinn.konfigurasjon import blueprint as svarinn_konfigurasjon
from portal.api.svarinn.v1 import blueprint as svarinn_v1
from portal.api.svarinn.v2 import blueprint as svarinn_v2
from portal.api.svarut.public_key import blueprint as svarut_nokkel
from portal.api.svarut.rest.v1 import blueprint as api_svarut_v1
from portal.api.svarut.rest.v2 import blueprint as svarut_v2
from portal.api.svarut.rest.v3 import blueprint as svarut_v3
from portal.api.svarut.soap.routes import blueprint as api_svarut_soap
from portal.api.varsling.sms import blueprint as varsling_sms
from portal.forvaltning.routes import blueprint as forvaltning
from portal.helse.depth import blueprint as dybde
from portal.helse.routes import blueprint as helse
from portal.innlogging.routes import blueprint as innlogging
from portal.integrasjoner import blueprint as integrasjoner
from portal.minside.routes import blueprint as minside
from portal.mottak import blueprint as mottak
from portal.oppslag import blueprint as oppslag
from portal.organisasjon import blueprint as organisasjon
from portal.rot import blueprint as rot
from portal.sider.routes import blueprint as sider
from portal.sms import blueprint as sms
from portal.svarinn import blueprint as svarinn
from portal.svarut import blueprint as svarut
from portal.tilganger import blueprint as tilganger
from portal.utsending import blueprint as utsending
from portal.utskrift import blueprint as utskrift

BLUEPRINTS: tuple[Blueprint, ...] = (
    sider,
    helse,
    innlogging,
    forvaltning,
    utsending,
    svarut,
    sms,
    oppslag,
    utskrift,
    minside,
    organisasjon,
    tilganger,
    integrasjoner,
    svarinn,
    mottak,
    rot,
    dybde,
    api_dokumentasjon,
    api_konfigurasjon,
    svarut_v2,
    svarut_v3,
    api_svarut_v1,
    api_svarut_soap,
    svarut_nokkel,
    varsling_sms,
    api_register,
    svarinn_v1,
    svarinn_v2,
    svarinn_konfigurasjon,
    api_edialog,
    api_edialog_skjema,
    api_print,
)

INNSENDING: tuple[Blueprint, ...] = (
    api_konfigurasjon,
    svarut_v2,
    svarut_v3,
    api_svarut_v1,
    api_svarut_soap,
    varsling_sms,
    api_print,
)
HENTING: tuple[Blueprint, ...] = (svarinn_v1, svarinn_v2)
"""INNSENDING: machines that send. HENTING: mottakersystemer that fetch."""

MASKINER: tuple[Blueprint, ...] = (
    *INNSENDING,
    *HENTING,
    svarinn_konfigurasjon,
    api_edialog,
    api_edialog_skjema,
    api_register,
)
"""The blueprints of machines: they have no forms and no cookie, and so no CSRF protection."""

DELER: dict[str, tuple[Blueprint, ...]] = {
    "app": BLUEPRINTS,
    "mottak": (sider, helse, api_dokumentasjon, *INNSENDING, svarut_nokkel),
    "nedlasting": (sider, helse, innlogging, minside, *HENTING),
}
"""Which blueprints a web process serves, by the name gunicorn asks for (ADR 0015)."""

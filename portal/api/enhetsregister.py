"""Look-up in Enhetsregisteret for machine routes."""

from __future__ import annotations

from portal.http.api_errors import MELDINGER, ApiFeil
from portal.org_lookup import Enhet, Registersvar, look_up


def look_up_unit(orgnr: str) -> Enhet:
    """The register's answer about one number of nine digits; ApiFeil 503 while it does not answer."""
    found = look_up(orgnr)
    if found.svar is Registersvar.INGEN_SVAR:
        raise ApiFeil(503, MELDINGER[503], arsak="enhetsregisteret svarer ikke")
    return found

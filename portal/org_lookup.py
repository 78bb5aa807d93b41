"""Look an organisasjonsnummer up in Enhetsregisteret while a form is filled in. A failed look-up never blocks
the form.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import structlog
from flask import current_app

from fiks.core.db import session
from fiks.core.errors import KanalFeil
from fiks.registeroppslag.register import Register
from fiks.registeroppslag.rules import Enhetstatus, Registeradresse

log = structlog.get_logger(__name__)


class Registersvar(StrEnum):
    """What the register says. INGEN_SVAR: the register does not answer now, so nothing is known."""

    FUNNET = "FUNNET"
    SLETTET = "SLETTET"
    UKJENT = "UKJENT"
    INGEN_SVAR = "INGEN_SVAR"


@dataclass(frozen=True, slots=True)
class Enhet:
    """An organisasjonsnummer and what the register says of it. `navn` is empty and `adresse` None where the
    register has none.
    """

    orgnr: str
    svar: Registersvar
    navn: str = ""
    adresse: Registeradresse | None = None


FOUND = {Enhetstatus.FUNNET: Registersvar.FUNNET, Enhetstatus.SLETTET: Registersvar.SLETTET}


def look_up(orgnr: str) -> Enhet:
    """Look up one number of nine digits. Never raises; a register that does not answer gives INGEN_SVAR.

    No transaction is open during the call.
    """
    register: Register = current_app.extensions["fiks_register"]
    session().rollback()
    try:
        unit = register.virksomheter([orgnr])[orgnr]
    except KanalFeil as error:
        log.warning("enhetsregisteret_svarer_ikke", kode=error.kode)
        return Enhet(orgnr, Registersvar.INGEN_SVAR)
    return Enhet(orgnr, FOUND.get(unit.status, Registersvar.UKJENT), unit.navn, unit.adresse)

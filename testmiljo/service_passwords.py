"""Service passwords of the demo's kontoer, by which fagsystemer of REST v1 and SOAP log in.

Made once by the kommune's administrator and kept in the demo's folder: the database has only a hash.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.konfigurasjon.konto import password
from fiks.konfigurasjon.models import Konto
from testmiljo.mailing import actor
from testmiljo.private_files import read_private, write_private
from testmiljo.seed import Seeded

FOLDER = "kontopassord"
ADMINISTRATOR = "Administrator"


@dataclass(frozen=True, slots=True, repr=False)
class Kontoinnlogging:
    """User name and password of one konto. No repr: the password is secret."""

    brukernavn: str
    passord: str


def service_passwords(seeded: Seeded, folder: Path) -> dict[str, Kontoinnlogging]:
    """Make the passwords of all kontoer of a kommune, or find them; by the konto's name, inside an app context."""
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    administrator = actor(seeded, ADMINISTRATOR)
    names = select(Konto.id, Konto.avsender).where(Konto.id.in_(seeded.kontoer.values()))
    senders = {row.id: row.avsender for row in session().execute(names)}
    return {
        navn: Kontoinnlogging(
            senders[konto], _password(konto, folder / FOLDER / f"{konto}.json", administrator)
        )
        for navn, konto in seeded.kontoer.items()
    }


def _password(konto_id: UUID, path: Path, administrator: Aktor) -> str:
    """The password of the file, if it is the one in use; else a new one."""
    made = password.password_created_at(konto_id, actor=administrator)
    kept = read_private(path)
    if made is not None and kept is not None and kept["laget"] == made.isoformat():
        return str(kept["passord"])
    passord = password.new_password(konto_id, replaces=made, actor=administrator).verdi
    made = password.password_created_at(konto_id, actor=administrator)
    assert made is not None
    write_private(path, {"passord": passord, "laget": made.isoformat()})
    return passord

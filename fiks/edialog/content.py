"""Content of a skjema, encrypted as one JSON: the text, its sender and its receiver."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from fiks.core.crypto import encryption
from fiks.core.crypto.encryption import VerdiOdelagt
from fiks.core.environment import current
from fiks.core.values.address import Adresse
from fiks.edialog.rules import Avsender, Utkast

log = logging.getLogger(__name__)
CONTENT_AAD = "edialog_skjema.innhold"


@dataclass(frozen=True, slots=True)
class Mottaker:
    """The organisation written to: its number, and the name and address it gave."""

    orgnr: str
    adresse: Adresse


@dataclass(frozen=True, slots=True, repr=False)
class Innhold:
    """The content in clear. `nummer` is the fnr or orgnr of the party it is from. No repr: it is personal.

    `kvittering_til`: the e-mail address of the receipt; empty before sending and when there was none.
    """

    nummer: str
    mottaker: Mottaker
    utkast: Utkast = field(default_factory=Utkast)
    kvittering_til: str = ""


def seal(innhold: Innhold) -> bytes:
    """Return the content encrypted for storage."""
    body = json.dumps(asdict(innhold), ensure_ascii=False).encode()
    return encryption.encrypt_value(current().keys, body, CONTENT_AAD)


def content_version(sealed: bytes) -> str:
    """Return a version mark that differs for every saving and reveals nothing of the content."""
    return hashlib.sha256(sealed).hexdigest()


def unseal(sealed: bytes) -> Innhold:
    """Return the content in clear. Raises NokkelUkjent, VerdiOdelagt."""
    body: dict[str, Any] = json.loads(encryption.decrypt_value(current().keys, sealed, CONTENT_AAD))
    to, written = body["mottaker"], body["utkast"]
    sender = written["avsender"]
    return Innhold(
        body["nummer"],
        Mottaker(to["orgnr"], Adresse(**to["adresse"])),
        Utkast(
            written["tittel"],
            written["melding"],
            Avsender(Adresse(**sender["adresse"]), sender["epost"], sender["telefon"]),
        ),
        body.get("kvittering_til", ""),
    )


def unseal_each(sealed: Iterable[tuple[UUID, bytes]]) -> dict[UUID, Innhold]:
    """Return the content in clear of each undamaged skjema, by its id. Raises NokkelUkjent, which does not
    mean damage.

    A damaged one hides no others: it is left out, and damage is logged once, however many there are.
    """
    opened, damaged = dict[UUID, Innhold](), list[UUID]()
    for skjema_id, content in sealed:
        try:
            opened[skjema_id] = unseal(content)
        except VerdiOdelagt:
            damaged.append(skjema_id)
    if damaged:
        log.error("edialog_unreadable", extra={"skjema": str(damaged[0]), "antall": len(damaged)})
    return opened

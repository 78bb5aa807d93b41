"""The SMS gateway as an object with behaviour, and a konto to send from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from fiks.core.actor import Aktor
from fiks.core.db import transaction
from fiks.core.errors import Avvist, KanalFeil, ProvIgjen
from fiks.konfigurasjon.avtale import activation
from fiks.konfigurasjon.rules import P
from fiks.sms import kontoer
from fiks.sms.client import Kvittering, Utfall, Utgaende
from fiks.sms.models import Sms, Smsutsendelse
from tests.integration.houses import HOUSE, Hus, make_aktor, make_hus, make_person, sign


@dataclass
class FakeGateway:
    """A gateway that knows nothing again. `svar` are what the next calls get (an error to raise, or None).

    `fikk` is every call it took, also one whose answer was lost. `under` is done in the middle of every call.
    """

    svar: list[KanalFeil | None] = field(default_factory=list)
    fikk: list[Utgaende] = field(default_factory=list)
    kvitteringer: list[Kvittering] = field(default_factory=list)
    under: Callable[[], None] | None = None

    def send(self, sms: Utgaende) -> str:
        if self.under is not None:
            self.under()
        error = self.svar.pop(0) if self.svar else None
        if not isinstance(error, Avvist | ProvIgjen):
            self.fikk.append(sms)
        if error is not None:
            raise error
        return f"sms-{len(self.fikk)}"

    def receipts(self, after: str | None, limit: int) -> tuple[list[Kvittering], str | None]:
        begin = int(after or 0)
        portion = self.kvitteringer[begin : begin + limit]
        return portion, str(begin + len(portion))

    def tell(self, sms_id: UUID, utfall: Utfall) -> None:
        """Put a receipt in the feed."""
        self.kvitteringer.append(Kvittering(sms_id, utfall))


@dataclass(frozen=True)
class Smshus:
    """A kommune that uses Varsling, a konto of it, and somebody who may send from it."""

    hus: Hus
    konto_id: UUID
    sender: Aktor


def damage(row: Sms | Smsutsendelse) -> None:
    """The number, or the text, does not open any more."""
    with transaction() as tx:
        if isinstance(row, Sms):
            held = tx.get_one(Sms, row.id, populate_existing=True)
            held.til_kryptert = _flipped(held.til_kryptert)
        else:
            sending = tx.get_one(Smsutsendelse, row.id, populate_existing=True)
            sending.tekst_kryptert = _flipped(sending.tekst_kryptert)


def _flipped(sealed: bytes | None) -> bytes:
    assert sealed
    return sealed[:-1] + bytes([sealed[-1] ^ 1])


def make_smshus() -> Smshus:
    """A kommune with an SMS konto that is open."""
    hus = make_hus()
    konto_id = use_varsling(hus.organisasjon_id)
    sender = make_aktor(make_person(P.SMS_SENDE, ressurs=konto_id), hus.organisasjon_id)
    return Smshus(hus, konto_id, sender)


def use_varsling(organisasjon_id: UUID) -> UUID:
    """Take Varsling into use, signed by an administrator, and return its konto."""
    administrator = make_aktor(make_person(P.ADMIN, ressurs=organisasjon_id), organisasjon_id)
    sign(organisasjon_id, "VARSLING", administrator)
    activation.initialise(organisasjon_id, "VARSLING", actor=HOUSE)
    konto_id = kontoer.create_smskonto(
        organisasjon_id, visningsnavn="Vann og avløp", avsender="Lillevik", actor=HOUSE
    )
    activation.configure(organisasjon_id, "VARSLING", actor=HOUSE)
    return konto_id

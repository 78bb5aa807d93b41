"""SMS in the test environment: Varsling in use with one konto, and who may send from it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from fiks.core.actor import system
from fiks.core.db import session
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.avtale import activation
from fiks.konfigurasjon.avtale.models import Tjenesteaktivering
from fiks.konfigurasjon.rules import P
from fiks.sms import kontoer
from fiks.sms.models import Smskonto

ROOT = system("testmiljo")
KONTO = "Vann og avløp"


def use_varsling(organisasjon_id: UUID, avsender: str, sender: UUID) -> UUID:
    """Take Varsling into use with one konto that `sender` may send from, once; return the konto."""
    found = select(Smskonto.id).where(Smskonto.organisasjon_id == organisasjon_id).order_by(Smskonto.id)
    if (made := session().scalars(found).first()) is not None:
        return made
    if session().get(Tjenesteaktivering, (organisasjon_id, activation.VARSLING)) is None:
        activation.initialise(organisasjon_id, activation.VARSLING, actor=ROOT)
    konto_id = kontoer.create_smskonto(organisasjon_id, visningsnavn=KONTO, avsender=avsender, actor=ROOT)
    activation.configure(organisasjon_id, activation.VARSLING, actor=ROOT)
    konfigurasjon.grant_privilegium(sender, P.SMS_SENDE, konto_id, actor=ROOT, begrunnelse="SMS")
    return konto_id

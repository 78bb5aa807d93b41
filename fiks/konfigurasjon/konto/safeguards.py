"""The parts of a konto's set-up that protect against mistakes and fraud; audited with old and new value.

The angrefrist is the last chance to stop a mistake. Lists are checked against the bank account that payments
go to, so a fraudster who redirects payments must change the account too. Therefore no konto is created with
an account number, it is changed only after a fresh login, and it is shown to administrators of the konto and,
while it is new, to those who approve its mailings.

`vist` is the form mark of what the page showed (`stale_form`), None for callers without a page:
OPPLYSNINGER_ENDRET (409) when somebody else has changed it since.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from fiks.core import audit, clock
from fiks.core.actor import Aktor
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet
from fiks.core.values.identifiers import Kontonr
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.avtale.activation import SVARUT
from fiks.konfigurasjon.field_rules import check
from fiks.konfigurasjon.konto.rules import Angrefristoppsett, Bankkonto
from fiks.konfigurasjon.konto.settings import angrefrist_in_minutes
from fiks.konfigurasjon.models import Konto
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.stale_form import require_not_stale
from fiks.konfigurasjon.tilgang.lock import require_fresh_login

ACCOUNT_CHANGED = "KONTO_KONTONUMMER_ENDRET"
RECENT_CHANGE = timedelta(days=30)
"""How long an approver is told that the account number has changed."""


@dataclass(frozen=True, slots=True)
class Kontobytte:
    """When and by whom the account number was last changed."""

    tid: datetime
    navn: str


def set_angrefrist(
    konto_id: UUID, angrefrist: Angrefristoppsett, *, vist: str | None = None, actor: Aktor
) -> None:
    """Change how long a release can be stopped; needs ADMIN on the konto. Mailings already released keep
    their time.

    Sending the present value changes nothing, even if it could not be set now. Error: ANGREFRIST_UGYLDIG
    (422).
    """
    queries.require(actor, P.ADMIN, konto_id)
    with transaction():
        konto = _lock_konto(konto_id)
        before = angrefrist_in_minutes(konto.angrefrist_sekunder)
        if angrefrist == before:
            return
        require_not_stale(vist, asdict(before), asdict(angrefrist))
        check(angrefrist)
        new = int(angrefrist.minutter) * 60 if angrefrist.minutter else None
        if konto.angrefrist_sekunder == new:
            return
        konto.angrefrist_sekunder = new
        audit.record(
            actor,
            "KONTO_OPPSETT_ENDRET",
            "konto",
            konto_id,
            organisasjon_id=konto.organisasjon_id,
            tjeneste=SVARUT,
            ressurs_id=konto_id,
            felter="angrefrist_sekunder",
            minutter_for=before.minutter or None,
            minutter_etter=angrefrist.minutter or None,
        )


def set_bankkonto(konto_id: UUID, bankkonto: Bankkonto, *, vist: str | None = None, actor: Aktor) -> None:
    """Change the bank account that payments go to; needs ADMIN on the konto and a fresh login.

    Errors: KONTONUMMER_UGYLDIG (422), NY_INNLOGGING (403).
    """
    queries.require(actor, P.ADMIN, konto_id)
    require_fresh_login(actor)
    check(bankkonto)
    with transaction():
        konto = _lock_konto(konto_id)
        before = konto.kontonummer or ""
        require_not_stale(vist, asdict(Bankkonto(before)), asdict(bankkonto))
        if before == bankkonto.kontonummer:
            return
        konto.kontonummer = bankkonto.kontonummer or None
        audit.record(
            actor,
            ACCOUNT_CHANGED,
            "konto",
            konto_id,
            organisasjon_id=konto.organisasjon_id,
            tjeneste=SVARUT,
            ressurs_id=konto_id,
            kontonummer_for=format_kontonummer(before),
            kontonummer_etter=format_kontonummer(bankkonto.kontonummer),
        )


def _lock_konto(konto_id: UUID) -> Konto:
    konto = session().get(Konto, konto_id, with_for_update=True, populate_existing=True)
    if konto is None:
        raise IkkeFunnet("FINNES_IKKE")
    return konto


def format_kontonummer(kontonummer: str) -> str | None:
    """Format an account number as on paper, None if empty. With its dots it is never mistaken for a personal
    number.
    """
    return Kontonr.parse(kontonummer).pretty if kontonummer else None


def last_account_change(konto_id: UUID) -> Kontobytte | None:
    """Return when and by whom the account number was last changed; None if never. Access is checked
    beforehand.
    """
    of_konto = (Audit.objekt_id == str(konto_id), Audit.handling == ACCOUNT_CHANGED)
    newest = select(Audit.tid, Audit.aktor_navn).where(*of_konto).order_by(Audit.id.desc()).limit(1)
    row = session().execute(newest).first()
    return row and Kontobytte(row.tid, row.aktor_navn)


def recent_account_change(konto_id: UUID) -> Kontobytte | None:
    """As `last_account_change`, only if it is less than 30 days old: shown to those who approve the konto's
    mailings.
    """
    found = last_account_change(konto_id)
    return found if found is not None and found.tid > clock.database_now() - RECENT_CHANGE else None

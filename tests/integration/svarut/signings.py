"""Factories of letters that are to be signed, and what tests look up about their orders afterwards."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.konfigurasjon.konto.models import Kontooppsett
from fiks.konfigurasjon.models import Konto
from fiks.svarut.letters import load_letters
from fiks.svarut.models import Forsendelse, Hendelse, Signeringsoppdrag
from fiks.svarut.mottak import Innsending, Signatur, Signering, Svaradresse, inspection
from fiks.svarut.rules import Opphav
from tests.integration.houses import Hus
from tests.integration.svarut.submitted import take_in
from tests.submissions import ADDRESS, ORGNR, document, submission


def let_sign(hus: Hus) -> Hus:
    """The konto may have its letters signed."""
    with transaction() as tx:
        tx.execute(update(Konto).where(Konto.id == hus.konto_id).values(sdp_aktiv=True))
        tx.merge(Kontooppsett(konto_id=hus.konto_id, sdp_signering=True))
    return hus


def to_be_signed(days: float = 8, **changes: object) -> Innsending:
    """A letter with one document that its receiver shall sign within `days`."""
    facts = {
        "signering": Signering(clock.now() + timedelta(days=days), Signatur.AVANSERT),
        "svar_sendes_til": Svaradresse(ADDRESS, ORGNR),
        "konteringskode": "K-100",
    }
    return submission(document("avtale.pdf", skal_signeres=True), **facts | changes)


def taken_in(hus: Hus, **changes: object) -> UUID:
    """A letter that is to be signed, MOTTATT."""
    return take_in(hus, to_be_signed(**changes))  # type: ignore[arg-type]


def accepted(hus: Hus, **changes: object) -> UUID:
    """A letter that is to be signed, AKSEPTERT."""
    letter_id = taken_in(hus, **changes)
    brev = load_letters([letter_id])[letter_id]
    session().rollback()
    assert inspection.record_findings(brev, inspection.Funnet({1: 1}))
    session().rollback()
    return letter_id


def order(letter_id: UUID) -> Signeringsoppdrag:
    """The letter's order as it is now."""
    return session().get_one(Signeringsoppdrag, letter_id, populate_existing=True)


def signing_codes(letter_id: UUID) -> list[str]:
    """The events of the letter's signing, in order, without their common beginning."""
    rows = select(Hendelse.kode).where(
        Hendelse.forsendelse_id == letter_id, Hendelse.kode.startswith("SIGNERING_")
    )
    return [kode.removeprefix("SIGNERING_") for kode in session().scalars(rows.order_by(Hendelse.lopenr))]


def facts_of(letter_id: UUID, kode: str) -> dict[str, object]:
    """What the history says with one event."""
    row = select(Hendelse.detaljer).where(Hendelse.forsendelse_id == letter_id, Hendelse.kode == kode)
    return dict(session().execute(row).scalar_one())


def sent_back() -> list[Forsendelse]:
    """Every letter that a signed copy went back in."""
    rows = select(Forsendelse).where(Forsendelse.opphav == Opphav.SIGNERING).order_by(Forsendelse.opprettet)
    return list(session().scalars(rows.execution_options(populate_existing=True)))


def let_wait_pass() -> None:
    """As if every lease, or wait until the next try, had gone by."""
    with transaction() as tx:
        tx.execute(
            update(Signeringsoppdrag)
            .values(neste_forsok=func.now() - timedelta(seconds=1))
            .execution_options(synchronize_session=False)
        )
    session().rollback()

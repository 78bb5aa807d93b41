"""What the audit log tells of a grant: who did it to whom, what, where and when (konfigurasjon.md 17, statement 9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from fiks.core import clock
from fiks.core.actor import Aktor
from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.values.calendar import OSLO
from fiks.konfigurasjon.gjennomgang import service as gjennomgang_service
from fiks.konfigurasjon.rules import P, Svar
from fiks.konfigurasjon.tilgang import service
from portal.texts import detalj_tekst
from tests.integration.houses import HOUSE, Hus, make_hus, make_person
from tests.integration.konfigurasjon.holders import (
    acts,
    admin_of,
    alone,
    last_act,
    move_grant,
    person,
)

pytestmark = pytest.mark.usefixtures("app_context")
SWEEPER = ("system:sveiper", "sveiper")


def give(hus: Hus, holder: UUID, actor: Aktor = HOUSE) -> UUID:
    [grant] = service.grant(hus.konto_id, innehaver=person(holder), privilegier=[P.SENDE], actor=actor)
    return grant


def given(hus: Hus, holder: UUID, admin: Aktor) -> None:
    give(hus, holder, admin)


def revoked(hus: Hus, holder: UUID, admin: Aktor) -> None:
    service.revoke(give(hus, holder), actor=admin)


def expired(hus: Hus, holder: UUID, admin: Aktor) -> None:
    move_grant(give(hus, holder), gyldig_fra=-20, gyldig_til=-10)
    service.close_expired()


def kept_by_review(hus: Hus, holder: UUID, admin: Aktor) -> None:
    grant = give(hus, holder)
    review = gjennomgang_service.start_review(hus.organisasjon_id, actor=admin)
    gjennomgang_service.answer_review(review, svar={grant: Svar.BEHOLD}, actor=admin)


def removed_by_review(hus: Hus, holder: UUID, admin: Aktor) -> None:
    grant = give(hus, holder)
    review = gjennomgang_service.start_review(hus.organisasjon_id, actor=admin)
    gjennomgang_service.answer_review(review, svar={grant: Svar.FJERN}, actor=admin)


@pytest.mark.parametrize(
    ("act", "handling", "by_sweeper"),
    [
        (given, "PRIVILEGIUM_GITT", False),
        (revoked, "TILGANG_FJERNET", False),
        (expired, "TILGANG_UTLOPT", True),
        (kept_by_review, "TILGANG_GJENNOMGATT", False),
        (removed_by_review, "TILGANG_GJENNOMGATT", False),
        (removed_by_review, "TILGANG_FJERNET", False),
    ],
)
def test_s17_09_the_audit_log_tells_who_whom_what_where_and_when(
    act: Callable[[Hus, UUID, Aktor], None], handling: str, by_sweeper: bool
) -> None:
    hus, holder = alone(make_hus()), make_person()
    admin = admin_of(hus)
    before = clock.database_now()
    act(hus, holder, admin)
    row = last_act(hus.organisasjon_id, handling)
    assert (row.aktor, row.aktor_navn) == (SWEEPER if by_sweeper else (str(admin.person_id), admin.navn))
    assert row.detaljer["person"] == str(holder)
    assert row.detaljer["privilegium"] == "SVARUT.SENDE"
    assert (row.ressurs_id, row.detaljer["ressurs"]) == (hus.konto_id, str(hus.konto_id))
    assert before <= row.tid <= clock.database_now()


def test_s17_09_giving_a_grant_anew_also_writes_down_that_the_old_one_was_over() -> None:
    hus, holder = make_hus(), make_person()
    [old] = service.grant(hus.konto_id, innehaver=person(holder), privilegier=[P.SENDE], actor=HOUSE)
    move_grant(old, gyldig_fra=-20, gyldig_til=-10)
    service.grant(hus.konto_id, innehaver=person(holder), privilegier=[P.SENDE], actor=HOUSE)
    assert acts(hus.organisasjon_id)[-3:] == ["PRIVILEGIUM_GITT", "TILGANG_UTLOPT", "PRIVILEGIUM_GITT"]


def test_a_grant_that_begins_later_says_when_and_one_that_has_begun_does_not() -> None:
    hus, holder = make_hus(), make_person()
    begins = clock.database_now() + timedelta(days=10)
    now, later = (
        service.grant_privilegium(holder, p, hus.konto_id, gyldig_fra=fra, actor=HOUSE)
        for p, fra in ((P.SENDE, None), (P.LESE, begins))
    )
    assert "fra" not in act_on(now, "PRIVILEGIUM_GITT")
    assert act_on(later, "PRIVILEGIUM_GITT")["fra"] == begins.isoformat()
    service.revoke(later, actor=HOUSE)
    assert act_on(later, "TILGANG_FJERNET")["fra"] == begins.isoformat()


def test_another_end_is_told_with_the_one_before_it_also_when_it_is_taken_away() -> None:
    hus = make_hus()
    grant = give(hus, make_person())
    end = clock.database_now() + timedelta(days=10)
    service.change_end(grant, gyldig_til=end, actor=HOUSE)
    given = act_on(grant, "TILGANG_ENDRET")
    assert (given["til_for"], given["til"]) == ("uten sluttdato", end.isoformat())
    service.change_end(grant, gyldig_til=None, actor=HOUSE)
    taken = act_on(grant, "TILGANG_ENDRET")
    assert (taken["til_for"], taken["til"]) == (end.isoformat(), "uten sluttdato")
    assert detalj_tekst("til_for", taken["til_for"]).startswith("Sluttdato før: ")


def test_the_end_of_a_grant_is_the_day_its_page_says() -> None:
    hus = make_hus()
    grant = give(hus, make_person())
    for end in (datetime(2098, 7, 1, tzinfo=OSLO), datetime(2099, 1, 1, 9, 30, tzinfo=OSLO)):
        service.change_end(grant, gyldig_til=end, actor=HOUSE)
    told = act_on(grant, "TILGANG_ENDRET")
    assert detalj_tekst("til_for", told["til_for"]) == "Sluttdato før: 30.06.2098"
    assert detalj_tekst("til", told["til"]) == "Til: 01.01.2099 kl.\u00a009.30"
    assert detalj_tekst("til", told["til_for"]) == "Til og med: 30.06.2098"


def act_on(tilgang_id: UUID, handling: str) -> dict[str, Any]:
    """The details of the newest such act on the grant."""
    session().rollback()
    done = select(Audit.detaljer).where(Audit.objekt_id == str(tilgang_id), Audit.handling == handling)
    return session().scalars(done.order_by(Audit.id.desc())).first() or {}

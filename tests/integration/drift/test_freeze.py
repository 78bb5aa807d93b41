"""Stopping and starting all sending: who may, with what reason, and what the audit log says of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.errors import IkkeTilgang, UgyldigInndata
from fiks.drift import service
from fiks.drift.state import frozen_and_paused
from fiks.konfigurasjon.rules import ROOT_ID, P
from fiks.svarut.delivery import circuit_breaker
from tests.integration.houses import HOUSE, make_aktor, make_hus, make_person


def acts() -> list[tuple[str, str, object]]:
    """(what, who, why) of the audit log's acts about sending."""
    session().rollback()
    rows = select(Audit.handling, Audit.aktor, Audit.detaljer).where(Audit.objekt_type == "plattform")
    return [(row[0], row[1], row[2].get("grunn")) for row in session().execute(rows.order_by(Audit.id))]


def test_an_operator_stops_and_starts_all_sending_and_both_are_audited(empty: None) -> None:
    operator = make_aktor(make_person(P.ROT_ADMINISTRER, ressurs=ROOT_ID), None)
    service.freeze("  ALTINN  melder om feil ", actor=operator)
    stopped, _ = frozen_and_paused()
    assert stopped is not None and stopped.grunn == "ALTINN melder om feil"
    assert service.thaw(actor=operator) is True
    assert service.thaw(actor=operator) is False
    assert acts() == [
        ("SENDING_STANSET", operator.ref, "ALTINN melder om feil"),
        ("SENDING_STARTET", operator.ref, None),
    ]


def test_stopping_what_is_stopped_gives_it_the_new_reason(empty: None) -> None:
    service.freeze("første grunn", actor=HOUSE)
    service.freeze("andre grunn", actor=HOUSE)
    stopped, _ = frozen_and_paused()
    assert stopped is not None and stopped.grunn == "andre grunn"
    assert len(acts()) == 2


@pytest.mark.parametrize("reason", ["", "    ", "feil", "x" * 201, "gjelder 17912099997"])
def test_a_reason_is_asked_for_and_never_holds_a_number(empty: None, reason: str) -> None:
    with pytest.raises(UgyldigInndata) as refused:
        service.freeze(reason, actor=HOUSE)
    assert (refused.value.kode, refused.value.felt) == ("DRIFT_GRUNN", "grunn")
    assert not circuit_breaker.is_frozen()
    assert acts() == []


def test_an_administrator_of_an_organisation_may_neither_stop_nor_start(empty: None) -> None:
    hus = make_hus()
    admin = make_aktor(make_person(P.ADMIN, ressurs=hus.organisasjon_id), hus.organisasjon_id)
    with pytest.raises(IkkeTilgang):
        service.freeze("vi vil ikke sende", actor=admin)
    service.freeze("flytting i natt", actor=HOUSE)
    with pytest.raises(IkkeTilgang):
        service.thaw(actor=admin)
    assert circuit_breaker.is_frozen()

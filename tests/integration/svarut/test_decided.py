"""A channel is gone for good: a person says, letter by letter, whether it has what nobody knows that it got."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select, update

from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, Konflikt, Uavklart, UgyldigInndata
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.delivery import wakeup
from fiks.svarut.delivery.deliver import Verden
from fiks.svarut.models import Levering
from fiks.svarut.operations import manual_decision
from fiks.svarut.receipts import feed
from fiks.svarut.rules import Kanal, Slettetype, Status
from fiks.svarut.sender import actions
from fiks.svarut.sender.actions import retry_failed
from tests.integration.houses import HOUSE, Hus, new_fnr
from tests.integration.svarut.letters import (
    codes,
    hand_over,
    ledger,
    let_lookup_gap_pass,
    letter,
    levering,
    make_letter,
)
from tests.integration.worlds import Receipt, World

WHY = "Postkassen har svart i brev 1. mars"


def gone(world: World) -> Verden:
    """The world of an installation whose mailboxes have no address any more."""
    others = {kanal: port for kanal, port in world.verden.kanaler.items() if kanal is not Kanal.DPI}
    return replace(world.verden, kanaler=others)


def unclear(hus: Hus, eier: Owner, world: World, *, old: bool = True) -> Levering:
    """A letter to a mailbox whose call ended with nobody knowing how; `old`: longer ago than the quarantine."""
    world.dpi.svar = [Uavklart("TIDSAVBRUDD")]
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    hand_over(eier, world)
    let_lookup_gap_pass(made, quarantine=old)
    session().rollback()
    return levering(made)


def audited(levering_id: UUID) -> list[dict[str, object]]:
    rows = select(Audit.detaljer).where(
        Audit.handling == "LEVERING_AVGJORT", Audit.objekt_id == str(levering_id)
    )
    return [dict(one) for one in session().scalars(rows)]


def test_what_the_channel_has_counts_as_sent(hus: Hus, eier: Owner, world: World) -> None:
    one = unclear(hus, eier, world)
    number = new_fnr()
    manual_decision.decide_delivered(one.id, grunn=f"{WHY}, om {number}", world=gone(world), actor=HOUSE)
    found = letter(one.forsendelse_id)
    assert (found.status, found.kanal, found.kanalregel) == (Status.SENDT_SDP, "DPI", "2a")
    assert (found.overlevert is not None, levering(found.id).status) == (True, "OVERLEVERT")
    assert ledger(found.id) == [(1, "DPI", "FUNNET")]
    assert "AVGJORT_HAR_BREVET" in codes(found.id)
    told = {"kanal": "DPI", "svar": "AVGJORT_HAR_BREVET", "grunn": f"{WHY}, om {'*' * len(number)}"}
    assert audited(one.id) == [told]
    assert hand_over(eier, world) == 0


def test_what_it_has_not_waits_for_its_sender_and_is_never_sent_by_itself(
    hus: Hus, eier: Owner, world: World
) -> None:
    one = unclear(hus, eier, world)
    now = manual_decision.decide_not_delivered(one.id, grunn=WHY, world=gone(world), actor=HOUSE)
    waits = levering(one.forsendelse_id)
    assert (now, waits.status, waits.feilkode) == (
        "TIL_BEHANDLING",
        "TIL_BEHANDLING",
        "AVGJORT_HAR_IKKE_BREVET",
    )
    assert letter(one.forsendelse_id).status == Status.AKSEPTERT
    wakeup.wake_waiting()
    assert (hand_over(eier, world), world.dpi.antall) == (0, 0)
    assert [told["svar"] for told in audited(one.id)] == ["AVGJORT_HAR_IKKE_BREVET"]
    retry_failed(one.id, actor=HOUSE)
    hand_over(eier, world)
    assert letter(one.forsendelse_id).status == Status.SENDT_SDP


def test_its_sender_can_close_it_then(hus: Hus, eier: Owner, world: World) -> None:
    one = unclear(hus, eier, world)
    for refuse in (
        lambda: actions.set_manually_handled(one.forsendelse_id, actor=HOUSE),
        lambda: actions.delete_documents(one.forsendelse_id, alt=Slettetype.ALLE, actor=HOUSE),
    ):
        with pytest.raises(Konflikt, match="BREVET_ER_UAVKLART"):
            refuse()
    manual_decision.decide_not_delivered(one.id, grunn=WHY, world=gone(world), actor=HOUSE)
    actions.set_manually_handled(one.forsendelse_id, actor=HOUSE)
    assert letter(one.forsendelse_id).status == Status.MANUELT_HANDTERT


def test_what_was_asked_to_stop_is_stopped(hus: Hus, eier: Owner, world: World) -> None:
    one = unclear(hus, eier, world)
    with transaction() as tx:
        tx.execute(update(Levering).where(Levering.id == one.id).values(stopp_onsket=True))
    assert (
        manual_decision.decide_not_delivered(one.id, grunn=WHY, world=gone(world), actor=HOUSE) == "STOPPET"
    )
    assert letter(one.forsendelse_id).status == Status.MANUELT_HANDTERT
    assert (hand_over(eier, world), world.dpi.antall) == (0, 0)


def test_what_the_channel_told_of_before_it_went_is_sent_whatever_is_said(
    hus: Hus, eier: Owner, world: World
) -> None:
    one = unclear(hus, eier, world)
    feed.apply_receipt(Kanal.DPI, Receipt(str(one.id), "LEVERT"))
    session().rollback()
    assert levering(one.forsendelse_id).status == "UAVKLART"
    assert (
        manual_decision.decide_not_delivered(one.id, grunn=WHY, world=gone(world), actor=HOUSE)
        == "OVERLEVERT"
    )
    assert letter(one.forsendelse_id).status == Status.LEVERT_SDP


def test_nothing_is_decided_of_what_can_be_asked_about_or_is_not_in_doubt(
    hus: Hus, eier: Owner, world: World
) -> None:
    one = unclear(hus, eier, world, old=False)
    said = {"grunn": WHY, "actor": HOUSE}
    for decide in (manual_decision.decide_delivered, manual_decision.decide_not_delivered):
        with pytest.raises(Konflikt, match="KANALEN_KAN_SPORRES"):
            decide(one.id, world=world.verden, **said)
        with pytest.raises(UgyldigInndata, match="GRUNN_MANGLER"):
            decide(one.id, world=gone(world), grunn="  nei ", actor=HOUSE)
        with pytest.raises(IkkeFunnet):
            decide(one.forsendelse_id, world=gone(world), **said)
    with pytest.raises(Konflikt, match="LEVERINGEN_ER_I_KARANTENE"):
        manual_decision.decide_not_delivered(one.id, world=gone(world), **said)
    manual_decision.decide_delivered(one.id, world=gone(world), **said)
    for decide in (manual_decision.decide_delivered, manual_decision.decide_not_delivered):
        with pytest.raises(Konflikt, match="LEVERINGEN_ER_IKKE_UAVKLART"):
            decide(one.id, world=gone(world), **said)
    assert len(audited(one.id)) == 1

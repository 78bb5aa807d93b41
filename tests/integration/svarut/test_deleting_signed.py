"""A letter that somebody can sign, or has signed, is not lost with its storage time, and whoever deletes it is told."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from fiks.core import clock
from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.errors import Avvist, IkkeFunnet, Konflikt, UgyldigInndata
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.retention import deletion
from fiks.svarut.rules import Signeringsstatus, Slettetype, Status
from fiks.svarut.sender import actions, status_queries
from fiks.svarut.signing.client import Art
from fiks.svarut.signing.copies import copy_id, give_up_lost_copy, send_signed_copies
from fiks.svarut.signing.feed import expire_orders, read_feed
from fiks.svarut.signing.orders import register_orders
from tests.integration.houses import HOUSE, Hus
from tests.integration.svarut.letters import hand_over, letter
from tests.integration.svarut.signings import (
    accepted,
    facts_of,
    let_sign,
    let_wait_pass,
    order,
    sent_back,
    signing_codes,
)
from tests.integration.worlds import World
from tests.submissions import FNR

S = Signeringsstatus


def to_sign(hus: Hus, eier: Owner, world: World, days: float = 8) -> UUID:
    """A letter that lies in the receiver's mailbox, and that the receiver is asked to sign."""
    world.register.add_person(FNR, postkasse="EBOKS")
    letter_id = accepted(let_sign(hus), days=days)
    register_orders(world.signering)
    hand_over(eier, world)
    assert letter(letter_id).status == Status.SENDT_SDP
    session().rollback()
    return letter_id


def hear(world: World, letter_id: UUID, art: Art) -> None:
    world.signering.tells(letter_id, art)
    read_feed(world.signering)
    session().rollback()


def test_what_somebody_can_still_sign_is_kept_beyond_its_storage_time(
    hus: Hus, eier: Owner, world: World
) -> None:
    letter_id = to_sign(hus, eier, world, days=120)
    clock.move(timedelta(days=100))
    assert deletion.expire_content() == 0
    hear(world, letter_id, Art.SIGNERT)
    assert deletion.expire_content() == 0, "the copy is not on its way yet"
    send_signed_copies(world.signering)
    assert [one.svar_pa_id for one in sent_back()] == [letter_id]
    assert deletion.expire_content() == 1
    assert order(letter_id).status == S.SIGNERT_AV_MOTTAKER


def test_a_signature_we_hear_of_just_after_the_deadline_finds_its_letter(
    hus: Hus, eier: Owner, world: World
) -> None:
    letter_id = to_sign(hus, eier, world, days=120)
    clock.move(timedelta(days=120, hours=6))
    assert [expire_orders(), deletion.expire_content()] == [1, 0]
    hear(world, letter_id, Art.SIGNERT)
    clock.move(timedelta(days=3))
    assert deletion.expire_content() == 0
    send_signed_copies(world.signering)
    assert len(sent_back()) == 1


def test_what_nobody_signed_in_time_goes_a_day_after_its_deadline(
    hus: Hus, eier: Owner, world: World
) -> None:
    letter_id = to_sign(hus, eier, world, days=120)
    clock.move(timedelta(days=121, hours=1))
    assert [expire_orders(), deletion.expire_content()] == [1, 1]
    assert (letter(letter_id).status, order(letter_id).status) == (Status.SLETTET, S.UTLOPT)


def test_who_deletes_a_letter_that_waits_for_a_signature_closes_the_order_and_its_log_says_so(
    hus: Hus, eier: Owner, world: World
) -> None:
    letter_id = to_sign(hus, eier, world)
    actions.delete_documents(letter_id, alt=Slettetype.ALLE, actor=HOUSE)
    assert (letter(letter_id).status, order(letter_id).status) == (Status.SLETTET, S.AVVIST_AV_SVARUT)
    assert facts_of(letter_id, "SIGNERING_AVVIST_AV_SVARUT") == {"grunn": "MOTTAKER_SLETTET"}
    hear(world, letter_id, Art.SIGNERT)
    assert [send_signed_copies(world.signering), expire_orders()] == [0, 0]
    assert (sent_back(), signing_codes(letter_id)) == ([], ["REGISTRERT", "AVVIST_AV_SVARUT"])


def test_a_letter_whose_signed_copy_is_on_its_way_is_deleted_when_it_has_come(
    hus: Hus, eier: Owner, world: World
) -> None:
    letter_id = to_sign(hus, eier, world)
    hear(world, letter_id, Art.SIGNERT)
    with pytest.raises(Konflikt, match="SIGNERT_KOPI_HENTES"):
        actions.delete_documents(letter_id, alt=Slettetype.ALLE, actor=HOUSE)
    assert letter(letter_id).status == Status.SENDT_SDP
    send_signed_copies(world.signering)
    actions.delete_documents(letter_id, alt=Slettetype.ALLE, actor=HOUSE)
    assert letter(letter_id).status == Status.SLETTET
    assert letter(copy_id(letter_id)).mottaker_kryptert is not None


LOST = "Signeringstjenesten har svart at kopien er borte"


def test_a_copy_that_the_service_has_lost_is_given_up_by_a_person_and_holds_its_letter_no_more(
    hus: Hus, eier: Owner, world: World
) -> None:
    letter_id = to_sign(hus, eier, world)
    hear(world, letter_id, Art.SIGNERT)
    world.signering.nede = Avvist("HTTP_404")
    assert send_signed_copies(world.signering) == 1
    give_up_lost_copy(letter_id, grunn=LOST, actor=HOUSE)
    assert order(letter_id).status == S.AVVIST_AV_SVARUT
    assert signing_codes(letter_id) == ["REGISTRERT", "KOPI_TAPT"]
    assert status_queries.signing_events(letter_id, actor=HOUSE)[-1].status == S.AVVIST_AV_SVARUT
    world.signering.nede = None
    hear(world, letter_id, Art.SIGNERT)
    let_wait_pass()
    assert (send_signed_copies(world.signering), sent_back()) == (0, [])
    given_up = select(func.count()).where(
        Audit.handling == "SIGNERT_KOPI_OPPGITT", Audit.objekt_id == str(letter_id)
    )
    assert session().scalar(given_up) == 1
    session().rollback()
    actions.delete_documents(letter_id, alt=Slettetype.ALLE, actor=HOUSE)
    assert letter(letter_id).status == Status.SLETTET


def test_only_a_copy_that_is_waited_for_is_given_up(hus: Hus, eier: Owner, world: World) -> None:
    letter_id = to_sign(hus, eier, world)
    with pytest.raises(Konflikt, match="INGEN_KOPI_VENTES"):
        give_up_lost_copy(letter_id, grunn=LOST, actor=HOUSE)
    hear(world, letter_id, Art.SIGNERT)
    with pytest.raises(UgyldigInndata, match="GRUNN_MANGLER"):
        give_up_lost_copy(letter_id, grunn=" nei ", actor=HOUSE)
    send_signed_copies(world.signering)
    with pytest.raises(Konflikt, match="INGEN_KOPI_VENTES"):
        give_up_lost_copy(letter_id, grunn=LOST, actor=HOUSE)
    with pytest.raises(IkkeFunnet):
        give_up_lost_copy(copy_id(letter_id), grunn=LOST, actor=HOUSE)
    assert signing_codes(letter_id) == ["REGISTRERT", "FULLFORT"]

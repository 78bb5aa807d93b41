"""What a sender may do to a letter it has sent: tell that it was read elsewhere, and close it by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from fiks.core.actor import Aktor, Aktortype
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import Avvist, IkkeFunnet, IkkeTilgang, Konflikt, ProvIgjen, UgyldigInndata
from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon.person.service import fnr_index
from fiks.konfigurasjon.rules import P
from fiks.svarut.delivery.deliver import deliver
from fiks.svarut.letters import Brev
from fiks.svarut.lifecycle import lesefrist
from fiks.svarut.models import Hendelse
from fiks.svarut.receipts import feed
from fiks.svarut.rules import Bane, Kanal, Leveringsstatus, Slettetype, Status
from fiks.svarut.sender import actions
from fiks.svarut.transitions import move_levering
from tests.integration.houses import HOUSE, Hus, make_hus, new_fnr, new_orgnr, staff_of
from tests.integration.svarut.letters import (
    codes,
    hand_over,
    let_lesefrist_pass,
    let_wait_pass,
    letter,
    levering,
    make_letter,
    statuses,
)
from tests.integration.systems import make_system
from tests.integration.worlds import Receipt, World

AT = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)


def read_elsewhere(letter_id: UUID, fnr: str, actor: Aktor = HOUSE, **changes: Any) -> bool:
    told: dict[str, Any] = {"fnr": fnr, "tidspunkt": AT, "systemnavn": "Innbyggerportalen"} | changes
    return actions.mark_read_externally(letter_id, actor=actor, **told)


def in_altinn(hus: Hus, eier: Owner, world: World, **options: Any) -> tuple[UUID, str]:
    number = world.register.add_person(new_fnr())
    made = make_letter(hus, number, **options)
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_ALTINN
    return made, number


def test_sv12_33_a_letter_read_in_another_system_is_never_printed_and_the_log_says_who_when_and_where(
    hus: Hus, eier: Owner, world: World
) -> None:
    made, number = in_altinn(hus, eier, world)
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    assert read_elsewhere(made, number)
    assert hand_over(eier, world) == 0
    assert (letter(made).status, levering(made).status, world.print.antall) == (Status.LEST, "STOPPET", 0)
    event = select(Hendelse).where(Hendelse.forsendelse_id == made, Hendelse.kode == "LEST_EKSTERNT")
    told = session().scalars(event).one().detaljer
    assert told == {
        "lest_av": number[:6] + "*****",
        "tidspunkt": "2026-11-25T12:30:00+00:00",
        "system": "Innbyggerportalen",
    }
    row = session().scalars(select(Audit).where(Audit.handling == "BREV_LEST_EKSTERNT")).one()
    assert (row.ressurs_id, row.gjelder) == (hus.konto_id, fnr_index(number))


def test_what_is_done_with_a_letter_stands_in_the_log_of_its_kommune_whoever_does_it(
    hus: Hus, eier: Owner, world: World
) -> None:
    """Also when the actor is of no organisation, as a global integrasjon, or has chosen another."""
    read, number = in_altinn(hus, eier, world)
    closed, deleted = (in_altinn(hus, eier, world)[0] for _ in range(2))
    waits = make_letter(hus, new_fnr())
    with transaction():
        move_levering(
            levering(waits).id,
            fra=Leveringsstatus.KLAR,
            til=Leveringsstatus.TIL_BEHANDLING,
            kode="PROVE",
            aktor="test",
        )
    elsewhere = replace(staff_of(hus, P.SENDE, P.STOPPE), organisasjon_id=make_hus().organisasjon_id)
    for actor in (HOUSE, elsewhere):
        read_elsewhere(read, number, actor)
    actions.set_manually_handled(closed, actor=elsewhere)
    actions.delete_documents(deleted, alt=Slettetype.ALLE, actor=elsewhere)
    actions.retry_failed(levering(waits).id, actor=elsewhere)
    objects = [str(one) for one in (read, closed, deleted, levering(waits).id)]
    found = select(Audit.handling, Audit.organisasjon_id, Audit.ressurs_id)
    rows = session().execute(found.where(Audit.objekt_id.in_(objects), Audit.handling.in_(BY_SENDER))).all()
    assert sorted(row.handling for row in rows) == sorted([*BY_SENDER, "BREV_LEST_EKSTERNT"])
    assert {(row.organisasjon_id, row.ressurs_id) for row in rows} == {(hus.organisasjon_id, hus.konto_id)}


BY_SENDER = ("BREV_LEST_EKSTERNT", "BREV_HANDTERT", "DOKUMENTER_SLETTET", "PROVES_IGJEN")


@pytest.mark.parametrize("fnr", ["", "123", "1791209999", "179120999970", "17912099998", "abcdefghijk"])
def test_sv12_33_the_readers_number_has_eleven_digits(hus: Hus, eier: Owner, world: World, fnr: str) -> None:
    made, _ = in_altinn(hus, eier, world)
    with pytest.raises(UgyldigInndata, match="FNR_UGYLDIG") as error:
        read_elsewhere(made, fnr)
    assert fnr == "" or fnr not in repr(error.value)
    assert letter(made).status == Status.SENDT_ALTINN


def test_a_time_without_zone_and_a_name_that_is_too_long_are_refused(
    hus: Hus, eier: Owner, world: World
) -> None:
    made, number = in_altinn(hus, eier, world)
    with pytest.raises(UgyldigInndata, match="TIDSPUNKT_UGYLDIG"):
        read_elsewhere(made, number, tidspunkt=AT.replace(tzinfo=None))
    with pytest.raises(UgyldigInndata, match="SYSTEMNAVN_UGYLDIG"):
        read_elsewhere(made, number, systemnavn="x" * 101)


def test_a_second_reading_only_adds_an_event(hus: Hus, eier: Owner, world: World) -> None:
    made, number = in_altinn(hus, eier, world)
    assert [read_elsewhere(made, number), read_elsewhere(made, number)] == [True, False]
    assert codes(made).count("LEST_EKSTERNT") == 2
    assert statuses(made)[-1] == Status.LEST


def test_a_letter_read_elsewhere_before_it_was_handed_over_is_lest_with_the_hand_over(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = make_letter(hus, number := world.register.add_person(new_fnr()))
    assert read_elsewhere(made, number)
    assert letter(made).status == Status.AKSEPTERT
    hand_over(eier, world)
    assert statuses(made)[-2:] == [Status.SENDT_ALTINN, Status.LEST]
    assert codes(made)[-1] == "LEST_EKSTERNT"


def test_a_letter_read_elsewhere_before_it_was_handed_over_does_not_go_on_paper(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = make_letter(hus, number := new_fnr())
    world.register.add_person(number, reservert=True)
    read_elsewhere(made, number)
    hand_over(eier, world)
    assert (letter(made).status, world.print.antall) == (Status.MANUELT_HANDTERT, 0)


def test_a_letter_read_elsewhere_before_it_lay_ready_for_its_mottakersystem_is_lest_with_it(
    hus: Hus, eier: Owner, world: World
) -> None:
    orgnr = world.register.add_unit(new_orgnr())
    make_system(orgnr)
    made = make_letter(hus, orgnr)
    assert read_elsewhere(made, new_fnr())
    hand_over(eier, world)
    assert statuses(made)[-2:] == [Status.KLAR_FOR_MOTTAK, Status.LEST]
    assert codes(made)[-1] == "LEST_EKSTERNT"


def close_by_hand(letter_id: UUID, eier: Owner, world: World) -> None:
    actions.set_manually_handled(letter_id, actor=HOUSE)


def stop_all(letter_id: UUID, eier: Owner, world: World) -> None:
    mailing = letter(letter_id).utsending_id
    assert mailing is not None
    actions.stop_unsent(mailing, actor=HOUSE)


def hand_over_all(letter_id: UUID, eier: Owner, world: World) -> None:
    for bane in (Bane.ENKELT, Bane.MASSE):
        hand_over(eier, world, bane)


@pytest.mark.parametrize(
    ("reservert", "kun_digital", "refuses", "then", "status"),
    [
        (True, False, (), hand_over_all, Status.MANUELT_HANDTERT),
        (True, True, (), hand_over_all, Status.IKKE_LEVERT),
        (False, False, (Avvist("UKJENT_MOTTAKER"),), hand_over_all, Status.MANUELT_HANDTERT),
        (False, True, (Avvist("UKJENT_MOTTAKER"),), hand_over_all, Status.IKKE_LEVERT),
        (False, False, (), close_by_hand, Status.MANUELT_HANDTERT),
        (False, False, (), stop_all, Status.MANUELT_HANDTERT),
    ],
)
def test_who_read_a_letter_that_then_was_not_sent_is_told_in_its_log(
    hus: Hus,
    eier: Owner,
    world: World,
    reservert: bool,
    kun_digital: bool,
    refuses: tuple[Avvist, ...],
    then: Callable[[UUID, Owner, World], None],
    status: Status,
) -> None:
    number = world.register.add_person(new_fnr(), reservert=reservert)
    world.altinn.svar = list(refuses)
    made = make_letter(hus, number, kun_digital=kun_digital, utsending_id=uuid4(), radnr=1)
    read_elsewhere(made, number)
    then(made, eier, world)
    assert (letter(made).status, world.antall) == (status, (0, 0, 0))
    event = select(Hendelse).where(Hendelse.forsendelse_id == made, Hendelse.kode == "LEST_EKSTERNT")
    told = session().scalars(event).one()
    assert (told.art, told.aktor, told.detaljer["system"]) == ("MERKNAD", HOUSE.ref, "Innbyggerportalen")


def test_what_was_read_elsewhere_is_remembered_when_the_first_channel_refuses(
    hus: Hus, eier: Owner, world: World
) -> None:
    world.altinn.svar = [Avvist("UKJENT_MOTTAKER")]
    made = make_letter(hus, number := world.register.add_person(new_fnr()))
    read_elsewhere(made, number)
    hand_over(eier, world)
    assert (letter(made).status, world.antall) == (Status.MANUELT_HANDTERT, (0, 0, 0))


def test_only_those_who_may_send_from_its_konto_may_say_that_a_letter_was_read(
    hus: Hus, eier: Owner, world: World
) -> None:
    made, number = in_altinn(hus, eier, world)
    other = staff_of(make_hus("Annevik kommune"), P.SENDE)
    for stranger in (other, machine_of(make_hus("Tredje kommune").konto_id)):
        with pytest.raises(IkkeFunnet):
            read_elsewhere(made, number, stranger)
    with pytest.raises(IkkeFunnet):
        read_elsewhere(uuid4(), number, other)
    assert read_elsewhere(made, number, machine_of(hus.konto_id))


def machine_of(konto_id: UUID) -> Aktor:
    """Who calls with the service password of this konto."""
    return Aktor(Aktortype.INTEGRASJON, "fagsystem", konto_id=konto_id)


@pytest.mark.parametrize("confirmed", [False, True])
def test_sv12_32_a_letter_closed_by_hand_is_never_printed(
    hus: Hus, eier: Owner, world: World, confirmed: bool
) -> None:
    """VARSLET is two statuses here: given to Altinn, and confirmed by it."""
    made, _ = in_altinn(hus, eier, world)
    if confirmed:
        receive(Kanal.ALTINN, "LEVERT", made)
        assert letter(made).status == Status.LEVERT_ALTINN
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    actions.set_manually_handled(made, actor=staff_of(hus, P.STOPPE))
    assert hand_over(eier, world) == 0
    assert (letter(made).status, world.print.antall) == (Status.MANUELT_HANDTERT, 0)
    let_lesefrist_pass()
    assert lesefrist.expire_lesefrist() == 0


def test_sv12_32_what_was_delivered_digitally_or_read_cannot_be_closed_by_hand(
    hus: Hus, eier: Owner, world: World
) -> None:
    sdp, levert = (
        make_letter(hus, world.register.add_person(new_fnr(), postkasse="EBOKS")) for _ in range(2)
    )
    lest, number = in_altinn(hus, eier, world)
    read_elsewhere(lest, number)
    hand_over(eier, world)
    receive(Kanal.DPI, "LEVERT", levert)
    statuses_before = (Status.SENDT_SDP, Status.LEVERT_SDP, Status.LEST)
    for made, before in zip((sdp, levert, lest), statuses_before, strict=True):
        assert letter(made).status == before
        with pytest.raises(Konflikt, match="KAN_IKKE_HANDTERES"):
            actions.set_manually_handled(made, actor=HOUSE)
        assert letter(made).status == before


def receive(kanal: Kanal, art: str, letter_id: UUID) -> None:
    """A receipt of the letter's last hand-over."""
    feed.apply_receipt(kanal, Receipt(str(levering(letter_id).id), art))


def test_a_letter_that_waits_for_its_channel_may_be_closed_by_hand(
    hus: Hus, eier: Owner, world: World
) -> None:
    world.altinn.nede = ProvIgjen("IKKE_NAADD")
    made = make_letter(hus, world.register.add_person(new_fnr()))
    hand_over(eier, world)
    actions.set_manually_handled(made, actor=HOUSE)
    world.altinn.nede = None
    let_wait_pass(made)
    assert hand_over(eier, world) == 0
    assert letter(made).status == Status.MANUELT_HANDTERT


def test_a_letter_that_is_just_being_handed_over_cannot_be_closed(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()))
    refused: list[str] = []

    def close(referanse: str, brev: Brev) -> None:
        try:
            actions.set_manually_handled(made, actor=HOUSE)
        except Konflikt as error:
            refused.append(error.kode)

    world.altinn.under = close
    deliver(Bane.ENKELT, eier, world.verden)
    assert refused == ["BREVET_SENDES_NA"]
    assert letter(made).status == Status.SENDT_ALTINN


def test_closing_by_hand_needs_the_right_to_stop(hus: Hus, eier: Owner, world: World) -> None:
    made, _ = in_altinn(hus, eier, world)
    with pytest.raises(IkkeTilgang, match="MANGLER_PRIVILEGIUM"):
        actions.set_manually_handled(made, actor=staff_of(hus, P.SENDE))
    assert letter(made).status == Status.SENDT_ALTINN

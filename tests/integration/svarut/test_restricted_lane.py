"""What is told of a letter in the restricted lane outside it: the same as of one that waits, or lies in its queue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select, update

from fiks.core.actor import Aktor, Aktortype
from fiks.core.db import session, transaction
from fiks.core.errors import Avvist, Konflikt
from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon.models import Konto
from fiks.konfigurasjon.rules import P
from fiks.print import queries as print_queries
from fiks.print.operations import move_order
from fiks.registeroppslag.rules import Adressebeskyttelse
from fiks.svarut.history import remark
from fiks.svarut.lifecycle import lesefrist
from fiks.svarut.paper import manual_queue
from fiks.svarut.paper.manual_opening import open_letter
from fiks.svarut.receipts import feed
from fiks.svarut.rules import Bane, Kanal, Status
from fiks.svarut.sender import actions, letter_page, log, restricted_lane, status_queries
from fiks.svarut.sender.log import Brevutvalg
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.rows.address_protection import mask_row
from fiks.utsending.rules import Art, Utsendingstatus
from fiks.utsending.sending import reports
from portal.svarut.actions import ACTIONS
from portal.svarut.letter import channel_reasons
from tests.integration.databases import QuickProcess
from tests.integration.houses import HOUSE, Hus, make_person, new_fnr, staff_of
from tests.integration.print.orders import AT, orders_of
from tests.integration.svarut import letters
from tests.integration.svarut.in_between import before_statement
from tests.integration.svarut.letters import codes, let_lesefrist_pass, levering, leveringer, make_letter
from tests.integration.worlds import Receipt, World

STRICT = Adressebeskyttelse.STRENGT_FORTROLIG
HIDDEN = {"MA_BEHANDLES", "TATT_FRA_UTSKRIFTSKO"}


def shown(letter_id: UUID, actor: Aktor) -> tuple[object, ...]:
    """What the letter's own page says, without what is its own: ids and times."""
    page = letter_page.letter_for_sender(letter_id, actor=actor)
    session().rollback()
    rows = [(one.kanal, one.regel, one.status, one.forsok, one.feilkode) for one in page.leveringer]
    told = [(one.art, one.kode, one.detaljer) for one in page.hendelser]
    return page.status, page.overlevert is None, page.feilet, tuple(channel_reasons(page)), rows, told


def machine(hus: Hus) -> Aktor:
    return Aktor(Aktortype.INTEGRASJON, "konto", konto_id=hus.konto_id, kanal="API")


def told_machine(letter_id: UUID, hus: Hus) -> list[str]:
    told = [one.kode for one in status_queries.events(letter_id, actor=machine(hus))]
    session().rollback()
    return told


def log_says(letter_id: UUID, actor: Aktor) -> str | None:
    [row] = log.log_page(Brevutvalg(forsendelse_id=letter_id), actor=actor)
    session().rollback()
    return row.leveringsstatus


def row_of(letter_id: UUID, hus: Hus) -> tuple[UUID, int]:
    """The mailing and row number of a letter; a mailing of its own, made when it is first asked for."""
    with transaction() as tx:
        row = tx.scalars(select(Utsendingsrad).where(Utsendingsrad.forsendelse_id == letter_id)).first()
        if row is None:
            mailing = Utsending(
                organisasjon_id=hus.organisasjon_id,
                konto_id=hus.konto_id,
                tittel="Eiendomsskatt",
                art=Art.FLETTEBREV,
                brevdato=date(2027, 3, 1),
                kunngjoringsdato=date(2027, 3, 1),
                status=Utsendingstatus.SENDES,
                opprettet_av=make_person(),
            )
            tx.add(mailing)
            tx.flush()
            row = Utsendingsrad(
                utsending_id=mailing.id,
                radnr=2,
                rad_hash=b"rad",
                mottakertype="PERSON",
                status="OK",
                forsendelse_id=letter_id,
            )
            tx.add(row)
            tx.flush()
        return row.utsending_id, row.radnr


def reported(letter_id: UUID, hus: Hus, actor: Aktor) -> tuple[object, ...]:
    """What the report of its mailing and the page of its row say, without its id; `sendt` by whether it is there."""
    utsending_id, radnr = row_of(letter_id, hus)
    [row] = reports.report_rows(utsending_id, actor=actor)
    handed, last_day = reports.letter_deadline(utsending_id, radnr, actor=actor)
    session().rollback()
    return row.kanal, row.status, row.sendt is None, row.klagefrist, handed is None, last_day


def told_orders(letter_id: UUID, hus: Hus) -> list[tuple[object, ...]]:
    """What print's interface says of its orders, without what is their own: ids and times."""
    reader = staff_of(hus, P.LESE)
    houses = [house for house, _ in orders_of(letter_id)]
    ordered = [one.id for one in leveringer(letter_id) if (one.kanal, one.status) == ("PRINT", "OVERLEVERT")]
    session().rollback()
    found = [
        restricted_lane.visible_order(print_queries.order(house, one, actor=reader))
        for house, one in zip(houses, ordered, strict=True)
    ]
    session().rollback()
    return [astuple(replace(one, referanse=hus.konto_id, opprettet=AT)) for one in found]


def letters_look_alike(hus: Hus, made: UUID, other: UUID) -> None:
    """Neither the pages, to who may not see the lane, nor the interface tells these two letters apart."""
    staff = staff_of(hus, P.LESE, P.SENDE, P.STOPPE)
    assert shown(made, staff) == shown(other, staff)
    assert reported(made, hus, staff) == reported(other, hus, staff)
    assert told_machine(made, hus) == told_machine(other, hus)


def look_alike(hus: Hus, made: UUID, other: UUID) -> None:
    """As `letters_look_alike`, and print's interface does not tell their orders apart either."""
    letters_look_alike(hus, made, other)
    assert told_orders(made, hus) == told_orders(other, hus)


def is_restricted(letter_id: UUID) -> bool:
    now = levering(letter_id)
    session().rollback()
    return (now.status, now.bane) == ("TIL_BEHANDLING", Bane.SPERRET)


def first_hand_over(hus: Hus, eier: Owner, world: World) -> tuple[UUID, UUID]:
    """A letter in the lane, and one that has just been taken in."""
    number = world.register.add_person(new_fnr(), registrert=False, beskyttelse=STRICT)
    made = make_letter(hus, number)
    letters.hand_over(eier, world)
    return made, make_letter(hus, new_fnr())


def after_refusal(hus: Hus, eier: Owner, world: World) -> tuple[UUID, UUID]:
    """The same of letters that Altinn refused, and that go on paper."""
    world.altinn.svar = [Avvist("MOTTAKER_AVVIST")] * 2
    made = make_letter(hus, world.register.add_person(new_fnr(), beskyttelse=STRICT))
    letters.hand_over(eier, world)
    waits = make_letter(hus, world.register.add_person(new_fnr()))
    letters.deliver(Bane.ENKELT, eier, world.verden)
    return made, waits


def after_deadline(hus: Hus, eier: Owner, world: World) -> tuple[UUID, UUID]:
    """The same of letters that nobody read in Altinn."""
    made = make_letter(hus, world.register.add_person(new_fnr(), beskyttelse=STRICT))
    letters.hand_over(eier, world)
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    letters.hand_over(eier, world)
    waits = make_letter(hus, world.register.add_person(new_fnr()))
    letters.hand_over(eier, world)
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    return made, waits


def ordered(hus: Hus, eier: Owner, world: World) -> tuple[UUID, UUID, str]:
    """Two letters that are ordered on paper, and the first one's number."""
    numbers = [world.register.add_person(new_fnr(), registrert=False) for _ in range(2)]
    made, lies = (make_letter(hus, number) for number in numbers)
    letters.hand_over(eier, world)
    return made, lies, numbers[0]


def taken_from_house(hus: Hus, eier: Owner, world: World) -> tuple[UUID, UUID]:
    """The same of letters whose print house has not got them yet."""
    made, lies, number = ordered(hus, eier, world)
    world.register.add_person(number, registrert=False, beskyttelse=STRICT)
    with pytest.raises(Konflikt, match="ORDREN_SKAL_IKKE_TRYKKES"):
        move_order.move_order(
            levering(made).id, "MANUELL_PRINT", grunn="papirstopp", houses={}, vern=world.vern, actor=HOUSE
        )
    assert codes(made)[-2:] == ["TATT_FRA_TRYKKERIET", "MA_BEHANDLES"]
    return made, lies


def after_print(hus: Hus, eier: Owner, world: World) -> tuple[UUID, UUID]:
    """The same of letters that their print house gave up, and that somebody orders anew."""
    made, waits, number = ordered(hus, eier, world)
    world.register.add_person(number, registrert=False, beskyttelse=STRICT)
    for one in (made, waits):
        feed.apply_receipt(Kanal.PRINT, Receipt(str(levering(one).id), "FEILET"))
        session().rollback()
        actions.retry_failed(levering(one).id, actor=HOUSE)
        if one == made:
            letters.hand_over(eier, world)
    return made, waits


Pair = Callable[[Hus, Owner, World], tuple[UUID, UUID]]
PAIRS = [first_hand_over, after_refusal, after_deadline, taken_from_house]


@pytest.mark.parametrize("pair", PAIRS)
def test_outside_the_lane_a_letter_there_looks_as_one_that_waits_and_then_as_one_that_was_closed(
    hus: Hus, eier: Owner, world: World, pair: Pair
) -> None:
    made, waits = pair(hus, eier, world)
    assert is_restricted(made) and not is_restricted(waits)
    look_alike(hus, made, waits)
    for one in (made, waits):
        actions.set_manually_handled(one, actor=HOUSE)
    look_alike(hus, made, waits)
    assert shown(made, staff_of(hus, P.LESE))[0] == Status.MANUELT_HANDTERT
    assert told_machine(made, hus)[-1] == "MANUELT_HANDTERT", "how it ended is told"


def after_mailbox(hus: Hus, eier: Owner, world: World, beskyttelse: Adressebeskyttelse) -> UUID:
    """A letter that its mailbox failed with and Altinn refused, on its way to paper."""
    number = world.register.add_person(new_fnr(), postkasse="EBOKS", beskyttelse=beskyttelse)
    made = make_letter(hus, number)
    letters.hand_over(eier, world)
    feed.apply_receipt(Kanal.DPI, Receipt(str(levering(made).id), "FEILET"))
    world.altinn.svar = [Avvist("MOTTAKER_AVVIST")]
    letters.deliver(Bane.ENKELT, eier, world.verden)
    return made


@pytest.mark.parametrize(
    ("pair", "status"), [(taken_from_house, "SENDT_PRINT"), (after_print, "PROVES_VIDERE")]
)
def test_the_report_says_where_a_letter_is_to_the_few_and_where_it_was_to_others(
    hus: Hus, eier: Owner, world: World, pair: Pair, status: str
) -> None:
    made, other = pair(hus, eier, world)
    staff = staff_of(hus, P.LESE)
    assert reported(made, hus, staff) == reported(other, hus, staff)
    assert reported(made, hus, staff)[1:3] == (status, status == "PROVES_VIDERE")
    few = reported(made, hus, staff_of(hus, P.LESE, P.SE_SPERRET))
    assert few == ("PRINT", "TIL_BEHANDLING", True, None, True, None)


def test_a_second_press_leaves_a_letter_in_the_lane_that_was_sent_by_the_first_and_put_there_meanwhile(
    hus: Hus, eier: Owner, world: World, process: QuickProcess
) -> None:
    """No worker has the lane: a letter that is ready in it is never sent, and no person sees that it waits."""
    made, _, number = ordered(hus, eier, world)
    feed.apply_receipt(Kanal.PRINT, Receipt(str(levering(made).id), "FEILET"))
    world.register.add_person(number, registrert=False, beskyttelse=STRICT)
    waits = levering(made).id
    session().rollback()

    def first_press() -> None:
        actions.retry_failed(waits, actor=HOUSE)
        letters.hand_over(eier, world)

    with (
        before_statement("UPDATE levering", process, first_press),
        pytest.raises(Konflikt, match="KAN_IKKE_PROVES_IGJEN"),
    ):
        actions.retry_failed(waits, actor=HOUSE)
    assert is_restricted(made)
    assert codes(made).count("PROVES_IGJEN") == 1


def test_an_order_is_called_off_to_others_when_its_letter_is_closed(
    hus: Hus, eier: Owner, world: World
) -> None:
    made, _ = taken_from_house(hus, eier, world)

    def told() -> str:
        found = print_queries.order(
            orders_of(made)[0][0], leveringer(made)[0].id, actor=staff_of(hus, P.LESE)
        )
        return restricted_lane.visible_order(found).status

    assert (told(), orders_of(made)[0][1]) == ("MOTTATT", "AVBESTILT")
    session().rollback()
    actions.set_manually_handled(made, actor=HOUSE)
    assert told() == "AVBESTILT"


def test_what_its_mailbox_failed_with_and_waits_in_the_lane_is_closed_only_by_who_may_see_that(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = after_mailbox(hus, eier, world, STRICT)
    letters.hand_over(eier, world)
    waits = after_mailbox(hus, eier, world, Adressebeskyttelse.UGRADERT)
    assert is_restricted(made)
    look_alike(hus, made, waits)
    closing = ACTIONS["svarut.handtert"]
    for rights, against in (((), "KAN_IKKE_HANDTERES"), ((P.SE_SPERRET,), "")):
        actor = staff_of(hus, P.LESE, P.STOPPE, *rights)
        assert closing.against(letter_page.letter_for_sender(made, actor=actor)) == against
        session().rollback()


def test_the_few_see_why_a_letter_waits_and_what_happened_to_it(hus: Hus, eier: Owner, world: World) -> None:
    made, _ = first_hand_over(hus, eier, world)
    page = letter_page.letter_for_sender(made, actor=staff_of(hus, P.LESE, P.SE_SPERRET))
    assert [one.kode for one in page.hendelser] == codes(made)
    [row] = page.leveringer
    assert (row.kanal, row.status, row.feilkode) == ("PRINT", "TIL_BEHANDLING", "ADRESSE_SPERRET")


def test_no_machine_is_told_of_the_lane_though_it_calls_for_somebody_who_may_see_it(
    hus: Hus, eier: Owner, world: World
) -> None:
    made, _ = first_hand_over(hus, eier, world)
    few = replace(staff_of(hus, P.LESE, P.SE_SPERRET), kanal="API")
    assert not HIDDEN & {one.kode for one in status_queries.events(made, actor=few)}


def test_that_a_letter_was_taken_from_paper_is_not_told_outside_though_none_of_its_hand_overs_is_in_the_lane(
    hus: Hus, eier: Owner, world: World
) -> None:
    """Another hand-over of it was open, which asks about the address itself."""
    made, _, _ = queue(hus, eier, world)
    staff = staff_of(hus, P.LESE)
    before = shown(made, staff)
    with transaction():
        remark(made, "TATT_FRA_UTSKRIFTSKO", aktor=HOUSE.ref)
    assert shown(made, staff) == before
    assert shown(made, staff_of(hus, P.LESE, P.SE_SPERRET)) != before


def test_in_the_log_a_letter_in_the_lane_stands_out_only_to_who_may_see_it_on_its_konto(
    hus: Hus, eier: Owner, world: World
) -> None:
    made, _ = first_hand_over(hus, eier, world)
    assert log_says(made, staff_of(hus, P.LESE)) is None
    assert log_says(made, staff_of(hus, P.LESE, P.SE_SPERRET)) == "TIL_BEHANDLING"


def queue(hus: Hus, eier: Owner, world: World) -> tuple[UUID, UUID, str]:
    """Two letters to persons in the queue of a konto that prints itself, and the first one's number."""
    with transaction() as tx:
        tx.execute(update(Konto).where(Konto.id == hus.konto_id).values(printleverandor="MANUELL_PRINT"))
    return ordered(hus, eier, world)


@pytest.mark.parametrize("posted", [False, True])
def test_outside_the_lane_a_letter_taken_from_its_queue_looks_as_one_that_lies_there(
    hus: Hus, eier: Owner, world: World, posted: bool
) -> None:
    made, lies, number = queue(hus, eier, world)
    staff = staff_of(hus, P.LESE, P.SENDE, P.STOPPE)
    for one in (made, lies):
        open_letter(one, world.register, mask_row, actor=staff)
    world.register.add_person(number, registrert=False, beskyttelse=STRICT)
    with pytest.raises(Konflikt, match="SKAL_IKKE_SKRIVES_UT"):
        open_letter(made, world.register, mask_row, actor=staff)
    assert is_restricted(made)
    look_alike(hus, made, lies)
    if posted:
        manual_queue.mark_printed([made, lies], actor=staff)
    else:
        for one in (made, lies):
            actions.set_manually_handled(one, actor=HOUSE)
    letters_look_alike(hus, made, lies)
    stays = told_orders(made, hus) != told_orders(lies, hus)
    assert stays is posted, "the order of what was posted after all stays called off"
    few = letter_page.letter_for_sender(made, actor=staff_of(hus, P.LESE, P.SE_SPERRET))
    assert {one.kode for one in few.hendelser} >= HIDDEN
    assert len(few.leveringer) == 2

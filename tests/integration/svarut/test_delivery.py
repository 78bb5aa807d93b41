"""Taking in and handing over: the channel by the rules, and the next one when a channel refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from fiks.core import clock
from fiks.core.db import db, session, transaction
from fiks.core.errors import Avvist
from fiks.core.queue.owner_lock import Owner
from fiks.registeroppslag.rules import Enhetstatus, Personstatus
from fiks.svarut.delivery.deliver import deliver
from fiks.svarut.lifecycle.handed_over_status import lesefrist_from
from fiks.svarut.models import Levering
from fiks.svarut.rules import Bane, Mottakertype, Status
from fiks.svarut.svarinn.acknowledgement import report_failure
from tests.integration.databases import statements
from tests.integration.houses import HOUSE, Hus, make_hus, new_fnr, new_orgnr
from tests.integration.svarut.letters import (
    codes,
    hand_over,
    ledger,
    letter,
    levering,
    leveringer,
    make_letter,
    statuses,
)
from tests.integration.systems import make_system
from tests.integration.worlds import World

REFUSED = Avvist("MOTTAKER_UKJENT")


def test_a_letter_is_taken_in_with_its_whole_first_history(hus: Hus) -> None:
    made = make_letter(hus, new_fnr(), kind=Mottakertype.PERSON)
    assert codes(made) == [
        "MOTTATT",
        "METADATA_VALIDERT",
        "DOKUMENTER_LAGRET",
        "FORSENDELSESFIL_GENERERT",
        "AKSEPTERT",
        "KLAR",
    ]
    assert statuses(made) == [Status.MOTTATT, Status.AKSEPTERT]
    assert levering(made).status == "KLAR"


def test_letters_that_cannot_all_be_taken_in_are_none_of_them_taken_in(hus: Hus) -> None:
    before = session().execute(select(func.count()).select_from(Levering)).scalar_one()
    with pytest.raises(ValueError, match="not a status"), transaction():
        make_letter(hus, new_fnr())
        raise ValueError("not a status")
    assert session().execute(select(func.count()).select_from(Levering)).scalar_one() == before


@pytest.mark.parametrize(
    ("person", "kanal", "regel", "status"),
    [
        ({"postkasse": "DIGIPOST"}, "DPI", "2a", Status.SENDT_SDP),
        ({"postkasse": None}, "ALTINN", "2b", Status.SENDT_ALTINN),
        ({"postkasse": "EBOKS", "reservert": True}, "PRINT", "3", Status.SENDT_PRINT),
        ({"postkasse": "EBOKS", "passiv": True}, "PRINT", "3", Status.SENDT_PRINT),
        ({"registrert": False}, "PRINT", "3", Status.SENDT_PRINT),
        ({"postkasse": "EBOKS", "status": Personstatus.DOED}, "PRINT", "3", Status.SENDT_PRINT),
    ],
)
def test_a_persons_letter_takes_the_channel_of_the_rules(
    hus: Hus, eier: Owner, world: World, person: dict[str, object], kanal: str, regel: str, status: Status
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), **person))  # type: ignore[arg-type]
    assert deliver(Bane.ENKELT, eier, world.verden) == 1
    now = letter(made)
    assert (now.status, now.kanal, now.kanalregel) == (status, kanal, regel)
    sent = levering(made)
    ref = str(sent.id) if kanal == "PRINT" else f"{kanal}-{sent.id}"
    assert (sent.status, sent.kanal, sent.leverandor_ref) == ("OVERLEVERT", kanal, ref)
    assert ledger(made) == ([] if kanal == "PRINT" else [(1, kanal, "OVERLEVERT")]), "an order is no call"
    assert sum(world.antall) == 1
    assert now.overlevert is not None
    assert abs(now.overlevert - clock.now()) < timedelta(seconds=10)


def test_a_letter_more_of_a_portion_costs_no_more_than_eleven_statements_in_two_transactions(
    hus: Hus, eier: Owner, world: World
) -> None:
    """What handing over costs is how often the database is asked; time is told by `benchmarks handover`."""
    asked: list[list[str]] = []
    commits: list[int] = []
    for portion in (1, 1, 3):
        for _ in range(portion):
            make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
        done: list[object] = []
        note = done.append
        event.listen(db.engine, "commit", note)
        with statements() as sent:
            assert deliver(Bane.ENKELT, eier, world.verden) == portion
        event.remove(db.engine, "commit", note)
        asked.append(sent)
        commits.append(len(done))
    _, one, three = asked
    assert len(three) - len(one) <= 2 * 11, "\n".join(three[-11:])
    assert commits[2] - commits[1] == 2 * 2 and commits[1] == 1 + 2, (
        "the claim, and begin and end of each call"
    )
    assert len(one) <= 20, "\n".join(one)


def test_an_organisation_with_a_receiving_system_gets_it_there_without_any_call(
    hus: Hus, eier: Owner, world: World
) -> None:
    orgnr = world.register.add_unit(new_orgnr())
    make_system(orgnr)
    made = make_letter(hus, orgnr)
    hand_over(eier, world)
    assert (letter(made).status, letter(made).kanal, letter(made).kanalregel) == (
        "KLAR_FOR_MOTTAK",
        "SVARINN",
        "1",
    )
    assert levering(made).status == "OVERLEVERT"
    assert world.antall == (0, 0, 0)


@pytest.mark.parametrize("status", [Enhetstatus.SLETTET, Enhetstatus.IKKE_FUNNET])
def test_a_receiving_system_gets_it_for_an_organisation_that_was_merged_away_too(
    hus: Hus, eier: Owner, world: World, status: Enhetstatus
) -> None:
    orgnr = world.register.add_unit(new_orgnr(), status)
    make_system(orgnr)
    made = make_letter(hus, orgnr)
    hand_over(eier, world)
    assert (letter(made).kanal, letter(made).kanalregel, world.antall) == ("SVARINN", "1", (0, 0, 0))


@pytest.mark.parametrize(
    ("status", "kun_digital", "channels", "ends"),
    [
        (Enhetstatus.FUNNET, False, ["SVARINN", "ALTINN"], "SENDT_ALTINN"),
        (Enhetstatus.SLETTET, False, ["SVARINN", "PRINT"], "SENDT_PRINT"),
        (Enhetstatus.IKKE_FUNNET, False, ["SVARINN", "PRINT"], "SENDT_PRINT"),
        (Enhetstatus.SLETTET, True, ["SVARINN", "ALTINN"], "IKKE_LEVERT"),
    ],
)
def test_what_the_system_of_an_organisation_that_is_gone_refuses_waits_for_nobody_in_altinn(
    hus: Hus,
    eier: Owner,
    world: World,
    status: Enhetstatus,
    kun_digital: bool,
    channels: list[str],
    ends: str,
) -> None:
    orgnr = world.register.add_unit(new_orgnr(), status)
    system = make_system(orgnr)
    made = make_letter(hus, orgnr, kun_digital=kun_digital)
    hand_over(eier, world)
    report_failure(made, feilmelding="Nei", permanent=True, system_id=system.id, actor=HOUSE)
    hand_over(eier, world)
    assert ([row.kanal for row in leveringer(made)], letter(made).status) == (channels, ends)
    assert letter(made).kanalregel == "1", "the letter keeps the rule of its first channel"
    assert world.altinn.antall == (status is Enhetstatus.FUNNET)


@pytest.mark.parametrize(
    ("status", "kanal", "regel"), [(Enhetstatus.FUNNET, "ALTINN", "4"), (Enhetstatus.SLETTET, "PRINT", "5")]
)
def test_an_organisation_without_one_gets_it_in_altinn_and_a_deleted_one_on_paper(
    hus: Hus, eier: Owner, world: World, status: Enhetstatus, kanal: str, regel: str
) -> None:
    made = make_letter(hus, world.register.add_unit(new_orgnr(), status))
    hand_over(eier, world)
    assert (letter(made).kanal, letter(made).kanalregel) == (kanal, regel)


def test_without_sdp_on_the_konto_a_mailbox_is_not_used(empty: None, eier: Owner, world: World) -> None:
    hus = make_hus(sdp_aktiv=False)
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    hand_over(eier, world)
    assert (letter(made).kanal, letter(made).kanalregel) == ("ALTINN", "2b")


def test_one_who_has_no_number_gets_paper(hus: Hus, eier: Owner, world: World) -> None:
    made = make_letter(hus)
    hand_over(eier, world)
    assert (letter(made).status, letter(made).kanalregel) == (Status.SENDT_PRINT, "5")
    assert world.register.spurt == []


def test_altinn_post_gets_its_lesefrist_from_the_hand_over(hus: Hus, eier: Owner, world: World) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()))
    hand_over(eier, world)
    now = letter(made)
    assert now.overlevert is not None
    assert now.lesefrist == lesefrist_from(now.overlevert)


def test_the_register_is_asked_anew_at_the_hand_over(hus: Hus, eier: Owner, world: World) -> None:
    number = world.register.add_person(new_fnr(), postkasse="DIGIPOST")
    made = make_letter(hus, number)
    world.register.add_person(number, postkasse="DIGIPOST", reservert=True)
    hand_over(eier, world)
    assert letter(made).kanal == "PRINT"


def test_what_the_mailbox_refuses_goes_to_altinn_and_what_altinn_refuses_goes_on_paper(
    hus: Hus, eier: Owner, world: World
) -> None:
    world.dpi.svar, world.altinn.svar = [REFUSED], [REFUSED]
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    assert hand_over(eier, world) == 3
    assert [(row.kanal, row.status) for row in leveringer(made)] == [
        ("DPI", "AVVIST"),
        ("ALTINN", "AVVIST"),
        ("PRINT", "OVERLEVERT"),
    ]
    assert letter(made).status == Status.SENDT_PRINT
    assert world.antall == (0, 0, 1)
    assert leveringer(made)[0].feilkode == "MOTTAKER_UKJENT"


def test_paper_that_is_refused_waits_for_a_person(hus: Hus, eier: Owner, world: World) -> None:
    world.print.svar = [REFUSED]
    made = make_letter(hus)
    hand_over(eier, world)
    assert (levering(made).status, levering(made).feilkode) == ("TIL_BEHANDLING", "MOTTAKER_UKJENT")
    assert letter(made).status == Status.AKSEPTERT


def test_kun_digital_that_every_channel_refuses_is_ikke_levert_and_never_printed(
    hus: Hus, eier: Owner, world: World
) -> None:
    world.dpi.svar, world.altinn.svar = [REFUSED], [REFUSED]
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"), kun_digital=True)
    hand_over(eier, world)
    assert letter(made).status == Status.IKKE_LEVERT
    assert world.antall == (0, 0, 0)


@pytest.mark.parametrize(
    ("person", "status", "regel"),
    [
        ({"reservert": True}, Status.IKKE_LEVERT, "3"),
        ({"passiv": True, "postkasse": "EBOKS"}, Status.IKKE_LEVERT, "3"),
        ({"registrert": False}, Status.IKKE_LEVERT, "3"),
        ({"status": Personstatus.DOED}, Status.IKKE_LEVERT, "3"),
        (None, Status.AVVIST, "5"),
    ],
)
def test_kun_digital_for_one_who_cannot_be_reached_digitally_is_never_printed(
    hus: Hus,
    eier: Owner,
    world: World,
    person: dict[str, object] | None,
    status: Status,
    regel: str,
) -> None:
    number = "" if person is None else world.register.add_person(new_fnr(), **person)  # type: ignore[arg-type]
    made = make_letter(hus, number, kun_digital=True)
    hand_over(eier, world)
    assert (letter(made).status, letter(made).kanal, letter(made).kanalregel) == (status, None, regel)
    assert levering(made).status == "AVVIST"
    assert world.antall == (0, 0, 0)

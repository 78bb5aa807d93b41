"""Handing over: the channel by the rules, and what becomes of the letter for every way a call can end."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from fiks.core import clock, environment
from fiks.core.db import session, transaction
from fiks.core.errors import Avvist, ProvIgjen
from fiks.core.locks import Owner
from fiks.core.storage import LagerUtilgjengelig, open_store
from fiks.registeroppslag.rules import Adressebeskyttelse, Enhetstatus, Personstatus
from fiks.svarinn.models import Mottakersystem, Organisasjonskobling
from fiks.svarut import circuit, service
from fiks.svarut.delivery import claim, deliver
from fiks.svarut.letters import Brev, read_checked
from fiks.svarut.models import Dokument, Levering
from fiks.svarut.outcomes import lesefrist_from
from fiks.svarut.recovery import expire_lesefrist
from fiks.svarut.rules import Bane, Kanal, Leveringsstatus, Mottakertype, Status
from tests.integration.databases import Database
from tests.integration.houses import HOUSE, Hus, make_hus, new_fnr, new_orgnr
from tests.integration.svarut.letters import (
    codes,
    hand_over,
    ledger,
    let_lesefrist_pass,
    let_wait_pass,
    letter,
    levering,
    leveringer,
    make_document,
    make_letter,
    make_letters,
    statuses,
)
from tests.integration.worlds import World
from workers.process import Process

REFUSED = Avvist("MOTTAKER_UKJENT")
AWAY = ProvIgjen("FORBINDELSE_NEKTET")


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
    assert (sent.status, sent.kanal, sent.leverandor_ref) == ("OVERLEVERT", kanal, f"{kanal}-{sent.id}")
    assert ledger(made) == [(1, kanal, "OVERLEVERT")]
    assert sum(world.antall) == 1
    assert now.overlevert is not None
    assert abs(now.overlevert - clock.now()) < timedelta(seconds=10)


def make_receiving_system(orgnr: str) -> None:
    with transaction() as tx:
        system = Mottakersystem(navn="Sak og arkiv")
        tx.add(system)
        tx.flush()
        tx.add(Organisasjonskobling(mottakersystem_id=system.id, organisasjonsnummer=orgnr))


def test_an_organisation_with_a_receiving_system_gets_it_there_without_any_call(
    hus: Hus, eier: Owner, world: World
) -> None:
    orgnr = world.register.add_unit(new_orgnr())
    make_receiving_system(orgnr)
    made = make_letter(hus, orgnr)
    hand_over(eier, world)
    assert (letter(made).status, letter(made).kanal, letter(made).kanalregel) == (
        "KLAR_FOR_MOTTAK",
        "SVARINN",
        "1",
    )
    assert levering(made).status == "OVERLEVERT"
    assert world.antall == (0, 0, 0)


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


# Refusals


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


# Failures that are known


def test_a_known_failure_waits_a_minute_and_is_tried_again(hus: Hus, eier: Owner, world: World) -> None:
    world.altinn.svar = [AWAY]
    made = make_letter(hus, world.register.add_person(new_fnr()))
    hand_over(eier, world)
    waiting = levering(made)
    assert (waiting.status, waiting.feilkode, waiting.eier) == ("VENTER", "FORBINDELSE_NEKTET", None)
    wait = waiting.neste_forsok - clock.database_now()
    assert timedelta(seconds=45) < wait < timedelta(seconds=75)
    assert hand_over(eier, world) == 0
    let_wait_pass(made)
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_ALTINN
    assert letter(made).kanalregel == "2b"
    assert ledger(made) == [(1, "ALTINN", "PROV_IGJEN"), (2, "ALTINN", "OVERLEVERT")]
    assert world.altinn.antall == 1


def fail_often(hus: Hus, eier: Owner, world: World, error: ProvIgjen, times: int) -> Levering:
    """Altinn answers `error` as many times, with the waits gone by; the letter's hand-over after that."""
    circuit.THRESHOLD, kept = 1_000, circuit.THRESHOLD
    try:
        world.altinn.svar = [error] * times
        made = make_letter(hus, world.register.add_person(new_fnr()))
        for _ in range(times):
            hand_over(eier, world)
            let_wait_pass(made)
        return levering(made)
    finally:
        circuit.THRESHOLD = kept


def test_a_letter_that_fails_too_often_waits_for_a_person(hus: Hus, eier: Owner, world: World) -> None:
    given_up = fail_often(hus, eier, world, AWAY, 8)
    assert (given_up.status, given_up.feilkode) == ("TIL_BEHANDLING", "FORBINDELSE_NEKTET")
    assert letter(given_up.forsendelse_id).status == Status.AKSEPTERT
    assert world.altinn.antall == 0


def test_a_letter_given_up_can_be_sent_again_by_a_person_with_all_its_tries(
    hus: Hus, eier: Owner, world: World
) -> None:
    given_up = fail_often(hus, eier, world, AWAY, 8)
    service.retry_failed(given_up.id, actor=HOUSE)
    world.altinn.svar = [AWAY]
    for _ in range(2):
        hand_over(eier, world)
        let_wait_pass(given_up.forsendelse_id)
    assert letter(given_up.forsendelse_id).status == Status.SENDT_ALTINN
    assert world.altinn.antall == 1
    assert len(ledger(given_up.forsendelse_id)) == 10


def test_a_channel_that_is_busy_is_waited_for_as_long_as_it_says(hus: Hus, eier: Owner, world: World) -> None:
    world.altinn.svar = [ProvIgjen("FOR_MANGE_KALL", after=17.0, throttled=True)]
    made = make_letter(hus, world.register.add_person(new_fnr()))
    hand_over(eier, world)
    wait = levering(made).neste_forsok - clock.database_now()
    assert timedelta(seconds=10) < wait <= timedelta(seconds=17)


def test_a_busy_channel_costs_the_letter_none_of_its_tries(hus: Hus, eier: Owner, world: World) -> None:
    busy = fail_often(hus, eier, world, ProvIgjen("FOR_MANGE_KALL", after=1.0, throttled=True), 12)
    assert busy.status == "KLAR"
    world.altinn.svar = [AWAY]
    hand_over(eier, world)
    waiting = levering(busy.forsendelse_id)
    assert waiting.status == "VENTER"
    assert waiting.neste_forsok - clock.database_now() < timedelta(seconds=75)


def test_registers_that_do_not_answer_postpone_the_whole_claim_and_nothing_is_sent(
    hus: Hus, eier: Owner, world: World
) -> None:
    world.register.nede = ProvIgjen("REGISTER_NEDE")
    made = make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(3)])
    for _ in range(10):
        hand_over(eier, world)
        for one in made:
            assert (levering(one).status, levering(one).feilkode) == ("VENTER", "REGISTER_NEDE")
            let_wait_pass(one)
    world.register.nede = None
    hand_over(eier, world)
    assert {letter(one).status for one in made} == {Status.SENDT_ALTINN}
    assert world.altinn.antall == 3


# Protected addresses


def test_a_strictly_protected_person_is_never_printed_to_but_waits_in_the_restricted_lane(
    hus: Hus, eier: Owner, world: World
) -> None:
    number = world.register.add_person(
        new_fnr(), registrert=False, beskyttelse=Adressebeskyttelse.STRENGT_FORTROLIG
    )
    made = make_letter(hus, number)
    hand_over(eier, world)
    waiting = levering(made)
    assert (waiting.status, waiting.bane, waiting.feilkode) == (
        "TIL_BEHANDLING",
        "sperret",
        "ADRESSE_SPERRET",
    )
    assert letter(made).status == Status.AKSEPTERT
    assert world.antall == (0, 0, 0)
    assert not any("FORTROLIG" in code for code in codes(made))


def test_a_strictly_protected_person_with_a_mailbox_gets_the_letter_there(
    hus: Hus, eier: Owner, world: World
) -> None:
    number = world.register.add_person(
        new_fnr(), postkasse="EBOKS", beskyttelse=Adressebeskyttelse.STRENGT_FORTROLIG
    )
    made = make_letter(hus, number)
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_SDP


def test_protection_is_looked_up_again_right_before_paper(hus: Hus, eier: Owner, world: World) -> None:
    number = world.register.add_person(new_fnr())
    made = make_letter(hus, number)
    hand_over(eier, world)
    let_lesefrist_pass()
    assert expire_lesefrist() == 1
    world.register.add_person(number, beskyttelse=Adressebeskyttelse.STRENGT_FORTROLIG)
    hand_over(eier, world)
    assert (levering(made).status, levering(made).bane) == ("TIL_BEHANDLING", "sperret")
    assert letter(made).status == Status.SENDT_ALTINN
    assert world.print.antall == 0


def test_fortrolig_is_printed_as_others(hus: Hus, eier: Owner, world: World) -> None:
    number = world.register.add_person(new_fnr(), registrert=False, beskyttelse=Adressebeskyttelse.FORTROLIG)
    made = make_letter(hus, number)
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_PRINT


# Stop


def test_a_stop_before_the_claim_is_exact(hus: Hus, eier: Owner, world: World) -> None:
    mailing = uuid4()
    made = make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(3)], utsending_id=mailing)
    assert service.stop_unsent(mailing, actor=HOUSE) == 3
    assert hand_over(eier, world) == 0
    assert {letter(one).status for one in made} == {Status.MANUELT_HANDTERT}
    assert world.antall == (0, 0, 0)


def test_a_stop_between_claim_and_call_stops_the_letter(hus: Hus, eier: Owner, world: World) -> None:
    mailing = uuid4()
    first, second = make_letters(
        hus, [world.register.add_person(new_fnr()) for _ in range(2)], utsending_id=mailing
    )
    stopped_in_call: list[int] = []

    def stop_meanwhile(referanse: str, brev: Brev) -> None:
        if not stopped_in_call:
            stopped_in_call.append(service.stop_unsent(mailing, actor=HOUSE))

    world.altinn.under = stop_meanwhile
    hand_over(eier, world)
    states = sorted([letter(first).status, letter(second).status])
    assert states == [Status.MANUELT_HANDTERT, Status.SENDT_ALTINN]
    assert stopped_in_call == [0]
    assert world.altinn.antall == 1
    stopped = first if letter(first).status == Status.MANUELT_HANDTERT else second
    assert levering(stopped).status == "STOPPET"
    assert ledger(stopped) == []


def test_a_stop_during_the_call_comes_too_late_and_the_letter_says_so(
    hus: Hus, eier: Owner, world: World
) -> None:
    mailing = uuid4()
    made = make_letter(hus, world.register.add_person(new_fnr()), utsending_id=mailing)
    world.altinn.under = lambda referanse, brev: _stop(mailing)
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_ALTINN
    assert levering(made).status == "OVERLEVERT"


def test_a_stop_during_a_call_that_failed_stops_it_before_the_next(
    hus: Hus, eier: Owner, world: World
) -> None:
    mailing = uuid4()
    made = make_letter(hus, world.register.add_person(new_fnr()), utsending_id=mailing)
    world.altinn.under = lambda referanse, brev: _stop(mailing)
    world.altinn.svar = [AWAY]
    hand_over(eier, world)
    world.altinn.under = None
    let_wait_pass(made)
    hand_over(eier, world)
    assert (letter(made).status, levering(made).status) == (Status.MANUELT_HANDTERT, "STOPPET")
    assert world.altinn.antall == 0


def _stop(mailing: object) -> None:
    service.stop_unsent(mailing, actor=HOUSE)  # type: ignore[arg-type]


# What is sent is what was approved


class ReadingPort:
    """A channel that reads the document before it sends, as the real ones do."""

    def __init__(self) -> None:
        self.fikk: list[bytes] = []

    def send(self, referanse: str, brev: Brev) -> str:
        self.fikk.append(read_checked(brev.dokumenter[0]))
        return referanse

    def lookup(self, referanse: str) -> str | None:
        return None


def hand_over_reading(eier: Owner, world: World) -> list[bytes]:
    port = ReadingPort()
    deliver(Bane.ENKELT, eier, replace(world.verden, kanaler={Kanal.ALTINN: port}))
    return port.fikk


def test_the_document_that_was_stored_is_sent_byte_for_byte(hus: Hus, eier: Owner, world: World) -> None:
    make_letter(hus, world.register.add_person(new_fnr()))
    assert hand_over_reading(eier, world) == [b"%PDF-1.7 et brev"]


def test_another_document_in_its_place_is_held_and_not_sent(hus: Hus, eier: Owner, world: World) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()))
    other = make_document(b"%PDF-1.7 noe helt annet")
    with transaction() as tx:
        tx.execute(
            update(Dokument)
            .where(Dokument.forsendelse_id == made)
            .values(objekt=other.objekt, fra=other.fra, lengde=other.lengde, nokkel=other.nokkel)
        )
    assert hand_over_reading(eier, world) == []
    assert (levering(made).status, levering(made).feilkode) == ("TIL_BEHANDLING", "DOKUMENT_ENDRET")


def test_a_document_changed_on_disk_is_held_and_not_sent(
    hus: Hus, eier: Owner, world: World, tmp_path: Path
) -> None:
    ours = environment.current()
    environment.install(replace(ours, store=open_store(f"file://{tmp_path}")))
    try:
        made = make_letter(hus, world.register.add_person(new_fnr()))
        [file] = [path for path in tmp_path.rglob("*") if path.is_file()]
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
        assert hand_over_reading(eier, world) == []
        held = levering(made)
        assert (held.status, held.feilkode) == ("TIL_BEHANDLING", "DOKUMENT_ODELAGT")
        gone = make_letter(hus, world.register.add_person(new_fnr()))
        for path in tmp_path.rglob("*"):
            if path.is_file():
                path.unlink()
        assert hand_over_reading(eier, world) == []
        assert (levering(gone).status, levering(gone).feilkode) == ("TIL_BEHANDLING", "DOKUMENT_BORTE")
    finally:
        environment.install(ours)


def test_an_object_store_that_is_away_postpones_the_letter_and_costs_no_try(
    hus: Hus, eier: Owner, world: World
) -> None:
    class WithoutStore(ReadingPort):
        def send(self, referanse: str, brev: Brev) -> str:
            raise LagerUtilgjengelig("LAGER_UTILGJENGELIG")

    made = make_letter(hus, world.register.add_person(new_fnr()))
    for _ in range(9):
        deliver(Bane.ENKELT, eier, replace(world.verden, kanaler={Kanal.ALTINN: WithoutStore()}))
        assert (levering(made).status, levering(made).feilkode) == ("VENTER", "LAGER_UTILGJENGELIG")
        let_wait_pass(made)
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_ALTINN


# Claims


def test_a_claim_takes_five_and_no_more(hus: Hus, eier: Owner, world: World) -> None:
    make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(7)])
    assert [deliver(Bane.ENKELT, eier, world.verden) for _ in range(3)] == [5, 2, 0]


def test_lanes_are_worked_each_for_itself(hus: Hus, eier: Owner, world: World) -> None:
    make_letter(hus, world.register.add_person(new_fnr()), bane=Bane.MASSE)
    assert deliver(Bane.ENKELT, eier, world.verden) == 0
    assert deliver(Bane.MASSE, eier, world.verden) == 1


def test_a_letter_whose_time_has_not_come_is_not_claimed(hus: Hus, eier: Owner, world: World) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()))
    with transaction() as tx:
        tx.execute(update(Levering).values(neste_forsok=func.now() + timedelta(minutes=1)))
    assert hand_over(eier, world) == 0
    assert levering(made).status == "KLAR"


def test_frozen_nothing_is_claimed_and_thawed_everything_goes_on(hus: Hus, eier: Owner, world: World) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()))
    circuit.set_frozen(True, "gjenopprettet fra kopi")
    assert hand_over(eier, world) == 0
    assert (levering(made).status, levering(made).forsok) == ("KLAR", 0)
    circuit.set_frozen(False, None)
    assert hand_over(eier, world) == 1
    assert world.altinn.antall == 1


def test_two_workers_never_claim_the_same_letter(
    hus: Hus, database: Database, process: Process, world: World
) -> None:
    made = make_letters(hus, [new_fnr() for _ in range(40)])
    owners = [Owner(database.app_url) for _ in range(3)]
    taken: list[tuple[int, object]] = []
    start = threading.Barrier(3)

    def claim_all(owner: Owner) -> None:
        with process.app.app_context():
            start.wait()
            while found := claim(Bane.ENKELT, owner.number):
                taken.extend((owner.number, krav.claim.levering_id) for krav in found)

    threads = [threading.Thread(target=claim_all, args=(owner,)) for owner in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for owner in owners:
        owner.release()
    assert len(taken) == len({levering_id for _, levering_id in taken}) == len(made)


def test_a_row_that_has_lost_two_owners_is_claimed_alone(hus: Hus, eier: Owner, world: World) -> None:
    made = make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(4)])
    with transaction() as tx:
        tx.execute(update(Levering).where(Levering.forsendelse_id == made[2]).values(tapte_eiere=2))
    assert [deliver(Bane.ENKELT, eier, world.verden) for _ in range(2)] == [1, 3]


def test_something_unforeseen_in_a_call_leaves_nothing_claimed(hus: Hus, eier: Owner, world: World) -> None:
    made = make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(3)])

    def burst(referanse: str, brev: Brev) -> None:
        raise MemoryError

    world.altinn.under = burst
    with pytest.raises(MemoryError):
        deliver(Bane.ENKELT, eier, world.verden)
    session().rollback()
    after = sorted(levering(one).status for one in made)
    assert after == [Leveringsstatus.KLAR, Leveringsstatus.KLAR, Leveringsstatus.UAVKLART]


# Intake


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

"""What keeps a letter from leaving: protected addresses, a stop, a document that is not what was approved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from sqlalchemy import update

from fiks.core import environment
from fiks.core.db import transaction
from fiks.core.errors import ProvIgjen
from fiks.core.queue.owner_lock import Owner
from fiks.core.storage.store import LagerUtilgjengelig, open_store
from fiks.registeroppslag.rules import Adressebeskyttelse
from fiks.svarut.delivery.deliver import deliver
from fiks.svarut.letters import Brev, read_checked
from fiks.svarut.lifecycle.lesefrist import expire_lesefrist
from fiks.svarut.models import Dokument
from fiks.svarut.rules import Bane, Kanal, Status
from fiks.svarut.sender import actions
from tests.integration.houses import HOUSE, Hus, new_fnr
from tests.integration.svarut.letters import (
    codes,
    hand_over,
    ledger,
    let_lesefrist_pass,
    let_wait_pass,
    letter,
    levering,
    make_document,
    make_letter,
    make_letters,
)
from tests.integration.worlds import World

AWAY = ProvIgjen("FORBINDELSE_NEKTET")


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


def test_a_stop_before_the_claim_is_exact(hus: Hus, eier: Owner, world: World) -> None:
    mailing = uuid4()
    made = make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(3)], utsending_id=mailing)
    assert actions.stop_unsent(mailing, actor=HOUSE) == 3
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
            stopped_in_call.append(actions.stop_unsent(mailing, actor=HOUSE))

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
    actions.stop_unsent(mailing, actor=HOUSE)  # type: ignore[arg-type]


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

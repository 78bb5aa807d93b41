"""After a restored backup: a hand-over that a channel has is adopted, not made again."""

from __future__ import annotations

import threading
from uuid import UUID

import pytest
from sqlalchemy import delete, func, insert, select, update

from fiks.core.db import session, transaction
from fiks.core.errors import Avvist, FiksError, ProvIgjen
from fiks.core.queue.owner_lock import Owner
from fiks.print.handover import packing
from fiks.print.models import Avvik, Ordre, Ordrehendelse
from fiks.print.states import Avviksart
from fiks.svarut.delivery.claims import claim
from fiks.svarut.delivery.outcomes import postpone, record_broken
from fiks.svarut.lifecycle import lesefrist
from fiks.svarut.models import Forsendelse, Hendelse, Levering, Leveringsforsok
from fiks.svarut.operations import restore
from fiks.svarut.operations.restore import Gjennomgang, look_up_unsent
from fiks.svarut.rules import Bane, Status
from fiks.svarut.transitions import levering_reference
from tests.integration.houses import Hus, new_fnr
from tests.integration.print.orders import HOUSE, order
from tests.integration.svarut.letters import (
    codes,
    hand_over,
    ledger,
    let_lesefrist_pass,
    letter,
    levering,
    leveringer,
    make_letter,
)
from tests.integration.worlds import World

LONG = 60.0


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause before one is asked about again."""
    monkeypatch.setattr(restore, "PAUSES", (0.0, 0.0))


def look_up(eier: Owner, world: World, printed: frozenset[str] = frozenset()) -> Gjennomgang:
    session().rollback()
    return look_up_unsent(eier, world.verden, printed)


def test_many_are_looked_up_at_once(
    hus: Hus, eier: Owner, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the top of the night hundreds of thousands are ready; one after the other takes until the next night."""
    for _ in range(4):
        make_letter(hus, new_fnr())
    together, asked = threading.Barrier(4), list[str]()

    def lookup(ref: str) -> str | None:
        asked.append(ref)
        together.wait(LONG)
        return None

    monkeypatch.setattr(world.dpi, "lookup", lookup)
    assert look_up(eier, world) == Gjennomgang(4, 0, 0)
    assert len(asked) == 4


def test_one_that_is_to_be_asked_again_does_not_make_all_begin_anew(
    hus: Hus, eier: Owner, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    had = make_letter(hus, new_fnr())
    answers = iter([ProvIgjen("HTTP_429", after=0.0), ProvIgjen("HTTP_503")])

    def lookup(ref: str) -> str | None:
        error = next(answers, None)
        if error is not None:
            raise error
        return f"DPI-{ref}"

    monkeypatch.setattr(world.dpi, "lookup", lookup)
    assert look_up(eier, world) == Gjennomgang(1, 1, 0)
    assert letter(had).status == Status.SENDT_SDP


@pytest.mark.parametrize(("kanal", "status"), [("DPI", Status.SENDT_SDP), ("ALTINN", Status.SENDT_ALTINN)])
def test_a_ready_letter_that_a_channel_has_is_adopted_and_not_sent(
    hus: Hus, eier: Owner, world: World, kanal: str, status: Status
) -> None:
    had = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    other = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    port = world.dpi if kanal == "DPI" else world.altinn
    port.fikk[str(levering(had).id)] = []
    assert look_up(eier, world) == Gjennomgang(2, 1, 0)
    assert (letter(had).status, letter(had).kanal) == (status, kanal)
    assert (levering(had).status, levering(had).leverandor_ref) == (
        "OVERLEVERT",
        f"{kanal}-{levering(had).id}",
    )
    assert ledger(had) == [(1, kanal, "FUNNET")]
    assert levering(other).status == "KLAR"
    assert hand_over(eier, world) == 1
    assert port.fikk[str(levering(had).id)] == []
    assert letter(other).status == Status.SENDT_SDP


def test_one_that_waits_for_its_next_try_is_looked_up_in_its_own_channel_alone(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    world.dpi.svar = [ProvIgjen("FORBINDELSE_NEKTET")]
    hand_over(eier, world)
    assert (levering(made).status, levering(made).kanal) == ("VENTER", "DPI")
    world.dpi.fikk[str(levering(made).id)] = []
    assert look_up(eier, world) == Gjennomgang(1, 1, 0)
    assert world.altinn.oppslag == []
    assert letter(made).status == Status.SENDT_SDP


def test_run_twice_it_finds_nothing_more(hus: Hus, eier: Owner, world: World) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    world.dpi.fikk[str(levering(made).id)] = []
    assert look_up(eier, world) == Gjennomgang(1, 1, 0)
    assert look_up(eier, world) == Gjennomgang(0, 0, 0)


def listed(*references: object) -> frozenset[str]:
    """They stand in the print house's list, and we have no order for them."""
    known = [str(reference_) for reference_ in references]
    with transaction() as tx:
        for one in known:
            tx.execute(insert(Avvik).values(leverandor=HOUSE, referanse=one, art=Avviksart.UKJENT_HOS_OSS))
    return frozenset(known)


def test_a_letter_that_the_print_house_has_and_we_no_order_for_counts_as_sent_whatever_the_registers_say_now(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    printed = listed(levering(made).id)
    assert look_up(eier, world, printed) == Gjennomgang(1, 0, 1)
    assert (levering(made).status, levering(made).kanal) == ("OVERLEVERT", "PRINT")
    assert letter(made).status == Status.SENDT_PRINT
    assert session().scalars(select(Ordre.status)).all() == ["PRODUSERT"]
    assert look_up(eier, world, printed) == Gjennomgang(0, 0, 0)
    assert hand_over(eier, world) == 0
    assert world.dpi.antall == 0


def test_one_that_waited_for_a_person_is_looked_up_too(hus: Hus, eier: Owner, world: World) -> None:
    """Somebody may have tried it again after the backup, and it went."""
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    [krav] = claim(Bane.ENKELT, eier.ensure())
    record_broken(krav.claim, FiksError("DOKUMENT_ODELAGT"))
    assert levering(made).status == "TIL_BEHANDLING"
    world.dpi.fikk[str(levering(made).id)] = []
    assert look_up(eier, world) == Gjennomgang(1, 1, 0)
    assert letter(made).status == Status.SENDT_SDP


def test_one_that_waited_for_a_person_and_the_print_house_has_waits_no_more(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), registrert=False))
    [krav] = claim(Bane.ENKELT, eier.ensure())
    record_broken(krav.claim, FiksError("DOKUMENT_ODELAGT"))
    assert look_up(eier, world, listed(levering(made).id)) == Gjennomgang(1, 0, 1)
    assert (levering(made).status, letter(made).status) == ("OVERLEVERT", Status.SENDT_PRINT)


@pytest.mark.parametrize("kanal", [None, "DPI"])
def test_one_whose_next_hand_over_altinn_has_is_over_whatever_the_registers_say_now(
    hus: Hus, eier: Owner, world: World, kanal: str | None
) -> None:
    """Its mailbox was closed when it was refused after the backup, and the registers know by now."""
    made = make_letter(hus, world.register.add_person(new_fnr()))
    first = levering(made).id
    with transaction() as tx:
        tx.execute(update(Levering).where(Levering.id == first).values(kanal=kanal))
    world.altinn.fikk[str(levering_reference(made, 2))] = []
    assert look_up(eier, world) == Gjennomgang(1, 1, 0)
    assert [(one.id, one.status, one.kanal) for one in leveringer(made)] == [
        (first, "AVVIST", kanal),
        (levering_reference(made, 2), "OVERLEVERT", "ALTINN"),
    ]
    assert (letter(made).status, letter(made).kanal) == (Status.SENDT_ALTINN, "ALTINN")
    assert ledger(made) == [(1, "ALTINN", "FUNNET")]
    assert hand_over(eier, world) == 0
    assert look_up(eier, world) == Gjennomgang(0, 0, 0)


@pytest.mark.parametrize("number", [2, 3])
def test_one_whose_next_hand_over_or_the_one_after_is_on_a_print_houses_list_counts_as_sent(
    hus: Hus, eier: Owner, world: World, number: int
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()))
    assert look_up(eier, world, listed(levering_reference(made, number))) == Gjennomgang(1, 0, 1)
    assert [(one.status, one.kanal) for one in leveringer(made)] == [
        *[("AVVIST", None)] * (number - 1),
        ("OVERLEVERT", "PRINT"),
    ]
    assert leveringer(made)[-1].id == levering_reference(made, number)
    assert hand_over(eier, world) == 0
    assert (letter(made).status, world.altinn.antall) == (Status.SENDT_PRINT, 0)


def as_in_the_backup(made: UUID, kept: UUID, lopenr: int, **letter_was: object) -> None:
    """Forget all hand-overs of the letter but one, and what came after that row of its history."""
    session().rollback()
    with transaction() as tx:
        tx.execute(delete(Leveringsforsok).where(Leveringsforsok.levering_id != kept))
        tx.execute(delete(Ordrehendelse))
        tx.execute(delete(Ordre))
        tx.execute(delete(Levering).where(Levering.forsendelse_id == made, Levering.id != kept))
        tx.execute(delete(Hendelse).where(Hendelse.forsendelse_id == made, Hendelse.lopenr > lopenr))
        was = {"siste_lopenr": lopenr, "lesefrist_utlopt": None, **letter_was}
        tx.execute(update(Forsendelse).where(Forsendelse.id == made).values(**was))
    session().expire_all()


@pytest.mark.parametrize("looked_up", [True, False])
def test_what_went_on_to_its_next_channel_after_the_backup_is_known_there(
    hus: Hus, eier: Owner, world: World, looked_up: bool
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    first, before = levering(made).id, letter(made).siste_lopenr
    world.dpi.svar = [Avvist("MOTTAKER_HAR_IKKE_POSTKASSE")]
    hand_over(eier, world)
    known_by = str(levering(made).id)
    assert (letter(made).status, list(world.altinn.fikk)) == (Status.SENDT_ALTINN, [known_by])
    as_in_the_backup(
        made, first, before, status=Status.AKSEPTERT, kanal=None, overlevert=None, lesefrist=None
    )
    with transaction() as tx:
        tx.execute(delete(Leveringsforsok))
        again = {"status": "KLAR", "forsok": 0, "kanal": None, "kanalregel": None, "kall_startet": None}
        tx.execute(update(Levering).where(Levering.id == first).values(**again, feilkode=None))
    if looked_up:
        assert look_up(eier, world) == Gjennomgang(1, 1, 0)
    world.dpi.svar = [Avvist("MOTTAKER_HAR_IKKE_POSTKASSE")]
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_ALTINN
    assert list(world.altinn.fikk) == [known_by], "Altinn takes one reference once"
    assert len(world.altinn.fikk[known_by]) == 1 + (not looked_up), "and this one does not refuse the second"


def test_what_went_on_paper_after_the_backup_is_not_ordered_once_more(
    hus: Hus, eier: Owner, world: World
) -> None:
    """Nobody had read it, the deadline passed after the backup, and the print house got it."""
    made = make_letter(hus, world.register.add_person(new_fnr()))
    hand_over(eier, world)
    first, before = levering(made).id, letter(made).siste_lopenr
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    hand_over(eier, world)
    printed = str(levering(made).id)
    assert (letter(made).status, printed != str(first)) == (Status.SENDT_PRINT, True)
    as_in_the_backup(made, first, before, status=Status.SENDT_ALTINN, kanal="ALTINN")
    with transaction() as tx:
        tx.execute(insert(Avvik).values(leverandor=HOUSE, referanse=printed, art=Avviksart.UKJENT_HOS_OSS))
    lesefrist.expire_lesefrist()
    hand_over(eier, world)
    assert (letter(made).status, levering(made).status) == (Status.SENDT_PRINT, "OVERLEVERT")
    assert (str(levering(made).id), codes(made)[-2:]) == (printed, ["ALT_HOS_TRYKKERIET", "SENDT_PRINT"])
    assert (packing.pack_all(), order(levering(made).id).status) == (0, "PRODUSERT")
    assert session().scalar(select(func.count()).select_from(Avvik)) == 0


def test_a_channel_that_cannot_be_asked_ends_it_and_nothing_is_changed(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    world.dpi.nede = ProvIgjen("FORBINDELSE_NEKTET")
    with pytest.raises(ProvIgjen):
        look_up(eier, world)
    assert levering(made).status == "KLAR"


def test_a_claimed_letter_is_left_to_its_owner(hus: Hus, eier: Owner, world: World) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    [krav] = claim(Bane.ENKELT, eier.ensure())
    world.dpi.fikk[str(levering(made).id)] = []
    assert look_up(eier, world) == Gjennomgang(0, 0, 0)
    with transaction():
        postpone(krav.claim, ProvIgjen("FORBINDELSE_NEKTET"), counts=False)
    assert look_up(eier, world) == Gjennomgang(1, 1, 0)

"""After a restored backup: a hand-over that a channel has is adopted, not made again."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import delete, func, insert, select, update

from fiks.core.db import session, transaction
from fiks.core.errors import Avvist, FiksError, ProvIgjen
from fiks.core.locks import Owner
from fiks.print.models import Avvik, Ordre, Ordrehendelse
from fiks.print.order_rules import Avviksart
from fiks.svarut import recovery
from fiks.svarut.channel_models import Leveringsforsok
from fiks.svarut.claiming import claim
from fiks.svarut.models import Forsendelse, Hendelse, Levering
from fiks.svarut.outcomes import postpone, record_broken
from fiks.svarut.restored import Gjennomgang, look_up_unsent
from fiks.svarut.rules import Bane, Kanal, Status
from tests.integration.houses import Hus, new_fnr
from tests.integration.print.orders import HOUSE
from tests.integration.svarut.letters import (
    hand_over,
    ledger,
    let_lesefrist_pass,
    letter,
    levering,
    make_letter,
)
from tests.integration.worlds import World


def channels(world: World) -> dict[Kanal, object]:
    return {Kanal.DPI: world.dpi, Kanal.ALTINN: world.altinn}


def look_up(eier: Owner, world: World, printed: frozenset[str] = frozenset()) -> Gjennomgang:
    session().rollback()
    return look_up_unsent(eier, channels(world), printed)  # type: ignore[arg-type]


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


def test_a_letter_that_the_print_house_has_and_we_no_order_for_waits_for_a_person(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), registrert=False))
    assert look_up(eier, world, frozenset({str(levering(made).id)})) == Gjennomgang(1, 0, 1)
    assert (levering(made).status, levering(made).feilkode) == ("TIL_BEHANDLING", "FUNNET_HOS_TRYKKERIET")
    assert hand_over(eier, world) == 0


def test_one_that_waited_for_a_person_is_looked_up_too(hus: Hus, eier: Owner, world: World) -> None:
    """Somebody may have tried it again after the backup, and it went."""
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    [krav] = claim(Bane.ENKELT, eier.ensure())
    record_broken(krav.claim, FiksError("DOKUMENT_ODELAGT"))
    assert levering(made).status == "TIL_BEHANDLING"
    world.dpi.fikk[str(levering(made).id)] = []
    assert look_up(eier, world) == Gjennomgang(1, 1, 0)
    assert letter(made).status == Status.SENDT_SDP


def test_one_that_waited_for_a_person_and_the_print_house_has_says_so_once(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), registrert=False))
    [krav] = claim(Bane.ENKELT, eier.ensure())
    record_broken(krav.claim, FiksError("DOKUMENT_ODELAGT"))
    printed = frozenset({str(levering(made).id)})
    assert look_up(eier, world, printed) == Gjennomgang(1, 0, 1)
    assert (levering(made).status, levering(made).feilkode) == ("TIL_BEHANDLING", "FUNNET_HOS_TRYKKERIET")
    assert look_up(eier, world, printed) == Gjennomgang(0, 0, 0)


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


def test_what_went_on_to_its_next_channel_after_the_backup_is_known_there(
    hus: Hus, eier: Owner, world: World
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
    assert look_up(eier, world) == Gjennomgang(1, 0, 0)
    world.dpi.svar = [Avvist("MOTTAKER_HAR_IKKE_POSTKASSE")]
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_ALTINN
    assert list(world.altinn.fikk) == [known_by], "Altinn takes one reference once"


def test_what_went_on_paper_after_the_backup_is_not_ordered_once_more(
    hus: Hus, eier: Owner, world: World
) -> None:
    """Nobody had read it, the deadline passed after the backup, and the print house got it."""
    made = make_letter(hus, world.register.add_person(new_fnr()))
    hand_over(eier, world)
    first, before = levering(made).id, letter(made).siste_lopenr
    let_lesefrist_pass()
    recovery.expire_lesefrist()
    hand_over(eier, world)
    printed = str(levering(made).id)
    assert (letter(made).status, printed != str(first)) == (Status.SENDT_PRINT, True)
    as_in_the_backup(made, first, before, status=Status.SENDT_ALTINN, kanal="ALTINN")
    with transaction() as tx:
        tx.execute(insert(Avvik).values(leverandor=HOUSE, referanse=printed, art=Avviksart.UKJENT_HOS_OSS))
    recovery.expire_lesefrist()
    hand_over(eier, world)
    assert (levering(made).status, levering(made).feilkode) == ("TIL_BEHANDLING", "FUNNET_HOS_TRYKKERIET")
    assert session().scalar(select(func.count()).select_from(Ordre)) == 0
    with transaction() as tx:
        tx.execute(delete(Avvik))


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

"""How the lanes stand is what the rows say, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, update

from fiks.core.db import session, transaction
from fiks.core.queue.owner_lock import Owner
from fiks.core.storage.store import LagerUtilgjengelig
from fiks.drift import lanes as drift_lanes
from fiks.drift.lanes import lanes
from fiks.drift.rules import BANETALL, Banestand
from fiks.edialog import service as skjema
from fiks.edialog import work as skjema_work
from fiks.edialog.letter import Melding
from fiks.epost.models import Epost
from fiks.print.handover import packing
from fiks.registeroppslag.rules import Registernavn
from fiks.svarut import lease
from fiks.svarut.delivery.claims import claim
from fiks.svarut.models import Banestatus, Forsendelse, Levering
from fiks.svarut.mottak import inspection
from fiks.svarut.rules import Bane, Leveringsstatus, paused_code
from fiks.utsending.jobs import queue
from fiks.utsending.models import Utsendingsrad
from fiks.utsending.rules import IN_FLIGHT, Delart, Utsendingstatus
from tests.integration.edialog.skjemaer import Innbygger, Penn, draft, open_edialog
from tests.integration.houses import Hus, make_hus, new_fnr
from tests.integration.print.orders import HOUSE, agree, make_order
from tests.integration.svarut.letters import make_letter, make_letters
from tests.integration.svarut.submitted import take_in
from tests.integration.utsending.kommuner import feed, make_kommune, make_mailing
from tests.integration.worlds import World


def stand(bane: str) -> Banestand:
    """The lane as it stands now."""
    session().rollback()
    return next(one for one in lanes() if one.bane == bane)


@pytest.fixture
def hus(empty: None) -> Hus:
    return make_hus()


def move(letter_id: UUID, status: Leveringsstatus, **changes: object) -> None:
    """Set the letter's hand-over as if it had gone so."""
    with transaction() as tx:
        tx.execute(
            update(Levering).where(Levering.forsendelse_id == letter_id).values(status=status, **changes)
        )


def test_an_empty_house_has_every_lane_and_nothing_in_them(empty: None) -> None:
    assert {one.bane for one in lanes()} == set(BANETALL)
    assert [one for one in lanes() if one != Banestand(one.bane)] == []


def test_ready_letters_are_counted_in_their_lane_with_the_age_of_the_oldest(hus: Hus) -> None:
    first, *_ = make_letters(hus, [new_fnr() for _ in range(3)], bane=Bane.MASSE)
    make_letter(hus, new_fnr())
    move(first, Leveringsstatus.KLAR, neste_forsok=func.now() - timedelta(minutes=7))
    assert (stand("masse").klare, stand("enkelt").klare) == (3, 1)
    assert 420 <= stand("masse").eldste < 480


def test_a_letter_that_is_to_be_tried_later_is_not_ready(hus: Hus) -> None:
    move(make_letter(hus, new_fnr()), Leveringsstatus.KLAR, neste_forsok=func.now() + timedelta(minutes=1))
    assert stand("enkelt") == Banestand("enkelt")


def test_each_state_of_a_hand_over_is_counted_as_what_it_is(hus: Hus, eier: Owner) -> None:
    make_letter(hus, new_fnr())
    assert len(claim(Bane.ENKELT, eier.ensure())) == 1
    move(make_letter(hus, new_fnr()), Leveringsstatus.VENTER, neste_forsok=func.now() + timedelta(hours=1))
    for _ in range(2):
        move(make_letter(hus, new_fnr()), Leveringsstatus.UAVKLART, kanal="DPI", uavklart_siden=func.now())
    move(make_letter(hus, new_fnr()), Leveringsstatus.TIL_BEHANDLING)
    move(make_letter(hus, new_fnr()), Leveringsstatus.STOPPET)
    assert stand("enkelt") == Banestand("enkelt", i_arbeid=1, venter=1, uavklarte=2, til_behandling=1)


def test_the_restricted_lane_is_shown_when_letters_wait_there(hus: Hus) -> None:
    move(make_letter(hus, new_fnr(), bane=Bane.SPERRET), Leveringsstatus.TIL_BEHANDLING)
    assert stand("sperret") == Banestand("sperret", til_behandling=1)


def test_released_rows_without_a_letter_are_on_their_way_to_the_masses_lane(empty: None) -> None:
    kommune = make_kommune()
    make_mailing(kommune, 4, status=Utsendingstatus.GODKJENT)
    assert stand("masse").ufordelt == 0
    make_mailing(kommune, 6, status=Utsendingstatus.SENDES)
    assert stand("masse").ufordelt == 6


def pause(navn: str) -> None:
    with transaction() as tx:
        until = func.now() + timedelta(minutes=1)
        tx.execute(insert(Banestatus).values(navn=navn, stengt=True, grunn="MANGE_FEIL", apnes=until))


def test_rows_that_are_meant_for_a_paused_channel_are_told_apart(empty: None) -> None:
    mailing = make_mailing(make_kommune(), 6, status=Utsendingstatus.SENDES)
    with transaction() as tx:
        rows = update(Utsendingsrad).where(Utsendingsrad.utsending_id == mailing.id, Utsendingsrad.radnr < 4)
        tx.execute(rows.values(kanal="PRINT"))
    assert (stand("masse").ufordelt, stand("masse").stengt) == (6, 0)
    pause("DPI")
    assert (stand("masse").ufordelt, stand("masse").stengt) == (6, 4)


def test_so_are_all_rows_of_a_mailing_of_which_so_much_waits_that_no_more_is_laid_in_the_lane(
    empty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    kommune = make_kommune()
    waiting, other = (make_mailing(kommune, 3, status=Utsendingstatus.FRIGITT) for _ in range(2))
    feed(waiting, 1)
    feed(other, 1)
    with transaction() as tx:
        letters = update(Levering).where(Levering.utsending_id == waiting.id)
        tx.execute(letters.values(status=Leveringsstatus.VENTER, feilkode=paused_code(Registernavn.KRR)))
    assert (stand("masse").ufordelt, stand("masse").stengt) == (4, 0)
    monkeypatch.setattr(drift_lanes, "ENOUGH_WAITS", 1)
    assert (stand("masse").ufordelt, stand("masse").stengt) == (4, 2)


def test_pieces_of_drawing_can_keep_four_workers_busy_for_each_mailing(empty: None, eier: Owner) -> None:
    kommune = make_kommune()
    with transaction():
        for _ in range(2):
            mailing = make_mailing(kommune, 1, status=Utsendingstatus.UTKAST).id
            for _ in range(7):
                queue.order(mailing, Delart.RENDER)
    assert (stand("render").klare, stand("render").meste) == (14, 2 * IN_FLIGHT)
    assert queue.claim_piece([Delart.RENDER], eier.ensure()) is not None
    assert (stand("render").klare, stand("render").i_arbeid) == (13, 1)


def test_a_list_that_waits_for_its_files_is_not_ready_and_the_files_are(empty: None, eier: Owner) -> None:
    kommune = make_kommune()
    with transaction():
        mailing = make_mailing(kommune, 1, status=Utsendingstatus.UTKAST).id
        queue.order(mailing, Delart.LES)
        file = queue.order(mailing, Delart.FIL)
    assert (stand("liste").klare, stand("render").klare, stand("render").meste) == (0, 1, IN_FLIGHT)
    part = queue.claim_piece([Delart.LES, Delart.FIL], eier.ensure())
    assert part is not None and part.id == file
    assert (stand("liste").klare, stand("render").i_arbeid) == (0, 1)
    with transaction():
        queue.finish_piece(part)
    assert stand("liste").klare == 1


def test_an_e_mail_that_is_due_is_ready_and_one_to_be_tried_later_waits(empty: None) -> None:
    with transaction() as tx:
        for n, when in enumerate((func.now(), func.now() + timedelta(hours=1))):
            row = {"mal": "EDIALOG_FEILET", "sprak": "nb", "til_kryptert": b"x", "verdier": {}}
            tx.execute(insert(Epost).values(nokkel=str(n), til_indeks=b"x", neste_forsok=when, **row))
    assert (stand("epost").klare, stand("epost").venter) == (1, 1)


def test_a_letter_that_somebody_looks_at_is_at_work_and_one_that_is_put_back_waits(hus: Hus) -> None:
    for _ in range(2):
        take_in(hus)
    taken = inspection.claim()
    assert taken is not None
    assert (stand("mottak").klare, stand("mottak").i_arbeid, stand("mottak").venter) == (1, 1, 0)
    lease.release(taken)
    assert (stand("mottak").klare, stand("mottak").i_arbeid, stand("mottak").venter) == (1, 0, 1)


def test_so_is_a_letter_whose_originals_are_put_together_for_the_first_time(hus: Hus) -> None:
    letter_id = make_letter(hus, new_fnr())
    waits = {"status": "LEVERT_SDP", "originaler_venter": True, "kontroll_forsok": 0}
    with transaction() as tx:
        tx.execute(
            update(Forsendelse).where(Forsendelse.id == letter_id).values(kontroll_neste=func.now(), **waits)
        )
    assert (stand("mottak").klare, stand("mottak").i_arbeid) == (1, 0)
    taken = lease.acquire(select(Forsendelse.id).where(Forsendelse.id == letter_id))
    assert taken is not None
    assert (stand("mottak").klare, stand("mottak").i_arbeid) == (0, 1)
    lease.retry_later(taken)
    assert stand("mottak") == Banestand("mottak")


class Waiting(Penn):
    """Draws when somebody has looked how the lane stands, and then cannot."""

    seen: Banestand

    def draw(self, melding: Melding) -> bytes:
        self.seen = stand("edialog")
        raise LagerUtilgjengelig("LAGER_UTILGJENGELIG")


def test_a_skjema_of_which_a_letter_is_made_is_at_work_and_one_that_is_put_back_waits(hus: Hus) -> None:
    open_edialog(hus)
    who = Innbygger()
    skjema.send(draft(hus, who), spraak="nb", actor=who.actor)
    assert stand("edialog").klare == 1
    pen = Waiting()
    assert skjema_work.send_next(pen, World().registers.heeding) == 1
    assert pen.seen == Banestand("edialog", i_arbeid=1)
    assert stand("edialog") == Banestand("edialog", venter=1)


@pytest.fixture
def packed(hus: Hus) -> Iterator[None]:
    """A package that is ready, of a house whose agreement afterwards is as it was."""
    plain = {"brev_per_pakke": 1, "ventetid_sekunder": 0, "aktiv": True, "pause_til": None}
    agree(**plain)
    make_order(hus)
    packing.pack_all()
    yield
    session().rollback()
    agree(**plain)


def packages(*houses: str) -> Banestand:
    """The lane of packages, for who has an address of these houses in its settings."""
    session().rollback()
    return next(one for one in lanes(houses) if one.bane == "print")


def test_a_package_is_ready_as_long_as_somebody_would_hand_it_over(packed: None) -> None:
    """FiksLaneStandsStill would fire in a state that docs/drift/trykkerier.md orders."""
    assert (packages(HOUSE).klare, packages(HOUSE).venter) == (1, 0)
    assert packages("NORD") == Banestand("print", venter=1)
    for closed in ({"aktiv": False}, {"pause_til": func.now() + timedelta(minutes=1)}):
        agree(**closed)
        assert packages(HOUSE) == stand("print") == Banestand("print", venter=1)
        agree(aktiv=True, pause_til=None)
    agree(pause_til=func.now() - timedelta(seconds=1))
    assert packages(HOUSE).klare == 1


def test_who_is_not_told_of_addresses_counts_the_packages_of_every_house_in_use(packed: None) -> None:
    """The page Drift: a process of the portal has no address of a print house in its settings."""
    assert stand("print").klare == 1

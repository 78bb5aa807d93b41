"""Which rows of a stopped mailing a new one is made of: none that a person has closed, none that is in one already."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from fiks.core.audit import Audit
from fiks.core.crypto.encryption import blind_index
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import Konflikt
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.models import Forsendelse
from fiks.svarut.sender import actions
from fiks.utsending.approval import service
from fiks.utsending.models import Opplasting, Utsendingsrad
from fiks.utsending.overview.mailing_page import detail
from fiks.utsending.sending import retry, stop_report
from fiks.utsending.sending.copy_unsent import new_from_unsent
from fiks.utsending.sending.stop_report import Gruppe
from tests.integration.utsending.kommuner import (
    Kommune,
    Mailing,
    Postkasser,
    feed,
    hand_over,
    make_kommune,
    make_mailing,
    release,
)
from tests.integration.utsending.test_stop import rows_of

pytestmark = pytest.mark.usefixtures("house")


def half_fed(letters: int = 2) -> tuple[Kommune, Mailing]:
    """A mailing of four rows that is being sent; its first rows are letters that wait for their channel."""
    kommune = make_kommune()
    mailing = make_mailing(kommune, 4)
    release(kommune, mailing)
    feed(mailing, letters)
    return kommune, mailing


def letter_of(mailing: Mailing, radnr: int) -> UUID:
    found = select(Forsendelse.id).where(Forsendelse.utsending_id == mailing.id, Forsendelse.radnr == radnr)
    return session().scalars(found).one()


def close_by_hand(kommune: Kommune, mailing: Mailing, *radnr: int) -> None:
    for one in radnr:
        actions.set_manually_handled(letter_of(mailing, one), actor=kommune.aktor("stopper"))


def stop(kommune: Kommune, mailing: Mailing) -> None:
    service.stop(mailing.id, actor=kommune.aktor("stopper"))


def draft_of(kommune: Kommune, mailing: Mailing) -> UUID:
    return new_from_unsent(mailing.id, actor=kommune.aktor("saksbehandler"))


def stopped() -> tuple[Kommune, Mailing]:
    kommune, mailing = half_fed(letters=0)
    stop(kommune, mailing)
    return kommune, mailing


def change_row(utsending_id: UUID, radnr: int, **values: object) -> None:
    row = Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.radnr == radnr
    with transaction() as tx:
        tx.execute(update(Utsendingsrad).where(*row).values(**values))


def upload_another_list(kommune: Kommune, utsending_id: UUID, *kept: int, **changes: object) -> None:
    """The draft's rows are of a list that was uploaded into it; it has rows of these numbers."""
    with transaction() as tx:
        tx.execute(
            delete(Utsendingsrad).where(
                Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.radnr.not_in(kept)
            )
        )
        tx.add(
            Opplasting(
                utsending_id=utsending_id,
                art="LISTE",
                filnavn="andre.csv",
                storrelse=1,
                sha256=b"0" * 32,
                status="LEST",
                opprettet_av=kommune.personer["saksbehandler"],
            )
        )
    for radnr in kept:
        change_row(utsending_id, radnr, rad_hash=f"andre {radnr}".encode(), **changes)


def index_of(kind: str) -> bytes:
    return blind_index(current().index_key, kind, "en annen")


def test_a_letter_closed_by_hand_is_not_sent_by_the_mailing_of_the_unsent() -> None:
    kommune, mailing = half_fed()
    close_by_hand(kommune, mailing, 2)
    stop(kommune, mailing)
    svar = stop_report.count_groups(mailing.id, actor=kommune.aktor("leser"))
    assert svar.grupper == {Gruppe.STOPPET: 4}

    new = draft_of(kommune, mailing)

    assert rows_of(new) == {3, 4, 5}
    u = detail(new, actor=kommune.aktor("saksbehandler"))
    assert (u.antall_rader, u.historikk[0].detaljer["handtert_for_hand"]) == (3, 1)
    said = select(Audit.detaljer).where(Audit.handling == "UTKAST_AV_USENDTE", Audit.objekt_id == str(new))
    assert session().scalars(said).one()["handtert_for_hand"] == 1


def test_a_letter_closed_by_hand_and_deleted_is_not_sent_either() -> None:
    kommune, mailing = half_fed()
    close_by_hand(kommune, mailing, 2)
    stop(kommune, mailing)
    actions.delete_letters([letter_of(mailing, 2)], actor=kommune.aktor("stopper"))
    assert rows_of(draft_of(kommune, mailing)) == {3, 4, 5}


def test_paper_closed_by_hand_before_it_was_in_a_package_is_not_sent_by_the_mailing_of_the_unsent(
    owner: Owner,
) -> None:
    kommune, mailing = half_fed(letters=3)
    hand_over(owner, Postkasser())
    close_by_hand(kommune, mailing, 2)
    stop(kommune, mailing)
    retry.stop_paper(mailing.id, actor=kommune.aktor("stopper"))
    svar = stop_report.count_groups(mailing.id, actor=kommune.aktor("leser"))
    assert svar.grupper == {Gruppe.STOPPET: 4}
    assert rows_of(draft_of(kommune, mailing)) == {3, 4, 5}


def test_a_mailing_whose_unsent_letters_were_all_closed_by_hand_has_none_to_take() -> None:
    kommune, mailing = half_fed(letters=4)
    close_by_hand(kommune, mailing, *mailing.fnr)
    stop(kommune, mailing)
    with pytest.raises(Konflikt, match="INGEN_USENDTE"):
        draft_of(kommune, mailing)


def test_a_letter_that_only_the_stop_closed_is_in_the_mailing_of_the_unsent() -> None:
    kommune, mailing = half_fed()
    stop(kommune, mailing)
    new = draft_of(kommune, mailing)
    assert rows_of(new) == {2, 3, 4, 5}
    u = detail(new, actor=kommune.aktor("saksbehandler"))
    assert u.historikk[0].detaljer["handtert_for_hand"] == 0


@pytest.mark.parametrize("with_number", [True, False])
def test_rows_of_another_list_in_the_draft_are_not_taken_for_the_unsent_ones(with_number: bool) -> None:
    kommune, mailing = stopped()
    others: dict[str, Any] = {"mottaker_indeks": index_of("mottaker")}
    if not with_number:
        others = {"mottaker_indeks": None, "duplikat_indeks": None}
        for radnr in mailing.fnr:
            change_row(mailing.id, radnr, **others)
    upload_another_list(kommune, draft_of(kommune, mailing), 2, 3, **others)
    assert rows_of(draft_of(kommune, mailing)) == {2, 3, 4, 5}


def test_a_letter_about_another_property_is_not_the_one_that_was_unsent() -> None:
    kommune, mailing = stopped()
    upload_another_list(kommune, draft_of(kommune, mailing), 2, duplikat_indeks=index_of("duplikat"))
    assert rows_of(draft_of(kommune, mailing)) == {2, 3, 4, 5}


def test_the_same_list_with_an_address_corrected_has_taken_its_rows() -> None:
    kommune, mailing = stopped()
    upload_another_list(kommune, draft_of(kommune, mailing), 2, 3)
    assert rows_of(draft_of(kommune, mailing)) == {4, 5}


@pytest.mark.parametrize(
    "before",
    [{}, {"duplikat_indeks": None}, {"mottaker_indeks": None}],
    ids=["number and property", "number alone", "no number"],
)
def test_a_row_that_a_control_repairs_in_the_draft_is_still_in_it(before: dict[str, None]) -> None:
    kommune, mailing = stopped()
    for radnr in mailing.fnr:
        change_row(mailing.id, radnr, rad_hash=f"skrevet {radnr}".encode(), **before)
    new = draft_of(kommune, mailing)
    repaired: dict[str, Any] = {}
    if "mottaker_indeks" in before:  # Then what the letter is about is known together with the address.
        repaired = {"duplikat_indeks": index_of("duplikat")}
    for radnr in mailing.fnr:
        change_row(new, radnr, rad_hash=f"rettet {radnr}".encode(), **repaired)
    with pytest.raises(Konflikt, match="INGEN_USENDTE"):
        new_from_unsent(mailing.id, actor=kommune.aktor("stopper"))
    assert draft_of(kommune, mailing) == new

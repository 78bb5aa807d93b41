"""A letter is only made of, and sent to, the values its row's hash was made of; the hash is what is approved."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from fiks.core.db import session, transaction
from fiks.svarut.models import Forsendelse, Levering
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.rows.storage import duplicate_index
from fiks.utsending.rules import Radstatus, Utsendingstatus
from fiks.utsending.sending import feeder
from tests.integration.databases import QuickProcess
from tests.integration.utsending.jobs import begin, few_rows, produce, read, rows_of, status
from tests.integration.utsending.kommuner import feed, make_kommune, make_mailing, release

pytestmark = pytest.mark.usefixtures("at_noon", "outside")
U = Utsendingstatus


def swap(utsending_id: object, one: int, other: int) -> None:
    """Give two rows each other's encrypted values, as somebody with the database could."""
    with transaction() as tx:
        sealed = dict(
            tx.execute(
                select(Utsendingsrad.radnr, Utsendingsrad.data_kryptert).where(
                    Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.radnr.in_([one, other])
                )
            ).all()
        )
        for radnr, values in ((one, sealed[other]), (other, sealed[one])):
            tx.execute(
                update(Utsendingsrad)
                .where(Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.radnr == radnr)
                .values(data_kryptert=values)
            )


def letters_of(utsending_id: object) -> int:
    session().rollback()
    made = select(func.count()).select_from(Forsendelse).where(Forsendelse.utsending_id == utsending_id)
    return session().execute(made).scalar_one()


def test_rows_whose_values_changed_places_after_approval_stop_the_mailing_and_none_is_sent() -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 5)
    release(kommune, mailing)
    swap(mailing.id, 3, 4)
    assert feeder.feed_all() == 0
    assert (status(mailing.id), letters_of(mailing.id)) == (U.STOPPET, 0)


def test_values_that_change_places_while_a_mailing_is_sent_stop_what_has_not_left() -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 5)
    release(kommune, mailing)
    assert feed(mailing, 2) == 2
    with transaction() as tx:
        tx.execute(update(Levering).where(Levering.utsending_id == mailing.id).values(status="VENTER"))
    swap(mailing.id, 5, 6)
    feeder.feed_all()
    assert (status(mailing.id), letters_of(mailing.id)) == (U.STOPPET, 2)
    left = select(Forsendelse.status).where(Forsendelse.utsending_id == mailing.id)
    assert set(session().scalars(left)) == {"MANUELT_HANDTERT"}


def test_no_letter_is_drawn_of_values_that_are_not_the_rows_own(
    process: QuickProcess, tmp_path: Path
) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 4))
    read(utsending_id, process)
    swap(utsending_id, 2, 3)
    produce(kommune, utsending_id, process)
    bad = {row.radnr for row in rows_of(utsending_id) if row.status == Radstatus.FEIL}
    assert bad == {2, 3}
    assert session().get_one(Utsending, utsending_id).status == U.UTKAST


def test_the_same_receiver_alone_is_not_the_same_letter() -> None:
    person = {"fnr": "21859130493", "navn": "Oppriktig Tyttebær"}
    assert duplicate_index(person) is None
    assert duplicate_index(person | {"kid": "18"}) != duplicate_index(person | {"kid": "26"})
    assert duplicate_index(person | {"gnr": "1", "bnr": "2"}) == duplicate_index(
        person | {"gnr": "1", "bnr": "2", "kid": "18"}
    )


def test_a_receiver_without_a_number_is_known_again_by_name_and_address() -> None:
    estate = {"navn": "Dødsbo etter Snill Oter", "adresselinje1": "Gata 1", "gnr": "1", "bnr": "2"}
    assert duplicate_index(estate) == duplicate_index(estate | {"navn": estate["navn"].upper()})
    assert duplicate_index(estate) != duplicate_index(estate | {"adresselinje1": "Gata 2"})


def test_nor_is_one_whose_name_was_written_on_a_mac_another(process: QuickProcess, tmp_path: Path) -> None:
    line = "Pål Ås;Ålegata 1;0580;OSLO;1;2"
    path = tmp_path / "liste.csv"
    path.write_text(
        f"navn;adresselinje1;postnr;poststed;gnr;bnr\n{line}\n{unicodedata.normalize('NFD', line)}\n"
    )
    utsending_id = begin(make_kommune(), path)
    read(utsending_id, process)
    first, second = rows_of(utsending_id)
    assert first.duplikat_indeks is not None and first.duplikat_indeks == second.duplikat_indeks
    assert "DUBLETT_MOTTAKER" in [finding["kode"] for finding in second.funn]

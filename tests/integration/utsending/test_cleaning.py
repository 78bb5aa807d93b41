"""Cleaning: lists, drafts, previews and row data go when their time is over; hashes and proof stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fiks.core import clock
from fiks.core.actor import Aktor
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon.models import Konto
from fiks.svarut.letters import load_letters, read_checked
from fiks.svarut.models import Forsendelse, Levering
from fiks.utsending.approval import service
from fiks.utsending.deletion import cleanup
from fiks.utsending.deletion.expiry import MAX_DAYS_AHEAD
from fiks.utsending.draft import confirm
from fiks.utsending.draft import service as draft_service
from fiks.utsending.models import Arbeidsdel, Opplasting, Utsending, Utsendingsrad
from fiks.utsending.receivers import typed, uploads
from fiks.utsending.rules import Utsendingstatus
from fiks.utsending.sending import feeder
from fiks.utsending.sending.copy_unsent import new_from_unsent
from tests.integration.utsending.kommuner import (
    Kommune,
    Mailing,
    Postkasser,
    make_kommune,
    make_mailing,
    release,
    send_all,
    today,
)
from workers.planned import JOBS

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture(autouse=True)
def clock_put_back(house: None) -> Iterator[None]:
    yield
    clock.move(-clock.offset())


def days_pass(days: int) -> None:
    clock.move(timedelta(days=days))


def clean() -> int:
    """Clean until nothing more is due (other tests' mailings grow old too); return how many."""
    return sum(iter(cleanup.clean_all, 0))


def stored(content: bytes = b"content") -> dict[str, object]:
    made = current().store.put_document([content], current().keys)
    return {
        "objekt": made.objekt,
        "nokkel": made.nokkel,
        "sha256": made.sha256,
        "storrelse": made.storrelse,
    }


def with_list_and_preview(kommune: Kommune, mailing: Mailing) -> tuple[str, str]:
    """Give the mailing an uploaded list and a preview; return the names of their objects."""
    liste = stored(b"fnr;navn")
    [piece] = current().store.put_segment([b"png"], current().keys)
    with transaction() as tx:
        tx.add(
            Opplasting(
                utsending_id=mailing.id,
                art="LISTE",
                filnavn="liste.csv",
                status="LEST",
                opprettet_av=kommune.personer["saksbehandler"],
                **liste,
            )
        )
        tx.add(
            Arbeidsdel(
                utsending_id=mailing.id,
                art="FORHANDSVISNING",
                nr=1,
                status="FERDIG",
                resultat=[
                    {"objekt": piece.objekt, "fra": 0, "lengde": piece.lengde, "nokkel": piece.nokkel.hex()}
                ],
            )
        )
    return str(liste["objekt"]), piece.objekt


def is_gone(objekt: str) -> bool:
    try:
        b"".join(current().store.read_document(objekt, current().keys.wrap(b"0" * 32), current().keys))
    except IkkeFunnet:
        return True
    except Exception:  # noqa: BLE001 - any other answer means that the object is there
        return False
    return False


def finished(owner: Owner) -> tuple[Kommune, Mailing]:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    send_all(kommune, mailing, owner, Postkasser(set(mailing.fnr.values())))
    with transaction() as tx:
        tx.execute(
            update(Forsendelse).where(Forsendelse.utsending_id == mailing.id).values(status="LEVERT_SDP")
        )
    feeder.finish_all()
    return kommune, mailing


def test_an_ended_mailing_keeps_its_data_until_the_day_and_not_longer(owner: Owner) -> None:
    kommune, mailing = finished(owner)
    liste, bilde = with_list_and_preview(kommune, mailing)
    days_pass(89)
    clean()
    assert not is_gone(liste)
    days_pass(2)
    assert clean() >= 1
    rows = session().scalars(select(Utsendingsrad).where(Utsendingsrad.utsending_id == mailing.id)).all()
    assert len(rows) == 3
    assert all(row.data_kryptert is None and row.nokkel is None for row in rows)
    assert all(row.rad_hash and row.brev_sha256 and row.forsendelse_id for row in rows)
    upload = session().scalars(select(Opplasting).where(Opplasting.utsending_id == mailing.id)).one()
    assert (upload.objekt, upload.nokkel, len(upload.sha256)) == (None, None, 32)
    assert not session().scalars(select(Arbeidsdel.id).where(Arbeidsdel.utsending_id == mailing.id)).all()
    assert (is_gone(liste), is_gone(bilde)) == (True, True)
    assert session().get_one(Utsending, mailing.id).innhold_digest
    assert clean() == 0


def test_a_store_that_hangs_holds_the_job_for_one_mailing_more_than_its_time(owner: Owner) -> None:
    clean()
    finished(owner)
    finished(owner)
    days_pass(91)
    assert [cleanup.clean_all(seconds=0) for _ in range(3)] == [1, 1, 0]


def test_cleaning_keeps_up_with_a_hundred_mailings_a_day_though_each_turn_does_one() -> None:
    turns = 86_400 // JOBS["slett_utlopt_innhold"].seconds
    assert turns >= 2 * 100


def test_the_letters_that_were_sent_can_still_be_read(owner: Owner) -> None:
    _, mailing = finished(owner)
    days_pass(91)
    clean()
    ids = session().scalars(select(Forsendelse.id).where(Forsendelse.utsending_id == mailing.id)).all()
    letters = load_letters(list(ids))
    assert all(read_checked(letter.dokumenter[0]) for letter in letters.values())


def test_each_konto_decides_how_long(owner: Owner) -> None:
    kommune, mailing = finished(owner)
    with transaction() as tx:
        tx.execute(update(Konto).where(Konto.id == kommune.konto_id).values(lagringsdager=10))
    days_pass(11)
    clean()
    assert session().get_one(Utsending, mailing.id).innhold_slettet is not None


@pytest.mark.parametrize("status", [Utsendingstatus.TIL_GODKJENNING, Utsendingstatus.GODKJENT])
def test_letters_that_are_made_are_kept_past_their_own_date(status: Utsendingstatus) -> None:
    kommune = make_kommune()
    with transaction() as tx:
        tx.execute(update(Konto).where(Konto.id == kommune.konto_id).values(lagringsdager=10))
    mailing = make_mailing(kommune, 2, status=status, brevdato=today() + timedelta(days=20))

    def is_there() -> bool:
        clean()
        return session().get(Utsending, mailing.id, populate_existing=True) is not None

    days_pass(11)
    assert is_there()
    days_pass(38)
    assert is_there()
    days_pass(2)
    assert not is_there()


def test_a_mistyped_year_keeps_nobodys_number_for_a_century() -> None:
    kommune = make_kommune()
    waiting = {"status": Utsendingstatus.GODKJENT, "brevdato": today() + timedelta(days=36_500)}
    mailing = make_mailing(kommune, 2, **waiting)
    days_pass(MAX_DAYS_AHEAD + 89)
    clean()
    assert session().get(Utsending, mailing.id, populate_existing=True) is not None
    days_pass(2)
    clean()
    assert session().get(Utsending, mailing.id, populate_existing=True) is None


def test_an_old_draft_goes_whole_and_leaves_its_trace_in_the_audit() -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3, status=Utsendingstatus.UTKAST)
    letters = (
        session()
        .scalars(select(Utsendingsrad.objekt).where(Utsendingsrad.utsending_id == mailing.id).distinct())
        .all()
    )
    liste, _ = with_list_and_preview(kommune, mailing)
    days_pass(91)
    assert clean() >= 1
    assert session().get(Utsending, mailing.id) is None
    assert is_gone(liste)
    assert all(is_gone(str(objekt)) for objekt in letters)
    row = session().scalars(select(Audit).where(Audit.objekt_id == str(mailing.id))).one()
    assert (row.handling, row.organisasjon_id) == ("UTKAST_SLETTET", kommune.id)


def test_a_draft_edited_lately_stays() -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 2, status=Utsendingstatus.UTKAST)
    days_pass(91)
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(endret=clock.now()))
    clean()
    assert session().get(Utsending, mailing.id) is not None


CHANGES: dict[str, Callable[[UUID, Aktor], object]] = {
    "list uploaded": lambda draft, who: uploads.upload(draft, "LISTE", "liste.csv", [b"fnr"], actor=who),
    "list removed": lambda draft, who: uploads.remove_list(draft, actor=who),
    "read again": lambda draft, who: uploads.read_again(draft, actor=who),
    "receiver typed": lambda draft, who: typed.remove_row(draft, 2, Postkasser(), actor=who),
    "repairs accepted": lambda draft, who: confirm.accept_repairs(draft, None, actor=who),
    "the unreachable sent": lambda draft, who: draft_service.send_unreachable(draft, True, actor=who),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("status", [Utsendingstatus.UTKAST, Utsendingstatus.KONTROLLERT])
def test_a_draft_somebody_works_on_is_not_deleted_as_unused(
    status: Utsendingstatus, change: Callable[[UUID, Aktor], object]
) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 2, status=status)
    days_pass(89)
    change(mailing.id, kommune.aktor("saksbehandler"))
    days_pass(2)
    clean()
    assert session().get(Utsending, mailing.id) is not None
    days_pass(89)
    clean()
    assert session().get(Utsending, mailing.id) is None


def test_a_mailing_with_a_letter_not_settled_is_left_alone(owner: Owner) -> None:
    _, mailing = finished(owner)
    with transaction() as tx:
        letter = tx.scalars(select(Forsendelse.id).where(Forsendelse.utsending_id == mailing.id)).first()
        tx.add(
            Levering(forsendelse_id=letter, utsending_id=mailing.id, bane="masse", status="TIL_BEHANDLING")
        )
    days_pass(200)
    clean()
    assert session().get_one(Utsending, mailing.id).innhold_slettet is None


def stopped_and_old(kommune: Kommune) -> Mailing:
    mailing = make_mailing(kommune, 2)
    release(kommune, mailing)
    service.stop(mailing.id, actor=kommune.aktor("saksbehandler"))
    days_pass(91)
    return mailing


def test_nothing_can_be_taken_from_a_stopped_mailing_that_was_cleaned() -> None:
    kommune = make_kommune(angrefrist=600)
    mailing = stopped_and_old(kommune)
    clean()
    with pytest.raises(Konflikt, match="INNHOLD_SLETTET"):
        new_from_unsent(mailing.id, actor=kommune.aktor("saksbehandler"))


def test_nothing_is_taken_from_a_stopped_mailing_that_is_cleaned_right_before_it_is_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kommune = make_kommune(angrefrist=600)
    mailing = stopped_and_old(kommune)

    @contextmanager
    def after_cleaning() -> Iterator[Session]:
        assert clean() > 0
        with transaction() as tx:
            yield tx

    monkeypatch.setattr("fiks.utsending.sending.copy_unsent.transaction", after_cleaning)
    with pytest.raises(Konflikt, match="INNHOLD_SLETTET"):
        new_from_unsent(mailing.id, actor=kommune.aktor("saksbehandler"))


def test_one_that_cannot_be_cleaned_holds_up_no_other_and_is_told_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, next_one = (stopped_and_old(make_kommune(angrefrist=600)) for _ in range(2))

    def break_off(utsending_id: UUID) -> set[str]:
        if utsending_id == broken.id:
            raise RuntimeError("the store is odd")
        return set()

    monkeypatch.setattr(cleanup, "objects_of_mailing", break_off)
    with pytest.raises(RuntimeError, match="the store is odd"):
        clean()
    cleaned = {row.id for row in session().scalars(select(Utsending)) if row.innhold_slettet is not None}
    assert next_one.id in cleaned
    assert broken.id not in cleaned
    assert [record.utsending for record in caplog.records if record.message == "mailing_not_cleaned"] == [
        str(broken.id)
    ]

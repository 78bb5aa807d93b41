"""From finished letters to release: another person, a fresh login, the right day, and exactly what was approved."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from fiks.core import clock
from fiks.core.actor import Aktor
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeTilgang, Konflikt, UgyldigInndata
from fiks.core.values.calendar import OSLO
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.konto import safeguards
from fiks.konfigurasjon.konto.rules import Angrefristoppsett
from fiks.konfigurasjon.rules import P
from fiks.svarut.models import Forsendelse
from fiks.utsending.approval import service
from fiks.utsending.draft import confirm
from fiks.utsending.models import Utsending, Utsendingshendelse, Utsendingsrad
from fiks.utsending.production import new_date
from fiks.utsending.production import service as production_service
from fiks.utsending.rules import OVERGANGER, Utsendingstatus
from fiks.utsending.sending import feeder
from fiks.utsending.transitions import move, must_move
from tests.integration.houses import HOUSE, make_aktor
from tests.integration.utsending.kommuner import Kommune, Mailing, make_kommune, make_mailing, today

pytestmark = pytest.mark.usefixtures("at_noon")
U = Utsendingstatus


def mailing_now(mailing: Mailing) -> Utsending:
    session().rollback()
    return session().get_one(Utsending, mailing.id, populate_existing=True)


def digest_of(mailing: Mailing) -> bytes:
    digest = mailing_now(mailing).innhold_digest
    assert digest is not None
    return digest


def approve(kommune: Kommune, mailing: Mailing) -> None:
    service.approve(mailing.id, digest_of(mailing), actor=kommune.aktor("godkjenner"))


def letters_of(mailing: Mailing) -> int:
    session().rollback()
    rows = session().scalars(select(Forsendelse.id).where(Forsendelse.utsending_id == mailing.id)).all()
    return len(rows)


# Approval


def test_another_person_approves_what_was_made_and_it_is_audited() -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    approve(kommune, mailing)
    now = mailing_now(mailing)
    assert (now.status, now.godkjent_av) == (U.GODKJENT, kommune.personer["godkjenner"])
    row = session().scalars(select(Audit).where(Audit.handling == "UTSENDING_GODKJENT")).one()
    assert row.detaljer["digest"] == digest_of(mailing).hex()


def test_the_one_who_prepared_never_approves_whatever_rights_they_hold() -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    maker = kommune.personer["saksbehandler"]
    konfigurasjon.grant_privilegium(maker, P.GODKJENNE, kommune.konto_id, actor=HOUSE)
    with pytest.raises(IkkeTilgang, match="EGEN_UTSENDING"):
        service.approve(mailing.id, digest_of(mailing), actor=kommune.aktor("saksbehandler"))
    assert mailing_now(mailing).status == U.TIL_GODKJENNING


def test_the_database_itself_refuses_that_one_person_prepares_and_approves() -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    with pytest.raises(IntegrityError, match="ck_utsending_to_personer"), transaction() as tx:
        tx.execute(
            update(Utsending)
            .where(Utsending.id == mailing.id)
            .values(godkjent_av=kommune.personer["saksbehandler"])
        )


def test_the_house_itself_approves_nothing() -> None:
    mailing = make_mailing(make_kommune(), 3)
    with pytest.raises(IkkeTilgang):
        service.approve(mailing.id, digest_of(mailing), actor=HOUSE)


@pytest.mark.parametrize(("minutter", "godtatt"), [(4.9, True), (5.1, False)])
def test_approval_asks_for_a_login_younger_than_five_minutes(minutter: float, godtatt: bool) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    approver = make_aktor(kommune.personer["godkjenner"], kommune.id, minutter_siden=minutter)
    if godtatt:
        service.approve(mailing.id, digest_of(mailing), actor=approver)
        return
    with pytest.raises(IkkeTilgang, match="NY_INNLOGGING"):
        service.approve(mailing.id, digest_of(mailing), actor=approver)


def test_moving_the_clock_makes_no_login_older_or_younger() -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    old = make_aktor(kommune.personer["godkjenner"], kommune.id, minutter_siden=10)
    clock.move(timedelta(minutes=-8))
    with pytest.raises(IkkeTilgang, match="NY_INNLOGGING"):
        service.approve(mailing.id, digest_of(mailing), actor=old)
    clock.move(timedelta(hours=2))
    approve(kommune, mailing)


def test_a_login_that_does_not_say_when_is_not_a_fresh_one() -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    known = kommune.aktor("godkjenner")
    actor = Aktor(
        known.type, known.navn, person_id=known.person_id, organisasjon_id=known.organisasjon_id, acr=4
    )
    with pytest.raises(IkkeTilgang, match="NY_INNLOGGING"):
        service.approve(mailing.id, digest_of(mailing), actor=actor)


@pytest.mark.parametrize("rolle", ["saksbehandler", "leser", "stopper"])
def test_approval_needs_its_own_privilege(rolle: str) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    with pytest.raises(IkkeTilgang, match="MANGLER_PRIVILEGIUM"):
        service.approve(mailing.id, digest_of(mailing), actor=kommune.aktor(rolle))


def change_row(mailing: Mailing, **values: object) -> None:
    with transaction() as tx:
        tx.execute(
            update(Utsendingsrad)
            .where(Utsendingsrad.utsending_id == mailing.id, Utsendingsrad.radnr == 3)
            .values(**values)
        )


def change_mailing(mailing: Mailing, **values: object) -> None:
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(**values))


CHANGES = [
    (change_row, {"brev_sha256": b"et annet brev"}),
    (change_row, {"rad_hash": b"en annen rad"}),
    (change_row, {"status": "PARKERT"}),
    (change_mailing, {"tittel": "Noe annet"}),
    (change_mailing, {"kun_digital": True}),
    (change_mailing, {"konteringskode": "ANNEN"}),
    (change_mailing, {"brevdato": date(2027, 1, 1)}),
    (change_mailing, {"tosidig": False}),
    (change_mailing, {"sikkerhetsniva": "HOYESTE"}),
]


@pytest.mark.parametrize(("change", "values"), CHANGES)
def test_what_changed_after_the_approver_looked_is_not_approved(
    change: object, values: dict[str, object]
) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    seen = digest_of(mailing)
    change(mailing, **values)  # type: ignore[operator]
    with pytest.raises(Konflikt, match="INNHOLD_ENDRET"):
        service.approve(mailing.id, seen, actor=kommune.aktor("godkjenner"))
    assert mailing_now(mailing).status == U.TIL_GODKJENNING


def test_a_digest_of_something_else_approves_nothing() -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    with pytest.raises(Konflikt, match="INNHOLD_ENDRET"):
        service.approve(mailing.id, b"noe annet", actor=kommune.aktor("godkjenner"))


def test_the_approver_sends_back_with_a_reason_and_the_preparer_reads_it() -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    with pytest.raises(UgyldigInndata, match="BEGRUNNELSE_MANGLER"):
        service.send_back(mailing.id, "  ", actor=kommune.aktor("godkjenner"))
    service.send_back(mailing.id, " Feil forfall i tabellen ", actor=kommune.aktor("godkjenner"))
    now = mailing_now(mailing)
    assert (now.status, now.avvist_grunn) == (U.UTKAST, "Feil forfall i tabellen")
    assert now.innhold_digest is None


def test_what_the_preparer_takes_back_is_not_approved_any_more() -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    approve(kommune, mailing)
    service.withdraw(mailing.id, actor=kommune.aktor("saksbehandler"))
    now = mailing_now(mailing)
    assert (now.status, now.godkjent_av, now.innhold_digest) == (U.UTKAST, None, None)
    with pytest.raises(Konflikt, match="STATUS_ENDRET"):
        service.release(mailing.id, actor=kommune.aktor("saksbehandler"))


# Release


def test_only_what_is_approved_is_released() -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    with pytest.raises(Konflikt, match="STATUS_ENDRET"):
        service.release(mailing.id, actor=kommune.aktor("saksbehandler"))


def test_letters_leave_when_the_time_to_regret_is_over() -> None:
    kommune = make_kommune(angrefrist=60)
    mailing = make_mailing(kommune, 3)
    approve(kommune, mailing)
    answer = service.release(mailing.id, actor=kommune.aktor("saksbehandler"))
    assert answer.angrefrist_sekunder == 60
    assert feeder.feed_all() == 0
    assert (mailing_now(mailing).status, letters_of(mailing)) == (U.FRIGITT, 0)
    clock.move(timedelta(seconds=61))
    assert feeder.feed_all() == 3
    assert (mailing_now(mailing).status, letters_of(mailing)) == (U.SENDES, 3)


def test_a_konto_without_its_own_time_to_regret_has_the_houses() -> None:
    kommune = make_kommune(angrefrist=None)
    mailing = make_mailing(kommune, 3)
    approve(kommune, mailing)
    assert service.release(mailing.id, actor=kommune.aktor("saksbehandler")).angrefrist_sekunder == 30 * 60


def test_a_new_time_to_regret_holds_for_what_is_released_after_it_and_not_for_what_was_before() -> None:
    kommune = make_kommune(angrefrist=600)
    before, after = make_mailing(kommune, 2), make_mailing(kommune, 2)
    for mailing in (before, after):
        approve(kommune, mailing)
    maker = kommune.aktor("saksbehandler")
    begins = service.release(before.id, actor=maker).frigis_tid
    safeguards.set_angrefrist(kommune.konto_id, Angrefristoppsett("5"), actor=HOUSE)
    assert service.release(after.id, actor=maker).angrefrist_sekunder == 5 * 60
    assert mailing_now(before).frigis_tid == begins
    clock.move(timedelta(minutes=6))
    feeder.feed_all()
    assert (letters_of(before), letters_of(after)) == (0, 2)


def test_within_the_time_to_regret_a_stop_means_that_nothing_ever_left() -> None:
    kommune = make_kommune(angrefrist=60)
    mailing = make_mailing(kommune, 3)
    approve(kommune, mailing)
    service.release(mailing.id, actor=kommune.aktor("saksbehandler"))
    assert service.stop(mailing.id, actor=kommune.aktor("saksbehandler")) == 0
    clock.move(timedelta(hours=1))
    assert feeder.feed_all() == 0
    assert (mailing_now(mailing).status, letters_of(mailing)) == (U.STOPPET, 0)


def test_who_may_release_may_stop_until_letters_leave() -> None:
    kommune = make_kommune(angrefrist=60)
    mailing = make_mailing(kommune, 3)
    approve(kommune, mailing)
    approver = kommune.aktor("godkjenner")
    with pytest.raises(IkkeTilgang, match="MANGLER_PRIVILEGIUM"):
        service.stop(mailing.id, actor=approver)
    service.release(mailing.id, actor=approver)
    assert service.stop(mailing.id, actor=approver) == 0
    assert (mailing_now(mailing).status, letters_of(mailing)) == (U.STOPPET, 0)


@pytest.mark.parametrize("rolle", ["godkjenner", "saksbehandler"])
def test_once_letters_leave_a_stop_needs_its_own_privilege(rolle: str) -> None:
    kommune = make_kommune(angrefrist=60)
    mailing = make_mailing(kommune, 3)
    approve(kommune, mailing)
    service.release(mailing.id, actor=kommune.aktor("godkjenner"))
    change_mailing(mailing, status=U.SENDES)
    with pytest.raises(IkkeTilgang, match="MANGLER_PRIVILEGIUM"):
        service.stop(mailing.id, actor=kommune.aktor(rolle))
    service.stop(mailing.id, actor=kommune.aktor("stopper"))
    assert mailing_now(mailing).status == U.STOPPET


def test_a_mailing_is_not_released_on_another_day_than_its_letters_bear() -> None:
    kommune = make_kommune()
    tomorrow = today() + timedelta(days=1)
    mailing = make_mailing(kommune, 3, brevdato=tomorrow)
    approve(kommune, mailing)
    maker = kommune.aktor("saksbehandler")
    with pytest.raises(Konflikt, match="BREVDATO_PASSER_IKKE") as refused:
        service.release(mailing.id, actor=maker)
    assert refused.value.params == {"brevdato": tomorrow.isoformat()}
    assert mailing_now(mailing).status == U.GODKJENT
    answer = service.release(mailing.id, at=clock.now() + timedelta(days=1), actor=maker)
    assert answer.frigis_tid.astimezone(OSLO).date() == tomorrow


def test_a_time_to_regret_that_ends_after_midnight_is_the_next_day() -> None:
    kommune = make_kommune(angrefrist=24 * 3600)
    mailing = make_mailing(kommune, 3, brevdato=today())
    approve(kommune, mailing)
    with pytest.raises(Konflikt, match="BREVDATO_PASSER_IKKE"):
        service.release(mailing.id, actor=kommune.aktor("saksbehandler"))


@pytest.mark.parametrize(
    ("angrefrist", "brevdato", "refused"),
    [(0, -1, True), (0, 0, False), (0, 1, False), (24 * 3600, 0, True), (24 * 3600, 1, False)],
)
def test_letters_are_not_made_with_a_date_that_no_release_lets_through(
    angrefrist: int, brevdato: int, refused: bool
) -> None:
    kommune = make_kommune(angrefrist=angrefrist)
    mailing = make_mailing(kommune, 3, brevdato=today() + timedelta(days=brevdato))
    maker, first = kommune.aktor("saksbehandler"), kommune.begins()
    if not refused:
        production_service.start_production(mailing.id, actor=maker)
        assert mailing_now(mailing).status == U.PRODUSERES
        return
    with pytest.raises(Konflikt, match="BREVDATO_MA_ENDRES") as error:
        production_service.start_production(mailing.id, actor=maker)
    assert error.value.params == {"brevdato": mailing_now(mailing).brevdato, "tidligst": first}
    assert mailing_now(mailing).status == U.TIL_GODKJENNING


def test_a_new_date_is_one_that_a_release_lets_through() -> None:
    kommune = make_kommune(angrefrist=24 * 3600)
    mailing = make_mailing(kommune, 3, brevdato=today() + timedelta(days=1))
    approve(kommune, mailing)
    maker = kommune.aktor("saksbehandler")
    with pytest.raises(UgyldigInndata, match="BREVDATO_FOR_TIDLIG"):
        new_date.produce_with_new_date(mailing.id, today(), actor=maker)
    new_date.produce_with_new_date(mailing.id, today() + timedelta(days=2), actor=maker)
    assert mailing_now(mailing).status == U.PRODUSERES


def test_a_release_in_the_past_is_one_now() -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    approve(kommune, mailing)
    before = clock.now()
    answer = service.release(mailing.id, at=before - timedelta(days=3), actor=kommune.aktor("saksbehandler"))
    assert answer.frigis_tid >= before


def test_letters_of_another_day_are_made_again_and_need_a_new_approval() -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    approve(kommune, mailing)
    clock.move(timedelta(days=1))
    with pytest.raises(Konflikt, match="BREVDATO_PASSER_IKKE"):
        service.release(mailing.id, actor=kommune.aktor("saksbehandler"))
    new_date.produce_with_new_date(mailing.id, today(), actor=kommune.aktor("saksbehandler"))
    now = mailing_now(mailing)
    assert (now.status, now.brevdato, now.godkjent_av, now.innhold_digest) == (
        U.PRODUSERES,
        today(),
        None,
        None,
    )
    with pytest.raises(Konflikt, match="STATUS_ENDRET"):
        service.release(mailing.id, actor=kommune.aktor("saksbehandler"))


@pytest.mark.parametrize(("change", "values"), CHANGES)
def test_what_changed_after_the_approval_stops_the_mailing_and_nothing_is_sent(
    change: object, values: dict[str, object]
) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    approve(kommune, mailing)
    service.release(mailing.id, actor=kommune.aktor("saksbehandler"))
    change(mailing, **values)  # type: ignore[operator]
    assert feeder.feed_all() == 0
    assert (mailing_now(mailing).status, letters_of(mailing)) == (U.STOPPET, 0)
    last = (
        select(Utsendingshendelse)
        .where(Utsendingshendelse.utsending_id == mailing.id)
        .order_by(Utsendingshendelse.lopenr.desc())
        .limit(1)
    )
    assert session().scalars(last).one().detaljer == {"grunn": "INNHOLD_ENDRET"}


# States


def test_each_transition_of_a_mailing_is_made_and_written_down_and_no_other() -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 1)
    for fra in U:
        for til in U:
            change_mailing(mailing, status=fra)
            with transaction():
                old = move(mailing.id, fra=tuple(U), til=til, actor=HOUSE)
            legal = til in OVERGANGER[fra]
            assert old == (fra if legal else None), (fra, til)
            assert mailing_now(mailing).status == (til if legal else fra)
            if legal:
                assert last_change(mailing.id) == (fra, til, "system:test")


def last_change(utsending_id: UUID) -> tuple[str | None, str, str]:
    row = (
        session()
        .execute(
            select(Utsendingshendelse.fra, Utsendingshendelse.til, Utsendingshendelse.aktor)
            .where(Utsendingshendelse.utsending_id == utsending_id)
            .order_by(Utsendingshendelse.lopenr.desc())
            .limit(1)
        )
        .one()
    )
    return row[0], row[1], row[2]


def test_a_mailing_somebody_else_moved_says_where_it_is() -> None:
    mailing = make_mailing(make_kommune(), 1)
    with pytest.raises(Konflikt, match="STATUS_ENDRET") as refused, transaction():
        must_move(mailing.id, fra=(U.GODKJENT,), til=U.FRIGITT, actor=HOUSE)
    assert refused.value.params == {"status": U.TIL_GODKJENNING}


def test_a_controlled_mailing_must_have_what_it_needs() -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 1, status=U.UTKAST)
    change_mailing(mailing, malversjon_id=None)
    with pytest.raises(Konflikt, match="MAL_MANGLER"):
        confirm.confirm_control(mailing.id, actor=kommune.aktor("saksbehandler"))

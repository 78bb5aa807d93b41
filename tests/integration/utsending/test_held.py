"""What a change depends on is asked while the mailing is held: two tabs at once, or a tab and a worker."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import Context
from functools import partial
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from fiks.core.db import session, transaction
from fiks.core.errors import IkkeTilgang, Konflikt
from fiks.registeroppslag.rules import Person
from fiks.utsending import earlier_mailings
from fiks.utsending.approval import service
from fiks.utsending.draft import confirm
from fiks.utsending.draft import service as draft_service
from fiks.utsending.editing.stale_form import row_versions
from fiks.utsending.file_models import Brevfil
from fiks.utsending.filer import giro, requirements
from fiks.utsending.filer import upload as filer_upload
from fiks.utsending.filer.rules import Girovalg
from fiks.utsending.jobs import queue
from fiks.utsending.models import Arbeidsdel, Utsending, Utsendingshendelse, Utsendingsrad
from fiks.utsending.production import service as production_service
from fiks.utsending.receivers import typed, uploads
from fiks.utsending.rules import Art, Delart, Delstatus, Radstatus, Utsendingstatus
from fiks.utsending.sealed_values import row_values
from fiks.utsending.sending import feeder
from testmiljo.mailing import send_again
from testmiljo.register import Filregister
from tests.integration.databases import Database, QuickProcess
from tests.integration.houses import new_fnr
from tests.integration.utsending.jobs import begin, few_rows, produce, read, ready_templates, rows_of, status
from tests.integration.utsending.kommuner import Kommune, Mailing, feed, make_kommune, make_mailing, release
from tests.integration.utsending.lists import known
from tests.integration.worlds import World
from workers.lanes import do_portion

pytestmark = pytest.mark.usefixtures("at_noon", "outside")
U = Utsendingstatus
RightBefore = Callable[[Any, UUID, dict[str, object]], None]


@pytest.fixture
def right_before(monkeypatch: pytest.MonkeyPatch) -> RightBefore:
    """Let somebody else change the mailing when a use case of `module` is about to begin its transaction."""

    def change(module: Any, utsending_id: UUID, values: dict[str, object]) -> None:
        @contextmanager
        def after_that() -> Iterator[Session]:
            with transaction() as tx:
                tx.execute(update(Utsending).where(Utsending.id == utsending_id).values(**values))
            with transaction() as tx:
                yield tx

        monkeypatch.setattr(module, "transaction", after_that)

    return change


def elsewhere(process: QuickProcess, act: Callable[[], object]) -> None:
    """Do it as another tab would: with a session of its own."""

    def inside() -> None:
        with process.app.app_context():
            act()

    Context().run(inside)


# Control and approval


def test_a_list_uploaded_while_the_control_is_confirmed_makes_it_a_draft_again(
    process: QuickProcess, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kommune = make_kommune()
    maker = kommune.aktor("saksbehandler")
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    read(utsending_id, process)
    seen = confirm.earlier_mailings.require_reason_for_repeats
    uploading: list[Future[None]] = []

    def upload() -> None:
        uploads.upload(utsending_id, "LISTE", "ny.csv", [b"navn;fnr\r\n"], actor=maker)

    with ThreadPoolExecutor(1) as other:

        def while_uploaded(row: Utsending) -> None:
            uploading.append(other.submit(elsewhere, process, upload))
            _wait_until_held_up(database, uploading[0])
            seen(row)

        monkeypatch.setattr(confirm.earlier_mailings, "require_reason_for_repeats", while_uploaded)
        confirm.confirm_control(utsending_id, actor=maker)
        uploading[0].result()
    assert status(utsending_id) == U.UTKAST
    assert rows_of(utsending_id) == []


def _wait_until_held_up(database: Database, doing: Future[None]) -> None:
    """Until it waits for somebody's lock, or is done since nobody had one."""
    end = time.monotonic() + 20
    here = "FROM pg_stat_activity WHERE datname = current_database()"
    waiting = f"SELECT count(*) {here} AND wait_event_type = 'Lock'"
    with database.app() as watching:  # the role that waits, since it sees its own only
        while not doing.done() and watching.execute(waiting).fetchone() == (0,):
            assert time.monotonic() < end
            time.sleep(0.02)


def test_who_became_the_preparer_a_moment_ago_does_not_approve(right_before: RightBefore) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 2)
    approver = kommune.personer["godkjenner"]
    right_before(service, mailing.id, {"klargjort_av": approver})
    with pytest.raises(IkkeTilgang, match="EGEN_UTSENDING"):
        service.approve(mailing.id, _digest(mailing.id), actor=kommune.aktor("godkjenner"))
    assert status(mailing.id) == U.TIL_GODKJENNING


def test_letters_that_got_another_date_a_moment_ago_are_not_released(right_before: RightBefore) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 2)
    service.approve(mailing.id, _digest(mailing.id), actor=kommune.aktor("godkjenner"))
    right_before(service, mailing.id, {"brevdato": Utsending.brevdato + 1})
    with pytest.raises(Konflikt, match="BREVDATO_PASSER_IKKE"):
        service.release(mailing.id, actor=kommune.aktor("saksbehandler"))
    assert status(mailing.id) == U.GODKJENT


def test_who_may_stop_only_before_anything_left_does_not_stop_what_began_a_moment_ago(
    right_before: RightBefore,
) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 2)
    release(kommune, mailing)
    right_before(service, mailing.id, {"status": U.SENDES})
    with pytest.raises(IkkeTilgang):
        service.stop(mailing.id, actor=kommune.aktor("saksbehandler"))
    assert status(mailing.id) == U.SENDES


def _digest(utsending_id: UUID) -> bytes:
    digest = session().scalar(select(Utsending.innhold_digest).where(Utsending.id == utsending_id))
    assert digest is not None
    return digest


# The same list in two mailings


def _beside(kommune: Kommune, numbers: list[str], antall: int) -> list[Mailing]:
    """So many mailings to the same receivers, all approved and none released."""
    made = [make_mailing(kommune, len(numbers), fnr=numbers) for _ in range(antall)]
    for mailing in made:
        service.approve(mailing.id, _digest(mailing.id), actor=kommune.aktor("godkjenner"))
    return made


def test_of_two_mailings_of_one_list_the_second_is_not_released_without_a_reason() -> None:
    kommune = make_kommune()
    first, second = _beside(kommune, [new_fnr(), new_fnr()], 2)
    maker = kommune.aktor("saksbehandler")
    service.release(first.id, actor=maker)
    with pytest.raises(Konflikt, match="SENDT_SIDEN_KONTROLLEN") as refused:
        service.release(second.id, actor=maker)
    assert refused.value.params == {"antall": 2, "utsendinger": "«Eiendomsskatt 2027»"}
    assert status(second.id) == U.GODKJENT


def test_a_reason_to_send_again_is_about_what_was_released_when_the_control_was_confirmed(
    process: QuickProcess, tmp_path: Path
) -> None:
    kommune = make_kommune()
    maker = kommune.aktor("saksbehandler")
    second, third = _sent_once_and_twice_with_a_reason(kommune, few_rows(tmp_path, 3), process)
    for repeated in (second, third):
        _approved(kommune, repeated, process)
    service.release(second, actor=maker)
    with pytest.raises(Konflikt, match="SENDT_SIDEN_KONTROLLEN") as refused:
        service.release(third, actor=maker)
    assert refused.value.params == {"antall": 3, "utsendinger": "«Eiendomsskatt 2027»"}
    service.withdraw(third, actor=maker)
    with pytest.raises(Konflikt, match="SENDT_FOR"):
        confirm.confirm_control(third, actor=maker)
    send_again(third, "Også dette er et nytt vedtak", maker)
    _approved(kommune, third, process)
    service.release(third, actor=maker)
    assert status(third) == U.FRIGITT


def test_a_reason_lives_as_long_as_nothing_is_released_that_it_does_not_speak_of(
    process: QuickProcess, tmp_path: Path
) -> None:
    kommune = make_kommune()
    maker = kommune.aktor("saksbehandler")
    second, third = _sent_once_and_twice_with_a_reason(kommune, few_rows(tmp_path, 3), process)
    _approved(kommune, third, process)
    service.withdraw(third, actor=maker)
    confirm.confirm_control(third, actor=maker)
    _approved(kommune, second, process)
    service.release(second, actor=maker)
    draft_service.choose_template(third, ready_templates(), actor=maker)
    with pytest.raises(Konflikt, match="SENDT_FOR"):
        confirm.confirm_control(third, actor=maker)


def test_a_reason_is_given_for_the_mailings_that_the_page_named_and_for_no_others() -> None:
    kommune, numbers = make_kommune(), [new_fnr(), new_fnr()]
    maker = kommune.aktor("saksbehandler")
    first, second = _beside(kommune, numbers, 2)
    again = make_mailing(kommune, 2, fnr=numbers, status=U.UTKAST).id
    service.release(first.id, actor=maker)
    shown = [first.id]
    draft_service.override_sent_before(again, "Nytt vedtak etter klage", tidligere=shown, actor=maker)
    _released_by_a_colleague(second.id, "Skattesedler 2027")

    with pytest.raises(Konflikt, match="SENDT_FOR") as refused:
        confirm.confirm_control(again, actor=maker)
    assert refused.value.params["utsendinger"] == "«Skattesedler 2027»"
    with pytest.raises(Konflikt, match="SENDT_FOR_FLERE") as not_given:
        draft_service.override_sent_before(again, "Fortsatt et nytt vedtak", tidligere=shown, actor=maker)
    assert not_given.value.params == {"utsendinger": "«Skattesedler 2027»"}
    assert not_given.value.felt == "grunn"

    draft_service.override_sent_before(again, "Gjelder begge", tidligere=[*shown, second.id], actor=maker)
    confirm.confirm_control(again, actor=maker)
    assert status(again) == U.KONTROLLERT


def _released_by_a_colleague(utsending_id: UUID, tittel: str) -> None:
    """Released now, under another title."""
    with transaction() as tx:
        of_it = update(Utsending).where(Utsending.id == utsending_id)
        tx.execute(of_it.values(status=U.FRIGITT, frigis_tid=func.now(), tittel=tittel))


def test_letters_that_were_released_elsewhere_since_the_control_are_not_approved() -> None:
    kommune, numbers = make_kommune(), [new_fnr(), new_fnr()]
    (first,) = _beside(kommune, numbers, 1)
    waiting = make_mailing(kommune, 2, fnr=numbers)
    service.release(first.id, actor=kommune.aktor("saksbehandler"))
    with pytest.raises(Konflikt, match="SENDT_SIDEN_KONTROLLEN") as refused:
        service.approve(waiting.id, _digest(waiting.id), actor=kommune.aktor("godkjenner"))
    assert refused.value.params["utsendinger"] == "«Eiendomsskatt 2027»"
    assert status(waiting.id) == U.TIL_GODKJENNING


def test_a_row_that_is_held_out_does_not_send_again_what_was_sent() -> None:
    kommune = make_kommune()
    sent = new_fnr()
    (first,), (second,) = _beside(kommune, [sent], 1), _beside(kommune, [sent, new_fnr()], 1)
    maker = kommune.aktor("saksbehandler")
    service.release(first.id, actor=maker)
    with transaction() as tx:
        of_sent = (Utsendingsrad.utsending_id == second.id, Utsendingsrad.radnr == 2)
        tx.execute(update(Utsendingsrad).where(*of_sent).values(status=Radstatus.PARKERT))
    assert earlier_mailings.find_repeats(second.id, actor=maker) is None
    service.release(second.id, actor=maker)


def _sent_once_and_twice_with_a_reason(
    kommune: Kommune, path: Path, process: QuickProcess
) -> tuple[UUID, UUID]:
    """Of three mailings of one list the first is released; the two others are drafts with a reason to send again."""
    first, second, third = (_read(kommune, path, process) for _ in range(3))
    maker = kommune.aktor("saksbehandler")
    _approved(kommune, first, process)
    service.release(first, actor=maker)
    for repeated in (second, third):
        send_again(repeated, "Nytt vedtak etter klage", maker)
    return second, third


def _read(kommune: Kommune, path: Path, process: QuickProcess) -> UUID:
    utsending_id = begin(kommune, path)
    read(utsending_id, process)
    return utsending_id


def _approved(kommune: Kommune, utsending_id: UUID, process: QuickProcess) -> None:
    """Confirmed, made and approved."""
    produce(kommune, utsending_id, process)
    session().rollback()
    service.approve(utsending_id, _digest(utsending_id), actor=kommune.aktor("godkjenner"))


def test_letters_that_are_released_and_not_made_yet_are_no_reason_to_send_others_of_the_same() -> None:
    kommune = make_kommune()
    both, one = new_fnr(), new_fnr()
    (first,), (second,) = _beside(kommune, [both, one], 1), _beside(kommune, [both, new_fnr(), new_fnr()], 1)
    maker = kommune.aktor("saksbehandler")
    service.release(first.id, actor=maker)
    with pytest.raises(Konflikt, match="SENDT_SIDEN_KONTROLLEN") as refused:
        service.release(second.id, actor=maker)
    assert refused.value.params == {"antall": 1, "utsendinger": "«Eiendomsskatt 2027»"}
    service.stop(first.id, actor=kommune.aktor("stopper"))
    service.release(second.id, actor=maker)


def test_of_two_mailings_of_one_list_released_at_once_one_is_released(
    process: QuickProcess, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    kommune = make_kommune()
    first, second = _beside(kommune, [new_fnr()], 2)
    maker = kommune.aktor("saksbehandler")
    others: list[Future[None]] = []
    move = service.must_move

    with ThreadPoolExecutor(1) as other:

        def at_once(utsending_id: UUID, **values: Any) -> Utsendingstatus:
            if utsending_id == first.id:
                release_second = partial(service.release, second.id, actor=maker)
                others.append(other.submit(elsewhere, process, release_second))
                _wait_until_held_up(database, others[0])
            return move(utsending_id, **values)

        monkeypatch.setattr(service, "must_move", at_once)
        service.release(first.id, actor=maker)
        with pytest.raises(Konflikt, match="SENDT_SIDEN_KONTROLLEN"):
            others[0].result()
    assert (status(first.id), status(second.id)) == (U.FRIGITT, U.GODKJENT)


# Facts and files


def test_facts_that_change_what_is_wrong_with_rows_since_a_moment_ago_have_them_controlled_anew(
    process: QuickProcess, tmp_path: Path, right_before: RightBefore
) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 2))
    read(utsending_id, process)
    row = session().get_one(Utsending, utsending_id)
    facts = draft_service.Fakta(
        tittel=row.tittel, art=Art(row.art), brevdato=row.brevdato, kunngjoringsdato=row.kunngjoringsdato
    )
    draft_service.update_utsending(utsending_id, facts, actor=kommune.aktor("saksbehandler"))
    assert not queue.is_busy(utsending_id, Delart.LES)
    right_before(draft_service, utsending_id, {"kun_digital": True})
    draft_service.update_utsending(utsending_id, facts, actor=kommune.aktor("saksbehandler"))
    assert queue.is_busy(utsending_id, Delart.LES)


@pytest.mark.parametrize("module", [filer_upload, giro, requirements])
def test_files_are_nothing_to_a_mailing_that_is_sent_in_another_way_since_a_moment_ago(
    module: Any, right_before: RightBefore
) -> None:
    kommune = make_kommune()
    maker = kommune.aktor("saksbehandler")
    utsending_id = begin(kommune, art=Art.ETT_DOKUMENT_PER_RAD)
    right_before(module, utsending_id, {"art": Art.EN_STOR_PDF})
    with pytest.raises(Konflikt, match="FEIL_MATE"):
        if module is filer_upload:
            filer_upload.add_files(utsending_id, [("a.pdf", [b"%PDF-1.7"])], actor=maker)
        elif module is giro:
            giro.set_giro(utsending_id, Girovalg(), actor=maker)
        else:
            requirements.accept_unused(utsending_id, actor=maker)
    assert session().scalar(select(func.count()).where(Brevfil.utsending_id == utsending_id)) == 0


# Typed receivers


class Interrupted(Filregister):
    """Lillevik's registers. `meanwhile` is done once, while the first of them is asked."""

    meanwhile: Callable[[], object] | None = None

    def personer(self, fnrs: Sequence[str], /) -> dict[str, Person]:
        doing, self.meanwhile = self.meanwhile, None
        if doing is not None:
            doing()
        return super().personer(fnrs)


@pytest.fixture
def registers(outside: World) -> Interrupted:
    made = Interrupted(known())
    outside.register = cast(Any, made)
    return made


def _typed(kommune: Kommune, register: Interrupted, *navn: str) -> UUID:
    utsending_id = begin(kommune)
    for one in navn:
        _add(kommune, utsending_id, register, one)
    return utsending_id


def _add(kommune: Kommune, utsending_id: UUID, register: Filregister, navn: str) -> None:
    values = {"navn": navn, "fnr": new_fnr(), "postnr": "4262", "poststed": "AVALDSNES"}
    typed.add_row(utsending_id, values, register, actor=kommune.aktor("saksbehandler"))


def _names(utsending_id: UUID) -> list[str]:
    return [row_values(row)["navn"] for row in rows_of(utsending_id)]


def test_typed_receivers_changed_in_another_tab_while_registers_are_asked_stay_as_they_are_there(
    process: QuickProcess, registers: Interrupted
) -> None:
    kommune = make_kommune()
    maker = kommune.aktor("saksbehandler")
    utsending_id = _typed(kommune, registers, "Kari Fjell", "Ola Dal")

    def other_tab() -> None:
        others = Filregister(known())
        typed.remove_row(utsending_id, 2, others, actor=maker)
        _add(kommune, utsending_id, others, "Per Vik")

    registers.meanwhile = lambda: elsewhere(process, other_tab)
    with pytest.raises(Konflikt, match="STATUS_ENDRET"):
        _add(kommune, utsending_id, registers, "Siri Li")
    assert _names(utsending_id) == ["Kari Fjell", "Per Vik"]


def test_a_receiver_whose_form_is_sent_twice_at_once_is_added_once(
    process: QuickProcess, registers: Interrupted
) -> None:
    kommune = make_kommune()
    utsending_id, maker = _typed(kommune, registers, "Kari Fjell"), kommune.aktor("saksbehandler")
    vist = " ".join(row_versions(utsending_id, 25).values())
    values = {"navn": "Siri Li", "fnr": new_fnr(), "postnr": "4262", "poststed": "AVALDSNES"}
    numbers = list[int]()

    def press(register: Filregister) -> None:
        numbers.append(typed.add_row(utsending_id, values, register, actor=maker, vist=vist))

    registers.meanwhile = lambda: elsewhere(process, lambda: press(Filregister(known())))
    press(registers)
    assert (numbers, _names(utsending_id)) == ([2, 2], ["Kari Fjell", "Siri Li"])


def test_a_receiver_taken_away_while_a_worker_controls_them_anew_stays_away(
    process: QuickProcess, registers: Interrupted
) -> None:
    kommune = make_kommune()
    maker = kommune.aktor("saksbehandler")
    utsending_id = _typed(kommune, registers, "Kari Fjell", "Ola Dal")
    uploads.read_again(utsending_id, actor=maker)

    def other_tab() -> None:
        typed.remove_row(utsending_id, 2, Filregister(known()), actor=maker)

    registers.meanwhile = lambda: elsewhere(process, other_tab)
    session().rollback()
    while do_portion("liste", process):
        pass
    assert registers.meanwhile is None
    assert _names(utsending_id) == ["Kari Fjell"]
    states = session().scalars(select(Arbeidsdel.status).where(Arbeidsdel.utsending_id == utsending_id)).all()
    assert states == [Delstatus.FERDIG]


# Letters


def _one_letter_is_gone(mailing: Mailing) -> None:
    gone = update(Utsendingsrad).where(Utsendingsrad.utsending_id == mailing.id, Utsendingsrad.radnr == 2)
    with transaction() as tx:
        tx.execute(gone.values(brev_sha256=None, storrelse=None, objekt=None, nokkel=None))


def test_letters_are_not_sent_to_approval_while_a_row_has_none() -> None:
    mailing = make_mailing(make_kommune(), 3, status=U.PRODUSERES)
    _one_letter_is_gone(mailing)
    with transaction() as tx:
        tx.add(Arbeidsdel(utsending_id=mailing.id, art=Delart.RENDER, nr=1, fra=2, til=4, status="FERDIG"))
    assert production_service.end_production(mailing.id)
    assert status(mailing.id) == U.KONTROLLERT
    told = select(Utsendingshendelse.detaljer).where(Utsendingshendelse.utsending_id == mailing.id)
    assert session().scalars(told.order_by(Utsendingshendelse.lopenr.desc()).limit(1)).one() == {
        "feil": "INNHOLD_ENDRET"
    }


def test_a_mailing_with_a_row_that_has_no_letter_is_stopped_and_not_sent_in_part() -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    release(kommune, mailing)
    _one_letter_is_gone(mailing)
    assert feed(mailing) == 0
    assert status(mailing.id) == U.STOPPET
    assert feeder.feed_all() == 0

"""From a read list to letters that wait for approval, with the workers' own portions and a world of fakes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Text, func, literal_column, select, update

from fiks.core.crypto.encryption import NokkelUkjent
from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt
from fiks.core.queue.owner_lock import Owner
from fiks.core.telemetry import trace
from fiks.konfigurasjon.konto.models import Kontooppsett
from fiks.konfigurasjon.models import Organisasjon
from fiks.utsending import earlier_mailings
from fiks.utsending.approval import sample, service
from fiks.utsending.brev.render_version import render_version
from fiks.utsending.draft import confirm
from fiks.utsending.draft import service as draft_service
from fiks.utsending.jobs import backoff, queue
from fiks.utsending.letters import preview
from fiks.utsending.letters.inputs import letter_inputs
from fiks.utsending.models import Arbeidsdel, Malversjon, Utsending, Utsendingshendelse, Utsendingsrad
from fiks.utsending.production import rendering
from fiks.utsending.production import service as production_service
from fiks.utsending.receivers import uploads
from fiks.utsending.rules import IN_FLIGHT, RENDER_PORTION, Art, Delart, Delstatus, Radstatus, Utsendingstatus
from testmiljo.mailing import send_again
from testmiljo.seed import ready_templates
from tests.integration.databases import Database, QuickProcess, statements
from tests.integration.keys import newer_key
from tests.integration.printers import FakePages, FakePrinter
from tests.integration.utsending.jobs import (
    begin,
    few_rows,
    name_in,
    produce,
    read,
    rows_of,
    send_everything,
    status,
)
from tests.integration.utsending.kommuner import Kommune, make_kommune
from tests.integration.worlds import World
from workers.lanes import do_portion

pytestmark = pytest.mark.usefixtures("at_noon", "outside")
U = Utsendingstatus


def test_letters_are_made_in_portions_and_then_wait_for_approval(process: QuickProcess) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, "eiendomsskatt.csv")
    quick(utsending_id, hurtig=False)
    read(utsending_id, process)
    produce(kommune, utsending_id, process)
    assert status(utsending_id) == U.TIL_GODKJENNING
    rows = rows_of(utsending_id)
    assert len({row.brev_sha256 for row in rows}) == 240
    assert all(row.sider == 1 and row.objekt for row in rows)
    parts = (
        session()
        .execute(
            select(func.count()).where(Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == "RENDER")
        )
        .scalar_one()
    )
    assert parts == -(-240 // RENDER_PORTION)
    now = session().get_one(Utsending, utsending_id)
    assert now.innhold_digest == service.compute_digest(utsending_id)
    assert now.klargjort_av == kommune.personer["saksbehandler"]


def test_made_again_the_letters_are_the_same_byte_for_byte(process: QuickProcess, tmp_path: Path) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    read(utsending_id, process)
    produce(kommune, utsending_id, process)
    first = [row.brev_sha256 for row in rows_of(utsending_id)]
    digest = session().get_one(Utsending, utsending_id).innhold_digest
    production_service.start_production(utsending_id, actor=kommune.aktor("saksbehandler"))
    assert {row.brev_sha256 for row in rows_of(utsending_id)} == {None}
    while do_portion("render", process):
        pass
    assert [row.brev_sha256 for row in rows_of(utsending_id)] == first
    assert session().get_one(Utsending, utsending_id, populate_existing=True).innhold_digest == digest


def pages_of(utsending_id: UUID) -> dict[int, str]:
    """Which page of the table each row lies on."""
    page = func.split_part(literal_column("ctid").cast(Text()), ",", 1)
    found = select(Utsendingsrad.radnr, page).where(Utsendingsrad.utsending_id == utsending_id)
    return dict(session().execute(found).all())


def test_a_row_has_room_for_its_letter_where_it_lies(process: QuickProcess) -> None:
    """A row that must move is written anew in each of five indexes."""
    kommune = make_kommune()
    utsending_id = begin(kommune, "eiendomsskatt.csv")
    read(utsending_id, process)
    before = pages_of(utsending_id)
    produce(kommune, utsending_id, process)
    after = pages_of(utsending_id)
    moved = sum(after[radnr] != page for radnr, page in before.items())
    assert len(set(before.values())) > 10
    assert moved <= len(before) // 20


def test_a_letter_that_cannot_be_made_makes_its_row_bad_and_spares_its_neighbours(
    process: QuickProcess, tmp_path: Path
) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    read(utsending_id, process)
    name = name_in(utsending_id, 4)
    process.put(QuickProcess.printer, FakePrinter(frozenset({name})))
    produce(kommune, utsending_id, process)
    assert status(utsending_id) == U.UTKAST
    rows = rows_of(utsending_id)
    bad = [row for row in rows if row.status == Radstatus.FEIL]
    assert [row.radnr for row in bad] == [4]
    assert bad[0].funn[-1] == {
        "kode": "FELT_MANGLER",
        "felt": "kid",
        "alvorlighet": "feil",
        "kilde": "brev",
    }
    assert all(row.brev_sha256 for row in rows if row.radnr != 4)


def test_a_worker_that_lacks_the_key_of_the_rows_makes_no_row_bad_and_another_draws_them(
    process: QuickProcess, tmp_path: Path
) -> None:
    kommune = make_kommune()
    with newer_key():
        utsending_id = begin(kommune, few_rows(tmp_path, 5))
        read(utsending_id, process)
    with pytest.raises(NokkelUkjent):
        produce(kommune, utsending_id, process)
    with process.app.app_context():
        queue.release_claim(counts=False)
    assert status(utsending_id) == U.PRODUSERES
    with newer_key():
        while do_portion("render", process):
            pass
    assert status(utsending_id) == U.TIL_GODKJENNING
    assert all(row.brev_sha256 for row in rows_of(utsending_id))


def test_what_one_worker_cannot_draw_does_not_stand_before_what_it_can(
    process: QuickProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backoff, "SKIP_SECONDS", 60.0)
    monkeypatch.setattr(backoff, "_until", {})
    one, two = make_kommune(), make_kommune()
    with newer_key():
        theirs = begin(one, few_rows(tmp_path, 5))
        read(theirs, process)
    ours = begin(two, few_rows(tmp_path, 5))
    read(ours, process)
    for kommune, mailing in ((one, theirs), (two, ours)):
        maker = kommune.aktor("saksbehandler")
        confirm.confirm_control(mailing, actor=maker)
        production_service.start_production(mailing, actor=maker)
    session().rollback()
    with pytest.raises(NokkelUkjent):
        do_portion("render", process)
    with process.app.app_context():
        queue.release_claim(counts=False)
    while do_portion("render", process):
        pass
    assert (status(theirs), status(ours)) == (U.PRODUSERES, U.TIL_GODKJENNING)


def quick(utsending_id: UUID, *, hurtig: bool = True) -> UUID:
    """Let the mailing's template be stamped, or not; its version's id."""
    with transaction() as tx:
        version = tx.execute(select(Utsending.malversjon_id).where(Utsending.id == utsending_id)).scalar_one()
        tx.execute(update(Malversjon).where(Malversjon.id == version).values(hurtig=hurtig))
    return version


def test_stamped_letters_are_made_in_larger_ranges_and_a_few_are_checked(process: QuickProcess) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, "eiendomsskatt.csv")
    quick(utsending_id)
    read(utsending_id, process)
    produce(kommune, utsending_id, process)
    assert status(utsending_id) == U.TIL_GODKJENNING
    printer = process.printer
    assert len(printer.drawn) == 240
    assert 1 <= len(printer.checked) <= 5
    parts = select(func.count()).where(Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == "RENDER")
    assert session().execute(parts).scalar_one() == 1


def test_a_stamped_letter_that_differs_stops_the_mailing_and_every_letter_is_laid_out_anew(
    process: QuickProcess, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    version = quick(utsending_id)
    read(utsending_id, process)
    wrong = name_in(utsending_id, 2)
    printer = FakePrinter(differ=frozenset({wrong}))
    process.put(QuickProcess.printer, printer)
    maker = kommune.aktor("saksbehandler")
    confirm.confirm_control(utsending_id, actor=maker)
    production_service.start_production(utsending_id, actor=maker)

    assert do_portion("render", process) == 1

    assert status(utsending_id) == U.PRODUSERES
    assert {row.brev_sha256 for row in rows_of(utsending_id)} == {None}
    assert session().get_one(Malversjon, version).hurtig is False
    assert "stamped_letter_differs" in caplog.text
    checked = list(printer.checked)
    while do_portion("render", process):
        pass
    assert status(utsending_id) == U.TIL_GODKJENNING
    assert printer.checked == checked == [wrong]
    assert all(row.brev_sha256 for row in rows_of(utsending_id))
    history = session().scalars(
        select(Utsendingshendelse.detaljer).where(Utsendingshendelse.utsending_id == utsending_id)
    )
    assert {"lages_pa_nytt": "AVVIK"} in [
        {k: v for k, v in d.items() if k == "lages_pa_nytt"} for d in history
    ]


def test_lines_that_turn_out_otherwise_stop_the_mailing_as_well(
    process: QuickProcess, tmp_path: Path
) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    version = quick(utsending_id)
    read(utsending_id, process)
    wrong = frozenset({name_in(utsending_id, 5)})
    process.put(QuickProcess.printer, FakePrinter(avvik=wrong))
    produce(kommune, utsending_id, process)

    assert session().get_one(Malversjon, version).hurtig is False
    assert status(utsending_id) == U.TIL_GODKJENNING
    assert len(rows_of(utsending_id)) == len({row.brev_sha256 for row in rows_of(utsending_id)})


def test_other_mailings_of_the_template_begin_anew_too(process: QuickProcess, tmp_path: Path) -> None:
    one, other = make_kommune(), make_kommune("Fjordvik kommune")
    first, second = begin(one, few_rows(tmp_path, 5)), begin(other, few_rows(tmp_path, 5))
    quick(first)
    for kommune, utsending_id in ((one, first), (other, second)):
        read(utsending_id, process)
        confirm.confirm_control(utsending_id, actor=kommune.aktor("saksbehandler"))
        production_service.start_production(utsending_id, actor=kommune.aktor("saksbehandler"))
    part = queue.claim_piece([Delart.RENDER], process.owner.ensure())
    assert part is not None
    rendering.render_part(part, FakePrinter())
    made = {utsending_id for utsending_id in (first, second) if rows_of(utsending_id)[0].brev_sha256}
    assert made == {part.utsending_id}

    production_service.handle_stamping_mismatch(({first, second} - made).pop(), 2)

    assert [row.brev_sha256 for utsending_id in made for row in rows_of(utsending_id)] == [None] * 5


def test_letters_that_are_made_anew_tell_the_request_that_asked_for_them_and_not_anothers(
    process: QuickProcess, tmp_path: Path
) -> None:
    kommune = make_kommune()
    mine, others = begin(kommune, few_rows(tmp_path, 5)), begin(kommune, few_rows(tmp_path, 5))
    quick(mine)
    read(mine, process)
    maker = replace(kommune.aktor("saksbehandler"), request_id="r-21")
    confirm.confirm_control(mine, actor=maker)
    production_service.start_production(mine, actor=maker)
    before = pieces_of(mine)

    with trace.continue_trace("r-22"):
        production_service.handle_stamping_mismatch(others, 2)

    again = pieces_of(mine)
    assert again.keys().isdisjoint(before)
    assert {*before.values(), *again.values()} == {"r-21"}


def pieces_of(utsending_id: UUID) -> dict[int, str | None]:
    """The request of each piece of drawing that is ordered."""
    session().rollback()
    ordered = select(Arbeidsdel.id, Arbeidsdel.request_id).where(
        Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == Delart.RENDER
    )
    return dict(session().execute(ordered).all())


def made_and_differing(process: QuickProcess, tmp_path: Path) -> tuple[Kommune, UUID, UUID]:
    """A kommune, its mailing whose letters are stamped, and another kommune's of the same template."""
    one, other = make_kommune(), make_kommune("Fjordvik kommune")
    made, differing = begin(one, few_rows(tmp_path, 5)), begin(other, few_rows(tmp_path, 5))
    quick(made)
    read(made, process)
    produce(one, made, process)
    return one, made, differing


def test_the_approver_is_shown_no_pictures_of_letters_that_were_made_anew_since(
    process: QuickProcess, tmp_path: Path
) -> None:
    one, waiting, differing = made_and_differing(process, tmp_path)
    approver = one.aktor("godkjenner")
    letters = sample.order_sample(waiting, actor=approver)
    while part := queue.claim_piece([Delart.FORHANDSVISNING], process.owner.ensure()):
        preview.make_preview(part, process.printer, FakePages())
    assert letters
    assert sample.order_sample(waiting, actor=approver) == 0

    production_service.handle_stamping_mismatch(differing, 2)
    while do_portion("render", process):
        pass

    assert status(waiting) == U.TIL_GODKJENNING
    assert [one.visning for one in sample.sample(waiting, actor=approver)] == [None] * letters
    assert sample.order_sample(waiting, actor=approver) == letters


@pytest.mark.parametrize("approved", [False, True])
def test_mailings_of_the_template_that_nobody_has_released_are_made_anew_and_approved_again(
    process: QuickProcess, tmp_path: Path, *, approved: bool
) -> None:
    one, waiting, differing = made_and_differing(process, tmp_path)
    if approved:
        digest = session().get_one(Utsending, waiting).innhold_digest
        assert digest is not None
        service.approve(waiting, digest, actor=one.aktor("godkjenner"))
    before = {row.objekt for row in rows_of(waiting)}

    production_service.handle_stamping_mismatch(differing, 2)

    session().rollback()
    found = session().get_one(Utsending, waiting)
    assert (found.status, found.innhold_digest, found.godkjent_av) == (U.PRODUSERES, None, None)
    assert [row.brev_sha256 for row in rows_of(waiting)] == [None] * 5
    last = (
        session()
        .scalars(
            select(Utsendingshendelse)
            .where(Utsendingshendelse.utsending_id == waiting)
            .order_by(Utsendingshendelse.lopenr.desc())
        )
        .first()
    )
    assert last is not None and last.detaljer["lages_pa_nytt"] == "AVVIK"
    assert last.fra == (U.GODKJENT if approved else U.TIL_GODKJENNING)
    while do_portion("render", process):
        pass
    assert status(waiting) == U.TIL_GODKJENNING
    assert not before & {row.objekt for row in rows_of(waiting)}


def test_a_mailing_that_is_being_sent_when_a_letter_of_its_template_differs_is_told_of(
    process: QuickProcess, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _, released, differing = made_and_differing(process, tmp_path)
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == released).values(status=U.SENDES))

    production_service.handle_stamping_mismatch(differing, 2)

    [told] = [one for one in caplog.records if one.message == "stamped_letters_are_sent"]
    assert told.__dict__["utsending"] == str(released)
    assert status(released) == U.SENDES
    assert all(row.brev_sha256 for row in rows_of(released))


def test_a_range_that_lost_three_owners_ends_the_production_and_says_so(
    process: QuickProcess, database: Database, tmp_path: Path
) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    read(utsending_id, process)
    maker = kommune.aktor("saksbehandler")
    confirm.confirm_control(utsending_id, actor=maker)
    production_service.start_production(utsending_id, actor=maker)
    for _ in range(3):
        lost = Owner(database.app_url)
        assert queue.claim_piece([Delart.RENDER], lost.number) is not None
        lost.release()
        assert queue.recover_pieces() == 1
    assert production_service.end_all_productions() == 1
    assert status(utsending_id) == U.KONTROLLERT
    part = session().scalars(select(Arbeidsdel).where(Arbeidsdel.art == "RENDER")).one()
    assert (part.status, part.feilkode) == (Delstatus.FEILET, "ARBEID_TAPT")


def test_one_mailing_has_at_most_four_ranges_under_way_and_leaves_room_for_another(
    process: QuickProcess, tmp_path: Path
) -> None:
    kommune = make_kommune()
    big, small = begin(kommune, "eiendomsskatt.csv"), begin(make_kommune(), few_rows(tmp_path, 5))
    quick(big, hurtig=False)
    maker = kommune.aktor("saksbehandler")
    read(big, process)
    confirm.confirm_control(big, actor=maker)
    production_service.start_production(big, actor=maker)
    owner = process.owner.ensure()
    taken = [queue.claim_piece([Delart.RENDER], owner) for _ in range(IN_FLIGHT + 1)]
    assert [part is not None for part in taken] == [True] * IN_FLIGHT + [False]
    with transaction():
        queue.order(small, Delart.RENDER, fra=2, til=6)
    other = queue.claim_piece([Delart.RENDER], owner)
    assert other is not None
    assert other.utsending_id == small


def test_what_was_made_for_a_claim_that_is_lost_is_dropped(
    process: QuickProcess, database: Database, tmp_path: Path
) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    read(utsending_id, process)
    maker = kommune.aktor("saksbehandler")
    confirm.confirm_control(utsending_id, actor=maker)
    production_service.start_production(utsending_id, actor=maker)
    lost = Owner(database.app_url)
    part = queue.claim_piece([Delart.RENDER], lost.number)
    assert part is not None
    lost.release()
    queue.recover_pieces()
    rendering.render_part(part, FakePrinter())
    assert {row.brev_sha256 for row in rows_of(utsending_id)} == {None}
    assert do_portion("render", process) == 1
    assert status(utsending_id) == U.TIL_GODKJENNING


def test_a_changed_fact_takes_a_controlled_mailing_back_to_draft(
    process: QuickProcess, tmp_path: Path
) -> None:
    kommune = make_kommune()
    maker = kommune.aktor("saksbehandler")
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    read(utsending_id, process)
    confirm.confirm_control(utsending_id, actor=maker)
    assert status(utsending_id) == U.KONTROLLERT
    draft_service.choose_template(utsending_id, ready_templates(), actor=maker)
    assert status(utsending_id) == U.UTKAST
    with pytest.raises(Konflikt, match="STATUS_ENDRET"):
        production_service.start_production(utsending_id, actor=maker)


def test_what_is_being_made_can_not_be_changed(process: QuickProcess, tmp_path: Path) -> None:
    kommune = make_kommune()
    maker = kommune.aktor("saksbehandler")
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    read(utsending_id, process)
    produce(kommune, utsending_id, process)
    with pytest.raises(Konflikt, match="KAN_IKKE_ENDRES"):
        draft_service.choose_template(utsending_id, ready_templates(), actor=maker)
    with pytest.raises(Konflikt, match="KAN_IKKE_ENDRES"):
        uploads.upload(utsending_id, "LISTE", "ny.csv", [b"fnr;navn"], actor=maker)


def test_a_list_that_was_sent_is_not_sent_again_without_name_and_reason(
    process: QuickProcess, outside: World, tmp_path: Path
) -> None:
    kommune = make_kommune()
    maker = kommune.aktor("saksbehandler")
    first = begin(kommune, few_rows(tmp_path, 5))
    read(first, process)
    produce(kommune, first, process)
    send_everything(kommune, first, process)
    again = begin(kommune, few_rows(tmp_path, 5))
    read(again, process)
    with pytest.raises(Konflikt, match="SENDT_FOR") as refused:
        confirm.confirm_control(again, actor=maker)
    assert refused.value.params == {
        "utsending": str(first),
        "antall": 5,
        "utsendinger": "«Eiendomsskatt 2027»",
    }
    assert sum(outside.antall) == 5
    send_again(again, "Nytt vedtak etter klage, avtalt med rådmannen", maker)
    produce(kommune, again, process)
    assert status(again) == U.TIL_GODKJENNING
    assert session().get_one(Utsending, again).overstyrt_av == kommune.personer["saksbehandler"]


def test_a_list_of_a_konto_that_has_sent_nothing_is_compared_with_no_row(
    process: QuickProcess, tmp_path: Path
) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    read(utsending_id, process)
    with statements() as sent:
        assert earlier_mailings.find_repeats(utsending_id, actor=kommune.aktor("saksbehandler")) is None
    assert sent
    assert not [statement for statement in sent if "utsendingsrad" in statement]


def test_another_konto_is_not_held_to_what_the_first_has_sent(process: QuickProcess, tmp_path: Path) -> None:
    kommune, other = make_kommune(), make_kommune("Fjordvik kommune")
    first = begin(kommune, few_rows(tmp_path, 5))
    read(first, process)
    produce(kommune, first, process)
    send_everything(kommune, first, process)
    again = begin(other, few_rows(tmp_path, 5))
    read(again, process)
    confirm.confirm_control(again, actor=other.aktor("saksbehandler"))


def new_telephone(kommune: Kommune) -> None:
    with transaction() as tx:
        tx.execute(update(Organisasjon).where(Organisasjon.id == kommune.id).values(telefon="55 55 00 01"))


def new_cover_sender(kommune: Kommune) -> None:
    with transaction() as tx:
        tx.add(Kontooppsett(konto_id=kommune.konto_id, forside_navn="Kemneren", forside_poststed="BYEN"))


def new_cover_text(kommune: Kommune) -> None:
    with transaction() as tx:
        tx.add(Kontooppsett(konto_id=kommune.konto_id, forside_tekst="Ring oss."))


@pytest.mark.parametrize(
    ("art", "change"),
    [
        (Art.FLETTEBREV, new_telephone),
        (Art.SAMME_DOKUMENT, new_cover_sender),
        (Art.EN_STOR_PDF, new_cover_text),
    ],
)
def test_a_letterhead_that_is_changed_while_letters_are_made_is_on_all_of_them_or_none(
    art: Art,
    change: Callable[[Kommune], None],
    process: QuickProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(production_service, "RENDER_PORTION", 2)
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    quick(utsending_id, hurtig=False)
    read(utsending_id, process)
    maker = kommune.aktor("saksbehandler")
    confirm.confirm_control(utsending_id, actor=maker)
    production_service.start_production(utsending_id, actor=maker)
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == utsending_id).values(art=art))
    assert do_portion("render", process) == 1
    change(kommune)
    drawn = 1
    while do_portion("render", process):
        drawn += 1
    assert (status(utsending_id), drawn) == (U.TIL_GODKJENNING, 6)
    why = select(Utsendingshendelse.detaljer["lages_pa_nytt"].astext)
    told = why.where(Utsendingshendelse.utsending_id == utsending_id).order_by(Utsendingshendelse.lopenr)
    assert list(filter(None, session().scalars(told))) == ["AVSENDER_ENDRET"]
    assert all(row.brev_sha256 for row in rows_of(utsending_id))
    [digest] = {
        tuple(made)
        for made in session().scalars(
            select(Arbeidsdel.resultat).where(
                Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == Delart.RENDER
            )
        )
    }
    assert digest == (letter_inputs(utsending_id).digest, render_version())

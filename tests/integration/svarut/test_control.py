"""Letters that were taken in are looked at: accepted with their first hand-over, or refused with the reason."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from uuid import UUID

import pikepdf
import pytest
from sqlalchemy import func, select, update

from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import ProvIgjen
from fiks.core.isolate import BarnFeil, Grenser
from fiks.core.storage.store import LagerUtilgjengelig
from fiks.pdf import Pdfkontroll, Pdfleser
from fiks.registeroppslag.rules import Enhetstatus, Registernavn
from fiks.svarut import lease
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.delivery.register_lookup import FAILURES_IN_A_ROW
from fiks.svarut.lease import LEASE, MAX_TRIES, Tur
from fiks.svarut.models import Banestatus, Dokument, Forsendelse, Hendelse
from fiks.svarut.mottak import inspection
from fiks.svarut.mottak.inspection import claim, inspect_letter
from fiks.svarut.operations import recovery
from fiks.svarut.rules import Bane, Opphav, Status
from tests.doubles import tiny_pdf
from tests.integration.houses import Hus, make_hus
from tests.integration.svarut.letters import codes, letter, levering, leveringer, statuses
from tests.integration.svarut.submitted import PAGE, control_all, let_control_wait_pass, take_in
from tests.integration.worlds import World
from tests.submissions import FNR, ORGNR, document, submission
from workers.process import Process


@pytest.fixture(scope="module")
def reader() -> Iterator[Pdfleser]:
    """Opens PDFs in a real child."""
    made = Pdfleser()
    yield made
    made.close()


class Unlucky(Pdfleser):
    """Its child is killed by whatever it is given."""

    def inspect(
        self, chunks: Iterable[bytes], size: int, *, giro_sider: Sequence[int], tosidig: bool
    ) -> Pdfkontroll:
        raise BarnFeil("BARN_DREPT", signal=9)


def pages(*texts: str) -> bytes:
    """A PDF with one page a text; an empty text is a blank page."""
    with pikepdf.Pdf.new() as out:
        for text in texts:
            if not text:
                out.add_blank_page(page_size=(595, 842))
                continue
            with pikepdf.Pdf.open(io.BytesIO(tiny_pdf([text]))) as page:
                out.pages.extend(page.pages)
        buffer = io.BytesIO()
        out.save(buffer)
    return buffer.getvalue()


def locked(password: str = "hemmelig") -> bytes:
    """A PDF that asks for a password."""
    buffer = io.BytesIO()
    with pikepdf.Pdf.open(io.BytesIO(PAGE)) as pdf:
        pdf.save(buffer, encryption=pikepdf.Encryption(user=password, owner="eier"))
    return buffer.getvalue()


def details(letter_id: UUID) -> dict[str, object]:
    """What the history says of the refusal."""
    row = select(Hendelse.detaljer).where(Hendelse.forsendelse_id == letter_id, Hendelse.til == Status.AVVIST)
    return dict(session().execute(row).scalar_one())


def page_counts(letter_id: UUID) -> list[int | None]:
    rows = select(Dokument.sider).where(Dokument.forsendelse_id == letter_id).order_by(Dokument.nr)
    return list(session().scalars(rows))


def test_a_letter_in_order_is_accepted_and_ready_to_be_handed_over(
    hus: Hus, world: World, reader: Pdfleser
) -> None:
    letter_id = take_in(hus, submission(document("a.pdf"), document("b.pdf")), PAGE, pages("1", "2", "3"))
    assert control_all(world, reader) == 1

    assert letter(letter_id).status == Status.AKSEPTERT
    assert page_counts(letter_id) == [1, 3]
    assert (levering(letter_id).status, levering(letter_id).bane) == ("KLAR", Bane.ENKELT)
    assert codes(letter_id)[3:] == ["FORSENDELSESFIL_GENERERT", "AKSEPTERT", "KLAR"]
    assert control_all(world, reader) == 0


@pytest.mark.parametrize(
    ("content", "kode"), [(locked(), "PDF_PASSORD"), (b"%PDF-1.7 ikke en pdf likevel", "PDF_UGYLDIG")]
)
def test_sv12_08_a_pdf_nobody_can_open_is_refused_with_a_reason_and_says_which(
    hus: Hus, world: World, reader: Pdfleser, content: bytes, kode: str
) -> None:
    letter_id = take_in(hus, submission(document("a.pdf"), document("b.pdf")), PAGE, content)
    control_all(world, reader)

    assert statuses(letter_id) == [Status.MOTTATT, Status.AVVIST]
    assert codes(letter_id)[-1] == kode
    assert details(letter_id) == {"dokument": 2}
    assert leveringer(letter_id) == []


def test_sv12_08_what_never_goes_on_paper_is_not_opened(hus: Hus, world: World, reader: Pdfleser) -> None:
    digital = take_in(hus, submission(kun_digital=True), locked())
    excluded = take_in(
        hus, submission(document("a.pdf"), document("b.pdf", ekskluderes=True)), PAGE, locked()
    )
    no_address = take_in(hus, submission(opphav=Opphav.V3, adresse=None), locked())
    control_all(world, reader)
    assert {letter(id).status for id in (digital, excluded, no_address)} == {Status.AKSEPTERT}


@pytest.mark.parametrize(
    ("giro", "content", "kode"),
    [
        ((3,), pages("1", "2"), "GIROARK_UTENFOR"),
        ((1,), pages("1", "2"), "GIROARK_BAKSIDE"),
        ((2,), pages("1", "2"), "GIROARK_BAKSIDE"),
    ],
)
def test_sv12_13_a_giro_page_that_is_not_there_or_has_a_back_is_refused(
    hus: Hus, world: World, reader: Pdfleser, giro: tuple[int, ...], content: bytes, kode: str
) -> None:
    letter_id = take_in(hus, submission(document("a.pdf", giroark=giro), tosidig=True), content)
    control_all(world, reader)
    assert codes(letter_id)[-1] == kode


def test_a_giro_page_with_an_empty_back_or_printed_on_one_side_is_accepted(
    hus: Hus, world: World, reader: Pdfleser
) -> None:
    duplex = take_in(hus, submission(document("a.pdf", giroark=(1,)), tosidig=True), pages("giro", "", "mer"))
    simplex = take_in(hus, submission(document("a.pdf", giroark=(1, 2))), pages("1", "2"))
    control_all(world, reader)
    assert {letter(duplex).status, letter(simplex).status} == {Status.AKSEPTERT}


def test_a_large_pdf_is_read_from_memory_it_shares_and_not_sent_over_the_pipe(
    hus: Hus, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The limit is a constant; a PDF above it would take the test a minute to make.
    monkeypatch.setattr("fiks.pdf.sandbox.BY_PIPE", 10)
    reader = Pdfleser(Grenser(memory_mb=768, cpu_seconds=20, wall_seconds=30.0))
    good, bad = take_in(hus), take_in(hus, None, locked())
    control_all(world, reader)
    assert (letter(good).status, codes(bad)[-1]) == (Status.AKSEPTERT, "PDF_PASSORD")


def test_a_person_who_is_reserved_or_unknown_is_refused_by_the_strict_way_and_a_known_one_is_not(
    hus: Hus, world: World, reader: Pdfleser
) -> None:
    new = submission(opphav=Opphav.V1, strengt_digital=True)
    unknown = take_in(hus, new)
    control_all(world, reader)
    world.register.add_person(FNR, reservert=True)
    reserved = take_in(hus, new)
    control_all(world, reader)
    world.register.add_person(FNR)
    known = take_in(hus, new)
    control_all(world, reader)
    assert [codes(id)[-1] for id in (unknown, reserved)] == ["RESERVERT_ELLER_UKJENT"] * 2
    assert letter(known).status == Status.AKSEPTERT


@pytest.mark.parametrize(("opphav", "status"), [(Opphav.V3, Status.AVVIST), (Opphav.V2, Status.AKSEPTERT)])
def test_an_organisation_nobody_has_registered_is_refused_by_v3_alone(
    hus: Hus, world: World, reader: Pdfleser, opphav: Opphav, status: Status
) -> None:
    letter_id = take_in(hus, submission(opphav=opphav, digital_id=ORGNR))
    control_all(world, reader)
    assert letter(letter_id).status == status


def test_an_organisation_that_has_been_deleted_may_still_get_a_letter(
    hus: Hus, world: World, reader: Pdfleser
) -> None:
    world.register.add_unit(ORGNR, Enhetstatus.SLETTET)
    letter_id = take_in(hus, submission(opphav=Opphav.V3, digital_id=ORGNR))
    control_all(world, reader)
    assert letter(letter_id).status == Status.AKSEPTERT


def test_sv12_17_a_register_that_is_away_lets_the_letter_wait_however_long_and_is_left_alone(
    hus: Hus, world: World, reader: Pdfleser
) -> None:
    world.register.add_person(FNR)
    world.register.nede = ProvIgjen("IKKE_NAADD")
    letter_id = take_in(hus, submission(opphav=Opphav.V1, strengt_digital=True))
    for _ in range(FAILURES_IN_A_ROW + MAX_TRIES):
        assert inspect_letter(world.registers.heeding, reader) == 1
        assert inspect_letter(world.registers.heeding, reader) == 0, "it waits for a minute"
        let_control_wait_pass(letter_id)
    assert letter(letter_id).status == Status.MOTTATT
    assert len(world.register.spurt) == FAILURES_IN_A_ROW
    world.register.nede = None
    control_all(world, reader)
    assert letter(letter_id).status == Status.MOTTATT, "it is not time to ask yet"
    with transaction() as tx:
        tx.execute(update(Banestatus).values(apnes=func.now()))
    let_control_wait_pass(letter_id)
    control_all(world, reader)
    assert letter(letter_id).status == Status.AKSEPTERT
    assert circuit_breaker.state(Registernavn.KRR) is circuit_breaker.State.OPEN


def test_a_document_that_kills_whoever_opens_it_fails_after_three_tries_and_operations_are_told(
    hus: Hus, world: World
) -> None:
    before = inspection.FAILED._value.get()
    letter_id = take_in(hus)
    for _ in range(MAX_TRIES):
        assert letter(letter_id).status == Status.MOTTATT
        session().rollback()
        assert inspect_letter(world.registers.heeding, Unlucky()) == 1
        let_control_wait_pass(letter_id)
    assert statuses(letter_id) == [Status.MOTTATT, Status.FEILET_UNDER_MOTTAK]
    assert codes(letter_id)[-1] == "KONTROLL_MISLYKTES"
    assert inspection.FAILED._value.get() == before + 1
    assert inspect_letter(world.registers.heeding, Unlucky()) == 0


def test_a_letter_whose_worker_died_is_looked_at_again_after_its_time_and_given_up_after_three(
    hus: Hus, world: World, reader: Pdfleser
) -> None:
    letter_id = take_in(hus)
    for tries in range(1, MAX_TRIES + 1):
        assert claim() == Tur(letter_id, tries)
        assert claim() is None, "it is taken"
        let_control_wait_pass(letter_id)
    assert inspect_letter(world.registers.heeding, reader) == 1
    assert letter(letter_id).status == Status.FEILET_UNDER_MOTTAK


def test_a_document_that_is_not_what_was_sent_is_never_accepted(
    hus: Hus, world: World, reader: Pdfleser
) -> None:
    letter_id = take_in(hus)
    with transaction() as tx:
        tx.execute(update(Dokument).where(Dokument.forsendelse_id == letter_id).values(sha256=b"\x00" * 32))
    for _ in range(MAX_TRIES):
        inspect_letter(world.registers.heeding, reader)
        let_control_wait_pass(letter_id)
    assert letter(letter_id).status == Status.FEILET_UNDER_MOTTAK


def test_a_store_that_is_away_lets_the_letter_wait(
    hus: Hus, world: World, reader: Pdfleser, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter_id = take_in(hus)
    store = type(current().store)
    # A store in memory is never away; its reading is replaced for as long as this one is.
    with monkeypatch.context() as away:
        away.setattr(store, "read_document", _away)
        for _ in range(MAX_TRIES + 1):
            inspect_letter(world.registers.heeding, reader)
            let_control_wait_pass(letter_id)
    assert letter(letter_id).status == Status.MOTTATT
    session().rollback()
    control_all(world, reader)
    assert letter(letter_id).status == Status.AKSEPTERT


def _away(*_: object) -> Iterator[bytes]:
    raise LagerUtilgjengelig("LAGER_UTILGJENGELIG")


def test_two_workers_never_accept_the_same_letter_twice(
    hus: Hus, world: World, reader: Pdfleser, process: Process
) -> None:
    ids = [take_in(hus) for _ in range(8)]
    session().rollback()

    def work() -> None:
        with process.app.app_context():
            for _ in range(30):
                inspect_letter(world.registers.heeding, reader)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    control_all(world, reader)
    assert [statuses(id) for id in ids] == [[Status.MOTTATT, Status.AKSEPTERT]] * 8
    assert [len(leveringer(id)) for id in ids] == [1] * 8


def test_a_slow_worker_that_comes_second_changes_nothing(hus: Hus, world: World, reader: Pdfleser) -> None:
    letter_id = take_in(hus)
    brev = inspection.load_letters([letter_id])[letter_id]
    assert inspection.record_findings(brev, inspection.Funnet({1: 1}))
    assert not inspection.record_findings(brev, inspection.Funnet({1: 1}))
    assert not inspection.record_findings(brev, inspection.Funnet(feil="PDF_PASSORD"))
    assert (letter(letter_id).status, len(leveringer(letter_id))) == (Status.AKSEPTERT, 1)


class Patient(Pdfleser):
    """Takes more than half a lease over every document; meanwhile `then` happens."""

    def __init__(self, letter_id: UUID, then: Callable[[], object]) -> None:
        self.letter_id, self.then = letter_id, then
        self.opened = 0

    def inspect(
        self, chunks: Iterable[bytes], size: int, *, giro_sider: Sequence[int], tosidig: bool
    ) -> Pdfkontroll:
        self.opened += 1
        with transaction() as tx:
            mine = update(Forsendelse).where(Forsendelse.id == self.letter_id)
            tx.execute(mine.values(kontroll_neste=Forsendelse.kontroll_neste - LEASE * 0.6))
        self.then()
        session().rollback()
        return Pdfkontroll(1, True)


def test_a_letter_of_many_large_documents_is_held_for_as_long_as_it_takes(hus: Hus, world: World) -> None:
    letter_id = take_in(hus, submission(*(document(f"{n}.pdf") for n in range(4))))
    taken: list[object] = []

    def others_come() -> None:
        taken.append(claim())

    slow = Patient(letter_id, others_come)
    assert inspect_letter(world.registers.heeding, slow) == 1
    assert (slow.opened, taken) == (4, [None] * 4)
    assert letter(letter_id).status == Status.AKSEPTERT


def test_who_lost_a_letter_to_another_leaves_it_at_the_next_document_and_does_not_count_for_the_other(
    hus: Hus, world: World, reader: Pdfleser
) -> None:
    letter_id = take_in(hus, submission(document("a.pdf"), document("b.pdf")))
    other: list[Tur | None] = []

    def lose_it() -> None:
        let_control_wait_pass(letter_id)
        other.append(claim())

    slow = Patient(letter_id, lose_it)
    assert inspect_letter(world.registers.heeding, slow) == 1
    assert (slow.opened, other) == (1, [Tur(letter_id, 2)])
    assert letter(letter_id).status == Status.MOTTATT
    lease.retry_later(Tur(letter_id, 1))
    assert letter(letter_id).kontroll_forsok == 2
    session().rollback()
    assert claim() is None, "it is still the other's"


def test_who_sends_very_many_keeps_nobody_else_waiting(hus: Hus, world: World, reader: Pdfleser) -> None:
    many = [take_in(hus) for _ in range(inspection.MASS_THRESHOLD + 10)]
    other = take_in(make_hus("Annevik kommune"))
    looked_at = 0
    while letter(other).status == Status.MOTTATT:
        session().rollback()
        looked_at += inspect_letter(world.registers.heeding, reader)
    assert looked_at < 40, "one chance in two each time, where by age it would be the last of all"
    assert levering(other).bane == Bane.ENKELT
    control_all(world, reader)
    assert levering(many[0]).bane == Bane.MASSE
    assert levering(many[-1]).bane == Bane.ENKELT, "when few wait it is no mass any more"


def test_a_waiting_letter_has_its_lane_rung_and_its_age_is_told(
    hus: Hus, world: World, reader: Pdfleser, caplog: pytest.LogCaptureFixture
) -> None:
    letter_id = take_in(hus)
    assert recovery.ready_lanes() == ["mottak"]
    inspection.measure()
    assert "intake_waits" not in caplog.messages
    with transaction() as tx:
        old = Forsendelse.opprettet - LEASE
        tx.execute(update(Forsendelse).where(Forsendelse.id == letter_id).values(opprettet=old))
    assert 600 <= inspection.measure() < 700
    assert caplog.messages.count("intake_waits") == 1
    claim()
    assert recovery.ready_lanes() == [], "it is being looked at"
    let_control_wait_pass(letter_id)
    control_all(world, reader)
    assert recovery.ready_lanes() == ["enkelt"]
    assert inspection.measure() == 0

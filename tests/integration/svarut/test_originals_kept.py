"""Originals that are to be deleted stay for as long as a fault of ours keeps us from making the one file of them, and
for good when they cannot be put together: whoever has the letter can always open it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from fiks.core import environment
from fiks.core.db import session
from fiks.core.environment import current
from fiks.core.errors import FiksError
from fiks.core.isolate import BarnFeil
from fiks.core.queue.owner_lock import Owner
from fiks.core.storage.store import open_store
from fiks.pdf import PdfFeil, Pdfleser, Sammenfletter, Utskriftsdokument, Utskriftsfil
from fiks.svarut.inbox.access import readable_document
from fiks.svarut.lease import MAX_TRIES
from fiks.svarut.letters import load_letters, read_checked
from fiks.svarut.models import Dokument, Forsendelse
from fiks.svarut.mottak.inspection import inspect_letter
from fiks.svarut.retention import combined_pdf
from fiks.svarut.retention.combined_pdf import MANY_TRIES, MAX_CRASHES, replace_originals
from fiks.svarut.rules import Slettetype, Status
from fiks.svarut.sender import actions
from tests.doubles import tiny_pdf
from tests.integration.houses import HOUSE, Hus
from tests.integration.keys import no_data_keys
from tests.integration.svarut.letters import codes, hand_over, letter
from tests.integration.svarut.submitted import PAGE, control_all, let_control_wait_pass, take_in
from tests.integration.worlds import World
from tests.submissions import FNR, document, submission

Fault = Callable[[Path, UUID], AbstractContextManager[Sammenfletter | None]]


@pytest.fixture(scope="module")
def reader() -> Iterator[Pdfleser]:
    made = Pdfleser()
    yield made
    made.close()


@pytest.fixture(scope="module")
def merger() -> Iterator[Sammenfletter]:
    made = Sammenfletter()
    yield made
    made.close()


@pytest.fixture
def folder(hus: Hus, tmp_path: Path) -> Iterator[Path]:
    """The folder of this test's own object store."""
    kept = current()
    environment.install(replace(kept, store=open_store(f"file://{tmp_path}/lager")))
    yield tmp_path / "lager"
    session().rollback()
    environment.install(kept)


@pytest.fixture
def made(hus: Hus, eier: Owner, world: World, reader: Pdfleser, folder: Path) -> UUID:
    """A letter that never comes on paper, and whose sender wants two printable originals and a picture deleted."""
    world.register.add_person(FNR)
    new = submission(
        document("a.pdf"),
        document("b.pdf"),
        document("c.png", "image/png", ekskluderes=True),
        kun_digital=True,
    )
    letter_id = take_in(hus, new, tiny_pdf(["a"]), tiny_pdf(["b"]), b"bilde")
    control_all(world, reader)
    hand_over(eier, world)
    actions.delete_documents(letter_id, alt=Slettetype.ORIGINALDOKUMENTER, actor=HOUSE)
    return letter_id


class Failing(Sammenfletter):
    """Puts nothing together."""

    def __init__(self, error: FiksError) -> None:
        self.error = error

    def merge(self, documents: Sequence[Utskriftsdokument], *, tosidig: bool) -> Utskriftsfil:
        raise self.error


@contextmanager
def folder_away(folder: Path, letter_id: UUID) -> Iterator[None]:
    away = folder.rename(folder.with_name("av"))
    folder.mkdir()
    yield
    folder.rmdir()
    away.rename(folder)


@contextmanager
def key_away(folder: Path, letter_id: UUID) -> Iterator[None]:
    with no_data_keys():
        yield


def place_of(folder: Path, letter_id: UUID) -> Path:
    objekt = session().scalar(
        select(Dokument.objekt).where(Dokument.forsendelse_id == letter_id, Dokument.nr == 2)
    )
    assert objekt is not None
    session().rollback()
    return folder / objekt


@contextmanager
def document_gone(folder: Path, letter_id: UUID) -> Iterator[None]:
    place = place_of(folder, letter_id)
    away = place.rename(folder / "borte")
    yield
    away.rename(place)


@contextmanager
def document_cut(folder: Path, letter_id: UUID) -> Iterator[None]:
    place = place_of(folder, letter_id)
    whole = place.read_bytes()
    place.write_bytes(b"")
    yield
    place.write_bytes(whole)


@contextmanager
def no_processor(folder: Path, letter_id: UUID) -> Iterator[Sammenfletter]:
    yield Failing(BarnFeil("BARN_TIDSAVBRUDD"))


def keys(letter_id: UUID) -> list[bool]:
    """Which documents can still be opened, by number."""
    session().rollback()
    of_letter = select(Dokument.nokkel).where(Dokument.forsendelse_id == letter_id, Dokument.nr > 0)
    return [key is not None for key in session().scalars(of_letter.order_by(Dokument.nr))]


def try_to(fletter: Sammenfletter, letter_id: UUID, times: int) -> list[timedelta]:
    """Let the lane try so often; returns for how long the letter was left alone after each."""
    waits = []
    for _ in range(times):
        assert replace_originals(fletter) == 1
        left = select(Forsendelse.kontroll_neste - func.now()).where(Forsendelse.id == letter_id)
        waits.append(session().execute(left).scalar_one())
        let_control_wait_pass(letter_id)
    return waits


@pytest.mark.parametrize("fault", [folder_away, key_away, document_gone, document_cut, no_processor])
def test_a_fault_of_ours_lets_the_originals_wait_however_long_and_then_the_file_is_made(
    made: UUID, merger: Sammenfletter, folder: Path, fault: Fault
) -> None:
    with fault(folder, made) as broken:
        try_to(broken or merger, made, MAX_TRIES + MANY_TRIES)
        assert letter(made).originaler_venter
        assert combined_pdf.measure() == combined_pdf.STUCK._value.get() == 1
    assert keys(made) == [True] * 3
    assert replace_originals(merger) == 1
    assert codes(made)[-1] == "ORIGINALER_BORTE"
    [paper] = load_letters([made])[made].printed
    assert paper.sider == 2 and read_checked(paper)
    assert combined_pdf.measure() == combined_pdf.STUCK._value.get() == 0


def test_what_cannot_be_made_is_tried_ever_more_seldom_and_told_of_when_it_has_been_so_for_an_hour(
    made: UUID, folder: Path
) -> None:
    broken = Failing(BarnFeil("BARN_DREPT"))
    waits = try_to(broken, made, MANY_TRIES)
    assert [round(wait / timedelta(minutes=1)) for wait in waits] == [1, 2, 4, 8, 16, 32]
    assert combined_pdf.measure() == 0
    assert [round(wait / timedelta(minutes=1)) for wait in try_to(broken, made, 2)] == [60, 60]
    assert combined_pdf.measure() == 1


def test_a_letter_that_no_child_survives_keeps_its_documents_as_they_are(made: UUID, folder: Path) -> None:
    broken = Failing(BarnFeil("BARN_MINNE"))
    try_to(broken, made, MAX_CRASHES)
    assert (replace_originals(broken), letter(made).originaler_venter) == (0, False)
    assert (keys(made), codes(made)[-1]) == ([True, True, False], "ORIGINALER_BEHOLDT")


def test_documents_that_cannot_be_put_together_are_kept_for_who_has_the_letter_and_the_rest_goes(
    made: UUID, folder: Path
) -> None:
    assert replace_originals(Failing(PdfFeil("PDF_PASSORD"))) == 1
    assert (keys(made), codes(made)[-1]) == ([True, True, False], "ORIGINALER_BEHOLDT")
    session().rollback()
    for nr in (1, 2):
        assert read_checked(readable_document(made, nr, pid=FNR, acr=3, orgnrs=frozenset()))
    actions.delete_documents(made, alt=Slettetype.ALLE, actor=HOUSE)
    assert keys(made) == [False] * 3


def test_letters_that_were_taken_in_wait_while_the_folder_of_documents_is_away(
    hus: Hus, world: World, reader: Pdfleser, folder: Path
) -> None:
    taken = take_in(hus, submission(document("a.pdf")), PAGE)
    with folder_away(folder, taken):
        for _ in range(MAX_TRIES + 1):
            assert inspect_letter(world.register, reader) == 1
            let_control_wait_pass(taken)
    assert inspect_letter(world.register, reader) == 1
    session().rollback()
    assert letter(taken).status == Status.AKSEPTERT

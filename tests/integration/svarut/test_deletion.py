"""Documents go when the sender wants it or the storage time is over: really, and the facts of the bill stay."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pikepdf
import pytest
from sqlalchemy import func, select, update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.core.locks import Owner
from fiks.konfigurasjon.rules import P
from fiks.print.pdf import Pdfleser, Sammenfletter
from fiks.svarut import deletion, lifecycle, recovery
from fiks.svarut.forsendelsesfil import replace_originals
from fiks.svarut.letters import Brev, load_letters, read_checked
from fiks.svarut.models import Dokument, Eksponering, Forsendelse, ReservertId
from fiks.svarut.mottak import reserve_id
from fiks.svarut.rules import Opphav, Slettetype, Status
from fiks.svarut.service import readable_document
from tests.doubles import tiny_pdf
from tests.integration.houses import HOUSE, Hus, make_hus, new_fnr, staff_of
from tests.integration.svarut.letters import (
    codes,
    hand_over,
    let_lesefrist_pass,
    letter,
    levering,
    make_letters,
    statuses,
)
from tests.integration.svarut.submitted import PAGE, control_all, let_control_wait_pass, take_in
from tests.integration.worlds import World
from tests.submissions import FNR, document, submission


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


@pytest.fixture(autouse=True)
def empty_store(hus: Hus) -> None:
    """No objects from earlier tests."""
    store = current().store
    store.delete_all([found.navn for day in store.days() for found in store.made_on(day)])


def objects() -> set[str]:
    store = current().store
    return {found.navn for day in store.days() for found in store.made_on(day)}


def sent(hus: Hus, eier: Owner, world: World, reader: Pdfleser, *names: str, **changes: object) -> UUID:
    """A letter from a fagsystem that lies unread in Altinn."""
    world.register.add_person(FNR)
    new = submission(*(document(name) for name in names or ("brev.pdf",)), **changes)
    letter_id = take_in(hus, new, *(tiny_pdf([said.filnavn]) for said in new.dokumenter))
    control_all(world, reader)
    hand_over(eier, world)
    assert letter(letter_id).status == Status.SENDT_ALTINN
    return letter_id


def delete(letter_id: UUID, alt: Slettetype = Slettetype.ALLE) -> None:
    lifecycle.delete_documents(letter_id, alt=alt, actor=HOUSE)


def read(letter_id: UUID, nr: int = 1) -> str:
    """What a reader is told who asks for a document that has gone."""
    with pytest.raises(IkkeFunnet) as error:
        readable_document(letter_id, nr, pid=FNR, acr=4, orgnrs=frozenset())
    return error.value.kode


def test_sv12_34_everything_is_deleted_at_once_and_really_and_the_facts_of_the_bill_stay(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser
) -> None:
    made = sent(hus, eier, world, reader, "a.pdf", "b.pdf", konteringskode="K7", eksponert_for=(new_fnr(),))
    assert len(objects()) == 2
    delete(made)
    gone = letter(made)
    assert objects() == set()
    assert (gone.status, gone.status_for_sletting) == (Status.SLETTET, Status.SENDT_ALTINN)
    assert (gone.tittel, gone.mottaker_kryptert, gone.innhold_kryptert) == ("", None, None)
    assert (gone.konto_id, gone.konteringskode, gone.kanal) == (hus.konto_id, "K7", "ALTINN")
    documents = session().scalars(select(Dokument).where(Dokument.forsendelse_id == made)).all()
    assert [(d.sider, d.objekt, d.nokkel, d.filnavn) for d in documents] == [(1, None, None, "")] * 2
    assert session().scalar(select(func.count()).select_from(Eksponering)) == 0
    assert read(made) == "DOKUMENT_BORTE"


def test_a_letter_that_is_deleted_never_goes_on_paper(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser
) -> None:
    made = sent(hus, eier, world, reader)
    let_lesefrist_pass()
    recovery.expire_lesefrist()
    delete(made)
    assert hand_over(eier, world) == 0
    assert (levering(made).status, world.print.antall) == ("STOPPET", 0)
    delete(made)
    assert statuses(made).count(Status.SLETTET) == 1


def test_a_letter_that_is_not_sent_keeps_its_documents(hus: Hus, world: World, reader: Pdfleser) -> None:
    made = take_in(hus)
    with pytest.raises(Konflikt, match="BREVET_IKKE_SENDT"):
        delete(made, Slettetype.ORIGINALDOKUMENTER)
    control_all(world, reader)
    with pytest.raises(Konflikt, match="BREVET_IKKE_SENDT"):
        delete(made)
    assert len(objects()) == 1


def test_a_letter_that_is_just_being_handed_over_keeps_its_documents(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser
) -> None:
    world.register.add_person(FNR)
    made = take_in(hus)
    control_all(world, reader)
    refused: list[str] = []

    def try_it(referanse: str, brev: Brev) -> None:
        for alt in Slettetype:
            with pytest.raises(Konflikt) as error:
                delete(made, alt)
            refused.append(error.value.kode)

    world.altinn.under = try_it
    hand_over(eier, world)
    assert refused == ["BREVET_SENDES_NA"] * 2
    assert len(objects()) == 1


def test_a_letter_that_was_refused_loses_its_documents_and_keeps_its_status(
    hus: Hus, world: World, reader: Pdfleser
) -> None:
    made = take_in(hus, None, b"%PDF-1.7 ikke en pdf")
    control_all(world, reader)
    delete(made)
    assert (letter(made).status, objects()) == (Status.AVVIST, set())
    assert codes(made)[-1] == "DOKUMENTER_SLETTET"


def test_the_originals_go_when_the_one_file_has_been_made_and_that_is_what_is_read_and_printed(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser, merger: Sammenfletter
) -> None:
    made = sent(hus, eier, world, reader, "a.pdf", "b.pdf", "c.pdf")
    before = objects()
    delete(made, Slettetype.ORIGINALDOKUMENTER)
    assert objects() == before, "they are needed until the file has been made"
    assert [replace_originals(merger), replace_originals(merger)] == [1, 0]
    assert len(objects()) == 1 and not objects() & before

    brev = load_letters([made])[made]
    [paper] = brev.printed
    assert brev.first == paper
    with pikepdf.Pdf.open(io.BytesIO(read_checked(paper))) as pdf:
        assert (len(pdf.pages), paper.sider) == (3, 3)
    assert readable_document(made, 1, pid=FNR, acr=3, orgnrs=frozenset()) == paper
    assert read(made, 2) == "DOKUMENT_BORTE"
    let_lesefrist_pass()
    recovery.expire_lesefrist()
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_PRINT
    delete(made)
    assert (objects(), letter(made).status) == (set(), Status.SLETTET)


def test_a_letter_with_one_printed_document_has_its_file_already_and_the_rest_goes(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser, merger: Sammenfletter
) -> None:
    world.register.add_person(FNR)
    new = submission(document("brev.pdf"), document("bilde.png", "image/png", ekskluderes=True))
    made = take_in(hus, new, PAGE, b"bilde")
    control_all(world, reader)
    hand_over(eier, world)
    delete(made, Slettetype.ORIGINALDOKUMENTER)
    delete(made, Slettetype.ORIGINALDOKUMENTER)
    assert codes(made).count("ORIGINALER_SLETTET") == 1
    replace_originals(merger)
    brev = load_letters([made])[made]
    assert [d.objekt is not None for d in brev.dokumenter] == [True, False]
    assert objects() == {brev.dokumenter[0].objekt}


def test_the_originals_wait_while_the_letter_is_being_handed_over_and_leave_no_stray_file(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser, merger: Sammenfletter
) -> None:
    made = sent(hus, eier, world, reader, "a.pdf", "b.pdf")
    delete(made, Slettetype.ORIGINALDOKUMENTER)
    let_lesefrist_pass()
    recovery.expire_lesefrist()
    before = objects()
    world.print.under = lambda referanse, brev: _replace_quietly(merger)
    hand_over(eier, world)
    assert objects() == before
    let_control_wait_pass(made)
    assert replace_originals(merger) == 1
    assert len(objects()) == 1


def _replace_quietly(merger: Sammenfletter) -> None:
    assert replace_originals(merger) == 1


def test_originals_that_cannot_be_put_together_go_all_the_same(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser, merger: Sammenfletter
) -> None:
    world.register.add_person(FNR)
    new = submission(document("a.pdf"), document("b.pdf"), kun_digital=True)
    made = take_in(hus, new, b"%PDF-1.7 ikke", b"%PDF-1.7 heller ikke")
    control_all(world, reader)
    hand_over(eier, world)
    delete(made, Slettetype.ORIGINALDOKUMENTER)
    replace_originals(merger)
    assert objects() == set()


def test_only_those_who_may_send_from_its_konto_may_delete(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser
) -> None:
    made = sent(hus, eier, world, reader)
    with pytest.raises(IkkeFunnet):
        lifecycle.delete_documents(
            made, alt=Slettetype.ALLE, actor=staff_of(make_hus("Annevik kommune"), P.SENDE)
        )
    lifecycle.delete_documents(made, alt=Slettetype.ALLE, actor=staff_of(hus, P.SENDE))
    assert letter(made).status == Status.SLETTET


def test_sv12_35_content_goes_after_the_storage_time_of_its_konto(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser
) -> None:
    made = sent(hus, eier, world, reader)
    clock.move(timedelta(days=89))
    recovery.expire_lesefrist()
    hand_over(eier, world)
    assert deletion.expire_content() == 0
    clock.move(timedelta(days=2))
    assert [deletion.expire_content(), deletion.expire_content()] == [1, 0]
    gone = letter(made)
    assert (gone.status, gone.status_for_sletting) == (Status.SLETTET, Status.SENDT_PRINT)
    assert objects() == set()


def test_what_waits_for_its_mottakersystem_or_for_a_person_is_kept_however_old(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser
) -> None:
    waiting, ready = take_in(hus), take_in(hus)
    control_all(world, reader)
    with transaction() as tx:
        tx.execute(update(Forsendelse).where(Forsendelse.id == waiting).values(status=Status.KLAR_FOR_MOTTAK))
    clock.move(timedelta(days=400))
    assert deletion.expire_content() == 0
    assert letter(ready).mottaker_kryptert is not None
    with transaction() as tx:
        tx.execute(update(Forsendelse).where(Forsendelse.id == waiting).values(status=Status.AKSEPTERT))


def test_sv12_35_a_mailings_letters_lose_receiver_and_key_and_the_shared_segment_goes_with_the_last(
    hus: Hus, eier: Owner, world: World
) -> None:
    numbers = [world.register.add_person(new_fnr()) for _ in range(3)]
    ids = make_letters(hus, numbers)
    hand_over(eier, world)
    [segment] = objects()
    clock.move(timedelta(days=91))
    recovery.expire_lesefrist()
    hand_over(eier, world)
    assert deletion.expire_content(limit=2) == 2
    kept = [id for id in ids if letter(id).mottaker_kryptert is not None]
    assert len(kept) == 1
    assert read_checked(load_letters(kept)[kept[0]].dokumenter[0])
    assert deletion.expire_content() == 1
    keys = session().scalars(select(Dokument.nokkel).where(Dokument.forsendelse_id.in_(ids))).all()
    assert keys == [None] * 3
    used = session().scalars(select(Dokument.objekt).where(Dokument.objekt == segment)).all()
    assert used == [], "nobody refers to it, so the job for strays deletes it"


def test_ids_that_were_asked_for_and_never_used_go_after_thirty_days(
    hus: Hus, world: World, reader: Pdfleser
) -> None:
    unused, used, young = (reserve_id(hus.konto_id, actor=HOUSE) for _ in range(3))
    take_in(hus, submission(opphav=Opphav.V1), reservert=used)
    with transaction() as tx:
        old = update(ReservertId).where(ReservertId.id.in_([unused, used]))
        tx.execute(old.values(opprettet=func.now() - timedelta(days=31)))
    assert deletion.delete_unused_ids() == 1
    assert set(session().scalars(select(ReservertId.id))) == {used, young}

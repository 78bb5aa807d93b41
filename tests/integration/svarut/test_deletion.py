"""Documents go when the sender wants it or the storage time is over: really, and the facts of the bill stay."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from uuid import UUID

import pikepdf
import pytest
from sqlalchemy import func, select, text, update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.core.queue.owner_lock import Owner
from fiks.core.storage.store import LagerUtilgjengelig
from fiks.konfigurasjon.konto import settings
from fiks.konfigurasjon.konto.rules import Lagringsoppsett
from fiks.konfigurasjon.rules import P
from fiks.pdf import PdfFeil, Pdfleser, Sammenfletter, Utskriftsdokument, Utskriftsfil
from fiks.print.models import Ordre
from fiks.print.receipt_feed import Ordrefeed, publish_receipt
from fiks.print.service import Fakta, record_posted
from fiks.svarut.delivery.claims import claim
from fiks.svarut.documents import offered_files
from fiks.svarut.inbox.access import readable_document
from fiks.svarut.inbox.letter import open_letter
from fiks.svarut.inbox.queries import postboks_of_person
from fiks.svarut.letters import Brev, load_letters, read_checked
from fiks.svarut.lifecycle import lesefrist
from fiks.svarut.models import Dokument, Eksponering, Forsendelse, ReservertId
from fiks.svarut.mottak import UgyldigForsendelse, reserve_id
from fiks.svarut.operations import recovery
from fiks.svarut.receipts import feed
from fiks.svarut.retention import deletion
from fiks.svarut.retention.combined_pdf import _due, is_waiting, replace_originals
from fiks.svarut.rules import Bane, Kanal, Opphav, Slettetype, Status
from fiks.svarut.sender import actions, status_queries
from fiks.svarut.signing.orders import register_orders
from tests.doubles import tiny_pdf
from tests.integration.houses import HOUSE, Hus, make_hus, new_fnr, staff_of
from tests.integration.print.orders import FakeHouse, deliver, orders_of
from tests.integration.svarut.letters import (
    codes,
    hand_over,
    let_lesefrist_pass,
    letter,
    levering,
    make_letters,
    statuses,
)
from tests.integration.svarut.signings import accepted, let_sign, order
from tests.integration.svarut.submitted import PAGE, control_all, let_control_wait_pass, take_in
from tests.integration.svarut.test_manual_print import let_print
from tests.integration.worlds import Receipt, World
from tests.submissions import FNR, document, submission


def post_all() -> None:
    """Whoever prints says that all that was ordered is posted."""
    session().rollback()
    with transaction() as tx:
        for ordre_id in tx.scalars(select(Ordre.id).where(Ordre.status == "MOTTATT")).all():
            assert record_posted(ordre_id, clock.now(), Fakta(), kode="PRINTET", aktor="trykkeriet")
            publish_receipt(ordre_id, "PRINTET", clock.now())
    feed.read_feed(Kanal.PRINT, Ordrefeed("SVARUT"))
    session().rollback()


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
    """What lies in the store, but for the print files of orders."""
    store = current().store
    ordered = set(session().scalars(select(Ordre.objekt)))
    return {found.navn for day in store.days() for found in store.made_on(day)} - ordered


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
    actions.delete_documents(letter_id, alt=alt, actor=HOUSE)


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
    lesefrist.expire_lesefrist()
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
    assert offered_files(brev.dokumenter) == {1: paper}
    with pikepdf.Pdf.open(io.BytesIO(read_checked(paper))) as pdf:
        assert (len(pdf.pages), paper.sider) == (3, 3)
    assert readable_document(made, 1, pid=FNR, acr=3, orgnrs=frozenset()) == paper
    assert read(made, 2) == "DOKUMENT_BORTE"
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
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


class Interrupted(Sammenfletter):
    """While it puts a letter together something else happens, or it is told that it cannot be done."""

    def __init__(self, merger: Sammenfletter, *, then: Callable[[], object] | None = None) -> None:
        self.merger, self.then = merger, then
        self.asked = 0

    def merge(self, documents: Sequence[Utskriftsdokument], *, tosidig: bool) -> Utskriftsfil:
        self.asked += 1
        if self.then is None:
            raise PdfFeil("PDF_UGYLDIG")
        self.then()
        return self.merger.merge(documents, tosidig=tosidig)


def test_the_originals_wait_while_the_letter_is_being_handed_over_and_nothing_is_made_of_them(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser, merger: Sammenfletter
) -> None:
    made = sent(hus, eier, world, reader, "a.pdf", "b.pdf")
    delete(made, Slettetype.ORIGINALDOKUMENTER)
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    before, interrupted = objects(), Interrupted(merger)
    found: list[int] = []
    world.print.under = lambda referanse, brev: found.append(replace_originals(interrupted))
    hand_over(eier, world)
    assert (objects(), found, interrupted.asked) == (before, [0], 0)
    assert replace_originals(merger) == 1
    assert len(objects()) == 1


@pytest.mark.parametrize("store_is_away", [False, True])
def test_a_hand_over_that_begins_while_the_file_is_made_comes_first_and_leaves_no_stray_file(
    hus: Hus,
    eier: Owner,
    world: World,
    reader: Pdfleser,
    merger: Sammenfletter,
    monkeypatch: pytest.MonkeyPatch,
    store_is_away: bool,
) -> None:
    made = sent(hus, eier, world, reader, "a.pdf", "b.pdf")
    delete(made, Slettetype.ORIGINALDOKUMENTER)
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    before = objects()

    def taken() -> None:
        assert len(claim(Bane.ENKELT, eier.ensure())) == 1

    with monkeypatch.context() as away:
        if store_is_away:
            # A store in memory is never away; its deleting is replaced for as long as this one is.
            for name in ("delete", "delete_all"):
                away.setattr(type(current().store), name, _away)
        assert replace_originals(Interrupted(merger, then=taken)) == 1
    assert objects() >= before
    assert len(objects()) == len(before) + store_is_away, "a stray is found by the job for strays"
    assert letter(made).originaler_venter
    session().rollback()
    eier.release()
    recovery.recover_orphans()
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_PRINT
    let_control_wait_pass(made)
    assert replace_originals(merger) == 1
    assert len(load_letters([made])[made].printed) == 1


def _away(*_: object) -> None:
    raise LagerUtilgjengelig("LAGER_UTILGJENGELIG")


def test_the_originals_of_a_letter_that_is_not_sent_yet_wait_for_its_channel(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser, merger: Sammenfletter
) -> None:
    world.register.add_person(FNR, reservert=True)
    made = take_in(hus, submission(document("a.pdf"), document("b.pdf")), PAGE, PAGE)
    control_all(world, reader)
    delete(made, Slettetype.ORIGINALDOKUMENTER)
    before = objects()
    assert (is_waiting(), replace_originals(merger), objects()) == (False, 0, before)
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_PRINT
    assert (is_waiting(), replace_originals(merger), len(objects())) == (True, 1, 1)


def test_the_original_that_is_to_be_signed_waits_until_the_signing_service_has_it(
    hus: Hus, eier: Owner, world: World, merger: Sammenfletter
) -> None:
    world.register.add_person(FNR)
    made = accepted(let_sign(hus))
    hand_over(eier, world)
    delete(made, Slettetype.ORIGINALDOKUMENTER)
    assert replace_originals(merger) == 0
    assert register_orders(world.signering) == 1
    assert order(made).referanse is not None
    session().rollback()
    assert replace_originals(merger) == 1


def test_originals_that_cannot_be_put_together_stay_and_may_come_on_paper_as_they_are(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser, merger: Sammenfletter
) -> None:
    made = sent(hus, eier, world, reader, "a.pdf", "b.pdf")
    delete(made, Slettetype.ORIGINALDOKUMENTER)
    before = objects()
    assert [replace_originals(Interrupted(merger)), replace_originals(merger)] == [1, 0]
    assert objects() == before
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    hand_over(eier, world)
    assert (letter(made).status, world.print.antall) == (Status.SENDT_PRINT, 1)
    delete(made)
    assert objects() == set()


def test_who_asked_first_loses_its_originals_first(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser, merger: Sammenfletter
) -> None:
    ids = [sent(hus, eier, world, reader) for _ in range(4)]
    asked = [ids[n] for n in (2, 0, 3, 1)]
    for one in asked:
        delete(one, Slettetype.ORIGINALDOKUMENTER)
    gone: list[UUID] = []
    while replace_originals(merger):
        gone += [one for one in ids if one not in gone and not letter(one).originaler_venter]
        session().rollback()
    assert gone == asked


def test_what_is_no_pdf_after_all_is_kept_as_it_is(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser, merger: Sammenfletter
) -> None:
    world.register.add_person(FNR)
    new = submission(document("a.pdf"), document("b.pdf"), kun_digital=True)
    made = take_in(hus, new, b"%PDF-1.7 ikke", b"%PDF-1.7 heller ikke")
    control_all(world, reader)
    hand_over(eier, world)
    delete(made, Slettetype.ORIGINALDOKUMENTER)
    assert [replace_originals(merger), replace_originals(merger)] == [1, 0]
    assert len(objects()) == 2


def test_only_those_who_may_send_from_its_konto_may_delete(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser
) -> None:
    made = sent(hus, eier, world, reader)
    with pytest.raises(IkkeFunnet):
        actions.delete_documents(
            made, alt=Slettetype.ALLE, actor=staff_of(make_hus("Annevik kommune"), P.SENDE)
        )
    actions.delete_documents(made, alt=Slettetype.ALLE, actor=staff_of(hus, P.SENDE))
    assert letter(made).status == Status.SLETTET


def test_sv12_35_content_goes_after_the_storage_time_of_its_konto(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser
) -> None:
    made = sent(hus, eier, world, reader)
    clock.move(timedelta(days=89))
    lesefrist.expire_lesefrist()
    hand_over(eier, world)
    post_all()
    assert deletion.expire_content() == 0
    clock.move(timedelta(days=2))
    assert [deletion.expire_content(), deletion.expire_content()] == [1, 0]
    gone = letter(made)
    assert (gone.status, gone.status_for_sletting) == (Status.SLETTET, Status.PRINTET)
    assert objects() == set()


def test_a_store_that_hangs_holds_the_job_for_one_letter_more_than_its_time(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser
) -> None:
    for _ in range(3):
        sent(hus, eier, world, reader)
    clock.move(timedelta(days=89))
    lesefrist.expire_lesefrist()
    hand_over(eier, world)
    post_all()
    clock.move(timedelta(days=2))
    assert [deletion.expire_content(seconds=0) for _ in range(4)] == [1, 1, 1, 0]


@pytest.mark.parametrize("days", [10, 400])
def test_sv12_35_a_konto_that_asks_for_another_storage_time_gets_it_and_the_neighbour_keeps_its_own(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser, days: int
) -> None:
    settings.set_lagring(hus.konto_id, Lagringsoppsett(str(days)), actor=staff_of(hus, P.ADMIN))
    usual = (90, sent(make_hus("Annevik kommune"), eier, world, reader))
    chosen = (days, sent(hus, eier, world, reader))
    (soon, first), (late, last) = sorted((usual, chosen))
    clock.move(timedelta(days=soon, minutes=-10))
    lesefrist.expire_lesefrist()
    hand_over(eier, world)
    post_all()
    assert deletion.expire_content() == 0
    clock.move(timedelta(minutes=20))
    assert deletion.expire_content() == 1
    assert [letter(first).status, letter(last).status] == [Status.SLETTET, Status.PRINTET]
    clock.move(timedelta(days=late - soon, minutes=-20))
    assert deletion.expire_content() == 0
    clock.move(timedelta(minutes=20))
    assert deletion.expire_content() == 1
    assert objects() == set()


def test_what_lies_unread_in_altinn_is_kept_until_its_deadline_has_brought_it_on_paper(
    hus: Hus, eier: Owner, world: World
) -> None:
    """Also where the konto keeps letters for a shorter time than a receiver has for reading them."""
    settings.set_lagring(hus.konto_id, Lagringsoppsett("1"), actor=staff_of(hus, P.ADMIN))
    [made] = make_letters(hus, [world.register.add_person(new_fnr())])
    hand_over(eier, world)
    clock.move(timedelta(days=1, minutes=5))
    assert (lesefrist.expire_lesefrist(), deletion.expire_content()) == (0, 0)
    let_lesefrist_pass()
    assert (lesefrist.expire_lesefrist(), deletion.expire_content()) == (1, 0)
    hand_over(eier, world)
    assert (letter(made).status, deletion.expire_content()) == (Status.SENDT_PRINT, 0)
    post_all()
    assert (deletion.expire_content(), letter(made).status) == (1, Status.SLETTET)


@pytest.mark.parametrize("house", ["MANUELL_PRINT", "GRAFISK_DIGITAL"])
def test_paper_that_nobody_has_printed_is_kept_however_old(
    hus: Hus, eier: Owner, world: World, house: str
) -> None:
    let_print(hus, house)
    [made] = make_letters(hus, [""])
    hand_over(eier, world)
    clock.move(timedelta(days=400))
    assert (deletion.expire_content(), orders_of(made)) == (0, [(house, "MOTTATT")])
    post_all()
    assert (deletion.expire_content(), letter(made).status) == (1, Status.SLETTET)


def test_paper_that_its_house_says_nothing_of_is_kept_for_as_long_as_it_may_fail(
    hus: Hus, eier: Owner, world: World
) -> None:
    settings.set_lagring(hus.konto_id, Lagringsoppsett("1"), actor=staff_of(hus, P.ADMIN))
    [made] = make_letters(hus, [""])
    hand_over(eier, world)
    deliver(eier, FakeHouse())
    clock.move(timedelta(days=29))
    assert (deletion.expire_content(), orders_of(made)) == (0, [("GRAFISK_DIGITAL", "PRODUSERT")])
    clock.move(timedelta(days=2))
    assert (deletion.expire_content(), letter(made).status) == (1, Status.SLETTET)


def test_letters_that_must_be_kept_do_not_stand_before_those_whose_time_is_over(
    hus: Hus, eier: Owner, world: World
) -> None:
    make_letters(hus, ["", ""])
    hand_over(eier, world)
    clock.move(timedelta(minutes=1))
    [made] = make_letters(hus, [world.register.add_person(new_fnr(), postkasse="DIGIPOST")])
    hand_over(eier, world)
    feed.apply_receipt(Kanal.DPI, Receipt(str(levering(made).id), "LEVERT"))
    clock.move(timedelta(days=91))
    assert (deletion.expire_content(limit=2), letter(made).status) == (1, Status.SLETTET)


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
    lesefrist.expire_lesefrist()
    hand_over(eier, world)
    post_all()
    assert [deletion.expire_content(seconds=0) for _ in range(2)] == [1, 1]
    kept = [id for id in ids if letter(id).mottaker_kryptert is not None]
    assert len(kept) == 1
    assert read_checked(load_letters(kept)[kept[0]].dokumenter[0])
    assert deletion.expire_content() == 1
    keys = session().scalars(select(Dokument.nokkel).where(Dokument.forsendelse_id.in_(ids))).all()
    assert keys == [None] * 3
    used = session().scalars(select(Dokument.objekt).where(Dokument.objekt == segment)).all()
    assert used == [], "nobody refers to it, so the job for strays deletes it"


def test_ids_go_after_thirty_days_and_a_letters_own_stays_its_kontos(hus: Hus) -> None:
    unused, used, young = (reserve_id(hus.konto_id, actor=HOUSE) for _ in range(3))
    by_v1, other = submission(opphav=Opphav.V1), make_hus("Nabovik kommune")
    take_in(hus, by_v1, reservert=used)
    with transaction() as tx:
        old = update(ReservertId).where(ReservertId.id.in_([unused, used]))
        tx.execute(old.values(opprettet=func.now() - timedelta(days=31)))
    assert deletion.delete_unused_ids() == 2
    assert set(session().scalars(select(ReservertId.id))) == {young}
    with pytest.raises(UgyldigForsendelse, match="ID_IKKE_RESERVERT"):
        take_in(other, by_v1, reservert=used)
    assert session().scalar(select(ReservertId.id).where(ReservertId.id == used)) is None
    assert take_in(hus, by_v1, reservert=used) == used
    with pytest.raises(UgyldigForsendelse, match="FORSENDELSE_ANNET_INNHOLD"):
        take_in(hus, submission(opphav=Opphav.V1, tittel="Noe annet"), reservert=used)
    assert take_in(other, by_v1, reservert=unused) == unused


def test_the_one_file_warns_of_what_any_document_in_it_warned_of(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser, merger: Sammenfletter
) -> None:
    made = sent(hus, eier, world, reader, "a.pdf", "b.pdf")
    with transaction() as tx:
        sensitive = update(Dokument).where(Dokument.forsendelse_id == made, Dokument.nr == 2)
        tx.execute(sensitive.values(sensitiv=True))
    delete(made, Slettetype.ORIGINALDOKUMENTER)
    replace_originals(merger)
    assert [(d.nr, d.sensitiv) for d in status_queries.documents(made, actor=HOUSE)] == [(1, True)]
    assert [
        (d.nr, d.sensitiv) for d in open_letter(made, postboks_of_person(FNR, 3), actor=HOUSE).dokumenter
    ] == [(1, True)]


def test_those_that_wait_for_their_originals_are_found_among_all_letters_by_index() -> None:
    """It is asked every few seconds, and nearly always nobody waits."""
    with transaction() as tx:
        tx.execute(text("SET LOCAL enable_seqscan = off"))
        asked = select(Forsendelse.id).where(*_due())
        sql = str(asked.compile(tx.get_bind(), compile_kwargs={"literal_binds": True}))
        plan = "\n".join(tx.connection().exec_driver_sql(f"EXPLAIN {sql}").scalars())
    assert "ix_forsendelse_originaler" in plan, plan

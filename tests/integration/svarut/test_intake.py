"""Taking letters in: what was answered with an id is a letter, what was refused is nothing, and no repeat makes two."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import UUID, uuid3, uuid4, uuid5

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from fiks.core.actor import Aktor, Aktortype
from fiks.core.audit import Audit
from fiks.core.db import db, session
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon.rules import P
from fiks.svarut.letters import load_letters, read_checked, unseal_mottaker
from fiks.svarut.models import Forsendelse, Hendelse, ReservertId
from fiks.svarut.mottak import Innlasting, Innsending, UgyldigForsendelse, intake, letter_writer, reserve_id
from fiks.svarut.rules import Status
from fiks.svarut.sealed_content import reference_index
from tests.integration.houses import HOUSE, Hus, make_hus, staff_of
from tests.submissions import FNR, PDF, document, submission
from workers.process import Process


@pytest.fixture(autouse=True)
def empty_store(hus: Hus) -> None:
    """No objects from earlier tests."""
    store = current().store
    store.delete_all([found.navn for day in store.days() for found in store.made_on(day)])


def send(
    hus: Hus, new: Innsending | None = None, *contents: bytes, actor: Aktor = HOUSE, **given: Any
) -> UUID:
    """Send a letter as an interface does: the facts, then the documents in their order."""
    new = new or submission()
    with Innlasting(hus.konto_id, actor=actor, innsending=new, **given) as loading:
        for said, content in zip(new.dokumenter, contents or (PDF,), strict=True):
            loading.take(said.filnavn, [content])
        return loading.register()


def refused(hus: Hus, new: Innsending, *contents: bytes, **given: Any) -> str:
    with pytest.raises(UgyldigForsendelse) as error:
        send(hus, new, *contents, **given)
    return error.value.kode


def letters() -> int:
    return session().execute(select(func.count()).select_from(Forsendelse)).scalar_one()


def objects() -> int:
    store = current().store
    return sum(1 for day in store.days() for _ in store.made_on(day))


def test_a_letter_is_there_with_everything_that_was_sent(hus: Hus) -> None:
    new = submission(document("brev.pdf"), document("bilde.png", "image/png", ekskluderes=True), niva4=False)
    letter_id = send(hus, new, PDF, b"bilde")

    letter = load_letters([letter_id])[letter_id]
    assert (letter.status, letter.tittel, letter.mottaker.digital_id) == (Status.MOTTATT, new.tittel, FNR)
    assert [read_checked(d) for d in letter.dokumenter] == [PDF, b"bilde"]
    assert [d.filnavn for d in letter.dokumenter] == ["brev.pdf", "bilde.png"]
    codes = session().scalars(
        select(Hendelse.kode).where(Hendelse.forsendelse_id == letter_id).order_by(Hendelse.lopenr)
    )
    assert codes.all() == ["MOTTATT", "METADATA_VALIDERT", "DOKUMENTER_LAGRET"]
    sent = session().scalars(select(Audit).where(Audit.handling == "FORSENDELSE_SENDT")).one()
    assert (sent.objekt_id, sent.ressurs_id) == (str(letter_id), hus.konto_id)


def test_what_is_refused_leaves_neither_letter_nor_file(hus: Hus) -> None:
    assert refused(hus, submission(tittel="")) == "TITTEL_MANGLER"
    two = submission(document("a.pdf"), document("b.pdf"))
    assert refused(hus, two, PDF, b"") == "DOKUMENT_TOMT"
    assert refused(hus, two, PDF, b"GIF89a") == "DOKUMENT_IKKE_PDF"

    assert (letters(), objects()) == (0, 0)


def test_sv12_03_a_part_too_few_too_many_or_misnamed_is_refused_by_name(hus: Hus) -> None:
    two = submission(document("a.pdf"), document("b.pdf"))
    for names, kode, named in (
        (["a.pdf"], "DOKUMENT_MANGLER", "b.pdf"),
        (["a.pdf", "b.pdf", "c.pdf"], "DOKUMENT_EKSTRA", "c.pdf"),
        (["b.pdf", "a.pdf"], "FILNAVN_AVVIKER", "a.pdf"),
    ):
        with (
            pytest.raises(UgyldigForsendelse) as error,
            Innlasting(hus.konto_id, actor=HOUSE, innsending=two) as loading,
        ):
            for name in names:
                loading.take(name, [PDF])
            loading.register()
        assert (error.value.kode, error.value.params["filnavn"]) == (kode, named)
        with pytest.raises(UgyldigForsendelse) as late, Innlasting(hus.konto_id, actor=HOUSE) as loading:
            for name in names:
                loading.take(name, [PDF])
            loading.register(two)
        assert (late.value.kode, late.value.params["filnavn"]) == (kode, named)

    assert (letters(), objects()) == (0, 0)


def test_sv12_07_too_much_to_print_is_refused_while_it_streams(
    hus: Hus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fiks.svarut.mottak.intake.PRINTABLE_BYTES", 1000)
    monkeypatch.setattr("fiks.svarut.mottak.intake.MAX_BYTES", 5000)
    read: list[int] = []

    def endless() -> Iterator[bytes]:
        for nr in range(1_000_000):
            read.append(nr)
            yield b"%PDF-" + b"x" * 95

    def taken(new: Innsending, chunks: Iterable[bytes]) -> str:
        with (
            pytest.raises(UgyldigForsendelse) as error,
            Innlasting(hus.konto_id, actor=HOUSE, innsending=new) as loading,
        ):
            loading.take(new.dokumenter[0].filnavn, chunks)
        assert error.value.status == 413
        return error.value.kode

    assert taken(submission(), endless()) == "UTSKRIFT_FOR_STOR"
    assert len(read) == 10
    assert taken(submission(kun_digital=True), endless()) == "FORSENDELSE_FOR_STOR"
    send(hus, submission(kun_digital=True), PDF + b"x" * 4_000)
    assert (letters(), objects()) == (1, 1)


@pytest.mark.parametrize("facts_first", [True, False])
def test_sv12_07_the_limit_is_of_all_pdfs_that_may_be_printed_together(
    hus: Hus, monkeypatch: pytest.MonkeyPatch, facts_first: bool
) -> None:
    """350 MB is made small here; `test_large_intake` takes a letter just below the real one."""
    assert intake.PRINTABLE_BYTES == 350 * 1024 * 1024
    monkeypatch.setattr(intake, "PRINTABLE_BYTES", 1000)
    left_out = (document("c.pdf", ekskluderes=True), document("d.png", "image/png", ekskluderes=True))

    def take(size: int, **changes: Any) -> None:
        new = submission(document("a.pdf"), document("b.pdf"), *left_out, **changes)
        sizes = (size // 2, size - size // 2, 2_000, 2_000)
        with Innlasting(hus.konto_id, actor=HOUSE, innsending=new if facts_first else None) as loading:
            for said, large in zip(new.dokumenter, sizes, strict=True):
                loading.take(said.filnavn, [PDF.ljust(large, b"x")])
            loading.register(None if facts_first else new)

    with pytest.raises(UgyldigForsendelse) as error:
        take(1000)
    assert (error.value.kode, error.value.status) == ("UTSKRIFT_FOR_STOR", 413)
    assert (letters(), objects()) == (0, 0)
    take(999)
    take(5000, kun_digital=True)
    assert letters() == 2


def test_sv12_15_a_reserved_id_sent_twice_is_one_letter(hus: Hus) -> None:
    letter_id = reserve_id(hus.konto_id, actor=HOUSE)

    assert send(hus, reservert=letter_id) == send(hus, reservert=letter_id) == letter_id
    assert (letters(), objects()) == (1, 1)
    assert refused(hus, submission(tittel="Noe annet"), reservert=letter_id) == "FORSENDELSE_ANNET_INNHOLD"
    assert refused(hus, submission(), PDF + b"!", reservert=letter_id) == "FORSENDELSE_ANNET_INNHOLD"


def test_sv12_15_an_id_of_the_senders_own_is_taken_and_the_letter_known_again_by_it(hus: Hus) -> None:
    own = uuid4()
    assert send(hus, reservert=own) == send(hus, reservert=own) == own
    assert (letters(), objects()) == (1, 1)
    assert session().execute(select(ReservertId.konto_id).where(ReservertId.id == own)).scalar_one() == (
        hus.konto_id
    )
    assert refused(hus, submission(tittel="Noe annet"), reservert=own) == "FORSENDELSE_ANNET_INNHOLD"


def test_a_letter_that_is_refused_reserves_no_id(hus: Hus) -> None:
    own = uuid4()
    assert refused(hus, submission(), b"GIF89a", reservert=own) == "DOKUMENT_IKKE_PDF"
    assert session().scalars(select(ReservertId)).all() == []
    assert send(make_hus("Nabovik kommune"), reservert=own) == own


def test_an_id_that_another_konto_has_is_refused_whether_reserved_or_sent(hus: Hus) -> None:
    other = make_hus("Nabovik kommune")
    reserved, sent, own = reserve_id(other.konto_id, actor=HOUSE), send(other), uuid4()
    assert send(other, reservert=own) == own
    for theirs in (reserved, sent, own):
        assert refused(hus, submission(), reservert=theirs) == "ID_IKKE_RESERVERT"
        with Innlasting(hus.konto_id, actor=HOUSE) as loading:
            loading.take(None, [PDF])
            with pytest.raises(UgyldigForsendelse, match="ID_IKKE_RESERVERT"):
                loading.send_as(theirs)
    mine = select(func.count()).select_from(ReservertId).where(ReservertId.konto_id == hus.konto_id)
    assert (letters(), session().scalar(mine)) == (2, 0)


def test_an_id_that_follows_from_a_name_as_others_make_them_is_taken(hus: Hus) -> None:
    """Java's nameUUIDFromBytes makes version 3, which the house never does."""
    own = uuid3(UUID(int=1), "melding 41")
    assert send(hus, reservert=own) == own


@pytest.mark.parametrize("own", [UUID(int=0), uuid5(UUID(int=1), "signert")], ids=str)
def test_an_id_of_the_kinds_that_the_house_makes_is_refused(hus: Hus, own: UUID) -> None:
    """They follow from other ids, so a sender could take that of a copy or a mailing's letter before it is made."""
    assert refused(hus, submission(), reservert=own) == "ID_IKKE_RESERVERT"
    assert (letters(), objects()) == (0, 0)


def test_a_key_that_is_sent_with_another_id_makes_no_letter_of_that_id(hus: Hus) -> None:
    first, second = reserve_id(hus.konto_id, actor=HOUSE), reserve_id(hus.konto_id, actor=HOUSE)
    assert send(hus, nokkel="jobb-41/8", reservert=first) == first
    assert send(hus, nokkel="jobb-41/8", reservert=first) == first
    assert refused(hus, submission(), nokkel="jobb-41/8", reservert=second) == "NOKKEL_ANNEN_ID"
    assert (letters(), objects()) == (1, 1)


def test_a_key_sent_twice_is_one_letter_and_belongs_to_one_konto(hus: Hus) -> None:
    other = make_hus("Nabovik kommune")
    letter_id = send(hus, nokkel="jobb-41/7")

    assert send(hus, nokkel="jobb-41/7") == letter_id
    assert refused(hus, submission(tittel="Noe annet"), nokkel="jobb-41/7") == "NOKKEL_ANNET_INNHOLD"
    assert send(other, nokkel="jobb-41/7") != letter_id
    assert refused(hus, submission(), nokkel="x" * 201) == "NOKKEL_UGYLDIG"
    assert (letters(), objects()) == (2, 2)


def at_once(process: Process, *senders: Callable[[], UUID | str]) -> list[UUID | str]:
    """What each of them gets who send at the same time."""
    found: list[UUID | str] = []
    ready = threading.Barrier(len(senders))

    def one(sender: Callable[[], UUID | str]) -> None:
        with process.app.app_context():
            ready.wait()
            found.append(sender())
            db.session.remove()

    session().rollback()
    threads = [threading.Thread(target=one, args=(sender,)) for sender in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.parametrize("given", [{"nokkel": "samme"}, {"reservert": uuid4()}], ids=["key", "own id"])
def test_a_key_or_an_id_sent_by_many_at_once_is_one_letter(
    process: Process, hus: Hus, given: dict[str, Any]
) -> None:
    ids = at_once(process, *[lambda: send(hus, **given)] * 6)
    assert len(ids) == 6 and len(set(ids)) == 1
    assert (letters(), objects()) == (1, 1)


def test_an_id_that_two_kontoer_send_under_at_once_is_one_of_theirs(process: Process, hus: Hus) -> None:
    own, other = uuid4(), make_hus("Nabovik kommune")

    def sent(by: Hus) -> UUID | str:
        try:
            return send(by, reservert=own)
        except UgyldigForsendelse as error:
            return error.kode

    found = at_once(process, *[lambda: sent(hus), lambda: sent(other)] * 3)
    assert sorted(map(str, found)) == sorted([str(own)] * 3 + ["ID_IKKE_RESERVERT"] * 3)
    assert (letters(), objects()) == (1, 1)


def test_without_a_key_the_same_letter_twice_is_two(hus: Hus) -> None:
    assert send(hus) != send(hus)


def test_files_are_left_to_the_sweeper_when_nobody_knows_whether_the_letter_was_made(
    hus: Hus, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object, **__: object) -> None:
        raise OperationalError("COMMIT", None, Exception("connection lost"))

    monkeypatch.setattr(letter_writer, "write_letter", lost)
    with pytest.raises(OperationalError):
        send(hus)

    assert (letters(), objects()) == (0, 1)


def test_sv12_21_reading_rights_send_nothing_and_another_konto_is_not_there(hus: Hus) -> None:
    other = make_hus("Nabovik kommune")
    reader, sender = staff_of(hus, P.LESE), staff_of(hus, P.SENDE)

    with pytest.raises(Exception, match="MANGLER_PRIVILEGIUM"):
        send(hus, actor=reader)
    with pytest.raises(IkkeFunnet):
        send(other, actor=sender)
    send(hus, actor=sender)
    assert letters() == 1


def test_a_kontos_own_password_opens_that_konto_and_no_other(hus: Hus) -> None:
    other = make_hus("Nabovik kommune")
    machine = Aktor(Aktortype.INTEGRASJON, "konto", konto_id=hus.konto_id)

    send(hus, actor=machine)
    with pytest.raises(Exception, match="MANGLER_PRIVILEGIUM|FINNES_IKKE"):
        send(other, actor=machine)


def test_a_personal_number_in_the_senders_reference_is_found_by_but_never_kept_in_clear(hus: Hus) -> None:
    letter_id = send(hus, submission(ekstern_referanse=f"sak {FNR}"))

    row = session().execute(select(Forsendelse).where(Forsendelse.id == letter_id)).scalar_one()
    assert row.ekstern_referanse is not None and FNR not in row.ekstern_referanse
    assert row.ekstern_indeks == reference_index(f"sak {FNR}")
    assert row.mottaker_kryptert is not None and FNR.encode() not in row.mottaker_kryptert
    assert unseal_mottaker(row.mottaker_kryptert).digital_id == FNR

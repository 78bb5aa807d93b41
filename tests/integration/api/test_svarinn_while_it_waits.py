"""A letter that waits for its mottakersystem stays whole and in the queue until that has answered."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import func, select

from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.drift.lanes import lanes
from fiks.pdf import Sammenfletter
from fiks.svarut.inbox import access, queries
from fiks.svarut.letters import load_letters
from fiks.svarut.mottak import Innsending
from fiks.svarut.operations.recovery import ready_lanes
from fiks.svarut.retention import combined_pdf
from fiks.svarut.retention.combined_pdf import replace_originals
from fiks.svarut.rules import Slettetype, Status
from fiks.svarut.sender import status_queries
from fiks.svarut.sender.actions import delete_documents, mark_read_externally, set_manually_handled
from portal.texts.svarut.ekspedering import ekspedert
from tests.integration.api.mottak import Avsending, Mottaker, opened, unpacked
from tests.integration.houses import HOUSE
from tests.integration.svarut.letters import codes, hand_over, letter
from tests.integration.svarut.submitted import PAGE, control_all, take_in
from tests.submissions import FNR, document, submission

SOKNAD = b"<soknad/>"
WITH_XML = (document("soknad.pdf"), document("soknad.xml", "application/xml", ekskluderes=True))


@pytest.fixture(scope="module")
def merger() -> Iterator[Sammenfletter]:
    made = Sammenfletter()
    yield made
    made.close()


def fetched(receiver: Mottaker, letter_id: UUID) -> dict[str, bytes]:
    """The files that the mottakersystem gets."""
    return unpacked(opened(receiver.download(letter_id).data, receiver.system.nokler))


def delete_originals(letter_id: UUID) -> None:
    delete_documents(letter_id, alt=Slettetype.ORIGINALDOKUMENTER, actor=HOUSE)


def to_be_done() -> int:
    """Letters that the lane says it has to do."""
    return sum(one.klare for one in lanes() if one.bane == "mottak")


def read_on_min_side(letter_id: UUID, orgnr: str) -> bool:
    return access.mark_read(letter_id, pid=FNR, orgnrs=frozenset({orgnr}), actor=HOUSE)


@pytest.mark.parametrize(
    ("new", "contents"),
    [
        (submission(*WITH_XML), (PAGE, SOKNAD)),
        (submission(WITH_XML[1], kun_digital=True), (SOKNAD,)),
    ],
    ids=["PDF and XML", "only XML"],
)
def test_the_originals_stay_until_the_mottakersystem_has_answered(
    sender: Avsending,
    receiver: Mottaker,
    orgnr: str,
    merger: Sammenfletter,
    new: Innsending,
    contents: tuple[bytes, ...],
) -> None:
    sent = {said.filnavn: content for said, content in zip(new.dokumenter, contents, strict=True)}
    made = sender.send(orgnr, *contents, new=new)
    delete_originals(made)
    assert not combined_pdf.is_waiting() and to_be_done() == 0
    assert replace_originals(merger) == 0
    assert fetched(receiver, made) == sent
    assert receiver.confirm(made).status_code == 200
    assert ready_lanes() == ["mottak"] and to_be_done() == 1
    assert replace_originals(merger) == 1
    held = [d.filnavn for d in load_letters([made])[made].dokumenter if d.objekt is not None]
    assert held == [name for name in sent if name.endswith(".pdf")]


def test_originals_that_were_to_go_before_the_letter_was_laid_ready_stay_too(
    sender: Avsending, receiver: Mottaker, orgnr: str, merger: Sammenfletter
) -> None:
    new = submission(*WITH_XML, digital_id=orgnr, navn="Havvik kommune")
    made = take_in(sender.hus, new, PAGE, SOKNAD)
    control_all(sender.world, sender.reader)
    delete_originals(made)
    assert (letter(made).status, replace_originals(merger)) == (Status.AKSEPTERT, 0)
    hand_over(sender.eier, sender.world)
    assert (letter(made).status, replace_originals(merger)) == (Status.KLAR_FOR_MOTTAK, 0)
    assert fetched(receiver, made) == {"soknad.pdf": PAGE, "soknad.xml": SOKNAD}


def test_the_sender_sees_that_the_originals_are_to_go_and_afterwards_that_they_are_gone(
    sender: Avsending, receiver: Mottaker, orgnr: str, merger: Sammenfletter
) -> None:
    made = sender.send(orgnr, PAGE, SOKNAD, new=submission(*WITH_XML))

    def told() -> list[str]:
        return [
            one.kode for one in status_queries.events(made, actor=HOUSE) if one.kode.startswith("ORIGINALER_")
        ]

    delete_originals(made)
    assert told() == ["ORIGINALER_SLETTET"]
    receiver.confirm(made)
    replace_originals(merger)
    assert told() == ["ORIGINALER_SLETTET", "ORIGINALER_BORTE"]


@pytest.mark.parametrize("goes_on", [True, False], ids=["refused for good", "acknowledged"])
def test_a_letter_that_is_read_on_min_side_goes_on_waiting_for_its_mottakersystem(
    sender: Avsending, receiver: Mottaker, orgnr: str, goes_on: bool
) -> None:
    made = sender.send(orgnr)
    assert [read_on_min_side(made, orgnr), read_on_min_side(made, orgnr)] == [True, False]
    assert (letter(made).status, receiver.ids()) == (Status.KLAR_FOR_MOTTAK, [made])
    assert codes(made).count("LEST") == 1
    assert fetched(receiver, made)
    if goes_on:
        assert receiver.fail(made, "Ikke vår", permanent=True).status_code == 200
        hand_over(sender.eier, sender.world)
        assert (letter(made).status, receiver.ids()) == (Status.SENDT_ALTINN, [])
        assert read_on_min_side(made, orgnr)
    else:
        assert receiver.confirm(made).status_code == 200
    assert (letter(made).status, receiver.ids()) == (Status.LEST, [])


def test_what_the_sender_says_was_read_is_read_and_waits_for_no_mottakersystem(
    sender: Avsending, receiver: Mottaker, orgnr: str
) -> None:
    made = sender.send(orgnr)
    at = letter(made).opprettet
    assert mark_read_externally(made, fnr=FNR, tidspunkt=at, systemnavn="Portalen", actor=HOUSE)
    assert (letter(made).status, receiver.ids()) == (Status.LEST, [])


def close(letter_id: UUID) -> None:
    set_manually_handled(letter_id, actor=HOUSE)


def delete(letter_id: UUID) -> None:
    delete_documents(letter_id, alt=Slettetype.ALLE, actor=HOUSE)


def receipts_in_audit(letter_id: UUID) -> int:
    acts = select(func.count()).where(Audit.objekt_id == str(letter_id), Audit.handling == "BREV_KVITTERT")
    return session().execute(acts).scalar_one()


def test_what_its_sender_closes_while_it_is_taken_in_stays_so_and_its_log_tells_that_the_system_has_it(
    sender: Avsending, receiver: Mottaker, orgnr: str
) -> None:
    made = sender.send(orgnr)
    assert fetched(receiver, made)
    close(made)
    assert [receiver.confirm(made).status_code for _ in range(3)] == [200] * 3
    assert (letter(made).status, receiver.ids()) == (Status.MANUELT_HANDTERT, [])
    told = [ekspedert(one.kode, one.detaljer) for one in status_queries.events(made, actor=HOUSE)]
    assert told[-1] == "Mottatt i mottakerens system"
    assert (codes(made).count("KVITTERT"), receipts_in_audit(made)) == (1, 1)
    assert receiver.fail(made, "Igjen", permanent=True).status_code == 404


def test_a_closed_letter_that_its_system_has_is_read(
    sender: Avsending, receiver: Mottaker, orgnr: str
) -> None:
    made = sender.send(orgnr)
    close(made)
    boks = queries.postboks_of_organisation(orgnr, frozenset({"SVARUT"}), 4)
    assert [one.lest for one in queries.list_letters(boks, queries.Utvalg())] == [False]
    receiver.confirm(made)
    assert [one.lest for one in queries.list_letters(boks, queries.Utvalg())] == [True]


def test_what_the_system_refused_for_good_is_none_of_its_own_when_it_is_closed_either(
    sender: Avsending, receiver: Mottaker, orgnr: str
) -> None:
    made = sender.send(orgnr)
    receiver.fail(made, "Ikke vår", permanent=True)
    close(made)
    assert receiver.confirm(made).status_code == 404
    assert "KVITTERT" not in codes(made)


@pytest.mark.parametrize("close_first", [False, True])
def test_a_receipt_may_be_repeated_when_the_letter_is_deleted(
    sender: Avsending, receiver: Mottaker, orgnr: str, close_first: bool
) -> None:
    made = sender.send(orgnr)
    if close_first:
        close(made)
    receiver.confirm(made)
    delete(made)
    before = codes(made)
    assert receiver.confirm(made).status_code == 200
    assert (letter(made).status, codes(made), receipts_in_audit(made)) == (Status.SLETTET, before, 1)

"""E-mails against a real mail server: written once, sent, and never lost when something dies or says no."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from fiks.core.db import session, transaction
from fiks.core.errors import Avvist, KanalFeil, ProvIgjen
from fiks.core.queue.retry_policy import RETRY_AFTER
from fiks.epost import Mal, Sprak, service, write
from fiks.epost.client import SmtpClient, UtenEpost, Utgaende, open_mail
from fiks.epost.models import Epost
from fiks.epost.rules import Melding, Status
from testmiljo.mail_server import MailServer
from tests.integration.databases import QuickProcess
from tests.integration.epost.servers import ClosingServer
from tests.integration.keys import newer_key
from workers.lanes import do_portion

KARI, OLA = "kari@lillevik.test", "ola@lillevik.test"


@pytest.fixture
def server() -> Iterator[MailServer]:
    made = MailServer().start()
    yield made
    made.stop()


@pytest.fixture
def client(server: MailServer) -> SmtpClient:
    return SmtpClient(server.url, "fiks@ks.test", seconds=5)


def warn(*to: str, nokkel: str = "svarinn:1", sprak: Sprak = Sprak.NB) -> int:
    values = {
        "system": "Arkiv",
        "antall": 2,
        "eldste": date(2026, 2, 27),
        "lenke": "http://localhost/svarinn",
    }
    with transaction():
        return write(Mal.SVARINN_ADVARSEL, to, values, nokkel=nokkel, sprak=sprak)


def rows() -> list[Epost]:
    return list(
        session().scalars(
            select(Epost).order_by(Epost.opprettet, Epost.id).execution_options(populate_existing=True)
        )
    )


def make_due() -> None:
    with transaction() as tx:
        tx.execute(update(Epost).values(neste_forsok=Epost.neste_forsok - timedelta(days=3)))


def send_all(client: service.Epostport) -> int:
    sent = 0
    while service.send_next(client):
        sent += 1
    return sent


def test_an_e_mail_reaches_each_address_alone(empty: None, server: MailServer, client: SmtpClient) -> None:
    assert warn(KARI, OLA) == 2
    assert send_all(client) == 2
    assert sorted(one.til for one in server.received()) == [KARI, OLA]
    for one in server.received():
        assert one.emne == "2 brev venter på Arkiv"
        assert "Det eldste kom 27. februar 2026." in one.tekst and "http://localhost/svarinn" in one.tekst
        assert one.melding["To"] == one.til and one.melding["Auto-Submitted"] == "auto-generated"
    assert {row.status for row in rows()} == {Status.SENDT}


def test_it_speaks_the_language_asked_for(empty: None, server: MailServer, client: SmtpClient) -> None:
    warn(KARI, sprak=Sprak.NN)
    send_all(client)
    assert server.received()[0].emne == "2 brev ventar på Arkiv"


def test_the_same_matter_is_written_once_to_an_address(
    empty: None, server: MailServer, client: SmtpClient
) -> None:
    assert [warn(KARI), warn(KARI.upper(), OLA), warn(KARI, nokkel="svarinn:2")] == [1, 1, 1]
    assert send_all(client) == 3


def test_it_is_written_with_the_transaction_or_not_at_all(empty: None) -> None:
    with pytest.raises(RuntimeError), transaction():
        warn(KARI)
        raise RuntimeError
    assert rows() == []


def test_the_address_lies_sealed(empty: None) -> None:
    warn(KARI)
    (row,) = rows()
    assert KARI.encode() not in row.til_kryptert and KARI not in str(row.verdier)


def test_an_address_the_server_refuses_is_given_up_and_stops_nobody_else(
    empty: None, server: MailServer, client: SmtpClient
) -> None:
    server.switch(refuse=(KARI,))
    before = service.FAILED.labels(Mal.SVARINN_ADVARSEL)._value.get()
    warn(KARI, OLA)
    assert send_all(client) == 2
    assert {row.status: row.feilkode for row in rows()} == {"FEILET": "EPOST_ADRESSE_AVVIST", "SENDT": None}
    assert [one.til for one in server.received()] == [OLA]
    assert service.FAILED.labels(Mal.SVARINN_ADVARSEL)._value.get() == before + 1


REFUSALS = [
    (b"RCPT", b"550 5.1.1 no such user", Avvist, "EPOST_ADRESSE_AVVIST"),
    (b"RCPT", b"550 no such user", Avvist, "EPOST_ADRESSE_AVVIST"),
    (b"RCPT", b"554 5.7.1 relay access denied", ProvIgjen, "EPOST_NEKTET"),
    (b"RCPT", b"550-5.7.1 not from you\r\n550 5.7.1 you may not RELAY", ProvIgjen, "EPOST_NEKTET"),
    (b"RCPT", b"554 5.7.1 Service unavailable; Client host is blocked", ProvIgjen, "EPOST_NEKTET"),
    (b"RCPT", b"550 5.7.1 your address is blacklisted", ProvIgjen, "EPOST_NEKTET"),
    (b"RCPT", b"553 5.7.1 <a@b.no>: Sender address rejected: not owned by user", ProvIgjen, "EPOST_NEKTET"),
    (
        b"RCPT",
        b"550 5.7.60 Client does not have permissions to send as this sender",
        ProvIgjen,
        "EPOST_NEKTET",
    ),
    (b"RCPT", b"550 5.7.64 TenantAttribution", ProvIgjen, "EPOST_NEKTET"),
    (b"DATA", b"550 5.7.26 not authenticated", ProvIgjen, "EPOST_NEKTET"),
    (b"DATA", b"550 5.7.606 banned sending IP", ProvIgjen, "EPOST_NEKTET"),
    (b"RCPT", b"550 5.7.57 client not authenticated", ProvIgjen, "EPOST_NEKTET"),
    (b"RCPT", b"550 5.7.8 no such login", ProvIgjen, "EPOST_NEKTET"),
    (b"RCPT", b"550-5.7.1 not from you\r\n550 5.7.1 by policy", Avvist, "EPOST_ADRESSE_AVVIST"),
    (b"RCPT", b"550 5.7.133 sender not authenticated for group", Avvist, "EPOST_ADRESSE_AVVIST"),
    (b"RCPT", b"550 5.7.133 no relay", Avvist, "EPOST_ADRESSE_AVVIST"),
    (b"RCPT", b"550 5.1.1 not listed here", Avvist, "EPOST_ADRESSE_AVVIST"),
    (b"RCPT", b"530 5.7.0 authentication required", ProvIgjen, "EPOST_NEKTET"),
    (b"RCPT", b"552 mailbox full", ProvIgjen, "EPOST_NEKTET"),
    (b"RCPT", b"550 5.2.2 mailbox full", ProvIgjen, "EPOST_NEKTET"),
    (b"RCPT", b"550 5.2.21 another", Avvist, "EPOST_ADRESSE_AVVIST"),
    (b"RCPT", b"451 4.7.1 greylisted", ProvIgjen, "EPOST_ADRESSE_VENTER"),
    (b"DATA", b"554 5.7.1 by policy", Avvist, "EPOST_AVVIST"),
    (b"DATA", b"554 5.7.1 blocked by zen", ProvIgjen, "EPOST_NEKTET"),
    (b"DATA", b"554 5.3.4 too big here", ProvIgjen, "EPOST_NEKTET"),
    (b"DATA", b"554 5.6.0 not like this", Avvist, "EPOST_AVVIST"),
    (b"DATA", b"452 4.3.1 later", ProvIgjen, "EPOST_VENTER"),
]


@pytest.mark.parametrize(("to", "answer", "error", "kode"), REFUSALS)
def test_only_what_is_wrong_with_the_address_or_the_e_mail_gives_it_up(
    to: bytes, answer: bytes, error: type[KanalFeil], kode: str
) -> None:
    refusing = ClosingServer({to: answer})
    outgoing = Utgaende(UUID(int=1), KARI, Sprak.NB, Melding("Brev venter", "Logg inn.\n"))
    try:
        with pytest.raises(error) as refused:
            SmtpClient(refusing.url, "fiks@ks.test", seconds=5).send(outgoing)
    finally:
        refusing.stop()
    assert refused.value.kode == kode
    assert KARI not in f"{refused.value} {refused.value.detalj}"


def test_one_whose_key_a_process_lacks_waits_for_one_that_has_it(
    empty: None, server: MailServer, client: SmtpClient
) -> None:
    with newer_key():
        warn(KARI)
    for _ in range(len(RETRY_AFTER) + 2):
        make_due()
        assert send_all(client) == 1
    assert [(row.status, row.feilkode, row.forsok) for row in rows()] == [("KLAR", "NOKKEL_UKJENT", 0)]
    make_due()
    with newer_key():
        send_all(client)
    assert [one.til for one in server.received()] == [KARI]


@pytest.mark.parametrize(
    "address",
    [
        "kari@[eksempel.no",
        "(@):.x",
        "kari@eksempel].no",
        "kari@eksempel..no",
        "mailto:kari@eksempel.no",
        "kari(privat)@eksempel.no",
        "Kari <kari@eksempel.no>",
        "kari@eksempel.no, ola@eksempel.no",
        "kari@eksempel.no\r\nBcc: ola@eksempel.no",
        "",
    ],
)
def test_what_is_no_address_is_given_up_at_once_goes_to_nobody_else_and_stops_nobody(
    empty: None, server: MailServer, client: SmtpClient, address: str
) -> None:
    warn(address, nokkel="ingen")
    warn(OLA)
    assert send_all(client) == 2
    assert [(row.status, row.feilkode, row.forsok) for row in rows()] == [
        (Status.FEILET, "EPOST_ADRESSE_AVVIST", 1),
        (Status.SENDT, None, 1),
    ]
    assert [one.til for one in server.received()] == [OLA]


@pytest.mark.parametrize("address", ["kåre@eksempel.no", "post@bærum.test", "o'neil+post@eksempel.no"])
def test_an_unusual_address_is_an_address(
    empty: None, server: MailServer, client: SmtpClient, address: str
) -> None:
    warn(address)
    assert send_all(client) == 1
    assert [one.til for one in server.received()] == [address]


def test_an_e_mail_we_break_on_is_told_waits_as_any_other_and_stops_nobody(
    empty: None, server: MailServer, client: SmtpClient, caplog: pytest.LogCaptureFixture
) -> None:
    warn(KARI, nokkel="skadd")
    with transaction() as tx:
        tx.execute(update(Epost).values(til_kryptert=b"no seal of ours"))
    warn(OLA)
    with caplog.at_level(logging.ERROR):
        assert send_all(client) == 2
    assert [(one.message, one.exc_info is not None) for one in caplog.records] == [("mail_broken", True)]
    assert [one.til for one in server.received()] == [OLA]
    broken = rows()[0]
    assert (broken.status, broken.forsok, broken.feilkode) == (Status.KLAR, 1, "EPOST_MISLYKTES")
    for _ in range(7):
        make_due()
        assert send_all(client) == 1
    broken = rows()[0]
    assert (broken.status, broken.forsok, broken.feilkode) == (Status.FEILET, 8, "EPOST_MISLYKTES")


def test_what_the_server_has_taken_is_sent_however_it_says_goodbye(empty: None) -> None:
    closing = ClosingServer()
    try:
        warn(KARI)
        assert send_all(SmtpClient(closing.url, "fiks@ks.test", seconds=5)) == 1
        make_due()
        assert send_all(SmtpClient(closing.url, "fiks@ks.test", seconds=5)) == 0
    finally:
        closing.stop()
    assert (closing.taken, rows()[0].status, rows()[0].forsok) == (1, Status.SENDT, 1)


def test_a_busy_server_is_asked_again_later_and_in_the_end_given_up(
    empty: None, server: MailServer, client: SmtpClient
) -> None:
    server.switch(busy=True)
    warn(KARI)
    for attempt in range(1, 8):
        assert send_all(client) == 1
        (row,) = rows()
        assert (row.status, row.forsok, row.feilkode) == (Status.KLAR, attempt, "EPOST_VENTER")
        make_due()
    assert send_all(client) == 1
    (row,) = rows()
    assert row.status == Status.FEILET and row.avsluttet is not None
    assert server.received() == []


def test_a_server_that_is_away_loses_nothing(empty: None) -> None:
    gone = MailServer().start()
    gone.stop()
    warn(KARI)
    assert send_all(SmtpClient(gone.url, "fiks@ks.test")) == 1
    assert rows()[0].feilkode == "EPOST_UTILGJENGELIG"
    again = MailServer().start()
    try:
        make_due()
        send_all(SmtpClient(again.url, "fiks@ks.test"))
        assert [one.til for one in again.received()] == [KARI]
    finally:
        again.stop()


def test_a_doubt_is_tried_again_under_the_same_message_id(
    empty: None, server: MailServer, client: SmtpClient
) -> None:
    server.switch(break_after=True)
    warn(KARI)
    send_all(client)
    server.switch()
    make_due()
    send_all(client)
    first, second = server.received()
    assert first.melding_id == second.melding_id != ""


def test_what_a_dead_worker_held_is_taken_by_another_and_its_late_word_means_nothing(
    empty: None, server: MailServer, client: SmtpClient
) -> None:
    warn(KARI)
    held = service._claim()
    assert held is not None and service.send_next(client) == 0
    make_due()
    assert service.send_next(client) == 1
    service._end(held[0], held[1], Status.FEILET, held[2], feilkode="FOR_SENT")
    assert rows()[0].status == Status.SENDT


def test_without_a_mail_server_e_mails_wait_and_the_wait_is_told(empty: None, process: QuickProcess) -> None:
    assert isinstance(open_mail("", ""), UtenEpost)
    warn(KARI)
    with transaction() as tx:
        tx.execute(update(Epost).values(opprettet=Epost.opprettet - timedelta(hours=2)))
    session().rollback()
    assert do_portion("epost", process) == 1
    assert rows()[0].feilkode == "EPOST_IKKE_SATT_OPP"
    assert 7_200 <= service.measure() < 7_300 and service.OLDEST._value.get() >= 7_200


def test_the_sweeper_rings_for_what_is_due_alone(empty: None) -> None:
    assert service.ready_lanes() == []
    warn(KARI)
    assert service.ready_lanes() == ["epost"]
    service._claim()
    assert service.ready_lanes() == []


def test_old_ones_are_deleted_and_waiting_ones_never(empty: None, client: SmtpClient) -> None:
    warn(KARI)
    send_all(client)
    warn(OLA, nokkel="venter")
    with transaction() as tx:
        tx.execute(update(Epost).values(opprettet=Epost.opprettet - timedelta(days=90)))
        tx.execute(
            update(Epost)
            .where(Epost.avsluttet.is_not(None))
            .values(avsluttet=Epost.avsluttet - timedelta(days=31))
        )
    assert service.delete_old() == 1
    assert [row.nokkel for row in rows()] == ["venter"]


def test_a_closed_door_of_the_server_is_no_fault_of_the_address(server: MailServer) -> None:
    stranger = SmtpClient(server.url.replace("smtp://", "smtp://fiks:feil@"), "fiks@ks.test")
    with pytest.raises(ProvIgjen):
        stranger.send(Utgaende(UUID(int=1), KARI, Sprak.NB, service.rules.Melding("a", "b\n")))
    assert server.received() == []


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("http://post.test", "a@b.no"),
        ("smtp://", "a@b.no"),
        ("smtp://post.test:x", "a@b.no"),
        ("smtp://post.test", "uten"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_at_the_start(url: str, sender: str) -> None:
    with pytest.raises(ValueError):
        open_mail(url, sender)

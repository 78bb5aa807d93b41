"""The request of what does not come of a mailing: what citizens send, SMS, and letters that are signed or looked up."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, update

from fiks.core.db import session, transaction
from fiks.core.errors import Avvist, FiksError, KanalFeil, ProvIgjen, Uavklart
from fiks.core.queue.owner_lock import Owner
from fiks.core.storage.store import LagerUtilgjengelig
from fiks.core.telemetry import trace
from fiks.edialog import service as edialog
from fiks.edialog import work as edialog_work
from fiks.edialog.rules import letter_id as letter_of
from fiks.epost import service as epost
from fiks.epost.client import UtenEpost
from fiks.pdf import PdfFeil
from fiks.sms import service as sms
from fiks.sms import work as sms_work
from fiks.sms.models import Sms
from fiks.svarut import history
from fiks.svarut.delivery import unknown_outcomes
from fiks.svarut.letters import load_letters
from fiks.svarut.models import Forsendelse
from fiks.svarut.mottak import Innsending, inspection
from fiks.svarut.retention.combined_pdf import replace_originals
from fiks.svarut.rules import Kanal
from fiks.svarut.signing.client import Art
from fiks.svarut.signing.copies import copy_id, send_signed_copies
from fiks.svarut.signing.feed import read_feed
from fiks.svarut.signing.orders import register_orders
from tests.integration.databases import QuickProcess
from tests.integration.drift.traces import apart, events_with, logged
from tests.integration.edialog.skjemaer import Innbygger, Penn, draft, open_edialog
from tests.integration.houses import HOUSE, Hus, make_hus
from tests.integration.sms.gateways import FakeGateway, Smshus, make_smshus
from tests.integration.svarut.letters import hand_over
from tests.integration.svarut.signings import let_sign, let_wait_pass, to_be_signed
from tests.integration.svarut.submitted import take_in
from tests.integration.worlds import FakeRegister, FakeSigning, World
from tests.submissions import FNR, document, submission

KARI = "+4790000001"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (None, {"edialog_sent", "mail_waits"}),
        (ProvIgjen("IKKE_NAADD"), {"edialog_put_back"}),
        (FiksError("TEGNING_MISLYKTES"), {"edialog_broken"}),
        (FiksError("FELT_TOMT"), {"edialog_broken", "edialog_failed", "mail_waits"}),
    ],
)
def test_what_a_citizen_sends_is_followed_to_its_letter_and_the_mail_about_it(
    empty: None, process: QuickProcess, lines: io.StringIO, error: FiksError | None, told: set[str]
) -> None:
    hus, who = make_hus(), Innbygger()
    open_edialog(hus)
    with trace.continue_trace("begun"):
        skjema_id = draft(hus, who)
        edialog.send(skjema_id, spraak="nb", actor=replace(who.actor, request_id="sent"))
    penn = Penn(feil=[error] if error else [])
    apart(process, edialog_work.send_next, penn, FakeRegister())
    apart(process, epost.send_next, UtenEpost())

    assert events_with(lines, "sent") == {line["event"] for line in logged(lines)} == told
    about = {line["skjema"] for line in logged(lines) if line["event"].startswith("edialog_")}
    assert about == {str(skjema_id)}
    made = letter_of(skjema_id)
    assert history.request_ids_of([made]) == ({} if error else {made: "sent"})
    assert who.pid not in lines.getvalue()


def order_sms(smshus: Smshus, request_id: str | None) -> str:
    sender = replace(smshus.sender, request_id=request_id)
    return str(sms.send_to_number(smshus.konto_id, "Vannet er stengt.", KARI, actor=sender))


@pytest.mark.parametrize(
    ("error", "told"), [(ProvIgjen("HTTP_503"), "sms_waits"), (Uavklart("HTTP_500"), "sms_unknown")]
)
def test_a_line_about_an_sms_tells_the_request_that_sent_it_and_not_anothers(
    empty: None, process: QuickProcess, lines: io.StringIO, error: KanalFeil, told: str
) -> None:
    smshus = make_smshus()
    ordered = {order_sms(smshus, request_id): request_id for request_id in ("r-1", "r-2", None)}

    def send_all() -> None:
        gateway = FakeGateway(svar=[error] * len(ordered))
        while sms_work.send_next(gateway, FakeRegister()):
            pass

    apart(process, send_all)
    assert {line["sms"]: line.get("request_id") for line in logged(lines)} == ordered
    assert {line["event"] for line in logged(lines)} == {told}
    assert KARI not in lines.getvalue()


def test_an_sms_whose_sender_died_in_its_call_is_told_of_with_its_request(
    empty: None, process: QuickProcess, lines: io.StringIO
) -> None:
    sms_id = order_sms(make_smshus(), "r-3")
    with transaction() as tx:
        tx.execute(update(Sms).values(status="SENDER", kall_startet=func.now() - timedelta(minutes=11)))
    apart(process, sms_work.recover)
    [unknown, lost] = logged(lines)
    assert (unknown["event"], unknown["sms"], unknown["request_id"]) == ("sms_unknown", sms_id, "r-3")
    assert lost["event"] == "sms_owners_lost" and "request_id" not in lost


def accepted(hus: Hus, new: Innsending, request_id: str | None) -> UUID:
    """A letter from a fagsystem that has been looked at."""
    made = take_in(hus, new, actor=replace(HOUSE, request_id=request_id))
    brev = load_letters([made])[made]
    session().rollback()
    assert inspection.record_findings(
        brev, inspection.Funnet(dict.fromkeys(range(1, len(new.dokumenter) + 1), 1))
    )
    session().rollback()
    return made


@dataclass
class Watched(FakeSigning):
    """The signing service. `held`: whether a transaction was open when it was called."""

    held: list[bool] = field(default_factory=list)

    def _asked(self, what: str) -> None:
        self.held.append(session().in_transaction())
        super()._asked(what)


@pytest.mark.parametrize("request_id", ["r-4", None])
def test_a_letter_that_is_to_be_signed_is_followed_to_the_letter_its_copy_goes_back_in(
    empty: None, process: QuickProcess, lines: io.StringIO, request_id: str | None
) -> None:
    made = accepted(let_sign(make_hus()), to_be_signed(), request_id)
    service = Watched(svar=[ProvIgjen("HTTP_503")])
    apart(process, register_orders, service)
    let_wait_pass()
    apart(process, register_orders, service)
    service.tells(made, Art.SIGNERT)
    apart(process, read_feed, service)
    service.nede = ProvIgjen("HTTP_503")
    apart(process, send_signed_copies, service)
    service.nede = None
    let_wait_pass()
    apart(process, send_signed_copies, service)

    told = [(line["event"], line["forsendelse"], line.get("request_id")) for line in logged(lines)]
    assert told == [("signing_waits", str(made), request_id)] * 2
    assert history.request_ids_of([copy_id(made)]) == ({copy_id(made): request_id} if request_id else {})
    assert service.held == [False] * len(service.kall)


def test_an_order_that_is_refused_and_signed_all_the_same_is_told_of_with_the_letters_request(
    empty: None, process: QuickProcess, lines: io.StringIO
) -> None:
    made = accepted(let_sign(make_hus()), to_be_signed(), "r-5")
    service = FakeSigning(svar=[Avvist("HTTP_422", FNR)])
    apart(process, register_orders, service)
    service.tells(made, Art.SIGNERT)
    apart(process, read_feed, service)
    assert events_with(lines, "r-5") == {"signing_refused", "signature_on_closed_order"}
    assert {line["forsendelse"] for line in logged(lines)} == {str(made)}
    assert FNR not in lines.getvalue()


@dataclass
class Tangled:
    """Puts no letter together. `held`: whether a transaction was open when it was asked to."""

    error: FiksError
    held: list[bool] = field(default_factory=list)

    def merge(self, documents: object, *, tosidig: bool) -> Any:
        self.held.append(session().in_transaction())
        raise self.error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (LagerUtilgjengelig("LAGER_UTILGJENGELIG"), "originals_wait"),
        (PdfFeil("PDF_UGYLDIG"), "file_not_made"),
    ],
)
def test_a_letters_one_file_that_is_not_made_is_told_of_with_the_letters_request(
    empty: None, process: QuickProcess, lines: io.StringIO, error: FiksError, told: str
) -> None:
    made = accepted(make_hus(), submission(document("a.pdf"), document("b.pdf")), "r-6")
    with transaction() as tx:
        tx.execute(
            update(Forsendelse).values(
                status="SENDT_SDP", originaler_venter=True, kontroll_neste=func.now() - timedelta(minutes=1)
            )
        )
    fletter = Tangled(error)
    apart(process, replace_originals, fletter)
    [line] = logged(lines)
    assert (line["event"], line["forsendelse"], line["request_id"]) == (told, str(made), "r-6")
    assert fletter.held == [False]


@dataclass
class Unhelpful:
    """A channel that refuses to look anything up. `held`: whether a transaction was open when it was asked to."""

    held: list[bool] = field(default_factory=list)

    def lookup(self, referanse: str) -> str | None:
        self.held.append(session().in_transaction())
        raise Avvist("HTTP_403")


def test_a_look_up_that_failed_tells_the_letter_and_its_request_and_not_anothers(
    empty: None, process: QuickProcess, eier: Owner, lines: io.StringIO
) -> None:
    hus, world, channel = make_hus(), World(), Unhelpful()
    world.register.add_person(FNR, postkasse="DIGIPOST")
    letters = {str(accepted(hus, submission(), known)): known for known in ("r-7", "r-8", None)}
    world.dpi.svar = [Uavklart("SVARET_BORTE")] * len(letters)
    hand_over(eier, world)
    asked: Any = replace(world.verden, kanaler={Kanal.DPI: channel})
    apart(process, unknown_outcomes.resolve_unknown_outcomes, asked)
    failed = [line for line in logged(lines) if line["event"] == "lookup_failed"]
    assert {line["forsendelse"]: line.get("request_id") for line in failed} == letters
    assert len(failed) == len(letters) and channel.held == [False] * len(letters)
    assert FNR not in lines.getvalue()

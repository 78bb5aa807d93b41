"""What was signed goes back as one new letter, whatever breaks on the way."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from fiks.core import clock, environment
from fiks.core.audit import Audit
from fiks.core.crypto.encryption import Chunk, KeyRing
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import Avvist, KanalFeil, ProvIgjen
from fiks.core.storage.store import LagerUtilgjengelig, Lagret, Store
from fiks.core.values.address import Adresse
from fiks.svarut.letters import load_letters, read_checked
from fiks.svarut.mottak import Svaradresse
from fiks.svarut.rules import Mottakertype, Opphav, Signeringsstatus, Status
from fiks.svarut.sender import status_queries
from fiks.svarut.signing.client import Art
from fiks.svarut.signing.copies import copy_id, send_signed_copies
from fiks.svarut.signing.feed import expire_orders, read_feed
from fiks.svarut.signing.orders import register_orders
from portal.api.svarut.older_words import SIGNING_TYPES
from portal.texts.svarut.ekspedering import ekspedert
from tests.integration.databases import QuickProcess
from tests.integration.houses import HOUSE, Hus
from tests.integration.svarut.letters import codes, letter
from tests.integration.svarut.signings import (
    accepted,
    facts_of,
    let_sign,
    let_wait_pass,
    order,
    sent_back,
    signing_codes,
)
from tests.integration.svarut.submitted import PAGE
from tests.integration.worlds import FakeSigning
from tests.submissions import ADDRESS, ORGNR

S = Signeringsstatus


@pytest.fixture
def service() -> FakeSigning:
    return FakeSigning()


def signed(hus: Hus, service: FakeSigning, **changes: object) -> UUID:
    """A letter whose receiver has signed, as the feed has told us."""
    letter_id = accepted(let_sign(hus), **changes)
    register_orders(service)
    service.tells(letter_id, Art.SIGNERT)
    read_feed(service)
    session().rollback()
    return letter_id


def test_the_signed_copy_is_a_new_letter_to_where_answers_go(hus: Hus, service: FakeSigning) -> None:
    letter_id = signed(hus, service)
    assert order(letter_id).status == S.VENTER_SIGNERING, "not before the copy is on its way"
    session().rollback()
    assert send_signed_copies(service) == 1

    [new] = sent_back()
    assert (new.id, new.svar_pa_id, new.konto_id) == (copy_id(letter_id), letter_id, hus.konto_id)
    assert (new.status, new.opphav, new.forsendelsestype) == (
        Status.MOTTATT,
        Opphav.SIGNERING,
        "ks.signertforsendelse",
    )
    assert (new.mottakertype, new.konteringskode) == (Mottakertype.ORGANISASJON, "K-100")
    brev = load_letters([new.id])[new.id]
    [document] = brev.dokumenter
    assert brev.mottaker.digital_id == ORGNR
    assert document.filnavn == "avtale.pdf"
    assert read_checked(document) == PAGE + b"\n% signert\n"
    assert codes(new.id) == ["MOTTATT", "METADATA_VALIDERT", "DOKUMENTER_LAGRET"]


def test_the_sender_is_told_of_the_signature_with_the_new_letters_id(hus: Hus, service: FakeSigning) -> None:
    letter_id = signed(hus, service)
    send_signed_copies(service)
    new_id = str(copy_id(letter_id))
    assert order(letter_id).status == S.SIGNERT_AV_MOTTAKER
    assert facts_of(letter_id, "SIGNERING_FULLFORT") == {"svar_id": new_id}
    assert status_queries.signing_events(letter_id, actor=HOUSE)[-1].status == S.SIGNERT_AV_MOTTAKER
    acts = select(Audit.handling).where(Audit.objekt_id == new_id)
    assert list(session().scalars(acts)) == ["FORSENDELSE_SENDT"]


def test_the_whole_signing_is_told_in_order_in_the_words_of_the_interfaces(
    hus: Hus, service: FakeSigning
) -> None:
    letter_id = accepted(let_sign(hus))
    register_orders(service)
    service.tells(letter_id, Art.STARTET)
    service.tells(letter_id, Art.SIGNERT, 4)
    read_feed(service)
    assert not any(d.kan_signeres for d in status_queries.documents(letter_id, actor=HOUSE)), (
        "signed once is enough"
    )
    session().rollback()
    send_signed_copies(service)
    told = status_queries.signing_events(letter_id, actor=HOUSE)
    assert [(SIGNING_TYPES[one.kode], one.status) for one in told] == [
        ("SigneringsoppdragRegistrert", S.VENTER_SIGNERING),
        ("SigneringsoppdragStartet", S.VENTER_SIGNERING),
        ("SigneringsoppdragFullfort", S.SIGNERT_AV_MOTTAKER),
    ]
    assert ekspedert(told[-1].kode, told[-1].detaljer).endswith(f"Referanse: {copy_id(letter_id)}")


@pytest.mark.parametrize(
    ("address", "printed"), [(ADDRESS, True), (replace(ADDRESS, postnr="", poststed=""), False)]
)
def test_a_copy_goes_on_paper_only_to_an_address_that_post_can_reach(
    hus: Hus, service: FakeSigning, address: Adresse, printed: bool
) -> None:
    signed(hus, service, svar_sendes_til=Svaradresse(address, ORGNR))
    send_signed_copies(service)
    [new] = sent_back()
    assert load_letters([new.id])[new.id].can_be_printed is printed
    assert load_letters([new.id])[new.id].mottaker.adresse.navn == ADDRESS.navn


def test_a_repeated_feed_and_a_repeated_run_make_no_second_letter(hus: Hus, service: FakeSigning) -> None:
    letter_id = signed(hus, service)
    for _ in range(3):
        service.tells(letter_id, Art.SIGNERT)
        read_feed(service)
        send_signed_copies(service)
        let_wait_pass()
    assert service.hentet == 1
    assert len(sent_back()) == 1
    assert signing_codes(letter_id) == ["REGISTRERT", "FULLFORT"]


@pytest.mark.parametrize("error", [ProvIgjen("IKKE_NAADD"), Avvist("HTTP_404")])
def test_a_copy_that_cannot_be_fetched_now_is_fetched_later_and_holds_up_no_feed(
    hus: Hus, service: FakeSigning, error: KanalFeil
) -> None:
    letter_id = signed(hus, service)
    service.nede = error
    assert [send_signed_copies(service), send_signed_copies(service)] == [1, 0]
    assert (order(letter_id).status, sent_back()) == (S.VENTER_SIGNERING, [])
    service.nede = None
    session().rollback()
    assert read_feed(service) == 0
    let_wait_pass()
    send_signed_copies(service)
    assert len(sent_back()) == 1


def test_an_entry_that_is_repeated_does_not_shorten_the_wait(hus: Hus, service: FakeSigning) -> None:
    letter_id = signed(hus, service)
    service.nede = ProvIgjen("IKKE_NAADD")
    send_signed_copies(service)
    waits_until = order(letter_id).neste_forsok
    session().rollback()
    service.nede = None
    service.tells(letter_id, Art.SIGNERT)
    assert read_feed(service) == 1
    assert (order(letter_id).neste_forsok, order(letter_id).forsok) == (waits_until, 1)


def test_signed_orders_past_their_deadline_do_not_hide_those_that_ran_out(
    hus: Hus, service: FakeSigning, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed(hus, service, days=2)
    unsigned = accepted(hus, days=3)
    register_orders(service)
    clock.move(timedelta(days=9))
    monkeypatch.setattr("fiks.svarut.signing.feed.EXPIRE_PORTION", 1)
    assert expire_orders() == 1
    assert order(unsigned).status == S.UTLOPT


def test_level_4_stays_level_4_on_its_way_back(hus: Hus, service: FakeSigning) -> None:
    letter_id = signed(hus, service)
    with transaction():
        letter(letter_id).sikkerhetsniva = "HOYESTE"
    send_signed_copies(service)
    assert [one.sikkerhetsniva for one in sent_back()] == ["HOYESTE"]


def test_a_signature_given_in_time_counts_though_we_hear_of_it_late(hus: Hus, service: FakeSigning) -> None:
    letter_id = accepted(let_sign(hus))
    register_orders(service)
    clock.move(timedelta(days=9))
    expire_orders()
    service.tells(letter_id, Art.SIGNERT)
    read_feed(service)
    send_signed_copies(service)
    assert order(letter_id).status == S.SIGNERT_AV_MOTTAKER
    assert len(sent_back()) == 1


def test_what_is_signed_does_not_run_out_before_it_is_fetched(hus: Hus, service: FakeSigning) -> None:
    letter_id = signed(hus, service)
    clock.move(timedelta(days=9))
    assert expire_orders() == 0
    service.tells(letter_id, Art.UTLOPT)
    read_feed(service)
    send_signed_copies(service)
    assert signing_codes(letter_id) == ["REGISTRERT", "FULLFORT"]


class Dead(BaseException):
    """The worker dies here."""


class Breaking(Store):
    """A store that takes a document and then does as `after` says; it remembers what it has."""

    def __init__(self, inner: Store, after: BaseException | None) -> None:
        self.inner, self.after = inner, after
        self.kept: list[str] = []

    def put_document(self, chunks: Iterable[Chunk], ring: KeyRing) -> Lagret:
        if isinstance(self.after, LagerUtilgjengelig):
            raise self.after
        stored = self.inner.put_document(chunks, ring)
        self.kept.append(stored.objekt)
        if self.after is not None:
            raise self.after
        return stored

    def delete(self, objekt: str) -> None:
        self.kept.remove(objekt)
        self.inner.delete(objekt)


@pytest.fixture
def real(hus: Hus) -> Iterator[environment.Environment]:
    """The environment as it was, which is put back afterwards."""
    installed = current()
    yield installed
    environment.install(installed)


@pytest.mark.parametrize("after", [Dead(), LagerUtilgjengelig("LAGER_UTILGJENGELIG")])
def test_a_worker_that_dies_at_the_store_and_a_store_that_is_away_lead_to_one_letter(
    hus: Hus, service: FakeSigning, real: environment.Environment, after: BaseException
) -> None:
    letter_id = signed(hus, service)
    environment.install(replace(real, store=Breaking(real.store, after)))
    if isinstance(after, Dead):
        with pytest.raises(Dead):
            send_signed_copies(service)
    else:
        send_signed_copies(service)
    session().rollback()
    assert (order(letter_id).status, sent_back()) == (S.VENTER_SIGNERING, [])
    environment.install(real)
    let_wait_pass()
    send_signed_copies(service)
    assert len(sent_back()) == 1
    assert signing_codes(letter_id) == ["REGISTRERT", "FULLFORT"]


def test_a_worker_that_dies_in_the_transaction_leaves_neither_letter_nor_event(
    hus: Hus, service: FakeSigning, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter_id = signed(hus, service)

    def die(*args: object, **kwargs: object) -> None:
        raise Dead

    with monkeypatch.context() as broken:
        broken.setattr("fiks.svarut.signing.copies.write_letter", die)
        with pytest.raises(Dead):
            send_signed_copies(service)
    session().rollback()
    assert (signing_codes(letter_id), sent_back()) == (["REGISTRERT"], [])
    let_wait_pass()
    send_signed_copies(service)
    assert len(sent_back()) == 1


def test_two_workers_at_once_make_one_letter_and_keep_one_copy(
    hus: Hus, service: FakeSigning, process: QuickProcess, real: environment.Environment
) -> None:
    letter_id = signed(hus, service)
    store = Breaking(real.store, None)
    environment.install(replace(real, store=store))
    both = threading.Barrier(2)

    def meet() -> None:
        both.wait(30)

    service.under = meet

    def run() -> None:
        with process.app.app_context():
            send_signed_copies(service)

    first = threading.Thread(target=run)
    first.start()
    while service.hentet == 0:
        time.sleep(0.02)
    let_wait_pass()
    run()
    first.join(30)
    assert service.hentet == 2
    [new] = sent_back()
    assert [load_letters([new.id])[new.id].dokumenter[0].objekt] == store.kept
    assert signing_codes(letter_id) == ["REGISTRERT", "FULLFORT"]

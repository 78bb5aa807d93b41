"""Letters that are to be signed: each order reaches the signing service once, or its sender learns why it did not."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import Avvist, KanalFeil, ProvIgjen, Uavklart
from fiks.konfigurasjon.konto.models import Kontooppsett
from fiks.svarut.letters import load_letters
from fiks.svarut.models import Dokument, Hendelse
from fiks.svarut.mottak import inspection
from fiks.svarut.retention import deletion
from fiks.svarut.rules import Signeringsstatus, Slettetype, Status
from fiks.svarut.sender import status_queries
from fiks.svarut.signing import rules
from fiks.svarut.signing.client import Art
from fiks.svarut.signing.feed import UNWANTED, apply_event, expire_orders, read_feed
from fiks.svarut.signing.orders import move_signing_order, register_orders
from fiks.svarut.transitions import move_forsendelse
from tests.integration.houses import HOUSE, Hus
from tests.integration.svarut.letters import letter, levering
from tests.integration.svarut.signings import (
    accepted,
    facts_of,
    let_sign,
    let_wait_pass,
    order,
    signing_codes,
    taken_in,
)
from tests.integration.svarut.submitted import PAGE
from tests.integration.worlds import FakeSigning
from tests.submissions import FNR

S = Signeringsstatus


@pytest.fixture
def service() -> FakeSigning:
    """The signing service, which takes what it is given."""
    return FakeSigning()


def test_an_accepted_letter_is_ordered_signed_once_with_all_the_service_needs(
    hus: Hus, service: FakeSigning
) -> None:
    letter_id = accepted(let_sign(hus))
    assert register_orders(service) == 1

    ordered = service.fikk[str(letter_id)]
    assert (ordered.signatar, ordered.dokument, ordered.type) == (FNR, PAGE, "AVANSERT_SIGNATUR")
    assert (ordered.frist, ordered.sikkerhetsniva) == (order(letter_id).utloper, "BETYDELIG")
    assert order(letter_id).referanse == f"oppdrag-{letter_id}"
    assert order(letter_id).status == S.VENTER_SIGNERING
    assert signing_codes(letter_id) == ["REGISTRERT"]
    session().rollback()
    assert register_orders(service) == 0
    assert service.kall.count("create") == 1


def test_the_letter_goes_its_ordinary_way_meanwhile(hus: Hus, service: FakeSigning) -> None:
    letter_id = accepted(let_sign(hus))
    register_orders(service)
    assert (letter(letter_id).status, levering(letter_id).status) == (Status.AKSEPTERT, "KLAR")


def test_a_letter_nobody_has_looked_at_yet_is_not_ordered(hus: Hus, service: FakeSigning) -> None:
    letter_id = taken_in(let_sign(hus))
    assert register_orders(service) == 0
    assert order(letter_id).forsok == 0


def test_a_konto_without_signing_has_its_letter_sent_as_an_ordinary_one(
    hus: Hus, service: FakeSigning
) -> None:
    letter_id = accepted(hus)
    register_orders(service)

    assert service.kall == []
    assert order(letter_id).status == S.AVVIST_AV_SVARUT
    assert facts_of(letter_id, "SIGNERING_AVVIST_AV_SVARUT") == {"grunn": "SIGNERING_IKKE_AKTIV"}
    assert (letter(letter_id).status, levering(letter_id).status) == (Status.AKSEPTERT, "KLAR")
    assert [e.status for e in status_queries.signing_events(letter_id, actor=HOUSE)] == [S.AVVIST_AV_SVARUT]
    assert not any(d.kan_signeres for d in status_queries.documents(letter_id, actor=HOUSE))


def test_a_refused_letter_is_not_signed(hus: Hus, service: FakeSigning) -> None:
    letter_id = taken_in(let_sign(hus))
    brev = load_letters([letter_id])[letter_id]
    session().rollback()
    inspection.record_findings(brev, inspection.Funnet(feil="PDF_UGYLDIG"))
    session().rollback()
    register_orders(service)
    assert service.kall == []
    assert facts_of(letter_id, "SIGNERING_AVVIST_AV_SVARUT") == {"grunn": "BREVET_ER_AVSLUTTET"}


def test_a_letter_whose_documents_are_deleted_is_not_signed(hus: Hus, service: FakeSigning) -> None:
    letter_id = accepted(let_sign(hus))
    with transaction():
        deletion.destroy_documents(letter_id)
    session().rollback()
    register_orders(service)
    assert facts_of(letter_id, "SIGNERING_AVVIST_AV_SVARUT") == {"grunn": "DOKUMENT_BORTE"}


def test_a_letter_that_is_deleted_is_not_signed(hus: Hus, service: FakeSigning) -> None:
    letter_id = accepted(let_sign(hus))
    with transaction():
        move_forsendelse(
            letter_id, fra=(Status.AKSEPTERT,), til=Status.SENDT_PRINT, kode="SENDT_PRINT", aktor="x"
        )
        deletion.erase(letter_id, Status.SENDT_PRINT, kode=f"SLETTET_{Slettetype.ALLE}", aktor="x")
    session().rollback()
    register_orders(service)
    assert service.kall == []
    assert facts_of(letter_id, "SIGNERING_AVVIST_AV_SVARUT") == {"grunn": "MOTTAKER_SLETTET"}


def test_a_document_too_large_to_be_signed_is_never_read(
    hus: Hus, service: FakeSigning, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter_id = accepted(let_sign(hus))
    size = session().execute(select(Dokument.storrelse)).scalar_one()
    session().rollback()
    monkeypatch.setattr("fiks.svarut.signing.orders.MAX_BYTES", size - 1)
    register_orders(service)
    assert facts_of(letter_id, "SIGNERING_AVVIST_AV_SVARUT") == {"grunn": "DOKUMENT_FOR_STORT"}


def test_what_the_service_refuses_is_refused_by_us(hus: Hus, service: FakeSigning) -> None:
    service.svar = [Avvist("HTTP_422", "nei")]
    letter_id = accepted(let_sign(hus))
    register_orders(service)
    assert order(letter_id).status == S.AVVIST_AV_SVARUT
    assert facts_of(letter_id, "SIGNERING_AVVIST_AV_SVARUT") == {"grunn": "HTTP_422"}


@pytest.mark.parametrize("error", [Avvist("HTTP_422", FNR), ProvIgjen("HTTP_503", FNR)])
def test_sv12_60_what_the_service_says_of_the_signer_is_neither_logged_nor_told(
    hus: Hus, service: FakeSigning, caplog: pytest.LogCaptureFixture, error: KanalFeil
) -> None:
    service.svar = [error]
    letter_id = accepted(let_sign(hus))
    with caplog.at_level("DEBUG", logger="fiks"):
        register_orders(service)
    assert {"signing_refused", "signing_waits"} & {record.message for record in caplog.records}
    assert not any(FNR in repr(vars(record)) for record in caplog.records)
    told = select(Hendelse.detaljer).where(Hendelse.forsendelse_id == letter_id)
    assert FNR not in repr(list(session().scalars(told)))


@pytest.mark.parametrize("error", [ProvIgjen("IKKE_NAADD"), Uavklart("TIDSAVBRUDD")])
def test_a_call_that_failed_is_made_again_after_a_while_and_makes_one_order(
    hus: Hus, service: FakeSigning, error: KanalFeil
) -> None:
    service.svar = [error]
    letter_id = accepted(let_sign(hus))
    assert [register_orders(service), register_orders(service)] == [1, 0]
    assert order(letter_id).status == S.VENTER_SIGNERING
    let_wait_pass()
    assert register_orders(service) == 1

    assert list(service.fikk) == [str(letter_id)]
    assert signing_codes(letter_id) == ["REGISTRERT"]
    assert service.kall.count("create") == (1 if isinstance(error, Uavklart) else 2)


def test_an_order_the_service_may_have_is_looked_for_before_anything_else(
    hus: Hus, service: FakeSigning
) -> None:
    service.svar = [Uavklart("TIDSAVBRUDD")]
    letter_id = accepted(let_sign(hus))
    register_orders(service)
    with transaction() as tx:
        tx.execute(update(Kontooppsett).values(sdp_signering=False))
    let_wait_pass()
    register_orders(service)
    assert (order(letter_id).status, order(letter_id).referanse) == (
        S.VENTER_SIGNERING,
        f"oppdrag-{letter_id}",
    )


def test_a_look_up_that_is_refused_says_nothing_about_the_order(hus: Hus, service: FakeSigning) -> None:
    service.svar = [Uavklart("TIDSAVBRUDD")]
    letter_id = accepted(let_sign(hus))
    register_orders(service)
    let_wait_pass()
    service.nede = Avvist("HTTP_400")
    assert register_orders(service) == 1
    assert order(letter_id).status == S.VENTER_SIGNERING


@pytest.mark.parametrize("closed", [S.AVVIST_AV_SVARUT, S.AVVIST_AV_MOTTAKER])
def test_a_signature_on_a_closed_order_is_told_to_operations(
    hus: Hus, service: FakeSigning, caplog: pytest.LogCaptureFixture, closed: Signeringsstatus
) -> None:
    letter_id = registered(hus, service)
    with transaction():
        move_signing_order(letter_id, closed, kode=f"SIGNERING_{closed}")
    before = UNWANTED._value.get()
    service.tells(letter_id, Art.SIGNERT)
    read_feed(service)
    assert order(letter_id).status == closed
    assert UNWANTED._value.get() == before + 1
    [logged] = [r for r in caplog.records if r.message == "signature_on_closed_order"]
    assert (logged.levelname, vars(logged)["forsendelse"]) == ("ERROR", str(letter_id))


class Dead(BaseException):
    """The worker dies here."""


def test_a_worker_that_dies_between_the_call_and_its_record_leaves_one_order(
    hus: Hus, service: FakeSigning
) -> None:
    service.svar = [Dead()]
    letter_id = accepted(let_sign(hus))
    with pytest.raises(Dead):
        register_orders(service)
    session().rollback()
    assert order(letter_id).referanse is None
    session().rollback()
    assert register_orders(service) == 0, "the lease still runs"
    let_wait_pass()
    register_orders(service)

    assert service.kall == ["create", "find"]
    assert order(letter_id).referanse == f"oppdrag-{letter_id}"
    assert signing_codes(letter_id) == ["REGISTRERT"]


def test_a_service_that_does_not_answer_ends_the_portion_and_loses_nothing(
    hus: Hus, service: FakeSigning
) -> None:
    let_sign(hus)
    letters = [accepted(hus) for _ in range(3)]
    service.nede = ProvIgjen("HTTP_503", after=7_200.0, throttled=True)
    assert register_orders(service) == 1
    waits = max(order(id).neste_forsok for id in letters) - clock.database_now()
    assert waits > timedelta(hours=1, minutes=59)
    session().rollback()
    service.nede = None
    let_wait_pass()
    assert register_orders(service) == 3
    assert set(service.fikk) == {str(id) for id in letters}


def test_the_wait_grows_but_never_past_an_hour() -> None:
    waits = [rules.wait_after(n) for n in range(1, 12)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(minutes=1), timedelta(hours=1))


def registered(hus: Hus, service: FakeSigning) -> UUID:
    letter_id = accepted(let_sign(hus))
    register_orders(service)
    session().rollback()
    return letter_id


def test_each_beginning_is_told_once_however_often_the_feed_says_it(hus: Hus, service: FakeSigning) -> None:
    letter_id = registered(hus, service)
    for minute in (1, 1, 5):
        service.tells(letter_id, Art.STARTET, minute)
    assert read_feed(service) == 3
    assert signing_codes(letter_id) == ["REGISTRERT", "STARTET", "STARTET"]
    session().rollback()
    assert read_feed(service) == 0


def test_whoever_declines_cannot_sign_later(hus: Hus, service: FakeSigning) -> None:
    letter_id = registered(hus, service)
    for art in (Art.AVVIST, Art.AVVIST, Art.STARTET, Art.SIGNERT, Art.UTLOPT):
        service.tells(letter_id, art)
    read_feed(service)
    assert (order(letter_id).status, order(letter_id).signert) == (S.AVVIST_AV_MOTTAKER, None)
    assert signing_codes(letter_id) == ["REGISTRERT", "AVVIST_AV_MOTTAKER"]


def test_an_order_runs_out_by_time_or_by_the_feed_but_once(hus: Hus, service: FakeSigning) -> None:
    letter_id = registered(hus, service)
    session().rollback()
    assert expire_orders() == 0
    clock.move(timedelta(days=9))
    assert [expire_orders(), expire_orders()] == [1, 0]
    service.tells(letter_id, Art.UTLOPT)
    read_feed(service)
    assert order(letter_id).status == S.UTLOPT
    assert signing_codes(letter_id) == ["REGISTRERT", "UTLOPT"]


def test_an_order_the_service_never_got_runs_out_too(hus: Hus, service: FakeSigning) -> None:
    letter_id = accepted(let_sign(hus))
    clock.move(timedelta(days=9))
    assert register_orders(service) == 0
    assert expire_orders() == 1
    assert signing_codes(letter_id) == ["UTLOPT"]


def test_an_entry_that_comes_before_our_own_record_has_its_effect(hus: Hus, service: FakeSigning) -> None:
    letter_id = accepted(let_sign(hus))
    service.tells(letter_id, Art.AVVIST)
    read_feed(service)
    session().rollback()
    assert register_orders(service) == 0
    assert order(letter_id).status == S.AVVIST_AV_MOTTAKER


def test_an_entry_about_nobody_of_ours_is_passed(hus: Hus, service: FakeSigning) -> None:
    for reference in ("ikke en id", "3f2b8a52-0000-4000-8000-000000000000"):
        service.tells(reference, Art.SIGNERT)
    assert read_feed(service) == 2
    apply_event(service.meldinger[0])


def test_a_feed_that_breaks_off_is_read_again_from_where_it_was(hus: Hus, service: FakeSigning) -> None:
    letter_id = registered(hus, service)
    service.tells(letter_id, Art.STARTET)
    service.nede = ProvIgjen("IKKE_NAADD")
    with pytest.raises(ProvIgjen):
        read_feed(service)
    service.nede = None
    assert read_feed(service) == 1
    assert signing_codes(letter_id) == ["REGISTRERT", "STARTET"]

"""SMS on the real tables: taken in once, sent at most once, and told truthfully."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import func, select, update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import Avvist, IkkeFunnet, IkkeTilgang, Konflikt, ProvIgjen, Uavklart, UgyldigInndata
from fiks.konfigurasjon.avtale import activation
from fiks.registeroppslag.rules import Kontaktinformasjon
from fiks.sms import kontoer, lookup, queries, rules, service, work
from fiks.sms.client import Utfall
from fiks.sms.models import Sms, Smshendelse, Smskonto, Smsutsendelse
from fiks.sms.rules import OVERGANGER, Grunn, Status
from fiks.svarut.delivery.register_lookup import FAILURES_IN_A_ROW, Registers
from portal.api.varsling.status_query import ask_in_halves
from tests.integration.databases import QuickProcess
from tests.integration.houses import HOUSE, make_aktor, make_person, new_fnr
from tests.integration.keys import newer_key
from tests.integration.sms.gateways import FakeGateway, Smshus, damage, make_smshus
from tests.integration.worlds import FakeRegister

KARI, OLA = "+4790000001", "+4790000002"


@pytest.fixture
def smshus(empty: None) -> Iterator[Smshus]:
    """A kommune that sends; after the test every SMS has a whole history."""
    yield make_smshus()
    assert_histories_are_whole()


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway()


def assert_histories_are_whole() -> None:
    """Each history is 1..n, every step legal, and the last one the present status."""
    session().rollback()
    for sms in session().scalars(select(Sms)):
        steps = session().scalars(
            select(Smshendelse).where(Smshendelse.sms_id == sms.id).order_by(Smshendelse.lopenr)
        )
        told = list(steps)
        assert [step.lopenr for step in told] == list(range(1, len(told) + 1))
        assert told[-1].til == sms.status
        for before, after in zip(told, told[1:], strict=False):
            assert after.fra == before.til
            assert Status(after.til) in OVERGANGER[Status(before.til)]


def send(smshus: Smshus, *numre: str, tekst: str = "Vannet er stengt.", nokkel: str = "") -> list[UUID]:
    return service.send_to_numbers(
        smshus.konto_id, tekst, numre or [KARI], nokkel=nokkel, actor=smshus.sender
    )


def all_sent(gateway: FakeGateway, register: FakeRegister) -> int:
    sent = 0
    while work.send_next(gateway, register):
        sent += 1
    return sent


def stand(smshus: Smshus, sms_id: UUID) -> tuple[Status, Grunn | None]:
    session().rollback()
    found = queries.status(smshus.konto_id, sms_id, actor=smshus.sender)
    return found.status, found.grunn


def later(**by: float) -> None:
    with transaction() as tx:
        tx.execute(update(Sms).values(neste_forsok=Sms.neste_forsok - timedelta(**by)))


def taken_in_earlier(**by: float) -> None:
    with transaction() as tx:
        tx.execute(update(Smsutsendelse).values(opprettet=Smsutsendelse.opprettet - timedelta(**by)))


def test_an_sms_goes_to_its_number_with_the_konto_as_sender(
    smshus: Smshus, gateway: FakeGateway, register: FakeRegister
) -> None:
    (sms_id,) = send(smshus, "900 00 001")
    assert stand(smshus, sms_id) == (Status.OPPRETTET, None)
    assert all_sent(gateway, register) == 1
    (sent,) = gateway.fikk
    assert (sent.nummer, sent.avsender, sent.tekst) == (KARI, "Lillevik", "Vannet er stengt.")
    assert stand(smshus, sms_id) == (Status.SENDT, None)


def test_what_the_gateway_tells_becomes_the_status(
    smshus: Smshus, gateway: FakeGateway, register: FakeRegister
) -> None:
    arrived, lost = send(smshus, KARI, OLA)
    all_sent(gateway, register)
    gateway.tell(arrived, Utfall.LEVERT)
    gateway.tell(lost, Utfall.IKKE_LEVERT)
    gateway.tell(lost, Utfall.LEVERT)
    gateway.tell(uuid4(), Utfall.LEVERT)
    assert work.read_receipts(gateway) == 4
    assert work.read_receipts(gateway) == 0
    assert stand(smshus, arrived)[0] is Status.LEVERT
    assert stand(smshus, lost)[0] is Status.IKKE_LEVERT


def test_a_receipt_that_comes_before_our_own_record_is_not_lost(
    smshus: Smshus, gateway: FakeGateway, register: FakeRegister
) -> None:
    (sms_id,) = send(smshus)

    def meanwhile() -> None:
        gateway.tell(sms_id, Utfall.LEVERT)
        work.read_receipts(gateway)

    gateway.under = meanwhile
    all_sent(gateway, register)
    assert stand(smshus, sms_id)[0] is Status.LEVERT


def test_those_whose_key_a_process_lacks_wait_for_one_that_has_it_and_hold_nobody_up(
    smshus: Smshus, gateway: FakeGateway, register: FakeRegister
) -> None:
    with newer_key():
        theirs = send(smshus, OLA, tekst="Vannet er stengt i morgen.")
    later(minutes=1)
    ours = send(smshus, KARI)
    assert all_sent(gateway, register) == 2
    assert [stand(smshus, one[0])[0] for one in (theirs, ours)] == [Status.OPPRETTET, Status.SENDT]
    later(hours=1)
    with newer_key():
        all_sent(gateway, register)
    assert [sent.nummer for sent in gateway.fikk] == [KARI, OLA]


@pytest.mark.parametrize("what", ["number", "text"])
def test_one_that_is_damaged_is_given_up_and_told_of_and_holds_nobody_up(
    smshus: Smshus, gateway: FakeGateway, register: FakeRegister, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    (theirs,), (ours,) = send(smshus, OLA, tekst="Hei"), send(smshus, KARI)
    row = session().get_one(Sms, theirs)
    damage(row if what == "number" else session().get_one(Smsutsendelse, row.utsendelse_id))
    expired = REGISTRY.get_sample_value("fiks_sms_expired_total") or 0
    assert all_sent(gateway, register) == 2
    assert (stand(smshus, theirs), stand(smshus, ours)) == (
        (Status.IKKE_SENDT, Grunn.UTLOPT),
        (Status.SENDT, None),
    )
    assert [sent.nummer for sent in gateway.fikk] == [KARI]
    why = select(Smshendelse.kode).where(Smshendelse.sms_id == theirs, Smshendelse.til == Status.IKKE_SENDT)
    assert session().scalars(why).all() == ["VERDI_ODELAGT"]
    assert [one.msg for one in caplog.records if one.levelname == "ERROR"] == ["sms_unreadable"]
    assert REGISTRY.get_sample_value("fiks_sms_expired_total") == expired + 1


def test_one_that_no_process_can_open_is_given_up_after_a_day_as_any_other_and_told_of(
    smshus: Smshus, gateway: FakeGateway, register: FakeRegister, caplog: pytest.LogCaptureFixture
) -> None:
    with newer_key():
        (sms_id,) = send(smshus)
    taken_in_earlier(days=1, minutes=1)
    all_sent(gateway, register)
    assert stand(smshus, sms_id) == (Status.IKKE_SENDT, Grunn.UTLOPT)
    assert "sms_expired" in [one.message for one in caplog.records]


@pytest.mark.parametrize("error", [Uavklart("TIDSAVBRUDD"), Uavklart("HTTP_500")])
def test_an_unknown_outcome_is_told_and_never_sent_again(
    smshus: Smshus, gateway: FakeGateway, register: FakeRegister, error: Uavklart
) -> None:
    gateway.svar = [error]
    (sms_id,) = send(smshus)
    before = work.UNKNOWN._value.get()
    all_sent(gateway, register)
    later(days=2)
    all_sent(gateway, register)
    assert len(gateway.fikk) == 1
    assert stand(smshus, sms_id)[0] is Status.UKJENT
    assert work.UNKNOWN._value.get() == before + 1
    gateway.tell(sms_id, Utfall.LEVERT)
    work.read_receipts(gateway)
    assert stand(smshus, sms_id)[0] is Status.LEVERT


def test_a_sender_that_dies_in_its_call_leaves_an_unknown_outcome_and_no_second_call(
    smshus: Smshus, gateway: FakeGateway, register: FakeRegister
) -> None:
    (sms_id,) = send(smshus)

    def die() -> None:
        raise KeyboardInterrupt

    gateway.under = die
    with pytest.raises(KeyboardInterrupt):
        work.send_next(gateway, register)
    session().rollback()
    gateway.under = None
    assert stand(smshus, sms_id)[0] is Status.OPPRETTET
    assert work.recover() == 0
    with transaction() as tx:
        tx.execute(update(Sms).values(kall_startet=Sms.kall_startet - timedelta(minutes=11)))
    assert work.recover() == 1
    later(days=1)
    assert all_sent(gateway, register) == 0 and gateway.fikk == []
    assert stand(smshus, sms_id)[0] is Status.UKJENT


def test_a_sender_that_dies_before_its_call_costs_only_time(
    smshus: Smshus, gateway: FakeGateway, register: FakeRegister
) -> None:
    (sms_id,) = send(smshus)
    assert work._claim() is not None
    assert all_sent(gateway, register) == 0
    later(minutes=6)
    assert all_sent(gateway, register) == 1
    assert stand(smshus, sms_id)[0] is Status.SENDT


def test_one_that_slept_through_its_lease_makes_no_call(
    smshus: Smshus, gateway: FakeGateway, register: FakeRegister
) -> None:
    send(smshus)
    slow = work._claim()
    assert slow is not None
    later(minutes=6)
    assert all_sent(gateway, register) == 1
    assert not work._begin_call(slow, KARI)
    assert len(gateway.fikk) == 1


def test_what_was_not_sent_for_certain_is_tried_again(
    smshus: Smshus, gateway: FakeGateway, register: FakeRegister
) -> None:
    gateway.svar = [ProvIgjen("IKKE_NAADD"), ProvIgjen("HTTP_429", after=120.0), None]
    (sms_id,) = send(smshus)
    assert all_sent(gateway, register) == 1
    assert stand(smshus, sms_id)[0] is Status.OPPRETTET and gateway.fikk == []
    later(minutes=2)
    assert all_sent(gateway, register) == 1
    later(minutes=1)
    assert all_sent(gateway, register) == 0, "the gateway asked for two minutes"
    later(minutes=1)
    assert all_sent(gateway, register) == 1
    assert stand(smshus, sms_id)[0] is Status.SENDT and len(gateway.fikk) == 1


def test_what_is_a_day_old_is_not_sent(smshus: Smshus, gateway: FakeGateway, register: FakeRegister) -> None:
    gateway.svar = [ProvIgjen("IKKE_NAADD")]
    (sms_id,) = send(smshus)
    all_sent(gateway, register)
    with transaction() as tx:
        old = clock.now() - rules.GYLDIG_I - timedelta(minutes=1)
        tx.execute(update(Smsutsendelse).values(opprettet=old))
    later(minutes=5)
    all_sent(gateway, register)
    assert stand(smshus, sms_id) == (Status.IKKE_SENDT, Grunn.UTLOPT) and gateway.fikk == []


def test_a_number_the_gateway_refuses_is_not_sent_to(
    smshus: Smshus, gateway: FakeGateway, register: FakeRegister
) -> None:
    gateway.svar = [Avvist("HTTP_422")]
    refused, sent = send(smshus, KARI, OLA)
    all_sent(gateway, register)
    states = {stand(smshus, refused), stand(smshus, sent)}
    assert states == {(Status.IKKE_SENDT, Grunn.AVVIST_AV_LEVERANDOR), (Status.SENDT, None)}


def test_sv12_57_an_sms_to_somebody_without_a_number_in_krr_is_not_sent_and_says_why(
    smshus: Smshus, gateway: FakeGateway, register: FakeRegister
) -> None:
    known, unknown, wrong = new_fnr(), new_fnr(), new_fnr()
    register.contacts[known] = Kontaktinformasjon(
        known, True, reservert=True, mobil="90000001", mobil_bekreftet=clock.now()
    )
    register.contacts[wrong] = Kontaktinformasjon(wrong, True, mobil="12")
    ids = {
        fnr: service.send_to_person(smshus.konto_id, "Hei", fnr, actor=smshus.sender)
        for fnr in (known, unknown, wrong)
    }
    all_sent(gateway, register)
    assert stand(smshus, ids[known]) == (Status.SENDT, None)
    assert stand(smshus, ids[unknown]) == (Status.IKKE_SENDT, Grunn.UTEN_NUMMER_I_KRR)
    assert stand(smshus, ids[wrong]) == (Status.IKKE_SENDT, Grunn.UTEN_NUMMER_I_KRR)
    assert [one.nummer for one in gateway.fikk] == [KARI]


def test_krr_away_costs_only_time(smshus: Smshus, gateway: FakeGateway, register: FakeRegister) -> None:
    fnr = new_fnr()
    sms_id = service.send_to_person(smshus.konto_id, "Hei", fnr, actor=smshus.sender)
    register.nede = ProvIgjen("HTTP_503")
    all_sent(gateway, register)
    assert stand(smshus, sms_id)[0] is Status.OPPRETTET
    register.nede = None
    register.contacts[fnr] = Kontaktinformasjon(fnr, True, mobil="90000001")
    later(minutes=2)
    all_sent(gateway, register)
    assert stand(smshus, sms_id)[0] is Status.SENDT


def test_a_silent_register_is_asked_by_a_few_and_then_left_alone(
    smshus: Smshus, gateway: FakeGateway, register: FakeRegister
) -> None:
    heeding = Registers(register).heeding
    for _ in range(2 * FAILURES_IN_A_ROW):
        service.send_to_person(smshus.konto_id, "Hei", new_fnr(), actor=smshus.sender)
    register.nede = ProvIgjen("TIDSAVBRUDD")
    while work.send_next(gateway, heeding):
        pass
    assert register.spurt == ["personer"] * FAILURES_IN_A_ROW


@pytest.mark.parametrize(
    ("tekst", "numre", "kode"),
    [
        ("a" * 1601, [KARI], "SMS_TEKST_FOR_LANG"),
        ("", [KARI], "SMS_TEKST_MANGLER"),
        (" \n", [KARI], "SMS_TEKST_MANGLER"),
        ("a\0", [KARI], "SMS_TEKST_FOR_LANG"),
        ("Hei", [KARI] * 1001, "SMS_FOR_MANGE"),
        ("Hei", [], "SMS_NUMMER_UGYLDIG"),
        ("Hei", [KARI, "12", OLA, "x"], "SMS_NUMMER_UGYLDIG"),
    ],
)
def test_sv12_57_what_cannot_be_sent_is_refused_whole(
    smshus: Smshus, tekst: str, numre: list[str], kode: str
) -> None:
    with pytest.raises(UgyldigInndata) as refused:
        service.send_to_numbers(smshus.konto_id, tekst, numre, actor=smshus.sender)
    assert refused.value.kode == kode
    if "12" in numre:
        assert refused.value.params["plasser"] == "2, 4"
    assert session().scalar(select(func.count()).select_from(Sms)) == 0


def test_a_thousand_numbers_of_the_longest_text_are_taken_in(smshus: Smshus) -> None:
    numre = [f"+4790{n:06}" for n in range(1_000)]
    assert len(set(send(smshus, *numre, tekst="a" * 1_600))) == 1_000


def test_a_number_given_twice_gets_one_sms(
    smshus: Smshus, gateway: FakeGateway, register: FakeRegister
) -> None:
    first, second, third = send(smshus, KARI, OLA, "90 00 00 01")
    assert first == third != second
    assert all_sent(gateway, register) == 2


def test_a_key_makes_a_repeated_call_the_same_sending(
    smshus: Smshus, gateway: FakeGateway, register: FakeRegister
) -> None:
    first = send(smshus, KARI, OLA, nokkel="a1")
    assert send(smshus, KARI, OLA, nokkel="a1") == first
    assert send(smshus, OLA, KARI, nokkel="a1") == first[::-1]
    with pytest.raises(Konflikt, match="NOKKEL_BRUKT"):
        send(smshus, KARI, OLA, tekst="Noe annet", nokkel="a1")
    with pytest.raises(Konflikt, match="NOKKEL_BRUKT"):
        send(smshus, KARI, nokkel="a1")
    assert all_sent(gateway, register) == 2


def test_a_repeated_call_is_the_same_sending_though_the_konto_has_been_closed(smshus: Smshus) -> None:
    first = send(smshus, KARI, OLA, nokkel="a1")
    kontoer.set_active(smshus.konto_id, aktivert=False, actor=HOUSE)
    assert send(smshus, KARI, OLA, nokkel="a1") == first
    with pytest.raises(Konflikt, match="NOKKEL_BRUKT"):
        send(smshus, KARI, nokkel="a1")
    for key in ("", "a2"):
        with pytest.raises(Konflikt, match="KONTO_IKKE_AKTIV"):
            send(smshus, KARI, OLA, nokkel=key)
    assert session().scalar(select(func.count()).select_from(Sms)) == 2


def test_the_same_key_ten_times_at_once_is_one_sending(smshus: Smshus, process: QuickProcess) -> None:
    session().rollback()
    found: list[list[UUID]] = []
    start = threading.Barrier(10)

    def one() -> None:
        with process.app.app_context():
            start.wait()
            found.append(send(smshus, KARI, OLA, nokkel="samtidig"))

    threads = [threading.Thread(target=one) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 10 and all(ids == found[0] for ids in found)
    assert session().scalar(select(func.count()).select_from(Sms)) == 2


def test_many_senders_at_once_never_double(
    smshus: Smshus, process: QuickProcess, gateway: FakeGateway, register: FakeRegister
) -> None:
    send(smshus, *[f"+4790{n:06}" for n in range(60)])
    session().rollback()

    def one() -> None:
        with process.app.app_context():
            all_sent(gateway, register)

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(gateway.fikk) == len({one.nummer for one in gateway.fikk}) == 60


def test_one_without_the_right_learns_nothing(smshus: Smshus, register: FakeRegister) -> None:
    (sms_id,) = send(smshus)
    stranger = make_aktor(make_person(), smshus.hus.organisasjon_id)
    other = make_smshus()
    for actor in (stranger, other.sender):
        with pytest.raises(IkkeFunnet):
            service.send_to_number(smshus.konto_id, "Hei", KARI, actor=actor)
        with pytest.raises(IkkeFunnet):
            lookup.look_up(smshus.konto_id, [], register, ask_in_halves, actor=actor)
        with pytest.raises(IkkeFunnet):
            queries.status(smshus.konto_id, sms_id, actor=actor)
        with pytest.raises(IkkeFunnet):
            queries.sendings(smshus.konto_id, actor=actor)
    with pytest.raises(IkkeFunnet):
        queries.status(other.konto_id, sms_id, actor=other.sender)


def test_a_closed_konto_and_a_service_not_in_use_send_nothing(smshus: Smshus) -> None:
    kontoer.set_active(smshus.konto_id, aktivert=False, actor=HOUSE)
    with pytest.raises(Konflikt, match="KONTO_IKKE_AKTIV"):
        send(smshus)
    kontoer.set_active(smshus.konto_id, aktivert=True, actor=HOUSE)
    with transaction() as tx:
        tx.execute(
            update(activation.Tjenesteaktivering)
            .where(activation.Tjenesteaktivering.tjeneste_kode == "VARSLING")
            .values(konfigurert=None)
        )
    with pytest.raises(IkkeTilgang, match="TJENESTE_IKKE_AKTIV"):
        send(smshus)


@pytest.mark.parametrize(
    "avsender", ["", "12345", "Lillevik kommune", "Lillevik!", " Vann", "Vann ", "Våler"]
)
def test_a_sender_is_what_every_telephone_can_show(smshus: Smshus, avsender: str) -> None:
    with pytest.raises(UgyldigInndata, match="SMS_AVSENDER_UGYLDIG"):
        kontoer.change_smskonto(smshus.konto_id, visningsnavn="Vann", avsender=avsender, actor=HOUSE)
    assert session().get_one(Smskonto, smshus.konto_id).avsender == "Lillevik"


def test_numbers_and_text_lie_sealed_and_go_after_ninety_days(
    smshus: Smshus, gateway: FakeGateway, register: FakeRegister
) -> None:
    send(smshus, KARI)
    all_sent(gateway, register)
    sms = session().scalars(select(Sms)).one()
    sending = session().scalars(select(Smsutsendelse)).one()
    assert sms.til_kryptert is not None and b"9000000" not in sms.til_kryptert
    assert sending.tekst_kryptert is not None and b"Vannet" not in sending.tekst_kryptert
    assert work.forget_content() == 0
    with transaction() as tx:
        tx.execute(update(Smsutsendelse).values(opprettet=clock.now() - timedelta(days=91)))
    assert work.forget_content() == 1
    (told,) = queries.sendings(smshus.konto_id, actor=smshus.sender)
    assert (told.tekst, told.antall, told.deler) == (None, 1, 1)
    assert session().scalars(select(Sms.til_kryptert)).one() is None


def sent_long_ago(smshus: Smshus, sendings: int) -> None:
    for n in range(sendings):
        send(smshus, KARI, tekst=f"Melding {n}")
    with transaction() as tx:
        tx.execute(update(Smsutsendelse).values(opprettet=clock.now() - timedelta(days=91)))


def test_all_that_is_old_goes_in_one_run_while_there_is_time(smshus: Smshus) -> None:
    sent_long_ago(smshus, 5)
    assert work.forget_content(portion=2) == 5
    assert session().scalar(select(func.count()).where(Sms.til_kryptert.is_not(None))) == 0


def test_without_time_a_run_still_takes_one_portion(smshus: Smshus) -> None:
    sent_long_ago(smshus, 5)
    assert [work.forget_content(portion=2, seconds=0.0) for _ in range(4)] == [2, 2, 1, 0]


def test_who_sends_very_many_keeps_nobody_else_waiting(
    smshus: Smshus, gateway: FakeGateway, register: FakeRegister
) -> None:
    other = make_smshus()
    for n in range(3):
        send(smshus, *[f"+4790{i:06}" for i in range(200)], tekst=f"Nyhetsbrev {n}")
    send(other, KARI, tekst="Kok vannet.")
    while "Kok vannet." not in [one.tekst for one in gateway.fikk]:
        assert work.send_next(gateway, register) == 1
    assert len(gateway.fikk) < 40, "one chance in two each time, where by age it would be the last of all"


def test_a_konto_whose_sms_wait_for_a_time_takes_nobodys_turn(
    smshus: Smshus, gateway: FakeGateway, register: FakeRegister
) -> None:
    others = [make_smshus() for _ in range(3)]
    for one in others:
        send(one, KARI)
    later(minutes=-10)
    send(smshus, OLA)
    assert all_sent(gateway, register) == 1
    assert [one.nummer for one in gateway.fikk] == [OLA]


def test_sms_that_a_release_before_this_one_took_in_have_their_turn(
    smshus: Smshus, gateway: FakeGateway, register: FakeRegister
) -> None:
    send(smshus, KARI, OLA)
    with transaction() as tx:
        tx.execute(update(Sms).values(konto_id=None))
    send(make_smshus(), KARI)
    assert all_sent(gateway, register) == 3


def test_the_log_tells_of_each_sending_how_it_went(
    smshus: Smshus, gateway: FakeGateway, register: FakeRegister
) -> None:
    gateway.svar = [Avvist("HTTP_422"), None, Uavklart("TIDSAVBRUDD")]
    send(smshus, *[f"+4790{n:06}" for n in range(4)], tekst="Første")
    all_sent(gateway, register)
    send(smshus, KARI, tekst="Andre «»")
    newest, oldest = queries.sendings(smshus.konto_id, actor=smshus.sender)
    assert (newest.tekst, dict(newest.per_status)) == ("Andre «»", {Status.OPPRETTET: 1})
    assert dict(oldest.per_status) == {Status.IKKE_SENDT: 1, Status.SENDT: 2, Status.UKJENT: 1}
    assert dict(oldest.per_grunn) == {Grunn.AVVIST_AV_LEVERANDOR: 1}
    assert sum(oldest.per_status.values()) == oldest.antall
    after = queries.sendings(smshus.konto_id, after=newest.id, actor=smshus.sender)
    assert [one.id for one in after] == [oldest.id]


def test_the_sweeper_rings_and_tells_how_late_it_is(smshus: Smshus, caplog: pytest.LogCaptureFixture) -> None:
    assert work.ready_lanes() == [] and work.measure() == 0
    send(smshus)
    assert work.ready_lanes() == ["sms"]
    taken_in_earlier(minutes=10)
    assert 600 <= work.measure() < 660
    assert "sms_late" not in caplog.text
    taken_in_earlier(minutes=5)
    assert work.measure() >= 900
    assert "sms_late" in caplog.text
    held = work._claim()
    assert held is not None and replace(held, id=uuid4()).id != held.id
    assert work.ready_lanes() == []

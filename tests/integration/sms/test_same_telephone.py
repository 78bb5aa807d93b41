"""One telephone gets one text once, however it was given in the list and whoever shares it."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import ProvIgjen
from fiks.registeroppslag.rules import Kontaktinformasjon
from fiks.sms import service, work
from fiks.sms.models import Sms, Smsutsendelse
from fiks.sms.rules import Grunn, Status
from tests.integration.databases import QuickProcess
from tests.integration.houses import new_fnr
from tests.integration.sms.gateways import FakeGateway, Smshus
from tests.integration.worlds import FakeRegister

KARI = "+4790000001"


def person(register: FakeRegister, mobil: str = KARI) -> str:
    fnr = register.add_person(new_fnr())
    register.contacts[fnr] = Kontaktinformasjon(fnr, True, mobil=mobil)
    return fnr


def send(smshus: Smshus, *mottakere: str, tekst: str = "Vannet er stengt.") -> UUID:
    return service.send_to_list(smshus.konto_id, tekst, "\n".join(mottakere), nokkel="", actor=smshus.sender)


def all_sent(gateway: FakeGateway, register: FakeRegister) -> None:
    while work.send_next(gateway, register):
        pass


def later() -> None:
    with transaction() as tx:
        tx.execute(update(Sms).values(neste_forsok=Sms.neste_forsok - timedelta(hours=1)))


def outcomes() -> list[tuple[str, str | None]]:
    session().rollback()
    return sorted((row.status, row.grunn) for row in session().execute(select(Sms.status, Sms.grunn)))


REFUSED, SENT = (Status.IKKE_SENDT, Grunn.SAMME_NUMMER), (Status.SENDT, None)


def test_a_number_and_the_person_who_has_it_get_one_sms(smshus: Smshus, register: FakeRegister) -> None:
    gateway = FakeGateway()
    send(smshus, "90000001", person(register))
    all_sent(gateway, register)
    assert [one.nummer for one in gateway.fikk] == [KARI]
    assert outcomes() == [REFUSED, SENT]


def test_persons_who_share_a_number_get_one_sms_and_others_theirs(
    smshus: Smshus, register: FakeRegister
) -> None:
    gateway = FakeGateway()
    send(smshus, person(register), person(register), person(register, "90000002"))
    all_sent(gateway, register)
    assert sorted(one.nummer for one in gateway.fikk) == [KARI, "+4790000002"]
    assert outcomes() == [REFUSED, SENT, SENT]


def test_another_text_goes_to_the_same_number(smshus: Smshus, register: FakeRegister) -> None:
    gateway = FakeGateway()
    send(smshus, "90000001")
    send(smshus, "90000001", tekst="Vannet er tilbake.")
    all_sent(gateway, register)
    assert len(gateway.fikk) == 2


def test_one_that_is_tried_again_is_not_its_own_double(smshus: Smshus, register: FakeRegister) -> None:
    gateway = FakeGateway(svar=[ProvIgjen("HTTP_503")])
    send(smshus, "90000001")
    all_sent(gateway, register)
    later()
    all_sent(gateway, register)
    assert outcomes() == [SENT]


def test_a_number_that_waits_to_be_tried_again_is_its_receivers(
    smshus: Smshus, register: FakeRegister
) -> None:
    """Else the second would go meanwhile, and the first after it."""
    gateway = FakeGateway(svar=[ProvIgjen("HTTP_503")])
    send(smshus, "90000001", person(register))
    all_sent(gateway, register)
    later()
    all_sent(gateway, register)
    assert [one.nummer for one in gateway.fikk] == [KARI]
    assert outcomes() == [REFUSED, SENT]


def test_two_that_come_to_their_calls_at_once_make_one_call(
    smshus: Smshus, process: QuickProcess, register: FakeRegister
) -> None:
    fnrs = [person(register) for _ in range(12)]
    send(smshus, *fnrs)
    session().rollback()
    gateway, start = FakeGateway(), threading.Barrier(6)

    def one() -> None:
        with process.app.app_context():
            start.wait()
            all_sent(gateway, register)

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [sms.nummer for sms in gateway.fikk] == [KARI]
    assert outcomes() == [*[REFUSED] * 11, SENT]


def test_what_numbers_are_known_by_goes_with_the_numbers(smshus: Smshus, register: FakeRegister) -> None:
    send(smshus, person(register))
    all_sent(FakeGateway(), register)
    kept = select(Sms.nummer_indeks).where(Sms.nummer_indeks.is_not(None))
    [index] = session().scalars(kept)
    assert index is not None and b"9000000" not in index
    with transaction() as tx:
        tx.execute(update(Smsutsendelse).values(opprettet=clock.now() - timedelta(days=91)))
    work.forget_content()
    assert session().scalars(kept).all() == []

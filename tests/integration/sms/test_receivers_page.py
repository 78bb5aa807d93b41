"""Who of a sending did not get the SMS: listed for those who may send, with a reason that protects whom it must."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from fiks.core.crypto.encryption import NokkelUkjent
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon.rules import P
from fiks.registeroppslag.rules import Adressebeskyttelse, Kontaktinformasjon
from fiks.sms import queries, service, work
from fiks.sms.client import Utfall
from fiks.sms.models import Sms
from fiks.sms.rules import Status
from portal.sms import history
from tests.integration.databases import Database
from tests.integration.houses import make_aktor, make_person, new_fnr
from tests.integration.keys import newer_key
from tests.integration.konfigurasjon.visitors import make_app, visitor
from tests.integration.sms.gateways import FakeGateway, Smshus, damage, make_smshus
from tests.integration.utsending.browser import Browser, text_of
from tests.integration.worlds import FakeRegister
from tests.pagecheck import faults

NUMRE = [f"+4790{n:06}" for n in range(1, 5)]
LEVERT, BORTE, UVISST, VENTER = NUMRE


@pytest.fixture(scope="module")
def app(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return make_app(database, tmp_path_factory.mktemp("objekter"))


@pytest.fixture(autouse=True)
def _inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
        session().rollback()


@pytest.fixture
def smshus() -> Smshus:
    return make_smshus()


@pytest.fixture
def sender(app: Flask, smshus: Smshus) -> Browser:
    return visitor(app, smshus.hus, P.SMS_SENDE, ressurs=smshus.konto_id)


def send(smshus: Smshus, *mottakere: str) -> UUID:
    return service.send_to_list(
        smshus.konto_id, "Vannet er stengt.", "\n".join(mottakere), nokkel="", actor=smshus.sender
    )


def ids(utsendelse_id: UUID) -> dict[str, UUID]:
    """The SMS of each number."""
    open_to = current().keys.open
    rows = session().execute(select(Sms.til_kryptert, Sms.id).where(Sms.utsendelse_id == utsendelse_id))
    return {open_to(to, service.TO_AAD).decode(): sms_id for to, sms_id in rows if to is not None}


def one_of_each(smshus: Smshus) -> UUID:
    """A sending with one SMS delivered, one not, one that nobody knows of, and one that waits."""
    made = send(smshus, *NUMRE)
    sms = ids(made)
    with transaction() as tx:
        tx.execute(update(Sms).where(Sms.id == sms[VENTER]).values(neste_forsok=Sms.neste_forsok + work.KEPT))
    gateway = FakeGateway()
    while work.send_next(gateway, FakeRegister()):
        pass
    with transaction() as tx:
        tx.execute(update(Sms).where(Sms.id == sms[UVISST]).values(status=Status.UKJENT))
    gateway.tell(sms[LEVERT], Utfall.LEVERT)
    gateway.tell(sms[BORTE], Utfall.IKKE_LEVERT)
    for receipt in gateway.kvitteringer:
        work._apply(receipt)
    return made


def page_of(smshus: Smshus, utsendelse_id: UUID) -> str:
    return f"/sms/{smshus.konto_id}/{utsendelse_id}/mottakere"


def shown(page: str) -> set[str]:
    return set(re.findall(r"\+47\d{8}", page))


def test_those_who_have_not_had_it_are_shown_first_and_others_when_asked_for(
    smshus: Smshus, sender: Browser
) -> None:
    where = page_of(smshus, one_of_each(smshus))
    first = sender.get(where).text
    assert not faults(first)
    assert shown(first) == {BORTE, UVISST}
    assert shown(sender.get(f"{where}?status=alle").text) == set(NUMRE)
    assert shown(sender.get(f"{where}?status=IKKE_LEVERT").text) == {BORTE}
    assert shown(sender.get(f"{where}?status=LEVERT").text) == {LEVERT}
    assert shown(sender.get(f"{where}?status=OPPRETTET").text) == {VENTER}
    assert shown(sender.get(f"{where}?status=tull").text) == {BORTE, UVISST}


def test_each_has_its_status_and_why(smshus: Smshus, sender: Browser) -> None:
    told = text_of(sender.get(page_of(smshus, one_of_each(smshus))).text)
    assert f"{BORTE} Ikke levert Den kom ikke fram" in told
    assert f"{UVISST} Vet ikke Det er ikke kjent om den ble sendt" in told
    assert "Kopier telefonnumrene inn i en ny SMS" in told


def test_what_was_not_sent_is_not_among_the_sms_that_were(smshus: Smshus, sender: Browser) -> None:
    made = send(smshus, NUMRE[0], NUMRE[1], new_fnr())
    where = page_of(smshus, made).removesuffix("/mottakere")
    assert "SMS i alt 3" in text_of(sender.get(where).text)
    while work.send_next(FakeGateway(), FakeRegister()):
        pass
    told = text_of(sender.get(where).text)
    assert "Ikke sendt 1" in told
    assert "Mottakere 3 SMS til hver 1 SMS i alt 2" in told


def test_an_sms_whose_call_is_being_made_waits_as_the_others(smshus: Smshus) -> None:
    made = send(smshus, NUMRE[0])
    taken = work._claim()
    assert taken is not None
    assert work._begin_call(taken, NUMRE[0])
    [one] = queries.receivers(smshus.konto_id, made, statuser=(Status.OPPRETTET,), actor=smshus.sender)
    assert (one.til, one.status) == (NUMRE[0], Status.OPPRETTET)


def test_a_personal_number_is_masked_and_nobody_can_tell_who_is_protected(
    smshus: Smshus, sender: Browser
) -> None:
    """Of who is strengt fortrolig, has no number, or is not there at all, the page says the same."""
    register = FakeRegister()
    protected = register.add_person(new_fnr(), beskyttelse=Adressebeskyttelse.STRENGT_FORTROLIG)
    register.contacts[protected] = Kontaktinformasjon(protected, True, mobil=NUMRE[0])
    fnrs = [protected, register.add_person(new_fnr()), new_fnr()]
    where = page_of(smshus, send(smshus, *fnrs))
    while work.send_next(FakeGateway(), register):
        pass
    page = sender.get(where).text
    rows = re.findall(r"<tr role=\"row\"><th role=\"rowheader\".*?</tr>", page, re.DOTALL)
    assert len(rows) == 3
    for fnr in fnrs:
        assert fnr not in page
        assert f"{fnr[:6]}*****" in page
        rows = [row.replace(f"{fnr[:6]}*****", "NN") for row in rows]
    assert len({re.sub(r"\d\d?\.\d\d?\.\d{4}[^<]*|\d\d:\d\d", "", row) for row in rows}) == 1
    assert "Kontaktregisteret har ikke noe gyldig nummer til personen." in page


def test_a_number_that_cannot_be_read_is_said_to_be_and_hides_no_other(
    smshus: Smshus, sender: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    made = send(smshus, *NUMRE)
    sms = ids(made)
    for number in (LEVERT, BORTE):
        damage(session().get_one(Sms, sms[number]))
    page = sender.get(f"{page_of(smshus, made)}?status=alle").text
    assert not faults(page)
    assert shown(page) == {UVISST, VENTER}
    assert page.count("Kan ikke leses") == 2 and "Slettet etter 90 dager" not in page
    [told] = [one.__dict__ for one in caplog.records if one.msg == "sms_not_opened"]
    assert told["antall"] == 2
    assert told["forste"] in {str(sms[LEVERT]), str(sms[BORTE])}


def test_what_this_process_lacks_the_key_of_is_not_called_damaged(smshus: Smshus) -> None:
    """It is sent all the same, by who has the key; its sender would send it once more."""
    with newer_key():
        made = send(smshus, *NUMRE)
    with pytest.raises(NokkelUkjent):
        queries.sending(smshus.konto_id, made, actor=smshus.sender)
    with pytest.raises(NokkelUkjent):
        queries.receivers(smshus.konto_id, made, statuser=(Status.OPPRETTET,), actor=smshus.sender)


def test_the_list_goes_on_where_a_page_ends(
    smshus: Smshus, sender: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "RECEIVERS_PAGE", 2)
    numre = [f"+4791{n:06}" for n in range(5)]
    where: str | None = f"{page_of(smshus, send(smshus, *numre))}?status=alle"
    seen: list[set[str]] = []
    while where:
        page = sender.get(where).text
        assert not faults(page)
        seen.append(shown(page))
        following = re.search(r'rel="next" href="([^"]+)"', page)
        where = following.group(1).replace("&amp;", "&") if following else None
    assert [len(one) for one in seen] == [2, 2, 1]
    assert set().union(*seen) == set(numre)


def test_the_page_of_a_sending_leads_to_the_list_and_says_how_many_have_not_had_it(
    smshus: Smshus, sender: Browser
) -> None:
    made = one_of_each(smshus)
    page = sender.get(f"/sms/{smshus.konto_id}/{made}").text
    assert not faults(page)
    assert "Se hvem som kan mangle SMS-en (2)" in text_of(page)
    assert f'href="{page_of(smshus, made)}"' in page
    waiting = send(smshus, "90000009")
    page = sender.get(f"/sms/{smshus.konto_id}/{waiting}").text
    assert "Se mottakerne" in page
    assert f'href="{page_of(smshus, waiting)}?status=alle"' in page


def test_when_all_have_had_it_the_list_says_so(smshus: Smshus, sender: Browser) -> None:
    page = sender.get(page_of(smshus, send(smshus, "90000009"))).text
    assert not faults(page)
    assert "Ingen treff" in page
    assert "?status=alle" in page


def test_numbers_that_are_removed_are_said_to_be(smshus: Smshus, sender: Browser) -> None:
    made = one_of_each(smshus)
    with transaction() as tx:
        tx.execute(update(Sms).where(Sms.utsendelse_id == made).values(til_kryptert=None))
    page = sender.get(page_of(smshus, made)).text
    assert not faults(page)
    assert text_of(page).count("Slettet etter 90 dager") == 2


def test_another_kommunes_receivers_are_not_there(app: Flask, smshus: Smshus, sender: Browser) -> None:
    made, stranger = one_of_each(smshus), make_smshus()
    other = visitor(app, stranger.hus, P.SMS_SENDE, ressurs=stranger.konto_id)
    own_konto = page_of(stranger, made)
    assert [other.get(page).status_code for page in (page_of(smshus, made), own_konto)] == [404, 404]
    nobody = make_aktor(make_person(), smshus.hus.organisasjon_id)
    for konto_id, actor in ((smshus.konto_id, nobody), (stranger.konto_id, stranger.sender)):
        with pytest.raises(IkkeFunnet):
            queries.receivers(konto_id, made, actor=actor)

"""Numbers in KRR that are not to be used: of who has not confirmed it, of the dead, and of the protected."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select

from fiks.core import clock
from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.errors import Avvist
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.audit import access_log, misuse
from fiks.konfigurasjon.audit.misuse import Mistanke
from fiks.konfigurasjon.person.service import fnr_index
from fiks.registeroppslag.rules import Adressebeskyttelse, Kontaktinformasjon, Personstatus
from fiks.sms import queries, rules, service
from fiks.sms.lookup import Nummerstatus
from fiks.sms.rules import Grunn, Status
from portal.minside.language import TEXTS
from tests.integration.houses import HOUSE, make_aktor, new_fnr
from tests.integration.sms.gateways import Smshus
from tests.integration.sms.numbers import KARI, TEXT, Speechless, all_sent, look_up, send_to, with_number
from tests.integration.worlds import FakeRegister

STRENGT = Adressebeskyttelse.STRENGT_FORTROLIG
NOBODY = (Status.IKKE_SENDT, Grunn.UTEN_NUMMER_I_KRR)


def stand(smshus: Smshus, sms_id: UUID) -> tuple[Status, Grunn | None]:
    found = queries.status(smshus.konto_id, sms_id, actor=smshus.sender)
    return found.status, found.grunn


def reserved(register: FakeRegister, confirmed: timedelta | None) -> str:
    """Somebody who is reserved, and whose number is KARI; it was confirmed so long ago."""
    fnr = register.add_person(new_fnr())
    then = None if confirmed is None else clock.now() - confirmed
    register.contacts[fnr] = Kontaktinformasjon(fnr, True, reservert=True, mobil=KARI, mobil_bekreftet=then)
    return fnr


def withheld(register: FakeRegister) -> dict[str, str]:
    return {
        "reserved, and not confirmed for 18 months": reserved(register, timedelta(days=550)),
        "reserved, and KRR does not say when it was confirmed": reserved(register, None),
        "not confirmed for 18 months": with_number(register, passiv=True),
        "no longer in KRR": with_number(register, registrert=False),
        "dead": with_number(register, status=Personstatus.DOED),
        "strengt fortrolig": with_number(register, STRENGT),
    }


def test_sv12_57_no_sms_goes_to_a_number_that_is_not_to_be_used(
    smshus: Smshus, register: FakeRegister
) -> None:
    ids = {why: send_to(smshus, fnr) for why, fnr in withheld(register).items()}
    assert all_sent(register).fikk == []
    assert {why: stand(smshus, one) for why, one in ids.items()} == dict.fromkeys(ids, NOBODY)


def test_a_number_that_is_not_to_be_used_is_not_given_out(smshus: Smshus, register: FakeRegister) -> None:
    found = look_up(smshus, list(withheld(register).values()), register)
    assert {(one.telefonnummer, one.status) for one in found} == {(None, Nummerstatus.IKKE_FUNNET)}


def test_who_is_reserved_may_have_an_sms(smshus: Smshus, register: FakeRegister) -> None:
    fnr = reserved(register, timedelta(days=300))
    send_to(smshus, fnr)
    assert [one.nummer for one in all_sent(register).fikk] == [KARI]
    [told] = look_up(smshus, [fnr], register)
    assert (told.telefonnummer, told.status) == (KARI, Nummerstatus.GYLDIG)


def test_a_number_grows_stale_by_business_time(smshus: Smshus, register: FakeRegister) -> None:
    fnr = reserved(register, timedelta(days=300))
    clock.move(timedelta(days=250))
    send_to(smshus, fnr)
    assert all_sent(register).fikk == []


def test_the_citizen_sees_that_their_number_was_found_for_an_sms_and_by_what_law(
    smshus: Smshus, register: FakeRegister
) -> None:
    fnr = with_number(register)
    citizen = make_aktor(konfigurasjon.register_person(fnr, navn="Ola Havnes", actor=HOUSE))
    for _ in range(2):
        send_to(smshus, fnr, nokkel="en")
    (seen,) = access_log.views_of_own_data(actor=citizen)
    assert (seen.tjeneste, seen.handling, seen.hjemmel) == ("VARSLING", service.TO_PERSON, rules.KRR_HJEMMEL)
    for words in TEXTS.values():
        assert words[f"GJORT_{seen.handling}"] != words["GJORT_ANNET"]


def test_each_person_of_a_list_is_written_down_and_no_number(smshus: Smshus) -> None:
    persons = [new_fnr(), new_fnr()]
    liste = "\n".join([*persons, KARI])
    service.send_to_list(smshus.konto_id, TEXT, liste, nokkel="en", actor=smshus.sender)
    rows = session().scalars(select(Audit).where(Audit.handling == service.TO_PERSON)).all()
    assert {row.gjelder for row in rows} == {fnr_index(fnr) for fnr in persons}
    assert {(row.ressurs_id, str(row.detaljer)) for row in rows} == {(smshus.konto_id, "{}")}


def test_who_sends_to_a_protected_person_is_told_to_those_who_look_for_misuse(
    smshus: Smshus, register: FakeRegister
) -> None:
    sender = replace(smshus.sender, request_id=str(uuid4()))
    liste = "\n".join([with_number(register, STRENGT), with_number(register), "90000002"])
    service.send_to_list(smshus.konto_id, TEXT, liste, nokkel="en", actor=sender)
    assert misuse.suspicions() == []  # nobody knows before the register is asked
    all_sent(register)
    [row] = session().scalars(select(Audit).where(Audit.handling == misuse.PROTECTED_ASKED))
    assert (row.objekt_id, row.request_id) == (sender.ref, sender.request_id)
    assert (row.organisasjon_id, row.gjelder, row.ressurs_id) == (None, None, None)
    assert row.detaljer == {"antall": 1, "av": 3}
    assert misuse.suspicions() == [Mistanke("OPPSLAG_STRENGT_FORTROLIG", sender.ref, 1)]


def test_a_number_that_krr_cannot_speak_of_does_not_tell_who_is_protected(smshus: Smshus) -> None:
    register = Speechless()
    hard, protected, unknown = with_number(register), with_number(register, STRENGT), new_fnr()
    register.stumme[hard] = Avvist("HTTP_400")
    answers = [look_up(smshus, [one, hard], register) for one in (protected, unknown)]
    assert [[told.status for told in one] for one in answers] == [[Nummerstatus.IKKE_FUNNET] * 2] * 2

"""Numbers looked up in KRR: written down and seen by the citizen, and never that of who is strengt fortrolig."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import uuid4

import pytest
from sqlalchemy import select

from fiks.core.actor import Aktor
from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.errors import ProvIgjen, UgyldigInndata
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.audit import access_log, misuse
from fiks.konfigurasjon.audit.misuse import Mistanke
from fiks.konfigurasjon.person.service import fnr_index
from fiks.konfigurasjon.rules import TJENESTER, P
from fiks.registeroppslag.hjemler import HJEMLER
from fiks.registeroppslag.rules import Adressebeskyttelse, Kontaktinformasjon, Registernavn
from fiks.sms import queries, rules, service
from fiks.sms.errors import ForMangeOppslag
from fiks.sms.lookup import Nummer, Nummerstatus
from fiks.sms.rules import Grunn, Status
from portal.minside.language import TEXTS
from tests.integration.databases import Database, QuickProcess
from tests.integration.houses import HOUSE, Hus, make_aktor, new_fnr, staff_of
from tests.integration.sms.gateways import Smshus
from tests.integration.sms.numbers import KARI, all_sent, look_up, send_to, with_number
from tests.integration.worlds import FakeRegister

STRENGT, FORTROLIG = Adressebeskyttelse.STRENGT_FORTROLIG, Adressebeskyttelse.FORTROLIG


@dataclass
class Remembering(FakeRegister):
    """`om` is everybody whose number KRR was asked for."""

    om: list[str] = field(default_factory=list)

    def kontakt(self, fnrs: Sequence[str], /) -> dict[str, Kontaktinformasjon]:
        self.om += fnrs
        return super().kontakt(fnrs)


def told(found: list[Nummer]) -> list[tuple[str | None, Nummerstatus]]:
    return [(one.telefonnummer, one.status) for one in found]


def test_krr_is_asked_with_an_audit_row_and_without_a_number_in_it(
    smshus: Smshus, register: FakeRegister
) -> None:
    valid, wrong, absent = new_fnr(), new_fnr(), new_fnr()
    register.contacts[valid] = Kontaktinformasjon(valid, True, mobil="+4790000001")
    register.contacts[wrong] = Kontaktinformasjon(wrong, True, mobil="12")
    found = look_up(smshus, [valid, wrong, absent], register)
    assert [(one.telefonnummer, one.status) for one in found] == [
        (KARI, Nummerstatus.GYLDIG),
        ("12", Nummerstatus.UGYLDIG),
        (None, Nummerstatus.IKKE_FUNNET),
    ]
    rows = (
        session().scalars(select(Audit).where(Audit.handling == "SMS_KRR_OPPSLAG").order_by(Audit.id)).all()
    )
    assert [row.gjelder for row in rows] == [fnr_index(fnr) for fnr in (valid, wrong, absent)]
    assert {(row.hjemmel, row.ressurs_id, str(row.detaljer)) for row in rows} == {
        (rules.KRR_HJEMMEL, smshus.konto_id, "{}")
    }


def test_the_citizen_sees_that_their_number_was_looked_up_and_by_what_law(
    smshus: Smshus, register: FakeRegister
) -> None:
    fnr = new_fnr()
    citizen = make_aktor(konfigurasjon.register_person(fnr, navn="Ola Havnes", actor=HOUSE))
    look_up(smshus, [fnr, fnr], register)
    (seen,) = access_log.views_of_own_data(actor=citizen)
    assert (seen.tjeneste, seen.handling, seen.hjemmel) == ("VARSLING", "SMS_KRR_OPPSLAG", rules.KRR_HJEMMEL)
    for words in TEXTS.values():
        assert words[f"GJORT_{seen.handling}"] != words["GJORT_ANNET"]
        assert words[f"TJENESTE_{seen.tjeneste}"] != words["TJENESTE_ANNEN"]


def test_a_look_up_that_krr_does_not_answer_is_written_down_all_the_same(
    smshus: Smshus, register: FakeRegister
) -> None:
    register.nede = ProvIgjen("HTTP_503")
    with pytest.raises(ProvIgjen):
        look_up(smshus, [fnr := new_fnr()], register)
    session().rollback()
    written = select(Audit.handling).where(Audit.gjelder == fnr_index(fnr))
    assert session().scalars(written).all() == ["SMS_KRR_OPPSLAG"]


def test_the_legal_basis_is_the_one_of_the_look_ups_and_opens_krr_to_all_who_may_send() -> None:
    basis = HJEMLER["DIGITAL_KOMMUNIKASJON"]
    assert basis.navn == rules.KRR_HJEMMEL
    [varsling] = [one for one in TJENESTER if one.kode == service.SERVICE]
    assert all(basis.opens(Registernavn.KRR, kind) for kind in varsling.tilgjengelig_for)


@pytest.mark.parametrize("fnrs", [["12345678901"], ["abc"]])
def test_krr_is_not_asked_about_what_is_no_number(
    smshus: Smshus, register: FakeRegister, fnrs: list[str]
) -> None:
    with pytest.raises(UgyldigInndata, match="FNR_UGYLDIG"):
        look_up(smshus, fnrs, register)
    assert register.spurt == []


def test_who_is_strengt_fortrolig_is_answered_as_one_whom_krr_does_not_know(
    smshus: Smshus,
) -> None:
    register = Remembering()
    protected, unknown, ordinary = with_number(register, STRENGT), new_fnr(), with_number(register)
    found = look_up(smshus, [protected, unknown, ordinary], register)
    nothing = (None, Nummerstatus.IKKE_FUNNET)
    assert told(found) == [nothing, nothing, (KARI, Nummerstatus.GYLDIG)]
    assert register.om == [unknown, ordinary]  # their number never comes to us


def test_the_number_of_who_is_fortrolig_is_told_for_it_is_no_address(
    smshus: Smshus, register: FakeRegister
) -> None:
    found = look_up(smshus, [with_number(register, FORTROLIG)], register)
    assert told(found) == [(KARI, Nummerstatus.GYLDIG)]


def test_that_a_protected_person_was_asked_about_is_written_where_the_organisation_does_not_see_it(
    smshus: Smshus, register: FakeRegister
) -> None:
    protected, ordinary = with_number(register, STRENGT), with_number(register)
    sender = replace(smshus.sender, request_id=str(uuid4()))
    look_up(smshus, [ordinary], register, sender)
    assert misuse.suspicions() == []
    look_up(smshus, [ordinary, protected, protected], register, sender)
    [row] = session().scalars(select(Audit).where(Audit.handling == misuse.PROTECTED_ASKED))
    assert (row.objekt_id, row.request_id, row.detaljer) == (
        sender.ref,
        sender.request_id,
        {"antall": 1, "av": 2},
    )
    assert (row.organisasjon_id, row.gjelder, row.ressurs_id) == (None, None, None)
    assert misuse.suspicions() == [Mistanke("OPPSLAG_STRENGT_FORTROLIG", sender.ref, 1)]
    ordinary_rows = session().scalars(
        select(Audit.detaljer).where(
            Audit.handling == "SMS_KRR_OPPSLAG", Audit.gjelder == fnr_index(protected)
        )
    )
    assert ordinary_rows.all() == [{}]  # what the organisation sees says nothing of it


def test_an_sms_to_who_is_strengt_fortrolig_is_not_sent_for_the_reason_of_one_without_a_number(
    smshus: Smshus, register: FakeRegister
) -> None:
    persons = (with_number(register, STRENGT), new_fnr(), with_number(register, FORTROLIG))
    ids = [send_to(smshus, fnr) for fnr in persons]
    gateway = all_sent(register)
    stands = [queries.status(smshus.konto_id, one, actor=smshus.sender) for one in ids]
    nobody = (Status.IKKE_SENDT, Grunn.UTEN_NUMMER_I_KRR)
    assert [(one.status, one.grunn) for one in stands] == [nobody, nobody, (Status.SENDT, None)]
    assert [one.nummer for one in gateway.fikk] == [KARI]


def look_up_some(smshus: Smshus, how_many: int, actor: Aktor | None = None) -> FakeRegister:
    """Look that many different persons up at once; returns the register that was to be asked."""
    register = FakeRegister()
    fnrs = [new_fnr() for _ in range(how_many)]
    look_up(smshus, fnrs, register, actor)
    session().rollback()
    return register


def asked_about() -> int:
    found = session().scalars(select(Audit.id).where(Audit.handling == "SMS_KRR_OPPSLAG"))
    return len(found.all())


def test_so_many_numbers_are_given_out_in_an_hour_and_not_one_more(
    smshus: Smshus, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_LOOK_UPS", 5)
    look_up_some(smshus, 3)
    register, fnrs = FakeRegister(), [new_fnr() for _ in range(3)]
    with pytest.raises(ForMangeOppslag, match="SMS_FOR_MANGE_OPPSLAG") as refused:
        look_up(smshus, fnrs, register)
    session().rollback()
    assert (refused.value.status, refused.value.params) == (429, {"grense": 5})
    assert (register.spurt, asked_about()) == ([], 3)  # nothing of a call that does not fit
    look_up_some(smshus, 2)
    colleague = staff_of(Hus(smshus.hus.organisasjon_id, smshus.konto_id, smshus.hus.orgnr), P.SMS_SENDE)
    look_up_some(smshus, 5, colleague)
    with database.owner() as owner:
        owner.execute("UPDATE audit SET tid = tid - interval '61 minutes'")
    look_up_some(smshus, 5)
    assert asked_about() == 15


def test_two_at_once_are_not_given_more_than_one_after_the_other(
    smshus: Smshus, process: QuickProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_LOOK_UPS", 4)
    refused: list[str] = []
    session().rollback()

    def try_it() -> None:
        with process.app.app_context():
            try:
                look_up_some(smshus, 2)
            except ForMangeOppslag as error:
                refused.append(error.kode)

    threads = [threading.Thread(target=try_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(refused), asked_about()) == (4, 4)


def test_there_is_room_for_the_warning_of_a_whole_place_before_the_ceiling() -> None:
    assert rules.MOST_LOOK_UPS >= 5 * rules.MOST_NUMBERS


def test_sms_by_personal_number_give_no_number_out_and_do_not_count(
    smshus: Smshus, register: FakeRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_LOOK_UPS", 1)
    for _ in range(3):
        send_to(smshus, with_number(register))
    assert [one.nummer for one in all_sent(register).fikk] == [KARI] * 3

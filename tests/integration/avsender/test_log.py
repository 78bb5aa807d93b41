"""The sender's log: every letter once, newest first, only of one's own kontoer, found by what is known of it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeTilgang, Konflikt, UgyldigInndata
from fiks.core.values.identifiers import mask_numbers
from fiks.konfigurasjon import grant_usage
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.avtale.activation import SVARUT, service_ressurs
from fiks.konfigurasjon.konto import service as konto_service
from fiks.konfigurasjon.konto.queries import kontoer_held_select
from fiks.konfigurasjon.person.service import fnr_index
from fiks.konfigurasjon.rules import P
from fiks.svarut.models import Levering
from fiks.svarut.rules import Bane, Slettetype, Status
from fiks.svarut.sender import actions, log, log_search
from fiks.svarut.sender.log import Brevutvalg
from portal.ui.form_values import page_key, read_page_key
from tests.integration.avsender.senders import (
    browser_of,
    made_at,
    make_ansatt,
    put,
    second_konto,
    send,
    used,
)
from tests.integration.databases import Database, plan_of
from tests.integration.houses import HOUSE, Hus, make_hus, new_fnr
from tests.integration.svarut.letters import make_letter
from tests.integration.utsending.browser import post, text_of
from tests.pagecheck import faults
from tests.submissions import FNR, ORGNR

START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


def found(utvalg: Brevutvalg, hus: Hus, *rettigheter: P) -> list[UUID]:
    actor = make_ansatt(hus, *(rettigheter or (P.LESE,))).aktor
    return [row.id for row in log.log_page(utvalg, actor=actor)]


def test_the_newest_letter_comes_first_and_each_page_goes_on_where_the_last_ended() -> None:
    hus = make_hus()
    letters = [send(hus) for _ in range(7)]
    for nr, letter in enumerate(letters):
        made_at(letter, START + timedelta(minutes=nr // 2))  # two and two at the very same moment
    actor = make_ansatt(hus, P.LESE).aktor
    seen: list[UUID] = []
    before = None
    while rows := log.log_page(Brevutvalg(), actor=actor, before=before, limit=2):
        seen += [row.id for row in rows]
        before = read_page_key(page_key(rows[-1].nokkel))
        assert before == rows[-1].nokkel
    assert sorted(seen) == sorted(letters)
    times = [row.opprettet for row in log.log_page(Brevutvalg(), actor=actor)]
    assert times == sorted(times, reverse=True)


def test_only_letters_of_kontoer_one_may_read_are_in_the_log() -> None:
    hus, stranger = make_hus(), make_hus("Fjordvik kommune")
    other = second_konto(hus)
    mine, theirs = send(hus), send(other)
    send(stranger)
    assert found(Brevutvalg(), hus, P.LESE) == [mine]
    assert found(Brevutvalg(), hus, P.SENDE) == [mine]
    assert found(Brevutvalg(), hus, P.STOPPE) == [mine]
    assert found(Brevutvalg(konto_id=other.konto_id), hus, P.LESE) == []
    for nothing in (P.GODKJENNE, P.SE_SPERRET):
        assert found(Brevutvalg(), hus, nothing) == []
    service = service_ressurs(hus.organisasjon_id, SVARUT, HOUSE)
    everything = make_ansatt(hus, P.LES_ALLE, ressurs=service).aktor
    assert {row.id for row in log.log_page(Brevutvalg(), actor=everything)} == {mine, theirs}
    assert [r.id for r in log.log_page(Brevutvalg(konto_id=other.konto_id), actor=everything)] == [theirs]


def test_what_a_closed_konto_has_sent_is_still_in_its_log() -> None:
    hus = make_hus()
    letter = send(hus)
    konto_service.deactivate_konto(hus.konto_id, actor=HOUSE)
    assert found(Brevutvalg(), hus) == [letter]


def test_a_test_letter_is_not_in_the_log() -> None:
    hus = make_hus()
    letter = send(hus)
    put(letter, prove=True)
    assert found(Brevutvalg(), hus) == []


def test_a_letter_is_found_by_status_channel_period_and_everything_its_sender_calls_it() -> None:
    hus = make_hus()
    wanted = send(
        hus, ekstern_referanse="sak 2026/1", korrelasjonsid="utsendelse-7", konteringskode="EISK-2027"
    )
    other = send(hus, ekstern_referanse="sak 2026/2", korrelasjonsid="utsendelse-8", konteringskode="VANN")
    put(wanted, status="SENDT_PRINT", kanal="PRINT", opprettet=START)
    put(other, opprettet=START + timedelta(days=2))
    for utvalg in (
        Brevutvalg(status="SENDT_PRINT"),
        Brevutvalg(kanal="PRINT"),
        Brevutvalg(til=date(2026, 11, 2)),
        Brevutvalg(fra=date(2026, 11, 2), til=date(2026, 11, 3)),
        Brevutvalg(forsendelse_id=wanted),
        Brevutvalg(ekstern_referanse="sak 2026/1"),
        Brevutvalg(korrelasjonsid="utsendelse-7"),
        Brevutvalg(konteringskode="EISK-2027"),
        Brevutvalg(konto_id=hus.konto_id, status="SENDT_PRINT", konteringskode="EISK-2027"),
    ):
        assert found(utvalg, hus) == [wanted], utvalg
    for utvalg in (
        Brevutvalg(ekstern_referanse="sak 2026/"),
        Brevutvalg(forsendelse_id=uuid4()),
        Brevutvalg(status="LEST"),
    ):
        assert found(utvalg, hus) == [], utvalg
    assert found(Brevutvalg(fra=date(2026, 11, 4)), hus) == [other]


def wait_for_a_person(*letters: UUID, bane: Bane = Bane.ENKELT) -> None:
    with transaction() as tx:
        these = update(Levering).where(Levering.forsendelse_id.in_(letters))
        tx.execute(these.values(status="TIL_BEHANDLING", bane=bane))


def test_what_waits_for_a_person_is_found_and_in_the_restricted_lane_by_who_may_see_it(app: Flask) -> None:
    hus = make_hus()
    other = second_konto(hus)
    failed, hidden, elsewhere = (make_letter(konto, new_fnr()) for konto in (hus, hus, other))
    make_letter(hus, new_fnr())
    wait_for_a_person(failed, elsewhere)
    wait_for_a_person(hidden, bane=Bane.SPERRET)
    wanted = Brevutvalg(behandles=True)
    assert found(wanted, hus, P.LESE) == [failed]
    assert set(found(wanted, hus, P.LESE, P.SE_SPERRET)) == {failed, hidden}
    exported = log_search.begin_export(wanted, actor=make_ansatt(hus, P.LESE).aktor)
    assert exported.antall == 1
    page = browser_of(app, hus, make_ansatt(hus, P.LESE)).get("/forsendelser?behandles=ja").text
    assert faults(page) == []
    assert f"/forsendelser/{failed}" in page and f"/forsendelser/{hidden}" not in page
    assert "eksport.csv?behandles=ja" in page and "checked" in page


def test_a_day_is_a_day_in_oslo() -> None:
    hus = make_hus()
    late = send(hus)
    made_at(late, datetime(2026, 11, 2, 23, 30, tzinfo=UTC))  # half past midnight in Oslo
    assert found(Brevutvalg(til=date(2026, 11, 2)), hus) == []
    assert found(Brevutvalg(fra=date(2026, 11, 3), til=date(2026, 11, 3)), hus) == [late]


def test_a_personal_number_in_a_title_or_a_name_is_masked() -> None:
    hus = make_hus()
    send(hus, tittel=f"Vedtak for {FNR}", navn=f"Kari {FNR}")
    [row] = log.log_page(Brevutvalg(), actor=make_ansatt(hus, P.LESE).aktor)
    assert row.tittel == mask_numbers(f"Vedtak for {FNR}")
    assert FNR not in row.tittel + row.mottaker


def test_a_receiver_is_found_by_the_whole_number_and_the_search_is_audited_first() -> None:
    hus = make_hus()
    person, company = send(hus), send(hus, digital_id=ORGNR, navn="Testvik Båtforening")
    send(hus, digital_id="")
    ansatt = make_ansatt(hus, P.LESE)
    for number, letter in ((FNR, person), (f"{FNR[:6]} {FNR[6:]}", person), (ORGNR, company)):
        hits = log_search.find_receiver(number, "Klage i sak 7", Brevutvalg(), actor=ansatt.aktor)
        assert [row.id for row in hits] == [letter]
    rows = session().scalars(
        select(Audit)
        .where(Audit.handling == "MOTTAKER_SOKT", Audit.aktor == ansatt.aktor.ref)
        .order_by(Audit.id)
    )
    first, _, third = rows.all()
    assert (first.hjemmel, first.gjelder, first.detaljer["antall"]) == ("Klage i sak 7", fnr_index(FNR), 1)
    assert third.gjelder is None
    assert FNR not in str(first.detaljer) + first.objekt_id


def test_a_search_by_receiver_needs_a_valid_number_a_reason_and_a_right() -> None:
    hus = make_hus()
    send(hus)
    actor = make_ansatt(hus, P.LESE).aktor
    for number, reason, kode in (
        ("123", "Klage", "NUMMER_UGYLDIG"),
        (FNR, "sak ", "LOGGSOK_HJEMMEL_MANGLER"),
    ):
        with pytest.raises(UgyldigInndata) as refused:
            log_search.find_receiver(number, reason, Brevutvalg(), actor=actor)
        assert refused.value.kode == kode
    with pytest.raises(IkkeTilgang):
        log_search.find_receiver(FNR, "Klage", Brevutvalg(), actor=make_ansatt(hus, P.GODKJENNE).aktor)


def test_a_receivers_letters_from_a_konto_one_may_not_read_are_not_found() -> None:
    hus = make_hus()
    send(second_konto(hus))
    assert log_search.find_receiver(FNR, "Klage", Brevutvalg(), actor=make_ansatt(hus, P.LESE).aktor) == []


def test_the_file_has_every_letter_once_over_many_portions_and_is_audited() -> None:
    hus = make_hus()
    letters = {send(hus) for _ in range(5)}
    ansatt = make_ansatt(hus, P.LESE)
    begun = log_search.begin_export(Brevutvalg(), actor=ansatt.aktor)
    late = send(hus)
    rows = list(log.export_rows(Brevutvalg(), begun.newest, actor=ansatt.aktor, portion=2))
    assert (begun.antall, len(rows)) == (5, 5)
    assert {row.id for row in rows} == letters
    assert late not in {row.id for row in rows}
    exported = session().scalars(
        select(Audit).where(Audit.handling == "DATA_EKSPORTERT", Audit.aktor == ansatt.aktor.ref)
    )
    assert [row.detaljer["antall"] for row in exported] == [5]


def test_too_much_for_one_file_is_refused_and_not_audited() -> None:
    hus = make_hus()
    for _ in range(3):
        send(hus)
    ansatt = make_ansatt(hus, P.LESE)
    with pytest.raises(Konflikt) as refused:
        log_search.begin_export(Brevutvalg(), actor=ansatt.aktor, limit=2)
    assert refused.value.kode == "LOGG_FOR_MANGE"
    assert session().scalars(select(Audit).where(Audit.aktor == ansatt.aktor.ref)).all() == []


def test_the_page_shows_the_letters_and_keeps_the_search_from_page_to_page(app: Flask) -> None:
    hus = make_hus()
    letter = send(hus, tittel="Vedtak om barnehageplass")
    for _ in range(50):
        send(hus, korrelasjonsid="mange")
    made_at(letter, START)
    client = browser_of(app, hus, make_ansatt(hus, P.LESE))
    first = client.get("/forsendelser")
    assert first.status_code == 200
    assert faults(first.text) == []
    assert "Vedtak om barnehageplass" not in first.text
    following = first.text.split('href="/forsendelser?for=')[1].split('"')[0]
    assert "Vedtak om barnehageplass" in client.get(f"/forsendelser?for={following}").text
    chosen = client.get("/forsendelser?korrelasjonsid=mange&status=MOTTATT").text
    assert "Neste side" not in chosen
    assert "eksport.csv?status=MOTTATT&amp;korrelasjonsid=mange" in chosen
    assert "Ingen treff" in text_of(client.get("/forsendelser?status=LEST").text)
    assert client.get("/forsendelser?for=tull&konto=tull&status=TULL").status_code == 200


def test_what_cannot_be_searched_for_is_said_at_its_field(app: Flask) -> None:
    hus = make_hus()
    send(hus)
    client = browser_of(app, hus, make_ansatt(hus, P.LESE))
    for query, field in (
        (f"eksternref=sak+{FNR}", "eksternref"),
        (f"korrelasjonsid={FNR}", "korrelasjonsid"),
        ("id=1234", "id"),
        ("fra=i+g%C3%A5r", "fra"),
        ("fra=02.11.2026&til=01.11.2026", "til"),
        ("til=31.12.9999", "til"),
        ("fra=31.12.1899", "fra"),
    ):
        answer = client.get(f"/forsendelser?{query}")
        assert answer.status_code == 422, query
        assert faults(answer.text) == []
        assert f'id="{field}-feil"' in answer.text, query
        assert FNR not in answer.text


def test_the_search_by_receiver_shows_hits_and_never_the_number(app: Flask) -> None:
    hus = make_hus()
    letter = send(hus)
    client, page = browser_of(app, hus, make_ansatt(hus, P.LESE)), "/forsendelser/mottaker"
    assert faults(client.get(page).text) == []
    hit = post(client, page, page, nummer=FNR, hjemmel="Klage i sak 7")
    assert hit.status_code == 200
    assert faults(hit.text) == []
    assert f"/forsendelser/{letter}" in hit.text
    assert FNR not in hit.text
    fault = post(client, page, page, nummer=FNR, hjemmel="")
    assert fault.status_code == 422
    assert FNR not in fault.text
    assert 'id="hjemmel-feil"' in fault.text
    assert "Ingen treff" in post(client, page, page, nummer=ORGNR, hjemmel="Klage i sak 7").text


def test_the_file_is_taken_out_only_after_a_fresh_login_and_holds_no_formula(app: Flask) -> None:
    hus = make_hus()
    letter = send(hus, tittel="=HYPERLINK(1)")
    ansatt = make_ansatt(hus, P.LESE)
    stale = browser_of(app, hus, ansatt, minutes_ago=10).get("/forsendelser/eksport.csv")
    assert stale.status_code in (302, 303)
    answer = browser_of(app, hus, ansatt).get("/forsendelser/eksport.csv")
    assert answer.mimetype == "text/csv"
    [row] = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";")
    assert row["Forsendelse-id"] == str(letter)
    assert not row["Tittel"].startswith("=")
    assert (row["Status"], row["Kommer fra"]) == ("Mottatt", "Fagsystem (REST v2)")


def test_a_deleted_letter_stays_in_the_log_without_what_it_was_about(app: Flask) -> None:
    hus = make_hus()
    letter = send(hus, tittel="Vedtak om barnehageplass")
    put(letter, status=Status.AVVIST)
    actions.delete_documents(letter, alt=Slettetype.ALLE, actor=HOUSE)
    client = browser_of(app, hus, make_ansatt(hus, P.LESE))
    for page in ("/forsendelser", f"/forsendelser/{letter}"):
        shown = client.get(page).text
        assert faults(shown) == []
        assert "barnehageplass" not in shown
        assert "Slettet" in shown


@pytest.mark.slow
def test_the_newest_of_a_hundred_thousand_letters_are_found_by_index(database: Database) -> None:
    hus = make_hus()
    many = text(
        "INSERT INTO forsendelse (id, konto_id, organisasjon_id, tittel, mottakertype, opprettet, status)"
        " SELECT gen_random_uuid(), :konto, :org, 'Brev', 'INGEN', now() - n * interval '1 second',"
        " CASE WHEN n % 1000 = 0 THEN 'AVVIST' ELSE 'PRINTET' END FROM generate_series(1, 100000) n"
    )
    with transaction() as tx:
        tx.execute(many, {"konto": hus.konto_id, "org": hus.organisasjon_id})
    with database.owner() as owner:
        owner.execute("ANALYZE forsendelse")
    for utvalg, by in (
        (Brevutvalg(), "ix_forsendelse_logg"),
        (Brevutvalg(status="AVVIST"), "Index"),
        (Brevutvalg(fra=date(2026, 1, 1), til=date(2026, 1, 2)), "ix_forsendelse_logg"),
        (Brevutvalg(ekstern_referanse="finnes ikke"), "ix_forsendelse_ekstern_indeks"),
        (Brevutvalg(korrelasjonsid="finnes ikke"), "ix_forsendelse_korrelasjonsid"),
        (Brevutvalg(behandles=True), "ix_levering_"),
    ):
        plan = explained(utvalg, hus)
        assert "Seq Scan on forsendelse" not in plan, plan
        assert by in plan, plan


def explained(utvalg: Brevutvalg, hus: Hus) -> str:
    """The plan of the first page, as PostgreSQL makes it."""
    seen = kontoer_held_select(P.SE_SPERRET, actor=make_ansatt(hus, P.SE_SPERRET).aktor)
    wanted = log.matches(utvalg, seen)
    query = log.page_query(wanted, [hus.konto_id], None, log.PAGE)
    return plan_of(query)


def test_the_log_is_a_use_of_the_right_on_the_kontoer_it_shows_letters_of_and_of_no_other() -> None:
    hus = make_hus()
    other = second_konto(hus)
    send(hus)
    grant_usage.write_noted_uses()
    ansatt = make_ansatt(hus, P.LESE, P.SENDE)
    konfigurasjon.grant_privilegium(ansatt.aktor.person_id, P.LESE, other.konto_id, actor=HOUSE)  # type: ignore[arg-type]
    log.readable_kontoer(Brevutvalg(), ansatt.aktor)
    assert used(ansatt) == set(), "to be asked which kontoer there are to choose among is no use"
    log.log_page(Brevutvalg(), actor=ansatt.aktor)
    assert used(ansatt) == {(P.LESE, hus.konto_id)}
    send(other)
    log.log_page(Brevutvalg(konto_id=other.konto_id), actor=ansatt.aktor)
    assert used(ansatt) == {(P.LESE, hus.konto_id), (P.LESE, other.konto_id)}


@pytest.mark.parametrize("path", ["", "/eksport.csv"])
def test_reading_the_log_of_every_konto_is_written_down_when_the_page_or_file_is_sent(
    app: Flask, path: str
) -> None:
    hus = make_hus()
    send(hus)
    service = service_ressurs(hus.organisasjon_id, SVARUT, HOUSE)
    ansatt = make_ansatt(hus, P.LES_ALLE, ressurs=service)
    client = browser_of(app, hus, ansatt)
    grant_usage.write_noted_uses()
    assert client.get(f"/forsendelser{path}").status_code == 200
    session().rollback()
    assert used(ansatt) == {(P.LES_ALLE, service)}

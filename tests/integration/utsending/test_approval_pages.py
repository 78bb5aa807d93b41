"""The second person's pages, release and the way out."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.konto import safeguards
from fiks.konfigurasjon.konto.rules import Bankkonto
from fiks.konfigurasjon.rules import P
from fiks.utsending.approval import sample, service
from fiks.utsending.models import Arbeidsdel, Opplasting, Utsending, Utsendingsrad
from fiks.utsending.overview import mailing_page
from fiks.utsending.production import new_date
from fiks.utsending.receivers import list_summary
from fiks.utsending.rules import Utsendingstatus, printed_deadline
from portal.texts import tekst
from portal.texts.formats import dato
from tests.integration.houses import HOUSE
from tests.integration.utsending.browser import log_in, marks_of, post, text_of
from tests.integration.utsending.kommuner import Kommune, Mailing, make_kommune, make_mailing, today
from tests.integration.utsending.test_documents import with_files
from tests.pagecheck import check_page

pytestmark = pytest.mark.usefixtures("house")


def waiting(rader: int = 12, **change: object) -> tuple[Kommune, Mailing, str]:
    kommune = make_kommune()
    mailing = make_mailing(kommune, rader, **change)  # type: ignore[arg-type]
    return kommune, mailing, f"/utsendinger/{mailing.id}"


def status_of(mailing: Mailing) -> Utsendingstatus:
    session().rollback()
    return Utsendingstatus(
        session().execute(select(Utsending.status).where(Utsending.id == mailing.id)).scalar_one()
    )


def approve(app: Flask, kommune: Kommune, address: str) -> None:
    client = log_in(app, kommune, "godkjenner")
    page = client.get(f"{address}/godkjenning").text
    digest = page.split('name="digest" value="')[1].split('"')[0]
    post(client, f"{address}/godkjenning", f"{address}/godkjenn", digest=digest)


def test_the_approver_sees_facts_forecast_and_ten_letters(app: Flask) -> None:
    kommune, _, address = waiting(parkert=2)
    answer = log_in(app, kommune, "godkjenner").get(f"{address}/godkjenning")
    check_page(answer.text)
    text = text_of(answer.text)
    assert "Brev som sendes 12" in text
    assert "Rader som holdes utenfor 2" in text
    assert "Digital postkasse Har digital postkasse 12 24" in text
    assert answer.text.count('class="panel stack-sm stikkprove"') == 10
    assert "Mottaker" in text


def test_the_approver_sees_all_that_is_approved_of_login_print_list_and_template(app: Flask) -> None:
    kommune, mailing, address = waiting()
    client = log_in(app, kommune, "godkjenner")
    text = text_of(client.get(f"{address}/godkjenning").text)
    assert "Innhold Flettebrev etter malen «Brev», versjon 1" in text
    assert "Mottakerliste Skrevet inn for hånd" in text
    assert "Innlogging for mottakeren Nivå 3 (betydelig)" in text
    assert "Utskrift Tosidig, i svart-hvitt" in text
    with transaction() as tx:
        row = tx.get_one(Utsending, mailing.id)
        row.sikkerhetsniva, row.tosidig, row.farger = "HOYESTE", False, True
        facts = {"filnavn": "eiendommer <2027>.xlsx", "storrelse": 10, "sha256": b"", "status": "LEST"}
        maker = kommune.personer["saksbehandler"]
        tx.add(Opplasting(utsending_id=mailing.id, art="LISTE", opprettet_av=maker, **facts))
    for page in (f"{address}/godkjenning", address):
        answer = client.get(page).text
        check_page(answer)
        assert "Innlogging for mottakeren Nivå 4 (høyt)" in text_of(answer)
        assert "Utskrift Ensidig, i farger" in text_of(answer)
    assert "eiendommer &lt;2027&gt;.xlsx" in client.get(f"{address}/godkjenning").text


def test_an_approver_who_has_released_may_stop_while_it_can_be_regretted(app: Flask) -> None:
    kommune = make_kommune(angrefrist=600)
    mailing = make_mailing(kommune, 2)
    address = f"/utsendinger/{mailing.id}"
    approve(app, kommune, address)
    client = log_in(app, kommune, "godkjenner")
    assert post(client, f"{address}/frigi", f"{address}/frigi", nar="na").status_code == 303
    page = client.get(address).text
    assert "Fram til da kan utsendingen stoppes" in text_of(page)
    assert f'href="{address}/stopp"' in page
    assert post(client, f"{address}/stopp", f"{address}/stopp").status_code == 303
    assert status_of(mailing) is Utsendingstatus.STOPPET


def test_the_approver_is_told_who_has_lately_changed_the_account_that_payments_go_to(app: Flask) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 2)
    address, client = f"/utsendinger/{mailing.id}/godkjenning", log_in(app, kommune, "godkjenner")
    said = "Bankkontonummeret til kontoen er endret"
    assert said not in client.get(address).text
    safeguards.set_bankkonto(
        kommune.konto_id, Bankkonto("99990212348"), actor=replace(HOUSE, navn="Astrid Nordli")
    )
    page = client.get(address).text
    check_page(page)
    assert said in page
    assert "Astrid Nordli endret det" in text_of(page)


@pytest.mark.parametrize(("days", "told"), [(-1, True), (0, False), (1, False)])
def test_the_approver_is_told_of_a_date_that_no_release_lets_through(
    app: Flask, days: int, told: bool
) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 2, brevdato=kommune.begins() + timedelta(days=days))
    answer = log_in(app, kommune, "godkjenner").get(f"/utsendinger/{mailing.id}/godkjenning").text
    check_page(answer)
    said = f"kan tidligst gå ut {dato(kommune.begins())}. Send utsendingen tilbake"
    assert (said in text_of(answer)) is told


@pytest.mark.parametrize(
    ("kun_digital", "said"), [(False, "Brevene som går rett på papir, blir 5 ark."), (True, "")]
)
def test_the_approver_of_letters_made_elsewhere_sees_their_pages_and_sheets(
    app: Flask, kun_digital: bool, said: str
) -> None:
    kommune = make_kommune()
    mailing = with_files(kommune, ["a.pdf", "giro.pdf"], ["b.pdf"], ["c.pdf"])
    with transaction() as tx:
        tx.execute(
            update(Utsendingsrad)
            .where(Utsendingsrad.utsending_id == mailing.id, Utsendingsrad.radnr < 4)
            .values(kanal="PRINT", kanalgrunn="RESERVERT")
        )
        tx.get_one(Utsending, mailing.id).kun_digital = kun_digital
    text = text_of(log_in(app, kommune, "godkjenner").get(f"/utsendinger/{mailing.id}/godkjenning").text)
    assert "Har digital postkasse 1 3" in text and " 2 7 " in text
    assert said in text and (" ark." in text) == bool(said)


def test_the_one_who_prepared_finds_no_way_to_approve(app: Flask) -> None:
    kommune, mailing, address = waiting()
    maker = log_in(app, kommune, "saksbehandler")
    assert "Gå til godkjenning" not in maker.get(address).text
    assert maker.get(f"{address}/godkjenning").status_code == 403
    digest = session().get_one(Utsending, mailing.id).innhold_digest
    assert digest is not None
    with pytest.raises(IkkeTilgang):
        service.approve(mailing.id, digest, actor=kommune.aktor("saksbehandler"))


def test_whoever_prepared_before_another_set_a_new_date_finds_no_way_to_approve(app: Flask) -> None:
    kommune, mailing, address = waiting()
    earlier = kommune.personer["stopper"]
    konfigurasjon.grant_privilegium(earlier, P.GODKJENNE, kommune.konto_id, actor=HOUSE)
    client = log_in(app, kommune, "stopper")
    assert "Gå til godkjenning" in client.get(address).text
    with transaction() as tx:
        tx.get_one(Utsending, mailing.id).klargjort_tidligere = [earlier]
    page = client.get(address).text
    assert "Gå til godkjenning" not in page and "Du har klargjort utsendingen." in page
    assert client.get(f"{address}/godkjenning").location == address
    assert "Godkjenn «" not in client.get("/oversikt").text
    assert "Godkjenn «" in log_in(app, kommune, "godkjenner").get("/oversikt").text


def test_approval_asks_for_a_fresh_login(app: Flask) -> None:
    kommune, mailing, address = waiting()
    client = log_in(app, kommune, "godkjenner", minutes_ago=6)
    assert "Du må bekrefte hvem du er" in client.get(f"{address}/godkjenning").text
    answer = post(client, f"{address}/godkjenning", f"{address}/godkjenn", digest="0" * 64)
    assert answer.location == f"/innlogging/bekreft?neste={address}/godkjenning"
    assert status_of(mailing) is Utsendingstatus.TIL_GODKJENNING


def test_what_was_shown_is_what_is_approved(app: Flask) -> None:
    kommune, mailing, address = waiting()
    client = log_in(app, kommune, "godkjenner")
    answer = post(client, f"{address}/godkjenning", f"{address}/godkjenn", digest="0" * 64)
    assert "Innholdet er ikke lenger det samme" in client.get(answer.location).text
    approve(app, kommune, address)
    assert status_of(mailing) is Utsendingstatus.GODKJENT


def test_sending_back_needs_a_reason_that_the_preparer_then_sees(app: Flask) -> None:
    kommune, mailing, address = waiting()
    client = log_in(app, kommune, "godkjenner")
    empty = post(client, f"{address}/godkjenning", f"{address}/avvis", grunn=" ")
    assert (empty.status_code, "<title>Feil: " in empty.text) == (422, True)
    check_page(empty.text)
    post(client, f"{address}/godkjenning", f"{address}/avvis", grunn="Feil år i overskriften.")
    assert status_of(mailing) is Utsendingstatus.UTKAST
    page = log_in(app, kommune, "saksbehandler").get(address).text
    check_page(page)
    assert "Feil år i overskriften." in page
    assert "Rett opp «Eiendomsskatt 2027»" in log_in(app, kommune, "saksbehandler").get("/oversikt").text


def test_pictures_are_ordered_by_a_button_and_belong_to_the_one_who_asked(app: Flask) -> None:
    kommune, mailing, address = waiting()
    client = log_in(app, kommune, "godkjenner")
    post(client, f"{address}/godkjenning", f"{address}/godkjenning/brev")
    page = client.get(f"{address}/godkjenning").text
    check_page(page)
    assert page.count("Bildene lages …") == 10
    assert sample.order_sample(mailing.id, actor=kommune.aktor("godkjenner")) == 0
    part = session().scalars(select(Arbeidsdel.id).where(Arbeidsdel.utsending_id == mailing.id)).first()
    other = make_kommune("Fjordvik kommune")
    for client in (log_in(app, other, "godkjenner"), log_in(app, kommune, "saksbehandler")):
        assert client.get(f"{address}/godkjenning/bilde/{part}/1").status_code in (403, 404)


def made_anew(mailing: Mailing) -> None:
    """Its letters are others by now, and as far as they were."""
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(innhold_digest=b"nye brev"))


def test_letters_that_the_page_did_not_show_are_not_released(app: Flask) -> None:
    """They were taken back, made anew and approved again while the page stood open."""
    kommune, mailing, address = waiting(status=Utsendingstatus.GODKJENT)
    client = log_in(app, kommune, "saksbehandler")
    form = marks_of(client.get(f"{address}/frigi").text) | {"nar": "na"}
    made_anew(mailing)
    answer = client.post(f"{address}/frigi", data=form, headers={"Referer": f"http://localhost{address}"})
    assert (answer.status_code, "viste ikke brevene som gjelder nå" in answer.text) == (409, True)
    check_page(answer.text)
    assert status_of(mailing) is Utsendingstatus.GODKJENT
    assert marks_of(answer.text)["digest"] == b"nye brev".hex()


def test_a_reason_is_not_given_for_letters_that_the_page_did_not_show(app: Flask) -> None:
    kommune, mailing, address = waiting()
    client = log_in(app, kommune, "godkjenner")
    form = marks_of(client.get(f"{address}/godkjenning").text) | {"grunn": "Feil sats."}
    made_anew(mailing)
    answer = client.post(f"{address}/avvis", data=form, headers={"Referer": f"http://localhost{address}"})
    assert (answer.status_code, "viste ikke brevene som gjelder nå" in answer.text) == (409, True)
    check_page(answer.text)
    assert status_of(mailing) is Utsendingstatus.TIL_GODKJENNING
    again = marks_of(answer.text) | dict(
        re.findall(r'name="(grunn)".*?>([^<]*)</textarea>', answer.text, re.S)
    )
    assert again["grunn"].strip() == "Feil sats."
    client.post(f"{address}/avvis", data=again, headers={"Referer": f"http://localhost{address}"})
    assert status_of(mailing) is Utsendingstatus.UTKAST


def test_release_now_shows_a_countdown_and_a_stop(app: Flask) -> None:
    kommune = make_kommune(angrefrist=90)
    mailing = make_mailing(kommune, 3)
    address = f"/utsendinger/{mailing.id}"
    approve(app, kommune, address)
    client = log_in(app, kommune, "saksbehandler")
    check_page(client.get(f"{address}/frigi").text)
    answer = post(client, f"{address}/frigi", f"{address}/frigi", nar="na")
    page = client.get(answer.location).text
    check_page(page)
    assert "Angrefristen løper" in page
    assert "Om 1\u00a0minutt og " in page
    assert 'hx-trigger="every 2s"' in page
    assert f'href="{address}/stopp"' in page
    fragment = client.get(f"{address}/fremdrift?status=FRIGITT", headers={"HX-Request": "true"})
    assert "Om 1\u00a0minutt og " in fragment.text
    post(client, f"{address}/stopp", f"{address}/stopp")
    assert status_of(mailing) is Utsendingstatus.STOPPET
    assert client.get(f"{address}/fremdrift?status=FRIGITT", headers={"HX-Request": "true"}).headers[
        "HX-Refresh"
    ]


def test_a_release_on_another_day_offers_new_letters(app: Flask) -> None:
    kommune, mailing, address = waiting(brevdato=today() - timedelta(days=1))
    approve(app, kommune, address)
    client = log_in(app, kommune, "saksbehandler")
    answer = post(client, f"{address}/frigi", f"{address}/frigi", nar="na")
    assert answer.status_code == 409
    check_page(answer.text)
    assert "Lag brevene på nytt og godkjenn igjen" in answer.text
    assert f'value="{dato(today())}"' in answer.text
    again = post(client, f"{address}/frigi", f"{address}/ny-dato", brevdato=dato(today()))
    assert again.status_code == 303
    u = mailing_page.detail(mailing.id, actor=kommune.aktor("leser"))
    assert (u.status, u.brevdato, u.godkjent_av) == (Utsendingstatus.PRODUSERES, today(), None)
    page = client.get(address).text
    check_page(page)
    assert "Brevene lages" in page


def with_first_due(kommune: Kommune, mailing: Mailing, day: date) -> str:
    """Say that its list was read, and that something in it is due on this day; what is told of it by the letters."""
    forfall = {"felt": "forfall1", "dato": day.isoformat(), "rad": 7}
    with transaction() as tx:
        facts = {"filnavn": "liste.xlsx", "storrelse": 10, "sha256": b"", "status": "LEST"}
        form = {list_summary.KEY: {"ulike": [], "forfall": forfall}}
        maker = kommune.personer["saksbehandler"]
        tx.add(Opplasting(utsending_id=mailing.id, art="LISTE", opprettet_av=maker, form=form, **facts))
    return f"Forfall 1 på rad 7 er {dato(day)}. Det er før brevdatoen"


def test_a_date_that_is_moved_past_a_due_date_is_told_beside_its_form_and_to_the_approver(app: Flask) -> None:
    kommune, mailing, address = waiting(brevdato=today() - timedelta(days=3))
    told = with_first_due(kommune, mailing, today() - timedelta(days=2))
    first = tekst("FORSTE_FORFALL", dato=today() - timedelta(days=2))
    assert told not in text_of(log_in(app, kommune, "godkjenner").get(f"{address}/godkjenning").text)
    approve(app, kommune, address)
    client = log_in(app, kommune, "saksbehandler")
    page = client.get(f"{address}/frigi").text
    check_page(page)
    assert told not in text_of(page) and first in text_of(page)
    new_date.produce_with_new_date(mailing.id, today(), actor=kommune.aktor("saksbehandler"))
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(status="TIL_GODKJENNING"))
    page = log_in(app, kommune, "godkjenner").get(f"{address}/godkjenning").text
    check_page(page)
    assert f"{told}, {dato(today())}." in text_of(page)
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(status="GODKJENT"))
    page = client.get(f"{address}/frigi").text
    check_page(page)
    assert f"{told}, {dato(today())}." in text_of(page)


@pytest.mark.parametrize(("days", "told"), [(91, True), (90, False), (-91, True)])
def test_the_approver_is_told_of_a_kunngjoringsdato_far_from_the_letters_date(
    app: Flask, days: int, told: bool
) -> None:
    kommune, mailing, address = waiting()
    brevdato = kommune.begins()
    announced = brevdato + timedelta(days=days)
    with transaction() as tx:
        tx.get_one(Utsending, mailing.id).kunngjoringsdato = announced
    page = log_in(app, kommune, "godkjenner").get(f"{address}/godkjenning").text
    check_page(page)
    dates = {"kunngjort": announced, "brevdato": brevdato, "frist": printed_deadline(announced, brevdato)}
    assert (tekst("KUNNGJORT_LANGT_FRA_BREVDATO", **dates) in text_of(page)) is told


def test_letters_that_another_mailing_has_released_meanwhile_are_not_released_and_the_way_out_is_told(
    app: Flask,
) -> None:
    kommune, first, address = waiting(3, status=Utsendingstatus.GODKJENT)
    second = make_mailing(kommune, 3, fnr=list(first.fnr.values()), status=Utsendingstatus.GODKJENT)
    client = log_in(app, kommune, "saksbehandler")
    for here in (address, f"/utsendinger/{second.id}"):
        answer = post(client, f"{here}/frigi", f"{here}/frigi", nar="na")
    page = client.get(answer.location or "").text
    check_page(page)
    assert "eller noen av brevene, er frigitt i en annen utsending fra kontoen" in text_of(page)
    assert f'action="/utsendinger/{second.id}/trekk-tilbake"' in page
    assert (status_of(first), status_of(second)) == (Utsendingstatus.FRIGITT, Utsendingstatus.GODKJENT)


@pytest.mark.parametrize(
    ("form", "felt"),
    [
        ({"nar": "senere"}, "nar"),
        ({"nar": "tidspunkt", "dato": "i morgen", "tid": "09.00"}, "dato"),
        ({"nar": "tidspunkt", "dato": "01.12.2099", "tid": "25.00"}, "tid"),
        ({"nar": "tidspunkt", "dato": "01.12.2020", "tid": "09.00"}, "dato"),
        ({"nar": "tidspunkt", "dato": "31.12.9999", "tid": "23.30"}, "dato"),
    ],
)
def test_a_time_that_cannot_be_used_is_told_at_its_field(app: Flask, form: dict[str, str], felt: str) -> None:
    kommune, _, address = waiting(status=Utsendingstatus.GODKJENT)
    answer = post(log_in(app, kommune, "saksbehandler"), f"{address}/frigi", f"{address}/frigi", **form)
    assert answer.status_code == 422
    check_page(answer.text)
    assert f'href="#{felt}"' in answer.text


def test_a_new_date_that_nobody_means_is_told_at_its_field(app: Flask) -> None:
    kommune, _, address = waiting(status=Utsendingstatus.GODKJENT)
    client = log_in(app, kommune, "saksbehandler")
    answer = post(client, f"{address}/frigi", f"{address}/ny-dato", brevdato="31.12.9999")
    assert (answer.status_code, 'href="#brevdato"' in answer.text) == (422, True)
    check_page(answer.text)


def test_what_waits_for_approval_is_offered_no_new_date(app: Flask) -> None:
    kommune, mailing, address = waiting(brevdato=today() - timedelta(days=1))
    client = log_in(app, kommune, "saksbehandler")
    answer = post(client, address, f"{address}/frigi", nar="na")
    assert answer.location == address
    assert status_of(mailing) is Utsendingstatus.TIL_GODKJENNING


def test_only_an_approved_mailing_can_be_dated_anew() -> None:
    kommune, mailing, _ = waiting(status=Utsendingstatus.UTKAST)
    maker = kommune.aktor("saksbehandler")
    with pytest.raises(Konflikt):
        new_date.produce_with_new_date(mailing.id, today(), actor=maker)
    approved = make_mailing(kommune, 3, status=Utsendingstatus.GODKJENT)
    with pytest.raises(new_date.UgyldigInndata):
        new_date.produce_with_new_date(approved.id, today() - timedelta(days=1), actor=maker)
    with pytest.raises(IkkeTilgang):
        new_date.produce_with_new_date(mailing.id, today(), actor=kommune.aktor("godkjenner"))
    with pytest.raises(IkkeFunnet):
        new_date.produce_with_new_date(mailing.id, today(), actor=make_kommune().aktor("saksbehandler"))


def test_the_preparer_can_take_it_back(app: Flask) -> None:
    kommune, mailing, address = waiting()
    post(log_in(app, kommune, "saksbehandler"), address, f"{address}/trekk-tilbake")
    assert status_of(mailing) is Utsendingstatus.UTKAST

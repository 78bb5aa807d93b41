"""The SMS pages as the people of a kommune walk them: written, looked over, sent once and followed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt, Uavklart
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.models import Tilgang
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.tilgang import service as tilgang_service
from fiks.sms import kontoer, queries, service, work
from fiks.sms.client import Utfall
from fiks.sms.models import Sms, Smskonto, Smsutsendelse
from portal.sms.form import measure_text, sign_name
from tests.integration.databases import Database
from tests.integration.houses import HOUSE, make_aktor, make_hus, make_person, new_fnr, sign
from tests.integration.konfigurasjon.open_pages import acts, send_open, told, value_of
from tests.integration.konfigurasjon.portals import log_in
from tests.integration.konfigurasjon.visitors import make_app, send, visitor
from tests.integration.newer import widened
from tests.integration.sms.gateways import FakeGateway, Smshus, damage, make_smshus
from tests.integration.utsending.browser import Browser, text_of, token_of
from tests.integration.worlds import FakeRegister
from tests.pagecheck import faults

NY, SEND = "/sms/ny", "/sms/send"
TEKST = "Vannet er stengt til kl. 16."


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


def write(client: Browser, smshus: Smshus, mottakere: str, tekst: str = TEKST, **more: str) -> str:
    """Step 1; the page that follows, or the same with what is wrong."""
    answer = send(
        client, NY, skjema=field(client.get(NY).text, "skjema"), konto=str(smshus.konto_id), tekst=tekst,
        mottakere=mottakere, **more,
    )  # fmt: skip
    if answer.status_code == 303:
        answer = client.get(answer.location)
        assert answer.status_code == 200
    else:
        assert answer.status_code == 422
    assert not faults(answer.text)
    return answer.text


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found.group(1)


def press_send(client: Browser, page: str, **more: str) -> str:
    """Step 2; where it leads."""
    answer = client.post(SEND, data=looked_over(page) | more)
    assert answer.status_code == 303
    return answer.location


def looked_over(page: str) -> dict[str, str]:
    """What the form of step 2 carries."""
    return {"csrf_token": token_of(page)} | {name: field(page, name) for name in ("utkast", "sett")}


def sent_from(smshus: Smshus) -> list[Smsutsendelse]:
    session().rollback()
    mine = select(Smsutsendelse).where(Smsutsendelse.konto_id == smshus.konto_id)
    return list(session().scalars(mine.order_by(Smsutsendelse.opprettet)))


def sms_of(smshus: Smshus) -> int:
    mine = (
        select(func.count())
        .select_from(Sms)
        .join(Smsutsendelse, Smsutsendelse.id == Sms.utsendelse_id)
        .where(Smsutsendelse.konto_id == smshus.konto_id)
    )
    return session().execute(mine).scalar_one()


def test_what_will_be_sent_is_shown_before_it_is_sent_and_nothing_is_kept(
    smshus: Smshus, sender: Browser
) -> None:
    page = write(sender, smshus, "900 00 001\r\n+4790000002; 90000001,90000003", "«Hei»\r\n" + "a" * 70)
    shown = text_of(page)
    assert "Fra Lillevik" in shown
    assert "Mottakere 3 SMS til hver 2 SMS i alt 6" in shown
    assert "1 gjentakelse i listen er tatt ut" in shown
    assert "Send 6 SMS" in shown
    assert "+4790000003" in shown
    assert not sent_from(smshus)


def test_it_is_sent_once_however_often_the_form_comes(smshus: Smshus, sender: Browser) -> None:
    page = write(sender, smshus, "90000001\n90000002", TEKST + "\r\nHilsen oss")
    first, second = press_send(sender, page), press_send(sender, page)
    [made] = sent_from(smshus)
    assert first == second == f"/sms/{smshus.konto_id}/{made.id}"
    assert sms_of(smshus) == 2
    shown = sender.get(first).text
    assert not faults(shown)
    assert "SMS til 2 mottakere" in text_of(shown)
    assert TEKST + "\nHilsen oss" in shown


def test_going_back_and_sending_something_else_with_the_same_form_is_told_and_not_sent(
    smshus: Smshus, sender: Browser
) -> None:
    page = write(sender, smshus, "90000001")
    press_send(sender, page)
    again = sender.get(f"{NY}?utkast={field(page, 'utkast')}").text
    assert TEKST in again
    form = {"skjema": field(again, "skjema"), "konto": str(smshus.konto_id), "mottakere": "90000001"}
    changed = sender.get(send(sender, NY, **form, tekst="Noe annet").location).text
    refused = sender.post(SEND, data={"csrf_token": token_of(changed), "utkast": field(changed, "utkast")})
    assert refused.status_code == 422
    assert "Dette skjemaet er sendt før" in refused.text
    assert len(sent_from(smshus)) == 1


def more_konto(smshus: Smshus) -> UUID:
    """Another konto of the kommune."""
    return kontoer.create_smskonto(
        smshus.hus.organisasjon_id, visningsnavn="Parkering", avsender="Kommunen", actor=HOUSE
    )


def sending_from(app: Flask, smshus: Smshus, *konto_ids: UUID) -> tuple[Browser, UUID]:
    """Somebody who may send from these kontoer, and the person they are."""
    pid = new_fnr()
    person = konfigurasjon.register_person(pid, navn="Kari Fjellstad", actor=HOUSE)
    for konto_id in konto_ids:
        konfigurasjon.grant_privilegium(person, P.SMS_SENDE, konto_id, actor=HOUSE)
    return log_in(app, pid, smshus.hus.organisasjon_id), person


def from_another_konto(client: Browser, page: str, konto_id: UUID, tekst: str = TEKST) -> str:
    """Go back from the page that is looked over, choose another konto, and look it over again."""
    again = client.get(f"{NY}?utkast={field(page, 'utkast')}").text
    said = {"skjema": field(again, "skjema"), "konto": str(konto_id), "mottakere": "90000001"}
    return client.get(send(client, NY, **said, tekst=tekst).location).text


def all_sent(smshus: Smshus) -> int:
    """How many sendings the kommune has, of any konto."""
    session().rollback()
    mine = select(Smskonto.id).where(Smskonto.organisasjon_id == smshus.hus.organisasjon_id)
    found = select(func.count()).select_from(Smsutsendelse).where(Smsutsendelse.konto_id.in_(mine))
    return session().execute(found).scalar_one()


def test_a_form_that_was_sent_is_not_sent_again_from_another_konto(app: Flask, smshus: Smshus) -> None:
    other = more_konto(smshus)
    client, _ = sending_from(app, smshus, smshus.konto_id, other)
    page = write(client, smshus, "90000001")
    first = press_send(client, page)
    assert press_send(client, from_another_konto(client, page, other)) == first
    changed = from_another_konto(client, page, other, "Noe annet")
    refused = client.post(SEND, data={"csrf_token": token_of(changed), "utkast": field(changed, "utkast")})
    assert refused.status_code == 422 and "Dette skjemaet er sendt før" in refused.text
    assert all_sent(smshus) == 1


def test_a_form_whose_answer_was_lost_is_known_again_though_its_konto_was_closed(
    app: Flask, smshus: Smshus
) -> None:
    other = more_konto(smshus)
    client, _ = sending_from(app, smshus, smshus.konto_id, other)
    page = write(client, smshus, "90000001")
    first = press_send(client, page)
    kontoer.set_active(smshus.konto_id, aktivert=False, actor=HOUSE)
    assert press_send(client, page) == first
    assert client.get(first).status_code == 200
    assert press_send(client, from_another_konto(client, page, other)) == first
    assert all_sent(smshus) == 1


def test_a_form_that_was_sent_from_a_konto_one_may_not_see_is_told_and_not_sent(
    app: Flask, smshus: Smshus
) -> None:
    other = more_konto(smshus)
    client, person = sending_from(app, smshus, smshus.konto_id, other)
    page = write(client, smshus, "90000001")
    press_send(client, page)
    again = from_another_konto(client, page, other)
    held = select(Tilgang.id).where(Tilgang.person_id == person, Tilgang.ressurs_id == smshus.konto_id)
    tilgang_service.revoke(session().scalars(held).one(), actor=HOUSE)
    refused = client.post(SEND, data={"csrf_token": token_of(again), "utkast": field(again, "utkast")})
    assert refused.status_code == 422 and "Dette skjemaet er sendt før" in refused.text
    assert all_sent(smshus) == 1


def test_what_has_gone_from_one_konto_while_it_was_asked_about_does_not_go_from_another(
    smshus: Smshus,
) -> None:
    other = more_konto(smshus)
    person = make_person(P.SMS_SENDE, ressurs=smshus.konto_id)
    konfigurasjon.grant_privilegium(person, P.SMS_SENDE, other, actor=HOUSE)
    actor = make_aktor(person, smshus.hus.organisasjon_id)
    service.send_to_list(smshus.konto_id, TEKST, "90000001", nokkel="skjema-1", actor=actor)
    with pytest.raises(Konflikt, match="NOKKEL_BRUKT"):
        service.send_to_list(other, TEKST, "90000001", nokkel="skjema-1", actor=actor)
    stranger = make_smshus()
    service.send_to_list(stranger.konto_id, TEKST, "90000001", nokkel="skjema-1", actor=stranger.sender)
    assert (all_sent(smshus), all_sent(stranger)) == (1, 1)


def test_what_is_looked_over_waits_for_its_writer_alone(app: Flask, smshus: Smshus, sender: Browser) -> None:
    utkast = field(write(sender, smshus, "90000001"), "utkast")
    other = visitor(app, smshus.hus, P.SMS_SENDE, ressurs=smshus.konto_id)
    for client, waiting in ((other, utkast), (sender, "x"), (sender, ""), (sender, "ø")):
        token = token_of(client.get(NY).text)
        assert client.get("/sms/se-over", query_string={"utkast": waiting}).location == "/sms"
        assert client.post(SEND, data={"csrf_token": token, "utkast": waiting}).location == "/sms"
        assert "Det du skrev, er ikke tatt vare på lenger." in client.get("/sms").text
    assert other.get(NY, query_string={"utkast": utkast}).location == "/sms"
    assert not sent_from(smshus)


def test_a_person_is_reached_by_the_number_in_krr_and_the_number_is_in_no_page_that_follows(
    smshus: Smshus, sender: Browser
) -> None:
    fnr = new_fnr()
    page = write(sender, smshus, f"{fnr[:6]} {fnr[6:]}\n90000001")
    assert fnr not in page
    assert f"{fnr[:6]}*****" in page
    assert "1 mottaker er oppgitt med fødselsnummer" in text_of(page)
    where = press_send(sender, page)
    gateway, register = FakeGateway(), FakeRegister()
    while work.send_next(gateway, register):
        pass
    shown = text_of(sender.get(where).text)
    assert "Ikke sendt 1" in shown
    assert "1: Kontaktregisteret har ikke noe gyldig nummer til personen." in shown
    assert fnr not in shown


@pytest.mark.parametrize(
    ("tekst", "mottakere", "setning"),
    [
        ("  ", "90000001", "Skriv en tekst."),
        ("a" * 1601, "90000001", "Teksten kan være på høyst 1\u00a0600 tegn."),
        (TEKST, " \r\n,", "Lim inn minst ett telefonnummer"),
        (TEKST, "90000001\r\nring meg\r\n123;90000002", "Linje 2, 3: Her står det noe som verken er"),
        (TEKST, "\n".join(f"9{n:07}" for n in range(1001)), "Det kan være høyst 1\u00a0000 mottakere"),
    ],
)
def test_a_fault_is_told_at_its_field_and_what_was_written_stays(
    smshus: Smshus, sender: Browser, tekst: str, mottakere: str, setning: str
) -> None:
    page = write(sender, smshus, mottakere, tekst)
    assert page.count(setning) == 2  # in the summary and at the field
    assert "aria-invalid" in page
    assert mottakere.split("\r\n")[0].strip() in page
    assert not sent_from(smshus)


def test_a_konto_must_be_chosen_among_those_one_may_send_from(
    app: Flask, smshus: Smshus, sender: Browser
) -> None:
    stranger = make_smshus()
    for konto in ("", "tull", str(stranger.konto_id)):
        answer = send(sender, NY, konto=konto, tekst=TEKST, mottakere="90000001")
        assert (answer.status_code, answer.text.count("Velg hvilken konto du sender fra.")) == (422, 2)


def test_without_javascript_a_button_counts_and_names_what_makes_it_dear(
    smshus: Smshus, sender: Browser
) -> None:
    page = write(sender, smshus, "", "«Hei» – du\r\n" + "a" * 60, handling="regn")
    shown = text_of(page)
    assert "2 SMS til hver mottaker. 71 av 134 tegn er brukt." in shown
    assert "Disse tegnene gjør SMS-en dyrere: «, », –" in shown
    cheap = write(sender, smshus, "", "a" * 161, handling="regn")
    assert "2 SMS til hver mottaker. 161 av 306 tegn er brukt." in text_of(cheap)
    assert re.search(r'data-teller="dyrt" hidden', cheap)


def test_signs_that_cannot_be_seen_have_names() -> None:
    assert [sign_name(sign) for sign in "\u00a0\t\u200b«"] == [
        "hardt mellomrom", "tabulator", "usynlig tegn (U+200B)", "«",
    ]  # fmt: skip
    assert measure_text("").plass == 160


def test_the_page_of_a_sending_counts_by_status_and_looks_again_only_while_something_may_change(
    smshus: Smshus, sender: Browser
) -> None:
    where = press_send(sender, write(sender, smshus, "90000001\n90000002\n90000003"))
    assert 'hx-trigger="every 3s"' in sender.get(where).text
    gateway = FakeGateway(svar=[Uavklart("HTTP_500")])
    while work.send_next(gateway, FakeRegister()):
        pass
    shown = sender.get(where).text
    assert 'hx-trigger="every 20s"' in shown
    assert "Vet ikke 1" in text_of(shown)
    assert "Den sendes ikke på nytt" in shown
    for sms in session().scalars(select(Sms.id).where(Sms.status == "SENDT")).all():
        gateway.tell(sms, Utfall.LEVERT)
    work.read_receipts(gateway)
    part = sender.get(f"{where}/fremdrift", headers={"HX-Request": "true"}).text
    assert "Levert 2" in text_of(part)
    assert "hx-trigger" not in part
    assert "<html" not in part
    assert sender.get(f"{where}/fremdrift").location == where


def test_the_log_shows_each_sending_once_newest_first_and_goes_on_where_a_page_ends(
    smshus: Smshus, sender: Browser
) -> None:
    for nr in range(queries.PAGE + 2):
        service.send_to_list(
            smshus.konto_id, f"Melding nummer {nr}.", "90000001", nokkel="", actor=smshus.sender
        )
    first = sender.get("/sms").text
    assert not faults(first)
    told = re.findall(r"Melding nummer (\d+)\.", first)
    following = re.search(r'href="(/sms\?konto=[^"]+etter=[^"]+)"', first)
    assert following
    second = sender.get(following.group(1).replace("&amp;", "&")).text
    told += re.findall(r"Melding nummer (\d+)\.", second)
    assert [int(nr) for nr in told] == list(reversed(range(queries.PAGE + 2)))
    assert "Til første side" in second
    assert "Neste side" not in second


def test_another_kommunes_sending_is_not_there(app: Flask, smshus: Smshus, sender: Browser) -> None:
    where = press_send(sender, write(sender, smshus, "90000001"))
    stranger = make_smshus()
    other = visitor(app, stranger.hus, P.SMS_SENDE, ressurs=stranger.konto_id)
    for page in (where, f"{where}/fremdrift", where.replace(str(smshus.konto_id), str(stranger.konto_id))):
        assert other.get(page, headers={"HX-Request": "true"}).status_code == 404


def test_the_menu_has_sms_only_for_those_who_may_send(app: Flask, smshus: Smshus, sender: Browser) -> None:
    assert 'href="/sms"' in sender.get("/oversikt").text
    reader = visitor(app, smshus.hus, P.LESE, ressurs=smshus.hus.konto_id)
    assert 'href="/sms"' not in reader.get("/oversikt").text
    assert reader.get("/sms").status_code == 403


def test_empty_pages_say_what_to_do_first(app: Flask, smshus: Smshus, sender: Browser) -> None:
    page = sender.get("/sms").text
    assert not faults(page)
    assert "Ingen SMS er sendt ennå" in page
    administrator = visitor(app, make_hus(), P.ADMIN)
    nothing = administrator.get("/sms").text
    assert not faults(nothing)
    assert "Ingen SMS-konto ennå" in nothing
    assert 'href="/sms/ny"' not in nothing
    assert "Du kan ikke sende SMS nå" in administrator.get(NY).text


def test_a_text_that_is_removed_is_said_to_be(smshus: Smshus, sender: Browser) -> None:
    where = press_send(sender, write(sender, smshus, "90000001"))
    with transaction() as tx:
        tx.execute(update(Smsutsendelse).values(tekst_kryptert=None))
    assert "slettet, fordi det er mer enn 90 dager siden" in sender.get(where).text
    assert "Slettet etter 90 dager" in sender.get("/sms").text


def test_a_text_that_cannot_be_read_is_said_to_be_and_hides_no_other(smshus: Smshus, sender: Browser) -> None:
    where = press_send(sender, write(sender, smshus, "90000001", "Denne blir skadet."))
    press_send(sender, write(sender, smshus, "90000001"))
    damage(sent_from(smshus)[0])
    log, one = sender.get("/sms").text, sender.get(where).text
    assert not faults(log) and not faults(one)
    assert "Kan ikke leses" in log and TEKST in log
    assert "Teksten er skadet hos oss, og kan ikke leses." in one


def test_an_administrator_makes_changes_closes_and_opens_an_sms_konto(app: Flask, smshus: Smshus) -> None:
    client = visitor(app, smshus.hus, P.ADMIN)
    tree = client.get("/ressurser").text
    assert "Lag en SMS-konto" in tree
    assert f'href="/sms-kontoer/{smshus.konto_id}"' in tree
    made = send(client, "/sms-kontoer/ny", visningsnavn="Brøyting", avsender="Kommunen")
    assert made.location == "/ressurser"
    konto = session().scalars(select(Smskonto).where(Smskonto.visningsnavn == "Brøyting")).one()
    page = f"/sms-kontoer/{konto.id}"
    wrong = send(client, page, visningsnavn="Brøyting", avsender="Kommunen på øya")
    assert wrong.status_code == 422
    assert not faults(wrong.text)
    assert wrong.text.count("Avsenderen kan ha høyst elleve tegn") == 2
    assert send(client, page, visningsnavn="Vei", avsender="Lillevik 2").location == page
    assert "Vil du stenge Vei?" in text_of(client.get(f"{page}/steng").text)
    assert send(client, f"{page}/steng").location == page
    assert "Vei er stengt." in client.get(page).text
    assert "Stengt" in client.get("/ressurser").text
    assert send(client, page, visningsnavn="Vei", avsender="Lillevik 3").location == page
    session().rollback()
    assert (session().get_one(Smskonto, konto.id).aktivert, konto.avsender) == (False, "Lillevik 3")
    assert send(client, page, f"{page}/apne").location == page
    session().rollback()
    assert session().get_one(Smskonto, konto.id).aktivert


def test_what_a_colleague_has_written_of_an_sms_konto_meanwhile_is_not_written_over(
    app: Flask, smshus: Smshus
) -> None:
    client, page = visitor(app, smshus.hus, P.ADMIN), f"/sms-kontoer/{smshus.konto_id}"
    shown = client.get(page).text
    before = {name: value_of(shown, name) for name in ("visningsnavn", "avsender")}
    kontoer.change_smskonto(smshus.konto_id, visningsnavn="Brøyting", avsender="Vei", actor=HOUSE)
    answer = send_open(client, shown, page, **before | {"avsender": "Havvik"})
    words = told(answer)
    assert "Navn på kontoen: Nå står det «Brøyting». Avsender" in words
    assert "Avsender på SMS-en: Nå står det «Vei». Du skrev «Havvik»." in words
    merged = {name: value_of(answer.text, name) for name in before}
    assert merged == {"visningsnavn": "Brøyting", "avsender": "Havvik"}
    assert acts(smshus.konto_id, "SMS_KONTO_ENDRET") == 1
    konto = kontoer.konto_for_admin(smshus.konto_id, actor=HOUSE)
    assert (konto.visningsnavn, konto.avsender) == ("Brøyting", "Vei")
    assert send_open(client, answer.text, page, **merged).location == page
    konto = kontoer.konto_for_admin(smshus.konto_id, actor=HOUSE)
    assert (konto.visningsnavn, konto.avsender) == ("Brøyting", "Havvik")


def test_an_sms_konto_changed_by_a_form_that_is_sent_twice_is_changed_once_and_stays_closed(
    app: Flask, smshus: Smshus
) -> None:
    client, page = visitor(app, smshus.hus, P.ADMIN), f"/sms-kontoer/{smshus.konto_id}"
    shown = client.get(page).text
    kontoer.set_active(smshus.konto_id, aktivert=False, actor=HOUSE)
    for _ in range(2):
        assert send_open(client, shown, page, visningsnavn="Vei", avsender="Vei").location == page
    konto = kontoer.konto_for_admin(smshus.konto_id, actor=HOUSE)
    assert (konto.visningsnavn, konto.aktivert) == ("Vei", False)
    assert acts(smshus.konto_id, "SMS_KONTO_ENDRET") == 2, "closed, and changed once"


def test_from_a_closed_konto_nothing_new_is_sent_but_the_old_is_seen(
    app: Flask, smshus: Smshus, sender: Browser
) -> None:
    page = write(sender, smshus, "90000001")
    press_send(sender, page)
    late = write(sender, smshus, "90000002")
    kontoer.set_active(smshus.konto_id, aktivert=False, actor=HOUSE)
    data = {"csrf_token": token_of(late), "utkast": field(late, "utkast")}
    assert sender.post(SEND, data=data).status_code == 422
    assert len(sent_from(smshus)) == 1
    assert TEKST in sender.get("/sms").text
    assert "Du kan ikke sende SMS nå" in sender.get(NY).text


def test_it_does_not_go_as_another_than_was_looked_over(smshus: Smshus, sender: Browser) -> None:
    page = write(sender, smshus, "90000001")
    kontoer.change_smskonto(smshus.konto_id, visningsnavn="Vann", avsender="Havvik", actor=HOUSE)
    anew = sender.post(SEND, data=looked_over(page))
    assert anew.status_code == 409 and not faults(anew.text)
    assert "Noen har endret navnet eller avsenderen på kontoen" in text_of(anew.text)
    assert "Fra Havvik" in text_of(anew.text) and TEKST in anew.text
    assert not sent_from(smshus)
    first = press_send(sender, anew.text)
    kontoer.change_smskonto(smshus.konto_id, visningsnavn="Vann", avsender="Fjordvik", actor=HOUSE)
    assert press_send(sender, anew.text) == first, "what was sent is not asked about again"
    assert len(sent_from(smshus)) == 1


def test_a_konto_of_another_kommune_or_kind_is_not_administered_here(app: Flask, smshus: Smshus) -> None:
    client = visitor(app, make_hus(), P.ADMIN)
    assert client.get(f"/sms-kontoer/{smshus.konto_id}").status_code == 404
    own = visitor(app, smshus.hus, P.ADMIN)
    assert own.get(f"/sms-kontoer/{smshus.hus.konto_id}").status_code == 404
    assert own.get(f"/kontoer/{smshus.konto_id}").status_code == 404


def test_the_service_is_taken_into_use_step_by_step(app: Flask) -> None:
    hus = make_hus()
    pid = new_fnr()
    person = konfigurasjon.register_person(pid, navn="Kari Fjellstad", actor=HOUSE)
    konfigurasjon.grant_privilegium(person, P.ADMIN, hus.organisasjon_id, actor=HOUSE)
    client = log_in(app, pid, hus.organisasjon_id)
    refused = send(client, "/sms-kontoer/ny", visningsnavn="Vann", avsender="Lillevik")
    assert refused.location == "/tjenester"
    assert "Les og signer tjenestevedlegget" in client.get("/tjenester").text
    sign(hus.organisasjon_id, "VARSLING", make_aktor(person, hus.organisasjon_id))
    assert "Opprett Varsling" in client.get("/tjenester").text
    send(client, "/tjenester", "/tjenester/VARSLING/opprett")
    page = client.get("/tjenester").text
    assert 'href="/sms-kontoer/ny"' in page
    send(client, "/sms-kontoer/ny", visningsnavn="Vann", avsender="Lillevik")
    assert "Ta i bruk Varsling" in client.get("/tjenester").text
    send(client, "/tjenester", "/tjenester/VARSLING/ta-i-bruk")
    assert not faults(client.get(NY).text)
    assert "Vann (Lillevik)" in client.get(NY).text


def test_what_a_newer_release_says_of_an_sms_is_shown_as_it_stands(
    smshus: Smshus, sender: Browser, database: Database
) -> None:
    press_send(sender, write(sender, smshus, "90000001\n90000002"))
    [made] = sent_from(smshus)
    with widened(database, "ck_sms_status", "ck_sms_grunn", "ck_sms_grunn_gitt", "ck_sms_kall"):
        with transaction() as tx:
            [first, _] = tx.scalars(select(Sms.id).where(Sms.utsendelse_id == made.id))
            newer = update(Sms).where(Sms.id == first)
            tx.execute(newer.values(status="PA_VENT", grunn="NATTERO"))
        page = f"/sms/{smshus.konto_id}/{made.id}"
        for path in (f"/sms?konto={smshus.konto_id}", page, f"{page}/mottakere?status=alle"):
            answer = sender.get(path)
            assert answer.status_code == 200, path
            assert not faults(answer.text)
            assert "pa vent" in text_of(answer.text).lower(), path


def test_a_form_that_makes_a_konto_makes_one_however_often_it_is_sent(app: Flask, smshus: Smshus) -> None:
    client = visitor(app, smshus.hus, P.ADMIN)
    shown = client.get("/sms-kontoer/ny").text
    said = {"visningsnavn": "Vann", "avsender": "Lillevik", "skjema": value_of(shown, "skjema")}
    for _ in range(2):
        assert send_open(client, shown, "/sms-kontoer/ny", **said).status_code == 303
    session().rollback()
    assert made_in(smshus, "Vann") == 1
    send_open(client, shown, "/sms-kontoer/ny", **(said | {"visningsnavn": "Park"}))
    assert made_in(smshus, "Park") == 1, "what was filled in anew is another"


def made_in(smshus: Smshus, navn: str) -> int:
    session().rollback()
    found = select(func.count()).select_from(Smskonto).where(Smskonto.visningsnavn == navn)
    return session().execute(found.where(Smskonto.organisasjon_id == smshus.hus.organisasjon_id)).scalar_one()

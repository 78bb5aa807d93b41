"""The pages of mottakersystemer: what is received, what lets the system in, and what its letters are encrypted to."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.rules import P
from fiks.svarinn import credentials, service, system_queries
from fiks.svarinn.login import check_system
from fiks.svarinn.models import Mottakersystem
from fiks.svarinn.queries import mottakersystem_for
from fiks.svarinn.rules import Koblingsfakta, Systemfakta
from tests.integration.houses import HOUSE, make_hus, new_fnr, new_orgnr
from tests.integration.konfigurasjon.open_pages import acts, send_open, ticked, told, value_of
from tests.integration.konfigurasjon.portals import log_in
from tests.integration.konfigurasjon.visitors import send
from tests.integration.svarinn.conftest import Altinn, administrator, set_up
from tests.integration.systems import System, certified, make_mottakerhus, make_system, nobody, receiver_key
from tests.integration.utsending.browser import Browser, text_of, token_of
from tests.pagecheck import faults

SECRET = re.compile(r'<code id="passord"[^>]*>([\w-]+)</code>')


@pytest.fixture
def system() -> System:
    return make_system(new_orgnr())


@pytest.fixture
def admin(app: Flask, system: System) -> Browser:
    return administrator(app, system.organisasjon_id, system.id)


def words(answer: TestResponse) -> str:
    return text_of(answer.text)


def page_of(system: System, *more: str) -> str:
    return "/".join(("/mottakersystemer", str(system.id), *more))


def stands(system: System) -> system_queries.Systemstand:
    return system_queries.system(system.id, actor=HOUSE)


def certificate(dager: float = 3650, bits: int = 2048) -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return certified(key, "Nytt arkiv", dager=dager).certificate


def upload(client: Browser, page: str, content: bytes, navn: str = "arkiv.pem") -> str:
    shown = client.get(page)
    assert shown.status_code == 200
    form = {"csrf_token": token_of(shown.text), "sertifikat": (io.BytesIO(content), navn)}
    answer = client.post(page, data=form, headers={"Referer": f"http://localhost{page}"})
    return answer.text


def test_every_page_is_sound(app: Flask, system: System, admin: Browser, altinn: Altinn) -> None:
    altinn.navn[new_orgnr()] = "Havvik skole"
    [row] = system_queries.koblinger(system.id, actor=HOUSE)
    more = ("", "rediger", "steng", "passord", "sertifikat", "sertifikat/fjern", "organisasjoner/ny")
    for page in (*more, f"organisasjoner/{row.id}", f"organisasjoner/{row.id}/fjern"):
        answer = admin.get(page_of(system, page).rstrip("/"))
        assert (answer.status_code, faults(answer.text)) == (200, []), page
    assert faults(admin.get("/mottakersystemer").text) == []


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(days=900), "Sertifikatet gjelder"),
        (timedelta(days=20), "Sertifikatet går ut snart"),
        (timedelta(days=-1), "Sertifikatet er gått ut"),
        (None, "Mangler sertifikat"),
    ],
)
def test_sv12_42_the_list_says_in_words_how_the_certificate_stands(
    system: System, admin: Browser, left: timedelta | None, said: str
) -> None:
    utloper = datetime.now(UTC) + left if left is not None else None
    with transaction() as tx:
        changed = update(Mottakersystem).where(Mottakersystem.id == system.id)
        tx.execute(changed.values(sertifikat_utloper=utloper))
    for page in ("/mottakersystemer", page_of(system)):
        assert said in words(admin.get(page))


def test_one_sees_only_the_systems_one_administers(app: Flask, system: System, admin: Browser) -> None:
    other = make_system(new_orgnr(), navn="Byggesak", i=system.organisasjon_id)
    shown = words(admin.get("/mottakersystemer"))
    assert "Sak og arkiv" in shown and "Byggesak" not in shown
    assert admin.get(page_of(other)).status_code == 404
    stranger = make_system(new_orgnr())
    assert admin.get(page_of(stranger)).status_code == 404
    whole = administrator(app, system.organisasjon_id, system.organisasjon_id)
    assert "Byggesak" in words(whole.get("/mottakersystemer"))


def test_a_system_of_another_organisation_is_not_shown_even_to_its_own_administrator(
    app: Flask, system: System
) -> None:
    pid, elsewhere = new_fnr(), make_mottakerhus()
    person = konfigurasjon.register_person(pid, navn="Anne Admin", actor=HOUSE)
    for ressurs in (system.id, elsewhere):
        konfigurasjon.grant_privilegium(person, P.ADMIN, ressurs, actor=HOUSE)
    set_up(elsewhere)
    assert log_in(app, pid, elsewhere).get(page_of(system)).status_code == 404


def test_a_new_system_needs_a_name_and_addresses_and_receives_nothing_yet(app: Flask) -> None:
    organisasjon_id = make_mottakerhus()
    admin = administrator(app, organisasjon_id, organisasjon_id)
    bad = send(admin, "/mottakersystemer/ny", navn="Arkiv", eposter="ikke en adresse")
    assert bad.status_code == 422 and "E-postadressen er ikke gyldig" in words(bad)
    assert "ikke en adresse" in bad.text and faults(bad.text) == []
    made = send(admin, "/mottakersystemer/ny", navn="Arkiv", eposter="a@b.no\r\n\r\nc@d.no\r\na@b.no")
    assert made.status_code == 303
    shown = words(admin.get(made.location))
    assert "a@b.no, c@d.no" in shown and "Ingen virksomheter ennå" in shown


def test_before_svarinn_is_in_use_one_is_told_what_to_do(app: Flask) -> None:
    hus = make_hus()
    admin = administrator(app, hus.organisasjon_id, hus.organisasjon_id)
    answer = admin.get("/mottakersystemer/ny", follow_redirects=True)
    assert answer.status_code == 200 and "Opprett tjenesten først" in words(answer)


def test_a_virksomhet_is_connected_by_one_who_holds_post_arkiv(
    system: System, admin: Browser, altinn: Altinn
) -> None:
    orgnr, foreign = new_orgnr(), new_orgnr()
    altinn.navn[orgnr] = "Havvik skole"
    page = page_of(system, "organisasjoner/ny")
    refused = send(admin, page, organisasjonsnummer=foreign, omfang="alle", sikkerhetsniva="ALLE")
    assert refused.status_code == 422 and "Post/arkiv" in words(refused)
    assert mottakersystem_for(foreign, None, "BETYDELIG") is None
    form = {"organisasjonsnummer": orgnr, "omfang": "valgte", "sikkerhetsniva": "BETYDELIG"}
    none = send(admin, page, **form)
    assert none.status_code == 422 and "Velg minst én type" in words(none)
    assert send(admin, page, **form | {"type-1": "ja"}).status_code == 303
    assert mottakersystem_for(orgnr, "ks.byggesøknad", "BETYDELIG") == system.id
    assert mottakersystem_for(orgnr, "Byggesøknad", "BETYDELIG") is None
    shown = words(admin.get(page_of(system)))
    assert "Havvik skole" in shown and "ks.byggesøknad" in shown and "nivå 3" in shown


def test_what_another_system_receives_already_is_refused_clearly(
    system: System, admin: Browser, altinn: Altinn
) -> None:
    orgnr = new_orgnr()
    altinn.navn[orgnr] = "Havvik skole"
    make_system(orgnr)
    form = {"organisasjonsnummer": orgnr, "omfang": "alle", "sikkerhetsniva": "ALLE"}
    answer = send(admin, page_of(system, "organisasjoner/ny"), **form)
    assert answer.status_code == 422
    assert "går allerede til et aktivt mottakersystem" in words(answer) and faults(answer.text) == []


def test_without_post_arkiv_and_without_altinn_the_page_says_why(
    system: System, admin: Browser, altinn: Altinn
) -> None:
    page = page_of(system, "organisasjoner/ny")
    assert "Be virksomheten om den" in words(admin.get(page))
    other = Altinn(nede=True)
    admin.application.extensions["fiks_altinn"] = other
    client = administrator(admin.application, system.organisasjon_id, system.id)
    answer = client.get(page)
    assert answer.status_code == 503 and "Prøv igjen" in words(answer) and faults(answer.text) == []


def test_a_kobling_is_changed_and_removed(system: System, admin: Browser, altinn: Altinn) -> None:
    [row] = system_queries.koblinger(system.id, actor=HOUSE)
    page = page_of(system, "organisasjoner", str(row.id))
    changed = send(admin, page, **{"omfang": "valgte", "type-3": "ja", "sikkerhetsniva": "HOYESTE"})
    assert changed.status_code == 303
    orgnr = row.organisasjonsnummer
    assert mottakersystem_for(orgnr, "ks.edialog", "HOYESTE") == system.id
    assert mottakersystem_for(orgnr, None, "HOYESTE") is None
    assert send_open(admin, admin.get(f"{page}/fjern").text, f"{page}/fjern").status_code == 303
    assert mottakersystem_for(orgnr, "ks.edialog", "HOYESTE") is None
    assert admin.get(page).status_code == 404


def test_a_password_is_shown_once_and_lets_the_system_in(system: System, admin: Browser) -> None:
    page = page_of(system, "passord")
    token = re.search(r'name="erstatter" value="([^"]*)"', admin.get(page).text)
    assert token is not None
    made = send(admin, page, erstatter=token[1])
    assert made.headers["Cache-Control"] == "no-store" and faults(made.text) == []
    [secret] = SECRET.findall(made.text)
    assert check_system(str(system.id), secret).avslag is None
    assert check_system(*system.auth).avslag is not None
    again = send(admin, page, erstatter=token[1])
    assert again.status_code == 303 and check_system(str(system.id), secret).avslag is None


@pytest.mark.parametrize("page", ["passord", "sertifikat", "sertifikat/fjern"])
def test_what_decides_who_can_read_asks_for_a_fresh_login(app: Flask, system: System, page: str) -> None:
    stale = administrator(app, system.organisasjon_id, system.id, minutes_ago=6)
    assert stale.get(page_of(system, page)).location.startswith("/innlogging/bekreft")
    assert stale.get(page_of(system)).status_code == 200


@pytest.mark.parametrize("form", ["pem", "der"])
def test_a_certificate_is_shown_for_what_it_is_before_it_is_taken(
    system: System, admin: Browser, form: str
) -> None:
    page, pem = page_of(system, "sertifikat"), certificate()
    read = x509.load_pem_x509_certificate(pem)
    shown = upload(admin, page, pem if form == "pem" else read.public_bytes(Encoding.DER), f"arkiv.{form}")
    assert read.fingerprint(SHA256()).hex() in shown and "CN=Nytt arkiv" in shown and faults(shown) == []
    assert credentials.certificate(system.id, actor=HOUSE).pem == system.nokler.certificate
    hidden = re.search(r'name="pem" value="([^"]*)"', shown)
    assert hidden is not None
    vist = re.search(r'name="vist" value="([^"]*)"', shown)
    assert vist is not None
    assert send(admin, page, bekreftet="ja", pem=hidden[1], vist=vist[1]).status_code == 303
    assert credentials.certificate(system.id, actor=HOUSE).pem == pem
    acts = select(func.count()).select_from(Audit).where(Audit.objekt_id == str(system.id))
    taken = acts.where(Audit.handling == "SERTIFIKAT_LASTET_OPP")
    assert session().scalar(taken) == 2
    assert read.fingerprint(SHA256()).hex() in admin.get(page_of(system)).text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (receiver_key().key + receiver_key().certificate, "privat nøkkel"),
        (certificate(bits=1024), "minst 2048 bit"),
        (certificate(dager=-1), "gikk ut"),
        (b"tull", "X.509-sertifikat"),
        (b"", "Velg filen"),
        (b"x" * 70_000, "X.509-sertifikat"),
    ],
)
def test_sv12_42_a_bad_certificate_is_refused_and_the_old_one_stays(
    system: System, admin: Browser, content: bytes, said: str
) -> None:
    shown = upload(admin, page_of(system, "sertifikat"), content)
    assert said in shown and faults(shown) == [] and "PRIVATE KEY" not in shown
    assert credentials.certificate(system.id, actor=HOUSE).pem == system.nokler.certificate


def test_a_certificate_taken_away_stops_the_fetching_and_says_so(system: System, admin: Browser) -> None:
    assert send(admin, page_of(system, "sertifikat/fjern")).status_code == 303
    assert "Fagsystemet kan ikke hente brev nå" in words(admin.get(page_of(system)))
    assert stands(system).sertifikat == "MANGLER"


def test_a_certificate_that_another_took_into_use_meanwhile_is_neither_removed_nor_replaced(
    system: System, admin: Browser
) -> None:
    away, to = page_of(system, "sertifikat/fjern"), page_of(system, "sertifikat")
    question = admin.get(away).text
    assert fingerprint(system.nokler.certificate) in question
    confirm, theirs = upload(admin, to, mine := certificate()), certificate()
    credentials.set_certificate(system.id, theirs, actor=HOUSE)
    for page, html, form in ((away, question, {}), (to, confirm, {"bekreftet": "ja", "pem": mine.decode()})):
        answer = send_open(admin, html, page, **form)
        assert answer.status_code == 409 and faults(answer.text) == []
        assert "Noen andre har byttet eller fjernet sertifikatet" in words(answer)
        assert fingerprint(theirs) in answer.text
        assert credentials.certificate(system.id, actor=HOUSE).pem == theirs
    for _ in range(2):
        again = send_open(admin, answer.text, to, bekreftet="ja", pem=mine.decode())
        assert again.status_code == 303, "the same certificate twice is no fault"
    question = admin.get(away).text
    for _ in range(2):
        assert send_open(admin, question, away).status_code == 303
    assert credentials.certificate(system.id, actor=HOUSE).pem is None


def fingerprint(pem: bytes) -> str:
    return x509.load_pem_x509_certificate(pem).fingerprint(SHA256()).hex()


def test_a_system_is_closed_and_opened_unless_another_has_taken_over(
    system: System, admin: Browser, altinn: Altinn
) -> None:
    [row] = system_queries.koblinger(system.id, actor=HOUSE)
    altinn.navn[row.organisasjonsnummer] = "Havvik skole"
    assert send(admin, page_of(system, "steng")).status_code == 303
    assert not stands(system).aktiv
    assert send(admin, page_of(system), page_of(system, "apne")).status_code == 303
    assert stands(system).aktiv
    send(admin, page_of(system, "steng"))
    make_system(Koblingsfakta(row.organisasjonsnummer))
    send(admin, page_of(system), page_of(system, "apne"))
    assert not stands(system).aktiv
    assert "går allerede til et aktivt mottakersystem" in words(admin.get(page_of(system)))


def test_who_opens_a_system_or_lets_it_receive_more_is_told_which_right_is_lacking(
    system: System, admin: Browser, altinn: Altinn
) -> None:
    [row] = system_queries.koblinger(system.id, actor=HOUSE)
    change(system, row, "ks.edialog")
    page = page_of(system, "organisasjoner", str(row.id))
    shown = admin.get(page).text
    refused = send_open(admin, shown, page, omfang="alle", sikkerhetsniva="ALLE")
    assert (refused.status_code, faults(refused.text)) == (422, [])
    assert "Post/arkiv" in words(refused) and ("omfang", "alle") in ticked(refused.text)
    assert mottakersystem_for(row.organisasjonsnummer, None, "BETYDELIG") is None
    send(admin, page_of(system, "steng"))
    send(admin, page_of(system), page_of(system, "apne"))
    assert not stands(system).aktiv
    assert f"«Post/arkiv» i Altinn for {row.organisasjonsnummer}" in words(admin.get(page_of(system)))


def test_while_altinn_is_away_a_system_is_not_opened_and_the_page_says_so(
    system: System, admin: Browser, altinn: Altinn
) -> None:
    [row] = system_queries.koblinger(system.id, actor=HOUSE)
    change(system, row, "ks.edialog")
    altinn.nede = True
    page = page_of(system, "organisasjoner", str(row.id))
    refused = send_open(admin, admin.get(page).text, page, omfang="alle", sikkerhetsniva="ALLE")
    assert (refused.status_code, "Altinn" in words(refused)) == (422, True)
    send(admin, page_of(system, "steng"))
    send(admin, page_of(system), page_of(system, "apne"))
    assert not stands(system).aktiv
    assert "Altinn" in words(admin.get(page_of(system)))


def test_name_and_addresses_are_changed(system: System, admin: Browser) -> None:
    done = send(admin, page_of(system, "rediger"), navn="Nytt navn", eposter="ny@havvik.no")
    assert done.status_code == 303
    assert (stands(system).navn, stands(system).eposter) == ("Nytt navn", ("ny@havvik.no",))


def test_what_a_colleague_has_written_of_a_system_meanwhile_is_not_written_over(
    system: System, admin: Browser
) -> None:
    page = page_of(system, "rediger")
    shown = admin.get(page).text
    theirs = Systemfakta("Arkiv", ("eva@havvik.no", "ola@havvik.no"))
    service.change_system(system.id, theirs, actor=HOUSE)
    before = {"navn": "Sak og arkiv", "eposter": "postmottak@havvik.example"}
    answer = send_open(admin, shown, page, **before | {"eposter": "ny@havvik.no"})
    told_of = told(answer)
    assert "Navn: Nå står det «Arkiv»." in told_of and "Du skrev «Sak" not in told_of
    assert "Varslingsadresser: Nå står det «eva@havvik.no, ola@havvik.no». Du skrev «ny@" in told_of
    merged = {name: value_of(answer.text, name) for name in before}
    assert merged == {"navn": "Arkiv", "eposter": "ny@havvik.no"}
    assert (stands(system).eposter, acts(system.id, "MOTTAKERSYSTEM_ENDRET")) == (theirs.eposter, 1)
    assert send_open(admin, answer.text, page, **merged).status_code == 303
    assert (stands(system).navn, stands(system).eposter) == ("Arkiv", ("ny@havvik.no",))


def test_a_systems_form_with_faults_is_still_as_old_as_its_page(system: System, admin: Browser) -> None:
    page = page_of(system, "rediger")
    shown = admin.get(page).text
    service.change_system(system.id, Systemfakta("Arkiv", ("eva@havvik.no",)), actor=HOUSE)
    faulty = send_open(admin, shown, page, navn="Nytt navn", eposter="tull")
    assert (faulty.status_code, faults(faulty.text)) == (422, [])
    told(send_open(admin, faulty.text, page, navn="Nytt navn", eposter="ny@havvik.no"))
    assert stands(system).navn == "Arkiv"


def test_a_system_changed_by_a_form_that_is_sent_twice_is_changed_once(
    system: System, admin: Browser
) -> None:
    page = page_of(system, "rediger")
    shown = admin.get(page).text
    for _ in range(2):
        assert send_open(admin, shown, page, navn="Arkiv", eposter="ny@havvik.no").status_code == 303
    assert (stands(system).navn, acts(system.id, "MOTTAKERSYSTEM_ENDRET")) == ("Arkiv", 1)


def change(system: System, row: system_queries.Koblingsrad, *types: str, orgnr: str = "") -> None:
    """What a colleague does: these types, at the highest level, perhaps for another number."""
    name, number = ("Havvik skole", orgnr) if orgnr else (row.navn, row.organisasjonsnummer)
    theirs = Koblingsfakta(number, types, "HOYESTE", name)
    service.change_kobling(system.id, row.id, theirs, spor=nobody, actor=HOUSE)


def test_what_a_colleague_has_chosen_for_a_kobling_meanwhile_is_not_written_over(
    system: System, admin: Browser, altinn: Altinn
) -> None:
    [row] = system_queries.koblinger(system.id, actor=HOUSE)
    altinn.navn[row.organisasjonsnummer] = "Havvik skole"
    page = page_of(system, "organisasjoner", str(row.id))
    shown = admin.get(page).text
    change(system, row, "ks.edialog", "Byggesøknad")
    answer = send_open(admin, shown, page, omfang="alle", sikkerhetsniva="BETYDELIG")
    told_of = told(answer)
    assert "Typer: Nå står det «ks.edialog, Byggesøknad». Sikkerhetsnivå:" in told_of
    assert "Du skrev «Bare nivå 3 (betydelig)»." in told_of
    chosen = {("omfang", "valgte"), ("type-0", "ja"), ("type-3", "ja"), ("sikkerhetsniva", "BETYDELIG")}
    assert ticked(answer.text) == chosen
    orgnr = row.organisasjonsnummer
    assert mottakersystem_for(orgnr, "ks.edialog", "HOYESTE") == system.id
    assert mottakersystem_for(orgnr, "ks.edialog", "BETYDELIG") is None
    assert acts(system.id, "KOBLING_ENDRET") == 1
    assert send_open(admin, answer.text, page, **dict(chosen)).status_code == 303
    assert mottakersystem_for(orgnr, "ks.edialog", "BETYDELIG") == system.id
    assert mottakersystem_for(orgnr, None, "BETYDELIG") is None


def test_what_was_chosen_for_one_virksomhet_is_not_saved_for_another(system: System, admin: Browser) -> None:
    """A machine may lead a kobling to another number."""
    [row] = system_queries.koblinger(system.id, actor=HOUSE)
    page, other = page_of(system, "organisasjoner", str(row.id)), new_orgnr()
    shown = admin.get(page).text
    change(system, row, orgnr=other)
    told_of = told(send_open(admin, shown, page, omfang="valgte", **{"type-1": "ja"}, sikkerhetsniva="ALLE"))
    assert f"Organisasjonsnummer: Nå står det «{other}». Virksomhet: Nå står det «Havvik skole»." in told_of
    assert mottakersystem_for(other, None, "HOYESTE") == system.id


def test_a_kobling_changed_by_a_form_that_is_sent_twice_is_changed_once(
    system: System, admin: Browser
) -> None:
    [row] = system_queries.koblinger(system.id, actor=HOUSE)
    page = page_of(system, "organisasjoner", str(row.id))
    shown = admin.get(page).text
    for _ in range(2):
        sent = send_open(admin, shown, page, omfang="alle", sikkerhetsniva="BETYDELIG")
        assert sent.status_code == 303
    assert mottakersystem_for(row.organisasjonsnummer, None, "BETYDELIG") == system.id
    assert acts(system.id, "KOBLING_ENDRET") == 1


def test_a_form_of_a_kobling_that_a_colleague_has_removed_says_so_and_what_to_do(
    system: System, admin: Browser
) -> None:
    [row] = system_queries.koblinger(system.id, actor=HOUSE)
    page = page_of(system, "organisasjoner", str(row.id))
    shown, asked = admin.get(page).text, admin.get(f"{page}/fjern").text
    service.remove_kobling(system.id, row.id, actor=HOUSE)
    changed = send_open(admin, shown, page, omfang="alle", sikkerhetsniva="BETYDELIG")
    removed = send_open(admin, asked, f"{page}/fjern")
    for answer in (changed, removed):
        assert (answer.status_code, faults(answer.text)) == (409, [])
        assert "Koblingen er fjernet" in words(answer) and "Ingen virksomheter ennå" in words(answer)
    assert "det du valgte, er ikke lagret" in words(changed) and "på nytt" in words(changed)
    assert "ikke mer å gjøre" in words(removed)
    assert (acts(system.id, "KOBLING_ENDRET"), acts(system.id, "KOBLING_FJERNET")) == (0, 1)
    assert [admin.get(where).status_code for where in (page, f"{page}/fjern")] == [404, 404]


def test_a_kobling_that_receives_something_else_by_now_is_not_removed_unseen(
    system: System, admin: Browser
) -> None:
    [row] = system_queries.koblinger(system.id, actor=HOUSE)
    page = page_of(system, "organisasjoner", str(row.id), "fjern")
    asked = admin.get(page).text
    change(system, row, "ks.edialog")
    anew = send_open(admin, asked, page)
    assert (anew.status_code, faults(anew.text)) == (409, [])
    assert "Noen har endret hva som mottas" in words(anew) and "(ks.edialog)" in words(anew)
    assert acts(system.id, "KOBLING_FJERNET") == 0
    assert send_open(admin, anew.text, page).status_code == 303
    assert acts(system.id, "KOBLING_FJERNET") == 1


def test_a_kobling_removed_while_the_form_is_being_saved_is_told_of_the_same_way(
    system: System, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    [row] = system_queries.koblinger(system.id, actor=HOUSE)
    page = page_of(system, "organisasjoner", str(row.id))
    shown, change_kobling = admin.get(page).text, service.change_kobling

    def late(*args: object, **more: object) -> None:
        """As `change_kobling`, when a colleague is just before it."""
        service.remove_kobling(system.id, row.id, actor=HOUSE)
        change_kobling(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(service, "change_kobling", late)
    answer = send_open(admin, shown, page, omfang="alle", sikkerhetsniva="BETYDELIG")
    assert answer.status_code == 409 and "Koblingen er fjernet" in words(answer)


def test_a_form_that_makes_a_system_makes_one_however_often_it_is_sent(app: Flask) -> None:
    organisasjon_id = make_mottakerhus()
    admin = administrator(app, organisasjon_id, organisasjon_id)
    shown = admin.get("/mottakersystemer/ny").text
    said = {"navn": "Skolearkiv", "eposter": "a@b.no", "skjema": value_of(shown, "skjema")}
    places = {send_open(admin, shown, "/mottakersystemer/ny", **said).location for _ in range(2)}
    assert len(places) == 1
    other = send_open(admin, shown, "/mottakersystemer/ny", **(said | {"navn": "Plan og bygg"})).location
    assert other not in places, "what was filled in anew is another"

"""Manuelt mottak: a person receives the letters a system does not fetch, each act is written down, none is lost."""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, update

from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang
from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.models import Person
from fiks.konfigurasjon.rules import P
from fiks.svarut.models import Forsendelse, Hendelse, SvarinnFeil
from fiks.svarut.rules import Slettetype, Status
from fiks.svarut.sealed_content import seal_content, unseal_content
from fiks.svarut.sender.actions import delete_documents
from fiks.svarut.svarinn import acknowledgement, manual_actions, queue
from tests.integration.databases import Database, QuickProcess
from tests.integration.houses import HOUSE, make_aktor, new_fnr, new_orgnr
from tests.integration.konfigurasjon.portals import log_in
from tests.integration.konfigurasjon.visitors import send
from tests.integration.svarinn.conftest import Altinn
from tests.integration.svarinn.scene import NAVN, Scene, acts, mottak, page_of, words
from tests.integration.svarut.letters import CONTENT, codes, hand_over, letter, leveringer
from tests.integration.systems import make_system
from tests.integration.utsending.browser import marks_of
from tests.pagecheck import faults


@pytest.fixture
def scene(app: Flask, eier: Owner, altinn: Altinn) -> Scene:
    return Scene(app, eier, altinn)


def test_sv12_43_a_letter_received_by_hand_is_read_by_a_person_who_is_named(scene: Scene) -> None:
    made = scene.sent()
    page = scene.client.get(page_of(made))
    assert page.status_code == 200 and faults(page.text) == []
    assert "Skatteseddel" in page.text and "Registrer som mottatt" in page.text
    done = send(scene.client, page_of(made), page_of(made, "mottatt"))
    assert (done.status_code, done.location) == (303, "/mottak")
    assert letter(made).status == Status.LEST and mottak(made).lukket is not None
    last = session().scalars(
        select(Hendelse).where(Hendelse.forsendelse_id == made).order_by(Hendelse.lopenr.desc()).limit(1)
    )
    event = last.one()
    assert (event.kode, event.til, event.aktor) == ("MOTTATT_MANUELT", Status.LEST, str(scene.person))
    told = [(one.handling, one.aktor_navn) for one in acts(made)]
    assert told[0] == ("BREV_APNET_FOR_MOTTAK", NAVN) and told[-1] == ("BREV_KVITTERT", NAVN)
    assert scene.client.get(page_of(made)).status_code == 404


def test_links_in_a_letter_are_shown_with_their_addresses(scene: Scene) -> None:
    made = scene.sent()
    link = {"url": "https://kommune.example/kart?id=1", "tekst": "Kartet", "ledetekst": "Se også"}
    with transaction() as tx:
        row = tx.get_one(Forsendelse, made)
        row.innhold_kryptert = seal_content({**unseal_content(row.innhold_kryptert), "lenker": [link]})
    page = scene.client.get(page_of(made))
    assert "Se også Kartet: https://kommune.example/kart?id=1" in words(page)
    assert faults(page.text) == []


def test_the_list_offers_the_next_letter_after_each_until_it_is_empty(scene: Scene) -> None:
    first, second = scene.sent(), scene.sent()
    done = send(scene.client, page_of(first), page_of(first, "mottatt"))
    assert done.location == f"/mottak?neste={second}"
    listed = scene.client.get(done.location)
    assert "Brevet er registrert som mottatt. " in words(listed) and faults(listed.text) == []
    assert f'href="{page_of(second)}">Åpne det neste brevet<' in listed.text
    assert "Registrer som mottatt" not in words(listed)
    assert send(scene.client, page_of(second), page_of(second, "mottatt")).location == "/mottak"
    empty = scene.client.get("/mottak")
    assert "Ingen brev venter" in words(empty) and faults(empty.text) == []


def test_a_letter_that_does_not_open_is_told_of_and_hides_none_of_those_beside_it(scene: Scene) -> None:
    damaged, first, second = (scene.titled(tittel) for tittel in ("Skadet", "Første", "Andre"))
    with transaction() as tx:
        tx.get_one(Forsendelse, damaged).mottaker_kryptert = b"skadet"
    listed = scene.client.get("/mottak")
    assert listed.status_code == 200 and faults(listed.text) == []
    assert all(tittel in words(listed) for tittel in ("Skadet", "Første", "Andre"))
    assert words(listed).count("Kan ikke leses") == 1
    page = scene.client.get(page_of(damaged))
    assert page.status_code == 500 and faults(page.text) == []
    assert "Brevet kan ikke leses" in words(page) and str(damaged) in words(page)
    assert "heller ikke vist for fagsystemet" in words(page)
    done = send(scene.client, page_of(first), page_of(first, "mottatt"))
    assert done.location == f"/mottak?neste={second}"
    scene.altinn.rett[scene.orgnr] = frozenset()
    without_right = log_in(scene.app, scene.pid, scene.system.organisasjon_id)
    assert "Brevet kan ikke leses" in words(without_right.get("/mottak"))


def test_the_next_letter_is_found_behind_however_many_that_do_not_open(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "MOST", 1)
    damaged, first, second = [scene.sent(), scene.sent()], scene.sent(), scene.sent()
    with transaction() as tx:
        for one in damaged:
            tx.get_one(Forsendelse, one).mottaker_kryptert = b"skadet"
    done = send(scene.client, page_of(first), page_of(first, "mottatt"))
    assert done.location == f"/mottak?neste={second}"


def test_a_report_that_does_not_open_is_told_of_on_the_letters_page(scene: Scene) -> None:
    made = scene.sent()
    send(scene.client, page_of(made), page_of(made, "avvis"), feilmelding="Nede", varighet="midlertidig")
    with transaction() as tx:
        tx.execute(update(SvarinnFeil).values(feilmelding_kryptert=b"skadet"))
    page = scene.client.get(page_of(made))
    assert page.status_code == 200 and "Meldingen kan ikke leses" in words(page)


def test_a_note_that_does_not_open_says_nothing_of_what_the_system_is_told(scene: Scene) -> None:
    made = scene.sent()
    with transaction():
        mottak(made).notat_kryptert = b"skadet"
    page = scene.client.get(page_of(made))
    assert page.status_code == 500 and faults(page.text) == []
    assert "fagsystemet får fortsatt tilbud om det" in words(page) and str(made) in words(page)


def test_a_second_click_on_received_says_the_same_and_ends_nothing_more(scene: Scene) -> None:
    made, other = scene.sent(), scene.sent()
    form = marks_of(scene.client.get(page_of(made)).text)
    for _ in range(2):
        answer = scene.client.post(page_of(made, "mottatt"), data=form)
        assert (answer.status_code, answer.location) == (303, f"/mottak?neste={other}")
        assert "Brevet er registrert som mottatt." in words(scene.client.get(str(answer.location)))
    assert codes(made).count("MOTTATT_MANUELT") == 1
    assert letter(other).status == Status.KLAR_FOR_MOTTAK


def test_that_a_letter_is_received_is_told_only_to_those_who_receive_there(scene: Scene) -> None:
    made, other = scene.sent(), make_system(new_orgnr())
    manual_actions.receive(
        made,
        spor=scene.altinn.authorized_parties,
        actor=make_aktor(scene.person, scene.system.organisasjon_id),
    )
    colleague = konfigurasjon.register_person(new_fnr(), navn="Kari Kollega", actor=HOUSE)
    konfigurasjon.grant_privilegium(colleague, P.MOTTA, other.id, actor=HOUSE)
    manual_actions.require_received(made, actor=make_aktor(scene.person, scene.system.organisasjon_id))
    for where in (scene.system.organisasjon_id, other.organisasjon_id):
        with pytest.raises((IkkeFunnet, IkkeTilgang)):
            manual_actions.require_received(made, actor=make_aktor(colleague, where))


def test_the_list_shows_the_oldest_first_and_is_cut_down(scene: Scene) -> None:
    a, b = scene.titled("Søknad om båtplass"), scene.titled("Klage på skatt")
    shown = scene.client.get("/mottak")
    assert faults(shown.text) == []
    assert shown.text.index("Søknad om båtplass") < shown.text.index("Klage på skatt")
    assert "Fra Fjordvik kommune" in words(shown)
    for query, hits in (
        ("sok=båt", [a]),
        ("sok=fjordvik", [a, b]),
        ("tildelt=meg", []),
        ("tildelt=ingen", [a, b]),
    ):
        answer = scene.client.get(f"/mottak?{query}")
        assert [own for own in (a, b) if str(own) in answer.text] == hits, query
    searched = (
        session().scalars(select(Audit).where(Audit.handling == "MOTTAK_SOKT").order_by(Audit.id)).all()
    )
    mine = [one for one in searched if one.aktor == str(scene.person)]
    assert [one.detaljer["antall"] for one in mine] == [1, 2] and "båt" not in str(mine[0].detaljer)
    bad = scene.client.get(f"/mottak?sok={scene.pid}")
    assert bad.status_code == 422 and scene.pid not in bad.text and faults(bad.text) == []


def test_who_may_not_receive_for_the_system_knows_nothing_of_the_letter(scene: Scene) -> None:
    made = scene.sent()
    other = Scene(scene.app, scene.eier, scene.altinn)
    for path in (page_of(made), page_of(made, "filer.zip"), page_of(made, "filer/1"), page_of(made, "avvis")):
        assert other.client.get(path).status_code == 404, path
    assert str(made) not in other.client.get("/mottak").text
    assert scene.client.get(page_of(uuid4())).status_code == 404
    assert [one.handling for one in acts(made)] == []


def test_files_are_downloaded_in_clear_and_each_download_is_written_down(scene: Scene) -> None:
    made = scene.sent()
    one = scene.client.get(page_of(made, "filer", "1"))
    assert (one.data, one.mimetype) == (CONTENT, "application/pdf")
    whole = scene.client.get(page_of(made, "filer.zip"))
    assert whole.mimetype == "application/zip" and whole.headers["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(whole.data)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {"brev.pdf": CONTENT}
    assert [one.handling for one in acts(made)] == ["BREVFIL_LASTET_NED"] * 2
    assert scene.client.get(page_of(made, "filer", "9")).status_code == 404
    assert letter(made).status == Status.KLAR_FOR_MOTTAK


@pytest.mark.parametrize(
    ("how", "channels"), [("midlertidig", ["SVARINN"]), ("permanent", ["SVARINN", "ALTINN"])]
)
def test_a_letter_is_refused_with_a_text_for_now_or_for_good(
    scene: Scene, how: str, channels: list[str]
) -> None:
    made = scene.sent()
    empty = send(scene.client, page_of(made, "avvis"))
    assert empty.status_code == 422 and faults(empty.text) == [] and letter(made).status == "KLAR_FOR_MOTTAK"
    done = send(scene.client, page_of(made, "avvis"), feilmelding="Feil adressat", varighet=how)
    assert done.status_code == 303
    assert [row.kanal for row in leveringer(made)] == channels
    assert (mottak(made).lukket is None) == (how == "midlertidig")
    assert list(acknowledgement.load_reports(made).values()) == ["Feil adressat"]


def test_a_letter_is_given_to_somebody_who_may_receive_it_and_to_nobody_else(scene: Scene) -> None:
    made, stranger = scene.sent(), konfigurasjon.register_person(new_fnr(), navn="Ukjent", actor=HOUSE)
    to = page_of(made, "tildel")
    assert send(scene.client, page_of(made), to, person=str(stranger)).status_code == 422
    assert mottak(made).tildelt_person_id is None
    assert send(scene.client, page_of(made), to, person=str(scene.person)).status_code == 303
    assert str(made) in scene.client.get("/mottak?tildelt=meg").text
    assert NAVN in scene.client.get("/mottak").text
    assert send(scene.client, page_of(made), to, person="", enhet="Byggesak").status_code == 303
    assert (mottak(made).tildelt_person_id, mottak(made).tildelt_enhet) == (None, "Byggesak")
    numbered = send(scene.client, page_of(made), to, person="", enhet=f"Enhet {scene.pid}")
    assert numbered.status_code == 422 and mottak(made).tildelt_enhet == "Byggesak"


def test_a_note_lies_sealed_and_is_shown_to_those_who_receive(scene: Scene, database: Database) -> None:
    made = scene.sent()
    done = send(scene.client, page_of(made), page_of(made, "notat"), notat="Ringte avsender\r\nto ganger")
    assert done.status_code == 303
    assert "Ringte avsender" in scene.client.get(page_of(made)).text
    assert b"Ringte avsender" not in database.dump()
    long = send(scene.client, page_of(made), page_of(made, "notat"), notat="x" * 2001)
    assert long.status_code == 422 and "x" * 2001 in long.text


def test_a_note_goes_with_the_letters_content(scene: Scene) -> None:
    made = scene.sent()
    send(scene.client, page_of(made), page_of(made, "notat"), notat="Ringte avsender")
    send(scene.client, page_of(made), page_of(made, "mottatt"))
    assert mottak(made).notat_kryptert is not None
    delete_documents(made, alt=Slettetype.ALLE, actor=HOUSE)
    assert mottak(made).notat_kryptert is None


@pytest.mark.parametrize("answer", ["confirm", "refuse"])
def test_of_the_systems_answer_and_a_persons_act_at_once_exactly_one_counts(
    scene: Scene, process: QuickProcess, answer: str
) -> None:
    made, start = scene.sent(), threading.Barrier(2)
    actor, spor = make_aktor(scene.person, scene.system.organisasjon_id), scene.altinn.authorized_parties
    session().rollback()

    def system() -> None:
        if answer == "confirm":
            acknowledgement.confirm(made, system_id=scene.system.id, actor=HOUSE)
        else:
            acknowledgement.report_failure(
                made, feilmelding="x", permanent=True, system_id=scene.system.id, actor=HOUSE
            )

    def at_once(act: Callable[[], None]) -> bool:
        with process.app.app_context():
            start.wait(10)
            try:
                act()
            except IkkeFunnet:
                return False
            finally:
                session().rollback()
            return True

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(at_once, (system, lambda: manual_actions.send_back(made, spor=spor, actor=actor)))
    ends = [code for code in codes(made) if code in ("KVITTERT", "FEILET_SVARINN", "SENDT_TILBAKE_MANUELT")]
    assert (one or two) and len(ends) == 1
    assert len([row for row in leveringer(made) if row.kanal == "ALTINN"]) == (
        0 if ends == ["KVITTERT"] else 1
    )


def test_a_letter_is_forwarded_to_another_system_of_the_organisation_only(scene: Scene) -> None:
    made = scene.sent()
    bygg = make_system(new_orgnr(), navn="Byggesak", i=scene.system.organisasjon_id)
    foreign = make_system(new_orgnr(), navn="Fremmed")
    page = scene.client.get(page_of(made, "flytt"))
    assert "Byggesak" in page.text and "Fremmed" not in page.text and faults(page.text) == []
    assert send(scene.client, page_of(made, "flytt"), til=str(foreign.id)).status_code == 422
    assert send(scene.client, page_of(made, "flytt"), til=str(bygg.id)).status_code == 303
    assert (mottak(made).mottakersystem_id, mottak(made).lukket) == (bygg.id, None)
    assert codes(made)[-1] == "NYTT_MOTTAKERSYSTEM" and letter(made).status == Status.KLAR_FOR_MOTTAK
    assert scene.client.get(page_of(made)).status_code == 404
    acknowledgement.confirm(made, system_id=bygg.id, actor=HOUSE)
    assert letter(made).status == Status.LEST


def test_a_letter_given_back_goes_its_ordinary_way(scene: Scene) -> None:
    made = scene.sent()
    assert send(scene.client, page_of(made, "flytt"), til="vanlig").status_code == 303
    hand_over(scene.eier, scene.world)
    assert letter(made).status == Status.SENDT_ALTINN
    assert [row.kanal for row in leveringer(made)] == ["SVARINN", "ALTINN"]


def test_an_act_on_a_letter_the_system_answered_meanwhile_changes_nothing(scene: Scene) -> None:
    made = scene.sent()
    assert scene.client.get(page_of(made)).status_code == 200
    acknowledgement.confirm(made, system_id=scene.system.id, actor=HOUSE)
    assert send(scene.client, "/mottak", page_of(made, "mottatt")).location == "/mottak"
    for act in ("avvis", "flytt", "tildel", "notat"):
        answer = send(
            scene.client, "/mottak", page_of(made, act), feilmelding="x", varighet="permanent", til="vanlig"
        )
        assert answer.status_code == 404, act
    assert codes(made)[-1] == "KVITTERT" and letter(made).status == Status.LEST


def test_a_letter_of_the_highest_level_shows_nothing_at_level_three(scene: Scene) -> None:
    made = scene.titled("Barnevernssak", sikkerhetsniva="HOYESTE")
    settings = scene.app.config["FIKS_SETTINGS"]
    object.__setattr__(settings, "forvaltning_nivaa", 3)
    try:
        low = scene.at_level_three()
        shown = low.get("/mottak")
        assert "Barnevernssak" not in shown.text and "Fra Fjordvik" not in shown.text
        assert "Logg inn på nivå 4" in words(shown)
        assert str(made) not in low.get("/mottak?sok=barnevern").text
        for path in (page_of(made), page_of(made, "filer.zip"), page_of(made, "filer/1")):
            assert low.get(path).location.startswith("/innlogging/start"), path
    finally:
        object.__setattr__(settings, "forvaltning_nivaa", 4)
    assert "Barnevernssak" in scene.client.get("/mottak").text


def test_the_overview_says_that_letters_wait_and_the_menu_leads_there(scene: Scene) -> None:
    scene.sent()
    shown = scene.client.get("/oversikt")
    assert "1 brev venter på å bli hentet" in words(shown) and 'href="/mottak"' in shown.text
    assert session().get(Person, scene.person) is not None

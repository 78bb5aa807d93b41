"""Forms of a letter's pages that stood open while it was sent on, and buttons that are pressed twice."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from fiks.core.errors import IkkeFunnet
from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.rules import P
from fiks.svarut.rules import Status
from fiks.svarut.svarinn import acknowledgement, manual_access, manual_actions, repeated_form
from fiks.svarut.svarinn.stale_form import VenterAnnetSted
from tests.integration.houses import HOUSE, make_aktor, new_fnr, new_orgnr
from tests.integration.konfigurasjon.open_pages import send_open, told
from tests.integration.konfigurasjon.portals import log_in
from tests.integration.konfigurasjon.visitors import send
from tests.integration.svarinn.conftest import Altinn
from tests.integration.svarinn.scene import Scene, mottak, page_of, words
from tests.integration.svarut.letters import codes, letter
from tests.integration.systems import System, make_system
from tests.integration.utsending.browser import Browser

FORMS = {
    "mottatt": ("", {}),
    "avvis": ("avvis", {"feilmelding": "Feil adressat", "varighet": "permanent"}),
    "avvis for nå": ("avvis", {"feilmelding": "Feil adressat", "varighet": "midlertidig"}),
    "vanlig vei": ("flytt", {"til": "vanlig"}),
    "tildel": ("", {"person": "", "enhet": "Byggesak"}),
    "notat": ("", {"notat": "Ringte avsender"}),
}
"""By name: the page a form is on, and what is written in it."""
ACTION = {"avvis for nå": "avvis", "vanlig vei": "flytt"}


@pytest.fixture
def scene(app: Flask, eier: Owner, altinn: Altinn) -> Scene:
    return Scene(app, eier, altinn)


@pytest.fixture
def barnevern(scene: Scene) -> System:
    """Another system of the organisation, which the one of the scene receives for as well."""
    made = make_system(new_orgnr(), navn="Barnevern", i=scene.system.organisasjon_id)
    konfigurasjon.grant_privilegium(scene.person, P.MOTTA, made.id, actor=HOUSE)
    return made


@pytest.fixture
def colleague(scene: Scene, barnevern: System) -> Browser:
    """Somebody who receives for both systems."""
    pid = new_fnr()
    person = konfigurasjon.register_person(pid, navn="Kari Kollega", actor=HOUSE)
    for system in (scene.system, barnevern):
        konfigurasjon.grant_privilegium(person, P.MOTTA, system.id, actor=HOUSE)
    return log_in(scene.app, pid, scene.system.organisasjon_id)


def shown(scene: Scene, made: UUID, page: str = "") -> str:
    answer = scene.client.get(page_of(made, page).rstrip("/"))
    assert answer.status_code == 200
    return answer.text


def forward(client: Browser, made: UUID, system: System) -> TestResponse:
    answer = send(client, page_of(made, "flytt"), til=str(system.id))
    assert answer.status_code == 303
    return answer


def record(made: UUID) -> tuple[object, ...]:
    """All that an act would change."""
    row = mottak(made)
    waits = (row.mottakersystem_id, row.klar, row.lukket, row.tildelt_enhet, row.notat_kryptert)
    return (letter(made).status, codes(made), *waits, list(acknowledgement.load_reports(made)))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("back", [False, True], ids=["sent on", "sent on and back"])
def test_a_form_acts_on_the_letter_where_its_page_showed_it_or_not_at_all(
    scene: Scene, barnevern: System, colleague: Browser, form: str, back: bool
) -> None:
    made, (page, written) = scene.sent(), FORMS[form]
    html, action = shown(scene, made, page), page_of(made, ACTION.get(form, form))
    for system in (barnevern, scene.system)[: 1 + back]:
        forward(colleague, made, system)
    before = record(made)
    answer = send_open(scene.client, html, action, **written)
    said = told(answer)
    assert ("venter nå på Barnevern" in said) is not back
    assert record(made) == before
    assert all(value in answer.text for value in written.values()), "what was written is kept"
    again = send_open(scene.client, answer.text, action, **written)
    assert again.status_code == 303 and record(made) != before, "the page that was shown anew acts"


def test_a_page_says_for_which_system_it_acts(scene: Scene, barnevern: System, colleague: Browser) -> None:
    made = scene.sent()
    forward(colleague, made, barnevern)
    for page in ("", "avvis", "flytt"):
        assert "Barnevern" in shown(scene, made, page), page


def test_an_old_page_sends_nothing_to_a_third_system(
    scene: Scene, barnevern: System, colleague: Browser
) -> None:
    made, bygg = scene.sent(), make_system(new_orgnr(), navn="Byggesak", i=scene.system.organisasjon_id)
    html = shown(scene, made, "flytt")
    forward(colleague, made, barnevern)
    before = record(made)
    told(send_open(scene.client, html, page_of(made, "flytt"), til=str(bygg.id)))
    told(send_open(scene.client, html, page_of(made, "flytt"), til=str(barnevern.id)))
    assert record(made) == before


def test_the_rule_is_the_use_cases_own_and_is_asked_while_the_letter_is_held(
    scene: Scene, barnevern: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The letter goes away and back between what is asked first and the lock."""
    made, actor = scene.sent(), make_aktor(scene.person, scene.system.organisasjon_id)
    spor = scene.altinn.authorized_parties
    real = manual_access.require_access

    def moved(forsendelse_id: UUID, **known: object) -> manual_access.Inngang:
        entered = real(forsendelse_id, **known)  # type: ignore[arg-type]
        with monkeypatch.context() as patched:
            patched.setattr(manual_actions, "require_access", real)
            for system in (barnevern, scene.system):
                manual_actions.forward(made, system.id, spor=spor, actor=actor)
        return entered

    reject = partial(manual_actions.reject, feilmelding="x", permanent=True)
    note = partial(manual_actions.write_note, notat="x")
    for act in (manual_actions.receive, reject, manual_actions.send_back, note):
        vist = real(made, spor=spor, actor=actor).vist
        monkeypatch.setattr(manual_actions, "require_access", moved)
        with pytest.raises(VenterAnnetSted):
            act(made, vist=vist, spor=spor, actor=actor)
        monkeypatch.setattr(manual_actions, "require_access", real)
    assert letter(made).status == Status.KLAR_FOR_MOTTAK
    manual_actions.send_back(made, spor=spor, actor=actor)  # who has no page says nothing of it
    assert mottak(made).avvist is not None


@pytest.mark.parametrize("form", ["avvis", "vanlig vei"])
def test_a_second_press_on_what_sends_the_letter_away_says_the_same_and_does_no_more(
    scene: Scene, form: str
) -> None:
    made, other, (page, written) = scene.sent(), scene.sent(), FORMS[form]
    html, action = shown(scene, made, page), page_of(made, ACTION.get(form, form))
    answers_ = [send_open(scene.client, html, action, **written) for _ in range(2)]
    assert [(one.status_code, one.location) for one in answers_] == [(303, f"/mottak?neste={other}")] * 2
    said = "Brevet er avvist og går videre" if form == "avvis" else "Brevet går videre til neste kanal"
    assert said in words(scene.client.get("/mottak"))
    ends = [kode for kode in codes(made) if kode in ("FEILET_SVARINN", "SENDT_TILBAKE_MANUELT")]
    assert len(ends) == 1
    assert letter(other).status == Status.KLAR_FOR_MOTTAK


@pytest.mark.parametrize("receives_there", [True, False])
def test_a_second_press_on_forward_says_the_same_and_does_no_more(scene: Scene, receives_there: bool) -> None:
    made, bygg = scene.sent(), make_system(new_orgnr(), navn="Byggesak", i=scene.system.organisasjon_id)
    if receives_there:
        konfigurasjon.grant_privilegium(scene.person, P.MOTTA, bygg.id, actor=HOUSE)
    html = shown(scene, made, "flytt")
    for _ in range(2):
        answer = send_open(scene.client, html, page_of(made, "flytt"), til=str(bygg.id))
        assert answer.status_code == 303
        assert "Brevet er lagt klart for Byggesak." in words(scene.client.get("/mottak"))
    assert codes(made).count("NYTT_MOTTAKERSYSTEM") == 1
    acknowledgement.confirm(made, system_id=bygg.id, actor=HOUSE)
    third = send_open(scene.client, html, page_of(made, "flytt"), til=str(bygg.id))
    assert third.status_code == 303, "it went where this press would have sent it"


@pytest.mark.parametrize("form", ["avvis", "vanlig vei"])
def test_what_another_has_done_is_not_said_to_be_ones_own(
    scene: Scene, colleague: Browser, form: str
) -> None:
    made, (page, written) = scene.sent(), FORMS[form]
    html, action = shown(scene, made, page), page_of(made, ACTION.get(form, form))
    assert send(colleague, page_of(made, page), action, **written).status_code == 303
    before = record(made)
    assert send_open(scene.client, html, action, **written).status_code == 404
    assert record(made) == before


def test_a_rejection_in_other_words_is_not_said_to_have_been_told(scene: Scene) -> None:
    made = scene.sent()
    html, action = shown(scene, made, "avvis"), page_of(made, "avvis")
    for text, status in (("Feil adressat", 303), ("Feil  adressat ", 303), ("Noe annet", 404)):
        answer = send_open(scene.client, html, action, feilmelding=text, varighet="permanent")
        assert answer.status_code == status, text
    assert list(acknowledgement.load_reports(made).values()) == ["Feil adressat"]


def test_one_is_told_of_ones_own_acts_alone_and_only_where_they_were_done(scene: Scene) -> None:
    made, elsewhere = scene.sent(), make_system(new_orgnr()).organisasjon_id
    here = make_aktor(scene.person, scene.system.organisasjon_id)
    manual_actions.reject(
        made, feilmelding="Nei", permanent=True, spor=scene.altinn.authorized_parties, actor=here
    )
    assert repeated_form.has_rejected(made, "Nei", actor=here)
    assert not repeated_form.has_rejected(made, "Nei", actor=make_aktor(scene.person, elsewhere))
    assert not repeated_form.has_sent_back(made, actor=here)
    assert not repeated_form.has_forwarded(made, scene.system.id, actor=here)
    with pytest.raises(IkkeFunnet):
        manual_actions.require_received(made, actor=here)

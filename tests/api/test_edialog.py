"""eDialog is configured through the API by who may, and by nobody else: KS' edialog-mottaker and -oppslag v1."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.errors import FiksError, Konflikt, ProvIgjen
from fiks.edialog import queries
from fiks.edialog.models import EdialogMottaker
from fiks.edialog.mottaker import queries as mottaker_queries
from fiks.edialog.mottaker import service as mottaker_service
from fiks.edialog.rules import SHORT_ID, Mottakeroppsett
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.avtale.models import Tjenesteaktivering
from fiks.konfigurasjon.konto import settings
from fiks.konfigurasjon.konto.rules import Forside
from fiks.konfigurasjon.organisasjon import own_data
from fiks.konfigurasjon.organisasjon.rules import Fakturaopplysninger
from fiks.konfigurasjon.person.altinn import Altinnpart
from fiks.konfigurasjon.rules import P
from fiks.registeroppslag.rules import Enhetstatus, Registeradresse, Virksomhet
from portal.extensions import limiter
from portal.texts import error_text, tekst
from tests.integration.edialog.skjemaer import holding
from tests.integration.houses import HOUSE, Hus, make_hus, new_fnr, new_orgnr
from tests.integration.systems import nobody
from tests.integration.worlds import FakeRegister
from tests.machines import IDPORTEN, Kall, make_kall, token
from tests.security.loglines import captured

BASE = "/edialog/api/v1"
FACTS = {
    "navn": "Lillevik kommune",
    "adresselinje1": "Torget 1",
    "adresselinje2": "Inngang B",
    "adresselinje3": "3. etasje",
    "postnummer": "4262",
    "poststed": "AVALDSNES",
}


@dataclass(frozen=True)
class Konfig:
    """A kommune's integrasjon that may configure its eDialog."""

    app: Flask
    hus: Hus
    kall: Kall

    def call(
        self, method: str, path: str, body: object = None, *, pid: str = "", **query: object
    ) -> TestResponse:
        headers = self.kall.headers()
        if pid:
            person = {"iss": IDPORTEN, "pid": pid, "acr": "idporten-loa-high"}
            headers = self.kall.headers(Authorization=f"Bearer {token(self.kall.orgnr, **person)}")
        data = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        client = self.app.test_client()
        return client.open(BASE + path, method=method, headers=headers, query_string=query, **data)

    def facts(self, **changes: object) -> dict[str, object]:
        return {"orgnr": self.hus.orgnr} | FACTS | changes

    def new(self, aktiv: bool | None = None, **changes: object) -> dict[str, object]:
        body = {"fiksOrganisasjonId": str(self.hus.organisasjon_id), "mottaker": self.facts(**changes)}
        return body if aktiv is None else body | {"aktiv": aktiv}

    def make(self, aktiv: bool = True, **changes: object) -> dict[str, Any]:
        answer = self.call("POST", "/mottakere", self.new(aktiv, **changes))
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def stand(self, mottaker_id: str) -> dict[str, Any]:
        return dict(self.call("GET", f"/mottakere/{mottaker_id}").json)


def make_konfig(app: Flask, *privilegier: P, **konto: object) -> Konfig:
    """A kommune of its own, with one konto, whose machine holds `privilegier` on SvarUt."""
    with app.app_context():
        hus = make_hus(**konto)  # type: ignore[arg-type]
        service = session().get_one(Tjenesteaktivering, (hus.organisasjon_id, "SVARUT")).ressurs_id
        return Konfig(app, hus, make_kall(hus.organisasjon_id, *privilegier, ressurs=service))


@pytest.fixture
def konfig(app: Flask) -> Konfig:
    return make_konfig(app, P.KONFIGURERE_EDIALOG)


@pytest.fixture
def register(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FakeRegister:
    """Enhetsregisteret as the app has it."""
    fresh = FakeRegister()
    monkeypatch.setitem(app.extensions, "fiks_register", fresh)
    return fresh


def more_konto(konfig: Konfig) -> UUID:
    with konfig.app.app_context():
        return konfigurasjon.create_konto(
            konfig.hus.organisasjon_id, visningsnavn="Avgifter", avsender=f"konto-{uuid4()}", actor=HOUSE
        )


def test_sv83_a_mottaker_is_made_with_every_field_that_ks_has(konfig: Konfig, house: None) -> None:
    made = konfig.make(aktiv=True)
    assert made == {
        "id": made["id"],
        "shortId": made["shortId"],
        "fiksOrganisasjonId": str(konfig.hus.organisasjon_id),
        "orgnr": konfig.hus.orgnr,
        **FACTS,
        "aktiv": True,
        "printleverandor": "GRAFISK_DIGITAL",
    }
    assert str(UUID(made["id"])) == made["id"] and SHORT_ID.fullmatch(made["shortId"])
    assert konfig.stand(made["id"]) == made
    assert queries.mottaker(made["shortId"]).konto_id == konfig.hus.konto_id
    [row] = session().scalars(select(Audit).where(Audit.handling == "EDIALOG_MOTTAKER_ENDRET")).all()[-1:]
    assert (row.aktor_type, row.ressurs_id) == ("INTEGRASJON", konfig.hus.konto_id)


def test_sv83_what_is_not_said_is_left_out_and_a_mottaker_is_closed_until_it_is_opened(
    konfig: Konfig, house: None
) -> None:
    body = konfig.new()
    body["mottaker"] = {
        name: value for name, value in konfig.facts().items() if not name.startswith("adresselinje")
    } | {"gruppe": "et felt vi ikke kjenner"}
    made = konfig.call("POST", "/mottakere/", body).json
    assert set(made) == {
        "id",
        "shortId",
        "fiksOrganisasjonId",
        "orgnr",
        "navn",
        "postnummer",
        "poststed",
        "aktiv",
        "printleverandor",
    }
    assert made["aktiv"] is False
    with pytest.raises(FiksError, match="FINNES_IKKE"):
        queries.mottaker(made["shortId"])


def test_sv83_everything_is_replaced_by_put_but_neither_status_nor_printleverandor(konfig: Konfig) -> None:
    made = konfig.make(aktiv=True)
    own = f"/mottakere/{made['id']}"
    assert (
        konfig.call("PUT", f"{own}/printleverandor", {"printleverandor": "MANUELL_PRINT"}).status_code == 200
    )
    changed = {"orgnr": konfig.hus.orgnr, "navn": "Postmottak", "postnummer": "0101", "poststed": "OSLO"}
    answer = konfig.call("PUT", own, changed)
    kept = {name: made[name] for name in ("id", "shortId", "fiksOrganisasjonId", "aktiv")}
    assert (answer.status_code, answer.json) == (200, kept | changed | {"printleverandor": "MANUELL_PRINT"})
    assert konfig.stand(made["id"]) == answer.json


def test_sv83_status_opens_and_closes_and_doing_it_again_changes_nothing(konfig: Konfig, house: None) -> None:
    made = konfig.make(aktiv=False)
    own = f"/mottakere/{made['id']}/status"
    for aktiv in (True, True, False, False):
        answer = konfig.call("PUT", own, {"aktiv": aktiv})
        assert (answer.status_code, answer.json) == (200, made | {"aktiv": aktiv})
    acts = select(Audit.id).where(
        Audit.handling == "EDIALOG_MOTTAKER_ENDRET", Audit.ressurs_id == konfig.hus.konto_id
    )
    assert len(session().scalars(acts).all()) == 3


def test_sv83_printleverandor_is_one_of_two_and_the_print_house_needs_an_invoice_address(app: Flask) -> None:
    konfig = make_konfig(app, P.KONFIGURERE_EDIALOG, printleverandor="MANUELL_PRINT")
    made = konfig.make()
    assert made["printleverandor"] == "MANUELL_PRINT"
    own = f"/mottakere/{made['id']}/printleverandor"
    refused = konfig.call("PUT", own, {"printleverandor": "GRAFISK_DIGITAL"})
    assert (refused.status_code, refused.json["errorCode"]) == (400, "FAKTURA_MANGLER_FOR_PRINT")
    assert refused.json["errorJson"] == {"printleverandor": tekst("FAKTURA_MANGLER_FOR_PRINT")}
    for wrong in ({"printleverandor": "POSTEN"}, {}, {"printleverandor": None}):
        answer = konfig.call("PUT", own, wrong)
        assert answer.status_code == 400 and set(answer.json["errorJson"]) == {"printleverandor"}
    with app.app_context():
        faktura = Fakturaopplysninger(konfig.hus.orgnr, "Lillevik", "Storgata 1", "4262", "AVALDSNES")
        own_data.set_faktura(konfig.hus.organisasjon_id, faktura, actor=HOUSE)
    answer = konfig.call("PUT", own, {"printleverandor": "GRAFISK_DIGITAL"})
    assert (answer.status_code, answer.json) == (200, made | {"printleverandor": "GRAFISK_DIGITAL"})


def test_sv83_the_mottakere_are_listed_by_name_all_or_below_a_ressurs(konfig: Konfig) -> None:
    assert konfig.call("GET", "/mottakere").json == {"mottakere": []}
    made = konfig.make()
    second, office = more_konto(konfig), new_orgnr()
    with konfig.app.app_context():
        cover(second, office)
        mottaker_service.set_mottaker(second, archive(office), spor=nobody, actor=HOUSE)
        other_id = queries.mottaker(office).id
    other = konfig.stand(str(other_id))
    assert konfig.call("GET", "/mottakere").json == {"mottakere": [other, made]}
    for ressurs, expected in ((second, [other]), (konfig.hus.konto_id, [made])):
        assert konfig.call("GET", "/mottakere", forelderRessurs=ressurs).json == {"mottakere": expected}
    wrong = konfig.call("GET", "/mottakere", forelderRessurs="x")
    assert (wrong.status_code, set(wrong.json["errorJson"])) == (400, {"forelderRessurs"})


def archive(orgnr: str) -> Mottakeroppsett:
    """A mottaker of another number than the kommune's own, open."""
    return Mottakeroppsett(orgnr, "Arkivet", "Torget 1", "", "", "4262", "AVALDSNES", True)


def cover(konto_id: UUID, orgnr: str) -> None:
    """The konto's cover sheet has this number, so it may receive for it."""
    forside = Forside(orgnr, "Lillevik postmottak", "Torget 1", "4262", "AVALDSNES")
    settings.set_forside(konto_id, forside, actor=HOUSE)


def test_sv83_the_konto_is_said_when_there_are_several_and_can_be_changed(
    konfig: Konfig, house: None
) -> None:
    second = more_konto(konfig)
    refused = konfig.call("POST", "/mottakere", konfig.new(True))
    assert (refused.status_code, refused.json["errorCode"]) == (400, "EDIALOG_VELG_KONTO")
    assert refused.json["errorJson"] == {"mottaker.forelderRessurs": tekst("EDIALOG_VELG_KONTO")}
    made = konfig.make(forelderRessurs=str(second))
    assert queries.mottaker(konfig.hus.orgnr).konto_id == second
    again = konfig.call("POST", "/mottakere", konfig.new(True, forelderRessurs=str(second)))
    assert (again.status_code, again.json["errorCode"]) == (409, "EDIALOG_KONTO_I_BRUK")
    taken = konfig.call("POST", "/mottakere", konfig.new(True))
    assert (taken.status_code, taken.json["errorCode"]) == (409, "EDIALOG_ORGNR_I_BRUK")
    moved = konfig.facts(forelderRessurs=str(konfig.hus.konto_id))
    answer = konfig.call("PUT", f"/mottakere/{made['id']}", moved)
    assert (answer.status_code, answer.json) == (200, made)
    session().rollback()
    assert queries.mottaker(konfig.hus.orgnr).konto_id == konfig.hus.konto_id


@pytest.mark.parametrize(
    ("changes", "felt", "kode"),
    [
        ({"orgnr": "12345678"}, "orgnr", "ORGNR_UGYLDIG"),
        ({"orgnr": "123456789"}, "orgnr", "ORGNR_UGYLDIG"),
        ({"orgnr": None}, "orgnr", "FELT_MANGLER"),
        ({"navn": "a" * 61}, "navn", "EDIALOG_MOTTAKERNAVN"),
        ({"navn": "  "}, "navn", "EDIALOG_MOTTAKERNAVN"),
        ({"navn": "Lillevik 😀"}, "navn", "EDIALOG_TEGN"),
        ({"navn": "Lillevik\nkommune"}, "navn", "EDIALOG_TEGN"),
        ({"navn": ["Lillevik"]}, "navn", "FELT_UGYLDIG"),
        ({"adresselinje3": "a" * 71}, "adresselinje3", "EDIALOG_FOR_LANG"),
        ({"postnummer": "426"}, "postnummer", "EDIALOG_POSTNR"),
        ({"postnummer": "A262"}, "postnummer", "EDIALOG_POSTNR"),
        ({"postnummer": ""}, "postnummer", "FELT_MANGLER"),
        ({"poststed": "a" * 71}, "poststed", "EDIALOG_FOR_LANG"),
        ({"forelderRessurs": "x"}, "forelderRessurs", "FELT_UGYLDIG"),
    ],
)
def test_sv83_a_field_that_is_wrong_is_named_with_a_sentence_and_nothing_is_changed(
    konfig: Konfig, house: None, changes: dict[str, object], felt: str, kode: str
) -> None:
    made = konfig.make()
    for method, path, body, within in (
        ("POST", "/mottakere", konfig.new(True, **changes), "mottaker."),
        ("PUT", f"/mottakere/{made['id']}", konfig.facts(**changes), ""),
    ):
        answer = konfig.call(method, path, body)
        assert (answer.status_code, answer.json["errorCode"]) == (400, kode), method
        assert set(answer.json["errorJson"]) == {within + felt}
        sentence = answer.json["errorJson"][within + felt]
        assert answer.json["message"] == sentence and sentence.endswith(".") and "{" not in sentence
    assert konfig.stand(made["id"]) == made
    mine = select(EdialogMottaker.id).where(EdialogMottaker.organisasjon_id == konfig.hus.organisasjon_id)
    assert len(session().scalars(mine).all()) == 1


def test_sv83_a_number_that_is_not_the_kontos_own_is_refused(konfig: Konfig) -> None:
    def refused(method: str, path: str, body: object) -> dict[str, str]:
        answer = konfig.call(method, path, body)
        assert (answer.status_code, answer.json["errorCode"]) == (400, "EDIALOG_FREMMED_ORGNR")
        return dict(answer.json["errorJson"])

    foreign = new_orgnr()
    sentence = tekst("EDIALOG_FREMMED_ORGNR")
    assert refused("POST", "/mottakere", konfig.new(orgnr=foreign)) == {"mottaker.orgnr": sentence}
    own = f"/mottakere/{konfig.make()['id']}"
    assert refused("PUT", own, konfig.facts(orgnr=foreign)) == {"orgnr": sentence}


@dataclass(frozen=True)
class Altinn:
    """An Altinn that says that everybody holds Post/arkiv for these; with none it does not answer."""

    orgnrs: tuple[str, ...] = ()

    def authorized_parties(self, pid: str) -> Sequence[Altinnpart]:
        if not self.orgnrs:
            raise ProvIgjen("HTTP_503")
        return holding(*self.orgnrs)(pid)


def test_sv83_the_cover_sheets_number_is_for_a_person_who_holds_post_arkiv(
    konfig: Konfig, house: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, pid = new_orgnr(), new_fnr()
    cover(konfig.hus.konto_id, office)
    person = konfigurasjon.register_person(pid, navn="Kari", actor=HOUSE)
    konfigurasjon.grant_privilegium(person, P.ADMIN, konfig.hus.konto_id, actor=HOUSE)
    extensions, body = konfig.app.extensions, konfig.new(True, orgnr=office)
    monkeypatch.setitem(extensions, "fiks_altinn", Altinn((office,)))
    refused = [konfig.call("POST", "/mottakere", body)]
    monkeypatch.setitem(extensions, "fiks_altinn", Altinn((new_orgnr(),)))
    refused.append(konfig.call("POST", "/mottakere", body, pid=pid))
    for answer in refused:
        assert (answer.status_code, answer.json["errorCode"]) == (400, "EDIALOG_UTEN_POST_ARKIV")
        sentence = tekst("EDIALOG_UTEN_POST_ARKIV", orgnr=office)
        assert answer.json["errorJson"] == {"mottaker.orgnr": sentence}
    monkeypatch.setitem(extensions, "fiks_altinn", Altinn())
    away = konfig.call("POST", "/mottakere", body, pid=pid)
    assert (away.status_code, away.headers["Retry-After"]) == (503, "60")
    monkeypatch.setitem(extensions, "fiks_altinn", Altinn((office,)))
    made = konfig.call("POST", "/mottakere", body, pid=pid)
    assert (made.status_code, made.json["orgnr"]) == (200, office)
    renamed = konfig.call("PUT", f"/mottakere/{made.json['id']}", konfig.facts(orgnr=office, navn="Arkivet"))
    assert (renamed.status_code, renamed.json["navn"]) == (200, "Arkivet")


def test_sv83_a_number_that_another_organisation_has_set_up_is_refused_with_whom_to_ask(
    app: Flask, konfig: Konfig, house: None
) -> None:
    office, theirs = new_orgnr(), make_konfig(app)
    for konto_id in (theirs.hus.konto_id, konfig.hus.konto_id):
        cover(konto_id, office)
    mottaker_service.set_mottaker(theirs.hus.konto_id, archive(office), spor=nobody, actor=HOUSE)
    with pytest.raises(Konflikt) as refused:
        mottaker_service.set_mottaker(konfig.hus.konto_id, archive(office), spor=nobody, actor=HOUSE)
    assert "Lillevik kommune har satt opp eDialog" in error_text(refused.value)


def test_sv83_everything_that_is_wrong_is_told_at_once(konfig: Konfig) -> None:
    answer = konfig.call("POST", "/mottakere", konfig.new(orgnr="1", navn="a" * 61, postnummer="x"))
    assert answer.status_code == 400
    assert set(answer.json["errorJson"]) == {"mottaker.orgnr", "mottaker.navn", "mottaker.postnummer"}
    nothing = konfig.call("POST", "/mottakere", {})
    assert set(nothing.json["errorJson"]) == {"fiksOrganisasjonId", "mottaker"}
    assert konfig.call("POST", "/mottakere", []).json["errorCode"] == "JSON_UGYLDIG"
    assert konfig.call("PUT", f"/mottakere/{konfig.make()['id']}/status", {}).status_code == 400


def test_anothers_mottaker_and_none_at_all_are_refused_alike(app: Flask, konfig: Konfig, house: None) -> None:
    theirs, mine = make_konfig(app, P.KONFIGURERE_EDIALOG), konfig.make()
    other = theirs.make()
    without = Konfig(app, konfig.hus, make_konfig(app).kall)
    with app.app_context():
        sender = Konfig(
            app, konfig.hus, make_kall(konfig.hus.organisasjon_id, P.SENDE, ressurs=konfig.hus.konto_id)
        )
    for caller, mottaker_id in (
        (konfig, other["id"]),
        (konfig, uuid4()),
        (without, mine["id"]),
        (sender, mine["id"]),
    ):
        own = f"/mottakere/{mottaker_id}"
        for method, path, body in (
            ("GET", own, None),
            ("PUT", own, theirs.facts()),
            ("PUT", f"{own}/status", {"aktiv": False}),
            ("PUT", f"{own}/printleverandor", {"printleverandor": "MANUELL_PRINT"}),
        ):
            answer = caller.call(method, path, body)
            assert (answer.status_code, answer.json["message"]) == (403, "Ikke autorisert"), (method, path)
            assert answer.json["errorJson"] is None
    for body in (theirs.new(True), konfig.new() | {"fiksOrganisasjonId": str(uuid4())}):
        assert konfig.call("POST", "/mottakere", body).status_code == 403
    assert sender.call("POST", "/mottakere", konfig.new(True)).status_code == 403
    elsewhere = konfig.new(True, forelderRessurs=str(theirs.hus.konto_id))
    assert konfig.call("POST", "/mottakere", elsewhere).status_code == 403
    moved = konfig.facts(forelderRessurs=str(theirs.hus.konto_id))
    assert konfig.call("PUT", f"/mottakere/{mine['id']}", moved).status_code == 403
    assert konfig.call("GET", "/mottakere", forelderRessurs=theirs.hus.konto_id).status_code == 403
    assert sender.call("GET", "/mottakere").json == {"mottakere": []}
    assert (theirs.stand(other["id"]), konfig.stand(mine["id"])) == (other, mine)


def test_who_configures_one_konto_makes_its_mottaker_without_saying_which(app: Flask, konfig: Konfig) -> None:
    second, office = more_konto(konfig), new_orgnr()
    with app.app_context():
        cover(konfig.hus.konto_id, office)
        kall = make_kall(konfig.hus.organisasjon_id, P.KONFIGURERE_EDIALOG, ressurs=second)
    narrow = Konfig(app, konfig.hus, kall)
    made = narrow.make()
    assert narrow.call("GET", "/mottakere").json == {"mottakere": [made]}
    with app.app_context():
        assert mottaker_queries.konto_of(UUID(made["id"])) == second
        mottaker_service.set_mottaker(konfig.hus.konto_id, archive(office), spor=nobody, actor=HOUSE)
        whole = queries.mottaker(office).id
    assert narrow.call("GET", f"/mottakere/{whole}").status_code == 403
    assert narrow.call("PUT", f"/mottakere/{made['id']}", konfig.facts()).status_code == 200


def test_a_person_acts_by_their_own_rights_and_only_where_the_machine_works(
    app: Flask, konfig: Konfig
) -> None:
    admin, nobody, elsewhere = new_fnr(), new_fnr(), make_konfig(app, P.KONFIGURERE_EDIALOG)
    made, other = konfig.make(), elsewhere.make()
    with app.app_context():
        konfigurasjon.register_person(nobody, navn="Ola", actor=HOUSE)
        person = konfigurasjon.register_person(admin, navn="Kari", actor=HOUSE)
        for hus in (konfig.hus, elsewhere.hus):
            konfigurasjon.grant_privilegium(person, P.ADMIN, hus.konto_id, actor=HOUSE)
    own = f"/mottakere/{made['id']}"
    assert konfig.call("GET", own, pid=admin).json == made
    assert konfig.call("PUT", f"{own}/status", {"aktiv": False}, pid=admin).status_code == 200
    assert konfig.call("GET", own, pid=nobody).status_code == 403
    assert konfig.call("POST", "/mottakere", konfig.new(), pid=nobody).status_code == 403
    assert konfig.call("GET", "/mottakere", pid=nobody).json == {"mottakere": []}
    listed = konfig.call("GET", "/mottakere", pid=admin).json["mottakere"]
    assert [one["id"] for one in listed] == [made["id"]]
    assert konfig.call("GET", f"/mottakere/{other['id']}", pid=admin).status_code == 403


def test_sv83_a_number_is_looked_up_in_enhetsregisteret(konfig: Konfig, register: FakeRegister) -> None:
    orgnr, deleted, unknown = new_orgnr(), register.add_unit(new_orgnr(), Enhetstatus.SLETTET), new_orgnr()
    address = Registeradresse(("c/o Postmottak", "Torget 1"), "4262", "AVALDSNES")
    register.units[orgnr] = Virksomhet(orgnr, "LILLEVIK KOMMUNE", Enhetstatus.FUNNET, "KOMM", address)
    register.units[unknown] = Virksomhet(unknown, "", Enhetstatus.IKKE_FUNNET)
    found = konfig.call("GET", f"/oppslag/{orgnr}")
    assert (found.status_code, found.json) == (
        200,
        {
            "organisasjonsnummer": orgnr,
            "postadresse": {
                "navn": "LILLEVIK KOMMUNE",
                "adresselinje1": "c/o Postmottak",
                "adresselinje2": "Torget 1",
                "postnummer": "4262",
                "poststed": "AVALDSNES",
            },
            "status": "FUNNET",
        },
    )
    for number in (deleted, unknown):
        told = {"organisasjonsnummer": number, "status": "IKKE_FUNNET"}
        assert konfig.call("GET", f"/oppslag/{number}").json == told
    before = len(register.spurt)
    wrong = konfig.call("GET", "/oppslag/123456789")
    assert (wrong.status_code, wrong.json) == (
        200,
        {"organisasjonsnummer": "123456789", "status": "UGYLDIG_IDENTIFIKATOR"},
    )
    assert len(register.spurt) == before


def test_a_personal_number_that_is_looked_up_is_neither_told_nor_logged(konfig: Konfig) -> None:
    fnr = new_fnr()
    with captured(konfig.app.config["FIKS_SETTINGS"]) as log:
        answer = konfig.call("GET", f"/oppslag/{fnr}")
    assert answer.json == {"status": "UGYLDIG_IDENTIFIKATOR"}
    assert fnr not in log.getvalue()


def test_a_register_that_is_away_is_said_to_be_temporary(konfig: Konfig, register: FakeRegister) -> None:
    register.nede = ProvIgjen("HTTP_503")
    answer = konfig.call("GET", f"/oppslag/{new_orgnr()}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")


@pytest.fixture
def counted() -> Iterator[None]:
    """As in production: what is asked is counted."""
    limiter.enabled = True
    limiter.reset()
    yield
    limiter.reset()


def test_look_ups_are_counted_by_machine(
    app: Flask, konfig: Konfig, register: FakeRegister, counted: None
) -> None:
    orgnr = register.add_unit(new_orgnr())
    answers = [konfig.call("GET", f"/oppslag/{orgnr}") for _ in range(61)]
    assert {one.status_code for one in answers[:60]} == {200}
    assert (answers[60].status_code, answers[60].json["message"]) == (429, "For mange forespørsler")
    assert answers[60].headers["Retry-After"] == "60"
    assert konfig.call("GET", "/mottakere").status_code == 200
    other = make_konfig(app, P.KONFIGURERE_EDIALOG)
    assert other.call("GET", f"/oppslag/{orgnr}").status_code == 200


def test_a_body_of_more_than_a_megabyte_or_of_another_kind_is_refused(konfig: Konfig) -> None:
    made = konfig.make()
    own = f"/mottakere/{made['id']}"
    for method, path in (("POST", "/mottakere"), ("PUT", own), ("PUT", f"{own}/status")):
        large = konfig.call(method, path, konfig.facts(navn="a" * (1 << 20)))
        assert (large.status_code, large.json["message"]) == (413, "For stor forespørsel"), path
    client = konfig.app.test_client()
    form = client.post(f"{BASE}/mottakere", data={"navn": "x"}, headers=konfig.kall.headers())
    assert form.status_code == 415
    assert client.get(f"{BASE}/mottakere").status_code == 401
    assert konfig.call("DELETE", own).status_code == 405
    assert konfig.stand(made["id"]) == made


def test_ks_own_documents_are_served_whole(app: Flask) -> None:
    """Operations, required fields and enums as KS publishes them for edialog-mottaker v1 and edialog-oppslag v1."""
    told: Any = app.test_client().get("/api/openapi.json").json
    for path, method in (
        ("/mottakere", "get"),
        ("/mottakere", "post"),
        ("/mottakere/{mottakerId}", "get"),
        ("/mottakere/{mottakerId}", "put"),
        ("/mottakere/{mottakerId}/status", "put"),
        ("/mottakere/{mottakerId}/printleverandor", "put"),
        ("/oppslag/{organisasjonsnummer}", "get"),
    ):
        assert "200" in told["paths"][BASE + path][method]["responses"], path
    schemas = told["components"]["schemas"]
    required = {
        "MottakerV1": "aktiv fiksOrganisasjonId id navn orgnr postnummer poststed printleverandor shortId",
        "MottakereV1": "mottakere",
        "MottakerRequestV1": "navn orgnr postnummer poststed",
        "NyMottakerRequestV1": "fiksOrganisasjonId mottaker",
        "StatusRequestV1": "aktiv",
        "OppdaterPrintleverandorRequestV1": "printleverandor",
    }
    for name, fields in required.items():
        assert set(fields.split()) <= set(schemas[name]["required"]), name
    request = schemas["MottakerRequestV1"]["properties"]
    assert (request["orgnr"]["pattern"], request["postnummer"]["pattern"]) == ("^[0-9]{9}$", "^[0-9]{4}$")
    assert request["navn"]["maxLength"] == 60
    assert set(request) == {"orgnr", "postnummer", "forelderRessurs"} | set(FACTS)
    assert set(schemas["Printleverandor"]["enum"]) == {"GRAFISK_DIGITAL", "MANUELL_PRINT"}
    statuses = {"FUNNET", "IKKE_FUNNET", "UGYLDIG_IDENTIFIKATOR"}
    assert set(schemas["Enhetsoppslagsstatus"]["enum"]) == statuses
    assert set(schemas["Enhetspostadresse"]["properties"]) == set(FACTS) | {"land"}

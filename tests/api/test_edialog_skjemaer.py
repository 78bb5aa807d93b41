"""A citizen writes through a fagsystem, and reaches what is their own and nothing else: KS' edialog-skjema v1."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from fiks.core.actor import Aktor, Aktortype
from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.values.address import Adresse
from fiks.edialog import access, service, work
from fiks.edialog.models import EdialogSkjema
from fiks.edialog.mottaker import service as mottaker_service
from fiks.edialog.rules import letter_id
from fiks.konfigurasjon.person import service as person_service
from fiks.registeroppslag.rules import Kontaktinformasjon
from fiks.svarut.letters import unseal_mottaker
from fiks.svarut.models import Forsendelse
from fiks.svarut.mottak import Svaradresse
from portal.extensions import limiter
from tests.integration.databases import statements
from tests.integration.edialog.skjemaer import PDF, Penn, cover, damage, open_edialog, said
from tests.integration.houses import HOUSE, Hus, make_hus, new_fnr, new_orgnr
from tests.integration.minside.letters import letter_to
from tests.integration.systems import nobody
from tests.integration.worlds import FakeRegister
from tests.machines import IDPORTEN, Kall, make_kall, token
from tests.submissions import submission

BASE = "/edialog/api/v1/skjemaer"
LOW, HIGH = "idporten-loa-substantial", "idporten-loa-high"
ADDRESS = {
    "navn": "Kari Fjellstad",
    "adresselinje1": "Vegen 1",
    "postnummer": "4262",
    "poststed": "AVALDSNES",
    "epost": "kari@eksempel.no",
}
WRITTEN = {"tittel": "2026/118 – tillegg", "melding": "Hei.\n\nSe vedlegg.", "avsenderadresse": ADDRESS}


@dataclass(frozen=True)
class Innbygger:
    """A citizen who is logged in with a fagsystem."""

    app: Flask
    kall: Kall
    pid: str = field(default_factory=new_fnr)

    def call(
        self, method: str, path: str = "", body: object = None, *, acr: str = LOW, **more: Any
    ) -> TestResponse:
        person = {"iss": IDPORTEN, "pid": self.pid, "acr": acr}
        headers = self.kall.headers(Authorization=f"Bearer {token(self.kall.orgnr, **person)}")
        if body is not None:
            more |= {"data": json.dumps(body), "content_type": "application/json"}
        return self.app.test_client().open(BASE + path, method=method, headers=headers, **more)

    def begin(self, hus: Hus, **more: object) -> dict[str, Any]:
        to = {"type": "MOTTAKER_ORGNR", "id": hus.orgnr}
        answer = self.call("POST", "", {"mottaker": to} | more)
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def attach(self, skjema_id: str, content: bytes = PDF, name: str = "vedlegg.pdf") -> TestResponse:
        return self.call("POST", f"/{skjema_id}/filer", data={"fil": (io.BytesIO(content), name)})


@pytest.fixture
def hus(app: Flask) -> Hus:
    with app.app_context():
        made = make_hus()
        open_edialog(made)
        return made


@pytest.fixture(scope="module")
def kall(app: Flask) -> Kall:
    """A fagsystem with no privilege at all."""
    with app.app_context():
        return make_kall(make_hus("Fjordvik kommune").organisasjon_id)


@pytest.fixture
def kari(app: Flask, kall: Kall) -> Innbygger:
    return Innbygger(app, kall)


@pytest.fixture(autouse=True)
def register(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeRegister]:
    fresh = FakeRegister()
    monkeypatch.setitem(app.extensions, "fiks_register", fresh)
    yield fresh


def test_sv83_what_is_written_and_sent_becomes_a_letter_with_its_files(
    app: Flask, kari: Innbygger, hus: Hus, register: FakeRegister
) -> None:
    register.add_person(kari.pid)
    register.contacts[kari.pid] = Kontaktinformasjon(kari.pid, True, epost="kari@eksempel.no")
    made = kari.begin(hus)
    own = f"/{made['id']}"
    assert made == {
        "id": made["id"],
        "sistEndret": made["sistEndret"],
        "status": "IKKE_INNSENDT",
        "sensitivt": False,
        "avsender": {"type": "PERSON", "id": kari.pid, "navn": "Kari Fjellstad", "epost": "kari@eksempel.no"},
        "mottaker": {
            "type": "MOTTAKER",
            "id": made["mottaker"]["id"],
            "navn": "Lillevik kommune",
            "adresse": {
                "orgnr": hus.orgnr,
                "adresselinje1": "Torget 1",
                "postnummer": "4262",
                "poststed": "AVALDSNES",
            },
        },
        "filer": [],
    }
    assert kari.call("PATCH", own, {"tittel": WRITTEN["tittel"]}).json["tittel"] == WRITTEN["tittel"]
    written = kari.call("PATCH", own, {"melding": WRITTEN["melding"], "avsenderadresse": ADDRESS}).json
    assert written["avsender"] == {"type": "PERSON", "id": kari.pid} | ADDRESS
    assert (written["tittel"], written["melding"]) == (WRITTEN["tittel"], WRITTEN["melding"])
    [file] = kari.attach(made["id"]).json["filer"]
    assert file == {
        "id": file["id"],
        "navn": "vedlegg.pdf",
        "type": "application/pdf",
        "storrelse": len(PDF),
    }
    sent = kari.call("POST", f"{own}/send", {"spraak": "NYNORSK"})
    assert (sent.status_code, sent.json["status"]) == (200, "UNDER_INNSENDING")
    assert kari.call("POST", f"{own}/send").json == sent.json, "again changes nothing"
    with app.app_context():
        assert work.send_next(Penn(), register) == 1
        row = session().get_one(EdialogSkjema, UUID(made["id"]))
        letter = session().get_one(Forsendelse, row.forsendelse_id)
        assert (letter.avgivende_system, letter.konto_id, row.spraak) == ("EDIALOG", hus.konto_id, "nn")
    told = kari.call("GET", own).json
    assert (told["status"], told["forsendelseId"]) == ("INNSENDT", str(letter.id))


@pytest.mark.parametrize("changed", [{"navn": "Storvik kommune"}, {"orgnr": new_orgnr()}])
def test_what_has_got_another_mottaker_is_not_sent_before_the_citizen_can_have_seen_whom(
    app: Flask, kari: Innbygger, hus: Hus, register: FakeRegister, changed: dict[str, str]
) -> None:
    own = f"/{kari.begin(hus)['id']}"
    shown = kari.call("PATCH", own, WRITTEN).json["mottaker"]
    with app.app_context():
        now = replace(said(hus), navn=shown["navn"])
        if orgnr := changed.get("orgnr"):
            cover(hus.konto_id, orgnr)
        mottaker_service.set_mottaker(hus.konto_id, replace(now, **changed), spor=nobody, actor=HOUSE)
    assert kari.call("GET", own).json["mottaker"] == shown
    refused = kari.call("POST", f"{own}/send")
    assert (refused.status_code, refused.json["errorCode"]) == (409, "EDIALOG_ENDRET_ETTER_SYN")
    told = kari.call("GET", own).json
    to = told["mottaker"]
    assert (told["status"], to["navn"], to["adresse"]["orgnr"]) == (
        "IKKE_INNSENDT",
        changed.get("navn", shown["navn"]),
        changed.get("orgnr", hus.orgnr),
    )
    assert (told["tittel"], told["melding"]) == (WRITTEN["tittel"], WRITTEN["melding"])
    assert kari.call("POST", f"{own}/send").json["status"] == "UNDER_INNSENDING"
    with app.app_context():
        work.send_next(Penn(), register)
        letter = session().get_one(Forsendelse, letter_id(UUID(own[1:])))
        assert unseal_mottaker(letter.mottaker_kryptert).digital_id == to["adresse"]["orgnr"]


def test_one_that_cannot_be_read_hides_no_other(
    app: Flask, kari: Innbygger, hus: Hus, caplog: pytest.LogCaptureFixture
) -> None:
    with app.app_context():
        other = make_hus()
        open_edialog(other)
    damaged, whole = kari.begin(hus)["id"], kari.begin(other)["id"]
    with app.app_context():
        damage(UUID(damaged))
    answer = kari.call("GET")
    assert (answer.status_code, [one["id"] for one in answer.json["skjemaer"]]) == (200, [whole])
    told = [one.__dict__ for one in caplog.records if one.msg == "edialog_unreadable"]
    assert [(one["skjema"], one["antall"]) for one in told] == [(damaged, 1)]
    assert kari.begin(hus, slettEksisterende=True)["id"] != damaged


ROUTES = (
    ("GET", "", None),
    ("POST", "", {"mottaker": {"type": "MOTTAKER_ORGNR", "id": "310000000"}}),
    ("GET", "/{id}", None),
    ("PATCH", "/{id}", {"tittel": "Hei"}),
    ("DELETE", "/{id}", None),
    ("POST", "/{id}/filer", None),
    ("DELETE", "/{id}/filer/{id}", None),
    ("POST", "/{id}/send", {}),
)


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_a_machine_that_calls_for_nobody_writes_to_nobody(
    app: Flask, kari: Innbygger, hus: Hus, method: str, path: str, body: object
) -> None:
    made = kari.begin(hus)
    data = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    answer = app.test_client().open(
        BASE + path.format(id=made["id"]), method=method, headers=kari.kall.headers(), **data
    )
    assert (answer.status_code, answer.json["errorCode"]) == (403, "KUN_INNBYGGER")
    assert "ID-porten" in answer.json["message"], "no right of the machine's would help"
    assert kari.call("GET", f"/{made['id']}").json == made


@pytest.mark.parametrize(("method", "path", "body"), ROUTES[2:])
def test_anothers_skjema_is_as_if_it_were_not_there(
    kari: Innbygger, hus: Hus, method: str, path: str, body: object
) -> None:
    made, other = kari.begin(hus), Innbygger(kari.app, kari.kall)
    for ident in (made["id"], str(uuid4())):
        answer = other.call(method, path.format(id=ident), body)
        assert (answer.status_code, answer.json["message"]) == (404, "Ikke funnet")
    assert kari.call("GET", f"/{made['id']}").json == made
    assert other.call("GET").json == {"skjemaer": []}
    assert [one["id"] for one in kari.call("GET").json["skjemaer"]] == [made["id"]]


def test_a_fagsystem_writes_for_the_citizen_alone_whosever_supplier_it_is(
    app: Flask, kari: Innbygger
) -> None:
    """What a supplier's token says of its customer is nobody the citizen represents."""
    with app.app_context():
        person_id = person_service.find_or_create_person(kari.pid, None)
        actor = Aktor(
            Aktortype.PERSON,
            "Fagsystem",
            person_id=person_id,
            integrasjon_id=uuid4(),
            paa_vegne_av="310000000",
        )
        assert access.number_of(actor) == kari.pid


def test_what_is_sensitive_needs_a_login_at_level_four(kari: Innbygger, hus: Hus) -> None:
    own = f"/{kari.begin(hus)['id']}"
    low = kari.call("PATCH", own, {"sensitivt": True})
    assert (low.status_code, low.json["errorCode"]) == (403, "HOYERE_NIVA")
    assert kari.call("PATCH", own, {"sensitivt": True}, acr=HIGH).json["sensitivt"] is True
    assert kari.call("GET", own).status_code == 403
    assert kari.call("GET").json == {"skjemaer": []}
    assert len(kari.call("GET", acr=HIGH).json["skjemaer"]) == 1
    assert kari.call("PATCH", own, {"tittel": "Hei"}, acr=HIGH).json["sensitivt"] is True


def test_of_two_changes_at_once_both_are_kept(
    kari: Innbygger, hus: Hus, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = f"/{kari.begin(hus)['id']}"
    kari.call("PATCH", own, WRITTEN)
    save, between = service.save_part, {"melding": "Ny melding", "sensitivt": True}
    answers: list[TestResponse] = []

    def overtaken(*args: Any, **named: Any) -> None:
        monkeypatch.setattr(service, "save_part", save)
        with ThreadPoolExecutor(1) as other:
            answers.append(other.submit(kari.call, "PATCH", own, between, acr=HIGH).result())
        save(*args, **named)

    monkeypatch.setattr(service, "save_part", overtaken)  # the one moment between reading and writing
    answers.append(kari.call("PATCH", own, {"tittel": "Ny tittel"}, acr=HIGH))
    assert [one.status_code for one in answers] == [200, 200]
    now = kari.call("GET", own, acr=HIGH).json
    assert (now["tittel"], now["melding"], now["sensitivt"]) == ("Ny tittel", "Ny melding", True)


@pytest.mark.parametrize(
    ("body", "felt"),
    [
        ({"tittel": "a" * 1001}, "tittel"),
        ({"melding": "x\u4e2d"}, "melding"),
        ({"avsenderadresse": ADDRESS | {"epost": "kari"}}, "avsenderadresse.epost"),
        ({"avsenderadresse": ADDRESS | {"postnummer": "42"}}, "avsenderadresse.postnummer"),
        ({"avsenderadresse": ADDRESS | {"telefonnummer": "ring"}}, "avsenderadresse.telefonnummer"),
        ({"avsenderid": {"type": "PERSON", "id": "17912099997"}}, None),
        ({"avsenderid": {"type": "ORGANISASJON", "id": "310000000"}}, None),
    ],
)
def test_what_is_written_wrong_is_told_by_its_field_and_not_kept(
    kari: Innbygger, hus: Hus, body: dict[str, Any], felt: str | None
) -> None:
    made = kari.begin(hus)
    answer = kari.call("PATCH", f"/{made['id']}", body)
    assert answer.status_code == 400 and (answer.json["errorJson"] or {}).keys() == (
        {felt} if felt else set()
    )
    assert kari.pid not in answer.text and "17912099997" not in answer.text
    assert kari.call("GET", f"/{made['id']}").json == made


def test_whom_it_is_from_may_be_said_when_it_is_the_citizen(kari: Innbygger, hus: Hus) -> None:
    made = kari.begin(hus)
    said = {"avsenderid": {"type": "PERSON", "id": kari.pid}, "tittel": "Hei"}
    assert kari.call("PATCH", f"/{made['id']}", said).json["tittel"] == "Hei"


def test_what_lacks_something_is_not_sent(kari: Innbygger, hus: Hus) -> None:
    own = f"/{kari.begin(hus)['id']}"
    kari.call("PATCH", own, {"tittel": "Hei"})
    answer = kari.call("POST", f"{own}/send")
    assert answer.status_code == 400
    assert set(answer.json["errorJson"]) == {
        "melding",
        "avsenderadresse.navn",
        "avsenderadresse.adresselinje1",
        "avsenderadresse.postnummer",
        "avsenderadresse.poststed",
    }
    assert kari.call("GET", own).json["status"] == "IKKE_INNSENDT"


def test_many_are_listed_by_as_many_statements_as_one(app: Flask, kari: Innbygger) -> None:
    """The same as each by itself, files and all."""
    asked: list[int] = []
    made: list[str] = []
    for _ in range(3):
        with app.app_context():
            other = make_hus()
            open_edialog(other)
        made.append(kari.begin(other)["id"])
        kari.attach(made[-1])
        with statements() as seen:
            listed = kari.call("GET").json["skjemaer"]
        asked.append(len(seen))
    assert [one["id"] for one in listed] == made[::-1]
    assert listed == [kari.call("GET", f"/{one}").json for one in made[::-1]]
    assert len(set(asked)) == 1


def test_a_draft_goes_on_or_is_begun_anew(kari: Innbygger, hus: Hus) -> None:
    made = kari.begin(hus)
    kari.call("PATCH", f"/{made['id']}", {"tittel": "Hei"})
    assert (kari.begin(hus)["id"], kari.begin(hus)["tittel"]) == (made["id"], "Hei")
    anew = kari.begin(hus, slettEksisterende=True)
    assert anew["id"] != made["id"] and "tittel" not in anew
    assert kari.call("GET", f"/{made['id']}").status_code == 404


def test_a_draft_is_found_by_whom_it_is_to(app: Flask, kari: Innbygger, hus: Hus) -> None:
    made = kari.begin(hus)
    with app.app_context():
        short = open_edialog(hus)
    for kind, ident in (
        ("skjemaId", made["id"]),
        ("mottakerId", made["mottaker"]["id"]),
        ("mottakerShortId", short),
        ("mottakerOrgnr", hus.orgnr),
    ):
        found = kari.call("GET", f"/{ident}", query_string={"idType": kind})
        assert (found.status_code, found.json.get("id")) == (200, made["id"]), kind
        again = kari.call("GET", "/ukjent", query_string={"idType": kind})
        assert again.status_code == 404, kind
    assert kari.call("GET", f"/{made['id']}", query_string={"idType": "annet"}).status_code == 400
    assert kari.call("GET", f"/{uuid4()}", query_string={"idType": "svarPaForsendelseId"}).status_code == 404
    for kind, ident in (("MOTTAKER_ID", made["mottaker"]["id"]), ("MOTTAKER_SHORT_ID", short)):
        same = kari.call("POST", "", {"mottaker": {"type": kind, "id": ident}})
        assert same.json["id"] == made["id"], kind


def test_an_answer_is_tied_to_the_citizens_own_letter(app: Flask, kari: Innbygger, hus: Hus) -> None:
    with app.app_context():
        answers = Svaradresse(
            Adresse("Lillevik postmottak", "Kaia 2", "", "", "4260", "TORVASTAD", ""), hus.orgnr
        )
        said = submission(digital_id=kari.pid, tittel="Vedtak", kan_svares=True, svar_sendes_til=answers)
        letter = str(letter_to(hus, kari.pid, said=said))
    to = {"mottaker": {"type": "SVAR_PA_FORSENDELSE_ID", "id": letter}}
    made = kari.call("POST", "", to).json
    assert (made["tittel"], made["mottaker"]["type"], made["mottaker"]["id"]) == (
        "Svar: Vedtak",
        "SVAR_PA_FORSENDELSE",
        letter,
    )
    found = kari.call("GET", f"/{letter}", query_string={"idType": "svarPaForsendelseId"})
    assert found.json["id"] == made["id"]
    assert Innbygger(kari.app, kari.kall).call("POST", "", to).status_code == 404


def test_a_file_that_cannot_be_used_is_refused_and_one_can_be_taken_away(kari: Innbygger, hus: Hus) -> None:
    made = kari.begin(hus)
    wrong = kari.attach(made["id"], b"MZ", "virus.exe")
    assert (wrong.status_code, wrong.json["errorCode"]) == (400, "EDIALOG_IKKE_PDF")
    form = {"data": {"fil": "tekst"}, "content_type": "multipart/form-data"}
    assert kari.call("POST", f"/{made['id']}/filer", **form).status_code == 400
    [file] = kari.attach(made["id"]).json["filer"]
    gone = kari.call("DELETE", f"/{made['id']}/filer/{file['id']}")
    assert (gone.status_code, gone.json["filer"]) == (200, [])


def test_several_files_in_one_call_are_refused_and_none_is_kept(kari: Innbygger, hus: Hus) -> None:
    made = kari.begin(hus)
    for names in (("fil", "fil"), ("fil", "fil2")):
        files = [(name, (io.BytesIO(PDF), f"{nr}.pdf")) for nr, name in enumerate(names)]
        answer = kari.call("POST", f"/{made['id']}/filer", data=MultiDict(files))
        assert (answer.status_code, answer.json["errorCode"]) == (400, "EDIALOG_EN_FIL"), names
    assert kari.call("GET", f"/{made['id']}").json == made


def test_a_draft_is_deleted_and_told_of(app: Flask, kari: Innbygger, hus: Hus) -> None:
    made = kari.begin(hus)
    gone = kari.call("DELETE", f"/{made['id']}")
    assert (gone.status_code, gone.json) == (200, made)
    assert kari.call("GET", f"/{made['id']}").status_code == 404
    with app.app_context():
        row = session().scalars(select(Audit).where(Audit.objekt_id == made["id"])).one()
        assert (row.handling, str(row.integrasjon_id)) == ("EDIALOG_UTKAST_SLETTET", kari.kall.id)


def test_ks_own_document_is_served_whole(app: Flask) -> None:
    """Operations, fields and enums as KS publishes them for edialog-skjema v1."""
    told: Any = app.test_client().get("/api/openapi.json").json
    for path, method in (
        ("", "get"),
        ("", "post"),
        ("/{id}", "get"),
        ("/{skjemaId}", "patch"),
        ("/{skjemaId}", "delete"),
        ("/{skjemaId}/filer", "post"),
        ("/{skjemaId}/filer/{filId}", "delete"),
        ("/{skjemaId}/send", "post"),
    ):
        assert "200" in told["paths"][BASE + path][method]["responses"], path
    schemas = told["components"]["schemas"]
    fields = {
        "OppdaterSkjemaV1": "sensitivt tittel melding avsenderid avsenderadresse",
        "OppdaterAvsenderadresseV1": "navn adresselinje1 adresselinje2 adresselinje3 postnummer poststed land epost"
        " telefonnummer",
        "SkjemaV1": "id sistEndret status forsendelseId sensitivt tittel melding avsender mottaker filer",
        "FilV1": "id navn type storrelse",
    }
    for name, wanted in fields.items():
        assert set(schemas[name]["properties"]) == set(wanted.split()), name
    assert set(schemas["Spraak"]["enum"]) == {"BOKMAL", "NYNORSK", "ENGELSK", "NORDSAMISK"}


def test_files_are_opened_so_many_a_minute_for_a_citizen_and_no_more(kari: Innbygger, hus: Hus) -> None:
    """Counted per citizen, so that one does not stop another of the same fagsystem."""
    made, other = kari.begin(hus), Innbygger(kari.app, kari.kall)
    theirs = other.begin(hus)
    limiter.enabled = True
    limiter.reset()
    try:
        answers = [kari.call("POST", f"/{made['id']}/filer").status_code for _ in range(11)]
        assert (set(answers[:10]), answers[10]) == ({400}, 429)
        assert other.call("POST", f"/{theirs['id']}/filer").status_code == 400
    finally:
        limiter.reset()
        limiter.enabled = False

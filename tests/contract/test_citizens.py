"""The citizens: log in at ID-porten, download the whole letter from a small portal, and only then it is read."""

from __future__ import annotations

import secrets
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
import requests
from authlib.common.security import generate_token
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import Flask, Response, redirect, request, session
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

from fiks.konfigurasjon.person.altinn import AltinnParter
from fiks.svarut.channels.altinn import AltinnClient
from fiks.svarut.channels.base import Kvittering, Utgaende
from testmiljo.sim.process import Simulation

LETTER = b"%PDF-1.7 " + bytes(range(256)) * 500


class Portal:
    """A portal with one kind of page, `/forsendelse/<id>/<n>`: login at ID-porten, then the file."""

    def __init__(self, sim: Simulation) -> None:
        self.sim = sim
        self.refusals = 0
        self.shows_a_page_first = False
        self.downloads: list[str] = []
        self.logins = 0
        self.base_url = ""
        self.app = Flask("portal")
        self.app.secret_key = secrets.token_hex()
        self.app.add_url_rule("/forsendelse/<letter>/<int:n>", view_func=self.page)
        self.app.add_url_rule("/forsendelse/<letter>/<int:n>/fil", view_func=self.file)
        self.app.add_url_rule("/forsendelse/<letter>", view_func=self.files)
        self.app.add_url_rule("/oidc", view_func=self.back)

    def page(self, letter: str, n: int) -> Any:
        if self.refusals > 0:
            self.refusals -= 1
            return Response("not now", status=503, headers={"Retry-After": "0"})
        if "inne" not in session:
            session["videre"] = request.url
            verifier = generate_token(48)
            query = {
                "client_id": "prove",
                "response_type": "code",
                "redirect_uri": f"{self.base_url}/oidc",
                "scope": "openid",
                "state": "s",
                "nonce": generate_token(16),
                "acr_values": "idporten-loa-high",
                "code_challenge": create_s256_code_challenge(verifier),
                "code_challenge_method": "S256",
            }
            return redirect(
                f"{self.sim.url('idporten')}/authorize?" + "&".join(f"{k}={v}" for k, v in query.items())
            )
        if self.shows_a_page_first:
            return f'<a href="/">Forsiden</a> <a href="{request.path}/fil">Last ned</a>'
        return self.file(letter, n)

    def files(self, letter: str) -> Any:
        if "inne" not in session:
            return self.page(letter, 1)
        return "".join(f'<a href="/forsendelse/{letter}/{n}">Last ned</a>' for n in (1, 2))

    def file(self, letter: str, n: int) -> Response:
        self.downloads.append(letter)
        return Response(LETTER, mimetype="application/pdf")

    def back(self) -> Any:
        assert request.args["code"]
        self.logins += 1
        session["inne"] = True
        return redirect(session["videre"])


@contextmanager
def serving(portal: Portal, port: int = 0) -> Iterator[Portal]:
    server = make_server("127.0.0.1", port, portal.app, threaded=True)
    portal.base_url = f"http://127.0.0.1:{server.server_port}"
    key = RSAKey.generate_key(2048, {"kid": "prove"}, private=True)
    client = {
        "client_id": "prove",
        "jwks": {"keys": [key.as_dict(private=False)]},
        "redirect_uris": [f"{portal.base_url}/oidc"],
        "post_logout_redirect_uris": [],
    }
    portal.sim.add_logins({"clients": [client]})
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield portal
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def portal(sim: Simulation) -> Iterator[Portal]:
    with serving(Portal(sim)) as running:
        yield running


def send(sim: Simulation, portal: Portal, mottaker: str, page: str = "/forsendelse/{}/1") -> str:
    referanse = str(uuid.uuid4())
    brev = Utgaende(
        referanse, mottaker, "311990039", "Brev", "Hei", portal.base_url + page.format(referanse),
        "HOYESTE", "nb", None, None,
    )  # fmt: skip
    AltinnClient(sim.url("altinn")).send(brev)
    return referanse


def receipts(sim: Simulation) -> list[Kvittering]:
    """With our own references, which Altinn's events do not tell."""
    client = AltinnClient(sim.url("altinn"))
    found, _ = client.receipts(None, 100)
    return [replace(one, referanse=client.whose(one.referanse) or "") for one in found]


def wait_until(done: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def nothing_pending(sim: Simulation) -> bool:
    readings = sim.reading_counts()
    return bool(readings["venter"] == 0 and readings["paagaar"] == 0)


def person(register: dict[str, Any], lesing: str) -> str:
    return next(fnr for fnr, entry in register["personer"].items() if entry["altinn"]["lesing"] == lesing)


def organisation(register: dict[str, Any], lesing: str) -> str:
    return next(
        orgnr for orgnr, entry in register["organisasjoner"].items() if entry["altinn"]["lesing"] == lesing
    )


def test_a_reader_of_several_files_finds_them_on_the_page_of_the_letter(
    sim: Simulation, portal: Portal, register: dict[str, Any]
) -> None:
    referanse = send(sim, portal, person(register, "INNEN_1_TIME"), "/forsendelse/{}")
    wait_until(lambda: nothing_pending(sim))
    assert portal.downloads == [referanse]


@pytest.mark.parametrize("page_first", [False, True])
def test_a_reader_logs_in_and_downloads_the_whole_letter(
    sim: Simulation, portal: Portal, register: dict[str, Any], page_first: bool
) -> None:
    portal.shows_a_page_first = page_first
    referanse = send(sim, portal, person(register, "INNEN_1_TIME"))

    wait_until(lambda: nothing_pending(sim))

    [reading] = sim.readings()
    assert (reading["status"], reading["sha256"]) == ("LEST", sha256(LETTER).hexdigest())
    assert [(r.referanse, r.art) for r in receipts(sim)] == [(referanse, "LEVERT"), (referanse, "LEST")]
    assert (portal.downloads, portal.logins) == ([referanse], 1)


def test_somebody_who_never_reads_only_gets_the_message(
    sim: Simulation, portal: Portal, register: dict[str, Any]
) -> None:
    send(sim, portal, person(register, "ALDRI"))
    send(sim, portal, organisation(register, "ALDRI"))
    assert sim.readings() == []
    assert [r.art for r in receipts(sim)] == ["LEVERT", "LEVERT"]


def test_for_an_organisation_its_daglig_leder_reads_and_may_act_for_it(
    sim: Simulation, portal: Portal, register: dict[str, Any]
) -> None:
    orgnr = organisation(register, "INNEN_1_TIME")
    referanse = send(sim, portal, orgnr)
    wait_until(lambda: nothing_pending(sim))
    assert portal.downloads == [referanse]

    altinn = AltinnParter(sim.url("altinn"))
    holders = [
        fnr
        for fnr in register["personer"]
        for part in altinn.authorized_parties(fnr)
        if part.orgnr == orgnr and ("ROLLE", "A0236") in part.fullmakter
    ]
    assert len(holders) == 1
    assert register["personer"][holders[0]]["folkeregister"]["status"] == "bosatt"


def test_a_portal_that_is_away_is_tried_again(
    sim: Simulation, portal: Portal, register: dict[str, Any]
) -> None:
    portal.refusals = 3
    send(sim, portal, person(register, "INNEN_1_TIME"))
    wait_until(lambda: nothing_pending(sim))
    assert [reading["forsok"] for reading in sim.readings()] == [3]
    assert [r.art for r in receipts(sim)] == ["LEVERT", "LEST"]


def test_a_closed_portal_keeps_the_reading_pending_until_it_opens(
    sim: Simulation, register: dict[str, Any]
) -> None:
    closed = Portal(sim)
    with serving(closed):
        port = int(closed.base_url.rpartition(":")[2])
    send(sim, closed, person(register, "INNEN_1_TIME"))
    wait_until(lambda: sim.readings()[0]["forsok"] > 0)
    assert [r.art for r in receipts(sim)] == ["LEVERT"]
    with serving(closed, port):
        wait_until(lambda: nothing_pending(sim))
    assert [r.art for r in receipts(sim)] == ["LEVERT", "LEST"]


def test_citizens_can_be_held_back(sim: Simulation, portal: Portal, register: dict[str, Any]) -> None:
    sim.set_switches(innbyggere={"pause": True})
    send(sim, portal, person(register, "INNEN_1_TIME"))
    time.sleep(0.3)
    assert (sim.state()["lesinger"]["venter"], portal.downloads) == (1, [])
    sim.set_switches(innbyggere={})
    wait_until(lambda: nothing_pending(sim))
    assert len(portal.downloads) == 1


def test_a_person_may_be_given_an_organisation_to_act_for(sim: Simulation, register: dict[str, Any]) -> None:
    pid = person(register, "INNEN_1_TIME")
    sim.add_mandate(pid, "311990039", "Lillevik kommune")
    parts = AltinnParter(sim.url("altinn")).authorized_parties(pid)
    assert [part.fullmakter for part in parts if part.orgnr == "311990039"] == [
        frozenset({("ROLLE", "A0236")})
    ]


def test_s17_39_a_subunit_comes_below_a_main_unit_that_only_shows_the_way(
    sim: Simulation, register: dict[str, Any]
) -> None:
    pid = person(register, "INNEN_1_TIME")
    sim.add_mandate(pid, "314000005", "Konsernet, Hamna", hovedenhet=("314000013", "Konsernet"))
    parts = {part.orgnr: part for part in AltinnParter(sim.url("altinn")).authorized_parties(pid)}
    main, sub = parts["314000013"], parts["314000005"]
    assert (main.velgbar, main.fullmakter) == (False, frozenset())
    assert (sub.velgbar, sub.hovedenhet) == (True, "314000013")
    assert sub.fullmakter == {("ROLLE", "A0236")}
    assert list(parts).index("314000013") < list(parts).index("314000005")


def test_a_main_unit_one_has_rights_in_may_be_chosen_beside_its_subunit(
    sim: Simulation, register: dict[str, Any]
) -> None:
    pid = person(register, "INNEN_1_TIME")
    sim.add_mandate(pid, "314000021", "Huset", ["KOMAB"])
    sim.add_mandate(pid, "314000056", "Huset, Hamna", hovedenhet=("314000021", "Huset"))
    parts = {part.orgnr: part for part in AltinnParter(sim.url("altinn")).authorized_parties(pid)}
    assert [parts[number].velgbar for number in ("314000021", "314000056")] == [True, True]
    assert parts["314000021"].fullmakter == {("ROLLE", "KOMAB")}
    assert parts["314000056"].hovedenhet == "314000021"


def test_what_is_not_said_of_a_unit_with_a_mandate_stays_as_it_was(
    sim: Simulation, register: dict[str, Any]
) -> None:
    first, second = person(register, "INNEN_1_TIME"), person(register, "ALDRI")
    sim.add_mandate(first, "314000064", "Konsernet, Vika", hovedenhet=("314000072", "Konsernet"))
    sim.add_mandate(first, "314000080", "Lagt ned", slettet=True)
    for orgnr in ("314000064", "314000080"):
        sim.add_mandate(second, orgnr, "Konsernet, Vika")
    parts = {part.orgnr: part for part in AltinnParter(sim.url("altinn")).authorized_parties(second)}
    assert parts["314000064"].hovedenhet == "314000072"
    assert "314000080" not in parts


def test_s17_39_a_deleted_unit_is_nothing_to_act_for_although_altinn_still_names_it(
    sim: Simulation, register: dict[str, Any]
) -> None:
    pid = person(register, "INNEN_1_TIME")
    sim.add_mandate(pid, "314000048", "Lagt ned", slettet=True)
    named = requests.post(
        sim.url("altinn") + "/accessmanagement/api/v1/resourceowner/authorizedparties",
        json={"type": "urn:altinn:person:identifier-no", "value": pid},
        timeout=10,
    ).json()
    assert [p["isDeleted"] for p in named if p["organizationNumber"] == "314000048"] == [True]
    parts = AltinnParter(sim.url("altinn")).authorized_parties(pid)
    assert "314000048" not in {part.orgnr for part in parts}


def test_a_deleted_organisation_is_nothing_to_act_for(sim: Simulation, register: dict[str, Any]) -> None:
    altinn = AltinnParter(sim.url("altinn"))
    led = {part.orgnr for fnr in register["personer"] for part in altinn.authorized_parties(fnr)}
    deleted = {
        orgnr
        for orgnr, entry in register["organisasjoner"].items()
        if entry["enhetsregisteret"]["status"] == "SLETTET"
    }
    assert deleted
    assert not led & deleted

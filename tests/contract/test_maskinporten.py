"""Maskinporten's double keeps Maskinporten's rules, and each refusal has Maskinporten's own code."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from testmiljo.maskinporten.clients import FEIL
from testmiljo.sim.process import Simulation
from tests.contract.maskinporten_world import (
    CONSUMER,
    OLD_KEY,
    OTHER_KEY,
    SCOPE,
    STRANGER,
    SUPPLIER,
    Sertifikater,
    ask,
    assertion,
    make_certificates,
    registration,
)

AUTHORITY = "iso6523-actorid-upis"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Sertifikater:
    return make_certificates(tmp_path_factory.mktemp("sertifikater"))


@pytest.fixture(scope="module")
def world(running_sim: Simulation, certificates: Sertifikater) -> Simulation:
    running_sim.add_machines(registration(certificates.pem("rot")))
    return running_sim


@pytest.fixture(scope="module")
def issuer(world: Simulation) -> str:
    return world.url("maskinporten") + "/"


def get(url: str) -> dict[str, Any]:
    session = requests.Session()
    session.trust_env = False
    found: dict[str, Any] = session.get(url, timeout=20).json()
    return found


def read(issuer: str, answer: requests.Response) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of the token of a right answer, its signature checked by the published keys."""
    assert answer.status_code == 200, answer.text
    keys = KeySet.import_key_set(get(get(issuer + ".well-known/oauth-authorization-server")["jwks_uri"]))
    token = jwt.decode(answer.json()["access_token"], keys, algorithms=["RS256"])
    return token.header, token.claims


def refused(answer: requests.Response, kode: str) -> None:
    body = answer.json()
    assert answer.status_code == 400
    assert f"(MP-{kode})" in body["error_description"], body
    assert body["error"] == FEIL[kode][0]
    assert set(body) == {"error", "error_description", "error_uri"}


def test_the_metadata_names_the_issuer_with_its_slash(issuer: str) -> None:
    told = get(issuer + ".well-known/oauth-authorization-server")
    assert (told["issuer"], told["token_endpoint"], told["jwks_uri"]) == (
        issuer,
        issuer + "token",
        issuer + "jwk",
    )
    [key] = get(issuer + "jwk")["keys"]
    assert "kid" in key and "d" not in key


@pytest.mark.parametrize("alg", ["RS256", "RS384", "RS512"])
def test_a_client_with_a_registered_key_gets_a_token(world: Simulation, issuer: str, alg: str) -> None:
    answer = ask(world, assertion(issuer, alg=alg))
    header, claims = read(issuer, answer)
    assert header["kid"] == get(issuer + "jwk")["keys"][0]["kid"]
    assert set(claims) == {
        "iss", "client_id", "client_amr", "consumer", "scope", "token_type", "iat", "exp", "jti",
    }  # fmt: skip
    assert claims["iss"] == issuer
    assert (claims["client_id"], claims["client_amr"]) == ("leverandor", "private_key_jwt")
    assert claims["consumer"] == {"authority": AUTHORITY, "ID": f"0192:{SUPPLIER}"}
    assert claims["scope"] == answer.json()["scope"] == SCOPE
    assert answer.json()["expires_in"] == claims["exp"] - claims["iat"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("on_behalf", [{"consumer_org": CONSUMER}, {"iss_onbehalfof": "kunden"}])
def test_a_supplier_gets_a_token_for_the_consumer_that_has_delegated(
    world: Simulation, issuer: str, on_behalf: dict[str, str]
) -> None:
    _, claims = read(issuer, ask(world, assertion(issuer, **on_behalf)))
    assert claims["consumer"] == {"authority": AUTHORITY, "ID": f"0192:{CONSUMER}"}
    assert claims["supplier"] == {"authority": AUTHORITY, "ID": f"0192:{SUPPLIER}"}


def test_a_token_names_a_receiver_only_when_one_was_asked_for(world: Simulation, issuer: str) -> None:
    _, claims = read(issuer, ask(world, assertion(issuer, resource="https://api.example")))
    assert claims["aud"] == "https://api.example"


NOT_RIGHT: list[tuple[str, dict[str, Any]]] = [
    ("011", {"ukjent": 1}),
    ("011", {"consumer_org": CONSUMER, "iss_onbehalfof": "kunden"}),
    ("011", {"consumer_org": f"0192:{CONSUMER}"}),
    ("011", {"jti": None}),
    ("011", {"scope": " "}),
    ("011", {"iat": "nå"}),
    ("011", {"exp": True}),
    ("011", {"resource": [1]}),
    ("100", {"iss": "ukjent"}),
    ("100", {"iss": None}),
    ("100", {"header": {"kid": "ukjent"}}),
    ("100", {"header": {}}),
    ("100", {"header": {"kid": "k-1", "x5c": ["x"]}}),
    ("121", {"key": OLD_KEY}),
    ("124", {"key": OTHER_KEY}),
    ("124", {"alg": "PS256"}),
    ("200", {"scope": "ks:annet"}),
    ("200", {"scope": f"{SCOPE} ks:annet"}),
    ("201", {"scope": "ks:lukket"}),
    ("250", {"scope": "ks:kunde", "consumer_org": CONSUMER}),
    ("251", {"consumer_org": STRANGER}),
    ("251", {"iss_onbehalfof": "ukjent"}),
]


@pytest.mark.parametrize(
    ("kode", "changes"), NOT_RIGHT, ids=lambda value: "+".join(value) if isinstance(value, dict) else value
)
def test_what_is_not_quite_right_is_refused_with_its_code(
    world: Simulation, issuer: str, kode: str, changes: dict[str, Any]
) -> None:
    refused(ask(world, assertion(issuer, **changes)), kode)


def test_the_audience_is_the_issuer_letter_by_letter(world: Simulation, issuer: str) -> None:
    for aud in (issuer.rstrip("/"), issuer + "token", [issuer], "https://maskinporten.no/"):
        refused(ask(world, assertion(issuer, aud=aud)), "110")


def test_an_assertion_is_of_now_and_short(world: Simulation, issuer: str) -> None:
    now = int(time.time())
    for changes in (
        {"iat": now - 60, "exp": now + 20},
        {"iat": now + 60, "exp": now + 120},
        {"iat": now, "exp": now + 121},
        {"iat": now - 5, "exp": now - 1},
    ):
        refused(ask(world, assertion(issuer, **changes)), "130")


def test_an_assertion_is_good_once(world: Simulation, issuer: str) -> None:
    once = assertion(issuer)
    assert ask(world, once).status_code == 200
    refused(ask(world, once), "012")


def test_the_form_is_as_it_should_be(world: Simulation, issuer: str) -> None:
    refused(ask(world, assertion(issuer), grant_type="client_credentials"), "011")
    refused(ask(world, "x.y.z"), "011")


@pytest.mark.parametrize("name", ["ny", "eldre"])
def test_a_client_with_a_virksomhetssertifikat_gets_a_token(
    world: Simulation, issuer: str, certificates: Sertifikater, name: str
) -> None:
    """The root may stand at the end of the chain or be left out."""
    for chain in ((name, "mellom"), (name, "mellom", "rot")):
        _, claims = read(issuer, ask(world, certified(issuer, certificates, name, certificates.x5c(*chain))))
        assert claims["client_amr"] == "virksomhetssertifikat"
        assert claims["consumer"]["ID"] == f"0192:{SUPPLIER}"


def certified(issuer: str, certificates: Sertifikater, signer: str, x5c: object) -> str:
    key: RSAKey = certificates.key(signer)
    return assertion(issuer, key=key, header={"x5c": x5c}, iss="sertifisert")


@pytest.mark.parametrize(
    ("kode", "chain"),
    [
        ("120", ["eldre"]),
        ("120", ["selvlaget"]),
        ("120", ["selvlaget", "mellom"]),
        ("120", ["under_ny", "ny", "mellom"]),
        ("120", ["utlopt", "mellom"]),
        ("120", ["kryptering", "mellom"]),
        ("120", ["uten_orgnr", "mellom"]),
        ("120", ["rot"]),
        ("122", ["annen", "mellom"]),
    ],
    ids=str,
)
def test_a_certificate_that_is_not_good_is_refused_with_its_code(
    world: Simulation, issuer: str, certificates: Sertifikater, kode: str, chain: list[str]
) -> None:
    refused(ask(world, certified(issuer, certificates, chain[0], certificates.x5c(*chain))), kode)


def test_an_x5c_that_is_none_is_refused_with_its_code(
    world: Simulation, issuer: str, certificates: Sertifikater
) -> None:
    for x5c in ([], ["bm9uZQ=="], ["*"], certificates.x5c("ny") * 6):
        refused(ask(world, certified(issuer, certificates, "ny", x5c)), "123")


def test_somebody_elses_certificate_does_not_help_without_its_key(
    world: Simulation, issuer: str, certificates: Sertifikater
) -> None:
    refused(ask(world, certified(issuer, certificates, "annen", certificates.x5c("ny", "mellom"))), "124")


def test_every_code_has_a_test() -> None:
    told = {"012", "110", "120", "122", "123", "130"} | {kode for kode, _ in NOT_RIGHT}
    assert told == set(FEIL)


@pytest.fixture
def own_world(tmp_path: Path) -> Iterator[Simulation]:
    with Simulation([], tmp_path / "verden.sqlite") as sim:
        yield sim


@pytest.mark.slow
def test_key_and_clients_outlive_a_crash(own_world: Simulation) -> None:
    own_world.add_machines(registration())
    issuer = own_world.url("maskinporten") + "/"
    before = get(issuer + "jwk")
    own_world.kill()
    own_world.start()
    assert get(issuer + "jwk") == before
    assert ask(own_world, assertion(issuer)).status_code == 200

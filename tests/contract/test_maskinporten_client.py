"""A client of Maskinporten that we did not write (PyPI: pymaskinporten) gets a token and calls our running portal."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from joserfc.jwk import RSAKey
from pymaskinporten import (
    MaskinportenClient,
    MaskinportenSecrets,
    MaskinportenTokenError,
    request_maskinporten_token,
)

from config.settings import Settings
from fiks.core import environment
from fiks.core.crypto.cms_reader import load_pair
from testmiljo.demo import OTHERS, let_machines_in, set_up
from testmiljo.description import Kommune, Maskiner, describe
from testmiljo.folders import LILLEVIK
from testmiljo.machines import CLIENT_ID, ORGNR, SCOPE, SELF_TEST, Fagsystem
from testmiljo.private_files import write_private
from testmiljo.stack import Options, Stack
from testmiljo.staff import synthetic_fnr
from tests.fault.visitor import Visitor
from tests.integration.api.fagsystem import SOAP, V1
from tests.unit.svarut.soap import envelope
from workers.app import create_app

pytestmark = pytest.mark.slow

OTHER_CLIENT, OTHER_ORGNR = "annet-fagsystem", "312990202"


@dataclass(frozen=True)
class Running:
    """A running portal, the fagsystem that a kommune has let in, and what the demo's file tells of both."""

    stack: Stack
    fagsystem: Fagsystem
    told: dict[str, Any]

    @property
    def issuer(self) -> str:
        return self.stack.environ["MASKINPORTEN_ISSUER"]

    def client(self, client_id: str = CLIENT_ID, scope: str = SCOPE) -> MaskinportenClient:
        """The foreign client."""
        secrets = self.secrets(client_id, scope)
        return MaskinportenClient(secrets, token_url=self.issuer + "token", audience=self.issuer)

    def secrets(self, client_id: str = CLIENT_ID, scope: str = SCOPE) -> MaskinportenSecrets:
        """What the foreign client is told."""
        key = RSAKey.import_key(self.fagsystem.jwk)
        return MaskinportenSecrets(
            PRIVATE_KEY=key.as_pem(private=True).decode(),
            MASKINPORTEN_CLIENT_ID=client_id,
            KID=str(key.kid),
            SCOPE=scope,
        )

    def call(self, path: str, token: str, **changes: str) -> requests.Response:
        session = requests.Session()
        session.trust_env = False
        right = {
            "Authorization": f"Bearer {token}",
            "IntegrasjonId": str(self.fagsystem.integrasjon_id),
            "IntegrasjonPassord": self.fagsystem.passord,
        }
        return session.get(self.stack.base_url + path, headers=right | changes, timeout=30)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("plattform")
    with Stack(Options(folder, workers=False)) as stack:
        kommuner, machines = _seeded(Settings.from_env(stack.environ), stack)
        fagsystem = machines.fagsystem
        other = {
            **fagsystem.registration()["klienter"][0],
            "client_id": OTHER_CLIENT,
            "orgnr": OTHER_ORGNR,
        }
        stack.sim.add_machines({"klienter": [other], "tilganger": {SCOPE: [OTHER_ORGNR]}})
        stack.start_product()
        write_private(folder / "demo.json", describe(stack, kommuner, OTHERS, machines))
        yield Running(stack, fagsystem, json.loads((folder / "demo.json").read_text("utf-8")))


def _seeded(settings: Settings, stack: Stack) -> tuple[list[Kommune], Maskiner]:
    """The demo's kommuner and machines, seeded twice as by a demo that is started again."""
    try:
        before = environment.current()
    except RuntimeError:
        before = None
    app = create_app(settings)
    try:
        kommuner = set_up(app, stack, LILLEVIK)
        first, second = let_machines_in(app, stack, kommuner), let_machines_in(app, stack, kommuner)
    finally:
        if before is not None:
            environment.install(before)
    assert first == second
    return kommuner, first


def test_s17_19_a_foreign_client_gets_a_token_and_is_let_in(running: Running) -> None:
    answer = running.call(SELF_TEST, running.client().get_token())
    assert (answer.status_code, answer.json()) == (200, True)


def test_s17_56_idporten_maskinporten_and_altinn_are_chosen_by_settings_and_all_answer_on_this_machine(
    running: Running,
) -> None:
    settings = Settings.from_env(running.stack.environ)
    chosen = {name: value for name, value in asdict(settings).items() if "://" in str(value)}
    assert {"idporten_issuer", "maskinporten_issuer", "altinn_url"} <= set(chosen)
    assert {urlsplit(str(url)).hostname for url in chosen.values()} <= {"127.0.0.1", "localhost", None}
    assert running.call(SELF_TEST, running.client().get_token()).json() is True
    citizen = Visitor(running.stack.base_url, synthetic_fnr(2, 3, 80))
    assert "/minside/velg" in citizen.get("/minside/velg").url


@pytest.mark.parametrize("klasse", ["NORMAL", "UNNTATT_OFFENTLIGHETEN"])
def test_the_demo_tells_the_key_of_its_print_house_signed_by_svarut(running: Running, klasse: str) -> None:
    path = f"/print/api/v1/konfidensialitetsklasse/{klasse}"
    answer = running.call(path, running.client().get_token())
    assert answer.status_code == 200, answer.text
    told = answer.json()
    der = base64.b64decode(told["offentligNokkel"]["nokkel"])
    certificate = Path(running.stack.environ["PRINT_CERTIFICATE"]).read_bytes()
    key = x509.load_pem_x509_certificate(certificate).public_key()
    assert der == key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert (told["leverandor"], told["konfidensialitetsklasse"]) == ("GRAFISK_DIGITAL", klasse)
    own = load_pair(Path(running.stack.environ["SVARUT_NOKLER"]).read_bytes()).certificate.public_key()
    assert isinstance(own, RSAPublicKey)
    own.verify(base64.b64decode(told["signature"]), der, padding.PKCS1v15(), hashes.SHA256())


def test_s17_56_an_address_that_no_setting_gives_is_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings.from_env({"FIKS_ENV": "test"})
    outside = (
        "idporten_issuer",
        "maskinporten_issuer",
        "altinn_url",
        "krr_url",
        "dpi_url",
        "folkeregister_url",
    )
    assert [getattr(settings, name) for name in outside] == [""] * len(outside)


def test_s17_20_wrong_orgnr_password_and_id_are_told_alike(running: Running) -> None:
    right, other = running.client().get_token(), running.client(OTHER_CLIENT).get_token()
    unknown, known = str(uuid4()), str(running.fagsystem.integrasjon_id)
    answers = [
        running.call(SELF_TEST, other),
        running.call(SELF_TEST, right, IntegrasjonPassord="x" * 43),
        running.call(SELF_TEST, right, IntegrasjonId=unknown),
    ]
    seen = set()
    for answer in answers:
        body = answer.json()
        assert answer.status_code == 401
        same = answer.text.replace(body["errorId"], "E").replace(json.dumps(body["timestamp"]), "T")
        seen.add(same.replace(unknown, known))
    assert len(seen) == 1


def test_s17_19_without_the_privilege_it_is_403(running: Running) -> None:
    path = f"/konfigurasjon/api/v1/organisasjoner/{running.fagsystem.organisasjon_id}"
    assert running.call(path, running.client().get_token()).status_code == 403


def test_a_token_that_was_tampered_with_is_401(running: Running) -> None:
    head, claims, signature = running.client().get_token().split(".")
    assert running.call(SELF_TEST, f"{head}.{claims}.{signature[::-1]}").status_code == 401


def test_the_foreign_client_understands_our_refusals(running: Running) -> None:
    with pytest.raises(MaskinportenTokenError) as unknown:
        running.client("ukjent").get_token()
    assert (unknown.value.status, unknown.value.code) == (400, "invalid_client")
    with pytest.raises(MaskinportenTokenError) as scope:
        running.client(scope="ks:annet").get_token()
    assert scope.value.code == "invalid_scope"
    assert "MP-200" in str(scope.value.description)


def test_the_lifetime_is_told_in_whole_seconds(running: Running) -> None:
    issuer = running.issuer
    assert issuer.endswith("/maskinporten/")
    _, seconds = request_maskinporten_token(
        config=running.secrets(), token_url=issuer + "token", audience=issuer
    )
    assert seconds == 120


def test_what_demo_json_tells_is_enough_and_names_no_kommune_as_the_supplier(running: Running) -> None:
    told = running.told
    assert told["maskinporten"]["orgnr"] == ORGNR not in {kommune["orgnr"] for kommune in told["kommuner"]}
    assert told["integrasjon"]["selvtest"] == running.stack.base_url + SELF_TEST
    assert "d" in told["maskinporten"]["jwk"]
    registered = running.fagsystem.registration()["klienter"][0]["nokler"][0]
    assert "d" not in registered
    assert (running.stack.folder / "demo.json").stat().st_mode & 0o777 == 0o600


def _get(running: Running, path: str, auth: tuple[str, str]) -> int:
    session = requests.Session()
    session.trust_env = False
    return session.get(running.stack.base_url + path, auth=auth, timeout=30).status_code


def test_the_service_password_of_each_konto_lets_in_by_rest_v1_and_soap(running: Running) -> None:
    logins = [login for kommune in running.told["kommuner"] for login in kommune["kontopassord"].items()]
    assert len(logins) == sum(len(kommune["kontoer"]) for kommune in running.told["kommuner"]) > 3
    passwords = {one["passord"] for _, one in logins}
    for _, one in logins:
        assert _get(running, f"{V1}/forsendelseTyper", (one["brukernavn"], one["passord"])) == 200
        other = min(passwords - {one["passord"]})
        assert _get(running, f"{V1}/forsendelseTyper", (one["brukernavn"], other)) == 401
    _, one = logins[0]
    kind = {"Content-Type": "application/soap+xml"}
    body = envelope("<retreiveForsendelseTyper/>")
    soap = running.stack.base_url + SOAP
    answer = requests.post(
        soap, data=body, headers=kind, auth=(one["brukernavn"], one["passord"]), timeout=30
    )
    assert answer.status_code == 200, answer.text


def test_the_second_integrasjon_may_use_its_own_konto_and_not_the_first_ones(running: Running) -> None:
    """It asks for the letters of a reference: none where it may look, 403 where it may not."""
    first, second = running.told["integrasjon"], running.told["annet_fagsystem"]["integrasjon"]
    assert set(first["kontoer"]).isdisjoint(second["kontoer"])
    client = running.told["annet_fagsystem"]["maskinporten"]
    secrets = MaskinportenSecrets(
        PRIVATE_KEY=RSAKey.import_key(client["jwk"]).as_pem(private=True).decode(),
        MASKINPORTEN_CLIENT_ID=client["client_id"],
        KID=client["jwk"]["kid"],
        SCOPE=client["scope"],
    )
    token = MaskinportenClient(
        secrets, token_url=client["token_endpoint"], audience=client["issuer"]
    ).get_token()
    own = {"IntegrasjonId": second["id"], "IntegrasjonPassord": second["passord"]}
    answers = {
        konto: running.call(f"/api/v2/kontoer/{konto}/forsendelser?eksternRef=x", token, **own).status_code
        for konto in (*second["kontoer"], *first["kontoer"])
    }
    assert {answers[konto] for konto in second["kontoer"]} == {200}
    assert {answers[konto] for konto in first["kontoer"]} == {403}


def test_each_mottakersystem_is_let_in_and_has_the_key_of_its_certificate(running: Running) -> None:
    assert running.told["mottakersystemer"]
    for system in running.told["mottakersystemer"]:
        path = "/tjenester/svarinn/mottaker/hentNyeForsendelser"
        assert _get(running, path, (system["id"], system["passord"])) == 200
        key = load_pem_private_key(Path(system["nokkel"]).read_bytes(), None)
        certificate = x509.load_pem_x509_certificate(Path(system["sertifikat"]).read_bytes())
        assert key.public_key() == certificate.public_key()


def test_the_logs_and_the_processes_are_where_it_says(running: Running) -> None:
    assert (Path(running.told["logger"]) / "portal.log").is_file()
    processes = running.told["prosesser"]
    assert {"portal", "postgres", "valkey", "testmiljo"} <= set(processes)
    commands = {name: Path(f"/proc/{pid}/cmdline").read_text() for name, pid in processes.items()}
    assert "gunicorn" in commands["portal"] and "postgres" in commands["postgres"]


def test_the_portal_answers_by_both_names_of_the_machine_and_lets_staff_in_there(running: Running) -> None:
    assert [urlsplit(url).hostname for url in running.told["adresser"]] == ["localhost", "127.0.0.1"]
    staff = running.told["kommuner"][0]["testbrukere"][0]
    for address in running.told["adresser"]:
        visitor = Visitor(address, staff["pid"])
        page = visitor.get("/oversikt")
        assert page.url.startswith(address) and "Oversikt" in page.text

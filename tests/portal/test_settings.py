"""Settings: typed, checked at once, and silent about secrets."""

from __future__ import annotations

import base64
import json
import re
from typing import get_origin, get_type_hints

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.engine import make_url

from config.database import IN_UTC, SERVER_TIMEOUTS, with_statement_timeout
from config.settings import ENCRYPTED, REQUIRED, Printhus, Settings, SettingsError, SmtpAddress
from testmiljo import printhouse_keys

KEY, INDEX = (base64.b64encode(one * 32).decode() for one in (b"k", b"i"))
JWK = json.dumps({"kty": "RSA", "kid": "1", "n": "x", "e": "AQAB", "d": "hemmelig-d"})
PRODUCTION = {
    "DATABASE_URL": "postgresql://fiks:passord-1@db/fiks",
    "REDIS_URL": "redis://:passord-2@redis/0",
    "OBJECT_STORE_URL": "s3://brev",
    "SECRET_KEY": "hemmelig-nokkel-som-er-lang-nok-til-dette",
    "MASTER_KEYS": f"2027:{KEY}",
    "INDEX_KEY": INDEX,
    "PORTAL_BASE_URL": "https://fiks.example/",
    "IDPORTEN_ISSUER": "https://idporten.no",
    "IDPORTEN_CLIENT_ID": "portal",
    "IDPORTEN_CLIENT_JWK": JWK,
    "MASKINPORTEN_ISSUER": "https://maskinporten.no/",
    "FOLKEREGISTER_URL": "https://folkeregister.example",
    "KRR_URL": "https://krr.example",
    "ENHETSREGISTER_URL": "https://data.brreg.no",
    "BRUKERSTOTTE": "brukerstotte@drift.example, telefon 12 34 56 78",
}


ADDRESSES = (
    "ALTINN_URL",
    "KRR_URL",
    "DPI_URL",
    "FOLKEREGISTER_URL",
    "ENHETSREGISTER_URL",
    "MATRIKKEL_URL",
    "SIGNERING_URL",
    "SMS_URL",
)
"""What lies outside and is told of persons and their letters."""


def test_production_names_everything_that_is_missing_in_one_message() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({})
    assert all(name in str(caught.value) for name in REQUIRED)


@pytest.mark.parametrize("environ", [PRODUCTION, {"FIKS_ENV": "test"}], ids=["prod", "test"])
def test_every_setting_has_the_type_it_is_declared_with(environ: dict[str, str]) -> None:
    read = Settings.from_env(environ)
    for name, declared in get_type_hints(Settings).items():
        assert isinstance(getattr(read, name), get_origin(declared) or declared), name


@pytest.mark.parametrize("name", REQUIRED)
def test_s17_58_production_does_not_start_without_each_of_them(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({key: value for key, value in PRODUCTION.items() if key != name})


@pytest.mark.parametrize(
    "change",
    [
        {"PORTAL_BASE_URL": "http://fiks.example"},
        {"SECRET_KEY": "kort"},
        {"MASTER_KEYS": "a:AAAA"},
        {"MASTER_KEYS": "a:?notbase64?"},
        {"MASTER_KEYS": KEY},
        {"MASTER_KEYS": f":{KEY}"},
        {"MASTER_KEYS": f"{KEY}:2027"},
        {"MASTER_KEYS": f"2026:{KEY},{KEY}"},
        {"MASTER_KEYS": f"a:{KEY},a:{KEY}"},
        {"INDEX_KEY": "%%%"},
        {"IDPORTEN_CLIENT_JWK": "{}"},
        {"IDPORTEN_CLIENT_JWK": "ikke json"},
        {"IDPORTEN_ACR": "5=hoyt"},
        {"IDPORTEN_ACR": "3=idporten-loa-substantial"},
        {"IDPORTEN_ACR": "4=idporten-loa-high"},
        {"IDPORTEN_ACR": "idporten-loa-high"},
        {"IDPORTEN_ACR": "3=urn:mid,3=urn:lav,4=urn:hoy"},
        {"IDPORTEN_ACR": "3=urn:hoy,4=urn:hoy"},
        {"IDPORTEN_ACR": "3=urn:mid,4="},
        {"LESEFRIST_TIMER": "førti"},
        {"ALTINN_URL": "altinn.no"},
        {"SIGNERING_URL": "signering.no"},
        {"SIGNERING_URL": "https://[signering.no"},
        {"DATABASE_URL": "fiks:hemmelig@db/fiks"},
        {"MIGRATION_DATABASE_URL": "mysql://fiks:hemmelig@db/fiks"},
        {"REDIS_URL": "localhost:6379"},
        {"REDIS_URL": "http://redis:6379"},
        {"REDIS_URL": "redis://redis:hemmelig"},
        {"REDIS_URL": "redis:///0"},
        {"BRUKERSTOTTE": "x" * 201},
        {"BRUKERSTOTTE": "drift@example.no\ntelefon 12 34 56 78"},
    ],
)
def test_s17_58_what_cannot_be_used_is_named_but_not_repeated(change: dict[str, str]) -> None:
    ((name, value),) = change.items()
    with pytest.raises(SettingsError, match=name) as caught:
        Settings.from_env(PRODUCTION | change)
    assert len(value) < 5 or value not in str(caught.value).replace(name, "")


SENDER = {"EPOST_AVSENDER": "fiks@ks.test"}


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.example",
        "smtp://",
        "smtp://:587",
        "smtp://mail.example:587x",
        "smtp://mail.example:0",
        "smtp://[mail.example",
        "smtp://user:hemm#elig@mail.example:587",
        "smtp://user:12/34@mail.example:587",
        "smtp://user:12#34@mail.example:587",
        "smtp://user:12?34@mail.example:587",
    ],
)
@pytest.mark.parametrize("env", [PRODUCTION, {"FIKS_ENV": "test"}], ids=["prod", "test"])
def test_a_mail_server_that_no_e_mail_would_reach_stops_the_start(env: dict[str, str], url: str) -> None:
    with pytest.raises(SettingsError, match="SMTP_URL") as caught:
        Settings.from_env(env | SENDER | {"SMTP_URL": url})
    assert not any(secret in str(caught.value) for secret in ("hemm", "elig", "12", "34"))


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("smtp://mail.example", SmtpAddress("smtp", "mail.example", 587, "", "")),
        ("smtps://mail.example/", SmtpAddress("smtps", "mail.example", 465, "", "")),
        ("smtp://us%40er:pa%23ss@[::1]:25", SmtpAddress("smtp", "::1", 25, "us@er", "pa#ss")),
    ],
)
def test_a_mail_server_has_its_usual_port_and_signs_of_its_password_are_written_in_percents(
    url: str, read: SmtpAddress
) -> None:
    assert Settings.from_env(PRODUCTION | SENDER | {"SMTP_URL": url}).smtp_url == url
    assert SmtpAddress.parse(url) == read
    assert "pa#ss" not in repr(read)


def test_a_mail_server_wants_a_sender() -> None:
    with pytest.raises(SettingsError, match="EPOST_AVSENDER"):
        Settings.from_env(PRODUCTION | {"SMTP_URL": "smtp://mail.example"})


ADDRESS = "sftp://fiks:hemmelig@trykkeri.example/inn?hostkey=SHA256:abc"
KEYED = "sftp://fiks@trykkeri.example/inn?hostkey=SHA256:abc"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Paths of a key and a certificate that can be used, and of one of each that cannot."""
    folder = tmp_path_factory.mktemp("nokler")
    printhouse_keys.letter_key(folder / "login.pem", folder / "crt.pem")
    locked = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.OpenSSH, BestAvailableEncryption(b"hemmelig")
    )
    (folder / "locked").write_bytes(locked)
    named = {"key": "login.pem", "certificate": "crt.pem", "locked": "locked", "gone": "borte.pem"}
    return {name: str(folder / file) for name, file in named.items()}


def test_each_print_house_has_an_address_a_login_and_a_certificate(files: dict[str, str]) -> None:
    settings = Settings.from_env(
        PRODUCTION
        | {"PRINT_SFTP_URL": ADDRESS, "PRINT_HUS": "SKJERMET, NORD_2", "PRINT_SKJERMET_SFTP_URL": KEYED}
        | {"PRINT_SKJERMET_KEY": files["key"], "PRINT_SKJERMET_CERTIFICATE": files["certificate"]}
        | {"PRINT_NORD_2_SFTP_URL": ADDRESS}
    )
    assert settings.print_houses == (
        Printhus("GRAFISK_DIGITAL", ADDRESS),
        Printhus("SKJERMET", KEYED, files["key"], files["certificate"]),
        Printhus("NORD_2", ADDRESS),
    )
    assert "hemmelig" not in repr(settings) + repr(settings.print_houses)
    assert Settings.from_env(PRODUCTION).print_houses == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"PRINT_HUS": "skjermet"}, "PRINT_HUS (each code once"),
        ({"PRINT_HUS": "A1,A1", "PRINT_A1_SFTP_URL": ADDRESS}, "PRINT_HUS (each code once"),
        ({"PRINT_HUS": "MANUELL_PRINT"}, "not GRAFISK_DIGITAL or MANUELL_PRINT"),
        ({"PRINT_HUS": "NORD"}, "PRINT_NORD_SFTP_URL (missing, and PRINT_HUS names NORD)"),
        ({"PRINT_NORD_SFTP_URL": ADDRESS}, "PRINT_NORD_SFTP_URL (PRINT_HUS does not name NORD)"),
        ({"PRINT_SFTP_URL": "https://trykkeri"}, "PRINT_SFTP_URL (sftp://user:password@host"),
        ({"PRINT_SFTP_URL": ADDRESS.split("?")[0]}, "PRINT_SFTP_URL (sftp://user:password@host"),
        ({"PRINT_SFTP_URL": ADDRESS.replace(".example", ".example:x")}, "PRINT_SFTP_URL (sftp://"),
        ({"PRINT_SFTP_URL": KEYED}, "PRINT_SFTP_URL (a password in it or a PRINT_KEY, one of them)"),
        ({"PRINT_SFTP_URL": ADDRESS, "PRINT_KEY": "@key"}, "PRINT_KEY, not both)"),
        ({"PRINT_SFTP_URL": KEYED, "PRINT_KEY": "@gone"}, "PRINT_KEY (the path of a private SSH key"),
        ({"PRINT_SFTP_URL": KEYED, "PRINT_KEY": "@locked"}, "PRINT_KEY (the path of a private SSH key"),
        ({"PRINT_SFTP_URL": KEYED, "PRINT_KEY": "@certificate"}, "PRINT_KEY (the path of a private SSH key"),
        ({"PRINT_SFTP_URL": ADDRESS, "PRINT_CERTIFICATE": "@gone"}, "PRINT_CERTIFICATE (the path of a PEM"),
        ({"PRINT_SFTP_URL": ADDRESS, "PRINT_CERTIFICATE": "@key"}, "PRINT_CERTIFICATE (the path of a PEM"),
        (
            {"PRINT_HUS": "NORD", "PRINT_NORD_SFTP_URL": ADDRESS, "PRINT_NORD_CERTIFICATE": "@gone"},
            "PRINT_NORD_CERTIFICATE (the path of a PEM",
        ),
    ],
)
def test_a_print_house_that_cannot_be_used_stops_the_start_and_its_secrets_are_not_told(
    files: dict[str, str], change: dict[str, str], said: str
) -> None:
    given = {name: files[value[1:]] if value[:1] == "@" else value for name, value in change.items()}
    with pytest.raises(SettingsError, match=re.escape(said)) as caught:
        Settings.from_env(PRODUCTION | given)
    assert "hemmelig" not in str(caught.value)


def test_an_environment_we_do_not_know_is_refused() -> None:
    with pytest.raises(SettingsError, match="FIKS_ENV"):
        Settings.from_env(PRODUCTION | {"FIKS_ENV": "produksjon"})


def test_values_are_typed_and_have_their_defaults() -> None:
    settings = Settings.from_env(PRODUCTION)
    assert settings.production
    assert settings.secure
    assert settings.portal_base_url == "https://fiks.example"
    assert settings.minside_base_url == settings.api_base_url == settings.portal_base_url
    assert settings.master_keys == (("2027", b"k" * 32),)
    assert settings.idporten_acr == ((3, "idporten-loa-substantial"), (4, "idporten-loa-high"))
    assert (settings.lesefrist_timer, settings.angrefrist_minutter, settings.karantene_sekunder) == (
        40,
        30,
        1200,
    )
    assert settings.maskinporten_issuer == "https://maskinporten.no/"
    assert settings.sqlalchemy_url.startswith("postgresql+psycopg://")


def test_the_database_is_come_to_so_that_either_end_notices_when_the_other_is_gone() -> None:
    own = "postgres://fiks:a%40b@db:5432/fiks?sslmode=require&keepalives_idle=60&options=-csearch_path%3Dfiks"
    url = Settings.from_env({**PRODUCTION, "DATABASE_URL": own}).sqlalchemy_url
    assert url.startswith("postgresql+psycopg://fiks:a%40b@db:5432/fiks?")
    told = conninfo_to_dict(url.replace("+psycopg", ""))
    assert (told["sslmode"], told["keepalives_idle"], told["keepalives_count"]) == ("require", "60", "3")
    assert told["options"] == f"{SERVER_TIMEOUTS} -csearch_path=fiks {IN_UTC}"
    assert make_url(url).query["options"] == told["options"]


def test_a_request_does_not_wait_for_the_database_longer_than_somebody_waits_for_it() -> None:
    own = "postgres://fiks@db/fiks?options=-c statement_timeout=5s"
    for url, limits in (("postgres://fiks@db/fiks", ["50s"]), (own, ["50s", "5s"])):
        told = make_url(
            with_statement_timeout(Settings.from_env({**PRODUCTION, "DATABASE_URL": url}).sqlalchemy_url)
        ).query
        assert re.findall(r"statement_timeout=(\w+)", str(told["options"])) == limits
        assert (told["keepalives_idle"], SERVER_TIMEOUTS in told["options"]) == ("5", True)


def test_nothing_secret_is_printed() -> None:
    shown = repr(Settings.from_env(PRODUCTION))
    for secret in ("passord-1", "passord-2", "hemmelig", KEY, "k" * 32):
        assert secret not in shown
    assert "fiks.example" in shown


def test_a_test_needs_only_what_it_is_about() -> None:
    settings = Settings.from_env({"FIKS_ENV": "test", "LESEFRIST_TIMER": "1"})
    assert (settings.production, settings.lesefrist_timer) == (False, 1)


@pytest.mark.parametrize("change", [{"REVISJON_AAR": "4"}, {"REVISJON_INNLOGGING_MAANEDER": "11"}])
def test_the_audit_log_may_be_kept_longer_but_never_shorter(change: dict[str, str]) -> None:
    ((name, _),) = change.items()
    with pytest.raises(SettingsError, match=name):
        Settings.from_env(PRODUCTION | change)
    settings = Settings.from_env(PRODUCTION | {"REVISJON_AAR": "10", "REVISJON_INNLOGGING_MAANEDER": "18"})
    assert (settings.revisjon_aar, settings.revisjon_innlogging_maaneder) == (10, 18)


@pytest.mark.parametrize(
    "change",
    [
        {"KARANTENE_SEKUNDER": "1199"},
        {"LESEFRIST_TIMER": "0"},
        {"ANGREFRIST_MINUTTER": "4"},
        {"ANGREFRIST_MINUTTER": "1441"},
        {"OBJECT_STORE_URL": "memory:///"},
        {"OBJECT_STORE_URL": "MEMORY://"},
        *({name: "http://hemmelig.example"} for name in ADDRESSES),
    ],
)
def test_what_would_double_lose_or_expose_letters_is_for_test_and_demo_alone(change: dict[str, str]) -> None:
    ((name, value),) = change.items()
    with pytest.raises(SettingsError, match=name) as caught:
        Settings.from_env(PRODUCTION | change)
    assert "hemmelig" not in str(caught.value)
    here = value.replace("hemmelig.example", "127.0.0.1")
    for env in ("test", "demo"):
        read = Settings.from_env({"FIKS_ENV": env, name: here})
        assert str(getattr(read, name.lower())) == here.rstrip("/" if name in ADDRESSES else "")


def test_production_takes_the_shortest_times_there_may_be_and_a_folder() -> None:
    times = {"KARANTENE_SEKUNDER": "1200", "LESEFRIST_TIMER": "1", "ANGREFRIST_MINUTTER": "5"}
    least = times | {"OBJECT_STORE_URL": "file:///brev"}
    settings = Settings.from_env(PRODUCTION | least | dict.fromkeys(ADDRESSES, "https://ute.example"))
    assert (settings.karantene_sekunder, settings.lesefrist_timer, settings.angrefrist_minutter) == (
        1200,
        1,
        5,
    )


def test_every_address_by_http_is_one_that_production_wants_encrypted() -> None:
    """Found by their names, so that a new one is not forgotten: those of our stores have rules of their own."""
    stores = {"DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL", "OBJECT_STORE_URL", "AMQP_URL"}
    by_other_means = {"PRINT_SFTP_URL", "SMTP_URL"}
    named = {name.upper() for name in get_type_hints(Settings) if name.endswith(("_url", "_issuer"))}
    assert named - stores - by_other_means == set(ENCRYPTED)


def test_another_provider_may_call_its_levels_something_else() -> None:
    settings = Settings.from_env({"FIKS_ENV": "test", "IDPORTEN_ACR": "4=urn:hoy,3=urn:mid"})
    assert settings.idporten_acr == ((3, "urn:mid"), (4, "urn:hoy"))

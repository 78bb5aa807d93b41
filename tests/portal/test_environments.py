"""What an environment may be called, reach and be locked by: its doors, its keys, and the world outside."""

from __future__ import annotations

import base64
import re

import pytest

from config.reading import PUBLISHED_KEY, PUBLISHED_SECRET
from config.settings import ENCRYPTED, Settings, SettingsError
from tests.portal.test_settings import ADDRESS, KEY, PRODUCTION

PUBLISHED = base64.b64encode(PUBLISHED_KEY).decode()
OWN_KEYS = {name: PRODUCTION[name] for name in ("SECRET_KEY", "MASTER_KEYS", "INDEX_KEY")}
DOORS = ("PORTAL_BASE_URL", "API_BASE_URL", "MINSIDE_BASE_URL")


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize(
    "url",
    [
        "https://minside.example/minside",
        "https://minside.example//",
        "https://minside.example?x=1",
        "https://minside.example/#x",
        "https://kari@minside.example",
        "https://min side.example",
        "https://minside.example:port",
        "https://blåbær.example",
        "https://:8443",
        "minside.example",
        "ftp://minside.example",
    ],
)
def test_pages_begin_right_after_their_host_so_a_door_with_more_than_that_stops_the_start(
    name: str, url: str
) -> None:
    """Links in letters would all be dead."""
    with pytest.raises(SettingsError, match=re.escape(f"{name} (scheme and host alone)")):
        Settings.from_env(PRODUCTION | {name: url})


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://Minside.Example/", "https://minside.example"),
        ("HTTPS://minside.example:443", "https://minside.example"),
        ("https://minside.example:8443", "https://minside.example:8443"),
        ("https://[::1]:8443/", "https://[::1]:8443"),
    ],
)
def test_a_door_is_called_what_a_browser_calls_it(written: str, read: str) -> None:
    """The host of each request is compared with it letter by letter."""
    settings = Settings.from_env(PRODUCTION | dict.fromkeys(DOORS, written))
    assert {settings.portal_base_url, settings.api_base_url, settings.minside_base_url} == {read}


@pytest.mark.parametrize("url", ["rediss://:passord@redis:6380/1", "unix:///run/valkey.sock"])
def test_the_broker_may_be_encrypted_or_a_socket(url: str) -> None:
    assert Settings.from_env(PRODUCTION | {"REDIS_URL": url}).redis_url == url


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"SECRET_KEY": PUBLISHED_SECRET}, "SECRET_KEY (one of its own"),
        ({"MASTER_KEYS": f"2027:{KEY},test-1:{PUBLISHED}"}, "MASTER_KEYS (one of its own"),
        ({"INDEX_KEY": PUBLISHED}, "INDEX_KEY (one of its own"),
        ({"INDEX_KEY": KEY}, "INDEX_KEY (another than the master keys)"),
    ],
)
def test_keys_that_anybody_can_read_in_the_code_guard_nothing_real(change: dict[str, str], said: str) -> None:
    """Nor where a test environment reaches out of its own machine."""
    for env in (PRODUCTION, {"FIKS_ENV": "test", "ALTINN_URL": "https://platform.tt02.example"} | OWN_KEYS):
        with pytest.raises(SettingsError, match=re.escape(said)):
            Settings.from_env(env | change)


def test_a_test_environment_that_reaches_out_must_have_keys_of_its_own() -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY .*, MASTER_KEYS .*, INDEX_KEY"):
        Settings.from_env({"FIKS_ENV": "test", "KRR_URL": "https://krr.example"})
    Settings.from_env({"FIKS_ENV": "test", "KRR_URL": "https://krr.example"} | OWN_KEYS)
    Settings.from_env({"FIKS_ENV": "test", "KRR_URL": "http://127.0.0.1:1/krr"})


@pytest.mark.parametrize("name", sorted({*ENCRYPTED, "SMTP_URL", "PRINT_SFTP_URL"} - set(DOORS)))
def test_a_demo_reaches_nothing_outside_its_own_machine(name: str) -> None:
    demo = {"FIKS_ENV": "demo", "EPOST_AVSENDER": "fiks@ks.test"} | OWN_KEYS
    scheme, more = {"SMTP_URL": ("smtp", ""), "PRINT_SFTP_URL": ("sftp", "?hostkey=SHA256:abc")}.get(
        name, ("https", "")
    )
    user = "fiks:passord@" if name == "PRINT_SFTP_URL" else ""
    for host in ("ute.example", "localhost.example", "10.0.0.1"):
        with pytest.raises(SettingsError, match=re.escape(f"{name} (an address of this machine, in a demo)")):
            Settings.from_env(demo | {name: f"{scheme}://{user}{host}{more}"})
    for host in ("localhost:1", "127.0.0.1", "[::1]:1"):
        Settings.from_env(demo | {name: f"{scheme}://{user}{host}{more}"})


def test_what_is_not_set_up_is_known_by_its_name() -> None:
    assert Settings.from_env(PRODUCTION).lacking == (
        *("ALTINN_URL", "DPI_URL", "SMS_URL", "SMTP_URL", "SIGNERING_URL", "SVARUT_NOKLER"),
        "PRINT_SFTP_URL",
    )
    printing = {"PRINT_HUS": "NORD", "PRINT_NORD_SFTP_URL": ADDRESS, "DPI_URL": "https://dpi.example"}
    assert not {"PRINT_SFTP_URL", "DPI_URL"} & set(Settings.from_env(PRODUCTION | printing).lacking)


@pytest.mark.parametrize("name", ["FOLKEREGISTER_URL", "KRR_URL", "ENHETSREGISTER_URL", "BRUKERSTOTTE"])
def test_without_a_register_no_letter_leaves_and_without_help_nobody_can_ask_why(name: str) -> None:
    with pytest.raises(SettingsError, match=f"missing: {name}"):
        Settings.from_env({key: value for key, value in PRODUCTION.items() if key != name})

"""A process whose keys are not the house's does no work and lets nobody in, and one with a new key brings it along."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from sqlalchemy import delete, select

from config import schema
from config.settings import Settings
from fiks.core import clock, environment
from fiks.core.crypto.cms_reader import Nokkelpar
from fiks.core.crypto.encryption import KEY_BYTES, UNKNOWN_KEYS, KeyRing, check_value
from fiks.core.db import session, transaction
from fiks.core.environment import Environment, current
from fiks.core.errors import Utilgjengelig
from fiks.core.queue.feed_markers import Kvitteringsmarkor
from fiks.drift import key_check
from fiks.drift.readiness import Readiness
from portal import create_app
from tests.integration.databases import Database, QuickProcess
from tests.integration.houses import make_hus, new_fnr
from tests.integration.svarut.letters import levering, make_letter
from workers import cli, cli_keys, sveip
from workers.lanes import do_portion

OLD, NEW, WRONG = b"\x01" * KEY_BYTES, b"\x02" * KEY_BYTES, b"\x03" * KEY_BYTES
ANOTHER = "NOKKEL_ER_EN_ANNEN"
LETTER_KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


@pytest.fixture
def house(process: QuickProcess, empty: None) -> Iterator[Environment]:
    """A house that has been at work with the key `2026` and an INDEX_KEY of its own."""
    kept = current()
    environment.install(replace(kept, keys=KeyRing([("2026", OLD)]), index_key=OLD))
    _forget()
    key_check.require_ours()
    yield current()
    session().rollback()
    environment.install(kept)
    _forget()


def _forget() -> None:
    with transaction() as tx:
        tx.execute(delete(Kvitteringsmarkor).where(Kvitteringsmarkor.kilde != "EPOKE"))


def begin(house: Environment, **keys: object) -> None:
    """Be another process of the house, with these keys instead."""
    session().rollback()
    environment.install(replace(house, **keys))


def known() -> dict[str, str | None]:
    session().rollback()
    rows = select(Kvitteringsmarkor.kilde, Kvitteringsmarkor.markor).where(Kvitteringsmarkor.kilde != "EPOKE")
    return {row.kilde: row.markor for row in session().execute(rows)}


WRONG_ONES = [
    ({"index_key": WRONG}, "INDEKSNOKKEL"),
    ({"keys": KeyRing([("2026", WRONG)])}, "NOKKEL/2026"),
    ({"keys": KeyRing([("2027", NEW), ("2026", WRONG)])}, "NOKKEL/2026"),
]


def test_a_key_is_kept_as_what_says_nothing_of_it(house: Environment, database: Database) -> None:
    assert known() == {"INDEKSNOKKEL": check_value(OLD), "NOKKEL/2026": check_value(OLD)}
    for form in (OLD, OLD.hex().encode(), b64encode(OLD)):
        assert form not in database.dump()


def test_a_process_with_the_same_keys_works_and_one_with_a_new_key_too_beside_those_before_it(
    house: Environment,
) -> None:
    key_check.require_ours()
    begin(house, keys=KeyRing([("2026", OLD), ("2027", NEW)]))
    key_check.require_ours()
    begin(house, keys=KeyRing([("2027", NEW), ("2026", OLD)]))
    key_check.require_ours()
    begin(house)
    key_check.require_ours()
    assert set(known()) == {"INDEKSNOKKEL", "NOKKEL/2026", "NOKKEL/2027"}


@pytest.mark.parametrize(("keys", "which"), WRONG_ONES)
def test_another_key_under_the_same_name_is_refused_told_of_and_makes_nothing_known(
    house: Environment, caplog: pytest.LogCaptureFixture, keys: dict[str, object], which: str
) -> None:
    before, counted = known(), UNKNOWN_KEYS._value.get()
    begin(house, **keys)
    with pytest.raises(Utilgjengelig, match=ANOTHER) as refused:
        key_check.require_ours()
    assert refused.value.params == {"nokkel": which}
    [told] = [one for one in caplog.records if one.message == "key_is_another"]
    assert (told.levelname, told.__dict__["nokkel"]) == ("ERROR", which)
    assert (known(), UNKNOWN_KEYS._value.get()) == (before, counted + 1)


def test_of_two_that_make_different_keys_known_at_once_one_is_refused(house: Environment) -> None:
    """The second has looked before the first wrote."""
    begin(house, keys=KeyRing([("2026", OLD), ("2027", NEW)]))
    looked = key_check._known

    def overtaken(connection: object) -> dict[str, str | None]:
        key_check._known = looked
        found = looked(connection)  # type: ignore[arg-type]
        with transaction() as tx:
            tx.add(Kvitteringsmarkor(kilde="NOKKEL/2027", markor=check_value(WRONG)))
        return found

    key_check._known = overtaken  # type: ignore[assignment]
    try:
        with pytest.raises(Utilgjengelig, match=ANOTHER):
            key_check.require_ours()
    finally:
        key_check._known = looked


@pytest.mark.parametrize(("keys", "which"), WRONG_ONES)
def test_a_worker_with_another_key_claims_nothing(
    house: Environment, process: QuickProcess, keys: dict[str, object], which: str
) -> None:
    letter_id = make_letter(make_hus(), new_fnr())
    begin(house, **keys)
    process._asked = 0
    with pytest.raises(Utilgjengelig, match=ANOTHER):
        do_portion("enkelt", process)
    begin(house)
    assert (levering(letter_id).status, levering(letter_id).forsok) == ("KLAR", 0)


def test_a_sweeper_with_another_key_ends_before_it_holds_the_lock(
    house: Environment, process: QuickProcess
) -> None:
    begin(house, index_key=WRONG)
    with pytest.raises(Utilgjengelig, match=ANOTHER):
        sveip._hold_and_sweep(process, "postgresql://nobody@127.0.0.1:1/none", [], sveip.Holder())


@pytest.mark.parametrize(("keys", "which"), WRONG_ONES)
def test_a_process_with_another_key_is_never_ready(
    house: Environment, database: Database, keys: dict[str, object], which: str
) -> None:
    assert Readiness(database.app_url, schema.older_revisions).look().klar
    begin(house, **keys)
    found = Readiness(database.app_url, schema.older_revisions).look()
    assert found.deler == {
        "database": True,
        "objektlager": True,
        "migrasjoner": True,
        "rolle": True,
        "nokler": False,
    }


def test_a_portal_with_another_key_lets_nobody_in(house: Environment, database: Database) -> None:
    def settings(index: bytes) -> Settings:
        return Settings.from_env(
            {
                "FIKS_ENV": "test",
                "DATABASE_URL": database.app_url,
                "MASTER_KEYS": f"2026:{b64encode(OLD).decode()}",
                "INDEX_KEY": b64encode(index).decode(),
            }
        )

    wrong = create_app(settings(WRONG)).test_client()
    for page in ("/", "/minside/", "/api/v1/forsendelser", "/forsendelse/publickey/hent"):
        assert wrong.get(page).status_code == 503, page
    assert "feil nøkkel" in wrong.get("/").text
    assert (wrong.get("/helse/levende").status_code, wrong.get("/helse/klar").status_code) == (200, 503)
    right = create_app(settings(OLD)).test_client()
    assert (right.get("/").status_code, right.get("/helse/klar").status_code) == (302, 200)


@pytest.mark.parametrize("command", ["vis", "pakk-om"])
def test_the_commands_for_keys_say_which_is_another_and_seal_nothing_anew(
    house: Environment, process: QuickProcess, command: str
) -> None:
    begin(house, keys=KeyRing([("2027", NEW), ("2026", WRONG)]))
    code, lines = cli.NOKLER[command](process)
    assert (code, lines[0]) == (1, cli_keys.other_key_message("NOKKEL/2026"))
    assert command == "vis" or len(lines) == 1, "nothing was sealed anew"


def test_a_key_that_seals_everything_anew_is_known_from_then_on(
    house: Environment, process: QuickProcess
) -> None:
    begin(house, keys=KeyRing([("2027", WRONG), ("2026", OLD)]))
    assert cli.NOKLER["pakk-om"](process)[0] == 0
    begin(house, keys=KeyRing([("2027", NEW), ("2026", OLD)]))
    with pytest.raises(Utilgjengelig, match=ANOTHER):
        key_check.require_ours()


def test_keys_of_a_house_that_has_noted_none_are_to_be_held_against_the_vault_before_it_starts(
    house: Environment, process: QuickProcess
) -> None:
    """As when a backup from before is read in: whoever starts first decides which they are."""
    make_letter(make_hus(), new_fnr())
    _forget()
    code, lines = cli.NOKLER["vis"](process)
    assert (code, lines[0]) == (1, cli_keys.NONE_NOTED)
    key_check.require_ours()
    assert cli.NOKLER["vis"](process)[0] == 0


@pytest.mark.parametrize("command", ["drain", "sweep", "reconcile", "rot"])
def test_no_command_that_uses_keys_begins_with_another(
    house: Environment,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    monkeypatch.setenv("FIKS_ENV", "test")
    monkeypatch.setenv("DATABASE_URL", database.app_url)
    monkeypatch.setenv("MASTER_KEYS", f"2026:{b64encode(OLD).decode()}")
    monkeypatch.setenv("INDEX_KEY", b64encode(WRONG).decode())
    begun: list[str] = []
    monkeypatch.setitem(cli.COMMANDS, command, ("", lambda *_: begun.append(command) or 0))
    words = ["rot", "administrator", "--navn", "Kari"] if command == "rot" else [command]
    assert (cli.main(words), begun) == (2, [])
    assert cli_keys.other_key_message("INDEKSNOKKEL") in capsys.readouterr().err


def test_operations_is_told_when_what_senders_encrypt_to_soon_runs_out(
    house: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    """The first pair is the one that is given out; the second opens what was sent before, and may be of any age."""
    old, new = (Nokkelpar(LETTER_KEY, _certificate(days)) for days in (29, 400))
    begin(house, svarut_keys=())
    assert key_check.count_expiring_certificate() == 0
    begin(house, svarut_keys=(new, old))
    assert key_check.count_expiring_certificate() == 0
    begin(house, svarut_keys=(old, new))
    assert key_check.count_expiring_certificate() == 1
    assert "sender_certificate_expires" in caplog.messages


def _certificate(days: int) -> x509.Certificate:
    """One that is good for so many days more."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SvarUt")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(LETTER_KEY.public_key())
    numbered = made.serial_number(x509.random_serial_number())
    until = clock.now() + timedelta(days=days)
    valid = numbered.not_valid_before(until - timedelta(days=500)).not_valid_after(until)
    return valid.sign(LETTER_KEY, hashes.SHA256())

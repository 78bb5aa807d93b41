"""`fiks oppsett`: check that every outside system of the settings answers, and that issuers have the names
the settings give.

Nothing is sent: an issuer's metadata are fetched, an address gets a HEAD request, and at a mail server and a
print house we log in and out again. Production's database is asked what our role may do; it need not be
reachable.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import urlsplit

import psycopg
import redis
import requests

from config import printhus
from config.broker import make_broker
from config.settings import Settings
from fiks.core.errors import ProvIgjen
from fiks.core.http.client import LOOPBACK
from fiks.core.http.token_issuers import (
    OAUTH,
    OPENID,
    AnnenUtsteder,
    fetch_json,
    metadata_address,
    require_issuer_name,
)
from fiks.drift.readiness import MAY_CHANGE_AUDIT
from fiks.epost.client import SmtpClient
from workers.channels import open_house
from workers.process import Process

TIMEOUT = (3.05, 10.0)
ISSUERS = {"IDPORTEN_ISSUER": OPENID, "MASKINPORTEN_ISSUER": OAUTH}
BEYOND = frozenset({502, 503, 504})
"""Statuses of an intermediary that does not reach the system behind it."""
WITHOUT = {
    "ALTINN_URL": "brev til Altinn venter, og ingen kan opptre for en virksomhet",
    "DPI_URL": "brev til digital postkasse går til Altinn",
    "SMS_URL": "SMS venter til de er for gamle",
    "SMTP_URL": "e-post venter",
    "SIGNERING_URL": "brev som skal signeres, blir avvist",
    "SVARUT_NOKLER": "krypterte brev blir avvist",
    "PRINT_SFTP_URL": "brev på papir venter, unntatt der avsenderen skriver ut selv",
    "FOLKEREGISTER_URL": "ingen personer kan slås opp",
    "KRR_URL": "ingen kan nås digitalt",
    "ENHETSREGISTER_URL": "ingen virksomheter kan slås opp",
}
"""The consequence of each setting that is not set; one for each of `Settings.lacking`."""
REFUSED = {
    "PRINTHUS_INNLOGGING": "svarer, men slipper oss ikke inn",
    "EPOST_INNLOGGING_AVVIST": "svarer, men slipper oss ikke inn",
    "PRINTHUS_UKJENT_NOKKEL": "svarer med en annen vertsnøkkel enn den som er satt",
}
SILENT, HERE = "svarer ikke", "denne maskinen"


class Galt(Exception):
    """A setting that is set cannot be used. The text continues a sentence that begins with the host's name."""


def run(process: Process, options: argparse.Namespace) -> int:
    """Print one sentence per system; return 1 when a setting that is set cannot be used."""
    wrong = 0
    for name, url, knock in _knocks(process.settings):
        host = urlsplit(url).hostname or HERE
        try:
            knock()
        except Galt as error:
            wrong += 1
            print(f"{name}: {host} {error}.")
        else:
            print(f"{name}: {host} svarer.")
    for name in process.settings.lacking:
        print(f"{name} er ikke satt opp: {WITHOUT[name]}.")
    print(f"Feil: {wrong}. Ingenting er sendt.")
    return 1 if wrong else 0


def _knocks(settings: Settings) -> Iterator[tuple[str, str, Callable[[], None]]]:
    """Yield the checks in order: setting, address, and function."""
    if settings.production:
        yield "DATABASE_URL", settings.database_url, partial(_ask_database, settings)
    if settings.redis_url:
        yield "REDIS_URL", settings.redis_url, partial(_ask_redis, settings.redis_url)
    houses = {f"{printhus.prefix(house)}_SFTP_URL": house for house in settings.print_houses}
    for name, url in settings.addresses.items():
        if name in ISSUERS:
            yield name, url, partial(_ask_issuer, url, ISSUERS[name])
        elif name in houses:
            yield name, url, partial(_greet, open_house(houses[name], settings).greet)
        elif name == "SMTP_URL":
            yield name, url, partial(_greet, SmtpClient(url, settings.epost_avsender, TIMEOUT[1]).greet)
        else:
            yield name, url, partial(_ask_head, url)


def _ask_database(settings: Settings) -> None:
    """Check our role: one that may change the audit log makes no production process ready
    (`fiks.drift.readiness`).
    """
    try:
        with psycopg.connect(settings.psycopg_url) as connection:
            [(role, may_change)] = connection.execute(MAY_CHANGE_AUDIT).fetchall()
    except psycopg.OperationalError as error:
        raise Galt("svarer ikke, eller vil ikke ha oss inn") from error
    if may_change:
        raise Galt(f"slipper oss inn som «{role}», som kan endre revisjonsloggen. Bruk rollen fiks_app")


def _ask_redis(url: str) -> None:
    try:
        make_broker(url).client.ping()
    except redis.RedisError as error:
        raise Galt(SILENT) from error


def _ask_issuer(issuer: str, kind: str) -> None:
    """Check the metadata: their `issuer` must equal the setting exactly, or every login and token is refused."""
    try:
        require_issuer_name(fetch_json(metadata_address(issuer, kind)), issuer)
    except AnnenUtsteder as error:
        raise Galt(f"er satt til «{error.satt}», men heter «{error.heter}». Skriv det slik") from error
    except requests.RequestException as error:
        raise Galt(_why(error)) from error
    except ValueError as error:
        raise Galt(f"forteller ikke hva den heter på {metadata_address(issuer, kind)}") from error
    except OSError as error:
        raise Galt(NO_CERTIFICATES) from error


NO_CERTIFICATES = "er ikke spurt: filen med sertifikater (REQUESTS_CA_BUNDLE) kan ikke leses"


def _ask_head(url: str) -> None:
    """Send a HEAD request: any answer proves the system is there, except an intermediary's."""
    try:
        with requests.Session() as session:
            session.trust_env = urlsplit(url).hostname not in LOOPBACK
            answer = session.head(url, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        raise Galt(_why(error)) from error
    except OSError as error:
        raise Galt(NO_CERTIFICATES) from error
    if answer.status_code in BEYOND:
        raise Galt(f"{SILENT} bak den som står foran (HTTP {answer.status_code})")


def _greet(greet: Callable[[], None]) -> None:
    try:
        greet()
    except ProvIgjen as error:
        raise Galt(REFUSED.get(error.kode, SILENT)) from error


def _why(error: requests.RequestException) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "har et sertifikat vi ikke stoler på"
    if isinstance(error, requests.exceptions.ProxyError):
        return f"{SILENT} gjennom mellomtjeneren (HTTPS_PROXY)"
    return SILENT

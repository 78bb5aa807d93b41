"""The settings of an environment, read group by group; `Settings` is built from them all."""

from __future__ import annotations

from typing import Any

from config import printhus
from config.addresses import parse_database, parse_origin, parse_redis
from config.parsing import (
    LONGEST_LINE,
    parse_acr,
    parse_key,
    parse_line,
    parse_master_keys,
    parse_private_jwk,
)
from config.reading import Reader

QUARANTINE_SECONDS = 1_200
"""Default quarantine, and production's minimum: a channel may go on for a quarter of an hour with the call of
a dead process (reliability.md 4.4).
"""
REGRET_MINUTES = (5, 24 * 60)
"""Least and most minutes of angrefrist: a person who sees a mistake must have time to log in and stop the
mailing, and letters must leave on the day they are dated, which is chosen long before.
"""
DEFAULT_ACR, ACR_FORM = "3=idporten-loa-substantial,4=idporten-loa-high", "3=…,4=…, each by its own name"
ORIGIN_FORM, DATABASE_FORM = "scheme and host alone", "postgresql://user:password@host:port/name"


def read_all(read: Reader) -> dict[str, Any]:
    """Return every setting but `fiks_env`, by name; `read` collects the faults."""
    return {
        **_stores(read),
        **_keys(read),
        **_doors(read),
        **_login(read),
        **_outside(read),
        **_times(read),
        "metrics_bind": read.text("METRICS_BIND") or "127.0.0.1",
        "metrics_port": read.number("METRICS_PORT", 0),
    }


def _stores(read: Reader) -> dict[str, Any]:
    database = read.parsed("DATABASE_URL", parse_database, DATABASE_FORM, "")
    return {
        "database_url": database,
        "migration_database_url": read.parsed("MIGRATION_DATABASE_URL", parse_database, DATABASE_FORM, "")
        or database,
        "redis_url": read.parsed("REDIS_URL", parse_redis, "redis://… or rediss://…", ""),
        "object_store_url": read.text("OBJECT_STORE_URL"),
        "amqp_url": read.text("AMQP_URL"),
    }


def _keys(read: Reader) -> dict[str, Any]:
    keys = read.text("SVARUT_NOKLER").split(",")
    return {
        "secret_key": read.text("SECRET_KEY"),
        "master_keys": read.parsed(
            "MASTER_KEYS", parse_master_keys, "id:base64 of 32 bytes, newest first", ()
        ),
        "index_key": read.parsed("INDEX_KEY", parse_key, "base64 of 32 bytes", b""),
        "print_key": read.text("PRINT_KEY"),
        "print_certificate": read.text("PRINT_CERTIFICATE"),
        "svarut_nokler": tuple(part.strip() for part in keys if part.strip()),
    }


def _doors(read: Reader) -> dict[str, Any]:
    portal, api, minside = (
        read.parsed(f"{door}_BASE_URL", parse_origin, ORIGIN_FORM, "")
        for door in ("PORTAL", "API", "MINSIDE")
    )
    return {
        "portal_base_url": portal,
        "api_base_url": api or portal,
        "minside_base_url": minside or portal,
        "brukerstotte": read.parsed(
            "BRUKERSTOTTE", parse_line, f"one line of at most {LONGEST_LINE} characters", ""
        ),
    }


def _login(read: Reader) -> dict[str, Any]:
    return {
        "idporten_issuer": read.text("IDPORTEN_ISSUER"),
        "idporten_client_id": read.text("IDPORTEN_CLIENT_ID"),
        "idporten_client_jwk": read.parsed(
            "IDPORTEN_CLIENT_JWK", parse_private_jwk, "a private JWK with kid", {}
        ),
        "idporten_acr": read.parsed("IDPORTEN_ACR", parse_acr, ACR_FORM, (), DEFAULT_ACR),
        "idporten_pid_claim": read.text("IDPORTEN_PID_CLAIM") or "pid",
        "idporten_scope": read.text("IDPORTEN_SCOPE") or "openid profile",
        "forvaltning_nivaa": read.number("FORVALTNING_NIVAA", 4),
        "maskinporten_issuer": read.text("MASKINPORTEN_ISSUER"),
    }


def _outside(read: Reader) -> dict[str, Any]:
    """Return the addresses of the national systems and of the services that print, sign and send text
    messages.
    """
    return {
        "altinn_url": read.url("ALTINN_URL"),
        "krr_url": read.url("KRR_URL"),
        "dpi_url": read.url("DPI_URL"),
        "folkeregister_url": read.url("FOLKEREGISTER_URL"),
        "enhetsregister_url": read.url("ENHETSREGISTER_URL"),
        "matrikkel_url": read.url("MATRIKKEL_URL"),
        "print_sftp_url": read.text("PRINT_SFTP_URL"),
        "print_hus": printhus.read_further(read),
        "signering_url": read.url("SIGNERING_URL"),
        "sms_url": read.url("SMS_URL"),
        "smtp_url": read.text("SMTP_URL"),
        "epost_avsender": read.text("EPOST_AVSENDER"),
    }


def _times(read: Reader) -> dict[str, Any]:
    return {
        "lesefrist_timer": read.number("LESEFRIST_TIMER", 40),
        "angrefrist_minutter": read.number("ANGREFRIST_MINUTTER", 30),
        "karantene_sekunder": read.number("KARANTENE_SEKUNDER", QUARANTINE_SECONDS),
        "revisjon_aar": read.number("REVISJON_AAR", 5),
        "revisjon_innlogging_maaneder": read.number("REVISJON_INNLOGGING_MAANEDER", 12),
    }

"""The sweeper's checks of the invariants, the audit chain and signs of misuse."""

from __future__ import annotations

import logging

from prometheus_client import Gauge

from fiks.konfigurasjon.audit import misuse
from fiks.svarut.invariants import Brudd
from fiks.utsending import invariant_schedule

log = logging.getLogger(__name__)
BREACHES = Gauge(
    "fiks_invariant_breaches",
    "Breaches of a rule that its last check found (0 is right)",
    ["kontroll", "regel"],
)
SUSPICIONS = Gauge("fiks_misuse_suspicions", "Persons or machines that show a sign of misuse", ["tegn"])
MINUTE_RULES = ("I2", "I3", "I4", "I5", "I6", "I9")
TURN_RULES, NIGHT_RULES = ("I2", "I5", "I6", "I9", "I10"), ("I10",)


def check_minute() -> int:
    """Check the invariants I2-I6 and I9 in the database."""
    return _report("minutt", MINUTE_RULES, invariant_schedule.check_minute())


def check_in_turn() -> int:
    """As `check_minute`, for whole mailings in turn (and I10, except the chain)."""
    return _report("tur", TURN_RULES, invariant_schedule.check_in_turn())


def check_audit_log() -> int:
    """Continue verifying the audit chain (I10): one whole walk a day, or as soon as the previous one has
    ended.
    """
    return _report("natt", NIGHT_RULES, invariant_schedule.check_chain())


def look_for_misuse() -> int:
    """Report persons and machines that look up, export or try far more than their work needs.

    Each case is logged once when it begins; the gauge shows it for as long as it lasts.
    """
    found, until = misuse.find_new_signs()
    for tegn in misuse.TEGN:
        SUSPICIONS.labels(tegn.navn).set(sum(one.tegn == tegn.navn for one in found))
    for one in found:
        if one.ny:
            log.warning("misuse_suspected", extra={"tegn": one.tegn, "hvem": one.hvem, "antall": one.antall})
    misuse.remember_look(until)
    return len(found)


def _report(kontroll: str, rules: tuple[str, ...], found: list[Brudd]) -> int:
    for rule in rules:
        BREACHES.labels(kontroll, rule).set(sum(breach.regel == rule for breach in found))
    for breach in found:
        log.error("invariant_broken", extra={"regel": breach.regel, "kode": breach.kode, "id": breach.id})
    return len(found)

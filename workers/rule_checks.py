"""The sweeper's looks: whether what must always hold still does, and who shows a sign of misuse."""

from __future__ import annotations

import logging

from prometheus_client import Gauge

from fiks.konfigurasjon.audit import misuse
from fiks.svarut.invariants import Brudd
from fiks.utsending import checks

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
    """Ask the database whether what must always hold still does (I2-I6, I9)."""
    return _tell("minutt", MINUTE_RULES, checks.check_minute())


def check_in_turn() -> int:
    """As `check_minute`, of whole mailings in turn (and of I10, but for the chain)."""
    return _tell("tur", TURN_RULES, checks.check_in_turn())


def check_audit_log() -> int:
    """Walk on along the chain of the audit log (I10): a walk of it whole each day, or as soon as the last has ended."""
    return _tell("natt", NIGHT_RULES, checks.check_chain())


def look_for_misuse() -> int:
    """Tell operations of those who look up, export or try far more than work asks for: in the log once for each time
    that it begins, by the gauge as long as it lasts.
    """
    found, until = misuse.find_new_signs()
    for tegn in misuse.TEGN:
        SUSPICIONS.labels(tegn.navn).set(sum(one.tegn == tegn.navn for one in found))
    for one in found:
        if one.ny:
            log.warning("misuse_suspected", extra={"tegn": one.tegn, "hvem": one.hvem, "antall": one.antall})
    misuse.remember_look(until)
    return len(found)


def _tell(kontroll: str, rules: tuple[str, ...], found: list[Brudd]) -> int:
    for rule in rules:
        BREACHES.labels(kontroll, rule).set(sum(breach.regel == rule for breach in found))
    for breach in found:
        log.error("invariant_broken", extra={"regel": breach.regel, "kode": breach.kode, "id": breach.id})
    return len(found)

"""The faults of a soak, and the ten rules as they can be asked while letters are on their way."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from uuid import UUID

from fiks.core import audit
from fiks.core.db import session
from fiks.svarut import invariants as letters
from fiks.svarut.invariants import Brudd
from fiks.svarut.operations import external_invariants as outside
from fiks.utsending import invariants
from tests.fault.crew import Crew
from tests.fault.platform import Platform
from tests.fault.test_all_at_once import ring_too_often

Act = tuple[str, Callable[[], object]]
LOOK_AGAIN_AFTER = 5.0
FROZEN_SECONDS = 3.0


def faults(platform: Platform, crew: Crew, chance: random.Random, victims: Sequence[str]) -> list[Act]:
    """What may happen; a channel or register that misbehaves does so until the next thing that happens to one."""
    only = {"only": ["send"]}
    return [
        *((f"drep {name}", lambda name=name: crew.kill(name)) for name in victims),
        ("frys", lambda: freeze_for_a_while(crew, chance.choice(victims))),
        ("start PostgreSQL om", platform.restart_postgres),
        ("tøm Valkey", platform.flush_valkey),
        ("start Valkey tom", platform.valkey.restart_empty),
        ("ring for ofte", lambda: ring_too_often(platform)),
        ("treg kanal", lambda: platform.world(delay_ms=chance.randrange(100, 2_000), **only)),
        ("svar borte", lambda: platform.world(accept_then_drop=0.3, **only)),
        ("kall borte", lambda: platform.world(drop=0.3, **only)),
        ("kanalen er full", lambda: platform.world(status={"429": 0.2}, retry_after=1, **only)),
        ("registrene svikter", lambda: platform.world({"status": {"503": 0.3}, "drop": 0.1})),
        ("kanalen virker", platform.world),
        ("kanalen virker igjen", platform.world),
    ]


def freeze_for_a_while(crew: Crew, name: str) -> None:
    crew.freeze(name)
    time.sleep(FROZEN_SECONDS)
    crew.thaw(name)


def breaches_under_way(platform: Platform, utsending_ids: Sequence[UUID]) -> list[Brudd]:
    """I1-I10 of mailings of which letters are on their way. What is wrong is so twice, some seconds apart."""
    found = _ask(platform, utsending_ids)
    if not found:
        return []
    time.sleep(LOOK_AGAIN_AFTER)
    still = _ask(platform, utsending_ids)
    return [one for one in found if one in still]


def _ask(platform: Platform, utsending_ids: Sequence[UUID]) -> list[Brudd]:
    session().rollback()
    audit.seal()
    platform.wait_for_pick_up(utsending_ids)
    log = platform.log()
    scope = letters.letters_of(utsending_ids)
    return [
        *outside.exactly_once(scope, log),
        *outside.no_unknown_references(log),
        *letters.check_letters(scope),
        *outside.ledger_before_effect(scope, log),
        *outside.nothing_after_stop(scope, log),
        *invariants.rows_add_up(utsending_ids),
        *invariants.letters_have_rows(scope),
        *invariants.nothing_before_release(scope),
        *invariants.nothing_received_before_release(utsending_ids, log),
        *invariants.approved_is_sent(utsending_ids),
        *invariants.acts_are_audited(utsending_ids),
        *invariants.audit_is_sealed(),
        *invariants.chain_holds(),
    ]

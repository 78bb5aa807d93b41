"""Check that this process's keys are the house's: the check value of each key is stored in the database.

A key that was mistyped, or generated anew by whoever deploys secrets, has its old id and another value, and
nothing else reveals it. With another INDEX_KEY receivers do not find their letters, repeated letters are not
detected, and approved mailings count as changed; with another master key everything encrypted under the old
one counts as damaged. Such a process does no work and lets nobody in.

A check value is a keyed hash of a constant, which reveals nothing about a key of 256 random bits. The first
process that has a key stores its check value.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from fiks.core.crypto.encryption import UNKNOWN_KEYS, check_value
from fiks.core.db import db
from fiks.core.environment import current
from fiks.core.errors import Utilgjengelig
from fiks.core.key_rotation.certificate_expiry import expires_soon
from fiks.core.queue.feed_markers import Kvitteringsmarkor

log = logging.getLogger(__name__)
INDEX, MASTER = "INDEKSNOKKEL", "NOKKEL/"
KNOWN = "SELECT kilde, markor FROM kvitteringsmarkor WHERE split_part(kilde, '/', 1) IN ('INDEKSNOKKEL', 'NOKKEL')"


def require_ours() -> None:
    """Raise Utilgjengelig NOKKEL_ER_EN_ANNEN (nokkel) unless every key is the house's. A key never seen
    before is stored.

    Uses a connection of its own: the caller may be in the middle of a transaction.
    """
    ours = _ours()
    with db.engine.begin() as connection:
        known = _known(connection)
        _require(ours, known)
        if new := [name for name in ours if name not in known]:
            rows = [{"kilde": name, "markor": ours[name]} for name in new]
            connection.execute(
                insert(Kvitteringsmarkor).values(rows).on_conflict_do_nothing(index_elements=["kilde"])
            )
            _require(ours, _known(connection))


class Staende(NamedTuple):
    """This process's keys whose check value differs from the stored one, and those without a stored one."""

    others: list[str]
    unnoted: list[str]


def key_standing() -> Staende:
    """Return the present standing of this process's keys."""
    with db.engine.connect() as connection:
        known = _known(connection)
    ours = _ours()
    return Staende(_differing(ours, known), [name for name in ours if name not in known])


def differing_keys(known: Iterable[tuple[str, str | None]]) -> list[str]:
    """Return this process's keys that differ from the stored check values; `known` is the result of KNOWN."""
    return _differing(_ours(), dict(known))


def _known(connection: Connection) -> dict[str, str | None]:
    return {row.kilde: row.markor for row in connection.execute(text(KNOWN))}


def _require(ours: Mapping[str, str], known: Mapping[str, str | None]) -> None:
    for name in _differing(ours, known):
        UNKNOWN_KEYS.inc()
        log.error("key_is_another", extra={"nokkel": name})
        raise Utilgjengelig("NOKKEL_ER_EN_ANNEN", nokkel=name)


def _differing(ours: Mapping[str, str], known: Mapping[str, str | None]) -> list[str]:
    return [name for name, value in ours.items() if known.get(name, value) != value]


def count_expiring_certificate() -> int:
    """Warn when the certificate that senders encrypt letters to has expired or soon will; return how many (0
    or 1).

    Only the first pair counts. Later pairs only decrypt older letters, whatever the age of their
    certificates.
    """
    for pair in current().svarut_keys[:1]:
        until = pair.certificate.not_valid_after_utc
        if expires_soon(until):
            log.warning("sender_certificate_expires", extra={"utloper": until.isoformat()})
            return 1
    return 0


def _ours() -> dict[str, str]:
    env = current()
    masters = {f"{MASTER}{key_id}": value for key_id, value in env.keys.check_values.items()}
    return {INDEX: check_value(env.index_key)} | masters

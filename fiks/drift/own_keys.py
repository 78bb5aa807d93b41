"""Whether the keys of this process are the house's: each is known by a check value that is kept with the rows.

A key that was mistyped, or made anew by whatever lays secrets out, has its old id and another value, and nothing else
tells it apart. With another INDEX_KEY receivers do not find their letters, a letter that was sent before is not warned
of, and approved mailings count as changed; with another master key everything sealed under the old one counts as
damaged. Such a process does no work and lets nobody in.

A check value is a keyed hash of a constant, which says nothing of a key of 256 random bits. Who has a key first writes
it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from fiks.core.certificates import expires_soon
from fiks.core.crypto import UNKNOWN_KEYS, check_value
from fiks.core.db import db
from fiks.core.environment import current
from fiks.core.errors import Utilgjengelig
from fiks.core.feeds import Kvitteringsmarkor

log = logging.getLogger(__name__)
INDEX, MASTER = "INDEKSNOKKEL", "NOKKEL/"
KNOWN = "SELECT kilde, markor FROM kvitteringsmarkor WHERE split_part(kilde, '/', 1) IN ('INDEKSNOKKEL', 'NOKKEL')"


def require_ours() -> None:
    """Utilgjengelig NOKKEL_ER_EN_ANNEN (nokkel) unless every key is the house's. One never seen before becomes so.

    Asked on a connection of its own: whoever asks may be in the middle of something.
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
    """This process's keys that the house knows as other ones, and those that it does not know yet."""

    others: list[str]
    unnoted: list[str]


def standing() -> Staende:
    """How this process's keys stand now."""
    with db.engine.connect() as connection:
        known = _known(connection)
    ours = _ours()
    return Staende(_differing(ours, known), [name for name in ours if name not in known])


def others(known: Iterable[tuple[str, str | None]]) -> list[str]:
    """Those of this process's keys that the house knows as other ones; `known` as KNOWN gives it."""
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
    """Tell when the certificate that senders encrypt letters to has run out or soon does; return how many (0 or 1).

    It is the first pair's. Those after it open what was encrypted to them, however old their certificates are.
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

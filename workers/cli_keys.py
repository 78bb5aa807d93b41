"""`fiks nokler`: counts per master key, a test whether a letter opens, and re-encryption under the newest
key.

Never shows key material, nor anything of a letter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from fiks.core.crypto.encryption import KeyRing
from fiks.core.environment import current
from fiks.core.key_rotation.encrypted_columns import Renewal, Sealed, column_name, counts_by_key, renew_all
from fiks.drift import key_check
from fiks.edialog import encrypted_columns as edialog
from fiks.epost import sealed as epost
from fiks.konfigurasjon import encrypted_columns as konfigurasjon
from fiks.print import encrypted_columns as printing
from fiks.sms import encrypted_columns as sms
from fiks.svarut import encrypted_columns as svarut
from fiks.svarut.letters import load_letters, read_checked
from fiks.utsending import encrypted_columns as utsending
from workers import own_schema
from workers.process import Process

PLACES: tuple[Sealed, ...] = (
    *edialog.SEALED,
    *epost.SEALED,
    *konfigurasjon.SEALED,
    *printing.SEALED,
    *sms.SEALED,
    *svarut.SEALED,
    *utsending.SEALED,
)


NONE_NOTED = (
    "Plattformen har ikke notert noen nøkler ennå, og den første prosessen som starter, noterer sine. Hold MASTER_KEYS "
    "og INDEX_KEY mot hvelvet før noe starter."
)
OTHER_SCHEMA = (
    "Databasen er en annen utgaves: den har kanskje verdier som denne utgaven ikke kjenner og ikke teller. Ta ingen "
    "nøkkel ut av MASTER_KEYS, og kjør kommandoen med utgaven som databasen er brakt til (docs/drift/utrulling.md)."
)


def vis(process: Process) -> tuple[int, list[str]]:
    """Return (exit code, lines): each master key with the number of values under it.

    The exit code is 1 when values lie under a key we lack, a key of ours differs from the house's, a house in
    use has noted no keys, or the schema is another release's.
    """
    with process.app.app_context():
        ring = current().keys
        others, unnoted = key_check.key_standing()
        ours = own_schema.is_ours()
        found = {place: counts_by_key(place) for place in PLACES}
    ids = [*ring.ids, *sorted({key for under in found.values() for key in under} - set(ring.ids))]
    lines = [line for key_id in ids for line in _key_lines(key_id, ring, found, all_known=ours)]
    told = [other_key_message(name) for name in others]
    if key_check.INDEX in unnoted and any(found.values()):
        told.append(NONE_NOTED)
    if not ours:
        told.append(OTHER_SCHEMA)
    return int(bool(told) or len(ids) > len(ring.ids)), [*told, *lines]


def other_key_message(name: str) -> str:
    """Return the message about a key that differs from the one noted under its name."""
    return (
        f"{name}: en annen nøkkel enn den som ble notert da den først ble brukt. Gjør ingenting før du har holdt den "
        "mot hvelvet (docs/drift/nokkel-mangler.md)."
    )


def _key_lines(
    key_id: str, ring: KeyRing, found: dict[Sealed, dict[str, int]], *, all_known: bool
) -> Iterator[str]:
    """Yield the lines about one key. `all_known`: whether `found` is complete, so that a key without values
    may be removed.
    """
    under: Counter[str] = Counter()
    files = 0
    for place, by_key in found.items():
        under[column_name(place)] += by_key.get(key_id, 0)
        files += by_key.get(key_id, 0) if place.holds_data_keys else 0
    if key_id == ring.newest:
        state = "aktiv"
    elif key_id not in ring.ids:
        state = "MANGLER i MASTER_KEYS: kan ikke leses"
    elif under.total() or not all_known:
        state = "i bruk" if under.total() else "må stå i MASTER_KEYS"
    else:
        state = "kan tas ut av MASTER_KEYS"
    yield f"{key_id}: verdier {under.total()}, av dem nøkler til filer {files} ({state})"
    for name, antall in sorted(under.items()):
        if antall:
            yield f"    {name:<34}{antall:>10}"


def pakk_om(process: Process) -> tuple[int, list[str]]:
    """Return (exit code, lines): re-encrypt everything under the newest key.

    The exit code is 1 when values are left under another key. Nothing is done with a key that differs from
    the house's, nor on another release's schema.
    """
    lines: list[str] = []

    def tell(name: str, done: Renewal) -> None:
        lines.append(f"{name}: {done.renewed} pakket om, {done.unreadable} kan ikke leses")

    with process.app.app_context():
        if others := key_check.key_standing().others:
            return 1, [other_key_message(name) for name in others]
        if not own_schema.is_ours():
            return 1, [OTHER_SCHEMA]
        key_check.require_ours()  # a key that seals is known from then on
        ring = current().keys
        total = renew_all(PLACES, ring, tell)
        left = sum(
            n for place in PLACES for key_id, n in counts_by_key(place).items() if key_id != ring.newest
        )
    lines.append(f"Rader pakket om under {ring.newest}: {total.renewed}.")
    if left:
        lines.append(
            f"Verdier som fortsatt ligger under andre nøkler: {left}. Kjør kommandoen igjen, og se fiks nokler vis."
        )
    return int(left > 0), lines


def apne(process: Process, forsendelse_id: UUID) -> list[str]:
    """Return lines proving that a letter's receiver and each document open with the present keys and store.

    Nothing of them is shown or written. Raises ValueError when there is no such letter, and FiksError when a
    part does not open or differs from what was stored.
    """
    with process.app.app_context():
        brev = load_letters([forsendelse_id]).get(forsendelse_id)
        if brev is None:
            raise ValueError(f"fant ingen forsendelse {forsendelse_id}")
        return [f"dokument {one.nr}: {len(read_checked(one))} byte, helt" for one in brev.dokumenter]

"""`fiks nokler`: which master key seals how much, and sealing everything under the newest. Never shows key material."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from fiks.core.crypto import KeyRing
from fiks.core.environment import current
from fiks.core.sealed import Renewal, Sealed, counts, name_of, renew_all
from fiks.drift import own_keys
from fiks.edialog import sealed as edialog
from fiks.epost import sealed as epost
from fiks.konfigurasjon import sealed as konfigurasjon
from fiks.print import sealed as printing
from fiks.sms import sealed as sms
from fiks.svarut import sealed as svarut
from fiks.utsending import sealed as utsending
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


def vis(process: Process) -> tuple[int, list[str]]:
    """(exit code, lines): each master key with what lies under it. 1 when something lies under a key we lack, or one of
    ours is another than the house's."""
    with process.app.app_context():
        ring = current().keys
        others = _told_others()
        found = {place: counts(place) for place in PLACES}
    ids = [*ring.ids, *sorted({key for under in found.values() for key in under} - set(ring.ids))]
    lines = [line for key_id in ids for line in _told(key_id, ring, found)]
    return int(bool(others) or len(ids) > len(ring.ids)), [*others, *lines]


def _told_others() -> list[str]:
    return [
        f"{name}: en annen nøkkel enn den som er i bruk. Sett inn den riktige før noe annet."
        for name in own_keys.found_others()
    ]


def _told(key_id: str, ring: KeyRing, found: dict[Sealed, dict[str, int]]) -> Iterator[str]:
    under: Counter[str] = Counter()
    files = 0
    for place, by_key in found.items():
        under[name_of(place)] += by_key.get(key_id, 0)
        files += by_key.get(key_id, 0) if place.holds_data_keys else 0
    if key_id == ring.newest:
        state = "aktiv"
    elif key_id not in ring.ids:
        state = "MANGLER i MASTER_KEYS: kan ikke leses"
    else:
        state = "i bruk" if under.total() else "kan tas ut av MASTER_KEYS"
    yield f"{key_id}: {under.total()} verdier, av dem nøkler til {files} filer ({state})"
    for name, antall in sorted(under.items()):
        if antall:
            yield f"    {name:<34}{antall:>10}"


def pakk_om(process: Process) -> tuple[int, list[str]]:
    """(exit code, lines): seal everything under the newest key. 1 when something is left under another; nothing is done
    by who has another key than the house's."""
    lines: list[str] = []

    def tell(name: str, done: Renewal) -> None:
        lines.append(f"{name}: {done.renewed} pakket om, {done.unreadable} kan ikke leses")

    with process.app.app_context():
        if others := _told_others():
            return 1, others
        ring = current().keys
        total = renew_all(PLACES, ring, tell)
        left = sum(n for place in PLACES for key_id, n in counts(place).items() if key_id != ring.newest)
    lines.append(f"{total.renewed} rader er pakket om under {ring.newest}.")
    if left:
        lines.append(
            f"{left} verdier ligger fortsatt under andre nøkler. Kjør kommandoen igjen, og se fiks nokler vis."
        )
    return int(left > 0), lines

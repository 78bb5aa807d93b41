"""What the digital channels' clients share: a letter on its way, a receipt, and how answers and feeds are read.

DPI (`dpi_client`) and Altinn (`altinn_client`) know a repeated call by an id of ours, and can be asked whether they
have it. So `send` treats "already have it" as success, and an unknown outcome is settled by `lookup`. Everything raises
Avvist, ProvIgjen or Uavklart only.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from prometheus_client import Counter

from fiks.core.counters import from_nought
from fiks.core.errors import KanalFeil, Uavklart
from fiks.core.told import place
from fiks.core.wire import CONNECT_SECONDS, Answer, Wire
from fiks.svarut.rules import Kanal

log = logging.getLogger(__name__)
UNREADABLE = from_nought(
    Counter(
        "fiks_unreadable_receipts_total", "Entries of a channel's feed that nobody could read", ["kilde"]
    ),
    (Kanal.DPI, Kanal.ALTINN),
)

TIMEOUT = (CONNECT_SECONDS, 60.0)
LEVERT, FEILET, LEST = "LEVERT", "FEILET", "LEST"


@dataclass(frozen=True, slots=True, repr=False)
class Utgaende:
    """A letter as a digital channel needs it. No repr: it holds a personal number and the letter itself.

    `referanse` is our uuid for this hand-over; `mottaker` eleven or nine digits; `sikkerhetsniva` BETYDELIG or HOYESTE;
    without `dokument` the message is `tekst` with `lenke`; with it, `tekst` lies beside it, if there is any. To Altinn
    `tekst` is Markdown, in which others' words are escaped (`fiks.svarut.markdown`). `varsle`: Altinn notifies by SMS
    or e-mail, not before `varsle_fra` if that is given. `avsender_id` is the sender's own in digital mailboxes.
    """

    referanse: str
    mottaker: str
    avsender_orgnr: str
    tittel: str
    tekst: str
    lenke: str
    sikkerhetsniva: str
    spraak: str | None
    filnavn: str | None
    dokument: bytes | None
    taushetsbelagt: bool = False
    varsle: bool = True
    varsle_fra: datetime | None = None
    avsender_id: str = ""


@dataclass(frozen=True, slots=True)
class Kvittering:
    """One entry of a channel's feed: `art` is LEVERT, FEILET or LEST, `tidspunkt` the channel's own, with zone.

    `referanse` is ours, or Altinn's own id where its event says no more.
    """

    referanse: str
    art: str
    tidspunkt: datetime
    melding: str | None


def is_uuid(referanse: str) -> bool:
    try:
        UUID(referanse)
    except ValueError:
        return False
    return True


def accepted(answer: Answer, read_id: Callable[[Any], str], lookup: Callable[[], str | None]) -> str:
    """The channel's id from its answer; by look-up when it knew our reference already, or its answer has none."""
    kode = "KJENT_UTEN_ID"
    if not answer.known:
        kode = "UFORSTAAELIG_SVAR"
        try:
            return read_id(answer.body)
        except (KeyError, TypeError, IndexError, ValueError):
            log.warning("accepted_without_id")
    try:
        adopted = lookup()
    except KanalFeil as error:
        raise Uavklart(kode, error.detalj) from None
    if adopted is None:
        raise Uavklart(kode)
    return adopted


def read_entries(
    kanal: Kanal,
    entries: Sequence[Mapping[str, Any]],
    read: Callable[[Mapping[str, Any]], Kvittering | None],
) -> list[Kvittering]:
    """Read every entry that is a receipt; one that can't be read is told of and passed, never a stop for the rest."""
    receipts = []
    for entry in entries:
        try:
            receipt = read(entry)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            UNREADABLE.labels(kanal).inc()
            log.warning("unreadable_receipt", extra={"kilde": str(kanal), "entry": place(entry, "id")})
            continue
        if receipt is not None:
            receipts.append(receipt)
    return receipts


def cursor(wire: Wire, entries: Sequence[Mapping[str, Any]], after: str | None) -> str | None:
    """The place of the last entry that says where it is. ProvIgjen when none does: nobody could go on from there."""
    places = [at for entry in entries if (at := place(entry, "id")) is not None]
    if entries and not places:
        raise wire.unreadable()
    return places[-1] if places else after


def moment(told: str) -> datetime:
    """A moment; one without zone is UTC. ValueError, OverflowError."""
    at = datetime.fromisoformat(told)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)

"""Shared by the clients of digital channels: a letter to send, a receipt, and how answers and feeds are
parsed.

DPI (`dpi`) and Altinn (`altinn`) recognise a repeated call by our id, and can be asked whether they have it.
`send` therefore treats "already have it" as success, and `lookup` settles an unknown outcome. Everything
raises Avvist, ProvIgjen or Uavklart only.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from prometheus_client import Counter

from fiks.core.errors import KanalFeil, Uavklart
from fiks.core.http.client import CONNECT_SECONDS, Answer, HttpClient
from fiks.core.input_checks.external_values import feed_position
from fiks.core.telemetry.counters import start_at_zero
from fiks.svarut.rules import Kanal

log = logging.getLogger(__name__)
UNREADABLE = start_at_zero(
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

    `referanse` is our uuid of this levering; `mottaker` has eleven or nine digits; `sikkerhetsniva` is
    BETYDELIG or HOYESTE. Without `dokument` the message is `tekst` with `lenke`; with it, `tekst` (if any)
    lies beside the document. For Altinn `tekst` is Markdown in which foreign words are escaped
    (`channels.altinn_text`). `varsle`: Altinn notifies by SMS or e-mail, not before `varsle_fra` if given.
    `avsender_id` is the sender's own id in digital mailboxes.
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
    """One entry of a channel's feed: `art` is LEVERT, FEILET or LEST; `tidspunkt` is the channel's, with
    zone.

    `referanse` is ours, or Altinn's own id where its event gives no other.
    """

    referanse: str
    art: str
    tidspunkt: datetime
    melding: str | None


def is_uuid(referanse: str) -> bool:
    """Whether the reference is a UUID."""
    try:
        UUID(referanse)
    except ValueError:
        return False
    return True


def accepted_id(answer: Answer, read_id: Callable[[Any], str], lookup: Callable[[], str | None]) -> str:
    """The channel's id for a letter it accepted.

    Looked up when the channel already knew our reference, or when its answer has no readable id; Uavklart
    when the look-up does not find it.
    """
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
    """Parse all feed entries that are receipts. An unreadable entry is logged, counted and skipped."""
    receipts = []
    for entry in entries:
        try:
            receipt = read(entry)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            UNREADABLE.labels(kanal).inc()
            log.warning(
                "unreadable_receipt", extra={"kilde": str(kanal), "entry": feed_position(entry, "id")}
            )
            continue
        if receipt is not None:
            receipts.append(receipt)
    return receipts


def next_cursor(wire: HttpClient, entries: Sequence[Mapping[str, Any]], after: str | None) -> str | None:
    """The position of the last entry that has one. ProvIgjen when none has: the feed could not be continued."""
    places = [at for entry in entries if (at := feed_position(entry, "id")) is not None]
    if entries and not places:
        raise wire.unreadable()
    return places[-1] if places else after


def parse_time(told: str) -> datetime:
    """Parse an ISO time; one without zone is UTC. ValueError, OverflowError."""
    at = datetime.fromisoformat(told)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)

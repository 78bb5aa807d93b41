"""Client of the SMS gateway: one call per SMS, and a feed of receipts.

The gateway cannot look up our reference, so a call with unknown outcome is never repeated:

POST /v1/messages {"reference", "sender", "recipient", "text"}. 201 {"id"} GET /v1/receipts?after=&limit=
{"receipts": [{"nr", "reference", "status", "time"}]}, oldest first

A refusal has a body as in RFC 9457, with a `title`, also when the gateway is too busy (503). Numbers are in
bodies only. Everything raises Avvist, ProvIgjen or Uavklart and nothing else.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from fiks.core.errors import ProvIgjen, Uavklart
from fiks.core.http.client import CONNECT_SECONDS, HttpClient
from fiks.core.input_checks.external_values import storable_id

log = logging.getLogger(__name__)
TIMEOUT = (CONNECT_SECONDS, 30.0)


class Utfall(StrEnum):
    """A receipt's outcome of an SMS."""

    LEVERT = "DELIVERED"
    IKKE_LEVERT = "FAILED"


@dataclass(frozen=True, slots=True, repr=False)
class Utgaende:
    """One outgoing SMS. No repr: it holds a telephone number and its text."""

    referanse: UUID
    avsender: str
    nummer: str
    tekst: str


@dataclass(frozen=True, slots=True)
class Kvittering:
    """One entry of the receipt feed."""

    referanse: UUID
    utfall: Utfall


class Smsport(Protocol):
    """Sends an SMS. Raises Avvist, ProvIgjen (nothing was sent, for certain) and Uavklart."""

    def send(self, sms: Utgaende) -> str: ...

    def receipts(self, after: str | None, limit: int) -> tuple[list[Kvittering], str | None]: ...


class SmsClient:
    """The gateway at one address. Safe to share between threads."""

    def __init__(self, base_url: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._wire = HttpClient("sms", base_url, timeout)

    def send(self, sms: Utgaende) -> str:
        """Send one SMS and return the gateway's id for it. Raises Avvist, ProvIgjen, Uavklart.

        Uavklart also for a 503 of an intermediary whose connection broke after it passed the call on. Any
        other 503 comes from a gateway that has received nothing.
        """
        body = {
            "reference": str(sms.referanse),
            "sender": sms.avsender,
            "recipient": sms.nummer,
            "text": sms.tekst,
        }
        try:
            answer = self._wire.send("/v1/messages", json=body)
        except ProvIgjen as error:
            if error.passed_on and error.after is None:
                raise Uavklart(error.kode, error.detalj) from None
            raise
        try:
            return storable_id(answer.body["id"])
        except (KeyError, TypeError, ValueError):
            raise Uavklart("UFORSTAAELIG_SVAR") from None

    def receipts(self, after: str | None, limit: int) -> tuple[list[Kvittering], str | None]:
        """Return up to `limit` entries after the marker, oldest first, and the next marker. Raises ProvIgjen.

        An unreadable entry is logged and left out, so the list may be empty although the marker moved.
        """
        answer = self._wire.read("GET", "/v1/receipts", params={"after": after or "0", "limit": limit})
        try:
            entries = list(answer["receipts"])
        except (KeyError, TypeError):
            raise self._wire.unreadable() from None
        places = [place for place in map(_place, entries) if place is not None]
        if entries and not places:
            raise self._wire.unreadable()
        read = [found for found in map(_receipt, entries) if found is not None]
        return read, places[-1] if places else after


def _place(entry: dict[str, Any]) -> str | None:
    """Return an entry's position in the feed, None when it has none."""
    try:
        return str(int(entry["nr"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _receipt(entry: dict[str, Any]) -> Kvittering | None:
    try:
        return Kvittering(UUID(entry["reference"]), Utfall(entry["status"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        log.error("sms_receipt_unreadable", extra={"nr": _place(entry)})
        return None


class UtenSms:
    """Stand-in when no gateway is configured: SMS wait until they are too old."""

    def send(self, sms: Utgaende) -> str:
        raise ProvIgjen("SMS_IKKE_SATT_OPP")

    def receipts(self, after: str | None, limit: int) -> tuple[list[Kvittering], str | None]:
        return [], after


def open_gateway(url: str, timeout: tuple[float, float] = TIMEOUT) -> Smsport:
    """Build the gateway of the settings."""
    return SmsClient(url, timeout) if url else UtenSms()

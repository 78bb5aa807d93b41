"""The client of Altinn 3: correspondence and events."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fiks.core.http.client import HttpClient, Params
from fiks.core.input_checks.external_values import display_text, storable_id, storable_text
from fiks.svarut.channels.altinn_text import plain_title
from fiks.svarut.channels.base import (
    FEILET,
    LEST,
    LEVERT,
    TIMEOUT,
    Kvittering,
    Utgaende,
    accepted_id,
    is_uuid,
    next_cursor,
    parse_time,
    read_entries,
)
from fiks.svarut.rules import Kanal

RESOURCE, CONFIDENTIAL = "svarut", "svarut-taushetsbelagt"
"""The two services in Altinn: reading confidential post needs a right of its own (svarut.md 1.2)."""
CONFIDENTIAL_FEED = "ALTINN_TAUSHETSBELAGT"
LINK_TEXT = "Les brevet"
PERSON, ORGANISATION = "urn:altinn:person:identifier-no", "urn:altinn:organization:identifier-no"
_ALTINN_EVENTS = {
    "no.altinn.correspondence.correspondencepublished": LEVERT,
    "no.altinn.correspondence.correspondencereceiverread": LEST,
    "no.altinn.correspondence.correspondencepublishfailed": FEILET,
}


class AltinnClient:
    """Altinn 3: correspondence and events. `fiks.konfigurasjon.altinn` asks whom a person may act for."""

    def __init__(self, base_url: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._wire = HttpClient("altinn", base_url, timeout)

    def send(self, brev: Utgaende) -> str:
        """Send one message to one receiver; return Altinn's id for it, also when Altinn already had it.

        Raises Avvist, ProvIgjen and Uavklart; after Uavklart ask `lookup`.
        """
        answer = self._wire.send("/correspondence/api/v1/correspondence", json=_correspondence(brev))
        return accepted_id(
            answer,
            lambda body: storable_id(body["correspondences"][0]["correspondenceId"]),
            lambda: self.lookup(brev.referanse),
        )

    def lookup(self, referanse: str) -> str | None:
        """Altinn's id for our reference, None when it doesn't have it (yet). Raises ProvIgjen, Avvist."""
        return next(
            filter(None, (self._find(service, referanse) for service in (RESOURCE, CONFIDENTIAL))), None
        )

    def _find(self, service: str, referanse: str) -> str | None:
        params = {"resourceId": service, "role": "Sender", "sendersReference": referanse}
        answer = self._wire.read("GET", "/correspondence/api/v1/correspondence", params=params)
        try:
            ids = list(answer["ids"])
            return storable_id(ids[0]) if ids else None
        except (KeyError, TypeError, ValueError):
            raise self._wire.unreadable() from None

    def whose(self, referanse: str) -> str | None:
        """Our reference of the message with this Altinn id; the id itself when it has none. Raises ProvIgjen,
        Avvist.

        Altinn may report a message before we have stored its id, or when its answer to us was lost.
        """
        if not is_uuid(referanse):
            return referanse
        found = self._wire.find(f"/correspondence/api/v1/correspondence/{UUID(referanse)}")
        if found is None:
            return referanse
        try:
            return storable_text(found["sendersReference"])
        except (KeyError, TypeError, ValueError):
            raise self._wire.unreadable() from None

    def receipts(self, after: str | None, limit: int) -> tuple[list[Kvittering], str | None]:
        """Up to `limit` events after the cursor, oldest first, and the next cursor.

        Ordinary post only; confidential post has a feed of its own (`apart`). Other events are left out, so
        the list may be empty although the cursor moved. Raises ProvIgjen, Avvist.
        """
        return self.events_of(RESOURCE, after, limit)

    @property
    def apart(self) -> dict[str, AltinnHendelser]:
        """The feeds with markers of their own, by marker name."""
        return {CONFIDENTIAL_FEED: AltinnHendelser(self, CONFIDENTIAL)}

    def events_of(self, service: str, after: str | None, limit: int) -> tuple[list[Kvittering], str | None]:
        """As `receipts`, for one service: Altinn's feed covers one service at a time."""
        params: Params = {
            "after": after or "0",
            "resource": f"urn:altinn:resource:{service}",
            "size": limit,
        }
        answer = self._wire.read("GET", "/events/api/v1/events", params=params)
        if not isinstance(answer, list):
            raise self._wire.unreadable()
        return read_entries(Kanal.ALTINN, answer, _altinn_receipt), next_cursor(self._wire, answer, after)


@dataclass(frozen=True, slots=True)
class AltinnHendelser:
    """The event feed of one service in Altinn."""

    client: AltinnClient
    service: str

    def receipts(self, after: str | None, limit: int) -> tuple[list[Kvittering], str | None]:
        """As `AltinnClient.receipts`."""
        return self.client.events_of(self.service, after, limit)

    def whose(self, referanse: str) -> str | None:
        """As `AltinnClient.whose`."""
        return self.client.whose(referanse)


def _correspondence(brev: Utgaende) -> dict[str, Any]:
    kind = PERSON if len(brev.mottaker) == 11 else ORGANISATION
    title = plain_title(brev.tittel)
    content = {
        "language": brev.spraak or "nb",
        "messageTitle": title,
        "messageSummary": title,
        "messageBody": f"{brev.tekst}\n\n[{LINK_TEXT}]({brev.lenke})",
    }
    notification = {"notificationTemplate": "GenericAltinnMessage", "notificationChannel": "EmailPreferred"}
    if brev.varsle_fra is not None:
        notification["requestedSendTime"] = brev.varsle_fra.isoformat()
    return {
        "correspondence": {
            "resourceId": CONFIDENTIAL if brev.taushetsbelagt else RESOURCE,
            "sender": f"0192:{brev.avsender_orgnr}",
            "sendersReference": brev.referanse,
            "content": content,
            "replyOptions": [{"linkURL": brev.lenke, "linkText": LINK_TEXT}],
            **({"notification": notification} if brev.varsle else {}),
        },
        "recipients": [f"{kind}:{brev.mottaker}"],
        "idempotentKey": str(uuid.uuid5(uuid.UUID(brev.referanse), "altinn")),
    }


def _altinn_receipt(event: Mapping[str, Any]) -> Kvittering | None:
    art = _ALTINN_EVENTS.get(event["type"])
    if art is None:
        return None
    data = event.get("data")
    referanse = data["sendersReference"] if data else event["resourceinstance"]
    message = display_text(data.get("message")) if data else None
    return Kvittering(storable_text(referanse), art, parse_time(event["time"]), message)

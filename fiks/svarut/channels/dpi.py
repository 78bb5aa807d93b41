"""The client of digital mailboxes: DPI, through an integrasjonspunkt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fiks.core.errors import Avvist
from fiks.core.http.client import Answer, File, HttpClient
from fiks.core.input_checks.external_values import display_text, storable_id, storable_text
from fiks.core.values.login_level import level_of
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

MESSAGE_NAME = "melding.txt"
AUTHORITY = "iso6523-actorid-upis"
_DPI_KNOWN = "MessageAlreadyExistsException"
_DPI_STATUSES = {"LEVERT": LEVERT, "LEST": LEST, "FEIL": FEILET, "LEVETID_UTLOPT": FEILET}


class DpiClient:
    """Digital post til innbygger. Source: eFormidling's integrasjonspunkt, `/api/messages/out/multipart`."""

    def __init__(self, base_url: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._wire = HttpClient("dpi", base_url, timeout)

    def send(self, brev: Utgaende) -> str:
        """Hand a letter over; return the channel's id for it, also when it already had it.

        The service answers with the document it was sent. Raises Avvist, ProvIgjen and Uavklart; after
        Uavklart ask `lookup`.
        """
        return accepted_id(
            self._sent(brev),
            lambda body: _message_id(body, brev.referanse),
            lambda: self.lookup(brev.referanse),
        )

    def _sent(self, brev: Utgaende) -> Answer:
        """Send the message. A known message is refused with 400 and an exception name, which becomes 409
        here.
        """
        try:
            return self._wire.send("/api/messages/out/multipart", fields=_parts(brev))
        except Avvist as refused:
            if _DPI_KNOWN not in refused.detalj:
                raise
            return Answer(409, None)

    def lookup(self, referanse: str) -> str | None:
        """The channel's id for our reference, None when it does not have it (yet).

        It answers 404 with MessageNotFoundException; a 404 without that comes from a system in between.
        Raises ProvIgjen, Avvist.
        """
        found = self._conversation(referanse)
        if found is None:
            return None
        try:
            return _message_id(found, referanse)
        except (KeyError, TypeError, ValueError):
            raise self._wire.unreadable() from None

    def whose(self, referanse: str) -> str | None:
        """The same reference; None when the integrasjonspunkt says that it is not an outgoing digital letter.

        An integrasjonspunkt shared with others has their messages in the same feed. Raises ProvIgjen, Avvist.
        """
        found = self._conversation(referanse) if is_uuid(referanse) else None
        if found is None:
            return referanse
        try:
            ours = (found["serviceIdentifier"], found["direction"]) == ("DPI", "OUTGOING")
        except (KeyError, TypeError):
            raise self._wire.unreadable() from None
        return referanse if ours else None

    def _conversation(self, referanse: str) -> Any | None:
        return self._wire.find(f"/api/conversations/messageId/{UUID(referanse)}")

    def receipts(self, after: str | None, limit: int) -> tuple[list[Kvittering], str | None]:
        """Up to `limit` statuses after the cursor, oldest first, and the next cursor.

        Other statuses are left out, so the list may be empty although the cursor moved. Raises ProvIgjen,
        Avvist.
        """
        answer = self._wire.read("GET", "/api/statuses", params={"fromId": after or "0", "size": limit})
        try:
            entries = list(answer["content"])
        except (KeyError, TypeError):
            raise self._wire.unreadable() from None
        return read_entries(Kanal.DPI, entries, _dpi_receipt), next_cursor(self._wire, entries, after)


def _parts(brev: Utgaende) -> dict[str, File]:
    """The parts of the multipart request: the SBD, the main document and its attachment."""
    if brev.dokument is None:
        parts = {"dokument": _text(f"{brev.tekst}\n\n{brev.lenke}\n")}
    else:
        parts = {"dokument": (brev.filnavn or "brev.pdf", brev.dokument, "application/pdf")}
        if brev.tekst:
            parts["vedlegg"] = _text(f"{brev.tekst}\n")
    sbd = json.dumps(_sbd(brev, parts["dokument"][0]), ensure_ascii=False).encode()
    return {"sbd": ("sbd.json", sbd, "application/json"), **parts}


def _text(words: str) -> File:
    return MESSAGE_NAME, words.encode(), "text/plain; charset=utf-8"


def _sbd(brev: Utgaende, document: str) -> dict[str, Any]:
    """The Standard Business Document of a digital letter."""
    identification = {
        "standard": "urn:no:difi:digitalpost:json:schema::digital",
        "typeVersion": "2.0",
        "type": "digital",
        "instanceIdentifier": brev.referanse,
        "creationDateAndTime": datetime.now(UTC).isoformat(),
    }
    process = {
        "type": "ConversationId",
        "instanceIdentifier": brev.referanse,
        "identifier": "urn:no:difi:profile:digitalpost:info:ver1.0",
    }
    sender, receiver = f"0192:{brev.avsender_orgnr}", brev.mottaker
    return {
        "standardBusinessDocumentHeader": {
            "headerVersion": "1.0",
            "sender": [{"identifier": {"value": sender, "authority": AUTHORITY}}],
            "receiver": [{"identifier": {"value": receiver, "authority": AUTHORITY}}],
            "documentIdentification": identification,
            "businessScope": {"scope": [process]},
        },
        "digital": {
            "sikkerhetsnivaa": level_of(brev.sikkerhetsniva),
            "hoveddokument": document,
            "tittel": brev.tittel,
            "spraak": brev.spraak or "nb",
            "digitalPostInfo": {"aapningskvittering": False},
            **({"avsenderId": brev.avsender_id} if brev.avsender_id else {}),
        },
    }


def _message_id(told: Any, referanse: str) -> str:
    """Our own id of the message, as in its sent document and its conversation, else the service's id.

    KeyError, TypeError, ValueError for something that is no id, or the id of another message.
    """
    if "standardBusinessDocumentHeader" in told:
        named = told["standardBusinessDocumentHeader"]["documentIdentification"]["instanceIdentifier"]
    elif "messageId" in told:
        named = told["messageId"]
    else:
        return storable_id(told["id"])
    if UUID(storable_text(named)) != UUID(referanse):
        raise ValueError("another message")
    return referanse


def _dpi_receipt(entry: Mapping[str, Any]) -> Kvittering | None:
    art = _DPI_STATUSES.get(entry["status"])
    if art is None:
        return None
    return Kvittering(
        storable_text(entry["messageId"]),
        art,
        parse_time(entry["lastUpdate"]),
        display_text(entry.get("description")),
    )

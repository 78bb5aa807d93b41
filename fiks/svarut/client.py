"""The digital channels over the wire: DPI (through an integrasjonspunkt) and Altinn 3.

Both know a repeated call by an id of ours, and both can be asked whether they have it. So `send` treats "already have
it" as success, and an unknown outcome is settled by `lookup`. Everything raises Avvist, ProvIgjen or Uavklart only.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from prometheus_client import Counter

from fiks.core.counters import from_nought
from fiks.core.errors import Avvist, KanalFeil, Uavklart
from fiks.core.login_level import level_of
from fiks.core.told import ident, place, text, words
from fiks.core.wire import CONNECT_SECONDS, Answer, File, Params, Wire
from fiks.svarut.markdown import plain_title
from fiks.svarut.rules import Kanal

log = logging.getLogger(__name__)
UNREADABLE = from_nought(
    Counter(
        "fiks_unreadable_receipts_total", "Entries of a channel's feed that nobody could read", ["kilde"]
    ),
    (Kanal.DPI, Kanal.ALTINN),
)

TIMEOUT = (CONNECT_SECONDS, 60.0)
MESSAGE_NAME = "melding.txt"
LEVERT, FEILET, LEST = "LEVERT", "FEILET", "LEST"
RESOURCE, CONFIDENTIAL = "svarut", "svarut-taushetsbelagt"
"""The two services in Altinn: whoever reads confidential post needs a right of its own (svarut.md 1.2)."""
CONFIDENTIAL_FEED = "ALTINN_TAUSHETSBELAGT"
LINK_TEXT = "Les brevet"
AUTHORITY = "iso6523-actorid-upis"
PERSON, ORGANISATION = "urn:altinn:person:identifier-no", "urn:altinn:organization:identifier-no"

_DPI_KNOWN = "MessageAlreadyExistsException"
_DPI_STATUSES = {"LEVERT": LEVERT, "LEST": LEST, "FEIL": FEILET, "LEVETID_UTLOPT": FEILET}
_ALTINN_EVENTS = {
    "no.altinn.correspondence.correspondencepublished": LEVERT,
    "no.altinn.correspondence.correspondencereceiverread": LEST,
    "no.altinn.correspondence.correspondencepublishfailed": FEILET,
}


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


class DpiClient:
    """Digital post til innbygger. Source: eFormidling's integrasjonspunkt, `/api/messages/out/multipart`."""

    def __init__(self, base_url: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._wire = Wire("dpi", base_url, timeout)

    def send(self, brev: Utgaende) -> str:
        """Hand a letter over and return the channel's id for it, also when it had it already.

        It answers with the document that it was sent. Raises Avvist, ProvIgjen and Uavklart; after Uavklart ask
        `lookup`.
        """
        return _accepted(
            self._sent(brev),
            lambda body: _message_id(body, brev.referanse),
            lambda: self.lookup(brev.referanse),
        )

    def _sent(self, brev: Utgaende) -> Answer:
        """What it answers. A message that it has already it refuses with 400, and by the name of an exception."""
        try:
            return self._wire.send("/api/messages/out/multipart", fields=_parts(brev))
        except Avvist as refused:
            if _DPI_KNOWN not in refused.detalj:
                raise
            return Answer(409, None)

    def lookup(self, referanse: str) -> str | None:
        """The channel's id for our reference, None when it says that it doesn't have it (yet).

        It says so by a 404 with its MessageNotFoundException; one without is of somebody in between. Raises ProvIgjen,
        Avvist.
        """
        found = self._conversation(referanse)
        if found is None:
            return None
        try:
            return _message_id(found, referanse)
        except (KeyError, TypeError, ValueError):
            raise self._wire.unreadable() from None

    def whose(self, referanse: str) -> str | None:
        """The same reference, unless the integrasjonspunkt says that it is no digital letter that went out.

        One that others use too tells of their messages in the same feed. Raises ProvIgjen, Avvist.
        """
        found = self._conversation(referanse) if _is_uuid(referanse) else None
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
        """Up to `limit` statuses after the cursor, oldest first, and the cursor to ask with next.

        Statuses that are no receipt are left out, so the list may be empty although the cursor moved. Raises
        ProvIgjen, Avvist.
        """
        answer = self._wire.read("GET", "/api/statuses", params={"fromId": after or "0", "size": limit})
        try:
            entries = list(answer["content"])
        except (KeyError, TypeError):
            raise self._wire.unreadable() from None
        return _read_feed(Kanal.DPI, entries, _dpi_receipt), _cursor(self._wire, entries, after)


def _parts(brev: Utgaende) -> dict[str, File]:
    """The parts of the multipart: what it is about, the main document, and what lies beside that."""
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
    """Our own id of the message, which its sent document and its conversation have, else what they call it.

    KeyError, TypeError, ValueError for what is no id, or another message's.
    """
    if "standardBusinessDocumentHeader" in told:
        named = told["standardBusinessDocumentHeader"]["documentIdentification"]["instanceIdentifier"]
    elif "messageId" in told:
        named = told["messageId"]
    else:
        return ident(told["id"])
    if UUID(text(named)) != UUID(referanse):
        raise ValueError("another message")
    return referanse


def _is_uuid(referanse: str) -> bool:
    try:
        UUID(referanse)
    except ValueError:
        return False
    return True


def _dpi_receipt(entry: Mapping[str, Any]) -> Kvittering | None:
    art = _DPI_STATUSES.get(entry["status"])
    if art is None:
        return None
    return Kvittering(
        text(entry["messageId"]), art, _time(entry["lastUpdate"]), words(entry.get("description"))
    )


class AltinnClient:
    """Altinn 3: correspondence and events. Whom a person may act for is asked by `fiks.konfigurasjon.altinn`."""

    def __init__(self, base_url: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._wire = Wire("altinn", base_url, timeout)

    def send(self, brev: Utgaende) -> str:
        """Send one message to one receiver and return Altinn's id for it, also when it had it already.

        Raises Avvist, ProvIgjen and Uavklart; after Uavklart ask `lookup`.
        """
        answer = self._wire.send("/correspondence/api/v1/correspondence", json=_correspondence(brev))
        return _accepted(
            answer,
            lambda body: ident(body["correspondences"][0]["correspondenceId"]),
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
            return ident(ids[0]) if ids else None
        except (KeyError, TypeError, ValueError):
            raise self._wire.unreadable() from None

    def whose(self, referanse: str) -> str | None:
        """Our reference of the message that Altinn has by this id; the same if it has none. Raises ProvIgjen, Avvist.

        It tells of a message before we have written down its id, or when its answer to us was lost.
        """
        if not _is_uuid(referanse):
            return referanse
        found = self._wire.find(f"/correspondence/api/v1/correspondence/{UUID(referanse)}")
        if found is None:
            return referanse
        try:
            return text(found["sendersReference"])
        except (KeyError, TypeError, ValueError):
            raise self._wire.unreadable() from None

    def receipts(self, after: str | None, limit: int) -> tuple[list[Kvittering], str | None]:
        """Up to `limit` events after the cursor, oldest first, and the cursor to ask with next.

        Those of ordinary post; of the confidential they are in a feed `apart`. Events that are no receipt are left out,
        so the list may be empty although the cursor moved. Raises ProvIgjen, Avvist.
        """
        return self.events_of(RESOURCE, after, limit)

    @property
    def apart(self) -> dict[str, AltinnHendelser]:
        """What is read from a marker of its own, by the marker's name."""
        return {CONFIDENTIAL_FEED: AltinnHendelser(self, CONFIDENTIAL)}

    def events_of(self, service: str, after: str | None, limit: int) -> tuple[list[Kvittering], str | None]:
        """`receipts` of one service: Altinn's feed has no other."""
        params: Params = {
            "after": after or "0",
            "resource": f"urn:altinn:resource:{service}",
            "size": limit,
        }
        answer = self._wire.read("GET", "/events/api/v1/events", params=params)
        if not isinstance(answer, list):
            raise self._wire.unreadable()
        return _read_feed(Kanal.ALTINN, answer, _altinn_receipt), _cursor(self._wire, answer, after)


@dataclass(frozen=True, slots=True)
class AltinnHendelser:
    """The events of one service in Altinn."""

    client: AltinnClient
    service: str

    def receipts(self, after: str | None, limit: int) -> tuple[list[Kvittering], str | None]:
        """As those of `AltinnClient`."""
        return self.client.events_of(self.service, after, limit)

    def whose(self, referanse: str) -> str | None:
        """As that of `AltinnClient`."""
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
    message = words(data.get("message")) if data else None
    return Kvittering(text(referanse), art, _time(event["time"]), message)


def _accepted(answer: Answer, read_id: Callable[[Any], str], lookup: Callable[[], str | None]) -> str:
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


def _read_feed(
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


def _cursor(wire: Wire, entries: Sequence[Mapping[str, Any]], after: str | None) -> str | None:
    """The place of the last entry that says where it is. ProvIgjen when none does: nobody could go on from there."""
    places = [at for entry in entries if (at := place(entry, "id")) is not None]
    if entries and not places:
        raise wire.unreadable()
    return places[-1] if places else after


def _time(told: str) -> datetime:
    """A moment; one without zone is UTC. ValueError, OverflowError."""
    moment = datetime.fromisoformat(told)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)

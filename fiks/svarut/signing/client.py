"""Client of the signing service: orders, the feed of their results, and the signed copies.

The service knows an order by our reference, so a repeated call makes no second one, and it can be asked:

    POST /api/v1/oppdrag                      `oppdrag` (JSON), `dokument` (PDF); 201 {"id"}; 409: has it
    GET  /api/v1/oppdrag/{referanse}          {"id"}; 404: has it not
    GET  /api/v1/hendelser?etter=&antall=     {"hendelser": [{"nr", "referanse", "art", "tidspunkt"}]}
    GET  /api/v1/oppdrag/{referanse}/signert  the signed PDF; 404: not signed

The POST is multipart; hendelser come oldest first. Its refusals, the two 404s included, have an RFC 9457 body
with a `title`; without one a system in between has answered. The signer's personal number is in the body
only. Everything raises Avvist, ProvIgjen or Uavklart only.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from prometheus_client import Counter

from fiks.core.errors import KanalFeil, ProvIgjen, Uavklart
from fiks.core.http.client import CONNECT_SECONDS, HttpClient
from fiks.core.input_checks.external_values import feed_position, storable_id
from fiks.core.input_checks.magic_bytes import begins_as_pdf
from fiks.core.values.login_level import level_of

log = logging.getLogger(__name__)
TIMEOUT = (CONNECT_SECONDS, 60.0)
UNREADABLE = Counter(
    "fiks_signing_unreadable_total", "Times an entry of the signing service's feed could not be read"
)
MAX_SIGNED_BYTES = 64 * 1024 * 1024
"""Twice the largest document sent for signing, to hold the signatures."""
SIGNED_SECONDS = 300.0
"""Time limit of a signed copy's download: half of its order's lease (`signing.orders.LEASE`)."""
_END = 1024
"""The end marker of a PDF is within this many bytes of the file's end."""


class Art(StrEnum):
    """What the feed reports of an order."""

    STARTET = "STARTET"
    SIGNERT = "SIGNERT"
    AVVIST = "AVVIST"
    UTLOPT = "UTLOPT"


@dataclass(frozen=True, slots=True, repr=False)
class Signeringsordre:
    """One document to be signed by one person. No repr: it holds a personal number and the document itself.

    `referanse` is our own; `type` as svarut.md 1.7; `sikkerhetsniva` BETYDELIG or HOYESTE; `frist` with zone.
    """

    referanse: str
    signatar: str
    avsender_orgnr: str
    avsender_navn: str
    tittel: str
    type: str
    sikkerhetsniva: str
    frist: datetime
    dokument: bytes


@dataclass(frozen=True, slots=True)
class Signeringsmelding:
    """One entry of the feed; `tidspunkt` is the service's own, with zone."""

    referanse: str
    art: Art
    tidspunkt: datetime


class SigneringClient:
    """The signing service at one address. Threads may share it."""

    def __init__(self, base_url: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._wire = HttpClient("signering", base_url, timeout)

    def create(self, ordre: Signeringsordre) -> str:
        """Order a signature; return the service's id for it, also when it already had the order.

        Raises Avvist, ProvIgjen and Uavklart; after Uavklart ask `find`.
        """
        said = json.dumps(_facts(ordre), ensure_ascii=False).encode()
        fields = {
            "oppdrag": ("oppdrag.json", said, "application/json"),
            "dokument": ("dokument.pdf", ordre.dokument, "application/pdf"),
        }
        answer = self._wire.send("/api/v1/oppdrag", fields=fields)
        if answer.known:
            return self._adopt(ordre.referanse, "KJENT_UTEN_ID")
        try:
            return storable_id(answer.body["id"])
        except (KeyError, TypeError, ValueError):
            return self._adopt(ordre.referanse, "UFORSTAAELIG_SVAR")

    def _adopt(self, referanse: str, kode: str) -> str:
        try:
            found = self.find(referanse)
        except KanalFeil as error:
            raise Uavklart(kode, error.detalj) from None
        if found is None:
            raise Uavklart(kode)
        return found

    def find(self, referanse: str) -> str | None:
        """The service's id for our reference, None when it does not have it. Raises ProvIgjen, Avvist."""
        found = self._wire.find(f"/api/v1/oppdrag/{UUID(referanse)}")
        if found is None:
            return None
        try:
            return storable_id(found["id"])
        except (KeyError, TypeError, ValueError):
            raise self._wire.unreadable() from None

    def events(self, after: str | None, limit: int) -> tuple[list[Signeringsmelding], str | None]:
        """Up to `limit` entries after the marker, oldest first, and the next marker.

        Entries of unknown kind are left out, so the list may be empty although the marker moved. An
        unreadable entry may be a signature: the portion ends before it, and the feed waits until it can be
        read. Raises ProvIgjen, Avvist.
        """
        answer = self._wire.read("GET", "/api/v1/hendelser", params={"etter": after or "0", "antall": limit})
        try:
            entries = list(answer["hendelser"])
        except (KeyError, TypeError):
            raise self._wire.unreadable() from None
        told: list[Signeringsmelding] = []
        following = after
        for entry in entries:
            nr = feed_position(entry, "nr")
            if nr is None or not _is_readable(entry):
                UNREADABLE.inc()
                log.error("unreadable_signing_event", extra={"nr": nr})
                if following == after:
                    raise self._wire.unreadable()
                break
            if entry["art"] in set(Art):
                told.append(_message(entry))
            else:
                log.warning("unknown_signing_event", extra={"nr": nr})
            following = nr
        return told, following

    def signed(self, referanse: str) -> bytes:
        """The complete signed PDF. Raises ProvIgjen, Avvist (not signed)."""
        path = f"/api/v1/oppdrag/{UUID(referanse)}/signert"
        content = self._wire.fetch(path, at_most=MAX_SIGNED_BYTES, within=SIGNED_SECONDS)
        if not begins_as_pdf(content) or b"%%EOF" not in content[-_END:]:
            raise self._wire.unreadable()
        return content


class UtenSignering:
    """Stand-in when no signing service is set up: no events, and orders wait."""

    def create(self, ordre: Signeringsordre) -> str:
        """Raise ProvIgjen, always."""
        raise ProvIgjen("SIGNERING_IKKE_SATT_OPP")

    def find(self, referanse: str) -> str | None:
        """None: nothing has been ordered."""
        return None

    def events(self, after: str | None, limit: int) -> tuple[list[Signeringsmelding], str | None]:
        """No events, and the marker unchanged."""
        return [], after

    def signed(self, referanse: str) -> bytes:
        """Raise ProvIgjen, always: an earlier service has the copy."""
        raise ProvIgjen("SIGNERING_IKKE_SATT_OPP")


def _facts(ordre: Signeringsordre) -> dict[str, Any]:
    return {
        "referanse": ordre.referanse,
        "signatar": ordre.signatar,
        "avsender": {"orgnr": ordre.avsender_orgnr, "navn": ordre.avsender_navn},
        "tittel": ordre.tittel,
        "signaturtype": ordre.type,
        "sikkerhetsnivaa": level_of(ordre.sikkerhetsniva),
        "frist": ordre.frist.isoformat(),
    }


def _is_readable(entry: Mapping[str, Any]) -> bool:
    """Whether the entry names its order and its kind."""
    return all(isinstance(entry.get(name), str) for name in ("referanse", "art"))


def _message(entry: Mapping[str, Any]) -> Signeringsmelding:
    """Parse one entry. An unreadable time becomes now: the event still counts."""
    try:
        moment = datetime.fromisoformat(entry["tidspunkt"])
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        moment = datetime.now(UTC)
    return Signeringsmelding(entry["referanse"], Art(entry["art"]), moment)

"""Shared by REST v1 and SOAP: their status words, event types and time format, and faults of a receiver's
number.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from fiks.core.errors import IkkeFunnet
from fiks.core.values.calendar import OSLO
from fiks.svarut.rules import status_before_v3
from fiks.svarut.sender.status_queries import Brevstatus

FNR_LENGTH, ORGNR_LENGTH = 11, 9
SIGNING_TYPES: Mapping[str, str] = {
    "SIGNERING_REGISTRERT": "SigneringsoppdragRegistrert",
    "SIGNERING_STARTET": "SigneringsoppdragStartet",
    "SIGNERING_FULLFORT": "SigneringsoppdragFullfort",
    "SIGNERING_AVVIST_AV_MOTTAKER": "SigneringsoppdragAvvistAvMottaker",
    "SIGNERING_AVVIST_AV_SVARUT": "SigneringsoppdragAvvistAvSvarUt",
    "SIGNERING_KOPI_TAPT": "SigneringsoppdragAvvistAvSvarUt",
    "SIGNERING_UTLOPT": "SigneringsoppdragUtlopt",
}
"""The `type` of an event in a letter's signing log (svarut.md 1.7)."""


def letter_id(text: str) -> UUID:
    """The id in an address or a body; IkkeFunnet for text that is no UUID, as for an unknown id."""
    try:
        return UUID(text.strip())
    except ValueError:
        raise IkkeFunnet("FINNES_IKKE") from None


def status_of(letter: Brevstatus) -> str:
    """The letter's status in the words of v1, v2 and SOAP."""
    return status_before_v3(letter.status, letter.for_sletting)


def status_changed_at(letter: Brevstatus) -> datetime:
    """Since when the letter has that status; for a deleted letter the time before deletion."""
    return letter.endret_for_sletting or letter.endret


def log_time(at: datetime) -> str:
    """A moment in the format of v1's and SOAP's logs: Norwegian time."""
    return at.astimezone(OSLO).strftime("%d.%m.%Y %H:%M:%S")


def digital_id_fault(fnr: str, orgnr: str) -> str:
    """Code of the fault in a digital address, which holds one number in the field of its kind; "" without
    fault.
    """
    if fnr and orgnr:
        return "DIGITAL_ID_UGYLDIG"
    if len(orgnr) == FNR_LENGTH:
        return "IKKE_ORGANISASJON"
    if len(fnr) == ORGNR_LENGTH:
        return "IKKE_PERSON"
    return ""

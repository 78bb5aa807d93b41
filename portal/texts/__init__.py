"""User texts in bokmål for every code from `fiks`: what is wrong and what to do.

One module per room, each with a dict `TEKSTER`; `statuses` says what statuses and channels are called. A code
without a text is found by a test; at run time it is logged and answered by a general sentence.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

import structlog

from fiks.core.errors import FiksError
from fiks.core.values.calendar import last_day
from fiks.svarut.mottak import Funn
from portal.texts import buttons, drift, frame, oppslag, sms, statuses
from portal.texts.audit import audit_page, events
from portal.texts.edialog import henvendelse_errors
from portal.texts.formats import dato, tall, tid
from portal.texts.konfigurasjon import (
    core_errors,
    gjennomgang,
    grant_file,
    integrasjoner,
    konto,
    organisasjon,
    tilganger,
)
from portal.texts.statuses import Status
from portal.texts.svarinn import mottakersystemer
from portal.texts.svarut import forsendelser, intake_errors, letter_errors
from portal.texts.utsending import brev, filer, list_columns, liste, mailing, priser, samlet

__all__ = [
    "TEKSTER",
    "Status",
    "detalj_tekst",
    "error_text",
    "feltnavn",
    "handling_tekst",
    "hendelse_tekst",
    "ikke_gjort",
    "mottak_tekst",
    "status_of",
    "tekst",
]

log = structlog.get_logger(__name__)

ROOMS = (
    frame,
    buttons,
    core_errors,
    konto,
    organisasjon,
    tilganger,
    integrasjoner,
    liste,
    filer,
    brev,
    mailing,
    letter_errors,
    mottakersystemer,
    forsendelser,
    intake_errors,
    audit_page,
    samlet,
    sms,
    oppslag,
    priser,
    henvendelse_errors,
    gjennomgang,
    grant_file,
    drift,
)
TEKSTER: Mapping[str, str] = {code: text for room in ROOMS for code, text in room.TEKSTER.items()}

ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d.*[+-]\d\d:\d\d)?$")
GENERAL = "Dette lot seg ikke gjøre. Prøv igjen, eller kontakt brukerstøtte og oppgi koden {kode}."


class _Params(string.Formatter):
    """Fills in named values only: no attributes, no indexing, and a dash for a value that was not given."""

    def get_field(self, field_name: str, args: object, kwargs: Mapping[str, object]) -> tuple[str, str]:
        return _shown(kwargs.get(field_name, "–")), field_name


_formatter = _Params()


def _shown(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "ja", False: "nei", None: "–"}[value]
    if isinstance(value, int | float | Decimal):
        return tall(value)
    if isinstance(value, datetime):
        return tid(value)
    if isinstance(value, date):
        return dato(value)
    return str(value)


def tekst(kode: str, /, **params: object) -> str:
    """Return the sentence for `kode` with `params` filled in (numbers and dates in Norwegian form)."""
    text = TEKSTER.get(str(kode))
    if text is None:
        log.error("tekst_mangler", kode=str(kode))
        return GENERAL.format(kode=kode)
    return _formatter.vformat(text, (), params)


def ikke_gjort(endpoint: str, sendt: Mapping[str, str]) -> str:
    """Say of a form that was not taken what its person pressed, and that it is not done."""
    knapp = buttons.knapp_av(endpoint, sendt)
    return tekst("IKKE_GJORT", knapp=knapp) if knapp else tekst("IKKE_GJORT_UTEN_NAVN")


def status_of(kode: str) -> Status:
    """Return what a status or channel is called and its colour."""
    found = statuses.STATUSER.get(str(kode))
    if found is None:
        log.error("status_mangler", kode=str(kode))
        return Status(str(kode).replace("_", " ").capitalize(), "neutral")
    return found


def error_text(error: FiksError) -> str:
    """Return the sentence for an error that a use case raised, with its harmless values filled in."""
    params = {"felt": feltnavn(error.felt)} if error.felt else {}
    return tekst(error.kode, **(params | error.params))


def mottak_tekst(funn: Funn) -> str:
    """Return the sentence for one thing that is wrong with what a fagsystem sent.

    A `grunn` is the code of what became of its letter afterwards: it is said with what to do about it, where we know.
    """
    params = {"felt": funn.felt} | funn.params
    if "grunn" in params:
        grunn = str(params["grunn"])
        known = intake_errors.ETTER_MOTTAK.get(grunn)
        params["grunn"] = known.melding if known else hendelse_tekst(grunn).rstrip(".") + "."
    return _formatter.vformat(intake_errors.FEIL[funn.kode].melding, (), params)


def feltnavn(felt: str) -> str:
    """Return what a column is called; a column of the sender's own keeps its name."""
    return list_columns.FELTER.get(felt, felt)


def hendelse_tekst(kode: str) -> str:
    """Return what happened to a letter, for its timeline: an event's own text, else its status or reason."""
    if kode in events.HENDELSER:
        return events.HENDELSER[kode]
    if kode in intake_errors.ETTER_MOTTAK:
        return intake_errors.ETTER_MOTTAK[kode].melding
    if f"GRUNN_{kode}" in TEKSTER:
        return TEKSTER[f"GRUNN_{kode}"]
    if kode in statuses.STATUSER:
        return status_of(kode).tekst
    return f"Svar fra kanalen: {kode.replace('_', ' ').lower()}"


def handling_tekst(kode: str) -> str:
    """Return what a person did, for the audit page; an act without a text is logged and shown by its code."""
    found = events.HANDLINGER.get(kode)
    if found is None:
        log.error("handling_mangler_tekst", kode=kode)
        return kode.replace("_", " ").capitalize()
    return found


def detalj_tekst(navn: str, verdi: object) -> str:
    """Return one detail of an act, for the audit page; times and dates are stored as ISO 8601 text."""
    found = events.DETALJER.get(navn, navn.replace("_", " ").capitalize())
    if isinstance(verdi, str) and ISO_DAY.match(verdi):
        verdi = date.fromisoformat(verdi) if len(verdi) == 10 else datetime.fromisoformat(verdi)
    if navn in events.SLUTT and isinstance(verdi, datetime) and (day := last_day(verdi)):
        found, verdi = events.SLUTT[navn], day
    return f"{found}: {_shown(verdi)}"

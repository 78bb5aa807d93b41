"""The search form of the sender's log."""

from __future__ import annotations

from collections.abc import Mapping

from fiks.core.values.identifiers import mask_numbers
from fiks.svarut.rules import Kanal, Status
from fiks.svarut.sender.log import Brevutvalg
from portal.texts import tekst
from portal.ui.form_values import uuid_of
from portal.ui.search_form import Sokeskjema, read_fields, read_period

LONGEST = 100
FIELDS = (
    "konto",
    "status",
    "kanal",
    "fra",
    "til",
    "id",
    "eksternref",
    "korrelasjonsid",
    "konteringskode",
    "behandles",
)
REFERENCES = ("id", "eksternref", "korrelasjonsid", "konteringskode")
"""The sender's own references; a personal number in one would end up in an address, so it is refused."""


def read(args: Mapping[str, str]) -> Sokeskjema[Brevutvalg]:
    """Parse the query string. An unknown choice filters nothing; unusable text is a fault."""
    choices = {"status": set(Status), "kanal": set(Kanal), "behandles": {"ja"}}
    written = read_fields(args, FIELDS, LONGEST, choices)
    konto, letter = uuid_of(written["konto"]), uuid_of(written["id"])
    if konto is None:
        written["konto"] = ""
    feil, periode = _numbers_in(written), read_period(written)
    feil |= periode.feil
    if written["id"] and letter is None:
        feil["id"] = tekst("FORSENDELSE_ID_FORM")
    if feil:
        return Sokeskjema(written, None, feil)
    utvalg = Brevutvalg(
        konto_id=konto,
        status=written["status"],
        kanal=written["kanal"],
        fra=periode.fra,
        til=periode.til,
        forsendelse_id=letter,
        ekstern_referanse=written["eksternref"],
        korrelasjonsid=written["korrelasjonsid"],
        konteringskode=written["konteringskode"],
        behandles=bool(written["behandles"]),
    )
    return Sokeskjema(written, utvalg)


def _numbers_in(written: dict[str, str]) -> dict[str, str]:
    """Remove personal numbers from the references, and report where they were."""
    feil = {}
    for name in REFERENCES:
        if mask_numbers(written[name]) != written[name]:
            written[name] = ""
            feil[name] = tekst("LOGGSOK_MED_FODSELSNUMMER")
    return feil

"""A letter's history in the words of the log for fagsystemer (svarut.md 2.4). Personal numbers are masked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from fiks.core.values.identifiers import mask_numbers
from portal.texts import hendelse_tekst, tekst
from portal.texts.formats import tall, tid
from portal.texts.svarut.intake_documents import ETTER_MOTTAK

MOMENTS = ("tidspunkt", "utloper")
LOGG: dict[str, str] = {
    "MOTTATT": "Mottatt, og tildelt forsendelse-id",
    "METADATA_VALIDERT": "Metadata er validert OK",
    "DOKUMENTER_LAGRET": "Orginaldokumenter er lagret ({antall})",
    "FORSENDELSESFIL_GENERERT": "Forsendelsesfil generert",
    "AKSEPTERT": "Akseptert for ekspedering",
    "LESEFRIST_UTLOPT": "Lesefrist utløpt.",
    "LEST_EKSTERNT": "Lest eksternt {tidspunkt} av {lest_av} i systemet '{system}'",
    "SENDT_PRINT": "Sendt til print",
    "MOTTAK_FEILET": "Mottakerens system meldte feil, og prøver igjen ({feilmelding})",
    "FEILET_SVARINN": "Mottakerens system kan ikke ta imot brevet ({feilmelding})",
    "SENDT_MANUELL_PRINT": "Sendt til manuell print",
    "SIGNERING_REGISTRERT": "Signeringsoppdrag av type {type} registrert, utløper {utloper}",
    "SIGNERING_STARTET": "Mottaker starter signering",
    "SIGNERING_FULLFORT": "Mottaker har fullført signering. Referanse: {svar_id}",
    "SIGNERING_AVVIST_AV_MOTTAKER": "Mottaker har avvist signering",
    "SIGNERING_AVVIST_AV_SVARUT": "Signeringsoppdraget kunne ikke opprettes ({grunn})",
    "SIGNERING_UTLOPT": "Signeringsoppdraget er utløpt",
    "SIGNERT_KOPI_IKKE_FRAMME": "Det signerte dokumentet kom ikke fram. Det ligger hos signeringstjenesten. "
    "Referanse: {svar_id}",
}
"""The spelling is the observed one. An event that is not here has the sentence of its timeline."""

SIGNERINGSGRUNN: dict[str, str] = {
    "SIGNERING_IKKE_AKTIV": "signering er ikke slått på for kontoen",
    "BREVET_ER_AVSLUTTET": "brevet er avvist, avsluttet eller slettet",
    "MOTTAKER_SLETTET": "brevet er avvist, avsluttet eller slettet",
    "DOKUMENT_BORTE": "dokumentet er slettet",
    "DOKUMENT_FOR_STORT": "dokumentet er for stort til å signeres",
    "KAN_IKKE_DEKRYPTERES": "dokumentet kan ikke dekrypteres",
}
OTHER_REASON = "signeringstjenesten tok ikke imot det"
"""Why we could not have a letter signed, by the code in its event."""


def ekspedert(kode: str, detaljer: Mapping[str, object]) -> str:
    """One line of the log, numbers of persons masked. What kept a letter from being sent is told with its code, and by
    its number in the letter which document it is about: that is all a machine has to go by.
    """
    values = {name: _shown(name, value) for name, value in detaljer.items()}
    text = LOGG.get(kode)
    try:
        line = text.format_map(values) if text else hendelse_tekst(kode)
    except KeyError:  # an event from before its line had values
        line = text.partition(" (")[0].partition(" {")[0] if text else ""
    return mask_numbers(line + _pointed_out(kode, detaljer))


def _pointed_out(kode: str, detaljer: Mapping[str, object]) -> str:
    if kode not in ETTER_MOTTAK:
        return ""
    return f" (dokument {detaljer['dokument']}, {kode})" if "dokument" in detaljer else f" ({kode})"


def _shown(name: str, value: object) -> str:
    if name == "antall" and isinstance(value, int):
        return f"{tall(value)} {'dokument' if value == 1 else 'dokumenter'}"
    if name == "grunn":
        return SIGNERINGSGRUNN.get(str(value), OTHER_REASON)
    if name == "feilmelding" and value is None:
        return tekst("MELDING_ULESELIG")
    if name in MOMENTS and isinstance(value, str):
        value = datetime.fromisoformat(value)
    return tid(value) if isinstance(value, datetime) else str(value)

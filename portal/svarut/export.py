"""The log as rows of a file."""

from __future__ import annotations

from fiks.svarut.sender.log import Loggrad
from portal.texts import status_of
from portal.texts.svarut.forsendelser import OPPHAV, brevtittel
from portal.ui.export_file import format_time


def cells(row: Loggrad) -> list[str]:
    """One letter, under the headings `KOLONNER` of the log's texts."""
    return [
        str(row.id),
        row.konto,
        brevtittel(row.opphav, row.tittel),
        row.mottaker,
        status_of(row.status).tekst,
        status_of(row.kanal).tekst if row.kanal else "",
        format_time(row.opprettet),
        format_time(row.overlevert),
        row.eksternref or "",
        row.korrelasjonsid or "",
        row.konteringskode or "",
        OPPHAV.get(row.opphav, row.opphav),
    ]

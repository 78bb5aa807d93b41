"""The log as rows of a file."""

from __future__ import annotations

from fiks.svarut.log_queries import Loggrad
from portal.spreadsheet import moment
from portal.texts import status_of
from portal.texts.forsendelser import OPPHAV, brevtittel


def cells(row: Loggrad) -> list[str]:
    """One letter, under the headings `KOLONNER` of the log's texts."""
    return [
        str(row.id),
        row.konto,
        brevtittel(row.opphav, row.tittel),
        row.mottaker,
        status_of(row.status).tekst,
        status_of(row.kanal).tekst if row.kanal else "",
        moment(row.opprettet),
        moment(row.overlevert),
        row.eksternref or "",
        row.korrelasjonsid or "",
        row.konteringskode or "",
        OPPHAV.get(row.opphav, row.opphav),
    ]

"""Generates `docs/feilkoder.md` from the catalogue and its texts: `python -m
portal.api.dokumentasjon.error_codes`.
"""

from __future__ import annotations

from config.paths import ROOT
from fiks.svarut.mottak import CATALOGUE
from portal.texts.svarut.intake_errors import ETTER_MOTTAK, GRUPPER

PLACE = ROOT / "docs" / "feilkoder.md"
HEAD = """# Feilkoder for fagsystemer

Når et brev blir avvist, svarer SvarUt med en kode, en setning saksbehandleren kan lese, og en setning for hvert felt
det er noe galt med. Nummer og kode endrer aldri betydning. Det som står i krøllparenteser, blir fylt ut.
Filen lages av katalogen: `python -m portal.api.dokumentasjon.error_codes`.
"""
AFTER = """
Disse blir funnet når dokumentene åpnes, etter at brevet har fått id. Brevet får da status AVVIST. Linjen om det i
historikken slutter med koden i parentes, og med nummeret på dokumentet når det gjelder ett:
`(dokument 2, PDF_PASSORD)`. Nummeret er plassen i listen over dokumenter, der det første er 1.
"""


def markdown() -> str:
    """The whole file."""
    return HEAD + "".join(_group(name) for name in GRUPPER)


def _group(name: str) -> str:
    texts = GRUPPER[name]
    rows = [
        f"| {CATALOGUE[kode].nummer} | `{kode}` | {_status(kode)} "
        f"| {_cell(text.melding)} | {_cell(text.arsak)} | {_cell(text.tiltak)} |"
        for kode, text in texts.items()
    ]
    head = ["| Nr. | Kode | HTTP | Det vi svarer | Årsak | Tiltak |", "| --- | --- | --- | --- | --- | --- |"]
    after = AFTER if texts is ETTER_MOTTAK else ""
    return f"\n## {name}\n{after}\n" + "\n".join([*head, *rows]) + "\n"


def _status(kode: str) -> str:
    return "–" if kode in ETTER_MOTTAK else str(CATALOGUE[kode].status)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PLACE.write_text(markdown(), encoding="utf-8")

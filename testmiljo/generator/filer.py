"""CSV, Excel and JSON writers. Same data give the same bytes."""

import csv
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from testmiljo.generator.words import KOLONNER


def tekst(v: object) -> str:
    """A value as a Norwegian spreadsheet shows it."""
    if v is None:
        return ""
    if isinstance(v, date):
        return f"{v:%d.%m.%Y}"
    return str(v).replace(".", ",") if isinstance(v, Decimal) else str(v)


def som_tekst(rad: dict[str, Any]) -> dict[str, str]:
    """CSV spelling: decimal comma, dd.mm.yyyy, money with two decimals."""
    ut = {n: tekst(rad[n]) for n in KOLONNER}
    for n in ("skatt_aar", "belop_termin", "belop_siste_termin"):
        ut[n] = tekst(Decimal(rad[n]).quantize(Decimal("0.01")))
    return ut


def csv_tekst(linjer: list[list[str]], skille: str = ";", slutt: str = "\r\n") -> str:
    """Lines as CSV."""
    buf = io.StringIO()
    csv.writer(buf, delimiter=skille, lineterminator=slutt).writerows(linjer)
    return buf.getvalue()


def skriv(sti: Path, innhold: str | bytes, koding: str = "utf-8") -> None:
    """Write a file, and the folder it is in; characters the encoding lacks become question marks."""
    sti.parent.mkdir(parents=True, exist_ok=True)
    sti.write_bytes(innhold.encode(koding, "replace") if isinstance(innhold, str) else innhold)


def skriv_json(sti: Path, data: object, innrykk: int | None = 1) -> None:
    """Write `data` as JSON."""
    skriv(sti, json.dumps(data, ensure_ascii=False, indent=innrykk, default=str) + "\n")

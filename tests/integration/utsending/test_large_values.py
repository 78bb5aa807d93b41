"""A row with numbers too large to reckon with: its letter has the mailing's own title, and its neighbour its own."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from sqlalchemy import select

from fiks.core.db import session
from fiks.svarut.models import Forsendelse
from fiks.utsending.brev import Brevmal
from fiks.utsending.templates.service import save_template
from tests.integration.databases import QuickProcess
from tests.integration.utsending.jobs import begin, few_rows, produce, read, send_everything
from tests.integration.utsending.kommuner import make_kommune

pytestmark = pytest.mark.usefixtures("at_noon", "outside")
MOST = {"takst": "9" * 15, "reduksjonsfaktor": "0," + "9" * 14}


def test_a_title_that_cannot_be_computed_holds_no_letter_back(process: QuickProcess, tmp_path: Path) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, with_large_numbers(few_rows(tmp_path, 2)))
    mal = Brevmal("Til ((navn))", tittel_nb="Takst ((takst_70))")
    save_template(utsending_id, "Takst", mal, actor=kommune.aktor("saksbehandler"))
    read(utsending_id, process)
    produce(kommune, utsending_id, process)
    send_everything(kommune, utsending_id, process)

    letters = select(Forsendelse.tittel).where(Forsendelse.utsending_id == utsending_id)
    titles = session().scalars(letters.order_by(Forsendelse.radnr)).all()
    assert titles == ["Eiendomsskatt 2027", "Takst 1736000,00"]


def with_large_numbers(path: Path) -> Path:
    """The list with the largest takst and the longest factor there may be in its first row."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header, first, *rest = csv.reader(stream, delimiter=";")
    for column, number in MOST.items():
        first[header.index(column)] = number
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=";").writerows([header, first, *rest])
    return path

"""Reports and statistics: every row once, sums that agree, cells that are never formulas."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date, datetime, timedelta

import openpyxl
import pytest
from sqlalchemy import select, update

from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet
from fiks.core.queue.owner_lock import Owner
from fiks.core.values.calendar import OSLO, klagefrist
from fiks.svarut.models import Forsendelse
from fiks.svarut.sender import statistics
from fiks.utsending.overview import dashboard, mailing_page
from fiks.utsending.overview.tasks import Oppgaveslag
from fiks.utsending.rules import Utsendingstatus
from fiks.utsending.sending import progress, reports
from tests.integration.utsending.kommuner import (
    Kommune,
    Mailing,
    Postkasser,
    make_kommune,
    make_mailing,
    send_all,
    today,
)

pytestmark = pytest.mark.usefixtures("house")


def plain(kode: str) -> str:
    return kode


def sent(owner: Owner) -> tuple[Kommune, Mailing]:
    """Six letters in mailboxes, four on paper, one row parked."""
    kommune = make_kommune()
    mailing = make_mailing(kommune, 10, parkert=1)
    send_all(kommune, mailing, owner, Postkasser(set(list(mailing.fnr.values())[:6])))
    return kommune, mailing


def test_the_report_has_every_row_once_with_its_letter(owner: Owner) -> None:
    kommune, mailing = sent(owner)
    rows = list(reports.report_rows(mailing.id, actor=kommune.aktor("leser")))
    assert [row.radnr for row in rows] == list(range(2, 13))
    assert Counter(row.status for row in rows) == {"SENDT_SDP": 6, "SENDT_PRINT": 4, "PARKERT": 1}
    letters = dict(
        session()
        .execute(select(Forsendelse.id, Forsendelse.status).where(Forsendelse.utsending_id == mailing.id))
        .all()
    )
    assert {row.forsendelse_id: row.status for row in rows if row.forsendelse_id} == letters
    assert all(row.sendt and row.kanal for row in rows if row.forsendelse_id)


def test_the_deadline_to_complain_follows_from_the_day_of_hand_over(owner: Owner) -> None:
    kommune, mailing = sent(owner)
    later = datetime.combine(today() + timedelta(days=3), datetime.min.time(), tzinfo=OSLO)
    with transaction() as tx:
        tx.execute(
            update(Forsendelse)
            .where(Forsendelse.utsending_id == mailing.id, Forsendelse.radnr == 2)
            .values(overlevert=later)
        )
    rows = {r.radnr: r for r in reports.report_rows(mailing.id, actor=kommune.aktor("leser"))}
    announced = mailing_page.detail(mailing.id, actor=kommune.aktor("leser")).kunngjoringsdato
    assert announced is not None
    assert rows[2].klagefrist == klagefrist(announced, today() + timedelta(days=3))
    assert rows[3].klagefrist == today() + timedelta(weeks=6)
    assert rows[12].klagefrist is None


def test_a_hand_over_just_after_midnight_in_oslo_counts_as_the_new_day() -> None:
    handed = datetime(2027, 2, 1, 23, 30, tzinfo=OSLO)
    assert reports.deadline(date(2027, 1, 1), handed) == date(2027, 3, 15)
    assert reports.deadline(date(2027, 1, 1), handed + timedelta(hours=1)) == date(2027, 3, 16)


def test_no_cell_of_the_csv_can_become_a_formula(owner: Owner) -> None:
    kommune, mailing = sent(owner)
    text = "".join(reports.csv_lines(reports.report_rows(mailing.id, actor=kommune.aktor("leser")), plain))
    assert text.startswith("\ufeffradnr;eksternref;forsendelseid;kanal;status;sendt;klagefrist")
    table = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert len(table) == 11
    assert table[0]["eksternref"] == "'=REF+2"
    assert not [cell for row in table for cell in row.values() if cell[:1] in "=+-@" and cell]


def test_the_workbook_holds_the_same_as_text(owner: Owner) -> None:
    kommune, mailing = sent(owner)
    stream = io.BytesIO()
    count = reports.write_xlsx(stream, reports.report_rows(mailing.id, actor=kommune.aktor("leser")), plain)
    sheet = openpyxl.load_workbook(io.BytesIO(stream.getvalue())).active
    assert sheet is not None
    cells = list(sheet.iter_rows(values_only=True))
    assert (count, len(cells), cells[0]) == (11, 12, reports.COLUMNS)
    assert cells[1][1] == "'=REF+2"
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert not [cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, int | float)]


def test_a_report_is_audited_with_its_number_of_rows(owner: Owner) -> None:
    kommune, mailing = sent(owner)
    assert reports.begin_report(mailing.id, "csv", actor=kommune.aktor("leser")) == 11
    row = (
        session()
        .scalars(
            select(Audit).where(Audit.handling == "RAPPORT_LASTET_NED", Audit.objekt_id == str(mailing.id))
        )
        .one()
    )
    assert (row.detaljer, row.organisasjon_id) == ({"filformat": "csv", "antall": 11}, kommune.id)


def test_nobody_outside_gets_a_report(owner: Owner) -> None:
    kommune, mailing = sent(owner)
    for actor in (kommune.aktor("utenfor"), make_kommune("Fjordvik kommune").aktor("leser")):
        with pytest.raises(IkkeFunnet):
            reports.begin_report(mailing.id, "csv", actor=actor)
        with pytest.raises(IkkeFunnet):
            list(reports.report_rows(mailing.id, actor=actor))


def test_a_test_letter_is_counted_nowhere(owner: Owner) -> None:
    kommune, mailing = sent(owner)
    aktor = kommune.aktor("leser")
    with transaction() as tx:
        tx.execute(
            update(Forsendelse)
            .where(Forsendelse.utsending_id == mailing.id, Forsendelse.radnr == 2)
            .values(prove=True)
        )
    assert sum(r.antall for r in statistics.statistics(today().year, actor=aktor)) == 9
    assert dashboard.key_figures(actor=aktor).sendt == 9


def test_the_overview_counts_what_was_sent_and_what_remains(owner: Owner) -> None:
    kommune, mailing = sent(owner)
    tallene = dashboard.key_figures(actor=kommune.aktor("leser"))
    assert (tallene.sendt, tallene.pagaende, tallene.gjenstar, tallene.til_godkjenning) == (10, 1, 0, 0)
    assert tallene.andel_digitalt == 0.6
    assert (len(tallene.dager), tallene.dager[-1].dag) == (14, today())
    assert (tallene.dager[-1].digitalt, tallene.dager[-1].papir) == (6, 4)


def test_what_waits_is_shown_to_the_one_who_may_and_never_to_the_preparer() -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    [task] = dashboard.tasks_for(actor=kommune.aktor("godkjenner"))
    assert (task.slag, task.id, task.antall) == (Oppgaveslag.GODKJENN, mailing.id, 3)
    assert dashboard.tasks_for(actor=kommune.aktor("saksbehandler")) == []
    assert dashboard.tasks_for(actor=kommune.aktor("leser")) == []


def test_an_approved_mailing_waits_for_release() -> None:
    kommune = make_kommune()
    make_mailing(kommune, 3, status=Utsendingstatus.GODKJENT)
    for rolle in ("saksbehandler", "godkjenner"):
        assert [t.slag for t in dashboard.tasks_for(actor=kommune.aktor(rolle))] == [Oppgaveslag.FRIGI]


def test_progress_always_adds_up(owner: Owner) -> None:
    kommune, mailing = sent(owner)
    f = progress.progress(mailing.id, actor=kommune.aktor("leser"))
    assert f.venter + f.parkert + sum(f.per_status.values()) == f.rader == 11
    assert sum(f.per_kanal.values()) == sum(f.per_status.values())

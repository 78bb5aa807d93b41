"""Factories of letters as they lie with their receiver: taken in by the intake, moved by lawful steps."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import ColumnElement, Insert, func, insert, select, true, update

from fiks.core import clock
from fiks.core.audit import Audit
from fiks.core.db import session, table_of, transaction
from fiks.konfigurasjon.models import Sesjon
from fiks.konfigurasjon.person.altinn import Altinnpart
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.mottak import Innlasting, Innsending
from fiks.svarut.rules import Status
from fiks.svarut.transitions import move_forsendelse
from tests.integration.houses import HOUSE, Hus, new_fnr
from tests.integration.utsending.browser import Browser, citizen, post, text_of
from tests.integration.utsending.kommuner import FakeAltinn
from tests.submissions import PDF, submission

POST_ARKIV = ("ROLLE", "A0236")
KOMMUNALE_TJENESTER = ("ROLLE", "KOMAB")
TAUSHET = ("TILGANGSPAKKE", "post-til-virksomheten-med-taushetsbelagt-innhold")
S = Status
WAY: dict[Status, tuple[Status, ...]] = {
    S.MOTTATT: (),
    S.AVVIST: (S.AVVIST,),
    S.FEILET_UNDER_MOTTAK: (S.FEILET_UNDER_MOTTAK,),
    S.AKSEPTERT: (S.AKSEPTERT,),
    S.KLAR_FOR_MOTTAK: (S.AKSEPTERT, S.KLAR_FOR_MOTTAK),
    S.SENDT_SDP: (S.AKSEPTERT, S.SENDT_SDP),
    S.LEVERT_SDP: (S.AKSEPTERT, S.SENDT_SDP, S.LEVERT_SDP),
    S.SENDT_ALTINN: (S.AKSEPTERT, S.SENDT_ALTINN),
    S.LEVERT_ALTINN: (S.AKSEPTERT, S.SENDT_ALTINN, S.LEVERT_ALTINN),
    S.SENDT_DIGITALT: (S.AKSEPTERT, S.SENDT_ALTINN, S.SENDT_DIGITALT),
    S.SENDT_PRINT: (S.AKSEPTERT, S.SENDT_PRINT),
    S.PRINTET: (S.AKSEPTERT, S.SENDT_PRINT, S.PRINTET),
    S.LEST: (S.AKSEPTERT, S.SENDT_ALTINN, S.LEST),
    S.IKKE_LEVERT: (S.AKSEPTERT, S.IKKE_LEVERT),
    S.MANUELT_HANDTERT: (S.AKSEPTERT, S.MANUELT_HANDTERT),
    S.SLETTET: (S.AKSEPTERT, S.SENDT_ALTINN, S.SLETTET),
}
"""How a letter comes to each status."""


def letter_to(
    hus: Hus,
    number: str,
    *,
    status: Status = Status.SENDT_ALTINN,
    said: Innsending | None = None,
    content: Iterable[bytes] = (PDF,),
    **columns: object,
) -> UUID:
    """A letter to `number` in `status`, unread in Altinn unless said otherwise; `columns` are set behind the house."""
    new = said or submission(digital_id=number)
    with Innlasting(hus.konto_id, actor=HOUSE, innsending=new) as loading:
        for document in new.dokumenter:
            loading.take(document.filnavn, content)
        made = loading.register()
    with transaction():
        before = Status.MOTTATT
        for step in WAY[status]:
            assert move_forsendelse(made, fra=(before,), til=step, kode=str(step), aktor="system:test")
            before = step
    deadline = clock.now() + timedelta(hours=40) if status in (S.SENDT_ALTINN, S.LEVERT_ALTINN) else None
    with transaction() as tx:
        values = {"lesefrist": deadline, **columns}
        tx.execute(update(Forsendelse).where(Forsendelse.id == made).values(**values))
    return made


def handed_over(hus: Hus, number: str, **options: Any) -> UUID:
    """A letter that Altinn has taken and its receiver has not read, with the hand-over."""
    made = letter_to(hus, number, status=S.LEVERT_ALTINN, overlevert=clock.now(), kanal="ALTINN", **options)
    with transaction() as tx:
        row = tx.scalars(select(Levering).where(Levering.forsendelse_id == made)).one_or_none()
        row = row or Levering(forsendelse_id=made, bane="test")
        row.kanal, row.status = "ALTINN", "OVERLEVERT"
        tx.add(row)
    return made


def copies_of(letter: UUID, times: int, **changed: ColumnElement[Any]) -> Insert:
    """Adds so many more letters that are just like this one but for what is `changed`, by column."""
    table = table_of(Forsendelse)
    changed = {"id": func.gen_random_uuid(), **changed}
    columns = [changed.get(column.name, column) for column in table.c]
    each = func.generate_series(1, times).table_valued("value")
    rows = select(*columns).select_from(table.join(each, true())).where(table.c.id == letter)
    return insert(table).from_select([column.name for column in table.c], rows)


def copy_letter(letter: UUID, times: int) -> None:
    """So many more letters that are just like this one."""
    with transaction() as tx:
        tx.execute(copies_of(letter, times))


def status_of(letter: UUID) -> Status:
    session().rollback()
    return Status(session().execute(select(Forsendelse.status).where(Forsendelse.id == letter)).scalar_one())


def acts_on(letter: UUID) -> list[tuple[str, str | None]]:
    """What has been done with the letter by its readers, and on whose behalf."""
    session().rollback()
    rows = select(Audit.handling, Audit.paa_vegne_av).where(
        Audit.objekt_id == str(letter), Audit.handling != "FORSENDELSE_SENDT"
    )
    return [(row[0], row[1]) for row in session().execute(rows.order_by(Audit.id))]


def part(orgnr: str, *rights: tuple[str, str], navn: str = "Fjellheim AS") -> Altinnpart:
    """What Altinn says of an organisation."""
    return Altinnpart(orgnr, navn, frozenset(rights))


TITLE = "Vedtak om barnehageplass"


def titled(number: str, tittel: str = TITLE, **said: object) -> dict[str, Any]:
    """Arguments of `letter_to` for a letter called `tittel`; `said` as the sender says it."""
    return {"said": submission(digital_id=number, tittel=tittel, **said)}


def list_of(browser: Browser, query: str = "") -> str:
    """The words of the list."""
    answer = browser.get(f"/minside/post{query}")
    assert answer.status_code == 200
    return text_of(answer.text)


def representing(app: Flask, altinn: FakeAltinn, orgnr: str, *rights: tuple[str, str]) -> Browser:
    """Somebody with these rights in Altinn who acts for the organisation."""
    pid = new_fnr()
    altinn.parter[pid] = [part(orgnr, *rights)]
    browser = citizen(app, pid, acr=4)
    assert post(browser, "/minside/velg", "/minside/velg", orgnr=orgnr).location == "/minside"
    return browser


def forget_what_altinn_said() -> None:
    """As if fifteen minutes had gone by."""
    with transaction() as tx:
        tx.execute(update(Sesjon).values(parter_hentet=None))

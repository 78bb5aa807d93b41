"""Rows that became bad after the control: the page says what is to be done, and leaves none of them out."""

from __future__ import annotations

from sqlalchemy import select, update

from fiks.core.db import session, transaction
from fiks.utsending.draft import confirm
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.rules import Radstatus, Utsendingstatus
from portal.texts import tekst
from tests.integration.utsending.browser import text_of
from tests.portal.utsending.pages import Jobb

U = Utsendingstatus


def test_letters_are_not_made_while_bad_rows_are_not_chosen_about(jobb: Jobb) -> None:
    jobb.begin()
    jobb.read("eiendomsskatt.csv")
    jobb.send("brev/rediger", "brev/rediger", navn="Kort brev", kilde_nb="# Hei\n\nTil ((navn)).")
    confirm.confirm_control(jobb.uuid, actor=jobb.kommune.aktor("saksbehandler"))
    bad = {"funn": [{"kode": "FELT_MANGLER", "felt": "kid", "alvorlighet": "feil", "kilde": "brev"}]}
    with transaction() as tx:
        some = (Utsendingsrad.utsending_id == jobb.uuid, Utsendingsrad.radnr.in_([5, 6]))
        tx.execute(update(Utsendingsrad).where(*some).values(status=Radstatus.FEIL, **bad))

    answer = jobb.send("oppsummering", "oppsummering")

    assert answer.status_code == 422
    assert tekst("RADER_MED_FEIL", antall=2) in text_of(answer.text)
    assert f'href="{jobb.path("steg/kontroll")}"' in answer.text
    assert status(jobb) == U.KONTROLLERT

    chosen = jobb.send("kontroll", "kontroll/til-side", valg="til-side")
    assert chosen.status_code == 303
    assert jobb.send("oppsummering", "oppsummering").status_code == 303
    assert status(jobb) == U.PRODUSERES
    rows = select(Utsendingsrad.radnr).where(
        Utsendingsrad.utsending_id == jobb.uuid, Utsendingsrad.status == Radstatus.PARKERT
    )
    assert session().scalars(rows.order_by(Utsendingsrad.radnr)).all() == [5, 6]


def status(jobb: Jobb) -> str:
    session().rollback()
    return session().execute(select(Utsending.status).where(Utsending.id == jobb.uuid)).scalar_one()

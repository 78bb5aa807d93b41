"""A control that a register broke off: the pages say so, offer to do it again, and call nothing right meanwhile."""

from __future__ import annotations

from sqlalchemy import update

from fiks.core.db import transaction
from fiks.utsending.models import Arbeidsdel, Opplasting
from fiks.utsending.receivers import uploads
from fiks.utsending.rules import Delart, Delstatus
from portal.texts import tekst
from portal.utsending.draft.receivers import REGISTER_AWAY
from tests.integration.utsending.browser import text_of
from tests.portal.utsending.pages import Jobb

ADRESSE = {"adresselinje1": "Storgata 1", "postnr": "4262", "poststed": "AVALDSNES"}


def fail_reading(jobb: Jobb, **values: str) -> None:
    with transaction() as tx:
        parts = (Arbeidsdel.utsending_id == jobb.uuid, Arbeidsdel.art == Delart.LES)
        tx.execute(update(Arbeidsdel).where(*parts).values(status=Delstatus.FEILET, **values))


def test_a_list_that_waits_for_a_register_is_not_called_unusable(jobb: Jobb) -> None:
    jobb.begin()
    jobb.upload("eiendomsskatt.csv")
    fail_reading(jobb, feilkode=REGISTER_AWAY)
    with transaction() as tx:
        mine = update(Opplasting).where(Opplasting.utsending_id == jobb.uuid)
        tx.execute(mine.values(status="FEILET", feilkode=REGISTER_AWAY))
    words = jobb.words("mottakere")
    told = tekst("REGISTER_VENTER", knapp="Les listen på nytt")
    assert f"Listen er ikke lest ennå {told} Les listen på nytt" in words
    assert "kan ikke brukes" not in words and "skriv opplysningene selv" not in words


def test_receivers_whose_control_was_broken_off_are_controlled_again_before_they_are_sent_to(
    jobb: Jobb,
) -> None:
    jobb.begin()
    jobb.send("mottakere/skriv", "mottakere/skriv", navn="Kari Fjell", **ADRESSE)
    jobb.send("brev/rediger", "brev/rediger", navn="Kort brev", kilde_nb="# Hei\n\nTil ((navn)).")
    assert "Ingen feil funnet" in jobb.words("kontroll")
    uploads.read_again(jobb.uuid, actor=jobb.kommune.aktor("saksbehandler"))
    fail_reading(jobb)

    words = jobb.words("kontroll")
    assert f"Ikke alle radene er kontrollert {tekst('KONTROLL_AVBRUTT')} Kontroller på nytt" in words
    assert "Ingen feil funnet" not in words
    assert tekst("KONTROLL_AVBRUTT") in jobb.words("oppsummering")
    answer = jobb.send("oppsummering", "oppsummering")
    assert (answer.status_code, tekst("KONTROLL_AVBRUTT") in text_of(answer.text)) == (422, True)

    jobb.send("kontroll", "mottakere/les-igjen")
    jobb.arbeid("liste")
    assert "Ingen feil funnet" in jobb.words("kontroll")
    assert jobb.send("oppsummering", "oppsummering").status_code == 303

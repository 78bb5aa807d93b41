"""A control that a register broke off: the pages say so, offer to do it again, and call nothing right meanwhile."""

from __future__ import annotations

from sqlalchemy import update

from fiks.core.db import transaction
from fiks.utsending import uploads
from fiks.utsending.models import Arbeidsdel
from fiks.utsending.rules import Delart, Delstatus
from portal.texts import tekst
from tests.integration.utsending.browser import text_of
from tests.portal.utsending.pages import Jobb

ADRESSE = {"adresselinje1": "Storgata 1", "postnr": "4262", "poststed": "AVALDSNES"}


def test_receivers_whose_control_was_broken_off_are_controlled_again_before_they_are_sent_to(
    jobb: Jobb,
) -> None:
    jobb.begin()
    jobb.send("mottakere/skriv", "mottakere/skriv", navn="Kari Fjell", **ADRESSE)
    jobb.send("brev/rediger", "brev/rediger", navn="Kort brev", kilde_nb="# Hei\n\nTil ((navn)).")
    assert "Ingen feil funnet" in jobb.words("kontroll")
    uploads.read_again(jobb.uuid, actor=jobb.kommune.aktor("saksbehandler"))
    with transaction() as tx:
        parts = (Arbeidsdel.utsending_id == jobb.uuid, Arbeidsdel.art == Delart.LES)
        tx.execute(update(Arbeidsdel).where(*parts).values(status=Delstatus.FEILET))

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

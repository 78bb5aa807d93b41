"""Step 3: what stands about bad rows and receivers out of reach is so, and each has its own way back."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.utsending.draft import confirm
from fiks.utsending.models import Utsendingsrad
from fiks.utsending.receivers import typed
from fiks.utsending.rules import Radstatus
from portal.texts import tekst
from tests.integration.utsending.browser import text_of
from tests.portal.utsending.pages import Jobb
from tests.unit.liste.lists import FNR

HEADER = "fnr;navn;adresselinje1;postnr;poststed"
REACHED = f"{FNR};RETTFERDIG TYTTEBÆR;Vottgarden;5430;BREMNES"
CLEAN, GUESSED, FAULTY = (
    ";Ola Nes;Storgata 1;4262;AVALDSNES",
    ";KjÃ¦rsti Vik;Storgata 2;4262;AVALDSNES",
    ";Per Li;Storgata 3;42;AVALDSNES",
)
"""Out of reach when letters are sent digitally only: nothing else wrong, a name we guessed, a wrong postnr."""

SET_ASIDE, OUT_OF_REACH = "Rader som holdes utenfor", "Mottakere som ikke kan nås"
CHOSEN, SEND, HOLD = "Du har valgt å sende", "Send dem likevel", "Hold dem utenfor"
TAKE_BACK = "Ta radene med i kontrollen igjen"
FACTS = {"tittel": "T", "art": "FLETTEBREV", "brevdato": "31.12.2099", "sikkerhetsniva": "BETYDELIG"}


def digital(jobb: Jobb, *rows: str) -> None:
    """A job whose letters are sent digitally only, to these."""
    jobb.begin(levering="BARE_DIGITALT")
    jobb.read("liste.csv", ("\r\n".join([HEADER, *rows]) + "\r\n").encode())


def put_aside(jobb: Jobb) -> None:
    """Its bad rows are set aside, its letters made, and it is taken back."""
    jobb.send("kontroll", "kontroll/til-side", valg="til-side")
    jobb.send("brev/rediger", "brev/rediger", navn="Kort brev", kilde_nb="# Hei\n\nTil ((navn)).")
    assert jobb.send("oppsummering", "oppsummering").status_code == 303
    jobb.arbeid("render")
    assert jobb.send("", "trekk-tilbake").status_code == 303


@pytest.fixture
def aside(jobb: Jobb) -> Jobb:
    """Two bad rows are set aside, and a third is held out since no channel reaches its receiver."""
    digital(jobb, REACHED, CLEAN, GUESSED, FAULTY)
    put_aside(jobb)
    return jobb


def test_what_was_set_aside_can_be_taken_back_though_others_are_out_of_reach(aside: Jobb) -> None:
    words = aside.words("kontroll")
    assert f"{SET_ASIDE} 2 rader holdes utenfor og sendes ikke. {TAKE_BACK}" in words
    assert f"{OUT_OF_REACH} 1 mottaker kan ikke nås i noen kanal vi kan bruke. Raden holdes utenfor." in words

    aside.send("kontroll", "kontroll/til-side", valg="angre")

    words = aside.words("kontroll")
    assert SET_ASIDE not in words
    assert "2 rader kan ikke sendes slik de er." in words
    assert counts(aside) == {"OK": 1, "PARKERT": 1, "AUTO": 1, "FEIL": 1}
    assert audited(aside, "PARKERING_ANGRET") == [2]


def test_what_was_set_aside_can_be_taken_back_while_other_rows_are_bad(aside: Jobb) -> None:
    finding = {"kode": "FELT_MANGLER", "felt": "kid", "alvorlighet": "feil", "kilde": "brev"}
    with transaction() as tx:
        reached = (Utsendingsrad.utsending_id == aside.uuid, Utsendingsrad.status == Radstatus.OK)
        tx.execute(update(Utsendingsrad).where(*reached).values(status=Radstatus.FEIL, funn=[finding]))
    words = aside.words("kontroll")
    assert "1 rad kan ikke sendes slik den er." in words
    assert f"{SET_ASIDE} 2 rader holdes utenfor og sendes ikke. {TAKE_BACK}" in words

    aside.send("kontroll", "kontroll/til-side", valg="angre")

    assert "3 rader kan ikke sendes slik de er." in aside.words("kontroll")
    assert audited(aside, "PARKERING_ANGRET") == [2]


def test_the_choice_about_bad_rows_is_taken_back_with_its_count(jobb: Jobb) -> None:
    digital(jobb, REACHED, CLEAN, GUESSED, FAULTY)
    jobb.send("kontroll", "kontroll/til-side", valg="til-side")
    jobb.send("kontroll", "kontroll/til-side", valg="angre")
    assert audited(jobb, "RADER_PARKERT") == audited(jobb, "PARKERING_ANGRET") == [2]


def test_receivers_out_of_reach_that_are_sent_to_can_be_held_out_though_bad_ones_are_set_aside(
    aside: Jobb,
) -> None:
    answer = aside.send("kontroll", "kontroll/kan-ikke-naas", valg="send")
    assert answer.status_code == 303

    words = aside.words("kontroll")
    assert "1 rad sendes likevel." in words
    aside.send("kontroll", "kontroll/kan-ikke-naas", valg="send")
    again = aside.words("kontroll")
    assert tekst("INGENTING_IGJEN") in again and "0 rader" not in again
    assert f"{CHOSEN} den likevel. {HOLD}" in words
    assert SEND not in words
    assert f"{SET_ASIDE} 2 rader" in words
    assert counts(aside) == {"OK": 1, "ADVARSEL": 1, "PARKERT": 2}

    aside.send("kontroll", "kontroll/kan-ikke-naas", valg="hold")
    words = aside.words("kontroll")
    assert SEND in words
    assert CHOSEN not in words


def test_each_of_those_out_of_reach_has_its_own_sentence_and_button(jobb: Jobb) -> None:
    digital(jobb, REACHED, CLEAN, CLEAN.replace("Ola", "Eva"), GUESSED)
    jobb.send("kontroll", "kontroll/kan-ikke-naas", valg="send")
    jobb.send("kontroll/forslag", "kontroll/forslag", alle="ja")
    words = jobb.words("kontroll")
    assert (
        "1 mottaker kan ikke nås i noen kanal vi kan bruke. Raden holdes utenfor. "
        f"Sender du den likevel, blir brevet stående som ikke levert. {SEND}" in words
    )
    assert f"2 mottakere kan ikke nås i noen kanal vi kan bruke. {CHOSEN} dem likevel. {HOLD}" in words


@pytest.mark.parametrize("row", [GUESSED, FAULTY])
def test_nobody_is_said_to_have_chosen_to_send_a_row_that_cannot_be_sent(jobb: Jobb, row: str) -> None:
    digital(jobb, REACHED, row)
    words = jobb.words("kontroll")
    assert OUT_OF_REACH not in words
    assert CHOSEN not in words
    assert "1 rad kan ikke sendes slik den er." in words


def test_who_has_written_all_the_receivers_there_may_be_is_told_how_many_that_is(
    jobb: Jobb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typed, "MAX_TYPED", 2)
    jobb.begin(levering="BARE_DIGITALT")
    told = "Du kan skrive inn høyst 2 mottakere for hånd."
    for receiver in ("Ola Nes", "Kari Vik"):
        assert told not in jobb.words("mottakere/skriv")
        jobb.send("mottakere/skriv", "mottakere/skriv", navn=receiver)
    assert told in jobb.words("mottakere/skriv")


def test_a_choice_about_written_receivers_does_not_cover_those_that_become_bad(jobb: Jobb) -> None:
    jobb.begin(levering="BARE_DIGITALT")
    for receiver in ({"navn": "RETTFERDIG TYTTEBÆR", "fnr": FNR}, {"navn": "Ola Nes"}):
        jobb.send("mottakere/skriv", "mottakere/skriv", **receiver)
    jobb.send("mottakere/skriv", "mottakere/skriv", navn="Per Li", fnr="12345678901")
    jobb.send("kontroll", "kontroll/til-side", valg="til-side")
    assert f"{CHOSEN} 1 god rad og holde 1 rad utenfor." in jobb.words("kontroll")

    jobb.send("fakta", "fakta", **FACTS, levering="DIGITALT_FORST")
    jobb.arbeid("liste")

    words = jobb.words("kontroll")
    assert CHOSEN not in words
    assert "2 rader kan ikke sendes slik de er." in words
    jobb.send("brev/rediger", "brev/rediger", navn="Kort brev", kilde_nb="# Hei\n\nTil ((navn)).")
    answer = jobb.send("oppsummering", "oppsummering")
    assert answer.status_code == 422
    assert tekst("RADER_MED_FEIL", antall=2) in text_of(answer.text)


def test_a_choice_from_a_page_that_is_out_of_date_is_told_to_wait(jobb: Jobb) -> None:
    digital(jobb, REACHED, FAULTY)
    jobb.send("mottakere", "mottakere/les-igjen")
    answer = jobb.send("mottakere", "kontroll/til-side", valg="til-side")
    assert answer.location == jobb.path("kontroll")
    assert tekst("LISTE_LESES") in jobb.words("mottakere")
    jobb.arbeid("liste")
    assert CHOSEN not in jobb.words("kontroll")


def counts(jobb: Jobb) -> dict[str, int]:
    session().rollback()
    return {str(status): n for status, n in confirm.row_counts(jobb.uuid).items() if n}


def audited(jobb: Jobb, handling: str) -> list[int]:
    session().rollback()
    of_this = (Audit.objekt_id == jobb.id, Audit.handling == handling)
    return [
        row.detaljer["antall"] for row in session().scalars(select(Audit).where(*of_this).order_by(Audit.id))
    ]

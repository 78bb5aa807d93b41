"""Columns that may be the receiver's address: a person says which, or that none of them is."""

from __future__ import annotations

import re

from fiks.core.db import session
from fiks.utsending.receivers import uploads
from fiks.utsending.rows import queries
from portal.texts import feltnavn, tekst
from tests.portal.utsending.pages import Jobb

PAGE = "mottakere/kolonner"
LIST = (
    "Gnr;Adresse;Bnr;Adresse;Fnr;Navn\r\n27;Hønesvingen 36 A;526;Vottgarden;;RETTFERDIG TYTTEBÆR\r\n".encode()
)
REST = {"kolonne-1": "gnr", "kolonne-3": "bnr", "kolonne-5": "fnr", "kolonne-6": "navn"}
NONE = {"kolonne-2": "ingen", "kolonne-4": "ingen"}
TWO = tekst("KOLONNE_UVALGT", felt="Adresselinje 1", kolonner="Adresse, Adresse (2)")


def as_shown(html: str) -> dict[str, str]:
    """What the selects of the page say when nobody has touched them."""
    selects = re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL)
    return {name: re.findall(r'value="([^"]*)" selected', options)[0] for name, options in selects}


def rows_of(jobb: Jobb) -> list[queries.Radvisning]:
    session().rollback()
    return queries.rows(jobb.uuid, actor=jobb.kommune.aktor("saksbehandler"), limit=500)


def begun(jobb: Jobb, content: bytes = LIST) -> Jobb:
    jobb.begin()
    jobb.read("liste.csv", content)
    return jobb


def test_two_columns_that_may_be_the_address_are_mapped_by_hand_and_that_is_not_passed_by(jobb: Jobb) -> None:
    words = begun(jobb).words("mottakere")
    assert tekst("KOLONNE_UKLAR", felter="Adresselinje 1") in words
    assert "Koble kolonnene for hånd" in words and not rows_of(jobb)
    answer = jobb.send(PAGE, PAGE, **REST)
    assert answer.status_code == 422
    assert f'id="kolonne-2-feil">{TWO}' in answer.text
    assert jobb.send(PAGE, PAGE, **REST, **{"kolonne-4": "adresselinje1"}).status_code == 303
    jobb.arbeid("liste")
    assert [r.verdier["adresselinje1"] for r in rows_of(jobb)] == ["Vottgarden"]


def test_what_must_be_said_is_not_said_by_saving_the_page_as_it_is(jobb: Jobb) -> None:
    shown = begun(jobb).see(PAGE)
    assert as_shown(shown) == REST | {"kolonne-2": "", "kolonne-4": ""}
    assert shown.count(">Velg …</option>") == 2
    answer = jobb.send_from(shown, PAGE, **as_shown(shown))
    assert answer.status_code == 422
    assert f'id="kolonne-2-feil">{TWO}' in answer.text


def test_an_answer_about_one_of_them_leaves_the_other_to_be_answered(jobb: Jobb) -> None:
    answer = begun(jobb).send(PAGE, PAGE, **REST, **NONE | {"kolonne-4": ""})
    assert answer.status_code == 422
    assert f'id="kolonne-4-feil">{TWO}' in answer.text
    assert as_shown(answer.text) == REST | NONE | {"kolonne-4": ""}


def test_that_none_of_them_is_the_receivers_is_an_answer_too_and_the_konto_remembers_it(jobb: Jobb) -> None:
    assert begun(jobb).send(PAGE, PAGE, **REST, **NONE).status_code == 303
    jobb.arbeid("liste")
    (row,) = rows_of(jobb)
    assert "adresselinje1" not in row.verdier
    assert [(f.felt, f.kode) for f in row.funn] == [("adresselinje1", "ADRESSE_MANGLER")]
    assert as_shown(jobb.see(PAGE)) == REST | NONE

    assert len(rows_of(begun(jobb))) == 1


def test_a_list_that_is_read_again_before_anybody_has_answered_is_still_unclear(jobb: Jobb) -> None:
    uploads.read_again(begun(jobb).uuid, actor=jobb.kommune.aktor("saksbehandler"))
    jobb.arbeid("liste")
    assert tekst("KOLONNE_UKLAR", felter="Adresselinje 1") in jobb.words("mottakere")
    assert as_shown(jobb.see(PAGE)) == REST | {"kolonne-2": "", "kolonne-4": ""}


def test_two_columns_of_kid_that_differ_are_asked_about_as_the_address_is(jobb: Jobb) -> None:
    begun(jobb, b"Navn;KID;KID-nummer\r\nOLA;18;26\r\n")
    assert tekst("KOLONNE_UKLAR", felter=feltnavn("kid")) in jobb.words("mottakere")
    shown = jobb.see(PAGE)
    assert as_shown(shown) == {"kolonne-1": "navn", "kolonne-2": "", "kolonne-3": ""}
    answer = jobb.send_from(shown, PAGE, **as_shown(shown))
    told = tekst("KOLONNE_UVALGT", felt=feltnavn("kid"), kolonner="KID, KID-nummer")
    assert (answer.status_code, f'id="kolonne-2-feil">{told}' in answer.text) == (422, True)
    assert jobb.send_from(shown, PAGE, **as_shown(shown) | {"kolonne-3": "kid"}).status_code == 303
    jobb.arbeid("liste")
    assert [r.verdier["kid"] for r in rows_of(jobb)] == ["26"]


def test_of_a_single_column_it_is_not_said_that_there_are_several(jobb: Jobb) -> None:
    begun(jobb, b"Navn;Adresse;Postnr;Gnr;Fakturaadresse\r\nOLA;Vegen 1;0580;1;Postboks 1\r\n")
    assert tekst("KOLONNE_UKLAR", felter="Postnummer") in jobb.words("mottakere")
    answer = jobb.send_from(shown := jobb.see(PAGE), PAGE, **as_shown(shown))
    assert answer.status_code == 422
    assert f'id="kolonne-3-feil">{tekst("KOLONNE_UVALGT_EN", felt="Postnummer")}' in answer.text
    assert "Flere kolonner" not in answer.text
    assert jobb.send_from(shown, PAGE, **as_shown(shown) | {"kolonne-3": "ingen"}).status_code == 303

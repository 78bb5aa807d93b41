"""One big PDF through its pages: upload, set-up on the page's picture, the letters that were read, and what follows."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from fiks.core.db import transaction
from fiks.core.isolate import Grenser
from fiks.pdf.cut import large_file
from fiks.utsending.models import Utsendingsrad
from fiks.utsending.rules import Radstatus
from fiks.utsending.samlet.analysis.setup import Feltnavn
from portal.texts import tekst
from portal.texts.formats import dato
from portal.texts.utsending.mailing import VIST
from testmiljo.folders import LILLEVIK
from tests.integration.utsending.browser import text_of
from tests.integration.utsending.kommuner import today
from tests.pagecheck import check_page
from tests.portal.utsending.pages import Jobb

pytestmark = pytest.mark.slow

HTMX = {"HX-Request": "true"}
AREAS = {
    "navn": ("19", "48,2", "100", "5"),
    "adresse": ("19", "53,2", "100", "27"),
    "id": ("154", "53,2", "36", "5"),
    "ref": ("154", "58,2", "36", "5"),
}


def setup_form(**changes: str) -> dict[str, str]:
    form = {"kutt": "SIDER", "sider": "2", "tekst": "", "giroside": "INGEN", "nummer": ""}
    for name in Feltnavn:
        box = AREAS.get(name, ("", "", "", ""))
        form |= dict(zip((f"{name}-{n}" for n in ("x", "y", "bredde", "hoyde")), box, strict=True))
        form[f"{name}-side"] = "1" if name in AREAS else ""
    return form | changes


@pytest.fixture
def samlet(jobb: Jobb) -> Jobb:
    """A mailing of one big PDF, at its second step."""
    jobb.begin(art="EN_STOR_PDF")
    return jobb


def upload(jobb: Jobb, data: bytes | None = None, name: str = "samlet.pdf") -> TestResponse:
    content = data if data is not None else (LILLEVIK / "samlet.pdf").read_bytes()
    return jobb.send("mottakere/samlet", "mottakere/samlet", fil=(io.BytesIO(content), name))


def looked_through(jobb: Jobb) -> Jobb:
    assert upload(jobb).status_code == 303
    jobb.arbeid("liste", "render")
    return jobb


def set_up(jobb: Jobb, handling: str = "bruk", **changes: str) -> TestResponse:
    return jobb.send("mottakere/oppsett", "mottakere/oppsett", **setup_form(handling=handling, **changes))


def with_letters(jobb: Jobb) -> Jobb:
    looked_through(jobb)
    assert set_up(jobb).status_code == 303
    jobb.arbeid("liste", "render")
    return jobb


def test_the_step_of_receivers_is_the_file_itself(samlet: Jobb) -> None:
    assert samlet.client.get(samlet.path("mottakere")).location == samlet.path("mottakere/samlet")
    assert "Last opp filen med brevene" in samlet.words("mottakere/samlet")


def test_while_a_worker_is_at_it_the_page_looks_again_by_itself(samlet: Jobb) -> None:
    upload(samlet)
    page = samlet.see("mottakere/samlet")
    assert f'hx-get="{samlet.path("mottakere/samlet/fremdrift")}"' in page and ">Oppdater</a>" in page
    part = samlet.client.get(samlet.path("mottakere/samlet/fremdrift"), headers=HTMX)
    assert "hx-trigger" in part.text and "<html" not in part.text
    samlet.arbeid("liste", "render")
    answer = samlet.client.get(samlet.path("mottakere/samlet/fremdrift"), headers=HTMX)
    assert answer.headers["HX-Refresh"] == "true"
    assert samlet.client.get(samlet.path("mottakere/samlet/fremdrift")).location == samlet.path(
        "mottakere/samlet"
    )


@pytest.mark.parametrize(
    ("fil", "kode"), [("ikke_en.pdf", "PDF_UGYLDIG"), ("brev_passord.pdf", "PDF_PASSORD")]
)
def test_a_file_that_cannot_be_used_is_refused_in_words(samlet: Jobb, fil: str, kode: str) -> None:
    upload(samlet, (LILLEVIK / fil).read_bytes(), fil)
    samlet.arbeid("liste", "render")
    words = samlet.words("mottakere/samlet")
    assert tekst(kode) in words and "Ingenting av filen er lagret." in words


def test_a_file_that_brings_its_child_down_is_kept_and_can_be_looked_through_anew(
    samlet: Jobb, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as little:
        # Any file brings down a child that may have so little.
        little.setattr(large_file, "OPEN_LIMITS", Grenser(memory_mb=40))
        looked_through(samlet)
    page = samlet.see("mottakere/samlet")
    assert "«samlet.pdf» ble ikke sett gjennom" in text_of(page)
    assert "Ingenting av filen er lagret." not in page
    samlet.send("mottakere/samlet", "mottakere/samlet/igjen")
    samlet.arbeid("liste", "render")
    assert "Vis hvor hvert brev begynner" in samlet.words("mottakere/samlet")


def test_what_is_no_pdf_by_its_name_is_refused_at_the_field(samlet: Jobb) -> None:
    answer = upload(samlet, b"navn;fnr", "liste.csv")
    assert answer.status_code == 422
    assert tekst("PDF_FILTYPE") in text_of(answer.text)


def test_a_set_up_is_suggested_and_the_page_is_shown_with_its_areas(samlet: Jobb) -> None:
    page = looked_through(samlet).see("mottakere/oppsett")
    assert "Vi har foreslått et oppsett" in page
    assert 'value="2"' in page
    assert len(re.findall(r'<g class="omrade omrade--', page)) == 4
    picture = re.search(r'<image href="([^"]+)"', page)
    assert picture
    answer = samlet.client.get(picture[1])
    assert (answer.status_code, answer.mimetype) == (200, "image/png")


def test_another_page_is_shown_with_what_was_typed_still_there(samlet: Jobb) -> None:
    looked_through(samlet)
    answer = set_up(samlet, "", vis="2", **{"ref-x": "150,5"})
    assert answer.status_code == 200
    assert "oppsett/2.png" in answer.text and 'value="150,5"' in answer.text
    assert "<g class=" not in answer.text  # the areas are on the first page of each letter


def test_what_would_be_read_is_shown_before_anything_is_cut(samlet: Jobb) -> None:
    looked_through(samlet)
    words = text_of(set_up(samlet, "prov").text)
    assert "Gjensidig Pære" in words and "Testgatan 4" in words and "LIL-2027-000012" in words
    assert "05897818274" not in words
    assert tekst("NUMMER_MANGLER") in words


def test_statement_51_what_does_not_go_up_is_refused_at_the_field_with_the_reason(samlet: Jobb) -> None:
    looked_through(samlet)
    answer = set_up(samlet, sider="3")
    assert answer.status_code == 422
    words = text_of(answer.text)
    assert "Antall sider i filen er 20. Det går ikke opp med 3 sider i hvert brev: 2 blir til overs." in words
    assert 'href="#sider"' in answer.text


@pytest.mark.parametrize(
    ("changes", "kode", "id"),
    [
        ({"sider": ""}, "OPPSETT_SIDER_UGYLDIG", "sider"),
        ({"kutt": "TEKST"}, "OPPSETT_TEKST_MANGLER", "tekst"),
        ({"kutt": "ENDRET"}, "OPPSETT_MERKE_MANGLER", "merke-x"),
        ({"navn-x": "tjue"}, "OMRADE_TALL", "navn-x"),
        ({"ref-bredde": "1"}, "OMRADE_FOR_LITE", "ref-x"),
        ({"id-side": "3"}, "OMRADE_SIDE_UGYLDIG", "id-x"),
        ({"id-x": "1900"}, "OMRADE_UTENFOR", "id-x"),
        ({"giroside": "NUMMER", "nummer": "9"}, "OPPSETT_GIRO_UGYLDIG", "nummer"),
    ],
)
def test_what_is_wrong_with_a_set_up_is_said_at_its_field(
    samlet: Jobb, changes: dict[str, str], kode: str, id: str
) -> None:
    looked_through(samlet)
    answer = set_up(samlet, **changes)
    assert answer.status_code == 422
    assert tekst(kode, grense=200 if kode == "OPPSETT_SIDER_UGYLDIG" else 100) in text_of(answer.text)
    assert f'href="#{id}"' in answer.text and f'id="{id}"' in answer.text


def test_the_letters_are_listed_beside_what_was_read(samlet: Jobb) -> None:
    with_letters(samlet)
    words = samlet.words("mottakere/samlet")
    assert "Brevene er lest" in words and "2 sider i hvert brev" in words
    page = samlet.see("mottakere/brev")
    assert len(re.findall(r'class="panel brevkort"', page)) == 10
    words = text_of(page)
    assert "VÅKEN NØKKEL" in words and "Flaggermusveien 38C" in words and "4274 STOL" in words
    assert "28837721085" not in words and "288377*****" in words
    picture = samlet.client.get(samlet.path("mottakere/brev/2.png"))
    assert (picture.status_code, picture.mimetype) == (200, "image/png")


def test_only_letters_with_something_to_look_at_are_shown_when_asked_for(samlet: Jobb) -> None:
    with_letters(samlet)
    words = samlet.words("mottakere/brev?vis=funn")
    assert "Sameiet «Vott»" in words and tekst("NUMMER_MANGLER") in words
    assert "VÅKEN NØKKEL" not in words


def test_one_letter_is_shown_with_its_pages_and_its_neighbours(samlet: Jobb) -> None:
    with_letters(samlet)
    page = samlet.see("mottakere/brev/3")
    assert "Sameiet «Vott»" in text_of(page)
    assert samlet.path("mottakere/brev/2") in page and samlet.path("mottakere/brev/4") in page
    picture = re.search(r'<img class="side-bilde" src="([^"]+)"', page)
    assert picture and samlet.client.get(picture[1]).mimetype == "image/png"
    assert samlet.client.get(samlet.path("mottakere/brev/11")).status_code == 404


def test_a_number_that_is_not_in_the_letter_is_found_in_the_extra_list(samlet: Jobb) -> None:
    looked_through(samlet)
    nokkel = dict(zip(("nokkel-x", "nokkel-y", "nokkel-bredde", "nokkel-hoyde"), AREAS["ref"], strict=True))
    without_id = {f"id-{n}": "" for n in ("side", "x", "y", "bredde", "hoyde")}
    set_up(samlet, **(nokkel | without_id | {"nokkel-side": "1"}))
    samlet.arbeid("liste", "render")
    rows = "Saksnr;Fødselsnummer\r\nLIL-2027-000029;28837721085\r\nLIL-2027-000012;05897818274\r\n"
    sent = samlet.send(
        "mottakere/samlet",
        "mottakere/tillegg",
        tilleggsliste=(io.BytesIO(rows.encode()), "numre.csv"),
    )
    assert sent.status_code == 303
    samlet.arbeid("liste", "render")
    assert "Kolonnen «Saksnr»" in samlet.words("mottakere/samlet")
    assert "288377*****" in samlet.words("mottakere/brev/2")
    assert tekst("TILLEGG_MANGLER") in samlet.words("mottakere/brev/4")


def test_control_letters_and_summary_show_what_this_way_needs(samlet: Jobb) -> None:
    with_letters(samlet)
    assert "Brev uten nummer" in samlet.words("kontroll")
    assert samlet.client.get(samlet.path("brev")).location == samlet.path("brev/samlet")
    words = samlet.words("brev/samlet")
    assert "Brevene er delt opp og kontrollert" in words and "2 sider i hvert brev" in words
    words = samlet.words("oppsummering")
    assert "Én stor PDF, delt i brev" in words
    answer = samlet.send("oppsummering", "oppsummering")
    assert answer.location == samlet.path()


def test_the_set_up_is_offered_next_time(samlet: Jobb, app: object) -> None:
    with_letters(samlet)
    samlet.begin(art="EN_STOR_PDF", brevdato=dato(today()))
    page = looked_through(samlet).see("mottakere/oppsett")
    assert "Dette er oppsettet som sist ble brukt på kontoen" in page
    assert 'value="48,2"' in page and "Bruk forslaget vårt" in page
    answer = set_up(samlet, "hent-FORSLAG")
    assert 'value="48,2"' not in answer.text


def test_a_set_up_is_for_the_file_that_was_shown(samlet: Jobb) -> None:
    looked_through(samlet)
    shown = samlet.see("mottakere/oppsett")
    tried = set_up(samlet, "prov").text
    looked_through(samlet)
    for page in (shown, tried):
        answer = samlet.send_from(page, "mottakere/oppsett", **setup_form(handling="bruk"))
        assert answer.status_code == 409
        check_page(answer.text)
        assert tekst("VIST_ENDRET", hva=VIST["SAMLET"]) in text_of(answer.text)
    assert "Sett opp oppdelingen" in samlet.words("mottakere/samlet"), "nothing is cut"
    samlet.send("mottakere/samlet", "mottakere/samlet/fjern")
    gone = samlet.send_from(shown, "mottakere/oppsett", **setup_form(handling="bruk"))
    assert gone.status_code == 409
    check_page(gone.text)
    assert tekst("VIST_ENDRET", hva=VIST["SAMLET"]) in text_of(gone.text), "there is no file any more"


def test_a_colleagues_set_up_is_replaced_only_when_that_is_said_once_more(samlet: Jobb) -> None:
    looked_through(samlet)
    shown = samlet.see("mottakere/oppsett")
    assert set_up(samlet).status_code == 303
    samlet.arbeid("liste", "render")
    mine = setup_form(handling="bruk", **{"ref-x": "150,5"})
    answer = samlet.send_from(shown, "mottakere/oppsett", **mine)
    assert answer.status_code == 409
    assert tekst("OPPSETT_ENDRET") in text_of(answer.text) and 'value="150,5"' in answer.text
    assert samlet.send_from(answer.text, "mottakere/oppsett", **mine).status_code == 303


def test_a_set_up_sent_twice_is_no_fault(samlet: Jobb) -> None:
    looked_through(samlet)
    shown = samlet.see("mottakere/oppsett")
    for _ in range(2):
        answer = samlet.send_from(shown, "mottakere/oppsett", **setup_form(handling="bruk"))
        assert answer.status_code == 303


def test_only_the_file_and_the_extra_list_that_were_shown_are_taken_away(samlet: Jobb) -> None:
    with_letters(samlet)
    extra = b"Saksnr;F\xc3\xb8dselsnummer\r\nLIL-2027-000029;28837721085\r\n"

    def add_extra() -> str:
        samlet.send("mottakere/samlet", "mottakere/tillegg", tilleggsliste=(io.BytesIO(extra), "numre.csv"))
        samlet.arbeid("liste", "render")
        return samlet.see("mottakere/samlet")

    shown, later = add_extra(), add_extra()
    looked_through(samlet)
    for til, what in (("samlet", "SAMLET"), ("tillegg", "TILLEGGSLISTE")):
        answer = samlet.send_from(shown, f"mottakere/{til}/fjern")
        assert answer.status_code == 409
        check_page(answer.text)
        assert tekst("VIST_ENDRET", hva=VIST[what]) in text_of(answer.text)
    assert samlet.send_from(later, "mottakere/tillegg/fjern").status_code == 303


def test_the_file_can_be_taken_away_again(samlet: Jobb) -> None:
    with_letters(samlet)
    assert samlet.send("mottakere/samlet", "mottakere/samlet/fjern").status_code == 303
    assert "Last opp filen med brevene" in samlet.words("mottakere/samlet")


def test_the_pages_of_this_way_are_not_for_another(jobb: Jobb) -> None:
    jobb.begin()
    assert jobb.client.get(jobb.path("mottakere/samlet")).status_code == 303


def test_that_no_letter_can_be_sent_is_said_with_what_one_of_a_big_file_can_do(samlet: Jobb) -> None:
    with_letters(samlet)
    with transaction() as tx:
        of_mailing = Utsendingsrad.utsending_id == samlet.uuid
        tx.execute(update(Utsendingsrad).where(of_mailing).values(status=Radstatus.PARKERT))
    assert f"{tekst('INGEN_GODE_BREV')} Gå til kontroll" in samlet.words("oppsummering")
    answer = samlet.send("oppsummering", "oppsummering")
    assert answer.status_code == 422
    assert tekst("INGEN_GODE_BREV") in text_of(answer.text)
    assert tekst("INGEN_GODE_RADER") not in text_of(answer.text)

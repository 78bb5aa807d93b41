"""Step 2: the list is uploaded, read, described and mapped; or a few receivers are written by hand."""

from __future__ import annotations

import io
import json
import re

import openpyxl
import pytest
from sqlalchemy import select, update

from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.registeroppslag import rules
from fiks.utsending.liste.columns import KOLONNER
from fiks.utsending.models import Opplasting, Utsending
from fiks.utsending.receivers import uploads
from fiks.utsending.rows import queries
from portal.texts import tekst
from testmiljo.folders import LILLEVIK
from tests.integration.houses import new_fnr
from tests.integration.utsending.browser import text_of
from tests.pagecheck import check_page
from tests.portal.utsending.pages import Jobb
from tests.unit.liste.lists import FNR

HTMX = {"HX-Request": "true"}
LEFT = {
    "hjemmel": "EIENDOMSSKATT",
    "malform": "nn",
    "konteringskode": "K1",
    "eksternref": "2027/15",
    "filnavn": "brev.pdf",
    "tittel": "Vedtak",
}
"""What a look-up says nothing about."""
UNKNOWN = new_fnr()
WRITTEN = LEFT | {
    "navn": "Ola Nordmann",
    "adresselinje1": "Gata 1",
    "adresselinje2": "c/o Kari",
    "postnr": "4262",
}


def in_form(html: str) -> dict[str, str]:
    """What the form that receivers are written in is filled with."""
    form = html[html.index('id="oppslag"') :]
    found = re.findall(r'<input [^>]*name="(\w+)" value="([^"]+)"', form)
    for choices in form.split("<select")[1:]:
        found += re.findall(r'name="(\w+)".*?<option value="(\w+)" selected', choices, re.DOTALL)
    return dict(found)


def rows_of(jobb: Jobb) -> list[queries.Radvisning]:
    session().rollback()
    return queries.rows(jobb.uuid, actor=jobb.kommune.aktor("saksbehandler"), limit=500)


@pytest.mark.parametrize(
    ("fil", "ord"),
    [
        ("eiendomsskatt.xlsx", "Filtype Excel Ark Eiendomsskatt"),
        ("eiendomsskatt_cp1252.csv", "Tegnsett Windows-1252 Skilletegn semikolon"),
        ("eiendomsskatt_utf16.csv", "Tegnsett UTF-16 Skilletegn semikolon"),
        ("eiendomsskatt_komma.csv", "Skilletegn komma"),
        ("eiendomsskatt_tab.txt", "Skilletegn tabulator"),
        ("eiendomsskatt_excel_feller.xlsx", "Overskrifter rad 4"),
    ],
)
def test_what_was_found_out_about_the_file_is_shown(jobb: Jobb, fil: str, ord: str) -> None:
    jobb.begin()
    jobb.read(fil)
    assert ord in jobb.words("mottakere")


def test_while_a_worker_reads_the_page_looks_again_by_itself_and_has_a_link(jobb: Jobb) -> None:
    jobb.begin()
    assert jobb.upload("eiendomsskatt.xlsx").location == jobb.path("mottakere")
    page = jobb.see("mottakere")
    assert f'hx-get="{jobb.path("mottakere/lesing")}"' in page
    assert ">Oppdater</a>" in page
    part = jobb.client.get(jobb.path("mottakere/lesing"), headers=HTMX)
    assert "hx-trigger" in part.text
    assert "<html" not in part.text
    jobb.arbeid("liste")
    assert jobb.client.get(jobb.path("mottakere/lesing"), headers=HTMX).headers["HX-Refresh"] == "true"
    assert "240 rader" in jobb.words("mottakere")
    assert len(rows_of(jobb)) == 240


def test_an_open_page_of_a_draft_that_is_sent_on_loads_anew(jobb: Jobb) -> None:
    """Else it would show the mailing's whole page within itself."""
    jobb.begin()
    jobb.upload("eiendomsskatt.xlsx")
    part = jobb.path("mottakere/lesing")
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == jobb.uuid).values(status="TIL_GODKJENNING"))
    answer = jobb.client.get(part, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (200, "true")
    assert jobb.client.get(part).location == jobb.path("mottakere")


def test_the_living_part_asked_for_as_a_page_leads_to_the_page(jobb: Jobb) -> None:
    jobb.begin()
    assert jobb.client.get(jobb.path("mottakere/lesing")).location == jobb.path("mottakere")


@pytest.mark.parametrize(
    ("navn", "innhold", "kode"),
    [
        ("eiendomsskatt_tom.csv", None, "INGEN_RADER"),
        ("liste.xlsx", b"PK\x03\x04 not a workbook", "FIL_UGYLDIG"),
        ("liste.csv", b"%PDF-1.7", "INNHOLD_PASSER_IKKE"),
    ],
)
def test_a_file_that_cannot_be_used_says_why_and_is_not_kept(
    jobb: Jobb, navn: str, innhold: bytes | None, kode: str
) -> None:
    jobb.begin()
    jobb.read(navn, innhold)
    words = jobb.words("mottakere")
    assert tekst(kode) in words
    assert "Ingenting av filen er lagret." in words
    assert rows_of(jobb) == []
    assert session().scalars(select(Opplasting.objekt).where(Opplasting.utsending_id == jobb.uuid)).all() == [
        None
    ]


@pytest.mark.parametrize(
    ("navn", "innhold", "kode"),
    [("liste.docx", b"x", "FILTYPE_UKJENT"), ("liste.csv", b"", "FIL_TOM"), ("", b"", "FIL_MANGLER")],
)
def test_a_file_that_is_refused_at_once_is_told_at_the_field(
    jobb: Jobb, navn: str, innhold: bytes, kode: str
) -> None:
    jobb.begin()
    answer = jobb.upload(navn, innhold)
    assert answer.status_code == 422
    assert f'id="fil-feil">{tekst(kode)}' in answer.text


def test_a_list_without_a_known_name_column_is_mapped_by_hand_and_the_konto_remembers(jobb: Jobb) -> None:
    content = "Hvem;Nr\r\nRETTFERDIG TYTTEBÆR;11928512179\r\n".encode()
    jobb.begin()
    jobb.read("liste.csv", content)
    assert "Koble kolonnene for hånd" in jobb.words("mottakere")
    page = jobb.see("mottakere/kolonner")
    assert page.count("<option") == 2 * (1 + 35 + 7)
    answer = jobb.send("mottakere/kolonner", "mottakere/kolonner", **{"kolonne-1": "fnr", "kolonne-2": "fnr"})
    assert answer.status_code == 422
    assert tekst("KOLONNE_DOBBEL") in answer.text
    answer = jobb.send("mottakere/kolonner", "mottakere/kolonner", **{"kolonne-1": "", "kolonne-2": "fnr"})
    assert tekst("NAVNEKOLONNE_MANGLER") in answer.text
    answer = jobb.send(
        "mottakere/kolonner", "mottakere/kolonner", **{"kolonne-1": "navn", "kolonne-2": "fnr"}
    )
    assert answer.location == jobb.path("mottakere")
    jobb.arbeid("liste")
    assert [r.navn for r in rows_of(jobb)] == ["RETTFERDIG TYTTEBÆR"]

    jobb.begin()
    jobb.read("en annen.csv", content)
    assert len(rows_of(jobb)) == 1


def test_columns_nobody_knows_are_named(jobb: Jobb) -> None:
    jobb.begin()
    jobb.read("eiendomsskatt_kolonner_byttet.csv")
    assert "Ikke brukt: Løpenr, Saksbehandler." in jobb.words("mottakere")


def test_a_new_list_replaces_the_old_one(jobb: Jobb) -> None:
    jobb.begin()
    jobb.read("eiendomsskatt.csv")
    jobb.read("eiendomsskatt_excel_feller.xlsx")
    assert len(rows_of(jobb)) == 20


def test_a_list_replaced_while_it_is_read_leaves_no_row_of_the_old(jobb: Jobb) -> None:
    jobb.begin()
    jobb.upload("eiendomsskatt.csv")
    other = (LILLEVIK / "eiendomsskatt_excel_feller.xlsx").read_bytes()
    uploads.upload(jobb.uuid, "LISTE", "feller.xlsx", [other], actor=jobb.kommune.aktor("saksbehandler"))
    jobb.arbeid("liste")
    assert len(rows_of(jobb)) == 20
    assert "20 rader" in jobb.words("mottakere")


def test_the_receivers_can_be_taken_away(jobb: Jobb) -> None:
    jobb.begin()
    jobb.read("eiendomsskatt.csv")
    jobb.send("mottakere", "mottakere/fjern")
    assert rows_of(jobb) == []
    assert "Last opp en liste" in jobb.words("mottakere")


def test_the_reading_can_be_asked_for_again(jobb: Jobb) -> None:
    jobb.begin()
    jobb.read("eiendomsskatt_excel_feller.xlsx")
    uploads.read_again(jobb.uuid, actor=jobb.kommune.aktor("saksbehandler"))
    assert "Listen leses" in jobb.words("mottakere")
    jobb.arbeid("liste")
    assert len(rows_of(jobb)) == 20


def test_the_example_has_every_column(jobb: Jobb) -> None:
    answer = jobb.client.get("/utsendinger/eksempel.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert [cell.value for cell in sheet[1]] == [k.felt for k in KOLONNER]
    assert "attachment" in answer.headers["Content-Disposition"]
    assert jobb.client.get("/utsendinger/eksempel.csv").text.count("\r\n") == 2
    assert jobb.client.get("/utsendinger/eksempel.exe").status_code == 404


class TestByHand:
    def test_a_person_is_looked_up_written_down_and_controlled(self, jobb: Jobb) -> None:
        jobb.begin()
        answer = jobb.send("mottakere/skriv", "mottakere/sla-opp", nummer=FNR, hjemmel="EIENDOMSSKATT")
        assert 'name="navn" value="RETTFERDIG TYTTEBÆR"' in answer.text
        assert 'name="adresselinje1" value="' in answer.text
        answer = jobb.send("mottakere/skriv", "mottakere/skriv", navn="RETTFERDIG TYTTEBÆR", fnr=FNR)
        assert answer.location == jobb.path("mottakere/skriv")
        [row] = rows_of(jobb)
        assert (row.radnr, row.verdier["fnr"], row.status) == (1, "119285*****", "OK")
        assert "1 mottaker er skrevet inn for hånd" in jobb.words("mottakere")

    def test_s17_44_the_look_up_is_audited_with_its_legal_basis_and_without_the_number(
        self, jobb: Jobb
    ) -> None:
        jobb.begin()
        jobb.send("mottakere/skriv", "mottakere/sla-opp", nummer=FNR, hjemmel="EIENDOMSSKATT")
        [row] = session().scalars(
            select(Audit).where(Audit.objekt_id == jobb.id, Audit.handling == "PERSONOPPSLAG")
        )
        assert row.hjemmel == "eigedomsskattelova § 14"
        assert FNR not in str(row.detaljer)

    @pytest.mark.parametrize(
        ("nummer", "hjemmel", "kode"),
        [
            ("123", "EIENDOMSSKATT", "NUMMER_UGYLDIG"),
            (FNR, "", "HJEMMEL_MANGLER"),
            (FNR, "fordi jeg vil, § 1", "HJEMMEL_MANGLER"),
        ],
    )
    def test_s17_44_no_look_up_without_a_right_number_and_a_legal_basis_of_the_catalogue(
        self, jobb: Jobb, nummer: str, hjemmel: str, kode: str
    ) -> None:
        jobb.begin()
        answer = jobb.send("mottakere/skriv", "mottakere/sla-opp", nummer=nummer, hjemmel=hjemmel)
        assert answer.status_code == 422
        assert tekst(kode) in answer.text

    @pytest.mark.parametrize("nummer", ["123", UNKNOWN])
    def test_a_look_up_that_finds_nobody_leaves_what_is_written(self, jobb: Jobb, nummer: str) -> None:
        jobb.begin(art="ETT_DOKUMENT_PER_RAD")
        answer = jobb.send("mottakere/skriv", "mottakere/sla-opp", **WRITTEN, nummer=nummer)
        assert answer.status_code == 422
        known = {"fnr": UNKNOWN} if nummer == UNKNOWN else {}
        assert in_form(answer.text) == WRITTEN | {"nummer": nummer} | known

    def test_a_look_up_fills_in_the_receiver_and_leaves_the_rest(self, jobb: Jobb) -> None:
        jobb.begin(art="ETT_DOKUMENT_PER_RAD")
        written = WRITTEN | {"orgnr": "910000004", "adresselinje3": "Nabogården", "land": "Sverige"}
        answer = jobb.send("mottakere/skriv", "mottakere/sla-opp", **written, nummer=FNR)
        shown = in_form(answer.text)
        assert shown.items() >= LEFT.items()
        assert (shown["navn"], shown["fnr"]) == ("RETTFERDIG TYTTEBÆR", FNR)
        assert shown["postnr"]
        assert not shown.keys() & {"orgnr", "adresselinje2", "adresselinje3", "land"}

    def test_the_number_of_one_nobody_knows_stands_beside_nothing_of_another(self, jobb: Jobb) -> None:
        jobb.begin(art="ETT_DOKUMENT_PER_RAD")
        found = in_form(jobb.send("mottakere/skriv", "mottakere/sla-opp", **WRITTEN, nummer=FNR).text)
        answer = jobb.send("mottakere/skriv", "mottakere/sla-opp", **found | {"nummer": UNKNOWN})
        assert tekst("PERSON_IKKE_FUNNET") in answer.text
        assert in_form(answer.text) == LEFT | {"nummer": UNKNOWN, "fnr": UNKNOWN}

    def test_the_same_receiver_twice_is_a_finding(self, jobb: Jobb) -> None:
        jobb.begin()
        for _ in range(2):
            jobb.send("mottakere/skriv", "mottakere/skriv", navn="RETTFERDIG TYTTEBÆR", fnr=FNR)
        kinds = [[f.kode for f in row.funn] for row in rows_of(jobb)]
        assert kinds == [[], ["DUBLETT_MOTTAKER"]]
        jobb.send("mottakere/skriv", "mottakere/skriv/1/fjern")
        assert [(r.radnr, len(r.funn)) for r in rows_of(jobb)] == [(2, 0)]

    def test_a_repair_nobody_has_accepted_is_proposed_again(self, jobb: Jobb) -> None:
        jobb.begin()
        spaced = f"{FNR[:6]} {FNR[6:]}"
        jobb.send("mottakere/skriv", "mottakere/skriv", navn="RETTFERDIG TYTTEBÆR", fnr=spaced)
        jobb.send("mottakere/skriv", "mottakere/skriv", navn="TAPPER MÅKE", adresselinje1="Gata 1")
        assert [r.status for r in rows_of(jobb)] == ["AUTO", "FEIL"]

    def test_a_name_is_needed(self, jobb: Jobb) -> None:
        jobb.begin()
        answer = jobb.send("mottakere/skriv", "mottakere/skriv", fnr=FNR)
        assert answer.status_code == 422
        assert tekst("NAVN_MANGLER") in answer.text

    def test_a_mailing_with_a_list_is_not_written_by_hand(self, jobb: Jobb) -> None:
        jobb.begin()
        jobb.read("eiendomsskatt_excel_feller.xlsx")
        answer = jobb.client.get(jobb.path("mottakere/skriv"))
        assert answer.location == jobb.path("mottakere")
        assert tekst("LISTE_FINNES") in jobb.words("mottakere")

    def test_going_digital_only_controls_the_written_rows_anew(self, jobb: Jobb) -> None:
        jobb.begin()
        jobb.send(
            "mottakere/skriv",
            "mottakere/skriv",
            navn="Boet etter Ola",
            adresselinje1="Storgata 1",
            postnr="4262",
            poststed="AVALDSNES",
        )
        assert [r.status for r in rows_of(jobb)] == ["OK"]
        form = {"tittel": "T", "art": "FLETTEBREV", "brevdato": "31.12.2099", "sikkerhetsniva": "BETYDELIG"}
        jobb.send("fakta", "fakta", **form, levering="BARE_DIGITALT")
        assert "kontrolleres på nytt" in jobb.words("mottakere")
        jobb.arbeid("liste")
        [row] = rows_of(jobb)
        assert (row.status, [f.kode for f in row.funn], row.kanal) == ("PARKERT", ["KAN_IKKE_NAAS"], None)


def look_up(jobb: Jobb, **form: str) -> str:
    return jobb.send("mottakere/skriv", "mottakere/sla-opp", **{"hjemmel": "EIENDOMSSKATT"} | form).text


def test_a_protected_persons_address_is_not_shown_by_a_look_up(jobb: Jobb) -> None:
    fnr, _, address = protected_person("fortrolig")
    jobb.begin()
    html = look_up(jobb, nummer=fnr)
    assert "Adressen vises ikke" in text_of(html)
    assert address and address not in html
    assert "fortrolig" not in html.lower()


def test_the_address_of_another_does_not_stay_with_a_protected_person(jobb: Jobb) -> None:
    fnr, name, _ = protected_person("fortrolig")
    jobb.begin(art="ETT_DOKUMENT_PER_RAD")
    shown = in_form(look_up(jobb, **WRITTEN, nummer=fnr))
    assert shown == LEFT | {"navn": name, "fnr": fnr, "nummer": fnr}


def test_of_who_is_strengt_fortrolig_nothing_is_shown_and_what_is_written_stays(jobb: Jobb) -> None:
    fnr, name, _ = protected_person("strengtFortrolig")
    jobb.begin(art="ETT_DOKUMENT_PER_RAD")
    html = look_up(jobb, **WRITTEN, nummer=fnr)
    check_page(html)
    assert tekst("OPPSLAG_UVIST") in text_of(html)
    assert name not in html and "fortrolig" not in html.lower()
    assert in_form(html) == WRITTEN | {"fnr": fnr, "nummer": fnr}


def test_nothing_of_another_stays_beside_the_number_of_who_is_strengt_fortrolig(jobb: Jobb) -> None:
    fnr, _, _ = protected_person("strengtFortrolig")
    jobb.begin(art="ETT_DOKUMENT_PER_RAD")
    found = in_form(look_up(jobb, **WRITTEN, nummer=FNR))
    assert in_form(look_up(jobb, **found | {"nummer": fnr})) == LEFT | {"fnr": fnr, "nummer": fnr}


def test_who_has_looked_up_too_often_is_told_so_and_keeps_what_is_written(
    jobb: Jobb, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobb.begin(art="ETT_DOKUMENT_PER_RAD")
    monkeypatch.setattr(rules, "MOST_BY_PERSON", 0)
    asked = WRITTEN | {"nummer": FNR, "hjemmel": "EIENDOMSSKATT"}
    answer = jobb.send("mottakere/skriv", "mottakere/sla-opp", **asked)
    assert answer.status_code == 429
    assert tekst("FOR_MANGE_OPPSLAG", grense=0) in text_of(answer.text)
    assert in_form(answer.text) == WRITTEN | {"nummer": FNR}


def protected_person(grad: str) -> tuple[str, str, str | None]:
    """Somebody in the register with this grading: the number, the name, and the street when the register tells it."""
    people = json.loads((LILLEVIK / "register.json").read_text("utf-8"))["personer"]
    for fnr, entry in people.items():
        known = entry["folkeregister"]
        if known["adressebeskyttelse"] == grad:
            names = (known["navn"].get(part) for part in ("fornavn", "mellomnavn", "etternavn"))
            return fnr, " ".join(filter(None, names)), (known["bostedsadresse"] or {}).get("adresselinje1")
    raise AssertionError("no such person")

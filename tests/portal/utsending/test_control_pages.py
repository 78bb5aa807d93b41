"""Step 3: every bad row with what to do, repairs accepted in bulk, explicit choices, and the block on sending twice."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date

import openpyxl
import pytest
from sqlalchemy import delete, select, update

from config.paths import ROOT
from fiks.core import clock
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import ProvIgjen
from fiks.konfigurasjon.models import Konto
from fiks.registeroppslag.port import Registerport
from fiks.registeroppslag.rules import Person
from fiks.utsending.liste.findings import Funnkode
from fiks.utsending.liste.source.records import HEADER_SEARCH
from fiks.utsending.models import Opplasting, Utsending, Utsendingsrad
from fiks.utsending.receivers import list_summary
from fiks.utsending.receivers.typed import FIELDS, FILE_FIELDS
from fiks.utsending.rows import queries
from fiks.utsending.rules import Utsendingstatus
from portal.texts import tekst
from portal.texts.utsending.short_findings import REPAIRED, SHORT
from testmiljo.folders import LILLEVIK
from tests.integration.utsending.browser import text_of
from tests.pagecheck import Page
from tests.portal.utsending.pages import Jobb

EXPECTED = json.loads((LILLEVIK / "expected.json").read_text("utf-8"))
FEIL = EXPECTED["eiendomsskatt_feil.csv"]


@pytest.fixture
def feil(jobb: Jobb) -> Jobb:
    """A job whose list is eiendomsskatt_feil.csv."""
    jobb.begin()
    jobb.read("eiendomsskatt_feil.csv")
    return jobb


def counts(jobb: Jobb) -> dict[str, int]:
    session().rollback()
    found: dict[str, int] = {}
    for row in queries.rows(jobb.uuid, actor=jobb.kommune.aktor("saksbehandler"), limit=500):
        found[row.status] = found.get(row.status, 0) + 1
    return found


def acts(jobb: Jobb) -> list[str]:
    session().rollback()
    return list(
        session().scalars(select(Audit.handling).where(Audit.objekt_id == jobb.id).order_by(Audit.id))
    )


def test_every_code_has_a_sentence_and_a_heading() -> None:
    for kode in Funnkode:
        assert "kontakt brukerstøtte" not in tekst(kode)
        assert kode in SHORT


def test_every_bad_row_is_shown_with_number_field_and_what_to_do(feil: Jobb) -> None:
    shown = ""
    side = "kontroll"
    while side:
        page = feil.see(side)
        shown += page
        side = next_page(page, feil.path())
    words = text_of(shown)
    for finding in FEIL["funn"]:
        assert tekst(finding["kode"]) in words, finding["kode"]
    rows = {finding["rad"] for finding in FEIL["funn"]}
    numbers = re.findall(r'data-kolonne="Rad" class="num">(\d+)</td>', shown)
    assert {n for n in rows if str(n) in numbers} == rows


def next_page(html: str, base: str) -> str:
    for part in html.split("<a ")[1:]:
        if ">Neste</a>" in part.split("</a>")[0] + "</a>":
            href = part.split('href="')[1].split('"')[0].replace("&amp;", "&")
            return href.removeprefix(base + "/").split("#")[0]
    return ""


def test_the_summary_counts_rows_by_kind_and_leads_to_them(feil: Jobb) -> None:
    page = feil.see("kontroll")
    assert SHORT["FNR_KONTROLLSIFFER"] in page
    filtered = text_of(feil.see("kontroll?kode=FNR_KONTROLLSIFFER"))
    assert tekst("FNR_KONTROLLSIFFER") in filtered
    assert tekst("FNR_LEDENDE_NULL") not in filtered
    assert feil.client.get(feil.path("kontroll?kode=<script>")).status_code == 200


def test_a_good_list_says_so(jobb: Jobb) -> None:
    jobb.begin()
    jobb.read("eiendomsskatt.csv")
    words = jobb.words("kontroll")
    assert "Rader i alt 240" in words
    assert "Kan sendes 240 8 med advarsel" in words


def test_repairs_are_shown_before_and_after_and_accepted_all_at_once(feil: Jobb) -> None:
    before = counts(feil)
    page = feil.see("kontroll/forslag")
    assert "<del" in page
    assert "<ins" in page
    answer = feil.send("kontroll/forslag", "kontroll/forslag", alle="ja")
    assert answer.location == feil.path("kontroll")
    after = counts(feil)
    assert after.get("AUTO", 0) == 0
    assert after["FEIL"] == before["FEIL"]
    assert "REPARASJONER_GODTATT" in acts(feil)
    assert "Det er ingen forslag som venter" in feil.words("kontroll/forslag")


def test_a_repair_of_a_masked_number_is_told_in_words(feil: Jobb) -> None:
    words = feil.words("kontroll/forslag")
    assert "Mellomrom og skilletegn er fjernet Mellomrom i fødselsnummer" in words
    assert "Nullen foran er satt inn" in words
    assert "Mellomrom og skilletegn er fjernet" in feil.words("kontroll?kode=FNR_MELLOMROM")


def test_every_repair_the_rules_propose_has_words() -> None:
    found = {
        kode
        for path in (ROOT / "fiks" / "utsending" / "liste").rglob("*.py")
        for kode in re.findall(r"Funnkode\.(\w+),\s+Alvorlighet\.AUTO", path.read_text("utf-8"))
    }
    assert len(found) > 10
    assert set(REPAIRED) == found


def test_several_kinds_are_accepted_together(feil: Jobb) -> None:
    kinds = re.findall(r'name="kode" value="(\w+)"', feil.see("kontroll/forslag"))
    assert len(kinds) > 2
    assert feil.send("kontroll/forslag", "kontroll/forslag", kode=kinds).location == feil.path("kontroll")
    assert counts(feil).get("AUTO", 0) == 0


def test_repairs_are_accepted_by_kind(feil: Jobb) -> None:
    before = counts(feil)
    answer = feil.send("kontroll/forslag", "kontroll/forslag", kode="FNR_MELLOMROM")
    assert answer.location == feil.path("kontroll/forslag")
    assert 0 < counts(feil)["AUTO"] < before["AUTO"]


def test_enter_on_a_ticked_kind_accepts_what_is_ticked_and_not_all(feil: Jobb) -> None:
    page = feil.see("kontroll/forslag")
    assert "alle" not in Page(page).pressed[feil.path("kontroll/forslag")].values()
    before = counts(feil)
    feil.send_from(page, "kontroll/forslag", kode="FNR_MELLOMROM")
    assert 0 < counts(feil)["AUTO"] < before["AUTO"]


def test_enter_while_a_receiver_is_written_adds_it_and_looks_nobody_up(jobb: Jobb) -> None:
    """A look-up writes the register's address over what was written."""
    jobb.begin()
    pressed = Page(jobb.see("mottakere/skriv")).pressed[jobb.path("mottakere/skriv")]
    assert "formaction" not in pressed and "name" not in pressed


def test_accepting_nothing_is_told_to_choose(feil: Jobb) -> None:
    answer = feil.send("kontroll/forslag", "kontroll/forslag")
    assert answer.status_code == 422
    assert tekst("VELG_FORSLAG") in answer.text


def test_whom_a_register_cannot_speak_of_is_told_and_it_can_be_asked_again(
    jobb: Jobb, register: Registerport, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (LILLEVIK / "eiendomsskatt.csv").open(encoding="utf-8-sig", newline="") as file:
        hard = next(row["fnr"] for row in csv.DictReader(file, delimiter=";") if row["fnr"])
    answer_of_all = register.personer

    def personer(fnrs: Sequence[str]) -> Mapping[str, Person]:
        if hard in fnrs:
            raise ProvIgjen("UFORSTAAELIG_SVAR")
        return answer_of_all(fnrs)

    with monkeypatch.context() as patched:
        patched.setattr(register, "personer", personer)
        jobb.begin()
        jobb.read("eiendomsskatt.csv")
    words = jobb.words("kontroll")
    assert "klarte ikke å si noe om 1 mottaker." in words
    assert tekst("REGISTER_UTEN_SVAR") in words
    assert "Kan sendes 239" in words
    answer = jobb.send("kontroll", "mottakere/les-igjen")
    assert answer.location == jobb.path("mottakere")
    jobb.arbeid("liste")
    words = jobb.words("kontroll")
    assert "Spør registeret på nytt" not in words
    assert "Kan sendes 240" in words


def test_sending_the_good_rows_only_is_a_choice_with_counts(feil: Jobb) -> None:
    n = counts(feil)
    bad, good = n["FEIL"] + n["AUTO"], n.get("OK", 0) + n.get("ADVARSEL", 0)
    assert f"Send {good} gode rader og hold {bad} rader utenfor" in feil.words("kontroll")
    feil.send("kontroll", "kontroll/til-side", valg="til-side")
    assert f"Du har valgt å sende {good} gode rader og holde {bad} rader utenfor." in feil.words("kontroll")
    feil.send("kontroll", "kontroll/til-side", valg="angre")
    assert f"Send {good} gode rader" in feil.words("kontroll")
    assert [a for a in acts(feil) if "PARKER" in a] == ["RADER_PARKERT", "PARKERING_ANGRET"]


def test_the_bad_rows_come_as_a_file_that_can_be_corrected(feil: Jobb) -> None:
    answer = feil.client.get(feil.path("kontroll/feilliste.csv"))
    lines = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert lines[0][:4] == ["Rad", "Alvorlighet", "Hva er galt", "fnr"]
    rows = {int(line[0]) for line in lines[1:]}
    assert rows == {finding["rad"] for finding in FEIL["funn"]}
    assert "FEILLISTE_LASTET_NED" in acts(feil)
    assert not [cell for line in lines for cell in line if cell[:1] in ("=", "+", "@")]
    sheet = openpyxl.load_workbook(
        io.BytesIO(feil.client.get(feil.path("kontroll/feilliste.xlsx")).data)
    ).active
    assert sheet.max_row == len(lines)
    assert feil.client.get(feil.path("kontroll/feilliste.exe")).status_code == 404


def header_of(jobb: Jobb) -> list[str]:
    """The columns of the file to correct, after those that say what is wrong."""
    answer = jobb.client.get(jobb.path("kontroll/feilliste.csv"))
    return next(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))[3:]


def test_rows_without_a_list_of_their_own_are_corrected_in_all_their_columns(jobb: Jobb) -> None:
    content = (LILLEVIK / "eiendomsskatt_feil.csv").read_text("utf-8-sig").splitlines()
    lines = [f"{line};{'Merknad' if n == 0 else 'se vedlegg'}" for n, line in enumerate(content)]
    jobb.begin()
    jobb.read("liste.csv", "\r\n".join(lines).encode())
    listed = header_of(jobb)
    with transaction() as tx:
        tx.execute(delete(Opplasting).where(Opplasting.utsending_id == jobb.uuid))
    of_rows = header_of(jobb)
    assert of_rows == [felt for felt in listed if felt in of_rows]
    assert {"takst", "kid", "kontonummer", "forfall1", "gnr", "skatt_aar", "Merknad"} <= set(of_rows)


def test_receivers_that_are_typed_have_their_files_in_it_too(jobb: Jobb) -> None:
    jobb.begin(art="ETT_DOKUMENT_PER_RAD")
    written = {"navn": "ODA ODDE", "postnr": "99999", "filnavn": "a.pdf", "tittel": "Vedtak"}
    assert jobb.send("mottakere/skriv", "mottakere/skriv", **written).status_code == 303
    assert set(header_of(jobb)) == {*FIELDS, *FILE_FIELDS}


def of_list(*rows: str) -> bytes:
    headers = "Fnr;Navn;Adresse;Postnr;Poststed;Skatteår;Forfall1;Forfall2;Kontonummer"
    return "\r\n".join([headers, *rows]).encode()


def row_of(forfall1: str, forfall2: str, year: str = "2027") -> str:
    return f";ODA ODDE {forfall1};Vegen 1;0580;OSLO;{year};{forfall1};{forfall2};99990212348"


def begin_dated(jobb: Jobb, brevdato: date) -> None:
    """A draft with this date on its letters, whatever day it has become."""
    jobb.begin()
    with transaction() as tx:
        tx.get_one(Utsending, jobb.uuid).brevdato = brevdato


def test_what_should_be_the_same_in_a_whole_list_is_told_when_it_is_not(jobb: Jobb) -> None:
    begin_dated(jobb, date(2027, 2, 1))
    rows = [row_of(f"{day}.03.2027", "30.09.2027", "2026" if day > 13 else "2027") for day in range(10, 15)]
    jobb.read("liste.csv", of_list(*rows))
    words = jobb.words("kontroll")
    assert tekst("ULIKE_VERDIER", felt="Forfall 1", antall="5", rad=2, annen=3) in words
    assert tekst("ULIKE_VERDIER", felt="Skatteår", antall="2", rad=2, annen=6) in words
    assert "Forfall 2" not in words and "Kontonummer" not in words
    assert set(counts(jobb)) == {"OK"}
    assert tekst("ULIKE_VERDIER", felt="Skatteår", antall="2", rad=2, annen=6) in jobb.words("oppsummering")


def test_of_a_mailing_made_of_a_stopped_one_only_the_first_due_date_of_its_list_is_told(jobb: Jobb) -> None:
    begin_dated(jobb, date(2027, 2, 1))
    jobb.read("liste.csv", of_list(row_of("31.03.2027", "30.09.2027"), row_of("01.04.2027", "30.09.2027")))
    stopped = jobb.uuid
    assert list_summary.list_findings(stopped, actor=jobb.kommune.aktor("saksbehandler")).ulike
    begin_dated(jobb, date(2027, 4, 1))
    with transaction() as tx:
        tx.get_one(Utsending, jobb.uuid).forrige_id = stopped
    found = list_summary.list_findings(jobb.uuid, actor=jobb.kommune.aktor("saksbehandler"))
    first = list_summary.Forfall("forfall1", date(2027, 3, 31), 2, forrige=True)
    assert found == list_summary.Helliste(forste=first, forfall=first)
    again = jobb.uuid
    begin_dated(jobb, date(2027, 3, 31))
    with transaction() as tx:
        tx.get_one(Utsending, jobb.uuid).forrige_id = again
    found = list_summary.list_findings(jobb.uuid, actor=jobb.kommune.aktor("saksbehandler"))
    assert found == list_summary.Helliste(forste=first)
    jobb.send("mottakere/skriv", "mottakere/skriv", navn="ODA ODDE", adresselinje1="Vegen 1", postnr="0580")
    with transaction() as tx:
        tx.get_one(Utsending, jobb.uuid).brevdato = date(2027, 4, 1)
    days = {"dato": "31.03.2027", "brevdato": "01.04.2027"}
    told = tekst("FORFALL_FOR_BREVDATO_FORRIGE", felt="Forfall 1", rad=2, **days)
    assert told in jobb.words("kontroll")


OWN, OTHER, WITH_ZERO = "99990212348", "12340000003", "05300001000"


def test_two_columns_for_one_field_that_differ_far_down_are_told_by_their_headers(jobb: Jobb) -> None:
    jobb.begin()
    rows = ["ODA ODDE;Vegen 1;0580;OSLO;100,00;100,00"] * HEADER_SEARCH
    last = "KARI ODDE;Vegen 2;0580;OSLO;100,00;170,00"
    jobb.read("liste.csv", "\r\n".join(["Navn;Adresse;Postnr;Poststed;Sum;Å betale", *rows, last]).encode())
    told = tekst("KOLONNER_ER_ULIKE", brukt="Sum", annen="Å betale", rad=HEADER_SEARCH + 2)
    for page in ("kontroll", "oppsummering"):
        assert told in jobb.words(page)


@pytest.mark.parametrize(
    ("account", "listed", "told"),
    [(None, OWN, False), (OWN, OWN, False), (OTHER, OWN, True), (WITH_ZERO, WITH_ZERO[1:], False)],
)
def test_an_account_that_is_not_the_kontos_is_told_with_both(
    jobb: Jobb, account: str | None, listed: str, told: bool
) -> None:
    jobb.begin()
    with transaction() as tx:
        tx.get_one(Konto, jobb.kommune.konto_id).kontonummer = account
    row = row_of("31.03.2027", "30.09.2027").replace(OWN, listed)
    jobb.read("liste.csv", of_list(row, row))
    said = tekst("ANNET_KONTONUMMER", rad=2, listens="9999.02.12348", kontoens="1234.00.00003")
    for page in ("kontroll", "oppsummering"):
        words = jobb.words(page)
        assert ("Kontonummeret på rad" in words, said in words) == (told, told)


def test_of_two_accounts_in_a_list_the_one_that_is_not_the_kontos_is_told(jobb: Jobb) -> None:
    jobb.begin()
    with transaction() as tx:
        tx.get_one(Konto, jobb.kommune.konto_id).kontonummer = OWN
    right = row_of("31.03.2027", "30.09.2027")
    jobb.read("liste.csv", of_list(right, right.replace(OWN, OTHER)))
    found = list_summary.list_findings(jobb.uuid, actor=jobb.kommune.aktor("saksbehandler"))
    assert found.konto == list_summary.Kontoavvik(3, OTHER, OWN)


def test_a_due_date_before_the_letters_date_is_told_by_the_date_they_have_now(jobb: Jobb) -> None:
    begin_dated(jobb, date(2027, 2, 1))
    jobb.read("liste.csv", of_list(row_of("31.03.2027", "30.09.2027"), row_of("31.03.2027", "30.09.2027")))
    assert "Se over listen" not in jobb.words("kontroll")
    with transaction() as tx:
        tx.get_one(Utsending, jobb.uuid).brevdato = date(2027, 4, 1)
    told = {"felt": "Forfall 1", "dato": "31.03.2027", "rad": 2, "brevdato": "01.04.2027"}
    assert tekst("FORFALL_FOR_BREVDATO", **told) in jobb.words("kontroll")


def test_a_protected_address_is_masked_on_the_page_and_left_out_of_the_file(feil: Jobb) -> None:
    session().rollback()
    protected = (
        session()
        .scalars(
            select(Utsendingsrad.radnr).where(Utsendingsrad.utsending_id == feil.uuid, Utsendingsrad.skjermet)
        )
        .all()
    )
    assert protected
    text = (LILLEVIK / "eiendomsskatt_feil.csv").read_text("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text), delimiter=";"))
    column = lines[0].index("adresselinje1")
    exported = feil.client.get(feil.path("kontroll/feilliste.csv")).text
    page = feil.see("kontroll?kode=ADRESSE_SPERRET")
    for radnr in protected:
        address = lines[radnr - 1][column]
        if address and sum(line[column] == address for line in lines if len(line) > column) == 1:
            assert address not in exported
            assert address not in page
    assert "fortrolig" not in page.lower()


def test_the_same_list_sent_before_stops_until_somebody_gives_a_reason(jobb: Jobb) -> None:
    jobb.begin()
    jobb.read("eiendomsskatt_excel_feller.xlsx")
    with transaction() as tx:
        tx.execute(
            update(Utsending)
            .where(Utsending.id == jobb.uuid)
            .values(status=Utsendingstatus.FULLFORT, frigis_tid=clock.now())
        )
    jobb.begin()
    jobb.read("eiendomsskatt_excel_feller.xlsx")
    assert "Den samme listen er sendt eller frigitt fra kontoen" in jobb.words("kontroll")
    assert "Denne listen" in jobb.words("oppsummering")
    answer = jobb.send("kontroll", "kontroll/sendt-for", grunn="kort")
    assert answer.status_code == 422
    assert f'id="grunn-feil">{tekst("BEGRUNNELSE_FOR_KORT")}' in answer.text
    jobb.send("kontroll", "kontroll/sendt-for", grunn="Trykkeriet mistet den første kassen.")
    assert "Begrunnelse for å sende igjen: «Trykkeriet mistet den første kassen.»" in jobb.words("kontroll")
    words = jobb.words("oppsummering")
    assert "Denne listen" not in words
    assert "Den samme listen er sendt eller frigitt fra kontoen" in words
    assert "Begrunnelse for å sende igjen: «Trykkeriet mistet den første kassen.»" in words


def test_receivers_nobody_can_reach_are_sent_only_by_choice(jobb: Jobb) -> None:
    jobb.begin(levering="BARE_DIGITALT")
    jobb.read("eiendomsskatt.csv")
    before = counts(jobb)
    assert before["PARKERT"] > 0
    assert "Radene holdes utenfor" in jobb.words("kontroll")
    jobb.send("kontroll", "kontroll/kan-ikke-naas", valg="send")
    assert counts(jobb).get("PARKERT", 0) == 0
    assert "UNAABARE_SENDES" in acts(jobb)
    assert "Du har valgt å sende dem likevel" in jobb.words("kontroll")
    jobb.send("kontroll", "kontroll/kan-ikke-naas", valg="hold")
    assert counts(jobb) == before


def test_control_before_there_is_a_list_leads_back_to_the_receivers(jobb: Jobb) -> None:
    jobb.begin()
    assert jobb.client.get(jobb.path("kontroll")).location == jobb.path("mottakere")

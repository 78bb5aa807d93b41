"""Step 4 where each row has its own documents: upload, both lists, findings told as one, giro, and one file."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from fiks.core.db import transaction
from fiks.utsending.models import Utsendingsrad
from fiks.utsending.rows.queries import MASKED
from portal.texts import tekst
from portal.texts.utsending.mailing import VIST
from testmiljo.folders import LILLEVIK
from tests.integration.utsending.browser import log_in, text_of, token_of
from tests.pagecheck import check_page
from tests.portal.utsending.pages import Jobb
from tests.unit.brev import naughty
from tests.unit.filer.zips import lillevik_zip, link, make_zip

pytestmark = pytest.mark.slow

PER_RAD = LILLEVIK / "per_rad"
LETTERS = {path.name: path.read_bytes() for path in sorted(PER_RAD.glob("*.pdf"))}
PROTECTED = "0009.pdf"
"""Its receiver has a fortrolig address."""
HTMX = {"HX-Request": "true"}
JSON = {"Accept": "application/json"}
ADDRESS = "Storgata 1;4262;AVALDSNES"
FNR = "28837721085"


@pytest.fixture
def perrad(jobb: Jobb) -> Jobb:
    """A mailing of one document a row, with nothing in it."""
    assert jobb.begin(art="ETT_DOKUMENT_PER_RAD").status_code == 303
    return jobb


@pytest.fixture
def lillevik(perrad: Jobb) -> Jobb:
    """The ten rows of Lillevik and their letters."""
    perrad.read("liste.xlsx", (PER_RAD / "liste.xlsx").read_bytes())
    assert put(perrad, LETTERS).status_code == 303
    perrad.arbeid("liste", "render")
    return perrad


def put(
    jobb: Jobb, filer: Mapping[str, bytes], headers: dict[str, str] | None = None, **more: str
) -> TestResponse:
    """Send files as the form does; with JSON headers as the script does."""
    token = token_of(jobb.client.get(jobb.path("brev")).text)
    sent: dict[str, Any] = {"csrf_token": token, **more}
    sent["filer"] = [(io.BytesIO(content), name) for name, content in filer.items()]
    return jobb.client.post(jobb.path("brev/filer"), data=sent, headers=headers)


def rows(jobb: Jobb, *named: tuple[str, str]) -> None:
    """Upload and read a list of (navn, filnavn)."""
    lines = ["navn;filnavn;adresselinje1;postnr;poststed", *(f"{n};{f};{ADDRESS}" for n, f in named)]
    jobb.read("liste.csv", "\r\n".join(lines).encode())


def ask_missing(jobb: Jobb, files: Any) -> TestResponse:
    return jobb.send(
        "brev", "brev/filer/mangler", filer=files if isinstance(files, str) else json.dumps(files)
    )


def told(name: str, content: bytes) -> list[Any]:
    return [name, len(content), sha256(content).hexdigest()]


def test_the_way_is_offered_first_and_said_on_every_page(lillevik: Jobb) -> None:
    first = text_of(lillevik.client.get("/utsendinger/ny").text)
    for way in ("Flettebrev", "Samme dokument til alle", "Ett dokument per rad", "Én stor PDF"):
        assert way in first
    assert "Kolonnen filnavn sier hvilket dokument mottakeren skal ha." in lillevik.words("mottakere")
    for side in ("oppsummering", ""):
        words = lillevik.words(side)
        assert "Ett eller flere dokumenter for hver rad" in words
        assert "Giroark" in words
    assert "dokumentene sendes nøyaktig som de er" in lillevik.words("oppsummering").lower()


def test_ten_letters_are_taken_in_checked_and_have_their_receivers(perrad: Jobb) -> None:
    perrad.read("liste.xlsx", (PER_RAD / "liste.xlsx").read_bytes())
    assert "Last opp dokumentene" in perrad.words("brev")
    put(perrad, LETTERS)
    waiting = perrad.see("brev")
    assert f'hx-get="{perrad.path("brev/filer/fremdrift")}"' in waiting
    assert "0 av 10 kontrollert" in text_of(waiting)
    assert "Du kan lukke siden" in text_of(
        perrad.client.get(perrad.path("brev/filer/fremdrift"), headers=HTMX).text
    )
    perrad.arbeid("liste", "render")
    done = perrad.client.get(perrad.path("brev/filer/fremdrift"), headers=HTMX)
    assert done.headers["HX-Refresh"] == "true"
    words = perrad.words("brev")
    assert "Hver rad har sine dokumenter, og hvert dokument har sin mottaker." in words
    assert "Kontrollen fant ingenting som må rettes" in words
    listed = perrad.words("brev/filer?vis=alle")
    for radnr, name in enumerate(LETTERS, 2):
        shown = MASKED if name == PROTECTED else name
        assert f"{shown} {radnr} {3 if name in ('0003.pdf', '0007.pdf') else 2} " in listed
    assert "Ikke" not in perrad.words("oppsummering").split("Dette gjenstår")[0].split("Det du har valgt")[0]


def test_a_zip_is_taken_in_and_one_that_is_refused_says_why(perrad: Jobb, tmp_path: Path) -> None:
    bad = make_zip(tmp_path, [("brev.pdf", LETTERS["0001.pdf"]), (link("lenke.pdf"), b"x")]).read_bytes()
    assert perrad.send("brev", "brev/zip", zip=(io.BytesIO(bad), "brev.zip")).status_code == 303
    assert "Pakker ut «brev.zip»" in perrad.words("brev")
    perrad.arbeid("liste", "render")
    words = perrad.words("brev")
    assert "«lenke.pdf» i zip-filen er en lenke" in words
    assert "Ingenting av filen er lagret." in words
    assert "Last opp dokumentene" in words
    good = lillevik_zip(tmp_path).read_bytes()
    perrad.send("brev", "brev/zip", zip=(io.BytesIO(good), "brev.zip"))
    perrad.arbeid("liste", "render")
    words = perrad.words("brev")
    assert "lenke" not in words
    assert "Dokumenter 10" in words


@pytest.mark.parametrize(
    ("sent", "code"),
    [({}, "ZIP_MANGLER"), ({"zip": (io.BytesIO(b"ikke en zip"), "x.zip")}, "ZIP_UGYLDIG")],
)
def test_what_is_no_zip_is_refused_at_once(perrad: Jobb, sent: dict[str, Any], code: str) -> None:
    answer = perrad.send("brev", "brev/zip", **sent)
    assert answer.status_code == 422
    check_page(answer.text)
    assert tekst(code) in text_of(answer.text)


def test_what_is_wrong_with_one_file_is_told_with_it_and_keeps_no_other_back(perrad: Jobb) -> None:
    answer = put(
        perrad,
        {
            "god.pdf": LETTERS["0001.pdf"],
            "liste.xlsx": b"PK",
            "tom.pdf": b"",
            f"{FNR}.pdf": b"ingen",
            "CON.pdf": b"x",
        },
    )
    assert answer.status_code == 422
    check_page(answer.text)
    words = text_of(answer.text)
    assert "4 filer er ikke tatt imot. Se hvorfor under. 1 annen fil er tatt imot." in words
    for name, code in (
        ("liste.xlsx", "FILTYPE_IKKE_PDF"),
        ("tom.pdf", "FIL_TOM"),
        ("CON.pdf", "FILNAVN_RESERVERT"),
        ("xxxxxxxxxxx.pdf", "FILTYPE_IKKE_PDF"),
    ):
        assert f"{name} : {tekst(code)}" in words.replace(" :", ":").replace(":", " :")
    assert FNR not in answer.text
    perrad.arbeid("liste", "render")
    assert "god.pdf" in perrad.words("brev/filer?vis=alle")
    assert put(perrad, {}).status_code == 422


def test_the_script_sends_portions_and_only_what_is_missing(perrad: Jobb) -> None:
    names = list(LETTERS)
    first = put(perrad, {n: LETTERS[n] for n in names[:4]}, JSON, ferdig="ja", flere="ja")
    assert (first.status_code, first.json) == (200, {"nye": 4, "uendret": 0, "avvist": []})
    everything = [told(n, c) for n, c in LETTERS.items()]
    assert ask_missing(perrad, everything).json == {"mangler": list(range(4, 10))}
    changed = [told(names[0], LETTERS[names[0]] + b"%"), told("annet.pdf", LETTERS[names[0]])]
    assert ask_missing(perrad, changed).json == {"mangler": [0, 1]}
    last = put(perrad, {n: LETTERS[n] for n in names[3:]}, JSON, ferdig="ja")
    assert last.json == {"nye": 6, "uendret": 1, "avvist": []}
    assert ask_missing(perrad, everything).json == {"mangler": []}
    refused = put(perrad, {"x.txt": b"x"}, JSON, ferdig="ja").json
    assert refused is not None
    assert refused["avvist"] == [{"navn": "x.txt", "grunn": tekst("FILTYPE_IKKE_PDF")}]
    assert put(perrad, {}, JSON, ferdig="ja").json == {"nye": 0, "uendret": 0, "avvist": []}


@pytest.mark.parametrize(
    "files", ["", "{", "{}", "[1]", '[["a", 1]]', '[["a", "1", "00"]]', '[["a.pdf", 1, "xyz"]]']
)
def test_a_senseless_question_of_the_script_is_refused(perrad: Jobb, files: str) -> None:
    answer = ask_missing(perrad, files)
    assert (answer.status_code, answer.json) == (422, {"grunn": tekst("VALG_UGYLDIG")})


def test_an_upload_that_was_cut_off_is_said_and_can_be_finished(perrad: Jobb) -> None:
    rows(perrad, ("Kari Vik", "0001.pdf"))
    put(perrad, {"0001.pdf": LETTERS["0001.pdf"]}, JSON, ferdig="ja", flere="ja")
    perrad.arbeid("liste", "render")
    words = perrad.words("brev")
    assert "Dokumentene er ikke ferdig kontrollert" in words
    assert tekst("FILER_IKKE_KOBLET") in perrad.words("oppsummering")
    assert perrad.send("brev", "brev/filer/prov-igjen").status_code == 303
    perrad.arbeid("liste", "render")
    assert "Hver rad har sine dokumenter" in perrad.words("brev")


def test_both_lists_are_shown_with_what_does_not_fit(perrad: Jobb) -> None:
    letter = LETTERS["0001.pdf"]
    put(
        perrad,
        {n: letter + n.encode() for n in ("a.pdf", "felles.pdf", "Stor.pdf", "ingen.pdf", "b.pdf", "B.pdf")},
    )
    rows(
        perrad,
        ("Kari Vik", "a.pdf|borte.pdf"),
        ("Ola Nes", "felles.pdf"),
        ("Nina Li", "felles.pdf"),
        ("Per Bø", "stor.pdf"),
        ("Tor Ås", "../../etc/passwd.pdf"),
        ("Siv Dal", "b.pdf"),
    )
    perrad.arbeid("liste", "render")
    words = perrad.words("brev")
    assert "4 rader mangler et dokument eller kan ikke ha det." in words
    assert "1 dokument står på to ulike mottakere." in words
    assert "2 dokumenter står ikke i listen og blir ikke sendt." in words
    assert (
        "3 dokumenter skiller seg fra listen eller fra et annet dokument bare med store og små bokstaver."
        in words
    )
    without = perrad.words("brev/filer?vis=rader")
    assert tekst("FIL_IKKE_LASTET_OPP") in without
    assert tekst("FILNAVN_I_RADEN_UGYLDIG") in without
    assert without.count(tekst("FIL_FLERE_MOTTAKERE")) == 2
    assert "felles.pdf 3, 4" in perrad.words("brev/filer?vis=delte")
    unused = perrad.words("brev/filer?vis=ubrukte")
    assert "ingen.pdf Ingen" in unused and "B.pdf Ingen" in unused and "a.pdf" not in unused
    case = perrad.words("brev/filer?vis=bokstaver")
    assert all(name in case for name in ("Stor.pdf", "b.pdf", "B.pdf"))
    control = perrad.words("kontroll")
    assert "Dokument som ikke er lastet opp" in control
    assert "Filnavn med andre store og små bokstaver" in control


def test_a_protected_persons_document_has_no_name_and_leads_nowhere(perrad: Jobb) -> None:
    put(
        perrad,
        {"Fjellveien 12.pdf": naughty.pdf(naughty.box(1, 6, 100, 20, 20)), "b.pdf": LETTERS["0001.pdf"]},
    )
    rows(perrad, ("Kari Vik", "Fjellveien 12.pdf"), ("Ola Nes", "b.pdf"))
    perrad.arbeid("liste", "render")
    with transaction() as tx:
        one = Utsendingsrad.utsending_id == perrad.uuid, Utsendingsrad.radnr == 2
        tx.execute(update(Utsendingsrad).where(*one).values(skjermet=True))
    for path in ("brev/filer?vis=alle", "brev/funn/PDF_MARG:1:venstre:4"):
        page = perrad.see(path)
        assert "Fjellveien" not in page and f"{MASKED} 2 1 " in text_of(page)
        assert perrad.path("brev/fil/1") not in page
    assert "b.pdf 3" in perrad.words("brev/filer?vis=alle")


def test_files_nobody_gets_must_have_been_seen(perrad: Jobb) -> None:
    put(perrad, {"a.pdf": LETTERS["0001.pdf"], "ingen.pdf": LETTERS["0002.pdf"]})
    rows(perrad, ("Kari Vik", "a.pdf"))
    perrad.arbeid("liste", "render")
    assert tekst("UBRUKTE_FILER", antall=1) in perrad.words("oppsummering")
    answer = perrad.send("oppsummering", "oppsummering")
    assert answer.status_code == 422
    assert perrad.send("brev", "brev/filer/ubrukte").status_code == 303
    assert "Du har sett over dokumentene som ikke blir sendt." in perrad.words("brev")
    assert tekst("UBRUKTE_FILER", antall=1) not in perrad.words("oppsummering")
    put(perrad, {"enda en.pdf": LETTERS["0003.pdf"]})
    perrad.arbeid("liste", "render")
    assert tekst("UBRUKTE_FILER", antall=2) in perrad.words("oppsummering")
    perrad.send("brev/filer?vis=ubrukte", "brev/filer/fjern", hvilke="ubrukte")
    words = perrad.words("brev")
    assert "Dokumenter 1 " in words
    assert "Hver rad har sine dokumenter" in words


def test_only_the_unused_files_that_were_shown_are_left_out(perrad: Jobb) -> None:
    put(perrad, {"a.pdf": LETTERS["0001.pdf"], "ingen.pdf": LETTERS["0002.pdf"]})
    rows(perrad, ("Kari Vik", "a.pdf"))
    perrad.arbeid("liste", "render")
    shown, listed = perrad.see("brev"), perrad.see("brev/filer?vis=ubrukte")
    put(perrad, {"enda en.pdf": LETTERS["0003.pdf"]})
    perrad.arbeid("liste", "render")
    for page in (shown, listed):
        anew(perrad.send_from(page, "brev/filer/ubrukte"), "UBRUKTE")
    anew(perrad.send_from(listed, "brev/filer/fjern", hvilke="ubrukte"), "UBRUKTE")
    anew(perrad.send_from(shown, "brev/filer/fjern", hvilke="alle"), "FILER")
    assert tekst("UBRUKTE_FILER", antall=2) in perrad.words("oppsummering")
    assert "Dokumenter 3 " in perrad.words("brev")


def test_only_the_file_that_was_shown_is_taken_away(perrad: Jobb) -> None:
    put(perrad, {"a.pdf": LETTERS["0001.pdf"], "b.pdf": LETTERS["0002.pdf"]})
    perrad.arbeid("liste", "render")
    shown = perrad.see("brev/fil/2")
    perrad.send("brev/fil/2", "brev/filer/fjern", hvilke="2")
    perrad.see("brev")
    assert perrad.send_from(shown, "brev/filer/fjern", hvilke="2").status_code == 303, "it is gone"
    assert tekst("INGENTING_IGJEN") in perrad.words("brev")
    put(perrad, {"c.pdf": LETTERS["0003.pdf"]})
    perrad.arbeid("liste", "render")
    anew(perrad.send_from(shown, "brev/filer/fjern", hvilke="2"), "FIL")
    assert "c.pdf" in perrad.words("brev/fil/2")


def test_all_are_taken_away_though_a_worker_has_looked_into_some_since(perrad: Jobb) -> None:
    put(perrad, {"a.pdf": LETTERS["0001.pdf"], "b.pdf": LETTERS["0002.pdf"]})
    shown = perrad.see("brev")
    perrad.arbeid("liste", "render")
    assert perrad.send_from(shown, "brev/filer/fjern", hvilke="alle").status_code == 303
    assert "Dokumenter 2 " not in perrad.words("brev")


def anew(answer: TestResponse, what: str) -> None:
    """The step's page was shown anew, since this is other by now."""
    assert answer.status_code == 409
    check_page(answer.text)
    assert tekst("VIST_ENDRET", hva=VIST[what]) in text_of(answer.text)


def test_equal_findings_are_told_once_with_the_files_and_pictures_of_a_few(perrad: Jobb) -> None:
    narrow = {f"{n}.pdf": naughty.pdf(naughty.box(1, 6, 100, 20, 20 + n)) for n in range(5)}
    put(perrad, {**narrow, "god.pdf": LETTERS["0001.pdf"], "skript.pdf": naughty.pdf(naughty.javascript)})
    rows(perrad, *((f"Kari {n}", name) for n, name in enumerate([*narrow, "god.pdf", "skript.pdf"])))
    perrad.arbeid("liste", "render")
    page = perrad.see("brev")
    assert "5 dokumenter: venstre marg 4 mm for smal på side 1" in text_of(page)
    assert "1 dokument: inneholder skript" in text_of(page)
    assert "Kan ikke sendes 1" in text_of(page)
    group = perrad.see("brev/funn/PDF_MARG:1:venstre:4")
    assert "0.pdf 2 1 " in text_of(group) and "god.pdf" not in text_of(group)
    assert group.count("/side/1.png") == 3
    picture = perrad.client.get(perrad.path("brev/fil/1/side/1.png"))
    assert (picture.status_code, picture.data[:4]) == (200, b"\x89PNG")
    assert tekst("FIL_KAN_IKKE_SENDES") in perrad.words("brev/filer?vis=rader")
    one = perrad.words("brev/fil/1")
    assert "står 6,0 mm fra venstre kant" in one
    assert perrad.client.get(perrad.path("brev/fil/1.pdf")).data == narrow["0.pdf"]
    refused = perrad.words("brev/fil/7")
    assert tekst("PDF_JAVASCRIPT") in refused and "Ingenting av innholdet er lagret." in refused
    for gone in (
        "brev/fil/7.pdf",
        "brev/fil/7/side/1.png",
        "brev/fil/1/side/2.png",
        "brev/fil/99",
        "brev/funn/x",
    ):
        assert perrad.client.get(perrad.path(gone)).status_code == 404, gone


def test_a_group_nobody_has_shows_no_file(lillevik: Jobb) -> None:
    assert "Ingen dokumenter." in lillevik.words("brev/funn/PDF_LIGGENDE:1")


def test_lists_are_paged(perrad: Jobb) -> None:
    put(perrad, {f"{n:03}.pdf": naughty.pdf() for n in range(55)})
    rows(perrad, *((f"Kari {n}", f"{n:03}.pdf|borte.pdf") for n in range(55)))
    perrad.arbeid("liste", "render")
    for vis, first, last in (("alle", "049.pdf", "054.pdf"), ("rader", "Kari 49", "Kari 54")):
        page = perrad.see(f"brev/filer?vis={vis}")
        assert first in text_of(page) and last not in text_of(page)
        onward = page.split(f"?vis={vis}&amp;etter=")[1].split('"')[0]
        rest = perrad.words(f"brev/filer?vis={vis}&etter={onward}")
        assert last in rest and first not in rest


def test_the_giro_page_is_chosen_and_shown(lillevik: Jobb) -> None:
    for form, code in (
        ({"side": "NUMMER", "nummer": "tre"}, "GIROSIDE_UGYLDIG"),
        ({"side": "NUMMER", "nummer": "201"}, "GIROSIDE_UGYLDIG"),
        ({"side": "tull"}, "VALG_UGYLDIG"),
    ):
        answer = lillevik.send("brev", "brev/giro", **form)
        assert answer.status_code == 422
        check_page(answer.text)
        assert tekst(code, grense=200) in text_of(answer.text)
    assert lillevik.send("brev", "brev/giro", side="NUMMER", nummer="3").status_code == 303
    lillevik.arbeid("liste", "render")
    assert "Nå: Side 3 av hvert dokument." in lillevik.words("brev")
    assert lillevik.words("brev/filer?vis=alle").count("Giroark: side 3") == 2
    assert "Side 3 av hvert dokument" in lillevik.words("oppsummering")
    lillevik.send("brev", "brev/giro", side="SISTE")
    lillevik.arbeid("liste", "render")
    assert "8 dokumenter: noe på baksiden av giroarket på side 2" in lillevik.words("brev")


def test_any_row_is_shown_with_its_cover_sheet_and_its_own_documents(lillevik: Jobb) -> None:
    answer = lillevik.send("brev", "forhandsvisning", rad="4")
    lillevik.arbeid("forhandsvisning")
    side = answer.location.split(lillevik.path() + "/")[1]
    words = lillevik.words(side)
    assert "Forside, side 1 av 1" in words
    assert "Dokumentet, side 3 av 3" in words
    assert lillevik.client.get(lillevik.path(f"{side}/dokument/1.pdf")).data == LETTERS["0003.pdf"]


def test_a_list_without_the_column_that_names_files_is_mapped_by_hand(perrad: Jobb) -> None:
    lines = f"navn;brevfila;adresselinje1;postnr;poststed\r\nKari Vik;0001.pdf;{ADDRESS}\r\n"
    perrad.read("liste.csv", lines.encode())
    assert "Listen mangler en kolonne vi trenger: Filnavn." in perrad.words("mottakere")
    chosen = {
        "kolonne-1": "navn",
        "kolonne-3": "adresselinje1",
        "kolonne-4": "postnr",
        "kolonne-5": "poststed",
    }
    answer = perrad.send("mottakere/kolonner", "mottakere/kolonner", **chosen)
    assert answer.status_code == 422
    assert tekst("FILNAVNKOLONNE_MANGLER") in text_of(answer.text)
    answer = perrad.send("mottakere/kolonner", "mottakere/kolonner", **chosen, **{"kolonne-2": "filnavn"})
    assert answer.status_code == 303
    perrad.arbeid("liste", "render")
    put(perrad, {"0001.pdf": LETTERS["0001.pdf"]})
    perrad.arbeid("liste", "render")
    assert "Hver rad har sine dokumenter" in perrad.words("brev")


def test_a_typed_receiver_names_a_file_too(perrad: Jobb) -> None:
    put(perrad, {"0001.pdf": LETTERS["0001.pdf"]})
    perrad.arbeid("liste", "render")
    address = {"adresselinje1": "Storgata 1", "postnr": "4262", "poststed": "AVALDSNES"}
    perrad.send("mottakere/skriv", "mottakere/skriv", navn="Kari Vik", filnavn="0001.pdf", **address)
    assert "Hver rad har sine dokumenter" in perrad.words("brev")
    perrad.send("mottakere/skriv", "mottakere/skriv", navn="Ola Nes", filnavn="borte.pdf", **address)
    assert "1 rad mangler et dokument" in perrad.words("brev")


def test_pages_of_files_are_refused_where_rows_have_none(jobb: Jobb) -> None:
    jobb.begin()
    assert put(jobb, {"a.pdf": b"%PDF-1.7"}, JSON, ferdig="ja").status_code == 409
    assert ask_missing(jobb, []).status_code == 409


def test_another_konto_or_an_approver_sees_no_file(lillevik: Jobb) -> None:
    approver = log_in(lillevik.app, lillevik.kommune, "godkjenner")
    for side in ("brev/filer", "brev/fil/1", "brev/fil/1.pdf", "brev/fil/1/side/1.png"):
        assert approver.get(lillevik.path(side)).status_code == 403, side

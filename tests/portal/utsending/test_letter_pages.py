"""Step 4: templates and their editor, the document to all, and letters as pictures."""

from __future__ import annotations

import io
from uuid import UUID

import pikepdf
import pytest
from sqlalchemy import select

from fiks.core.db import session, transaction
from fiks.pdf import Alvorlighet, PdfFunn, PdfKode, Pdfkontroll
from fiks.svarut.models import Forsendelse
from fiks.utsending.brev import FORMATER, known_fields
from fiks.utsending.brev.language.fields import FASTE
from fiks.utsending.models import Arbeidsdel, Mal, Malversjon, Opplasting
from fiks.utsending.overview import mailing_page, mailings
from fiks.utsending.receivers import pdf_import
from fiks.utsending.rows import queries as rows_queries
from portal.texts import tekst
from testmiljo.folders import LILLEVIK
from tests.integration.utsending.browser import Browser, log_in, text_of
from tests.portal.utsending.pages import Jobb
from tests.unit.brev import naughty

HTMX = {"HX-Request": "true"}


def choose(jobb: Jobb, navn: str = "Skatteseddel") -> None:
    found = mailings.templates(jobb.kommune.id)
    version = next(row[0] for row in found if row[1].startswith(navn))
    assert jobb.send("brev", "brev/mal", mal=str(version)).status_code == 303


@pytest.fixture
def skatt(jobb: Jobb) -> Jobb:
    """A job with 240 rows and the tax note."""
    jobb.begin()
    jobb.read("eiendomsskatt.csv")
    choose(jobb)
    return jobb


def shown(jobb: Jobb, rad: int) -> str:
    """Order a row's letter, have it drawn, and return the path of its page."""
    answer = jobb.send("brev", "forhandsvisning", rad=str(rad))
    assert answer.status_code == 303
    jobb.arbeid("forhandsvisning")
    return answer.location.removeprefix(jobb.path() + "/")


class TestTemplate:
    def test_the_tax_note_is_ready_to_use(self, skatt: Jobb) -> None:
        page = skatt.see("brev")
        assert "Skatteseddel for eiendomsskatt" in page
        assert "checked" in page
        assert "Kunngjøringsdatoen mangler" not in page

    def test_every_template_is_shown_and_can_be_chosen_however_many_there_are(self, jobb: Jobb) -> None:
        jobb.begin()
        with transaction() as tx:
            made = [Mal(organisasjon_id=jobb.kommune.id, navn=f"Brev {n:03}") for n in range(150)]
            tx.add_all(made)
            tx.flush()
            tx.add_all(
                Malversjon(mal_id=one.id, versjon=1, kilde_nb="Hei ((navn))", tittel_nb="Brev")
                for one in made
            )
        choose(jobb, "Brev 149")
        assert "Brev 149" in text_of(jobb.see("brev"))

    def test_where_no_template_has_come_yet_the_page_says_so(
        self, jobb: Jobb, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        jobb.begin()
        # Patched: those that come with the platform are there for every test.
        monkeypatch.setattr(mailings, "templates", lambda organisasjon_id: [])
        page = jobb.see("brev")
        assert "Det er ingen maler her ennå." in text_of(page)
        assert "Bruk malen" not in page
        assert 'brev/rediger">Lag ny mal</a>' in page

    def test_choosing_nothing_is_told(self, jobb: Jobb) -> None:
        jobb.begin()
        answer = jobb.send("brev", "brev/mal")
        assert answer.status_code == 422
        assert tekst("MAL_MANGLER") in answer.text

    def test_a_deadline_without_its_date_is_warned_about(self, jobb: Jobb) -> None:
        jobb.begin(kunngjoringsdato="")
        choose(jobb)
        assert "Kunngjøringsdatoen mangler" in jobb.words("brev")

    def test_the_editor_lists_every_field_with_meaning_and_format(self, jobb: Jobb) -> None:
        jobb.begin()
        page = jobb.see("brev/rediger")
        for name in known_fields():
            assert f">{name}</code>" in page
        for field in FASTE:
            assert field.beskrivelse in text_of(page)
        for format_ in FORMATER:
            assert format_ in page

    def test_faults_are_told_with_their_line_and_nothing_is_stored(self, jobb: Jobb) -> None:
        jobb.begin()
        source = "# Hei\n\n((ukjent_felt))\n\n((hvis navn))\nTekst"
        answer = jobb.send("brev/rediger", "brev/rediger", navn="Min mal", kilde_nb=source, tittel_nb="((x")
        assert answer.status_code == 422
        assert "Brevet på bokmål, linje 3: " + tekst("MAL_UKJENT_FELT", verdi="ukjent_felt") in answer.text
        assert "Brevet på bokmål, linje 5: " in answer.text
        assert "Tittel på bokmål, linje 1: " in answer.text
        assert "((ukjent_felt))" in answer.text
        assert len(mailings.templates(jobb.kommune.id)) == 2

    def test_a_saved_template_is_a_new_version_and_is_used(self, jobb: Jobb) -> None:
        jobb.begin()
        jobb.send("brev/rediger", "brev/rediger", navn="Min mal", kilde_nb="Hei ((navn))")
        [first] = [row for row in mailings.templates(jobb.kommune.id) if row[1] == "Min mal"]
        data = {"navn": "Min mal", "kilde_nb": "Hallo ((navn))"}
        jobb.send(f"brev/rediger?versjon={first[0]}", "brev/rediger", **data)
        session().rollback()
        [second] = [row for row in mailings.templates(jobb.kommune.id) if row[1] == "Min mal"]
        assert (first[2], second[2]) == (1, 2)
        u = mailing_page.detail(jobb.uuid, actor=jobb.kommune.aktor("saksbehandler"))
        assert u.malversjon_id == second[0]
        assert "Hallo ((navn))" in jobb.see(f"brev/rediger?versjon={second[0]}")

    def test_a_ready_template_is_copied_and_never_changed(self, jobb: Jobb) -> None:
        jobb.begin()
        ready = next(r for r in mailings.templates(jobb.kommune.id) if r[1].startswith("Skatteseddel"))
        assert "Skatteseddel for eiendomsskatt – egen" in jobb.see(f"brev/rediger?versjon={ready[0]}")
        jobb.send("brev/rediger", "brev/rediger", navn=ready[1], kilde_nb="Kort", bygger_pa=str(ready[0]))
        session().rollback()
        same = {row[0]: row[2] for row in mailings.templates(jobb.kommune.id) if row[1] == ready[1]}
        assert same.pop(ready[0]) == ready[2]
        assert list(same.values()) == [1]

    def test_a_template_that_is_slow_to_draw_says_where_and_that_its_letters_are_right(
        self, jobb: Jobb
    ) -> None:
        jobb.begin()
        told = tekst("MAL_TREG_TEGN", verdi="→")
        for navn, source in (("Treg", "Hei ((navn))\n→ se her"), ("Rask", "Hei ((navn))\n\n→ se her")):
            jobb.send("brev/rediger", "brev/rediger", navn=navn, kilde_nb=source)
        session().rollback()
        slow, quick = (
            next(row for row in mailings.templates(jobb.kommune.id) if row[1] == navn)
            for navn in ("Treg", "Rask")
        )
        page = jobb.words(f"brev/rediger?versjon={slow[0]}")
        assert "Brevene blir like riktige" in page
        assert f"Brevet på bokmål, linje 2: {told}" in page
        assert "Brevene lages langsommere" not in jobb.words(f"brev/rediger?versjon={quick[0]}")
        assert [session().get_one(Malversjon, row[0]).hurtig for row in (slow, quick)] == [False, True]

    def test_another_kommunes_template_is_not_there(self, app: object, jobb: Jobb) -> None:
        jobb.begin()
        assert jobb.client.get(jobb.path(f"brev/rediger?versjon={UUID(int=7)}")).status_code == 404
        assert jobb.client.get(jobb.path("brev/rediger?versjon=x")).status_code == 404


class TestPreview:
    def test_any_row_is_shown_page_by_page_with_window_and_margins(self, skatt: Jobb) -> None:
        rad = first_row(skatt)
        answer = skatt.send("brev", "forhandsvisning", rad=str(rad))
        side = answer.location.removeprefix(skatt.path() + "/")
        waiting = skatt.see(side)
        assert f'hx-get="{skatt.path(side)}/venter"' in waiting
        assert ">Oppdater</a>" in waiting
        skatt.arbeid("forhandsvisning")
        assert skatt.client.get(skatt.path(f"{side}/venter"), headers=HTMX).headers["HX-Refresh"] == "true"
        page = skatt.see(side)
        assert page.count('class="ark__marg"') >= 1
        assert page.count('class="ark__vindu"') == 1
        assert 'class="ark__marg"' not in skatt.see(f"{side}?ramme=nei")
        png = skatt.client.get(skatt.path(f"{side}/side/1.png"))
        assert (png.mimetype, png.data[:4]) == ("image/png", b"\x89PNG")
        pdf = skatt.client.get(skatt.path(f"{side}/brev.pdf"))
        with pikepdf.Pdf.open(io.BytesIO(pdf.data)) as document:
            assert len(document.pages) == page.count("<figure")
        assert skatt.client.get(skatt.path(f"{side}/dokument/1.pdf")).status_code == 404

    def test_one_goes_from_row_to_row(self, skatt: Jobb) -> None:
        rad = first_row(skatt)
        page = skatt.see(shown(skatt, rad))
        assert "Forrige rad" not in page
        assert f'name="rad" value="{rad + 1}"><button' in page

    def test_a_row_that_is_not_there_is_told(self, skatt: Jobb) -> None:
        for rad in ("9999", "", "-1", "x"):
            assert skatt.send("brev", "forhandsvisning", rad=rad).location == skatt.path("brev")
            assert tekst("RAD_FINNES_IKKE") in skatt.words("brev")

    def test_a_letter_that_cannot_be_made_says_why(self, skatt: Jobb) -> None:
        skatt.send("brev/rediger", "brev/rediger", navn="Tom", kilde_nb="Hei ((medeiere))")
        side = shown(skatt, first_row(skatt))
        assert tekst("FELT_TOMT", felt="Medeiere") in skatt.words(side)

    def test_somebody_elses_preview_is_not_shown(self, skatt: Jobb) -> None:
        side = shown(skatt, first_row(skatt))
        other = Jobb(skatt.app, skatt.kommune, skatt.arbeid)
        other.client = login(skatt, "leser")
        assert other.client.get(skatt.path(side)).status_code == 404
        assert other.client.get(skatt.path(f"{side}/side/1.png")).status_code == 404

    def test_a_test_letter_goes_to_oneself_and_is_marked(self, skatt: Jobb) -> None:
        skatt.send("brev", "provebrev", rad=str(first_row(skatt)))
        assert "Prøvebrevet er på vei til deg" in skatt.words("brev")
        skatt.arbeid("forhandsvisning")
        [letter] = (
            session().scalars(select(Forsendelse).where(Forsendelse.konto_id == skatt.kommune.konto_id)).all()
        )
        assert (letter.prove, letter.utsending_id) == (True, None)
        assert letter.tittel.startswith("PRØVEBREV: ")

    def test_how_it_goes_with_a_test_letter_is_told_where_it_was_asked_for(self, skatt: Jobb) -> None:
        assert "Prøvebrevet" not in skatt.words("brev")
        rad = first_row(skatt)
        skatt.send("brev", "provebrev", rad=str(rad))
        assert f"Prøvebrevet av nummer {rad}, bestilt" in skatt.words("brev")
        skatt.arbeid("forhandsvisning")
        assert "Prøvebrevet av nummer" not in skatt.words("brev")
        skatt.send("brev/rediger", "brev/rediger", navn="Tom", kilde_nb="Hei ((medeiere))")
        skatt.send("brev", "provebrev", rad=str(rad))
        skatt.arbeid("forhandsvisning")
        words = skatt.words("brev")
        assert "ble ikke sendt. " + tekst("FELT_TOMT", felt="Medeiere") in words
        other = Jobb(skatt.app, skatt.kommune, skatt.arbeid)
        other.id, other.client = skatt.id, login(skatt, "stopper")
        assert "Prøvebrevet" not in other.words("brev")

    def test_row_one_is_called_the_header_only_where_it_is(self, skatt: Jobb) -> None:
        header = "Overskriften er rad 1."
        assert header in skatt.words("brev")
        with transaction() as tx:
            upload = tx.scalars(select(Opplasting).where(Opplasting.utsending_id == skatt.uuid)).one()
            upload.form = upload.form | {"overskrift_rad": 3}
        assert header not in skatt.words("brev")
        with transaction() as tx:
            tx.delete(tx.get_one(Opplasting, upload.id))
        assert header not in skatt.words("brev")

    def test_without_a_template_there_is_nothing_to_show(self, jobb: Jobb) -> None:
        jobb.begin()
        jobb.read("eiendomsskatt.csv")
        jobb.send("brev", "forhandsvisning", rad="2")
        assert tekst("MAL_MANGLER") in jobb.words("brev")
        ordered = select(Arbeidsdel.id).where(
            Arbeidsdel.utsending_id == jobb.uuid, Arbeidsdel.art == "FORHANDSVISNING"
        )
        assert session().scalars(ordered).all() == []


def first_row(jobb: Jobb) -> int:
    return rows_queries.rows(jobb.uuid, actor=jobb.kommune.aktor("saksbehandler"), limit=1)[0].radnr


def login(jobb: Jobb, rolle: str) -> Browser:
    return log_in(jobb.app, jobb.kommune, rolle)


class TestDocument:
    @pytest.fixture
    def samme(self, jobb: Jobb) -> Jobb:
        jobb.begin(art="SAMME_DOKUMENT")
        jobb.read("eiendomsskatt_excel_feller.xlsx")
        jobb.send("kontroll/forslag", "kontroll/forslag", alle="ja")
        return jobb

    def put(self, jobb: Jobb, navn: str, innhold: bytes | None = None) -> None:
        assert jobb.upload(navn, innhold, "brev/dokument").status_code == 303
        jobb.arbeid("liste")

    def test_a_right_document_is_described_and_follows_the_cover_sheet(self, samme: Jobb) -> None:
        samme.upload("brev_samme.pdf", None, "brev/dokument")
        assert f'hx-get="{samme.path("brev/kontroll")}"' in samme.see("brev")
        samme.arbeid("liste")
        assert samme.client.get(samme.path("brev/kontroll"), headers=HTMX).headers["HX-Refresh"] == "true"
        assert "Vi fant ingenting som må rettes." in samme.words("brev")
        side = shown(samme, first_row(samme))
        page = samme.words(side)
        assert "Forside, side 1 av 1" in page
        assert "Dokumentet, side 1 av" in page
        assert samme.client.get(samme.path(f"{side}/dokument/1.pdf")).data == (
            (LILLEVIK / "brev_samme.pdf").read_bytes()
        )

    def test_sv12_45_what_breaks_a_margin_is_told_in_mm_and_drawn_on_the_page(self, samme: Jobb) -> None:
        self.put(samme, "brev_feil_marg.pdf")
        page = samme.see("brev")
        assert tekst("PDF_MARG") in text_of(page)
        assert " mm fra " in text_of(page)
        number = page.split("brev/dokument/")[1].split(".png")[0]
        assert samme.client.get(samme.path(f"brev/dokument/{number}.png")).data[:4] == b"\x89PNG"
        assert samme.client.get(samme.path("brev/dokument/99.png")).status_code == 404

    def test_sv12_45_what_is_not_a4_or_without_its_fonts_is_told_before_anything_is_sent(
        self, samme: Jobb
    ) -> None:
        self.put(samme, "brev_uten_fonter.pdf")
        assert tekst("PDF_FONT_IKKE_INNEBYGD") in samme.words("brev")
        self.put(samme, "letter.pdf", naughty.pdf(size=(612, 792)))
        assert tekst("PDF_STORRELSE") in samme.words("brev")

    @pytest.mark.parametrize(
        ("fil", "innhold", "kode"),
        [
            ("brev_passord.pdf", None, "PDF_PASSORD"),
            ("ikke_en.pdf", None, "PDF_UGYLDIG"),
            ("falsk.pdf", b"%PDF-1.7 nothing", "PDF_UGYLDIG"),
        ],
    )
    def test_a_document_that_cannot_be_sent_says_why_and_is_not_kept(
        self, samme: Jobb, fil: str, innhold: bytes | None, kode: str
    ) -> None:
        self.put(samme, fil, innhold)
        words = samme.words("brev")
        assert tekst(kode) in words
        assert "Ingenting av filen er lagret." in words and "Kontroller på nytt" not in words
        session().rollback()
        row = (
            session()
            .scalars(
                select(Opplasting).where(Opplasting.utsending_id == samme.uuid, Opplasting.art == "DOKUMENT")
            )
            .one()
        )
        assert (row.status, row.objekt, row.nokkel) == ("FEILET", None, None)

    def test_a_document_that_was_too_much_is_kept_and_can_be_controlled_anew(
        self, samme: Jobb, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        too_much = Pdfkontroll(None, None, (PdfFunn(PdfKode.PDF_FOR_KOMPLISERT, Alvorlighet.FEIL),))
        with monkeypatch.context() as busy:
            # No file is too much the first time and not the second.
            busy.setattr(pdf_import, "_checked", lambda data, tosidig: too_much)
            self.put(samme, "brev_samme.pdf")
        page = samme.see("brev")
        assert "«brev_samme.pdf» ble ikke kontrollert" in text_of(page)
        assert "Ingenting av filen er lagret." not in page
        assert ">Kontroller på nytt</button>" in page
        samme.send("brev", "mottakere/les-igjen")
        samme.arbeid("liste")
        assert "Vi fant ingenting som må rettes." in samme.words("brev")

    def test_another_kind_of_file_is_refused_at_once(self, samme: Jobb) -> None:
        answer = samme.upload("brev.docx", b"x", "brev/dokument")
        assert answer.status_code == 422
        assert tekst("PDF_FILTYPE") in answer.text

    def test_a_test_letter_holds_the_document_too(self, samme: Jobb) -> None:
        self.put(samme, "brev_samme.pdf")
        samme.send("brev", "provebrev", rad=str(first_row(samme)))
        samme.arbeid("forhandsvisning")
        [letter] = (
            session().scalars(select(Forsendelse).where(Forsendelse.konto_id == samme.kommune.konto_id)).all()
        )
        assert letter.prove

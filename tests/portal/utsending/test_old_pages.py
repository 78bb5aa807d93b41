"""A form sent from a page that is no longer true acts on what the page showed, or on nothing: it is shown anew."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.environment import current
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.rules import P
from fiks.utsending.approval import service
from fiks.utsending.draft import confirm
from fiks.utsending.draft import service as draft_service
from fiks.utsending.draft.service import Fakta
from fiks.utsending.editing.stale_form import Vist
from fiks.utsending.models import Kolonnekobling, Utsending
from fiks.utsending.overview import mailing_page, mailings
from fiks.utsending.overview.mailing_page import Detalj
from fiks.utsending.production import service as production_service
from fiks.utsending.receivers import typed, uploads
from fiks.utsending.rows import queries as rows_queries
from fiks.utsending.rules import Art, Radstatus, Utsendingstatus
from portal.texts import tekst
from portal.texts.utsending.mailing import VIST
from testmiljo.folders import LILLEVIK
from tests.integration.houses import HOUSE
from tests.integration.utsending.browser import marks_of, text_of
from tests.integration.utsending.kommuner import today
from tests.pagecheck import check_page
from tests.portal.utsending.pages import Jobb, hidden_in
from tests.unit.liste.lists import FNR

U = Utsendingstatus
ADDRESS = {"adresselinje1": "Storgata 1", "postnr": "4262", "poststed": "AVALDSNES"}
TEMPLATE = {"navn": "Kort brev", "kilde_nb": "# Hei\n\nTil ((navn))."}
FACTS = {
    "tittel": "Eiendomsskatt 2027",
    "art": "FLETTEBREV",
    "brevdato": "31.12.2099",
    "kunngjoringsdato": "01.03.2027",
    "levering": "DIGITALT_FORST",
    "sikkerhetsniva": "BETYDELIG",
    "tosidig": "ja",
}


@pytest.fixture
def begynt(jobb: Jobb) -> Jobb:
    """A job that is begun. A colleague may send too."""
    jobb.begin()
    colleague = jobb.kommune.personer["godkjenner"]
    konfigurasjon.grant_privilegium(colleague, P.SENDE, jobb.kommune.konto_id, actor=HOUSE)
    return jobb


@pytest.fixture
def klar(begynt: Jobb) -> Jobb:
    """A job where everything is chosen: 20 rows and a letter anybody can have. A colleague may send too."""
    begynt.read("eiendomsskatt_excel_feller.xlsx")
    begynt.send("kontroll/forslag", "kontroll/forslag", alle="ja")
    begynt.send("brev/rediger", "brev/rediger", **TEMPLATE)
    return begynt


def first_rows(n: int) -> bytes:
    """The first rows of the good list."""
    lines = (LILLEVIK / "eiendomsskatt.csv").read_bytes().split(b"\r\n")
    return b"\r\n".join(lines[: n + 1]) + b"\r\n"


def exchange_list(jobb: Jobb) -> None:
    """A colleague puts three other receivers in."""
    uploads.upload(jobb.uuid, "LISTE", "annen.csv", [first_rows(3)], actor=jobb.kommune.aktor("godkjenner"))
    jobb.arbeid("liste")


def change_facts(jobb: Jobb) -> None:
    facts = Fakta("Varsel om feiing", Art.FLETTEBREV, today())
    draft_service.update_utsending(jobb.uuid, facts, actor=jobb.kommune.aktor("godkjenner"))


def choose_ready_template(jobb: Jobb) -> None:
    ready = next(row[0] for row in mailings.templates(jobb.kommune.id) if row[1].startswith("Skatteseddel"))
    draft_service.choose_template(jobb.uuid, ready, actor=jobb.kommune.aktor("godkjenner"))


def put_aside(jobb: Jobb) -> None:
    draft_service.park_bad_rows(jobb.uuid, True, actor=jobb.kommune.aktor("godkjenner"), antall=0)


def now(jobb: Jobb) -> Detalj:
    session().rollback()
    return mailing_page.detail(jobb.uuid, actor=jobb.kommune.aktor("saksbehandler"))


def counts(jobb: Jobb) -> dict[Radstatus, int]:
    session().rollback()
    return confirm.row_counts(jobb.uuid)


def refused(answer: Any, *what: Vist) -> str:
    """The words of a page that was shown anew since this was changed."""
    assert answer.status_code == 409
    check_page(answer.text)
    assert "<title>Feil: " in answer.text
    words = text_of(answer.text)
    *names, last = (VIST[one] for one in what)
    assert tekst("VIST_ENDRET", hva=f"{', '.join(names)} og {last}" if names else last) in words
    return words


class TestSummary:
    def test_letters_are_made_of_what_the_summary_showed(self, klar: Jobb) -> None:
        shown = klar.see("oppsummering")
        exchange_list(klar)
        choose_ready_template(klar)

        answer = klar.send_from(shown, "oppsummering")

        words = refused(answer, Vist.LISTE, Vist.RADER, Vist.MAL)
        assert "Brev som lages 3" in words
        assert now(klar).status is U.UTKAST
        klar.send("brev/rediger", "brev/rediger", **TEMPLATE)
        assert klar.send("oppsummering", "oppsummering").location == klar.path()
        assert now(klar).status is U.PRODUSERES

    @pytest.mark.parametrize(
        ("change", "what"),
        [
            (change_facts, [Vist.FAKTA]),
            (exchange_list, [Vist.LISTE, Vist.RADER]),
            (choose_ready_template, [Vist.MAL]),
            (put_aside, [Vist.VALG]),
        ],
    )
    def test_whatever_is_other_by_now_is_named(
        self, klar: Jobb, change: Callable[[Jobb], None], what: list[Vist]
    ) -> None:
        shown = klar.see("oppsummering")
        change(klar)
        refused(klar.send_from(shown, "oppsummering"), *what)
        assert now(klar).status is U.UTKAST

    def test_what_was_controlled_before_is_not_made_either_when_it_is_other(self, klar: Jobb) -> None:
        shown = klar.see("oppsummering")
        change_facts(klar)
        confirm.confirm_control(klar.uuid, actor=klar.kommune.aktor("godkjenner"))
        refused(klar.send_from(shown, "oppsummering"), Vist.FAKTA)
        assert now(klar).status is U.KONTROLLERT

    def test_a_list_that_was_being_read_when_the_page_was_opened_has_not_been_shown(self, klar: Jobb) -> None:
        klar.upload("eiendomsskatt.csv", first_rows(3))
        shown = klar.see("oppsummering")
        klar.arbeid("liste")
        refused(klar.send_from(shown, "oppsummering"), Vist.RADER)

    def test_nobody_gets_letters_of_their_own_approved_by_a_colleagues_click(self, klar: Jobb) -> None:
        """Four eyes: who put list and template in must not be made the second person by somebody else's open page."""
        shown = klar.see("oppsummering")
        exchange_list(klar)
        choose_ready_template(klar)
        klar.send_from(shown, "oppsummering")
        klar.arbeid("render")
        production_service.end_all_productions()
        digest = now(klar).innhold_digest
        assert (now(klar).status, digest) == (U.UTKAST, None)
        with pytest.raises(Exception, match="INNHOLD_ENDRET"):
            service.approve(klar.uuid, b"", actor=klar.kommune.aktor("godkjenner"))

    def test_a_button_pressed_twice_is_no_fault(self, klar: Jobb) -> None:
        shown = klar.see("oppsummering")
        for _ in range(2):
            assert klar.send_from(shown, "oppsummering").location == klar.path()
        words = text_of(klar.client.get(klar.path()).text)
        assert "Brevene lages nå." in words and "ikke tatt inn" not in words

    def test_what_the_letters_are_made_of_stands_on_the_page(self, klar: Jobb) -> None:
        words = klar.words("oppsummering")
        assert "Mottakerliste eiendomsskatt_excel_feller.xlsx" in words
        assert "Flettebrev etter malen «Kort brev», versjon 1" in words


class TestAnotherWay:
    """A colleague has chosen one big PDF, whose receivers are no list."""

    @pytest.fixture
    def shown(self, klar: Jobb) -> str:
        shown = klar.see("mottakere")
        facts = Fakta("Eiendomsskatt 2027", Art.EN_STOR_PDF, today())
        draft_service.update_utsending(klar.uuid, facts, actor=klar.kommune.aktor("godkjenner"))
        return shown

    def test_its_receivers_are_not_taken_away_as_a_list(self, klar: Jobb, shown: str) -> None:
        answer = klar.client.post(
            klar.path("mottakere/fjern"),
            data=hidden_in(shown, klar.path("mottakere/fjern")),
            follow_redirects=True,
        )
        assert tekst("MOTTAKERE_AV_PDF") in text_of(answer.text)
        assert "Last opp filen med brevene" in text_of(answer.text), "the page of the way that was chosen"

    def test_a_set_up_of_a_pdf_that_is_gone_is_said_not_to_be_taken_in(self, klar: Jobb, shown: str) -> None:
        answer = klar.client.post(
            klar.path("mottakere/oppsett"), data=marks_of(shown) | {"handling": "bruk", "kutt": "SIDER"}
        )
        refused(answer, Vist.SAMLET)


class TestColumns:
    A = "nr;Hvem;Gate;Pnr;Sted\r\n1;Kari Nes;Storgata 1;4262;AVALDSNES\r\n"
    B = "Eier;Leietaker;Gate;Pnr;Sted\r\nKari Nes;Per Vik;Storgata 1;4262;AVALDSNES\r\n"
    CHOSEN = dict(zip([f"kolonne-{n}" for n in range(2, 6)], ["navn", *ADDRESS], strict=True))

    def test_columns_are_tied_in_the_list_that_was_shown(self, jobb: Jobb) -> None:
        jobb.begin()
        jobb.read("a.csv", self.A.encode())
        shown = jobb.see("mottakere/kolonner")
        jobb.read("b.csv", self.B.encode())

        answer = jobb.send_from(shown, "mottakere/kolonner", **self.CHOSEN)

        assert "Leietaker" in refused(answer, Vist.LISTE)
        jobb.arbeid("liste")
        assert names(jobb) == ["Kari Nes"]
        of_konto = select(Kolonnekobling.kobling).where(Kolonnekobling.konto_id == jobb.kommune.konto_id)
        assert session().scalars(of_konto).all() == []

    def test_a_list_with_fewer_columns_is_not_read_by_the_places_of_another(self, jobb: Jobb) -> None:
        jobb.begin()
        jobb.read("a.csv", self.A.encode())
        shown = jobb.see("mottakere/kolonner")
        jobb.read("b.csv", b"Hvem;Annet\r\nKari Nes;x\r\n")
        refused(jobb.send_from(shown, "mottakere/kolonner", **self.CHOSEN), Vist.LISTE)

    def test_columns_of_a_list_that_is_gone_are_said_not_to_be_taken_in(self, jobb: Jobb) -> None:
        jobb.begin()
        jobb.read("a.csv", self.A.encode())
        shown = jobb.see("mottakere/kolonner")
        jobb.send("mottakere", "mottakere/fjern")
        refused(jobb.send_from(shown, "mottakere/kolonner", **self.CHOSEN), Vist.LISTE)

    def test_a_colleagues_columns_are_not_undone(self, jobb: Jobb) -> None:
        jobb.begin()
        jobb.read("a.csv", self.A.encode())
        shown = jobb.see("mottakere/kolonner")
        assert jobb.send("mottakere/kolonner", "mottakere/kolonner", **self.CHOSEN).status_code == 303
        jobb.arbeid("liste")
        other = self.CHOSEN | {"kolonne-1": "eksternref"}
        refused(jobb.send_from(shown, "mottakere/kolonner", **other), Vist.KOBLING)
        assert counts(jobb) == {Radstatus.OK: 1}

    def test_a_form_that_comes_back_with_an_error_is_still_about_the_list_it_was_shown_with(
        self, jobb: Jobb
    ) -> None:
        jobb.begin()
        jobb.read("a.csv", self.A.encode())
        wrong = jobb.send("mottakere/kolonner", "mottakere/kolonner")
        assert wrong.status_code == 422
        jobb.read("b.csv", self.B.encode())
        refused(jobb.send_from(wrong.text, "mottakere/kolonner", **self.CHOSEN), Vist.LISTE)


class TestControl:
    BAD = "fnr;navn;adresselinje1;postnr;poststed\r\n" + 4 * ";Per Li;Storgata 3;42;AVALDSNES\r\n"

    def test_accepting_all_is_about_the_proposals_that_were_shown(self, jobb: Jobb) -> None:
        jobb.begin()
        jobb.read("eiendomsskatt_excel_feller.xlsx")
        shown = jobb.see("kontroll/forslag")
        jobb.read("eiendomsskatt_feil.csv")
        before = counts(jobb)
        for form in ({"alle": "ja"}, {"kode": "FNR_MELLOMROM"}):
            words = refused(jobb.send_from(shown, "kontroll/forslag", **form), Vist.RADER)
            assert f"{before[Radstatus.AUTO]} rader har forslag." in words
        assert counts(jobb) == before

    def test_accepting_what_is_no_longer_proposed_leads_back_to_the_control(self, jobb: Jobb) -> None:
        jobb.begin()
        jobb.read("eiendomsskatt_excel_feller.xlsx")
        shown = jobb.see("kontroll/forslag")
        jobb.send("kontroll/forslag", "kontroll/forslag", alle="ja")
        jobb.see("kontroll")
        assert jobb.send_from(shown, "kontroll/forslag", alle="ja").location == jobb.path("kontroll")
        words = jobb.words("kontroll")
        assert tekst("INGENTING_IGJEN") in words and "godtatt for 0" not in words

    def test_putting_aside_is_about_the_rows_that_were_counted(self, jobb: Jobb) -> None:
        jobb.begin()
        jobb.read("eiendomsskatt_feil.csv")
        shown = jobb.see("kontroll")
        jobb.read("annen.csv", first_rows(1) + self.BAD.split("\r\n", 1)[1].encode())
        answer = jobb.send_from(shown, "kontroll/til-side", valg="til-side")
        assert "hold 4 rader utenfor" in refused(answer, Vist.RADER)
        assert not now(jobb).parker_feil

    def test_putting_aside_twice_is_no_fault(self, jobb: Jobb) -> None:
        jobb.begin()
        jobb.read("eiendomsskatt_feil.csv")
        shown = jobb.see("kontroll")
        for _ in range(2):
            assert jobb.send_from(shown, "kontroll/til-side", valg="til-side").status_code == 303
        assert now(jobb).parker_feil

    def test_receivers_out_of_reach_are_those_that_were_shown(self, jobb: Jobb) -> None:
        jobb.begin(levering="BARE_DIGITALT")
        jobb.read("eiendomsskatt.csv")
        shown = jobb.see("kontroll")
        jobb.read("annen.csv", first_rows(60))
        before = counts(jobb)
        assert before[Radstatus.PARKERT]
        refused(jobb.send_from(shown, "kontroll/kan-ikke-naas", valg="send"), Vist.RADER)
        assert counts(jobb) == before

    def test_while_another_list_is_read_the_page_of_the_receivers_tells_it(self, jobb: Jobb) -> None:
        jobb.begin(levering="BARE_DIGITALT")
        jobb.read("eiendomsskatt.csv")
        shown = jobb.see("kontroll")
        jobb.send("kontroll", "kontroll/kan-ikke-naas", valg="send")
        later = jobb.see("kontroll")
        jobb.upload("annen.csv", first_rows(60))
        assert jobb.send_from(later, "kontroll/kan-ikke-naas", valg="hold").status_code == 303
        jobb.arbeid("liste")
        refused(jobb.send_from(shown, "kontroll/kan-ikke-naas", valg="send"), Vist.RADER)


class TestReceivers:
    def test_only_the_list_that_was_shown_is_taken_away(self, jobb: Jobb) -> None:
        jobb.begin()
        jobb.read("eiendomsskatt_excel_feller.xlsx")
        shown = jobb.see("mottakere")
        jobb.read("annen.csv", first_rows(3))
        words = refused(jobb.send_from(shown, "mottakere/fjern"), Vist.LISTE, Vist.RADER)
        assert "annen.csv" in words
        assert sum(counts(jobb).values()) == 3

    def test_taking_a_list_away_twice_is_no_fault(self, jobb: Jobb) -> None:
        jobb.begin()
        jobb.read("eiendomsskatt_excel_feller.xlsx")
        shown = jobb.see("mottakere")
        for _ in range(2):
            assert jobb.send_from(shown, "mottakere/fjern").status_code == 303

    def test_a_number_that_is_another_receivers_by_now_takes_nobody_away(self, jobb: Jobb) -> None:
        jobb.begin()
        write(jobb, "Kari Nes")
        write(jobb, "Per Vik")
        shown = jobb.see("mottakere/skriv")
        jobb.send("mottakere/skriv", "mottakere/skriv/2/fjern")
        write(jobb, "Ola Li")
        words = refused(jobb.send_from(shown, "mottakere/skriv/2/fjern"), Vist.RAD)
        assert "Ola Li" in words
        assert names(jobb) == ["Kari Nes", "Ola Li"]

    def test_a_receiver_whose_form_is_sent_twice_is_added_once(self, jobb: Jobb) -> None:
        jobb.begin()
        spaced = {"navn": " Kari  Nes", "fnr": f"{FNR[:6]} {FNR[6:]}"} | ADDRESS
        shown = jobb.see("mottakere/skriv")
        for _ in range(2):
            assert jobb.send_from(shown, "mottakere/skriv", **spaced).location == jobb.path("mottakere/skriv")
        assert "Mottaker nummer 1 er lagt til." in jobb.words("mottakere/skriv")
        write(jobb, "Per Vik")
        jobb.send_from(shown, "mottakere/skriv", **spaced)
        assert "Mottaker nummer 1 er lagt til." in jobb.words("mottakere/skriv")
        assert names(jobb) == ["Kari Nes", "Per Vik"]
        assert len(audited(jobb.uuid, "MOTTAKERE_SKREVET")) == 2

    def test_the_last_receiver_there_is_room_for_may_be_sent_twice(
        self, jobb: Jobb, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        jobb.begin()
        monkeypatch.setattr(typed, "MAX_TYPED", 1)
        shown = jobb.see("mottakere/skriv")
        for _ in range(2):
            assert jobb.send_from(shown, "mottakere/skriv", navn="Kari Nes", **ADDRESS).status_code == 303

    def test_a_receiver_refused_at_first_is_still_about_the_rows_that_were_shown(self, jobb: Jobb) -> None:
        jobb.begin()
        shown = jobb.see("mottakere/skriv")
        write(jobb, "Kari Nes")
        refused = jobb.send_from(shown, "mottakere/skriv", navn="", **ADDRESS)
        assert refused.status_code == 422
        jobb.send_from(refused.text, "mottakere/skriv", navn="Kari Nes", **ADDRESS)
        assert names(jobb) == ["Kari Nes"]

    def test_who_is_on_the_page_already_may_be_added_once_more(self, jobb: Jobb) -> None:
        jobb.begin()
        write(jobb, "Kari Nes")
        shown = jobb.see("mottakere/skriv")
        for _ in range(2):
            jobb.send_from(shown, "mottakere/skriv", navn="Kari Nes", **ADDRESS)
        assert "Mottaker nummer 2 er lagt til." in jobb.words("mottakere/skriv")
        assert names(jobb) == ["Kari Nes", "Kari Nes"]

    def test_another_receiver_meanwhile_is_not_in_the_way(self, jobb: Jobb) -> None:
        jobb.begin()
        write(jobb, "Kari Nes")
        shown = jobb.see("mottakere/skriv")
        write(jobb, "Per Vik")
        for _ in range(2):
            assert jobb.send_from(shown, "mottakere/skriv/1/fjern").status_code == 303
        assert names(jobb) == ["Per Vik"]


class TestUploads:
    def test_a_list_that_the_page_did_not_show_is_not_replaced(self, begynt: Jobb) -> None:
        shown = begynt.see("mottakere")
        exchange_list(begynt)
        words = refused(upload(begynt, shown), Vist.LISTE, Vist.RADER)
        assert "annen.csv" in words
        assert sum(counts(begynt).values()) == 3

        assert upload(begynt, begynt.see("mottakere")).status_code == 303
        liste = now(begynt).liste
        assert liste is not None and liste.filnavn == "min.csv"

    def test_receivers_that_a_colleague_has_typed_are_not_replaced_by_a_list(self, jobb: Jobb) -> None:
        jobb.begin()
        shown = jobb.see("mottakere")
        write(jobb, "Kari Nes")
        refused(upload(jobb, shown), Vist.RADER)
        assert (names(jobb), now(jobb).liste) == (["Kari Nes"], None)

    def test_nothing_of_what_is_refused_is_kept(self, begynt: Jobb) -> None:
        shown = begynt.see("mottakere")
        exchange_list(begynt)
        before = objects()
        upload(begynt, shown)
        assert objects() == before
        assert [row["navn"] for row in audited(begynt.uuid, "LISTE_LASTET_OPP")] == ["annen.csv"]

    def test_the_same_list_sent_twice_is_no_fault(self, jobb: Jobb) -> None:
        jobb.begin()
        jobb.read("annen.csv", first_rows(3))
        shown, before = jobb.see("mottakere"), objects()
        for _ in range(2):
            assert upload(jobb, shown).status_code == 303
        assert len(objects()) == len(before)
        assert len(audited(jobb.uuid, "LISTE_LASTET_OPP")) == 2

    def test_a_document_that_the_page_did_not_show_is_not_replaced(self, jobb: Jobb) -> None:
        jobb.begin(art="SAMME_DOKUMENT")
        shown = jobb.see("brev")
        jobb.upload("brev_samme.pdf", til="brev/dokument")
        refused(upload(jobb, shown, "brev/dokument", "min.pdf"), Vist.DOKUMENT)
        document = now(jobb).dokument
        assert document is not None and document.filnavn == "brev_samme.pdf"

    @pytest.mark.parametrize(
        ("art", "til", "felt", "what"),
        [
            ("SAMLET", "mottakere/samlet", "fil", Vist.SAMLET),
            ("TILLEGGSLISTE", "mottakere/tillegg", "tilleggsliste", Vist.TILLEGGSLISTE),
        ],
    )
    def test_neither_is_a_big_pdf_nor_its_extra_list(
        self, jobb: Jobb, art: str, til: str, felt: str, what: Vist
    ) -> None:
        jobb.begin(art="EN_STOR_PDF")
        shown = jobb.see("mottakere/samlet")
        filnavn = "min.pdf" if art == "SAMLET" else "min.csv"
        theirs = filnavn.replace("min", "annen")
        uploads.upload(jobb.uuid, art, theirs, [b"%PDF-1.7"], actor=jobb.kommune.aktor("saksbehandler"))
        refused(upload(jobb, shown, til, filnavn, felt), what)
        there = now(jobb).samlet if art == "SAMLET" else now(jobb).tillegg
        assert there is not None and there.filnavn == theirs


def upload(
    jobb: Jobb, shown: str, til: str = "mottakere", filnavn: str = "min.csv", felt: str = "fil"
) -> Any:
    """Upload a file of one's own from a page that was seen some time ago."""
    return jobb.send_from(shown, til, **{felt: (io.BytesIO(first_rows(5)), filnavn)})


def objects() -> set[str]:
    """The name of everything in the object store."""
    return {found["path"] for page in current().store._engine.list() for found in page}


class TestTemplates:
    def test_a_template_that_the_page_did_not_show_stays_chosen(self, klar: Jobb) -> None:
        shown = klar.see("brev")
        choose_ready_template(klar)
        own = next(str(row[0]) for row in mailings.templates(klar.kommune.id) if row[1] == "Kort brev")
        refused(klar.send_from(shown, "brev/mal", mal=own), Vist.MAL)
        assert now(klar).mal == "Skatteseddel for eiendomsskatt"
        assert klar.send("brev", "brev/mal", mal=own).status_code == 303
        assert now(klar).mal == "Kort brev"

    def test_choosing_a_template_twice_or_as_a_colleague_has_is_no_fault(self, klar: Jobb) -> None:
        shown = klar.see("brev")
        choose_ready_template(klar)
        chosen = str(now(klar).malversjon_id)
        assert klar.send_from(shown, "brev/mal", mal=chosen).status_code == 303

    def test_a_template_that_was_written_meanwhile_stays_in_the_form_and_is_not_stored(
        self, klar: Jobb
    ) -> None:
        shown = klar.see("brev/rediger")
        choose_ready_template(klar)
        mine = {"navn": "Mitt brev", "kilde_nb": "# Mitt\n\nTil ((navn))."}
        answer = klar.send_from(shown, "brev/rediger", **mine)
        assert answer.status_code == 409
        check_page(answer.text)
        chosen = f"«Skatteseddel for eiendomsskatt», versjon {now(klar).malversjon}"
        assert tekst("MAL_ENDRET", mal=chosen) in text_of(answer.text)
        assert "# Mitt" in answer.text and 'value="Mitt brev"' in answer.text
        assert now(klar).mal == "Skatteseddel for eiendomsskatt"
        assert "Mitt brev" not in {row[1] for row in mailings.templates(klar.kommune.id)}
        for _ in range(2):
            assert klar.send_from(answer.text, "brev/rediger", **mine).status_code == 303
        assert (now(klar).mal, now(klar).malversjon) == ("Mitt brev", 1)
        assert len([row for row in mailings.templates(klar.kommune.id) if row[1] == "Mitt brev"]) == 1

    def test_what_a_colleague_has_saved_meanwhile_is_not_written_over(self, klar: Jobb) -> None:
        theirs, mine = TEMPLATE | {"kilde_nb": "Frist: tre veker"}, TEMPLATE | {"kilde_nb": "Tillegg"}
        other = Jobb(klar.app, klar.kommune, klar.arbeid)
        other.begin()
        of_first = f"brev/rediger?versjon={newest(klar)[0]}"
        shown = klar.see(of_first)
        assert "nyere versjon" not in text_of(shown)
        assert other.send(of_first, "brev/rediger", **theirs).status_code == 303

        answer = klar.send_from(shown, "brev/rediger", **mine)

        assert answer.status_code == 409
        check_page(answer.text)
        assert tekst("MAL_NYERE_VERSJON", versjon=2) in text_of(answer.text)
        assert f"brev/rediger?versjon={newest(klar)[0]}" in answer.text
        assert ">Tillegg</textarea>" in answer.text
        assert (now(klar).malversjon, newest(klar)[1]) == (1, 2)
        for _ in range(2):
            assert klar.send_from(answer.text, "brev/rediger", **mine).status_code == 303
        assert (now(klar).malversjon, newest(klar)[1]) == (3, 3)

    def test_who_opens_an_older_version_is_told_of_the_newest_and_may_take_its_place(
        self, klar: Jobb
    ) -> None:
        of_first = f"brev/rediger?versjon={newest(klar)[0]}"
        klar.send(of_first, "brev/rediger", **TEMPLATE | {"kilde_nb": "Annet"})
        shown = klar.see(of_first)
        assert "Den nyeste er versjon 2" in text_of(shown)
        assert klar.send_from(shown, "brev/rediger", **TEMPLATE).status_code == 303
        assert now(klar).malversjon == 3

    def test_a_new_name_takes_no_versions_place(self, klar: Jobb) -> None:
        of_first = f"brev/rediger?versjon={newest(klar)[0]}"
        shown = klar.see(of_first)
        other = Jobb(klar.app, klar.kommune, klar.arbeid)
        other.begin()
        other.send(of_first, "brev/rediger", **TEMPLATE | {"kilde_nb": "Annet"})
        answer = klar.send_from(shown, "brev/rediger", **TEMPLATE | {"navn": "Mitt brev"})
        assert answer.status_code == 303
        assert (now(klar).mal, now(klar).malversjon) == ("Mitt brev", 1)

    def test_a_template_with_a_fault_is_still_about_what_its_page_showed(self, klar: Jobb) -> None:
        shown = klar.see("brev/rediger")
        choose_ready_template(klar)
        wrong = klar.send_from(shown, "brev/rediger", navn="Mitt brev", kilde_nb="Til ((tull)).")
        assert wrong.status_code == 422
        assert klar.send_from(wrong.text, "brev/rediger", **TEMPLATE).status_code == 409


def newest(jobb: Jobb) -> tuple[UUID, int]:
    """The newest version of the template of the tests: its id and its number."""
    session().rollback()
    return next((row[0], row[2]) for row in mailings.templates(jobb.kommune.id) if row[1] == TEMPLATE["navn"])


def write(jobb: Jobb, navn: str) -> None:
    jobb.send("mottakere/skriv", "mottakere/skriv", navn=navn, **ADDRESS)


def names(jobb: Jobb) -> list[str]:
    session().rollback()
    return [row.navn for row in rows_queries.rows(jobb.uuid, actor=jobb.kommune.aktor("saksbehandler"))]


class TestFacts:
    def test_what_a_colleague_saved_stands_beside_what_was_written(self, jobb: Jobb) -> None:
        jobb.begin()
        shown = jobb.see("fakta")
        jobb.send(
            "fakta", "fakta", **(FACTS | {"sikkerhetsniva": "HOYESTE", "kunngjoringsdato": "15.03.2027"})
        )

        mine = FACTS | {"tittel": "Eiendomsskatt 2027 – vedtak"}
        answer = jobb.send_from(shown, "fakta", **mine)

        assert answer.status_code == 409
        check_page(answer.text)
        words = text_of(answer.text)
        assert tekst("FAKTA_ENDRET") in words
        assert "Tittel på brevet Eiendomsskatt 2027 Eiendomsskatt 2027 – vedtak" in words
        assert "Innlogging for mottakeren Nivå 4 (høyt) Nivå 3 (betydelig)" in words
        assert "Kunngjøringsdato 15.03.2027 01.03.2027" in words
        assert 'value="Eiendomsskatt 2027 – vedtak"' in answer.text
        assert (now(jobb).tittel, now(jobb).sikkerhetsniva) == ("Eiendomsskatt 2027", "HOYESTE")

        both = mine | {"sikkerhetsniva": "HOYESTE", "kunngjoringsdato": "15.03.2027"}
        assert jobb.send_from(answer.text, "fakta", **both).status_code == 303
        assert (now(jobb).tittel, now(jobb).sikkerhetsniva) == ("Eiendomsskatt 2027 – vedtak", "HOYESTE")

    def test_a_form_that_comes_back_with_an_error_is_still_about_what_it_was_shown_with(
        self, jobb: Jobb
    ) -> None:
        jobb.begin()
        shown = jobb.see("fakta")
        jobb.send("fakta", "fakta", **(FACTS | {"sikkerhetsniva": "HOYESTE"}))
        wrong = jobb.send_from(shown, "fakta", **(FACTS | {"tittel": ""}))
        assert wrong.status_code == 422
        assert jobb.send_from(wrong.text, "fakta", **(FACTS | {"tittel": "Annet"})).status_code == 409
        assert now(jobb).sikkerhetsniva == "HOYESTE"

    def test_the_same_facts_once_more_are_no_fault(self, jobb: Jobb) -> None:
        jobb.begin()
        shown = jobb.see("fakta")
        for _ in range(2):
            assert jobb.send_from(shown, "fakta", **(FACTS | {"tittel": "Ny"})).status_code == 303


BOUND: dict[str, dict[str, str]] = {
    "oppsummering": {},
    "fakta": FACTS | {"tittel": "Annet"},
    "kontroll/forslag": {"alle": "ja"},
    "kontroll/til-side": {"valg": "til-side"},
    "mottakere/fjern": {},
    "mottakere/kolonner": {"kolonne-1": "navn"},
    "mottakere": {},
}


@pytest.mark.parametrize("til", BOUND)
def test_a_form_that_does_not_say_what_its_page_showed_does_nothing(jobb: Jobb, til: str) -> None:
    jobb.begin()
    jobb.read("eiendomsskatt_excel_feller.xlsx")
    before = counts(jobb)
    page, file = jobb.see("mottakere"), {"fil": (io.BytesIO(first_rows(2)), "ny.csv")}
    form: dict[str, Any] = BOUND[til] | {"sett": ""} | (file if til == "mottakere" else {})
    assert jobb.send_from(page, til, **form).status_code == 409
    assert counts(jobb) == before
    assert (now(jobb).tittel, now(jobb).parker_feil, now(jobb).status) == (
        "Eiendomsskatt 2027",
        False,
        U.UTKAST,
    )


def test_who_changed_a_draft_and_what_stands_in_the_audit_log(klar: Jobb) -> None:
    change_facts(klar)
    change_facts(klar)
    choose_ready_template(klar)
    uploads.read_again(klar.uuid, actor=klar.kommune.aktor("godkjenner"))
    assert audited(klar.uuid, "UTSENDING_ENDRET") == [{"felter": "tittel, kunngjoringsdato"}]
    assert [row["navn"] for row in audited(klar.uuid, "MAL_VALGT")] == [
        "Kort brev",
        "Skatteseddel for eiendomsskatt",
    ]
    assert audited(klar.uuid, "LEST_PA_NYTT") == [{}]


def audited(utsending_id: UUID, handling: str) -> list[dict[str, Any]]:
    session().rollback()
    of_this = (Audit.objekt_id == str(utsending_id), Audit.handling == handling)
    return [row.detaljer for row in session().scalars(select(Audit).where(*of_this).order_by(Audit.id))]


def test_the_mailing_is_not_made_other_by_being_looked_at(klar: Jobb) -> None:
    """A digest is the same as long as nothing is changed, whatever order the database answers in."""
    shown = [klar.see("oppsummering").split('name="sett" value="')[1].split('"')[0] for _ in range(3)]
    assert len(set(shown)) == 1
    assert session().get(Utsending, klar.uuid) is not None

"""One big PDF becomes letters: cut, read by areas, controlled, made, sent; and what cannot be cut is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from fiks.core.db import session
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt
from fiks.core.isolate import Grenser
from fiks.core.values.address import country_code
from fiks.pdf.cut import large_file
from fiks.svarut.models import Dokument, Forsendelse
from fiks.utsending.draft import confirm
from fiks.utsending.draft import service as draft_service
from fiks.utsending.filer.rules import Giroside, Girovalg
from fiks.utsending.models import Utsending
from fiks.utsending.receivers import typed, uploads
from fiks.utsending.rules import Art, Radstatus
from fiks.utsending.samlet import queries, service
from fiks.utsending.samlet.analysis.setup import Feltnavn, Kuttmate, Omrade, Oppsett
from fiks.utsending.samlet.queries import Kilde
from fiks.utsending.sealed_values import row_values
from testmiljo.folders import LILLEVIK
from testmiljo.samlet import make_uneven_pdf
from tests.integration.databases import QuickProcess
from tests.integration.utsending.bigfiles import (
    SAMLET,
    add_list,
    begin_with,
    expected,
    known_areas,
    letters_of,
    links_of,
    pieces_of,
    read_letters,
    set_up,
    two_pages,
    upload_of,
    work,
)
from tests.integration.utsending.jobs import produce, rows_of, send_everything, status
from tests.integration.utsending.kommuner import make_kommune
from tests.integration.utsending.lists import register
from tests.unit.brev import naughty
from tests.unit.samlet.files import changed

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("at_noon", "outside")]


def test_statement_51_names_addresses_ids_and_references_are_exactly_those_of_the_letters(
    process: QuickProcess,
) -> None:
    utsending_id = read_letters(make_kommune(), process)
    rows = rows_of(utsending_id)
    assert [row.radnr for row in rows] == [letter["nr"] for letter in expected()["brev"]]
    for row, letter in zip(rows, expected()["brev"], strict=True):
        values = row_values(row)
        assert values["navn"] == letter["navn"]
        lines = [values.get(f"adresselinje{n}", "") for n in (1, 2, 3)]
        place = f"{values['postnr']} {values['poststed']}"
        assert [line for line in (*lines, place, values.get("land", "")) if line] == letter["adresse"]
        assert (values["postnr"], values["poststed"]) == (letter["postnr"], letter["poststed"])
        assert country_code(values.get("land")) == country_code(letter["land"])
        assert (row.mottakertype, values.get("fnr") or values.get("orgnr")) == (
            letter["idType"],
            letter["id"],
        )
        assert values["eksternref"] == letter["eksternref"]
    kinds = [row.mottakertype for row in rows]
    assert (kinds.count("INGEN"), len(kinds) - kinds.count("INGEN")) == (1, 9)
    assert [bool(row_values(row).get("land")) for row in rows].count(True) == 1


def test_each_letter_is_its_own_pages(process: QuickProcess) -> None:
    utsending_id = read_letters(make_kommune(), process)
    letters = letters_of(utsending_id)
    assert [[letter.fra_side, letter.til_side] for letter in letters] == [
        b["sider"] for b in expected()["brev"]
    ]
    assert {(letter.status, letter.sider, letter.vist_navn) for letter in letters} == {
        ("LEST", 2, "Eiendomsskatt 2027.pdf")
    }


def test_the_letter_without_a_number_is_said_to_be(process: QuickProcess) -> None:
    utsending_id = read_letters(make_kommune(), process)
    told = {row.radnr: [f["kode"] for f in row.funn] for row in rows_of(utsending_id)}
    assert told[3] == ["NUMMER_MANGLER"]
    assert confirm.row_counts(utsending_id)[Radstatus.ADVARSEL] >= 1


@pytest.mark.parametrize(("sider", "rest"), [(3, 2), (7, 6), (40, 20)])
def test_statement_51_a_page_count_that_does_not_go_up_is_refused_with_the_reason(
    process: QuickProcess, sider: int, rest: int
) -> None:
    kommune = make_kommune()
    utsending_id = begin_with(kommune)
    work(process)
    with pytest.raises(Konflikt, match="SIDER_GAR_IKKE_OPP") as refused:
        service.set_up(utsending_id, two_pages(sider=sider), actor=kommune.aktor("saksbehandler"))
    assert refused.value.params == {"sider": 20, "per_brev": sider, "rest": rest}
    assert (letters_of(utsending_id), pieces_of(utsending_id)) == ([], [])
    assert upload_of(utsending_id).status == "LEST"


@pytest.mark.parametrize(
    ("data", "kode"),
    [
        ((LILLEVIK / "brev_passord.pdf").read_bytes(), "PDF_PASSORD"),
        ((LILLEVIK / "ikke_en.pdf").read_bytes(), "PDF_UGYLDIG"),
        (naughty.pdf(naughty.javascript, pages=4), "PDF_JAVASCRIPT"),
        (naughty.pdf(naughty.embedded_file, pages=4), "PDF_INNEBYGD_FIL"),
    ],
    ids=["password", "no pdf", "script", "file inside"],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason_and_not_kept(
    process: QuickProcess, data: bytes, kode: str
) -> None:
    utsending_id = begin_with(make_kommune(), data)
    stored = upload_of(utsending_id).objekt
    assert stored is not None
    work(process)
    upload = upload_of(utsending_id)
    assert (upload.status, upload.feilkode, upload.objekt, upload.nokkel) == ("FEILET", kode, None, None)
    assert stored not in {
        found.navn for day in current().store.days() for found in current().store.made_on(day)
    }


def test_a_file_that_brings_its_child_down_is_refused_and_kept_and_read_when_asked_again(
    process: QuickProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    kommune = make_kommune()
    utsending_id = begin_with(kommune)
    stored = upload_of(utsending_id).objekt
    with monkeypatch.context() as little:
        # Any file brings down a child that may have so little.
        little.setattr(large_file, "OPEN_LIMITS", Grenser(memory_mb=40))
        work(process)
    upload = upload_of(utsending_id)
    assert (upload.status, upload.feilkode, upload.objekt) == ("FEILET", "PDF_FOR_KOMPLISERT", stored)
    uploads.read_again(utsending_id, actor=kommune.aktor("saksbehandler"))
    work(process)
    assert upload_of(utsending_id).status == "LEST"


def test_another_area_is_another_reading_and_no_other_cut(process: QuickProcess) -> None:
    kommune = make_kommune()
    utsending_id = read_letters(kommune, process)
    before = [(letter.id, letter.sha256, letter.objekt) for letter in letters_of(utsending_id)]
    pieces = [piece.id for piece in pieces_of(utsending_id)]
    without_ref = two_pages(omrader=known_areas()[:3])
    set_up(kommune, utsending_id, process, without_ref)
    assert [(letter.id, letter.sha256, letter.objekt) for letter in letters_of(utsending_id)] == before
    assert [piece.id for piece in pieces_of(utsending_id)] == pieces
    rows = rows_of(utsending_id)
    assert len(rows) == 10 and not any(row_values(row).get("eksternref") for row in rows)
    assert len(links_of(utsending_id)) == 10


def test_another_cut_is_another_set_of_letters_and_the_old_ones_are_gone(process: QuickProcess) -> None:
    kommune = make_kommune()
    utsending_id = read_letters(kommune, process)
    before = {letter.objekt for letter in letters_of(utsending_id)}
    set_up(kommune, utsending_id, process, two_pages(sider=4))
    letters = letters_of(utsending_id)
    assert [(letter.fra_side, letter.til_side) for letter in letters] == [(n, n + 3) for n in range(1, 20, 4)]
    assert [row.radnr for row in rows_of(utsending_id)] == [1, 2, 3, 4, 5]
    stored = {found.navn for day in current().store.days() for found in current().store.made_on(day)}
    assert not before & stored


@pytest.mark.parametrize(
    "oppsett",
    [
        Oppsett(Kuttmate.TEKST, None, "1/2", known_areas()),
        Oppsett(Kuttmate.FYLT, None, "", (*known_areas(), Omrade(Feltnavn.MERKE, 1, 19, 48.2, 100, 5))),
        Oppsett(Kuttmate.ENDRET, None, "", (*known_areas(), Omrade(Feltnavn.MERKE, 1, 154, 58.2, 36, 5))),
    ],
    ids=["text", "filled", "changed"],
)
def test_letters_are_cut_where_the_page_shows_that_one_begins(
    process: QuickProcess, oppsett: Oppsett
) -> None:
    utsending_id = read_letters(make_kommune(), process, oppsett=oppsett)
    assert [letter.sider for letter in letters_of(utsending_id)] == [2] * 10
    assert [row_values(row)["navn"] for row in rows_of(utsending_id)] == [
        b["navn"] for b in expected()["brev"]
    ]


def test_letters_of_different_length_each_have_their_own_pages(process: QuickProcess, tmp_path: Path) -> None:
    path = tmp_path / "ulike.pdf"
    make_uneven_pdf(path, (1, 3, 2, 4))
    oppsett = Oppsett(Kuttmate.TEKST, None, "Side 1 av", known_areas())
    utsending_id = read_letters(make_kommune(), process, path, oppsett)
    assert [letter.sider for letter in letters_of(utsending_id)] == [1, 3, 2, 4]


def test_a_mark_that_is_nowhere_is_told_and_can_be_changed(process: QuickProcess) -> None:
    kommune = make_kommune()
    utsending_id = read_letters(
        kommune, process, oppsett=Oppsett(Kuttmate.TEKST, None, "Faktura", known_areas())
    )
    state = queries.state(utsending_id, actor=kommune.aktor("saksbehandler"))
    assert (state.feilkode, state.brev, state.kuttes) == ("INGEN_FORSTESIDER", 0, False)
    set_up(kommune, utsending_id, process, two_pages())
    assert queries.state(utsending_id, actor=kommune.aktor("saksbehandler")).feilkode is None
    assert len(rows_of(utsending_id)) == 10


def test_the_extra_list_gives_letters_their_numbers(process: QuickProcess) -> None:
    kommune = make_kommune()
    names, address, _, ref = known_areas()
    keyed = two_pages(omrader=(names, address, replace(ref, felt=Feltnavn.NOKKEL)))
    utsending_id = read_letters(kommune, process, oppsett=keyed)
    assert {row.mottakertype for row in rows_of(utsending_id)} == {"INGEN"}
    told = expected()["brev"]
    lines = [f"{b['eksternref']};{b['id'] or ''};annet" for b in told[:8]]
    lines += [f"{told[8]['eksternref']};{told[8]['id']};x", f"{told[8]['eksternref']};{told[0]['id']};y"]
    add_list(kommune, utsending_id, ["Fakturanr;Fødselsnr/orgnr;Merknad", *lines])
    work(process)
    upload = upload_of(utsending_id, "TILLEGGSLISTE")
    assert (upload.status, upload.kobling, upload.antall) == ("LEST", {"nokkel": "Fakturanr"}, 10)
    rows = rows_of(utsending_id)
    found = [row_values(row).get("fnr") or row_values(row).get("orgnr") for row in rows]
    assert found == [*(b["id"] for b in told[:8]), None, None]
    codes = {row.radnr: [f["kode"] for f in row.funn] for row in rows}
    assert (
        codes[3] == ["TILLEGG_MANGLER"]
        and codes[9] == ["TILLEGG_FLERTYDIG"]
        and codes[10] == ["TILLEGG_MANGLER"]
    )


def test_an_extra_list_of_other_letters_is_refused_and_stops_the_mailing(process: QuickProcess) -> None:
    kommune = make_kommune()
    names, address, _, ref = known_areas()
    keyed = two_pages(omrader=(names, address, replace(ref, felt=Feltnavn.NOKKEL)))
    utsending_id = read_letters(kommune, process, oppsett=keyed)
    add_list(kommune, utsending_id, ["Fakturanr;Fødselsnr", "4711;05897818274"])
    work(process)
    assert upload_of(utsending_id, "TILLEGGSLISTE").feilkode == "TILLEGGSNOKKEL_UKJENT"
    with pytest.raises(Konflikt, match="TILLEGGSLISTE_KAN_IKKE_BRUKES"):
        confirm.confirm_control(utsending_id, actor=kommune.aktor("saksbehandler"))
    service.remove_extra(utsending_id, actor=kommune.aktor("saksbehandler"))
    work(process)
    confirm.confirm_control(utsending_id, actor=kommune.aktor("saksbehandler"))


@pytest.mark.parametrize(
    ("rows", "kode"),
    [
        (["Fakturanr;Beløp", "1;2"], "NUMMERKOLONNE_MANGLER"),
        (["Fødselsnummer", "05897818274"], "NOKKELKOLONNE_MANGLER"),
    ],
)
def test_a_list_that_can_tie_nothing_is_refused_with_the_reason(
    process: QuickProcess, rows: list[str], kode: str
) -> None:
    kommune = make_kommune()
    utsending_id = read_letters(kommune, process)
    add_list(kommune, utsending_id, rows)
    work(process)
    upload = upload_of(utsending_id, "TILLEGGSLISTE")
    assert (upload.status, upload.feilkode, upload.objekt) == ("FEILET", kode, None)
    assert len(rows_of(utsending_id)) == 10


def test_the_set_up_is_remembered_for_the_konto(process: QuickProcess) -> None:
    kommune = make_kommune()
    maker = kommune.aktor("saksbehandler")
    read_letters(kommune, process, oppsett=two_pages(giro=Girovalg(Giroside.SISTE)))
    again = begin_with(kommune)
    work(process)
    offered = queries.offered_setups(again, actor=maker)
    assert next(iter(offered)) == Kilde.HUSKET
    assert offered[Kilde.HUSKET] == two_pages(giro=Girovalg(Giroside.SISTE))
    assert Kilde.EGET not in offered and Kilde.FORSLAG in offered
    other = begin_with(make_kommune())
    work(process)
    assert letters_of(again) == []
    assert other != again


def test_in_another_way_there_are_no_letters_of_a_big_file(process: QuickProcess) -> None:
    kommune = make_kommune()
    utsending_id = read_letters(kommune, process)
    row = session().get_one(Utsending, utsending_id)
    facts = draft_service.Fakta(tittel=row.tittel, art=Art.SAMME_DOKUMENT, brevdato=row.brevdato)
    draft_service.update_utsending(utsending_id, facts, actor=kommune.aktor("saksbehandler"))
    session().rollback()
    assert (letters_of(utsending_id), rows_of(utsending_id)) == ([], [])
    assert session().get_one(Utsending, utsending_id).oppsett == {}


def test_a_letter_that_cannot_be_sent_is_an_error_row_and_the_others_go(process: QuickProcess) -> None:
    kommune = make_kommune()
    utsending_id = read_letters(kommune, process, changed(SAMLET.read_bytes(), naughty.launch))
    first, *others = rows_of(utsending_id)
    assert [f["kode"] for f in first.funn] == ["BREV_KAN_IKKE_SENDES"]
    assert [link.radnr for link in links_of(utsending_id)] == [row.radnr for row in others]
    assert letters_of(utsending_id)[0].objekt is None


def test_statement_48_a_big_file_is_sent_with_each_letters_own_pages(process: QuickProcess) -> None:
    kommune = make_kommune()
    utsending_id = read_letters(kommune, process)
    letters = {letter.nr: letter.sha256 for letter in letters_of(utsending_id)}
    produce(kommune, utsending_id, process)
    assert status(utsending_id) == "TIL_GODKJENNING"
    send_everything(kommune, utsending_id, process)
    sent = session().execute(
        select(Forsendelse.radnr, Dokument.sha256, Dokument.filnavn)
        .join(Dokument, Dokument.forsendelse_id == Forsendelse.id)
        .where(Forsendelse.utsending_id == utsending_id, Dokument.nr == 1)
    )
    assert {row[0]: (row[1], row[2]) for row in sent} == {
        nr: (sha256, "Eiendomsskatt 2027.pdf") for nr, sha256 in letters.items()
    }


def test_statement_48_only_who_may_send_from_the_konto_may_set_it_up(process: QuickProcess) -> None:
    kommune = make_kommune()
    utsending_id = begin_with(kommune)
    work(process)
    with pytest.raises(IkkeTilgang):
        service.set_up(utsending_id, two_pages(), actor=kommune.aktor("leser"))
    with pytest.raises(IkkeFunnet):
        service.set_up(utsending_id, two_pages(), actor=make_kommune().aktor("saksbehandler"))


def test_receivers_that_are_read_from_the_pdf_are_neither_written_nor_taken_away_by_hand(
    process: QuickProcess,
) -> None:
    """All rows would be made anew by that, and lose the letters that are tied to them."""
    kommune = make_kommune()
    utsending_id = read_letters(kommune, process)
    clerk = kommune.aktor("saksbehandler")
    tied = [(link.radnr, link.brevfil_id) for link in links_of(utsending_id)]
    with pytest.raises(Konflikt, match="MOTTAKERE_AV_PDF"):
        typed.remove_row(utsending_id, 2, register(), actor=clerk)
    with pytest.raises(Konflikt, match="MOTTAKERE_AV_PDF"):
        typed.add_row(utsending_id, {"navn": "Kari Fjell"}, register(), actor=clerk)
    session().rollback()
    assert [(link.radnr, link.brevfil_id) for link in links_of(utsending_id)] == tied
    assert len(rows_of(utsending_id)) == len(tied)

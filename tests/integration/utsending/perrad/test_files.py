"""A mailing's files: replaced, tied anew, kept apart by receiver, sent in order, taken away."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from fiks.core.db import session
from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.svarut.models import Dokument, Forsendelse
from fiks.utsending.cost import estimate
from fiks.utsending.deletion.discard import discard_draft
from fiks.utsending.draft import confirm, service
from fiks.utsending.filer import giro, queries, requirements, upload
from fiks.utsending.filer.queries import Utvalg
from fiks.utsending.filer.rules import Giroside, Girovalg
from fiks.utsending.letters import test_letter
from fiks.utsending.models import Utsending
from fiks.utsending.rules import Art, Radstatus
from tests.integration.databases import QuickProcess
from tests.integration.utsending.jobs import produce, rows_of, send_everything, status
from tests.integration.utsending.kommuner import Kommune
from tests.integration.utsending.perrad.jobs import (
    LETTER,
    LETTERS,
    add,
    add_list,
    begin_per_rad,
    codes,
    files_of,
    list_file,
    sent_by,
    stored,
    work_off,
)
from tests.unit.filer.zips import make_zip
from workers.lanes import do_portion

pytestmark = pytest.mark.usefixtures("at_noon", "outside")


def test_a_file_of_a_name_that_is_there_replaces_it_and_the_row_gets_the_new_one(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    utsending_id = begin_per_rad(kommune)
    add_list(kommune, utsending_id, list_file(tmp_path, [("Kari Vik", "brev.pdf")]))
    add(kommune, utsending_id, {"brev.pdf": LETTERS["0001.pdf"]})
    work_off(process)
    old = files_of(utsending_id)["brev.pdf"]
    first, place = old.nr, old.objekt
    assert add(kommune, utsending_id, {"brev.pdf": LETTERS["0003.pdf"]}).nye == 1
    with pytest.raises(Konflikt, match="LISTE_LESES"):
        confirm.confirm_control(utsending_id, actor=kommune.aktor("saksbehandler"))
    work_off(process)
    new = files_of(utsending_id)["brev.pdf"]
    assert (new.nr, new.sider, len(files_of(utsending_id))) == (first, 3, 1)
    assert place not in stored()
    assert sent_by(utsending_id) == {2: ["brev.pdf"]}
    confirm.confirm_control(utsending_id, actor=kommune.aktor("saksbehandler"))


def test_files_that_are_tied_to_the_list_while_they_are_counted_are_still_looked_into(
    kommune: Kommune, process: QuickProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    utsending_id = begin_per_rad(kommune)
    add_list(kommune, utsending_id, list_file(tmp_path, [("Kari Vik", "brev.pdf")]))
    add(kommune, utsending_id, {"brev.pdf": LETTER})
    asked = itertools.count(1)

    def when_counted() -> Session:
        if next(asked) == 2:
            work_off(process)
        return session()

    monkeypatch.setattr(queries, "session", when_counted)
    shown = queries.overview(utsending_id, actor=kommune.aktor("saksbehandler"))
    assert (shown.koblet, shown.kontrolleres) == (False, True)
    shown = queries.overview(utsending_id, actor=kommune.aktor("saksbehandler"))
    assert (shown.koblet, shown.kontrolleres, shown.utvalg[Utvalg.UBRUKTE]) == (True, False, 0)


def test_the_same_file_again_changes_nothing_and_leaves_nothing(
    kommune: Kommune, process: QuickProcess
) -> None:
    utsending_id = begin_per_rad(kommune)
    add(kommune, utsending_id, {"brev.pdf": LETTER})
    work_off(process)
    before = stored()
    again = add(kommune, utsending_id, {"brev.pdf": LETTER})
    assert (again.nye, again.uendret) == (0, 1)
    assert stored() == before
    assert files_of(utsending_id)["brev.pdf"].status == "LEST"


def test_a_controlled_draft_is_a_draft_again_when_its_files_change(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    utsending_id = begin_per_rad(kommune)
    add_list(kommune, utsending_id, list_file(tmp_path, [("Kari Vik", "brev.pdf")]))
    add(kommune, utsending_id, {"brev.pdf": LETTER})
    work_off(process)
    confirm.confirm_control(utsending_id, actor=kommune.aktor("saksbehandler"))
    assert status(utsending_id) == "KONTROLLERT"
    add(kommune, utsending_id, {"brev.pdf": LETTERS["0002.pdf"]})
    assert status(utsending_id) == "UTKAST"


def test_a_file_to_two_receivers_is_nobodys_and_the_same_receiver_twice_is_one(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    utsending_id = begin_per_rad(kommune)
    rows = [
        ("Kari Vik", "felles.pdf"),
        ("Ola Nes", "felles.pdf|egen.pdf"),
        ("Nina Li", "to.pdf"),
        ("Nina Li", "to.pdf"),
    ]
    add_list(kommune, utsending_id, list_file(tmp_path, rows))
    add(kommune, utsending_id, {n: LETTER + n.encode() for n in ("felles.pdf", "egen.pdf", "to.pdf")})
    work_off(process)
    assert codes(utsending_id) == {
        2: ["FIL_FLERE_MOTTAKERE"],
        3: ["FIL_FLERE_MOTTAKERE"],
        4: [],
        5: [],
    }
    assert [row.status for row in rows_of(utsending_id)][:2] == [Radstatus.FEIL, Radstatus.FEIL]
    actor = kommune.aktor("saksbehandler")
    shared = queries.files(utsending_id, actor=actor, utvalg=Utvalg.DELTE)
    assert [(fil.navn, fil.rader) for fil in shared] == [("felles.pdf", (2, 3))]
    add_list(
        kommune, utsending_id, list_file(tmp_path, [("Kari Vik", "felles.pdf"), ("Ola Nes", "egen.pdf")])
    )
    work_off(process)
    assert codes(utsending_id) == {2: [], 3: []}
    assert queries.files(utsending_id, actor=actor, utvalg=Utvalg.DELTE) == []


def test_a_row_has_its_own_title_in_the_inbox_and_on_its_sheet_but_never_a_number(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    path = tmp_path / "liste.csv"
    path.write_text(
        "navn;filnavn;tittel;adresselinje1;postnr;poststed\r\n"
        "Kari Vik;a.pdf;Vedtak om barnehage;Storgata 1;4262;AVALDSNES\r\n"
        "Ola Nes;b.pdf;;Storgata 1;4262;AVALDSNES\r\n"
        "Nina Li;c.pdf;Brev til 28837721085;Storgata 1;4262;AVALDSNES\r\n",
        encoding="utf-8",
    )
    utsending_id = begin_per_rad(kommune, tittel="Brev fra oss")
    add_list(kommune, utsending_id, path)
    add(kommune, utsending_id, {n: LETTER + n.encode() for n in ("a.pdf", "b.pdf", "c.pdf")})
    work_off(process)
    assert codes(utsending_id) == {2: [], 3: [], 4: ["TITTEL_PERSONNUMMER"]}
    service.park_bad_rows(utsending_id, True, actor=kommune.aktor("saksbehandler"), antall=1)
    produce(kommune, utsending_id, process)
    send_everything(kommune, utsending_id, process)
    found = session().execute(
        select(Forsendelse.radnr, Forsendelse.tittel).where(Forsendelse.utsending_id == utsending_id)
    )
    assert {row[0]: row[1] for row in found} == {2: "Vedtak om barnehage", 3: "Brev fra oss"}


def test_every_letter_has_its_sheet_its_documents_in_order_and_its_giro_page(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    utsending_id = begin_per_rad(kommune)
    add_list(kommune, utsending_id, list_file(tmp_path, [("Kari Vik", "vedlegg.pdf|brev.pdf")]))
    add(kommune, utsending_id, {"brev.pdf": LETTERS["0003.pdf"], "vedlegg.pdf": LETTER})
    giro.set_giro(utsending_id, Girovalg(Giroside.NUMMER, 3), actor=kommune.aktor("saksbehandler"))
    work_off(process)
    cost = estimate.estimate_cost(utsending_id, actor=kommune.aktor("saksbehandler"))
    assert (cost.ark, cost.antatt) == (1 + 1 + 2, False)
    produce(kommune, utsending_id, process)
    send_everything(kommune, utsending_id, process)
    found = session().execute(
        select(Dokument.nr, Dokument.filnavn, Dokument.sider, Dokument.giroark, Dokument.sha256)
        .join(Forsendelse, Forsendelse.id == Dokument.forsendelse_id)
        .where(Forsendelse.utsending_id == utsending_id)
        .order_by(Dokument.nr)
    )
    files = files_of(utsending_id)
    assert [tuple(row) for row in found] == [
        (0, "forside.pdf", 1, [], rows_of(utsending_id)[0].brev_sha256),
        (1, "vedlegg.pdf", 2, [], files["vedlegg.pdf"].sha256),
        (2, "brev.pdf", 3, [3], files["brev.pdf"].sha256),
    ]


def test_a_test_letter_has_the_rows_documents(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    utsending_id = begin_per_rad(kommune)
    add_list(kommune, utsending_id, list_file(tmp_path, [("Kari Vik", "brev.pdf")]))
    add(kommune, utsending_id, {"brev.pdf": LETTER})
    work_off(process)
    test_letter.order_test_letter(utsending_id, 2, actor=kommune.aktor("saksbehandler"))
    session().rollback()
    assert do_portion("forhandsvisning", process) == 1
    names = select(Dokument.filnavn).join(Forsendelse).where(Forsendelse.prove).order_by(Dokument.nr)
    assert list(session().scalars(names)) == ["provebrev.pdf", "brev.pdf"]


def test_files_are_taken_away_one_all_or_those_nobody_gets(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    utsending_id = begin_per_rad(kommune)
    actor = kommune.aktor("saksbehandler")
    add(kommune, utsending_id, {n: LETTER + n.encode() for n in ("a.pdf", "b.pdf", "c.pdf")})
    work_off(process)
    add_list(kommune, utsending_id, list_file(tmp_path, [("Kari Vik", "a.pdf"), ("Ola Nes", "b.pdf")]))
    with pytest.raises(Konflikt, match="FILER_IKKE_KOBLET"):
        upload.remove_files(utsending_id, "ubrukte", actor=actor)
    work_off(process)
    assert upload.remove_files(utsending_id, "ubrukte", actor=actor) == 1
    assert list(files_of(utsending_id)) == ["a.pdf", "b.pdf"]
    assert sent_by(utsending_id) == {2: ["a.pdf"], 3: ["b.pdf"]}
    assert upload.remove_files(utsending_id, str(files_of(utsending_id)["b.pdf"].nr), actor=actor) == 1
    work_off(process)
    assert codes(utsending_id) == {2: [], 3: ["FIL_IKKE_LASTET_OPP"]}
    with pytest.raises(UgyldigInndata, match="VALG_UGYLDIG"):
        upload.remove_files(utsending_id, "noen", actor=actor)
    gone = [fil.objekt for fil in files_of(utsending_id).values()]
    assert upload.remove_files(utsending_id, "alle", actor=actor) == 1
    assert not set(gone) & stored()
    work_off(process)
    with pytest.raises(Konflikt, match="BREVFILER_MANGLER"):
        confirm.confirm_control(utsending_id, actor=actor)


def test_a_new_list_is_tied_to_files_that_wait_and_pieces_under_way_are_left_alone(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    utsending_id = begin_per_rad(kommune)
    add(kommune, utsending_id, {"a.pdf": LETTER})
    add_list(kommune, utsending_id, list_file(tmp_path, [("Kari Vik", "a.pdf")]))
    add_list(kommune, utsending_id, list_file(tmp_path, [("Ola Nes", "a.pdf")]))
    work_off(process)
    assert files_of(utsending_id)["a.pdf"].status == "LEST"
    assert sent_by(utsending_id) == {2: ["a.pdf"]}


def test_another_way_of_sending_has_its_rows_controlled_anew(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    utsending_id = begin_per_rad(kommune)
    actor = kommune.aktor("saksbehandler")
    add_list(kommune, utsending_id, list_file(tmp_path, [("Kari Vik", "borte.pdf")]))
    add(kommune, utsending_id, {"a.pdf": LETTER})
    work_off(process)
    assert codes(utsending_id) == {2: ["FIL_IKKE_LASTET_OPP"]}
    row = session().get_one(Utsending, utsending_id)
    fakta = service.Fakta(tittel=row.tittel, art=Art.FLETTEBREV, brevdato=row.brevdato)
    service.update_utsending(utsending_id, fakta, actor=actor)
    work_off(process)
    assert codes(utsending_id) == {2: []}
    for use in (
        lambda: add(kommune, utsending_id, {"b.pdf": LETTER}),
        lambda: upload.add_zip(utsending_id, "b.zip", [b"PK"], actor=actor),
        lambda: giro.set_giro(utsending_id, Girovalg(), actor=actor),
        lambda: requirements.accept_unused(utsending_id, actor=actor),
    ):
        with pytest.raises(Konflikt, match="FEIL_MATE"):
            use()


def test_discarding_the_draft_takes_its_files_and_its_zip_with_it(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    before = stored()
    utsending_id = begin_per_rad(kommune)
    add(kommune, utsending_id, {"a.pdf": LETTER})
    content = make_zip(tmp_path, [("b.pdf", LETTER + b"b")]).read_bytes()
    upload.add_zip(utsending_id, "b.zip", [content], actor=kommune.aktor("saksbehandler"))
    from_store = stored() - before
    assert len(from_store) == 2
    discard_draft(utsending_id, actor=kommune.aktor("saksbehandler"))
    assert stored() == before
    work_off(process)
    assert stored() == before


def test_files_cannot_be_changed_once_the_letters_are_made(kommune: Kommune, process: QuickProcess) -> None:
    utsending_id = begin_per_rad(kommune)
    add_list(kommune, utsending_id)
    add(kommune, utsending_id, LETTERS)
    work_off(process)
    produce(kommune, utsending_id, process)
    assert status(utsending_id) == "TIL_GODKJENNING"
    before = stored()
    with pytest.raises(Konflikt, match="KAN_IKKE_ENDRES"):
        add(kommune, utsending_id, {"ny.pdf": LETTERS["0001.pdf"] + b"ny"})
    assert stored() == before

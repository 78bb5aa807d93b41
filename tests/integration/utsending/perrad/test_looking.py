"""Looking at a file: only by those who may, told to whom it is about, and never by a name that tells who that is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update

from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang
from fiks.konfigurasjon import grant_usage
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.models import Tilgang
from fiks.konfigurasjon.rules import P
from fiks.utsending.file_models import Brevfil
from fiks.utsending.filer import queries, viewing
from fiks.utsending.models import Utsendingsrad
from fiks.utsending.rows.queries import MASKED, rows
from tests.integration.databases import QuickProcess
from tests.integration.utsending.kommuner import ROOT, Kommune
from tests.integration.utsending.perrad.jobs import (
    LETTER,
    LETTERS,
    add,
    add_list,
    begin_per_rad,
    list_file,
    sent_by,
    work_off,
)

pytestmark = pytest.mark.usefixtures("at_noon", "outside")


def test_the_letter_of_a_protected_person_is_looked_at_only_by_who_may_and_every_look_is_told(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    utsending_id = begin_per_rad(kommune)
    actor, colleague = kommune.aktor("saksbehandler"), kommune.aktor("stopper")
    add_list(kommune, utsending_id, list_file(tmp_path, [("Kari Vik", "a.pdf")]))
    add(kommune, utsending_id, {"a.pdf": LETTER, "ubrukt.pdf": LETTERS["0002.pdf"]})
    work_off(process)
    assert viewing.file_pdf(utsending_id, 1, actor=colleague) == LETTER
    assert viewing.file_page(utsending_id, 1, 2, actor=actor)[:4] == b"\x89PNG"
    assert viewing.file_pdf(utsending_id, 2, actor=actor) == LETTERS["0002.pdf"]
    with pytest.raises(IkkeTilgang):
        viewing.file_pdf(utsending_id, 2, actor=colleague)
    with transaction() as tx:
        tx.execute(
            update(Utsendingsrad).where(Utsendingsrad.utsending_id == utsending_id).values(skjermet=True)
        )
    for look in (viewing.file_pdf, viewing.file_of):
        with pytest.raises(IkkeTilgang):
            look(utsending_id, 1, actor=actor)
    konfigurasjon.grant_privilegium(actor.person_id, P.SE_SPERRET, kommune.konto_id, actor=ROOT)  # type: ignore[arg-type]
    assert viewing.file_pdf(utsending_id, 1, actor=actor) == LETTER
    with pytest.raises(IkkeFunnet):
        viewing.file_page(utsending_id, 1, 3, actor=actor)
    looks = session().scalars(select(Audit.objekt_id).where(Audit.handling == "FIL_VIST").order_by(Audit.id))
    assert list(looks) == [f"{utsending_id}/2", f"{utsending_id}/2", f"{utsending_id}/2", f"{utsending_id}/2"]


def test_the_name_of_a_protected_persons_file_is_shown_only_to_who_may_see_where_they_live(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    utsending_id, actor = begin_per_rad(kommune), kommune.aktor("saksbehandler")
    add_list(
        kommune, utsending_id, list_file(tmp_path, [("Kari Vik", "Fjellveien 12.pdf"), ("Ola Vik", "b.pdf")])
    )
    add(kommune, utsending_id, {"Fjellveien 12.pdf": LETTER, "b.pdf": LETTERS["0002.pdf"]})
    work_off(process)
    with transaction() as tx:
        one = Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.radnr == 2
        tx.execute(update(Utsendingsrad).where(*one).values(skjermet=True))

    def shown() -> list[tuple[str, bool, tuple[int, ...]]]:
        session().rollback()
        return [(f.navn, f.skjermet, f.rader) for f in queries.files(utsending_id, actor=actor)]

    assert shown() == [(MASKED, True, (2,)), ("b.pdf", False, (3,))]
    konfigurasjon.grant_privilegium(actor.person_id, P.SE_SPERRET, kommune.konto_id, actor=ROOT)  # type: ignore[arg-type]
    assert shown() == [("Fjellveien 12.pdf", False, (2,)), ("b.pdf", False, (3,))]
    assert viewing.file_of(utsending_id, 1, actor=actor).navn == "Fjellveien 12.pdf"


def test_who_may_see_protected_letters_has_used_that_only_when_one_was_shown(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    utsending_id, actor = begin_per_rad(kommune), kommune.aktor("saksbehandler")
    add_list(kommune, utsending_id, list_file(tmp_path, [("Kari Vik", "a.pdf"), ("Ola Vik", "borte.pdf")]))
    add(kommune, utsending_id, {"a.pdf": LETTER})
    work_off(process)
    assert actor.person_id is not None
    konfigurasjon.grant_privilegium(actor.person_id, P.SE_SPERRET, kommune.konto_id, actor=ROOT)

    def used_by(look: Callable[[], object]) -> bool:
        look()
        grant_usage.write_noted_uses()
        theirs = Tilgang.person_id == actor.person_id, Tilgang.privilegium == P.SE_SPERRET
        used = session().scalars(select(Tilgang.sist_brukt).where(*theirs)).one() is not None
        with transaction() as tx:
            tx.execute(update(Tilgang).where(*theirs).values(sist_brukt=None))
        return used

    looks: list[Callable[[], object]] = [
        lambda: queries.files(utsending_id, actor=actor),
        lambda: queries.rows_without_files(utsending_id, actor=actor),
        lambda: rows(utsending_id, actor=actor),
        lambda: viewing.file_pdf(utsending_id, 1, actor=actor),
    ]
    assert [used_by(look) for look in looks] == [False] * 4
    with transaction() as tx:
        tx.execute(
            update(Utsendingsrad).where(Utsendingsrad.utsending_id == utsending_id).values(skjermet=True)
        )
    assert [used_by(look) for look in looks] == [True] * 4


def test_a_name_with_a_personal_number_is_found_and_never_shown(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    utsending_id = begin_per_rad(kommune)
    add_list(kommune, utsending_id, list_file(tmp_path, [("Kari Vik", "28837721085.pdf")]))
    add(kommune, utsending_id, {"28837721085.pdf": LETTER})
    work_off(process)
    assert sent_by(utsending_id) == {2: ["xxxxxxxxxxx.pdf"]}
    row = session().scalars(select(Brevfil).where(Brevfil.utsending_id == utsending_id)).one()
    assert b"28837721085" not in (row.navn_kryptert or b"")
    told = session().scalars(select(Audit.detaljer).where(Audit.objekt_id == str(utsending_id)))
    assert "28837721085" not in str(list(told))

"""The first pages of a big PDF are other people's letters: who looks at one stands in the audit, once an hour."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet
from fiks.core.storage.store import LagerUtilgjengelig
from fiks.konfigurasjon import grant_usage
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.models import Tilgang
from fiks.konfigurasjon.person.service import fnr_index
from fiks.konfigurasjon.rules import P
from fiks.utsending.models import Utsendingsrad
from fiks.utsending.receivers import uploads
from fiks.utsending.samlet import letter_list, trial, viewing
from tests.integration.databases import QuickProcess
from tests.integration.utsending.bigfiles import (
    SAMLET,
    begin_with,
    expected,
    read_letters,
    two_pages,
    upload_of,
    work,
)
from tests.integration.utsending.kommuner import ROOT, Kommune, make_kommune

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("at_noon", "outside")]


@pytest.fixture
def kommune() -> Kommune:
    return make_kommune()


def looks(utsending_id: UUID) -> list[Audit]:
    """Every look at a page of the mailing's file, in order."""
    session().rollback()
    chosen = select(Audit).where(
        Audit.handling == "SAMLET_SIDE_VIST", Audit.objekt_id.startswith(str(utsending_id))
    )
    return list(session().scalars(chosen.order_by(Audit.id)))


def test_a_look_at_a_page_nobody_knows_the_receiver_of_is_told_with_the_mailing(
    kommune: Kommune, process: QuickProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    utsending_id, actor = begin_with(kommune), kommune.aktor("saksbehandler")
    work(process)
    assert viewing.pictures(utsending_id, actor=actor) and not looks(utsending_id), "nothing is shown by it"
    for side in (1, 1, 2):
        assert viewing.page_picture(utsending_id, side, actor=actor).startswith(b"\x89PNG")
    found = looks(utsending_id)
    assert [(one.objekt_id, one.detaljer["side"]) for one in found] == [
        (str(utsending_id), 1),
        (str(utsending_id), 2),
    ]
    assert {(one.aktor, one.tjeneste, one.gjelder) for one in found} == {(actor.ref, "SVARUT", None)}
    for side in (0, 99):
        with pytest.raises(IkkeFunnet):
            viewing.page_picture(utsending_id, side, actor=actor)
    with pytest.raises(IkkeFunnet):
        viewing.page_characters(utsending_id, 1, actor=kommune.aktor("stopper"))
    assert len(looks(utsending_id)) == 2
    monkeypatch.setattr(viewing, "VIEW_WINDOW", timedelta(0))
    viewing.page_picture(utsending_id, 1, actor=actor)
    assert len(looks(utsending_id)) == 3, "an hour later"


def test_another_has_used_the_right_to_protected_letters_when_a_page_was_shown_by_it(
    kommune: Kommune, process: QuickProcess
) -> None:
    utsending_id, colleague = begin_with(kommune), kommune.aktor("stopper")
    work(process)
    assert colleague.person_id is not None
    konfigurasjon.grant_privilegium(colleague.person_id, P.SE_SPERRET, kommune.konto_id, actor=ROOT)
    theirs = Tilgang.person_id == colleague.person_id, Tilgang.privilegium == P.SE_SPERRET

    def used_by(look: Callable[[], object]) -> bool:
        assert look()
        grant_usage.write_noted_uses()
        return session().scalars(select(Tilgang.sist_brukt).where(*theirs)).one() is not None

    assert not used_by(lambda: viewing.pictures(utsending_id, actor=colleague)), "nothing is shown by it"
    assert used_by(lambda: viewing.page_picture(utsending_id, 1, actor=colleague))


def test_the_list_of_letters_is_a_use_of_it_only_with_a_protected_one_among_them(
    kommune: Kommune, process: QuickProcess
) -> None:
    utsending_id, actor = read_letters(kommune, process), kommune.aktor("saksbehandler")
    assert actor.person_id is not None
    konfigurasjon.grant_privilegium(actor.person_id, P.SE_SPERRET, kommune.konto_id, actor=ROOT)
    theirs = Tilgang.person_id == actor.person_id, Tilgang.privilegium == P.SE_SPERRET

    def used() -> bool:
        assert letter_list.letters(utsending_id, actor=actor)
        grant_usage.write_noted_uses()
        return session().scalars(select(Tilgang.sist_brukt).where(*theirs)).one() is not None

    with transaction() as tx:
        mine = update(Utsendingsrad).where(Utsendingsrad.utsending_id == utsending_id)
        tx.execute(mine.values(skjermet=False))
    assert not used()
    with transaction() as tx:
        tx.execute(mine.where(Utsendingsrad.radnr == 1).values(skjermet=True))
    assert used()


def test_whose_letter_a_page_is_of_finds_who_looked_at_it(kommune: Kommune, process: QuickProcess) -> None:
    utsending_id, actor = read_letters(kommune, process), kommune.aktor("saksbehandler")
    person = next(letter for letter in expected()["brev"] if letter["idType"] == "PERSON")
    first, last = person["sider"]
    for side in (first, last, first):
        viewing.page_picture(utsending_id, side, actor=actor)
    assert [(one.objekt_id, one.detaljer["side"], one.gjelder) for one in looks(utsending_id)] == [
        (f"{utsending_id}/{person['nr']}", side, fnr_index(person["id"])) for side in (first, last)
    ]


def test_to_try_a_set_up_is_one_look_at_each_page_that_is_read_however_often(
    kommune: Kommune, process: QuickProcess
) -> None:
    utsending_id, actor = begin_with(kommune), kommune.aktor("saksbehandler")
    work(process)
    for _ in range(2):
        assert trial.try_out(utsending_id, two_pages(), actor=actor)
    seen = [one.detaljer["side"] for one in looks(utsending_id)]
    assert seen and sorted(seen) == sorted(set(seen))


def test_a_page_of_another_file_is_another_look(kommune: Kommune, process: QuickProcess) -> None:
    utsending_id, actor = begin_with(kommune), kommune.aktor("saksbehandler")
    files = []
    for again in (False, True):
        if again:
            uploads.upload(utsending_id, "SAMLET", "ny.pdf", [SAMLET.read_bytes()], actor=actor)
        work(process)
        files.append(str(upload_of(utsending_id).id))
        viewing.page_picture(utsending_id, 1, actor=actor)
    assert [one.detaljer["fil"] for one in looks(utsending_id)] == files and len(set(files)) == 2


def test_the_look_is_written_down_before_anything_is_read(
    kommune: Kommune, process: QuickProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    utsending_id, actor = begin_with(kommune), kommune.aktor("saksbehandler")
    work(process)

    def away(objekt: str, piece: object) -> bytes:
        assert not session().in_transaction()
        raise LagerUtilgjengelig("LAGER_UTILGJENGELIG")

    monkeypatch.setattr(viewing, "_read_part", away)
    with pytest.raises(LagerUtilgjengelig):
        viewing.page_picture(utsending_id, 1, actor=actor)
    assert len(looks(utsending_id)) == 1

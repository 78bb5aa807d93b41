"""A use case that is told what a page showed acts on that, or on nothing; asked while the mailing is held."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt
from fiks.utsending.draft import confirm, service
from fiks.utsending.draft.service import Fakta
from fiks.utsending.editing.stale_form import LETTER_CONTENT, Vist, VistEndret, compare_versions, form_version
from fiks.utsending.models import Utsending, Utsendingshendelse, Utsendingsrad
from fiks.utsending.production import service as production_service
from fiks.utsending.receivers import uploads
from fiks.utsending.rules import Art, Radstatus, Utsendingstatus
from tests.integration.databases import QuickProcess
from tests.integration.utsending.jobs import begin, few_rows, read, status
from tests.integration.utsending.kommuner import Kommune, make_kommune, today

pytestmark = pytest.mark.usefixtures("at_noon", "outside")
U = Utsendingstatus


@pytest.fixture
def kommune() -> Kommune:
    return make_kommune()


@pytest.fixture
def draft(kommune: Kommune, process: QuickProcess, tmp_path: Path) -> UUID:
    """A draft with five rows that have been read."""
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    read(utsending_id, process)
    return utsending_id


def now(utsending_id: UUID, *what: Vist) -> str:
    session().rollback()
    return form_version(utsending_id, *what)


def test_what_is_exchanged_between_the_control_and_the_making_is_not_made(
    kommune: Kommune, draft: UUID
) -> None:
    maker, colleague = kommune.aktor("saksbehandler"), kommune.aktor("stopper")
    vist = now(draft, *LETTER_CONTENT)
    confirm.confirm_control(draft, actor=maker, vist=vist)
    service.update_utsending(draft, Fakta("Varsel", Art.FLETTEBREV, today()), actor=colleague)
    confirm.confirm_control(draft, actor=colleague)
    with pytest.raises(VistEndret) as refused:
        production_service.start_production(draft, actor=maker, vist=vist)
    assert refused.value.endret == (Vist.FAKTA,)
    assert status(draft) == U.KONTROLLERT


def test_what_was_shown_is_made(kommune: Kommune, draft: UUID) -> None:
    maker, vist = kommune.aktor("saksbehandler"), now(draft, *LETTER_CONTENT)
    confirm.confirm_control(draft, actor=maker, vist=vist)
    production_service.start_production(draft, actor=maker, vist=vist)
    assert status(draft) == U.PRODUSERES


def test_the_same_list_read_anew_is_as_it_was_shown(
    kommune: Kommune, draft: UUID, process: QuickProcess
) -> None:
    vist = now(draft, *LETTER_CONTENT)
    uploads.read_again(draft, actor=kommune.aktor("saksbehandler"))
    assert compare_versions(vist, now(draft, *LETTER_CONTENT)) == (Vist.RADER,), (
        "nobody knows yet what is in it"
    )
    read(draft, process)
    assert now(draft, *LETTER_CONTENT) == vist


@pytest.mark.parametrize(
    "values",
    [
        {"status": Radstatus.FEIL},
        {"status": Radstatus.PARKERT},
        {"status": Radstatus.ADVARSEL, "funn": [{"kode": "X", "felt": None, "alvorlighet": "advarsel"}]},
    ],
)
def test_one_row_of_another_kind_is_other_rows(draft: UUID, values: dict[str, object]) -> None:
    vist = now(draft, Vist.RADER)
    one = update(Utsendingsrad).where(Utsendingsrad.utsending_id == draft, Utsendingsrad.radnr == 3)
    with transaction() as tx:
        tx.execute(one.values(**values))
    assert compare_versions(vist, now(draft, Vist.RADER)) == (Vist.RADER,)


def test_a_mailing_that_a_form_began_is_begun_once(kommune: Kommune) -> None:
    maker, colleague, own = kommune.aktor("saksbehandler"), kommune.aktor("stopper"), uuid4()
    fakta = Fakta("  Vann 2027 ", Art.FLETTEBREV, today())
    for _ in range(2):
        assert service.create_utsending(kommune.konto_id, fakta, actor=maker, utsending_id=own) == own
    assert counted(own) == 1
    other = Fakta("Avløp 2027", Art.FLETTEBREV, today())
    for actor, facts in ((maker, other), (colleague, fakta)):
        with pytest.raises(Konflikt, match="UTSENDING_FINNES"):
            service.create_utsending(kommune.konto_id, facts, actor=actor, utsending_id=own)
    assert session().get_one(Utsending, own).tittel == "Vann 2027"


def counted(utsending_id: UUID) -> int:
    session().rollback()
    rows = select(func.count()).where(Utsendingshendelse.utsending_id == utsending_id)
    return session().execute(rows).scalar_one()

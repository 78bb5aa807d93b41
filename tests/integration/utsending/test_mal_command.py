"""`fiks mal`: operations turn the stamping of a template's letters off and on again."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select

from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.errors import IkkeTilgang
from fiks.utsending.models import Malversjon, Utsending
from fiks.utsending.templates import service
from tests.integration.databases import QuickProcess
from tests.integration.utsending.jobs import begin
from tests.integration.utsending.kommuner import make_kommune
from workers import cli

pytestmark = pytest.mark.usefixtures("at_noon", "outside")


@pytest.fixture
def fiks(process: QuickProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command runs on this test's database."""
    monkeypatch.setattr(cli, "Process", lambda settings: process)
    monkeypatch.setattr(cli.doorbell, "install", lambda ringer: None)
    monkeypatch.setattr(cli.Settings, "from_env", lambda: process.settings)


@pytest.mark.usefixtures("fiks")
def test_the_stamping_of_a_templates_letters_is_turned_off_and_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    utsending_id = begin(make_kommune(), "eiendomsskatt.csv")
    for word, quick, told in (
        ("langsom", False, "ett for ett"),
        ("hurtig", True, "på den raske måten når det går"),
    ):
        assert cli.main(["mal", str(utsending_id), word]) == 0
        assert told in capsys.readouterr().out
        session().rollback()
        of_mailing = select(Malversjon.hurtig).join(Utsending, Utsending.malversjon_id == Malversjon.id)
        assert session().scalars(of_mailing.where(Utsending.id == utsending_id)).one() is quick
    acts = select(Audit.handling).where(Audit.handling.like("MAL_STEMPLES%")).order_by(Audit.id.desc())
    assert list(session().scalars(acts.limit(2))) == ["MAL_STEMPLES", "MAL_STEMPLES_IKKE"]


@pytest.mark.usefixtures("fiks")
def test_a_mailing_that_is_not_there_is_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["mal", str(uuid4()), "langsom"]) == 2
    assert "FINNES_IKKE" in capsys.readouterr().err


def test_it_is_for_operators_only(process: QuickProcess) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, "eiendomsskatt.csv")
    with pytest.raises(IkkeTilgang):
        service.set_stamping(utsending_id, True, actor=kommune.aktor("saksbehandler"))

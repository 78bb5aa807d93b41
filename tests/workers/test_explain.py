"""`fiks explain ID`: whatever an alarm or a log gives the id of, it tells the story of."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from fiks.core.db import session, transaction
from fiks.print.handover import packing
from fiks.print.models import Ordre, Pakke
from fiks.svarut import invariants
from fiks.svarut.models import Levering
from fiks.svarut.rules import Status
from tests.integration.databases import QuickProcess
from tests.integration.houses import Hus, new_fnr
from tests.integration.svarut.letters import letter, levering, make_letter
from tests.integration.utsending.kommuner import make_kommune, make_mailing, release
from tests.integration.worlds import World
from tests.workers.test_cli import run
from workers.cli import drain


def test_explain_tells_a_letters_whole_story_and_nobodys_number(
    hus: Hus, process: QuickProcess, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    number = world.register.add_person(new_fnr())
    made = make_letter(hus, number)
    session().rollback()
    drain(process, ["enkelt"])
    assert letter(made).status == Status.SENDT_ALTINN
    assert run(process, "explain", str(made)) == 0
    told = capsys.readouterr().out
    for word in (str(made), "SENDT_ALTINN", "regel 2b", "OVERLEVERT_ALTINN", "MOTTATT → AKSEPTERT"):
        assert word in told
    assert "organisasjon Lillevik kommune  konto Eiendomsskatt" in told
    for nobodys in (number, "Fjellstad", letter(made).tittel):
        assert nobodys not in told


def test_explain_of_a_letter_that_is_not_there_says_so(
    empty: None, process: QuickProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(process, "explain", "11111111-1111-4111-8111-111111111111") == 1
    assert "Fant ingen" in capsys.readouterr().out


def test_what_is_no_id_is_told_to_be_none(empty: None, process: QuickProcess) -> None:
    with pytest.raises(ValueError, match="«rot» er ingen id"):
        run(process, "explain", "rot")


def test_the_id_of_a_broken_rule_is_that_of_a_hand_over_and_tells_of_its_letter(
    hus: Hus, process: QuickProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    made = make_letter(hus, new_fnr())
    long_ago = func.now() - timedelta(hours=3)
    with transaction() as tx:
        unknown = update(Levering).where(Levering.forsendelse_id == made)
        tx.execute(unknown.values(status="UAVKLART", kanal="DPI", uavklart_siden=long_ago))
    [breach] = [one for one in invariants.nothing_dangles() if one.regel == "I3"]
    assert run(process, "explain", str(breach.id)) == 0
    told = capsys.readouterr().out
    for words in (f"levering av forsendelsen {made}", "UAVKLART", "kanal DPI", "uavklart siden"):
        assert words in told
    assert f"forsendelse {made}  AKSEPTERT" in told


def test_an_order_on_paper_has_the_id_of_its_hand_over_and_its_package_tells_of_it(
    hus: Hus, process: QuickProcess, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), registrert=False))
    session().rollback()
    drain(process, ["enkelt"])
    packing.pack_all()
    ordre = session().scalars(select(Ordre).where(Ordre.kilde_id == made)).one()
    assert ordre.id == levering(made).id
    pakke_id = ordre.pakke_id
    assert run(process, "explain", str(levering(made).id)) == 0
    told = capsys.readouterr().out
    assert f"printordre {levering(made).id}  MOTTATT  GRAFISK_DIGITAL  pakke {pakke_id}" in told
    assert f"forsendelse {made}  SENDT_PRINT" in told
    assert run(process, "explain", str(pakke_id)) == 0
    told = capsys.readouterr().out
    assert f"pakke {pakke_id}  KLAR  GRAFISK_DIGITAL  1 ordrer" in told
    assert f"printordre {levering(made).id}" in told and str(made) in told
    with transaction() as tx:
        tx.execute(update(Pakke).values(status="UAVKLART", uavklart_siden=func.now()))
    run(process, "explain", str(pakke_id))
    assert "0 oppslag uten funn" in capsys.readouterr().out


def test_an_order_whose_hand_over_we_have_not_is_told_of_by_itself(
    hus: Hus, process: QuickProcess, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), registrert=False))
    session().rollback()
    drain(process, ["enkelt"])
    stranger = uuid4()
    with transaction() as tx:
        tx.execute(update(Levering).where(Levering.forsendelse_id == made).values(id=stranger))
    ordre_id = session().scalars(select(Ordre.id).where(Ordre.kilde_id == made)).one()
    assert run(process, "explain", str(ordre_id)) == 0
    told = capsys.readouterr().out
    assert f"for SVARUT {made}" in told and "→ MOTTATT" in told


def test_a_mailing_tells_how_it_stands_with_its_letters(
    empty: None, process: QuickProcess, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    release(kommune, mailing)
    assert run(process, "explain", str(mailing.id)) == 0
    told = capsys.readouterr().out
    for words in (f"utsending {mailing.id}  nr ", "3 rader", "konto Eiendomsskatt", "→ FRIGITT"):
        assert words in told
    session().rollback()

"""`fiks rot …`: what operations does on the machine, with the number on standard input only."""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from fiks.core.db import session
from fiks.core.errors import UgyldigInndata
from fiks.konfigurasjon import agreements, queries, root_queries
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.rules import ROOT_ID, P
from tests.integration.databases import QuickProcess
from tests.integration.houses import HOUSE, new_fnr, new_orgnr
from workers import cli_rot

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.fixture
def rot(process: QuickProcess, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs `fiks rot` with these arguments and this standard input."""

    def run(*words: str, inn: str = "") -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(inn))
        parser = argparse.ArgumentParser()
        cli_rot.add_arguments(parser)
        return cli_rot.run(process, parser.parse_args(words))

    return run


def test_an_organisation_is_made_with_the_number_from_standard_input(
    rot: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    number, orgnr = new_fnr(), new_orgnr()
    words = ["ny-organisasjon", "--navn", "Heimdal IKS", "--orgnr", orgnr, "--type", "KOMMUNAL_VIRKSOMHET"]
    assert rot(*words, "--administrator", "Berit Haugland", inn=f"{number}\n") == 0
    [made] = root_queries.organisations(sok=orgnr, actor=HOUSE)
    person_id = konfigurasjon.person_by_pid(number)
    assert person_id is not None
    assert queries.is_authorised(person_id, P.ADMIN, made.id)
    assert number not in capsys.readouterr().out
    again = new_fnr()
    assert rot("administrator", "--navn", "Ny Leder", "--organisasjon", str(made.id), inn=again) == 0
    session().rollback()  # the next read is after the grant
    assert root_queries.organisations(sok=orgnr, actor=HOUSE)[0].administratorer == 2


@pytest.mark.parametrize("inn", ["\n", "12345678901\n"])
def test_s17_02_the_command_makes_nothing_without_a_valid_number(rot: Callable[..., int], inn: str) -> None:
    orgnr = new_orgnr()
    words = ["ny-organisasjon", "--navn", "Heimdal IKS", "--orgnr", orgnr, "--type", "KOMMUNE"]
    with pytest.raises(UgyldigInndata):
        rot(*words, "--administrator", "Berit Haugland", inn=inn)
    assert root_queries.organisations(sok=orgnr, actor=HOUSE) == []


def test_a_person_is_made_operator(rot: Callable[..., int]) -> None:
    number = new_fnr()
    assert rot("administrator", "--navn", "Runar Solberg", inn=number) == 0
    person_id = konfigurasjon.person_by_pid(number)
    assert person_id is not None
    assert queries.is_authorised(person_id, P.ROT_ADMINISTRER, ROOT_ID)


def test_an_agreement_is_published_from_a_file(rot: Callable[..., int], tmp_path: Path) -> None:
    path = tmp_path / "avtale.txt"
    path.write_text("Tjenestevedlegg for SvarUt\n\nTekst.\n", "utf-8")
    assert rot("publiser-avtale", "--tjeneste", "SVARUT", "--fil", str(path)) == 0
    newest = agreements.in_force("SVARUT")
    assert newest is not None
    assert (newest.tittel, newest.tekst) == ("Tjenestevedlegg for SvarUt", "Tekst.")

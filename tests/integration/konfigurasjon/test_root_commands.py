"""`fiks rot …`: what operations does on the machine, with the number on standard input only."""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update

from fiks.core.actor import Aktor
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt, ProvIgjen, UgyldigInndata
from fiks.konfigurasjon import operators, queries
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.avtale import service
from fiks.konfigurasjon.models import Tilgang
from fiks.konfigurasjon.person import sessions
from fiks.konfigurasjon.person.rules import Personopplysninger
from fiks.konfigurasjon.person.service import name_of
from fiks.konfigurasjon.rot import queries as rot_queries
from fiks.konfigurasjon.rules import ROOT_ID, P
from fiks.registeroppslag.rules import Enhetstatus, Virksomhet
from fiks.utsending.models import Utsending
from fiks.utsending.rules import reference
from tests.integration.databases import QuickProcess
from tests.integration.houses import HOUSE, make_hus, new_fnr, new_orgnr
from tests.integration.utsending.browser import open_session
from tests.integration.utsending.kommuner import make_kommune, make_mailing
from tests.integration.worlds import World
from workers import cli_rot

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.fixture
def outside(process: QuickProcess) -> World:
    """What the process meets outside, from its first use on."""
    process.outside = process.outside or World()
    process.outside.register.nede = None
    return process.outside


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
    rot: Callable[..., int], outside: World, capsys: pytest.CaptureFixture[str]
) -> None:
    number, orgnr = new_fnr(), new_orgnr()
    words = ["ny-organisasjon", "--navn", "Heimdal IKS", "--orgnr", orgnr, "--type", "KOMMUNAL_VIRKSOMHET"]
    outside.register.units[orgnr] = Virksomhet(orgnr, "HEIMDAL RENOVASJON IKS", Enhetstatus.FUNNET)
    assert rot(*words, "--administrator", "Berit Haugland", inn=f"{number}\n") == 0
    [made] = rot_queries.organisations(sok=orgnr, actor=HOUSE)
    person_id = konfigurasjon.person_by_pid(number)
    assert person_id is not None
    assert queries.is_authorised(person_id, P.ADMIN, made.id)
    told = capsys.readouterr().out
    assert number not in told
    assert told.splitlines() == [
        f"Heimdal IKS er opprettet med id {made.id}.",
        "Berit Haugland er administrator.",
        f"{orgnr} er HEIMDAL RENOVASJON IKS i Enhetsregisteret.",
    ]
    again = new_fnr()
    assert rot("administrator", "--navn", "Ny Leder", "--organisasjon", str(made.id), inn=again) == 0
    session().rollback()  # the next read is after the grant
    assert rot_queries.organisations(sok=orgnr, actor=HOUSE)[0].administratorer == 2


@pytest.mark.parametrize("inn", ["\n", "12345678901\n"])
def test_s17_02_the_command_makes_nothing_without_a_valid_number(rot: Callable[..., int], inn: str) -> None:
    orgnr = new_orgnr()
    words = ["ny-organisasjon", "--navn", "Heimdal IKS", "--orgnr", orgnr, "--type", "KOMMUNE"]
    words += ["--kommunenr", "9901"]
    with pytest.raises(UgyldigInndata):
        rot(*words, "--administrator", "Berit Haugland", inn=inn)
    assert rot_queries.organisations(sok=orgnr, actor=HOUSE) == []


def test_a_kommune_is_not_made_without_its_number(rot: Callable[..., int]) -> None:
    orgnr = new_orgnr()
    words = ["ny-organisasjon", "--navn", "Heimdal kommune", "--orgnr", orgnr, "--type", "KOMMUNE"]
    with pytest.raises(ValueError, match="--kommunenr"):
        rot(*words, "--administrator", "Berit Haugland", inn=f"{new_fnr()}\n")
    assert rot_queries.organisations(sok=orgnr, actor=HOUSE) == []


def test_a_person_is_made_operator(rot: Callable[..., int]) -> None:
    number = new_fnr()
    assert rot("administrator", "--navn", "Runar Solberg", inn=number) == 0
    person_id = konfigurasjon.person_by_pid(number)
    assert person_id is not None
    assert queries.is_authorised(person_id, P.ROT_ADMINISTRER, ROOT_ID)


def test_the_command_names_who_has_the_number_and_may_be_run_again(
    rot: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    number = new_fnr()
    konfigurasjon.register_person(number, navn="Kari Kjent", actor=HOUSE)
    for _ in range(2):
        assert rot("administrator", "--navn", "kjent, kari", inn=number) == 0
        assert capsys.readouterr().out == "Kari Kjent er operatør av plattformen.\n"


@pytest.mark.parametrize("written", ["Runar Solberg", "Kari Kjent-Olsen"])
def test_a_number_that_is_somebody_elses_gives_them_neither_the_platform_nor_an_organisation(
    rot: Callable[..., int], written: str
) -> None:
    number, orgnr = new_fnr(), new_orgnr()
    kari = konfigurasjon.register_person(number, navn="Kari Kjent", actor=HOUSE)
    words = ["ny-organisasjon", "--navn", "Heimdal IKS", "--orgnr", orgnr, "--type", "KOMMUNAL_VIRKSOMHET"]
    for act in (["administrator", "--navn", written], [*words, "--administrator", written]):
        with pytest.raises(ValueError, match="kjent her under et annet navn"):
            rot(*act, inn=number)
    session().rollback()
    assert not operators.is_operator(kari)
    assert rot_queries.organisations(sok=orgnr, actor=HOUSE) == []


def test_an_operator_who_leaves_is_listed_removed_and_logged_out_and_it_is_audited(
    rot: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    number = new_fnr()
    operators.make_operator(Personopplysninger(new_fnr(), "Blir Boende"), actor=HOUSE)
    leaver = operators.make_operator(Personopplysninger(number, "Runar Solberg"), actor=HOUSE)
    token = open_session(number, acr=4)
    assert rot("vis-operatorer") == 0
    listed = capsys.readouterr().out
    assert f"{leaver}  Runar Solberg, {number[:6]}*****, siden " in listed
    assert "Blir Boende" in listed
    assert number not in listed
    assert rot("fjern-operator", str(leaver)) == 0
    assert "Runar Solberg er ikke lenger operatør" in capsys.readouterr().out
    session().rollback()
    assert not operators.is_operator(leaver)
    assert sessions.load_session(token) is None
    about = select(Audit.handling, Audit.detaljer["grunn"].astext, Audit.aktor).where(
        Audit.detaljer["person"].astext == str(leaver)
    )
    [ended, logged_out] = session().execute(about.where(Audit.handling != "PRIVILEGIUM_GITT")).all()
    assert ended[:2] == ("TILGANG_FJERNET", "FJERNET")
    assert logged_out[:2] == ("UTLOGGET", "AVSLUTTET_AV_DRIFT")
    assert rot("fjern-operator", str(leaver)) == 0
    assert "ingenting er endret" in capsys.readouterr().out
    assert rot("vis-operatorer") == 0
    assert str(leaver) not in capsys.readouterr().out


def test_the_last_operator_stays(rot: Callable[..., int], monkeypatch: pytest.MonkeyPatch) -> None:
    last = operators.make_operator(Personopplysninger(new_fnr(), "Siste Mann"), actor=HOUSE)
    others = update(Tilgang).where(Tilgang.ressurs_id == ROOT_ID, Tilgang.person_id != last)
    with pytest.raises(Konflikt, match="SISTE_OPERATOR") as refused, transaction() as tx:
        ended = {"avsluttet": Tilgang.gyldig_fra, "avsluttet_grunn": "FJERNET"}
        tx.execute(others.where(Tilgang.avsluttet.is_(None)).values(ended))
        operators.remove_operator(last, actor=HOUSE)
    assert operators.is_operator(last)

    def refuse(person_id: UUID, *, actor: Aktor) -> bool:
        raise refused.value

    monkeypatch.setattr(operators, "remove_operator", refuse)
    with pytest.raises(ValueError, match="Gjør en annen til operatør først"):
        rot("fjern-operator", str(last))


def test_an_agreement_is_published_from_a_file(rot: Callable[..., int], tmp_path: Path) -> None:
    path = tmp_path / "avtale.txt"
    path.write_text("Tjenestevedlegg for SvarUt\n\nTekst.\n", "utf-8")
    assert rot("publiser-avtale", "--tjeneste", "SVARUT", "--fil", str(path)) == 0
    newest = service.version_in_force("SVARUT")
    assert newest is not None
    assert (newest.tittel, newest.tekst) == ("Tjenestevedlegg for SvarUt", "Tekst.")


def test_what_an_organisation_is_called_is_changed_and_what_is_not_said_stands(
    rot: Callable[..., int], outside: World, capsys: pytest.CaptureFixture[str]
) -> None:
    hus, orgnr = make_hus("Fjordvik komune"), new_orgnr()
    words = ["endre-organisasjon", str(hus.organisasjon_id), "--begrunnelse", "Skrevet feil"]
    assert rot(*words, "--navn", "Fjordvik kommune") == 0
    assert capsys.readouterr().out.startswith("Endret: navn. Organisasjonen ser det")
    outside.register.nede = ProvIgjen("ENHETSREGISTERET_BORTE")
    assert rot(*words, "--orgnr", f"{orgnr[:3]} {orgnr[3:]}") == 0
    assert f"Enhetsregisteret svarer ikke, så vi vet ikke hvem {orgnr} er" in capsys.readouterr().out
    assert rot(*words, "--orgnr", orgnr) == 0
    assert "ingenting er endret" in capsys.readouterr().out
    session().rollback()
    now = rot_queries.organisation(hus.organisasjon_id, actor=HOUSE)
    assert (now.rad.navn, now.rad.orgnr, now.rad.type) == ("Fjordvik kommune", orgnr, "KOMMUNE")
    with pytest.raises(ValueError, match="fra før. Ingenting er endret"):
        rot(*words, "--orgnr", make_hus().orgnr)


def test_which_mailings_stand_in_the_way_of_a_name_is_told(rot: Callable[..., int]) -> None:
    kommune = make_kommune()
    row = session().get_one(Utsending, make_mailing(kommune, 1).id)
    words = ["endre-organisasjon", str(kommune.id), "--begrunnelse", "Skrevet feil", "--navn", "Fjordvik"]
    with pytest.raises(ValueError, match=f"i utsending {reference(row.nr, row.opprettet)}. Vent til"):
        rot(*words)


def test_a_persons_name_is_mended(rot: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    number = new_fnr()
    kari = konfigurasjon.register_person(number, navn="Kari Nordman", actor=HOUSE)
    words = ["rett-navn", "--til", "Kari Nordmann", "--begrunnelse", "Skrevet feil"]
    with pytest.raises(ValueError, match="Ingenting er endret"):
        rot(*words, "--fra", "Ola Nordman", inn=number)
    assert rot(*words, "--fra", "Kari Nordman", inn=number) == 0
    told = capsys.readouterr().out
    assert "Kari Nordman heter nå Kari Nordmann." in told and number not in told
    session().rollback()
    assert name_of(kari) == "Kari Nordmann"

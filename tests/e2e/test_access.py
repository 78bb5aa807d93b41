"""An administrator keeps groups, goes through the grants, gives many at once from a file, and takes all out as one."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import expect

from fiks.core.actor import system
from fiks.konfigurasjon.rules import Innehaver, Innehavertype, P
from fiks.konfigurasjon.tilgang import service
from testmiljo.staff import synthetic_fnr
from tests.e2e.eye import Eye
from tests.e2e.persons import Person
from tests.e2e.platform import Plattform

pytestmark = pytest.mark.slow

NEW = [synthetic_fnr(day, 6, 91) for day in range(1, 6)]
MEMBER = synthetic_fnr(6, 6, 91)
HEADER = "fødselsnummer;navn;ressurs;privilegium;fra;til;begrunnelse"


def _let_it_send(plattform: Plattform, gruppe_id: UUID) -> None:
    """Give the group something, behind the portal."""
    with plattform.house():
        service.grant(
            plattform.lillevik.kontoer["Eiendomsskatt"],
            innehaver=Innehaver(Innehavertype.GRUPPE, gruppe_id),
            privilegier=[P.SENDE, P.LESE],
            actor=system("test"),
        )


def test_groups_are_made_filled_emptied_and_deleted(
    person: Callable[..., Person], eye: Eye, plattform: Plattform
) -> None:
    admin = person("Administrator")
    admin.log_in()
    admin.page.goto("/tilganger/grupper")
    admin.sees("Grupper")
    eye.look(admin.page, "60-grupper-tom")
    admin.follow("Lag den første gruppen")
    admin.press("Lag gruppen")
    expect(admin.page.locator("#feil")).to_be_visible()
    eye.look(admin.page, "60-ny-gruppe-feil")
    admin.write(navn="Skattekontoret")
    admin.press("Lag gruppen")
    admin.sees("Skattekontoret")
    eye.look(admin.page, "60-gruppe-tom")
    _let_it_send(plattform, UUID(admin.page.url.rsplit("/", 1)[1]))
    admin.follow("Legg til et medlem")
    admin.write(fnr="123", navn="Nils Ny")
    admin.press("Legg til")
    expect(admin.page.locator("#fnr")).to_have_value("")
    eye.look(admin.page, "60-nytt-medlem-feil")
    admin.write(fnr=MEMBER, navn="Nils Ny")
    admin.press("Legg til")
    admin.reads(f"{MEMBER[:6]}*****")
    admin.does_not_read(MEMBER)
    eye.look(admin.page, "60-gruppe")
    admin.page.get_by_role("navigation", name="Tilganger").get_by_role("link", name="Grupper").click()
    admin.sees("Grupper")
    eye.look(admin.page, "60-grupper")
    admin.follow("Skattekontoret")
    admin.follow("Ta ut Nils Ny")
    eye.look(admin.page, "60-ta-ut")
    admin.press("Ta ut av gruppen")
    admin.reads("Ingen medlemmer")
    _rename_and_delete(admin, eye)


def _rename_and_delete(admin: Person, eye: Eye) -> None:
    admin.follow("Endre navnet")
    eye.look(admin.page, "60-gruppenavn")
    admin.write(navn="Avgiftskontoret")
    admin.press("Lagre navnet")
    admin.sees("Avgiftskontoret")
    admin.follow("Slett gruppen")
    eye.look(admin.page, "60-slett-gruppe")
    admin.press("Slett gruppen")
    expect(admin.page.locator("#feil")).to_be_visible()
    admin.page.get_by_label("Fjern tilgangene også").check()
    admin.press("Slett gruppen")
    admin.reads("Ingen grupper ennå")


def _file(folder: Path, navn: str, *rows: str) -> Path:
    path = folder / navn
    path.write_text("\r\n".join([HEADER, *rows]), "utf-8-sig")
    return path


def test_many_are_given_access_by_a_file(person: Callable[..., Person], eye: Eye, tmp_path: Path) -> None:
    admin = person("Administrator")
    admin.log_in()
    admin.page.goto("/tilganger/fra-fil")
    admin.sees("Gi tilganger fra fil")
    eye.look(admin.page, "61-fra-fil")
    admin.press("Last opp og se over")
    expect(admin.page.locator("#feil")).to_be_visible()
    eye.look(admin.page, "61-fra-fil-feil")
    good = [f"{fnr};Ny Ansatt {n};Eiendomsskatt;Se utsendinger;;;" for n, fnr in enumerate(NEW)]
    bad = ["12345678901;Feil Nummer;Månen;Alt;i morgen;;", good[0]]
    _upload(admin, _file(tmp_path, "feil.csv", *good, *bad))
    admin.reads("2 rader må rettes")
    eye.look(admin.page, "61-filkontroll-feil")
    admin.page.get_by_role("button", name="Last opp en annen fil").first.click()
    more = f"{NEW[0]};Ny Ansatt 0;Eiendomsskatt;Administrator;;31.12.2099;Vikar for sjefen"
    _upload(admin, _file(tmp_path, "rett.csv", *good, more))
    admin.reads("Filen gjør noen til administrator")
    eye.look(admin.page, "61-filkontroll")
    admin.page.get_by_role("button", name="Gi 6 tilganger").first.click()
    admin.reads("Tilganger gitt: 6")
    _upload(admin, _file(tmp_path, "igjen.csv", *good))
    admin.reads("Det er ingenting å gi")
    eye.look(admin.page, "61-filkontroll-ingenting")


def _upload(admin: Person, path: Path) -> None:
    admin.page.locator("#fil").set_input_files(path)
    admin.press("Last opp og se over")
    admin.sees("Se over tilgangene")


def test_the_grants_are_gone_through_and_taken_out_as_a_file(
    person: Callable[..., Person], eye: Eye, tmp_path: Path
) -> None:
    admin = person("Administrator")
    admin.log_in()
    admin.page.goto("/tilganger/fra-fil")
    extra = synthetic_fnr(7, 6, 91)
    _upload(admin, _file(tmp_path, "en.csv", f"{extra};Unni Unødig;Eiendomsskatt;Stoppe;;;"))
    admin.page.get_by_role("button", name="Gi 1 tilgang").first.click()
    admin.reads("Tilganger gitt: 1")
    admin.page.goto("/tilganger/gjennomgang")
    admin.sees("Gjennomgang av tilganger")
    eye.look(admin.page, "62-gjennomgang-ingen")
    admin.press("Start gjennomgang")
    admin.sees("Vurder tilganger")
    eye.look(admin.page, "62-vurder")
    admin.press("Lagre svarene")
    expect(admin.page.locator("#feil")).to_be_visible()
    row = admin.page.get_by_role("row").filter(has_text="Unni Unødig")
    row.get_by_label("Fjern").check()
    other = admin.page.get_by_role("row").filter(has_text=admin.who.navn)
    other.get_by_label("Behold").first.check()
    admin.press("Lagre svarene")
    admin.sees("Vil du fjerne 1")
    eye.look(admin.page, "62-bekreft")
    admin.press("Fjern og lagre svarene")
    admin.reads("1 beholdt, 1 fjernet")
    admin.menu("Oversikt")
    admin.reads("Gjennomgang av tilganger venter")
    eye.look(admin.page, "62-oversikt")
    admin.page.goto("/tilganger/gjennomgang")
    eye.look(admin.page, "62-gjennomgang-pagar")
    admin.page.get_by_role("link", name="Vurder ").click()
    admin.press("Lagre, og behold resten på siden")
    admin.sees("Gjennomgang av tilganger")
    admin.reads("Tidligere gjennomganger")
    eye.look(admin.page, "62-gjennomgang-fullfort")
    with admin.page.expect_download() as waiting:
        admin.press("Last ned som CSV")
    taken = list(csv.DictReader(waiting.value.path().open(encoding="utf-8-sig"), delimiter=";"))
    assert "Unni Unødig" not in {row["Innehaver"] for row in taken}
    assert admin.who.navn in {row["Innehaver"] for row in taken}
    assert not [row for row in taken if admin.who.pid in row.values()]

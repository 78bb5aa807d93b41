"""The sender's pages: a konto is set up, letters of a fagsystem are found, followed and acted on, and counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select, update

from fiks.core.db import session, transaction
from fiks.svarut.models import Forsendelse, Levering
from testmiljo import mailing
from testmiljo.folders import LILLEVIK
from testmiljo.letters import KONTO, PLAN, receivers, send_letters
from testmiljo.machines import seed_fagsystem
from tests.e2e.eye import Eye
from tests.e2e.persons import Person
from tests.e2e.platform import SECONDS, Plattform

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def letters(plattform: Plattform, tmp_path_factory: pytest.TempPathFactory) -> Sequence[UUID]:
    """The demo's letters, taken in, looked at by a worker and handed over."""
    with plattform.house():
        fagsystem = seed_fagsystem(plattform.lillevik, tmp_path_factory.mktemp("fagsystem"))
        sent = send_letters(plattform.lillevik, LILLEVIK, fagsystem)
        assert send_letters(plattform.lillevik, LILLEVIK, fagsystem) == sent
        handed = select(func.count()).where(Forsendelse.id.in_(sent), Forsendelse.overlevert.is_not(None))

        def done() -> bool:
            session().rollback()
            return session().execute(handed).scalar_one() == len(sent)

        mailing.wait_for("the letters are handed over", done, SECONDS)
    return sent


def test_an_administrator_sets_a_konto_up(person: Callable[..., Person], eye: Eye) -> None:
    admin = person("Administrator")
    admin.log_in()
    admin.menu("Ressurser og kontoer")
    admin.follow(KONTO)
    admin.sees(KONTO)
    eye.look(admin.page, "60-konto")
    admin.follow("Endre forside på papirbrev")
    admin.write(postnr="12", navn="")
    admin.press("Lagre")
    expect(admin.page.locator("#feil")).to_be_visible()
    eye.look(admin.page, "60-forside-feil")
    admin.write(navn="Lillevik kemner", postnr="4262", poststed="AVALDSNES", adresselinje1="Postboks 5")
    admin.write(tekst="Spør oss på telefon 52 00 00 00.")
    eye.look(admin.page, "60-forside")
    admin.press("Lagre")
    admin.reads("Endringene er lagret.")
    admin.reads("Lillevik kemner")
    for part, picture in (
        ("melding i altinn", "60-altinn"),
        ("digital postkasse", "60-digital-postkasse"),
        ("utskrift", "60-utskrift"),
        ("lagring og kontakt", "60-lagring"),
    ):
        admin.follow(f"Endre {part}")
        eye.look(admin.page, picture)
        admin.follow("Avbryt")
    admin.follow("Lag servicepassord")
    eye.look(admin.page, "60-servicepassord")
    admin.press("Lag passord")
    admin.reads("Passordet vises bare nå")
    eye.look(admin.page, "60-servicepassord-vist")
    admin.follow("Jeg har lagret passordet")
    admin.reads("Passordet er laget")


def test_letters_are_found_in_the_log_and_taken_out(
    person: Callable[..., Person], eye: Eye, letters: Sequence[UUID]
) -> None:
    reader = person("Leser")
    reader.log_in()
    reader.menu("Forsendelser")
    eye.look(reader.page, "61-forsendelser")
    reader.write(eksternref=PLAN[0].referanse)
    reader.press("Vis treff")
    expect(reader.table("Forsendelser").get_by_role("row")).to_have_count(2)
    reader.reads(PLAN[0].tittel)
    rows = reader.download("Last ned (CSV)").read_text("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert str(letters[0]) in rows[1]
    reader.write(id="tull")
    reader.press("Vis treff")
    reader.reads("Lim inn hele id-en")
    eye.look(reader.page, "61-forsendelser-feil")
    reader.write(id="", eksternref="finnes ikke")
    reader.press("Vis treff")
    reader.reads("Ingen treff")
    eye.look(reader.page, "61-forsendelser-tom")


def test_a_receiver_is_searched_for_with_a_reason(
    person: Callable[..., Person], eye: Eye, letters: Sequence[UUID]
) -> None:
    reader = person("Leser")
    reader.log_in()
    reader.menu("Forsendelser")
    reader.follow("Søk etter mottaker")
    eye.look(reader.page, "62-mottaker")
    number = receivers(LILLEVIK)[0][1]
    reader.write(nummer=number)
    reader.press("Søk")
    reader.reads("Skriv hvorfor du søker")
    eye.look(reader.page, "62-mottaker-feil")
    reader.write(nummer=number, hjemmel="Klage i sak 2026/7")
    reader.press("Søk")
    reader.reads(PLAN[0].tittel)
    assert number not in reader.page.content()
    eye.look(reader.page, "62-mottaker-treff")


def test_a_letter_is_followed_and_acted_on(
    plattform: Plattform, person: Callable[..., Person], eye: Eye, letters: Sequence[UUID]
) -> None:
    clerk = person("Saksbehandler")
    clerk.log_in()
    page = clerk.page
    page.goto(f"{plattform.stack.base_url}/forsendelser/{letters[0]}")
    clerk.sees(PLAN[0].tittel)
    clerk.reads("Mottakeren har digital postkasse")
    eye.look(page, "63-brev-postkasse")
    page.goto(f"{plattform.stack.base_url}/forsendelser/{letters[2]}")
    clerk.reads("Det går på papir.")
    eye.look(page, "63-brev-papir")
    page.goto(f"{plattform.stack.base_url}/forsendelser/{letters[1]}")
    clerk.sees(PLAN[1].tittel)
    clerk.follow("Sett som håndtert")
    clerk.reads("kan ikke angres")
    eye.look(page, "63-handtert")
    clerk.press("Sett som håndtert")
    clerk.reads("Brevet er satt som håndtert for hånd.")
    clerk.follow("Slett dokumentene")
    clerk.reads("kan ikke hentes tilbake")
    eye.look(page, "63-slett")
    clerk.press("Slett dokumentene")
    clerk.reads("Dokumentene er slettet.")
    eye.look(page, "63-slettet")


def test_a_letter_that_failed_is_sent_again(
    plattform: Plattform, person: Callable[..., Person], eye: Eye, letters: Sequence[UUID]
) -> None:
    with plattform.paused("enkelt"):
        with plattform.house(), transaction() as tx:
            tx.add(
                Levering(
                    forsendelse_id=letters[4],
                    kanal="ALTINN",
                    bane="enkelt",
                    status="TIL_BEHANDLING",
                    feilkode="FOR_MANGE_FORSOK",
                )
            )
        clerk = person("Saksbehandler")
        clerk.log_in()
        clerk.page.goto(f"{plattform.stack.base_url}/forsendelser/{letters[4]}")
        eye.look(clerk.page, "63-brev-feilet")
        clerk.follow("Prøv igjen")
        clerk.sees("Vil du prøve å levere brevet igjen?")
        eye.look(clerk.page, "63-prov-igjen")
        clerk.press("Prøv igjen")
        clerk.reads("Brevet prøves på nytt.")
        with plattform.house(), transaction() as tx:
            tx.execute(
                update(Levering)
                .where(Levering.forsendelse_id == letters[4], Levering.status == "KLAR")
                .values(status="STOPPET")
            )


def test_the_statistics_count_the_letters_of_the_fagsystem_too(
    person: Callable[..., Person], eye: Eye, letters: Sequence[UUID]
) -> None:
    reader = person("Leser")
    reader.log_in()
    reader.page.goto(f"{reader.page.url.split('/oversikt')[0]}/oversikt/statistikk")
    reader.reads(re.compile("AVG-2026"))
    eye.look(reader.page, "64-statistikk")
    rows = reader.download("Last ned (CSV)").read_text("utf-8-sig").splitlines()
    mine = [row.split(";") for row in rows if f";{KONTO};AVG-2026;" in row]
    assert sum(int(row[4]) for row in mine) == len(letters)

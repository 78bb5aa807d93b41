"""A citizen reads «Post fra kommunen» in a browser, for themselves and for an organisation, on a desk and in a hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import expect

from fiks.core import clock
from fiks.svarut.mottak import Dokumentfakta, Lenke, Svaradresse
from fiks.svarut.rules import Slettetype, Status
from fiks.svarut.sender import actions
from tests.doubles import tiny_pdf
from tests.e2e.eye import Eye
from tests.e2e.persons import Person
from tests.e2e.platform import BY_ROLE, Plattform
from tests.integration.houses import HOUSE, Hus, new_orgnr
from tests.integration.minside.letters import letter_to
from tests.submissions import ADDRESS, submission

pytestmark = pytest.mark.slow

CITIZEN, MEMBER = "Uten rettigheter", "Revisor"
ORGANISATION = "Fjellheim borettslag"
PLAN = Dokumentfakta("Plan for oppfølging.pdf", "application/pdf", sensitiv=True)
DECISION = Dokumentfakta("Vedtak om barnehageplass.pdf", "application/pdf")
LONG = "Varsel om oppstart av reguleringsplan for Storgata, Kirkegata og området mellom elva og jernbanestasjonen"


@dataclass(frozen=True)
class Post:
    """The letters that lie there, by what they are."""

    unread: UUID
    deleted: UUID
    orgnr: str


@pytest.fixture(scope="module")
def letters(plattform: Plattform) -> Post:
    """Letters to a citizen and to an organisation, as they stand some time after their hand-over."""
    me, orgnr = BY_ROLE[CITIZEN].pid, new_orgnr()
    plattform.stack.sim.add_mandate(BY_ROLE[MEMBER].pid, orgnr, ORGANISATION)
    plattform.stack.sim.add_mandate(BY_ROLE[MEMBER].pid, new_orgnr(), "Uten post AS", ["KOMAB"])
    link = Lenke("https://barnehage.lillevik.example/plass", "Svar på tilbudet", "Du må svare innen 1. mai.")
    plain = submission(digital_id=me, dokumenter=(DECISION,))
    offer = replace(
        plain,
        tittel="Vedtak om barnehageplass",
        dokumenter=(DECISION, PLAN),
        lenker=(link,),
        svar_sendes_til=Svaradresse(ADDRESS, new_orgnr()),
        kan_svares=True,
    )
    with plattform.paused("mottak"), plattform.house():
        konto = plattform.lillevik.kontoer["Kommunale avgifter"]
        hus = Hus(plattform.lillevik.organisasjon_id, konto, new_orgnr())
        day, pdf = timedelta(days=1), (tiny_pdf(["Kjære innbygger"]),)
        now = clock.now()
        unread = letter_to(hus, me, said=offer, content=pdf)
        letter_to(
            hus,
            me,
            said=replace(plain, tittel=LONG),
            status=Status.PRINTET,
            content=pdf,
            opprettet=now - 3 * day,
        )
        letter_to(hus, me, said=replace(plain, tittel="Svar på søknad"), status=Status.LEST, content=pdf)
        letter_to(
            hus, me, said=replace(plain, tittel="Hemmelig vedtak"), sikkerhetsniva="HOYESTE", content=pdf
        )
        deleted = letter_to(hus, me, said=plain, content=pdf)
        actions.delete_documents(deleted, alt=Slettetype.ALLE, actor=HOUSE)
        firm = replace(plain, digital_id=orgnr, tittel="Faktura for renovasjon")
        letter_to(hus, orgnr, said=firm, content=pdf)
    return Post(unread, deleted, orgnr)


def test_a_citizen_finds_opens_and_reads_a_letter_in_both_languages(
    person: Callable[..., Person], eye: Eye, letters: Post
) -> None:
    citizen = person(CITIZEN)
    citizen.page.goto("/minside")
    citizen.choose_at_idporten()
    citizen.reads("Du har 2 uleste brev.")
    citizen.reads("1 brev krever høyere sikkerhet")
    citizen.does_not_read("Hemmelig vedtak")
    for language, button in (("nb", "Nynorsk"), ("nn", "Bokmål")):
        for path, name in (
            ("/minside", "forside"),
            ("/minside/post", "liste"),
            (f"/minside/post/{letters.unread}", "brev"),
            ("/minside/post?aar=2001", "ingen-treff"),
        ):
            citizen.page.goto(path)
            expect(citizen.page.locator("html")).to_have_attribute("lang", language)
            eye.look(citizen.page, f"61-post-{name}-{language}")
        citizen.press(button)
    citizen.page.goto("/minside/post")
    citizen.follow("Vedtak om barnehageplass")
    file = citizen.download("Last ned Vedtak om barnehageplass.pdf")
    assert file.read_bytes().startswith(b"%PDF")
    citizen.page.reload()
    citizen.reads("Du leste brevet første gang")
    eye.look(citizen.page, "61-post-lest")


def test_the_list_is_narrowed_without_script_and_by_keyboard_alone(
    person: Callable[..., Person], letters: Post
) -> None:
    citizen = person(CITIZEN, java_script_enabled=False)
    citizen.page.goto("/minside/post")
    citizen.choose_at_idporten()
    citizen.page.locator("summary").focus()
    citizen.page.keyboard.press("Enter")
    unread = citizen.page.get_by_label("Vis bare uleste brev")
    expect(
        unread
    ).to_be_visible()  # a field that is not shown yet takes no focus, and the key would close the box again
    unread.focus()
    citizen.page.keyboard.press("Space")
    expect(unread).to_be_checked()
    citizen.page.get_by_role("button", name="Vis brev").focus()
    citizen.page.keyboard.press("Enter")
    expect(citizen.page).to_have_url(re.compile("uleste=ja"))
    citizen.reads(LONG)
    citizen.does_not_read("Svar på søknad")


def test_a_letter_of_higher_level_is_seen_after_proving_more(
    person: Callable[..., Person], letters: Post
) -> None:
    citizen = person(CITIZEN)
    citizen.page.goto("/minside/post")
    citizen.choose_at_idporten()
    citizen.does_not_read("Hemmelig vedtak")
    citizen.follow("Logg inn på nivå 4")
    citizen.choose_at_idporten()
    citizen.reads("Hemmelig vedtak")
    citizen.does_not_read("krever høyere sikkerhet")


def test_a_deleted_letter_is_told_of_in_plain_words(
    person: Callable[..., Person], eye: Eye, letters: Post
) -> None:
    citizen = person(CITIZEN)
    citizen.page.goto(f"/minside/post/{letters.deleted}")
    citizen.choose_at_idporten()
    citizen.sees("Brevet er slettet")
    eye.look(citizen.page, "61-post-slettet")


def test_a_member_reads_the_post_of_an_organisation_and_is_told_where_a_right_is_lacking(
    person: Callable[..., Person], eye: Eye, letters: Post
) -> None:
    member = person(MEMBER)
    member.page.goto("/minside")
    member.choose_at_idporten()
    member.press(f"Representer {ORGANISATION}")
    member.follow("Åpne Post fra kommunen")
    member.reads("Faktura for renovasjon")
    expect(member.page.get_by_text(f"Du representerer {ORGANISATION}")).to_be_visible()
    eye.look(member.page, "61-post-virksomhet")
    member.page.goto("/minside/velg")
    member.press("Representer Uten post AS")
    member.page.goto("/minside/post")
    member.sees("Du kan ikke se posten til Uten post AS")
    eye.look(member.page, "61-post-uten-rett")

"""The link of a message about several files leads to all of them, for whoever may take each of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from flask import Flask

from fiks.core.db import transaction
from fiks.core.values.address import Adresse
from fiks.konfigurasjon.konto.models import Kontooppsett
from fiks.svarut.channels.base import Utgaende
from fiks.svarut.letters import load_letters
from fiks.svarut.mottak import Dokumentfakta, Svaradresse
from fiks.svarut.rules import Slettetype, Status
from fiks.svarut.sender import actions
from portal.texts.minside.inbox import NB
from tests.integration.houses import HOUSE, Hus, new_fnr, new_orgnr
from tests.integration.minside.letters import (
    KOMMUNALE_TJENESTER,
    POST_ARKIV,
    TAUSHET,
    TITLE,
    acts_on,
    letter_to,
    list_of,
    part,
    representing,
    status_of,
    titled,
)
from tests.integration.utsending.browser import Browser, citizen, text_of
from tests.integration.utsending.kommuner import FakeAltinn
from tests.pagecheck import faults
from workers.channels import AltinnPort, DpiPort

FILES = (
    Dokumentfakta("vedtak.pdf", "application/pdf"),
    Dokumentfakta("klageskjema.pdf", "application/pdf"),
)


@dataclass
class Seen:
    """A client that keeps what it is told to send."""

    sent: list[Utgaende] = field(default_factory=list)

    def send(self, brev: Utgaende) -> str:
        self.sent.append(brev)
        return "ref"


def several(hus: Hus, number: str, **options: Any) -> UUID:
    """A letter of two files to the number."""
    said = options.pop("said", {})
    return letter_to(hus, number, **titled(number, dokumenter=FILES, **said), **options)


def way(letter: UUID) -> str:
    """Where the messages about the letter lead: the same in each channel."""
    seen = Seen()
    for port in (AltinnPort(cast(Any, seen)), DpiPort(cast(Any, seen))):
        port.send("ref", load_letters([letter])[letter])
    [path] = {urlsplit(one.lenke).path for one in seen.sent}
    return path


def kept_off_min_side(hus: Hus) -> None:
    with transaction() as tx:
        tx.add(Kontooppsett(konto_id=hus.konto_id, vises_paa_minside=False))


def takes_both(browser: Browser, letter: UUID) -> None:
    """By what the page at the link offers, as whom it is to."""
    page = browser.get(way(letter))
    assert (page.status_code, faults(page.text)) == (200, [])
    words = text_of(page.text)
    for said in ("Last ned vedtak.pdf", "Last ned klageskjema.pdf", NB["POST_VED_LESING"]):
        assert said in words
    assert status_of(letter) is Status.SENDT_ALTINN, "to see its page is not to read it"
    for file in (f"/forsendelse/{letter}/2", f"/forsendelse/{letter}/1"):
        assert f'href="{file}"' in page.text
        assert browser.get(file).data.startswith(b"%PDF")
        assert status_of(letter) is Status.LEST


@pytest.mark.parametrize("hidden", [False, True])
def test_a_person_finds_every_file_behind_the_link(app: Flask, hus: Hus, hidden: bool) -> None:
    me = new_fnr()
    made = several(hus, me)
    if hidden:
        kept_off_min_side(hus)
    takes_both(citizen(app, me), made)
    assert (TITLE in list_of(citizen(app, me))) is not hidden


@pytest.mark.parametrize("hidden", [False, True])
def test_whoever_reads_an_organisations_post_finds_every_file_behind_the_link(
    app: Flask, altinn: FakeAltinn, hus: Hus, hidden: bool
) -> None:
    orgnr, pid = new_orgnr(), new_fnr()
    made = several(hus, orgnr)
    if hidden:
        kept_off_min_side(hus)
    altinn.parter[pid] = [part(orgnr, POST_ARKIV)]
    browser = citizen(app, pid)
    page = text_of(browser.get(way(made)).text)
    assert ("Last ned vedtak.pdf" in page, "Last ned klageskjema.pdf" in page) == (True, True)
    assert browser.get(f"/forsendelse/{made}/2").data.startswith(b"%PDF")
    assert status_of(made) is Status.LEST
    assert representing(app, altinn, new_orgnr(), POST_ARKIV).get(way(made)).status_code == 404


def test_a_letter_of_one_file_is_led_to_as_before(hus: Hus) -> None:
    me = new_fnr()
    made = letter_to(hus, me, **titled(me))
    assert way(made) == f"/forsendelse/{made}/1"


def test_the_link_works_before_there_is_a_record_of_the_hand_over(app: Flask, hus: Hus) -> None:
    """Who is told at once may follow it at once; a call of unknown outcome is recorded long after."""
    me = new_fnr()
    to = Svaradresse(Adresse("Postmottak", postnr="4262", poststed="AVALDSNES"), hus.orgnr)
    answered = {"kan_svares": True, "svar_sendes_til": to}
    made, come = several(hus, me, status=Status.AKSEPTERT, said=answered), several(hus, me, said=answered)
    pages = [citizen(app, me).get(way(one)) for one in (made, come)]
    assert [page.status_code for page in pages] == [200, 200]
    offered = [f"/edialog/svar/{one}" in page.text for one, page in zip((made, come), pages, strict=True)]
    assert offered == [False, True], "what has not come is not answered yet"
    listed = citizen(app, me).get("/minside/post").text
    assert (str(made) in listed, str(come) in listed) == (False, True)


def test_the_right_is_that_of_the_files_and_to_open_it_is_audited(
    app: Flask, altinn: FakeAltinn, hus: Hus
) -> None:
    orgnr = new_orgnr()
    made = several(hus, orgnr, said={"taushetsbelagt": True})
    for rights in ((POST_ARKIV,), (KOMMUNALE_TJENESTER,)):
        answer = representing(app, altinn, orgnr, *rights).get(way(made))
        assert (answer.status_code, TITLE in answer.text) == (404, False)
    assert citizen(app, new_fnr(), acr=4).get(way(made)).status_code == 404
    assert acts_on(made) == []
    assert representing(app, altinn, orgnr, TAUSHET).get(way(made)).status_code == 200
    assert acts_on(made) == [("BREV_APNET", orgnr)]


def test_a_level_four_letter_asks_for_a_login_at_level_four(app: Flask, hus: Hus) -> None:
    me = new_fnr()
    made = several(hus, me, sikkerhetsniva="HOYESTE")
    answer = citizen(app, me).get(way(made))
    assert (answer.status_code, TITLE in answer.text) == (302, False)
    assert answer.location == f"/innlogging/start?neste={way(made)}&nivaa=4"
    assert citizen(app, new_fnr()).get(way(made)).status_code == 404
    assert TITLE in citizen(app, me, acr=4).get(way(made)).text


def test_whom_it_is_shared_with_reads_nothing_for_its_receiver(app: Flask, hus: Hus) -> None:
    me, reader = new_fnr(), new_fnr()
    made = several(hus, me, said={"eksponert_for": (reader,)})
    browser = citizen(app, reader)
    assert NB["POST_VED_DELING"] in text_of(browser.get(way(made)).text)
    assert browser.get(f"/forsendelse/{made}/2").data
    assert status_of(made) is Status.SENDT_ALTINN


def test_a_deleted_letter_is_told_of_in_plain_words(app: Flask, hus: Hus) -> None:
    me = new_fnr()
    made = several(hus, me)
    link = way(made)
    actions.delete_documents(made, alt=Slettetype.ALLE, actor=HOUSE)
    answer = citizen(app, me).get(link)
    assert (answer.status_code, NB["POST_BORTE"] in text_of(answer.text)) == (410, True)
    assert TITLE not in answer.text
    assert citizen(app, new_fnr()).get(link).status_code == 404

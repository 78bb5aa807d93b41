"""What somebody does as a citizen stands in no log of the organisation that the same browser works for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask, request, request_started
from sqlalchemy import select

from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.values.address import Adresse
from fiks.edialog.models import EdialogFil
from fiks.konfigurasjon import service as konfigurasjon
from fiks.svarut.mottak import Svaradresse
from portal.access.kinds import Slag
from portal.access.table import TILGANG
from tests.doubles import tiny_pdf
from tests.integration.edialog.pages.steps import FACTS, begin, id_of, send, upload
from tests.integration.edialog.skjemaer import open_edialog
from tests.integration.houses import Hus, make_hus, new_fnr, new_orgnr
from tests.integration.konfigurasjon.portals import log_in
from tests.integration.minside.letters import KOMMUNALE_TJENESTER, POST_ARKIV, letter_to, part, titled
from tests.integration.utsending.browser import Browser, citizen, post
from tests.integration.utsending.kommuner import FakeAltinn
from tests.integration.worlds import FakeRegister

NOBODYS = {
    "AKTOR_VALGT",
    "EDIALOG_FIL_FJERNET",
    "EDIALOG_FIL_LASTET_OPP",
    "EDIALOG_UTKAST_SLETTET",
    "UTLOGGET",
}
"""Acts of citizens that are no organisation's at all."""


@pytest.fixture
def asked(app: Flask) -> Iterator[set[tuple[str, str]]]:
    """What has been asked for in the test: endpoint and method."""
    made = set[tuple[str, str]]()

    def note(_: Flask) -> None:
        made.add((str(request.endpoint), request.method))

    with request_started.connected_to(note, app):
        yield made


def test_whatever_an_employee_does_as_a_citizen_the_employer_sees_nothing_of_it(
    app: Flask,
    altinn: FakeAltinn,
    hus: Hus,
    monkeypatch: pytest.MonkeyPatch,
    asked: set[tuple[str, str]],
) -> None:
    monkeypatch.setitem(app.extensions, "fiks_register", FakeRegister())
    employer, me, firm = make_hus("Annevik kommune"), new_fnr(), new_orgnr()
    open_edialog(hus)
    altinn.parter[me] = [part(firm, POST_ARKIV, KOMMUNALE_TJENESTER)]
    browser = log_in(app, me, employer.organisasjon_id)
    read_post(browser, hus, me)
    write(browser, hus, firm)
    answer(browser, hus, me)
    end_another_login(app, browser, me)
    assert asked >= of_citizens(app), "every page and every form of theirs"
    acts = select(Audit.handling, Audit.organisasjon_id).where(
        Audit.aktor == str(konfigurasjon.person_by_pid(me))
    )
    found = session().execute(acts.distinct()).all()
    assert {row.organisasjon_id for row in found} == {None, hus.organisasjon_id}
    assert {row.handling for row in found if row.organisasjon_id is None} == NOBODYS


def of_citizens(app: Flask) -> set[tuple[str, str]]:
    return {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) & {"GET", "POST"}
        if TILGANG[rule.endpoint].slag is Slag.INNBYGGER
    }


def read_post(browser: Browser, hus: Hus, me: str) -> None:
    """All of Min side but what one writes."""
    made = letter_to(hus, me)
    post(browser, "/minside/velg", "/minside/velg", orgnr="")
    post(browser, "/minside", "/minside/sprak", sprak="nb")
    for page in ("innsyn", "innlogginger", "post", f"post/{made}"):
        assert browser.get(f"/minside/{page}").status_code == 200, page
    assert browser.get(f"/forsendelse/{made}").status_code == 200
    assert browser.get(f"/forsendelse/{made}/1").data


def write(browser: Browser, hus: Hus, firm: str) -> None:
    """Write with a file, and send it; then, for one's firm, begin and give it up."""
    assert browser.get("/edialog/").status_code == 200
    browser.get(f"/edialog/mottaker/{hus.orgnr}")
    page = begin(browser, f"/s/{hus.orgnr}")
    post(browser, page, page, **FACTS)
    upload(browser, page, ("a.pdf", tiny_pdf(["a"])))
    fil = session().execute(select(EdialogFil.id).where(EdialogFil.skjema_id == id_of(page))).scalar_one()
    session().rollback()
    post(browser, f"{page}/vedlegg", f"{page}/vedlegg/{fil}/fjern")
    assert send(browser, page, browser.get(f"{page}/oppsummering").text).location == f"{page}/kvittering"
    for address in (f"{page}/kvittering", "/minside/henvendelser"):
        assert browser.get(address).status_code == 200
    post(browser, "/minside/velg", "/minside/velg", orgnr=firm)
    draft = begin(browser, f"/s/{hus.orgnr}")
    assert post(browser, f"{draft}/slett", f"{draft}/slett").location == "/minside/henvendelser"
    post(browser, "/minside/velg", "/minside/velg", orgnr="")


def answer(browser: Browser, hus: Hus, me: str) -> None:
    """Begin an answer to a letter."""
    to = Svaradresse(Adresse("Postmottak", "Kaia 2", "", "", "4260", "TORVASTAD", ""), hus.orgnr)
    asking = letter_to(hus, me, **titled(me, kan_svares=True, svar_sendes_til=to))
    assert begin(browser, f"/edialog/svar/{asking}")


def end_another_login(app: Flask, browser: Browser, me: str) -> None:
    citizen(app, me)
    other = browser.get("/minside/innlogginger").text.split('name="sesjon" value="')[1].split('"')[0]
    post(browser, "/minside/innlogginger", "/minside/innlogginger", sesjon=other)

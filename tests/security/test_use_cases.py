"""Every public function that is told who acts refuses one without rights, whichever door the call came through."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

import fiks
from fiks.core.actor import Aktor, Aktortype
from fiks.core.address import Adresse
from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet, IkkeTilgang
from fiks.konfigurasjon.rules import Organisasjonstype, P
from fiks.svarut.letters import Mottaker
from fiks.svarut.models import Levering
from fiks.svarut.received import NyForsendelse
from fiks.svarut.rules import Bane, Mottakertype
from fiks.utsending.brev import ready_template
from fiks.utsending.dashboard import Nokkeltall
from fiks.utsending.drafts import Fakta
from fiks.utsending.followup import Gruppe
from fiks.utsending.rules import Art, Utsendingstatus
from tests.integration.utsending.kommuner import Postkasser, new_fnr, new_orgnr, today
from tests.security.people import Scene
from tests.security.things import ROW, Things, make_things

REFUSES, EMPTY, STEP = "refuses", "shows nothing", "step"

USE_CASES: dict[str, str] = {
    "konfigurasjon.insight.seen_by": EMPTY,
    "konfigurasjon.logout.end": STEP,
    "konfigurasjon.logout.end_all_of": STEP,
    "konfigurasjon.logout.end_own": REFUSES,
    "konfigurasjon.logout.end_for_colleague": REFUSES,
    "konfigurasjon.logout.colleague": REFUSES,
    "konfigurasjon.parties.choose": REFUSES,
    "konfigurasjon.queries.require": REFUSES,
    "konfigurasjon.queries.may": EMPTY,
    "konfigurasjon.service.create_organisasjon": REFUSES,
    "konfigurasjon.service.create_konto": REFUSES,
    "konfigurasjon.service.register_person": REFUSES,
    "konfigurasjon.service.grant_privilegium": REFUSES,
    "svarut.received.accept_letters": REFUSES,
    "svarut.service.mark_read": REFUSES,
    "svarut.service.do_not_print": REFUSES,
    "svarut.service.stop_unsent": REFUSES,
    "svarut.service.retry_failed": REFUSES,
    "utsending.access.visible": REFUSES,
    "utsending.access.require": REFUSES,
    "utsending.access.rights": EMPTY,
    "utsending.access.may_see_restricted": EMPTY,
    "utsending.approval.send_back": REFUSES,
    "utsending.approval.withdraw": REFUSES,
    "utsending.approval.approve": REFUSES,
    "utsending.approval.require_recent_login": STEP,
    "utsending.approval.release": REFUSES,
    "utsending.approval.stop": REFUSES,
    "utsending.badrows.begin_bad_rows": REFUSES,
    "utsending.badrows.list_columns": REFUSES,
    "utsending.control.accept_repairs": REFUSES,
    "utsending.control.confirm_control": REFUSES,
    "utsending.dashboard.key_figures": EMPTY,
    "utsending.dashboard.waiting_for": EMPTY,
    "utsending.dashboard.statistics": EMPTY,
    "utsending.detail_queries.detail": REFUSES,
    "utsending.discard.contents": REFUSES,
    "utsending.discard.discard_draft": REFUSES,
    "utsending.discard.delete_whole": STEP,
    "utsending.drafts.create_utsending": REFUSES,
    "utsending.drafts.update_utsending": REFUSES,
    "utsending.drafts.choose_template": REFUSES,
    "utsending.drafts.park_bad_rows": REFUSES,
    "utsending.drafts.send_unreachable": REFUSES,
    "utsending.drafts.override_sent_before": REFUSES,
    "utsending.drafts.reopen": STEP,
    "utsending.followup.stop_answer": REFUSES,
    "utsending.followup.group_rows": REFUSES,
    "utsending.followup.new_from_unsent": REFUSES,
    "utsending.guide.job": REFUSES,
    "utsending.guide.neighbours": REFUSES,
    "utsending.looks.record_look": STEP,
    "utsending.letter_queries.progress": REFUSES,
    "utsending.letter_queries.letters": REFUSES,
    "utsending.letter_queries.timeline": REFUSES,
    "utsending.manual.look_up": REFUSES,
    "utsending.manual.add_row": REFUSES,
    "utsending.manual.remove_row": REFUSES,
    "utsending.preview.order_preview": REFUSES,
    "utsending.preview.order_test_letter": REFUSES,
    "utsending.preview.preview": REFUSES,
    "utsending.preview.preview_file": REFUSES,
    "utsending.preview.document_page": REFUSES,
    "utsending.pricing.cost": REFUSES,
    "utsending.production.start_production": REFUSES,
    "utsending.queries.visible_kontoer": EMPTY,
    "utsending.queries.mailings": EMPTY,
    "utsending.queries.production_progress": REFUSES,
    "utsending.redate.produce_with_new_date": REFUSES,
    "utsending.repeats.sent_before": REFUSES,
    "utsending.reports.begin_report": REFUSES,
    "utsending.reports.report_rows": REFUSES,
    "utsending.reports.letter_deadline": REFUSES,
    "utsending.retry.retry_letter": REFUSES,
    "utsending.retry.retry_all": REFUSES,
    "utsending.retry.do_not_print": REFUSES,
    "utsending.row_queries.finding_counts": REFUSES,
    "utsending.row_queries.rows": REFUSES,
    "utsending.row_queries.approval_sample": REFUSES,
    "utsending.row_queries.forecast_counts": REFUSES,
    "utsending.sample.sample": REFUSES,
    "utsending.sample.order_sample": REFUSES,
    "utsending.templates.template_version": REFUSES,
    "utsending.templates.fields_of": REFUSES,
    "utsending.templates.save_template": REFUSES,
    "utsending.templates.chosen_template": REFUSES,
    "utsending.transitions.move": STEP,
    "utsending.transitions.must_move": STEP,
    "utsending.transitions.write_history": STEP,
    "utsending.uploads.upload": REFUSES,
    "utsending.uploads.remove_list": REFUSES,
    "utsending.uploads.read_again": REFUSES,
    "utsending.uploads.map_columns": REFUSES,
}
"""Reviewed by hand. STEP: no use case but a part of one, inside its transaction and after its check."""

RIGHTLESS = ("uten", "utlopt", "avsluttet", "revisor", "annen_konto", "annen_kommune", "mottaker", "navnlos")


@cache
def use_cases() -> dict[str, Callable[..., Any]]:
    """Every public function of the house with a parameter `actor`, by its name below `fiks`."""
    return dict(_discover())


def _discover() -> Iterator[tuple[str, Callable[..., Any]]]:
    for found in pkgutil.walk_packages(fiks.__path__, "fiks."):
        if found.name.endswith(".child"):
            continue
        module = importlib.import_module(found.name)
        for name, member in vars(module).items():
            if not inspect.isfunction(member) or member.__module__ != found.name or name.startswith("_"):
                continue
            if "actor" in inspect.signature(member).parameters:
                yield f"{found.name}.{name}".removeprefix("fiks."), member


@pytest.fixture(scope="module")
def things(app: Flask, scene: Scene) -> Things:
    with app.app_context():
        return make_things(scene.lillevik, Utsendingstatus.SENDES)


def arguments(scene: Scene, things: Things) -> dict[str, Any]:
    """A right value for every parameter of every use case, by its name. A new name must be added here."""
    fakta = Fakta(tittel="Brev", art=Art.FLETTEBREV, brevdato=today())
    levering_id = session().scalar(
        select(Levering.id).where(Levering.forsendelse_id == things.forsendelse_id)
    )
    address = Adresse("Ola Nordmann", "Storgata 1", "", "", "4262", "AVALDSNES", "")
    letter = NyForsendelse(
        konto_id=scene.lillevik.konto_id,
        organisasjon_id=scene.lillevik.id,
        tittel="Brev",
        mottakertype=Mottakertype.PERSON,
        mottaker=Mottaker(new_fnr(), address),
        dokumenter=(),
    )
    return {
        "utsending_id": things.utsending_id,
        "forsendelse_id": things.forsendelse_id,
        "levering_id": levering_id,
        "organisasjon_id": scene.lillevik.id,
        "konto_id": scene.lillevik.konto_id,
        "ressurs_id": scene.lillevik.konto_id,
        "person_id": scene.person["uten"],
        "sesjon_id": uuid4(),
        "spor": lambda pid: [],
        "malversjon_id": things.malversjon_id,
        "versjon_id": things.malversjon_id,
        "del_id": things.del_id,
        "radnr": ROW,
        "nr": 0,
        "side": 1,
        "aar": today().year,
        "antall": 0,
        "park": True,
        "send": True,
        "brevdato": today(),
        "digest": b"\0" * 32,
        "grunn": "En god nok grunn",
        "navn": "Navn",
        "orgnr": new_orgnr(),
        "type": Organisasjonstype.KOMMUNE,
        "visningsnavn": "Konto",
        "avsender": f"konto-{uuid4()}",
        "pid": new_fnr(),
        "orgnrs": frozenset({"310000000"}),
        "privilegium": P.SENDE,
        "privileges": P.SENDE,
        "fakta": fakta,
        "letters": [letter],
        "bane": Bane.ENKELT,
        "gruppe": Gruppe.STOPPET,
        "nummer": new_fnr(),
        "hjemmel": "Eiendomsskatteloven",
        "register": Postkasser(),
        "values": {"navn": "Kari"},
        "koder": None,
        "filformat": "csv",
        "mal": ready_template("brev"),
        "art": "LISTE",
        "filnavn": "liste.csv",
        "chunks": [b"navn\nKARI\n"],
        "kobling": {"navn": "navn"},
    }


def call(use_case: Callable[..., Any], values: dict[str, Any], actor: Aktor) -> Any:
    """Call with values by name; what is given lazily is taken out."""
    given: list[Any] = []
    named: dict[str, Any] = {}
    for name, parameter in inspect.signature(use_case).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD or (parameter.default is not parameter.empty):
            continue
        value = actor if name == "actor" else values[name]
        if parameter.kind is parameter.KEYWORD_ONLY:
            named[name] = value
        else:
            given.append(value)
    result = use_case(*given, **named)
    return list(result) if inspect.isgenerator(result) else result


def rightless(scene: Scene, who: str) -> Aktor:
    """Somebody logged in; `navnlos` is a person of whom nothing is known, as a careless door could make one."""
    if who == "navnlos":
        return Aktor(
            Aktortype.PERSON, "", organisasjon_id=scene.lillevik.id, acr=4, auth_time=datetime.now(UTC)
        )
    return scene.aktor(who)


def test_every_use_case_is_reviewed() -> None:
    assert set(use_cases()) == set(USE_CASES)


@pytest.mark.parametrize("name", [name for name, kind in USE_CASES.items() if kind == REFUSES])
def test_a_use_case_refuses_whoever_has_no_right(app: Flask, scene: Scene, things: Things, name: str) -> None:
    with app.app_context():
        values = arguments(scene, things)
        before = _audited()
        for who in RIGHTLESS:
            with pytest.raises((IkkeTilgang, IkkeFunnet)):
                call(use_cases()[name], values, rightless(scene, who))
            session().rollback()
        assert _audited() == before


def _audited() -> int:
    return session().execute(select(func.count()).select_from(Audit)).scalar_one()


@pytest.mark.parametrize("name", [name for name, kind in USE_CASES.items() if kind == EMPTY])
def test_a_read_over_many_shows_nothing_of_what_one_has_no_right_to(
    app: Flask, scene: Scene, things: Things, name: str
) -> None:
    with app.app_context():
        values = arguments(scene, things)
        for who in ("uten", "utlopt", "avsluttet", "revisor", "mottaker", "navnlos"):
            shown = call(use_cases()[name], values, rightless(scene, who))
            if isinstance(shown, Nokkeltall):
                shown = shown.sendt or shown.pagaende or shown.til_godkjenning or shown.feil
            assert not shown, who


def test_the_checks_let_the_right_person_through(app: Flask, scene: Scene, things: Things) -> None:
    """The refusals above are about rights and not about wrong arguments: with the right the same calls go on."""
    with app.app_context():
        values, admin = arguments(scene, things), scene.aktor("admin")
        for name in (
            "detail_queries.detail",
            "letter_queries.timeline",
            "row_queries.rows",
            "reports.report_rows",
        ):
            assert call(use_cases()[f"utsending.{name}"], values, admin)
        assert call(use_cases()["utsending.queries.mailings"], values, admin)


def test_nobody_stops_or_keeps_off_paper_a_mailing_by_naming_a_konto_of_their_own(
    app: Flask, scene: Scene, things: Things
) -> None:
    """The konto that is checked must be the mailing's."""
    do_not_print = use_cases()["svarut.service.do_not_print"]
    with app.app_context():
        before = _statuses(things.utsending_id)
        assert do_not_print(things.utsending_id, scene.annen_konto, actor=scene.aktor("annen_konto")) == 0
        assert _statuses(things.utsending_id) == before


def _statuses(utsending_id: UUID) -> list[tuple[str, datetime]]:
    session().rollback()
    rows = session().execute(
        select(Levering.status, Levering.neste_forsok).where(Levering.utsending_id == utsending_id)
    )
    return sorted((row[0], row[1]) for row in rows)

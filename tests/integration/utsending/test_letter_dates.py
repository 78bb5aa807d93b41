"""What letters say of days: the deadline they print holds for those that leave some days after their date, and who
prepares, approves, releases and follows them is told."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from fiks.core.calendar import OSLO, klagefrist
from fiks.core.db import transaction
from fiks.core.locks import Owner
from fiks.svarut.models import Forsendelse
from fiks.utsending import approval, reports
from fiks.utsending.brev import Brevmal, compose, ready_template, states_date_in_own_words, states_deadline
from fiks.utsending.models import Malversjon, Utsending
from fiks.utsending.rules import LEAVES_WITHIN, Art, Utsendingstatus, holds_until, printed_deadline
from portal.formats import dato
from tests.integration.utsending.browser import log_in, text_of
from tests.integration.utsending.kommuner import (
    Kommune,
    Mailing,
    Postkasser,
    feed,
    hand_over,
    make_kommune,
    make_mailing,
    release,
    today,
)
from tests.pagecheck import check_page
from tests.unit.brev.letters import mailing as kontekst
from tests.unit.brev.letters import row

WEEK = timedelta(days=7)
BEFORE = "Fristen er ((klagefrist|dato)), og seddelen ble sendt ((sendt|dato))."
"""As a kommune may have copied it from the ready template of old."""


def dated(kommune: Kommune, days: int, kilde: str = "", **changes: object) -> Mailing:
    """Letters dated today whose list is announced so many days later, with the tax note or another text."""
    made = make_mailing(kommune, 4, **changes)  # type: ignore[arg-type]
    note = ready_template("eiendomsskatt")
    texts = {"kilde_nb": kilde} if kilde else {"kilde_nb": note.kilde_nb, "kilde_nn": note.kilde_nn}
    with transaction() as tx:
        of_it = select(Utsending.malversjon_id).where(Utsending.id == made.id).scalar_subquery()
        tx.execute(update(Malversjon).where(Malversjon.id == of_it).values(**texts))
        announced = today() + timedelta(days=days)
        tx.execute(update(Utsending).where(Utsending.id == made.id).values(kunngjoringsdato=announced))
    return made


def seen(app: Flask, kommune: Kommune, mailing: Mailing, side: str, rolle: str = "saksbehandler") -> str:
    answer = log_in(app, kommune, rolle).get(f"/utsendinger/{mailing.id}{side}")
    assert answer.status_code == 200
    check_page(answer.text)
    return text_of(answer.text)


# The rule


def test_the_printed_deadline_is_never_shorter_than_the_laws_for_a_letter_that_leaves_within_a_week() -> None:
    day = date(2027, 2, 26)
    for announced, late in product(range(-10, 20), range(8)):
        kunngjort = day + timedelta(days=announced)
        printed, last = printed_deadline(kunngjort, day), holds_until(kunngjort, day)
        assert printed >= klagefrist(kunngjort, day + timedelta(days=late))
        assert printed == klagefrist(kunngjort, last) < klagefrist(kunngjort, last + timedelta(days=1))


def test_nothing_is_added_when_the_list_is_announced_a_week_after_the_letters_date() -> None:
    day = date(2027, 2, 22)
    assert LEAVES_WITHIN == WEEK
    assert printed_deadline(day + WEEK, day) == day + WEEK + timedelta(weeks=6)


@pytest.mark.parametrize(
    ("malform", "false", "said"),
    [
        ("nb", "sendt (22.02.2027)", "Du har uansett minst seks uker fra dagen den ble sendt."),
        ("nn", "send (22.02.2027)", "Du har uansett minst seks veker frå dagen han vart send."),
    ],
)
def test_the_tax_note_does_not_say_that_it_was_sent_on_its_date(malform: str, false: str, said: str) -> None:
    html = compose(ready_template("eiendomsskatt"), row(malform=malform), kontekst())
    words = " ".join(re.sub("<[^>]+>", "", html).replace("\u00a0", " ").split())
    assert false not in words
    assert said in words
    assert "Fristen er 12.04.2027." in words


# What a template says


@pytest.mark.parametrize(
    ("mal", "deadline", "own_words"),
    [
        (ready_template("eiendomsskatt"), True, False),
        (ready_template("brev"), False, False),
        (Brevmal(BEFORE), True, True),
        (Brevmal("Hei", BEFORE), True, True),
        (Brevmal("Datert (( sendt )) her."), False, True),
        (Brevmal("Hei ((hvis klagefrist))du((slutt))"), False, False),
        (Brevmal("Hei", None, "Frist ((klagefrist))"), True, False),
        (Brevmal("Sendt, klagefrist, ((kunngjort))"), False, False),
    ],
)
def test_a_template_is_known_by_what_it_prints(mal: Brevmal, deadline: bool, own_words: bool) -> None:
    assert (states_deadline(mal), states_date_in_own_words(mal)) == (deadline, own_words)


def test_the_rest_of_a_copied_tax_note_may_be_changed_without_a_warning() -> None:
    note = ready_template("eiendomsskatt")
    changed = note.kilde_nb.replace("## Er noe feil?", "## Spørsmål?")
    assert changed != note.kilde_nb
    assert not states_date_in_own_words(Brevmal(changed))


# The pages


@pytest.mark.usefixtures("house")
class TestPages:
    @pytest.mark.parametrize(("days", "warned"), [(-1, True), (0, True), (6, True), (7, False), (9, False)])
    def test_who_prepares_approves_and_releases_is_told_what_the_letters_print(
        self, app: Flask, days: int, warned: bool
    ) -> None:
        kommune = make_kommune()
        printed = dato(max(today() + timedelta(days=days), today() + WEEK) + timedelta(weeks=6))
        told = f"Klagefristen i brevene blir {printed}"
        draft = dated(kommune, days, status=Utsendingstatus.UTKAST)
        waiting, approved = dated(kommune, days), dated(kommune, days, status=Utsendingstatus.GODKJENT)
        summary = seen(app, kommune, draft, "/oppsummering")
        look_over = seen(app, kommune, waiting, "/godkjenning", "godkjenner")
        release_page = seen(app, kommune, approved, "/frigi")
        for words in (summary, look_over, release_page):
            assert (told in words) == warned
            assert (
                f"går ut til og med {dato(max(today() + timedelta(days=days), today() + WEEK))}" in words
                or (not warned and words is not release_page)
            )
        assert f"Klagefrist i brevene {printed}" in summary
        assert f"Klagefrist i brevene {printed}" in look_over
        what_to_do = f"må dere kunngjøre tidligst {dato(today() + WEEK)}"
        assert (what_to_do in summary, what_to_do in look_over) == (warned, False)

    def test_a_template_that_prints_the_date_in_its_own_words_is_to_be_read_once_more(
        self, app: Flask
    ) -> None:
        kommune = make_kommune()
        mine = dated(kommune, 9, BEFORE, status=Utsendingstatus.UTKAST)
        theirs = dated(kommune, 9, BEFORE)
        summary = seen(app, kommune, mine, "/oppsummering")
        assert "Teksten må derfor ikke si at brevet ble sendt den dagen" in summary
        assert "Se og endre malen" in summary
        look_over = seen(app, kommune, theirs, "/godkjenning", "godkjenner")
        assert "Teksten må derfor ikke si at brevet ble sendt den dagen" in look_over
        assert "Se og endre malen" not in look_over

    @pytest.mark.parametrize("kilde", ["Hei ((navn))", BEFORE])
    def test_nothing_is_said_of_a_deadline_that_the_letters_do_not_print(
        self, app: Flask, kilde: str
    ) -> None:
        """A template without it, and one that stands by while finished documents are sent."""
        kommune = make_kommune()
        waiting = dated(kommune, 0, kilde)
        if kilde == BEFORE:
            with transaction() as tx:
                art = {"art": Art.SAMME_DOKUMENT}
                tx.execute(update(Utsending).where(Utsending.id == waiting.id).values(art))
        words = seen(app, kommune, waiting, "/godkjenning", "godkjenner")
        assert "Klagefrist" not in words
        assert "brevdatoen," not in words

    @pytest.mark.parametrize(("later", "too_short"), [(0, None), (1, False), (7, False), (8, True)])
    def test_the_mailings_page_tells_how_many_letters_have_not_left_on_their_date(
        self, app: Flask, owner: Owner, later: int, too_short: bool | None
    ) -> None:
        kommune = make_kommune()
        mailing = dated(kommune, 0, status=Utsendingstatus.SENDES)
        with transaction() as tx:
            values = {"brevdato": Utsending.brevdato - later, "kunngjoringsdato": Utsending.brevdato - later}
            values["frigis_tid"] = func.now() - timedelta(days=later)
            tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(values))
        words = seen(app, kommune, mailing, "", "leser")
        assert ("4 brev har ikke gått ut ennå" in words) == (too_short is not None)
        assert ("er kortere enn seks uker fra den dagen" in words) == (too_short is True)
        assert ("holder for brev som går ut til og med" in words) == (too_short is False)


# The report


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(("late", "days_after"), [(0, 7), (3, 7), (7, 7), (8, 8)])
def test_the_reports_deadline_is_the_printed_one_unless_the_laws_is_later(
    owner: Owner, late: int, days_after: int
) -> None:
    kommune = make_kommune()
    mailing = dated(kommune, 0)
    with transaction() as tx:
        digest = approval.compute_digest(mailing.id)
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(innhold_digest=digest))
    release(kommune, mailing)
    feed(mailing)
    hand_over(owner, Postkasser(set(mailing.fnr.values())))
    handed = datetime.combine(today() + timedelta(days=late), time(12), tzinfo=OSLO)
    with transaction() as tx:
        tx.execute(
            update(Forsendelse).where(Forsendelse.utsending_id == mailing.id).values(overlevert=handed)
        )
    reader = kommune.aktor("leser")
    expected = today() + timedelta(days=days_after, weeks=6)
    assert {r.klagefrist for r in reports.report_rows(mailing.id, actor=reader)} == {expected}
    assert reports.letter_deadline(mailing.id, 2, actor=reader)[1] == expected

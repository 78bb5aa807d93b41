"""What letters say of days: the deadline they print holds for those that leave some days after their date, and who
prepares, approves, releases and follows them is told."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from itertools import product
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from fiks.core.db import session, transaction
from fiks.core.queue.owner_lock import Owner
from fiks.core.values.calendar import OSLO, klagefrist
from fiks.konfigurasjon.models import Konto
from fiks.print.models import Ordre
from fiks.print.service import NOTHING_SAID, call_off, record_posted
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.paper.manual_queue import mark_printed
from fiks.utsending.approval import service
from fiks.utsending.brev import Brevmal, bundled_template, compose, states_date_in_own_words, states_deadline
from fiks.utsending.models import Malversjon, Utsending
from fiks.utsending.rules import LEAVES_WITHIN, Art, Utsendingstatus, holds_until, printed_deadline
from fiks.utsending.sending import reports
from portal.texts import tekst
from portal.texts.formats import dato
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
from tests.integration.utsending.test_approval_pages import with_first_due
from tests.pagecheck import check_page
from tests.unit.brev.letters import mailing as kontekst
from tests.unit.brev.letters import row

WEEK = timedelta(days=7)
BEFORE = "Fristen er ((klagefrist|dato)), og seddelen ble sendt ((sendt|dato))."
"""As a kommune may have copied it from the ready template of old."""


def dated(kommune: Kommune, days: int, kilde: str = "", **changes: object) -> Mailing:
    """Letters dated today whose list is announced so many days later, with the tax note or another text."""
    made = make_mailing(kommune, 4, **changes)  # type: ignore[arg-type]
    note = bundled_template("eiendomsskatt")
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
    html = compose(bundled_template("eiendomsskatt"), row(malform=malform), kontekst())
    words = " ".join(re.sub("<[^>]+>", "", html).replace("\u00a0", " ").split())
    assert false not in words
    assert said in words
    assert "Fristen er 12.04.2027." in words


# What a template says


@pytest.mark.parametrize(
    ("mal", "deadline", "own_words"),
    [
        (bundled_template("eiendomsskatt"), True, False),
        (bundled_template("brev"), False, False),
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
    note = bundled_template("eiendomsskatt")
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

    @pytest.mark.parametrize(("due", "passed"), [(None, False), (0, False), (1, True)])
    def test_the_mailings_page_tells_when_letters_leave_after_something_is_due(
        self, app: Flask, due: int | None, passed: bool
    ) -> None:
        """Days since it was due."""
        kommune = make_kommune()
        mailing = dated(kommune, 9, status=Utsendingstatus.SENDES)
        with transaction() as tx:
            ago = {"brevdato": Utsending.brevdato - 3, "frigis_tid": func.now() - timedelta(days=3)}
            tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(ago))
        day = today() - timedelta(days=due or 0)
        if due is not None:
            with_first_due(kommune, mailing, day)
        words = seen(app, kommune, mailing, "", "leser")
        assert "4 brev har ikke gått ut ennå" in words
        assert (tekst("FORFALL_PASSERT", dato=day) in words) is passed


# The report


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(("late", "days_after"), [(0, 7), (3, 7), (7, 7), (8, 8)])
def test_the_reports_deadline_is_the_printed_one_unless_the_laws_is_later(
    owner: Owner, late: int, days_after: int
) -> None:
    kommune = make_kommune()
    mailing = dated(kommune, 0)
    with transaction() as tx:
        digest = service.compute_digest(mailing.id)
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


# Paper


def on_paper(owner: Owner, kommune: Kommune, *, by_hand: bool) -> tuple[Mailing, list[tuple[UUID, UUID]]]:
    """Letters of today that all are ordered on paper today; the mailing, and each letter's id and its order's."""
    mailing = dated(kommune, 0)
    with transaction() as tx:
        if by_hand:
            konto = update(Konto).where(Konto.id == kommune.konto_id)
            tx.execute(konto.values(printleverandor="MANUELL_PRINT"))
        digest = service.compute_digest(mailing.id)
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(innhold_digest=digest))
    release(kommune, mailing)
    feed(mailing)
    hand_over(owner, Postkasser())
    ordered = select(Forsendelse.id, Ordre.id).join(Ordre, Ordre.kilde_id == Forsendelse.id)
    rows = session().execute(
        ordered.where(Forsendelse.utsending_id == mailing.id).order_by(Forsendelse.radnr)
    )
    return mailing, [(letter, order) for letter, order in rows]


def deadlines(kommune: Kommune, mailing: Mailing) -> list[date | None]:
    """Each row's, as the report and the letter's page have it."""
    reader = kommune.aktor("leser")
    session().rollback()
    rows = list(reports.report_rows(mailing.id, actor=reader))
    assert all(row.sendt for row in rows)
    told = [reports.letter_deadline(mailing.id, row.radnr, actor=reader)[1] for row in rows]
    assert [row.klagefrist for row in rows] == told
    return told


def in_days(days: int) -> datetime:
    return datetime.combine(today() + timedelta(days=days), time(12), tzinfo=OSLO)


@pytest.mark.usefixtures("house")
class TestPaper:
    def test_what_the_sender_prints_has_a_deadline_from_the_day_it_was_posted(self, owner: Owner) -> None:
        kommune = make_kommune()
        mailing, made = on_paper(owner, kommune, by_hand=True)
        assert deadlines(kommune, mailing) == [None] * 4
        mark_printed([letter for letter, _ in made[:2]], actor=kommune.aktor("saksbehandler"))
        with transaction() as tx:
            tx.execute(update(Ordre).where(Ordre.id == made[1][1]).values(postlagt=in_days(10)))
        within, late = (klagefrist(today(), today() + timedelta(days=days)) for days in (7, 10))
        assert deadlines(kommune, mailing) == [within, late, None, None]

    def test_what_a_print_house_has_counts_from_the_day_it_says_that_it_was_posted(
        self, owner: Owner
    ) -> None:
        kommune = make_kommune()
        mailing, made = on_paper(owner, kommune, by_hand=False)
        orders = [order for _, order in made]
        assert deadlines(kommune, mailing) == [None] * 4
        with transaction() as tx:
            got = {"status": "PRODUSERT", "overlevert": in_days(8)}
            tx.execute(update(Ordre).where(Ordre.id.in_(orders[:2])).values(**got))
            record_posted(orders[0], in_days(12), NOTHING_SAID, kode="PRINTET", aktor="trykkeriet")
        assert deadlines(kommune, mailing) == [
            klagefrist(today(), today() + timedelta(days=12)),
            None,
            None,
            None,
        ]

    def test_what_was_called_off_is_as_what_is_not_posted_yet(self, owner: Owner) -> None:
        """Who may not know that a receiver is protected sees no more of it than of the others."""
        kommune = make_kommune()
        mailing, made = on_paper(owner, kommune, by_hand=True)
        with transaction():
            call_off([made[0][1]], kode="TATT_FRA_UTSKRIFTSKO", aktor="test")
        assert deadlines(kommune, mailing) == [None] * 4

    @pytest.mark.parametrize(("later", "unposted"), [(7, False), (8, True)])
    def test_the_mailings_page_tells_how_many_letters_lie_unposted_when_their_deadline_holds_no_more(
        self, app: Flask, owner: Owner, later: int, unposted: bool
    ) -> None:
        kommune = make_kommune()
        mailing, made = on_paper(owner, kommune, by_hand=True)
        mark_printed([made[0][0]], actor=kommune.aktor("saksbehandler"))
        with transaction() as tx:
            ago = {"brevdato": Utsending.brevdato - later, "kunngjoringsdato": Utsending.brevdato - later}
            tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(**ago))
        words = seen(app, kommune, mailing, "", "leser")
        assert ("3 brev på papir er ikke meldt postlagt ennå" in words) == unposted
        assert "Regnes ut når brevet er postlagt" in seen(app, kommune, mailing, "/brevliste/3", "leser")

    def test_one_letter_that_waits_for_a_person_does_not_silence_it(self, app: Flask, owner: Owner) -> None:
        kommune = make_kommune()
        mailing, made = on_paper(owner, kommune, by_hand=True)
        waits = made[0][0]
        with transaction() as tx:
            ago = {"brevdato": Utsending.brevdato - 8, "kunngjoringsdato": Utsending.brevdato - 8}
            tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(**ago))
            tx.execute(
                update(Forsendelse).where(Forsendelse.id == waits).values(status="AKSEPTERT", kanal=None)
            )
            failed = update(Levering).where(Levering.forsendelse_id == waits)
            tx.execute(failed.values(status="TIL_BEHANDLING"))
        assert "3 brev på papir er ikke meldt postlagt ennå" in seen(app, kommune, mailing, "", "leser")

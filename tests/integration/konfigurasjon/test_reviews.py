"""The half-yearly review: started, answered row by row, reminded of, finished, and remembered with its outcome."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt, UgyldigInndata
from fiks.konfigurasjon import authorization
from fiks.konfigurasjon.gjennomgang import queries
from fiks.konfigurasjon.gjennomgang import service as gjennomgang_service
from fiks.konfigurasjon.gjennomgang.service import Vurdert
from fiks.konfigurasjon.models import Gjennomgang, Gjennomgangsrad, Organisasjon, Ressurs, Tilgang
from fiks.konfigurasjon.rules import Innehavertype, P, Svar
from fiks.konfigurasjon.tilgang import service
from tests.integration.houses import HOUSE, Hus, make_aktor, make_hus, make_person
from tests.integration.konfigurasjon.holders import (
    acts,
    admin_of,
    alone,
    grant_row,
    grants_of,
    gruppe,
    integrasjon,
    last_act,
    make_gruppe,
    make_integrasjon,
)

pytestmark = pytest.mark.usefixtures("app_context")
WAITS: frozenset[Svar | None] = frozenset({None})


def only_grant(person_id: UUID) -> UUID:
    [grant] = grants_of(person_id)
    return grant.id


def started_ago(gjennomgang_id: UUID, days: int) -> None:
    """Move a review back in time, its date with it."""
    with transaction() as tx:
        row = tx.get_one(Gjennomgang, gjennomgang_id)
        row.startet -= timedelta(days=days)
        row.frist -= timedelta(days=days)


def used_ago(tilgang_id: UUID, *, given: int, used: int | None) -> None:
    """Let the grant be so many days old, and last used so many days ago."""
    values = {"gyldig_fra": func.now() - timedelta(days=given)}
    values["sist_brukt"] = None if used is None else func.now() - timedelta(days=used)  # type: ignore[assignment]
    with transaction() as tx:
        tx.execute(update(Tilgang).where(Tilgang.id == tilgang_id).values(**values))


def test_s17_10_every_grant_is_kept_or_removed_and_the_outcome_is_recorded() -> None:
    hus, kept, gone = alone(make_hus()), make_person(), make_person()
    admin = admin_of(hus)
    for person in (kept, gone):
        service.grant_privilegium(person, P.SENDE, hus.konto_id, actor=HOUSE)
    review = gjennomgang_service.start_review(hus.organisasjon_id, actor=admin)
    assert admin.person_id is not None
    answers = {only_grant(kept): Svar.BEHOLD, only_grant(admin.person_id): Svar.BEHOLD}
    removed = only_grant(gone)
    assert gjennomgang_service.answer_review(review, svar=answers, actor=admin) == Vurdert(2, 0)
    assert gjennomgang_service.open_review(hus.organisasjon_id) == review
    done = gjennomgang_service.answer_review(review, svar={removed: Svar.FJERN}, actor=admin)
    assert done == Vurdert(0, 1, fullfort=True)
    assert not authorization.is_authorised(gone, P.SENDE, hus.konto_id)
    assert authorization.is_authorised(kept, P.SENDE, hus.konto_id)
    assert grant_row(removed).avsluttet_grunn == "GJENNOMGANG"
    outcome = last_act(hus.organisasjon_id, "GJENNOMGANG_FULLFORT").detaljer
    assert outcome == {"beholdt": 2, "fjernet": 1, "falt_bort": 0}
    assert acts(hus.organisasjon_id).count("TILGANG_GJENNOMGATT") == 3
    stand = queries.review_status(hus.organisasjon_id, actor=admin)
    [done] = stand.tidligere
    assert (done.beholdt, done.fjernet, done.falt_bort, done.fullfort_av) == (2, 1, 0, "Anne Admin")
    assert stand.apen is None
    assert stand.neste is not None
    assert stand.neste - done.startet == timedelta(days=182)


def test_s17_10_the_sweeper_starts_a_review_half_a_year_after_the_last_and_reminds_every_thirty_days() -> (
    None
):
    hus = make_hus()
    with transaction() as tx:
        tx.get_one(Organisasjon, hus.organisasjon_id).opprettet -= timedelta(days=183)
    gjennomgang_service.start_due_reviews()
    review = gjennomgang_service.open_review(hus.organisasjon_id)
    assert review is not None
    gjennomgang_service.start_due_reviews()
    assert gjennomgang_service.open_review(hus.organisasjon_id) == review
    gjennomgang_service.remind_overdue()
    assert "GJENNOMGANG_PAAMINNET" not in acts(hus.organisasjon_id)
    started_ago(review, 31)
    for _ in range(2):
        gjennomgang_service.remind_overdue()
    assert acts(hus.organisasjon_id).count("GJENNOMGANG_PAAMINNET") == 1
    shown = queries.review_waiting_for(hus.organisasjon_id, actor=admin_of(hus))
    assert shown is not None
    assert shown.forfalt
    assert shown.paaminnet is not None
    with transaction() as tx:
        row = tx.get_one(Gjennomgang, review)
        assert row.paaminnet is not None
        row.paaminnet -= timedelta(days=31)
    gjennomgang_service.remind_overdue()
    assert acts(hus.organisasjon_id).count("GJENNOMGANG_PAAMINNET") == 2


@pytest.mark.parametrize("kode", ["GJENNOMGANG_PAAGAAR", "INGEN_TILGANGER"])
def test_one_organisation_that_changes_before_its_turn_keeps_no_other_from_its_review(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, kode: str
) -> None:
    two = sorted((make_hus() for _ in range(2)), key=lambda hus: hus.organisasjon_id)
    first, second = two
    for hus in two:
        with transaction() as tx:
            tx.get_one(Organisasjon, hus.organisasjon_id).opprettet -= timedelta(days=183)
    start = gjennomgang_service.start_review

    def late(organisasjon_id: UUID, *, actor: Aktor) -> UUID:
        if organisasjon_id == first.organisasjon_id:
            if kode == "GJENNOMGANG_PAAGAAR":
                start(organisasjon_id, actor=HOUSE)
            else:
                end_grants(organisasjon_id)
        return start(organisasjon_id, actor=actor)

    # Between the organisations' being found and the first one's turn; no row of its is locked by then.
    monkeypatch.setattr(gjennomgang_service, "start_review", late)
    with caplog.at_level("INFO"):
        gjennomgang_service.start_due_reviews()
    assert gjennomgang_service.open_review(second.organisasjon_id) is not None
    told = [vars(one) for one in caplog.records if one.message == "review_not_started"]
    assert [(one["organisasjon"], one["kode"]) for one in told] == [(str(first.organisasjon_id), kode)]


def end_grants(organisasjon_id: UUID) -> None:
    own = select(Ressurs.id).where(Ressurs.organisasjon_id == organisasjon_id)
    ended = update(Tilgang).where(Tilgang.ressurs_id.in_(own), Tilgang.avsluttet.is_(None))
    with transaction() as tx:
        tx.execute(ended.values(avsluttet=func.now(), avsluttet_grunn="FJERNET"))


def test_s17_10_a_row_says_when_the_grant_was_last_used_and_the_longest_unused_come_first() -> None:
    hus, fresh, stale, never = make_hus(), make_person(), make_person(), make_person()
    admin = admin_of(hus)
    for person, given, used in ((fresh, 400, 3), (stale, 400, 91), (never, 200, None)):
        service.grant_privilegium(person, P.SENDE, hus.konto_id, actor=HOUSE)
        used_ago(only_grant(person), given=given, used=used)
    review = gjennomgang_service.start_review(hus.organisasjon_id, actor=admin)
    rows = {r.tilgang_id: r for r in queries.rows(review, besvart=WAITS, actor=admin)}
    order = [
        tilgang_id for tilgang_id in rows if tilgang_id in {only_grant(p) for p in (fresh, stale, never)}
    ]
    assert order == [only_grant(never), only_grant(stale), only_grant(fresh)]
    assert [rows[one].ubrukt for one in order] == [True, True, False]
    assert rows[only_grant(never)].sist_brukt is None
    assert rows[only_grant(fresh)].ressurs == "Eiendomsskatt"


def test_pages_of_rows_follow_on_each_other() -> None:
    hus = make_hus()
    admin = admin_of(hus)
    for _ in range(5):
        service.grant_privilegium(make_person(), P.SENDE, hus.konto_id, actor=HOUSE)
    review = gjennomgang_service.start_review(hus.organisasjon_id, actor=admin)
    everything = [r.tilgang_id for r in queries.rows(review, besvart=WAITS, actor=admin)]
    seen: list[UUID] = []
    while page := queries.rows(review, besvart=WAITS, actor=admin, after=seen[-1] if seen else None, limit=2):
        seen += [r.tilgang_id for r in page]
    assert seen == everything
    assert len(seen) == 7


def test_an_administrator_of_a_konto_answers_what_lies_below_it_and_nothing_else() -> None:
    hus, holder = make_hus(), make_person()
    admin_of(hus)
    service.grant_privilegium(holder, P.SENDE, hus.konto_id, actor=HOUSE)
    konto_admin = make_aktor(make_person(P.ADMIN, ressurs=hus.konto_id), hus.organisasjon_id)
    review = gjennomgang_service.start_review(hus.organisasjon_id, actor=HOUSE)
    shown = queries.rows(review, besvart=WAITS, actor=konto_admin)
    assert {row.ressurs for row in shown} == {"Eiendomsskatt"}
    state = queries.review_status(hus.organisasjon_id, actor=konto_admin)
    assert state.apen is not None
    assert (state.apen.mine.antall, state.apen.alle, state.kan_starte) == (2, None, False)
    above = next(
        r.tilgang_id for r in queries.rows(review, besvart=WAITS, actor=HOUSE) if r.ressurs != "Eiendomsskatt"
    )
    assert queries.selected_rows(review, [above], actor=konto_admin) == []
    with pytest.raises((IkkeTilgang, IkkeFunnet)):
        gjennomgang_service.answer_review(review, svar={above: Svar.BEHOLD}, actor=konto_admin)
    done = gjennomgang_service.answer_review(
        review, svar={only_grant(holder): Svar.BEHOLD}, actor=konto_admin
    )
    assert done == Vurdert(1, 0)
    [kept] = queries.rows(review, besvart=frozenset({Svar.BEHOLD}), actor=konto_admin)
    assert kept.tilgang_id == only_grant(holder)


def test_what_was_kept_can_be_answered_anew_until_the_review_is_finished() -> None:
    hus, holder = alone(make_hus()), make_person()
    admin = admin_of(hus)
    service.grant_privilegium(holder, P.SENDE, hus.konto_id, actor=HOUSE)
    review, grant = gjennomgang_service.start_review(hus.organisasjon_id, actor=admin), only_grant(holder)
    gjennomgang_service.answer_review(review, svar={grant: Svar.BEHOLD}, actor=admin)
    gjennomgang_service.answer_review(review, svar={grant: Svar.FJERN}, actor=admin)
    assert not authorization.is_authorised(holder, P.SENDE, hus.konto_id)
    assert admin.person_id is not None
    gjennomgang_service.answer_review(review, svar={only_grant(admin.person_id): Svar.BEHOLD}, actor=admin)
    assert queries.review(review, hus.organisasjon_id, actor=admin) is None
    with pytest.raises(Konflikt, match="GJENNOMGANG_FULLFORT"):
        gjennomgang_service.answer_review(review, svar={only_grant(admin.person_id): Svar.FJERN}, actor=admin)


def test_the_last_administrator_is_not_reviewed_away_and_no_other_answer_of_the_page_is_kept() -> None:
    hus, holder = alone(make_hus()), make_person()
    admin = admin_of(hus)
    service.grant_privilegium(holder, P.SENDE, hus.konto_id, actor=HOUSE)
    review = gjennomgang_service.start_review(hus.organisasjon_id, actor=admin)
    assert admin.person_id is not None
    both = {only_grant(holder): Svar.FJERN, only_grant(admin.person_id): Svar.FJERN}
    with pytest.raises(Konflikt, match="SISTE_ADMINISTRATOR"):
        gjennomgang_service.answer_review(review, svar=both, actor=admin)
    session().rollback()
    assert authorization.is_authorised(holder, P.SENDE, hus.konto_id)
    assert len(queries.rows(review, besvart=WAITS, actor=admin)) == 2


def test_a_grant_that_ends_meanwhile_needs_no_answer_and_is_counted_as_fallen_away() -> None:
    hus, holder = alone(make_hus()), make_person()
    admin = admin_of(hus)
    service.grant_privilegium(holder, P.SENDE, hus.konto_id, actor=HOUSE)
    review = gjennomgang_service.start_review(hus.organisasjon_id, actor=admin)
    service.revoke(only_grant(holder), actor=admin)
    waiting = queries.review_waiting_for(hus.organisasjon_id, actor=admin)
    assert waiting is not None
    assert (waiting.mine.antall, waiting.mine.venter) == (1, 1)
    assert admin.person_id is not None
    gjennomgang_service.answer_review(review, svar={only_grant(admin.person_id): Svar.BEHOLD}, actor=admin)
    assert last_act(hus.organisasjon_id, "GJENNOMGANG_FULLFORT").detaljer["falt_bort"] == 1
    assert queries.review_waiting_for(hus.organisasjon_id, actor=admin) is None


def test_a_review_whose_last_grant_ends_unanswered_is_finished_at_the_sweepers_next_look() -> None:
    hus, holder = alone(make_hus()), make_person()
    admin = admin_of(hus)
    service.grant_privilegium(holder, P.SENDE, hus.konto_id, actor=HOUSE)
    review = gjennomgang_service.start_review(hus.organisasjon_id, actor=admin)
    assert admin.person_id is not None
    gjennomgang_service.answer_review(review, svar={only_grant(admin.person_id): Svar.BEHOLD}, actor=admin)
    gjennomgang_service.remind_overdue()
    assert gjennomgang_service.open_review(hus.organisasjon_id) == review
    service.revoke(only_grant(holder), actor=admin)
    gjennomgang_service.remind_overdue()
    outcome = last_act(hus.organisasjon_id, "GJENNOMGANG_FULLFORT")
    assert outcome.detaljer == {"beholdt": 1, "fjernet": 0, "falt_bort": 1}
    assert "GJENNOMGANG_PAAMINNET" not in acts(hus.organisasjon_id)
    gjennomgang_service.remind_overdue()
    assert acts(hus.organisasjon_id).count("GJENNOMGANG_FULLFORT") == 1


def test_a_review_with_nothing_to_answer_stops_no_new_one() -> None:
    hus, holder = alone(make_hus()), make_person()
    admin = admin_of(hus)
    review = gjennomgang_service.start_review(hus.organisasjon_id, actor=admin)
    assert admin.person_id is not None
    service.grant_privilegium(holder, P.ADMIN, hus.organisasjon_id, actor=HOUSE)
    service.revoke(only_grant(admin.person_id), actor=HOUSE)
    successor = make_aktor(holder, hus.organisasjon_id)
    assert queries.review_status(hus.organisasjon_id, actor=successor).kan_starte
    begun = gjennomgang_service.start_review(hus.organisasjon_id, actor=successor)
    assert begun != review
    stand = queries.review_status(hus.organisasjon_id, actor=successor)
    assert [(one.id, one.falt_bort, one.fullfort_av) for one in stand.tidligere] == [(review, 1, None)]
    assert stand.apen is not None and stand.apen.id == begun


def test_the_same_answer_again_stays_whose_it_is_and_is_not_counted() -> None:
    hus, holder = make_hus(), make_person()
    first, second = admin_of(hus), admin_of(hus)
    service.grant_privilegium(holder, P.SENDE, hus.konto_id, actor=HOUSE)
    review, grant = gjennomgang_service.start_review(hus.organisasjon_id, actor=first), only_grant(holder)
    assert second.person_id is not None
    answers = {grant: Svar.BEHOLD, only_grant(second.person_id): Svar.BEHOLD}
    gjennomgang_service.answer_review(review, svar={grant: Svar.BEHOLD}, actor=first)
    row = session().get_one(Gjennomgangsrad, (review, grant))
    before = (row.besvart, row.besvart_av)
    assert gjennomgang_service.answer_review(review, svar=answers, actor=second) == Vurdert(1, 0)
    assert gjennomgang_service.answer_review(review, svar=answers, actor=second) == Vurdert(0, 0)
    session().refresh(row)
    assert (row.besvart, row.besvart_av) == before == (before[0], first.person_id)
    assert acts(hus.organisasjon_id).count("TILGANG_GJENNOMGATT") == 2


def test_what_one_holds_by_a_group_is_marked_as_ones_own_too() -> None:
    hus = make_hus()
    admin = admin_of(hus)
    assert admin.person_id is not None
    mine, theirs = make_gruppe(hus, admin.person_id, navn="Ledere"), make_gruppe(hus, make_person())
    for one in (mine, theirs):
        service.grant(hus.organisasjon_id, innehaver=gruppe(one), privilegier=[P.ADMIN], actor=HOUSE)
    review = gjennomgang_service.start_review(hus.organisasjon_id, actor=admin)
    rows = queries.rows(review, besvart=WAITS, actor=admin)
    assert {row.navn for row in rows if row.egen} == {"Anne Admin", "Ledere"}


def test_groups_and_machines_are_reviewed_too() -> None:
    hus = make_hus()
    admin = admin_of(hus)
    group, machine = make_gruppe(hus, navn="Skatt"), make_integrasjon(hus.organisasjon_id)
    for holder in (gruppe(group), integrasjon(machine)):
        service.grant(hus.konto_id, innehaver=holder, privilegier=[P.SENDE], actor=admin)
    review = gjennomgang_service.start_review(hus.organisasjon_id, actor=admin)
    rows = queries.rows(review, besvart=WAITS, actor=admin)
    named = {(row.innehavertype, row.navn) for row in rows}
    assert {(Innehavertype.GRUPPE, "Skatt"), (Innehavertype.INTEGRASJON, "Fagsystem")} <= named
    assert [row.egen for row in rows if row.navn == "Anne Admin"] == [True]


def test_one_review_at_a_time_and_none_of_nothing() -> None:
    hus = make_hus()
    admin = admin_of(hus)
    gjennomgang_service.start_review(hus.organisasjon_id, actor=admin)
    with pytest.raises(Konflikt, match="GJENNOMGANG_PAAGAAR"):
        gjennomgang_service.start_review(hus.organisasjon_id, actor=admin)
    empty = alone(make_hus("Fjordvik kommune"))
    with pytest.raises(UgyldigInndata, match="INGEN_TILGANGER"):
        gjennomgang_service.start_review(empty.organisasjon_id, actor=HOUSE)


def _strangers(hus: Hus) -> list[object]:
    nobody = make_aktor(make_person(), hus.organisasjon_id)
    sender = make_aktor(make_person(P.SENDE, ressurs=hus.konto_id), hus.organisasjon_id)
    return [nobody, sender, admin_of(make_hus("Fjordvik kommune"))]


def test_who_administers_nothing_here_sees_nothing_of_the_review() -> None:
    hus = make_hus()
    review = gjennomgang_service.start_review(hus.organisasjon_id, actor=HOUSE)
    for stranger in _strangers(hus):
        with pytest.raises(IkkeTilgang):
            queries.review_status(hus.organisasjon_id, actor=stranger)  # type: ignore[arg-type]
        with pytest.raises(IkkeFunnet):
            queries.review(review, hus.organisasjon_id, actor=stranger)  # type: ignore[arg-type]
        assert queries.rows(review, besvart=WAITS, actor=stranger) == []  # type: ignore[arg-type]
        assert queries.review_waiting_for(hus.organisasjon_id, actor=stranger) is None  # type: ignore[arg-type]


def test_another_organisations_review_is_not_found() -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    admin = admin_of(hus)
    theirs = gjennomgang_service.start_review(other.organisasjon_id, actor=HOUSE)
    for unknown in (theirs, uuid4()):
        with pytest.raises(IkkeFunnet):
            queries.review(unknown, hus.organisasjon_id, actor=admin)
    own = gjennomgang_service.start_review(hus.organisasjon_id, actor=admin)
    [foreign, *_] = queries.rows(theirs, besvart=WAITS, actor=HOUSE)
    with pytest.raises(IkkeFunnet):
        gjennomgang_service.answer_review(own, svar={foreign.tilgang_id: Svar.FJERN}, actor=admin)


def test_who_only_reads_the_organisation_sees_how_far_it_has_come_and_no_row() -> None:
    hus = make_hus()
    review = gjennomgang_service.start_review(hus.organisasjon_id, actor=HOUSE)
    reader = make_aktor(make_person(P.ORG_LES, ressurs=hus.organisasjon_id), hus.organisasjon_id)
    state = queries.review_status(hus.organisasjon_id, actor=reader)
    assert state.apen is not None
    assert state.apen.alle is not None
    assert state.apen.alle.venter > 0
    assert state.apen.mine.antall == 0
    assert queries.rows(review, besvart=WAITS, actor=reader) == []

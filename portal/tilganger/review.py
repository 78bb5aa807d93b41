"""The half-yearly review (gjennomgang): its state, the rows to answer, and confirmation before a grant is
revoked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.konfigurasjon.gjennomgang import queries, service
from fiks.konfigurasjon.gjennomgang.queries import PAGE, Apen
from fiks.konfigurasjon.gjennomgang.service import Vurdert
from fiks.konfigurasjon.rules import Svar
from portal.access.actor import chosen_organisation, current_actor
from portal.texts import error_text, tekst
from portal.texts.konfigurasjon.gjennomgang import INNEHAVERE
from portal.tilganger.blueprint import blueprint
from portal.tilganger.page_frame import Answer, show

PREFIX = "svar-"
LISTINGS: dict[str, frozenset[Svar | None]] = {
    "venter": frozenset({None}),
    "beholdt": frozenset({Svar.BEHOLD}),
}
"""What the page can list: unanswered grants, and kept ones, which can still be answered again."""


@blueprint.get("/gjennomgang")
def gjennomgang() -> str:
    """The state of the review, results of earlier ones, and the link to all grants as a file."""
    return show(
        "gjennomgang",
        stand=queries.review_status(chosen_organisation(), actor=current_actor()),
    )


@blueprint.post("/gjennomgang/start")
def start_gjennomgang() -> AnyResponse:
    """Start a review before it starts by itself."""
    try:
        begun = service.start_review(chosen_organisation(), actor=current_actor())
    except (Konflikt, UgyldigInndata) as error:
        flash(error_text(error), "warning")
        return _overview()
    flash(tekst("GJENNOMGANG_ER_STARTET"), "success")
    return redirect(url_for("tilganger.vurdering", gjennomgang_id=begun), 303)


@blueprint.get("/gjennomgang/<uuid:gjennomgang_id>")
def vurdering(gjennomgang_id: UUID) -> Answer:
    """The rows to answer, longest unused first."""
    apen = queries.review(gjennomgang_id, chosen_organisation(), actor=current_actor())
    return _overview() if apen is None else _rows(apen, {}, {})


@blueprint.post("/gjennomgang/<uuid:gjennomgang_id>/svar")
def svar_gjennomgang(gjennomgang_id: UUID) -> Answer:
    """Take a page's answers; ask before anything is revoked."""
    apen = queries.review(gjennomgang_id, chosen_organisation(), actor=current_actor())
    svar = read_answers(request.form)
    if apen is None:
        flash(tekst("GJENNOMGANG_FULLFORT"), "warning")
        return _overview()
    if not svar:
        return _rows(apen, {}, {"svar": tekst("GJENNOMGANG_UTEN_SVAR")})
    if "tilbake" in request.form:
        return _rows(apen, svar, {})
    if Svar.FJERN in svar.values() and "bekreftet" not in request.form:
        return _confirm(apen, svar)
    return _save(gjennomgang_id, svar)


def _save(gjennomgang_id: UUID, svar: Mapping[UUID, Svar]) -> AnyResponse:
    try:
        done = service.answer_review(gjennomgang_id, svar=svar, actor=current_actor())
    except Konflikt as error:
        flash(error_text(error), "warning")
    else:
        flash(_outcome_text(done), "success" if done.beholdt or done.fjernet else "info")
    return _onward(gjennomgang_id)


def read_answers(form: Mapping[str, str]) -> dict[UUID, Svar]:
    """A page's answers by grant. With «behold resten», shown and unanswered grants are kept."""
    svar: dict[UUID, Svar] = {}
    if "behold_resten" in form:
        svar = dict.fromkeys(map(UUID, filter(_is_id, form.get("vist", "").split())), Svar.BEHOLD)
    given = {name.removeprefix(PREFIX): value for name, value in form.items() if name.startswith(PREFIX)}
    known = set(Svar)
    return svar | {UUID(key): Svar(value) for key, value in given.items() if _is_id(key) and value in known}


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Side:
    """Which rows the page lists, and where it begins."""

    vis: str
    after: UUID | None

    @classmethod
    def asked_for(cls) -> Side:
        vis = request.args.get("vis", "")
        return cls(vis if vis in LISTINGS else "venter", request.args.get("etter", type=UUID))


def _rows(apen: Apen, svar: Mapping[UUID, Svar], feil: dict[str, str]) -> Answer:
    side = Side.asked_for()
    rader = queries.rows(
        apen.id, besvart=LISTINGS[side.vis], actor=current_actor(), after=side.after, limit=PAGE + 1
    )
    page = show(
        "vurdering",
        apen=apen,
        rader=rader[:PAGE],
        flere=rader[PAGE - 1].tilgang_id if len(rader) > PAGE else None,
        side=side,
        svar=svar,
        feil=feil,
        innehavere=INNEHAVERE,
    )
    return (page, 422) if feil else page


def _confirm(apen: Apen, svar: Mapping[UUID, Svar]) -> Answer:
    """Ask; skip the question when every grant to revoke has ended meanwhile."""
    fjernes = [tilgang_id for tilgang_id, given in svar.items() if given is Svar.FJERN]
    rader = queries.selected_rows(apen.id, fjernes, actor=current_actor())
    if not rader:
        return _save(apen.id, svar)
    return show(
        "bekreft_vurdering",
        apen=apen,
        rader=rader,
        svar=svar,
        beholdt=len(svar) - len(fjernes),
        side=Side.asked_for(),
        innehavere=INNEHAVERE,
    )


def _outcome_text(done: Vurdert) -> str:
    """What was done, which may be less than was sent: an answer given already counts for nothing."""
    if done == Vurdert(0, 0):
        return tekst("INGEN_ENDRING")
    told = [tekst("GJENNOMGANG_BESVART", beholdt=done.beholdt, fjernet=done.fjernet)]
    if done.borte:
        told.append(tekst("GJENNOMGANG_BORTE", borte=done.borte))
    if done.fullfort:
        told.append(tekst("GJENNOMGANG_ER_FULLFORT"))
    return " ".join(told)


def _onward(gjennomgang_id: UUID) -> AnyResponse:
    """To the next rows, or to the overview when none of the visitor's is left."""
    waiting = queries.review_waiting_for(chosen_organisation(), actor=current_actor())
    if waiting is None:
        return _overview()
    return redirect(url_for("tilganger.vurdering", gjennomgang_id=gjennomgang_id), 303)


def _overview() -> AnyResponse:
    return redirect(url_for("tilganger.gjennomgang"), 303)

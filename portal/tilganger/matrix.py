"""One ressurs as a matrix of holders and privileges, and changing it, with confirmation where something is at
stake.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.rules import POWERFUL, Innehaver, P
from fiks.konfigurasjon.tilgang import holders as tilgang_holders
from fiks.konfigurasjon.tilgang import lock, matrix, service
from fiks.konfigurasjon.tilgang.matrix import Matrise
from fiks.konfigurasjon.tilgang.rows import is_granted_to_self
from fiks.konfigurasjon.tilgang.service import Endringer
from portal.access.actor import chosen_organisation, current_actor
from portal.texts import error_text, tekst
from portal.tilganger import matrix_form, pending_changes
from portal.tilganger.blueprint import blueprint
from portal.tilganger.matrix_form import Valg
from portal.tilganger.page_frame import Answer, search_text, show

ART = "matrise"


@dataclass(frozen=True, slots=True)
class Endring:
    """One change by name. `selv`: it concerns the visitor. `gjort`: it is stored already."""

    navn: str
    privilegium: P
    selv: bool
    gjort: bool = False


def matrix_here(ressurs_id: UUID, sok: str = "") -> Matrise:
    """The matrix of a ressurs of the chosen organisation; IkkeFunnet for any other."""
    _require_here(ressurs_id)
    return matrix.matrix(ressurs_id, actor=current_actor(), sok=sok)


def _require_here(ressurs_id: UUID) -> None:
    if matrix.organisation_of(ressurs_id) != chosen_organisation():
        raise IkkeFunnet("FINNES_IKKE")


@blueprint.get("/ressurser/<uuid:ressurs_id>")
def ressurs(ressurs_id: UUID) -> Answer:
    """The matrix, whole or searched by name."""
    sok = search_text(request.args.get("sok", ""))
    shown = matrix_here(ressurs_id, sok or "")
    feil = {"sok": tekst("SOK_NUMMER_I_NAVNESOK")} if sok is None else {}
    return show("ressurs", m=shown, grupper=matrix_form.draw(shown), sok=sok or "", feil=feil)


@blueprint.post("/ressurser/<uuid:ressurs_id>")
def lagre(ressurs_id: UUID) -> Answer:
    """Save the changes in the matrix, or ask first."""
    queries.require(current_actor(), P.ADMIN, ressurs_id)
    _require_here(ressurs_id)
    valg = matrix_form.read(request.form)
    if not (valg.gi or valg.fjern):
        flash(tekst("INGEN_ENDRING"), "info")
        return _back(ressurs_id, valg)
    if _asks_first(valg):
        waiting = pending_changes.keep_changes(ART, ressurs_id, valg.as_data())
        return redirect(url_for("tilganger.bekreft", ressurs_id=ressurs_id, utkast=waiting), 303)
    return _save(ressurs_id, valg)


def _asks_first(valg: Valg) -> bool:
    """Whether to ask for confirmation: a grant is revoked, somebody becomes administrator, or the visitor
    grants something to themselves.
    """
    actor = current_actor()
    return bool(valg.fjern) or any(
        p in POWERFUL or is_granted_to_self(holder, actor=actor) for holder, p in valg.gi
    )


def _save(ressurs_id: UUID, valg: Valg) -> Answer:
    """Save the changes; on conflict, show the present matrix with the choices on top."""
    try:
        _write(ressurs_id, valg)
    except Konflikt as error:
        if error.kode != "TILGANGER_ENDRET":
            raise
        return conflict(matrix_here(ressurs_id, valg.sok), valg)
    return _saved(ressurs_id, valg)


def _write(ressurs_id: UUID, valg: Valg) -> None:
    _known_here(valg)
    service.save_matrix(ressurs_id, vist=valg.vist, endringer=_changes(valg), actor=current_actor())


def _changes(valg: Valg) -> Endringer:
    return Endringer(gi=valg.gi, fjern=[grant for grant, _, _ in valg.fjern])


def _saved(ressurs_id: UUID, valg: Valg) -> AnyResponse:
    flash(tekst("TILGANGER_LAGRET"), "success")
    return _back(ressurs_id, valg)


def _back(ressurs_id: UUID, valg: Valg) -> AnyResponse:
    """To the matrix as it was searched; to the front page for a visitor who has just revoked their own right."""
    if not queries.may(current_actor(), P.ORG_LES, ressurs_id):
        return redirect(url_for("sider.forside"), 303)
    return redirect(url_for("tilganger.ressurs", ressurs_id=ressurs_id, sok=valg.sok or None), 303)


def _known_here(valg: Valg) -> dict[Innehaver, str]:
    """Names of all holders in the changes; IkkeFunnet when one does not belong to this organisation."""
    holders = {holder for holder, _ in valg.gi} | {holder for _, holder, _ in valg.fjern}
    found = tilgang_holders.known_holders(chosen_organisation(), holders, actor=current_actor())
    if holders - set(found):
        raise IkkeFunnet("FINNES_IKKE")
    return found


def conflict(shown: Matrise, valg: Valg) -> Answer:
    """The present matrix with the visitor's ticks on top, and the list of their choices: nothing is saved."""
    page = show(
        "ressurs",
        m=shown,
        grupper=matrix_form.draw(shown, valg),
        sok=valg.sok,
        feil={},
        valgt=_listed(shown, valg),
    )
    return page, 409


def _listed(shown: Matrise, valg: Valg) -> tuple[list[Endring], list[Endring]]:
    """(grants, revocations) by name, with those somebody has made already marked."""
    actor, names = current_actor(), _known_here(valg)
    held = {
        (row.innehaver, p)
        for row in shown.rader
        for p, cell in row.celler.items()
        if cell.direkte is not None
    }
    gi = [Endring(names[h], p, is_granted_to_self(h, actor=actor), (h, p) in held) for h, p in valg.gi]
    fjern = [
        Endring(names[h], p, is_granted_to_self(h, actor=actor), (h, p) not in held) for _, h, p in valg.fjern
    ]
    return gi, fjern


@blueprint.route("/ressurser/<uuid:ressurs_id>/bekreft", methods=["GET", "POST"])
def bekreft(ressurs_id: UUID) -> Answer:
    """Ask, naming every grant and revocation; then save."""
    queries.require(current_actor(), P.ADMIN, ressurs_id)
    waiting = request.values.get("utkast", "")
    data = pending_changes.load_changes(waiting, ART, ressurs_id)
    if data is None:
        said = pending_changes.outcome_message(waiting, ART, ressurs_id)
        flash(*((said, "success") if said else (tekst("UTKAST_UTLOPT"), "warning")))
        return redirect(url_for("tilganger.ressurs", ressurs_id=ressurs_id), 303)
    valg = Valg.of_data(data)
    shown = matrix_here(ressurs_id, valg.sok)
    if valg.vist != shown.digest:
        if service.is_already_saved(ressurs_id, _changes(valg), actor=current_actor()):
            return _saved(ressurs_id, valg)
        pending_changes.forget(waiting)
        return conflict(shown, valg)
    _check_taken(shown, valg)
    return _ask(shown, valg, waiting) if request.method == "GET" else _answer(shown, valg, waiting)


def _check_taken(shown: Matrise, valg: Valg) -> None:
    """Check that each revoked grant belongs to the holder and privilege the question names; IkkeFunnet
    otherwise.
    """
    held = {(row.innehaver, p): cell.direkte for row in shown.rader for p, cell in row.celler.items()}
    for tilgang_id, holder, p in valg.fjern:
        direct = held.get((holder, p))
        if direct is None or direct.tilgang_id != tilgang_id:
            raise IkkeFunnet("FINNES_IKKE")


def _ask(shown: Matrise, valg: Valg, waiting: str, alvorlig: str = "") -> str:
    """The question. Making somebody administrator requires a fresh login before the question is shown."""
    if any(p in POWERFUL for _, p in valg.gi):
        lock.require_fresh_login(current_actor())
    gi, fjern = _listed(shown, valg)
    return show("bekreft", m=shown, gi=gi, fjern=fjern, utkast=waiting, sok=valg.sok, alvorlig=alvorlig)


def _answer(shown: Matrise, valg: Valg, waiting: str) -> Answer:
    ressurs_id = shown.ressurs.id
    try:
        _write(ressurs_id, valg)
    except Konflikt as error:
        if error.kode != "TILGANGER_ENDRET":
            return _ask(shown, valg, waiting, error_text(error)), 409
        pending_changes.forget(waiting)
        return conflict(matrix_here(ressurs_id, valg.sok), valg)
    pending_changes.finish(waiting, ART, ressurs_id, tekst("TILGANGER_LAGRET"))
    return _saved(ressurs_id, valg)

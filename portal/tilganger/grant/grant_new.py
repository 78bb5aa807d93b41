"""Grant privileges on a ressurs to a person or a group, for a period or without end."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import FiksError, IkkeFunnet, Konflikt, UgyldigInndata
from fiks.core.values.identifiers import Fnr
from fiks.konfigurasjon import queries
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.rules import POWERFUL, Innehaver, Innehavertype, P, can_hold
from fiks.konfigurasjon.tilgang import holders, lock, service
from fiks.konfigurasjon.tilgang import queries as tilgang_queries
from fiks.konfigurasjon.tilgang.matrix import Matrise
from fiks.konfigurasjon.tilgang.rows import is_granted_to_self
from portal.access.actor import chosen_organisation, current_actor
from portal.extensions import LOOKUP_LIMIT, limiter
from portal.texts import error_text, tekst
from portal.texts.formats import dato
from portal.tilganger import pending_changes
from portal.tilganger.blueprint import blueprint
from portal.tilganger.grant import grant_form
from portal.tilganger.grant.grant_form import BOX, NEW, Skjema
from portal.tilganger.matrix import matrix_here
from portal.tilganger.page_frame import Answer, privilege_name, search_text, show

ART = "gi"
MOST_FOUND = 20


@blueprint.route("/ressurser/<uuid:ressurs_id>/ny", methods=["GET", "POST"])
@limiter.limit(LOOKUP_LIMIT, methods=["POST"])
def ny(ressurs_id: UUID) -> Answer:
    """The form of a new grant. «Finn person», or Enter after a changed search text, only searches for
    persons.
    """
    queries.require(current_actor(), P.ADMIN, ressurs_id)
    shown = matrix_here(ressurs_id)
    if request.method == "GET":
        return _page(shown, grant_form.read({"hvem": request.args.get("hvem", "")}, ()))
    skjema = grant_form.read(request.form, _offered(shown))
    if "finn" in request.form or ("enter" in request.form and _asks_for_another(skjema)):
        return _found(shown, skjema)
    skjema.check()
    _check_name(skjema)
    if skjema.feil:
        return _page(shown, skjema)
    if _asks_first(skjema):
        waiting = pending_changes.keep_changes(ART, ressurs_id, skjema.as_data())
        return redirect(url_for("tilganger.ny_bekreft", ressurs_id=ressurs_id, utkast=waiting), 303)
    said = _give(shown, skjema)
    return _page(shown, skjema) if said is None else _redirect_with_message(ressurs_id, said)


def _asks_for_another(skjema: Skjema) -> bool:
    """Whether the search text differs from the one that found the persons on the page."""
    return skjema.verdier["sok"] not in ("", request.form.get("sokt", ""))


def _offered(shown: Matrise) -> tuple[P, ...]:
    """Privileges a person can hold on this ressurs."""
    return tuple(d.navn for d in shown.privilegier if can_hold(Innehavertype.PERSON, d))


def _page(shown: Matrise, skjema: Skjema) -> Answer:
    actor, organisasjon_id = current_actor(), chosen_organisation()
    sok = search_text(skjema.verdier["sok"])
    treff = tilgang_queries.persons(organisasjon_id, tekst=sok, actor=actor, limit=MOST_FOUND) if sok else []
    people = [(f"PERSON:{one.id}", one.navn, one.fnr_maskert) for one in treff]
    chosen = skjema.innehaver
    if chosen is not None and chosen.type is Innehavertype.PERSON and chosen.id not in {t.id for t in treff}:
        people.insert(0, (skjema.verdier["hvem"], _name(chosen), ""))
    groups = [
        (f"GRUPPE:{which}", navn, antall)
        for which, navn, antall in holders.groups_here(organisasjon_id, actor=actor)
    ]
    page = show(
        "ny",
        m=shown,
        skjema=skjema,
        verdier=skjema.shown(),
        personer=people,
        grupper=groups,
        tilbud=_offered(shown),
        ny=NEW,
        boks=BOX,
    )
    return (page, 422) if skjema.feil else page


def _name(innehaver: Innehaver) -> str:
    """Name of a holder known in this organisation; IkkeFunnet for everybody else."""
    found = holders.known_holders(chosen_organisation(), [innehaver], actor=current_actor())
    if innehaver not in found:
        raise IkkeFunnet("FINNES_IKKE")
    return found[innehaver]


def _found(shown: Matrise, skjema: Skjema) -> Answer:
    """The form with the persons found; nothing is granted."""
    if not skjema.verdier["sok"]:
        skjema.feil["sok"] = tekst("SOK_UTEN_NAVN")
    if search_text(skjema.verdier["sok"]) is None:
        skjema.verdier["sok"] = ""
        skjema.feil["sok"] = tekst("SOK_NUMMER_I_NAVNESOK")
    return _page(shown, skjema)


def _holder(skjema: Skjema) -> Innehaver | None:
    """The holder, if known: also a person entered by number who is registered already."""
    if not skjema.ny:
        return skjema.innehaver
    known = konfigurasjon.person_by_pid(skjema.verdier["fnr"])
    return Innehaver(Innehavertype.PERSON, known) if known else None


def _is_own(skjema: Skjema) -> bool:
    holder = _holder(skjema)
    return holder is not None and is_granted_to_self(holder, actor=current_actor())


def _asks_first(skjema: Skjema) -> bool:
    """Whether to ask for confirmation: somebody becomes administrator, or the visitor grants something to
    themselves.
    """
    return any(p in POWERFUL for p in skjema.valgt) or _is_own(skjema)


def _check_name(skjema: Skjema) -> None:
    """Before confirmation, check that a registered person entered by number is given their own name."""
    if not skjema.ny or skjema.feil:
        return
    try:
        holders.require_matching_name(chosen_organisation(), skjema.ny_person, actor=current_actor())
    except UgyldigInndata as error:
        skjema.feil |= _fault(error)


def _known_name(skjema: Skjema) -> str:
    """The holder's registered name; the typed name for a person not registered before the grant."""
    if skjema.innehaver is not None:
        return _name(skjema.innehaver)
    by_number = [holder] if (holder := _holder(skjema)) else []
    known = holders.known_holders(chosen_organisation(), by_number, actor=current_actor())
    return next(iter(known.values()), "") or skjema.verdier["navn"]


def _give(shown: Matrise, skjema: Skjema) -> str | None:
    """Grant the privileges and return the message; None when refused, with the reason at its field.

    A chosen holder who is not known in this organisation is IkkeFunnet.
    """
    name = _known_name(skjema)
    try:
        service.grant(
            shown.ressurs.id,
            innehaver=skjema.innehaver or skjema.ny_person,
            privilegier=skjema.valgt,
            periode=skjema.periode,
            begrunnelse=skjema.verdier["begrunnelse"],
            actor=current_actor(),
        )
    except (UgyldigInndata, Konflikt) as error:
        skjema.feil |= _fault(error)
        return None
    # By now who was named by number is known here too, by the name they have.
    name, fra = _known_name(skjema) if skjema.ny else name, skjema.periode.fra
    return tekst("TILGANG_GITT_FRA", navn=name, fra=dato(fra)) if fra else tekst("TILGANG_GITT", navn=name)


def _redirect_with_message(ressurs_id: UUID, said: str) -> AnyResponse:
    flash(said, "success")
    return redirect(url_for("tilganger.ressurs", ressurs_id=ressurs_id), 303)


def _fault(error: FiksError) -> dict[str, str]:
    """The refusal at its field of the form."""
    if error.kode == "TILGANG_FINNES":
        which = str(error.params["privilegium"])
        return {f"{BOX}.{which}": tekst("TILGANG_FINNES_HER", privilegium=privilege_name(which))}
    return {
        {"gyldig_til": "til", "privilegium": BOX}.get(error.felt or "", error.felt or BOX): error_text(error)
    }


@blueprint.route("/ressurser/<uuid:ressurs_id>/ny/bekreft", methods=["GET", "POST"])
def ny_bekreft(ressurs_id: UUID) -> Answer:
    """Ask, stating the consequence; then grant."""
    queries.require(current_actor(), P.ADMIN, ressurs_id)
    shown, waiting = matrix_here(ressurs_id), request.values.get("utkast", "")
    data = pending_changes.load_changes(waiting, ART, ressurs_id)
    if data is None and (said := pending_changes.outcome_message(waiting, ART, ressurs_id)):
        return _redirect_with_message(ressurs_id, said)
    if data is None:
        flash(tekst("UTKAST_UTLOPT"), "warning")
        return redirect(url_for("tilganger.ny", ressurs_id=ressurs_id), 303)
    skjema = grant_form.of_data(data)
    if any(p in POWERFUL for p in skjema.valgt):
        lock.require_fresh_login(current_actor())
    if request.method == "GET":
        return _ask(shown, skjema, waiting)
    return _answer(shown, skjema, waiting)


def _answer(shown: Matrise, skjema: Skjema, waiting: str) -> Answer:
    """Grant after confirmation. The second of a double submit gets the first one's message, not "granted
    already".
    """
    ressurs_id = shown.ressurs.id
    told = _give(shown, skjema)
    if told is not None:
        pending_changes.finish(waiting, ART, ressurs_id, told)
        return _redirect_with_message(ressurs_id, told)
    if said := pending_changes.outcome_message(waiting, ART, ressurs_id):
        return _redirect_with_message(ressurs_id, said)
    pending_changes.forget(waiting)
    return _page(shown, skjema)


def _ask(shown: Matrise, skjema: Skjema, waiting: str) -> str:
    return show(
        "ny_bekreft",
        m=shown,
        skjema=skjema,
        navn=_known_name(skjema),
        fnr_maskert=Fnr(skjema.verdier["fnr"]).masked if skjema.ny else "",
        selv=_is_own(skjema),
        er_gruppe=skjema.innehaver is not None and skjema.innehaver.type is Innehavertype.GRUPPE,
        administrator=any(p in POWERFUL for p in skjema.valgt),
        utkast=waiting,
    )

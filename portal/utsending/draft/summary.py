"""Step 5, Oppsummering: channels, cost of paper, what is missing, and the order to produce the letters."""

from __future__ import annotations

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.rules import P
from fiks.utsending.approval import release_time
from fiks.utsending.cost import estimate
from fiks.utsending.draft import confirm
from fiks.utsending.editing.stale_form import LETTER_CONTENT, VistEndret
from fiks.utsending.production import service
from fiks.utsending.rows import queries as rows_queries
from fiks.utsending.rows.queries import Prognoserad
from fiks.utsending.rules import Art, Utsendingstatus
from portal.access.actor import current_actor
from portal.texts import error_text, status_of, tekst
from portal.utsending.blueprint import blueprint
from portal.utsending.draft.control import Sendtfor, find_sent_before, list_warnings
from portal.utsending.letter_dates import dates_of
from portal.utsending.page_parts import receivers_of
from portal.utsending.wizard import Svar, Utkast, describe_changes, draft, page, redirect_to, say, shown_mark

WHERE = {
    "BREVDATO_MA_ENDRES": "fakta",
    "LISTE_MANGLER": "mottakere",
    "LISTE_LESES": "mottakere",
    "DOKUMENT_MANGLER": "brev",
    "DOKUMENT_KAN_IKKE_SENDES": "brev",
    "BREVFILER_MANGLER": "brev",
    "DOKUMENTER_KONTROLLERES": "brev",
    "FILER_IKKE_KOBLET": "brev",
    "UBRUKTE_FILER": "brev",
    "TILLEGGSLISTE_KAN_IKKE_BRUKES": "mottakere",
    "MAL_MANGLER": "brev",
    "MAL_KREVER_KOMMUNENR": "brev",
    "KONTROLL_AVBRUTT": "kontroll",
    "RADER_MED_FEIL": "kontroll",
    "SENDT_FOR": "kontroll",
    "INGEN_GODE_RADER": "kontroll",
}
"""The step in which a refusal is corrected, by code."""
LACKS: dict[str, str] = {
    Art.FLETTEBREV: "MAL_MANGLER",
    Art.SAMME_DOKUMENT: "DOKUMENT_MANGLER",
    Art.ETT_DOKUMENT_PER_RAD: "BREVFILER_MANGLER",
    Art.EN_STOR_PDF: "BREVENE_MANGLER",
}
"""Code of what is missing in a mailing without letters, by kind of mailing."""


@blueprint.route("/<uuid:utsending_id>/oppsummering", methods=["GET", "POST"])
def oppsummering(utsending_id: UUID) -> Svar:
    """Review everything, and order the letters of exactly what the page showed."""
    utkast = draft(utsending_id, *LETTER_CONTENT)
    if request.method == "GET":
        return _page(utkast)
    try:
        return _make(utkast)
    except VistEndret as error:
        return _page(draft(utsending_id, *LETTER_CONTENT), endret=describe_changes(error))
    except Konflikt as error:
        if error.kode not in WHERE:
            say(error_text(error), "warning")
            return redirect_to("oppsummering", utsending_id)
        none = error.kode == "INGEN_GODE_RADER"
        told = _none_good(utkast) if none else error_text(error)
        return _page(draft(utsending_id, *LETTER_CONTENT), [(WHERE[error.kode], told)], refused=True)


def _make(utkast: Utkast) -> AnyResponse:
    if utkast.u.status is Utsendingstatus.UTKAST:
        confirm.confirm_control(utkast.u.id, actor=current_actor(), vist=shown_mark())
    service.start_production(utkast.u.id, actor=current_actor(), vist=shown_mark())
    say("Brevene lages nå. Når alle er ferdige, kan en annen godkjenne dem.")
    return redirect_to("detalj", utkast.u.id)


def _page(
    utkast: Utkast,
    mangler: list[tuple[str, str]] | None = None,
    refused: bool = False,
    endret: str = "",
) -> Svar:
    u, actor = utkast.u, current_actor()
    sendt_for = find_sent_before(u)
    answer = page(
        "oppsummering",
        utkast,
        "oppsummering",
        endret=endret,
        mottakerliste=receivers_of(u) if utkast.jobb.antall or u.liste or u.samlet else "Ingen ennå",
        prognose=forecast_by_reason(rows_queries.forecast_counts(u.id, actor=actor)),
        kostnad=None if u.kun_digital else estimate.estimate_cost(u.id, actor=actor),
        kan_prise=queries.may(actor, P.ADMIN, u.organisasjon_id),
        mangler=mangler or missing_parts(utkast, sendt_for),
        sendt_for=sendt_for,
        hele_listen=list_warnings(u),
        datoer=dates_of(u),
        avvist=refused,
    )
    return (answer, 422) if refused and isinstance(answer, str) else answer


def missing_parts(utkast: Utkast, sendt_for: Sendtfor) -> list[tuple[str, str]]:
    """What must be done before letters can be made: (step, sentence)."""
    return _date_missed(utkast) + _lacking(utkast, sendt_for)


def _date_missed(utkast: Utkast) -> list[tuple[str, str]]:
    """Whether letters with this date could be released at all, however soon they are made and approved."""
    first = release_time.first_day_if_missed(utkast.u.konto_id, utkast.u.brevdato)
    if first is None:
        return []
    return [("fakta", tekst("BREVDATO_MA_ENDRES", brevdato=utkast.u.brevdato, tidligst=first))]


def _lacking(utkast: Utkast, sendt_for: Sendtfor) -> list[tuple[str, str]]:
    """What is missing in receivers, control and letters."""
    jobb = utkast.jobb
    if jobb.leses:
        return [("mottakere", tekst("LISTE_LESES"))]
    if jobb.brev_mangler is not None and jobb.brev_mangler.kode == "FILER_IKKE_KOBLET":
        return [("brev", error_text(jobb.brev_mangler))]
    if not jobb.mottakere:
        return [("mottakere", tekst("LISTE_MANGLER"))]
    found = []
    if jobb.kontroll_avbrutt:
        found.append(("kontroll", tekst("KONTROLL_AVBRUTT")))
    elif not jobb.kontroll:
        found.append(("kontroll", tekst("RADER_MED_FEIL", antall=jobb.darlige)))
    elif not jobb.gode:
        found.append(("kontroll", _none_good(utkast)))
    if sendt_for.sperrer:
        found.append(("kontroll", tekst("SENDT_FOR", antall=sendt_for.brev, utsendinger=sendt_for.navn)))
    if not jobb.brev:
        lacks = jobb.brev_mangler
        found.append(("brev", tekst(LACKS[utkast.u.art]) if lacks is None else error_text(lacks)))
    return found


def _none_good(utkast: Utkast) -> str:
    """What to do when no row can be sent, in the words of step 4."""
    return tekst("INGEN_GODE_BREV" if utkast.u.art == Art.EN_STOR_PDF else "INGEN_GODE_RADER")


def forecast_by_reason(rows: list[Prognoserad]) -> list[tuple[str, str, int]]:
    """The forecast as (channel, reason, letters), grouped by channel, most letters first."""
    found: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (
            status_of(row.kanal or "KAN_IKKE_SENDES").tekst,
            tekst(f"GRUNN_{row.grunn}") if row.grunn else "–",
        )
        found[key] = found.get(key, 0) + row.antall
    return sorted(((*key, n) for key, n in found.items()), key=lambda r: (r[0], -r[2]))

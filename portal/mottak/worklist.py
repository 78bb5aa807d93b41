"""The worklist: letters that wait for the visitor's mottakersystemer, oldest first."""

from __future__ import annotations

from flask import render_template, request

from fiks.core.errors import UgyldigInndata
from fiks.svarut.svarinn import worklist
from fiks.svarut.svarinn.worklist import PAGE, Mottaksrad, Mottaksutvalg, Tildeling
from portal.access.actor import current_actor
from portal.altinn import party_lookup
from portal.mottak.blueprint import blueprint
from portal.texts import error_text
from portal.texts.svarinn.manuelt_mottak import SPERRET, TILDELT
from portal.ui.form_values import page_key, read_page_key, uuid_of

LONGEST = 100


@blueprint.get("")
def liste() -> tuple[str, int]:
    """Waiting letters by system, assignment, and title or sender (audited).

    `neste` in the address: the letter to continue with after an act.
    """
    actor, sent = current_actor(), request.args
    system, tildelt = uuid_of(sent.get("system", "")), sent.get("tildelt", "")
    sok = " ".join(sent.get("sok", "").split())[:LONGEST]
    utvalg = Mottaksutvalg(system, tildelt if tildelt in set(Tildeling) else "", sok)
    after, feil, rader = read_page_key(sent.get("etter", "")), dict[str, str](), list[Mottaksrad]()
    try:
        rader = worklist.worklist(utvalg, spor=party_lookup(), actor=actor, after=after, limit=PAGE + 1)
    except UgyldigInndata as error:
        feil, sok = {"sok": error_text(error)}, ""
    systemer = worklist.systems_received(actor=actor)
    i_bruk = {"system": system or "", "tildelt": utvalg.tildelt, "sok": sok}
    page = render_template(
        "mottak/liste.html",
        rader=rader[:PAGE],
        flere=page_key(rader[PAGE - 1].nokkel) if len(rader) > PAGE else None,
        fra_start=after is None,
        neste=uuid_of(sent.get("neste", "")),
        verdier=i_bruk,
        i_bruk={name: value for name, value in i_bruk.items() if value},
        feil=feil,
        systemer=[("", "Alle"), *((one.id, one.navn) for one in systemer)],
        tildelinger=list(TILDELT.items()),
        sperret=SPERRET,
    )
    return page, 422 if feil else 200

"""The front page of grants: the organisation's tree of ressurser, and a review that waits."""

from __future__ import annotations

from fiks.konfigurasjon.gjennomgang import queries as gjennomgang_queries
from fiks.konfigurasjon.tilgang import queries
from portal.access.actor import chosen_organisation, current_actor
from portal.tilganger.blueprint import blueprint
from portal.tilganger.page_frame import address_of, show


@blueprint.get("")
def oversikt() -> str:
    """The ressurser the visitor may see, with the number of grants on each."""
    organisasjon_id, actor = chosen_organisation(), current_actor()
    noder = queries.ressurser(organisasjon_id, actor=actor)
    waiting = gjennomgang_queries.review_waiting_for(organisasjon_id, actor=actor)
    return show(
        "oversikt",
        noder=noder,
        topp=min((node.dybde for node in noder), default=0),
        ubrukte=queries.unused_count(organisasjon_id, actor=actor),
        frist=waiting.frist if waiting else None,
        gjennomgang=address_of("tilganger.gjennomgang"),
    )

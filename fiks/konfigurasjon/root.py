"""The root plane: KS' operators make organisations and publish agreements, and have no right to anybody's data.

Organisations do not lie below ROOT, so nothing that is held there opens one of them (konfigurasjon.md 1.2).
"""

from __future__ import annotations

from uuid import UUID

from fiks.core.actor import Aktor
from fiks.core.errors import IkkeTilgang
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.grant_lock import changing_on
from fiks.konfigurasjon.grant_rows import insert_grant
from fiks.konfigurasjon.organisation_rules import Personopplysninger
from fiks.konfigurasjon.persons import name_person
from fiks.konfigurasjon.rules import ROOT_ID, Innehaver, Innehavertype, P


def require_root(actor: Aktor) -> None:
    """Let a root act go on: the house itself, or a person with ROT.ADMINISTRER. IkkeTilgang("KUN_ROT") otherwise."""
    if not queries.may(actor, P.ROT_ADMINISTRER, ROOT_ID):
        raise IkkeTilgang("KUN_ROT")


def runs_platform(person_id: UUID) -> bool:
    """Whether the person is an operator of the platform, now."""
    return queries.is_authorised(person_id, P.ROT_ADMINISTRER, ROOT_ID)


def make_operator(data: Personopplysninger, *, actor: Aktor) -> None:
    """Make a person an operator of the platform (ROT.ADMINISTRER). Only the house may: by command, on the machine.

    Errors: FNR_UGYLDIG and those of `Personopplysninger` (422), TILGANG_FINNES (409).
    """
    if not actor.is_house:
        raise IkkeTilgang("KUN_ROT")
    with changing_on(ROOT_ID) as (_, node):
        holder = Innehaver(Innehavertype.PERSON, name_person(data).id)
        insert_grant(node, holder, P.ROT_ADMINISTRER, actor=actor)

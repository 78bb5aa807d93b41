"""The blueprint of Manuelt mottak, the access check of one letter, and pages for those without access."""

from __future__ import annotations

from uuid import UUID

import structlog
from flask import Blueprint, render_template, request

from fiks.core.crypto.encryption import NokkelUkjent, VerdiOdelagt
from fiks.core.errors import IkkeTilgang
from fiks.konfigurasjon.person.representation import RollerUtilgjengelig
from fiks.svarut.svarinn import manual_access, queue
from fiks.svarut.svarinn.access import Sperre
from fiks.svarut.svarinn.manual_access import Inngang
from portal.access.actor import current_actor
from portal.access.login_request import HoyereNivaaKreves
from portal.altinn import party_lookup
from portal.texts import tekst

log = structlog.get_logger(__name__)
blueprint = Blueprint("mottak", __name__, url_prefix="/mottak")


class UtenPostrett(Exception):
    """The visitor receives for the system, but lacks Altinn's right to this letter."""

    def __init__(self, sperre: Sperre, orgnr: str) -> None:
        super().__init__(sperre)
        self.sperre, self.orgnr = sperre, orgnr


def require_entry(forsendelse_id: UUID) -> Inngang:
    """Admit the visitor to the letter if they may receive it. A letter of the highest level needs a login at
    level 4.
    """
    try:
        return manual_access.require_access(forsendelse_id, spor=party_lookup(), actor=current_actor())
    except IkkeTilgang as error:
        if error.kode == Sperre.NIVAA:
            raise HoyereNivaaKreves(4) from error
        if error.kode in (Sperre.POST_ARKIV, Sperre.TAUSHET):
            raise UtenPostrett(Sperre(error.kode), str(error.params["orgnr"])) from error
        raise


@blueprint.errorhandler(UtenPostrett)
def without_right(error: UtenPostrett) -> tuple[str, int]:
    """Say which right is missing, for whom, and who grants it."""
    page = render_template(
        "mottak/stengt.html",
        tittel=tekst("MOTTAK_STENGT_TITTEL"),
        melding=tekst(error.sperre, orgnr=error.orgnr),
        knapp="Til brevene som venter",
    )
    return page, 403


@blueprint.errorhandler(VerdiOdelagt)
@blueprint.errorhandler(NokkelUkjent)
def unreadable(error: VerdiOdelagt | NokkelUkjent) -> tuple[str, int]:
    """Part of the letter cannot be decrypted: say whether its system is still offered it, and the id for the
    operators.
    """
    letter_id = (request.view_args or {}).get("forsendelse_id")
    log.error("brev_kan_ikke_leses", forsendelse=str(letter_id), kode=error.kode)
    offered = letter_id is not None and queue.is_offered(letter_id)
    page = render_template(
        "mottak/stengt.html",
        tittel=tekst("MOTTAK_ULESELIG_TITTEL"),
        melding=tekst("MOTTAK_DELVIS_ULESELIG" if offered else "MOTTAK_ULESELIG", id=letter_id or ""),
        knapp="Til brevene som venter",
    )
    return page, error.status


@blueprint.errorhandler(RollerUtilgjengelig)
def without_altinn(error: RollerUtilgjengelig) -> tuple[str, int, dict[str, str]]:
    """Nobody is admitted while Altinn does not answer whose post they may receive."""
    log.warning("altinn_svarer_ikke", arsak=error.params.get("arsak"))
    page = render_template(
        "mottak/stengt.html",
        tittel=tekst("MOTTAK_ALTINN_BORTE_TITTEL"),
        melding=tekst("MOTTAK_ALTINN_BORTE"),
        knapp="Prøv igjen",
    )
    return page, error.status, {"Retry-After": "60"}
